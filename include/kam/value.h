/*
 * kam/value.h - What accounts are worth, from the ledger. Shares are measured, never assumed.
 */
#ifndef KAM_VALUE_H
#define KAM_VALUE_H
#include <kam/run.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

typedef struct kam_value_options {
    uint32_t struct_size, flags;        /* flags: 0 */
    int32_t from, to;                   /* 0, 0 = the twelve months before as_of */
    int64_t share_a, share_b;           /* ABC cuts, 10^-4: 8000, 9500; both cut rules and both RFM tie rules are always returned */
    const char *currency;               /* of sums, by the book's RATE records; NULL = base */
} kam_value_options;

/** Values every account. Rows ACCOUNT_VALUE, most revenue first (revenue, contribution, cum_share, abc, rfm ...); the RUN record
 *  carries Gini, HHI, top shares and cut points. POLICY: a rate is missing. [B, 0.1] */
int32_t kam_value_run(kam_run **out, kam_book *book, const kam_value_options *options, int32_t as_of, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
