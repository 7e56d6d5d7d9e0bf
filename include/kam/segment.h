/*
 * kam/segment.h - A scheme gives each account of its population one grade; a segment is a saved condition with its members. Both are frozen
 * policies: taken from a book by name, or from JSON for a trial that stores nothing.
 */
#ifndef KAM_SEGMENT_H
#define KAM_SEGMENT_H
#include <kam/run.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

typedef struct kam_scheme kam_scheme;

/** The scheme in force on a day, frozen: [C] from then on. POLICY: none. [B, 0.1] */
int32_t kam_scheme_open(kam_scheme **out, kam_book *book, const char *name, int32_t day, kam_error *err);
/** A scheme from its document. PARSE POLICY with place. [A, 0.1] */
int32_t kam_scheme_parse(kam_scheme **out, kam_ctx *ctx, const char *json, size_t len, kam_error *err);
/** Gives up the caller's hold. [A, 0.1] */
void kam_scheme_free(kam_scheme *scheme);
/** Grades all accounts of the scheme's population. Rows GRADE_ITEM: first, changed or overridden grades (old, new, rank, measure,
 *  cut, reason). Ties go to the smaller id. Applying writes GRADE facts; a trial from JSON cannot be (POLICY). [B, 0.1] */
int32_t kam_grading_run(kam_run **out, kam_book *book, const kam_scheme *scheme, int32_t as_of, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
