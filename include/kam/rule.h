/**
 * @file kam/rule.h
 * @brief Rules: expressions in CEL, compiled once and evaluated fast, and decision tables.
 *
 * CEL (Common Expression Language) is the language of every condition and formula an analyst writes:
 * `revenue_12m >= 100000 && recency_days < 90`. A rule is compiled against an environment, a JSON object that names the
 * attributes it may read and their types: bool, int, uint, double, string, bytes, timestamp, duration, decimal,
 * decimal(N), list(T), map(K, V), optional(T), dyn. An attribute that has no value is an error, unless it is declared
 * optional(T): `owner.orValue("nobody")`; nothing is silently zero or false. Beside the standard library of the
 * language there are its extensions for strings, mathematics, lists, sets, base64, optionals, cel.bind and
 * comprehensions of two variables, exact decimals for money (`decimal("1.10")`), and the month(), day() and weekday()
 * of a timestamp, counted from 1. Whole numbers and doubles go together (`12 * 1.5`) unless #KAM_RULE_STANDARD is set.
 * No rule can hang or eat the memory: compiling bounds its cost, evaluating has a budget.
 *
 * @code
 * int32_t is_key(int32_t *out, kam_ctx *ctx, double revenue, const char *region, kam_error *err)
 * {
 *     static const char env[] = "{\"revenue\": \"double\", \"region\": \"string\"}";
 *     kam_rule *rule = NULL;
 *     kam_work *work = NULL;
 *     int32_t rc = kam_rule_compile(&rule, ctx, env, NULL, "revenue > 1e6 || region == 'north'", KAM_NUL, err);
 *     if (rc == KAM_OK) rc = kam_work_new(&work, ctx, err);
 *     if (rc == KAM_OK) rc = kam_work_set_f64(work, 0, revenue, err);
 *     if (rc == KAM_OK) rc = kam_work_set_text(work, 1, region, KAM_NUL, err);
 *     if (rc == KAM_OK) rc = kam_rule_run(rule, work, err);
 *     if (rc == KAM_OK) *out = kam_work_i64(work, 0) != 0;
 *     kam_work_free(work);
 *     kam_rule_free(rule);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_RULE_H
#define KAM_RULE_H
#include <kam/base.h>
#include <kam/block.h>
#include <kam/run.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/** A compiled rule; frozen. */
typedef struct kam_rule kam_rule;
/** What one evaluation in progress needs; one per thread. */
typedef struct kam_work kam_work;
/** One call of a function of the host; lent for that call. */
typedef struct kam_call kam_call;

/** Flags of kam_rule_options. */
enum {
    KAM_RULE_STANDARD = 1,              /**< CEL as it is written: `1 + 1.0` is an error. Default: it is 2.0. */
    /** Rows of a block whose evaluation fails have no value. Default: the call fails. */
    KAM_RULE_NULL_ON_ERROR = 2,
    KAM_RULE_TRACE = 4                  /**< Notes what each sub-expression gives, for kam_rule_why(). Slower. */
};
/** Flags of kam_rule_function. */
enum {
    KAM_RULE_MEMBER = 1                 /**< Called as x.name(...): the first parameter is x. */
};

/**
 * A function of the host. Reads its arguments by kam_call_i64() and the like and answers by kam_call_return_i64() and
 * the like, once; without an answer the call is an error. It must give the same for the same arguments.
 * @return KAM_OK; a negative code ends the evaluation with it.
 */
typedef int32_t (*kam_rule_fn)(void *user, kam_call *call);

/** One function of the host, and what it takes. */
typedef struct kam_rule_function {
    uint32_t struct_size;               /**< sizeof(kam_rule_function). */
    uint32_t flags;                     /**< 0 or #KAM_RULE_MEMBER. */
    const char *signature;              /**< "discount(string, double) -> double"; several of one name are overloads. */
    kam_rule_fn call;                   /**< What it does. */
    void *user;                         /**< Given to `call`; lives as long as the rule. */
} kam_rule_function;

/** How to compile a rule. Zero all bytes, set struct_size; zero is always the default. */
typedef struct kam_rule_options {
    uint32_t struct_size;               /**< sizeof(kam_rule_options). */
    uint32_t flags;                     /**< KAM_RULE_. */
    const char *container;              /**< Namespace in which names are looked up first, "acme.sales"; NULL = none. */
    const kam_rule_function *function;  /**< Functions of the host, copied; an array of `nfunction`. */
    uint32_t nfunction;                 /**< How many. */
    uint32_t max_list;                  /**< Elements of a list or map from outside, for the bound: 0 = 1,000. */
    /** Steps of one evaluation, memory counts too (16 bytes each): 0 = 2,000,000. */
    uint64_t budget;
} kam_rule_options;

/**
 * Compiles an expression.
 * @param[out] out     The rule; end it with kam_rule_free().
 * @param[in] ctx      Held by the rule: its zones and limits count; NULL = one of its own.
 * @param[in] env      JSON object of attribute names and types, `{"revenue_12m": "decimal(2)"}`; NUL-ended; NULL =
 *         none.
 * @param[in] options  Copied; NULL = all defaults.
 * @param[in] cel      The expression, UTF-8.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL; tells line, column and offset, and what was meant.
 * @return KAM_OK; KAM_E_PARSE (not an expression, an unknown name, a wrong environment); KAM_E_TYPE (operands do not go
 *         together); KAM_E_UTF8; KAM_E_LIMIT (too long, too deep); KAM_E_INVAL; KAM_E_UNSUPPORTED (an option of a newer
 *         version); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_rule_compile(kam_rule **out, kam_ctx *ctx, const char *env, const kam_rule_options *options,
                         const char *cel,
                         size_t len, kam_error *err);
/**
 * Gives up the caller's hold.
 * @param[in] rule  May be NULL.
 * @threads A
 * @since 0.1
 */
void kam_rule_free(kam_rule *rule);
/**
 * Type of the result, as the checker found it.
 * @param[in] rule  May be NULL.
 * @return "double", "list(string)", "decimal(2)" (every result has two decimals), "decimal" (as many as it needs) ...; "" where `rule` is NULL. Lent while the rule lives; never NULL.
 * @threads C
 * @since 0.1
 */
const char *kam_rule_type(const kam_rule *rule);
/**
 * Upper bound of the steps an evaluation takes, whatever the attributes hold (lists of at most max_list elements, texts
 * of at most the context's max_text bytes).
 * @param[in] rule  May be NULL.
 * @return Steps, the unit of kam_rule_options.budget; UINT64_MAX = more than can be told. Cannot fail.
 * @threads C
 * @since 0.1
 */
uint64_t kam_rule_cost(const kam_rule *rule);
/**
 * Number of an attribute, for kam_work_set_i64() and the like.
 * @param[in] rule  May be NULL.
 * @param[in] name  A name of the environment, NUL-ended.
 * @return Its place in the environment, from 0; -1 = there is no such name. Cannot fail.
 * @threads C
 * @since 0.1
 */
int32_t kam_rule_var(const kam_rule *rule, const char *name);
/**
 * Name of an attribute the expression reads.
 * @param[in] rule  May be NULL.
 * @param[in] i     From 0, in the order of the expression.
 * @return The name; NULL behind the last one. Lent while the rule lives.
 * @threads C
 * @since 0.1
 */
const char *kam_rule_reads(const kam_rule *rule, uint32_t i);

/**
 * Makes what an evaluation needs; good for any rules, one after the other. Once it is warm, evaluating allocates
 * nothing.
 * @param[out] out     The new work; end it with kam_work_free().
 * @param[in] ctx      Held by it; NULL = one of its own.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_work_new(kam_work **out, kam_ctx *ctx, kam_error *err);
/**
 * Ends it.
 * @param[in] work  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_work_free(kam_work *work);
/**
 * Takes all attributes away that were set.
 * @param[in,out] work  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_work_clear(kam_work *work);
/**
 * Sets an attribute to a whole number: of an int or uint, a bool (0 or 1), a decimal(N) in its last decimal, a
 * timestamp in ms UTC, a duration in ms, a double.
 * @param[in,out] work  The work; attributes stay set until kam_work_clear().
 * @param[in] var       Number of the attribute: kam_rule_var().
 * @param[in] value     The value.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM. Whether type and value agree says kam_rule_run().
 * @threads B
 * @since 0.1
 */
int32_t kam_work_set_i64(kam_work *work, uint32_t var, int64_t value, kam_error *err);
/**
 * Sets an attribute to a double.
 * @param[in,out] work  The work.
 * @param[in] var       Number of the attribute.
 * @param[in] value     The value.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_work_set_f64(kam_work *work, uint32_t var, double value, kam_error *err);
/**
 * Sets an attribute to a text: of a string, a decimal ("12.50"), a timestamp ("2026-03-01T12:30:00Z", "2026-03-01"), a
 * duration ("1h30m").
 * @param[in,out] work  The work.
 * @param[in] var       Number of the attribute.
 * @param[in] text      UTF-8, copied; NULL = no value.
 * @param[in] len       Its length in bytes, or #KAM_NUL.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_UTF8; KAM_E_LIMIT (longer than max_text of the context); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_work_set_text(kam_work *work, uint32_t var, const char *text, size_t len, kam_error *err);
/**
 * Evaluates with the attributes that are set.
 * @param[in] rule      The rule.
 * @param[in,out] work  Gets the result: kam_work_i64() and the like.
 * @param[in,out] err   May be NULL; tells line, column and offset of what failed.
 * @return KAM_OK; KAM_E_POLICY (the expression fails: a missing value, a division by zero ...); KAM_E_TYPE (an
 *         attribute is not of its type); KAM_E_LIMIT (the budget is used up); KAM_E_BUSY (from inside a function of
 *         the host); KAM_E_INVAL; KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_rule_run(const kam_rule *rule, kam_work *work, kam_error *err);
/**
 * The result as a whole number.
 * @param[in] work     May be NULL.
 * @param[in] if_none  What to answer where there is none.
 * @return An int, a uint that fits, a bool as 0 or 1, the digits of a decimal (kam_rule_type() tells how many of them are
 *         behind the point), a timestamp in ms UTC, a duration in
 *         ms; else `if_none`. Cannot fail.
 * @threads B
 * @since 0.1
 */
int64_t kam_work_i64(const kam_work *work, int64_t if_none);
/**
 * The result as a double.
 * @param[in] work     May be NULL.
 * @param[in] if_none  What to answer where there is none.
 * @return A double, an int, a uint, a decimal (nearest double); else `if_none`. Cannot fail.
 * @threads B
 * @since 0.1
 */
double kam_work_f64(const kam_work *work, double if_none);
/**
 * The result as text.
 * @param[in] work     May be NULL.
 * @param[in] if_none  What to answer where it is no string; may be NULL.
 * @param[out] len     Its length in bytes, it may hold U+0000; NULL = not wanted.
 * @return A string, NUL-ended; else `if_none`. Lent until the next call on `work`.
 * @threads B
 * @since 0.1
 */
const char *kam_work_text(const kam_work *work, const char *if_none, size_t *len);
/**
 * The result of any type as JSON: bytes as base64, timestamps and durations as text, decimals as numbers, not all
 * digits of which a reader of doubles keeps; "NaN", "Infinity", "-Infinity" as strings; an optional without value as
 * null.
 * @param[out] out     Replaced by the result.
 * @param[in] work     The work.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND (there is no result); KAM_E_LIMIT (longer than 16 MiB); KAM_E_INVAL; KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_work_json(kam_buf *out, const kam_work *work, kam_error *err);
/**
 * Evaluates with the attributes of a JSON object; its other members are passed over. In dyn a number without point and
 * exponent is an int, any other a double.
 * @param[out] out      Replaced by the result as JSON; NULL = not wanted.
 * @param[in] rule      The rule.
 * @param[in,out] work  Gets the result, too.
 * @param[in] json      The object.
 * @param[in] len       Its length in bytes, or #KAM_NUL.
 * @param[in,out] err   May be NULL.
 * @return As kam_rule_run(); KAM_E_PARSE and KAM_E_UTF8 (the JSON).
 * @threads B
 * @since 0.1
 */
int32_t kam_rule_eval_json(kam_buf *out, const kam_rule *rule, kam_work *work, const char *json, size_t len,
                           kam_error *err);
/**
 * Evaluates with the fields of a record, by their names: a money field is a decimal, a day a timestamp at its beginning
 * (UTC), an enum its name.
 * @param[out] out      Replaced by the result as JSON; NULL = not wanted.
 * @param[in] rule      The rule.
 * @param[in,out] work  Gets the result, too.
 * @param[in] record    The record; a name that is none of its fields has no value.
 * @param[in,out] err   May be NULL.
 * @return As kam_rule_run().
 * @threads B
 * @since 0.1
 */
int32_t kam_rule_eval(kam_buf *out, const kam_rule *rule, kam_work *work, const kam_record *record, kam_error *err);
/**
 * Evaluates for all rows of a block, whose columns are the attributes in the order of the environment; columns may be
 * missing at the end. Numbers are meant as in kam_work_set_i64(), an I32 column of a timestamp counts days.
 * @param[out] out      One column: F64 of a double, I32 of a bool, TEXT of a string; I64 of an int, timestamp, duration
 *         or decimal(N), as kam_work_i64() has it; else TEXT of JSON. Lent until the next call on `work`.
 * @param[in] rule      The rule.
 * @param[in,out] work  The work.
 * @param[in] rows      The block.
 * @param[in,out] err   May be NULL; tells the row that failed.
 * @return As kam_rule_run(), for the first row that fails; with #KAM_RULE_NULL_ON_ERROR such rows have no value instead
 *         (but KAM_E_LIMIT and KAM_E_TYPE stay); KAM_E_CANCELLED.
 * @threads B
 * @since 0.1
 */
int32_t kam_rule_eval_block(const kam_col **out, const kam_rule *rule, kam_work *work, const kam_block *rows,
                            kam_error *err);

/**
 * What each sub-expression gave when the rule was evaluated last, whether that failed or not.
 * @param[out] why     The explanation: a VERDICT (kind "rule", result as JSON, none where it failed), and a REASON for
 *         each sub-expression that reads something, the whole first, then in the order of the source: factor the
 *         sub-expression as written, band its place (line:column), value as JSON (of a loop: of its first rounds and
 *         the last), code VALUE, ERROR (the value is the message) or NOT_EVALUATED (an && or || was decided before, or
 *         another branch was taken). End it with kam_why_free().
 * @param[in] rule     A rule of #KAM_RULE_TRACE.
 * @param[in] work     The work that evaluated it last, as a row: kam_rule_run(), _eval() or _eval_json().
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL; the rule was compiled without #KAM_RULE_TRACE); KAM_E_NOT_FOUND (the work
 *         evaluated something else last); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_rule_why(kam_why **why, const kam_rule *rule, const kam_work *work, kam_error *err);

/**
 * Number of arguments of a call.
 * @param[in] call  The call.
 * @return How many.
 * @threads B
 * @since 0.1
 */
uint32_t kam_call_count(const kam_call *call);
/**
 * An argument as a whole number, as kam_work_i64() has it.
 * @param[in] call     The call.
 * @param[in] i        Which argument, from 0; the target of a member function is the first.
 * @param[in] if_none  What to answer where it is none.
 * @return The number.
 * @threads B
 * @since 0.1
 */
int64_t kam_call_i64(const kam_call *call, uint32_t i, int64_t if_none);
/**
 * An argument as a double, as kam_work_f64() has it.
 * @param[in] call     The call.
 * @param[in] i        Which argument.
 * @param[in] if_none  What to answer where it is none.
 * @return The number.
 * @threads B
 * @since 0.1
 */
double kam_call_f64(const kam_call *call, uint32_t i, double if_none);
/**
 * A string or bytes argument.
 * @param[in] call  The call.
 * @param[in] i     Which argument.
 * @param[out] len  Its length in bytes; must not be NULL.
 * @return Its bytes, not NUL-ended; NULL where it is neither. Lent for the call.
 * @threads B
 * @since 0.1
 */
const char *kam_call_text(const kam_call *call, uint32_t i, size_t *len);
/**
 * Answers with a whole number, meant by the result's type as in kam_work_set_i64().
 * @param[in,out] call  The call.
 * @param[in] value     The number.
 * @threads B
 * @since 0.1
 */
void kam_call_return_i64(kam_call *call, int64_t value);
/**
 * Answers with a double.
 * @param[in,out] call  The call.
 * @param[in] value     The number.
 * @threads B
 * @since 0.1
 */
void kam_call_return_f64(kam_call *call, double value);
/**
 * Answers with a text, meant by the result's type as in kam_work_set_text().
 * @param[in,out] call  The call.
 * @param[in] text      UTF-8, copied; what is not UTF-8 is an error of the expression.
 * @param[in] len       Its length in bytes, or #KAM_NUL.
 * @threads B
 * @since 0.1
 */
void kam_call_return_text(kam_call *call, const char *text, size_t len);
/**
 * Answers with an error, which && and || may absorb.
 * @param[in,out] call  The call.
 * @param[in] text      What went wrong, NUL-ended.
 * @threads B
 * @since 0.1
 */
void kam_call_fail(kam_call *call, const char *text);

/**
 * Is told of one expression of a document by kam_rule_each().
 * @return KAM_OK; anything else ends the call with it.
 */
typedef int32_t (*kam_rule_place_fn)(void *user, const char *place, const kam_rule *rule);
/**
 * Hands over every expression of a policy document, compiled as the document has it, so that kam_rule_type(),
 * kam_rule_cost() and kam_rule_reads() tell of it: what each gives, what it costs at most, and what it reads. The
 * document is checked whole first.
 * @param[in] ctx      NULL = one of its own.
 * @param[in] kind     KAM_POLICY_SCHEME, KAM_POLICY_SCORECARD, KAM_POLICY_SEGMENT or KAM_POLICY_CADENCE.
 * @param[in] json     One object, UTF-8.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in] fn       Called once for each, with the place it stands at: "factor ID" and "warning ID" of a card,
 *         "condition" of a segment, else its path, "rule.first_match[0].when", "grades.A[0].when". Place and rule are
 *         lent for the call.
 * @param[in] user     Given to `fn`.
 * @param[in,out] err  May be NULL; tells line and column.
 * @return KAM_OK, also where there are none; KAM_E_INVAL (NULL, a kind without expressions); KAM_E_PARSE, KAM_E_TYPE,
 *         KAM_E_NOT_FOUND, KAM_E_POLICY, KAM_E_UTF8, KAM_E_LIMIT (the document, as kam_policy_add()); KAM_E_NOMEM; what
 *         `fn` gave.
 * @threads A
 * @since 0.1
 */
int32_t kam_rule_each(kam_ctx *ctx, uint32_t kind, const char *json, size_t len, kam_rule_place_fn fn, void *user,
                      kam_error *err);

/* ---------------------------------------------------------------- decision tables */

/**
 * A decision table, frozen (class C): threads may share it.
 *
 * Its document, a policy of kind KAM_POLICY_DTABLE, is one JSON object:
 *
 * - `name`; `title` {en, zh} and `source`, which are for people.
 * - `hit`, which rows count: UNIQUE (at most one may match), ANY (those that match say the same), PRIORITY (the best by
 *   the outputs' values), FIRST; RULE ORDER, OUTPUT ORDER and COLLECT give all that match. With COLLECT, `aggregate`:
 *   LIST, SUM, MIN, MAX, COUNT of the one output.
 * - `inputs`: `name` (a field of the record, or a member of the JSON object: `order.total`), `type` (number, string,
 *   boolean, date, time, datetime, duration, months; any where it is left out), `values` (a cell: all others are
 *   refused), `required` (true: no value is an error), `title`.
 * - `outputs`: `name`, `values` (constants, the best first), `default` (where no row matches), `title`.
 * - `names`: what the cells name besides inputs.
 * - `rows`: `when`, a cell for each input; `then`, a value or name for each output; `id` and `text` {en, zh} for
 *   explanations.
 * - `tests`: `in`, and `out`, the answer, or `fails`, true. A table that breaks one of them is refused.
 *
 * Cells are unary tests of S-FEEL (DMN 1.x): `-` anything; `18`, `"Low"`, `true`, `null`; `< 10`, `>= 10`, `!= 10`;
 * `[1..10)`, `(1..10]`; `date("2026-03-01")`, `time("12:30:00")`, `date and time("2026-03-01T12:30:00Z")`,
 * `duration("P1DT2H")`, `@"2026-03-01"`; names; several by comma; `not(...)` of these. Numbers are exact up to 18
 * digits. No value is matched by `-`, `null`, and a `not(...)` of other values; it is neither less nor more than any.
 */
typedef struct kam_dtable kam_dtable;

/**
 * The table in force on a day.
 * @param[out] out     The table; end the caller's hold with kam_dtable_free(). It needs the book no longer.
 * @param[in] book     The book; on a kam_book_known() book as it was known then.
 * @param[in] name     Its name, NUL-ended.
 * @param[in] day      The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_POLICY (none is in force, or there is none of that name); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_dtable_open(kam_dtable **out, kam_book *book, const char *name, int32_t day, kam_error *err);
/**
 * A table from its document, checked whole, its tests run.
 * @param[out] out     The table; end the caller's hold with kam_dtable_free().
 * @param[in] ctx      Held; NULL = one of its own with all defaults.
 * @param[in] json     One object, UTF-8.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL; tells line and column.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_PARSE (no JSON, or not of the form); KAM_E_UTF8; KAM_E_POLICY (wrong in
 *         itself: an unknown name, a cell of another type, a test that fails); KAM_E_LIMIT (too deep); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_dtable_parse(kam_dtable **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err);
/**
 * Gives up the caller's hold.
 * @param[in] table  May be NULL.
 * @threads A
 * @since 0.1
 */
void kam_dtable_free(kam_dtable *table);
/**
 * Decides over the fields of a record, ATTRIBUTES or any other.
 * @param[out] out     Replaced by the answer: a JSON array with an object of the outputs for each row that counts, in
 *         the order the hit policy asks for; one of the defaults, or an empty array, where none matches; with an
 *         aggregate the one object of it. NULL = not wanted.
 * @param[out] why     Its explanation, the answer as result: a REASON for each row; code CHOSEN, MATCH (matches, but
 *         another row counts) or NO, then value and band are the first input that does not match and its cell; at the
 *         end DEFAULT where the defaults count. End it with kam_why_free(). NULL = not wanted.
 * @param[in] table    The table.
 * @param[in] row      The record.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_POLICY (two rows break UNIQUE or ANY: both are named; an input is not among its values, or is
 *         required and has none; the record has no such field); KAM_E_TYPE (an input is of another type than the table
 *         takes it for; an aggregate of what cannot be added or put in order); KAM_E_LIMIT (a sum does not fit);
 *         KAM_E_INVAL; KAM_E_NOMEM.
 * @threads C
 * @since 0.1
 */
int32_t kam_dtable_decide(kam_buf *out, kam_why **why, const kam_dtable *table, const kam_record *row, kam_error *err);
/**
 * The same over the members of a JSON object; one that is missing has no value.
 * @param[out] out     As kam_dtable_decide().
 * @param[out] why     As kam_dtable_decide().
 * @param[in] table    The table.
 * @param[in] json     The object.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL.
 * @return As kam_dtable_decide(); KAM_E_PARSE and KAM_E_UTF8 (the JSON).
 * @threads C
 * @since 0.1
 */
int32_t kam_dtable_decide_json(kam_buf *out, kam_why **why, const kam_dtable *table, const char *json, size_t len,
                               kam_error *err);
/**
 * What is wrong with a table whatever its inputs are: all combinations of the pieces into which the cells cut each
 * input are looked at.
 * @param[out] out     PROBLEM rows, none = all is well; end it with kam_rows_free(). code: GAP (no row matches; not for
 *         policies that give lists, nor where there are defaults), OVERLAP (two rows break UNIQUE or ANY), SHADOWED
 *         (row matches, but never counts under FIRST or PRIORITY), UNREACHABLE (row never matches), UNCHECKED (cells
 *         that name values, or too many combinations). row from 1; value an example of the inputs as JSON (not of
 *         UNREACHABLE, whose text names the cell); text in words. The first 20 gaps and 50 overlaps are told.
 * @param[in] table    The table.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL; KAM_E_NOMEM.
 * @threads C
 * @since 0.1
 */
int32_t kam_dtable_findings(kam_rows **out, const kam_dtable *table, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
