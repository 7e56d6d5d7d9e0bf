/*
 * tests/bench/bench_pvrp.c - kam-bench pvrp: the routing engine over a folder of Cordeau's instances with its bks.csv.
 *
 * A line for each instance, then the mean gaps; a plan better than the best known counts as gap 0.
 */
#include "bench.h"
#include <kam/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct pvrp_bench {
    const char *dir;
    double seconds, first, sum[2];              /* gaps of p*, of pr* */
    uint64_t seed;
    clock_t start;
    int n[2];
} pvrp_bench;

static double pvrp_cpu(const pvrp_bench *b) { return (double)(clock() - b->start) / CLOCKS_PER_SEC; }

static int32_t pvrp_spent(void *user, int64_t best) {
    pvrp_bench *b = user;
    double cpu = pvrp_cpu(b);
    if (best >= 0 && b->first < 0) b->first = cpu;
    return cpu >= b->seconds ? 1000000 : (int32_t)(cpu / b->seconds * 1000000);
}

static char *pvrp_read(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    char *text = f ? malloc(1 << 22) : NULL;
    *size = text ? fread(text, 1, (1 << 22) - 1, f) : 0;
    if (text) text[*size] = '\0';
    if (f) fclose(f);
    return text;
}

static int32_t pvrp_solve(pvrp_bench *b, const char *path, const char *format, double *cost, long long *iterations) {
    size_t size = 0;
    kam_route *route = NULL;
    kam_buf *out = NULL;
    kam_error *err = NULL;
    b->start = clock();
    b->first = -1;
    char *text = pvrp_read(path, &size);
    if (!text) return KAM_E_NOT_FOUND;
    int32_t rc = kam_error_new(&err, NULL);
    if (rc == KAM_OK) rc = kam_route_parse(&route, NULL, format, text, size, err);
    if (rc == KAM_OK) rc = kam_route_budget(route, pvrp_spent, b, err);
    if (rc == KAM_OK) rc = kam_route_solve(NULL, route, b->seed, 0, err);
    if (rc == KAM_OK) rc = kam_buf_new(&out, NULL, err);
    if (rc == KAM_OK) rc = kam_route_write(out, route, "res", err);
    if (rc == KAM_OK) *cost = strtod(kam_buf_data(out), NULL);
    else fprintf(stderr, "kam: %s: %s\n", path, kam_error_message(err));
    *iterations = (long long)kam_route_figure(route, KAM_ROUTE_ITERATIONS);
    kam_buf_free(out);
    kam_route_free(route);
    kam_error_free(err);
    free(text);
    return rc;
}

/* One line of bks.csv (instance,type,n,vehicles,days,bks,...) or bks_dimacs_x10.csv (instance,vehicles,bks_x10). */
static int pvrp_line(pvrp_bench *b, const char *line, int solomon) {
    char name[64], type[16] = "", path[4096];
    double bks = 0, cost = 0;
    long long iterations = 0;
    if (solomon ? sscanf(line, "%63[^,],%*d,%lf", name, &bks) != 2
                : sscanf(line, "%63[^,],%15[^,],%*d,%*d,%*d,%lf", name, type, &bks) != 3 ||
                    strcmp(type, "PVRP") != 0) return 0;
    if (solomon) bks /= 10;
    snprintf(path, sizeof path, solomon ? "%s/%s.vrp" : "%s/%s", b->dir, name);
    int32_t rc = pvrp_solve(b, path, solomon ? "vrplib" : "cordeau", &cost, &iterations);
    if (rc == KAM_E_NOT_FOUND) return 0;
    if (rc != KAM_OK) return 1;
    double gap = (cost / bks - 1) * 100;
    int group = strncmp(name, "pr", 2) == 0;
    b->sum[group] += gap > 0 ? gap : 0;
    b->n[group]++;
    printf("%-8s %12.4f bks %10.2f gap %7.3f %% iterations %9lld first_ms %6.1f cpu %6.2f\n", name, cost, bks, gap,
           iterations,
           b->first * 1000, pvrp_cpu(b));
    fflush(stdout);
    return 0;
}

static int pvrp_table(pvrp_bench *b) {
    char path[4096], line[1024];
    int solomon = 0, failed = 0;
    snprintf(path, sizeof path, "%s/bks.csv", b->dir);
    FILE *f = fopen(path, "r");
    if (!f) {
        snprintf(path, sizeof path, "%s/bks_dimacs_x10.csv", b->dir);
        f = fopen(path, "r");
        solomon = 1;
    }
    if (!f) {
        fprintf(stderr, "kam: %s: there is neither bks.csv nor bks_dimacs_x10.csv\n", b->dir);
        return 1;
    }
    while (fgets(line, sizeof line, f)) failed |= pvrp_line(b, line, solomon);
    fclose(f);
    int n = b->n[0] + b->n[1];
    if (b->n[1]) printf("mean gap p %.3f %% (%d), pr %.3f %% (%d), ", b->n[0] ? b->sum[0] / b->n[0] : 0, b->n[0],
                        b->sum[1] / b->n[1], b->n[1]);
    printf("mean gap of all %.3f %% (%d), %.1f CPU seconds each\n", n ? (b->sum[0] + b->sum[1]) / n : 0, n, b->seconds);
    return failed || !n;
}

int bench_pvrp(int argc, char **argv) {
    pvrp_bench b = {.dir = NULL, .seconds = 10, .seed = 1};
    for (int i = 0; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--set") == 0) b.dir = argv[i + 1];
        else if (strcmp(argv[i], "--cpu-seconds") == 0) b.seconds = strtod(argv[i + 1], NULL);
        else if (strcmp(argv[i], "--seed") == 0) b.seed = strtoull(argv[i + 1], NULL, 10);
        else argc = 1;
    }
    if (argc % 2 || !b.dir || !(b.seconds > 0)) {
        fprintf(stderr, "usage: kam-bench pvrp --set DIR [--cpu-seconds T] [--seed N]\n");
        return 2;
    }
    return pvrp_table(&b);
}
