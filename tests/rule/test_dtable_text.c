/* Decision tables in words: each document, input or record that is refused, with the message and its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <kam.h>

#define LEN(a) (sizeof(a) / sizeof *(a))
#define ANY_ROW "\"rows\":[{\"when\":[\"-\"],\"then\":[1]}]"
#define TABLE(hit, inputs, outputs, rows) "{\"name\":\"t\",\"hit\":\"" hit "\",\"inputs\":[" inputs "],\"outputs\":[" outputs "]," rows "}"
#define X "{\"name\":\"x\",\"type\":\"number\"}"
#define Y "{\"name\":\"y\"}"
#define TWO_ROWS(a, b) "\"rows\":[{\"when\":[\"-\"],\"then\":[" a "]},{\"when\":[\"-\"],\"then\":[" b "]}]"
#define COLLECT(sum, rows) "{\"name\":\"t\",\"hit\":\"COLLECT\",\"aggregate\":\"" sum "\",\"inputs\":[" X "],\"outputs\":[" Y "]," rows "}"

typedef struct words { const char *table, *in; int32_t code; const char *says; } words;

static kam_error *err;
static kam_buf *out;

static void all(const words *w, size_t n)
{
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        kam_dtable *table = NULL;
        int32_t rc = kam_dtable_parse(&table, NULL, w[i].table, KAM_NUL, err);
        if (rc == KAM_OK && w[i].in) rc = kam_dtable_decide_json(out, NULL, table, w[i].in, KAM_NUL, err);
        if (rc != w[i].code || !strstr(kam_error_message(err), w[i].says)) {
            print_error("%s: %s: %s; wanted %s and \"%s\"\n", w[i].table, kam_code_name(rc),
                        rc ? kam_error_message(err) : kam_buf_data(out), kam_code_name(w[i].code), w[i].says);
            bad++;
        }
        kam_dtable_free(table);
    }
    assert_int_equal(bad, 0);
}

static const words documents[] = {
    {"{\"name\":\"t\",\"hit\":\"FIRST\",\"aggregate\":\"SUM\",\"inputs\":[" X "],\"outputs\":[" Y "]," ANY_ROW "}", NULL, KAM_E_POLICY,
     "\"aggregate\" is for the hit policy COLLECT only (line 1"},
    {"{\"name\":\"t\",\"hit\":\"COLLECT\",\"aggregate\":\"MAX\",\"inputs\":[" X "],\"outputs\":[" Y ",{\"name\":\"z\"}]," ANY_ROW "}", NULL,
     KAM_E_POLICY, "\"aggregate\" MAX needs a table with one output, not 2"},
    {TABLE("FIRST", "{\"name\":\"x\",\n\"type\":\"numeral\"}", Y, ANY_ROW), NULL, KAM_E_PARSE,
     "\"type\" is \"numeral\": any, boolean, number, string, date, time, datetime, duration or months is expected (line 2, column 8)"},
    {TABLE("FIRST", X ",\n" X, Y, ANY_ROW), NULL, KAM_E_POLICY, "two inputs have the name \"x\": rename one (line 2, column 1)"},
    {TABLE("FIRST", X, Y ",\n" Y, ANY_ROW), NULL, KAM_E_POLICY, "two outputs have the name \"y\": rename one (line 2, column 1)"},
    {TABLE("FIRST", "{\"name\":\"x\",\"values\":\n\"A\"}", Y, ANY_ROW), NULL, KAM_E_POLICY,
     "\"values\" of an input are constants, text in quotes (line 2, column 1)"},
    {TABLE("PRIORITY", X, "{\"name\":\"y\",\"values\":\n\"> 3\"}", ANY_ROW), NULL, KAM_E_POLICY,
     "\"values\" of an output are constants, the best first (line 2, column 1)"},
    {TABLE("FIRST", X, "{\"name\":\"y\",\"values\":\"2, 3\"}", "\"rows\":[{\"when\":[\"-\"],\"then\":[\n1]}]"), NULL, KAM_E_POLICY,
     "this is none of the \"values\" of output \"y\": add it there or correct it (line 2, column 1)"},
    {TABLE("FIRST", X, Y, "\"rows\":[{\"when\":[\"-\"],\"then\":\n[1,2]}]"), NULL, KAM_E_POLICY,
     "one cell for each of the 1 inputs and 1 outputs, this one 1 and 2 (line 2, column 1)"},
    {TABLE("FIRST", X, Y, ANY_ROW ",\"tests\":[\n{\"in\":{}}]"), NULL, KAM_E_PARSE,
     "a test has \"in\", an object, and either \"out\" or \"fails\" (line 2, column 1)"},
    {TABLE("FIRST", X, Y, ANY_ROW ",\"tests\":[\n{\"in\":{\"x\":1},\"fails\":true}]"), NULL, KAM_E_POLICY,
     "this test of the table should fail, and the table gives [{\"y\":1}] (line 2, column 1)"},
};

static void documents_are_refused_with_their_place(void **state)
{
    (void)state;
    all(documents, LEN(documents));
}

#define ONE TABLE("FIRST", X, Y, ANY_ROW)
static const words inputs[] = {
    {ONE, "[5]", KAM_E_PARSE, "the inputs must be an object such as {\"amount\": 5} (line 1, column 1)"},
    {ONE, "{\"x\":true}", KAM_E_TYPE, "a number is expected, not true or false (line 1, column 6)"},
    {ONE, "{\"x\":\n{\"a\":1}}", KAM_E_TYPE, "an object is no value: let the table name a member of it (\"customer.size\") (line 2"},
    {ONE, "{\"x\":[1,\n[2]]}", KAM_E_TYPE, "holds single values, no lists or objects (line 2, column 1)"},
    {COLLECT("SUM", TWO_ROWS("1", "\"\\\"a\\\"\"")), "{}", KAM_E_TYPE, "table \"t\" sums up, and row 2, which matches, holds no number"},
    {COLLECT("MIN", TWO_ROWS("1", "\"\\\"a\\\"\"")), "{}", KAM_E_TYPE, "table \"t\" compares: row 2, which matches, holds another type"},
    {COLLECT("SUM", TWO_ROWS("9000000000000000000", "9000000000000000000")), "{}", KAM_E_LIMIT,
     "table \"t\": with row 2 the sum of its rows does not fit 64 bits"},
    {COLLECT("SUM", TWO_ROWS("1e308", "1e308")), "{}", KAM_E_LIMIT, "table \"t\": the sum of the rows that match is no finite number"},
};

static void inputs_are_refused_in_words(void **state)
{
    (void)state;
    all(inputs, LEN(inputs));
}

/* A table with one input `name` of type `type`, over an ATTRIBUTES record. */
static void record_says(const kam_record *r, const char *name, const char *type, int32_t code, const char *says)
{
    char text[300];
    kam_dtable *table = NULL;
    snprintf(text, sizeof text, TABLE("FIRST", "{\"name\":\"%s\",\"type\":\"%s\"}", Y, ANY_ROW), name, type);
    assert_int_equal(kam_dtable_parse(&table, NULL, text, KAM_NUL, err), KAM_OK);
    int32_t rc = kam_dtable_decide(out, NULL, table, r, err);
    if (rc != code || !strstr(kam_error_message(err), says)) fail_msg("%s: %s", kam_code_name(rc), kam_error_message(err));
    kam_dtable_free(table);
}

static void records_are_refused_in_words(void **state)
{
    kam_book *book = NULL;
    kam_record *r = NULL;
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    (void)state;
    assert_int_equal(kam_book_open(&book, NULL, NULL, &o, err), KAM_OK);
    assert_int_equal(kam_record_new(&r, book, KAM_KIND_ATTRIBUTES, err), KAM_OK);
    assert_int_equal(kam_record_set_text(r, KAM_ATTRIBUTES_REGION, "North", KAM_NUL, err), KAM_OK);
    assert_int_equal(kam_record_set_i64(r, KAM_ATTRIBUTES_EMPLOYEES, 12, err), KAM_OK);
    record_says(r, "colour", "string", KAM_E_POLICY, "the table reads \"colour\", which is no field of attributes");
    record_says(r, "region", "number", KAM_E_TYPE, "field \"region\" holds \"North\", which is no number");
    record_says(r, "employees", "date", KAM_E_TYPE, "field \"employees\" is a number where the table takes a date");
    kam_record_free(r);
    kam_book_close(book);
}

static int set_up(void **state)
{
    (void)state;
    return kam_error_new(&err, NULL) != KAM_OK || kam_buf_new(&out, NULL, NULL) != KAM_OK;
}

static int tear_down(void **state)
{
    (void)state;
    kam_buf_free(out);
    kam_error_free(err);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_refused_with_their_place), cmocka_unit_test(inputs_are_refused_in_words),
        cmocka_unit_test(records_are_refused_in_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
