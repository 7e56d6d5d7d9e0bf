/*
 * rule/cel_attr.c - expressions inside documents, over the ATTRIBUTES of an account.
 *
 * Segments, grade schemes and cadences write the same language over the same names: every field of ATTRIBUTES, amounts
 * as exact decimals, days as timestamps, enums by their names. A book's own fields (x_...) are of type dyn, known by
 * their x_ alone, so that one document serves any book. An attribute that may be missing stands in the document's list
 * "optional" and is optional(T). What is wrong is told with the path in the document and the place in the expression;
 * line, column and offset of the error are those in the document, where the expression has no escapes but \" \\ and \n.
 */
#include "../model/model.h"
#include "cel.h"

typedef struct cel_attr_env { const char **name, **type; uint32_t n; } cel_attr_env;

static const char *cel_attr_type(const kam__field *f, int optional) {
    static const char *const types[][2] = {{"bool", "optional(bool)"}, {"int", "optional(int)"},
        {"timestamp", "optional(timestamp)"}, {"decimal", "optional(decimal)"}, {"double", "optional(double)"},
        {"string", "optional(string)"}};
    int t = 5;
    switch (f->logic) {
    case KAM__L_BOOL: t = 0; break;
    case KAM__L_INT: case KAM__L_REF: case KAM__L_ID: case KAM__L_DEG6: t = 1; break;
    case KAM__L_DAY: case KAM__L_INSTANT: t = 2; break;
    case KAM__L_MONEY: case KAM__L_DECIMAL: case KAM__L_POINTS: t = 3; break;
    case KAM__L_F64: t = 4; break;
    default: break;
    }
    return types[t][optional];
}

static int cel_attr_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static int cel_attr_has(const cel_attr_env *e, const char *name, size_t len) {
    for (uint32_t i = 0; i < e->n; i++)
        if (strlen(e->name[i]) == len && memcmp(e->name[i], name, len) == 0) return 1;
    return 0;
}

static int cel_attr_optional(const kam__json *optional, const char *name, size_t len) {
    for (const kam__json *o = optional ? optional->child : NULL; o; o = o->next)
        if (o->type == KAM__J_STRING && o->len == len && memcmp(o->text, name, len) == 0) return 1;
    return 0;
}

/* Each word of the expression with x_ in front, once. */
static int32_t cel_attr_own(cel_attr_env *e, kam__arena *arena, const kam__json *cel, const kam__json *optional,
                            kam_error *err) {
    const char *s = cel->text;
    for (size_t i = 0; i + 2 < cel->len; i++) {
        if (s[i] != 'x' || s[i + 1] != '_' || (i && cel_attr_word(s[i - 1]))) continue;
        size_t n = 2;
        while (i + n < cel->len && cel_attr_word(s[i + n])) n++;
        if (cel_attr_has(e, s + i, n)) continue;
        e->name[e->n] = kam__arena_text(arena, s + i, n);
        e->type[e->n] = cel_attr_optional(optional, s + i, n) ? "optional(dyn)" : "dyn";
        if (!e->name[e->n++]) return kam__nomem(err);
    }
    return KAM_OK;
}

static int32_t cel_attr_build(cel_attr_env *e, kam__arena *arena, const kam__json *cel, const kam__json *optional,
                              kam_error *err) {
    const kam__kind *k = kam__builtin_kind(KAM_KIND_ATTRIBUTES);
    size_t room = k->nfield + cel->len / 3 + 1;
    e->name = kam__arena_alloc(arena, room * sizeof *e->name);
    e->type = kam__arena_alloc(arena, room * sizeof *e->type);
    if (!e->name || !e->type) return kam__nomem(err);
    for (e->n = 0; e->n < k->nfield; e->n++) {
        const char *name = k->field[e->n].name;
        e->name[e->n] = name;
        e->type[e->n] = cel_attr_type(&k->field[e->n], cel_attr_optional(optional, name, strlen(name)));
    }
    return cel_attr_own(e, arena, cel, optional, err);
}

int32_t kam__cel_attr_optional(const kam__json *optional, kam_error *err) {
    const kam__kind *k = kam__builtin_kind(KAM_KIND_ATTRIBUTES);
    if (!optional) return KAM_OK;
    if (optional->type != KAM__J_ARRAY)
        return kam__json_fail(optional, KAM_E_PARSE, err, "\"optional\" must be an array of names");
    for (const kam__json *o = optional->child; o; o = o->next) {
        if (o->type == KAM__J_STRING && ((o->len > 2 && memcmp(o->text, "x_", 2) == 0) ||
                                         kam__kind_field_by_name(k, o->text, o->len))) continue;
        return kam__json_fail(o, KAM_E_POLICY, err, "\"optional\" names attributes of an account");
    }
    return KAM_OK;
}

/* The place in the expression becomes the place in the document. */
static int32_t cel_attr_place(const kam__json *cel, const char *path, int32_t code, kam_error *err) {
    int64_t pos = kam_error_detail(err, KAM_ERR_OFFSET), ahead = 1;
    if (code == KAM_E_NOMEM) return code;
    kam__err_prefix(err, "%s: ", path);
    if (pos < 0 || pos > (int64_t)cel->len) pos = 0;
    for (int64_t i = 0; i < pos; i++) {
        char c = cel->text[i];
        ahead += c == '"' || c == '\\' || (c >= 0 && c < ' ') ? 2 : 1;
    }
    kam__err_set(err, KAM_ERR_LINE, cel->line);
    kam__err_set(err, KAM_ERR_COLUMN, (int64_t)cel->column + ahead);
    kam__err_set(err, KAM_ERR_OFFSET, (int64_t)cel->offset + ahead);
    return code;
}

static int32_t cel_attr_compile(kam_rule **out, kam_ctx *ctx, kam__arena *arena, const kam__json *cel,
                                const kam__json *optional, const char *path, uint32_t flags, kam_error *err) {
    cel_attr_env e = {NULL, NULL, 0};
    const kam_rule_options o = {.struct_size = sizeof o, .flags = flags};
    KAM__TRY(kam__cel_attr_optional(optional, err));
    KAM__TRY(cel_attr_build(&e, arena, cel, optional, err));
    const kam__cel_env env = {e.name, e.type, e.n};
    int32_t rc = kam__cel_compile(out, ctx, &env, &o, cel->text, cel->len, err);
    return rc == KAM_OK ? rc : cel_attr_place(cel, path, rc, err);
}

int32_t kam__cel_attr(kam_rule **out, kam_ctx *ctx, const kam__json *cel, const kam__json *optional, const char *path,
                      uint32_t flags, kam_error *err) {
    kam__arena arena;
    kam__arena_init(&arena, ctx, 0);
    int32_t rc = cel_attr_compile(out, ctx, &arena, cel, optional, path, flags, err);
    kam__arena_free(&arena);
    return rc;
}

int32_t kam__cel_condition(kam_rule **out, kam_ctx *ctx, const kam__json *cel, const kam__json *optional,
                           const char *path, uint32_t flags, kam_error *err) {
    KAM__TRY(kam__cel_attr(out, ctx, cel, optional, path, flags, err));
    if (kam__text_same(kam_rule_type(*out), "bool") || kam__text_same(kam_rule_type(*out), "dyn")) return KAM_OK;
    int32_t rc = kam__json_fail(cel, KAM_E_POLICY, err, "%s: a condition is true or false, this is a %.40s", path,
                                kam_rule_type(*out));
    kam_rule_free(*out);
    *out = NULL;
    return rc;
}

int32_t kam__cel_ask(int *out, const kam_rule *rule, kam_work *work, const kam_record *attributes, kam_error *err) {
    int32_t rc = kam_rule_eval(NULL, rule, work, attributes, err);
    *out = KAM__CEL_UNKNOWN;
    if (rc == KAM_E_POLICY) return KAM_OK;
    if (rc == KAM_OK) *out = kam_work_i64(work, 0) != 0 ? KAM__CEL_YES : KAM__CEL_NO;
    return rc;
}
