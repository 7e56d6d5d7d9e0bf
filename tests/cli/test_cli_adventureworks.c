/*
 * test_cli_adventureworks.c - examples/adventureworks/run.sh with the program `kam` on the real data: its own checks
 * of revenue, ABC and quota must hold, and it must notice when they do not.
 */
#define _POSIX_C_SOURCE 200809L
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

static char program[1100], data[1100];

/* Where it is not told, the program lies beside the folder of this test. */
static void find_program(const char *self)
{
    const char *given = getenv("KAM_PROGRAM"), *slash = strrchr(self, '/');
#ifdef KAM_PROGRAM
    if (!given) given = KAM_PROGRAM;
#endif
    if (given)
        snprintf(program, sizeof program, "%s", given);
    else
        snprintf(program, sizeof program, "%.*s/../kam", slash ? (int)(slash - self) : 1, slash ? self : ".");
}

static int there(const char *folder, const char *name)
{
    char path[1200];
    snprintf(path, sizeof path, "%s%s%s", folder, name[0] ? "/" : "", name);
    return access(path, R_OK) == 0;
}

static int run_script(const char *from, const char *out)
{
    char line[4096];
    snprintf(line, sizeof line, "sh '%s/examples/adventureworks/run.sh' '%s' '%s' '%s' >'%s/page.txt' 2>&1",
             KAM_SOURCE_DIR, from, out, program, out);
    int status = system(line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_the_figures_are_those_of_the_data(void **state)
{
    char out[] = "/tmp/kam-test-aw-XXXXXX", path[100], line[300], page[8192] = "";
    const char *shared = getenv("KAM_SHARED");
    (void)state;
    snprintf(data, sizeof data, "%s/data/adventureworks", shared ? shared : KAM_SHARED_DIR);
    if (!there(data, "aw_reseller_sales.csv")) {
        printf("SKIPPED %s: ../shared absent\n", __func__);
        skip();
    }
#ifndef KAM_HAVE_SQLITE
    printf("SKIPPED %s: built without SQLite\n", __func__);
    skip();
#endif
    if (!there(program, "")) {
        printf("SKIPPED %s: the program kam was not built\n", __func__);
        skip();
    }
    assert_non_null(mkdtemp(out));
    int rc = run_script(data, out);
    snprintf(path, sizeof path, "%s/page.txt", out);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    page[fread(page, 1, sizeof page - 1, f)] = '\0';
    fclose(f);
    snprintf(line, sizeof line, "rm -rf '%s'", out);
    assert_int_equal(system(line), 0);
    if (rc != 0) fail_msg("exit code %d:\n%s", rc, page);
    assert_non_null(strstr(page, "ok     by share of revenue: 632 accounts, 77548570.20, A 184, B 126, C 322"));
    assert_non_null(strstr(page, "ok     by quota: 701 accounts, A 140, B 281, C 280"));
    assert_non_null(strstr(page, "ok     bad coordinates reported: 30"));
    assert_non_null(strstr(page, "ok     of them with a plan: 13"));
    assert_non_null(strstr(page, "ok     problems of the plan: account 30 representative 4"));
}

static void test_without_data_it_fails(void **state)
{
    char out[] = "/tmp/kam-test-aw-XXXXXX", line[100];
    (void)state;
    assert_non_null(mkdtemp(out));
    assert_int_not_equal(run_script("/nowhere", out), 0);
    snprintf(line, sizeof line, "rm -rf '%s'", out);
    assert_int_equal(system(line), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_figures_are_those_of_the_data),
        cmocka_unit_test(test_without_data_it_fails),
    };
    find_program(argc > 0 ? argv[0] : "./test");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
