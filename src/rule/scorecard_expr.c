/*
 * rule/scorecard_expr.c - factors and warnings of a card that are expressions in CEL.
 *
 * An expression is compiled once, when the card is read, against the attributes of the card: those it declares, or the
 * fields of ATTRIBUTES (a book's own fields, x_..., have a type only in a book and are dyn). Its result is a value like
 * any other: whole numbers and decimals are compared with the limits exactly, a double with the double nearest to the
 * limit. Where an attribute it needs has no value the factor is missing; any other failure is an error that names the
 * factor and the place in the expression. A kam__card_work evaluates for one thread.
 */
#include "rule.h"

#define SCEX_ENV 256u   /* names an expression may be told of in a "did you mean" */

/* ---------------------------------------------------------------- names */

/* Behind a string that starts at s (raw: no escapes), or the end. */
static const char *scex_skip_string(const char *s, const char *end, int raw)
{
    char quote = *s;
    int three = end - s >= 3 && s[1] == quote && s[2] == quote;
    for (s += three ? 3 : 1; s < end; s++) {
        if (*s == '\\' && !raw && s + 1 < end) s++;
        else if (*s == quote && (!three || (end - s >= 3 && s[1] == quote && s[2] == quote)))
            return s + (three ? 3 : 1);
    }
    return end;
}

static int scex_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static int scex_name_char(char c) { return scex_letter(c) || (c >= '0' && c <= '9'); }

static const char *scex_type(const kam__field *f)
{
    switch (f->logic) {
    case KAM__L_BOOL: return "bool";
    case KAM__L_INT: case KAM__L_REF: case KAM__L_ID: case KAM__L_DEG6: return "int";
    case KAM__L_DAY: case KAM__L_INSTANT: return "timestamp";
    case KAM__L_MONEY: case KAM__L_DECIMAL: case KAM__L_POINTS: return "decimal";
    case KAM__L_F64: return "double";
    default: return "string";
    }
}

static int32_t scex_use(kam__card *c, kam__arena *arena, const kam__json *at, const char *name, size_t len,
                        kam_error *err)
{
    kam__card_attr a = {.at = at, .type = "dyn"};
    for (uint32_t i = 0; i < c->nattr; i++)
        if (strlen(c->attr[i].name) == len && memcmp(c->attr[i].name, name, len) == 0) {
            if (!c->attr[i].type) c->attr[i].type = c->attr[i].field ? scex_type(c->attr[i].field) : "dyn";
            return KAM_OK;
        }
    a.field = kam__kind_field_by_name(kam__builtin_kind(KAM_KIND_ATTRIBUTES), name, len);
    if (!a.field && (len < 3 || strncmp(name, "x_", 2) != 0)) return KAM_OK;
    if (c->nattr == KAM__CARD_ATTRS)
        return kam__json_fail(at, KAM_E_POLICY, err, "a card reads at most %u attributes", KAM__CARD_ATTRS);
    if (a.field) a.type = scex_type(a.field);
    a.name = a.field ? a.field->name : kam__arena_text(arena, name, len);
    if (!a.name) return kam__nomem(err);
    c->attr[c->nattr++] = a;
    return KAM_OK;
}

int32_t kam__card_expr_names(kam__card *c, kam__arena *arena, const kam__json *expr, kam_error *err)
{
    const char *s = expr->text, *end = s + expr->len;
    char before = 0;
    if (c->declared) return KAM_OK;
    while (s < end) {
        const char *from = s;
        if (*s == '"' || *s == '\'') s = scex_skip_string(s, end, 0);
        else if (*s == '/' && s + 1 < end && s[1] == '/') while (s < end && *s != '\n') s++;
        else if (scex_letter(*s)) {
            while (s < end && scex_name_char(*s)) s++;
            size_t n = (size_t)(s - from);
            if (s < end && (*s == '"' || *s == '\''))
                s = scex_skip_string(s, end, memchr(from, 'r', n) || memchr(from, 'R', n));
            else if (before != '.') KAM__TRY(scex_use(c, arena, expr, from, (size_t)(s - from), err));
        } else if (*s >= '0' && *s <= '9') while (s < end && scex_name_char(*s)) s++;
        else s++;
        if (s[-1] != ' ' && s[-1] != '\n' && s[-1] != '\t') before = s[-1];
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- compiling */

/* All fields of ATTRIBUTES behind the card's: only for what a message suggests. */
static uint32_t scex_more(const kam__card *c, const char *name[SCEX_ENV], const char *type[SCEX_ENV], uint32_t n)
{
    const kam__kind *k = kam__builtin_kind(KAM_KIND_ATTRIBUTES);
    for (uint32_t i = 0; i < k->nfield && n < SCEX_ENV && !c->declared; i++) {
        uint32_t j = 0;
        while (j < c->nattr && !kam__text_same(c->attr[j].name, k->field[i].name)) j++;
        if (j < c->nattr) continue;
        name[n] = k->field[i].name;
        type[n++] = scex_type(&k->field[i]);
    }
    return n;
}

static int32_t scex_build(kam__card_expr *e, const kam__card *c, kam_ctx *ctx, kam_error *err)
{
    const char *name[SCEX_ENV], *type[SCEX_ENV];
    kam__cel_env env = {name, type, c->nattr};
    const kam_rule_options o = {.struct_size = sizeof o, .flags = KAM__CEL_OWN_SCALE};
    for (uint32_t i = 0; i < c->nattr; i++) {
        name[i] = c->attr[i].name;
        type[i] = c->attr[i].type ? c->attr[i].type : c->attr[i].field ? scex_type(c->attr[i].field) : "dyn";
    }
    int32_t rc = kam__cel_compile(&e->rule, ctx, &env, &o, e->at->text, e->at->len, err);
    if (rc != KAM_E_PARSE) return rc;
    env.n = scex_more(c, name, type, c->nattr);
    return kam__cel_compile(&e->rule, ctx, &env, &o, e->at->text, e->at->len, err);
}

/* KAM__CEL_ of a type's name; an optional is what it may hold. 0: none a factor can take. */
static uint8_t scex_kind(const char *type)
{
    static const struct { const char *name; uint8_t kind; } of[] = {
        {"bool", KAM__CEL_BOOL}, {"int", KAM__CEL_INT}, {"uint", KAM__CEL_UINT}, {"double", KAM__CEL_DOUBLE},
        {"string", KAM__CEL_STRING}, {"decimal", KAM__CEL_DECIMAL}, {"dyn", KAM__CEL_DYN}};
    size_t n = 0;
    while (type[n] && type[n] != '(' && type[n] != ')') n++;
    if (strncmp(type, "optional(", 9) == 0) return scex_kind(type + 9);
    for (size_t i = 0; i < KAM__LEN(of); i++)
        if (strlen(of[i].name) == n && strncmp(type, of[i].name, n) == 0) return of[i].kind;
    return 0;
}

static int scex_fits(uint8_t kind, uint8_t form)
{
    int number = kind == KAM__CEL_INT || kind == KAM__CEL_UINT || kind == KAM__CEL_DECIMAL;
    if (form == KAM__CARD_BANDS) return number || kind == KAM__CEL_DOUBLE;
    return form == KAM__CARD_MAP ? number || kind == KAM__CEL_STRING : kind == KAM__CEL_BOOL;
}

static const char *scex_wanted(uint8_t form)
{
    return form == KAM__CARD_BANDS ? "\"bands\" need a number"
           : form == KAM__CARD_MAP ? "\"map\" needs a string, a whole number or a decimal"
                                   : "a flag or warning needs true or false";
}

int32_t kam__card_expr_compile(kam__card_expr *e, const kam__card *c, kam__arena *arena, uint8_t form,
                               const char *what, const char *id, kam_error *err)
{
    int32_t rc = scex_build(e, c, arena->ctx, err);
    if (rc != KAM_OK) {
        kam__err_prefix(err, "\"expr\" of %s \"%s\", ", what, id);
        return rc;
    }
    e->kind = scex_kind(kam_rule_type(e->rule));
    if (e->kind == KAM__CEL_DYN || (e->kind && scex_fits(e->kind, form))) return KAM_OK;
    return kam__json_fail(e->at, KAM_E_TYPE, err, "\"expr\" of %s \"%s\" gives %s, but %s", what, id,
                          kam_rule_type(e->rule), scex_wanted(form));
}

/* ---------------------------------------------------------------- limits */

/* a / 10^a_scale and b / 10^b_scale: whole parts first, then what is behind the point, on 18 decimals. */
int kam__card_dec_cmp(int64_t a, uint32_t a_scale, int64_t b, uint32_t b_scale)
{
    int64_t ten_a = 1, ten_b = 1, up = 1;
    for (uint32_t i = 0; i < a_scale; i++) ten_a *= 10;
    for (uint32_t i = 0; i < b_scale; i++) ten_b *= 10;
    int64_t qa = a / ten_a, ra = a % ten_a, qb = b / ten_b, rb = b % ten_b;
    if (qa != qb) return qa < qb ? -1 : 1;
    for (uint32_t i = a_scale; i < 18; i++) up *= 10;
    ra *= up;
    up = 1;
    for (uint32_t i = b_scale; i < 18; i++) up *= 10;
    rb *= up;
    return ra < rb ? -1 : ra > rb;
}

static int scex_number(kam__card_slot *slot, const char *text, size_t len)
{
    uint32_t scale = 0;
    if (kam__dec_parse_any(&slot->lo, &scale, text, len, NULL) != KAM_OK) return 0;
    slot->lo_scale = (uint8_t)scale;
    return kam__f64_parse(&slot->lo_f, text, len, NULL) == KAM_OK;
}

static int32_t scex_limit(kam__card_slot *slot, const kam__json *v, kam_error *err)
{
    char show[72];
    slot->has_lo = 1;
    if ((v->type == KAM__J_NUMBER || v->type == KAM__J_STRING) && scex_number(slot, v->text, v->len)) return KAM_OK;
    return kam__json_fail(v, KAM_E_POLICY, err,
                          "\"%s\" is no limit of an expression: write a number of at most 18 digits",
                          kam__json_show(show, v->text ? v->text : "", v->text ? v->len : 0));
}

static int scex_cmp(const kam__card_slot *a, int a_hi, const kam__card_slot *b, int b_hi)
{
    return kam__card_dec_cmp(a_hi ? a->hi : a->lo, a_hi ? a->hi_scale : a->lo_scale, b_hi ? b->hi : b->lo,
                             b_hi ? b->hi_scale : b->lo_scale);
}

static int32_t scex_band(kam__card_slot *slot, const kam__card_factor *f, uint32_t k, kam_error *err)
{
    kam__card_slot below = {0};
    const kam__card_case *c = &f->cases[k];
    if (c->from) KAM__TRY(scex_limit(&slot[k], c->from, err));
    if (c->below) KAM__TRY(scex_limit(&below, c->below, err));
    slot[k].hi = below.lo;
    slot[k].hi_f = below.lo_f;
    slot[k].hi_scale = below.lo_scale;
    slot[k].has_hi = c->below != NULL;
    if (c->from && c->below && scex_cmp(&slot[k], 0, &slot[k], 1) >= 0)
        return kam__json_fail(c->at, KAM_E_POLICY, err, "an empty band: \"from\" must be less than \"below\"");
    if (k && scex_cmp(&slot[k], 0, &slot[k - 1], 1) < 0)
        return kam__json_fail(c->at, KAM_E_POLICY, err,
                              "bands ascend and do not overlap: this one begins inside or before the last");
    return KAM_OK;
}

static int32_t scex_bands(kam__card_slot *slot, const kam__card_factor *f, kam_error *err)
{
    int gap = 0;
    for (uint32_t k = 0; k < f->ncase; k++) {
        KAM__TRY(scex_band(slot, f, k, err));
        gap |= k ? scex_cmp(&slot[k], 0, &slot[k - 1], 1) > 0 : slot[k].has_lo;
        gap |= k + 1 == f->ncase && slot[k].has_hi;
    }
    if (!gap || f->has_otherwise) return KAM_OK;
    return kam__json_fail(f->at, KAM_E_POLICY, err,
                          "the bands of factor \"%s\" leave values out: close the gap or say what the others score by "
                          "\"otherwise\"",
                          f->id);
}

static int32_t scex_map(kam__card_slot *slot, const kam__card_factor *f, kam_error *err)
{
    for (uint32_t k = 0; k < f->ncase; k++) {
        const kam__card_case *c = &f->cases[k];
        slot[k].text = c->key;
        slot[k].ntext = (uint32_t)strlen(c->key);
        slot[k].has_lo = (uint8_t)scex_number(&slot[k], c->key, slot[k].ntext);
        if (f->expr.kind != KAM__CEL_STRING && f->expr.kind != KAM__CEL_DYN && !slot[k].has_lo)
            return kam__json_fail(c->at, KAM_E_POLICY, err, "\"%.40s\" is no number, as the expression gives one",
                                  c->key);
        for (uint32_t i = 0; i < k && f->expr.kind != KAM__CEL_STRING; i++)
            if (slot[k].has_lo && slot[i].has_lo && scex_cmp(&slot[i], 0, &slot[k], 0) == 0)
                return kam__json_fail(c->at, KAM_E_POLICY, err, "\"%.40s\" is the same value as \"%.40s\"", c->key,
                                      f->cases[i].key);
    }
    if (f->has_otherwise) return KAM_OK;
    return kam__json_fail(f->at, KAM_E_POLICY, err,
                          "an expression may give other values than these: say what they score by \"otherwise\"");
}

int32_t kam__card_expr_bind(kam__card_slot *slot, const kam__card_factor *f, kam_error *err)
{
    if (f->form == KAM__CARD_BANDS) return scex_bands(slot, f, err);
    if (f->form == KAM__CARD_MAP) return scex_map(slot, f, err);
    for (uint32_t k = 0; k < 2; k++) slot[k] = (kam__card_slot){.lo = k, .has_lo = 1};
    return KAM_OK;
}

/* ---------------------------------------------------------------- evaluating */

int32_t kam__card_begin(kam__card_score *s, const kam__card *c, kam_ctx *ctx, kam_error *err)
{
    if (!c->nexpr) return KAM_OK;
    s->work = kam__zalloc(ctx, sizeof *s->work);
    if (!s->work) return kam__nomem(err);
    s->work->ctx = ctx;
    kam__arena_init(&s->work->arena, ctx, 0);
    int32_t rc = kam_error_new(&s->work->err, &ctx->allocator);
    if (rc == KAM_OK) rc = kam_work_new(&s->work->cel, ctx, err);
    else kam__nomem(err);
    if (rc != KAM_OK) kam__card_end(s);
    return rc;
}

void kam__card_end(kam__card_score *s)
{
    kam__card_work *w = s->work;
    if (!w) return;
    kam_work_free(w->cel);
    kam_error_free(w->err);
    kam__arena_free(&w->arena);
    kam__free(w->ctx, w->vec);
    kam__free(w->ctx, w);
    s->work = NULL;
}

typedef struct scex_row { const kam__card_score *s; const kam__card_bound *b; int missing; } scex_row;

static int32_t scex_set_text(kam__cel *out, const scex_row *x, const kam__field *f, const kam__card_value *v,
                             kam_error *err)
{
    char text[48];
    size_t n = v->n;
    const char *own = v->text;
    if (v->t != KAM__CV_TEXT) {
        n = kam__value_format(text, f, x->b->decimals, v->num, v->f);
        if (!(own = kam__arena_text(kam__cel_arena(x->s->work->cel), text, n))) return kam__nomem(err);
    }
    out->t = KAM__CEL_STRING;
    out->n = (uint32_t)n;
    out->v.s = own;
    return KAM_OK;
}

static void scex_set_time(kam__cel *out, int64_t ms)
{
    int64_t seconds = ms / 1000 - (ms % 1000 < 0);
    out->t = KAM__CEL_TIMESTAMP;
    out->n = (uint32_t)((ms - seconds * 1000) * 1000000);
    out->v.i = seconds;
}

static int32_t scex_bind(void *user, uint32_t var, kam__cel *out, kam_error *err)
{
    scex_row *x = user;
    const kam__card_value *v = &x->s->in[var];
    const kam__field *f = x->b->field[var];
    x->missing |= v->t == KAM__CV_NONE;
    if (v->t == KAM__CV_NONE) return KAM_OK;
    out->n = 0;
    switch (f->logic) {
    case KAM__L_BOOL: out->t = KAM__CEL_BOOL; out->v.i = v->num != 0; return KAM_OK;
    case KAM__L_INT: case KAM__L_REF: case KAM__L_ID: case KAM__L_DEG6:
        out->t = KAM__CEL_INT;
        out->v.i = v->num;
        return KAM_OK;
    case KAM__L_DAY: scex_set_time(out, v->num * 86400000); return KAM_OK;
    case KAM__L_INSTANT: scex_set_time(out, v->num); return KAM_OK;
    case KAM__L_F64: out->t = KAM__CEL_DOUBLE; out->v.f = v->f; return KAM_OK;
    case KAM__L_MONEY: case KAM__L_DECIMAL: case KAM__L_POINTS:
        out->t = KAM__CEL_DECIMAL;
        out->n = f->logic == KAM__L_MONEY ? x->b->decimals : f->scale;
        out->v.i = v->num;
        return KAM_OK;
    default: return scex_set_text(out, x, f, v, err);
    }
}

static int32_t scex_text_of(kam__card_value *out, kam__card_work *w, const kam__cel *v, kam_error *err)
{
    out->t = KAM__CV_TEXT;
    out->n = v->n;
    out->text = kam__arena_text(&w->arena, v->v.s, v->n);
    return out->text ? KAM_OK : kam__nomem(err);
}

/* 0: not a value the form can take. */
static int scex_value(kam__card_value *out, const kam__cel *v, uint8_t form)
{
    if (!scex_fits(v->t, form)) return 0;
    out->t = v->t == KAM__CEL_DOUBLE ? KAM__CV_F64 : KAM__CV_NUM;
    out->n = v->t == KAM__CEL_DECIMAL ? v->n : 0;
    if (v->t == KAM__CEL_DOUBLE) out->f = v->v.f;
    else out->num = v->v.i;
    return v->t != KAM__CEL_UINT || v->v.u <= INT64_MAX;
}

/* A failure because an attribute has no value is no failure of the factor. */
static int32_t scex_failed(int32_t rc, const scex_row *x, const char *what, const char *id, kam_error *err)
{
    const kam_error *own = x->s->work->err;
    if (rc == KAM_E_NOMEM) return kam__nomem(err);
    if (rc == KAM_E_POLICY && x->missing && strstr(kam_error_message(own), " has no value here; declare it optional("))
        return KAM_OK;
    kam__fail(err, rc, "\"expr\" of %s \"%s\", %s", what, id, kam_error_message(own));
    kam__err_set(err, KAM_ERR_LINE, kam_error_detail(own, KAM_ERR_LINE));
    kam__err_set(err, KAM_ERR_COLUMN, kam_error_detail(own, KAM_ERR_COLUMN));
    kam__err_set(err, KAM_ERR_OFFSET, kam_error_detail(own, KAM_ERR_OFFSET));
    return rc;
}

int32_t kam__card_expr_eval(kam__card_value *out, kam__card_score *s, const kam__card_bound *b,
                            const kam__card_expr *e, uint8_t form, const char *what, const char *id, kam_error *err)
{
    scex_row x = {s, b, 0};
    kam__cel v = {0};
    out->t = KAM__CV_NONE;
    kam__cel_reset(s->work->cel);
    int32_t rc = kam__cel_eval(&v, e->rule, s->work->cel, scex_bind, &x, s->work->err);
    if (rc != KAM_OK) return scex_failed(rc, &x, what, id, err);
    while (v.t == KAM__CEL_OPTIONAL && v.v.list) v = *v.v.list;
    if (v.t == KAM__CEL_OPTIONAL || v.t == KAM__CEL_NULL) return KAM_OK;
    if (v.t == KAM__CEL_STRING && form == KAM__CARD_MAP) return scex_text_of(out, s->work, &v, err);
    if (scex_value(out, &v, form)) return KAM_OK;
    return kam__fail(err, KAM_E_TYPE, "\"expr\" of %s \"%s\" gave a value that does not go: %s", what, id,
                     scex_wanted(form));
}
