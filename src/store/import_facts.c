/*
 * store/import_facts.c - owner, tier and lifecycle of imported accounts: shown in the account's record, kept as facts.
 *
 * A new account has no facts yet, so its first ones hold from the beginning and need no look at older ones: they go in
 * blocks like the accounts themselves. What an account already has is compared with one reading of all facts in force.
 */
#include "import.h"

enum {
    FACTS_ID, FACTS_SEQ, FACTS_SEQ_TO, FACTS_FROM, FACTS_TO, FACTS_REASON, FACTS_SUBJECT, FACTS_VALUE, FACTS_COLUMNS
};

typedef struct facts_job { kam_import *imp; uint32_t slot, kind, subject, value; kam_error *err; } facts_job;

/* The value a row gives this slot; 0 = none. */
static int64_t facts_value(const kam_import *imp, uint32_t row, uint32_t slot)
{
    const import_cell *c = imp->cell + (size_t)row * imp->nslot + slot;
    return c->state == IMPORT_NUMBER || c->state == IMPORT_KNOWN ? c->v.i
           : c->state == IMPORT_KEY                              ? imp->key[c->v.i].id
                                                                 : 0;
}

static int facts_slot(facts_job *j, kam_import *imp, uint32_t slot)
{
    j->imp = imp;
    j->slot = slot;
    return imp->slot[slot].field->flags & KAM__F_VIRTUAL &&
           kam__shown_fact(imp->slot[slot].field->id, &j->kind, &j->subject, &j->value);
}

static const char *facts_reason(const kam_import *imp, uint32_t row, size_t *len)
{
    for (uint32_t s = 0; s < imp->nslot; s++)
        if (imp->slot[s].field->id == KAM_REASON) return kam__import_slot_text(imp, row, s, len);
    return NULL;
}

/* ---------------------------------------------------------------- the rules */

/* Only these first values have a rule that can be broken; asking for all would read each account back. */
static int facts_ruled(const facts_job *j, int64_t value)
{
    return (j->kind == KAM_KIND_TIER && value == KAM_TIER_KEY) ||
           (j->kind == KAM_KIND_LIFECYCLE && value == KAM_LIFECYCLE_INVALID);
}

static int32_t facts_guard(const facts_job *j, uint32_t row, int64_t value, kam_error *err)
{
    kam_record *fact = NULL;
    size_t len = 0;
    const char *reason = facts_reason(j->imp, row, &len);
    KAM__TRY(kam__record_new(&fact, j->imp->schema, j->kind, err));
    kam__record_put_i64(fact, kam__kind_index(fact->kind, j->subject), j->imp->row[row].id);
    kam__record_put_i64(fact, kam__kind_index(fact->kind, j->value), value);
    int32_t rc =
        reason ? kam__record_put_text(fact, kam__kind_index(fact->kind, KAM_REASON), reason, len, err) : KAM_OK;
    if (rc == KAM_OK) rc = kam__guard(j->imp->book, fact, NULL, err);
    kam_record_free(fact);
    return rc;
}

/* The account was written a moment ago in this transaction; nobody has seen it. */
static int32_t facts_take_back(kam_import *imp, uint32_t row, kam_error *err)
{
    kam_col col = { .field = KAM_ID, .type = KAM_T_I64, .data = &imp->row[row].id };
    kam_block block = { .struct_size = sizeof block, .nrow = 1, .ncol = 1, .col = &col };
    KAM__TRY(kam__db_write(&imp->home->db, imp->kind->id, KAM_WRITE_DELETE, &block, err));
    imp->row[row].id = 0;
    imp->count[IMPORT_N_NEW]--;
    return KAM_OK;
}

static int32_t facts_check_row(kam_import *imp, uint32_t row, kam_error *err)
{
    for (uint32_t s = 0; s < imp->nslot; s++) {
        facts_job j;
        if (!facts_slot(&j, imp, s)) continue;
        int64_t value = facts_value(imp, row, s);
        int32_t rc = value && facts_ruled(&j, value) ? facts_guard(&j, row, value, imp->cause) : KAM_OK;
        if (rc == KAM_OK) continue;
        import_place at = { .row = imp->row[row].row, .line = imp->row[row].line, .field = imp->slot[s].field,
                            .column = imp->cell[(size_t)row * imp->nslot + s].column };
        KAM__TRY(facts_take_back(imp, row, err));
        return kam__import_reject(imp, rc, &at, err);
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- writing */

static int32_t facts_write_block(facts_job *j, kam__blockbuf *bb)
{
    kam_import *imp = j->imp;
    kam_block view;
    int64_t first = 0;
    if (!bb->nrow) return KAM_OK;
    KAM__TRY(kam__txn_ids(&first, imp->book, j->kind, bb->nrow, j->err));
    int64_t *ids = bb->col[FACTS_ID].data;
    for (uint32_t i = 0; i < bb->nrow; i++) ids[i] = first + i;
    kam__bb_view(bb, &view);
    KAM__TRY(kam__db_write(&imp->home->db, j->kind, KAM_WRITE_INSERT, &view, j->err));
    for (uint32_t i = 0; i < bb->nrow && imp->home->on_commit; i++)
        KAM__TRY(kam__txn_touch(imp->book, j->kind, first + i, KAM_TOUCH_INSERT, j->err));
    return KAM_OK;
}

static int32_t facts_write_rows(facts_job *j, kam__blockbuf *bb)
{
    kam_import *imp = j->imp;
    int64_t seq = 0;
    KAM__TRY(kam__txn_seq(&seq, imp->book, j->err));
    for (uint32_t i = 0; i < imp->out.nrow; i++) {
        uint32_t row = imp->out_row[i];
        int64_t value = facts_value(imp, row, j->slot);
        size_t len = 0;
        const char *reason = facts_reason(imp, row, &len);
        if (!imp->row[row].id || !value) continue;
        kam__bb_i64(bb, FACTS_ID, 1);
        kam__bb_i64(bb, FACTS_SEQ, seq);
        kam__bb_i64(bb, FACTS_SEQ_TO, KAM__SEQ_OPEN);
        kam__bb_i64(bb, FACTS_FROM, KAM_DAY_FIRST);
        kam__bb_i64(bb, FACTS_TO, KAM_DAY_END);
        if (reason) kam__bb_text(bb, FACTS_REASON, reason, len);
        kam__bb_i64(bb, FACTS_SUBJECT, imp->row[row].id);
        kam__bb_i64(bb, FACTS_VALUE, value);
        KAM__TRY(kam__bb_end_row(bb, j->err));
    }
    return facts_write_block(j, bb);
}

static int32_t facts_write_slot(facts_job *j)
{
    const uint32_t field[FACTS_COLUMNS] = {KAM_ID,       KAM_SEQ,    KAM__SEQ_TO, KAM_VALID_FROM,
                                           KAM_VALID_TO, KAM_REASON, j->subject,  j->value};
    uint8_t type[FACTS_COLUMNS];
    kam__blockbuf bb;
    for (uint32_t i = 0; i < FACTS_COLUMNS; i++)
        type[i] = kam__kind_field(kam__schema_kind(j->imp->schema, j->kind), field[i])->type;
    KAM__TRY(kam__bb_init(&bb, j->imp->ctx, FACTS_COLUMNS, field, type, j->err));
    int32_t rc = facts_write_rows(j, &bb);
    kam__bb_free(&bb);
    return rc;
}

int32_t kam__import_write_facts(kam_import *imp, kam_error *err)
{
    for (uint32_t i = 0; i < imp->out.nrow; i++) KAM__TRY(facts_check_row(imp, imp->out_row[i], err));
    for (uint32_t s = 0; s < imp->nslot; s++) {
        facts_job j;
        if (!facts_slot(&j, imp, s)) continue;
        j.err = err;
        KAM__TRY(facts_write_slot(&j));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- comparing */

/* An empty cell leaves the fact as it is: who takes over, or what follows, is not said by saying nothing. */
int32_t kam__import_facts_differ(int *out, kam_import *imp, uint32_t row, kam_error *err)
{
    uint32_t at = 0;
    *out = kam__imap_get(&imp->saved, imp->row[row].id, &at);
    for (uint32_t s = 0; s < imp->nslot && !*out; s++) {
        facts_job j;
        if (!facts_slot(&j, imp, s)) continue;
        int64_t value = facts_value(imp, row, s);
        int key = imp->cell[(size_t)row * imp->nslot + s].state == IMPORT_KEY;
        uint32_t k = j.kind == KAM_KIND_OWNER ? 0 : j.kind == KAM_KIND_TIER ? 1 : 2;
        if (!value && !key) continue;
        if (!imp->fact_loaded[k]) {
            KAM__TRY(kam__read_fact_map(&imp->fact_at[k], &imp->fact_value[k], imp->book, j.kind, KAM_TODAY, err));
            imp->fact_loaded[k] = 1;
        }
        *out = !kam__imap_get(&imp->fact_at[k], imp->row[row].id, &at) || imp->fact_value[k][at] != value;
    }
    return KAM_OK;
}
