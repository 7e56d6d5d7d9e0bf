/*
 * lua_run.c - runs and their reasons, accounts, schemes, scorecards, segments, visits and the report for Lua 5.4;
 * kam_lua.c tells the idea.
 */
#include "kam_lua.h"

MAKES(run, run_open, H(book, 1), I(2))
MAKES(run, run_undo, H(book, 1), I(2))
HAS(run_record, H(run, 1))
MAKES(rows, run_rows, H(run, 1), U(2))
MAKES(why, run_why, H(run, 1), I(2))
DOES(run_apply, H(run, 1), U(2))
HAS(why_record, H(why, 1))
MAKES(rows, why_rows, H(why, 1))
WRITES(why_text, H(why, 1), S0(2))
MAKES(account, account_open, H(book, 1), I(2), D(3))
DOES(account_refresh, H(account, 1))
HAS(account_record, H(account, 1))
LENDS(account_attributes, H(account, 1))
LENDS(account_fact, H(account, 1), U(2), S0(3))
MAKES(why, account_why, H(account, 1), U(2), S0(3))
MAKES(rows, account_rows, H(account, 1), U(2), D(3), D(4))
LENDS(account_value, H(account, 1), D(2), D(3))
MAKES(scheme, scheme_open, H(book, 1), S(2), D(3))
MAKES(scheme, scheme_parse, H0(ctx, 1), T(2))
MAKES(run, grading_run, H(book, 1), H(scheme, 2), D(3))
MAKES(scorecard, scorecard_open, H(book, 1), S(2), D(3))
MAKES(scorecard, scorecard_parse, H0(ctx, 1), T(2))
MAKES(run, scoring_run, H(book, 1), H(scorecard, 2), D(3))
MAKES(run, visit_plan_run, H(visit_plan, 1), D(2))
MAKES(rows, visit_slots, H(visit_plan, 1), I(2), D(3))
MAKES(rows, visit_day, H(visit_plan, 1), I(2), D(3))
MAKES(rows, visit_alignment, H(visit_plan, 1), D(2), D(3))
MAKES(rows, visit_cities, H(visit_plan, 1), I(2), D(3))
MAKES(rows, visit_due, H(book, 1), S0(2), I(3), D(4))
COUNTS(int64_t, visit_held, H(book, 1), R(2))
MAKES(segment, segment_open, H(book, 1), S(2), D(3))
MAKES(segment, segment_parse, H0(ctx, 1), T(2))
COUNTS(int32_t, segment_has, H(segment, 1), R(2))
MAKES(run, segment_run, H(book, 1), H(segment, 2), D(3))
MAKES(rows, visit_check, H(book, 1), R(2), S0(3))
MAKES(rows, visit_tasks, H(book, 1), I(2), D(3))
MAKES(rows, visit_reviews, H(book, 1), D(2), D(3))
MAKES(rows, visit_week, H(book, 1), S0(2), I(3), D(4))
MAKES(rows, visit_attainment, H(book, 1), D(2), D(3), D(4), U(5), D(6))
DOES(visit_checkin, H(book, 1), R(2), I(3), D(4), D(5), D(6))
MAKES(route, route_parse, H0(ctx, 1), S(2), T(3))
COUNTS(int64_t, route_solve, H(route, 1), (uint64_t)I(2), (uint64_t)I(3))
WRITES(route_write, H(route, 1), S(2))

MAKES(account_plan, account_plan_open, H(book, 1), I(2), D(3))
HAS(account_plan_record, H(account_plan, 1))
MAKES(rows, account_plan_rows, H(account_plan, 1), U(2))
MAKES(rows, account_plan_missing, H(account_plan, 1))
MAKES(rows, account_plan_gaps, H(account_plan, 1), D(2))
MAKES(rows, account_plan_matrix, H(account_plan, 1))
MAKES(run, account_plan_run, H(account_plan, 1), D(2))
MAKES(rows, financial_ratios, H(book, 1), I(2))

static int l_route_figure(lua_State *L) {
    kam_lua_start(L);
    lua_pushinteger(L, kam_route_figure(H(route, 1), U(2)));
    return 1;
}

static int l_scorecard_score(lua_State *L) {
    core *k = kam_lua_start(L);
    int64_t points = 0;
    kam_why *why = NULL;
    handle *h = HANDLE_NEW(why);
    int32_t rc = kam_scorecard_score(&points, &why, H(scorecard, 1), R(2), k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    h->p = why;
    lua_pushinteger(L, points);
    return 2;
}

static int l_visit_plan_new(lua_State *L) {
    core *k = kam_lua_start(L);
    OPTIONS(kam_visit_plan_options, 2);
    kam_visit_plan *out = NULL;
    size_t n = 0;
    handle *h = HANDLE_NEW(visit_plan);
    o.from = (int32_t)kam_lua_number_in(L, 2, "from");
    o.days = (int32_t)kam_lua_number_in(L, 2, "days");
    o.frozen_days = (int32_t)kam_lua_number_in(L, 2, "frozen_days");
    o.cadence = kam_lua_text_in(L, 2, "cadence");
    o.visits_a_day = (int32_t)kam_lua_number_in(L, 2, "visits_a_day");
    o.calls_a_day = (int32_t)kam_lua_number_in(L, 2, "calls_a_day");
    o.seed = (uint64_t)kam_lua_number_in(L, 2, "seed");
    o.iterations = (uint64_t)kam_lua_number_in(L, 2, "iterations");
    TAKE(2, int32_t, day_begin);
    TAKE(2, int32_t, day_end);
    TAKE(2, int32_t, driving_a_day);
    TAKE(2, int32_t, visit_minutes);
    TAKE(2, int32_t, speed);
    TAKE(2, int32_t, detour);
    TAKE(2, int32_t, pause_begin);
    TAKE(2, int32_t, pause_end);
    TAKE(2, int32_t, move_metres);
    o.representative = kam_lua_numbers_at(L, 3, &n);
    o.nrepresentative = (uint32_t)n;
    if (!n) o.representative = NULL;
    int32_t rc = kam_visit_plan_new(&out, H(book, 1), &o, k->err);
    lua_settop(L, ARGUMENTS + 1);           /* the handle is on top */
    return kam_lua_handle_made(L, rc, h, out);
}

static int l_visit_tour(lua_State *L) {
    core *k = kam_lua_start(L);
    kam_rows *out = NULL;
    size_t n = 0;
    handle *h = HANDLE_NEW(rows);
    const int64_t *account = kam_lua_numbers_at(L, 3, &n);
    int32_t rc = kam_visit_tour(&out, H(visit_plan, 1), I(2), account, n, D(4), k->err);
    lua_settop(L, ARGUMENTS + 1);           /* the handle is on top */
    return kam_lua_handle_made(L, rc, h, out);
}

static int l_visit_festival(lua_State *L) {
    core *k = kam_lua_start(L);
    int64_t planned = 0;
    size_t n = 0;
    const int64_t *account = kam_lua_numbers_at(L, 6, &n);
    int32_t rc = kam_visit_festival(&planned, H(book, 1), D(2), D(3), D(4), I(5), account, n, k->err);
    if (rc < 0) return kam_lua_failed(L, rc);
    lua_pushinteger(L, planned);
    return 1;
}

static int l_report_html(lua_State *L) {
    core *k = kam_lua_start(L);
    OPTIONS(kam_report_options, 2);
    handle *h = HANDLE_NEW(buf);
    o.from = (int32_t)kam_lua_number_in(L, 2, "from");
    o.to = (int32_t)kam_lua_number_in(L, 2, "to");
    o.grading = kam_lua_number_in(L, 2, "grading");
    o.scoring = kam_lua_number_in(L, 2, "scoring");
    o.plan = kam_lua_number_in(L, 2, "plan");
    o.title = kam_lua_text_in(L, 2, "title");
    o.lang = kam_lua_text_in(L, 2, "lang");
    o.scheme = kam_lua_text_in(L, 2, "scheme");
    int32_t rc = kam_buf_new((kam_buf **)&h->p, NULL, k->err);
    if (rc == KAM_OK) rc = kam_report_html(h->p, H(book, 1), &o, D(3), k->err);
    return kam_lua_written(L, rc, h);
}

const luaL_Reg kam_lua_run[] = {
    F(run_open), F(run_undo), F(run_record), F(run_rows), F(run_why), F(run_apply), F(why_record), F(why_rows),
    F(why_text), F(account_open), F(account_refresh), F(account_record), F(account_attributes), F(account_fact),
    F(account_why), F(account_rows), F(account_value), F(scheme_open), F(scheme_parse), F(grading_run),
    F(scorecard_open), F(scorecard_parse), F(scoring_run), F(visit_plan_run), F(visit_due), F(visit_held),
    F(segment_open), F(segment_parse), F(segment_has), F(segment_run), F(visit_check), F(visit_tasks),
    F(visit_reviews), F(visit_week), F(visit_attainment), F(visit_checkin), F(route_parse), F(route_solve),
    F(route_write), F(route_figure), F(scorecard_score), F(visit_plan_new), F(report_html), F(visit_slots),
    F(visit_day), F(visit_alignment), F(visit_cities), F(visit_tour), F(visit_festival),
    F(account_plan_open), F(account_plan_record), F(account_plan_rows), F(account_plan_missing), F(account_plan_gaps),
    F(account_plan_matrix), F(account_plan_run), F(financial_ratios), {NULL, NULL}};
