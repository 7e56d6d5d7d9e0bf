#include "route_engine.h"
#ifndef T0
#define T0 1.0
#endif
#ifndef T1
#define T1 0.01
#endif
typedef struct search { kam__route_engine *e; const kam__route_budget *b; uint64_t done; int32_t spent; int64_t arc; int told; } search;

static uint32_t search_log[1024];
static int64_t search_missing(const kam__route_engine *e) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < e->out.n; i++) if (!e->p->customer[e->out.at[i]].prize) sum += 1 + e->absent[e->out.at[i]];
    return sum;
}
static void search_ask(search *s) {
    if (s->b->iterations) { uint64_t f = s->done * 1000000 / s->b->iterations; s->spent = (int32_t)(f > 1000000 ? 1000000 : f); }
    if (s->b->spent) { int32_t f = s->b->spent(s->b->user, s->e->best.missing ? -1 : s->e->best.cost); if (f > s->spent) s->spent = f; }
}
#include <math.h>
int32_t kam__route_search(kam__route_engine *e, const kam__route_budget *b, kam_error *err) {
    (void)err;
    search s = {e, b, 0, 0, 0, 0};
    for (int i = 0; i < 1024; i++) search_log[i] = (uint32_t)(-log((i + 0.5) / 1024) * 65536);
    e->random = b->seed;
    kam__rclear(e);
    kam__rrecreate(e);
    kam__rkeep(e, &e->best);
    uint64_t nv = 0; for (uint32_t c = 0; c < e->n; c++) for (uint32_t d = 0; d < e->nday; d++) nv += e->days[c] >> d & 1;
    double arc = (double)e->cost / (double)(nv + 1);
    double T = T0 * arc;
    search_ask(&s);
    int told = 0;
    while (s.spent < 1000000) {
        kam__rbegin(e);
        int64_t was = e->cost + e->price, missing = search_missing(e);
        kam__rruin(e);
        kam__rrecreate(e);
        int64_t now = e->cost + e->price, miss = search_missing(e);
        for (uint32_t i = 0; i < e->out.n; i++) e->absent[e->out.at[i]]++;
        int64_t thr = (int64_t)(T * search_log[kam__rrandom(e, 1024)] / 65536);
        int ok = kam__rsound(e) && (miss < missing || (miss == missing && now < was + thr));
        if (!ok) kam__rundo(e);
        else if (e->cost + e->price < e->best.price) kam__rkeep(e, &e->best);
        s.done++;
        if (s.done % 64 == 0 || (!told && !e->best.missing)) { search_ask(&s); if (!e->best.missing) told = 1; T = T0 * arc * pow(T1 / T0, s.spent / 1e6); }
    }
    e->iterations += s.done;
    return KAM_OK;
}
