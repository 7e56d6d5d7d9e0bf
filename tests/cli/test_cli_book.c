/* The program kam on a book in a file: scores, a plan, the report, and whether the book is sound; as its users have
 * it. */
#define _XOPEN_SOURCE 700                   /* mkdtemp */
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
#ifdef KAM_HAVE_SQLITE
#include <sqlite3.h>
#endif

static char dir[200];

/* ---------------------------------------------------------------- running and files */

static const char *program(void)
{
    const char *path = getenv("KAM_PROGRAM");
#ifdef KAM_PROGRAM
    if (!path) path = KAM_PROGRAM;
#endif
    return path ? path : "kam";
}

/* Runs `kam ARGUMENTS` in the test's folder; what it prints goes to out and err there. Exit code. */
static int kam(const char *arguments)
{
    char line[4000];
    int n = snprintf(line, sizeof line, "cd '%s' && '%s' %s >out 2>err", dir, program(), arguments);
    assert_true(n > 0 && (size_t)n < sizeof line);
    int rc = system(line);
    assert_true(WIFEXITED(rc));
    return WEXITSTATUS(rc);
}

static char *slurp(const char *name)
{
    char path[300];
    static char text[1 << 20];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s is not there", path);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static void contains(const char *name, const char *part)
{
    const char *text = slurp(name);
    if (!strstr(text, part)) fail_msg("\"%s\" is not in %s:\n%.2000s", part, name, text);
}

static void must(const char *arguments)
{
    int rc = kam(arguments);
    if (rc != 0) fail_msg("kam %s: exit code %d\n%s", arguments, rc, slurp("err"));
}

static void refused(const char *arguments, int code, const char *says)
{
    assert_int_equal(kam(arguments), code);
    contains("err", says);
}

static void put(const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int lines(const char *name)
{
    int n = 0;
    for (const char *at = slurp(name); *at; at++) n += *at == '\n';
    return n;
}

/* ---------------------------------------------------------------- tests */

static void test_score(void **state)
{
    (void)state;
    must("score sqlite:b.db --card key-account --as-of 2026-05-31");
    contains("out", "1. ");
    contains("out", "Acme");
    contains("err", "nothing stored");
    must("score sqlite:b.db --card key-account --as-of 2026-05-31 --why C1");
    contains("out", "key-account");
    must("score sqlite:b.db --card key-account --as-of 2026-05-31 --why erp:C1 --lang zh");
    must("score sqlite:b.db --card key-account --as-of 2026-05-31 --apply --out scores.csv --labels");
    contains("err", "stored as run ");
    assert_int_equal(lines("scores.csv"), 4);
    contains("scores.csv", "Points");
    must("score sqlite:b.db --card key-account --as-of 2026-05-31 --format jsonl --out -");
    contains("out", "\"points\":");
}

static void test_score_refused(void **state)
{
    (void)state;
    refused("score sqlite:b.db", 2, "--card");
    refused("score sqlite:b.db --card none --as-of 2026-05-31", 1, "none");
    refused("score sqlite:b.db --card key-account --as-of yesterday", 2, "a day is written");
    refused("score sqlite:b.db --card key-account --as-of 2026-05-31 --why C99", 1,
            "no account has the id or key \"C99\"");
    refused("score sqlite:none.db --card key-account", 1, "none.db");
}

static void test_plan(void **state)
{
    (void)state;
    must("plan sqlite:b.db --as-of 2026-05-31 --days 14");
    contains("out", "Li Na");
    contains("out", "2026-06-");
    contains("out", "Acme (A)");
    contains("err", "nothing stored");
    must("plan sqlite:b.db --from 2026-06-01 --as-of 2026-05-31 --days 28 --apply --out plan.csv --unplanned left.csv "
         "--changes changes.csv --problems problems.csv");
    contains("plan.csv", "VISIT");
    contains("err", "stored as run ");
    assert_int_equal(lines("out"), 0);
    assert_true(lines("left.csv") >= 1 && lines("changes.csv") >= 1 && lines("problems.csv") >= 1);
    must("plan sqlite:b.db --from 2026-06-01 --as-of 2026-05-31 --days 28 --out again.csv --changes changes.csv");
    assert_null(strstr(slurp("changes.csv"), "MOVED"));
    must("plan sqlite:b.db --as-of 2026-05-31 --rep R1,erp:R2 --format icalendar --out some.ics");
    contains("some.ics", "BEGIN:VCALENDAR");
    must("plan sqlite:b.db --as-of 2026-05-31 --rep 2 --out some.csv");
    must("plan sqlite:b.db --as-of 2026-05-31 --hours 08:30-17:00 --break 12:00-13:00 --driving 180 --visits 4");
    contains("out", " at 08:");
    assert_null(strstr(slurp("some.csv"), "Acme"));
}

static void test_plan_refused(void **state)
{
    (void)state;
    refused("plan sqlite:b.db --days x", 2, "--days is a whole number from 0 to 366, not \"x\"");
    refused("plan sqlite:b.db --days 400", 2, "--days");
    refused("plan sqlite:b.db --seed -1", 2, "--seed");
    refused("plan sqlite:b.db --hours 8h", 2, "hours are written 08:00-17:30, not \"8h\"");
    refused("plan sqlite:b.db --break 12:00-13:60", 2, "hours are written");
    refused("plan sqlite:b.db --hours 17:00-08:00", 1, "day_begin is 1020");
    refused("plan sqlite:b.db --rep R9", 1, "no representative has the id or key \"R9\"");
    refused("plan sqlite:b.db --cadence none --as-of 2026-05-31", 1, "none");
    refused("plan sqlite:b.db --as-of 2026-05-31 --out no/such/plan.csv", 1, "kam: no/such/plan.csv:0:0: ");
}

static void test_report(void **state)
{
    (void)state;
    must("report sqlite:b.db --as-of 2026-05-31 --title '<b>Key & co</b>' --out r.html");
    contains("r.html", "<!DOCTYPE html>");
    contains("r.html", "&lt;b&gt;Key &amp; co");
    contains("r.html", "Acme");
    must("report sqlite:b.db --as-of 2026-05-31 --lang zh --out r.html");
    contains("r.html", "客户");
    refused("report sqlite:b.db", 2, "--out is missing");
    refused("report sqlite:b.db --lang fr --out r.html", 2, "en or zh");
    refused("report sqlite:b.db --as-of 2026-05-31 --out no/such/r.html", 1, "kam: no/such/r.html:0:0: ");
}

static void test_verify(void **state)
{
    (void)state;
    must("verify sqlite:b.db");
    contains("err", "sqlite:b.db: sound");
#ifdef KAM_HAVE_SQLITE
    char path[300];
    sqlite3 *db = NULL;
    must("import sqlite:holed.db --kind account --source erp --currency EUR parts.csv");
    snprintf(path, sizeof path, "%s/holed.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DELETE FROM kam_account WHERE ext_id = 'C1'", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(kam("verify sqlite:holed.db"), 1);
    contains("out", "REFERENCE: account 2: parent 1 does not exist");
    contains("err", "finding");
#endif
    must("import file:b.kam --kind account --source erp --currency EUR parts.csv");
    must("show file:b.kam C2");
    contains("out", "Acme Parts");
    must("verify file:b.kam");
    refused("verify file:none.kam", 1, "kam: none.kam:0:0: No such file");
    put("paper.db", "this is no database, and it is long enough to be looked at");
    refused("verify sqlite:paper.db", 1, "paper.db");
    refused("verify", 2, "an argument is missing");
}

static int start(void **state)
{
    const char *tmp = getenv("TMPDIR");
    (void)state;
    snprintf(dir, sizeof dir, "%.150s/kam-cli-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(dir)) return -1;
    put("r.csv", "ext_id,name,capacity,active\nR1,Li Na,5,true\nR2,Chen Wei,5,true\n");
    put("a.csv",
        "ext_id,name,city,owner,latitude,longitude\nC1,Acme,Suzhou,R1,31.30,120.60\nC2,Bolt,Suzhou,R1,31.35,120.70\n"
        "C3,Cord,Ningbo,R2,29.90,121.60\n");
    put("l.csv",
        "ext_id,account,day,event,amount\n1,C1,2026-01-05,SALE,90\n2,C2,2026-01-05,SALE,9\n3,C3,2026-01-06,SALE,1\n");
    put("parts.csv", "ext_id,name,parent\nC1,Acme,\nC2,Acme Parts,C1\n");
    must("import sqlite:b.db --kind representative --source erp --currency EUR r.csv");
    must("import sqlite:b.db --kind account --source erp a.csv");
    must("import sqlite:b.db --kind ledger --source erp l.csv");
    must("grade sqlite:b.db --scheme quota-20-40-40 --as-of 2026-05-31 --apply");
    return 0;
}

static int end(void **state)
{
    char line[300];
    (void)state;
    snprintf(line, sizeof line, "rm -r '%s'", dir);
    return system(line);
}

/* A copy is sound; of a file with a hole in it the rest is saved, never an empty book. */
static void test_upkeep(void **state)
{
    (void)state;
    char path[300];
    must("import u.kam --kind account --source erp --currency EUR parts.csv");
    must("backup u.kam copy.kam");
    must("verify copy.kam");
    refused("backup u.kam copy.kam", 1, "copy.kam");
    refused("backup memory: copy.kam", 2, "a book in a file");
    must("compact u.kam");
    must("export u.kam account --out before.csv");
    must("salvage u.kam saved.kam");
    must("export saved.kam account --out after.csv");
    assert_int_equal(lines("before.csv"), lines("after.csv"));
    snprintf(path, sizeof path, "%s/u.kam", dir);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, 9000, SEEK_SET), 0);
    assert_true(fputs("damage damage damage", f) >= 0);
    fclose(f);
    refused("verify u.kam", 1, "u.kam");
    must("salvage u.kam rescued.kam");
    contains("err", "what is intact is in rescued.kam");
    refused("salvage none.kam x.kam", 1, "none.kam");
}

int main(void)
{
#ifdef KAM_HAVE_SQLITE
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_score),        cmocka_unit_test(test_score_refused), cmocka_unit_test(test_plan),
        cmocka_unit_test(test_plan_refused), cmocka_unit_test(test_report),        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_upkeep),
    };
    return cmocka_run_group_tests(tests, start, end);
#else
    printf("SKIPPED test_cli_book: built without SQLite\n");
    return 0;
#endif
}
