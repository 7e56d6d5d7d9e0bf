/*
 * value/ledger_block.c - LEDGER blocks, as a store hands them over, to the plain columns the accumulators take.
 *
 * A column of the right type without NULLs is lent as it is; any other is converted (NULL becomes 0). Order texts
 * become keys.
 */
#include "value.h"

/* The block's column of a field; *out NULL where it has none. */
static int32_t ledger_column(const kam_col **out, const kam_block *b, uint32_t field, uint8_t type, const char *name,
                                kam_error *err) {
    *out = kam__block_col(b, field);
    if (!*out || (*out)->type == type) return KAM_OK;
    (void)kam__fail(err, KAM_E_SCHEMA, "ledger block: column %s has type %u, must be %u", name, (unsigned)(*out)->type,
                    (unsigned)type);
    kam__err_set(err, KAM_ERR_FIELD, field);
    return KAM_E_SCHEMA;
}

static int32_t ledger_wide(const int64_t **out, kam__arena *a, const kam_block *b, uint32_t field, const char *name,
                           kam_error *err) {
    const kam_col *c;
    *out = NULL;
    KAM__TRY(ledger_column(&c, b, field, KAM_T_I64, name, err));
    if (c && !c->valid) *out = c->data;
    if (!c || *out) return KAM_OK;
    int64_t *v = kam__arena_alloc(a, ((size_t)b->nrow + 1) * sizeof *v);
    if (!v) return kam__nomem(err);
    for (uint32_t i = 0; i < b->nrow; i++) v[i] = kam__col_i64(c, i);
    *out = v;
    return KAM_OK;
}

static int32_t block_column_i32(const int32_t **out, kam__arena *a, const kam_block *b, uint32_t field, const char *name,
                                kam_error *err) {
    const kam_col *c;
    *out = NULL;
    KAM__TRY(ledger_column(&c, b, field, KAM_T_I32, name, err));
    if (c && !c->valid) *out = c->data;
    if (!c || *out) return KAM_OK;
    int32_t *v = kam__arena_alloc(a, ((size_t)b->nrow + 1) * sizeof *v);
    if (!v) return kam__nomem(err);
    for (uint32_t i = 0; i < b->nrow; i++) v[i] = (int32_t)kam__col_i64(c, i);
    *out = v;
    return KAM_OK;
}

static int32_t ledger_orders(const uint64_t **out, kam__arena *a, const kam_block *b, kam_error *err) {
    const kam_col *c;
    *out = NULL;
    KAM__TRY(ledger_column(&c, b, KAM_LEDGER_ORDER, KAM_T_TEXT, "order", err));
    if (!c) return KAM_OK;
    uint64_t *v = kam__arena_alloc(a, ((size_t)b->nrow + 1) * sizeof *v);
    if (!v) return kam__nomem(err);
    for (uint32_t i = 0; i < b->nrow; i++) {
        size_t len;
        const char *text = kam__col_text(c, i, &len);
        v[i] = kam__order_key(text, len);
    }
    *out = v;
    return KAM_OK;
}

int32_t kam__ledger_rows_of(kam__ledger_rows *out, kam__arena *a, const kam_block *b, kam_error *err) {
    kam__ledger_rows rows = {.n = b->nrow};
    KAM__TRY(ledger_wide(&rows.account, a, b, KAM_LEDGER_ACCOUNT, "account", err));
    KAM__TRY(block_column_i32(&rows.day, a, b, KAM_LEDGER_DAY, "day", err));
    KAM__TRY(block_column_i32(&rows.event, a, b, KAM_LEDGER_EVENT, "event", err));
    KAM__TRY(ledger_wide(&rows.amount, a, b, KAM_LEDGER_AMOUNT, "amount", err));
    KAM__TRY(ledger_orders(&rows.order, a, b, err));
    KAM__TRY(ledger_wide(&rows.cost, a, b, KAM_LEDGER_COST, "cost", err));
    KAM__TRY(block_column_i32(&rows.cost_kind, a, b, KAM_LEDGER_COST_KIND, "cost_kind", err));
    KAM__TRY(ledger_wide(&rows.end_account, a, b, KAM_LEDGER_END_ACCOUNT, "end_account", err));
    KAM__TRY(ledger_wide(&rows.product, a, b, KAM_LEDGER_PRODUCT, "product", err));
    if (!rows.account || !rows.day || !rows.event || !rows.amount)
        return kam__fail(err, KAM_E_SCHEMA, "ledger block: account, day, event and amount are needed, %s is missing",
                         !rows.account ? "account" : !rows.day ? "day" : !rows.event ? "event" : "amount");
    *out = rows;
    return KAM_OK;
}
