/* The manners of the program kam: help, the manual page and the completion by its own table, listings as JSON, exit
 * codes, and an interrupted command that leaves the book, and the file it writes, as they were. */
#include "cli_test.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

static const char csv[] = "ext_id,name,city\nC1,Acme,Suzhou\nC2,Bolt,Ningbo\n";
static const char ledger[] =
    "ext_id,account,event,day,amount\n1,C1,SALE,2026-03-01,300.00\n2,C2,SALE,2026-03-01,100.00\n";

static void book_new(void) {
    char path[300];
    put("accounts.csv", csv);
    put("ledger.csv", ledger);
    snprintf(path, sizeof path, "%s/a.kam", dir);
    unlink(path);
    must("import a.kam --kind account --source erp --currency CNY accounts.csv");
    must("import a.kam --kind ledger --source erp ledger.csv");
}

static char *of(const char *arguments) {
    must(arguments);
    return slurp("out", NULL);
}

/* ---------------------------------------------------------------- help, manual, completion */

/* Calls fn for each command of `kam help`. */
static int each_command(void (*fn)(const char *name)) {
    char *list = of("help"), name[40];
    int n = 0;
    for (const char *at = strstr(list, "\n  kam "); at; at = strstr(at + 1, "\n  kam "), n++)
        if (sscanf(at, "\n  kam %39s", name) == 1) fn(name);
    free(list);
    return n;
}

static void help_is_whole(const char *name) {
    char line[100], begin[100];
    snprintf(line, sizeof line, "help %s", name);
    char *by_help = of(line);
    snprintf(line, sizeof line, "%s --help", name);
    char *by_option = of(line);
    snprintf(begin, sizeof begin, "kam %s ", name);
    assert_string_equal(by_help, by_option);
    assert_memory_equal(by_help, begin, strlen(begin));
    if (!strstr(by_help, "\n  Example: kam ")) fail_msg("kam %s --help gives no example", name);
    free(by_help);
    free(by_option);
}

static void test_help(void **state) {
    (void)state;
    assert_true(each_command(help_is_whole) >= 15);
    char *list = of("help"), *same_list = of("--help");
    assert_string_equal(list, same_list);
    free(list);
    free(same_list);
    refused("help nonsense", 2, "no command");
    refused("nonsense", 2, "no command");
    refused("export --jason a.kam account", 2, "no option");
}

static char *manual;

static void manual_has(const char *name) {
    char begin[60];
    snprintf(begin, sizeof begin, "\n.Ss %s\n", name);
    if (!strstr(manual, begin)) fail_msg("kam.1 is without %s", name);
}

static void test_manual(void **state) {
    (void)state;
    char path[600];
    size_t size = 0;
    snprintf(path, sizeof path, "%s/examples/cli/kam.1", KAM_SOURCE_DIR);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    static char page[1 << 17];
    page[size = fread(page, 1, sizeof page - 1, f)] = '\0';
    fclose(f);
    manual = of("help --man");
    if (strcmp(page, manual) != 0) fail_msg("examples/cli/kam.1 differs; renew it: kam help --man >examples/cli/kam.1");
    each_command(manual_has);
    free(manual);
}

/* What bash would offer for these words, the last of which is being typed. */
static void offered(const char *words, int last, const char *want) {
    char line[3000];
    snprintf(line, sizeof line,
             "cd '%s' && PATH=\"$(dirname '%s'):$PATH\" bash --norc -c '. \"%s/examples/cli/kam.bash\"; "
             "COMP_WORDS=(%s); COMP_CWORD=%d; _kam; echo \"${COMPREPLY[*]}\"' >out 2>err",
             dir, program(), KAM_SOURCE_DIR, words, last);
    assert_int_equal(system(line), 0);
    same("err", "");
    contains("out", want);
}

static void test_completion(void **state) {
    (void)state;
    if (system("bash --version >/dev/null 2>&1") != 0) {
        printf("SKIPPED test_completion: there is no bash\n");
        skip();
    }
    offered("kam gr", 1, "grade\n");
    offered("kam help ver", 2, "verify\n");
    offered("kam grade a.kam --sch", 3, "--scheme\n");
    offered("kam grade a.kam --lang z", 4, "zh\n");
    offered("kam export a.kam account --format js", 5, "json jsonl\n");
    offered("kam import a.kam --kind repr", 4, "representative\n");
    offered("kam import a.kam --d", 3, "--dry-run\n");
    put("orders-2026.csv", "x\n");
    offered("kam value orders-", 2, "orders-2026.csv\n");
}

/* ---------------------------------------------------------------- JSON */

/* Whether the output of a command is JSON with this number in it. */
static void json_of(const char *arguments, const char *path, double want) {
    kam__arena arena;
    must(arguments);
    kam__arena_init(&arena, ctx, 0);
    const kam__json *v = read_json(&arena, "out");
    if (path) assert_true(number(v, path) == want);
    kam__arena_free(&arena);
}

static void test_json(void **state) {
    (void)state;
    book_new();
    json_of("export a.kam account --json", "1.id", 2);
    json_of("fields --json", NULL, 0);
    json_of("verify a.kam --json", NULL, 0);
    json_of("grade a.kam --scheme quota-20-40-40 --as-of 2026-03-31 --json", "0.account", 1);
    json_of("grade a.kam --scheme quota-20-40-40 --as-of 2026-03-31 --apply --json", "1.rank", 2);
    json_of("why a.kam erp:C1 --scheme quota-20-40-40 --as-of 2026-03-31 --json", "verdict.subject", 1);
    json_of("show a.kam erp:C1 --json --as-of 2026-03-31", "value.orders", 1);
    json_of("score a.kam --card key-account --as-of 2026-03-31 --json", "1.rank", 2);
    json_of("due a.kam --as-of 2026-06-01 --json", NULL, 0);
    json_of("plan a.kam --as-of 2026-05-31 --json", NULL, 0);
    put("more.csv", "ext_id,name,size\nC1,Acme,SMALL\nC3,Core,HUGE\n");
    json_of("import a.kam --kind account --source erp --json more.csv", "report.rejected", 1);
    kam__arena arena;
    kam__arena_init(&arena, ctx, 0);
    assert_true(number(read_json(&arena, "out"), "problems.0.line") == 3);
    kam__arena_free(&arena);
    put("rule.cel", "revenue > 1e6");
    put("env.json", "{\"revenue\": \"double\"}");
    json_of("check rule.cel --env env.json --json", NULL, 0);
    put("table.json", "{\"name\": \"t\", \"hit\": \"FIRST\", \"inputs\": [{\"name\": \"x\", \"type\": \"number\"}],"
        " \"outputs\": [{\"name\": \"y\"}], \"rows\": [{\"when\": [\"> 1\"], \"then\": [1]}]}");
    assert_int_equal(kam("check table.json --json"), 1);    /* a gap */
    refused("verify a.kam --json=x", 2, "takes no value");
    refused("pvrp x --json", 2, "no option");
}

/* ---------------------------------------------------------------- Ctrl-C */

/* Starts `kam import a.kam ... -` with a pipe for its input. */
static pid_t importing(int *to) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int err = chdir(dir) == 0 ? open("err", O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
        dup2(ends[0], 0);
        dup2(err, 2);
        close(ends[0]);
        close(ends[1]);
        execl(program(), "kam", "import", "a.kam", "--kind", "account", "--source", "erp", "-", (char *)NULL);
        _exit(99);
    }
    close(ends[0]);
    *to = ends[1];
    return pid;
}

static void interrupt(int number) {
    char line[100];
    int to, status;
    must("export a.kam account");
    char *before = slurp("out", NULL);
    signal(SIGPIPE, SIG_IGN);
    pid_t pid = importing(&to);
    ssize_t put_in = write(to, "ext_id,name\n", 12);
    for (int i = 0; i < 20000 && put_in > 0; i++) {        /* more than a pipe holds: it has begun to read */
        int n = snprintf(line, sizeof line, "N%d,Account %d\n", i, i);
        put_in = write(to, line, (size_t)n);
    }
    assert_true(put_in > 0);
    kill(pid, number);
    struct timespec moment = {0, 100000000};
    nanosleep(&moment, NULL);
    close(to);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 128 + number)
        fail_msg("status %x, %s", (unsigned)status, slurp("err", NULL));
    same("err", "kam: interrupted: what was under way is taken back\n");
    must("export a.kam account");
    same("out", before);
    must("verify a.kam");
    free(before);
}

static void test_interrupt(void **state) {
    (void)state;
    book_new();
    interrupt(SIGINT);
    interrupt(SIGTERM);
    int to, status;
    pid_t pid = importing(&to);                            /* and without it the same import is stored */
    assert_int_equal(write(to, "ext_id,name\nN1,New\n", 19), 19);
    close(to);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    must("show a.kam erp:N1");
}

/* No progress where stderr is no terminal. */
static void test_silence(void **state) {
    (void)state;
    book_new();
    must("export a.kam account --out x.csv");
    same("err", "");
}

/* ---------------------------------------------------------------- files that are written */

/* What stood in a file stays until the new one is whole; no half file is left behind, under whatever name. */
static void test_outputs(void **state) {
    char path[300];
    (void)state;
    book_new();
    put("keep.csv", "old\n");
    put("odd.csv", "ext_id,name\nC9,\xF0\x9F\x98\x80 \xE8\x8B\x8F\n");
    must("import a.kam --kind account --source erp odd.csv");
    refused("export a.kam account --encoding GBK --out keep.csv", 1, "U+1F600");
    same("keep.csv", "old\n");
    refused("export a.kam account --encoding EBCDIC --out new.csv", 1, "EBCDIC");
    refused("export a.kam account --encoding GB18030 --json --out new.csv", 1, "is for CSV");
    refused("export a.kam account --out no-such-folder/new.csv", 1, "no-such-folder/new.csv");
    const char *const none[] = {"keep.csv.part", "new.csv", "new.csv.part"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, none[i]);
        if (access(path, F_OK) == 0) fail_msg("%s was left", none[i]);
    }
    must("export a.kam account --encoding GB18030 --out keep.csv");
    char *text = slurp("keep.csv", NULL);
    assert_non_null(strstr(text, "\x94\x39\xFC\x36 \xCB\xD5"));
    free(text);
    must("import a.kam --kind account --source erp --encoding GB18030 keep.csv");
    must("export a.kam account --out /dev/null");
    must("export a.kam account --out -");
    must("export a.kam account");
    snprintf(path, sizeof path, "%s/link.csv", dir);
    assert_int_equal(symlink("keep.csv", path), 0);        /* stays a link */
    must("export a.kam account --out link.csv");
    char *by_link = slurp("keep.csv", NULL), *direct = of("export a.kam account");
    assert_string_equal(by_link, direct);
    free(by_link);
    free(direct);
}

/* Starts `kam export big.kam account --out keep.csv`. */
static pid_t exporting(void) {
    pid_t pid = fork();
    if (pid == 0) {
        int err = chdir(dir) == 0 ? open("err", O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
        dup2(err, 2);
        execl(program(), "kam", "export", "big.kam", "account", "--out", "keep.csv", (char *)NULL);
        _exit(99);
    }
    return pid;
}

/* Stops an export in the middle of its file; 0 = it was through before it could be stopped. */
static int stopped_half_way(pid_t pid, const char *part) {
    struct stat s;
    int status;
    while (stat(part, &s) != 0 || s.st_size == 0)
        if (waitpid(pid, &status, WNOHANG) == pid) return 0;
    kill(pid, SIGSTOP);
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    return WIFSTOPPED(status) && stat(part, &s) == 0;
}

/* Ends an export with a signal while its file is half written: what stood under the name stands there, then and
 * after. */
static void export_ended(int number, const char *part) {
    pid_t pid = 0;
    int status, tries = 0;
    do {
        put("keep.csv", "old\n");
        pid = exporting();
    } while (!stopped_half_way(pid, part) && ++tries < 50);
    if (tries == 50) fail_msg("the export was never caught at work");
    same("keep.csv", "old\n");
    kill(pid, number);
    kill(pid, SIGCONT);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    same("keep.csv", "old\n");
    if (number == SIGKILL) assert_true(WIFSIGNALED(status));
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 128 + number) fail_msg("status %x", (unsigned)status);
}

static void test_interrupted_output(void **state) {
    char part[300];
    (void)state;
    snprintf(part, sizeof part, "%s/keep.csv.part", dir);
    FILE *f = make("big.csv");
    fputs("ext_id,name\n", f);
    for (int i = 0; i < 20000; i++) fprintf(f, "N%d,Account number %d\n", i, i);
    fclose(f);
    must("import big.kam --kind account --source erp --currency CNY big.csv");
    export_ended(SIGINT, part);
    same("err", "kam: interrupted: what was under way is taken back\n");
    assert_int_not_equal(access(part, F_OK), 0);            /* it cleans up behind itself ... */
    export_ended(SIGTERM, part);
    assert_int_not_equal(access(part, F_OK), 0);
    export_ended(SIGKILL, part); /* ... where it can: what is left does not hinder the next */
    must("export big.kam account --out keep.csv");
    must("export big.kam account");
    char *text = slurp("keep.csv", NULL);
    same("out", text);
    free(text);
    assert_int_not_equal(access(part, F_OK), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_help), cmocka_unit_test(test_manual),    cmocka_unit_test(test_completion),
        cmocka_unit_test(test_json), cmocka_unit_test(test_interrupt), cmocka_unit_test(test_silence),
        cmocka_unit_test(test_outputs), cmocka_unit_test(test_interrupted_output),
    };
    return cmocka_run_group_tests(tests, start, end);
}
