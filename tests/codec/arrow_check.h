/*
 * arrow_check.h - the rules of the Arrow C data interface, asked of a schema and its arrays: what a consumer relies on.
 */
#ifndef KAM_ARROW_CHECK_H
#define KAM_ARROW_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <kam/arrow.h>

static inline int bit(const void *bits, int64_t i) { return ((const uint8_t *)bits)[i >> 3] >> (i & 7) & 1; }

/* Value of a key in the metadata, copied to out; NULL = there is none. */
static inline const char *meta_of(const struct ArrowSchema *s, const char *key, char out[128])
{
    const char *p = s->metadata;
    int32_t n, len;
    if (!p) return NULL;
    memcpy(&n, p, 4);
    p += 4;
    for (int32_t i = 0; i < n; i++) {
        memcpy(&len, p, 4);
        int same = (size_t)len == strlen(key) && memcmp(p + 4, key, (size_t)len) == 0;
        p += 4 + len;
        memcpy(&len, p, 4);
        assert_true(len >= 0 && len < 128);
        if (same) {
            memcpy(out, p + 4, (size_t)len);
            out[len] = '\0';
            return out;
        }
        p += 4 + len;
    }
    return NULL;
}

static inline void check_column(const struct ArrowSchema *s, const struct ArrowArray *a, int64_t length)
{
    int64_t nulls = 0;
    assert_non_null(a->release);
    assert_int_equal(a->length, length);
    assert_int_equal(a->offset, 0);
    assert_int_equal(a->n_children, 0);
    assert_null(a->dictionary);
    assert_int_equal(a->n_buffers, s->format[0] == 'u' ? 3 : 2);
    for (int64_t i = 0; i < length; i++) nulls += a->buffers[0] && !bit(a->buffers[0], i);
    assert_int_equal(a->null_count, nulls);
    if (a->buffers[0])
        for (int64_t i = length; i < (length + 7) / 8 * 8; i++) assert_false(bit(a->buffers[0], i));
    assert_non_null(a->buffers[1]);
    if (s->format[0] != 'u') return;
    const int32_t *off = a->buffers[1];
    assert_non_null(a->buffers[2]);
    assert_int_equal(off[0], 0);
    for (int64_t i = 0; i < length; i++) {
        assert_true(off[i] <= off[i + 1]);
        if (a->buffers[0] && !bit(a->buffers[0], i)) assert_int_equal(off[i], off[i + 1]);
    }
}

static inline void check_schema(const struct ArrowSchema *s)
{
    assert_non_null(s->release);
    assert_string_equal(s->format, "+s");
    assert_null(s->dictionary);
    for (int64_t i = 0; i < s->n_children; i++) {
        const struct ArrowSchema *c = s->children[i];
        assert_non_null(c->release);
        assert_non_null(c->name);
        assert_int_equal(c->n_children, 0);
        assert_int_equal(c->flags, ARROW_FLAG_NULLABLE);
        if (strncmp(c->format, "d:", 2) != 0)
            assert_non_null(strstr(" i l g u b tdD tsm:UTC tss: ", c->format));
    }
}

static inline void check_batch(const struct ArrowSchema *s, const struct ArrowArray *a)
{
    assert_non_null(a->release);
    assert_int_equal(a->n_buffers, 1);
    assert_null(a->buffers[0]);
    assert_int_equal(a->null_count, 0);
    assert_int_equal(a->offset, 0);
    assert_int_equal(a->n_children, s->n_children);
    for (int64_t i = 0; i < a->n_children; i++) check_column(s->children[i], a->children[i], a->length);
}

static inline int64_t column_of(const struct ArrowSchema *s, const char *name)
{
    for (int64_t i = 0; i < s->n_children; i++)
        if (strcmp(s->children[i]->name, name) == 0) return i;
    fail_msg("no column %s", name);
    return -1;
}

/* Low 64 bits of a decimal; the upper ones must be its sign. */
static inline int64_t decimal_of(const struct ArrowArray *a, int64_t row)
{
    int64_t half[2];
    const uint16_t one = 1;
    int little = *(const uint8_t *)&one;
    memcpy(half, (const char *)a->buffers[1] + row * 16, 16);
    int64_t lo = half[little ? 0 : 1], hi = half[little ? 1 : 0];
    assert_int_equal(hi, lo < 0 ? -1 : 0);
    return lo;
}
#endif
