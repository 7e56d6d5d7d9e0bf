/*
 * store/query.c - questions over the records of one kind: conditions, chosen fields, order, a window.
 *
 * Everything is checked when it is added, against the field's own type, so that running has little left to refuse.
 * Values live in an arena as columns of one row, the form in which stores take them. Money is compared in minor units
 * as it is stored: canonical text is read with the decimals of the base currency, and where a kind has a currency
 * field, add a condition on that as well.
 */
#include "query.h"

/* ---------------------------------------------------------------- life */

int32_t kam_query_new(kam_query **out, kam_book *book, uint32_t kind, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    const kam__kind *k = kam__book_kind(book, kind, err);
    if (!k) return KAM_E_INVAL;
    kam_query *q = kam__zalloc(book->ctx, sizeof *q);
    uint32_t *select = kam__alloc(book->ctx, k->nfield * sizeof *select);
    if (!q || !select) {
        kam__free(book->ctx, q);
        kam__free(book->ctx, select);
        return kam__nomem(err);
    }
    kam__ref_init(&q->ref);
    q->ctx = kam__ctx_hold(book->ctx);
    q->book = kam__book_hold(book);
    q->schema = kam__schema_hold(book->schema);
    q->kind = k;
    q->select = select;
    kam__arena_init(&q->arena, q->ctx, 0);
    *out = q;
    return KAM_OK;
}

void kam__query_drop(kam_query *q)
{
    if (!q || !kam__ref_drop(&q->ref)) return;
    kam_ctx *ctx = q->ctx;
    kam__arena_free(&q->arena);
    kam__free(ctx, q->select);
    kam__schema_drop(q->schema);
    kam__book_drop(q->book);
    kam__free(ctx, q);
    kam_ctx_free(ctx);
}

void kam_query_free(kam_query *query) { kam__query_drop(query); }

/* ---------------------------------------------------------------- fields */

/* A virtual field that is no fact of the account (the reason of a change) has no value to ask for. */
static int32_t query_field(const kam__field **out, kam_query *q, uint32_t field, kam_error *err)
{
    uint32_t kind = 0, subject = 0, value = 0;
    if (!q) return kam__null_arg(err, "query");
    KAM__TRY(kam__book_ready(q->book, err));
    const kam__field *f = kam__kind_field(q->kind, field);
    if (!f) {
        kam__fail(err, KAM_E_INVAL, "%s has no field %u; see kam/fields.h", q->kind->name, field);
        kam__err_set(err, KAM_ERR_KIND, q->kind->id);
        kam__err_set(err, KAM_ERR_FIELD, field);
        return KAM_E_INVAL;
    }
    if ((f->flags & KAM__F_VIRTUAL) && !kam__shown_fact(field, &kind, &subject, &value))
        return kam__field_error(
            err, kam__fail(err, KAM_E_UNSUPPORTED, "is kept with the history: query the kind \"change\""), q->kind, f);
    *out = f;
    return KAM_OK;
}

int32_t kam_query_select(kam_query *query, uint32_t field, kam_error *err)
{
    const kam__field *f = NULL;
    KAM__TRY(query_field(&f, query, field, err));
    for (uint32_t i = 0; i < query->nselect; i++)
        if (query->select[i] == field) return KAM_OK;
    query->select[query->nselect++] = field;
    return KAM_OK;
}

/* Behind the id nothing is left to order. */
int32_t kam_query_order(kam_query *query, uint32_t field, uint32_t flags, kam_error *err)
{
    const kam__field *f = NULL;
    KAM__TRY(query_field(&f, query, field, err));
    KAM__TRY(kam__flags(flags, KAM_ORDER_DOWN, "flags of kam_query_order", err));
    for (uint32_t i = 0; i < query->norder; i++)
        if (query->order[i] == field || query->order[i] == KAM_ID) return KAM_OK;
    if (query->norder == QUERY_MAX_ORDER)
        return kam__fail(err, KAM_E_LIMIT, "a query sorts by at most %u fields", QUERY_MAX_ORDER);
    query->order[query->norder] = field;
    query->down[query->norder++] = (flags & KAM_ORDER_DOWN) != 0;
    return KAM_OK;
}

int32_t kam_query_limit(kam_query *query, uint64_t skip, uint64_t limit, kam_error *err)
{
    if (!query) return kam__null_arg(err, "query");
    KAM__TRY(kam__book_ready(query->book, err));
    query->skip = skip;
    query->limit = limit;
    return KAM_OK;
}

/* ---------------------------------------------------------------- conditions */

static int32_t query_new_pred(kam_pred **out, kam_query *q, const kam__field *f, uint32_t op, kam_error *err)
{
    if (op < KAM_OP_EQ || op > KAM_OP_NULL)
        return kam__field_error(err, kam__fail(err, KAM_E_INVAL, "op %u is none of KAM_OP_", op), q->kind, f);
    if (op == KAM_OP_PREFIX && f->type != KAM_T_TEXT)
        return kam__field_error(err, kam__fail(err, KAM_E_TYPE, "only texts have a prefix"), q->kind, f);
    if (q->npred == QUERY_MAX_PRED)
        return kam__fail(err, KAM_E_LIMIT, "a query has at most %u conditions", QUERY_MAX_PRED);
    *out = &q->pred[q->npred];              /* counted when it is whole */
    **out = (kam_pred){ .field = f->id, .op = op };
    return KAM_OK;
}

/* A column of `n` rows of `size` bytes in the arena. */
static int32_t query_column(kam_col **out, void **data, kam_query *q, const kam__field *f, size_t n, size_t size,
                            kam_error *err)
{
    kam_col *col = kam__arena_alloc(&q->arena, sizeof *col);
    *data = n > SIZE_MAX / 16 ? NULL : kam__arena_alloc(&q->arena, n * size);
    if (!col || !*data) return kam__nomem(err);
    memset(col, 0, sizeof *col);
    col->field = f->id;
    col->type = f->type;
    col->data = *data;
    *out = col;
    return KAM_OK;
}

static int32_t query_add_text(kam_query *q, kam_pred *p, const kam__field *f, const char *text, size_t len,
                              kam_error *err)
{
    kam_col *col = NULL;
    void *data = NULL;
    char own[4];
    if (p->op != KAM_OP_PREFIX) KAM__TRY(kam__value_text(&text, &len, own, q->schema, f, err));
    int32_t *off = kam__arena_alloc(&q->arena, 2 * sizeof *off);
    if (!off) return kam__nomem(err);
    KAM__TRY(query_column(&col, &data, q, f, len, 1, err));
    memcpy(data, text, len);
    off[0] = 0;
    off[1] = (int32_t)len;
    col->off = off;
    p->arg = col;
    p->narg = 1;
    q->npred++;
    return KAM_OK;
}

static void query_put(void *data, size_t i, const kam__field *f, int64_t v, double d)
{
    if (f->type == KAM_T_I32) ((int32_t *)data)[i] = (int32_t)v;
    else if (f->type == KAM_T_F64) ((double *)data)[i] = d;
    else ((int64_t *)data)[i] = v;
}

static int32_t query_add_parsed(kam_query *q, kam_pred *p, const kam__field *f, const char *text, size_t len,
                                kam_error *err)
{
    kam_col *col = NULL;
    void *data = NULL;
    int64_t v = 0;
    double d = 0;
    int32_t decimals = f->logic == KAM__L_MONEY ? kam__schema_decimals(q->schema, NULL) : 0;
    if (decimals < 0)
        return kam__fail(err, KAM_E_INVAL, "the book has no base currency: give minor units with kam_query_where_i64");
    KAM__TRY(kam__value_parse(&v, &d, f, (uint32_t)decimals, text, len, err));
    KAM__TRY(query_column(&col, &data, q, f, 1, 8, err));
    query_put(data, 0, f, v, d);
    p->arg = col;
    p->narg = 1;
    q->npred++;
    return KAM_OK;
}

int32_t kam_query_where(kam_query *query, uint32_t field, uint32_t op, const char *value, size_t len, kam_error *err)
{
    const kam__field *f = NULL;
    kam_pred *p = NULL;
    KAM__TRY(query_field(&f, query, field, err));
    KAM__TRY(query_new_pred(&p, query, f, op, err));
    if (op == KAM_OP_IN)
        return kam__field_error(err, kam__fail(err, KAM_E_INVAL, "KAM_OP_IN takes numbers: use kam_query_where_i64"),
                                query->kind, f);
    if (op == KAM_OP_NULL) {
        query->npred++;
        return KAM_OK;
    }
    if (!value) len = 0;
    int32_t rc = kam__text_in(query->ctx, value, &len, err);
    if (rc == KAM_OK && !len)
        rc = kam__fail(err, KAM_E_INVAL, "an empty text is no value: ask for those without one by KAM_OP_NULL");
    else if (rc == KAM_OK && f->type == KAM_T_TEXT) rc = query_add_text(query, p, f, value, len, err);
    else if (rc == KAM_OK) rc = query_add_parsed(query, p, f, value, len, err);
    return rc == KAM_OK || rc == KAM_E_NOMEM ? rc : kam__field_error(err, rc, query->kind, f);
}

/* Numbers outside the field's range are allowed, they just match nothing ("id > 0"), as long as the store's column can
 * hold them. */
static int32_t query_number(int64_t *v, kam_query *q, const kam__field *f, kam_error *err)
{
    if (f->logic == KAM__L_DAY && *v == KAM_TODAY) {
        int32_t today = 0;
        KAM__TRY(kam__book_day(&today, q->book, KAM_TODAY, err));
        *v = today;
    }
    if (f->type != KAM_T_I32 || (*v >= INT32_MIN && *v <= INT32_MAX)) return KAM_OK;
    return kam__fail(err, KAM_E_LIMIT, "%lld does not fit 32 bits", (long long)*v);
}

/* An empty list matches nothing; stores are asked for ids below zero, which they all understand. */
static int32_t query_add_numbers(kam_query *q, kam_pred *p, const kam__field *f, const int64_t *value, size_t n,
                                 kam_error *err)
{
    static const int64_t none[1] = { 0 };
    kam_col *col = NULL;
    void *data = NULL;
    if (!n) {
        f = &q->kind->field[0];
        *p = (kam_pred){ .field = f->id, .op = KAM_OP_LT };
        value = none;
        n = 1;
    }
    KAM__TRY(query_column(&col, &data, q, f, n, 8, err));
    for (size_t i = 0; i < n; i++) {
        int64_t v = value[i];
        KAM__TRY(query_number(&v, q, f, err));
        query_put(data, i, f, v, (double)v);
    }
    p->arg = col;
    p->narg = (uint32_t)n;
    q->npred++;
    return KAM_OK;
}

int32_t kam_query_where_i64(kam_query *query, uint32_t field, uint32_t op, const int64_t *value, size_t nvalue,
                            kam_error *err)
{
    const kam__field *f = NULL;
    kam_pred *p = NULL;
    int32_t rc = KAM_OK;
    KAM__TRY(query_field(&f, query, field, err));
    KAM__TRY(query_new_pred(&p, query, f, op, err));
    if (op == KAM_OP_NULL) {
        query->npred++;
        return KAM_OK;
    }
    if (!value && nvalue) return kam__null_arg(err, "value");
    if (f->type == KAM_T_TEXT) rc = kam__fail(err, KAM_E_TYPE, "is a text, not a number; use kam_query_where");
    else if (op != KAM_OP_IN && nvalue != 1)
        rc = kam__fail(err, KAM_E_INVAL, "takes one value; several go with KAM_OP_IN");
    else if (nvalue > INT32_MAX) rc = kam__fail(err, KAM_E_LIMIT, "takes at most %d values", INT32_MAX);
    else rc = query_add_numbers(query, p, f, value, nvalue, err);
    return rc == KAM_OK || rc == KAM_E_NOMEM ? rc : kam__field_error(err, rc, query->kind, f);
}
