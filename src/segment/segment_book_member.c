/*
 * segment/segment_book_member.c - a segment run: who is in a segment on a day, who joined and who left.
 *
 * One read transaction: the members of the run of this segment that was applied last, then attributes account by
 * account, each asked at once. An account of which the condition cannot tell (a value is missing) is no member and is
 * counted as unknown. A stored run is explained from the account's attributes as the book knew them when it read.
 */
#include "../store/store.h"
#include "segment_book_member.h"
#include "segment_book_rule.h"
#include "segment_book_score.h"

/* ---------------------------------------------------------------- the run before */

typedef struct memb_job {
    kam_book *b; kam_error *err;
    const kam_segment *segment;
    kam__arena arena;
    kam_work *work;
    kam__imap old;                          /* account -> 1, 2 = seen again */
    int64_t last;
    kam__rowset *rows;
    uint32_t members, joined, left, unknown, accounts;
    kam__sha256 hash;
} memb_job;

static int32_t on_memb_runs(void *user, const kam_block *rows)
{
    memb_job *j = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *kind = kam__block_col(rows, KAM_RUN_KIND);
    for (uint32_t i = 0; i < rows->nrow; i++)
        if (kam__col_i64(kind, i) == KAM_RUN_KIND_SEGMENT && kam__col_i64(id, i) > j->last) j->last = kam__col_i64(id, i);
    return KAM_OK;
}

static int32_t on_memb_old(void *user, const kam_block *rows)
{
    memb_job *j = user;
    const kam_col *account = kam__block_col(rows, KAM_MEMBER_ACCOUNT), *what = kam__block_col(rows, KAM_MEMBER_WHAT);
    for (uint32_t i = 0; i < rows->nrow; i++)
        if (kam__col_i64(what, i) != KAM_MEMBER_WHAT_LEFT)
            KAM__TRY(kam__imap_put(&j->old, kam__col_i64(account, i), 1, j->err));
    return KAM_OK;
}

static int32_t memb_read_old(memb_job *j)
{
    static const uint32_t run_field[] = {KAM_ID, KAM_RUN_KIND}, field[] = {KAM_ID, KAM_MEMBER_ACCOUNT, KAM_MEMBER_WHAT};
    kam_pred p;
    kam__pred mem;
    const char *name = j->segment->policy.name;
    kam__pred_text(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_RUN), KAM_RUN_NAME), KAM_OP_EQ, name,
                   strlen(name));
    kam__read q = {
        .scan = {.kind = KAM_KIND_RUN, .field = run_field, .nfield = 2, .pred = &p, .npred = 1, .any_order = 1},
        .as_of = KAM_TODAY};
    KAM__TRY(kam__read_rows(j->b, &q, on_memb_runs, j, j->err));
    if (!j->last) return KAM_OK;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_MEMBER), KAM_MEMBER_RUN), KAM_OP_EQ, j->last);
    kam__read s = {
        .scan = {.kind = KAM_KIND_MEMBER, .field = field, .nfield = 3, .pred = &p, .npred = 1, .any_order = 1},
        .as_of = KAM_TODAY};
    return kam__read_rows(j->b, &s, on_memb_old, j, j->err);
}

/* ---------------------------------------------------------------- members */

static int32_t memb_row(memb_job *j, int64_t account, int64_t what)
{
    const char *name = j->segment->policy.name;
    kam__blockbuf *bb = kam__rowset_row(j->rows, j->err);
    if (!bb) return KAM_E_NOMEM;
    kam__bb_i64(bb, kam__rowset_col(j->rows, KAM_MEMBER_ACCOUNT), account);
    kam__bb_i64(bb, kam__rowset_col(j->rows, KAM_MEMBER_WHAT), what);
    kam__bb_text(bb, kam__rowset_col(j->rows, KAM_MEMBER_SEGMENT), name, strlen(name));
    return kam__rowset_end_row(j->rows, j->err);
}

/* What the condition reads of each account, so that equal hashes mean equal inputs. */
static void memb_hash(memb_job *j, const kam_record *r, int64_t account)
{
    char id[24];
    const char *name = NULL;
    kam__sha256_add(&j->hash, id, kam__i64_format(id, account));
    for (uint32_t i = 0; (name = kam_rule_reads(j->segment->rule, i)) != NULL; i++) {
        const kam__field *f = kam__kind_field_by_name(r->kind, name, strlen(name));
        size_t len = 0;
        const char *text = f ? kam__record_cell_format(r, kam__kind_index(r->kind, f->id), &len) : NULL;
        kam__sha256_add(&j->hash, text ? "\1" : "\2", 1);
        if (text) kam__sha256_add(&j->hash, text, len + 1);
    }
}

static int32_t on_memb_account(void *user, const kam_record *r, kam_error *err)
{
    memb_job *j = user;
    int64_t account = kam__record_num(r, KAM_ATTRIBUTES_ACCOUNT, 0);
    uint32_t was = 0;
    int is = 0;
    j->accounts++;
    memb_hash(j, r, account);
    KAM__TRY(kam__cel_ask(&is, j->segment->rule, j->work, r, err));
    j->unknown += is == KAM__CEL_UNKNOWN;
    int before = kam__imap_get(&j->old, account, &was);
    if (before) KAM__TRY(kam__imap_put(&j->old, account, 2, err));
    if (is != KAM__CEL_YES && !before) return KAM_OK;
    j->members += is == KAM__CEL_YES;
    j->joined += is == KAM__CEL_YES && !before;
    j->left += is != KAM__CEL_YES;
    return memb_row(j, account, is != KAM__CEL_YES ? KAM_MEMBER_WHAT_LEFT
                    : before ? KAM_MEMBER_WHAT_STAYED : KAM_MEMBER_WHAT_JOINED);
}

static int32_t memb_read(memb_job *j, int32_t as_of)
{
    uint8_t *want = NULL;
    kam_rule *const rule[] = {j->segment->rule};
    KAM__TRY(kam__rules_want(&want, rule, 1, j->b->schema, &j->arena, j->err));
    KAM__TRY(kam_work_new(&j->work, j->b->ctx, j->err));
    KAM__TRY(memb_read_old(j));
    KAM__TRY(kam__rowset_new(&j->rows, j->b->schema, KAM_KIND_MEMBER, NULL, 0, j->err));
    kam__sha256_init(&j->hash);
    const kam__attributes_ask ask = {.as_of = as_of, .want = want, .valid_only = 0};
    KAM__TRY(kam__attributes_read(j->b, &ask, on_memb_account, j, j->err));
    kam__rowset_seal(j->rows);
    return KAM_OK;
}

static int32_t memb_record(kam_run *run, memb_job *j)
{
    kam_buf text;
    char hex[65];
    kam__sha256_end(&j->hash, hex);
    kam__record_put_num(run->record, KAM_RUN_ACCOUNTS, j->accounts);
    kam__record_put_num(run->record, KAM_RUN_ITEMS, (int64_t)j->members + j->left);
    KAM__TRY(kam__record_put_str(run->record, KAM_RUN_INPUT_HASH, hex, j->err));
    kam__buf_init(&text, j->b->ctx);
    kam__buf_printf(&text, "{\"members\":%u,\"joined\":%u,\"left\":%u,\"unknown\":%u}", j->members, j->joined, j->left,
                    j->unknown);
    int32_t rc = kam__buf_end(&text, j->err);
    if (rc == KAM_OK) rc = kam__record_put_str(run->record, KAM_RUN_COUNTS, text.data, j->err);
    kam__buf_drop(&text);
    return rc;
}

/* A segment opened in one book may not be run over another: its id would name something else there. */
static int32_t memb_check_home(const kam_segment *s, kam_book *book, kam_error *err)
{
    kam__policy p;
    if (!s->policy.id) return KAM_OK;
    int32_t rc = kam__policy_load_id(&p, book, s->policy.id, err);
    if (rc != KAM_OK && rc != KAM_E_NOT_FOUND) return rc;
    int same = rc == KAM_OK && kam__text_same(p.hash, s->policy.hash);
    if (rc == KAM_OK) kam__policy_free(&p);
    return same ? KAM_OK : kam__fail(err, KAM_E_POLICY, "segment \"%s\" was opened in another book: open it in this one",
                                     s->policy.name);
}

static int32_t memb_make(kam_run **out, memb_job *j, int32_t as_of)
{
    KAM__TRY(memb_check_home(j->segment, j->b, j->err));
    KAM__TRY(kam__run_new(out, j->b, KAM_RUN_KIND_SEGMENT, &kam__member_run_ops, as_of, &j->segment->policy, j->err));
    (*out)->trial = !j->segment->policy.id;
    KAM__TRY(memb_read(j, as_of));
    kam__rowset *rows = j->rows;
    j->rows = NULL;
    KAM__TRY(kam__run_add_list(*out, rows, j->err));
    return memb_record(*out, j);
}

int32_t kam_segment_run(kam_run **out, kam_book *book, const kam_segment *segment, int32_t as_of, kam_error *err)
{
    kam_run *run = NULL;
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (!segment) return kam__null_arg(err, "segment");
    KAM__TRY(kam__book_day(&as_of, book, as_of, err));
    memb_job j = {.b = book, .err = err, .segment = segment};
    KAM__TRY(kam__txn_enter(&c, book, KAM_BEGIN_READ, err));
    kam__arena_init(&j.arena, book->ctx, 0);
    kam__imap_init(&j.old, book->ctx);
    int32_t rc = kam__txn_leave(&c, memb_make(&run, &j, as_of), err);
    kam__rowset_drop(j.rows);
    kam__imap_free(&j.old);
    kam_work_free(j.work);
    kam__arena_free(&j.arena);
    if (rc != KAM_OK) {
        kam_run_free(run);
        return rc;
    }
    kam_segment *held = (kam_segment *)(uintptr_t)segment;
    kam__ref_hold(&held->ref);
    run->self = held;
    *out = run;
    return KAM_OK;
}

/* ---------------------------------------------------------------- stored runs */

static int32_t memb_apply(kam_run *run, kam_error *err)
{
    return kam__insert_set(run->book, kam__run_list(run, KAM_KIND_MEMBER), KAM_MEMBER_RUN,
                           kam__record_num(run->record, KAM_ID, 0), err);
}

static int32_t memb_load(kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err)
{
    static const uint32_t order[] = {KAM_MEMBER_ACCOUNT};
    kam_pred p;
    kam__pred mem;
    if (kind != KAM_KIND_MEMBER) return kam__fail(err, KAM_E_NOT_FOUND, "a segment run has a list of MEMBER only");
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), KAM_MEMBER_RUN), KAM_OP_EQ,
                  kam__record_num(run->record, KAM_ID, 0));
    kam__read q = {.scan = {.kind = kind, .pred = &p, .npred = 1, .order = order, .norder = 1}, .as_of = KAM_TODAY};
    return kam__read_set(out, run->book, &q, err);
}

static void memb_free(kam_ctx *ctx, void *self)
{
    (void)ctx;
    kam_segment_free(self);
}

/* ---------------------------------------------------------------- why */

typedef struct memb_why {
    const kam_segment *segment; kam_rule *rule; kam_run *run; kam_why *why; kam_work *work; int found;
} memb_why;

static int32_t memb_why_reads(const memb_why *w, const kam_record *r, kam_error *err)
{
    const char *name = NULL;
    for (uint32_t i = 0; (name = kam_rule_reads(w->segment->rule, i)) != NULL; i++) {
        const kam__field *f = kam__kind_field_by_name(r->kind, name, strlen(name));
        size_t len = 0;
        const char *text = f ? kam__record_cell_format(r, kam__kind_index(r->kind, f->id), &len) : NULL;
        KAM__TRY(kam__why_add(w->why, name, text, NULL, text ? "VALUE" : "MISSING", f && f->en ? f->en : name,
                              f && f->zh ? f->zh : name, err));
    }
    return KAM_OK;
}

static int32_t on_memb_why(void *user, const kam_record *r, kam_error *err)
{
    static const char *const result[] = {"no member", "member", "unknown"};
    static const char *const zh[] = {"不属于", "属于", "无法判断"};
    memb_why *w = user;
    kam_record *v = w->why->verdict;
    const kam_segment *s = w->segment;
    const kam__json *condition = kam__json_get(s->policy.body, "condition");
    int is = 0;
    w->found = 1;
    KAM__TRY(kam__cel_ask(&is, w->rule, w->work, r, err));
    kam__record_put_num(v, KAM_VERDICT_SUBJECT, kam__record_num(r, KAM_ATTRIBUTES_ACCOUNT, 0));
    kam__record_put_num(v, KAM_VERDICT_FLAGS, 0);
    if (s->policy.id) kam__record_put_num(v, KAM_VERDICT_VERSION, s->policy.version);
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_KIND, "segment", err));
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_POLICY, s->policy.name, err));
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_HASH, s->policy.hash, err));
    KAM__TRY(kam__record_put_str(v, KAM_VERDICT_RESULT, result[is], err));
    KAM__TRY(kam__why_add(w->why, "condition", result[is], condition->text, "CONDITION", result[is], zh[is], err));
    KAM__TRY(memb_why_reads(w, r, err));
    return kam__why_parts(w->why, w->rule, w->work, err);
}

static int32_t memb_why_read(memb_why *w, kam_book *b, int64_t account, kam_error *err)
{
    kam__arena arena;
    uint8_t *want = NULL;
    kam__arena_init(&arena, w->run->ctx, 0);
    kam_rule *const rule[] = {w->rule};
    int32_t rc = kam__rules_want(&want, rule, 1, b->schema, &arena, err);
    const kam__attributes_ask ask = {.as_of = (int32_t)kam__record_num(w->run->record, KAM_RUN_AS_OF, 0),
                                     .account = account, .want = want};
    if (rc == KAM_OK) rc = kam__attributes_read(b, &ask, on_memb_why, w, err);
    kam__arena_free(&arena);
    if (rc != KAM_OK || w->found) return rc;
    return kam__fail(err, KAM_E_NOT_FOUND,
                     "account %lld is not in this run: the book had no such account when the run read it",
                     (long long)account);
}

/* As the book knew the account when the run read it; the book itself while nothing but the run was committed since. */
static int32_t memb_why_make(memb_why *w, int64_t account, kam_error *err)
{
    kam_run *run = w->run;
    int64_t last = 0, seq = run->stored ? kam__record_num(run->record, KAM_SEQ, 0) : run->read_seq;
    kam_book *then = NULL;
    KAM__TRY(kam_work_new(&w->work, run->ctx, err));
    KAM__TRY(kam__why_new(&w->why, run->book, err));
    KAM__TRY(kam__book_last_seq(&last, run->book, err));
    int untouched = last == run->read_seq || (run->stored && last == seq && seq == run->read_seq + 1);
    if (!untouched) KAM__TRY(kam_book_known(&then, run->book, kam__record_num(run->record, KAM_RUN_KNOWN, 0), err));
    int32_t rc = memb_why_read(w, then ? then : run->book, account, err);
    kam_book_close(then);
    if (rc != KAM_OK) return rc;
    kam__record_put_num(w->why->verdict, KAM_VERDICT_AS_OF, kam__record_num(run->record, KAM_RUN_AS_OF, 0));
    kam__record_put_num(w->why->verdict, KAM_VERDICT_KNOWN, kam__record_num(run->record, KAM_RUN_KNOWN, 0));
    if (run->stored) kam__record_put_num(w->why->verdict, KAM_VERDICT_RUN, kam__record_num(run->record, KAM_ID, 0));
    return KAM_OK;
}

/* The segment of a stored run comes from its policy, once. */
static int32_t memb_segment(kam_run *run, kam_error *err)
{
    kam__policy p;
    kam_segment *s = NULL;
    if (run->self) return KAM_OK;
    KAM__TRY(kam__policy_load_id(&p, run->book, kam__record_num(run->record, KAM_RUN_POLICY, 0), err));
    KAM__TRY(kam__segment_of_policy(&s, run->ctx, &p, err));
    run->self = s;
    return KAM_OK;
}

static int32_t memb_why_of(kam_why **out, kam_run *run, int64_t id, kam_error *err)
{
    memb_why w = {.run = run};
    kam__call c;
    KAM__TRY(kam__txn_enter(&c, run->book, KAM_BEGIN_READ, err));
    int32_t rc = memb_segment(run, err);
    w.segment = run->self;
    if (rc == KAM_OK) rc = kam__segment_traced(&w.rule, w.segment, err);
    if (rc == KAM_OK) rc = memb_why_make(&w, id, err);
    kam_work_free(w.work);
    kam_rule_free(w.rule);
    rc = kam__txn_leave(&c, rc, err);
    if (rc == KAM_OK) *out = w.why;
    else kam_why_free(w.why);
    return rc;
}

const kam__run_ops kam__member_run_ops = {memb_apply, memb_why_of, memb_load, NULL, memb_free};
