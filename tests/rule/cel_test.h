/* What the tests of CEL share: one expression, evaluated with JSON, and its result or failure as text. */
#ifndef CEL_TEST_H
#define CEL_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <kam.h>
#include <kam/spi/test.h>
#include "rule/cel.h"

typedef struct ct { kam_error *err; kam_ctx *ctx; kam_work *work; kam_buf *buf; char text[1000]; } ct;
int ct_setup(void **state);
int ct_teardown(void **state);
/** Result as JSON; a failure as "CODE: message". Lent until the next call. */
const char *ct_eval(ct *t, const char *env, const char *cel, const char *json);
const char *ct_eval_with(ct *t, const char *env, const kam_rule_options *options, const char *cel, const char *json);
/** Without environment. */
const char *ct_one(ct *t, const char *cel);
/** Compiles only: "type" or "CODE: message". */
const char *ct_type(ct *t, const char *env, const char *cel);
#endif
