/*
 * tests/base/test_ctx.c - the context: memory and its limit, option blocks, callbacks, zones; also counts and the lock.
 */
#include "base_test.h"
#include <pthread.h>

static void test_defaults(void **state) {
    (void)state;
    kam_ctx *ctx = NULL, *other = NULL;
    assert_int_equal(kam_ctx_new(NULL, NULL, NULL), KAM_E_INVAL);
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    assert_int_equal(ctx->opt.max_text, 65536);
    assert_int_equal(ctx->opt.max_depth, 100);
    assert_non_null(ctx->opt.now);
    assert_non_null(ctx->opt.zone);
    assert_non_null(ctx->opt.parallel_for);
    assert_true(kam__now(ctx) > 1577836800000);             /* some time after 2020 */
    assert_int_equal(kam__progress(ctx, 1, 2, NULL), KAM_OK);
    kam__log(ctx, KAM_LOG_INFO, 0, "nobody %s", "listens");
    assert_int_equal(kam__ctx_take(&other, ctx, NULL), KAM_OK);
    assert_ptr_equal(other, ctx);
    kam_ctx_free(ctx);
    assert_ptr_equal(kam__ctx_hold(other), other);
    kam_ctx_free(other);
    kam_ctx_free(other);
    kam_ctx_free(NULL);
    assert_int_equal(kam__ctx_take(&other, NULL, NULL), KAM_OK);
    kam_ctx_free(other);
}

static void test_options_refused(void **state) {
    (void)state;
    struct { kam_ctx_options o; uint32_t newer[4]; } big = {.o = {.struct_size = sizeof big}};
    kam_ctx *ctx = NULL;
    kam_error *err = NULL;
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    assert_int_equal(kam_ctx_new(&ctx, &big.o, err), KAM_OK);
    kam_ctx_free(ctx);
    ctx = NULL;
    big.newer[3] = 1;
    assert_int_equal(kam_ctx_new(&ctx, &big.o, err), KAM_E_UNSUPPORTED);
    big.o.struct_size = sizeof big.o - 1;
    assert_int_equal(kam_ctx_new(&ctx, &big.o, err), KAM_E_INVAL);
    assert_non_null(strstr(kam_error_message(err), "kam_ctx_options.struct_size"));
    big.o.struct_size = 0xDDDDDDDD;                         /* never initialized: not followed */
    assert_int_equal(kam_ctx_new(&ctx, &big.o, err), KAM_E_INVAL);
    big.o.struct_size = sizeof big.o;
    big.o.flags = 4;
    assert_int_equal(kam_ctx_new(&ctx, &big.o, err), KAM_E_INVAL);
    assert_string_equal(kam_error_message(err), "kam_ctx_options.flags has unknown bits 0x4");
    big.o.flags = 0;
    big.o.max_depth = 100000;
    assert_int_equal(kam_ctx_new(&ctx, &big.o, err), KAM_E_INVAL);
    big.o.max_depth = 0;
    big.o.max_text = 1u << 30;
    assert_int_equal(kam_ctx_new(&ctx, &big.o, err), KAM_E_INVAL);
    big.o.max_text = 0;
    kam_allocator a = {.struct_size = sizeof a};
    big.o.allocator = &a;
    assert_int_equal(kam_ctx_new(&ctx, &big.o, err), KAM_E_INVAL);
    assert_null(ctx);
    kam_error_free(err);
}

static void test_options_rule(void **state) {
    (void)state;
    typedef struct { uint32_t struct_size, a; uint64_t b; } block;
    block own, given = {sizeof given, 7, 9};
    memset(&own, 0xFF, sizeof own);
    assert_int_equal(kam__options(&own, sizeof own, NULL, 8, "block", NULL), KAM_OK);
    assert_int_equal(own.struct_size + own.a + own.b, 0);
    given.struct_size = 8;                                  /* an older caller: the rest is zero */
    memset(&own, 0xFF, sizeof own);
    assert_int_equal(kam__options(&own, sizeof own, &given, 8, "block", NULL), KAM_OK);
    assert_int_equal(own.a, 7);
    assert_int_equal(own.b, 0);
    assert_int_equal(kam__options(&own, sizeof own, &given, 9, "block", NULL), KAM_E_INVAL);
    assert_int_equal(kam__flags(3, 3, "f", NULL), KAM_OK);
    assert_int_equal(kam__flags(0x80000000u, 3, "f", NULL), KAM_E_INVAL);
}

static void test_memory(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    char *p = kam__alloc(ctx, 100), *none = kam__alloc(ctx, 0);
    assert_non_null(none);
    assert_int_equal((uintptr_t)p % 16, 0);
    assert_int_equal(ctx->memory, 100 + 2 * 16);
    for (int i = 0; i < 100; i++) p[i] = (char)i;
    p = kam__resize(ctx, p, 5000);
    assert_int_equal(ctx->memory, 5000 + 2 * 16);
    for (int i = 0; i < 100; i++) assert_int_equal(p[i], i);
    p = kam__resize(ctx, p, 10);
    assert_int_equal(ctx->memory, 10 + 2 * 16);
    for (int i = 0; i < 10; i++) assert_int_equal(p[i], i);
    kam__free(ctx, p);
    kam__free(ctx, none);
    kam__free(ctx, NULL);
    p = kam__resize(ctx, NULL, 3);
    kam__free(ctx, p);
    p = kam__zalloc_n(ctx, 30, 8);
    for (int i = 0; i < 240; i++) assert_int_equal(p[i], 0);
    kam__free(ctx, p);
    assert_null(kam__alloc(ctx, SIZE_MAX));
    assert_null(kam__alloc(ctx, SIZE_MAX - 15));
    assert_null(kam__zalloc_n(ctx, SIZE_MAX / 2, 3));
    p = kam__zalloc_n(ctx, 0, 0);
    assert_non_null(p);
    assert_null(kam__resize(ctx, p, SIZE_MAX));
    kam__free(ctx, p);
    p = kam__text_dup(ctx, "account", 3);
    assert_string_equal(p, "acc");
    kam__free(ctx, p);
    p = kam__text_dup(ctx, "account", KAM_NUL);
    assert_string_equal(p, "account");
    kam__free(ctx, p);
    fault_end(&f, ctx);
}

static void test_memory_limit(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    kam_ctx_options o = {.struct_size = sizeof o, .max_memory = 1000};
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    assert_null(kam__alloc(ctx, 985));
    assert_int_equal(ctx->memory, 0);
    char *p = kam__alloc(ctx, 984);                         /* with its header exactly the limit */
    assert_non_null(p);
    assert_null(kam__alloc(ctx, 0));
    p = kam__resize(ctx, p, 500);
    char *q = kam__alloc(ctx, 400);
    assert_non_null(q);
    q[399] = 'x';
    assert_null(kam__resize(ctx, q, 500));                  /* stays */
    assert_int_equal(q[399], 'x');
    assert_int_equal(ctx->memory, 932);
    q = kam__resize(ctx, q, 468);
    assert_non_null(q);
    assert_int_equal(ctx->memory, 1000);
    kam__free(ctx, p);
    kam__free(ctx, q);
    assert_int_equal(ctx->memory, 0);
    kam_ctx_free(ctx);
}

static void test_memory_failures(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f), *second = NULL;
    char *p = kam__alloc(ctx, 50);
    uint64_t before = ctx->memory;
    f.left = 0;
    assert_null(kam__alloc(ctx, 1));
    assert_null(kam__zalloc(ctx, 1));
    assert_null(kam__text_dup(ctx, "x", 1));
    assert_null(kam__resize(ctx, p, 60));
    assert_null(kam__resize(ctx, p, 40));
    assert_int_equal(ctx->memory, before);
    kam_ctx_options o = {.struct_size = sizeof o, .allocator = ctx->opt.allocator};
    assert_int_equal(kam_ctx_new(&second, &o, NULL), KAM_E_NOMEM);
    assert_null(second);
    kam__free(ctx, p);
    fault_end(&f, ctx);
}

static void test_grow(void **state) {
    (void)state;
    fault f;
    kam_ctx *ctx = fault_ctx(&f);
    int64_t *v = NULL;
    size_t cap = 0, calls = 0;
    for (size_t i = 0; i < 10000; i++) {
        size_t was = cap;
        assert_int_equal(kam__grow(ctx, &v, &cap, i + 1, sizeof *v, NULL), KAM_OK);
        calls += cap != was;
        v[i] = (int64_t)i;
    }
    assert_true(calls < 30);
    for (size_t i = 0; i < 10000; i++) assert_int_equal(v[i], i);
    int64_t *same = v;
    size_t was = cap;
    assert_int_equal(kam__grow(ctx, &v, &cap, SIZE_MAX / 4, sizeof *v, NULL), KAM_E_NOMEM);
    f.left = 0;
    assert_int_equal(kam__grow(ctx, &v, &cap, cap + 1, sizeof *v, NULL), KAM_E_NOMEM);
    assert_ptr_equal(v, same);
    assert_int_equal(cap, was);
    kam__free(ctx, v);
    fault_end(&f, ctx);
}

/* ---------------------------------------------------------------- callbacks */

typedef struct host { int32_t answer, offset; uint64_t done; char text[600]; size_t len; } host;

static int64_t host_now(void *user) {
    (void)user;
    return 1234567;
}

static int32_t host_progress(void *user, uint64_t done, uint64_t total) {
    host *h = user;
    h->done = done;
    return total == 13;
}

static void host_log(void *user, int32_t level, int32_t code, const char *text, size_t len) {
    host *h = user;
    assert_int_equal(level, KAM_LOG_WARN);
    assert_int_equal(code, KAM_E_IO);
    assert_int_equal(strlen(text), len);
    memcpy(h->text, text, len + 1);
    h->len = len;
}

static int32_t host_zone(void *user, const char *name, int64_t utc_ms, int32_t *offset_min) {
    host *h = user;
    assert_string_equal(name, "Asia/Shanghai");
    assert_int_equal(utc_ms, 86400000);
    *offset_min = h->offset;
    return h->answer;
}

static kam_ctx *host_ctx(host *h) {
    kam_ctx *ctx = NULL;
    kam_ctx_options o = {.struct_size = sizeof o, .user = h, .now = host_now, .log = host_log,
                         .progress = host_progress, .zone = host_zone};
    memset(h, 0, sizeof *h);
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    return ctx;
}

static void test_callbacks(void **state) {
    (void)state;
    host h;
    kam_ctx *ctx = host_ctx(&h);
    char text[801];
    assert_int_equal(kam__now(ctx), 1234567);
    assert_int_equal(kam__progress(ctx, 5, 0, NULL), KAM_OK);
    assert_int_equal(h.done, 5);
    assert_int_equal(kam__progress(ctx, 5, 13, NULL), KAM_E_CANCELLED);
    kam__log(ctx, KAM_LOG_WARN, KAM_E_IO, "%s %d", "page", 7);
    assert_string_equal(h.text, "page 7");
    for (size_t i = 0; i < 400; i++) memcpy(text + 2 * i, "\xC3\xA9", 2);
    text[800] = '\0';
    kam__log(ctx, KAM_LOG_WARN, KAM_E_IO, "%s", text);
    assert_int_equal(h.len, 510);
    kam_ctx_free(ctx);
}

static void test_zones(void **state) {
    (void)state;
    host h;
    kam_ctx *ctx = host_ctx(&h), *plain = NULL;
    int32_t m = 77;
    const char *const wrong[] = {
        "", "utc", "+8", "+08:0", "+08:000", "+24:00", "+08:60", "+0a:00", "08:00", "+08-00", "Asia/Shanghai"};
    assert_int_equal(kam_ctx_new(&plain, NULL, NULL), KAM_OK);
    for (size_t i = 0; i < KAM__LEN(wrong); i++)
        assert_int_equal(kam__zone_offset(plain, wrong[i], 0, &m, NULL), KAM_E_NOT_FOUND);
    assert_int_equal(kam__zone_offset(plain, NULL, 0, &m, NULL), KAM_E_INVAL);
    assert_int_equal(m, 77);
    assert_int_equal(kam__zone_offset(plain, "+08:00", 0, &m, NULL), KAM_OK);
    assert_int_equal(m, 480);
    assert_int_equal(kam__zone_offset(ctx, "-03:30", 0, &m, NULL), KAM_OK);
    assert_int_equal(m, -210);
    assert_int_equal(kam__zone_offset(ctx, "UTC", 0, &m, NULL), KAM_OK);
    assert_int_equal(m, 0);
    h.offset = 480;
    assert_int_equal(kam__zone_offset(ctx, "Asia/Shanghai", 86400000, &m, NULL), KAM_OK);
    assert_int_equal(m, 480);
    h.answer = KAM_E_NOT_FOUND;
    assert_int_equal(kam__zone_offset(ctx, "Asia/Shanghai", 86400000, &m, NULL), KAM_E_NOT_FOUND);
    h.answer = 1;
    assert_int_equal(kam__zone_offset(ctx, "Asia/Shanghai", 86400000, &m, NULL), KAM_E_NOT_FOUND);
    h.answer = KAM_E_IO;
    assert_int_equal(kam__zone_offset(ctx, "Asia/Shanghai", 86400000, &m, NULL), KAM_E_IO);
    h.answer = 0;
    h.offset = 1440;
    assert_int_equal(kam__zone_offset(ctx, "Asia/Shanghai", 86400000, &m, NULL), KAM_E_INVAL);
    assert_int_equal(m, 480);
    kam_ctx_free(plain);
    kam_ctx_free(ctx);
}

static void count_task(void *arg, uint32_t i) {
    ((int *)arg)[i]++;
}

static void test_parallel_default(void **state) {
    (void)state;
    kam_ctx *ctx = NULL;
    int seen[9] = {0};
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    assert_int_equal(ctx->opt.parallel_for(ctx->opt.user, 8, count_task, seen), KAM_OK);
    for (int i = 0; i < 9; i++) assert_int_equal(seen[i], i < 8);
    kam_ctx_free(ctx);
}

/* ---------------------------------------------------------------- threads */

typedef struct shared { kam_ctx *ctx; kam__lock *lock; int64_t plain; int failed; } shared;

static void *worker(void *arg) {
    shared *s = arg;
    for (int i = 0; i < 20000; i++) {
        void *p = kam__alloc(kam__ctx_hold(s->ctx), 32);
        kam__lock_take(s->lock);
        s->plain++;
        s->failed += p == NULL;
        kam__lock_give(s->lock);
        kam__free(s->ctx, p);
        kam_ctx_free(s->ctx);
    }
    return NULL;
}

static void test_threads(void **state) {
    (void)state;
    shared s = {0};
    pthread_t t[4];
    assert_int_equal(kam_ctx_new(&s.ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam__lock_new(&s.lock, s.ctx, NULL), KAM_OK);
    for (size_t i = 0; i < 4; i++) assert_int_equal(pthread_create(&t[i], NULL, worker, &s), 0);
    for (size_t i = 0; i < 4; i++) pthread_join(t[i], NULL);
    kam__lock_free(s.ctx, s.lock);
    kam__lock_free(s.ctx, NULL);
    assert_int_equal(s.plain, 80000);
    assert_int_equal(s.failed, 0);
    assert_int_equal(s.ctx->memory, 0);
    assert_int_equal(s.ctx->ref.n, 1);
    kam_ctx_free(s.ctx);
}

static void test_ref(void **state) {
    (void)state;
    kam__ref r;
    volatile uint64_t n = 5;
    kam__ref_init(&r);
    kam__ref_hold(&r);
    assert_int_equal(kam__ref_drop(&r), 0);
    assert_int_equal(kam__ref_drop(&r), 1);
    assert_int_equal(kam__atomic_add(&n, 7), 12);
    assert_int_equal(kam__atomic_add(&n, (uint64_t)-2), 10);
    assert_int_equal(n, 10);
}

static int32_t lock_scenario(kam_ctx *ctx, fault *f, kam_error *err) {
    kam__lock *lock = NULL;
    (void)f;
    KAM__TRY(kam__lock_new(&lock, ctx, err));
    kam__lock_free(ctx, lock);
    return KAM_OK;
}

static void test_lock_failures(void **state) {
    (void)state;
    assert_int_equal(fault_sweep(lock_scenario), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_options_refused), cmocka_unit_test(test_options_rule),
        cmocka_unit_test(test_memory), cmocka_unit_test(test_memory_limit), cmocka_unit_test(test_memory_failures),
        cmocka_unit_test(test_grow), cmocka_unit_test(test_callbacks), cmocka_unit_test(test_zones),
        cmocka_unit_test(test_parallel_default), cmocka_unit_test(test_threads), cmocka_unit_test(test_ref),
        cmocka_unit_test(test_lock_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
