/*
 * store/memory.c - the memory store: one shared object, connections, transactions, and the vtable in front of them.
 *
 * One lock guards everything below; it is held for a block or a chunk of slots at a time. Committing adds one to the
 * commit number. The logs of past transactions wait in a queue until the oldest reader is younger than they are.
 * Preparing tables is no part of a transaction: it stays when the transaction is taken back.
 */
#include "memory_table.h"
#include <stdio.h>

#define MEMORY_WASTE_SLOTS 4096u
#define MEMORY_WASTE_TEXT (1u << 20)
#define MEMORY_LAZY_MS 1000                 /* a lazy commit waits that long at most, if there are calls */

/* ---------------------------------------------------------------- errors */

int32_t kam__memory_fail(kam_store_err *err, int32_t code, uint32_t table, uint32_t field, uint32_t row,
                         const char *fmt, ...)
{
    if (!err || err->struct_size < sizeof *err) return code;
    va_list ap;
    err->code = code;
    err->native = 0;
    err->flags = 0;
    err->table = table;
    err->field = field;
    err->row = row;
    va_start(ap, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    return code;
}

int32_t kam__memory_nomem(kam_store_err *err)
{
    return kam__memory_fail(err, KAM_E_NOMEM, 0, 0, MEMORY_NONE, "out of memory");
}

static int32_t memory_refuse(kam_store_err *err, int32_t code, const char *why)
{
    return kam__memory_fail(err, code, 0, 0, MEMORY_NONE, "%s", why);
}

int32_t kam__memory_table_of(memory_table **out, kam__memory *m, const kam_table *t, kam_store_err *err)
{
    uint32_t *place = m->place + t->id % 64;
    if (*place >= m->ntable || m->table[*place]->id != t->id)
        for (*place = 0; *place < m->ntable && m->table[*place]->id != t->id;) ++*place;
    if (*place < m->ntable) {
        *out = m->table[*place];
        return KAM_OK;
    }
    return kam__memory_fail(err, KAM_E_SCHEMA, t->id, 0, MEMORY_NONE, "there is no table %s: prepare it first",
                            t->name ? t->name : "?");
}

/* ---------------------------------------------------------------- life */

int32_t kam__memory_new(kam__memory **out, kam_ctx *ctx, kam_error *err)
{
    kam__memory *m = kam__zalloc(ctx, sizeof *m);
    if (!m) return kam__nomem(err);
    int32_t rc = kam__lock_new(&m->lock, ctx, err);
    if (rc != KAM_OK) {
        kam__free(ctx, m);
        return rc;
    }
    kam__ref_init(&m->ref);
    m->ctx = kam__ctx_hold(ctx);
    *out = m;
    return KAM_OK;
}

kam__memory *kam__memory_hold(kam__memory *m)
{
    kam__ref_hold(&m->ref);
    return m;
}

static void memory_log_free(kam_ctx *ctx, memory_log *log)
{
    if (!log) return;
    kam__arena_free(&log->arena);
    kam__free(ctx, log);
}

void kam__memory_drop(kam__memory *m)
{
    if (!m || !kam__ref_drop(&m->ref)) return;
    kam_ctx *ctx = m->ctx;
    if (m->journal) m->journal->close(m->below);
    while (m->oldest) {
        memory_log *next = m->oldest->next;
        memory_log_free(ctx, m->oldest);
        m->oldest = next;
    }
    for (size_t i = 0; i < m->ntable; i++) kam__memory_table_free(m->table[i]);
    kam__free(ctx, m->table);
    kam__lock_free(ctx, m->lock);
    kam__free(ctx, m);
    kam_ctx_free(ctx);
}

void kam__memory_journal(kam__memory *m, const kam__journal *journal, void *below)
{
    m->journal = journal;
    m->below = below;
}

int32_t kam__memory_connect(void **self, kam__memory *m, kam_error *err)
{
    memory_conn *c = kam__zalloc(m->ctx, sizeof *c);
    if (!c) return kam__nomem(err);
    c->m = kam__memory_hold(m);
    kam__arena_init(&c->arena, m->ctx, 0);
    kam__lock_take(m->lock);
    c->next = m->conn;
    m->conn = c;
    kam__lock_give(m->lock);
    *self = c;
    return KAM_OK;
}

/* ---------------------------------------------------------------- transactions */

/* The oldest snapshot somebody reads; none: what is committed. */
static uint64_t memory_oldest(const kam__memory *m)
{
    uint64_t oldest = m->commit;
    for (const memory_conn *c = m->conn; c; c = c->next)
        if (c->reading && c->snapshot < oldest) oldest = c->snapshot;
    return oldest;
}

static void memory_collect(kam__memory *m)
{
    if (!m->oldest) return;
    uint64_t oldest = memory_oldest(m);
    while (m->oldest && m->oldest->commit <= oldest) {
        memory_log *log = m->oldest;
        m->oldest = log->next;
        if (!m->oldest) m->newest = NULL;
        memory_log_free(m->ctx, log);
    }
}

void kam__memory_read_end(memory_conn *c)
{
    c->reading = 0;
    memory_collect(c->m);
}

static int memory_wasteful(const memory_table *t)
{
    uint64_t waste = t->pool.size > t->text ? t->pool.size - t->text : 0;
    return t->nslot - t->live > t->live - t->base + MEMORY_WASTE_SLOTS || waste > t->text + 2 * MEMORY_WASTE_TEXT;
}

/* Rewriting moves slots. Called right after a commit that left no log: then nobody reads, for any reader began before it
 * and would still need its log. */
static void memory_tidy(kam__memory *m)
{
    for (size_t i = 0; i < m->ntable; i++) {
        if (!memory_wasteful(m->table[i])) continue;
        kam__memory_table_compact(m->table[i]);
        if (m->journal) m->journal->moved(m->below, m->table[i]);
    }
}

/* Everybody sees it now; c may still write nothing else than upkeep. */
static void memory_commit(memory_conn *c)
{
    kam__memory *m = c->m;
    memory_log *log = c->log;
    for (size_t i = 0; i < m->ntable; i++) m->table[i]->touched = 0;
    log->commit = ++m->commit;
    if (m->newest) m->newest->next = log;
    else m->oldest = log;
    m->newest = log;
    c->log = NULL;
    memory_collect(m);
    if (!m->oldest && !m->still) memory_tidy(m);
}

static void memory_abort(memory_conn *c)
{
    kam__memory_rollback(c);
    memory_log_free(c->m->ctx, c->log);
    c->log = NULL;
}

static int32_t memory_dead(kam_store_err *err)
{
    return memory_refuse(err, KAM_E_DEAD, "a sync of the file failed before: what is on the disk is not known; close the store and open it again");
}

/* With the lock. Commits that have waited for a second become durable, `now`: all of them. */
static int32_t memory_tick(kam__memory *m, int now, kam_store_err *err)
{
    if (m->dead) return memory_dead(err);
    if (!m->lazy_at || m->writer) return KAM_OK;
    int64_t age = now ? 0 : kam__now(m->ctx) - m->lazy_at;
    if (!now && age >= 0 && age < MEMORY_LAZY_MS) return KAM_OK;
    int32_t rc = m->journal->flush(m->below, err);
    m->dead = rc == KAM_E_DEAD;
    m->lazy_at = 0;
    return rc;
}

static int32_t memory_begin_write(memory_conn *c, kam_store_err *err)
{
    if (c->m->writer) return memory_refuse(err, KAM_E_BUSY, "another connection is writing: end its transaction first");
    if (c->m->journal) KAM__TRY(c->m->journal->begin(c->m->below, err));
    memory_log *log = kam__zalloc(c->m->ctx, sizeof *log);
    if (!log) return kam__memory_nomem(err);
    kam__arena_init(&log->arena, c->m->ctx, 0);
    c->log = log;
    c->m->writer = c;
    c->snapshot = c->m->commit + 1;
    return KAM_OK;
}

static int32_t memory_begin(void *self, uint32_t flags, kam_store_err *err)
{
    memory_conn *c = self;
    int32_t rc = KAM_OK;
    if (flags != KAM_BEGIN_READ && flags != KAM_BEGIN_WRITE)
        return memory_refuse(err, KAM_E_INVAL, "begin: READ or WRITE");
    if (c->failed) return memory_refuse(err, KAM_E_ABORTED, "an earlier write failed: end the transaction");
    if (c->mode || c->scanning) return memory_refuse(err, KAM_E_INVAL, "begin: the transaction before is not ended");
    kam__lock_take(c->m->lock);
    rc = memory_tick(c->m, 0, err);
    if (rc == KAM_OK && flags == KAM_BEGIN_WRITE) {
        rc = memory_begin_write(c, err);
    } else if (rc == KAM_OK) {
        c->reading = 1;
        c->snapshot = c->m->commit;
    }
    if (rc == KAM_OK) c->mode = flags;
    kam__lock_give(c->m->lock);
    return rc;
}

/* Without the lock: the journal may wait for the disk while others read. Then the commit is seen, or taken back. */
static int32_t memory_end_write(memory_conn *c, int keep, uint32_t how, kam_store_err *err)
{
    kam__memory *m = c->m;
    const kam__journal *j = m->journal;
    int32_t rc = keep ? j ? j->commit(m->below, how, err) : KAM_OK : j ? j->abort(m->below, err) : KAM_OK;
    int lazy = j && keep && how == KAM_END_LAZY;
    int64_t now = lazy ? kam__now(m->ctx) : 0;
    kam__lock_take(m->lock);
    if (keep && rc == KAM_OK) memory_commit(c);
    else memory_abort(c);
    m->dead |= rc == KAM_E_DEAD;
    if (keep && rc == KAM_OK && !lazy) m->lazy_at = 0;
    if (lazy && rc == KAM_OK && !m->lazy_at) m->lazy_at = now ? now : 1;
    kam__lock_give(m->lock);
    int32_t after = j && keep && rc == KAM_OK ? j->after(m->below) : KAM_OK;
    kam__lock_take(m->lock);
    m->dead |= after == KAM_E_DEAD;
    m->writer = NULL;
    kam__lock_give(m->lock);
    return rc;
}

/* LAZY is COMMIT where nothing is durable. */
static int32_t memory_end(void *self, uint32_t how, kam_store_err *err)
{
    memory_conn *c = self;
    int32_t rc = KAM_OK;
    if (c->scanning) return memory_refuse(err, KAM_E_INVAL, "end: a scan is running");
    if (!c->mode) return memory_refuse(err, KAM_E_INVAL, "end: there is no transaction");
    int keep = (how == KAM_END_COMMIT || how == KAM_END_LAZY) && !c->failed;
    if (c->mode == KAM_BEGIN_READ) {
        kam__lock_take(c->m->lock);
        kam__memory_read_end(c);
        kam__lock_give(c->m->lock);
    } else {
        rc = memory_end_write(c, keep, how, err);
    }
    uint32_t failed = c->failed;
    c->mode = c->failed = 0;
    if (rc != KAM_OK) return rc;
    if (how < KAM_END_COMMIT || how > KAM_END_ABORT)
        return memory_refuse(err, KAM_E_INVAL, "end: COMMIT, LAZY or ABORT; it was taken back");
    if (failed && how != KAM_END_ABORT)
        return memory_refuse(err, KAM_E_ABORTED,
                             "a write of this transaction failed: it was taken back, not committed");
    return KAM_OK;
}

/* ---------------------------------------------------------------- rows */

/* What every call but end() asks first. */
static int32_t memory_ready(const memory_conn *c, kam_store_err *err)
{
    if (c->scanning) return memory_refuse(err, KAM_E_INVAL, "a scan is running on this connection: let it end first");
    if (c->failed) return memory_refuse(err, KAM_E_ABORTED, "an earlier write failed: take the transaction back");
    return KAM_OK;
}

static int32_t memory_scan_call(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    memory_conn *c = self;
    KAM__TRY(memory_ready(c, err));
    if (c->m->journal && !c->mode) {
        kam__lock_take(c->m->lock);
        int32_t rc = memory_tick(c->m, 0, err);
        kam__lock_give(c->m->lock);
        KAM__TRY(rc);
    }
    c->scanning = 1;
    int32_t rc = kam__memory_scan(c, q, fn, user, err);
    c->scanning = 0;
    return rc;
}

static int32_t memory_write_call(void *self, const kam_table *t, uint32_t op, const kam_block *rows,
                                 kam_store_err *err)
{
    memory_conn *c = self;
    memory_table *table = NULL;
    const uint32_t *slot = NULL;
    int32_t rc;
    KAM__TRY(memory_ready(c, err));
    if (c->mode != KAM_BEGIN_WRITE) return memory_refuse(err, KAM_E_INVAL, "write: there is no WRITE transaction");
    kam__lock_take(c->m->lock);
    if (op < KAM_WRITE_INSERT || op > KAM_WRITE_DELETE)
        rc = memory_refuse(err, KAM_E_INVAL, "write: INSERT, UPDATE or DELETE");
    else if (t->flags & 1)
        rc = kam__memory_fail(err, KAM_E_READ_ONLY, t->id, 0, MEMORY_NONE, "%s is mapped read-only", t->name);
    else if (rows->nrow > KAM__BLOCK_MAX)
        rc = memory_refuse(err, KAM_E_LIMIT, "write: more than 65,536 rows in a block");
    else if ((rc = kam__memory_table_of(&table, c->m, t, err)) == KAM_OK)
        rc = kam__memory_write(c, table, op, rows, &slot, err);
    kam__lock_give(c->m->lock);
    if (rc == KAM_OK && c->m->journal && rows->nrow) rc = c->m->journal->wrote(c->m->below, table, op, rows, slot, err);
    if (rc != KAM_OK) c->failed = 1;
    return rc;
}

/* ---------------------------------------------------------------- tables */

typedef struct memory_prepare {
    kam__memory *m;
    uint32_t how;
    kam_report_fn fn;
    void *user;
    kam_store_err *err;
    uint32_t bad;
} memory_prepare;

/* One finding, told without the lock; non-zero from the host stops. */
static int32_t memory_finding(memory_prepare *p, const kam_table *t, uint32_t field, const char *name,
                              const char *what)
{
    kam_store_err f = {.struct_size = sizeof f};
    p->bad++;
    kam__memory_fail(&f, KAM_E_SCHEMA, t->id, field, MEMORY_NONE, "%s%s%s: %s", t->name ? t->name : "?",
                     field ? "." : "", name, what);
    if (p->bad == 1 && p->err && p->err->struct_size >= sizeof f) *p->err = f;
    if (!p->fn) return KAM_OK;
    kam__lock_give(p->m->lock);
    int32_t rc = p->fn(p->user, &f);
    kam__lock_take(p->m->lock);
    return rc;
}

static int32_t memory_prepare_field(memory_prepare *p, const kam_table *t, memory_table *have, const kam_field *f)
{
    uint32_t col = kam__memory_col_find(have, f->id, 0);
    int32_t rc;
    if (col != MEMORY_NONE)
        return have->col[col].type == f->type ? KAM_OK
                                              : memory_finding(p, t, f->id, f->name, "has another type in the store");
    if (p->how != KAM_PREPARE_UPGRADE) return memory_finding(p, t, f->id, f->name, "is not in the store: upgrade it");
    if (p->m->journal) KAM__TRY(p->m->journal->begin(p->m->below, p->err));
    rc = kam__memory_table_add(have, f);
    if (rc == KAM_E_SCHEMA) return memory_finding(p, t, f->id, f->name, "cannot be added to a table that has rows");
    return rc == KAM_OK ? rc : kam__memory_nomem(p->err);
}

static int32_t memory_prepare_new(memory_prepare *p, const kam_table *t)
{
    kam__memory *m = p->m;
    if (p->how == KAM_PREPARE_CHECK) return memory_finding(p, t, 0, "", "is not in the store: create it");
    if (m->journal) KAM__TRY(m->journal->begin(m->below, p->err));
    if (kam__grow(m->ctx, &m->table, &m->table_cap, m->ntable + 1, sizeof *m->table, NULL) != KAM_OK)
        return kam__memory_nomem(p->err);
    int32_t rc = kam__memory_table_new(m->table + m->ntable, m->ctx, t);
    if (rc == KAM_OK) m->ntable++;
    if (rc == KAM_E_SCHEMA)
        return memory_finding(p, t, 0, "", "has a field of an unknown type or too many unique fields");
    return rc == KAM_OK ? rc : kam__memory_nomem(p->err);
}

static int32_t memory_prepare_table(memory_prepare *p, const kam_table *t)
{
    memory_table *have;
    if (!t->nfield || t->field[0].type != KAM_T_I64)
        return memory_finding(p, t, 0, "", "its key must be a whole number");
    if (kam__memory_table_of(&have, p->m, t, NULL) != KAM_OK) return memory_prepare_new(p, t);
    have->grows = t->cls == KAM_C_EVENT || t->cls == KAM_C_RUN;
    for (uint32_t i = 0; i < t->nfield; i++) KAM__TRY(memory_prepare_field(p, t, have, t->field + i));
    return KAM_OK;
}

/* The caller's tables may be of a newer, longer version. */
static const kam_table *memory_nth(const kam_table *t, uint32_t i)
{
    return (const kam_table *)(const void *)((const char *)t + (size_t)t->struct_size * i);
}

/* Making tables is writing where there is a journal: c becomes the writer for as long as it takes. */
static int32_t memory_prepare_enter(memory_conn *c, uint32_t how, kam_store_err *err)
{
    kam__memory *m = c->m;
    if (m->dead) return memory_dead(err);
    if (!m->journal || how == KAM_PREPARE_CHECK || m->writer == c) return KAM_OK;
    if (m->writer) return memory_refuse(err, KAM_E_BUSY, "another connection is writing: tables are made when it has ended");
    KAM__TRY(memory_tick(m, 1, err));
    m->writer = c;
    return KAM_OK;
}

/* Also when nothing was made now: an earlier attempt may have made tables and found no way to keep them. */
static int32_t memory_prepare_leave(memory_conn *c, int32_t rc, kam_store_err *err)
{
    kam__memory *m = c->m;
    if (!m->journal || m->writer != c || c->mode == KAM_BEGIN_WRITE) return rc;
    kam__lock_give(m->lock);
    int32_t kept = m->journal->prepared(m->below, err);
    kam__lock_take(m->lock);
    m->dead |= kept == KAM_E_DEAD;
    m->writer = NULL;
    return rc != KAM_OK ? rc : kept;
}

static int32_t memory_prepare_call(void *self, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn,
                                   void *user, kam_store_err *err)
{
    memory_conn *c = self;
    memory_prepare p = {c->m, how, fn, user, err, 0};
    KAM__TRY(memory_ready(c, err));
    if (how < KAM_PREPARE_CHECK || how > KAM_PREPARE_UPGRADE)
        return memory_refuse(err, KAM_E_INVAL, "prepare: CHECK, CREATE or UPGRADE");
    kam__lock_take(c->m->lock);
    int32_t rc = memory_prepare_enter(c, how, err);
    for (uint32_t i = 0; i < n && rc == KAM_OK; i++) rc = memory_prepare_table(&p, memory_nth(t, i));
    rc = memory_prepare_leave(c, rc, err);
    kam__lock_give(c->m->lock);
    return rc == KAM_OK && p.bad ? KAM_E_SCHEMA : rc;
}

/* ---------------------------------------------------------------- ids */

static int32_t memory_reserve_call(void *self, uint32_t id, uint32_t n, int64_t *first, kam_store_err *err)
{
    const int64_t last = ((int64_t)1 << 53) - 1;
    memory_conn *c = self;
    memory_table *t = NULL;
    kam_table def = {.struct_size = sizeof def, .id = id};
    KAM__TRY(memory_ready(c, err));
    if (!n || !first) return memory_refuse(err, KAM_E_INVAL, "reserve: at least one id");
    kam__lock_take(c->m->lock);
    int32_t rc = kam__memory_table_of(&t, c->m, &def, err);
    if (rc == KAM_OK && t->next_id > last - (int64_t)n + 1)
        rc = memory_refuse(err, KAM_E_LIMIT, "reserve: the ids are used up");
    if (rc == KAM_OK) {
        *first = t->next_id;
        t->next_id += n;
    }
    kam__lock_give(c->m->lock);
    return rc;
}

/* ---------------------------------------------------------------- control */

static void memory_stats(const kam__memory *m, kam_buf *b)
{
    uint64_t rows = 0, bytes = 0;
    kam__buf_clear(b);
    kam__buf_str(b, "{\"store\":\"memory\",\"tables\":[");
    for (size_t i = 0; i < m->ntable; i++) {
        const memory_table *t = m->table[i];
        uint64_t size = kam__memory_table_bytes(t);
        kam__buf_str(b, i ? ",{\"name\":" : "{\"name\":");
        kam__buf_json_text(b, t->name, strlen(t->name));
        kam__buf_str(b, ",\"rows\":");
        kam__buf_i64(b, t->live);
        kam__buf_str(b, ",\"bytes\":");
        kam__buf_i64(b, (int64_t)size);
        kam__buf_char(b, '}');
        rows += t->live;
        bytes += size;
    }
    kam__buf_str(b, "],\"rows\":");
    kam__buf_i64(b, (int64_t)rows);
    kam__buf_str(b, ",\"bytes\":");
    kam__buf_i64(b, (int64_t)bytes);
    kam__buf_str(b, ",\"commits\":");
    kam__buf_i64(b, (int64_t)m->commit);
    kam__buf_str(b, ",\"oldest_reader\":");         /* commits behind the last one */
    kam__buf_i64(b, (int64_t)(m->commit - memory_oldest(m)));
    kam__buf_char(b, '}');
}

/* BACKUP, VERIFY and STATS go beside a writer, the others are writing. */
static int32_t memory_control_below(memory_conn *c, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err)
{
    kam__memory *m = c->m;
    int alone = op == KAM_CTL_COMPACT || op == KAM_CTL_PURGE;
    int32_t rc = KAM_OK;
    kam__lock_take(m->lock);
    if (m->dead) rc = memory_dead(err);
    else if (!alone && m->compacting) rc = memory_refuse(err, KAM_E_BUSY, "the store is being compacted");
    else if (alone && (m->writer || c->mode || m->pins))
        rc = memory_refuse(err, KAM_E_BUSY, "compacting needs the store for itself: no transaction may write and no backup run");
    if (rc == KAM_OK && alone) rc = memory_tick(m, 1, err);
    if (rc == KAM_OK && alone) m->writer = c, m->compacting = 1;
    if (rc == KAM_OK && !alone) m->pins++;
    kam__lock_give(m->lock);
    if (rc != KAM_OK) return rc;
    rc = m->journal->control(m->below, op, arg, fn, user, err);
    kam__lock_take(m->lock);
    m->dead |= rc == KAM_E_DEAD;
    if (alone) m->writer = NULL, m->compacting = 0;
    if (!alone) m->pins--;
    kam__lock_give(m->lock);
    return rc;
}

static int32_t memory_control_call(void *self, uint32_t op, void *arg, kam_progress_fn fn, void *user,
                                   kam_store_err *err)
{
    memory_conn *c = self;
    KAM__TRY(memory_ready(c, err));
    if (c->m->journal) return memory_control_below(c, op, arg, fn, user, err);
    if (op != KAM_CTL_STATS) return memory_refuse(err, KAM_E_UNSUPPORTED, "a memory store knows STATS only");
    if (!arg) return memory_refuse(err, KAM_E_INVAL, "STATS needs a kam_buf");
    kam__lock_take(c->m->lock);
    memory_stats(c->m, arg);
    kam__lock_give(c->m->lock);
    return kam__buf_end(arg, NULL) == KAM_OK ? KAM_OK : kam__memory_nomem(err);
}

static void memory_close_call(void *self)
{
    memory_conn *c = self;
    if (!c) return;
    kam__memory *m = c->m;
    if (c->mode) (void)memory_end(c, KAM_END_ABORT, NULL);
    kam__lock_take(m->lock);
    memory_conn **at = &m->conn;
    while (*at != c) at = &(*at)->next;
    *at = c->next;
    if (m->journal) (void)memory_tick(m, 1, NULL);
    kam__lock_give(m->lock);
    kam__memory_fill_free(c);
    kam__free(m->ctx, c->slot);
    kam__free(m->ctx, c->found);
    kam__free(m->ctx, c->list);
    kam__free(m->ctx, c->project);
    kam__free(m->ctx, c->pred);
    kam__memory_cold_end(c);
    kam__arena_free(&c->arena);
    kam__free(m->ctx, c);
    kam__memory_drop(m);
}

const kam_store_vt kam__memory_vt = {sizeof(kam_store_vt), KAM_STORE_ABI,     memory_begin,        memory_end,
                                     memory_scan_call,     memory_write_call, memory_prepare_call, memory_reserve_call,
                                     memory_control_call,  memory_close_call};

#undef MEMORY_WASTE_SLOTS
#undef MEMORY_WASTE_TEXT
#undef MEMORY_LAZY_MS
