/*
 * tests/tools/conf_suite.c - files, folders and the report of kam-conformance. stdout carries the report only and is
 * flushed before anything is told on stderr, so that the order on a terminal is the order of events.
 */
#define _POSIX_C_SOURCE 200809L
#include "conf_suite.h"
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void conf_pass(conf_run *run) { run->passed++; }

void conf_fail(conf_run *run, const char *name, const char *fmt, ...)
{
    va_list args;
    run->failed++;
    printf("FAIL %s: ", name);
    va_start(args, fmt);
    vprintf(fmt, args);
    va_end(args);
    putchar('\n');
}

int conf_end(const conf_run *run)
{
    printf("%u passed, %u failed\n", run->passed, run->failed);
    return fflush(stdout) == 0 && run->failed == 0 ? CONF_OK : CONF_FAILED;
}

int conf_usage(const char *suite, const char *what)
{
    fflush(stdout);
    fprintf(stderr, "kam: %s: %s; kam-conformance %s --help\n", suite, what, suite);
    return CONF_USAGE;
}

void conf_error(const char *file, const kam_error *err)
{
    long long line = kam_error_detail(err, KAM_ERR_LINE), column = kam_error_detail(err, KAM_ERR_COLUMN);
    fflush(stdout);
    fprintf(stderr, "kam: %s:%lld:%lld: %s\n", file, line > 0 ? line : 0, column > 0 ? column : 0,
            kam_error_message(err));
}

void conf_io_error(const char *file, const char *message)
{
    int number = errno;
    fflush(stdout);
    fprintf(stderr, "kam: %s:0:0: %s: %s\n", file, message, strerror(number));
}

char *conf_read(const char *path, size_t *size)
{
    char *data = NULL;
    size_t n = 0, cap = 0, got = 0;
    errno = 0;
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    do {
        if (cap - n < 2) {
            char *more = realloc(data, cap = cap ? cap * 2 : 65536);
            if (!more) break;
            data = more;
        }
        n += got = f ? fread(data + n, 1, cap - n - 1, f) : 0;
    } while (got);
    int bad = !f || !data || ferror(f) || cap - n < 1;
    if (bad) conf_io_error(path, "cannot be read");
    if (f && f != stdin) fclose(f);
    if (bad) {
        free(data);
        return NULL;
    }
    data[n] = '\0';
    *size = n;
    return data;
}

static int name_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int ends_in(const char *name, const char *ending)
{
    size_t n = strlen(name), e = strlen(ending);
    return n >= e && strcmp(name + n - e, ending) == 0;
}

int conf_list(const char *dir, const char *ending, char ***names, size_t *n)
{
    DIR *d = opendir(dir);
    char **list = NULL;
    size_t count = 0, cap = 0;
    if (!d) return -1;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.' || !ends_in(e->d_name, ending)) continue;
        if (count == cap) {
            char **more = realloc(list, (cap = cap ? cap * 2 : 64) * sizeof *list);
            if (!more) break;
            list = more;
        }
        if (!(list[count] = strdup(e->d_name))) break;
        count++;
    }
    closedir(d);
    if (count) qsort(list, count, sizeof *list, name_order);
    *names = list;
    *n = count;
    return 0;
}

void conf_list_free(char **names, size_t n)
{
    while (n) free(names[--n]);
    free(names);
}

const char *conf_path(char *out, size_t room, const char *dir, const char *name)
{
    snprintf(out, room, "%s/%s", dir, name);
    return out;
}

const char *conf_quote(char out[160], const char *text, size_t len)
{
    size_t at = 0;
    out[at++] = '"';
    for (size_t i = 0; i < len && at < 140; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') at += (size_t)sprintf(out + at, "\\%c", c);
        else if (c < 0x20 || c == 0x7F) at += (size_t)sprintf(out + at, "\\u%04x", c);
        else out[at++] = (char)c;
    }
    snprintf(out + at, 160 - at, "%s", at < 140 ? "\"" : "...\"");
    return out;
}
