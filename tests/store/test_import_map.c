/*
 * tests/store/test_import_map.c - mapping documents: what they say, and what is wrong with them.
 */
#include "import_test.h"

static void start(it_book *b)
{
    it_open(b);
    it_import(b, KAM_KIND_ACCOUNT, "erp", NULL, "ext_id,name\n17,Alpha\nc2,Beta\n", "2/0/0/0/0");
    it_import(b, KAM_KIND_ACCOUNT, "crm", NULL, "ext_id,name\n17,Alpha in the other system\n", "1/0/0/0/0");
}

/* ---------------------------------------------------------------- documents */

static void test_documents_are_checked_whole(void **state)
{
    static const struct { const char *json; int32_t code; const char *says; int line;
    } bad[] = {
        {"[]", KAM_E_TYPE, "object", 1},
        {"{\"kind\": \"ledger\"}", KAM_E_POLICY, "columns", 1},
        {"{\"columns\": {\"a\": \"day\"}}", KAM_E_POLICY, "kind is missing", 1},
        {"{\"kind\": \"commit\", \"columns\": {}}", KAM_E_POLICY, "no kind \"commit\"", 1},
        {"{\"kind\": \"ledger\", \"columns\": {}}", KAM_E_POLICY, "columns", 1},
        {"{\"kind\": \"ledger\", \"colums\": {}}", KAM_E_PARSE, "did you mean", 1},
        {"{\"kind\": \"ledger\",\n \"columns\": {\n\"a\": \"amuont\"}}", KAM_E_NOT_FOUND, "did you mean \"amount\"", 3},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": 1}}", KAM_E_TYPE, "mapped to", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"format\": \"YYYYMMDD\"}}}", KAM_E_POLICY, "field is missing",
         1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"field\": \"day\", \"format\": \"YY-MM\"}}}", KAM_E_POLICY,
         "format is one of", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"field\": \"amount\", \"format\": \"YYYYMMDD\"}}}",
         KAM_E_POLICY, "format is for days", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"field\": \"note\", \"decimal\": \",\"}}}", KAM_E_POLICY,
         "decimal is for numbers", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"field\": \"note\", \"ref\": \"x\"}}}", KAM_E_POLICY,
         "ref is for references", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"field\": \"amount\", \"decimal\": \"komma\"}}}", KAM_E_POLICY,
         "decimal is one of", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"field\": \"amount\", \"group\": \".\"}}}", KAM_E_POLICY,
         "same sign", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"field\": \"amount\", \"scale\": 40}}}", KAM_E_POLICY,
         "power of ten", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"field\": \"amount\", \"round\": 1}}}", KAM_E_TYPE, "round", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"field\": \"amount\", \"null\": \"NULL\"}}}", KAM_E_TYPE,
         "null is a list", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"field\": \"event\", \"values\": {\"V\": 1}}}}", KAM_E_TYPE,
         "V", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": {\"field\": \"cost\", \"else_product\": [\"x\"]}}}", KAM_E_TYPE,
         "else_product", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": \"day\", \"b\": \"day\"}}", KAM_E_POLICY, "given twice", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": \"day\"}, \"constants\": {\"day\": \"2025-01-01\"}}",
         KAM_E_POLICY, "given twice", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": \"day\"}, \"constants\": {\"event\": null}}", KAM_E_TYPE,
         "constant", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": \"day\"}, \"constants\": []}", KAM_E_TYPE, "constants", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": \"seq\"}}", KAM_E_POLICY, "kept by the library", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": \"day\"}, \"ext_id\": []}", KAM_E_TYPE, "ext_id", 1},
        {"{\"kind\": \"ledger\", \"columns\": {\"a\": \"ext_id\"}, \"ext_id\": [\"b\"]}", KAM_E_POLICY, "given twice",
         1},
        {"{\"kind\": \"grade\", \"columns\": {\"a\": \"grade\"}, \"ext_id\": [\"b\"]}", KAM_E_POLICY, "no ext_id", 1},
    };
    it_book b;
    kam__arena arena;
    const kam__json *body = NULL;
    (void)state;
    it_open(&b);
    kam__arena_init(&arena, b.ctx, 0);
    for (size_t i = 0; i < KAM__LEN(bad); i++) {
        it_ok(&b, kam__json_parse(&body, &arena, bad[i].json, strlen(bad[i].json), 0, b.err));
        int32_t rc = kam__mapping_check(b.ctx, body, b.err);
        if (rc != bad[i].code || !strstr(kam_error_message(b.err), bad[i].says) ||
            kam_error_detail(b.err, KAM_ERR_LINE) != bad[i].line)
            fail_msg("%s: %s: %s (line %d)", bad[i].json, kam_code_name(rc), kam_error_message(b.err),
                     (int)kam_error_detail(b.err, KAM_ERR_LINE));
    }
    const char *good = "{\"name\": \"m\", \"kind\": \"account\", \"columns\": {\"a\": \"x_color\", \"b\": {\"field\": "
                       "\"x_size\", \"decimal\": \",\"}}}";
    it_ok(&b, kam__json_parse(&body, &arena, good, strlen(good), 0, b.err));
    it_ok(&b, kam__mapping_check(b.ctx, body, b.err));
    kam__arena_free(&arena);
    it_close(&b);
}

static void test_a_mapping_is_a_policy(void **state)
{
    static const char doc[] = "{\"name\": \"lines\", \"kind\": \"ledger\", \"columns\": {\"No\": \"ext_id\", \"Who\": "
                              "\"account\", \"When\": \"day\","
                              " \"Much\": \"amount\"}, \"constants\": {\"event\": \"SALE\"}}";
    static const char file[] = "Extra,No,Who,When,Much\nx,1,c2,2025-12-01 10:00:00,5\n";
    it_book b;
    kam_import *imp = NULL;
    int64_t policy = 0;
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .mapping = "lines" };
    (void)state;
    start(&b);
    assert_int_equal(kam_import_new(&imp, b.book, KAM_KIND_LEDGER, &o, b.err), KAM_E_POLICY);
    it_ok(&b, kam_policy_add(&policy, b.book, KAM_POLICY_MAPPING, doc, KAM_NUL, b.err));
    it_ok(&b, kam_policy_approve(b.book, policy, KAM_DAY_FIRST, KAM_DAY_END, b.err));
    it_import(&b, KAM_KIND_LEDGER, "erp", "lines", file, "1/0/0/0/0");
    it_import(&b, KAM_KIND_LEDGER, "erp", "lines", file, "0/0/1/0/0");
    assert_int_equal(kam_import_new(&imp, b.book, KAM_KIND_ACCOUNT, &o, b.err), KAM_E_POLICY);      /* another kind */
    assert_int_equal(kam_policy_add(&policy, b.book, KAM_POLICY_MAPPING, "{\"name\": \"bad\", \"kind\": \"ledger\"}",
                                    KAM_NUL, b.err),
                     KAM_E_POLICY);
    it_close(&b);
}

/* ---------------------------------------------------------------- values */


/* Imports one ledger line whose column V holds `value` under `spec`; the amount as text, or the problem's code. */
static const char *one(it_book *b, const char *spec, const char *value, uint32_t field)
{
    static char out[300];
    static int n;
    char map[600], file[300], key[20];
    snprintf(key, sizeof key, "k%d", ++n);
    snprintf(
        map, sizeof map,
        "{\"columns\": {\"No\": \"ext_id\", \"A\": \"account\", \"V\": %s}, \"constants\": {\"event\": \"SALE\"%s%s}}",
        spec, field == KAM_LEDGER_AMOUNT ? "" : ", \"amount\": 1",
        field == KAM_LEDGER_DAY ? "" : ", \"day\": \"2025-12-01\"");
    snprintf(file, sizeof file, "No,A,V\n%s,c2,\"%s\"\n", key, value);
    kam_import_options o = { .struct_size = sizeof o, .source = "erp", .mapping = map };
    kam_import *imp = NULL;
    it_ok(b, it_try(b, KAM_KIND_LEDGER, &o, file, &imp));
    if (strcmp(b->counts, "1/0/0/0/0") == 0) {
        snprintf(out, sizeof out, "%s", it_get(b, KAM_KIND_LEDGER, key, field));
    } else {
        it_problems(b, imp);
        snprintf(out, sizeof out, "%.*s", (int)strcspn(strstr(kam_buf_data(b->text), "KAM_E_"), "\n"),
                 strstr(kam_buf_data(b->text), "KAM_E_"));
    }
    kam_import_free(imp);
    return out;
}

static void test_numbers_as_erps_write_them(void **state)
{
    static const struct { const char *spec, *value, *want;
    } cases[] = {
        {"\"amount\"", "12.5", "12.50"},
        {"\"amount\"", "12.50-", "-12.50"},
        {"\"amount\"", " 12 ", "12.00"},
        {"\"amount\"", ".5", "0.50"},
        {"\"amount\"", "1,234.50", "KAM_E_PARSE"},
        {"\"amount\"", "12.345", "KAM_E_LIMIT"},
        {"\"amount\"", "-", "KAM_E_PARSE"},
        {"\"amount\"", "--5", "KAM_E_PARSE"},
        {"\"amount\"", "5--", "KAM_E_PARSE"},
        {"\"amount\"", "-5-", "KAM_E_PARSE"},
        {"{\"field\": \"amount\", \"group\": \",\"}", "1,234,567.50", "1234567.50"},
        {"{\"field\": \"amount\", \"decimal\": \",\", \"group\": \".\"}", "1.234,5", "1234.50"},
        {"{\"field\": \"amount\", \"decimal\": \",\"}", "1.5", "KAM_E_PARSE"},
        {"{\"field\": \"amount\", \"decimal\": \",\", \"group\": \" \"}", "12 345,67-", "-12345.67"},
        {"{\"field\": \"amount\", \"round\": true}", "0.005", "0.01"},
        {"{\"field\": \"amount\", \"round\": true}", "-0.005", "-0.01"},
        {"{\"field\": \"amount\", \"round\": true}", "0.00499999999999999999999", "0.00"},
        {"{\"field\": \"amount\", \"round\": true}", "0.00500000000000000000001", "0.01"},
        {"{\"field\": \"amount\", \"scale\": 4}", "3.2", "32000.00"},
        {"{\"field\": \"amount\", \"scale\": -2}", "1250", "12.50"},
        {"{\"field\": \"amount\", \"scale\": 12}", "99999999999", "KAM_E_LIMIT"},
        {"{\"field\": \"amount\", \"negate\": true}", "12", "-12.00"},
        {"{\"field\": \"amount\", \"null\": [\"NULL\", \"\"]}", "NULL", "KAM_E_INVAL"},
        {"{\"field\": \"amount\"}", "1e3", "1000.00"},
        {"{\"field\": \"amount\"}", "99999999999999999999", "KAM_E_LIMIT"},
        {"{\"field\": \"amount\"}", "NaN", "KAM_E_PARSE"},
        {"{\"field\": \"amount\"}", "1234567890123456789012345678901234567890123456789012345678901234", "KAM_E_PARSE"},
    };
    it_book b;
    (void)state;
    start(&b);
    for (size_t i = 0; i < KAM__LEN(cases); i++) {
        const char *got = one(&b, cases[i].spec, cases[i].value, KAM_LEDGER_AMOUNT);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s \"%s\": got %s, want %s", cases[i].spec, cases[i].value, got, cases[i].want);
    }
    assert_string_equal(one(&b, "{\"field\": \"quantity\", \"decimal\": \",\"}", "1,1234565", KAM_LEDGER_QUANTITY),
                        "KAM_E_LIMIT");
    assert_string_equal(
        one(&b, "{\"field\": \"quantity\", \"decimal\": \",\", \"round\": true}", "1,1234565", KAM_LEDGER_QUANTITY),
        "1.123457");
    assert_string_equal(one(&b, "{\"field\": \"note\", \"null\": [\"n/a\"]}", "n/a", KAM_LEDGER_NOTE), "-");
    assert_string_equal(one(&b, "{\"field\": \"note\", \"values\": {\"a\": \"b\"}}", "a", KAM_LEDGER_NOTE), "b");
    assert_string_equal(one(&b, "{\"field\": \"note\", \"values\": {\"a\": \"b\"}}", "c", KAM_LEDGER_NOTE), "c");
    it_close(&b);
}

static void test_days_as_erps_write_them(void **state)
{
    static const struct { const char *format, *value, *want;
    } cases[] = {
        {"YYYY-MM-DD", "2025-12-31", "2025-12-31"},
        {"YYYY-MM-DD", "2025-12-31 23:59:59.000", "2025-12-31"},
        {"YYYY-MM-DD", "2025-12-31T23:59:59+08:00", "2025-12-31"},
        {"YYYY-MM-DD", "2025-12-31x", "KAM_E_PARSE"},
        {"YYYYMMDD", "20251231", "2025-12-31"},
        {"YYYYMMDD", "2025123", "KAM_E_PARSE"},
        {"YYYYMMDD", "202512311", "KAM_E_PARSE"},
        {"DD.MM.YYYY", "31.12.2025", "2025-12-31"},
        {"DD.MM.YYYY", "1.2.2025 10:00", "2025-02-01"},
        {"DD.MM.YYYY", "31/12/2025", "KAM_E_PARSE"},
        {"DD/MM/YYYY", "01/02/2025", "2025-02-01"},
        {"MM/DD/YYYY", "01/02/2025 12:00 PM", "2025-01-02"},
        {"MM/DD/YYYY", "31/12/2025", "KAM_E_PARSE"},
        {"YYYY/MM/DD", "2025/2/1", "2025-02-01"},
        {"YYYY/MM/DD", "2025/2/30", "KAM_E_PARSE"},
        {"DD.MM.YYYY", "1.2.25", "KAM_E_PARSE"},
    };
    it_book b;
    char spec[80];
    (void)state;
    start(&b);
    for (size_t i = 0; i < KAM__LEN(cases); i++) {
        snprintf(spec, sizeof spec, "{\"field\": \"day\", \"format\": \"%s\"}", cases[i].format);
        const char *got = one(&b, spec, cases[i].value, KAM_LEDGER_DAY);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s \"%s\": got %s, want %s", cases[i].format, cases[i].value, got, cases[i].want);
    }
    it_close(&b);
}

static void test_values_stand_for_others(void **state)
{
    it_book b;
    (void)state;
    it_open(&b);
    it_problem(&b, KAM_KIND_ACCOUNT, "erp",
               "{\"columns\": {\"Nr\": \"ext_id\", \"Name\": \"name\", \"Art\": {\"field\": \"org_type\", \"values\": "
               "{\"BM\": \"BUYER\", \"H\": \"渠道(经销商)\"}}}}",
               "Nr,Name,Art\n1,A,BM\n2,B,H\n3,C,GROUP\n4,D,Z\n5,E,\n", "4/0/0/0/1", "4:5:5:org_type:Z:KAM_E_PARSE\n");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "1", KAM_ACCOUNT_ORG_TYPE), "BUYER");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "2", KAM_ACCOUNT_ORG_TYPE), "CHANNEL");
    assert_string_equal(it_get(&b, KAM_KIND_ACCOUNT, "3", KAM_ACCOUNT_ORG_TYPE), "GROUP");
    it_close(&b);
}

static void test_rounded_values_are_counted(void **state)
{
    it_book b;
    (void)state;
    start(&b);
    const char *map = "{\"columns\": {\"No\": \"ext_id\", \"A\": \"account\", \"D\": \"day\", \"V\": {\"field\": "
                      "\"amount\", \"round\": true},"
                      " \"C\": \"currency\"}, \"constants\": {\"event\": \"SALE\"}}";
    it_problem(&b, KAM_KIND_LEDGER, "erp", map,
               "No,A,D,V,C\n1,c2,2025-12-01,1.005,\n2,c2,2025-12-01,1.50,\n3,c2,2025-12-01,1.005,\n4,c2,2025-12-01,1.5,"
               "JPY\n5,c2,2025-12-01,1.005,KWD\n",
               "5/0/0/0/0", ":::amount:3:WARNING\n");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "1", KAM_LEDGER_AMOUNT), "1.01");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "4", KAM_LEDGER_AMOUNT), "2");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "5", KAM_LEDGER_AMOUNT), "1.005");
    /* Without the column, the currency of the row that is there counts. */
    const char *less = "{\"columns\": {\"No\": \"ext_id\", \"V\": {\"field\": \"amount\", \"round\": true}}}";
    it_import(&b, KAM_KIND_LEDGER, "erp", less, "No,V\n4,1.6\n5,1.005\n1,1.0149\n", "0/0/3/0/0");
    it_import(&b, KAM_KIND_LEDGER, "erp", less, "No,V\n4,3.2\n5,1.0061\n", "0/0/0/2/0");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "4", KAM_LEDGER_AMOUNT), "3");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "5", KAM_LEDGER_AMOUNT), "1.006");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "5", KAM_LEDGER_CURRENCY), "KWD");
    it_close(&b);
}

static void test_a_product_stands_in_for_an_empty_cell(void **state)
{
    it_book b;
    (void)state;
    start(&b);
    const char *map = "{\"columns\": {\"A\": \"account\", \"D\": \"day\", \"V\": \"amount\", \"Qty\": \"quantity\","
                      " \"Total cost\": {\"field\": \"cost\", \"else_product\": [\"Std\", \"Qty\"]}}, \"constants\": "
                      "{\"event\": \"SALE\"}, \"ext_id\": [\"No\", \"P\"]}";
    it_problem(&b, KAM_KIND_LEDGER, "erp", map,
               "No,P,A,D,V,Qty,Total "
               "cost,Std\n1,a,c2,2025-12-01,9,3,,1.335\n1,b,c2,2025-12-01,9,3,5,1.335\n2,a,c2,2025-12-01,9,,,1.3\n"
               "2,,c2,2025-12-01,9,,,\n3,a,c2,2025-12-01,9,0.333333,,1234567.8912345678\n4,a,c2,2025-12-01,9,2,,x\n",
               "4/0/0/0/2", "4:5::ext_id::KAM_E_INVAL\n6:7:23:cost::KAM_E_PARSE\n");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "1/a", KAM_LEDGER_COST), "4.01");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "1/b", KAM_LEDGER_COST), "5.00");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "2/a", KAM_LEDGER_COST), "-");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "3/a", KAM_LEDGER_COST), "411522.22");
    it_close(&b);
}

static void test_whose_keys(void **state)
{
    it_book b;
    (void)state;
    start(&b);
    const char *own = "{\"columns\": {\"No\": \"ext_id\", \"A\": \"account\"}, \"constants\": {\"event\": \"SALE\", "
                      "\"day\": \"2025-12-01\", \"amount\": 1}}";
    const char *crm = "{\"columns\": {\"No\": \"ext_id\", \"A\": {\"field\": \"account\", \"ref\": \"crm\"}},"
                      " \"constants\": {\"event\": \"SALE\", \"day\": \"2025-12-01\", \"amount\": 1}}";
    it_import(&b, KAM_KIND_LEDGER, "erp", own, "No,A\n1,17\n2,crm:17\n", "2/0/0/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "1", KAM_LEDGER_ACCOUNT),
                        "1"); /* the import's source: a key, not an id */
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "2", KAM_LEDGER_ACCOUNT), "3");
    it_import(&b, KAM_KIND_LEDGER, "erp", crm, "No,A\n3,17\n", "1/0/0/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "3", KAM_LEDGER_ACCOUNT), "3");
    it_problem(&b, KAM_KIND_LEDGER, NULL, NULL,
               "source,ext_id,account,event,day,amount\nerp,4,2,SALE,2025-12-01,1\nerp,5,c2,SALE,2025-12-01,1\nerp,6,"
               "17,SALE,2025-12-01,1\n",
               "2/0/0/0/1", "3:4:7:account:17:KAM_E_NOT_FOUND\n");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "4", KAM_LEDGER_ACCOUNT),
                        "2"); /* nobody's keys: digits are an id */
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "5", KAM_LEDGER_ACCOUNT), "2");        /* the row's own source */
    it_close(&b);
}

static void test_columns_that_are_missing(void **state)
{
    it_book b;
    kam_import_options o = {.struct_size = sizeof o,
                            .source = "erp",
                            .mapping =
                                "{\"columns\": {\"Number\": \"ext_id\", \"Name\": \"name\", \"Town\": \"city\"}}"};
    (void)state;
    it_open(&b);
    assert_int_equal(it_try(&b, KAM_KIND_ACCOUNT, &o, "Numbr,Name,Town\n1,A,B\n", NULL), KAM_E_NOT_FOUND);
    assert_non_null(strstr(kam_error_message(b.err), "did you mean \"Numbr\""));
    o.mapping = "{\"columns\": {\"Number\": \"ext_id\", \"Name\": \"name\", \"Town\": {\"field\": \"city\", "
                "\"optional\": true}}}";
    it_ok(&b, it_try(&b, KAM_KIND_ACCOUNT, &o, "name,NUMBER,Other\nA,1,B\n", NULL)); /* letters' case does not matter */
    assert_string_equal(b.counts, "1/0/0/0/0");
    o.mapping = "{\"columns\": {}";
    kam_import *imp = NULL;
    assert_int_equal(kam_import_new(&imp, b.book, KAM_KIND_ACCOUNT, &o, b.err), KAM_E_PARSE);
    it_close(&b);
}

static void test_members_of_objects_are_mapped_too(void **state)
{
    it_book b;
    (void)state;
    start(&b);
    kam_import_options o = {.struct_size = sizeof o,
                            .source = "erp",
                            .format = KAM_FORMAT_JSONL,
                            .mapping = "{\"columns\": {\"konto\": \"account\", \"tag\": {\"field\": \"day\", "
                                       "\"format\": \"YYYYMMDD\"}, \"wert\": \"amount\"},"
                                       " \"constants\": {\"event\": \"SALE\"}, \"ext_id\": [\"a\", \"b\"]}"};
    it_ok(&b,
          it_try(&b, KAM_KIND_LEDGER, &o,
                 "{\"a\": 1, \"b\": \"x\", \"konto\": 17, \"tag\": 20251231, \"wert\": 1.5, \"more\": [1]}\n", NULL));
    assert_string_equal(b.counts, "1/0/0/0/0");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "1/x", KAM_LEDGER_DAY), "2025-12-31");
    assert_string_equal(it_get(&b, KAM_KIND_LEDGER, "1/x", KAM_LEDGER_ACCOUNT), "1");
    it_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents_are_checked_whole), cmocka_unit_test(test_a_mapping_is_a_policy),
        cmocka_unit_test(test_numbers_as_erps_write_them), cmocka_unit_test(test_days_as_erps_write_them),
        cmocka_unit_test(test_values_stand_for_others), cmocka_unit_test(test_rounded_values_are_counted),
        cmocka_unit_test(test_a_product_stands_in_for_an_empty_cell), cmocka_unit_test(test_whose_keys),
        cmocka_unit_test(test_columns_that_are_missing), cmocka_unit_test(test_members_of_objects_are_mapped_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
