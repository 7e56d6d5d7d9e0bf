/*
 * codec/csv_write.c - CSV out, one field at a time.
 *
 * Quotes stand where RFC 4180 asks for them. A spreadsheet runs a cell that starts like a formula (CWE-1236), so such
 * text gets a ' in front; text that itself starts with ' gets one too. Guarding and taking the guard off ask the same
 * question ("would this be guarded?"), which is why the round trip is exact for every text. A spreadsheet also reads
 * 00123 as 123 and a credit code of digits as 9.1E+17: on request such text becomes ="00123", which it shows as
 * written.
 */
#include "codec.h"

/* Would text that starts like this be guarded? */
static int csv_needs_guard(const char *text, size_t len)
{
    static const char wide[4][4] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};   /* = + - @ */
    if (!len) return 0;
    if (memchr("=+-@\t\r\n'", text[0], 9)) return 1;            /* 9: the NUL counts */
    for (size_t i = 0; len >= 3 && i < KAM__LEN(wide); i++)
        if (memcmp(text, wide[i], 3) == 0) return 1;
    return 0;
}

/* Would a spreadsheet take this text for a number or a day and write it back differently? Digits alone keep their form
 * up to 11 of them unless zeros lead; with signs of numbers, days and phone numbers among them nobody knows. */
static int csv_excel_changes(const char *text, size_t len)
{
    size_t digits = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] >= '0' && text[i] <= '9') digits++;
        else if (!text[i] || !strchr("+-./:,eE ()%", text[i])) return 0;
    }
    if (!digits) return 0;
    return digits < len || digits > 11 || (text[0] == '0' && len > 1);
}

/* A mark U+FEFF at the very start of a file would be taken for the file's own. */
static int csv_needs_quotes(const char *text, size_t len, char separator)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == separator || text[i] == '"' || text[i] == '\r' || text[i] == '\n') return 1;
    return len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
}

void kam__csv_put(kam_buf *out, int first, const char *text, size_t len, uint32_t separator, uint32_t flags)
{
    char sep = separator ? (char)separator : ',';
    if (!text) len = 0;
    else if (len == KAM_NUL) len = strlen(text);
    if (!first) kam__buf_char(out, sep);
    if (!len) return;
    if (flags & KAM__CSV_EXCEL && !(flags & KAM__CSV_TYPED) && csv_excel_changes(text, len)) {
        kam__buf_str(out, "\"=\"\"");
        kam__buf_put(out, text, len);
        kam__buf_str(out, "\"\"\"");
        return;
    }
    int guard = !(flags & (KAM__CSV_TYPED | KAM__CSV_RAW)) && csv_needs_guard(text, len);
    int quotes = csv_needs_quotes(text, len, sep) || (guard && sep == '\'');
    if (quotes) kam__buf_char(out, '"');
    if (guard) kam__buf_char(out, '\'');
    size_t from = 0;
    for (size_t i = 0; quotes && i < len; i++)
        if (text[i] == '"') {
            kam__buf_put(out, text + from, i - from + 1);
            from = i;                           /* the same quote once more */
        }
    kam__buf_put(out, text + from, len - from);
    if (quotes) kam__buf_char(out, '"');
}

/* A row of one empty field would read back as a blank line, which is no row. */
void kam__csv_end_row(kam_buf *out)
{
    if (!out->failed && (!out->size || out->data[out->size - 1] == '\n')) kam__buf_str(out, "\"\"");
    kam__buf_put(out, "\r\n", 2);
}

/* ="...", as we write it and others do. */
static int csv_unwrap(const char **text, size_t *len)
{
    const char *t = *text;
    if (*len < 4 || t[0] != '=' || t[1] != '"' || t[*len - 1] != '"' || memchr(t + 2, '"', *len - 3)) return 0;
    *text += 2;
    *len -= 3;
    return 1;
}

int kam__csv_unguard(const char **text, size_t *len)
{
    if (csv_unwrap(text, len)) return 1;
    if (*len < 2 || (*text)[0] != '\'' || !csv_needs_guard(*text + 1, *len - 1)) return 0;
    ++*text;
    --*len;
    return 1;
}
