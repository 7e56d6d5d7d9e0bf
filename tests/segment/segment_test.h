/*
 * tests/segment/segment_test.h - what the tests of this room share: schemes from text, and tables of accounts to grade
 * without a book.
 */
#ifndef KAM_TESTS_SEGMENT_TEST_H
#define KAM_TESTS_SEGMENT_TEST_H
#include "base/base_test.h"
#include "segment/segment.h"
#include <stdio.h>

#define assert_code(got, want) assert_string_equal(kam_code_name(got), kam_code_name(want))
#define assert_says(err, text) do { if (!strstr(kam_error_message(err), text)) \
    fail_msg("\"%s\" does not say \"%s\"", kam_error_message(err), text); } while (0)

/* Pieces of documents; S_HEAD needs a kind and grades behind it. */
#define S_TITLE "\"name\": \"t\", \"title\": {\"en\": \"test\", \"zh\": \"测试\"}, "
#define S_G(g) "{\"grade\": \"" g "\", \"en\": \"" g "\", \"zh\": \"" g "\"}"
#define S_ABC "\"grades\": [" S_G("A") ", " S_G("B") ", " S_G("C") "], "
#define S_ORDINAL "{" S_TITLE "\"kind\": \"ordinal\", " S_ABC
#define S_NOMINAL "{" S_TITLE "\"kind\": \"nominal\", " S_ABC
#define S_REVENUE "\"window\": \"all\", \"measure\": \"revenue\", "
#define S_QUOTA S_ORDINAL S_REVENUE "\"rule\": {\"quota\": [\"0.20\", \"0.40\", \"0.40\"]}, \"rest\": \"C\"}"

#define ST_MAX 2000
typedef struct st {
    fault f; kam_ctx *ctx; kam_error *err;
    kam__arena arena; kam__scheme scheme; kam__bound bound;
    uint32_t n;
    int64_t account[ST_MAX], num[KAM__SCHEME_ATTRS][ST_MAX];
    uint8_t valid[KAM__SCHEME_ATTRS][ST_MAX];
    const char *text[KAM__SCHEME_ATTRS][ST_MAX];
    kam__attr_col col[KAM__SCHEME_ATTRS];
    kam__grade_input in;
    kam__grading out;
    char said[4000];
} st;

static inline int st_setup(void **state)
{
    st *t = calloc(1, sizeof *t);
    t->ctx = fault_ctx(&t->f);
    assert_int_equal(kam_error_new(&t->err, NULL), KAM_OK);
    kam__arena_init(&t->arena, t->ctx, 0);
    *state = t;
    return 0;
}

static inline int st_teardown(void **state)
{
    st *t = *state;
    kam__grading_free(&t->out);
    kam__arena_free(&t->arena);
    fault_end(&t->f, t->ctx);
    kam_error_free(t->err);
    free(t);
    return 0;
}

static inline int32_t st_read(st *t, const char *json)
{
    const kam__json *body = NULL;
    KAM__TRY(kam__json_parse(&body, &t->arena, json, strlen(json), 0, t->err));
    return kam__scheme_read(&t->scheme, &t->arena, body, t->err);
}

static inline void st_refused(st *t, const char *json, int32_t code, const char *says)
{
    assert_code(st_read(t, json), code);
    assert_int_equal(kam_error_code(t->err), code);
    assert_says(t->err, says);
}

/* Reads and binds; n accounts with ids 10, 20, ... and no values yet. */
static inline void st_scheme(st *t, const char *json, uint32_t n)
{
    kam__grading_free(&t->out);
    if (st_read(t, json) != KAM_OK) fail_msg("%s", kam_error_message(t->err));
    kam__schema *schema = NULL;
    assert_code(kam__schema_new(&schema, t->ctx, NULL, t->err), KAM_OK);
    int32_t rc = kam__scheme_bind(&t->bound, &t->arena, &t->scheme, schema, 2, t->err);
    kam__schema_drop(schema);                       /* built-in fields are static */
    if (rc != KAM_OK) fail_msg("%s", kam_error_message(t->err));
    memset(t->valid, 0, sizeof t->valid);
    memset(t->text, 0, sizeof t->text);
    t->n = n;
    for (uint32_t i = 0; i < n; i++) t->account[i] = (i + 1) * 10;
    for (uint32_t a = 0; a < t->scheme.nattr; a++)
        t->col[a] = t->bound.field[a]->type == KAM_T_TEXT ? (kam__attr_col){NULL, NULL, t->text[a]}
                                                          : (kam__attr_col){t->num[a], t->valid[a], NULL};
    t->in = (kam__grade_input){n, t->account, t->col};
}

static inline uint32_t st_attr(st *t, const char *name)
{
    for (uint32_t i = 0; i < t->scheme.nattr; i++)
        if (strcmp(t->scheme.attr[i].name, name) == 0) return i;
    fail_msg("the scheme does not speak of %s", name);
    return 0;
}

static inline void st_num(st *t, const char *name, uint32_t i, int64_t v)
{
    uint32_t a = st_attr(t, name);
    t->num[a][i] = v;
    t->valid[a][i] = 1;
}

static inline void st_text(st *t, const char *name, uint32_t i, const char *v) { t->text[st_attr(t, name)][i] = v; }

static inline void st_grade(st *t)
{
    kam__grading_free(&t->out);
    if (kam__grade(&t->out, t->ctx, &t->bound, &t->in, t->err) != KAM_OK) fail_msg("%s", kam_error_message(t->err));
}

/* The grades of all accounts as one text, '-' = not applicable. */
static inline const char *st_letters(st *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        t->said[i] = t->out.row[i].grade < 0 ? '-' : t->scheme.grade[t->out.row[i].grade][0];
    t->said[t->n] = 0;
    return t->said;
}

typedef struct st_saying { st *t; uint32_t lang; } st_saying;
static inline int32_t st_on_reason(void *user, const kam__reason *r, kam_error *err)
{
    st_saying *s = user;
    (void)err;
    const char *text = s->lang == KAM__SAY_ZH ? r->zh : r->en;
    size_t at = strlen(s->t->said);
    snprintf(s->t->said + at, sizeof s->t->said - at, "%s%s: %s", at ? "\n" : "", r->code, text ? text : "(null)");
    return KAM_OK;
}

static inline const char *st_why(st *t, uint32_t i, uint32_t lang)
{
    st_saying s = {t, lang};
    t->said[0] = 0;
    assert_code(kam__grade_explain(&t->bound, &t->in, &t->out, i, lang, st_on_reason, &s, t->err), KAM_OK);
    return t->said;
}
#define st_test(f) cmocka_unit_test_setup_teardown(f, st_setup, st_teardown)
#endif
