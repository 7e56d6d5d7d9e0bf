/*
 * lines.h - `kam value`: a file of order lines, whatever its columns are called, to what each account is worth.
 *
 * lines_read.c finds the columns and reads rows, lines_number.c their numbers and days, lines_book.c puts them into a
 * book in memory and values it, lines_report.c writes the answers. The book does the work: its accounts, its ledger,
 * its value run. Rows go there in blocks of our own making and not through kam_import_feed, because three things come
 * before an import here: which rows are dropped, the day of the last one kept, and accounts in the byte order of their
 * ids, so that ties go by id as the file names them.
 */
#ifndef KAM_LINES_H
#define KAM_LINES_H
#include "cli.h"

enum { LINES_ACCOUNT, LINES_DATE, LINES_AMOUNT, LINES_QUANTITY, LINES_PRICE, LINES_ORDER, LINES_COST, LINES_COLUMNS };

typedef struct lines_line {
    int64_t amount, cost;
    const char *order;
    uint32_t order_len, account;
    int32_t day;
} lines_line;
typedef struct lines_id { const char *text; size_t len; uint64_t hash; } lines_id;

typedef struct lines {
    cli *c;
    const char *file, *column[LINES_COLUMNS];           /* names as asked for; NULL = not */
    int decimals, skip_returns;
    char *settings;                                     /* of the run, owned; NULL = none */
    size_t at[LINES_COLUMNS];                           /* their places in a row */
    lines_line *line; size_t n, cap;
    lines_id *id; uint32_t nid, id_cap;                 /* accounts as they appear */
    uint32_t *slot; size_t nslot;                       /* hash -> account + 1 */
    uint32_t *rank;                                     /* account -> place by bytes, once all are read */
    uint64_t rejected, dropped, rounded;
    const char *bad; size_t bad_column;                 /* of the row being read */
    char day_text[10]; int32_t day, last;               /* read before; the last day of all */
} lines;

/** Reads rows from `data`, which must live as long as l. Bad rows are told and counted. */
int lines_read(lines *l, char *data, size_t size);
void lines_free(lines *l);
/** Account number -> its place in the byte order of ids (l->rank), and back: ids in that order. */
int lines_sort(lines *l);

/** "-12.50" or "1.25e1": value with `scale` decimals; `more` = 1: there were further digits, which do not fit. 0 = not
 * a number. */
int lines_number(const cli_cell *cell, int64_t *value, int *scale, int *more);
/** To l->decimals, rounded half away from zero (*rounded = 1); 0 = too large. */
int lines_scale(int64_t value, int scale, int decimals, int64_t *out, int *rounded);
/** The product of two numbers, exact; 0 = too large. */
int lines_product(int64_t a, int scale_a, int64_t b, int scale_b, int64_t *out, int *scale);
/** "2026-03-01", "2026-03-01 12:30", "2026-03-01T12:30:00Z"; 0 = no such day. */
int lines_day(lines *l, const cli_cell *cell, int32_t *out);

/** A book of the lines, and its value run as of a day. */
int lines_value(lines *l, int32_t as_of, kam_run **out);
/** ROWS.csv and the summary; NULL = not wanted. */
int lines_write_rows(lines *l, kam_run *run, const char *path);
int lines_write_summary(lines *l, kam_run *run, const char *path);

#endif
