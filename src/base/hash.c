/*
 * base/hash.c - SHA-256 for identity that is stored, a fast hash for tables in memory, and the seeded generator.
 *
 * SHA-256 follows FIPS 180-4. kam__hash reads 8 little-endian bytes at a time, multiplies and rotates (each step can
 * be undone, so words that differ never meet within a step) and ends with the finalizer of splitmix64 (Steele, Lea,
 * Flood 2014; constants by Stafford, variant 13). It is not for adversaries: nothing stored and no order depends on
 * it.
 */
#include "base/base.h"

/* ---------------------------------------------------------------- SHA-256 */

static const uint32_t hash_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static uint32_t hash_ror(uint32_t x, unsigned n) {
    return x >> n | x << (32 - n);
}

static uint32_t hash_be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void hash_schedule(uint32_t w[64], const uint8_t *p) {
    for (int i = 0; i < 16; i++) w[i] = hash_be32(p + 4 * i);
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = hash_ror(w[i - 15], 7) ^ hash_ror(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = hash_ror(w[i - 2], 17) ^ hash_ror(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
}

static void hash_block(uint32_t state[8], const uint8_t *p) {
    uint32_t w[64];
    hash_schedule(w, p);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = h + (hash_ror(e, 6) ^ hash_ror(e, 11) ^ hash_ror(e, 25)) + ((e & f) ^ (~e & g));
        t1 += hash_k[i] + w[i];
        uint32_t t2 = (hash_ror(a, 2) ^ hash_ror(a, 13) ^ hash_ror(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1;
        d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void kam__sha256_init(kam__sha256 *s) {
    static const uint32_t start[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
    };
    memset(s, 0, sizeof *s);
    memcpy(s->h, start, sizeof start);
}

void kam__sha256_add(kam__sha256 *s, const void *data, size_t size) {
    const uint8_t *p = data;
    if (size == 0) return;
    size_t have = (size_t)(s->size & 63);
    s->size += size;
    if (have) {
        size_t take = size < 64 - have ? size : 64 - have;
        memcpy(s->tail + have, p, take);
        if (have + take < 64) return;
        hash_block(s->h, s->tail);
        p += take, size -= take;
    }
    for (; size >= 64; p += 64, size -= 64) hash_block(s->h, p);
    if (size) memcpy(s->tail, p, size);
}

void kam__sha256_end(kam__sha256 *s, char hex[65]) {
    static const char digit[] = "0123456789abcdef";
    uint8_t end[72] = {0x80};
    uint64_t bits = s->size * 8;
    size_t have = (size_t)(s->size & 63), pad = have < 56 ? 56 - have : 120 - have;
    for (unsigned i = 0; i < 8; i++) end[pad + i] = (uint8_t)(bits >> (56 - 8 * i));
    kam__sha256_add(s, end, pad + 8);
    for (unsigned i = 0; i < 64; i++) hex[i] = digit[s->h[i / 8] >> (28 - 4 * (i % 8)) & 15];
    hex[64] = '\0';
}

/* ---------------------------------------------------------------- tables in memory */

static uint64_t hash_mix(uint64_t h) {
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 27) * 0x94d049bb133111ebu;
    return h ^ h >> 31;
}

static uint64_t hash_le32(const uint8_t *p) {
    return p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

static uint64_t hash_le64(const uint8_t *p) {
    return hash_le32(p) | hash_le32(p + 4) << 32;
}

static uint64_t hash_step(uint64_t h, uint64_t word) {
    h ^= word * 0x9e3779b97f4a7c15u;
    return (h << 29 | h >> 35) * 0xd6e8feb86659fd93u;
}

/* The last 1..7 bytes as one word. Reads overlap rather than go byte by byte; the size is hashed: none is ambiguous. */
static uint64_t hash_tail(const uint8_t *p, size_t n) {
    if (n >= 4) return hash_le32(p) | hash_le32(p + n - 4) << 32;
    return p[0] | (uint64_t)p[n / 2] << 8 | (uint64_t)p[n - 1] << 16;
}

uint64_t kam__hash(const void *data, size_t size) {
    const uint8_t *p = data;
    uint64_t h = hash_step(0x243f6a8885a308d3u, size);
    for (; size >= 8; p += 8, size -= 8) h = hash_step(h, hash_le64(p));
    if (size) h = hash_step(h, hash_tail(p, size));
    return hash_mix(h);
}

uint64_t kam__hash_i64(int64_t v) {
    return hash_mix((uint64_t)v + 0x9e3779b97f4a7c15u);
}

uint64_t kam__random(uint64_t *state) {
    *state += 0x9e3779b97f4a7c15u;
    return hash_mix(*state);
}
