/*
 * store/policy.c - policy documents: what decides, as data.
 *
 * A document is stored in canonical form with its SHA-256 and never changes; a new version is a new row. Being in force
 * is a FACT with days, so "which version held on 1 March" is a query, and two approved versions of one name never hold
 * on the same day.
 */
#include "store.h"

static const char *policy_kind_name(uint32_t kind)
{
    const kam__enum_item *i = kam__enum_by_value(kam__enum_set_by_name("POLICY_KIND"), kind);
    return i ? i->name : "policy";
}

/* ---------------------------------------------------------------- finding versions */

/* POLICY rows of one kind and name (name NULL: one id). */
static int32_t policy_rows(kam__rowset **out, kam_book *b, uint32_t kind, const char *name, int64_t id, kam_error *err)
{
    const kam__kind *k = kam__schema_kind(b->schema, KAM_KIND_POLICY);
    kam_pred p[2];
    kam__pred mem[2];
    if (name) {
        kam__pred_i64(&p[0], &mem[0], kam__kind_field(k, KAM_POLICY_KIND), KAM_OP_EQ, kind);
        kam__pred_text(&p[1], &mem[1], kam__kind_field(k, KAM_POLICY_NAME), KAM_OP_EQ, name, strlen(name));
    } else {
        kam__pred_i64(&p[0], &mem[0], &k->field[0], KAM_OP_EQ, id);
    }
    kam__read q = { .scan = { .kind = KAM_KIND_POLICY, .pred = p, .npred = name ? 2 : 1 }, .as_of = KAM_TODAY };
    return kam__read_set(out, b, &q, err);
}

static int32_t policy_load_row(kam_record *r, const kam__rowset *s, uint64_t i, kam_error *err)
{
    const kam__blockbuf *bb = NULL;
    uint32_t row = 0;
    kam__rowset_at(s, i, &bb, &row);
    kam_block view = { .struct_size = sizeof view, .nrow = bb->nrow, .ncol = bb->ncol, .col = bb->view };
    return kam__record_load(r, &view, row, err);
}

/* The status facts of one policy; day KAM_TODAY with all = 1: of all times. */
static int32_t policy_status(kam__rowset **out, kam_book *b, int64_t policy, int32_t day, int all, kam_error *err)
{
    const kam__kind *k = kam__schema_kind(b->schema, KAM_KIND_POLICY_STATUS);
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, kam__kind_field(k, KAM_POLICY_STATUS_POLICY), KAM_OP_EQ, policy);
    kam__read q = { .scan = { .kind = KAM_KIND_POLICY_STATUS, .pred = &p, .npred = 1 }, .as_of = day,
                    .flags = all ? KAM__READ_ALL_TIMES : 0 };
    return kam__read_set(out, b, &q, err);
}

static int32_t policy_approved(int *out, kam_book *b, int64_t policy, int32_t day, kam_error *err)
{
    kam__rowset *s = NULL;
    KAM__TRY(policy_status(&s, b, policy, day, 0, err));
    uint32_t col = kam__rowset_col(s, KAM_POLICY_STATUS_STATE);
    *out = 0;
    for (uint64_t i = 0; i < s->nrow; i++) {
        const kam__blockbuf *bb = NULL;
        uint32_t row = 0;
        kam__rowset_at(s, i, &bb, &row);
        *out |= kam__col_i64(&bb->view[col], row) == KAM_POLICY_STATE_APPROVED;
    }
    kam__rowset_drop(s);
    return KAM_OK;
}

/* ---------------------------------------------------------------- adding */

static const kam__policy_plug *policy_plug(uint32_t kind)
{
    for (const kam__policy_plug *p = kam__policy_plugs; p->kind; p++)
        if (p->kind == kind) return p;
    return NULL;
}

static int32_t policy_name(const char **out, const kam__json *body, kam_error *err)
{
    KAM__TRY(kam__json_str(out, kam__json_get(body, "name"), "name", err));
    size_t len = strlen(*out);
    if (len && len < 64) return KAM_OK;
    return kam__json_fail(kam__json_get(body, "name"), KAM_E_POLICY, err, "\"name\" of a policy has 1 to 63 bytes");
}

static int32_t policy_check(const kam__json **body, kam__arena *a, uint32_t kind, const char *json, size_t len,
                            kam_error *err)
{
    const kam__policy_plug *plug = policy_plug(kind);
    if (!plug)
        return kam__fail(err, KAM_E_UNSUPPORTED, "policies of kind %s (%u) are not supported yet",
                         policy_kind_name(kind), kind);
    KAM__TRY(kam__json_parse(body, a, json, len, 0, err));
    if ((*body)->type != KAM__J_OBJECT)
        return kam__json_fail(*body, KAM_E_POLICY, err, "a policy document is a JSON object");
    return plug->check(a->ctx, *body, err);
}

/* The same content again is the same version. *version = the next free number. */
static int32_t policy_same(int64_t *id, int64_t *version, kam_book *b, uint32_t kind, const char *name,
                           const char *hash, kam_error *err)
{
    kam__rowset *s = NULL;
    kam_record *r = NULL;
    *id = 0;
    *version = 1;
    KAM__TRY(policy_rows(&s, b, kind, name, 0, err));
    int32_t rc = kam__record_new(&r, b->schema, KAM_KIND_POLICY, err);
    for (uint64_t i = 0; i < s->nrow && rc == KAM_OK; i++) {
        rc = policy_load_row(r, s, i, err);
        if (rc != KAM_OK) break;
        if (kam__text_same(kam_record_text(r, KAM_POLICY_HASH, ""), hash)) *id = kam_record_i64(r, KAM_ID, 0);
        int64_t v = kam_record_i64(r, KAM_POLICY_VERSION, 0);
        if (v >= *version) *version = v + 1;
    }
    kam_record_free(r);
    kam__rowset_drop(s);
    return rc;
}

static int32_t policy_insert(int64_t *out, kam_book *b, uint32_t kind, const char *name, int64_t version,
                             const char *hash, const kam_buf *canonical, kam_error *err)
{
    kam_record *r = NULL;
    if (canonical->size > b->ctx->opt.max_text)
        return kam__fail(err, KAM_E_LIMIT, "policy \"%s\" has %zu bytes, a text may have %u", name, canonical->size,
                         b->ctx->opt.max_text);
    KAM__TRY(kam__record_new(&r, b->schema, KAM_KIND_POLICY, err));
    kam__record_put_num(r, KAM_POLICY_KIND, kind);
    kam__record_put_num(r, KAM_POLICY_VERSION, version);
    int32_t rc = kam__record_put_str(r, KAM_POLICY_NAME, name, err);
    if (rc == KAM_OK) rc = kam__record_put_str(r, KAM_POLICY_HASH, hash, err);
    if (rc == KAM_OK) rc = kam__record_put_str(r, KAM_POLICY_BODY, canonical->data, err);
    if (rc == KAM_OK) rc = kam__record_put_str(r, KAM_POLICY_AUTHOR, kam__book_home(b)->actor, err);
    if (rc == KAM_OK) rc = kam__insert_record(b, r, err);
    if (rc == KAM_OK) *out = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
    return rc == KAM_OK ? kam__txn_touch(b, KAM_KIND_POLICY, *out, KAM_TOUCH_INSERT, err) : rc;
}

static void policy_hash(char hex[65], const kam_buf *canonical)
{
    kam__sha256 h;
    kam__sha256_init(&h);
    kam__sha256_add(&h, canonical->data, canonical->size);
    kam__sha256_end(&h, hex);
}

/* *fresh (may be NULL): 1 = it was not there. */
static int32_t policy_add(int64_t *out, int *fresh, kam_book *b, uint32_t kind, const char *json, size_t len,
                          kam_error *err)
{
    kam__arena a;
    kam_buf canonical;
    const kam__json *body = NULL;
    const char *name = NULL;
    char hash[65];
    int64_t id = 0, version = 0;
    kam__arena_init(&a, b->ctx, 0);
    kam__buf_init(&canonical, b->ctx);
    int32_t rc = policy_check(&body, &a, kind, json, len, err);
    if (rc == KAM_OK) rc = policy_name(&name, body, err);
    if (rc == KAM_OK) rc = kam__json_canonical(&canonical, body, err);
    if (rc == KAM_OK) {
        policy_hash(hash, &canonical);
        rc = policy_same(&id, &version, b, kind, name, hash, err);
    }
    if (fresh) *fresh = !id;
    if (rc == KAM_OK && !id) rc = policy_insert(&id, b, kind, name, version, hash, &canonical, err);
    if (rc == KAM_OK) *out = id;
    kam__buf_drop(&canonical);
    kam__arena_free(&a);
    return rc;
}

int32_t kam_policy_add(int64_t *out, kam_book *book, uint32_t kind, const char *json, size_t len, kam_error *err)
{
    int64_t id = 0;
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (!json) return kam__null_arg(err, "json");
    KAM__TRY(kam__txn_enter(&c, book, KAM_BEGIN_WRITE, err));
    KAM__TRY(
        kam__txn_leave(&c, policy_add(&id, NULL, book, kind, json, len == KAM_NUL ? strlen(json) : len, err), err));
    *out = id;
    return KAM_OK;
}

/* ---------------------------------------------------------------- in force */

static int32_t policy_put_status(kam_book *b, int64_t policy, int64_t state, int32_t from, int32_t to, kam_error *err)
{
    kam_record *r = NULL;
    int what = 0;
    KAM__TRY(kam__record_new(&r, b->schema, KAM_KIND_POLICY_STATUS, err));
    kam__record_put_num(r, KAM_POLICY_STATUS_POLICY, policy);
    kam__record_put_num(r, KAM_POLICY_STATUS_STATE, state);
    kam__record_put_num(r, KAM_VALID_FROM, from);
    kam__record_put_num(r, KAM_VALID_TO, to);
    int32_t rc = kam__record_put_str(r, KAM_POLICY_STATUS_APPROVER, kam__book_home(b)->actor, err);
    if (rc == KAM_OK) rc = kam__fact_put(&what, b, r, err);
    kam_record_free(r);
    return rc;
}

static int32_t policy_overlap(kam_book *b, const kam_record *mine, const kam_record *other, int32_t from, int32_t to,
                              kam_error *err)
{
    kam__rowset *s = NULL;
    KAM__TRY(policy_status(&s, b, kam_record_i64(other, KAM_ID, 0), KAM_TODAY, 1, err));
    uint32_t state = kam__rowset_col(s, KAM_POLICY_STATUS_STATE), vf = kam__rowset_col(s, KAM_VALID_FROM),
             vt = kam__rowset_col(s, KAM_VALID_TO);
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < s->nrow && rc == KAM_OK; i++) {
        const kam__blockbuf *bb = NULL;
        uint32_t row = 0;
        kam__rowset_at(s, i, &bb, &row);
        if (kam__col_i64(&bb->view[state], row) != KAM_POLICY_STATE_APPROVED) continue;
        if (kam__col_i64(&bb->view[vt], row) <= from || kam__col_i64(&bb->view[vf], row) >= to) continue;
        rc = kam__fail(
            err, KAM_E_POLICY,
            "\"%s\" version %lld (id %lld) is in force on some of these days already: withdraw it before "
            "approving version %lld (id %lld)",
            kam_record_text(mine, KAM_POLICY_NAME, ""), (long long)kam_record_i64(other, KAM_POLICY_VERSION, 0),
            (long long)kam_record_i64(other, KAM_ID, 0), (long long)kam_record_i64(mine, KAM_POLICY_VERSION, 0),
            (long long)kam_record_i64(mine, KAM_ID, 0));
    }
    kam__rowset_drop(s);
    return rc;
}

static int32_t policy_approve(kam_book *b, int64_t policy, int32_t from, int32_t to, kam_error *err)
{
    kam_record *mine = NULL, *other = NULL;
    kam__rowset *s = NULL;
    KAM__TRY(kam__record_new(&mine, b->schema, KAM_KIND_POLICY, err));
    int32_t rc = kam__record_new(&other, b->schema, KAM_KIND_POLICY, err);
    if (rc == KAM_OK) rc = kam__read_one(mine, b, policy, KAM_TODAY, err);
    if (rc == KAM_OK)
        rc = policy_rows(&s, b, (uint32_t)kam_record_i64(mine, KAM_POLICY_KIND, 0),
                         kam_record_text(mine, KAM_POLICY_NAME, ""), 0, err);
    for (uint64_t i = 0; rc == KAM_OK && i < s->nrow; i++) {
        rc = policy_load_row(other, s, i, err);
        if (rc == KAM_OK && kam_record_i64(other, KAM_ID, 0) != policy)
            rc = policy_overlap(b, mine, other, from, to, err);
    }
    if (rc == KAM_OK) rc = policy_put_status(b, policy, KAM_POLICY_STATE_APPROVED, from, to, err);
    kam__rowset_drop(s);
    kam_record_free(mine);
    kam_record_free(other);
    return rc;
}

int32_t kam_policy_approve(kam_book *book, int64_t policy, int32_t from, int32_t to, kam_error *err)
{
    kam__call c;
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__book_day(&from, book, from, err));
    if (from >= to)
        return kam__fail(err, KAM_E_INVAL, "from must be before to, the first day it is no longer in force");
    KAM__TRY(kam__txn_enter(&c, book, KAM_BEGIN_WRITE, err));
    return kam__txn_leave(&c, policy_approve(book, policy, from, to, err), err);
}

static int32_t policy_withdraw(kam_book *b, int64_t policy, int32_t from, kam_error *err)
{
    kam_record *r = NULL;
    int approved = 0;
    KAM__TRY(kam__record_new(&r, b->schema, KAM_KIND_POLICY, err));
    int32_t rc = kam__read_one(r, b, policy, KAM_TODAY, err);
    kam_record_free(r);
    if (rc == KAM_OK) rc = policy_approved(&approved, b, policy, from, err);
    if (rc == KAM_OK && !approved)
        rc = kam__fail(err, KAM_E_POLICY, "policy %lld is not in force on that day", (long long)policy);
    return rc == KAM_OK ? policy_put_status(b, policy, KAM_POLICY_STATE_WITHDRAWN, from, KAM_DAY_END, err) : rc;
}

int32_t kam_policy_withdraw(kam_book *book, int64_t policy, int32_t from, kam_error *err)
{
    kam__call c;
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__book_day(&from, book, from, err));
    KAM__TRY(kam__txn_enter(&c, book, KAM_BEGIN_WRITE, err));
    return kam__txn_leave(&c, policy_withdraw(book, policy, from, err), err);
}

static int32_t policy_find(int64_t *out, kam_book *b, uint32_t kind, const char *name, int32_t day, kam_error *err)
{
    kam__rowset *s = NULL;
    KAM__TRY(kam__book_day(&day, b, day, err));
    KAM__TRY(policy_rows(&s, b, kind, name, 0, err));
    uint32_t col = kam__rowset_col(s, KAM_ID);
    int64_t id = 0;
    int32_t rc = KAM_OK;
    for (uint64_t i = 0; i < s->nrow && rc == KAM_OK && !id; i++) {
        const kam__blockbuf *bb = NULL;
        uint32_t row = 0;
        int approved = 0;
        kam__rowset_at(s, i, &bb, &row);
        rc = policy_approved(&approved, b, kam__col_i64(&bb->view[col], row), day, err);
        if (approved) id = kam__col_i64(&bb->view[col], row);
    }
    char text[16];
    kam__day_format(text, day);
    if (rc == KAM_OK && !id)
        rc = s->nrow ? kam__fail(err, KAM_E_POLICY, "no version of %s \"%s\" is in force on %s", policy_kind_name(kind),
                                 name, text)
                     : kam__fail(err, KAM_E_POLICY, "there is no %s named \"%s\" in this book", policy_kind_name(kind),
                                 name);
    if (rc == KAM_OK) *out = id;
    kam__rowset_drop(s);
    return rc;
}

int32_t kam_policy_in_force(int64_t *out, kam_book *book, uint32_t kind, const char *name, int32_t day, kam_error *err)
{
    kam__call c;
    int64_t id = 0;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (!name) return kam__null_arg(err, "name");
    KAM__TRY(kam__txn_enter(&c, book, KAM_BEGIN_READ, err));
    KAM__TRY(kam__txn_leave(&c, policy_find(&id, book, kind, name, day, err), err));
    *out = id;
    return KAM_OK;
}

/* ---------------------------------------------------------------- for engines */

void kam__policy_free(kam__policy *p) { kam__arena_free(&p->arena); }

/* The hash of the canonical form of what is parsed. */
static int32_t policy_hash_body(kam__policy *p, kam_error *err)
{
    kam_buf text;
    kam__buf_init(&text, p->arena.ctx);
    int32_t rc = kam__json_canonical(&text, p->body, err);
    if (rc == KAM_OK) policy_hash(p->hash, &text);
    kam__buf_drop(&text);
    return rc;
}

int32_t kam__policy_of_json(kam__policy *out, kam_ctx *ctx, const char *json, size_t len, kam_error *err)
{
    memset(out, 0, sizeof *out);
    kam__arena_init(&out->arena, ctx, 0);
    int32_t rc = kam__json_parse(&out->body, &out->arena, json, len, 0, err);
    if (rc == KAM_OK) rc = policy_hash_body(out, err);
    if (rc != KAM_OK) kam__arena_free(&out->arena);
    return rc;
}

static int32_t policy_take(kam__policy *out, const kam_record *r, kam_error *err)
{
    const char *body = kam_record_text(r, KAM_POLICY_BODY, "{}"), *name = kam_record_text(r, KAM_POLICY_NAME, "");
    const char *hash = kam_record_text(r, KAM_POLICY_HASH, "");
    out->id = kam_record_i64(r, KAM_ID, 0);
    out->version = kam_record_i64(r, KAM_POLICY_VERSION, 0);
    strncpy(out->name, name, sizeof out->name - 1);
    strncpy(out->hash, hash, sizeof out->hash - 1);
    return kam__json_parse(&out->body, &out->arena, body, strlen(body), 0, err);
}

int32_t kam__policy_load_id(kam__policy *out, kam_book *b, int64_t id, kam_error *err)
{
    kam_record *r = NULL;
    kam__policy p;
    memset(&p, 0, sizeof p);
    kam__arena_init(&p.arena, b->ctx, 0);
    int32_t rc = kam__record_new(&r, b->schema, KAM_KIND_POLICY, err);
    if (rc == KAM_OK) rc = kam__read_one(r, b, id, KAM_TODAY, err);
    if (rc == KAM_OK) rc = policy_take(&p, r, err);
    kam_record_free(r);
    if (rc != KAM_OK) kam__policy_free(&p);
    else *out = p;
    return rc;
}

/* Documents are checked before they are stored: what fails here was damaged since, or a newer version wrote it. */
static int32_t policy_recheck(kam_book *b, const kam_record *r, kam_error *err)
{
    kam__arena a;
    const kam__json *body = NULL;
    const char *text = kam_record_text(r, KAM_POLICY_BODY, ""), *name = kam_record_text(r, KAM_POLICY_NAME, "");
    uint32_t kind = (uint32_t)kam_record_i64(r, KAM_POLICY_KIND, 0);
    kam__arena_init(&a, b->ctx, 0);
    int32_t rc = policy_check(&body, &a, kind, text, strlen(text), err);
    kam__arena_free(&a);
    if (rc != KAM_OK && rc != KAM_E_NOMEM)
        kam__err_prefix(err, "the stored %s \"%s\", version %lld, cannot be read: ", policy_kind_name(kind), name,
                        (long long)kam_record_i64(r, KAM_POLICY_VERSION, 0));
    return rc;
}

int32_t kam__policy_check_stored(kam_book *b, int64_t id, kam_error *err)
{
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, b->schema, KAM_KIND_POLICY, err));
    int32_t rc = kam__read_one(r, b, id, KAM_TODAY, err);
    if (rc == KAM_OK) rc = policy_recheck(b, r, err);
    kam_record_free(r);
    return rc;
}

int32_t kam__policy_load(kam__policy *out, kam_book *b, uint32_t kind, const char *name, int32_t day, kam_error *err)
{
    kam__call c;
    kam__policy p;
    int64_t id = 0;
    KAM__TRY(kam__txn_enter(&c, b, KAM_BEGIN_READ, err));
    int32_t rc = policy_find(&id, b, kind, name, day, err), loaded = KAM_E_NOT_FOUND;
    if (rc == KAM_OK) rc = loaded = kam__policy_load_id(&p, b, id, err);
    rc = kam__txn_leave(&c, rc, err);
    if (rc == KAM_OK) *out = p;
    else if (loaded == KAM_OK) kam__policy_free(&p);
    return rc;
}

/* A built-in name the book knows already, in whatever version, is left to the book. */
static int32_t policy_builtin(kam_book *b, const kam__builtin *doc, kam_error *err)
{
    kam__arena a;
    kam__rowset *s = NULL;
    const kam__json *body = NULL;
    const char *name = NULL;
    int64_t id = 0;
    kam__arena_init(&a, b->ctx, 0);
    int32_t rc = kam__json_parse(&body, &a, doc->json, strlen(doc->json), 0, err);
    if (rc == KAM_OK) rc = policy_name(&name, body, err);
    if (rc == KAM_OK) rc = policy_rows(&s, b, doc->kind, name, 0, err);
    if (rc == KAM_OK && !s->nrow) {
        rc = policy_add(&id, NULL, b, doc->kind, doc->json, strlen(doc->json), err);
        if (rc == KAM_OK) rc = policy_put_status(b, id, KAM_POLICY_STATE_APPROVED, KAM_DAY_FIRST, KAM_DAY_END, err);
        if (rc != KAM_OK) kam__err_prefix(err, "built-in policy %s: ", name);
    }
    kam__rowset_drop(s);
    kam__arena_free(&a);
    return rc;
}

int32_t kam__policy_builtins(kam_book *b, kam_error *err)
{
    for (const kam__builtin *d = kam__builtins; d->json; d++) KAM__TRY(policy_builtin(b, d, err));
    return KAM_OK;
}
