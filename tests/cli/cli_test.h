/* What the tests of the program share: running it in a folder of its own, files, tables and JSON. A test that includes
 * this starts with start() and ends with end(). */
#ifndef CLI_TEST_H
#define CLI_TEST_H
#define _XOPEN_SOURCE 700                   /* popen, mkdtemp, realpath */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "codec/codec.h"

static kam_ctx *ctx;
static char shared[2000], dir[200];

/* ---------------------------------------------------------------- running and files */

static inline const char *program(void) {
    const char *path = getenv("KAM_PROGRAM");
#ifdef KAM_PROGRAM
    if (!path) path = KAM_PROGRAM;
#endif
    return path ? path : "kam";
}

/* Runs `kam ARGUMENTS` in the test's folder; what it prints goes to out and err there. Exit code. */
static inline int kam(const char *arguments) {
    char line[8000];
    int n = snprintf(line, sizeof line, "cd '%s' && '%s' %s >out 2>err", dir, program(), arguments);
    assert_true(n > 0 && (size_t)n < sizeof line);
    int rc = system(line);
    assert_true(WIFEXITED(rc));
    return WEXITSTATUS(rc);
}

/* All of a file: in the test's folder, in ../shared ("shared:x"), or packed ("x.xz", by the program xz). */
static inline char *slurp(const char *name, size_t *size) {
    char line[5000];
    int packed = strlen(name) > 3 && strcmp(name + strlen(name) - 3, ".xz") == 0, in = strncmp(name, "shared:", 7) == 0;
    snprintf(line, sizeof line, packed ? "xz -dc '%s/%s'" : "%s/%s", in ? shared : dir, in ? name + 7 : name);
    FILE *f = packed ? popen(line, "r") : fopen(line, "rb");
    if (!f) fail_msg("cannot read %s", line);
    size_t n = 0, cap = 1 << 20, got;
    char *text = malloc(cap);
    while ((got = fread(text + n, 1, cap - n - 1, f)) > 0)
        if (cap - (n += got) < 2) text = realloc(text, cap *= 2);
    text[n] = '\0';
    if ((packed ? pclose(f) : fclose(f)) != 0) fail_msg("cannot read %s (a packed file needs the program xz)", line);
    if (size) *size = n;
    return text;
}

static inline FILE *make(const char *name) {
    char path[500];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    if (!f) fail_msg("cannot write %s", path);
    return f;
}

static inline void put(const char *name, const char *text) {
    FILE *f = make(name);
    fputs(text, f);
    fclose(f);
}

static inline void must(const char *arguments) {
    int rc = kam(arguments);
    if (rc) fail_msg("kam %s: exit %d: %s", arguments, rc, slurp("err", NULL));
}

/* A run that fails with this code and these words. */
static inline void refused(const char *arguments, int code, const char *says) {
    int rc = kam(arguments);
    char *err = slurp("err", NULL);
    if (rc != code || !strstr(err, says))
        fail_msg("kam %s: exit %d, %s; wanted %d, \"%s\"", arguments, rc, err, code, says);
    free(err);
}

static inline void same(const char *file, const char *want) {
    char *got = slurp(file, NULL);
    if (strcmp(got, want) != 0) fail_msg("%s is\n%s\nwanted\n%s", file, got, want);
    free(got);
}

static inline void contains(const char *file, const char *want) {
    char *got = slurp(file, NULL);
    if (!strstr(got, want)) fail_msg("%s is\n%s\nwithout %s", file, got, want);
    free(got);
}

#define NEED_SHARED(name) do { \
    if (!shared[0]) { \
        printf("SKIPPED %s: ../shared absent\n", name); \
        skip(); \
    } \
} while (0)

/* ---------------------------------------------------------------- tables */

typedef struct table { char *text; char **cell; size_t width, n; } table;      /* n rows below the heading */

/* Plain CSV: no data set of ours has a separator or newline inside quotes where it matters. Quotes are taken off. */
static inline table split(char *text) {
    table t = {.text = text};
    size_t cap = 0, cells = 0, rows = 0;
    for (char *p = text; *p;) {
        size_t in_row = 0;
        for (int more = 1; more; in_row++) {
            if (cells == cap) t.cell = realloc(t.cell, (cap = cap ? cap * 2 : 4096) * sizeof *t.cell);
            int quoted = *p == '"';
            char *start = p += quoted;
            p += quoted ? strcspn(p, "\"") : strcspn(p, ",\r\n");
            char *end = p;
            p += quoted;
            more = *p == ',';
            if (*p == '\r') p++;
            if (*p) p++;
            *end = '\0';
            t.cell[cells++] = start;
        }
        if (!rows++) t.width = in_row;
        assert_int_equal(in_row, t.width);
    }
    t.n = rows - 1;
    return t;
}

static inline size_t column(const table *t, const char *name) {
    for (size_t i = 0; i < t->width; i++)
        if (strcmp(t->cell[i], name) == 0) return i;
    fail_msg("no column %s", name);
    return 0;
}

static inline const char *at(const table *t, size_t row, const char *name) {
    return t->cell[(row + 1) * t->width + column(t, name)];
}

static inline void drop(table *t) {
    free(t->text);
    free(t->cell);
}

/* ---------------------------------------------------------------- JSON */

static inline const kam__json *read_json(kam__arena *arena, const char *name) {
    size_t size;
    const kam__json *v = NULL;
    char *text = slurp(name, &size);
    kam_error *err = NULL;
    assert_int_equal(kam_error_new(&err, NULL), KAM_OK);
    if (kam__json_parse(&v, arena, text, size, 0, err) != KAM_OK)
        fail_msg("%s: %s:\n%s", name, kam_error_message(err), text);
    kam_error_free(err);
    free(text);
    return v;
}

static inline double number(const kam__json *v, const char *path) {
    char part[64];
    const kam__json *x = v;
    for (const char *p = path; *p && x;) {
        size_t n = strcspn(p, ".");
        memcpy(part, p, n);
        part[n] = '\0';
        if (x->type == KAM__J_ARRAY) {
            long k = atol(part);
            for (x = x->child; x && k; k--) x = x->next;
        } else x = kam__json_get(x, part);
        p += n + (p[n] == '.');
    }
    double d = 0;
    if (!x || x->type != KAM__J_NUMBER) fail_msg("%s is no number of the file", path);
    assert_int_equal(kam__f64_parse(&d, x->text, x->len, NULL), KAM_OK);
    return d;
}

/* ---------------------------------------------------------------- the folder */

static inline int start(void **state) {
    (void)state;
    char path[2100];
    const char *from = getenv("KAM_SHARED"), *tmp = getenv("TMPDIR");
#ifdef KAM_SHARED_DIR
    if (!from) from = KAM_SHARED_DIR;
#endif
    snprintf(shared, sizeof shared, "%s", from ? from : "../shared");
    snprintf(path, sizeof path, "%s/expected/README.md", shared);
    char *whole = access(path, R_OK) == 0 ? realpath(shared, NULL) : NULL;     /* the program runs in another folder */
    snprintf(shared, sizeof shared, "%s", whole ? whole : "");
    free(whole);
    snprintf(dir, sizeof dir, "%.150s/kam-cli-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    return mkdtemp(dir) && kam_ctx_new(&ctx, NULL, NULL) == KAM_OK ? 0 : -1;
}

static inline int end(void **state) {
    (void)state;
    char line[300];
    kam_ctx_free(ctx);
    snprintf(line, sizeof line, "rm -r '%s'", dir);
    return system(line);
}

#endif
