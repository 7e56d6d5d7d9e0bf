/*
 * segment/segment_book_member.h - segments: a saved condition in CEL over ATTRIBUTES, and its members on a day. Files
 * include store/store.h first.
 */
#ifndef KAM__SEGMENT_BOOK_MEMBER_H
#define KAM__SEGMENT_BOOK_MEMBER_H
#include "../rule/cel.h"
#include <kam/segment.h>

struct kam_segment {
    kam__ref ref; kam_ctx *ctx;             /* held */
    kam__policy policy;                     /* id 0: not of a book */
    kam_rule *rule;
};
int32_t kam__segment_of_policy(kam_segment **out, kam_ctx *ctx, kam__policy *policy,
                               kam_error *err);                       /* takes policy over */
/** The check of a policy of kind SEGMENT. */
int32_t kam__segment_check(kam_ctx *ctx, const kam__json *body, kam_error *err);
/** Its condition with notes of its parts; the caller frees it. */
int32_t kam__segment_traced(kam_rule **out, const kam_segment *s, kam_error *err);

extern const kam__run_ops kam__member_run_ops;

#endif
