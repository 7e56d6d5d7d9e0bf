/*
 * A stand-in for CMocka where Debian has none: the 32-bit run of tests/base (tests/guards/ilp32.sh). Only the
 * part of its interface that those tests use, in one header; results are printed in its words.
 */
#ifndef MINI_CMOCKA_H
#define MINI_CMOCKA_H
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*CMUnitTestFunction)(void **state);
typedef int (*CMFixtureFunction)(void **state);
struct CMUnitTest {
    const char *name;
    CMUnitTestFunction test_func;
    CMFixtureFunction setup_func, teardown_func;
    void *initial_state;
};

static jmp_buf mini_out;        /* 1 = failed, 2 = skipped */

#define cmocka_unit_test(f) { #f, f, NULL, NULL, NULL }
#define cmocka_unit_test_setup(f, setup) { #f, f, setup, NULL, NULL }
#define cmocka_unit_test_teardown(f, teardown) { #f, f, NULL, teardown, NULL }
#define cmocka_unit_test_setup_teardown(f, setup, teardown) { #f, f, setup, teardown, NULL }
#define cmocka_unit_test_prestate(f, state) { #f, f, NULL, NULL, state }
#define cmocka_unit_test_prestate_setup_teardown(f, setup, teardown, state) { #f, f, setup, teardown, state }
#define print_message(...) printf(__VA_ARGS__)
#define print_error(...) fprintf(stderr, __VA_ARGS__)
#define skip() longjmp(mini_out, 2)

static inline void mini_check(int ok, const char *what, const char *file, int line)
{
    if (ok) return;
    fprintf(stderr, "%s:%d: error: %s\n", file, line, what);
    longjmp(mini_out, 1);
}
static inline void mini_ints(int ok, unsigned long long a, unsigned long long b, const char *what,
                             const char *file, int line)
{
    if (!ok) fprintf(stderr, "0x%llx against 0x%llx\n", a, b);
    mini_check(ok, what, file, line);
}
static inline void mini_texts(const char *a, const char *b, int want, const char *what, const char *file, int line)
{
    int ok = (strcmp(a, b) == 0) == want;
    if (!ok) fprintf(stderr, "\"%s\" against \"%s\"\n", a, b);
    mini_check(ok, what, file, line);
}
#define MINI_INTS(a, op, b, text) do { \
    unsigned long long a__ = (unsigned long long)(a), b__ = (unsigned long long)(b); \
    mini_ints(a__ op b__, a__, b__, text, __FILE__, __LINE__); } while (0)

#define fail() mini_check(0, "fail()", __FILE__, __LINE__)
#define fail_msg(...) do { fprintf(stderr, __VA_ARGS__); fputc('\n', stderr); fail(); } while (0)
#define assert_true(c) mini_check((c) ? 1 : 0, #c, __FILE__, __LINE__)
#define assert_false(c) mini_check((c) ? 0 : 1, "not: " #c, __FILE__, __LINE__)
#define assert_null(p) mini_check((p) == NULL, #p " is NULL", __FILE__, __LINE__)
#define assert_non_null(p) mini_check((p) != NULL, #p " is not NULL", __FILE__, __LINE__)
#define assert_ptr_equal(a, b) mini_check((const void *)(a) == (const void *)(b), #a " == " #b, __FILE__, __LINE__)
#define assert_ptr_not_equal(a, b) mini_check((const void *)(a) != (const void *)(b), #a " != " #b, __FILE__, __LINE__)
#define assert_int_equal(a, b) MINI_INTS(a, ==, b, #a " == " #b)
#define assert_int_not_equal(a, b) MINI_INTS(a, !=, b, #a " != " #b)
#define assert_return_code(rc, error) mini_check((rc) >= 0, #rc " >= 0", __FILE__, __LINE__)
#define assert_in_range(v, low, high) do { \
    MINI_INTS(v, >=, low, #v " >= " #low); MINI_INTS(v, <=, high, #v " <= " #high); } while (0)
#define assert_not_in_range(v, low, high) \
    mini_check((uintmax_t)(v) < (uintmax_t)(low) || (uintmax_t)(v) > (uintmax_t)(high), #v " outside", \
               __FILE__, __LINE__)
#define assert_string_equal(a, b) mini_texts(a, b, 1, #a " == " #b, __FILE__, __LINE__)
#define assert_string_not_equal(a, b) mini_texts(a, b, 0, #a " != " #b, __FILE__, __LINE__)
#define assert_memory_equal(a, b, n) mini_check(memcmp(a, b, n) == 0, #a " == " #b, __FILE__, __LINE__)
#define assert_memory_not_equal(a, b, n) mini_check(memcmp(a, b, n) != 0, #a " != " #b, __FILE__, __LINE__)
#define MINI_NEAR(a, b, e) ((double)(a) - (double)(b) <= (double)(e) && (double)(b) - (double)(a) <= (double)(e))
#define assert_float_equal(a, b, e) mini_check(MINI_NEAR(a, b, e), #a " == " #b, __FILE__, __LINE__)
#define assert_double_equal(a, b, e) mini_check(MINI_NEAR(a, b, e), #a " == " #b, __FILE__, __LINE__)

static inline int mini_run(const struct CMUnitTest *t, size_t n, CMFixtureFunction setup, CMFixtureFunction teardown)
{
    void *group = NULL;
    volatile int failed = 0, skipped = 0;
    if (setup && setup(&group) != 0) return 1;
    for (volatile size_t i = 0; i < n; i++) {
        void *state = t[i].initial_state ? t[i].initial_state : group;
        int how = setjmp(mini_out);
        if (how == 0) {
            if (t[i].setup_func && t[i].setup_func(&state) != 0) how = 1;
            else t[i].test_func(&state);
        }
        if (t[i].teardown_func && setjmp(mini_out) == 0 && t[i].teardown_func(&state) != 0) how = 1;
        printf("[%s] %s\n", how == 0 ? "       OK " : how == 2 ? "  SKIPPED " : "  FAILED  ", t[i].name);
        failed += how == 1; skipped += how == 2;
    }
    if (teardown && teardown(&group) != 0) failed++;
    printf("[  PASSED  ] %d test(s).\n", (int)n - failed - skipped);
    return failed;
}
#define cmocka_run_group_tests(tests, setup, teardown) \
    mini_run(tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)
#define cmocka_run_group_tests_name(name, tests, setup, teardown) cmocka_run_group_tests(tests, setup, teardown)
#endif
