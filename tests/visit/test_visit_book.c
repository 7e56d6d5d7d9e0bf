/* Tests of src/visit/visit_book.c and visit_book_held.c: whose list it is, what a row says, policies, failures. */
#include "base/base_test.h"
#include "requirements/req.h"

typedef long long ll;
#define LL "%lld"
static char text[200000];
static const uint32_t all_fields[] = {
    KAM_DUE_ACCOUNT, KAM_DUE_NAME,    KAM_DUE_REPRESENTATIVE, KAM_DUE_GRADE, KAM_DUE_CHANNEL,  KAM_DUE_LAST,
    KAM_DUE_DAY,     KAM_DUE_OVERDUE, KAM_DUE_CAUSE,          KAM_DUE_RULE,  KAM_DUE_ACTIVITY, 0};
static const char *const table =
    "{\"name\":\"monthly\",\"scheme\":\"mine\",\"default\":[{\"id\":\"mail\",\"channel\":\"EMAIL\",\"every\":"
    "{\"days\":60}}],\"grades\":{\"X\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"months\":1}},"
    "{\"id\":\"ring\",\"channel\":\"CALL\",\"every\":{\"iso_weeks\":2},\"first_due_days\":21}]}}";

static const char *due(req *q, const char *cadence, int64_t rep, const char *day) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_visit_due(&rows, q->book, cadence, rep, req_day(day), q->err));
    REQ_EQUAL(q, kam_rows_kind(rows), KAM_KIND_DUE);
    return req_rows(q, rows, all_fields, text, sizeof text);
}

static void approve(req *q, const char *json, const char *from) {
    int64_t id = 0;
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, json, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, from ? req_day(from) : KAM_DAY_FIRST, KAM_DAY_END, q->err));
}

static int64_t hold(req *q, int64_t account, const char *day, const char *more) {
    int64_t f = 0;
    kam_record *r = req_record(q, KAM_KIND_ACTIVITY,
                               "{\"account\":" LL ",\"channel\":\"VISIT\",\"day\":\"%s\",\"place\":\"p\","
                               "\"points\":\"q\",\"opinion\":\"o\",\"advice\":\"a\"%s}",
                               (ll)account, day, more);
    REQ_MUST(q, kam_visit_held(&f, q->book, r, q->err));
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_STATUS, 0), KAM_ACTIVITY_HELD);
    assert_true(kam_record_i64(r, KAM_ID, 0) > 0);
    kam_record_free(r);
    return f;
}

static void rows_say_everything(req *q) {
    char want[400], more[100];
    approve(q, table, NULL);
    int64_t rep = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}"),
            other = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Wu\"}");
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"甲 & Co\",\"owner\":" LL "}", (ll)rep);
    int64_t b = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"B\",\"customer_since\":\"2026-01-07\"}");
    req_save(q, KAM_KIND_GRADE,
             "{\"account\":" LL ",\"scheme\":\"mine\",\"grade\":\"X\",\"valid_from\":\"2026-01-05\"}", (ll)a);
    req_save(q, KAM_KIND_GRADE, "{\"account\":" LL ",\"scheme\":\"other\",\"grade\":\"X\"}", (ll)b);
    snprintf(more, sizeof more, ",\"representative\":" LL, (ll)other);
    int64_t f = hold(q, a, "2026-01-26", more);
    /* most overdue first: mail 54, the follow-up 28, ring 24 (weeks 5 and 6 end on 8 February), see 4 */
    char sorted[400];
    snprintf(sorted, sizeof sorted,
             LL " B - - EMAIL - 2026-01-07 54 CADENCE mail -|" LL " 甲 & Co " LL
                " X CALL 2026-01-26 2026-02-02 28 FOLLOWUP followup " LL "|" LL " 甲 & Co " LL
                " X CALL - 2026-02-06 24 CADENCE ring -|" LL " 甲 & Co " LL
                " X VISIT 2026-01-26 2026-02-26 4 CADENCE see -",
             (ll)b, (ll)a, (ll)other, (ll)f, (ll)a, (ll)rep, (ll)a, (ll)rep);
    REQ_TEXT(q, due(q, "monthly", 0, "2026-03-02"), sorted);
    snprintf(want, sizeof want, LL " 甲 & Co " LL " X CALL 2026-01-26 2026-02-02 28 FOLLOWUP followup " LL, (ll)a,
             (ll)other, (ll)f);
    REQ_TEXT(q, due(q, "monthly", other, "2026-03-02"), want);
    assert_null(strstr(due(q, "monthly", rep, "2026-03-02"), "FOLLOWUP"));
    REQ_TEXT(q, due(q, "monthly", 999, "2026-03-02"), "");
    REQ_TEXT(q, due(q, "standard", rep, "2026-03-02"), "");                     /* graded by another scheme */
    req_save(q, KAM_KIND_OWNER, "{\"account\":" LL ",\"representative\":" LL ",\"valid_from\":\"2026-02-20\"}", (ll)b,
             (ll)other);
    assert_non_null(strstr(due(q, "monthly", other, "2026-03-02"), "mail"));
    assert_null(strstr(due(q, "monthly", other, "2026-02-19"), "mail"));         /* not the owner yet */
}

static void arguments_and_policies(req *q) {
    kam_rows *rows = NULL;
    int64_t id = 0;
    kam_record *account = req_record(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    REQ_REFUSED(q, kam_visit_due(NULL, q->book, NULL, 0, 0, q->err), KAM_E_INVAL, "out");
    REQ_REFUSED(q, kam_visit_due(&rows, NULL, NULL, 0, 0, q->err), KAM_E_INVAL, "book");
    REQ_REFUSED(q, kam_visit_due(&rows, q->book, NULL, 0, KAM_DAY_END, q->err), KAM_E_INVAL, "as_of");
    REQ_REFUSED(q, kam_visit_due(&rows, q->book, NULL, 0, KAM_DAY_FIRST, q->err), KAM_E_INVAL, "as_of");
    REQ_REFUSED(q, kam_visit_due(&rows, q->book, NULL, -1, KAM_TODAY, q->err), KAM_E_INVAL, "representative");
    REQ_REFUSED(q, kam_visit_due(&rows, q->book, "monthly", 0, KAM_TODAY, q->err), KAM_E_POLICY, "monthly");
    REQ_REFUSED(q,
                kam_policy_add(&id, q->book, KAM_POLICY_CADENCE,
                               "{\"name\":\"x\",\"scheme\":\"s\",\"grades\":{\"A\":[{}]}}", KAM_NUL, q->err),
                KAM_E_POLICY, "without \"id\"");
    approve(q, table, "2026-02-01");
    REQ_REFUSED(q, kam_visit_due(&rows, q->book, "monthly", 0, req_day("2026-01-31"), q->err), KAM_E_POLICY, "monthly");
    REQ_TEXT(q, due(q, "monthly", 0, "2026-02-01"), "");
    assert_null(rows);
    REQ_REFUSED(q, kam_visit_held(NULL, q->book, account, q->err), KAM_E_INVAL, "followup");
    REQ_REFUSED(q, kam_visit_held(&id, q->book, NULL, q->err), KAM_E_INVAL, "activity");
    REQ_REFUSED(q, kam_visit_held(&id, q->book, account, q->err), KAM_E_INVAL, "account");
    kam_record_free(account);
}

static void held_in_a_transaction(req *q) {
    static const uint32_t fields[] = {KAM_ACTIVITY_STATUS, 0};
    int64_t f = -1, a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\",\"source\":\"erp\",\"ext_id\":\"C1\"}");
    REQ_MUST(q, kam_book_begin(q->book, KAM_BEGIN_WRITE, q->err));
    assert_true(hold(q, a, "2026-03-02", "") > 0);
    REQ_MUST(q, kam_book_rollback(q->book, q->err));
    REQ_TEXT(q, req_rows(q, req_query(q, KAM_KIND_ACTIVITY, 0, NULL, 0, KAM_TODAY), fields, text, sizeof text), "");
    kam_record *call =
        req_record(q, KAM_KIND_ACTIVITY, "{\"account\":\"erp:C1\",\"channel\":\"CALL\",\"day\":\"2026-03-02\"}");
    REQ_MUST(q, kam_visit_held(&f, q->book, call, q->err)); /* a call has no six fields and no follow-up */
    REQ_EQUAL(q, f, 0);
    REQ_EQUAL(q, kam_record_i64(call, KAM_ACTIVITY_ACCOUNT, 0), a);
    kam_record_clear(call);
    REQ_MUST(q, kam_record_from_json(call, "{\"account\":\"erp:C2\",\"channel\":\"CALL\",\"day\":\"2026-03-02\"}",
                                     KAM_NUL, q->err));
    REQ_REFUSED(q, kam_visit_held(&f, q->book, call, q->err), KAM_E_NOT_FOUND, "C2");
    assert_int_equal(kam_record_type(call, KAM_ACTIVITY_STATUS), 0); /* the caller's record stays as it was */
    kam_record_free(call);
    assert_true(hold(q, a, "2026-03-02", "") > 0);
    REQ_TEXT(q, req_rows(q, req_query(q, KAM_KIND_ACTIVITY, 0, NULL, 0, KAM_TODAY), fields, text, sizeof text),
             "HELD|HELD|PLANNED");
}

static void followups_end_a_chain(req *q) {
    char more[100];
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}"), f = hold(q, a, "2026-03-02", "");
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, f, KAM_TODAY);
    snprintf(more, sizeof more, ",\"cause\":\"FOLLOWUP\",\"follows\":" LL,
             (ll)kam_record_i64(r, KAM_ACTIVITY_FOLLOWS, 0));
    REQ_EQUAL(q, hold(q, a, "2026-03-05", more), 0);
    REQ_MUST(q, kam_record_set_text(r, KAM_ACTIVITY_CHANNEL, "EMAIL", KAM_NUL, q->err));
    REQ_REFUSED(q, kam_visit_held(&f, q->book, r, q->err), KAM_E_INVAL, "CALL or VISIT");
    kam_record_free(r);
}

static void a_cancelled_followup_is_none(req *q) {
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}"), f = 0, again = 0;
    kam_record *visit = req_record(q, KAM_KIND_ACTIVITY,
                                   "{\"account\":" LL ",\"channel\":\"VISIT\",\"day\":\"2026-03-02\",\"place\":\"p\","
                                   "\"points\":\"q\",\"opinion\":\"o\",\"advice\":\"a\"}",
                                   (ll)a);
    REQ_MUST(q, kam_visit_held(&f, q->book, visit, q->err));
    kam_record *r = req_get(q, KAM_KIND_ACTIVITY, f, KAM_TODAY);
    REQ_MUST(q, kam_record_set_text(r, KAM_ACTIVITY_STATUS, "CANCELLED", KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
    REQ_TEXT(q, due(q, NULL, 0, "2026-04-02"), "");
    REQ_MUST(q, kam_record_set_text(visit, KAM_ACTIVITY_ADVICE, "b", KAM_NUL, q->err));
    REQ_MUST(q, kam_visit_held(&again, q->book, visit, q->err));
    assert_true(again > f);
    kam_record_free(visit);
}

/* Many accounts and activities against the rule itself, looked up one by one. */
static void equals_a_plain_search(req *q) {
    enum { ACCOUNTS = 60, ACTIVITIES = 9000 };
    static const char *const channel[] = {"VISIT", "CALL", "EMAIL"}, *const direction[] = {
                                                                         "", ",\"direction\":\"INBOUND\""};
    static int32_t last[ACCOUNTS][2];
    int64_t id[ACCOUNTS];
    uint64_t seed = 11;
    char day[16], want[64];
    int32_t first = req_day("2024-01-01"), as_of = req_day("2026-01-14");
    for (int i = 0; i < ACCOUNTS; i++) {
        id[i] = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"a%d\"}", i);
        req_save(q, KAM_KIND_GRADE,
                 "{\"account\":" LL ",\"scheme\":\"quota-20-40-40\",\"grade\":\"B\",\"valid_from\":\"2024-01-01\"}",
                 (ll)id[i]);
        last[i][0] = last[i][1] = -1;
    }
    REQ_MUST(q, kam_book_begin(q->book, KAM_BEGIN_WRITE, q->err));
    for (int n = 0; n < ACTIVITIES; n++) {
        uint32_t a = (uint32_t)(kam__random(&seed) % ACCOUNTS), c = (uint32_t)(kam__random(&seed) % 3),
                 d = (uint32_t)(kam__random(&seed) % 2);
        uint32_t h = (uint32_t)(kam__random(&seed) % 4);
        int32_t on = first + (int32_t)(kam__random(&seed) % 760);
        if ((int)a % 7 == 0 && on > req_day("2025-08-01") && c < 2) c = 2;       /* some were forgotten */
        kam__day_format(day, on);
        req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"status\":\"%s\",\"channel\":\"%s\",\"day\":\"%s\"%s}",
                 (ll)id[a], h ? "HELD" : "PLANNED", channel[c], day, direction[d]);
        int rule = c == 1 ? 1 : c == 0 && d == 0 ? 0 : 2;
        if (h && rule < 2 && on <= as_of && on > last[a][rule]) last[a][rule] = on;
    }
    REQ_MUST(q, kam_book_commit(q->book, q->err));
    const char *got = due(q, NULL, 0, "2026-01-14");
    int listed = 0, rows = 0;
    for (const char *p = got; *p; p++) rows += *p == '|';
    rows += *got != '\0';
    for (int i = 0; i < ACCOUNTS; i++) {
        int32_t visit = kam__add_months(last[i][0], 3), call = kam__iso_week_start(last[i][1]) + 7 + 4;
        while (kam__weekday(visit) > 5) visit--;
        const int32_t when[2] = {visit, call};
        for (int r = 0; r < 2; r++) {
            if (when[r] > as_of) continue;
            kam__day_format(day, when[r]);
            snprintf(want, sizeof want, "%s %d CADENCE %s", day, (int)(as_of - when[r]), r ? "call" : "visit");
            char name[16];
            snprintf(name, sizeof name, " a%d ", i);
            const char *p = got;
            int found = 0;
            while (!found && (p = strstr(p, name)) != NULL) {
                const char *end = strchr(p, '|'), *at = strstr(p, want);
                found = at && (!end || at < end);
                p++;
            }
            if (!found) fail_msg("%s: account a%d lacks %s", q->on, i, want);
            listed++;
        }
    }
    REQ_EQUAL(q, rows, listed);
    assert_true(listed > 10);
}

#define ON_STORES(name) static void name##_everywhere(void **state) { (void)state; req_each(name); }
ON_STORES(rows_say_everything)
ON_STORES(arguments_and_policies)
ON_STORES(held_in_a_transaction)
ON_STORES(followups_end_a_chain)
ON_STORES(a_cancelled_followup_is_none)
ON_STORES(equals_a_plain_search)

/* ---------------------------------------------------------------- failures */

typedef struct shaky { fault f; req q; int progress; int64_t account; } shaky;

static int32_t shaky_progress(void *user, uint64_t done, uint64_t total) {
    (void)done, (void)total;
    return ((shaky *)user)->progress;
}

static int64_t shaky_now(void *user) { return ((shaky *)user)->q.now; }

static void shaky_open(shaky *s) {
    kam_allocator a = fault_allocator(&s->f);
    kam_ctx_options o = {
        .struct_size = sizeof o, .allocator = &a, .user = s, .now = shaky_now, .progress = shaky_progress};
    kam_book_options b = {.struct_size = sizeof b, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    req *q = &s->q;
    memset(s, 0, sizeof *s);
    s->f.left = -1;
    q->on = "memory";
    q->now = req_day("2026-03-02") * REQ_DAY_MS;
    assert_int_equal(kam_error_new(&q->err, NULL), KAM_OK);
    REQ_MUST(q, kam_ctx_new(&q->ctx, &o, q->err));
    REQ_MUST(q, kam_book_open(&q->book, q->ctx, NULL, &b, q->err));
    int64_t rep = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li\"}");
    s->account = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\",\"owner\":" LL "}", (ll)rep);
    req_save(q, KAM_KIND_GRADE,
             "{\"account\":" LL ",\"scheme\":\"quota-20-40-40\",\"grade\":\"A\",\"valid_from\":\"2026-01-01\"}",
             (ll)s->account);
    int64_t boss = req_save(q, KAM_KIND_CONTACT, "{\"name\":\"Zhao\"}");
    req_save(q, KAM_KIND_AFFILIATION, "{\"contact\":" LL ",\"account\":" LL ",\"role\":\"CHAIRMAN\"}", (ll)boss,
             (ll)s->account);
    req_save(q, KAM_KIND_CALENDAR_DAY, "{\"day\":\"2026-02-17\",\"kind\":\"HOLIDAY\"}");
    hold(q, s->account, "2026-01-05", ",\"premises\":\"THEIRS\"");
}

static void shaky_close(shaky *s) {
    kam_book_close(s->q.book);
    kam_ctx_free(s->q.ctx);
    kam_error_free(s->q.err);
    assert_int_equal(s->f.live, 0);
}

static void every_allocation_of_the_list_fails_once(void **state) {
    static char want[2000];
    shaky s;
    (void)state;
    shaky_open(&s);
    strcpy(want, due(&s.q, NULL, 0, "2026-03-13"));
    assert_true(strlen(want) > 50);
    int64_t n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
        kam_rows *rows = NULL;
        int64_t live = s.f.live;
        s.f.left = n;
        rc = kam_visit_due(&rows, s.q.book, NULL, 0, req_day("2026-03-13"), s.q.err);
        s.f.left = -1;
        if (rc == KAM_OK) {
            assert_string_equal(req_rows(&s.q, rows, all_fields, text, sizeof text), want);
            continue;
        }
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_null(rows);
        assert_int_equal(s.f.live, live);
    }
    assert_true(n > 20);
    assert_string_equal(due(&s.q, NULL, 0, "2026-03-13"), want);
    shaky_close(&s);
}

static void every_allocation_of_a_held_visit_fails_once(void **state) {
    static const uint32_t fields[] = {KAM_ID, KAM_ACTIVITY_STATUS, KAM_ACTIVITY_DAY, 0};
    static char before[2000];
    shaky s;
    (void)state;
    shaky_open(&s);
    req *q = &s.q;
    strcpy(before, req_rows(q, req_query(q, KAM_KIND_ACTIVITY, 0, NULL, 0, KAM_TODAY), fields, text, sizeof text));
    kam_record *r = req_record(q, KAM_KIND_ACTIVITY,
                               "{\"account\":" LL ",\"channel\":\"VISIT\",\"day\":\"2026-03-02\",\"place\":\"p\","
                               "\"points\":\"q\",\"opinion\":\"o\",\"advice\":\"a\"}",
                               (ll)s.account);
    int64_t n = 0, f = -1;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
        s.f.left = n;
        rc = kam_visit_held(&f, q->book, r, q->err);
        s.f.left = -1;
        if (rc == KAM_OK) continue;
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_int_equal(f, -1);
        assert_int_equal(kam_record_type(r, KAM_ID), 0);
        assert_int_equal(kam_record_type(r, KAM_ACTIVITY_STATUS), 0);
        REQ_TEXT(q, req_rows(q, req_query(q, KAM_KIND_ACTIVITY, 0, NULL, 0, KAM_TODAY), fields, text, sizeof text),
                 before);
    }
    assert_true(n > 20);
    assert_true(f > 0);
    kam_record_free(r);
    shaky_close(&s);
}

static void the_host_can_cancel(void **state) {
    shaky s;
    kam_rows *rows = NULL;
    (void)state;
    shaky_open(&s);
    s.progress = 1;
    REQ_REFUSED(&s.q, kam_visit_due(&rows, s.q.book, NULL, 0, KAM_TODAY, s.q.err), KAM_E_CANCELLED, "");
    assert_null(rows);
    s.progress = 0;
    assert_string_not_equal(due(&s.q, NULL, 0, "2026-03-13"), "");
    shaky_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_say_everything_everywhere),
        cmocka_unit_test(arguments_and_policies_everywhere),
        cmocka_unit_test(held_in_a_transaction_everywhere),
        cmocka_unit_test(followups_end_a_chain_everywhere),
        cmocka_unit_test(a_cancelled_followup_is_none_everywhere),
        cmocka_unit_test(equals_a_plain_search_everywhere),
        cmocka_unit_test(every_allocation_of_the_list_fails_once),
        cmocka_unit_test(every_allocation_of_a_held_visit_fails_once),
        cmocka_unit_test(the_host_can_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
