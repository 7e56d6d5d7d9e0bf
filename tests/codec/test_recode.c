/*
 * tests/codec/test_recode.c - other encodings to UTF-8: cut at every byte, bytes that are no character, names, and
 * running out of memory.
 */
#include "codec_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct sink { char text[40000]; size_t n; int stop; } sink;

static int32_t take(void *user, const char *data, size_t size, kam_error *err)
{
    sink *s = user;
    if (s->stop) return kam__fail(err, KAM_E_CANCELLED, "stop");
    assert_true(s->n + size < sizeof s->text);
    memcpy(s->text + s->n, data, size);
    s->n += size;
    s->text[s->n] = '\0';
    return KAM_OK;
}

/* In pieces of `step` bytes; the offset of the first bad byte, or -1. */
static int64_t convert(sink *s, const char *encoding, const char *text, size_t len, size_t step)
{
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    kam__recode *r = NULL;
    memset(s, 0, sizeof *s);
    assert_code(kam__recode_new(&r, ctx, encoding, NULL), KAM_OK);
    for (size_t i = 0; i < len; i += step)
        assert_code(kam__recode_feed(r, text + i, len - i < step ? len - i : step, take, s, NULL), KAM_OK);
    assert_code(kam__recode_end(r, take, s, NULL), KAM_OK);
    int64_t bad = kam__recode_bad(r);
    assert_int_equal(kam__recode_bad(r), -1);                       /* told once */
    kam__recode_free(r);
    ct_done(&m, ctx);
    return bad;
}

static void test_encodings(void **state)
{
    static const struct { const char *encoding, *in; size_t len; const char *out; } t[] = {
        { "GB18030", "\xCB\xD5\xD6\xDD,\xA2\xE3", 7, "苏州,€" },
        { "gb18030", "\x81\x39\xEE\x39\x95\x32\x82\x36!", 9, "㐀𠀀!" },
        { "GBK", "\xCB\xD5\xD6\xDD\x81\x40", 6, "苏州丂" },
        { "GB2312", "\xCB\xD5\xD6\xDD", 4, "苏州" },
        { "UTF-16LE", "\xCF\x82\xDE\x5D" "a\0" "\x40\xD8\x00\xDC", 10, "苏州a𠀀" },
        { "UTF-16", "\xFE\xFF\x82\xCF\x5D\xDE", 6, "苏州" },
        { "ISO-8859-1", "M\xFCller", 6, "Müller" },
        { "GB18030", "\x84\x31\x95\x33" "a", 5, "\xEF\xBB\xBF" "a" }     /* the mark at the beginning of a file */
    };
    static sink s;
    (void)state;
    for (size_t i = 0; i < KAM__LEN(t); i++)
        for (size_t step = 1; step <= t[i].len; step++) {
            assert_int_equal(convert(&s, t[i].encoding, t[i].in, t[i].len, step), -1);
            assert_string_equal(s.text, t[i].out);
        }
}

static void test_bytes_that_are_no_character(void **state)
{
    static const struct { const char *in; size_t len; const char *out; int64_t bad; } t[] = {
        { "a\xFF" "b", 3, "a\xFF" "b", 1 },
        { "a\xCB,b", 4, "a\xFF,b", 1 },                             /* the comma is no second byte */
        { "\xCB\xD5\xCB", 3, "苏\xFF", 2 },                         /* cut off at the end */
        { "\x81\x39\xEE", 3, "\xFF" "9\xFF", 0 },
        { "ab\xFF\xFF" "cd", 6, "ab\xFF\xFF" "cd", 2 }
    };
    static sink s;
    (void)state;
    for (size_t i = 0; i < KAM__LEN(t); i++)
        for (size_t step = 1; step <= t[i].len; step++) {
            assert_int_equal(convert(&s, "GB18030", t[i].in, t[i].len, step), t[i].bad);
            assert_string_equal(s.text, t[i].out);
        }
}

/* Two-byte characters over the border of the converter's pieces, at both parities. */
static void test_long_text(void **state)
{
    static sink s;
    static char text[20001];
    (void)state;
    for (size_t shift = 0; shift < 2; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 1 < 20000; i += 2) memcpy(text + i, "\xCB\xD5", 2);
        size_t len = 20000 - shift;
        if (shift) len = 19999;
        assert_int_equal(convert(&s, "GB18030", text, len, len), -1);
        assert_int_equal(s.n, shift + (len - shift) / 2 * 3);
        assert_memory_equal(s.text + s.n - 3, "苏", 3);
    }
}

static void test_names_and_failures(void **state)
{
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    kam_error *err = NULL;
    static sink s;
    kam__recode *r = NULL;
    (void)state;
    assert_code(kam_error_new(&err, NULL), KAM_OK);
    assert_code(kam__recode_new(&r, ctx, "utf-8", err), KAM_OK);
    assert_null(r);
    assert_code(kam__recode_new(&r, ctx, "GB18030//IGNORE", err), KAM_E_INVAL);
    assert_non_null(strstr(kam_error_message(err), "GB18030//IGNORE"));
    m.countdown = 0;
    assert_code(kam__recode_new(&r, ctx, "GBK", err), KAM_E_NOMEM);
    m.countdown = -1;
    assert_code(kam__recode_new(&r, ctx, "gb2312", err), KAM_OK);
    assert_string_equal(kam__recode_name(r), "GB2312");
    s.stop = 1;
    assert_code(kam__recode_feed(r, "a", 1, take, &s, err), KAM_E_CANCELLED);
    kam__recode_free(r);
    kam__recode_free(NULL);
    kam_error_free(err);
    ct_done(&m, ctx);
}

/* ---------------------------------------------------------------- out */

static void test_out(void **state)
{
    static const struct { const char *encoding, *in, *out; int32_t rc; } t[] = {
        { "GB18030", "苏州,€", "\xCB\xD5\xD6\xDD,\xA2\xE3", KAM_OK },
        { "gb18030", "㐀𠀀😀!", "\x81\x39\xEE\x39\x95\x32\x82\x36\x94\x39\xFC\x36!", KAM_OK },
        { "GBK", "苏州丂", "\xCB\xD5\xD6\xDD\x81\x40", KAM_OK }, { "utf-8", "苏😀", "苏😀", KAM_OK },
        { "GBK", "a😀", "U+1F600, which is not in GBK", KAM_E_INVAL }, { "GB2312", "", "", KAM_OK },
        { "ISO-8859-1", "苏", "U+82CF", KAM_E_INVAL }, { "UTF-16", "a", "only read", KAM_E_INVAL },
        { "EBCDIC", "a", "\"EBCDIC\" is not known", KAM_E_INVAL }
    };
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    kam_error *err = NULL;
    (void)state;
    assert_code(kam_error_new(&err, NULL), KAM_OK);
    for (size_t i = 0; i < KAM__LEN(t); i++) {
        kam_buf *b = NULL;
        assert_code(kam_buf_new(&b, ctx, NULL), KAM_OK);
        assert_code(kam__recode_out(b, t[i].encoding, t[i].in, strlen(t[i].in), err), t[i].rc);
        if (t[i].rc == KAM_OK) assert_string_equal(kam_buf_data(b), t[i].out);
        else assert_non_null(strstr(kam_error_message(err), t[i].out));
        kam_buf_free(b);
    }
    kam_error_free(err);
    ct_done(&m, ctx);
}

/* Longer than a piece, with characters of every length at its end; and the way back. */
static void test_out_long(void **state)
{
    static char text[30000];
    static sink s;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        kam_buf *b = NULL;
        size_t n = shift;
        memset(text, 'x', shift);
        for (; n < 20000; n += 8) memcpy(text + n, "苏😀a", 8);
        assert_code(kam_buf_new(&b, ctx, NULL), KAM_OK);
        assert_code(kam__recode_out(b, "GB18030", text, n, NULL), KAM_OK);
        assert_int_equal(convert(&s, "GB18030", kam_buf_data(b), kam_buf_size(b), 1000), -1);
        assert_int_equal(s.n, n);
        assert_memory_equal(s.text, text, n);
        kam_buf_free(b);
        assert_code(kam_buf_new(&b, ctx, NULL), KAM_OK);
        m.countdown = 0;
        assert_code(kam__recode_out(b, "GB18030", text, n, NULL), KAM_E_NOMEM);
        m.countdown = -1;
        kam_buf_free(b);
    }
    ct_done(&m, ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_bytes_that_are_no_character),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_names_and_failures), cmocka_unit_test(test_out), cmocka_unit_test(test_out_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
