/*
 * rule/scorecard_kern.h - the loops of scoring a chunk, included once per kind of CPU (no guard).
 *
 * The file that includes it defines KERN(name), the name for this kind, and KERN_WIDTH, how many doubles one register
 * of it holds; KERN_512 where masks have registers of their own. Four registers of rows stay in the machine while the
 * limits go by: comparing and adding, without a branch. All widths add the same whole numbers.
 */
#if KERN_WIDTH == 1
typedef double KERN(vd);
typedef int64_t KERN(vl);
typedef int32_t KERN(vi);
typedef int32_t KERN(vh);
#define KERN_LANES 1u
#define KERN_MASK_L(x) (-(int64_t)(x))
#define KERN_MASK_I(x) (-(int32_t)(x))
#define KERN_LOW(a) ((int32_t)(uint32_t)((uint64_t)(a) & 0xffffffffu))
#define KERN_WIDE(v) (v)
#define KERN_SPLAT(v) (v)
#define KERN_SPLAT_I(v) (v)
#else
typedef double KERN(vd) __attribute__((vector_size(KERN_WIDTH * 8), aligned(8), may_alias));
typedef int64_t KERN(vl) __attribute__((vector_size(KERN_WIDTH * 8), aligned(8), may_alias));
typedef int32_t KERN(vi) __attribute__((vector_size(KERN_WIDTH * 8), aligned(4), may_alias));
typedef int32_t KERN(vh) __attribute__((vector_size(KERN_WIDTH * 4), aligned(4), may_alias));
#define KERN_LANES (2u * KERN_WIDTH)
#define KERN_MASK_L(x) (x)
#define KERN_MASK_I(x) (x)
#define KERN_LOW(a) __builtin_convertvector(a, KERN(vh))
#define KERN_WIDE(v) __builtin_convertvector(v, KERN(vl))
#if KERN_WIDTH == 2
#define KERN_SPLAT(v) {(v), (v)}
#define KERN_SPLAT_I(v) {(v), (v), (v), (v)}
#elif KERN_WIDTH == 4
#define KERN_SPLAT(v) {(v), (v), (v), (v)}
#define KERN_SPLAT_I(v) {(v), (v), (v), (v), (v), (v), (v), (v)}
#else
#define KERN_SPLAT(v) {(v), (v), (v), (v), (v), (v), (v), (v)}
#define KERN_SPLAT_I(v) {(v), (v), (v), (v), (v), (v), (v), (v), (v), (v), (v), (v), (v), (v), (v), (v)}
#endif
#endif

#if defined(KERN_512)
#define KERN_ADD_F(a, x, t, d) a = (KERN(vl))_mm512_mask_add_epi64((__m512i)a, \
    _mm512_cmp_pd_mask((__m512d)x, (__m512d)t, _CMP_GE_OQ), (__m512i)a, (__m512i)d)
#define KERN_ADD_L(a, x, t, d) a = (KERN(vl))_mm512_mask_add_epi64((__m512i)a, \
    _mm512_cmp_epi64_mask((__m512i)x, (__m512i)t, _MM_CMPINT_NLT), (__m512i)a, (__m512i)d)
#define KERN_ADD_I(a, x, t, d) a = (KERN(vi))_mm512_mask_add_epi32((__m512i)a, \
    _mm512_cmp_epi32_mask((__m512i)x, (__m512i)t, _MM_CMPINT_NLE), (__m512i)a, (__m512i)d)
#else
#define KERN_ADD_F(a, x, t, d) a += (KERN(vl))KERN_MASK_L(x >= t) & d
#define KERN_ADD_L(a, x, t, d) a += (KERN(vl))KERN_MASK_L(x >= t) & d
#define KERN_ADD_I(a, x, t, d) a += (KERN(vi))KERN_MASK_I(x > t) & d
#endif

#define KERN_STEP(name, T, X, BASE, N, AT, DELTA, ADD) \
    static void KERN(name)(const kam__card_step *s, const X *from, uint32_t n, int64_t *sum, int32_t *rank) { \
        const KERN(T) *x = (const KERN(T) *)(const void *)from; \
        KERN(vl) *out = (KERN(vl) *)(void *)sum; \
        KERN(vh) *low = (KERN(vh) *)(void *)rank; \
        const KERN(vl) base = KERN_SPLAT(s->BASE); \
        for (uint32_t i = 0; i < n / KERN_WIDTH; i += 4) { \
            const KERN(T) x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3]; \
            KERN(vl) a0 = base, a1 = base, a2 = base, a3 = base; \
            for (uint32_t k = 0; k < s->N; k++) { \
                const KERN(T) t = KERN_SPLAT(s->AT[k]); \
                const KERN(vl) d = KERN_SPLAT(s->DELTA[k]); \
                ADD(a0, x0, t, d); \
                ADD(a1, x1, t, d); \
                ADD(a2, x2, t, d); \
                ADD(a3, x3, t, d); \
            } \
            out[i] += a0; \
            out[i + 1] += a1; \
            out[i + 2] += a2; \
            out[i + 3] += a3; \
            if (!rank) continue; \
            low[i] = KERN_LOW(a0); \
            low[i + 1] = KERN_LOW(a1); \
            low[i + 2] = KERN_LOW(a2); \
            low[i + 3] = KERN_LOW(a3); \
        } \
    }
KERN_STEP(step_f, vd, double, base_f, nf, at_f, delta_f, KERN_ADD_F)
KERN_STEP(step_l, vl, int64_t, base, n, at, delta, KERN_ADD_L)
#undef KERN_STEP

/* One of two: points, or ranks. add: to what stands there. */
static void KERN(step_half)(int32_t base, const int32_t *delta, const kam__card_step *s, const int32_t *from,
                            uint32_t n, int32_t *to, int add)
{
    const KERN(vi) *x = (const KERN(vi) *)(const void *)from;
    KERN(vi) *out = (KERN(vi) *)(void *)to;
    const KERN(vi) first = KERN_SPLAT_I(base), keep = KERN_SPLAT_I(add ? -1 : 0);
    for (uint32_t i = 0; i < n / KERN_LANES; i += 4) {
        const KERN(vi) x0 = x[i], x1 = x[i + 1], x2 = x[i + 2], x3 = x[i + 3];
        KERN(vi) a0 = first, a1 = first, a2 = first, a3 = first;
        for (uint32_t k = 0; k < s->n32; k++) {
            const KERN(vi) t = KERN_SPLAT_I(s->before32[k]), d = KERN_SPLAT_I(delta[k]);
            KERN_ADD_I(a0, x0, t, d);
            KERN_ADD_I(a1, x1, t, d);
            KERN_ADD_I(a2, x2, t, d);
            KERN_ADD_I(a3, x3, t, d);
        }
        out[i] = (out[i] & keep) + a0;
        out[i + 1] = (out[i + 1] & keep) + a1;
        out[i + 2] = (out[i + 2] & keep) + a2;
        out[i + 3] = (out[i + 3] & keep) + a3;
    }
}

static void KERN(step_i)(const kam__card_step *s, const int32_t *x, uint32_t n, int32_t *sum, int32_t *rank)
{
    KERN(step_half)(s->base32, s->delta32, s, x, n, sum, 1);
    if (rank) KERN(step_half)(s->rank32, s->drank32, s, x, n, rank, 0);
}

#if KERN_WIDTH == 4
static int32_t KERN(table)(const kam__card_table *t, const int32_t *x, uint32_t n, int32_t *sum, int32_t *rank)
{
    __m256i bad = _mm256_setzero_si256(), last = _mm256_set1_epi32((int32_t)t->n - 1), none = _mm256_set1_epi32(-1);
    const __m256i *p = (const __m256i *)(const void *)t->points, *r = (const __m256i *)(const void *)t->rank;
    if (t->none != 15) return scard_table_any(t, x, n, sum, rank);
    __m256i p0 = _mm256_loadu_si256(p), p1 = _mm256_loadu_si256(p + 1);
    __m256i r0 = _mm256_loadu_si256(r), r1 = _mm256_loadu_si256(r + 1);
    for (uint32_t i = 0; i < n; i += 8) {
        __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(x + i)), high = _mm256_slli_epi32(c, 28);
        __m256i *s = (__m256i *)(void *)(sum + i);
        __m256i v = _mm256_castps_si256(_mm256_blendv_ps(
            _mm256_castsi256_ps(_mm256_permutevar8x32_epi32(p0, c)),
            _mm256_castsi256_ps(_mm256_permutevar8x32_epi32(p1, c)), _mm256_castsi256_ps(high)));
        bad = _mm256_or_si256(bad, _mm256_or_si256(_mm256_cmpgt_epi32(c, last), _mm256_cmpgt_epi32(none, c)));
        _mm256_storeu_si256(s, _mm256_add_epi32(_mm256_loadu_si256(s), v));
        if (!rank) continue;
        v = _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(_mm256_permutevar8x32_epi32(r0, c)),
                                                 _mm256_castsi256_ps(_mm256_permutevar8x32_epi32(r1, c)),
                                                 _mm256_castsi256_ps(high)));
        _mm256_storeu_si256((__m256i *)(void *)(rank + i), v);
    }
    return _mm256_movemask_ps(_mm256_castsi256_ps(bad));
}
#elif defined(KERN_512)
static int32_t KERN(table)(const kam__card_table *t, const int32_t *x, uint32_t n, int32_t *sum, int32_t *rank)
{
    __mmask16 bad = 0;
    if (t->none != 15) return scard_table_any(t, x, n, sum, rank);
    const __m512i last = _mm512_set1_epi32((int32_t)t->n), one = _mm512_set1_epi32(1);
    const __m512i p = _mm512_loadu_si512(t->points), r = _mm512_loadu_si512(t->rank);
    for (uint32_t i = 0; i < n; i += 16) {
        __m512i c = _mm512_loadu_si512(x + i);
        bad = (__mmask16)(bad | _mm512_cmp_epu32_mask(_mm512_add_epi32(c, one), last, _MM_CMPINT_NLE));
        _mm512_storeu_si512(sum + i, _mm512_add_epi32(_mm512_loadu_si512(sum + i), _mm512_permutexvar_epi32(c, p)));
        if (rank) _mm512_storeu_si512(rank + i, _mm512_permutexvar_epi32(c, r));
    }
    return bad;
}
#else
static int32_t KERN(table)(const kam__card_table *t, const int32_t *x, uint32_t n, int32_t *sum, int32_t *rank)
{
    return scard_table_any(t, x, n, sum, rank);
}
#endif

static void KERN(least)(int32_t *best, uint32_t keep, const int32_t *rank, uint32_t n)
{
    const KERN(vi) *r = (const KERN(vi) *)(const void *)rank;
    const uint32_t apart = KAM__CHUNK / KERN_LANES;
    KERN(vi) *b = (KERN(vi) *)(void *)best;
    for (uint32_t i = 0; i < n / KERN_LANES; i++) {
        KERN(vi) v = r[i];
        for (uint32_t k = 0; k < keep; k++) {
            const KERN(vi) w = b[k * apart + i];
#if defined(KERN_512)
            b[k * apart + i] = (KERN(vi))_mm512_min_epi32((__m512i)v, (__m512i)w);
            v = (KERN(vi))_mm512_max_epi32((__m512i)v, (__m512i)w);
#else
            const KERN(vi) m = (KERN(vi))KERN_MASK_I(v < w);
            b[k * apart + i] = (v & m) | (w & ~m);
            v = (w & m) | (v & ~m);
#endif
        }
    }
}

static void KERN(finish)(int64_t *to, int64_t base, const int64_t *sum, const int32_t *sum32, int reasons, uint32_t n)
{
    const KERN(vl) *s = (const KERN(vl) *)(const void *)sum, first = KERN_SPLAT(base);
    const KERN(vh) *h = (const KERN(vh) *)(const void *)sum32;
    KERN(vl) *out = (KERN(vl) *)(void *)to;
    if (!reasons) {
        for (uint32_t i = 0; i < n / KERN_WIDTH; i++) out[i] = first + s[i] + KERN_WIDE(h[i]);
        return;
    }
    for (uint32_t i = 0; i < n; i++) to[i] = base + (int32_t)(uint32_t)((uint64_t)sum[i] >> 32) + sum32[i];
}

static const kam__card_kern KERN(all) = {KERN_NAME,    KERN(step_f), KERN(step_l), KERN(step_i),
                                         KERN(table), KERN(least),  KERN(finish)};

#undef KERN_LANES
#undef KERN_MASK_L
#undef KERN_MASK_I
#undef KERN_LOW
#undef KERN_WIDE
#undef KERN_SPLAT
#undef KERN_SPLAT_I
#undef KERN_ADD_F
#undef KERN_ADD_L
#undef KERN_ADD_I
