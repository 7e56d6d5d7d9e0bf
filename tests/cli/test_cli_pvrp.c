/* The program kam as its users have it: `kam pvrp` on a small problem, on wrong input, and on some of the benchmark
 * files. */
#define _XOPEN_SOURCE 700                   /* mkdtemp, realpath */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char dir[200], shared[2000], text[100000];

static const char *program(void) {
    const char *path = getenv("KAM_PROGRAM");
#ifdef KAM_PROGRAM
    if (!path) path = KAM_PROGRAM;
#endif
    return path ? path : "kam";
}

/* Runs a command in the test's folder, what it prints goes to out and err there; exit code. */
static int run(const char *command) {
    char line[8000];
    int n = snprintf(line, sizeof line, "cd '%s' && %s >out 2>err", dir, command);
    assert_true(n > 0 && (size_t)n < sizeof line);
    int rc = system(line);
    assert_true(WIFEXITED(rc));
    return WEXITSTATUS(rc);
}

static int kam(const char *arguments) {
    char line[6000];
    snprintf(line, sizeof line, "'%s' pvrp %s", program(), arguments);
    return run(line);
}

static const char *slurp(const char *name) {
    char path[500];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("cannot read %s", path);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static void put(const char *name, const char *content) {
    char path[500];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(content, f);
    fclose(f);
}

static double figure(const char *name) {
    const char *at = strstr(slurp("out"), name);
    assert_non_null(at);
    return strtod(at + strlen(name), NULL);
}

static void test_a_small_problem(void **state) {
    (void)state;
    put("small", "1 1 3 2\n0 10\n0 10\n0 0 0 0 0 0 0\n1 3 0 0 4 1 2 1 2\n2 3 4 0 4 1 2 1 2\n3 0 4 0 2 2 1 3\n");
    assert_int_equal(kam("small --iterations 200 --seed 3 --out small.res --bks 20 --quiet"), 0);
    assert_true(figure("cost=") == 22.0);
    assert_true(figure("iterations=") == 200);
    assert_true(figure("first_feasible_ms=") < 100);
    assert_true(figure("cpu=") < 10);
    assert_true(figure("gap=") == 10.0);
    assert_memory_equal(slurp("small.res"), "22.0000\n", 8);
    assert_int_equal(kam("small --cpu-seconds 0.05"), 0);
    assert_null(strstr(slurp("out"), "gap="));
    assert_int_equal(kam("- --iterations 50 <small"), 0);
}

static void test_wrong_use(void **state) {
    (void)state;
    put("bad", "1 1 1 1\n0 0\n0 0 0 0 0 0 0\n1 1 1 0 1 1 1 7\n");
    put("tight", "1 1 2 1\n0 5\n0 0 0 0 0 0 0\n1 1 1 0 4 1 1 1\n2 1 1 0 4 1 1 1\n");
    assert_int_equal(kam(""), 2);
    assert_int_equal(kam("bad --seed x"), 2);
    assert_int_equal(kam("bad --iterations 1 --cpu-seconds 1"), 2);
    assert_int_equal(kam("bad --format xml"), 2);
    assert_int_equal(kam("bad"), 1);
    assert_string_equal(slurp("err"), "kam: bad:4:15: line 4: a code must stand here, a set of t bits, not \"7\"\n");
    assert_int_equal(kam("absent"), 1);
    assert_int_equal(kam("tight --iterations 100"), 1);
    assert_non_null(strstr(slurp("err"), "1 of 2 customers fit into no plan found so far"));
    assert_int_equal(kam("--help"), 0);
}

/* Solves a file twice and has the independent program of ../shared check the plan. */
static void benchmark(const char *name, double most) {
    char line[6000];
    snprintf(line, sizeof line, "'%s/data/pvrp/%s' --iterations 3000 --out %s.res", shared, name, name);
    assert_int_equal(kam(line), 0);
    assert_true(figure("cost=") <= most);
    assert_true(figure("first_feasible_ms=") < 1000);
    snprintf(line, sizeof line, "'%s/data/pvrp/%s' --iterations 3000 --out again.res", shared, name);
    assert_int_equal(kam(line), 0);
    snprintf(line, sizeof line, "cmp %s.res again.res", name);
    assert_int_equal(run(line), 0);
    snprintf(line, sizeof line, "python3 '%s/data/pvrp/pvrp_check.py' '%s/data/pvrp/%s' %s.res", shared, shared, name,
             name);
    if (run("python3 --version") == 0 && run(line) != 0) fail_msg("%s", slurp("out"));
}

static void test_benchmarks(void **state) {
    (void)state;
    char path[3000];
    snprintf(path, sizeof path, "%s/data/pvrp/p01", shared);
    if (!shared[0] || access(path, R_OK) != 0) {
        printf("SKIPPED test_benchmarks: ../shared absent\n");
        skip();
    }
    benchmark("p01", 524.61 * 1.03);
    benchmark("p11", 770.89 * 1.10);
    benchmark("p24", 3687.46 * 1.03);
    benchmark("pr01", 2209.02 * 1.03);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_small_problem), cmocka_unit_test(test_wrong_use),
                                       cmocka_unit_test(test_benchmarks)};
    const char *from = getenv("KAM_SHARED"), *tmp = getenv("TMPDIR");
#ifdef KAM_SHARED_DIR
    if (!from) from = KAM_SHARED_DIR;
#endif
    char whole[4096];
    if (from && strlen(from) < sizeof shared && realpath(from, whole) && strlen(whole) < sizeof shared)
        memcpy(shared, whole, strlen(whole) + 1);
    snprintf(dir, sizeof dir, "%s/kam-pvrp-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir)) return 1;
    int failed = cmocka_run_group_tests_name("cli/pvrp", tests, NULL, NULL);
    char line[300];
    snprintf(line, sizeof line, "rm -rf '%s'", dir);
    return system(line) != 0 || failed;
}
