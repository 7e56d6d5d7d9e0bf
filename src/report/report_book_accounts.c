/*
 * report/report_book_accounts.c - one row for each account: where it is, whose, its tier and lifecycle, its score; when
 * somebody was there last, what comes next, what is due.
 *
 * Only numbers are read of all accounts; texts come later and only for those shown (report_book_texts.c). Memory goes
 * by accounts, not by activities.
 */
#include "../store/store.h"
#include "report_book.h"
#include <kam/visit.h>

/* ---------------------------------------------------------------- accounts */

int32_t kam__report_account_add(kam__report_account **out, kam__report_job *j, int64_t id)
{
    kam__report *r = &j->report;
    *out = kam__report_account_of(r, id);
    if (*out) return KAM_OK;
    KAM__TRY(kam__grow(r->ctx, &r->account, &r->account_cap, (size_t)r->naccount + 1, sizeof *r->account, j->err));
    KAM__TRY(kam__imap_put(&r->at, id, r->naccount, j->err));
    r->account[r->naccount] =
        (kam__report_account){.id = id, .last_day = KAM_DAY_FIRST, .next_day = KAM_DAY_END, .overdue = -1};
    *out = &r->account[r->naccount++];
    return KAM_OK;
}

static void racc_place(kam__report_account *a, const kam_col *lat, const kam_col *lon, uint32_t i)
{
    int has_lat = lat && !kam__col_null(lat, i), has_lon = lon && !kam__col_null(lon, i);
    a->latitude = (int32_t)kam__report_num(lat, i, 0);
    a->longitude = (int32_t)kam__report_num(lon, i, 0);
    if (!has_lat && !has_lon)
        a->flags |= KAM__ACC_NO_COORDINATES;
    else if (has_lat && has_lon && kam__report_place(a->latitude, a->longitude))
        a->flags |= KAM__ACC_PLACE;
}

static int32_t racc_on_account(void *user, const kam_block *rows)
{
    kam__report_job *j = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *lat = kam__block_col(rows, KAM_ACCOUNT_LATITUDE),
                  *lon = kam__block_col(rows, KAM_ACCOUNT_LONGITUDE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__report_account *a = NULL;
        KAM__TRY(kam__report_account_add(&a, j, kam__col_i64(id, i)));
        racc_place(a, lat, lon, i);
    }
    return kam__progress(j->b->ctx, j->report.naccount, 0, j->err);
}

/* A fact of each account by `take`. */
static int32_t racc_fact(kam__report_job *j, uint32_t kind,
                         void (*take)(kam__report_job *j, kam__report_account *a, int64_t value))
{
    kam__imap of;
    int64_t *value = NULL;
    KAM__TRY(kam__read_fact_map(&of, &value, j->b, kind, j->as_of, j->err));
    for (uint32_t i = 0, at = 0; i < j->report.naccount; i++)
        if (kam__imap_get(&of, j->report.account[i].id, &at)) take(j, &j->report.account[i], value[at]);
    kam__imap_free(&of);
    kam__free(j->b->ctx, value);
    return KAM_OK;
}

static void racc_owner(kam__report_job *j, kam__report_account *a, int64_t value)
{
    kam__report_rep *p = kam__report_rep_of(&j->report, value);
    a->owner = value;
    if (p && !(a->flags & KAM__ACC_INVALID)) p->accounts++;
}

static void racc_tier(kam__report_job *j, kam__report_account *a, int64_t value)
{
    (void)j;
    if (value == KAM_TIER_KEY) a->flags |= KAM__ACC_TIER;
}

static void racc_lifecycle(kam__report_job *j, kam__report_account *a, int64_t value)
{
    (void)j;
    if (value == KAM_LIFECYCLE_INVALID) a->flags |= KAM__ACC_INVALID;
}

/* ---------------------------------------------------------------- representatives */

static int32_t racc_on_rep(void *user, const kam_block *rows)
{
    kam__report_job *j = user;
    kam__report *r = &j->report;
    const kam_col *id = kam__block_col(rows, KAM_ID), *name = kam__block_col(rows, KAM_REPRESENTATIVE_NAME),
                  *active = kam__block_col(rows, KAM_REPRESENTATIVE_ACTIVE),
                  *lat = kam__block_col(rows, KAM_REPRESENTATIVE_HOME_LATITUDE),
                  *lon = kam__block_col(rows, KAM_REPRESENTATIVE_HOME_LONGITUDE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        kam__report_rep p = {.id = kam__col_i64(id, i), .active = kam__report_num(active, i, 1) != 0};
        p.home_latitude = (int32_t)kam__report_num(lat, i, 0);
        p.home_longitude = (int32_t)kam__report_num(lon, i, 0);
        p.home = kam__report_place(p.home_latitude, p.home_longitude);
        const char *text = kam__col_text(name, i, &len);
        KAM__TRY(kam__report_keep(&p.name, r, text, len, j->err));
        KAM__TRY(kam__grow(r->ctx, &r->rep, &r->rep_cap, (size_t)r->nrep + 1, sizeof p, j->err));
        KAM__TRY(kam__imap_put(&r->rep_at, p.id, r->nrep, j->err));
        r->rep[r->nrep++] = p;
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- scores */

static int32_t racc_scores(kam__report_job *j)
{
    kam_rows *rows = NULL;
    const kam_block *b = NULL;
    if (!j->report.scoring.id) return KAM_OK;
    int32_t rc = kam__report_of_run(&rows, j, KAM_KIND_SCORE, KAM_SCORE_RUN, j->report.scoring.id);
    while (rc == KAM_OK && (rc = kam_rows_next_block(&b, rows, j->err)) == KAM_OK && b) {
        const kam_col *account = kam__block_col(b, KAM_SCORE_ACCOUNT), *points = kam__block_col(b, KAM_SCORE_POINTS),
                      *rank = kam__block_col(b, KAM_SCORE_RANK), *missing = kam__block_col(b, KAM_SCORE_MISSING);
        for (uint32_t i = 0; i < b->nrow; i++) {
            kam__report_account *a = kam__report_account_of(&j->report, kam__col_i64(account, i));
            if (!a) continue;
            a->flags |= KAM__ACC_SCORE;
            a->points = kam__report_num(points, i, 0);
            a->score_rank = (int32_t)kam__report_num(rank, i, 0);
            a->missing = (int32_t)kam__report_num(missing, i, 0);
        }
    }
    kam_rows_free(rows);
    return rc;
}

int32_t kam__report_read_accounts(kam__report_job *j)
{
    static const uint32_t fields[] = {KAM_ID, KAM_ACCOUNT_LATITUDE, KAM_ACCOUNT_LONGITUDE};
    static const uint32_t reps[] = {KAM_ID, KAM_REPRESENTATIVE_NAME, KAM_REPRESENTATIVE_ACTIVE,
                                    KAM_REPRESENTATIVE_HOME_LATITUDE, KAM_REPRESENTATIVE_HOME_LONGITUDE};
    KAM__TRY(kam__report_read(j, KAM_KIND_REPRESENTATIVE, reps, KAM__LEN(reps), NULL, 0, j->as_of, 0, racc_on_rep));
    KAM__TRY(kam__report_read(j, KAM_KIND_ACCOUNT, fields, KAM__LEN(fields), NULL, 0, j->as_of, 0, racc_on_account));
    KAM__TRY(racc_fact(j, KAM_KIND_LIFECYCLE, racc_lifecycle));
    KAM__TRY(racc_fact(j, KAM_KIND_OWNER, racc_owner));
    KAM__TRY(racc_fact(j, KAM_KIND_TIER, racc_tier));
    return racc_scores(j);
}

/* ---------------------------------------------------------------- last and next contact */

static void racc_last(kam__report_account *a, int32_t day, int channel)
{
    if (day < a->last_day || (day == a->last_day && a->last_channel <= channel)) return;
    a->last_day = day;
    a->last_channel = (uint8_t)channel;
}

static void racc_next(kam__report_account *a, int32_t day, int channel, int64_t rep)
{
    if (day > a->next_day ||
        (day == a->next_day && (a->next_channel < channel || (a->next_channel == channel && a->next_rep <= rep))))
        return;
    a->next_day = day;
    a->next_channel = (uint8_t)channel;
    a->next_rep = rep;
}

/* What is held only after the day was still to come on it. */
static int32_t racc_on_activity(void *user, const kam_block *rows)
{
    kam__report_job *j = user;
    const kam_col *account = kam__block_col(rows, KAM_ACTIVITY_ACCOUNT),
                  *status = kam__block_col(rows, KAM_ACTIVITY_STATUS),
                  *channel = kam__block_col(rows, KAM_ACTIVITY_CHANNEL), *day = kam__block_col(rows, KAM_ACTIVITY_DAY),
                  *rep = kam__block_col(rows, KAM_ACTIVITY_REPRESENTATIVE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__report_account *a = kam__report_account_of(&j->report, kam__col_i64(account, i));
        int64_t is = kam__report_num(status, i, 0), how = kam__report_num(channel, i, 0);
        int32_t on = (int32_t)kam__report_num(day, i, 0);
        if (!a || how < 0 || how > 255) continue;
        if (is == KAM_ACTIVITY_HELD && on <= j->report.as_of)
            racc_last(a, on, (int)how);
        else if ((is == KAM_ACTIVITY_PLANNED && on >= j->report.as_of) ||
                 (is == KAM_ACTIVITY_HELD && on > j->report.as_of))
            racc_next(a, on, (int)how, kam__report_num(rep, i, 0));
    }
    return kam__progress(j->b->ctx, 0, 0, j->err);
}

static int32_t racc_due(kam__report_job *j)
{
    kam_rows *rows = NULL;
    const kam_record *d = NULL;
    kam__report *r = &j->report;
    int32_t rc = kam_visit_due(&rows, j->b, r->plan.name, 0, j->as_of, j->err);
    if (rc == KAM_E_POLICY) return KAM_OK;
    r->due_known = rc == KAM_OK;
    while (rc == KAM_OK && (rc = kam_rows_next(&d, rows, j->err)) == KAM_OK && d) {
        kam__report_account *a = kam__report_account_of(r, kam_record_i64(d, KAM_DUE_ACCOUNT, 0));
        int64_t overdue = kam_record_i64(d, KAM_DUE_OVERDUE, 0);
        r->ndue++;
        r->noverdue += overdue > 0;
        if (a && overdue > a->overdue && overdue <= INT32_MAX) a->overdue = (int32_t)overdue;
    }
    kam_rows_free(rows);
    return rc;
}

int32_t kam__report_read_contacts(kam__report_job *j)
{
    static const uint32_t field[] = {
        KAM_ID,           KAM_ACTIVITY_ACCOUNT,       KAM_ACTIVITY_STATUS, KAM_ACTIVITY_CHANNEL,
        KAM_ACTIVITY_DAY, KAM_ACTIVITY_REPRESENTATIVE};
    for (uint32_t i = 0; i < j->report.nentry; i++) { /* of a plan that wrote no activities */
        const kam__report_entry *e = &j->report.entry[i];
        kam__report_account *a = e->activity ? NULL : kam__report_account_of(&j->report, e->account);
        if (a && e->day >= j->report.as_of) racc_next(a, e->day, e->channel, e->representative);
    }
    KAM__TRY(kam__report_read(j, KAM_KIND_ACTIVITY, field, KAM__LEN(field), NULL, 0, KAM_TODAY, KAM__READ_ALL_TIMES,
                              racc_on_activity));
    return racc_due(j);
}
