/*
 * rule/scorecard.c - a card in the units of a book, and what it gives a record.
 *
 * Binding turns every limit and value of the card into the whole number (or the text) that the field holds, and checks
 * what needs the field's type: bands ascend, every value of a list is dealt with. Custom fields have a type only in a
 * book; without one they stay open. Scoring compares whole numbers and adds contributions that were computed when the
 * card was read: the largest sum is known to fit, so nothing is checked here.
 */
#include "rule.h"

#define SCARD_FREE_DECIMALS 9u /* of money where the book is not known */
#define SCARD_NO_CURRENCY 2u   /* ... where the book has no base currency */

/* ---------------------------------------------------------------- values in the field's units */

/* A built-in field is of the wrong type in any book, a custom one in this book. */
static int32_t scard_type_code(const kam__card_bound *b, uint32_t attr)
{
    return b->card->attr[attr].field ? KAM_E_POLICY : KAM_E_TYPE;
}

static int scard_is_text(const kam__field *f) { return f->type == KAM_T_TEXT; }

static int scard_is_ordered(const kam__card *c, const kam__field *f)
{
    return (c->declared && f->logic == KAM__L_F64) || f->logic == KAM__L_INT || f->logic == KAM__L_MONEY ||
           f->logic == KAM__L_DECIMAL ||
           f->logic == KAM__L_POINTS || f->logic == KAM__L_DAY || f->logic == KAM__L_DEG6 ||
           f->logic == KAM__L_INSTANT || f->logic == KAM__L_LOCAL;
}

/* The text of a JSON value as a field takes it; NULL = not that kind of value. */
static const char *scard_json_text(const kam__json *v, const kam__field *f, size_t *len)
{
    *len = v->len;
    if (v->type == KAM__J_STRING && v->len && !memchr(v->text, 0, v->len)) return v->text;
    if (v->type == KAM__J_NUMBER && !scard_is_text(f)) return v->text;
    if (f->logic != KAM__L_BOOL || (v->type != KAM__J_TRUE && v->type != KAM__J_FALSE)) return NULL;
    *len = v->type == KAM__J_TRUE ? 4 : 5;
    return v->type == KAM__J_TRUE ? "true" : "false";
}

static int32_t scard_no_value(const kam__card_bound *b, uint32_t attr, const kam__json *at, const char *text,
                              size_t len, kam_error *err)
{
    const kam__field *f = b->field[attr];
    char show[72], names[200];
    const char *name = b->card->attr[attr].name;
    kam__json_show(show, text ? text : "", text ? len : 0);
    if (scard_is_text(f)) return kam__json_fail(at, KAM_E_POLICY, err, "%s is a text: write one in quotes", name);
    if (f->logic == KAM__L_ENUM)
        return kam__json_fail(at, KAM_E_POLICY, err, "\"%s\" is no value of %s: write %s", show, name,
                              kam__enum_names(names, sizeof names, f->set, ", "));
    if (f->logic == KAM__L_BOOL) return kam__json_fail(at, KAM_E_POLICY, err, "%s is true or false", name);
    if (f->logic == KAM__L_DAY)
        return kam__json_fail(at, KAM_E_POLICY, err, "\"%s\" is no day: %s needs one like 2026-03-01", show, name);
    return kam__json_fail(at, KAM_E_POLICY, err, "\"%s\" is no value of %s: write a number with at most %u decimals",
                          show, name, f->logic == KAM__L_MONEY ? b->decimals : (uint32_t)f->scale);
}

/* One value: slot->lo, or slot->text. */
static int32_t scard_bind_value(kam__card_slot *slot, const kam__card_bound *b, uint32_t attr, const kam__json *at,
                                const char *text, size_t len, kam_error *err)
{
    const kam__field *f = b->field[attr];
    if (!text) return scard_no_value(b, attr, at, NULL, 0, err);
    slot->has_lo = 1;
    if (scard_is_text(f)) {
        const kam__enum_item *item = f->set ? kam__enum_match(f->set, text, len) : NULL;
        slot->text = item ? item->name : text;
        slot->ntext = (uint32_t)(item ? strlen(item->name) : len);
        return KAM_OK;
    }
    if (kam__value_parse(&slot->lo, &slot->lo_f, f, b->decimals, text, len, NULL) == KAM_OK) return KAM_OK;
    return scard_no_value(b, attr, at, text, len, err);
}

static int32_t scard_bind_json(kam__card_slot *slot, const kam__card_bound *b, uint32_t attr, const kam__json *v,
                               kam_error *err)
{
    size_t len = 0;
    const char *text = scard_json_text(v, b->field[attr], &len);
    return scard_bind_value(slot, b, attr, v, text, len, err);
}

/* ---------------------------------------------------------------- factors */

static int32_t scard_want_ordered(const kam__card_bound *b, uint32_t attr, const kam__json *at, kam_error *err)
{
    if (scard_is_ordered(b->card, b->field[attr])) return KAM_OK;
    return kam__json_fail(
        at, scard_type_code(b, attr), err,
        "%s cannot be compared by size: bands are for exact numbers and days, use \"map\" or \"flag\"",
        b->card->attr[attr].name);
}

static int32_t scard_bind_band(kam__card_slot *slot, const kam__card_bound *b, const kam__card_factor *f, uint32_t k,
                               kam_error *err)
{
    kam__card_slot below = {0};
    const kam__card_case *c = &f->cases[k];
    if (c->from) KAM__TRY(scard_bind_json(&slot[k], b, f->attr, c->from, err));
    if (c->below) KAM__TRY(scard_bind_json(&below, b, f->attr, c->below, err));
    slot[k].hi = below.lo;
    slot[k].hi_f = below.lo_f;
    slot[k].has_hi = c->below != NULL;
    if (c->from && c->below && slot[k].lo >= slot[k].hi && slot[k].lo_f >= slot[k].hi_f)
        return kam__json_fail(c->at, KAM_E_POLICY, err, "an empty band: \"from\" must be less than \"below\"");
    if (k && (slot[k].lo < slot[k - 1].hi || slot[k].lo_f < slot[k - 1].hi_f))
        return kam__json_fail(c->at, KAM_E_POLICY, err,
                              "bands ascend and do not overlap: this one begins inside or before the last");
    return KAM_OK;
}

static int32_t scard_bind_bands(kam__card_slot *slot, const kam__card_bound *b, const kam__card_factor *f,
                                kam_error *err)
{
    KAM__TRY(scard_want_ordered(b, f->attr, f->at, err));
    int gap = 0;
    for (uint32_t k = 0; k < f->ncase; k++) {
        KAM__TRY(scard_bind_band(slot, b, f, k, err));
        gap |= k ? slot[k].lo > slot[k - 1].hi || slot[k].lo_f > slot[k - 1].hi_f : slot[k].has_lo;
        gap |= k + 1 == f->ncase && slot[k].has_hi;
    }
    if (!gap || f->has_otherwise) return KAM_OK;
    return kam__json_fail(f->at, KAM_E_POLICY, err,
                          "the bands of factor \"%s\" leave values out: close the gap or say what the others score by "
                          "\"otherwise\"",
                          f->id);
}

static int scard_slot_same(const kam__card_slot *a, const kam__card_slot *c)
{
    return a->text ? kam__text_same(a->text, c->text) : a->lo == c->lo;
}

static int32_t scard_bind_map(kam__card_slot *slot, const kam__card_bound *b, const kam__card_factor *f, kam_error *err)
{
    const kam__field *field = b->field[f->attr];
    if (field->logic == KAM__L_F64 || field->logic == KAM__L_BOOL)
        return kam__json_fail(f->at, scard_type_code(b, f->attr), err, "%s %s", b->card->attr[f->attr].name,
                              field->logic == KAM__L_BOOL
                                  ? "is true or false: use \"flag\""
                                  : "is a floating-point number: points are decided by exact ones");
    for (uint32_t k = 0; k < f->ncase; k++) {
        const kam__card_case *c = &f->cases[k];
        KAM__TRY(scard_bind_value(&slot[k], b, f->attr, c->at, c->key, strlen(c->key), err));
        for (uint32_t i = 0; i < k; i++)
            if (scard_slot_same(&slot[i], &slot[k]))
                return kam__json_fail(c->at, KAM_E_POLICY, err, "\"%.40s\" is the same value as \"%.40s\"", c->key,
                                      f->cases[i].key);
    }
    if (f->has_otherwise || (field->logic == KAM__L_ENUM && f->ncase == field->set->n)) return KAM_OK;
    return kam__json_fail(f->at, KAM_E_POLICY, err,
                          "%s may have other values than these: say what they score by \"otherwise\"",
                          b->card->attr[f->attr].name);
}

static int32_t scard_bind_flag(kam__card_slot *slot, const kam__card_bound *b, const kam__card_factor *f,
                               kam_error *err)
{
    if (b->field[f->attr]->logic != KAM__L_BOOL)
        return kam__json_fail(f->at, scard_type_code(b, f->attr), err,
                              "%s is not true or false: use \"bands\" or \"map\"", b->card->attr[f->attr].name);
    for (uint32_t k = 0; k < 2; k++) slot[k] = (kam__card_slot){.lo = k, .has_lo = 1};
    return KAM_OK;
}

static int32_t scard_bind_factor(kam__card_bound *b, kam__arena *arena, uint32_t i, kam_error *err)
{
    const kam__card_factor *f = &b->card->factor[i];
    if (f->attr != UINT32_MAX && !b->field[f->attr]) return KAM_OK;
    kam__card_slot *slot = kam__arena_alloc(arena, (f->ncase + 1) * sizeof *slot);
    if (!slot) return kam__nomem(err);
    memset(slot, 0, (f->ncase + 1) * sizeof *slot);
    b->factor[i] = slot;
    if (f->attr == UINT32_MAX) return kam__card_expr_bind(slot, f, err);
    if (f->form == KAM__CARD_BANDS) KAM__TRY(scard_bind_bands(slot, b, f, err));
    if (f->form == KAM__CARD_MAP) KAM__TRY(scard_bind_map(slot, b, f, err));
    if (f->form == KAM__CARD_FLAG) KAM__TRY(scard_bind_flag(slot, b, f, err));
    return scard_is_text(b->field[f->attr]) ? KAM_OK : kam__card_index_make(&b->index[i], b, i, 0, arena, err);
}

static int32_t scard_bind_warning(kam__card_bound *b, kam__arena *arena, uint32_t i, kam_error *err)
{
    const kam__card_warning *w = &b->card->warning[i];
    const kam__field *f = w->attr == UINT32_MAX ? NULL : b->field[w->attr];
    if (!f || w->test == KAM__WARN_MISSING) return KAM_OK;
    if (w->test == KAM__WARN_AT_LEAST || w->test == KAM__WARN_BELOW)
        KAM__TRY(scard_want_ordered(b, w->attr, w->value, err));
    if (f->logic == KAM__L_F64)
        return kam__json_fail(w->value, scard_type_code(b, w->attr), err,
                              "%s is a floating-point number: warnings are decided by exact ones such as DECIMAL",
                              b->card->attr[w->attr].name);
    kam__card_slot *slot = kam__arena_alloc(arena, w->n * sizeof *slot);
    if (!slot) return kam__nomem(err);
    memset(slot, 0, w->n * sizeof *slot);
    b->warning[i] = slot;
    const kam__json *v = w->value;
    for (uint32_t k = 0; k < w->n; k++, v = v->next) KAM__TRY(scard_bind_json(&slot[k], b, w->attr, v, err));
    return KAM_OK;
}

/* ---------------------------------------------------------------- the whole */

static int32_t scard_bind_attr(kam__card_bound *b, uint32_t i, const kam__schema *schema, kam_error *err)
{
    const kam__card_attr *a = &b->card->attr[i];
    b->field[i] = a->field;
    b->cell[i] = UINT32_MAX;
    if (!schema || b->card->declared) return KAM_OK;
    const kam__kind *kind = kam__schema_kind(schema, KAM_KIND_ATTRIBUTES);
    b->field[i] = kam__kind_field_by_name(kind, a->name, strlen(a->name));
    if (!b->field[i])
        return kam__fail(
            err, KAM_E_POLICY,
            "scorecard \"%s\" needs the custom field %s of account, which this book does not have: save a FIELD "
            "record of that name",
            b->card->name, a->name);
    b->cell[i] = (uint32_t)(b->field[i] - kind->field);
    return KAM_OK;
}

int32_t kam__card_bind(kam__card_bound *out, kam__arena *arena, const kam__card *c, const kam__schema *schema,
                       kam_error *err)
{
    int32_t decimals = schema ? kam__schema_decimals(schema, NULL) : (int32_t)SCARD_FREE_DECIMALS;
    memset(out, 0, sizeof *out);
    out->card = c;
    out->decimals = decimals < 0 ? SCARD_NO_CURRENCY : (uint32_t)decimals;
    for (uint32_t i = 0; i < c->nattr; i++) KAM__TRY(scard_bind_attr(out, i, schema, err));
    for (uint32_t i = 0; i < c->nfactor; i++) KAM__TRY(scard_bind_factor(out, arena, i, err));
    for (uint32_t i = 0; i < c->nwarning; i++) KAM__TRY(scard_bind_warning(out, arena, i, err));
    return KAM_OK;
}

/* ---------------------------------------------------------------- scoring */

static int32_t scard_value_of(kam__card_value *v, const kam__card_bound *b, const kam_record *r, uint32_t attr,
                              kam_error *err)
{
    const kam__cell *c = &r->cell[b->cell[attr]];
    const char *name = b->card->attr[attr].name;
    size_t len = 0;
    v->t = KAM__CV_NONE;
    if (c->state == KAM__CELL_NONE) return KAM_OK;
    if (c->state == KAM__CELL_KEY)
        return kam__fail(err, KAM_E_TYPE, "%s is the ERP's key, which is not looked up here: set the id instead", name);
    v->t = b->field[attr]->type == KAM_T_F64 ? KAM__CV_F64 : KAM__CV_NUM;
    if (c->state == KAM__CELL_MONEY && kam__rescale(c->v.i, c->scale, b->decimals, KAM__EXACT, &v->num))
        return kam__fail(err, KAM_E_LIMIT, "%s has more than %u decimals, or is too large", name, b->decimals);
    if (c->state == KAM__CELL_MONEY) return KAM_OK;
    if (v->t == KAM__CV_F64)
        v->f = kam_record_f64(r, b->field[attr]->id, 0);
    else
        v->num = c->v.i;
    if (!scard_is_text(b->field[attr])) return KAM_OK;
    v->text = kam__record_cell_text(r, b->cell[attr], &len);
    v->n = (uint32_t)len;
    v->t = v->text ? KAM__CV_TEXT : KAM__CV_NONE;
    return KAM_OK;
}

static int scard_slot_holds(const kam__card_slot *s, const kam__card_value *v)
{
    if (v->t == KAM__CV_TEXT) return s->text && s->ntext == v->n && memcmp(s->text, v->text, v->n) == 0;
    return s->has_lo && v->num == s->lo;
}

static int scard_band_holds(const kam__card_slot *s, const kam__card_value *v)
{
    if (v->t == KAM__CV_F64) return (!s->has_lo || v->f >= s->lo_f) && (!s->has_hi || v->f < s->hi_f);
    return (!s->has_lo || v->num >= s->lo) && (!s->has_hi || v->num < s->hi);
}

/* Of an expression: v->n are its decimals, and each limit has its own. */
static int scard_expr_holds(const kam__card_slot *s, const kam__card_value *v, int band)
{
    if (v->t != KAM__CV_NUM) return band ? scard_band_holds(s, v) : scard_slot_holds(s, v);
    if (!band) return s->has_lo && kam__card_dec_cmp(v->num, v->n, s->lo, s->lo_scale) == 0;
    return (!s->has_lo || kam__card_dec_cmp(v->num, v->n, s->lo, s->lo_scale) >= 0) &&
           (!s->has_hi || kam__card_dec_cmp(v->num, v->n, s->hi, s->hi_scale) < 0);
}

static int scard_holds(const kam__card_factor *f, const kam__card_slot *s, const kam__card_value *v)
{
    int band = f->form == KAM__CARD_BANDS;
    if (f->attr == UINT32_MAX) return scard_expr_holds(s, v, band);
    return band ? scard_band_holds(s, v) : scard_slot_holds(s, v);
}

/* How many limits a number has reached, without a branch on any of them. */
static uint32_t scard_reached(const kam__card_index *x, const kam__card_value *v)
{
    uint32_t k = 0;
    if (x->is_real)
        for (uint32_t i = 0; i < x->n; i++) k += v->f >= x->real[i];
    else
        for (uint32_t i = 0; i < x->n; i++) k += v->num >= x->whole[i];
    return k;
}

void kam__card_hit_of(kam__card_hit *out, const kam__card_bound *b, uint32_t i, const kam__card_value *v)
{
    const kam__card_index *x = &b->index[i];
    if (x->hit && (v->t == KAM__CV_NUM || (v->t == KAM__CV_F64 && v->f == v->f)))
        *out = x->hit[scard_reached(x, v)];
    else kam__card_hit_slow(out, b, i, v);
}

void kam__card_hit_slow(kam__card_hit *out, const kam__card_bound *b, uint32_t i, const kam__card_value *v)
{
    const kam__card_factor *f = &b->card->factor[i];
    const kam__card_slot *s = b->factor[i];
    *out = (kam__card_hit){&f->missing, 0, KAM__HIT_MISSING};
    if (v->t == KAM__CV_NONE || (v->t == KAM__CV_F64 && v->f != v->f)) return;
    *out = (kam__card_hit){&f->otherwise, 0, KAM__HIT_OTHERWISE};
    for (uint32_t k = 0; k < f->ncase; k++)
        if (scard_holds(f, &s[k], v)) {
            *out = (kam__card_hit){&f->cases[k].out, k, KAM__HIT_CASE};
            return;
        }
}

static int scard_warns(const kam__card_bound *b, uint32_t i, const kam__card_value *v)
{
    const kam__card_warning *w = &b->card->warning[i];
    const kam__card_slot *s = b->warning[i];
    if (w->test == KAM__WARN_MISSING) return v->t == KAM__CV_NONE;
    if (v->t == KAM__CV_NONE) return 0;
    if (w->test == KAM__WARN_EXPR) return v->num != 0;
    if (w->test == KAM__WARN_AT_LEAST) return v->t == KAM__CV_F64 ? v->f >= s->lo_f : v->num >= s->lo;
    if (w->test == KAM__WARN_BELOW) return v->t == KAM__CV_F64 ? v->f < s->lo_f : v->num < s->lo;
    for (uint32_t k = 0; k < w->n; k++)
        if (scard_slot_holds(&s[k], v)) return 1;
    return 0;
}

static int32_t scard_score_warnings(kam__card_score *s, const kam__card_bound *b, kam_error *err)
{
    const kam__card *c = b->card;
    kam__card_value got;
    s->warnings = 0;
    for (uint32_t i = 0; i < c->nwarning; i++) {
        const kam__card_warning *w = &c->warning[i];
        const kam__card_value *v = &got;
        if (w->attr == UINT32_MAX)
            KAM__TRY(kam__card_expr_eval(&got, s, b, &w->expr, KAM__CARD_FLAG, "warning", w->id, err));
        else
            v = &s->in[w->attr];
        if (scard_warns(b, i, v)) s->warnings |= 1u << i;
    }
    return KAM_OK;
}

int32_t kam__card_score_in(kam__card_score *s, const kam__card_bound *b, kam_error *err)
{
    const kam__card *c = b->card;
    s->points = c->baseline;
    s->missing = s->nreason = 0;
    if (s->work) kam__arena_reset(&s->work->arena);
    for (uint32_t i = 0; i < c->nfactor; i++) {
        const kam__card_factor *f = &c->factor[i];
        if (f->attr == UINT32_MAX)
            KAM__TRY(kam__card_expr_eval(&s->value[i], s, b, &f->expr, f->form, "factor", f->id, err));
        else
            s->value[i] = s->in[f->attr];
        kam__card_hit_of(&s->hit[i], b, i, &s->value[i]);
        s->points += s->hit[i].out->contribution;
        s->missing += s->hit[i].how == KAM__HIT_MISSING;
    }
    if (c->nreason) kam__card_reasons(s, c);
    return scard_score_warnings(s, b, err);
}

int32_t kam__card_score_of(kam__card_score *s, const kam__card_bound *b, const kam_record *r, kam_error *err)
{
    for (uint32_t i = 0; i < b->card->nattr; i++) KAM__TRY(scard_value_of(&s->in[i], b, r, i, err));
    return kam__card_score_in(s, b, err);
}
