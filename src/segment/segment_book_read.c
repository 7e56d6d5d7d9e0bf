/*
 * segment/segment_book_read.c - the columns a scheme asks for, out of a book as of a day.
 *
 * Accounts come first, by id, with the fields that are asked for; then facts and contacts are put beside them. Money
 * of an account is brought to the base currency.
 */
#include "../store/store.h"
#include "../value/value_book.h"
#include "segment_book.h"

typedef struct seg_want { uint32_t field, col; int text; } seg_want;
typedef struct seg_reading {
    kam__gradings *g; kam_error *err;
    seg_want want[KAM__GRADING_COLS]; uint32_t n;
    uint32_t col, value, subject;           /* of facts */
} seg_reading;

int kam__gradings_find(const kam__gradings *g, int64_t account, uint32_t *i)
{
    uint32_t lo = 0, hi = g->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (g->account[mid] < account) lo = mid + 1;
        else hi = mid;
    }
    *i = lo;
    return lo < g->n && g->account[lo] == account;
}

int32_t kam__gradings_column(kam__gradings *g, uint32_t col, int text, kam_error *err)
{
    kam__attr_col *c = &g->col[col];
    if (text) c->text = kam__zalloc_n(g->ctx, (size_t)g->n + 1, sizeof *c->text);
    else {
        c->num = kam__zalloc_n(g->ctx, (size_t)g->n + 1, sizeof *c->num);
        c->valid = kam__zalloc_n(g->ctx, (size_t)g->n + 1, sizeof *c->valid);
    }
    return c->text || (c->num && c->valid) ? KAM_OK : kam__nomem(err);
}

/* ---------------------------------------------------------------- accounts */

static void seg_add_want(seg_reading *r, uint32_t field, uint32_t col, int text)
{
    r->want[r->n++] = (seg_want){ field, col, text };
}

static void seg_wants(seg_reading *r)
{
    const kam__gradings *g = r->g;
    const kam__scheme *s = &g->scheme->doc;
    int money = 0;
    for (uint32_t i = 0; i < s->nattr; i++) {
        const kam__field *f = g->bound.field[i];
        if (s->attr[i].source != KAM__ATTR_FIELD && s->attr[i].source != KAM__ATTR_CUSTOM) continue;
        seg_add_want(r, f->id, i, f->type == KAM_T_TEXT);
        money |= f->logic == KAM__L_MONEY;
    }
    if (kam__scheme_uses(s, KAM__FIG_ADJUSTED)) seg_add_want(r, KAM_ACCOUNT_RISK, KAM__COL_RISK, 0);
    if (kam__scheme_uses(s, KAM__FIG_SHARE_OF_POTENTIAL)) {
        seg_add_want(r, KAM_ACCOUNT_POTENTIAL, KAM__COL_POTENTIAL, 0);
        money = 1;
    }
    if (kam__scheme_uses(s, KAM__FIG_MONTHS)) seg_add_want(r, KAM_ACCOUNT_CUSTOMER_SINCE, KAM__COL_SINCE, 0);
    if (money) seg_add_want(r, KAM_ACCOUNT_CURRENCY, KAM__COL_CURRENCY, 1);
}

static int32_t seg_resize(kam_ctx *ctx, void *array, size_t size, kam_error *err)
{
    void *p = NULL, *old = NULL;
    memcpy(&old, array, sizeof old);
    p = kam__resize(ctx, old, size);
    if (!p) return kam__nomem(err);
    memcpy(array, &p, sizeof p);
    return KAM_OK;
}

static int32_t seg_room(seg_reading *r, uint32_t more)
{
    kam__gradings *g = r->g;
    size_t need = (size_t)g->n + more, cap = g->cap + g->cap / 2;
    if (need <= g->cap) return KAM_OK;
    if (cap < need) cap = need;
    if (cap > UINT32_MAX / 2) return kam__fail(r->err, KAM_E_LIMIT, "too many accounts for one run");
    KAM__TRY(seg_resize(g->ctx, &g->account, cap * sizeof *g->account, r->err));
    for (uint32_t k = 0; k < r->n; k++) {
        kam__attr_col *c = &g->col[r->want[k].col];
        if (r->want[k].text) KAM__TRY(seg_resize(g->ctx, &c->text, cap * sizeof *c->text, r->err));
        else {
            KAM__TRY(seg_resize(g->ctx, &c->num, cap * sizeof *c->num, r->err));
            KAM__TRY(seg_resize(g->ctx, &c->valid, cap, r->err));
        }
    }
    g->cap = cap;
    return KAM_OK;
}

static int32_t seg_text_cell(const char **out, kam__gradings *g, const kam_col *c, uint32_t row, kam_error *err)
{
    size_t len = 0;
    const char *text = c ? kam__col_text(c, row, &len) : NULL;
    *out = text ? kam__arena_text(&g->arena, text, len) : NULL;
    return text && !*out ? kam__nomem(err) : KAM_OK;
}

static int32_t on_seg_accounts(void *user, const kam_block *rows)
{
    seg_reading *r = user;
    kam__gradings *g = r->g;
    const kam_col *id = kam__block_col(rows, KAM_ID);
    KAM__TRY(seg_room(r, rows->nrow));
    KAM__TRY(kam__progress(g->ctx, g->n, 0, r->err));
    for (uint32_t i = 0; i < rows->nrow; i++) g->account[g->n + i] = kam__col_i64(id, i);
    for (uint32_t k = 0; k < r->n; k++) {
        const kam_col *from = kam__block_col(rows, r->want[k].field);
        kam__attr_col *c = &g->col[r->want[k].col];
        for (uint32_t i = 0; i < rows->nrow; i++) {
            if (r->want[k].text) {
                KAM__TRY(seg_text_cell(&c->text[g->n + i], g, from, i, r->err));
                continue;
            }
            c->valid[g->n + i] = from && !kam__col_null(from, i);
            c->num[g->n + i] = from ? kam__col_i64(from, i) : 0;
        }
    }
    g->n += rows->nrow;
    return KAM_OK;
}

static int32_t seg_read_accounts(seg_reading *r, kam_book *book)
{
    uint32_t field[KAM__GRADING_COLS + 1];
    seg_wants(r);
    KAM__TRY(seg_room(r, 1));                                           /* columns are there also when no account is */
    field[0] = KAM_ID;
    for (uint32_t k = 0; k < r->n; k++) field[k + 1] = r->want[k].field;
    kam__read q = { .scan = { .kind = KAM_KIND_ACCOUNT, .field = field, .nfield = r->n + 1 }, .as_of = r->g->as_of };
    KAM__TRY(kam__read_rows(book, &q, on_seg_accounts, r, r->err));
    for (uint32_t i = 1; i < r->g->n; i++)
        if (r->g->account[i] <= r->g->account[i - 1])
            return kam__fail(r->err, KAM_E_CORRUPT, "the store does not give accounts by id");
    return KAM_OK;
}

/* ---------------------------------------------------------------- money of accounts */

typedef struct seg_money { kam__rates rates; kam_book *book; uint32_t base; kam_error *err; } seg_money;

static int32_t seg_convert_column(kam__gradings *g, seg_money *m, uint32_t col)
{
    for (uint32_t i = 0; i < g->n; i++) {
        const char *code = g->col[KAM__COL_CURRENCY].text[i];
        if (!g->col[col].valid[i] || !code) continue;
        KAM__TRY(kam__rates_convert(&m->rates, m->book, &g->col[col].num[i], kam__rate_code(code, strlen(code)),
                                    m->base, g->as_of, m->err));
    }
    return KAM_OK;
}

/* An account's own amounts are as of the day: so is the rate. */
static int32_t seg_convert(kam__gradings *g, kam_book *book, kam_error *err)
{
    const char *base = kam__schema_base_currency(book->schema);
    seg_money m = { .book = book, .base = kam__rate_code(base, strlen(base)), .err = err };
    if (!g->col[KAM__COL_CURRENCY].text) return KAM_OK;
    KAM__TRY(kam__rates_load(&m.rates, book, err));
    int32_t rc = KAM_OK;
    for (uint32_t i = 0; i < g->scheme->doc.nattr && rc == KAM_OK; i++) {
        uint8_t source = g->scheme->doc.attr[i].source;
        if ((source == KAM__ATTR_FIELD || source == KAM__ATTR_CUSTOM) && g->bound.field[i]->logic == KAM__L_MONEY)
            rc = seg_convert_column(g, &m, i);
    }
    if (rc == KAM_OK && g->col[KAM__COL_POTENTIAL].num) rc = seg_convert_column(g, &m, KAM__COL_POTENTIAL);
    kam__rates_free(&m.rates);
    return rc;
}

/* ---------------------------------------------------------------- facts */

static int32_t seg_read_shown(kam__gradings *g, kam_book *book, uint32_t attr, kam_error *err)
{
    uint32_t kind = 0, subject = 0, value = 0, at = 0;
    kam__imap map;
    int64_t *of = NULL;
    if (!kam__shown_fact(g->bound.field[attr]->id, &kind, &subject, &value))
        return kam__fail(err, KAM_E_UNSUPPORTED, "%s cannot be graded by", g->scheme->doc.attr[attr].name);
    KAM__TRY(kam__read_fact_map(&map, &of, book, kind, g->as_of, err));
    int32_t rc = kam__gradings_column(g, attr, 0, err);
    for (uint32_t i = 0; i < g->n && rc == KAM_OK; i++)
        if (kam__imap_get(&map, g->account[i], &at)) {
            g->col[attr].num[i] = of[at];
            g->col[attr].valid[i] = 1;
        }
    kam__imap_free(&map);
    kam__free(g->ctx, of);
    return rc;
}

static int32_t on_seg_text_fact(void *user, const kam_block *rows)
{
    seg_reading *r = user;
    const kam_col *account = kam__block_col(rows, r->subject), *value = kam__block_col(rows, r->value);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        uint32_t at = 0;
        if (kam__gradings_find(r->g, kam__col_i64(account, i), &at))
            KAM__TRY(seg_text_cell(&r->g->col[r->col].text[at], r->g, value, i, r->err));
    }
    return KAM_OK;
}

static int32_t seg_read_text_fact(seg_reading *r, kam_book *book, uint32_t attr)
{
    const kam__scheme_attr *a = &r->g->scheme->doc.attr[attr];
    int cls = a->source == KAM__ATTR_CLASS;
    uint32_t kind = cls ? KAM_KIND_CLASS : KAM_KIND_GRADE, dimension = cls ? KAM_CLASS_DIMENSION : KAM_GRADE_SCHEME;
    r->subject = cls ? KAM_CLASS_ACCOUNT : KAM_GRADE_ACCOUNT;
    r->value = cls ? KAM_CLASS_CLASS : KAM_GRADE_GRADE;
    r->col = attr;
    KAM__TRY(kam__gradings_column(r->g, attr, 1, r->err));
    kam_pred p;
    kam__pred mem;
    const uint32_t field[] = { KAM_ID, r->subject, r->value };
    kam__pred_text(&p, &mem, kam__kind_field(kam__builtin_kind(kind), dimension), KAM_OP_EQ, a->key, strlen(a->key));
    kam__read q = {.scan = {.kind = kind, .field = field, .nfield = 3, .pred = &p, .npred = 1, .any_order = 1},
                   .as_of = r->g->as_of};
    return kam__read_rows(book, &q, on_seg_text_fact, r, r->err);
}

/* ---------------------------------------------------------------- the whole */

static int32_t seg_read_facts(seg_reading *r, kam_book *book)
{
    const kam__scheme *s = &r->g->scheme->doc;
    for (uint32_t i = 0; i < s->nattr; i++) {
        uint8_t source = s->attr[i].source;
        if (source == KAM__ATTR_FACT) KAM__TRY(seg_read_shown(r->g, book, i, r->err));
        if (source == KAM__ATTR_CLASS || source == KAM__ATTR_GRADE) KAM__TRY(seg_read_text_fact(r, book, i));
    }
    return KAM_OK;
}

/* What counts for another account on the day is graded with that one (R177). */
static int32_t seg_without_codes(seg_reading *r, kam_book *book)
{
    kam__gradings *g = r->g;
    kam__links links;
    uint32_t n = 0;
    KAM__TRY(kam__links_load(&links, book, g->as_of, r->err));
    for (uint32_t i = 0; i < g->n && links.n; i++) {
        if (kam__links_head(&links, g->account[i]) != g->account[i]) continue;
        g->account[n] = g->account[i];
        for (uint32_t k = 0; k < r->n; k++) {
            kam__attr_col *c = &g->col[r->want[k].col];
            if (r->want[k].text) c->text[n] = c->text[i];
            else c->num[n] = c->num[i], c->valid[n] = c->valid[i];
        }
        n++;
    }
    if (links.n) g->n = n;
    kam__links_free(&links);
    return KAM_OK;
}

int32_t kam__gradings_read(kam__gradings *g, kam_book *book, kam_error *err)
{
    seg_reading r = { .g = g, .err = err };
    KAM__TRY(seg_read_accounts(&r, book));
    KAM__TRY(seg_without_codes(&r, book));
    KAM__TRY(seg_convert(g, book, err));
    KAM__TRY(seg_read_facts(&r, book));
    KAM__TRY(kam__gradings_figures(g, book, err));
    return kam__gradings_exprs(g, book, err);
}
