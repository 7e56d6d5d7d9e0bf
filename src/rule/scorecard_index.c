/*
 * rule/scorecard_index.c - the outcome of a number without a branch: limits in order, and what holds from each on.
 *
 * Where the limits of a factor lie its outcome can change, and nowhere else; so the plain way is asked once at each of
 * them and below the first. Finding the outcome of a value is then counting how many limits it has reached, which costs
 * the same for any value. Made when a card is bound, for factors whose attribute is a number.
 */
#include "rule.h"
#include <math.h>

typedef struct sindex_point { int64_t i; double f; } sindex_point;

static int sindex_by_i(const void *a, const void *b, void *arg)
{
    const sindex_point *x = a, *y = b;
    (void)arg;
    return x->i < y->i ? -1 : x->i > y->i;
}

static int sindex_by_f(const void *a, const void *b, void *arg)
{
    const sindex_point *x = a, *y = b;
    (void)arg;
    return x->f < y->f ? -1 : x->f > y->f;
}

/* Where the outcome of a factor may change: limits; each value and what is behind it. */
static uint32_t sindex_points(sindex_point *out, const kam__card_factor *f, const kam__card_slot *slot)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < f->ncase; k++) {
        const kam__card_slot *s = &slot[k];
        if (s->has_lo) out[n++] = (sindex_point){s->lo, s->lo_f};
        if (s->has_hi) out[n++] = (sindex_point){s->hi, s->hi_f};
        if (f->form != KAM__CARD_BANDS && s->lo < INT64_MAX) out[n++] = (sindex_point){s->lo + 1, 0};
    }
    return n;
}

static kam__card_hit sindex_ask(const kam__card_bound *b, uint32_t i, int real, int64_t whole, double f)
{
    kam__card_hit hit;
    int flag = b->field[b->card->factor[i].attr]->logic == KAM__L_BOOL;
    const kam__card_value v = {.num = flag ? whole != 0 : whole, .f = f, .t = real ? KAM__CV_F64 : KAM__CV_NUM};
    kam__card_hit_slow(&hit, b, i, &v);
    return hit;
}

int32_t kam__card_index_make(kam__card_index *x, const kam__card_bound *b, uint32_t i, kam__arena *arena,
                             kam_error *err)
{
    const kam__card_factor *f = &b->card->factor[i];
    int real = b->field[f->attr]->type == KAM_T_F64;
    uint32_t most = f->ncase * 2 + 1;
    sindex_point *at = kam__arena_alloc(arena, most * sizeof *at);
    int64_t *whole = kam__arena_alloc(arena, most * sizeof *whole);
    double *reals = kam__arena_alloc(arena, most * sizeof *reals);
    kam__card_hit *hit = kam__arena_alloc(arena, (most + 1) * sizeof *hit);
    if (!at || !whole || !reals || !hit) return kam__nomem(err);
    uint32_t n = sindex_points(at, f, b->factor[i]);
    KAM__TRY(kam__sort(arena->ctx, at, n, sizeof *at, real ? sindex_by_f : sindex_by_i, NULL, err));
    *x = (kam__card_index){.whole = whole, .real = reals, .hit = hit, .is_real = (uint8_t)real};
    hit[0] = sindex_ask(b, i, real, INT64_MIN, -HUGE_VAL);
    for (uint32_t k = 0; k < n; k++) {
        const kam__card_hit h = sindex_ask(b, i, real, at[k].i, at[k].f);
        if (h.out == hit[x->n].out) continue;
        whole[x->n] = at[k].i;
        reals[x->n++] = real ? at[k].f : (double)at[k].i;
        hit[x->n] = h;
    }
    return KAM_OK;
}

const kam__card_hit *kam__card_index_find(const kam__card_index *x, const kam__card_value *v)
{
    uint32_t k = 0;
    if (x->is_real)
        for (uint32_t i = 0; i < x->n; i++) k += v->f >= x->real[i];
    else
        for (uint32_t i = 0; i < x->n; i++) k += v->num >= x->whole[i];
    return &x->hit[k];
}
