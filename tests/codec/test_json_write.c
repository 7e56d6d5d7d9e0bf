/* Tests of codec/json_write.c: the canonical form, its limits and its stability; writing as it stands; failing
 * allocations. */
#include "codec_test.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct json_fixture { ct_memory m; kam_ctx *ctx; kam__arena arena; kam_error *err; kam_buf out; } json_fixture;

static void begin(json_fixture *f)
{
    f->ctx = ct_ctx(&f->m, 0);
    kam__arena_init(&f->arena, f->ctx, 0);
    kam__buf_init(&f->out, f->ctx);
    assert_int_equal(kam_error_new(&f->err, NULL), KAM_OK);
}

static void end(json_fixture *f)
{
    kam__buf_drop(&f->out);
    kam__arena_free(&f->arena);
    kam_error_free(f->err);
    ct_done(&f->m, f->ctx);
}

static const kam__json *good(json_fixture *f, const char *text, uint32_t flags)
{
    const kam__json *v = NULL;
    if (kam__json_parse(&v, &f->arena, text, strlen(text), flags, f->err) != KAM_OK)
        fail_msg("%s: %s", text, kam_error_message(f->err));
    return v;
}

static void check(json_fixture *f, const char *text, const char *want)
{
    kam__buf_clear(&f->out);
    assert_code(kam__json_canonical(&f->out, good(f, text, 0), f->err), KAM_OK);
    if (strcmp(kam_buf_data(&f->out), want) != 0) fail_msg("%s: got %s want %s", text, kam_buf_data(&f->out), want);
    kam__buf_clear(&f->out);
    assert_code(kam__json_canonical(&f->out, good(f, want, 0), f->err), KAM_OK);
    assert_string_equal(kam_buf_data(&f->out), want);           /* canonical text is its own canonical form */
}

static void test_canonical_numbers(void **state)
{
    (void)state;
    static const char *const pair[][2] = {
        {"1.0", "1"}, {"1.50e2", "150"}, {"1e-7", "0.0000001"}, {"0", "0"}, {"-0", "0"}, {"-0.000e9", "0"},
        {"0e999999999999999999999", "0"},
        {"0.0e-5", "0"}, {"-1", "-1"}, {"100", "100"}, {"1e2", "100"}, {"1E+2", "100"}, {"12.340", "12.34"},
        {"1234e-2", "12.34"},
        {"0.01234e3", "12.34"}, {"123.456e1", "1234.56"}, {"123.456e2", "12345.6"}, {"123.456e3", "123456"},
        {"123.456e5", "12345600"},
        {"123.456e-2", "1.23456"}, {"123.456e-3", "0.123456"}, {"123.456e-5", "0.00123456"}, {"0.5", "0.5"},
        {"-0.50", "-0.5"},
        {"0.001e3", "1"}, {"0.001e2", "0.1"}, {"1000e-3", "1"}, {"9007199254740993", "9007199254740993"},
        {"10.01", "10.01"},
        {"123456789012345678901234567890.5", "123456789012345678901234567890.5"}, {"100.00e-1", "10"},
        {"0.10203e2", "10.203"},
    };
    json_fixture f;
    begin(&f);
    for (size_t i = 0; i < KAM__LEN(pair); i++) check(&f, pair[i][0], pair[i][1]);
    end(&f);
}

static void test_numbers_of_too_many_digits_are_refused(void **state)
{
    (void)state;
    static const char *const fit[] = {"1e399", "-1e399", "1e-399", "1.5e399", "12e-399"};
    static const char *const over[] = {"1e400", "1e-400", "-1e400", "1e999999999", "1e-99999999999999999999",
        "1.5e-399", "1e9223372036854775807",
                                       "1e18446744073709551617"};
    json_fixture f;
    begin(&f);
    for (size_t i = 0; i < KAM__LEN(fit); i++) {
        kam__buf_clear(&f.out);
        assert_code(kam__json_canonical(&f.out, good(&f, fit[i], 0), f.err), KAM_OK);
        assert_in_range(f.out.size, 400, 402);
    }
    kam__buf_clear(&f.out);
    kam__buf_str(&f.out, "kept");
    for (size_t i = 0; i < KAM__LEN(over); i++) {
        char text[80];
        snprintf(text, sizeof text, "{\"a\":[1,\n%s]}", over[i]);
        assert_code(kam__json_canonical(&f.out, good(&f, text, 0), f.err), KAM_E_LIMIT);
        assert_int_equal(kam_error_detail(f.err, KAM_ERR_LINE), 2);
        assert_non_null(strstr(kam_error_message(f.err), "400 digits"));
        assert_string_equal(kam_buf_data(&f.out), "kept");
    }
    end(&f);
}

static void test_canonical_documents(void **state)
{
    (void)state;
    json_fixture f;
    begin(&f);
    check(&f, " { \"b\" : [ 1.0 , { } , [ ] ] ,\n \"a\" : { \"z\" : null , \"y\" : false } } ",
          "{\"a\":{\"y\":false,\"z\":null},\"b\":[1,{},[]]}");
    check(&f, "{\"aa\":1,\"a\":2,\"\":3,\"B\":4}", "{\"\":3,\"B\":4,\"a\":2,\"aa\":1}");
    check(&f, "{\"\\uE000\":1,\"\\uD83D\\uDE00\":2,\"z\":3}",              /* by bytes, not by UTF-16 units */
          "{\"z\":3,\"\xEE\x80\x80\":1,\"\xF0\x9F\x98\x80\":2}");
    check(&f, "\"\\u0041\\/\\u00e9\\u000a\\u0008\\u001f\\\"\\\\\\u007f\"", "\"A/\xC3\xA9\\n\\b\\u001f\\\"\\\\\x7F\"");
    check(&f, "{\"k\\u0000\":\"\\u0000\"}", "{\"k\\u0000\":\"\\u0000\"}");
    check(&f, "{\"p\":1,\"o\":1,\"n\":1,\"m\":1,\"l\":1,\"k\":1,\"j\":1,\"i\":1,"
              "\"h\":1,\"g\":1,\"f\":1,\"e\":1,\"d\":1,\"c\":1,\"b\":1,\"a\":1}",
          "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,"
          "\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1}");
    kam__buf_clear(&f.out);
    assert_code(kam__json_canonical(&f.out, good(&f, "{\"b\":1,\"a\":{\"x\":1},\"b\":2,\"a\":3}",
                                                 KAM__JSON_DUPLICATES), f.err), KAM_OK);
    assert_string_equal(kam_buf_data(&f.out), "{\"a\":3,\"b\":2}");
    end(&f);
}

static void hash_of(json_fixture *f, const char *text, char hex[65])
{
    kam__sha256 sha;
    kam__buf_clear(&f->out);
    assert_code(kam__json_canonical(&f->out, good(f, text, 0), f->err), KAM_OK);
    kam__sha256_init(&sha);
    kam__sha256_add(&sha, f->out.data, f->out.size);
    kam__sha256_end(&sha, hex);
}

/* Spelling does not change the hash, content does; the value itself is part of stored data and never changes. */
static void test_hash_is_stable(void **state)
{
    (void)state;
    static const char *const same[] = {
        "{\"name\":\"A/B\\u00e9\",\"cuts\":[0.8,0.95,1],\"window\":{\"months\":12,\"from\":null}}",
        "{ \"window\": {\"from\":null, \"months\":1.2e1},\n\"cuts\":[8e-1, 0.950, 1.0], \"name\":\"A\\/B\xC3\xA9\" }",
    };
    char a[65], b[65];
    json_fixture f;
    begin(&f);
    hash_of(&f, same[0], a);
    hash_of(&f, same[1], b);
    assert_string_equal(a, b);
    assert_string_equal(kam_buf_data(&f.out),
                        "{\"cuts\":[0.8,0.95,1],\"name\":\"A/B\xC3\xA9\",\"window\":{\"from\":null,\"months\":12}}");
    assert_string_equal(a, "90e6fadf37f157b14e7f89174b8c0bf4d8957edf2d2832ca1e944e55ada21f62");
    hash_of(&f, "{\"name\":\"A/B\\u00e9\",\"cuts\":[0.8,0.95,1],\"window\":{\"months\":13,\"from\":null}}", b);
    assert_string_not_equal(a, b);
    end(&f);
}

static void test_write_as_it_stands(void **state)
{
    (void)state;
    json_fixture f;
    begin(&f);
    kam__json_write(&f.out, good(&f, " {\"b\" : 1.50e2, \"a\": [true, false, null, \"\\u0041\", {}], \"\":[[]] }", 0));
    assert_string_equal(kam_buf_data(&f.out), "{\"b\":1.50e2,\"a\":[true,false,null,\"A\",{}],\"\":[[]]}");
    kam__buf_clear(&f.out);
    kam__json_write(&f.out, good(&f, "{\"a\":1,\"a\":2}", KAM__JSON_DUPLICATES));
    assert_string_equal(kam_buf_data(&f.out), "{\"a\":1,\"a\":2}");
    end(&f);
}

static void test_deep_documents(void **state)
{
    (void)state;
    json_fixture f;
    begin(&f);
    f.ctx->opt.max_depth = 1000000;
    size_t n = 500000;
    char *deep = malloc(2 * n + 1);
    assert_non_null(deep);
    memset(deep, '[', n);
    memset(deep + n, ']', n);
    deep[2 * n] = '\0';
    const kam__json *v = good(&f, deep, 0);
    assert_code(kam__json_canonical(&f.out, v, f.err), KAM_OK);
    assert_string_equal(kam_buf_data(&f.out), deep);
    free(deep);
    end(&f);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    json_fixture f;
    begin(&f);
    const kam__json *v = good(&f, "{\"b\":[{\"y\":[1,2,{\"q\":1,\"p\":2}],"
                                  "\"x\":\"a longer text, so that the buffer has to grow more than once\"}],"
                                  "\"a\":1}", 0);
    for (int canonical = 0; canonical < 2; canonical++) {
        int32_t rc;
        long n = 0;
        do {
            kam__buf_drop(&f.out);
            kam__buf_str(&f.out, "kept");
            long live = f.m.live;
            f.m.countdown = n++;
            if (canonical) rc = kam__json_canonical(&f.out, v, f.err);
            else kam__json_write(&f.out, v), rc = kam__buf_end(&f.out, f.err);
            f.m.countdown = -1;
            assert_int_equal(f.m.live, live);
            if (rc != KAM_OK) assert_code(rc, KAM_E_NOMEM);
            if (rc != KAM_OK && canonical) {
                assert_string_equal(kam_buf_data(&f.out), "kept");
                assert_code(kam__json_canonical(&f.out, v, f.err), KAM_OK);         /* a second try is a fresh one */
            }
        } while (rc != KAM_OK);
        assert_true(n > 2);
    }
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical_numbers), cmocka_unit_test(test_numbers_of_too_many_digits_are_refused),
        cmocka_unit_test(test_canonical_documents), cmocka_unit_test(test_hash_is_stable),
            cmocka_unit_test(test_write_as_it_stands),
        cmocka_unit_test(test_deep_documents), cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
