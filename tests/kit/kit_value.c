/*
 * kit_value.c - checks of values: what goes in comes out, bit for bit and byte for byte, up to the limits.
 */
#include "kit.h"
#include <stdlib.h>
#include <string.h>

static void check_i32(kit *k)
{
    static const kit_row row[] = {{.id = 1, .has = B_DAY, .day = INT32_MIN}, {.id = 2, .has = B_DAY, .day = -1},
                                  {.id = 3, .has = B_DAY, .day = 0}, {.id = 4, .has = B_DAY, .day = INT32_MAX}};
    kam__kit_put(k, row, 4);
    kam__kit_values(k, C_DAY, "-2147483648 -1 0 2147483647", "I32");
}

static void check_i64(kit *k)
{
    static const kit_row row[] = {{.id = 1, .has = B_AMOUNT, .amount = INT64_MIN},
                                  {.id = 2, .has = B_AMOUNT, .amount = -1},
                                  {.id = 3, .has = B_AMOUNT, .amount = ((int64_t)1 << 53) + 1},
                                  {.id = 4, .has = B_AMOUNT, .amount = INT64_MAX}};
    kam__kit_put(k, row, 4);
    kam__kit_values(k, C_AMOUNT, "-9223372036854775808 -1 9007199254740993 9223372036854775807", "I64");
}

static void check_key_range(kit *k)
{
    static const kit_row row[] = {{.id = 1, .has = B_REV, .rev = 1},
                                  {.id = ((int64_t)1 << 53) - 1, .has = B_REV, .rev = 1}};
    kam__kit_put(k, row, 2);
    kam__kit_ids(k, &(kit_query){0}, 1, "1 9007199254740991", "the first and the last key");
}

/* Rows with these ratios come back with the same bits. */
static void kit_ratios(kit *k, const double *value, uint32_t n, const char *what)
{
    kit_row row[8];
    kit_found f;
    memset(row, 0, sizeof row);
    for (uint32_t i = 0; i < n; i++) {
        row[i].id = i + 1;
        row[i].has = B_RATIO;
        row[i].ratio = value[i];
    }
    kam__kit_put(k, row, n);
    kam__kit_find(k, &(kit_query){0}, &f);
    uint32_t same = 0;
    for (uint32_t i = 0; i < f.n; i++) {
        int64_t id = f.row[i].id;
        same +=
            id >= 1 && id <= n && f.row[i].has & B_RATIO && memcmp(&f.row[i].ratio, value + id - 1, sizeof *value) == 0;
    }
    if (!k->failed) kam__kit_want(k, same == n && f.n == n, what);
    kam__kit_free(&f);
}

static void check_f64(kit *k)
{
    static const double value[] = {1.0 / 3.0,          -1e300, 1.7976931348623157e308, 2.2250738585072014e-308, 0.1,
                                   123456789.123456789};
    kit_ratios(k, value, 6, "a double came back with other bits");
}

static void check_f64_zero(kit *k)
{
    static const double value[] = {0.0, -0.0};
    kit_ratios(k, value, 2, "-0.0 came back as 0.0, or the other way");
}

static void check_null(kit *k)
{
    static const kit_row row[] = {{.id = 1,
                                   .has = B_ALL,
                                   .rev = 1,
                                   .source = "erp",
                                   .ext = "a",
                                   .name = "n",
                                   .note = "m",
                                   .day = 1,
                                   .amount = 1,
                                   .ratio = 1.0},
                                  {.id = 2},
                                  {.id = 3}};
    kit_found f;
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kam__kit_write(k, KIT_ITEM, KAM_WRITE_INSERT, row, 3, B_ALL);
    kam__kit_end(k, k->failed ? KAM_END_ABORT : KAM_END_COMMIT);
    kam__kit_find(k, &(kit_query){0}, &f);
    for (uint32_t i = 0; i < f.n; i++) {
        uint32_t has = f.row[i].has & (uint32_t)B_ALL & ~(uint32_t)C_BIT(C_ID),
                 want = f.row[i].id == 1 ? B_ALL & ~(uint32_t)C_BIT(C_ID) : 0;
        kam__kit_want(k, (has | C_BIT(C_ID)) == (want | C_BIT(C_ID)),
                      "a NULL came back as a value, or a value as NULL");
    }
    kam__kit_free(&f);
}

static void check_text_bytes(kit *k)
{
    static const char *const text[] = {" two blanks  ",
                                       "tab\tline\nquote'\"\\%_",
                                       "Stra\xc3\x9f\x65 \xe5\xa4\xa7\xe5\xae\xa2\xe6\x88\xb7 \xf0\x9f\x98\x80",
                                       "e\xcc\x81",
                                       "\xc3\xa9",
                                       "ABC",
                                       "abc",
                                       "\x01\x7f"};
    kit_row row[8];
    kit_found f;
    memset(row, 0, sizeof row);
    for (uint32_t i = 0; i < 8; i++) {
        row[i].id = i + 1;
        row[i].has = B_NAME;
        row[i].name = text[i];
    }
    kam__kit_put(k, row, 8);
    kam__kit_find(k, &(kit_query){0}, &f);
    for (uint32_t i = 0; i < f.n; i++) {
        int64_t id = f.row[i].id;
        if (id < 1 || id > 8) continue;
        if (!(f.row[i].has & B_NAME) || strcmp(f.row[i].name, text[id - 1]) != 0)
            kam__kit_fail(k, "text %d came back with other bytes", (int)id);
    }
    kam__kit_free(&f);
}

/* n rows, each with a note of `size` bytes, written in one block. */
static void kit_long(kit *k, uint32_t n, size_t size)
{
    char *text = malloc(size + 1);
    kit_row *row = calloc(n, sizeof *row);
    kit_found f = {0};
    uint32_t same = 0;
    if (!text || !row) kam__kit_fail(k, "out of memory");
    for (size_t i = 0; text && i < size; i++) text[i] = (char)('a' + i % 26);
    if (text) text[size] = '\0';
    for (uint32_t i = 0; row && i < n; i++) {
        row[i].id = i + 1;
        row[i].has = B_NOTE;
        row[i].note = text;
    }
    if (!k->failed) kam__kit_put(k, row, n);
    kam__kit_find(k, &(kit_query){0}, &f);
    for (uint32_t i = 0; i < f.n; i++) same += f.row[i].has & B_NOTE && strcmp(f.row[i].note, text) == 0;
    if (!k->failed) kam__kit_want(k, same == n && f.n == n, "long texts came back shorter, or not at all");
    kam__kit_free(&f);
    free(row);
    free(text);
}

static void check_text_64k(kit *k)
{
    kit_long(k, 2, 65536);
}

static void check_block_text(kit *k)
{
    kit_long(k, 128, 65536);
}

static void check_block_rows(kit *k)
{
    const uint32_t n = 65536;
    kit_row *row = calloc(n, sizeof *row);
    kit_found f = {0};
    int64_t sum = 0;
    if (!row) kam__kit_fail(k, "out of memory");
    for (uint32_t i = 0; row && i < n; i++) {
        row[i].id = i + 1;
        row[i].has = B_AMOUNT;
        row[i].amount = i;
    }
    if (!k->failed) kam__kit_put(k, row, n);
    kam__kit_find(k, &(kit_query){0}, &f);
    for (uint32_t i = 0; i < f.n; i++) sum += f.row[i].amount;
    if (!k->failed)
        kam__kit_want(k, f.n == n && sum == (int64_t)n * (n - 1) / 2, "of a block of 65,536 rows not all are there");
    kam__kit_free(&f);
    free(row);
}

const kit_check kam__kit_value[] = {{"value.i32", "I32 keeps its whole range.", check_i32, 0},
                                    {"value.i64", "I64 keeps its whole range.", check_i64, 0},
                                    {"value.key_range", "Keys go from 1 to 2^53-1.", check_key_range, 0},
                                    {"value.f64", "F64 keeps every bit.", check_f64, 0},
                                    {"value.f64_zero", "F64 keeps the sign of zero.", check_f64_zero, 0},
                                    {"value.null", "NULL stays NULL in every type.", check_null, 0},
                                    {"text.byte_exact",
                                     "Text keeps every byte: blanks, case, line ends, composed and decomposed letters.",
                                     check_text_bytes, 0},
                                    {"limits.text_64k", "A text of 65,536 bytes fits.", check_text_64k, 0},
                                    {"limits.block_text_8m", "A block with 8 MiB of text fits.", check_block_text, 0},
                                    {"limits.block_65536", "A block of 65,536 rows fits.", check_block_rows, 0},
                                    {NULL, NULL, NULL, 0}};
