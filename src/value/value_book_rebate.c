/*
 * value/value_book_rebate.c - rebates over a book (R176): what framework contracts have accrued by a day, and what is
 * left of the account's contribution.
 *
 * Contracts come as JSON from the host, all of them checked before the ledger is read; each one reads the rows of its
 * account in its own window.
 */
#include "../codec/codec.h"
#include "../store/store.h"
#include "measure.h"
#include "value_book.h"

#define VREB_CONTRACTS 100000u
#define VREB_SOON 60 /* days */

typedef struct vreb_contract {
    kam__value_scope scope;
    uint32_t mode, ntier;
    int32_t ends;                           /* its last day */
    const kam__tier *tier;
} vreb_contract;

typedef struct vreb_work {
    kam_book *b;
    const char *json; size_t len;
    int32_t as_of;
    kam__arena arena;
    vreb_contract *contract; uint32_t n;
    kam_error *err;
} vreb_work;

/* ---------------------------------------------------------------- reading */

static int32_t vreb_day(int32_t *out, const kam__json *v, const char *key, kam_error *err) {
    const char *text = NULL;
    KAM__TRY(kam__json_str(&text, v, key, err));
    if (kam__day_read(out, text, strlen(text), NULL) == KAM_OK) return KAM_OK;
    return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" must be a day like 2026-03-01", key);
}

static int32_t vreb_mode(uint32_t *out, const kam__json *v, kam_error *err) {
    const char *text = NULL;
    KAM__TRY(kam__json_str(&text, v, "mode", err));
    if (strcmp(text, "whole") != 0 && strcmp(text, "marginal") != 0)
        return kam__json_fail(v, KAM_E_PARSE, err, "\"mode\" is \"whole\" or \"marginal\"");
    *out = text[0] == 'w' ? KAM__REBATE_WHOLE : KAM__REBATE_MARGINAL;
    return KAM_OK;
}

static int32_t vreb_tiers(vreb_contract *c, vreb_work *w, const kam__json *contract, uint32_t decimals) {
    static const char *const known[] = {"from", "rate"};
    const kam__json *list = kam__json_get(contract, "tiers");
    kam__rebate unused;
    if (!list || list->type != KAM__J_ARRAY || !list->n || list->n > 1000)
        return kam__json_fail(contract, KAM_E_PARSE, w->err, "\"tiers\" is a list of 1 to 1000 tiers");
    kam__tier *tier = kam__arena_alloc(&w->arena, list->n * sizeof *tier);
    if (!tier) return kam__nomem(w->err);
    for (const kam__json *v = list->child; v; v = v->next) {
        kam__tier *t = &tier[c->ntier++];
        if (v->type != KAM__J_OBJECT)
            return kam__json_fail(v, KAM_E_PARSE, w->err,
                                  "a tier must be an object such as {\"from\": 1000, \"rate\": 0.02}");
        KAM__TRY(kam__json_known(v, known, KAM__LEN(known), w->err));
        KAM__TRY(kam__json_dec(&t->from, kam__json_get(v, "from"), decimals, "from", w->err));
        KAM__TRY(kam__json_dec(&t->rate, kam__json_get(v, "rate"), 4, "rate", w->err));
    }
    c->tier = tier;
    return kam__rebate_make(&unused, 0, tier, c->ntier, c->mode, w->err);
}

static int32_t vreb_currency(kam__value_scope *s, const kam__json *v, kam_error *err) {
    const char *text = NULL;
    if (!v) return KAM_OK;
    KAM__TRY(kam__json_str(&text, v, "currency", err));
    if (strlen(text) != 3)
        return kam__json_fail(v, KAM_E_PARSE, err, "\"currency\" must be a code of three letters such as CNY");
    memcpy(s->currency, text, 4);
    return KAM_OK;
}

static int32_t vreb_contract_read(vreb_contract *c, vreb_work *w, const kam__json *v) {
    static const char *const known[] = {"account", "from", "to", "mode", "tiers", "currency"};
    kam__value_scope *s = &c->scope;
    if (v->type != KAM__J_OBJECT) return kam__json_fail(v, KAM_E_PARSE, w->err, "a contract is an object");
    KAM__TRY(kam__json_known(v, known, KAM__LEN(known), w->err));
    KAM__TRY(kam__json_i64(&s->account, kam__json_get(v, "account"), "account", w->err));
    KAM__TRY(vreb_day(&s->from, kam__json_get(v, "from"), "from", w->err));
    KAM__TRY(vreb_day(&s->to, kam__json_get(v, "to"), "to", w->err));
    KAM__TRY(vreb_mode(&c->mode, kam__json_get(v, "mode"), w->err));
    KAM__TRY(vreb_currency(s, kam__json_get(v, "currency"), w->err));
    if (s->account < 1)
        return kam__json_fail(v, KAM_E_PARSE, w->err, "\"account\" must be the id of an account, 1 or more");
    if (s->from >= s->to) return kam__json_fail(v, KAM_E_PARSE, w->err, "\"from\" must lie before \"to\"");
    c->ends = s->to - 1;
    s->as_of = w->as_of;
    KAM__TRY(kam__value_settle(s, w->b, w->err));
    int32_t decimals = kam__schema_decimals(w->b->schema, s->currency);
    return vreb_tiers(c, w, v, decimals > 0 ? (uint32_t)decimals : 0);
}

static int32_t vreb_read(vreb_work *w) {
    const kam__json *top = NULL;
    KAM__TRY(kam__json_parse(&top, &w->arena, w->json, w->len, 0, w->err));
    if (top->type != KAM__J_ARRAY) return kam__json_fail(top, KAM_E_PARSE, w->err, "contracts are a list");
    if (top->n > VREB_CONTRACTS)
        return kam__json_fail(top, KAM_E_LIMIT, w->err,
                              "%u contracts are too many at once: %u at most", (unsigned)top->n,
                              VREB_CONTRACTS);
    w->contract = kam__zalloc_n(w->b->ctx, (size_t)top->n + 1, sizeof *w->contract);
    if (!w->contract) return kam__nomem(w->err);
    for (const kam__json *v = top->child; v; v = v->next)
        KAM__TRY(vreb_contract_read(&w->contract[w->n++], w, v));
    return KAM_OK;
}

/* ---------------------------------------------------------------- rows */

static int32_t vreb_row(kam__rowset *set, const vreb_work *w, const vreb_contract *c) {
    const kam__value_scope *s = &c->scope;
    kam__totals t;
    kam__rebate r;
    int64_t net = 0;
    KAM__TRY(kam__value_totals_of(&t, w->b, s, w->err));
    KAM__TRY(kam__rebate_make(&r, t.revenue, c->tier, c->ntier, c->mode, w->err));
    if (kam__add(t.contribution, -r.accrual, &net))
        return kam__fail(w->err, KAM_E_LIMIT,
                         "the contribution of account %lld, its rebate taken off, does not fit 64 bits",
                         (long long)s->account);
    kam__blockbuf *bb = kam__rowset_row(set, w->err);
    if (!bb) return KAM_E_NOMEM;
    kam__value_put(set, bb, KAM_REBATE_ACCOUNT, s->account);
    kam__value_put(set, bb, KAM_REBATE_TURNOVER, t.revenue);
    kam__value_put_text(set, bb, KAM_REBATE_CURRENCY, s->currency);
    kam__value_put(set, bb, KAM_REBATE_TIER, (int64_t)r.tier + 1);
    kam__value_put(set, bb, KAM_REBATE_ACCRUAL, r.accrual);
    if (r.away >= 0) kam__value_put(set, bb, KAM_REBATE_AWAY, r.away);
    if (r.more >= 0) kam__value_put(set, bb, KAM_REBATE_NEXT, r.more);
    kam__value_put(set, bb, KAM_REBATE_CONTRIBUTION, t.contribution);
    kam__value_put(set, bb, KAM_REBATE_NET, net);
    kam__value_put(set, bb, KAM_REBATE_ENDS, c->ends);
    kam__value_put(set, bb, KAM_REBATE_ENDS_SOON, c->ends >= s->as_of && c->ends - s->as_of <= VREB_SOON);
    return kam__rowset_end_row(set, w->err);
}

static int32_t vreb_make(kam__rowset *set, void *work, kam_error *err) {
    vreb_work *w = work;
    KAM__TRY(vreb_read(w));
    for (uint32_t i = 0; i < w->n; i++) {
        KAM__TRY(vreb_row(set, w, &w->contract[i]));
        KAM__TRY(kam__progress(w->b->ctx, i, w->n, err));
    }
    return KAM_OK;
}

int32_t kam_value_rebates(kam_rows **out, kam_book *book, const char *contracts, size_t len, int32_t as_of,
                          kam_error *err) {
    vreb_work w = {.b = book, .json = contracts, .as_of = as_of, .err = err};
    if (!out) return kam__null_arg(err, "out");
    if (!contracts) return kam__null_arg(err, "contracts");
    KAM__TRY(kam__book_ready(book, err));
    w.len = len == KAM_NUL ? strlen(contracts) : len;
    kam__arena_init(&w.arena, book->ctx, 0);
    int32_t rc = kam__value_rows(out, book, KAM_KIND_REBATE, vreb_make, &w, err);
    kam__arena_free(&w.arena);
    kam__free(book->ctx, w.contract);
    return rc;
}
