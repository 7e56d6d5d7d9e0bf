/* `kam eval` and `kam check`: expressions, cards and tables over files, and what is wrong with them. */
#include "cli_test.h"

#define TABLE "{\"name\": \"t\", \"hit\": \"UNIQUE\", " \
    "\"inputs\": [{\"name\": \"amount\", \"type\": \"number\"}], \"outputs\": [{\"name\": \"who\"}],"

static void says(const char *file, const char *want) {
    char *got = slurp(file, NULL);
    if (strcmp(got, want) != 0) fail_msg("%s is\n%swanted\n%s", file, got, want);
    free(got);
}

static void an_expression_reads_columns(void **state) {
    (void)state;
    put("a.csv", "name,revenue,key\nAda,1200.5,true\nBo,,false\n\"C \"\"x\"\"\",7,true\n");
    must("eval --expr \"key ? name + '!' : 'no'\" a.csv");
    says("out", "\"Ada!\"\n\"no\"\n\"C \\\"x\\\"!\"\n");
    refused("eval --expr \"revenue > 100.0\" a.csv", 1, "a.csv:3:");
    says("out", "true\nfalse\n");
    refused("eval --expr \"revenu > 1\" a.csv", 1, "did you mean");
    put("a.jsonl", "{\"x\": [1, 2], \"o\": {\"p\": 5}}\n\n{\"x\": [], \"o\": {\"p\": 6}}\n");
    must("eval --expr \"x.size() + o.p\" a.jsonl");
    says("out", "7\n6\n");
    refused("eval a.csv", 2, "one of --expr");
    put("b.csv", "a,b\n1,2\n3,x\n");
    refused("eval --expr \"a < 2 || b / a > 0\" b.csv --explain", 1, "does not take");
    says("out",
         "true\nrule: true\n  a < 2 || b / a > 0 is true (1:1)\n  a < 2 is true (1:1)\n  a is 1 (1:1)\n"
         "  b / a > 0 was not evaluated (1:10)\n  b / a was not evaluated (1:10)\n  b was not evaluated (1:10)\n"
         "  a was not evaluated (1:14)\n\nrule: none\n  a < 2 || b / a > 0 fails: / does not take (string, int) (1:1)\n"
         "  a < 2 is false (1:1)\n  a is 3 (1:1)\n  b / a > 0 fails: / does not take (string, int) (1:10)\n"
         "  b / a fails: / does not take (string, int) (1:10)\n  b is \"x\" (1:10)\n  a is 3 (1:14)\n\n");
    put("d.csv", "a\n4\n");
    must("eval --expr \"a < 2\" d.csv --explain --lang zh");
    says("out", "false\n规则：false\n  a < 2 为 false（1:1）\n  a 为 4（1:1）\n\n");
}

static void a_table_decides_and_tells_why(void **state) {
    (void)state;
    put("t.json", TABLE "\"rows\": [{\"when\": [\"< 10\"], \"then\": [\"\\\"A\\\"\"]}, "
                        "{\"when\": [\">= 10\"], \"then\": [\"\\\"B\\\"\"]}]}");
    put("t.csv", "amount\n9.99\n10\n");
    must("eval --table t.json t.csv");
    says("out", "[{\"who\":\"A\"}]\n[{\"who\":\"B\"}]\n");
    must("eval --table t.json t.csv --explain");
    char *got = slurp("out", NULL);
    assert_non_null(strstr(got, "amount is 10, not < 10"));
    free(got);
    must("check t.json");
    says("out", "a decision table, sound\n");
    put("u.json", TABLE "\"rows\": [{\"when\": [\"< 10\"], \"then\": [1]}, {\"when\": [\"> 10\"], \"then\": [2]}]}");
    assert_int_equal(kam("check u.json"), 1);
    says("out", "GAP: no row matches: add one, or a \"default\", as in {\"amount\":10}\n");
}

static void a_card_scores_rows(void **state) {
    (void)state;
    put("c.json", "{\"name\": \"c\", \"title\": {\"en\": \"c\", \"zh\": \"c\"}, \"factors\": [{\"id\": \"e\", "
                  "\"attribute\": \"employees\","
                  " \"bands\": [{\"below\": 100, \"points\": 1}, {\"from\": 100, \"points\": \"2.5\"}]}]}");
    put("c.csv", "employees\n50\n100\n");
    must("eval --card c.json c.csv");
    says("out", "1.0000\n2.5000\n");
    must("check c.json");
    says("out", "a scorecard, sound\n");
}

static void a_card_may_declare_its_attributes(void **state) {
    (void)state;
    put("d.json", "{\"name\": \"d\", \"title\": {\"en\": \"Card\", \"zh\": \"卡\"}, \"attributes\": {\"spend\": \"decimal(2)\", \"seg\": \"string\","
                  " \"big\": \"bool\"}, \"factors\": [{\"id\": \"s\", \"title\": {\"en\": \"Spend\", \"zh\": \"消费\"}, \"expr\": \"spend * 2\","
                  " \"bands\": [{\"below\": \"20.5\", \"points\": 1}, {\"from\": \"20.5\", \"points\": 2}], \"missing\": \"0.5\"},"
                  " {\"id\": \"g\", \"title\": {\"en\": \"Segment\", \"zh\": \"细分\"}, \"attribute\": \"seg\", \"map\": {\"007\": 10}, \"otherwise\": 20},"
                  " {\"id\": \"b\", \"title\": {\"en\": \"Big\", \"zh\": \"大\"}, \"attribute\": \"big\", \"flag\": {\"true\": 100, \"false\": 200}}]}");
    put("d.csv", "id,big,seg,spend\n1,true,007,10.24\n2,false,x,10.25\n3,true,007,\n");
    must("eval --card d.json d.csv");
    says("out", "111.0000\n222.0000\n110.5000\n");
    put("d.jsonl", "{\"big\": true, \"seg\": \"007\", \"spend\": 10.24}\n{\"big\": false, \"seg\": \"x\", \"spend\": \"10.25\", \"o\": {}}\n"
                   "{\"big\": true, \"seg\": \"007\", \"spend\": null}\n");
    must("eval --card d.json d.jsonl");
    says("out", "111.0000\n222.0000\n110.5000\n");
    must("eval --card d.json d.csv --explain");
    char *got = slurp("out", NULL);
    assert_non_null(strstr(got, "Segment"));
    free(got);
    must("eval --card d.json d.jsonl --explain --lang zh");
    got = slurp("out", NULL);
    assert_non_null(strstr(got, "细分"));
    free(got);
    put("e.csv", "big,seg,spent\ntrue,007,1\n");
    refused("eval --card d.json e.csv", 1, "e.csv:1:0: the card reads \"spend\", but no column is named so");
    put("f.csv", "big,seg,spend\ntrue,007,1.234\n");
    refused("eval --card d.json f.csv", 1, "f.csv:2:");
    must("check d.json");
    says("out", "a scorecard, sound\n  factor s: of type decimal(2), at most 14 steps\n");
    must("check d.json --json");
    says("out", "{\"kind\": \"scorecard\", \"expressions\": "
                "[{\"place\": \"factor s\", \"type\": \"decimal(2)\", \"steps\": 14}]}\n");
}

static void expressions_are_checked(void **state) {
    (void)state;
    put("e.cel", "x * 2 > 10");
    put("env.json", "{\"x\": \"int\"}");
    must("check e.cel --env env.json");
    char *got = slurp("out", NULL);
    assert_non_null(strstr(got, "an expression of type bool, at most "));
    free(got);
    refused("check e.cel", 1, "\"x\"");
    put("s.json", "{\"name\": \"s\", \"condition\": \"employees > 5\"}");
    must("check s.json");
    says("out", "a segment, sound\n  condition: of type bool, at most 14 steps\n");
    put("g.json", "{\"name\": \"g\", \"title\": {\"en\": \"g\", \"zh\": \"g\"}, \"kind\": \"ordinal\", "
                  "\"grades\": [{\"grade\": \"A\", \"en\": \"a\", \"zh\": \"a\"}], \"rest\": null,\n "
                  "\"rule\": {\"first_match\": [{\"grade\": \"A\", \"when\": \"revenu_12m > 1\"}]}}");
    refused("check g.json", 1, "g.json:2:51: rule.first_match[0].when: line 1, column 1: \"revenu_12m\" is not known");
    put("k.json", "{\"name\": \"k\", \"scheme\": \"s\", \"grades\": {\"A\": [{\"id\": \"v\", \"channel\": \"VISIT\","
                  " \"every\": {\"months\": 1}, \"when\": \"recency_days < 90\"}]}}");
    must("check k.json");
    says("out", "a cadence, sound\n  grades.A[0].when: of type bool, at most 14 steps\n");
    put("q.json", "{\"name\": \"q\", \"scheme\": \"s\", \"grades\": {\"A\\\"\": [{\"id\": \"v\", \"channel\": \"VISIT\","
                  " \"every\": {\"months\": 1}, \"when\": \"recency_days < 90\"}]}, \"priority\": [\"employees > 9\"]}");
    must("check q.json --json");
    says("out", "{\"kind\": \"cadence\", \"expressions\": [{\"place\": \"priority[0]\", \"type\": \"bool\", \"steps\": 14},"
                " {\"place\": \"grades.A\\\"[0].when\", \"type\": \"bool\", \"steps\": 14}]}\n");
    put("h.json", "{\"name\": \"h\", \"title\": {\"en\": \"h\", \"zh\": \"h\"}, \"kind\": \"ordinal\", "
                  "\"grades\": [{\"grade\": \"A\", \"en\": \"a\", \"zh\": \"a\"}], \"rest\": null, "
                  "\"rule\": {\"first_match\": [{\"grade\": \"A\", \"when\": \"recency_days < 9\"}]}}");
    must("check h.json");
    says("out", "a scheme, sound\n  rule.first_match[0].when: of type bool, at most 14 steps\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_expression_reads_columns), cmocka_unit_test(a_table_decides_and_tells_why),
        cmocka_unit_test(a_card_scores_rows), cmocka_unit_test(a_card_may_declare_its_attributes),
        cmocka_unit_test(expressions_are_checked),
    };
    return cmocka_run_group_tests(tests, start, end);
}
