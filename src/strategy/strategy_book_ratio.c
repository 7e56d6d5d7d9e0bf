/*
 * strategy/strategy_book_ratio.c - financial ratios of an account beside its industry's (R68-R70), from FINANCIAL
 * records.
 *
 * Each ratio tells its formula with the figures it came from, or which figure is missing, and the source of the
 * figures. Figures are copied from annual reports, never computed here.
 */
#include "../store/store.h"
#include "strategy_book.h"

typedef struct ratio_work {
    kam_book *b;
    int64_t account;
    kam__rowset *own, *industry;
    uint32_t decimals; /* of the year's currency */
    kam_error *err;
} ratio_work;

static void ratio_figures(kam__annual *f, const kam__rowset *s, uint64_t i)
{
    for (uint32_t k = 0; k < KAM__ANNUAL; k++) {
        f->has[k] = (uint8_t)kam__cell_has(s, i, KAM_FINANCIAL_REVENUE + k);
        f->v[k] = kam__cell_num(s, i, KAM_FINANCIAL_REVENUE + k, 0);
    }
}

static const char *ratio_name(uint32_t field)
{
    return kam__kind_field(kam__builtin_kind(KAM_KIND_FINANCIAL), field)->name;
}

static void ratio_figure_text(kam_buf *b, uint32_t field, const kam__annual *f, uint32_t decimals)
{
    uint32_t k = field - KAM_FINANCIAL_REVENUE;
    kam__buf_str(b, ratio_name(field));
    kam__buf_char(b, ' ');
    if (f->has[k])
        kam__buf_dec(b, f->v[k], decimals);
    else
        kam__buf_str(b, "is not given");
}

static void ratio_text(kam_buf *b, const kam__ratio_form *form, const kam__annual *f, int code, uint32_t decimals)
{
    static const char *const why[] = {"", "", "undefined: ", "too big: "};
    kam__buf_str(b, why[code]);
    ratio_figure_text(b, form->over, f, decimals);
    kam__buf_str(b, " / ");
    ratio_figure_text(b, form->under, f, decimals);
    if (form->times != 1) kam__buf_printf(b, " * %lld days", (long long)form->times);
}

static void ratio_put(const kam__rowset *set, kam__blockbuf *bb, uint32_t field, int64_t v, int has)
{
    if (has) kam__bb_i64(bb, kam__rowset_col(set, field), v);
}

static void ratio_copy(const kam__rowset *set, kam__blockbuf *bb, uint32_t to, const kam__rowset *s, uint64_t i,
                       uint32_t from)
{
    size_t len = 0;
    const char *text = kam__cell_text(s, i, from, &len);
    if (len) kam__bb_text(bb, kam__rowset_col(set, to), text, len);
}

/* The industry's figures of a year: row number, or nrow. */
static uint64_t ratio_industry(const ratio_work *w, int64_t year)
{
    uint64_t i = 0;
    while (w->industry && i < w->industry->nrow &&
           (kam__cell_num(w->industry, i, KAM_FINANCIAL_YEAR, 0) != year ||
            kam__cell_has(w->industry, i, KAM_FINANCIAL_ACCOUNT)))
        i++;
    return i;
}

static int32_t ratio_row(kam__rowset *set, const ratio_work *w, uint64_t i, const kam__ratio_form *form)
{
    int64_t year = kam__cell_num(w->own, i, KAM_FINANCIAL_YEAR, 0), v = 0, beside = 0;
    uint64_t k = ratio_industry(w, year);
    kam__annual f, g;
    kam_buf text;
    ratio_figures(&f, w->own, i);
    int code = kam__ratio(&v, form, &f), other = KAM__RATIO_UNKNOWN;
    if (w->industry && k < w->industry->nrow) {
        ratio_figures(&g, w->industry, k);
        other = kam__ratio(&beside, form, &g);
    }
    kam__blockbuf *bb = kam__rowset_row(set, w->err);
    if (!bb) return KAM_E_NOMEM;
    kam__buf_init(&text, w->b->ctx);
    ratio_text(&text, form, &f, code, w->decimals);
    int32_t rc = kam__buf_end(&text, w->err);
    ratio_put(set, bb, KAM_FINANCIAL_RATIO_ACCOUNT, w->account, 1);
    ratio_put(set, bb, KAM_FINANCIAL_RATIO_YEAR, year, 1);
    ratio_put(set, bb, KAM_FINANCIAL_RATIO_MEASURE, form->measure, 1);
    ratio_put(set, bb, KAM_FINANCIAL_RATIO_VALUE, v, code == KAM__RATIO_OK);
    ratio_put(set, bb, KAM_FINANCIAL_RATIO_INDUSTRY, beside, other == KAM__RATIO_OK);
    int both = code == KAM__RATIO_OK && other == KAM__RATIO_OK && beside != INT64_MIN && !kam__add(v, -beside, &beside);
    ratio_put(set, bb, KAM_FINANCIAL_RATIO_DIFFERENCE, beside, both);
    if (rc == KAM_OK)
        kam__bb_text(bb, kam__rowset_col(set, KAM_FINANCIAL_RATIO_TEXT), kam_buf_data(&text), kam_buf_size(&text));
    kam__buf_drop(&text);
    ratio_copy(set, bb, KAM_FINANCIAL_RATIO_ORIGIN, w->own, i, KAM_FINANCIAL_ORIGIN);
    ratio_copy(set, bb, KAM_FINANCIAL_RATIO_PAGE, w->own, i, KAM_FINANCIAL_PAGE);
    return rc == KAM_OK ? kam__rowset_end_row(set, w->err) : rc;
}

/* ---------------------------------------------------------------- reading */

static int32_t ratio_read(kam__rowset **out, kam_book *b, kam_pred *p, kam_error *err)
{
    static const uint32_t order[] = {KAM_FINANCIAL_YEAR};
    kam__read q = {.scan = {.kind = KAM_KIND_FINANCIAL, .pred = p, .npred = 1, .order = order, .norder = 1},
                   .as_of = KAM_TODAY};
    return kam__read_set(out, b, &q, err);
}

static int32_t ratio_load(ratio_work *w)
{
    const kam__kind *k = kam__builtin_kind(KAM_KIND_FINANCIAL);
    kam_record *account = NULL;
    kam_pred p;
    kam__pred mem;
    KAM__TRY(kam__record_new(&account, w->b->schema, KAM_KIND_ACCOUNT, w->err));
    int32_t rc = kam__read_one(account, w->b, w->account, KAM_TODAY, w->err);
    if (rc == KAM_OK) {
        const char *industry = kam_record_text(account, KAM_ACCOUNT_INDUSTRY, NULL);
        w->account = kam__record_num(account, KAM_ID, w->account);
        kam__pred_i64(&p, &mem, kam__kind_field(k, KAM_FINANCIAL_ACCOUNT), KAM_OP_EQ, w->account);
        rc = ratio_read(&w->own, w->b, &p, w->err);
        if (rc == KAM_OK && industry) {
            kam__pred_text(&p, &mem, kam__kind_field(k, KAM_FINANCIAL_INDUSTRY), KAM_OP_EQ, industry, strlen(industry));
            rc = ratio_read(&w->industry, w->b, &p, w->err);
        }
    }
    kam_record_free(account);
    return rc;
}

static uint32_t ratio_decimals(const ratio_work *w, uint64_t i)
{
    char code[4] = "";
    size_t len = 0;
    const char *text = kam__cell_text(w->own, i, KAM_FINANCIAL_CURRENCY, &len);
    if (len == 3) memcpy(code, text, 3);
    int32_t d = kam__schema_decimals(w->b->schema, len == 3 ? code : kam__schema_base_currency(w->b->schema));
    return d > 0 ? (uint32_t)d : 0;
}

static int32_t ratio_make(kam__rowset *set, void *work, kam_error *err)
{
    ratio_work *w = work;
    w->err = err;
    KAM__TRY(ratio_load(w));
    for (uint64_t i = 0; i < w->own->nrow; i++) {
        w->decimals = ratio_decimals(w, i);
        for (size_t k = 0; k < KAM__LEN(kam__ratio_forms); k++) KAM__TRY(ratio_row(set, w, i, &kam__ratio_forms[k]));
    }
    return KAM_OK;
}

int32_t kam_financial_ratios(kam_rows **out, kam_book *book, int64_t account, kam_error *err)
{
    ratio_work w = {.b = book, .account = account};
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    int32_t rc = kam__strategy_rows(out, book, KAM_KIND_FINANCIAL_RATIO, ratio_make, &w, err);
    kam__rowset_drop(w.own);
    kam__rowset_drop(w.industry);
    return rc;
}
