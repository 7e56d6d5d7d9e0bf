/*
 * store/import_number.c - numbers and days as ERPs write them: 1.234,50, 12.50-, 3,2 (in 10,000), 31.12.2025.
 *
 * A number is brought to plain form first and then read exactly. Money keeps its decimals until the currency of the row
 * is known; what has more decimals than that is refused, or rounded half away from zero where the mapping says so.
 */
#include "import.h"

/* ---------------------------------------------------------------- numbers */

/* Plain form: digits, one '.', a sign in front. What does not belong there stays and makes the reading fail. */
static size_t number_plain(char out[64], const import_spec *spec, const char *text, size_t len)
{
    char decimal = spec && spec->decimal ? spec->decimal : '.';
    size_t n = 0;
    int minus = len > 1 && text[len - 1] == '-';
    if (minus) {
        len--;
        out[n++] = '-';
    }
    for (size_t i = 0; i < len && n < 63; i++) {
        char c = text[i];
        if (spec && spec->group && c == spec->group) continue;
        if (c == decimal) c = '.';
        else if (c == '.') c = '?';
        out[n++] = c;
    }
    out[n] = 0;
    return n;
}

/* v with `scale` decimals times 10^power. */
static int32_t number_power(int64_t *v, uint32_t *scale, int32_t power, kam_error *err)
{
    int64_t s = (int64_t)*scale - power;
    if (s < 0 && kam__mul(*v, kam__pow10[-s], v)) return kam__fail(err, KAM_E_LIMIT, "the number is too big");
    if (s > 18) return kam__fail(err, KAM_E_LIMIT, "the number has more than 18 decimals once scaled by 10^%d",
                                 (int)power);
    *scale = s < 0 ? 0 : (uint32_t)s;
    return KAM_OK;
}

/* More than 18 decimals matter to a rounded number only as "a little more": cutting them off does not change how the
   rest rounds half away from zero. */
static int32_t number_long(int64_t *v, uint32_t *scale, const char *plain, size_t n, kam_error *err)
{
    kam__numeral m;
    if (kam__numeral_read(&m, plain, n) || m.decimals <= 18) return KAM_E_LIMIT;
    for (*scale = 18; *scale > 0; --*scale)
        if (kam__dec_parse(v, plain, n, *scale, KAM__DOWN, NULL, err) == KAM_OK) return KAM_OK;
    return kam__dec_parse(v, plain, n, 0, KAM__DOWN, NULL, err);
}

/* Nearly all numbers of nearly all files: digits, perhaps a '.', perhaps a sign in front. 0 = something else. */
static int number_simple(int64_t *out, uint32_t *scale, const char *text, size_t len)
{
    int64_t v = 0;
    size_t i = len && text[0] == '-', first = i, point = 0;
    if (len < i + 1 || len > 18 || text[len - 1] == '.') return 0;
    for (; i < len; i++) {
        if (text[i] >= '0' && text[i] <= '9') v = v * 10 + (text[i] - '0');
        else if (text[i] == '.' && !point && i > first) point = i;
        else return 0;
    }
    *out = first ? -v : v;
    *scale = point ? (uint32_t)(len - point - 1) : 0;
    return 1;
}

static int32_t number_read(int64_t *v, uint32_t *scale, const import_spec *spec, const char *text, size_t len,
                           kam_error *err)
{
    char plain[64], clip[48];
    if (!spec && number_simple(v, scale, text, len)) return KAM_OK;
    size_t n = len > 60 ? 0 : number_plain(plain, spec, text, len);
    if (!n) return kam__fail(err, KAM_E_PARSE, "\"%s\" is not a number", kam__clip(clip, text, len));
    int32_t rc = kam__dec_parse_any(v, scale, plain, n, err);
    if (rc == KAM_E_LIMIT && spec && spec->round && number_long(v, scale, plain, n, err) == KAM_OK) rc = KAM_OK;
    if (rc == KAM_E_PARSE) return kam__fail(err, rc, "\"%s\" is not a number%s", kam__clip(clip, text, len),
                                            spec ? " as the mapping says (decimal, group)" : "");
    if (rc == KAM_OK && spec && spec->power) rc = number_power(v, scale, spec->power, err);
    if (rc != KAM_OK || !spec || !spec->negate) return rc;
    if (*v == INT64_MIN) return kam__fail(err, KAM_E_LIMIT, "the number is too big");
    *v = -*v;
    return KAM_OK;
}

/* A number of another kind than money: at the field's own decimals. */
static int32_t number_fixed(import_cell *out, import_slot *s, int64_t v, uint32_t scale, int round, kam_error *err)
{
    char text[48];
    const kam__field *f = s->field;
    if (kam__rescale(v, scale, f->scale, KAM__EXACT, &out->v.i)) {
        int mode = f->logic == KAM__L_DEG6 ? KAM__HALF_EVEN : KAM__HALF_AWAY;
        kam__dec_format(text, v, scale);
        if ((!round && f->logic != KAM__L_DEG6) || kam__rescale(v, scale, f->scale, mode, &out->v.i))
            return kam__fail(err, KAM_E_LIMIT, "%s has more than %u decimals or is too big", text, (unsigned)f->scale);
        if (f->logic != KAM__L_DEG6) s->rounded++;
    }
    KAM__TRY(kam__value_check(f, out->v.i, err));
    out->state = IMPORT_NUMBER;
    return KAM_OK;
}

static int32_t number_f64(import_cell *out, const import_slot *s, const char *text, size_t len, kam_error *err)
{
    char plain[64], clip[48];
    size_t n = len > 60 ? 0 : number_plain(plain, s->spec, text, len);
    if (!n) return kam__fail(err, KAM_E_PARSE, "\"%s\" is not a number", kam__clip(clip, text, len));
    KAM__TRY(kam__f64_parse(&out->v.f, plain, n, err));
    if (s->spec && s->spec->power > 0) out->v.f *= (double)kam__pow10[s->spec->power];
    if (s->spec && s->spec->power < 0) out->v.f /= (double)kam__pow10[-s->spec->power];
    if (s->spec && s->spec->negate) out->v.f = -out->v.f;
    out->state = IMPORT_NUMBER;
    return KAM_OK;
}

static int32_t number_put(import_cell *out, import_slot *s, int64_t v, uint32_t scale, int round, kam_error *err)
{
    if (s->field->logic != KAM__L_MONEY) return number_fixed(out, s, v, scale, round, err);
    out->v.i = v;
    out->scale = (uint8_t)scale;
    out->flags = round ? IMPORT_ROUND : 0;
    out->state = IMPORT_MONEY;
    return KAM_OK;
}

int32_t kam__import_number(import_cell *out, import_slot *s, const char *text, size_t len, kam_error *err)
{
    int64_t v = 0;
    uint32_t scale = 0;
    if (s->field->type == KAM_T_F64) return number_f64(out, s, text, len, err);
    KAM__TRY(number_read(&v, &scale, s->spec, text, len, err));
    return number_put(out, s, v, scale, s->spec && s->spec->round, err);
}

/* Exact as long as it fits; beyond that cut at 18 decimals, which rounding half away from zero does not notice. */
int32_t kam__import_product(import_cell *out, import_slot *s, const import_raw *a, const import_raw *b, kam_error *err)
{
    import_spec plain = *s->spec;
    int64_t x = 0, y = 0, v = 0;
    uint32_t xs = 0, ys = 0;
    plain.power = 0;
    plain.negate = 0;
    KAM__TRY(number_read(&x, &xs, &plain, a->text, a->len, err));
    KAM__TRY(number_read(&y, &ys, &plain, b->text, b->len, err));
    uint32_t scale = xs + ys;
    if (scale > 18 || kam__mul(x, y, &v)) {
        uint32_t to = scale > 18 ? 18 : scale, cut = scale - to;
        while (to > 6 && kam__muldiv(x, y, kam__pow10[cut], KAM__DOWN, &v)) to--, cut++;
        if (cut > 18 || kam__muldiv(x, y, kam__pow10[cut], KAM__DOWN, &v))
            return kam__fail(err, KAM_E_LIMIT, "the product of %s and %s is too big", s->spec->part[0],
                             s->spec->part[1]);
        scale = to;
    }
    KAM__TRY(number_power(&v, &scale, s->spec->power, err));
    uint64_t rounded = s->rounded;
    if (v == INT64_MIN)
        return kam__fail(err, KAM_E_LIMIT, "the product of %s and %s is too big", s->spec->part[0], s->spec->part[1]);
    KAM__TRY(number_put(out, s, s->spec->negate ? -v : v, scale, 1, err));
    s->rounded = rounded;                   /* nobody wrote the decimals of a product */
    out->flags |= out->flags & IMPORT_ROUND ? IMPORT_ROUNDED : 0;
    return KAM_OK;
}

/* ---------------------------------------------------------------- days */

/* Order of year, month and day, the sign between them (0 = none). */
typedef struct number_day { const char *name; char part[4]; char between; } number_day;
static const number_day number_days[] = {
    { "YYYY-MM-DD", "ymd", '-' }, { "YYYYMMDD", "ymd", 0 }, { "DD.MM.YYYY", "dmy", '.' }, { "DD/MM/YYYY", "dmy", '/' },
    { "MM/DD/YYYY", "mdy", '/' }, { "YYYY/MM/DD", "ymd", '/' }
};

static const number_day *number_day_of(const char *format)
{
    for (size_t i = 0; i < KAM__LEN(number_days); i++)
        if (!format || kam__text_same(number_days[i].name, format)) return &number_days[i];
    return NULL;
}

int kam__import_day_format(const char *format) { return number_day_of(format) != NULL; }

static size_t number_digits(int32_t *out, const char *text, size_t len, size_t max)
{
    size_t n = 0;
    for (*out = 0; n < len && n < max && text[n] >= '0' && text[n] <= '9'; n++) *out = *out * 10 + (text[n] - '0');
    return n;
}

/* Behind the day only a time may follow, which does not count. */
static int number_time(const char *text, size_t len)
{
    if (len == 0) return 1;
    if (text[0] != ' ' && text[0] != 'T') return 0;
    for (size_t i = 1; i < len; i++)
        if (!strchr("0123456789:.,+- ZAPMapm", text[i]) || !text[i]) return 0;
    return 1;
}

static int number_day_parts(int32_t ymd[3], const number_day *f, const char *text, size_t len)
{
    size_t at = 0;
    for (int i = 0; i < 3; i++) {
        int year = f->part[i] == 'y';
        int32_t v = 0;
        size_t n = number_digits(&v, text + at, len - at, year ? 4 : 2);
        if (year ? n != 4 : n == 0 || (!f->between && n != 2)) return 0;
        ymd[year ? 0 : f->part[i] == 'm' ? 1 : 2] = v;
        at += n;
        if (i == 2 || !f->between) continue;
        if (at >= len || text[at] != f->between) return 0;
        at++;
    }
    return number_time(text + at, len - at);
}

int32_t kam__import_day(int32_t *out, const char *format, const char *text, size_t len, kam_error *err)
{
    char clip[48];
    int32_t ymd[3] = { 0, 0, 0 };
    const number_day *f = number_day_of(format);
    if (!f || !number_day_parts(ymd, f, text, len) || !kam__day_valid(ymd[0], ymd[1], ymd[2]))
        return kam__fail(err, KAM_E_PARSE, "\"%s\" is no day written as %s", kam__clip(clip, text, len),
                         f ? f->name : "?");
    *out = kam__day(ymd[0], ymd[1], ymd[2]);
    return KAM_OK;
}
