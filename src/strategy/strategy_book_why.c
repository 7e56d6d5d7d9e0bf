/*
 * strategy/strategy_book_why.c - a run of the plan monitor afterwards: stored, read back, explained.
 */
#include "../store/store.h"
#include "strategy_book.h"

static int32_t aplan_apply(kam_run *run, kam_error *err)
{
    const kam__rowset *set = kam__run_list(run, KAM_KIND_PLAN_RESULT);
    return kam__insert_set(run->book, set, KAM_PLAN_RESULT_RUN, kam__record_num(run->record, KAM_ID, 0), err);
}

static int32_t aplan_load(kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err)
{
    if (kind != KAM_KIND_PLAN_RESULT)
        return kam__fail(err, KAM_E_NOT_FOUND, "a run of an account plan has a list of PLAN_RESULT only");
    return kam__strategy_read(out, run->book, kind, KAM_PLAN_RESULT_RUN, kam__record_num(run->record, KAM_ID, 0),
                              KAM_TODAY, err);
}

/* "2026 purchases: 900 of 1000 wanted", in both languages. */
static int32_t aplan_reason(kam_why *why, kam_record *row, kam_error *err)
{
    static const char *const name[][3] = {{"PURCHASES", "purchases", "购买情况"},
                                          {"CONTRIBUTION", "contribution", "利润贡献"},
                                          {"SATISFACTION", "satisfaction", "满意度"},
                                          {"MARKET_SHARE", "share of its purchases", "市场份额"},
                                          {"COOPERATION", "results of cooperation", "合作成果"}};
    const char *const *n = name[kam__record_num(row, KAM_PLAN_RESULT_MEASURE, 1) - 1];
    const char *actual = kam_record_text(row, KAM_PLAN_RESULT_ACTUAL, NULL);
    const char *target = kam_record_text(row, KAM_PLAN_RESULT_TARGET, "");
    int ended = (int)kam__record_num(row, KAM_PLAN_RESULT_COMPLETE, 0);
    int64_t share = kam__record_num(row, KAM_PLAN_RESULT_ATTAINED, 0);
    long long year = (long long)kam__record_num(row, KAM_PLAN_RESULT_YEAR, 0);
    const char *code = !actual ? "NOT_KNOWN" : kam__record_num(row, KAM_PLAN_RESULT_MET, 0) ? "MET" : "SHORT";
    kam_buf en, zh;
    kam__buf_init(&en, why->ctx);
    kam__buf_init(&zh, why->ctx);
    kam__buf_printf(&en, "%lld %s: %s of %s wanted%s", year, n[1], actual ? actual : "not known,", target,
                    ended ? "" : ", the year has not ended");
    kam__buf_printf(&zh, "%lld年%s：%s，目标%s%s", year, n[2], actual ? actual : "未知", target,
                    ended ? "" : "，年度未结束");
    int32_t rc = kam__buf_end(&en, err);
    if (rc == KAM_OK) rc = kam__buf_end(&zh, err);
    if (rc == KAM_OK)
        rc = kam__why_add_points(why, n[0], actual, target, NULL,
                                 kam__record_has(row, KAM_PLAN_RESULT_ATTAINED) ? &share : NULL, code,
                                 kam_buf_data(&en), kam_buf_data(&zh), err);
    kam__buf_drop(&en);
    kam__buf_drop(&zh);
    return rc;
}

static int32_t aplan_verdict(kam_why *why, const kam_run *run, int64_t account, kam_error *err)
{
    kam_record *v = why->verdict;
    int64_t id = kam__record_num(run->record, KAM_ID, 0);
    kam__record_put_num(v, KAM_VERDICT_SUBJECT, account);
    kam__record_put_num(v, KAM_VERDICT_AS_OF, kam__record_num(run->record, KAM_RUN_AS_OF, 0));
    kam__record_put_num(v, KAM_VERDICT_KNOWN, kam__record_num(run->record, KAM_RUN_KNOWN, 0));
    kam__record_put_num(v, KAM_VERDICT_FLAGS, 0);
    if (id) kam__record_put_num(v, KAM_VERDICT_RUN, id);
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_KIND, "account plan", err));
    return kam__record_put_str(v, KAM_VERDICT_RESULT, kam_record_text(run->record, KAM_RUN_COUNTS, "{}"), err);
}

/* Every row is of the plan's one account. */
static int32_t aplan_rows(kam_why *why, const kam__rowset *set, int64_t account, kam_error *err)
{
    kam_record *row = NULL;
    KAM__TRY(kam__record_new(&row, set->schema, KAM_KIND_PLAN_RESULT, err));
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < set->nrow && rc == KAM_OK; i++) {
        const kam__blockbuf *bb = NULL;
        uint32_t at = 0;
        kam__rowset_at(set, i, &bb, &at);
        kam_block view = {.struct_size = sizeof view, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view};
        rc = kam__record_load(row, &view, at, err);
        if (rc == KAM_OK && kam__record_num(row, KAM_PLAN_RESULT_ACCOUNT, 0) != account)
            rc = kam__fail(err, KAM_E_NOT_FOUND, "this run is about the plan of account %lld, not of %lld",
                           (long long)kam__record_num(row, KAM_PLAN_RESULT_ACCOUNT, 0), (long long)account);
        if (rc == KAM_OK) rc = aplan_reason(why, row, err);
    }
    kam_record_free(row);
    return rc;
}

static int32_t aplan_why(kam_why **out, kam_run *run, int64_t id, kam_error *err)
{
    kam_why *why = NULL;
    kam__rowset *set = NULL;
    if (!kam__run_list(run, KAM_KIND_PLAN_RESULT)) {
        KAM__TRY(aplan_load(&set, run, KAM_KIND_PLAN_RESULT, err));
        KAM__TRY(kam__run_add_list(run, set, err));
    }
    KAM__TRY(kam__why_new(&why, run->book, err));
    int32_t rc = aplan_verdict(why, run, id, err);
    if (rc == KAM_OK) rc = aplan_rows(why, kam__run_list(run, KAM_KIND_PLAN_RESULT), id, err);
    if (rc == KAM_OK)
        *out = why;
    else
        kam_why_free(why);
    return rc;
}

static void aplan_free(kam_ctx *ctx, void *self) { (void)ctx, (void)self; }

const kam__run_ops kam__account_plan_run_ops = {aplan_apply, aplan_why, aplan_load, NULL, aplan_free};
