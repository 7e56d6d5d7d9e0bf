/*
 * fault.c - a store that fails on demand.
 *
 * Failing must not break the contract: after a failed write the transaction only takes ABORT, and a failed end has
 * ended it. So the wrapper keeps that state itself, and a call that is "not done" at the end of a transaction takes
 * the transaction back.
 */
#include "wrap.h"
#include <stdio.h>
#include <stdlib.h>

struct kam_fault_store {
    kam__wrap w;
    uint64_t count, at;
    int32_t code;
    uint32_t flags, spoiled;                /* spoiled: a write failed here, the store behind does not know */
};

int32_t kam_fault_store_fail(kam_fault_store *fault, uint64_t n, int32_t code, uint32_t flags)
{
    if (!fault || flags & ~(uint32_t)(KAM_FAULT_AFTER | KAM_FAULT_ON) || (n && code >= 0)) return KAM_E_INVAL;
    fault->count = 0;
    fault->at = n;
    fault->code = code;
    fault->flags = flags;
    return KAM_OK;
}

uint64_t kam_fault_store_count(const kam_fault_store *fault)
{
    return fault->count;
}

/* Counts the call; 1 = this one fails. */
static int fault_now(kam_fault_store *f)
{
    f->count++;
    if (!f->at) return 0;
    return f->flags & KAM_FAULT_ON ? f->count >= f->at : f->count == f->at;
}

static int32_t fault_tell(kam_store_err *err, int32_t code, const char *what)
{
    if (!err || err->struct_size < sizeof *err) return code;
    err->code = code;
    err->native = 0;
    err->flags = 0;
    err->table = err->field = 0;
    err->row = UINT32_MAX;
    snprintf(err->msg, sizeof err->msg, "%s", what);
    return code;
}

static int32_t fault_answer(kam_fault_store *f, kam_store_err *err)
{
    return fault_tell(err, f->code, "failed on demand");
}

static int32_t fault_spoiled(kam_store_err *err)
{
    return fault_tell(err, KAM_E_ABORTED, "an earlier write failed on demand: take the transaction back");
}

/* ---------------------------------------------------------------- calls */

/* A begin that was done although it answered a failure is taken back: the caller thinks there is no transaction. */
static int32_t fault_begin(void *self, uint32_t flags, kam_store_err *err)
{
    kam_fault_store *f = self;
    if (!fault_now(f)) return f->w.inner.begin(f->w.self, flags, err);
    if (f->flags & KAM_FAULT_AFTER && f->w.inner.begin(f->w.self, flags, err) == KAM_OK)
        (void)f->w.inner.end(f->w.self, KAM_END_ABORT, err);
    return fault_answer(f, err);
}

static int32_t fault_end(void *self, uint32_t how, kam_store_err *err)
{
    kam_fault_store *f = self;
    int now = fault_now(f), spoiled = (int)f->spoiled, keep = !spoiled && (!now || f->flags & KAM_FAULT_AFTER);
    f->spoiled = 0;
    int32_t rc = f->w.inner.end(f->w.self, keep ? how : KAM_END_ABORT, err);
    if (now) return fault_answer(f, err);
    return spoiled && how != KAM_END_ABORT ? fault_spoiled(err) : rc;
}

static int32_t fault_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    kam_fault_store *f = self;
    int now = fault_now(f);
    if (f->spoiled) return fault_spoiled(err);
    if (now && !(f->flags & KAM_FAULT_AFTER)) return fault_answer(f, err);
    int32_t rc = f->w.inner.scan(f->w.self, q, fn, user, err);
    return now ? fault_answer(f, err) : rc;
}

static int32_t fault_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err)
{
    kam_fault_store *f = self;
    int now = fault_now(f);
    int32_t rc = KAM_OK;
    if (f->spoiled) return fault_spoiled(err);
    if (!now || f->flags & KAM_FAULT_AFTER) rc = f->w.inner.write(f->w.self, t, op, rows, err);
    if (!now) return rc;
    f->spoiled = f->w.inner.end != NULL;    /* without begin and end the library keeps that state */
    return fault_answer(f, err);
}

static int32_t fault_prepare(void *self, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn, void *user,
                             kam_store_err *err)
{
    kam_fault_store *f = self;
    int now = fault_now(f);
    int32_t rc = KAM_OK;
    if (!now || f->flags & KAM_FAULT_AFTER) rc = f->w.inner.prepare(f->w.self, t, n, how, fn, user, err);
    return now ? fault_answer(f, err) : rc;
}

static int32_t fault_reserve(void *self, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err)
{
    kam_fault_store *f = self;
    int64_t lost;
    int32_t rc = KAM_OK;
    int now = fault_now(f);
    if (f->spoiled) return fault_spoiled(err);
    if (!now || f->flags & KAM_FAULT_AFTER) rc = f->w.inner.reserve(f->w.self, table, n, now ? &lost : first, err);
    return now ? fault_answer(f, err) : rc;
}

static int32_t fault_control(void *self, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err)
{
    kam_fault_store *f = self;
    int now = fault_now(f);
    int32_t rc = KAM_OK;
    if (!now || f->flags & KAM_FAULT_AFTER) rc = f->w.inner.control(f->w.self, op, arg, fn, user, err);
    return now ? fault_answer(f, err) : rc;
}

/* ---------------------------------------------------------------- public */

int32_t kam_fault_store_new(kam_fault_store **out, const kam_store_vt *vt, void *self)
{
    const kam_store_vt ours = {sizeof ours, KAM_STORE_ABI, fault_begin,   fault_end,     fault_scan,
                               fault_write, fault_prepare, fault_reserve, fault_control, kam__wrap_close};
    void *p;
    if (!out) return KAM_E_INVAL;
    int32_t rc = kam__wrap_new(&p, sizeof **out, &ours, vt, self);
    if (rc == KAM_OK) *out = p;
    return rc;
}

const kam_store_vt *kam_fault_store_vt(const kam_fault_store *fault)
{
    return &fault->w.vt;
}

void *kam_fault_store_self(kam_fault_store *fault)
{
    return fault;
}

void kam_fault_store_free(kam_fault_store *fault)
{
    free(fault);
}
