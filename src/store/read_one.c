/*
 * store/read_one.c - one record by id or by the ERP's key, and the facts that an account's record shows.
 *
 * Ids that were merged away lead on through id_alias; a corrected event leads to its last correction.
 */
#include "read.h"

typedef struct one_row { kam_record *out; int found; kam_error *err; } one_row;

static int32_t on_one(void *user, const kam_block *rows)
{
    one_row *o = user;
    if (!rows->nrow || o->found) return KAM_OK;
    o->found = 1;
    return kam__record_load(o->out, rows, 0, o->err);
}

typedef struct one_number { uint32_t field; int64_t value; int64_t rev; } one_number;

/* The value in the row with the highest rev, for lookups that may meet several versions of an event. */
static int32_t on_one_number(void *user, const kam_block *rows)
{
    one_number *n = user;
    const kam_col *c = kam__block_col(rows, n->field), *rev = kam__block_col(rows, KAM_REV);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t r = rev ? kam__col_i64(rev, i) : 1;
        if (n->value && r <= n->rev) continue;
        n->value = kam__col_i64(c, i);
        n->rev = r;
    }
    return KAM_OK;
}

static int32_t follow_alias(int64_t *id, kam_book *b, uint32_t kind, kam_error *err)
{
    const kam__kind *k = kam__builtin_kind(KAM__KIND_ID_ALIAS);
    for (int step = 0; step < 32; step++) {
        kam_pred p[2];
        kam__pred mem[2];
        one_number n = { .field = KAM__ID_ALIAS_NEW };
        kam__pred_i64(&p[0], &mem[0], kam__kind_field(k, KAM__ID_ALIAS_KIND), KAM_OP_EQ, kind);
        kam__pred_i64(&p[1], &mem[1], kam__kind_field(k, KAM__ID_ALIAS_OLD), KAM_OP_EQ, *id);
        kam__scan q = { .kind = KAM__KIND_ID_ALIAS, .pred = p, .npred = 2, .any_order = 1 };
        KAM__TRY(kam__db_scan(&kam__book_home(b)->db, &q, on_one_number, &n, err));
        if (!n.value) return KAM_OK;
        *id = n.value;
    }
    return KAM_OK;
}

static int32_t follow_corrections(int64_t *id, kam_book *b, const kam__kind *kind, kam_error *err)
{
    static const uint32_t field[] = { KAM_ID };
    if (kind->cls != KAM_C_EVENT || !kam__table_field(kam__db_table(&kam__book_home(b)->db, kind->id), KAM__REPLACES))
        return KAM_OK;
    for (;;) {
        kam_pred p[2];
        kam__pred mem[2];
        one_number n = { .field = KAM_ID };
        kam__pred_i64(&p[0], &mem[0], kam__kind_field(kind, KAM__REPLACES), KAM_OP_EQ, *id);
        kam__pred_i64(&p[1], &mem[1], kam__kind_field(kind, KAM_SEQ), KAM_OP_LE, b->known);
        kam__scan q = { .kind = kind->id, .field = field, .nfield = 1, .pred = p, .npred = 2, .any_order = 1 };
        KAM__TRY(kam__db_scan(&kam__book_home(b)->db, &q, on_one_number, &n, err));
        if (!n.value) return KAM_OK;
        *id = n.value;
    }
}

/* ---------------------------------------------------------------- facts an account shows */

static const struct shown { uint32_t field, kind, subject, value; } shown_facts[] = {
    { KAM_ACCOUNT_OWNER, KAM_KIND_OWNER, KAM_OWNER_ACCOUNT, KAM_OWNER_REPRESENTATIVE },
    { KAM_ACCOUNT_TIER, KAM_KIND_TIER, KAM_TIER_ACCOUNT, KAM_TIER_TIER },
    { KAM_ACCOUNT_LIFECYCLE, KAM_KIND_LIFECYCLE, KAM_LIFECYCLE_ACCOUNT, KAM_LIFECYCLE_STATE },
};

int kam__shown_fact(uint32_t account_field, uint32_t *kind, uint32_t *subject, uint32_t *value)
{
    for (size_t i = 0; i < KAM__LEN(shown_facts); i++)
        if (shown_facts[i].field == account_field) {
            *kind = shown_facts[i].kind;
            *subject = shown_facts[i].subject;
            *value = shown_facts[i].value;
            return 1;
        }
    return 0;
}

static int32_t fill_shown(kam_record *r, kam_book *b, int64_t id, int32_t as_of, kam_error *err)
{
    for (size_t i = 0; i < KAM__LEN(shown_facts); i++) {
        const struct shown *s = &shown_facts[i];
        kam_pred p;
        kam__pred mem;
        one_number n = { .field = s->value };
        kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(s->kind), s->subject), KAM_OP_EQ, id);
        kam__read q = { .scan = { .kind = s->kind, .pred = &p, .npred = 1, .any_order = 1 }, .as_of = as_of };
        KAM__TRY(kam__read_rows(b, &q, on_one_number, &n, err));
        if (n.value) kam__record_put_i64(r, kam__kind_index(r->kind, s->field), n.value);
    }
    return KAM_OK;
}

typedef struct fact_map {
    kam__imap *of;
    int64_t *value;
    size_t n, cap;
    const struct shown *s;
    kam_book *b;
    kam_error *err;
} fact_map;

static int32_t on_fact(void *user, const kam_block *rows)
{
    fact_map *m = user;
    const kam_col *subject = kam__block_col(rows, m->s->subject), *value = kam__block_col(rows, m->s->value);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        KAM__TRY(kam__grow(m->b->ctx, &m->value, &m->cap, m->n + 1, sizeof *m->value, m->err));
        m->value[m->n] = kam__col_i64(value, i);
        KAM__TRY(kam__imap_put(m->of, kam__col_i64(subject, i), (uint32_t)m->n, m->err));
        m->n++;
    }
    return KAM_OK;
}

int32_t kam__read_fact_map(kam__imap *out, int64_t **value, kam_book *b, uint32_t kind, int32_t as_of, kam_error *err)
{
    fact_map m = { .of = out, .b = b, .err = err };
    for (size_t i = 0; i < KAM__LEN(shown_facts); i++)
        if (shown_facts[i].kind == kind) m.s = &shown_facts[i];
    if (!m.s) return kam__fail(err, KAM_E_INVAL, "kind %u is not a fact an account shows", kind);
    kam__imap_init(out, b->ctx);
    kam__read q = { .scan = { .kind = kind, .any_order = 1 }, .as_of = as_of };
    int32_t rc = kam__read_rows(b, &q, on_fact, &m, err);
    if (rc != KAM_OK) {
        kam__imap_free(out);
        kam__free(b->ctx, m.value);
        return rc;
    }
    *value = m.value;
    return KAM_OK;
}

/* ---------------------------------------------------------------- one record */

/* A fact is found whatever days it holds; an event followed to its last correction is not replaced by another. */
static uint32_t read_one_flags(const kam__kind *kind)
{
    return kind->cls == KAM_C_FACT ? KAM__READ_ALL_TIMES : kind->cls == KAM_C_EVENT ? KAM__READ_REPLACED : 0;
}

static int32_t read_row_of_id(one_row *o, kam_book *b, int64_t id, int32_t as_of, uint32_t flags, kam_error *err)
{
    const kam__kind *kind = o->out->kind;
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, &kind->field[0], KAM_OP_EQ, id);
    kam__read q = { .scan = { .kind = kind->id, .pred = &p, .npred = 1, .any_order = 1 }, .as_of = as_of,
                    .flags = flags | read_one_flags(kind) };
    return kam__read_rows(b, &q, on_one, o, err);
}

/* Most ids are nobody's alias: that is looked up only for one that is not there. */
static int32_t read_one_row(kam_record *out, kam_book *b, int64_t id, int32_t as_of, uint32_t flags, kam_error *err)
{
    const kam__kind *kind = out->kind;
    one_row o = { .out = out, .err = err };
    int64_t asked = id;
    KAM__TRY(follow_corrections(&id, b, kind, err));
    KAM__TRY(read_row_of_id(&o, b, id, as_of, flags, err));
    if (!o.found) {
        id = asked;
        KAM__TRY(follow_alias(&id, b, kind->id, err));
        if (id != asked) KAM__TRY(read_row_of_id(&o, b, id, as_of, flags, err));
    }
    if (!o.found) return kam__fail(err, KAM_E_NOT_FOUND, "there is no %s with id %lld", kind->name, (long long)asked);
    return kind->id == KAM_KIND_ACCOUNT ? fill_shown(out, b, id, as_of, err) : KAM_OK;
}

int32_t kam__read_one(kam_record *out, kam_book *b, int64_t id, int32_t as_of, kam_error *err)
{
    kam__call call;
    KAM__TRY(kam__txn_enter(&call, b, KAM_BEGIN_READ, err));
    return kam__txn_leave(&call, read_one_row(out, b, id, as_of, 0, err), err);
}

int32_t kam__read_one_deleted(kam_record *out, kam_book *b, int64_t id, kam_error *err)
{
    kam__call call;
    KAM__TRY(kam__txn_enter(&call, b, KAM_BEGIN_READ, err));
    return kam__txn_leave(&call, read_one_row(out, b, id, KAM_TODAY, KAM__READ_DELETED, err), err);
}

int32_t kam__read_first_id(int64_t *id, kam_book *b, uint32_t kind, kam_error *err)
{
    static const uint32_t field[] = { KAM__REPLACES };
    const kam__kind *k = kam__schema_kind(b->schema, kind);
    kam__call call;
    int32_t rc = KAM_OK;
    KAM__TRY(kam__txn_enter(&call, b, KAM_BEGIN_READ, err));
    int more = k->cls == KAM_C_EVENT && kam__table_field(kam__db_table(&call.home->db, kind), KAM__REPLACES) != NULL;
    while (rc == KAM_OK && more) {
        kam_pred p;
        kam__pred mem;
        one_number n = { .field = KAM__REPLACES };
        kam__pred_i64(&p, &mem, &k->field[0], KAM_OP_EQ, *id);
        kam__scan q = { .kind = kind, .field = field, .nfield = 1, .pred = &p, .npred = 1, .any_order = 1 };
        rc = kam__db_scan(&call.home->db, &q, on_one_number, &n, err);
        more = n.value > 0;
        if (rc == KAM_OK && more) *id = n.value;
    }
    return kam__txn_leave(&call, rc, err);
}

/* ---------------------------------------------------------------- by the ERP's key */

static uint32_t key_predicates(kam_pred *p, kam__pred *mem, const kam__kind *k, uint32_t source_field,
                               uint32_t key_field, const char *source, const char *key, size_t len)
{
    const kam__field *sf = kam__kind_field(k, source_field);
    kam__pred_text(&p[0], &mem[0], kam__kind_field(k, key_field), KAM_OP_EQ, key, len);
    if (source && source[0]) kam__pred_text(&p[1], &mem[1], sf, KAM_OP_EQ, source, strlen(source));
    else kam__pred_null(&p[1], sf);
    return 2;
}

static int32_t read_host_key(one_number *n, kam_book *b, uint32_t kind, const char *source, const char *key, size_t len,
                             kam_error *err)
{
    const kam__kind *k = kam__builtin_kind(KAM__KIND_EXT_ID);
    kam_pred p[3];
    kam__pred mem[3];
    uint32_t np =
        key_predicates(p, mem, k, KAM__EXT_ID_SOURCE, KAM__EXT_ID_KEY, source && source[0] ? source : "erp", key, len);
    kam__pred_i64(&p[np], &mem[np], kam__kind_field(k, KAM__EXT_ID_KIND), KAM_OP_EQ, kind);
    n->field = KAM__EXT_ID_RECORD;
    kam__scan q = { .kind = KAM__KIND_EXT_ID, .pred = p, .npred = np + 1, .any_order = 1 };
    return kam__db_scan(&kam__book_home(b)->db, &q, on_one_number, n, err);
}

static int32_t read_own_key(one_number *n, kam_book *b, uint32_t kind, const char *source, const char *key, size_t len,
                            kam_error *err)
{
    static const uint32_t field[] = { KAM_ID, KAM_REV };
    const kam__kind *k = kam__schema_kind(b->schema, kind);
    kam_pred p[2];
    kam__pred mem[2];
    if (!k || !kam__kind_field(k, KAM_EXT_ID)) return KAM_OK;           /* this kind has no keys of the ERP */
    uint32_t np = key_predicates(p, mem, k, KAM_SOURCE, KAM_EXT_ID, source, key, len);
    n->field = KAM_ID;
    kam__read q = { .scan = { .kind = kind, .field = field, .nfield = 2, .pred = p, .npred = np, .any_order = 1 },
                    .as_of = KAM_TODAY, .flags = KAM__READ_DELETED };
    return kam__read_rows(b, &q, on_one_number, n, err);
}

int32_t kam__read_key(int64_t *out, kam_book *b, uint32_t kind, const char *source, const char *ext_id, size_t len,
                      kam_error *err)
{
    one_number n = { 0 };
    kam__call call;
    KAM__TRY(kam__txn_enter(&call, b, KAM_BEGIN_READ, err));
    int32_t rc = kind < 128 && call.home->db.tables.text_key[kind]
                     ? read_host_key(&n, b, kind, source, ext_id, len, err)
                     : read_own_key(&n, b, kind, source, ext_id, len, err);
    if (rc == KAM_OK) *out = n.value;
    return kam__txn_leave(&call, rc, err);
}
