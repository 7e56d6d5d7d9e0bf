/*
 * store/import_key.c - references: the ERP's keys of other records to ids, many at a time.
 *
 * Every different key is looked up once for the whole import; a group's new ones together, with IN predicates. What is
 * not found there is tried once more, one by one, by the same function that saving a single record uses: it knows all
 * the ways a key may be known, and it words the failure.
 */
#include "import.h"

/* ---------------------------------------------------------------- what a group wants */

static int32_t key_composite(kam_import *imp, uint32_t kind, const char *source, size_t source_len, const char *key,
                             size_t len, kam_error *err)
{
    kam_buf *b = &imp->scratch;
    size_t need = source_len + len + 2;
    if (b->cap < need) KAM__TRY(kam__grow(imp->ctx, &b->data, &b->cap, need, 1, err));
    b->data[0] = (char)(unsigned char)(kind & 0xffu);
    if (source_len) memcpy(b->data + 1, source, source_len);
    b->data[source_len + 1] = '\0';
    memcpy(b->data + source_len + 2, key, len);
    b->size = need;
    return KAM_OK;
}

int32_t kam__import_want(kam_import *imp, uint32_t key, kam_error *err)
{
    import_key *k = &imp->key[key];
    if (k->id || k->group == imp->group) return KAM_OK;
    KAM__TRY(kam__grow(imp->ctx, &imp->want, &imp->want_cap, imp->nwant + 1, sizeof *imp->want, err));
    imp->want[imp->nwant++] = key;
    k->group = imp->group;
    return KAM_OK;
}

static int32_t key_add(uint32_t *out, kam_import *imp, uint32_t kind, size_t source_len, kam_error *err)
{
    const kam_buf *b = &imp->scratch;
    if (imp->nkey >= IMPORT_NONE) return kam__fail(err, KAM_E_LIMIT, "more than 4 billion different keys");
    KAM__TRY(kam__grow(imp->ctx, &imp->key, &imp->key_cap, imp->nkey + 1, sizeof *imp->key, err));
    const char *text = kam__arena_text(&imp->key_text, b->data, b->size);
    if (!text) return kam__nomem(err);
    KAM__TRY(kam__tmap_put(&imp->key_at, b->data, b->size, (uint32_t)imp->nkey, err));
    imp->key[imp->nkey] =
        (import_key){.text = text, .len = (uint32_t)b->size, .source_len = (uint32_t)source_len, .kind = kind};
    *out = (uint32_t)imp->nkey++;
    return KAM_OK;
}

int32_t kam__import_want_key(kam_import *imp, uint32_t *out, uint32_t kind, const char *source, size_t source_len,
                             const char *key, size_t len, kam_error *err)
{
    KAM__TRY(key_composite(imp, kind, source, source_len, key, len, err));
    if (!kam__tmap_get(&imp->key_at, imp->scratch.data, imp->scratch.size, out))
        KAM__TRY(key_add(out, imp, kind, source_len, err));
    return kam__import_want(imp, *out, err);
}

int32_t kam__import_want_id(kam_import *imp, uint32_t kind, int64_t id, kam_error *err)
{
    int64_t mix = id << 8 | (int64_t)(kind & 0xffu);
    uint32_t known = 0;
    if (kam__imap_get(&imp->id_known, mix, &known) && (known == 1 || known == imp->group)) return KAM_OK;
    KAM__TRY(kam__grow(imp->ctx, &imp->want_id, &imp->want_id_cap, imp->nwant_id + 1, sizeof *imp->want_id, err));
    imp->want_id[imp->nwant_id++] = mix;
    return kam__imap_put(&imp->id_known, mix, imp->group, err);
}

/* ---------------------------------------------------------------- looking up */

int kam__import_in_full(const kam_import *imp)
{
    return imp->in.nrow >= imp->home->db.max_keys || kam__bb_full(&imp->in);
}


typedef struct key_lookup {
    kam_import *imp;
    uint32_t kind;
    const char *source;
    size_t source_len;
    kam_error *err;
} key_lookup;

static int32_t key_on_keys(void *user, const kam_block *rows)
{
    key_lookup *l = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *ext = kam__block_col(rows, KAM_EXT_ID);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        uint32_t at = 0;
        const char *text = kam__col_text(ext, i, &len);
        if (!text) continue;
        KAM__TRY(key_composite(l->imp, l->kind, l->source, l->source_len, text, len, l->err));
        if (kam__tmap_get(&l->imp->key_at, l->imp->scratch.data, l->imp->scratch.size, &at))
            l->imp->key[at].id = kam__col_i64(id, i);
    }
    return KAM_OK;
}

/* Only entities in tables with both columns are asked in bulk. */
static const kam__kind *key_kind(const kam_import *imp, uint32_t kind)
{
    const kam__kind *k = kam__schema_kind(imp->schema, kind);
    const kam_table *t = kam__db_table(&imp->home->db, kind);
    if (!k || !t || k->cls != KAM_C_ENTITY || imp->home->db.tables.text_key[kind]) return NULL;
    return kam__table_field(t, KAM_SOURCE) && kam__table_field(t, KAM_EXT_ID) ? k : NULL;
}

static int32_t key_ask(key_lookup *l, const kam__kind *k)
{
    static const uint32_t field[] = { KAM_ID, KAM_EXT_ID };
    kam_import *imp = l->imp;
    kam_block view;
    kam_pred p[2];
    kam__pred mem;
    if (!imp->in.nrow) return KAM_OK;
    kam__bb_view(&imp->in, &view);
    if (l->source_len) kam__pred_text(&p[0], &mem, kam__kind_field(k, KAM_SOURCE), KAM_OP_EQ, l->source, l->source_len);
    else kam__pred_null(&p[0], kam__kind_field(k, KAM_SOURCE));
    p[1] = (kam_pred){ .field = KAM_EXT_ID, .op = KAM_OP_IN, .arg = &view.col[0], .narg = view.nrow };
    kam__scan q = { .kind = k->id, .field = field, .nfield = 2, .pred = p, .npred = 2, .any_order = 1 };
    int32_t rc = kam__db_scan(&imp->home->db, &q, key_on_keys, l, l->err);
    kam__bb_clear(&imp->in);
    return rc;
}

/* All wanted keys from `first` on that have its kind and source; those done become NONE. */
static int32_t key_resolve_like(kam_import *imp, size_t first, kam_error *err)
{
    const import_key *a = &imp->key[imp->want[first]];
    key_lookup l = { imp, a->kind, a->text + 1, a->source_len, err };
    const kam__kind *k = key_kind(imp, a->kind);
    for (size_t i = first; i < imp->nwant; i++) {
        const import_key *b = imp->want[i] == IMPORT_NONE ? NULL : &imp->key[imp->want[i]];
        if (!b || b->kind != l.kind || b->source_len != l.source_len ||
            memcmp(b->text + 1, l.source, l.source_len) != 0)
            continue;
        imp->want[i] = IMPORT_NONE;
        if (!k || b->id) continue;
        kam__bb_text(&imp->in, 0, b->text + b->source_len + 2, b->len - b->source_len - 2);
        KAM__TRY(kam__bb_end_row(&imp->in, err));
        if (kam__import_in_full(imp)) KAM__TRY(key_ask(&l, k));
    }
    return k ? key_ask(&l, k) : KAM_OK;
}

static int32_t key_on_ids(void *user, const kam_block *rows)
{
    key_lookup *l = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *deleted = kam__block_col(rows, KAM__DELETED_SEQ);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        if (deleted && !kam__col_null(deleted, i)) continue;
        KAM__TRY(kam__imap_put(&l->imp->id_known, kam__col_i64(id, i) << 8 | (int64_t)(l->kind & 0xffu), 1, l->err));
    }
    return KAM_OK;
}

static int32_t key_ask_ids(key_lookup *l, const kam__kind *k, const int64_t *id, uint32_t n)
{
    static const uint32_t field[] = { KAM_ID, KAM__DELETED_SEQ };
    kam_col col = { .field = KAM_ID, .type = KAM_T_I64, .data = id };
    kam_pred p = { .field = KAM_ID, .op = KAM_OP_IN, .arg = &col, .narg = n };
    kam__scan q = { .kind = k->id, .field = field, .nfield = 2, .pred = &p, .npred = 1, .any_order = 1 };
    return n ? kam__db_scan(&l->imp->home->db, &q, key_on_ids, l, l->err) : KAM_OK;
}

static int32_t key_resolve_ids_like(kam_import *imp, int64_t *id, uint32_t most, uint32_t kind, kam_error *err)
{
    key_lookup l = { .imp = imp, .kind = kind, .err = err };
    const kam__kind *k = kam__schema_kind(imp->schema, kind);
    uint32_t n = 0;
    if (k && k->cls != KAM_C_ENTITY) k = NULL;
    for (size_t i = 0; i < imp->nwant_id; i++) {
        if (imp->want_id[i] < 0 || (imp->want_id[i] & 0xff) != (int64_t)kind) continue;
        id[n++] = imp->want_id[i] >> 8;
        imp->want_id[i] = -1;
        if (n < most) continue;
        if (k) KAM__TRY(key_ask_ids(&l, k, id, n));
        n = 0;
    }
    return k ? key_ask_ids(&l, k, id, n) : KAM_OK;
}

int32_t kam__import_resolve(kam_import *imp, kam_error *err)
{
    for (size_t i = 0; i < imp->nwant; i++)
        if (imp->want[i] != IMPORT_NONE) KAM__TRY(key_resolve_like(imp, i, err));
    imp->nwant = 0;
    if (!imp->nwant_id) return KAM_OK;
    uint32_t most = imp->home->db.max_keys < KAM__BLOCK_ROWS ? imp->home->db.max_keys : KAM__BLOCK_ROWS;
    int64_t *id = kam__zalloc_n(imp->ctx, most, sizeof *id);
    int32_t rc = id ? KAM_OK : kam__nomem(err);
    for (size_t i = 0; i < imp->nwant_id && rc == KAM_OK; i++)
        if (imp->want_id[i] >= 0) rc = key_resolve_ids_like(imp, id, most, (uint32_t)(imp->want_id[i] & 0xff), err);
    imp->nwant_id = 0;
    kam__free(imp->ctx, id);
    return rc;
}

/* ---------------------------------------------------------------- the references of one row */

/* The key of a row of this very group: 1 + its place, or 0. */
static uint32_t key_in_group(const kam_import *imp, const import_key *k)
{
    const char *source = k->text + 1, *key = source + k->source_len + 1;
    size_t key_len = k->len - k->source_len - 2, len = 0;
    uint32_t at = 0;
    uint64_t hash = kam__import_hash(k->source_len ? kam__hash(source, k->source_len) : 0, key, key_len);
    if (k->kind != imp->kind->id || !kam__imap_get(&imp->at, (int64_t)hash, &at)) return 0;
    const char *text = kam__import_slot_text(imp, at, imp->ext_slot, &len);
    return text && len == key_len && memcmp(text, key, len) == 0 ? at + 1 : 0;
}

/* A key met earlier in this group stands in a block that is not written yet: write it now. */
static int32_t key_of_group(kam_import *imp, import_key *k, uint32_t row, kam_error *err)
{
    uint32_t at = key_in_group(imp, k);
    if (!at || at - 1 >= row) return KAM_OK;
    if (imp->row[at - 1].out1) KAM__TRY(kam__import_write(imp, err));
    k->id = imp->row[at - 1].id;
    return KAM_OK;
}

/* Where nothing may be written, rows of this import that would be there by now count as there. */
static int key_would_be(const kam_import *imp, const import_key *k)
{
    const char *source = k->text + 1;
    uint64_t hash = kam__import_hash(k->source_len ? kam__hash(source, k->source_len) : 0, source + k->source_len + 1,
                                     k->len - k->source_len - 2);
    return imp->frozen && k->kind == imp->kind->id && kam__import_set_has(&imp->set, hash);
}

static int32_t key_slowly(kam_import *imp, const import_cell *cell, kam_error *err)
{
    int32_t rc = kam__save_resolve(imp->book, imp->rec, imp->source, err);
    for (uint32_t i = 0; i < imp->nslot; i++) {
        const import_slot *s = &imp->slot[i];
        if (s->field->logic != KAM__L_REF) continue;
        if (rc == KAM_OK && cell[i].state == IMPORT_KEY) imp->key[cell[i].v.i].id = imp->rec->cell[s->index].v.i;
        if (rc == KAM_E_NOT_FOUND && cell[i].state == IMPORT_KEY && s->field->ref == imp->kind->id && !imp->last_round
            && kam_error_detail(err, KAM_ERR_FIELD) == (int64_t)s->field->id)
            return 1;
    }
    return rc;
}

int32_t kam__import_refs(kam_import *imp, uint32_t row, kam_error *err)
{
    const import_cell *cell = imp->cell + (size_t)row * imp->nslot;
    int slowly = 0;
    for (uint32_t i = 0; i < imp->nslot; i++) {
        const import_slot *s = &imp->slot[i];
        uint32_t known = 0;
        if (s->field->logic != KAM__L_REF || cell[i].state < IMPORT_NUMBER || cell[i].state == IMPORT_KNOWN) continue;
        if (cell[i].state == IMPORT_NUMBER) {
            slowly |= !(kam__imap_get(&imp->id_known, cell[i].v.i << 8 | (int64_t)(s->field->ref & 0xffu), &known) &&
                        known == 1);
            continue;
        }
        import_key *k = &imp->key[cell[i].v.i];
        if (!k->id && imp->self_ref) KAM__TRY(key_of_group(imp, k, row, err));
        if (k->id) kam__record_put_i64(imp->rec, s->index, k->id);
        else if (key_would_be(imp, k)) kam__record_put_null(imp->rec, s->index);
        else slowly = 1;
    }
    return slowly ? key_slowly(imp, cell, err) : KAM_OK;
}
