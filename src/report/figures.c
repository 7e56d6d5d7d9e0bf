/*
 * report/figures.c - decisions over the arrays of a report: who is a key account, how grades moved, where the curves
 * bend, what a representative's plan adds up to, whose data has a problem.
 *
 * All of them compare whole numbers, and ties go by id: the page does not depend on the order in which a book was
 * read.
 */
#include "report.h"

void kam__report_init(kam__report *r, kam_ctx *ctx, int zh)
{
    memset(r, 0, sizeof *r);
    r->ctx = ctx;
    r->zh = zh;
    r->currency = r->title = "";
    r->ngrade = 1;
    kam__arena_init(&r->arena, ctx, 16384);
    kam__imap_init(&r->at, ctx);
    kam__imap_init(&r->text_at, ctx);
    kam__imap_init(&r->rep_at, ctx);
}

void kam__report_free(kam__report *r)
{
    void *const array[] = {r->account, r->text, r->rep, r->change, r->entry, r->unplanned, r->move, r->off, r->key};
    for (size_t i = 0; i < KAM__LEN(array); i++) kam__free(r->ctx, array[i]);
    kam__imap_free(&r->at);
    kam__imap_free(&r->text_at);
    kam__imap_free(&r->rep_at);
    kam__arena_free(&r->arena);
}

int32_t kam__report_keep(const char **out, kam__report *r, const char *text, size_t len, kam_error *err)
{
    *out = NULL;
    if (!text) return KAM_OK;
    *out = kam__arena_text(&r->arena, text, len);
    return *out ? KAM_OK : kam__nomem(err);
}

int kam__report_place(int64_t latitude, int64_t longitude)
{
    return (latitude || longitude) && latitude >= -90000000 && latitude <= 90000000 && longitude >= -180000000 &&
           longitude <= 180000000;
}

/* ---------------------------------------------------------------- looking up */

kam__report_account *kam__report_account_of(const kam__report *r, int64_t id)
{
    uint32_t i = 0;
    return kam__imap_get(&r->at, id, &i) ? &r->account[i] : NULL;
}

const kam__report_text *kam__report_text_of(const kam__report *r, int64_t id)
{
    uint32_t i = 0;
    return kam__imap_get(&r->text_at, id, &i) ? &r->text[i] : NULL;
}

kam__report_rep *kam__report_rep_of(const kam__report *r, int64_t id)
{
    uint32_t i = 0;
    return kam__imap_get(&r->rep_at, id, &i) ? &r->rep[i] : NULL;
}

int32_t kam__report_grade_of(uint8_t *out, kam__report *r, const char *name, size_t len, kam_error *err)
{
    *out = 0;
    if (!name || !len) return KAM_OK;
    for (uint32_t i = 1; i < r->ngrade; i++)
        if (strlen(r->grade[i].name) == len && memcmp(r->grade[i].name, name, len) == 0) {
            *out = (uint8_t)i;
            return KAM_OK;
        }
    if (r->ngrade == KAM__REPORT_GRADES) return KAM_OK;
    KAM__TRY(kam__report_keep(&r->grade[r->ngrade].name, r, name, len, err));
    *out = (uint8_t)r->ngrade++;
    return KAM_OK;
}

/* ---------------------------------------------------------------- order of accounts */

static int figures_cmp(int64_t a, int64_t b) { return (a < b) - (a > b); } /* larger first */

static int figures_by_revenue(const void *a, const void *b, void *arg)
{
    const kam__report *r = arg;
    const kam__report_account *x = &r->account[*(const uint32_t *)a], *y = &r->account[*(const uint32_t *)b];
    int c = figures_cmp(x->revenue, y->revenue);
    if (!c) c = figures_cmp(x->points, y->points);
    return c ? c : figures_cmp(y->id, x->id);
}

static int figures_by_points(const void *a, const void *b, void *arg)
{
    const kam__report *r = arg;
    const kam__report_account *x = &r->account[*(const uint32_t *)a], *y = &r->account[*(const uint32_t *)b];
    int c = figures_cmp(x->points, y->points);
    return c ? c : figures_by_revenue(a, b, arg);
}

static int figures_by_contribution(const void *a, const void *b, void *arg)
{
    const kam__report *r = arg;
    const kam__report_account *x = &r->account[*(const uint32_t *)a], *y = &r->account[*(const uint32_t *)b];
    int c = figures_cmp(x->contribution, y->contribution);
    return c ? c : figures_cmp(y->id, x->id);
}

/* ---------------------------------------------------------------- who is a key account */

/* By tier where the book has such facts, else by the best grade, else by score, else by revenue. */
static int figures_key_how(const kam__report *r)
{
    int graded = 0, scored = 0;
    for (uint32_t i = 0; i < r->naccount; i++) {
        if (r->account[i].flags & KAM__ACC_INVALID) continue;
        if (r->account[i].flags & KAM__ACC_TIER) return KAM__KEY_TIER;
        if (r->account[i].grade == 1) graded = 1;
        if (r->account[i].flags & KAM__ACC_SCORE) scored = 1;
    }
    return graded && !r->nominal ? KAM__KEY_GRADE : scored ? KAM__KEY_SCORE : KAM__KEY_REVENUE;
}

static int figures_is_key(const kam__report *r, const kam__report_account *a)
{
    if (a->flags & KAM__ACC_INVALID) return 0;
    switch (r->key_how) {
    case KAM__KEY_TIER: return (a->flags & KAM__ACC_TIER) != 0;
    case KAM__KEY_GRADE: return a->grade == 1;
    case KAM__KEY_SCORE: return (a->flags & KAM__ACC_SCORE) != 0;
    default: return a->revenue > 0;
    }
}

static int32_t figures_keys(kam__report *r, kam_error *err)
{
    r->key_how = figures_key_how(r);
    r->key = kam__zalloc_n(r->ctx, (size_t)r->naccount + 1, sizeof *r->key);
    if (!r->key) return kam__nomem(err);
    for (uint32_t i = 0; i < r->naccount; i++)
        if (figures_is_key(r, &r->account[i])) r->key[r->nkey++] = i;
    KAM__TRY(kam__sort(r->ctx, r->key, r->nkey, sizeof *r->key,
                       r->key_how == KAM__KEY_SCORE ? figures_by_points : figures_by_revenue, r, err));
    if (r->key_how >= KAM__KEY_SCORE && r->nkey > KAM__REPORT_CARDS) r->nkey = KAM__REPORT_CARDS;
    for (uint32_t i = 0; i < r->nkey; i++) r->account[r->key[i]].flags |= KAM__ACC_KEY;
    return KAM_OK;
}

/* ---------------------------------------------------------------- curves */

/* Points of the sorted values value[0..n): every rank up to 100 of them, else 0 %, 1 % ... 100 % of the ranks. */
static void figures_curve(kam__report_curve *c, const kam__report *r, const uint32_t *order, uint32_t n, int profit)
{
    uint32_t points = n < 100 ? n : 100, next = 1;
    int64_t cum = 0;
    c->n = n;
    c->npoint = 1;
    for (uint32_t i = 1; i <= n; i++) {
        const kam__report_account *a = &r->account[order[i - 1]];
        if (kam__add(cum, profit ? a->contribution : a->revenue, &cum)) return;
        if (i < (uint32_t)((uint64_t)next * n / points)) continue;
        c->rank[c->npoint] = i;
        c->cum[c->npoint++] = cum;
        next++;
    }
    c->total = cum;
}

static uint32_t figures_reach(const kam__report *r, const uint32_t *order, uint32_t n, int64_t total)
{
    int64_t cum = 0;
    for (uint32_t i = 0; i < n; i++) {
        cum += r->account[order[i]].revenue;
        if (kam__cmp_products(cum, 100, total, 80) >= 0) return i + 1;
    }
    return n;
}

static int32_t figures_curves(kam__report *r, kam_error *err)
{
    uint32_t *order = kam__zalloc_n(r->ctx, (size_t)r->naccount + 1, sizeof *order), n = 0;
    if (!order) return kam__nomem(err);
    for (uint32_t i = 0; i < r->naccount; i++)
        if (r->account[i].revenue > 0) order[n++] = i;
    int32_t rc = kam__sort(r->ctx, order, n, sizeof *order, figures_by_revenue, r, err);
    if (rc == KAM_OK) {
        figures_curve(&r->curve, r, order, n, 0);
        r->reach80 = figures_reach(r, order, n, r->curve.total);
        for (uint32_t i = n = 0; i < r->naccount; i++)
            if (r->account[i].flags & KAM__ACC_VALUE) order[n++] = i;
        rc = kam__sort(r->ctx, order, n, sizeof *order, figures_by_contribution, r, err);
    }
    if (rc == KAM_OK) figures_curve(&r->profit, r, order, n, 1);
    kam__free(r->ctx, order);
    return rc;
}

int64_t kam__report_high_month(const kam__report *r)
{
    int64_t high = 1;
    for (uint32_t i = 0; i < r->nmonth; i++)
        if (r->month[i].revenue > high) high = r->month[i].revenue;
    return high;
}

/* ---------------------------------------------------------------- grades */

static int32_t figures_sums(kam__report *r, kam_error *err)
{
    for (uint32_t i = 0; i < r->naccount; i++) {
        const kam__report_account *a = &r->account[i];
        kam__report_grade *g = &r->grade[a->grade];
        if (a->contribution < 0) {
            r->unprofitable++;
            r->loss += a->contribution;
        }
        if (a->flags & KAM__ACC_INVALID && !a->grade && !(a->flags & KAM__ACC_VALUE)) continue;
        g->accounts++;
        if (kam__add(g->revenue, a->revenue, &g->revenue) ||
            kam__add(g->contribution, a->contribution, &g->contribution))
            return kam__fail(err, KAM_E_LIMIT, "the revenue of grade %s does not fit 64 bits", g->name ? g->name : "-");
    }
    return KAM_OK;
}

static void figures_flows(kam__report *r)
{
    for (uint32_t i = 0; i < r->naccount; i++) {
        const kam__report_account *a = &r->account[i];
        if (a->old || a->grade) r->flow[a->old][a->grade]++;
        if (!a->old && a->grade)
            r->firsts++;
        else if (a->old != a->grade && (r->nominal || !a->grade))
            r->others++;
        else if (a->old > a->grade)
            r->better++;
        else if (a->old < a->grade)
            r->worse++;
    }
}

/* Changes a director looks for first: out of the best grade, then into it, then the rest; first grades last. */
static int figures_change_order(const void *a, const void *b, void *arg)
{
    const kam__report *r = arg;
    const kam__report_change *x = a, *y = b;
    int c = (x->old == 0) - (y->old == 0);
    uint32_t bx = x->old < x->now || !x->now ? x->old : x->now, by = y->old < y->now || !y->now ? y->old : y->now;
    if (!c) c = (bx > by) - (bx < by);
    if (!c) c = (x->old > y->old) - (x->old < y->old);
    if (c) return c;
    const kam__report_account *p = kam__report_account_of(r, x->account), *q = kam__report_account_of(r, y->account);
    c = figures_cmp(p ? p->revenue : 0, q ? q->revenue : 0);
    return c ? c : figures_cmp(y->account, x->account);
}

int32_t kam__report_figures(kam__report *r, kam_error *err)
{
    for (uint32_t i = 0; i < r->naccount; i++) r->account[i].old = r->account[i].grade;
    for (uint32_t i = 0; i < r->nchange; i++) {
        kam__report_account *a = kam__report_account_of(r, r->change[i].account);
        if (a) a->old = r->change[i].old;
    }
    KAM__TRY(figures_sums(r, err));
    KAM__TRY(figures_keys(r, err));
    KAM__TRY(figures_curves(r, err));
    figures_flows(r);
    return kam__sort(r->ctx, r->change, r->nchange, sizeof *r->change, figures_change_order, r, err);
}

/* ---------------------------------------------------------------- the plan */

static int figures_entry_order(const void *a, const void *b, void *arg)
{
    const kam__report_entry *x = a, *y = b;
    (void)arg;
    int c = figures_cmp(y->representative, x->representative);
    if (!c) c = (x->day > y->day) - (x->day < y->day);
    if (!c) c = (x->channel > y->channel) - (x->channel < y->channel);
    if (!c) c = (x->order > y->order) - (x->order < y->order);
    return c ? c : figures_cmp(y->account, x->account);
}

int32_t kam__report_plan_figures(kam__report *r, kam_error *err)
{
    KAM__TRY(kam__sort(r->ctx, r->entry, r->nentry, sizeof *r->entry, figures_entry_order, NULL, err));
    for (uint32_t i = 0; i < r->nentry; i++) {
        const kam__report_entry *e = &r->entry[i];
        kam__report_rep *p = kam__report_rep_of(r, e->representative);
        if (!p) continue;
        if (!p->n++) p->first = i;
        if (e->channel == KAM_CHANNEL_VISIT) {
            if (!p->visits++ || e[-1].channel != KAM_CHANNEL_VISIT || e[-1].day != e->day) p->days++;
            p->metres += e->metres;
        } else
            p->calls++;
    }
    for (uint32_t i = 0; i < r->nunplanned; i++) {
        kam__report_rep *p = kam__report_rep_of(r, r->unplanned[i].representative);
        if (p) p->unplanned++;
    }
    return KAM_OK;
}

uint32_t kam__report_weeks(const kam__report *r, int32_t *monday)
{
    int32_t first = INT32_MAX, last = INT32_MIN;
    for (uint32_t i = 0; i < r->nentry; i++) {
        if (r->entry[i].day < first) first = r->entry[i].day;
        if (r->entry[i].day > last) last = r->entry[i].day;
    }
    if (first > last) return 0;
    *monday = kam__iso_week_start(first);
    uint32_t weeks = (uint32_t)(((int64_t)last - *monday) / 7 + 1);
    return weeks < KAM__REPORT_WEEKS ? weeks : KAM__REPORT_WEEKS;
}

/* ---------------------------------------------------------------- problems of the data */

int kam__report_bad(const kam__report *r, const kam__report_account *a, int kind)
{
    const kam__report_rep *p = a->owner ? kam__report_rep_of(r, a->owner) : NULL;
    if (a->flags & KAM__ACC_INVALID) return 0;
    switch (kind) {
    case KAM__BAD_OWNER: return !a->owner;
    case KAM__BAD_REP: return a->owner && (!p || !p->active);
    case KAM__BAD_PLACE: return !(a->flags & (KAM__ACC_PLACE | KAM__ACC_NO_COORDINATES));
    case KAM__BAD_NO_PLACE: return (a->flags & KAM__ACC_NO_COORDINATES) != 0;
    case KAM__BAD_LOSS: return a->contribution < 0;
    case KAM__BAD_SILENT: return (a->flags & KAM__ACC_KEY) && a->next_day == KAM_DAY_END;
    default: return 0;
    }
}

uint32_t kam__report_bad_list(const kam__report *r, int kind, uint32_t shown[KAM__REPORT_PROBLEMS], uint32_t *nshown)
{
    uint32_t n = 0, k = 0;
    for (uint32_t i = 0; i < r->naccount; i++) {
        if (!kam__report_bad(r, &r->account[i], kind)) continue;
        n++;
        uint32_t at = k < KAM__REPORT_PROBLEMS ? k++ : k;
        for (; at > 0; at--) { /* keep the largest, in order */
            const void *a = &shown[at - 1];
            const kam__report_account *x = &r->account[*(const uint32_t *)a], *y = &r->account[i];
            int64_t xv = kind == KAM__BAD_LOSS ? -x->contribution : x->revenue,
                    yv = kind == KAM__BAD_LOSS ? -y->contribution : y->revenue;
            if (xv > yv || (xv == yv && x->id < y->id)) break;
            if (at < KAM__REPORT_PROBLEMS) shown[at] = shown[at - 1];
        }
        if (at < KAM__REPORT_PROBLEMS) shown[at] = i;
    }
    *nshown = k;
    return n;
}
