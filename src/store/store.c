/*
 * store/store.c - the store handle: where rows lie, before any book is opened on them.
 *
 * The vtable is copied once, into a zeroed struct of our own size: functions an older host does not have are NULL, functions a newer
 * one has more are not seen. A host store serves one book at a time; the memory store makes a connection for every book.
 */
#include "store.h"
#include "file.h"

static int32_t store_new(kam_store **out, kam_ctx *ctx, kam_error *err)
{
    kam_ctx *own = NULL;
    KAM__TRY(kam__ctx_take(&own, ctx, err));
    kam_store *s = kam__zalloc(own, sizeof *s);
    if (!s) {
        kam_ctx_free(own);
        return kam__nomem(err);
    }
    kam__ref_init(&s->ref);
    s->ctx = own;
    kam__arena_init(&s->arena, own, 0);
    *out = s;
    return KAM_OK;
}

int32_t kam_store_memory(kam_store **out, kam_ctx *ctx, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    kam_store *s = NULL;
    KAM__TRY(store_new(&s, ctx, err));
    int32_t rc = kam__memory_new(&s->memory, s->ctx, err);
    if (rc != KAM_OK) {
        kam_store_free(s);
        return rc;
    }
    s->vt = kam__memory_vt;
    s->mode = KAM_TXN_OWN;
    *out = s;
    return KAM_OK;
}

/* ---------------------------------------------------------------- the store in a file */

/* A NUL-ended copy of a path; free with kam__free. */
static int32_t store_path(char **out, kam_ctx *ctx, const char *path, size_t len, kam_error *err)
{
    if (!path) return kam__null_arg(err, "path");
    if (len == KAM_NUL) len = strlen(path);
    if (!len || memchr(path, 0, len)) return kam__fail(err, KAM_E_INVAL, "the path of a file is empty or has U+0000 in it");
    *out = kam__text_dup(ctx, path, len);
    return *out ? KAM_OK : kam__nomem(err);
}

static int32_t store_file(kam_store **out, kam_ctx *ctx, const char *path, size_t len, uint32_t flags, kam_error *err)
{
    kam_store *s = NULL;
    char *name = NULL;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(store_new(&s, ctx, err));
    int32_t rc = store_path(&name, s->ctx, path, len, err);
    if (rc == KAM_OK) rc = kam__file_open(&s->memory, s->ctx, name, flags, &kam__file_posix, NULL, err);
    kam__free(s->ctx, name);
    if (rc != KAM_OK) {
        kam_store_free(s);
        return rc;
    }
    s->vt = kam__memory_vt;
    s->mode = KAM_TXN_OWN;
    *out = s;
    return KAM_OK;
}

int32_t kam_store_file(kam_store **out, kam_ctx *ctx, const char *path, size_t len, kam_error *err)
{
    return store_file(out, ctx, path, len, 0, err);
}

int32_t kam_store_file_read(kam_store **out, kam_ctx *ctx, const char *path, size_t len, kam_error *err)
{
    return store_file(out, ctx, path, len, FILE_READ_ONLY, err);
}

int32_t kam_store_salvage(kam_ctx *ctx, const char *path, size_t len, const char *to, size_t to_len, kam_error *err)
{
    kam_ctx *own = NULL;
    char *from = NULL, *name = NULL;
    KAM__TRY(kam__ctx_take(&own, ctx, err));
    int32_t rc = store_path(&from, own, path, len, err);
    if (rc == KAM_OK) rc = store_path(&name, own, to, to_len, err);
    if (rc == KAM_OK) rc = kam__file_salvage(own, from, name, &kam__file_posix, NULL, err);
    kam__free(own, from);
    kam__free(own, name);
    kam_ctx_free(own);
    return rc;
}

/* A connection of its own, where the store gives more than one. */
int32_t kam_store_control(kam_store *store, uint32_t op, void *arg, kam_error *err)
{
    kam_store_err serr = {.struct_size = sizeof serr};
    if (!store) return kam__null_arg(err, "store");
    void *self = store->self;
    if (!store->vt.control) return kam__fail(err, KAM_E_UNSUPPORTED, "this store has no control");
    if (!store->memory && kam__atomic_add(&store->busy, 1) != 1) {
        kam__atomic_add(&store->busy, (uint64_t)-1);
        return kam__fail(err, KAM_E_BUSY, "this store serves a book: close that one first");
    }
    int32_t rc = store->memory ? kam__memory_connect(&self, store->memory, err) : KAM_OK;
    if (rc == KAM_OK) {
        rc = store->vt.control(self, op, arg, NULL, NULL, &serr);
        serr.msg[sizeof serr.msg - 1] = 0;
        if (rc != KAM_OK) kam__fail(err, rc, "%s", serr.msg[0] ? serr.msg : "the store gave no words for it");
        if (store->memory) store->vt.close(self);
    }
    if (!store->memory) kam__atomic_add(&store->busy, (uint64_t)-1);
    return rc;
}

/* ---------------------------------------------------------------- a store of the host */

static int32_t store_check_vtable(const kam_store_vt *vt, uint32_t mode, kam_error *err)
{
    if (vt->struct_size < offsetof(kam_store_vt, prepare))
        return kam__fail(err, KAM_E_INVAL, "store vtable: struct_size %u is smaller than the first version's", vt->struct_size);
    if (vt->abi != KAM_STORE_ABI)
        return kam__fail(err, KAM_E_UNSUPPORTED, "store vtable: abi %u, this library knows %d", vt->abi, KAM_STORE_ABI);
    if (!vt->scan || !vt->write) return kam__fail(err, KAM_E_INVAL, "store vtable: scan and write are required");
    if (mode < KAM_TXN_OWN || mode > KAM_TXN_HOST)
        return kam__fail(err, KAM_E_INVAL, "store mode %u is not one of KAM_TXN_OWN, _SAVEPOINT, _HOST", mode);
    if ((mode == KAM_TXN_HOST) != (!vt->begin && !vt->end) || !vt->begin != !vt->end)
        return kam__fail(err, KAM_E_INVAL, "store vtable: begin and end must %s in this mode",
                         mode == KAM_TXN_HOST ? "both be NULL" : "both be given");
    return KAM_OK;
}

int32_t kam_store_new(kam_store **out, kam_ctx *ctx, const struct kam_store_vt *vt, void *self, uint32_t mode, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    if (!vt) return kam__null_arg(err, "vt");
    KAM__TRY(store_check_vtable(vt, mode, err));
    kam_store *s = NULL;
    KAM__TRY(store_new(&s, ctx, err));
    size_t size = vt->struct_size < sizeof s->vt ? vt->struct_size : sizeof s->vt;
    memcpy(&s->vt, vt, size);
    s->self = self;
    s->mode = mode;
    *out = s;
    return KAM_OK;
}

void kam_store_free(kam_store *store)
{
    if (!store || !kam__ref_drop(&store->ref)) return;
    if (store->memory) kam__memory_drop(store->memory);
    else if (store->vt.close) store->vt.close(store->self);
    kam__arena_free(&store->arena);
    kam_ctx *ctx = store->ctx;
    kam__free(ctx, store);
    kam_ctx_free(ctx);
}

/* ---------------------------------------------------------------- mapping onto tables the host has already */

/* "field": "column", or "field": {"column": "...", "text": true} for a column that holds the value as text ("2026-03-01"). */
static int32_t map_column(const kam__kind *kind, const kam__json *column, kam_error *err)
{
    static const char *const known[] = { "column", "text" };
    const char *name = NULL;
    const kam__field *f = NULL;
    int text = 0;
    if (column->type == KAM__J_OBJECT) {
        KAM__TRY(kam__json_known(column, known, KAM__LEN(known), err));
        KAM__TRY(kam__json_str(&name, kam__json_get(column, "column"), "column", err));
        if (kam__json_get(column, "text")) KAM__TRY(kam__json_bool(&text, kam__json_get(column, "text"), "text", err));
    } else {
        KAM__TRY(kam__json_str(&name, column, column->key, err));
    }
    if (kam__field_by_name(&f, kind, column->key, column->key_len, err) != KAM_OK) {
        kam__err_prefix(err, "store mapping, line %u, table %s: ", column->line, kind->name);
        return KAM_E_SCHEMA;
    }
    if (f->flags & KAM__F_VIRTUAL)
        return kam__json_fail(column, KAM_E_SCHEMA, err, "field %s of %s is a fact and has no column", f->name, kind->name);
    return KAM_OK;
}

/* A table with its own id and rev can be written and tracked; without an id the ERP's key takes its place. */
static int32_t map_check(kam__map_table *t, const kam__kind *kind, const kam__json *at, kam_error *err)
{
    const kam__json *id = kam__json_get(t->columns, "id"), *ext = kam__json_get(t->columns, "ext_id");
    t->text_key = !id;
    if (!id && !ext)
        return kam__json_fail(at, KAM_E_SCHEMA, err, "table %s needs its key mapped as \"id\" (a whole number) or \"ext_id\" (a text)",
                              kind->name);
    if (!t->read_only && (!id || (kind->cls == KAM_C_ENTITY && !kam__json_get(t->columns, "rev"))))
        return kam__json_fail(at, KAM_E_SCHEMA, err, "table %s can be written only with \"id\" and \"rev\" mapped: say \"read_only\": true",
                              kind->name);
    return KAM_OK;
}

static int32_t map_one_table(const kam__json *v, kam__map_table *t, kam_error *err)
{
    static const char *const known[] = { "relation", "read_only", "columns" };
    const kam__kind *kind = kam__builtin_kind_by_name(v->key, v->key_len);
    if (!kind || kind->cls == KAM__C_COMPUTED || kind->cls == KAM__C_OWN)
        return kam__json_fail(v, KAM_E_SCHEMA, err, "\"%s\" is not a stored kind", v->key);
    KAM__TRY(kam__json_known(v, known, KAM__LEN(known), err));
    t->kind = kind->id;
    t->relation = NULL;
    KAM__TRY(kam__json_str(&t->relation, kam__json_get(v, "relation"), "relation", err));
    const kam__json *ro = kam__json_get(v, "read_only");
    if (ro) KAM__TRY(kam__json_bool(&t->read_only, ro, "read_only", err));
    t->columns = kam__json_get(v, "columns");
    if (!t->columns || t->columns->type != KAM__J_OBJECT)
        return kam__json_fail(v, KAM_E_SCHEMA, err, "\"columns\" of table %s must be an object", kind->name);
    for (const kam__json *c = t->columns->child; c; c = c->next) KAM__TRY(map_column(kind, c, err));
    return map_check(t, kind, v, err);
}

int32_t kam_store_map(kam_store *store, const char *json, size_t len, kam_error *err)
{
    if (!store) return kam__null_arg(err, "store");
    if (!json) return kam__null_arg(err, "json");
    if (store->map || store->busy) return kam__fail(err, KAM_E_INVAL, "a store is mapped once, before its first book");
    const kam__json *doc = NULL;
    int32_t rc = kam__json_parse(&doc, &store->arena, json, len == KAM_NUL ? strlen(json) : len, 0, err);
    if (rc == KAM_OK && doc->type != KAM__J_OBJECT) rc = kam__json_fail(doc, KAM_E_SCHEMA, err, "a store mapping is a JSON object");
    kam__map_table *map = rc == KAM_OK ? kam__arena_alloc(&store->arena, (doc->n + 1) * sizeof *map) : NULL;
    if (rc == KAM_OK && !map) rc = kam__nomem(err);
    uint32_t n = 0;
    if (rc == KAM_OK) {
        memset(map, 0, (doc->n + 1) * sizeof *map);
        for (const kam__json *v = doc->child; v && rc == KAM_OK; v = v->next) rc = map_one_table(v, &map[n++], err);
    }
    if (rc != KAM_OK) {
        kam__arena_reset(&store->arena);
        return rc;
    }
    store->map = map;
    store->nmap = n;
    return KAM_OK;
}
