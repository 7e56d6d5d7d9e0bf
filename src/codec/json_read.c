/*
 * codec/json_read.c - JSON text (RFC 8259, strictly) to a tree in an arena.
 *
 * No recursion: an open container keeps its parent in `next` and its last child in `child`; the children form a ring
 * (the last one points to the first) until the container closes, so the parser needs no stack of its own. Numbers stay
 * as written. Keys met twice are found pairwise in small objects and by sorting in large ones, so a hostile object
 * costs n log n. A byte order mark in front is skipped. Places are lines and byte columns from 1.
 */
#include "codec.h"
#include <stdio.h>

#define JSON_PAIRWISE 12u                   /* members up to which comparing all pairs beats sorting */
#define JSON_DEFAULT_DEPTH 100u

enum { JSON_VALUE, JSON_ELEMENT_OR_END, JSON_KEY, JSON_KEY_OR_END, JSON_BEHIND };

typedef struct json_parser {
    kam__arena *arena;
    kam_error *err;
    const char *text, *p, *end;
    const char *line_from;                  /* column = p - line_from + column0 */
    uint32_t line, column0, flags, depth, max_depth;
    size_t offset0;
    kam__json *open;                        /* innermost container not closed yet */
    const kam__json *root;
    const char *key;                        /* of the member whose value comes next */
    size_t key_len;
} json_parser;

/* ---------------------------------------------------------------- failures */

static int32_t json_bad(json_parser *ps, const char *at, int32_t code, const char *what)
{
    uint32_t column = (uint32_t)(at - ps->line_from) + ps->column0;
    kam__fail(ps->err, code, "%s (line %u, column %u)", what, (unsigned)ps->line, (unsigned)column);
    kam__err_set(ps->err, KAM_ERR_LINE, ps->line);
    kam__err_set(ps->err, KAM_ERR_COLUMN, column);
    kam__err_set(ps->err, KAM_ERR_OFFSET, (int64_t)(ps->offset0 + (size_t)(at - ps->text)));
    return code;
}

static int32_t json_expected(json_parser *ps, const char *what)
{
    char text[96];
    if (ps->p == ps->end) snprintf(text, sizeof text, "the JSON text ends where %s is expected", what);
    else if ((uint8_t)*ps->p < 0x20 || (uint8_t)*ps->p > 0x7E)
        snprintf(text, sizeof text, "byte 0x%02x where %s is expected", (unsigned)(uint8_t)*ps->p, what);
    else snprintf(text, sizeof text, "'%c' where %s is expected", *ps->p, what);
    return json_bad(ps, ps->p, KAM_E_PARSE, text);
}

/* ---------------------------------------------------------------- the tree grows */

static void json_space(json_parser *ps)
{
    for (const char *p = ps->p;; p++) {
        if (p == ps->end || (*p != ' ' && *p != '\t' && *p != '\n' && *p != '\r')) {
            ps->p = p;
            return;
        }
        if (*p == '\n' || (*p == '\r' && !(p + 1 < ps->end && p[1] == '\n'))) {
            ps->line++;
            ps->line_from = p + 1;
            ps->column0 = 1;
        }
    }
}

static kam__json *json_node(json_parser *ps, uint8_t type)
{
    kam__json *v = kam__arena_alloc(ps->arena, sizeof *v);
    if (!v) return NULL;
    memset(v, 0, sizeof *v);
    v->type = type;
    v->line = ps->line;
    v->column = (uint32_t)(ps->p - ps->line_from) + ps->column0;
    v->offset = ps->offset0 + (size_t)(ps->p - ps->text);
    v->key = ps->key;
    v->key_len = ps->key_len;
    ps->key = NULL;
    ps->key_len = 0;
    return v;
}

static void json_append(json_parser *ps, kam__json *v)
{
    kam__json *parent = ps->open;
    if (!parent) {
        ps->root = v;
        return;
    }
    kam__json *last = (kam__json *)parent->child;
    v->next = last ? last->next : v;
    if (last) last->next = v;
    parent->child = v;
    parent->n++;
}

static int32_t json_open(json_parser *ps, uint8_t type)
{
    if (ps->depth == ps->max_depth) return json_bad(ps, ps->p, KAM_E_LIMIT, "nested too deeply");
    kam__json *v = json_node(ps, type);
    if (!v) return kam__nomem(ps->err);
    v->next = ps->open;
    ps->open = v;
    ps->depth++;
    ps->p++;
    return KAM_OK;
}

/* ---------------------------------------------------------------- keys met twice */

static int json_same_key(const kam__json *a, const kam__json *b)
{
    return a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

static int json_key_order(const void *a, const void *b, void *arg)
{
    const kam__json *x = *(const kam__json *const *)a, *y = *(const kam__json *const *)b;
    (void)arg;
    return kam__text_cmp(x->key, x->key_len, y->key, y->key_len);
}

int32_t kam__json_sorted(const kam__json ***out, kam_ctx *ctx, const kam__json *object, kam_error *err)
{
    const kam__json **list = kam__zalloc_n(ctx, object->n ? object->n : 1, sizeof *list);
    if (!list) return kam__nomem(err);
    size_t n = 0;
    for (const kam__json *c = object->child; c; c = c->next) list[n++] = c;
    int32_t rc = kam__sort(ctx, (void *)list, n, sizeof *list, json_key_order, NULL, err);
    if (rc == KAM_OK) *out = list;
    else kam__free(ctx, (void *)list);
    return rc;
}

/* Marks members that a later one replaces; *second = the first one in the source whose key stood before. */
static void json_mark_pairs(const kam__json *object, const kam__json **second)
{
    for (const kam__json *b = object->child; b; b = b->next)
        for (const kam__json *a = object->child; a != b; a = a->next)
            if (json_same_key(a, b)) {
                ((kam__json *)a)->duplicate = 1;
                if (!*second) *second = b;
            }
}

static int32_t json_mark_sorted(json_parser *ps, const kam__json *object, const kam__json **second)
{
    const kam__json **list;
    KAM__TRY(kam__json_sorted(&list, ps->arena->ctx, object, ps->err));
    for (uint32_t i = 1; i < object->n; i++)
        if (json_same_key(list[i - 1], list[i])) {
            ((kam__json *)list[i - 1])->duplicate = 1;
            if (!*second || list[i]->offset < (*second)->offset) *second = list[i];
        }
    kam__free(ps->arena->ctx, (void *)list);
    return KAM_OK;
}

static int32_t json_duplicates(json_parser *ps, const kam__json *object)
{
    const kam__json *second = NULL;
    char show[72];
    if (object->n <= JSON_PAIRWISE) json_mark_pairs(object, &second);
    else KAM__TRY(json_mark_sorted(ps, object, &second));
    if (!second || (ps->flags & KAM__JSON_DUPLICATES)) return KAM_OK;
    return kam__json_fail(second, KAM_E_PARSE, ps->err, "member \"%s\" stands twice in one object; keep one of them",
                          kam__json_show(show, second->key, second->key_len));
}

static int32_t json_close(json_parser *ps)
{
    kam__json *v = ps->open;
    ps->open = (kam__json *)v->next;
    v->next = NULL;
    if (v->child) {                         /* open the ring: the list starts behind the last one */
        kam__json *last = (kam__json *)v->child;
        v->child = last->next;
        last->next = NULL;
    }
    ps->p++;
    ps->depth--;
    if (v->type == KAM__J_OBJECT && v->n > 1) KAM__TRY(json_duplicates(ps, v));
    json_append(ps, v);
    return KAM_OK;
}

/* ---------------------------------------------------------------- strings */

static int json_hex4(const char *p, const char *end, uint32_t *out)
{
    uint32_t v = 0;
    if (end - p < 4) return 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        if (c >= '0' && c <= '9') v = v * 16 + (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f') v = v * 16 + (uint32_t)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F') v = v * 16 + (uint32_t)(c - 'A') + 10;
        else return 0;
    }
    *out = v;
    return 1;
}

/* \uXXXX, or a pair of them; p stands on the first 'u'. */
static int32_t json_unicode(json_parser *ps, char **to)
{
    uint32_t cp, low;
    const char *at = ps->p - 1;
    if (!json_hex4(ps->p + 1, ps->end, &cp)) return json_bad(ps, at, KAM_E_PARSE, "\\u needs four hexadecimal digits");
    ps->p += 5;
    if (cp >= 0xDC00 && cp <= 0xDFFF) return json_bad(ps, at, KAM_E_PARSE, "\\u escape of a lone low surrogate");
    if (cp >= 0xD800 && cp <= 0xDBFF) {
        if (ps->end - ps->p < 2 || ps->p[0] != '\\' || ps->p[1] != 'u' || !json_hex4(ps->p + 2, ps->end, &low) ||
            low < 0xDC00 || low > 0xDFFF)
            return json_bad(ps, at, KAM_E_PARSE, "\\u escape of a high surrogate without its low one");
        cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
        ps->p += 6;
    }
    *to += kam__utf8_put(*to, cp);
    return KAM_OK;
}

static int32_t json_escape(json_parser *ps, char **to)
{
    static const char name[] = "\"\\/bfnrt", value[] = "\"\\/\b\f\n\r\t";
    ps->p++;
    if (ps->p == ps->end) return json_bad(ps, ps->p, KAM_E_PARSE, "the JSON text ends inside a string");
    if (*ps->p == 'u') return json_unicode(ps, to);
    const char *at = memchr(name, *ps->p, sizeof name - 1);
    if (!at) return json_bad(ps, ps->p - 1, KAM_E_PARSE, "no such escape; double the backslash to mean one");
    *(*to)++ = value[at - name];
    ps->p++;
    return KAM_OK;
}

static const char *json_span(const char *p, const char *end)
{
    while (p < end && *p != '"' && *p != '\\' && (uint8_t)*p >= 0x20) p++;
    return p;
}

/* The closing quote from p on, escapes passed over unread; `end` when there is none. */
static const char *json_string_end(const char *p, const char *end)
{
    while (p < end && *p != '"') p += *p == '\\' && p + 1 < end ? 2 : 1;
    return p;
}

/* p stands on the opening quote. What an escape makes is never longer than the escape. */
static int32_t json_string(json_parser *ps, const char **text, size_t *len)
{
    const char *from = ++ps->p, *stop = json_span(from, ps->end);
    int plain = stop < ps->end && *stop == '"';
    size_t most = (size_t)((plain ? stop : json_string_end(stop, ps->end)) - from);
    char *to = kam__arena_alloc(ps->arena, most + 1);
    if (!to) return kam__nomem(ps->err);
    *text = to;
    for (;;) {
        memcpy(to, from, (size_t)(stop - from));
        to += stop - from;
        ps->p = stop;
        if (stop == ps->end) return json_bad(ps, stop, KAM_E_PARSE, "the JSON text ends inside a string");
        if (*stop == '"') break;
        if (*stop != '\\') return json_bad(ps, stop, KAM_E_PARSE, "control character in a string; it needs an escape");
        KAM__TRY(json_escape(ps, &to));
        from = ps->p;
        stop = json_span(from, ps->end);
    }
    *to = '\0';
    *len = (size_t)(to - *text);
    ps->p++;
    return KAM_OK;
}

/* ---------------------------------------------------------------- numbers and names */

static const char *json_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p;
}

/* Passes over a number by the grammar of RFC 8259, section 6; 0: ps->p stands where it goes wrong. */
static int json_number_span(json_parser *ps)
{
    const char *p = ps->p, *from;
    if (*p == '-') p++;
    from = p;
    p = json_digits(p, ps->end);
    if (p == from) goto wrong;
    if (*from == '0' && p - from > 1) {
        p = from + 1;
        goto wrong;
    }
    if (p < ps->end && *p == '.') {
        from = ++p;
        p = json_digits(p, ps->end);
        if (p == from) goto wrong;
    }
    if (p < ps->end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < ps->end && (*p == '+' || *p == '-')) p++;
        from = p;
        p = json_digits(p, ps->end);
        if (p == from) goto wrong;
    }
    ps->p = p;
    return 1;
wrong:
    ps->p = p;
    return 0;
}

static int32_t json_number(json_parser *ps)
{
    const char *from = ps->p;
    kam__json *v = json_node(ps, KAM__J_NUMBER);
    if (!v) return kam__nomem(ps->err);
    if (!json_number_span(ps)) return json_expected(ps, "a digit of a number");
    v->len = (size_t)(ps->p - from);
    v->text = kam__arena_text(ps->arena, from, v->len);
    if (!v->text) return kam__nomem(ps->err);
    json_append(ps, v);
    return KAM_OK;
}

static int32_t json_name(json_parser *ps, const char *name, uint8_t type)
{
    size_t n = strlen(name);
    if ((size_t)(ps->end - ps->p) < n || memcmp(ps->p, name, n) != 0) return json_expected(ps, "a value");
    kam__json *v = json_node(ps, type);
    if (!v) return kam__nomem(ps->err);
    ps->p += n;
    json_append(ps, v);
    return KAM_OK;
}

static int32_t json_text(json_parser *ps)
{
    kam__json *v = json_node(ps, KAM__J_STRING);
    if (!v) return kam__nomem(ps->err);
    KAM__TRY(json_string(ps, &v->text, &v->len));
    json_append(ps, v);
    return KAM_OK;
}

/* ---------------------------------------------------------------- the machine */

static int32_t json_value(json_parser *ps, int *state)
{
    *state = JSON_BEHIND;
    switch (ps->p < ps->end ? *ps->p : '\0') {
    case '{': *state = JSON_KEY_OR_END; return json_open(ps, KAM__J_OBJECT);
    case '[': *state = JSON_ELEMENT_OR_END; return json_open(ps, KAM__J_ARRAY);
    case '"': return json_text(ps);
    case 't': return json_name(ps, "true", KAM__J_TRUE);
    case 'f': return json_name(ps, "false", KAM__J_FALSE);
    case 'n': return json_name(ps, "null", KAM__J_NULL);
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return json_number(ps);
    default: return json_expected(ps, "a value");
    }
}

static int32_t json_key(json_parser *ps, int *state)
{
    if (ps->p == ps->end || *ps->p != '"') return json_expected(ps, "a member name in quotes");
    KAM__TRY(json_string(ps, &ps->key, &ps->key_len));
    json_space(ps);
    if (ps->p == ps->end || *ps->p != ':') return json_expected(ps, "':'");
    ps->p++;
    *state = JSON_VALUE;
    return KAM_OK;
}

static int32_t json_behind(json_parser *ps, int *state)
{
    int object = ps->open->type == KAM__J_OBJECT;
    char c = ps->p < ps->end ? *ps->p : '\0';
    if (c == ',') {
        ps->p++;
        *state = object ? JSON_KEY : JSON_VALUE;
        return KAM_OK;
    }
    if (c != (object ? '}' : ']')) return json_expected(ps, object ? "',' or '}'" : "',' or ']'");
    return json_close(ps);
}

static int32_t json_run(json_parser *ps)
{
    int state = JSON_VALUE;
    do {
        json_space(ps);
        char c = ps->p < ps->end ? *ps->p : '\0';
        int32_t rc;
        if ((state == JSON_KEY_OR_END && c == '}') || (state == JSON_ELEMENT_OR_END && c == ']')) {
            state = JSON_BEHIND;
            rc = json_close(ps);
        } else if (state == JSON_BEHIND) {
            rc = json_behind(ps, &state);
        } else if (state == JSON_KEY || state == JSON_KEY_OR_END) {
            rc = json_key(ps, &state);
        } else {
            rc = json_value(ps, &state);
        }
        if (rc != KAM_OK) return rc;
    } while (ps->open);
    json_space(ps);
    return ps->p == ps->end ? KAM_OK : json_expected(ps, "the end of the text");
}

/* The whole text is checked once, before anything looks at single characters. */
static int32_t json_check_utf8(json_parser *ps)
{
    size_t bad = 0;
    if (kam__utf8_valid(ps->p, (size_t)(ps->end - ps->p), &bad)) return KAM_OK;
    const char *at = ps->p + bad;
    for (const char *p = ps->p; p < at; p++)
        if (*p == '\n' || (*p == '\r' && p[1] != '\n')) {
            ps->line++;
            ps->line_from = p + 1;
            ps->column0 = 1;
        }
    return json_bad(ps, at, KAM_E_UTF8, "invalid UTF-8; JSON is UTF-8");
}

int32_t kam__json_parse_at(const kam__json **out, kam__arena *arena, const char *text, size_t len, uint32_t flags,
                           const kam__place *at, kam_error *err)
{
    if (len == KAM_NUL) len = strlen(text);
    if (len >= UINT32_MAX) return kam__fail(err, KAM_E_LIMIT, "a JSON text of 4 GiB or more; split it");
    json_parser ps = {0};
    ps.arena = arena;
    ps.err = err;
    ps.text = ps.p = ps.line_from = text;
    ps.end = text + len;
    ps.line = at->line;
    ps.column0 = at->column;
    ps.offset0 = at->offset;
    ps.flags = flags;
    ps.max_depth = arena->ctx->opt.max_depth ? arena->ctx->opt.max_depth : JSON_DEFAULT_DEPTH;
    if (!at->offset && len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) ps.p = ps.line_from = text + 3;
    KAM__TRY(json_check_utf8(&ps));
    KAM__TRY(json_run(&ps));
    *out = ps.root;
    return KAM_OK;
}

int32_t kam__json_parse(const kam__json **out, kam__arena *arena, const char *text, size_t len, uint32_t flags,
                        kam_error *err)
{
    const kam__place start = {1, 1, 0};
    return kam__json_parse_at(out, arena, text, len, flags, &start, err);
}
