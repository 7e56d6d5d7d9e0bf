/*
 * value/value_book_settings.c - what a value run is told besides its window: pots of shared costs and what drives them
 * (R62), cut points and named cells of recency, frequency and money.
 *
 * The document is JSON from the host, checked whole before the ledger is read, and kept with the run: a stored run is
 * explained by what it was told.
 */
#include "../codec/codec.h"
#include "../store/store.h"
#include "value_book.h"

#define SETTINGS_POOLS 1000u
#define SETTINGS_MOST INT64_C(900000000000000000)    /* a cut, so that ten of it fit */

typedef struct settings_reader {
    kam__value_settings *s;
    uint32_t decimals;
    kam_error *err;
} settings_reader;

static int32_t settings_list(const kam__json **out, const settings_reader *r, const kam__json *v, const char *key,
                             uint32_t least, uint32_t most) {
    *out = v;
    if (v->type == KAM__J_ARRAY && v->n >= least && v->n <= most) return KAM_OK;
    return kam__json_fail(v, KAM_E_PARSE, r->err, "\"%s\" is a list of %u to %u", key, (unsigned)least, (unsigned)most);
}

/* ---------------------------------------------------------------- shared costs */

static int32_t settings_word(int32_t *out, const settings_reader *r, const kam__json *pool, const char *key,
                             uint32_t field) {
    const kam__enum_set *set = kam__kind_field(kam__builtin_kind(KAM_KIND_SHARED_COST), field)->set;
    const kam__json *v = kam__json_get(pool, key);
    const char *text = NULL;
    char names[200];
    KAM__TRY(kam__json_str(&text, v, key, r->err));
    const kam__enum_item *item = kam__enum_match(set, text, strlen(text));
    if (!item)
        return kam__json_fail(v, KAM_E_PARSE, r->err, "\"%s\" of a shared cost is one of %s", key,
                              kam__enum_names(names, sizeof names, set, ", "));
    *out = item->value;
    return KAM_OK;
}

static int32_t settings_pool(const settings_reader *r, kam__value_pool *p, const kam__json *v) {
    static const char *const known[] = {"name", "kind", "driver", "amount"};
    if (v->type != KAM__J_OBJECT)
        return kam__json_fail(v, KAM_E_PARSE, r->err, "a shared cost is an object of name, kind, driver and amount");
    KAM__TRY(kam__json_known(v, known, KAM__LEN(known), r->err));
    KAM__TRY(kam__json_str(&p->name, kam__json_get(v, "name"), "name", r->err));
    KAM__TRY(settings_word(&p->kind, r, v, "kind", KAM_SHARED_COST_KIND));
    KAM__TRY(settings_word(&p->driver, r, v, "driver", KAM_SHARED_COST_DRIVER));
    return kam__json_dec(&p->amount, kam__json_get(v, "amount"), r->decimals, "amount", r->err);
}

static int32_t settings_pools(const settings_reader *r, const kam__json *list) {
    kam__value_settings *s = r->s;
    if (!list) return KAM_OK;
    KAM__TRY(settings_list(&list, r, list, "shared_costs", 0, SETTINGS_POOLS));
    s->pool = kam__arena_alloc(&s->arena, ((size_t)list->n + 1) * sizeof *s->pool);
    if (!s->pool) return kam__nomem(r->err);
    for (const kam__json *v = list->child; v; v = v->next) {
        kam__value_pool *p = &s->pool[s->npool++];
        memset(p, 0, sizeof *p);
        KAM__TRY(settings_pool(r, p, v));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- recency, frequency, money */

static int32_t settings_cuts(const settings_reader *r, const kam__json *rfm, const char *key, int measure,
                             uint32_t decimals) {
    const kam__json *list = kam__json_get(rfm, key);
    if (!list) return KAM_OK;
    KAM__TRY(settings_list(&list, r, list, key, 4, 4));
    int64_t *cut = r->s->cut10[measure];
    uint32_t k = 0;
    for (const kam__json *v = list->child; v; v = v->next, k++) {
        KAM__TRY(kam__json_dec(&cut[k], v, decimals, key, r->err));
        if (cut[k] > SETTINGS_MOST || cut[k] < -SETTINGS_MOST || (k && cut[k] * 10 <= cut[k - 1]))
            return kam__json_fail(v, KAM_E_PARSE, r->err, "the four cut points of \"%s\" must ascend", key);
        cut[k] *= 10;
    }
    r->s->own_cuts |= 1u << measure;
    return KAM_OK;
}

/* [4, 5], or 5 for [5, 5]; missing: any. */
static int32_t settings_range(const settings_reader *r, kam__rfm_cell *c, const kam__json *cell, int measure,
                              const char *key) {
    const kam__json *v = kam__json_get(cell, key);
    int64_t lo = 1, hi = 5;
    if (v && v->type == KAM__J_ARRAY && v->n == 2) {
        KAM__TRY(kam__json_i64(&lo, v->child, key, r->err));
        KAM__TRY(kam__json_i64(&hi, v->child->next, key, r->err));
    } else if (v) {
        KAM__TRY(kam__json_i64(&lo, v, key, r->err));
        hi = lo;
    }
    if (lo < 1 || hi > 5 || lo > hi)
        return kam__json_fail(v, KAM_E_PARSE, r->err, "\"%s\" of a cell is a score 1 to 5 or two, lowest first", key);
    c->lo[measure] = (uint8_t)lo;
    c->hi[measure] = (uint8_t)hi;
    return KAM_OK;
}

static int32_t settings_cells(const settings_reader *r, const kam__json *list) {
    static const char *const known[] = {"name", "r", "f", "m"};
    kam__value_settings *s = r->s;
    if (!list) return KAM_OK;
    KAM__TRY(settings_list(&list, r, list, "cells", 1, KAM__VALUE_CELLS));
    kam__rfm_cell *cell = kam__arena_alloc(&s->arena, list->n * sizeof *cell);
    if (!cell) return kam__nomem(r->err);
    s->cell = cell;
    s->ncell = 0;
    for (const kam__json *v = list->child; v; v = v->next, cell++, s->ncell++) {
        if (v->type != KAM__J_OBJECT)
            return kam__json_fail(v, KAM_E_PARSE, r->err,
                                  "a cell is an object such as {\"name\": \"best\", \"r\": [4, 5]}");
        KAM__TRY(kam__json_known(v, known, KAM__LEN(known), r->err));
        KAM__TRY(kam__json_str(&cell->name, kam__json_get(v, "name"), "name", r->err));
        for (int m = 0; m < 3; m++) KAM__TRY(settings_range(r, cell, v, m, known[m + 1]));
    }
    return KAM_OK;
}

static int32_t settings_rfm(const settings_reader *r, const kam__json *rfm) {
    static const char *const known[] = {"recency", "orders", "money", "cells"};
    if (!rfm) return KAM_OK;
    if (rfm->type != KAM__J_OBJECT)
        return kam__json_fail(rfm, KAM_E_PARSE, r->err, "\"rfm\" is an object of recency, orders, money and cells");
    KAM__TRY(kam__json_known(rfm, known, KAM__LEN(known), r->err));
    KAM__TRY(settings_cuts(r, rfm, "recency", KAM__R, 0));
    KAM__TRY(settings_cuts(r, rfm, "orders", KAM__F, 0));
    KAM__TRY(settings_cuts(r, rfm, "money", KAM__M, r->decimals));
    return settings_cells(r, kam__json_get(rfm, "cells"));
}

/* ---------------------------------------------------------------- the document */

static int32_t settings_document(const settings_reader *r, const char *json) {
    static const char *const known[] = {"shared_costs", "rfm"};
    const kam__json *top = NULL;
    KAM__TRY(kam__json_parse(&top, &r->s->arena, json, strlen(json), 0, r->err));
    if (top->type != KAM__J_OBJECT)
        return kam__json_fail(top, KAM_E_PARSE, r->err, "settings are an object of shared_costs and rfm");
    KAM__TRY(kam__json_known(top, known, KAM__LEN(known), r->err));
    KAM__TRY(settings_pools(r, kam__json_get(top, "shared_costs")));
    return settings_rfm(r, kam__json_get(top, "rfm"));
}

int32_t kam__value_settings_read(kam__value_settings *out, kam_book *b, const char *json, const char *currency,
                                 kam_error *err) {
    int32_t decimals = kam__schema_decimals(b->schema, currency);
    kam__value_settings s = {.cell = kam__rfm_cells, .ncell = KAM__LEN(kam__rfm_cells)};
    const settings_reader r = {&s, decimals > 0 ? (uint32_t)decimals : 0, err};
    kam__arena_init(&s.arena, b->ctx, 0);
    int32_t rc = KAM_OK;
    if (json && json[0]) {
        rc = settings_document(&r, json);
        s.text = rc == KAM_OK ? kam__arena_text(&s.arena, json, strlen(json)) : NULL;
        if (rc == KAM_OK && !s.text) rc = kam__nomem(err);
    }
    if (rc == KAM_OK) *out = s;
    else kam__arena_free(&s.arena);
    return rc;
}

void kam__value_settings_free(kam__value_settings *s) {
    kam__arena_free(&s->arena);
}
