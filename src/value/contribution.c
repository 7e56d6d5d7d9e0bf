/*
 * value/contribution.c - what is left of an account's revenue (R62): gross profit = revenue - cost of goods; contribution
 * = gross profit - each cost to serve; adjusted = gross profit * (1 - risk factor), rounded half to even once, - the same
 * costs. Exact in minor units, sums in 128 bits on the way; cost to serve in the sense of Shapiro, Rangan, Moriarty and
 * Ross (1987).
 */
#include "value.h"

int32_t kam__contribution(kam__totals *t, kam_error *err) {
    kam__sum s = {0, 0};
    int64_t gross, contribution, adjusted;
    if (t->risk < 0 || t->risk > 10000)
        return kam__fail(err, KAM_E_INVAL, "risk factor %lld is not within 0..10000 (10^-4)", (long long)t->risk);
    kam__sum_add(&s, t->revenue);
    kam__sum_sub(&s, t->cost_of_goods);
    int bad = kam__sum_get(&s, &gross);
    if (bad || kam__muldiv(gross, 10000 - t->risk, 10000, KAM__HALF_EVEN, &adjusted))
        return kam__fail(err, KAM_E_LIMIT, "gross profit of account %lld does not fit 64 bits", (long long)t->account);
    kam__sum a = {0, 0};
    kam__sum_add(&a, adjusted);
    for (uint32_t k = 0; k < KAM__COST_KINDS; k++) {
        kam__sum_sub(&s, t->serve[k]);
        kam__sum_sub(&a, t->serve[k]);
    }
    if (kam__sum_get(&s, &contribution) || kam__sum_get(&a, &adjusted))
        return kam__fail(err, KAM_E_LIMIT, "contribution of account %lld does not fit 64 bits", (long long)t->account);
    t->gross_profit = gross;
    t->contribution = contribution;
    t->adjusted = adjusted;
    return KAM_OK;
}
