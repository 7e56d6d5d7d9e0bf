/*
 * rule/scorecard_attr.c - what a card reads: the attributes it declares, or fields of an account's ATTRIBUTES.
 *
 * Every name gets a number, by which factors, warnings and expressions speak of it. A declared card knows its types
 * and nothing else; of an account the builtin fields are known, a book's own ones (x_...) only when it is bound.
 */
#include "scorecard_parse.h"

/* ---------------------------------------------------------------- declared */

static int32_t sattr_declare_type(kam__field *f, const char **type, const kam__json *v, kam_error *err)
{
    static const struct { const char *name, *cel; uint8_t type, logic; } of[] = {
        {"bool", "bool", KAM_T_I32, KAM__L_BOOL}, {"int", "int", KAM_T_I64, KAM__L_INT},
        {"double", "double", KAM_T_F64, KAM__L_F64}, {"string", "string", KAM_T_TEXT, KAM__L_TEXT},
        {"date", "timestamp", KAM_T_I32, KAM__L_DAY}};
    int64_t scale = 0;
    for (size_t i = 0; v->type == KAM__J_STRING && i < KAM__LEN(of); i++) {
        if (strcmp(v->text, of[i].name) != 0) continue;
        f->type = of[i].type;
        f->logic = of[i].logic;
        *type = of[i].cel;
        return KAM_OK;
    }
    if (v->type == KAM__J_STRING && v->len > 9 && strncmp(v->text, "decimal(", 8) == 0 && v->text[v->len - 1] == ')' &&
        kam__i64_parse(&scale, v->text + 8, v->len - 9, NULL) == KAM_OK && scale >= 0 && scale <= 18 &&
        v->len == (scale < 10 ? 10u : 11u)) {
        f->type = KAM_T_I64;
        f->logic = KAM__L_DECIMAL;
        f->scale = (uint8_t)scale;
        *type = v->text;                    /* with its decimals, so that expressions of it know theirs */
        return KAM_OK;
    }
    return kam__json_fail(v, KAM_E_POLICY, err,
                          "the type of \"%.60s\" is one of bool, int, double, string, date, decimal(0) to decimal(18)",
                          v->key);
}

static int sattr_name_fits(const kam__json *v)
{
    for (size_t i = 0; i < v->key_len; i++) {
        char c = v->key[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_' && !(i && c >= '0' && c <= '9')) return 0;
    }
    return v->key_len > 0 && v->key_len < 64;
}

static int32_t sattr_declare_one(kam__card *c, kam__field *f, const kam__json *v, kam_error *err)
{
    kam__card_attr *a = &c->attr[c->nattr];
    if (!sattr_name_fits(v))
        return kam__json_fail(v, KAM_E_POLICY, err,
                              "a name of an attribute has 1 to 63 letters, digits and \"_\", no digit first");
    *a = (kam__card_attr){.name = v->key, .field = f, .at = v};
    f->name = f->en = f->zh = v->key;
    KAM__TRY(sattr_declare_type(f, &a->type, v, err));
    c->nattr++;
    return KAM_OK;
}

/* Numbered in the order of their names: a stored document is sorted, and one that is not must mean the same. */
int32_t kam__sdoc_declare(kam__card *c, kam__arena *arena, const kam__json *body, kam_error *err)
{
    const kam__json *list = kam__json_get(body, "attributes"), **sorted = NULL;
    int32_t rc = KAM_OK;
    if (!list) return KAM_OK;
    if (list->type != KAM__J_OBJECT || !list->n)
        return kam__json_fail(list, KAM_E_PARSE, err, "\"attributes\" must be an object of names and types");
    if (list->n > KAM__CARD_ATTRS)
        return kam__json_fail(list, KAM_E_POLICY, err, "a card reads at most %u attributes", KAM__CARD_ATTRS);
    kam__field *f = kam__arena_alloc(arena, list->n * sizeof *f);
    if (!f) return kam__nomem(err);
    memset(f, 0, list->n * sizeof *f);
    c->declared = 1;
    KAM__TRY(kam__json_sorted(&sorted, arena->ctx, list, err));
    for (uint32_t i = 0; i < list->n && rc == KAM_OK; i++) rc = sattr_declare_one(c, &f[i], sorted[i], err);
    kam__free(arena->ctx, sorted);
    return rc;
}

static int32_t sattr_not_declared(const kam__card *c, const kam__json *v, const char *name, kam_error *err)
{
    const char *known[KAM__CARD_ATTRS], *near = NULL;
    char show[72];
    for (uint32_t i = 0; i < c->nattr; i++) known[i] = c->attr[i].name;
    near = kam__text_closest(name, strlen(name), known, c->nattr);
    return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is none of the card's \"attributes\"%s%s%s",
                          kam__json_show(show, name, strlen(name)), near ? "; did you mean \"" : "", near ? near : "",
                          near ? "\"?" : "");
}

static int32_t sattr_attr_unknown(const kam__json *v, const char *name, kam_error *err)
{
    const kam__kind *k = kam__builtin_kind(KAM_KIND_ATTRIBUTES);
    const char *known[128], *near = NULL;
    char show[72];
    uint32_t n = 0;
    for (; n < k->nfield && n < KAM__LEN(known); n++) known[n] = k->field[n].name;
    near = kam__text_closest(name, strlen(name), known, n);
    return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is no attribute of an account%s%s%s",
                          kam__json_show(show, name, strlen(name)), near ? "; did you mean \"" : "", near ? near : "",
                          near ? "\"?" : "; a book's own fields begin with x_");
}

static int32_t sattr_attr(uint32_t *out, kam__card *c, const kam__json *object, kam_error *err)
{
    kam__card_attr a = {.at = kam__json_get(object, "attribute")};
    KAM__TRY(kam__sdoc_text(&a.name, object, "attribute", err));
    for (*out = 0; *out < c->nattr; (*out)++)
        if (kam__text_same(c->attr[*out].name, a.name)) return KAM_OK;
    if (c->declared) return sattr_not_declared(c, a.at, a.name, err);
    if (c->nattr == KAM__CARD_ATTRS)
        return kam__json_fail(a.at, KAM_E_POLICY, err, "a card reads at most %u attributes", KAM__CARD_ATTRS);
    if (strncmp(a.name, "x_", 2) != 0) {
        a.field = kam__kind_field_by_name(kam__builtin_kind(KAM_KIND_ATTRIBUTES), a.name, strlen(a.name));
        if (!a.field) return sattr_attr_unknown(a.at, a.name, err);
    }
    c->attr[c->nattr++] = a;
    return KAM_OK;
}

/* "attribute", or "expr" in its place: *out UINT32_MAX. */
int32_t kam__sdoc_source(uint32_t *out, kam__card_expr *expr, kam__card *c, kam__arena *arena,
                         const kam__json *object, kam_error *err)
{
    const char *text = NULL;
    const kam__json *e = kam__json_get(object, "expr");
    if (!e) return sattr_attr(out, c, object, err);
    if (kam__json_get(object, "attribute"))
        return kam__json_fail(e, KAM_E_PARSE, err,
                              "\"expr\" stands in the place of \"attribute\": take one of them out");
    KAM__TRY(kam__sdoc_text(&text, object, "expr", err));
    *out = UINT32_MAX;
    expr->at = e;
    c->nexpr++;
    return kam__card_expr_names(c, arena, e, err);
}
