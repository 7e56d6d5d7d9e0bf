/*
 * kam/spi/test.h - libkam-test: for teams that write a store, or test what they build on one.
 *
 * A conformance kit for stores, wrappers around any store (one that fails on demand, one that writes down each call,
 * one that does nothing else than pass on), an allocator that fails on demand, and a clock moved by hand. No test
 * framework is needed or assumed: results come through callbacks and return values. Nothing here is thread-safe: one
 * object, one thread. All memory comes from malloc.
 */
#ifndef KAM_SPI_TEST_H
#define KAM_SPI_TEST_H
#include <kam/book.h>
#include <kam/spi/storage.h>
#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- conformance kit */

enum { KAM_KIT_PASS = 1, KAM_KIT_FAIL = 2, KAM_KIT_SKIP = 3 };

/* What the kit needs of you. Each check gets a store of its own from make(). Codes are KAM_E_ codes; a make() that
 * fails is a failed check. */
typedef struct kam_kit_options {
    uint32_t struct_size, flags;        /* flags: 0 */
    void *user;
    uint32_t mode, max_keys;            /* KAM_TXN_ (0 = OWN); longest IN list the store takes (0 = 500) */
    /* A fresh store, empty; without `prepare` it holds the tables of kam_kit_tables(). */
    int32_t (*make)(void *user, const kam_store_vt **vt, void **self);
    /* Ends what make() or reopen() gave, vt->close included; a transaction may be open. */
    void (*destroy)(void *user, const kam_store_vt *vt, void *self);
    /* Optional: another connection to the store of `self`; the kit ends it with vt->close. NULL: checks of
     * isolation are skipped. */
    int32_t (*connect)(void *user, void *self, void **other);
    /* Optional: ends the connection as a crash of the process would, and opens the same data again. NULL: checks of
     * durability are skipped. */
    int32_t (*reopen)(void *user, const kam_store_vt **vt, void **self);
    /* Modes SAVEPOINT and HOST: begin and end the host's own transaction on the connection of `self`; else NULL. */
    int32_t (*host_begin)(void *user, void *self);
    int32_t (*host_end)(void *user, void *self, int32_t commit);
    const char *only;                   /* only checks whose name begins so; NULL = all */
} kam_kit_options;

/** One result: name of the check, KAM_KIT_, and one line why ("" when it passed); texts are lent for the call. */
typedef void (*kam_kit_report_fn)(void *user, const char *check, int32_t result, const char *why);

/** Runs the checks; `report` may be NULL. Returns the number of failed checks, or INVAL, UNSUPPORTED, NOMEM.
 *  [A, 0.1] */
int32_t kam_kit_run(const kam_kit_options *options, kam_kit_report_fn report, void *user);
/** Name of the i-th check, from 0; static; NULL = there are no more. Names stay the same for good. [A, 0.1] */
const char *kam_kit_check(uint32_t i);
/** What the i-th check asks of a store, one sentence; static; NULL = there are no more. [A, 0.1] */
const char *kam_kit_about(uint32_t i);
/** The tables the kit works on; static. [A, 0.1] */
const kam_table *kam_kit_tables(uint32_t *n);

/* ---------------------------------------------------------------- a store passed on, watched, or made to fail */

/* Each wrapper stands in front of a store (vt, self) of yours: give its own vt and self to the library or the kit.
 * It passes on every call that the store has; close ends the store behind it, *_free() ends the wrapper alone,
 * afterwards. */

typedef struct kam_pass_store kam_pass_store;
/** Passes on everything and nothing else: proof that no special knowledge of a store is used. INVAL NOMEM. [A, 0.1] */
int32_t kam_pass_store_new(kam_pass_store **out, const kam_store_vt *vt, void *self);
const kam_store_vt *kam_pass_store_vt(const kam_pass_store *pass);
void *kam_pass_store_self(kam_pass_store *pass);
void kam_pass_store_free(kam_pass_store *pass);

typedef struct kam_spy_store kam_spy_store;
/** Writes down each call as one line: "begin write", "write ledger insert 3 rows", "scan account id eq: 1 row", "end
 *  commit"; a failure adds " = KAM_E_EXISTS". INVAL NOMEM. [A, 0.1] */
int32_t kam_spy_store_new(kam_spy_store **out, const kam_store_vt *vt, void *self);
const kam_store_vt *kam_spy_store_vt(const kam_spy_store *spy);
void *kam_spy_store_self(kam_spy_store *spy);
/** The lines so far, each ended by a newline; lent until the next call. Lines that found no memory are missing: see
 *  kam_spy_store_lost. [B, 0.1] */
const char *kam_spy_store_log(const kam_spy_store *spy);
uint32_t kam_spy_store_lost(const kam_spy_store *spy);
void kam_spy_store_clear(kam_spy_store *spy);
void kam_spy_store_free(kam_spy_store *spy);

typedef struct kam_fault_store kam_fault_store;
/* AFTER: the call is done, then answered with the code (a lost answer); otherwise it is not done. ON: every call
 * from the n-th on. */
enum { KAM_FAULT_AFTER = 1, KAM_FAULT_ON = 2 };
/** Fails on demand; then behaves as a store must: a failed write lets the transaction only be aborted, a failed end
 *  has ended it. INVAL NOMEM. [A, 0.1] */
int32_t kam_fault_store_new(kam_fault_store **out, const kam_store_vt *vt, void *self);
const kam_store_vt *kam_fault_store_vt(const kam_fault_store *fault);
void *kam_fault_store_self(kam_fault_store *fault);
/** The n-th call from now (1 = the next) answers `code`; n 0 = none. Starts counting anew. close is never failed nor
 *  counted. [B, 0.1] */
int32_t kam_fault_store_fail(kam_fault_store *fault, uint64_t n, int32_t code, uint32_t flags);
/** Calls since then. [B, 0.1] */
uint64_t kam_fault_store_count(const kam_fault_store *fault);
void kam_fault_store_free(kam_fault_store *fault);

/* ---------------------------------------------------------------- memory that runs out */

typedef struct kam_fault_alloc kam_fault_alloc;
int32_t kam_fault_alloc_new(kam_fault_alloc **out);
/** Ends it with all blocks that were not released. */
void kam_fault_alloc_free(kam_fault_alloc *fault);
/** For kam_ctx_options.allocator; lent (handle). [B, 0.1] */
const kam_allocator *kam_fault_alloc_allocator(kam_fault_alloc *fault);
/** The n-th request from now (1 = the next; growing counts, releasing does not) finds no memory; n 0 = none; flags:
 *  0 or KAM_FAULT_ON. Starts counting anew. [B, 0.1] */
int32_t kam_fault_alloc_fail(kam_fault_alloc *fault, uint64_t n, uint32_t flags);
/** Requests since then. [B, 0.1] */
uint64_t kam_fault_alloc_count(const kam_fault_alloc *fault);
/** Blocks not released, and their bytes; `bytes` may be NULL. [B, 0.1] */
uint64_t kam_fault_alloc_live(const kam_fault_alloc *fault, uint64_t *bytes);
/** The i-th block not released, newest first: its size, and which request over all it was. NOT_FOUND: there are
 *  fewer. [B, 0.1] */
int32_t kam_fault_alloc_leak(const kam_fault_alloc *fault, uint64_t i, uint64_t *size, uint64_t *request);
/** Releases and resizes with a wrong size or a pointer that is none of ours. [B, 0.1] */
uint64_t kam_fault_alloc_misuse(const kam_fault_alloc *fault);

/* ---------------------------------------------------------------- sweeps */

/** Does something whole, with the fault_at-th fault in it (0 = none), and tells how many faults there could be.
 *  Returns KAM_OK if all is as it should be, also after the fault; else a code. */
typedef int32_t (*kam_sweep_fn)(void *user, uint64_t fault_at, uint64_t *count);
/** One fault that was not met well. */
typedef void (*kam_sweep_report_fn)(void *user, uint64_t fault_at, int32_t code, const char *why);
/** Runs fn without fault to count, then once for each fault. Returns how many runs failed; `report` may be NULL.
 *  [A, 0.1] */
int32_t kam_fault_sweep(kam_sweep_fn fn, void *user, kam_sweep_report_fn report, void *report_user);

/** Does something whole with this allocator; returns its code. */
typedef int32_t (*kam_alloc_sweep_fn)(void *user, kam_fault_alloc *alloc);
/** The same for memory: each request fails once. A run fails when it answers anything but OK or NOMEM, leaks, or
 *  misuses. [A, 0.1] */
int32_t kam_fault_sweep_alloc(kam_alloc_sweep_fn fn, void *user, kam_sweep_report_fn report, void *report_user);

/* ---------------------------------------------------------------- time by hand */

typedef struct kam_test_clock {
    uint32_t struct_size, flags;        /* flags: 0 */
    int64_t now, step;                  /* ms UTC; what is added at each reading */
} kam_test_clock;
/** For kam_ctx_options.now; `clock` is a kam_test_clock (kam_ctx_options.user). Returns `now`, then adds `step`.
 *  [B, 0.1] */
int64_t kam_test_clock_now(void *clock);

#ifdef __cplusplus
}
#endif
#endif
