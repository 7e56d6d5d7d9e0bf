/*
 * tests/store/test_duplicate.c - duplicates: keys of texts, names that are alike, pairs in a book, the credit code, and
 * running out of memory at every allocation.
 */
#include "rows_test.h"
#include "store/duplicate.h"
#include <string.h>

typedef void (*key_fn)(kam_buf *out, const char *text, size_t len);

static void same_key(desk *d, key_fn fn, const char *text, const char *want)
{
    kam_buf b;
    kam__buf_init(&b, d->ctx);
    fn(&b, text, strlen(text));
    if (strcmp(b.size ? b.data : "", want) != 0)
        fail_msg("\"%s\" gives \"%s\", wanted \"%s\"", text, b.size ? b.data : "", want);
    kam__buf_drop(&b);
}

static void test_names(void **state)
{
    static const char *const t[][2] = {
        { "苏州泵业有限公司", "苏州泵业" }, { "苏州泵业（集团）股份有限公司", "苏州泵业" }, { "苏州泵业总公司", "苏州泵业" },
        { "苏州泵业有限公司无锡分公司", "苏州泵业有限公司无锡分公司" }, { "有限公司", "有限公司" }, { "公司", "公司" },
        { "Acme Pumps Co., Ltd.", "acmepumps" }, { "ＡＣＭＥ　Ｐｕｍｐｓ Limited", "acmepumps" },
        { "ACME-Pumps Company Limited", "acmepumps" }, { "Acme S.A.", "acme" }, { "Müller & Söhne GmbH", "müllersöhne" },
        { "MÜLLER+SÖHNE", "müllersöhne" }, { "Ltd", "ltd" }, { "Co Ltd", "co" }, { "Costco", "costco" }, { "Visa", "visa" },
        { "华为Co., Ltd", "华为" }, { "L'Oréal S.A.", "loréal" }, { " ", "" }, { "·", "" }
    };
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    for (size_t i = 0; i < KAM__LEN(t); i++) same_key(&d, kam__dup_name, t[i][0], t[i][1]);
    same_key(&d, kam__dup_city, "苏州市", "苏州");
    same_key(&d, kam__dup_city, "New York", "newyork");
    same_key(&d, kam__dup_city, "市", "市");
    desk_close(&d);
}

static void test_addresses(void **state)
{
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    same_key(&d, kam__dup_email, " Li.Wei@ACME.cn ", "li.wei@acme.cn");
    same_key(&d, kam__dup_email, "mailto:a@b.cn", "a@b.cn");
    same_key(&d, kam__dup_email, "a@b", "");
    same_key(&d, kam__dup_email, "@b.cn", "");
    same_key(&d, kam__dup_email, "a@b@c.cn", "");
    same_key(&d, kam__dup_website, "https://www.Acme.cn/about?x=1", "acme.cn");
    same_key(&d, kam__dup_website, "ACME.cn.", "acme.cn");
    same_key(&d, kam__dup_website, "none", "");
    desk_close(&d);
}

static void same_phone(desk *d, const char *text, const char *want)
{
    char all[200] = "";
    kam_buf b;
    kam__buf_init(&b, d->ctx);
    for (uint32_t n = 0; kam__dup_phone(&b, text, strlen(text), n); n++) {
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", n ? " " : "", b.size ? b.data : "-");
        kam__buf_clear(&b);
    }
    if (strcmp(all, want) != 0) fail_msg("\"%s\" gives \"%s\", wanted \"%s\"", text, all, want);
    kam__buf_drop(&b);
}

static void test_phones(void **state)
{
    static const char *const t[][2] = {
        { "13800138000", "13800138000" }, { "+86 138 0013 8000", "13800138000" }, { "0086-13800138000", "13800138000" },
        { "8613800138000", "13800138000" }, { "0512-63291234", "51263291234" }, { "+86 512 63291234", "51263291234" },
        { "(0512)63291234转801", "51263291234" }, { "0512 6329 1234 ext. 801", "51263291234" },
        { "021-63291234", "2163291234" }, { "86-21-63291234", "2163291234" }, { "+1 212 555 1234", "12125551234" },
        { "001-212-555-1234", "12125551234" }, { "13800138000 / 0512-63291234", "13800138000 51263291234" },
        { "１３８００１３８０００、021-63291234", "13800138000 2163291234" }, { "12345", "-" }, { "0000000", "-" },
        { "none", "-" }, { "", "" }, { "8888888", "-" }
    };
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    for (size_t i = 0; i < KAM__LEN(t); i++) same_phone(&d, t[i][0], t[i][1]);
    desk_close(&d);
}

static int64_t alike(const char *a, const char *b)
{
    int64_t share = kam__dup_alike(a, strlen(a), b, strlen(b));
    assert_int_equal(kam__dup_alike(b, strlen(b), a, strlen(a)), share);
    return share;
}

static void test_alike(void **state)
{
    char one[300], two[300];
    (void)state;
    assert_int_equal(alike("苏州泵业", "苏州泵业"), 10000);
    assert_int_equal(alike("acmepumps", "acmepump"), 9333);         /* 7 of 7.5 pairs */
    assert_int_equal(alike("上海大众汽车", "上海大从汽车"), 8333);  /* 5 of 6 letters */
    assert_int_equal(alike("苏州泵业机械", "苏州"), 0);
    assert_int_equal(alike("第一人民医院", "第二人民医院"), 0);
    assert_int_equal(alike("store12", "store13"), 0);
    assert_int_equal(alike("abc", "abd"), 0);
    assert_true(alike("acmepumps", "boltandnut") < 3000);
    memset(one, 'x', sizeof one - 1);
    memset(two, 'x', sizeof two - 1);
    one[299] = two[299] = '\0';
    two[298] = 'y';
    assert_int_equal(alike(one, two), 9999);                        /* only the first 64 letters count */
}

static void test_credit_codes(void **state)
{
    static const struct { const char *code, *says; } bad[] = {
        { "91350100M000100Y4", "17 characters" }, { "91350100M000100Y44", "ends in 4 where 3" },
        { "91350100M000100I43", "place 16" }, { "", "0 characters" }, { "91350100M000100Y43 ", "19 characters" },
        { "19350100M000100Y43", "would be right" }
    };
    kam_error *err = NULL;
    (void)state;
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    assert_int_equal(kam_credit_code_check("91350100M000100Y43", KAM_NUL, err), KAM_OK);
    assert_int_equal(kam_credit_code_check("91350100m000100y43xyz", 18, err), KAM_OK);
    for (size_t i = 0; i < KAM__LEN(bad); i++) {
        assert_int_equal(kam_credit_code_check(bad[i].code, KAM_NUL, err), KAM_E_PARSE);
        if (!strstr(kam_error_message(err), bad[i].says)) fail_msg("%s", kam_error_message(err));
    }
    assert_int_equal(kam_credit_code_check(NULL, 0, err), KAM_E_INVAL);
    kam_error_free(err);
}

/* "record other reason certain share" of each pair, by '|'; the rows are ended. */
static char *pairs(desk *d, uint32_t kind)
{
    static const uint32_t field[] = { KAM_DUPLICATE_RECORD, KAM_DUPLICATE_OTHER, KAM_DUPLICATE_REASON,
                                      KAM_DUPLICATE_CERTAIN, KAM_DUPLICATE_SHARE };
    char *text = calloc(1, 4000);
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    OK(d, kam_duplicates(&rows, d->book, kind, d->err));
    for (;;) {
        OK(d, kam_rows_next(&r, rows, d->err));
        if (!r) break;
        for (size_t i = 0; i < KAM__LEN(field); i++) {
            strcat(text, i ? " " : text[0] ? "|" : "");
            strcat(text, kam_record_text(r, field[i], "-"));
        }
    }
    kam_rows_free(rows);
    return text;
}

static void test_accounts(void **state)
{
    static const char *const account[] = {
        "{\"name\":\"苏州泵业有限公司\",\"city\":\"苏州\",\"phone\":\"0512-63291234\"}",
        "{\"name\":\"苏州泵业(集团)\",\"city\":\"苏州市\"}",
        "{\"name\":\"Bolt & Co\",\"credit_code\":\"91350100M000100Y43\"}",
        "{\"name\":\"Nut AG\",\"credit_code\":\"91350100m000100y43\",\"website\":\"www.nut.de\"}",
        "{\"name\":\"Acme Pumps\",\"phone\":\"+86 512 6329 1234\"}",
        "{\"name\":\"Acme Pump\",\"city\":\"Suzhou\"}",
        "{\"name\":\"Acme Pumps Ltd\",\"city\":\"Wuxi\"}",
        "{\"name\":\"Gone Pumps\",\"website\":\"nut.de\"}",
        "{\"name\":\"Wrong\",\"credit_code\":\"911\"}",
        "{\"name\":\"Wrong too\",\"credit_code\":\"911\"}",
        "{\"name\":\"Third\",\"credit_code\":\"91310000MA1FL4E23X\",\"website\":\"https://nut.de/x\"}"
    };
    desk d;
    int64_t id[KAM__LEN(account)];
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    for (size_t i = 0; i < KAM__LEN(account); i++) id[i] = put(&d, KAM_KIND_ACCOUNT, account[i]);
    assert_int_equal(id[0], 1);
    OK(&d, kam_book_delete(d.book, KAM_KIND_ACCOUNT, 8, 1, d.err));
    int third = kam_credit_code_check("91310000MA1FL4E23X", KAM_NUL, NULL) == KAM_OK;
    assert_false(third);                                            /* a code that is wrong vetoes nothing */
    same_text(pairs(&d, KAM_KIND_ACCOUNT),
              "1 2 NAME_CITY true 1|1 5 PHONE true 1|3 4 CREDIT_CODE true 1|4 11 WEBSITE true 1|"
              "5 7 SIMILAR_NAME false 1|5 6 SIMILAR_NAME false 0.9333");
    desk_close(&d);
}

static void test_right_codes_that_differ_are_two_companies(void **state)
{
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    put(&d, KAM_KIND_ACCOUNT, "{\"name\":\"Acme\",\"city\":\"Wuxi\",\"credit_code\":\"91350100M000100Y43\"}");
    put(&d, KAM_KIND_ACCOUNT, "{\"name\":\"Acme\",\"city\":\"Wuxi\",\"credit_code\":\"911100001000000000\"}");
    put(&d, KAM_KIND_ACCOUNT, "{\"name\":\"Acme\",\"city\":\"Wuxi\",\"credit_code\":\"000000000000000000\"}");
    same_text(pairs(&d, KAM_KIND_ACCOUNT), "1 2 NAME_CITY true 1|2 3 SIMILAR_NAME false 1");
    desk_close(&d);
}

/* A switchboard is nobody's number; a name in a city still decides. */
static void test_shared_numbers(void **state)
{
    desk d;
    char json[120];
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    for (int i = 0; i < 21; i++) {
        snprintf(json, sizeof json, "{\"name\":\"%c%c%c\",\"phone\":\"4008001234\"}", 'A' + i, 'a' + i, 'k');
        put(&d, KAM_KIND_ACCOUNT, json);
    }
    same_text(pairs(&d, KAM_KIND_ACCOUNT), "");
    OK(&d, kam_book_delete(d.book, KAM_KIND_ACCOUNT, 21, 1, d.err));
    char *text = pairs(&d, KAM_KIND_ACCOUNT);
    assert_memory_equal(text, "1 2 PHONE true 1|1 3 PHONE true 1|", 34);
    free(text);
    desk_close(&d);
}

static void test_contacts(void **state)
{
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    put(&d, KAM_KIND_ACCOUNT, "{\"name\":\"Acme\"}");
    put(&d, KAM_KIND_CONTACT, "{\"name\":\"王伟\",\"mobile\":\"13800138000\"}");
    put(&d, KAM_KIND_CONTACT, "{\"name\":\"Wang Wei\",\"mobile\":\"+86 138 0013 8000\",\"email\":\"w@acme.cn\"}");
    put(&d, KAM_KIND_CONTACT, "{\"name\":\"王伟\"}");
    put(&d, KAM_KIND_CONTACT, "{\"name\":\"王　伟\"}");
    put(&d, KAM_KIND_CONTACT, "{\"name\":\"王伟\"}");
    put(&d, KAM_KIND_AFFILIATION, "{\"contact\":3,\"account\":1,\"role\":\"BUYER\",\"valid_from\":\"2024-01-01\"}");
    put(&d, KAM_KIND_AFFILIATION, "{\"contact\":4,\"account\":1,\"role\":\"USER\",\"valid_from\":\"2024-01-01\"}");
    same_text(pairs(&d, KAM_KIND_CONTACT), "1 2 PHONE true 1|3 4 NAME_ACCOUNT false 1");
    kam_rows *rows = NULL;
    assert_int_equal(kam_duplicates(&rows, d.book, KAM_KIND_LEDGER, d.err), KAM_E_UNSUPPORTED);
    assert_int_equal(kam_duplicates(NULL, d.book, KAM_KIND_ACCOUNT, d.err), KAM_E_INVAL);
    assert_int_equal(kam_duplicates(&rows, NULL, KAM_KIND_ACCOUNT, d.err), KAM_E_INVAL);
    desk_close(&d);
}

static void test_out_of_memory(void **state)
{
    desk d;
    (void)state;
    memset(&d, 0, sizeof d);
    desk_open(&d);
    put(&d, KAM_KIND_ACCOUNT, "{\"name\":\"Acme Pumps\",\"city\":\"Wuxi\",\"phone\":\"0512-63291234\"}");
    put(&d, KAM_KIND_ACCOUNT, "{\"name\":\"Acme Pumps\",\"city\":\"Wuxi\",\"phone\":\"0512-63291234\"}");
    free(pairs(&d, KAM_KIND_ACCOUNT));                              /* what the store keeps between readings */
    int64_t live = d.live;
    for (int64_t n = 0;; n++) {
        kam_rows *rows = NULL;
        assert_in_range(n, 0, 2000);
        d.left = n;
        int32_t rc = kam_duplicates(&rows, d.book, KAM_KIND_ACCOUNT, d.err);
        d.left = -1;
        kam_rows_free(rows);
        assert_int_equal(d.live, live);
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
    }
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_phones),
        cmocka_unit_test(test_alike),
        cmocka_unit_test(test_credit_codes),
        cmocka_unit_test(test_accounts),
        cmocka_unit_test(test_right_codes_that_differ_are_two_companies),
        cmocka_unit_test(test_shared_numbers),
        cmocka_unit_test(test_contacts),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
