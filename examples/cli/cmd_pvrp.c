/*
 * cmd_pvrp.c - `kam pvrp`: the routing engine on the benchmark files of the literature.
 *
 * The library reads no clock: CPU time is counted here, from the start of the command, and told to the search by the
 * callback it asks for its budget.
 */
#include "cli.h"
#include <time.h>

typedef struct pvrp_watch { clock_t start; double seconds, first_ms; } pvrp_watch;

static double pvrp_cpu(const pvrp_watch *w) { return (double)(clock() - w->start) / CLOCKS_PER_SEC; }

/* Seconds 0: only the number of iterations ends the search. */
static int32_t pvrp_spent(void *user, int64_t best) {
    pvrp_watch *w = user;
    double cpu = pvrp_cpu(w);
    if (best >= 0 && w->first_ms < 0) w->first_ms = cpu * 1000;
    if (w->seconds <= 0) return 0;
    return cpu >= w->seconds ? 1000000 : (int32_t)(cpu / w->seconds * 1000000);
}

static int pvrp_number(const cli *c, double *out, const char *text, const char *name) {
    char *end = NULL;
    if (!text) return CLI_OK;
    *out = strtod(text, &end);
    return end != text && !*end && *out > 0 && *out < 1e15 ? CLI_OK
                                                           : cli_usage(c, "a number above 0 must follow", name);
}

static int pvrp_whole(const cli *c, uint64_t *out, const char *text, const char *name) {
    char *end = NULL;
    if (!text) return CLI_OK;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && !*end ? CLI_OK : cli_usage(c, "a whole number must follow", name);
}

static int pvrp_write(cli *c, const char *path) {
    FILE *f = path ? cli_create(path) : NULL;
    if (!path) return CLI_OK;
    if (!f) return CLI_FAILED;
    fwrite(kam_buf_data(c->buf), 1, kam_buf_size(c->buf), f);
    return cli_close(f, path, CLI_OK);
}

/* The cost printed is the one of the .res: its first line. */
static int pvrp_tell(cli *c, kam_route *route, const pvrp_watch *w, const char *path, double bks) {
    if (kam_route_write(c->buf, route, "res", c->err) != KAM_OK) return cli_fail(c, NULL);
    double cost = strtod(kam_buf_data(c->buf), NULL);
    int rc = pvrp_write(c, path);
    if (rc != CLI_OK) return rc;
    FILE *f = path && strcmp(path, "-") == 0 ? stderr : stdout;
    fprintf(f, "cost=%.4f iterations=%lld first_feasible_ms=%.1f cpu=%.2f", cost,
            (long long)kam_route_figure(route, KAM_ROUTE_ITERATIONS), w->first_ms, pvrp_cpu(w));
    if (bks > 0) fprintf(f, " gap=%.3f%%", (cost / bks - 1) * 100);
    fprintf(f, "\n");
    return CLI_OK;
}

static int pvrp_run(cli *c, const char *file, const char *format, uint64_t seed, uint64_t iterations, pvrp_watch *w,
                    const char *path, double bks, int quiet) {
    size_t size = 0;
    kam_route *route = NULL;
    char *text = cli_read(file, &size);
    if (!text) return CLI_FAILED;
    int32_t rc = kam_route_parse(&route, quiet ? NULL : c->ctx, format, text, size, c->err);
    free(text);
    if (rc == KAM_OK) rc = kam_route_budget(route, pvrp_spent, w, c->err);
    if (rc == KAM_OK) rc = kam_route_solve(NULL, route, seed, iterations, c->err);
    int code = rc == KAM_OK ? pvrp_tell(c, route, w, path, bks) : cli_fail(c, file);
    kam_route_free(route);
    return code;
}

int cmd_pvrp(cli *c, int argc, char **argv) {
    pvrp_watch w = {clock(), 0, -1};
    const char *file = NULL, *seed_text = NULL, *iteration_text = NULL, *second_text = NULL, *path = NULL,
               *bks_text = NULL, *format = NULL;
    int quiet = 0;
    const cli_option option[] = {{"seed", &seed_text, NULL}, {"iterations", &iteration_text, NULL},
                                 {"cpu-seconds", &second_text, NULL}, {"out", &path, NULL}, {"bks", &bks_text, NULL},
                                 {"format", &format, NULL}, {"quiet", NULL, &quiet}, {NULL, NULL, NULL}};
    uint64_t seed = 1, iterations = 0;
    double bks = 0;
    int rc = cli_options(c, argc, argv, option, &file, 1, 1);
    if (rc == CLI_OK) rc = pvrp_whole(c, &seed, seed_text, "--seed");
    if (rc == CLI_OK) rc = pvrp_whole(c, &iterations, iteration_text, "--iterations");
    if (rc == CLI_OK) rc = pvrp_number(c, &w.seconds, second_text, "--cpu-seconds");
    if (rc == CLI_OK) rc = pvrp_number(c, &bks, bks_text, "--bks");
    if (rc == CLI_OK && iteration_text && second_text)
        rc = cli_usage(c, "either --iterations or --cpu-seconds ends the search, not both", NULL);
    if (rc == CLI_OK && format && strcmp(format, "cordeau") != 0 && strcmp(format, "vrplib") != 0 &&
        strcmp(format, "json") != 0) rc = cli_usage(c, "a format is cordeau, vrplib or json, not", format);
    if (rc != CLI_OK) return rc;
    if (!iterations && w.seconds <= 0) w.seconds = 10;
    return pvrp_run(c, file, format ? format : "cordeau", seed, iterations, &w, path, bks, quiet);
}
