/*
 * kit_store.c - checks of the vtable itself, of prepare, reserve, control, and of what lasts.
 */
#include "kit.h"
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- shape */

static void check_shape(kit *k)
{
    const kam_store_vt *vt = k->vt;
    kam__kit_want(k, vt->struct_size >= offsetof(kam_store_vt, prepare),
                  "struct_size is less than offsetof(kam_store_vt, prepare)");
    kam__kit_want(k, vt->abi == KAM_STORE_ABI, "abi is not KAM_STORE_ABI");
    kam__kit_want(k, vt->scan && vt->write, "scan and write are required");
    kam__kit_want(k, !vt->begin == !vt->end, "begin and end come both or neither");
    kam__kit_want(k, !vt->begin == (k->mode == KAM_TXN_HOST), "begin and end are there except in mode KAM_TXN_HOST");
}

/* ---------------------------------------------------------------- prepare */

typedef struct kit_findings { uint32_t n, item, other; } kit_findings;

static int32_t kit_finding(void *user, const kam_store_err *finding)
{
    kit_findings *f = user;
    f->n++;
    f->item += finding->table == kam__kit_table[0].id;
    f->other += finding->table == kam__kit_table[1].id;
    return 0;
}

static int32_t kit_prepare_rc(kit *k, const kam_table *t, uint32_t n, uint32_t how, kit_findings *found)
{
    memset(found, 0, sizeof *found);
    if (!k->vt->prepare) {
        kam__kit_skip(k, "prepare is NULL");
        return KAM_OK;
    }
    return k->vt->prepare(k->self, t, n, how, kit_finding, found, &k->err);
}

static void kit_create(kit *k)
{
    kit_findings f;
    kam__kit_want_code(k, kit_prepare_rc(k, kam__kit_table, 2, KAM_PREPARE_CREATE, &f), KAM_OK, "prepare(CREATE)");
}

static void check_check_missing(kit *k)
{
    kit_findings f;
    int32_t rc = kit_prepare_rc(k, kam__kit_table, 2, KAM_PREPARE_CHECK, &f);
    kam__kit_want_code(k, rc, KAM_E_SCHEMA, "CHECK of tables that are not there");
    kam__kit_want(k, f.item > 0 && f.other > 0, "each missing table is a finding");
}

static void check_check_alters_nothing(kit *k)
{
    kit_findings f;
    (void)kit_prepare_rc(k, kam__kit_table, 1, KAM_PREPARE_CHECK, &f);
    kam__kit_want_code(k, kit_prepare_rc(k, kam__kit_table, 1, KAM_PREPARE_CHECK, &f), KAM_E_SCHEMA,
                       "the second CHECK of a missing table");
}

static void check_check_sound(kit *k)
{
    kit_findings f;
    kit_create(k);
    kam__kit_want_code(k, kit_prepare_rc(k, kam__kit_table, 2, KAM_PREPARE_CHECK, &f), KAM_OK, "CHECK after CREATE");
    kam__kit_want(k, f.n == 0, "CHECK after CREATE has a finding");
}

/* kit_item with one more field, or with another type for `day`. */
static kam_table kit_changed(kam_field *field, int more, uint8_t day_type)
{
    kam_table t = kam__kit_table[0];
    memcpy(field, t.field, C_ALL * sizeof *field);
    field[C_DAY].type = day_type;
    field[C_ALL] = field[C_AMOUNT];
    field[C_ALL].id += 20;
    field[C_ALL].flags = 0;
    field[C_ALL].name = field[C_ALL].column = "x_more";
    t.field = field;
    t.nfield = C_ALL + (more ? 1 : 0);
    return t;
}

static void check_check_field(kit *k)
{
    kam_field field[C_ALL + 1];
    kam_table t = kit_changed(field, 1, KAM_T_I32);
    kit_findings f;
    kit_create(k);
    kam__kit_want_code(k, kit_prepare_rc(k, &t, 1, KAM_PREPARE_CHECK, &f), KAM_E_SCHEMA,
                       "CHECK of a field that is not there");
    kam__kit_want(k, f.item > 0, "a missing field is a finding");
}

static void check_create_twice(kit *k)
{
    kit_create(k);
    kit_create(k);
}

static void check_create_keeps_rows(kit *k)
{
    const kit_row row = {.id = 1, .has = B_AMOUNT, .amount = 10};
    kit_findings f;
    kit_create(k);
    if (!k->skipped) kam__kit_put(k, &row, 1);
    (void)kit_prepare_rc(k, kam__kit_table, 2, KAM_PREPARE_CREATE, &f);
    if (!k->skipped) kam__kit_ids(k, &(kit_query){0}, 1, "1", "after a second CREATE");
}

static void check_upgrade_keeps_rows(kit *k)
{
    const kit_row row = {.id = 1, .has = B_AMOUNT, .amount = 10};
    kam_field field[C_ALL + 1];
    kam_table t = kit_changed(field, 1, KAM_T_I32);
    kit_findings f;
    kit_create(k);
    if (!k->skipped) kam__kit_put(k, &row, 1);
    kam__kit_want_code(k, kit_prepare_rc(k, &t, 1, KAM_PREPARE_UPGRADE, &f), KAM_OK, "UPGRADE");
    if (!k->skipped) kam__kit_ids(k, &(kit_query){0}, 1, "1", "after UPGRADE");
}

/* Takes the values of the new field: 1 = NULL, else the value. */
static int32_t kit_take_more(void *user, const kam_block *b)
{
    int64_t *v = user;
    for (uint32_t i = 0; i < b->nrow && b->ncol == 1; i++) {
        const kam_col *c = b->col;
        *v = c->valid && !(c->valid[i >> 3] >> (i & 7) & 1) ? 1 : ((const int64_t *)c->data)[i];
    }
    return 0;
}

static int64_t kit_more(kit *k, const kam_table *t)
{
    int64_t v = 0;
    uint32_t field = t->field[C_ALL].id;
    kam_table_scan q = {.struct_size = sizeof q, .table = t, .field = &field, .nfield = 1, .block_rows = 16};
    kam__kit_begin(k, KAM_BEGIN_READ);
    if (!k->failed)
        kam__kit_want_code(k, k->vt->scan(k->self, &q, kit_take_more, &v, &k->err), KAM_OK, "scan of the new field");
    kam__kit_end(k, KAM_END_COMMIT);
    return v;
}

static void check_upgrade_adds_field(kit *k)
{
    const kit_row row = {.id = 1, .has = B_AMOUNT, .amount = 10};
    kam_field field[C_ALL + 1];
    kam_table t = kit_changed(field, 1, KAM_T_I32);
    kit_findings f;
    const int64_t id = 1, more = 77;
    const kam_col col[2] = {{1, KAM_T_I64, {0, 0, 0}, &id, NULL, NULL},
                            {t.field[C_ALL].id, KAM_T_I64, {0, 0, 0}, &more, NULL, NULL}};
    const kam_block b = {sizeof b, 1, 2, 0, col};
    kit_create(k);
    if (!k->skipped) kam__kit_put(k, &row, 1);
    (void)kit_prepare_rc(k, &t, 1, KAM_PREPARE_UPGRADE, &f);
    if (k->skipped) return;
    int64_t v = kit_more(k, &t);
    if (v == 0) return;                     /* no rows: another check's business */
    kam__kit_want(k, v == 1, "rows from before have no value in the new field");
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    if (!k->failed)
        kam__kit_want_code(k, k->vt->write(k->self, &t, KAM_WRITE_UPDATE, &b, &k->err), KAM_OK,
                           "UPDATE of the new field");
    kam__kit_end(k, k->failed ? KAM_END_ABORT : KAM_END_COMMIT);
    kam__kit_want(k, kit_more(k, &t) == 77, "the new field keeps its value");
}

/* ---------------------------------------------------------------- reserve */

static int kit_reserve(kit *k, int64_t first[2])
{
    if (!k->vt->reserve) kam__kit_skip(k, "reserve is NULL: the library keeps counters in rows");
    for (int i = 0; i < 2 && !k->skipped; i++) {
        kam__kit_begin(k, KAM_BEGIN_WRITE);
        if (!k->failed) kam__kit_want_code(k, k->vt->reserve(k->self, 120, 10, first + i, &k->err), KAM_OK, "reserve");
        kam__kit_end(k, KAM_END_COMMIT);
    }
    return !k->skipped && !k->failed;
}

static void check_reserve_range(kit *k)
{
    int64_t first[2] = {0, 0};
    if (!kit_reserve(k, first)) return;
    for (int i = 0; i < 2; i++)
        kam__kit_want(k, first[i] >= 1 && first[i] <= ((int64_t)1 << 53) - 10, "reserved ids lie in 1..2^53-1");
}

static void check_reserve_disjoint(kit *k)
{
    int64_t first[2] = {0, 0};
    if (!kit_reserve(k, first)) return;
    kam__kit_want(k, first[1] >= first[0] + 10 || first[1] + 10 <= first[0], "an id was reserved twice");
}

/* ---------------------------------------------------------------- control */

static int32_t kit_control(kit *k, uint32_t op, void *arg)
{
    if (!k->vt->control) {
        kam__kit_skip(k, "control is NULL");
        return KAM_E_UNSUPPORTED;
    }
    int32_t rc = k->vt->control(k->self, op, arg, NULL, NULL, &k->err);
    if (rc == KAM_E_UNSUPPORTED && op <= KAM_CTL_PURGE) kam__kit_skip(k, "the store does not support it");
    return rc;
}

static void check_control_unknown(kit *k)
{
    kam__kit_want_code(k, kit_control(k, 99, NULL), KAM_E_UNSUPPORTED, "control(99)");
}

static void check_control_stats(kit *k)
{
    kam_ctx *ctx = NULL;
    kam_buf *buf = NULL;
    if (kam_ctx_new(&ctx, NULL, NULL) || kam_buf_new(&buf, ctx, NULL)) kam__kit_fail(k, "out of memory");
    int32_t rc = k->failed ? KAM_E_NOMEM : kit_control(k, KAM_CTL_STATS, buf);
    size_t n = buf ? kam_buf_size(buf) : 0;
    if (rc == KAM_OK)
        kam__kit_want(k, n >= 2 && kam_buf_data(buf)[0] == '{' && kam_buf_data(buf)[n - 1] == '}',
                      "STATS is no JSON object");
    else if (rc != KAM_E_UNSUPPORTED) kam__kit_fail(k, "STATS answered %s", kam_code_name(rc));
    kam_buf_free(buf);
    kam_ctx_free(ctx);
}

static int32_t kit_no_finding(void *user, const kam_store_err *finding)
{
    kam__kit_fail(user, "VERIFY of a sound store has a finding: %.120s", finding->msg);
    return 0;
}

static void check_control_verify(kit *k)
{
    const kit_row row = {.id = 1, .has = B_AMOUNT, .amount = 10};
    kam_report_fn fn = kit_no_finding;
    kam__kit_put(k, &row, 1);
    if (!k->vt->control) kam__kit_skip(k, "control is NULL");
    if (k->failed || k->skipped) return;
    int32_t rc = k->vt->control(k->self, KAM_CTL_VERIFY, (void *)&fn, NULL, k, &k->err);
    if (rc == KAM_E_UNSUPPORTED) kam__kit_skip(k, "the store does not support it");
    kam__kit_want_code(k, rc, KAM_OK, "VERIFY of a sound store");
}

static void check_control_compact(kit *k)
{
    const kit_row row[] = {{.id = 1, .has = B_AMOUNT, .amount = 10}, {.id = 2, .has = B_AMOUNT, .amount = 20}};
    kam__kit_put(k, row, 2);
    if (k->failed || kit_control(k, KAM_CTL_COMPACT, NULL) == KAM_E_UNSUPPORTED) return;
    kam__kit_ids(k, &(kit_query){0}, 1, "1 2", "after COMPACT");
}

/* ---------------------------------------------------------------- what lasts */

static int kit_reopen(kit *k)
{
    if (!k->opt->reopen) kam__kit_skip(k, "not durable: reopen is NULL");
    if (k->failed || k->skipped) return 0;
    const kam_store_vt *vt = k->given;
    int32_t rc = k->opt->reopen(k->opt->user, &vt, &k->self);
    kam__kit_want_code(k, rc, KAM_OK, "reopen()");
    k->txn = 0;
    if (rc == KAM_OK) kam__kit_take_vt(k, vt);
    else k->given = NULL;                   /* there is nothing left to end */
    return !k->failed;
}

static void check_reopen_committed(kit *k)
{
    const kit_row row[] = {{.id = 1, .has = B_NAME | B_AMOUNT, .name = "one", .amount = 10},
                           {.id = 2, .has = B_NAME, .name = "two"}};
    kam__kit_put(k, row, 2);
    if (!kit_reopen(k)) return;
    kam__kit_values(k, C_NAME, "one two", "committed, then opened again");
}

static void check_reopen_open(kit *k)
{
    const kit_row row[] = {{.id = 1, .has = B_AMOUNT, .amount = 10}, {.id = 2, .has = B_AMOUNT, .amount = 20}};
    kam__kit_put(k, row, 1);
    kam__kit_begin(k, KAM_BEGIN_WRITE);
    kam__kit_write(k, KIT_ITEM, KAM_WRITE_INSERT, row + 1, 1, B_AMOUNT);
    if (!kit_reopen(k)) {
        kam__kit_end(k, KAM_END_ABORT);
        return;
    }
    kit_found f;
    kam__kit_find(k, &(kit_query){0}, &f);
    for (uint32_t i = 0; i < f.n; i++)
        kam__kit_want(k, f.row[i].id != 2, "a row of a transaction never ended is there");
    kam__kit_free(&f);
}

const kit_check kam__kit_store[] = {
    {"vt.shape", "struct_size, abi, and which functions are there fit the mode.", check_shape, 1},
    {"prepare.check_missing", "CHECK answers SCHEMA and tells each table that is not there.", check_check_missing, 1},
    {"prepare.check_alters_nothing", "CHECK makes no table.", check_check_alters_nothing, 1},
    {"prepare.check_sound", "CHECK is content with what CREATE made.", check_check_sound, 1},
    {"prepare.check_field", "CHECK answers SCHEMA and tells a field that is not there.", check_check_field, 1},
    {"prepare.create_twice", "CREATE of tables that are there is fine.", check_create_twice, 1},
    {"prepare.create_keeps_rows", "CREATE leaves the rows of a table that is there.", check_create_keeps_rows, 1},
    {"prepare.upgrade_adds_field", "UPGRADE adds a field, without value in the rows there are.",
     check_upgrade_adds_field, 1},
    {"prepare.upgrade_keeps_rows", "UPGRADE leaves the rows.", check_upgrade_keeps_rows, 1},
    {"reserve.range", "Reserved ids lie in 1..2^53-1.", check_reserve_range, 0},
    {"reserve.disjoint", "No id is reserved twice.", check_reserve_disjoint, 0},
    {"control.unknown", "An operation the store does not know is UNSUPPORTED.", check_control_unknown, 0},
    {"control.stats", "STATS writes a JSON object.", check_control_stats, 0},
    {"control.verify", "VERIFY finds nothing in a sound store.", check_control_verify, 0},
    {"control.compact", "COMPACT leaves the rows.", check_control_compact, 0},
    {"reopen.committed", "What was committed is there when the store is opened again.", check_reopen_committed, 0},
    {"reopen.open", "What was not committed is not there when the store is opened again.", check_reopen_open, 0},
    {NULL, NULL, NULL, 0}};
