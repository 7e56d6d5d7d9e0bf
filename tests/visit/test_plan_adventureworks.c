/*
 * A plan of four weeks for AdventureWorks: 701 shops of 13 sales people, graded by quota; who has nobody to see, which
 * shops have no place, and how much shorter the ways are than those of the same visits dealt round to the same days.
 */
#include "base/base_test.h"
#include "requirements/req.h"
#include "visit/plan.h"

#define ROWS 800
static char folder[500];

static FILE *aw_open(const char *name) {
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, "rb");
}

static char *aw_read(const char *path) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *text = malloc((size_t)size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, f), (size_t)size);
    text[size] = '\0';
    fclose(f);
    return text;
}

static void aw_import(req *q, uint32_t kind, const char *mapping, const char *data) {
    kam_import *imp = NULL;
    kam_import_options o = {.struct_size = sizeof o, .source = "aw", .mapping = mapping};
    REQ_MUST(q, kam_import_new(&imp, q->book, kind, &o, q->err));
    REQ_MUST(q, kam_import_feed(imp, data, strlen(data), q->err));
    REQ_MUST(q, kam_import_finish(imp, q->err));
    kam_import_free(imp);
}

static void aw_import_file(req *q, uint32_t kind, const char *mapping, const char *name) {
    char path[600];
    snprintf(path, sizeof path, KAM_SOURCE_DIR "/examples/adventureworks/%s", mapping);
    char *document = aw_read(path);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *data = aw_read(path);
    aw_import(q, kind, document, data);
    free(document);
    free(data);
}

/* The n-th cell of a line as it stands there, quotes included. */
static void aw_cell(const char *line, int n, char out[200]) {
    int quoted = 0;
    for (; n && *line; line++) {
        if (*line == '"') quoted = !quoted;
        if (*line == ',' && !quoted) n--;
    }
    size_t k = 0;
    for (; *line && *line != '\r' && *line != '\n' && (quoted || *line != ',') && k < 199; line++) {
        if (*line == '"') quoted = !quoted;
        out[k++] = *line;
    }
    out[k] = '\0';
}

/* Both files name the same shops, by name and city (join.awk). */
static void aw_import_shops(req *q) {
    static char key[ROWS][200], shop[ROWS][420], line[1000], out[400000];
    char a[200], b[200];
    int n = 0;
    FILE *f = aw_open("aw_resellers.csv");
    while (fgets(line, sizeof line, f) && n < ROWS) {
        aw_cell(line, 0, key[n]);
        aw_cell(line, 2, a);
        aw_cell(line, 3, b);
        snprintf(shop[n++], sizeof shop[0], "%s|%s", a, b);
    }
    fclose(f);
    f = aw_open("aw_stores.csv");
    size_t at = 0;
    while (fgets(line, sizeof line, f)) {
        char want[420];
        int i = 0;
        aw_cell(line, 1, a);
        aw_cell(line, 11, b);
        snprintf(want, sizeof want, "%s|%s", a, b);
        while (i < n && strcmp(shop[i], want) != 0) i++;
        if (at == 0) i = 0;
        assert_true(i < n);
        aw_cell(line, 0, a);
        at += (size_t)snprintf(out + at, sizeof out - at, "%s,%s,%s", at ? key[i] : "reseller_key",
                               at ? "x" : "business_type", line);
    }
    fclose(f);
    char *document = aw_read(KAM_SOURCE_DIR "/examples/adventureworks/accounts.json");
    aw_import(q, KAM_KIND_ACCOUNT, document, out);
    free(document);
}

static void aw_grade(req *q, int32_t day) {
    kam_scheme *scheme = NULL;
    kam_run *run = NULL;
    REQ_MUST(q, kam_scheme_open(&scheme, q->book, "quota-20-40-40", day, q->err));
    REQ_MUST(q, kam_grading_run(&run, q->book, scheme, day, q->err));
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    kam_run_free(run);
    kam_scheme_free(scheme);
}

static void aw_book(req *q) {
    static const char *const ledger =
        "{\"name\":\"lines\",\"kind\":\"ledger\",\"ext_id\":[\"order_number\",\"product_key\"],\"columns\":{"
        "\"order_number\":\"order\",\"order_date\":\"day\",\"reseller_key\":\"account\",\"sales_amount\":\"amount\"},"
        "\"constants\":{\"event\":\"SALE\"}}";
    char path[600];
    aw_import_file(q, KAM_KIND_TERRITORY, "territories.json", "aw_territories.csv");
    aw_import_file(q, KAM_KIND_REPRESENTATIVE, "representatives.json", "aw_salespersons.csv");
    aw_import_shops(q);
    snprintf(path, sizeof path, "%s/aw_reseller_sales.csv", folder);
    char *data = aw_read(path);
    aw_import(q, KAM_KIND_LEDGER, ledger, data);
    free(data);
    aw_grade(q, req_day("2020-05-31"));
}

/* ---------------------------------------------------------------- the same visits, dealt round */

typedef struct visit { int64_t account, rep; int32_t day, lat, lon; } visit;
static visit visits[5000];
static size_t nvisit;

static int by_rep_account(const void *a, const void *b) {
    const visit *x = a, *y = b;
    if (x->rep != y->rep) return x->rep < y->rep ? -1 : 1;
    return (x->account > y->account) - (x->account < y->account);
}

static int64_t way(const visit *const *stop, size_t n) {
    int64_t sum = 0;
    for (size_t i = 1; i < n; i++)
        sum += kam__geo_metres(stop[i - 1]->lat, stop[i - 1]->lon, stop[i]->lat, stop[i]->lon);
    return sum;
}

static int64_t two_opt(const visit **stop, size_t n) {
    for (int again = 1; again;) {
        again = 0;
        for (size_t i = 0; i + 1 < n; i++)
            for (size_t k = i + 1; k < n; k++) {
                int64_t before = way(stop, n);
                for (size_t a = i, b = k; a < b; a++, b--) { const visit *s = stop[a]; stop[a] = stop[b]; stop[b] = s; }
                if (way(stop, n) < before) again = 1;
                else
                    for (size_t a = i, b = k; a < b; a++, b--) {
                        const visit *s = stop[a];
                        stop[a] = stop[b];
                        stop[b] = s;
                    }
            }
    }
    return way(stop, n);
}

/* One representative's visits [from, to), by account (each is visited once): dealt round to the days it uses, as many a day. */
static int64_t dealt(size_t from, size_t to) {
    int32_t day[366];
    size_t left[366], n = 0, at = 0;
    static const visit *stop[366][200];
    size_t have[366] = {0};
    for (size_t i = from; i < to; i++) {
        size_t d = 0;
        while (d < n && day[d] != visits[i].day) d++;
        if (d == n) { day[n] = visits[i].day; left[n++] = 0; }
        left[d]++;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            if (day[k] < day[i]) {
                int32_t s = day[i]; day[i] = day[k]; day[k] = s;
                size_t t = left[i]; left[i] = left[k]; left[k] = t;
            }
    for (size_t i = from; i < to; i++) {
        while (have[at % n] == left[at % n]) at++;
        stop[at % n][have[at % n]++] = &visits[i];
        at++;
    }
    int64_t sum = 0;
    for (size_t d = 0; d < n; d++) sum += two_opt(stop[d], have[d]);
    return sum;
}

static int64_t stat(const kam_run *run, const char *name) {
    const char *text = kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""), *p = strstr(text, name);
    assert_non_null(p);
    return strtoll(p + strlen(name) + 2, NULL, 10);
}

static size_t count_problems(req *q, kam_run *run, const char *code) {
    kam_rows *rows = NULL;
    size_t n = 0;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PROBLEM, q->err));
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows))
        n += strcmp(kam_record_text(r, KAM_PROBLEM_CODE, ""), code) == 0;
    kam_rows_free(rows);
    return n;
}

/* Also adds up the ways of the plan from the shops' places, in the order of the list. */
static int64_t take_visits(req *q, kam_run *run) {
    kam_rows *rows = NULL;
    int64_t metres = 0;
    nvisit = 0;
    REQ_MUST(q, kam_run_rows(&rows, run, KAM_KIND_PLAN_ENTRY, q->err));
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows)) {
        if (strcmp(kam_record_text(r, KAM_PLAN_ENTRY_CHANNEL, ""), "VISIT") != 0) continue;
        if (!kam_record_type(r, KAM_PLAN_ENTRY_DISTANCE)) continue;
        int64_t id = kam_record_i64(r, KAM_PLAN_ENTRY_ACCOUNT, 0);
        kam_record *a = req_get(q, KAM_KIND_ACCOUNT, id, KAM_TODAY);
        visits[nvisit++] = (visit){
            id, kam_record_i64(r, KAM_PLAN_ENTRY_REPRESENTATIVE, 0), (int32_t)kam_record_i64(r, KAM_PLAN_ENTRY_DAY, 0),
            (int32_t)kam_record_i64(a, KAM_ACCOUNT_LATITUDE, 0), (int32_t)kam_record_i64(a, KAM_ACCOUNT_LONGITUDE, 0)};
        kam_record_free(a);
        const visit *v = &visits[nvisit - 1], *before = nvisit > 1 ? v - 1 : v;
        if (before->rep == v->rep && before->day == v->day)
            metres += kam__geo_metres(before->lat, before->lon, v->lat, v->lon);
    }
    kam_rows_free(rows);
    qsort(visits, nvisit, sizeof *visits, by_rep_account);
    for (size_t i = 1; i < nvisit; i++) assert_true(visits[i].account != visits[i - 1].account);
    return metres;
}

static int32_t aw_plan(req *q, kam_run **run) {
    kam_visit_plan *plan = NULL;
    kam_visit_plan_options o = {.struct_size = sizeof o, .from = req_day("2020-06-01"), .days = 28};
    REQ_MUST(q, kam_visit_plan_new(&plan, q->book, &o, q->err));
    int32_t rc = kam_visit_plan_run(run, plan, req_day("2020-05-31"), q->err);
    kam_visit_plan_free(plan);
    return rc;
}

static void four_weeks(req *q) {
    kam_run *run = NULL, *again = NULL;
    aw_book(q);
    REQ_MUST(q, aw_plan(q, &run));
    REQ_EQUAL(q, stat(run, "representatives"), 17);
    REQ_EQUAL(q, stat(run, "visits"), 701);
    REQ_EQUAL(q, stat(run, "unplanned"), 0);
    REQ_EQUAL(q, (int64_t)count_problems(q, run, "NO_ACCOUNTS"), 4);
    REQ_EQUAL(q, (int64_t)count_problems(q, run, "NO_COORDINATES"), 30);
    REQ_EQUAL(q, take_visits(q, run), stat(run, "travel_m"));
    REQ_EQUAL(q, (int64_t)nvisit, 671);
    int64_t base = 0, reps = 0;
    for (size_t i = 0, k = 0; i < nvisit; i = k, reps++) {
        for (k = i; k < nvisit && visits[k].rep == visits[i].rep;) k++;
        base += dealt(i, k);
    }
    REQ_EQUAL(q, reps, 13);
    int64_t ours = stat(run, "travel_m");
    print_message("AdventureWorks on %s: %lld km, dealt round %lld km: %lld %%; %s\n", q->on, (long long)ours / 1000,
                  (long long)base / 1000, (long long)(ours * 100 / base),
                  kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""));
    assert_true(ours * 10 <= base * 7);
    REQ_MUST(q, kam_run_apply(run, 0, q->err));
    REQ_MUST(q, aw_plan(q, &again));
    print_message("%s\n", kam_record_text(kam_run_record(again), KAM_RUN_COUNTS, ""));
    assert_non_null(
        strstr(kam_record_text(kam_run_record(again), KAM_RUN_COUNTS, ""), "\"moved\":0,\"added\":0,\"cancelled\":0"));
    REQ_EQUAL(q, stat(again, "travel_m"), ours);
    kam_run_free(again);
    kam_run_free(run);
}

static void adventureworks(void **state) {
    const char *shared = getenv("KAM_SHARED");
    (void)state;
    snprintf(folder, sizeof folder, "%s/data/adventureworks", shared ? shared : KAM_SHARED_DIR);
    FILE *f = aw_open("aw_stores.csv");
    if (!f) {
        print_message("SKIPPED plan_adventureworks: ../shared absent\n");
        skip();
    }
    fclose(f);
    req q;
    kam_store *store = NULL;
    req_start(&q);
    REQ_MUST(&q, kam_store_memory(&store, q.ctx, q.err));
    req_run(four_weeks, "memory", store, &q);
    req_end(&q);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(adventureworks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
