/*
 * segment/segment_book_dtable.c - decision tables as handles: from a book by name, from JSON, one decision with its
 * reasons, and what is wrong with the table itself.
 *
 * A table knows inputs by name only, so that one handle serves records of any kind and JSON. It keeps a schema to write
 * explanations and findings in: the book's, or the built-in one.
 */
#include "../store/store.h"
#include "../rule/dtable.h"
#include "segment_book_score.h"
#include <kam/rule.h>

struct kam_dtable {
    kam__ref ref; kam_ctx *ctx;             /* held */
    kam__policy policy;                     /* id 0: not of a book */
    kam__schema *schema;                    /* held */
    kam__dt doc;
};

/* ---------------------------------------------------------------- handles */

/* Takes policy over. */
static int32_t tablebook_of_policy(kam_dtable **out, kam_ctx *ctx, kam__policy *policy, kam__schema *schema,
                                   kam_error *err)
{
    kam_dtable *t = kam__zalloc(ctx, sizeof *t);
    if (!t) {
        kam__policy_free(policy);
        return kam__nomem(err);
    }
    kam__ref_init(&t->ref);
    t->ctx = kam__ctx_hold(ctx);
    t->policy = *policy;
    if (schema) t->schema = kam__schema_hold(schema);
    int32_t rc = schema ? KAM_OK : kam__schema_new(&t->schema, ctx, NULL, err);
    if (rc == KAM_OK) rc = kam__dt_read_doc(&t->doc, &t->policy.arena, t->policy.body, err);
    if (rc == KAM_OK) *out = t;
    else kam_dtable_free(t);
    return rc;
}

int32_t kam_dtable_open(kam_dtable **out, kam_book *book, const char *name, int32_t day, kam_error *err)
{
    kam__policy p;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (!name) return kam__null_arg(err, "name");
    KAM__TRY(kam__policy_load(&p, book, KAM_POLICY_DTABLE, name, day, err));
    return tablebook_of_policy(out, book->ctx, &p, book->schema, err);
}

int32_t kam_dtable_parse(kam_dtable **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err)
{
    kam_ctx *use = NULL;
    kam__policy p;
    kam_dtable *t = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!json) return kam__null_arg(err, "json");
    KAM__TRY(kam__ctx_take(&use, ctx, err));
    int32_t rc = kam__policy_of_json(&p, use, json, len == KAM_NUL ? strlen(json) : len, err);
    if (rc == KAM_OK) rc = tablebook_of_policy(&t, use, &p, NULL, err);
    kam_ctx_free(use);
    if (rc != KAM_OK) return rc;
    memcpy(t->policy.name, t->doc.name, strlen(t->doc.name) + 1);
    *out = t;
    return KAM_OK;
}

void kam_dtable_free(kam_dtable *t)
{
    if (!t || !kam__ref_drop(&t->ref)) return;
    kam_ctx *ctx = t->ctx;
    kam__schema_drop(t->schema);
    kam__policy_free(&t->policy);
    kam__free(ctx, t);
    kam_ctx_free(ctx);
}

/* ---------------------------------------------------------------- explanations */

typedef struct tablebook_say {
    const kam_dtable *t; const kam__dt_decision *d; kam_why *why; kam_buf factor, value, en, zh; kam_error *err;
} tablebook_say;

static int tablebook_counts(const kam__dt_decision *d, uint32_t row)
{
    for (uint32_t k = 0; k < d->nchosen; k++)
        if (d->chosen[k] == row) return 1;
    return 0;
}

static void tablebook_texts(tablebook_say *s, const kam__dt_row *r, int counts)
{
    if (counts) {
        kam__buf_str(&s->en, "matches and counts");
        kam__buf_str(&s->zh, "符合并采用");
    } else {
        kam__buf_printf(&s->en, "matches, but row %u counts", s->d->chosen[0] + 1);
        kam__buf_printf(&s->zh, "符合，但采用了第 %u 行", s->d->chosen[0] + 1);
    }
    if (!r->text.en) return;
    kam__buf_printf(&s->en, ": %s", r->text.en);
    kam__buf_printf(&s->zh, "：%s", r->text.zh);
}

static int32_t tablebook_row(tablebook_say *s, uint32_t i)
{
    const kam__dt_row *r = &s->t->doc.row[i];
    uint32_t fail = s->d->fail[i];
    const char *code = "NO", *cell = NULL;
    kam__buf_clear(&s->factor);
    kam__buf_clear(&s->value);
    kam__buf_clear(&s->en);
    kam__buf_clear(&s->zh);
    kam__buf_printf(&s->factor, "row %u", i + 1);
    if (r->id) kam__buf_printf(&s->factor, " %s", r->id);
    if (fail == UINT32_MAX) {
        int counts = tablebook_counts(s->d, i);
        code = counts ? "CHOSEN" : "MATCH";
        tablebook_texts(s, r, counts);
    } else {
        cell = r->when[fail].text;
        kam__dt_json(&s->value, &s->d->in[fail]);
        KAM__TRY(kam__buf_end(&s->value, s->err));
        kam__buf_printf(&s->en, "%s is %s, not %s", s->t->doc.input[fail].name, s->value.data, cell);
        kam__buf_printf(&s->zh, "%s 为 %s，不符合 %s", s->t->doc.input[fail].name, s->value.data, cell);
    }
    KAM__TRY(kam__buf_end(&s->factor, s->err));
    KAM__TRY(kam__buf_end(&s->en, s->err));
    KAM__TRY(kam__buf_end(&s->zh, s->err));
    return kam__why_add(s->why, s->factor.data, cell ? s->value.data : NULL, cell, code, s->en.data, s->zh.data, s->err);
}

static int32_t tablebook_lines(tablebook_say *s)
{
    for (uint32_t i = 0; i < s->t->doc.nrow; i++) KAM__TRY(tablebook_row(s, i));
    if (!s->d->defaults) return KAM_OK;
    return kam__why_add(s->why, "default", NULL, NULL, "DEFAULT", "no row matches: the defaults count",
                        "没有符合的行：采用默认值", s->err);
}

static int32_t tablebook_verdict(kam_why *why, const kam_dtable *t, const char *answer, kam_error *err)
{
    kam_record *v = why->verdict;
    if (t->policy.id) kam__record_put_num(v, KAM_VERDICT_VERSION, t->policy.version);
    kam__record_put_num(v, KAM_VERDICT_FLAGS, 0);
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_KIND, "decision", err));
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_POLICY, t->policy.name, err));
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_HASH, t->policy.hash, err));
    return kam__record_put_str(v, KAM_VERDICT_RESULT, answer, err);
}

static int32_t tablebook_why(kam_why **out, const kam_dtable *t, const kam__dt_decision *d, const char *answer,
                             kam_error *err)
{
    tablebook_say s = {.t = t, .d = d, .err = err};
    KAM__TRY(kam__why_of_schema(&s.why, t->schema, err));
    kam__buf_init(&s.factor, t->ctx);
    kam__buf_init(&s.value, t->ctx);
    kam__buf_init(&s.en, t->ctx);
    kam__buf_init(&s.zh, t->ctx);
    int32_t rc = tablebook_verdict(s.why, t, answer, err);
    if (rc == KAM_OK) rc = tablebook_lines(&s);
    kam__buf_drop(&s.factor);
    kam__buf_drop(&s.value);
    kam__buf_drop(&s.en);
    kam__buf_drop(&s.zh);
    if (rc == KAM_OK) *out = s.why;
    else kam_why_free(s.why);
    return rc;
}

/* ---------------------------------------------------------------- decisions */

static int32_t tablebook_decide(kam_buf *out, kam_why **why, const kam_dtable *t, kam__arena *arena, kam__dt_get get,
                                void *user, kam_error *err)
{
    kam__dt_decision d;
    kam_buf answer;
    KAM__TRY(kam__dt_decide(&d, &t->doc, arena, get, user, err));
    kam__buf_init(&answer, t->ctx);
    int32_t rc = kam__dt_answer(&answer, &t->doc, &d, arena, get, user, err);
    if (rc == KAM_OK) rc = kam__buf_end(&answer, err);
    if (rc == KAM_OK && why) rc = tablebook_why(why, t, &d, answer.data, err);
    if (rc == KAM_OK && out) {
        kam__buf_clear(out);
        kam__buf_put(out, answer.data, answer.size);
        rc = kam__buf_end(out, err);
    }
    kam__buf_drop(&answer);
    return rc;
}

int32_t kam_dtable_decide(kam_buf *out, kam_why **why, const kam_dtable *table, const kam_record *row, kam_error *err)
{
    kam__arena arena;
    kam_why *w = NULL;
    if (!table) return kam__null_arg(err, "table");
    if (!row) return kam__null_arg(err, "row");
    kam__arena_init(&arena, table->ctx, 0);
    int32_t rc = tablebook_decide(out, why ? &w : NULL, table, &arena, kam__dt_get_record, (void *)(uintptr_t)row, err);
    kam__arena_free(&arena);
    if (rc != KAM_OK) kam_why_free(w);
    else if (why) *why = w;
    return rc;
}

int32_t kam_dtable_decide_json(kam_buf *out, kam_why **why, const kam_dtable *table, const char *json, size_t len,
                               kam_error *err)
{
    kam__arena arena;
    kam_why *w = NULL;
    const kam__json *v = NULL;
    if (!table) return kam__null_arg(err, "table");
    if (!json) return kam__null_arg(err, "json");
    kam__arena_init(&arena, table->ctx, 0);
    int32_t rc = kam__json_parse(&v, &arena, json, len == KAM_NUL ? strlen(json) : len, 0, err);
    if (rc == KAM_OK && v->type != KAM__J_OBJECT)
        rc = kam__json_fail(v, KAM_E_PARSE, err, "the inputs must be an object such as {\"amount\": 5}");
    if (rc == KAM_OK)
        rc = tablebook_decide(out, why ? &w : NULL, table, &arena, kam__dt_get_json, (void *)(uintptr_t)v, err);
    kam__arena_free(&arena);
    if (rc != KAM_OK) kam_why_free(w);
    else if (why) *why = w;
    return rc;
}

/* ---------------------------------------------------------------- findings */

static int32_t on_tablebook_found(void *user, const char *code, uint32_t row, const char *example, const char *text,
                                  kam_error *err)
{
    kam__rowset *set = user;
    kam__blockbuf *b = kam__rowset_row(set, err);
    if (!b) return KAM_E_NOMEM;
    if (row) kam__bb_i64(b, 0, row);
    if (example) kam__bb_text(b, 1, example, strlen(example));
    kam__bb_text(b, 2, code, strlen(code));
    kam__bb_text(b, 3, text, strlen(text));
    return kam__rowset_end_row(set, err);
}

int32_t kam_dtable_findings(kam_rows **out, const kam_dtable *table, kam_error *err)
{
    static const uint32_t field[] = {KAM_PROBLEM_ROW, KAM_PROBLEM_VALUE, KAM_PROBLEM_CODE, KAM_PROBLEM_TEXT};
    kam__rowset *set = NULL;
    if (!out) return kam__null_arg(err, "out");
    if (!table) return kam__null_arg(err, "table");
    KAM__TRY(kam__rowset_new(&set, table->schema, KAM_KIND_PROBLEM, field, KAM__LEN(field), err));
    int32_t rc = kam__dt_find(&table->doc, table->ctx, on_tablebook_found, set, err);
    if (rc == KAM_OK) {
        kam__rowset_seal(set);
        rc = kam__rows_of_set(out, NULL, set, 0, 0, err);
    }
    kam__rowset_drop(set);
    return rc;
}
