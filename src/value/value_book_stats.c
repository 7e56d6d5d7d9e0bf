/*
 * value/value_book_stats.c - what a value run says of all accounts together: ABC, shares, concentration, RFM, the
 * whale curve.
 *
 * The engines see accounts by number, in the order of their ids. RFM is about buyers: an account without an order in
 * the window has no last purchase, so it takes no part and gets no scores.
 */
#include "value_book.h"

/* ---------------------------------------------------------------- making */

typedef struct stats_columns { int64_t *revenue, *profit, *recency, *orders, *money; uint32_t nbuyer; } stats_columns;

static int32_t stats_alloc(stats_columns *c, kam__value_stats *s, kam_ctx *ctx, kam_error *err) {
    int64_t *all = kam__zalloc_n(ctx, (size_t)s->n * 5 + 1, sizeof *all);
    s->rfm_at = kam__zalloc_n(ctx, (size_t)s->n + 1, sizeof *s->rfm_at);
    if (!all || !s->rfm_at) {
        kam__free(ctx, all);
        return kam__nomem(err);
    }
    *c = (stats_columns){all, all + s->n, all + (size_t)s->n * 2, all + (size_t)s->n * 3, all + (size_t)s->n * 4, 0};
    return KAM_OK;
}

static void stats_fill(stats_columns *c, kam__value_stats *s, const kam__totals *t, int32_t as_of) {
    for (uint32_t i = 0; i < s->n; i++) {
        c->revenue[i] = t[i].revenue;
        c->profit[i] = t[i].contribution;
        s->rfm_at[i] = UINT32_MAX;
        if (!t[i].orders) continue;
        c->recency[c->nbuyer] = (int64_t)as_of - t[i].last_day;
        c->orders[c->nbuyer] = t[i].orders;
        c->money[c->nbuyer] = t[i].revenue;
        s->rfm_at[i] = c->nbuyer++;
    }
}

static int32_t stats_rfm(kam__value_stats *s, const stats_columns *c, kam_ctx *ctx, kam_error *err) {
    const int64_t *value[3] = {c->recency, c->orders, c->money};
    KAM__TRY(kam__rfm_make(&s->rfm, ctx, c->recency, c->orders, c->money, c->nbuyer, NULL, err));
    for (int m = 0; m < 3; m++)
        if (s->settings->own_cuts & 1u << m) kam__rfm_recut(&s->rfm, m, s->settings->cut10[m], value[m]);
    return KAM_OK;
}

int32_t kam__value_stats_make(kam__value_stats *out, kam_ctx *ctx, const kam__totals *t, uint32_t n, int32_t as_of,
                              const int64_t share[2], const kam__value_settings *settings, kam_error *err) {
    kam__value_stats s = {.pareto.ctx = ctx, .profit.ctx = ctx, .rfm.ctx = ctx, .n = n, .settings = settings};
    stats_columns c = {0};
    int32_t rc = stats_alloc(&c, &s, ctx, err);
    if (rc == KAM_OK) {
        stats_fill(&c, &s, t, as_of);
        rc = kam__pareto_make(&s.pareto, ctx, c.revenue, n, NULL, share[0], share[1], err);
    }
    if (rc == KAM_OK) rc = kam__pareto_make(&s.profit, ctx, c.profit, n, NULL, share[0], share[1], err);
    if (rc == KAM_OK) rc = kam__whale_make(&s.whale, c.profit, n, err);
    if (rc == KAM_OK) rc = stats_rfm(&s, &c, ctx, err);
    kam__free(ctx, c.revenue);
    if (rc == KAM_OK) *out = s;
    else kam__value_stats_free(&s, ctx);
    return rc;
}

void kam__value_stats_free(kam__value_stats *s, kam_ctx *ctx) {
    s->pareto.ctx = s->profit.ctx = s->rfm.ctx = ctx;
    kam__pareto_free(&s->pareto);
    kam__pareto_free(&s->profit);
    kam__rfm_free(&s->rfm);
    kam__free(ctx, s->rfm_at);
    s->rfm_at = NULL;
}

/* ---------------------------------------------------------------- as JSON */

static void stats_name(kam_buf *out, const char *name) {
    if (out->size > 1) kam__buf_char(out, ',');
    kam__buf_printf(out, "\"%s\":", name);
}

static void stats_int(kam_buf *out, const char *name, int64_t v) {
    stats_name(out, name);
    kam__buf_i64(out, v);
}

static void stats_money(kam_buf *out, const char *name, int64_t v, uint32_t decimals) {
    stats_name(out, name);
    kam__buf_dec(out, v, decimals);
}

static void stats_f64(kam_buf *out, const char *name, double v) {
    char text[32];
    kam__f64_format_sig(text, v, 9);
    stats_name(out, name);
    kam__buf_str(out, text);
}

static void stats_classes(kam_buf *out, const char *name, const uint32_t count[3]) {
    stats_name(out, name);
    kam__buf_printf(out, "{\"A\":%u,\"B\":%u,\"C\":%u}", (unsigned)count[0], (unsigned)count[1], (unsigned)count[2]);
}

/* Four numbers each, exact: tenths of the measure's unit. */
static void stats_cuts(kam_buf *out, const kam__rfm *r, uint32_t decimals) {
    static const char letter[] = "rfm";
    char text[48];
    stats_name(out, "rfm_cuts");
    for (int m = 0; m < 3; m++) {
        kam__buf_printf(out, "%s\"%c\":[", m ? "," : "{", letter[m]);
        for (int k = 0; k < 4; k++) {
            kam__dec_format_short(text, r->cut10[m][k], m == KAM__M ? decimals + 1 : 1);
            kam__buf_printf(out, "%s%s", k ? "," : "", text);
        }
        kam__buf_char(out, ']');
    }
    kam__buf_char(out, '}');
}

/* {"50":12,...}: accounts in the smallest set that reaches so many percent; the largest so many percent of accounts. */
static void stats_reach(kam_buf *out, const char *name, const kam__pareto *p) {
    static const int64_t percent[] = {50, 80, 90, 95};
    stats_name(out, name);
    for (size_t i = 0; i < KAM__LEN(percent); i++)
        kam__buf_printf(out, "%s\"%d\":%u", i ? "," : "{", (int)percent[i],
                        (unsigned)kam__pareto_reach(p, percent[i] * 100));
    kam__buf_char(out, '}');
}

static void stats_top(kam_buf *out, const char *name, const kam__pareto *p) {
    static const int64_t percent[] = {1, 5, 10, 20, 50};
    char text[32];
    stats_name(out, name);
    for (size_t i = 0; i < KAM__LEN(percent); i++) {
        kam__f64_format_sig(text, kam__pareto_top_part(p, percent[i] * 100), 9);
        kam__buf_printf(out, "%s\"%d\":%s", i ? "," : "{", (int)percent[i], text);
    }
    kam__buf_char(out, '}');
}

static void stats_best(kam_buf *out, const kam__rfm *r) {
    uint32_t count[125];
    kam__rfm_count(r, r->ntile, count);
    stats_int(out, "n555_ntile", count[124]);
    kam__rfm_count(r, r->q7, count);
    stats_int(out, "n555_q7", count[124]);
}

int kam__value_stats_cell(const kam__value_stats *s, uint32_t i) {
    uint8_t *const *q7 = s->rfm.q7;
    return kam__rfm_cell_of(s->settings->cell, s->settings->ncell, q7[KAM__R][i], q7[KAM__F][i], q7[KAM__M][i]);
}

/* {"champion":12,...}: buyers in each named cell. */
static void stats_cells(kam_buf *out, const kam__value_stats *s) {
    const kam__value_settings *set = s->settings;
    uint32_t count[125], in[KAM__VALUE_CELLS] = {0};
    kam__rfm_count(&s->rfm, s->rfm.q7, count);
    for (uint32_t i = 0; i < 125; i++) {
        int cell = kam__rfm_cell_of(set->cell, set->ncell, (uint8_t)(i / 25 + 1), (uint8_t)(i / 5 % 5 + 1),
                                    (uint8_t)(i % 5 + 1));
        if (cell >= 0) in[cell] += count[i];
    }
    stats_name(out, "rfm_cells");
    for (uint32_t cell = 0; cell < set->ncell; cell++) {
        kam__buf_char(out, cell ? ',' : '{');
        kam__buf_json_text(out, set->cell[cell].name, strlen(set->cell[cell].name));
        kam__buf_printf(out, ":%u", (unsigned)in[cell]);
    }
    kam__buf_char(out, '}');
}

/* Pots of shared costs: how much, and how much of it nobody drives. */
static void stats_shared(kam_buf *out, const kam__value_settings *s, uint32_t decimals) {
    if (!s->npool) return;
    stats_name(out, "shared");
    for (uint32_t i = 0; i < s->npool; i++) {
        kam__buf_str(out, i ? ",{\"name\":" : "[{\"name\":");
        kam__buf_json_text(out, s->pool[i].name, strlen(s->pool[i].name));
        kam__buf_str(out, ",\"amount\":");
        kam__buf_dec(out, s->pool[i].amount, decimals);
        kam__buf_str(out, ",\"left\":");
        kam__buf_dec(out, s->pool[i].left, decimals);
        kam__buf_char(out, '}');
    }
    kam__buf_char(out, ']');
}

void kam__value_stats_json(kam_buf *out, const kam__value_stats *s, uint32_t decimals) {
    kam__buf_clear(out);
    kam__buf_char(out, '{');
    stats_classes(out, "abc", s->pareto.count);
    stats_classes(out, "abc_incl", s->pareto.count_incl);
    stats_int(out, "positive", s->pareto.npositive);
    stats_reach(out, "reach", &s->pareto);
    stats_top(out, "top_share", &s->pareto);
    stats_int(out, "buyers", s->rfm.n);
    stats_cuts(out, &s->rfm, decimals);
    stats_best(out, &s->rfm);
    stats_cells(out, s);
    stats_money(out, "profit", s->whale.total, decimals);
    stats_reach(out, "profit_reach", &s->profit);
    stats_top(out, "profit_top_share", &s->profit);
    stats_f64(out, "profit_gini", s->profit.gini);
    stats_money(out, "whale_peak", s->whale.peak, decimals);
    stats_f64(out, "whale_peak_pct", s->whale.peak_pct);
    stats_int(out, "whale_peak_at", s->whale.peak_at);
    stats_int(out, "unprofitable", s->whale.unprofitable);
    stats_money(out, "whale_loss", s->whale.loss, decimals);
    stats_shared(out, s->settings, decimals);
}
