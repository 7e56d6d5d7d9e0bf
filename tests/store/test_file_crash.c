/*
 * test_file_crash.c - a machine that crashes at any call, with any part of what was not synced on its disk.
 *
 * A workload runs on a disk in memory; before each call that changes something the states are made in which a crash could leave the
 * disk just then, and each is opened. What is found must be the state after some commit, none that was acknowledged as durable
 * may be missing. The same must be noticed to fail on disks that leave out a sync. KAM_FILE_STATES: how many states (2,000);
 * KAM_FILE_PAIRS: how many crashes of a recovery, one in five behind a crash while compacting (500).
 */
#include "file_work.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

typedef struct crash {
    disk d;
    work w;
    const work *plan;                       /* the same work without crashes: sums of all states */
    kam_ctx *ctx;
    uint64_t seed, states, want, bad, every, again, pairs, compacting;    /* compacting: pairs whose first crash was in a compaction */
    char first[400];
} crash;

static int plan_steps = 60;

static void bad_state(crash *c, const char *what, uint64_t seed, size_t sector, const char *why)
{
    if (!c->bad++)
        snprintf(c->first, sizeof c->first, "%s: work %llu, call %llu, state %llu, sector %d, acked %d of %d: %s", what,
                 (unsigned long long)c->plan->seed, (unsigned long long)c->d.calls, (unsigned long long)seed, (int)sector, c->w.acked, c->w.started, why);
}

/* Which commit this state is; -1 none. */
static int commit_of(const crash *c, uint64_t sum)
{
    for (int k = c->w.started; k >= 0; k--)
        if (c->plan->sum[k] == sum) return k;
    return -1;
}

static void look(crash *c, disk *d, uint64_t seed, size_t sector, const char *what)
{
    uint64_t sum = 0;
    char why[240] = "";
    int32_t rc = work_look(c->ctx, &file_disk_os, d, WORK_PATH, 0, &sum, why);
    int k = rc == KAM_OK ? commit_of(c, sum) : -2;
    c->states++;
    if (k == -2) bad_state(c, what, seed, sector, why);
    else if (k == -1) bad_state(c, what, seed, sector, "this is the state after no commit");
    else if (k < c->w.acked) bad_state(c, what, seed, sector, "an acknowledged commit is missing");
}

/* The recovery crashes too: after each of its calls the disk it leaves is opened again. */
typedef struct twice { crash *c; disk *d; uint64_t seed; size_t sector; uint64_t at; } twice;

static void before_recovery(disk *d, void *user)
{
    twice *t = user;
    disk again;
    if (kam__random(&t->at) % t->c->again) return;
    d->before = NULL;
    uint64_t seed = kam__random(&t->seed);
    disk_crash(&again, d, seed, t->sector);
    t->c->pairs++;
    t->c->compacting += t->c->w.doing == WORK_COMPACT;
    look(t->c, &again, seed, t->sector, "after a crash while recovering");
    disk_free(&again);
    d->before = before_recovery;
}

static void one_state(crash *c, const disk *from, size_t sector)
{
    disk after;
    uint64_t seed = kam__random(&c->seed);
    disk_crash(&after, from, seed, sector);
    twice t = {c, &after, seed, sector, seed};
    if (c->again) after.before = before_recovery, after.user = &t;
    look(c, &after, seed, sector, "after a crash");
    disk_free(&after);
}

static void before_call(disk *d, void *user)
{
    crash *c = user;
    if (c->states >= c->want || kam__random(&c->seed) % c->every) return;
    d->before = NULL;
    one_state(c, d, 512);
    one_state(c, d, 4096);
    if (c->states % 16 == 0) one_state(c, d, 0);
    d->before = before_call;
}

static void make_plan(work *plan, kam_ctx *ctx, uint64_t seed, int turns)
{
    static disk d;
    disk_new(&d);
    work_begin(plan, ctx, &file_disk_os, &d, WORK_PATH, seed);
    plan->spill = 3000;
    plan->turns = turns;
    for (int i = 0; i < plan_steps; i++) assert_int_equal(work_step(plan), KAM_OK);
    work_close(plan);
    plan->seed = seed;
    disk_free(&d);
}

/* The whole of it for one seed; returns how many states were wrong. */
static uint64_t run(crash *c, uint64_t seed, uint64_t want, uint32_t skip_sync, int skip_syncdir)
{
    static work plan;
    assert_int_equal(kam_ctx_new(&c->ctx, NULL, NULL), KAM_OK);
    make_plan(&plan, c->ctx, seed, c->again != 0);
    disk_new(&c->d);
    c->plan = &plan;
    c->seed = seed * 77;
    c->want = c->states + want;
    c->every = 1;
    work_begin(&c->w, c->ctx, &file_disk_os, &c->d, WORK_PATH, seed);
    c->w.spill = 3000;
    c->w.turns = c->again != 0;
    c->d.skip_sync = skip_sync;
    c->d.skip_syncdir = skip_syncdir;
    c->d.before = before_call;
    c->d.user = c;
    c->every = 3;
    for (int i = 0; i < plan_steps && c->states < c->want; i++) assert_int_equal(work_step(&c->w), KAM_OK);
    c->d.before = NULL;
    work_close(&c->w);
    disk_free(&c->d);
    kam_ctx_free(c->ctx);
    return c->bad;
}

static uint64_t number(const char *name, uint64_t normal)
{
    const char *text = getenv(name);
    return text && atoll(text) > 0 ? (uint64_t)atoll(text) : normal;
}

static void nothing_acknowledged_is_lost(void **state)
{
    static crash c;
    uint64_t want = number("KAM_FILE_STATES", 2000), seed = number("KAM_FILE_SEED", 1);
    (void)state;
    memset(&c, 0, sizeof c);
    for (; c.states < want; seed++)
        if (run(&c, seed, 200, 0, 0)) fail_msg("%llu wrong, the first %s", (unsigned long long)c.bad, c.first);
    print_message("%llu states\n", (unsigned long long)c.states);
}

/* Crash, and crash again while the first is repaired. */
static void recovery_can_crash_too(void **state)
{
    static crash c;
    uint64_t want = number("KAM_FILE_PAIRS", 500), seed = number("KAM_FILE_SEED", 1) + 1000;
    (void)state;
    memset(&c, 0, sizeof c);
    c.again = 2;
    for (; c.pairs < want || c.compacting < want / 5; seed++)
        if (run(&c, seed, 400, 0, 0)) fail_msg("%llu wrong, the first %s", (unsigned long long)c.bad, c.first);
    print_message("%llu pairs, %llu of them in a compaction, %llu states\n", (unsigned long long)c.pairs, (unsigned long long)c.compacting,
                  (unsigned long long)c.states);
}

static void expect_noticed(uint32_t skip_sync, int skip_syncdir)
{
    static crash c;
    memset(&c, 0, sizeof c);
    for (uint64_t seed = 1; seed < 40 && !c.bad; seed++) (void)run(&c, seed, 400, skip_sync, skip_syncdir);
    assert_true(c.bad > 0);
}

static void without_the_sync_of_a_commit_it_fails(void **state) { (void)state; expect_noticed(1u << KAM__FILE_SYNC_COMMIT, 0); }
static void without_the_sync_of_a_new_file_it_fails(void **state)
{
    (void)state;
    expect_noticed(1u << KAM__FILE_SYNC_NEW | 1u << KAM__FILE_SYNC_SUPER, 0);
}
static void without_the_sync_of_a_checkpoint_it_fails(void **state) { (void)state; expect_noticed(1u << KAM__FILE_SYNC_CHECKPOINT, 0); }
static void without_the_sync_of_the_directory_it_fails(void **state) { (void)state; expect_noticed(0, 1); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_acknowledged_is_lost),
        cmocka_unit_test(recovery_can_crash_too),
        cmocka_unit_test(without_the_sync_of_a_commit_it_fails),
        cmocka_unit_test(without_the_sync_of_a_new_file_it_fails),
        cmocka_unit_test(without_the_sync_of_a_checkpoint_it_fails),
        cmocka_unit_test(without_the_sync_of_the_directory_it_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
