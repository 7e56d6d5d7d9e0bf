/*
 * test_memory.c - the memory store beyond the conformance kit: memory that runs out at each place, rewriting, big
 * blocks, statistics, wrong calls, threads. Histories against a model: test_memory_model.c.
 */
#include "memory_shop.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* ---------------------------------------------------------------- out of memory */

/* Inserts rows, changes them, deletes two, brings one back. */
static int32_t work(ms_shop *s, const int64_t *key, ms_row *r, uint32_t n)
{
    int32_t rc = VT->begin(s->conn[0], KAM_BEGIN_WRITE, &s->err);
    if (rc) return rc;
    rc = ms_write(s, 0, KAM_WRITE_INSERT, key, r, n, W_ALL);
    for (uint32_t i = 0; i < n; i++) r[i].name = 5;
    if (!rc) rc = ms_write(s, 0, KAM_WRITE_UPDATE, key, r, n, W_NAME | W_PAIR);
    if (!rc) rc = ms_write(s, 0, KAM_WRITE_DELETE, key, r, 2, 0);
    if (!rc) rc = ms_write(s, 0, KAM_WRITE_INSERT, key, r, 1, W_ALL);
    int32_t end = VT->end(s->conn[0], rc ? KAM_END_ABORT : KAM_END_COMMIT, &s->err);
    return rc ? rc : end;
}

static int32_t sweep_memory(void *user, kam_fault_alloc *alloc)
{
    static const int64_t key[] = {7, 3, 9, 1, 5, 8};            /* not in order: the table gets its hash of keys */
    ms_row r[6];
    ms_question q = {
        .npred = 1, .place = {M_NAME}, .op = {KAM_OP_EQ}, .narg = {1}, .arg = {{5}}, .norder = 1, .order = {M_DAY}};
    ms_shop s;
    ms_answer a;
    (void)user;
    for (int i = 0; i < 6; i++) r[i] = (ms_row){1, i, i % 2, i, i};
    int32_t rc = ms_open_with(&s, kam_fault_alloc_allocator(alloc));
    if (!rc) rc = work(&s, key, r, 6);
    int32_t asked = rc ? rc : ms_ask(&s, 1, &q, &a);
    if (s.m && s.conn[2]) {
        (void)kam_fault_alloc_fail(alloc, 0, 0);
        q.npred = 0;
        if (rc == KAM_E_NOMEM && s.err.code == KAM_E_NOMEM &&
            VT->prepare(s.conn[0], ms_table(), 2, KAM_PREPARE_CREATE, NULL, NULL, &s.err) == KAM_OK) {
            assert_int_equal(ms_ask(&s, 1, &q, &a), KAM_OK);
            assert_int_equal(a.n, 0);
            for (int i = 0; i < 6; i++) r[i] = (ms_row){1, i, i % 2, i, i};
            assert_int_equal(work(&s, key, r, 6), KAM_OK);
        }
        if (!rc) {
            assert_int_equal(ms_ask(&s, 1, &q, &a), KAM_OK);
            assert_int_equal(a.n, 5);
        }
    }
    if (s.ctx) ms_close(&s);
    return rc ? rc : asked;
}

static void bad_run(void *user, uint64_t at, int32_t code, const char *why)
{
    (void)user;
    print_error("request %llu: %s: %s\n", (unsigned long long)at, kam_code_name(code), why);
}

/* The same work with each request for memory failing; the counter goes on behind the fault, so the sweep is by hand. */
static void memory_runs_out_at_each_place(void **state)
{
    (void)state;
    for (uint64_t at = 1, count = 1; at <= count; at++) {
        kam_fault_alloc *alloc;
        assert_int_equal(kam_fault_alloc_new(&alloc), KAM_OK);
        assert_int_equal(kam_fault_alloc_fail(alloc, at, 0), KAM_OK);
        int32_t rc = sweep_memory(NULL, alloc);
        if (rc == KAM_E_NOMEM) count = at + 1;
        else assert_int_equal(rc, KAM_OK);
        if (kam_fault_alloc_live(alloc, NULL) || kam_fault_alloc_misuse(alloc)) bad_run(NULL, at, rc, "leak or misuse");
        assert_int_equal(kam_fault_alloc_live(alloc, NULL), 0);
        assert_int_equal(kam_fault_alloc_misuse(alloc), 0);
        kam_fault_alloc_free(alloc);
        if (rc == KAM_OK) assert_true(at > 60);
    }
}

/* ---------------------------------------------------------------- rewriting, statistics */

static int64_t stat_of(ms_shop *s, const char *name)
{
    kam_buf *b;
    char key[40];
    assert_int_equal(kam_buf_new(&b, s->ctx, NULL), KAM_OK);
    assert_int_equal(VT->control(s->conn[0], KAM_CTL_STATS, b, NULL, NULL, &s->err), KAM_OK);
    snprintf(key, sizeof key, "],\"rows\":");
    const char *end = strstr(kam_buf_data(b), key), *at;
    assert_non_null(end);
    snprintf(key, sizeof key, "\"%s\":", name);
    at = strstr(end, key);
    assert_non_null(at);
    int64_t v = strtoll(at + strlen(key), NULL, 10);
    kam_buf_free(b);
    return v;
}

/* Keys first..first+n-1 in a transaction of their own. */
static void many(ms_shop *s, uint32_t op, int64_t first, uint32_t n, int32_t name)
{
    int64_t *key = calloc(n, sizeof *key);
    ms_row *r = calloc(n, sizeof *r);
    assert_true(key && r);
    for (uint32_t i = 0; i < n; i++) {
        key[i] = first + i;
        r[i] = (ms_row){1, (int32_t)(first + i), name, 1, 2};
    }
    assert_int_equal(VT->begin(s->conn[0], KAM_BEGIN_WRITE, &s->err), KAM_OK);
    assert_int_equal(ms_write(s, 0, op, key, r, n, op == KAM_WRITE_DELETE ? 0 : W_ALL), KAM_OK);
    assert_int_equal(VT->end(s->conn[0], KAM_END_COMMIT, &s->err), KAM_OK);
    free(key);
    free(r);
}

static void deleted_rows_are_given_back(void **state)
{
    ms_shop s;
    ms_question q = {.npred = 1, .place = {M_EXT}, .op = {KAM_OP_EQ}, .narg = {1}, .arg = {{30010}}};
    ms_answer a;
    (void)state;
    ms_open(&s);
    many(&s, KAM_WRITE_INSERT, 20001, 20000, 1);
    many(&s, KAM_WRITE_INSERT, 1, 20000, 2);                    /* out of order */
    int64_t full = stat_of(&s, "bytes");
    assert_int_equal(stat_of(&s, "rows"), 40000);
    assert_int_equal(ms_ask(&s, 1, &q, &a), KAM_OK);
    assert_int_equal(a.n, 1);
    assert_int_equal(VT->begin(s.conn[1], KAM_BEGIN_READ, &s.err), KAM_OK);
    many(&s, KAM_WRITE_DELETE, 1, 30000, 0);
    assert_true(stat_of(&s, "bytes") >= full);                  /* somebody still sees them */
    assert_int_equal(stat_of(&s, "oldest_reader"), 1);
    assert_int_equal(VT->end(s.conn[1], KAM_END_COMMIT, &s.err), KAM_OK);
    assert_int_equal(stat_of(&s, "oldest_reader"), 0);
    many(&s, KAM_WRITE_INSERT, 50001, 1, 1);
    assert_true(stat_of(&s, "bytes") < full / 2);
    assert_int_equal(stat_of(&s, "rows"), 10001);
    assert_int_equal(ms_ask(&s, 1, &q, &a), KAM_OK);
    assert_int_equal(a.n, 1);
    assert_int_equal(a.key[0], 30010);
    q.arg[0][0] = 10;
    assert_int_equal(ms_ask(&s, 1, &q, &a), KAM_OK);
    assert_int_equal(a.n, 0);
    many(&s, KAM_WRITE_INSERT, 10, 1, 3);                       /* a key and a pair from before */
    assert_int_equal(ms_ask(&s, 1, &q, &a), KAM_OK);
    assert_int_equal(a.n, 1);
    ms_close(&s);
}

static void replaced_texts_are_given_back(void **state)
{
    ms_shop s;
    (void)state;
    ms_open(&s);
    many(&s, KAM_WRITE_INSERT, 1, 20000, 1);
    int64_t once = stat_of(&s, "bytes");
    for (int32_t i = 0; i < 60; i++) many(&s, KAM_WRITE_UPDATE, 1, 20000, 100 + i);
    assert_true(stat_of(&s, "bytes") < once * 3 + (4 << 20));
    ms_close(&s);
}

static void old_versions_are_given_back(void **state)
{
    ms_shop s;
    (void)state;
    ms_open(&s);
    many(&s, KAM_WRITE_INSERT, 1, 1000, 1);
    many(&s, KAM_WRITE_UPDATE, 1, 1000, 2);
    uint64_t before = s.ctx->memory;
    assert_int_equal(VT->begin(s.conn[1], KAM_BEGIN_READ, &s.err), KAM_OK);
    for (int32_t i = 0; i < 20; i++) many(&s, KAM_WRITE_UPDATE, 1, 1000, 1);
    assert_true(s.ctx->memory > before + 20 * 1000 * 16);
    assert_int_equal(VT->end(s.conn[1], KAM_END_COMMIT, &s.err), KAM_OK);
    assert_true(s.ctx->memory < before + (2 << 20));
    ms_close(&s);
}

/* ---------------------------------------------------------------- big blocks */

typedef struct sizes { uint32_t blocks, rows; int64_t text; } sizes;

static int32_t take_sizes(void *user, const kam_block *b)
{
    sizes *z = user;
    const kam_col *c = b->col;
    assert_true(b->nrow >= 1);
    assert_true(c->off[b->nrow] - c->off[0] <= (8 << 20));
    for (uint32_t i = 0; i < b->nrow; i++)
        assert_int_equal(((const char *)c->data)[c->off[i]], 'a' + (int)((z->rows + i) % 26));
    z->blocks++;
    z->rows += b->nrow;
    z->text += c->off[b->nrow] - c->off[0];
    return 0;
}

static void a_block_has_at_most_8_mib_of_text(void **state)
{
    enum { N = 100, LEN = 65536 };
    ms_shop s;
    const uint32_t field[2] = {1, kam__mutant_field(M_NOTE)};
    const uint8_t type[2] = {KAM_T_I64, KAM_T_TEXT};
    kam__blockbuf bb;
    kam_block b;
    char *text = calloc(1, LEN);
    (void)state;
    assert_non_null(text);
    ms_open(&s);
    assert_int_equal(kam__bb_init(&bb, s.ctx, 2, field, type, NULL), KAM_OK);
    assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_OK);
    for (int part = 0; part < 3; part++) {
        kam__bb_clear(&bb);
        for (int i = 0; i < N; i++) {
            memset(text, 'a' + (part * N + i) % 26, LEN);
            kam__bb_i64(&bb, 0, part * N + i + 1);
            kam__bb_text(&bb, 1, text, LEN);
            assert_int_equal(kam__bb_end_row(&bb, NULL), KAM_OK);
        }
        kam__bb_view(&bb, &b);
        assert_int_equal(VT->write(s.conn[0], ms_table(), KAM_WRITE_INSERT, &b, &s.err), KAM_OK);
    }
    assert_int_equal(VT->end(s.conn[0], KAM_END_COMMIT, &s.err), KAM_OK);
    for (uint32_t norder = 0; norder < 2; norder++) {
        const uint32_t day = kam__mutant_field(M_DAY);
        sizes z = {0};
        kam_table_scan q = {.struct_size = sizeof q,
                            .table = ms_table(),
                            .field = field + 1,
                            .nfield = 1,
                            .block_rows = 65536,
                            .order = &day,
                            .norder = norder};
        assert_int_equal(VT->scan(s.conn[1], &q, take_sizes, &z, &s.err), KAM_OK);
        assert_int_equal(z.rows, 3 * N);
        assert_true(z.text == (int64_t)3 * N * LEN);
        assert_true(z.blocks >= 3 && z.blocks <= 5);
    }
    kam__bb_free(&bb);
    free(text);
    ms_close(&s);
}

/* ---------------------------------------------------------------- what is refused */

static int32_t never(void *user, const kam_block *b)
{
    (void)user, (void)b;
    return KAM_E_IO;
}

static int32_t in_scan(void *user, const kam_block *b)
{
    ms_shop *s = user;
    (void)b;
    assert_int_equal(VT->end(s->conn[1], KAM_END_COMMIT, &s->err), KAM_E_INVAL);
    assert_int_equal(VT->begin(s->conn[1], KAM_BEGIN_READ, &s->err), KAM_E_INVAL);
    many(s, KAM_WRITE_INSERT, 77, 1, 1);                        /* another connection may */
    return 0;
}

static void wrong_calls_are_refused(void **state)
{
    ms_shop s;
    const uint32_t id = 1, nope = 99999, name = kam__mutant_field(M_NAME);
    const int64_t v = 1;
    const kam_col number = {name, KAM_T_I64, {0, 0, 0}, &v, NULL, NULL},
                  key[2] = {{1, KAM_T_I64, {0, 0, 0}, &v, NULL, NULL}, number};
    kam_pred pred = {name, KAM_OP_EQ, &number, 1, 0};
    kam_block b = {sizeof b, 1, 2, 0, key};
    kam_table other = *ms_table();
    int64_t first;
    (void)state;
    ms_open(&s);
    other.id = 199;
    kam_table_scan q = {.struct_size = sizeof q, .table = &other, .field = &id, .nfield = 1};
    assert_int_equal(VT->scan(s.conn[0], &q, never, NULL, &s.err), KAM_E_SCHEMA);
    q.table = ms_table();
    q.field = &nope;
    assert_int_equal(VT->scan(s.conn[0], &q, never, NULL, &s.err), KAM_E_SCHEMA);
    assert_int_equal(s.err.field, nope);
    q.field = &id;
    q.pred = &pred;
    q.npred = 1;
    assert_int_equal(VT->scan(s.conn[0], &q, never, NULL, &s.err), KAM_E_TYPE);
    q.npred = 0;
    q.order = &name;
    q.norder = 1;
    assert_int_equal(VT->scan(s.conn[0], &q, never, NULL, &s.err), KAM_E_TYPE);
    q.norder = 0;
    q.flags = 2;
    assert_int_equal(VT->scan(s.conn[0], &q, never, NULL, &s.err), KAM_E_INVAL);
    assert_int_equal(VT->end(s.conn[0], KAM_END_COMMIT, &s.err), KAM_E_INVAL);
    assert_int_equal(VT->begin(s.conn[0], 3, &s.err), KAM_E_INVAL);
    assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_OK);
    assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_E_INVAL);
    assert_int_equal(VT->begin(s.conn[1], KAM_BEGIN_WRITE, &s.err), KAM_E_BUSY);
    assert_int_equal(VT->write(s.conn[0], ms_table(), KAM_WRITE_INSERT, &b, &s.err), KAM_E_TYPE);
    assert_int_equal(s.err.field, name);
    assert_int_equal(VT->reserve(s.conn[0], 120, 1, &first, &s.err), KAM_E_ABORTED);
    assert_int_equal(VT->end(s.conn[0], KAM_END_ABORT, &s.err), KAM_OK);
    assert_int_equal(VT->reserve(s.conn[0], 120, 0, &first, &s.err), KAM_E_INVAL);
    assert_int_equal(VT->reserve(s.conn[0], 199, 1, &first, &s.err), KAM_E_SCHEMA);
    many(&s, KAM_WRITE_INSERT, 5, 1, 1);
    assert_int_equal(VT->reserve(s.conn[0], 120, 1, &first, &s.err), KAM_OK);
    assert_int_equal(first, 6);                                 /* behind a key given by hand */
    other = *ms_table();
    other.flags = 1;
    assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_OK);
    assert_int_equal(VT->write(s.conn[0], &other, KAM_WRITE_INSERT, &b, &s.err), KAM_E_READ_ONLY);
    assert_int_equal(VT->end(s.conn[0], KAM_END_COMMIT, &s.err), KAM_E_ABORTED);
    q.flags = 0;
    assert_int_equal(VT->begin(s.conn[1], KAM_BEGIN_READ, &s.err), KAM_OK);
    assert_int_equal(VT->scan(s.conn[1], &q, in_scan, &s, &s.err), KAM_OK);
    ms_close(&s);
}

static void close_takes_back_what_is_open(void **state)
{
    ms_shop s;
    ms_question q = {0};
    ms_answer a;
    const int64_t key = 1;
    const ms_row r = {1, 1, 1, 1, 1};
    (void)state;
    ms_open(&s);
    assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_OK);
    assert_int_equal(ms_write(&s, 0, KAM_WRITE_INSERT, &key, &r, 1, W_ALL), KAM_OK);
    VT->close(s.conn[0]);
    s.conn[0] = NULL;
    assert_int_equal(ms_ask(&s, 1, &q, &a), KAM_OK);
    assert_int_equal(a.n, 0);
    assert_int_equal(VT->begin(s.conn[1], KAM_BEGIN_WRITE, &s.err), KAM_OK);
    assert_int_equal(VT->end(s.conn[1], KAM_END_COMMIT, &s.err), KAM_OK);
    ms_close(&s);
}

/* ---------------------------------------------------------------- threads */

/* The writer keeps the number of rows and the sum of all amounts the same in each commit. */
static uint32_t pick(uint64_t *seed, uint32_t n) { return (uint32_t)(kam__random(seed) % n); }

typedef struct race { ms_shop *s; int conn; volatile uint64_t *stop; uint32_t scans, wrong; } race;
typedef struct sum { int64_t amount; uint32_t n; } sum;

static int32_t take_sum(void *user, const kam_block *b)
{
    sum *s = user;
    for (uint32_t i = 0; i < b->nrow; i++) s->amount += kam__col_i64(b->col, i);
    s->n += b->nrow;
    return 0;
}

static void *read_on(void *arg)
{
    race *r = arg;
    const uint32_t field = kam__mutant_field(M_AMOUNT), day = kam__mutant_field(M_DAY);
    kam_store_err err = {.struct_size = sizeof err};
    for (; !kam__atomic_add(r->stop, 0) || r->scans < 20; r->scans++) {
        sum z = {0, 0};
        kam_table_scan q = {.struct_size = sizeof q,
                            .table = ms_table(),
                            .field = &field,
                            .nfield = 1,
                            .block_rows = 64,
                            .order = &day,
                            .norder = r->scans % 2};
        int32_t rc = VT->scan(r->s->conn[r->conn], &q, take_sum, &z, &err);
        if (rc || z.amount != 100 * 500 || z.n != 500) r->wrong++;
    }
    return NULL;
}

static void readers_and_a_writer_on_threads(void **state)
{
    ms_shop s;
    int64_t key[500];
    ms_row r[500];
    volatile uint64_t stop = 0;
    pthread_t thread[2];
    uint64_t seed = 3;
    (void)state;
    ms_open(&s);
    for (int i = 0; i < 500; i++) {
        key[i] = i + 1;
        r[i] = (ms_row){1, i, 1, i % 7, 100};
    }
    assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_OK);
    assert_int_equal(ms_write(&s, 0, KAM_WRITE_INSERT, key, r, 500, W_ALL), KAM_OK);
    assert_int_equal(VT->end(s.conn[0], KAM_END_COMMIT, &s.err), KAM_OK);
    race race1 = {&s, 1, &stop, 0, 0}, race2 = {&s, 2, &stop, 0, 0};
    assert_int_equal(pthread_create(thread, NULL, read_on, &race1), 0);
    assert_int_equal(pthread_create(thread + 1, NULL, read_on, &race2), 0);
    for (int i = 0; i < 1500; i++) {
        uint32_t a = pick(&seed, 500), b = pick(&seed, 500);
        int32_t move = (int32_t)pick(&seed, 50);
        if (a == b || r[a].amount < move) continue;
        r[a].amount -= move;
        r[b].amount += move;
        assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_OK);
        assert_int_equal(ms_write(&s, 0, KAM_WRITE_UPDATE, key + a, r + a, 1, W_AMOUNT), KAM_OK);
        assert_int_equal(ms_write(&s, 0, KAM_WRITE_DELETE, key + b, r + b, 1, 0), KAM_OK);
        int64_t was = key[b];
        if (i % 5 == 0) key[b] = 1000 + i;
        assert_int_equal(ms_write(&s, 0, KAM_WRITE_INSERT, key + b, r + b, 1, W_ALL), KAM_OK);
        int keep = i % 3 != 0;
        assert_int_equal(VT->end(s.conn[0], keep ? KAM_END_COMMIT : KAM_END_ABORT, &s.err), KAM_OK);
        if (keep) continue;
        r[a].amount += move;
        r[b].amount -= move;
        key[b] = was;
    }
    kam__atomic_add(&stop, 1);
    pthread_join(thread[0], NULL);
    pthread_join(thread[1], NULL);
    assert_int_equal(race1.wrong + race2.wrong, 0);
    ms_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_runs_out_at_each_place),
        cmocka_unit_test(deleted_rows_are_given_back),
        cmocka_unit_test(replaced_texts_are_given_back),
        cmocka_unit_test(old_versions_are_given_back),
        cmocka_unit_test(a_block_has_at_most_8_mib_of_text),
        cmocka_unit_test(wrong_calls_are_refused),
        cmocka_unit_test(close_takes_back_what_is_open),
        cmocka_unit_test(readers_and_a_writer_on_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
