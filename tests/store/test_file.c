/* The file store: the conformance kit, what is there again after closing, locks, names, upkeep. */
#define _POSIX_C_SOURCE 200809L
#include "file_work.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <kam.h>
#include <kam/spi/test.h>

/* ---------------------------------------------------------------- the kit */

typedef struct shop { disk d; kam_ctx *ctx; kam__memory *m; } shop;
typedef struct seen { uint32_t pass, fail, skip; char text[2000]; } seen;

static void note(void *user, const char *check, int32_t result, const char *why)
{
    seen *s = user;
    size_t at = strlen(s->text);
    s->pass += result == KAM_KIT_PASS;
    s->fail += result == KAM_KIT_FAIL;
    s->skip += result == KAM_KIT_SKIP;
    if (result != KAM_KIT_PASS) snprintf(s->text + at, sizeof s->text - at, "%s: %s\n", check, why);
}

static int32_t shop_open(shop *s, void **self)
{
    KAM__TRY(kam__file_open(&s->m, s->ctx, WORK_PATH, FILE_COLD, &file_disk_os, &s->d, NULL));
    return kam__memory_connect(self, s->m, NULL);
}

static int32_t shop_make(void *user, const kam_store_vt **vt, void **self)
{
    shop *s = user;
    disk_new(&s->d);
    KAM__TRY(kam_ctx_new(&s->ctx, NULL, NULL));
    *vt = &kam__memory_vt;
    return shop_open(s, self);
}

static void shop_destroy(void *user, const kam_store_vt *vt, void *self)
{
    shop *s = user;
    vt->close(self);
    kam__memory_drop(s->m);
    kam_ctx_free(s->ctx);
    disk_free(&s->d);
}

static int32_t shop_connect(void *user, void *self, void **other)
{
    (void)self;
    return kam__memory_connect(other, ((shop *)user)->m, NULL);
}

/* The machine crashes; all that was not synced is gone. */
static int32_t shop_reopen(void *user, const kam_store_vt **vt, void **self)
{
    shop *s = user;
    disk after;
    disk_crash(&after, &s->d, 8, 512);
    ((kam__file *)s->m->below)->dead = 1;
    s->m->dead = 1;
    (*vt)->close(*self);
    kam__memory_drop(s->m);
    disk_free(&s->d);
    s->d = after;
    for (int i = 0; i < DISK_INODES; i++)
        if (!s->d.inode[i].first) s->d.inode[i].last = &s->d.inode[i].first;
    return shop_open(s, self);
}

static void kit_passes(void **state)
{
    static shop s;
    seen n = {0};
    const kam_kit_options o = {.struct_size = sizeof o, .user = &s, .make = shop_make, .destroy = shop_destroy, .connect = shop_connect,
                               .reopen = shop_reopen};
    (void)state;
    int32_t failed = kam_kit_run(&o, note, &n);
    if (failed) print_error("%s", n.text);
    assert_int_equal(failed, 0);
    assert_true(n.pass > 100);
    if (n.skip > 1) print_error("%s", n.text);
    assert_int_equal(n.skip, 1);            /* mode SAVEPOINT only */
}

/* ---------------------------------------------------------------- on a disk of its own */

static void start(work *w, disk *d, uint64_t seed)
{
    kam_ctx *ctx = NULL;
    disk_new(d);
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    work_begin(w, ctx, &file_disk_os, d, WORK_PATH, seed);
    w->calm = 1;
}

static void stop(work *w, disk *d)
{
    work_close(w);
    kam_ctx_free(w->ctx);
    disk_free(d);
}

static int32_t commit_one(work *w, int64_t key, const char *text, uint32_t op, uint32_t how)
{
    static const uint32_t field[] = {1, 8};
    static const uint8_t type[] = {KAM_T_I64, KAM_T_TEXT};
    kam__blockbuf bb;
    kam_block b;
    int32_t rc = kam__memory_vt.begin(w->conn, KAM_BEGIN_WRITE, &w->err);
    if (rc != KAM_OK) return rc;
    assert_int_equal(kam__bb_init(&bb, w->ctx, 2, field, type, NULL), KAM_OK);
    kam__bb_i64(&bb, 0, key);
    kam__bb_text(&bb, 1, text, text ? strlen(text) : 0);
    assert_int_equal(kam__bb_end_row(&bb, NULL), KAM_OK);
    kam__bb_view(&bb, &b);
    rc = kam__memory_vt.write(w->conn, work_table(), op, &b, &w->err);
    kam__bb_free(&bb);
    assert_int_equal(rc, KAM_OK);
    return kam__memory_vt.end(w->conn, how, &w->err);
}

static void a_commit_is_one_flush(void **state)
{
    static disk d;
    static work w;
    (void)state;
    start(&w, &d, 1);
    assert_int_equal(work_step(&w), KAM_OK);
    uint64_t before = d.syncs;
    for (int64_t i = 0; i < 20; i++) assert_int_equal(commit_one(&w, 2000 + i, "x", KAM_WRITE_INSERT, KAM_END_COMMIT), KAM_OK);
    assert_int_equal(d.syncs - before, 20);
    for (int64_t i = 0; i < 20; i++) assert_int_equal(commit_one(&w, 2100 + i, "x", KAM_WRITE_INSERT, KAM_END_LAZY), KAM_OK);
    assert_true(d.syncs - before <= 21);
    stop(&w, &d);
}

static int64_t hand;
static int64_t by_hand(void *user) { (void)user; return hand; }

/* Due after a second of the host's clock, at the next call; a flush (an empty commit) and closing do it too. */
static void lazy_commits_wait_a_second(void **state)
{
    static disk d;
    static work w;
    kam_ctx_options o = {.struct_size = sizeof o, .now = by_hand};
    (void)state;
    disk_new(&d);
    hand = 1000000;
    kam_ctx *ctx = NULL;
    assert_int_equal(kam_ctx_new(&ctx, &o, NULL), KAM_OK);
    work_begin(&w, ctx, &file_disk_os, &d, WORK_PATH, 1);
    w.calm = 1;
    assert_int_equal(work_step(&w), KAM_OK);
    assert_int_equal(kam__memory_vt.begin(w.conn, KAM_BEGIN_WRITE, &w.err), KAM_OK);
    assert_int_equal(kam__memory_vt.end(w.conn, KAM_END_COMMIT, &w.err), KAM_OK);
    uint64_t syncs = d.syncs;
    assert_int_equal(commit_one(&w, 2000, "x", KAM_WRITE_INSERT, KAM_END_LAZY), KAM_OK);
    hand += 999;
    assert_int_equal(kam__memory_vt.begin(w.conn, KAM_BEGIN_READ, &w.err), KAM_OK);
    assert_int_equal(kam__memory_vt.end(w.conn, KAM_END_COMMIT, &w.err), KAM_OK);
    assert_int_equal(d.syncs, syncs);
    hand += 1;
    assert_int_equal(kam__memory_vt.begin(w.conn, KAM_BEGIN_READ, &w.err), KAM_OK);
    assert_int_equal(kam__memory_vt.end(w.conn, KAM_END_COMMIT, &w.err), KAM_OK);
    assert_int_equal(d.syncs, syncs + 1);
    assert_int_equal(commit_one(&w, 2001, "x", KAM_WRITE_INSERT, KAM_END_LAZY), KAM_OK);
    assert_int_equal(kam__memory_vt.begin(w.conn, KAM_BEGIN_WRITE, &w.err), KAM_OK);
    assert_int_equal(kam__memory_vt.end(w.conn, KAM_END_COMMIT, &w.err), KAM_OK);
    assert_int_equal(d.syncs, syncs + 2);
    assert_int_equal(kam__memory_vt.begin(w.conn, KAM_BEGIN_WRITE, &w.err), KAM_OK);
    assert_int_equal(kam__memory_vt.end(w.conn, KAM_END_COMMIT, &w.err), KAM_OK);
    assert_int_equal(d.syncs, syncs + 2);
    stop(&w, &d);
}

static void a_second_writer_is_busy(void **state)
{
    static disk d;
    static work w;
    kam__memory *m = NULL;
    uint64_t sum = 0;
    char why[240];
    (void)state;
    start(&w, &d, 2);
    for (int i = 0; i < 5; i++) assert_int_equal(work_step(&w), KAM_OK);
    assert_int_equal(kam__file_open(&m, w.ctx, WORK_PATH, 0, &file_disk_os, &d, NULL), KAM_E_BUSY);
    assert_int_equal(work_look(w.ctx, &file_disk_os, &d, WORK_PATH, 0, &sum, why), KAM_E_BUSY);
    assert_non_null(strstr(why, "writes to it"));
    assert_int_equal(work_look(w.ctx, &file_disk_os, &d, WORK_PATH, FILE_READ_ONLY, &sum, why), KAM_OK);
    assert_true(sum == w.sum[w.done]);
    assert_int_equal(work_look(w.ctx, &file_disk_os, &d, "none.kam", FILE_READ_ONLY, &sum, why), KAM_E_NOT_FOUND);
    stop(&w, &d);
}

/* A name that does not exist makes no file until something is stored. */
static void looking_makes_no_file(void **state)
{
    static disk d;
    static work w;
    uint64_t sum = 1;
    (void)state;
    start(&w, &d, 2);
    assert_int_equal(work_look(w.ctx, &file_disk_os, &d, WORK_PATH, 0, &sum, NULL), KAM_OK);
    assert_true(sum == 0);
    assert_null(disk_file(&d, WORK_PATH));
    stop(&w, &d);
}

static int holds(disk *d, const char *name, const char *text)
{
    const disk_bytes *b = disk_file(d, name);
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= b->n; i++)
        if (memcmp(b->data + i, text, n) == 0) return 1;
    return 0;
}

static void erased_bytes_are_nowhere(void **state)
{
    static disk d;
    static work w;
    (void)state;
    start(&w, &d, 3);
    for (int i = 0; i < 6; i++) assert_int_equal(work_step(&w), KAM_OK);
    assert_int_equal(commit_one(&w, 2900, "Zhang Wei 13800000000", KAM_WRITE_INSERT, KAM_END_COMMIT), KAM_OK);
    assert_int_equal(commit_one(&w, 2901, "Li Na 13911111111", KAM_WRITE_INSERT, KAM_END_COMMIT), KAM_OK);
    assert_int_equal(kam__file_checkpoint(w.m->below, &w.err), KAM_OK);
    assert_int_equal(commit_one(&w, 2900, NULL, KAM_WRITE_UPDATE, KAM_END_COMMIT), KAM_OK);
    assert_int_equal(commit_one(&w, 2901, NULL, KAM_WRITE_DELETE, KAM_END_COMMIT), KAM_OK);
    assert_true(holds(&d, WORK_PATH, "Zhang Wei") && holds(&d, WORK_PATH, "Li Na"));
    void *reader = NULL;                    /* somebody who still reads: rows keep their places, but not their bytes */
    assert_int_equal(kam__memory_connect(&reader, w.m, NULL), KAM_OK);
    assert_int_equal(kam__memory_vt.begin(reader, KAM_BEGIN_READ, &w.err), KAM_OK);
    assert_int_equal(kam__memory_vt.control(w.conn, KAM_CTL_PURGE, NULL, NULL, NULL, &w.err), KAM_OK);
    assert_false(holds(&d, WORK_PATH, "Zhang Wei") || holds(&d, WORK_PATH, "Li Na"));
    kam__memory_vt.close(reader);
    assert_int_equal(kam__memory_vt.control(w.conn, KAM_CTL_PURGE, NULL, NULL, NULL, &w.err), KAM_OK);
    assert_false(holds(&d, WORK_PATH, "Zhang Wei") || holds(&d, WORK_PATH, "Li Na"));
    stop(&w, &d);
}

/* A backup holds what was committed when it began, while a writer has rows open. */
static void backup_beside_a_writer(void **state)
{
    static disk d;
    static work w;
    void *other = NULL;
    char to[] = "b.kam", why[240];
    uint64_t sum = 0;
    int32_t rc;
    (void)state;
    start(&w, &d, 4);
    for (int i = 0; i < 8; i++) assert_int_equal(work_step(&w), KAM_OK);
    uint64_t before = work_sum(&w, &rc);
    assert_int_equal(kam__memory_connect(&other, w.m, NULL), KAM_OK);
    assert_int_equal(kam__memory_vt.begin(w.conn, KAM_BEGIN_WRITE, &w.err), KAM_OK);
    assert_int_equal(kam__memory_vt.control(other, KAM_CTL_BACKUP, to, NULL, NULL, &w.err), KAM_OK);
    assert_int_equal(kam__memory_vt.control(other, KAM_CTL_BACKUP, to, NULL, NULL, &w.err), KAM_E_EXISTS);
    assert_int_equal(kam__memory_vt.control(other, KAM_CTL_COMPACT, NULL, NULL, NULL, &w.err), KAM_E_BUSY);
    assert_int_equal(kam__memory_vt.end(w.conn, KAM_END_ABORT, &w.err), KAM_OK);
    assert_int_equal(commit_one(&w, 2800, "later", KAM_WRITE_INSERT, KAM_END_COMMIT), KAM_OK);
    assert_int_equal(work_look(w.ctx, &file_disk_os, &d, "b.kam", 0, &sum, why), KAM_OK);
    assert_true(sum == before);
    kam__memory_vt.close(other);
    stop(&w, &d);
}

static int32_t one_finding(void *user, const kam_store_err *f) { *(int *)user += strstr(f->msg, "byte") != NULL; return KAM_OK; }

static void verify_finds_the_place(void **state)
{
    static disk d;
    static work w;
    kam_report_fn fn = one_finding;
    int found = 0;
    (void)state;
    start(&w, &d, 5);
    for (int i = 0; i < 8; i++) assert_int_equal(work_step(&w), KAM_OK);
    assert_int_equal(kam__memory_vt.control(w.conn, KAM_CTL_VERIFY, &fn, NULL, &found, &w.err), KAM_OK);
    assert_int_equal(found, 0);
    disk_file(&d, WORK_PATH)->data[FILE_FIRST + 300] ^= 1;
    assert_int_equal(kam__memory_vt.control(w.conn, KAM_CTL_VERIFY, &fn, NULL, &found, &w.err), KAM_OK);
    assert_int_equal(found, 1);
    work_abandon(&w);
    stop(&w, &d);
}

/* ---------------------------------------------------------------- old files */

/* Made by version 0.1, format 1.0, by a process that then was killed: schema, rows of all kinds, a checkpoint, a log behind it. */
static void the_first_format_is_read(void **state)
{
    static disk d;
    static unsigned char p[100000];
    uint64_t sum = 0;
    char why[240];
    kam_ctx *ctx = NULL;
    FILE *f = fopen(KAM_SOURCE_DIR "/tests/store/file_v1.kam", "rb");
    (void)state;
    assert_non_null(f);
    size_t n = fread(p, 1, sizeof p, f);
    fclose(f);
    disk_new(&d);
    disk_put(&d, WORK_PATH, p, n);
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    if (work_look(ctx, &file_disk_os, &d, WORK_PATH, 0, &sum, why) != KAM_OK) fail_msg("%s", why);
    assert_true(sum == 0x3ab2d674bca07edcu);
    disk_free(&d);
    kam_ctx_free(ctx);
}

/* ---------------------------------------------------------------- checksums */

static uint32_t bit_by_bit(const unsigned char *p, size_t n)
{
    uint32_t c = ~0u;
    for (size_t i = 0; i < n; i++) {
        c ^= p[i];
        for (int k = 0; k < 8; k++) c = c >> 1 ^ (0x82F63B78u & (0u - (c & 1u)));
    }
    return ~c;
}

static void checksums_agree(void **state)
{
    static unsigned char p[8000];
    uint64_t seed = 1;
    (void)state;
    assert_true(kam__crc32c(0, "123456789", 9) == 0xE3069283u);         /* the check value of the catalogue */
    for (size_t i = 0; i < sizeof p; i++) p[i] = (unsigned char)kam__random(&seed);
    for (size_t n = 0; n < 260; n++)
        for (size_t at = 0; at < 9; at++) {
            assert_true(kam__crc32c(0, p + at, n) == bit_by_bit(p + at, n));
            assert_true(kam__crc32c_portable(0, p + at, n) == bit_by_bit(p + at, n));
        }
    for (size_t n = 1500; n < sizeof p - 9; n += n % 1536 < 9 ? 1 : 7) {            /* pieces side by side, and what follows them */
        assert_true(kam__crc32c(0, p + n % 9, n) == bit_by_bit(p + n % 9, n));
        assert_true(kam__crc32c(kam__crc32c(0, p, n / 3), p + n / 3, n - n / 3) == kam__crc32c_portable(0, p, n));
    }
}

/* ---------------------------------------------------------------- by the public calls, on a real disk */

static void public_calls(void **state)
{
    char dir[] = "/tmp/kam_test_XXXXXX", path[64], second[64];
    kam_error *err = NULL;
    kam_store *store = NULL, *other = NULL;
    kam_book *book = NULL, *reader = NULL;
    kam_buf *buf = NULL;
    kam_record *r = NULL;
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = "CNY"};
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/book.kam", dir);
    snprintf(second, sizeof second, "%s/second.kam", dir);
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    assert_int_equal(kam_store_file(&store, NULL, "", 0, err), KAM_E_INVAL);
    assert_int_equal(kam_store_file(NULL, NULL, path, KAM_NUL, err), KAM_E_INVAL);
    assert_int_equal(kam_store_file_read(&store, NULL, path, KAM_NUL, err), KAM_E_NOT_FOUND);
    assert_int_equal(kam_store_file(&store, NULL, path, KAM_NUL, err), KAM_OK);
    assert_int_equal(kam_book_open(&book, NULL, store, &o, err), KAM_OK);
    assert_int_equal(kam_store_file(&other, NULL, path, KAM_NUL, err), KAM_E_BUSY);
    assert_int_equal(kam_record_new(&r, book, KAM_KIND_ACCOUNT, err), KAM_OK);
    assert_int_equal(kam_record_set_text(r, KAM_ACCOUNT_NAME, "Huarui", KAM_NUL, err), KAM_OK);
    assert_int_equal(kam_book_save(book, r, err), KAM_OK);
    int64_t id = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
    assert_int_equal(kam_store_file_read(&other, NULL, path, KAM_NUL, err), KAM_OK);
    assert_int_equal(kam_book_open(&reader, NULL, other, NULL, err), KAM_OK);
    assert_int_equal(kam_book_get(&r, reader, KAM_KIND_ACCOUNT, id, KAM_TODAY, err), KAM_OK);
    assert_string_equal(kam_record_text(r, KAM_ACCOUNT_NAME, ""), "Huarui");
    kam_record_set_text(r, KAM_ACCOUNT_NAME, "Other", KAM_NUL, err);
    assert_int_equal(kam_book_save(reader, r, err), KAM_E_READ_ONLY);
    kam_record_free(r);
    kam_book_close(reader);
    kam_store_free(other);
    assert_int_equal(kam_store_control(store, KAM_CTL_BACKUP, second, err), KAM_OK);
    assert_int_equal(kam_buf_new(&buf, NULL, err), KAM_OK);
    assert_int_equal(kam_store_control(store, KAM_CTL_STATS, buf, err), KAM_OK);
    assert_non_null(strstr(kam_buf_data(buf), "\"store\":\"file\""));
    kam_buf_free(buf);
    assert_int_equal(kam_store_control(store, KAM_CTL_COMPACT, NULL, err), KAM_OK);
    kam_book_close(book);
    kam_store_free(store);
    assert_int_equal(kam_store_salvage(NULL, path, KAM_NUL, second, KAM_NUL, err), KAM_E_EXISTS);
    assert_int_equal(remove(second), 0);
    assert_int_equal(kam_store_salvage(NULL, path, KAM_NUL, second, KAM_NUL, err), KAM_OK);
    assert_int_equal(kam_store_file(&store, NULL, second, KAM_NUL, err), KAM_OK);
    assert_int_equal(kam_book_open(&book, NULL, store, NULL, err), KAM_OK);
    assert_int_equal(kam_book_get(&r, book, KAM_KIND_ACCOUNT, id, KAM_TODAY, err), KAM_OK);
    kam_record_free(r);
    kam_book_close(book);
    kam_store_free(store);
    kam_error_free(err);
    assert_int_equal(remove(second) | remove(path) | remove(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums_agree),
        cmocka_unit_test(kit_passes),
        cmocka_unit_test(a_commit_is_one_flush),
        cmocka_unit_test(lazy_commits_wait_a_second),
        cmocka_unit_test(a_second_writer_is_busy),
        cmocka_unit_test(looking_makes_no_file),
        cmocka_unit_test(erased_bytes_are_nowhere),
        cmocka_unit_test(backup_beside_a_writer),
        cmocka_unit_test(verify_finds_the_place),
        cmocka_unit_test(the_first_format_is_read),
        cmocka_unit_test(public_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
