/* The built-in schemes: each is sound, bilingual, marked as a template, and there under the name of its file. */
#include "segment_test.h"
#include "store/store.h"

static const kam__builtin *builtin(const char *name)
{
    char want[100];
    snprintf(want, sizeof want, "\"name\": \"%s\"", name);
    for (const kam__builtin *b = kam__builtins; b->json; b++)
        if (b->kind == KAM_POLICY_SCHEME && strstr(b->json, want)) return b;
    fail_msg("there is no built-in scheme %s", name);
    return NULL;
}

static void all_are_sound(void **state)
{
    st *t = *state;
    uint32_t n = 0;
    for (const kam__builtin *b = kam__builtins; b->json; b++) {
        if (b->kind != KAM_POLICY_SCHEME) continue;
        n++;
        if (st_read(t, b->json) != KAM_OK) fail_msg("%s\n%s", kam_error_message(t->err), b->json);
        assert_non_null(strstr(t->scheme.source, "Built-in template"));
        for (uint32_t i = 0; i < t->scheme.ngrade; i++)
            assert_true(((const uint8_t *)t->scheme.label[i].zh)[0] >= 0x80);
        assert_true(((const uint8_t *)t->scheme.title.en)[0] < 0x80);
        assert_true(strlen(b->json) < 4095);
    }
    assert_int_equal(n, 18);
}

static void the_documents_have_their_schemes(void **state)
{
    st *t = *state;
    static const struct { const char *name; int nominal; uint32_t grades;
    } want[] = {
        {"lifecycle-4", 1, 4},
        {"class-share-will-loyalty", 1, 3},
        {"abc-nominal", 1, 3},
        {"abc-key-accounts", 0, 3},
        {"abc-power-potential", 0, 3},
        {"quota-20-40-40", 0, 3},
        {"quota-20-40-40-likelihood", 0, 3},
        {"abcd-10-20-30-40", 0, 4},
        {"abc-80-95", 0, 3},
        {"key-potential-general", 1, 3},
    };
    for (size_t i = 0; i < KAM__LEN(want); i++) {
        assert_code(st_read(t, builtin(want[i].name)->json), KAM_OK);
        assert_string_equal(t->scheme.name, want[i].name);
        assert_int_equal(t->scheme.nominal, want[i].nominal);
        assert_int_equal(t->scheme.ngrade, want[i].grades);
    }
}

static void only_the_lifecycle_scheme_names_the_disqualified(void **state)
{
    st *t = *state;
    for (const kam__builtin *b = kam__builtins; b->json; b++) {
        if (b->kind != KAM_POLICY_SCHEME) continue;
        assert_code(st_read(t, b->json), KAM_OK);
        assert_int_equal(t->scheme.include_invalid, strcmp(t->scheme.name, "lifecycle-4") == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        st_test(all_are_sound),
        st_test(the_documents_have_their_schemes),
        st_test(only_the_lifecycle_scheme_names_the_disqualified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
