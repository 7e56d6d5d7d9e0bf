/*
 * store/hostkeys.c - ids for host tables that have only the ERP's own key.
 *
 * Such a table is mapped with its key as ext_id. The library keeps (kind, source, key) -> id in its table ext_id and
 * reads the host's rows beside it. New keys get their ids when a book is opened for writing and when an import meets
 * them; until then a new row of the ERP is not seen. The host's keys have one source name, "erp".
 */
#include "db.h"

#define HOST_SOURCE "erp"

static const kam__field *own_field(uint32_t kind, uint32_t field)
{
    return kam__kind_field(kam__builtin_kind(kind), field);
}

void kam__hostkeys_free(kam__hostkeys *k)
{
    kam_ctx *ctx = k->id_of.ctx;
    if (!ctx) return;
    kam__tmap_free(&k->id_of);
    kam__free(ctx, k->id);
    kam__free(ctx, k->key);
    memset(k, 0, sizeof *k);
}

typedef struct host_loading { kam__hostkeys *k; kam_ctx *ctx; kam_error *err; } host_loading;

static int32_t on_key(void *user, const kam_block *rows)
{
    host_loading *l = user;
    const kam_col *key = kam__block_col(rows, KAM__EXT_ID_KEY), *id = kam__block_col(rows, KAM__EXT_ID_RECORD);
    for (uint32_t r = 0; r < rows->nrow; r++) {
        size_t len = 0;
        const char *text = kam__col_text(key, r, &len);
        KAM__TRY(kam__grow(l->ctx, &l->k->id, &l->k->cap, l->k->n + 1, sizeof *l->k->id, l->err));
        KAM__TRY(kam__tmap_put(&l->k->id_of, text, len, (uint32_t)l->k->n, l->err));
        l->k->id[l->k->n++] = kam__col_i64(id, r);
        if (!l->k->key && !(l->k->key = kam__text_dup(l->ctx, text, len))) return kam__nomem(l->err);
    }
    return KAM_OK;
}

/* One id asked for: only its key is loaded, and the host's table is asked for that row alone. */
static int64_t single_id(const kam__scan *q)
{
    for (uint32_t i = 0; i < q->npred; i++)
        if (q->pred[i].field == KAM_ID && q->pred[i].op == KAM_OP_EQ) return kam__col_i64(q->pred[i].arg, 0);
    return 0;
}

int32_t kam__hostkeys_load(kam__hostkeys *k, kam__db *db, const kam__scan *q, kam_error *err)
{
    kam_pred p[2];
    kam__pred mem[2];
    host_loading l = { k, db->ctx, err };
    memset(k, 0, sizeof *k);
    kam__tmap_init(&k->id_of, db->ctx);
    int64_t id = single_id(q);
    kam__pred_i64(&p[0], &mem[0], own_field(KAM__KIND_EXT_ID, KAM__EXT_ID_KIND), KAM_OP_EQ, q->kind);
    kam__pred_i64(&p[1], &mem[1], own_field(KAM__KIND_EXT_ID, KAM__EXT_ID_RECORD), KAM_OP_EQ, id);
    kam__scan s = { .kind = KAM__KIND_EXT_ID, .pred = p, .npred = id ? 2 : 1, .any_order = 1 };
    int32_t rc = kam__db_scan(db, &s, on_key, &l, err);
    if (rc != KAM_OK) {
        kam__hostkeys_free(k);
        return rc;
    }
    k->only = id != 0;
    const char *key = k->key ? k->key : "";
    if (k->only)
        kam__pred_text(&k->pred, &k->mem, own_field(KAM_KIND_ACCOUNT, KAM_EXT_ID), KAM_OP_EQ, key, strlen(key));
    return KAM_OK;
}

int32_t kam__hostkeys_column(const kam_col **out, kam__blockbuf *buf, const kam__hostkeys *k, const kam_block *rows,
                             kam_error *err)
{
    static const uint32_t field[] = { KAM_ID };
    static const uint8_t type[] = { KAM_T_I64 };
    const kam_col *key = kam__block_col(rows, KAM_EXT_ID);
    kam_block view;
    if (!buf->col) KAM__TRY(kam__bb_init(buf, k->id_of.ctx, 1, field, type, err));
    kam__bb_clear(buf);
    for (uint32_t r = 0; r < rows->nrow; r++) {
        size_t len = 0;
        uint32_t at = 0;
        const char *text = key ? kam__col_text(key, r, &len) : NULL;
        if (text && kam__tmap_get(&k->id_of, text, len, &at)) kam__bb_i64(buf, 0, k->id[at]);
        KAM__TRY(kam__bb_end_row(buf, err));
    }
    kam__bb_view(buf, &view);
    *out = view.col;
    return KAM_OK;
}

/* ---------------------------------------------------------------- new keys */

typedef struct host_fresh {
    kam__hostkeys *known;
    kam__rowset *set;
    kam_error *err;
    uint32_t kind;
    int32_t answer;
} host_fresh;

static int32_t keep_fresh(host_fresh *f, const kam_block *rows)
{
    const kam_col *key = kam__block_col(rows, KAM_EXT_ID);
    for (uint32_t r = 0; r < rows->nrow; r++) {
        size_t len = 0;
        uint32_t at = 0;
        const char *text = kam__col_text(key, r, &len);
        if (!text || kam__tmap_get(&f->known->id_of, text, len, &at)) continue;
        KAM__TRY(kam__tmap_put(&f->known->id_of, text, len, 0, f->err));
        kam__blockbuf *b = kam__rowset_row(f->set, f->err);
        if (!b) return KAM_E_NOMEM;
        kam__bb_i64(b, kam__rowset_col(f->set, KAM__EXT_ID_KIND), f->kind);
        kam__bb_text(b, kam__rowset_col(f->set, KAM__EXT_ID_SOURCE), HOST_SOURCE, strlen(HOST_SOURCE));
        kam__bb_text(b, kam__rowset_col(f->set, KAM__EXT_ID_KEY), text, len);
        KAM__TRY(kam__rowset_end_row(f->set, f->err));
    }
    return KAM_OK;
}

static int32_t on_host_row(void *user, const kam_block *rows)
{
    host_fresh *f = user;
    return f->answer = keep_fresh(f, rows);
}

/* Reads the host's keys as they are, past the id layer of scan.c. */
static int32_t scan_host_keys(kam_book *b, host_fresh *f)
{
    static const uint32_t field[] = { KAM_EXT_ID };
    kam_store_err serr;
    kam__db_clear(&serr);
    kam_table_scan s = { .struct_size = sizeof s, .table = kam__db_table(&b->db, f->kind), .field = field, .nfield = 1,
                         .block_rows = KAM__BLOCK_ROWS };
    b->db.busy = 1;
    int32_t rc = b->db.store->vt.scan(b->db.self, &s, on_host_row, f, &serr);
    b->db.busy = 0;
    return rc == f->answer ? rc : kam__db_fail(&b->db, rc, &serr, "reading the host's keys", f->err);
}

static int32_t insert_keys(kam_book *b, const kam__rowset *set, uint32_t kind, kam_error *err)
{
    int64_t row_id = 0, record = 0;
    kam_record *r = NULL;
    if (!set->nrow) return KAM_OK;
    KAM__TRY(kam__txn_ids(&row_id, b, KAM__KIND_EXT_ID, (uint32_t)set->nrow, err));
    KAM__TRY(kam__txn_ids(&record, b, kind, (uint32_t)set->nrow, err));
    KAM__TRY(kam__record_new(&r, b->schema, KAM__KIND_EXT_ID, err));
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < set->nrow && rc == KAM_OK; i++) {
        const kam__blockbuf *bb = NULL;
        uint32_t row = 0;
        kam__rowset_at(set, i, &bb, &row);
        kam_block view = { .struct_size = sizeof view, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view };
        rc = kam__record_load(r, &view, row, err);
        if (rc != KAM_OK) break;
        kam__record_put_i64(r, 0, row_id++);
        kam__record_put_i64(r, kam__kind_index(r->kind, KAM__EXT_ID_RECORD), record++);
        rc = kam__insert_record(b, r, err);
    }
    kam_record_free(r);
    return rc;
}

static int32_t sync_kind(kam_book *b, uint32_t kind, kam_error *err)
{
    kam__hostkeys known;
    kam__scan all = { .kind = kind };
    host_fresh f = { .known = &known, .err = err, .kind = kind };
    KAM__TRY(kam__hostkeys_load(&known, &b->db, &all, err));
    int32_t rc = kam__rowset_new(&f.set, b->schema, KAM__KIND_EXT_ID, NULL, 0, err);
    if (rc == KAM_OK) rc = scan_host_keys(b, &f);
    if (rc == KAM_OK) {
        kam__rowset_seal(f.set);
        rc = insert_keys(b, f.set, kind, err);
    }
    kam__rowset_drop(f.set);
    kam__hostkeys_free(&known);
    return rc;
}

int32_t kam__hostkeys_sync(kam_book *b, kam_error *err)
{
    kam_book *home = kam__book_home(b);
    uint32_t any = 0;
    for (uint32_t kind = 1; kind < 128; kind++) any |= home->db.tables.text_key[kind];
    if (!any) return KAM_OK;
    kam__call c;
    KAM__TRY(kam__txn_enter(&c, home, KAM_BEGIN_WRITE, err));
    int32_t rc = KAM_OK;
    for (uint32_t kind = 1; kind < 128 && rc == KAM_OK; kind++)
        if (home->db.tables.text_key[kind]) rc = sync_kind(home, kind, err);
    return kam__txn_leave(&c, rc, err);
}
