/*
 * lines_book.c - the lines in a book of their own, in memory, and what it says they are worth.
 *
 * Accounts go in first, in the byte order of their ids, so that their record ids ascend like these; then the lines as
 * ledger events, as many in a block as the library likes. A book must have some currency to know the decimals of
 * amounts; which one never shows.
 */
#include "lines.h"

#define LINES_CURRENCY "USD"
enum { ROWS = 4096 };

static const lines_id *sorting;             /* qsort has no argument for it */

static int by_bytes(const void *a, const void *b) {
    const lines_id *x = &sorting[*(const uint32_t *)a], *y = &sorting[*(const uint32_t *)b];
    int cmp = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);
    return cmp ? cmp : (x->len > y->len) - (x->len < y->len);
}

int lines_sort(lines *l) {
    uint32_t *order = malloc((l->nid + 1) * sizeof *order);
    lines_id *id = malloc((l->nid + 1) * sizeof *id);
    l->rank = malloc((l->nid + 1) * sizeof *l->rank);
    if (order && id && l->rank) {
        for (uint32_t i = 0; i < l->nid; i++) order[i] = i;
        sorting = l->id;
        qsort(order, l->nid, sizeof *order, by_bytes);
        for (uint32_t i = 0; i < l->nid; i++) {
            l->rank[order[i]] = i;
            id[i] = l->id[order[i]];
        }
        memcpy(l->id, id, l->nid * sizeof *id);
    }
    int rc = order && id && l->rank ? CLI_OK : cli_fail_at(l->file, 0, 0, "out of memory");
    free(order);
    free(id);
    return rc;
}

/* ---------------------------------------------------------------- currency */

static int book_currency(lines *l) {
    cli *c = l->c;
    kam_record *r = NULL;
    int32_t rc = kam_record_new(&r, c->book, KAM_KIND_CURRENCY, c->err);
    if (rc == KAM_OK) rc = kam_record_set_text(r, KAM_CURRENCY_CODE, LINES_CURRENCY, KAM_NUL, c->err);
    if (rc == KAM_OK) rc = kam_record_set_i64(r, KAM_CURRENCY_DECIMALS, l->decimals, c->err);
    if (rc == KAM_OK) rc = kam_book_save(c->book, r, c->err);
    kam_record_free(r);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, l->file);
}

/* ---------------------------------------------------------------- blocks */

typedef struct texts { char *data; int32_t off[ROWS + 1]; size_t cap; } texts;     /* one column of texts */

static int text_put(texts *t, uint32_t row, const char *text, size_t len) {
    size_t at = (size_t)t->off[row];
    if (at + len > t->cap) {
        char *more = realloc(t->data, t->cap = (at + len) * 2 + 4096);
        if (!more) return 0;
        t->data = more;
    }
    if (len) memcpy(t->data + at, text, len);
    t->off[row + 1] = (int32_t)(at + len);
    return 1;
}

static int import_problem(lines *l, kam_import *imp) {
    kam_rows *rows = NULL;
    const kam_record *p = NULL;
    if (kam_record_i64(kam_import_report(imp), KAM_IMPORT_REPORT_REJECTED, 0) == 0) return CLI_OK;
    if (kam_import_problems(&rows, imp, NULL) == KAM_OK && kam_rows_next(&p, rows, NULL) == KAM_OK && p)
        cli_fail_at(l->file, 0, 0, kam_record_text(p, KAM_PROBLEM_TEXT, "a row was refused"));
    kam_rows_free(rows);
    return CLI_FAILED;
}

/* `fill` makes rows [from, from + n) of a block. */
typedef int (*fill_rows)(lines *l, size_t from, uint32_t n, void *columns, kam_block *out);

static int book_import(lines *l, uint32_t kind, size_t total, fill_rows fill, void *columns) {
    cli *c = l->c;
    kam_import *imp = NULL;
    kam_import_options o = {.struct_size = sizeof o, .source = "file"};
    int rc = CLI_OK;
    if (kam_import_new(&imp, c->book, kind, &o, c->err) != KAM_OK) return cli_fail(c, l->file);
    for (size_t from = 0; from < total && rc == CLI_OK; from += ROWS) {
        kam_block b = {.struct_size = sizeof b};
        uint32_t n = total - from < ROWS ? (uint32_t)(total - from) : ROWS;
        if (!fill(l, from, n, columns, &b)) rc = cli_fail_at(l->file, 0, 0, "out of memory");
        else if (kam_import_block(imp, &b, c->err) != KAM_OK) rc = cli_fail(c, l->file);
    }
    if (rc == CLI_OK && kam_import_finish(imp, c->err) != KAM_OK) rc = cli_fail(c, l->file);
    if (rc == CLI_OK) rc = import_problem(l, imp);
    kam_import_free(imp);
    return rc;
}

typedef struct account_columns { texts name; kam_col col[2]; } account_columns;

static int fill_accounts(lines *l, size_t from, uint32_t n, void *columns, kam_block *out) {
    account_columns *a = columns;
    for (uint32_t i = 0; i < n; i++)
        if (!text_put(&a->name, i, l->id[from + i].text, l->id[from + i].len)) return 0;
    a->col[0] = (kam_col){.field = KAM_EXT_ID, .type = KAM_T_TEXT, .data = a->name.data, .off = a->name.off};
    a->col[1] = (kam_col){.field = KAM_ACCOUNT_NAME, .type = KAM_T_TEXT, .data = a->name.data, .off = a->name.off};
    out->nrow = n;
    out->ncol = 2;
    out->col = a->col;
    return 1;
}

typedef struct ledger_columns {
    int64_t first, account[ROWS], amount[ROWS], cost[ROWS];
    int32_t day[ROWS], event[ROWS];
    uint8_t valid[ROWS / 8];
    texts order;
    kam_col col[6];
} ledger_columns;

static int fill_ledger(lines *l, size_t from, uint32_t n, void *columns, kam_block *out) {
    ledger_columns *b = columns;
    memset(b->valid, 0, sizeof b->valid);
    for (uint32_t i = 0; i < n; i++) {
        const lines_line *line = &l->line[from + i];
        b->account[i] = b->first + l->rank[line->account];
        b->amount[i] = line->amount, b->cost[i] = line->cost, b->day[i] = line->day, b->event[i] = KAM_LEDGER_SALE;
        if (line->order_len) b->valid[i / 8] = (uint8_t)(b->valid[i / 8] | 1u << i % 8);
        if (!text_put(&b->order, i, line->order_len ? line->order : "", line->order_len)) return 0;
    }
    b->col[0] = (kam_col){.field = KAM_LEDGER_ACCOUNT, .type = KAM_T_I64, .data = b->account};
    b->col[1] = (kam_col){.field = KAM_LEDGER_DAY, .type = KAM_T_I32, .data = b->day};
    b->col[2] = (kam_col){.field = KAM_LEDGER_EVENT, .type = KAM_T_I32, .data = b->event};
    b->col[3] = (kam_col){.field = KAM_LEDGER_AMOUNT, .type = KAM_T_I64, .data = b->amount};
    b->col[4] = (kam_col){.field = KAM_LEDGER_COST, .type = KAM_T_I64, .data = b->cost};
    b->col[5] = (kam_col){
        .field = KAM_LEDGER_ORDER, .type = KAM_T_TEXT, .data = b->order.data, .off = b->order.off, .valid = b->valid};
    out->nrow = n;
    out->ncol = l->column[LINES_ORDER] ? 6 : 5;
    out->col = b->col;
    return 1;
}

static int book_accounts(lines *l) {
    account_columns *a = calloc(1, sizeof *a);
    int rc =
        a ? book_import(l, KAM_KIND_ACCOUNT, l->nid, fill_accounts, a) : cli_fail_at(l->file, 0, 0, "out of memory");
    if (a) free(a->name.data);
    free(a);
    return rc;
}

/* The ids of accounts imported in one go follow each other: the first one is enough. */
static int book_ledger(lines *l) {
    ledger_columns *b = calloc(1, sizeof *b);
    cli *c = l->c;
    int rc = b ? CLI_OK : cli_fail_at(l->file, 0, 0, "out of memory");
    if (rc == CLI_OK &&
        kam_book_find(&b->first, c->book, KAM_KIND_ACCOUNT, "file", l->id[0].text, l->id[0].len, c->err) != KAM_OK)
        rc = cli_fail(c, l->file);
    if (rc == CLI_OK) rc = book_import(l, KAM_KIND_LEDGER, l->n, fill_ledger, b);
    if (b) free(b->order.data);
    free(b);
    return rc;
}

int lines_value(lines *l, int32_t as_of, kam_run **out) {
    kam_value_options o = {.struct_size = sizeof o, .from = KAM_DAY_FIRST, .to = KAM_DAY_END, .settings = l->settings};
    int rc = lines_sort(l);
    if (rc == CLI_OK) rc = cli_open(l->c, "memory:", 1, LINES_CURRENCY);
    if (rc == CLI_OK) rc = book_currency(l);
    if (rc == CLI_OK) rc = book_accounts(l);
    if (rc == CLI_OK) rc = book_ledger(l);
    if (rc != CLI_OK) return rc;
    return kam_value_run(out, l->c->book, &o, as_of, l->c->err) == KAM_OK ? CLI_OK : cli_fail(l->c, l->file);
}
