/*
 * test_file_kill.c - a process that is killed (SIGKILL) at any moment of its work, on a real file.
 *
 * The child commits, and tells each answered commit through a pipe; then it is killed, and the file is opened again. All that was told must be
 * there: SYNC commits and, because the machine did not crash, LAZY ones too. KAM_FILE_KILLS: how many of each kind of commit (200).
 */
#define _POSIX_C_SOURCE 200809L
#include "file_work.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static const kam_field kill_field[] = {{1, 1, KAM_T_I64, 0, KAM_F_KEY, "id", "id"}, {5, 1, KAM_T_I64, 0, 0, "n", "n"},
                                       {6, 1, KAM_T_TEXT, 0, 0, "text", "text"}};
static const kam_table kill_table = {sizeof(kam_table), 9, 1, KAM_C_ENTITY, "kill", "kill", kill_field, 3, 0, NULL, 0, 0};

/* Row 1 counts; row 1 + n is commit n, and each fifth one is taken away again with the next. */
static int32_t commit(kam_ctx *ctx, void *conn, int64_t n, uint32_t how)
{
    static const uint32_t field[] = {1, 5, 6};
    static const uint8_t type[] = {KAM_T_I64, KAM_T_I64, KAM_T_TEXT};
    kam_store_err err = {.struct_size = sizeof err};
    char text[3000];
    memset(text, 'a' + (int)(n % 26), sizeof text);
    int32_t rc = kam__memory_vt.begin(conn, KAM_BEGIN_WRITE, &err);
    for (int i = 0; i < 3 && rc == KAM_OK; i++) {
        kam__blockbuf bb;
        kam_block b;
        if (i == 2 && (n < 2 || (n - 1) % 5)) break;
        rc = kam__bb_init(&bb, ctx, i == 2 ? 1 : 3, field, type, NULL);
        kam__bb_i64(&bb, 0, i == 0 ? 1 : i == 1 ? 1 + n : n);
        if (i < 2) kam__bb_i64(&bb, 1, n);
        if (i == 1) kam__bb_text(&bb, 2, text, (size_t)(n % 7 ? n % 100 : 3000));
        kam__bb_end_row(&bb, NULL);
        kam__bb_view(&bb, &b);
        if (rc == KAM_OK)
            rc = kam__memory_vt.write(conn, &kill_table, i == 2 ? KAM_WRITE_DELETE : i == 0 && n > 1 ? KAM_WRITE_UPDATE : KAM_WRITE_INSERT, &b, &err);
        kam__bb_free(&bb);
    }
    if (rc != KAM_OK) return rc;
    return kam__memory_vt.end(conn, how, &err);
}

/* Opens, goes on behind commit `last`, until it is killed. */
static void child(const char *path, int64_t last, int out, int lazy)
{
    kam_ctx *ctx = NULL;
    kam__memory *m = NULL;
    void *conn = NULL;
    if (kam_ctx_new(&ctx, NULL, NULL) || kam__file_open(&m, ctx, path, FILE_COLD, &kam__file_posix, NULL, NULL)) _exit(3);
    if (kam__memory_connect(&conn, m, NULL) || kam__memory_vt.prepare(conn, &kill_table, 1, KAM_PREPARE_CREATE, NULL, NULL, NULL)) _exit(4);
    if (write(out, &last, sizeof last) != sizeof last) _exit(5);
    for (int64_t n = last + 1;; n++) {
        if (n % 37 == 0 && kam__memory_vt.control(conn, KAM_CTL_COMPACT, NULL, NULL, NULL, NULL)) _exit(6);
        if (n % 23 == 0 && kam__file_checkpoint(m->below, NULL)) _exit(7);
        if (commit(ctx, conn, n, lazy ? KAM_END_LAZY : KAM_END_COMMIT)) _exit(8);
        if (write(out, &n, sizeof n) != sizeof n) _exit(9);
    }
}

typedef struct found { int64_t count, rows, bad; } found;
static int32_t on_rows(void *user, const kam_block *rows)
{
    found *f = user;
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t id = kam__col_i64(rows->col, i), n = kam__col_i64(rows->col + 1, i);
        size_t len = 0;
        const char *text = kam__col_text(rows->col + 2, i, &len);
        if (id == 1) f->count = n;
        else f->rows++;
        f->bad += id > 1 && (n != id - 1 || (len && text[len - 1] != 'a' + n % 26));
    }
    return KAM_OK;
}

/* The last commit that is there; all before it must be whole. */
static int64_t look(const char *path)
{
    static const uint32_t field[] = {1, 5, 6};
    kam_table_scan q = {.struct_size = sizeof q, .table = &kill_table, .field = field, .nfield = 3};
    kam_ctx *ctx = NULL;
    kam__memory *m = NULL;
    void *conn = NULL;
    found f = {0};
    kam_error *err = NULL;
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    if (kam__file_open(&m, ctx, path, FILE_COLD, &kam__file_posix, NULL, err)) fail_msg("%s", kam_error_message(err));
    assert_int_equal(kam__memory_connect(&conn, m, NULL), KAM_OK);
    if (m->ntable) assert_int_equal(kam__memory_vt.scan(conn, &q, on_rows, &f, NULL), KAM_OK);
    int64_t gone = f.count > 1 ? (f.count - 1) / 5 : 0;
    if (f.bad || f.rows != f.count - gone) fail_msg("after commit %d there are %d rows, %d of them wrong", (int)f.count, (int)f.rows, (int)f.bad);
    ((kam__file *)m->below)->dead = 1, m->dead = 1;      /* looking must not close it properly */
    kam__memory_vt.close(conn);
    kam__memory_drop(m);
    kam_error_free(err);
    kam_ctx_free(ctx);
    return f.count;
}

static void loop(int lazy)
{
    char dir[] = "/tmp/kam_kill_XXXXXX", path[64];
    const char *text = getenv("KAM_FILE_KILLS");
    int n = text ? atoi(text) : 200;
    int64_t last = 0, told = 0, all = 0;
    uint64_t seed = 1;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/a.kam", dir);
    for (int i = 0; i < n; i++) {
        int fd[2], status;
        assert_int_equal(pipe(fd), 0);
        pid_t pid = fork();
        if (pid == 0) child(path, last, fd[1], lazy);
        close(fd[1]);
        told = -1;
        ssize_t got = read(fd[0], &told, sizeof told);
        struct timespec wait = {0, (long)(kam__random(&seed) % 9000000)};
        nanosleep(&wait, NULL);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        assert_int_equal(got, sizeof told);
        for (int64_t v; read(fd[0], &v, sizeof v) == sizeof v;) told = v;
        close(fd[0]);
        if (!WIFSIGNALED(status)) fail_msg("the child ended by itself: %d", WEXITSTATUS(status));
        last = look(path);
        if (last < told || last > told + 1) fail_msg("commit %d was acknowledged, %d is there", (int)told, (int)last);
        all = last;
        if (last > 3000) {                  /* the file stays small */
            remove(path);
            last = 0;
        }
    }
    print_message("%d kills, the last at commit %d\n", n, (int)all);
    remove(path);
    strcat(path, ".tmp");
    remove(path);
    assert_int_equal(rmdir(dir), 0);
}

static void durable_commits(void **state) { (void)state; loop(0); }
static void lazy_commits(void **state) { (void)state; loop(1); }

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(durable_commits), cmocka_unit_test(lazy_commits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
