/*
 * test_memory.c - the memory store beyond the conformance kit: long random histories against a naive model with
 * several readers, memory that runs out at each place, rewriting, big blocks, statistics, threads.
 *
 * The model keeps a whole copy of the table per commit and answers by walking it.
 */
#include "mutants.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define VT (&kam__memory_vt)
#define KEYS 48

/* Columns used: id, source + ext ("s", "e<pair>"), name ("n<name>"), day, amount; -1 = NULL. */
typedef struct row { int live; int32_t pair, name, day, amount; } row;
typedef struct model { row r[KEYS + 1]; } model;

typedef struct shop { kam_ctx *ctx; kam__memory *m; void *conn[3]; kam_store_err err; } shop;

static const kam_table *table(void) { return kam_kit_tables(NULL); }

static int32_t shop_open_with(shop *s, const kam_allocator *a) {
    const kam_ctx_options o = {.struct_size = sizeof o, .allocator = a};
    memset(s, 0, sizeof *s);
    s->err.struct_size = sizeof s->err;
    KAM__TRY(kam_ctx_new(&s->ctx, &o, NULL));
    int32_t rc = kam__memory_new(&s->m, s->ctx, NULL);
    for (int i = 0; i < 3 && !rc; i++) rc = kam__memory_connect(s->conn + i, s->m, NULL);
    if (!rc) rc = VT->prepare(s->conn[0], table(), 2, KAM_PREPARE_CREATE, NULL, NULL, &s->err);
    return rc;
}

static void shop_close(shop *s) {
    for (int i = 0; i < 3; i++)
        if (s->conn[i]) VT->close(s->conn[i]);
    kam__memory_drop(s->m);
    kam_ctx_free(s->ctx);
}

static void shop_open(shop *s) { assert_int_equal(shop_open_with(s, NULL), KAM_OK); }

/* ---------------------------------------------------------------- blocks of model rows */

enum { W_PAIR = 1, W_NAME = 2, W_DAY = 4, W_AMOUNT = 8, W_ALL = 15 };

static void put_text(kam__blockbuf *b, uint32_t col, const char *head, int32_t v) {
    char text[32];
    snprintf(text, sizeof text, "%s%d", head, (int)v);
    if (v >= 0) kam__bb_text(b, col, text, KAM_NUL);
}

static void put_number(kam__blockbuf *b, uint32_t col, int32_t v) {
    if (v >= 0) kam__bb_i64(b, col, v);
}

static int32_t write_rows(shop *s, int conn, uint32_t op, const int64_t *key, const row *r, uint32_t n, uint32_t what) {
    static const uint32_t place[] = {M_ID, M_SOURCE, M_EXT, M_NAME, M_DAY, M_AMOUNT};
    static const uint32_t bit[] = {W_ALL, W_PAIR, W_PAIR, W_NAME, W_DAY, W_AMOUNT};
    uint32_t field[6], from[6], ncol = 0;
    uint8_t type[6];
    kam__blockbuf bb;
    kam_block b;
    for (uint32_t i = 0; i < 6; i++) {
        if (i && !(what & bit[i])) continue;
        from[ncol] = place[i];
        field[ncol] = table()->field[place[i]].id;
        type[ncol++] = table()->field[place[i]].type;
    }
    KAM__TRY(kam__bb_init(&bb, s->ctx, ncol, field, type, NULL));
    int32_t rc = KAM_OK;
    for (uint32_t i = 0; i < n && !rc; i++) {
        for (uint32_t c = 0; c < ncol; c++) {
            if (from[c] == M_ID) kam__bb_i64(&bb, c, key[i]);
            else if (from[c] == M_SOURCE) kam__bb_text(&bb, c, r[i].pair < 0 ? NULL : "s", KAM_NUL);
            else if (from[c] == M_EXT) put_text(&bb, c, "e", r[i].pair);
            else if (from[c] == M_NAME) put_text(&bb, c, "n", r[i].name);
            else put_number(&bb, c, from[c] == M_DAY ? r[i].day : r[i].amount);
        }
        rc = kam__bb_end_row(&bb, NULL);
    }
    kam__bb_view(&bb, &b);
    if (!rc) rc = VT->write(s->conn[conn], table(), op, &b, &s->err);
    kam__bb_free(&bb);
    return rc;
}

/* ---------------------------------------------------------------- questions */

typedef struct question {
    uint32_t desc, norder, order[2], npred, limit, block_rows;
    uint32_t place[2], op[2], narg[2];
    int32_t arg[2][4];
    int64_t after;                          /* key, 0 = none; only without order or by the values of that row */
    row after_row;
} question;

typedef struct answer { int64_t key[KEYS]; row r[KEYS]; uint32_t n; } answer;

static int32_t value_of(const row *r, uint32_t place) {
    return place == M_EXT ? r->pair : place == M_NAME ? r->name : place == M_DAY ? r->day : r->amount;
}

static int32_t number_in(const kam_col *c, uint32_t i) {
    size_t len;
    if (kam__col_null(c, i)) return -1;
    const char *t = kam__col_text(c, i, &len);
    if (!t) return (int32_t)kam__col_i64(c, i);
    int32_t v = 0;
    for (size_t k = 1; k < len; k++) v = v * 10 + (t[k] - '0');
    return v;
}

static int32_t take_answer(void *user, const kam_block *b) {
    answer *a = user;
    for (uint32_t i = 0; i < b->nrow; i++) {
        if (a->n == KEYS) return KAM_E_LIMIT;
        a->key[a->n] = kam__col_i64(b->col, i);
        a->r[a->n++] = (row){1, number_in(b->col + 1, i), number_in(b->col + 2, i), number_in(b->col + 3, i),
                             number_in(b->col + 4, i)};
    }
    return 0;
}

/* The values of one condition as a column; text holds what it points into. */
static kam_col arg_col(const question *q, uint32_t p, char *text, int32_t *off, int32_t *i32, int64_t *i64) {
    const kam_field *f = table()->field + q->place[p];
    kam_col c = {f->id, f->type, {0, 0, 0}, i64, NULL, NULL};
    off[0] = 0;
    for (uint32_t i = 0; i < q->narg[p]; i++) {
        i32[i] = q->arg[p][i];
        i64[i] = q->arg[p][i];
        if (f->type == KAM_T_TEXT)
            off[i + 1] =
                off[i] + (int32_t)sprintf(text + off[i], "%c%d", q->place[p] == M_EXT ? 'e' : 'n', (int)q->arg[p][i]);
    }
    if (f->type == KAM_T_TEXT) c.data = text, c.off = off;
    if (f->type == KAM_T_I32) c.data = i32;
    return c;
}

static int32_t ask(shop *s, int conn, const question *q, answer *a) {
    const uint32_t place[] = {M_ID, M_EXT, M_NAME, M_DAY, M_AMOUNT};
    uint32_t field[5], order[2];
    char text[2][64];
    int32_t off[2][5], i32[2][4];
    int64_t i64[2][4], after64[3];
    int32_t after32[3];
    uint8_t valid[3];
    kam_col arg[2], acol[3];
    kam_pred pred[2];
    kam_block after = {sizeof after, 1, q->norder + 1, 0, acol};
    for (uint32_t i = 0; i < 5; i++) field[i] = table()->field[place[i]].id;
    for (uint32_t i = 0; i < q->norder; i++) order[i] = table()->field[q->order[i]].id;
    for (uint32_t p = 0; p < q->npred; p++) {
        arg[p] = arg_col(q, p, text[p], off[p], i32[p], i64[p]);
        pred[p] = (kam_pred){arg[p].field, q->op[p], q->op[p] == KAM_OP_NULL ? NULL : arg + p, q->narg[p], 0};
    }
    for (uint32_t i = 0; q->after && i <= q->norder; i++) {
        uint32_t at = i < q->norder ? q->order[i] : M_ID;
        int32_t v = at == M_ID ? 0 : value_of(&q->after_row, at);
        after64[i] = at == M_ID ? q->after : v;
        after32[i] = v;
        valid[i] = at == M_ID || v >= 0;
        acol[i] = (kam_col){table()->field[at].id, table()->field[at].type, {0, 0, 0}, after64 + i, NULL, valid + i};
        if (at == M_DAY) acol[i].data = after32 + i;
    }
    kam_table_scan t = {.struct_size = sizeof t,
                        .flags = q->desc,
                        .table = table(),
                        .field = field,
                        .nfield = 5,
                        .pred = pred,
                        .npred = q->npred,
                        .order = order,
                        .norder = q->norder,
                        .after = q->after ? &after : NULL,
                        .limit = q->limit,
                        .block_rows = q->block_rows};
    a->n = 0;
    int32_t rc = VT->scan(s->conn[conn], &t, take_answer, a, &s->err);
    if (!rc) assert_true(t.handled == UINT64_MAX);
    return rc;
}

static int matches(const question *q, const row *r) {
    for (uint32_t p = 0; p < q->npred; p++) {
        int32_t v = value_of(r, q->place[p]), in = 0;
        if (q->op[p] == KAM_OP_NULL && v >= 0) return 0;
        if (q->op[p] == KAM_OP_NULL) continue;
        if (v < 0) return 0;
        for (uint32_t i = 0; i < q->narg[p]; i++) in |= v == q->arg[p][i];
        if ((q->op[p] == KAM_OP_EQ || q->op[p] == KAM_OP_IN) && !in) return 0;
        if (q->op[p] == KAM_OP_LT && !(v < q->arg[p][0])) return 0;
        if (q->op[p] == KAM_OP_GE && !(v >= q->arg[p][0])) return 0;
    }
    return 1;
}

static int before(const question *q, int64_t ka, const row *a, int64_t kb, const row *b) {
    for (uint32_t i = 0; i < q->norder; i++) {
        int32_t x = value_of(a, q->order[i]), y = value_of(b, q->order[i]);
        if (x == y) continue;
        if (x < 0 || y < 0) return y < 0;
        return (x < y) == !q->desc;
    }
    return ka != kb && (ka < kb) == !q->desc;
}

static void expect(const question *q, const model *m, answer *a) {
    a->n = 0;
    for (int64_t k = 1; k <= KEYS; k++) {
        const row *r = m->r + k;
        if (!r->live || !matches(q, r) || (q->after && !before(q, q->after, &q->after_row, k, r))) continue;
        uint32_t i = a->n++;
        for (; i > 0 && before(q, k, r, a->key[i - 1], a->r + i - 1); i--) {
            a->key[i] = a->key[i - 1];
            a->r[i] = a->r[i - 1];
        }
        a->key[i] = k;
        a->r[i] = *r;
    }
    if (q->limit && a->n > q->limit) a->n = q->limit;
}

static void check(shop *s, int conn, const question *q, const model *m) {
    answer got, want;
    assert_int_equal(ask(s, conn, q, &got), KAM_OK);
    expect(q, m, &want);
    assert_int_equal(got.n, want.n);
    for (uint32_t i = 0; i < got.n; i++) {
        assert_int_equal(got.key[i], want.key[i]);
        assert_memory_equal(got.r + i, want.r + i, sizeof(row));
    }
}

/* ---------------------------------------------------------------- random histories */

static uint32_t pick(uint64_t *seed, uint32_t n) { return (uint32_t)(kam__random(seed) % n); }

static row random_row(uint64_t *seed) {
    row r = {1, -1, -1, -1, -1};
    if (pick(seed, 4)) r.pair = (int32_t)pick(seed, 60);
    if (pick(seed, 5)) r.name = (int32_t)pick(seed, 6);
    if (pick(seed, 5)) r.day = (int32_t)pick(seed, 9);
    if (pick(seed, 5)) r.amount = (int32_t)pick(seed, 5);
    return r;
}

static question random_question(uint64_t *seed, const model *m) {
    static const uint32_t place[] = {M_EXT, M_NAME, M_DAY, M_AMOUNT},
                          op[] = {KAM_OP_EQ, KAM_OP_IN, KAM_OP_NULL, KAM_OP_LT, KAM_OP_GE};
    question q = {.desc = pick(seed, 2),
                  .norder = pick(seed, 3),
                  .npred = pick(seed, 3),
                  .limit = pick(seed, 3) ? 0 : 1 + pick(seed, 9),
                  .block_rows = pick(seed, 8)};
    uint32_t day_first = pick(seed, 2);
    q.order[0] = day_first ? M_DAY : M_AMOUNT;
    q.order[1] = day_first ? M_AMOUNT : M_DAY;
    for (uint32_t p = 0; p < q.npred; p++) {
        q.place[p] = place[pick(seed, 4)];
        q.op[p] = op[pick(seed, q.place[p] == M_DAY || q.place[p] == M_AMOUNT ? 5 : 3)];
        q.narg[p] = q.op[p] == KAM_OP_IN ? 1 + pick(seed, 4) : q.op[p] == KAM_OP_NULL ? 0 : 1;
        for (uint32_t i = 0; i < q.narg[p]; i++) q.arg[p][i] = (int32_t)pick(seed, q.place[p] == M_EXT ? 60 : 6);
    }
    if (pick(seed, 3) == 0) {
        q.after = 1 + pick(seed, KEYS);
        q.after_row = m->r[q.after].live ? m->r[q.after] : random_row(seed);
    }
    return q;
}

static int pair_taken(const model *m, int64_t key, int32_t pair) {
    for (int64_t k = 1; k <= KEYS; k++)
        if (k != key && m->r[k].live && pair >= 0 && m->r[k].pair == pair) return 1;
    return 0;
}

/* One random write; its code must be the model's. */
static int32_t random_write(shop *s, uint64_t *seed, model *m) {
    int64_t key = 1 + pick(seed, KEYS);
    row r = random_row(seed), was = m->r[key];
    uint32_t op = 1 + pick(seed, 3), what = op == KAM_WRITE_UPDATE ? pick(seed, W_ALL + 1) : W_ALL;
    int32_t want = op == KAM_WRITE_INSERT ? (was.live ? KAM_E_EXISTS : KAM_OK) : was.live ? KAM_OK : KAM_E_NOT_FOUND;
    if (op == KAM_WRITE_DELETE) what = 0;
    if (op == KAM_WRITE_UPDATE) {
        if (!(what & W_PAIR)) r.pair = was.pair;
        if (!(what & W_NAME)) r.name = was.name;
        if (!(what & W_DAY)) r.day = was.day;
        if (!(what & W_AMOUNT)) r.amount = was.amount;
    }
    if (!want && op != KAM_WRITE_DELETE && pair_taken(m, key, r.pair)) want = KAM_E_EXISTS;
    assert_int_equal(write_rows(s, 0, op, &key, &r, 1, what), want);
    if (want) return want;
    if (op == KAM_WRITE_DELETE) m->r[key].live = 0;
    else m->r[key] = r;
    return KAM_OK;
}

/* conn 0 writes, 1 and 2 read, each at its own snapshot. */
static void random_history(uint64_t seed, int steps) {
    shop s;
    model *now = calloc(4, sizeof *now), *next = now + 1, *seen[3] = {NULL, now + 2, now + 3};
    int reading[3] = {0, 0, 0};
    assert_non_null(now);
    shop_open(&s);
    for (int i = 0; i < steps; i++) {
        int reader = 1 + (int)pick(&seed, 2);
        question q = random_question(&seed, now);
        if (!reading[reader] && pick(&seed, 3) == 0) {
            assert_int_equal(VT->begin(s.conn[reader], KAM_BEGIN_READ, &s.err), KAM_OK);
            *seen[reader] = *now;
            reading[reader] = 1;
        }
        assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_OK);
        *next = *now;
        int32_t rc = KAM_OK;
        for (uint32_t n = pick(&seed, 6); n > 0 && !rc; n--) {
            rc = random_write(&s, &seed, next);
            if (!rc && pick(&seed, 2)) check(&s, 0, &q, next);
        }
        for (int r = 1; r <= 2; r++) check(&s, r, &q, reading[r] ? seen[r] : now);
        if (rc || pick(&seed, 4) == 0) {
            assert_int_equal(VT->end(s.conn[0], KAM_END_ABORT, &s.err), KAM_OK);
        } else {
            assert_int_equal(VT->end(s.conn[0], KAM_END_COMMIT, &s.err), KAM_OK);
            *now = *next;
        }
        for (int r = 0; r <= 2; r++) check(&s, r, &q, reading[r] ? seen[r] : now);
        if (reading[reader] && pick(&seed, 6) == 0) {
            assert_int_equal(VT->end(s.conn[reader], KAM_END_COMMIT, &s.err), KAM_OK);
            reading[reader] = 0;
        }
    }
    shop_close(&s);
    free(now);
}

static void histories_equal_the_model(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) random_history(seed, 250);
}

/* ---------------------------------------------------------------- out of memory */

/* Writes what the model has, changes it, takes a part back; after a NOMEM the table is as it was, and the same again works. */
static int32_t work(shop *s, const int64_t *key, row *r, uint32_t n) {
    int32_t rc = VT->begin(s->conn[0], KAM_BEGIN_WRITE, &s->err);
    if (rc) return rc;
    rc = write_rows(s, 0, KAM_WRITE_INSERT, key, r, n, W_ALL);
    for (uint32_t i = 0; i < n; i++) r[i].name = 5;
    if (!rc) rc = write_rows(s, 0, KAM_WRITE_UPDATE, key, r, n, W_NAME | W_PAIR);
    if (!rc) rc = write_rows(s, 0, KAM_WRITE_DELETE, key, r, 2, 0);
    if (!rc) rc = write_rows(s, 0, KAM_WRITE_INSERT, key, r, 1, W_ALL);
    int32_t end = VT->end(s->conn[0], rc ? KAM_END_ABORT : KAM_END_COMMIT, &s->err);
    return rc ? rc : end;
}

static int32_t sweep_memory(void *user, kam_fault_alloc *alloc) {
    static const int64_t key[] = {7, 3, 9, 1, 5, 8};            /* not in order: the table gets its hash of keys */
    row r[6];
    question q = {
        .npred = 1, .place = {M_NAME}, .op = {KAM_OP_EQ}, .narg = {1}, .arg = {{5}}, .norder = 1, .order = {M_DAY}};
    shop s;
    answer a;
    (void)user;
    for (int i = 0; i < 6; i++) r[i] = (row){1, i, i % 2, i, i};
    int32_t rc = shop_open_with(&s, kam_fault_alloc_allocator(alloc));
    if (!rc) rc = work(&s, key, r, 6);
    int32_t asked = rc ? rc : ask(&s, 1, &q, &a);
    if (s.m && s.conn[2]) {
        (void)kam_fault_alloc_fail(alloc, 0, 0);
        q.npred = 0;
        if (rc == KAM_E_NOMEM && s.err.code == KAM_E_NOMEM &&
            VT->prepare(s.conn[0], table(), 2, KAM_PREPARE_CREATE, NULL, NULL, &s.err) == KAM_OK) {
            assert_int_equal(ask(&s, 1, &q, &a), KAM_OK);
            assert_int_equal(a.n, 0);
            for (int i = 0; i < 6; i++) r[i] = (row){1, i, i % 2, i, i};
            assert_int_equal(work(&s, key, r, 6), KAM_OK);
        }
        if (!rc) {
            assert_int_equal(ask(&s, 1, &q, &a), KAM_OK);
            assert_int_equal(a.n, 5);
        }
    }
    if (s.ctx) shop_close(&s);
    return rc ? rc : asked;
}

static void bad_run(void *user, uint64_t at, int32_t code, const char *why) {
    (void)user;
    print_error("request %llu: %s: %s\n", (unsigned long long)at, kam_code_name(code), why);
}

/* The same work with each request for memory failing; the counter goes on behind the fault, so the sweep is by hand. */
static void memory_runs_out_at_each_place(void **state) {
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

static int64_t stat_of(shop *s, const char *name) {
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
static void many(shop *s, uint32_t op, int64_t first, uint32_t n, int32_t name) {
    int64_t *key = calloc(n, sizeof *key);
    row *r = calloc(n, sizeof *r);
    assert_true(key && r);
    for (uint32_t i = 0; i < n; i++) {
        key[i] = first + i;
        r[i] = (row){1, (int32_t)(first + i), name, 1, 2};
    }
    assert_int_equal(VT->begin(s->conn[0], KAM_BEGIN_WRITE, &s->err), KAM_OK);
    assert_int_equal(write_rows(s, 0, op, key, r, n, op == KAM_WRITE_DELETE ? 0 : W_ALL), KAM_OK);
    assert_int_equal(VT->end(s->conn[0], KAM_END_COMMIT, &s->err), KAM_OK);
    free(key);
    free(r);
}

static void deleted_rows_are_given_back(void **state) {
    shop s;
    question q = {.npred = 1, .place = {M_EXT}, .op = {KAM_OP_EQ}, .narg = {1}, .arg = {{30010}}};
    answer a;
    (void)state;
    shop_open(&s);
    many(&s, KAM_WRITE_INSERT, 20001, 20000, 1);
    many(&s, KAM_WRITE_INSERT, 1, 20000, 2);                    /* out of order */
    int64_t full = stat_of(&s, "bytes");
    assert_int_equal(stat_of(&s, "rows"), 40000);
    assert_int_equal(ask(&s, 1, &q, &a), KAM_OK);
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
    assert_int_equal(ask(&s, 1, &q, &a), KAM_OK);
    assert_int_equal(a.n, 1);
    assert_int_equal(a.key[0], 30010);
    q.arg[0][0] = 10;
    assert_int_equal(ask(&s, 1, &q, &a), KAM_OK);
    assert_int_equal(a.n, 0);
    many(&s, KAM_WRITE_INSERT, 10, 1, 3);                       /* a key and a pair from before */
    assert_int_equal(ask(&s, 1, &q, &a), KAM_OK);
    assert_int_equal(a.n, 1);
    shop_close(&s);
}

static void replaced_texts_are_given_back(void **state) {
    shop s;
    (void)state;
    shop_open(&s);
    many(&s, KAM_WRITE_INSERT, 1, 20000, 1);
    int64_t once = stat_of(&s, "bytes");
    for (int32_t i = 0; i < 60; i++) many(&s, KAM_WRITE_UPDATE, 1, 20000, 100 + i);
    assert_true(stat_of(&s, "bytes") < once * 3 + (4 << 20));
    shop_close(&s);
}

static void old_versions_are_given_back(void **state) {
    shop s;
    (void)state;
    shop_open(&s);
    many(&s, KAM_WRITE_INSERT, 1, 1000, 1);
    many(&s, KAM_WRITE_UPDATE, 1, 1000, 2);
    uint64_t before = s.ctx->memory;
    assert_int_equal(VT->begin(s.conn[1], KAM_BEGIN_READ, &s.err), KAM_OK);
    for (int32_t i = 0; i < 20; i++) many(&s, KAM_WRITE_UPDATE, 1, 1000, 1);
    assert_true(s.ctx->memory > before + 20 * 1000 * 16);
    assert_int_equal(VT->end(s.conn[1], KAM_END_COMMIT, &s.err), KAM_OK);
    assert_true(s.ctx->memory < before + (2 << 20));
    shop_close(&s);
}

/* ---------------------------------------------------------------- big blocks */

typedef struct sizes { uint32_t blocks, rows; int64_t text; } sizes;

static int32_t take_sizes(void *user, const kam_block *b) {
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

static void a_block_has_at_most_8_mib_of_text(void **state) {
    enum { N = 100, LEN = 65536 };
    shop s;
    const uint32_t field[2] = {1, kam__mutant_field(M_NOTE)};
    const uint8_t type[2] = {KAM_T_I64, KAM_T_TEXT};
    kam__blockbuf bb;
    kam_block b;
    char *text = calloc(1, LEN);
    (void)state;
    assert_non_null(text);
    shop_open(&s);
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
        assert_int_equal(VT->write(s.conn[0], table(), KAM_WRITE_INSERT, &b, &s.err), KAM_OK);
    }
    assert_int_equal(VT->end(s.conn[0], KAM_END_COMMIT, &s.err), KAM_OK);
    for (uint32_t norder = 0; norder < 2; norder++) {
        const uint32_t day = kam__mutant_field(M_DAY);
        sizes z = {0};
        kam_table_scan q = {.struct_size = sizeof q,
                            .table = table(),
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
    shop_close(&s);
}

/* ---------------------------------------------------------------- what is refused */

static int32_t never(void *user, const kam_block *b) {
    (void)user, (void)b;
    return KAM_E_IO;
}

static int32_t in_scan(void *user, const kam_block *b) {
    shop *s = user;
    (void)b;
    assert_int_equal(VT->end(s->conn[1], KAM_END_COMMIT, &s->err), KAM_E_INVAL);
    assert_int_equal(VT->begin(s->conn[1], KAM_BEGIN_READ, &s->err), KAM_E_INVAL);
    many(s, KAM_WRITE_INSERT, 77, 1, 1);                        /* another connection may */
    return 0;
}

static void wrong_calls_are_refused(void **state) {
    shop s;
    const uint32_t id = 1, nope = 99999, name = kam__mutant_field(M_NAME);
    const int64_t v = 1;
    const kam_col number = {name, KAM_T_I64, {0, 0, 0}, &v, NULL, NULL},
                  key[2] = {{1, KAM_T_I64, {0, 0, 0}, &v, NULL, NULL}, number};
    kam_pred pred = {name, KAM_OP_EQ, &number, 1, 0};
    kam_block b = {sizeof b, 1, 2, 0, key};
    kam_table other = *table();
    int64_t first;
    (void)state;
    shop_open(&s);
    other.id = 199;
    kam_table_scan q = {.struct_size = sizeof q, .table = &other, .field = &id, .nfield = 1};
    assert_int_equal(VT->scan(s.conn[0], &q, never, NULL, &s.err), KAM_E_SCHEMA);
    q.table = table();
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
    assert_int_equal(VT->write(s.conn[0], table(), KAM_WRITE_INSERT, &b, &s.err), KAM_E_TYPE);
    assert_int_equal(s.err.field, name);
    assert_int_equal(VT->reserve(s.conn[0], 120, 1, &first, &s.err), KAM_E_ABORTED);
    assert_int_equal(VT->end(s.conn[0], KAM_END_ABORT, &s.err), KAM_OK);
    assert_int_equal(VT->reserve(s.conn[0], 120, 0, &first, &s.err), KAM_E_INVAL);
    assert_int_equal(VT->reserve(s.conn[0], 199, 1, &first, &s.err), KAM_E_SCHEMA);
    many(&s, KAM_WRITE_INSERT, 5, 1, 1);
    assert_int_equal(VT->reserve(s.conn[0], 120, 1, &first, &s.err), KAM_OK);
    assert_int_equal(first, 6);                                 /* behind a key given by hand */
    other = *table();
    other.flags = 1;
    assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_OK);
    assert_int_equal(VT->write(s.conn[0], &other, KAM_WRITE_INSERT, &b, &s.err), KAM_E_READ_ONLY);
    assert_int_equal(VT->end(s.conn[0], KAM_END_COMMIT, &s.err), KAM_E_ABORTED);
    q.flags = 0;
    assert_int_equal(VT->begin(s.conn[1], KAM_BEGIN_READ, &s.err), KAM_OK);
    assert_int_equal(VT->scan(s.conn[1], &q, in_scan, &s, &s.err), KAM_OK);
    shop_close(&s);
}

static void close_takes_back_what_is_open(void **state) {
    shop s;
    question q = {0};
    answer a;
    const int64_t key = 1;
    const row r = {1, 1, 1, 1, 1};
    (void)state;
    shop_open(&s);
    assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_OK);
    assert_int_equal(write_rows(&s, 0, KAM_WRITE_INSERT, &key, &r, 1, W_ALL), KAM_OK);
    VT->close(s.conn[0]);
    s.conn[0] = NULL;
    assert_int_equal(ask(&s, 1, &q, &a), KAM_OK);
    assert_int_equal(a.n, 0);
    assert_int_equal(VT->begin(s.conn[1], KAM_BEGIN_WRITE, &s.err), KAM_OK);
    assert_int_equal(VT->end(s.conn[1], KAM_END_COMMIT, &s.err), KAM_OK);
    shop_close(&s);
}

/* ---------------------------------------------------------------- threads */

/* The writer keeps the number of rows and the sum of all amounts the same in each commit. */
typedef struct race { shop *s; int conn; volatile uint64_t *stop; uint32_t scans, wrong; } race;
typedef struct sum { int64_t amount; uint32_t n; } sum;

static int32_t take_sum(void *user, const kam_block *b) {
    sum *s = user;
    for (uint32_t i = 0; i < b->nrow; i++) s->amount += kam__col_i64(b->col, i);
    s->n += b->nrow;
    return 0;
}

static void *read_on(void *arg) {
    race *r = arg;
    const uint32_t field = kam__mutant_field(M_AMOUNT), day = kam__mutant_field(M_DAY);
    kam_store_err err = {.struct_size = sizeof err};
    for (; !kam__atomic_add(r->stop, 0) || r->scans < 20; r->scans++) {
        sum z = {0, 0};
        kam_table_scan q = {.struct_size = sizeof q,
                            .table = table(),
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

static void readers_and_a_writer_on_threads(void **state) {
    shop s;
    int64_t key[500];
    row r[500];
    volatile uint64_t stop = 0;
    pthread_t thread[2];
    uint64_t seed = 3;
    (void)state;
    shop_open(&s);
    for (int i = 0; i < 500; i++) {
        key[i] = i + 1;
        r[i] = (row){1, i, 1, i % 7, 100};
    }
    assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_OK);
    assert_int_equal(write_rows(&s, 0, KAM_WRITE_INSERT, key, r, 500, W_ALL), KAM_OK);
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
        assert_int_equal(write_rows(&s, 0, KAM_WRITE_UPDATE, key + a, r + a, 1, W_AMOUNT), KAM_OK);
        assert_int_equal(write_rows(&s, 0, KAM_WRITE_DELETE, key + b, r + b, 1, 0), KAM_OK);
        int64_t was = key[b];
        if (i % 5 == 0) key[b] = 1000 + i;
        assert_int_equal(write_rows(&s, 0, KAM_WRITE_INSERT, key + b, r + b, 1, W_ALL), KAM_OK);
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
    shop_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_equal_the_model),
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
