/*
 * tests/sqlite/test_sqlite_kit.c - the conformance kit on the SQLite store, in all three modes.
 *
 * Each check gets a database file of its own with a write-ahead log. A crash is told by copying the file and its log
 * while the connection is still open: what a process that stops leaves to the next one.
 */
#include "sqlite_rig.h"
#include <kam/spi/test.h>

enum { MAX_CONN = 8 };

typedef struct conn {
    void *self;
    sqlite3 *db;
} conn;

typedef struct lab {
    uint32_t mode, nconn, file, failed, passed;
    kam_store_vt vt;
    conn conn[MAX_CONN];
} lab;

static const char *program = "test_sqlite_kit"; /* the files lie beside it */

static void name_of(const lab *l, uint32_t file, const char *tail, char *out, size_t size)
{
    snprintf(out, size, "%s.%u.%u%s", program, l->mode, file % 2, tail);
}

static void wipe(const lab *l, uint32_t file)
{
    static const char *const TAIL[] = {"", "-wal", "-shm", "-journal"};
    for (int i = 0; i < 4; i++) {
        char name[1024];
        name_of(l, file, TAIL[i], name, sizeof name);
        remove(name);
    }
}

static int32_t join(lab *l, void **self)
{
    char name[1024];
    sqlite3 *db = NULL;
    name_of(l, l->file, "", name, sizeof name);
    if (l->nconn == MAX_CONN || sqlite3_open(name, &db)) return KAM_E_IO;
    sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF", NULL, NULL, NULL);
    int32_t rc = open_store(self, &l->vt, db, l->mode);
    l->conn[l->nconn++] = (conn){rc ? NULL : *self, db};
    return rc;
}

static int32_t kit_make(void *user, const kam_store_vt **vt, void **self)
{
    lab *l = user;
    wipe(l, l->file);
    *vt = &l->vt;
    return join(l, self);
}

static void destroy(void *user, const kam_store_vt *vt, void *self)
{
    lab *l = user;
    vt->close(self);
    for (; l->nconn > 0; l->nconn--) assert_int_equal(sqlite3_close(l->conn[l->nconn - 1].db), SQLITE_OK);
    wipe(l, l->file);
}

static int32_t connect_other(void *user, void *self, void **other)
{
    (void)self;
    return join(user, other);
}

static void copy(const lab *l, const char *tail)
{
    char from[1024], to[1024], block[4096];
    name_of(l, l->file, tail, from, sizeof from);
    name_of(l, l->file + 1, tail, to, sizeof to);
    FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wb") : NULL;
    for (size_t n; out && (n = fread(block, 1, sizeof block, in)) > 0;) fwrite(block, 1, n, out);
    if (in) fclose(in);
    if (out) fclose(out);
}

static int32_t reopen(void *user, const kam_store_vt **vt, void **self)
{
    lab *l = user;
    wipe(l, l->file + 1);
    copy(l, "");
    copy(l, "-wal");
    destroy(l, *vt, *self);
    l->file++;
    return join(l, self);
}

static sqlite3 *db_of(const lab *l, const void *self)
{
    for (uint32_t i = 0; i < l->nconn; i++)
        if (l->conn[i].self == self) return l->conn[i].db;
    return NULL;
}

static int32_t host_begin(void *user, void *self)
{
    return sqlite3_exec(db_of(user, self), "BEGIN", NULL, NULL, NULL) ? KAM_E_BUSY : KAM_OK;
}

static int32_t host_end(void *user, void *self, int32_t commit)
{
    sqlite3 *db = db_of(user, self);
    if (sqlite3_get_autocommit(db)) return commit ? KAM_E_ABORTED : KAM_OK;
    if (!sqlite3_exec(db, commit ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL)) return KAM_OK;
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return KAM_E_BUSY;
}

static void report(void *user, const char *check, int32_t result, const char *why)
{
    lab *l = user;
    if (result == KAM_KIT_PASS)
        l->passed++;
    else
        print_message("%s %s (mode %u): %s\n", result == KAM_KIT_SKIP ? "skip" : "FAIL", check, l->mode, why);
}

static void run(uint32_t mode)
{
    lab l = {.mode = mode};
    kam_kit_options o = {.struct_size = sizeof o,
                         .user = &l,
                         .mode = mode,
                         .make = kit_make,
                         .destroy = destroy,
                         .connect = connect_other,
                         .reopen = reopen};
    if (mode != KAM_TXN_OWN) {
        o.host_begin = host_begin;
        o.host_end = host_end;
    }
    assert_int_equal(kam_kit_run(&o, report, &l), 0);
    assert_true(l.passed > 0);
}

static void test_own(void **state)
{
    (void)state;
    run(KAM_TXN_OWN);
}
static void test_savepoint(void **state)
{
    (void)state;
    run(KAM_TXN_SAVEPOINT);
}
static void test_host(void **state)
{
    (void)state;
    run(KAM_TXN_HOST);
}

int main(int argc, char **argv)
{
    if (argc > 0) program = argv[0];
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_own), cmocka_unit_test(test_savepoint),
                                       cmocka_unit_test(test_host)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
