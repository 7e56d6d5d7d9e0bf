/*
 * store/import_total.c - control totals: what an import of ledger events took in, by month, company, currency and event,
 * to be held against the ERP's own figures before anything is committed.
 *
 * A row counts when it was not rejected, whether it is new, changed or there already: the sums are those of the file.
 * Amounts are read as they will be stored, at the decimals of their currency.
 */
#include "import.h"

typedef struct import_total { int32_t month, event; uint32_t company_len; char currency[4]; const char *company;
                              uint64_t rows; kam__sum amount; } import_total;

struct import_totals {
    kam__tmap at;                           /* month, event, currency, company -> place */
    kam__arena text;
    import_total *total; size_t n, cap;
    uint32_t day, event, amount, currency, company;     /* slots of the group's plan */
};

static uint32_t total_slot(const kam_import *imp, uint32_t field)
{
    for (uint32_t i = 0; i < imp->nslot; i++)
        if (imp->slot[i].field->id == field) return i;
    return IMPORT_NONE;
}

int32_t kam__import_total_start(kam_import *imp, kam_error *err)
{
    if (imp->kind->id != KAM_KIND_LEDGER) return KAM_OK;
    struct import_totals *t = imp->totals;
    if (!t) {
        t = imp->totals = kam__zalloc(imp->ctx, sizeof *t);
        if (!t) return kam__nomem(err);
        kam__tmap_init(&t->at, imp->ctx);
        kam__arena_init(&t->text, imp->ctx, 0);
    }
    t->day = total_slot(imp, KAM_LEDGER_DAY);
    t->event = total_slot(imp, KAM_LEDGER_EVENT);
    t->amount = total_slot(imp, KAM_LEDGER_AMOUNT);
    t->currency = total_slot(imp, KAM_LEDGER_CURRENCY);
    t->company = total_slot(imp, KAM_LEDGER_COMPANY);
    return KAM_OK;
}

static int64_t total_number(const kam_import *imp, uint32_t row, uint32_t slot, int64_t if_none)
{
    if (slot == IMPORT_NONE) return if_none;
    const import_cell *c = &imp->cell[(size_t)row * imp->nslot + slot];
    return c->state == IMPORT_NUMBER ? c->v.i : if_none;
}

static const char *total_text(const kam_import *imp, uint32_t row, uint32_t slot, size_t *len)
{
    *len = 0;
    if (slot == IMPORT_NONE || imp->cell[(size_t)row * imp->nslot + slot].state != IMPORT_TEXT_AT) return "";
    return kam__import_slot_text(imp, row, slot, len);
}

/* The row's currency: as the file says, as it is stored, or the book's. */
static void total_currency(char out[4], const kam_import *imp, uint32_t row, const struct import_totals *t)
{
    size_t len = 0;
    const char *text = total_text(imp, row, t->currency, &len);
    memset(out, 0, 4);
    if (len && len < 4) memcpy(out, text, len);
    else if (imp->row[row].currency[0]) memcpy(out, imp->row[row].currency, 3);
    else memcpy(out, kam__schema_base_currency(imp->schema), strlen(kam__schema_base_currency(imp->schema)));
}

static int32_t total_place(import_total **out, struct import_totals *t, const import_total *key, kam_ctx *ctx,
                           kam_error *err)
{
    kam_buf b;
    uint32_t at = 0;
    kam__buf_init(&b, ctx);
    kam__buf_put(&b, &key->month, sizeof key->month);
    kam__buf_put(&b, &key->event, sizeof key->event);
    kam__buf_put(&b, key->currency, sizeof key->currency);
    kam__buf_put(&b, key->company, key->company_len);
    int32_t rc = kam__buf_end(&b, err);
    if (rc == KAM_OK && !kam__tmap_get(&t->at, b.data, b.size, &at)) {
        at = (uint32_t)t->n;
        rc = kam__grow(ctx, &t->total, &t->cap, t->n + 1, sizeof *t->total, err);
        const char *company = rc == KAM_OK ? kam__arena_text(&t->text, key->company, key->company_len) : NULL;
        if (rc == KAM_OK && !company) rc = kam__nomem(err);
        if (rc == KAM_OK) rc = kam__tmap_put(&t->at, b.data, b.size, at, err);
        if (rc == KAM_OK) {
            t->total[t->n] = *key;
            t->total[t->n++].company = company;
        }
    }
    kam__buf_drop(&b);
    if (rc == KAM_OK) *out = &t->total[at];
    return rc;
}

static void total_add(const kam_import *imp, import_total *to, uint32_t row, uint32_t slot)
{
    int32_t decimals = kam__schema_decimals(imp->schema, to->currency);
    int64_t v = 0;
    to->rows++;
    if (slot == IMPORT_NONE || decimals < 0) return;
    const import_cell *c = &imp->cell[(size_t)row * imp->nslot + slot];
    if (c->state == IMPORT_NUMBER) v = c->v.i;
    else if (c->state != IMPORT_MONEY
             || kam__rescale(c->v.i, c->scale, (uint32_t)decimals, KAM__HALF_AWAY, &v))
        return;
    kam__sum_add(&to->amount, v);
}

int32_t kam__import_total_row(kam_import *imp, uint32_t row, kam_error *err)
{
    import_total key, *to = NULL;
    size_t len = 0;
    if (imp->kind->id != KAM_KIND_LEDGER) return KAM_OK;
    memset(&key, 0, sizeof key);
    const struct import_totals *t = imp->totals;
    int64_t day = total_number(imp, row, t->day, KAM_DAY_FIRST);
    key.month = day == KAM_DAY_FIRST ? KAM_DAY_FIRST : kam__month_start((int32_t)day);
    key.event = (int32_t)total_number(imp, row, t->event, 0);
    total_currency(key.currency, imp, row, t);
    key.company = total_text(imp, row, t->company, &len);
    key.company_len = (uint32_t)len;
    KAM__TRY(total_place(&to, imp->totals, &key, imp->ctx, err));
    total_add(imp, to, row, t->amount);
    return KAM_OK;
}

void kam__import_total_free(kam_import *imp)
{
    struct import_totals *t = imp->totals;
    if (!t) return;
    kam__tmap_free(&t->at);
    kam__arena_free(&t->text);
    kam__free(imp->ctx, t->total);
    kam__free(imp->ctx, t);
}

/* ---------------------------------------------------------------- the answer */

static int total_compare(const void *a, const void *b, void *arg)
{
    const import_total *x = a, *y = b;
    (void)arg;
    if (x->month != y->month) return x->month < y->month ? -1 : 1;
    int d = kam__text_cmp(x->company, x->company_len, y->company, y->company_len);
    if (!d) d = strcmp(x->currency, y->currency);
    return d ? d : (x->event > y->event) - (x->event < y->event);
}

static int32_t total_row(kam__rowset *set, const import_total *t, kam_error *err)
{
    int64_t amount = 0;
    kam__blockbuf *b = kam__rowset_row(set, err);
    if (!b) return KAM_E_NOMEM;
    if (kam__sum_get(&t->amount, &amount)) return kam__fail(err, KAM_E_LIMIT, "a control total is too big");
    if (t->month != KAM_DAY_FIRST) kam__bb_i64(b, 0, t->month);
    if (t->company_len) kam__bb_text(b, 1, t->company, t->company_len);
    if (t->currency[0]) kam__bb_text(b, 2, t->currency, KAM_NUL);
    if (t->event) kam__bb_i64(b, 3, t->event);
    kam__bb_i64(b, 4, (int64_t)t->rows);
    kam__bb_i64(b, 5, amount);
    return kam__rowset_end_row(set, err);
}

int32_t kam_import_totals(kam_rows **out, kam_import *imp, kam_error *err)
{
    static const uint32_t field[] = { KAM_IMPORT_TOTAL_MONTH, KAM_IMPORT_TOTAL_COMPANY, KAM_IMPORT_TOTAL_CURRENCY,
                                      KAM_IMPORT_TOTAL_EVENT, KAM_IMPORT_TOTAL_ROWS, KAM_IMPORT_TOTAL_AMOUNT };
    kam__rowset *set = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!imp) return kam__null_arg(err, "imp");
    struct import_totals *t = imp->totals;
    KAM__TRY(kam__rowset_new(&set, imp->schema, KAM_KIND_IMPORT_TOTAL, field, KAM__LEN(field), err));
    import_total *sorted = kam__zalloc_n(imp->ctx, (t ? t->n : 0) + 1, sizeof *sorted);
    int32_t rc = sorted ? KAM_OK : kam__nomem(err);
    if (rc == KAM_OK && t && t->n) {
        memcpy(sorted, t->total, t->n * sizeof *sorted);
        rc = kam__sort(imp->ctx, sorted, t->n, sizeof *sorted, total_compare, NULL, err);
        for (size_t i = 0; i < t->n && rc == KAM_OK; i++) rc = total_row(set, &sorted[i], err);
    }
    kam__free(imp->ctx, sorted);
    kam__rowset_seal(set);
    if (rc == KAM_OK) rc = kam__rows_of_set(out, imp->book, set, 0, 0, err);
    kam__rowset_drop(set);
    return rc;
}
