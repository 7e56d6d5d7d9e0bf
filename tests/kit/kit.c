/*
 * kit.c - runs the checks: each on a fresh store, each by itself, so that a store that does one thing wrong fails one
 * check.
 *
 * To keep it so, a check asks for its own sentence of the contract and for as little else as it can: results whose
 * order is not the question are compared as sets, transactions end with COMMIT unless the question is another end,
 * and so on.
 */
#include "kit.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KIT_FIELD(n) (120u * 128u + (n))

static const kam_field kit_item[C_ALL] = {
    {1, 1, KAM_T_I64, 0, KAM_F_KEY | KAM_F_REQUIRED, "id", "id"},
    {2, 1, KAM_T_I64, 0, 0, "rev", "rev"},
    {4, 1, KAM_T_TEXT, 0, KAM_F_UNIQUE, "source", "source"},
    {5, 1, KAM_T_TEXT, 0, KAM_F_UNIQUE, "ext_id", "ext_id"},
    {KIT_FIELD(4), 1, KAM_T_TEXT, 0, KAM_F_INDEXED, "name", "name"},
    {KIT_FIELD(5), 1, KAM_T_TEXT, 0, 0, "note", "note"},
    {KIT_FIELD(6), 1, KAM_T_I32, 0, 0, "day", "day"},
    {KIT_FIELD(7), 1, KAM_T_I64, 2, KAM_F_INDEXED, "amount", "amount"},
    {KIT_FIELD(8), 1, KAM_T_F64, 0, 0, "ratio", "ratio"},
};
static const kam_field kit_other[3] = {
    {1, 1, KAM_T_I64, 0, KAM_F_KEY | KAM_F_REQUIRED, "id", "id"},
    {2, 1, KAM_T_I64, 0, 0, "rev", "rev"},
    {121u * 128u + 7u, 1, KAM_T_I64, 2, 0, "amount", "amount"},
};
const kam_table kam__kit_table[2] = {
    {sizeof(kam_table), 120, 1, KAM_C_ENTITY, "kit_item", "kit_item", kit_item, C_ALL, 0, NULL, 0, 0},
    {sizeof(kam_table), 121, 1, KAM_C_ENTITY, "kit_other", "kit_other", kit_other, 3, 0, NULL, 0, 0},
};

const kam_table *kam_kit_tables(uint32_t *n)
{
    if (n) *n = 2;
    return kam__kit_table;
}

/* ---------------------------------------------------------------- results */

void kam__kit_fail(kit *k, const char *fmt, ...)
{
    va_list ap;
    if (k->failed || k->skipped) return;
    k->failed = 1;
    va_start(ap, fmt);
    vsnprintf(k->why, sizeof k->why, fmt, ap);
    va_end(ap);
}

void kam__kit_skip(kit *k, const char *why)
{
    if (k->failed || k->skipped) return;
    k->skipped = 1;
    snprintf(k->why, sizeof k->why, "%s", why);
}

int kam__kit_want(kit *k, int is, const char *what)
{
    if (!is) kam__kit_fail(k, "%s", what);
    return is;
}

void kam__kit_want_code(kit *k, int32_t code, int32_t want, const char *what)
{
    if (code != want)
        kam__kit_fail(k, "%s answered %s, must be %s", what, code ? kam_code_name(code) : "OK",
                      want ? kam_code_name(want) : "OK");
}

/* ---------------------------------------------------------------- the list */

static const kit_check *kit_check_at(uint32_t i)
{
    const kit_check *const all[] = {kam__kit_store, kam__kit_txn,  kam__kit_rows, kam__kit_keys,
                                    kam__kit_value, kam__kit_pred, kam__kit_scan, kam__kit_order};
    for (size_t g = 0; g < sizeof all / sizeof all[0]; g++)
        for (const kit_check *c = all[g]; c->id; c++)
            if (i-- == 0) return c;
    return NULL;
}

const char *kam_kit_check(uint32_t i)
{
    const kit_check *c = kit_check_at(i);
    return c ? c->id : NULL;
}

const char *kam_kit_about(uint32_t i)
{
    const kit_check *c = kit_check_at(i);
    return c ? c->about : NULL;
}

/* ---------------------------------------------------------------- running */

void kam__kit_take_vt(kit *k, const kam_store_vt *given)
{
    uint32_t size = given->struct_size;
    k->given = given;
    k->vt = &k->own;
    memset(&k->own, 0, sizeof k->own);
    memcpy(&k->own, given, size < sizeof k->own ? size : sizeof k->own);
}

static void kit_prepare(kit *k)
{
    if (!k->vt->prepare) return;
    int32_t rc = k->vt->prepare(k->self, kam__kit_table, 2, KAM_PREPARE_CREATE, NULL, NULL, &k->err);
    if (rc) kam__kit_fail(k, "prepare(CREATE) answered %s: %s", kam_code_name(rc), k->err.msg);
}

static void kit_run_one(kit *k, const kit_check *c)
{
    const kam_kit_options *o = k->opt;
    const kam_store_vt *vt = NULL;
    int32_t rc = o->make(o->user, &vt, &k->self);
    if (rc || !vt) {
        kam__kit_fail(k, "make() answered %s", kam_code_name(rc));
        return;
    }
    kam__kit_take_vt(k, vt);
    if (!c->bare) kit_prepare(k);
    if (!k->failed) c->run(k);
    if (k->other && k->vt->close) k->vt->close(k->other);
    if (k->given) o->destroy(o->user, k->given, k->self);
}

/* The one place that knows which options there are. */
static int32_t kit_options(kam_kit_options *own, const kam_kit_options *given)
{
    if (!given || given->struct_size < offsetof(kam_kit_options, only)) return KAM_E_INVAL;
    for (size_t i = sizeof *own; i < given->struct_size; i++)
        if (((const unsigned char *)given)[i]) return KAM_E_UNSUPPORTED;
    memset(own, 0, sizeof *own);
    memcpy(own, given, given->struct_size < sizeof *own ? given->struct_size : sizeof *own);
    if (own->flags || own->mode > KAM_TXN_HOST || !own->make || !own->destroy) return KAM_E_INVAL;
    if (!own->mode) own->mode = KAM_TXN_OWN;
    if (!own->max_keys) own->max_keys = 500;
    if (own->mode != KAM_TXN_OWN && (!own->host_begin || !own->host_end)) return KAM_E_INVAL;
    return KAM_OK;
}

int32_t kam_kit_run(const kam_kit_options *options, kam_kit_report_fn report, void *user)
{
    kam_kit_options opt;
    const kit_check *c;
    int32_t failed = 0, rc = kit_options(&opt, options);
    if (rc) return rc;
    for (uint32_t i = 0; (c = kit_check_at(i)) != NULL; i++) {
        kit k = {.opt = &opt, .mode = opt.mode, .err = {.struct_size = sizeof k.err}};
        if (opt.only && strncmp(c->id, opt.only, strlen(opt.only)) != 0) continue;
        kit_run_one(&k, c);
        failed += k.failed != 0;
        if (report) report(user, c->id, k.failed ? KAM_KIT_FAIL : k.skipped ? KAM_KIT_SKIP : KAM_KIT_PASS, k.why);
    }
    return failed;
}
