/*
 * visit/align.c - who should see whom: accounts go to the nearest area that has room for them.
 *
 * An area lies round a representative's home (or the middle of his accounts); a new one begins at the account with the
 * most to do farthest from everybody. Accounts move, the greatest gain first, where the way to the middle of the area becomes
 * clearly shorter, or where their area has more to do than its share. Loads are kept within their share, so nobody is
 * promised what he cannot do. Rounds end when nobody moves.
 */
#include "visit.h"

#define ALIGN_ROUNDS 12
#define ALIGN_METRES 5000                       /* a shorter gain is not worth a hand-over, */
#define ALIGN_SHARE 5                           /* nor one below a fifth of the way */

typedef struct align_move { uint32_t account, to; int64_t gain; } align_move;
typedef struct align {
    kam_ctx *ctx; kam_error *err;
    kam__align_account *account; uint32_t n;
    kam__align_area *area; uint32_t k;
    align_move *move; uint32_t nmove; int64_t most;
} align;

static int64_t align_way(const align *a, const kam__align_account *x, uint32_t area)
{
    return kam__geo_metres(x->lat, x->lon, a->area[area].lat, a->area[area].lon);
}

static int align_order(const void *x, const void *y, void *arg)
{
    const align_move *a = x, *b = y;
    (void)arg;
    if (a->gain != b->gain) return a->gain > b->gain ? -1 : 1;
    return (a->account > b->account) - (a->account < b->account);
}

/* New areas begin far from all others, where there is much to do. */
static void align_seed(align *a, uint32_t area)
{
    int64_t best = -1;
    for (uint32_t i = 0; i < a->n; i++) {
        int64_t near = INT64_MAX;
        for (uint32_t k = 0; k < area; k++) {
            int64_t d = align_way(a, &a->account[i], k);
            if (d < near) near = d;
        }
        if (near > 40000000) near = 40000000;
        if (near * (a->account[i].visits + 1) <= best) continue;
        best = near * (a->account[i].visits + 1);
        a->area[area].lat = a->account[i].lat;
        a->area[area].lon = a->account[i].lon;
    }
}

/* An area without a home lies in the middle of its accounts. */
static void align_middle(align *a, uint32_t area)
{
    int64_t lat = 0, lon = 0, n = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->account[i].to != (int32_t)area) continue;
        lat += a->account[i].lat;
        lon += a->account[i].lon;
        n++;
    }
    if (!n) return;
    a->area[area].lat = (int32_t)(lat / n);
    a->area[area].lon = (int32_t)(lon / n);
}

static void align_loads(align *a)
{
    int64_t all = 0;
    for (uint32_t k = 0; k < a->k; k++) a->area[k].visits = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        all += a->account[i].visits;
        if (a->account[i].to >= 0) a->area[a->account[i].to].visits += a->account[i].visits;
    }
    a->most = a->k ? all / a->k + all / a->k / 8 + 1 : 0;
}

static int align_fits(const align *a, const kam__align_account *x, uint32_t area)
{
    return (int32_t)area != x->to && a->area[area].visits + x->visits <= a->most;
}

static void align_wish(align *a, uint32_t i)
{
    const kam__align_account *x = &a->account[i];
    int64_t now = x->to < 0 ? INT64_MAX / 4 : align_way(a, x, (uint32_t)x->to), best = INT64_MAX;
    uint32_t to = UINT32_MAX;
    for (uint32_t k = 0; k < a->k; k++) {
        if (!align_fits(a, x, k)) continue;
        int64_t way = align_way(a, x, k);
        if (way < best) best = way, to = k;
    }
    if (to == UINT32_MAX) return;
    int over = x->to >= 0 && a->area[x->to].visits > a->most;
    if (!over && (now - best < ALIGN_METRES || (now - best) * ALIGN_SHARE < now)) return;
    a->move[a->nmove++] = (align_move){i, to, now - best};
}

static int32_t align_round(align *a, int *moved)
{
    *moved = 0;
    a->nmove = 0;
    for (uint32_t i = 0; i < a->n; i++) align_wish(a, i);
    KAM__TRY(kam__sort(a->ctx, a->move, a->nmove, sizeof *a->move, align_order, NULL, a->err));
    for (uint32_t m = 0; m < a->nmove; m++) {
        kam__align_account *x = &a->account[a->move[m].account];
        if (!align_fits(a, x, a->move[m].to)) continue;
        if (x->to >= 0 && a->move[m].gain < ALIGN_METRES && a->area[x->to].visits <= a->most) continue;     /* was over, is not now */
        if (x->to >= 0) a->area[x->to].visits -= x->visits;
        x->to = (int32_t)a->move[m].to;
        a->area[x->to].visits += x->visits;
        *moved = 1;
    }
    return KAM_OK;
}

int32_t kam__align(kam_ctx *ctx, kam__align_account *account, uint32_t n, kam__align_area *area, uint32_t k, uint32_t extra,
                   kam_error *err)
{
    align a = {.ctx = ctx, .err = err, .account = account, .n = n, .area = area, .k = k + extra};
    int32_t rc = KAM_OK;
    a.move = kam__zalloc_n(ctx, (size_t)n + 1, sizeof *a.move);
    if (!a.move) return kam__nomem(err);
    for (uint32_t i = 0; i < n; i++) account[i].to = account[i].owner;
    for (uint32_t i = 0; i < k; i++)
        if (!area[i].home) align_middle(&a, i);
    for (uint32_t i = k; i < a.k; i++) align_seed(&a, i);
    align_loads(&a);
    for (int round = 0, moved = 1; moved && round < ALIGN_ROUNDS && rc == KAM_OK; round++) {
        rc = align_round(&a, &moved);
        for (uint32_t i = 0; i < a.k; i++)
            if (i >= k) align_middle(&a, i);
        if (rc == KAM_OK) rc = kam__progress(ctx, (uint64_t)round, ALIGN_ROUNDS, err);
    }
    kam__free(ctx, a.move);
    return rc;
}
