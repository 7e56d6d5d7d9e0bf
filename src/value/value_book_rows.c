/*
 * value/value_book_rows.c - answers of the value room as rows of a computed kind, made within one read transaction.
 */
#include "../store/store.h"
#include "value_book.h"

void kam__value_put(const kam__rowset *set, kam__blockbuf *bb, uint32_t field, int64_t v) {
    kam__bb_i64(bb, kam__rowset_col(set, field), v);
}

void kam__value_put_text(const kam__rowset *set, kam__blockbuf *bb, uint32_t field, const char *text) {
    if (text[0]) kam__bb_text(bb, kam__rowset_col(set, field), text, strlen(text));
}

int32_t kam__value_day(int32_t *day, kam_book *b, kam_error *err) {
    KAM__TRY(kam__book_day(day, b, *day, err));
    if (*day >= -719162 && *day <= 2932896) return KAM_OK;
    return kam__fail(err, KAM_E_INVAL, "as_of must be a day of the years 1 to 9999");
}

int32_t kam__value_rows(kam_rows **out, kam_book *b, uint32_t kind, kam__value_make make, void *work, kam_error *err) {
    kam__rowset *set = NULL;
    kam__call c;
    KAM__TRY(kam__rowset_new(&set, b->schema, kind, NULL, 0, err));
    int32_t rc = kam__txn_enter(&c, b, KAM_BEGIN_READ, err);
    if (rc == KAM_OK) rc = kam__txn_leave(&c, make(set, work, err), err);
    if (rc == KAM_OK) kam__rowset_seal(set);
    if (rc == KAM_OK) rc = kam__rows_of_set(out, b, set, 0, 0, err);
    kam__rowset_drop(set);
    return rc;
}
