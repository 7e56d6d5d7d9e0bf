/*
 * report/html.c - text and numbers as a page wants them.
 *
 * Nothing of a book reaches a page but through kam__html_text: it escapes what HTML reads as its own, and takes away
 * what could reach beyond the text itself: control characters and the marks that turn the direction of what follows.
 * Numbers are made from whole numbers, by this file alone: grouped by thousands, shortened to millions or 万.
 */
#include "report.h"
#include <stdio.h>

/* ---------------------------------------------------------------- text */

static const char *html_escape(uint32_t c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\t':
    case '\n':
    case '\r':
    case 0x2028:
    case 0x2029: return " ";
    case 0xFEFF: return "";
    default: break;
    }
    if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069)) return "";
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF))
        return "\xEF\xBF\xBD";
    return NULL;
}

void kam__html_text(kam_buf *out, const char *text, uint32_t most)
{
    uint32_t c = 0, n = 0;
    size_t len = text ? strlen(text) : 0;
    for (size_t at = 0, step; at < len; at += step) {
        step = kam__utf8_next(text + at, len - at, &c);
        if (most && n++ == most) {
            kam__buf_str(out, "\xE2\x80\xA6");
            return;
        }
        const char *as = html_escape(c);
        if (as)
            kam__buf_str(out, as);
        else
            kam__buf_put(out, text + at, step);
    }
}

void kam__html_name(kam_buf *out, const char *text)
{
    if (!text || !text[0]) {
        kam__buf_str(out, "\xE2\x80\x93");
        return;
    }
    kam__buf_str(out, "<bdi>");
    kam__html_text(out, text, KAM__REPORT_NAME);
    kam__buf_str(out, "</bdi>");
}

void kam__html_say(kam_buf *out, const kam__report *r, int word, const char *a, const char *b, const char *c)
{
    const char *given[3] = {a, b, c};
    for (const char *p = kam__report_word(r->zh, word); *p; p++) {
        if (p[0] == '{' && p[1] >= '0' && p[1] <= '2' && p[2] == '}') {
            kam__html_text(out, given[p[1] - '0'], KAM__REPORT_REASON);
            p += 2;
        } else
            kam__buf_char(out, *p);
    }
}

void kam__html_word(kam_buf *out, const kam__report *r, int word) { kam__html_say(out, r, word, NULL, NULL, NULL); }

/* ---------------------------------------------------------------- numbers */

/* v with `scale` decimals, the whole part in groups of three; n holds 64 bytes. */
static const char *num_grouped(kam__num *n, int64_t v, uint32_t scale, const char *behind)
{
    char plain[48];
    size_t len = kam__dec_format(plain, v, scale), at = 0, start = plain[0] == '-',
           whole = len - (scale ? scale + 1 : 0);
    if (start) at += strlen(memcpy(n->text, "\xE2\x88\x92", 4)); /* a minus as wide as a digit */
    for (size_t i = start; i < len && at + 2 < sizeof n->text; i++) {
        if (i > start && i < whole && (whole - i) % 3 == 0) n->text[at++] = ',';
        n->text[at++] = plain[i];
    }
    for (; *behind && at + 1 < sizeof n->text; behind++) n->text[at++] = *behind;
    n->text[at] = '\0';
    return n->text;
}

const char *kam__num_count(kam__num *n, int64_t v) { return num_grouped(n, v, 0, ""); }

static int64_t num_units(const kam__report *r, int64_t minor, uint32_t scale)
{
    int64_t v = 0;
    return kam__rescale(minor, r->decimals, scale, KAM__HALF_AWAY, &v) ? minor / kam__pow10[r->decimals] : v;
}

const char *kam__num_money(kam__num *n, const kam__report *r, int64_t minor)
{
    return num_grouped(n, num_units(r, minor, 0), 0, "");
}

typedef struct num_unit {
    uint32_t digits;
    const char *name;
} num_unit;

/* The largest unit that `units` fills; digits 0 = below the smallest. */
static const num_unit *num_unit_of(const kam__report *r, int64_t units)
{
    static const num_unit en[] = {{12, "T"}, {9, "bn"}, {6, "M"}, {0, ""}};
    static const num_unit zh[] = {{12, "\xE4\xB8\x87\xE4\xBA\xBF"}, {8, "\xE4\xBA\xBF"}, {4, "\xE4\xB8\x87"}, {0, ""}};
    const num_unit *u = r->zh ? zh : en;
    while (u->digits && units < kam__pow10[u->digits]) u++;
    return u;
}

const char *kam__num_unit(const kam__report *r, int64_t high, uint32_t *digits)
{
    const num_unit *u = num_unit_of(r, num_units(r, high, 0));
    *digits = u->digits;
    return u->name;
}

const char *kam__num_in_unit(kam__num *n, const kam__report *r, int64_t minor, int64_t high)
{
    uint32_t digits = 0;
    kam__num_unit(r, high, &digits);
    int64_t v = num_units(r, minor, 0), part = 0;
    uint32_t scale = digits && num_units(r, high, 0) < 1000 * kam__pow10[digits];
    if (!digits || kam__rescale(v, digits, scale, KAM__HALF_AWAY, &part)) return num_grouped(n, v, 0, "");
    return num_grouped(n, part, scale, "");
}

/* Three digits and the unit: 1.23 M, 12.3 M, 123 M; below the smallest unit in full. */
const char *kam__num_short(kam__num *n, const kam__report *r, int64_t minor)
{
    int64_t v = num_units(r, minor, 0), size = v < 0 ? -v : v;
    const num_unit *u = num_unit_of(r, size);
    if (!u->digits) return num_grouped(n, v, 0, "");
    uint32_t scale = size >= 100 * kam__pow10[u->digits] ? 0 : size >= 10 * kam__pow10[u->digits] ? 1 : 2;
    int64_t part = 0;
    if (kam__rescale(v, u->digits, scale, KAM__HALF_AWAY, &part)) part = v / kam__pow10[u->digits];
    char name[16];
    snprintf(name, sizeof name, "%s%s", r->zh ? "" : "\xC2\xA0", u->name);
    return num_grouped(n, part, scale, name);
}

static const char *num_none(kam__num *n)
{
    memcpy(n->text, "\xE2\x80\x93", 4);
    return n->text;
}

static const char *num_percent_sign(const kam__report *r) { return r->zh ? "%" : "\xC2\xA0%"; }

const char *kam__num_percent(kam__num *n, const kam__report *r, int64_t a, int64_t b)
{
    int64_t v = 0;
    if (b <= 0 || kam__muldiv(a, 1000, b, KAM__HALF_AWAY, &v)) return num_none(n);
    return num_grouped(n, v, 1, num_percent_sign(r));
}

const char *kam__num_growth(kam__num *n, const kam__report *r, int64_t now, int64_t before)
{
    kam__num plain;
    int64_t v = 0;
    if (before <= 0 || now - before > INT64_MAX / 4 || kam__muldiv(now - before, 1000, before, KAM__HALF_AWAY, &v))
        return num_none(n);
    num_grouped(&plain, v, 1, num_percent_sign(r));
    if (v <= 0)
        *n = plain;
    else {
        n->text[0] = '+';
        memcpy(n->text + 1, plain.text, sizeof plain.text - 1);
        n->text[sizeof n->text - 1] = '\0';
    }
    return n->text;
}

const char *kam__num_share(kam__num *n, const kam__report *r, double share)
{
    if (!(share >= 0 && share <= 1000)) return num_none(n);
    return num_grouped(n, (int64_t)(share * 1000 + 0.5), 1, num_percent_sign(r));
}

const char *kam__num_points(kam__num *n, int64_t points)
{
    int64_t v = 0;
    char text[48];
    if (kam__rescale(points, 4, 2, KAM__HALF_EVEN, &v)) v = points / 100;
    size_t len = kam__dec_format_short(text, v, 2);
    memcpy(n->text, text, len + 1);
    return n->text;
}

const char *kam__num_year(kam__num *n, int32_t year)
{
    kam__i64_format(n->text, year);
    return n->text;
}

const char *kam__num_km(kam__num *n, int64_t metres)
{
    return metres < 100000 ? num_grouped(n, (metres + 50) / 100, 1, "\xC2\xA0km")
                           : num_grouped(n, (metres + 500) / 1000, 0, "\xC2\xA0km");
}

const char *kam__num_day(kam__num *n, int32_t day)
{
    char text[16];
    size_t len = kam__day_format(text, day);
    if (!len) return num_none(n);
    memcpy(n->text, text, len + 1);
    return n->text;
}

const char *kam__num_weekday(kam__num *n, const kam__report *r, int32_t day)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int32_t y = 0, m = 0, d = 0;
    char text[64];
    kam__day_split(day, &y, &m, &d);
    const char *name = kam__report_word(r->zh, KAM__W_MONDAY + kam__weekday(day) - 1);
    int len = r->zh ? snprintf(text, sizeof text, "%d\xE6\x9C\x88%d\xE6\x97\xA5 %s", (int)m, (int)d, name)
                    : snprintf(text, sizeof text, "%s %d %s", name, (int)d, months[m - 1]);
    memcpy(n->text, text, (size_t)len + 1);
    return n->text;
}

/* ---------------------------------------------------------------- small pieces of a page */

void kam__html_grade(kam_buf *out, const kam__report *r, uint32_t grade)
{
    if (!grade || grade >= r->ngrade) {
        kam__buf_str(out, "<b class=\"g g0\" title=\"");
        kam__html_word(out, r, KAM__W_NO_GRADE);
        kam__buf_str(out, "\">\xE2\x80\x93</b>");
        return;
    }
    kam__buf_printf(out, "<b class=\"g g%u\">", (unsigned)((grade - 1) % 6 + 1));
    kam__html_text(out, r->grade[grade].name, 12);
    kam__buf_str(out, "</b>");
}

void kam__html_more(kam_buf *out, const kam__report *r, uint32_t left)
{
    kam__num n;
    if (!left) return;
    kam__buf_str(out, "<p class=\"more\">");
    kam__html_say(out, r, KAM__W_MORE, kam__num_count(&n, left), NULL, NULL);
    kam__buf_str(out, "</p>\n");
}

void kam__html_account(kam_buf *out, const kam__report *r, int64_t id)
{
    const kam__report_text *t = kam__report_text_of(r, id);
    if (t && t->name)
        kam__html_name(out, t->name);
    else
        kam__buf_printf(out, "#%lld", (long long)id);
}

void kam__html_rep(kam_buf *out, const kam__report *r, int64_t id)
{
    const kam__report_rep *p = kam__report_rep_of(r, id);
    if (p && p->name)
        kam__html_name(out, p->name);
    else if (id)
        kam__buf_printf(out, "#%lld", (long long)id);
    else
        kam__buf_str(out, "\xE2\x80\x93");
}
