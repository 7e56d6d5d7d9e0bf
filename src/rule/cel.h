/*
 * rule/cel.h - expressions in CEL (Common Expression Language, without protobuf messages): what other files need.
 *
 * Source is compiled once, against an environment that names and types what it may use, into a frozen kam_rule; a
 * kam_work holds what one evaluation needs, so that evaluating allocates nothing once it is warm. Errors are values
 * that && and || may absorb; running out of memory or of the evaluation's budget is not.
 */
#ifndef KAM__CEL_H
#define KAM__CEL_H
#include "../base/base.h"
#include "../codec/codec.h"
#include <kam/rule.h>

/* Types of values; the ones from DYN on are static types only. */
enum {
    KAM__CEL_ERROR = 0, KAM__CEL_NULL = 1, KAM__CEL_BOOL = 2, KAM__CEL_INT = 3, KAM__CEL_UINT = 4, KAM__CEL_DOUBLE = 5,
    KAM__CEL_STRING = 6, KAM__CEL_BYTES = 7, KAM__CEL_LIST = 8, KAM__CEL_MAP = 9, KAM__CEL_TYPE = 10,
        KAM__CEL_TIMESTAMP = 11,
    KAM__CEL_DURATION = 12, KAM__CEL_OPTIONAL = 13, KAM__CEL_DECIMAL = 14, KAM__CEL_DYN = 15, KAM__CEL_VAR = 16,
    KAM__CEL_ABSTRACT = 17
};

typedef struct kam__cel kam__cel;
typedef struct kam__cel_map kam__cel_map;
/* One value. ERROR: s the message, n the byte offset in the source. */
struct kam__cel {
    uint8_t t, reserved[3];
    uint32_t n;                             /* bytes, elements; TIMESTAMP: nanoseconds; DECIMAL: decimals */
    union {
        /* BOOL 0 or 1, INT, DURATION in nanoseconds, TIMESTAMP in seconds, DECIMAL digits */
        int64_t i;
        uint64_t u;
        double f;
        const char *s;                      /* STRING, BYTES, ERROR; TYPE: its name, NUL-ended */
        const kam__cel *list;               /* LIST; OPTIONAL: one value, or NULL = none */
        const kam__cel_map *map;
    } v;
};
/* kv[2i] key, kv[2i+1] value, in order of entry */
struct kam__cel_map { uint32_t n, mask; kam__cel *kv; uint32_t *index; };

typedef struct kam__cel_type kam__cel_type;
struct kam__cel_type { uint8_t kind, n; uint16_t scale; uint32_t id; const char *name; const kam__cel_type *arg[3]; };

/* ---------------------------------------------------------------- cel.c: compile and evaluate */

/* Flags beyond the public ones. */
enum {
    KAM__CEL_LOOSE = 1 << 16,               /* what the checker finds wrong becomes an error of the evaluation */
    KAM__CEL_OWN_SCALE = 1 << 17            /* a decimal result keeps the decimals it came out with */
};

/* An environment as arrays; types as text. */
typedef struct kam__cel_env { const char *const *name, *const *type; uint32_t n; } kam__cel_env;
/** As kam_rule_compile; flags may have those above. */
int32_t kam__cel_compile(kam_rule **out, kam_ctx *ctx, const kam__cel_env *env, const kam_rule_options *options,
                         const char *cel,
                         size_t len, kam_error *err);

kam_ctx *kam__rule_ctx(const kam_rule *rule);

/** Gives the value of variable `var`; out is an ERROR value before (unbound) and may stay so. What it points to must
 *  live until
 *  the result is used. Non-zero stops the evaluation with that code. */
typedef int32_t (*kam__cel_bind_fn)(void *user, uint32_t var, kam__cel *out, kam_error *err);
/** Evaluates with what `bind` gives; *out lives until kam__cel_reset(), which goes before. POLICY: the expression
 *  fails (offset in err). LIMIT:
 *  budget. */
int32_t kam__cel_eval(kam__cel *out, const kam_rule *rule, kam_work *work, kam__cel_bind_fn bind, void *user,
                      kam_error *err);
/** Forgets what the last evaluation made; what it needed fits into one piece the next time. */
void kam__cel_reset(kam_work *work);
/** Memory of the evaluation, for binders. */
kam__arena *kam__cel_arena(kam_work *work);

/* ---------------------------------------------------------------- cel_json.c */

/** JSON to a value of a type (NULL = dyn), in `arena`. TYPE with the place. */
int32_t kam__cel_from_json(kam__cel *out, const kam__json *v, const kam__cel_type *type, kam__arena *arena,
                           kam_error *err);
/** The value as JSON: bytes as base64, times as text, decimals exact, NaN and infinities as "NaN", "Infinity",
 *  "-Infinity". */
int32_t kam__cel_to_json(kam_buf *out, const kam__cel *v, kam_error *err);

/** The same for people: cut after `most` bytes. */
void kam__cel_show(kam_buf *out, const kam__cel *v, size_t most);

/* ---------------------------------------------------------------- cel_trace.c */

/* A sub-expression of the last evaluation. value NULL: not evaluated; band: its place, line:column; code VALUE, ERROR,
 * NOT_EVALUATED. Texts are lent for the call. */
typedef struct kam__cel_told { const char *factor, *value, *band, *code, *en, *zh; } kam__cel_told;
typedef int32_t (*kam__cel_told_fn)(void *user, const kam__cel_told *part, kam_error *err);
/** Hands over the parts of a rule of KAM_RULE_TRACE that `work` evaluated last, in the order of the source, the whole
 *  first. INVAL (not such a rule) NOT_FOUND. */
int32_t kam__cel_parts(const kam_rule *rule, const kam_work *work, kam__cel_told_fn fn, void *user, kam_error *err);

/* ---------------------------------------------------------------- cel_attr.c: expressions in documents */

/** A condition of a document over the ATTRIBUTES of an account. optional: the document's list of names that may be
 *  missing, or NULL; path: where it stands ("rule.first_match[0].when"). Codes of kam_rule_compile with the place in
 *  the document; POLICY: it is neither true nor false, or the list is wrong. */
int32_t kam__cel_condition(kam_rule **out, kam_ctx *ctx, const kam__json *cel, const kam__json *optional,
                           const char *path, uint32_t flags, kam_error *err);
/** Is the list of names one? */
int32_t kam__cel_attr_optional(const kam__json *optional, kam_error *err);
enum { KAM__CEL_NO = 0, KAM__CEL_YES = 1, KAM__CEL_UNKNOWN = 2 };
/** Does a condition hold for an ATTRIBUTES record? UNKNOWN: it fails, for a value it needs is missing; err tells which. */
int32_t kam__cel_ask(int *out, const kam_rule *rule, kam_work *work, const kam_record *attributes, kam_error *err);

/* ---------------------------------------------------------------- cel_value.c */

/** Map of n pairs kv (not copied) with an index; 1: a key stands there twice. -1 no memory, -2 a value that cannot be
 *  a key. */
int kam__cel_map_make(kam__cel_map *m, kam__arena *arena, kam__cel *kv, uint32_t n);
#endif
