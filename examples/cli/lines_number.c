/*
 * lines_number.c - numbers and days of a file, exactly: no floating point between the file and the sum.
 */
#include "lines.h"

#define DIGITS 18

static int number_exponent(const char *p, const char *end, int *out) {
    int negative = p < end && *p == '-', v = 0;
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (p == end) return 0;
    for (; p < end; p++) {
        if (*p < '0' || *p > '9' || v > 1000) return 0;
        v = v * 10 + (*p - '0');
    }
    *out = negative ? -v : v;
    return 1;
}

/* Digits behind the 18th are left off: they cannot turn a rounding half away from zero, but they count as rounded. */
int lines_number(const cli_cell *cell, int64_t *value, int *scale, int *more) {
    const char *p = cell->text, *end = p + cell->len;
    int negative, point = 0, any = 0, kept = 0, shift = 0, exponent = 0;
    int64_t v = 0;
    while (p < end && *p == ' ') p++;
    while (end > p && end[-1] == ' ') end--;
    negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) p++;
    *more = 0;
    for (; p < end && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.' && !point) {
            point = 1;
            continue;
        }
        if (*p < '0' || *p > '9') return 0;
        any = 1;
        if (kept < DIGITS) {
            v = v * 10 + (*p - '0');
            kept += v != 0;
            shift += point;
        } else {
            *more |= *p != '0';
            shift -= !point;
        }
    }
    if (!any || (p < end && !number_exponent(p + 1, end, &exponent))) return 0;
    for (shift -= exponent; shift > 0 && v % 10 == 0 && v; shift--) v /= 10;
    if (!v) shift = 0;
    *scale = shift;
    *value = negative ? -v : v;
    return 1;
}

static int number_times(int64_t *v, int64_t factor) {
    int64_t a = *v < 0 ? -*v : *v;
    if (factor && a > INT64_MAX / factor) return 0;
    *v *= factor;
    return 1;
}

int lines_scale(int64_t value, int scale, int decimals, int64_t *out, int *rounded) {
    int64_t v = value, rest = 0, unit = 1;
    for (; scale < decimals && v; scale++)
        if (!number_times(&v, 10)) return 0;
    for (; scale > decimals && scale - decimals > DIGITS; scale--) {
        if (v % 10) *rounded = 1;
        v /= 10;
    }
    for (; scale > decimals; scale--) unit *= 10;
    rest = v % unit;
    v /= unit;
    if (rest) *rounded = 1;
    if (rest >= 0 ? rest >= unit - rest && rest : -rest >= unit + rest) v += rest > 0 ? 1 : -1;
    *out = v;
    return 1;
}

int lines_product(int64_t a, int scale_a, int64_t b, int scale_b, int64_t *out, int *scale) {
    int64_t large = b < 0 ? -b : b;
    *out = a;
    *scale = scale_a + scale_b;
    if (!number_times(out, large)) return 0;
    if (b < 0) *out = -*out;
    return 1;
}

int lines_day(lines *l, const cli_cell *cell, int32_t *out) {
    if (cell->len < 10 || (cell->len > 10 && cell->text[10] != ' ' && cell->text[10] != 'T')) return 0;
    if (memcmp(cell->text, l->day_text, 10) != 0) {
        if (kam_day_parse(&l->day, cell->text, 10, NULL) != KAM_OK) return 0;
        memcpy(l->day_text, cell->text, 10);
    }
    *out = l->day;
    return 1;
}
