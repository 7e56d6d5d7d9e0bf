/*
 * Rows in the file, rows in memory behind them, and the border between them moving: the file store and a memory store are given the same
 * writes and asked the same questions, in between checkpoints, loadings, crashes, compactions. KAM_FILE_TAIL (12 histories), KAM_FILE_SEED (this one only).
 */
#include "file_work.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <kam.h>

#define VT (&kam__memory_vt)
enum { STEPS = 120, F_KEY = 1, F_REV, F_SOURCE, F_EXT, F_ACCOUNT, F_DAY, F_AMOUNT, F_RATE, F_NOTE, F_LATE, FIELDS = 10 };

static const kam_field fields[] = {
    {.id = F_KEY, .type = KAM_T_I64}, {.id = F_REV, .type = KAM_T_I64, .flags = KAM_F_UNIQUE}, {.id = F_SOURCE, .type = KAM_T_TEXT, .flags = KAM_F_UNIQUE},
    {.id = F_EXT, .type = KAM_T_TEXT, .flags = KAM_F_UNIQUE}, {.id = F_ACCOUNT, .type = KAM_T_I64, .flags = KAM_F_INDEXED}, {.id = F_DAY, .type = KAM_T_I32},
    {.id = F_AMOUNT, .type = KAM_T_I64}, {.id = F_RATE, .type = KAM_T_F64, .flags = KAM_F_INDEXED}, {.id = F_NOTE, .type = KAM_T_TEXT, .flags = KAM_F_INDEXED},
    {.id = F_LATE, .type = KAM_T_I64}};
static const kam_table table = {.struct_size = sizeof table, .id = 31, .cls = KAM_C_EVENT, .name = "ledger", .field = fields, .nfield = FIELDS};

typedef struct place {
    disk d; kam_ctx *ctx;
    kam__memory *m, *twin; void *conn[3], *same[3];     /* [0] writes, the others read; `same` on the memory store */
    int reading[3];
    kam_store_err err, other;
    uint64_t seed;
    int64_t next, ext;
    int again;                                          /* some external ids come a second time */
    int cold, sunk, tails, loaded, unordered, asked;
} place;

static uint64_t dice(place *p, uint64_t n) { return kam__random(&p->seed) % n; }

static void connect(place *p, int twin)
{
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kam__memory_connect(p->conn + i, p->m, NULL), KAM_OK);
        if (twin) assert_int_equal(kam__memory_connect(p->same + i, p->twin, NULL), KAM_OK);
    }
}

static void place_open(place *p)
{
    kam_error *err = NULL;
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    if (kam__file_open(&p->m, p->ctx, WORK_PATH, dice(p, 4) ? FILE_COLD : 0, &file_disk_os, &p->d, err) != KAM_OK) fail_msg("%s", kam_error_message(err));
    kam_error_free(err);
}

static void place_new(place *p, uint64_t seed)
{
    memset(p, 0, sizeof *p);
    p->seed = seed;
    p->next = 10;
    p->err.struct_size = p->other.struct_size = sizeof p->err;
    disk_new(&p->d);
    assert_int_equal(kam_ctx_new(&p->ctx, NULL, NULL), KAM_OK);
    place_open(p);
    assert_int_equal(kam__memory_new(&p->twin, p->ctx, NULL), KAM_OK);
    connect(p, 1);
    assert_int_equal(VT->prepare(p->conn[0], &table, 1, KAM_PREPARE_CREATE, NULL, NULL, &p->err), KAM_OK);
    assert_int_equal(VT->prepare(p->same[0], &table, 1, KAM_PREPARE_CREATE, NULL, NULL, &p->err), KAM_OK);
}

static void place_close(place *p)
{
    for (int i = 0; i < 3; i++) VT->close(p->conn[i]);
    kam__memory_drop(p->m);
}

static void place_free(place *p)
{
    place_close(p);
    for (int i = 0; i < 3; i++) VT->close(p->same[i]);
    kam__memory_drop(p->twin);
    kam_ctx_free(p->ctx);
    disk_free(&p->d);
}

/* ---------------------------------------------------------------- writes */

static void bb_row(place *p, kam__blockbuf *bb, int64_t key, uint32_t ncol)
{
    char text[40];
    int64_t ext = !p->again || dice(p, 12) ? ++p->ext : 1 + (int64_t)dice(p, (uint64_t)p->ext + 1);
    int whole = dice(p, 9) != 0;
    kam__bb_i64(bb, 0, key);
    if (ncol == 1) return;
    if (dice(p, 20)) kam__bb_i64(bb, 1, dice(p, 30) ? 1 : 2);
    if (whole) kam__bb_text(bb, 2, dice(p, 5) ? "erp" : "crm", 3);
    if (whole) kam__bb_text(bb, 3, text, (size_t)snprintf(text, sizeof text, "E-%lld", (long long)ext));
    if (dice(p, 8)) kam__bb_i64(bb, 4, (int64_t)dice(p, 400) + key / 64);
    if (dice(p, 8)) kam__bb_i64(bb, 5, 18000 + key / 16 + (int64_t)dice(p, 20));
    if (dice(p, 8)) kam__bb_i64(bb, 6, (int64_t)dice(p, 1u << 20) - 9999);
    if (dice(p, 3) == 0) kam__bb_f64(bb, 7, (double)dice(p, 40) / 8 - 1);
    if (dice(p, 4)) kam__bb_text(bb, 8, text, (size_t)snprintf(text, sizeof text, "note %d", (int)dice(p, 50)));
    if (ncol > 9 && dice(p, 2)) kam__bb_i64(bb, 9, (int64_t)dice(p, 7));
}

/* Both stores answer the same, to the row that is refused. */
static int32_t both_write(place *p, uint32_t op, const kam_block *b)
{
    int32_t rc = VT->write(p->conn[0], &table, op, b, &p->err), same = VT->write(p->same[0], &table, op, b, &p->other);
    if (rc != same) fail_msg("write: %d, in memory %d: %s", (int)rc, (int)same, p->err.msg);
    if (rc == KAM_E_EXISTS) assert_int_equal(p->err.row, p->other.row);
    return rc;
}

static int32_t write_rows(place *p, uint32_t op, const int64_t *key, uint32_t n)
{
    static const uint8_t type[] = {KAM_T_I64, KAM_T_I64, KAM_T_TEXT, KAM_T_TEXT, KAM_T_I64, KAM_T_I32, KAM_T_I64, KAM_T_F64, KAM_T_TEXT, KAM_T_I64};
    static const uint32_t field[] = {F_KEY, F_REV, F_SOURCE, F_EXT, F_ACCOUNT, F_DAY, F_AMOUNT, F_RATE, F_NOTE, F_LATE};
    uint32_t ncol = op == KAM_WRITE_DELETE ? 1 : dice(p, 3) ? 9 : 10;
    kam__blockbuf bb;
    kam_block b;
    p->again = dice(p, 4) == 0;
    assert_int_equal(kam__bb_init(&bb, p->ctx, ncol, field, type, NULL), KAM_OK);
    for (uint32_t i = 0; i < n; i++) {
        bb_row(p, &bb, key[i], ncol);
        assert_int_equal(kam__bb_end_row(&bb, NULL), KAM_OK);
    }
    kam__bb_view(&bb, &b);
    int32_t rc = both_write(p, op, &b);
    kam__bb_free(&bb);
    return rc;
}

static int64_t any_key(place *p, int tail)
{
    const memory_table *t = p->m->table[0];
    uint64_t most = (uint64_t)p->next;
    if (tail && t->nslot > t->base && dice(p, 10)) return memory_key(t, t->base + (uint32_t)dice(p, t->nslot - t->base));
    if (tail && dice(p, 10)) return p->next + 7;
    return (int64_t)dice(p, most);
}

/* A key that a row in the file has, if there are any. */
static int64_t memory_first(place *p)
{
    const memory_table *t = p->m->table[0];
    return t->cold ? t->cold->seg[dice(p, t->cold->nseg)].key : any_key(p, 1);
}

/* Mostly new rows behind all others, as a ledger gets them; sometimes what makes the store load what lies in the file. */
static int32_t some_write(place *p)
{
    static int64_t key[2000];
    uint64_t what = dice(p, 100);
    uint32_t n = what < 40 ? 1 + (uint32_t)dice(p, 30) : 512 + (uint32_t)dice(p, 700);
    int rare = dice(p, 20) == 0;
    if (what < 82) {
        for (uint32_t i = 0; i < n; i++) key[i] = p->next += 1 + (dice(p, 4) == 0);
        if (dice(p, 25) == 0) key[dice(p, n)] = any_key(p, 1);
        return write_rows(p, KAM_WRITE_INSERT, key, n);
    }
    n = 1 + (uint32_t)dice(p, 3);
    for (uint32_t i = 0; i < n; i++) key[i] = any_key(p, !rare);
    if (what < 86 && !rare) key[0] = memory_first(p);
    if (what < 86) return write_rows(p, KAM_WRITE_INSERT, key, 1);
    return write_rows(p, what < 95 ? KAM_WRITE_UPDATE : KAM_WRITE_DELETE, key, n);
}

/* ---------------------------------------------------------------- questions */

typedef struct told { uint64_t hash, rows, sum; place *load; } told;

static uint64_t cell(const kam_col *c, uint32_t i)
{
    size_t len;
    if (kam__col_null(c, i)) return 77;
    if (c->type == KAM_T_TEXT) {
        const char *text = kam__col_text(c, i, &len);
        return kam__hash(text, len);
    }
    if (c->type == KAM_T_F64) return (uint64_t)kam__hash_i64((int64_t)(kam__col_f64(c, i) * 8)) + 3;
    return (uint64_t)kam__hash_i64(kam__col_i64(c, i)) + 5;
}

static int32_t tell(void *user, const kam_block *b)
{
    told *t = user;
    for (uint32_t i = 0; i < b->nrow; i++) {
        uint64_t row = 0;
        for (uint32_t k = 0; k < b->ncol; k++) row = row * 0x100000001B3u + cell(b->col + k, i) + b->col[k].field;
        t->hash = t->hash * 0x9E3779B97F4A7C15u + row;
        t->sum += row;
    }
    t->rows += b->nrow;
    if (t->load && !t->load->m->writer) {   /* somebody loads it in the middle of it */
        kam__lock_take(t->load->m->lock);
        t->load->loaded += t->load->m->table[0]->cold != NULL;
        assert_int_equal(kam__memory_warm(t->load->m->table[0], &t->load->other), KAM_OK);
        kam__lock_give(t->load->m->lock);
    }
    return KAM_OK;
}

typedef struct query {
    kam_table_scan q; kam_pred pred[3]; kam_col arg[3], behind_col[2];
    int64_t number[3][12], behind[2]; double real[12]; int32_t off[13]; char text[400]; kam_block after; uint32_t field[FIELDS], order[1];
} query;

static void query_text(place *p, query *x, uint32_t f, uint32_t n)
{
    x->off[0] = 0;
    for (uint32_t i = 0; i < n; i++) {
        char *to = x->text + x->off[i];
        int len = f == F_EXT ? sprintf(to, "E-%d", (int)dice(p, (uint64_t)p->ext + 3)) : f == F_SOURCE ? sprintf(to, "erp") : sprintf(to, "note %d", (int)dice(p, 55));
        x->off[i + 1] = x->off[i] + len;
    }
}

static void query_pred(place *p, query *x, uint32_t i)
{
    static const uint32_t single[] = {F_KEY, F_EXT, F_ACCOUNT, F_RATE, F_NOTE, F_EXT, F_ACCOUNT, F_KEY};
    uint32_t f = dice(p, 2) ? single[dice(p, 8)] : 1 + (uint32_t)dice(p, FIELDS), op = dice(p, 2) ? KAM_OP_EQ : 1 + (uint32_t)dice(p, 6), n = 1;
    kam_col *c = x->arg + i;
    uint32_t type = fields[f - 1].type;
    if (i && type == KAM_T_TEXT) f = F_KEY, type = KAM_T_I64;
    if (op == KAM_OP_IN) n = (uint32_t)dice(p, 12);
    for (uint32_t k = 0; k < 12; k++) {
        x->number[i][k] = f == F_KEY ? (int64_t)dice(p, (uint64_t)p->next + 5) : f == F_ACCOUNT ? (int64_t)dice(p, 400 + (uint64_t)p->next / 64)
                        : f == F_DAY ? 18000 + (int64_t)dice(p, (uint64_t)p->next / 16 + 20) : (int64_t)dice(p, 9);
        x->real[k] = (double)dice(p, 40) / 8 - 1;
    }
    *c = (kam_col){.field = f, .type = KAM_T_I64, .data = x->number[i]};
    if (type == KAM_T_F64) c->type = KAM_T_F64, c->data = x->real;
    if (type == KAM_T_TEXT) {
        query_text(p, x, f, 12);
        *c = (kam_col){.field = f, .type = KAM_T_TEXT, .data = x->text, .off = x->off};
        if (op == KAM_OP_LT) op = KAM_OP_PREFIX;
    }
    if (dice(p, 12) == 0) op = KAM_OP_NULL;
    x->pred[i] = (kam_pred){.field = f, .op = op, .arg = c, .narg = n};
}

static void query_make(place *p, query *x)
{
    memset(x, 0, sizeof *x);
    x->q = (kam_table_scan){.struct_size = sizeof x->q, .table = &table, .field = x->field, .pred = x->pred, .order = x->order, .flags = dice(p, 3) == 0};
    x->q.nfield = 1 + (uint32_t)dice(p, FIELDS);
    for (uint32_t i = 0, first = (uint32_t)dice(p, FIELDS); i < x->q.nfield; i++) x->field[i] = 1 + (first + i) % FIELDS;
    x->q.npred = (uint32_t)dice(p, 4);
    if (x->q.npred == 3) x->q.npred = 1;
    for (uint32_t i = 0; i < x->q.npred; i++) query_pred(p, x, i);
    if (dice(p, 4) == 0) x->q.limit = 1 + dice(p, 900);
    if (dice(p, 2) == 0) x->q.block_rows = 1 + (uint32_t)dice(p, 900);
    if (dice(p, 8) == 0) x->q.norder = 1, x->order[0] = dice(p, 2) ? F_DAY : F_AMOUNT;
    if (dice(p, 4)) return;
    for (int i = 0; i < 2; i++) x->behind[i] = (int64_t)dice(p, (uint64_t)p->next + 5);
    x->behind_col[0] = (kam_col){.field = F_KEY, .type = KAM_T_I64, .data = x->behind};
    x->behind_col[1] = (kam_col){.field = x->order[0], .type = KAM_T_I64, .data = x->behind + 1};
    x->after = (kam_block){sizeof x->after, 1, 1 + x->q.norder, 0, x->behind_col};
    x->q.after = &x->after;
}

static void ask(place *p, int conn, query *x)
{
    told a = {0}, b = {0};
    if (dice(p, 100) == 0 && conn) a.load = p;
    assert_int_equal(VT->scan(p->conn[conn], &x->q, tell, &a, &p->err), KAM_OK);
    if (!(x->q.handled >> 63)) {            /* without order, after and limit */
        p->unordered++;
        x->q.after = NULL;
        x->q.limit = 0;
        a = (told){0};
        assert_int_equal(VT->scan(p->conn[conn], &x->q, tell, &a, &p->err), KAM_OK);
        a.hash = 0;
    }
    int ordered = a.hash != 0 || !a.rows;
    assert_int_equal(VT->scan(p->same[conn], &x->q, tell, &b, &p->other), KAM_OK);
    if (a.rows != b.rows || a.sum != b.sum || (ordered && a.hash != b.hash))
        fail_msg("%lld rows, not %lld; field %d op %d of %d; order %d", (long long)a.rows, (long long)b.rows, (int)x->pred[0].field, (int)x->pred[0].op,
                 (int)x->q.npred, (int)x->q.norder);
    p->asked++;
}

/* ---------------------------------------------------------------- what happens in between */

static void readers_end(place *p)
{
    for (int i = 1; i < 3; i++) {
        if (!p->reading[i]) continue;
        assert_int_equal(VT->end(p->conn[i], KAM_END_COMMIT, &p->err), KAM_OK);
        assert_int_equal(VT->end(p->same[i], KAM_END_COMMIT, &p->err), KAM_OK);
        p->reading[i] = 0;
    }
}

static void again(place *p)
{
    readers_end(p);
    int crash = dice(p, 3) == 0;
    if (crash) ((kam__file *)p->m->below)->dead = 1, p->m->dead = 1;
    place_close(p);
    if (crash && dice(p, 2)) {
        disk after;
        disk_crash(&after, &p->d, p->seed, 512);
        disk_free(&p->d);
        p->d = after;
        for (int i = 0; i < DISK_INODES; i++)
            if (!p->d.inode[i].first) p->d.inode[i].last = &p->d.inode[i].first;
    }
    place_open(p);
    connect(p, 0);
    assert_int_equal(VT->prepare(p->conn[0], &table, 1, KAM_PREPARE_CREATE, NULL, NULL, &p->err), KAM_OK);
}

static int32_t found(void *user, const kam_store_err *err) { (void)user; fail_msg("%s", err->msg); return KAM_OK; }

static void upkeep(place *p)
{
    uint64_t what = dice(p, 12);
    kam_report_fn fn = found;
    kam__file *f = p->m->below;
    if (what < 2) again(p);
    else if (what < 7) {
        assert_int_equal(kam__file_checkpoint(f, &p->err), KAM_OK);
        p->m->table[0]->used = 0;
        uint32_t base = p->m->table[0]->base;
        f->cold_rows = f->cold_rows ? 1 : 0;
        if (dice(p, 2)) kam__file_sink(f);
        p->sunk += p->m->table[0]->base > base;
    } else if (what == 7) {
        assert_int_equal(VT->control(p->conn[0], KAM_CTL_COMPACT, NULL, NULL, NULL, &p->err), KAM_OK);
    } else if (what == 8) {
        assert_int_equal(VT->control(p->conn[0], KAM_CTL_VERIFY, &fn, NULL, NULL, &p->err), KAM_OK);
    }
    const memory_table *t = p->m->table[0];
    p->cold += t->cold != NULL;
    p->tails += t->cold && t->nslot > t->base;
}

static void step(place *p)
{
    query x;
    int reader = 1 + (int)dice(p, 2);
    query_make(p, &x);
    if (!p->reading[reader] && dice(p, 3) == 0) {
        assert_int_equal(VT->begin(p->conn[reader], KAM_BEGIN_READ, &p->err), KAM_OK);
        assert_int_equal(VT->begin(p->same[reader], KAM_BEGIN_READ, &p->err), KAM_OK);
        p->reading[reader] = 1;
    }
    assert_int_equal(VT->begin(p->conn[0], KAM_BEGIN_WRITE, &p->err), KAM_OK);
    assert_int_equal(VT->begin(p->same[0], KAM_BEGIN_WRITE, &p->err), KAM_OK);
    int32_t rc = KAM_OK;
    for (uint64_t n = dice(p, 4); n && rc == KAM_OK; n--) {
        rc = some_write(p);
        if (rc == KAM_OK && dice(p, 3) == 0) ask(p, 0, &x);
    }
    ask(p, reader, &x);
    uint32_t how = rc != KAM_OK || dice(p, 5) == 0 ? KAM_END_ABORT : KAM_END_COMMIT;
    assert_int_equal(VT->end(p->conn[0], how, &p->err), KAM_OK);
    assert_int_equal(VT->end(p->same[0], how, &p->err), KAM_OK);
    for (int i = 0; i < 3; i++) {
        query_make(p, &x);
        ask(p, i, &x);
    }
    if (dice(p, 5) == 0) readers_end(p);
    upkeep(p);
}

static void files_tell_what_memory_tells(void **state)
{
    static place p;
    const char *text = getenv("KAM_FILE_TAIL");
    int n = text ? atoi(text) : 12, sum[6] = {0};
    (void)state;
    for (int seed = 1; seed <= n; seed++) {
        if (getenv("KAM_FILE_SEED")) seed = n = atoi(getenv("KAM_FILE_SEED"));
        place_new(&p, (uint64_t)seed * 7919);
        for (int i = 0; i < STEPS; i++) step(&p);
        readers_end(&p);
        sum[0] += p.cold, sum[1] += p.sunk, sum[2] += p.tails, sum[3] += p.loaded, sum[4] += p.unordered, sum[5] += p.asked;
        place_free(&p);
    }
    printf("%d histories of %d steps, %d with rows in the file, %d of them with rows behind; %d times rows left the memory, %d loaded in a scan; "
           "%d questions, %d in no order\n", n, STEPS, sum[0], sum[2], sum[1], sum[3], sum[5], sum[4]);
    assert_true(sum[0] > n * STEPS / 6 && sum[2] > n * STEPS / 24 && sum[1] > n && sum[3] && sum[4]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(files_tell_what_memory_tells)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
