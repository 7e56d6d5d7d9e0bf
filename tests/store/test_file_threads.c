/*
 * test_file_threads.c - one writer and many readers on one file store; meant for the thread sanitizer (tests/durability.sh), true without it.
 *
 * The writer moves amounts between rows, commits, checkpoints, backs up and compacts. Every reader must always see the same sum, at the same
 * count of commits twice in one snapshot. KAM_FILE_THREAD_MS: how long (400), KAM_FILE_READERS: how many (4).
 */
#define _POSIX_C_SOURCE 200809L
#include "file_work.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

enum { ROWS = 600, EACH = 1000 };
static const kam_field field_of[] = {{1, 1, KAM_T_I64, 0, KAM_F_KEY, "id", "id"}, {5, 1, KAM_T_I64, 0, 0, "n", "n"}};
static const kam_table table = {sizeof(kam_table), 9, 1, KAM_C_EVENT, "bank", "bank", field_of, 2, 0, NULL, 0, 0};
static const uint32_t fields[] = {1, 5};
static const uint8_t types[] = {KAM_T_I64, KAM_T_I64};

typedef struct bank { kam_ctx *ctx; kam__memory *m; char path[64], backup[80]; uint64_t until; uint64_t bad, reads; pthread_mutex_t lock; } bank;

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t number(const char *name, uint64_t normal)
{
    const char *text = getenv(name);
    return text && atoll(text) > 0 ? (uint64_t)atoll(text) : normal;
}

static int32_t put(bank *b, void *conn, uint32_t op, const int64_t *id, const int64_t *n, uint32_t rows)
{
    kam__blockbuf bb;
    kam_block block;
    int32_t rc = kam__bb_init(&bb, b->ctx, 2, fields, types, NULL);
    for (uint32_t i = 0; i < rows && rc == KAM_OK; i++) {
        kam__bb_i64(&bb, 0, id[i]);
        kam__bb_i64(&bb, 1, n[i]);
        rc = kam__bb_end_row(&bb, NULL);
    }
    kam__bb_view(&bb, &block);
    if (rc == KAM_OK) rc = kam__memory_vt.write(conn, &table, op, &block, NULL);
    kam__bb_free(&bb);
    return rc;
}

typedef struct sum { int64_t n[ROWS + 1], total, rows; } sum;
static int32_t on_rows(void *user, const kam_block *rows)
{
    sum *s = user;
    for (uint32_t i = 0; i < rows->nrow; i++) {
        if (kam__col_i64(rows->col, i) > ROWS) continue;        /* rows behind those in the file: nothing in them counts */
        s->n[kam__col_i64(rows->col, i)] = kam__col_i64(rows->col + 1, i);
        s->total += kam__col_i64(rows->col + 1, i);
        s->rows++;
    }
    return KAM_OK;
}

static void *reader(void *arg)
{
    bank *b = arg;
    void *conn = NULL;
    uint64_t bad = 0, reads = 0;
    if (kam__memory_connect(&conn, b->m, NULL)) return arg;
    while (now_ms() < b->until) {
        sum s[2];
        memset(s, 0, sizeof s);
        if (kam__memory_vt.begin(conn, KAM_BEGIN_READ, NULL)) bad++;
        for (int i = 0; i < 2; i++) {
            kam_table_scan q = {.struct_size = sizeof q, .table = &table, .field = fields, .nfield = 2, .block_rows = 64};
            bad += kam__memory_vt.scan(conn, &q, on_rows, s + i, NULL) != KAM_OK;
            bad += s[i].total != ROWS * EACH || s[i].rows != ROWS;
        }
        bad += memcmp(s[0].n, s[1].n, sizeof s[0].n) != 0;
        bad += kam__memory_vt.end(conn, KAM_END_COMMIT, NULL) != KAM_OK;
        reads++;
    }
    kam__memory_vt.close(conn);
    pthread_mutex_lock(&b->lock);
    b->bad += bad;
    b->reads += reads;
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

static void *upkeep(void *arg)
{
    bank *b = arg;
    void *conn = NULL;
    uint64_t bad = 0;
    if (kam__memory_connect(&conn, b->m, NULL)) return arg;
    while (now_ms() < b->until) {
        struct timespec wait = {0, 5000000};
        kam_buf *buf = NULL;
        remove(b->backup);
        bad += kam__memory_vt.control(conn, KAM_CTL_VERIFY, NULL, NULL, NULL, NULL) == KAM_E_CORRUPT;
        int32_t rc = kam__memory_vt.control(conn, KAM_CTL_BACKUP, b->backup, NULL, NULL, NULL);
        bad += rc != KAM_OK && rc != KAM_E_BUSY;
        if (kam_buf_new(&buf, b->ctx, NULL) == KAM_OK) (void)kam__memory_vt.control(conn, KAM_CTL_STATS, buf, NULL, NULL, NULL);
        kam_buf_free(buf);
        rc = kam__memory_vt.control(conn, KAM_CTL_COMPACT, NULL, NULL, NULL, NULL);
        bad += rc != KAM_OK && rc != KAM_E_BUSY;
        nanosleep(&wait, NULL);
    }
    kam__memory_vt.close(conn);
    pthread_mutex_lock(&b->lock);
    b->bad += bad;
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

static void fill(bank *b, void *conn)
{
    int64_t n[ROWS], id[ROWS];
    for (int i = 0; i < ROWS; i++) id[i] = i + 1, n[i] = EACH;
    assert_int_equal(kam__memory_vt.begin(conn, KAM_BEGIN_WRITE, NULL), KAM_OK);
    assert_int_equal(put(b, conn, KAM_WRITE_INSERT, id, n, ROWS), KAM_OK);
    assert_int_equal(kam__memory_vt.end(conn, KAM_END_COMMIT, NULL), KAM_OK);
}

/* Amounts move; their sum stays. Returns how many commits there were. */
static uint64_t move(bank *b, void *conn)
{
    int64_t n[ROWS + 1];
    uint64_t commits = 0, seed = 7;
    for (int i = 0; i <= ROWS; i++) n[i] = EACH;
    while (now_ms() < b->until) {
        int32_t rc = kam__memory_vt.begin(conn, KAM_BEGIN_WRITE, NULL);
        if (rc == KAM_E_BUSY) continue;
        assert_int_equal(rc, KAM_OK);
        int64_t from = 1 + (int64_t)(kam__random(&seed) % ROWS), to = 1 + (int64_t)(kam__random(&seed) % ROWS);
        int64_t two[2] = {from, to}, amount[2];
        n[from] -= 7;
        n[to] += 7;
        amount[0] = n[from];
        amount[1] = n[to];
        assert_int_equal(put(b, conn, KAM_WRITE_UPDATE, two, amount, from == to ? 1 : 2), KAM_OK);
        assert_int_equal(kam__memory_vt.end(conn, commits++ % 4 ? KAM_END_LAZY : KAM_END_COMMIT, NULL), KAM_OK);
    }
    return commits;
}

static void every_reader_sees_the_same_sum(void **state)
{
    static bank b;
    char dir[] = "/tmp/kam_threads_XXXXXX";
    uint64_t readers = number("KAM_FILE_READERS", 4);
    pthread_t thread[64];
    void *conn = NULL;
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(b.path, sizeof b.path, "%s/a.kam", dir);
    snprintf(b.backup, sizeof b.backup, "%s/b.kam", dir);
    assert_int_equal(pthread_mutex_init(&b.lock, NULL), 0);
    assert_int_equal(kam_ctx_new(&b.ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam__file_open(&b.m, b.ctx, b.path, FILE_COLD, &kam__file_posix, NULL, NULL), KAM_OK);
    assert_int_equal(kam__memory_connect(&conn, b.m, NULL), KAM_OK);
    assert_int_equal(kam__memory_vt.prepare(conn, &table, 1, KAM_PREPARE_CREATE, NULL, NULL, NULL), KAM_OK);
    fill(&b, conn);
    b.until = now_ms() + number("KAM_FILE_THREAD_MS", 400);
    for (uint64_t i = 0; i < readers; i++) assert_int_equal(pthread_create(thread + i, NULL, reader, &b), 0);
    assert_int_equal(pthread_create(thread + readers, NULL, upkeep, &b), 0);
    uint64_t commits = move(&b, conn);
    for (uint64_t i = 0; i <= readers; i++) {
        void *failed = NULL;
        pthread_join(thread[i], &failed);
        assert_null(failed);
    }
    print_message("%d commits, %d snapshots\n", (int)commits, (int)b.reads);
    assert_int_equal(b.bad, 0);
    assert_true(commits > 3 && b.reads > 3);
    kam__memory_vt.close(conn);
    kam__memory_drop(b.m);
    kam_ctx_free(b.ctx);
    remove(b.path);
    remove(b.backup);
    assert_int_equal(rmdir(dir), 0);
}

/* Wants another order after a while: that loads the table. */
static void *orderer(void *arg)
{
    bank *b = arg;
    static const uint32_t order[] = {5};
    struct timespec wait = {0, (b->until % 16) * 1000000};
    kam_table_scan q = {.struct_size = sizeof q, .table = &table, .field = fields, .nfield = 2, .order = order, .norder = 1};
    void *conn = NULL;
    sum s;
    memset(&s, 0, sizeof s);
    if (kam__memory_connect(&conn, b->m, NULL)) return arg;
    nanosleep(&wait, NULL);
    int32_t rc = kam__memory_vt.scan(conn, &q, on_rows, &s, NULL);
    kam__memory_vt.close(conn);
    return rc == KAM_OK && s.total == ROWS * EACH ? NULL : arg;
}

static void reopen_cold(bank *b, void **conn)
{
    assert_int_equal(kam__memory_vt.control(*conn, KAM_CTL_COMPACT, NULL, NULL, NULL, NULL), KAM_OK);
    kam__memory_vt.close(*conn);
    kam__memory_drop(b->m);
    assert_int_equal(kam__file_open(&b->m, b->ctx, b->path, FILE_COLD, &kam__file_posix, NULL, NULL), KAM_OK);
    assert_int_equal(kam__memory_connect(conn, b->m, NULL), KAM_OK);
    assert_non_null(b->m->table[0]->cold);
}

/* While some read from the file another loads the table, and the one who writes makes checkpoints and then changes rows. */
static void a_table_is_loaded_while_others_read(void **state)
{
    static bank b;
    char dir[] = "/tmp/kam_threads_XXXXXX";
    pthread_t thread[4];
    int64_t next = ROWS + 1;
    const int64_t none = 0;
    void *conn = NULL;
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(b.path, sizeof b.path, "%s/a.kam", dir);
    assert_int_equal(pthread_mutex_init(&b.lock, NULL), 0);
    assert_int_equal(kam_ctx_new(&b.ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam__file_open(&b.m, b.ctx, b.path, FILE_COLD, &kam__file_posix, NULL, NULL), KAM_OK);
    assert_int_equal(kam__memory_connect(&conn, b.m, NULL), KAM_OK);
    assert_int_equal(kam__memory_vt.prepare(conn, &table, 1, KAM_PREPARE_CREATE, NULL, NULL, NULL), KAM_OK);
    fill(&b, conn);
    for (int round = 0; round < 12; round++) {
        int64_t two[2] = {1 + round, 2 + round}, amount[2] = {EACH, EACH};
        reopen_cold(&b, &conn);
        b.until = now_ms() + 40;
        for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(thread + i, NULL, i ? reader : orderer, &b), 0);
        while (now_ms() + 25 < b.until) {
            assert_int_equal(kam__memory_vt.begin(conn, KAM_BEGIN_WRITE, NULL), KAM_OK);
            assert_int_equal(put(&b, conn, KAM_WRITE_INSERT, &next, &none, 1), KAM_OK);
            assert_int_equal(kam__memory_vt.end(conn, KAM_END_LAZY, NULL), KAM_OK);
            assert_int_equal(kam__file_checkpoint(b.m->below, NULL), KAM_OK);
            kam__file_sink(b.m->below);
            next++;
        }
        while (now_ms() < b.until) {
            assert_int_equal(kam__memory_vt.begin(conn, KAM_BEGIN_WRITE, NULL), KAM_OK);
            assert_int_equal(put(&b, conn, KAM_WRITE_UPDATE, two, amount, 2), KAM_OK);
            assert_int_equal(kam__memory_vt.end(conn, KAM_END_LAZY, NULL), KAM_OK);
        }
        for (int i = 0; i < 4; i++) {
            void *failed = NULL;
            pthread_join(thread[i], &failed);
            assert_null(failed);
        }
    }
    assert_int_equal(b.bad, 0);
    assert_true(b.reads > 12);
    kam__memory_vt.close(conn);
    kam__memory_drop(b.m);
    kam_ctx_free(b.ctx);
    remove(b.path);
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_reader_sees_the_same_sum), cmocka_unit_test(a_table_is_loaded_while_others_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
