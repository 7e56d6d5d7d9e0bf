/**
 * @file kam/query.h
 * @brief Queries: the records of one kind that meet conditions.
 *
 * All conditions must hold. Without kam_query_order() rows come by id; without kam_query_select() with all fields. What
 * the store does not filter, sort or limit itself, the library does.
 *
 * @code
 * int32_t big_in(kam_rows **out, kam_book *book, const char *city, kam_error *err)
 * {
 *     kam_query *q = NULL;
 *     int32_t rc = kam_query_new(&q, book, KAM_KIND_ACCOUNT, err);
 *     if (rc == KAM_OK) rc = kam_query_where(q, KAM_ACCOUNT_CITY, KAM_OP_EQ, city, KAM_NUL, err);
 *     if (rc == KAM_OK) rc = kam_query_where(q, KAM_ACCOUNT_POTENTIAL, KAM_OP_GE, "100000.00", KAM_NUL, err);
 *     if (rc == KAM_OK) rc = kam_query_order(q, KAM_ACCOUNT_POTENTIAL, KAM_ORDER_DOWN, err);
 *     if (rc == KAM_OK) rc = kam_query_limit(q, 0, 20, err);
 *     if (rc == KAM_OK) rc = kam_query_run(out, q, KAM_TODAY, err);
 *     kam_query_free(q);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_QUERY_H
#define KAM_QUERY_H
#include <kam/rows.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** A question over the records of one kind; it only grows, and may be run again and again. */
typedef struct kam_query kam_query;
/** Flags of kam_query_order(). */
enum {
    KAM_ORDER_DOWN = 1                  /**< Largest first. */
};

/**
 * Starts a query over the records of one stored kind.
 * @param[out] out     The new query; end it with kam_query_free().
 * @param[in] book     Where to ask; held. On a kam_book_known() book the answer is what was known then.
 * @param[in] kind     A stored KAM_KIND_ (below 200).
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no stored kind); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_query_new(kam_query **out, kam_book *book, uint32_t kind, kam_error *err);
/**
 * Ends a query; rows it gave live on.
 * @param[in] query  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_query_free(kam_query *query);
/**
 * Adds a condition: field op value. Text is compared byte by byte. Money is read with the decimals of the book's base
 * currency and compared in minor units: where a kind has a currency field, add a condition on that too. On accounts,
 * owner, tier and lifecycle are the facts in force on the day asked for.
 * @param[in,out] query  The query; unchanged on failure.
 * @param[in] field      Field id.
 * @param[in] op         A KAM_OP_, but #KAM_OP_IN (see kam_query_where_i64()).
 * @param[in] value      Canonical text, UTF-8, copied; #KAM_OP_NULL takes none.
 * @param[in] len        Its length in bytes, or #KAM_NUL.
 * @param[in,out] err    May be NULL.
 * @return KAM_OK; KAM_E_INVAL (not a field of the kind, an operator that does not go, an empty value, money in a book
 *         without base currency); KAM_E_TYPE (a prefix of what is no text); KAM_E_PARSE (not a value of the field);
 *         KAM_E_UTF8; KAM_E_LIMIT (the 49th condition, or a value outside what the field holds); KAM_E_UNSUPPORTED (a
 *         field that is kept with the history only); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_query_where(kam_query *query, uint32_t field, uint32_t op, const char *value, size_t len, kam_error *err);
/**
 * Adds a condition with whole numbers in the field's unit.
 * @param[in,out] query  The query; unchanged on failure.
 * @param[in] field      Id of a field that is no text.
 * @param[in] op         A KAM_OP_.
 * @param[in] value      The numbers, copied; for a day #KAM_TODAY is today. Numbers no field can hold match nothing.
 * @param[in] nvalue     How many: 1; any number with #KAM_OP_IN (0 matches nothing); not looked at with #KAM_OP_NULL.
 * @param[in,out] err    May be NULL.
 * @return KAM_OK; KAM_E_INVAL (as kam_query_where(), or several numbers without IN); KAM_E_TYPE (the field is a text);
 *         KAM_E_LIMIT (the 49th condition, or a number that does not fit the field's 32 bits); KAM_E_UNSUPPORTED; or a
 *         code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_query_where_i64(kam_query *query, uint32_t field, uint32_t op, const int64_t *value, size_t nvalue,
                            kam_error *err);
/**
 * Adds a field to the answer, once; fields come in the order they were added.
 * @param[in,out] query  The query; unchanged on failure.
 * @param[in] field      Field id.
 * @param[in,out] err    May be NULL.
 * @return KAM_OK; KAM_E_INVAL (not a field of the kind); KAM_E_UNSUPPORTED (a field that is kept with the history
 *         only); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_query_select(kam_query *query, uint32_t field, kam_error *err);
/**
 * Adds a sort field; the first added sorts first. Text goes by the context's collate callback, else by bytes; ties go
 * by id; records without a value come last either way.
 * @param[in,out] query  The query; unchanged on failure.
 * @param[in] field      Field id; one already there, or behind KAM_ID, adds nothing.
 * @param[in] flags      0 or #KAM_ORDER_DOWN.
 * @param[in,out] err    May be NULL.
 * @return KAM_OK; KAM_E_INVAL (not a field of the kind, an unknown flag); KAM_E_LIMIT (the 17th sort field);
 *         KAM_E_UNSUPPORTED (a field that is kept with the history only); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_query_order(kam_query *query, uint32_t field, uint32_t flags, kam_error *err);
/**
 * Leaves out the first rows and gives at most so many; the last call counts.
 * @param[in,out] query  The query.
 * @param[in] skip       Rows to leave out.
 * @param[in] limit      Rows to give then; 0 = all.
 * @param[in,out] err    May be NULL.
 * @return KAM_OK or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_query_limit(kam_query *query, uint64_t skip, uint64_t limit, kam_error *err);
/**
 * Runs a query; it can be run again. Deleted entities, facts no longer believed and corrected events are left out.
 * @param[out] out       The rows; end them with kam_rows_free(). They keep to the conditions the query had when it was
 *         run.
 * @param[in,out] query  The query.
 * @param[in] as_of      The day: entities as they stood at its end, facts in force on it, events up to it. #KAM_TODAY:
 *         entities as they stand, facts in force today, events of any day, planned ones too.
 * @param[in,out] err    May be NULL.
 * @return KAM_OK; what the context's collate callback answers when it refuses a text; KAM_E_CANCELLED; or a code of any
 *         call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_query_run(kam_rows **out, kam_query *query, int32_t as_of, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
