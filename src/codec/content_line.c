/*
 * codec/content_line.c - content lines, the common ground of iCalendar (RFC 5545, 3.1) and vCard (RFC 6350, 3.2).
 *
 * "NAME;PARAM=x:value", ended by CRLF; a line longer than 75 octets goes on in the next one after a space, and is never
 * cut inside a UTF-8 character. In values of type TEXT the characters \ ; , and line ends are escaped; other control
 * characters cannot be said at all and are left out.
 */
#include "codec.h"

#define LINE_OCTETS 75u

/* One byte sequence that must stay together; `at` octets are on the line so far. */
static void line_put(kam_buf *out, size_t *at, const char *bytes, size_t n)
{
    if (*at + n > LINE_OCTETS) {
        kam__buf_put(out, "\r\n ", 3);
        *at = 1;
    }
    kam__buf_put(out, bytes, n);
    *at += n;
}

static size_t line_character(const char *text, size_t len)
{
    unsigned char c = (unsigned char)*text;
    size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    return n < len ? n : len;
}

static void line_raw(kam_buf *out, size_t *at, const char *text, size_t len)
{
    for (size_t i = 0, n; i < len; i += n) line_put(out, at, text + i, n = line_character(text + i, len - i));
}

static void line_escaped(kam_buf *out, size_t *at, const char *text, size_t len)
{
    for (size_t i = 0, n; i < len; i += n) {
        unsigned char c = (unsigned char)text[i];
        n = line_character(text + i, len - i);
        if (c == '\r' && i + 1 < len && text[i + 1] == '\n') continue;
        if (c == '\n' || c == '\r') line_put(out, at, "\\n", 2);
        else if (c == '\\' || c == ';' || c == ',') {
            char pair[2] = {'\\', (char)c};
            line_put(out, at, pair, 2);
        } else if ((c >= ' ' && c != 0x7F) || c == '\t') line_put(out, at, text + i, n);
    }
}

static void line_end(kam_buf *out) { kam__buf_put(out, "\r\n", 2); }

void kam__line(kam_buf *out, const char *name, const char *value)
{
    size_t at = 0;
    line_raw(out, &at, name, strlen(name));
    line_put(out, &at, ":", 1);
    line_raw(out, &at, value, strlen(value));
    line_end(out);
}

void kam__line_texts(kam_buf *out, const char *name, const char *const *part, size_t n, char between)
{
    size_t at = 0;
    line_raw(out, &at, name, strlen(name));
    line_put(out, &at, ":", 1);
    for (size_t i = 0; i < n; i++) {
        if (i) line_put(out, &at, &between, 1);
        if (part[i]) line_escaped(out, &at, part[i], strlen(part[i]));
    }
    line_end(out);
}

void kam__line_text(kam_buf *out, const char *name, const char *text) { kam__line_texts(out, name, &text, 1, ';'); }

/* "20260301", and for a time "20260301T123000". */
static size_t line_stamp(char out[24], int32_t day, int32_t seconds)
{
    char iso[16];
    size_t n = 0;
    kam__day_format(iso, day);
    for (const char *p = iso; *p; p++)
        if (*p != '-') out[n++] = *p;
    if (seconds >= 0) {
        const int32_t part[3] = {seconds / 3600, seconds / 60 % 60, seconds % 60};
        out[n++] = 'T';
        for (int i = 0; i < 3; i++) {
            out[n++] = (char)('0' + part[i] / 10);
            out[n++] = (char)('0' + part[i] % 10);
        }
    }
    out[n] = '\0';
    return n;
}

static int64_t line_floor(int64_t v, int64_t unit) { return v / unit - (v % unit < 0); }

void kam__line_day(kam_buf *out, const char *name, int32_t day)
{
    char text[24];
    line_stamp(text, day, -1);
    kam__line(out, name, text);
}

void kam__line_local(kam_buf *out, const char *name, int64_t minutes)
{
    char text[24];
    int64_t day = line_floor(minutes, 1440);
    line_stamp(text, (int32_t)day, (int32_t)(minutes - day * 1440) * 60);
    kam__line(out, name, text);
}

void kam__line_instant(kam_buf *out, const char *name, int64_t ms)
{
    char text[24];
    int64_t day = line_floor(ms, 86400000);
    size_t n = line_stamp(text, (int32_t)day, (int32_t)((ms - day * 86400000) / 1000));
    text[n++] = 'Z';
    text[n] = '\0';
    kam__line(out, name, text);
}
