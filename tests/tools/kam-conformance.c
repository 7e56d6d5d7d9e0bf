/*
 * tests/tools/kam-conformance.c - runs public conformance suites, and the table of requirements, against the
 * library.
 *
 * kam-conformance SUITE ARGUMENTS. Each suite prints "FAIL name: got ... want ..." per failed case and closes with
 * "N passed, N failed". Exit code: 0 none failed, 1 some did or the run failed, 2 wrong usage. A new suite is one
 * line in the table below.
 */
#include "conf_suite.h"
#include <stdio.h>

typedef struct suite { const char *name, *arguments, *text; int (*run)(int argc, char **argv); } suite;

static const suite suites[] = {
    {"json", "DIR | FILE | -",
     "JSON texts: y_*.json must parse, n_*.json be refused, i_*.json may do either.\n"
     "  Of a FILE the name decides; a text on standard input (-) must parse.", conf_json},
    {"csv", "DIR | CSV JSON",
     "CSV files: DIR/csvs/X.csv must read as DIR/json/X.json, an array of objects keyed by the header row.\n"
     "  Two files are compared directly; one of them may be - (standard input).", conf_csv},
    {"cel", "[--promotion] FILE.jsonl | -",
     "Cases of the public suite of CEL, one JSON object a line. Numbers are promoted only with --promotion, as they\n"
     "  are in our dialect, but not in the language.", conf_cel},
    {"dmn", "FILE.jsonl | -",
     "Decision tables of the DMN TCK, one model a line. Cases of models that need more than S-FEEL in their cells are\n"
     "  told as OUT; the last line counts them too.", conf_dmn},
    {"requirements", "[DIR [TITLES]]",
     "Requirements and the tests that show them: functions test_R001_what_it_shows in DIR/test_*.c (default\n"
     "  tests/requirements) against the list TITLES (default DIR/titles.txt; - is standard input).", conf_requirements},
};

static void help_of(const suite *s)
{
    printf("kam-conformance %s %s\n  %s\n", s->name, s->arguments, s->text);
}

static int help(void)
{
    printf("usage: kam-conformance SUITE ARGUMENTS\n\n");
    for (size_t i = 0; i < KAM__LEN(suites); i++) help_of(&suites[i]);
    printf("\nPrints \"FAIL name: got ... want ...\" for each failed case and \"N passed, N failed\" last.\n"
           "Exit code: 0 nothing failed, 1 something did, 2 wrong usage.\n");
    return CONF_OK;
}

static int is_help(const char *argument) { return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0; }

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "kam: which suite? kam-conformance --help lists them\n");
        return CONF_USAGE;
    }
    if (is_help(argv[1])) return help();
    for (size_t i = 0; i < KAM__LEN(suites); i++) {
        if (strcmp(argv[1], suites[i].name) != 0) continue;
        for (int k = 2; k < argc; k++)
            if (is_help(argv[k])) {
                help_of(&suites[i]);
                return CONF_OK;
            }
        return suites[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "kam: no suite \"%s\"; kam-conformance --help lists them\n", argv[1]);
    return CONF_USAGE;
}
