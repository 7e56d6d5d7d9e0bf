/*
 * report/report_book_value.c - the figures: what every account brought in the window, what it brought in the window
 * before, and all of them month by month.
 *
 * The window itself is a value run like any other. For the comparison the ledger is read once more over both windows;
 * when an exchange rate of the time before is missing, the page does without the comparison.
 */
#include "../store/store.h"
#include "../value/value_book.h"
#include "report_book.h"

static int32_t rval_rows(kam__report_job *j, kam_run *run)
{
    kam_rows *rows = NULL;
    const kam_block *b = NULL;
    kam__sum contribution = {0, 0};
    int32_t rc = kam_run_rows(&rows, run, KAM_KIND_ACCOUNT_VALUE, j->err);
    while (rc == KAM_OK && (rc = kam_rows_next_block(&b, rows, j->err)) == KAM_OK && b) {
        const kam_col *id = kam__block_col(b, KAM_ACCOUNT_VALUE_ACCOUNT),
                      *revenue = kam__block_col(b, KAM_ACCOUNT_VALUE_REVENUE),
                      *left = kam__block_col(b, KAM_ACCOUNT_VALUE_CONTRIBUTION),
                      *orders = kam__block_col(b, KAM_ACCOUNT_VALUE_ORDERS);
        for (uint32_t i = 0; i < b->nrow && rc == KAM_OK; i++) {
            kam__report_account *a = NULL;
            int64_t account = kam__col_i64(id, i);
            int known = kam__report_account_of(&j->report, account) != NULL;
            rc = kam__report_account_add(&a, j, account);
            if (rc != KAM_OK) break;
            if (!known) a->flags |= KAM__ACC_INVALID; /* deleted by now: it counts, nobody is to see it */
            a->flags |= KAM__ACC_VALUE;
            a->revenue = kam__report_num(revenue, i, 0);
            a->contribution = kam__report_num(left, i, 0);
            j->report.buyers += kam__report_num(orders, i, 0) > 0;
            kam__sum_add(&contribution, a->contribution);
        }
    }
    kam_rows_free(rows);
    if (rc == KAM_OK && kam__sum_get(&contribution, &j->report.contribution))
        rc = kam__fail(j->err, KAM_E_LIMIT, "the sum of contributions does not fit 64 bits");
    return rc;
}

static int32_t rval_window(kam__report_job *j)
{
    kam_value_options o = {.struct_size = sizeof o, .from = j->o.from, .to = j->o.to};
    kam_run *run = NULL;
    kam__report *r = &j->report;
    KAM__TRY(kam_value_run(&run, j->b, &o, j->as_of, j->err));
    const kam_record *rec = kam_run_record(run);
    r->from = (int32_t)kam_record_i64(rec, KAM_RUN_FROM, KAM_DAY_FIRST);
    r->to = (int32_t)kam_record_i64(rec, KAM_RUN_TO, KAM_DAY_END);
    r->revenue = kam_record_i64(rec, KAM_RUN_TOTAL, 0);
    r->gini = kam_record_f64(rec, KAM_RUN_GINI, 0);
    r->top20 = kam_record_f64(rec, KAM_RUN_TOP20_SHARE, 0);
    int32_t rc = rval_rows(j, run);
    kam_run_free(run);
    return rc;
}

/* ---------------------------------------------------------------- the window before, and months */

typedef struct rval_past {
    kam__report_job *j;
    int32_t from;
    kam__sum before;
} rval_past;

static int32_t rval_take(void *user, const kam__ledger_rows *rows, kam_error *err)
{
    rval_past *p = user;
    kam__report *r = &p->j->report;
    for (uint32_t i = 0; i < rows->n; i++) {
        int32_t event = rows->event ? rows->event[i] : KAM_LEDGER_SALE;
        if (event != KAM_LEDGER_SALE && event != KAM_LEDGER_RETURN) continue;
        int64_t v = event == KAM_LEDGER_SALE ? rows->amount[i] : -rows->amount[i];
        kam__report_account *a = rows->day[i] < r->from ? kam__report_account_of(r, rows->account[i]) : NULL;
        int over = 0;
        if (rows->day[i] < r->from)
            kam__sum_add(&p->before, v);
        else
            for (uint32_t m = r->nmonth; m-- > 0;)
                if (rows->day[i] >= r->month[m].day || m == 0) {
                    over = kam__add(r->month[m].revenue, v, &r->month[m].revenue);
                    break;
                }
        if (a) {
            a->flags |= KAM__ACC_BEFORE;
            over |= kam__add(a->before, v, &a->before);
        }
        if (over)
            return kam__fail(err, KAM_E_LIMIT, "the revenue of account %lld does not fit 64 bits",
                             (long long)rows->account[i]);
    }
    return KAM_OK;
}

/* Months of the window, the first one from its first day on; none when there are too many to draw. */
static void rval_months(kam__report *r)
{
    r->nmonth = 0;
    if (r->from == KAM_DAY_FIRST || r->to == KAM_DAY_END) return;
    for (int32_t day = kam__month_start(r->from); day < r->to; day = kam__add_months(day, 1)) {
        if (r->nmonth == KAM__REPORT_MONTHS) {
            r->nmonth = 0;
            return;
        }
        r->month[r->nmonth].day = day;
        r->month[r->nmonth++].revenue = 0;
    }
}

static int32_t rval_scan(kam__report_job *j, int32_t from)
{
    kam__value_scope s = {.from = from, .to = j->report.to, .as_of = j->as_of};
    rval_past p = {.j = j, .from = from};
    rval_months(&j->report);
    for (uint32_t i = 0; i < j->report.naccount; i++) j->report.account[i].before = 0;
    KAM__TRY(kam__value_settle(&s, j->b, j->err));
    KAM__TRY(kam__value_scan(j->b, &s, rval_take, &p, j->err));
    j->report.has_before = from < j->report.from && kam__sum_get(&p.before, &j->report.before) == 0;
    return KAM_OK;
}

int32_t kam__report_read_value(kam__report_job *j)
{
    kam__report *r = &j->report;
    KAM__TRY(rval_window(j));
    if (r->from == KAM_DAY_FIRST || r->to == KAM_DAY_END || r->from >= r->to) return KAM_OK;
    int64_t before = j->o.from || j->o.to ? (int64_t)r->from - (r->to - r->from) : kam__add_months(r->from, -12);
    if (before < kam__day(1, 1, 1)) before = r->from;
    int32_t rc = rval_scan(j, (int32_t)before);
    return rc == KAM_E_POLICY ? rval_scan(j, r->from) : rc;
}
