/*
 * rule/dtable_parse.c - the document of a decision table and its strict check.
 *
 * {"name": "authority", "title": {"en", "zh"}, "source": "...", "hit": "UNIQUE", "aggregate": "SUM",
 *  "inputs": [{"name": "amount", "type": "number", "values": "[0..1000000]", "required": true, "title": {...}}],
 *  "outputs": [{"name": "decides", "values": "\"A\",\"B\"", "default": "\"B\"", "title": {...}}],
 *  "names": ["limit"],                                    what else the cells may name
 *  "rows": [{"id": "small", "when": ["< 10", "-"], "then": ["\"A\""], "text": {"en", "zh"}}],
 *  "tests": [{"in": {"amount": 5}, "out": [{"decides": "A"}]}, {"in": {...}, "fails": true}]}
 *
 * Cells are S-FEEL (dtable_cell.c); numbers, true, false and null may stand without quotes. kam/rule.h tells what each
 * member means. A name in a cell that is neither an input nor in "names" is refused, and so is a table one of whose own
 * tests gives something else.
 */
#include "dtable.h"

static const char *const dparse_hits[] = {"UNIQUE", "ANY", "PRIORITY", "FIRST", "RULE ORDER", "OUTPUT ORDER", "COLLECT"};
static const char *const dparse_sums[] = {"LIST", "SUM", "MIN", "MAX", "COUNT"};

/* ---------------------------------------------------------------- small readers */

static int32_t dparse_members(const kam__json *v, const char *what, const char *const *known, size_t n, kam_error *err)
{
    if (v && v->type == KAM__J_OBJECT) return kam__json_known(v, known, n, err);
    return kam__json_fail(v, KAM_E_PARSE, err, "%s must be an object", what);
}

static int32_t dparse_text(const char **out, const kam__json *object, const char *key, kam_error *err)
{
    const kam__json *v = kam__json_get(object, key);
    if (!v) return kam__json_fail(object, KAM_E_PARSE, err, "\"%s\" is missing; it must be a string", key);
    if (v->type != KAM__J_STRING || !v->len || memchr(v->text, 0, v->len))
        return kam__json_fail(v, KAM_E_PARSE, err, "\"%s\" must be a string with something in it", key);
    *out = v->text;
    return KAM_OK;
}

static int32_t dparse_words(kam__dt_words *out, const kam__json *object, const char *key, kam_error *err)
{
    static const char *const known[] = {"en", "zh"};
    const kam__json *v = kam__json_get(object, key);
    if (!v) return KAM_OK;
    KAM__TRY(dparse_members(v, key, known, KAM__LEN(known), err));
    KAM__TRY(dparse_text(&out->en, v, "en", err));
    return dparse_text(&out->zh, v, "zh", err);
}

static int32_t dparse_array(const kam__json **out, const kam__json *object, const char *key, uint32_t max,
                            kam_error *err)
{
    const kam__json *v = kam__json_get(object, key);
    if (!v || v->type != KAM__J_ARRAY || !v->n)
        return kam__json_fail(v ? v : object, KAM_E_PARSE, err, "\"%s\" must be an array with something in it", key);
    if (v->n > max)
        return kam__json_fail(v, KAM_E_POLICY, err, "\"%s\" has %u elements, at most %u are allowed", key, v->n, max);
    *out = v;
    return KAM_OK;
}

/* The place of a word in a list. */
static int32_t dparse_choice(uint8_t *out, const kam__json *object, const char *key, const char *const *known,
                             size_t n, kam_error *err)
{
    const char *text = NULL;
    KAM__TRY(dparse_text(&text, object, key, err));
    for (*out = 0; *out < n; (*out)++)
        if (kam__text_same(text, known[*out])) return KAM_OK;
    const char *near = kam__text_closest(text, strlen(text), known, n);
    return kam__json_fail(kam__json_get(object, key), KAM_E_PARSE, err, "\"%s\" is \"%.20s\"%s%s%s", key, text,
                          near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : ": one of DMN is expected");
}

static int32_t dparse_flag(uint8_t *out, const kam__json *object, const char *key, kam_error *err)
{
    const kam__json *v = kam__json_get(object, key);
    int flag = 0;
    if (v) KAM__TRY(kam__json_bool(&flag, v, key, err));
    *out = (uint8_t)flag;
    return KAM_OK;
}

/* ---------------------------------------------------------------- names */

static int32_t dparse_path(const kam__dt *t, const kam__dt_operand *o, const kam__json *at, kam_error *err)
{
    const char *known[KAM__DT_INPUTS];
    if (!o->path) return KAM_OK;
    size_t len = strlen(o->path);
    for (uint32_t i = 0; i < t->ninput + t->nname; i++) {
        const char *name = i < t->ninput ? t->input[i].name : t->extra[i - t->ninput];
        size_t n = strlen(name);
        if (len >= n && memcmp(o->path, name, n) == 0 && (len == n || o->path[n] == '.')) return KAM_OK;
    }
    for (uint32_t i = 0; i < t->ninput; i++) known[i] = t->input[i].name;
    const char *near = kam__text_closest(o->path, len, known, t->ninput);
    return kam__json_fail(at, KAM_E_POLICY, err, "\"%.60s\" is no input%s%s%s", o->path,
                          near ? "; did you mean \"" : "", near ? near : "",
                          near ? "\"?" : ": text stands in quotes, other names in \"names\"");
}

static int32_t dparse_cell_names(const kam__dt *t, const kam__dt_cell *c, const kam__json *at, kam_error *err)
{
    for (uint32_t i = 0; i < c->ntest; i++) {
        KAM__TRY(dparse_path(t, &c->test[i].a, at, err));
        KAM__TRY(dparse_path(t, &c->test[i].b, at, err));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- inputs and outputs */

static int32_t dparse_input(kam__dt *t, const kam__json *v, kam__arena *arena, kam_error *err)
{
    static const char *const known[] = {"name", "type", "values", "required", "title"};
    kam__dt_input *in = &t->input[t->ninput];
    const kam__json *values = kam__json_get(v, "values");
    const char *type = NULL;
    kam__dt_words title = {NULL, NULL};
    KAM__TRY(dparse_members(v, "an input", known, KAM__LEN(known), err));
    KAM__TRY(dparse_text(&in->name, v, "name", err));
    KAM__TRY(dparse_words(&title, v, "title", err));
    if (kam__json_get(v, "type")) KAM__TRY(dparse_text(&type, v, "type", err));
    in->type = type ? kam__dt_type(type) : KAM__DT_ANY;
    if (in->type == UINT8_MAX)
        return kam__json_fail(kam__json_get(v, "type"), KAM_E_PARSE, err,
                              "\"type\" is \"%.20s\": any, boolean, number, string, date, time, datetime, duration or"
                              " months is expected", type);
    KAM__TRY(dparse_flag(&in->required, v, "required", err));
    for (uint32_t i = 0; i < t->ninput; i++)
        if (kam__text_same(t->input[i].name, in->name))
            return kam__json_fail(v, KAM_E_POLICY, err, "two inputs have the name \"%.60s\": rename one", in->name);
    t->ninput++;
    if (!values) return KAM_OK;
    KAM__TRY(kam__dt_cell_read(&in->values, in->type, values, arena, err));
    for (uint32_t i = 0; i < in->values.ntest; i++)
        if (in->values.test[i].a.path || in->values.test[i].b.path)
            return kam__json_fail(values, KAM_E_POLICY, err, "\"values\" of an input are constants, text in quotes");
    return KAM_OK;
}

static int32_t dparse_output_values(kam__dt_output *o, const kam__json *values, kam__arena *arena, kam_error *err)
{
    kam__dt_cell c;
    KAM__TRY(kam__dt_cell_read(&c, KAM__DT_ANY, values, arena, err));
    kam__dt_value *list = kam__arena_alloc(arena, (c.ntest + 1) * sizeof *list);
    if (!list) return kam__nomem(err);
    for (uint32_t i = 0; i < c.ntest; i++) {
        if (c.negated || c.test[i].op != KAM__DT_EQ || c.test[i].a.path)
            return kam__json_fail(values, KAM_E_POLICY, err, "\"values\" of an output are constants, the best first");
        list[i] = c.test[i].a.value;
    }
    o->nvalue = c.ntest;
    o->value = list;
    return KAM_OK;
}

static int32_t dparse_output(kam__dt *t, const kam__json *v, kam__arena *arena, kam_error *err)
{
    static const char *const known[] = {"name", "values", "default", "title"};
    kam__dt_output *o = &t->output[t->noutput];
    const kam__json *values = kam__json_get(v, "values"), *none = kam__json_get(v, "default");
    kam__dt_words title = {NULL, NULL};
    KAM__TRY(dparse_members(v, "an output", known, KAM__LEN(known), err));
    KAM__TRY(dparse_text(&o->name, v, "name", err));
    KAM__TRY(dparse_words(&title, v, "title", err));
    for (uint32_t i = 0; i < t->noutput; i++)
        if (kam__text_same(t->output[i].name, o->name))
            return kam__json_fail(v, KAM_E_POLICY, err, "two outputs have the name \"%.60s\": rename one", o->name);
    t->noutput++;
    if (values) KAM__TRY(dparse_output_values(o, values, arena, err));
    if (!none) return KAM_OK;
    o->has_default = 1;
    KAM__TRY(kam__dt_operand_read(&o->if_none, KAM__DT_ANY, none, arena, err));
    return dparse_path(t, &o->if_none, none, err);
}

static int32_t dparse_names(kam__dt *t, const kam__json *body, kam__arena *arena, kam_error *err)
{
    const kam__json *list = NULL;
    if (!kam__json_get(body, "names")) return KAM_OK;
    KAM__TRY(dparse_array(&list, body, "names", 256, err));
    t->extra = kam__arena_alloc(arena, list->n * sizeof *t->extra);
    if (!t->extra) return kam__nomem(err);
    for (const kam__json *v = list->child; v; v = v->next)
        KAM__TRY(kam__json_str(&t->extra[t->nname++], v, "names", err));
    return KAM_OK;
}

/* ---------------------------------------------------------------- rows */

static int32_t dparse_then(const kam__dt *t, kam__dt_row *r, uint32_t i, const kam__json *v, kam__arena *arena,
                           kam_error *err)
{
    const kam__dt_output *o = &t->output[i];
    KAM__TRY(kam__dt_operand_read(&r->then[i], KAM__DT_ANY, v, arena, err));
    KAM__TRY(dparse_path(t, &r->then[i], v, err));
    if (!o->nvalue || r->then[i].path) return KAM_OK;
    for (uint32_t k = 0; k < o->nvalue; k++)
        if (kam__dt_same(&o->value[k], &r->then[i].value)) return KAM_OK;
    return kam__json_fail(v, KAM_E_POLICY, err,
                          "this is none of the \"values\" of output \"%.60s\": add it there or correct it",
                          o->name);
}

static int32_t dparse_row(kam__dt *t, const kam__json *v, kam__arena *arena, kam_error *err)
{
    static const char *const known[] = {"id", "when", "then", "text"};
    kam__dt_row *r = &t->row[t->nrow];
    const kam__json *when = NULL, *then = NULL;
    uint32_t i = 0;
    memset(r, 0, sizeof *r);
    r->at = v;
    KAM__TRY(dparse_members(v, "a row", known, KAM__LEN(known), err));
    if (kam__json_get(v, "id")) KAM__TRY(dparse_text(&r->id, v, "id", err));
    KAM__TRY(dparse_words(&r->text, v, "text", err));
    KAM__TRY(dparse_array(&when, v, "when", KAM__DT_INPUTS, err));
    KAM__TRY(dparse_array(&then, v, "then", KAM__DT_OUTPUTS, err));
    if (when->n != t->ninput || then->n != t->noutput)
        return kam__json_fail(when->n != t->ninput ? when : then, KAM_E_POLICY, err,
                              "a row has one cell for each of the %u inputs and %u outputs, this one %u and %u", t->ninput,
                              t->noutput, when->n, then->n);
    r->when = kam__arena_alloc(arena, t->ninput * sizeof *r->when);
    r->then = kam__arena_alloc(arena, t->noutput * sizeof *r->then);
    if (!r->when || !r->then) return kam__nomem(err);
    for (const kam__json *c = when->child; c; c = c->next, i++) {
        KAM__TRY(kam__dt_cell_read(&r->when[i], t->input[i].type, c, arena, err));
        KAM__TRY(dparse_cell_names(t, &r->when[i], c, err));
    }
    i = 0;
    for (const kam__json *c = then->child; c; c = c->next) KAM__TRY(dparse_then(t, r, i++, c, arena, err));
    t->nrow++;
    return KAM_OK;
}

/* ---------------------------------------------------------------- tests */

static int32_t dparse_answer(kam_buf *out, const kam__dt *t, const kam__json *in, kam__arena *arena, kam_error *err)
{
    kam__dt_decision d;
    KAM__TRY(kam__dt_decide(&d, t, arena, kam__dt_get_json, (void *)(uintptr_t)in, err));
    return kam__dt_answer(out, t, &d, arena, kam__dt_get_json, (void *)(uintptr_t)in, err);
}

static int32_t dparse_same(const kam__json *at, kam_buf *got, kam__arena *arena, kam_error *err)
{
    const kam__json *v = NULL;
    kam_buf a, b;
    kam__buf_init(&a, arena->ctx);
    kam__buf_init(&b, arena->ctx);
    int32_t rc = kam__json_parse(&v, arena, got->data, got->size, 0, err);
    if (rc == KAM_OK) rc = kam__json_canonical(&a, v, err);
    if (rc == KAM_OK) rc = kam__json_canonical(&b, kam__json_get(at, "out"), err);
    if (rc == KAM_OK && (a.size != b.size || memcmp(a.data, b.data, a.size) != 0))
        rc = kam__json_fail(at, KAM_E_POLICY, err, "this test of the table gives %.120s", a.data);
    kam__buf_drop(&a);
    kam__buf_drop(&b);
    return rc;
}

static int32_t dparse_test(const kam__dt *t, const kam__json *v, kam__arena *arena, kam_error *err)
{
    static const char *const known[] = {"in", "out", "fails"};
    uint8_t fails = 0;
    kam_buf got;
    KAM__TRY(dparse_members(v, "a test", known, KAM__LEN(known), err));
    KAM__TRY(dparse_flag(&fails, v, "fails", err));
    const kam__json *in = kam__json_get(v, "in"), *out = kam__json_get(v, "out");
    if (!in || in->type != KAM__J_OBJECT || (!out && !fails) || (out && fails))
        return kam__json_fail(v, KAM_E_PARSE, err, "a test has \"in\", an object, and either \"out\" or \"fails\"");
    kam__buf_init(&got, arena->ctx);
    int32_t rc = dparse_answer(&got, t, in, arena, err);
    if (rc == KAM_OK) rc = kam__buf_end(&got, err);
    if (rc == KAM_OK)
        rc = fails ? kam__json_fail(v, KAM_E_POLICY, err,
                                    "this test of the table should fail, and the table gives %.120s", got.data)
                   : dparse_same(v, &got, arena, err);
    else if (rc != KAM_E_NOMEM && fails) rc = KAM_OK;
    kam__buf_drop(&got);
    return rc;
}

/* ---------------------------------------------------------------- the document */

static int32_t dparse_head(kam__dt *t, const kam__json *body, kam_error *err)
{
    static const char *const known[] = {"name", "title", "source", "hit", "aggregate", "inputs", "outputs", "names",
                                        "rows", "tests"};
    const char *source = NULL;
    kam__dt_words title = {NULL, NULL};
    KAM__TRY(dparse_members(body, "a decision table", known, KAM__LEN(known), err));
    KAM__TRY(dparse_text(&t->name, body, "name", err));
    if (strlen(t->name) > 63) return kam__json_fail(body, KAM_E_POLICY, err, "\"name\" has at most 63 bytes");
    KAM__TRY(dparse_words(&title, body, "title", err));
    if (kam__json_get(body, "source")) KAM__TRY(dparse_text(&source, body, "source", err));
    KAM__TRY(dparse_choice(&t->hit, body, "hit", dparse_hits, KAM__LEN(dparse_hits), err));
    t->hit++;
    if (!kam__json_get(body, "aggregate")) return KAM_OK;
    KAM__TRY(dparse_choice(&t->aggregate, body, "aggregate", dparse_sums, KAM__LEN(dparse_sums), err));
    if (t->hit == KAM__DT_COLLECT) return KAM_OK;
    return kam__json_fail(body, KAM_E_POLICY, err, "\"aggregate\" is for the hit policy COLLECT only");
}

static int32_t dparse_check_hit(const kam__dt *t, const kam__json *body, kam_error *err)
{
    uint32_t ranked = 0;
    for (uint32_t i = 0; i < t->noutput; i++) ranked += t->output[i].nvalue > 0;
    if ((t->hit == KAM__DT_PRIORITY || t->hit == KAM__DT_OUTPUT_ORDER) && !ranked)
        return kam__json_fail(body, KAM_E_POLICY, err, "%s needs an output with \"values\", the best first",
                              dparse_hits[t->hit - 1]);
    if (t->aggregate && t->noutput > 1)
        return kam__json_fail(body, KAM_E_POLICY, err, "\"aggregate\" %s needs a table with one output, not %u",
                              dparse_sums[t->aggregate], t->noutput);
    return KAM_OK;
}

int32_t kam__dt_read_doc(kam__dt *t, kam__arena *arena, const kam__json *body, kam_error *err)
{
    const kam__json *list = NULL, *tests = kam__json_get(body, "tests");
    memset(t, 0, sizeof *t);
    KAM__TRY(dparse_head(t, body, err));
    KAM__TRY(dparse_names(t, body, arena, err));
    KAM__TRY(dparse_array(&list, body, "inputs", KAM__DT_INPUTS, err));
    for (const kam__json *v = list->child; v; v = v->next) KAM__TRY(dparse_input(t, v, arena, err));
    KAM__TRY(dparse_array(&list, body, "outputs", KAM__DT_OUTPUTS, err));
    for (const kam__json *v = list->child; v; v = v->next) KAM__TRY(dparse_output(t, v, arena, err));
    KAM__TRY(dparse_check_hit(t, body, err));
    KAM__TRY(dparse_array(&list, body, "rows", KAM__DT_ROWS, err));
    t->row = kam__arena_alloc(arena, list->n * sizeof *t->row);
    if (!t->row) return kam__nomem(err);
    for (const kam__json *v = list->child; v; v = v->next) KAM__TRY(dparse_row(t, v, arena, err));
    if (!tests) return KAM_OK;
    KAM__TRY(dparse_array(&list, body, "tests", 1000, err));
    for (const kam__json *v = list->child; v; v = v->next) KAM__TRY(dparse_test(t, v, arena, err));
    return KAM_OK;
}

int32_t kam__dtable_check(kam_ctx *ctx, const kam__json *body, kam_error *err)
{
    kam__arena arena;
    kam__dt *t = kam__zalloc(ctx, sizeof *t);
    if (!t) return kam__nomem(err);
    kam__arena_init(&arena, ctx, 0);
    int32_t rc = kam__dt_read_doc(t, &arena, body, err);
    kam__arena_free(&arena);
    kam__free(ctx, t);
    return rc;
}
