/*
 * store/verify.c - kam_book_verify: is what is stored sound? Findings are rows, no findings is the answer one hopes
 * for.
 *
 * Kind by kind: its ids are gathered and sorted, then everything that points at the kind (references, CHANGE rows, its
 * counter) is read past them. So memory holds the ids of the commits and of one kind, never the rows. Codes: TABLE
 * COUNTER COMMIT REFERENCE CHANGE RANGE OVERLAP VERSION HASH.
 */
#include "verify.h"
#include <stdio.h>

/* ---------------------------------------------------------------- ids */

int kam__ids_have(const kam__ids *ids, int64_t id)
{
    size_t low = 0, high = ids->n;
    if (id >= 1 && (uint64_t)id <= ids->n && ids->id[id - 1] == id) return 1;       /* no gaps so far: the usual case */
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (ids->id[mid] < id) low = mid + 1;
        else high = mid;
    }
    return low < ids->n && ids->id[low] == id;
}

static int verify_compare_ids(const void *a, const void *b, void *arg)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    (void)arg;
    return (x > y) - (x < y);
}

static int32_t verify_sort_ids(kam__verify *v, kam__ids *ids)
{
    for (size_t i = 1; i < ids->n; i++)
        if (ids->id[i - 1] > ids->id[i])
            return kam__sort(v->ctx, ids->id, ids->n, sizeof *ids->id, verify_compare_ids, NULL, v->err);
    return KAM_OK;
}

/* ---------------------------------------------------------------- findings */

static int32_t verify_put(kam__verify *v, uint32_t field, const char *text)
{
    return text ? kam__record_put_text(v->problem, kam__kind_index(v->problem->kind, field), text, strlen(text), v->err)
                : KAM_OK;
}

int32_t kam__verify_found(kam__verify *v, const char *code, const kam__kind *kind, int64_t record,
                          const kam__field *field, const char *value, const char *fmt, ...)
{
    char text[300];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    kam_record_clear(v->problem);
    KAM__TRY(verify_put(v, KAM_PROBLEM_CODE, code));
    KAM__TRY(verify_put(v, KAM_PROBLEM_KIND, kind ? kind->name : NULL));
    KAM__TRY(verify_put(v, KAM_PROBLEM_FIELD, field ? field->name : NULL));
    KAM__TRY(verify_put(v, KAM_PROBLEM_VALUE, value));
    KAM__TRY(verify_put(v, KAM_PROBLEM_TEXT, text));
    if (record) kam__record_put_i64(v->problem, kam__kind_index(v->problem->kind, KAM_PROBLEM_RECORD), record);
    return kam__rowset_add_record(v->found, v->problem, v->err);
}

int32_t kam__verify_found_id(kam__verify *v, const char *code, const kam__kind *kind, int64_t record,
                             const kam__field *field, int64_t value, const char *text)
{
    char digits[24];
    kam__i64_format(digits, value);
    return kam__verify_found(v, code, kind, record, field, digits, "%s %lld: %s %s %s", kind->name, (long long)record,
                             field ? field->name : "id", digits, text);
}

/* ---------------------------------------------------------------- reading */

typedef struct verify_reader { kam__verify *v; kam_block_fn fn; void *user; } verify_reader;

static int32_t verify_on_block(void *user, const kam_block *rows)
{
    verify_reader *r = user;
    KAM__TRY(kam__progress(r->v->ctx, r->v->done += rows->nrow, 0, r->v->err));
    return r->fn(r->user, rows);
}

int kam__verify_has(const kam__verify *v, const kam__kind *kind, uint32_t field)
{
    const kam_table *t = kam__db_table(v->db, kind->id);
    return t && kam__table_field(t, field);
}

int32_t kam__verify_scan(kam__verify *v, const kam__kind *kind, const uint32_t *field, uint32_t nfield,
                         const kam_pred *pred, kam_block_fn fn, void *user)
{
    verify_reader r = { v, fn, user };
    kam__scan q = {
        .kind = kind->id, .field = field, .nfield = nfield, .pred = pred, .npred = pred ? 1 : 0, .any_order = 1};
    return kam__db_scan(v->db, &q, verify_on_block, &r, v->err);
}

/* ---------------------------------------------------------------- one kind: ids, commits, counter */

typedef struct verify_rows { kam__verify *v; const kam__kind *kind; kam__ids *ids; } verify_rows;

static int32_t verify_commit_cell(const verify_rows *w, const kam_block *rows, uint32_t row, uint32_t field)
{
    const kam_col *c = kam__block_col(rows, field);
    if (!c || kam__col_null(c, row)) return KAM_OK;
    int64_t seq = kam__col_i64(c, row);
    if (seq == KAM__SEQ_OPEN || kam__ids_have(&w->v->commit, seq)) return KAM_OK;
    return kam__verify_found_id(w->v, "COMMIT", w->kind, kam__col_i64(kam__block_col(rows, KAM_ID), row),
                                kam__kind_field(w->kind, field), seq, "is no commit of this book");
}

static int32_t verify_on_ids(void *user, const kam_block *rows)
{
    const verify_rows *w = user;
    kam__ids *ids = w->ids;
    const kam_col *id = kam__block_col(rows, KAM_ID);
    KAM__TRY(kam__grow(w->v->ctx, &ids->id, &ids->cap, ids->n + rows->nrow, sizeof *ids->id, w->v->err));
    for (uint32_t r = 0; r < rows->nrow; r++) {
        ids->id[ids->n++] = kam__col_i64(id, r);
        if (ids == &w->v->commit) continue;
        KAM__TRY(verify_commit_cell(w, rows, r, KAM_SEQ));
        KAM__TRY(verify_commit_cell(w, rows, r, KAM__SEQ_TO));
        KAM__TRY(verify_commit_cell(w, rows, r, KAM__DELETED_SEQ));
    }
    return KAM_OK;
}

static int32_t verify_load_ids(kam__verify *v, const kam__kind *k, kam__ids *ids)
{
    static const uint32_t common[] = { KAM_SEQ, KAM__SEQ_TO, KAM__DELETED_SEQ };
    uint32_t field[4] = { KAM_ID }, n = 1;
    verify_rows w = { v, k, ids };
    for (size_t i = 0; i < KAM__LEN(common); i++)
        if (kam__verify_has(v, k, common[i])) field[n++] = common[i];
    ids->n = 0;
    KAM__TRY(kam__verify_scan(v, k, field, n, NULL, verify_on_ids, &w));
    return verify_sort_ids(v, ids);
}

typedef struct verify_counter { int64_t next; int found; } verify_counter;

static int32_t verify_on_counter(void *user, const kam_block *rows)
{
    verify_counter *c = user;
    if (!rows->nrow) return KAM_OK;
    c->next = kam__col_i64(kam__block_col(rows, KAM__COUNTER_VALUE), 0);
    c->found = 1;
    return KAM_OK;
}

/* Stores that reserve ids themselves keep their own counters, but for the commits; hosts number the rows of their own
 * tables. */
static int32_t verify_counter_of(kam__verify *v, const kam__kind *k, const kam__ids *ids)
{
    static const uint32_t field[] = { KAM__COUNTER_VALUE };
    const kam__kind *counter = kam__builtin_kind(KAM__KIND_COUNTER);
    const kam_table *t = kam__db_table(v->db, k->id);
    verify_counter c = { 0, 0 };
    kam_pred p;
    kam__pred mem;
    if (!ids->n || (t->flags & 1u) || v->db->tables.text_key[k->id] || k->id == KAM__KIND_COUNTER) return KAM_OK;
    if (v->db->store->vt.reserve && k->id != KAM_KIND_COMMIT) return KAM_OK;
    kam__pred_i64(&p, &mem, &counter->field[0], KAM_OP_EQ, k->id);
    KAM__TRY(kam__verify_scan(v, counter, field, 1, &p, verify_on_counter, &c));
    int64_t last = ids->id[ids->n - 1];
    if (!c.found)
        return kam__verify_found_id(v, "COUNTER", k, last, NULL, last, "was given, but the kind has no counter");
    if (last >= c.next)
        return kam__verify_found_id(v, "COUNTER", k, last, NULL, last, "is not below the kind's counter");
    if (k->id == KAM_KIND_COMMIT && last + 1 != c.next)
        return kam__verify_found_id(v, "COUNTER", k, last, NULL, last,
                                    "is the last commit, but more have been counted");
    return KAM_OK;
}

static int32_t verify_commits(kam__verify *v)
{
    const kam__kind *k = kam__schema_kind(v->home->schema, KAM_KIND_COMMIT);
    int64_t expect = 1;
    KAM__TRY(verify_load_ids(v, k, &v->commit));
    for (size_t i = 0; i < v->commit.n; i++) {
        int64_t seq = v->commit.id[i];
        if (seq != expect) KAM__TRY(kam__verify_found_id(v, "COMMIT", k, seq, NULL, expect, "is missing before it"));
        expect = seq + 1;
    }
    return verify_counter_of(v, k, &v->commit);
}

/* ---------------------------------------------------------------- what points at a kind */

typedef struct verify_ref { kam__verify *v; const kam__kind *from, *to; const kam__field *field; } verify_ref;

static int32_t verify_on_ref(void *user, const kam_block *rows)
{
    const verify_ref *w = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *ref = kam__block_col(rows, w->field->id);
    for (uint32_t r = 0; r < rows->nrow; r++) {
        if (kam__col_null(ref, r) || kam__ids_have(&w->v->id, kam__col_i64(ref, r))) continue;
        KAM__TRY(kam__verify_found_id(w->v, "REFERENCE", w->from, kam__col_i64(id, r), w->field, kam__col_i64(ref, r),
                                      "does not exist"));
    }
    return KAM_OK;
}

static int32_t verify_refs_to(kam__verify *v, const kam__kind *to)
{
    uint32_t n = 0;
    const kam__kind *builtin = kam__builtin_kinds(&n);
    for (uint32_t i = 0; i < n; i++) {
        const kam__kind *k = kam__schema_kind(v->home->schema, builtin[i].id);
        for (uint32_t f = 0; f < k->nfield && kam__db_table(v->db, k->id); f++) {
            const kam__field *field = &k->field[f];
            int own = field->id == KAM__REPLACES && k == to;
            if (!own && (field->logic != KAM__L_REF || field->ref != to->id || (field->flags & KAM__F_VIRTUAL)))
                continue;
            verify_ref w = { v, k, to, field };
            const uint32_t col[] = { KAM_ID, field->id };
            if (kam__verify_has(v, k, field->id)) KAM__TRY(kam__verify_scan(v, k, col, 2, NULL, verify_on_ref, &w));
        }
    }
    return KAM_OK;
}

static int32_t verify_on_change(void *user, const kam_block *rows)
{
    const verify_ref *w = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *record = kam__block_col(rows, KAM_CHANGE_RECORD);
    const kam_col *field = kam__block_col(rows, KAM_CHANGE_FIELD);
    for (uint32_t r = 0; r < rows->nrow; r++) {
        int64_t of = kam__col_i64(record, r), f = kam__col_i64(field, r);
        if (!kam__ids_have(&w->v->id, of))
            KAM__TRY(
                kam__verify_found_id(w->v, "CHANGE", w->from, kam__col_i64(id, r), w->field, of, "does not exist"));
        if (f < 1 || f > UINT32_MAX || !kam__kind_field(w->to, (uint32_t)f))
            KAM__TRY(kam__verify_found_id(w->v, "CHANGE", w->from, kam__col_i64(id, r),
                                          kam__kind_field(w->from, KAM_CHANGE_FIELD), f, "is no field of the record"));
    }
    return KAM_OK;
}

static int32_t verify_changes_of(kam__verify *v, const kam__kind *to)
{
    static const uint32_t col[] = { KAM_ID, KAM_CHANGE_RECORD, KAM_CHANGE_FIELD };
    const kam__kind *k = kam__schema_kind(v->home->schema, KAM_KIND_CHANGE);
    verify_ref w = { v, k, to, kam__kind_field(k, KAM_CHANGE_RECORD) };
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, kam__kind_field(k, KAM_CHANGE_KIND), KAM_OP_EQ, to->id);
    return kam__verify_scan(v, k, col, KAM__LEN(col), &p, verify_on_change, &w);
}

/* Changes of kinds that have none are found by their kind. */
static int32_t verify_on_change_kind(void *user, const kam_block *rows)
{
    const verify_ref *w = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *kind = kam__block_col(rows, KAM_CHANGE_KIND);
    for (uint32_t r = 0; r < rows->nrow; r++) {
        int64_t of = kam__col_i64(kind, r);
        const kam__kind *k = of >= 0 && of <= UINT32_MAX ? kam__builtin_kind((uint32_t)of) : NULL;
        if (k && k->cls == KAM_C_ENTITY) continue;
        KAM__TRY(kam__verify_found_id(w->v, "CHANGE", w->from, kam__col_i64(id, r), w->field, of,
                                      "is no kind that changes"));
    }
    return KAM_OK;
}

static int32_t verify_change_kinds(kam__verify *v)
{
    static const uint32_t col[] = { KAM_ID, KAM_CHANGE_KIND };
    const kam__kind *k = kam__schema_kind(v->home->schema, KAM_KIND_CHANGE);
    verify_ref w = { v, k, NULL, kam__kind_field(k, KAM_CHANGE_KIND) };
    return kam__verify_scan(v, k, col, KAM__LEN(col), NULL, verify_on_change_kind, &w);
}

/* ---------------------------------------------------------------- the whole book */

static int32_t verify_kind(kam__verify *v, const kam__kind *k)
{
    if (!kam__db_table(v->db, k->id) || k->id == KAM_KIND_COMMIT) return KAM_OK;
    KAM__TRY(verify_load_ids(v, k, &v->id));
    KAM__TRY(verify_counter_of(v, k, &v->id));
    if (k->cls == KAM__C_OWN) return KAM_OK;
    KAM__TRY(verify_refs_to(v, k));
    if (k->cls == KAM_C_ENTITY) KAM__TRY(verify_changes_of(v, k));
    if (k->cls == KAM_C_FACT) KAM__TRY(kam__verify_facts(v, k));
    if (k->cls == KAM_C_EVENT) KAM__TRY(kam__verify_events(v, k));
    return KAM_OK;
}

static int32_t verify_all(kam__verify *v)
{
    uint32_t n = 0;
    const kam__kind *builtin = kam__builtin_kinds(&n);
    KAM__TRY(verify_commits(v));
    for (uint32_t i = 0; i < n; i++) KAM__TRY(verify_kind(v, kam__schema_kind(v->home->schema, builtin[i].id)));
    KAM__TRY(verify_change_kinds(v));
    return kam__verify_policies(v);
}

/* The tables themselves, which a store checks outside a transaction. */
static int32_t verify_tables(kam__verify *v)
{
    kam_error *why = NULL;
    if (v->home->txn) return KAM_OK;
    KAM__TRY(kam_error_new(&why, &v->ctx->allocator));
    int32_t rc = kam__db_prepare(v->db, KAM_PREPARE_CHECK, why);
    if (rc == KAM_E_SCHEMA) rc = kam__verify_found(v, "TABLE", NULL, 0, NULL, NULL, "%s", kam_error_message(why));
    else if (rc != KAM_OK) kam__fail(v->err, rc, "%s", kam_error_message(why));
    kam_error_free(why);
    return rc;
}

static int32_t verify_run(kam__verify *v, kam_book *book)
{
    kam__call call;
    KAM__TRY(kam__record_new(&v->problem, v->home->schema, KAM_KIND_PROBLEM, v->err));
    KAM__TRY(kam__rowset_new(&v->found, v->home->schema, KAM_KIND_PROBLEM, NULL, 0, v->err));
    KAM__TRY(verify_tables(v));
    KAM__TRY(kam__txn_enter(&call, book, KAM_BEGIN_READ, v->err));
    KAM__TRY(kam__txn_leave(&call, verify_all(v), v->err));
    kam__rowset_seal(v->found);
    return KAM_OK;
}

int32_t kam_book_verify(kam_rows **out, kam_book *book, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    kam_book *home = kam__book_home(book);
    if (home->txn == KAM_BEGIN_WRITE && home->seq)
        return kam__fail(err, KAM_E_INVAL,
                         "a transaction has written: commit it or roll it back before verifying the book");
    kam__verify v = { .home = home, .db = &home->db, .ctx = home->ctx, .err = err };
    int32_t rc = verify_run(&v, book);
    if (rc == KAM_OK) rc = kam__rows_of_set(out, book, v.found, 0, 0, err);
    kam__rowset_drop(v.found);
    kam_record_free(v.problem);
    kam__free(v.ctx, v.commit.id);
    kam__free(v.ctx, v.id.id);
    return rc;
}
