/*
 * tests/sqlite/sqlite_rig.c - see sqlite_rig.h.
 */
#include "sqlite_rig.h"
#include "store/store.h"

const kam_field FIELD[NF] = {{F_ID, 1, KAM_T_I64, 0, KAM_F_KEY, "id", "id"},
                             {F_REV, 1, KAM_T_I64, 0, 0, "rev", "rev"},
                             {F_SOURCE, 1, KAM_T_TEXT, 0, KAM_F_UNIQUE, "source", "source"},
                             {F_EXT, 1, KAM_T_TEXT, 0, KAM_F_UNIQUE, "ext_id", "ext\"id"},
                             {F_NAME, 1, KAM_T_TEXT, 0, 0, "name", "select"},
                             {F_N, 1, KAM_T_I32, 0, KAM_F_INDEXED, "n", "n"},
                             {F_BIG, 1, KAM_T_I64, 0, 0, "big", "big"},
                             {F_X, 1, KAM_T_F64, 0, 0, "x", "x"}};
static const uint32_t INDEX[] = {F_N, F_BIG, 0};

kam_table table(const char *relation, uint32_t flags)
{
    return (kam_table){sizeof(kam_table), 1, 1, KAM_C_ENTITY, "account", relation, FIELD, NF, flags, INDEX, 1, 0};
}

const kam_table ACCOUNT = {
    sizeof(kam_table), 1, 1, KAM_C_ENTITY, "account", "an \"account\"", FIELD, NF, 0, INDEX, 1, 0};

/* ---------------------------------------------------------------- blocks */

static void *keep(blk *b, uint32_t f, uint8_t type, size_t size, uint8_t *valid, int32_t *off)
{
    void *data = test_calloc(1, size + 1);
    b->col[b->b.ncol++] = (kam_col){f, type, {0}, data, off, valid};
    return data;
}

blk *make(const row *r, uint32_t n, const uint32_t *field, uint32_t nf)
{
    blk *b = test_calloc(1, sizeof *b);
    b->b = (kam_block){sizeof(kam_block), n, 0, 0, b->col};
    for (uint32_t i = 0; i < nf; i++) {
        uint8_t type = FIELD[field[i] - 1].type, *valid = test_calloc(1, n / 8 + 1);
        int32_t *off = type == KAM_T_TEXT ? test_calloc(n + 1, 4) : NULL;
        char *data = keep(b, field[i], type, (size_t)n * 24, valid, off);
        for (uint32_t k = 0; k < n; k++) {
            int null = (int)(r[k].null >> field[i] & 1);
            const char *text = field[i] == F_SOURCE ? r[k].source : field[i] == F_EXT ? r[k].ext : r[k].name;
            if (!null) valid[k / 8] = (uint8_t)(valid[k / 8] | 1 << k % 8);
            if (off) {
                size_t len = null ? 0 : strlen(text);
                memcpy(data + off[k], text, len);
                off[k + 1] = off[k] + (int32_t)len;
            } else if (type == KAM_T_I32)
                ((int32_t *)(void *)data)[k] = r[k].n;
            else if (type == KAM_T_F64)
                ((double *)(void *)data)[k] = r[k].x;
            else
                ((int64_t *)(void *)data)[k] = field[i] == F_ID ? r[k].id : field[i] == F_REV ? r[k].rev : r[k].big;
        }
    }
    return b;
}

void drop(blk *b)
{
    for (uint32_t i = 0; i < b->b.ncol; i++) {
        test_free((void *)(uintptr_t)b->col[i].data);
        test_free((void *)(uintptr_t)b->col[i].off);
        test_free((void *)(uintptr_t)b->col[i].valid);
    }
    test_free(b);
}

const uint32_t ALL[NF] = {F_ID, F_REV, F_SOURCE, F_EXT, F_NAME, F_N, F_BIG, F_X};

int32_t collect(void *user, const kam_block *b)
{
    got *g = user;
    g->blocks++;
    if (b->nrow > g->most) g->most = b->nrow;
    for (uint32_t k = 0; k < b->nrow; k++) {
        row *r = &g->r[g->n++];
        memset(r, 0, sizeof *r);
        for (uint32_t i = 0; i < b->ncol; i++) {
            const kam_col *c = &b->col[i];
            if (c->valid && !(c->valid[k / 8] >> k % 8 & 1)) {
                r->null |= 1u << c->field;
                continue;
            }
            char *to = c->field == F_SOURCE ? r->source : c->field == F_EXT ? r->ext : r->name;
            if (c->type == KAM_T_TEXT)
                memcpy(to, (const char *)c->data + c->off[k], (size_t)(c->off[k + 1] - c->off[k]));
            else if (c->type == KAM_T_I32)
                r->n = ((const int32_t *)c->data)[k];
            else if (c->type == KAM_T_F64)
                r->x = ((const double *)c->data)[k];
            else
                *(c->field == F_ID ? &r->id : c->field == F_REV ? &r->rev : &r->big) = ((const int64_t *)c->data)[k];
        }
    }
    return g->stop_at && g->blocks == g->stop_at ? 77 : 0;
}

void same_row(const row *a, const row *b)
{
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->null, b->null);
    if (!(a->null >> F_REV & 1)) assert_int_equal(a->rev, b->rev);
    if (!(a->null >> F_N & 1)) assert_int_equal(a->n, b->n);
    if (!(a->null >> F_BIG & 1)) assert_int_equal(a->big, b->big);
    if (!(a->null >> F_X & 1)) assert_true(a->x == b->x);
    if (!(a->null >> F_SOURCE & 1)) assert_string_equal(a->source, b->source);
    if (!(a->null >> F_EXT & 1)) assert_string_equal(a->ext, b->ext);
    if (!(a->null >> F_NAME & 1)) assert_string_equal(a->name, b->name);
}

/* ---------------------------------------------------------------- a store to test */

int32_t open_store(void **self, kam_store_vt *vt, sqlite3 *db, uint32_t mode)
{
    kam_store *store = NULL;
    int32_t rc = kam_sqlite_store(&store, NULL, db, mode, NULL);
    if (rc) return rc;
    *vt = store->vt;
    *self = store->self;
    store->vt.close = NULL; /* the shell goes, what is inside stays */
    kam_store_free(store);
    return 0;
}

void attach(rig *g, sqlite3 *db, uint32_t mode)
{
    memset(g, 0, sizeof *g);
    g->db = db;
    g->err.struct_size = sizeof g->err;
    assert_int_equal(open_store(&g->self, &g->vt, db, mode), 0);
}

rig rig_new(const char *path, uint32_t mode)
{
    rig g;
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), 0);
    attach(&g, db, mode);
    return g;
}

void rig_end(rig *g)
{
    g->vt.close(g->self);
    assert_null(sqlite3_next_stmt(g->db, NULL)); /* nothing left behind on the host's connection */
    assert_int_equal(sqlite3_close(g->db), 0);
}

void sql(rig *g, const char *text)
{
    char *msg = NULL;
    if (sqlite3_exec(g->db, text, NULL, NULL, &msg)) fail_msg("%s: %s", text, msg);
}

int64_t ask(rig *g, const char *text)
{
    sqlite3_stmt *st = NULL;
    int64_t v = -1;
    assert_int_equal(sqlite3_prepare_v2(g->db, text, -1, &st, NULL), 0);
    if (sqlite3_step(st) == SQLITE_ROW) v = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return v;
}

int32_t put(rig *g, const kam_table *t, uint32_t op, const row *r, uint32_t n, const uint32_t *field, uint32_t nf)
{
    blk *b = make(r, n, field, nf);
    int32_t rc = g->vt.write(g->self, t, op, &b->b, &g->err);
    drop(b);
    return rc;
}

int32_t begin(rig *g, uint32_t how) { return g->vt.begin(g->self, how, &g->err); }
int32_t end(rig *g, uint32_t how) { return g->vt.end(g->self, how, &g->err); }
int32_t create(rig *g, const kam_table *t)
{
    return g->vt.prepare(g->self, t, 1, KAM_PREPARE_CREATE, NULL, NULL, &g->err);
}

kam_table_scan query(const kam_table *t)
{
    return (kam_table_scan){.struct_size = sizeof(kam_table_scan), .table = t, .field = ALL, .nfield = NF};
}

got *scan(rig *g, kam_table_scan *q, int32_t want)
{
    got *out = test_calloc(1, sizeof *out);
    int32_t rc = g->vt.scan(g->self, q, collect, out, &g->err);
    if (rc != want) fail_msg("scan: %d instead of %d: %s", (int)rc, (int)want, g->err.msg);
    return out;
}

static uint32_t seed = 1;
uint32_t rnd(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

row random_row(int64_t id)
{
    static const char *const TEXT[] = {
        "",  "a",  "A",   "ab", "aB", "a\xc3\xa9", "a\xf0\x9f\x98\x80", "\xe5\xae\xa2\xe6\x88\xb7",
        "7", "07", "7.0", "z",  "%",  "a_"};
    row r = {
        .id = id, .rev = 1 + rnd(3), .big = (int64_t)rnd(9) - 4, .n = (int32_t)rnd(7) - 3, .x = (double)rnd(9) / 4 - 1};
    snprintf(r.source, sizeof r.source, "s%u", (unsigned)rnd(2));
    snprintf(r.ext, sizeof r.ext, "k%d", (int)id);
    snprintf(r.name, sizeof r.name, "%s", TEXT[rnd(14)]);
    if (rnd(20) == 0) r.big = INT64_MAX;
    if (rnd(20) == 0) r.n = INT32_MIN;
    for (unsigned f = F_NAME; f <= F_X; f++)
        if (rnd(5) == 0) r.null |= 1u << f;
    return r;
}

void fill(rig *g, row *rows, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) rows[i] = random_row((int64_t)i * 2 + 1);
    assert_int_equal(create(g, &ACCOUNT), 0);
    assert_int_equal(begin(g, KAM_BEGIN_WRITE), 0);
    assert_int_equal(put(g, &ACCOUNT, KAM_WRITE_INSERT, rows, n, ALL, NF), 0);
    assert_int_equal(end(g, KAM_END_COMMIT), 0);
}
