/* 1 or N threads, one input or a split one: the same to the last bit. Fits, groups, scores and runs of a book, on a
 * context that may use threads and on several host threads at once; and rows in any order, whole or in pieces. */
#include "clv_test.h"
#include "requirements/req.h"
#include "store/store.h"
#include "value/value_book_clv.h"
#include <pthread.h>

enum { N = 1500, THREADS = 3 };
static int32_t x[N], y[N];
static double tx[N], t[N], m[N], table[N * 3];

static kam_clv_rows fill(void) {
    uint64_t seed = 21;
    for (size_t i = 0; i < N; i++) {
        t[i] = (double)(kam__random(&seed) % 40 + 12);
        x[i] = (int32_t)(kam__random(&seed) % 9) - 3;
        if (x[i] < 0) x[i] = 0;
        tx[i] = x[i] ? floor(t[i] * uniform(&seed)) : 0;
        m[i] = x[i] ? 5 + (double)(kam__random(&seed) % 4000) / 100 : 0;
        for (int k = 0; k < 3; k++) table[i * 3 + (size_t)k] = uniform(&seed) + (double)(i % 5) * k;
        y[i] = uniform(&seed) < 0.3 + 0.4 * (table[i * 3] > 0.5);
    }
    return (kam_clv_rows){.struct_size = sizeof(kam_clv_rows), .n = N, .x = x, .tx = tx, .t = t, .m = m};
}

/* ---------------------------------------------------------------- threads */

typedef struct task { kam_task_fn fn; void *arg; uint32_t i; } task;

static void *run_task(void *p) {
    const task *k = p;
    k->fn(k->arg, k->i);
    return NULL;
}

static int32_t on_threads(void *user, uint32_t n, kam_task_fn fn, void *arg) {
    pthread_t thread[16];
    task k[16];
    (void)user;
    for (uint32_t i = 0; i < n; i++) {
        k[i] = (task){fn, arg, n - 1 - i};
        assert_int_equal(pthread_create(&thread[i], NULL, run_task, &k[i]), 0);
    }
    for (uint32_t i = 0; i < n; i++) pthread_join(thread[i], NULL);
    return KAM_OK;
}

static kam_ctx *threaded(void) {
    kam_ctx_options o = {.struct_size = sizeof o, .parallel_for = on_threads};
    kam_ctx *ctx = NULL;
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    return ctx;
}

/* Everything the engines find out of the tables above, as bytes. */
typedef struct answers {
    kam_ctx *ctx;
    char json[KAM_CLV_GG][700];
    uint32_t group[N];
    double inertia, silhouette, figure[8], p[N];
} answers;

static void fit_json(char out[700], kam_ctx *ctx, uint32_t model, const kam_clv_rows *rows) {
    kam_clv *c = NULL;
    kam_buf *json = NULL;
    assert_int_equal(kam_clv_fit(&c, ctx, model, rows, NULL), KAM_OK);
    assert_int_equal(kam_buf_new(&json, NULL, NULL), KAM_OK);
    assert_int_equal(kam_clv_to_json(json, c, NULL), KAM_OK);
    assert_true(kam_buf_size(json) < 700);
    strcpy(out, kam_buf_data(json));
    kam_buf_free(json);
    kam_clv_free(c);
}

static void *answer(void *p) {
    answers *a = p;
    const kam_clv_rows rows = {.struct_size = sizeof rows, .n = N, .x = x, .tx = tx, .t = t, .m = m};
    kam_kmeans_options o = {.struct_size = sizeof o, .k = 5, .restarts = 4, .seed = 3};
    kam_logistic *l = NULL;
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_GG; model++) fit_json(a->json[model - 1], a->ctx, model, &rows);
    assert_int_equal(kam_kmeans(a->group, NULL, &a->inertia, a->ctx, table, N, 3, &o, NULL), KAM_OK);
    assert_int_equal(kam_silhouette(&a->silhouette, a->ctx, table, N, 3, a->group, 5, 300, NULL), KAM_OK);
    assert_int_equal(kam_logistic_fit(&l, a->ctx, table, y, N, 3, NULL), KAM_OK);
    for (uint32_t k = 0; k < 4; k++) {
        a->figure[k] = kam_logistic_figure(l, KAM_LOGISTIC_COEFFICIENT + k, 0);
        a->figure[k + 4] = kam_logistic_figure(l, KAM_LOGISTIC_SE + k, 0);
    }
    assert_int_equal(kam_logistic_predict(a->p, l, table, N, NULL), KAM_OK);
    kam_logistic_free(l);
    return NULL;
}

static void same_answers(const answers *a, const answers *b) {
    for (int k = 0; k < KAM_CLV_GG; k++) assert_string_equal(a->json[k], b->json[k]);
    assert_memory_equal(a->group, b->group, sizeof a->group);
    assert_memory_equal(&a->inertia, &b->inertia, sizeof a->inertia);
    assert_memory_equal(&a->silhouette, &b->silhouette, sizeof a->silhouette);
    assert_memory_equal(a->figure, b->figure, sizeof a->figure);
    assert_memory_equal(a->p, b->p, sizeof a->p);
}

/* A context with threads, and four host threads at once on one context: the engines share nothing that changes. */
static void engines_on_any_threads(void **state) {
    (void)state;
    answers *a = calloc(THREADS + 2, sizeof *a);
    pthread_t thread[THREADS];
    assert_non_null(a);
    fill();
    answer(&a[0]);
    a[1].ctx = threaded();
    answer(&a[1]);
    same_answers(&a[0], &a[1]);
    for (int i = 0; i < THREADS; i++) {
        a[i + 2].ctx = i % 2 ? a[1].ctx : NULL;
        assert_int_equal(pthread_create(&thread[i], NULL, answer, &a[i + 2]), 0);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
    for (int i = 0; i < THREADS; i++) same_answers(&a[0], &a[i + 2]);
    kam_ctx_free(a[1].ctx);
    free(a);
}

/* ---------------------------------------------------------------- split inputs */

static void swap_rows(size_t a, size_t b) {
    int32_t i = x[a];
    double d[3] = {tx[a], t[a], m[a]};
    x[a] = x[b], tx[a] = tx[b], t[a] = t[b], m[a] = m[b];
    x[b] = i, tx[b] = d[0], t[b] = d[1], m[b] = d[2];
}

/* Rows in another order, and each account of weight 5 in pieces of 2 and 3, make the same groups and so the same fit. */
static void rows_in_any_order_and_pieces(void **state) {
    (void)state;
    static int64_t weight[2 * N];
    static int32_t xx[2 * N];
    static double txx[2 * N], tt[2 * N];
    kam_clv_rows whole = fill(), pieces = {.struct_size = sizeof pieces, .n = 2 * N, .x = xx, .tx = txx, .t = tt, .weight = weight};
    char want[700], got[700];
    uint64_t seed = 4;
    whole.weight = weight;
    for (uint32_t model = KAM_CLV_BGNBD; model <= KAM_CLV_NBD; model++) {
        for (size_t i = 0; i < N; i++) weight[i] = 5;
        fit_json(want, NULL, model, &whole);
        for (size_t i = N; i > 1; i--) swap_rows(i - 1, kam__random(&seed) % i);
        fit_json(got, NULL, model, &whole);
        assert_string_equal(got, want);
        for (size_t i = 0; i < 2 * N; i++) {
            size_t from = i < N ? i : 2 * N - 1 - i;
            xx[i] = x[from], txx[i] = tx[from], tt[i] = t[from], weight[i] = i < N ? 2 : 3;
        }
        fit_json(got, NULL, model, &pieces);
        assert_string_equal(got, want);
    }
}

/* Purchases of a file in pieces, in any order: the same accounts, and so the same fit. */
static void purchases_in_pieces(void **state) {
    (void)state;
    enum { LINES = 20000 };
    static int64_t account[LINES], amount[LINES];
    static int32_t day[LINES];
    const kam_purchases_options o = {.struct_size = sizeof o, .until = 700, .decimals = 2};
    char want[700], got[700];
    uint64_t seed = 9;
    for (int i = 0; i < LINES; i++) {
        account[i] = (int64_t)(kam__random(&seed) % 1500) * 7 - 900;
        day[i] = (int32_t)(kam__random(&seed) % (uint64_t)(100 + account[i] % 9 * 70 + 570));
        amount[i] = (int64_t)(kam__random(&seed) % 9000) - 500;
    }
    for (size_t piece = LINES; piece > 10; piece /= 3) {
        kam_purchases *p = NULL;
        kam_clv_rows rows;
        assert_int_equal(kam_purchases_new(&p, NULL, &o, NULL), KAM_OK);
        size_t pieces = (LINES + piece - 1) / piece;
        for (size_t k = pieces; k-- > 0;) {
            size_t from = k * piece, n = LINES - from < piece ? LINES - from : piece;
            assert_int_equal(kam_purchases_feed(p, account + from, day + from, amount + from, n, NULL), KAM_OK);
        }
        assert_int_equal(kam_purchases_rows(&rows, NULL, NULL, p, NULL), KAM_OK);
        fit_json(piece == LINES ? want : got, NULL, KAM_CLV_MBGNBD, &rows);
        if (piece < LINES) assert_string_equal(got, want);
        kam_purchases_free(p);
    }
}

/* ---------------------------------------------------------------- a book */

static void rows_text(char *out, size_t size, kam_rows *rows) {
    kam_buf *text = NULL;
    const kam_export_options o = {.struct_size = sizeof o, .format = KAM_FORMAT_JSONL};
    assert_int_equal(kam_buf_new(&text, NULL, NULL), KAM_OK);
    assert_int_equal(kam_rows_export(text, rows, &o, NULL), KAM_OK);
    size_t n = strlen(out);
    snprintf(out + n, size - n, "%s\n", kam_buf_data(text));
    assert_true(strlen(out) < size - 1);
    kam_buf_free(text);
    kam_rows_free(rows);
}

static void run_text(char *out, size_t size, kam_run *run, uint32_t kind) {
    kam_rows *rows = NULL;
    size_t n = strlen(out);
    snprintf(out + n, size - n, "%s\n", kam_record_text(kam_run_record(run), KAM_RUN_STATISTICS, ""));
    assert_int_equal(kam_run_rows(&rows, run, kind, NULL), KAM_OK);
    rows_text(out, size, rows);
    kam_run_free(run);
}

/* The same sales, in one commit or in pieces and backwards; read whole, or so many rows of accounts at a time. */
static void book_text(char *out, size_t size, kam_ctx *ctx, int pieces, uint64_t room) {
    enum { SALES = 600 };
    const kam_book_options o = {.struct_size = sizeof o, .currency = "CNY"};
    req q = {.on = "memory", .ctx = ctx};
    kam_run *run = NULL;
    kam_rows *rows = NULL;
    out[0] = '\0';
    REQ_MUST(&q, kam_book_open(&q.book, ctx, NULL, &o, NULL));
    for (int i = 0; i < 40; i++) req_save(&q, KAM_KIND_ACCOUNT, "{\"name\":\"x\"}");
    for (int piece = 0; piece < pieces; piece++) {
        REQ_MUST(&q, kam_book_begin(q.book, KAM_BEGIN_WRITE, NULL));
        for (int k = 0; k < SALES; k++) {
            int i = pieces > 1 ? SALES - 1 - k : k, day = i * 37 % 300;
            if (i % pieces != piece) continue;
            req_save(&q, KAM_KIND_LEDGER, "{\"account\":%d,\"event\":\"%s\",\"day\":\"2025-%02d-%02d\",\"amount\":%d.%02d,\"order\":\"%d\"}",
                     i * i % 40 + 1, i % 19 ? "SALE" : "RETURN", day / 28 + 1, day % 28 + 1, i % 83 + 1, i % 100, i / 3);
        }
        REQ_MUST(&q, kam_book_commit(q.book, NULL));
    }
    REQ_MUST(&q, kam_value_run(&run, q.book, NULL, req_day("2025-12-31"), NULL));
    run_text(out, size, run, KAM_KIND_ACCOUNT_VALUE);
    REQ_MUST(&q, kam__clv_run(&run, q.book, NULL, req_day("2025-12-31"), room, NULL));
    run_text(out, size, run, KAM_KIND_ACCOUNT_CLV);
    REQ_MUST(&q, kam__value_profiles(&rows, q.book, NULL, req_day("2025-12-31"), room, NULL));
    rows_text(out, size, rows);
    kam_book_close(q.book);
}

static void books_on_any_threads_and_pieces(void **state) {
    (void)state;
    enum { SIZE = 200000 };
    char *want = malloc(SIZE), *got = malloc(SIZE);
    kam_ctx *plain = NULL, *many = threaded();
    assert_true(want && got);
    assert_int_equal(kam_ctx_new(&plain, NULL, NULL), KAM_OK);
    book_text(want, SIZE, plain, 1, 0);
    book_text(got, SIZE, many, 1, 0);
    assert_string_equal(got, want);
    book_text(got, SIZE, many, 7, 0);
    assert_string_equal(got, want);
    for (uint64_t room = 1; room < 400; room *= 20) {
        book_text(got, SIZE, plain, 1, room);
        assert_string_equal(got, want);
    }
    kam_ctx_free(plain);
    kam_ctx_free(many);
    free(want);
    free(got);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engines_on_any_threads), cmocka_unit_test(rows_in_any_order_and_pieces),
        cmocka_unit_test(purchases_in_pieces), cmocka_unit_test(books_on_any_threads_and_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
