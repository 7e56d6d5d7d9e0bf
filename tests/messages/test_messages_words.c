/*
 * test_messages_words.c - documents and files that say something wrong, each refused in words: routing problems,
 * mappings of stores, records against KAM's own rules, rules in CEL.
 */
#include "messages_test.h"

typedef struct words { const char *format, *text, *part; } words;

/* ---------------------------------------------------------------- routing problems */

#define ONE "\"vehicles\":[{\"id\":\"v\",\"x\":0,\"y\":0}]"
static const words routes[] = {
    {"json", "[]", "a problem must be an object"},
    {"json", "{\"days\":1}", "a problem needs \"customers\""},
    {"json", "{\"days\":1,\"customers\":[],\"vehicles\":[{\"id\":\"v\"}]}", "a vehicle needs"},
    {"json", "{\"days\":1,\"customers\":[{\"id\":\"c\"}]," ONE "}", "a customer needs"},
    {"json", "{\"days\":1,\"customers\":[{\"id\":\"c\",\"x\":1,\"y\":1,\"demand\":-1}]," ONE "}", "must not be negative"},
    {"json", "{\"days\":1,\"customers\":[{\"id\":\"c\",\"x\":1,\"y\":1,\"patterns\":[[]]}]," ONE "}", "a pattern must have a day"},
    {"json", "{\"days\":1,\"customers\":[{\"id\":\"c\",\"x\":1,\"y\":1,\"windows\":[{\"open\":9,\"close\":5}]}]," ONE "}", "a window must not close before it opens"},
    {"json", "{\"days\":1,\"customers\":[{\"id\":\"c\",\"x\":1,\"y\":1,\"vehicles\":[\"w\"]}]," ONE "}", "there is no vehicle \"w\""},
    {"json", "{\"days\":1,\"customers\":[],\"vehicles\":[{\"id\":\"v\",\"place\":0}],\"time\":[[0]]}", "\"time\" needs \"cost\""},
    {"json", "{\"days\":1,\"customers\":[],\"vehicles\":[{\"id\":\"v\",\"start\":0}],\"cost\":[]}", "must have 1..30000 rows"},
    {"json", "{\"days\":1,\"customers\":[],\"vehicles\":[{\"id\":\"v\",\"start\":0}],\"cost\":[[0]],\"time\":[[0],[0]]}", "\"time\" must have 1 rows"},
    {"json", "{\"days\":1,\"customers\":[],\"vehicles\":[{\"id\":\"v\",\"start\":0}],\"cost\":[[0,1],[1]]}", "must have 2 numbers"},
    {"cordeau", "0 1 1 1\n", "a line `duration load` must follow"},
    {"cordeau", "0 1 1 1\n-1 0\n", "a limit must not be negative"},
    {"cordeau", "0 1 1 1\n0 0\n0 0 0 0 0 0 0\n1 1 1 -5 1 1 1 1\n", "service time and demand must not be negative"},
    {"cordeau", "0 1 1 1\n0 0\n0 0 0 0 0 0 0\n1 1 1 1 1 1 0\n", "a customer must have a code"},
    {"cordeau", "0 1 1 1\n0 0\n0 0 0 0 0 0 0\n1 1 1 1 1 1 1 0\n", "a code must have a day"},
    {"cordeau", "0 1 1 1\n0 0\n0 0 0 0 0 0 0\n1 1 1 1 1 1 1 1\n2 1 1 1 1 1 1 1\n", "the file must end behind n customers"},
    {"cordeau", "2 1 1 1\n0 0\n1 1 1 1 1 1 1 1\n", "a depot must follow"},
    {"cordeau", "2 1 1 1\n0 0\n1 1 1 1 1 1 1 1\n2 0 0 0 0 0 0\n3 0 0 0 0 0 0\n", "the file must end behind the depots"},
    {"cordeau", "4 1 1 1\n0 0\n0 0 0 0 0 0 0 0 9\n1 1 1 1 1 1 1 1 9 5\n", "a closing time must not be before the opening"},
    {"json", "{\"days\":1,\"customers\":[{\"id\":\"c\",\"x\":1,\"y\":1,\"patterns\":[5]}]," ONE "}", "days must be a list of numbers"},
    {"json", "{\"days\":1,\"customers\":[{\"id\":\"c\",\"x\":1,\"y\":1,\"locks\":[{\"day\":1,\"open\":9,\"close\":5}]}]," ONE "}",
     "a lock must not close before it opens"},
    {"json", "{\"days\":1,\"customers\":[{\"id\":\"c\",\"x\":2000000000,\"y\":1}]," ONE "}", "distances and times must be below"},
    {"vrplib", "TYPE : CVRP\nDIMENSION : 2\nEDGE_WEIGHT_TYPE : EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 1 1\nDEMAND_SECTION\n1 0\n2 -4\n",
     "a number must not be negative"},
    {"vrplib", "TYPE : CVRP\nDIMENSION : 2\nEDGE_WEIGHT_TYPE : EUC_2D\nDEPOT_SECTION\n1\n2\n-1\nEOF\n", "only one depot is known"},
    {"vrplib", "TYPE : TSP\n", "TYPE must be VRPTW or CVRP"},
    {"vrplib", "TYPE : CVRP\nEDGE_WEIGHT_TYPE : GEO\n", "EDGE_WEIGHT_TYPE must be EUC_2D"},
    {"vrplib", "TYPE : CVRP\nNODE_COORD_SECTION\n1 0 0\n", "DIMENSION must stand before the sections"},
    {"vrplib", "TYPE : CVRP\nEOF\n", "DIMENSION and DEPOT_SECTION must stand before"},
};

static void test_routes(void **state)
{
    int bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        kam_route *r = NULL;
        int32_t rc = kam_route_parse(&r, NULL, routes[i].format, routes[i].text, KAM_NUL, err);
        if (rc == KAM_OK || !strstr(kam_error_message(err), routes[i].part)) {
            print_error("%s: %s; wanted \"%s\"\n", routes[i].text, rc ? kam_error_message(err) : "taken", routes[i].part);
            bad++;
        }
        kam_route_free(r);
    }
    assert_int_equal(bad, 0);
}

/* ---------------------------------------------------------------- mappings of a store */

static const words maps[] = {
    {NULL, "[]", "a store mapping is a JSON object"},
    {NULL, "{\"people\":{}}", "\"people\" is not a stored kind"},
    {NULL, "{\"account\":{\"relation\":\"a\",\"columns\":[]}}", "\"columns\" of table account must be an object"},
    {NULL, "{\"account\":{\"relation\":\"a\",\"columns\":{\"id\":\"no\",\"name\":\"n\"}}}", "say \"read_only\": true"},
    {NULL, "{\"account\":{\"relation\":\"a\",\"read_only\":true,\"columns\":{\"id\":\"no\",\"owner\":\"n\"}}}", "is a fact and has no column"},
};

static void test_maps(void **state)
{
    int bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        kam_store *store = NULL;
        assert_int_equal(kam_store_memory(&store, NULL, err), KAM_OK);
        int32_t rc = kam_store_map(store, maps[i].text, KAM_NUL, err);
        if (rc == KAM_OK || !strstr(kam_error_message(err), maps[i].part)) {
            print_error("%s: %s; wanted \"%s\"\n", maps[i].text, rc ? kam_error_message(err) : "taken", maps[i].part);
            bad++;
        }
        kam_store_free(store);
    }
    assert_int_equal(bad, 0);
}

/* ---------------------------------------------------------------- KAM's own rules */

static const struct { uint32_t kind; const char *json, *part; } guarded[] = {
    {KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"latitude\":\"30\"}", "come together or not at all"},
    {KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"latitude\":\"91\",\"longitude\":\"1\"}", "not within -90 and 90"},
    {KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"latitude\":\"1\",\"longitude\":\"181\"}", "not within -180 and 180"},
    {KAM_KIND_ACCOUNT, "{\"name\":\"a\",\"latitude\":\"0\",\"longitude\":\"0\"}", "leave them empty if unknown"},
    {KAM_KIND_REPRESENTATIVE, "{\"name\":\"a\",\"capacity\":-1}", "a number of visits a day, not negative"},
    {KAM_KIND_ACTIVITY, "{\"account\":1,\"day\":\"2026-01-01\",\"status\":\"HELD\",\"channel\":\"CALL\",\"duration\":-5}", "in minutes, not negative"},
    {KAM_KIND_RATE, "{\"sell\":\"USD\",\"buy\":\"CNY\",\"rate\":\"0\"}", "greater than 0"},
    {KAM_KIND_CURRENCY, "{\"code\":\"XTS\",\"decimals\":7}", "must lie in 0..6"},
    {KAM_KIND_CURRENCY, "{\"code\":\"EURO\",\"decimals\":2}", "a currency code has three letters"},
    {KAM_KIND_RATE, "{\"sell\":\"ZZZ\",\"buy\":\"CNY\",\"rate\":\"1\"}", "sell is not an ISO 4217 code"},
    {KAM_KIND_RATE, "{\"sell\":\"CNY\",\"buy\":\"ZZZ\",\"rate\":\"1\"}", "buy is not an ISO 4217 code"},
    {KAM_KIND_ABSENCE, "{\"representative\":1,\"first\":\"2026-01-05\",\"last\":\"2026-01-01\"}", "on or after its first day"},
    {KAM_KIND_FIELD, "{\"kind\":\"account\",\"name\":\"x_twice\",\"type\":\"TEXT\"}", "a field of that name already"},
    {KAM_KIND_FIELD, "{\"kind\":\"ledger\",\"name\":\"x_a\",\"type\":\"INT\"}", "belong to an entity kind"},
    {KAM_KIND_FIELD, "{\"kind\":\"account\",\"name\":\"x_a\",\"type\":\"ENUM\"}", "use TEXT"},
};

static void test_guards(void **state)
{
    static const char *const name[] = {"Li Na"};
    static const uint32_t field[] = {KAM_REPRESENTATIVE_NAME, 0};
    static const char *const own[] = {"account", "x_twice", "INT"};
    static const uint32_t own_field[] = {KAM_FIELD_KIND, KAM_FIELD_NAME, KAM_FIELD_TYPE, 0};
    int bad = 0;
    (void)state;
    account_of(book);
    saved(book, KAM_KIND_REPRESENTATIVE, name, field);
    saved(book, KAM_KIND_FIELD, own, own_field);
    for (size_t i = 0; i < sizeof guarded / sizeof guarded[0]; i++) {
        kam_record *r = NULL;
        assert_int_equal(kam_record_new(&r, book, guarded[i].kind, err), KAM_OK);
        int32_t rc = kam_record_from_json(r, guarded[i].json, KAM_NUL, err);
        if (rc == KAM_OK) rc = kam_book_save(book, r, err);
        if (rc == KAM_OK || !strstr(kam_error_message(err), guarded[i].part)) {
            print_error("%s: %s; wanted \"%s\"\n", guarded[i].json, rc ? kam_error_message(err) : "taken", guarded[i].part);
            bad++;
        }
        kam_record_free(r);
    }
    assert_int_equal(bad, 0);
}

/* ---------------------------------------------------------------- rules in CEL */

static const words rules[] = {
    {NULL, "'''abc", "a string is never closed"},
    {NULL, "{'a': 1}.`b c", "a quoted name is not closed"},
    {NULL, "'a'.matches('\\\\p{L')", "is not closed"},
    {NULL, "{'a': 1, 'a': 2}", "the key \"a\" stands twice in one map"},
};

static void test_rules(void **state)
{
    int bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        kam_rule *r = NULL;
        kam_work *w = NULL;
        kam_buf *out = NULL;
        assert_int_equal(kam_buf_new(&out, NULL, err), KAM_OK);
        int32_t rc = kam_rule_compile(&r, NULL, "{}", NULL, rules[i].text, KAM_NUL, err);
        if (rc == KAM_OK) rc = kam_work_new(&w, NULL, err);
        if (rc == KAM_OK) rc = kam_rule_eval_json(out, r, w, "{}", KAM_NUL, err);
        if (rc == KAM_OK || !strstr(kam_error_message(err), rules[i].part)) {
            print_error("%s: %s; wanted \"%s\"\n", rules[i].text, rc ? kam_error_message(err) : kam_buf_data(out), rules[i].part);
            bad++;
        }
        kam_buf_free(out);
        kam_work_free(w);
        kam_rule_free(r);
    }
    assert_int_equal(bad, 0);
}

/* ---------------------------------------------------------------- scorecards */

#define CARD_HEAD "{\"name\":\"c\",\"title\":{\"en\":\"x\",\"zh\":\"x\"},"
#define CARD_FACTOR "\"factors\":[{\"id\":\"f\",\"attribute\":\"loyalty\",\"bands\":[{\"from\":0,\"points\":1}],\"otherwise\":0}]"
#define CARD_WARN "{\"id\":\"w\",\"attribute\":\"loyalty\",\"below\":1,\"text\":{\"en\":\"x\",\"zh\":\"x\"}}"
#define CARD_GROUP "{\"id\":\"g\",\"title\":{\"en\":\"x\",\"zh\":\"x\"}}"
static const words cards[] = {
    {NULL, CARD_HEAD "\"groups\":[" CARD_GROUP "," CARD_GROUP "]," CARD_FACTOR "}", "group \"g\" stands there twice"},
    {NULL, CARD_HEAD CARD_FACTOR ",\"warnings\":[" CARD_WARN "," CARD_WARN "]}", "warning \"w\" stands there twice"},
    {NULL, "{\"name\":\"0123456789012345678901234567890123456789012345678901234567890123456789\",\"title\":{\"en\":\"x\",\"zh\":\"x\"},"
           CARD_FACTOR "}", "has 1 to 63 bytes"},
    {NULL, CARD_HEAD "\"factors\":[{\"id\":\"f\",\"attribute\":\"city\",\"map\":{\"Bonn\":1},\"otherwise\":0}],\"warnings\":[{\"id\":\"w\","
           "\"attribute\":\"city\",\"is\":5,\"text\":{\"en\":\"x\",\"zh\":\"x\"}}]}", "is a text: write one in quotes"},
};

static void test_cards(void **state)
{
    int bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cards / sizeof cards[0]; i++) {
        kam_scorecard *c = NULL;
        int32_t rc = kam_scorecard_parse(&c, NULL, cards[i].text, KAM_NUL, err);
        if (rc == KAM_OK || !strstr(kam_error_message(err), cards[i].part)) {
            print_error("%s: %s; wanted \"%s\"\n", cards[i].text, rc ? kam_error_message(err) : "taken", cards[i].part);
            bad++;
        }
        kam_scorecard_free(c);
    }
    assert_int_equal(bad, 0);
}

static void test_policies(void **state)
{
    int64_t id = 0;
    (void)state;
    says(kam_policy_add(&id, book, KAM_POLICY_MAPPING, "[1]", KAM_NUL, err), KAM_E_POLICY, "a policy document is a JSON object");
    says(kam_policy_add(&id, book, KAM_POLICY_MAPPING, "{\"name\":\"m\",\"kind\":\"account\",\"columns\":{\"a\":{\"field\":\"name\",\"values\":5}}}",
                        KAM_NUL, err), KAM_E_TYPE, "is an object of texts");
}

/* ---------------------------------------------------------------- schemes */

#define SCHEME_HEAD "{\"name\":\"s\",\"title\":{\"en\":\"x\",\"zh\":\"x\"},\"kind\":\"ordinal\",\"grades\":[{\"grade\":\"A\",\"en\":\"a\"," \
                    "\"zh\":\"a\"},{\"grade\":\"B\",\"en\":\"b\",\"zh\":\"b\"}],"
#define SCHEME_TAIL "\"measure\":\"revenue\",\"rule\":{\"quota\":[\"0.5\",\"0.5\"]},\"rest\":\"B\"}"
static const words schemes[] = {
    {NULL, SCHEME_HEAD "\"window\":{\"years\":1}," SCHEME_TAIL, "unknown member \"years\""},
    {NULL, SCHEME_HEAD "\"window\":5," SCHEME_TAIL, "\"window\" is {\"months\": n}"},
    {NULL, SCHEME_HEAD "\"window\":\"all\",\"include_invalid\":3," SCHEME_TAIL, "is true or false"},
    {NULL, SCHEME_HEAD "\"window\":\"all\",\"measure\":5,\"rule\":{\"quota\":[\"0.5\",\"0.5\"]},\"rest\":\"B\"}", "a name or an array of names"},
    {NULL, SCHEME_HEAD "\"window\":\"all\",\"measure\":\"revenue\",\"rule\":{},\"rest\":\"B\"}", "exactly one of quota"},
    {NULL, SCHEME_HEAD "\"window\":\"all\",\"measure\":\"revenue\",\"rule\":{\"quota\":[\"0.5\",\"0.5\"]},\"rest\":\"C\"}", "which is none of the grades"},
    {NULL, SCHEME_HEAD "\"window\":\"all\",\"measure\":\"revenue\",\"rule\":{\"thresholds\":[\"5\",\"4\",\"3\"]},\"rest\":\"B\"}", "2 grades have 1 thresholds"},
    {NULL, SCHEME_HEAD "\"window\":\"all\",\"measure\":\"revenue\",\"rule\":{\"quota\":[\"0.5\",\"0.5\"],\"crossing\":\"IN\"},\"rest\":\"B\"}",
     "belongs to \"share\" only"},
    {NULL, "{\"name\":\"0123456789012345678901234567890123456789012345678901234567890123456789\",\"title\":{\"en\":\"x\",\"zh\":\"x\"},"
           "\"kind\":\"ordinal\",\"grades\":[{\"grade\":\"A\",\"en\":\"a\",\"zh\":\"a\"}],\"window\":\"all\"," SCHEME_TAIL, "at most 63 bytes"},
    {NULL, "{\"name\":\"s\",\"title\":{\"en\":\"x\",\"zh\":\"x\"},\"kind\":\"ordinal\",\"grades\":[{\"grade\":"
           "\"012345678901234567890123456789012345\",\"en\":\"a\",\"zh\":\"a\"}],\"window\":\"all\"," SCHEME_TAIL, "at most 32 bytes"},
};

static void test_schemes(void **state)
{
    int bad = 0;
    (void)state;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        kam_scheme *s = NULL;
        int32_t rc = kam_scheme_parse(&s, NULL, schemes[i].text, KAM_NUL, err);
        if (rc == KAM_OK || !strstr(kam_error_message(err), schemes[i].part)) {
            print_error("%s: %s; wanted \"%s\"\n", schemes[i].text, rc ? kam_error_message(err) : "taken", schemes[i].part);
            bad++;
        }
        kam_scheme_free(s);
    }
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes), cmocka_unit_test(test_maps), cmocka_unit_test(test_guards), cmocka_unit_test(test_schemes),
        cmocka_unit_test(test_policies), cmocka_unit_test(test_rules),  cmocka_unit_test(test_cards),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
