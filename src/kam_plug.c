/*
 * kam_plug.c - what the rooms above plug into the book: the check of each policy kind, and how stored runs of a kind
 * are explained and undone. A kind that stands here in no row is UNSUPPORTED. The built-in documents are in
 * kam_builtin.c.
 */
#include "store/store.h"
#include "segment/segment.h"
#include "rule/rule.h"
#include "rule/dtable.h"
#include "segment/segment_book.h"
#include "segment/segment_book_score.h"
#include "segment/segment_book_member.h"
#include "value/value_book.h"
#include "visit/visit.h"
#include "strategy/strategy_book.h"

const kam__policy_plug kam__policy_plugs[] = {
    { KAM_POLICY_SCHEME, kam__scheme_check },
    { KAM_POLICY_SCORECARD, kam__card_check },
    { KAM_POLICY_SEGMENT, kam__segment_check },
    { KAM_POLICY_CADENCE, kam__cadence_check },
    { KAM_POLICY_MAPPING, kam__mapping_check },
    { KAM_POLICY_DTABLE, kam__dtable_check },
    { 0, NULL },
};

const kam__run_plug kam__run_plugs[] = {
    { KAM_RUN_KIND_GRADING, &kam__grading_run_ops },
    { KAM_RUN_KIND_SCORING, &kam__scoring_run_ops },
    { KAM_RUN_KIND_SEGMENT, &kam__member_run_ops },
    { KAM_RUN_KIND_UNDO, &kam__undo_run_ops },
    { KAM_RUN_KIND_VALUE, &kam__value_run_ops },
    { KAM_RUN_KIND_CLV, &kam__clv_run_ops },
    { KAM_RUN_KIND_PLAN, &kam__plan_run_ops },
    { KAM_RUN_KIND_ACCOUNT_PLAN, &kam__account_plan_run_ops },
    { 0, NULL },
};
