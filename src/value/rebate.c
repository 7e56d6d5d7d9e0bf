/*
 * value/rebate.c - rebates by tiers of turnover: exact accruals, and how far the next tier is.
 *
 * Products of amount and rate are kept as whole parts and rests of 10,000, so nothing overflows and there is one
 * rounding at the end, whatever the number of tiers.
 */
#include "value/measure.h"

typedef struct rebate_sum {
    int64_t whole, rest;
} rebate_sum; /* whole + rest / 10000 */

static void rebate_add(rebate_sum *s, int64_t amount, int64_t rate) {
    s->whole += amount / 10000 * rate;
    s->rest += amount % 10000 * rate;
    s->whole += s->rest / 10000;
    s->rest %= 10000;
}

static int64_t rebate_round(const rebate_sum *s) {
    return s->whole + (s->rest > 5000 || (s->rest == 5000 && s->whole % 2 != 0));
}

static int64_t rebate_owed(int64_t turnover, const kam__tier *tier, size_t n, uint32_t mode, int32_t *reached) {
    rebate_sum sum = {0, 0};
    *reached = -1;
    for (size_t i = 0; i < n && turnover >= tier[i].from; i++) {
        int64_t to = i + 1 < n && tier[i + 1].from < turnover ? tier[i + 1].from : turnover;
        *reached = (int32_t)i;
        if (mode == KAM__REBATE_MARGINAL) rebate_add(&sum, to - tier[i].from, tier[i].rate);
    }
    if (mode == KAM__REBATE_WHOLE && *reached >= 0) rebate_add(&sum, turnover, tier[*reached].rate);
    return rebate_round(&sum);
}

static int32_t rebate_check(const kam__tier *tier, size_t n, uint32_t mode, kam_error *err) {
    if (mode > KAM__REBATE_MARGINAL)
        return kam__fail(err, KAM_E_INVAL, "a rebate is on the whole turnover or marginal");
    if (n > 1000) return kam__fail(err, KAM_E_INVAL, "a rebate has at most 1000 tiers, not %llu",
                                     (unsigned long long)n);
    for (size_t i = 0; i < n; i++) {
        if (tier[i].rate < 0 || tier[i].rate > 10000)
            return kam__fail(err, KAM_E_INVAL, "the rate of tier %u is 0 to 10000 (10^-4)", (unsigned)i + 1);
        if (tier[i].from < 0 || (i && tier[i].from <= tier[i - 1].from))
            return kam__fail(err, KAM_E_INVAL, "tier %u must begin above the one before", (unsigned)i + 1);
    }
    return KAM_OK;
}

int32_t kam__rebate_make(kam__rebate *out, int64_t turnover, const kam__tier *tier, size_t n, uint32_t mode,
                         kam_error *err) {
    int32_t next = 0;
    int64_t base = turnover > 0 ? turnover : 0;
    KAM__TRY(rebate_check(tier, n, mode, err));
    kam__rebate r = {.away = -1, .more = -1};
    r.accrual = rebate_owed(base, tier, n, mode, &r.tier);
    if ((size_t)(r.tier + 1) < n) {
        const kam__tier *up = &tier[r.tier + 1];
        if (kam__add(up->from, turnover < -INT64_MAX ? INT64_MAX : -turnover, &r.away)) r.away = INT64_MAX;
        r.more = rebate_owed(up->from, tier, n, mode, &next);
    }
    *out = r;
    return KAM_OK;
}
