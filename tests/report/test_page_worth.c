/* Tests of src/report/page_worth.c and svg_worth.c: each chart only where its run is, well formed and inside its frame
 * with any figures, in both languages, with its table; and of report_book_worth.c on a book. */
#define _POSIX_C_SOURCE 200809L /* strdup */
#include "sample.h"
#include "requirements/req.h"

static void fill(shown *s, int64_t n)
{
    kam__report_worth *w = &s->r.worth;
    w->value = (kam__report_run){.id = 7, .as_of = s->r.as_of};
    w->clv = (kam__report_run){.id = 8, .as_of = s->r.as_of, .name = "mbgnbd"};
    w->past = (kam__report_run){.id = 5, .as_of = s->r.as_of - 91, .name = "<nbd>"};
    for (int i = 0; i < 25; i++) {
        w->rfm[i / 5][i % 5] = (uint32_t)(i % 7) * (uint32_t)n;
        w->nrfm += w->rfm[i / 5][i % 5];
    }
    for (uint32_t y = 0; y < KAM__WORTH_SINCE; y++)
        for (uint32_t x = 0; x < KAM__WORTH_TIMES; x++) {
            w->alive[y][x] = (uint32_t)((x + y) % 3) * (uint32_t)n;
            w->alive_sum[y][x] = (int64_t)w->alive[y][x] * (int64_t)(x + y) * 800;
            w->nalive += w->alive[y][x];
        }
    for (uint32_t i = 0; i < KAM__WORTH_TIMES; i++) {
        w->tried[i].accounts = i == 3 ? 0 : n;
        w->tried[i].expected = i == 3 ? 0 : n * 10000 * i;
        w->tried[i].came = i == 3 ? 0 : n * 2;
        w->ntried += (uint32_t)w->tried[i].accounts;
    }
}

static size_t page(shown *s)
{
    kam__buf_clear(&s->out);
    kam__page_worth(&s->out, &s->r);
    return shown_text(s)[0] ? tags_check(shown_text(s)) : 0;
}

static void nothing_without_runs(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    assert_int_equal(kam__page_has_worth(&s.r), 0);
    assert_int_equal(page(&s), 0);
    fill(&s, 3);
    s.r.worth.nalive = s.r.worth.ntried = 0;
    assert_true(page(&s) > 50);
    assert_int_equal(tags_times(shown_text(&s), "role=\"img\""), 1);
    assert_null(strstr(shown_text(&s), "id=\"alive"));
    shown_close(&s);
}

static void three_charts(void **state)
{
    (void)state;
    for (int zh = 0; zh < 2; zh++)
        for (int64_t n = 1; n < 2000000; n *= 1000) {
            shown s;
            shown_open(&s, zh);
            fill(&s, n);
            assert_true(page(&s) > 300);
            const char *html = shown_text(&s);
            assert_int_equal(tags_times(html, "role=\"img\""), 3);
            assert_int_equal(tags_times(html, "<title id="), 3);
            assert_int_equal(tags_times(html, "<desc id="), 3);
            assert_int_equal(tags_times(html, "<details>"), 3);
            assert_non_null(strstr(html, zh ? "仍在购买的概率" : "Who still buys"));
            assert_non_null(strstr(html, zh ? "自 2026-03-02 起 91 天内" : "in the 91 days since 2026-03-02"));
            assert_non_null(strstr(html, "&lt;nbd&gt;"));
            assert_null(strstr(html, "cannot tell"));
            shown_close(&s);
        }
}

static void nobody_leaves(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    fill(&s, 3);
    s.r.worth.clv.name = "nbd";
    page(&s);
    assert_non_null(strstr(shown_text(&s), "do not tell who leaves"));
    shown_close(&s);
}

/* ---------------------------------------------------------------- over a book */

static const char *html_of(req *q, kam_buf *buf, const char *lang, const char *day)
{
    kam_report_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.lang = lang;
    REQ_MUST(q, kam_report_html(buf, q->book, &o, req_day(day), q->err));
    return kam_buf_data(buf);
}

static void apply(req *q, int clv, const char *day)
{
    kam_run *run = NULL;
    kam_clv_options o;
    memset(&o, 0, sizeof o);
    o.struct_size = sizeof o;
    o.model = KAM_CLV_NBD;
    if (clv) REQ_MUST(q, kam_clv_run(&run, q->book, &o, req_day(day), q->err));
    else REQ_MUST(q, kam_value_run(&run, q->book, NULL, req_day(day), q->err));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
}

static void buys(req *q)
{
    static const char *const day[] = {"2025-07-01", "2025-09-01", "2025-11-01", "2026-01-15", "2026-02-10"};
    for (int i = 1; i <= 12; i++) {
        req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
        for (int k = 0; k < 5; k++)
            if ((i + k) % 4 || k == 0)
                req_save(q, KAM_KIND_LEDGER, "{\"account\":%d,\"event\":\"SALE\",\"day\":\"%s\",\"amount\":\"%d.00\"}",
                         i, day[k], i);
    }
}

static void of_a_book(req *q)
{
    kam_buf *buf = NULL;
    REQ_MUST(q, kam_buf_new(&buf, q->ctx, q->err));
    buys(q);
    assert_null(strstr(html_of(q, buf, "en", "2026-02-28"), "id=\"worth\""));
    apply(q, 0, "2026-02-28");
    const char *html = html_of(q, buf, "en", "2026-02-28");
    assert_true(strstr(html, "#worth") && strstr(html, "id=\"rfm-t\"") && !strstr(html, "id=\"alive-t\""));
    assert_null(strstr(html_of(q, buf, "en", "2026-02-27"), "id=\"worth\""));       /* the run is of a later day */
    apply(q, 1, "2025-12-31");
    html = html_of(q, buf, "en", "2026-02-28");
    assert_true(strstr(html, "id=\"alive-t\"") && strstr(html, "id=\"tried-t\"") &&
                strstr(html, "59 days since 2025-12-31"));
    /* who bought on 2026-01-15 and 2026-02-10: 9 of 12 each */
    assert_non_null(strstr(html, "<td>all</td><td class=\"r\">12</td>"));
    assert_non_null(strstr(html, "<td class=\"r\">18</td></tr>\n</tbody>"));
    html = html_of(q, buf, "zh", "2026-01-10");                                     /* too soon to be tried */
    assert_true(strstr(html, "id=\"alive-t\"") && !strstr(html, "id=\"tried-t\""));
    kam_buf_free(buf);
}

static void worth_of_a_book(void **state) { (void)state; req_each(of_a_book); }

/* Each allocation of a whole report with all three charts fails once: nothing is left behind, and the page comes next
 * time. */
static void every_allocation_fails_once(void **state)
{
    (void)state;
    fault f;
    req q = {.on = "memory"};
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    kam_buf *buf = NULL;
    q.ctx = fault_ctx(&f);
    assert_int_equal(kam_error_new(&q.err, NULL), KAM_OK);
    REQ_MUST(&q, kam_book_open(&q.book, q.ctx, NULL, &o, q.err));
    REQ_MUST(&q, kam_buf_new(&buf, q.ctx, q.err));
    buys(&q);
    apply(&q, 0, "2026-02-28");
    apply(&q, 1, "2025-12-31");
    char *want = strdup(html_of(&q, buf, "en", "2026-02-28"));
    int64_t live = f.live, n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
        kam_report_options r = {.struct_size = sizeof r, .lang = "en"};
        f.left = n;
        rc = kam_report_html(buf, q.book, &r, req_day("2026-02-28"), q.err);
        f.left = -1;
        if (rc != KAM_OK) assert_int_equal(rc, KAM_E_NOMEM);
        if (f.live > live + 3)
            fail_msg("allocation %lld: %lld pieces are left behind", (long long)n, (long long)(f.live - live));
    }
    assert_true(n > 200);
    assert_string_equal(kam_buf_data(buf), want);
    free(want);
    kam_buf_free(buf);
    kam_book_close(q.book);
    kam_error_free(q.err);
    fault_end(&f, q.ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_without_runs), cmocka_unit_test(three_charts),
                                       cmocka_unit_test(nobody_leaves), cmocka_unit_test(worth_of_a_book),
                                       cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
