/* Every public call of the room once for each of its allocations, which fails: the call says KAM_E_NOMEM, leaves nothing
 * behind, and then does what it always does. */
#include "help.h"
#include "requirements/req.h"

enum { N = 40 };
typedef struct world {
    req q;
    int32_t day, x[N], y[N];
    double tx[N], t[N], m[N], table[N * 2], out[N], more[N];
    uint32_t group[N];
    kam_clv_rows rows;
    kam_clv *buys, *money;
    kam_logistic *logistic;
    int64_t sheet, card;
} world;
typedef int32_t (*call_fn)(world *w);

/* ---------------------------------------------------------------- engines */

static int32_t fit(world *w, uint32_t model) {
    kam_clv *c = NULL;
    int32_t rc = kam_clv_fit(&c, w->q.ctx, model, &w->rows, w->q.err);
    kam_clv_free(c);
    return rc;
}
static int32_t fit_bg(world *w) { return fit(w, KAM_CLV_BGNBD); }
static int32_t fit_mbg(world *w) { return fit(w, KAM_CLV_MBGNBD); }
static int32_t fit_pareto(world *w) { return fit(w, KAM_CLV_PNBD); }
static int32_t fit_nbd(world *w) { return fit(w, KAM_CLV_NBD); }
static int32_t fit_gg(world *w) { return fit(w, KAM_CLV_GG); }
static int32_t fit_bgbb(world *w) { return fit(w, KAM_CLV_BGBB); }
static int32_t predict(world *w) { return kam_clv_predict(w->out, w->more, w->buys, &w->rows, 13, w->q.err); }
static int32_t spend(world *w) { return kam_clv_spend(w->out, w->money, &w->rows, w->q.err); }
static int32_t worth(world *w) { return kam_clv_value(w->out, w->buys, w->money, &w->rows, 4.345, 12, .01, w->q.err); }

static int32_t saved(world *w) {
    kam_buf *json = NULL;
    kam_clv *c = NULL;
    int32_t rc = kam_buf_new(&json, w->q.ctx, w->q.err);
    if (rc == KAM_OK) rc = kam_clv_to_json(json, w->buys, w->q.err);
    if (rc == KAM_OK) rc = kam_clv_from_json(&c, w->q.ctx, kam_buf_data(json), KAM_NUL, w->q.err);
    kam_clv_free(c);
    kam_buf_free(json);
    return rc;
}

static int32_t purchases(world *w) {
    const kam_purchases_options o = {.struct_size = sizeof o, .until = 500, .decimals = 2};
    int64_t account[N], amount[N];
    kam_purchases *p = NULL;
    kam_clv_rows rows;
    for (int i = 0; i < N; i++) account[i] = i % 7, amount[i] = 100 * i;
    int32_t rc = kam_purchases_new(&p, w->q.ctx, &o, w->q.err);
    if (rc == KAM_OK) rc = kam_purchases_feed(p, account, w->x, amount, N, w->q.err);
    if (rc == KAM_OK) rc = kam_purchases_rows(&rows, NULL, NULL, p, w->q.err);
    kam_purchases_free(p);
    return rc;
}

static int32_t kmeans(world *w) {
    const kam_kmeans_options o = {.struct_size = sizeof o, .k = 3, .restarts = 2};
    return kam_kmeans(w->group, NULL, NULL, w->q.ctx, w->table, N, 2, &o, w->q.err);
}
static int32_t silhouette(world *w) {
    return kam_silhouette(w->out, w->q.ctx, w->table, N, 2, w->group, 3, 0, w->q.err);
}
static int32_t logistic(world *w) {
    kam_logistic *l = NULL;
    int32_t rc = kam_logistic_fit(&l, w->q.ctx, w->table, w->y, N, 2, w->q.err);
    kam_logistic_free(l);
    return rc;
}
static int32_t probabilities(world *w) { return kam_logistic_predict(w->out, w->logistic, w->table, N, w->q.err); }
static int32_t measured(world *w) {
    kam_score s = {.struct_size = sizeof s};
    for (int i = 0; i < N; i++) w->out[i] = 0.5;
    return kam_score_measure(&s, w->q.ctx, w->out, w->y, N, w->q.err);
}
static int32_t forecast(world *w) {
    return kam_forecast(w->out, w->more, NULL, w->m, N, 12, 6, w->q.ctx, w->q.err);
}

/* ---------------------------------------------------------------- over the book */

static int32_t list(kam_rows *rows, int32_t rc) {
    kam_rows_free(rows);
    return rc;
}
#define LIST(name, call) static int32_t name(world *w) { kam_rows *rows = NULL; int32_t rc = call; return list(rows, rc); }
static const kam_value_options told = {
    .struct_size = sizeof told, .flags = KAM_VALUE_RETURNS_BY_ORDER | KAM_VALUE_EXTERNAL,
    .settings = "{\"shared_costs\":[{\"name\":\"cars\",\"kind\":\"TRAVEL\",\"driver\":\"visits\",\"amount\":10}]}"};
static const char contracts[] = "[{\"account\":1,\"from\":\"2025-01-01\",\"to\":\"2027-01-01\",\"mode\":\"whole\","
                                "\"tiers\":[{\"from\":1,\"rate\":0.01}]}]";
LIST(periods, kam_value_periods(&rows, w->q.book, NULL, KAM_PERIOD_MONTH, w->day, w->q.err))
LIST(companies, kam_value_companies(&rows, w->q.book, NULL, w->day, w->q.err))
LIST(groups, kam_value_groups(&rows, w->q.book, NULL, w->day, w->q.err))
LIST(shared, kam_value_shared_costs(&rows, w->q.book, &told, w->day, w->q.err))
LIST(profiles, kam_value_profiles(&rows, w->q.book, NULL, w->day, w->q.err))
LIST(declines, kam_value_declines(&rows, w->q.book, NULL, w->day, w->q.err))
LIST(whitespace, kam_value_whitespace(&rows, w->q.book, NULL, w->day, w->q.err))
LIST(rebates, kam_value_rebates(&rows, w->q.book, contracts, KAM_NUL, w->day, w->q.err))
LIST(forecasts, kam_value_forecasts(&rows, w->q.book, NULL, w->day, w->q.err))
LIST(variance, kam_value_forecast_variance(&rows, w->q.book, NULL, w->day, w->q.err))

static int32_t effort(world *w) {
    kam_effort e = {.struct_size = sizeof e};
    kam_rows *rows = NULL;
    int32_t rc = kam_value_effort(&e, &rows, w->q.book, NULL, 0, w->day, w->q.err);
    return list(rows, rc);
}

static int32_t explained(kam_run *run, int32_t rc, world *w) {
    kam_why *why = NULL;
    if (rc == KAM_OK) rc = kam_run_why(&why, run, 1, w->q.err);
    kam_why_free(why);
    kam_run_free(run);
    return rc;
}
static int32_t value_run(world *w) {
    kam_run *run = NULL;
    int32_t rc = kam_value_run(&run, w->q.book, &told, w->day, w->q.err);
    return explained(run, rc, w);
}
static int32_t clv_run(world *w) {
    const kam_clv_options o = {.struct_size = sizeof o, .model = KAM_CLV_NBD};
    kam_run *run = NULL;
    int32_t rc = kam_clv_run(&run, w->q.book, &o, w->day, w->q.err);
    return explained(run, rc, w);
}
static int32_t sheet(world *w) {
    kam_why *why = NULL;
    int32_t rc = kam_segmentation_why(&why, w->q.book, w->sheet, w->day, w->q.err);
    kam_why_free(why);
    return rc;
}
static int32_t card(world *w) {
    kam_why *why = NULL;
    int32_t rc = kam_segment_card_why(&why, w->q.book, w->card, w->day, w->q.err);
    kam_why_free(why);
    return rc;
}

#define CALL(fn) {#fn, fn}
static const struct { const char *name; call_fn fn; } calls[] = {
    CALL(fit_bg), CALL(fit_mbg), CALL(fit_pareto), CALL(fit_nbd), CALL(fit_gg), CALL(fit_bgbb), CALL(predict), CALL(spend),
    CALL(worth), CALL(saved), CALL(purchases), CALL(kmeans), CALL(silhouette), CALL(logistic), CALL(probabilities),
    CALL(measured), CALL(forecast), CALL(periods), CALL(companies), CALL(groups), CALL(shared), CALL(profiles),
    CALL(declines), CALL(whitespace), CALL(rebates), CALL(forecasts), CALL(variance), CALL(effort), CALL(value_run),
    CALL(clv_run), CALL(sheet), CALL(card)};

/* ---------------------------------------------------------------- the world */

static void tables(world *w) {
    uint64_t seed = 8;
    for (int i = 0; i < N; i++) {
        w->t[i] = 30;
        w->x[i] = (int32_t)(kam__random(&seed) % 4);
        w->tx[i] = w->x[i] ? (double)(kam__random(&seed) % 25 + 4) : 0;
        w->m[i] = (double)(kam__random(&seed) % 90 + 10);
        w->y[i] = (int32_t)(kam__random(&seed) % 2);
        w->table[2 * i] = (double)(kam__random(&seed) % 100), w->table[2 * i + 1] = (double)(i % 3 * 200);
    }
    w->rows = (kam_clv_rows){.struct_size = sizeof w->rows, .n = N, .x = w->x, .tx = w->tx, .t = w->t, .m = w->m};
    assert_int_equal(kam_clv_fit(&w->buys, w->q.ctx, KAM_CLV_NBD, &w->rows, NULL), KAM_OK);
    assert_int_equal(kam_clv_fit(&w->money, w->q.ctx, KAM_CLV_GG, &w->rows, NULL), KAM_OK);
    assert_int_equal(kam_logistic_fit(&w->logistic, w->q.ctx, w->table, w->y, N, 2, NULL), KAM_OK);
}

static void company(world *w) {
    req *q = &w->q;
    for (int i = 0; i < 4; i++) req_save(q, KAM_KIND_ACCOUNT, i == 3 ? "{\"name\":\"x\",\"parent\":1}" : "{\"name\":\"x\",\"industry\":\"food\"}");
    req_save(q, KAM_KIND_PRODUCT, "{\"name\":\"a\"}");
    req_save(q, KAM_KIND_PRODUCT, "{\"name\":\"b\"}");
    for (int i = 0; i < 30; i++)
        req_save(q, KAM_KIND_LEDGER, "{\"account\":%d,\"event\":\"%s\",\"day\":\"2026-%02d-%02d\",\"amount\":%d,\"order\":\"%d\",\"company\":\"East\",\"product\":%d}",
                 i % 3 + 1, i % 7 == 6 ? "RETURN" : "SALE", i % 3 + 1, i % 28 + 1, 10 + i, i / 2, i % 3 == 2 ? 1 : 1 + i % 2);
    req_save(q, KAM_KIND_ACTIVITY, "{\"account\":1,\"channel\":\"VISIT\",\"status\":\"HELD\",\"day\":\"2026-01-05\",\"duration\":60}");
    req_save(q, KAM_KIND_FORECAST, "{\"account\":1,\"from\":\"2026-01-01\",\"to\":\"2026-02-01\",\"version\":\"v1\",\"sales\":100}");
    req_save(q, KAM_KIND_ACCOUNT_LINK, "{\"account\":4,\"into\":2,\"role\":\"SOLD_TO\",\"valid_from\":\"2026-01-01\"}");
    req_save(q, KAM_KIND_CLASS, "{\"account\":3,\"dimension\":\"intercompany\",\"class\":\"own\",\"valid_from\":\"2026-01-01\"}");
    w->sheet = req_save(q, KAM_KIND_SEGMENTATION, "{\"name\":\"food\",\"behaviour\":\"they buy in spring\"}");
    w->card = req_save(q, KAM_KIND_SEGMENT_CARD, "{\"name\":\"big food\",\"segmentation\":%lld,\"large_enough\":true}", (long long)w->sheet);
}

static void every_call(void **state) {
    (void)state;
    static world w;
    help_memory m;
    const kam_book_options b = {.struct_size = sizeof b, .currency = "CNY"};
    w.q = (req){.on = "memory", .ctx = help_ctx(&m)};
    w.day = req_day("2026-03-31");
    assert_int_equal(kam_error_new(&w.q.err, NULL), KAM_OK);
    REQ_MUST(&w.q, kam_book_open(&w.q.book, w.q.ctx, NULL, &b, w.q.err));
    tables(&w);
    company(&w);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        int32_t rc = calls[i].fn(&w);
        if (rc != KAM_OK) fail_msg("%s: %s: %s", calls[i].name, kam_code_name(rc), kam_error_message(w.q.err));
        long live = m.live;
        rc = KAM_E_NOMEM;
        for (long n = 0; rc != KAM_OK; n++) {
            m.left = n;
            rc = calls[i].fn(&w);
            m.left = -1;
            if (rc != KAM_OK && rc != KAM_E_NOMEM) fail_msg("%s, allocation %ld: %s", calls[i].name, n, kam_error_message(w.q.err));
            if (m.live > live + 2) fail_msg("%s, allocation %ld: %ld pieces are left behind", calls[i].name, n, m.live - live);
        }
    }
    kam_clv_free(w.buys);
    kam_clv_free(w.money);
    kam_logistic_free(w.logistic);
    kam_book_close(w.q.book);
    req_end(&w.q);
    assert_int_equal(m.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_call)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
