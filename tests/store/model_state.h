/*
 * model_state.h - the naive model itself: what every account, event and owner was at each commit. model.c changes it
 * together with the book, model_check.c compares the two.
 */
#ifndef KAM_TEST_MODEL_STATE_H
#define KAM_TEST_MODEL_STATE_H
#include "model.h"

enum { ACCOUNTS = 24, EVENTS = 60, REPS = 4, TEXT_MAX = 65536, FOREVER = INT32_MAX, EVER = INT32_MIN, NOBODY = -1 };
#define DAY_MS ((int64_t)86400000)
#define ZONE_MS ((int64_t)8 * 3600000)
#define OPEN_SEQ INT64_MAX

static inline const char *currency_name(int i) { return i == 0 ? "" : i == 1 ? "JPY" : "KWD"; }
static inline int currency_scale(int i) { return i == 0 ? 100 : i == 1 ? 1 : 1000; }

/* ---------------------------------------------------------------- the model */

typedef struct snap {
    int64_t seq, potential;
    char name[16], city[16];
    int employees, has_potential, currency, parent, score, deleted;
} snap;
typedef struct version { int64_t seq, amount; int account; int32_t day; } version;
typedef struct paint { int64_t seq; int account, rep; int32_t from, to; } paint;
typedef struct stamp { int64_t seq, at; } stamp;
typedef struct marks { uint32_t nsnap[ACCOUNTS], nversion[EVENTS], npaint; int has_score; } marks;

typedef struct model {
    model_world *w;
    kam_book *book;
    uint32_t rng;
    snap *snap[ACCOUNTS]; uint32_t nsnap[ACCOUNTS];
    int64_t id[ACCOUNTS], rep_id[REPS];
    version *version[EVENTS]; uint32_t nversion[EVENTS];
    paint *paint; uint32_t npaint;
    stamp *stamp; uint32_t nstamp;
    int in_txn;
    marks before;
    int has_score; uint32_t score;          /* a custom field */
    uint64_t hash;
    char mine[TEXT_MAX], theirs[TEXT_MAX];
} model;

#define DO(call) must(m, (call), #call)
static inline void must(model *m, int32_t rc, const char *what)
{
    if (rc != KAM_OK) fail_msg("%s: %s: %s", what, kam_code_name(rc), kam_error_message(m->w->err));
}

static inline uint32_t dice(model *m, uint32_t n)
{
    m->rng = m->rng * 1664525u + 1013904223u;
    return (m->rng >> 8) % n;
}

static inline int64_t last_seq(const model *m) { return m->nstamp ? m->stamp[m->nstamp - 1].seq : 0; }
static inline int64_t next_seq(const model *m) { return last_seq(m) + 1; }
static inline int32_t today(const model *m) { return (int32_t)((m->w->now + ZONE_MS) / DAY_MS); }

static inline void *grow(void *list, uint32_t n, size_t size)
{
    if (n & (n - 1)) return list;                                   /* full at each power of two */
    void *p = realloc(list, (n ? (size_t)n * 2 : 1) * size);
    if (!p) abort();
    return p;
}

static inline snap *now_of(model *m, int a) { return m->nsnap[a] ? &m->snap[a][m->nsnap[a] - 1] : NULL; }

static inline void put_snap(model *m, int a, snap s)
{
    s.seq = next_seq(m);
    m->snap[a] = grow(m->snap[a], m->nsnap[a], sizeof s);
    m->snap[a][m->nsnap[a]++] = s;
}

static inline void put_paint(model *m, int account, int rep, int32_t from, int32_t to)
{
    m->paint = grow(m->paint, m->npaint, sizeof *m->paint);
    m->paint[m->npaint++] = (paint){ next_seq(m), account, rep, from, to };
}

static inline int painted(const model *m, int account)
{
    for (uint32_t i = 0; i < m->npaint; i++)
        if (m->paint[i].account == account) return 1;
    return 0;
}

static inline int owner_on(const model *m, int account, int32_t day, int64_t known)
{
    int rep = NOBODY;
    for (uint32_t i = 0; i < m->npaint; i++) {
        const paint *p = &m->paint[i];
        if (p->account == account && p->seq <= known && p->from <= day && day < p->to) rep = p->rep;
    }
    return rep;
}

/* Last commit up to the end of the day; what is written but not committed will be dated now. */
static inline int64_t seq_of_day(const model *m, int32_t day)
{
    int64_t end = ((int64_t)day + 1) * DAY_MS - ZONE_MS, first = next_seq(m);
    if (m->in_txn && m->w->now < end) first++;
    for (uint32_t i = m->nstamp; i-- > 0;)
        if (m->stamp[i].at >= end && m->stamp[i].seq < first) first = m->stamp[i].seq;
    return first - 1;
}

static inline const snap *snap_at(const model *m, int a, int64_t known, int64_t point)
{
    const snap *s = NULL;
    if (!m->nsnap[a] || m->snap[a][0].seq > known) return NULL;
    s = m->snap[a];
    for (uint32_t i = 0; i < m->nsnap[a]; i++)
        if (m->snap[a][i].seq <= point) s = &m->snap[a][i];
    return s->deleted ? NULL : s;
}

/* ---------------------------------------------------------------- model_check.c */

/** Every account, owner and event of an earlier day, an earlier knowledge or both is what the model says. */
void model_check(model *m, int32_t as_of, int64_t known);
/** One account by id must say what the list says. */
void model_check_one(model *m, int32_t as_of, int64_t known);
/** Accounts with at least so many people, fewest first, no more than a limit. */
void model_check_order(model *m);
#endif
