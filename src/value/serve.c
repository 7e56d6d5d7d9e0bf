/*
 * value/serve.c - cost to serve: pots of shared costs to accounts by what drives them (activity-based costing, Kaplan &
 * Cooper 1988). Each pot is split by largest remainders, so accounts and pots add up to the same cent; a pot that nobody
 * drives is told, not spread.
 */
#include "value/measure.h"

int64_t kam__share(int64_t a, int64_t b) {
    int64_t out;
    if (b <= 0) return 0;
    if (kam__muldiv(a, 10000, b, KAM__HALF_EVEN, &out)) return a < 0 ? INT64_MIN : INT64_MAX;
    return out;
}

/* The driver without what is below zero; 1 = somebody has some of it. */
static int serve_weights(int64_t *weight, const int64_t *driver, size_t n) {
    int any = 0;
    for (size_t i = 0; i < n; i++) {
        weight[i] = driver && driver[i] > 0 ? driver[i] : 0;
        any |= weight[i] > 0;
    }
    return any;
}

static int32_t serve_pools(int64_t *cost, int64_t *left, const kam__pool *pool, size_t npool,
                           const int64_t *const driver[KAM__DRIVERS], size_t n, int64_t *room, kam_ctx *ctx,
                           kam_error *err) {
    int64_t *weight = room, *part = room + n;
    for (size_t p = 0; p < npool; p++) {
        left[p] = 0;
        if (!serve_weights(weight, driver[pool[p].driver], n)) {
            left[p] = pool[p].amount;
            continue;
        }
        KAM__TRY(kam__allocate(part, pool[p].amount, weight, n, ctx, err));
        for (size_t i = 0; i < n; i++)
            if (kam__add(cost[i], part[i], &cost[i]))
                return kam__fail(err, KAM_E_LIMIT, "the cost to serve of account %llu does not fit 64 bits",
                                 (unsigned long long)i);
    }
    return KAM_OK;
}

int32_t kam__serve_allocate(int64_t *cost, int64_t *left, const kam__pool *pool, size_t npool,
                            const int64_t *const driver[KAM__DRIVERS], size_t n, kam_ctx *ctx, kam_error *err) {
    for (size_t p = 0; p < npool; p++)
        if (pool[p].driver >= KAM__DRIVERS)
            return kam__fail(err, KAM_E_INVAL, "pool %llu has no driver %u", (unsigned long long)p,
                             (unsigned)pool[p].driver);
    int64_t *room = kam__zalloc_n(ctx, 3 * n + npool + 1, sizeof *room);
    if (!room) return kam__nomem(err);
    int64_t *sum = room + 2 * n, *rest = room + 3 * n;
    if (n) memcpy(sum, cost, n * sizeof *sum);
    int32_t rc = serve_pools(sum, rest, pool, npool, driver, n, room, ctx, err);
    if (rc == KAM_OK && n) memcpy(cost, sum, n * sizeof *sum);
    if (rc == KAM_OK && npool) memcpy(left, rest, npool * sizeof *rest);
    kam__free(ctx, room);
    return rc;
}
