/*
 * tests/sqlite/test_sqlite_scan.c - scans of the SQLite store, straight through its vtable.
 *
 * Scans are compared with a filter and sort written here, over random rows, predicates, orders and page sizes, on a
 * table of ours and on host tables whose columns have other affinities; what the store leaves to the library is done
 * here as the library would.
 */
#include "sqlite_rig.h"

/* ---------------------------------------------------------------- the reference */

static int cmp_value(const row *a, const row *b, uint32_t f)
{
    if (f == F_N) return (a->n > b->n) - (a->n < b->n);
    if (f == F_X) return (a->x > b->x) - (a->x < b->x);
    if (f == F_SOURCE) return strcmp(a->source, b->source);
    if (f == F_EXT) return strcmp(a->ext, b->ext);
    if (f == F_NAME) return strcmp(a->name, b->name);
    int64_t u = f == F_ID ? a->id : f == F_REV ? a->rev : a->big, v = f == F_ID ? b->id : f == F_REV ? b->rev : b->big;
    return (u > v) - (u < v);
}

typedef struct ref_pred {
    uint32_t field, op, narg;
    row arg[6];
} ref_pred;

static int holds(const row *r, const ref_pred *p)
{
    if (p->op == KAM_OP_NULL) return (int)(r->null >> p->field & 1);
    if (r->null >> p->field & 1) return 0;
    for (uint32_t i = 0; i < p->narg; i++) {
        const row *a = &p->arg[i];
        if (a->null >> p->field & 1) continue;
        int c = cmp_value(r, a, p->field);
        if (p->op == KAM_OP_PREFIX) {
            if (!strncmp(r->name, a->name, strlen(a->name))) return 1;
        } else if (p->op == KAM_OP_EQ || p->op == KAM_OP_IN) {
            if (c == 0) return 1;
        } else if (p->op == KAM_OP_LT ? c < 0 : p->op == KAM_OP_LE ? c <= 0 : p->op == KAM_OP_GT ? c > 0 : c >= 0)
            return 1;
    }
    return 0;
}

static const uint32_t *sort_by;
static uint32_t nsort, down;

static int cmp_row(const void *x, const void *y)
{
    const row *a = x, *b = y;
    for (uint32_t i = 0; i < nsort; i++) {
        int na = (int)(a->null >> sort_by[i] & 1), nb = (int)(b->null >> sort_by[i] & 1);
        if (na || nb) {
            if (na != nb) return na - nb;
            continue;
        }
        int c = cmp_value(a, b, sort_by[i]);
        if (c) return down ? -c : c;
    }
    return down ? -cmp_value(a, b, F_ID) : cmp_value(a, b, F_ID);
}

static ref_pred random_pred(void)
{
    static const uint32_t FIELDS[] = {F_ID, F_NAME, F_N, F_BIG, F_X, F_EXT, F_NAME};
    ref_pred p = {.field = FIELDS[rnd(7)], .op = 1 + rnd(8), .narg = 1};
    if (p.op == KAM_OP_PREFIX) p.field = F_NAME;
    if (p.op == KAM_OP_IN) p.narg = rnd(6);
    for (uint32_t i = 0; i < p.narg; i++) {
        p.arg[i] = random_row((int64_t)rnd(60));
        if (rnd(8)) p.arg[i].null = 0;
    }
    return p;
}

/* Does what the store left out, as the library would: `page` has the rows behind `last` then. */
static void finish(got *page, const kam_table_scan *q, const ref_pred *rp, const row *last)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < page->n; k++) {
        int keep = q->handled >> 63 || !last || cmp_row(&page->r[k], last) > 0;
        for (uint32_t i = 0; i < q->npred; i++) keep &= (int)(q->handled >> i & 1) || holds(&page->r[k], &rp[i]);
        if (keep) page->r[n++] = page->r[k];
    }
    if (!(q->handled >> 63)) qsort(page->r, n, sizeof(row), cmp_row);
    page->n = q->limit && n > q->limit ? (uint32_t)q->limit : n;
}

/* What is to be left to SQLite in a table of ours: all but numbers with a fraction and orders by two fields. */
static uint64_t expected(const kam_table_scan *q)
{
    uint64_t bits = (uint64_t)(q->norder < 2) << 63;
    for (uint32_t i = 0; i < q->npred; i++)
        bits |= (uint64_t)(q->pred[i].field != F_X || q->pred[i].op == KAM_OP_NULL) << i;
    return bits;
}

/* Random questions over the `n` rows of a table: filter, order, pages. */
static void interrogate(rig *g, const kam_table *t, const row *rows, uint32_t n, int rounds)
{
    static const uint32_t ORDERS[] = {F_N, F_BIG, F_REV, F_N};
    for (int round = 0; round < rounds; round++) {
        ref_pred rp[3];
        kam_pred pred[3];
        blk *arg[3];
        uint32_t npred = rnd(4), at = rnd(2);
        kam_table_scan q = query(t);
        got *want = test_calloc(1, sizeof *want), *have = test_calloc(1, sizeof *have);
        got *page = test_calloc(1, sizeof *page);
        for (uint32_t i = 0; i < npred; i++) {
            rp[i] = random_pred();
            arg[i] = make(rp[i].arg, rp[i].narg, &rp[i].field, 1);
            pred[i] = (kam_pred){rp[i].field, rp[i].op, rp[i].op == KAM_OP_NULL ? NULL : arg[i]->col, rp[i].narg, 0};
        }
        for (uint32_t k = 0; k < n; k++) {
            int yes = 1;
            for (uint32_t i = 0; i < npred; i++) yes &= holds(&rows[k], &rp[i]);
            if (yes) want->r[want->n++] = rows[k];
        }
        sort_by = ORDERS + at;
        nsort = rnd(3);
        down = rnd(2);
        qsort(want->r, want->n, sizeof(row), cmp_row);
        q.pred = pred;
        q.npred = npred;
        q.order = sort_by;
        q.norder = nsort;
        q.flags = down;
        q.limit = rnd(3) ? 1 + rnd(20) : 0;
        q.block_rows = rnd(2) ? 1 + rnd(9) : 0;
        blk *after = NULL;
        for (uint32_t before = 1; have->n != before && have->n <= want->n;) {
            before = have->n;
            q.after = after ? &after->b : NULL;
            memset(page, 0, sizeof *page);
            int32_t rc = g->vt.scan(g->self, &q, collect, page, &g->err);
            if (rc) fail_msg("round %d: %s", round, g->err.msg);
            if (t == &ACCOUNT) assert_true(q.handled == expected(&q));
            int all = q.handled == ((uint64_t)1 << 63 | (((uint64_t)1 << npred) - 1));
            if (q.limit && all) assert_true(page->n <= q.limit);
            if (q.block_rows) assert_true(page->most <= q.block_rows);
            finish(page, &q, rp, after ? &have->r[have->n - 1] : NULL);
            if (have->n + page->n > n) fail_msg("round %d: too many rows", round);
            memcpy(have->r + have->n, page->r, page->n * sizeof(row));
            have->n += page->n;
            if (after) drop(after);
            after = NULL;
            if (q.limit == 0 || have->n == before) break;
            uint32_t keys[4] = {sort_by[0], sort_by[1], F_ID, 0};
            if (nsort == 0) keys[0] = F_ID;
            if (nsort == 1) keys[1] = F_ID;
            after = make(&have->r[have->n - 1], 1, keys, nsort + 1);
        }
        assert_int_equal(have->n, want->n);
        for (uint32_t k = 0; k < want->n; k++) same_row(&have->r[k], &want->r[k]);
        for (uint32_t i = 0; i < npred; i++) drop(arg[i]);
        test_free(want);
        test_free(have);
        test_free(page);
    }
}

/* ---------------------------------------------------------------- tests: scan */

static void test_scan_as_reference(void **state)
{
    (void)state;
    static row rows[MAXROWS];
    for (uint32_t mode = KAM_TXN_OWN; mode <= KAM_TXN_SAVEPOINT; mode++) {
        rig g = rig_new(":memory:", mode);
        fill(&g, rows, 150);
        interrogate(&g, &ACCOUNT, rows, 150, 500);
        rig_end(&g);
    }
}

/* Numbers in text and untyped columns, keys in any column, text in a case-blind column: the same answers. */
static void test_scan_host_affinities(void **state)
{
    (void)state;
    static row rows[MAXROWS];
    static const char *const TYPES[] = {"TEXT", "", "REAL", "NUMERIC", "BLOB", "INTEGER"};
    rig g = rig_new(":memory:", KAM_TXN_OWN);
    fill(&g, rows, 60);
    for (int i = 0; i < 6; i++) {
        char text[600];
        const char *ty = TYPES[i];
        int real = !strcmp(ty, "REAL"); /* cannot hold INT64_MAX */
        snprintf(
            text, sizeof text,
            "CREATE TABLE host(id %s, rev %s, source, \"ext\"\"id\" CHAR(9) COLLATE NOCASE, \"select\" VARCHAR COLLATE "
            "NOCASE, n %s, big %s, x %s); INSERT INTO host SELECT * FROM " RELATION,
            ty, ty, ty, real ? "INT" : ty, i < 4 ? ty : "");
        sql(&g, text);
        kam_table t = table("host", 1), view = table("a view", 1);
        interrogate(&g, &t, rows, 60, 120);
        sql(&g, "CREATE VIEW \"a view\" AS SELECT id+0 AS ID, rev, source, \"ext\"\"id\"||'' AS \"ext\"\"id\", "
                "\"select\", n, big, x FROM host");
        interrogate(&g, &view, rows, 60, 120);
        sql(&g, "DROP VIEW \"a view\"; DROP TABLE host");
    }
    rig_end(&g);
}

/* A table with a text key of its own, which is a number in the host's table. */
static void test_scan_text_key(void **state)
{
    (void)state;
    rig g = rig_new(":memory:", KAM_TXN_OWN);
    sql(&g, "CREATE TABLE customer(no INTEGER PRIMARY KEY, label TEXT); INSERT INTO customer "
            "VALUES(7,'seven'),(10,'ten'),(9,'nine')");
    static const kam_field field[] = {{F_EXT, 1, KAM_T_TEXT, 0, KAM_F_KEY, "ext_id", "no"},
                                      {F_NAME, 1, KAM_T_TEXT, 0, 0, "name", "label"}};
    kam_table t = {sizeof t, 1, 1, KAM_C_UNTRACKED, "account", "customer", field, 2, 1, NULL, 0, 0};
    row key[3] = {{.ext = "10"}, {.ext = "07"}, {.ext = "9"}};
    uint32_t f[] = {F_EXT, F_NAME};
    blk *arg = make(key, 3, f, 1);
    kam_pred p = {F_EXT, KAM_OP_IN, arg->col, 3, 0};
    kam_table_scan q = {.struct_size = sizeof q, .table = &t, .field = f, .nfield = 2, .pred = &p, .npred = 1};
    got *r = scan(&g, &q, 0);
    assert_true(q.handled == 0); /* found by the index, "07" too: the library looks again */
    assert_int_equal(r->n, 3);
    test_free(r);
    sql(&g,
        "INSERT INTO customer WITH c(i) AS (SELECT 100 UNION ALL SELECT i+1 FROM c WHERE i < 900) SELECT i, '' FROM c");
    r = scan(&g, &q, 0);
    assert_int_equal(r->n, 3);
    for (sqlite3_stmt *st = sqlite3_next_stmt(g.db, NULL); st; st = sqlite3_next_stmt(g.db, st))
        assert_true(sqlite3_stmt_status(st, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) == 0);
    test_free(r);
    sql(&g,
        "CREATE TABLE client(no CHAR(9) COLLATE NOCASE PRIMARY KEY, label); INSERT INTO client VALUES('10', 'ten'), "
        "(7, 'seven')");
    t.relation = "client";
    r = scan(&g, &q, 0);
    assert_true(q.handled == 1); /* exactly; the order of text keys is left to the library */
    assert_int_equal(r->n, 1);
    assert_string_equal(r->r[0].name, "ten");
    test_free(r);
    drop(arg);
    rig_end(&g);
}

/* A database that keeps text as UTF-16 orders it in another way: refused. */
static void test_scan_utf16(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    void *self = NULL;
    kam_store_vt vt;
    assert_int_equal(sqlite3_open(":memory:", &db), 0);
    assert_int_equal(sqlite3_exec(db, "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t(x)", NULL, NULL, NULL), 0);
    assert_int_equal(open_store(&self, &vt, db, KAM_TXN_OWN), KAM_E_UNSUPPORTED);
    assert_null(sqlite3_next_stmt(db, NULL));
    sqlite3_close(db);
}

static void test_scan_refuses_what_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        uint32_t field;
        int32_t code;
    } BAD[] = {{"NULL, NULL, NULL, 'abc', 1, 1.5", F_N, KAM_E_TYPE},
               {"NULL, NULL, NULL, 3000000000, 1, 1.5", F_N, KAM_E_TYPE},
               {"NULL, NULL, NULL, 1.5, 1, 1.5", F_N, KAM_E_TYPE},
               {"NULL, NULL, NULL, 1, 1e30, 1.5", F_BIG, KAM_E_TYPE},
               {"NULL, NULL, NULL, 1, '9223372036854775808', 1.5", F_BIG, KAM_E_TYPE},
               {"NULL, NULL, NULL, 1, x'37', 1.5", F_BIG, KAM_E_TYPE},
               {"NULL, NULL, NULL, 1, 1, ''", F_X, KAM_E_TYPE},
               {"NULL, NULL, x'41', 1, 1, 1", F_NAME, KAM_E_TYPE},
               {"NULL, NULL, CAST(x'41ff' AS TEXT), 1, 1, 1", F_NAME, KAM_E_UTF8},
               {"NULL, NULL, CAST(x'eda080' AS TEXT), 1, 1, 1", F_NAME, KAM_E_UTF8},
               {"NULL, NULL, CAST(x'410042' AS TEXT), 1, 1, 1", F_NAME, KAM_E_UTF8},
               {"NULL, NULL, CAST(x'e5ae' AS TEXT), 1, 1, 1", F_NAME, KAM_E_UTF8}};
    rig g = rig_new(":memory:", KAM_TXN_OWN);
    sql(&g, "CREATE TABLE host(id, rev, source, \"ext\"\"id\", \"select\", n, big, x)");
    kam_table t = table("host", 1);
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        char text[200];
        snprintf(text, sizeof text, "DELETE FROM host; INSERT INTO host VALUES(4711, 1, %s)", BAD[i].value);
        sql(&g, text);
        kam_table_scan q = query(&t);
        test_free(scan(&g, &q, BAD[i].code));
        assert_int_equal(g.err.field, BAD[i].field);
        assert_int_equal(g.err.table, 1);
        assert_non_null(strstr(g.err.msg, "\"host\""));
        assert_non_null(strstr(g.err.msg, FIELD[BAD[i].field - 1].column));
        assert_non_null(strstr(g.err.msg, "4711"));
    }
    rig_end(&g);
}

static int32_t big_blocks(void *user, const kam_block *b)
{
    uint32_t *n = user;
    assert_true(b->col[0].off[b->nrow] <= 8 << 20);
    n[0]++;
    n[1] += b->nrow;
    for (uint32_t i = 0; i < b->nrow; i++) assert_int_equal(b->col[0].off[i + 1] - b->col[0].off[i], 65536);
    return 0;
}

static void test_scan_blocks(void **state)
{
    (void)state;
    rig g = rig_new(":memory:", KAM_TXN_OWN);
    kam_table t = table("wide", 1);
    sql(&g, "CREATE TABLE wide(id, rev, source, \"ext\"\"id\", \"select\" TEXT, n, big, x)");
    sql(&g, "WITH c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < 300) INSERT INTO wide(id, \"select\") SELECT "
            "i, printf('%65536d', i) FROM c");
    uint32_t f = F_NAME, n[2] = {0, 0};
    kam_table_scan q = query(&t);
    q.field = &f;
    q.nfield = 1;
    assert_int_equal(g.vt.scan(g.self, &q, big_blocks, n, &g.err), 0);
    assert_int_equal(n[0], 5); /* more than 4 MiB are 65 rows of 64 KiB */
    assert_int_equal(n[1], 300);
    q.nfield = 0;
    q.block_rows = 100;
    got *r = scan(&g, &q, 0);
    assert_int_equal(r->n, 300);
    assert_int_equal(r->blocks, 3);
    memset(r, 0, sizeof *r);
    r->stop_at = 2;
    assert_int_equal(g.vt.scan(g.self, &q, collect, r, &g.err), 77);
    assert_int_equal(r->n, 200);
    test_free(r);
    sql(&g, "UPDATE wide SET \"select\" = CAST(zeroblob(8388609) AS TEXT) WHERE id = 200");
    sql(&g, "UPDATE wide SET \"select\" = printf('%8388609d', 1) WHERE id = 200");
    q.nfield = 1;
    q.block_rows = 0;
    assert_int_equal(g.vt.scan(g.self, &q, big_blocks, n, &g.err), KAM_E_LIMIT);
    assert_non_null(strstr(g.err.msg, "key 200"));
    rig_end(&g);
}

/* Continuing by an indexed field neither sorts nor walks the index from its start. */
static void test_scan_uses_indexes(void **state)
{
    (void)state;
    static row rows[MAXROWS];
    rig g = rig_new(":memory:", KAM_TXN_OWN);
    fill(&g, rows, 300);
    uint32_t order = F_N, keys[2] = {F_N, F_ID};
    row last = rows[0];
    last.n = 2;
    last.null = 0;
    blk *after = make(&last, 1, keys, 2);
    kam_table_scan q = query(&ACCOUNT);
    q.order = &order;
    q.norder = 1;
    q.limit = 5;
    q.after = &after->b;
    test_free(scan(&g, &q, 0));
    int sorts = 0, steps = 0;
    for (sqlite3_stmt *st = sqlite3_next_stmt(g.db, NULL); st; st = sqlite3_next_stmt(g.db, st)) {
        if (strncmp(sqlite3_sql(st), "SELECT t.", 9)) continue;
        sorts += sqlite3_stmt_status(st, SQLITE_STMTSTATUS_SORT, 0) +
                 sqlite3_stmt_status(st, SQLITE_STMTSTATUS_AUTOINDEX, 0);
        steps += sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 0);
    }
    assert_int_equal(sorts, 0);
    assert_true(steps < 1200);
    drop(after);
    rig_end(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scan_as_reference),
                                       cmocka_unit_test(test_scan_host_affinities),
                                       cmocka_unit_test(test_scan_text_key),
                                       cmocka_unit_test(test_scan_utf16),
                                       cmocka_unit_test(test_scan_refuses_what_does_not_fit),
                                       cmocka_unit_test(test_scan_blocks),
                                       cmocka_unit_test(test_scan_uses_indexes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
