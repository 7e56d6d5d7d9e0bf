/*
 * cli_csv.c - CSV from memory (RFC 4180): quoted cells, newlines in quotes, CR, LF or both, a byte-order mark.
 *
 * For `kam value`, which takes any file of order lines and knows its rows by itself. Cells are unquoted where they
 * lie. A row that is not sound is told as such and the next line is tried.
 */
#include "cli.h"

void cli_csv_start(cli_csv *csv, char *data, size_t size) {
    static const char candidates[] = ",;\t|";
    size_t best = 0;
    int quoted = 0;
    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) data += 3, size -= 3;
    *csv = (cli_csv){.at = data, .end = data + size, .separator = ',', .next_line = 1};
    for (const char *c = candidates; *c; c++) {
        size_t n = 0;
        quoted = 0;
        for (const char *p = data; p < csv->end && (quoted || (*p != '\n' && *p != '\r')); p++) {
            if (*p == '"') quoted = !quoted;
            n += !quoted && *p == *c;
        }
        if (n <= best) continue;
        best = n;
        csv->separator = *c;
    }
}

static int csv_room(cli_csv *csv) {
    if (csv->n < csv->cap) return 1;
    size_t cap = csv->cap ? csv->cap * 2 : 64;
    cli_cell *more = realloc(csv->cell, cap * sizeof *more);
    if (!more) return 0;
    csv->cell = more;
    csv->cap = cap;
    return 1;
}

static int csv_over(const cli_csv *csv, char ch) { return ch == csv->separator || ch == '\n' || ch == '\r'; }

/* Behind the opening quote; *lines counts newlines inside. */
static void csv_quoted(cli_csv *csv, cli_cell *cell, size_t *lines) {
    char *out = csv->at, *p = csv->at;
    cell->text = out;
    for (;;) {
        if (p == csv->end) {
            csv->problem = "a quote is opened and never closed";
            break;
        }
        if (*p == '"' && p + 1 < csv->end && p[1] == '"') p++;
        else if (*p == '"') break;
        if (*p == '\n' || (*p == '\r' && (p + 1 == csv->end || p[1] != '\n'))) ++*lines;
        *out++ = *p++;
    }
    cell->len = (size_t)(out - cell->text);
    if (p < csv->end) p++;
    if (p < csv->end && !csv_over(csv, *p)) csv->problem = "text behind a closing quote";
    while (p < csv->end && !csv_over(csv, *p)) p++;
    csv->at = p;
}

static void csv_plain(cli_csv *csv, cli_cell *cell) {
    char *p = csv->at;
    cell->text = p;
    while (p < csv->end && !csv_over(csv, *p)) p++;
    cell->len = (size_t)(p - csv->at);
    csv->at = p;
}

static void csv_newline(cli_csv *csv) {
    if (csv->at < csv->end && *csv->at == '\r') csv->at++;
    if (csv->at < csv->end && *csv->at == '\n') csv->at++;
}

int cli_csv_next(cli_csv *csv) {
    size_t lines = 0;
    while (csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r')) {
        csv_newline(csv);
        csv->next_line++;
    }
    if (csv->at == csv->end) return 0;
    csv->line = csv->next_line;
    csv->row++;
    csv->n = 0;
    csv->problem = NULL;
    for (const char *start = csv->at;; csv->at++) {
        if (!csv_room(csv)) return -1;
        cli_cell *cell = &csv->cell[csv->n++];
        cell->column = (size_t)(csv->at - start) + 1;
        if (csv->at < csv->end && *csv->at == '"') {
            csv->at++;
            csv_quoted(csv, cell, &lines);
        } else {
            csv_plain(csv, cell);
        }
        if (csv->at == csv->end || *csv->at != csv->separator) break;
    }
    csv_newline(csv);
    csv->next_line += lines + 1;
    return 1;
}

void cli_csv_end(cli_csv *csv) {
    free(csv->cell);
    csv->cell = NULL;
}

void cli_csv_put(FILE *f, const char *text, size_t len) {
    int quote = len && (text[0] == ' ' || text[len - 1] == ' ');
    for (size_t i = 0; i < len && !quote; i++) quote = strchr(",;\t|\"\r\n", text[i]) != NULL && text[i];
    if (!quote) {
        fwrite(text, 1, len, f);
        return;
    }
    fputc('"', f);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"') fputc('"', f);
        fputc(text[i], f);
    }
    fputc('"', f);
}
