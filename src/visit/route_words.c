/*
 * route_words.c - the words of a text file of a routing problem, line by line, with their places.
 */
#include <math.h>
#include "route_text.h"

static int rwords_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\0'; }

int kam__rword(kam__rwords *w) {
    while (w->at < w->len && rwords_blank(w->text[w->at])) w->at++;
    w->word_at = w->at;
    while (w->at < w->len && w->text[w->at] != '\n' && !rwords_blank(w->text[w->at])) w->at++;
    w->word_len = w->at - w->word_at;
    return w->word_len > 0;
}

int kam__rline(kam__rwords *w) {
    for (;;) {
        if (w->line) {
            while (w->at < w->len && w->text[w->at] != '\n') w->at++;
            if (w->at < w->len) w->at++;
        }
        w->line++;
        w->line_at = w->at;
        if (kam__rword(w)) {
            w->at = w->line_at;
            return 1;
        }
        if (w->at >= w->len) return 0;
    }
}

int32_t kam__rwords_fail(const kam__rwords *w, int32_t code, kam_error *err, const char *what) {
    char found[48];
    if (w->word_len)
        kam__fail(err, code, "line %u: %s, not \"%s\"", (unsigned)w->line, what,
                  kam__clip(found, w->text + w->word_at, w->word_len));
    else kam__fail(err, code, "line %u: %s, but the line ends", (unsigned)w->line, what);
    kam__err_set(err, KAM_ERR_LINE, (int64_t)w->line);
    kam__err_set(err, KAM_ERR_COLUMN, (int64_t)(w->word_at - w->line_at) + 1);
    kam__err_set(err, KAM_ERR_OFFSET, (int64_t)w->word_at);
    return code;
}

int32_t kam__rnumber(kam__rwords *w, double *out, const char *what, kam_error *err) {
    if (!kam__rword(w) || kam__f64_parse(out, w->text + w->word_at, w->word_len, NULL) != KAM_OK ||
        fabs(*out) > 1e12) return kam__rwords_fail(w, KAM_E_PARSE, err, what);
    return KAM_OK;
}

int32_t kam__rwhole(kam__rwords *w, int64_t *out, int64_t from, int64_t to, const char *what, kam_error *err) {
    double v = 0;
    KAM__TRY(kam__rnumber(w, &v, what, err));
    if (v != floor(v) || v < (double)from || v > (double)to) return kam__rwords_fail(w, KAM_E_PARSE, err, what);
    *out = (int64_t)v;
    return KAM_OK;
}
