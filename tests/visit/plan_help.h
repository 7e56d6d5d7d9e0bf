/*
 * tests/visit/plan_help.h - what the tests of plans over a book share: a plain cadence, short ways to put people, accounts
 * and activities into a book, and the lists of a run as text.
 */
#ifndef KAM_TESTS_VISIT_PLAN_HELP_H
#define KAM_TESTS_VISIT_PLAN_HELP_H
#include "base/base_test.h"
#include "requirements/req.h"

typedef long long ll;
#define LL "%lld"
static char text[200000];
static const uint32_t entry_fields[] = {KAM_PLAN_ENTRY_NAME, KAM_PLAN_ENTRY_DAY,  KAM_PLAN_ENTRY_CHANNEL,
                                        KAM_PLAN_ENTRY_DUE,  KAM_PLAN_ENTRY_WHAT, 0};
static const uint32_t change_fields[] = {KAM_PLAN_CHANGE_WHAT, KAM_PLAN_CHANGE_CODE, KAM_PLAN_CHANGE_OLD_DAY,
                                         KAM_PLAN_CHANGE_DAY, 0};
static const uint32_t missing_fields[] = {KAM_UNPLANNED_NAME, KAM_UNPLANNED_CODE, KAM_UNPLANNED_RULE, KAM_UNPLANNED_DUE,
                                          0};
static const uint32_t problem_fields[] = {KAM_PROBLEM_KIND, KAM_PROBLEM_RECORD, KAM_PROBLEM_CODE, 0};

/* Visits every 30 days for X, every 60 for Y; a call a week for W. */
static const char *const table =
    "{\"name\":\"plain\",\"scheme\":\"mine\",\"grades\":{"
    "\"X\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":30}}],"
    "\"Y\":[{\"id\":\"see\",\"channel\":\"VISIT\",\"every\":{\"days\":60}}],"
    "\"W\":[{\"id\":\"ring\",\"channel\":\"CALL\",\"every\":{\"iso_weeks\":1}}]}}";

static inline void start(req *q) {
    int64_t id = 0;
    REQ_MUST(q, kam_policy_add(&id, q->book, KAM_POLICY_CADENCE, table, KAM_NUL, q->err));
    REQ_MUST(q, kam_policy_approve(q->book, id, KAM_DAY_FIRST, KAM_DAY_END, q->err));
}

static inline int64_t rep(req *q, const char *name, const char *more) {
    return req_save(q, KAM_KIND_REPRESENTATIVE, "{\"name\":\"%s\"%s}", name, more);
}

static inline int64_t account(req *q, const char *name, int64_t owner, const char *grade, const char *since,
                              const char *more)
{
    char own[60] = "";
    if (owner) snprintf(own, sizeof own, ",\"owner\":" LL, (ll)owner);
    int64_t id = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"%s\"%s%s}", name, own, more);
    if (grade)
        req_save(q, KAM_KIND_GRADE, "{\"account\":" LL ",\"scheme\":\"mine\",\"grade\":\"%s\",\"valid_from\":\"%s\"}",
                 (ll)id, grade, since);
    return id;
}

static inline int64_t activity(req *q, int64_t account_id, const char *status, const char *channel, const char *day,
                               const char *more)
{
    return req_save(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"status\":\"%s\",\"channel\":\"%s\",\"day\":\"%s\"%s}",
                    (ll)account_id, status, channel, day, more);
}

static inline kam_run *plan_with(req *q, const kam_visit_plan_options *options, const char *as_of) {
    kam_visit_plan_options o = *options;
    kam_visit_plan *plan = NULL;
    kam_run *run = NULL;
    o.struct_size = sizeof o;
    if (!o.cadence) o.cadence = "plain";
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    REQ_MUST(q, kam_visit_plan_run(&run, plan, req_day(as_of), q->err));
    kam_visit_plan_free(plan);
    return run;
}

static inline kam_run *plan_of(req *q, const char *as_of, int32_t days) {
    kam_visit_plan_options o = {.days = days};
    return plan_with(q, &o, as_of);
}

static inline const char *list(req *q, kam_run *run, uint32_t kind, const uint32_t *fields) {
    kam_rows *rows = NULL;
    REQ_MUST(q, kam_run_rows(&rows, run, kind, q->err));
    return req_rows(q, rows, fields, text, sizeof text);
}

#define ENTRIES(q, run) list(q, run, KAM_KIND_PLAN_ENTRY, entry_fields)
#define CHANGES(q, run) list(q, run, KAM_KIND_PLAN_CHANGE, change_fields)
#define MISSING(q, run) list(q, run, KAM_KIND_UNPLANNED, missing_fields)
#define PROBLEMS(q, run) list(q, run, KAM_KIND_PROBLEM, problem_fields)

static inline void apply(req *q, kam_run *run) {
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
}

static inline size_t rows_of(const char *list_text) {
    size_t n = *list_text != '\0';
    for (; *list_text; list_text++) n += *list_text == '|';
    return n;
}

static inline size_t hits(const char *list_text, const char *what) {
    size_t n = 0;
    for (; (list_text = strstr(list_text, what)) != NULL; list_text++) n++;
    return n;
}

/* Planned again: nothing moves. */
static inline void unmoved(req *q, const char *as_of, int32_t days) {
    kam_run *run = plan_of(q, as_of, days);
    const char *got = CHANGES(q, run);
    if (hits(got, "MOVED") + hits(got, "ADDED") + hits(got, "CANCELLED")) fail_msg("%s: %s", q->on, got);
    kam_run_free(run);
}

#endif
