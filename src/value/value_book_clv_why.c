/*
 * value/value_book_clv_why.c - a lifetime value run afterwards: stored, read back, and explained.
 *
 * An explanation has what was seen of the account (x, tx, t, mean), the model with its status and parameters as the run
 * keeps them, and what follows: the probability that it still buys, the expected purchases, their value. Of a stored run
 * it is told whether the ledger has other purchases of the account today.
 */
#include "../store/store.h"
#include "value_book_clv.h"
#include <stdio.h>

static int32_t cwhy_apply(kam_run *run, kam_error *err) {
    const kam__rowset *set = kam__run_list(run, KAM_KIND_ACCOUNT_CLV);
    return kam__insert_set(run->book, set, KAM_ACCOUNT_CLV_RUN, kam__record_num(run->record, KAM_ID, 0), err);
}

static int32_t cwhy_load(kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err) {
    static const uint32_t order[] = {KAM_ACCOUNT_CLV_RANK};
    kam_pred p;
    kam__pred mem;
    if (kind != KAM_KIND_ACCOUNT_CLV)
        return kam__fail(err, KAM_E_NOT_FOUND, "a lifetime value run has a list of ACCOUNT_CLV only");
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), KAM_ACCOUNT_CLV_RUN), KAM_OP_EQ,
                  kam__record_num(run->record, KAM_ID, 0));
    kam__read q = {.scan = {.kind = kind, .pred = &p, .npred = 1, .order = order, .norder = 1}, .as_of = KAM_TODAY};
    return kam__read_set(out, run->book, &q, err);
}

/* ---------------------------------------------------------------- reasons */

typedef struct cwhy_line {
    uint32_t field;
    const char *code, *en, *zh;
} cwhy_line;

static const cwhy_line cwhy_seen[] = {
    {KAM_ACCOUNT_CLV_X, "X", "repeat purchases", "重复购买次数"},
    {KAM_ACCOUNT_CLV_TX, "TX", "time from the first to the last purchase", "首次到末次购买的时长"},
    {KAM_ACCOUNT_CLV_T, "T", "time from the first purchase to the day", "首次购买至今的时长"},
    {KAM_ACCOUNT_CLV_MEAN, "MEAN", "mean of its repeat purchases", "重复购买的平均金额"},
    {KAM_ACCOUNT_CLV_MODEL, "MODEL", "model", "模型"},
    {KAM_ACCOUNT_CLV_STATUS, "STATUS", "status of the fit", "拟合状态"},
};
static const cwhy_line cwhy_follows[] = {
    {KAM_ACCOUNT_CLV_P_ALIVE, "P_ALIVE", "probability that it still buys", "仍在购买的概率"},
    {KAM_ACCOUNT_CLV_MONTHS, "MONTHS", "months looked ahead", "预测月数"},
    {KAM_ACCOUNT_CLV_EXPECTED, "EXPECTED", "expected purchases", "预期购买次数"},
    {KAM_ACCOUNT_CLV_EV, "EV", "expected value of a purchase", "预期单次金额"},
    {KAM_ACCOUNT_CLV_CLV, "CLV", "lifetime value", "终身价值"},
};

static int32_t cwhy_add(kam_why *why, const char *name, const char *value, const cwhy_line *line, const char *currency,
                        kam_error *err) {
    kam_buf en, zh;
    kam__buf_init(&en, why->ctx);
    kam__buf_init(&zh, why->ctx);
    kam__buf_printf(&en, "%s: %s%s%s", line->en, value, currency[0] ? " " : "", currency);
    kam__buf_printf(&zh, "%s：%s%s%s", line->zh, value, currency[0] ? " " : "", currency);
    int32_t rc = kam__buf_end(&en, err);
    if (rc == KAM_OK) rc = kam__buf_end(&zh, err);
    if (rc == KAM_OK)
        rc = kam__why_add(why, name, value, NULL, line->code, kam_buf_data(&en), kam_buf_data(&zh), err);
    kam__buf_drop(&en);
    kam__buf_drop(&zh);
    return rc;
}

static int32_t cwhy_fields(kam_why *why, kam_record *row, const cwhy_line *line, size_t n, kam_error *err) {
    for (size_t i = 0; i < n; i++) {
        const kam__field *f = &row->kind->field[kam__kind_index(row->kind, line[i].field)];
        const char *value = kam_record_text(row, line[i].field, NULL);
        const char *currency = f->logic == KAM__L_MONEY ? kam_record_text(row, KAM_ACCOUNT_CLV_CURRENCY, "") : "";
        if (value) KAM__TRY(cwhy_add(why, f->name, value, &line[i], currency, err));
    }
    return KAM_OK;
}

/* The parameters of one of the run's models, as its JSON has them. */
static int32_t cwhy_params(kam_why *why, const kam__json *top, const char *key, const char *en, const char *zh,
                           kam_error *err) {
    const kam__json *params = kam__json_get(kam__json_get(top, key), "params");
    const cwhy_line line = {0, "PARAMETER", en, zh};
    for (const kam__json *v = params ? params->child : NULL; v; v = v->next) {
        char both[64];
        if (v->type != KAM__J_NUMBER || strlen(v->text) > 40 || strlen(v->key) > 16) continue;
        snprintf(both, sizeof both, "%s = %s", v->key, v->text);
        KAM__TRY(cwhy_add(why, v->key, both, &line, "", err));
    }
    return KAM_OK;
}

static int32_t cwhy_reasons(kam_why *why, const kam_run *run, kam_record *row, kam_error *err) {
    const char *text = kam_record_text(run->record, KAM_RUN_STATISTICS, "{}");
    const kam__json *top = NULL;
    kam__arena arena;
    kam__arena_init(&arena, why->ctx, 0);
    int32_t rc = kam__json_parse(&top, &arena, text, strlen(text), 0, err);
    if (rc == KAM_OK) rc = cwhy_fields(why, row, cwhy_seen, KAM__LEN(cwhy_seen), err);
    if (rc == KAM_OK) rc = cwhy_params(why, top, "model", "parameter of purchases", "购买模型参数", err);
    if (rc == KAM_OK) rc = cwhy_params(why, top, "spending", "parameter of spending", "金额模型参数", err);
    if (rc == KAM_OK) rc = cwhy_fields(why, row, cwhy_follows, KAM__LEN(cwhy_follows), err);
    kam__arena_free(&arena);
    return rc;
}

/* ---------------------------------------------------------------- does the ledger say the same today? */

static int32_t cwhy_unit(const kam_run *run) {
    const char *text = kam_record_text(run->record, KAM_RUN_STATISTICS, "");
    return strstr(text, "\"unit\":\"day\"") ? KAM_CLV_DAY : strstr(text, "\"unit\":\"month\"") ? KAM_CLV_MONTH
                                                                                                : KAM_CLV_WEEK;
}

static int32_t cwhy_same(int *out, const kam_clv_rows *now, const kam_record *row, kam_error *err) {
    int64_t mean = 0;
    int32_t decimals = kam__schema_decimals(row->schema, kam_record_text(row, KAM_ACCOUNT_CLV_CURRENCY, ""));
    *out = 0;
    if (now->n != 1) return KAM_OK;
    KAM__TRY(kam__clv_minor(&mean, now->m[0], decimals > 0 ? (uint32_t)decimals : 0, err));
    *out = kam_record_i64(row, KAM_ACCOUNT_CLV_X, -1) == now->x[0] &&
           !(kam_record_f64(row, KAM_ACCOUNT_CLV_TX, -1) < kam__f64_round_sig(now->tx[0], 9)) &&
           !(kam_record_f64(row, KAM_ACCOUNT_CLV_TX, -1) > kam__f64_round_sig(now->tx[0], 9)) &&
           !(kam_record_f64(row, KAM_ACCOUNT_CLV_T, -1) < kam__f64_round_sig(now->t[0], 9)) &&
           !(kam_record_f64(row, KAM_ACCOUNT_CLV_T, -1) > kam__f64_round_sig(now->t[0], 9)) &&
           kam__record_num(row, KAM_ACCOUNT_CLV_MEAN, 0) == mean;
    return KAM_OK;
}

static int32_t cwhy_differs(int *out, const kam_run *run, const kam_record *row, kam_error *err) {
    kam_purchases *buys = NULL;
    kam_clv_rows now;
    int same = 0;
    kam__value_scope s = {.from = (int32_t)kam__record_num(run->record, KAM_RUN_FROM, KAM_DAY_FIRST),
                          .to = (int32_t)kam__record_num(run->record, KAM_RUN_TO, KAM_DAY_END),
                          .as_of = (int32_t)kam__record_num(run->record, KAM_RUN_AS_OF, 0)};
    const char *currency = kam_record_text(run->record, KAM_RUN_CURRENCY, "");
    if (strlen(currency) == 3) memcpy(s.currency, currency, 4);
    KAM__TRY(kam__value_settle(&s, run->book, err));
    s.account = kam__record_num(row, KAM_ACCOUNT_CLV_ACCOUNT, 0);
    KAM__TRY(kam__value_flags_take(&s, (uint32_t)kam__record_num(run->record, KAM_RUN_FLAGS, 0), "RUN.flags", err));
    KAM__TRY(kam__clv_purchases(&buys, run->book, &s, (uint32_t)cwhy_unit(run), err));
    int32_t rc = kam_purchases_rows(&now, NULL, NULL, buys, err);
    if (rc == KAM_OK) rc = cwhy_same(&same, &now, row, err);
    kam_purchases_free(buys);
    *out = !same;
    return rc;
}

/* ---------------------------------------------------------------- the whole */

static int32_t cwhy_verdict(kam_why *why, const kam_run *run, const kam_record *row, kam_error *err) {
    kam_record *v = why->verdict;
    int64_t id = kam__record_num(run->record, KAM_ID, 0);
    int differs = 0;
    if (run->stored) KAM__TRY(cwhy_differs(&differs, run, row, err));
    kam__record_put_num(v, KAM_VERDICT_SUBJECT, kam__record_num(row, KAM_ACCOUNT_CLV_ACCOUNT, 0));
    kam__record_put_num(v, KAM_VERDICT_AS_OF, kam__record_num(run->record, KAM_RUN_AS_OF, 0));
    kam__record_put_num(v, KAM_VERDICT_KNOWN, kam__record_num(run->record, KAM_RUN_KNOWN, 0));
    kam__record_put_num(v, KAM_VERDICT_INPUTS_DIFFER, differs);
    kam__record_put_num(v, KAM_VERDICT_FLAGS, 0);
    if (id) kam__record_put_num(v, KAM_VERDICT_RUN, id);
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_KIND, "lifetime value", err));
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_POLICY, kam_record_text(run->record, KAM_RUN_NAME, NULL), err));
    if (kam_record_type(run->record, KAM_RUN_VERSION))
        kam__record_put_num(v, KAM_VERDICT_VERSION, kam__record_num(run->record, KAM_RUN_VERSION, 0));
    return kam__record_put_str(v, KAM_VERDICT_RESULT, kam_record_text(row, KAM_ACCOUNT_CLV_CLV, "not known"), err);
}

/* The row of an account, or with that id. */
static int32_t cwhy_find(kam_record *row, const kam__rowset *set, int64_t id, kam_error *err) {
    int found = 0;
    KAM__TRY(kam__rowset_find(&found, row, set, KAM_ACCOUNT_CLV_ACCOUNT, id, err));
    if (found) return KAM_OK;
    return kam__fail(err, KAM_E_NOT_FOUND, "account %lld has no purchase that this run looked at", (long long)id);
}

static int32_t cwhy_explain(kam_why **out, kam_run *run, kam_record *row, int64_t id, kam_error *err) {
    kam_why *why = NULL;
    kam__rowset *set = NULL;
    if (!kam__run_list(run, KAM_KIND_ACCOUNT_CLV)) {
        KAM__TRY(cwhy_load(&set, run, KAM_KIND_ACCOUNT_CLV, err));
        KAM__TRY(kam__run_add_list(run, set, err));
    }
    KAM__TRY(cwhy_find(row, kam__run_list(run, KAM_KIND_ACCOUNT_CLV), id, err));
    KAM__TRY(kam__why_new(&why, run->book, err));
    int32_t rc = cwhy_verdict(why, run, row, err);
    if (rc == KAM_OK) rc = cwhy_reasons(why, run, row, err);
    if (rc == KAM_OK) *out = why;
    else kam_why_free(why);
    return rc;
}

static int32_t cwhy_why(kam_why **out, kam_run *run, int64_t id, kam_error *err) {
    kam_record *row = NULL;
    KAM__TRY(kam__record_new(&row, run->book->schema, KAM_KIND_ACCOUNT_CLV, err));
    int32_t rc = cwhy_explain(out, run, row, id, err);
    kam_record_free(row);
    return rc;
}

static void cwhy_free(kam_ctx *ctx, void *self) { (void)ctx, (void)self; }

const kam__run_ops kam__clv_run_ops = {cwhy_apply, cwhy_why, cwhy_load, NULL, cwhy_free};
