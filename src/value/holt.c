/*
 * value/holt.c - a plain forecast of one series: additive Holt-Winters with a damped trend (Gardner & McKenzie 1985; in
 * the error-correction form of Hyndman & Athanasopoulos 2021, 8.3), with the naive baseline always beside it.
 *
 * The smoothing parameters are those with the smallest squared error one step ahead, searched by the simplex of Nelder &
 * Mead (1965) from fixed starts inside the usual bounds; the states at the start come from the first two seasons. It is
 * the default proposal for a plan, not the last word: a longer memory of causes belongs to whoever plans.
 */
#include "base/base.h"
#include <kam/learn.h>
#include <math.h>

#define HOLT_LARGE 1e100
#define HOLT_STEPS 400

typedef struct holt_job {
    const double *y;
    size_t n;
    uint32_t season;       /* season 1: none */
    double *start, *state; /* seasons: at the start, and while running */
    double level, trend, scale;
    double end_level, end_trend;
    size_t end; /* after a run */
} holt_job;

/* Free numbers to parameters: alpha in (0, 1), beta below alpha, gamma below 1 - alpha, phi in (.8, .98). */
static void holt_bounds(const double v[4], double p[4]) {
    for (int i = 0; i < 4; i++) p[i] = 1 / (1 + exp(-v[i]));
    p[0] = 0.0001 + 0.9998 * p[0];
    p[1] *= p[0];
    p[2] *= 1 - p[0];
    p[3] = 0.8 + 0.18 * p[3];
}

/* One pass; the mean squared error one step ahead, relative to the size of the series. *mae from `from` on. */
static double holt_run(holt_job *j, const double v[4], size_t from, double *mae) {
    double p[4], level = j->level, trend = j->trend, sum = 0, absolute = 0;
    uint32_t m = j->season;
    holt_bounds(v, p);
    memcpy(j->state, j->start, m * sizeof *j->state);
    for (size_t t = 0; t < j->n; t++) {
        double *season = &j->state[t % m], ahead = p[3] * trend, error = j->y[t] - level - ahead - *season;
        level += ahead + p[0] * error;
        trend = ahead + p[1] * error;
        if (m > 1) *season += p[2] * error;
        sum += error / j->scale * (error / j->scale);
        if (t >= from) absolute += fabs(error);
    }
    j->end_level = level;
    j->end_trend = trend;
    if (mae) *mae = j->n > from ? absolute / (double)(j->n - from) : 0;
    return sum / (double)j->n;
}

/* ---------------------------------------------------------------- Nelder & Mead */

typedef struct holt_point {
    double v[4], f;
} holt_point;

static void holt_sort(holt_point s[5]) {
    for (int i = 1; i < 5; i++)
        for (int k = i; k > 0 && s[k].f < s[k - 1].f; k--) {
            holt_point keep = s[k];
            s[k] = s[k - 1];
            s[k - 1] = keep;
        }
}

static holt_point holt_try(holt_job *j, const double centre[4], const holt_point *worst, double by) {
    holt_point p;
    for (int i = 0; i < 4; i++) {
        double v = centre[i] + by * (worst->v[i] - centre[i]);
        p.v[i] = v > 12 ? 12 : v < -12 ? -12 : v;
    }
    p.f = holt_run(j, p.v, 0, NULL);
    return p;
}

static void holt_shrink(holt_job *j, holt_point s[5]) {
    for (int i = 1; i < 5; i++) {
        for (int k = 0; k < 4; k++) s[i].v[k] = 0.5 * (s[i].v[k] + s[0].v[k]);
        s[i].f = holt_run(j, s[i].v, 0, NULL);
    }
}

static holt_point holt_search(holt_job *j, const double start[4]) {
    holt_point s[5];
    for (int i = 0; i < 5; i++) {
        memcpy(s[i].v, start, sizeof s[i].v);
        if (i) s[i].v[i - 1] += 1;
        s[i].f = holt_run(j, s[i].v, 0, NULL);
    }
    for (int step = 0; step < HOLT_STEPS; step++) {
        double centre[4] = {0, 0, 0, 0};
        holt_sort(s);
        if (s[4].f - s[0].f <= 1e-12 * s[0].f) break;
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 4; k++) centre[k] += s[i].v[k] / 4;
        holt_point p = holt_try(j, centre, &s[4], -1);
        if (p.f < s[0].f) {
            holt_point further = holt_try(j, centre, &s[4], -2);
            s[4] = further.f < p.f ? further : p;
        } else if (p.f < s[3].f) {
            s[4] = p;
        } else {
            holt_point nearer = holt_try(j, centre, p.f < s[4].f ? &p : &s[4], 0.5);
            if (nearer.f < s[4].f && nearer.f <= p.f)
                s[4] = nearer;
            else
                holt_shrink(j, s);
        }
    }
    holt_sort(s);
    return s[0];
}

/* ---------------------------------------------------------------- states at the start, and the answer */

static double holt_mean(const double *y, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += y[i] / (double)n;
    return sum;
}

static void holt_start(holt_job *j) {
    uint32_t m = j->season;
    j->scale = 0;
    for (size_t i = 0; i < j->n; i++) j->scale = fabs(j->y[i]) > j->scale ? fabs(j->y[i]) : j->scale;
    if (!(j->scale > 0)) j->scale = 1;
    if (m > 1) {
        double first = holt_mean(j->y, m), second = holt_mean(j->y + m, m);
        j->trend = (second - first) / m;
        j->level = first - j->trend * (m + 1) / 2;
        for (uint32_t i = 0; i < m; i++)
            j->start[i] = 0.5 * (j->y[i] - (first + j->trend * (i - (m - 1) / 2.0)) + j->y[m + i] -
                                 (second + j->trend * (i - (m - 1) / 2.0)));
    } else {
        j->trend = j->n > 1 ? (j->y[j->n < 5 ? j->n - 1 : 4] - j->y[0]) / (double)(j->n < 5 ? j->n - 1 : 4) : 0;
        j->level = j->y[0] - j->trend;
        j->start[0] = 0;
    }
}

static void holt_answer(holt_job *j, double *out, double *naive, kam_forecast_fit *fit, uint32_t horizon) {
    static const double start[3][4] = {{-1, -2, -2, 1}, {1, -1, -3, 0}, {-4, -4, -1, 1}};
    holt_point best = holt_search(j, start[0]);
    double p[4], mae = 0, naive_mae = 0, damped = 0, power = 1;
    size_t back = j->season, from = j->n > back ? back : j->n;
    for (int i = 1; i < 3; i++) {
        holt_point other = holt_search(j, start[i]);
        if (other.f < best.f) best = other;
    }
    holt_run(j, best.v, from, &mae);
    holt_bounds(best.v, p);
    for (size_t i = from; i < j->n; i++) naive_mae += fabs(j->y[i] - j->y[i - back]) / (double)(j->n - from);
    for (uint32_t h = 0; h < horizon; h++) {
        power *= p[3];
        damped += power;
        out[h] = j->end_level + damped * j->end_trend + j->state[(j->n + h) % j->season];
        if (naive) naive[h] = j->y[j->n - (j->n < back ? 1 : back) + (j->n < back ? 0 : h % back)];
    }
    if (fit)
        *fit = (kam_forecast_fit){fit->struct_size,         j->season > 1, p[0], p[1],
                                  j->season > 1 ? p[2] : 0, p[3],          mae,  naive_mae};
}

static int32_t holt_check(const double *out, const kam_forecast_fit *fit, const double *y, size_t n, uint32_t season,
                          uint32_t horizon, kam_error *err) {
    if (!out && horizon) return kam__null_arg(err, "out");
    if (!y) return kam__null_arg(err, "y");
    if (fit && fit->struct_size < sizeof *fit)
        return kam__fail(err, KAM_E_INVAL, "kam_forecast_fit.struct_size is too small");
    if (n < 1 || n > 100000 || season > 10000 || horizon > 10000)
        return kam__fail(err, KAM_E_INVAL, "a series has 1 to 100000 values, a season and a horizon at most 10000");
    for (size_t i = 0; i < n; i++) {
        if (fabs(y[i]) <= HOLT_LARGE) continue;
        int32_t rc = kam__fail(err, KAM_E_INVAL, "value %llu is not finite, or beyond 1e100", (unsigned long long)i);
        kam__err_set(err, KAM_ERR_ROW, (int64_t)i);
        return rc;
    }
    return KAM_OK;
}

int32_t kam_forecast(double *out, double *naive, kam_forecast_fit *fit, const double *y, size_t n, uint32_t season,
                     uint32_t horizon, kam_ctx *ctx, kam_error *err) {
    kam_ctx *held = NULL;
    KAM__TRY(holt_check(out, fit, y, n, season, horizon, err));
    KAM__TRY(kam__ctx_take(&held, ctx, err));
    holt_job j = {.y = y, .n = n, .season = season > 1 && n >= 2 * (size_t)season ? season : 1};
    j.start = kam__zalloc_n(held, 2 * (size_t)j.season, sizeof *j.start);
    int32_t rc = j.start ? KAM_OK : kam__nomem(err);
    if (rc == KAM_OK) {
        j.state = j.start + j.season;
        holt_start(&j);
        holt_answer(&j, out, naive, fit, horizon);
    }
    kam__free(held, j.start);
    kam_ctx_free(held);
    return rc;
}
