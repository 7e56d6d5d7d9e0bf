/*
 * route_hgs_turn.c - the hybrid genetic search: routes of a day in the order of the compass around their depot.
 *
 * A stretch of a tour that is handed down should be a region, so routes that lie beside each other must be beside each
 * other in the tour. The problem has costs only; from those to the depot and to two customers far out follows where
 * everybody lies, exactly where costs are distances in a plane and well enough elsewhere. Whole numbers only.
 */
#include "route_hgs.h"

static int64_t hturn_root(int64_t v) {
    int64_t root = 0, bit = (int64_t)1 << 60;
    while (bit > v) bit >>= 2;
    for (; bit; bit >>= 2) {
        if (v >= root + bit) v -= root + bit, root = (root >> 1) + bit;
        else root >>= 1;
    }
    return root;
}

static int32_t hturn_far(const kam__hgs *h, int32_t home, int32_t beside) {
    int32_t far = 0;
    int64_t most = -1;
    for (uint32_t c = 0; c < h->n; c++) {
        int64_t way = kam__hway(h, home, (int32_t)c), other = beside < 0 ? way : kam__hway(h, beside, (int32_t)c);
        if (beside >= 0 && other < way) way = other;
        if (way > most) most = way, far = (int32_t)c;
    }
    return far;
}

/* a lies at (D, 0), so x follows from two ways; y from the first, and its sign from the way to b. */
static void hturn_place(kam__hgs *h, uint32_t day) {
    int32_t home = h->home[day], a = hturn_far(h, home, -1), b = hturn_far(h, home, a);
    int64_t base = kam__hway(h, home, a), bx = 0, by = 0;
    for (int pass = 0; pass < 2 && base > 0; pass++)
        for (uint32_t i = 0; i < h->n; i++) {
            int32_t c = pass ? (int32_t)i : b;
            int64_t d = kam__hway(h, home, c), e = kam__hway(h, a, c), x = (d * d - e * e + base * base) / (2 * base);
            int64_t y = d * d > x * x ? hturn_root(d * d - x * x) : 0;
            if (!pass) {
                bx = x, by = y;
                break;
            }
            int64_t way = kam__hway(h, b, c), dx = (x - bx) / 4, up = (y - by) / 4, down = (y + by) / 4;
            int64_t near = hturn_root(dx * dx + up * up) * 4 - way, far = hturn_root(dx * dx + down * down) * 4 - way;
            h->x[day][i] = x;
            h->y[day][i] = (near < 0 ? -near : near) <= (far < 0 ? -far : far) ? y : -y;
        }
}

int32_t kam__hturn_new(kam__hgs *h) {
    for (uint32_t d = 0; d < h->nday; d++) {
        uint32_t same = 0;
        while (same < d && h->home[same] != h->home[d]) same++;
        h->x[d] = h->x[same], h->y[d] = h->y[same];
        if (same < d) continue;
        h->x[d] = kam__rpiece(h->e, h->n, sizeof *h->x[d]);
        h->y[d] = kam__rpiece(h->e, h->n, sizeof *h->y[d]);
        if (!h->x[d] || !h->y[d]) return KAM_E_NOMEM;
        hturn_place(h, d);
    }
    return KAM_OK;
}

typedef struct hturn_point { int64_t x, y; int half; } hturn_point;

static hturn_point hturn_middle(const kam__hgs *h, uint32_t day, uint32_t r) {
    hturn_point p = {0, 0, 2};                                  /* without stops: behind all */
    int32_t n = h->route[r].n;
    for (int32_t s = h->stop[h->depot + r].next; s < (int32_t)h->depot; s = h->stop[s].next)
        p.x += h->x[day][h->stop[s].c], p.y += h->y[day][h->stop[s].c];
    if (n) p.x /= n, p.y /= n, p.half = p.y < 0 || (p.y == 0 && p.x < 0);
    return p;
}

void kam__hturn(const kam__hgs *h, uint32_t day, int32_t *out) {
    for (uint32_t k = 0; k < h->m; k++) {
        uint32_t j = k;
        hturn_point p = hturn_middle(h, day, day * h->m + k);
        for (; j; j--) {
            hturn_point q = hturn_middle(h, day, (uint32_t)out[j - 1]);
            if (q.half < p.half || (q.half == p.half && q.x * p.y - q.y * p.x >= 0)) break;
            out[j] = out[j - 1];
        }
        out[j] = (int32_t)(day * h->m + k);
    }
}
