/*
 * tests/report/tags.h - a small reader of our own pages: every tag closed in its order, attributes quoted, entities
 * known, ids once, references to ids that exist. It knows what we write and nothing more.
 */
#ifndef KAM_TESTS_REPORT_TAGS_H
#define KAM_TESTS_REPORT_TAGS_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct tags {
    const char *text, *at;
    char stack[64][24];
    int depth;
    size_t count;
    char ids[400][24];
    int nid;
} tags;

static inline void tags_fail(const tags *t, const char *what)
{
    int before = t->at - t->text < 120 ? (int)(t->at - t->text) : 120;
    fail_msg("%s at byte %ld: ...%.*s <<<here>>> %.80s", what, (long)(t->at - t->text), before, t->at - before, t->at);
}

static inline int tags_name(char out[24], const char **p)
{
    int n = 0;
    while ((**p >= 'a' && **p <= 'z') || (**p >= 'A' && **p <= 'Z') || (**p >= '0' && **p <= '9') || **p == '-') {
        if (n < 23) out[n++] = **p;
        ++*p;
    }
    out[n] = '\0';
    return n;
}

static inline void tags_entity(tags *t)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(t->at, known[i], strlen(known[i])) == 0) {
            t->at += strlen(known[i]);
            return;
        }
    tags_fail(t, "an unknown entity");
}

static inline void tags_value(tags *t, const char *attribute)
{
    const char *from = t->at;
    while (*t->at && *t->at != '"') {
        if (*t->at == '<') tags_fail(t, "a < inside an attribute");
        if (*t->at == '&')
            tags_entity(t);
        else
            t->at++;
    }
    if (!*t->at) tags_fail(t, "an attribute without end");
    if (strcmp(attribute, "style") == 0 || strncmp(attribute, "on", 2) == 0 || strcmp(attribute, "src") == 0)
        tags_fail(t, "an attribute a page must not have");
    if (strcmp(attribute, "href") == 0 && *from != '#') tags_fail(t, "a link out of the page");
    if (strcmp(attribute, "id") == 0) {
        for (int i = 0; i < t->nid; i++)
            if (strncmp(t->ids[i], from, strlen(t->ids[i])) == 0 && from[strlen(t->ids[i])] == '"')
                tags_fail(t, "an id twice");
        assert_true(t->nid < 400 && t->at - from < 24);
        memcpy(t->ids[t->nid], from, (size_t)(t->at - from));
        t->ids[t->nid++][t->at - from] = '\0';
    }
    t->at++;
}

static inline void tags_open(tags *t, const char *name)
{
    static const char *const forbidden[] = {"script", "iframe", "object", "embed",        "link",
                                            "img",    "form",   "base",   "foreignObject"};
    char attribute[24];
    int empty = strcmp(name, "meta") == 0;
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (strcmp(name, forbidden[i]) == 0) tags_fail(t, "an element a page must not have");
    while (*t->at == ' ') {
        t->at++;
        if (!tags_name(attribute, &t->at)) tags_fail(t, "no attribute");
        if (*t->at != '=') continue;
        if (*++t->at != '"') tags_fail(t, "an attribute without quotes");
        t->at++;
        tags_value(t, attribute);
    }
    if (*t->at == '/') {
        empty = 1;
        t->at++;
    }
    if (*t->at++ != '>') tags_fail(t, "a tag without end");
    if (empty) return;
    assert_true(t->depth < 64);
    strcpy(t->stack[t->depth++], name);
    if (strcmp(name, "style") == 0) t->at = strstr(t->at, "</style>");
}

static inline void tags_tag(tags *t)
{
    char name[24];
    t->count++;
    t->at++;
    if (*t->at == '/') {
        t->at++;
        tags_name(name, &t->at);
        if (!t->depth || strcmp(t->stack[t->depth - 1], name) != 0) tags_fail(t, "the end of another element");
        t->depth--;
        if (*t->at++ != '>') tags_fail(t, "an end tag without end");
        return;
    }
    if (!tags_name(name, &t->at)) tags_fail(t, "no tag");
    tags_open(t, name);
}

/* Fails unless the text is well formed; returns the number of tags. */
static inline size_t tags_check(const char *text)
{
    tags *t = calloc(1, sizeof *t);
    t->text = t->at = text;
    if (strncmp(text, "<!DOCTYPE html>", 15) == 0) t->at += 15;
    while (*t->at) {
        unsigned char c = (unsigned char)*t->at;
        if (c == '<')
            tags_tag(t);
        else if (c == '&')
            tags_entity(t);
        else if (c == '>' || (c < 0x20 && c != '\n'))
            tags_fail(t, "a character that is not escaped");
        else
            t->at++;
    }
    if (t->depth) tags_fail(t, t->stack[t->depth - 1]);
    for (const char *p = text; (p = strstr(p, "href=\"#")) != NULL; p++) {
        int found = 0;
        for (int i = 0; i < t->nid; i++)
            found |= strncmp(p + 7, t->ids[i], strlen(t->ids[i])) == 0 && p[7 + strlen(t->ids[i])] == '"';
        if (!found) fail_msg("a link to a place that is not there: %.40s", p);
    }
    size_t count = t->count;
    free(t);
    return count;
}

static inline int tags_times(const char *text, const char *what)
{
    int n = 0;
    for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what)) n++;
    return n;
}
#endif
