/*
 * cmd_value.c - `kam value`: its options, and the steps from a file to the answers.
 */
#include "lines.h"
#include "value_book.h"

static int value_check(const cli *c, const lines *l, const char *decimals) {
    if (!l->column[LINES_ACCOUNT]) return cli_usage(c, "--account names the column of the account's id", NULL);
    if (!l->column[LINES_DATE]) return cli_usage(c, "--date names the column of the day", NULL);
    int product = l->column[LINES_QUANTITY] && l->column[LINES_PRICE],
        either = l->column[LINES_QUANTITY] || l->column[LINES_PRICE];
    if (l->column[LINES_AMOUNT] ? either : !product)
        return cli_usage(c, "give --amount, or --quantity and --price", NULL);
    if (decimals && (strlen(decimals) != 1 || *decimals < '0' || *decimals > '6'))
        return cli_usage(c, "--decimals is 0 to 6, not", decimals);
    return CLI_OK;
}

static void value_tell(const lines *l) {
    cli_quiet();
    fprintf(stderr, "kam: %s: %llu rows kept, %llu rejected, %llu dropped, %llu rounded to %d decimals\n", l->file,
            (unsigned long long)l->n, (unsigned long long)l->rejected, (unsigned long long)l->dropped,
            (unsigned long long)l->rounded, l->decimals);
}

static int value_answer(lines *l, int32_t as_of, const char *out, const char *summary) {
    kam_run *run = NULL;
    if (!l->n) return cli_fail_at(l->file, 0, 0, "no row is left to value");
    int rc = lines_value(l, as_of == KAM_TODAY ? l->last + 1 : as_of, &run);
    if (rc == CLI_OK) rc = lines_write_rows(l, run, out);
    if (rc == CLI_OK) rc = lines_write_summary(l, run, summary || out ? summary : "-");
    kam_run_free(run);
    return rc;
}

int cmd_value(cli *c, int argc, char **argv) {
    if (value_over_book(argc, argv)) return value_book(c, argc, argv);
    lines l = {.c = c, .decimals = 2};
    const char *file = NULL, *decimals = NULL, *day = NULL, *out = NULL, *summary = NULL,
               *settings = NULL;
    const cli_option option[] = {{"account", &l.column[LINES_ACCOUNT], NULL},
                                 {"date", &l.column[LINES_DATE], NULL},
                                 {"amount", &l.column[LINES_AMOUNT], NULL},
                                 {"quantity", &l.column[LINES_QUANTITY], NULL},
                                 {"price", &l.column[LINES_PRICE], NULL},
                                 {"order", &l.column[LINES_ORDER], NULL},
                                 {"cost", &l.column[LINES_COST], NULL},
                                 {"decimals", &decimals, NULL},
                                 {"skip-returns", NULL, &l.skip_returns},
                                 {"settings", &settings, NULL},
                                 {"as-of", &day, NULL},
                                 {"out", &out, NULL},
                                 {"summary", &summary, NULL},
                                 {NULL, NULL, NULL}};
    int32_t as_of = KAM_TODAY;
    size_t size = 0;
    int rc = cli_options(c, argc, argv, option, &file, 1, 1);
    if (rc == CLI_OK) rc = value_check(c, &l, decimals);
    if (rc == CLI_OK) rc = cli_day(c, &as_of, day, KAM_TODAY);
    if (rc != CLI_OK) return rc;
    if (decimals) l.decimals = *decimals - '0';
    l.file = file;
    if (settings && !(l.settings = cli_read(settings, &size))) return CLI_FAILED;
    char *data = cli_read(file, &size);
    rc = data ? lines_read(&l, data, size) : CLI_FAILED;
    if (rc == CLI_OK) {
        value_tell(&l);
        rc = value_answer(&l, as_of, out, summary);
    }
    lines_free(&l);
    free(data);
    return rc;
}
