/*
 * cli.h - what the commands of the program `kam` share. They know the library by its public header only, as any host
 * does.
 *
 * A command is one function cmd_NAME in cmd_NAME.c and one line in the table of main.c. It reads its arguments with
 * cli_options, opens a book with cli_open, and answers one of the exit codes; whatever it leaves open in its cli is
 * closed for it.
 */
#ifndef KAM_CLI_H
#define KAM_CLI_H
#include <kam.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_SIGNAL = 128 };       /* + its number */

struct cli_command;
typedef struct cli {
    const struct cli_command *command;
    const char *where;                      /* the file or book that errors are about */
    kam_error *err;
    kam_ctx *ctx;
    kam_book *book;
    kam_store *store;
    struct sqlite3 *sqlite;
    kam_buf *buf;                           /* for whoever needs one for a moment */
    char name[256];
} cli;

typedef struct cli_command {
    const char *name, *arguments, *text;
    int (*run)(cli *c, int argc, char **argv);
} cli_command;

/* ---------------------------------------------------------------- main.c: the table */

/** The commands in order; NULL behind the last one. */
const cli_command *cli_command_at(int i);
/** What a person would type behind "kam "; NULL = there is no example. */
const char *cli_example(const char *name);

/* ---------------------------------------------------------------- cli_tty.c: Ctrl-C and progress */

/** From now on SIGINT and SIGTERM set a flag; looks whether stderr is a terminal. */
void cli_watch(void);
/** The signal that asks to stop; 0 = none has come. */
int cli_interrupted(void);
/** Progress callback of the context: non-zero once a signal has come. */
int32_t cli_progress(void *user, uint64_t done, uint64_t total);
/** Ends the line of progress, if one stands there. */
void cli_quiet(void);

/* ---------------------------------------------------------------- cli_util.c */

/** One option: `value` gets what follows it ("--as-of D" or "--as-of=D"), or `flag` becomes 1. Ended by name NULL. */
typedef struct cli_option { const char *name, **value; int *flag; } cli_option;
/** Reads options and at least `least`, at most `most` other arguments into arg[]; the rest of arg[] is NULL. */
int cli_options(cli *c, int argc, char **argv, const cli_option *option, const char **arg, int least, int most);
/** Tells wrong usage, returns CLI_USAGE. */
int cli_usage(const cli *c, const char *what, const char *name);
/** Tells c->err about `where`, returns CLI_FAILED. */
int cli_fail(const cli *c, const char *where);
/** The same with words of our own; line and column 0 = unknown. */
int cli_fail_at(const char *where, uint64_t line, uint64_t column, const char *message);
/** A day option: NULL = `if_none`. */
int cli_day(const cli *c, int32_t *out, const char *text, int32_t if_none);

/** A whole number from 0 to `most`; NULL = leave *out. */
int cli_number(const cli *c, int64_t *out, const char *option, const char *text, int64_t most);

/** "en", "zh" or NULL. */
int cli_lang(const cli *c, const char *lang);

/** Opens a book: PATH or "file:PATH" (the library's own file), "sqlite:PATH", "memory:" (always a new one). create:
 *  make what is missing, with this base currency (may be NULL). */
int cli_open(cli *c, const char *book, int create, const char *currency);
/** Context, error and buffer; and their end. */
int cli_start(cli *c);
void cli_end(cli *c);

/** The whole file ("-": stdin), NUL-ended, or NULL after telling why; free it. */
char *cli_read(const char *path, size_t *size);
/** Opens a file for writing ("-" or NULL: stdout), or NULL after telling why. It is written as `path`.part and gets its
 *  name when it is whole: what stood there stays until then, and for good if the command fails or is interrupted. */
FILE *cli_create(const char *path);
/** Closes it and tells what could not be written; rc is what came of the writing, and what is answered if it is not
 *  CLI_OK. */
int cli_close(FILE *f, const char *path, int rc);

/* ---------------------------------------------------------------- cli_book.c: names to numbers, rows to text */

/** The KAM_KIND_ of a name. */
int cli_kind(cli *c, uint32_t *out, const char *name);
/** An account, a representative or any record by the ERP's key, by "source:key", or by its id. */
int cli_record(cli *c, uint32_t kind, int64_t *out, const char *name);
int cli_account(cli *c, int64_t *out, const char *name);
/** A list as JSON on stdout; ends `rows`. */
int cli_json(cli *c, kam_rows *rows, const char *lang);
/** A record as JSON on stdout. */
int cli_json_record(cli *c, const kam_record *r);
/** What a record is called, as `field` says; lent until the next call; "" = there is none. */
const char *cli_name(cli *c, uint32_t kind, int64_t id, uint32_t field);
/** The rest of a list as text; ends `rows`. */
int cli_export(cli *c, kam_rows *rows, FILE *f, const kam_export_options *options);
/** The same into a file; NULL = stdout. */
int cli_export_to(cli *c, kam_rows *rows, const char *path, const kam_export_options *options);
/** "csv", "json", "jsonl", "icalendar", "vcard" (NULL = csv). */
int cli_format(const cli *c, uint32_t *out, const char *name);
/** The report into a file. */
int cli_report(cli *c, const kam_report_options *o, int32_t as_of, const char *path);
/** One line on stderr: what was run, and whether it is stored. */
void cli_told(kam_run *run, int applied);

/* ---------------------------------------------------------------- cli_csv.c: RFC 4180, from memory */

typedef struct cli_cell { const char *text; size_t len, column; } cli_cell;
typedef struct cli_csv {
    char *at, *end, separator;              /* cells are unquoted in place */
    size_t line, row, next_line;            /* of the row read last, from 1 */
    cli_cell *cell; size_t n, cap;
    const char *problem;                    /* of that row; NULL = sound */
} cli_csv;
/** Finds the separator by the first line: , ; tab or |. */
void cli_csv_start(cli_csv *csv, char *data, size_t size);
/** The next row into csv->cell; 0 = there is none, -1 = out of memory. Empty lines are none. */
int cli_csv_next(cli_csv *csv);
void cli_csv_end(cli_csv *csv);
/** Writes a cell in quotes if it needs them. */
void cli_csv_put(FILE *f, const char *text, size_t len);

int cmd_value(cli *c, int argc, char **argv);
int cmd_clv(cli *c, int argc, char **argv);
int cmd_cluster(cli *c, int argc, char **argv);
int cmd_fields(cli *c, int argc, char **argv);
int cmd_import(cli *c, int argc, char **argv);
int cmd_export(cli *c, int argc, char **argv);
int cmd_show(cli *c, int argc, char **argv);
int cmd_grade(cli *c, int argc, char **argv);
int cmd_due(cli *c, int argc, char **argv);
int cmd_why(cli *c, int argc, char **argv);
int cmd_score(cli *c, int argc, char **argv);
int cmd_eval(cli *c, int argc, char **argv);
int cmd_check(cli *c, int argc, char **argv);
int cmd_plan(cli *c, int argc, char **argv);
int cmd_report(cli *c, int argc, char **argv);
int cmd_strategy(cli *c, int argc, char **argv);
int cmd_duplicates(cli *c, int argc, char **argv);
int cmd_verify(cli *c, int argc, char **argv);
int cmd_backup(cli *c, int argc, char **argv);
int cmd_compact(cli *c, int argc, char **argv);
int cmd_salvage(cli *c, int argc, char **argv);
int cmd_erase(cli *c, int argc, char **argv);
int cmd_demo(cli *c, int argc, char **argv);
int cmd_help(cli *c, int argc, char **argv);
int cmd_pvrp(cli *c, int argc, char **argv);

#endif
