/**
 * @file kam/spi/test.h
 * @brief libkam-test: for teams that write a store, or test what they build on one.
 *
 * A conformance kit for stores, wrappers around any store (one that fails on demand, one that writes down each call,
 * one that does nothing else than pass on), an allocator that fails on demand, and a clock moved by hand. No test
 * framework is needed or assumed: results come through callbacks and return values. Nothing here is thread-safe: one
 * object, one thread. All memory comes from malloc.
 *
 * @code
 * static void report(void *user, const char *check, int32_t result, const char *why)
 * {
 *     (void)user;
 *     if (result == KAM_KIT_FAIL) printf("%s: %s\n", check, why);
 * }
 *
 * int32_t check_my_store(int32_t (*make)(void *, const kam_store_vt **, void **),
 *                        void (*destroy)(void *, const kam_store_vt *, void *))
 * {
 *     kam_kit_options options = {0};
 *     options.struct_size = sizeof options;
 *     options.make = make;
 *     options.destroy = destroy;
 *     return kam_kit_run(&options, report, NULL);
 * }
 * @endcode
 */
#ifndef KAM_SPI_TEST_H
#define KAM_SPI_TEST_H
#include <kam/book.h>
#include <kam/spi/storage.h>
#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- conformance kit */

/** How a check of the kit ended. */
enum {
    KAM_KIT_PASS = 1,                   /**< The store does what the check asks. */
    KAM_KIT_FAIL = 2,                   /**< It does not: the report says what was seen instead. */
    KAM_KIT_SKIP = 3                    /**< The store does not offer this, or a callback it needs was not given. */
};

/**
 * What the kit needs of you. Zero all bytes, set struct_size. Each check gets a store of its own from make(). Callbacks
 * answer KAM_OK or a KAM_E_ code; a make() that fails is a failed check.
 */
typedef struct kam_kit_options {
    uint32_t struct_size;               /**< sizeof(kam_kit_options). */
    uint32_t flags;                     /**< 0. */
    void *user;                         /**< First argument of every callback. */
    uint32_t mode;                      /**< The KAM_TXN_ mode the store is made for; 0 = KAM_TXN_OWN. */
    uint32_t max_keys;                  /**< Longest IN list the store takes; 0 = 500. */
    /** A fresh store, empty; without `prepare` it holds the tables of kam_kit_tables(). */
    int32_t (*make)(void *user, const kam_store_vt **vt, void **self);
    /** Ends what make() or reopen() gave, vt->close included; a transaction may be open. */
    void (*destroy)(void *user, const kam_store_vt *vt, void *self);
    /** Another connection to the store of `self`; the kit ends it with vt->close. NULL: isolation is not checked. */
    int32_t (*connect)(void *user, void *self, void **other);
    /** Ends the connection as a crash of the process would, and opens the same data again. NULL: durability is not
     *  checked. */
    int32_t (*reopen)(void *user, const kam_store_vt **vt, void **self);
    /** Modes SAVEPOINT and HOST: begins the host's own transaction on the connection of `self`; else NULL. */
    int32_t (*host_begin)(void *user, void *self);
    /** Ends it: `commit` 1 for good, 0 rolled back. */
    int32_t (*host_end)(void *user, void *self, int32_t commit);
    const char *only;                   /**< Only checks whose name begins so, NUL-ended; NULL = all. */
} kam_kit_options;

/** One result: name of the check, KAM_KIT_, and one line why ("" when it passed); texts are lent for the call. */
typedef void (*kam_kit_report_fn)(void *user, const char *check, int32_t result, const char *why);

/**
 * Runs the checks on stores of your making.
 * @param[in] options  What to check and how to make it.
 * @param[in] report   Gets each result; NULL = only the count is wanted.
 * @param[in] user     First argument of `report`.
 * @return Number of failed checks, 0 = all passed or were skipped; KAM_E_INVAL (no make() or destroy(), a mode
 *         other than OWN without host_begin() and host_end(), an unknown flag or mode); KAM_E_UNSUPPORTED (options of a
 *         newer version); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_kit_run(const kam_kit_options *options, kam_kit_report_fn report, void *user);
/**
 * Name of a check. Names stay the same for good.
 * @param[in] i  From 0.
 * @return The name, static; NULL = there are no more. Cannot fail.
 * @threads A
 * @since 0.1
 */
const char *kam_kit_check(uint32_t i);
/**
 * What a check asks of a store.
 * @param[in] i  From 0.
 * @return One sentence, static; NULL = there are no more. Cannot fail.
 * @threads A
 * @since 0.1
 */
const char *kam_kit_about(uint32_t i);
/**
 * The tables the kit works on.
 * @param[out] n  How many there are.
 * @return The tables, static. Cannot fail.
 * @threads A
 * @since 0.1
 */
const kam_table *kam_kit_tables(uint32_t *n);

/* ---------------------------------------------------------------- a store passed on, watched, or made to fail */

/**
 * A store that passes on every call and does nothing else: proof that no special knowledge of a store is used. As every
 * wrapper here it stands in front of a store (vt, self) of yours: give its own vt and self to the library or the kit.
 * close ends the store behind it; *_free() ends the wrapper alone, afterwards.
 */
typedef struct kam_pass_store kam_pass_store;
/**
 * Makes one.
 * @param[out] out  The wrapper; end it with kam_pass_store_free().
 * @param[in] vt    The store's vtable, lent while the wrapper lives.
 * @param[in] self  The store.
 * @return KAM_OK; KAM_E_INVAL (NULL, a vtable too small); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_pass_store_new(kam_pass_store **out, const kam_store_vt *vt, void *self);
/**
 * The vtable to give away.
 * @param[in] pass  The wrapper.
 * @return Lent while it lives. Cannot fail.
 * @threads B
 * @since 0.1
 */
const kam_store_vt *kam_pass_store_vt(const kam_pass_store *pass);
/**
 * What to give away with it.
 * @param[in] pass  The wrapper.
 * @return Lent while it lives. Cannot fail.
 * @threads B
 * @since 0.1
 */
void *kam_pass_store_self(kam_pass_store *pass);
/**
 * Ends the wrapper alone, after the store was closed.
 * @param[in] pass  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_pass_store_free(kam_pass_store *pass);

/** A store that writes down each call as one line: "begin write", "write ledger insert 3 rows", "scan account id eq: 1
 *  row", "end commit"; a failure adds " = KAM_E_EXISTS". */
typedef struct kam_spy_store kam_spy_store;
/**
 * Makes one.
 * @param[out] out  The wrapper; end it with kam_spy_store_free().
 * @param[in] vt    The store's vtable, lent while the wrapper lives.
 * @param[in] self  The store.
 * @return KAM_OK; KAM_E_INVAL (NULL, a vtable too small); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_spy_store_new(kam_spy_store **out, const kam_store_vt *vt, void *self);
/**
 * The vtable to give away.
 * @param[in] spy  The wrapper.
 * @return Lent while it lives. Cannot fail.
 * @threads B
 * @since 0.1
 */
const kam_store_vt *kam_spy_store_vt(const kam_spy_store *spy);
/**
 * What to give away with it.
 * @param[in] spy  The wrapper.
 * @return Lent while it lives. Cannot fail.
 * @threads B
 * @since 0.1
 */
void *kam_spy_store_self(kam_spy_store *spy);
/**
 * The calls so far.
 * @param[in] spy  The wrapper.
 * @return One line each, ended by a newline, lent until the next call. Lines that found no memory are missing: see
 *         kam_spy_store_lost(). Cannot fail.
 * @threads B
 * @since 0.1
 */
const char *kam_spy_store_log(const kam_spy_store *spy);
/**
 * How many lines found no memory.
 * @param[in] spy  The wrapper.
 * @return Their number. Cannot fail.
 * @threads B
 * @since 0.1
 */
uint32_t kam_spy_store_lost(const kam_spy_store *spy);
/**
 * Forgets the lines so far.
 * @param[in,out] spy  The wrapper.
 * @threads B
 * @since 0.1
 */
void kam_spy_store_clear(kam_spy_store *spy);
/**
 * Ends the wrapper alone, after the store was closed.
 * @param[in] spy  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_spy_store_free(kam_spy_store *spy);

/** A store that fails on demand, and then behaves as a store must: after a failed write the transaction can only be
 *  aborted, a failed end has ended it. */
typedef struct kam_fault_store kam_fault_store;
/** How a call fails. */
enum {
    KAM_FAULT_AFTER = 1,                /**< The call is done and then answered with the code: a lost answer. */
    KAM_FAULT_ON = 2                    /**< Every call from the n-th on. */
};
/**
 * Makes one.
 * @param[out] out  The wrapper; end it with kam_fault_store_free().
 * @param[in] vt    The store's vtable, lent while the wrapper lives.
 * @param[in] self  The store.
 * @return KAM_OK; KAM_E_INVAL (NULL, a vtable too small); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_fault_store_new(kam_fault_store **out, const kam_store_vt *vt, void *self);
/**
 * The vtable to give away.
 * @param[in] fault  The wrapper.
 * @return Lent while it lives. Cannot fail.
 * @threads B
 * @since 0.1
 */
const kam_store_vt *kam_fault_store_vt(const kam_fault_store *fault);
/**
 * What to give away with it.
 * @param[in] fault  The wrapper.
 * @return Lent while it lives. Cannot fail.
 * @threads B
 * @since 0.1
 */
void *kam_fault_store_self(kam_fault_store *fault);
/**
 * Lets a call fail, and starts counting anew. close is never failed nor counted.
 * @param[in,out] fault  The wrapper.
 * @param[in] n          The n-th call from now, 1 = the next; 0 = none.
 * @param[in] code       What it answers, a KAM_E_.
 * @param[in] flags      0, #KAM_FAULT_AFTER, #KAM_FAULT_ON.
 * @return KAM_OK; KAM_E_INVAL (NULL, no code of a failure, an unknown flag).
 * @threads B
 * @since 0.1
 */
int32_t kam_fault_store_fail(kam_fault_store *fault, uint64_t n, int32_t code, uint32_t flags);
/**
 * Calls since kam_fault_store_fail().
 * @param[in] fault  The wrapper.
 * @return Their number. Cannot fail.
 * @threads B
 * @since 0.1
 */
uint64_t kam_fault_store_count(const kam_fault_store *fault);
/**
 * Ends the wrapper alone, after the store was closed.
 * @param[in] fault  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_fault_store_free(kam_fault_store *fault);

/* ---------------------------------------------------------------- memory that runs out */

/** An allocator that fails on demand and keeps count of every block. */
typedef struct kam_fault_alloc kam_fault_alloc;
/**
 * Makes one.
 * @param[out] out  The allocator; end it with kam_fault_alloc_free().
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_fault_alloc_new(kam_fault_alloc **out);
/**
 * Ends it with all blocks that were not released.
 * @param[in] fault  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_fault_alloc_free(kam_fault_alloc *fault);
/**
 * What to put into kam_ctx_options.allocator.
 * @param[in] fault  The allocator.
 * @return Lent while it lives. Cannot fail.
 * @threads B
 * @since 0.1
 */
const kam_allocator *kam_fault_alloc_allocator(kam_fault_alloc *fault);
/**
 * Lets a request find no memory, and starts counting anew. Growing counts, releasing does not.
 * @param[in,out] fault  The allocator.
 * @param[in] n          The n-th request from now, 1 = the next; 0 = none.
 * @param[in] flags      0 or #KAM_FAULT_ON.
 * @return KAM_OK; KAM_E_INVAL (NULL, an unknown flag).
 * @threads B
 * @since 0.1
 */
int32_t kam_fault_alloc_fail(kam_fault_alloc *fault, uint64_t n, uint32_t flags);
/**
 * Requests since kam_fault_alloc_fail().
 * @param[in] fault  The allocator.
 * @return Their number. Cannot fail.
 * @threads B
 * @since 0.1
 */
uint64_t kam_fault_alloc_count(const kam_fault_alloc *fault);
/**
 * Blocks not released.
 * @param[in] fault   The allocator.
 * @param[out] bytes  What they hold together; may be NULL.
 * @return Their number. Cannot fail.
 * @threads B
 * @since 0.1
 */
uint64_t kam_fault_alloc_live(const kam_fault_alloc *fault, uint64_t *bytes);
/**
 * One block not released.
 * @param[in] fault     The allocator.
 * @param[in] i         From 0, newest first.
 * @param[out] size     Its bytes.
 * @param[out] request  Which request over all it was, from 1.
 * @return KAM_OK; KAM_E_NOT_FOUND (there are fewer).
 * @threads B
 * @since 0.1
 */
int32_t kam_fault_alloc_leak(const kam_fault_alloc *fault, uint64_t i, uint64_t *size, uint64_t *request);
/**
 * Releases and resizes with a wrong size, or with a pointer that is none of ours.
 * @param[in] fault  The allocator.
 * @return Their number. Cannot fail.
 * @threads B
 * @since 0.1
 */
uint64_t kam_fault_alloc_misuse(const kam_fault_alloc *fault);

/* ---------------------------------------------------------------- sweeps */

/** Does something whole with the fault_at-th fault in it (0 = none), and tells how many faults there could be. Returns
 *  KAM_OK if all is as it should be, also after the fault; else a code. */
typedef int32_t (*kam_sweep_fn)(void *user, uint64_t fault_at, uint64_t *count);
/** One fault that was not met well; `why` is lent for the call. */
typedef void (*kam_sweep_report_fn)(void *user, uint64_t fault_at, int32_t code, const char *why);
/**
 * Runs something without a fault to count, then once for each fault.
 * @param[in] fn           What to run.
 * @param[in] user         First argument of `fn`.
 * @param[in] report       Gets each run that failed; may be NULL.
 * @param[in] report_user  First argument of `report`.
 * @return How many runs failed; KAM_E_INVAL (no `fn`).
 * @threads A
 * @since 0.1
 */
int32_t kam_fault_sweep(kam_sweep_fn fn, void *user, kam_sweep_report_fn report, void *report_user);

/** Does something whole with this allocator; returns its code. */
typedef int32_t (*kam_alloc_sweep_fn)(void *user, kam_fault_alloc *alloc);
/**
 * The same for memory: each request fails once. A run fails when it answers anything but KAM_OK or KAM_E_NOMEM, leaks,
 * or misuses the allocator.
 * @param[in] fn           What to run.
 * @param[in] user         First argument of `fn`.
 * @param[in] report       Gets each run that failed; may be NULL.
 * @param[in] report_user  First argument of `report`.
 * @return How many runs failed; KAM_E_INVAL (no `fn`); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_fault_sweep_alloc(kam_alloc_sweep_fn fn, void *user, kam_sweep_report_fn report, void *report_user);

/* ---------------------------------------------------------------- time by hand */

/** A clock that stands still or moves by the same step at each reading. Zero all bytes, set struct_size. */
typedef struct kam_test_clock {
    uint32_t struct_size;               /**< sizeof(kam_test_clock). */
    uint32_t flags;                     /**< 0. */
    int64_t now;                        /**< ms UTC: what the next reading answers. */
    int64_t step;                       /**< ms: added after each reading. */
} kam_test_clock;
/**
 * Reads the clock: for kam_ctx_options.now, with the clock as kam_ctx_options.user.
 * @param[in,out] clock  A kam_test_clock.
 * @return ms UTC; then `step` is added. Cannot fail.
 * @threads B
 * @since 0.1
 */
int64_t kam_test_clock_now(void *clock);

#ifdef __cplusplus
}
#endif
#endif
