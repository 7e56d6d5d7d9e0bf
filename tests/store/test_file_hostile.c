/*
 * test_file_hostile.c - files changed at random with right checksums: no crash, no more memory than the file allows. What libFuzzer does for
 * longer (tests/fuzz/fuzz_file.c). KAM_FILE_HOSTILE: how many (3,000). KAM_FILE_CORPUS: a folder; writes files there to start fuzzing with.
 */
#include "file_hostile.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static disk_bytes *sample(disk *d, uint64_t seed)
{
    static work w;
    kam_ctx *ctx = NULL;
    disk_new(d);
    assert_int_equal(kam_ctx_new(&ctx, NULL, NULL), KAM_OK);
    work_begin(&w, ctx, &file_disk_os, d, WORK_PATH, seed);
    for (uint64_t i = 0; i < 3 + seed % 6; i++) assert_int_equal(work_step(&w), KAM_OK);
    if (seed % 3 == 0) assert_int_equal(kam__file_checkpoint(w.m->below, &w.err), KAM_OK);
    if (seed % 2) work_close(&w);
    else work_abandon(&w);
    kam_ctx_free(ctx);
    return disk_file(d, WORK_PATH);
}

static void change(unsigned char *p, size_t n, uint64_t *seed)
{
    static const uint32_t odd[] = {0, 1, 2, 7, 0xFF, 0xFFFF, 0x10000, 0x10001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    for (uint64_t k = 1 + kam__random(seed) % 4; k > 0; k--) {
        uint64_t where = kam__random(seed), how = kam__random(seed) % 3;
        size_t at = where % 5 == 0 ? (size_t)(kam__random(seed) % 2) * 4096 + (size_t)(kam__random(seed) % 112)
                                   : FILE_FIRST + (size_t)(kam__random(seed) % (n - FILE_FIRST));
        if (how == 0 || at + 4 > n) p[at] ^= (unsigned char)(1u << kam__random(seed) % 8);
        else if (how == 1) file_put32(p + at, odd[kam__random(seed) % KAM__LEN(odd)]);
        else p[at] = (unsigned char)kam__random(seed);
    }
}

static void nothing_crashes(void **state)
{
    const char *text = getenv("KAM_FILE_HOSTILE");
    uint64_t n = text ? (uint64_t)atoll(text) : 3000, seed = 1, opened = 0;
    (void)state;
    for (uint64_t s = 1; s <= 20; s++) {
        static disk d;
        disk_bytes *b = sample(&d, s);
        size_t size = b->n;
        unsigned char *p = malloc(size);
        assert_non_null(p);
        for (uint64_t i = 0; i < n / 20; i++) {
            memcpy(p, b->data, size);
            change(p, size, &seed);
            hostile_repair(p, size);
            opened += (uint64_t)hostile_open(p, size);
        }
        free(p);
        disk_free(&d);
    }
    print_message("%d of %d could be opened for writing\n", (int)opened, (int)n);
    assert_true(opened > 0 && opened < n);
}

static void corpus(void **state)
{
    const char *dir = getenv("KAM_FILE_CORPUS");
    (void)state;
    for (uint64_t s = 1; s <= 40 && dir; s++) {
        static disk d;
        char path[500];
        disk_bytes *b = sample(&d, s);
        snprintf(path, sizeof path, "%s/%d.kam", dir, (int)s);
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(b->data, 1, b->n, f), b->n);
        fclose(f);
        disk_free(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_crashes), cmocka_unit_test(corpus)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
