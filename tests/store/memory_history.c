/* Long random histories against a naive model that keeps a whole copy of the table per commit: see memory_shop.h. */
#include "memory_shop.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static uint32_t pick(uint64_t *seed, uint32_t n) { return (uint32_t)(kam__random(seed) % n); }

static ms_row random_row(uint64_t *seed)
{
    ms_row r = {1, -1, -1, -1, -1};
    if (pick(seed, 4)) r.pair = (int32_t)pick(seed, 300);
    if (pick(seed, 5)) r.name = (int32_t)pick(seed, 6);
    if (pick(seed, 5)) r.day = (int32_t)pick(seed, 9);
    if (pick(seed, 5)) r.amount = (int32_t)pick(seed, 5);
    return r;
}

static ms_question random_question(uint64_t *seed, const ms_model *m)
{
    static const uint32_t place[] = {M_EXT, M_NAME, M_DAY, M_AMOUNT},
                          op[] = {KAM_OP_EQ, KAM_OP_IN, KAM_OP_NULL, KAM_OP_LT, KAM_OP_GE};
    ms_question q = {.desc = pick(seed, 2),
                  .norder = pick(seed, 3),
                  .npred = pick(seed, 3),
                  .limit = pick(seed, 3) ? 0 : 1 + pick(seed, 9),
                  .block_rows = pick(seed, 8)};
    uint32_t day_first = pick(seed, 2);
    q.order[0] = day_first ? M_DAY : M_AMOUNT;
    q.order[1] = day_first ? M_AMOUNT : M_DAY;
    for (uint32_t p = 0; p < q.npred; p++) {
        q.place[p] = place[pick(seed, 4)];
        q.op[p] = op[pick(seed, q.place[p] == M_DAY || q.place[p] == M_AMOUNT ? 5 : 3)];
        q.narg[p] = q.op[p] == KAM_OP_IN ? 1 + pick(seed, 4) : q.op[p] == KAM_OP_NULL ? 0 : 1;
        for (uint32_t i = 0; i < q.narg[p]; i++)
            q.arg[p][i] = q.place[p] == M_EXT ? m->r[1 + pick(seed, KEYS)].pair : (int32_t)pick(seed, 6);
    }
    if (pick(seed, 3) == 0) {
        q.after = 1 + pick(seed, KEYS);
        q.after_row = m->r[q.after].live ? m->r[q.after] : random_row(seed);
    }
    return q;
}

static int pair_taken(const ms_model *m, int64_t key, int32_t pair)
{
    for (int64_t k = 1; k <= KEYS; k++)
        if (k != key && m->r[k].live && pair >= 0 && m->r[k].pair == pair) return 1;
    return 0;
}

/* One random write; its code must be the model's. */
static int32_t random_write(ms_shop *s, uint64_t *seed, ms_model *m)
{
    int64_t key = 1 + pick(seed, KEYS);
    ms_row r = random_row(seed), was = m->r[key];
    uint32_t op = !was.live ? KAM_WRITE_INSERT : pick(seed, 3) ? KAM_WRITE_UPDATE : KAM_WRITE_DELETE;
    if (pick(seed, 15) == 0) op = 1 + pick(seed, 3);            /* most likely refused */
    uint32_t what = op == KAM_WRITE_UPDATE ? pick(seed, W_ALL + 1) : W_ALL;
    int32_t want = op == KAM_WRITE_INSERT ? (was.live ? KAM_E_EXISTS : KAM_OK) : was.live ? KAM_OK : KAM_E_NOT_FOUND;
    if (op == KAM_WRITE_DELETE) what = 0;
    if (op == KAM_WRITE_UPDATE) {
        if (!(what & W_PAIR)) r.pair = was.pair;
        if (!(what & W_NAME)) r.name = was.name;
        if (!(what & W_DAY)) r.day = was.day;
        if (!(what & W_AMOUNT)) r.amount = was.amount;
    }
    if (!want && op != KAM_WRITE_DELETE && pair_taken(m, key, r.pair)) want = KAM_E_EXISTS;
    assert_int_equal(ms_write(s, 0, op, &key, &r, 1, what), want);
    if (want) return want;
    if (op == KAM_WRITE_DELETE) m->r[key].live = 0;
    else m->r[key] = r;
    return KAM_OK;
}

void ms_history(uint64_t seed, int steps, void (*again)(ms_shop *s, void *user), void *user)
{
    ms_shop s;
    ms_model *now = calloc(4, sizeof *now), *next = now + 1, *seen[3] = {NULL, now + 2, now + 3};
    int reading[3] = {0, 0, 0}, plain = (int)pick(&seed, (uint32_t)steps);  /* so long no index is asked for */
    assert_non_null(now);
    if (again) again(&s, user);
    else ms_open(&s);
    for (int i = 0; i < steps; i++) {
        int reader = 1 + (int)pick(&seed, 2);
        ms_question q = random_question(&seed, now);
        if (i < plain) q.npred = 0;
        if (!reading[reader] && pick(&seed, 3) == 0) {
            assert_int_equal(VT->begin(s.conn[reader], KAM_BEGIN_READ, &s.err), KAM_OK);
            *seen[reader] = *now;
            reading[reader] = 1;
        }
        assert_int_equal(VT->begin(s.conn[0], KAM_BEGIN_WRITE, &s.err), KAM_OK);
        *next = *now;
        int32_t rc = KAM_OK;
        for (uint32_t n = pick(&seed, 6); n > 0 && !rc; n--) {
            rc = random_write(&s, &seed, next);
            if (!rc && pick(&seed, 2)) ms_check(&s, 0, &q, next);
        }
        for (int r = 1; r <= 2; r++) ms_check(&s, r, &q, reading[r] ? seen[r] : now);
        if (rc || pick(&seed, 4) == 0) {
            assert_int_equal(VT->end(s.conn[0], KAM_END_ABORT, &s.err), KAM_OK);
        } else {
            assert_int_equal(VT->end(s.conn[0], KAM_END_COMMIT, &s.err), KAM_OK);
            *now = *next;
        }
        for (int r = 0; r <= 2; r++) ms_check(&s, r, &q, reading[r] ? seen[r] : now);
        if (reading[reader] && pick(&seed, 6) == 0) {
            assert_int_equal(VT->end(s.conn[reader], KAM_END_COMMIT, &s.err), KAM_OK);
            reading[reader] = 0;
        }
        if (again && !reading[1] && !reading[2] && pick(&seed, 3) == 0) again(&s, user);
    }
    ms_close(&s);
    free(now);
}
