/*
 * strategy/matrix.c - the directional policy matrix: where a product for a market stands, and what that suggests.
 *
 * Malcolm McDonald, Marketing Plans (after the Shell International matrix of 1975): attractiveness of the market and
 * business strength are weighted sums of scores from 0 to 10; strength is told relative to the best competitor. Which
 * objective a quadrant suggests follows R85: two quadrants leave a choice.
 */
#include "strategy.h"

int32_t kam__matrix_weights(int64_t *sum, const kam__matrix_factor *f, size_t nf)
{
    for (int32_t axis = KAM_MATRIX_AXIS_ATTRACTIVENESS; axis <= KAM_MATRIX_AXIS_STRENGTH; axis++) {
        *sum = 0;
        for (size_t i = 0; i < nf; i++)
            if (f[i].axis == axis && kam__add(*sum, f[i].weight, sum)) return axis;
        if (*sum != KAM__MATRIX_WEIGHTS) return axis;
    }
    *sum = 0;
    return 0;
}

static const kam__matrix_score *matrix_score_of(const kam__matrix_score *s, size_t ns, size_t factor, uint32_t party)
{
    const kam__matrix_score *found = NULL;
    for (size_t i = 0; i < ns; i++)
        if (s[i].factor == factor && s[i].competitor == party) found = &s[i];
    return found;
}

typedef struct matrix_sum {
    int64_t points;
    uint32_t scores, judged, missing;
} matrix_sum;

/* One party's weighted sum on an axis. Weights are at most 100 and scores at most 10: nothing overflows. */
static matrix_sum matrix_party(const kam__matrix_factor *f, size_t nf, const kam__matrix_score *s, size_t ns,
                               int32_t axis, uint32_t party)
{
    matrix_sum m = {0, 0, 0, 0};
    for (size_t i = 0; i < nf; i++) {
        int64_t points = 0;
        if (f[i].axis != axis) continue;
        const kam__matrix_score *x = matrix_score_of(s, ns, i, party);
        m.missing += !x;
        if (!x || kam__muldiv(f[i].weight, x->score, KAM__MATRIX_WEIGHTS, KAM__HALF_EVEN, &points)) continue;
        m.points += points;
        m.scores++;
        m.judged += x->judged != 0;
    }
    return m;
}

static void matrix_count(kam__matrix_position *p, const matrix_sum *m)
{
    p->scores += m->scores;
    p->judged += m->judged;
    p->missing += m->missing;
}

/* The strongest competitor of those whose scores are complete; the first of equals. */
static void matrix_best(kam__matrix_position *p, const kam__matrix_factor *f, size_t nf, const kam__matrix_score *s,
                        size_t ns, uint32_t ncompetitor)
{
    for (uint32_t c = 1; c <= ncompetitor; c++) {
        matrix_sum m = matrix_party(f, nf, s, ns, KAM_MATRIX_AXIS_STRENGTH, c);
        if (!m.scores) continue;
        matrix_count(p, &m);
        if (m.missing || (p->competitor && m.points <= p->best)) continue;
        p->competitor = c;
        p->best = m.points;
    }
}

static void matrix_suggest(kam__matrix_position *p, int sold)
{
    static const int32_t first[] = {0, KAM_MARKET_OBJECTIVE_IMPROVE, KAM_MARKET_OBJECTIVE_MAINTAIN,
                                    KAM_MARKET_OBJECTIVE_IMPROVE, KAM_MARKET_OBJECTIVE_HARVEST};
    static const int32_t other[] = {0, 0, 0, KAM_MARKET_OBJECTIVE_EXIT, KAM_MARKET_OBJECTIVE_EXIT};
    p->suggested = sold ? first[p->quadrant] : KAM_MARKET_OBJECTIVE_ENTER;
    p->alternative = sold ? other[p->quadrant] : 0;
}

void kam__matrix_place(kam__matrix_position *out, const kam__matrix_factor *f, size_t nf, const kam__matrix_score *s,
                       size_t ns, uint32_t ncompetitor, int sold)
{
    kam__matrix_position p = {.attractiveness = 0};
    matrix_sum market = matrix_party(f, nf, s, ns, KAM_MATRIX_AXIS_ATTRACTIVENESS, 0);
    matrix_sum own = matrix_party(f, nf, s, ns, KAM_MATRIX_AXIS_STRENGTH, 0);
    matrix_count(&p, &market);
    matrix_count(&p, &own);
    matrix_best(&p, f, nf, s, ns, ncompetitor);
    p.attractiveness = market.points;
    p.strength = own.points;
    p.has_attractiveness = !market.missing && market.scores;
    p.has_strength = !own.missing && own.scores;
    p.has_relative = p.has_strength && p.competitor && p.best > 0 &&
                     !kam__muldiv(p.strength, 10000, p.best, KAM__HALF_EVEN, &p.relative);
    if (p.has_attractiveness && p.has_strength && p.competitor) {
        int attractive = p.attractiveness >= KAM__MATRIX_MIDDLE, strong = p.strength >= p.best;
        p.quadrant = attractive ? strong ? KAM_QUADRANT_STAR : KAM_QUADRANT_QUESTION
                     : strong   ? KAM_QUADRANT_CASH_COW
                                : KAM_QUADRANT_DOG;
        matrix_suggest(&p, sold);
    }
    *out = p;
}
