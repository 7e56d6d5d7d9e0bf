/*
 * lines_read.c - rows of the file to lines: which are kept, which are dropped, which are bad.
 *
 * With --skip-returns a row without account, with quantity or price (or amount) of zero or less, or whose order begins
 * with C is no purchase and dropped. Without it only rows that cannot be understood, or belong to no account, are left
 * out: these are told.
 */
#include "lines.h"

enum { KEEP, DROP, REJECT };
#define TOLD 20                             /* bad rows told one by one; all are counted */

/* ---------------------------------------------------------------- accounts */

static uint64_t id_hash(const char *text, size_t len) {
    uint64_t h = 14695981039346656037u;     /* FNV-1a */
    for (size_t i = 0; i < len; i++) h = (h ^ (uint8_t)text[i]) * 1099511628211u;
    return h ^ h >> 29;
}

static int id_grow(lines *l) {
    size_t n = l->nslot ? l->nslot * 2 : 1024;
    uint32_t *slot = calloc(n, sizeof *slot);
    if (!slot) return 0;
    for (uint32_t i = 0; i < l->nid; i++) {
        size_t at = l->id[i].hash & (n - 1);
        while (slot[at]) at = (at + 1) & (n - 1);
        slot[at] = i + 1;
    }
    free(l->slot);
    l->slot = slot;
    l->nslot = n;
    return 1;
}

static int id_number(lines *l, const cli_cell *cell, uint32_t *out) {
    uint64_t hash = id_hash(cell->text, cell->len);
    if ((size_t)l->nid * 2 >= l->nslot && !id_grow(l)) return 0;
    size_t at = hash & (l->nslot - 1);
    for (; l->slot[at]; at = (at + 1) & (l->nslot - 1)) {
        const lines_id *id = &l->id[l->slot[at] - 1];
        if (id->hash != hash || id->len != cell->len || memcmp(id->text, cell->text, cell->len) != 0) continue;
        *out = l->slot[at] - 1;
        return 1;
    }
    if (l->nid == l->id_cap) {
        lines_id *more = realloc(l->id, (l->id_cap = l->id_cap ? l->id_cap * 2 : 1024) * sizeof *more);
        if (!more) return 0;
        l->id = more;
    }
    l->id[l->nid] = (lines_id){cell->text, cell->len, hash};
    *out = l->nid++;
    l->slot[at] = *out + 1;
    return 1;
}

/* ---------------------------------------------------------------- one row */

static const cli_cell *row_cell(const lines *l, const cli_csv *csv, int what) {
    return l->column[what] ? &csv->cell[l->at[what]] : NULL;
}

static int row_bad(lines *l, const cli_cell *cell, const char *why) {
    l->bad = why;
    l->bad_column = cell ? cell->column : 1;
    return REJECT;
}

static int row_number(lines *l, const cli_cell *cell, int64_t *value, int *scale, int *more) {
    if (lines_number(cell, value, scale, more)) return KEEP;
    return row_bad(l, cell, cell->len ? "this is not a number" : "a number is missing");
}

static int row_amount(lines *l, const cli_csv *csv, int64_t *out, int *rounded) {
    const cli_cell *a = row_cell(l, csv, LINES_AMOUNT), *q = row_cell(l, csv, LINES_QUANTITY),
                   *p = row_cell(l, csv, LINES_PRICE);
    int64_t v = 0, price = 0;
    int scale = 0, price_scale = 0, more = 0, rc = row_number(l, a ? a : q, &v, &scale, &more);
    if (rc != KEEP) return rc;
    if (l->skip_returns && v <= 0) return DROP;
    if (more) *rounded = 1;
    if (!a) {
        rc = row_number(l, p, &price, &price_scale, &more);
        if (rc != KEEP) return rc;
        if (l->skip_returns && price <= 0) return DROP;
        if (more) *rounded = 1;
        if (!lines_product(v, scale, price, price_scale, &v, &scale))
            return row_bad(l, p, "quantity times price is too large");
    }
    return lines_scale(v, scale, l->decimals, out, rounded) ? KEEP : row_bad(l, a ? a : p, "this amount is too large");
}

static int row_cost(lines *l, const cli_csv *csv, int64_t *out, int *rounded) {
    const cli_cell *cell = row_cell(l, csv, LINES_COST);
    int64_t v = 0;
    int scale = 0;
    *out = 0;
    if (!cell || !cell->len) return KEEP;
    int rc = row_number(l, cell, &v, &scale, rounded);
    if (rc != KEEP) return rc;
    return lines_scale(v, scale, l->decimals, out, rounded) ? KEEP : row_bad(l, cell, "this cost is too large");
}

static int row_read(lines *l, const cli_csv *csv, lines_line *line, int *rounded) {
    const cli_cell *account = row_cell(l, csv, LINES_ACCOUNT), *date = row_cell(l, csv, LINES_DATE),
                   *order = row_cell(l, csv, LINES_ORDER);
    if (!account->len) return l->skip_returns ? DROP : row_bad(l, account, "no account");
    if (l->skip_returns && order && order->len && order->text[0] == 'C') return DROP;
    int rc = row_amount(l, csv, &line->amount, rounded), rounded_cost = 0;
    if (rc == KEEP) rc = row_cost(l, csv, &line->cost, &rounded_cost);
    *rounded |= rounded_cost;
    if (rc != KEEP) return rc;
    if (!lines_day(l, date, &line->day))
        return row_bad(l, date, "this is not a day: 2026-03-01, or with a time behind it");
    if (account->len > 4096 || (order && order->len > 4096)) return row_bad(l, account, "this id is too long");
    line->order = order ? order->text : NULL;
    line->order_len = order ? (uint32_t)order->len : 0;
    return KEEP;
}

/* ---------------------------------------------------------------- all rows */

static int lines_columns(lines *l, cli_csv *csv) {
    int rc = cli_csv_next(csv);
    if (rc <= 0) return cli_fail_at(l->file, 1, 1, rc ? "out of memory" : "the file is empty");
    for (int k = 0; k < LINES_COLUMNS; k++) {
        char why[200];
        size_t i = 0;
        if (!l->column[k]) continue;
        while (i < csv->n &&
               (csv->cell[i].len != strlen(l->column[k]) || memcmp(csv->cell[i].text, l->column[k], csv->cell[i].len)))
            i++;
        snprintf(why, sizeof why, "there is no column \"%.100s\" among the %d of this file", l->column[k], (int)csv->n);
        if (i == csv->n) return cli_fail_at(l->file, 1, 1, why);
        l->at[k] = i;
    }
    return CLI_OK;
}

static int lines_row(lines *l, const cli_csv *csv, size_t width) {
    lines_line line = {0};
    int rounded = 0, what;
    size_t n = csv->n;
    while (n > width && !csv->cell[n - 1].len) n--;
    if (csv->problem) what = row_bad(l, NULL, csv->problem);
    else if (n != width) what = row_bad(l, NULL, "this row has more or fewer cells than the heading");
    else what = row_read(l, csv, &line, &rounded);
    if (what == DROP) l->dropped++;
    if (what == REJECT && ++l->rejected <= TOLD) cli_fail_at(l->file, csv->line, l->bad_column, l->bad);
    if (what != KEEP) return CLI_OK;
    if (!id_number(l, row_cell(l, csv, LINES_ACCOUNT), &line.account))
        return cli_fail_at(l->file, csv->line, 1, "out of memory");
    if (l->n == l->cap) {
        lines_line *more = realloc(l->line, (l->cap = l->cap ? l->cap * 2 : 4096) * sizeof *more);
        if (!more) return cli_fail_at(l->file, csv->line, 1, "out of memory");
        l->line = more;
    }
    l->rounded += (uint64_t)rounded;
    if (!l->n || line.day > l->last) l->last = line.day;
    l->line[l->n++] = line;
    return CLI_OK;
}

int lines_read(lines *l, char *data, size_t size) {
    cli_csv csv;
    cli_csv_start(&csv, data, size);
    int rc = lines_columns(l, &csv), more = 1;
    size_t width = csv.n;
    while (rc == CLI_OK && !cli_interrupted() && (more = cli_csv_next(&csv)) > 0) rc = lines_row(l, &csv, width);
    if (rc == CLI_OK && cli_interrupted()) rc = CLI_FAILED;
    if (more < 0) rc = cli_fail_at(l->file, csv.line, 1, "out of memory");
    cli_csv_end(&csv);
    return rc;
}

void lines_free(lines *l) {
    free(l->line);
    free(l->id);
    free(l->slot);
    free(l->rank);
    free(l->settings);
}
