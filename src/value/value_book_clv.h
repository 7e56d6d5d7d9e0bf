/*
 * value/value_book_clv.h - lifetime value over a book, for the two files that make it. They include store/store.h first.
 */
#ifndef KAM__VALUE_BOOK_CLV_H
#define KAM__VALUE_BOOK_CLV_H
#include "clv.h"
#include "value_book.h"

#define KAM__CLV_MONTH_DAYS 30.415                  /* 4.345 weeks */

/** The purchases of a settled scope as the fit wants them; amounts in its currency. The caller's kam_purchases_free. */
int32_t kam__clv_purchases(kam_purchases **out, kam_book *b, const kam__value_scope *scope, uint32_t unit,
                           kam_error *err);
/** kam_clv_run() with another room for the parts it reads the ledger in. */
int32_t kam__clv_run(kam_run **out, kam_book *b, const kam_clv_options *options, int32_t as_of, uint64_t room,
                     kam_error *err);
/** Sales and returns of ledger rows to a kam_purchases: a kam__value_take. */
int32_t kam__clv_feed(void *purchases, const kam__ledger_rows *rows, kam_error *err);
/** A mean in minor units, rounded half up. LIMIT. */
int32_t kam__clv_minor(int64_t *out, double v, uint32_t decimals, kam_error *err);

#endif
