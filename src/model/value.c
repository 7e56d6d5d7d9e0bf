/*
 * model/value.c - one value and its canonical text, by the field's logic.
 *
 * What a person or an ERP writes is taken generously (labels in English and Chinese, yes and no, 12.0 for 12), what
 * comes out is one form: enums by name, days ISO, decimals without needless zeros, money with all decimals of its
 * currency. Nothing is rounded but degrees, whose sixth decimal is a tenth of a metre; a number that does not fit is
 * refused.
 */
#include "model.h"

#define VALUE_ID_MAX (((int64_t)1 << 53) - 1)
#define VALUE_DAY_MS 86400000

/* ---------------------------------------------------------------- numbers a field may hold */

static int32_t value_range(const kam__field *field, int64_t v, int64_t min, int64_t max, kam_error *err) {
    char low[48], high[48], own[48];
    if (v >= min && v <= max) return KAM_OK;
    kam__value_format(own, field, 0, v, 0);
    kam__value_format(low, field, 0, min, 0);
    kam__value_format(high, field, 0, max, 0);
    return kam__fail(err, KAM_E_LIMIT, "%s is not within %s and %s", own, low, high);
}

/* Years 1 to 9999, in units of which a day has `per_day`. */
static int32_t value_range_time(int64_t v, int64_t per_day, kam_error *err) {
    int64_t first = kam__day(1, 1, 1) * per_day, end = (kam__day(9999, 12, 31) + (int64_t)1) * per_day;
    if (v >= first && v < end) return KAM_OK;
    return kam__fail(err, KAM_E_LIMIT, "%lld is not within the years 1 and 9999", (long long)v);
}

static int32_t value_check_enum(const kam__field *field, int64_t v, kam_error *err) {
    char names[300];
    if (kam__enum_by_value(field->set, v)) return KAM_OK;
    return kam__fail(err, KAM_E_INVAL, "%lld is none of its values; write one of %s", (long long)v,
                     kam__enum_names(names, sizeof names, field->set, ", "));
}

/* Latitudes end at 90 degrees, longitudes at 180; the name tells which. */
static int64_t value_degrees_max(const kam__field *field) {
    static const char suffix[] = "latitude";
    size_t len = strlen(field->name), n = sizeof suffix - 1;
    return len >= n && memcmp(field->name + len - n, suffix, n) == 0 ? 90000000 : 180000000;
}

int32_t kam__value_check(const kam__field *field, int64_t v, kam_error *err) {
    switch (field->logic) {
    case KAM__L_TEXT: case KAM__L_CODE: case KAM__L_CURRENCY:
        return kam__fail(err, KAM_E_TYPE, "is a text, not a number; use kam_record_set_text");
    case KAM__L_F64: return kam__fail(err, KAM_E_TYPE, "is a double; use kam_record_set_f64");
    case KAM__L_BOOL:
        return v == 0 || v == 1 ? KAM_OK
                                : kam__fail(err, KAM_E_LIMIT, "%lld is neither 0 (no) nor 1 (yes)", (long long)v);
    case KAM__L_ENUM: return value_check_enum(field, v, err);
    case KAM__L_DAY: return v == KAM_DAY_FIRST || v == KAM_DAY_END ? KAM_OK : value_range_time(v, 1, err);
    case KAM__L_INSTANT: return value_range_time(v, VALUE_DAY_MS, err);
    case KAM__L_LOCAL: return value_range_time(v, 1440, err);
    case KAM__L_REF: case KAM__L_ID: return value_range(field, v, 1, VALUE_ID_MAX, err);
    case KAM__L_DEG6: return value_range(field, v, -value_degrees_max(field), value_degrees_max(field), err);
    default: return KAM_OK;
    }
}

/* ---------------------------------------------------------------- text to number */

static int32_t value_parse_bool(int64_t *out, const char *text, size_t len, kam_error *err) {
    static const char *const yes_no[] = {"false", "true", "no", "yes", "0", "1", "否", "是"};
    char clip[48];
    for (size_t i = 0; i < KAM__LEN(yes_no); i++)
        if (kam__text_same_ci(text, len, yes_no[i])) {
            *out = (int64_t)(i & 1);
            return KAM_OK;
        }
    return kam__fail(err, KAM_E_PARSE, "\"%s\" is neither true nor false", kam__clip(clip, text, len));
}

static int32_t value_parse_enum(int64_t *out, const kam__enum_set *set, const char *text, size_t len, kam_error *err) {
    char clip[48], names[300];
    const kam__enum_item *item = kam__enum_match(set, text, len);
    if (!item)
        return kam__fail(err, KAM_E_PARSE, "\"%s\" is none of its values; write one of %s", kam__clip(clip, text, len),
                         kam__enum_names(names, sizeof names, set, ", "));
    *out = item->value;
    return KAM_OK;
}

/* Digits; also 12.0 and 1.2e3, which spreadsheets and JSON writers make of whole numbers. */
static int32_t value_parse_int(int64_t *out, const char *text, size_t len, kam_error *err) {
    if (kam__dec_parse(out, text, len, 0, KAM__EXACT, NULL, NULL) == KAM_OK) return KAM_OK;
    return kam__i64_parse(out, text, len, err);
}

static int32_t value_parse_day(int64_t *out, const char *text, size_t len, kam_error *err) {
    int32_t day;
    KAM__TRY(kam__day_read(&day, text, len, err));
    *out = day;
    return KAM_OK;
}

static int32_t value_parse_number(int64_t *v, const kam__field *field, uint32_t decimals, const char *text, size_t len,
                                  kam_error *err) {
    switch (field->logic) {
    case KAM__L_BOOL: return value_parse_bool(v, text, len, err);
    case KAM__L_ENUM: return value_parse_enum(v, field->set, text, len, err);
    case KAM__L_DAY: return value_parse_day(v, text, len, err);
    case KAM__L_INSTANT: return kam__instant_read(v, text, len, err);
    case KAM__L_LOCAL: return kam__local_read(v, text, len, err);
    case KAM__L_MONEY: return kam__dec_parse(v, text, len, decimals, KAM__EXACT, NULL, err);
    case KAM__L_DECIMAL: case KAM__L_POINTS: return kam__dec_parse(v, text, len, field->scale, KAM__EXACT, NULL, err);
    case KAM__L_DEG6: return kam__dec_parse(v, text, len, 6, KAM__HALF_EVEN, NULL, err);
    case KAM__L_INT: case KAM__L_REF: case KAM__L_ID: return value_parse_int(v, text, len, err);
    default: return kam__fail(err, KAM_E_TYPE, "is a text, not a number");
    }
}

int32_t kam__value_parse(int64_t *i, double *f, const kam__field *field, uint32_t decimals, const char *text,
                         size_t len, kam_error *err) {
    int64_t v = 0;
    if (len == KAM_NUL) len = strlen(text);
    if (field->logic == KAM__L_F64) return kam__f64_parse(f, text, len, err);
    KAM__TRY(value_parse_number(&v, field, decimals, text, len, err));
    KAM__TRY(kam__value_check(field, v, err));
    *i = v;
    return KAM_OK;
}

/* ---------------------------------------------------------------- text to text */

/* Three letters, in capitals, of a currency the book or ISO 4217 knows. */
static int32_t value_currency(const char **text, size_t *len, char own[4], const kam__schema *schema, kam_error *err) {
    char clip[48];
    for (size_t i = 0; i < 3; i++) {
        char c = i < *len ? (*text)[i] : '\0';
        own[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    own[3] = '\0';
    if (*len != 3 || kam__schema_decimals(schema, own) < 0)
        return kam__fail(err, KAM_E_PARSE, "\"%s\" is no currency known here; write an ISO 4217 code like CNY",
                         kam__clip(clip, *text, *len));
    *text = own;
    return KAM_OK;
}

int32_t kam__value_text(const char **text, size_t *len, char own[4], const kam__schema *schema, const kam__field *field,
                        kam_error *err) {
    if (field->logic == KAM__L_CURRENCY) return value_currency(text, len, own, schema, err);
    const kam__enum_item *item =
        field->logic == KAM__L_CODE && field->set ? kam__enum_match(field->set, *text, *len) : NULL;
    if (item) {
        *text = item->name;
        *len = strlen(item->name);
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- number to text */

static size_t value_put(char out[48], const char *text) {
    size_t len = strlen(text);
    memcpy(out, text, len + 1);
    return len;
}

size_t kam__value_format(char out[48], const kam__field *field, uint32_t decimals, int64_t i, double f) {
    const kam__enum_item *item;
    switch (field->logic) {
    case KAM__L_BOOL: return value_put(out, i ? "true" : "false");
    case KAM__L_ENUM:
        item = kam__enum_by_value(field->set, i);
        return item ? value_put(out, item->name) : kam__i64_format(out, i);
    case KAM__L_DAY: return kam__day_format(out, (int32_t)i);
    case KAM__L_INSTANT: return kam__instant_format(out, i);
    case KAM__L_LOCAL: return kam__local_format(out, i);
    case KAM__L_MONEY: return kam__dec_format(out, i, decimals);
    case KAM__L_DECIMAL: case KAM__L_POINTS: case KAM__L_DEG6: return kam__dec_format_short(out, i, field->scale);
    case KAM__L_F64: return kam__f64_format(out, f);
    default: return kam__i64_format(out, i);
    }
}
