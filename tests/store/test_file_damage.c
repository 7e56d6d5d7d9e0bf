/*
 * test_file_damage.c - files that are cut off, flipped, overwritten, or made by somebody else: an error that says where, or the very same
 * data; never other data, never an empty book. KAM_FILE_STRIDE: every how many-th bit is flipped (1); the file is
 * cut at every byte, or every (a tenth of it)-th.
 */
#include "file_work.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

typedef struct sample { disk d; work w; kam_ctx *ctx; disk_bytes *file; uint64_t sum; uint8_t *read; } sample;       /* read: see every_bit_flipped */

static uint64_t number(const char *name, uint64_t normal)
{
    const char *text = getenv(name);
    return text && atoll(text) > 0 ? (uint64_t)atoll(text) : normal;
}

/* `closed` 0: the process ended in the middle of life. */
static void sample_make(sample *s, uint64_t seed, int steps, int closed, int calm)
{
    memset(s, 0, sizeof *s);
    disk_new(&s->d);
    assert_int_equal(kam_ctx_new(&s->ctx, NULL, NULL), KAM_OK);
    work_begin(&s->w, s->ctx, &file_disk_os, &s->d, WORK_PATH, seed);
    s->w.calm = calm;
    for (int i = 0; i < steps; i++) assert_int_equal(work_step(&s->w), KAM_OK);
    if (closed) work_close(&s->w);
    else work_abandon(&s->w);
    s->sum = s->w.sum[s->w.done];
    s->file = disk_file(&s->d, WORK_PATH);
}

static void sample_free(sample *s)
{
    disk_free(&s->d);
    kam_ctx_free(s->ctx);
}

static int32_t look(sample *s, const void *data, size_t n, uint32_t flags, uint64_t *sum, char why[240])
{
    static disk d;
    disk_new(&d);
    disk_put(&d, WORK_PATH, data, n);
    int32_t rc = work_look(s->ctx, &file_disk_os, &d, WORK_PATH, flags, sum, why);
    disk_free(&d);
    return rc;
}

static int commit_of(const sample *s, uint64_t sum)
{
    for (int k = s->w.started; k >= 0; k--)
        if (s->w.sum[k] == sum) return k;
    return -1;
}

/* ---------------------------------------------------------------- cut off */

static void cut_everywhere(uint64_t seed, int closed)
{
    sample s;
    char why[240];
    uint64_t opened = 0, sum = 0;
    sample_make(&s, seed, 10, closed, 0);
    size_t step = (size_t)number("KAM_FILE_STRIDE", 1) / 10 + 1;
    for (size_t n = s.file->n % step; n <= s.file->n; n += step) {
        int32_t rc = look(&s, s.file->data, n, 0, &sum, why);
        if (rc == KAM_OK && commit_of(&s, sum) < (closed ? s.w.done : 0)) fail_msg("cut at %d of %d: no commit looked like this", (int)n, (int)s.file->n);
        if (rc != KAM_OK && (rc != KAM_E_CORRUPT || strlen(why) < 20)) fail_msg("cut at %d: %d %s", (int)n, (int)rc, why);
        opened += rc == KAM_OK;
    }
    assert_true(opened >= 1);
    if (closed) assert_int_equal(opened, 1);            /* all of it was on the disk, and the superblock says so */
    sample_free(&s);
}

static void cut_at_every_byte(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= number("KAM_FILE_SEEDS", 1); seed++) {
        cut_everywhere(seed, 1);
        cut_everywhere(seed, 0);
    }
}

/* ---------------------------------------------------------------- flipped */

/* Notes which bytes are read. */
static uint8_t *read_note;
static int32_t read_noting(void *user, int64_t fd, uint64_t off, void *to, size_t n, size_t *got)
{
    int32_t rc = file_disk_os.read(user, fd, off, to, n, got);
    for (size_t i = 0; rc == KAM_OK && i < *got; i++) read_note[off + i] = 1;
    return rc;
}

/* s->read[i]: opening the whole file and reading all rows reads byte i. A flip of any other changes nothing that is done. */
static void note_reads(sample *s)
{
    kam__file_os os = file_disk_os;
    uint64_t sum = 0;
    os.read = read_noting;
    s->read = read_note = calloc(s->file->n, 1);
    assert_non_null(s->read);
    assert_int_equal(work_look(s->ctx, &os, &s->d, WORK_PATH, 0, &sum, NULL), KAM_OK);
    assert_true(sum == s->sum);
}

/* About 64 KB, most of them of use. */
static void sample_of_64k(sample *s)
{
    size_t read = 0;
    for (uint64_t seed = 1; read < 50000; seed++) {
        if (seed > 1) free(s->read), sample_free(s);
        sample_make(s, seed, 14, 1, 0);
        note_reads(s);
        read = 0;
        for (size_t i = 0; i < s->file->n && s->file->n < 70000; i++) read += s->read[i];
    }
}

/* In place: a file that is refused is not written to, any other is put there anew. */
static int flip(sample *s, uint64_t bit, uint32_t flags)
{
    static disk d;
    char why[240] = "";
    uint64_t sum = 0;
    disk_bytes *file = disk_file(&d, WORK_PATH);
    if (!file) disk_new(&d), disk_put(&d, WORK_PATH, s->file->data, s->file->n), file = disk_file(&d, WORK_PATH);
    file->data[bit / 8] ^= (unsigned char)(1u << bit % 8);
    int32_t rc = work_look(s->ctx, &file_disk_os, &d, WORK_PATH, flags, &sum, why);
    file->data[bit / 8] ^= (unsigned char)(1u << bit % 8);
    if ((rc != KAM_OK || flags) && disk_changed(&d))
        fail_msg("byte %d: the file was changed, %s", (int)(bit / 8), flags ? "opened for reading" : "and refused");
    if (rc == KAM_OK) disk_free(&d);
    if (!flags && rc == KAM_OK && sum != s->sum) fail_msg("bit %d of byte %d: other data", (int)(bit % 8), (int)(bit / 8));
    if (flags ? rc != KAM_OK : rc != KAM_OK && rc != KAM_E_CORRUPT && rc != KAM_E_UNSUPPORTED)
        fail_msg("byte %d%s: %d %s", (int)(bit / 8), flags ? ", for reading" : "", (int)rc, why);
    return rc != KAM_OK;
}

static void every_bit_flipped(void **state)
{
    sample s;
    uint64_t stride = number("KAM_FILE_STRIDE", 1), flips = 0, refused = 0, idle = 0;
    (void)state;
    sample_of_64k(&s);
    for (uint64_t bit = 0; bit < s.file->n * 8; bit += stride) {
        if (bit / stride % 499 == 0) (void)flip(&s, bit, FILE_READ_ONLY);
        idle += !s.read[bit / 8];
        if (!s.read[bit / 8] && bit / stride % 499) continue;           /* of bytes nobody reads a few */
        flips++;
        refused += (uint64_t)flip(&s, bit, 0);
    }
    print_message("%d bytes: of %d flips %d refused, the others without effect; %d bits nobody reads\n", (int)s.file->n, (int)flips, (int)refused,
                  (int)idle);
    assert_true(refused > 100 && refused < flips);
    free(s.read);
    sample_free(&s);
}

/* ---------------------------------------------------------------- each its own answer */

static void expect(sample *s, const void *data, size_t n, int32_t code, const char *words)
{
    char why[240];
    uint64_t sum = 0;
    int32_t rc = look(s, data, n, 0, &sum, why);
    if (rc != code || !strstr(why, words)) fail_msg("expected %d \"%s\", got %d \"%s\"", (int)code, words, (int)rc, why);
}

static void reseal(unsigned char *super)
{
    unsigned char *p = super + 508;
    file_put32(p, kam__crc32c(0, super, 508));
}

static void clear_answers(void **state)
{
    sample s;
    char why[240];
    uint64_t sum = 0;
    (void)state;
    sample_make(&s, 3, 12, 1, 1);
    size_t n = s.file->n;
    unsigned char *keep = malloc(n), *p = malloc(n + 9000);
    memcpy(keep, s.file->data, n);
    memcpy(p, keep, n);
    expect(&s, p, 0, KAM_E_CORRUPT, "it has 0 bytes");
    expect(&s, p, 4000, KAM_E_CORRUPT, "it has 4000 bytes");
    memcpy(p, "SQLite format 3", 15), memcpy(p + 4096, "SQLite format 3", 15);
    expect(&s, p, n, KAM_E_CORRUPT, "no KAM store");
    memcpy(p, keep, n), p[100] ^= 1, p[4096 + 100] ^= 1;
    expect(&s, p, n, KAM_E_CORRUPT, "both superblocks");
    memcpy(p, keep, n), p[100] ^= 1;
    assert_int_equal(look(&s, p, n, 0, &sum, why), KAM_OK);
    assert_true(sum == s.sum);
    memcpy(p, keep, n), p[4096 + 100] ^= 1;
    assert_int_equal(look(&s, p, n, 0, &sum, why), KAM_OK);
    assert_true(sum == s.sum);
    memcpy(p, keep, n), file_put16(p + 8, 2), reseal(p), file_put16(p + 4104, 2), reseal(p + 4096);
    expect(&s, p, n, KAM_E_UNSUPPORTED, "format 2.1");
    memcpy(p, keep, n), memset(p + n - 60, 0, 60);
    expect(&s, p, n, KAM_E_CORRUPT, "damaged at byte");
    memcpy(p, keep, n), memset(p + n, 0, 9000);         /* zeroes behind what was acknowledged: a torn tail */
    assert_int_equal(look(&s, p, n + 9000, 0, &sum, why), KAM_OK);
    assert_true(sum == s.sum);
    free(keep);
    free(p);
    sample_free(&s);
}

/* A newer minor version may have things in it that we would destroy by writing. */
static void a_newer_minor_can_be_read(void **state)
{
    sample s;
    work w;
    (void)state;
    sample_make(&s, 3, 12, 1, 1);
    file_put16(s.file->data + 10, FILE_MINOR + 1), reseal(s.file->data), file_put16(s.file->data + 4106, FILE_MINOR + 1), reseal(s.file->data + 4096);
    work_begin(&w, s.ctx, &file_disk_os, &s.d, WORK_PATH, 1);
    assert_int_equal(work_open(&w), KAM_OK);
    int32_t rc;
    assert_true(work_sum(&w, &rc) == s.sum);
    assert_int_equal(kam__memory_vt.begin(w.conn, KAM_BEGIN_WRITE, &w.err), KAM_E_READ_ONLY);
    assert_non_null(strstr(w.err.msg, "newer version"));
    work_close(&w);
    sample_free(&s);
}

/* Acknowledged data in the middle: refused, with the place; read and salvaged all but that one. */
static void damage_in_the_middle(void **state)
{
    sample s;
    char why[240], place[40];
    uint64_t sum = 0, off = FILE_FIRST, n = 0, found = 0;
    file_frame fr;
    (void)state;
    sample_make(&s, 8, 14, 0, 1);
    for (uint64_t at = FILE_FIRST; kam__file_head(&fr, s.file->data + at, at); at += fr.size)
        if (fr.type == FILE_INSERT && ++n == 3) off = at;
    s.file->data[off + FILE_HEAD + 30] ^= 4;
    int32_t rc = look(&s, s.file->data, s.file->n, 0, &sum, why);
    snprintf(place, sizeof place, "byte %d,", (int)off);
    if (rc != KAM_E_CORRUPT || !strstr(why, place)) fail_msg("%d %s, not %s", (int)rc, why, place);
    assert_int_equal(look(&s, s.file->data, s.file->n, FILE_READ_ONLY, &sum, why), KAM_OK);
    assert_true(sum != 0 && sum != 7);
    kam_error *err = NULL;
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    if (kam__file_salvage(s.ctx, WORK_PATH, "b.kam", &file_disk_os, &s.d, err) != KAM_OK) fail_msg("%s", kam_error_message(err));
    assert_int_equal(work_look(s.ctx, &file_disk_os, &s.d, "b.kam", 0, &found, why), KAM_OK);
    assert_true(found == sum);
    assert_int_equal(kam__file_salvage(s.ctx, WORK_PATH, "b.kam", &file_disk_os, &s.d, err), KAM_E_EXISTS);
    memset(s.file->data, 0, FILE_FIRST);                /* both superblocks too */
    assert_int_equal(look(&s, s.file->data, s.file->n, FILE_READ_ONLY, &found, why), KAM_OK);
    assert_true(found == sum);
    kam_error_free(err);
    sample_free(&s);
}

/* The rows of a segment are lost, those of the others are not. */
static int32_t count_rows(void *user, const kam_block *rows) { *(uint64_t *)user += rows->nrow; return KAM_OK; }
static uint64_t rows_of(sample *s, const char *path)
{
    static const uint32_t id[] = {1};
    kam_table_scan q = {.struct_size = sizeof q, .table = work_table(), .field = id, .nfield = 1};
    kam__memory *m = NULL;
    void *conn = NULL;
    uint64_t n = 0;
    assert_int_equal(kam__file_open(&m, s->ctx, path, FILE_READ_ONLY, &file_disk_os, &s->d, NULL), KAM_OK);
    assert_int_equal(kam__memory_connect(&conn, m, NULL), KAM_OK);
    if (m->ntable) assert_int_equal(kam__memory_vt.scan(conn, &q, count_rows, &n, NULL), KAM_OK);
    kam__memory_vt.close(conn);
    kam__memory_drop(m);
    return n;
}

static void damage_in_a_checkpoint(void **state)
{
    sample s;
    file_frame fr;
    uint64_t dir = 0, seg = 0, lost = 0;
    (void)state;
    sample_make(&s, 6, 20, 1, 1);
    work_begin(&s.w, s.ctx, &file_disk_os, &s.d, WORK_PATH, 1);
    assert_int_equal(work_open(&s.w), KAM_OK);
    assert_int_equal(kam__memory_vt.control(s.w.conn, KAM_CTL_COMPACT, NULL, NULL, NULL, &s.w.err), KAM_OK);
    work_close(&s.w);
    s.file = disk_file(&s.d, WORK_PATH);
    uint64_t all = rows_of(&s, WORK_PATH);
    for (uint64_t at = FILE_FIRST; kam__file_head(&fr, s.file->data + at, at); at += fr.size) {
        if (fr.type == FILE_SEGMENT) seg = at, lost = fr.nrow;
        if (fr.type == FILE_DIRECTORY) dir = at;
    }
    assert_true(all > 100 && seg && dir);
    s.file->data[dir + FILE_HEAD + 5] ^= 1;             /* the directory: all rows are still there, in segments */
    assert_int_equal(rows_of(&s, WORK_PATH), all);
    s.file->data[dir + FILE_HEAD + 5] ^= 1;
    s.file->data[seg + FILE_HEAD + 50] ^= 1;
    assert_int_equal(rows_of(&s, WORK_PATH), all - lost);
    sample_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clear_answers),
        cmocka_unit_test(a_newer_minor_can_be_read),
        cmocka_unit_test(damage_in_the_middle),
        cmocka_unit_test(damage_in_a_checkpoint),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(every_bit_flipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
