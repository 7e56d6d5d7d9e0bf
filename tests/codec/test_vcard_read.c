/* Tests of codec/vcard_read.c: cards of both versions and of several makers, every cut, bad ones between good ones,
 * failing allocations. */
#include "codec_test.h"
#include <stdio.h>
#include <stdlib.h>

static int32_t got_card(void *user, const kam__json *v, uint64_t line, int32_t problem, kam_error *cause,
                        kam_error *err)
{
    ct_rows *r = user;
    char text[64];
    (void)err;
    r->n++;
    snprintf(text, sizeof text, "%d:", (int)line);
    ct_add_str(r, text);
    if (problem) {
        snprintf(text, sizeof text, "%s@%d", kam_code_name(problem) + 6, (int)kam_error_detail(cause, KAM_ERR_LINE));
        ct_add_str(r, text);
    } else
        for (const kam__json *m = v->child; m; m = m->next) {
            ct_add_str(r, m == v->child ? "" : "|");
            ct_add_str(r, m->key);
            ct_add_str(r, "=");
            ct_add_str(r, m->text);
        }
    ct_add_str(r, "\n");
    return KAM_OK;
}

static int32_t read_cards(ct_rows *r, kam_ctx *ctx, const char *text, size_t step)
{
    kam__vcard *v = NULL;
    size_t len = strlen(text);
    int32_t rc = kam__vcard_new(&v, ctx, got_card, r, NULL);
    if (rc != KAM_OK) return rc;
    for (size_t at = 0; at < len && rc == KAM_OK; at += step)
        rc = kam__vcard_feed(v, text + at, len - at < step ? len - at : step, NULL);
    if (rc == KAM_OK) rc = kam__vcard_end(v, NULL);
    kam__vcard_free(v);
    if (!r->text) ct_add_str(r, "");
    return rc;
}

#define CARD(lines) "BEGIN:VCARD\r\nVERSION:4.0\r\n" lines "END:VCARD\r\n"

static const char *const cases[][2] = {
    {"", ""},
    {CARD("FN:Mei Chen\r\n"), "1:name=Mei Chen\n"},
    {CARD("N:Chen;Mei;Anna;Dr.;PhD\r\n"), "1:name=Dr. Mei Anna Chen PhD\n"},
    {CARD("N:\xE9\x99\x88;\xE6\xA2\x85;;;\r\n"), "1:name=\xE9\x99\x88\xE6\xA2\x85\n"},
    {CARD("N:Chen;Mei\r\nFN:M. Chen\r\n"), "1:name=M. Chen\n"},
    {CARD("FN:A\r\nTEL;TYPE=\"work,voice\":+86 27 1234\r\nTEL;VALUE=uri;TYPE=cell:tel:+86-138\r\nTEL;TYPE=fax:9\r\n"
          "TEL:second\r\n"), "1:name=A|phone=+86 27 1234|mobile=+86-138\n"},
    {"BEGIN:VCARD\nVERSION:3.0\nN:Chen;Mei;;;\nFN:Mei\nitem1.EMAIL;type=INTERNET;type=pref:a@b.cn\n"
     "ORG:Acme\\; Ltd;Purchasing\nTITLE:Head\\, buying\nADR;TYPE=WORK:;;1 Jianshe Rd;Wuhan;Hubei;430000;China\n"
     "NOTE:two\\nlines \\\\ done\nPHOTO;ENCODING=b:AAAA\n AAAA\nX-ABLABEL:x\nEND:VCARD\n",
     "1:name=Mei|title=Head, buying|department=Purchasing|email=a@b.cn|"
     "address=1 Jianshe Rd, Wuhan, Hubei, 430000, China|note=two\nlines \\ done\n"},
    {CARD("FN:A\r\nBDAY:19800415\r\nGENDER:F;woman\r\nUID:urn:uuid:1\r\n"),
     "1:name=A|birthday=1980-04-15|sex=FEMALE|ext_id=urn:uuid:1\n"},
    {CARD("FN:A\r\nBDAY:--0415\r\n"), "1:name=A|birthday=--04-15\n"},
    {CARD("FN:A\r\nBDAY:--04-15\r\n"), "1:name=A|birthday=--04-15\n"},
    {CARD("FN:A\r\nBDAY;VALUE=date:1980-04-15\r\n"), "1:name=A|birthday=1980-04-15\n"},
    {CARD("FN:A\r\nBDAY:1980-04-15T00:00:00Z\r\n"), "1:name=A|birthday=1980-04-15\n"},
    {CARD("FN:A\r\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15\r\n"), "1:name=A|birthday=--04-15\n"},
    {CARD("FN:A\r\nBDAY;VALUE=text:in spring\r\n") CARD("FN:B\r\n"), "1:PARSE@4\n6:name=B\n"},
    {CARD("FN:a long\r\n  name\r\n\t folded\r\n"), "1:name=a long name folded\n"},
    {"\xEF\xBB\xBF" CARD("FN:A\r\n"), "1:name=A\n"},
    {"begin:vcard\nversion:3.0\nfn:a\nend:vcard", "1:name=a\n"},
    {"BEGIN:VCARD\nVERSION:2.1\nFN:A\nEND:VCARD\n" CARD("FN:B\r\n"), "1:UNSUPPORTED@2\n5:name=B\n"},
    {CARD("FN;ENCODING=QUOTED-PRINTABLE:=E5=A4=A7\r\n"), "1:UNSUPPORTED@3\n"},
    {CARD("TITLE:x\r\n"), "1:PARSE@1\n"},
    {CARD("FN:\r\n"), "1:PARSE@1\n"},
    {"BEGIN:VCARD\nFN:A\nEND:VCARD\n", "1:PARSE@1\n"},
    {CARD("FN:A\r\nno colon here\r\n"), "1:PARSE@4\n"},
    {"nonsense\r\n" CARD("FN:A\r\n"), "1:PARSE@1\n2:name=A\n"},
    {"BEGIN:VCARD\nVERSION:4.0\nFN:A\n", "1:PARSE@1\n"},
    {"BEGIN:VCARD\nVERSION:4.0\nFN:A\n" CARD("FN:B\r\n"), "1:PARSE@4\n4:name=B\n"},
    {CARD("FN:\xFF\r\n") CARD("FN:B\r\n"), "1:UTF8@3\n5:name=B\n"},
    {CARD("FN:A\r\nEMAIL;X=\"a:b\":c@d\r\n"), "1:name=A|email=c@d\n"},
};

static void test_cards(void **state)
{
    (void)state;
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    for (size_t i = 0; i < KAM__LEN(cases); i++)
        for (size_t step = 1; step < 100; step += step < 5 ? 1 : 31) {
            ct_rows r = {0};
            assert_int_equal(read_cards(&r, ctx, cases[i][0], step), KAM_OK);
            assert_string_equal(r.text, cases[i][1]);
            ct_clear(&r);
        }
    ct_done(&m, ctx);
}

static int32_t got_problem(void *user, const kam__json *v, uint64_t line, int32_t problem, kam_error *cause,
                           kam_error *err)
{
    ct_rows *r = user;
    (void)v, (void)line, (void)err;
    ct_add_str(r, kam_code_name(problem));
    ct_add_str(r, ": ");
    ct_add_str(r, problem ? kam_error_message(cause) : "");
    return KAM_OK;
}

static void refused(kam_ctx *ctx, const char *text, size_t len, const char *says)
{
    ct_rows r = {0};
    kam__vcard *v = NULL;
    assert_int_equal(kam__vcard_new(&v, ctx, got_problem, &r, NULL), KAM_OK);
    assert_int_equal(kam__vcard_feed(v, text, len, NULL), KAM_OK);
    assert_int_equal(kam__vcard_end(v, NULL), KAM_OK);
    assert_string_equal(r.text, says);
    kam__vcard_free(v);
    ct_clear(&r);
}

static void test_text_no_card_has(void **state)
{
    static const char zero[] = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:A\0B\r\nEND:VCARD\r\n";
    static const char head[] = "BEGIN:VCARD\nVERSION:4.0\nNOTE:", end[] = "\nFN:A\nEND:VCARD\n";
    size_t long_text = ((size_t)1 << 20) + 1;
    char *text = malloc(sizeof head + long_text + sizeof end);
    ct_memory m;
    kam_ctx *ctx = ct_ctx(&m, 0);
    (void)state;
    assert_non_null(text);
    refused(ctx, zero, sizeof zero - 1, "KAM_E_UTF8: the text has a character U+0000: take it out (line 3)");
    memcpy(text, head, sizeof head - 1);
    memset(text + sizeof head - 1, 'x', long_text);
    memcpy(text + sizeof head - 1 + long_text, end, sizeof end - 1);
    refused(ctx, text, sizeof head - 1 + long_text + sizeof end - 1,
            "KAM_E_LIMIT: a line of more than 1 MiB: shorten it (line 3)");
    free(text);
    ct_done(&m, ctx);
}

static void test_memory(void **state)
{
    (void)state;
    const char *text = cases[6][0];
    for (int64_t n = 0; n < 200; n++) {
        ct_memory m;
        ct_rows r = {0};
        kam_ctx *ctx = ct_ctx(&m, 0);
        m.countdown = n;
        int32_t rc = read_cards(&r, ctx, text, 7);
        m.countdown = -1;
        if (rc == KAM_OK) assert_string_equal(r.text, cases[6][1]);
        else assert_int_equal(rc, KAM_E_NOMEM);
        ct_clear(&r);
        ct_done(&m, ctx);
        if (rc == KAM_OK) return;
    }
    fail_msg("200 allocations were not enough");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cards),
        cmocka_unit_test(test_text_no_card_has),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
