/*
 * value/kmeans.c - k-means: seeds (k-means++, Arthur & Vassilvitskii 2007; farthest first, Gonzalez 1985), then the steps
 * of Lloyd (1982) until no row changes its group; how well rows lie in their groups is the silhouette (Rousseeuw 1987).
 *
 * A start is a pure function of (rows, seed number), so the best of many is the same on every machine and in any order.
 * Distances are plain sums of squares in the order of columns; a tie goes to the smaller number.
 */
#include "base/base.h"
#include <kam/learn.h>
#include <math.h>

#define KMEANS_COLUMNS 1024u
#define KMEANS_K 65536u
#define KMEANS_LARGE 1e100

typedef struct kmeans_job {
    kam_ctx *ctx;
    const double *x;
    size_t n;
    uint32_t d, k, iterations;
    double *centre, *sum, *near;
    uint32_t *cluster;
    uint64_t *count;
} kmeans_job;

static double kmeans_distance(const double *a, const double *b, uint32_t d) {
    double sum = 0;
    for (uint32_t j = 0; j < d; j++) sum += (a[j] - b[j]) * (a[j] - b[j]);
    return sum;
}

/* ---------------------------------------------------------------- seeds */

/* Seed s is row i; every row knows how far its nearest seed is. */
static void kmeans_seed(kmeans_job *j, uint32_t s, size_t i) {
    memcpy(j->centre + (size_t)s * j->d, j->x + i * j->d, j->d * sizeof *j->centre);
    for (size_t r = 0; r < j->n; r++) {
        double far = kmeans_distance(j->x + r * j->d, j->x + i * j->d, j->d);
        if (s == 0 || far < j->near[r]) j->near[r] = far;
    }
}

static size_t kmeans_farthest(const double *near, size_t n) {
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (near[i] > near[best]) best = i;
    return best;
}

static void kmeans_seeds_farthest(kmeans_job *j, uint32_t column) {
    size_t first = 0;
    for (size_t i = 1; i < j->n; i++)
        if (j->x[i * j->d + column] > j->x[first * j->d + column]) first = i;
    kmeans_seed(j, 0, first);
    for (uint32_t s = 1; s < j->k; s++) kmeans_seed(j, s, kmeans_farthest(j->near, j->n));
}

static double kmeans_uniform(uint64_t *state) { return (double)(kam__random(state) >> 11) * 0x1p-53; }

/* A row by chance, in proportion to its squared distance from the nearest seed. */
static size_t kmeans_draw(const kmeans_job *j, uint64_t *state) {
    double all = 0, at;
    for (size_t i = 0; i < j->n; i++) all += j->near[i];
    at = kmeans_uniform(state) * all;
    for (size_t i = 0; i < j->n; i++) {
        at -= j->near[i];
        if (at < 0) return i;
    }
    return kmeans_farthest(j->near, j->n);
}

static void kmeans_seeds_random(kmeans_job *j, uint64_t seed) {
    uint64_t state = seed;
    size_t first = (size_t)(kmeans_uniform(&state) * (double)j->n);
    kmeans_seed(j, 0, first < j->n ? first : j->n - 1);
    for (uint32_t s = 1; s < j->k; s++) kmeans_seed(j, s, kmeans_draw(j, &state));
}

/* ---------------------------------------------------------------- Lloyd's steps */

static uint32_t kmeans_nearest(const kmeans_job *j, const double *row, double *far) {
    uint32_t best = 0;
    double least = kmeans_distance(row, j->centre, j->d);
    for (uint32_t c = 1; c < j->k; c++) {
        double d = kmeans_distance(row, j->centre + (size_t)c * j->d, j->d);
        if (d < least) {
            least = d;
            best = c;
        }
    }
    *far = least;
    return best;
}

/* The same for three columns, the usual recency, frequency and money. */
static uint32_t kmeans_nearest3(const kmeans_job *j, const double *row, double *far) {
    double a = row[0], b = row[1], c = row[2], least = HUGE_VAL;
    const double *p = j->centre;
    uint32_t best = 0;
    for (uint32_t k = 0; k < j->k; k++, p += 3) {
        double d = (a - p[0]) * (a - p[0]);
        d += (b - p[1]) * (b - p[1]);
        d += (c - p[2]) * (c - p[2]);
        if (d < least) {
            least = d;
            best = k;
        }
    }
    *far = least;
    return best;
}

/* Sends each row to its nearest centre; how many changed. */
static size_t kmeans_assign(kmeans_job *j, int first) {
    size_t changed = 0;
    uint32_t d = j->d;
    memset(j->sum, 0, (size_t)j->k * d * sizeof *j->sum);
    memset(j->count, 0, j->k * sizeof *j->count);
    for (size_t i = 0; i < j->n; i++) {
        const double *row = j->x + i * d;
        uint32_t c = d == 3 ? kmeans_nearest3(j, row, &j->near[i]) : kmeans_nearest(j, row, &j->near[i]);
        changed += first || c != j->cluster[i];
        j->cluster[i] = c;
        j->count[c]++;
        for (uint32_t q = 0; q < d; q++) j->sum[(size_t)c * d + q] += row[q];
    }
    return changed;
}

/* Centres to means; an empty group takes the row that is farthest from its centre, each row once. 1 = some were empty. */
static int kmeans_move(kmeans_job *j) {
    int empty = 0;
    for (uint32_t c = 0; c < j->k; c++) {
        double *centre = j->centre + (size_t)c * j->d;
        if (j->count[c]) {
            for (uint32_t q = 0; q < j->d; q++) centre[q] = j->sum[(size_t)c * j->d + q] / (double)j->count[c];
            continue;
        }
        size_t far = kmeans_farthest(j->near, j->n);
        empty |= j->near[far] > 0;
        memcpy(centre, j->x + far * j->d, j->d * sizeof *centre);
        j->near[far] = 0;
    }
    return empty;
}

static int32_t kmeans_lloyd(kmeans_job *j, double *inertia, kam_error *err) {
    size_t changed = kmeans_assign(j, 1);
    for (uint32_t step = 0; changed && step < j->iterations; step++) {
        int empty = kmeans_move(j);
        KAM__TRY(kam__progress(j->ctx, step, 0, err));
        changed = kmeans_assign(j, 0);
        if (empty && !changed) break;
    }
    kmeans_move(j);
    *inertia = 0;
    for (size_t i = 0; i < j->n; i++)
        *inertia += kmeans_distance(j->x + i * j->d, j->centre + (size_t)j->cluster[i] * j->d, j->d);
    return KAM_OK;
}

/* ---------------------------------------------------------------- the best of several starts */

typedef struct kmeans_best {
    double inertia, *centre;
    uint32_t *cluster;
} kmeans_best;

static void kmeans_keep(const kmeans_job *j, kmeans_best *best, double inertia) {
    best->inertia = inertia;
    memcpy(best->centre, j->centre, (size_t)j->k * j->d * sizeof *j->centre);
    memcpy(best->cluster, j->cluster, j->n * sizeof *j->cluster);
}

/* Groups by size, ties by their first row: found in the order of rows and sorted by insertion. `place` has room for 2 k. */
static void kmeans_number(const kmeans_job *j, kmeans_best *best, uint32_t *place) {
    uint32_t n = 0, *order = place + j->k;
    memset(j->count, 0, j->k * sizeof *j->count);
    for (size_t i = 0; i < j->n; i++) {
        uint32_t c = best->cluster[i];
        if (!j->count[c]++) order[n++] = c;
    }
    for (uint32_t c = 0; c < j->k; c++)
        if (!j->count[c]) order[n++] = c;
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t k = i; k > 0 && j->count[order[k]] > j->count[order[k - 1]]; k--) {
            uint32_t keep = order[k];
            order[k] = order[k - 1];
            order[k - 1] = keep;
        }
    for (uint32_t i = 0; i < n; i++) place[order[i]] = i;
    memcpy(j->centre, best->centre, (size_t)j->k * j->d * sizeof *j->centre);
    for (uint32_t c = 0; c < j->k; c++)
        memcpy(best->centre + (size_t)place[c] * j->d, j->centre + (size_t)c * j->d, j->d * sizeof *j->centre);
    for (size_t i = 0; i < j->n; i++) best->cluster[i] = place[best->cluster[i]];
}

static int32_t kmeans_starts(kmeans_job *j, const kam_kmeans_options *o, kmeans_best *best, uint32_t *place,
                             kam_error *err) {
    uint32_t starts = o->flags & KAM_KMEANS_FARTHEST ? 1 : o->restarts ? o->restarts : 10;
    uint64_t state = o->seed;
    for (uint32_t s = 0; s < starts; s++) {
        double inertia = 0;
        if (o->flags & KAM_KMEANS_FARTHEST)
            kmeans_seeds_farthest(j, o->first_column);
        else
            kmeans_seeds_random(j, kam__random(&state));
        KAM__TRY(kmeans_lloyd(j, &inertia, err));
        if (s == 0 || inertia < best->inertia) kmeans_keep(j, best, inertia);
    }
    if (!(o->flags & KAM_KMEANS_FARTHEST)) kmeans_number(j, best, place);
    return KAM_OK;
}

/* ---------------------------------------------------------------- the call */

static int32_t kmeans_table(const double *x, size_t n, uint32_t d, kam_error *err) {
    if (!x && n) return kam__null_arg(err, "x");
    if (d < 1 || d > KMEANS_COLUMNS)
        return kam__fail(err, KAM_E_INVAL, "a table has 1 to 1024 columns, not %u", (unsigned)d);
    if (n > 0x7FFFFFFFu) return kam__fail(err, KAM_E_INVAL, "a table has at most 2147483647 rows");
    for (size_t i = 0; i < n * d; i++)
        if (!(fabs(x[i]) <= KMEANS_LARGE)) {
            int32_t rc = kam__fail(err, KAM_E_INVAL, "column %u of row %llu is not a number, or beyond 1e100",
                                   (unsigned)(i % d), (unsigned long long)(i / d));
            kam__err_set(err, KAM_ERR_ROW, (int64_t)(i / d));
            return rc;
        }
    return KAM_OK;
}

static int32_t kmeans_check(kam_kmeans_options *own, const kam_kmeans_options *given, size_t n, uint32_t d,
                            kam_error *err) {
    if (!given) return kam__null_arg(err, "options");
    KAM__TRY(kam__options(own, sizeof *own, given, sizeof *own, "kam_kmeans_options", err));
    KAM__TRY(kam__flags(own->flags, KAM_KMEANS_FARTHEST, "kam_kmeans_options", err));
    if (own->k < 1 || own->k > n || own->k > KMEANS_K)
        return kam__fail(err, KAM_E_INVAL, "%u groups of %llu rows: k must be 1 to the number of rows",
                         (unsigned)own->k, (unsigned long long)n);
    if (own->first_column >= d)
        return kam__fail(err, KAM_E_INVAL, "there is no column %u", (unsigned)own->first_column);
    return KAM_OK;
}

static int32_t kmeans_run(kam_ctx *ctx, kmeans_job *j, const kam_kmeans_options *o, uint32_t *cluster, double *centre,
                          double *inertia, kam_error *err) {
    size_t kd = (size_t)j->k * j->d;
    double *room = kam__zalloc_n(ctx, 3 * kd + j->n, sizeof *room);
    uint32_t *groups = kam__zalloc_n(ctx, 2 * j->n + 2 * (size_t)j->k, sizeof *groups);
    j->count = kam__zalloc_n(ctx, j->k, sizeof *j->count);
    int32_t rc = room && groups && j->count ? KAM_OK : kam__nomem(err);
    if (rc == KAM_OK) {
        kmeans_best best = {0, room + 2 * kd, groups + j->n};
        j->centre = room, j->sum = room + kd, j->near = room + 3 * kd, j->cluster = groups;
        rc = kmeans_starts(j, o, &best, groups + 2 * j->n, err);
        if (rc == KAM_OK) {
            memcpy(cluster, best.cluster, j->n * sizeof *cluster);
            if (centre) memcpy(centre, best.centre, kd * sizeof *centre);
            if (inertia) *inertia = best.inertia;
        }
    }
    kam__free(ctx, room);
    kam__free(ctx, groups);
    kam__free(ctx, j->count);
    return rc;
}

int32_t kam_kmeans(uint32_t *cluster, double *centre, double *inertia, kam_ctx *ctx, const double *x, size_t n,
                   uint32_t columns, const kam_kmeans_options *options, kam_error *err) {
    kam_kmeans_options own;
    kam_ctx *held = NULL;
    if (!cluster) return kam__null_arg(err, "cluster");
    KAM__TRY(kmeans_table(x, n, columns, err));
    KAM__TRY(kmeans_check(&own, options, n, columns, err));
    KAM__TRY(kam__ctx_take(&held, ctx, err));
    kmeans_job j = {
        .ctx = held, .x = x, .n = n, .d = columns, .k = own.k, .iterations = own.iterations ? own.iterations : 300};
    int32_t rc = kmeans_run(held, &j, &own, cluster, centre, inertia, err);
    kam_ctx_free(held);
    return rc;
}

/* ---------------------------------------------------------------- before and after */

int32_t kam_standardize(double *mean, double *sd, double *x, size_t n, uint32_t columns, kam_error *err) {
    KAM__TRY(kmeans_table(x, n, columns, err));
    for (uint32_t c = 0; c < columns; c++) {
        double sum = 0, square = 0, rows = n ? (double)n : 1, m, s;
        for (size_t i = 0; i < n; i++) sum += x[i * columns + c] / rows;
        m = sum;
        for (size_t i = 0; i < n; i++) square += (x[i * columns + c] - m) * ((x[i * columns + c] - m) / rows);
        s = sqrt(square);
        int flat = !(s > 1e-14 * fabs(m)) || !(s > 0);
        for (size_t i = 0; i < n; i++) x[i * columns + c] = flat ? 0 : (x[i * columns + c] - m) / s;
        if (mean) mean[c] = m;
        if (sd) sd[c] = flat ? 0 : s;
    }
    return KAM_OK;
}

/* Mean distance from row i to each group, over the rows looked at; `count` of them in each group, without row i. */
static double kmeans_row_silhouette(const double *x, uint32_t d, const uint32_t *cluster, uint32_t k, size_t i,
                                    size_t n, size_t step, double *sum, const uint64_t *count) {
    uint32_t own = cluster[i];
    double other = HUGE_VAL;
    memset(sum, 0, k * sizeof *sum);
    if (count[own] < 2) return 0;
    for (size_t r = 0; r < n; r += step) sum[cluster[r]] += sqrt(kmeans_distance(x + i * d, x + r * d, d));
    for (uint32_t c = 0; c < k; c++)
        if (c != own && count[c] && sum[c] / (double)count[c] < other) other = sum[c] / (double)count[c];
    double in = sum[own] / (double)(count[own] - 1), top = in > other ? in : other;
    return other < HUGE_VAL && top > 0 ? (other - in) / top : 0;
}

int32_t kam_silhouette(double *out, kam_ctx *ctx, const double *x, size_t n, uint32_t columns, const uint32_t *cluster,
                       uint32_t k, size_t most, kam_error *err) {
    kam_ctx *held = NULL;
    size_t step = most && n > most ? (n + most - 1) / most : 1;
    double all = 0, rows = 0;
    if (!out) return kam__null_arg(err, "out");
    if (!cluster && n) return kam__null_arg(err, "cluster");
    KAM__TRY(kmeans_table(x, n, columns, err));
    for (size_t i = 0; i < n; i++)
        if (cluster[i] >= k)
            return kam__fail(err, KAM_E_INVAL, "row %llu is in group %u of %u", (unsigned long long)i,
                             (unsigned)cluster[i], (unsigned)k);
    KAM__TRY(kam__ctx_take(&held, ctx, err));
    double *sum = kam__zalloc_n(held, (size_t)k + 1, sizeof *sum);
    uint64_t *count = kam__zalloc_n(held, (size_t)k + 1, sizeof *count);
    int32_t rc = sum && count ? KAM_OK : kam__nomem(err);
    for (size_t i = 0; i < n && rc == KAM_OK; i += step) count[cluster[i]]++;
    for (size_t i = 0; i < n && rc == KAM_OK; i += step) {
        all += kmeans_row_silhouette(x, columns, cluster, k, i, n, step, sum, count);
        rows += 1;
        if (i / step % 256 == 0) rc = kam__progress(held, i, n, err);
    }
    kam__free(held, sum);
    kam__free(held, count);
    kam_ctx_free(held);
    if (rc == KAM_OK) *out = rows > 0 ? all / rows : 0;
    return rc;
}
