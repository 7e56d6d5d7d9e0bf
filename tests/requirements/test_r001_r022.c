/*
 * R1 the account master, R2 where an account came from, R16 classifications, R19 group accounts, R20 lists of
 * prospects, R22 roles of contacts: what a dossier is made of, through the public API.
 */
#include "req.h"

#define LL "%lld"
typedef long long ll;
static char text[8000];
static const uint32_t names[] = {KAM_ACCOUNT_NAME, 0};

static const char *accounts(req *q, uint32_t field, const char *value) {
    return req_rows(q, req_query(q, KAM_KIND_ACCOUNT, field, value, KAM_ACCOUNT_NAME, KAM_TODAY), names, text,
                    sizeof text);
}

static const char *account_text(req *q, int64_t id, uint32_t field) {
    return req_text(q, KAM_KIND_ACCOUNT, id, field, KAM_TODAY, text);
}

/* ---------------------------------------------------------------- R1 */

static const struct { const char *name, *first, *second;
} master[] = {
    {"name", "华东机械", "华东机械集团"},
    {"address", "中山路 1 号", "中山路 2 号"},
    {"postcode", "200001", "200002"},
    {"phone", "+86 21 1", "+86 21 2"},
    {"fax", "+86 21 3", "+86 21 4"},
    {"email", "a@example.com", "b@example.com"},
    {"website", "https://a.example", "https://b.example"},
    {"industry", "machinery", "pumps"},
    {"size", "LARGE", "SMALL"},
    {"credit", "AA", "B"},
    {"region", "East", "North"},
};

static void r001_crud(req *q) {
    int64_t rep = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}");
    kam_record *r = req_record(q, KAM_KIND_ACCOUNT, "{\"owner\":" LL "}", (ll)rep);
    uint32_t field[sizeof master / sizeof *master];
    for (size_t i = 0; i < sizeof master / sizeof *master; i++) {
        REQ_MUST(q, kam_field_find(&field[i], q->book, KAM_KIND_ACCOUNT, master[i].name, q->err));
        REQ_MUST(q, kam_record_set_text(r, field[i], master[i].first, KAM_NUL, q->err));
    }
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    int64_t id = kam_record_i64(r, KAM_ID, 0), rev = kam_record_i64(r, KAM_REV, 0);
    assert_true(id > 0);
    for (size_t i = 0; i < sizeof master / sizeof *master; i++) {
        REQ_TEXT(q, account_text(q, id, field[i]), master[i].first);
        REQ_MUST(q, kam_record_set_text(r, field[i], master[i].second, KAM_NUL, q->err));
    }
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACCOUNT_OWNER, 0), rep);
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    assert_true(kam_record_i64(r, KAM_REV, 0) > rev);
    for (size_t i = 0; i < sizeof master / sizeof *master; i++)
        REQ_TEXT(q, account_text(q, id, field[i]), master[i].second);
    kam_record_free(r);
    REQ_MUST(q, kam_book_delete(q->book, KAM_KIND_ACCOUNT, id, 0, q->err));
    r = NULL;
    REQ_REFUSED(q, kam_book_get(&r, q->book, KAM_KIND_ACCOUNT, id, KAM_TODAY, q->err), KAM_E_NOT_FOUND, "no account");
    REQ_TEXT(q, accounts(q, 0, NULL), "");
}

static void r001_list(req *q) {
    static const char *const name[] = {"Crane", "Acme", "Borg", "Delta"};
    for (size_t i = 0; i < 4; i++)
        req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"%s\",\"region\":\"%s\"}", name[i], i % 2 ? "East" : "West");
    REQ_TEXT(q, accounts(q, 0, NULL), "Acme|Borg|Crane|Delta");
    REQ_TEXT(q, accounts(q, KAM_ACCOUNT_REGION, "East"), "Acme|Delta");
    REQ_REFUSED(q, req_try(q, KAM_KIND_ACCOUNT, "{\"region\":\"East\"}"), KAM_E_INVAL, "name");
}

void test_R001_account_is_created_read_changed_deleted(void **state) { (void)state; req_each(r001_crud); }
void test_R001_accounts_are_listed(void **state) { (void)state; req_each(r001_list); }

/* ---------------------------------------------------------------- R2 */

static void r002_sources(req *q) {
    static const char *const known[] = {
        "DOOR_TO_DOOR", "MEDIA",         "FRIENDS",  "SOCIAL_BODY",     "TRADE_PRESS", "WEBSITE",      "ADVERTISEMENT",
        "REFERRAL",     "SEMINAR",       "EXCHANGE", "MARKET_RESEARCH", "PROMOTION",   "B2B_PLATFORM", "CUSTOMS_DATA",
        "YELLOW_PAGES", "SEARCH_ENGINE", "ENQUIRY",  "ASSOCIATION",     "COLLEGE",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a%02d\",\"lead_source\":\"%s\"}", (int)i, known[i]);
        REQ_TEXT(q, account_text(q, id, KAM_ACCOUNT_LEAD_SOURCE), known[i]);
    }
    int64_t id =
        req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\",\"lead_source\":\"Hannover fair\"}"); /* the host's own */
    REQ_TEXT(q, account_text(q, id, KAM_ACCOUNT_LEAD_SOURCE), "Hannover fair");
    id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"y\",\"lead_source\":\"seminar\"}");
    REQ_TEXT(q, account_text(q, id, KAM_ACCOUNT_LEAD_SOURCE), "SEMINAR");       /* a known one has one spelling */
    REQ_TEXT(q, accounts(q, KAM_ACCOUNT_LEAD_SOURCE, "SEMINAR"), "a08|y");
    REQ_TEXT(q, accounts(q, KAM_ACCOUNT_LEAD_SOURCE, "Hannover fair"), "x");
}

void test_R002_every_account_says_where_it_came_from(void **state) { (void)state; req_each(r002_sources); }

/* ---------------------------------------------------------------- R16 */

static const char *class_of(req *q, int64_t id, const char *dimension, const char *day) {
    static const uint32_t fields[] = {KAM_CLASS_CLASS, 0};
    char account[24];
    kam_query *query = NULL;
    kam_rows *rows = NULL;
    snprintf(account, sizeof account, LL, (ll)id);
    REQ_MUST(q, kam_query_new(&query, q->book, KAM_KIND_CLASS, q->err));
    REQ_MUST(q, kam_query_where(query, KAM_CLASS_ACCOUNT, KAM_OP_EQ, account, KAM_NUL, q->err));
    REQ_MUST(q, kam_query_where(query, KAM_CLASS_DIMENSION, KAM_OP_EQ, dimension, KAM_NUL, q->err));
    REQ_MUST(q, kam_query_run(&rows, query, req_day(day), q->err));
    kam_query_free(query);
    return req_rows(q, rows, fields, text, sizeof text);
}

static void r016_dimensions(req *q) {
    static const char *const put[][3] = {
        {"product", "pumps", "2026-01-01"},
        {"nature", "state-owned", "2026-01-01"},
        {"service", "spare parts", "2026-01-01"},
        {"nature", "listed", "2026-02-01"},
    };
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\",\"industry\":\"energy\",\"region\":\"East\"}");
    for (size_t i = 0; i < 4; i++)
        req_save(q, KAM_KIND_CLASS, "{\"account\":" LL ",\"dimension\":\"%s\",\"class\":\"%s\",\"valid_from\":\"%s\"}",
                 (ll)id, put[i][0], put[i][1], put[i][2]);
    REQ_TEXT(q, class_of(q, id, "product", "2026-03-01"), "pumps");
    REQ_TEXT(q, class_of(q, id, "service", "2026-03-01"), "spare parts");
    REQ_TEXT(q, class_of(q, id, "nature", "2026-03-01"), "listed");              /* one at a time in a dimension */
    REQ_TEXT(q, class_of(q, id, "nature", "2026-01-31"), "state-owned");
    REQ_TEXT(q, class_of(q, id, "colour", "2026-03-01"), "");
    REQ_TEXT(q, account_text(q, id, KAM_ACCOUNT_INDUSTRY), "energy");
}

void test_R016_several_independent_classifications_of_one_account(void **state)
{
    (void)state;
    req_each(r016_dimensions);
}

/* ---------------------------------------------------------------- R19 */

static int64_t child(req *q, const char *name, int64_t parent) {
    return parent ? req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"%s\",\"parent\":" LL "}", name, (ll)parent)
                  : req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"%s\"}", name);
}

/* Sum over an account and all below it: own sales and own contacts, children by query on the parent. */
static void add_subtree(req *q, int64_t id, int64_t *amount, int64_t *contacts) {
    char key[24];
    const kam_record *r = NULL;
    kam_rows *rows = NULL;
    snprintf(key, sizeof key, LL, (ll)id);
    rows = req_query(q, KAM_KIND_LEDGER, KAM_LEDGER_ACCOUNT, key, 0, KAM_TODAY);
    while ((r = req_next(q, rows)) != NULL)
        *amount += kam_record_i64(r, KAM_LEDGER_AMOUNT, 0);
    kam_rows_free(rows);
    rows = req_query(q, KAM_KIND_AFFILIATION, KAM_AFFILIATION_ACCOUNT, key, 0, KAM_TODAY);
    while ((r = req_next(q, rows)) != NULL) ++*contacts;
    kam_rows_free(rows);
    rows = req_query(q, KAM_KIND_ACCOUNT, KAM_ACCOUNT_PARENT, key, 0, KAM_TODAY);
    while ((r = req_next(q, rows)) != NULL)
        add_subtree(q, kam_record_i64(r, KAM_ID, 0), amount, contacts);
    kam_rows_free(rows);
}

static void r019_tree(req *q) {
    int64_t top = child(q, "group", 0), east = child(q, "east", top), west = child(q, "west", top),
            plant = child(q, "plant", east);
    int64_t of[4] = {top, east, west, plant}, amount = 0, contacts = 0;
    int64_t person = req_save(q, KAM_KIND_CONTACT, "{\"name\":\"Zhao\"}");
    for (int i = 0; i < 4; i++) {
        req_save(q, KAM_KIND_LEDGER,
                 "{\"account\":" LL ",\"day\":\"2026-02-01\",\"event\":\"SALE\",\"amount\":\"%d.50\"}", (ll)of[i],
                 10 << i);
        req_save(q, KAM_KIND_AFFILIATION, "{\"contact\":" LL ",\"account\":" LL ",\"role\":\"USER\"}", (ll)person,
                 (ll)of[i]);
    }
    add_subtree(q, top, &amount, &contacts);
    REQ_EQUAL(q, amount, 15200);
    REQ_EQUAL(q, contacts, 4);
    amount = contacts = 0;
    add_subtree(q, east, &amount, &contacts);
    REQ_EQUAL(q, amount, 10100);
    REQ_EQUAL(q, contacts, 2);
}

static void r019_no_cycle(req *q) {
    int64_t top = child(q, "group", 0), east = child(q, "east", top), plant = child(q, "plant", east);
    int64_t below[3] = {plant, east, top};
    for (int i = 0; i < 3; i++) {
        kam_record *r = req_get(q, KAM_KIND_ACCOUNT, top, KAM_TODAY);
        REQ_MUST(q, kam_record_set_i64(r, KAM_ACCOUNT_PARENT, below[i], q->err));
        REQ_REFUSED(q, kam_book_save(q->book, r, q->err), KAM_E_INVAL, "parent");
        kam_record_free(r);
    }
    REQ_TEXT(q, account_text(q, top, KAM_ACCOUNT_PARENT), "");
    REQ_REFUSED(q, req_try(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\",\"parent\":999}"), KAM_E_NOT_FOUND, "parent");
    kam_record *r = req_get(q, KAM_KIND_ACCOUNT, plant, KAM_TODAY);              /* moving within the tree is fine */
    REQ_MUST(q, kam_record_set_i64(r, KAM_ACCOUNT_PARENT, top, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
}

void test_R019_group_tree_rolls_up_sales_and_contacts(void **state) { (void)state; req_each(r019_tree); }
void test_R019_no_account_is_above_itself(void **state) { (void)state; req_each(r019_no_cycle); }

/* ---------------------------------------------------------------- R20 */

static void import_list(req *q, const char *csv, int64_t fresh, int64_t unchanged, int64_t rejected) {
    kam_import *imp = NULL;
    kam_import_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.source = "list";
    REQ_MUST(q, kam_import_new(&imp, q->book, KAM_KIND_ACCOUNT, &o, q->err));
    REQ_MUST(q, kam_import_feed(imp, csv, strlen(csv), q->err));
    REQ_MUST(q, kam_import_finish(imp, q->err));
    const kam_record *report = kam_import_report(imp);
    REQ_EQUAL(q, kam_record_i64(report, KAM_IMPORT_REPORT_NEW, -1), fresh);
    REQ_EQUAL(q, kam_record_i64(report, KAM_IMPORT_REPORT_UNCHANGED, -1), unchanged);
    REQ_EQUAL(q, kam_record_i64(report, KAM_IMPORT_REPORT_REJECTED, -1), rejected);
    kam_import_free(imp);
}

static void r020_list(req *q) {
    static const char *const csv =
        "ext_id,name,industry,lead_source,lifecycle\r\nP1,Acme,pumps,YELLOW_PAGES,PROSPECT\r\n"
        "P2,Borg,valves,SEMINAR,PROSPECT\r\nP3,,valves,SEMINAR,PROSPECT\r\nP4,Crane,pumps,Fair,PROSPECT\r\n";
    int64_t id = 0;
    import_list(q, csv, 3, 0, 1);                                               /* one has no name */
    import_list(q, csv, 0, 3, 1); /* the same list again changes nothing */
    REQ_TEXT(q, accounts(q, KAM_ACCOUNT_LIFECYCLE, "PROSPECT"), "Acme|Borg|Crane");
    REQ_MUST(q, kam_book_find(&id, q->book, KAM_KIND_ACCOUNT, "list", "P2", KAM_NUL, q->err));
    req_save(q, KAM_KIND_LIFECYCLE, "{\"account\":" LL ",\"state\":\"INTENT\",\"valid_from\":\"2026-03-01\"}", (ll)id);
    req_save(q, KAM_KIND_LIFECYCLE, "{\"account\":" LL ",\"state\":\"SIGNED\",\"valid_from\":\"2026-03-02\"}", (ll)id);
    REQ_TEXT(q, accounts(q, KAM_ACCOUNT_LIFECYCLE, "PROSPECT"), "Acme|Crane");
    REQ_TEXT(q, accounts(q, KAM_ACCOUNT_LIFECYCLE, "SIGNED"), "Borg");           /* the same account all along */
    REQ_TEXT(q, req_text(q, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_LIFECYCLE, req_day("2026-03-01"), text), "INTENT");
    REQ_TEXT(q, req_text(q, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_LIFECYCLE, req_day("2026-02-28"), text), "PROSPECT");
}

void test_R020_a_list_of_prospects_is_imported_and_converted(void **state) { (void)state; req_each(r020_list); }

/* ---------------------------------------------------------------- R22 */

static const char *roles(req *q, int64_t contact, const char *day) {
    static const uint32_t fields[] = {KAM_AFFILIATION_ACCOUNT, KAM_AFFILIATION_ROLE, KAM_AFFILIATION_BUYING_CASE, 0};
    char key[24];
    snprintf(key, sizeof key, LL, (ll)contact);
    return req_rows(
        q, req_query(q, KAM_KIND_AFFILIATION, KAM_AFFILIATION_CONTACT, key, KAM_AFFILIATION_ROLE, req_day(day)), fields,
        text, sizeof text);
}

static void r022_roles(req *q) {
    static const struct { int account; const char *role, *buying_case, *from, *to; } held[] = {
        {0, "HANDLER", NULL, "2025-01-01", "2026-02-01"}, {0, "PRINCIPAL", NULL, "2026-02-01", NULL},
        {0, "DECIDER", "press line", "2026-01-10", "2026-06-01"}, {0, "USER", "forklifts", "2026-01-10", NULL},
        {1, "LIAISON", NULL, "2026-01-01", NULL},
    };
    int64_t a[2] = {req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}"),
                    req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"y\"}")};
    int64_t person = req_save(q, KAM_KIND_CONTACT, "{\"name\":\"Zhao\",\"title\":\"chief buyer\"}");
    char want[400];
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
        kam_record *r = req_record(q, KAM_KIND_AFFILIATION,
                                   "{\"contact\":" LL ",\"account\":" LL ",\"role\":\"%s\",\"valid_from\":\"%s\"}",
                                   (ll)person, (ll)a[held[i].account], held[i].role, held[i].from);
        REQ_MUST(q, kam_record_set_text(r, KAM_AFFILIATION_BUYING_CASE, held[i].buying_case, KAM_NUL, q->err));
        REQ_MUST(q, kam_record_set_text(r, KAM_VALID_TO, held[i].to, KAM_NUL, q->err));
        REQ_MUST(q, kam_book_save(q->book, r, q->err));
        kam_record_free(r);
    }
    snprintf(want, sizeof want, LL " HANDLER -", (ll)a[0]);
    REQ_TEXT(q, roles(q, person, "2025-12-31"), want);
    snprintf(want, sizeof want, LL " DECIDER press line|" LL " LIAISON -|" LL " PRINCIPAL -|" LL " USER forklifts",
             (ll)a[0], (ll)a[1], (ll)a[0], (ll)a[0]);
    REQ_TEXT(q, roles(q, person, "2026-03-01"), want);
    snprintf(want, sizeof want, LL " LIAISON -|" LL " PRINCIPAL -|" LL " USER forklifts", (ll)a[1], (ll)a[0], (ll)a[0]);
    REQ_TEXT(q, roles(q, person, "2026-06-01"), want);
    REQ_REFUSED(q, req_try(q, KAM_KIND_AFFILIATION, "{\"contact\":" LL ",\"account\":" LL "}", (ll)person, (ll)a[0]),
                KAM_E_INVAL, "role");
}

void test_R022_dated_roles_per_account_and_per_buying_case(void **state) { (void)state; req_each(r022_roles); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R001_account_is_created_read_changed_deleted),
        cmocka_unit_test(test_R001_accounts_are_listed),
        cmocka_unit_test(test_R002_every_account_says_where_it_came_from),
        cmocka_unit_test(test_R016_several_independent_classifications_of_one_account),
        cmocka_unit_test(test_R019_group_tree_rolls_up_sales_and_contacts),
        cmocka_unit_test(test_R019_no_account_is_above_itself),
        cmocka_unit_test(test_R020_a_list_of_prospects_is_imported_and_converted),
        cmocka_unit_test(test_R022_dated_roles_per_account_and_per_buying_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
