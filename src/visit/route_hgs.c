/*
 * route_hgs.c - hybrid genetic search (Vidal et al. 2012): a population of plans that are mated, searched locally, and
 * kept for their cost and for being unlike the others.
 *
 * Plans that break loads or durations live in a population of their own; fines are set so that a part of all plans
 * keeps the limits. How far two plans are apart is the number of visits with other neighbours.
 */
#include "route_hgs.h"

enum { HGS_LEAST = 25, HGS_MORE = 40, HGS_ELITE = 4, HGS_CLOSE = 5 };
enum { HGS_FIRST = 100, HGS_BESIDE = 20 };      /* random plans to begin with; beside members */
enum { HGS_SOUND = 30 };                        /* % of plans without a fine that we want */
enum { HGS_SLOTS = 2 * (HGS_LEAST + HGS_MORE) + 2 };
enum { HGS_RESTART = 20000 };                   /* plans without a better one, to begin anew */

typedef struct kam__hpop {
    kam__hgs *h;
    kam__rsearch *s;
    kam__hplan plan[HGS_SLOTS];
    int32_t list[2][HGS_SLOTS], n[2];           /* plans that break limits, plans that do not; cheapest first */
    int32_t unused[HGS_SLOTS], nunused;
    int32_t apart[HGS_SLOTS][HGS_SLOTS];
    uint32_t judged, load_kept, time_kept;
    int64_t best;                               /* of this population */
    uint32_t idle;
} hgs_pop;

/* ---------------------------------------------------------------- plans */

static void hgs_price(const kam__hgs *h, kam__hplan *p) {
    p->price = p->cost + (p->load * h->fine_load + p->time * h->fine_time) / 1024;
}

static void hgs_keep(const kam__hgs *h, kam__hplan *p) {
    int32_t *to = p->seq;
    p->cost = p->load = p->time = 0;
    memset(p->next, -1, (size_t)h->n * h->nday * sizeof *p->next);
    memset(p->prev, -1, (size_t)h->n * h->nday * sizeof *p->prev);
    for (uint32_t k = 0; k < h->nroute; k++) {
        if (k % h->m == 0) kam__hturn(h, k / h->m, h->turn);
        uint32_t r = (uint32_t)h->turn[k % h->m];
        const kam__hroute *t = &h->route[r];
        p->n[k] = t->n;
        p->cost += t->cost;
        if (t->load > h->capacity[t->day]) p->load += t->load - h->capacity[t->day];
        if (t->time > h->duration[t->day]) p->time += t->time - h->duration[t->day];
        for (int32_t s = h->stop[h->depot + r].next; s < (int32_t)h->depot; s = h->stop[s].next) {
            const kam__hstop *a = &h->stop[s];
            *to++ = a->c;
            p->next[s] = a->next < (int32_t)h->depot ? h->stop[a->next].c : -1;
            p->prev[s] = a->prev < (int32_t)h->depot ? h->stop[a->prev].c : -1;
        }
    }
    memcpy(p->days, h->days, h->n * sizeof *p->days);
    p->sound = !p->load && !p->time;
    hgs_price(h, p);
}

static int32_t hgs_differ(const kam__hgs *h, const kam__hplan *a, const kam__hplan *b) {
    int32_t differ = 0;
    for (uint32_t c = 0; c < h->n; c++)
        for (uint64_t rest = a->days[c], d = 0; rest; d++, rest >>= 1) {
            if (!(rest & 1u)) continue;
            size_t at = (size_t)d * h->n + c;
            if (!(b->days[c] >> d & 1u)) {
                differ++;
                continue;
            }
            int32_t next = a->next[at], prev = a->prev[at];
            differ += (next != b->next[at] && next != b->prev[at]) + (prev < 0 && b->prev[at] >= 0 && b->next[at] >= 0);
        }
    return differ;
}

/* A plan of the engine as the current one. */
static void hgs_load(kam__hgs *h, const kam__rplan *plan) {
    const kam__route_engine *e = h->e;
    memset(h->days, 0, h->n * sizeof *h->days);
    memset(h->asked, -1, h->n * sizeof *h->asked);
    for (uint32_t i = 0; i < h->n * h->nday; i++) h->stop[i].tested = -1;
    for (uint32_t r = 0; r < h->nroute; r++) {
        const int32_t *seq = plan->seq + (size_t)r * e->stride + 1;
        h->route[r].swapped = -1;
        for (int32_t i = 0; i < plan->n[r]; i++) {
            h->row[0][i] = (int32_t)(r / h->m * h->n) + seq[i];
            h->days[seq[i]] |= (uint64_t)1 << (r / h->m);
        }
        kam__hroute_set(h, r, h->row[0], plan->n[r]);
    }
}

static void hgs_tell(hgs_pop *g, const kam__hplan *p) {
    kam__route_engine *e = g->h->e;
    const int32_t *seq = p->seq;
    if (p->cost < g->best) g->best = p->cost, g->idle = 0;
    if (!e->best.missing && p->cost >= e->best.price) return;
    for (uint32_t r = 0; r < e->nroute; r++) {
        int32_t *to = e->best.seq + (size_t)r * e->stride, n = e->best.n[r] = p->n[r];
        to[0] = e->p->shift[r].start;
        memcpy(to + 1, seq, (size_t)n * sizeof *seq);
        to[n + 1] = e->p->shift[r].end;
        seq += n;
    }
    memset(e->best.window, -1, (size_t)e->n * e->nday * sizeof *e->best.window);
    e->best.cost = e->best.price = p->cost;
    e->best.missing = 0;
}

/* ---------------------------------------------------------------- populations */

static void hgs_sort(hgs_pop *g, int sound) {
    int32_t *list = g->list[sound];
    for (int32_t i = 1; i < g->n[sound]; i++) {
        int32_t t = list[i], j = i;
        for (; j && g->plan[list[j - 1]].price > g->plan[t].price; j--) list[j] = list[j - 1];
        list[j] = t;
    }
}

/* How far from the few plans that are closest to it. */
static int64_t hgs_unlike(const hgs_pop *g, int sound, int32_t i) {
    int32_t least[HGS_CLOSE], n = 0;
    int64_t sum = 0;
    for (int32_t k = 0; k < g->n[sound]; k++) {
        int32_t other = g->list[sound][k], d = g->apart[i][other], j;
        if (other == i) continue;
        if (n == HGS_CLOSE && d >= least[n - 1]) continue;
        for (j = n < HGS_CLOSE ? n++ : n - 1; j && least[j - 1] > d; j--) least[j] = least[j - 1];
        least[j] = d;
    }
    for (int32_t j = 0; j < n; j++) sum += least[j];
    return n ? sum * 60 / n : 0;
}

/* fit: rank by cost, and by being unlike; small is good. */
static void hgs_rank(hgs_pop *g, int sound) {
    int64_t unlike[HGS_SLOTS];
    int32_t order[HGS_SLOTS], n = g->n[sound], elite = n < HGS_ELITE ? n : HGS_ELITE;
    for (int32_t i = 0; i < n; i++) {
        int32_t j = i;
        unlike[i] = hgs_unlike(g, sound, g->list[sound][i]);
        for (; j && unlike[order[j - 1]] < unlike[i]; j--) order[j] = order[j - 1];
        order[j] = i;
    }
    for (int32_t k = 0; k < n; k++)
        g->plan[g->list[sound][order[k]]].fit = (int64_t)order[k] * n + (int64_t)(n - elite) * k;
}

static void hgs_drop(hgs_pop *g, int sound, int32_t at) {
    g->unused[g->nunused++] = g->list[sound][at];
    g->n[sound]--;
    for (int32_t i = at; i < g->n[sound]; i++) g->list[sound][i] = g->list[sound][i + 1];
}

static int hgs_twin(const hgs_pop *g, int sound, int32_t i) {
    for (int32_t k = 0; k < g->n[sound]; k++)
        if (g->list[sound][k] != i && g->apart[i][g->list[sound][k]] == 0) return 1;
    return 0;
}

static void hgs_worst(hgs_pop *g, int sound) {
    int32_t worst = -1, twin = 0;
    hgs_rank(g, sound);
    for (int32_t k = 1; k < g->n[sound]; k++) {
        int32_t i = g->list[sound][k], same = hgs_twin(g, sound, i);
        if (worst < 0 || same > twin || (same == twin && g->plan[i].fit > g->plan[g->list[sound][worst]].fit))
            worst = k, twin = same;
    }
    hgs_drop(g, sound, worst);
}

/* The current plan of h joins. */
static void hgs_join(hgs_pop *g) {
    kam__hgs *h = g->h;
    int32_t slot = g->unused[--g->nunused];
    kam__hplan *p = &g->plan[slot];
    hgs_keep(h, p);
    int sound = p->sound;
    g->judged++, g->load_kept += !p->load, g->time_kept += !p->time;
    for (int32_t k = 0; k < g->n[sound]; k++) {
        int32_t i = g->list[sound][k];
        g->apart[slot][i] = g->apart[i][slot] = hgs_differ(h, p, &g->plan[i]);
    }
    g->list[sound][g->n[sound]++] = slot;
    hgs_sort(g, sound);
    if (sound) hgs_tell(g, p);
    if (g->n[sound] < HGS_LEAST + HGS_MORE) return;
    while (g->n[sound] > HGS_LEAST) hgs_worst(g, sound);
}

static void hgs_fines(hgs_pop *g) {
    kam__hgs *h = g->h;
    int64_t *fine[2] = {&h->fine_load, &h->fine_time};
    uint32_t kept[2] = {g->load_kept, g->time_kept};
    if (g->judged < 50) return;
    for (int i = 0; i < 2; i++) {
        uint32_t share = kept[i] * 100 / g->judged;
        if (share < HGS_SOUND - 5 && *fine[i] < h->most_fine) *fine[i] = *fine[i] * 6 / 5 + 1;
        else if (share > HGS_SOUND + 5 && *fine[i] > 20) *fine[i] = *fine[i] * 17 / 20;
    }
    g->judged = g->load_kept = g->time_kept = 0;
    for (int32_t k = 0; k < g->n[0]; k++) hgs_price(h, &g->plan[g->list[0][k]]);
    hgs_sort(g, 0);
}

static const kam__hplan *hgs_one(hgs_pop *g) {
    uint32_t all = (uint32_t)(g->n[0] + g->n[1]), i = kam__rrandom(g->h->e, all);
    return &g->plan[i < (uint32_t)g->n[0] ? g->list[0][i] : g->list[1][i - (uint32_t)g->n[0]]];
}

static const kam__hplan *hgs_pick(hgs_pop *g) {
    const kam__hplan *a = hgs_one(g), *b = hgs_one(g);
    return b->fit < a->fit ? b : a;
}

/* ---------------------------------------------------------------- the loop */

static void hgs_count(hgs_pop *g) {
    kam__rsearch *s = g->s;
    s->done += s->stops;
    if (s->budget->iterations && s->done > s->budget->iterations) s->done = s->budget->iterations;
    kam__rsearch_ask(s);
}

/* With ten times the fines. */
static void hgs_mend(hgs_pop *g) {
    kam__hgs *h = g->h;
    int64_t load = h->fine_load, time = h->fine_time, fine = 0;
    uint32_t judged[3] = {g->judged, g->load_kept, g->time_kept};
    h->fine_load *= 10, h->fine_time *= 10;
    for (uint32_t r = 0; r < h->nroute; r++) {
        int32_t n = (int32_t)kam__hroute_get(h, r, h->row[0]);
        kam__hroute_set(h, r, h->row[0], n);
    }
    kam__hlocal(h);
    h->fine_load = load, h->fine_time = time;
    for (uint32_t r = 0; r < h->nroute; r++) fine += h->route[r].fine;
    if (fine) return;
    hgs_join(g);
    g->judged = judged[0], g->load_kept = judged[1], g->time_kept = judged[2];
}

/* Searches and joins; half of the plans that break a limit are mended too. */
static void hgs_educate(hgs_pop *g) {
    kam__hgs *h = g->h;
    int64_t fine = 0;
    kam__hlocal(h);
    g->idle++;
    hgs_join(g);
    for (uint32_t r = 0; r < h->nroute; r++) fine += h->route[r].fine;
    if (fine && kam__rrandom(h->e, 2)) hgs_mend(g);
    if (h->clock > 1 << 29) {
        h->clock = 0;
        memset(h->spot, -1, (size_t)h->n * h->nroute * sizeof *h->spot);
    }
    hgs_fines(g);
    hgs_count(g);
}

static void hgs_forget(hgs_pop *g) {
    for (int sound = 0; sound < 2; sound++)
        while (g->n[sound]) hgs_drop(g, sound, g->n[sound] - 1);
    g->best = INT64_MAX;
    g->idle = 0;
}

static void hgs_random(hgs_pop *g, int n) {
    for (int i = 0; i < n && !kam__rsearch_over(g->s); i++) {
        kam__hrandom_plan(g->h);
        hgs_educate(g);
    }
}

/* Until the budget is spent; begins anew when nothing better has come for long. */
static void hgs_breed(hgs_pop *g) {
    while (!kam__rsearch_over(g->s)) {
        if (g->n[0] + g->n[1] < 2 || g->idle >= HGS_RESTART) {
            hgs_forget(g);
            hgs_random(g, HGS_FIRST);
            continue;
        }
        hgs_rank(g, 0);
        hgs_rank(g, 1);
        const kam__hplan *a = hgs_pick(g), *b = hgs_pick(g);
        kam__hmate(g->h, a, b);
        hgs_educate(g);
    }
}

/* ---------------------------------------------------------------- memory */

#define HGS_PIECE(field, n) (!((field) = kam__rpiece(e, n, sizeof *(field))))

static int hgs_pieces(kam__hgs *h) {
    kam__route_engine *e = h->e;
    size_t visits = (size_t)h->n * h->nday, cut = (size_t)(h->m + 1) * (h->n + 1);
    return HGS_PIECE(h->stop, visits + h->nroute) || HGS_PIECE(h->route, h->nroute) ||
           HGS_PIECE(h->spot, (size_t)h->n * h->nroute) || HGS_PIECE(h->near_stop, visits * KAM__HGS_NEAR) ||
           HGS_PIECE(h->days, h->n) || HGS_PIECE(h->order, h->n) || HGS_PIECE(h->row[0], h->n + 2) ||
           HGS_PIECE(h->row[1], h->n + 2) || HGS_PIECE(h->day_changed, h->nday) || HGS_PIECE(h->asked, h->n) ||
           HGS_PIECE(h->gain, h->n + 2) || HGS_PIECE(h->split_best, cut) || HGS_PIECE(h->split_from, cut) ||
           HGS_PIECE(h->tour, visits) || HGS_PIECE(h->turn, h->m) || HGS_PIECE(h->tour_n, h->nday);
}

static int hgs_plans(hgs_pop *g) {
    kam__route_engine *e = g->h->e;
    size_t visits = (size_t)e->n * g->h->nday;
    for (int i = 0; i < HGS_SLOTS; i++) {
        kam__hplan *p = &g->plan[i];
        if (HGS_PIECE(p->seq, visits) || HGS_PIECE(p->n, e->nroute) || HGS_PIECE(p->days, e->n) ||
            HGS_PIECE(p->next, visits) || HGS_PIECE(p->prev, visits)) return 1;
        g->unused[g->nunused++] = HGS_SLOTS - 1 - i;
    }
    return 0;
}

static void hgs_fill(kam__hgs *h) {
    const kam__route_engine *e = h->e;
    for (uint32_t d = 0; d < h->nday; d++) {
        const kam__route_shift *s = &e->p->shift[d * h->m];
        h->capacity[d] = kam__rlimit(s->capacity), h->duration[d] = kam__rlimit(s->duration);
        h->home[d] = s->start;
        for (uint32_t c = 0; c < h->n; c++) h->stop[d * h->n + c].c = (int32_t)c;
    }
    for (uint32_t r = 0; r < h->nroute; r++) {
        h->route[r].day = (int32_t)(r / h->m);
        h->stop[h->depot + r] = (kam__hstop){.next = (int32_t)(h->depot + r), .prev = (int32_t)(h->depot + r),
                                             .route = (int32_t)r, .c = h->home[r / h->m]};
    }
    for (uint32_t c = 0; c < h->n; c++) h->order[c] = (int32_t)c;
    memset(h->spot, -1, (size_t)h->n * h->nroute * sizeof *h->spot);
}

/* All vehicles of a day alike, and back where they began. */
static int hgs_alike(const kam__route_engine *e) {
    for (uint32_t r = 0; r < e->nroute; r++) {
        const kam__route_shift *s = &e->p->shift[r], *t = &e->p->shift[r / e->m * e->m];
        if (s->start != s->end || s->start != t->start || s->capacity != t->capacity || s->duration != t->duration ||
            s->driving || s->visits || s->off) return 0;
    }
    return 1;
}

static int hgs_suits(const kam__route_engine *e) {
    int64_t demand = 0;
    if (e->windows || !e->same_time || e->prizes || e->orders || e->pattern_price || e->into != e->p->cost || e->n < 2 ||
        e->nday > KAM__HGS_DAYS || (size_t)e->n * e->nday > KAM__HGS_STOPS ||
        (size_t)e->n * e->nroute > KAM__HGS_SPOTS) return 0;
    for (uint32_t c = 0; c < e->n; c++) {
        const kam__route_customer *k = &e->p->customer[c];
        if (k->vehicles || k->flags || k->lock.n || (k->pattern.n && !e->patterns[c].n)) return 0;
        demand += k->demand / KAM__HGS_DEMAND + 1;
        if (demand > KAM__HGS_DEMAND) return 0;
    }
    return hgs_alike(e);
}

/* Everybody is visited once, on any day, and all days are alike: days are but more vehicles of one day. */
int kam__hgs_one_day(const kam__route_engine *e) {
    for (uint32_t c = 0; c < e->n; c++) {
        uint64_t days = 0;
        for (uint32_t i = 0; i < e->patterns[c].n; i++) {
            uint64_t p = e->pattern[e->patterns[c].first + i];
            if (p & (p - 1)) return 0;
            days |= p;
        }
        if (days && days != (e->nday == 64 ? 0 : (uint64_t)1 << e->nday) - 1) return 0;
    }
    for (uint32_t r = 0; r < e->nroute; r++) {
        const kam__route_shift *s = &e->p->shift[r], *t = &e->p->shift[0];
        if (s->start != t->start || s->capacity != t->capacity || s->duration != t->duration) return 0;
    }
    return 1;
}

/* Patterns as this search sees them. */
static int hgs_patterns(kam__hgs *h) {
    kam__route_engine *e = h->e;
    h->pattern = e->pattern, h->patterns = e->patterns, h->can = e->can;
    if (h->nday == e->nday) return 0;
    uint64_t *pattern = kam__rpiece(e, 1, sizeof *pattern), *can = kam__rpiece(e, h->n, sizeof *can);
    kam__route_part *part = kam__rpiece(e, h->n, sizeof *part);
    if (!pattern || !can || !part) return 1;
    pattern[0] = 1;
    for (uint32_t c = 0; c < h->n; c++) part[c].n = e->patterns[c].n > 0, can[c] = part[c].n;
    h->pattern = pattern, h->patterns = part, h->can = can;
    return 0;
}

/* Memory is made with the engine, so that the search never needs more. */
int32_t kam__hgs_new(kam__route_engine *e) {
    if (!hgs_suits(e)) return KAM_OK;
    kam__hgs *h = kam__rpiece(e, 1, sizeof *h);
    hgs_pop *g = kam__rpiece(e, 1, sizeof *g);
    if (!h || !g) return KAM_E_NOMEM;
    h->e = e;
    h->cost = e->p->cost;
    h->n = e->n, h->nday = kam__hgs_one_day(e) ? 1 : e->nday;
    h->m = e->nroute / h->nday, h->nroute = e->nroute, h->nnode = e->nnode;
    h->depot = h->n * h->nday;
    g->h = h;
    if (hgs_patterns(h) || hgs_pieces(h) || hgs_plans(g)) return KAM_E_NOMEM;
    hgs_fill(h);
    if (kam__hturn_new(h) != KAM_OK) return KAM_E_NOMEM;
    kam__hperms(h);
    e->hgs = g;
    return KAM_OK;
}

static void hgs_set_fines(kam__hgs *h, const kam__rsearch *s) {
    int64_t demand = 1;
    for (uint32_t c = 0; c < h->n; c++) demand += h->e->p->customer[c].demand * h->nday;
    h->most_fine = INT64_MAX / 64 / demand;
    if (h->most_fine > (int64_t)1 << 27) h->most_fine = (int64_t)1 << 27;
    demand = 1;
    for (uint32_t r = 0; r < h->nroute; r++) demand += h->e->route[r].load;
    h->fine_load = s->arc * (int64_t)s->stops * 1024 / demand;
    if (h->fine_load > h->most_fine) h->fine_load = h->most_fine;
    h->fine_time = 1024;
}

/* A plan of the engine, searched locally, joins. */
static void hgs_take(hgs_pop *g, const kam__rplan *plan) {
    if (plan->missing) return;
    hgs_load(g->h, plan);
    kam__hlocal(g->h);
    hgs_join(g);
}

void kam__hgs_run(kam__rsearch *s) {
    kam__route_engine *e = s->e;
    hgs_pop *g = e->hgs;
    g->s = s;
    hgs_set_fines(g->h, s);
    hgs_forget(g);
    hgs_take(g, &e->best);
    for (uint32_t i = 0; i < e->nmember; i++) hgs_take(g, &e->member[i]);
    hgs_random(g, e->nmember ? HGS_BESIDE : HGS_FIRST);
    hgs_breed(g);
    g->s = NULL;
}
