/*
 * model/schema.c - the built-in schema as constant tables.
 *
 * schema.def is read once per table (X macros): enum items and sets, positions of fields, fields, kinds. A kind's
 * fields are the common ones of its class and then its own; fields of entities are tracked unless they are virtual.
 * Position tables (id -> index + 1) make the way from a field id to its cell two array reads. The preprocessor makes
 * everything, so nothing is built at run time and nothing can get out of step with schema.def.
 */
#include "model.h"

/* ---------------------------------------------------------------- enum sets */

#define ENUM(SET) static const kam__enum_item schema_items_##SET[] = {
#define ITEM(SET, NAME, number, en, zh) {#NAME, number, en, zh},
#define ENDENUM };
#include "schema_pass.h"

static const kam__enum_set schema_sets[] = {
#define ENUM(SET) {#SET, schema_items_##SET, KAM__LEN(schema_items_##SET)},
#include "schema_pass.h"
};

enum {
#define ENUM(SET) SCHEMA_SET_##SET,
#include "schema_pass.h"
    SCHEMA_NSET
};

/* ---------------------------------------------------------------- classes and their common fields */

#define SCHEMA_CLASS_ENTITY KAM_C_ENTITY
#define SCHEMA_CLASS_FACT KAM_C_FACT
#define SCHEMA_CLASS_EVENT KAM_C_EVENT
#define SCHEMA_CLASS_RUN KAM_C_RUN
#define SCHEMA_CLASS_RUN_REASON KAM_C_RUN
#define SCHEMA_CLASS_OWN KAM__C_OWN
#define SCHEMA_CLASS_COMPUTED KAM__C_COMPUTED

#define SCHEMA_TYPE(l) ((l) == KAM__L_TEXT || (l) == KAM__L_CODE || (l) == KAM__L_CURRENCY ? KAM_T_TEXT \
    : (l) == KAM__L_F64 ? KAM_T_F64 \
    : (l) == KAM__L_BOOL || (l) == KAM__L_ENUM || (l) == KAM__L_DAY || (l) == KAM__L_DEG6 ? KAM_T_I32 : KAM_T_I64)

#define SCHEMA_COMMON(number, label, l, bits, english, chinese) {.id = number, .since = 1, \
    .type = SCHEMA_TYPE(KAM__L_##l), .logic = KAM__L_##l, .flags = (bits) | KAM__F_COMMON, \
    .name = label, .unit = "", .en = english, .zh = chinese},
#define SCHEMA_ID SCHEMA_COMMON(KAM_ID, "id", ID, KAM_F_KEY, "Id", "编号")
#define SCHEMA_REV(bits) SCHEMA_COMMON(KAM_REV, "rev", INT, bits, "Version", "版本号")
#define SCHEMA_SEQ(bits) SCHEMA_COMMON(KAM_SEQ, "seq", INT, bits, "Commit", "提交序号")
#define SCHEMA_KEYS SCHEMA_COMMON(KAM_SOURCE, "source", TEXT, KAM_F_UNIQUE, "Source system", "来源系统") \
    SCHEMA_COMMON(KAM_EXT_ID, "ext_id", TEXT, KAM_F_UNIQUE, "External id", "外部编号")
#define SCHEMA_REASON(bits) SCHEMA_COMMON(KAM_REASON, "reason", TEXT, bits, "Reason of the change", "变更原因")

/* (k): the kind's number. The seq of a commit is its id, which needs no index. */
#define SCHEMA_FIRST_ENTITY(k) SCHEMA_ID SCHEMA_REV(0) SCHEMA_SEQ(0) \
    SCHEMA_COMMON(KAM__DELETED_SEQ, "deleted_seq", INT, 0, "Deleted by commit", "删除提交") SCHEMA_KEYS \
    SCHEMA_REASON(KAM__F_VIRTUAL)
#define SCHEMA_FIRST_FACT(k) SCHEMA_ID SCHEMA_SEQ(KAM_F_INDEXED) \
    SCHEMA_COMMON(KAM__SEQ_TO, "seq_to", INT, 0, "Ended by commit", "失效提交") \
    SCHEMA_COMMON(KAM_VALID_FROM, "valid_from", DAY, 0, "Valid from", "生效日期") \
    SCHEMA_COMMON(KAM_VALID_TO, "valid_to", DAY, 0, "Valid to (excluded)", "失效日期(不含)") SCHEMA_REASON(0)
#define SCHEMA_FIRST_EVENT(k) SCHEMA_ID SCHEMA_REV(KAM_F_UNIQUE) SCHEMA_SEQ(KAM_F_INDEXED) \
    SCHEMA_COMMON(KAM__REPLACES, "replaces", ID, KAM_F_INDEXED, "Replaces", "更正对象") SCHEMA_KEYS SCHEMA_REASON(0)
#define SCHEMA_FIRST_RUN(k) SCHEMA_ID SCHEMA_SEQ((k) == KAM_KIND_COMMIT ? 0 : KAM_F_INDEXED)
#define SCHEMA_FIRST_RUN_REASON(k) SCHEMA_FIRST_RUN(k) SCHEMA_REASON(0)
#define SCHEMA_FIRST_OWN(k) SCHEMA_ID SCHEMA_REV(0)
#define SCHEMA_FIRST_COMPUTED(k)

/* Position + 1 of the common fields above, and how many there are. */
enum { SCHEMA_COMMON_IDS = KAM__REPLACES + 1 };
static const uint8_t schema_common_ENTITY[SCHEMA_COMMON_IDS] = {
    [KAM_ID] = 1, [KAM_REV] = 2, [KAM_SEQ] = 3, [KAM__DELETED_SEQ] = 4, [KAM_SOURCE] = 5, [KAM_EXT_ID] = 6,
    [KAM_REASON] = 7
};
static const uint8_t schema_common_FACT[SCHEMA_COMMON_IDS] = {
    [KAM_ID] = 1, [KAM_SEQ] = 2, [KAM__SEQ_TO] = 3, [KAM_VALID_FROM] = 4, [KAM_VALID_TO] = 5, [KAM_REASON] = 6
};
static const uint8_t schema_common_EVENT[SCHEMA_COMMON_IDS] = {
    [KAM_ID] = 1, [KAM_REV] = 2, [KAM_SEQ] = 3, [KAM__REPLACES] = 4, [KAM_SOURCE] = 5, [KAM_EXT_ID] = 6,
    [KAM_REASON] = 7
};
static const uint8_t schema_common_RUN[SCHEMA_COMMON_IDS] = {[KAM_ID] = 1, [KAM_SEQ] = 2};
static const uint8_t schema_common_RUN_REASON[SCHEMA_COMMON_IDS] = {[KAM_ID] = 1, [KAM_SEQ] = 2, [KAM_REASON] = 3};
static const uint8_t schema_common_OWN[SCHEMA_COMMON_IDS] = {[KAM_ID] = 1, [KAM_REV] = 2};
static const uint8_t schema_common_COMPUTED[SCHEMA_COMMON_IDS] = {0};
enum {
    SCHEMA_N_ENTITY = 7, SCHEMA_N_FACT = 6, SCHEMA_N_EVENT = 7, SCHEMA_N_RUN = 2, SCHEMA_N_RUN_REASON = 3,
    SCHEMA_N_OWN = 2,
    SCHEMA_N_COMPUTED = 0
};

/* ---------------------------------------------------------------- positions */

#define KIND(number, NAME, label, cls, english, chinese) enum { SCHEMA_CLS_##NAME = SCHEMA_CLASS_##cls, \
    SCHEMA_AT_##NAME##_ = SCHEMA_N_##cls - 1,
#define FIELD(K, NAME, n, label, l, arg, bits, u, english, chinese) SCHEMA_AT_##K##_##NAME,
#define ENDKIND };
#include "schema_pass.h"

#define KIND(number, NAME, label, cls, english, chinese) static const uint8_t schema_at_##NAME[128] = {
#define FIELD(K, NAME, n, label, l, arg, bits, u, english, chinese) [n] = SCHEMA_AT_##K##_##NAME + 1,
#define ENDKIND };
#include "schema_pass.h"

/* Index of the currency field: -1, plus index + 1 of the one that is it. */
#define KIND(number, NAME, label, cls, english, chinese) enum { SCHEMA_ID_##NAME = number, SCHEMA_CURRENCY_##NAME = -1
#define FIELD(K, NAME, n, label, l, arg, bits, u, english, chinese) \
    + (KAM__L_##l == KAM__L_CURRENCY ? SCHEMA_AT_##K##_##NAME + 1 : 0)
#define ENDKIND };
#include "schema_pass.h"

/* ---------------------------------------------------------------- fields */

#define SCHEMA_ARG_TEXT(a) .scale = 0
#define SCHEMA_ARG_INT(a) .scale = 0
#define SCHEMA_ARG_BOOL(a) .scale = 0
#define SCHEMA_ARG_ENUM(a) .set = schema_sets + SCHEMA_SET_##a
#define SCHEMA_ARG_DAY(a) .scale = 0
#define SCHEMA_ARG_INSTANT(a) .scale = 0
#define SCHEMA_ARG_LOCAL(a) .scale = 0
#define SCHEMA_ARG_MONEY(a) .scale = 0
#define SCHEMA_ARG_DECIMAL(a) .scale = a
#define SCHEMA_ARG_REF(a) .ref = a
#define SCHEMA_ARG_F64(a) .scale = 0
#define SCHEMA_ARG_CODE(a) .set = schema_sets + SCHEMA_SET_##a
#define SCHEMA_ARG_ID(a) .scale = 0
#define SCHEMA_ARG_POINTS(a) .scale = a
#define SCHEMA_ARG_DEG6(a) .scale = a
#define SCHEMA_ARG_CURRENCY(a) .scale = 0
#define REQ KAM_F_REQUIRED
#define IDX KAM_F_INDEXED
#define UNIQ KAM_F_UNIQUE
#define PERS KAM_F_PERSONAL
#define SENS KAM_F_SENSITIVE
#define SUBJ KAM__F_SUBJECT
#define VIRT KAM__F_VIRTUAL
#define SCHEMA_FLAGS(cls, bits) ((bits) | ((cls) == KAM_C_ENTITY && !((bits) & VIRT) ? KAM_F_TRACKED : 0))

#define KIND(number, NAME, label, cls, english, chinese) static const kam__field schema_fields_##NAME[] = { \
    SCHEMA_FIRST_##cls(number)
#define FIELD(K, NAME, n, label, l, arg, bits, u, english, chinese) {.id = SCHEMA_ID_##K * 128 + n, .since = 1, \
    .type = SCHEMA_TYPE(KAM__L_##l), .logic = KAM__L_##l, SCHEMA_ARG_##l(arg), \
    .flags = SCHEMA_FLAGS((int)SCHEMA_CLS_##K, bits), .name = #label, .unit = u, .en = english, .zh = chinese},
#define ENDKIND };
#include "schema_pass.h"
#undef REQ
#undef IDX
#undef UNIQ
#undef PERS
#undef SENS
#undef SUBJ
#undef VIRT

/* ---------------------------------------------------------------- kinds */

static const kam__kind schema_kinds[] = {
#define KIND(number, NAME, label, c, english, chinese) {.id = number, .cls = SCHEMA_CLASS_##c, .name = #label, \
    .en = english, .zh = chinese, .field = schema_fields_##NAME, .nfield = KAM__LEN(schema_fields_##NAME), \
    .nbuiltin = KAM__LEN(schema_fields_##NAME), .currency = (uint32_t)SCHEMA_CURRENCY_##NAME, \
    .common_at = schema_common_##c, .at = schema_at_##NAME},
#include "schema_pass.h"
};

enum {
#define KIND(number, NAME, label, cls, english, chinese) SCHEMA_KIND_AT_##NAME,
#include "schema_pass.h"
    SCHEMA_NKIND, SCHEMA_MAX_KIND = 255
};

static const uint8_t schema_kind_at[SCHEMA_MAX_KIND + 1] = {
#define KIND(number, NAME, label, cls, english, chinese) [number] = SCHEMA_KIND_AT_##NAME + 1,
#include "schema_pass.h"
};

const kam__kind *kam__builtin_kinds(uint32_t *n) {
    *n = SCHEMA_NKIND;
    return schema_kinds;
}

const kam__kind *kam__builtin_kind(uint32_t kind) {
    uint32_t at = kind <= SCHEMA_MAX_KIND ? schema_kind_at[kind] : 0;
    return at ? schema_kinds + at - 1 : NULL;
}

const kam__kind *kam__builtin_kind_by_name(const char *name, size_t len) {
    if (len == KAM_NUL) len = strlen(name);
    for (uint32_t i = 0; i < SCHEMA_NKIND; i++)
        if (kam__text_cmp(name, len, schema_kinds[i].name, strlen(schema_kinds[i].name)) == 0) return schema_kinds + i;
    return NULL;
}

/* ---------------------------------------------------------------- fields of a kind */

uint32_t kam__logic_type(uint32_t logic) {
    return SCHEMA_TYPE(logic);
}

uint32_t kam__kind_index(const kam__kind *kind, uint32_t field) {
    if (field < 128) return field < SCHEMA_COMMON_IDS ? kind->common_at[field] - 1u : UINT32_MAX;
    if (field < 65536) return field >> 7 == kind->id ? kind->at[field & 127] - 1u : UINT32_MAX;
    for (uint32_t i = kind->nbuiltin; i < kind->nfield; i++)
        if (kind->field[i].id == field) return i;
    return UINT32_MAX;
}

const kam__field *kam__kind_field(const kam__kind *kind, uint32_t field) {
    uint32_t i = kam__kind_index(kind, field);
    return i == UINT32_MAX ? NULL : kind->field + i;
}

const kam__field *kam__kind_field_by_name(const kam__kind *kind, const char *name, size_t len) {
    if (len == KAM_NUL) len = strlen(name);
    for (uint32_t i = 0; i < kind->nfield; i++) {
        const char *own = kind->field[i].name;
        if (own[0] == (len ? name[0] : '\0') && strlen(own) == len && memcmp(own, name, len) == 0)
            return kind->field + i;
    }
    return NULL;
}

/* The closest field name, asked for in portions because a kind may have any number of custom fields. */
static const char *schema_closest(const kam__kind *kind, const char *name, size_t len) {
    const char *some[64], *best = NULL;
    for (uint32_t i = 0; i < kind->nfield;) {
        size_t n = 0;
        some[n++] = best;
        while (n < KAM__LEN(some) && i < kind->nfield) some[n++] = kind->field[i++].name;
        best = kam__text_closest(name, len, some, n);
    }
    return best;
}

int32_t kam__field_by_name(const kam__field **out, const kam__kind *kind, const char *name, size_t len,
                           kam_error *err) {
    char clip[48];
    if (len == KAM_NUL) len = strlen(name);
    const kam__field *f = kam__kind_field_by_name(kind, name, len);
    if (f) {
        *out = f;
        return KAM_OK;
    }
    const char *best = schema_closest(kind, name, len);
    kam__fail(err, KAM_E_NOT_FOUND, best ? "%s has no field \"%s\"; did you mean \"%s\"?" : "%s has no field \"%s\"",
              kind->name, kam__clip(clip, name, len), best ? best : "");
    kam__err_set(err, KAM_ERR_KIND, kind->id);
    return KAM_E_NOT_FOUND;
}

int32_t kam__field_error(kam_error *err, int32_t code, const kam__kind *kind, const kam__field *field) {
    kam__err_prefix(err, "%s.%s: ", kind->name, field->name);
    kam__err_set(err, KAM_ERR_KIND, kind->id);
    kam__err_set(err, KAM_ERR_FIELD, field->id);
    return code;
}

/* ---------------------------------------------------------------- enum sets */

const kam__enum_set *kam__enum_set_by_name(const char *name) {
    for (uint32_t i = 0; i < SCHEMA_NSET; i++)
        if (strcmp(schema_sets[i].name, name) == 0) return schema_sets + i;
    return NULL;
}

const kam__enum_item *kam__enum_by_name(const kam__enum_set *set, const char *name, size_t len) {
    for (uint32_t i = 0; i < set->n; i++)
        if (kam__text_same_ci(name, len, set->item[i].name)) return set->item + i;
    return NULL;
}

const kam__enum_item *kam__enum_by_value(const kam__enum_set *set, int64_t value) {
    for (uint32_t i = 0; i < set->n; i++)
        if (set->item[i].value == value) return set->item + i;
    return NULL;
}

const kam__enum_item *kam__enum_match(const kam__enum_set *set, const char *text, size_t len) {
    int64_t number;
    const kam__enum_item *found = kam__enum_by_name(set, text, len);
    for (uint32_t i = 0; i < set->n && !found; i++)
        if (kam__text_same_ci(text, len, set->item[i].en) || kam__text_same_ci(text, len, set->item[i].zh))
            found = set->item + i;
    if (!found && kam__i64_parse(&number, text, len, NULL) == KAM_OK) found = kam__enum_by_value(set, number);
    return found;
}

const char *kam__enum_names(char *out, size_t size, const kam__enum_set *set, const char *between) {
    size_t at = 0, gap = strlen(between);
    for (uint32_t i = 0; i < set->n; i++) {
        size_t len = strlen(set->item[i].name), lead = i ? gap : 0;
        if (at + lead + len + sizeof "..." > size) {
            memcpy(out + at, "...", 3);
            at += 3;
            break;
        }
        memcpy(out + at, between, lead);
        memcpy(out + at + lead, set->item[i].name, len);
        at += lead + len;
    }
    out[at] = '\0';
    return out;
}
