/*
 * segment/segment_book_rule.h - expressions over a book, and in explanations. Files include store/store.h first.
 */
#ifndef KAM__SEGMENT_BOOK_RULE_H
#define KAM__SEGMENT_BOOK_RULE_H
#include "../rule/cel.h"

/** A REASON for each part of the rule of KAM_RULE_TRACE that `work` evaluated last: see kam_rule_why(). */
int32_t kam__why_parts(kam_why *why, const kam_rule *rule, const kam_work *work, kam_error *err);
/** Which attributes rules read, for kam__attributes_ask; in the arena. POLICY: one of a book without that field. */
int32_t kam__rules_want(uint8_t **out, kam_rule *const *rule, uint32_t n, const kam__schema *schema, kam__arena *arena,
                        kam_error *err);
#endif
