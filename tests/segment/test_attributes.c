/* The attributes of accounts: own fields, facts, ledger figures of the windows, activities, contacts; one account as in
   all; the past; other currencies. */
#include "book_test.h"
#include "store/store.h"
#include "segment/segment_book_score.h"

/* "name=value" of what is there, from field `from` on, of one account on a day. */
static const char *attributes(bt *t, kam_book *book, int64_t id, const char *day, uint32_t from)
{
    kam_account *a = NULL;
    const kam_record *r = NULL;
    size_t at = 0;
    MUST(t, kam_account_open(&a, book, id, day ? bt_day(day) : KAM_TODAY, t->err));
    MUST(t, kam_account_attributes(&r, a, t->err));
    t->text[0] = 0;
    for (uint32_t i = 0; i < r->kind->nfield; i++) {
        const char *v = r->kind->field[i].id >= from ? kam_record_text(r, r->kind->field[i].id, NULL) : NULL;
        if (v) at += (size_t)snprintf(t->text + at, sizeof t->text - at, "%s%s=%s", at ? " " : "", r->kind->field[i].name, v);
    }
    kam_account_free(a);
    return t->text;
}

static void row(bt *t, int64_t account, const char *day, const char *event, const char *amount, const char *more)
{
    bt_save(t, KAM_KIND_LEDGER, "{\"account\": %lld, \"day\": \"%s\", \"event\": \"%s\", \"amount\": \"%s\"%s}",
            (long long)account, day, event, amount, more);
}

static void activity(bt *t, int64_t account, const char *day, const char *channel, const char *status, const char *more)
{
    bt_save(t, KAM_KIND_ACTIVITY, "{\"account\": %lld, \"day\": \"%s\", \"channel\": \"%s\", \"status\": \"%s\"%s}",
            (long long)account, day, channel, status, more);
}

static void an_account_without_anything_has_zeroes(void **state)
{
    bt *t = *state;
    bt_account(t, "a");
    assert_string_equal(attributes(t, t->book, 1, "2026-03-31", 0),
        "name=a account=1 revenue_12m=0.00 returns_12m=0.00 gross_profit_12m=0.00 contribution_12m=0.00 "
        "orders_12m=0 revenue_previous_12m=0.00 visits_90d=0 calls_90d=0 complaints_12m=0 contacts=0 decider_known=false");
}

static void own_fields_and_facts_are_shown(void **state)
{
    bt *t = *state;
    bt_save(t, KAM_KIND_FIELD, "{\"kind\": \"account\", \"name\": \"x_note\", \"type\": \"TEXT\"}");
    bt_save(t, KAM_KIND_FIELD, "{\"kind\": \"account\", \"name\": \"x_worth\", \"type\": \"MONEY\"}");
    bt_save(t, KAM_KIND_REPRESENTATIVE, "{\"name\": \"Li\"}");
    bt_save(t, KAM_KIND_ACCOUNT, "{\"name\": \"a\", \"city\": \"武汉\", \"size\": \"LARGE\", \"potential\": \"1000\", \"loyalty\": \"7.5\","
            " \"customer_since\": \"2020-01-01\", \"owner\": 1, \"x_note\": \"hm\", \"x_worth\": \"12.5\", \"latitude\": \"30.5\", \"longitude\": \"114.3\"}");
    bt_save(t, KAM_KIND_TIER, "{\"account\": 1, \"tier\": \"KEY\", \"valid_from\": \"2026-03-01\"}");
    bt_save(t, KAM_KIND_LIFECYCLE, "{\"account\": 1, \"state\": \"SIGNED\", \"valid_from\": \"2026-02-01\"}");
    const char *text = attributes(t, t->book, 1, "2026-03-31", 0);
    assert_non_null(strstr(text, "name=a city=武汉 size=LARGE latitude=30.5 longitude=114.3 owner=1 tier=KEY lifecycle=SIGNED "
                                 "potential=1000.00 customer_since=2020-01-01 loyalty=7.5 account=1 "));
    assert_non_null(strstr(text, "share_of_wallet=0 "));
    assert_non_null(strstr(text, " x_note=hm x_worth=12.50"));
    bt_save(t, KAM_KIND_TIER, "{\"account\": 1, \"tier\": \"LARGE\", \"valid_from\": \"2026-04-01\"}");
    assert_non_null(strstr(attributes(t, t->book, 1, "2026-03-31", 0), "tier=KEY"));
    assert_non_null(strstr(attributes(t, t->book, 1, "2026-04-01", 0), "tier=LARGE"));
}

/* Twelve months end with the day; the twelve before them are the year before. */
static void ledger_figures_keep_their_windows(void **state)
{
    bt *t = *state;
    bt_save(t, KAM_KIND_ACCOUNT, "{\"name\": \"a\", \"potential\": \"4000\"}");
    bt_account(t, "b");
    row(t, 1, "2024-03-31", "SALE", "5000", "");                        /* before both years */
    row(t, 1, "2024-04-01", "SALE", "300", ", \"order\": \"o1\"");      /* first day of the year before */
    row(t, 1, "2025-03-31", "SALE", "500", "");                         /* its last day */
    row(t, 1, "2025-04-01", "SALE", "700", ", \"cost\": \"400\"");
    row(t, 1, "2026-03-31", "SALE", "400", ", \"cost\": \"200\"");
    row(t, 1, "2026-03-31", "RETURN", "100", ", \"cost\": \"50\"");
    row(t, 1, "2026-01-01", "COST_TO_SERVE", "30", ", \"cost_kind\": \"TRAVEL\"");
    row(t, 1, "2026-04-01", "SALE", "9999", "");                        /* behind the day */
    row(t, 2, "2025-12-01", "SALE", "2000", "");
    assert_string_equal(attributes(t, t->book, 1, "2026-03-31", KAM_ATTRIBUTES_REVENUE_12M),
        "revenue_12m=1000.00 returns_12m=100.00 gross_profit_12m=450.00 contribution_12m=420.00 orders_12m=2 "
        "revenue_previous_12m=800.00 growth_12m=0.25 margin_12m=0.45 share_12m=0.3333 share_of_wallet=0.25 recency_days=0 "
        "tenure_days=730 visits_90d=0 calls_90d=0 complaints_12m=0 contacts=0 decider_known=false trend=-0.1846");
    assert_non_null(strstr(attributes(t, t->book, 1, "2026-04-02", KAM_ATTRIBUTES_REVENUE_12M), "recency_days=1 tenure_days=732"));
    assert_non_null(strstr(attributes(t, t->book, 2, "2026-03-31", KAM_ATTRIBUTES_REVENUE_12M),
                           "revenue_previous_12m=0.00 margin_12m=1 share_12m=0.6667 recency_days=120"));
    bt_save(t, KAM_KIND_LEDGER, "{\"id\": 2, \"account\": 1, \"day\": \"2024-04-01\", \"event\": \"SALE\", \"amount\": \"100\", \"reason\": \"typo\"}");
    assert_non_null(strstr(attributes(t, t->book, 1, "2026-03-31", KAM_ATTRIBUTES_REVENUE_12M), "revenue_previous_12m=600.00"));
}

static void activities_count_in_their_windows(void **state)
{
    bt *t = *state;
    bt_account(t, "a");
    bt_account(t, "b");
    activity(t, 1, "2025-12-31", "VISIT", "HELD", "");                  /* the 91st day */
    activity(t, 1, "2026-01-01", "VISIT", "HELD", "");                  /* the 90th day */
    activity(t, 1, "2026-03-20", "VISIT", "HELD", ", \"purpose\": \"COMPLAINT\"");
    activity(t, 1, "2026-03-25", "VISIT", "CANCELLED", ", \"purpose\": \"COMPLAINT\"");
    activity(t, 1, "2026-03-25", "VISIT", "PLANNED", "");
    activity(t, 1, "2026-03-31", "CALL", "HELD", ", \"purpose\": \"COMPLAINT\"");
    activity(t, 1, "2025-03-31", "CALL", "HELD", ", \"purpose\": \"COMPLAINT\"");       /* over a year ago */
    activity(t, 1, "2025-04-01", "EMAIL", "PLANNED", ", \"purpose\": \"COMPLAINT\"");   /* still open */
    activity(t, 1, "2026-04-01", "VISIT", "PLANNED", "");
    assert_non_null(strstr(attributes(t, t->book, 1, "2026-03-31", KAM_ATTRIBUTES_REVENUE_12M),
                           "visits_90d=2 calls_90d=1 complaints_12m=3 last_visit_days=11 contacts=0"));
    assert_non_null(strstr(attributes(t, t->book, 1, "2026-01-01", KAM_ATTRIBUTES_REVENUE_12M),
                           "visits_90d=2 calls_90d=0 complaints_12m=2 last_visit_days=0"));
    assert_non_null(strstr(attributes(t, t->book, 2, "2026-03-31", KAM_ATTRIBUTES_REVENUE_12M), "visits_90d=0 calls_90d=0"));
}

static void people_are_counted_once(void **state)
{
    bt *t = *state;
    bt_account(t, "a");
    bt_account(t, "b");
    for (int i = 0; i < 3; i++) bt_save(t, KAM_KIND_CONTACT, "{\"name\": \"c%d\"}", i);
    bt_save(t, KAM_KIND_AFFILIATION, "{\"contact\": 1, \"account\": 1, \"role\": \"USER\", \"valid_from\": \"2026-01-01\"}");
    bt_save(t, KAM_KIND_AFFILIATION, "{\"contact\": 1, \"account\": 1, \"role\": \"HANDLER\", \"valid_from\": \"2026-01-01\"}");
    bt_save(t, KAM_KIND_AFFILIATION, "{\"contact\": 2, \"account\": 1, \"role\": \"DECIDER\", \"valid_from\": \"2026-02-01\"}");
    bt_save(t, KAM_KIND_AFFILIATION, "{\"contact\": 3, \"account\": 1, \"role\": \"USER\", \"valid_from\": \"2025-01-01\", \"valid_to\": \"2026-03-01\"}");
    bt_save(t, KAM_KIND_AFFILIATION, "{\"contact\": 1, \"account\": 2, \"role\": \"USER\", \"final_authority\": true, \"valid_from\": \"2026-01-01\"}");
    assert_non_null(strstr(attributes(t, t->book, 1, "2026-01-31", KAM_ATTRIBUTES_REVENUE_12M), "contacts=2 decider_known=false"));
    assert_non_null(strstr(attributes(t, t->book, 1, "2026-02-01", KAM_ATTRIBUTES_REVENUE_12M), "contacts=3 decider_known=true"));
    assert_non_null(strstr(attributes(t, t->book, 1, "2026-03-31", KAM_ATTRIBUTES_REVENUE_12M), "contacts=2 decider_known=true"));
    assert_non_null(strstr(attributes(t, t->book, 2, "2026-03-31", KAM_ATTRIBUTES_REVENUE_12M), "contacts=1 decider_known=true"));
}

static const char *grade(bt *t, int64_t id, const char *day)
{
    const char *text = strstr(attributes(t, t->book, id, day, KAM_ATTRIBUTES_ACCOUNT), "grade=");
    static char out[40];
    snprintf(out, sizeof out, "%.*s", text ? (int)strcspn(text + 6, " ") : 1, text ? text + 6 : "-");
    return out;
}

static int64_t run_and_apply(bt *t, const char *scheme, const char *day)
{
    kam_run *run = bt_run(t, t->book, scheme, day);
    MUST(t, kam_run_apply(run, 0, t->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    return id;
}

static void the_grade_is_of_the_scheme_applied_last(void **state)
{
    bt *t = *state;
    kam_run *undo = NULL;
    for (int i = 1; i <= 5; i++) {
        char amount[20];
        snprintf(amount, sizeof amount, "%d", 600 - 100 * i);
        bt_sale(t, bt_account(t, "a"), "2026-01-10", amount);
    }
    assert_string_equal(grade(t, 2, "2026-03-31"), "-");
    bt_save(t, KAM_KIND_GRADE, "{\"account\": 2, \"scheme\": \"own\", \"grade\": \"Y\", \"valid_from\": \"2026-02-01\"}");
    bt_save(t, KAM_KIND_GRADE, "{\"account\": 2, \"scheme\": \"mine\", \"grade\": \"X\", \"valid_from\": \"2026-01-01\"}");
    assert_string_equal(grade(t, 2, "2026-03-31"), "Y");                /* put by hand, the one that began last */
    assert_string_equal(grade(t, 2, "2026-01-31"), "X");
    run_and_apply(t, "quota-20-40-40", "2026-03-01");
    assert_string_equal(grade(t, 2, "2026-03-31"), "B");
    assert_string_equal(grade(t, 2, "2026-02-28"), "Y");                /* before it held */
    int64_t second = run_and_apply(t, "abc-80-95", "2026-03-10");
    assert_string_equal(grade(t, 2, "2026-03-31"), "A");
    assert_string_equal(grade(t, 2, "2026-03-09"), "B");
    MUST(t, kam_run_undo(&undo, t->book, second, t->err));
    MUST(t, kam_run_apply(undo, 0, t->err));
    kam_run_free(undo);
    assert_string_equal(grade(t, 2, "2026-03-31"), "B");
}

static void money_is_in_the_base_currency(void **state)
{
    bt *t = *state;
    bt_save(t, KAM_KIND_ACCOUNT, "{\"name\": \"a\", \"currency\": \"JPY\", \"potential\": 1000, \"credit_limit\": 300}");
    bt_save(t, KAM_KIND_LEDGER, "{\"account\": 1, \"day\": \"2026-03-01\", \"event\": \"SALE\", \"amount\": 200, \"currency\": \"JPY\"}");
    kam_account *a = NULL;
    const kam_record *r = NULL;
    MUST(t, kam_account_open(&a, t->book, 1, bt_day("2026-03-31"), t->err));
    assert_code(kam_account_attributes(&r, a, t->err), KAM_E_POLICY);
    assert_says(t->err, "no rate from JPY to CNY");
    kam_account_free(a);
    bt_save(t, KAM_KIND_RATE, "{\"sell\": \"JPY\", \"buy\": \"CNY\", \"rate\": \"0.05\", \"valid_from\": \"2020-01-01\"}");
    const char *text = attributes(t, t->book, 1, "2026-03-31", 0);
    assert_non_null(strstr(text, "credit_limit=15.00 currency=JPY"));
    assert_non_null(strstr(text, "potential=50.00"));
    assert_non_null(strstr(text, "revenue_12m=10.00"));
    assert_non_null(strstr(text, "share_of_wallet=0.2"));
}

typedef struct taken { bt *t; size_t at; char text[60000]; } taken;

static int32_t on_taken(void *user, const kam_record *r, kam_error *err)
{
    taken *x = user;
    kam_buf b;
    kam__buf_init(&b, x->t->ctx);
    kam__record_write_json(&b, r);
    int32_t rc = kam__buf_end(&b, err);
    if (rc == KAM_OK) x->at += (size_t)snprintf(x->text + x->at, sizeof x->text - x->at, "%s\n", b.data);
    kam__buf_drop(&b);
    return rc;
}

static int32_t take(taken *x, const kam__attributes_ask *ask)
{
    kam__call c;
    x->at = 0;
    x->text[0] = 0;
    KAM__TRY(kam__txn_enter(&c, x->t->book, KAM_BEGIN_READ, x->t->err));
    return kam__txn_leave(&c, kam__attributes_read(x->t->book, ask, on_taken, x, x->t->err), x->t->err);
}

static void some_data(bt *t)
{
    for (int i = 1; i <= 6; i++) {
        char amount[20];
        snprintf(amount, sizeof amount, "%d.%02d", 137 * i, i);
        bt_save(t, KAM_KIND_ACCOUNT, "{\"name\": \"a%d\", \"potential\": %d}", i, i * 1000);
        bt_sale(t, i, i % 2 ? "2026-01-10" : "2025-02-10", amount);
        bt_sale(t, i, "2025-06-01", "10");
        activity(t, i, "2026-03-01", i % 3 ? "VISIT" : "CALL", "HELD", "");
    }
    bt_save(t, KAM_KIND_LIFECYCLE, "{\"account\": 3, \"state\": \"INVALID\", \"valid_from\": \"2026-02-01\", \"reason\": \"gone\"}");
}

static void one_account_reads_as_in_all(void **state)
{
    bt *t = *state;
    static taken all, one;
    size_t at = 0;
    some_data(t);
    all.t = one.t = t;
    const kam__attributes_ask every = {.as_of = bt_day("2026-03-31")};
    assert_code(take(&all, &every), KAM_OK);
    for (int64_t i = 1; i <= 6; i++) {
        const kam__attributes_ask ask = {.as_of = bt_day("2026-03-31"), .account = i};
        assert_code(take(&one, &ask), KAM_OK);
        assert_true(one.at > 100);
        assert_memory_equal(all.text + at, one.text, one.at);
        at += one.at;
    }
    assert_int_equal(at, all.at);
    const kam__attributes_ask valid = {.as_of = bt_day("2026-03-31"), .valid_only = 1}, earlier = {.as_of = bt_day("2026-01-31"), .valid_only = 1};
    assert_code(take(&one, &valid), KAM_OK);
    assert_null(strstr(one.text, "\"a3\""));
    assert_non_null(strstr(one.text, "\"a4\""));
    assert_code(take(&one, &earlier), KAM_OK);
    assert_non_null(strstr(one.text, "\"a3\""));
}

static void only_what_is_wanted_is_read(void **state)
{
    bt *t = *state;
    static taken x;
    some_data(t);
    x.t = t;
    const kam__kind *k = kam__schema_kind(t->book->schema, KAM_KIND_ATTRIBUTES);
    uint8_t *want = calloc(k->nfield, 1);
    want[kam__kind_index(k, KAM_ATTRIBUTES_ACCOUNT)] = want[kam__kind_index(k, KAM_ATTRIBUTES_SHARE_OF_WALLET)] = 1;
    const kam__attributes_ask ask = {.as_of = bt_day("2026-03-31"), .account = 1, .want = want};
    assert_code(take(&x, &ask), KAM_OK);
    assert_string_equal(x.text, "{\"account\":1,\"share_of_wallet\":0.147}\n");
    free(want);
}

static void the_past_is_as_it_was_known(void **state)
{
    bt *t = *state;
    static char first[8000];
    int64_t seq = 0;
    kam_book *then = NULL;
    some_data(t);
    MUST(t, kam_book_seq(&seq, t->book, KAM_TODAY, t->err));
    snprintf(first, sizeof first, "%s", attributes(t, t->book, 1, "2026-03-31", 0));
    bt_today(t, "2026-04-05");
    bt_sale(t, 1, "2026-02-02", "5");
    activity(t, 1, "2026-03-02", "VISIT", "HELD", "");
    bt_save(t, KAM_KIND_TIER, "{\"account\": 1, \"tier\": \"LARGE\", \"valid_from\": \"2026-01-01\"}");
    assert_string_not_equal(attributes(t, t->book, 1, "2026-03-31", 0), first);
    MUST(t, kam_book_known(&then, t->book, seq, t->err));
    assert_string_equal(attributes(t, then, 1, "2026-03-31", 0), first);
    kam_book_close(then);
}

static void failing_memory(void **state)
{
    bt *t = *state;
    some_data(t);
    run_and_apply(t, "quota-20-40-40", "2026-03-01");
    bt_save(t, KAM_KIND_CONTACT, "{\"name\": \"c\"}");
    bt_save(t, KAM_KIND_AFFILIATION, "{\"contact\": 1, \"account\": 1, \"role\": \"USER\", \"valid_from\": \"2026-01-01\"}");
    kam_account *a = NULL;
    const kam_record *first = NULL, *r = NULL;
    MUST(t, kam_account_open(&a, t->book, 1, bt_day("2026-03-31"), t->err));
    MUST(t, kam_account_attributes(&first, a, t->err));
    r = first;
    for (int n = 0;; n++) {
        t->f.left = n;
        int32_t rc = kam_account_attributes(&r, a, t->err);
        t->f.left = -1;
        if (rc == KAM_OK) break;
        assert_code(rc, KAM_E_NOMEM);
        assert_ptr_equal(r, first);
        assert_string_equal(kam_record_text(first, KAM_ATTRIBUTES_NAME, ""), "a1");        /* what was lent stays */
        assert_true(n < 100000);
    }
    assert_string_equal(kam_record_text(r, KAM_ATTRIBUTES_GRADE, ""), "B");
    kam_account_free(a);
    assert_code(kam_account_attributes(&r, NULL, t->err), KAM_E_INVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        bt_test(an_account_without_anything_has_zeroes),
        bt_test(own_fields_and_facts_are_shown),
        bt_test(ledger_figures_keep_their_windows),
        bt_test(activities_count_in_their_windows),
        bt_test(people_are_counted_once),
        bt_test(the_grade_is_of_the_scheme_applied_last),
        bt_test(money_is_in_the_base_currency),
        bt_test(one_account_reads_as_in_all),
        bt_test(only_what_is_wanted_is_read),
        bt_test(the_past_is_as_it_was_known),
        bt_test(failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
