/* Tests of src/report/report_book*.c: what a book's page says, which runs it takes, the past, options, failures. */
#include "base/base_test.h"
#include "requirements/req.h"
#include "store/store.h"
#include "tags.h"

typedef long long ll;
#define LL "%lld"

/* ---------------------------------------------------------------- a small company */

typedef struct firm {
    int64_t li, wu, gone, account[10], grading, scoring, plan;
} firm;

static void sale(req *q, int64_t account, const char *day, int amount, int cost)
{
    req_save(q, KAM_KIND_LEDGER,
             "{\"account\":" LL ",\"day\":\"%s\",\"event\":\"SALE\",\"amount\":\"%d.00\",\"cost\":\"%d.00\"}",
             (ll)account, day, amount, cost);
}

static int64_t grade(req *q, const char *day)
{
    kam_scheme *scheme = NULL;
    kam_run *run = NULL;
    REQ_MUST(q, kam_scheme_open(&scheme, q->book, "quota-20-40-40", req_day(day), q->err));
    REQ_MUST(q, kam_grading_run(&run, q->book, scheme, req_day(day), q->err));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    int64_t id = kam_record_i64(kam_run_record(run), KAM_ID, 0);
    kam_run_free(run);
    kam_scheme_free(scheme);
    return id;
}

/* A stored row as an engine would write it. */
static int64_t insert(req *q, uint32_t kind, const char *json, ...)
{
    va_list args;
    kam__call c;
    va_start(args, json);
    kam_record *r = req_vrecord(q, kind, json, args);
    va_end(args);
    REQ_MUST(q, kam__txn_enter(&c, q->book, KAM_BEGIN_WRITE, q->err));
    int32_t rc = kam__insert_record(q->book, r, q->err);
    REQ_MUST(q, kam__txn_leave(&c, rc, q->err));
    int64_t id = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
    return id;
}

static int64_t run_of(req *q, const char *kind, const char *name, const char *as_of)
{
    return insert(q, KAM_KIND_RUN,
                  "{\"kind\":\"%s\",\"name\":\"%s\",\"version\":3,\"hash\":\"0123456789abcdef\",\"as_of\":\"%s\"}",
                  kind, name, as_of);
}

static void accounts(req *q, firm *f)
{
    memset(f, 0, sizeof *f);
    f->li = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Li <Ming>\"}");
    f->wu = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Wu\"}");
    f->gone = req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"Gone\",\"active\":0}");
    for (int i = 0; i < 10; i++) {
        f->account[i] = req_save(
            q, KAM_KIND_ACCOUNT,
            "{\"name\":\"Firm %d & Co\",\"city\":\"City%d\",\"latitude\":\"31.%d\",\"longitude\":\"121.%d\"%s" LL "}",
            i, i, i + 10, i + 10, i < 8 ? ",\"owner\":" : ",\"employees\":",
            (ll)(i < 7    ? f->li
                 : i == 7 ? f->gone
                          : 5));
        sale(q, f->account[i], "2026-01-15", 1000 * (10 - i), i == 9 ? 9000 : 400 * (10 - i));
        sale(q, f->account[i], "2025-01-15", 500 * (10 - i), 100);
    }
    insert(q, KAM_KIND_ACCOUNT,
           "{\"name\":\"Nowhere\",\"latitude\":\"0\",\"longitude\":\"0\"}"); /* as a host's own table may hold it */
    req_save(q, KAM_KIND_ACTIVITY,
             "{\"account\":" LL
             ",\"status\":\"HELD\",\"channel\":\"VISIT\",\"day\":\"2026-02-20\",\"representative\":" LL "}",
             (ll)f->account[0], (ll)f->li);
    req_save(q, KAM_KIND_ACTIVITY,
             "{\"account\":" LL ",\"status\":\"HELD\",\"channel\":\"CALL\",\"day\":\"2026-02-10\"}", (ll)f->account[0]);
    req_save(q, KAM_KIND_ACTIVITY,
             "{\"account\":" LL
             ",\"status\":\"PLANNED\",\"channel\":\"CALL\",\"day\":\"2026-03-12\",\"representative\":" LL "}",
             (ll)f->account[0], (ll)f->wu);
    req_save(q, KAM_KIND_ACTIVITY,
             "{\"account\":" LL ",\"status\":\"CANCELLED\",\"channel\":\"VISIT\",\"day\":\"2026-03-03\"}",
             (ll)f->account[0]);
}

static void scores_and_plan(req *q, firm *f)
{
    f->scoring = run_of(q, "SCORING", "card", "2026-03-01");
    insert(q, KAM_KIND_SCORE,
           "{\"account\":" LL ",\"points\":\"81.25\",\"rank\":4,\"missing\":2,\"reason_text\":\"big <and> "
                              "loyal\",\"warnings\":\"late,thin\",\"run\":" LL "}",
           (ll)f->account[0], (ll)f->scoring);
    f->plan = run_of(q, "PLAN", "standard", "2026-03-01");
    for (int i = 0; i < 4; i++)
        insert(
            q, KAM_KIND_PLAN_ENTRY,
            "{\"account\":" LL ",\"day\":\"2026-03-0%d\",\"representative\":" LL
            ",\"order\":%d,\"channel\":\"VISIT\",\"name\":\"Firm %d & Co\",\"grade\":\"B\",\"distance\":%d,\"run\":" LL
            "}",
            (ll)f->account[i + 1], 3 + i / 2, (ll)f->li, i % 2 + 1, i + 1, 1000 * i, (ll)f->plan);
    insert(q, KAM_KIND_UNPLANNED,
           "{\"account\":" LL
           ",\"code\":\"CAPACITY\",\"channel\":\"VISIT\",\"reason_text\":\"no place on 4 days\",\"representative\":" LL
           ",\"run\":" LL "}",
           (ll)f->account[5], (ll)f->li, (ll)f->plan);
    insert(q, KAM_KIND_PLAN_CHANGE, "{\"what\":\"KEPT\",\"account\":" LL ",\"run\":" LL "}", (ll)f->account[1],
           (ll)f->plan);
    insert(q, KAM_KIND_PLAN_CHANGE,
           "{\"what\":\"MOVED\",\"account\":" LL
           ",\"old_day\":\"2026-03-02\",\"day\":\"2026-03-04\",\"reason_text\":\"full\",\"run\":" LL "}",
           (ll)f->account[2], (ll)f->plan);
    req_save(q, KAM_KIND_CALENDAR_DAY, "{\"day\":\"2026-03-05\",\"kind\":\"HOLIDAY\",\"name\":\"Feast & Fun\"}");
    req_save(q, KAM_KIND_ABSENCE, "{\"representative\":" LL ",\"first\":\"2026-03-06\",\"last\":\"2026-03-06\"}",
             (ll)f->li);
}

static void company(req *q, firm *f)
{
    accounts(q, f);
    grade(q, "2026-02-15");
    sale(q, f->account[9], "2026-02-20", 50000, 1000);
    f->grading = grade(q, "2026-03-01");
    scores_and_plan(q, f);
}

static char *page(req *q, const kam_report_options *o, const char *day)
{
    kam_buf *out = NULL;
    REQ_MUST(q, kam_buf_new(&out, q->ctx, q->err));
    REQ_MUST(q, kam_report_html(out, q->book, o, day ? req_day(day) : KAM_TODAY, q->err));
    char *text = malloc(kam_buf_size(out) + 1);
    memcpy(text, kam_buf_data(out), kam_buf_size(out));
    text[kam_buf_size(out)] = '\0';
    kam_buf_free(out);
    tags_check(text);
    return text;
}

#define HAS(q, text, want)                                                                                             \
    do {                                                                                                               \
        if (!strstr(text, want)) fail_msg("%s: the page lacks %s", (q)->on, want);                                     \
    } while (0)
#define HAS_NOT(q, text, want)                                                                                         \
    do {                                                                                                               \
        if (strstr(text, want)) fail_msg("%s: the page has %s", (q)->on, want);                                        \
    } while (0)
static kam_report_options options(const char *lang)
{
    return (kam_report_options){.struct_size = sizeof(kam_report_options), .lang = lang};
}

/* ---------------------------------------------------------------- what it says */

static void the_page_says_what_the_book_knows(req *q)
{
    firm f;
    company(q, &f);
    char *text = page(q, NULL, "2026-03-02");
    HAS(q, text, "<title>Key accounts</title>");
    HAS(q, text, "<div class=\"big\">105,000</div>"); /* 55,000 + 50,000 */
    HAS(q, text, "+281.8");                           /* against 27,500 the year before */
    HAS(q, text, "quota-20-40-40 version 1 (");
    HAS(q, text, "scorecard: <bdi>card version 3 (0123456789ab)");
    HAS(q, text, "of 11 accounts");
    const char *card = strstr(text, "<article");
    HAS(q, card, "Firm 9 &amp; Co"); /* most revenue now */
    HAS(q, text, "Firm 0 &amp; Co");
    HAS(q, text, "81.25 (place 4)");
    HAS(q, text, "big &lt;and&gt; loyal");
    HAS(q, text, "<span class=\"chip\">thin</span>");
    HAS(q, text, "2026-02-20, visit");                             /* last contact */
    HAS(q, text, "2026-03-12, phone call \xC2\xB7 <bdi>Wu</bdi>"); /* the cancelled one does not count */
    HAS(q, text, "Li &lt;Ming&gt;");
    HAS(q, text, " \xE2\x96\xB2 "); /* Firm 9 rose */
    HAS(q, text, "rank 1 of 11");
    HAS(q, text, "4 visits on 2 days, 6.0");
    HAS(q, text, "Feast &amp; Fun");
    HAS(q, text, "<p class=\"off\"><bdi>absent</bdi>");
    HAS(q, text, "the days are full");
    HAS(q, text, "no place on 4 days");
    HAS(q, text, "kept 1 \xC2\xB7 moved 1");
    HAS(q, text, "class=\"map\"");
    const char *problems = strstr(text, "<section id=\"problems\">");
    HAS(q, problems, "No owner</span><span>3</span>"); /* 8, 9 and Nowhere */
    HAS(q, problems, "Owner not active</span><span>1</span>");
    HAS(q, problems, "Impossible coordinates</span><span>1</span>");
    HAS_NOT(q, problems, "No coordinates");
    free(text);
}

static void in_chinese(req *q)
{
    firm f;
    company(q, &f);
    kam_report_options o = options("zh");
    o.title = "\xE5\x8C\x97\xE5\x8C\xBA <1>";
    char *text = page(q, &o, "2026-03-02");
    HAS(q, text, "<html lang=\"zh-CN\">");
    HAS(q, text, "<title>\xE5\x8C\x97\xE5\x8C\xBA &lt;1&gt;</title>");
    HAS(q, text, "\xE7\xAC\xAC 1 \xE5\x90\x8D"); /* the reason is asked in Chinese: 第 1 名 */
    HAS_NOT(q, text, "rank 1 of");
    HAS(q, text, "10.5\xE4\xB8\x87");
    free(text);
}

static void an_empty_book(req *q)
{
    char *text = page(q, NULL, NULL);
    HAS(q, text, "As of 2026-03-02");
    HAS(q, text, "No grading has been applied yet");
    HAS(q, text, "No visit plan has been applied yet");
    HAS(q, text, "No account has revenue in this period.");
    free(text);
    kam_report_options o = options(NULL);
    o.scheme = "no-such-scheme";
    text = page(q, &o, NULL);
    HAS(q, text, "No grading has been applied yet");
    free(text);
}

/* Grades put by hand, no run: shown, in the order of the scheme's document or as they come. */
static void grades_without_a_run(req *q)
{
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"By hand\"}");
    req_save(q, KAM_KIND_GRADE,
             "{\"account\":" LL ",\"scheme\":\"mine\",\"grade\":\"Gold\",\"valid_from\":\"2026-01-01\"}", (ll)a);
    kam_report_options o = options("en");
    o.scheme = "mine";
    char *text = page(q, &o, NULL);
    HAS(q, text, "Gold</b>");
    HAS(q, text, "By hand");
    HAS(q, text, "No grading has been applied yet");
    free(text);
}

/* ---------------------------------------------------------------- which runs, which day */

static void the_run_applied_last_and_not_undone(req *q)
{
    firm f;
    char want[64];
    company(q, &f);
    kam_run *undo = NULL;
    REQ_MUST(q, kam_run_undo(&undo, q->book, f.grading, q->err));
    REQ_MUST(q, kam_run_apply(undo, 0, q->err));
    kam_run_free(undo);
    char *text = page(q, NULL, "2026-03-02");
    snprintf(want, sizeof want, "run " LL " of 2026-02-15", (ll)(f.grading - 1));
    HAS(q, text, want);
    free(text);
    kam_report_options o = options("en");
    o.grading = f.grading; /* asked for, it is shown */
    text = page(q, &o, "2026-03-02");
    HAS(q, text, "of 2026-03-01");
    free(text);
    text = page(q, NULL, "2026-02-14"); /* before any run */
    HAS(q, text, "No grading has been applied yet");
    HAS(q, text, "No visit plan has been applied yet");
    free(text);
}

static void the_past_stays_as_it_was(req *q)
{
    firm f;
    kam_book *then = NULL, *now = q->book;
    int64_t seq = 0;
    company(q, &f);
    char *before = page(q, NULL, "2026-03-02");
    REQ_MUST(q, kam_book_seq(&seq, q->book, KAM_TODAY, q->err));
    q->now += REQ_DAY_MS;
    sale(q, f.account[3], "2026-02-01", 77777, 1); /* posted late */
    kam_record *r = req_get(q, KAM_KIND_ACCOUNT, f.account[9], KAM_TODAY);
    REQ_MUST(q, kam_record_set_text(r, KAM_ACCOUNT_NAME, "Renamed", KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    kam_record_free(r);
    grade(q, "2026-03-02");
    char *after = page(q, NULL, "2026-03-02");
    assert_string_not_equal(before, after);
    HAS(q, after, "Firm 9 &amp; Co"); /* renamed only the day after */
    REQ_MUST(q, kam_book_known(&then, q->book, seq, q->err));
    q->book = then;
    char *again = page(q, NULL, "2026-03-02");
    q->book = now;
    kam_book_close(then);
    REQ_TEXT(q, again, before);
    char *twice = page(q, NULL, "2026-03-02");
    REQ_TEXT(q, twice, after);
    char *later = page(q, NULL, NULL);
    HAS(q, later, "Renamed");
    free(before);
    free(after);
    free(again);
    free(twice);
    free(later);
}

static void windows(req *q)
{
    firm f;
    company(q, &f);
    kam_report_options o = options("en");
    o.from = req_day("2026-02-01");
    o.to = req_day("2026-03-01");
    char *text = page(q, &o, "2026-03-02");
    HAS(q, text, "Figures of 2026-02-01 to 2026-02-28");
    HAS(q, text, "<div class=\"big\">50,000</div>");
    HAS(q, text,
        "\xE2\x88\x92"
        "9.1"); /* against the 28 days before: 55,000 */
    free(text);
    o.from = KAM_DAY_FIRST;
    o.to = KAM_DAY_END;
    text = page(q, &o, "2026-03-02");
    HAS(q, text, "<div class=\"big\">132,500</div>");
    HAS_NOT(q, text, "against the period before</div>");
    HAS_NOT(q, text, "id=\"months-t\"");
    free(text);
    o.from = req_day("2030-01-01"); /* all of it still to come */
    o.to = req_day("2031-01-01");
    text = page(q, &o, "2026-03-02");
    HAS(q, text, "No account has revenue in this period.");
    free(text);
}

/* Without a rate the page cannot say what was earned; without one of the time before it does without a comparison. */
static void rates_that_are_missing(req *q)
{
    kam_buf *out = NULL;
    int64_t a = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"Abroad\"}");
    REQ_MUST(q, kam_buf_new(&out, q->ctx, q->err));
    sale(q, a, "2026-01-15", 1000, 1);
    req_save(q, KAM_KIND_LEDGER,
             "{\"account\":" LL ",\"day\":\"2025-01-15\",\"event\":\"SALE\",\"amount\":\"5.00\",\"currency\":\"EUR\"}",
             (ll)a);
    char *text = page(q, NULL, NULL);
    HAS(q, text, "<div class=\"big\">1,000</div>");
    HAS_NOT(q, text, "against the period before</div>");
    HAS(q, text, "id=\"months-t\"");
    free(text);
    req_save(q, KAM_KIND_LEDGER,
             "{\"account\":" LL ",\"day\":\"2026-01-16\",\"event\":\"SALE\",\"amount\":\"5.00\",\"currency\":\"EUR\"}",
             (ll)a);
    REQ_REFUSED(q, kam_report_html(out, q->book, NULL, KAM_TODAY, q->err), KAM_E_POLICY, "EUR");
    kam_buf_free(out);
}

static void accounts_that_are_gone(req *q)
{
    firm f;
    company(q, &f);
    q->now += REQ_DAY_MS;
    REQ_MUST(q, kam_book_delete(q->book, KAM_KIND_ACCOUNT, f.account[9], 0, q->err));
    REQ_MUST(q, kam_book_delete(q->book, KAM_KIND_REPRESENTATIVE, f.li, 0, q->err));
    char *text = page(q, NULL, NULL), want[32];
    HAS(q, text, "<div class=\"big\">105,000</div>"); /* its revenue stays */
    snprintf(want, sizeof want, "#" LL, (ll)f.li);
    HAS(q, text, want);
    HAS(q, text, "4 visits on 2 days"); /* and the plan of who left */
    free(text);
}

/* ---------------------------------------------------------------- refused */

static void options_are_checked(req *q)
{
    firm f;
    kam_buf *out = NULL;
    company(q, &f);
    REQ_MUST(q, kam_buf_new(&out, q->ctx, q->err));
    kam_report_options o = options("de");
    REQ_REFUSED(q, kam_report_html(NULL, q->book, NULL, 0, q->err), KAM_E_INVAL, "out");
    REQ_REFUSED(q, kam_report_html(out, NULL, NULL, 0, q->err), KAM_E_INVAL, "book");
    REQ_REFUSED(q, kam_report_html(out, q->book, &o, 0, q->err), KAM_E_INVAL, "\"de\"");
    o = options(NULL);
    o.flags = 1;
    REQ_REFUSED(q, kam_report_html(out, q->book, &o, 0, q->err), KAM_E_INVAL, "flags");
    o = options(NULL);
    o.struct_size = 8;
    REQ_REFUSED(q, kam_report_html(out, q->book, &o, 0, q->err), KAM_E_INVAL, "kam_report_options");
    struct {
        kam_report_options o;
        uint64_t newer;
    } large;
    memset(&large, 0, sizeof large);
    large.o.struct_size = sizeof large;
    large.newer = 1;
    REQ_REFUSED(q, kam_report_html(out, q->book, &large.o, 0, q->err), KAM_E_UNSUPPORTED, "kam_report_options");
    o = options(NULL);
    o.title = "\xff";
    REQ_REFUSED(q, kam_report_html(out, q->book, &o, 0, q->err), KAM_E_UTF8, "");
    o = options(NULL);
    o.from = o.to = 20000;
    REQ_REFUSED(q, kam_report_html(out, q->book, &o, 0, q->err), KAM_E_INVAL, "window is empty");
    REQ_REFUSED(q, kam_report_html(out, q->book, NULL, KAM_DAY_END, q->err), KAM_E_INVAL, "as_of");
    REQ_REFUSED(q, kam_report_html(out, q->book, NULL, KAM_DAY_FIRST, q->err), KAM_E_INVAL, "as_of");
    o = options(NULL);
    o.grading = 12345;
    REQ_REFUSED(q, kam_report_html(out, q->book, &o, 0, q->err), KAM_E_NOT_FOUND, "12345");
    o.grading = -1;
    REQ_REFUSED(q, kam_report_html(out, q->book, &o, 0, q->err), KAM_E_INVAL, "above 0");
    o.grading = f.plan;
    REQ_REFUSED(q, kam_report_html(out, q->book, &o, 0, q->err), KAM_E_INVAL, "PLAN, not GRADING");
    o.grading = f.grading;
    o.scheme = "lifecycle-4";
    REQ_REFUSED(q, kam_report_html(out, q->book, &o, 0, q->err), KAM_E_INVAL, "leave out one");
    o = options(NULL);
    o.plan = f.grading;
    REQ_REFUSED(q, kam_report_html(out, q->book, &o, 0, q->err), KAM_E_INVAL, "GRADING, not PLAN");
    o = options(NULL);
    o.scoring = f.scoring;
    o.plan = f.plan;
    REQ_MUST(q, kam_report_html(out, q->book, &o, 0, q->err)); /* the buffer serves again */
    kam_buf_free(out);
}

static void nothing_is_written(req *q)
{
    firm f;
    int64_t before = 0, after = 0;
    company(q, &f);
    REQ_MUST(q, kam_book_seq(&before, q->book, KAM_TODAY, q->err));
    REQ_MUST(q, kam_book_begin(q->book, KAM_BEGIN_READ, q->err)); /* joins the host's transaction */
    free(page(q, NULL, NULL));
    REQ_MUST(q, kam_book_commit(q->book, q->err));
    free(page(q, NULL, NULL));
    REQ_MUST(q, kam_book_seq(&after, q->book, KAM_TODAY, q->err));
    REQ_EQUAL(q, after, before);
}

#define ON_STORES(name)                                                                                                \
    static void name##_everywhere(void **state)                                                                        \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        req_each(name);                                                                                                \
    }
ON_STORES(the_page_says_what_the_book_knows)
ON_STORES(in_chinese)
ON_STORES(an_empty_book)
ON_STORES(grades_without_a_run)
ON_STORES(the_run_applied_last_and_not_undone)
ON_STORES(the_past_stays_as_it_was)
ON_STORES(windows)
ON_STORES(rates_that_are_missing)
ON_STORES(accounts_that_are_gone)
ON_STORES(options_are_checked)
ON_STORES(nothing_is_written)

/* ---------------------------------------------------------------- failures */

typedef struct shaky {
    fault f;
    req q;
    int progress;
} shaky;

static int32_t shaky_progress(void *user, uint64_t done, uint64_t total)
{
    (void)done, (void)total;
    return ((shaky *)user)->progress;
}

static int64_t shaky_now(void *user) { return ((shaky *)user)->q.now; }

static void shaky_open(shaky *s)
{
    kam_allocator a = fault_allocator(&s->f);
    kam_ctx_options o = {
        .struct_size = sizeof o, .allocator = &a, .user = s, .now = shaky_now, .progress = shaky_progress};
    kam_book_options b = {.struct_size = sizeof b, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    firm f;
    memset(s, 0, sizeof *s);
    s->f.left = -1;
    s->q.on = "memory";
    s->q.now = req_day("2026-03-02") * REQ_DAY_MS;
    assert_int_equal(kam_error_new(&s->q.err, NULL), KAM_OK);
    REQ_MUST(&s->q, kam_ctx_new(&s->q.ctx, &o, s->q.err));
    REQ_MUST(&s->q, kam_book_open(&s->q.book, s->q.ctx, NULL, &b, s->q.err));
    company(&s->q, &f);
}

static void shaky_close(shaky *s)
{
    kam_book_close(s->q.book);
    kam_ctx_free(s->q.ctx);
    kam_error_free(s->q.err);
    assert_int_equal(s->f.live, 0);
}

static void every_allocation_fails_once(void **state)
{
    shaky s;
    (void)state;
    shaky_open(&s);
    char *want = page(&s.q, NULL, NULL);
    int64_t n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc == KAM_E_NOMEM; n++) {
        kam_buf *out = NULL;
        REQ_MUST(&s.q, kam_buf_new(&out, s.q.ctx, s.q.err));
        s.f.left = n;
        rc = kam_report_html(out, s.q.book, NULL, KAM_TODAY, s.q.err);
        int unused = s.f.left > 0;
        s.f.left = -1;
        if (rc != KAM_OK && rc != KAM_E_NOMEM)
            fail_msg("allocation %lld: %s: %s", (ll)n, kam_code_name(rc), kam_error_message(s.q.err));
        if (rc == KAM_OK && !unused) rc = n < 10 ? KAM_E_NOMEM : KAM_OK;
        kam_buf_free(out);
    }
    assert_true(n > 100);
    char *again = page(&s.q, NULL, NULL);
    assert_string_equal(again, want); /* nothing was left half done */
    free(want);
    free(again);
    shaky_close(&s);
}

static void the_host_can_cancel(void **state)
{
    shaky s;
    kam_buf *out = NULL;
    (void)state;
    shaky_open(&s);
    REQ_MUST(&s.q, kam_buf_new(&out, s.q.ctx, s.q.err));
    s.progress = 1;
    REQ_REFUSED(&s.q, kam_report_html(out, s.q.book, NULL, KAM_TODAY, s.q.err), KAM_E_CANCELLED, "");
    s.progress = 0;
    REQ_MUST(&s.q, kam_report_html(out, s.q.book, NULL, KAM_TODAY, s.q.err));
    kam_buf_free(out);
    shaky_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_says_what_the_book_knows_everywhere),
        cmocka_unit_test(in_chinese_everywhere),
        cmocka_unit_test(an_empty_book_everywhere),
        cmocka_unit_test(grades_without_a_run_everywhere),
        cmocka_unit_test(the_run_applied_last_and_not_undone_everywhere),
        cmocka_unit_test(the_past_stays_as_it_was_everywhere),
        cmocka_unit_test(windows_everywhere),
        cmocka_unit_test(rates_that_are_missing_everywhere),
        cmocka_unit_test(accounts_that_are_gone_everywhere),
        cmocka_unit_test(options_are_checked_everywhere),
        cmocka_unit_test(nothing_is_written_everywhere),
        cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(the_host_can_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
