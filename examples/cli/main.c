/*
 * main.c - the program `kam`: key account management at the command line. Exit code 0 done, 1 failed, 2 wrong usage.
 *
 * kam COMMAND ARGUMENTS. A new command is one line in the table below.
 */
#include "cli.h"

#define BOOK "\n  BOOK is memory: (empty, gone at the end) or sqlite:PATH."

static const cli_command commands[] = {
    {"demo", "--out DIR [--seed N] [--lang en|zh] [--book BOOK]",
     "A sample company: about 300 accounts, 24 months of order lines, activities, 8 representatives; imported, valued, graded, with\n"
     "  reasons and the due list: accounts.csv, grades.csv, due.csv in DIR, and a summary." BOOK, cmd_demo},
    {"value", "FILE.csv --account COL --date COL (--amount COL | --quantity COL --price COL)\n"
              "          [--order COL] [--cost COL] [--decimals N] [--skip-returns] [--as-of DATE] [--out ROWS.csv] [--summary FILE.json]",
     "What each account of a file of order lines is worth: revenue, orders, recency, cumulative share, ABC by both cut rules,\n"
     "  RFM scores by both tie rules. Days are 2026-03-01, also with a time behind; amounts are rounded to N decimals (2).\n"
     "  --cost is the total cost of a line. --skip-returns drops rows without account, with quantity or price (or amount) <= 0, or\n"
     "  whose order begins with C. Without --as-of: the day after the last row. Without --out and --summary the summary is printed.",
     cmd_value},
    {"import", "BOOK --kind KIND --source NAME [--mapping FILE] [--batch ID] [--dry-run] [--format F] [--currency CODE] FILE.csv",
     "Imports records of one kind: new, changed, unchanged, corrected and rejected rows are counted, bad ones told with their place.\n"
     "  --mapping is a document (columns to fields) or the name of one in the book; --currency is the base currency of a new book."
     BOOK, cmd_import},
    {"export", "BOOK KIND [--format csv|json|jsonl] [--labels] [--bom] [--raw] [--lang en|zh] [--as-of DATE] [--out FILE]",
     "All records of a kind." BOOK, cmd_export},
    {"show", "BOOK ACCOUNT [--as-of DATE] [--lang en|zh]",
     "One account: its fields, what it is worth, facts, contacts, and its timeline. ACCOUNT is an id, the ERP's key, or source:key." BOOK,
     cmd_show},
    {"grade", "BOOK --scheme NAME [--as-of DATE] [--apply] [--out FILE.csv]",
     "Grades the accounts by a scheme and lists first, changed and overridden grades; --apply stores them." BOOK, cmd_grade},
    {"due", "BOOK [--cadence NAME] [--rep ID] [--as-of DATE] [--format csv|json|jsonl] [--labels] [--lang en|zh] [--out FILE]",
     "Who is due for contact, most overdue first." BOOK, cmd_due},
    {"why", "BOOK ACCOUNT (--scheme NAME | --fact KIND [--name NAME] | --run ID) [--as-of DATE] [--lang en|zh]",
     "Why an account has its grade (owner, tier, ...), or its entry in a run." BOOK, cmd_why},
    {"pvrp", "INSTANCE [--seed N] [--iterations N | --cpu-seconds T] [--out FILE.res] [--quiet] [--bks VALUE] [--format F]",
     "Solves a periodic vehicle-routing problem: a file of Cordeau's form, VRPLIB (Solomon) with --format vrplib, or json. Prints\n"
     "  cost, iterations, milliseconds to the first complete plan, CPU seconds (reading included), with --bks the gap. Default: 10\n"
     "  CPU seconds. The same seed and number of iterations give the same plan everywhere.", cmd_pvrp},
    {"fields", "[BOOK] [--lang en|zh] [--json]", "All kinds of records and their fields; of a book with its own ones." BOOK, cmd_fields},
};
enum { NCOMMAND = sizeof commands / sizeof commands[0] };

static void help_of(const cli_command *k) { printf("kam %s %s\n  %s\n", k->name, k->arguments, k->text); }

static int help(void) {
    printf("usage: kam COMMAND ARGUMENTS      (kam COMMAND --help, kam --version)\n\n");
    for (int i = 0; i < NCOMMAND; i++) help_of(&commands[i]);
    printf("\nA file named - is standard input or output. Exit code: 0 done, 1 failed, 2 wrong usage.\n");
    return CLI_OK;
}

static int is_help(const char *argument) { return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0; }

static int run(const cli_command *k, int argc, char **argv) {
    cli c = {.command = k};
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) break;
        if (!is_help(argv[i])) continue;
        help_of(k);
        return CLI_OK;
    }
    int rc = cli_start(&c);
    if (rc == CLI_OK) rc = k->run(&c, argc, argv);
    cli_end(&c);
    if (fflush(stdout) == 0 && !ferror(stdout)) return rc;
    fprintf(stderr, "kam: -:0:0: standard output could not be written\n");
    return CLI_FAILED;
}

int main(int argc, char **argv) {
    uint32_t v = kam_version();
    if (argc < 2) {
        fprintf(stderr, "kam: which command? kam --help lists them\n");
        return CLI_USAGE;
    }
    if (is_help(argv[1])) return help();
    if (strcmp(argv[1], "--version") == 0) {
        printf("kam %u.%u.%u\n", (unsigned)(v >> 16), (unsigned)(v >> 8 & 255u), (unsigned)(v & 255u));
        return CLI_OK;
    }
    for (int i = 0; i < NCOMMAND; i++)
        if (strcmp(argv[1], commands[i].name) == 0) return run(&commands[i], argc - 2, argv + 2);
    fprintf(stderr, "kam: no command \"%s\"; kam --help lists them\n", argv[1]);
    return CLI_USAGE;
}
