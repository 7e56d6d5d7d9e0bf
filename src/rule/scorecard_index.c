/*
 * rule/scorecard_index.c - the outcome of a number without a branch: limits in order, and what holds from each on.
 *
 * Where the limits of a factor lie its outcome can change, and nowhere else; so the plain way is asked once at each of
 * them and below the first. Finding the outcome of a value is then counting how many limits it has reached, which costs
 * the same for any value. Made when a card is bound, for factors whose attribute is a number, and for blocks (the plan of
 * scorecard_block.c) also where an expression gives numbers.
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

/* The smallest number of `scale` decimals that is not below v / 10^v_scale; 0 = there is none. */
static int sindex_from(int64_t v, uint32_t v_scale, uint32_t scale, int64_t *out)
{
    if (v_scale > scale) {
        *out = v / kam__pow10[v_scale - scale];
        *out += v > 0 && v % kam__pow10[v_scale - scale] != 0;
        return 1;
    }
    if (!kam__mul(v, kam__pow10[scale - v_scale], out)) return 1;
    *out = INT64_MIN;
    return v < 0;
}

static void sindex_add(sindex_point *out, uint32_t *n, int64_t v, uint32_t v_scale, double f, uint32_t scale)
{
    int64_t at;
    if (sindex_from(v, v_scale, scale, &at)) out[(*n)++] = (sindex_point){at, f};
}

/* Where the outcome of a factor may change: limits; each value and what is behind it. Limits of an attribute are in its
 * units already, as slots of it have no decimals of their own. */
static uint32_t sindex_points(sindex_point *out, const kam__card_factor *f, const kam__card_slot *slot, uint32_t scale)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < f->ncase; k++) {
        const kam__card_slot *s = &slot[k];
        if (s->has_lo) sindex_add(out, &n, s->lo, s->lo_scale, s->lo_f, scale);
        if (s->has_hi) sindex_add(out, &n, s->hi, s->hi_scale, s->hi_f, scale);
        if (f->form == KAM__CARD_BANDS || !s->has_lo || !n || out[n - 1].i == INT64_MAX) continue;
        out[n] = (sindex_point){out[n - 1].i + 1, 0};
        n++;
    }
    return n;
}

static kam__card_hit sindex_ask(const kam__card_bound *b, uint32_t i, int real, uint32_t scale, int64_t whole, double f)
{
    kam__card_hit hit;
    uint32_t attr = b->card->factor[i].attr;
    int flag = attr != UINT32_MAX && b->field[attr]->logic == KAM__L_BOOL;
    const kam__card_value v = {.num = flag ? whole != 0 : whole, .f = f, .n = scale,
                               .t = real ? KAM__CV_F64 : KAM__CV_NUM};
    kam__card_hit_slow(&hit, b, i, &v);
    return hit;
}

int32_t kam__card_index_make(kam__card_index *x, const kam__card_bound *b, uint32_t i, uint32_t scale,
                             kam__arena *arena, kam_error *err)
{
    const kam__card_factor *f = &b->card->factor[i];
    int real = f->attr == UINT32_MAX ? f->expr.kind == KAM__CEL_DOUBLE : b->field[f->attr]->type == KAM_T_F64;
    uint32_t most = f->ncase * 2 + 1;
    sindex_point *at = kam__arena_alloc(arena, most * sizeof *at);
    int64_t *whole = kam__arena_alloc(arena, most * sizeof *whole);
    double *reals = kam__arena_alloc(arena, most * sizeof *reals);
    kam__card_hit *hit = kam__arena_alloc(arena, (most + 1) * sizeof *hit);
    if (!at || !whole || !reals || !hit) return kam__nomem(err);
    uint32_t n = sindex_points(at, f, b->factor[i], scale);
    KAM__TRY(kam__sort(arena->ctx, at, n, sizeof *at, real ? sindex_by_f : sindex_by_i, NULL, err));
    *x = (kam__card_index){.whole = whole, .real = reals, .hit = hit, .is_real = (uint8_t)real};
    hit[0] = sindex_ask(b, i, real, scale, INT64_MIN, -HUGE_VAL);
    for (uint32_t k = 0; k < n; k++) {
        const kam__card_hit h = sindex_ask(b, i, real, scale, at[k].i, at[k].f);
        if (h.out == hit[x->n].out) continue;
        whole[x->n] = at[k].i;
        reals[x->n++] = real ? at[k].f : (double)at[k].i;
        hit[x->n] = h;
    }
    return KAM_OK;
}
