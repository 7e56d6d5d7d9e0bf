/*
 * tests/rule/card_test.h - what the tests of scorecards share: cards from text, bound to a schema with base currency CNY
 * and four custom fields, and ATTRIBUTES records from JSON.
 */
#ifndef KAM_TESTS_CARD_TEST_H
#define KAM_TESTS_CARD_TEST_H
#include "base/base_test.h"
#include "rule/rule.h"
#include <stdio.h>

#define assert_code(got, want) assert_string_equal(kam_code_name(got), kam_code_name(want))
#define assert_says(err, text) do { if (!strstr(kam_error_message(err), text)) \
    fail_msg("\"%s\" does not say \"%s\"", kam_error_message(err), text); } while (0)

#define C_TITLE "\"title\": {\"en\": \"t\", \"zh\": \"测\"}"
#define C_HEAD "{\"name\": \"t\", " C_TITLE ", "
/* One factor with an id of its own; a card of factors. */
#define C_FACTOR(id, attribute, rest) "{\"id\": \"" id "\", \"attribute\": \"" attribute "\", " rest "}"
#define C_CARD(factors) C_HEAD "\"factors\": [" factors "]}"
#define C_ANY "\"bands\": [{\"points\": 1}]"

typedef struct ct {
    fault f; kam_ctx *ctx; kam_error *err;
    kam__schema *schema; kam__arena arena;
    kam__card card; kam__card_bound bound; kam__card_score score;
    char said[8000];
} ct;

static inline int ct_setup(void **state)
{
    static const kam__enum_item grade[] = {{"GOOD", 1, "good", "好"}, {"BAD", 2, "bad", "差"}};
    static const kam__enum_set set = {"x_set", grade, 2};
    const kam__custom custom[] = {
        {KAM_KIND_ACCOUNT, {.id = 65536, .logic = KAM__L_DECIMAL, .scale = 2, .name = "x_points"}},
        {KAM_KIND_ACCOUNT, {.id = 65537, .logic = KAM__L_ENUM, .set = &set, .name = "x_judged"}},
        {KAM_KIND_ACCOUNT, {.id = 65538, .logic = KAM__L_BOOL, .name = "x_flag"}},
        {KAM_KIND_ACCOUNT, {.id = 65539, .logic = KAM__L_F64, .name = "x_float"}},
    };
    const kam__schema_parts parts = {.custom = custom, .ncustom = 4, .base_currency = "CNY"};
    ct *t = calloc(1, sizeof *t);
    t->ctx = fault_ctx(&t->f);
    assert_int_equal(kam_error_new(&t->err, NULL), KAM_OK);
    assert_code(kam__schema_new(&t->schema, t->ctx, &parts, t->err), KAM_OK);
    kam__arena_init(&t->arena, t->ctx, 0);
    *state = t;
    return 0;
}

static inline int ct_teardown(void **state)
{
    ct *t = *state;
    kam__card_end(&t->score);
    kam__card_drop(&t->card);
    kam__arena_free(&t->arena);
    kam__schema_drop(t->schema);
    fault_end(&t->f, t->ctx);
    kam_error_free(t->err);
    free(t);
    return 0;
}
#define ct_test(f) cmocka_unit_test_setup_teardown(f, ct_setup, ct_teardown)

static inline int32_t ct_read(ct *t, const char *json)
{
    const kam__json *body = NULL;
    kam__card_end(&t->score);
    kam__card_drop(&t->card);
    KAM__TRY(kam__json_parse(&body, &t->arena, json, strlen(json), 0, t->err));
    return kam__card_read(&t->card, &t->arena, body, t->err);
}

/* The document is refused as such, at a line of its own. */
static inline void ct_refused(ct *t, const char *json, int32_t code, const char *says)
{
    assert_code(ct_read(t, json), code);
    assert_int_equal(kam_error_code(t->err), code);
    assert_says(t->err, says);
    assert_says(t->err, "line 1, column ");
}

static inline void ct_bind(ct *t, const char *json)
{
    if (ct_read(t, json) != KAM_OK) fail_msg("%s\n%s", kam_error_message(t->err), json);
    if (kam__card_bind(&t->bound, &t->arena, &t->card, t->schema, t->err) != KAM_OK)
        fail_msg("%s\n%s", kam_error_message(t->err), json);
    assert_code(kam__card_begin(&t->score, &t->card, t->ctx, t->err), KAM_OK);
}

static inline void ct_unbound(ct *t, const char *json, int32_t code, const char *says)
{
    if (ct_read(t, json) != KAM_OK) fail_msg("%s\n%s", kam_error_message(t->err), json);
    assert_code(kam__card_bind(&t->bound, &t->arena, &t->card, t->schema, t->err), code);
    assert_says(t->err, says);
}

static inline kam_record *ct_record(ct *t, const char *json)
{
    kam_record *r = NULL;
    assert_code(kam__record_new(&r, t->schema, KAM_KIND_ATTRIBUTES, t->err), KAM_OK);
    if (kam_record_from_json(r, json, KAM_NUL, t->err) != KAM_OK) fail_msg("%s", kam_error_message(t->err));
    return r;
}

/* Points of a record written as JSON by the card that was bound last. */
static inline int64_t ct_points(ct *t, const char *json)
{
    kam_record *r = ct_record(t, json);
    int32_t rc = kam__card_score_of(&t->score, &t->bound, r, t->err);
    kam_record_free(r);
    if (rc != KAM_OK) fail_msg("%s", kam_error_message(t->err));
    return t->score.points;
}
#endif
