/*
 * rule/scorecard_plan.c - the plan by which blocks are scored: every factor as a step function or a table.
 *
 * The plan is the index of the row path (scorecard_index.c) as differences: what reaching a limit adds. The entries of
 * a table are what the row path gives for each value, so that the two ways cannot differ. A card whose points could
 * leave 32 bits has no plan and goes row by row.
 */
#include "scorecard_block.h"
#include <math.h>

#define SPLAN_MOST 0x3fffffff  /* points of all factors together, 10^-4, that go into 32 bits */

/* ---------------------------------------------------------------- making step functions */

static int64_t splan_wide(const kam__card *c, const kam__card_outcome *o)
{
    return c->nreason ? o->contribution * ((int64_t)1 << 32) + o->rank : o->contribution;
}

/* For int32_t: limits that no such number reaches are left out. */
static void splan_step32(kam__card_step *s, int32_t *half, const kam__card_index *x)
{
    int32_t *before = half, *delta = half + x->n, *drank = half + 2 * x->n;
    const kam__card_outcome *first = x->hit[0].out;
    s->before32 = before;
    s->delta32 = delta;
    s->drank32 = drank;
    for (uint32_t k = 0; k < x->n && x->whole[k] <= INT32_MAX; k++) {
        const kam__card_outcome *from = x->hit[k].out, *to = x->hit[k + 1].out;
        if (x->whole[k] <= INT32_MIN) {
            first = to;
            continue;
        }
        before[s->n32] = (int32_t)(x->whole[k] - 1);
        delta[s->n32] = (int32_t)(to->contribution - from->contribution);
        drank[s->n32++] = (int32_t)to->rank - (int32_t)from->rank;
    }
    s->base32 = (int32_t)first->contribution;
    s->rank32 = (int32_t)first->rank;
}

static int32_t splan_step(kam__card_plan *p, uint32_t i, const kam__card_index *x, kam__arena *arena, kam_error *err)
{
    const kam__card *c = p->b->card;
    kam__card_step *s = &p->step[i];
    int64_t *delta = kam__arena_alloc(arena, (x->n + 1) * sizeof *delta);
    double *real = kam__arena_alloc(arena, (x->n + 1) * sizeof *real);
    int32_t *half = kam__arena_alloc(arena, (3 * x->n + 1) * sizeof *half);
    if (!delta || !real || !half) return kam__nomem(err);
    s->n = x->n;
    s->nf = x->n + 1;
    s->at = x->whole;
    s->delta = delta + 1;
    s->at_f = real;
    s->delta_f = delta;
    s->base = splan_wide(c, x->hit[0].out);
    s->missing = s->base_f = splan_wide(c, &c->factor[i].missing);
    real[0] = -HUGE_VAL;
    delta[0] = s->base - s->missing;
    for (uint32_t k = 0; k < x->n; k++) {
        real[k + 1] = x->real[k];
        delta[k + 1] = splan_wide(c, x->hit[k + 1].out) - splan_wide(c, x->hit[k].out);
    }
    if (!x->is_real) splan_step32(s, half, x);
    return KAM_OK;
}

/* An expression without a vector program has no step function: at_f stays NULL. */
static int32_t splan_expr_step(kam__card_plan *p, uint32_t i, kam__arena *arena, kam_error *err)
{
    int32_t scale = kam__card_expr_scale(&p->b->card->factor[i].expr);
    kam__card_index x;
    if (scale < 0) return KAM_OK;
    KAM__TRY(kam__card_index_make(&x, p->b, i, (uint32_t)scale, arena, err));
    return splan_step(p, i, &x, arena, err);
}

/* ---------------------------------------------------------------- making tables */

static int32_t splan_table_room(kam__card_table *t, uint32_t n, kam__arena *arena, kam_error *err)
{
    uint32_t room = n < 15 ? 16 : n + 1;
    t->n = n;
    t->none = n <= 15 ? 15 : n;
    t->points = kam__arena_alloc(arena, 2 * room * sizeof *t->points);
    if (!t->points) return kam__nomem(err);
    memset(t->points, 0, 2 * room * sizeof *t->points);
    t->rank = t->points + room;
    return KAM_OK;
}

static void splan_entry(kam__card_table *t, uint32_t code, const kam__card_outcome *o)
{
    t->points[code] = (int32_t)o->contribution;
    t->rank[code] = (int32_t)o->rank;
}

/* Codes are the cases, then otherwise. */
static int32_t splan_table(kam__card_plan *p, uint32_t i, kam__arena *arena, kam_error *err)
{
    const kam__card_factor *f = &p->b->card->factor[i];
    kam__card_table *t = &p->table[i];
    KAM__TRY(splan_table_room(t, f->ncase + 1, arena, err));
    for (uint32_t k = 0; k < f->ncase; k++) splan_entry(t, k, &f->cases[k].out);
    splan_entry(t, f->ncase, &f->otherwise);
    splan_entry(t, t->none, &f->missing);
    return KAM_OK;
}

int kam__card_is_text(const kam__card_bound *b, uint32_t attr) { return b->field[attr]->type == KAM_T_TEXT; }

int32_t kam__card_dictionary(kam__card_plan *p, uint32_t attr, const kam_col *texts, uint32_t n, kam__arena *arena,
                             kam_error *err)
{
    const kam__card *c = p->b->card;
    for (uint32_t i = 0; i < c->nfactor; i++) {
        kam__card_table t;
        if (c->factor[i].attr != attr || !kam__card_is_text(p->b, attr)) continue;
        KAM__TRY(splan_table_room(&t, n, arena, err));
        for (uint32_t k = 0; k < n; k++) {
            kam__card_hit hit;
            kam__card_value v = {.text = (const char *)texts->data + texts->off[k],
                                 .n = (uint32_t)(texts->off[k + 1] - texts->off[k])};
            v.t = v.n ? KAM__CV_TEXT : KAM__CV_NONE;
            kam__card_hit_of(&hit, p->b, i, &v);
            splan_entry(&t, k, hit.out);
        }
        splan_entry(&t, t.none, &c->factor[i].missing);
        p->dictionary[i] = t;
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- the plan */

static int splan_fits(const kam__card *c)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < c->nfactor; i++) {
        const kam__card_factor *f = &c->factor[i];
        int64_t most = 0;
        for (uint32_t k = 0; k < f->ncase + 2; k++) {
            const kam__card_outcome *o = k < f->ncase ? &f->cases[k].out : k == f->ncase ? &f->missing : &f->otherwise;
            int64_t size = o->contribution < 0 ? -o->contribution : o->contribution;
            if (size > most) most = size;
        }
        if (most > SPLAN_MOST || (sum += most) > SPLAN_MOST) return 0;
    }
    return 1;
}

static int32_t splan_factor(kam__card_plan *p, uint32_t i, kam__arena *arena, kam_error *err)
{
    uint32_t attr = p->b->card->factor[i].attr;
    if (attr == UINT32_MAX) return splan_expr_step(p, i, arena, err);
    if (kam__card_is_text(p->b, attr)) return splan_table(p, i, arena, err);
    return splan_step(p, i, &p->b->index[i], arena, err);
}

int32_t kam__card_plan_make(kam__card_plan *p, const kam__card_bound *b, kam__arena *arena, kam_error *err)
{
    const kam__card *c = b->card;
    memset(p, 0, sizeof *p);
    p->b = b;
    if (!splan_fits(c)) return KAM_OK;
    for (uint32_t i = 0; i < c->nfactor; i++) KAM__TRY(splan_factor(p, i, arena, err));
    p->ready = 1;
    return KAM_OK;
}
