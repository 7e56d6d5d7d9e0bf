/*
 * strategy/ratio.c - six financial ratios from annual figures (R68), exact to four places.
 *
 * The document's words read as current ratio, net margin, return on assets, debtor control in days and stock turnover
 * (cost of goods to stock); asset turnover is kept as a sixth. What divides by zero is undefined, never 0.
 */
#include "strategy.h"

const kam__ratio_form kam__ratio_forms[6] = {
    {KAM_FINANCIAL_MEASURE_CURRENT_RATIO, KAM_FINANCIAL_CURRENT_ASSETS, KAM_FINANCIAL_CURRENT_LIABILITIES, 1},
    {KAM_FINANCIAL_MEASURE_NET_MARGIN, KAM_FINANCIAL_NET_PROFIT, KAM_FINANCIAL_REVENUE, 1},
    {KAM_FINANCIAL_MEASURE_ROA, KAM_FINANCIAL_NET_PROFIT, KAM_FINANCIAL_TOTAL_ASSETS, 1},
    {KAM_FINANCIAL_MEASURE_DEBTOR_DAYS, KAM_FINANCIAL_RECEIVABLES, KAM_FINANCIAL_REVENUE, 365},
    {KAM_FINANCIAL_MEASURE_STOCK_TURN, KAM_FINANCIAL_COST_OF_GOODS, KAM_FINANCIAL_STOCK, 1},
    {KAM_FINANCIAL_MEASURE_ASSET_TURN, KAM_FINANCIAL_REVENUE, KAM_FINANCIAL_TOTAL_ASSETS, 1},
};

int kam__ratio(int64_t *out, const kam__ratio_form *form, const kam__annual *f)
{
    uint32_t over = form->over - KAM_FINANCIAL_REVENUE, under = form->under - KAM_FINANCIAL_REVENUE;
    if (!f->has[over] || !f->has[under]) return KAM__RATIO_UNKNOWN;
    int64_t a = f->v[over], b = f->v[under];
    if (!b) return KAM__RATIO_UNDEFINED;
    if (a == INT64_MIN || b == INT64_MIN) return KAM__RATIO_TOO_BIG;
    if (b < 0) a = -a, b = -b; /* divisors are positive */
    return kam__muldiv(a, form->times * 10000, b, KAM__HALF_EVEN, out) ? KAM__RATIO_TOO_BIG : KAM__RATIO_OK;
}
