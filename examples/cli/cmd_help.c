/*
 * cmd_help.c - help, one way for people at a terminal and one for the manual: kam help, kam help COMMAND, kam COMMAND
 * --help, and `kam help --man`, which writes the page kam.1 (mdoc) from the same table.
 */
#include "cli.h"

static void help_command(const cli_command *k) {
    const char *example = cli_example(k->name);
    printf("kam %s %s\n  %s\n", k->name, k->arguments, k->text);
    if (example) printf("\n  Example: kam %s\n", example);
}

/* The first sentence of each. */
static int help_list(void) {
    const cli_command *k;
    printf("usage: kam COMMAND ARGUMENTS\n\n");
    for (int i = 0; (k = cli_command_at(i)) != NULL; i++)
        printf("  kam %-8s %.*s\n", k->name, (int)strcspn(k->text, ":;.\n"), k->text);
    printf("\nkam help COMMAND (or kam COMMAND --help) tells its arguments and gives an example; kam --version.\n");
    printf("A file named - is standard input or output. Exit code: 0 done, 1 failed, 2 wrong usage, "
           "130 interrupted.\n");
    return CLI_OK;
}

/* ---------------------------------------------------------------- the manual page */

/* A text for mdoc: no backslash, no request at the beginning of a line, one blank for the indentation of our tables. */
static void man_text(const char *text, int filled) {
    int begins = 1;
    for (const char *at = text; *at; at++) {
        if (*at == '\n') {
            putchar('\n');
            while (filled && at[1] == ' ') at++;
            begins = 1;
            continue;
        }
        if (begins && (*at == '.' || *at == '\'')) fputs("\\&", stdout);
        if (*at == '\\') fputs("\\e", stdout);
        else if (*at == '-') fputs("\\-", stdout);
        else putchar(*at);
        begins = 0;
    }
    putchar('\n');
}

static void man_command(const cli_command *k) {
    const char *example = cli_example(k->name);
    printf(".Ss %s\n.Bd -literal -compact\nkam %s ", k->name, k->name);
    man_text(k->arguments, 0);
    printf(".Ed\n.Pp\n");
    man_text(k->text, 1);
    if (example) {
        printf(".Pp\nExample:\n.Bd -literal -offset indent -compact\nkam ");
        man_text(example, 0);
        printf(".Ed\n");
    }
}

static int help_man(void) {
    uint32_t v = kam_version();
    const cli_command *k;
    printf(".\\\" Written by `kam help --man`: change main.c, not this file.\n.Dd November 22, 2026\n.Dt KAM 1\n");
    printf(".Os libkam %u.%u.%u\n", (unsigned)(v >> 16), (unsigned)(v >> 8 & 255u), (unsigned)(v & 255u));
    printf(".Sh NAME\n.Nm kam\n.Nd key account management at the command line\n");
    printf(".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar arguments\n.Nm\n.Cm help\n.Op Ar command\n.Nm\n.Fl \\-version\n");
    printf(".Sh DESCRIPTION\nKeeps accounts, what they bought and who sees them in a book, and grades, scores and "
           "plans them.\n");
    printf("A file named \\- is standard input or output.\nProgress is told on a terminal only.\n");
    printf("A listing is JSON with \\-\\-json, where a command has that.\n.Sh COMMANDS\n");
    for (int i = 0; (k = cli_command_at(i)) != NULL; i++) man_command(k);
    printf(".Sh EXIT STATUS\n.Bl -tag -width 130 -compact\n.It 0\nDone.\n.It 1\nFailed, or something was found.\n");
    printf(".It 2\nWrong usage.\n.It 130\nInterrupted (SIGINT): the transaction under way was taken back.\n");
    printf(".It 143\nThe same by SIGTERM.\n.El\n.Sh SEE ALSO\n.Xr sqlite3 1\n");
    return CLI_OK;
}

int cmd_help(cli *c, int argc, char **argv) {
    const char *name = NULL;
    const cli_command *k;
    int man = 0;
    const cli_option option[] = {{"man", NULL, &man}, {NULL, NULL, NULL}};
    int rc = cli_options(c, argc, argv, option, &name, 0, 1);
    if (rc != CLI_OK) return rc;
    if (man) return help_man();
    if (!name) return help_list();
    for (int i = 0; (k = cli_command_at(i)) != NULL; i++)
        if (strcmp(k->name, name) == 0) return help_command(k), CLI_OK;
    return cli_usage(c, "there is no command", name);
}
