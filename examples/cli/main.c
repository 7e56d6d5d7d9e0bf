/*
 * main.c - the program `kam`: key account management at the command line. Exit code 0 done, 1 failed, 2 wrong usage,
 * 128 + signal when interrupted.
 *
 * kam COMMAND ARGUMENTS. A new command is one line in the table below.
 */
#include "cli.h"

#define BOOK "\n  BOOK is PATH (a file of our own, also file:PATH), sqlite:PATH, or memory: (gone at the end)."

static const cli_command commands[] = {
    {"demo", "--out DIR [--seed N] [--lang en|zh] [--book BOOK]",
     "A sample company: about 300 accounts, 24 months of order lines, activities, 8 representatives; imported,\n"
     "  valued, graded with reasons, scored, planned: report.html, accounts.csv, grades.csv, scores.csv, due.csv,\n"
     "  plan.csv in DIR, and a summary." BOOK, cmd_demo},
    {"value", "FILE.csv --account COL --date COL (--amount COL | --quantity COL --price COL) [--order COL]\n"
              "          [--cost COL] [--decimals N] [--skip-returns] [--settings FILE.json] [--as-of DATE]\n"
              "          [--out ROWS.csv] [--summary FILE.json]\n"
              "   or: BOOK [--list L [--contracts FILE.json]] [--from DATE] [--to DATE] [--external]\n"
              "          [--returns period|order|exclude] [--settings FILE.json] [--as-of DATE] [--apply]\n"
              "          [--why ACCOUNT] [--format csv|json|jsonl | --json] [--labels] [--lang en|zh] [--out FILE]",
     "What each account of a file of order lines is worth: revenue, orders, recency, cumulative share, ABC by both\n"
     "  cut rules, RFM scores by both tie rules. Days are 2026-03-01, also with a time behind; amounts are rounded\n"
     "  to N decimals (2). --cost is the total cost of a line. --skip-returns drops rows without account, with\n"
     "  quantity or price (or amount) <= 0, or whose order begins with C. Without --as-of: the day after the last\n"
     "  row. Without --out and --summary the summary is printed. Of a book (an argument that is no .csv, without\n"
     "  --account): its accounts, most revenue first; --why explains one of them, --apply stores the run; or --list\n"
     "  month, quarter, year, companies, groups, shared, profiles, declines, whitespace, forecasts, variance,\n"
     "  rebates, attention. --to is the first day behind the window; --external leaves out sales between our own\n"
     "  companies. --returns: they lower the period of their day, or that of the order they name, or are only shown.\n"
     "  --settings has shared costs (by visits, orders, revenue or hours) and cut points and names of RFM cells: see\n"
     "  kam/value.h." BOOK, cmd_value},
    {"clv", "FILE.csv --account COL --date COL (--amount COL | --quantity COL --price COL) --calibration-end DATE\n"
            "        [--holdout-end DATE] [--model auto|bgnbd|mbgnbd|pnbd|nbd|gg] [--unit week|day|month]\n"
            "        [--discount R] [--steps N] [--order COL] [--skip-returns] [--out ROWS.csv]\n"
            "        [--summary FILE.json]\n"
            "   or: BOOK [--model M] [--unit U] [--discount R] [--steps N] [--from DATE] [--external] [--returns R]\n"
            "        [--as-of DATE] [--apply] [--why ACCOUNT] [--format csv|json|jsonl | --json] [--labels]\n"
            "        [--lang en|zh] [--out FILE]",
     "Lifetime value of the accounts of a file of order lines: expected purchases from the calibration end to the\n"
     "  hold-out end, P(alive), expected value of a purchase, discounted value of N months (12) at R a month (0.01).\n"
     "  One purchase per account and day; a month is 4.345 weeks, --unit month 30.4375 days. Without --holdout-end:\n"
     "  the last day of the file. --model auto takes the most likely model that is identified, and says which. Rows\n"
     "  as in kam value; without --out and --summary the summary is printed. Of a book: every account that bought up\n"
     "  to --as-of; --apply stores the run, which gives the attributes clv_12m and p_alive." BOOK, cmd_clv},
    {"cluster", "FILE.csv --k N (--account COL --date COL (--amount COL | --quantity COL --price COL) [--order COL]\n"
                "            [--skip-returns] [--as-of DATE] | --columns COL,COL,... [--id COL]) [--raw] [--seed N]\n"
                "            [--restarts N] [--out ROWS.csv] [--summary FILE.json]\n"
                "   or: BOOK --k N [--from DATE] [--to DATE] [--external] [--as-of DATE] [--seed N] [--restarts N]\n"
                "            [--format csv|json|jsonl | --json] [--out FILE]",
     "Accounts in N groups by k-means: on recency, orders and revenue of order lines, or on columns of a table, as\n"
     "  ln(1 + v) (--raw: as they are) at mean 0 and deviation 1. cluster_ff is without chance (farthest first, from\n"
     "  the largest value of the last feature), cluster the best of 50 random starts. Without --out and --summary\n"
     "  the summary is printed. Of a book: accounts with an order in the window." BOOK, cmd_cluster},
    {"import", "BOOK --kind KIND --source NAME [--mapping FILE] [--batch ID] [--dry-run] [--totals] [--format F]\n"
               "           [--encoding GB18030] [--currency CODE] [--json] FILE.csv",
     "Imports records of one kind: new, changed, unchanged, corrected and rejected rows are counted, bad ones told\n"
     "  with their place. --mapping is a document (columns to fields) or the name of one in the book; --currency is\n"
     "  the base currency of a new book. --totals adds up a ledger by month, company, currency and event, to hold\n"
     "  against the ERP's figures after a --dry-run." BOOK, cmd_import},
    {"export", "BOOK KIND [--format csv|json|jsonl|icalendar|vcard | --json] [--labels] [--bom] [--excel] [--raw]\n"
               "           [--lang en|zh] [--encoding GB18030] [--as-of DATE] [--out FILE]",
     "All records of a kind; activities also as a calendar, contacts as vCards. --encoding is of CSV: GB18030, GBK,\n"
     "  BIG5 ... where the C library knows it; --bom and --excel are for UTF-8, which Excel reads so." BOOK,
     cmd_export},
    {"show", "BOOK ACCOUNT [--as-of DATE] [--lang en|zh] [--json]",
     "One account: its fields, what it is worth, facts, contacts, and its timeline. ACCOUNT is an id, the ERP's key,\n"
     "  or source:key." BOOK, cmd_show},
    {"grade", "BOOK --scheme NAME [--as-of DATE] [--apply] [--format csv|json|jsonl | --json] [--labels]\n"
              "          [--lang en|zh] [--out FILE]",
     "Grades the accounts by a scheme and lists first, changed and overridden grades; --apply stores them." BOOK,
     cmd_grade},
    {"score", "BOOK --card NAME [--as-of DATE] [--apply] [--why ACCOUNT] [--format csv|json|jsonl | --json]\n"
              "          [--labels] [--lang en|zh] [--out FILE]",
     "Scores the accounts by a scorecard, most points first; --why explains one of them instead (with --out: both);\n"
     "  --apply stores the list." BOOK, cmd_score},
    {"due", "BOOK [--cadence NAME] [--rep WHO] [--as-of DATE] [--format csv|json|jsonl | --json] [--labels]\n"
            "        [--lang en|zh] [--out FILE]",
     "Who is due for contact, most overdue first. WHO is a representative's id or key in the ERP." BOOK, cmd_due},
    {"plan", "BOOK [--from DATE] [--days N] [--rep WHO[,WHO...]] [--cadence NAME] [--frozen N] [--seed N]\n"
             "         [--as-of DATE] [--apply] [--hours 08:00-17:30] [--break 12:00-13:00] [--driving MINUTES]\n"
             "         [--visits N] [--out FILE] [--unplanned FILE] [--changes FILE] [--problems FILE]\n"
             "         [--format csv|json|jsonl|icalendar | --json] [--labels] [--lang en|zh]",
     "Who sees whom when: dated visits and calls of all representatives, or of these, for N days (28) from the day\n"
     "  after --as-of; what does not fit, with the reason; what is moved or cancelled; accounts that cannot be\n"
     "  routed. Each list goes to its file; without --out all go to the screen. --frozen N leaves the first N days\n"
     "  as they are. --apply stores the plan: planning again then changes only what it must.\n"
     "  With --hours a day holds what its hours do: ways, visits, a break, at most so many minutes on the way;\n"
     "  --visits N a day at most (8)." BOOK, cmd_plan},
    {"strategy", "BOOK ACCOUNT YEAR [--list missing|gaps|matrix|targets|ratios] [--as-of DATE] [--apply]\n"
                 "             [--format csv|json|jsonl | --json] [--labels] [--lang en|zh] [--out FILE]",
     "The account plan from YEAR to three years later, made if there is none: what it still lacks; the gaps of its\n"
     "  objectives and who closes them; its portfolio in the directional policy matrix; targets against what came\n"
     "  (--apply stores that); the account's financial ratios beside its industry's. Its records come in by kam\n"
     "  import (account_plan, plan_year, ...)." BOOK, cmd_strategy},
    {"report", "BOOK --out FILE.html [--as-of DATE] [--title TEXT] [--scheme NAME] [--lang en|zh]",
     "The book on one HTML page without script or other files: figures, Pareto curve, grades and their changes, key\n"
     "  accounts, the visit plan, what could not be planned." BOOK, cmd_report},
    {"duplicates", "BOOK [--kind account|contact] [--format csv|json|jsonl | --json] [--labels] [--lang en|zh]\n"
                   "               [--out FILE]",
     "Accounts or contacts that are in the book twice: equal keys decide (credit code, name and city, e-mail, phone,\n"
     "  website), names that are alike are suggested behind." BOOK, cmd_duplicates},
    {"verify", "BOOK [--json]",
     "Checks what is stored: tables, counters, commits, references, history, facts, policies. Exit code 1 with\n"
     "  findings." BOOK, cmd_verify},
    {"backup", "BOOK OUT", "Copies a book to a new file, also while somebody writes to it." BOOK, cmd_backup},
    {"compact", "BOOK",
     "Gives back the room of what was replaced, and removes the bytes of what was erased." BOOK, cmd_compact},
    {"salvage", "FILE OUT",
     "Copies what is intact in a damaged file of our own to a new one; the damaged one is only read.", cmd_salvage},
    {"erase", "BOOK KIND ID --reason TEXT",
     "Erases what is known of a person: the values of all fields flagged PERSONAL or SENSITIVE, of an account of\n"
     "  kind PERSON also its name, address, phone and the like, in the record, its history and the bytes of the\n"
     "  book's file. The record, its key and who changed what when stay; texts of activities are not touched. ID is\n"
     "  an id (of a deleted record too), the ERP's key, or source:key. The reason is kept: name nobody in it." BOOK,
     cmd_erase},
    {"why", "BOOK ACCOUNT (--scheme NAME | --fact KIND [--name NAME] | --run ID) [--as-of DATE] [--lang en|zh]\n"
            "        [--json]\n"
            "   or: BOOK ID (--segmentation | --segment-card) [--as-of DATE] [--lang en|zh] [--json]",
     "Why an account has its grade (owner, tier, ...), or its entry in a run; how far a segmentation work sheet is,\n"
     "  what stands on a segment card and what is measured of its segment." BOOK, cmd_why},
    {"eval", "(--expr E | --card FILE | --table FILE) DATA.csv|DATA.jsonl [--explain] [--lang en|zh]",
     "A CEL expression, a scorecard or a decision table over the rows of a file: one line of JSON (points of a card)\n"
     "  for each row. An expression reads columns by name; a card the attributes it declares, else those of an\n"
     "  account (kam fields). --explain tells what each part of the expression gave, or the reasons of card or\n"
     "  table. Rows that fail are told with their line; exit code 1 then.", cmd_eval},
    {"check", "FILE [--env FILE.json] [--json]",
     "Whether an expression, a scorecard, a decision table, a segment, a grade scheme or a cadence is sound: type\n"
     "  and cost of an expression (--env names and types what it may read) and of each one inside a document; gaps,\n"
     "  overlaps and rows that never count of a table, with examples. Exit code 1 with findings.", cmd_check},
    {"pvrp", "INSTANCE [--seed N] [--iterations N | --cpu-seconds T] [--out FILE.res] [--quiet] [--bks VALUE]\n"
             "         [--format F]",
     "Solves a periodic vehicle-routing problem: a file of Cordeau's form, VRPLIB (Solomon) with --format vrplib, or\n"
     "  json. Prints cost, iterations, milliseconds to the first complete plan, CPU seconds (reading included), with\n"
     "  --bks the gap. Default: 10 CPU seconds. The same seed and number of iterations give the same plan\n"
     "  everywhere.", cmd_pvrp},
    {"fields", "[BOOK] [--lang en|zh] [--json]",
     "All kinds of records and their fields; of a book with its own ones." BOOK, cmd_fields},
    {"help", "[COMMAND] [--man]",
     "What the commands do, or one of them; --man writes the manual page.", cmd_help},     /* the last one: see main */
};
enum { NCOMMAND = sizeof commands / sizeof commands[0] };

/* What a person would type; each command has one. */
static const char *const examples[][2] = {
    {"demo", "demo --out demo --lang zh"},
    {"value", "value orders.csv --account customer --date day --amount total --summary -"},
    {"clv", "clv orders.csv --account customer --date day --amount total --calibration-end 2025-12-31 --out clv.csv"},
    {"cluster", "cluster orders.csv --k 4 --account customer --date day --amount total --out clusters.csv"},
    {"import", "import acme.kam --kind account --source erp --currency CNY accounts.csv"},
    {"export", "export acme.kam account --labels --bom --out accounts.csv"},
    {"show", "show acme.kam erp:C1001"},
    {"grade", "grade acme.kam --scheme quota-20-40-40 --as-of 2026-05-31 --apply"},
    {"score", "score acme.kam --card key-account --as-of 2026-05-31 --why erp:C1001"},
    {"due", "due acme.kam --rep R03 --as-of 2026-06-01"},
    {"eval", "eval --expr \"revenue > 100000 && region == 'N'\" accounts.csv"},
    {"check", "check decision-authority.json"},
    {"plan", "plan acme.kam --as-of 2026-05-31 --days 28 --apply --out plan.csv --labels"},
    {"strategy", "strategy acme.kam erp:C1001 2026 --list missing --labels"},
    {"report", "report acme.kam --as-of 2026-05-31 --title \"Key accounts\" --out report.html"},
    {"duplicates", "duplicates acme.kam --kind contact"},
    {"verify", "verify acme.kam"},
    {"erase", "erase acme.kam contact erp:P20 --reason \"asked for by letter, 2026-05-31\""},
    {"backup", "backup acme.kam acme-2026-05-31.kam"},
    {"compact", "compact acme.kam"},
    {"salvage", "salvage acme.kam rescued.kam"},
    {"why", "why acme.kam erp:C1001 --scheme quota-20-40-40"},
    {"pvrp", "pvrp p01 --seed 1 --iterations 20000 --out p01.res"},
    {"fields", "fields --lang zh"},
    {"help", "help import"},
};

const cli_command *cli_command_at(int i) { return i < NCOMMAND ? &commands[i] : NULL; }

const char *cli_example(const char *name) {
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        if (strcmp(examples[i][0], name) == 0) return examples[i][1];
    return NULL;
}

static int is_help(const char *argument) { return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0; }

static int run(const cli_command *k, int argc, char **argv) {
    cli c = {.command = k};
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) break;
        if (!is_help(argv[i])) continue;
        char *about[] = {(char *)(uintptr_t)k->name};
        return cmd_help(&c, 1, about);
    }
    int rc = cli_start(&c);
    if (rc == CLI_OK) rc = k->run(&c, argc, argv);
    int stopped = rc == CLI_FAILED && cli_interrupted();
    cli_end(&c);
    if (stopped) fprintf(stderr, "kam: interrupted: what was under way is taken back\n");
    if (stopped) return CLI_SIGNAL + cli_interrupted();
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
    if (is_help(argv[1])) return run(&commands[NCOMMAND - 1], 0, argv);
    if (strcmp(argv[1], "--version") == 0) {
        printf("kam %u.%u.%u\n", (unsigned)(v >> 16), (unsigned)(v >> 8 & 255u), (unsigned)(v & 255u));
        return CLI_OK;
    }
    for (int i = 0; i < NCOMMAND; i++)
        if (strcmp(argv[1], commands[i].name) == 0) return run(&commands[i], argc - 2, argv + 2);
    fprintf(stderr, "kam: no command \"%s\"; kam --help lists them\n", argv[1]);
    return CLI_USAGE;
}
