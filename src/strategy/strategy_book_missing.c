/*
 * strategy/strategy_book_missing.c - what an account plan still lacks (R77, R86, R89, R90), and the gaps of its
 * objectives.
 *
 * A plan is judged section by section, in the order of the eight; a problem names the section, the record and what to
 * do. Nothing here refuses anything: a plan grows over weeks.
 */
#include "../store/store.h"
#include "strategy_book.h"

typedef struct miss_work {
    const kam_account_plan *plan;
    kam__rowset *set;
    kam_error *err;
    int64_t rows;
    kam_record *now; /* the plan's record */
    kam__rowset *year, *csf, *assumption, *objective, *item, *budget;
    kam__portfolio port;
} miss_work;

typedef struct miss_what {
    const char *code, *field;
    uint32_t kind;
    int64_t record;
} miss_what;

static void miss_text(miss_work *w, kam__blockbuf *bb, uint32_t field, const char *text)
{
    if (text) kam__bb_text(bb, kam__rowset_col(w->set, field), text, strlen(text));
}

static int32_t miss_add(miss_work *w, const miss_what *what, const char *text)
{
    kam__blockbuf *bb = kam__rowset_row(w->set, w->err);
    if (!bb) return KAM_E_NOMEM;
    kam__bb_i64(bb, kam__rowset_col(w->set, KAM_PROBLEM_ROW), ++w->rows);
    miss_text(w, bb, KAM_PROBLEM_CODE, what->code);
    miss_text(w, bb, KAM_PROBLEM_FIELD, what->field);
    miss_text(w, bb, KAM_PROBLEM_TEXT, text);
    miss_text(w, bb, KAM_PROBLEM_KIND, what->kind ? kam__builtin_kind(what->kind)->name : NULL);
    if (what->record) kam__bb_i64(bb, kam__rowset_col(w->set, KAM_PROBLEM_RECORD), what->record);
    return kam__rowset_end_row(w->set, w->err);
}

/* The same with a number in the text, which has one %lld. */
static int32_t miss_add_number(miss_work *w, const miss_what *what, const char *before, int64_t n, const char *after)
{
    kam_buf b;
    kam__buf_init(&b, w->plan->ctx);
    kam__buf_str(&b, before);
    kam__buf_i64(&b, n);
    kam__buf_str(&b, after);
    int32_t rc = kam__buf_end(&b, w->err);
    if (rc == KAM_OK) rc = miss_add(w, what, kam_buf_data(&b));
    kam__buf_drop(&b);
    return rc;
}

/* ---------------------------------------------------------------- the eight sections */

static int32_t miss_sections(miss_work *w)
{
    const struct {
        const char *field, *text;
        int there;
    } section[] = {
        {"mission", "the plan has no mission statement: set mission",
         kam_record_text(w->now, KAM_ACCOUNT_PLAN_MISSION, NULL) != NULL},
        {"finance", "the plan has no financial summary: save PLAN_YEAR records for T to T+3", w->year->nrow > 0},
        {"overview", "the plan has no overview of the account: set overview",
         kam_record_text(w->now, KAM_ACCOUNT_PLAN_OVERVIEW, NULL) != NULL},
        {"csf", "the plan has no critical success factors: save PLAN_CSF records", w->csf->nrow > 0},
        {"portfolio", "the plan has no portfolio: save PLAN_UNIT records", w->port.units->nrow > 0},
        {"assumptions", "the plan has no assumptions: save PLAN_ASSUMPTION records", w->assumption->nrow > 0},
        {"objectives", "the plan has no objectives: save PLAN_OBJECTIVE records", w->objective->nrow > 0},
        {"budget", "the plan has no budget: save PLAN_BUDGET records", w->budget->nrow > 0},
    };
    for (size_t i = 0; i < KAM__LEN(section); i++)
        if (!section[i].there)
            KAM__TRY(miss_add(w, &(miss_what){"SECTION", section[i].field, KAM_KIND_ACCOUNT_PLAN, w->plan->id},
                              section[i].text));
    return KAM_OK;
}

static int32_t miss_years(miss_work *w)
{
    for (int32_t y = w->plan->year; y <= w->plan->year + 3 && w->year->nrow; y++) {
        miss_what what = {"YEAR", NULL, KAM_KIND_PLAN_YEAR, 0};
        int whole = 0;
        for (uint64_t i = 0; i < w->year->nrow; i++) {
            if (kam__cell_num(w->year, i, KAM_PLAN_YEAR_YEAR, 0) != y) continue;
            what.record = kam__cell_num(w->year, i, KAM_ID, 0);
            whole = kam__cell_has(w->year, i, KAM_PLAN_YEAR_REVENUE) &&
                    kam__cell_has(w->year, i, KAM_PLAN_YEAR_GROSS_PROFIT) &&
                    kam__cell_has(w->year, i, KAM_PLAN_YEAR_COST);
        }
        if (!whole)
            KAM__TRY(miss_add_number(w, &what, "the financial summary of ", y, " lacks revenue, gross profit or cost"));
    }
    return KAM_OK;
}

static int32_t miss_csf(miss_work *w)
{
    int64_t sum = 0;
    for (uint64_t i = 0; i < w->csf->nrow; i++) sum += kam__cell_num(w->csf, i, KAM_PLAN_CSF_WEIGHT, 0);
    if (!w->csf->nrow || sum == KAM__MATRIX_WEIGHTS) return KAM_OK;
    return miss_add(w, &(miss_what){"WEIGHT", "weight", KAM_KIND_PLAN_CSF, 0},
                    "the weights of the critical success factors do not add up to 100");
}

/* ---------------------------------------------------------------- portfolio */

static int32_t miss_ready(miss_work *w)
{
    static const char *const ask[] = {"confirm that products are described and can be scored",
                                      "confirm that markets are clear",
                                      "confirm that the period is fixed (three years)",
                                      "confirm that competitors are named",
                                      "confirm that data suffice, or that judgement is reasoned",
                                      "confirm that forecasts are up to date, new products too"};
    for (uint32_t i = 0; i < KAM__LEN(ask) && w->port.units->nrow; i++) {
        uint32_t field = KAM_ACCOUNT_PLAN_READY_UNITS + i;
        if (kam__record_num(w->now, field, 0)) continue;
        KAM__TRY(miss_add(
            w, &(miss_what){"READY", kam__kind_field(w->now->kind, field)->name, KAM_KIND_ACCOUNT_PLAN, w->plan->id},
            ask[i]));
    }
    return KAM_OK;
}

static int miss_overrides(const kam__rowset *units, uint64_t i, const kam__matrix_position *p)
{
    int64_t chosen = kam__cell_num(units, i, KAM_PLAN_UNIT_OBJECTIVE, 0);
    return chosen && p->suggested && chosen != p->suggested && chosen != p->alternative &&
           !kam__cell_has(units, i, KAM_PLAN_UNIT_OBJECTIVE_REASON);
}

static int32_t miss_units(miss_work *w)
{
    const kam__portfolio *port = &w->port;
    int64_t sum = 0;
    int32_t axis = kam__matrix_weights(&sum, port->factor, port->nfactor);
    if (axis && port->units->nrow)
        KAM__TRY(miss_add(w, &(miss_what){"WEIGHT", "weight", KAM_KIND_PLAN_FACTOR, 0},
                          axis == KAM_MATRIX_AXIS_ATTRACTIVENESS ? "the weights of attractiveness do not add up to 100"
                                                                 : "the weights of strength do not add up to 100"));
    for (uint64_t i = 0; i < port->units->nrow; i++) {
        const kam__matrix_position *p = &port->at[i][0].p;
        miss_what what = {"SCORE", "score", KAM_KIND_PLAN_UNIT, kam__cell_num(port->units, i, KAM_ID, 0)};
        if (p->missing)
            KAM__TRY(miss_add_number(w, &what, "", p->missing, " scores of the unit are missing: it has no position"));
        else if (!p->competitor)
            KAM__TRY(miss_add(w, &what, "no competitor is scored for the unit: it has no position"));
        what.code = "OVERRIDE", what.field = "objective_reason";
        if (miss_overrides(port->units, i, p))
            KAM__TRY(miss_add(w, &what, "the unit's marketing objective is not the suggested one: say why"));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- objectives */

static int32_t miss_objective(miss_work *w, uint64_t i)
{
    static const struct {
        uint32_t field;
        const char *text;
    } need[] = {{KAM_PLAN_OBJECTIVE_BASIS, "the objective has no basis: say what it rests on"},
                {KAM_PLAN_OBJECTIVE_IDEAL, "the objective has no ideal value"},
                {KAM_PLAN_OBJECTIVE_FEASIBILITY, "the objective has no feasibility: a share from 0 to 1"},
                {KAM_PLAN_OBJECTIVE_SERVES, "the objective names no company strategy that it serves"}};
    int64_t id = kam__cell_num(w->objective, i, KAM_ID, 0);
    int items = 0;
    for (size_t k = 0; k < KAM__LEN(need); k++)
        if (!kam__cell_has(w->objective, i, need[k].field))
            KAM__TRY(
                miss_add(w,
                         &(miss_what){"OBJECTIVE",
                                      kam__kind_field(kam__builtin_kind(KAM_KIND_PLAN_OBJECTIVE), need[k].field)->name,
                                      KAM_KIND_PLAN_OBJECTIVE, id},
                         need[k].text));
    for (uint64_t k = 0; k < w->item->nrow; k++) items += kam__cell_num(w->item, k, KAM_PLAN_ITEM_OBJECTIVE, 0) == id;
    if (items) return KAM_OK;
    return miss_add(w, &(miss_what){"ITEMS", NULL, KAM_KIND_PLAN_OBJECTIVE, id},
                    "no item closes the gap of the objective: save a PLAN_ITEM with due day, owner and result");
}

/* ---------------------------------------------------------------- the call */

static int32_t miss_read(miss_work *w)
{
    kam_book *b = w->plan->book;
    const struct {
        kam__rowset **out;
        uint32_t kind, field;
    } part[] = {{&w->year, KAM_KIND_PLAN_YEAR, KAM_PLAN_YEAR_PLAN},
                {&w->csf, KAM_KIND_PLAN_CSF, KAM_PLAN_CSF_PLAN},
                {&w->assumption, KAM_KIND_PLAN_ASSUMPTION, KAM_PLAN_ASSUMPTION_PLAN},
                {&w->objective, KAM_KIND_PLAN_OBJECTIVE, KAM_PLAN_OBJECTIVE_PLAN},
                {&w->item, KAM_KIND_PLAN_ITEM, KAM_PLAN_ITEM_PLAN},
                {&w->budget, KAM_KIND_PLAN_BUDGET, KAM_PLAN_BUDGET_PLAN}};
    KAM__TRY(kam__record_new(&w->now, b->schema, KAM_KIND_ACCOUNT_PLAN, w->err));
    KAM__TRY(kam__read_one(w->now, b, w->plan->id, KAM_TODAY, w->err));
    for (size_t i = 0; i < KAM__LEN(part); i++)
        KAM__TRY(kam__strategy_read(part[i].out, b, part[i].kind, part[i].field, w->plan->id, KAM_TODAY, w->err));
    return kam__portfolio_load(&w->port, w->plan, w->err);
}

static void miss_free(miss_work *w)
{
    kam__rowset *set[] = {w->year, w->csf, w->assumption, w->objective, w->item, w->budget};
    for (size_t i = 0; i < KAM__LEN(set); i++) kam__rowset_drop(set[i]);
    kam__portfolio_free(&w->port);
    kam_record_free(w->now);
}

static int32_t miss_all(miss_work *w)
{
    KAM__TRY(miss_read(w));
    KAM__TRY(miss_sections(w));
    KAM__TRY(miss_years(w));
    KAM__TRY(miss_csf(w));
    KAM__TRY(miss_ready(w));
    KAM__TRY(miss_units(w));
    for (uint64_t i = 0; i < w->objective->nrow; i++) KAM__TRY(miss_objective(w, i));
    return KAM_OK;
}

static int32_t miss_make(kam__rowset *set, void *work, kam_error *err)
{
    miss_work w = {.plan = work, .set = set, .err = err};
    int32_t rc = miss_all(&w);
    miss_free(&w);
    return rc;
}

int32_t kam_account_plan_missing(kam_rows **out, kam_account_plan *plan, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__plan_handle(plan, err));
    return kam__strategy_rows(out, plan->book, KAM_KIND_PROBLEM, miss_make, plan, err);
}

/* ---------------------------------------------------------------- gaps */

typedef struct pgap_work {
    const kam_account_plan *plan;
    int32_t day;
    kam__rowset *objective, *item;
} pgap_work;
typedef struct pgap_items {
    int64_t items, open, overdue, next;
} pgap_items;

static pgap_items pgap_count(const pgap_work *w, int64_t objective)
{
    pgap_items g = {0, 0, 0, INT64_MAX};
    for (uint64_t i = 0; i < w->item->nrow; i++) {
        int64_t due = kam__cell_num(w->item, i, KAM_PLAN_ITEM_DUE, 0);
        if (kam__cell_num(w->item, i, KAM_PLAN_ITEM_OBJECTIVE, 0) != objective) continue;
        int open = kam__cell_num(w->item, i, KAM_PLAN_ITEM_DONE, INT64_MAX) > w->day;
        g.items++;
        g.open += open;
        g.overdue += open && due < w->day;
        if (open && due < g.next) g.next = due;
    }
    return g;
}

static int32_t pgap_row(kam__rowset *set, const pgap_work *w, uint64_t i, kam_error *err)
{
    static const uint32_t copy[][2] = {{KAM_PLAN_GAP_OBJECTIVE, KAM_ID},
                                       {KAM_PLAN_GAP_KIND, KAM_PLAN_OBJECTIVE_KIND},
                                       {KAM_PLAN_GAP_PRESENT, KAM_PLAN_OBJECTIVE_PRESENT},
                                       {KAM_PLAN_GAP_IDEAL, KAM_PLAN_OBJECTIVE_IDEAL},
                                       {KAM_PLAN_GAP_FEASIBILITY, KAM_PLAN_OBJECTIVE_FEASIBILITY}};
    const kam__rowset *o = w->objective;
    pgap_items g = pgap_count(w, kam__cell_num(o, i, KAM_ID, 0));
    int64_t present = kam__cell_num(o, i, KAM_PLAN_OBJECTIVE_PRESENT, 0),
            ideal = kam__cell_num(o, i, KAM_PLAN_OBJECTIVE_IDEAL, 0), gap = 0;
    size_t len = 0;
    const char *text = kam__cell_text(o, i, KAM_PLAN_OBJECTIVE_TEXT, &len);
    int known = kam__cell_has(o, i, KAM_PLAN_OBJECTIVE_PRESENT) && kam__cell_has(o, i, KAM_PLAN_OBJECTIVE_IDEAL);
    if (present == INT64_MIN || kam__add(ideal, -present, &gap))
        return kam__fail(err, KAM_E_LIMIT, "the gap of objective %lld does not fit 64 bits",
                         (long long)kam__cell_num(o, i, KAM_ID, 0));
    kam__blockbuf *bb = kam__rowset_row(set, err);
    if (!bb) return KAM_E_NOMEM;
    for (size_t k = 0; k < KAM__LEN(copy); k++)
        if (kam__cell_has(o, i, copy[k][1]))
            kam__bb_i64(bb, kam__rowset_col(set, copy[k][0]), kam__cell_num(o, i, copy[k][1], 0));
    kam__bb_text(bb, kam__rowset_col(set, KAM_PLAN_GAP_TEXT), text, len);
    if (known) kam__bb_i64(bb, kam__rowset_col(set, KAM_PLAN_GAP_GAP), gap);
    kam__bb_i64(bb, kam__rowset_col(set, KAM_PLAN_GAP_ITEMS), g.items);
    kam__bb_i64(bb, kam__rowset_col(set, KAM_PLAN_GAP_OPEN), g.open);
    kam__bb_i64(bb, kam__rowset_col(set, KAM_PLAN_GAP_OVERDUE), g.overdue);
    if (g.open) kam__bb_i64(bb, kam__rowset_col(set, KAM_PLAN_GAP_NEXT_DUE), g.next);
    return kam__rowset_end_row(set, err);
}

static int32_t pgap_make(kam__rowset *set, void *work, kam_error *err)
{
    pgap_work *w = work;
    kam_book *b = w->plan->book;
    KAM__TRY(kam__book_day(&w->day, b, w->day, err));
    KAM__TRY(kam__strategy_read(&w->objective, b, KAM_KIND_PLAN_OBJECTIVE, KAM_PLAN_OBJECTIVE_PLAN, w->plan->id,
                                KAM_TODAY, err));
    KAM__TRY(kam__strategy_read(&w->item, b, KAM_KIND_PLAN_ITEM, KAM_PLAN_ITEM_PLAN, w->plan->id, KAM_TODAY, err));
    for (uint64_t i = 0; i < w->objective->nrow; i++) KAM__TRY(pgap_row(set, w, i, err));
    return KAM_OK;
}

int32_t kam_account_plan_gaps(kam_rows **out, kam_account_plan *plan, int32_t as_of, kam_error *err)
{
    pgap_work w = {.plan = plan, .day = as_of};
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__plan_handle(plan, err));
    int32_t rc = kam__strategy_rows(out, plan->book, KAM_KIND_PLAN_GAP, pgap_make, &w, err);
    kam__rowset_drop(w.objective);
    kam__rowset_drop(w.item);
    return rc;
}
