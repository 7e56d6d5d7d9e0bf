/*
 * kam/query.h - All conditions must hold. Without kam_query_order rows come by id; without kam_query_select with all fields.
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

typedef struct kam_query kam_query;
enum { KAM_ORDER_DOWN = 1 };

/** Starts a query over the records of one stored kind, or over ATTRIBUTES (accounts with their figures). [B, 0.1] */
int32_t kam_query_new(kam_query **out, kam_book *book, uint32_t kind, kam_error *err);
/** Ends it; rows it gave live on. [B, 0.1] */
void kam_query_free(kam_query *query);
/** field op value, the value as canonical text; KAM_OP_NULL takes none; KAM_OP_IN is refused. PARSE. [B, 0.1] */
int32_t kam_query_where(kam_query *query, uint32_t field, uint32_t op, const char *value, size_t len, kam_error *err);
/** The same with whole numbers; several of them with KAM_OP_IN. TYPE. [B, 0.1] */
int32_t kam_query_where_i64(kam_query *query, uint32_t field, uint32_t op, const int64_t *value, size_t nvalue, kam_error *err);
/** Adds a field to the answer. [B, 0.1] */
int32_t kam_query_select(kam_query *query, uint32_t field, kam_error *err);
/** Adds a sort field, flags KAM_ORDER_; text by ctx.collate; ties by id; no value last. [B, 0.1] */
int32_t kam_query_order(kam_query *query, uint32_t field, uint32_t flags, kam_error *err);
/** Leaves out `skip` rows, then gives at most `limit`; 0 = all. [B, 0.1] */
int32_t kam_query_limit(kam_query *query, uint64_t skip, uint64_t limit, kam_error *err);
/** Runs it as of a day; run it as often as wanted. [B, 0.1] */
int32_t kam_query_run(kam_rows **out, kam_query *query, int32_t as_of, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
