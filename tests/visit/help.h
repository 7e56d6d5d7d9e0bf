/*
 * tests/visit/help.h - what the tests of this room share: days by their text, and documents from JSON.
 */
#ifndef KAM_TESTS_VISIT_HELP_H
#define KAM_TESTS_VISIT_HELP_H
#include "base/base_test.h"
#include "visit/visit.h"
#include <stdio.h>

#define assert_code(got, want) assert_string_equal(kam_code_name(got), kam_code_name(want))
#define assert_day(got, want) do { \
    char got_[16]; \
    kam__day_format(got_, got); \
    assert_string_equal(got_, want); \
} while (0)

static inline int32_t D(const char *text) {
    int32_t day = 0;
    assert_code(kam_day_parse(&day, text, KAM_NUL, NULL), KAM_OK);
    return day;
}

typedef struct vt { fault f; kam_ctx *ctx; kam_error *err; kam__arena arena; } vt;

static inline int vt_setup(void **state) {
    vt *t = calloc(1, sizeof *t);
    t->ctx = fault_ctx(&t->f);
    assert_code(kam_error_new(&t->err, NULL), KAM_OK);
    kam__arena_init(&t->arena, t->ctx, 0);
    *state = t;
    return 0;
}

static inline int vt_teardown(void **state) {
    vt *t = *state;
    kam__arena_free(&t->arena);
    fault_end(&t->f, t->ctx);
    kam_error_free(t->err);
    free(t);
    return 0;
}

static inline const kam__json *vt_json(vt *t, const char *text) {
    const kam__json *v = NULL;
    assert_code(kam__json_parse(&v, &t->arena, text, strlen(text), 0, t->err), KAM_OK);
    return v;
}

/* The built-in document as the build embeds it. */
static inline char *vt_standard(void) {
    static char text[8192];
    FILE *f = fopen(KAM_SOURCE_DIR "/src/visit/builtin/cadence-standard.json", "rb");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

static inline void vt_cadence(vt *t, kam__cadence *out, const char *text) {
    assert_code(kam__cadence_read(out, &t->arena, vt_json(t, text), t->err), KAM_OK);
}

static inline const kam__cadence_rule *vt_rule(const kam__cadence *c, const char *grade, const char *id) {
    const kam__cadence_set *set = &c->set[kam__cadence_set_of(c, grade, strlen(grade))];
    for (uint32_t i = 0; i < set->nrule; i++)
        if (strcmp(set->rule[i].id, id) == 0) return &set->rule[i];
    fail_msg("no rule %s of grade %s", id, grade);
    return NULL;
}

#endif
