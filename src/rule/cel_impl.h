/*
 * rule/cel_impl.h - the inside of the CEL engine, for src/rule/cel*.c only.
 *
 *   cel_lex.c    source to tokens               cel_eval.c     the register machine
 *   cel_parse.c  tokens to the tree, macros     cel_value.c    equality, order, maps
 *   cel_type.c   types and their unification    cel_num.c      arithmetic
 *   cel_check.c  names, types, overloads        cel_fn*.c      the functions
 *   cel_gen.c    tree to program                cel_json.c     values and JSON
 *
 * A program is a list of instructions over one frame of values: constants, then variables, then temporaries; operands
 * are places in the frame. Errors jump to the handler of the innermost guarded range (a table, so that the way without
 * errors costs nothing), which is how && and || see them as values.
 */
#ifndef KAM__CEL_IMPL_H
#define KAM__CEL_IMPL_H
#include "cel.h"

/* ---------------------------------------------------------------- tokens */

enum {
    CEL_T_END = 0, CEL_T_NAME = 1, CEL_T_QUOTED = 2, CEL_T_INT = 3, CEL_T_UINT = 4, CEL_T_DOUBLE = 5, CEL_T_STRING = 6,
    /* else the char */
    CEL_T_BYTES = 7, CEL_T_OR = 8, CEL_T_AND = 9, CEL_T_EQ = 10, CEL_T_NE = 11, CEL_T_LE = 12, CEL_T_GE = 13
};
typedef struct cel_token { uint32_t type, pos, len; const char *text; } cel_token;
/* end: behind the token before the one in `tok` */
typedef struct cel_lex { const char *src; uint32_t size, at, end; cel_token tok; kam_error *err; } cel_lex;
int32_t kam__cel_next(cel_lex *lex);                /* PARSE with place */
/** PARSE (or another code) at a byte offset of the source: line, column, offset. */
int32_t kam__cel_fail_at(kam_error *err, int32_t code, const char *src, uint32_t size, uint32_t pos, const char *fmt,
                         ...) KAM__PRINTF(6, 7);
/** Content of a STRING or BYTES token. */
int32_t kam__cel_unquote(const cel_lex *lex, const cel_token *tok, kam__arena *arena, kam__cel *out);
/* 1 reserved, 2 a word of the language: in, null, true, false */
int kam__cel_reserved(const char *name, size_t len);

/* ---------------------------------------------------------------- the tree */

enum {
    CEL_CONST = 1, CEL_NAME, CEL_SELECT, CEL_CALL, CEL_INDEX, CEL_LIST, CEL_MAP, CEL_COND, CEL_AND, CEL_OR, CEL_NOT,
        CEL_NEG,
    CEL_ADD, CEL_SUB, CEL_MUL, CEL_DIV, CEL_MOD, CEL_EQ, CEL_NE, CEL_LT, CEL_LE, CEL_GT, CEL_GE, CEL_IN,
    CEL_LOOP, CEL_BIND, CEL_OPT_MAP, CEL_OPT_FLAT, CEL_LOCAL, CEL_VAR, CEL_FAIL, CEL_FN
};
/* CALL becomes FN when it is resolved, NAME becomes LOCAL, VAR or CONST; FAIL: raises `name` (loose checking only). */
enum { CEL_F_MEMBER = 1, CEL_F_ABSOLUTE = 2, CEL_F_TEST = 4, CEL_F_OPT = 8, CEL_F_TWO = 16, CEL_F_FILTER = 32,
    CEL_F_QUOTED = 64 };
enum { CEL_M_ALL = 1, CEL_M_EXISTS, CEL_M_ONE, CEL_M_MAP, CEL_M_FILTER, CEL_M_TLIST, CEL_M_TMAP, CEL_M_TENTRY,
    CEL_M_SORT };

typedef struct cel_local {
    const char *name; const kam__cel_type *type; uint64_t size; uint16_t slot; struct cel_local *up;
} cel_local;
typedef struct cel_fn cel_fn;
typedef struct cel_node cel_node;
struct cel_node {
    uint8_t kind, flags, macro, level;              /* level: height of the tree below */
    uint32_t pos, n, var;                           /* VAR: which */
    uint32_t from, to;                              /* the source it was made of */
    cel_node **kid; uint8_t *opt;                   /* opt: LIST, MAP: which elements are optional, or NULL */
    const char *name;                               /* NUL-ended */
    kam__cel val;
    const kam__cel_type *type;
    cel_local *local, *local2;
    const cel_fn *fn;
    uint64_t cost, size;                            /* static bounds */
};

/* ---------------------------------------------------------------- functions */

typedef struct cel_run cel_run;
typedef void (*cel_impl)(cel_run *run, kam__cel *out, const kam__cel *arg, uint32_t n);
/* sig: overloads "s.s:b" apart by blanks, see cel_type.c; `which` of the run is the one that matched. */
struct cel_fn {
    const char *name; uint8_t how; const char *sig; cel_impl impl;  /* how: 1 global, 2 member, 3 both */
    uint8_t cost;                                   /* CEL_COST_ */
    const struct cel_decl *decl;                    /* a function of the host */
};
enum { CEL_COST_1 = 0, CEL_COST_N = 1, CEL_COST_NN = 2 };
enum { CEL_GLOBAL = 1, CEL_MEMBER = 2, CEL_BOTH = 3 };

/* An overload of a function of the host. */
typedef struct cel_over {
    const kam__cel_type **param; uint32_t n; const kam__cel_type *result; int member; kam_rule_fn call; void *user;
} cel_over;
typedef struct cel_decl { const char *name; cel_over *over; uint32_t n; cel_fn fn; } cel_decl;

extern const cel_fn *const kam__cel_fn_tables[];    /* ends with NULL; each table ends with a NULL name */
/** The first function of that name that can be called so, or NULL. */
const cel_fn *kam__cel_fn_find(const char *name, int member);

/* ---------------------------------------------------------------- types */

/* What a type variable stood for before: undone when an attempt fails. */
typedef struct cel_undo { uint32_t id; const kam__cel_type *before; } cel_undo;
extern const kam__cel_type kam__cel_types[KAM__CEL_ABSTRACT];       /* the simple ones, by kind */
const kam__cel_type *kam__cel_type_of(kam__arena *a, uint8_t kind, const kam__cel_type *x, const kam__cel_type *y);
/** "map(string, int)"; *at moves on. NULL: not a type, or no memory (*bad 0). */
const kam__cel_type *kam__cel_type_parse(kam__arena *a, const char **at, const char *end, int *bad);
void kam__cel_type_put(kam_buf *out, const kam__cel_type *t);
int kam__cel_type_same(const kam__cel_type *a, const kam__cel_type *b);
/** One step of a signature: the type at *sig with its parameters standing for fresh[0..3]. */
const kam__cel_type *kam__cel_sig_type(kam__arena *a, const char **sig, const kam__cel_type *const *fresh);
/** Does the value's tag fit the signature's parameter at *sig (moves on)? */
int kam__cel_sig_fits(const char **sig, const kam__cel *v);
const char *kam__cel_tag_name(const kam__cel *v);

/* ---------------------------------------------------------------- compiling */

/* missing: a message */
typedef struct cel_env_var { const char *name; const kam__cel_type *type; const char *missing; } cel_env_var;
typedef struct cel_ins { uint8_t op, x; uint16_t d, a, b; uint32_t jump; uint32_t pos; } cel_ins;
typedef struct cel_guard { uint32_t from, to, at; uint16_t slot; } cel_guard;
/* A text in numbers: up to 16 bytes are told apart by it, longer ones by comparing them. */
typedef struct cel_key { uint64_t a, b, n; } cel_key;
/* A chain x < k0 ? v0 : x < k1 ? v1 : v2 with ascending k (BAND), or the same with == (CASE); k of the type t. key: of
 * strings. */
typedef struct cel_chain { uint32_t n; uint8_t t; const kam__cel *at, *value; cel_key *key; } cel_chain;
typedef struct cel_use { uint32_t var; uint16_t slot; uint8_t kind; } cel_use;      /* kind: of its type */
/* A sub-expression whose value is noted (KAM_RULE_TRACE): its source, its instructions [first, end). */
typedef struct cel_part { uint32_t from, to, first, end; } cel_part;

struct kam_rule {
    kam__ref ref;
    kam_ctx *ctx; kam__arena arena;
    uint32_t flags; uint32_t max_list; uint64_t budget;
    const char *src; uint32_t size; const char *container;
    cel_env_var *var; uint32_t nvar; cel_decl *decl; uint32_t ndecl;
    cel_node *root; const char *type_name;
    /* program */
    cel_ins *ins; uint32_t nins; cel_guard *guard; uint32_t nguard; kam__cel *con; uint32_t ncon; cel_use *use;
    uint32_t nuse;
    const void **ref_of; uint32_t nref;             /* functions, compiled patterns, names of SELECT */
    cel_part *part; uint32_t npart;                 /* in the order of the source; none without KAM_RULE_TRACE */
    uint32_t nslot, result;
    uint64_t cost;
    int32_t scale;                                  /* decimals of the result, which is a decimal; -1 = not known */
    struct cel_vec *vec;                            /* cel_vec.c: the block program, or NULL */
};

typedef struct cel_comp {                           /* what the passes share */
    kam_rule *r; kam_error *err; kam__arena *a; cel_lex lex;
    cel_local *local; uint32_t depth;
    const kam__cel_type **bound; uint32_t nfresh; size_t cap_bound;     /* what type variables stand for, by id */
    cel_undo *undo; uint32_t nundo; size_t cap_undo; int nomem;
} cel_comp;

cel_node *kam__cel_node(cel_comp *c, uint8_t kind, uint32_t pos, uint32_t n);       /* NULL: told */
int32_t kam__cel_parse(cel_comp *c);                /* to r->root */
/** A macro call becomes its node: *out is set. NULL *out: not a macro. */
int32_t kam__cel_macro(cel_comp *c, cel_node *call, cel_node **out);
int32_t kam__cel_check(cel_comp *c);
int32_t kam__cel_gen(cel_comp *c);
/** The links of a chain that starts at a condition: what x is compared with, by which operator (CEL_LT, CEL_EQ);
 *  *last is the node
 *  behind it. x is a variable, everything else constant. */
uint32_t kam__cel_links(const cel_node *n, const cel_node **last);
int32_t kam__cel_vec_compile(kam_rule *r, kam_error *err);
int32_t kam__cel_bad(cel_comp *c, int32_t code, uint32_t pos, const char *fmt, ...) KAM__PRINTF(4, 5);
const kam__cel_type *kam__cel_resolve(cel_comp *c, const kam__cel_type *t, int to_dyn);     /* substitutes */
int kam__cel_assignable(cel_comp *c, const kam__cel_type *a, const kam__cel_type *b);
const kam__cel_type *kam__cel_join(cel_comp *c, const kam__cel_type *a, const kam__cel_type *b);
const kam__cel_type *kam__cel_fresh(cel_comp *c);
/** Takes back what variables came to stand for since nundo was `mark`. */
void kam__cel_undo(cel_comp *c, uint32_t mark);
/** The variable of an enclosing macro, or NULL. */
cel_local *kam__cel_local(const cel_comp *c, const char *name, size_t len);
/** "a.b.c" of a chain of plain names into out (256 bytes); 0 = it is no such chain. */
int kam__cel_path(const cel_node *n, char *out, const cel_node **root);
/** Tries `name` in each namespace from the innermost out; `full` (512 bytes) gets the one that `fits` accepts. */
int kam__cel_spaces(cel_comp *c, const char *name, int absolute, char *full,
                    int (*fits)(cel_comp *c, const char *full, void *out), void *out);
/** For kam__cel_spaces: it is a variable; out is a uint32_t, its number. */
int kam__cel_is_var(cel_comp *c, const char *full, void *out);
/** The name of a type as a value has it, or NULL. */
const char *kam__cel_is_type(const char *name);
/** A qualified name that is a variable or a type: the node becomes it, 1. */
int kam__cel_global(cel_comp *c, cel_node *n);
/** A plain name becomes what it means. */
int32_t kam__cel_name(cel_comp *c, cel_node *n);
/** Overload of a call: sets node->fn and type; 0 = none fits. -1 no memory. */
int kam__cel_overload(cel_comp *c, cel_node *call, const char *name, int member);
/** Type of an operator's node; TYPE without a message: the operands do not go together. */
int32_t kam__cel_check_operator(cel_comp *c, cel_node *n);
void kam__cel_cost(cel_comp *c, cel_node *n);

/* ---------------------------------------------------------------- running */

enum {
    CEL_OP_END = 0, CEL_OP_MOVE, CEL_OP_JUMP, CEL_OP_JF, CEL_OP_JFX, CEL_OP_JTX, CEL_OP_ANDEND, CEL_OP_OREND,
        CEL_OP_NOT, CEL_OP_NEG,
    CEL_OP_ADD, CEL_OP_SUB, CEL_OP_MUL, CEL_OP_DIV, CEL_OP_MOD, CEL_OP_EQ, CEL_OP_NE, CEL_OP_LT, CEL_OP_LE, CEL_OP_GT,
        CEL_OP_GE, CEL_OP_IN,
    CEL_OP_JNEQ, CEL_OP_JNNE, CEL_OP_JNLT, CEL_OP_JNLE, CEL_OP_JNGT, CEL_OP_JNGE,
    CEL_OP_BAND, CEL_OP_CASE, CEL_OP_NEXT, CEL_OP_ALL, CEL_OP_ANY, CEL_OP_ONE, CEL_OP_PUSH,
    CEL_OP_SLOW,                                    /* the ones from here on are far from the inner loop */
    CEL_OP_INDEX, CEL_OP_SELECT, CEL_OP_TEST, CEL_OP_LIST, CEL_OP_MAP, CEL_OP_CALL, CEL_OP_MATCH, CEL_OP_RAISE,
        CEL_OP_ITER,
    CEL_OP_BUILD, CEL_OP_PUT, CEL_OP_PUTALL, CEL_OP_ISONE, CEL_OP_DONEMAP, CEL_OP_UNWRAP, CEL_OP_WRAP, CEL_OP_WANTOPT,
    CEL_OP_SORT, CEL_OP_NOTE, CEL_OP_N
};

struct cel_run {
    const kam_rule *r; kam_ctx *ctx; kam__arena *arena; kam__cel *frame;
    uint64_t budget, used; int32_t rc; uint32_t pos, which; const cel_fn *fn; kam_error *err;
    struct cel_note *note;                  /* by part; NULL: nothing is noted */
};
/* What a part gave: how often, the first values and the last one. */
#define CEL_NOTES 8u
typedef struct cel_note { uint32_t count, n; kam__cel value[CEL_NOTES]; } cel_note;

struct kam_work {
    kam_ctx *ctx; kam__arena arena; uint64_t used;  /* used: bytes the last evaluation took from the arena */
    kam_rule *rule;                                 /* held: its constants lie in the frame */
    kam__cel *frame; size_t cap;
    struct cel_host *host; size_t nhost, cap_host;  /* kam_work_set_* */
    kam__cel result;
    void *block;                                    /* cel_block.c */
    cel_note *note;                                 /* of the last evaluation; in the arena */
    int busy;
};
typedef struct cel_host { kam__cel v; char *text; size_t cap; } cel_host;

/** What comes from outside (a number or text, as kam_work_set_i64 and the like describe it) to the type that is
 *  declared. 0 = it does
 *  not go. Text of a DECIMAL is kept; `days`: an int of a timestamp counts days. */
int kam__cel_coerce(kam__cel *v, const kam__cel_type *t, int days);
/** A result as int64; 0 = it is none. */
int kam__cel_as_i64(const kam__cel *v, int64_t *out);
int kam__cel_as_f64(const kam__cel *v, double *out);
/** Makes the frame ready for a rule; then kam__cel_once() any number of times. */
int32_t kam__cel_prepare(kam_work *work, const kam_rule *rule, kam_error *err);
int32_t kam__cel_once(kam__cel *out, const kam_rule *rule, kam_work *work, kam__cel_bind_fn bind, void *user,
                      kam_error *err);
void kam__cel_block_free(kam_work *work);

/** The value of a part, and an error that ends all parts around an instruction up to the one that goes on. */
int32_t kam__cel_notes(cel_run *run, kam_work *work, kam_error *err);         /* room for them */
void kam__cel_note(cel_run *run, uint32_t part, const kam__cel *v);
void kam__cel_note_error(cel_run *run, uint32_t pc, const cel_guard *caught, const kam__cel *e);
/* cel_fold.c */
/** Decimals a numeric node has whatever the attributes hold; -1: that cannot be told. */
int32_t kam__cel_scale(const cel_node *n);
/** The same of an operator on such numbers. */
int32_t kam__cel_scale_of(uint8_t kind, int32_t a, int32_t b);
/** x.round(constant): the constant; else -1. */
int32_t kam__cel_round_to(const cel_node *n);
void kam__cel_fold_decimal(cel_node *n);
void kam__cel_fold_product(cel_node *n);
/** a * 10^up / b, rounded half to even; b is not 0; 1 = does not fit. */
int kam__cel_divide(int64_t a, int64_t b, uint32_t up, int64_t *out);
/** Exactly `scale` decimals (-1: as it is), or an error. */
void kam__cel_to_scale(cel_run *run, kam__cel *v, int32_t scale);
/** An error value: out is one now; the text is made in the arena. */
void kam__cel_raise(cel_run *run, kam__cel *out, const char *fmt, ...) KAM__PRINTF(3, 4);
void kam__cel_overflow(cel_run *run, kam__cel *out, const char *what);
void kam__cel_no_overload(cel_run *run, kam__cel *out, const char *name, const kam__cel *arg, uint32_t n);
/** Takes from the budget; 0 = it is used up, and the evaluation ends. */
int kam__cel_charge(cel_run *run, kam__cel *out, uint64_t units);
/** Memory of the evaluation, charged; NULL = out says why. */
void *kam__cel_alloc(cel_run *run, kam__cel *out, uint64_t size);
int32_t kam__cel_execute(cel_run *run, kam__cel *out);
/** An instruction the machine's loop has no short way for: a value, or a place to jump to. */
void kam__cel_slow(cel_run *run, const cel_ins *i, kam__cel *out, uint32_t *jump);
void kam__cel_call(cel_run *run, kam__cel *out, const cel_fn *fn, const kam__cel *arg, uint32_t n);

/** The elements of a list in the order of their keys (a list as long), stable. */
void kam__cel_sort(cel_run *run, kam__cel *out, const kam__cel *list, const kam__cel *keys);
/** A function of the host, with arguments that fit the overload; its result is checked. */
void kam__cel_host_call(cel_run *run, kam__cel *out, const cel_over *o, const kam__cel *arg, uint32_t n);

int kam__cel_equal(cel_run *run, const kam__cel *a, const kam__cel *b);     /* run NULL: not charged */
/** -1 0 1; 2 = unordered (NaN); 3 = not comparable. */
int kam__cel_order(const kam__cel *a, const kam__cel *b);
const kam__cel *kam__cel_map_get(const kam__cel_map *m, const kam__cel *key);
void kam__cel_map_value(cel_run *run, kam__cel *out, kam__cel *kv, uint32_t n);
void kam__cel_arith(cel_run *run, kam__cel *out, uint8_t op, const kam__cel *a, const kam__cel *b);
void kam__cel_negate(cel_run *run, kam__cel *out, const kam__cel *a);
void kam__cel_in(cel_run *run, kam__cel *out, const kam__cel *a, const kam__cel *b);
void kam__cel_index(cel_run *run, kam__cel *out, const kam__cel *a, const kam__cel *b, int opt);
void kam__cel_select(cel_run *run, kam__cel *out, const kam__cel *a, const char *name, uint32_t len, int opt);
void kam__cel_test(cel_run *run, kam__cel *out, const kam__cel *a, const char *name, uint32_t len);
void kam__cel_some(cel_run *run, kam__cel *out, const kam__cel *v);         /* v NULL = none */
int kam__cel_zero(const kam__cel *v);
int kam__cel_fits(const kam__cel *v, const kam__cel_type *t);

static inline kam__cel kam__cel_bool(int v) { kam__cel x = {KAM__CEL_BOOL, {0}, 0, {v != 0}}; return x; }
static inline kam__cel kam__cel_int(int64_t v) { kam__cel x = {KAM__CEL_INT, {0}, 0, {v}}; return x; }
static inline kam__cel kam__cel_uint(uint64_t v) { kam__cel x = {KAM__CEL_UINT, {0}, 0, {0}}; x.v.u = v; return x; }
static inline kam__cel kam__cel_double(double v) { kam__cel x = {KAM__CEL_DOUBLE, {0}, 0, {0}}; x.v.f = v; return x; }
static inline kam__cel kam__cel_text(const char *s, size_t n) { kam__cel x = {KAM__CEL_STRING, {0}, (uint32_t)n,
    {0}}; x.v.s = s; return x; }

static inline cel_key kam__cel_key(const char *s, uint32_t n) {
    cel_key k = {0, 0, n};
    if (n >= 8) {
        memcpy(&k.a, s, 8);
        memcpy(&k.b, s + (n < 16 ? n - 8 : 8), 8);
    } else if (n >= 4) {
        uint32_t first, last;
        memcpy(&first, s, 4);
        memcpy(&last, s + n - 4, 4);
        k.a = first | (uint64_t)last << 32;
    } else if (n) k.a = (uint64_t)(uint8_t)s[0] | (uint64_t)(uint8_t)s[n / 2] << 8 | (uint64_t)(uint8_t)s[n - 1] << 16;
    return k;
}

/* Text of values, to a buffer: as string() and format() write them. */
size_t kam__cel_time_put(char out[48], int64_t seconds, uint32_t nanos);
size_t kam__cel_duration_put(char out[48], int64_t nanos);
int kam__cel_time_read(kam__cel *out, const char *s, size_t n);             /* 1: not a timestamp; 2: out of range */
int kam__cel_duration_read(kam__cel *out, const char *s, size_t n);
size_t kam__cel_double_put(char out[32], double v);                         /* NaN, Infinity, -Infinity too */
int kam__cel_time_ok(int64_t seconds, uint32_t nanos);
#endif
