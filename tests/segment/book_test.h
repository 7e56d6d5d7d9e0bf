/*
 * tests/segment/book_test.h - a book in memory over an allocator that fails when told to, with a clock that stands
 * still; accounts, ledger rows and runs in one line each.
 */
#ifndef KAM_TESTS_BOOK_TEST_H
#define KAM_TESTS_BOOK_TEST_H
#include "segment_test.h"
#include <kam.h>
#include <kam/account.h>

typedef struct bt { fault f; kam_ctx *ctx; kam_error *err; kam_book *book; int64_t now, last; char text[60000]; } bt;

#define MUST(t, call) do { int32_t rc_ = (call); \
    if (rc_ != KAM_OK) fail_msg("%s: %s: %s", #call, kam_code_name(rc_), kam_error_message((t)->err)); } while (0)

static inline int64_t bt_clock(void *user) { return ((bt *)user)->now; }

static inline int32_t bt_day(const char *text)
{
    int32_t d = 0;
    assert_int_equal(kam_day_parse(&d, text, KAM_NUL, NULL), KAM_OK);
    return d;
}

static inline void bt_today(bt *t, const char *day) { t->now = (int64_t)bt_day(day) * 86400000 + 3600000; }

static inline int bt_setup(void **state)
{
    bt *t = calloc(1, sizeof *t);
    kam_allocator a = fault_allocator(&t->f);
    t->f.left = -1;
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = &a, .user = t, .now = bt_clock};
    kam_book_options b = {.struct_size = sizeof b, .flags = KAM_BOOK_CREATE, .currency = "CNY", .actor = "tester"};
    bt_today(t, "2026-01-01");
    MUST(t, kam_error_new(&t->err, NULL));
    MUST(t, kam_ctx_new(&t->ctx, &o, t->err));
    MUST(t, kam_book_open(&t->book, t->ctx, NULL, &b, t->err));
    bt_today(t, "2026-03-31");
    *state = t;
    return 0;
}

static inline int bt_teardown(void **state)
{
    bt *t = *state;
    kam_book_close(t->book);
    fault_end(&t->f, t->ctx);
    kam_error_free(t->err);
    free(t);
    return 0;
}
#define bt_test(fn) cmocka_unit_test_setup_teardown(fn, bt_setup, bt_teardown)

/* Saves a record written as JSON (printf style): its id. */
static inline int64_t bt_save(bt *t, uint32_t kind, const char *fmt, ...)
{
    char json[2000];
    va_list ap;
    kam_record *r = NULL;
    va_start(ap, fmt);
    vsnprintf(json, sizeof json, fmt, ap);
    va_end(ap);
    MUST(t, kam_record_new(&r, t->book, kind, t->err));
    MUST(t, kam_record_from_json(r, json, KAM_NUL, t->err));
    MUST(t, kam_book_save(t->book, r, t->err));
    int64_t id = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
    return id;
}

static inline int64_t bt_account(bt *t, const char *name)
{
    return bt_save(t, KAM_KIND_ACCOUNT, "{\"name\": \"%s\"}", name);
}

static inline int64_t bt_sale(bt *t, int64_t account, const char *day, const char *amount)
{
    return bt_save(t, KAM_KIND_LEDGER, "{\"account\": %lld, \"day\": \"%s\", \"event\": \"SALE\", \"amount\": %s}",
                   (long long)account, day, amount);
}

static inline kam_run *bt_run(bt *t, kam_book *book, const char *scheme, const char *day)
{
    kam_scheme *s = NULL;
    kam_run *run = NULL;
    MUST(t, kam_scheme_open(&s, book, scheme, bt_day(day), t->err));
    MUST(t, kam_grading_run(&run, book, s, bt_day(day), t->err));
    kam_scheme_free(s);
    return run;
}

static inline kam_run *bt_trial(bt *t, const char *json, const char *day)
{
    kam_scheme *s = NULL;
    kam_run *run = NULL;
    MUST(t, kam_scheme_parse(&s, t->ctx, json, KAM_NUL, t->err));
    MUST(t, kam_grading_run(&run, t->book, s, bt_day(day), t->err));
    kam_scheme_free(s);
    return run;
}

/* "account old>new" of the items, joined by ' '; with `more` also rank, measure, cut, reason, one a line. */
static inline const char *bt_items(bt *t, kam_run *run, int more)
{
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    size_t at = 0;
    t->text[0] = 0;
    MUST(t, kam_run_rows(&rows, run, KAM_KIND_GRADE_ITEM, t->err));
    for (;;) {
        MUST(t, kam_rows_next(&r, rows, t->err));
        if (!r) break;
        const uint32_t f[] = {KAM_GRADE_ITEM_ACCOUNT,  KAM_GRADE_ITEM_OLD,  KAM_GRADE_ITEM_NEW,
                              KAM_GRADE_ITEM_COMPUTED, KAM_GRADE_ITEM_RANK, KAM_GRADE_ITEM_MEASURE,
                              KAM_GRADE_ITEM_CUT,      KAM_GRADE_ITEM_TIE,  KAM_GRADE_ITEM_REASON};
        char v[9][400];
        for (int i = 0; i < 9; i++) snprintf(v[i], sizeof v[i], "%s", kam_record_text(r, f[i], "-"));
        at += (size_t)snprintf(t->text + at, sizeof t->text - at, "%s%s %s>%s", at ? (more ? "\n" : " ") : "", v[0],
                               v[1], v[2]);
        if (more)
            at += (size_t)snprintf(t->text + at, sizeof t->text - at, " (%s) #%s %s cut %s tie %s: %s", v[3], v[4],
                                   v[5], v[6], v[7], v[8]);
        assert_true(at < sizeof t->text);
    }
    kam_rows_free(rows);
    return t->text;
}

/* The grade of an account on a day by a book, "-" = none. */
static inline const char *bt_grade(bt *t, kam_book *book, int64_t account, const char *scheme, const char *day,
                                   char out[40])
{
    kam_account *a = NULL;
    const kam_record *fact = NULL;
    MUST(t, kam_account_open(&a, book, account, bt_day(day), t->err));
    int32_t rc = kam_account_fact(&fact, a, KAM_KIND_GRADE, scheme, t->err);
    if (rc != KAM_OK) assert_code(rc, KAM_E_NOT_FOUND);
    snprintf(out, 40, "%s", rc == KAM_OK ? kam_record_text(fact, KAM_GRADE_GRADE, "?") : "-");
    kam_account_free(a);
    return out;
}

static inline const char *bt_why_text(bt *t, const kam_why *why, const char *lang)
{
    kam_buf *buf = NULL;
    MUST(t, kam_buf_new(&buf, t->ctx, t->err));
    MUST(t, kam_why_text(buf, why, lang, t->err));
    snprintf(t->text, sizeof t->text, "%s", kam_buf_data(buf));
    kam_buf_free(buf);
    return t->text;
}

static inline const char *bt_why(bt *t, kam_run *run, int64_t id, const char *lang)
{
    kam_why *why = NULL;
    MUST(t, kam_run_why(&why, run, id, t->err));
    bt_why_text(t, why, lang);
    kam_why_free(why);
    return t->text;
}

/* Every stored row of the kinds a grading writes, as one text: what a failed call must leave alone. */
static inline void bt_dump(bt *t, char *out, size_t size)
{
    static const uint32_t kinds[] = {KAM_KIND_RUN, KAM_KIND_GRADE_ITEM, KAM_KIND_COMMIT, KAM_KIND_GRADE};
    kam_buf *buf = NULL;
    size_t at = 0;
    MUST(t, kam_buf_new(&buf, t->ctx, t->err));
    out[0] = 0;
    for (size_t k = 0; k < KAM__LEN(kinds); k++) {
        kam_query *q = NULL;
        kam_rows *rows = NULL;
        const kam_record *r = NULL;
        MUST(t, kam_query_new(&q, t->book, kinds[k], t->err));
        MUST(t, kam_query_run(&rows, q, KAM_TODAY, t->err));
        for (;;) {
            MUST(t, kam_rows_next(&r, rows, t->err));
            if (!r) break;
            MUST(t, kam_record_to_json(buf, r, t->err));
            at += (size_t)snprintf(out + at, size - at, "%s\n", kam_buf_data(buf));
            assert_true(at < size);
        }
        kam_rows_free(rows);
        kam_query_free(q);
    }
    kam_buf_free(buf);
}
#endif
