/*
 * tests/report/sample.h - reports made by hand: a few accounts with figures, so that charts and pages can be tested
 * without a book.
 */
#ifndef KAM_TESTS_REPORT_SAMPLE_H
#define KAM_TESTS_REPORT_SAMPLE_H
#include "base/base_test.h"
#include "report/report.h"
#include "tags.h"

#define assert_code(got, want) assert_string_equal(kam_code_name(got), kam_code_name(want))

typedef struct shown {
    fault f;
    kam_ctx *ctx;
    kam__report r;
    kam_buf out;
} shown;

static inline void shown_open(shown *s, int zh)
{
    s->ctx = fault_ctx(&s->f);
    kam__report_init(&s->r, s->ctx, zh);
    s->r.decimals = 2;
    s->r.currency = "CNY";
    s->r.title = "T";
    s->r.as_of = kam__day(2026, 6, 1);
    s->r.from = kam__day(2025, 6, 2);
    s->r.to = kam__day(2026, 6, 2);
    kam__buf_init(&s->out, s->ctx);
}

static inline void shown_close(shown *s)
{
    kam__buf_drop(&s->out);
    kam__report_free(&s->r);
    fault_end(&s->f, s->ctx);
}

static inline kam__report_account *shown_account(shown *s, int64_t id, int64_t revenue, int64_t contribution,
                                                 const char *grade, const char *name)
{
    kam__report *r = &s->r;
    assert_code(kam__grow(r->ctx, &r->account, &r->account_cap, (size_t)r->naccount + 1, sizeof *r->account, NULL),
                KAM_OK);
    assert_code(kam__imap_put(&r->at, id, r->naccount, NULL), KAM_OK);
    kam__report_account *a = &r->account[r->naccount++];
    *a = (kam__report_account){.id = id,
                               .revenue = revenue,
                               .contribution = contribution,
                               .last_day = KAM_DAY_FIRST,
                               .next_day = KAM_DAY_END,
                               .overdue = -1,
                               .flags = KAM__ACC_VALUE};
    assert_code(kam__report_grade_of(&a->grade, r, grade, grade ? strlen(grade) : 0, NULL), KAM_OK);
    if (name) {
        assert_code(kam__grow(r->ctx, &r->text, &r->text_cap, (size_t)r->ntext + 1, sizeof *r->text, NULL), KAM_OK);
        assert_code(kam__imap_put(&r->text_at, id, r->ntext, NULL), KAM_OK);
        r->text[r->ntext++] = (kam__report_text){.id = id, .name = name};
    }
    return a;
}

static inline void shown_rep(shown *s, int64_t id, const char *name)
{
    kam__report *r = &s->r;
    assert_code(kam__grow(r->ctx, &r->rep, &r->rep_cap, (size_t)r->nrep + 1, sizeof *r->rep, NULL), KAM_OK);
    assert_code(kam__imap_put(&r->rep_at, id, r->nrep, NULL), KAM_OK);
    r->rep[r->nrep++] = (kam__report_rep){.id = id, .name = name, .active = 1};
}

static inline void shown_change(shown *s, int64_t account, uint8_t old, uint8_t now)
{
    kam__report *r = &s->r;
    assert_code(kam__grow(r->ctx, &r->change, &r->change_cap, (size_t)r->nchange + 1, sizeof *r->change, NULL), KAM_OK);
    r->change[r->nchange++] = (kam__report_change){.account = account, .old = old, .now = now, .reason = "because"};
}

static inline void shown_entry(shown *s, int64_t account, int64_t rep, int32_t day, int32_t channel, int32_t order)
{
    kam__report *r = &s->r;
    assert_code(kam__grow(r->ctx, &r->entry, &r->entry_cap, (size_t)r->nentry + 1, sizeof *r->entry, NULL), KAM_OK);
    r->entry[r->nentry++] = (kam__report_entry){
        .account = account, .representative = rep, .day = day, .channel = channel, .order = order, .metres = 1500};
}

static inline const char *shown_text(shown *s)
{
    assert_code(kam__buf_end(&s->out, NULL), KAM_OK);
    return s->out.data ? s->out.data : "";
}
#endif
