/*
 * report/report_book_plan.c - the visit plan that is shown: its contacts, what it changed, what it could not place, and
 * the days nobody works.
 */
#include "../store/store.h"
#include "report_book.h"

static int32_t rplan_text(const char **out, kam__report_job *j, const kam_record *r, uint32_t field)
{
    return kam__report_keep(out, &j->report, kam_record_text(r, field, NULL), KAM_NUL, j->err);
}

static int32_t rplan_num(const kam_record *r, uint32_t field) { return (int32_t)kam_record_i64(r, field, 0); }

/* A representative the book has no more still has a plan. */
static int32_t rplan_rep(kam__report_job *j, int64_t id)
{
    kam__report *r = &j->report;
    if (!id || kam__report_rep_of(r, id)) return KAM_OK;
    KAM__TRY(kam__grow(r->ctx, &r->rep, &r->rep_cap, (size_t)r->nrep + 1, sizeof *r->rep, j->err));
    KAM__TRY(kam__imap_put(&r->rep_at, id, r->nrep, j->err));
    r->rep[r->nrep++] = (kam__report_rep){.id = id};
    return KAM_OK;
}

static int32_t rplan_entry(kam__report_job *j, const kam_record *rec)
{
    kam__report *r = &j->report;
    kam__report_entry e = {.account = kam_record_i64(rec, KAM_PLAN_ENTRY_ACCOUNT, 0),
                           .representative = kam_record_i64(rec, KAM_PLAN_ENTRY_REPRESENTATIVE, 0),
                           .activity = kam_record_i64(rec, KAM_PLAN_ENTRY_ACTIVITY, 0),
                           .day = rplan_num(rec, KAM_PLAN_ENTRY_DAY),
                           .order = rplan_num(rec, KAM_PLAN_ENTRY_ORDER),
                           .channel = rplan_num(rec, KAM_PLAN_ENTRY_CHANNEL),
                           .cause = rplan_num(rec, KAM_PLAN_ENTRY_CAUSE),
                           .what = rplan_num(rec, KAM_PLAN_ENTRY_WHAT),
                           .overdue = rplan_num(rec, KAM_PLAN_ENTRY_OVERDUE),
                           .due = rplan_num(rec, KAM_PLAN_ENTRY_DUE),
                           .metres = kam_record_i64(rec, KAM_PLAN_ENTRY_DISTANCE, 0),
                           .locked = rplan_num(rec, KAM_PLAN_ENTRY_LOCKED)};
    KAM__TRY(rplan_text(&e.name, j, rec, KAM_PLAN_ENTRY_NAME));
    KAM__TRY(rplan_text(&e.grade, j, rec, KAM_PLAN_ENTRY_GRADE));
    KAM__TRY(rplan_rep(j, e.representative));
    KAM__TRY(kam__grow(r->ctx, &r->entry, &r->entry_cap, (size_t)r->nentry + 1, sizeof e, j->err));
    r->entry[r->nentry++] = e;
    return KAM_OK;
}

static int32_t rplan_unplanned(kam__report_job *j, const kam_record *rec)
{
    kam__report *r = &j->report;
    kam__report_unplanned u = {.account = kam_record_i64(rec, KAM_UNPLANNED_ACCOUNT, 0),
                               .representative = kam_record_i64(rec, KAM_UNPLANNED_REPRESENTATIVE, 0),
                               .code = rplan_num(rec, KAM_UNPLANNED_CODE),
                               .channel = rplan_num(rec, KAM_UNPLANNED_CHANNEL),
                               .due = (int32_t)kam_record_i64(rec, KAM_UNPLANNED_DUE, KAM_DAY_FIRST)};
    KAM__TRY(rplan_text(&u.name, j, rec, KAM_UNPLANNED_NAME));
    KAM__TRY(rplan_text(&u.grade, j, rec, KAM_UNPLANNED_GRADE));
    KAM__TRY(rplan_text(&u.reason, j, rec, KAM_UNPLANNED_REASON));
    KAM__TRY(kam__grow(r->ctx, &r->unplanned, &r->unplanned_cap, (size_t)r->nunplanned + 1, sizeof u, j->err));
    r->unplanned[r->nunplanned++] = u;
    return KAM_OK;
}

/* What stays and what is new is counted; what somebody has to be told is kept. */
static int32_t rplan_move(kam__report_job *j, const kam_record *rec)
{
    kam__report *r = &j->report;
    kam__report_move m = {.account = kam_record_i64(rec, KAM_PLAN_CHANGE_ACCOUNT, 0),
                          .representative = kam_record_i64(rec, KAM_PLAN_CHANGE_REPRESENTATIVE, 0),
                          .what = rplan_num(rec, KAM_PLAN_CHANGE_WHAT),
                          .channel = rplan_num(rec, KAM_PLAN_CHANGE_CHANNEL),
                          .old_day = (int32_t)kam_record_i64(rec, KAM_PLAN_CHANGE_OLD_DAY, KAM_DAY_FIRST),
                          .day = (int32_t)kam_record_i64(rec, KAM_PLAN_CHANGE_DAY, KAM_DAY_FIRST)};
    if (m.what > 0 && m.what < (int32_t)KAM__LEN(r->moved)) r->moved[m.what]++;
    if (m.what != KAM_PLAN_WHAT_MOVED && m.what != KAM_PLAN_WHAT_CANCELLED) return KAM_OK;
    KAM__TRY(rplan_text(&m.reason, j, rec, KAM_PLAN_CHANGE_REASON));
    KAM__TRY(kam__grow(r->ctx, &r->move, &r->move_cap, (size_t)r->nmove + 1, sizeof m, j->err));
    r->move[r->nmove++] = m;
    return KAM_OK;
}

static int32_t rplan_list(kam__report_job *j, uint32_t kind, uint32_t field,
                          int32_t (*take)(kam__report_job *j, const kam_record *rec))
{
    kam_rows *rows = NULL;
    const kam_record *rec = NULL;
    int32_t rc = kam__report_of_run(&rows, j, kind, field, j->report.plan.id);
    while (rc == KAM_OK && (rc = kam_rows_next(&rec, rows, j->err)) == KAM_OK && rec) rc = take(j, rec);
    kam_rows_free(rows);
    return rc;
}

/* ---------------------------------------------------------------- days off */

static int32_t rplan_off(kam__report_job *j, kam__report_off o, const char *name, size_t len)
{
    kam__report *r = &j->report;
    KAM__TRY(kam__report_keep(&o.name, r, name, len, j->err));
    KAM__TRY(kam__grow(r->ctx, &r->off, &r->off_cap, (size_t)r->noff + 1, sizeof o, j->err));
    r->off[r->noff++] = o;
    return KAM_OK;
}

/* Whether days [first, last] touch the weeks that are drawn. */
static int rplan_drawn(const kam__report *r, int32_t first, int32_t last)
{
    int32_t monday = 0;
    uint32_t weeks = kam__report_weeks(r, &monday);
    return last >= monday && first < monday + 7 * (int32_t)weeks;
}

static int32_t rplan_on_holiday(void *user, const kam_block *rows)
{
    kam__report_job *j = user;
    const kam_col *day = kam__block_col(rows, KAM_CALENDAR_DAY_DAY),
                  *kind = kam__block_col(rows, KAM_CALENDAR_DAY_KIND),
                  *name = kam__block_col(rows, KAM_CALENDAR_DAY_NAME);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        kam__report_off o = {.kind = (int32_t)kam__report_num(kind, i, 0)};
        const char *text = name ? kam__col_text(name, i, &len) : NULL;
        o.first = o.last = (int32_t)kam__report_num(day, i, 0);
        if (rplan_drawn(&j->report, o.first, o.last)) KAM__TRY(rplan_off(j, o, text, len));
    }
    return KAM_OK;
}

static int32_t rplan_on_absence(void *user, const kam_block *rows)
{
    kam__report_job *j = user;
    const kam_col *rep = kam__block_col(rows, KAM_ABSENCE_REPRESENTATIVE),
                  *first = kam__block_col(rows, KAM_ABSENCE_FIRST), *last = kam__block_col(rows, KAM_ABSENCE_LAST);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__report_off o = {.representative = kam__report_num(rep, i, 0),
                             .first = (int32_t)kam__report_num(first, i, 0)};
        o.last = (int32_t)kam__report_num(last, i, o.first);
        if (rplan_drawn(&j->report, o.first, o.last)) KAM__TRY(rplan_off(j, o, NULL, 0));
    }
    return KAM_OK;
}

int32_t kam__report_read_plan(kam__report_job *j)
{
    static const uint32_t holiday[] = {KAM_ID, KAM_CALENDAR_DAY_DAY, KAM_CALENDAR_DAY_KIND, KAM_CALENDAR_DAY_NAME};
    static const uint32_t absence[] = {KAM_ID, KAM_ABSENCE_REPRESENTATIVE, KAM_ABSENCE_FIRST, KAM_ABSENCE_LAST};
    if (!j->report.plan.id) return KAM_OK;
    KAM__TRY(rplan_list(j, KAM_KIND_PLAN_ENTRY, KAM_PLAN_ENTRY_RUN, rplan_entry));
    KAM__TRY(rplan_list(j, KAM_KIND_UNPLANNED, KAM_UNPLANNED_RUN, rplan_unplanned));
    KAM__TRY(rplan_list(j, KAM_KIND_PLAN_CHANGE, KAM_PLAN_CHANGE_RUN, rplan_move));
    KAM__TRY(kam__report_read(j, KAM_KIND_ABSENCE, absence, KAM__LEN(absence), NULL, 0, j->as_of, 0, rplan_on_absence));
    return kam__report_read(j, KAM_KIND_CALENDAR_DAY, holiday, KAM__LEN(holiday), NULL, 0, j->as_of, 0,
                            rplan_on_holiday);
}
