/* Tables that stay in the file until they are needed: they tell the same as tables in memory, and stay out of it. KAM_FILE_QUERIES (3000). */
#include "file_work.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <kam.h>

#define VT (&kam__memory_vt)
enum { ROWS = 6000, PIECE = 700 };

static const kam_field fields[] = {
    {.id = 1, .type = KAM_T_I64}, {.id = 2, .type = KAM_T_I64}, {.id = 5, .type = KAM_T_I32, .flags = KAM_F_INDEXED}, {.id = 6, .type = KAM_T_I64},
    {.id = 7, .type = KAM_T_F64}, {.id = 8, .type = KAM_T_TEXT}, {.id = 9, .type = KAM_T_TEXT}, {.id = 10, .type = KAM_T_TEXT}};
static const kam_table table = {.struct_size = sizeof table, .id = 31, .cls = KAM_C_EVENT, .name = "ledger", .field = fields, .nfield = 8};

typedef struct place { disk d; kam_ctx *ctx; kam__memory *m; void *conn; kam_store_err err; } place;

static int32_t place_open(place *p, uint32_t flags)
{
    int32_t rc = kam__file_open(&p->m, p->ctx, WORK_PATH, flags, &file_disk_os, &p->d, NULL);
    if (rc == KAM_OK) assert_int_equal(kam__memory_connect(&p->conn, p->m, NULL), KAM_OK);
    p->err.struct_size = sizeof p->err;
    return rc;
}

static void place_close(place *p)
{
    VT->close(p->conn);
    kam__memory_drop(p->m);
}

static int is_cold(const place *p) { return p->m->table[0]->cold != NULL; }

/* Column 6 has values in the first half only, 10 in no row at all: segments leave such columns out. */
static int32_t insert(place *p, int64_t first, uint32_t n)
{
    static const uint32_t field[] = {1, 5, 6, 7, 8, 9};
    static const uint8_t type[] = {KAM_T_I64, KAM_T_I32, KAM_T_I64, KAM_T_F64, KAM_T_TEXT, KAM_T_TEXT};
    kam__blockbuf bb;
    kam_block b;
    char text[40];
    assert_int_equal(kam__bb_init(&bb, p->ctx, 6, field, type, NULL), KAM_OK);
    for (uint32_t i = 0; i < n; i++) {
        int64_t key = first + i;
        uint64_t v = (uint64_t)kam__hash_i64(key);
        kam__bb_i64(&bb, 0, key * 3);
        if (v % 5) kam__bb_i64(&bb, 1, (int64_t)(v % 40) - 7);
        if (key < ROWS / 2) kam__bb_i64(&bb, 2, (int64_t)(v % 100000) - 5000);
        if (v % 3) kam__bb_f64(&bb, 3, (double)(v % 77) / 4);
        kam__bb_text(&bb, 4, "source", 6);
        if (v % 4) kam__bb_text(&bb, 5, text, (size_t)snprintf(text, sizeof text, "%lld/%d", (long long)(v % 900), (int)(v % 7)));
        assert_int_equal(kam__bb_end_row(&bb, NULL), KAM_OK);
    }
    kam__bb_view(&bb, &b);
    assert_int_equal(VT->begin(p->conn, KAM_BEGIN_WRITE, &p->err), KAM_OK);
    int32_t rc = VT->write(p->conn, &table, KAM_WRITE_INSERT, &b, &p->err);
    int32_t ended = VT->end(p->conn, rc == KAM_OK ? KAM_END_COMMIT : KAM_END_ABORT, &p->err);
    kam__bb_free(&bb);
    return rc == KAM_OK ? ended : rc;
}

/* Writes to a row that lies in the file: that loads the table. */
static int32_t change(place *p, int64_t key)
{
    const int64_t amount = 4711;
    kam_col col[2] = {{.field = 1, .type = KAM_T_I64, .data = &key}, {.field = 6, .type = KAM_T_I64, .data = &amount}};
    const kam_block b = {sizeof b, 1, 2, 0, col};
    assert_int_equal(VT->begin(p->conn, KAM_BEGIN_WRITE, &p->err), KAM_OK);
    int32_t rc = VT->write(p->conn, &table, KAM_WRITE_UPDATE, &b, &p->err);
    int32_t ended = VT->end(p->conn, rc == KAM_OK ? KAM_END_COMMIT : KAM_END_ABORT, &p->err);
    return rc == KAM_OK ? ended : rc;
}

static void place_make(place *p)
{
    memset(p, 0, sizeof *p);
    disk_new(&p->d);
    assert_int_equal(kam_ctx_new(&p->ctx, NULL, NULL), KAM_OK);
    assert_int_equal(place_open(p, 0), KAM_OK);
    assert_int_equal(VT->prepare(p->conn, &table, 1, KAM_PREPARE_CREATE, NULL, NULL, &p->err), KAM_OK);
    for (int64_t at = 1; at <= ROWS; at += PIECE) assert_int_equal(insert(p, at, at + PIECE <= ROWS ? PIECE : (uint32_t)(ROWS + 1 - at)), KAM_OK);
    assert_int_equal(kam__file_checkpoint(p->m->below, &p->err), KAM_OK);
    place_close(p);
}

static void place_free(place *p)
{
    kam_ctx_free(p->ctx);
    disk_free(&p->d);
}

/* ---------------------------------------------------------------- queries */

static uint64_t dice(uint64_t *seed, uint64_t n) { return kam__random(seed) % n; }

typedef struct told { uint64_t hash, rows; uint32_t most; int stop; place *load, *compact; } told;

static int32_t tell(void *user, const kam_block *b)
{
    told *t = user;
    if (b->nrow > t->most) t->most = b->nrow;
    for (uint32_t i = 0; i < b->nrow; i++)
        for (uint32_t k = 0; k < b->ncol; k++) {
            const kam_col *c = b->col + k;
            uint64_t v = 77;
            size_t len;
            const char *text;
            if (!kam__col_null(c, i) && c->type == KAM_T_TEXT) text = kam__col_text(c, i, &len), v = kam__hash(text, len);
            else if (!kam__col_null(c, i) && c->type == KAM_T_F64) v = (uint64_t)kam__hash_i64((int64_t)(kam__col_f64(c, i) * 8));
            else if (!kam__col_null(c, i)) v = (uint64_t)kam__hash_i64(kam__col_i64(c, i)) + 5;
            t->hash = t->hash * 0x100000001B3u + v + c->field;
        }
    t->rows += b->nrow;
    if (t->compact) {                       /* the file is replaced in the middle of it */
        place other = {.m = t->compact->m, .err = {.struct_size = sizeof other.err}};
        t->compact = NULL;
        assert_int_equal(kam__memory_connect(&other.conn, other.m, NULL), KAM_OK);
        if (VT->control(other.conn, KAM_CTL_COMPACT, NULL, NULL, NULL, &other.err) != KAM_OK) fail_msg("%s", other.err.msg);
        VT->close(other.conn);
    }
    if (t->load) {                          /* somebody else writes in the middle of it */
        place other = {.m = t->load->m, .ctx = t->load->ctx, .err = {.struct_size = sizeof other.err}};
        t->load = NULL;
        assert_int_equal(kam__memory_connect(&other.conn, other.m, NULL), KAM_OK);
        assert_int_equal(change(&other, 3 * 77), KAM_OK);
        VT->close(other.conn);
    }
    return KAM_OK;
}

typedef struct query { kam_table_scan q; kam_pred pred[3]; kam_col arg[3], behind_col; int64_t number[3], behind; int32_t off[2]; kam_block after; uint32_t field[8]; } query;

static void query_pred(query *x, uint32_t i, uint64_t *seed)
{
    static const char *const text[] = {"5", "12", "source", "33/1", ""};
    uint32_t f = i ? 0 : (uint32_t)dice(seed, 8), op = 1 + (uint32_t)dice(seed, 5);
    kam_col *c = x->arg + i;
    x->number[i] = fields[f].id == 1 ? (int64_t)dice(seed, 3 * ROWS + 20) : (int64_t)dice(seed, 60) - 10;
    *c = (kam_col){.field = fields[f].id, .type = KAM_T_I64, .data = x->number + i};
    if (fields[f].type == KAM_T_TEXT) {
        const char *word = text[dice(seed, 5)];
        x->off[1] = (int32_t)strlen(word);
        *c = (kam_col){.field = fields[f].id, .type = KAM_T_TEXT, .data = word, .off = x->off};
        op = op == 1 ? KAM_OP_PREFIX : op;
    }
    if (dice(seed, 6) == 0) op = KAM_OP_NULL;
    x->pred[i] = (kam_pred){.field = fields[f].id, .op = op, .arg = c, .narg = 1};
}

static void query_make(query *x, uint64_t *seed)
{
    memset(x, 0, sizeof *x);
    x->q = (kam_table_scan){.struct_size = sizeof x->q, .table = &table, .field = x->field, .pred = x->pred, .flags = dice(seed, 2) == 0};
    x->q.nfield = 1 + (uint32_t)dice(seed, 8);
    for (uint32_t i = 0; i < x->q.nfield; i++) x->field[i] = fields[dice(seed, 8)].id;
    for (uint32_t i = 1; i < x->q.nfield; i++)
        for (uint32_t k = 0; k < i; k++)
            if (x->field[k] == x->field[i]) x->q.nfield = i;
    x->q.npred = (uint32_t)dice(seed, 3);
    for (uint32_t i = 0; i < x->q.npred; i++) query_pred(x, i, seed);
    if (dice(seed, 3) == 0) x->q.limit = 1 + dice(seed, 1500);
    if (dice(seed, 2) == 0) x->q.block_rows = 1 + (uint32_t)dice(seed, 900);
    if (dice(seed, 3)) return;
    x->behind = (int64_t)dice(seed, 3 * ROWS + 20);
    x->behind_col = (kam_col){.field = 1, .type = KAM_T_I64, .data = &x->behind};
    x->after = (kam_block){sizeof x->after, 1, 1, 0, &x->behind_col};
    x->q.after = &x->after;
}

/* The same query on the same file, once from the file and once from memory; `load`: loaded by a writer after the first block. */
static void files_tell_what_memory_tells(void **state)
{
    static place p, hot;
    const char *text = getenv("KAM_FILE_QUERIES");
    int n = text ? atoi(text) : 3000, cold = 0, rows = 0;
    uint64_t seed = 7;
    (void)state;
    place_make(&p);
    hot = p;
    assert_int_equal(place_open(&hot, FILE_READ_ONLY), KAM_OK);
    assert_false(is_cold(&hot));
    for (int i = 0; i < n; i++) {
        query x;
        query_make(&x, &seed);
        told a = {0}, b = {0};
        place at = p;
        assert_int_equal(place_open(&at, FILE_COLD), KAM_OK);
        assert_true(is_cold(&at));
        assert_int_equal(VT->scan(hot.conn, &x.q, tell, &a, &hot.err), KAM_OK);
        assert_int_equal(VT->scan(at.conn, &x.q, tell, &b, &at.err), KAM_OK);
        cold += is_cold(&at) != 0;
        rows += (int)(a.rows != 0);
        if (a.hash != b.hash || a.rows != b.rows) fail_msg("query %d of %d: %d rows, not %d", i, n, (int)b.rows, (int)a.rows);
        if (x.q.block_rows) assert_true(b.most <= x.q.block_rows);
        if (x.q.limit) assert_true(b.rows <= x.q.limit);
        VT->close(at.conn);
        kam__memory_drop(at.m);
    }
    assert_true(cold == n && rows > n / 3);
    place_close(&hot);
    place_free(&p);
}

static void loaded_in_the_middle_of_a_scan(void **state)
{
    place p;
    (void)state;
    place_make(&p);
    for (uint64_t seed = 1; seed < 60; seed++) {
        query x;
        uint64_t dice = seed;
        told a = {0}, b = {0};
        disk_bytes *file = disk_file(&p.d, WORK_PATH);
        place one = {.ctx = p.ctx}, two = {.ctx = p.ctx};
        disk_new(&one.d);
        disk_new(&two.d);
        disk_put(&one.d, WORK_PATH, file->data, file->n);
        disk_put(&two.d, WORK_PATH, file->data, file->n);
        query_make(&x, &dice);
        x.q.block_rows = 1 + (uint32_t)seed * 7;
        assert_int_equal(place_open(&one, FILE_COLD), KAM_OK);
        assert_int_equal(place_open(&two, 0), KAM_OK);
        a.load = &two;
        b.load = &one;
        assert_int_equal(VT->scan(two.conn, &x.q, tell, &a, &two.err), KAM_OK);
        assert_int_equal(VT->scan(one.conn, &x.q, tell, &b, &one.err), KAM_OK);
        assert_true(a.hash == b.hash && a.rows == b.rows);
        if (b.rows) assert_false(is_cold(&one));
        place_close(&one);
        place_close(&two);
        disk_free(&one.d);
        disk_free(&two.d);
    }
    place_free(&p);
}

/* ---------------------------------------------------------------- what is left of it when written to */

static uint64_t all_of(place *p, uint64_t *hash)
{
    static const uint32_t id[] = {1, 5, 6, 7, 8, 9, 10};
    kam_table_scan q = {.struct_size = sizeof q, .table = &table, .field = id, .nfield = 7};
    told t = {0};
    assert_int_equal(VT->scan(p->conn, &q, tell, &t, &p->err), KAM_OK);
    if (hash) *hash = t.hash;
    return t.rows;
}

static void kept_through_checkpoints_and_writes(void **state)
{
    place p;
    uint64_t before, after;
    (void)state;
    place_make(&p);
    assert_int_equal(place_open(&p, FILE_COLD), KAM_OK);
    assert_int_equal(all_of(&p, &before), ROWS);
    assert_int_equal(p.m->table[0]->base, ROWS);
    assert_true(kam__memory_table_bytes(p.m->table[0]) < 4096);      /* nothing of it is in memory */
    assert_int_equal(kam__file_checkpoint(p.m->below, &p.err), KAM_OK);
    assert_true(is_cold(&p));
    place_close(&p);
    assert_int_equal(place_open(&p, FILE_COLD), KAM_OK);
    assert_true(is_cold(&p));
    assert_int_equal(all_of(&p, &after), ROWS);
    assert_true(before == after);
    assert_int_equal(insert(&p, 5, 1), KAM_E_EXISTS);
    assert_int_equal(insert(&p, ROWS + 1, 10), KAM_OK);
    assert_true(is_cold(&p));
    assert_int_equal(all_of(&p, NULL), ROWS + 10);
    place_close(&p);
    assert_int_equal(place_open(&p, FILE_COLD), KAM_OK);
    assert_true(is_cold(&p));
    assert_int_equal(all_of(&p, NULL), ROWS + 10);
    assert_int_equal(insert(&p, ROWS + 11, 10), KAM_OK);
    ((kam__file *)p.m->below)->dead = 1;                            /* the process ends */
    place_close(&p);
    assert_int_equal(place_open(&p, FILE_COLD), KAM_OK);            /* rows behind the checkpoint: the log */
    assert_true(is_cold(&p));
    assert_int_equal(all_of(&p, &before), ROWS + 20);
    assert_int_equal(VT->control(p.conn, KAM_CTL_COMPACT, NULL, NULL, NULL, &p.err), KAM_OK);
    place_close(&p);
    assert_int_equal(place_open(&p, FILE_COLD), KAM_OK);
    assert_true(is_cold(&p));
    assert_int_equal(VT->control(p.conn, KAM_CTL_COMPACT, NULL, NULL, NULL, &p.err), KAM_OK);
    assert_int_equal(all_of(&p, &after), ROWS + 20);
    assert_true(before == after);
    place_close(&p);
    place_free(&p);
}

/* A row's byte in the middle of a segment is damaged: whoever reads there is told where; the other rows can be saved. */
static void damage_is_told_when_read(void **state)
{
    static const uint32_t id[] = {1};
    place p;
    file_frame fr;
    uint64_t bad = 0;
    kam_error *err = NULL;
    char where[40];
    (void)state;
    place_make(&p);
    disk_bytes *file = disk_file(&p.d, WORK_PATH);
    for (uint64_t at = FILE_FIRST; at + FILE_HEAD <= file->n && kam__file_head(&fr, file->data + at, at); at += fr.size)
        if (fr.type == FILE_INSERT && fr.nrow == PIECE) bad = at;
    assert_true(bad > 0);
    file->data[bad + FILE_HEAD + 300] ^= 4;
    snprintf(where, sizeof where, "byte %lld", (long long)bad);
    kam_table_scan q = {.struct_size = sizeof q, .table = &table, .field = id, .nfield = 1};
    told t = {0};
    assert_int_equal(place_open(&p, FILE_COLD), KAM_OK);
    assert_int_equal(VT->scan(p.conn, &q, tell, &t, &p.err), KAM_E_CORRUPT);
    assert_non_null(strstr(p.err.msg, where));
    assert_int_equal(insert(&p, ROWS + 1, 1), KAM_OK);              /* does not look there */
    assert_int_equal(change(&p, 6), KAM_E_CORRUPT);
    assert_true(is_cold(&p));
    assert_int_equal(VT->control(p.conn, KAM_CTL_COMPACT, NULL, NULL, NULL, &p.err), KAM_E_CORRUPT);
    place_close(&p);
    assert_int_equal(place_open(&p, 0), KAM_E_CORRUPT);             /* small tables are read at once */
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    assert_int_equal(kam__file_salvage(p.ctx, WORK_PATH, "b.kam", &file_disk_os, &p.d, err), KAM_OK);
    kam_error_free(err);
    file = disk_file(&p.d, "b.kam");
    disk saved = {0};
    disk_new(&saved);
    disk_put(&saved, WORK_PATH, file->data, file->n);
    place q2 = {.ctx = p.ctx, .d = saved};
    assert_int_equal(place_open(&q2, FILE_COLD), KAM_OK);
    assert_int_equal(all_of(&q2, NULL), ROWS - PIECE + 1);
    place_close(&q2);
    disk_free(&q2.d);
    place_free(&p);
}

/* What is known of segments is damaged: who needs it is told, who reads all of it does not need it. */
static void damaged_zones_are_told(void **state)
{
    static const uint32_t id[] = {1};
    const int32_t day = 3;
    kam_col arg = {.field = 5, .type = KAM_T_I32, .data = &day};
    kam_pred pred = {.field = 5, .op = KAM_OP_EQ, .arg = &arg, .narg = 1};
    place p;
    file_frame fr;
    uint64_t bad = 0;
    (void)state;
    place_make(&p);
    disk_bytes *file = disk_file(&p.d, WORK_PATH);
    for (uint64_t at = FILE_FIRST; at + FILE_HEAD <= file->n && kam__file_head(&fr, file->data + at, at); at += fr.size)
        if (fr.type == FILE_ZONES) bad = at;
    assert_int_equal(bad, 0);                   /* the table was small: it was made without FILE_COLD */
    assert_int_equal(place_open(&p, FILE_COLD), KAM_OK);
    assert_int_equal(change(&p, 6), KAM_OK);
    assert_int_equal(kam__file_checkpoint(p.m->below, &p.err), KAM_OK);
    place_close(&p);
    file = disk_file(&p.d, WORK_PATH);
    for (uint64_t at = FILE_FIRST; at + FILE_HEAD <= file->n && kam__file_head(&fr, file->data + at, at); at += fr.size)
        if (fr.type == FILE_ZONES) bad = at;
    assert_true(bad > 0);
    file->data[bad + FILE_HEAD + 40] ^= 4;
    kam_table_scan q = {.struct_size = sizeof q, .table = &table, .field = id, .nfield = 1};
    told t = {0};
    assert_int_equal(place_open(&p, FILE_COLD), KAM_OK);
    assert_int_equal(VT->scan(p.conn, &q, tell, &t, &p.err), KAM_OK);
    assert_int_equal(t.rows, ROWS);
    q.pred = &pred;
    q.npred = 1;
    assert_int_equal(VT->scan(p.conn, &q, tell, &t, &p.err), KAM_E_CORRUPT);
    assert_non_null(strstr(p.err.msg, "what a checkpoint says about rows"));
    place_close(&p);
    place_free(&p);
}

/* What a scan tells, of all rows or of those of one day; compacted after its first block. */
static told look(place *p, int desc, int one_day, int compact)
{
    static const uint32_t id[] = {1, 5, 6, 7, 8, 9, 10};
    const int32_t day = 4;
    kam_col arg = {.field = 5, .type = KAM_T_I32, .data = &day};
    kam_pred pred = {.field = 5, .op = KAM_OP_EQ, .arg = &arg, .narg = 1};
    kam_table_scan q = {.struct_size = sizeof q, .table = &table, .field = id, .nfield = 7, .flags = (uint32_t)desc, .block_rows = 90};
    told t = {.compact = compact ? p : NULL};
    if (one_day) q.pred = &pred, q.npred = 1;
    if (VT->scan(p->conn, &q, tell, &t, &p->err) != KAM_OK) fail_msg("%s", p->err.msg);
    return t;
}

static void compacted_without_being_loaded(void **state)
{
    place p;
    (void)state;
    for (int how = 0; how < 8; how++) {
        int desc = how & 1, one_day = how >> 1 & 1, compact = how >> 2;
        place_make(&p);
        assert_int_equal(place_open(&p, FILE_COLD), KAM_OK);
        assert_int_equal(insert(&p, ROWS + 1, 40), KAM_OK);
        memory_table *t = p.m->table[0];
        size_t had = t->cold->nseg;
        assert_true(had > 5);
        told want = look(&p, desc, one_day, 0), got = look(&p, desc, one_day, compact);
        assert_true(got.hash == want.hash && got.rows == want.rows && got.rows > 100);
        t->used = 1;                                        /* so that its last rows stay in memory */
        if (!compact) assert_int_equal(VT->control(p.conn, KAM_CTL_COMPACT, NULL, NULL, NULL, &p.err), KAM_OK);
        assert_true(t->base == ROWS && t->cold->nseg == 1 && t->cold->seg[0].nrow == ROWS);
        assert_true(look(&p, desc, one_day, 0).hash == want.hash);
        assert_int_equal(t->cold->nzones, 2);                 /* those rows, and the 40 */
        assert_int_equal(insert(&p, 5, 1), KAM_E_EXISTS);
        assert_int_equal(insert(&p, ROWS + 41, 40), KAM_OK);
        want = look(&p, desc, one_day, 0);
        place_close(&p);
        assert_int_equal(place_open(&p, FILE_COLD), KAM_OK);
        assert_true(look(&p, desc, one_day, 0).hash == want.hash);
        assert_int_equal(change(&p, 3 * 77), KAM_OK);           /* loads it */
        assert_int_equal(p.m->table[0]->live, ROWS + 80);
        place_close(&p);
        place_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(files_tell_what_memory_tells), cmocka_unit_test(loaded_in_the_middle_of_a_scan),
                                       cmocka_unit_test(kept_through_checkpoints_and_writes), cmocka_unit_test(damage_is_told_when_read),
                                       cmocka_unit_test(damaged_zones_are_told),
                                       cmocka_unit_test(compacted_without_being_loaded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
