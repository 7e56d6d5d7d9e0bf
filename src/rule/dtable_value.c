/*
 * rule/dtable_value.c - the values of decision tables, read and compared.
 *
 * A number is exact (64 bits with up to 18 decimals) where it can be, else a double. Days, times and durations are
 * whole numbers; a time without a zone is UTC. Values of different types are never equal and never in order, but for
 * days beside instants (a day begins at midnight UTC) and text beside what it can be read as.
 */
#include "dtable.h"

static const char *const dval_names[] = {"any", "boolean", "number", "string", "date", "time", "datetime", "duration",
                                         "months"};

uint8_t kam__dt_type(const char *name)
{
    for (uint8_t i = 0; i < KAM__LEN(dval_names); i++)
        if (kam__text_same(name, dval_names[i])) return i;
    return UINT8_MAX;
}

const char *kam__dt_type_name(uint8_t t) { return t < KAM__LEN(dval_names) ? dval_names[t] : "list"; }

/* ---------------------------------------------------------------- reading */

static int dval_number(kam__dt_value *out, const char *text, size_t len)
{
    uint32_t scale = 0;
    out->t = KAM__DT_NUMBER;
    out->exact = kam__dec_parse_any(&out->i, &scale, text, len, NULL) == KAM_OK;
    out->scale = (uint16_t)scale;
    return kam__f64_parse(&out->f, text, len, NULL) == KAM_OK;
}

/* An instant, or the time of a day; a zone left out is UTC. */
static int dval_instant(int64_t *out, const char *text, size_t len, int day_too)
{
    char all[64];
    size_t n = day_too ? 0 : 11;
    if (len + n + 2 > sizeof all || len < 8) return 0;
    if (n) memcpy(all, "1970-01-01T", n);
    memcpy(all + n, text, len);
    const char *clock = day_too && len > 10 ? text + 10 : text;
    size_t left = (size_t)(text + len - clock);
    int zone = memchr(clock, 'Z', left) || memchr(clock, '+', left) || memchr(clock, '-', left);
    if (!zone) all[n + len] = 'Z';
    return kam__instant_read(out, all, n + len + !zone, NULL) == KAM_OK;
}

static int64_t dval_unit(char unit, int in_time, int *months)
{
    if (!in_time && (unit == 'Y' || unit == 'M')) {
        *months = 1;
        return unit == 'Y' ? 12 : 1;
    }
    if (!in_time) return unit == 'D' ? 86400000 : 0;
    return unit == 'H' ? 3600000 : unit == 'M' ? 60000 : unit == 'S' ? 1000 : 0;
}

/* P1Y6M or P1DT2H30M1.5S, not both in one. */
static int dval_duration(kam__dt_value *out, const char *text, size_t len)
{
    size_t at = len && text[0] == '-' ? 1 : 0, start = 0;
    int in_time = 0, months = 0, other = 0;
    int64_t sum = 0, v = 0;
    if (at >= len || text[at++] != 'P' || at == len) return 0;
    for (start = at; at < len; at++) {
        char c = text[at];
        if (c == 'T' && at == start && !in_time) {
            in_time = 1;
            start = at + 1;
        } else if ((c < '0' || c > '9') && c != '.') {
            int is_months = 0;
            int64_t unit = dval_unit(c, in_time, &is_months);
            if (!unit || kam__dec_parse(&v, text + start, at - start, 3, KAM__EXACT, NULL, NULL) != KAM_OK) return 0;
            if (kam__muldiv(v, unit, 1000, KAM__EXACT, &v) || kam__add(sum, v, &sum)) return 0;
            months |= is_months;
            other |= !is_months;
            start = at + 1;
        }
    }
    if (start != len || text[len - 1] == 'T' || (months && other)) return 0;
    out->t = months ? KAM__DT_MONTHS : KAM__DT_DURATION;
    out->i = text[0] == '-' ? -sum : sum;
    return 1;
}

int kam__dt_read(kam__dt_value *out, uint8_t t, const char *text, size_t len)
{
    int32_t day = 0;
    *out = (kam__dt_value){.t = t, .text = text, .len = len};
    switch (t) {
    case KAM__DT_NUMBER: return dval_number(out, text, len);
    case KAM__DT_TEXT: return 1;
    case KAM__DT_DATE:
        if (kam__day_read(&day, text, len, NULL) != KAM_OK) return 0;
        out->i = day;
        return 1;
    case KAM__DT_TIME: return dval_instant(&out->i, text, len, 0);
    case KAM__DT_DATETIME:
        if (kam__day_read(&day, text, len, NULL) == KAM_OK) out->i = (int64_t)day * 86400000;
        else return dval_instant(&out->i, text, len, 1);
        return 1;
    case KAM__DT_DURATION: case KAM__DT_MONTHS: return dval_duration(out, text, len) && out->t == t;
    default: return 0;
    }
}

static int32_t dval_list(kam__dt_value *out, uint8_t t, const kam__json *v, kam__arena *arena, kam_error *err)
{
    kam__dt_value *to = kam__arena_alloc(arena, v->n * sizeof *to);
    uint32_t n = 0;
    if (!to) return kam__nomem(err);
    for (const kam__json *k = v->child; k; k = k->next) {
        if (k->type == KAM__J_ARRAY || k->type == KAM__J_OBJECT)
            return kam__json_fail(k, KAM_E_TYPE, err,
                                  "a list of a table's input holds single values, no lists or objects");
        KAM__TRY(kam__dt_of_json(&to[n++], t, k, arena, err));
    }
    *out = (kam__dt_value){.t = KAM__DT_LIST, .n = n, .list = to};
    return KAM_OK;
}

int32_t kam__dt_of_json(kam__dt_value *out, uint8_t t, const kam__json *v, kam__arena *arena, kam_error *err)
{
    char show[72];
    int fine = 0;
    *out = (kam__dt_value){.t = KAM__DT_NULL};
    switch (v->type) {
    case KAM__J_NULL: return KAM_OK;
    case KAM__J_TRUE: case KAM__J_FALSE:
        *out = (kam__dt_value){.t = KAM__DT_BOOL, .i = v->type == KAM__J_TRUE};
        fine = t == KAM__DT_ANY || t == KAM__DT_BOOL;
        break;
    case KAM__J_NUMBER:
        fine = (t == KAM__DT_ANY || t == KAM__DT_NUMBER) && kam__dt_read(out, KAM__DT_NUMBER, v->text, v->len);
        break;
    case KAM__J_STRING: fine = kam__dt_read(out, t == KAM__DT_ANY ? KAM__DT_TEXT : t, v->text, v->len); break;
    case KAM__J_ARRAY: return dval_list(out, t, v, arena, err);
    default: return kam__json_fail(v, KAM_E_TYPE, err,
                                   "an object is no value: let the table name a member of it (\"customer.size\")");
    }
    if (fine) return KAM_OK;
    if (v->type == KAM__J_STRING || v->type == KAM__J_NUMBER)
        return kam__json_fail(v, KAM_E_TYPE, err, "\"%s\" is no %s", kam__json_show(show, v->text, v->len),
                              kam__dt_type_name(t));
    return kam__json_fail(v, KAM_E_TYPE, err, "a %s is expected, not true or false", kam__dt_type_name(t));
}

/* ---------------------------------------------------------------- comparing */

static int dval_sign(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

/* Exact where both are: what does not fit at the finer scale is the larger one by its sign. */
static int dval_number_cmp(int *sign, const kam__dt_value *a, const kam__dt_value *b)
{
    int64_t x = a->i, y = b->i;
    if (!a->exact || !b->exact) {
        *sign = a->f < b->f ? -1 : a->f > b->f;
        return a->f - a->f == 0 && b->f - b->f == 0;
    }
    if (a->scale < b->scale && kam__rescale(a->i, a->scale, b->scale, KAM__EXACT, &x)) *sign = a->i < 0 ? -1 : 1;
    else if (b->scale < a->scale && kam__rescale(b->i, b->scale, a->scale, KAM__EXACT, &y)) *sign = b->i < 0 ? 1 : -1;
    else *sign = dval_sign(x, y);
    return 1;
}

static int dval_is_time(uint8_t t) { return t >= KAM__DT_DATE && t <= KAM__DT_MONTHS; }

int kam__dt_compare(int *sign, const kam__dt_value *a, const kam__dt_value *b)
{
    kam__dt_value read;
    *sign = 1;
    if (a->t == KAM__DT_TEXT && dval_is_time(b->t))
        return kam__dt_read(&read, b->t, a->text, a->len) && kam__dt_compare(sign, &read, b);
    if (b->t == KAM__DT_TEXT && dval_is_time(a->t))
        return kam__dt_read(&read, a->t, b->text, b->len) && kam__dt_compare(sign, a, &read);
    if (a->t == KAM__DT_DATE && b->t == KAM__DT_DATETIME) *sign = dval_sign(a->i * 86400000, b->i);
    else if (a->t == KAM__DT_DATETIME && b->t == KAM__DT_DATE) *sign = dval_sign(a->i, b->i * 86400000);
    else if (a->t != b->t || a->t == KAM__DT_NULL || a->t == KAM__DT_LIST) return 0;
    else if (a->t == KAM__DT_NUMBER) return dval_number_cmp(sign, a, b);
    else if (a->t == KAM__DT_TEXT) *sign = kam__text_cmp(a->text, a->len, b->text, b->len);
    else *sign = dval_sign(a->i, b->i);
    return 1;
}

int kam__dt_same(const kam__dt_value *a, const kam__dt_value *b)
{
    int sign = 0;
    if (a->t == KAM__DT_NULL || b->t == KAM__DT_NULL) return a->t == b->t;
    if (a->t != KAM__DT_LIST || b->t != KAM__DT_LIST) return kam__dt_compare(&sign, a, b) && !sign;
    if (a->n != b->n) return 0;
    for (uint32_t i = 0; i < a->n; i++) {           /* a list holds no lists */
        const kam__dt_value *x = &a->list[i], *y = &b->list[i];
        if (x->t == KAM__DT_NULL || y->t == KAM__DT_NULL ? x->t != y->t : !kam__dt_compare(&sign, x, y) || sign)
            return 0;
    }
    return 1;
}

/* ---------------------------------------------------------------- writing */

static void dval_put(kam_buf *out, const kam__dt_value *v)
{
    char text[48];
    if (v->t == KAM__DT_NULL) kam__buf_str(out, "null");
    else if (v->t == KAM__DT_BOOL) kam__buf_str(out, v->i ? "true" : "false");
    else if (v->t != KAM__DT_NUMBER) kam__buf_json_text(out, v->text, v->len);
    else if (v->exact) kam__buf_put(out, text, kam__dec_format_short(text, v->i, v->scale));
    else kam__buf_f64(out, v->f);
}

void kam__dt_json(kam_buf *out, const kam__dt_value *v)
{
    if (v->t != KAM__DT_LIST) {
        dval_put(out, v);
        return;
    }
    kam__buf_char(out, '[');
    for (uint32_t i = 0; i < v->n; i++) {
        if (i) kam__buf_char(out, ',');
        dval_put(out, &v->list[i]);
    }
    kam__buf_char(out, ']');
}
