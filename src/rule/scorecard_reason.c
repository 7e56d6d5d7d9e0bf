/*
 * rule/scorecard_reason.c - why a score is low (or high): reason codes, and the score from 0 to 100.
 *
 * After PMML 4.4, model Scorecard, reasonCodeAlgorithm (Data Mining Group): with pointsBelow a factor counts by its
 * baseline less what it contributed, with pointsAbove by its contribution less its baseline; the largest differences
 * give the reasons, equal ones in the order of the factors. As a factor has few outcomes, all differences of a card are
 * put in order when it is read: the reasons of a score are then the smallest places among those of its outcomes.
 */
#include "rule.h"

/* ---------------------------------------------------------------- the outcomes of a factor */

static uint32_t scard_outcomes(const kam__card_factor *f) { return f->ncase + 1u + f->has_otherwise; }

static kam__card_outcome *scard_outcome_at(kam__card_factor *f, uint32_t k)
{
    if (k < f->ncase) return &f->cases[k].out;
    return k == f->ncase ? &f->missing : &f->otherwise;
}

/* What is not told is the best a factor can give, or the least. */
static void scard_settle(kam__card *c, kam__card_factor *f)
{
    int64_t low = f->missing.contribution, high = low;
    for (uint32_t k = 0; k < scard_outcomes(f); k++) {
        int64_t v = scard_outcome_at(f, k)->contribution;
        if (v < low) low = v;
        if (v > high) high = v;
    }
    c->lowest += low;
    c->highest += high;
    if (!f->has_baseline) f->baseline = c->reasons == KAM__REASON_ABOVE ? low : high;
}

/* ---------------------------------------------------------------- places */

static int scard_rank_cmp(const void *a, const void *b, void *arg)
{
    const kam__card_rank *x = a, *y = b;
    (void)arg;
    if (x->gap != y->gap) return x->gap > y->gap ? -1 : 1;
    return x->factor < y->factor ? -1 : x->factor > y->factor;
}

static int32_t scard_rank_fill(kam__card_rank *rank, kam__card *c, const kam__json *body, kam_error *err)
{
    for (uint32_t i = 0; i < c->nfactor; i++) {
        kam__card_factor *f = &c->factor[i];
        for (uint32_t k = 0; k < scard_outcomes(f); k++) {
            kam__card_outcome *o = scard_outcome_at(f, k);
            int64_t gap = 0, minus = c->reasons == KAM__REASON_BELOW ? o->contribution : f->baseline;
            if (minus == INT64_MIN ||
                kam__add(c->reasons == KAM__REASON_BELOW ? f->baseline : o->contribution, -minus, &gap) ||
                gap == INT64_MIN)
                return kam__json_fail(f->at ? f->at : body, KAM_E_POLICY, err,
                                      "the baseline of factor \"%s\" is too far from its points: make them smaller",
                                      f->id);
            rank[c->nrank++] = (kam__card_rank){i, gap, o};
        }
    }
    return KAM_OK;
}

int32_t kam__card_rank_all(kam__card *c, kam__arena *arena, const kam__json *body, kam_error *err)
{
    uint32_t n = 0;
    int64_t span = 0;
    c->lowest = c->highest = c->baseline;
    for (uint32_t i = 0; i < c->nfactor; i++) {
        scard_settle(c, &c->factor[i]);
        n += scard_outcomes(&c->factor[i]);
    }
    int far = kam__add(c->highest, -c->lowest, &span);
    if (c->normalize && (far || span == 0))
        return kam__json_fail(kam__json_get(body, "normalize"), KAM_E_POLICY, err,
                              far ? "the lowest and the highest score are too far apart to go from 0 to 100"
                                  : "every score of this card is the same: there is nothing to go from 0 to 100");
    if (!c->reasons) return KAM_OK;
    kam__card_rank *rank = kam__arena_alloc(arena, n * sizeof *rank);
    if (!rank) return kam__nomem(err);
    c->rank = rank;
    KAM__TRY(scard_rank_fill(rank, c, body, err));
    KAM__TRY(kam__sort(arena->ctx, rank, n, sizeof *rank, scard_rank_cmp, NULL, err));
    for (uint32_t k = 0; k < n; k++) rank[k].out->rank = k;
    if (c->nreason > c->nfactor) c->nreason = c->nfactor;
    return KAM_OK;
}

/* ---------------------------------------------------------------- of one score */

void kam__card_reasons(kam__card_score *s, const kam__card *c)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->nfactor; i++) {
        uint32_t rank = s->hit[i].out->rank, k = n < c->nreason ? n++ : c->nreason;
        for (; k && rank < s->hit[s->reason[k - 1]].out->rank; k--)
            if (k < c->nreason) s->reason[k] = s->reason[k - 1];
        if (k < c->nreason) s->reason[k] = i;
    }
    s->nreason = n;
}

int64_t kam__card_normal(const kam__card *c, int64_t points)
{
    int64_t out = 0;
    if (!c->normalize) return 0;
    (void)kam__muldiv(points - c->lowest, 1000000, c->highest - c->lowest, KAM__HALF_EVEN, &out);
    return out;
}
