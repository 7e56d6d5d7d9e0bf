/*
 * tests/tools/conf_suite.h - what the suites of kam-conformance share.
 *
 * A suite is one function conf_NAME(argc, argv), argv[0] its name, in conf_NAME.c, and one line in the table of kam-
 * conformance.c. It counts cases in a conf_run, tells each failed one by conf_fail, and returns conf_end(), which
 * prints the closing line and gives the exit code.
 */
#ifndef CONF_SUITE_H
#define CONF_SUITE_H
#include "base/base.h"

enum { CONF_OK = 0, CONF_FAILED = 1, CONF_USAGE = 2 };

typedef struct conf_run { unsigned passed, failed; } conf_run;

void conf_pass(conf_run *run);
/** Prints "FAIL name: ..."; the format says "got ... want ...". */
void conf_fail(conf_run *run, const char *name, const char *fmt, ...) KAM__PRINTF(3, 4);
/** Prints "N passed, N failed", the last line of all; returns the exit code. */
int conf_end(const conf_run *run);
/** Tells wrong usage of a suite on stderr; returns CONF_USAGE. */
int conf_usage(const char *suite, const char *what);
/** "kam: file:line:column: message" of err on stderr. */
void conf_error(const char *file, const kam_error *err);
/** "kam: file: message: system's word" on stderr, by errno. */
void conf_io_error(const char *file, const char *message);

/** The whole file ("-": stdin), NUL-ended, or NULL after telling why; free it. */
char *conf_read(const char *path, size_t *size);
/** Base names of the files in a folder that end in `ending`, sorted by bytes; -1 = no such folder (nothing is told). */
int conf_list(const char *dir, const char *ending, char ***names, size_t *n);
void conf_list_free(char **names, size_t n);
/** "dir/name" cut at `room`. */
const char *conf_path(char *out, size_t room, const char *dir, const char *name);
/** Text in quotes on one line, cut at about 140 bytes; returns out. */
const char *conf_quote(char out[160], const char *text, size_t len);

int conf_json(int argc, char **argv);
int conf_csv(int argc, char **argv);
int conf_requirements(int argc, char **argv);
int conf_cel(int argc, char **argv);
int conf_dmn(int argc, char **argv);

/** Named zones of /usr/share/zoneinfo, for kam_ctx_options.zone. */
int32_t conf_zone(void *user, const char *name, int64_t utc_ms, int32_t *offset_min);

#endif
