/*
 * codec/csv_write.c - CSV out, one field at a time.
 *
 * Quotes stand where RFC 4180 asks for them. A spreadsheet runs a cell that starts like a formula (CWE-1236), so such
 * text gets a ' in front; text that itself starts with ' gets one too. Guarding and taking the guard off ask the same
 * question ("would this be guarded?"), which is why the round trip is exact for every text.
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

int kam__csv_unguard(const char **text, size_t *len)
{
    if (*len < 2 || (*text)[0] != '\'' || !csv_needs_guard(*text + 1, *len - 1)) return 0;
    ++*text;
    --*len;
    return 1;
}
