/* R148 kinds of account: organisations of four types and persons, and no person becomes a key account. */
#include "req.h"

#define LL "%lld"
typedef long long ll;

static void r148_kinds(req *q) {
    static const char *const type[] = {"BUYER", "CHANNEL", "GROUP", "INDUSTRY_USER"};
    char out[256];
    for (size_t i = 0; i < 4; i++) {
        int64_t id =
            req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\",\"kind\":\"ORGANISATION\",\"org_type\":\"%s\"}", type[i]);
        REQ_TEXT(q, req_text(q, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_KIND, KAM_TODAY, out), "ORGANISATION");
        REQ_TEXT(q, req_text(q, KAM_KIND_ACCOUNT, id, KAM_ACCOUNT_ORG_TYPE, KAM_TODAY, out), type[i]);
    }
    kam_record *r = req_record(q, KAM_KIND_ACCOUNT, "{\"name\":\"x\",\"kind\":\"PERSON\"}");
    assert_int_not_equal(kam_record_set_text(r, KAM_ACCOUNT_ORG_TYPE, "CLUB", KAM_NUL, q->err), KAM_OK);
    assert_int_not_equal(kam_record_set_text(r, KAM_ACCOUNT_KIND, "ROBOT", KAM_NUL, q->err), KAM_OK);
    kam_record_free(r);
}

static void r148_person_is_no_key_account(req *q) {
    char out[256];
    int64_t person = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"Zhao\",\"kind\":\"PERSON\"}");
    int64_t firm = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"Acme\",\"kind\":\"ORGANISATION\"}");
    REQ_REFUSED(q, req_try(q, KAM_KIND_TIER, "{\"account\":" LL ",\"tier\":\"KEY\"}", (ll)person), KAM_E_INVAL,
                "person");
    REQ_REFUSED(q, req_try(q, KAM_KIND_ACCOUNT, "{\"name\":\"Qian\",\"kind\":\"PERSON\",\"tier\":\"KEY\"}"),
                KAM_E_INVAL, "person");
    kam_record *r = req_get(q, KAM_KIND_ACCOUNT, person, KAM_TODAY);
    REQ_MUST(q, kam_record_set_text(r, KAM_ACCOUNT_TIER, "KEY", KAM_NUL, q->err));
    REQ_REFUSED(q, kam_book_save(q->book, r, q->err), KAM_E_INVAL, "person");
    kam_record_free(r);
    REQ_TEXT(q, req_text(q, KAM_KIND_ACCOUNT, person, KAM_ACCOUNT_TIER, KAM_TODAY, out), "");
    req_save(q, KAM_KIND_TIER, "{\"account\":" LL ",\"tier\":\"LARGE\"}", (ll)person);
    req_save(q, KAM_KIND_TIER, "{\"account\":" LL ",\"tier\":\"KEY\"}", (ll)firm);
    REQ_TEXT(q, req_text(q, KAM_KIND_ACCOUNT, firm, KAM_ACCOUNT_TIER, KAM_TODAY, out), "KEY");
}

void test_R148_account_kinds_and_organisation_types(void **state) { (void)state; req_each(r148_kinds); }
void test_R148_a_person_is_not_nominated_as_key_account(void **state)
{
    (void)state;
    req_each(r148_person_is_no_key_account);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R148_account_kinds_and_organisation_types),
        cmocka_unit_test(test_R148_a_person_is_not_nominated_as_key_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
