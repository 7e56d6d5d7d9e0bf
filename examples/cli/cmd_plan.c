/*
 * cmd_plan.c - `kam plan`: who sees whom when; dated visits and calls of each representative, what does not fit and
 * why, and what changes against the plan there is. Looked at first, stored only when asked.
 */
#include "cli.h"

enum { PLAN_PEOPLE = 256 };
typedef struct plan_lists { const char *out, *unplanned, *changes, *problems; kam_export_options o; } plan_lists;

static const char *plan_day(const kam_record *r, uint32_t field) {
    static char text[24];
    static const char *const weekday[7] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    int64_t day = kam_record_i64(r, field, 0);
    snprintf(text, sizeof text, "%s %s", kam_record_text(r, field, "-"), weekday[((day + 3) % 7 + 7) % 7]);
    return text;
}

static void plan_entry(cli *c, const kam_record *r) {
    int64_t overdue = kam_record_i64(r, KAM_PLAN_ENTRY_OVERDUE, 0),
            metres = kam_record_i64(r, KAM_PLAN_ENTRY_DISTANCE, -1);
    int begin = (int)kam_record_i64(r, KAM_PLAN_ENTRY_BEGIN, -1);
    const char *grade = kam_record_text(r, KAM_PLAN_ENTRY_GRADE, NULL);
    (void)c;
    printf("  %s  %-5s %3s. %s", plan_day(r, KAM_PLAN_ENTRY_DAY), kam_record_text(r, KAM_PLAN_ENTRY_CHANNEL, ""),
           kam_record_text(r, KAM_PLAN_ENTRY_ORDER, "-"), kam_record_text(r, KAM_PLAN_ENTRY_NAME, ""));
    if (begin >= 0) printf(" at %02d:%02d", begin / 60, begin % 60);
    if (grade) printf(" (%s)", grade);
    if (overdue > 0) printf(", %lld days overdue", (long long)overdue);
    if (metres >= 0) printf(", %lld.%lld km", (long long)(metres / 1000), (long long)(metres % 1000 / 100));
    printf("\n");
}

static void plan_left(cli *c, const kam_record *r) {
    (void)c;
    printf("not planned: %s %s, due %s: %s\n", kam_record_text(r, KAM_UNPLANNED_CHANNEL, ""),
           kam_record_text(r, KAM_UNPLANNED_NAME, ""), kam_record_text(r, KAM_UNPLANNED_DUE, "-"),
           kam_record_text(r, KAM_UNPLANNED_REASON, kam_record_text(r, KAM_UNPLANNED_CODE, "")));
}

static void plan_change(cli *c, const kam_record *r) {
    int64_t account = kam_record_i64(r, KAM_PLAN_CHANGE_ACCOUNT, 0);
    const char *old = kam_record_text(r, KAM_PLAN_CHANGE_OLD_DAY, NULL),
               *now = kam_record_text(r, KAM_PLAN_CHANGE_DAY, NULL);
    int64_t what = kam_record_i64(r, KAM_PLAN_CHANGE_WHAT, 0);
    if (what != KAM_PLAN_WHAT_MOVED && what != KAM_PLAN_WHAT_CANCELLED) return;     /* the rest stands in the plan */
    printf("%s: %s, %s", kam_record_text(r, KAM_PLAN_CHANGE_WHAT, ""),
           cli_name(c, KAM_KIND_ACCOUNT, account, KAM_ACCOUNT_NAME), old ? old : "-");
    printf(now ? " -> %s" : "%s", now ? now : "");
    printf(": %s\n", kam_record_text(r, KAM_PLAN_CHANGE_REASON, ""));
}

static void plan_problem(cli *c, const kam_record *r) {
    (void)c;
    printf("problem: %s %s: %s\n", kam_record_text(r, KAM_PROBLEM_KIND, ""), kam_record_text(r, KAM_PROBLEM_RECORD, ""),
           kam_record_text(r, KAM_PROBLEM_TEXT, ""));
}

/* One list of the run: into its file, or as lines. */
static int plan_list(cli *c, kam_run *run, uint32_t kind, const char *path, const kam_export_options *o,
                     void (*print)(cli *c, const kam_record *r)) {
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    int64_t representative = 0;
    int32_t rc = KAM_OK;
    if (kam_run_rows(&rows, run, kind, c->err) != KAM_OK) return cli_fail(c, NULL);
    if (path) return cli_export_to(c, rows, path, o);
    while (print && (rc = kam_rows_next(&r, rows, c->err)) == KAM_OK && r) {
        int64_t whose = kind == KAM_KIND_PLAN_ENTRY ? kam_record_i64(r, KAM_PLAN_ENTRY_REPRESENTATIVE, 0) : 0;
        if (whose != representative)
            printf("%s\n", cli_name(c, KAM_KIND_REPRESENTATIVE, whose, KAM_REPRESENTATIVE_NAME));
        representative = whose;
        print(c, r);
    }
    kam_rows_free(rows);
    return rc == KAM_OK ? CLI_OK : cli_fail(c, NULL);
}

static int plan_show(cli *c, kam_run *run, const plan_lists *l) {
    int rc = plan_list(c, run, KAM_KIND_PLAN_ENTRY, l->out, &l->o, plan_entry);
    if (rc == CLI_OK) rc = plan_list(c, run, KAM_KIND_UNPLANNED, l->unplanned, &l->o, l->out ? NULL : plan_left);
    if (rc == CLI_OK) rc = plan_list(c, run, KAM_KIND_PLAN_CHANGE, l->changes, &l->o, l->out ? NULL : plan_change);
    if (rc == CLI_OK) rc = plan_list(c, run, KAM_KIND_PROBLEM, l->problems, &l->o, l->out ? NULL : plan_problem);
    return rc;
}

/* "3,R07,erp:12": ids and keys of representatives. */
static int plan_people(cli *c, kam_visit_plan_options *o, int64_t *id, const char *list) {
    for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',') {
        char name[256];
        size_t len = strcspn(at, ",");
        if (o->nrepresentative == PLAN_PEOPLE || len >= sizeof name)
            return cli_usage(c, "that is too much for one plan:", list);
        memcpy(name, at, len);
        name[len] = '\0';
        if (cli_record(c, KAM_KIND_REPRESENTATIVE, &id[o->nrepresentative], name) != CLI_OK) return CLI_FAILED;
        o->nrepresentative++;
    }
    o->representative = id;
    return CLI_OK;
}

/* "08:00-17:30" as minutes of the day. */
static int plan_span(const cli *c, int32_t *begin, int32_t *end, const char *text) {
    int from_hour = 0, from = 0, to_hour = 0, to = 0, used = 0;
    if (!text) return CLI_OK;
    if (sscanf(text, "%2d:%2d-%2d:%2d%n", &from_hour, &from, &to_hour, &to, &used) != 4 || text[used] || from_hour < 0 ||
        from < 0 || from > 59 || to_hour < 0 || to < 0 || to > 59)
        return cli_usage(c, "hours are written 08:00-17:30, not", text);
    *begin = 60 * from_hour + from;
    *end = 60 * to_hour + to;
    return CLI_OK;
}

static int plan_run(cli *c, const kam_visit_plan_options *o, int32_t as_of, int apply, const plan_lists *l) {
    kam_visit_plan *plan = NULL;
    kam_run *run = NULL;
    int32_t rc = kam_visit_plan_new(&plan, c->book, o, c->err);
    if (rc == KAM_OK) rc = kam_visit_plan_run(&run, plan, as_of, c->err);
    if (rc == KAM_OK && apply) rc = kam_run_apply(run, 0, c->err);
    int answer = rc == KAM_OK ? plan_show(c, run, l) : cli_fail(c, NULL);
    if (answer == CLI_OK) cli_told(run, apply);
    kam_run_free(run);
    kam_visit_plan_free(plan);
    return answer;
}

int cmd_plan(cli *c, int argc, char **argv) {
    const char *book = NULL, *from = NULL, *days = NULL, *people = NULL, *frozen = NULL, *seed = NULL, *day = NULL,
               *format = NULL, *hours = NULL, *pause = NULL, *visits = NULL, *driving = NULL;
    int64_t id[PLAN_PEOPLE], ndays = 0, nfrozen = 0, nseed = 0, nvisits = 0, ndriving = 0;
    int apply = 0, labels = 0;
    plan_lists l = {.o = {.struct_size = sizeof l.o}};
    kam_visit_plan_options o = {.struct_size = sizeof o};
    const cli_option option[] = {{"from", &from, NULL},         {"days", &days, NULL},
                                 {"rep", &people, NULL},        {"representative", &people, NULL},
                                 {"frozen", &frozen, NULL},     {"cadence", &o.cadence, NULL},
                                 {"seed", &seed, NULL},         {"as-of", &day, NULL},
                                 {"hours", &hours, NULL},       {"break", &pause, NULL},
                                 {"visits", &visits, NULL},     {"driving", &driving, NULL},
                                 {"apply", NULL, &apply},       {"lang", &l.o.lang, NULL},
                                 {"out", &l.out, NULL},         {"unplanned", &l.unplanned, NULL},
                                 {"changes", &l.changes, NULL}, {"problems", &l.problems, NULL},
                                 {"format", &format, NULL},     {"labels", NULL, &labels},
                                 {NULL, NULL, NULL}};
    int32_t as_of = KAM_TODAY;
    int rc = cli_options(c, argc, argv, option, &book, 1, 1);
    if (rc == CLI_OK) rc = cli_format(c, &l.o.format, format);
    if (rc == CLI_OK) rc = cli_lang(c, l.o.lang);
    if (rc == CLI_OK) rc = cli_day(c, &as_of, day, KAM_TODAY);
    if (rc == CLI_OK) rc = cli_day(c, &o.from, from, 0);
    if (rc == CLI_OK) rc = cli_number(c, &ndays, "--days", days, 366);
    if (rc == CLI_OK) rc = cli_number(c, &nfrozen, "--frozen", frozen, 366);
    if (rc == CLI_OK) rc = cli_number(c, &nseed, "--seed", seed, INT64_MAX);
    if (rc == CLI_OK) rc = cli_number(c, &nvisits, "--visits", visits, 200);
    if (rc == CLI_OK) rc = cli_number(c, &ndriving, "--driving", driving, 1440);
    if (rc == CLI_OK) rc = plan_span(c, &o.day_begin, &o.day_end, hours);
    if (rc == CLI_OK) rc = plan_span(c, &o.pause_begin, &o.pause_end, pause);
    if (rc == CLI_OK) rc = cli_open(c, book, 0, NULL);
    if (rc == CLI_OK) rc = plan_people(c, &o, id, people);
    if (rc != CLI_OK) return rc;
    o.days = (int32_t)ndays;
    o.frozen_days = (int32_t)nfrozen;
    o.seed = (uint64_t)nseed;
    o.visits_a_day = (int32_t)nvisits;
    o.driving_a_day = (int32_t)ndriving;
    if (labels) l.o.flags = KAM_EXPORT_LABELS;
    if (format && !l.out) l.out = "-";
    return plan_run(c, &o, as_of, apply, &l);
}
