/* Work for the file store: see file_work.h. */
#include "file_work.h"
#include <stdio.h>
#include <stdlib.h>

enum { W_ID = 1, W_REV = 2, W_SOURCE = 3, W_EXT = 4, W_DAY = 5, W_AMOUNT = 6, W_RATIO = 7, W_NOTE = 8, W_COLS = 8 };

static const kam_field work_field[W_COLS] = {
    {W_ID, 1, KAM_T_I64, 0, KAM_F_KEY, "id", "id"},
    {W_REV, 1, KAM_T_I64, 0, 0, "rev", "rev"},
    {W_SOURCE, 1, KAM_T_TEXT, 0, KAM_F_UNIQUE, "source", "source"},
    {W_EXT, 1, KAM_T_TEXT, 0, KAM_F_UNIQUE, "ext_id", "ext_id"},
    {W_DAY, 1, KAM_T_I32, 0, KAM_F_INDEXED, "day", "day"},
    {W_AMOUNT, 1, KAM_T_I64, 0, 0, "amount", "amount"},
    {W_RATIO, 1, KAM_T_F64, 0, 0, "ratio", "ratio"},
    {W_NOTE, 1, KAM_T_TEXT, 0, 0, "note", "note"}};
static const kam_table work_def = {sizeof(kam_table), 77, 1, KAM_C_EVENT, "work", "work", work_field, W_COLS, 0, NULL, 0, 0};

const kam_table *work_table(void) { return &work_def; }

static uint64_t dice(work *w, uint64_t n) { return kam__random(&w->seed) % n; }

void work_begin(work *w, kam_ctx *ctx, const kam__file_os *os, void *user, const char *path, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->ctx = ctx;
    w->os = os;
    w->user = user;
    w->path = path;
    w->seed = seed;
    w->next = 2;
    w->doing = -1;
    w->err.struct_size = sizeof w->err;
}

static int32_t work_fail(work *w, int32_t rc)
{
    if (rc != KAM_OK && !w->failed) w->failed = rc;
    return rc;
}

int32_t work_open(work *w)
{
    int32_t rc = kam__file_open(&w->m, w->ctx, w->path, FILE_COLD, w->os, w->user, NULL);
    if (rc == KAM_OK) rc = kam__memory_connect(&w->conn, w->m, NULL);
    if (rc != KAM_OK) {
        kam__memory_drop(w->m);
        w->m = NULL;
        w->conn = NULL;
        return work_fail(w, rc);
    }
    ((kam__file *)w->m->below)->spill = w->spill;
    return KAM_OK;
}

void work_close(work *w)
{
    if (w->conn) kam__memory_vt.close(w->conn);
    kam__memory_drop(w->m);
    w->conn = NULL;
    w->m = NULL;
}

void work_abandon(work *w)
{
    if (w->m) ((kam__file *)w->m->below)->dead = 1;
    if (w->m) w->m->dead = 1;
    work_close(w);
}

/* ---------------------------------------------------------------- rows */

static void work_put(work *w, kam__blockbuf *bb, int64_t key, uint64_t value, int whole)
{
    char text[400];
    kam__bb_i64(bb, 0, key);
    if (!whole || value % 7) kam__bb_i64(bb, 1, (int64_t)(value % 30) - 5);
    if (value % 5) kam__bb_i64(bb, 2, (int64_t)(value % 1000003) * (value % 11 == 0 ? -4000000000 : 1));
    if (value % 3) kam__bb_f64(bb, 3, (double)(value % 1000) / 8.0);
    if (value % 4) {
        int n = snprintf(text, sizeof text, "note %llu", (unsigned long long)(value % 9973));
        if (value % 13 == 0) for (; n < 380; n++) text[n] = (char)('a' + (value >> n % 32) % 26);
        kam__bb_text(bb, 4, text, (size_t)n);
    }
    if (whole) {
        int n = snprintf(text, sizeof text, "E%lld", (long long)key);
        kam__bb_text(bb, 5, "src", 3);
        kam__bb_text(bb, 6, text, (size_t)n);
    }
    (void)kam__bb_end_row(bb, NULL);
    (void)w;
}

static int32_t work_write(work *w, uint32_t op, const int64_t *key, uint32_t n)
{
    static const uint32_t field[] = {W_ID, W_DAY, W_AMOUNT, W_RATIO, W_NOTE, W_SOURCE, W_EXT};
    static const uint8_t type[] = {KAM_T_I64, KAM_T_I32, KAM_T_I64, KAM_T_F64, KAM_T_TEXT, KAM_T_TEXT, KAM_T_TEXT};
    kam__blockbuf bb;
    kam_block b;
    if (!n) return KAM_OK;
    uint64_t salt = kam__random(&w->seed);
    int32_t rc = kam__bb_init(&bb, w->ctx, op == KAM_WRITE_INSERT ? 7 : op == KAM_WRITE_UPDATE ? 5 : 1, field, type, NULL);
    if (rc != KAM_OK) return rc;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t value = salt + i * 7919u;
        if (op == KAM_WRITE_DELETE) {
            kam__bb_i64(&bb, 0, key[i]);
            rc = kam__bb_end_row(&bb, NULL);
        } else {
            work_put(w, &bb, key[i], value >> 8, op == KAM_WRITE_INSERT);
        }
    }
    rc = bb.failed || bb.nrow != n ? KAM_E_NOMEM : KAM_OK;
    kam__bb_view(&bb, &b);
    if (rc == KAM_OK) rc = kam__memory_vt.write(w->conn, &work_def, op, &b, &w->err);
    kam__bb_free(&bb);
    for (uint32_t i = 0; i < n && rc == KAM_OK; i++) w->there[key[i]] = op != KAM_WRITE_DELETE;
    return rc;
}

/* Some rows that are there, each once. */
static uint32_t work_some(work *w, int64_t *key, uint32_t most)
{
    uint32_t n = 0;
    int64_t at = 2 + (int64_t)dice(w, (uint64_t)w->next), step = 1 + (int64_t)dice(w, 5);
    for (; at < w->next && n < most; at += step)
        if (w->there[at]) key[n++] = at;
    return n;
}

static uint32_t work_new(work *w, int64_t *key)
{
    uint32_t n = dice(w, 6) ? 1 + (uint32_t)dice(w, 12) : 1 + (uint32_t)dice(w, w->most ? w->most : 700), at = 0;
    for (int64_t k = 2; k < w->next && at < 2 && dice(w, 4) == 0; k++)          /* deleted ones come back */
        if (!w->there[k]) key[at++] = k;
    for (; at < n && w->next < WORK_KEYS; at++) key[at] = w->next++;
    return at;
}

/* Row 1 counts commits: no two states are the same. */
static int32_t work_count(work *w)
{
    int64_t one = 1;
    return work_write(w, w->there[1] ? KAM_WRITE_UPDATE : KAM_WRITE_INSERT, &one, 1);
}

static int32_t work_rows(work *w)
{
    int64_t key[1024];
    int32_t rc = work_count(w);
    for (uint64_t n = dice(w, 4); n > 0 && rc == KAM_OK; n--) {
        uint64_t what = dice(w, 10);
        if (what < 6) rc = work_write(w, KAM_WRITE_INSERT, key, work_new(w, key));
        else if (what < 9) rc = work_write(w, KAM_WRITE_UPDATE, key, work_some(w, key, 1 + (uint32_t)dice(w, 20)));
        else rc = work_write(w, KAM_WRITE_DELETE, key, work_some(w, key, 1 + (uint32_t)dice(w, 4)));
    }
    return rc;
}

static int32_t work_transaction(work *w)
{
    int abort = dice(w, 7) == 0, lazy = dice(w, 3) == 0;
    int64_t next = w->next;
    int32_t rc = kam__memory_vt.begin(w->conn, KAM_BEGIN_WRITE, &w->err);
    if (rc != KAM_OK) return rc;
    memcpy(w->kept, w->there, sizeof w->kept);
    rc = work_rows(w);
    if (rc == KAM_OK && w->started < WORK_MAX) w->sum[w->started + 1] = work_sum(w, &rc);      /* own writes are seen */
    if (rc != KAM_OK || abort) {
        int32_t ended = kam__memory_vt.end(w->conn, KAM_END_ABORT, &w->err);
        memcpy(w->there, w->kept, sizeof w->kept);
        w->next = next;
        return rc != KAM_OK ? rc : ended;
    }
    w->started++;
    rc = kam__memory_vt.end(w->conn, lazy ? KAM_END_LAZY : KAM_END_COMMIT, &w->err);
    if (rc != KAM_OK) {
        memcpy(w->there, w->kept, sizeof w->kept);
        w->next = next;
        if (rc != KAM_E_DEAD) w->started--;
        return rc;
    }
    w->done++;
    if (!lazy) w->acked = w->done;
    return KAM_OK;
}

static int32_t work_backup(work *w)
{
    char path[80];
    snprintf(path, sizeof path, "%s.bak", w->path);
    (void)w->os->remove(w->user, path);
    return kam__memory_vt.control(w->conn, KAM_CTL_BACKUP, path, NULL, NULL, &w->err);
}

static int32_t work_prepare(work *w)
{
    if (w->done) return KAM_OK;
    w->sum[++w->started] = 7;               /* the table, no rows */
    int32_t rc = kam__memory_vt.prepare(w->conn, &work_def, 1, KAM_PREPARE_CREATE, NULL, NULL, &w->err);
    if (rc != KAM_OK && rc != KAM_E_DEAD) w->started--;
    if (rc != KAM_OK) return rc;
    w->acked = ++w->done;
    return KAM_OK;
}

static int32_t work_checkpoint(work *w)
{
    int32_t rc = kam__file_checkpoint(w->m->below, &w->err);
    w->m->table[0]->used = 0;
    if (rc == KAM_OK && dice(w, 2)) kam__file_sink(w->m->below);
    kam__file_show(w->m->below);
    return rc;
}

static int32_t work_upkeep(work *w, int what)
{
    if (what == WORK_CHECKPOINT) return work_checkpoint(w);
    if (what == WORK_COMPACT) return kam__memory_vt.control(w->conn, KAM_CTL_COMPACT, NULL, NULL, NULL, &w->err);
    if (what == WORK_BACKUP) return work_backup(w);
    work_close(w);
    return work_open(w);
}

/* Which upkeep is next; WORK_KINDS: a transaction. */
static int work_what(work *w)
{
    int step = w->step++;
    if (w->calm) return WORK_KINDS;
    if (w->turns) return step % 5 == 4 ? step / 5 % WORK_KINDS : WORK_KINDS;
    int what = (int)dice(w, 40);
    return what < WORK_KINDS ? what : WORK_KINDS;
}

int32_t work_step(work *w)
{
    int32_t rc = KAM_OK;
    if (!w->m) rc = work_open(w);
    if (rc == KAM_OK) rc = work_prepare(w);
    if (rc != KAM_OK) return work_fail(w, rc);
    int what = work_what(w);
    if (what == WORK_KINDS) return work_fail(w, work_transaction(w));
    w->doing = what;
    w->did[what]++;
    rc = work_upkeep(w, what);
    w->doing = -1;
    return work_fail(w, rc);
}

/* ---------------------------------------------------------------- sums */

static uint64_t sum_cell(const kam_col *c, uint32_t row)
{
    size_t n;
    const char *text;
    uint64_t bits;
    double v;
    if (kam__col_null(c, row)) return 0x1234567u * (c->field + 1u);
    if (c->type == KAM_T_TEXT) {
        text = kam__col_text(c, row, &n);
        return kam__hash(text, n) + c->field;
    }
    v = c->type == KAM_T_F64 ? kam__col_f64(c, row) : 0;
    memcpy(&bits, &v, sizeof bits);
    return kam__hash_i64(c->type == KAM_T_F64 ? (int64_t)bits : kam__col_i64(c, row)) * (c->field * 2u + 1);
}

static int32_t sum_block(void *user, const kam_block *rows)
{
    uint64_t *sum = user;
    for (uint32_t i = 0; i < rows->nrow; i++) {
        uint64_t row = 0;
        for (uint32_t k = 0; k < rows->ncol; k++) row = row * 31 + sum_cell(rows->col + k, i);
        *sum += row * (row | 1) + 1;
    }
    return KAM_OK;
}

uint64_t work_sum(work *w, int32_t *rc)
{
    static const uint32_t field[] = {W_ID, W_REV, W_SOURCE, W_EXT, W_DAY, W_AMOUNT, W_RATIO, W_NOTE};
    kam_table_scan q = {.struct_size = sizeof q, .table = &work_def, .field = field, .nfield = W_COLS};
    uint64_t sum = 7;
    *rc = KAM_OK;
    if (!w->m->ntable) return 0;
    *rc = kam__memory_vt.scan(w->conn, &q, sum_block, &sum, &w->err);
    return sum;
}

int32_t work_look(kam_ctx *ctx, const kam__file_os *os, void *user, const char *path, uint32_t flags, uint64_t *sum, char why[240])
{
    work w;
    kam_error *err = NULL;
    int32_t rc = kam_error_new(&err, NULL), read;
    work_begin(&w, ctx, os, user, path, 0);
    if (rc == KAM_OK) rc = kam__file_open(&w.m, ctx, path, flags | FILE_COLD, os, user, err);
    if (why) snprintf(why, 240, "%s", rc == KAM_OK ? "" : kam_error_message(err));
    kam_error_free(err);
    if (rc != KAM_OK) return rc;
    rc = kam__memory_connect(&w.conn, w.m, NULL);
    if (rc == KAM_OK) {
        *sum = work_sum(&w, &read);
        rc = read;
    }
    work_close(&w);
    return rc;
}
