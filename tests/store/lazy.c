/*
 * lazy.c - see lazy.h.
 */
#include "lazy.h"

enum { LAZY_BLOCK = 7 };

typedef struct lazy_rows { kam__rowset *set; } lazy_rows;

static int32_t lazy_begin(void *self, uint32_t flags, kam_store_err *err)
{
    lazy_store *s = self;
    return s->inner.begin(s->self, flags, err);
}

static int32_t lazy_end(void *self, uint32_t how, kam_store_err *err)
{
    lazy_store *s = self;
    return s->inner.end(s->self, how, err);
}

static int32_t lazy_keep(void *user, const kam_block *rows)
{
    lazy_rows *l = user;
    return kam__rowset_add_block(l->set, rows, NULL);
}

/* From the last row to the first, but rows of one residue after those of the other: no order at all. */
static int32_t lazy_give(const lazy_rows *l, kam__blockbuf *out, kam_block_fn fn, void *user)
{
    kam_block b;
    const kam__rowset *s = l->set;
    for (uint64_t part = 0; part < 2; part++)
        for (uint64_t i = s->nrow; i-- > 0;) {
            const kam__blockbuf *from = NULL;
            uint32_t row = 0;
            if (i % 2 != part) continue;
            kam__rowset_at(s, i, &from, &row);
            for (uint32_t c = 0; c < s->ncol; c++) kam__bb_copy(out, c, &from->view[c], row);
            KAM__TRY(kam__bb_end_row(out, NULL));
            if (out->nrow < LAZY_BLOCK) continue;
            kam__bb_view(out, &b);
            KAM__TRY(fn(user, &b));
            kam__bb_clear(out);
        }
    if (!out->nrow) return KAM_OK;
    kam__bb_view(out, &b);
    return fn(user, &b);
}

static int32_t lazy_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    lazy_store *s = self;
    lazy_rows l = { NULL };
    kam__blockbuf out;
    kam_table_scan all = *q;
    uint8_t type[512];
    all.pred = NULL;
    all.npred = all.norder = all.flags = 0;
    all.after = NULL;
    all.limit = all.handled = 0;
    for (uint32_t i = 0; i < q->nfield && i < sizeof type; i++)
        for (uint32_t f = 0; f < q->table->nfield; f++)
            if (q->table->field[f].id == q->field[i]) type[i] = q->table->field[f].type;
    KAM__TRY(kam__rowset_raw(&l.set, s->ctx, q->table->id, q->field, type, q->nfield, NULL));
    int32_t rc = s->inner.scan(s->self, &all, lazy_keep, &l, err);
    kam__rowset_seal(l.set);
    if (rc == KAM_OK) rc = kam__bb_init(&out, s->ctx, q->nfield, q->field, type, NULL);
    if (rc == KAM_OK) {
        rc = lazy_give(&l, &out, fn, user);
        kam__bb_free(&out);
    }
    kam__rowset_drop(l.set);
    q->handled = 0;
    return rc;
}

static int32_t lazy_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err)
{
    lazy_store *s = self;
    return s->inner.write(s->self, t, op, rows, err);
}

static int32_t lazy_prepare(void *self, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn, void *user,
                            kam_store_err *err)
{
    lazy_store *s = self;
    return s->inner.prepare(s->self, t, n, how, fn, user, err);
}

static void lazy_close(void *self)
{
    lazy_store *s = self;
    if (s->inner.close) s->inner.close(s->self);
}

void lazy_init(lazy_store *lazy, kam_ctx *ctx, const kam_store_vt *inner, void *self)
{
    memset(lazy, 0, sizeof *lazy);
    memcpy(&lazy->inner, inner, inner->struct_size < sizeof lazy->inner ? inner->struct_size : sizeof lazy->inner);
    lazy->self = self;
    lazy->ctx = ctx;
    lazy->vt = (kam_store_vt){.struct_size = sizeof lazy->vt,
                              .abi = KAM_STORE_ABI,
                              .begin = lazy_begin,
                              .end = lazy_end,
                              .scan = lazy_scan,
                              .write = lazy_write,
                              .prepare = lazy_prepare,
                              .close = lazy_close};
}
