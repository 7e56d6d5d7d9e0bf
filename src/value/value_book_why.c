/*
 * value/value_book_why.c - a value run afterwards: stored, read back, explained line by line (R62).
 *
 * An explanation is the arithmetic: revenue - cost of goods = gross profit, - each cost = contribution; with the risk
 * factor off the gross profit, the adjusted contribution. Of a stored run it is told whether the ledger says the same
 * today.
 */
#include "value_book.h"
#include "../store/store.h"

static int32_t vwhy_apply(kam_run *run, kam_error *err) {
    const kam__rowset *set = kam__run_list(run, KAM_KIND_ACCOUNT_VALUE);
    return kam__insert_set(run->book, set, KAM_ACCOUNT_VALUE_RUN, kam__record_num(run->record, KAM_ID, 0), err);
}

static int32_t vwhy_load(kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err) {
    static const uint32_t order[] = {KAM_ACCOUNT_VALUE_RANK};
    kam_pred p;
    kam__pred mem;
    if (kind != KAM_KIND_ACCOUNT_VALUE)
        return kam__fail(err, KAM_E_NOT_FOUND, "a value run has a list of ACCOUNT_VALUE only");
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), KAM_ACCOUNT_VALUE_RUN), KAM_OP_EQ,
                  kam__record_num(run->record, KAM_ID, 0));
    kam__read q = {.scan = {.kind = kind, .pred = &p, .npred = 1, .order = order, .norder = 1}, .as_of = KAM_TODAY};
    return kam__read_set(out, run->book, &q, err);
}

/* ---------------------------------------------------------------- why */

static const struct { uint32_t field; const char *code, *en, *zh; } vwhy_lines[] = {
    {KAM_ACCOUNT_VALUE_REVENUE, "REVENUE", "revenue", "收入"},
    {KAM_ACCOUNT_VALUE_COST_OF_GOODS, "COST_OF_GOODS", "- cost of goods", "- 销售成本"},
    {KAM_ACCOUNT_VALUE_GROSS_PROFIT, "GROSS_PROFIT", "= gross profit", "= 销售利润"},
    {KAM_ACCOUNT_VALUE_INVENTORY_INTEREST, "INVENTORY_INTEREST", "- inventory interest", "- 库存利息"},
    {KAM_ACCOUNT_VALUE_PERSONNEL, "PERSONNEL", "- personnel", "- 人员支出"},
    {KAM_ACCOUNT_VALUE_TRAVEL, "TRAVEL", "- travel", "- 差旅费"},
    {KAM_ACCOUNT_VALUE_ADMINISTRATION, "ADMINISTRATION", "- administration and operation", "- 管理和经营费用"},
    {KAM_ACCOUNT_VALUE_OTHER_COST, "OTHER_COST", "- other cost to serve", "- 其他服务成本"},
    {KAM_ACCOUNT_VALUE_SHARED, "SHARED", "of these costs, shared ones by their drivers", "其中按动因分摊的共同费用"},
    {KAM_ACCOUNT_VALUE_CONTRIBUTION, "CONTRIBUTION", "= contribution", "= 利润贡献"},
    {KAM_ACCOUNT_VALUE_RISK, "RISK", "risk factor, taken off the gross profit", "风险系数(从销售利润中扣除)"},
    {KAM_ACCOUNT_VALUE_ADJUSTED, "ADJUSTED", "= contribution after risk", "= 风险调整后贡献"},
};

static int32_t vwhy_line(kam_why *why, kam_record *row, size_t i, kam_error *err) {
    uint32_t index = kam__kind_index(row->kind, vwhy_lines[i].field);
    const char *name = row->kind->field[index].name, *value = kam_record_text(row, vwhy_lines[i].field, "0");
    const char *currency = vwhy_lines[i].field == KAM_ACCOUNT_VALUE_RISK ? ""
                         : kam_record_text(row, KAM_ACCOUNT_VALUE_CURRENCY, "");
    kam_buf en, zh;
    kam__buf_init(&en, why->ctx);
    kam__buf_init(&zh, why->ctx);
    kam__buf_printf(&en, "%s: %s%s%s", vwhy_lines[i].en, value, currency[0] ? " " : "", currency);
    kam__buf_printf(&zh, "%s：%s%s%s", vwhy_lines[i].zh, value, currency[0] ? " " : "", currency);
    int32_t rc = kam__buf_end(&en, err);
    if (rc == KAM_OK) rc = kam__buf_end(&zh, err);
    if (rc == KAM_OK)
        rc = kam__why_add(why, name, value, NULL, vwhy_lines[i].code, kam_buf_data(&en), kam_buf_data(&zh), err);
    kam__buf_drop(&en);
    kam__buf_drop(&zh);
    return rc;
}

/* What the account's figures are today: told as the run was, with all accounts where they share costs. */
static int32_t vwhy_totals(kam__totals *out, const kam_run *run, const kam__value_scope *s, int64_t account,
                           kam_error *err) {
    kam__value_settings settings;
    kam__totals *t = NULL;
    uint32_t n = 0;
    KAM__TRY(kam__value_settings_read(&settings, run->book, kam_record_text(run->record, KAM_RUN_SETTINGS, ""),
                                      s->currency, err));
    int32_t rc = KAM_OK, shared = settings.npool > 0;
    if (shared) rc = kam__value_totals_all(&t, &n, run->book, s, &settings, NULL, NULL, err);
    kam__value_settings_free(&settings);
    *out = (kam__totals){.account = account};
    for (uint32_t i = 0; i < n && rc == KAM_OK; i++)
        if (t[i].account == account) *out = t[i];
    kam__free(run->book->ctx, t);
    if (rc != KAM_OK || shared) return rc;
    kam__value_scope one = *s;
    one.account = account;
    return kam__value_totals_of(out, run->book, &one, err);
}

/* Does the ledger give other figures today than the run has? */
static int32_t vwhy_differs(int *out, const kam_run *run, const kam_record *row, kam_error *err) {
    kam__totals t;
    kam__value_scope s = {.from = (int32_t)kam__record_num(run->record, KAM_RUN_FROM, KAM_DAY_FIRST),
                          .to = (int32_t)kam__record_num(run->record, KAM_RUN_TO, KAM_DAY_END),
                          .as_of = (int32_t)kam__record_num(run->record, KAM_RUN_AS_OF, 0)};
    const char *currency = kam_record_text(run->record, KAM_RUN_CURRENCY, "");
    *out = 0;
    if (s.from >= s.to) return KAM_OK;
    if (strlen(currency) == 3) memcpy(s.currency, currency, 4);
    KAM__TRY(kam__value_settle(&s, run->book, err));
    KAM__TRY(kam__value_flags_take(&s, (uint32_t)kam__record_num(run->record, KAM_RUN_FLAGS, 0), "RUN.flags", err));
    KAM__TRY(vwhy_totals(&t, run, &s, kam__record_num(row, KAM_ACCOUNT_VALUE_ACCOUNT, 0), err));
    *out = t.revenue != kam__record_num(row, KAM_ACCOUNT_VALUE_REVENUE, 0) ||
           t.risk != kam__record_num(row, KAM_ACCOUNT_VALUE_RISK, 0) ||
           t.contribution != kam__record_num(row, KAM_ACCOUNT_VALUE_CONTRIBUTION, 0);
    return KAM_OK;
}

static int32_t vwhy_verdict(kam_why *why, const kam_run *run, const kam_record *row, kam_error *err) {
    kam_record *v = why->verdict;
    const kam_record *r = run->record;
    int64_t id = kam__record_num(r, KAM_ID, 0), known = kam__record_num(r, KAM_RUN_KNOWN, 0);
    int differs = 0;
    if (run->stored) KAM__TRY(vwhy_differs(&differs, run, row, err));
    kam__record_put_i64(v, kam__kind_index(v->kind, KAM_VERDICT_SUBJECT),
                        kam__record_num(row, KAM_ACCOUNT_VALUE_ACCOUNT, 0));
    kam__record_put_i64(v, kam__kind_index(v->kind, KAM_VERDICT_AS_OF), kam__record_num(r, KAM_RUN_AS_OF, 0));
    kam__record_put_i64(v, kam__kind_index(v->kind, KAM_VERDICT_KNOWN), known);
    kam__record_put_i64(v, kam__kind_index(v->kind, KAM_VERDICT_INPUTS_DIFFER), differs);
    kam__record_put_i64(v, kam__kind_index(v->kind, KAM_VERDICT_FLAGS), 0);
    if (id) kam__record_put_i64(v, kam__kind_index(v->kind, KAM_VERDICT_RUN), id);
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_KIND, "contribution", err));
    return kam__record_put_str(v, KAM_VERDICT_RESULT, kam_record_text(row, KAM_ACCOUNT_VALUE_CONTRIBUTION, "0"), err);
}

/* The row of an account, or with that id. */
static int32_t vwhy_find(kam_record *row, const kam__rowset *set, int64_t id, kam_error *err) {
    int found = 0;
    KAM__TRY(kam__rowset_find(&found, row, set, KAM_ACCOUNT_VALUE_ACCOUNT, id, err));
    if (found) return KAM_OK;
    return kam__fail(err, KAM_E_NOT_FOUND, "account %lld has no ledger row in this run's window", (long long)id);
}

static int32_t vwhy_explain(kam_why **out, kam_run *run, kam_record *row, int64_t id, kam_error *err) {
    kam_why *why = NULL;
    kam__rowset *set = NULL;
    if (!kam__run_list(run, KAM_KIND_ACCOUNT_VALUE)) {
        KAM__TRY(vwhy_load(&set, run, KAM_KIND_ACCOUNT_VALUE, err));
        KAM__TRY(kam__run_add_list(run, set, err));
    }
    KAM__TRY(vwhy_find(row, kam__run_list(run, KAM_KIND_ACCOUNT_VALUE), id, err));
    KAM__TRY(kam__why_new(&why, run->book, err));
    int32_t rc = vwhy_verdict(why, run, row, err);
    for (size_t i = 0; i < KAM__LEN(vwhy_lines) && rc == KAM_OK; i++)
        if (vwhy_lines[i].field != KAM_ACCOUNT_VALUE_SHARED || kam__record_num(row, KAM_ACCOUNT_VALUE_SHARED, 0))
            rc = vwhy_line(why, row, i, err);
    if (rc == KAM_OK) *out = why;
    else kam_why_free(why);
    return rc;
}

static int32_t vwhy_why(kam_why **out, kam_run *run, int64_t id, kam_error *err) {
    kam_record *row = NULL;
    KAM__TRY(kam__record_new(&row, run->book->schema, KAM_KIND_ACCOUNT_VALUE, err));
    int32_t rc = vwhy_explain(out, run, row, id, err);
    kam_record_free(row);
    return rc;
}

static void vwhy_free(kam_ctx *ctx, void *self) { (void)ctx, (void)self; }

const kam__run_ops kam__value_run_ops = {vwhy_apply, vwhy_why, vwhy_load, NULL, vwhy_free};
