/*
 * The files of order lines that kam value, clv and cluster read: the first byte says which columns and options, the rest
 * is the file. Every row is kept, dropped or told; what is kept lies within the file.
 */
#include "fuzz.h"
#include "../../examples/cli/cli_csv.c"
#include "../../examples/cli/lines_number.c"
#include "../../examples/cli/lines_read.c"

/* What these files need of the program; nothing is printed here. */
int cli_interrupted(void) { return 0; }
int cli_fail_at(const char *where, uint64_t line, uint64_t column, const char *message)
{
    (void)where, (void)line, (void)column;
    FUZZ_MUST(message && *message);
    return CLI_FAILED;
}

static void fuzz_check(const lines *l, const char *data, size_t size)
{
    for (size_t i = 0; i < l->n; i++) {
        const lines_line *line = &l->line[i];
        FUZZ_MUST(line->account < l->nid && line->day >= -800000 && line->day < 3000000);
        FUZZ_MUST(!line->order_len || (line->order >= data && line->order + line->order_len <= data + size));
    }
    for (uint32_t i = 0; i < l->nid; i++)
        FUZZ_MUST(l->id[i].text >= data && l->id[i].text + l->id[i].len <= data + size && l->id[i].len);
}

void fuzz_lines(const uint8_t *data, size_t size)
{
    cli c = {.where = "x"};
    lines l = {.c = &c, .file = "x", .column = {"a", "d", "v", NULL, NULL, "o", NULL}};
    if (!size) return;
    uint8_t how = data[0];
    l.decimals = how & 7 ? (how & 7) - 1 : 0;
    l.skip_returns = how >> 3 & 1;
    if (how & 16) l.column[LINES_AMOUNT] = NULL, l.column[LINES_QUANTITY] = "q", l.column[LINES_PRICE] = "v";
    if (how & 32) l.column[LINES_ORDER] = NULL;
    if (how & 64) l.column[LINES_COST] = "c";
    char *text = malloc(size);
    FUZZ_MUST(text);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (lines_read(&l, text, size - 1) == CLI_OK) fuzz_check(&l, text, size);
    lines_free(&l);
    free(text);
}
FUZZ_TARGET(lines);
