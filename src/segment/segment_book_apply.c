/*
 * segment/segment_book_apply.c - a grading run into the book: its items, and a GRADE fact for each grade that changes.
 *
 * A grade holds from the run's day on. Accounts that never had one get theirs in blocks; where something is believed
 * already the store closes it account by account. A run may not be put in front of a later one of the same scheme:
 * what that one compared with would no longer be what held before it.
 */
#include "../store/store.h"
#include "segment_book.h"

/* ---------------------------------------------------------------- runs of one scheme */

typedef struct later_run { int64_t id, undoes; int32_t kind, effective; } later_run;
typedef struct later_reading { kam_ctx *ctx; later_run *run; size_t n, cap; kam_error *err; } later_reading;

static int32_t on_later_runs(void *user, const kam_block *rows)
{
    later_reading *l = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *kind = kam__block_col(rows, KAM_RUN_KIND);
    const kam_col *undoes = kam__block_col(rows, KAM_RUN_UNDOES), *day = kam__block_col(rows, KAM_RUN_EFFECTIVE);
    KAM__TRY(kam__grow(l->ctx, &l->run, &l->cap, l->n + rows->nrow, sizeof *l->run, l->err));
    for (uint32_t i = 0; i < rows->nrow; i++)
        l->run[l->n++] = (later_run){ kam__col_i64(id, i), kam__col_i64(undoes, i), (int32_t)kam__col_i64(kind, i),
                                      (int32_t)kam__col_i64(day, i) };
    return KAM_OK;
}

static int later_undone(const later_reading *l, int64_t id)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->run[i].kind == KAM_RUN_KIND_UNDO && l->run[i].undoes == id) return 1;
    return 0;
}

int32_t kam__grading_later(int64_t *out, kam_book *b, const char *scheme, int64_t after_id, int32_t after_day,
                           kam_error *err)
{
    static const uint32_t field[] = { KAM_ID, KAM_RUN_KIND, KAM_RUN_UNDOES, KAM_RUN_EFFECTIVE };
    later_reading l = { .ctx = b->ctx, .err = err };
    kam_pred p;
    kam__pred mem;
    kam__pred_text(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_RUN), KAM_RUN_NAME), KAM_OP_EQ, scheme,
                   strlen(scheme));
    kam__read q = { .scan = { .kind = KAM_KIND_RUN, .field = field, .nfield = KAM__LEN(field), .pred = &p, .npred = 1 },
                    .as_of = KAM_TODAY };
    int32_t rc = kam__read_rows(b, &q, on_later_runs, &l, err);
    *out = 0;
    for (size_t i = 0; i < l.n && rc == KAM_OK; i++)
        if (l.run[i].kind == KAM_RUN_KIND_GRADING && l.run[i].id > after_id && l.run[i].effective > after_day &&
            !later_undone(&l, l.run[i].id))
            *out = l.run[i].id;
    kam__free(b->ctx, l.run);
    return rc;
}

/* ---------------------------------------------------------------- facts */

typedef struct applying {
    kam_run *run; kam_book *b; kam_error *err;
    kam__imap graded;                       /* accounts with some believed grade of the scheme, of any time */
    int bulk;
    kam__rowset *first;
    kam_record *item, *fact;
    const char *scheme;
    int32_t day;
} applying;

static int32_t on_apply_graded(void *user, const kam_block *rows)
{
    applying *a = user;
    const kam_col *account = kam__block_col(rows, KAM_GRADE_ACCOUNT);
    for (uint32_t i = 0; i < rows->nrow; i++) KAM__TRY(kam__imap_put(&a->graded, kam__col_i64(account, i), 1, a->err));
    return KAM_OK;
}

static int32_t apply_read_graded(applying *a)
{
    static const uint32_t field[] = { KAM_ID, KAM_GRADE_ACCOUNT };
    kam_pred p;
    kam__pred mem;
    kam__pred_text(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_GRADE), KAM_GRADE_SCHEME), KAM_OP_EQ, a->scheme,
                   strlen(a->scheme));
    kam__read q = {
        .scan = {.kind = KAM_KIND_GRADE, .field = field, .nfield = 2, .pred = &p, .npred = 1, .any_order = 1},
        .as_of = KAM_TODAY,
        .flags = KAM__READ_ALL_TIMES};
    return kam__read_rows(a->b, &q, on_apply_graded, a, a->err);
}

static void apply_num(kam__blockbuf *bb, const kam__rowset *s, uint32_t field, int64_t v)
{
    kam__bb_i64(bb, kam__rowset_col(s, field), v);
}

static int32_t apply_first(applying *a, const char *grade)
{
    const kam_record *r = a->run->record;
    kam__blockbuf *bb = kam__rowset_row(a->first, a->err);
    if (!bb) return KAM_E_NOMEM;
    apply_num(bb, a->first, KAM__SEQ_TO, KAM__SEQ_OPEN);
    apply_num(bb, a->first, KAM_VALID_FROM, a->day);
    apply_num(bb, a->first, KAM_VALID_TO, KAM_DAY_END);
    apply_num(bb, a->first, KAM_GRADE_ACCOUNT, kam__record_num(a->item, KAM_GRADE_ITEM_ACCOUNT, 0));
    apply_num(bb, a->first, KAM_GRADE_POLICY, kam__record_num(r, KAM_RUN_POLICY, 0));
    kam__bb_text(bb, kam__rowset_col(a->first, KAM_GRADE_GRADE), grade, strlen(grade));
    kam__bb_text(bb, kam__rowset_col(a->first, KAM_GRADE_SCHEME), a->scheme, strlen(a->scheme));
    return kam__rowset_end_row(a->first, a->err);
}

static int32_t apply_text(kam_record *r, uint32_t field, const char *text, kam_error *err)
{
    return kam__record_put_text(r, kam__kind_index(r->kind, field), text, strlen(text), err);
}

/* The subject of the item's fact, and nothing else. */
static int32_t apply_subject(applying *a)
{
    kam_record_clear(a->fact);
    kam__record_put_num(a->fact, KAM_GRADE_ACCOUNT, kam__record_num(a->item, KAM_GRADE_ITEM_ACCOUNT, 0));
    return apply_text(a->fact, KAM_GRADE_SCHEME, a->scheme, a->err);
}

static int32_t apply_item(applying *a)
{
    int what = 0;
    uint32_t x = 0;
    const kam_record *r = a->run->record;
    const char *old = kam_record_text(a->item, KAM_GRADE_ITEM_OLD, NULL),
               *now = kam_record_text(a->item, KAM_GRADE_ITEM_NEW, NULL);
    if (kam__text_same(old, now)) return KAM_OK;                        /* put by hand and kept */
    if (now && a->bulk && !kam__imap_get(&a->graded, kam__record_num(a->item, KAM_GRADE_ITEM_ACCOUNT, 0), &x))
        return apply_first(a, now);
    KAM__TRY(apply_subject(a));
    if (!now) return kam__fact_end(a->b, a->fact, a->day, a->err);
    kam__record_put_num(a->fact, KAM_VALID_FROM, a->day);
    kam__record_put_num(a->fact, KAM_VALID_TO, KAM_DAY_END);
    kam__record_put_num(a->fact, KAM_GRADE_RUN, kam__record_num(r, KAM_ID, 0));
    kam__record_put_num(a->fact, KAM_GRADE_POLICY, kam__record_num(r, KAM_RUN_POLICY, 0));
    KAM__TRY(apply_text(a->fact, KAM_GRADE_GRADE, now, a->err));
    return kam__fact_put(&what, a->b, a->fact, a->err);
}

static int32_t apply_items(applying *a)
{
    const kam__rowset *items = kam__run_list(a->run, KAM_KIND_GRADE_ITEM);
    KAM__TRY(apply_read_graded(a));
    for (uint64_t i = 0; i < items->nrow; i++) {
        if (i % KAM__BLOCK_ROWS == 0) KAM__TRY(kam__progress(a->b->ctx, i, items->nrow, a->err));
        KAM__TRY(kam__item_load(a->item, items, i, a->err));
        KAM__TRY(apply_item(a));
    }
    kam__rowset_seal(a->first);
    return kam__insert_set(a->b, a->first, KAM_GRADE_RUN, kam__record_num(a->run->record, KAM_ID, 0), a->err);
}

int32_t kam__grading_apply(kam_run *run, kam_error *err)
{
    kam_book *b = run->book;
    applying a = {.run = run,
                  .b = b,
                  .err = err,
                  .scheme = kam_record_text(run->record, KAM_RUN_NAME, ""),
                  .day = (int32_t)kam__record_num(run->record, KAM_RUN_EFFECTIVE, 0),
                  .bulk = !kam__book_home(b)->on_commit};
    int64_t later = 0;
    KAM__TRY(kam__grading_later(&later, b, a.scheme, 0, a.day, err));
    if (later)
        return kam__fail(err, KAM_E_STALE,
                         "run %lld has graded by \"%s\" for a later day: undo it first, then apply both in order",
                         (long long)later, a.scheme);
    KAM__TRY(kam__insert_set(b, kam__run_list(run, KAM_KIND_GRADE_ITEM), KAM_GRADE_ITEM_RUN,
                             kam__record_num(run->record, KAM_ID, 0), err));
    kam__imap_init(&a.graded, b->ctx);
    int32_t rc = kam__rowset_new(&a.first, b->schema, KAM_KIND_GRADE, NULL, 0, err);
    if (rc == KAM_OK) rc = kam__record_new(&a.item, b->schema, KAM_KIND_GRADE_ITEM, err);
    if (rc == KAM_OK) rc = kam__record_new(&a.fact, b->schema, KAM_KIND_GRADE, err);
    if (rc == KAM_OK) rc = apply_items(&a);
    kam_record_free(a.fact);
    kam_record_free(a.item);
    kam__rowset_drop(a.first);
    kam__imap_free(&a.graded);
    return rc;
}

int32_t kam__grading_load(kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err)
{
    kam_pred p;
    kam__pred mem;
    if (kind != KAM_KIND_GRADE_ITEM)
        return kam__fail(err, KAM_E_NOT_FOUND, "a grading run has a list of GRADE_ITEM only");
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), KAM_GRADE_ITEM_RUN), KAM_OP_EQ,
                  kam__record_num(run->record, KAM_ID, 0));
    kam__read q = { .scan = { .kind = kind, .pred = &p, .npred = 1 }, .as_of = KAM_TODAY };
    return kam__read_set(out, run->book, &q, err);
}
