/*
 * visit/plan_tour.c - the way of a day: distances, and the order of stops.
 *
 * A way begins at the representative's home, or at its first stop where no home is known, and ends at its last stop.
 * Up to nine stops are ordered exactly by dynamic programming over subsets (Held and Karp, 1962); more by the nearest
 * neighbour from each of a few starts, then 2-opt and Or-opt (Or, 1976). The same stops always give the same order,
 * whatever the plan was before.
 */
#include "plan.h"

#define PTOUR_EXACT 9u
#define PTOUR_TABLE 1100u                        /* accounts up to which all distances are kept */
#define PTOUR_STARTS 12u
#define PTOUR_FAR INT64_MAX

static int64_t ptour_line(const kam__plan *p, uint32_t a, uint32_t b)
{
    const kam__plan_account *x = a == KAM__PLAN_HOME ? NULL : &p->account[a], *y = b == KAM__PLAN_HOME ? NULL : &p->account[b];
    int64_t line = kam__geo_metres(x ? x->lat : p->home_lat, x ? x->lon : p->home_lon, y ? y->lat : p->home_lat,
                                   y ? y->lon : p->home_lon);
    return p->hours.detour > 0 && p->hours.detour != 1000 ? line * p->hours.detour / 1000 : line;
}

static int ptour_located(const kam__plan *p, uint32_t a)
{
    return a == p->naccount ? p->home : p->account[a].located;
}

static int64_t ptour_id(const kam__plan *p, uint32_t a)
{
    return a == p->naccount ? 0 : p->account[a].id;
}

/* The table's last row and column are home. */
static int32_t ptour_told(kam__plan *p, uint32_t a, uint32_t b, kam_error *err)
{
    size_t n = (size_t)p->naccount + 1;
    int64_t metres = -1, seconds = -1;
    int32_t rc = p->hours.travel(p->hours.user, ptour_id(p, a), ptour_id(p, b), &metres, &seconds);
    if (rc != KAM_OK || metres < 0 || metres > INT32_MAX / 16 || seconds > INT32_MAX / 16)
        return kam__fail(err, rc < 0 ? rc : KAM_E_INVAL,
                         "the travel callback says %lld m, %lld s from account %lld to %lld: 0 or more is expected, and less "
                         "than 134217727", (long long)metres, (long long)seconds, (long long)ptour_id(p, a), (long long)ptour_id(p, b));
    p->metres[a * n + b] = p->metres[b * n + a] = metres;
    p->seconds[a * n + b] = p->seconds[b * n + a] = (int32_t)(seconds < 0 ? -1 : seconds);
    return KAM_OK;
}

int32_t kam__plan_places(kam__plan *p, kam_error *err)
{
    if (p->metres) return KAM_OK;
    if (p->naccount > PTOUR_TABLE && !p->hours.travel) return KAM_OK;
    if (p->naccount > PTOUR_TABLE)
        return kam__fail(err, KAM_E_LIMIT, "%u accounts of one representative are too many for a travel callback (at most %u)",
                         (unsigned)p->naccount, (unsigned)PTOUR_TABLE);
    size_t n = (size_t)p->naccount + 1;
    p->metres = kam__zalloc_n(p->ctx, n * n, sizeof *p->metres);
    if (p->hours.travel) p->seconds = kam__zalloc_n(p->ctx, n * n, sizeof *p->seconds);
    if (!p->metres || (p->hours.travel && !p->seconds)) return kam__nomem(err);
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = 0; b < a; b++) {
            if (!ptour_located(p, a) || !ptour_located(p, b)) continue;
            if (p->hours.travel) KAM__TRY(ptour_told(p, a, b, err));      /* home is the last one: it is whence */
            else p->metres[a * n + b] = p->metres[b * n + a] = ptour_line(p, b, a == p->naccount ? KAM__PLAN_HOME : a);
        }
    return KAM_OK;
}

int64_t kam__plan_metres(const kam__plan *p, uint32_t a, uint32_t b)
{
    if (a == b || ((a == KAM__PLAN_HOME || b == KAM__PLAN_HOME) && !p->home)) return 0;
    if (p->metres) {
        size_t n = (size_t)p->naccount + 1, x = a == KAM__PLAN_HOME ? n - 1 : a, y = b == KAM__PLAN_HOME ? n - 1 : b;
        return p->metres[x * n + y];
    }
    return a > b ? ptour_line(p, b, a) : ptour_line(p, a, b);
}

int64_t kam__plan_seconds(const kam__plan *p, uint32_t a, uint32_t b)
{
    int64_t speed = p->hours.speed > 0 ? p->hours.speed : KAM__PLAN_SPEED;
    if (p->seconds && a != b && !((a == KAM__PLAN_HOME || b == KAM__PLAN_HOME) && !p->home)) {
        size_t n = (size_t)p->naccount + 1, x = a == KAM__PLAN_HOME ? n - 1 : a, y = b == KAM__PLAN_HOME ? n - 1 : b;
        if (p->seconds[x * n + y] >= 0) return p->seconds[x * n + y];
    }
    return (kam__plan_metres(p, a, b) * 36 + 10 * speed - 1) / (10 * speed);
}

/* ---------------------------------------------------------------- exact */

/* best[set][k]: the shortest way from the start through the stops of the set that ends at k. */
static int64_t ptour_exact(const kam__plan *p, uint32_t *stop, uint32_t n)
{
    int64_t best[1u << PTOUR_EXACT][PTOUR_EXACT] = {{0}}, d[PTOUR_EXACT][PTOUR_EXACT];
    uint8_t from[1u << PTOUR_EXACT][PTOUR_EXACT] = {{0}};
    uint32_t order[PTOUR_EXACT], all = (1u << n) - 1, end = 0;
    for (uint32_t a = 0; a < n; a++)
        for (uint32_t b = 0; b < n; b++) d[a][b] = kam__plan_metres(p, stop[a], stop[b]);
    for (uint32_t s = 1; s <= all; s++)
        for (uint32_t k = 0; k < n; k++) {
            uint32_t rest = s & ~(1u << k);
            best[s][k] = PTOUR_FAR;
            if (!(s >> k & 1u)) continue;
            if (!rest) best[s][k] = kam__plan_metres(p, KAM__PLAN_HOME, stop[k]);
            for (uint32_t j = 0; j < n; j++)
                if (rest >> j & 1u && best[rest][j] + d[j][k] < best[s][k]) {
                    best[s][k] = best[rest][j] + d[j][k];
                    from[s][k] = (uint8_t)j;
                }
        }
    for (uint32_t k = 1; k < n; k++)
        if (best[all][k] <= best[all][end]) end = k;        /* a way without a home is as long backwards */
    int64_t length = best[all][end];
    for (uint32_t s = all, i = n; i-- > 0;) {
        order[i] = stop[end];
        uint32_t before = i ? from[s][end] : 0;
        s &= ~(1u << end);
        end = before;
    }
    memcpy(stop, order, n * sizeof *stop);
    return length;
}

/* ---------------------------------------------------------------- many stops */

static int64_t ptour_at(const kam__plan *p, const uint32_t *stop, uint32_t n, uint32_t i)
{
    if (i == 0) return kam__plan_metres(p, KAM__PLAN_HOME, stop[0]);
    return i == n ? 0 : kam__plan_metres(p, stop[i - 1], stop[i]);
}

static int64_t ptour_length(const kam__plan *p, const uint32_t *stop, uint32_t n)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++) sum += ptour_at(p, stop, n, i);
    return sum;
}

static void ptour_nearest(const kam__plan *p, uint32_t *stop, uint32_t n, uint32_t start)
{
    uint32_t swap = stop[0];
    stop[0] = stop[start];
    stop[start] = swap;
    for (uint32_t i = 1; i < n; i++) {
        uint32_t near = i;
        for (uint32_t k = i + 1; k < n; k++) {
            int64_t a = kam__plan_metres(p, stop[i - 1], stop[k]), b = kam__plan_metres(p, stop[i - 1], stop[near]);
            if (a < b || (a == b && stop[k] < stop[near])) near = k;
        }
        swap = stop[i];
        stop[i] = stop[near];
        stop[near] = swap;
    }
}

/* Metres from stop i to the next one in place k of the way (k = n: the end, k = -1: the start). */
static int64_t ptour_edge(const kam__plan *p, const uint32_t *stop, uint32_t n, int64_t i, int64_t k)
{
    if (k >= (int64_t)n) return 0;
    return kam__plan_metres(p, i < 0 ? KAM__PLAN_HOME : stop[i], stop[k]);
}

static void ptour_reverse(uint32_t *stop, uint32_t a, uint32_t b)
{
    for (; a < b; a++, b--) {
        uint32_t swap = stop[a];
        stop[a] = stop[b];
        stop[b] = swap;
    }
}

static int ptour_two_opt(const kam__plan *p, uint32_t *stop, uint32_t n)
{
    for (uint32_t a = 0; a + 1 < n; a++)
        for (uint32_t b = a + 1; b < n; b++) {
            int64_t i = (int64_t)a - 1, was = ptour_edge(p, stop, n, i, a) + ptour_edge(p, stop, n, b, (int64_t)b + 1);
            int64_t is = ptour_edge(p, stop, n, i, b) + (b + 1 < n ? kam__plan_metres(p, stop[a], stop[b + 1]) : 0);
            if (is >= was) continue;
            ptour_reverse(stop, a, b);
            return 1;
        }
    return 0;
}

/* One to three stops in a row go elsewhere. */
static int ptour_or_opt(const kam__plan *p, uint32_t *stop, uint32_t n, uint32_t *work)
{
    int64_t length = ptour_length(p, stop, n);
    for (uint32_t len = 1; len <= 3 && len < n; len++)
        for (uint32_t a = 0; a + len <= n; a++)
            for (uint32_t to = 0; to + len <= n; to++) {
                if (to == a) continue;
                uint32_t k = 0;
                for (uint32_t i = 0; i < n - len; i++) {
                    if (i == to) for (uint32_t x = 0; x < len; x++) work[k++] = stop[a + x];
                    work[k++] = stop[i < a ? i : i + len];
                }
                if (to == n - len) for (uint32_t x = 0; x < len; x++) work[k++] = stop[a + x];
                if (ptour_length(p, work, n) >= length) continue;
                memcpy(stop, work, n * sizeof *stop);
                return 1;
            }
    return 0;
}

static int64_t ptour_many(const kam__plan *p, uint32_t *stop, uint32_t n)
{
    uint32_t *try = stop + n, *work = stop + 2 * (size_t)n;
    int64_t best = PTOUR_FAR;
    uint32_t starts = n < PTOUR_STARTS ? n : PTOUR_STARTS;
    for (uint32_t s = 0; s < starts; s++) {
        memcpy(work, stop, n * sizeof *stop);
        ptour_nearest(p, work, n, s * n / starts);
        int64_t length = ptour_length(p, work, n);
        if (length >= best) continue;
        best = length;
        memcpy(try, work, n * sizeof *stop);
    }
    memcpy(stop, try, n * sizeof *stop);
    while (ptour_two_opt(p, stop, n) || (n <= 60 && ptour_or_opt(p, stop, n, work))) {}
    return ptour_length(p, stop, n);
}

int64_t kam__plan_tour(const kam__plan *p, uint32_t *stop, uint32_t n)
{
    if (!n) return 0;
    return n <= PTOUR_EXACT ? ptour_exact(p, stop, n) : ptour_many(p, stop, n);
}
