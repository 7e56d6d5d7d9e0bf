/*
 * test_file_fail_sweep.c - each call of the operating system and each request for memory fails, once and from then on.
 *
 * After a failure that is not DEAD the store goes on with what was committed. After DEAD nothing is acknowledged any more. Whatever happened,
 * opening the file again shows the state after some commit, with all that were acknowledged as durable, and it can be written again.
 * The work makes the file, commits, and does each kind of upkeep. KAM_FILE_SEEDS: how many different works (1). KAM_FILE_STEP: only each
 * so many-th call (1). KAM_FILE_SYNCS: how many syncs fail and drop what they should have written (50).
 */
#include "file_work.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <kam/spi/test.h>

enum { STEPS = 26 };

static uint64_t number(const char *name, uint64_t normal)
{
    const char *text = getenv(name);
    return text && atoll(text) > 0 ? (uint64_t)atoll(text) : normal;
}

typedef struct sweep { disk d; work w; kam_ctx *ctx; char what[120]; int dead; uint64_t crash; } sweep;       /* crash: seed of what crashes leave */

/* A dead store answers nothing else any more; another failure has changed nothing. */
static void steps(sweep *s)
{
    int32_t rc;
    for (int i = 0; i < STEPS; i++) {
        int done = s->w.done;
        rc = work_step(&s->w);
        if (s->dead && s->w.done != done) fail_msg("%s: a commit was acknowledged after DEAD", s->what);
        if (rc == KAM_E_DEAD) s->dead = s->w.calm = 1;          /* calm: it is not opened again here */
        if (rc != KAM_OK && !s->w.m) return;
    }
    if (s->dead || !s->w.m || !s->w.done) return;
    uint64_t sum = work_sum(&s->w, &rc);
    if (rc == KAM_OK && sum != s->w.sum[s->w.done]) fail_msg("%s: the store shows something else than was committed", s->what);
}

static int commit_of(const sweep *s, uint64_t sum)
{
    for (int k = s->w.started; k >= 0; k--)
        if (s->w.sum[k] == sum) return k;
    return -1;
}

static void look(sweep *s, disk *d, const char *when)
{
    uint64_t sum = 0;
    char why[240] = "";
    int32_t rc = work_look(s->ctx, &file_disk_os, d, WORK_PATH, 0, &sum, why);
    if (rc != KAM_OK) fail_msg("%s: %s: %s", s->what, when, why);
    int k = commit_of(s, sum);
    if (k < s->w.acked) fail_msg("%s: %s: commit %d is found, %d was acknowledged", s->what, when, k, s->w.acked);
}

/* Opened again by the same machine, written to, and then the machine crashes: what was read from the page cache must be on the disk too. */
static void write_again(sweep *s)
{
    work w;
    disk after;
    int32_t rc;
    char why[240] = "";
    uint64_t sum = 0, found = 0;
    work_begin(&w, s->ctx, &file_disk_os, &s->d, WORK_PATH, 99);
    if (work_open(&w) != KAM_OK) fail_msg("%s: it cannot be opened again: %d", s->what, (int)w.failed);
    w.calm = 1;
    sum = work_sum(&w, &rc);
    int k = commit_of(s, sum);
    if (k < s->w.acked) fail_msg("%s: opened again it shows commit %d, %d was acknowledged", s->what, k, s->w.acked);
    kam_store_err err = {.struct_size = sizeof err};
    rc = kam__memory_vt.begin(w.conn, KAM_BEGIN_WRITE, &err);
    if (rc == KAM_OK) rc = kam__memory_vt.end(w.conn, KAM_END_COMMIT, &err);
    if (rc == KAM_OK) rc = kam__memory_vt.prepare(w.conn, work_table(), 1, KAM_PREPARE_CREATE, NULL, NULL, &err);
    if (rc != KAM_OK) fail_msg("%s: it cannot be written again: %s", s->what, err.msg);
    sum = work_sum(&w, &rc);
    disk_crash(&after, &s->d, s->crash * 31, s->crash & 1 ? 512 : 4096);
    rc = work_look(s->ctx, &file_disk_os, &after, WORK_PATH, 0, &found, why);
    if (rc != KAM_OK || found != sum) fail_msg("%s: written again, then crashed: %s", s->what, rc ? why : "something else is there");
    disk_free(&after);
    work_close(&w);
}

static void finish(sweep *s)
{
    disk after;
    s->d.at = 0;
    work_abandon(&s->w);
    for (int i = 0; i < DISK_HANDLES; i++)
        if (s->d.handle[i].used) fail_msg("%s: a file is left open", s->what);
    for (uint64_t i = 0; i < 2; i++) {
        disk_crash(&after, &s->d, s->crash * 2 + i, i ? 4096 : 512);
        look(s, &after, "after a crash");
        disk_free(&after);
    }
    disk_crash(&after, &s->d, 1, 0);
    look(s, &after, "after the process ended");
    disk_free(&after);
    write_again(s);
    disk_free(&s->d);
}

/* Small, but with everything in it. */
static void begin(sweep *s, kam_ctx *ctx, uint64_t seed, uint64_t at)
{
    s->crash = seed * 1000 + at;
    work_begin(&s->w, ctx, &file_disk_os, &s->d, WORK_PATH, seed);
    s->w.spill = 1000;
    s->w.turns = 1;
    s->w.most = 30;
}

static void whole(const sweep *s)
{
    for (int i = 0; i < WORK_KINDS; i++)
        if (!s->w.did[i]) fail_msg("%s: upkeep %d is not part of it", s->what, i);
}

static uint64_t io_run(uint64_t seed, uint32_t kinds, int32_t code, int on, uint64_t at)
{
    static sweep s;
    memset(&s, 0, sizeof s);
    disk_new(&s.d);
    snprintf(s.what, sizeof s.what, "work %d, kinds %u, code %d%s, call %d", (int)seed, (unsigned)kinds, (int)code, on ? " from then on" : "", (int)at);
    assert_int_equal(kam_ctx_new(&s.ctx, NULL, NULL), KAM_OK);
    begin(&s, s.ctx, seed, at);
    s.d.kinds = kinds;
    s.d.code = code;
    s.d.on = on;
    s.d.at = at;
    steps(&s);
    uint64_t count = s.d.count;
    if (at > count) whole(&s);
    finish(&s);
    kam_ctx_free(s.ctx);
    return count;
}

static void sweep_io(uint32_t kinds, int32_t code, int on)
{
    uint64_t seeds = number("KAM_FILE_SEEDS", 1), places = 0;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        uint64_t n = io_run(seed, kinds, code, on, UINT64_MAX), step = getenv("KAM_VALGRIND") ? n / 10 + 1 : number("KAM_FILE_STEP", 1);
        for (uint64_t at = 1; at <= n; at += step, places++) (void)io_run(seed, kinds, code, on, at);
    }
    print_message("%llu places\n", (unsigned long long)places);
}

static void every_call_fails_once(void **state) { (void)state; sweep_io(DISK_ALL, KAM_E_IO, 0); }
static void every_call_fails_from_then_on(void **state) { (void)state; sweep_io(DISK_ALL, KAM_E_IO, 1); }
static void the_disk_is_full_once(void **state) { (void)state; sweep_io(DISK_WRITE | DISK_TRUNCATE | DISK_OPEN | DISK_SYNC, KAM_E_FULL, 0); }
static void the_disk_stays_full(void **state) { (void)state; sweep_io(DISK_WRITE, KAM_E_FULL, 1); }
static void signals_interrupt(void **state) { (void)state; sweep_io(DISK_ALL, KAM_E_RETRY, 0); }
static void signals_never_stop(void **state) { (void)state; sweep_io(DISK_WRITE | DISK_SYNC | DISK_READ, KAM_E_RETRY, 1); }
static void writes_are_short(void **state) { (void)state; sweep_io(DISK_WRITE | DISK_READ, DISK_SHORT, 0); }
static void writes_stay_short(void **state) { (void)state; (void)io_run(1, DISK_WRITE | DISK_READ, DISK_SHORT, 1, 1); }

/* A sync that fails drops what it should have written. */
static void syncs_fail(void **state)
{
    uint64_t want = number("KAM_FILE_SYNCS", 50), step = getenv("KAM_VALGRIND") ? 9 : number("KAM_FILE_STEP", 1), places = 0;
    (void)state;
    for (uint64_t seed = 11; places * step < want; seed++) {
        uint64_t n = io_run(seed, DISK_SYNC, KAM_E_IO, 0, UINT64_MAX);
        for (uint64_t at = 1; at <= n; at += step, places++) (void)io_run(seed, DISK_SYNC, KAM_E_IO, 0, at);
    }
    print_message("%llu places\n", (unsigned long long)places);
}

/* ---------------------------------------------------------------- memory */

static uint64_t memory_run(uint64_t seed, uint64_t at, uint32_t flags)
{
    static sweep s;
    kam_fault_alloc *fault = NULL;
    kam_ctx *scarce = NULL;
    kam_ctx_options o = {.struct_size = sizeof o};
    memset(&s, 0, sizeof s);
    disk_new(&s.d);
    snprintf(s.what, sizeof s.what, "work %d, request %d for memory%s", (int)seed, (int)at, flags ? " and all after it" : "");
    assert_int_equal(kam_fault_alloc_new(&fault), KAM_OK);
    o.allocator = kam_fault_alloc_allocator(fault);
    assert_int_equal(kam_ctx_new(&scarce, &o, NULL), KAM_OK);
    assert_int_equal(kam_ctx_new(&s.ctx, NULL, NULL), KAM_OK);
    begin(&s, scarce, seed, at);
    assert_int_equal(kam_fault_alloc_fail(fault, at, flags), KAM_OK);
    steps(&s);
    uint64_t count = kam_fault_alloc_count(fault);
    if (at > count) whole(&s);
    if (s.dead) fail_msg("%s: no memory must not be the end", s.what);
    kam_fault_alloc_fail(fault, 0, 0);
    finish(&s);
    kam_ctx_free(scarce);
    kam_ctx_free(s.ctx);
    if (kam_fault_alloc_live(fault, NULL) || kam_fault_alloc_misuse(fault)) fail_msg("%s: memory is lost or misused", s.what);
    kam_fault_alloc_free(fault);
    return count;
}

static void every_request_for_memory_fails(void **state)
{
    uint64_t seeds = number("KAM_FILE_SEEDS", 1), places = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        uint64_t n = memory_run(seed, UINT64_MAX, 0), step = getenv("KAM_VALGRIND") ? n / 40 + 1 : number("KAM_FILE_STEP", 1);
        for (uint64_t at = 1; at <= n; at += step, places++) (void)memory_run(seed, at, 0);
        for (uint64_t at = 1; at <= n; at += step * 3, places++) (void)memory_run(seed, at, KAM_FAULT_ON);
    }
    print_message("%llu places\n", (unsigned long long)places);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_fails_once),
        cmocka_unit_test(every_call_fails_from_then_on),
        cmocka_unit_test(the_disk_is_full_once),
        cmocka_unit_test(the_disk_stays_full),
        cmocka_unit_test(signals_interrupt),
        cmocka_unit_test(signals_never_stop),
        cmocka_unit_test(writes_are_short),
        cmocka_unit_test(writes_stay_short),
        cmocka_unit_test(syncs_fail),
        cmocka_unit_test(every_request_for_memory_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
