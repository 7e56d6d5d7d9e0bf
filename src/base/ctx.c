/*
 * base/ctx.c - the environment: memory, clock, zones, limits, and the rule for option blocks.
 *
 * Every block from kam__alloc starts with a hidden header of 16 bytes that keeps its size, so alignment stays that of
 * malloc and the host's release() can be told the size. Memory in use (headers included) is one shared counter: it is
 * raised before the host is asked and lowered when the limit or the host says no, so several threads never exceed the
 * limit together.
 */
#include "base/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CTX_HEADER 16u
#define CTX_TEXT 65536u
#define CTX_DEPTH 100u
#define CTX_DEPTH_MAX 1000u                 /* what recursion may cost of the host's stack */
#define CTX_OPTIONS_MAX 65536u              /* a struct_size above this was never set */

/* ---------------------------------------------------------------- defaults of the callbacks */

static void *ctx_malloc(void *user, size_t size) {
    (void)user;
    return malloc(size);
}

static void *ctx_realloc(void *user, void *p, size_t old_size, size_t new_size) {
    (void)user, (void)old_size;
    return realloc(p, new_size);
}

static void ctx_release(void *user, void *p, size_t size) {
    (void)user, (void)size;
    free(p);
}

static int64_t ctx_now(void *user) {
    struct timespec ts = {0};
    (void)user;
    if (timespec_get(&ts, TIME_UTC) != TIME_UTC) return 0;
    return (int64_t)ts.tv_sec * 1000 + (int64_t)ts.tv_nsec / 1000000;
}

static int32_t ctx_zone(void *user, const char *name, int64_t utc_ms, int32_t *offset_min) {
    (void)user, (void)name, (void)utc_ms, (void)offset_min;
    return KAM_E_NOT_FOUND;
}

static int32_t ctx_parallel_for(void *user, uint32_t n, kam_task_fn task, void *arg) {
    (void)user;
    for (uint32_t i = 0; i < n; i++) task(arg, i);
    return KAM_OK;
}

/* ---------------------------------------------------------------- option blocks */

int32_t kam__options(void *own, size_t own_size, const void *given, size_t min_size, const char *name, kam_error *err) {
    uint32_t size;
    if (!given) {
        memset(own, 0, own_size);
        return KAM_OK;
    }
    memcpy(&size, given, sizeof size);
    if (size < min_size || size > CTX_OPTIONS_MAX)
        return kam__fail(err, KAM_E_INVAL, "%s.struct_size is %u, must be sizeof(%s)", name, (unsigned)size, name);
    for (size_t i = own_size; i < size; i++)
        if (((const unsigned char *)given)[i])
            return kam__fail(err, KAM_E_UNSUPPORTED, "%s sets an option of a newer version at byte %u", name,
                             (unsigned)i);
    size_t take = size < own_size ? size : own_size;
    memcpy(own, given, take);
    memset((char *)own + take, 0, own_size - take);
    return KAM_OK;
}

int32_t kam__flags(uint32_t flags, uint32_t known, const char *name, kam_error *err) {
    uint32_t wrong = flags & ~known;
    return wrong ? kam__fail(err, KAM_E_INVAL, "%s has unknown bits 0x%x", name, (unsigned)wrong) : KAM_OK;
}

int32_t kam__allocator_take(kam_allocator *own, const kam_allocator *given, kam_error *err) {
    size_t first = offsetof(kam_allocator, release) + sizeof given->release;
    KAM__TRY(kam__options(own, sizeof *own, given, first, "kam_allocator", err));
    KAM__TRY(kam__flags(own->flags, 0, "kam_allocator.flags", err));
    if (!given) {
        own->struct_size = sizeof *own;
        own->alloc = ctx_malloc, own->resize = ctx_realloc, own->release = ctx_release;
    }
    if (!own->alloc || !own->resize || !own->release)
        return kam__fail(err, KAM_E_INVAL, "kam_allocator needs all of alloc, resize and release");
    return KAM_OK;
}

/* ---------------------------------------------------------------- life */

static int32_t ctx_options_take(kam_ctx_options *own, const kam_ctx_options *given, kam_error *err) {
    size_t first = offsetof(kam_ctx_options, max_memory) + sizeof given->max_memory;
    KAM__TRY(kam__options(own, sizeof *own, given, first, "kam_ctx_options", err));
    KAM__TRY(kam__flags(own->flags, 0, "kam_ctx_options.flags", err));
    if (!own->now) own->now = ctx_now;
    if (!own->zone) own->zone = ctx_zone;
    if (!own->parallel_for) own->parallel_for = ctx_parallel_for;
    if (!own->max_text) own->max_text = CTX_TEXT;
    if (!own->max_depth) own->max_depth = CTX_DEPTH;
    if (own->max_text > KAM__BLOCK_TEXT)
        return kam__fail(err, KAM_E_INVAL, "kam_ctx_options.max_text is %u, at most %u", (unsigned)own->max_text,
                         (unsigned)KAM__BLOCK_TEXT);
    if (own->max_depth > CTX_DEPTH_MAX)
        return kam__fail(err, KAM_E_INVAL, "kam_ctx_options.max_depth is %u, at most %u", (unsigned)own->max_depth,
                         (unsigned)CTX_DEPTH_MAX);
    return KAM_OK;
}

int32_t kam_ctx_new(kam_ctx **out, const kam_ctx_options *options, kam_error *err) {
    kam_ctx_options opt;
    kam_allocator a;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(ctx_options_take(&opt, options, err));
    KAM__TRY(kam__allocator_take(&a, opt.allocator, err));
    kam_ctx *ctx = a.alloc(a.user, sizeof *ctx);
    if (!ctx) return kam__nomem(err);
    memset(ctx, 0, sizeof *ctx);
    kam__ref_init(&ctx->ref);
    ctx->allocator = a;
    ctx->opt = opt;
    ctx->opt.allocator = &ctx->allocator;
    *out = ctx;
    return KAM_OK;
}

void kam_ctx_free(kam_ctx *ctx) {
    if (!ctx || !kam__ref_drop(&ctx->ref)) return;
    kam_allocator a = ctx->allocator;
    a.release(a.user, ctx, sizeof *ctx);
}

int32_t kam__ctx_take(kam_ctx **out, kam_ctx *given, kam_error *err) {
    if (!given) return kam_ctx_new(out, NULL, err);
    *out = kam__ctx_hold(given);
    return KAM_OK;
}

kam_ctx *kam__ctx_hold(kam_ctx *ctx) {
    kam__ref_hold(&ctx->ref);
    return ctx;
}

/* ---------------------------------------------------------------- memory */

/* Counts `more` bytes as used; 0 = the limit says no. */
static int ctx_reserve(kam_ctx *ctx, size_t more) {
    uint64_t used = kam__atomic_add(&ctx->memory, more);
    if (!ctx->opt.max_memory || used <= ctx->opt.max_memory) return 1;
    kam__atomic_add(&ctx->memory, 0 - (uint64_t)more);
    return 0;
}

static void ctx_give_back(kam_ctx *ctx, size_t less) {
    kam__atomic_add(&ctx->memory, 0 - (uint64_t)less);
}

static void *ctx_body(void *block, size_t whole) {
    memcpy(block, &whole, sizeof whole);
    return (char *)block + CTX_HEADER;
}

void *kam__alloc(kam_ctx *ctx, size_t size) {
    if (size > SIZE_MAX / 2 - CTX_HEADER) return NULL;
    size_t whole = size + CTX_HEADER;
    if (!ctx_reserve(ctx, whole)) return NULL;
    void *block = ctx->allocator.alloc(ctx->allocator.user, whole);
    if (block) return ctx_body(block, whole);
    ctx_give_back(ctx, whole);
    return NULL;
}

void *kam__zalloc(kam_ctx *ctx, size_t size) {
    void *p = kam__alloc(ctx, size);
    return p ? memset(p, 0, size) : NULL;
}

void *kam__zalloc_n(kam_ctx *ctx, size_t n, size_t size) {
    return size && n > SIZE_MAX / size ? NULL : kam__zalloc(ctx, n * size);
}

void *kam__resize(kam_ctx *ctx, void *p, size_t size) {
    if (!p) return kam__alloc(ctx, size);
    if (size > SIZE_MAX / 2 - CTX_HEADER) return NULL;
    void *block = (char *)p - CTX_HEADER;
    size_t whole = size + CTX_HEADER, old;
    memcpy(&old, block, sizeof old);
    if (whole > old && !ctx_reserve(ctx, whole - old)) return NULL;
    block = ctx->allocator.resize(ctx->allocator.user, block, old, whole);
    if (!block) {
        if (whole > old) ctx_give_back(ctx, whole - old);
        return NULL;
    }
    if (whole < old) ctx_give_back(ctx, old - whole);
    return ctx_body(block, whole);
}

void kam__free(kam_ctx *ctx, void *p) {
    if (!p) return;
    void *block = (char *)p - CTX_HEADER;
    size_t whole;
    memcpy(&whole, block, sizeof whole);
    ctx->allocator.release(ctx->allocator.user, block, whole);
    ctx_give_back(ctx, whole);
}

char *kam__text_dup(kam_ctx *ctx, const char *text, size_t len) {
    if (len == KAM_NUL) len = strlen(text);
    char *copy = kam__alloc(ctx, len + 1);
    if (!copy) return NULL;
    if (len) memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

int32_t kam__grow(kam_ctx *ctx, void *array, size_t *cap, size_t need, size_t size, kam_error *err) {
    void *p;
    if (need <= *cap) return KAM_OK;
    size_t to = *cap + *cap / 2;
    if (to < need) to = need;
    if (to < 8) to = 8;
    if (size && to > SIZE_MAX / size) return kam__nomem(err);
    memcpy(&p, array, sizeof p);            /* `array` points to a pointer of any type */
    p = kam__resize(ctx, p, to * size);
    if (!p) return kam__nomem(err);
    memcpy(array, &p, sizeof p);
    *cap = to;
    return KAM_OK;
}

/* ---------------------------------------------------------------- the host's callbacks */

int32_t kam__progress(kam_ctx *ctx, uint64_t done, uint64_t total, kam_error *err) {
    if (!ctx->opt.progress || ctx->opt.progress(ctx->opt.user, done, total) == 0) return KAM_OK;
    return kam__fail(err, KAM_E_CANCELLED, "cancelled by the host's progress callback");
}

int64_t kam__now(kam_ctx *ctx) {
    return ctx->opt.now(ctx->opt.user);
}

void kam__log(kam_ctx *ctx, int32_t level, int32_t code, const char *fmt, ...) {
    if (!ctx->opt.log) return;
    char text[512] = "";
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n;
    if (len >= sizeof text) len = kam__utf8_cut(text, sizeof text - 1);
    text[len] = '\0';
    ctx->opt.log(ctx->opt.user, level, code, text, len);
}

static int ctx_digit(char c) {
    return c >= '0' && c <= '9';
}

/* "+08:00", "-03:30"; 1 = it is one. */
static int ctx_fixed_zone(const char *z, int32_t *minutes) {
    if (z[0] != '+' && z[0] != '-') return 0;
    if (strlen(z) != 6 || z[3] != ':') return 0;
    if (!ctx_digit(z[1]) || !ctx_digit(z[2]) || !ctx_digit(z[4]) || !ctx_digit(z[5])) return 0;
    int32_t h = (z[1] - '0') * 10 + (z[2] - '0'), m = (z[4] - '0') * 10 + (z[5] - '0');
    if (h > 23 || m > 59) return 0;
    *minutes = z[0] == '-' ? -(h * 60 + m) : h * 60 + m;
    return 1;
}

int32_t kam__zone_offset(kam_ctx *ctx, const char *zone, int64_t utc_ms, int32_t *minutes, kam_error *err) {
    int32_t offset = 0;
    if (!zone) return kam__null_arg(err, "zone");
    if (strcmp(zone, "UTC") == 0) {
        *minutes = 0;
        return KAM_OK;
    }
    if (ctx_fixed_zone(zone, minutes)) return KAM_OK;
    int32_t rc = ctx->opt.zone(ctx->opt.user, zone, utc_ms, &offset);
    if (rc == KAM_E_NOT_FOUND && ctx->opt.zone == ctx_zone)
        return kam__fail(err, rc, "unknown zone \"%s\": without a zone callback only \"UTC\" and \"+08:00\" are known",
                         zone);
    if (rc == KAM_E_NOT_FOUND || rc > 0)
        return kam__fail(err, KAM_E_NOT_FOUND, "unknown zone \"%s\": the host's zone callback does not know it", zone);
    if (rc < 0) return kam__fail(err, rc, "the host's zone callback failed for zone \"%s\"", zone);
    if (offset <= -1440 || offset >= 1440)
        return kam__fail(err, KAM_E_INVAL, "the host's zone callback gave %d minutes for \"%s\", must be within a day",
                         (int)offset, zone);
    *minutes = offset;
    return KAM_OK;
}
