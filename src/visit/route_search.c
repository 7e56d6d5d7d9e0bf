/*
 * route_search.c - the routing engine: annealing, a population of good plans, and the budget that it all must fit.
 *
 * A small budget is one long annealing. A larger one makes several plans by annealing, then mixes two of them, anneals
 * the child a little, and keeps it if it is better than another or unlike all of them (Vidal et al. 2012). How long an
 * annealing is follows from the budget; whether several pay is guessed from the first iterations.
 * Temperatures are integers, halved in equal steps, and acceptance looks up a table of logarithms made of + - * / only.
 */
#include "route_engine.h"

enum { SEARCH_HOT = 100, SEARCH_WARM = 20, SEARCH_COLD = 1 };   /* temperatures, % of the mean arc */
enum { SEARCH_FIRST = 40 };                                     /* % of the budget for the first of them */
enum { SEARCH_CHILD = 100 };                                    /* iterations for each stop, to anneal a child */
enum { SEARCH_LEAST = 100, SEARCH_ENOUGH = 3000 };              /* and the fewest for one of several first plans */
enum { SEARCH_EVOLVE = 50 };                                    /* % of the budget before it where there are several days */
enum { SEARCH_BREED = 20, SEARCH_BREED_LEAST = 1000 };          /* for each stop, for each stop: worth a population */
enum { SEARCH_RARE = 20, SEARCH_OFTEN = 40 };                   /* % of plans without a fine we want */
enum { SEARCH_ASK = 64 };                                       /* iterations between two questions to the budget */
#define SEARCH_ALL 1000000                                      /* the whole budget */

typedef kam__rsearch search;

/* ---------------------------------------------------------------- numbers */

/* ln x, 0 < x <= 1: 2 artanh((x - 1) / (x + 1)) by its series, x doubled into 1/2 .. 1 first. */
static double search_ln(double x) {
    double halvings = 0, sum = 0;
    for (; x < 0.5; x *= 2) halvings++;
    double z = (x - 1) / (x + 1), term = z;
    for (int i = 1; i < 40; i += 2, term *= z * z) sum += term / i;
    return 2 * sum - halvings * 0.6931471805599453;
}

static void search_table(kam__route_engine *e) {
    for (uint32_t i = 0; i < 1024; i++) e->log[i] = (uint32_t)(-search_ln((i + 0.5) / 1024) * 65536 + 0.5);
}

/* from * 2^-x, x in 2^-16; straight between the powers of two. */
static int64_t search_cool(int64_t from, uint64_t x) {
    return (from - (from >> 1) * (int64_t)(x & 65535) / 65536) >> (x >> 16);
}

/* ---------------------------------------------------------------- the budget */

int kam__rsearch_over(const search *s) { return s->spent >= SEARCH_ALL || s->rc != KAM_OK; }

void kam__rsearch_ask(search *s) {
    const kam__route_budget *b = s->budget;
    uint64_t all = b->iterations, part = all / SEARCH_ALL + 1;
    s->spent = !all ? 0 : s->done >= all ? SEARCH_ALL : (int32_t)((s->done / part) * SEARCH_ALL / (all / part + 1));
    if (b->spent) {
        int32_t told = b->spent(b->user, s->e->best.missing ? -1 : s->e->best.cost);
        if (told > s->spent) s->spent = told;
    }
    s->rc = kam__progress(s->e->ctx, s->done, all, s->err);
}

/* Iterations that the whole budget allows, as far as can be seen now; 0: it cannot. */
static uint64_t search_reach(const search *s) {
    if (s->spent <= 0) return s->budget->iterations;
    return s->done * SEARCH_ALL / (uint64_t)s->spent;
}

/* ---------------------------------------------------------------- annealing */

static int search_better(const kam__rplan *than, uint32_t missing, int64_t price) {
    return missing < than->missing || (missing == than->missing && price < than->price);
}

/* Keeps the current plan in *local and as the best of all, if it is. */
static void search_note(search *s, kam__rplan *local) {
    kam__route_engine *e = s->e;
    uint32_t missing = e->out.n ? kam__rmissing(e) : 0;
    int64_t price = e->cost + e->price;
    if (e->fine || !search_better(local, missing, price)) return;
    kam__rkeep(e, local);
    if (!search_better(&e->best, missing, price)) return;
    kam__rplan_copy(e, &e->best, local);
    if (missing || s->told) return;
    s->told = 1;
    kam__rsearch_ask(s);
}

/* Who is left out weighs as often as that has happened: so everybody gets in at last ("sum of absences"). */
static int64_t search_absence(const kam__route_engine *e) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < e->out.n; i++)
        if (!e->p->customer[e->out.at[i]].prize) sum += 1 + e->absent[e->out.at[i]];
    return sum;
}

static void search_step(search *s, int64_t heat) {
    kam__route_engine *e = s->e;
    int64_t price = e->cost + e->price + e->fine, absence = search_absence(e);
    kam__rbegin(e);
    kam__rruin(e);
    kam__rrecreate(e);
    int64_t more = search_absence(e) - absence, may = heat * (int64_t)e->log[kam__rrandom(e, 1024)] >> 26;
    for (uint32_t i = 0; i < e->out.n; i++) e->absent[e->out.at[i]]++;
    if (more > 0 || (more == 0 && e->cost + e->price + e->fine >= price + may) || !kam__rsound(e)) kam__rundo(e);
    s->done++;
}

/* Fines rise while hardly any plan keeps the limits, and fall while most do. */
static void search_fines(search *s) {
    kam__route_engine *e = s->e;
    if (!e->soft) return;
    s->sound += !e->fine;
    if (++s->judged < 200) return;
    if (s->sound < SEARCH_RARE * 2) kam__rsoften(e, 1, e->fine_load * 9 / 8 + 1);
    else if (s->sound > SEARCH_OFTEN * 2) kam__rsoften(e, 1, e->fine_load * 8 / 9 + 1);
    s->judged = s->sound = 0;
}

/* Broken loads are allowed in plain problems, broken durations nowhere (measured: that does not pay); the first fine of a
 * load is about its way. */
static void search_soft(search *s, int soft) {
    kam__route_engine *e = s->e;
    int64_t demand = 1;
    for (uint32_t r = 0; r < e->nroute; r++) demand += e->route[r].load;
    kam__rsoften(e, soft && e->plain, s->arc * (int64_t)s->stops * 1024 / demand);
}

/* Anneals the current plan for n iterations, or 0: until so much of the budget is spent; the best plan on the way becomes
 * *local. */
static void search_anneal(search *s, kam__rplan *local, uint64_t n, int32_t until, int64_t from, int64_t to) {
    int64_t hot = (s->arc << 10) / 100 * from, cold = (s->arc << 10) / 100 * to;
    uint64_t first = s->done, halvings = 0, x = 0;
    int32_t before = s->spent;
    for (int64_t h = hot; h > cold; h >>= 1) halvings++;
    kam__rkeep(s->e, local);
    if (search_better(&s->e->best, local->missing, local->price)) kam__rplan_copy(s->e, &s->e->best, local);
    search_soft(s, s->e->best.missing == 0);
    while ((n ? s->done - first < n : s->spent < until) && !kam__rsearch_over(s)) {
        search_step(s, search_cool(hot, x));
        search_note(s, local);
        search_fines(s);
        if (s->done % SEARCH_ASK && s->done != s->budget->iterations) continue;
        kam__rsearch_ask(s);
        uint64_t part = n ? s->done - first : (uint64_t)(s->spent - before);
        x = (halvings << 16) * part / (n ? n : (uint64_t)(until - before) + 1);
    }
    if (!s->e->soft) return;
    s->e->soft = 0;
    kam__rload(s->e, local);
}

/* ---------------------------------------------------------------- the population */

/* Keeps the plan behind the last member: instead of one that is much the same, at the end, or instead of the worst. */
static void search_join(search *s) {
    kam__route_engine *e = s->e;
    kam__rplan *child = &e->member[e->nmember], swap;
    uint32_t worst = 0, close = 0, least = UINT32_MAX;
    for (uint32_t i = 0; i < e->nmember; i++) {
        uint32_t differ = kam__rdiffer(e, child, &e->member[i]);
        if (differ < least) least = differ, close = i;
        if (!search_better(&e->member[worst], e->member[i].missing, e->member[i].price)) worst = i;
    }
    if (e->nmember && least <= s->stops / 50) worst = close;
    else if (e->nmember < KAM__ROUTE_MEMBERS) {
        e->nmember++;
        return;
    }
    if (!search_better(&e->member[worst], child->missing, child->price)) return;
    swap = e->member[worst];
    e->member[worst] = *child;
    *child = swap;
}

static uint32_t search_pick(search *s) {
    kam__route_engine *e = s->e;
    uint32_t a = kam__rrandom(e, e->nmember), b = kam__rrandom(e, e->nmember);
    return search_better(&e->member[a], e->member[b].missing, e->member[b].price) ? b : a;
}

static void search_fresh(search *s) {
    kam__rclear(s->e);
    kam__rrecreate(s->e);
}

/* Until so much of the budget is spent. */
static void search_evolve(search *s, int32_t until) {
    kam__route_engine *e = s->e;
    int32_t run = (SEARCH_ALL / 100 * SEARCH_FIRST - s->spent) / (int32_t)KAM__ROUTE_MEMBERS;
    for (uint32_t i = 0; i < KAM__ROUTE_MEMBERS && !kam__rsearch_over(s); i++) {
        search_fresh(s);
        search_anneal(s, &e->member[e->nmember], 0, s->spent + run, SEARCH_HOT, SEARCH_COLD);
        search_join(s);
    }
    while (!kam__rsearch_over(s) && s->spent < until) {
        uint32_t a = search_pick(s), b = search_pick(s);
        for (int i = 0; i < 5 && a == b; i++) b = search_pick(s);
        kam__rmix(e, &e->member[a], &e->member[b]);
        search_anneal(s, &e->member[e->nmember], SEARCH_CHILD * s->stops, SEARCH_ALL, SEARCH_WARM, SEARCH_COLD);
        search_join(s);
    }
}

/* A population needs a number of plans that grows with their stops, and each of them time that does so too; measured:
 * below that, annealing comes further. */
static int search_breeds(const search *s) {
    uint64_t each = s->stops * SEARCH_BREED;
    if (each < SEARCH_BREED_LEAST) each = SEARCH_BREED_LEAST;
    return s->e->hgs && search_reach(s) / each >= s->stops;
}

/* Several annealings and their children instead of one long annealing; measured: a plain problem needs more time for
 * each of them than one with hours. */
static int search_evolves(const search *s) {
    const kam__route_engine *e = s->e;
    uint64_t run = search_reach(s) / 100 * SEARCH_FIRST / KAM__ROUTE_MEMBERS;
    return run >= (e->plain ? SEARCH_ENOUGH : SEARCH_LEAST) * s->stops && !(e->hgs && kam__hgs_one_day(e));
}

/* ---------------------------------------------------------------- from outside */

static void search_start(search *s) {
    kam__route_engine *e = s->e;
    search_table(e);
    e->random = s->budget->seed;
    e->nmember = 0;
    memset(e->absent, 0, e->n * sizeof *e->absent);
    if (e->started) kam__rload(e, &e->best);
    else search_fresh(s);
    for (uint32_t r = 0; r < e->nroute; r++) s->stops += (uint64_t)e->route[r].n;
    s->arc = e->cost / (int64_t)(s->stops + 1) + 1;
    if (!e->started) kam__rkeep(e, &e->best);
    e->started = 1;
    s->told = !e->best.missing;
    kam__rsearch_ask(s);
}

int32_t kam__route_search(kam__route_engine *e, const kam__route_budget *budget, kam_error *err) {
    search s = {.e = e, .budget = budget, .err = err};
    search_start(&s);
    if (e->n) {
        search_anneal(&s, &e->member[0], 10 * SEARCH_ASK, 0, SEARCH_WARM, SEARCH_WARM / 2);
        int breeds = search_breeds(&s);
        int32_t until = breeds ? SEARCH_ALL / 100 * SEARCH_EVOLVE : SEARCH_ALL;
        if (search_evolves(&s)) search_evolve(&s, until);
        else if (!(breeds && kam__hgs_one_day(e))) search_anneal(&s, &e->member[0], 0, until, SEARCH_HOT, SEARCH_COLD);
        if (breeds) kam__hgs_run(&s);
    }
    e->iterations += s.done;
    return s.rc;
}

int32_t kam__route_start(kam__route_engine *e, const int32_t *vehicle, kam_error *err) {
    (void)err;
    kam__rclear(e);
    for (uint32_t c = 0; c < e->n; c++) kam__rplace_by(e, c, vehicle + (size_t)c * e->nday);
    kam__rbegin(e);
    kam__rrecreate(e);
    kam__rbegin(e);
    kam__rkeep(e, &e->best);
    e->started = 1;
    return KAM_OK;
}
