/*
 * base/arena.c - many small pieces that end together.
 *
 * A list of chunks, newest first; pieces are cut from the newest. Chunks double from the size asked for up to 256 KiB,
 * so a small arena stays small and a large one asks the allocator seldom. A piece that is big for a chunk gets a chunk
 * of its own behind the newest, which therefore goes on being filled.
 */
#include "base/base.h"

#define ARENA_FIRST 4096u
#define ARENA_CHUNK_MAX ((size_t)256 << 10)

typedef struct arena_chunk { struct arena_chunk *next; size_t size, used; } arena_chunk;
#define ARENA_HEAD ((sizeof(arena_chunk) + 7u) & ~(size_t)7u)

void kam__arena_init(kam__arena *a, kam_ctx *ctx, size_t chunk_size) {
    a->ctx = ctx;
    a->chunk = NULL;
    a->chunk_size = chunk_size ? chunk_size : ARENA_FIRST;
}

static arena_chunk *arena_chunk_new(kam__arena *a, size_t size) {
    arena_chunk *c = size > SIZE_MAX - ARENA_HEAD ? NULL : kam__alloc(a->ctx, ARENA_HEAD + size);
    if (!c) return NULL;
    c->next = NULL;
    c->size = size;
    c->used = 0;
    return c;
}

static void *arena_cut(arena_chunk *c, size_t size) {
    char *p = (char *)c + ARENA_HEAD + c->used;
    c->used += size;
    return p;
}

/* The newest chunk has no room: a big piece goes behind it, anything else opens the next one. */
static void *arena_more(kam__arena *a, size_t size) {
    arena_chunk *top = a->chunk, *c;
    size_t next = a->chunk_size;
    if (top && top->size >= next) next = top->size < ARENA_CHUNK_MAX / 2 ? top->size * 2 : ARENA_CHUNK_MAX;
    if (next < a->chunk_size) next = a->chunk_size;
    if (top && size > next / 4) {
        if (!(c = arena_chunk_new(a, size))) return NULL;
        c->next = top->next;
        top->next = c;
        return arena_cut(c, size);
    }
    if (!(c = arena_chunk_new(a, next > size ? next : size))) return NULL;
    c->next = top;
    a->chunk = c;
    return arena_cut(c, size);
}

void *kam__arena_alloc(kam__arena *a, size_t size) {
    if (size > SIZE_MAX - 7) return NULL;
    size = size ? (size + 7) & ~(size_t)7 : 8;
    arena_chunk *top = a->chunk;
    return top && size <= top->size - top->used ? arena_cut(top, size) : arena_more(a, size);
}

char *kam__arena_text(kam__arena *a, const char *text, size_t len) {
    if (len == KAM_NUL) len = strlen(text);
    char *copy = kam__arena_alloc(a, len + 1);
    if (!copy) return NULL;
    if (len) memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

static void arena_free_list(kam__arena *a, arena_chunk *c) {
    while (c) {
        arena_chunk *next = c->next;
        kam__free(a->ctx, c);
        c = next;
    }
}

void kam__arena_reset(kam__arena *a) {
    arena_chunk *top = a->chunk;
    if (!top) return;
    arena_free_list(a, top->next);
    top->next = NULL;
    top->used = 0;
}

void kam__arena_free(kam__arena *a) {
    arena_free_list(a, a->chunk);
    a->chunk = NULL;
}

#undef ARENA_HEAD
