/* Tests of src/report/page*.c: the whole page from arrays made by hand: well formed, escaped, cut where it says so, and
 * telling what is not there. */
#include "sample.h"

static const char *const hostile[] = {"<script>alert(1)</script>",
                                      "\"'><img src=x onerror=alert(1)>",
                                      "\xE2\x80\xAEtxt.exe\xE2\x81\xA6",
                                      "&amp;&#x3c;",
                                      "\xF0\x9F\x8F\xAD\xF0\x9F\x92\xA3 Ltd",
                                      "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xD8\xB3\xD9\x84\xD8\xA7\xD9\x85",
                                      "a\x01\x02\x1b[31m\x7f",
                                      "]]>--></style></svg>",
                                      "\xEF\xBB\xBF\xC2\x85\xEF\xBF\xBE",
                                      "javascript:alert(1)"};

static const char *page(shown *s)
{
    kam__buf_clear(&s->out);
    assert_code(kam__page(&s->out, &s->r, NULL), KAM_OK);
    const char *text = shown_text(s);
    size_t bad = 0;
    assert_true(kam__utf8_valid(text, strlen(text), &bad));
    tags_check(text);
    return text;
}

static int32_t text_of(shown *s, int64_t id, const char *name)
{
    uint32_t at = 0;
    kam__report_text *t = kam__imap_get(&s->r.text_at, id, &at) ? &s->r.text[at] : NULL;
    assert_non_null(t);
    t->city = t->industry = t->reason = t->score_reason = t->warnings = name;
    return (int32_t)at;
}

/* Everything a page can show, `name` wherever a book's text stands. */
static void fill(shown *s, const char *name, int n)
{
    char label[16];
    kam__report *r = &s->r;
    r->title = name;
    r->scheme = name;
    r->grading = (kam__report_run){.id = 1, .version = 2, .name = name, .hash = name, .as_of = r->as_of};
    r->scoring = r->plan = r->grading;
    r->revenue = 1000000;
    r->contribution = 4242;
    r->before = 900000;
    r->has_before = 1;
    r->gini = 0.5;
    r->top20 = 0.8;
    shown_rep(s, 1, name);
    for (int i = 1; i <= n; i++) {
        snprintf(label, sizeof label, "%.8s%d", i % 3 ? "A" : "B", i % 3);
        kam__report_account *a = shown_account(s, i, i * 100, i % 2 ? i : -i, i % 5 ? name : label, name);
        a->owner = i % 7 ? 1 : 0;
        a->flags |= (uint8_t)(KAM__ACC_SCORE | KAM__ACC_BEFORE | (i % 4 ? KAM__ACC_PLACE : 0));
        a->missing = 1;
        a->latitude = 31000000 + i * 1000;
        a->longitude = 121000000 - i * 500;
        a->overdue = i % 3 - 1;
        a->before = i * 90;
        a->last_day = r->as_of - i;
        a->last_channel = a->next_channel = 1;
        a->next_day = i % 6 ? r->as_of + 1 : KAM_DAY_END;
        a->next_rep = 1;
        text_of(s, i, name);
        shown_change(s, i, (uint8_t)(i % 3), a->grade);
        r->change[r->nchange - 1].reason = name;
        shown_entry(s, i, 1, r->as_of + i % 9, i % 3 ? KAM_CHANNEL_VISIT : KAM_CHANNEL_CALL, i);
        r->entry[r->nentry - 1].name = r->entry[r->nentry - 1].grade = name;
        r->entry[r->nentry - 1].locked = i % 4 == 0;
        assert_code(
            kam__grow(r->ctx, &r->unplanned, &r->unplanned_cap, (size_t)r->nunplanned + 1, sizeof *r->unplanned, NULL),
            KAM_OK);
        r->unplanned[r->nunplanned++] = (kam__report_unplanned){.account = i,
                                                                .representative = 1,
                                                                .code = i % 5 + 1,
                                                                .channel = 1,
                                                                .name = name,
                                                                .grade = name,
                                                                .reason = name};
        assert_code(kam__grow(r->ctx, &r->move, &r->move_cap, (size_t)r->nmove + 1, sizeof *r->move, NULL), KAM_OK);
        r->move[r->nmove++] = (kam__report_move){
            .account = i, .what = KAM_PLAN_WHAT_MOVED, .channel = 1, .old_day = 1, .day = 2, .reason = name};
        r->moved[KAM_PLAN_WHAT_MOVED]++;
    }
    assert_code(kam__grow(r->ctx, &r->off, &r->off_cap, 2, sizeof *r->off, NULL), KAM_OK);
    r->off[r->noff++] = (kam__report_off){.first = r->as_of + 2, .last = r->as_of + 2, .kind = 1, .name = name};
    r->off[r->noff++] = (kam__report_off){.representative = 1, .first = r->as_of + 3, .last = r->as_of + 3};
    assert_code(kam__report_figures(r, NULL), KAM_OK);
    assert_code(kam__report_plan_figures(r, NULL), KAM_OK);
}

static void hostile_texts_stay_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < KAM__LEN(hostile); i++)
        for (int zh = 0; zh < 2; zh++) {
            shown s;
            shown_open(&s, zh);
            fill(&s, hostile[i], 60);
            const char *text = page(&s);
            assert_null(strstr(text, "<script"));
            assert_null(strstr(text, "<img"));
            assert_null(strstr(text, "\xE2\x80\xAE"));
            assert_null(strstr(text, "\xE2\x81\xA6"));
            assert_null(strstr(text, "\x1b"));
            assert_int_equal(tags_times(text, "<style>"), 1);
            assert_int_equal(tags_times(text, "</style>"), 1);
            shown_close(&s);
        }
}

static void very_long_texts_are_cut(void **state)
{
    static char name[60001];
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        shown s;
        for (size_t i = 0; i + 3 < sizeof name; i += 3) memcpy(name + i, wide ? "\xE7\x94\xB2" : "xyz", 3);
        shown_open(&s, 0);
        fill(&s, name, 300);
        const char *text = page(&s);
        assert_true(strlen(text) < 1200000);
        assert_non_null(strstr(text, "\xE2\x80\xA6</bdi>"));
        shown_close(&s);
    }
}

static void the_head_says_what_the_page_stands_on(void **state)
{
    shown s;
    char hash[64], want[200];
    (void)state;
    shown_open(&s, 0);
    fill(&s, "Name", 3);
    s.r.known = 1234;
    const char *text = page(&s);
    kam__report_style_hash(hash);
    snprintf(want, sizeof want, "content=\"default-src 'none'; style-src '%s'; base-uri 'none'; form-action 'none'\"",
             hash);
    assert_non_null(strstr(text, want));
    assert_true(strstr(text, want) < strstr(text, "<style>"));
    assert_non_null(strstr(text, "<html lang=\"en\">"));
    assert_non_null(strstr(text, "As of 2026-06-01"));
    assert_non_null(strstr(text, "Figures of 2025-06-02 to 2026-06-01"));
    assert_non_null(strstr(text, "commit 1,234"));
    assert_non_null(strstr(text, "Amounts in CNY"));
    assert_non_null(strstr(text, "grade scheme: <bdi>Name version 2 (Name)</bdi>"));
    assert_null(strstr(text, "http:"));
    assert_null(strstr(text, "https:"));
    assert_null(strstr(text, " style="));
    shown_close(&s);
}

static void chinese_is_chinese(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 1);
    fill(&s, "\xE7\x94\xB2", 40);
    const char *text = page(&s), *body = strstr(text, "<body>");
    assert_non_null(strstr(text, "<html lang=\"zh-CN\">"));
    int in = 0;
    for (const char *p = body; *p; p++) { /* no English word of ours between tags */
        if (*p == '<')
            in = 1;
        else if (*p == '>')
            in = 0;
        else if (!in && *p >= 'a' && *p <= 'z' && p[1] >= 'a' && p[1] <= 'z' && p[2] >= 'a' && p[2] <= 'z') {
            static const char *const allowed[] = {"kam_",           "grading_run", "run_apply",
                                                  "visit_plan_run", "amp;",        "quot;"};
            int ok = 0;
            for (size_t i = 0; i < KAM__LEN(allowed); i++) ok |= strncmp(p, allowed[i], strlen(allowed[i])) == 0;
            if (!ok) fail_msg("not Chinese: %.60s", p);
            while (*p && *p != '<' && (unsigned char)*p < 0x80) p++;
            p--;
        }
    }
    shown_close(&s);
}

static void what_is_not_there_is_said(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    const char *text = page(&s);
    assert_non_null(strstr(text, "No account has revenue in this period."));
    assert_non_null(strstr(text, "No grading has been applied yet"));
    assert_non_null(strstr(text, "No account has purchases, a score or a grade yet."));
    assert_int_equal(tags_times(text, "No visit plan has been applied yet"), 2);
    assert_non_null(strstr(text, "No problems found."));
    assert_non_null(strstr(text, "no cadence in force"));
    shown_close(&s);

    shown_open(&s, 0);
    s.r.plan = s.r.grading = (kam__report_run){.id = 9, .as_of = s.r.as_of};
    s.r.scheme = "s";
    shown_account(&s, 1, 100, 10, "A", "One");
    shown_rep(&s, 1, "Idle");
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    text = page(&s);
    assert_non_null(strstr(text, "No scoring has been applied yet"));
    assert_non_null(strstr(text, "No account had a grade before that has changed."));
    assert_non_null(strstr(text, "The plan has no contacts."));
    assert_non_null(strstr(text, "Everything that is due in the window has its place in the plan."));
    assert_non_null(strstr(text, "nobody to see"));
    shown_close(&s);
}

static void long_lists_are_cut_with_their_number(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    fill(&s, "Same", 1000);
    for (int i = 2; i <= 40; i++) {
        shown_rep(&s, i, "Other");
        shown_entry(&s, 1, i, s.r.as_of, KAM_CHANNEL_VISIT, 1);
    }
    s.r.rep[0].n = s.r.rep[0].visits = s.r.rep[0].calls = s.r.rep[0].days = 0;
    assert_code(kam__report_plan_figures(&s.r, NULL), KAM_OK);
    const char *text = page(&s);
    assert_int_equal(tags_times(text, "<article class=\"card"), KAM__REPORT_CARDS);
    assert_int_equal(tags_times(text, "<details class=\"rep\""), KAM__REPORT_CALENDARS);
    assert_non_null(strstr(text, "and 16 more"));  /* 40 representatives */
    assert_non_null(strstr(text, "and 950 more")); /* not planned, and moves */
    assert_non_null(strstr(text, "+ "));           /* stops of one day */
    assert_true(strlen(text) < 500000);
    shown_close(&s);
}

static void a_calendar_shows_days_in_order(void **state)
{
    shown s;
    (void)state;
    shown_open(&s, 0);
    shown_rep(&s, 1, "Li");
    s.r.plan = (kam__report_run){.id = 9, .as_of = s.r.as_of, .name = "standard"};
    shown_account(&s, 1, 100, 10, "A", "First");
    shown_account(&s, 2, 100, 10, "A", "Second");
    shown_account(&s, 3, 100, 10, "B", "Called");
    shown_account(&s, 4, 100, 10, "B", "Saturday");
    shown_entry(&s, 3, 1, s.r.as_of + 1, KAM_CHANNEL_CALL, 1);
    shown_entry(&s, 2, 1, s.r.as_of + 1, KAM_CHANNEL_VISIT, 2);
    shown_entry(&s, 1, 1, s.r.as_of + 1, KAM_CHANNEL_VISIT, 1);
    shown_entry(&s, 4, 1, s.r.as_of + 19, KAM_CHANNEL_VISIT, 1);
    s.r.entry[3].locked = 1;
    assert_code(kam__report_figures(&s.r, NULL), KAM_OK);
    assert_code(kam__report_plan_figures(&s.r, NULL), KAM_OK);
    const char *plan = strstr(page(&s), "<section id=\"plan\">");
    const char *first = strstr(plan, "First"), *second = strstr(plan, "Second"), *called = strstr(plan, "Called"),
               *saturday = strstr(plan, "Saturday");
    assert_true(first && second && called && saturday && first < second && second < called && called < saturday);
    assert_int_equal(tags_times(plan, "class=\"days d5\""), 1);
    assert_int_equal(tags_times(plan, "class=\"days d6\""), 1); /* the week with a Saturday */
    assert_int_equal(tags_times(plan, "nothing planned"), 1);   /* the week between */
    assert_non_null(strstr(plan, "<li><small>phone call</small>"));
    assert_non_null(strstr(plan, "locked"));
    assert_non_null(strstr(plan, "3 visits on 2 days, 4.5"));
    shown_close(&s);
}

static int32_t page_of(kam_ctx *ctx, fault *f, kam_error *err)
{
    kam__report r;
    kam_buf out;
    (void)f;
    kam__report_init(&r, ctx, 0);
    kam__buf_init(&out, ctx);
    int32_t rc = kam__report_figures(&r, err);
    if (rc == KAM_OK) rc = kam__page(&out, &r, err);
    kam__buf_drop(&out);
    kam__report_free(&r);
    return rc;
}

static void every_allocation_fails_once(void **state)
{
    (void)state;
    assert_true(fault_sweep(page_of) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_texts_stay_texts),
        cmocka_unit_test(very_long_texts_are_cut),
        cmocka_unit_test(the_head_says_what_the_page_stands_on),
        cmocka_unit_test(chinese_is_chinese),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(long_lists_are_cut_with_their_number),
        cmocka_unit_test(a_calendar_shows_days_in_order),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
