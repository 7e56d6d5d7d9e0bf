/*
 * tests/sqlite/test_sqlite_store.c - the SQLite store straight through its vtable: writes, transactions, tables,
 * upkeep; one test per promise of kam/spi/storage.h. All memory of SQLite goes through a counting allocator, so that
 * the last test can fail each allocation once.
 */
#include "sqlite_rig.h"

/* ---------------------------------------------------------------- tests: write */

static void test_write(void **state)
{
    (void)state;
    rig g = rig_new(":memory:", KAM_TXN_OWN);
    row rows[MAXROWS];
    fill(&g, rows, 9);
    uint32_t part[] = {F_NAME, F_ID, F_REV}, by_key[] = {F_ID}, by_rev[] = {F_ID, F_REV};
    row r = rows[4];
    r.rev++;
    r.null = 0;
    strcpy(r.name, "new");
    assert_int_equal(begin(&g, KAM_BEGIN_WRITE), 0);
    assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_UPDATE, &r, 1, part, 3), 0);
    assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_UPDATE, &r, 1, by_key, 1), 0); /* nothing to set is fine */
    assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_DELETE, rows, 2, by_key, 1), 0);
    row gone = rows[2];
    gone.rev++;
    assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_DELETE, &gone, 1, by_rev, 2), 0);
    row bare = {.id = 1000};
    assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_INSERT, &bare, 1, by_key, 1), 0);
    assert_int_equal(end(&g, KAM_END_LAZY), 0);
    kam_table_scan q = query(&ACCOUNT);
    got *have = scan(&g, &q, 0);
    assert_int_equal(have->n, 7);
    same_row(&have->r[0], &rows[3]);
    rows[4].rev++; /* columns the block left out stay */
    rows[4].null &= ~(1u << F_NAME);
    strcpy(rows[4].name, "new");
    same_row(&have->r[1], &rows[4]);
    assert_int_equal(have->r[6].null, 0x1fc); /* INSERT made them NULL */
    test_free(have);
    rig_end(&g);
}

static void test_write_failures(void **state)
{
    (void)state;
    uint32_t by_key[] = {F_ID}, by_rev[] = {F_ID, F_REV}, no_key[] = {F_N};
    for (uint32_t mode = KAM_TXN_OWN; mode <= KAM_TXN_SAVEPOINT; mode++) {
        rig g = rig_new(":memory:", mode);
        row rows[MAXROWS];
        fill(&g, rows, 9);
        for (int i = 0; i < 8; i++) {
            row r[3] = {random_row(500), random_row(502), random_row(504)};
            int32_t rc = 0, want = KAM_E_EXISTS;
            assert_int_equal(begin(&g, KAM_BEGIN_WRITE), 0);
            if (i == 0) r[2].id = rows[3].id;
            if (i == 1) {
                strcpy(r[2].source, rows[3].source);
                strcpy(r[2].ext, rows[3].ext);
            }
            if (i < 2) rc = put(&g, &ACCOUNT, KAM_WRITE_INSERT, r, 3, ALL, NF);
            if (i == 2) {
                rows[3].id = 5;
                rows[3].rev += 50;
                rc = put(&g, &ACCOUNT, KAM_WRITE_UPDATE, rows + 3, 1, ALL, NF);
                rows[3].id = 7;
                rows[3].rev -= 50;
                want = KAM_E_CONFLICT;
            }
            if (i == 3) {
                rc = put(&g, &ACCOUNT, KAM_WRITE_UPDATE, r + 1, 1, by_rev, 2);
                want = KAM_E_NOT_FOUND;
            }
            if (i == 4) {
                rc = put(&g, &ACCOUNT, KAM_WRITE_DELETE, r, 1, by_key, 1);
                want = KAM_E_NOT_FOUND;
            }
            if (i == 5) {
                rc = put(&g, &ACCOUNT, KAM_WRITE_DELETE, rows, 1, by_rev, 2);
                want = KAM_E_CONFLICT;
            }
            if (i == 6) {
                rc = put(&g, &ACCOUNT, KAM_WRITE_INSERT, r, 1, no_key, 1);
                want = KAM_E_INVAL;
            }
            if (i == 7) {
                r[2].null |= 1u << F_ID;
                rc = put(&g, &ACCOUNT, KAM_WRITE_INSERT, r, 3, ALL, NF);
                want = KAM_E_INVAL;
            }
            if (rc != want) fail_msg("case %d: %d, %s", i, (int)rc, g.err.msg);
            assert_int_equal(g.err.row, i < 2 || i == 7 ? 2 : 0);
            assert_int_equal(g.err.table, 1);
            if (i < 2) assert_int_equal(g.err.native & 0xff, SQLITE_CONSTRAINT);
            assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_INSERT, r, 1, ALL, NF), KAM_E_ABORTED);
            kam_table_scan none = query(&ACCOUNT);
            test_free(scan(&g, &none, KAM_E_ABORTED));
            assert_int_equal(end(&g, i % 2 ? KAM_END_COMMIT : KAM_END_ABORT), i % 2 ? KAM_E_ABORTED : 0);
            assert_true(sqlite3_get_autocommit(g.db));
            g.err.row = 0;
        }
        kam_table_scan q = query(&ACCOUNT);
        got *have = scan(&g, &q, 0);
        assert_int_equal(have->n, 9);
        for (uint32_t k = 0; k < 9; k++) same_row(&have->r[k], &rows[k]);
        test_free(have);
        rig_end(&g);
    }
}

static void test_write_refused(void **state)
{
    (void)state;
    rig g = rig_new(":memory:", KAM_TXN_OWN);
    row rows[MAXROWS];
    fill(&g, rows, 1);
    kam_table t = ACCOUNT;
    t.flags = 1;
    row r = random_row(3);
    assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_INSERT, &r, 1, ALL, NF), KAM_E_INVAL); /* no transaction */
    assert_int_equal(begin(&g, KAM_BEGIN_READ), 0);
    assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_INSERT, &r, 1, ALL, NF), KAM_E_INVAL);
    assert_int_equal(end(&g, KAM_END_ABORT), 0);
    assert_int_equal(begin(&g, KAM_BEGIN_WRITE), 0);
    assert_int_equal(put(&g, &t, KAM_WRITE_INSERT, &r, 1, ALL, NF), KAM_E_READ_ONLY);
    sql(&g, "PRAGMA query_only = 1");
    assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_INSERT, &r, 1, ALL, NF), KAM_E_READ_ONLY);
    assert_int_equal(g.err.native & 0xff, SQLITE_READONLY);
    assert_int_equal(end(&g, KAM_END_ABORT), 0);
    sql(&g, "PRAGMA query_only = 0; PRAGMA max_page_count = 20");
    assert_int_equal(begin(&g, KAM_BEGIN_WRITE), 0);
    int32_t rc = 0;
    for (int64_t id = 100; !rc && id < 9000; id++) {
        r = random_row(id);
        rc = put(&g, &ACCOUNT, KAM_WRITE_INSERT, &r, 1, ALL, NF);
    }
    assert_int_equal(rc, KAM_E_FULL);
    assert_int_equal(end(&g, KAM_END_COMMIT), KAM_E_ABORTED);
    assert_int_equal(ask(&g, "SELECT count(*) FROM " RELATION), 1);
    rig_end(&g);
}

/* A host's table: defaults do not replace NULL, ON CONFLICT REPLACE does not replace rows, its checks count. */
static void test_write_host_table(void **state)
{
    (void)state;
    rig g = rig_new(":memory:", KAM_TXN_HOST);
    sql(&g, "CREATE TABLE host(id INTEGER PRIMARY KEY ON CONFLICT REPLACE, rev, source, \"ext\"\"id\", \"select\" "
            "DEFAULT 'x', n TEXT, big "
            "CHECK(big < 10), x, more DEFAULT 5, UNIQUE(source, \"ext\"\"id\") ON CONFLICT IGNORE)");
    kam_table t = table("host", 0);
    row r = {.id = 1, .n = 42, .source = "s", .ext = "e"}, r2 = {.id = 2, .source = "s", .ext = "e"},
        r3 = {.id = 3, .big = 11};
    uint32_t part[] = {F_ID, F_N}, big[] = {F_ID, F_BIG}, ext[] = {F_ID, F_SOURCE, F_EXT};
    assert_null(g.vt.begin);
    assert_null(g.vt.end);
    row pair[2] = {{.id = 8}, {.id = 8}};
    assert_int_equal(put(&g, &t, KAM_WRITE_INSERT, pair, 2, part, 1), KAM_E_EXISTS);
    assert_int_equal(g.err.row, 1);
    assert_int_equal(ask(&g, "SELECT count(*) FROM host"), 1); /* no BEGIN: each row is committed as it comes */
    assert_int_equal(put(&g, &t, KAM_WRITE_DELETE, pair, 1, part, 1), 0);
    assert_true(sqlite3_get_autocommit(g.db));
    sql(&g, "BEGIN");
    assert_int_equal(put(&g, &t, KAM_WRITE_INSERT, &r, 1, part, 2), 0);
    assert_int_equal(ask(&g, "SELECT \"select\" IS NULL AND more = 5 AND n = '42' FROM host"), 1);
    assert_int_equal(put(&g, &t, KAM_WRITE_INSERT, &r, 1, part, 2), KAM_E_EXISTS);
    r.rev = 0;
    assert_int_equal(put(&g, &t, KAM_WRITE_UPDATE, &r, 1, ext, 3), 0);
    assert_int_equal(put(&g, &t, KAM_WRITE_INSERT, &r2, 1, ext, 3), KAM_E_EXISTS);
    assert_int_equal(put(&g, &t, KAM_WRITE_INSERT, &r3, 1, big, 2), KAM_E_INVAL);
    sql(&g, "COMMIT");
    assert_int_equal(ask(&g, "SELECT count(*) FROM host"), 1);
    rig_end(&g);
}

/* ---------------------------------------------------------------- tests: transactions */

/* Files beside the program. */
static char PATH[1000], WAL[1024], COPY[1024];

static void wipe(void)
{
    static const char *const TAIL[] = {"", "-wal", "-shm", "-journal"};
    for (int i = 0; i < 8; i++) {
        char name[1100];
        snprintf(name, sizeof name, "%s%s", i < 4 ? PATH : COPY, TAIL[i % 4]);
        remove(name);
    }
}

static void test_two_connections(void **state)
{
    (void)state;
    wipe();
    row rows[MAXROWS], more = random_row(1001);
    rig a = rig_new(PATH, KAM_TXN_OWN);
    sql(&a, "PRAGMA journal_mode = WAL");
    fill(&a, rows, 5);
    rig b = rig_new(PATH, KAM_TXN_OWN), c = rig_new(PATH, KAM_TXN_SAVEPOINT);
    kam_table_scan q = query(&ACCOUNT);
    sql(&c, "BEGIN");
    assert_int_equal(begin(&b, KAM_BEGIN_READ), 0); /* the snapshot is of now, not of the first scan */
    assert_int_equal(begin(&c, KAM_BEGIN_WRITE), 0);
    test_free(scan(&c, &q, 0));
    assert_int_equal(begin(&a, KAM_BEGIN_WRITE), 0);
    assert_int_equal(begin(&a, KAM_BEGIN_WRITE), KAM_E_INVAL);
    assert_int_equal(put(&a, &ACCOUNT, KAM_WRITE_INSERT, &more, 1, ALL, NF), 0);
    got *r = scan(&a, &q, 0);
    assert_int_equal(r->n, 6); /* its own writes */
    test_free(r);
    assert_int_equal(put(&c, &ACCOUNT, KAM_WRITE_INSERT, &more, 1, ALL, NF), KAM_E_BUSY);
    assert_int_equal(end(&c, KAM_END_ABORT), 0);
    sql(&c, "ROLLBACK; BEGIN");
    assert_int_equal(begin(&c, KAM_BEGIN_WRITE), 0);
    test_free(scan(&c, &q, 0));
    assert_int_equal(end(&a, KAM_END_COMMIT), 0);
    assert_int_equal(put(&c, &ACCOUNT, KAM_WRITE_INSERT, &more, 1, ALL, NF),
                     KAM_E_RETRY); /* another commit since it read */
    assert_int_equal(c.err.native, SQLITE_BUSY_SNAPSHOT);
    assert_int_equal(end(&c, KAM_END_ABORT), 0);
    sql(&c, "ROLLBACK");
    r = scan(&b, &q, 0);
    assert_int_equal(r->n, 5);
    test_free(r);
    assert_int_equal(end(&b, KAM_END_COMMIT), 0);
    assert_int_equal(begin(&a, KAM_BEGIN_WRITE), 0);
    assert_int_equal(begin(&b, KAM_BEGIN_WRITE), KAM_E_BUSY);
    assert_int_equal(begin(&b, KAM_BEGIN_READ), 0);
    r = scan(&b, &q, 0);
    assert_int_equal(r->n, 6);
    test_free(r);
    rig_end(&b); /* close ends what is open */
    rig_end(&c);
    rig_end(&a);
    wipe();
}

/* Without a write-ahead log a reader holds off the commit: BUSY, and the transaction is over all the same. */
static void test_commit_busy(void **state)
{
    (void)state;
    wipe();
    for (uint32_t mode = KAM_TXN_OWN; mode <= KAM_TXN_SAVEPOINT; mode++) {
        row rows[MAXROWS], more = random_row(1001);
        rig a = rig_new(PATH, mode);
        fill(&a, rows, 3);
        rig b = rig_new(PATH, KAM_TXN_OWN);
        assert_int_equal(begin(&b, KAM_BEGIN_READ), 0);
        assert_int_equal(begin(&a, KAM_BEGIN_WRITE), 0);
        assert_int_equal(put(&a, &ACCOUNT, KAM_WRITE_INSERT, &more, 1, ALL, NF), 0);
        assert_int_equal(end(&a, KAM_END_COMMIT), KAM_E_BUSY);
        assert_true(sqlite3_get_autocommit(a.db));
        assert_int_equal(ask(&a, "SELECT count(*) FROM " RELATION), 3);
        rig_end(&b);
        rig_end(&a);
        wipe();
    }
}

static void test_savepoints(void **state)
{
    (void)state;
    row rows[MAXROWS], r[2] = {random_row(1001), random_row(1003)};
    rig g = rig_new(":memory:", KAM_TXN_SAVEPOINT), own;
    fill(&g, rows, 2);
    sql(&g, "CREATE TABLE mine(x); BEGIN; INSERT INTO mine VALUES(1)");
    assert_int_equal(begin(&g, KAM_BEGIN_WRITE), 0);
    assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_INSERT, r, 1, ALL, NF), 0);
    assert_int_equal(end(&g, KAM_END_COMMIT), 0);
    assert_int_equal(begin(&g, KAM_BEGIN_WRITE), 0);
    assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_INSERT, r + 1, 1, ALL, NF), 0);
    assert_int_equal(put(&g, &ACCOUNT, KAM_WRITE_INSERT, r, 1, ALL, NF), KAM_E_EXISTS);
    assert_int_equal(end(&g, KAM_END_COMMIT), KAM_E_ABORTED);
    assert_false(sqlite3_get_autocommit(g.db)); /* the host's transaction lives */
    assert_int_equal(ask(&g, "SELECT count(*) FROM " RELATION), 3);
    attach(&own, g.db, KAM_TXN_OWN);
    assert_int_equal(begin(&own, KAM_BEGIN_WRITE), KAM_E_INVAL);
    own.vt.close(own.self);
    assert_int_equal(g.vt.control(g.self, KAM_CTL_COMPACT, NULL, NULL, NULL, &g.err), KAM_E_BUSY);
    assert_int_equal(g.vt.control(g.self, KAM_CTL_PURGE, NULL, NULL, NULL, &g.err), KAM_E_BUSY);
    sql(&g, "ROLLBACK");
    assert_int_equal(ask(&g, "SELECT count(*) FROM " RELATION), 2);
    rig_end(&g);
}

/* ---------------------------------------------------------------- tests: prepare and control */

typedef struct findings {
    uint32_t n;
    kam_store_err last;
} findings;

static int32_t note(void *user, const kam_store_err *f)
{
    findings *p = user;
    p->n++;
    p->last = *f;
    return 0;
}

static void test_prepare(void **state)
{
    (void)state;
    rig g = rig_new(":memory:", KAM_TXN_OWN);
    kam_table t[2] = {ACCOUNT, table("second", 0)};
    findings f = {0};
    t[1].id = 2;
    assert_int_equal(g.vt.prepare(g.self, t, 2, KAM_PREPARE_CHECK, note, &f, &g.err), KAM_E_SCHEMA);
    assert_int_equal(f.n, 2);
    assert_int_equal(f.last.table, 2);
    assert_int_equal(ask(&g, "SELECT count(*) FROM sqlite_master"), 0);
    assert_int_equal(g.vt.prepare(g.self, t, 2, KAM_PREPARE_CREATE, note, &f, &g.err), 0);
    assert_int_equal(ask(&g, "SELECT count(*) FROM sqlite_master"), 8); /* 2 x (table, unique, n, (n, big)) */
    for (uint32_t how = KAM_PREPARE_CHECK; how <= KAM_PREPARE_UPGRADE; how++)
        assert_int_equal(g.vt.prepare(g.self, t, 2, how, note, &f, &g.err), 0);
    assert_int_equal(f.n, 2);
    assert_int_equal(ask(&g, "SELECT count(*) FROM sqlite_master"), 8);

    /* An older table: CHECK and CREATE tell, UPGRADE adds. A failure takes back what the same call made. */
    sql(&g, "DROP TABLE second; CREATE TABLE second(ID INTEGER PRIMARY KEY, source TEXT, \"ext\"\"id\" TEXT, rev INT); "
            "INSERT INTO second(source, "
            "\"ext\"\"id\") VALUES('a', 'b'), ('a', 'b')");
    f.n = 0;
    assert_int_equal(g.vt.prepare(g.self, t, 2, KAM_PREPARE_CHECK, note, &f, &g.err), KAM_E_SCHEMA);
    assert_int_equal(g.vt.prepare(g.self, t, 2, KAM_PREPARE_CREATE, note, &f, &g.err), KAM_E_SCHEMA);
    assert_int_equal(f.n, 8); /* 4 columns, twice */
    assert_int_equal(g.vt.prepare(g.self, t, 2, KAM_PREPARE_UPGRADE, note, &f, &g.err), KAM_E_EXISTS);
    assert_int_equal(ask(&g, "SELECT count(*) FROM pragma_table_info('second')"), 4);
    sql(&g, "DELETE FROM second");
    assert_int_equal(g.vt.prepare(g.self, t, 2, KAM_PREPARE_UPGRADE, note, &f, &g.err), 0);
    assert_int_equal(ask(&g, "SELECT count(*) FROM pragma_table_info('second')"), 8);
    assert_int_equal(g.vt.prepare(g.self, t, 2, KAM_PREPARE_CHECK, note, &f, &g.err), 0);

    /* Views are looked at only; a column of that name must be there, a string of that name is none. */
    kam_table v = table("v", 1);
    sql(&g, "CREATE VIEW v AS SELECT id, rev, source, \"ext\"\"id\", \"select\", n, big FROM second");
    for (uint32_t how = KAM_PREPARE_CHECK; how <= KAM_PREPARE_UPGRADE; how++) {
        assert_int_equal(g.vt.prepare(g.self, &v, 1, how, note, &f, &g.err), KAM_E_SCHEMA);
        assert_int_equal(f.last.field, F_X);
        assert_non_null(strstr(f.last.msg, "v: no such column: t.x"));
    }
    kam_table_scan q = query(&v);
    test_free(scan(&g, &q, KAM_E_SCHEMA));
    v.relation = "none";
    test_free(scan(&g, &q, KAM_E_SCHEMA));
    rig_end(&g);
}

static int file_has(const char *path, const char *what)
{
    FILE *f = fopen(path, "rb");
    size_t n = strlen(what), at = 0;
    int c, hit = 0;
    while (f && (c = fgetc(f)) != EOF) {
        at = c == what[at] ? at + 1 : c == what[0];
        if (at == n) {
            hit = 1;
            break;
        }
    }
    if (f) fclose(f);
    return hit;
}

static void test_control(void **state)
{
    (void)state;
    wipe();
    row rows[MAXROWS];
    findings f = {0};
    kam_report_fn fn = note;
    rig g = rig_new(PATH, KAM_TXN_OWN);
    sql(&g, "PRAGMA journal_mode = WAL; PRAGMA secure_delete = 0");
    fill(&g, rows, 50);
    assert_int_equal(g.vt.control(g.self, KAM_CTL_VERIFY, &fn, NULL, &f, &g.err), 0);
    assert_int_equal(g.vt.control(g.self, KAM_CTL_BACKUP, COPY, NULL, NULL, &g.err), 0);
    rig copy = rig_new(COPY, KAM_TXN_OWN);
    kam_table_scan q = query(&ACCOUNT);
    got *r = scan(&copy, &q, 0);
    assert_int_equal(r->n, 50);
    for (uint32_t i = 0; i < 50; i++) same_row(&r->r[i], &rows[i]);
    test_free(r);
    rig_end(&copy);
    sql(&g, "CREATE TABLE big(t); WITH c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < 9000) INSERT INTO big "
            "SELECT printf('%1000s', 'SECRET-BYTES') FROM c");
    assert_true(g.vt.control(g.self, KAM_CTL_BACKUP, COPY, NULL, NULL, &g.err) < 0); /* never over a file */
    assert_non_null(strstr(g.err.msg, "already exists"));
    assert_int_equal(g.vt.control(g.self, KAM_CTL_STATS, NULL, NULL, NULL, &g.err), KAM_E_UNSUPPORTED);
    assert_int_equal(g.vt.control(g.self, KAM_CTL_BACKUP, (void *)(uintptr_t) "/nowhere/at/all", NULL, NULL, &g.err),
                     KAM_E_IO);
    sql(&g, "PRAGMA wal_checkpoint; DROP TABLE big");
    assert_true(file_has(PATH, "SECRET-BYTES"));
    assert_int_equal(g.vt.control(g.self, KAM_CTL_PURGE, NULL, NULL, NULL, &g.err), 0);
    assert_int_equal(ask(&g, "PRAGMA secure_delete"), 0);
    assert_false(file_has(PATH, "SECRET-BYTES"));
    assert_false(file_has(WAL, "SECRET-BYTES"));
    assert_int_equal(g.vt.control(g.self, KAM_CTL_COMPACT, NULL, NULL, NULL, &g.err), 0);
    assert_int_equal(g.vt.control(g.self, 99, NULL, NULL, NULL, &g.err), KAM_E_UNSUPPORTED);
    assert_int_equal(f.n, 0);
    sql(&g, "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = replace(sql, '\"n\" INTEGER', '\"n\" INTEGER "
            "NOT NULL'); PRAGMA writable_schema = RESET");
    assert_int_equal(g.vt.control(g.self, KAM_CTL_VERIFY, &fn, NULL, &f, &g.err), KAM_E_CORRUPT);
    assert_true(f.n > 0);
    rig_end(&g);
    wipe();
}

/* ---------------------------------------------------------------- test: out of memory */

static sqlite3_mem_methods real;
static int64_t budget = -1; /* allocations still granted; -1 = all */

static int granted(void)
{
    if (budget < 0) return 1;
    return budget > 0 ? (int)budget-- : 0;
}
static void *count_alloc(int n) { return granted() ? real.xMalloc(n) : NULL; }
static void *count_realloc(void *p, int n) { return granted() ? real.xRealloc(p, n) : NULL; }

static int32_t script(rig *g, const row *rows, got *out)
{
    kam_table_scan q = query(&ACCOUNT);
    uint32_t order = F_N;
    q.order = &order;
    q.norder = 1;
    q.block_rows = 7;
    out->n = 0;
    int32_t rc = begin(g, KAM_BEGIN_WRITE), ended;
    if (rc) return rc;
    blk *b = make(rows, 3, ALL, NF);
    rc = g->vt.write(g->self, &ACCOUNT, KAM_WRITE_INSERT, &b->b, &g->err);
    drop(b);
    if (!rc) rc = g->vt.scan(g->self, &q, collect, out, &g->err);
    ended = end(g, rc ? KAM_END_COMMIT : KAM_END_ABORT);
    return rc ? rc : ended;
}

static void test_out_of_memory(void **state)
{
    (void)state;
    row rows[MAXROWS], more[3] = {random_row(1001), random_row(1003), random_row(1005)};
    got *out = test_calloc(1, sizeof *out);
    rig g = rig_new(":memory:", KAM_TXN_OWN);
    fill(&g, rows, 20);
    int failures = 0;
    for (int64_t n = 0, rc = 1; rc; n++) {
        g.vt.close(g.self);
        budget = n;
        rc = open_store(&g.self, &g.vt, g.db, KAM_TXN_OWN);
        if (!rc)
            rc = script(&g, more, out);
        else {
            budget = -1;
            assert_int_equal(open_store(&g.self, &g.vt, g.db, KAM_TXN_OWN), 0);
        }
        budget = -1;
        if (rc) {
            failures++;
            assert_int_equal(rc, KAM_E_NOMEM);
        }
        assert_true(sqlite3_get_autocommit(g.db));
        if (rc && ask(&g, "SELECT count(*) FROM " RELATION) == 23) sql(&g, "DELETE FROM " RELATION " WHERE id > 1000");
        if (rc && n % 5 == 0) assert_int_equal(script(&g, more, out), 0); /* the same store goes on */
    }
    assert_true(failures > 30);
    assert_int_equal(out->n, 23);
    assert_int_equal(ask(&g, "SELECT count(*) FROM " RELATION), 20);
    test_free(out);
    rig_end(&g);
}

int main(int argc, char **argv)
{
    snprintf(PATH, sizeof PATH, "%s.db", argc > 0 ? argv[0] : "test_sqlite_store");
    snprintf(WAL, sizeof WAL, "%s-wal", PATH);
    snprintf(COPY, sizeof COPY, "%s.copy", PATH);
    sqlite3_mem_methods counted;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
    counted = real;
    counted.xMalloc = count_alloc;
    counted.xRealloc = count_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &counted);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_write),           cmocka_unit_test(test_write_failures),
                                       cmocka_unit_test(test_write_refused),   cmocka_unit_test(test_write_host_table),
                                       cmocka_unit_test(test_two_connections), cmocka_unit_test(test_commit_busy),
                                       cmocka_unit_test(test_savepoints),      cmocka_unit_test(test_prepare),
                                       cmocka_unit_test(test_control),         cmocka_unit_test(test_out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
