/* The file store: the conformance kit, what is there again after closing, locks, names, upkeep. */
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
    KAM__TRY(kam__file_open(&s->m, s->ctx, WORK_PATH, 0, &file_disk_os, &s->d, NULL));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kit_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
