/*
 * codec/arrow_fill.c - one column of a block as the buffers of an Arrow array.
 *
 * The block is laid out as Arrow lays out arrays already, so most columns are one copy; the rest is turned value by
 * value: names of enums, 128-bit decimals, bits of booleans. Validity is settled first; what stands under a null is
 * zero.
 */
#include "codec/arrow.h"

void kam__arrow_fill_drop(kam__arrow_fill *f)
{
    kam__free(f->ctx, f->valid);
    kam__free(f->ctx, f->off);
    kam__free(f->ctx, f->data);
}

static int afill_has(const kam__arrow_fill *f, uint32_t i) { return f->valid[i >> 3] >> (i & 7) & 1; }

static int afill_null(const kam__arrow_col *how, const kam_col *from, uint32_t row)
{
    if (kam__col_null(from, row)) return 1;
    if (how->as == KAM__ARROW_DAY) {
        int64_t day = kam__col_i64(from, row);
        return day == KAM_DAY_FIRST || day == KAM_DAY_END;
    }
    return how->as == KAM__ARROW_DECIMAL && how->by_row && how->decimals[row] < 0;
}

static int32_t afill_valid(kam__arrow_fill *f, const kam__arrow_col *how, const kam_col *from, uint32_t first,
                           kam_error *err)
{
    f->valid = kam__zalloc(f->ctx, ((size_t)f->n + 7) / 8);
    if (!f->valid) return kam__nomem(err);
    for (uint32_t i = 0; i < f->n; i++) {
        if (afill_null(how, from, first + i)) f->nulls++;
        else f->valid[i >> 3] = (uint8_t)(f->valid[i >> 3] | 1u << (i & 7));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- texts */

static const char *afill_text_at(const kam__arrow_col *how, const kam_col *from, uint32_t row, char own[24],
                                 size_t *len)
{
    if (how->as == KAM__ARROW_TEXT) return kam__col_text(from, row, len);
    const char *text = how->name_of(how->arg, kam__col_i64(from, row), own);
    *len = strlen(text);
    return text;
}

/* Texts of a block are bounded (8 MiB), names of 65,536 rows are short: offsets of 32 bits do. */
static int32_t afill_text(kam__arrow_fill *f, const kam__arrow_col *how, const kam_col *from, uint32_t first,
                          kam_error *err)
{
    char own[24];
    size_t size = 0, len = 0;
    f->off = kam__alloc(f->ctx, ((size_t)f->n + 1) * sizeof *f->off);
    if (!f->off) return kam__nomem(err);
    for (uint32_t i = 0; i < f->n; i++) {
        f->off[i] = (int32_t)size;
        if (!afill_has(f, i)) continue;
        afill_text_at(how, from, first + i, own, &len);
        size += len;
    }
    f->off[f->n] = (int32_t)size;
    char *data = f->data = kam__alloc(f->ctx, size);
    if (!data) return kam__nomem(err);
    for (uint32_t i = 0; i < f->n; i++) {
        if (!afill_has(f, i)) continue;
        const char *text = afill_text_at(how, from, first + i, own, &len);
        if (len) memcpy(data + f->off[i], text, len);
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- numbers */

/* v * 10^up in two's complement, the low half first on little-endian machines. */
static void afill_decimal(uint8_t out[16], int64_t v, uint32_t up)
{
    uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v, hi, lo, half[2];
    kam__mul128(size, (uint64_t)kam__pow10[up], &hi, &lo);
    if (v < 0) {
        lo = 0 - lo;
        hi = ~hi + (lo == 0);
    }
    const uint16_t one = 1;
    int little = *(const uint8_t *)&one;
    half[little ? 0 : 1] = lo;
    half[little ? 1 : 0] = hi;
    memcpy(out, half, 16);
}

static int32_t afill_value(kam__arrow_fill *f, uint32_t i, const kam__arrow_col *how, const kam_col *from, uint32_t row,
                           kam_error *err)
{
    int64_t v = kam__col_i64(from, row), s;
    int decimals = how->by_row ? how->decimals[row] : how->from;
    switch (how->as) {
    case KAM__ARROW_I32: case KAM__ARROW_DAY: ((int32_t *)f->data)[i] = (int32_t)v; break;
    case KAM__ARROW_F64: ((double *)f->data)[i] = kam__col_f64(from, row); break;
    case KAM__ARROW_DEGREES: ((double *)f->data)[i] = (double)v / 1e6; break;
    case KAM__ARROW_BOOL:
        if (v) ((uint8_t *)f->data)[i >> 3] = (uint8_t)(((uint8_t *)f->data)[i >> 3] | 1u << (i & 7));
        break;
    case KAM__ARROW_LOCAL:
        if (kam__mul(v, 60, &s))
            return kam__fail(err, KAM_E_LIMIT, "column %s: a local time of %lld minutes does not fit into seconds",
                             how->name, (long long)v);
        ((int64_t *)f->data)[i] = s;
        break;
    case KAM__ARROW_DECIMAL:
        if (decimals > how->scale || how->scale - decimals > 18)
            return kam__fail(err, KAM_E_LIMIT, "column %s: a value has %d decimals, the column %d", how->name, decimals,
                             (int)how->scale);
        afill_decimal((uint8_t *)f->data + (size_t)i * 16, v, (uint32_t)(how->scale - decimals));
        break;
    default: ((int64_t *)f->data)[i] = v;
    }
    return KAM_OK;
}

static int32_t afill_numbers(kam__arrow_fill *f, const kam__arrow_col *how, const kam_col *from, uint32_t first,
                             kam_error *err)
{
    static const uint8_t size[] = { 4, 8, 8, 0, 1, 4, 8, 8, 8, 0, 16 };
    f->data = kam__zalloc(f->ctx, (size_t)f->n * size[how->as]);
    if (!f->data) return kam__nomem(err);
    int plain = (how->as == KAM__ARROW_I32 && from->type == KAM_T_I32)
             || ((how->as == KAM__ARROW_I64 || how->as == KAM__ARROW_INSTANT) && from->type == KAM_T_I64)
             || (how->as == KAM__ARROW_F64 && from->type == KAM_T_F64);
    if (plain && !f->nulls && f->n) {
        memcpy(f->data, (const char *)from->data + (size_t)first * size[how->as], (size_t)f->n * size[how->as]);
        return KAM_OK;
    }
    for (uint32_t i = 0; i < f->n; i++)
        if (afill_has(f, i)) KAM__TRY(afill_value(f, i, how, from, first + i, err));
    return KAM_OK;
}

int32_t kam__arrow_fill_col(kam__arrow_fill *f, const kam__arrow_col *how, const kam_col *from, uint32_t first,
                            kam_error *err)
{
    KAM__TRY(afill_valid(f, how, from, first, err));
    if (how->as == KAM__ARROW_TEXT || how->as == KAM__ARROW_NAME) return afill_text(f, how, from, first, err);
    return afill_numbers(f, how, from, first, err);
}
