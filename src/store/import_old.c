/*
 * store/import_old.c - which rows of a group are there already, and whether they say the same.
 *
 * By (source, ext_id), with IN predicates. Once an import has grown large the keys of the whole table are read in one
 * pass, as 64-bit hashes: from then on only rows whose hash is there are looked up, so that a first load of millions
 * looks up nothing at all.
 */
#include "import.h"

/* ---------------------------------------------------------------- hashes of the keys in the table */

/* 1 = it was there. */
static int set_put(uint64_t *slot, size_t cap, uint64_t hash)
{
    size_t i = (size_t)hash & (cap - 1);
    while (slot[i] && slot[i] != hash) i = (i + 1) & (cap - 1);
    if (slot[i]) return 1;
    slot[i] = hash;
    return 0;
}

static uint64_t set_key(uint64_t hash) { return hash ? hash : 1; }

int kam__import_set_has(const import_set *s, uint64_t hash)
{
    if (!s->n) return 0;
    hash = set_key(hash);
    size_t i = (size_t)hash & (s->cap - 1);
    while (s->slot[i] && s->slot[i] != hash) i = (i + 1) & (s->cap - 1);
    return s->slot[i] != 0;
}

int32_t kam__import_set_add(int *was, kam_import *imp, uint64_t hash, kam_error *err)
{
    import_set *s = &imp->set;
    if (s->n + 1 > s->cap / 4 * 3) {
        size_t cap = s->cap ? s->cap * 2 : 1024;
        uint64_t *slot = kam__zalloc_n(imp->ctx, cap, sizeof *slot);
        if (!slot) return kam__nomem(err);
        for (size_t i = 0; i < s->cap; i++)
            if (s->slot[i]) (void)set_put(slot, cap, s->slot[i]);
        kam__free(imp->ctx, s->slot);
        s->slot = slot;
        s->cap = cap;
    }
    *was = set_put(s->slot, s->cap, set_key(hash));
    s->n += !*was;
    return KAM_OK;
}

typedef struct old_load {
    kam_import *imp;
    uint64_t left, last_hash;
    char last[64];
    size_t last_len;
    kam_error *err;
} old_load;

/* Sources repeat: the hash of the last one is kept. */
static uint64_t old_source_hash(old_load *l, const char *text, size_t len)
{
    if (!text || !len) return 0;
    if (len == l->last_len && memcmp(text, l->last, len) == 0) return l->last_hash;
    uint64_t hash = kam__hash(text, len);
    if (len <= sizeof l->last) {
        memcpy(l->last, text, len);
        l->last_len = len;
        l->last_hash = hash;
    }
    return hash;
}

static int32_t old_on_keys(void *user, const kam_block *rows)
{
    old_load *l = user;
    const kam_col *ext = kam__block_col(rows, KAM_EXT_ID), *source = kam__block_col(rows, KAM_SOURCE);
    int was = 0;
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0, slen = 0;
        const char *text = kam__col_text(ext, i, &len), *stext = kam__col_text(source, i, &slen);
        if (l->left-- == 0) return 1;
        if (text)
            KAM__TRY(kam__import_set_add(&was, l->imp, kam__import_hash(old_source_hash(l, stext, slen), text, len),
                                         l->err));
    }
    return KAM_OK;
}

/* Loads all keys if the table has at most `most` rows; else forgets what it read. */
static int32_t old_load_keys(kam_import *imp, uint64_t most, kam_error *err)
{
    static const uint32_t field[] = { KAM_SOURCE, KAM_EXT_ID };
    old_load l = { .imp = imp, .left = most, .err = err };
    kam__scan q = { .kind = imp->kind->id, .field = field, .nfield = 2, .any_order = 1 };
    int32_t rc = kam__db_scan(&imp->home->db, &q, old_on_keys, &l, err);
    if (rc == KAM_OK) imp->set.loaded = 1;
    if (rc != 1) return rc;
    if (imp->set.n) memset(imp->set.slot, 0, imp->set.cap * sizeof *imp->set.slot);
    imp->set.n = 0;
    return KAM_OK;
}

static int32_t old_keys(kam_import *imp, kam_error *err)
{
    if (imp->set.loaded || !imp->plain) return KAM_OK;
    if (imp->frozen || imp->staged > IMPORT_SCAN_AFTER) return old_load_keys(imp, UINT64_MAX, err);
    return imp->staged == imp->n ? old_load_keys(imp, imp->n >= IMPORT_GROUP ? 65536 : 0, err) : KAM_OK;
}

/* ---------------------------------------------------------------- comparing */

/* 1 = the row that is there (imp->old) has other values than row `at` means; the shown facts are looked at later. */
static int32_t old_differs(int *out, kam_import *imp, uint32_t at, kam_error *err)
{
    const import_cell *cell = imp->cell + (size_t)at * imp->nslot;
    *out = 1;
    int32_t rc = kam__import_lend(imp, at, imp->cause);
    if (rc == KAM_OK) rc = kam__import_settle(imp, imp->cause);
    if (rc == KAM_E_NOMEM) return kam__nomem(err);
    if (rc != KAM_OK) return KAM_OK;                    /* a bad row: saving it will say so */
    for (uint32_t i = 0; i < imp->nslot; i++) {
        const kam__field *f = imp->slot[i].field;
        if (cell[i].state == IMPORT_UNSET || f->flags & (KAM__F_COMMON | KAM__F_VIRTUAL)) continue;
        if (imp->rec->cell[imp->slot[i].index].state == KAM__CELL_KEY ||
            !kam__record_same(imp->rec, imp->old, imp->slot[i].index))
            return KAM_OK;
    }
    *out = 0;
    return KAM_OK;
}

/* Money without a currency beside it is in the currency of the row that is there. */
static void old_currency(kam_import *imp, uint32_t at)
{
    const import_cell *cell = imp->cell + (size_t)at * imp->nslot;
    int said = imp->currency_slot != IMPORT_NONE && cell[imp->currency_slot].state != IMPORT_UNSET;
    size_t len = 0;
    const char *code =
        said || imp->kind->currency == UINT32_MAX ? NULL : kam__record_cell_text(imp->old, imp->kind->currency, &len);
    if (code && len == 3) memcpy(imp->row[at].currency, code, 4);
}

typedef struct old_lookup { kam_import *imp; uint64_t source_hash; kam_error *err; } old_lookup;

static int32_t old_found(old_lookup *l, const kam_block *rows, uint32_t i, uint32_t at)
{
    import_row *row = &l->imp->row[at];
    const kam_col *id = kam__block_col(rows, KAM_ID), *rev = kam__block_col(rows, KAM_REV),
                  *deleted = kam__block_col(rows, KAM__DELETED_SEQ);
    int64_t version = rev ? kam__col_i64(rev, i) : 1;
    int differs = 1;
    if (row->id && version <= row->rev) return KAM_OK;  /* an event that was corrected since */
    KAM__TRY(kam__record_load(l->imp->old, rows, i, l->err));
    row->id = kam__col_i64(id, i);
    row->rev = version;
    row->currency[0] = 0;
    old_currency(l->imp, at);
    if (deleted && !kam__col_null(deleted, i)) row->what = IMPORT_SAVE;
    else {
        KAM__TRY(old_differs(&differs, l->imp, at, l->err));
        row->what = differs ? IMPORT_OTHER : IMPORT_SAME;
    }
    return KAM_OK;
}

static int32_t old_on_rows(void *user, const kam_block *rows)
{
    old_lookup *l = user;
    const kam_col *ext = kam__block_col(rows, KAM_EXT_ID);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0, own = 0;
        uint32_t at = 0;
        const char *text = kam__col_text(ext, i, &len);
        if (!text || !kam__imap_get(&l->imp->at, (int64_t)kam__import_hash(l->source_hash, text, len), &at)) continue;
        const char *mine = kam__import_slot_text(l->imp, at, l->imp->ext_slot, &own);
        if (mine && own == len && memcmp(mine, text, len) == 0) KAM__TRY(old_found(l, rows, i, at));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- looking up */

static int32_t old_ask(old_lookup *l, const char *source, size_t len)
{
    kam_import *imp = l->imp;
    kam_block view;
    kam_pred p[2];
    kam__pred mem;
    if (!imp->in.nrow) return KAM_OK;
    kam__bb_view(&imp->in, &view);
    if (len) kam__pred_text(&p[0], &mem, kam__kind_field(imp->kind, KAM_SOURCE), KAM_OP_EQ, source, len);
    else kam__pred_null(&p[0], kam__kind_field(imp->kind, KAM_SOURCE));
    p[1] = (kam_pred){ .field = KAM_EXT_ID, .op = KAM_OP_IN, .arg = &view.col[0], .narg = view.nrow };
    kam__scan q = {
        .kind = imp->kind->id, .field = imp->ask, .nfield = imp->nask, .pred = p, .npred = 2, .any_order = 1};
    int32_t rc = kam__db_scan(&imp->home->db, &q, old_on_rows, l, l->err);
    kam__bb_clear(&imp->in);
    return rc;
}

/* Rows from `first` on with the same source: `keyed` 2 marks those still to be looked up. */
static int32_t old_look_up_like(kam_import *imp, uint32_t first, kam_error *err)
{
    size_t len = 0, source_len = 0, n = 0;
    const char *source = kam__import_slot_text(imp, first, imp->source_slot, &source_len);
    old_lookup l = { imp, imp->row[first].source_hash, err };
    for (uint32_t i = first; i < imp->n; i++) {
        if (imp->row[i].keyed != 2 || imp->row[i].source_hash != l.source_hash) continue;
        const char *own = kam__import_slot_text(imp, i, imp->source_slot, &n);
        if (n != source_len || (n && memcmp(own, source, n) != 0)) continue;
        const char *ext = kam__import_slot_text(imp, i, imp->ext_slot, &len);
        imp->row[i].keyed = 1;
        kam__bb_text(&imp->in, 0, ext, len);
        KAM__TRY(kam__bb_end_row(&imp->in, err));
        if (kam__import_in_full(imp)) KAM__TRY(old_ask(&l, source, source_len));
    }
    return old_ask(&l, source, source_len);
}

static uint8_t old_without_lookup(kam_import *imp, const import_row *row, const import_cell *cell)
{
    if (!imp->plain) return IMPORT_SAVE;
    if (imp->id_slot != IMPORT_NONE && cell[imp->id_slot].state == IMPORT_NUMBER) return IMPORT_SAVE;
    if (imp->rev_slot != IMPORT_NONE && cell[imp->rev_slot].state == IMPORT_NUMBER) return IMPORT_SAVE;
    return row->keyed || imp->kind->cls == KAM_C_EVENT ? IMPORT_NEW : IMPORT_SAVE;
}

int32_t kam__import_classify(kam_import *imp, kam_error *err)
{
    int differs = 0;
    KAM__TRY(old_keys(imp, err));
    for (uint32_t i = 0; i < imp->n; i++) {
        import_row *row = &imp->row[i];
        row->what = old_without_lookup(imp, row, imp->cell + (size_t)i * imp->nslot);
        if (!imp->plain || !row->keyed) continue;
        int again = 1; /* a row that is rejected later leaves its hash behind: that costs a look-up, no more */
        if (imp->set.loaded) KAM__TRY(kam__import_set_add(&again, imp, row->hash, err));
        row->again = (uint8_t)(again && imp->set.loaded);
        if (again && row->what == IMPORT_NEW) row->keyed = 2;
    }
    for (uint32_t i = 0; i < imp->n; i++)
        if (imp->row[i].keyed == 2) KAM__TRY(old_look_up_like(imp, i, err));
    for (uint32_t i = 0; i < imp->n && imp->shown; i++) {
        if (imp->row[i].what != IMPORT_SAME) continue;
        KAM__TRY(kam__import_facts_differ(&differs, imp, i, err));
        if (differs) imp->row[i].what = IMPORT_OTHER;
    }
    return KAM_OK;
}
