/* kam_scorer: blocks beside rows, for random cards and data with holes, NaN and values at the limits, by every kind of
   loop of this machine; dictionaries; declared attributes; what is refused; that scoring allocates nothing. */
#include "card_test.h"
#include <kam.h>
#include <math.h>

enum { B_ATTRS = 8, B_ROWS = 3000, B_CARDS = 120 };

typedef struct bt { ct *t; uint64_t seed; char json[30000]; size_t at; } bt;
static int64_t any(bt *b, int64_t lo, int64_t hi) { return lo + (int64_t)(kam__random(&b->seed) % (uint64_t)(hi - lo + 1)); }

static void put(bt *b, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    b->at += (size_t)vsnprintf(b->json + b->at, sizeof b->json - b->at, fmt, args);
    va_end(args);
    assert_true(b->at < sizeof b->json);
}

/* d0 d1 doubles, i0 i1 ints, m decimal, s0 s1 texts, z bool. */
static const char *const names[B_ATTRS] = {"d0", "d1", "i0", "i1", "m", "s0", "s1", "z"};
static const char *const types[B_ATTRS] = {"double", "double", "int", "int", "decimal(2)", "string", "string", "bool"};
static const char *const words[] = {"alpha", "beta", "gamma", "a long text beyond eight bytes", "客户", "other", "", "z"};

static void points_of(bt *b, int64_t reach) { put(b, "\"%lld.%02d\"", (long long)any(b, -reach, reach), (int)any(b, 0, 99)); }

static void bands(bt *b, int attr, int64_t reach)
{
    int n = (int)any(b, 1, 7), open = (int)any(b, 0, 1);
    int64_t at = any(b, -20, 5);
    const char *tail = attr < 2 ? ".5" : attr == 4 ? ".25" : "";
    put(b, "\"bands\": [");
    for (int k = 0; k < n; k++) {
        put(b, "%s{", k ? ", " : "");
        if (k || !open) put(b, "\"from\": \"%lld%s\", ", (long long)at, at < 0 || at > 50 ? "" : tail);
        at += any(b, 1, 8);
        if (k + 1 < n || !open) put(b, "\"below\": \"%lld%s\", ", (long long)at, at < 0 || at > 50 ? "" : tail);
        if (k + 1 < n && any(b, 0, 4) == 0) at++;                   /* a gap */
        put(b, "\"points\": ");
        points_of(b, reach);
        put(b, "}");
    }
    put(b, "], \"otherwise\": ");
    points_of(b, reach);
}

static void factor(bt *b, int i, int64_t reach)
{
    int attr = (int)any(b, 0, B_ATTRS - 1);
    put(b, "%s{\"id\": \"f%d\", \"attribute\": \"%s\", " C_TITLE ", \"weight\": \"%s%d.%d\", \"missing\": ", i ? ", " : "", i, names[attr],
        any(b, 0, 3) ? "" : "-", (int)any(b, 0, 2), (int)any(b, 0, 9));
    points_of(b, reach);
    put(b, ", ");
    if (attr == 7) {
        put(b, "\"flag\": {\"true\": ");
        points_of(b, reach);
        put(b, ", \"false\": ");
        points_of(b, reach);
        put(b, "}");
    } else if (attr > 4 || ((attr == 2 || attr == 3) && any(b, 0, 2) == 0)) {
        int n = (int)any(b, 1, 5), first = (int)any(b, 0, 2);
        put(b, "\"map\": {");
        for (int k = 0; k < n; k++) {
            put(b, k ? ", " : "");
            if (attr > 4) put(b, "\"%s\": ", words[first + k == 6 ? 7 : first + k]);
            else put(b, "\"%d\": ", (first + k) * 3 - 6);
            points_of(b, reach);
        }
        put(b, "}, \"otherwise\": ");
        points_of(b, reach);
    } else bands(b, attr, reach);
    put(b, "}");
}

static kam_scorer *scorer(bt *b, const char *json)
{
    kam_scorecard *card = NULL;
    kam_scorer *s = NULL;
    if (kam_scorecard_parse(&card, b->t->ctx, json, KAM_NUL, b->t->err) != KAM_OK) fail_msg("%s\n%s", kam_error_message(b->t->err), json);
    assert_code(kam_scorer_new(&s, card, b->t->err), KAM_OK);
    kam_scorecard_free(card);
    return s;
}

static void head(bt *b, const char *beside)
{
    b->at = 0;
    put(b, "{\"name\": \"t\", " C_TITLE ", %s\"baseline\": \"%d.5\", \"attributes\": {", beside, (int)any(b, -5, 5));
    for (int i = 0; i < B_ATTRS; i++) put(b, "%s\"%s\": \"%s\"", i ? ", " : "", names[i], types[i]);
    put(b, "}, \"factors\": [");
}

/* ---------------------------------------------------------------- data */

typedef struct data {
    double real[2][B_ROWS]; int32_t whole[2][B_ROWS], flag[B_ROWS], code[2][B_ROWS], off[2][B_ROWS + 1]; int64_t wide[2][B_ROWS], money[B_ROWS];
    char text[2][B_ROWS * 32]; uint8_t valid[B_ATTRS][B_ROWS / 8 + 1]; kam_col col[B_ATTRS]; kam_block block;
} data;

static double odd_double(bt *b)
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, -0.0, 0.5, 4.5, 1e300};
    if (any(b, 0, 9) == 0) return odd[any(b, 0, 6)];
    return any(b, 0, 2) ? (double)any(b, -30, 60) + 0.5 * (double)any(b, 0, 1) : nextafter((double)any(b, -30, 60), any(b, 0, 1) ? 1e9 : -1e9);
}

static int64_t odd_whole(bt *b) { return any(b, 0, 30) ? any(b, -25, 70) : any(b, 0, 1) ? INT32_MAX : INT32_MIN; }

static void fill(bt *b, data *d)
{
    int wide = (int)any(b, 0, 1), codes = (int)any(b, 0, 1), holes = (int)any(b, 0, 2);
    uint32_t rows = any(b, 0, 2) ? (uint32_t)any(b, 0, B_ROWS) : B_ROWS;
    memset(d->off, 0, sizeof d->off);
    for (uint32_t i = 0; i < B_ROWS; i++) {
        for (int k = 0; k < 2; k++) {
            d->real[k][i] = odd_double(b);
            d->whole[k][i] = (int32_t)odd_whole(b);
            d->wide[k][i] = any(b, 0, 20) ? d->whole[k][i] : any(b, 0, 1) ? INT64_MAX : INT64_MIN;
            d->code[k][i] = (int32_t)any(b, 0, 7);
            if (any(b, 0, 20) == 0) d->code[k][i] = -1;
            size_t n = d->code[k][i] < 0 ? 0 : strlen(words[d->code[k][i]]);
            if (n) memcpy(d->text[k] + d->off[k][i], words[d->code[k][i]], n);
            d->off[k][i + 1] = d->off[k][i] + (int32_t)n;
        }
        d->money[i] = any(b, 0, 40) ? any(b, -3000, 7000) : any(b, 1, 90) * 1000000000000;
        d->flag[i] = any(b, 0, 9) ? (int32_t)any(b, 0, 1) : (int32_t)any(b, -2, 5);
    }
    for (int a = 0; a < B_ATTRS; a++) {
        for (size_t i = 0; i < sizeof d->valid[a]; i++) d->valid[a][i] = (uint8_t)any(b, 0, 255);
        int k = a & 1;
        d->col[a] = (kam_col){.type = a < 2 ? KAM_T_F64 : KAM_T_I32, .valid = holes == 0 || any(b, 0, holes) ? NULL : d->valid[a]};
        d->col[a].data = a < 2 ? (const void *)d->real[k] : a < 4 ? (const void *)d->whole[k] : a == 7 ? (const void *)d->flag : (const void *)d->money;
        if (a == 4 || (wide && (a == 2 || a == 3))) d->col[a].type = KAM_T_I64;
        if (wide && (a == 2 || a == 3)) d->col[a].data = d->wide[k];
        if (a != 5 && a != 6) continue;
        d->col[a].type = codes ? KAM_T_I32 : KAM_T_TEXT;
        d->col[a].data = codes ? (const void *)d->code[a - 5] : (const void *)d->text[a - 5];
        d->col[a].off = codes ? NULL : d->off[a - 5];
    }
    d->block = (kam_block){.struct_size = sizeof d->block, .nrow = rows, .ncol = any(b, 0, 4) ? B_ATTRS : (uint32_t)any(b, 0, B_ATTRS), .col = d->col};
}

static void dictionary(bt *b, kam_scorer *s)
{
    char text[200];
    int32_t off[9] = {0};
    for (int k = 0; k < 8; k++) {
        memcpy(text + off[k], words[k], strlen(words[k]));
        off[k + 1] = off[k] + (int32_t)strlen(words[k]);
    }
    const kam_col col = {.type = KAM_T_TEXT, .data = text, .off = off};
    for (uint32_t a = 5; a < 7; a++) assert_code(kam_scorer_dictionary(s, a, &col, 8, b->t->err), KAM_OK);
}

/* The same row by itself. */
static void set_row(bt *b, kam_scorer *s, const data *d, uint32_t i)
{
    kam_scorer_clear(s);
    for (uint32_t a = 0; a < d->block.ncol; a++) {
        const kam_col *c = &d->col[a];
        int32_t rc = KAM_OK;
        if (c->valid && !(c->valid[i / 8] >> (i % 8) & 1)) continue;
        if (a < 2) rc = kam_scorer_set_f64(s, a, ((const double *)c->data)[i], b->t->err);
        else if (a == 5 || a == 6) {
            int32_t code = d->code[a - 5][i];
            rc = kam_scorer_set_text(s, a, code < 0 ? NULL : words[code], KAM_NUL, b->t->err);
        } else rc = kam_scorer_set_i64(s, a, c->type == KAM_T_I64 ? ((const int64_t *)c->data)[i] : ((const int32_t *)c->data)[i], b->t->err);
        assert_code(rc, KAM_OK);
    }
}

static void compare(bt *b, kam_scorer *s, kam_scorer *row, const data *d, uint32_t kernel)
{
    const kam_block *out = NULL;
    if (kam_scorer_block(&out, s, &d->block, b->t->err) != KAM_OK) fail_msg("%s\n%s", kam_error_message(b->t->err), b->json);
    assert_int_equal(out->nrow, d->block.nrow);
    for (uint32_t i = 0; i < out->nrow; i += d->block.nrow > 500 && kernel ? 7 : 1) {
        int64_t points = 0;
        set_row(b, row, d, i);
        assert_code(kam_scorer_run(&points, row, b->t->err), KAM_OK);
        if (((const int64_t *)out->col[0].data)[i] != points)
            fail_msg("kernel %u, row %u: %lld, wanted %lld\n%s", kernel, i, (long long)((const int64_t *)out->col[0].data)[i], (long long)points, b->json);
        uint32_t c = 1;
        for (uint32_t k = 0; kam_scorer_reason(row, k, NULL, NULL); k++) {
            assert_int_equal(out->col[c].type, KAM_T_I32);
            c++;
        }
        if (c < out->ncol) assert_int_equal(((const int64_t *)out->col[c++].data)[i], kam_scorer_normal(row, -1));
        assert_int_equal(c, out->ncol);
    }
}

static void reasons_agree(bt *b, const kam_scorecard *card, kam_scorer *s, kam_scorer *row, const data *d)
{
    const kam_block *out = NULL;
    assert_code(kam_scorer_block(&out, s, &d->block, b->t->err), KAM_OK);
    for (uint32_t i = 0; i < out->nrow; i++) {
        const char *f1 = NULL, *f2 = NULL, *code = NULL;
        int64_t g1 = 0, g2 = 0;
        set_row(b, row, d, i);
        assert_code(kam_scorer_run(NULL, row, b->t->err), KAM_OK);
        for (uint32_t k = 0; (code = kam_scorer_reason(row, k, &f1, &g1)) != NULL; k++) {
            const char *got = kam_scorecard_reason(card, ((const int32_t *)out->col[1 + k].data)[i], &f2, &g2);
            if (!got || strcmp(got, code) != 0 || strcmp(f1, f2) != 0 || g1 != g2)
                fail_msg("row %u, reason %u: %s %s %lld, wanted %s %s %lld\n%s", i, k, f2, got ? got : "-", (long long)g2, f1, code, (long long)g1, b->json);
        }
    }
}

static void one_card(bt *b, data *d, int c)
{
    static const char *const beside[] = {"", "\"reasons\": {\"method\": \"points_below\"}, ", "\"reasons\": {\"method\": \"points_above\", \"count\": 5}, ", "\"normalize\": true, "};
    int n = (int)any(b, 1, 10);
    int64_t reach = c % 10 == 9 ? 100000000 : 1000;                 /* beyond 32 bits: row by row */
    kam_scorecard *card = NULL;
    head(b, beside[c % 4]);
    for (int i = 0; i < n; i++) factor(b, i, reach);
    put(b, "]}");
    if (kam_scorecard_parse(&card, b->t->ctx, b->json, KAM_NUL, b->t->err) != KAM_OK) {
        assert_says(b->t->err, "nothing to go from 0 to 100");
        return;
    }
    kam_scorecard_free(card);
    kam_scorer *s = scorer(b, b->json), *row = scorer(b, b->json);
    if (c % 10 != 9) dictionary(b, s);
    for (int k = 0; k < 2; k++) {
        do fill(b, d); while (c % 10 == 9 && d->col[5].type == KAM_T_I32);
        for (uint32_t kernel = 0; kernel <= KAM_KERNEL_AVX512; kernel++)
            if (kam_scorer_kernel(s, kernel, b->t->err) == KAM_OK) compare(b, s, row, d, kernel);
        assert_code(kam_scorecard_parse(&card, b->t->ctx, b->json, KAM_NUL, b->t->err), KAM_OK);
        if (c % 4 == 1 || c % 4 == 2) reasons_agree(b, card, s, row, d);
        kam_scorecard_free(card);
    }
    kam_scorer_free(row);
    kam_scorer_free(s);
}

static void blocks_agree_with_rows(void **state)
{
    bt *b = calloc(1, sizeof *b);
    data *d = malloc(sizeof *d);
    b->t = *state;
    b->seed = 20261122;
    for (int c = 0; c < B_CARDS; c++) one_card(b, d, c);
    free(d);
    free(b);
}

/* ---------------------------------------------------------------- expressions */

/* With and without a vector program; some overflow, or divide by zero. */
static const struct { const char *cel; char form; } exprs[] = {
    {"i0 + i1 * 2", 'b'}, {"i0 - i1", 'm'}, {"m + m", 'b'}, {"m * m", 'b'}, {"-m", 'b'}, {"(m / 3.0).round(3)", 'b'}, {"d0 * 2.0 + d1", 'b'},
    {"d0", 'b'}, {"i0 * d1", 'b'}, {"d0 < 1.0 ? 1 : d0 < 5.5 ? 2 : 30", 'b'}, {"i0 > 3 && s0 == 'alpha'", 'f'}, {"z || i1 < 0", 'f'},
    {"s1 in ['alpha', '客户', 'a long text beyond eight bytes']", 'f'}, {"z ? i0 : i1", 'm'}, {"i0 / i1", 'b'}, {"size(s0) + i0", 'b'},
    {"s1.startsWith('a') ? 1.5 : d0", 'b'}, {"s0 + s1", 's'}, {"s0 == '' || m >= 10", 'f'}, {"d1 != d1 ? -1 : 7", 'm'}};

static void expr_factor(bt *b, int i)
{
    size_t e = (size_t)any(b, 0, (int64_t)KAM__LEN(exprs) - 1);
    put(b, "%s{\"id\": \"f%d\", \"expr\": \"%s\", " C_TITLE ", \"missing\": ", i ? ", " : "", i, exprs[e].cel);
    points_of(b, 1000);
    put(b, ", ");
    if (exprs[e].form == 'b') bands(b, any(b, 0, 1) ? 0 : 4, 1000);
    else if (exprs[e].form == 'f') put(b, "\"flag\": {\"true\": %d, \"false\": %d}", (int)any(b, -9, 9), (int)any(b, 10, 19));
    else if (exprs[e].form == 's') put(b, "\"map\": {\"alphabeta\": 3, \"z\": 4, \"客户other\": 5}, \"otherwise\": %d", (int)any(b, -9, 9));
    else put(b, "\"map\": {\"7\": 3, \"-1.0\": 4, \"2.5\": 5, \"12\": 6}, \"otherwise\": %d", (int)any(b, -9, 9));
    put(b, "}");
}

static void expr_card(bt *b, int c)
{
    static const char *const warned[] = {"", ", \"warnings\": [{\"id\": \"w\", \"expr\": \"i0 * i1 > 7\", \"text\": {\"en\": \"e\", \"zh\": \"z\"}}]",
                                         ", \"warnings\": [{\"id\": \"w\", \"expr\": \"7 / i0 > i1\", \"text\": {\"en\": \"e\", \"zh\": \"z\"}}]"};
    int n = (int)any(b, 1, 6);
    head(b, c % 2 ? "\"reasons\": {\"method\": \"points_below\"}, " : "");
    for (int i = 0; i < n; i++)
        if (any(b, 0, 2)) expr_factor(b, i);
        else factor(b, i, 1000);
    put(b, "]%s}", warned[any(b, 0, 4) % 3]);
}

/* Every row, or the first that fails with its message. */
static void expr_compare(bt *b, kam_scorer *s, kam_scorer *row, const data *d, const kam_scorecard *card)
{
    const kam_block *out = NULL;
    int32_t got = kam_scorer_block(&out, s, &d->block, b->t->err), rc = KAM_OK;
    static char said[1000], wanted[1000];
    snprintf(said, sizeof said, "%s", kam_error_message(b->t->err));
    for (uint32_t i = 0; i < d->block.nrow && rc == KAM_OK; i++) {
        int64_t points = 0, gap = 0, g = 0;
        const char *code, *f1 = NULL, *f2 = NULL;
        set_row(b, row, d, i);
        rc = kam_scorer_run(&points, row, b->t->err);
        snprintf(wanted, sizeof wanted, "row %u: %s", i + 1, kam_error_message(b->t->err));
        if (rc != KAM_OK || got != KAM_OK) continue;
        if (((const int64_t *)out->col[0].data)[i] != points)
            fail_msg("row %u: %lld, wanted %lld\n%s", i, (long long)((const int64_t *)out->col[0].data)[i], (long long)points, b->json);
        for (uint32_t k = 0; (code = kam_scorer_reason(row, k, &f1, &gap)) != NULL; k++) {
            const char *c = kam_scorecard_reason(card, ((const int32_t *)out->col[1 + k].data)[i], &f2, &g);
            if (!c || strcmp(f1, f2) != 0 || g != gap) fail_msg("row %u, reason %u: %s, wanted %s\n%s", i, k, f2, f1, b->json);
        }
    }
    if (got != rc) fail_msg("%s: %s, wanted %s: %s\n%s", kam_code_name(got), said, kam_code_name(rc), wanted, b->json);
    if (rc != KAM_OK) assert_string_equal(said, wanted);
}

static void expressions_agree_with_rows(void **state)
{
    bt *b = calloc(1, sizeof *b);
    data *d = malloc(sizeof *d);
    b->t = *state;
    b->seed = 6;
    for (int c = 0; c < B_CARDS / 2; c++) {
        kam_scorecard *card = NULL;
        expr_card(b, c);
        kam_scorer *s = scorer(b, b->json), *row = scorer(b, b->json);
        assert_code(kam_scorecard_parse(&card, b->t->ctx, b->json, KAM_NUL, b->t->err), KAM_OK);
        for (int k = 0; k < 3; k++) {
            do fill(b, d); while (d->col[5].type == KAM_T_I32);
            if (any(b, 0, 2)) {                                     /* without what overflows or is zero */
                for (uint32_t i = 0; i < B_ROWS; i++) for (int w = 0; w < 2; w++)
                    d->whole[w][i] = (int32_t)(d->wide[w][i] = (int64_t)((uint32_t)d->whole[w][i] % 60) + 1);
            }
            expr_compare(b, s, row, d, card);
        }
        kam_scorecard_free(card);
        kam_scorer_free(row);
        kam_scorer_free(s);
    }
    free(d);
    free(b);
}

/* ---------------------------------------------------------------- the rest of the interface */

static const char small[] = C_HEAD "\"attributes\": {\"i\": \"int\", \"s\": \"string\", \"t\": \"date\", \"x\": \"bool\"}, \"groups\": [{\"id\": \"g\", \"title\": {\"en\": \"G\", \"zh\": \"组\"}}],"
    " \"factors\": [{\"id\": \"i\", \"group\": \"g\", \"attribute\": \"i\", " C_TITLE ", \"bands\": [{\"below\": 5, \"points\": 1}, {\"from\": 5, \"points\": 2}]},"
    " {\"id\": \"s\", \"attribute\": \"s\", " C_TITLE ", \"map\": {\"N\": 4}, \"otherwise\": 3, \"missing\": 9},"
    " {\"id\": \"t\", \"attribute\": \"t\", " C_TITLE ", \"bands\": [{\"below\": \"2026-03-01\", \"points\": 10}, {\"from\": \"2026-03-01\", \"points\": 20}]}],"
    " \"warnings\": [{\"id\": \"w0\", \"attribute\": \"x\", \"is\": true, \"text\": {\"en\": \"e\", \"zh\": \"z\"}}, {\"id\": \"w1\", \"expr\": \"i > 7\", \"text\": {\"en\": \"e\", \"zh\": \"z\"}}]}";

static void rows_are_set_by_number(void **state)
{
    bt b = {.t = *state};
    ct *t = *state;
    kam_scorer *s = scorer(&b, small);
    kam_why *why = NULL;
    int64_t points = 0;
    assert_code(kam_scorer_why(&why, s, t->err), KAM_E_INVAL);
    assert_says(t->err, "nothing was scored yet");
    assert_code(kam_scorer_set_i64(s, 0, 8, t->err), KAM_OK);
    assert_code(kam_scorer_set_text(s, 1, "Nord", 1, t->err), KAM_OK);
    assert_code(kam_scorer_set_text(s, 2, "2026-02-28", KAM_NUL, t->err), KAM_OK);
    assert_code(kam_scorer_set_text(s, 3, "true", KAM_NUL, t->err), KAM_OK);
    assert_code(kam_scorer_run(&points, s, t->err), KAM_OK);
    assert_int_equal(points, 160000);
    assert_int_equal(kam_scorer_group(s, "g", -1), 20000);
    assert_int_equal(kam_scorer_group(s, "h", -1), -1);
    assert_int_equal(kam_scorer_normal(s, -1), -1);
    assert_string_equal(kam_scorer_warning(s, 0), "w0");
    assert_string_equal(kam_scorer_warning(s, 1), "w1");
    assert_null(kam_scorer_warning(s, 2));
    assert_code(kam_scorer_why(&why, s, t->err), KAM_OK);
    kam_why_free(why);
    assert_code(kam_scorer_set_f64(s, 0, 1.5, t->err), KAM_E_TYPE);
    assert_says(t->err, "attribute \"i\" was set to a double: it is none, and exact");
    assert_code(kam_scorer_set_i64(s, 1, 1, t->err), KAM_E_TYPE);
    assert_code(kam_scorer_set_text(s, 2, "soon", KAM_NUL, t->err), KAM_E_PARSE);
    assert_says(t->err, "attribute \"t\": ");
    assert_code(kam_scorer_set_text(s, 1, "\xff", 1, t->err), KAM_E_UTF8);
    assert_says(t->err, "not UTF-8");
    assert_code(kam_scorer_set_i64(s, 4, 1, t->err), KAM_E_INVAL);
    assert_says(t->err, "has no attribute 4: it reads 4");
    assert_code(kam_scorer_kernel(s, 9, t->err), KAM_E_INVAL);
    assert_says(t->err, "there is no kernel 9");
    kam_scorer_free(s);
}

static void wrong_columns_are_refused(void **state)
{
    bt b = {.t = *state};
    ct *t = *state;
    static char json[3000];
    snprintf(json, sizeof json, "%s", small);
    strcpy(strstr(json, ", \"warnings\""), "}");                    /* without expressions */
    kam_scorer *s = scorer(&b, json), *by_row = scorer(&b, small);
    const kam_block *out = NULL;
    const double real[2] = {1, 2};
    const int32_t code[2] = {0, 1}, off[2] = {0, 1};
    kam_col col[5] = {{.type = KAM_T_F64, .data = real}};
    kam_block block = {.struct_size = sizeof block, .nrow = 2, .ncol = 1, .col = col};
    assert_code(kam_scorer_block(&out, s, &block, t->err), KAM_E_TYPE);
    assert_says(t->err, "column 1 has another type than attribute \"i\" takes: I64 or I32");
    block.ncol = 5;
    assert_code(kam_scorer_block(&out, s, &block, t->err), KAM_E_INVAL);
    assert_says(t->err, "the block has 5 columns");
    block.ncol = 2;
    col[0] = col[1] = (kam_col){.type = KAM_T_I32, .data = code};
    assert_code(kam_scorer_block(&out, s, &block, t->err), KAM_E_POLICY);
    assert_says(t->err, "attribute \"s\" comes as codes, but has no dictionary");
    const kam_col one = {.type = KAM_T_TEXT, .data = "N", .off = off};
    assert_code(kam_scorer_dictionary(s, 0, &one, 1, t->err), KAM_E_TYPE);
    assert_code(kam_scorer_dictionary(s, 1, &col[0], 1, t->err), KAM_E_INVAL);
    assert_says(t->err, "a dictionary is a TEXT column");
    assert_code(kam_scorer_dictionary(s, 1, &one, 1, t->err), KAM_OK);
    for (uint32_t k = 0; k < 4; k++) {
        if (kam_scorer_kernel(s, k, t->err) != KAM_OK) continue;
        assert_code(kam_scorer_block(&out, s, &block, t->err), KAM_E_POLICY);
        assert_says(t->err, "row 2: code 1 of attribute \"s\" is none of its dictionary of 1 texts");
        assert_int_equal(kam_error_detail(t->err, KAM_ERR_ROW), 1);
    }
    assert_code(kam_scorer_dictionary(by_row, 1, &one, 1, t->err), KAM_E_UNSUPPORTED);
    assert_says(t->err, "is scored row by row");
    assert_code(kam_scorer_block(&out, by_row, &block, t->err), KAM_E_TYPE);
    assert_says(t->err, "row 1: attribute \"s\" is a text: a card that is scored row by row takes no codes");
    block.nrow = 65537;
    assert_code(kam_scorer_block(&out, s, &block, t->err), KAM_E_INVAL);
    assert_says(t->err, "at most 65536 rows");
    kam_scorer_free(s);
    kam_scorer_free(by_row);
}

static void declared_attributes_are_checked(void **state)
{
    ct *t = *state;
#define D_CARD(attributes, factor) C_HEAD "\"attributes\": " attributes ", \"factors\": [" factor "]}"
#define D_I "{\"id\": \"a\", \"attribute\": \"i\", " C_TITLE ", \"bands\": [{\"points\": 1}]}"
    ct_refused(t, D_CARD("{\"i\": \"integer\"}", D_I), KAM_E_POLICY, "the type of \"i\" is one of bool, int");
    ct_refused(t, D_CARD("{\"i\": \"decimal(19)\"}", D_I), KAM_E_POLICY, "decimal(0) to decimal(18)");
    ct_refused(t, D_CARD("{\"i\": \"decimal(02)\"}", D_I), KAM_E_POLICY, "decimal(0) to decimal(18)");
    ct_refused(t, D_CARD("{\"9i\": \"int\"}", D_I), KAM_E_POLICY, "no digit first");
    ct_refused(t, D_CARD("{}", D_I), KAM_E_PARSE, "\"attributes\" must be an object of names and types");
    ct_refused(t, D_CARD("{\"revenue\": \"int\"}", D_I), KAM_E_POLICY, "\"i\" is none of the card's \"attributes\"");
    ct_refused(t, D_CARD("{\"revenue\": \"int\"}", C_FACTOR("a", "revenu", C_ANY)), KAM_E_POLICY, "did you mean \"revenue\"?");
    kam_scorecard *card = NULL;
    kam_scorer *s = NULL;
    assert_code(kam_scorecard_parse(&card, t->ctx, small, KAM_NUL, t->err), KAM_OK);
    assert_string_equal(kam_scorecard_reads(card, 2), "t");
    assert_null(kam_scorecard_reads(card, 4));
    assert_null(kam_scorecard_reason(card, 0, NULL, NULL));
    kam_record *r = ct_record(t, "{}");
    int64_t points = 0;
    assert_code(kam_scorecard_score(&points, NULL, card, r, t->err), KAM_E_POLICY);
    assert_says(t->err, "declares its own \"attributes\"");
    kam_record_free(r);
    kam_scorecard_free(card);
    assert_code(kam_scorecard_parse(&card, t->ctx, C_CARD(C_FACTOR("a", "x_points", C_TITLE ", " C_ANY)), KAM_NUL, t->err), KAM_OK);
    assert_code(kam_scorer_new(&s, card, t->err), KAM_E_POLICY);
    assert_says(t->err, "reads the custom field x_points, whose type only a book knows");
    kam_scorecard_free(card);
}

/* The book's limits of a double are the doubles nearest to them. */
static void doubles_are_compared_with_the_nearest(void **state)
{
    bt b = {.t = *state};
    ct *t = *state;
    kam_scorer *s = scorer(&b, C_HEAD "\"attributes\": {\"d\": \"double\"}, \"factors\": [{\"id\": \"d\", \"attribute\": \"d\", " C_TITLE ", \"bands\": [{\"below\": \"0.3\", \"points\": 1},"
                           " {\"from\": \"0.3\", \"points\": 2}], \"missing\": 5}]}");
    static const struct { double d; int64_t want; } at[] = {{0.3, 20000}, {0.1 + 0.2, 20000}, {0.3 - 1e-16, 10000}, {NAN, 50000}, {-INFINITY, 10000}};
    for (size_t i = 0; i < KAM__LEN(at); i++) {
        int64_t points = 0;
        assert_code(kam_scorer_set_f64(s, 0, at[i].d, t->err), KAM_OK);
        assert_code(kam_scorer_run(&points, s, t->err), KAM_OK);
        assert_int_equal(points, at[i].want);
    }
    kam_scorer_free(s);
}

static void scoring_allocates_nothing(void **state)
{
    bt b = {.t = *state};
    ct *t = *state;
    kam_scorer *s = scorer(&b, small);
    int64_t points = 0;
    for (int i = 0; i < 3; i++) {
        if (i == 2) t->f.left = 0;                                  /* no more memory from here on */
        assert_code(kam_scorer_set_i64(s, 0, i * 4, t->err), KAM_OK);
        assert_code(kam_scorer_set_text(s, 1, "N", 1, t->err), KAM_OK);
        assert_code(kam_scorer_run(&points, s, t->err), KAM_OK);
    }
    t->f.left = -1;
    assert_int_equal(points, 60000);
    kam_scorer_free(s);
}

/* A block of expressions with and without a vector program. */
static void a_block_runs_out_of_memory_cleanly(void **state)
{
    bt *b = calloc(1, sizeof *b);
    data *d = malloc(sizeof *d);
    ct *t = b->t = *state;
    kam_scorecard *card = NULL;
    int32_t rc = KAM_E_NOMEM;
    head(b, "\"reasons\": {\"method\": \"points_below\"}, ");
    put(b, "{\"id\": \"a\", \"expr\": \"m * 2\", " C_TITLE ", \"bands\": [{\"below\": 9, \"points\": 1}, {\"from\": 9, \"points\": 2}]},"
           "{\"id\": \"b\", \"expr\": \"s0 + s1\", " C_TITLE ", \"map\": {\"z\": 1}, \"otherwise\": 2}]}");
    do fill(b, d); while (d->col[5].type == KAM_T_I32 || d->block.nrow < 2 || d->block.ncol < B_ATTRS);
    assert_code(kam_scorecard_parse(&card, t->ctx, b->json, KAM_NUL, t->err), KAM_OK);
    for (int n = 0; rc != KAM_OK; n++) {
        kam_scorer *s = NULL;
        const kam_block *out = NULL;
        t->f.left = n;
        rc = kam_scorer_new(&s, card, t->err);
        if (rc == KAM_OK) rc = kam_scorer_block(&out, s, &d->block, t->err);
        t->f.left = -1;
        if (rc != KAM_OK) assert_code(rc, KAM_E_NOMEM);
        if (s) assert_code(kam_scorer_block(&out, s, &d->block, t->err), KAM_OK);
        kam_scorer_free(s);
    }
    kam_scorecard_free(card);
    free(d);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ct_test(blocks_agree_with_rows),
        ct_test(expressions_agree_with_rows),
        ct_test(rows_are_set_by_number),
        ct_test(wrong_columns_are_refused),
        ct_test(declared_attributes_are_checked),
        ct_test(doubles_are_compared_with_the_nearest),
        ct_test(scoring_allocates_nothing),
        ct_test(a_block_runs_out_of_memory_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
