/*
 * segment/scheme.c - the words of a scheme: attributes, windows, and values in the units of a book.
 *
 * An attribute is a field of account (custom ones "x_..." too), a fact (tier, lifecycle, owner, class:<dimension>,
 * grade:<scheme>) or one of the figures below; an expression is one, too, and so is each field of ATTRIBUTES it reads:
 * what it was decided by is kept beside what it said. Names are settled when the document is read; values when it is bound:
 * "1000.00" means nothing before the decimals of the base currency are known. Without a book money may have up to 9
 * decimals and custom fields stay open.
 */
#include "segment.h"
#include "../rule/cel.h"

#define SCHEME_FREE_DECIMALS 9u

#define SCHEME_FIGURE(NAME, label, l, decimals, english, chinese, where) \
    [KAM__FIG_##NAME] = {{.type = KAM_T_I64, .logic = KAM__L_##l, .scale = decimals, .name = label, .unit = "", \
                          .en = english, .zh = chinese}, where}
#define SCHEME_LEDGER (KAM__FROM_LEDGER | KAM__FROM_WINDOW)
const kam__figure kam__figures[KAM__FIGURES] = {
    SCHEME_FIGURE(REVENUE, "revenue", MONEY, 0, "Revenue", "收入", SCHEME_LEDGER),
    SCHEME_FIGURE(COST_OF_GOODS, "cost_of_goods", MONEY, 0, "Cost of goods", "销售成本", SCHEME_LEDGER),
    SCHEME_FIGURE(GROSS_PROFIT, "gross_profit", MONEY, 0, "Gross profit", "销售利润", SCHEME_LEDGER),
    SCHEME_FIGURE(CONTRIBUTION, "contribution", MONEY, 0, "Contribution", "利润贡献", SCHEME_LEDGER),
    SCHEME_FIGURE(ADJUSTED, "adjusted", MONEY, 0, "Contribution after risk", "风险调整后贡献",
                  SCHEME_LEDGER | KAM__FROM_ACCOUNT),
    SCHEME_FIGURE(ORDERS, "orders", INT, 0, "Orders", "订单数", SCHEME_LEDGER),
    SCHEME_FIGURE(RECENCY, "recency_days", INT, 0, "Days since the last purchase", "距上次购买天数", SCHEME_LEDGER),
    SCHEME_FIGURE(DIRECT, "direct_revenue", MONEY, 0, "Revenue of end-customer sales", "终端销售额", SCHEME_LEDGER),
    SCHEME_FIGURE(SHARE_OF_SALES, "share_of_sales", POINTS, 4, "Share of all sales", "占总销售额比重", SCHEME_LEDGER),
    SCHEME_FIGURE(SHARE_OF_POTENTIAL, "share_of_potential", POINTS, 4, "Share of the account's potential",
                  "占客户潜力份额", SCHEME_LEDGER | KAM__FROM_ACCOUNT),
    SCHEME_FIGURE(CONTACTS, "contacts", INT, 0, "Contacts held", "已完成联络次数",
                  KAM__FROM_ACTIVITY | KAM__FROM_WINDOW),
    SCHEME_FIGURE(SINCE_CONTACT, "days_since_contact", INT, 0, "Days since the last contact", "距上次联络天数",
                  KAM__FROM_ACTIVITY),
    SCHEME_FIGURE(MONTHS, "cooperation_months", INT, 0, "Months of cooperation", "合作月数", KAM__FROM_ACCOUNT),
};

const char *const kam__cond_ops[8] = {"is", "is_not", "in", "ge", "gt", "le", "lt", "missing"};

/* A fact's text, for class:... and grade:... */
static const kam__field scheme_text_field = {
    .type = KAM_T_TEXT, .logic = KAM__L_TEXT, .name = "text", .unit = "", .en = "", .zh = ""
};

/* ---------------------------------------------------------------- attributes */

static int32_t scheme_unknown(const kam__json *v, const char *name, kam_error *err)
{
    const kam__kind *k = kam__builtin_kind(KAM_KIND_ACCOUNT);
    const char *known[160], *near = NULL;
    char show[72];
    size_t n = 0;
    for (uint32_t i = 0; i < k->nfield; i++)
        if (!(k->field[i].flags & KAM__F_COMMON) && n < 120) known[n++] = k->field[i].name;
    for (uint32_t i = 0; i < KAM__FIGURES; i++) known[n++] = kam__figures[i].field.name;
    near = kam__text_closest(name, strlen(name), known, n);
    return kam__json_fail(v, KAM_E_POLICY, err,
                          "\"%s\" is no field of account, no fact (tier, lifecycle, class:..., grade:...) and no "
                          "figure%s%s%s",
                          kam__json_show(show, name, strlen(name)), near ? "; did you mean \"" : "", near ? near : "",
                          near ? "\"?" : "");
}

static int scheme_keyed(kam__scheme_attr *a, const char *prefix, uint8_t source)
{
    size_t len = strlen(prefix);
    if (strncmp(a->name, prefix, len) != 0 || !a->name[len]) return 0;
    a->source = source;
    a->key = a->name + len;
    a->field = &scheme_text_field;
    return 1;
}

/* Fills source, key and field by the name; 0 = no such thing. */
static int scheme_resolve(kam__scheme_attr *a)
{
    if (scheme_keyed(a, "class:", KAM__ATTR_CLASS) || scheme_keyed(a, "grade:", KAM__ATTR_GRADE)) return 1;
    for (uint8_t i = 0; i < KAM__FIGURES; i++)
        if (kam__text_same(a->name, kam__figures[i].field.name)) {
            a->source = KAM__ATTR_FIGURE;
            a->figure = i;
            a->field = &kam__figures[i].field;
            return 1;
        }
    if (strncmp(a->name, "x_", 2) == 0) {
        a->source = KAM__ATTR_CUSTOM;
        return 1;
    }
    const kam__field *f = kam__kind_field_by_name(kam__builtin_kind(KAM_KIND_ACCOUNT), a->name, strlen(a->name));
    if (!f || (f->flags & KAM__F_COMMON)) return 0;
    a->source = f->flags & KAM__F_VIRTUAL ? KAM__ATTR_FACT : KAM__ATTR_FIELD;
    a->field = f;
    return 1;
}

static int32_t scheme_add(uint8_t *out, kam__scheme *s, kam__arena *arena, const kam__json *v,
                          const kam__scheme_attr *a, kam_error *err)
{
    if (s->nattr == KAM__SCHEME_ATTRS)
        return kam__json_fail(v, KAM_E_POLICY, err, "a scheme speaks of at most %u fields and figures",
                              KAM__SCHEME_ATTRS);
    char *copy = kam__arena_text(arena, a->name, KAM_NUL);
    if (!copy) return kam__nomem(err);
    s->attr[s->nattr] = *a;
    s->attr[s->nattr].name = copy;
    if (a->key) s->attr[s->nattr].key = copy + (a->key - a->name);
    *out = (uint8_t)s->nattr++;
    return KAM_OK;
}

int32_t kam__scheme_attr_of(uint8_t *out, kam__scheme *s, kam__arena *arena, const kam__json *v, const char *name,
                            kam_error *err)
{
    kam__scheme_attr a = {.name = name};
    for (uint32_t i = 0; i < s->nattr; i++)
        if (s->attr[i].source < KAM__ATTR_INPUT && kam__text_same(s->attr[i].name, name)) {
            *out = (uint8_t)i;
            return KAM_OK;
        }
    if (!scheme_resolve(&a)) return scheme_unknown(v, name, err);
    return scheme_add(out, s, arena, v, &a, err);
}

/* ---------------------------------------------------------------- expressions */

static const kam__field scheme_expr_field = {
    .type = KAM_T_I32, .logic = KAM__L_BOOL, .name = "expression", .unit = "", .en = "", .zh = ""
};

static int32_t scheme_expr_read(uint8_t *out, kam__scheme *s, kam__arena *arena, const kam__json *v, const char *name,
                                kam_error *err)
{
    kam__scheme_attr a = {.source = KAM__ATTR_INPUT, .name = name};
    for (uint32_t i = 0; i < s->nattr; i++)
        if (s->attr[i].source == KAM__ATTR_INPUT && kam__text_same(s->attr[i].name, name)) {
            *out = (uint8_t)i;
            return KAM_OK;
        }
    a.field = kam__kind_field_by_name(kam__builtin_kind(KAM_KIND_ATTRIBUTES), name, strlen(name));
    return scheme_add(out, s, arena, v, &a, err);
}

int32_t kam__scheme_expr_of(uint8_t *out, kam__scheme *s, kam__arena *arena, const kam__json *cel, const char *path,
                            kam_error *err)
{
    kam__scheme_attr a = {.source = KAM__ATTR_EXPR, .name = path, .field = &scheme_expr_field};
    kam_rule *rule = NULL;
    const char *name = NULL;
    if (s->nexpr == KAM__SCHEME_EXPRS)
        return kam__json_fail(cel, KAM_E_POLICY, err, "a scheme has at most %u expressions", KAM__SCHEME_EXPRS);
    kam__scheme_expr *e = &s->expr[s->nexpr];
    KAM__TRY(kam__cel_condition(&rule, arena->ctx, cel, s->optional, path, 0, err));
    int32_t rc = scheme_add(out, s, arena, cel, &a, err);
    for (uint32_t i = 0; rc == KAM_OK && (name = kam_rule_reads(rule, i)) != NULL; i++)
        rc = scheme_expr_read(&e->read[e->nread++], s, arena, cel, name, err);
    kam_rule_free(rule);
    if (rc != KAM_OK) return rc;
    e->cel = cel;
    e->attr = *out;
    e->path = s->attr[*out].name;
    s->nexpr++;
    return KAM_OK;
}

const kam__scheme_expr *kam__scheme_expr_at(const kam__scheme *s, uint32_t attr)
{
    for (uint32_t i = 0; i < s->nexpr; i++)
        if (s->expr[i].attr == attr) return &s->expr[i];
    return NULL;
}

int kam__scheme_grade_of(const kam__scheme *s, const char *grade)
{
    for (uint32_t i = 0; i < s->ngrade; i++)
        if (kam__text_same(s->grade[i], grade)) return (int)i;
    return KAM__NOT_APPLICABLE;
}

void kam__scheme_window(const kam__scheme *s, int32_t as_of, int32_t *from, int32_t *to)
{
    *to = as_of < KAM_DAY_END - 1 ? as_of + 1 : KAM_DAY_END;
    *from = KAM_DAY_FIRST;
    if (s->window == KAM__WINDOW_MONTHS) *from = kam__add_months(*to, -s->span);
    if (s->window == KAM__WINDOW_DAYS) *from = *to - s->span;
}

uint32_t kam__scheme_needs(const kam__scheme *s)
{
    uint32_t needs = 0;
    for (uint32_t i = 0; i < s->nattr; i++)
        if (s->attr[i].source == KAM__ATTR_FIGURE) needs |= kam__figures[s->attr[i].figure].from;
    return needs;
}

int kam__scheme_uses(const kam__scheme *s, uint32_t figure)
{
    for (uint32_t i = 0; i < s->nattr; i++)
        if (s->attr[i].source == KAM__ATTR_FIGURE && s->attr[i].figure == figure) return 1;
    return 0;
}

/* ---------------------------------------------------------------- binding */

static int scheme_is_text(const kam__field *f) { return f->type == KAM_T_TEXT; }

/* Can it be compared by size? Amounts, counts and days can; names, lists and references cannot. */
static int scheme_is_ordered(const kam__field *f)
{
    return f->logic == KAM__L_INT || f->logic == KAM__L_MONEY || f->logic == KAM__L_DECIMAL ||
           f->logic == KAM__L_POINTS || f->logic == KAM__L_DAY || f->logic == KAM__L_DEG6 ||
           f->logic == KAM__L_INSTANT || f->logic == KAM__L_LOCAL;
}

static int scheme_is_measure(const kam__field *f)
{
    return f->logic == KAM__L_INT || f->logic == KAM__L_MONEY || f->logic == KAM__L_DECIMAL ||
           f->logic == KAM__L_POINTS;
}

/* The text of a JSON value as a field takes it; NULL = not that kind of value. */
static const char *scheme_value_text(const kam__json *v, const kam__field *f, size_t *len)
{
    *len = v->len;
    if (v->type == KAM__J_STRING && !memchr(v->text, 0, v->len)) return v->text;
    if (v->type == KAM__J_NUMBER && !scheme_is_text(f)) return v->text;
    if (f->logic != KAM__L_BOOL || (v->type != KAM__J_TRUE && v->type != KAM__J_FALSE)) return NULL;
    *len = v->type == KAM__J_TRUE ? 4 : 5;
    return v->type == KAM__J_TRUE ? "true" : "false";
}

static int32_t scheme_bind_number(int64_t *out, const kam__json *v, const char *name, const kam__field *f,
                                  uint32_t decimals, kam_error *err)
{
    char show[72], names[200];
    double unused = 0;
    size_t len = 0;
    const char *text = scheme_value_text(v, f, &len);
    if (text && kam__value_parse(out, &unused, f, decimals, text, len, NULL) == KAM_OK) return KAM_OK;
    if (f->logic == KAM__L_ENUM)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is no value of %s: write %s",
                              text ? kam__json_show(show, text, len) : "?", name,
                              kam__enum_names(names, sizeof names, f->set, ", "));
    if (f->logic == KAM__L_MONEY)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is no amount with at most %u decimals, which %s needs",
                              text ? kam__json_show(show, text, len) : "?", decimals, name);
    return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" is no value of %s (%s with at most %u decimals)",
                          text ? kam__json_show(show, text, len) : "?", name,
                          f->logic == KAM__L_DAY ? "a day" : "a number", f->scale);
}

static int32_t scheme_bind_text(const char **out, const kam__json *v, const char *name, const kam__field *f,
                                kam_error *err)
{
    size_t len = 0;
    const char *text = scheme_value_text(v, f, &len);
    if (!text || !len)
        return kam__json_fail(v, KAM_E_POLICY, err, "%s is compared with texts: write one in quotes", name);
    const kam__enum_item *item = f->set ? kam__enum_match(f->set, text, len) : NULL;
    *out = item ? item->name : text;
    return KAM_OK;
}

static int32_t scheme_bind_cond(kam__bound *b, kam__arena *arena, uint32_t c, kam_error *err)
{
    const kam__scheme_cond *cond = &b->scheme->cond[c];
    const kam__field *f = b->field[cond->attr];
    const char *name = b->scheme->attr[cond->attr].name;
    kam__bound_cond *out = &b->cond[c];
    if (!f || cond->op >= KAM__MISSING) return KAM_OK;
    if (f->logic == KAM__L_F64)
        return kam__json_fail(cond->value, KAM_E_POLICY, err,
                              "%s is a floating-point number: grades are decided by exact ones such as DECIMAL", name);
    if (cond->op >= KAM__GE && !scheme_is_ordered(f))
        return kam__json_fail(cond->value, KAM_E_POLICY, err, "%s cannot be compared by size: use is, is_not or in",
                              name);
    int64_t *num = kam__arena_alloc(arena, cond->n * sizeof *num);
    const char **text = kam__arena_alloc(arena, cond->n * sizeof *text);
    if (!num || !text) return kam__nomem(err);
    const kam__json *v = cond->value;
    for (uint32_t i = 0; i < cond->n; i++, v = v->next) {
        if (scheme_is_text(f)) KAM__TRY(scheme_bind_text(&text[i], v, name, f, err));
        else KAM__TRY(scheme_bind_number(&num[i], v, name, f, b->decimals, err));
    }
    *out = (kam__bound_cond){cond->n, num, text};
    return KAM_OK;
}

static int32_t scheme_bind_field(kam__bound *b, uint32_t i, const kam__schema *schema, kam_error *err)
{
    const kam__scheme_attr *a = &b->scheme->attr[i];
    b->field[i] = a->field;
    if (schema && !a->field) {
        uint32_t kind = a->source == KAM__ATTR_INPUT ? KAM_KIND_ATTRIBUTES : KAM_KIND_ACCOUNT;
        b->field[i] = kam__kind_field_by_name(kam__schema_kind(schema, kind), a->name, strlen(a->name));
    }
    if (a->source == KAM__ATTR_INPUT && b->field[i] && b->field[i]->logic == KAM__L_F64)
        return kam__fail(err, KAM_E_POLICY, "%s is a floating-point number: grades are decided by exact ones", a->name);
    if (b->field[i] || !schema) return KAM_OK;
    return kam__fail(err, KAM_E_POLICY,
                     "scheme \"%s\" needs the custom field %s of account, which this book does not have",
                     b->scheme->name, a->name);
}

static int32_t scheme_bind_measures(kam__bound *b, kam_error *err)
{
    const kam__scheme *s = b->scheme;
    for (uint32_t i = 0; i < s->nmeasure; i++) {
        const kam__field *f = b->field[s->measure[i]];
        if (f && !scheme_is_measure(f))
            return kam__fail(err, KAM_E_POLICY, "scheme \"%s\": %s is not an exact number and cannot be the measure",
                             s->name, s->attr[s->measure[i]].name);
    }
    if (s->rule != KAM__RULE_THRESHOLDS || !b->field[s->measure[0]]) return KAM_OK;
    const kam__field *f = b->field[s->measure[0]];
    for (uint32_t i = 0; i + 1 < s->ngrade; i++) {
        KAM__TRY(
            scheme_bind_number(&b->threshold[i], s->threshold[i], s->attr[s->measure[0]].name, f, b->decimals, err));
        if (i && b->threshold[i] >= b->threshold[i - 1])
            return kam__json_fail(s->threshold[i], KAM_E_POLICY, err, "thresholds go down, the best grade's first");
    }
    return KAM_OK;
}

int32_t kam__scheme_bind(kam__bound *out, kam__arena *arena, const kam__scheme *s, const kam__schema *schema,
                         uint32_t decimals, kam_error *err)
{
    memset(out, 0, sizeof *out);
    out->scheme = s;
    out->decimals = schema ? decimals : SCHEME_FREE_DECIMALS;
    for (uint32_t i = 0; i < s->nattr; i++) KAM__TRY(scheme_bind_field(out, i, schema, err));
    for (uint32_t c = 0; c < s->ncond; c++) KAM__TRY(scheme_bind_cond(out, arena, c, err));
    return scheme_bind_measures(out, err);
}
