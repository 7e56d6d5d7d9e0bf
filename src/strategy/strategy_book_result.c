/*
 * strategy/strategy_book_result.c - the plan monitor (R91): five indicators of each plan year against their targets.
 *
 * Purchases and contribution come from the ledger in the currency of the year's record; the share from the ledger and
 * the account's potential; satisfaction and cooperation from the last review within the year. Values are decimals of
 * six places whatever they measure, so that one list holds them all. A stored run is explained from its own list.
 */
#include "../store/store.h"
#include "../value/value_book.h"
#include "strategy_book.h"

typedef struct res_work {
    const kam_account_plan *plan;
    int32_t as_of; /* a day */
    int32_t month; /* first of a plan year, 1-12 */
    kam_record *account;
    kam__rowset *years, *reviews, *set;
    kam__sha256 hash;
    int64_t rows, met;
    kam_error *err;
} res_work;

/* One plan year: [from, to), its row among the years. */
typedef struct res_year {
    int64_t year;
    int32_t from, to;
    uint64_t at;
    char currency[4];
    uint32_t decimals;
} res_year;
typedef struct res_value {
    int has;
    int64_t v;
} res_value; /* 10^-6 */

/* ---------------------------------------------------------------- figures */

static int32_t res_money(res_value *out, int64_t v, uint32_t decimals, kam_error *err)
{
    out->has = 1;
    if (!kam__rescale(v, decimals, 6, KAM__HALF_EVEN, &out->v)) return KAM_OK;
    return kam__fail(err, KAM_E_LIMIT, "an amount of the account plan does not fit 64 bits with six decimals");
}

static res_value res_points(const kam__rowset *s, uint64_t i, uint32_t field)
{
    res_value v = {kam__cell_has(s, i, field), kam__cell_num(s, i, field, 0) * 100};
    return v;
}

static int32_t res_totals(kam__totals *t, uint32_t *decimals, const res_work *w, int32_t from, int32_t to,
                          const char *currency)
{
    kam__value_scope s = {.from = from, .to = to, .as_of = w->as_of};
    if (currency[0]) memcpy(s.currency, currency, 4);
    KAM__TRY(kam__value_settle(&s, w->plan->book, w->err));
    int32_t d = kam__schema_decimals(w->plan->book->schema, s.currency);
    *decimals = d > 0 ? (uint32_t)d : 0;
    s.account = w->plan->account;
    return kam__value_totals_of(t, w->plan->book, &s, w->err);
}

/* Revenue of the twelve months that end with the year, or with as_of, to the account's potential. */
static int32_t res_share(res_value *out, const res_work *w, const res_year *y)
{
    int64_t potential = kam__record_num(w->account, KAM_ACCOUNT_POTENTIAL, 0);
    int32_t to = y->to - 1 < w->as_of ? y->to : w->as_of + 1;
    kam__totals t;
    uint32_t decimals = 0;
    if (potential <= 0) return KAM_OK;
    KAM__TRY(res_totals(&t, &decimals, w, kam__add_months(to, -12), to,
                        kam_record_text(w->account, KAM_ACCOUNT_CURRENCY, "")));
    out->has = !kam__muldiv(t.revenue, 1000000, potential, KAM__HALF_EVEN, &out->v);
    return KAM_OK;
}

/* The last review within the year that has the figure; of one day the later record. */
static res_value res_review(const res_work *w, const res_year *y, uint32_t field)
{
    res_value v = {0, 0};
    int64_t last = INT64_MIN;
    for (uint64_t i = 0; i < w->reviews->nrow; i++) {
        int64_t day = kam__cell_num(w->reviews, i, KAM_ACCOUNT_REVIEW_DAY, 0);
        if (day < y->from || day >= y->to || day > w->as_of || day < last || !kam__cell_has(w->reviews, i, field))
            continue;
        v = res_points(w->reviews, i, field);
        last = day;
    }
    return v;
}

/* ---------------------------------------------------------------- rows */

static void res_hash(res_work *w, int64_t v)
{
    unsigned char bytes[8];
    for (int k = 0; k < 8; k++) bytes[k] = (unsigned char)((uint64_t)v >> (k * 8));
    kam__sha256_add(&w->hash, bytes, sizeof bytes);
}

static int32_t res_row(res_work *w, const res_year *y, int32_t measure, res_value target, res_value actual)
{
    int64_t variance = 0, share = 0;
    if (!target.has) return KAM_OK;
    kam__blockbuf *bb = kam__rowset_row(w->set, w->err);
    if (!bb) return KAM_E_NOMEM;
    const struct {
        uint32_t field;
        int64_t v;
        int has;
    } num[] = {{KAM_PLAN_RESULT_PLAN, w->plan->id, 1},
               {KAM_PLAN_RESULT_ACCOUNT, w->plan->account, 1},
               {KAM_PLAN_RESULT_YEAR, y->year, 1},
               {KAM_PLAN_RESULT_MEASURE, measure, 1},
               {KAM_PLAN_RESULT_TARGET, target.v, 1},
               {KAM_PLAN_RESULT_ACTUAL, actual.v, actual.has},
               {KAM_PLAN_RESULT_COMPLETE, y->to - 1 <= w->as_of, 1},
               {KAM_PLAN_RESULT_MET, actual.v >= target.v, actual.has}};
    for (size_t i = 0; i < KAM__LEN(num); i++)
        if (num[i].has) kam__bb_i64(bb, kam__rowset_col(w->set, num[i].field), num[i].v);
    if (actual.has && target.v != INT64_MIN && !kam__add(actual.v, -target.v, &variance))
        kam__bb_i64(bb, kam__rowset_col(w->set, KAM_PLAN_RESULT_VARIANCE), variance);
    if (actual.has && target.v > 0 && !kam__muldiv(actual.v, 10000, target.v, KAM__HALF_EVEN, &share))
        kam__bb_i64(bb, kam__rowset_col(w->set, KAM_PLAN_RESULT_ATTAINED), share);
    const int64_t seen[] = {y->year, measure, target.v, actual.has, actual.v};
    for (size_t i = 0; i < KAM__LEN(seen); i++) res_hash(w, seen[i]);
    w->rows++;
    w->met += actual.has && actual.v >= target.v;
    return kam__rowset_end_row(w->set, w->err);
}

static int32_t res_ledger(res_work *w, const res_year *y)
{
    res_value target = {0, 0}, actual = {0, 0};
    kam__totals t;
    uint32_t decimals = 0;
    int64_t gross = kam__cell_num(w->years, y->at, KAM_PLAN_YEAR_GROSS_PROFIT, 0);
    int64_t cost = kam__cell_num(w->years, y->at, KAM_PLAN_YEAR_COST, 0);
    KAM__TRY(res_totals(&t, &decimals, w, y->from, y->to, y->currency));
    if (kam__cell_has(w->years, y->at, KAM_PLAN_YEAR_REVENUE)) {
        KAM__TRY(res_money(&target, kam__cell_num(w->years, y->at, KAM_PLAN_YEAR_REVENUE, 0), y->decimals, w->err));
        KAM__TRY(res_money(&actual, t.revenue, decimals, w->err));
        KAM__TRY(res_row(w, y, KAM_PLAN_MEASURE_PURCHASES, target, actual));
    }
    if (!kam__cell_has(w->years, y->at, KAM_PLAN_YEAR_GROSS_PROFIT)) return KAM_OK;
    if (cost == INT64_MIN || kam__add(gross, -cost, &gross))
        return kam__fail(w->err, KAM_E_LIMIT, "the target contribution of %lld does not fit 64 bits",
                         (long long)y->year);
    KAM__TRY(res_money(&target, gross, y->decimals, w->err));
    KAM__TRY(res_money(&actual, t.contribution, decimals, w->err));
    return res_row(w, y, KAM_PLAN_MEASURE_CONTRIBUTION, target, actual);
}

static int32_t res_of_year(res_work *w, const res_year *y)
{
    res_value share = {0, 0};
    KAM__TRY(res_ledger(w, y));
    KAM__TRY(res_row(w, y, KAM_PLAN_MEASURE_SATISFACTION, res_points(w->years, y->at, KAM_PLAN_YEAR_SATISFACTION),
                     res_review(w, y, KAM_ACCOUNT_REVIEW_SATISFACTION)));
    if (kam__cell_has(w->years, y->at, KAM_PLAN_YEAR_MARKET_SHARE)) KAM__TRY(res_share(&share, w, y));
    KAM__TRY(
        res_row(w, y, KAM_PLAN_MEASURE_MARKET_SHARE, res_points(w->years, y->at, KAM_PLAN_YEAR_MARKET_SHARE), share));
    return res_row(w, y, KAM_PLAN_MEASURE_COOPERATION, res_points(w->years, y->at, KAM_PLAN_YEAR_COOPERATION),
                   res_review(w, y, KAM_ACCOUNT_REVIEW_COOPERATION));
}

static res_year res_year_at(const res_work *w, uint64_t i)
{
    res_year y = {.year = kam__cell_num(w->years, i, KAM_PLAN_YEAR_YEAR, 0), .at = i};
    size_t len = 0;
    const char *code = kam__cell_text(w->years, i, KAM_PLAN_YEAR_CURRENCY, &len);
    kam_book *b = w->plan->book;
    if (len == 3)
        memcpy(y.currency, code, 3);
    else if (strlen(kam__schema_base_currency(b->schema)) == 3)
        memcpy(y.currency, kam__schema_base_currency(b->schema), 4);
    int32_t d = kam__schema_decimals(b->schema, y.currency);
    y.decimals = d > 0 ? (uint32_t)d : 0;
    y.from = kam__day((int32_t)y.year, w->month, 1);
    y.to = kam__add_months(y.from, 12);
    return y;
}

/* ---------------------------------------------------------------- the run */

static int32_t res_read(res_work *w)
{
    static const uint32_t order[] = {KAM_PLAN_YEAR_YEAR};
    kam_book *b = w->plan->book;
    kam_record *plan = NULL;
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_PLAN_YEAR), KAM_PLAN_YEAR_PLAN), KAM_OP_EQ,
                  w->plan->id);
    kam__read q = {.scan = {.kind = KAM_KIND_PLAN_YEAR, .pred = &p, .npred = 1, .order = order, .norder = 1},
                   .as_of = KAM_TODAY};
    KAM__TRY(kam__read_set(&w->years, b, &q, w->err));
    KAM__TRY(kam__strategy_read(&w->reviews, b, KAM_KIND_ACCOUNT_REVIEW, KAM_ACCOUNT_REVIEW_ACCOUNT, w->plan->account,
                                KAM_TODAY, w->err));
    KAM__TRY(kam__record_new(&w->account, b->schema, KAM_KIND_ACCOUNT, w->err));
    KAM__TRY(kam__read_one(w->account, b, w->plan->account, KAM_TODAY, w->err));
    KAM__TRY(kam__record_new(&plan, b->schema, KAM_KIND_ACCOUNT_PLAN, w->err));
    int32_t rc = kam__read_one(plan, b, w->plan->id, KAM_TODAY, w->err);
    w->month = rc == KAM_OK ? (int32_t)kam__record_num(plan, KAM_ACCOUNT_PLAN_FIRST_MONTH, 1) : 1;
    kam_record_free(plan);
    return rc;
}

static int32_t res_list(res_work *w)
{
    kam__sha256_init(&w->hash);
    KAM__TRY(kam__rowset_new(&w->set, w->plan->book->schema, KAM_KIND_PLAN_RESULT, NULL, 0, w->err));
    for (uint64_t i = 0; i < w->years->nrow; i++) {
        res_year y = res_year_at(w, i);
        if (y.from <= w->as_of) KAM__TRY(res_of_year(w, &y));
    }
    return KAM_OK;
}

static int32_t res_record(kam_record *r, res_work *w)
{
    char hex[65];
    kam_buf counts;
    kam__sha256_end(&w->hash, hex);
    kam__record_put_num(r, KAM_RUN_ACCOUNTS, 1);
    kam__record_put_num(r, KAM_RUN_ITEMS, w->rows);
    kam__record_put_num(r, KAM_RUN_FLAGS, 0);
    KAM__TRY(kam__record_put_str(r, KAM_RUN_INPUT_HASH, hex, w->err));
    kam__buf_init(&counts, w->plan->ctx);
    kam__buf_printf(&counts, "{\"plan\":%lld,\"account\":%lld,\"base_year\":%d,\"indicators\":%lld,\"met\":%lld}",
                    (long long)w->plan->id, (long long)w->plan->account, (int)w->plan->year, (long long)w->rows,
                    (long long)w->met);
    int32_t rc = kam__buf_end(&counts, w->err);
    if (rc == KAM_OK) rc = kam__record_put_str(r, KAM_RUN_COUNTS, kam_buf_data(&counts), w->err);
    kam__buf_drop(&counts);
    return rc;
}

static int32_t res_make(kam_run **out, res_work *w)
{
    kam_run *run = NULL;
    KAM__TRY(kam__value_day(&w->as_of, w->plan->book, w->err));
    KAM__TRY(res_read(w));
    KAM__TRY(res_list(w));
    KAM__TRY(kam__run_new(&run, w->plan->book, KAM_RUN_KIND_ACCOUNT_PLAN, &kam__account_plan_run_ops, w->as_of, NULL,
                          w->err));
    int32_t rc = res_record(run->record, w);
    if (rc == KAM_OK) {
        rc = kam__run_add_list(run, w->set, w->err);
        w->set = NULL;
    }
    if (rc == KAM_OK)
        *out = run;
    else
        kam_run_free(run);
    return rc;
}

static void res_free(res_work *w)
{
    kam__rowset_drop(w->years);
    kam__rowset_drop(w->reviews);
    kam__rowset_drop(w->set);
    kam_record_free(w->account);
}

int32_t kam_account_plan_run(kam_run **out, kam_account_plan *plan, int32_t as_of, kam_error *err)
{
    res_work w = {.plan = plan, .as_of = as_of, .err = err};
    kam_run *run = NULL;
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__plan_handle(plan, err));
    KAM__TRY(kam__txn_enter(&c, plan->book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&c, res_make(&run, &w), err);
    res_free(&w);
    if (rc == KAM_OK)
        *out = run;
    else
        kam_run_free(run);
    return rc;
}
