/*
 * strategy/strategy_book.c - the handle of an account plan (R86), and how the room reads the plan's records.
 *
 * A plan is one ACCOUNT_PLAN record; each section is a kind of records that refer to it. The handle knows which plan it
 * is and keeps a copy of its record; everything else is read when it is asked for.
 */
#include "../store/store.h"
#include "strategy_book.h"
#include <kam/query.h>

/* ---------------------------------------------------------------- reading */

int32_t kam__strategy_read(kam__rowset **out, kam_book *b, uint32_t kind, uint32_t field, int64_t id, int32_t as_of,
                           kam_error *err)
{
    static const uint32_t order[] = {KAM_ID};
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), field), KAM_OP_EQ, id);
    kam__read q = {.scan = {.kind = kind, .pred = &p, .npred = 1, .order = order, .norder = 1}, .as_of = as_of};
    return kam__read_set(out, b, &q, err);
}

int32_t kam__strategy_scores(kam__rowset **out, kam_book *b, const kam__rowset *units, kam_error *err)
{
    kam__rowset *all = NULL;
    KAM__TRY(kam__rowset_new(&all, b->schema, KAM_KIND_PLAN_SCORE, NULL, 0, err));
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < units->nrow && rc == KAM_OK; i++) {
        kam__rowset *of = NULL;
        rc = kam__strategy_read(&of, b, KAM_KIND_PLAN_SCORE, KAM_PLAN_SCORE_UNIT, kam__cell_num(units, i, KAM_ID, 0),
                                KAM_TODAY, err);
        for (size_t k = 0; rc == KAM_OK && k < of->nblock; k++) {
            kam_block view;
            kam__bb_view(&of->block[k], &view);
            rc = kam__rowset_add_block(all, &view, err);
        }
        kam__rowset_drop(of);
    }
    if (rc == KAM_OK) {
        kam__rowset_seal(all);
        *out = all;
        return KAM_OK;
    }
    kam__rowset_drop(all);
    return rc;
}

static const kam_col *strategy_cell(const kam__rowset *s, uint64_t i, uint32_t field, uint32_t *row)
{
    const kam__blockbuf *block = NULL;
    uint32_t col = kam__rowset_col(s, field);
    kam__rowset_at(s, i, &block, row);
    return col == UINT32_MAX || kam__col_null(&block->view[col], *row) ? NULL : &block->view[col];
}

int kam__cell_has(const kam__rowset *s, uint64_t i, uint32_t field)
{
    uint32_t row = 0;
    return strategy_cell(s, i, field, &row) != NULL;
}

int64_t kam__cell_num(const kam__rowset *s, uint64_t i, uint32_t field, int64_t if_none)
{
    uint32_t row = 0;
    const kam_col *c = strategy_cell(s, i, field, &row);
    return c ? kam__col_i64(c, row) : if_none;
}

const char *kam__cell_text(const kam__rowset *s, uint64_t i, uint32_t field, size_t *len)
{
    uint32_t row = 0;
    const kam_col *c = strategy_cell(s, i, field, &row);
    const char *text = c ? kam__col_text(c, row, len) : NULL;
    if (text) return text;
    *len = 0;
    return "";
}

int32_t kam__strategy_rows(kam_rows **out, kam_book *b, uint32_t kind, kam__strategy_make make, void *work,
                           kam_error *err)
{
    kam__rowset *set = NULL;
    kam__call c;
    KAM__TRY(kam__rowset_new(&set, b->schema, kind, NULL, 0, err));
    int32_t rc = kam__txn_enter(&c, b, KAM_BEGIN_READ, err);
    if (rc == KAM_OK) rc = kam__txn_leave(&c, make(set, work, err), err);
    if (rc == KAM_OK) kam__rowset_seal(set);
    if (rc == KAM_OK) rc = kam__rows_of_set(out, b, set, 0, 0, err);
    kam__rowset_drop(set);
    return rc;
}

/* ---------------------------------------------------------------- the handle */

int32_t kam__plan_handle(const kam_account_plan *plan, kam_error *err)
{
    return plan ? kam__book_ready(plan->book, err) : kam__null_arg(err, "plan");
}

static int32_t plan_find(int64_t *id, kam_book *b, int64_t account, int32_t year, kam_error *err)
{
    kam__rowset *of = NULL;
    *id = 0;
    KAM__TRY(kam__strategy_read(&of, b, KAM_KIND_ACCOUNT_PLAN, KAM_ACCOUNT_PLAN_ACCOUNT, account, KAM_TODAY, err));
    for (uint64_t i = 0; i < of->nrow && !*id; i++)
        if (kam__cell_num(of, i, KAM_ACCOUNT_PLAN_BASE_YEAR, 0) == year) *id = kam__cell_num(of, i, KAM_ID, 0);
    kam__rowset_drop(of);
    return KAM_OK;
}

/* The account as it is called now: an id that was merged away leads on. */
static int32_t plan_account(int64_t *id, kam_book *b, int64_t account, kam_error *err)
{
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, b->schema, KAM_KIND_ACCOUNT, err));
    int32_t rc = kam__read_one(r, b, account, KAM_TODAY, err);
    if (rc == KAM_OK) *id = kam__record_num(r, KAM_ID, account);
    kam_record_free(r);
    return rc;
}

static int32_t plan_make(kam_account_plan *p, kam_error *err)
{
    kam__record_put_num(p->record, KAM_ACCOUNT_PLAN_ACCOUNT, p->account);
    kam__record_put_num(p->record, KAM_ACCOUNT_PLAN_BASE_YEAR, p->year);
    KAM__TRY(kam_book_save(p->book, p->record, err));
    p->id = kam__record_num(p->record, KAM_ID, 0);
    return KAM_OK;
}

static int32_t plan_load(kam_account_plan *p, kam_error *err)
{
    KAM__TRY(plan_account(&p->account, p->book, p->account, err));
    KAM__TRY(plan_find(&p->id, p->book, p->account, p->year, err));
    KAM__TRY(kam__record_new(&p->record, p->book->schema, KAM_KIND_ACCOUNT_PLAN, err));
    return p->id ? kam__read_one(p->record, p->book, p->id, KAM_TODAY, err) : KAM_OK;
}

int32_t kam_account_plan_open(kam_account_plan **out, kam_book *book, int64_t account, int32_t year, kam_error *err)
{
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    kam_account_plan *p = kam__zalloc(book->ctx, sizeof *p);
    if (!p) return kam__nomem(err);
    p->ctx = kam__ctx_hold(book->ctx);
    p->book = kam__book_hold(book);
    p->account = account;
    p->year = year;
    int32_t rc = kam__txn_enter(&c, book, KAM_BEGIN_READ, err);
    if (rc == KAM_OK) rc = kam__txn_leave(&c, plan_load(p, err), err);
    if (rc == KAM_OK && !p->id) rc = plan_make(p, err);
    if (rc == KAM_OK)
        *out = p;
    else
        kam_account_plan_free(p);
    return rc;
}

void kam_account_plan_free(kam_account_plan *plan)
{
    if (!plan) return;
    kam_ctx *ctx = plan->ctx;
    kam_record_free(plan->record);
    kam__book_drop(plan->book);
    kam__free(ctx, plan);
    kam_ctx_free(ctx);
}

kam_record *kam_account_plan_record(kam_account_plan *plan) { return plan ? plan->record : NULL; }

/* ---------------------------------------------------------------- sections */

static uint32_t plan_refers(uint32_t kind)
{
    static const uint32_t of[] = {KAM_PLAN_YEAR_PLAN,   KAM_PLAN_CSF_PLAN,        KAM_PLAN_UNIT_PLAN,
                                  KAM_PLAN_FACTOR_PLAN, KAM_PLAN_ASSUMPTION_PLAN, KAM_PLAN_OBJECTIVE_PLAN,
                                  KAM_PLAN_ITEM_PLAN,   KAM_PLAN_BUDGET_PLAN,     KAM_PLAN_ADJUSTMENT_PLAN,
                                  KAM_PLAN_SCORE_UNIT};
    for (size_t i = 0; i < KAM__LEN(of); i++)
        if (of[i] / 128 == kind) return of[i];
    return 0;
}

typedef struct plan_section {
    const kam_account_plan *plan;
    uint32_t kind, field;
} plan_section;

static int32_t plan_section_read(kam__rowset **out, const plan_section *s, kam_error *err)
{
    kam__rowset *units = NULL;
    if (s->kind != KAM_KIND_PLAN_SCORE)
        return kam__strategy_read(out, s->plan->book, s->kind, s->field, s->plan->id, KAM_TODAY, err);
    KAM__TRY(
        kam__strategy_read(&units, s->plan->book, KAM_KIND_PLAN_UNIT, KAM_PLAN_UNIT_PLAN, s->plan->id, KAM_TODAY, err));
    int32_t rc = kam__strategy_scores(out, s->plan->book, units, err);
    kam__rowset_drop(units);
    return rc;
}

int32_t kam_account_plan_rows(kam_rows **out, kam_account_plan *plan, uint32_t kind, kam_error *err)
{
    plan_section s = {plan, kind, plan_refers(kind)};
    kam__rowset *set = NULL;
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__plan_handle(plan, err));
    if (!s.field) return kam__fail(err, KAM_E_INVAL, "kind %u is no section of an account plan", kind);
    KAM__TRY(kam__txn_enter(&c, plan->book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&c, plan_section_read(&set, &s, err), err);
    if (rc == KAM_OK) rc = kam__rows_of_set(out, plan->book, set, 0, 0, err);
    kam__rowset_drop(set);
    return rc;
}
