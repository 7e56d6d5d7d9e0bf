/* The engines on real data against answers made with other tools (../shared/expected; its README has the conventions):
 * CDNOW, AdventureWorks, Northwind and Online Retail, from the raw files to every class, score, cut and share. Classes
 * and scores must be equal, sums equal to the last unit, shares within 1e-9. */
#define _POSIX_C_SOURCE 200809L             /* popen */
#include "help.h"
#include "codec/codec.h"
#include <math.h>

static kam_ctx *ctx;
static char shared[4000];

/* ---------------------------------------------------------------- files */

static int find_shared(void) {
    const char *dir = getenv("KAM_SHARED");
#ifdef KAM_SHARED_DIR
    if (!dir) dir = KAM_SHARED_DIR;
#endif
    snprintf(shared, sizeof shared, "%s", dir ? dir : "../shared");
    char path[4100];
    snprintf(path, sizeof path, "%s/expected/README.md", shared);
    FILE *f = fopen(path, "rb");
    if (f) fclose(f);
    return f != NULL;
}

#define NEED_SHARED(name) do { \
    if (!find_shared()) { \
        printf("SKIPPED %s: ../shared absent\n", name); \
        skip(); \
    } \
} while (0)

/* Hands the file's bytes over; "x.xz" through the xz program. */
static void read_file(const char *name, void (*take)(void *user, const char *data, size_t size), void *user) {
    char path[8200], part[65536];
    int packed = strlen(name) > 3 && strcmp(name + strlen(name) - 3, ".xz") == 0;
    snprintf(path, sizeof path, packed ? "xz -dc '%s/%s'" : "%s/%s", shared, name);
    FILE *f = packed ? popen(path, "r") : fopen(path, "rb");
    if (!f) fail_msg("cannot read %s", path);
    size_t n, all = 0;
    while ((n = fread(part, 1, sizeof part, f)) > 0) {
        take(user, part, n);
        all += n;
    }
    int rc = packed ? pclose(f) : fclose(f);
    if (rc || !all) fail_msg("cannot read %s (a packed file needs the program xz)", path);
}

static void take_text(void *user, const char *data, size_t size) {
    kam__buf_put(user, data, size);
}

/* ---------------------------------------------------------------- CSV rows by column name */

typedef struct table {
    void (*row)(void *user, const struct table *t);
    void *user;
    const char *want[16];                   /* column names, NULL-ended */
    size_t at[16];
    int started;
    const kam__csv_row *now;
} table;

static kam__csv_field cell(const table *t, int i) {
    return t->now->field[t->at[i]];
}

static int32_t on_row(void *user, const kam__csv_row *row, kam_error *err) {
    table *t = user;
    (void)err;
    assert_int_equal(row->problem, KAM_OK);
    t->now = row;
    if (t->started) {
        t->row(t->user, t);
        return KAM_OK;
    }
    for (int i = 0; t->want[i]; i++) {
        size_t k = 0;
        while (k < row->n && (row->field[k].len != strlen(t->want[i]) || memcmp(row->field[k].text, t->want[i],
                                                                                row->field[k].len)))
            k++;
        if (k == row->n) fail_msg("no column %s", t->want[i]);
        t->at[i] = k;
    }
    t->started = 1;
    return KAM_OK;
}

static void take_csv(void *user, const char *data, size_t size) {
    assert_int_equal(kam__csv_feed(user, data, size, NULL), KAM_OK);
}

static void read_table(const char *name, table *t) {
    kam__csv *csv = NULL;
    assert_int_equal(kam__csv_new(&csv, ctx, ',', on_row, t, NULL), KAM_OK);
    read_file(name, take_csv, csv);
    assert_int_equal(kam__csv_end(csv, NULL), KAM_OK);
    kam__csv_free(csv);
}

static int64_t dec(kam__csv_field f, uint32_t scale) {
    int64_t v = 0;
    int32_t rc = kam__dec_parse(&v, f.text, f.len, scale, KAM__EXACT, NULL, NULL);
    if (rc != KAM_OK) fail_msg("bad number %.*s", (int)f.len, f.text);
    return v;
}

static int32_t day(kam__csv_field f) {
    int32_t d = 0;
    assert_int_equal(kam__day_read(&d, f.text, f.len < 10 ? f.len : 10, NULL), KAM_OK);
    return d;
}

/* ---------------------------------------------------------------- a data set: names, rows, ledger */

#define BLOCK 5000
typedef struct set {
    kam__tmap name;                         /* account -> number */
    char (*text)[16];
    uint32_t n;
    size_t cap;
    kam__ledger *ledger;
    uint32_t nrow;
    int64_t account[BLOCK], amount[BLOCK], cost[BLOCK];
    int32_t day[BLOCK], last;
    uint64_t order[BLOCK];
    kam__tmap order_customer, order_day;    /* Northwind's orders: customer number, day */
} set;

static set *new_set(void) {
    set *s = calloc(1, sizeof *s);
    kam__tmap_init(&s->name, ctx);
    kam__tmap_init(&s->order_customer, ctx);
    kam__tmap_init(&s->order_day, ctx);
    s->last = KAM_DAY_FIRST;
    assert_int_equal(kam__ledger_new(&s->ledger, ctx, NULL, NULL), KAM_OK);
    return s;
}

static void free_set(set *s) {
    kam__tmap_free(&s->name);
    kam__tmap_free(&s->order_customer);
    kam__tmap_free(&s->order_day);
    kam__ledger_free(s->ledger);
    free(s->text);
    free(s);
}

static uint32_t number_of(set *s, kam__csv_field f) {
    uint32_t i;
    if (kam__tmap_get(&s->name, f.text, f.len, &i)) return i;
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->text = realloc(s->text, s->cap * sizeof *s->text);
    }
    assert_true(f.len > 0 && f.len < 16);
    memcpy(s->text[s->n], f.text, f.len);
    s->text[s->n][f.len] = '\0';
    assert_int_equal(kam__tmap_put(&s->name, f.text, f.len, s->n, NULL), KAM_OK);
    return s->n++;
}

static void flush(set *s) {
    kam__ledger_rows r = {.n = s->nrow, .account = s->account, .day = s->day, .amount = s->amount, .order = s->order,
                          .cost = s->cost};
    assert_int_equal(kam__ledger_feed(s->ledger, &r, NULL), KAM_OK);
    s->nrow = 0;
}

static void sale(set *s, uint32_t account, int32_t d, int64_t amount, int64_t cost, kam__csv_field order) {
    uint32_t i = s->nrow++;
    s->account[i] = account, s->day[i] = d, s->amount[i] = amount, s->cost[i] = cost;
    s->order[i] = kam__order_key(order.text, order.len);
    if (d > s->last) s->last = d;
    if (s->nrow == BLOCK) flush(s);
}

static int by_text(const void *a, const void *b, void *arg) {
    const set *s = arg;
    return strcmp(s->text[*(const uint32_t *)a], s->text[*(const uint32_t *)b]);
}

/* ---------------------------------------------------------------- expected JSON */

static const kam__json *json(kam__arena *arena, const char *name) {
    kam_buf text;
    const kam__json *v = NULL;
    kam__buf_init(&text, ctx);
    read_file(name, take_text, &text);
    assert_int_equal(kam__json_parse(&v, arena, text.data, text.size, 0, NULL), KAM_OK);
    kam__buf_drop(&text);
    return v;
}

/* "a.b.c" or "a.b.2" */
static const kam__json *path(const kam__json *v, const char *where) {
    char part[64];
    const kam__json *at = v;
    for (const char *p = where; *p && at;) {
        size_t n = strcspn(p, ".");
        memcpy(part, p, n);
        part[n] = '\0';
        if (at->type == KAM__J_ARRAY) {
            long k = atol(part);
            for (at = at->child; at && k > 0; k--) at = at->next;
        } else {
            at = kam__json_get(at, part);
        }
        p += n + (p[n] == '.');
    }
    if (!at) fail_msg("expected file has no %s", where);
    return at;
}

/* The number as a decimal: it is written with at most `scale` places. */
static int64_t want(const kam__json *v, const char *group, const char *where, uint32_t scale) {
    char all[128];
    int64_t out = 0;
    snprintf(all, sizeof all, "%s.%s", group, where);
    const kam__json *x = path(v, all);
    assert_int_equal(kam__dec_parse(&out, x->text, x->len, scale, KAM__EXACT, NULL, NULL), KAM_OK);
    return out;
}

/* Within 1e-9, or half of the last place the file gives. */
static void near(double got, const kam__json *v, const char *group, const char *where) {
    char all[128];
    double x = 0;
    snprintf(all, sizeof all, "%s.%s", group, where);
    const kam__json *j = path(v, all);
    assert_int_equal(kam__f64_parse(&x, j->text, j->len, NULL), KAM_OK);
    const char *dot = memchr(j->text, '.', j->len);
    double last = dot ? pow(10, -(double)(j->text + j->len - dot - 1)) : 1, tolerance = 1e-9 * (1 + fabs(x));
    if (fabs(got - x) > (last / 2 > tolerance ? last / 2 : tolerance)) fail_msg("%s: got %.12g, want %.12g", all, got,
                                                                                x);
}

/* ---------------------------------------------------------------- comparison */

static void check_classes(const kam__pareto *p, const kam__json *v, const char *group, uint32_t decimals) {
    const char *const letter[] = {"A", "B", "C"};
    char where[64];
    assert_int_equal(p->n, want(v, group, "n", 0));
    assert_int_equal(p->total, want(v, group, "total_revenue", decimals));
    for (int c = 0; c < 3; c++) {
        snprintf(where, sizeof where, "crossing_in.%s.count", letter[c]);
        assert_int_equal(p->count[c], want(v, group, where, 0));
        snprintf(where, sizeof where, "crossing_in.%s.revenue_share", letter[c]);
        near((double)p->sum[c] / (double)p->total, v, group, where);
        snprintf(where, sizeof where, "cum_share_le_cut.%s.count", letter[c]);
        assert_int_equal(p->count_incl[c], want(v, group, where, 0));
        snprintf(where, sizeof where, "cum_share_le_cut.%s.revenue_share", letter[c]);
        near((double)p->sum_incl[c] / (double)p->total, v, group, where);
    }
}

static void check_pareto(const kam__pareto *p, const kam__json *v, const char *group, uint32_t decimals) {
    char where[64];
    check_classes(p, v, group, decimals);
    snprintf(where, sizeof where, "%s.concentration_positive_only", group);
    assert_int_equal(p->npositive, want(v, where, "n_positive", 0));
    near(p->gini, v, where, "gini");
    near(p->hhi, v, where, "hhi");
    near(kam__pareto_top_part(p, 2000), v, where, "top20pct_share_ceil");
    near(kam__pareto_top(p, 1), v, where, "top1_share");
    near(kam__pareto_top(p, 10), v, where, "top10_share");
}

static void check_rfm(const kam__rfm *r, const kam__json *v, uint32_t decimals) {
    const char *const name[] = {"R", "F", "M"}, *const low[] = {"r", "f", "m"};
    char where[64];
    uint32_t count[125];
    for (int m = 0; m < 3; m++) {
        uint32_t tile[6] = {0}, q7[6] = {0};
        for (uint32_t i = 0; i < r->n; i++) {
            tile[r->ntile[m][i]]++;
            q7[r->q7[m][i]]++;
        }
        for (int k = 0; k < 4; k++) {
            snprintf(where, sizeof where, "quantiles_type7.%s.%d", name[m], k);
            assert_int_equal(r->cut10[m][k], want(v, "rfm", where, m == KAM__M ? decimals + 1 : 1));
        }
        for (int k = 0; k < 5; k++) {
            snprintf(where, sizeof where, "hist_ntile.%s.%d", low[m], k);
            assert_int_equal(tile[k + 1], want(v, "rfm", where, 0));
            snprintf(where, sizeof where, "hist_q7.%s.%d", low[m], k);
            assert_int_equal(q7[k + 1], want(v, "rfm", where, 0));
        }
    }
    kam__rfm_count(r, r->ntile, count);
    assert_int_equal(count[124], want(v, "rfm", "ntile_n555", 0));
    assert_int_equal(count[0], want(v, "rfm", "ntile_n111", 0));
    kam__rfm_count(r, r->q7, count);
    assert_int_equal(count[124], want(v, "rfm", "q7_n555", 0));
    assert_int_equal(count[0], want(v, "rfm", "q7_n111", 0));
}

/* What the engines say of a set, and the per-customer file read against it. */
typedef struct answer {
    set *s;
    uint32_t n, rows, decimals;
    int64_t *revenue, *orders, *recency, *profit;
    uint32_t *by_id, *rank;
    kam__pareto pareto;
    kam__rfm rfm;
} answer;

static void compute(answer *a, set *s, uint32_t decimals) {
    flush(s);
    assert_int_equal(kam__ledger_end(s->ledger, NULL), KAM_OK);
    *a = (answer){.s = s, .n = kam__ledger_count(s->ledger), .decimals = decimals};
    assert_int_equal(a->n, s->n);
    a->revenue = calloc(a->n, 8), a->orders = calloc(a->n, 8), a->recency = calloc(a->n, 8), a->profit = calloc(a->n,
                                                                                                                8);
    a->by_id = calloc(a->n, 4), a->rank = calloc(a->n, 4);
    for (uint32_t i = 0; i < a->n; i++) {
        kam__totals t;
        assert_int_equal(kam__ledger_at(s->ledger, i, 0, &t, NULL), KAM_OK);
        a->revenue[i] = t.revenue, a->orders[i] = t.orders, a->profit[i] = t.contribution;
        a->recency[i] = s->last + 1 - t.last_day;
        a->by_id[i] = i;
    }
    assert_int_equal(kam__sort(ctx, a->by_id, a->n, 4, by_text, s, NULL), KAM_OK);
    assert_int_equal(kam__pareto_make(&a->pareto, ctx, a->revenue, a->n, a->by_id, 8000, 9500, NULL), KAM_OK);
    assert_int_equal(kam__rfm_make(&a->rfm, ctx, a->recency, a->orders, a->revenue, a->n, a->by_id, NULL), KAM_OK);
    for (uint32_t i = 0; i < a->n; i++) a->rank[a->pareto.order[i]] = i;
}

static void free_answer(answer *a) {
    kam__pareto_free(&a->pareto);
    kam__rfm_free(&a->rfm);
    free(a->revenue), free(a->orders), free(a->recency), free(a->profit), free(a->by_id), free(a->rank);
    free_set(a->s);
}

static const char *const customer_columns[] = {"customer", "F", "M", "R", "r_ntile", "r_q7", "f_ntile", "f_q7",
                                               "m_ntile", "m_q7", "cum_share", "abc", "abc_incl", "profit"};

static void customer_row(void *user, const table *t) {
    answer *a = user;
    kam__csv_field id = cell(t, 0), share = cell(t, 10);
    uint32_t i = 0;
    double cum = 0;
    if (!kam__tmap_get(&a->s->name, id.text, id.len, &i)) fail_msg("customer %.*s is missing", (int)id.len, id.text);
    assert_int_equal(a->orders[i], dec(cell(t, 1), 0));
    assert_int_equal(a->revenue[i], dec(cell(t, 2), a->decimals));
    assert_int_equal(a->recency[i], dec(cell(t, 3), 0));
    for (int m = 0; m < 3; m++) {
        assert_int_equal(a->rfm.ntile[m][i], dec(cell(t, 4 + 2 * m), 0));
        assert_int_equal(a->rfm.q7[m][i], dec(cell(t, 5 + 2 * m), 0));
    }
    assert_int_equal(kam__f64_parse(&cum, share.text, share.len, NULL), KAM_OK);
    if (fabs(cum - kam__pareto_share(&a->pareto, a->rank[i])) > 1e-9)
        fail_msg("%.*s: cum_share %.12g, want %.12g", (int)id.len, id.text, kam__pareto_share(&a->pareto, a->rank[i]),
                 cum);
    assert_int_equal('A' + a->pareto.abc[a->rank[i]], *cell(t, 11).text);
    assert_int_equal('A' + a->pareto.abc_incl[a->rank[i]], *cell(t, 12).text);
    if (t->want[13]) assert_int_equal(a->profit[i], dec(cell(t, 13), a->decimals));
    a->rows++;
}

static void check_customers(answer *a, const char *file, int profit) {
    table t = {.row = customer_row, .user = a};
    memcpy(t.want, customer_columns, sizeof customer_columns);
    if (!profit) t.want[13] = NULL;
    read_table(file, &t);
    assert_int_equal(a->rows, a->n);
}

/* ---------------------------------------------------------------- the four sets */

static void cdnow_row(void *user, const table *t) {
    sale(user, number_of(user, cell(t, 0)), day(cell(t, 1)), dec(cell(t, 2), 2), 0, (kam__csv_field){0});
}

static void cdnow_sample(void **state) {
    (void)state;
    NEED_SHARED("value/expected: cdnow_sample");
    answer a;
    kam__arena arena;
    set *s = new_set();
    table t = {.row = cdnow_row, .user = s, .want = {"master_id", "date", "amount"}};
    read_table("data/value/cdnow_sample.csv", &t);
    compute(&a, s, 2);
    kam__arena_init(&arena, ctx, 0);
    const kam__json *v = json(&arena, "expected/cdnow_sample_value.json");
    check_pareto(&a.pareto, v, "abc", 2);
    check_rfm(&a.rfm, v, 2);
    check_customers(&a, "expected/cdnow_sample_value_per_customer.csv.xz", 0);
    kam__arena_free(&arena);
    free_answer(&a);
}

static void aw_row(void *user, const table *t) {
    int64_t cost = cell(t, 4).len ? dec(cell(t, 4), 2) : dec(cell(t, 5), 2) * dec(cell(t, 6), 0);
    sale(user, number_of(user, cell(t, 0)), day(cell(t, 1)), dec(cell(t, 2), 2), cost, cell(t, 3));
}

static void check_profit(const answer *a, const kam__json *v) {
    kam__whale w;
    kam__pareto p;
    assert_int_equal(kam__whale_make(&w, a->profit, a->n, NULL), KAM_OK);
    assert_int_equal(w.total, want(v, "profit_whale_curve", "total_profit", 2));
    assert_int_equal(w.peak_at, want(v, "profit_whale_curve", "peak_at_customers", 0));
    assert_int_equal(w.unprofitable, want(v, "profit_whale_curve", "unprofitable_customers", 0));
    assert_int_equal(w.loss, want(v, "profit_whale_curve", "loss_sum", 2));
    near(w.peak_pct, v, "profit_whale_curve", "peak_cum_profit_pct");
    assert_int_equal(kam__pareto_make(&p, ctx, a->profit, a->n, a->by_id, 8000, 9500, NULL), KAM_OK);
    check_classes(&p, v, "abc_by_profit", 2);
    near(kam__pareto_share(&p, (a->n + 4) / 5 - 1), v, "profit_whale_curve", "top20pct_profit_share_of_total");
    kam__pareto_free(&p);
}

static void adventureworks(void **state) {
    (void)state;
    NEED_SHARED("value/expected: aw_resellers");
    answer a;
    kam__arena arena;
    set *s = new_set();
    table t = {.row = aw_row, .user = s, .want = {"reseller_key", "order_date", "sales_amount", "order_number",
                                                  "total_product_cost", "standard_cost", "quantity"}};
    read_table("data/adventureworks/aw_reseller_sales.csv", &t);
    compute(&a, s, 2);
    kam__arena_init(&arena, ctx, 0);
    const kam__json *v = json(&arena, "expected/aw_resellers_value.json");
    check_pareto(&a.pareto, v, "abc", 2);
    check_rfm(&a.rfm, v, 2);
    check_profit(&a, v);
    check_customers(&a, "expected/aw_resellers_value_per_customer.csv.xz", 1);
    kam__arena_free(&arena);
    free_answer(&a);
}

static void northwind_order(void *user, const table *t) {
    set *s = user;
    kam__csv_field order = cell(t, 0);
    assert_int_equal(kam__tmap_put(&s->order_customer, order.text, order.len, number_of(s, cell(t, 1)), NULL), KAM_OK);
    assert_int_equal(kam__tmap_put(&s->order_day, order.text, order.len, (uint32_t)day(cell(t, 2)), NULL), KAM_OK);
}

/* unitPrice (2 places) * quantity * (1 - discount (2 places)) is exact at 4. */
static void northwind_detail(void *user, const table *t) {
    set *s = user;
    kam__csv_field order = cell(t, 0);
    uint32_t customer = 0, d = 0;
    assert_true(kam__tmap_get(&s->order_customer, order.text, order.len, &customer));
    assert_true(kam__tmap_get(&s->order_day, order.text, order.len, &d));
    sale(s, customer, (int32_t)d, dec(cell(t, 1), 2) * dec(cell(t, 2), 0) * (100 - dec(cell(t, 3), 2)), 0, order);
}

static void northwind(void **state) {
    (void)state;
    NEED_SHARED("value/expected: northwind");
    answer a;
    kam__arena arena;
    set *s = new_set();
    table orders = {.row = northwind_order, .user = s, .want = {"orderID", "customerID", "orderDate"}};
    table details = {.row = northwind_detail, .user = s, .want = {"orderID", "unitPrice", "quantity", "discount"}};
    read_table("data/value/northwind_orders.csv", &orders);
    read_table("data/value/northwind_order_details.csv", &details);
    compute(&a, s, 4);
    kam__arena_init(&arena, ctx, 0);
    const kam__json *v = json(&arena, "expected/northwind_value.json");
    check_pareto(&a.pareto, v, "abc", 4);
    check_rfm(&a.rfm, v, 4);
    check_customers(&a, "expected/northwind_value_per_customer.csv.xz", 0);
    kam__arena_free(&arena);
    free_answer(&a);
}

typedef struct retail { set *gross, *net; } retail;

static void retail_row(void *user, const table *t) {
    retail *r = user;
    kam__csv_field id = cell(t, 0), order = cell(t, 4);
    if (id.len == 0) return;
    int64_t price = dec(cell(t, 2), 3), quantity = dec(cell(t, 3), 0);
    sale(r->net, number_of(r->net, id), day(cell(t, 1)), price * quantity, 0, order);
    if (price <= 0 || quantity <= 0 || (order.len && order.text[0] == 'C')) return;
    sale(r->gross, number_of(r->gross, id), day(cell(t, 1)), price * quantity, 0, order);
}

/* net_revenue and abc_net of each customer */
static void net_row(void *user, const table *t) {
    answer *a = user;
    kam__csv_field id = cell(t, 0);
    uint32_t i = 0;
    assert_true(kam__tmap_get(&a->s->name, id.text, id.len, &i));
    assert_int_equal(a->revenue[i], dec(cell(t, 1), 3));
    assert_int_equal('A' + a->pareto.abc[a->rank[i]], *cell(t, 2).text);
    a->rows++;
}

static void online_retail(void **state) {
    (void)state;
    NEED_SHARED("value/expected: online_retail");
    answer gross, net;
    kam__arena arena;
    retail r = {new_set(), new_set()};
    table t = {.row = retail_row, .user = &r, .want = {"customer_id", "invoice_date", "unit_price", "quantity",
                                                       "invoice"}};
    table n = {.row = net_row, .user = &net, .want = {"customer", "net_revenue", "abc_net"}};
    read_table("data/value/online_retail.csv.xz", &t);
    compute(&gross, r.gross, 3);
    compute(&net, r.net, 3);
    kam__arena_init(&arena, ctx, 0);
    const kam__json *v = json(&arena, "expected/online_retail_value.json");
    check_pareto(&gross.pareto, v, "abc_gross", 3);
    check_pareto(&net.pareto, v, "abc_net_of_cancellations", 3);
    check_rfm(&gross.rfm, v, 3);
    check_customers(&gross, "expected/online_retail_value_per_customer.csv.xz", 0);
    read_table("expected/online_retail_value_per_customer.csv.xz", &n);
    assert_int_equal(net.rows, gross.n);
    kam__arena_free(&arena);
    free_answer(&gross);
    free_answer(&net);
}

static int open_ctx(void **state) {
    (void)state;
    return kam_ctx_new(&ctx, NULL, NULL) == KAM_OK ? 0 : -1;
}

static int close_ctx(void **state) {
    (void)state;
    kam_ctx_free(ctx);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cdnow_sample), cmocka_unit_test(adventureworks), cmocka_unit_test(northwind),
        cmocka_unit_test(online_retail),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
