/*
 * value/value_book_parts.c - the ledger a part of the accounts at a time, for what needs all rows of an account
 * together (days of purchase, kinds of product): memory is bounded by the accounts and by the rows of one part, not by
 * the ledger.
 *
 * One pass counts the rows of each account; then neighbours by id share a part as long as it has room. Most books are
 * one part.
 */
#include "../store/store.h"
#include "value_book.h"

#define PARTS_ROWS 1000000u

static int32_t parts_count(void *user, const kam__ledger_rows *rows, kam_error *err) {
    kam__value_parts *p = user;
    for (uint32_t i = 0; i < rows->n; i++) {
        uint32_t n = p->keys.n, at = 0;
        if (rows->event && rows->event[i] > KAM_LEDGER_RETURN) continue;
        KAM__TRY(kam__keys_add(&p->keys, rows->account[i], &at, err));
        KAM__TRY(kam__grow(p->keys.ctx, &p->part, &p->cap, (size_t)at + 1, sizeof *p->part, err));
        if (at == n) p->part[at] = 0;
        p->part[at] += p->part[at] < UINT32_MAX;
    }
    return KAM_OK;
}

/* From numbers of rows to numbers of parts. */
static int32_t parts_divide(kam__value_parts *p, uint64_t room, kam_error *err) {
    uint64_t rows = 0;
    uint32_t *order = kam__zalloc_n(p->keys.ctx, (size_t)p->keys.n + 1, sizeof *order);
    if (!order) return kam__nomem(err);
    int32_t rc = kam__keys_order(&p->keys, order, err);
    p->n = 1;
    for (uint32_t i = 0; i < p->keys.n && rc == KAM_OK; i++) {
        uint32_t *part = &p->part[order[i]];
        if (rows && rows + *part > room) p->n++, rows = 0;
        rows += *part;
        *part = p->n - 1;
    }
    kam__free(p->keys.ctx, order);
    return rc;
}

int32_t kam__value_parts_make(kam__value_parts *out, kam_book *b, const kam__value_scope *scope, kam_error *err) {
    memset(out, 0, sizeof *out);
    kam__keys_init(&out->keys, b->ctx);
    KAM__TRY(kam__value_scan(b, scope, parts_count, out, err));
    return parts_divide(out, scope->room ? scope->room : PARTS_ROWS + 8 * (uint64_t)out->keys.n, err);
}

void kam__value_parts_free(kam__value_parts *p) {
    if (p->keys.ctx) kam__free(p->keys.ctx, p->part);
    if (p->keys.ctx) kam__keys_free(&p->keys);
}

int kam__value_parts_has(const kam__value_parts *p, int64_t account, uint32_t part) {
    uint32_t at = 0;
    return kam__keys_find(&p->keys, account, &at) && p->part[at] == part;
}
