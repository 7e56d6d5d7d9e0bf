/* Bytes of an enemy: see file_hostile.h. */
#include "file_hostile.h"
#include <stdio.h>
#include <stdlib.h>

static void repair_frames(unsigned char *p, size_t n, uint64_t salt)
{
    uint32_t prev = 0;
    for (size_t off = FILE_FIRST; off + FILE_HEAD <= n;) {
        unsigned char *h = p + off;
        size_t len = file_get32(h + 32), size = FILE_HEAD + ((len + 7) & ~(size_t)7);
        if (size > n - off) return;
        file_put32(h, 0x464D414Bu);
        file_put16(h + 6, FILE_HEAD);
        file_put64(h + 16, salt);
        file_put32(h + 40, prev);
        file_put32(h + 44, kam__crc32c(0, h + FILE_HEAD, size - FILE_HEAD));
        prev = kam__crc32c(0, h, 52);
        file_put32(h + 52, prev);
        off += size;
    }
}

void hostile_repair(unsigned char *p, size_t n)
{
    if (n < FILE_FIRST) return;
    uint64_t salt = file_get64(p + 48);
    repair_frames(p, n, salt);
    for (int i = 0; i < 2; i++) {
        unsigned char *s = p + (i ? FILE_SUPER : 0);
        uint64_t dir = file_get64(s + 56), log = file_get64(s + 64);
        memcpy(s, "KAMSTOR\x1a", 8);
        file_put64(s + 48, salt);
        if (dir && dir + FILE_HEAD <= n && dir < n) memcpy(s + 100, p + dir + 52, 4);
        if (log >= FILE_FIRST + FILE_HEAD && log + FILE_HEAD <= n && log < n) memcpy(s + 96, p + log + 40, 4);
        file_put32(s + 508, kam__crc32c(0, s, 508));
    }
}

/* ---------------------------------------------------------------- memory, counted */

typedef struct counted { uint64_t live, most; } counted;

static void count(counted *c, uint64_t more, uint64_t less)
{
    c->live = c->live + more - less;
    if (c->live > c->most) abort();
}

static void *counted_alloc(void *user, size_t n) { count(user, n, 0); return malloc(n); }
static void *counted_resize(void *user, void *p, size_t old, size_t n) { count(user, n, old); return realloc(p, n); }
static void counted_release(void *user, void *p, size_t n) { count(user, 0, n); free(p); }

static int hostile_write(kam_ctx *ctx, disk *d)
{
    uint64_t sum;
    work w;
    int32_t rc;
    work_begin(&w, ctx, &file_disk_os, d, WORK_PATH, 1);
    if (work_open(&w) != KAM_OK) return 0;
    (void)work_sum(&w, &rc);
    (void)kam__memory_vt.control(w.conn, KAM_CTL_VERIFY, NULL, NULL, NULL, &w.err);
    if (kam__memory_vt.prepare(w.conn, work_table(), 1, KAM_PREPARE_UPGRADE, NULL, NULL, &w.err) == KAM_OK) {
        w.done = 1;
        w.calm = 1;
        for (int i = 0; i < 3; i++) (void)work_step(&w);
        (void)kam__memory_vt.control(w.conn, KAM_CTL_COMPACT, NULL, NULL, NULL, &w.err);
    }
    work_close(&w);
    (void)work_look(ctx, &file_disk_os, d, WORK_PATH, FILE_READ_ONLY, &sum, NULL);
    return 1;
}

int hostile_open(const unsigned char *p, size_t n)
{
    static disk d;
    counted c = {0, 64 * (uint64_t)n + ((uint64_t)32 << 20)};
    const kam_allocator a = {.struct_size = sizeof a, .user = &c, .alloc = counted_alloc, .resize = counted_resize, .release = counted_release};
    const kam_ctx_options o = {.struct_size = sizeof o, .allocator = &a};
    kam_ctx *ctx = NULL;
    uint64_t sum = 0;
    if (kam_ctx_new(&ctx, &o, NULL) != KAM_OK) abort();
    disk_new(&d);
    disk_put(&d, WORK_PATH, p, n);
    (void)work_look(ctx, &file_disk_os, &d, WORK_PATH, FILE_READ_ONLY, &sum, NULL);
    (void)kam__file_salvage(ctx, WORK_PATH, "s.kam", &file_disk_os, &d, NULL);
    int opened = hostile_write(ctx, &d);
    disk_free(&d);
    kam_ctx_free(ctx);
    if (c.live) abort();
    return opened;
}
