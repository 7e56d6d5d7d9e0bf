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
enum { KAM__SEGMENT_NO = 0, KAM__SEGMENT_YES = 1, KAM__SEGMENT_UNKNOWN = 2 };
/** UNKNOWN: the condition fails, for a value it needs is missing; err tells which. */
int32_t kam__segment_ask(int *out, const kam_segment *s, kam_work *work, const kam_record *attributes, kam_error *err);
/** Which attributes it reads, for kam__attributes_ask. In the arena. */
int32_t kam__segment_wants(uint8_t **out, const kam_segment *s, const kam__schema *schema, kam__arena *arena,
                           kam_error *err);

extern const kam__run_ops kam__member_run_ops;

#endif
