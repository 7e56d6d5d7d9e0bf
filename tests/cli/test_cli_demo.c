/*
 * test_cli_demo.c - `kam demo`: its files, the same bytes for the same seed, other ones for another, Chinese labels,
 * its answers to wrong usage. The command is compiled in, so that it runs under sanitizers and needs no program.
 */
#define _POSIX_C_SOURCE 200809L
#include "../../examples/cli/cli_book.c"
#include "../../examples/cli/cli_csv.c"
#include "../../examples/cli/cli_util.c"
#include "../../examples/cli/cli_tty.c"
#include "../../examples/cli/cmd_demo.c"
#include "../../examples/cli/demo_files.c"
#include "../../examples/cli/demo_plan.c"
#include "../../examples/cli/demo_summary.c"
#include "../../examples/cli/sample.c"
#include "../../examples/cli/sample_contacts.c"
#include "../../examples/cli/sample_sales.c"
#include "../../examples/cli/sample_visits.c"
#include "../../examples/cli/sample_words.c"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define SAMPLE_HASH 0xc1352776c39c6b67u

static char base[64]; /* folder of this run */

static const cli_command command = {"demo", "--out DIR", "", cmd_demo};

/* Runs the command; what it prints goes to the file `to`. */
static int run_demo(const char *to, int argc, const char **argv)
{
    cli c = {.command = &command};
    fflush(stdout);
    fflush(stderr);
    int out = dup(1), err = dup(2);
    assert_true(out >= 0 && err >= 0 && freopen(to, "wb", stdout) != NULL);
    dup2(1, 2);
    int rc = cli_start(&c);
    if (rc == CLI_OK) rc = cmd_demo(&c, argc, (char **)(uintptr_t)argv);
    cli_end(&c);
    fflush(stdout);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    return rc;
}

static const char *path_of(const char *folder, const char *name)
{
    static char path[8][160];
    static int at;
    char *p = path[at = (at + 1) % 8];
    snprintf(p, sizeof path[0], "%s/%s%s%s", base, folder, name ? "/" : "", name ? name : "");
    return p;
}

/* A whole demo into base/NAME, with its page in base/NAME.txt. */
static void make(const char *name, const char *seed, const char *lang)
{
    char text[80], dir[80];
    const char *argv[] = {"--out", dir, "--seed", seed, "--lang", lang};
    snprintf(text, sizeof text, "%s/%s.txt", base, name);
    snprintf(dir, sizeof dir, "%s/%s", base, name);
    assert_int_equal(run_demo(text, 6, argv), CLI_OK);
}

static char *content(const char *path)
{
    size_t size = 0;
    char *data = cli_read(path, &size);
    assert_non_null(data);
    assert_int_equal(strlen(data), size);
    return data;
}

static int lines(const char *text)
{
    int n = 0;
    for (; *text; text++) n += *text == '\n';
    return n;
}

static int same(const char *a, const char *b)
{
    char *x = content(a), *y = content(b);
    int equal = strcmp(x, y) == 0;
    free(x);
    free(y);
    return equal;
}

static const char *const written[] = {"accounts.csv",
                                      "grades.csv",
                                      "due.csv",
                                      "scores.csv",
                                      "plan.csv",
                                      "report.html",
                                      "input/accounts.csv",
                                      "input/representatives.csv",
                                      "input/calendar.csv",
                                      "input/contacts.csv",
                                      "input/ledger.csv",
                                      "input/ledger-2026-05.csv",
                                      "input/activities.csv"};
enum { NWRITTEN = sizeof written / sizeof written[0] };

/* ---------------------------------------------------------------- tests */

static void test_writes_all_files(void **state)
{
    (void)state;
    for (int i = 0; i < NWRITTEN; i++) {
        char *text = content(path_of("one", written[i]));
        assert_true(lines(text) >= 4);
        free(text);
    }
    char *accounts = content(path_of("one", "accounts.csv")), *grades = content(path_of("one", "grades.csv"));
    assert_int_equal(lines(accounts), 301);
    assert_memory_equal(accounts, "External id,Name,City,", 22);
    assert_non_null(strstr(grades, ",A,B,"));
    assert_non_null(strstr(grades, ",B,A,"));
    free(accounts);
    free(grades);
}

static void test_the_page_tells_it_all_on_one_screen(void **state)
{
    (void)state;
    char *page = content(path_of("one.txt", NULL));
    static const char *const word[] = {"Imported       300 accounts",
                                       "8 representatives",
                                       "Revenue        CNY ",
                                       "ABC            A ",
                                       "Concentration  ",
                                       "Grades         quota-20-40-40",
                                       "A -> B",
                                       "Scores         by the scorecard key-account",
                                 "Due            ",
                                 "Plan           four weeks from 2026-06-01: ",
                                       "Why            "};
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        if (!strstr(page, word[i])) fail_msg("\"%s\" is missing in:\n%s", word[i], page);
    assert_true(lines(page) < 50);
    free(page);
}

static void test_the_same_seed_gives_the_same_bytes(void **state)
{
    char text[2][4096];
    (void)state;
    make("two", "7", "en");
    for (int i = 0; i < NWRITTEN; i++) assert_true(same(path_of("one", written[i]), path_of("two", written[i])));
    for (int i = 0; i < 2; i++) {
        char *page = content(path_of(i ? "two.txt" : "one.txt", NULL)), *end = strstr(page, "Written");
        assert_non_null(end);
        snprintf(text[i], sizeof text[i], "%.*s", (int)(end - page), page);
        free(page);
    }
    assert_string_equal(text[0], text[1]);
}

static void test_another_seed_gives_another_company(void **state)
{
    (void)state;
    make("three", "8", "en");
    assert_false(same(path_of("one", "accounts.csv"), path_of("three", "accounts.csv")));
    assert_false(same(path_of("one", "input/ledger.csv"), path_of("three", "input/ledger.csv")));
}

static void test_chinese_changes_words_and_no_figure(void **state)
{
    (void)state;
    make("zh", "7", "zh");
    char *accounts = content(path_of("zh", "accounts.csv")), *grades = content(path_of("zh", "grades.csv")),
         *due = content(path_of("zh", "due.csv"));
    char *page = content(path_of("zh.txt", NULL));
    assert_memory_equal(accounts, "外部编号,名称,城市,", strlen("外部编号,名称,城市,"));
    assert_non_null(strstr(grades, "原等级,新等级,"));
    assert_non_null(strstr(due, "拜访"));
    assert_non_null(strstr(accounts, "有限公司"));
    assert_non_null(strstr(page, "已导入"));
    assert_true(same(path_of("one", "input/ledger.csv"), path_of("zh", "input/ledger.csv")));
    free(accounts);
    free(grades);
    free(due);
    free(page);
}

/* FNV-1a over all files: these bytes are the same on every machine. Change it only with the sample company. */
static void test_the_sample_is_the_same_everywhere(void **state)
{
    sample s;
    uint64_t hash = 0xcbf29ce484222325u;
    (void)state;
    assert_true(sample_make(&s, 1, 0));
    for (int i = 0; i < SAMPLE_FILES; i++)
        for (size_t k = 0; k < s.file[i].size; k++) hash = (hash ^ (unsigned char)s.file[i].data[k]) * 0x100000001b3u;
    sample_free(&s);
    assert_int_equal(hash, SAMPLE_HASH);
}

/* The book stays, the files are those of a book in memory, and a second company is refused. */
static void test_a_book_of_sqlite_keeps_it(void **state)
{
    (void)state;
#ifdef KAM_HAVE_SQLITE
    char book[100], dir[100];
    const char *argv[] = {"--out", dir, "--seed", "7", "--book", book};
    snprintf(dir, sizeof dir, "%s/sqlite", base);
    snprintf(book, sizeof book, "sqlite:%s/demo.db", base);
    assert_int_equal(run_demo(path_of("sqlite.txt", NULL), 6, argv), CLI_OK);
    for (int i = 0; i < NWRITTEN; i++) assert_true(same(path_of("one", written[i]), path_of("sqlite", written[i])));
    assert_int_equal(run_demo(path_of("again.txt", NULL), 6, argv), CLI_FAILED);
    char *page = content(path_of("again.txt", NULL));
    assert_non_null(strstr(page, "has a sample company already"));
    free(page);
#endif
}

static void test_wrong_usage_is_told(void **state)
{
    const char *no_out[] = {"--seed", "1"}, *no_seed[] = {"--out", base, "--seed", "x"},
               *no_lang[] = {"--out", base, "--lang", "fr"};
    const char *no_book[] = {"--out", base, "--book", "paper:"};
    (void)state;
    assert_int_equal(run_demo(path_of("wrong.txt", NULL), 2, no_out), CLI_USAGE);
    assert_int_equal(run_demo(path_of("wrong.txt", NULL), 4, no_seed), CLI_USAGE);
    assert_int_equal(run_demo(path_of("wrong.txt", NULL), 4, no_lang), CLI_USAGE);
    assert_int_equal(run_demo(path_of("wrong.txt", NULL), 4, no_book), CLI_USAGE);
    const char *no_folder[] = {"--out", "/dev/null/here"};
    assert_int_equal(run_demo(path_of("wrong.txt", NULL), 2, no_folder), CLI_FAILED);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(base, sizeof base, "/tmp/kam-test-demo-XXXXXX");
    if (!mkdtemp(base)) return -1;
    make("one", "7", "en");
    return 0;
}

static int tear_down(void **state)
{
    char line[100];
    (void)state;
    snprintf(line, sizeof line, "rm -rf '%s'", base);
    return system(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_all_files),
        cmocka_unit_test(test_the_page_tells_it_all_on_one_screen),
        cmocka_unit_test(test_the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(test_another_seed_gives_another_company),
        cmocka_unit_test(test_chinese_changes_words_and_no_figure),
        cmocka_unit_test(test_the_sample_is_the_same_everywhere),
        cmocka_unit_test(test_a_book_of_sqlite_keeps_it),
        cmocka_unit_test(test_wrong_usage_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
