/*
 * codec/json_stream.c - JSON for imports: one object at a time out of an array, of JSON Lines, or of a single document.
 *
 * A splitter finds where each item ends by counting brackets outside strings; only then the item is parsed by itself,
 * straight from the caller's bytes when all of it lies there. The splitter believes little: a raw line end closes a
 * string that forgot to (it may not stand in one), and outside an array an item of one line ends with its line as soon
 * as the first good item did. So a bad item spoils the fewest neighbours.
 */
#include "codec.h"

/* BETWEEN: a value or the array's end is next; BEHIND: ',' or ']' is; DONE: behind the array; else inside an item. */
enum { JS_START, JS_BETWEEN, JS_BEHIND, JS_NESTED, JS_STRING, JS_ESCAPE, JS_SCALAR, JS_DONE };

struct kam__jstream {
    kam_ctx *ctx;
    kam__json_fn fn;
    void *user;
    kam_error *cause;
    kam__arena arena;
    char *keep;                             /* start of an item cut by the end of a feed */
    size_t keep_len, keep_cap;
    const char *data, *from;                /* bytes at hand; start of the item among them, NULL = none open */
    uint64_t base, line, line_start, item_line, item_offset, item_column;
    uint32_t flags, depth, mark;
    int32_t stopped;
    uint8_t state, array, lines, cr, ended, comma, told, last;  /* last: byte of the item taken last that is no space */
};

int32_t kam__jstream_new(kam__jstream **out, kam_ctx *ctx, uint32_t flags, kam__json_fn fn, void *user,
                         kam_error *err)
{
    KAM__TRY(kam__flags(flags, KAM__JSON_DUPLICATES, "flags", err));
    kam__jstream *s = kam__zalloc(ctx, sizeof *s);
    if (!s) return kam__nomem(err);
    if (kam_error_new(&s->cause, &ctx->allocator) != KAM_OK) {
        kam__free(ctx, s);
        return kam__nomem(err);
    }
    kam__arena_init(&s->arena, ctx, 0);
    s->ctx = ctx;
    s->flags = flags;
    s->fn = fn;
    s->user = user;
    s->line = 1;
    *out = s;
    return KAM_OK;
}

void kam__jstream_free(kam__jstream *s)
{
    if (!s) return;
    kam__arena_free(&s->arena);
    kam__free(s->ctx, s->keep);
    kam_error_free(s->cause);
    kam__free(s->ctx, s);
}

/* ---------------------------------------------------------------- handing over */

static uint64_t js_offset(const kam__jstream *s, const char *p) { return s->base + (uint64_t)(p - s->data); }

static uint32_t js_u32(uint64_t v) { return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v; }

static int32_t js_give(kam__jstream *s, const kam__json *v, uint64_t line, int32_t problem, kam_error *err)
{
    s->stopped = s->fn(s->user, v, line, problem, problem ? s->cause : NULL, err);
    return s->stopped;
}

/* Something is wrong between the items, at p. */
static int32_t js_wrong(kam__jstream *s, const char *p, int32_t code, const char *what, kam_error *err)
{
    uint64_t column = js_offset(s, p) - s->line_start + 1;
    kam__fail(s->cause, code, "%s (line %llu, column %llu)", what, (unsigned long long)s->line,
              (unsigned long long)column);
    kam__err_set(s->cause, KAM_ERR_LINE, (int64_t)s->line);
    kam__err_set(s->cause, KAM_ERR_COLUMN, (int64_t)column);
    kam__err_set(s->cause, KAM_ERR_OFFSET, (int64_t)js_offset(s, p));
    return js_give(s, NULL, s->line, code, err);
}

static int32_t js_parse(kam__jstream *s, const char *text, size_t len, const kam__json **v, kam_error *err)
{
    kam__place at = {js_u32(s->item_line), js_u32(s->item_column), (size_t)s->item_offset};
    kam__arena_reset(&s->arena);
    int32_t rc = kam__json_parse_at(v, &s->arena, text, len, s->flags, &at, s->cause);
    if (rc == KAM_E_NOMEM) {
        s->stopped = rc;                    /* rows before this one are out of our hands: no second try */
        return kam__nomem(err);
    }
    if (rc == KAM_OK && (*v)->type != KAM__J_OBJECT)
        rc = kam__json_fail(*v, KAM_E_TYPE, s->cause, "an object {...} is expected for each record");
    return rc;
}

static int32_t js_too_long(kam__jstream *s)
{
    kam__fail(s->cause, KAM_E_LIMIT, "one record of more than %u bytes (line %llu)", KAM__JSON_MAX_ITEM,
              (unsigned long long)s->item_line);
    kam__err_set(s->cause, KAM_ERR_LINE, (int64_t)s->item_line);
    kam__err_set(s->cause, KAM_ERR_COLUMN, (int64_t)s->item_column);
    kam__err_set(s->cause, KAM_ERR_OFFSET, (int64_t)s->item_offset);
    return KAM_E_LIMIT;
}

/* Keeps what is at hand of an open item, at most one byte over the limit. Room was made when the feed began. */
static void js_keep(kam__jstream *s, const char *end)
{
    size_t n = (size_t)(end - s->from), room = KAM__JSON_MAX_ITEM + 1 - s->keep_len;
    if (n > room) n = room;
    if (n) memcpy(s->keep + s->keep_len, s->from, n);
    s->keep_len += n;
}

/* The item ends before `end` (in the bytes at hand). */
static int32_t js_item(kam__jstream *s, const char *end, kam_error *err)
{
    const char *text = s->from;
    size_t len = (size_t)(end - s->from);
    const kam__json *v = NULL;
    if (s->keep_len) {
        js_keep(s, end);
        text = s->keep;
        len = s->keep_len;
    }
    int32_t problem = len > KAM__JSON_MAX_ITEM ? js_too_long(s) : js_parse(s, text, len, &v, err);
    if (s->stopped) return s->stopped;
    if (!s->array && problem == KAM_OK && s->line == s->item_line) s->lines = 1;
    s->from = NULL;
    s->keep_len = 0;
    s->state = s->array ? JS_BEHIND : JS_BETWEEN;
    return js_give(s, problem ? NULL : v, s->item_line, problem, err);
}

/* ---------------------------------------------------------------- the splitter: *p moves on over what a step takes */

static void js_open(kam__jstream *s, const char *p)
{
    s->from = p;
    s->item_line = s->line;
    s->item_offset = js_offset(s, p);
    s->item_column = s->item_offset - s->line_start + 1;
    s->depth = 0;
    s->last = ',';
    s->comma = 0;
    s->state = *p == '{' || *p == '[' || *p == '"' ? JS_NESTED : JS_SCALAR;
}

static int js_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static int32_t js_no_mark(kam__jstream *s, const char *p, kam_error *err)
{
    return js_wrong(s, p, KAM_E_UTF8, "the file starts with invalid UTF-8; save it as UTF-8", err);
}

static int32_t js_start(kam__jstream *s, const char **p, kam_error *err)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (s->mark < 3 && **p == mark[s->mark] && js_offset(s, *p) == s->mark) {
        ++*p;
        if (++s->mark == 3) s->line_start = 3;
        return KAM_OK;
    }
    if (s->mark % 3) {                      /* a piece of a mark is no mark */
        s->mark = 3;
        return js_no_mark(s, *p, err);
    }
    if (js_space(**p)) {
        ++*p;
        return KAM_OK;
    }
    s->array = **p == '[';
    *p += s->array;
    s->state = JS_BETWEEN;
    return KAM_OK;
}

static int32_t js_between(kam__jstream *s, const char **at, kam_error *err)
{
    const char *p = *at;
    if (js_space(*p)) {
        ++*at;
    } else if (*p == ',') {
        ++*at;
        s->comma = s->array;
        return js_wrong(s, p, KAM_E_PARSE, "',' where an object is expected", err);
    } else if (*p == ']' && s->array) {
        ++*at;
        s->state = JS_DONE;
        if (s->comma) return js_wrong(s, p, KAM_E_PARSE, "']' behind a ',': an object is expected", err);
    } else {
        js_open(s, p);
    }
    return KAM_OK;
}

static int32_t js_behind(kam__jstream *s, const char **at, kam_error *err)
{
    const char *p = *at;
    if (js_space(*p) || *p == ',' || *p == ']') {
        ++*at;
        if (*p == ',') s->state = JS_BETWEEN;
        if (*p == ',') s->comma = 1;
        if (*p == ']') s->state = JS_DONE;
        return KAM_OK;
    }
    s->state = JS_BETWEEN;
    s->comma = 0;
    return js_wrong(s, p, KAM_E_PARSE, "',' or ']' is expected between objects", err);
}

/* Outside an array, where an item cannot go on: behind its line when items are one line each, or where an object starts
 * on a new line although nothing that may come before one did. */
static int js_cut(const kam__jstream *s, const char *p)
{
    if (s->array) return 0;
    if (s->lines && (*p == '\n' || *p == '\r')) return 1;
    if (*p != '{' || !s->depth || s->line == s->item_line || s->line_start != js_offset(s, p)) return 0;
    return !strchr(":,[", s->last);
}

static int32_t js_nested(kam__jstream *s, const char **at, kam_error *err)
{
    const char *p = *at;
    if (js_cut(s, p)) {
        s->lines = 1;
        return js_item(s, p, err);
    }
    if (!s->depth && *p != '{' && *p != '[' && *p != '"') return js_item(s, p, err);  /* a string cut off */
    ++*at;
    if (*p == '"') s->state = JS_STRING;
    if (*p == '{' || *p == '[') s->depth++;
    if (!js_space(*p)) s->last = (uint8_t)*p;
    if ((*p == '}' || *p == ']') && --s->depth == 0) return js_item(s, p + 1, err);
    return KAM_OK;
}

static int32_t js_string(kam__jstream *s, const char **at, const char *end, kam_error *err)
{
    const char *p = *at;
    while (p < end && *p != '"' && *p != '\\' && *p != '\n' && *p != '\r') p++;
    *at = p;
    if (p == end) return KAM_OK;
    if (*p == '\\') s->state = JS_ESCAPE;
    else s->state = JS_NESTED;
    if (*p == '\n' || *p == '\r') return KAM_OK;        /* no string holds one: read on as if it had closed */
    *at = p + 1;
    return *p == '"' && !s->depth ? js_item(s, p + 1, err) : KAM_OK;
}

/* A number, a name or rubbish: up to whatever ends it. */
static int32_t js_scalar(kam__jstream *s, const char **at, const char *end, kam_error *err)
{
    const char *p = *at;
    while (p < end && *p != '\n' && *p != '\r' && !(s->array && (*p == ',' || *p == ']'))) p++;
    *at = p;
    return p == end ? KAM_OK : js_item(s, p, err);
}

static int32_t js_done(kam__jstream *s, const char **at, kam_error *err)
{
    const char *p = *at;
    ++*at;
    if (js_space(*p) || s->told) return KAM_OK;
    s->told = 1;
    return js_wrong(s, p, KAM_E_PARSE, "text behind the end of the array", err);
}

static int32_t js_step(kam__jstream *s, const char **p, const char *end, kam_error *err)
{
    switch (s->state) {
    case JS_START: return js_start(s, p, err);
    case JS_BETWEEN: return js_between(s, p, err);
    case JS_BEHIND: return js_behind(s, p, err);
    case JS_NESTED: return js_nested(s, p, err);
    case JS_STRING: return js_string(s, p, end, err);
    case JS_SCALAR: return js_scalar(s, p, end, err);
    case JS_DONE: return js_done(s, p, err);
    default:                                /* the byte behind a backslash */
        s->state = JS_STRING;
        if (**p != '\n' && **p != '\r') ++*p;
        return KAM_OK;
    }
}

/* Counts lines: of the bytes a step takes only the last can be a line end. */
static void js_took(kam__jstream *s, char last, const char *next)
{
    if (last == '\n' || last == '\r') {
        if (!(last == '\n' && s->cr)) s->line++;
        s->line_start = js_offset(s, next);
    }
    s->cr = last == '\r';
}

static int js_is_open(const kam__jstream *s)
{
    return s->state == JS_NESTED || s->state == JS_STRING || s->state == JS_ESCAPE || s->state == JS_SCALAR;
}

static int32_t js_ready(const kam__jstream *s, kam_error *err)
{
    if (s->stopped) return kam__fail(err, s->stopped, "the JSON reader was stopped; free it and start again");
    if (s->ended) return kam__fail(err, KAM_E_INVAL, "the JSON reader has ended; make a new one");
    return KAM_OK;
}

int32_t kam__jstream_feed(kam__jstream *s, const char *data, size_t size, kam_error *err)
{
    KAM__TRY(js_ready(s, err));
    size_t most = KAM__JSON_MAX_ITEM + 1, need = size < most - s->keep_len ? s->keep_len + size : most;
    if (need > s->keep_cap) KAM__TRY(kam__grow(s->ctx, &s->keep, &s->keep_cap, need, 1, err));
    const char *p = data, *end = data + size;
    s->data = data;
    s->from = js_is_open(s) ? data : NULL;
    while (p < end) {
        const char *before = p;
        KAM__TRY(js_step(s, &p, end, err));
        if (p != before) js_took(s, p[-1], p);
    }
    if (s->from) js_keep(s, end);
    s->base += size;
    return KAM_OK;
}

int32_t kam__jstream_end(kam__jstream *s, kam_error *err)
{
    KAM__TRY(js_ready(s, err));
    s->ended = 1;
    s->data = s->from = "";
    if (s->mark % 3) KAM__TRY(js_no_mark(s, s->data, err));
    if (js_is_open(s)) KAM__TRY(js_item(s, s->data, err));
    if (!s->array || s->state == JS_DONE) return KAM_OK;
    return js_wrong(s, s->data, KAM_E_PARSE, "the array is not closed: ']' is expected at the end", err);
}
