/*
 * kit_call.c - calls of the store under test, in whichever transaction mode it has.
 */
#include "kit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- transactions */

static int32_t kit_begin_rc(kit *k, uint32_t how)
{
    const kam_kit_options *o = k->opt;
    int32_t rc = k->mode == KAM_TXN_OWN ? KAM_OK : o->host_begin(o->user, k->self);
    if (rc || k->mode == KAM_TXN_HOST) return rc;
    return k->vt->begin(k->self, how, &k->err);
}

void kam__kit_begin(kit *k, uint32_t how)
{
    if (k->failed || k->skipped) return;
    int32_t rc = kit_begin_rc(k, how);
    if (rc) kam__kit_fail(k, "begin(%s) answered %s", how == KAM_BEGIN_READ ? "READ" : "WRITE", kam_code_name(rc));
    else k->txn = how;
}

int32_t kam__kit_end_rc(kit *k, uint32_t how)
{
    const kam_kit_options *o = k->opt;
    int32_t rc = KAM_OK, host = KAM_OK;
    k->txn = 0;
    if (k->mode != KAM_TXN_HOST) rc = k->vt->end(k->self, how, &k->err);
    if (k->mode == KAM_TXN_SAVEPOINT) host = o->host_end(o->user, k->self, 1);
    if (k->mode == KAM_TXN_HOST) host = o->host_end(o->user, k->self, how != KAM_END_ABORT);
    return rc ? rc : host;
}

void kam__kit_end(kit *k, uint32_t how)
{
    if (!k->txn) return;
    int32_t rc = kam__kit_end_rc(k, how);
    if (rc) kam__kit_fail(k, "end() answered %s: %s", kam_code_name(rc), k->err.msg);
}

int kam__kit_connect(kit *k)
{
    const kam_kit_options *o = k->opt;
    if (k->failed || k->skipped) return 0;
    if (!o->connect) {
        kam__kit_skip(k, "no second connection: connect is NULL");
        return 0;
    }
    int32_t rc = o->connect(o->user, k->self, &k->other);
    if (rc) kam__kit_fail(k, "connect() answered %s", kam_code_name(rc));
    return !rc;
}

void kam__kit_swap(kit *k)
{
    void *self = k->self;
    uint32_t txn = k->txn;
    if (!k->other) return;
    k->self = k->other;
    k->other = self;
    k->txn = k->other_txn;
    k->other_txn = txn;
}

/* ---------------------------------------------------------------- writing */

static const char *kit_text(const kit_row *r, uint32_t col)
{
    return col == C_SOURCE ? r->source : col == C_EXT ? r->ext : col == C_NAME ? r->name : r->note;
}

static int64_t kit_number(const kit_row *r, uint32_t col)
{
    return col == C_ID ? r->id : col == C_REV ? r->rev : col == C_DAY ? r->day : r->amount;
}

/* All of a column in one allocation: bits, then offsets, then data. NULL = out of memory. */
static void *kit_text_col(kam_col *c, uint32_t col, const kit_row *row, uint32_t n)
{
    size_t bits = (n / 8 + 8) / 8 * 8, size = 0, at = 0;
    for (uint32_t i = 0; i < n; i++)
        if (row[i].has & C_BIT(col)) size += strlen(kit_text(row + i, col));
    unsigned char *p = calloc(1, bits + (n + 1) * sizeof(int32_t) + size + 8);
    if (!p) return NULL;
    int32_t *off = (int32_t *)(void *)(p + bits);
    char *text = (char *)(off + n + 1);
    for (uint32_t i = 0; i < n; i++) {
        off[i] = (int32_t)at;
        if (!(row[i].has & C_BIT(col))) continue;
        size_t len = strlen(kit_text(row + i, col));
        memcpy(text + at, kit_text(row + i, col), len);
        at += len;
        p[i >> 3] = (unsigned char)(p[i >> 3] | 1u << (i & 7));
    }
    off[n] = (int32_t)at;
    c->valid = p;
    c->off = off;
    c->data = text;
    return p;
}

static void *kit_number_col(kam_col *c, uint32_t col, const kit_row *row, uint32_t n)
{
    size_t bits = (n / 8 + 8) / 8 * 8;
    unsigned char *p = calloc(1, bits + n * 8u + 8), *data = p ? p + bits : NULL;
    if (!p) return NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (col != C_ID && !(row[i].has & C_BIT(col))) continue;
        p[i >> 3] = (unsigned char)(p[i >> 3] | 1u << (i & 7));
        int64_t v = kit_number(row + i, col);
        if (col == C_RATIO) memcpy(data + i * 8u, &row[i].ratio, 8);
        else if (col == C_DAY) memcpy(data + i * 4u, &row[i].day, 4);
        else memcpy(data + i * 8u, &v, 8);
    }
    c->valid = p;
    c->data = data;
    return p;
}

/* Column of the kit's numbering in a table. */
static const kam_field *kit_field(uint32_t table, uint32_t col)
{
    const kam_table *t = kam__kit_table + table;
    if (table == KIT_ITEM) return t->field + col;
    return col == C_AMOUNT ? t->field + 2 : t->field + col;
}

int32_t kam__kit_write_rc(kit *k, uint32_t table, uint32_t op, const kit_row *row, uint32_t n, uint32_t cols)
{
    kam_col col[C_ALL];
    void *hold[C_ALL];
    uint32_t ncol = 0, lost = 0;
    memset(col, 0, sizeof col);
    for (uint32_t c = 0; c < C_ALL; c++) {
        if (c != C_ID && !(cols & C_BIT(c))) continue;
        const kam_field *f = kit_field(table, c);
        col[ncol].field = f->id;
        col[ncol].type = f->type;
        hold[ncol] =
            f->type == KAM_T_TEXT ? kit_text_col(col + ncol, c, row, n) : kit_number_col(col + ncol, c, row, n);
        lost += !hold[ncol];
        ncol++;
    }
    kam_block b = {sizeof b, n, ncol, 0, col};
    int32_t rc = lost ? KAM_E_NOMEM : k->vt->write(k->self, kam__kit_table + table, op, &b, &k->err);
    while (ncol) free(hold[--ncol]);
    return rc;
}

void kam__kit_write(kit *k, uint32_t table, uint32_t op, const kit_row *row, uint32_t n, uint32_t cols)
{
    static const char *const name[] = {"?", "INSERT", "UPDATE", "DELETE"};
    if (k->failed || k->skipped) return;
    int32_t rc = kam__kit_write_rc(k, table, op, row, n, cols);
    if (rc) kam__kit_fail(k, "write(%s) answered %s: %.120s", name[op], kam_code_name(rc), k->err.msg);
}

void kam__kit_put(kit *k, const kit_row *row, uint32_t n)
{
    uint32_t cols = 0;
    for (uint32_t i = 0; i < n; i++) cols |= row[i].has;
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kam__kit_write(k, KIT_ITEM, KAM_WRITE_INSERT, row, n, cols);
    kam__kit_end(k, k->failed ? KAM_END_ABORT : KAM_END_COMMIT);
}

int32_t kam__kit_try(kit *k, uint32_t table, uint32_t op, const kit_row *row, uint32_t n, uint32_t cols)
{
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    if (!k->txn || k->failed || k->skipped) return KAM_E_INVAL;
    int32_t rc = kam__kit_write_rc(k, table, op, row, n, cols);
    kam_store_err err = k->err;
    kam__kit_end(k, rc ? KAM_END_ABORT : KAM_END_COMMIT);
    k->err = err;
    return rc;
}
