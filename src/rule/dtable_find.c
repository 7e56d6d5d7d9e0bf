/*
 * rule/dtable_find.c - what is wrong with a decision table whatever the inputs are.
 *
 * The constants of a column cut its values into pieces on which every cell of it says the same: each constant itself
 * and what lies between two of them. One value of each piece stands for it; all combinations of those are looked at,
 * with the rows as bits. So a finding always comes with an example, and nothing found means there is nothing, but for
 * columns whose cells name values, and tables with too many combinations: those are told as UNCHECKED.
 */
#include "dtable.h"

#define DFIND_COMBOS 2000000u               /* combinations times words of row bits */
#define DFIND_GAPS 20u                      /* told one by one */
#define DFIND_OVERLAPS 50u

typedef struct dfind_col { uint32_t n; kam__dt_value *rep; uint64_t *rows; } dfind_col;
typedef struct dfind {
    const kam__dt *t; kam__arena arena; kam__dt_found fn; void *user; kam_error *err;
    uint32_t words, noverlap; uint64_t ngap;
    dfind_col col[KAM__DT_INPUTS]; uint32_t at[KAM__DT_INPUTS];
    uint64_t *hit, *won, *now, *pair;       /* rows that match, that count, that match now; pairs that were told */
    uint32_t *lost;                         /* of each row: where it matched first and another counted (as `at`) */
    kam_buf example, text;
} dfind;

/* ---------------------------------------------------------------- values that stand for all */

static int dfind_order(const void *a, const void *b, void *arg)
{
    int sign = 0;
    const kam__dt_value *x = a, *y = b;
    (void)arg;
    if (x->t != y->t) return x->t < y->t ? -1 : 1;
    return kam__dt_compare(&sign, x, y) ? sign : 0;
}

/* How a time we made is written. */
static int32_t dfind_name(dfind *f, kam__dt_value *v)
{
    char text[64];
    size_t n = 0;
    if (v->t == KAM__DT_DATE) n = kam__day_format(text, (int32_t)v->i);
    else if (v->t == KAM__DT_DATETIME || v->t == KAM__DT_TIME) n = kam__instant_format(text, v->i);
    else if (v->t == KAM__DT_DURATION || v->t == KAM__DT_MONTHS) {
        int64_t size = v->i < 0 ? -v->i : v->i;
        if (v->i < 0) text[n++] = '-';
        text[n++] = 'P';
        if (v->t == KAM__DT_DURATION) text[n++] = 'T';
        n += kam__dec_format_short(text + n, size, v->t == KAM__DT_DURATION ? 3 : 0);
        text[n++] = v->t == KAM__DT_DURATION ? 'S' : 'M';
    } else return KAM_OK;
    v->text = kam__arena_text(&f->arena, text + (v->t == KAM__DT_TIME ? 11 : 0), n - (v->t == KAM__DT_TIME ? 11 : 0));
    v->len = n - (v->t == KAM__DT_TIME ? 11 : 0);
    return v->text ? KAM_OK : kam__nomem(f->err);
}

/* A value between a and b (either NULL = without end); 0 = there is none. */
static int dfind_between_numbers(kam__dt_value *out, const kam__dt_value *a, const kam__dt_value *b)
{
    int64_t x = 0, y = 0;
    const kam__dt_value *one = a ? a : b;
    *out = *one;
    if (!a || !b) {
        out->f += a ? 1 : -1;
        if (out->exact)
            out->exact = !kam__rescale(a ? 1 : -1, 0, out->scale, KAM__EXACT, &x) && !kam__add(out->i, x, &out->i);
        return 1;
    }
    uint32_t scale = (a->scale > b->scale ? a->scale : b->scale) + 1u;
    out->f = a->f / 2 + b->f / 2;
    out->exact = a->exact && b->exact && scale <= 18 && !kam__rescale(a->i, a->scale, scale, KAM__EXACT, &x) &&
                 !kam__rescale(b->i, b->scale, scale, KAM__EXACT, &y);
    if (out->exact) {
        out->i = x / 2 + y / 2;
        out->scale = (uint16_t)scale;
        if (!kam__rescale(out->i, scale, scale - 1, KAM__HALF_EVEN, &x)) {     /* a shorter one reads better */
            kam__dt_value shorter = *out;
            int s = 0, u = 0;
            shorter.i = x;
            shorter.scale = (uint16_t)(scale - 1);
            if (kam__dt_compare(&s, &shorter, a) && kam__dt_compare(&u, &shorter, b) && s > 0 && u < 0) *out = shorter;
        }
    }
    return 1;
}

static int32_t dfind_add(dfind *f, dfind_col *c, const kam__dt_value *v, const kam__dt_input *in)
{
    if (v->t != KAM__DT_NULL && !kam__dt_cell_has(&in->values, v)) return KAM_OK;
    c->rep[c->n] = *v;
    KAM__TRY(v->text ? KAM_OK : dfind_name(f, &c->rep[c->n]));
    c->n++;
    return KAM_OK;
}

/* Behind a text the next ones are that text and a little more; the one that reads best and lies before b. */
static int32_t dfind_add_text(dfind *f, dfind_col *c, const kam__dt_value *a, const kam__dt_value *b,
                              const kam__dt_input *in)
{
    static const char more[] = "~0 !\1";
    kam__dt_value v = {.t = KAM__DT_TEXT};
    size_t n = a ? a->len : 0;
    char *text = kam__arena_alloc(&f->arena, n + 2);
    if (!text) return kam__nomem(f->err);
    if (n) memcpy(text, a->text, n);
    text[n] = text[n + 1] = '\0';
    v.text = text;
    v.len = a ? n + 1 : 0;
    for (size_t i = 0; a && i < sizeof more - 1; i++) {
        int sign = -1;
        text[n] = more[i];
        if (!b || (kam__dt_compare(&sign, &v, b) && sign < 0)) return dfind_add(f, c, &v, in);
    }
    return a ? KAM_OK : dfind_add(f, c, &v, in);
}

static int32_t dfind_add_between(dfind *f, dfind_col *c, const kam__dt_value *a, const kam__dt_value *b,
                                 const kam__dt_input *in)
{
    kam__dt_value v = a ? *a : *b;
    v.text = NULL;
    if (v.t == KAM__DT_NUMBER) dfind_between_numbers(&v, a, b);
    else if (v.t == KAM__DT_BOOL) return KAM_OK;
    else if (v.t == KAM__DT_TEXT) return dfind_add_text(f, c, a, b, in);
    else {
        int64_t unit = v.t == KAM__DT_DATETIME || v.t == KAM__DT_TIME || v.t == KAM__DT_DURATION ? 1000 : 1;
        if (a && b) {
            if (b->i - a->i < 2) return KAM_OK;
            v.i = a->i + (b->i - a->i) / 2;
        } else v.i += a ? unit : -unit;
        if (v.t == KAM__DT_TIME && (v.i < 0 || v.i >= 86400000)) return KAM_OK;
    }
    return dfind_add(f, c, &v, in);
}

static uint32_t dfind_constants(const dfind *f, uint32_t input, kam__dt_value *to, int *null, int *path)
{
    uint32_t n = 0;
    for (uint32_t r = 0; r <= f->t->nrow; r++) {
        const kam__dt_cell *c = r < f->t->nrow ? &f->t->row[r].when[input] : &f->t->input[input].values;
        for (uint32_t i = 0; i < c->ntest; i++)
            for (int k = 0; k < (c->test[i].op == KAM__DT_RANGE ? 2 : 1); k++) {
                const kam__dt_operand *o = k ? &c->test[i].b : &c->test[i].a;
                *path |= o->path != NULL;
                *null |= !o->path && o->value.t == KAM__DT_NULL;
                if (o->path || o->value.t == KAM__DT_NULL) continue;
                if (to) to[n] = o->value;
                n++;
            }
    }
    return n;
}

/* Both of a column of booleans; something of a column nothing is asked of. */
static int32_t dfind_reps_plain(dfind *f, dfind_col *c, const kam__dt_input *in, int boolean)
{
    static const kam__dt_value yes = {.t = KAM__DT_BOOL, .i = 1}, no = {.t = KAM__DT_BOOL, .i = 0},
                               some = {.t = KAM__DT_NULL};
    if (!boolean) return dfind_add(f, c, &some, in);
    KAM__TRY(dfind_add(f, c, &no, in));
    return dfind_add(f, c, &yes, in);
}

static int32_t dfind_reps(dfind *f, uint32_t input, int *path)
{
    const kam__dt_input *in = &f->t->input[input];
    dfind_col *c = &f->col[input];
    int null = 0;
    uint32_t n = dfind_constants(f, input, NULL, &null, path), m = 0;
    if (*path) return KAM_OK;
    kam__dt_value *k = kam__arena_alloc(&f->arena, (n + 1) * sizeof *k);
    c->rep = kam__arena_alloc(&f->arena, (3 * (size_t)n + 4) * sizeof *c->rep);
    if (!k || !c->rep) return kam__nomem(f->err);
    dfind_constants(f, input, k, &null, path);
    KAM__TRY(kam__sort(f->arena.ctx, k, n, sizeof *k, dfind_order, NULL, f->err));
    for (uint32_t i = 0; i < n; i++)
        if (!m || !kam__dt_same(&k[m - 1], &k[i])) k[m++] = k[i];
    int boolean = in->type == KAM__DT_BOOL || (m && k[0].t == KAM__DT_BOOL && k[m - 1].t == KAM__DT_BOOL);
    if (!m || boolean) KAM__TRY(dfind_reps_plain(f, c, in, boolean));
    for (uint32_t i = 0; i < m && !boolean; i++) {
        int first = !i || k[i - 1].t != k[i].t, last = i + 1 == m || k[i + 1].t != k[i].t;
        if (first) KAM__TRY(dfind_add_between(f, c, NULL, &k[i], in));
        KAM__TRY(dfind_add(f, c, &k[i], in));
        KAM__TRY(dfind_add_between(f, c, &k[i], last ? NULL : &k[i + 1], in));
    }
    const kam__dt_value none = {.t = KAM__DT_NULL};
    return null && !in->required && m ? dfind_add(f, c, &none, in) : KAM_OK;
}

static int32_t dfind_bits(dfind *f, uint32_t input)
{
    dfind_col *c = &f->col[input];
    c->rows = kam__arena_alloc(&f->arena, (size_t)(c->n + 1) * f->words * sizeof *c->rows);
    if (!c->rows) return kam__nomem(f->err);
    memset(c->rows, 0, (size_t)(c->n + 1) * f->words * sizeof *c->rows);
    for (uint32_t k = 0; k < c->n; k++)
        for (uint32_t r = 0; r < f->t->nrow; r++)
            if (kam__dt_cell_has(&f->t->row[r].when[input], &c->rep[k]))
                c->rows[(size_t)k * f->words + r / 64] |= (uint64_t)1 << r % 64;
    return KAM_OK;
}

/* ---------------------------------------------------------------- telling */

/* example: of each input which value; NULL = there is none. */
static int32_t dfind_tell(dfind *f, const char *code, uint32_t row, const uint32_t *example)
{
    kam__buf_clear(&f->example);
    kam__buf_char(&f->example, '{');
    for (uint32_t i = 0; i < f->t->ninput && example; i++) {
        if (i) kam__buf_char(&f->example, ',');
        kam__buf_json_text(&f->example, f->t->input[i].name, strlen(f->t->input[i].name));
        kam__buf_char(&f->example, ':');
        kam__dt_json(&f->example, &f->col[i].rep[example[i]]);
    }
    kam__buf_char(&f->example, '}');
    KAM__TRY(kam__buf_end(&f->example, f->err));
    KAM__TRY(kam__buf_end(&f->text, f->err));
    return f->fn(f->user, code, row, example ? f->example.data : NULL, f->text.data, f->err);
}

static int32_t dfind_gap(dfind *f)
{
    if (f->t->hit > KAM__DT_FIRST) return KAM_OK;
    for (uint32_t i = 0; i < f->t->noutput; i++)
        if (f->t->output[i].has_default) return KAM_OK;
    if (f->ngap++ >= DFIND_GAPS) return KAM_OK;
    kam__buf_clear(&f->text);
    kam__buf_str(&f->text, "no row matches: add one, or a \"default\"");
    return dfind_tell(f, "GAP", 0, f->at);
}

static int32_t dfind_overlap(dfind *f, uint32_t a, uint32_t b)
{
    size_t bit = (size_t)a * f->t->nrow + b;
    if (f->pair[bit / 64] >> bit % 64 & 1u || f->noverlap >= DFIND_OVERLAPS) return KAM_OK;
    f->pair[bit / 64] |= (uint64_t)1 << bit % 64;
    if (f->t->hit == KAM__DT_ANY_HIT && kam__dt_same_then(f->t, a, b)) return KAM_OK;
    f->noverlap++;
    kam__buf_clear(&f->text);
    kam__buf_printf(&f->text, "rows %u and %u both match%s", a + 1, b + 1,
                    f->t->hit == KAM__DT_ANY_HIT ? " and differ in their outputs" : "");
    return dfind_tell(f, "OVERLAP", b + 1, f->at);
}

static int dfind_bit(const uint64_t *bits, uint32_t r) { return (int)(bits[r / 64] >> r % 64 & 1u); }

static uint32_t dfind_winner(const dfind *f)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t r = 0; r < f->t->nrow; r++) {
        if (!dfind_bit(f->now, r)) continue;
        if (best == UINT32_MAX) best = r;
        if (f->t->hit == KAM__DT_FIRST) return best;
        if (kam__dt_rank_cmp(f->t, r, best) < 0) best = r;
    }
    return best;
}

/* One row counts now; for those that match and do not, the first such place is kept. */
static void dfind_count(dfind *f)
{
    uint32_t best = dfind_winner(f), n = f->t->ninput;
    for (uint32_t r = 0; r < f->t->nrow; r++) {
        if (!dfind_bit(f->now, r) || r == best || f->lost[r * n] != UINT32_MAX) continue;
        memcpy(f->lost + r * n, f->at, n * sizeof *f->at);
    }
    f->won[best / 64] |= (uint64_t)1 << best % 64;
}

/* A row that never matches has a cell that takes nothing its column could hold. */
static const char *dfind_never(const dfind *f, uint32_t r)
{
    for (uint32_t i = 0; i < f->t->ninput; i++) {
        uint32_t k = 0;
        while (k < f->col[i].n && !dfind_bit(f->col[i].rows + (size_t)k * f->words, r)) k++;
        if (k == f->col[i].n) return f->t->input[i].name;
    }
    return "?";
}

static int32_t dfind_combo(dfind *f)
{
    uint64_t any = 0;
    uint32_t first = UINT32_MAX;
    for (uint32_t w = 0; w < f->words; w++) {
        uint64_t bits = ~(uint64_t)0;
        for (uint32_t i = 0; i < f->t->ninput; i++) bits &= f->col[i].rows[(size_t)f->at[i] * f->words + w];
        f->now[w] = bits;
        f->hit[w] |= bits;
        any |= bits;
    }
    if (!any) return dfind_gap(f);
    if (f->t->hit == KAM__DT_FIRST || f->t->hit == KAM__DT_PRIORITY) dfind_count(f);
    if (f->t->hit > KAM__DT_ANY_HIT) return KAM_OK;
    for (uint32_t r = 0; r < f->t->nrow; r++) {
        if (!dfind_bit(f->now, r)) continue;
        for (uint32_t q = first; q < r; q++)
            if (dfind_bit(f->now, q)) KAM__TRY(dfind_overlap(f, q, r));
        if (first == UINT32_MAX) first = r;
    }
    return KAM_OK;
}

static int32_t dfind_rows(dfind *f)
{
    int one = f->t->hit == KAM__DT_FIRST || f->t->hit == KAM__DT_PRIORITY;
    for (uint32_t r = 0; r < f->t->nrow; r++) {
        int hit = dfind_bit(f->hit, r);
        if (hit && (!one || dfind_bit(f->won, r))) continue;
        kam__buf_clear(&f->text);
        if (hit) kam__buf_printf(&f->text, "row %u never counts: where it matches another row does", r + 1);
        else
            kam__buf_printf(&f->text, "row %u can never match: its cell for %.60s takes no value", r + 1, dfind_never(f, r));
        KAM__TRY(dfind_tell(f, hit ? "SHADOWED" : "UNREACHABLE", r + 1, hit ? f->lost + (size_t)r * f->t->ninput : NULL));
    }
    if (f->ngap <= DFIND_GAPS) return KAM_OK;
    kam__buf_clear(&f->text);
    kam__buf_printf(&f->text, "%llu more gaps", (unsigned long long)(f->ngap - DFIND_GAPS));
    return dfind_tell(f, "GAP", 0, NULL);
}

/* ---------------------------------------------------------------- all combinations */

static int32_t dfind_unchecked(dfind *f, const char *why, const char *name)
{
    kam__buf_clear(&f->text);
    kam__buf_printf(&f->text, "%s%.60s", why, name);
    return dfind_tell(f, "UNCHECKED", 0, NULL);
}

static int32_t dfind_prepare(dfind *f)
{
    size_t bits = f->words * sizeof *f->hit, pairs = ((size_t)f->t->nrow * f->t->nrow / 64 + 1) * sizeof *f->pair;
    size_t lost = ((size_t)f->t->nrow * f->t->ninput + 1) * sizeof *f->lost;
    f->lost = kam__arena_alloc(&f->arena, lost);
    if (!f->lost) return kam__nomem(f->err);
    memset(f->lost, 0xff, lost);
    f->hit = kam__arena_alloc(&f->arena, 3 * bits);
    f->pair = kam__arena_alloc(&f->arena, pairs);
    if (!f->hit || !f->pair) return kam__nomem(f->err);
    memset(f->hit, 0, 3 * bits);
    memset(f->pair, 0, pairs);
    f->won = f->hit + f->words;
    f->now = f->won + f->words;
    return KAM_OK;
}

static int32_t dfind_all(dfind *f)
{
    uint32_t i = 0;
    do {
        KAM__TRY(dfind_combo(f));
        for (i = 0; i < f->t->ninput && ++f->at[i] == f->col[i].n; i++) f->at[i] = 0;
    } while (i < f->t->ninput);
    return dfind_rows(f);
}

static int32_t dfind_run(dfind *f)
{
    uint64_t combos = f->words;
    KAM__TRY(dfind_prepare(f));
    for (uint32_t i = 0; i < f->t->ninput; i++) {
        int path = 0;
        KAM__TRY(dfind_reps(f, i, &path));
        if (path) return dfind_unchecked(f, "its cells name other values: input ", f->t->input[i].name);
        if (!f->col[i].n) return dfind_unchecked(f, "its \"values\" allow none: input ", f->t->input[i].name);
        combos *= f->col[i].n;
        if (combos > DFIND_COMBOS) return dfind_unchecked(f, "there are too many combinations", "");
        KAM__TRY(dfind_bits(f, i));
    }
    return dfind_all(f);
}

int32_t kam__dt_find(const kam__dt *t, kam_ctx *ctx, kam__dt_found fn, void *user, kam_error *err)
{
    dfind *f = kam__zalloc(ctx, sizeof *f);
    if (!f) return kam__nomem(err);
    f->t = t;
    f->fn = fn;
    f->user = user;
    f->err = err;
    f->words = (t->nrow + 63) / 64;
    kam__arena_init(&f->arena, ctx, 0);
    kam__buf_init(&f->example, ctx);
    kam__buf_init(&f->text, ctx);
    int32_t rc = dfind_run(f);
    kam__buf_drop(&f->example);
    kam__buf_drop(&f->text);
    kam__arena_free(&f->arena);
    kam__free(ctx, f);
    return rc;
}
