/*
 * route_plan.c - the routing engine: the plan that the search works on.
 *
 * After each change of a row its sums (and, where hours matter, its stretches from both ends) are made anew and the
 * route gets a new version. An iteration saves each route and customer at its first change, so that taking it back
 * costs what was changed, not the whole plan. Taken back, a route has its old version again: what was remembered of it
 * is right again.
 */
#include "route_engine.h"

static kam__rseg plan_seg(const kam__route_engine *e, uint32_t r, int32_t i) {
    const kam__route_shift *s = &e->p->shift[r];
    if (i == 0 || i > e->route[r].n) return (kam__rseg){0, s->open, s->close ? s->close : KAM__ROUTE_LATE};
    uint32_t c = (uint32_t)e->seq[(size_t)r * e->stride + (size_t)i];
    return kam__rvisit(e, s, c, e->window[(size_t)c * e->nday + r / e->m]);
}

static void plan_stretches(kam__route_engine *e, uint32_t r) {
    size_t row = (size_t)r * e->stride;
    int32_t n = e->route[r].n;
    const int32_t *seq = e->seq + row;
    kam__rseg *pre = e->pre + row, *suf = e->suf + row;
    pre[0] = plan_seg(e, r, 0);
    for (int32_t i = 1; i <= n + 1; i++)
        pre[i] = kam__rjoin(pre[i - 1], kam__rtime(e, seq[i - 1], seq[i]), plan_seg(e, r, i));
    suf[n + 1] = plan_seg(e, r, n + 1);
    for (int32_t i = n; i >= 0; i--)
        suf[i] = kam__rjoin(plan_seg(e, r, i), kam__rtime(e, seq[i], seq[i + 1]), suf[i + 1]);
}

/* Limits that taking a stop out can break, where a detour is shorter than the straight way. */
static int plan_breaks(const kam__route_engine *e, uint32_t r) {
    const kam__route_shift *s = &e->p->shift[r];
    const kam__rroute *t = &e->route[r];
    const kam__rseg *all = e->windows && t->n ? &e->suf[(size_t)r * e->stride] : NULL;
    if (all && all->late < all->early) return 1;
    return t->dur > kam__rlimit(s->duration) || t->drive > kam__rlimit(s->driving) ||
           (!e->soft && t->load > kam__rlimit(s->capacity));
}

/* What is left of its limits, for quick pricing. */
static void plan_rest(kam__route_engine *e, uint32_t r) {
    const kam__route_shift *s = &e->p->shift[r];
    kam__rroute *t = &e->route[r];
    t->spare = e->soft ? INT64_MAX : kam__rlimit(s->capacity) - t->load;
    t->room = kam__rlimit(s->duration) - t->dur;
    if (kam__rlimit(s->driving) - t->drive < t->room) t->room = kam__rlimit(s->driving) - t->drive;
}

void kam__rupdate(kam__route_engine *e, uint32_t r) {
    kam__rroute *t = &e->route[r];
    const int32_t *seq = e->seq + (size_t)r * e->stride;
    int32_t *arc = e->arc + (size_t)r * e->stride;
    int64_t service = 0;
    e->cost -= t->cost;
    t->load = t->cost = t->drive = 0;
    for (int32_t i = 1; i <= t->n; i++) {
        const kam__route_customer *c = &e->p->customer[seq[i]];
        t->load += c->demand;
        service += c->service;
    }
    arc[0] = 0;                                                 /* a vehicle that visits nobody stays at home */
    for (int32_t i = 0; i <= t->n && t->n; i++) {
        arc[i] = kam__rcost(e, seq[i], seq[i + 1]);
        t->cost += arc[i];
        if (!e->same_time) t->drive += kam__rtime(e, seq[i], seq[i + 1]);
    }
    if (e->same_time) t->drive = t->cost;
    t->dur = t->drive + service;
    if (e->windows) {
        plan_stretches(e, r);
        if (t->n) t->dur = e->suf[(size_t)r * e->stride].dur;
    }
    e->cost += t->cost;
    e->fine -= t->fine;
    t->fine = e->soft ? kam__rfine(e, &e->p->shift[r], t->load) : 0;
    e->fine += t->fine;
    t->bad = plan_breaks(e, r);
    if (e->plain) plan_rest(e, r);
    e->version[r] = ++e->next_version;
}

/* ---------------------------------------------------------------- saving and taking back */

static void plan_copy_row(kam__route_engine *e, uint32_t r, int back) {
    size_t row = (size_t)r * e->stride, n = (size_t)e->route[r].n + 2;
    kam__rroute *t = &e->route[r], *old = &e->old_route[r];
    if (back) {
        n = (size_t)old->n + 2;
        *t = *old, e->version[r] = e->old_version[r];
    } else *old = *t, e->old_version[r] = e->version[r];
    memcpy((back ? e->seq : e->old_seq) + row, (back ? e->old_seq : e->seq) + row, n * sizeof *e->seq);
    memcpy((back ? e->arc : e->old_arc) + row, (back ? e->old_arc : e->arc) + row, n * sizeof *e->arc);
    if (!e->windows) return;
    memcpy((back ? e->pre : e->old_pre) + row, (back ? e->old_pre : e->pre) + row, n * sizeof *e->pre);
    memcpy((back ? e->suf : e->old_suf) + row, (back ? e->old_suf : e->suf) + row, n * sizeof *e->suf);
}

static void plan_touch(kam__route_engine *e, uint32_t r) {
    if (e->is_touched[r]) return;
    e->is_touched[r] = 1;
    e->touched.at[e->touched.n++] = (int32_t)r;
    plan_copy_row(e, r, 0);
}

static void plan_copy_customer(kam__route_engine *e, uint32_t c, int back) {
    size_t at = (size_t)c * e->nday, size = e->nday * sizeof *e->where;
    if (back) e->days[c] = e->old_days[c];
    else e->old_days[c] = e->days[c];
    if (e->charge) *(back ? &e->charge[c] : &e->old_charge[c]) = *(back ? &e->old_charge[c] : &e->charge[c]);
    memcpy((back ? e->where : e->old_where) + at, (back ? e->old_where : e->where) + at, size);
    memcpy((back ? e->window : e->old_window) + at, (back ? e->old_window : e->window) + at, size);
}

static void plan_move(kam__route_engine *e, uint32_t c) {
    if (e->is_moved[c]) return;
    e->is_moved[c] = 1;
    e->moved.at[e->moved.n++] = (int32_t)c;
    plan_copy_customer(e, c, 0);
}

void kam__rbegin(kam__route_engine *e) {
    for (uint32_t i = 0; i < e->touched.n; i++) e->is_touched[e->touched.at[i]] = 0;
    for (uint32_t i = 0; i < e->moved.n; i++) e->is_moved[e->moved.at[i]] = 0;
    e->touched.n = e->moved.n = 0;
    e->old_cost = e->cost;
    e->old_price = e->price;
    e->old_fine = e->fine;
}

void kam__rundo(kam__route_engine *e) {
    for (uint32_t i = 0; i < e->touched.n; i++) plan_copy_row(e, (uint32_t)e->touched.at[i], 1);
    for (uint32_t i = 0; i < e->moved.n; i++) {
        uint32_t c = (uint32_t)e->moved.at[i];
        plan_copy_customer(e, c, 1);
        if (e->days[c]) kam__rin(e, c);
        else kam__rout(e, c);
    }
    e->cost = e->old_cost;
    e->price = e->old_price;
    e->fine = e->old_fine;
}

int kam__rsound(const kam__route_engine *e) {
    for (uint32_t i = 0; i < e->touched.n; i++)
        if (e->route[e->touched.at[i]].bad) return 0;
    return 1;
}

/* ---------------------------------------------------------------- changes */

void kam__rcharge(kam__route_engine *e, uint32_t c) {
    int64_t least = INT64_MAX;
    if (!e->charge) return;
    for (uint32_t i = e->patterns[c].first; i < e->patterns[c].first + e->patterns[c].n; i++)
        if (e->pattern[i] == e->days[c] && e->pattern_price[i] < least) least = e->pattern_price[i];
    e->price -= e->charge[c];
    e->charge[c] = least < INT64_MAX ? least : 0;
    e->price += e->charge[c];
}

void kam__rout(kam__route_engine *e, uint32_t c) {
    if (e->out_at[c] >= 0) return;
    e->out_at[c] = (int32_t)e->out.n;
    e->out.at[e->out.n++] = (int32_t)c;
    e->price += kam__rprize(e, c);
}

void kam__rin(kam__route_engine *e, uint32_t c) {
    int32_t at = e->out_at[c];
    if (at < 0) return;
    int32_t last = e->out.at[--e->out.n];
    e->out.at[at] = last;
    e->out_at[last] = at;
    e->out_at[c] = -1;
    e->price -= kam__rprize(e, c);
}

/* The caller updates the route when it has taken out all it wants. */
void kam__rremove(kam__route_engine *e, uint32_t c, uint32_t day) {
    int32_t *where = &e->where[(size_t)c * e->nday + day];
    uint32_t r = day * e->m + (uint32_t)*where;
    int32_t *seq = e->seq + (size_t)r * e->stride, i = 1;
    plan_touch(e, r);
    plan_move(e, c);
    while (seq[i] != (int32_t)c) i++;
    memmove(seq + i, seq + i + 1, (size_t)(e->route[r].n + 1 - i) * sizeof *seq);
    e->route[r].n--;
    e->days[c] &= ~((uint64_t)1 << day);
    *where = -1;
    kam__rcharge(e, c);
}

void kam__rremove_all(kam__route_engine *e, uint32_t c) {
    for (uint32_t d = 0; d < e->nday; d++)
        if (e->days[c] >> d & 1u) {
            uint32_t r = d * e->m + (uint32_t)e->where[(size_t)c * e->nday + d];
            kam__rremove(e, c, d);
            kam__rupdate(e, r);
        }
}

void kam__rinsert(kam__route_engine *e, uint32_t c, uint32_t r, const kam__rspot *spot) {
    uint32_t day = r / e->m;
    int32_t *seq = e->seq + (size_t)r * e->stride, n = e->route[r].n;
    plan_touch(e, r);
    plan_move(e, c);
    memmove(seq + spot->at + 2, seq + spot->at + 1, (size_t)(n + 1 - spot->at) * sizeof *seq);
    seq[spot->at + 1] = (int32_t)c;
    e->route[r].n = n + 1;
    e->days[c] |= (uint64_t)1 << day;
    e->where[(size_t)c * e->nday + day] = (int32_t)(r % e->m);
    e->window[(size_t)c * e->nday + day] = spot->window;
    kam__rin(e, c);
    kam__rupdate(e, r);
}

void kam__rsoften(kam__route_engine *e, int soft, int64_t fine) {
    e->soft = soft;
    e->fine_load = fine;
    for (uint32_t r = 0; r < e->nroute; r++) kam__rupdate(e, r);
}

/* ---------------------------------------------------------------- whole plans */

/* Customers that nobody asked to visit are neither in nor out. */
void kam__rclear(kam__route_engine *e) {
    e->cost = e->price = e->fine = 0;
    e->out.n = 0;
    for (uint32_t r = 0; r < e->nroute; r++) {
        int32_t *seq = e->seq + (size_t)r * e->stride;
        e->route[r] = (kam__rroute){0};
        seq[0] = e->p->shift[r].start;
        seq[1] = e->p->shift[r].end;
        kam__rupdate(e, r);
    }
    for (uint32_t c = 0; c < e->n; c++) {
        e->days[c] = 0;
        if (e->charge) e->charge[c] = 0;
        e->out_at[c] = -1;
        for (uint32_t d = 0; d < e->nday; d++)
            e->where[(size_t)c * e->nday + d] = e->window[(size_t)c * e->nday + d] = -1;
        if (e->p->customer[c].pattern.n) kam__rout(e, c);
    }
    kam__rbegin(e);
}

void kam__rload(kam__route_engine *e, const kam__rplan *plan) {
    kam__rclear(e);
    memcpy(e->window, plan->window, (size_t)e->n * e->nday * sizeof *e->window);
    for (uint32_t r = 0; r < e->nroute; r++) {
        int32_t *seq = e->seq + (size_t)r * e->stride, n = plan->n[r];
        memcpy(seq, plan->seq + (size_t)r * e->stride, (size_t)(n + 2) * sizeof *seq);
        e->route[r].n = n;
        for (int32_t i = 1; i <= n; i++) {
            e->days[seq[i]] |= (uint64_t)1 << (r / e->m);
            e->where[(size_t)seq[i] * e->nday + r / e->m] = (int32_t)(r % e->m);
            kam__rin(e, (uint32_t)seq[i]);
        }
        kam__rupdate(e, r);
    }
    for (uint32_t c = 0; c < e->n; c++) kam__rcharge(e, c);
    kam__rbegin(e);
}

void kam__rkeep(const kam__route_engine *e, kam__rplan *plan) {
    for (uint32_t r = 0; r < e->nroute; r++) {
        size_t row = (size_t)r * e->stride;
        plan->n[r] = e->route[r].n;
        memcpy(plan->seq + row, e->seq + row, (size_t)(plan->n[r] + 2) * sizeof *e->seq);
    }
    memcpy(plan->window, e->window, (size_t)e->n * e->nday * sizeof *e->window);
    plan->cost = e->cost;
    plan->price = e->cost + e->price;
    plan->missing = kam__rmissing(e);
}

void kam__rplan_copy(const kam__route_engine *e, kam__rplan *to, const kam__rplan *from) {
    for (uint32_t r = 0; r < e->nroute; r++) {
        size_t row = (size_t)r * e->stride;
        to->n[r] = from->n[r];
        memcpy(to->seq + row, from->seq + row, (size_t)(from->n[r] + 2) * sizeof *to->seq);
    }
    memcpy(to->window, from->window, (size_t)e->n * e->nday * sizeof *to->window);
    to->cost = from->cost;
    to->price = from->price;
    to->missing = from->missing;
}

uint32_t kam__rmissing(const kam__route_engine *e) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->out.n; i++) n += !e->p->customer[e->out.at[i]].prize;
    return n;
}
