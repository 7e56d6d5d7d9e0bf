/*
 * model/schema_build.c - the schema of one book: the built-in kinds, its custom fields, its currencies.
 *
 * A schema is made whole, then frozen and counted, so any thread may read it. Kinds without custom fields are the
 * static ones; the others are copies with the custom fields behind the built-in ones, so built-in positions never
 * move. All of it lies in one arena.
 */
#include "model.h"

struct kam__schema {
    kam__ref ref;
    kam_ctx *ctx;                           /* held */
    kam__arena arena;
    const kam__kind **kind;                 /* in the order of kam__builtin_kinds */
    const kam__currency *currency;
    size_t ncurrency;
    const char *base, *lang;
};

/* ---------------------------------------------------------------- custom fields */

static int32_t build_bad(const kam__custom *c, kam_error *err, const char *why) {
    kam__fail(err, KAM_E_SCHEMA, "custom field \"%s\" (%u): %s", c->field.name ? c->field.name : "",
              (unsigned)c->field.id, why);
    kam__err_set(err, KAM_ERR_KIND, c->kind);
    kam__err_set(err, KAM_ERR_FIELD, c->field.id);
    return KAM_E_SCHEMA;
}

static int32_t build_check(const kam__custom *c, kam_error *err) {
    const kam__field *f = &c->field;
    if (!kam__builtin_kind(c->kind)) return build_bad(c, err, "there is no such kind");
    if (!f->name || f->name[0] != 'x' || f->name[1] != '_' || !f->name[2])
        return build_bad(c, err, "its name must begin with x_");
    if (f->id < 65536) return build_bad(c, err, "ids of custom fields start at 65536");
    if (f->logic < KAM__L_TEXT || f->logic > KAM__L_ID)
        return build_bad(c, err, "unknown type; see the values of field.type");
    if (f->logic == KAM__L_ENUM && (!f->set || !f->set->n)) return build_bad(c, err, "a list needs values");
    if (f->logic == KAM__L_REF && !kam__builtin_kind(f->ref)) return build_bad(c, err, "it refers to no kind");
    if (f->scale > 18) return build_bad(c, err, "at most 18 decimals");
    return KAM_OK;
}

static const char *build_text(kam__arena *a, const char *text) {
    return kam__arena_text(a, text ? text : "", KAM_NUL);
}

/* A copy of a set of values; labels that are missing are the names. */
static const kam__enum_set *build_set(kam__arena *a, const kam__enum_set *from) {
    kam__enum_set *set = kam__arena_alloc(a, sizeof *set);
    kam__enum_item *item = kam__arena_alloc(a, from->n * sizeof *item);
    if (!set || !item) return NULL;
    *set = (kam__enum_set){build_text(a, from->name), item, from->n};
    if (!set->name) return NULL;
    for (uint32_t i = 0; i < from->n; i++) {
        const kam__enum_item *f = from->item + i;
        item[i] = (kam__enum_item){build_text(a, f->name), f->value, build_text(a, f->en ? f->en : f->name),
                                   build_text(a, f->zh ? f->zh : f->name)};
        if (!item[i].name || !item[i].en || !item[i].zh) return NULL;
    }
    return set;
}

/* 0 = out of memory */
static int build_field(kam__arena *a, kam__field *to, const kam__field *from, uint32_t cls) {
    *to = *from;
    to->type = (uint8_t)kam__logic_type(from->logic);
    to->flags |=
        KAM__F_CUSTOM | (cls == KAM_C_ENTITY && !(from->flags & KAM__F_VIRTUAL) ? (uint32_t)KAM_F_TRACKED : 0u);
    to->name = build_text(a, from->name);
    to->unit = build_text(a, from->unit);
    to->en = build_text(a, from->en ? from->en : from->name);
    to->zh = build_text(a, from->zh ? from->zh : from->name);
    if (from->set && !(to->set = build_set(a, from->set))) return 0;
    return to->name && to->unit && to->en && to->zh;
}

/* Names and ids of custom fields stand once; `have` fields are there already. */
static int32_t build_taken(const kam__kind *kind, const kam__custom *c, kam_error *err) {
    for (uint32_t i = 0; i < kind->nfield; i++) {
        if (kind->field[i].id == c->field.id) return build_bad(c, err, "its id is taken");
        if (strcmp(kind->field[i].name, c->field.name) == 0) return build_bad(c, err, "its name is taken");
    }
    return KAM_OK;
}

/* What is computed of an account shows the account's custom fields, too. */
static int build_shown(uint32_t kind, uint32_t custom_of) {
    return custom_of == kind || (kind == KAM_KIND_ATTRIBUTES && custom_of == KAM_KIND_ACCOUNT);
}

/* The kind with its custom fields, or the built-in kind itself when it has none. */
static int32_t build_kind(kam__schema *s, const kam__kind **slot, const kam__schema_parts *p, kam_error *err) {
    const kam__kind *base = *slot;
    size_t n = 0;
    for (size_t i = 0; i < p->ncustom; i++) n += (size_t)build_shown(base->id, p->custom[i].kind);
    if (!n) return KAM_OK;
    kam__kind *kind = kam__arena_alloc(&s->arena, sizeof *kind);
    kam__field *field = kam__arena_alloc(&s->arena, (base->nfield + n) * sizeof *field);
    if (!kind || !field) return kam__nomem(err);
    *kind = *base;
    memcpy(field, base->field, base->nfield * sizeof *field);
    kind->field = field;
    for (size_t i = 0; i < p->ncustom; i++) {
        if (!build_shown(base->id, p->custom[i].kind)) continue;
        KAM__TRY(build_taken(kind, p->custom + i, err));
        if (!build_field(&s->arena, field + kind->nfield, &p->custom[i].field, base->cls)) return kam__nomem(err);
        kind->nfield++;
    }
    *slot = kind;
    return KAM_OK;
}

/* A custom id names one field in the whole book, not only in its kind. */
static int32_t build_unique_ids(const kam__schema_parts *p, kam_ctx *ctx, kam_error *err) {
    kam__imap seen;
    uint32_t other;
    int32_t rc = KAM_OK;
    kam__imap_init(&seen, ctx);
    for (size_t i = 0; i < p->ncustom && rc == KAM_OK; i++) {
        rc = build_check(p->custom + i, err);
        if (rc == KAM_OK && kam__imap_get(&seen, p->custom[i].field.id, &other))
            rc = build_bad(p->custom + i, err, "its id is taken");
        if (rc == KAM_OK) rc = kam__imap_put(&seen, p->custom[i].field.id, (uint32_t)i, err);
    }
    kam__imap_free(&seen);
    return rc;
}

/* ---------------------------------------------------------------- currencies */

static int32_t build_currencies(kam__schema *s, const kam__schema_parts *p, kam_error *err) {
    kam__currency *own = kam__arena_alloc(&s->arena, p->ncurrency * sizeof *own);
    if (!own) return kam__nomem(err);
    for (size_t i = 0; i < p->ncurrency; i++) {
        own[i] = p->currency[i];
        own[i].code[3] = '\0';
        if (own[i].decimals < 0 || own[i].decimals > 18)
            return kam__fail(err, KAM_E_SCHEMA, "currency %s: %d decimals; must be 0 to 18", own[i].code,
                             (int)own[i].decimals);
    }
    s->currency = own;
    s->ncurrency = p->ncurrency;
    return KAM_OK;
}

int32_t kam__schema_decimals(const kam__schema *s, const char *currency) {
    if (!currency || !*currency) currency = s->base;
    if (!*currency) return -1;
    for (size_t i = 0; i < s->ncurrency; i++)
        if (strcmp(s->currency[i].code, currency) == 0) return s->currency[i].decimals;
    return kam__currency_decimals(currency);
}

/* ---------------------------------------------------------------- life */

static int32_t build_all(kam__schema *s, const kam__schema_parts *p, kam_error *err) {
    uint32_t n;
    const kam__kind *builtin = kam__builtin_kinds(&n);
    KAM__TRY(build_unique_ids(p, s->ctx, err));
    KAM__TRY(build_currencies(s, p, err));
    s->base = build_text(&s->arena, p->base_currency);
    s->lang = kam__arena_text(&s->arena, p->lang && *p->lang ? p->lang : "en", KAM_NUL);
    s->kind = kam__arena_alloc(&s->arena, n * sizeof *s->kind);
    if (!s->base || !s->lang || !s->kind) return kam__nomem(err);
    if (*s->base && kam__schema_decimals(s, s->base) < 0)
        return kam__fail(err, KAM_E_SCHEMA, "base currency \"%s\" is no ISO 4217 code", s->base);
    for (uint32_t i = 0; i < n; i++) {
        s->kind[i] = builtin + i;
        KAM__TRY(build_kind(s, s->kind + i, p, err));
    }
    return KAM_OK;
}

int32_t kam__schema_new(kam__schema **out, kam_ctx *ctx, const kam__schema_parts *parts, kam_error *err) {
    static const kam__schema_parts none;
    kam__schema *s = kam__zalloc(ctx, sizeof *s);
    if (!s) return kam__nomem(err);
    kam__ref_init(&s->ref);
    s->ctx = kam__ctx_hold(ctx);
    kam__arena_init(&s->arena, ctx, 1024);
    int32_t rc = build_all(s, parts ? parts : &none, err);
    if (rc == KAM_OK) *out = s;
    else kam__schema_drop(s);
    return rc;
}

kam__schema *kam__schema_hold(kam__schema *s) {
    kam__ref_hold(&s->ref);
    return s;
}

void kam__schema_drop(kam__schema *s) {
    if (!s || !kam__ref_drop(&s->ref)) return;
    kam_ctx *ctx = s->ctx;
    kam__arena_free(&s->arena);
    kam__free(ctx, s);
    kam_ctx_free(ctx);
}

/* ---------------------------------------------------------------- reading */

kam_ctx *kam__schema_ctx(const kam__schema *s) {
    return s->ctx;
}

const kam__kind *kam__schema_kind(const kam__schema *s, uint32_t kind) {
    uint32_t n;
    const kam__kind *first = kam__builtin_kinds(&n), *k = kam__builtin_kind(kind);
    return k ? s->kind[k - first] : NULL;
}

const char *kam__schema_base_currency(const kam__schema *s) {
    return s->base;
}

const char *kam__schema_lang(const kam__schema *s) {
    return s->lang;
}
