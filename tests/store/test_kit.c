/*
 * test_kit.c - the conformance kit on the memory store in its disguises, and on mutants: each fails exactly its check.
 * KAM_KIT_STEP: only every so many-th mutant is put to all checks (1), the others to their own.
 */
#include "mutants.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

typedef struct seen { const char *id; uint32_t pass, fail, skip; int own; char text[2000]; } seen;

static void note(void *user, const char *check, int32_t result, const char *why)
{
    seen *s = user;
    s->pass += result == KAM_KIT_PASS;
    s->fail += result == KAM_KIT_FAIL;
    s->skip += result == KAM_KIT_SKIP;
    if (s->id && strcmp(check, s->id) == 0) s->own = result;
    size_t at = strlen(s->text);
    if (result == KAM_KIT_FAIL) snprintf(s->text + at, sizeof s->text - at, "%s: %s\n", check, why);
}

static seen run(uint32_t kind, const mutation *m, const char *id, const char *only)
{
    seen s = {.id = id};
    mutant_store store;
    kam_ctx *ctx;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    kam__mutant_init(&store, kind, m, ctx);
    kam_kit_options o = kam__mutant_options(&store);
    o.only = only;
    int32_t failed = kam_kit_run(&o, note, &s);
    assert_int_equal(failed, s.fail);
    kam_ctx_free(ctx);
    return s;
}

static void expect_pass(uint32_t kind, uint32_t most_skipped)
{
    seen s = run(kind, NULL, NULL, NULL);
    if (s.fail) print_error("%s", s.text);
    assert_int_equal(s.fail, 0);
    assert_true(s.pass > 100);
    assert_true(s.skip <= most_skipped);
}

static void plain_passes(void **state) { (void)state; expect_pass(MUTANT_PLAIN, 3); }
static void handling_nothing_passes(void **state) { (void)state; expect_pass(MUTANT_LAZY, 3); }
static void without_options_passes(void **state) { (void)state; expect_pass(MUTANT_BARE, 26); }
static void savepoints_pass(void **state) { (void)state; expect_pass(MUTANT_SAVEPOINT, 14); }
static void host_passes(void **state) { (void)state; expect_pass(MUTANT_HOST, 20); }

/* ---------------------------------------------------------------- the real one, without any disguise */

static int32_t memory_make(void *user, const kam_store_vt **vt, void **self)
{
    kam__memory **m = user;
    kam_ctx *ctx;
    KAM__TRY(kam_ctx_new(&ctx, NULL, NULL));
    int32_t rc = kam__memory_new(m, ctx, NULL);
    kam_ctx_free(ctx);
    *vt = &kam__memory_vt;
    return rc ? rc : kam__memory_connect(self, *m, NULL);
}

static int32_t memory_connect(void *user, void *self, void **other)
{
    (void)self;
    return kam__memory_connect(other, *(kam__memory **)user, NULL);
}

static void memory_destroy(void *user, const kam_store_vt *vt, void *self)
{
    vt->close(self);
    kam__memory_drop(*(kam__memory **)user);
}

static void memory_passes(void **state)
{
    kam__memory *m;
    seen s = {0};
    const kam_kit_options o = {
        .struct_size = sizeof o, .user = &m, .make = memory_make, .destroy = memory_destroy, .connect = memory_connect};
    (void)state;
    assert_int_equal(kam_kit_run(&o, note, &s), 0);
    assert_int_equal(s.skip, 5);
}

/* ---------------------------------------------------------------- mutants */

static const mutation *mutation_of(const char *id)
{
    const mutation *m;
    for (uint32_t i = 0; (m = kam__mutation(i)) != NULL; i++)
        if (strcmp(m->id, id) == 0) return m;
    return NULL;
}

static void each_check_has_a_mutant(void **state)
{
    uint32_t n = 0;
    (void)state;
    for (uint32_t i = 0; kam_kit_check(i); i++, n++) {
        if (!mutation_of(kam_kit_check(i))) fail_msg("no mutant for %s", kam_kit_check(i));
        assert_true(strlen(kam_kit_about(i)) > 3);
        for (uint32_t j = 0; j < i; j++) assert_string_not_equal(kam_kit_check(i), kam_kit_check(j));
    }
    assert_null(kam_kit_about(n));
    assert_non_null(kam__mutation(n - 1));
    assert_null(kam__mutation(n));
}

static void each_mutant_fails_its_check_only(void **state)
{
    const mutation *m;
    const char *text = getenv("KAM_KIT_STEP");
    uint32_t wrong = 0, step = text && atoi(text) > 0 ? (uint32_t)atoi(text) : 1;
    (void)state;
    for (uint32_t i = 0; (m = kam__mutation(i)) != NULL; i++) {
        seen s = run(strcmp(m->id, "txn.savepoint") == 0 ? MUTANT_SAVEPOINT : MUTANT_PLAIN, m, m->id, i % step ? m->id : NULL);
        if (s.own == KAM_KIT_FAIL && s.fail == 1) continue;
        wrong++;
        print_error("mutant %s: own check %s, %u failed\n%s", m->id, s.own == KAM_KIT_FAIL ? "failed" : "did not fail",
                    s.fail, s.text);
    }
    assert_int_equal(wrong, 0);
}

/* ---------------------------------------------------------------- the call */

static void options_are_checked(void **state)
{
    struct { kam_kit_options o; uint32_t newer; } more;
    mutant_store store;
    seen s = {0};
    (void)state;
    kam__mutant_init(&store, MUTANT_PLAIN, NULL, NULL);
    kam_kit_options o = kam__mutant_options(&store);
    assert_int_equal(kam_kit_run(NULL, NULL, NULL), KAM_E_INVAL);
    o.struct_size = 8;
    assert_int_equal(kam_kit_run(&o, NULL, NULL), KAM_E_INVAL);
    o.struct_size = sizeof o;
    o.flags = 1;
    assert_int_equal(kam_kit_run(&o, NULL, NULL), KAM_E_INVAL);
    o.flags = 0;
    o.mode = KAM_TXN_HOST;
    o.host_begin = NULL;
    assert_int_equal(kam_kit_run(&o, NULL, NULL), KAM_E_INVAL);
    memset(&more, 0, sizeof more);
    more.o = kam__mutant_options(&store);
    more.o.struct_size = sizeof more;
    more.o.only = "no such check";
    assert_int_equal(kam_kit_run(&more.o, note, &s), 0);
    assert_int_equal(s.pass + s.fail + s.skip, 0);
    more.newer = 1;
    assert_int_equal(kam_kit_run(&more.o, note, &s), KAM_E_UNSUPPORTED);
}

static int32_t make_fails(void *user, const kam_store_vt **vt, void **self)
{
    (void)user, (void)vt, (void)self;
    return KAM_E_IO;
}

static void a_store_that_cannot_be_made_fails(void **state)
{
    mutant_store store;
    seen s = {0};
    (void)state;
    kam__mutant_init(&store, MUTANT_PLAIN, NULL, NULL);
    kam_kit_options o = kam__mutant_options(&store);
    o.make = make_fails;
    o.only = "order.key";
    assert_int_equal(kam_kit_run(&o, note, &s), 2);
    assert_non_null(strstr(s.text, "KAM_E_IO"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_passes),
        cmocka_unit_test(plain_passes),
        cmocka_unit_test(handling_nothing_passes),
        cmocka_unit_test(without_options_passes),
        cmocka_unit_test(savepoints_pass),
        cmocka_unit_test(host_passes),
        cmocka_unit_test(each_check_has_a_mutant),
        cmocka_unit_test(each_mutant_fails_its_check_only),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(a_store_that_cannot_be_made_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
