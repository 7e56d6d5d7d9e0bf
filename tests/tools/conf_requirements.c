/*
 * tests/tools/conf_requirements.c - the suite `requirements`: which test shows which requirement.
 *
 * The list of titles says what there is ("R001<TAB>title" a line, "R014b" too); a requirement is shown by a function
 * defined as "void test_R001_what_it_shows(" in DIR/test_*.c. Comments and strings do not count. A test of a number
 * that is not listed fails, too.
 */
#include "conf_suite.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define REQ_NUMBER 8
#define REQ_NAME 200

typedef struct requirement { char number[REQ_NUMBER]; char title[REQ_NAME]; char *tests; } requirement;
typedef struct req_suite { conf_run run; requirement *list; size_t n, cap; } req_suite;

/* "R014b" at p: its length, 0 = none. */
static size_t req_number(const char *p)
{
    if (p[0] != 'R' || !isdigit((unsigned char)p[1]) || !isdigit((unsigned char)p[2]) ||
        !isdigit((unsigned char)p[3])) return 0;
    return islower((unsigned char)p[4]) ? 5 : 4;
}

static int req_add(req_suite *s, const char *line, size_t len)
{
    size_t number = req_number(line);
    if (!number || number >= len || line[number] != '\t') return 0;
    if (s->n == s->cap) {
        requirement *more = realloc(s->list, (s->cap = s->cap ? s->cap * 2 : 256) * sizeof *s->list);
        if (!more) return 0;
        s->list = more;
    }
    requirement *r = &s->list[s->n++];
    memset(r, 0, sizeof *r);
    memcpy(r->number, line, number);
    size_t title = len - number - 1;
    memcpy(r->title, line + number + 1, title < REQ_NAME ? title : REQ_NAME - 1);
    return 1;
}

static int req_titles(req_suite *s, const char *path)
{
    size_t size;
    char *text = conf_read(path, &size);
    if (!text) return 0;
    unsigned line = 0;
    for (char *p = text; *p; ) {
        size_t len = strcspn(p, "\r\n");
        line++;
        if (len && *p != '#' && !req_add(s, p, len)) {
            fprintf(stderr, "kam: %s:%u:1: a line is \"R001<TAB>title\"\n", path, line);
            free(text);
            return 0;
        }
        p += len;
        p += p[0] == '\r' && p[1] == '\n' ? 2 : *p != '\0';
    }
    free(text);
    return 1;
}

static requirement *req_find(req_suite *s, const char *number, size_t len)
{
    for (size_t i = 0; i < s->n; i++)
        if (strlen(s->list[i].number) == len && memcmp(s->list[i].number, number, len) == 0) return &s->list[i];
    return NULL;
}

static void req_take(req_suite *s, const char *file, const char *name, size_t len)
{
    requirement *r = req_find(s, name + 5, req_number(name + 5));
    if (!r) {
        char text[REQ_NAME];
        snprintf(text, sizeof text, "%.*s", (int)len, name);
        conf_fail(&s->run, text, "got a test in %s want its requirement in the list of titles", file);
        return;
    }
    size_t have = r->tests ? strlen(r->tests) : 0;
    char *more = realloc(r->tests, have + len + 3);
    if (!more) return;
    sprintf(more + have, "%s%.*s", have ? ", " : "", (int)len, name);
    r->tests = more;
}

/* Blanks out comments, strings and character constants, so that only code is left. */
static void req_strip(char *p)
{
    while (*p) {
        char *end = p + 1;
        if (p[0] == '/' && p[1] == '*') end = strstr(p + 2, "*/") ? strstr(p + 2, "*/") + 2 : p + strlen(p);
        else if (p[0] == '/' && p[1] == '/') end = p + strcspn(p, "\n");
        else if (*p == '"' || *p == '\'') {
            while (*end && *end != *p) end += end[0] == '\\' && end[1] ? 2 : 1;
            if (*end) end++;
        } else {
            p++;
            continue;
        }
        memset(p, ' ', (size_t)(end - p));
        p = end;
    }
}

/* 1: "void" and space stand before p. */
static int req_after_void(const char *text, const char *p)
{
    const char *end = p;
    while (end > text && isspace((unsigned char)end[-1])) end--;
    return end < p && end - text >= 4 && memcmp(end - 4, "void", 4) == 0;
}

/* 1: behind p stand "(", parameters, ")" and "{": a definition. */
static int req_is_body(const char *p)
{
    p += strspn(p, " \t\r\n");
    const char *close = *p == '(' ? strchr(p, ')') : NULL;
    if (!close) return 0;
    close++;
    return close[strspn(close, " \t\r\n")] == '{';
}

static void req_scan(req_suite *s, const char *path, const char *file)
{
    size_t size;
    char *text = conf_read(path, &size);
    if (!text) {
        conf_fail(&s->run, file, "got no file want one that can be read");
        return;
    }
    req_strip(text);
    for (const char *p = text; (p = strstr(p, "test_R")) != NULL;) {
        size_t number = req_number(p + 5), len = 0;
        while (isalnum((unsigned char)p[len]) || p[len] == '_') len++;
        int named = number && p[5 + number] == '_' && len > 6 + number;
        if (named && req_after_void(text, p) && req_is_body(p + len)) req_take(s, file, p, len);
        p += len;
    }
    free(text);
}

static void req_files(req_suite *s, const char *dir)
{
    char path[4096];
    char **names = NULL;
    size_t n = 0;
    if (conf_list(dir, ".c", &names, &n) != 0) conf_io_error(dir, "cannot be read");
    for (size_t i = 0; i < n; i++)
        if (strncmp(names[i], "test_", 5) == 0) req_scan(s, conf_path(path, sizeof path, dir, names[i]), names[i]);
    conf_list_free(names, n);
}

static void req_report(req_suite *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->list[i].tests) printf("%s %s -> %s\n", s->list[i].number, s->list[i].title, s->list[i].tests);
    for (size_t i = 0; i < s->n; i++) {
        if (s->list[i].tests) conf_pass(&s->run);
        else conf_fail(&s->run, s->list[i].number, "got no test want at least one (%s)", s->list[i].title);
        free(s->list[i].tests);
    }
}

int conf_requirements(int argc, char **argv)
{
    req_suite s = {{0, 0}, NULL, 0, 0};
    char titles[4096];
    const char *dir = argc > 1 ? argv[1] : "tests/requirements", *list = argc > 2 ? argv[2] : titles;
    if (argc > 3) return conf_usage("requirements", "at most a folder and a list of titles are expected");
    conf_path(titles, sizeof titles, dir, "titles.txt");
    if (req_titles(&s, list)) {
        req_files(&s, dir);
        req_report(&s);
        if (!s.n) conf_fail(&s.run, list, "got no title want at least one");
    } else {
        conf_fail(&s.run, list, "got no list of titles want one");
    }
    free(s.list);
    return conf_end(&s.run);
}
