/*
 * tests/tools/conf_dmn.c - the suite `dmn`: models of the DMN Technology Compatibility Kit, one JSON object a line.
 * Each table becomes a document of ours; the answer is brought into the form DMN has it in (one value where the policy
 * gives one row, a list else; a context where there are several outputs). What is not a table of unary tests is told as
 * OUT.
 */
#include "conf_suite.h"
#include "rule/dtable.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct dmn_suite {
    conf_run run; unsigned out; kam_ctx *ctx; kam_error *err; kam__arena arena; const kam__json *model;
} dmn_suite;

static const kam__json *dmn_some(const kam__json *o, const char *key)
{
    const kam__json *v = kam__json_get(o, key);
    return v && v->type != KAM__J_NULL ? v : NULL;
}

static const char *dmn_text(const kam__json *o, const char *key)
{
    const kam__json *v = kam__json_get(o, key);
    return v && v->text ? v->text : "";
}

/* ---------------------------------------------------------------- typed values as JSON */

static void dmn_put_value(kam_buf *out, const kam__json *v, int depth);

static void dmn_put_parts(kam_buf *out, const kam__json *value, int depth)
{
    int object = value->type == KAM__J_OBJECT;
    kam__buf_char(out, object ? '{' : '[');
    for (const kam__json *k = value->child; k; k = k->next) {
        if (k != value->child) kam__buf_char(out, ',');
        if (object) {
            kam__buf_json_text(out, k->key, k->key_len);
            kam__buf_char(out, ':');
        }
        dmn_put_value(out, k, depth + 1);
    }
    kam__buf_char(out, object ? '}' : ']');
}

static void dmn_put_value(kam_buf *out, const kam__json *v, int depth)
{
    const char *type = dmn_text(v, "type");
    const kam__json *value = dmn_some(v, "value");
    if (!value || depth > 20) kam__buf_str(out, "null");
    else if (value->type == KAM__J_OBJECT || value->type == KAM__J_ARRAY) dmn_put_parts(out, value, depth);
    else if (value->type != KAM__J_STRING) kam__json_write(out, value);
    else if (strcmp(type, "decimal") == 0 || strcmp(type, "double") == 0 || strcmp(type, "integer") == 0 ||
             strcmp(type, "boolean") == 0) kam__buf_put(out, value->text, value->len);
    else kam__buf_json_text(out, value->text, value->len);
}

static const kam__json *dmn_parse(dmn_suite *s, kam_buf *b)
{
    const kam__json *v = NULL;
    char *copy = b->failed ? NULL : kam__arena_text(&s->arena, b->data, b->size);
    if (copy && kam__json_parse(&v, &s->arena, copy, b->size, 0, s->err) != KAM_OK) v = NULL;
    kam__buf_drop(b);
    return v;
}

static const kam__json *dmn_value(dmn_suite *s, const kam__json *typed)
{
    kam_buf b;
    kam__buf_init(&b, s->ctx);
    dmn_put_value(&b, typed, 0);
    return dmn_parse(s, &b);
}

/* ---------------------------------------------------------------- a table as our document */

static const char *dmn_type(const char *type)
{
    static const char *const to[][2] = {{"number", "number"}, {"string", "string"}, {"boolean", "boolean"},
        {"date", "date"}, {"time", "time"}, {"dateTime", "datetime"}, {"dayTimeDuration", "duration"},
        {"yearMonthDuration", "months"}};
    for (size_t i = 0; i < KAM__LEN(to); i++)
        if (strcmp(type, to[i][0]) == 0) return to[i][1];
    return "any";
}

static void dmn_member(kam_buf *b, const char *key, const char *text)
{
    kam__buf_printf(b, "\"%s\":", key);
    kam__buf_json_text(b, text, strlen(text));
}

static void dmn_put_output(kam_buf *b, const kam__json *table, const kam__json *o)
{
    kam__buf_char(b, '{');
    dmn_member(b, "name", dmn_some(o, "name") ? dmn_text(o, "name") : dmn_text(table, "decision"));
    for (int i = 0; i < 2; i++) {
        const char *key = i ? "default" : "values";
        if (!dmn_some(o, key)) continue;
        kam__buf_char(b, ',');
        dmn_member(b, key, dmn_text(o, key));
    }
    kam__buf_char(b, '}');
}

static void dmn_put_hit(kam_buf *b, const kam__json *table)
{
    char hit[40];
    snprintf(hit, sizeof hit, "%s", dmn_text(table, "hitPolicy"));
    for (char *c = hit; *c; c++)
        if (*c == '_') *c = ' ';
    dmn_member(b, "hit", hit);
    if (!dmn_some(table, "aggregation")) return;
    kam__buf_char(b, ',');
    dmn_member(b, "aggregate", dmn_text(table, "aggregation"));
}

static const kam__json *dmn_document(dmn_suite *s, const kam__json *table, const kam__json *inputs)
{
    kam_buf b;
    const char *between = "";
    kam__buf_init(&b, s->ctx);
    kam__buf_str(&b, "{\"name\":\"t\",");
    dmn_put_hit(&b, table);
    kam__buf_str(&b, ",\"inputs\":[");
    for (const kam__json *i = kam__json_get(table, "inputs")->child; i; i = i->next, between = ",") {
        kam__buf_printf(&b, "%s{", between);
        dmn_member(&b, "name", dmn_text(i, "expr"));
        kam__buf_char(&b, ',');
        dmn_member(&b, "type", dmn_type(dmn_text(i, "type")));
        kam__buf_char(&b, '}');
    }
    kam__buf_str(&b, "],\"outputs\":[");
    between = "";
    for (const kam__json *o = kam__json_get(table, "outputs")->child; o; o = o->next, between = ",") {
        kam__buf_str(&b, between);
        dmn_put_output(&b, table, o);
    }
    kam__buf_char(&b, ']');
    between = ",\"names\":[";
    for (const kam__json *n = inputs ? inputs->child : NULL; n; n = n->next, between = ",") {
        kam__buf_str(&b, between);
        kam__buf_json_text(&b, n->key, n->key_len);
        if (!n->next) kam__buf_char(&b, ']');
    }
    kam__buf_str(&b, ",\"rows\":[");
    between = "";
    for (const kam__json *r = kam__json_get(table, "rules")->child; r; r = r->next, between = ",") {
        kam__buf_printf(&b, "%s{\"when\":", between);
        kam__json_write(&b, kam__json_get(r, "in"));
        kam__buf_str(&b, ",\"then\":");
        kam__json_write(&b, kam__json_get(r, "out"));
        kam__buf_char(&b, '}');
    }
    kam__buf_str(&b, "]}");
    return dmn_parse(s, &b);
}

/* ---------------------------------------------------------------- one decision */

static void dmn_put_row(kam_buf *b, const kam__json *row, int single)
{
    if (single) kam__json_write(b, row->child);
    else kam__json_write(b, row);
}

/* Our array of objects as DMN has it. */
static const kam__json *dmn_shape(dmn_suite *s, const kam__dt *t, const kam__json *rows)
{
    kam_buf b;
    int many = t->hit >= KAM__DT_RULE_ORDER && !t->aggregate;
    kam__buf_init(&b, s->ctx);
    if (many) kam__buf_char(&b, '[');
    else if (!rows->n) kam__buf_str(&b, "null");
    for (const kam__json *r = rows->child; r; r = r->next) {
        if (r != rows->child) kam__buf_char(&b, ',');
        dmn_put_row(&b, r, t->noutput == 1);
    }
    if (many) kam__buf_char(&b, ']');
    return dmn_parse(s, &b);
}

static int dmn_equal(dmn_suite *s, const kam__json *a, const kam__json *b, int depth)
{
    kam__dt_value x, y;
    if (!a || !b || depth > 20) return 0;
    if (a->type != KAM__J_OBJECT && a->type != KAM__J_ARRAY)
        return b->type != KAM__J_OBJECT && b->type != KAM__J_ARRAY &&
               kam__dt_of_json(&x, KAM__DT_ANY, a, &s->arena, s->err) == KAM_OK &&
               kam__dt_of_json(&y, KAM__DT_ANY, b, &s->arena, s->err) == KAM_OK && kam__dt_same(&x, &y);
    if (a->type != b->type || a->n != b->n) return 0;
    const kam__json *k = b->child;
    for (const kam__json *c = a->child; c; c = c->next, k = k->next)
        if (!dmn_equal(s, c, a->type == KAM__J_OBJECT ? kam__json_get(b, c->key) : k, depth + 1)) return 0;
    return 1;
}

/* What the table answers, in the form of DMN; an answer that breaks the hit policy is null. NULL: err tells. */
static const kam__json *dmn_decide(dmn_suite *s, const kam__json *table, const kam__json *in, const kam__json *given)
{
    kam__dt *t = kam__arena_alloc(&s->arena, sizeof *t);
    kam__dt_decision d;
    kam_buf b;
    const kam__json *doc = dmn_document(s, table, given), *null = NULL;
    void *user = (void *)(uintptr_t)in;
    if (!t || !doc || kam__dt_read_doc(t, &s->arena, doc, s->err) != KAM_OK) return NULL;
    int32_t rc = kam__dt_decide(&d, t, &s->arena, kam__dt_get_json, user, s->err);
    if (rc == KAM_E_POLICY) return kam__json_parse(&null, &s->arena, "null", 4, 0, s->err) == KAM_OK ? null : NULL;
    if (rc != KAM_OK) return NULL;
    kam__buf_init(&b, s->ctx);
    if (kam__dt_answer(&b, t, &d, &s->arena, kam__dt_get_json, user, s->err) != KAM_OK) {
        kam__buf_drop(&b);
        return NULL;
    }
    const kam__json *rows = dmn_parse(s, &b);
    return rows ? dmn_shape(s, t, rows) : NULL;
}

static const kam__json *dmn_table(const dmn_suite *s, const char *name)
{
    for (const kam__json *t = kam__json_get(s->model, "tables")->child; t; t = t->next)
        if (strcmp(dmn_text(t, "decision"), name) == 0) return t;
    return NULL;
}

static void dmn_told(dmn_suite *s, const kam__json *v, char out[160])
{
    kam_buf b;
    kam__buf_init(&b, s->ctx);
    if (v) kam__json_write(&b, v);
    else kam__buf_str(&b, kam_error_message(s->err));
    conf_quote(out, b.data ? b.data : "", b.size);
    kam__buf_drop(&b);
}

/* ---------------------------------------------------------------- cases */

static void dmn_case(dmn_suite *s, const kam__json *c, const char *file)
{
    char name[256], got[160], want[160];
    const kam__json *given = kam__json_get(c, "inputs"), *pure = kam__json_get(s->model, "pure_table");
    snprintf(name, sizeof name, "%s/%s", file, dmn_text(c, "id"));
    if (!pure || pure->type != KAM__J_TRUE) {
        printf("OUT %s: its model needs FEEL beyond the unary tests of tables\n", name);
        s->out++;
        return;
    }
    kam_buf b;
    kam__buf_init(&b, s->ctx);
    if (given) dmn_put_parts(&b, given, 0);
    else kam__buf_str(&b, "{}");
    const kam__json *in = dmn_parse(s, &b);
    for (const kam__json *e = kam__json_get(c, "expect")->child; e; e = e->next) {
        const kam__json *table = dmn_table(s, e->key), *want_it = dmn_value(s, e);
        const kam__json *got_it = table && in ? dmn_decide(s, table, in, given) : NULL;
        if (got_it && dmn_equal(s, got_it, want_it, 0)) continue;
        dmn_told(s, got_it, got);
        dmn_told(s, want_it, want);
        conf_fail(&s->run, name, "got %s want %s of %s", table ? got : "no such table", want, e->key);
        return;
    }
    conf_pass(&s->run);
}

static int dmn_whole(const kam__json *m)
{
    static const char *const lists[] = {"tables", "cases"};
    for (size_t i = 0; i < KAM__LEN(lists); i++)
        if (!kam__json_get(m, lists[i]) || kam__json_get(m, lists[i])->type != KAM__J_ARRAY) return 0;
    return 1;
}

static void dmn_lines(dmn_suite *s, const char *text, size_t size)
{
    unsigned line = 1;
    for (size_t at = 0; at < size; line++) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t n = end ? (size_t)(end - (text + at)) : size - at;
        char name[64];
        snprintf(name, sizeof name, "line %u", line);
        if (n && (kam__json_parse(&s->model, &s->arena, text + at, n, 0, s->err) != KAM_OK || !dmn_whole(s->model)))
            conf_fail(&s->run, name, "got no model want an object with tables and cases");
        else if (n)
            for (const kam__json *c = kam__json_get(s->model, "cases")->child; c; c = c->next)
                dmn_case(s, c, dmn_text(s->model, "file"));
        kam__arena_reset(&s->arena);
        at += n + 1;
    }
}

int conf_dmn(int argc, char **argv)
{
    dmn_suite s;
    size_t size;
    memset(&s, 0, sizeof s);
    if (argc != 2) return conf_usage("dmn", "one file of cases is expected");
    char *text = conf_read(argv[1], &size);
    if (!text) return CONF_FAILED;
    if (kam_error_new(&s.err, NULL) != KAM_OK || kam_ctx_new(&s.ctx, NULL, s.err) != KAM_OK)
        conf_fail(&s.run, "dmn", "got no memory want a context");
    else {
        kam__arena_init(&s.arena, s.ctx, 0);
        dmn_lines(&s, text, size);
        kam__arena_free(&s.arena);
    }
    kam_ctx_free(s.ctx);
    kam_error_free(s.err);
    free(text);
    printf("%u passed, %u failed, %u out\n", s.run.passed, s.run.failed, s.out);
    return s.run.failed ? CONF_FAILED : CONF_OK;
}
