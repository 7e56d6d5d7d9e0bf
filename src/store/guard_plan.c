/*
 * store/guard_plan.c - the rules of account plans, reviews and annual figures that no type can say.
 *
 * Ranges stand in one table; what needs a look at other records (the plan's years, a score's factor, a second plan of
 * the same year) has a function each. The requirement a rule comes from stands beside it.
 */
#include "store.h"

static int32_t gplan_fail(kam_error *err, int32_t code, uint32_t field, const char *text)
{
    kam__fail(err, code, "%s", text);
    kam__err_set(err, KAM_ERR_FIELD, field);
    return code;
}

/* ---------------------------------------------------------------- ranges */

static const struct {
    uint32_t field;
    int64_t most;
    const char *text;
} gplan_ranges[] = {
    {KAM_PLAN_YEAR_MARKET_SHARE, 10000, "market_share is a share from 0 to 1"},
    {KAM_PLAN_YEAR_SATISFACTION, 100000, "satisfaction is 0 to 10 points"},
    {KAM_PLAN_YEAR_COOPERATION, 100000, "cooperation is 0 to 10 points"},
    {KAM_PLAN_CSF_WEIGHT, 1000000, "weight is 0 to 100"},
    {KAM_PLAN_CSF_RATING, 100000, "rating is 0 to 10 points"},
    {KAM_PLAN_CSF_COMPETITOR, 100000, "competitor is a rating of 0 to 10 points"},
    {KAM_PLAN_FACTOR_WEIGHT, 1000000, "weight is 0 to 100 on its axis"},
    {KAM_PLAN_SCORE_SCORE, 100000, "score is 0 to 10 points"},
    {KAM_PLAN_OBJECTIVE_FEASIBILITY, 10000, "feasibility is a share from 0 to 1"},
    {KAM_ACCOUNT_REVIEW_SATISFACTION, 100000, "satisfaction is 0 to 10 points"},
    {KAM_ACCOUNT_REVIEW_COOPERATION, 100000, "cooperation is 0 to 10 points"},
    {KAM_ACCOUNT_REVIEW_TRUST, 100000, "trust is 0 to 10 points"},
    {KAM_ACCOUNT_REVIEW_WIN_WIN, 100000, "win_win is 0 to 10 points"},
    {KAM_ACCOUNT_REVIEW_INNOVATION, 100000, "innovation is 0 to 10 points"},
    {KAM_ACCOUNT_PLAN_FIRST_MONTH, 12, "first_month is a month, 1 to 12; leave it empty for January"},
};

static int32_t gplan_range(const kam_record *r, kam_error *err)
{
    for (size_t i = 0; i < KAM__LEN(gplan_ranges); i++) {
        uint32_t field = gplan_ranges[i].field;
        if (field / 128 != r->kind->id || !kam__record_has(r, field)) continue;
        int64_t v = kam__record_num(r, field, 0), least = field == KAM_ACCOUNT_PLAN_FIRST_MONTH;
        if (v < least || v > gplan_ranges[i].most) return gplan_fail(err, KAM_E_INVAL, field, gplan_ranges[i].text);
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- other records */

/* One number of another record. */
static int32_t gplan_look(int64_t *out, kam_book *b, uint32_t kind, int64_t id, uint32_t field, kam_error *err)
{
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, b->schema, kind, err));
    int32_t rc = kam__read_one(r, b, id, KAM_TODAY, err);
    if (rc == KAM_OK) *out = kam__record_num(r, field, 0);
    kam_record_free(r);
    return rc;
}

/* Does another record of the kind have the same values in these (whole-number) fields? */
static int32_t gplan_twice(int *twice, kam_book *b, const kam_record *r, const uint32_t *field, uint32_t n,
                           kam_error *err)
{
    kam_pred p[5];
    kam__pred mem[5];
    int64_t id = kam__record_num(r, KAM_ID, 0);
    for (uint32_t i = 0; i < n; i++)
        kam__pred_i64(&p[i], &mem[i], kam__kind_field(r->kind, field[i]), KAM_OP_EQ, kam__record_num(r, field[i], 0));
    if (!id) return kam__read_exists(twice, b, r->kind->id, p, n, 0, err);
    kam__pred_i64(&p[n], &mem[n], kam__kind_field(r->kind, KAM_ID), KAM_OP_LT, id);
    KAM__TRY(kam__read_exists(twice, b, r->kind->id, p, n + 1, 0, err));
    if (*twice) return KAM_OK;
    kam__pred_i64(&p[n], &mem[n], kam__kind_field(r->kind, KAM_ID), KAM_OP_GT, id);
    return kam__read_exists(twice, b, r->kind->id, p, n + 1, 0, err);
}

/* A year within T .. T+3 of the record's plan. */
static int32_t gplan_year(kam_book *b, const kam_record *r, uint32_t plan, uint32_t year, kam_error *err)
{
    int64_t base = 0, y = kam__record_num(r, year, 0);
    if (!kam__record_has(r, year)) return KAM_OK;
    KAM__TRY(gplan_look(&base, b, KAM_KIND_ACCOUNT_PLAN, kam__record_num(r, plan, 0), KAM_ACCOUNT_PLAN_BASE_YEAR, err));
    if (y >= base && y <= base + 3) return KAM_OK;
    kam__fail(err, KAM_E_INVAL, "year %lld is not in the plan: it runs from %lld to %lld", (long long)y,
              (long long)base, (long long)base + 3);
    kam__err_set(err, KAM_ERR_FIELD, year);
    return KAM_E_INVAL;
}

/* ---------------------------------------------------------------- kinds */

/* R86: one plan of an account and base year. */
static int32_t gplan_plan(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    static const uint32_t key[] = {KAM_ACCOUNT_PLAN_ACCOUNT, KAM_ACCOUNT_PLAN_BASE_YEAR};
    int64_t year = kam__record_num(r, KAM_ACCOUNT_PLAN_BASE_YEAR, 0);
    int twice = 0;
    if (year < 1900 || year > 9990)
        return gplan_fail(err, KAM_E_INVAL, KAM_ACCOUNT_PLAN_BASE_YEAR, "base_year is a year from 1900 to 9990");
    if (old && kam__record_num(old, KAM_ACCOUNT_PLAN_BASE_YEAR, 0) != year)
        return gplan_fail(err, KAM_E_INVAL, KAM_ACCOUNT_PLAN_BASE_YEAR,
                          "the base year of a plan stays: open the plan of the other year");
    KAM__TRY(gplan_twice(&twice, b, r, key, 2, err));
    return twice ? gplan_fail(err, KAM_E_EXISTS, KAM_ACCOUNT_PLAN_BASE_YEAR,
                              "this account has a plan of that base year already: change that one")
                 : KAM_OK;
}

static int32_t gplan_plan_year(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    static const uint32_t key[] = {KAM_PLAN_YEAR_PLAN, KAM_PLAN_YEAR_YEAR};
    int twice = 0;
    (void)old;
    KAM__TRY(gplan_year(b, r, KAM_PLAN_YEAR_PLAN, KAM_PLAN_YEAR_YEAR, err));
    KAM__TRY(gplan_twice(&twice, b, r, key, 2, err));
    return twice
               ? gplan_fail(err, KAM_E_EXISTS, KAM_PLAN_YEAR_YEAR, "the plan has this year already: change that record")
               : KAM_OK;
}

static int32_t gplan_budget(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)old;
    return gplan_year(b, r, KAM_PLAN_BUDGET_PLAN, KAM_PLAN_BUDGET_YEAR, err);
}

/* R155: what is joint, the customer has agreed to. */
static int32_t gplan_objective(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)old;
    if (kam__record_num(r, KAM_PLAN_OBJECTIVE_JOINT, 0) &&
        (!kam_record_text(r, KAM_PLAN_OBJECTIVE_AGREED_BY, NULL) || !kam__record_has(r, KAM_PLAN_OBJECTIVE_AGREED)))
        return gplan_fail(
            err, KAM_E_INVAL, KAM_PLAN_OBJECTIVE_AGREED_BY,
            "a joint objective says who of the customer agreed and on which day: set agreed_by and agreed");
    return gplan_year(b, r, KAM_PLAN_OBJECTIVE_PLAN, KAM_PLAN_OBJECTIVE_YEAR, err);
}

static int32_t gplan_item(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    int64_t plan = 0, objective = kam__record_num(r, KAM_PLAN_ITEM_OBJECTIVE, 0);
    (void)old;
    if (!objective) return KAM_OK;
    KAM__TRY(gplan_look(&plan, b, KAM_KIND_PLAN_OBJECTIVE, objective, KAM_PLAN_OBJECTIVE_PLAN, err));
    return plan == kam__record_num(r, KAM_PLAN_ITEM_PLAN, 0)
               ? KAM_OK
               : gplan_fail(err, KAM_E_INVAL, KAM_PLAN_ITEM_OBJECTIVE, "the objective belongs to another account plan");
}

/* R80: competitors are scored on strength only; unit and factor are of one plan. */
static int32_t gplan_score(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    int64_t factor = kam__record_num(r, KAM_PLAN_SCORE_FACTOR, 0), axis = 0, of_factor = 0, of_unit = 0;
    (void)old;
    KAM__TRY(gplan_look(&of_factor, b, KAM_KIND_PLAN_FACTOR, factor, KAM_PLAN_FACTOR_PLAN, err));
    KAM__TRY(gplan_look(&of_unit, b, KAM_KIND_PLAN_UNIT, kam__record_num(r, KAM_PLAN_SCORE_UNIT, 0), KAM_PLAN_UNIT_PLAN,
                        err));
    if (of_factor != of_unit)
        return gplan_fail(err, KAM_E_INVAL, KAM_PLAN_SCORE_FACTOR, "unit and factor belong to different account plans");
    if (!kam_record_text(r, KAM_PLAN_SCORE_COMPETITOR, NULL)) return KAM_OK;
    KAM__TRY(gplan_look(&axis, b, KAM_KIND_PLAN_FACTOR, factor, KAM_PLAN_FACTOR_AXIS, err));
    return axis == KAM_MATRIX_AXIS_STRENGTH
               ? KAM_OK
               : gplan_fail(err, KAM_E_INVAL, KAM_PLAN_SCORE_COMPETITOR,
                            "a competitor is scored on factors of strength: attractiveness is the market's own");
}

/* R68, R70: figures of an account, or of an industry beside it; once a year. */
static int32_t gplan_financial(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    static const uint32_t key[] = {KAM_FINANCIAL_ACCOUNT, KAM_FINANCIAL_YEAR};
    int account = kam__record_has(r, KAM_FINANCIAL_ACCOUNT), twice = 0;
    int64_t year = kam__record_num(r, KAM_FINANCIAL_YEAR, 0);
    (void)old;
    if (account == (kam_record_text(r, KAM_FINANCIAL_INDUSTRY, NULL) != NULL))
        return gplan_fail(err, KAM_E_INVAL, KAM_FINANCIAL_INDUSTRY,
                          "annual figures are of an account or of an industry: set one of the two");
    if (year < 1900 || year > 9999)
        return gplan_fail(err, KAM_E_INVAL, KAM_FINANCIAL_YEAR, "year is a year from 1900 to 9999");
    if (account) KAM__TRY(gplan_twice(&twice, b, r, key, 2, err));
    return twice ? gplan_fail(err, KAM_E_EXISTS, KAM_FINANCIAL_YEAR,
                              "the account has figures of this year already: change that record")
                 : KAM_OK;
}

static const struct {
    uint32_t kind;
    int32_t (*check)(kam_book *, const kam_record *, const kam_record *, kam_error *);
} gplan_checks[] = {
    {KAM_KIND_ACCOUNT_PLAN, gplan_plan},   {KAM_KIND_PLAN_YEAR, gplan_plan_year},
    {KAM_KIND_PLAN_BUDGET, gplan_budget},  {KAM_KIND_PLAN_OBJECTIVE, gplan_objective},
    {KAM_KIND_PLAN_ITEM, gplan_item},      {KAM_KIND_PLAN_SCORE, gplan_score},
    {KAM_KIND_FINANCIAL, gplan_financial},
};

int32_t kam__guard_plan(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    KAM__TRY(gplan_range(r, err));
    for (size_t i = 0; i < KAM__LEN(gplan_checks); i++)
        if (gplan_checks[i].kind == r->kind->id) return gplan_checks[i].check(b, r, old, err);
    return KAM_OK;
}
