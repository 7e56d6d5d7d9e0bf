/*
 * tests/model/model_test.h - what the tests of this room share: a schema with custom fields over a failing allocator,
 * generated values for any field, a dump of a record, and a loop that makes each allocation of an operation fail once.
 */
#ifndef KAM_TESTS_MODEL_TEST_H
#define KAM_TESTS_MODEL_TEST_H
#include "base/base_test.h"
#include "model/model.h"
#include <stdio.h>

enum { X_STARS = 65536, X_COLOUR = 65537, X_PRICE = 65538 };

typedef struct mt {
    fault f;
    kam_ctx *ctx;
    kam__schema *schema;
    kam_error *err;
    uint64_t seed;
    char dump[2][20000];
} mt;

#define assert_code(got, want) assert_string_equal(kam_code_name(got), kam_code_name(want))
#define assert_fails(t, call, code) do { \
    assert_code(call, code); \
    assert_int_equal(kam_error_code((t)->err), code); \
} while (0)
#define assert_says(t, text) do { if (!strstr(kam_error_message((t)->err), text)) \
    fail_msg("\"%s\" does not say \"%s\"", kam_error_message((t)->err), text); } while (0)

static const kam__enum_item mt_colours[] = {{"RED", 1, "red", "红"}, {"BLUE", 2, NULL, NULL}};
static const kam__enum_set mt_colour = {"COLOUR", mt_colours, 2};

static inline int32_t mt_schema(kam__schema **out, kam_ctx *ctx, const char *base, kam_error *err) {
    kam__custom custom[3] = {
        {KAM_KIND_ACCOUNT, {.id = X_STARS, .logic = KAM__L_INT, .name = "x_stars", .en = "Stars", .zh = "星级"}},
        {KAM_KIND_ACCOUNT, {.id = X_COLOUR, .logic = KAM__L_ENUM, .set = &mt_colour, .name = "x_colour"}},
        {KAM_KIND_LEDGER, {.id = X_PRICE, .logic = KAM__L_MONEY, .name = "x_price"}}
    };
    kam__currency own = {"XTS", 4};
    kam__schema_parts parts = {custom, 3, &own, 1, base, "zh"};
    return kam__schema_new(out, ctx, &parts, err);
}

static inline int mt_setup(void **state) {
    mt *t = calloc(1, sizeof *t);
    t->ctx = fault_ctx(&t->f);
    t->seed = 20260301;
    assert_int_equal(kam_error_new(&t->err, NULL), KAM_OK);
    assert_int_equal(mt_schema(&t->schema, t->ctx, "CNY", t->err), KAM_OK);
    *state = t;
    return 0;
}

static inline int mt_teardown(void **state) {
    mt *t = *state;
    kam__schema_drop(t->schema);
    fault_end(&t->f, t->ctx);
    kam_error_free(t->err);
    free(t);
    return 0;
}

static inline kam_record *mt_record(mt *t, uint32_t kind) {
    kam_record *r = NULL;
    assert_code(kam__record_new(&r, t->schema, kind, t->err), KAM_OK);
    return r;
}

/* All cells with their states, in slot 0 or 1: any change of a record changes it. */
static inline const char *mt_dump(mt *t, int slot, const kam_record *r) {
    char *out = t->dump[slot];
    size_t at = 0, len, room = sizeof t->dump[slot];
    for (uint32_t i = 0; i < r->kind->nfield; i++) {
        const char *text = kam__record_cell_format(r, i, &len);
        at += (size_t)snprintf(out + at, room - at, "%u:%u:%s\n", r->kind->field[i].id, r->cell[i].state,
                               text ? text : "-");
        assert_true(at < room);
    }
    return out;
}

/* Every allocation of `op` fails once; each time `r` is as it was. Then it succeeds. Returns how many there were. */
typedef int32_t (*mt_op)(mt *t, void *arg);
static inline int64_t mt_sweep(mt *t, const kam_record *r, mt_op op, void *arg) {
    for (int64_t n = 0;; n++) {
        int64_t live = t->f.live;
        if (r) mt_dump(t, 0, r);
        t->f.left = n;
        int32_t rc = op(t, arg);
        t->f.left = -1;
        if (rc == KAM_OK) return n;
        assert_fails(t, rc, KAM_E_NOMEM);
        if (r) assert_string_equal(mt_dump(t, 1, r), t->dump[0]);
        else assert_int_equal(t->f.live, live);
        assert_true(n < 10000);
    }
}

static inline int64_t mt_random(mt *t, int64_t below) {
    return (int64_t)(kam__random(&t->seed) % (uint64_t)below);
}

static inline int64_t mt_any_i64(mt *t) {
    return (int64_t)(kam__random(&t->seed) >> mt_random(t, 64)) * (mt_random(t, 2) ? 1 : -1);
}

static inline int64_t mt_time(mt *t, int64_t per_day) {     /* years 1..9999 */
    return (-719162 + mt_random(t, 3652059)) * per_day + mt_random(t, per_day);
}

static inline double mt_any_f64(mt *t) {
    for (;;) {
        uint64_t bits = kam__random(&t->seed);
        double v;
        memcpy(&v, &bits, sizeof v);
        if (v - v == 0) return v;
    }
}

/* A canonical text of the field's kind. */
static inline const char *mt_value(mt *t, char out[200], const kam__field *f, const char *currency) {
    static const char *const words[] = {"Acme", "大客户", "\"quoted\", with comma", "line\nbreak", "=1+1", " x ",
                                        "😀",    "5"};
    int64_t v = mt_any_i64(t);
    switch (f->logic) {
    case KAM__L_BOOL: v &= 1; break;
    case KAM__L_ENUM: v = f->set->item[mt_random(t, f->set->n)].value; break;
    case KAM__L_DAY: v = mt_time(t, 1); break;
    case KAM__L_INSTANT: v = mt_time(t, 86400000); break;
    case KAM__L_LOCAL: v = mt_time(t, 1440); break;
    case KAM__L_ID: v = 1 + mt_random(t, ((int64_t)1 << 53) - 1); break;
    case KAM__L_DEG6: v = mt_random(t, 180000001) - 90000000; break;
    case KAM__L_TEXT: snprintf(out, 200, "%s %d", words[mt_random(t, 8)], (int)mt_random(t, 99)); return out;
    case KAM__L_CODE:
        strcpy(out, mt_random(t, 2) ? f->set->item[mt_random(t, f->set->n)].name : "something else");
        return out;
    case KAM__L_CURRENCY: strcpy(out, currency); return out;
    case KAM__L_REF:
        if (mt_random(t, 2)) { snprintf(out, 200, "erp:K-%d:x", (int)mt_random(t, 1000)); return out; }
        v = 1 + mt_random(t, ((int64_t)1 << 53) - 1);
        break;
    default: break;
    }
    kam__value_format(out, f, (uint32_t)kam__schema_decimals(t->schema, currency), v,
                      f->logic == KAM__L_F64 ? mt_any_f64(t) : 0);
    return out;
}

static inline const char *mt_currency(mt *t) {
    static const char *const codes[] = {"CNY", "JPY", "KWD", "XTS"};
    return codes[mt_random(t, 4)];
}

/* Sets every field of the record, most of them, or few. */
static inline void mt_fill(mt *t, kam_record *r, int64_t in_ten) {
    char text[200];
    const char *currency = r->kind->currency == UINT32_MAX ? "CNY" : mt_currency(t);
    kam_record_clear(r);
    for (uint32_t i = 0; i < r->kind->nfield; i++)
        if (mt_random(t, 10) < in_ten || i == r->kind->currency)
            assert_code(kam_record_set_text(r, r->kind->field[i].id, mt_value(t, text, r->kind->field + i, currency),
                                            KAM_NUL, t->err),
                        KAM_OK);
}
#define mt_test(f) cmocka_unit_test_setup_teardown(f, mt_setup, mt_teardown)
#endif
