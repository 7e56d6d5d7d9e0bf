/*
 * store/tables.c - the kam_table of every stored kind, as the store sees it.
 *
 * Names are the library's ("kam_account"."name"), or the host's where the store is mapped: then only the mapped columns
 * exist, and a table keyed by the ERP's text has ext_id in front instead of id. Columns that hold the value in another
 * form are asked for as text and converted by scan.c: a reference to a table with text keys (to its id), and what the
 * mapping calls "text" (parsed).
 */
#include "store.h"

/* Composite indexes, each list ended by 0. */
static const uint32_t ledger_index[] = { KAM_LEDGER_ACCOUNT, KAM_LEDGER_DAY, 0 };
static const uint32_t activity_index[] = { KAM_ACTIVITY_ACCOUNT, KAM_ACTIVITY_DAY, 0 };
static const uint32_t change_index[] = { KAM_CHANGE_KIND, KAM_CHANGE_RECORD, 0 };

static void set_indexes(kam_table *t, uint32_t kind)
{
    if (t->flags & 1u) return;
    t->index = kind == KAM_KIND_LEDGER ? ledger_index : kind == KAM_KIND_ACTIVITY ? activity_index
             : kind == KAM_KIND_CHANGE ? change_index : NULL;
    t->nindex = t->index ? 1 : 0;
}

static const kam__map_table *mapping_of(const kam_store *store, uint32_t kind)
{
    for (uint32_t i = 0; i < store->nmap; i++)
        if (store->map[i].kind == kind) return &store->map[i];
    return NULL;
}

static const char *column_of(const kam__map_table *map, const kam__field *f)
{
    if (!map) return f->name;
    const kam__json *v = kam__json_get(map->columns, f->name);
    if (v && v->type == KAM__J_OBJECT) v = kam__json_get(v, "column");
    return v ? v->text : NULL;
}

static uint8_t convert_of(const kam__map_table *map, const kam__field *f, const kam_store *store)
{
    const kam__json *v = map ? kam__json_get(map->columns, f->name) : NULL, *text = v ? kam__json_get(v, "text") : NULL;
    if (!v || f->type == KAM_T_TEXT) return KAM__AS_IS;
    const kam__map_table *ref = f->logic == KAM__L_REF ? mapping_of(store, f->ref) : NULL;
    if (ref && ref->text_key) return KAM__BY_KEY;
    return text && text->type == KAM__J_TRUE ? KAM__BY_TEXT : KAM__AS_IS;
}

static void fill_field(kam_field *out, const kam__field *f, const char *column)
{
    memset(out, 0, sizeof *out);
    out->id = f->id;
    out->since = f->since;
    out->type = f->type;
    out->scale = f->scale;
    out->flags = f->flags & 0xffffu;
    out->name = f->name;
    out->column = column;
}

static int32_t fill_table(kam_table *t, uint8_t **convert, kam__arena *arena, const kam__kind *kind,
                          const kam_store *store, kam_error *err)
{
    const kam__map_table *map = mapping_of(store, kind->id);
    memset(t, 0, sizeof *t);
    kam_field *field = kam__arena_alloc(arena, kind->nfield * sizeof *field);
    size_t len = strlen(kind->name);
    char *relation = kam__arena_alloc(arena, len + 5);
    *convert = kam__arena_alloc(arena, kind->nfield);
    if (!field || !relation || !*convert) return kam__nomem(err);
    memcpy(relation, "kam_", 4);
    memcpy(relation + 4, kind->name, len + 1);
    t->struct_size = sizeof *t;
    t->id = kind->id;
    t->version = 1;
    t->cls = map && map->read_only     ? (uint32_t)KAM_C_UNTRACKED
             : kind->cls == KAM__C_OWN ? (uint32_t)KAM_C_RUN
                                       : kind->cls;
    t->name = kind->name;
    t->relation = map ? map->relation : relation;
    t->field = field;
    t->flags = map && map->read_only ? 1 : 0;
    for (uint32_t i = 0; i < kind->nfield; i++) {
        const char *column = kind->field[i].flags & KAM__F_VIRTUAL ? NULL : column_of(map, &kind->field[i]);
        if (!column) continue;
        uint8_t how = (*convert)[t->nfield] = convert_of(map, &kind->field[i], store);
        fill_field(&field[t->nfield], &kind->field[i], column);
        if (how != KAM__AS_IS) field[t->nfield].type = KAM_T_TEXT;
        t->nfield++;
    }
    if (map && map->text_key)                                          /* the ERP's key comes first */
        for (uint32_t i = 1; i < t->nfield; i++)
            if (field[i].id == KAM_EXT_ID) {
                kam_field f = field[i];
                memmove(field + 1, field, i * sizeof *field);
                memmove(*convert + 1, *convert, i);
                field[0] = f;
                (*convert)[0] = KAM__AS_IS;
            }
    set_indexes(t, kind->id);
    return KAM_OK;
}

int32_t kam__tables_new(kam__tables *out, kam_ctx *ctx, const kam__schema *schema, const kam_store *store,
                        kam_error *err)
{
    kam__tables t;
    memset(&t, 0, sizeof t);
    kam__arena_init(&t.arena, ctx, 0);
    uint32_t nkind = 0;
    const kam__kind *builtin = kam__builtin_kinds(&nkind);
    t.table = kam__arena_alloc(&t.arena, nkind * sizeof *t.table);
    t.convert = kam__arena_alloc(&t.arena, nkind * sizeof *t.convert);
    int32_t rc = t.table && t.convert ? KAM_OK : kam__nomem(err);
    for (uint32_t i = 0; i < nkind && rc == KAM_OK; i++) {
        if (builtin[i].cls == KAM__C_COMPUTED) continue;
        const kam__map_table *map = mapping_of(store, builtin[i].id);
        t.text_key[builtin[i].id] = map && map->text_key;
        rc = fill_table(&t.table[t.n], &t.convert[t.n], &t.arena, kam__schema_kind(schema, builtin[i].id), store, err);
        t.of_kind[builtin[i].id] = (uint8_t)++t.n;
    }
    if (rc != KAM_OK) {
        kam__arena_free(&t.arena);
        return rc;
    }
    *out = t;
    return KAM_OK;
}

void kam__tables_free(kam__tables *t)
{
    kam__arena_free(&t->arena);
    memset(t, 0, sizeof *t);
}
