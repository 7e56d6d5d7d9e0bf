/*
 * base/map.c - int64 -> uint32 and text -> uint32, for looking up rows while millions of them come in.
 *
 * Open addressing, linear probing, a power of two of slots, at most 7 of 10 in use. All of a slot lies together, so a
 * hit costs one cache miss (two with text: the key's bytes). A text slot keeps 32 bits of the hash: it tells nearly
 * all other keys apart without touching their bytes, and growing never reads a key. Nothing is removed one by one: no
 * tombstones.
 */
#include "base/base.h"

#define MAP_FIRST 16u

struct kam__islot { int64_t key; uint32_t value, used; };
struct kam__tslot { const char *key; uint32_t len, hash, value; };      /* key NULL: free */

/* Slots for one more entry: 0 = those there are will do. */
static size_t map_more(size_t n, size_t cap) {
    if (cap == 0) return MAP_FIRST;
    return n + 1 > cap / 10 * 7 + cap % 10 * 7 / 10 ? cap * 2 : 0;
}

/* ---------------------------------------------------------------- int64 */

void kam__imap_init(kam__imap *m, kam_ctx *ctx) {
    memset(m, 0, sizeof *m);
    m->ctx = ctx;
}

void kam__imap_free(kam__imap *m) {
    kam__free(m->ctx, m->slot);
    kam__imap_init(m, m->ctx);
}

void kam__imap_clear(kam__imap *m) {
    if (m->n) memset(m->slot, 0, m->cap * sizeof *m->slot);
    m->n = 0;
}

/* The slot of the key, or the free one where it belongs; cap > 0. */
static struct kam__islot *map_islot(struct kam__islot *slot, size_t cap, int64_t key) {
    size_t i = (size_t)kam__hash_i64(key) & (cap - 1);
    while (slot[i].used && slot[i].key != key) i = (i + 1) & (cap - 1);
    return slot + i;
}

static int32_t map_igrow(kam__imap *m, size_t cap, kam_error *err) {
    struct kam__islot *slot = kam__zalloc_n(m->ctx, cap, sizeof *slot);
    if (!slot) return kam__nomem(err);
    for (size_t i = 0; i < m->cap; i++)
        if (m->slot[i].used) *map_islot(slot, cap, m->slot[i].key) = m->slot[i];
    kam__free(m->ctx, m->slot);
    m->slot = slot;
    m->cap = cap;
    return KAM_OK;
}

int32_t kam__imap_put(kam__imap *m, int64_t key, uint32_t value, kam_error *err) {
    struct kam__islot *s = m->cap ? map_islot(m->slot, m->cap, key) : NULL;
    if (!s || !s->used) {
        size_t more = map_more(m->n, m->cap);
        if (more) {
            KAM__TRY(map_igrow(m, more, err));
            s = map_islot(m->slot, m->cap, key);
        }
        s->key = key;
        s->used = 1;
        m->n++;
    }
    s->value = value;
    return KAM_OK;
}

int kam__imap_get(const kam__imap *m, int64_t key, uint32_t *value) {
    if (!m->n) return 0;
    const struct kam__islot *s = map_islot(m->slot, m->cap, key);
    if (!s->used) return 0;
    *value = s->value;
    return 1;
}

/* ---------------------------------------------------------------- text */

void kam__tmap_init(kam__tmap *m, kam_ctx *ctx) {
    memset(m, 0, sizeof *m);
    m->ctx = ctx;
    kam__arena_init(&m->arena, ctx, 0);
}

void kam__tmap_free(kam__tmap *m) {
    kam__arena_free(&m->arena);
    kam__free(m->ctx, m->slot);
    kam__tmap_init(m, m->ctx);
}

void kam__tmap_clear(kam__tmap *m) {
    if (m->n) memset(m->slot, 0, m->cap * sizeof *m->slot);
    m->n = 0;
    kam__arena_reset(&m->arena);
}

/* The 32 bits kept are also those that choose the place, so that growing needs no key: enough for 2^32 slots. */
static struct kam__tslot *map_tslot(const kam__tmap *m, const char *key, size_t len, uint32_t hash) {
    size_t i = hash & (m->cap - 1);
    for (; m->slot[i].key; i = (i + 1) & (m->cap - 1)) {
        const struct kam__tslot *s = m->slot + i;
        if (s->hash == hash && s->len == len && (len == 0 || memcmp(s->key, key, len) == 0)) break;
    }
    return m->slot + i;
}

static int32_t map_tgrow(kam__tmap *m, size_t cap, kam_error *err) {
    struct kam__tslot *slot = kam__zalloc_n(m->ctx, cap, sizeof *slot);
    if (!slot) return kam__nomem(err);
    for (size_t i = 0; i < m->cap; i++) {
        if (!m->slot[i].key) continue;
        size_t to = m->slot[i].hash & (cap - 1);
        while (slot[to].key) to = (to + 1) & (cap - 1);
        slot[to] = m->slot[i];
    }
    kam__free(m->ctx, m->slot);
    m->slot = slot;
    m->cap = cap;
    return KAM_OK;
}

int32_t kam__tmap_put(kam__tmap *m, const char *key, size_t len, uint32_t value, kam_error *err) {
    if (len == KAM_NUL) len = strlen(key);
    if (len >= UINT32_MAX) return kam__fail(err, KAM_E_LIMIT, "a key must be shorter than 4 GiB");
    uint32_t hash = (uint32_t)kam__hash(key, len);
    struct kam__tslot *s = m->cap ? map_tslot(m, key, len, hash) : NULL;
    if (!s || !s->key) {
        size_t more = map_more(m->n, m->cap);
        if (more) {
            KAM__TRY(map_tgrow(m, more, err));
            s = map_tslot(m, key, len, hash);
        }
        const char *copy = kam__arena_text(&m->arena, key, len);
        if (!copy) return kam__nomem(err);
        *s = (struct kam__tslot){copy, (uint32_t)len, hash, value};
        m->n++;
    }
    s->value = value;
    return KAM_OK;
}

int kam__tmap_get(const kam__tmap *m, const char *key, size_t len, uint32_t *value) {
    if (!m->n) return 0;
    if (len == KAM_NUL) len = strlen(key);
    const struct kam__tslot *s = map_tslot(m, key, len, (uint32_t)kam__hash(key, len));
    if (!s->key) return 0;
    *value = s->value;
    return 1;
}

#undef MAP_FIRST
