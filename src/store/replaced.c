/*
 * store/replaced.c - which events a later row replaces.
 *
 * Finding them takes a pass over the kind's `replaces` column, so the answer is kept: reading a long ledger page by
 * page asks again and again. What was found holds as long as the commit number and the known point are the same; only
 * in read transactions of stores that have their own, where nobody else's unfinished writes can be seen.
 */
#include "read.h"

typedef struct replaced_job { kam__replaced *to; kam_error *err; } replaced_job;

static int32_t on_replaced(void *user, const kam_block *rows)
{
    replaced_job *j = user;
    const kam_col *c = kam__block_col(rows, KAM__REPLACES);
    for (uint32_t i = 0; i < rows->nrow; i++) KAM__TRY(kam__imap_put(&j->to->ids, kam__col_i64(c, i), 1, j->err));
    return KAM_OK;
}

static int32_t replaced_scan(kam__replaced *to, kam_book *b, uint32_t kind, kam_error *err)
{
    static const uint32_t field[] = { KAM__REPLACES };
    const kam__kind *k = kam__schema_kind(b->schema, kind);
    kam_pred p[2];
    kam__pred mem[2];
    replaced_job j = { to, err };
    to->valid = 0;
    if (!to->ids.ctx) kam__imap_init(&to->ids, b->ctx);
    kam__imap_clear(&to->ids);
    kam__pred_i64(&p[0], &mem[0], kam__kind_field(k, KAM__REPLACES), KAM_OP_GE, 1);
    kam__pred_i64(&p[1], &mem[1], kam__kind_field(k, KAM_SEQ), KAM_OP_LE, b->known);
    kam__scan q = {.kind = kind,
                   .field = field,
                   .nfield = 1,
                   .pred = p,
                   .npred = b->known == KAM__SEQ_OPEN ? 1 : 2,
                   .any_order = 1};
    return kam__db_scan(&kam__book_home(b)->db, &q, on_replaced, &j, err);
}

static int replaced_may_keep(const kam_book *home)
{
    return home->db.mode == KAM_TXN_OWN && home->db.txn == KAM_BEGIN_READ;
}

static int32_t replaced_kept(kam__replaced *kept, kam_book *b, uint32_t kind, kam_error *err)
{
    int64_t seq = 0;
    KAM__TRY(kam__book_last_seq(&seq, kam__book_home(b), err));
    if (kept->valid && kept->seq == seq && kept->known == b->known) return KAM_OK;
    KAM__TRY(replaced_scan(kept, b, kind, err));
    kept->seq = seq;
    kept->known = b->known;
    kept->valid = 1;
    return KAM_OK;
}

int32_t kam__replaced_load(const kam__imap **out, kam__replaced *own, kam_book *b, uint32_t kind, kam_error *err)
{
    kam_book *home = kam__book_home(b);
    const kam_table *t = kam__db_table(&home->db, kind);
    kam__replaced *use = replaced_may_keep(home) ? &home->replaced[kind == KAM_KIND_LEDGER ? 0 : 1] : own;
    *out = NULL;
    /* the host's: nothing is replaced */
    if (!kam__table_field(t, KAM__REPLACES) || !kam__table_field(t, KAM_SEQ)) return KAM_OK;
    KAM__TRY(use == own ? replaced_scan(own, b, kind, err) : replaced_kept(use, b, kind, err));
    *out = use->ids.n ? &use->ids : NULL;
    return KAM_OK;
}

void kam__replaced_free(kam__replaced *r)
{
    if (r->ids.ctx) kam__imap_free(&r->ids);
    memset(r, 0, sizeof *r);
}
