/*
 * segment/segment_book_account.c - one account on one day, for a screen: its record, the facts that hold and why, what
 * it is worth.
 *
 * The handle keeps its own copies, so what it lent stays readable; every question is asked of the book as of the
 * handle's day. What belongs to it in a window: segment_book_timeline.c.
 */
#include "../store/store.h"
#include "../value/value_book.h"
#include "segment_book.h"
#include "segment_book_account.h"
#include "segment_book_score.h"

void kam_account_free(kam_account *a)
{
    if (!a) return;
    kam_ctx *ctx = a->ctx;
    kam_record_free(a->record);
    kam_record_free(a->fact);
    kam_record_free(a->value);
    kam_record_free(a->attributes);
    kam__book_drop(a->book);
    kam__free(ctx, a);
    kam_ctx_free(ctx);
}

static int32_t account_read(kam_record **out, kam_book *book, int64_t id, int32_t as_of, kam_error *err)
{
    kam_record *r = NULL;
    KAM__TRY(kam__record_new(&r, book->schema, KAM_KIND_ACCOUNT, err));
    int32_t rc = kam__read_one(r, book, id, as_of, err);
    if (rc == KAM_OK) *out = r;
    else kam_record_free(r);
    return rc;
}

int32_t kam_account_open(kam_account **out, kam_book *book, int64_t id, int32_t as_of, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    kam_account *a = kam__zalloc(book->ctx, sizeof *a);
    if (!a) return kam__nomem(err);
    a->ctx = kam__ctx_hold(book->ctx);
    a->book = kam__book_hold(book);
    a->as_of = as_of;
    int32_t rc = account_read(&a->record, book, id, as_of, err);
    if (rc != KAM_OK) {
        kam_account_free(a);
        return rc;
    }
    a->id = kam__record_num(a->record, KAM_ID, id);                       /* a merged id led here */
    *out = a;
    return KAM_OK;
}

static int32_t account_ready(const kam_account *a, kam_error *err)
{
    if (!a) return kam__null_arg(err, "account");
    return kam__book_ready(a->book, err);
}

/* The lent handle stays, with the fields it had at the open: one that the book got since shows in a new handle. */
int32_t kam_account_refresh(kam_account *a, kam_error *err)
{
    kam_record *fresh = NULL, *same = NULL;
    KAM__TRY(account_ready(a, err));
    KAM__TRY(account_read(&fresh, a->book, a->id, a->as_of, err));
    int32_t rc = kam__record_new(&same, a->record->schema, KAM_KIND_ACCOUNT, err);
    if (rc == KAM_OK) rc = kam__record_copy(same, fresh, err);
    if (rc == KAM_OK) kam__record_take(a->record, same);
    else kam_record_free(same);
    kam_record_free(fresh);
    return rc;
}

kam_record *kam_account_record(kam_account *a) { return a ? a->record : NULL; }

typedef struct account_taking { kam_record *out; int found; } account_taking;

static int32_t on_account_attributes(void *user, const kam_record *r, kam_error *err)
{
    account_taking *t = user;
    t->found = 1;
    return kam__record_copy(t->out, r, err);
}

int32_t kam_account_attributes(const kam_record **out, kam_account *a, kam_error *err)
{
    account_taking t = { NULL, 0 };
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(account_ready(a, err));
    const kam__attributes_ask ask = { .as_of = a->as_of, .account = a->id };
    KAM__TRY(kam__txn_enter(&c, a->book, KAM_BEGIN_READ, err));
    int32_t rc = kam__record_new(&t.out, a->book->schema, KAM_KIND_ATTRIBUTES, err);
    if (rc == KAM_OK) rc = kam__attributes_read(a->book, &ask, on_account_attributes, &t, err);
    if (rc == KAM_OK && !t.found)
        rc = kam__fail(err, KAM_E_NOT_FOUND,
                       "there is no account with id %lld: it was deleted after it was opened", (long long)a->id);
    rc = kam__txn_leave(&c, rc, err);
    if (rc != KAM_OK) {
        kam_record_free(t.out);
        return rc;
    }
    kam_record_free(a->attributes);
    a->attributes = t.out;
    *out = t.out;
    return KAM_OK;
}

/* ---------------------------------------------------------------- facts */

static const struct account_fact { uint32_t kind, account, name, value; const char *what; } account_facts[] = {
    { KAM_KIND_GRADE, KAM_GRADE_ACCOUNT, KAM_GRADE_SCHEME, KAM_GRADE_GRADE, "scheme" },
    { KAM_KIND_CLASS, KAM_CLASS_ACCOUNT, KAM_CLASS_DIMENSION, KAM_CLASS_CLASS, "dimension" },
    { KAM_KIND_OWNER, KAM_OWNER_ACCOUNT, 0, KAM_OWNER_REPRESENTATIVE, NULL },
    { KAM_KIND_TIER, KAM_TIER_ACCOUNT, 0, KAM_TIER_TIER, NULL },
    { KAM_KIND_LIFECYCLE, KAM_LIFECYCLE_ACCOUNT, 0, KAM_LIFECYCLE_STATE, NULL },
    { KAM_KIND_ACCOUNT_LINK, KAM_ACCOUNT_LINK_ACCOUNT, 0, KAM_ACCOUNT_LINK_INTO, NULL },
};

static const struct account_fact *account_fact_of(uint32_t kind)
{
    for (size_t i = 0; i < KAM__LEN(account_facts); i++)
        if (account_facts[i].kind == kind) return &account_facts[i];
    return NULL;
}

typedef struct account_one { kam_record *out; int found; kam_error *err; } account_one;

static int32_t on_account_fact(void *user, const kam_block *rows)
{
    account_one *o = user;
    if (!rows->nrow || o->found) return KAM_OK;
    o->found = 1;
    return kam__record_load(o->out, rows, 0, o->err);
}

static int32_t account_find_fact(kam_record *out, kam_account *a, const struct account_fact *f, const char *name,
                                 kam_error *err)
{
    const kam__kind *k = kam__builtin_kind(f->kind);
    kam_pred p[2];
    kam__pred mem[2];
    account_one o = { .out = out, .err = err };
    kam__pred_i64(&p[0], &mem[0], kam__kind_field(k, f->account), KAM_OP_EQ, a->id);
    if (name) kam__pred_text(&p[1], &mem[1], kam__kind_field(k, f->name), KAM_OP_EQ, name, strlen(name));
    kam__read q = { .scan = { .kind = f->kind, .pred = p, .npred = name ? 2 : 1, .any_order = 1 }, .as_of = a->as_of };
    KAM__TRY(kam__read_rows(a->book, &q, on_account_fact, &o, err));
    if (o.found) return KAM_OK;
    return kam__fail(err, KAM_E_NOT_FOUND, "account %lld has no %s%s%s%s on that day", (long long)a->id, k->name,
                     name ? " by \"" : "", name ? name : "", name ? "\"" : "");
}

/* The fact that holds, as a new record. */
static int32_t account_fact_record(kam_record **out, kam_account *a, uint32_t kind, const char *name, kam_error *err)
{
    const struct account_fact *f = account_fact_of(kind);
    kam_record *r = NULL;
    if (!f)
        return kam__fail(err, KAM_E_INVAL,
                         "kind %u is not a fact of an account: GRADE, CLASS, OWNER, TIER, LIFECYCLE or ACCOUNT_LINK", kind);
    if (f->what && !name) return kam__fail(err, KAM_E_INVAL, "name must be the %s", f->what);
    if (!f->what && name) return kam__fail(err, KAM_E_INVAL, "an account has one such fact a day: name must be NULL");
    KAM__TRY(kam__record_new(&r, a->book->schema, kind, err));
    int32_t rc = account_find_fact(r, a, f, name, err);
    if (rc == KAM_OK) *out = r;
    else kam_record_free(r);
    return rc;
}

int32_t kam_account_fact(const kam_record **out, kam_account *a, uint32_t kind, const char *name, kam_error *err)
{
    kam_record *r = NULL;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(account_ready(a, err));
    KAM__TRY(account_fact_record(&r, a, kind, name, err));
    kam_record_free(a->fact);
    a->fact = r;
    *out = r;
    return KAM_OK;
}

/* ---------------------------------------------------------------- why */

static int32_t account_verdict(kam_why *why, const kam_account *a, const kam_record *fact, const char *value,
                               const char *name, kam_error *err)
{
    kam_record *v = why->verdict;
    int32_t day = 0;
    KAM__TRY(kam__book_day(&day, a->book, a->as_of, err));
    kam__record_put_i64(v, kam__kind_index(v->kind, KAM_VERDICT_SUBJECT), a->id);
    kam__record_put_i64(v, kam__kind_index(v->kind, KAM_VERDICT_AS_OF), day);
    kam__record_put_i64(v, kam__kind_index(v->kind, KAM_VERDICT_INPUTS_DIFFER), 0);
    kam__record_put_i64(v, kam__kind_index(v->kind, KAM_VERDICT_FLAGS), 0);
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_KIND, fact->kind->name, err));
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_POLICY, name, err));
    return kam__record_put_str(v, KAM_VERDICT_RESULT, value, err);
}

/* "put by li on 2026-03-01", in both languages. */
static int32_t account_why_put(kam_why *why, const kam_account *a, const kam_record *fact, kam_error *err)
{
    kam_record *commit = NULL;
    kam_buf en, zh;
    char day[16] = "";
    int32_t d = 0;
    KAM__TRY(kam__record_new(&commit, a->book->schema, KAM_KIND_COMMIT, err));
    int32_t rc = kam__read_one(commit, a->book, kam__record_num(fact, KAM_SEQ, 0), KAM_TODAY, err);
    if (rc == KAM_OK)
        rc = kam__day_of_instant(&d, a->ctx, a->book->zone, kam__record_num(commit, KAM_COMMIT_AT, 0), err);
    if (rc == KAM_OK) kam__day_format(day, d);
    const char *actor = kam_record_text(commit, KAM_COMMIT_ACTOR, NULL);
    kam__buf_init(&en, a->ctx);
    kam__buf_init(&zh, a->ctx);
    kam__buf_printf(&en, "put by %s on %s", actor ? actor : "somebody unnamed", day);
    kam__buf_printf(&zh, "由 %s 于 %s 设定", actor ? actor : "未知人员", day);
    if (rc == KAM_OK) rc = kam__buf_end(&en, err);
    if (rc == KAM_OK) rc = kam__buf_end(&zh, err);
    if (rc == KAM_OK) rc = kam__why_add(why, "actor", actor, NULL, "PUT", en.data, zh.data, err);
    kam__buf_drop(&en);
    kam__buf_drop(&zh);
    kam_record_free(commit);
    return rc;
}

static int32_t account_why_line(kam_why *why, const char *factor, const char *value, const char *code,
                                const char *english, const char *chinese, kam_error *err)
{
    kam_buf en, zh;
    if (!value) return KAM_OK;
    kam__buf_init(&en, why->ctx);
    kam__buf_init(&zh, why->ctx);
    kam__buf_printf(&en, "%s %s", english, value);
    kam__buf_printf(&zh, "%s%s", chinese, value);
    int32_t rc = kam__buf_end(&en, err);
    if (rc == KAM_OK) rc = kam__buf_end(&zh, err);
    if (rc == KAM_OK) rc = kam__why_add(why, factor, value, NULL, code, en.data, zh.data, err);
    kam__buf_drop(&en);
    kam__buf_drop(&zh);
    return rc;
}

static int32_t account_why_fact(kam_why **out, kam_account *a, kam_record *fact, const char *name, kam_error *err)
{
    const struct account_fact *f = account_fact_of(fact->kind->id);
    const char *since = kam_record_text(fact, KAM_VALID_FROM, NULL);
    kam_why *why = NULL;
    KAM__TRY(kam__why_new(&why, a->book, err));
    int32_t rc = account_verdict(why, a, fact, kam_record_text(fact, f->value, NULL), name, err);
    if (rc == KAM_OK) rc = account_why_put(why, a, fact, err);
    if (rc == KAM_OK)
        rc = account_why_line(why, "valid_from", since && since[0] ? since : NULL, "SINCE", "holds since", "自", err);
    if (rc == KAM_OK && f->kind == KAM_KIND_GRADE)
        rc = account_why_line(why, "approver", kam_record_text(fact, KAM_GRADE_APPROVER, NULL), "BY_HAND",
                              "approved by", "批准人：", err);
    if (rc == KAM_OK)
        rc = account_why_line(why, "reason", kam_record_text(fact, KAM_REASON, NULL), "REASON", "reason:", "原因：",
                              err);
    if (rc == KAM_OK) *out = why;
    else kam_why_free(why);
    return rc;
}

static int32_t account_why_run(kam_why **out, const kam_account *a, int64_t id, kam_error *err)
{
    kam_run *run = NULL;
    KAM__TRY(kam_run_open(&run, a->book, id, err));
    int32_t rc = kam_run_why(out, run, a->id, err);
    kam_run_free(run);
    return rc;
}

int32_t kam_account_why(kam_why **out, kam_account *a, uint32_t kind, const char *name, kam_error *err)
{
    kam_record *fact = NULL;
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(account_ready(a, err));
    KAM__TRY(kam__txn_enter(&c, a->book, KAM_BEGIN_READ, err));
    int32_t rc = account_fact_record(&fact, a, kind, name, err);
    int64_t run = rc == KAM_OK && kind == KAM_KIND_GRADE ? kam__record_num(fact, KAM_GRADE_RUN, 0) : 0;
    kam_why *why = NULL;
    if (rc == KAM_OK) rc = run ? account_why_run(&why, a, run, err) : account_why_fact(&why, a, fact, name, err);
    kam_record_free(fact);
    rc = kam__txn_leave(&c, rc, err);
    if (rc == KAM_OK) *out = why;
    else kam_why_free(why);
    return rc;
}

/* ---------------------------------------------------------------- value */

int32_t kam_account_value(const kam_record **out, kam_account *a, int32_t from, int32_t to, kam_error *err)
{
    kam_record *r = NULL;
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(account_ready(a, err));
    KAM__TRY(kam__txn_enter(&c, a->book, KAM_BEGIN_READ, err));
    int32_t rc = kam__record_new(&r, a->book->schema, KAM_KIND_ACCOUNT_VALUE, err);
    if (rc == KAM_OK) rc = kam__value_of_account(r, a->book, a->id, from, to, a->as_of, NULL, err);
    rc = kam__txn_leave(&c, rc, err);
    if (rc != KAM_OK) {
        kam_record_free(r);
        return rc;
    }
    kam_record_free(a->value);
    a->value = r;
    *out = r;
    return KAM_OK;
}
