/*
 * store/erase.c - what is known of a person goes, and the record stays.
 *
 * Personal values stand in two places: the record's row, and the old and new values of its CHANGE rows. Both are
 * emptied in one transaction, whatever the record's state; a CHANGE row a field then tells that, when and why. Fields
 * that must have a text get a stand-in, so that the record can still be read, shown and saved. What the store keeps of
 * the old bytes is its own affair: its control PURGE removes them.
 *
 * Personal are the fields flagged so; of an account that is a person also what would only be a firm's particulars. Its
 * name stands in a third place, the lists of stored plans, and goes from there as well.
 */
#include "db.h"

#define ERASE_STAND_IN "(erased)"

/* Particulars of a firm, personal data of a person. Town, region, country and figures name nobody. */
static const uint32_t erase_of_persons[] = {
    KAM_ACCOUNT_NAME, KAM_ACCOUNT_ADDRESS, KAM_ACCOUNT_POSTCODE, KAM_ACCOUNT_PHONE, KAM_ACCOUNT_FAX, KAM_ACCOUNT_EMAIL,
    KAM_ACCOUNT_WEBSITE, KAM_ACCOUNT_CREDIT, KAM_ACCOUNT_STANDING, KAM_ACCOUNT_CREDIT_CODE, KAM_ACCOUNT_LATITUDE,
    KAM_ACCOUNT_LONGITUDE, KAM_ACCOUNT_DEVELOPMENTS, KAM_ACCOUNT_NOTE};

/* Rows of runs that hold the account's name as it was then. */
static const struct { uint32_t kind, account, name; } erase_copies[] = {
    {KAM_KIND_PLAN_ENTRY, KAM_PLAN_ENTRY_ACCOUNT, KAM_PLAN_ENTRY_NAME},
    {KAM_KIND_UNPLANNED, KAM_UNPLANNED_ACCOUNT, KAM_UNPLANNED_NAME}};

/* A CHANGE row to be emptied: 1 = its value becomes the stand-in, 0 = none. */
typedef struct erase_change { int64_t id; uint8_t keep_old, keep_new; } erase_change;
typedef struct erase_copy { int64_t id; size_t of; } erase_copy;      /* a row of erase_copies[of] */
typedef struct erase_job {
    kam_book *b;
    kam_record *r;                          /* the record as it stands */
    uint8_t *hit;                           /* a field of the kind: 1 = it or its history has something to erase */
    uint32_t nhit;
    int person;                             /* an account that is one */
    erase_change *change; size_t n, cap;
    erase_copy *copy; size_t ncopy, cap_copy, of;
    kam_error *err;
} erase_job;

static int erase_flagged(const kam__field *f)
{
    return (f->flags & (KAM_F_PERSONAL | KAM_F_SENSITIVE)) && !(f->flags & (KAM__F_VIRTUAL | KAM__F_COMMON));
}

static int erase_personal(const erase_job *j, const kam__field *f)
{
    for (size_t i = 0; j->person && i < KAM__LEN(erase_of_persons); i++)
        if (f->id == erase_of_persons[i]) return 1;
    return erase_flagged(f);
}

static const char *erase_stand_in(const kam__field *f)
{
    return (f->flags & KAM_F_REQUIRED) && f->logic == KAM__L_TEXT ? ERASE_STAND_IN : NULL;
}

/* What stands there already counts as erased: a second erasure finds nothing. */
static int erase_says_something(const kam__field *f, const char *text, size_t len)
{
    const char *own = erase_stand_in(f);
    return text && !(own && len == strlen(own) && memcmp(text, own, len) == 0);
}

static void erase_hit(erase_job *j, uint32_t field)
{
    j->nhit += !j->hit[field];
    j->hit[field] = 1;
}

/* ---------------------------------------------------------------- the history */

static int32_t erase_on_change(void *user, const kam_block *rows)
{
    erase_job *j = user;
    const kam__kind *k = j->r->kind;
    const kam_col *id = kam__block_col(rows, KAM_ID), *field = kam__block_col(rows, KAM_CHANGE_FIELD);
    const kam_col *was = kam__block_col(rows, KAM_CHANGE_OLD), *is = kam__block_col(rows, KAM_CHANGE_NEW);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t nwas = 0, nis = 0;
        uint32_t at = kam__kind_index(k, (uint32_t)kam__col_i64(field, i));
        if (at == UINT32_MAX || !erase_personal(j, &k->field[at])) continue;
        const kam__field *f = &k->field[at];
        const char *a = kam__col_text(was, i, &nwas), *z = kam__col_text(is, i, &nis);
        if (!erase_says_something(f, a, nwas) && !erase_says_something(f, z, nis)) continue;
        KAM__TRY(kam__grow(j->b->ctx, &j->change, &j->cap, j->n + 1, sizeof *j->change, j->err));
        int stays = erase_stand_in(f) != NULL;
        j->change[j->n++] = (erase_change){ kam__col_i64(id, i), (uint8_t)(a && stays), (uint8_t)(z && stays) };
        erase_hit(j, at);
    }
    return KAM_OK;
}

static int32_t erase_find_changes(erase_job *j)
{
    static const uint32_t field[] = { KAM_ID, KAM_CHANGE_FIELD, KAM_CHANGE_OLD, KAM_CHANGE_NEW };
    const kam__kind *k = kam__builtin_kind(KAM_KIND_CHANGE);
    kam_pred p[2];
    kam__pred mem[2];
    kam__pred_i64(&p[0], &mem[0], kam__kind_field(k, KAM_CHANGE_KIND), KAM_OP_EQ, j->r->kind->id);
    kam__pred_i64(&p[1], &mem[1], kam__kind_field(k, KAM_CHANGE_RECORD), KAM_OP_EQ, kam__record_num(j->r, KAM_ID, 0));
    kam__scan q = {
        .kind = KAM_KIND_CHANGE, .field = field, .nfield = KAM__LEN(field), .pred = p, .npred = 2, .any_order = 1};
    return kam__db_scan(&kam__book_home(j->b)->db, &q, erase_on_change, j, j->err);
}

static int32_t erase_flush(erase_job *j, kam__blockbuf *bb, uint32_t kind)
{
    kam_block block;
    kam__bb_view(bb, &block);
    int32_t rc = kam__db_write(&kam__book_home(j->b)->db, kind, KAM_WRITE_UPDATE, &block, j->err);
    kam__bb_clear(bb);
    return rc;
}

static int32_t erase_changes(erase_job *j)
{
    static const uint32_t field[] = { KAM_ID, KAM_CHANGE_OLD, KAM_CHANGE_NEW };
    static const uint8_t type[] = { KAM_T_I64, KAM_T_TEXT, KAM_T_TEXT };
    kam__blockbuf bb;
    if (!j->n) return KAM_OK;
    KAM__TRY(kam__bb_init(&bb, j->b->ctx, KAM__LEN(field), field, type, j->err));
    int32_t rc = KAM_OK;
    for (size_t i = 0; i < j->n && rc == KAM_OK; i++) {
        const erase_change *c = &j->change[i];
        kam__bb_i64(&bb, 0, c->id);
        if (c->keep_old) kam__bb_text(&bb, 1, ERASE_STAND_IN, strlen(ERASE_STAND_IN));
        if (c->keep_new) kam__bb_text(&bb, 2, ERASE_STAND_IN, strlen(ERASE_STAND_IN));
        rc = kam__bb_end_row(&bb, j->err);
        if (rc == KAM_OK && (kam__bb_full(&bb) || i + 1 == j->n)) rc = erase_flush(j, &bb, KAM_KIND_CHANGE);
    }
    kam__bb_free(&bb);
    return rc;
}

/* ---------------------------------------------------------------- copies of its name */

static int32_t erase_on_copy(void *user, const kam_block *rows)
{
    erase_job *j = user;
    const kam__field *f = kam__kind_field(j->r->kind, KAM_ACCOUNT_NAME);
    const kam_col *id = kam__block_col(rows, KAM_ID), *name = kam__block_col(rows, erase_copies[j->of].name);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = name ? kam__col_text(name, i, &len) : NULL;
        if (!erase_says_something(f, text, len)) continue;
        KAM__TRY(kam__grow(j->b->ctx, &j->copy, &j->cap_copy, j->ncopy + 1, sizeof *j->copy, j->err));
        j->copy[j->ncopy++] = (erase_copy){ kam__col_i64(id, i), j->of };
        erase_hit(j, kam__kind_index(j->r->kind, f->id));
    }
    return KAM_OK;
}

static int32_t erase_find_copies(erase_job *j)
{
    kam__db *db = &kam__book_home(j->b)->db;
    for (j->of = 0; j->person && j->of < KAM__LEN(erase_copies); j->of++) {
        const uint32_t kind = erase_copies[j->of].kind, field[] = { KAM_ID, erase_copies[j->of].name };
        kam_pred p;
        kam__pred mem;
        if (!kam__db_table(db, kind)) continue;
        kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), erase_copies[j->of].account), KAM_OP_EQ,
                      kam__record_num(j->r, KAM_ID, 0));
        kam__scan q = {.kind = kind, .field = field, .nfield = KAM__LEN(field), .pred = &p, .npred = 1, .any_order = 1};
        KAM__TRY(kam__db_scan(db, &q, erase_on_copy, j, j->err));
    }
    return KAM_OK;
}

/* [*at, end of that list) */
static int32_t erase_copies_of(erase_job *j, size_t *at)
{
    static const uint8_t type[] = { KAM_T_I64, KAM_T_TEXT };
    const size_t of = j->copy[*at].of;
    const uint32_t field[] = { KAM_ID, erase_copies[of].name };
    kam__blockbuf bb;
    KAM__TRY(kam__bb_init(&bb, j->b->ctx, KAM__LEN(field), field, type, j->err));
    int32_t rc = KAM_OK;
    for (; rc == KAM_OK && *at < j->ncopy && j->copy[*at].of == of; ++*at) {
        kam__bb_i64(&bb, 0, j->copy[*at].id);
        kam__bb_text(&bb, 1, ERASE_STAND_IN, strlen(ERASE_STAND_IN));
        rc = kam__bb_end_row(&bb, j->err);
        if (rc == KAM_OK && (kam__bb_full(&bb) || *at + 1 == j->ncopy || j->copy[*at + 1].of != of))
            rc = erase_flush(j, &bb, erase_copies[of].kind);
    }
    kam__bb_free(&bb);
    return rc;
}

static int32_t erase_names(erase_job *j)
{
    for (size_t at = 0; at < j->ncopy;) KAM__TRY(erase_copies_of(j, &at));
    return KAM_OK;
}

/* ---------------------------------------------------------------- the record */

static void erase_find_values(erase_job *j)
{
    const kam__kind *k = j->r->kind;
    for (uint32_t i = 0; i < k->nfield; i++) {
        if (!erase_personal(j, &k->field[i]) || j->r->cell[i].state == KAM__CELL_NONE) continue;
        size_t len = 0;
        const char *text = k->field[i].type == KAM_T_TEXT ? kam__record_cell_text(j->r, i, &len) : "";
        if (erase_says_something(&k->field[i], text, len)) erase_hit(j, i);
    }
}

/* Also if the history alone has something: the record's rev counts on, and who holds an old copy cannot save it. */
static int32_t erase_row(erase_job *j, uint32_t *field, uint8_t *type)
{
    const kam__kind *k = j->r->kind;
    const kam_table *t = kam__db_table(&kam__book_home(j->b)->db, k->id);
    uint32_t n = 2;
    kam__blockbuf bb;
    field[0] = KAM_ID, field[1] = KAM_REV;
    type[0] = type[1] = KAM_T_I64;
    for (uint32_t i = 0; i < k->nfield; i++)
        if (j->hit[i] && kam__table_field(t, k->field[i].id))      /* a host's table may have left it out */
            field[n] = k->field[i].id, type[n++] = k->field[i].type;
    KAM__TRY(kam__bb_init(&bb, j->b->ctx, n, field, type, j->err));
    kam__bb_i64(&bb, 0, kam__record_num(j->r, KAM_ID, 0));
    kam__bb_i64(&bb, 1, kam__record_num(j->r, KAM_REV, 0) + 1);
    for (uint32_t c = 2; c < n; c++) {
        const char *text = erase_stand_in(kam__kind_field(k, field[c]));
        if (text) kam__bb_text(&bb, c, text, strlen(text));
    }
    int32_t rc = kam__bb_end_row(&bb, j->err);
    if (rc == KAM_OK) rc = erase_flush(j, &bb, k->id);
    kam__bb_free(&bb);
    return rc;
}

static int32_t erase_record(erase_job *j)
{
    uint32_t n = j->r->kind->nfield + 2;
    uint32_t *field = kam__alloc(j->b->ctx, n * sizeof *field);
    uint8_t *type = kam__alloc(j->b->ctx, n);
    int32_t rc = field && type ? erase_row(j, field, type) : kam__nomem(j->err);
    kam__free(j->b->ctx, field);
    kam__free(j->b->ctx, type);
    return rc;
}

/* ---------------------------------------------------------------- telling it */

static int32_t erase_tell_field(erase_job *j, const kam__field *f, const char *reason)
{
    kam_record *c = NULL;
    const char *text = erase_stand_in(f);
    KAM__TRY(kam__record_new(&c, j->b->schema, KAM_KIND_CHANGE, j->err));
    kam__record_put_num(c, KAM_CHANGE_KIND, j->r->kind->id);
    kam__record_put_num(c, KAM_CHANGE_RECORD, kam__record_num(j->r, KAM_ID, 0));
    kam__record_put_num(c, KAM_CHANGE_FIELD, f->id);
    int32_t rc = kam__record_put_text(c, kam__kind_index(c->kind, KAM_REASON), reason, strlen(reason), j->err);
    if (rc == KAM_OK && text)
        rc = kam__record_put_text(c, kam__kind_index(c->kind, KAM_CHANGE_OLD), text, strlen(text), j->err);
    if (rc == KAM_OK && text)
        rc = kam__record_put_text(c, kam__kind_index(c->kind, KAM_CHANGE_NEW), text, strlen(text), j->err);
    if (rc == KAM_OK) rc = kam__insert_record(j->b, c, j->err);
    kam_record_free(c);
    return rc;
}

/* "erased: REASON" */
static int32_t erase_tell(erase_job *j, const char *reason)
{
    kam_buf b;
    kam__buf_init(&b, j->b->ctx);
    kam__buf_str(&b, "erased");
    if (reason[0]) kam__buf_str(&b, ": ");
    kam__buf_str(&b, reason);
    int32_t rc = kam__buf_end(&b, j->err);
    for (uint32_t i = 0; i < j->r->kind->nfield && rc == KAM_OK; i++)
        if (j->hit[i]) rc = erase_tell_field(j, &j->r->kind->field[i], kam_buf_data(&b));
    kam__buf_drop(&b);
    return rc;
}

/* ---------------------------------------------------------------- the call */

static int erase_has_flagged(const kam__kind *k)
{
    for (uint32_t i = 0; i < k->nfield; i++)
        if (erase_flagged(&k->field[i])) return 1;
    return 0;
}

/* Nothing of a firm is personal but what the book's own fields make so. */
static int32_t erase_check_one(const erase_job *j)
{
    if (j->person || erase_has_flagged(j->r->kind)) return KAM_OK;
    return kam__fail(j->err, KAM_E_UNSUPPORTED, "%s %lld is not of kind PERSON, and no field of it is flagged PERSONAL: nothing"
                     " of it can be erased", j->r->kind->name, (long long)kam__record_num(j->r, KAM_ID, 0));
}

static int32_t erase_all(erase_job *j, int64_t id, const char *reason)
{
    const kam__kind *k = j->r->kind;
    const kam_table *t = kam__db_table(&kam__book_home(j->b)->db, k->id);
    if (t && (t->flags & 1u))
        return kam__fail(j->err, KAM_E_READ_ONLY, "table %s is the host's and mapped read-only: erase the %s there",
                         t->relation, k->name);
    if (!(j->hit = kam__zalloc(j->b->ctx, k->nfield))) return kam__nomem(j->err);
    KAM__TRY(kam__read_one_deleted(j->r, j->b, id, j->err));
    j->person = k->id == KAM_KIND_ACCOUNT && kam__record_num(j->r, KAM_ACCOUNT_KIND, 0) == KAM_ACCOUNT_KIND_PERSON;
    KAM__TRY(erase_check_one(j));
    erase_find_values(j);
    KAM__TRY(erase_find_changes(j));
    KAM__TRY(erase_find_copies(j));
    if (!j->nhit) return KAM_OK;                        /* nothing is there, or it was erased before */
    KAM__TRY(erase_record(j));
    KAM__TRY(erase_changes(j));
    KAM__TRY(erase_names(j));
    KAM__TRY(erase_tell(j, reason));
    return kam__txn_touch(j->b, k->id, kam__record_num(j->r, KAM_ID, 0), KAM_TOUCH_UPDATE, j->err);
}

static int32_t erase_check(const kam__kind *k, kam_error *err)
{
    if (k->cls == KAM_C_ENTITY && (k->id == KAM_KIND_ACCOUNT || erase_has_flagged(k))) return KAM_OK;
    return kam__fail(err, KAM_E_UNSUPPORTED, "%s has no field flagged PERSONAL: nothing of it can be erased", k->name);
}

int32_t kam_book_erase(kam_book *book, uint32_t kind, int64_t id, const char *reason, kam_error *err)
{
    size_t len = KAM_NUL;
    KAM__TRY(kam__book_ready(book, err));
    const kam__kind *k = kam__book_kind(book, kind, err);
    if (!k) return KAM_E_INVAL;
    KAM__TRY(erase_check(k, err));
    if (!reason) reason = "";
    KAM__TRY(kam__text_in(book->ctx, reason, &len, err));
    kam__call call;
    KAM__TRY(kam__txn_enter(&call, book, KAM_BEGIN_WRITE, err));
    erase_job j = { .b = book, .err = err };
    int32_t rc = kam__record_new(&j.r, book->schema, kind, err);
    if (rc == KAM_OK) rc = erase_all(&j, id, reason);
    kam_record_free(j.r);
    kam__free(book->ctx, j.hit);
    kam__free(book->ctx, j.change);
    kam__free(book->ctx, j.copy);
    return kam__txn_leave(&call, rc, err);
}

#undef ERASE_STAND_IN
