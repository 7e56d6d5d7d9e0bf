/*
 * segment/grade.c - the engine: columns of attributes in, a grade for each account out.
 *
 * First the population, then either conditions (first match) or a ranking of those that have a measure and cuts
 * through it. Accounts rank by the measures from large to small, then by id: no two places are equal. Where a cut
 * falls between accounts that are equal by all measures, the id decided, and all of them are marked as tied. Shares
 * are compared as products in 128 bits, never divided.
 */
#include "segment.h"

#define GRADE_ONE 1000000                   /* 1 in KAM__SCHEME_SCALE decimals */
#define GRADE_STEP 65536u                   /* accounts between two calls of progress */

/* ---------------------------------------------------------------- conditions */

static int grade_has(const kam__attr_col *c, uint32_t i)
{
    return c->text ? c->text[i] != NULL : c->valid && c->valid[i];
}

static int grade_is_in(const kam__bound_cond *v, const kam__attr_col *c, uint32_t i)
{
    for (uint32_t k = 0; k < v->n; k++)
        if (c->text ? strcmp(c->text[i], v->text[k]) == 0 : c->num[i] == v->num[k]) return 1;
    return 0;
}

int kam__cond_holds(const kam__bound *b, const kam__grade_input *in, uint32_t cond, uint32_t i)
{
    const kam__scheme_cond *s = &b->scheme->cond[cond];
    const kam__bound_cond *v = &b->cond[cond];
    const kam__attr_col *c = &in->col[s->attr];
    int has = grade_has(c, i);
    if (s->op == KAM__MISSING) return !has;
    if (s->op == KAM__PRESENT) return has;
    if (!has) return s->op == KAM__IS_NOT;
    switch (s->op) {
    case KAM__IS: case KAM__IN: return grade_is_in(v, c, i);
    case KAM__IS_NOT: return !grade_is_in(v, c, i);
    case KAM__GE: return c->num[i] >= v->num[0];
    case KAM__GT: return c->num[i] > v->num[0];
    case KAM__LE: return c->num[i] <= v->num[0];
    default: return c->num[i] < v->num[0];
    }
}

/* Index of the first of n conditions that fails, n = all hold. */
static uint32_t grade_first_failing(const kam__bound *b, const kam__grade_input *in, uint32_t first, uint32_t n,
                                    uint32_t i)
{
    for (uint32_t k = 0; k < n; k++)
        if (!kam__cond_holds(b, in, first + k, i)) return k;
    return n;
}

static void grade_match(kam__graded *g, const kam__bound *b, const kam__grade_input *in, uint32_t i)
{
    const kam__scheme *s = b->scheme;
    for (uint32_t m = 0; m < s->nmatch; m++) {
        if (grade_first_failing(b, in, s->match[m].first, s->match[m].n, i) < s->match[m].n) continue;
        g->how = KAM__HOW_MATCH;
        g->at = (uint8_t)m;
        g->grade = (int8_t)s->match[m].grade;
        return;
    }
    g->how = KAM__HOW_REST;
    g->grade = (int8_t)s->rest;
}

/* Everybody who is not ranked gets an answer here; those to rank go into g->order. */
static int32_t grade_sift(kam__grading *g, const kam__bound *b, const kam__grade_input *in, kam_error *err)
{
    const kam__scheme *s = b->scheme;
    const kam__attr_col *measure = s->nmeasure ? &in->col[s->measure[0]] : NULL;
    for (uint32_t i = 0; i < in->n; i++) {
        kam__graded *row = &g->row[i];
        if (i % GRADE_STEP == 0) KAM__TRY(kam__progress(g->ctx, i, in->n, err));
        row->grade = KAM__NOT_APPLICABLE;
        uint32_t failed = grade_first_failing(b, in, 0, s->npopulation, i);
        if (failed < s->npopulation) {
            row->how = KAM__HOW_OUT;
            row->at = (uint8_t)failed;
            continue;
        }
        if (s->rule == KAM__RULE_MATCH) grade_match(row, b, in, i);
        if (measure && grade_has(measure, i)) g->order[g->nranked++] = i;
        else if (s->rule != KAM__RULE_MATCH) {
            row->how = KAM__HOW_NO_MEASURE;
            row->grade = (int8_t)s->rest;
        }
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- ranking */

typedef struct grade_rank { const kam__scheme *s; const kam__grade_input *in; } grade_rank;

static int grade_by_measures(const grade_rank *r, uint32_t x, uint32_t y)
{
    for (uint32_t k = 0; k < r->s->nmeasure; k++) {
        const kam__attr_col *c = &r->in->col[r->s->measure[k]];
        int hx = grade_has(c, x), hy = grade_has(c, y);
        if (hx != hy) return hx ? -1 : 1;
        if (hx && c->num[x] != c->num[y]) return c->num[x] > c->num[y] ? -1 : 1;
    }
    return 0;
}

static int grade_by_rank(const void *a, const void *b, void *arg)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int c = grade_by_measures(arg, x, y);
    return c ? c : x < y ? -1 : x > y;
}

static int32_t grade_sort(kam__grading *g, const kam__bound *b, const kam__grade_input *in, kam_error *err)
{
    grade_rank r = {b->scheme, in};
    KAM__TRY(kam__sort(g->ctx, g->order, g->nranked, sizeof *g->order, grade_by_rank, &r, err));
    for (uint32_t k = 0; k < g->nranked; k++) g->row[g->order[k]].rank = k + 1;
    return KAM_OK;
}

static int64_t grade_measure(const kam__grading *g, const kam__bound *b, const kam__grade_input *in, uint32_t rank)
{
    return in->col[b->scheme->measure[0]].num[g->order[rank]];
}

static void grade_set(kam__grading *g, uint32_t rank, uint32_t grade)
{
    kam__graded *row = &g->row[g->order[rank]];
    row->how = KAM__HOW_CUT;
    row->grade = (int8_t)grade;
}

/* ---------------------------------------------------------------- cuts */

int32_t kam__quota_seats(uint32_t *seats, uint32_t total, const int64_t *share, uint32_t n, kam_ctx *ctx,
                         kam_error *err)
{
    int64_t part[KAM__SCHEME_GRADES];
    KAM__TRY(kam__allocate(part, total, share, n, ctx, err));
    for (uint32_t i = 0; i < n; i++) seats[i] = (uint32_t)part[i];
    return KAM_OK;
}

static int32_t grade_quota(kam__grading *g, const kam__scheme *s, kam_error *err)
{
    uint32_t rank = 0;
    KAM__TRY(kam__quota_seats(g->seats, g->nranked, s->share, s->ngrade, g->ctx, err));
    for (uint32_t k = 0; k < s->ngrade; k++)
        for (uint32_t i = 0; i < g->seats[k]; i++) grade_set(g, rank++, k);
    return KAM_OK;
}

/* Grade by the cumulative share: the first cut above the share before the account, or the first not below the share
 * with it. */
static uint32_t grade_share_of(const kam__grading *g, const kam__scheme *s, int64_t before, int64_t with)
{
    for (uint32_t k = 0; k + 1 < s->ngrade; k++) {
        if (s->crossing_out ? kam__cmp_products(with, GRADE_ONE, s->share[k], g->total) <= 0
                            : kam__cmp_products(before, GRADE_ONE, s->share[k], g->total) < 0)
            return k;
    }
    return s->ngrade - 1;
}

static int32_t grade_shares(kam__grading *g, const kam__bound *b, const kam__grade_input *in, kam_error *err)
{
    kam__sum sum = {0, 0};
    g->cum = kam__zalloc_n(g->ctx, (size_t)g->nranked + 1, sizeof *g->cum);
    if (!g->cum) return kam__nomem(err);
    for (uint32_t k = 0; k < g->nranked; k++) {
        kam__sum_add(&sum, grade_measure(g, b, in, k));
        if (kam__sum_get(&sum, &g->cum[k]))
            return kam__fail(err, KAM_E_LIMIT, "the sum of %s does not fit 64 bits",
                             b->scheme->attr[b->scheme->measure[0]].name);
    }
    g->total = g->nranked ? g->cum[g->nranked - 1] : 0;
    for (uint32_t k = 0; k < g->nranked; k++)
        grade_set(g, k,
                  g->total > 0 ? grade_share_of(g, b->scheme, k ? g->cum[k - 1] : 0, g->cum[k])
                               : b->scheme->ngrade - 1);
    return KAM_OK;
}

static void grade_thresholds(kam__grading *g, const kam__bound *b, const kam__grade_input *in)
{
    for (uint32_t r = 0; r < g->nranked; r++) {
        int64_t v = grade_measure(g, b, in, r);
        uint32_t k = 0;
        while (k + 1 < b->scheme->ngrade && v < b->threshold[k]) k++;
        grade_set(g, r, k);
    }
}

/* Groups of equal accounts that have more than one grade: the id decided between them. */
static void grade_mark_ties(kam__grading *g, const kam__bound *b, const kam__grade_input *in)
{
    grade_rank r = {b->scheme, in};
    for (uint32_t first = 0, end; first < g->nranked; first = end) {
        int mixed = 0;
        for (end = first + 1; end < g->nranked && grade_by_measures(&r, g->order[first], g->order[end]) == 0; end++)
            mixed |= g->row[g->order[end]].grade != g->row[g->order[first]].grade;
        if (!mixed) continue;
        for (uint32_t k = first; k < end; k++) g->row[g->order[k]].tie = 1;
        g->ties += end - first;
    }
}

static void grade_note_cuts(kam__grading *g, const kam__bound *b, const kam__grade_input *in)
{
    for (uint32_t k = 0; k < g->nranked; k++) {
        uint32_t grade = (uint32_t)g->row[g->order[k]].grade;
        g->cut[grade] = grade_measure(g, b, in, k);             /* the last one of the grade stays */
        g->has_cut[grade] = 1;
    }
    for (uint32_t k = 0; b->scheme->rule == KAM__RULE_THRESHOLDS && k + 1 < b->scheme->ngrade; k++) {
        g->cut[k] = b->threshold[k];
        g->has_cut[k] = 1;
    }
}

/* ---------------------------------------------------------------- the whole */

static int32_t grade_by_rule(kam__grading *g, const kam__bound *b, const kam__grade_input *in, kam_error *err)
{
    KAM__TRY(grade_sort(g, b, in, err));
    switch (b->scheme->rule) {
    case KAM__RULE_QUOTA: KAM__TRY(grade_quota(g, b->scheme, err)); break;
    case KAM__RULE_SHARE: KAM__TRY(grade_shares(g, b, in, err)); break;
    case KAM__RULE_THRESHOLDS: grade_thresholds(g, b, in); break;
    default: return KAM_OK;
    }
    if (b->scheme->rule != KAM__RULE_THRESHOLDS) grade_mark_ties(g, b, in);
    grade_note_cuts(g, b, in);
    return KAM_OK;
}

static void grade_count(kam__grading *g)
{
    for (uint32_t i = 0; i < g->n; i++) {
        if (g->row[i].grade < 0) g->none++;
        else g->count[g->row[i].grade]++;
    }
}

int32_t kam__grade(kam__grading *out, kam_ctx *ctx, const kam__bound *b, const kam__grade_input *in, kam_error *err)
{
    kam__grading g;
    memset(&g, 0, sizeof g);
    g.ctx = ctx;
    g.n = in->n;
    g.row = kam__zalloc_n(ctx, (size_t)in->n + 1, sizeof *g.row);
    g.order = kam__zalloc_n(ctx, (size_t)in->n + 1, sizeof *g.order);
    int32_t rc = g.row && g.order ? grade_sift(&g, b, in, err) : kam__nomem(err);
    if (rc == KAM_OK) rc = grade_by_rule(&g, b, in, err);
    if (rc != KAM_OK) {
        kam__grading_free(&g);
        return rc;
    }
    grade_count(&g);
    *out = g;
    return KAM_OK;
}

void kam__grading_free(kam__grading *g)
{
    if (!g->ctx) return;
    kam__free(g->ctx, g->row);
    kam__free(g->ctx, g->order);
    kam__free(g->ctx, g->cum);
    memset(g, 0, sizeof *g);
}
