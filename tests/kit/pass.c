/*
 * pass.c - a store that passes on everything, what wrappers have in common, and the clock moved by hand.
 */
#include "wrap.h"
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- what wrappers have in common */

int32_t kam__wrap_new(void **out, size_t size, const kam_store_vt *ours, const kam_store_vt *vt, void *self)
{
    if (!out || !vt || vt->struct_size < offsetof(kam_store_vt, prepare) || !vt->scan || !vt->write) return KAM_E_INVAL;
    kam__wrap *w = calloc(1, size);
    if (!w) return KAM_E_NOMEM;
    memcpy(&w->inner, vt, vt->struct_size < sizeof w->inner ? vt->struct_size : sizeof w->inner);
    w->self = self;
    w->vt = *ours;
    w->vt.struct_size = sizeof w->vt;
    w->vt.abi = vt->abi;
    if (!w->inner.begin) w->vt.begin = NULL;
    if (!w->inner.end) w->vt.end = NULL;
    if (!w->inner.prepare) w->vt.prepare = NULL;
    if (!w->inner.reserve) w->vt.reserve = NULL;
    if (!w->inner.control) w->vt.control = NULL;
    if (!w->inner.close) w->vt.close = NULL;
    *out = w;
    return KAM_OK;
}

void kam__wrap_close(void *self)
{
    kam__wrap *w = self;
    w->inner.close(w->self);
}

/* ---------------------------------------------------------------- passing on */

struct kam_pass_store { kam__wrap w; };

static int32_t pass_begin(void *self, uint32_t flags, kam_store_err *err)
{
    kam__wrap *w = self;
    return w->inner.begin(w->self, flags, err);
}

static int32_t pass_end(void *self, uint32_t how, kam_store_err *err)
{
    kam__wrap *w = self;
    return w->inner.end(w->self, how, err);
}

static int32_t pass_scan(void *self, kam_table_scan *q, kam_block_fn fn, void *user, kam_store_err *err)
{
    kam__wrap *w = self;
    return w->inner.scan(w->self, q, fn, user, err);
}

static int32_t pass_write(void *self, const kam_table *t, uint32_t op, const kam_block *rows, kam_store_err *err)
{
    kam__wrap *w = self;
    return w->inner.write(w->self, t, op, rows, err);
}

static int32_t pass_prepare(void *self, const kam_table *t, uint32_t n, uint32_t how, kam_report_fn fn, void *user,
                            kam_store_err *err)
{
    kam__wrap *w = self;
    return w->inner.prepare(w->self, t, n, how, fn, user, err);
}

static int32_t pass_reserve(void *self, uint32_t table, uint32_t n, int64_t *first, kam_store_err *err)
{
    kam__wrap *w = self;
    return w->inner.reserve(w->self, table, n, first, err);
}

static int32_t pass_control(void *self, uint32_t op, void *arg, kam_progress_fn fn, void *user, kam_store_err *err)
{
    kam__wrap *w = self;
    return w->inner.control(w->self, op, arg, fn, user, err);
}

int32_t kam_pass_store_new(kam_pass_store **out, const kam_store_vt *vt, void *self)
{
    const kam_store_vt ours = {sizeof ours,  KAM_STORE_ABI, pass_begin,   pass_end,     pass_scan,
                               pass_write,   pass_prepare,  pass_reserve, pass_control, kam__wrap_close};
    void *p;
    if (!out) return KAM_E_INVAL;
    int32_t rc = kam__wrap_new(&p, sizeof **out, &ours, vt, self);
    if (rc == KAM_OK) *out = p;
    return rc;
}

const kam_store_vt *kam_pass_store_vt(const kam_pass_store *pass)
{
    return &pass->w.vt;
}

void *kam_pass_store_self(kam_pass_store *pass)
{
    return pass;
}

void kam_pass_store_free(kam_pass_store *pass)
{
    free(pass);
}

/* ---------------------------------------------------------------- clock */

int64_t kam_test_clock_now(void *clock)
{
    kam_test_clock *c = clock;
    int64_t now = c->now;
    c->now += c->step;
    return now;
}
