/* Decision tables through the public API: cells, hit policies, explanations, findings, refusals, memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <kam.h>
#include <kam/spi/test.h>

#define LEN(a) (sizeof(a) / sizeof *(a))
#define assert_code(got, want) assert_string_equal(kam_code_name(got), kam_code_name(want))
#define T_HEAD "{\"name\": \"t\", \"hit\": "
#define T_IN(type) ", \"inputs\": [{\"name\": \"x\", \"type\": \"" type "\"}], \"outputs\": [{\"name\": \"y\"}], "

typedef struct dt { kam_error *err; kam_buf *buf; char text[12000]; } dt;

static int dt_setup(void **state)
{
    dt *t = calloc(1, sizeof *t);
    assert_code(kam_error_new(&t->err, NULL), KAM_OK);
    assert_code(kam_buf_new(&t->buf, NULL, NULL), KAM_OK);
    *state = t;
    return 0;
}

static int dt_teardown(void **state)
{
    dt *t = *state;
    kam_buf_free(t->buf);
    kam_error_free(t->err);
    free(t);
    return 0;
}
#define dt_test(f) cmocka_unit_test_setup_teardown(f, dt_setup, dt_teardown)

/* The answer, or "CODE: message". */
static const char *dt_decide(dt *t, const char *doc, const char *in)
{
    kam_dtable *table = NULL;
    int32_t rc = kam_dtable_parse(&table, NULL, doc, KAM_NUL, t->err);
    if (rc == KAM_OK) rc = kam_dtable_decide_json(t->buf, NULL, table, in, KAM_NUL, t->err);
    if (rc == KAM_OK) snprintf(t->text, sizeof t->text, "%.*s", (int)kam_buf_size(t->buf), (const char *)kam_buf_data(t->buf));
    else snprintf(t->text, sizeof t->text, "%s: %s", kam_code_name(rc), kam_error_message(t->err));
    kam_dtable_free(table);
    return t->text;
}

/* ---------------------------------------------------------------- cells */

static void cells_take_what_they_say(void **state)
{
    static const struct { const char *type, *cell, *x; int has; } rows[] = {
        {"number", "-", "null", 1}, {"number", "5", "5.0", 1}, {"number", "5", "null", 0}, {"number", "null", "null", 1},
        {"number", "null", "0", 0}, {"number", "< 0.3", "0.3", 0}, {"number", "<= 0.3", "0.30", 1},
        {"number", "> 9007199254740992", "9007199254740993", 1}, {"number", "[1..10)", "10", 0},
        {"number", "[1..10]", "10", 1}, {"number", "(1..10)", "1", 0}, {"number", "]1..10[", "1.001", 1},
        {"number", "not(1, 3)", "2", 1}, {"number", "not(1, 3)", "3", 0}, {"number", "not(< 3)", "null", 0},
        {"number", "1, [5..7], > 100", "6", 1}, {"number", "1, [5..7], > 100", "8", 0}, {"number", "-5", "-5", 1},
        {"number", "< -1", "-2", 1}, {"number", "[.5..1e2]", "99", 1}, {"number", "> 1e300", "1e301", 1},
        {"number", "!= 3", "3", 0}, {"number", "= 3", "3", 1}, {"number", "< 0.0000000000000000001", "0", 1},
        {"string", "\\\"A\\\",\\\"B\\\"", "\"B\"", 1}, {"string", "\\\"A\\\",\\\"B\\\"", "\"b\"", 0},
        {"string", "not(\\\"A\\\")", "null", 1}, {"string", "\\\"a, b\\\"", "\"a, b\"", 1},
        {"string", "\\\"q\\\\\\\"q\\\"", "\"q\\\"q\"", 1}, {"string", "> \\\"M\\\"", "\"N\"", 1},
        {"boolean", "true", "true", 1}, {"boolean", "not(true)", "false", 1}, {"boolean", "false", "null", 0},
        {"date", "> date(\\\"2026-03-01\\\")", "\"2026-03-02\"", 1}, {"date", "@\\\"2026-03-01\\\"", "\"2026-03-01\"", 1},
        {"date", "[\\\"2026-03-01\\\"..\\\"2026-04-01\\\")", "\"2026-04-01\"", 0},
        {"time", "< time(\\\"12:00:00\\\")", "\"11:59:59\"", 1}, {"time", "= time(\\\"12:00:00+08:00\\\")", "\"04:00:00Z\"", 1},
        {"datetime", ">= date and time(\\\"2026-03-01T12:00:00Z\\\")", "\"2026-03-01T20:00:00+08:00\"", 1},
        {"datetime", ">= date(\\\"2026-03-02\\\")", "\"2026-03-01T20:00:00Z\"", 0},
        {"duration", "> duration(\\\"P1D\\\")", "\"PT25H\"", 1}, {"months", "= duration(\\\"P1Y6M\\\")", "\"P18M\"", 1},
        {"any", "> date(\\\"2026-03-01\\\")", "\"2026-03-02\"", 1}, {"any", "5", "\"5\"", 0}, {"any", "5", "[4, 5]", 0},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        char doc[600], in[100];
        snprintf(doc, sizeof doc, T_HEAD "\"UNIQUE\", \"inputs\": [{\"name\": \"x\", \"type\": \"%s\"}], \"outputs\":"
                 " [{\"name\": \"y\"}], \"rows\": [{\"when\": [\"%s\"], \"then\": [true]}]}", rows[i].type, rows[i].cell);
        snprintf(in, sizeof in, "{\"x\": %s}", rows[i].x);
        const char *got = dt_decide(*state, doc, in);
        if (strcmp(got, rows[i].has ? "[{\"y\":true}]" : "[]") != 0)
            fail_msg("%s %s: %s", rows[i].cell, rows[i].x, got);
    }
}

static void wrong_cells_are_refused_with_their_place(void **state)
{
    static const struct { const char *type, *cell, *says; } rows[] = {
        {"number", "\"< \"", "a value is missing"}, {"number", "\"[1..2\"", "\"]\" or \")\" is expected"},
        {"number", "\"1 2\"", "more than a test at character 3"}, {"number", "\"[1,2]\"", "\"..\" is expected"}, {"number", "\"x + 1\"", "formula"},
        {"number", "\"\\\"A\\\"\"", "the column is of type number"}, {"number", "\"y\"", "is no input"},
        {"string", "\"A\"", "text stands in quotes"}, {"string", "\"\\\"A\"", "not closed"}, {"number", "\"12abc\"", "no number"},
        {"date", "\"date(\\\"2026-13-01\\\")\"", "no date"}, {"number", "\"not(1\"", "\")\" is expected"},
        {"number", "[]", "a cell is a string"}, {"string", "\"\\\"\\\\x\\\"\"", "escape"}, {"number", "\"\"", "a value is missing"},
    };
    dt *t = *state;
    for (size_t i = 0; i < LEN(rows); i++) {
        char doc[600];
        snprintf(doc, sizeof doc, T_HEAD "\"UNIQUE\", \"inputs\": [{\"name\": \"x\", \"type\": \"%s\"}], \"outputs\":"
                 " [{\"name\": \"z\"}], \"rows\": [{\"when\": [%s], \"then\": [true]}]}", rows[i].type, rows[i].cell);
        const char *got = dt_decide(t, doc, "{}");
        if (!strstr(got, rows[i].says) || got[0] != 'K') fail_msg("%s: %s", rows[i].cell, got);
        assert_true(kam_error_detail(t->err, KAM_ERR_LINE) == 1);
    }
}

/* ---------------------------------------------------------------- hit policies */

#define T_ROWS "\"rows\": [{\"when\": [\"> 1\"], \"then\": [\"1.5\"]}, {\"id\": \"mid\", \"when\": [\"> 2\"], \"then\": [\"0.25\"]}," \
               " {\"when\": [\"> 3\"], \"then\": [\"1.50\"]}]}"

static void hit_policies_choose(void **state)
{
    static const struct { const char *hit, *x, *want; } rows[] = {
        {"\"UNIQUE\"", "2", "[{\"y\":1.5}]"},
        {"\"UNIQUE\"", "3", "KAM_E_POLICY: table \"t\" is UNIQUE, but rows 1 and 2 (mid) both match"},
        {"\"ANY\"", "3", "KAM_E_POLICY: table \"t\" is ANY, but rows 1 and 2 (mid) both match and differ in their outputs"},
        {"\"FIRST\"", "9", "[{\"y\":1.5}]"}, {"\"FIRST\"", "1", "[]"},
        {"\"RULE ORDER\"", "9", "[{\"y\":1.5},{\"y\":0.25},{\"y\":1.5}]"}, {"\"COLLECT\"", "3", "[{\"y\":1.5},{\"y\":0.25}]"},
        {"\"COLLECT\", \"aggregate\": \"SUM\"", "9", "[{\"y\":3.25}]"}, {"\"COLLECT\", \"aggregate\": \"SUM\"", "0", "[]"},
        {"\"COLLECT\", \"aggregate\": \"MIN\"", "9", "[{\"y\":0.25}]"}, {"\"COLLECT\", \"aggregate\": \"MAX\"", "9", "[{\"y\":1.5}]"},
        {"\"COLLECT\", \"aggregate\": \"COUNT\"", "9", "[{\"y\":3}]"}, {"\"COLLECT\", \"aggregate\": \"COUNT\"", "0", "[{\"y\":0}]"},
        {"\"COLLECT\", \"aggregate\": \"LIST\"", "2", "[{\"y\":1.5}]"},
        {"\"PRIORITY\"", "2", "KAM_E_POLICY: PRIORITY needs an output with \"values\", the best first (line 1, column 1)"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        char doc[800], in[40];
        snprintf(doc, sizeof doc, T_HEAD "%s" T_IN("number") T_ROWS, rows[i].hit);
        snprintf(in, sizeof in, "{\"x\": %s}", rows[i].x);
        const char *got = dt_decide(*state, doc, in);
        if (strcmp(got, rows[i].want) != 0) fail_msg("%s %s: %s", rows[i].hit, rows[i].x, got);
    }
}

#define T_RANKED(hit) T_HEAD "\"" hit "\", \"inputs\": [{\"name\": \"x\"}], \"outputs\": [{\"name\": \"y\", \"values\":" \
    " \"\\\"HIGH\\\",\\\"LOW\\\"\", \"default\": \"\\\"LOW\\\"\"}, {\"name\": \"z\"}], \"names\": [\"who\"], \"rows\": [" \
    "{\"when\": [\"> 1\"], \"then\": [\"\\\"LOW\\\"\", 1]}, {\"when\": [\"> 2\"], \"then\": [\"\\\"HIGH\\\"\", \"who.name\"]}]}"

static void outputs_are_ranked_and_have_defaults(void **state)
{
    static const char in[] = "{\"x\": 3, \"who\": {\"name\": \"Li\"}}";
    assert_string_equal(dt_decide(*state, T_RANKED("PRIORITY"), in), "[{\"y\":\"HIGH\",\"z\":\"Li\"}]");
    assert_string_equal(dt_decide(*state, T_RANKED("OUTPUT ORDER"), in),
                        "[{\"y\":\"HIGH\",\"z\":\"Li\"},{\"y\":\"LOW\",\"z\":1}]");
    assert_string_equal(dt_decide(*state, T_RANKED("PRIORITY"), "{}"), "[{\"y\":\"LOW\",\"z\":null}]");
}

static void what_is_no_input_is_refused(void **state)
{
    static const char doc[] = T_HEAD "\"FIRST\", \"inputs\": [{\"name\": \"x\", \"type\": \"number\", \"values\": \"[0..10]\","
        " \"required\": true}], \"outputs\": [{\"name\": \"y\"}], \"rows\": [{\"when\": [\"-\"], \"then\": [1]}]}";
    assert_string_equal(dt_decide(*state, doc, "{\"x\": 10}"), "[{\"y\":1}]");
    assert_string_equal(dt_decide(*state, doc, "{\"x\": 11}"), "KAM_E_POLICY: input \"x\" is none of its values: [0..10]");
    assert_string_equal(dt_decide(*state, doc, "{}"), "KAM_E_POLICY: input \"x\" has no value, and the table requires one");
    assert_non_null(strstr(dt_decide(*state, doc, "{\"x\": \"5x\"}"), "KAM_E_TYPE"));
}

static void a_table_that_fails_its_own_test_is_refused(void **state)
{
    static const char doc[] = T_HEAD "\"UNIQUE\"" T_IN("number") "\"rows\": [{\"when\": [\"> 1\"], \"then\": [1]}], \"tests\":"
        " [{\"in\": {\"x\": 2}, \"out\": [{\"y\": 1.0}]}, {\"in\": {\"x\": 1}, \"out\": [{\"y\": 1}]}]}";
    assert_non_null(strstr(dt_decide(*state, doc, "{}"), "this test of the table gives []"));
}

/* ---------------------------------------------------------------- records and reasons */

static void a_record_is_decided_with_reasons(void **state)
{
    static const char doc[] = T_HEAD "\"FIRST\", \"inputs\": [{\"name\": \"employees\", \"type\": \"number\"}, {\"name\": \"region\","
        " \"type\": \"string\"}], \"outputs\": [{\"name\": \"y\"}], \"rows\": ["
        "{\"when\": [\"> 100\", \"-\"], \"then\": [1]}, {\"id\": \"b\", \"when\": [\"-\", \"\\\"N\\\"\"], \"then\": [2],"
        " \"text\": {\"en\": \"north\", \"zh\": \"北\"}}, {\"when\": [\"-\", \"-\"], \"then\": [3]}]}";
    dt *t = *state;
    kam_dtable *table = NULL;
    kam_record *r = NULL;
    kam_why *why = NULL;
    kam_rows *rows = NULL;
    const kam_record *part = NULL;
    kam_store *store = NULL;
    kam_book *book = NULL;
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .actor = "t", .currency = "CNY"};
    char got[600] = "";
    assert_code(kam_store_memory(&store, NULL, t->err), KAM_OK);
    assert_code(kam_book_open(&book, NULL, store, &o, t->err), KAM_OK);
    assert_code(kam_dtable_parse(&table, NULL, doc, KAM_NUL, t->err), KAM_OK);
    assert_code(kam_record_new(&r, book, KAM_KIND_ATTRIBUTES, t->err), KAM_OK);
    assert_code(kam_record_set_i64(r, KAM_ATTRIBUTES_EMPLOYEES, 50, t->err), KAM_OK);
    assert_code(kam_record_set_text(r, KAM_ATTRIBUTES_REGION, "N", KAM_NUL, t->err), KAM_OK);
    assert_code(kam_dtable_decide(t->buf, &why, table, r, t->err), KAM_OK);
    assert_memory_equal(kam_buf_data(t->buf), "[{\"y\":2}]", kam_buf_size(t->buf));
    assert_string_equal(kam_record_text(kam_why_record(why), KAM_VERDICT_RESULT, ""), "[{\"y\":2}]");
    assert_code(kam_why_rows(&rows, why, t->err), KAM_OK);
    while (kam_rows_next(&part, rows, t->err) == KAM_OK && part)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s %s: %s|", kam_record_text(part, KAM_REASON_FACTOR, ""),
                 kam_record_text(part, KAM_REASON_CODE, ""), kam_record_text(part, KAM_REASON_TEXT, ""));
    assert_string_equal(got, "row 1 NO: employees is 50, not > 100|row 2 b CHOSEN: matches and counts: north|"
                             "row 3 MATCH: matches, but row 2 counts|");
    kam_rows_free(rows);
    kam_why_free(why);
    kam_record_free(r);
    kam_dtable_free(table);
    kam_book_close(book);
    kam_store_free(store);
}

/* ---------------------------------------------------------------- findings */

/* "CODE row example|..." */
static const char *findings(dt *t, const char *doc)
{
    kam_dtable *table = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    t->text[0] = '\0';
    if (kam_dtable_parse(&table, NULL, doc, KAM_NUL, t->err) != KAM_OK) fail_msg("%s", kam_error_message(t->err));
    assert_code(kam_dtable_findings(&rows, table, t->err), KAM_OK);
    while (kam_rows_next(&r, rows, t->err) == KAM_OK && r)
        snprintf(t->text + strlen(t->text), sizeof t->text - strlen(t->text), "%s %s %s|",
                 kam_record_text(r, KAM_PROBLEM_CODE, ""), kam_record_text(r, KAM_PROBLEM_ROW, "-"),
                 kam_record_text(r, KAM_PROBLEM_VALUE, "-"));
    kam_rows_free(rows);
    kam_dtable_free(table);
    return t->text;
}

#define T_ROW(when) "{\"when\": [" when "], \"then\": [1]}"
#define T_XY(hit) T_HEAD "\"" hit "\", \"inputs\": [{\"name\": \"x\", \"type\": \"number\", \"values\": \"[0..100]\"}," \
    " {\"name\": \"b\", \"type\": \"boolean\"}], \"outputs\": [{\"name\": \"y\"}], \"rows\": ["

static void findings_come_with_examples(void **state)
{
    dt *t = *state;
    assert_string_equal(findings(t, T_XY("UNIQUE") T_ROW("\"< 50\", \"-\"") "," T_ROW("\">= 50\", \"-\"") "]}"), "");
    assert_string_equal(findings(t, T_XY("UNIQUE") T_ROW("\"< 50\", \"-\"") "," T_ROW("\"> 50\", true") "," T_ROW("\"-\", false") "]}"),
                        "OVERLAP 3 {\"x\":0,\"b\":false}|GAP - {\"x\":50,\"b\":true}|");
    assert_string_equal(findings(t, T_XY("FIRST") T_ROW("\"< 50\", \"-\"") "," T_ROW("\"< 20\", \"true\"") "," T_ROW("\"-\", \"-\"") ","
                                 T_ROW("\"[5..3]\", \"-\"") "]}"), "SHADOWED 2 {\"x\":0,\"b\":true}|UNREACHABLE 4 -|");
    assert_string_equal(findings(t, T_XY("ANY") T_ROW("\"<= 50\", \"-\"") "," T_ROW("\">= 50\", \"-\"") "]}"), "");
    assert_string_equal(findings(t, T_HEAD "\"UNIQUE\"" T_IN("date") "\"rows\": [" T_ROW("\"< date(\\\"2026-03-01\\\")\"") ","
                                 T_ROW("\"> date(\\\"2026-03-02\\\")\"") "]}"), "GAP - {\"x\":\"2026-03-01\"}|GAP - {\"x\":\"2026-03-02\"}|");
    assert_string_equal(findings(t, T_HEAD "\"UNIQUE\"" T_IN("string") "\"rows\": [" T_ROW("\"\\\"A\\\"\"") "," T_ROW("\"not(\\\"A\\\")\"")
                                 "]}"), "");
    assert_string_equal(findings(t, T_HEAD "\"UNIQUE\"" T_IN("number") "\"rows\": [" T_ROW("\"> x\"") "]}"), "UNCHECKED - -|");
}

/* Random tables beside a look at every value: two columns of numbers in halves, days, or texts. */
enum { B_TABLES = 400, B_ROWS = 5 };
typedef struct brute { uint64_t seed; const char *const *all; int n, kind; } brute;
static uint32_t pick(brute *b, uint32_t n)
{
    b->seed = b->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(b->seed >> 33) % n;
}

/* Constants stand at the odd places of a column; the others lie between them. */
static const char *const numbers[] = {"-1", "0", "0.5", "1", "1.5", "2", "2.5", "3", "4"};
static const char *const days[] = {"2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07"};
static const char *const texts[] = {"", "A", "A0", "A1", "AB", "B", "B~", "C", "C~"};

typedef struct test { int op, a, b; } test;                         /* 0 "-", 1 =, 2 <, 3 <=, 4 >, 5 >=, 6 [a..b), 7 (a..b], 8 not(a) */

static int takes(const test *t, int v)
{
    switch (t->op) {
    case 0: return 1;
    case 1: return v == t->a;
    case 2: return v < t->a;
    case 3: return v <= t->a;
    case 4: return v > t->a;
    case 5: return v >= t->a;
    case 6: return v >= t->a && v < t->b;
    case 7: return v > t->a && v <= t->b;
    default: return v != t->a;
    }
}

static void write_cell(const brute *b, const test *t, char out[120])
{
    char x[40], y[40];
    const char *quote = b->kind == 2 ? "\\\"" : "", *head = b->kind == 1 ? "date(\\\"" : quote, *tail = b->kind == 1 ? "\\\")" : quote;
    snprintf(x, sizeof x, "%s%s%s", head, b->all[t->a], tail);
    snprintf(y, sizeof y, "%s%s%s", head, b->all[t->b], tail);
    static const char *const form[] = {"-", "%s", "< %s", "<= %s", "> %s", ">= %s", "[%s..%s)", "(%s..%s]", "not(%s)"};
    if (t->op == 6) snprintf(out, 120, "[%s..%s)", x, y);
    else if (t->op == 7) snprintf(out, 120, "(%s..%s]", x, y);
    else if (t->op == 8) snprintf(out, 120, "not(%s)", x);
    else snprintf(out, 120, "%.*s%s", (int)strcspn(form[t->op], "%"), form[t->op], t->op ? x : "");
}

static void one_table(dt *t, brute *b, int c)
{
    static const char *const type[] = {"number", "date", "string"};
    static const char *const *const domain[] = {numbers, days, texts};
    test cell[B_ROWS][2];
    char json[3000], one[120], two[120], want[40];
    int nrow = 1 + (int)pick(b, B_ROWS), gap = 0, hit[B_ROWS] = {0}, pair[B_ROWS][B_ROWS] = {{0}};
    b->kind = c % 3;
    b->all = domain[b->kind];
    size_t at = (size_t)snprintf(json, sizeof json, "{\"name\": \"t\", \"hit\": \"UNIQUE\", \"inputs\": [{\"name\": \"x\", \"type\": \"%s\"}, {\"name\": \"y\","
                                 " \"type\": \"%s\"}], \"outputs\": [{\"name\": \"o\"}], \"rows\": [", type[b->kind], type[b->kind]);
    for (int r = 0; r < nrow; r++) {
        for (int i = 0; i < 2; i++) {
            cell[r][i] = (test){(int)pick(b, 9), 1 + 2 * (int)pick(b, 4), 1 + 2 * (int)pick(b, 4)};
            if (cell[r][i].op > 5 && cell[r][i].op < 8 && cell[r][i].b < cell[r][i].a) cell[r][i].b = cell[r][i].a;
        }
        write_cell(b, &cell[r][0], one);
        write_cell(b, &cell[r][1], two);
        at += (size_t)snprintf(json + at, sizeof json - at, "%s{\"when\": [\"%s\", \"%s\"], \"then\": [1]}", r ? ", " : "", one, two);
    }
    snprintf(json + at, sizeof json - at, "]}");
    for (int x = 0; x < 9; x++)
        for (int y = 0; y < 9; y++) {
            int n = 0, now[B_ROWS];
            for (int r = 0; r < nrow; r++)
                if (takes(&cell[r][0], x) && takes(&cell[r][1], y)) {
                    for (int k = 0; k < n; k++) pair[now[k]][r] = 1;
                    now[n++] = r;
                    hit[r] = 1;
                }
            gap |= !n;
        }
    const char *got = findings(t, json);
    if ((strstr(got, "GAP") != NULL) != gap) fail_msg("gap %d: %s\n%s", gap, got, json);
    for (int r = 0; r < nrow; r++) {
        int overlaps = 0;
        for (int k = 0; k < r; k++) overlaps += pair[k][r];
        snprintf(want, sizeof want, "UNREACHABLE %d ", r + 1);
        if ((strstr(got, want) == NULL) != hit[r]) fail_msg("row %d, hit %d: %s\n%s", r + 1, hit[r], got, json);
        snprintf(want, sizeof want, "OVERLAP %d ", r + 1);
        for (const char *p = got; (p = strstr(p, want)) != NULL; p++) overlaps--;
        if (overlaps) fail_msg("row %d: %d overlaps are not told: %s\n%s", r + 1, overlaps, got, json);
    }
}

static void findings_are_complete(void **state)
{
    brute b = {.seed = 20261122};
    for (int c = 0; c < B_TABLES; c++) one_table(*state, &b, c);
}

/* ---------------------------------------------------------------- reload */

static void a_failed_reload_keeps_the_old_one(void **state)
{
    dt *t = *state;
    kam_dtable *table = NULL;
    kam_buf *out = NULL;
    assert_code(kam_buf_new(&out, NULL, t->err), KAM_OK);
    assert_code(kam_dtable_parse(&table, NULL, T_HEAD "\"UNIQUE\"" T_IN("number") "\"rows\": [" T_ROW("\"> 1\"") "]}", KAM_NUL, t->err), KAM_OK);
    kam_dtable *old = table;
    assert_code(kam_dtable_parse(&table, NULL, T_HEAD "\"UNIQUE\"" T_IN("number") "\"rows\": [" T_ROW("\"> 5\"") "], \"tests\": [{\"in\": {\"x\": 2},"
                                 " \"out\": [{\"y\": 1}]}]}", KAM_NUL, t->err), KAM_E_POLICY);
    assert_ptr_equal(table, old);
    assert_code(kam_dtable_decide_json(out, NULL, table, "{\"x\": 2}", KAM_NUL, t->err), KAM_OK);
    assert_memory_equal(kam_buf_data(out), "[{\"y\":1}]", 9);
    kam_buf_free(out);
    kam_dtable_free(table);
}

/* ---------------------------------------------------------------- memory */

static int32_t whole(void *user, kam_fault_alloc *alloc)
{
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = kam_fault_alloc_allocator(alloc)};
    kam_ctx *ctx = NULL;
    kam_dtable *table = NULL;
    kam_buf *buf = NULL;
    kam_why *why = NULL;
    kam_rows *rows = NULL;
    int32_t rc = kam_ctx_new(&ctx, &o, NULL);
    if (rc == KAM_OK) rc = kam_buf_new(&buf, ctx, NULL);
    if (rc == KAM_OK) rc = kam_dtable_parse(&table, ctx, user, KAM_NUL, NULL);
    if (rc == KAM_OK) rc = kam_dtable_decide_json(buf, &why, table, "{\"x\": 3, \"who\": {\"name\": \"Li\"}}", KAM_NUL, NULL);
    if (rc == KAM_OK) rc = kam_dtable_findings(&rows, table, NULL);
    kam_rows_free(rows);
    kam_why_free(why);
    kam_dtable_free(table);
    kam_buf_free(buf);
    kam_ctx_free(ctx);
    return rc;
}

static void report(void *user, uint64_t at, int32_t code, const char *why)
{
    (void)user;
    print_error("fault %llu: %s %s\n", (unsigned long long)at, kam_code_name(code), why);
}

static void every_allocation_fails_once(void **state)
{
    static const char *const docs[] = {T_RANKED("PRIORITY"), T_HEAD "\"COLLECT\", \"aggregate\": \"SUM\"" T_IN("number")
        "\"rows\": [{\"when\": [\"> 1\"], \"then\": [2.5]}], \"tests\": [{\"in\": {\"x\": 2}, \"out\": [{\"y\": 2.5}]}]}"};
    (void)state;
    for (size_t i = 0; i < LEN(docs); i++)
        assert_int_equal(kam_fault_sweep_alloc(whole, (void *)(uintptr_t)docs[i], report, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        dt_test(cells_take_what_they_say), dt_test(wrong_cells_are_refused_with_their_place), dt_test(hit_policies_choose),
        dt_test(outputs_are_ranked_and_have_defaults), dt_test(what_is_no_input_is_refused),
        dt_test(a_table_that_fails_its_own_test_is_refused), dt_test(a_record_is_decided_with_reasons),
        dt_test(findings_come_with_examples), dt_test(findings_are_complete),
        dt_test(a_failed_reload_keeps_the_old_one), cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
