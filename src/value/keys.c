/*
 * value/keys.c - account ids (and other int64 keys) to dense numbers 0, 1, 2 ... in order of first appearance.
 *
 * Ids of a book lie dense, so a plain array answers most look-ups with one load. It grows, by doubling, as long as it
 * has at most 4 places for each key seen; keys that lie too far out go to a map, and move into the array once it
 * reaches them. So memory stays in proportion to the keys, whatever their values.
 */
#include "value.h"

#define KEYS_PLACES 4u
#define KEYS_FIRST 1024u

void kam__keys_init(kam__keys *k, kam_ctx *ctx) {
    memset(k, 0, sizeof *k);
    k->ctx = ctx;
    kam__imap_init(&k->map, ctx);
}

void kam__keys_free(kam__keys *k) {
    kam__free(k->ctx, k->key);
    kam__free(k->ctx, k->direct);
    kam__imap_free(&k->map);
    kam__keys_init(k, k->ctx);
}

/* A negative key is a very large one here: never in the array. */
static int keys_is_direct(const kam__keys *k, int64_t key) {
    return (uint64_t)key < k->direct_n;
}

int kam__keys_find(const kam__keys *k, int64_t key, uint32_t *number) {
    if (!keys_is_direct(k, key)) return kam__imap_get(&k->map, key, number);
    if (!k->direct[key]) return 0;
    *number = k->direct[key] - 1;
    return 1;
}

/* Leaves exactly the keys outside the array in the map. It held them all before, so nothing is allocated. */
static void keys_remap(kam__keys *k) {
    if (k->map.n == 0) return;
    kam__imap_clear(&k->map);
    for (uint32_t i = 0; i < k->n; i++)
        if (!keys_is_direct(k, k->key[i])) (void)kam__imap_put(&k->map, k->key[i], i, NULL);
}

/* Makes the array reach `key`. */
static int32_t keys_widen(kam__keys *k, size_t key, kam_error *err) {
    size_t n = k->direct_n * 2 > key ? k->direct_n * 2 : key + 1;
    if (n < KEYS_FIRST) n = KEYS_FIRST;
    uint32_t *direct = kam__zalloc_n(k->ctx, n, sizeof *direct);
    if (!direct) return kam__nomem(err);
    if (k->direct_n) memcpy(direct, k->direct, k->direct_n * sizeof *direct);
    for (uint32_t i = 0; k->map.n && i < k->n; i++)
        if ((uint64_t)k->key[i] < n) direct[k->key[i]] = i + 1;
    kam__free(k->ctx, k->direct);
    k->direct = direct;
    k->direct_n = n;
    keys_remap(k);
    return KAM_OK;
}

static int32_t keys_new(kam__keys *k, int64_t key, uint32_t *number, kam_error *err) {
    if (k->n >= INT32_MAX) return kam__fail(err, KAM_E_LIMIT, "more than %d accounts or periods", (int)INT32_MAX);
    KAM__TRY(kam__grow(k->ctx, &k->key, &k->cap, (size_t)k->n + 1, sizeof *k->key, err));
    uint64_t reach = ((uint64_t)k->n + KEYS_FIRST / KEYS_PLACES) * KEYS_PLACES;
    if (key >= 0 && !keys_is_direct(k, key) && (uint64_t)key < reach && reach < SIZE_MAX / 8)
        KAM__TRY(keys_widen(k, (size_t)key, err));
    if (keys_is_direct(k, key)) k->direct[key] = k->n + 1;
    else KAM__TRY(kam__imap_put(&k->map, key, k->n, err));
    k->key[k->n] = key;
    *number = k->n++;
    return KAM_OK;
}

int32_t kam__keys_add(kam__keys *k, int64_t key, uint32_t *number, kam_error *err) {
    return kam__keys_find(k, key, number) ? KAM_OK : keys_new(k, key, number, err);
}

void kam__keys_cut(kam__keys *k, uint32_t n) {
    if (n >= k->n) return;
    for (uint32_t i = n; i < k->n; i++)
        if (keys_is_direct(k, k->key[i])) k->direct[k->key[i]] = 0;
    k->n = n;
    keys_remap(k);
}

static int keys_cmp(const void *a, const void *b, void *arg) {
    const int64_t *key = arg;
    int64_t x = key[*(const uint32_t *)a], y = key[*(const uint32_t *)b];
    return (x > y) - (x < y);
}

int32_t kam__keys_order(const kam__keys *k, uint32_t *order, kam_error *err) {
    if (k->map.n == 0) {
        uint32_t n = 0;
        for (size_t i = 0; i < k->direct_n; i++)
            if (k->direct[i]) order[n++] = k->direct[i] - 1;
        return KAM_OK;
    }
    for (uint32_t i = 0; i < k->n; i++) order[i] = i;
    return kam__sort(k->ctx, order, k->n, sizeof *order, keys_cmp, k->key, err);
}

#undef KEYS_PLACES
#undef KEYS_FIRST
