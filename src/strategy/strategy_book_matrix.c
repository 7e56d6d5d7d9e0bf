/*
 * strategy/strategy_book_matrix.c - the portfolio of an account plan in the directional policy matrix (R77-R85).
 *
 * Factors, units and scores are read once and handed to matrix.c unit by unit and time by time. The matrix is given
 * only once the six points of preparation are confirmed and weights add up; what is missing can be asked for before
 * that.
 */
#include "../store/store.h"
#include "strategy_book.h"

/* ---------------------------------------------------------------- reading */

static int32_t port_factors(kam__portfolio *p, kam_error *err)
{
    p->nfactor = (size_t)p->factors->nrow;
    p->factor = kam__zalloc_n(p->ctx, p->nfactor + 1, sizeof *p->factor);
    if (!p->factor) return kam__nomem(err);
    for (size_t i = 0; i < p->nfactor; i++) {
        p->factor[i].id = kam__cell_num(p->factors, i, KAM_ID, 0);
        p->factor[i].axis = (int32_t)kam__cell_num(p->factors, i, KAM_PLAN_FACTOR_AXIS, 0);
        p->factor[i].weight = kam__cell_num(p->factors, i, KAM_PLAN_FACTOR_WEIGHT, 0);
    }
    return KAM_OK;
}

static uint32_t port_factor_of(const kam__portfolio *p, int64_t id)
{
    for (size_t i = 0; i < p->nfactor; i++)
        if (p->factor[i].id == id) return (uint32_t)i;
    return UINT32_MAX;
}

/* 1 + the number of a competitor by name, in the order they are met; 0 = we. */
static int32_t port_party(uint32_t *out, kam__portfolio *p, const char *name, size_t len, kam_error *err)
{
    *out = 0;
    if (!len) return KAM_OK;
    for (uint32_t i = 0; i < p->ncompetitor; i++)
        if (strlen(p->competitor[i]) == len && memcmp(p->competitor[i], name, len) == 0) {
            *out = i + 1;
            return KAM_OK;
        }
    KAM__TRY(kam__grow(p->ctx, &p->competitor, &p->competitor_cap, p->ncompetitor + 1u, sizeof *p->competitor, err));
    const char *copy = kam__arena_text(&p->names, name, len);
    if (!copy) return kam__nomem(err);
    p->competitor[p->ncompetitor++] = copy;
    *out = p->ncompetitor;
    return KAM_OK;
}

/* The scores of one unit at one time into p->score: how many. */
static int32_t port_scores(size_t *n, kam__portfolio *p, int64_t unit, int32_t at, kam_error *err)
{
    *n = 0;
    KAM__TRY(kam__grow(p->ctx, &p->score, &p->score_cap, (size_t)p->scores->nrow + 1, sizeof *p->score, err));
    for (uint64_t i = 0; i < p->scores->nrow; i++) {
        size_t len = 0;
        const char *who = kam__cell_text(p->scores, i, KAM_PLAN_SCORE_COMPETITOR, &len);
        kam__matrix_score *s = &p->score[*n];
        if (kam__cell_num(p->scores, i, KAM_PLAN_SCORE_UNIT, 0) != unit) continue;
        if (kam__cell_num(p->scores, i, KAM_PLAN_SCORE_AT, 0) != at) continue;
        s->factor = port_factor_of(p, kam__cell_num(p->scores, i, KAM_PLAN_SCORE_FACTOR, 0));
        s->score = kam__cell_num(p->scores, i, KAM_PLAN_SCORE_SCORE, 0);
        s->judged = kam__cell_num(p->scores, i, KAM_PLAN_SCORE_BASIS, 0) != KAM_SCORE_BASIS_DATA;
        KAM__TRY(port_party(&s->competitor, p, who, len, err));
        *n += s->factor != UINT32_MAX;
    }
    return KAM_OK;
}

static int32_t port_place(kam__portfolio *p, kam_error *err)
{
    p->at = kam__zalloc_n(p->ctx, (size_t)p->units->nrow + 1, sizeof *p->at);
    if (!p->at) return kam__nomem(err);
    for (uint64_t i = 0; i < p->units->nrow; i++)
        for (int32_t at = KAM_MATRIX_AT_NOW; at <= KAM_MATRIX_AT_TARGET; at++) {
            size_t n = 0;
            KAM__TRY(port_scores(&n, p, kam__cell_num(p->units, i, KAM_ID, 0), at, err));
            p->at[i][at - 1].there = n || at == KAM_MATRIX_AT_NOW;
            kam__matrix_place(&p->at[i][at - 1].p, p->factor, p->nfactor, p->score, n, p->ncompetitor,
                              kam__cell_num(p->units, i, KAM_PLAN_UNIT_REVENUE, 0) > 0);
        }
    return KAM_OK;
}

int32_t kam__portfolio_load(kam__portfolio *p, const kam_account_plan *plan, kam_error *err)
{
    kam_book *b = plan->book;
    memset(p, 0, sizeof *p);
    p->ctx = plan->ctx;
    kam__arena_init(&p->names, p->ctx, 0);
    KAM__TRY(kam__strategy_read(&p->factors, b, KAM_KIND_PLAN_FACTOR, KAM_PLAN_FACTOR_PLAN, plan->id, KAM_TODAY, err));
    KAM__TRY(kam__strategy_read(&p->units, b, KAM_KIND_PLAN_UNIT, KAM_PLAN_UNIT_PLAN, plan->id, KAM_TODAY, err));
    KAM__TRY(kam__strategy_scores(&p->scores, b, p->units, err));
    KAM__TRY(port_factors(p, err));
    return port_place(p, err);
}

void kam__portfolio_free(kam__portfolio *p)
{
    if (!p->ctx) return;
    kam__rowset_drop(p->factors);
    kam__rowset_drop(p->units);
    kam__rowset_drop(p->scores);
    kam__free(p->ctx, p->factor);
    kam__free(p->ctx, p->competitor);
    kam__free(p->ctx, p->score);
    kam__free(p->ctx, p->at);
    kam__arena_free(&p->names);
}

/* ---------------------------------------------------------------- rows */

static void port_put(kam__rowset *set, kam__blockbuf *bb, uint32_t field, int64_t v, int has)
{
    if (has) kam__bb_i64(bb, kam__rowset_col(set, field), v);
}

static void port_put_text(kam__rowset *set, kam__blockbuf *bb, uint32_t field, const char *text, size_t len)
{
    if (len) kam__bb_text(bb, kam__rowset_col(set, field), text, len);
}

static void port_cells(kam__rowset *set, kam__blockbuf *bb, const kam__portfolio *port, const kam__matrix_position *p)
{
    const char *best = p->competitor ? port->competitor[p->competitor - 1] : "";
    port_put(set, bb, KAM_PLAN_POSITION_ATTRACTIVENESS, p->attractiveness, p->has_attractiveness);
    port_put(set, bb, KAM_PLAN_POSITION_STRENGTH, p->strength, p->has_strength);
    port_put_text(set, bb, KAM_PLAN_POSITION_COMPETITOR, best, strlen(best));
    port_put(set, bb, KAM_PLAN_POSITION_COMPETITOR_STRENGTH, p->best, p->competitor != 0);
    port_put(set, bb, KAM_PLAN_POSITION_RELATIVE, p->relative, p->has_relative);
    port_put(set, bb, KAM_PLAN_POSITION_QUADRANT, p->quadrant, p->quadrant != 0);
    port_put(set, bb, KAM_PLAN_POSITION_SUGGESTED, p->suggested, p->suggested != 0);
    port_put(set, bb, KAM_PLAN_POSITION_ALTERNATIVE, p->alternative, p->alternative != 0);
    port_put(set, bb, KAM_PLAN_POSITION_JUDGEMENT, p->scores ? (int64_t)p->judged * 10000 / p->scores : 0,
             p->scores != 0);
    port_put(set, bb, KAM_PLAN_POSITION_MISSING, p->missing, 1);
}

static int32_t port_row(kam__rowset *set, const kam__portfolio *port, uint64_t unit, int32_t at, kam_error *err)
{
    const kam__matrix_position *p = &port->at[unit][at - 1].p, *now = &port->at[unit][0].p;
    const kam__rowset *u = port->units;
    size_t len = 0;
    kam__blockbuf *bb = kam__rowset_row(set, err);
    if (!bb) return KAM_E_NOMEM;
    const char *name = kam__cell_text(u, unit, KAM_PLAN_UNIT_NAME, &len);
    port_put_text(set, bb, KAM_PLAN_POSITION_NAME, name, len);
    name = kam__cell_text(u, unit, KAM_PLAN_UNIT_CURRENCY, &len);
    port_put_text(set, bb, KAM_PLAN_POSITION_CURRENCY, name, len);
    port_put(set, bb, KAM_PLAN_POSITION_UNIT, kam__cell_num(u, unit, KAM_ID, 0), 1);
    port_put(set, bb, KAM_PLAN_POSITION_AT, at, 1);
    port_put(set, bb, KAM_PLAN_POSITION_REVENUE, kam__cell_num(u, unit, KAM_PLAN_UNIT_REVENUE, 0),
             kam__cell_has(u, unit, KAM_PLAN_UNIT_REVENUE));
    port_put(set, bb, KAM_PLAN_POSITION_OBJECTIVE, kam__cell_num(u, unit, KAM_PLAN_UNIT_OBJECTIVE, 0),
             kam__cell_has(u, unit, KAM_PLAN_UNIT_OBJECTIVE));
    port_cells(set, bb, port, p);
    port_put(set, bb, KAM_PLAN_POSITION_MOVE_ATTRACTIVENESS, p->attractiveness - now->attractiveness,
             at != KAM_MATRIX_AT_NOW && p->has_attractiveness && now->has_attractiveness);
    port_put(set, bb, KAM_PLAN_POSITION_MOVE_RELATIVE, p->relative - now->relative,
             at != KAM_MATRIX_AT_NOW && p->has_relative && now->has_relative);
    return kam__rowset_end_row(set, err);
}

/* ---------------------------------------------------------------- the call */

/* R77: six points are confirmed before anything is computed. */
static int32_t port_ready(const kam_account_plan *plan, const kam_record *now, kam_error *err)
{
    for (uint32_t f = KAM_ACCOUNT_PLAN_READY_UNITS; f <= KAM_ACCOUNT_PLAN_READY_FORECASTS; f++)
        if (!kam__record_num(now, f, 0))
            return kam__fail(err, KAM_E_POLICY,
                             "the portfolio of plan %lld is not prepared: confirm \"%s\" (set it to true) first",
                             (long long)plan->id, kam__kind_field(now->kind, f)->name);
    return KAM_OK;
}

static int32_t port_weights(const kam__portfolio *p, kam_error *err)
{
    int64_t sum = 0;
    char text[48];
    int32_t axis = kam__matrix_weights(&sum, p->factor, p->nfactor);
    if (!axis) return KAM_OK;
    kam__dec_format_short(text, sum, 4);
    return kam__fail(err, KAM_E_POLICY, "the weights of %s add up to %s: make them 100",
                     axis == KAM_MATRIX_AXIS_ATTRACTIVENESS ? "attractiveness" : "strength", text);
}

static int32_t port_all(kam__rowset *set, const kam__portfolio *p, kam_error *err)
{
    KAM__TRY(port_weights(p, err));
    for (uint64_t i = 0; i < p->units->nrow; i++)
        for (int32_t at = KAM_MATRIX_AT_NOW; at <= KAM_MATRIX_AT_TARGET; at++)
            if (p->at[i][at - 1].there) KAM__TRY(port_row(set, p, i, at, err));
    return KAM_OK;
}

static int32_t port_make(kam__rowset *set, void *work, kam_error *err)
{
    const kam_account_plan *plan = work;
    kam__portfolio p = {.ctx = NULL};
    kam_record *now = NULL;
    KAM__TRY(kam__record_new(&now, plan->book->schema, KAM_KIND_ACCOUNT_PLAN, err));
    int32_t rc = kam__read_one(now, plan->book, plan->id, KAM_TODAY, err);
    if (rc == KAM_OK) rc = port_ready(plan, now, err);
    if (rc == KAM_OK) rc = kam__portfolio_load(&p, plan, err);
    if (rc == KAM_OK) rc = port_all(set, &p, err);
    kam__portfolio_free(&p);
    kam_record_free(now);
    return rc;
}

int32_t kam_account_plan_matrix(kam_rows **out, kam_account_plan *plan, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__plan_handle(plan, err));
    return kam__strategy_rows(out, plan->book, KAM_KIND_PLAN_POSITION, port_make, plan, err);
}
