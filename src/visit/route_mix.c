/*
 * route_mix.c - the routing engine: one plan out of two.
 *
 * The child is the first parent, but customers of one region have the days that the second parent gives them: they
 * are taken out and put back on those days where it costs least. What matters in a periodic plan is who is visited on
 * which days; the order within a day is found again quickly.
 */
#include "route_engine.h"

/* Days of each customer in a kept plan, into `days`. */
static void mix_days(const kam__route_engine *e, uint64_t *days, const kam__rplan *plan) {
    memset(days, 0, e->n * sizeof *days);
    for (uint32_t r = 0; r < e->nroute; r++)
        for (int32_t i = 1; i <= plan->n[r]; i++)
            days[plan->seq[(size_t)r * e->stride + (size_t)i]] |= (uint64_t)1 << (r / e->m);
}

static void mix_shuffle(kam__route_engine *e) {
    for (uint32_t i = e->waiting.n; i > 1; i--) {
        uint32_t j = kam__rrandom(e, i);
        int32_t c = e->waiting.at[j];
        e->waiting.at[j] = e->waiting.at[i - 1];
        e->waiting.at[i - 1] = c;
    }
}

/* Days are often interchangeable, and then two plans may be the same but for the names of days. to[d] becomes the day
 * of `have` that resembles day d of `days` most: pairs are swapped while more visits agree. */
static void mix_match(const kam__route_engine *e, const uint64_t *have, const uint64_t *days, uint8_t *to) {
    uint32_t same[KAM__ROUTE_DAYS][KAM__ROUTE_DAYS] = {{0}};
    int better = 1;
    for (uint32_t c = 0; c < e->n; c++)
        for (uint32_t d = 0; d < e->nday; d++)
            for (uint32_t k = 0; k < e->nday && days[c] >> d & 1u; k++) same[d][k] += (uint32_t)(have[c] >> k & 1u);
    for (uint32_t d = 0; d < e->nday; d++) to[d] = (uint8_t)d;
    while (better) {
        better = 0;
        for (uint32_t d = 0; d < e->nday; d++)
            for (uint32_t k = d + 1; k < e->nday; k++) {
                if (same[d][to[k]] + same[k][to[d]] <= same[d][to[d]] + same[k][to[k]]) continue;
                uint8_t was = to[d];
                to[d] = to[k];
                to[k] = was;
                better = 1;
            }
    }
}

/* `days` by the names of days in `have`; where that is no pattern of the customer, as they are in `have`. */
static void mix_rename(const kam__route_engine *e, const uint64_t *have, uint64_t *days) {
    uint8_t to[KAM__ROUTE_DAYS];
    mix_match(e, have, days, to);
    for (uint32_t c = 0; c < e->n; c++) {
        uint64_t named = 0, found = 0;
        for (uint32_t d = 0; d < e->nday; d++)
            if (days[c] >> d & 1u) named |= (uint64_t)1 << to[d];
        for (uint32_t i = 0; i < e->patterns[c].n; i++)
            if (e->pattern[e->patterns[c].first + i] == named) found = named;
        days[c] = found ? found : have[c];
    }
}

void kam__rmix(kam__route_engine *e, const kam__rplan *a, const kam__rplan *b) {
    uint64_t *want = (uint64_t *)e->key;
    uint32_t seed = kam__rrandom(e, e->n);
    uint32_t share = e->near ? e->near / 20 + kam__rrandom(e, e->near * 3 / 10 + 1) : 0;
    kam__rload(e, a);
    mix_days(e, want, b);
    mix_rename(e, e->days, want);
    e->waiting.n = 0;
    for (uint32_t i = 0; i <= share && i <= e->near; i++) {
        uint32_t c = i ? (uint32_t)e->neighbour[(size_t)seed * e->near + i - 1] : seed;
        if (want[c] == e->days[c] || !want[c]) continue;
        e->waiting.at[e->waiting.n++] = (int32_t)c;
        kam__rremove_all(e, c);
        kam__rout(e, c);
    }
    mix_shuffle(e);
    for (uint32_t i = 0; i < e->waiting.n; i++) kam__rplace_on(e, (uint32_t)e->waiting.at[i], want[e->waiting.at[i]]);
    kam__rbegin(e);
    kam__rrecreate(e);
    kam__rbegin(e);
}

/* How many customers have other days, or another customer behind them on some day. */
uint32_t kam__rdiffer(const kam__route_engine *e, const kam__rplan *a, const kam__rplan *b) {
    uint32_t differ = 0;
    int32_t *next = e->waiting.at;
    for (uint32_t d = 0; d < e->nday; d++) {
        memset(next, -1, e->n * sizeof *next);
        for (int pass = 0; pass < 2; pass++) {
            const kam__rplan *plan = pass ? b : a;
            for (uint32_t r = d * e->m; r < (d + 1) * e->m; r++) {
                const int32_t *seq = plan->seq + (size_t)r * e->stride;
                for (int32_t i = 1; i <= plan->n[r]; i++) {
                    if (!pass) next[seq[i]] = seq[i + 1];
                    else if (next[seq[i]] != seq[i + 1]) differ++;
                }
            }
        }
    }
    return differ;
}
