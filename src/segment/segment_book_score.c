/*
 * segment/segment_book_score.c - a scoring run: every account of a book by one card on one day.
 *
 * One read transaction: the points of the run before, then attributes account by account, each scored at once and kept
 * as a row. The rows are then put in order, most points first and equal points by account id. Nothing is stored until
 * the run is applied. The input hash is of what the card reads: equal hashes mean the same accounts with the same
 * values of every attribute the card speaks of.
 */
#include "../store/store.h"
#include "segment_book_score.h"

/* ---------------------------------------------------------------- the run before */

typedef struct scoring_old {
    kam_ctx *ctx;
    kam__imap of;
    int64_t *points;
    size_t n, cap;
    int64_t run;
    kam_error *err;
} scoring_old;

static int32_t on_scoring_runs(void *user, const kam_block *rows)
{
    scoring_old *o = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *kind = kam__block_col(rows, KAM_RUN_KIND);
    for (uint32_t i = 0; i < rows->nrow; i++)
        if (kam__col_i64(kind, i) == KAM_RUN_KIND_SCORING && kam__col_i64(id, i) > o->run) o->run = kam__col_i64(id, i);
    return KAM_OK;
}

static int32_t on_scoring_old(void *user, const kam_block *rows)
{
    scoring_old *o = user;
    const kam_col *account = kam__block_col(rows, KAM_SCORE_ACCOUNT), *points = kam__block_col(rows, KAM_SCORE_POINTS);
    KAM__TRY(kam__grow(o->ctx, &o->points, &o->cap, o->n + rows->nrow, sizeof *o->points, o->err));
    for (uint32_t i = 0; i < rows->nrow; i++) {
        KAM__TRY(kam__imap_put(&o->of, kam__col_i64(account, i), (uint32_t)o->n, o->err));
        o->points[o->n++] = kam__col_i64(points, i);
    }
    return KAM_OK;
}

/* Points by account of the run of this card that was applied last. */
static int32_t scoring_read_old(scoring_old *o, kam_book *b, const char *card)
{
    static const uint32_t run_field[] = {KAM_ID, KAM_RUN_KIND}, field[] = {KAM_ID, KAM_SCORE_ACCOUNT, KAM_SCORE_POINTS};
    kam_pred p;
    kam__pred mem;
    kam__pred_text(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_RUN), KAM_RUN_NAME), KAM_OP_EQ, card,
                   strlen(card));
    kam__read q = {
        .scan = {.kind = KAM_KIND_RUN, .field = run_field, .nfield = 2, .pred = &p, .npred = 1, .any_order = 1},
        .as_of = KAM_TODAY};
    KAM__TRY(kam__read_rows(b, &q, on_scoring_runs, o, o->err));
    if (!o->run) return KAM_OK;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_SCORE), KAM_SCORE_RUN), KAM_OP_EQ, o->run);
    kam__read s = {
        .scan = {.kind = KAM_KIND_SCORE, .field = field, .nfield = 3, .pred = &p, .npred = 1, .any_order = 1},
        .as_of = KAM_TODAY};
    return kam__read_rows(b, &s, on_scoring_old, o, o->err);
}

/* ---------------------------------------------------------------- scoring */

typedef struct scoring_place {
    int64_t account, points;
    uint64_t row;
} scoring_place;
typedef struct score_job {
    kam_book *b;
    kam_error *err;
    const kam_scorecard *card;
    const kam__card_bound *bound;
    kam__arena arena;
    kam__card_score score;
    kam__rowset *rows; /* by account id */
    scoring_place *place;
    size_t n, cap;
    scoring_old old;
    kam_buf text;
    kam__sha256 hash;
    char hex[65];
    uint32_t missing, warned; /* accounts */
} score_job;

/* A missing value is a byte of its own, a text has its NUL. */
static void scoring_hash(score_job *s, const kam_record *r)
{
    uint8_t b[9] = {1};
    for (uint32_t i = 0; i <= s->bound->card->nattr; i++) {
        uint32_t cell = i ? s->bound->cell[i - 1] : kam__kind_index(r->kind, KAM_ATTRIBUTES_ACCOUNT);
        size_t len = 0;
        if (r->cell[cell].state == KAM__CELL_NONE)
            kam__sha256_add(&s->hash, "\2", 1);
        else if (r->kind->field[cell].type == KAM_T_TEXT) {
            const char *text = kam__record_cell_text(r, cell, &len);
            kam__sha256_add(&s->hash, "\1", 1);
            kam__sha256_add(&s->hash, text ? text : "", text ? len + 1 : 1);
        } else {
            uint64_t v = (uint64_t)r->cell[cell].v.i;
            for (int k = 0; k < 8; k++) b[k + 1] = (uint8_t)(v >> (8 * k));
            kam__sha256_add(&s->hash, b, sizeof b);
        }
    }
}

static int32_t scoring_row(score_job *s, int64_t account)
{
    kam__blockbuf *bb = kam__rowset_row(s->rows, s->err);
    if (!bb) return KAM_E_NOMEM;
    kam__bb_i64(bb, kam__rowset_col(s->rows, KAM_SCORE_ACCOUNT), account);
    kam__bb_i64(bb, kam__rowset_col(s->rows, KAM_SCORE_POINTS), s->score.points);
    kam__bb_i64(bb, kam__rowset_col(s->rows, KAM_SCORE_MISSING), s->score.missing);
    kam__buf_clear(&s->text);
    kam__card_reason(&s->text, s->bound, &s->score);
    KAM__TRY(kam__buf_end(&s->text, s->err));
    kam__bb_text(bb, kam__rowset_col(s->rows, KAM_SCORE_REASON), s->text.data, s->text.size);
    if (s->score.warnings) {
        kam__buf_clear(&s->text);
        kam__card_warned(&s->text, s->bound->card, s->score.warnings);
        KAM__TRY(kam__buf_end(&s->text, s->err));
        kam__bb_text(bb, kam__rowset_col(s->rows, KAM_SCORE_WARNINGS), s->text.data, s->text.size);
    }
    return kam__rowset_end_row(s->rows, s->err);
}

static int32_t on_scoring_account(void *user, const kam_record *r, kam_error *err)
{
    score_job *s = user;
    int64_t account = kam__record_num(r, KAM_ATTRIBUTES_ACCOUNT, 0);
    KAM__TRY(kam__card_score_of(&s->score, s->bound, r, err));
    KAM__TRY(kam__grow(s->b->ctx, &s->place, &s->cap, s->n + 1, sizeof *s->place, err));
    KAM__TRY(scoring_row(s, account));
    s->place[s->n] = (scoring_place){account, s->score.points, s->n};
    s->n++;
    s->missing += s->score.missing != 0;
    s->warned += s->score.warnings != 0;
    scoring_hash(s, r);
    return KAM_OK;
}

static int32_t scoring_read(score_job *s, int32_t as_of)
{
    static const uint32_t field[] = {KAM_SCORE_ACCOUNT, KAM_SCORE_POINTS, KAM_SCORE_REASON, KAM_SCORE_WARNINGS,
                                     KAM_SCORE_MISSING};
    uint8_t *want = NULL;
    KAM__TRY(kam__scorecard_bound(&s->bound, s->card, s->b->schema, &s->arena, s->err));
    KAM__TRY(kam__scorecard_wants(&want, s->bound, s->b->schema, &s->arena, s->err));
    KAM__TRY(scoring_read_old(&s->old, s->b, s->card->policy.name));
    KAM__TRY(kam__rowset_new(&s->rows, s->b->schema, KAM_KIND_SCORE, field, (uint32_t)KAM__LEN(field), s->err));
    KAM__TRY(kam__card_begin(&s->score, &s->card->doc, s->b->ctx, s->err));
    kam__sha256_init(&s->hash);
    const kam__attributes_ask ask = {.as_of = as_of, .want = want, .valid_only = 1};
    KAM__TRY(kam__attributes_read(s->b, &ask, on_scoring_account, s, s->err));
    kam__sha256_end(&s->hash, s->hex);
    kam__rowset_seal(s->rows);
    return KAM_OK;
}

/* ---------------------------------------------------------------- the list */

static int scoring_cmp(const void *x, const void *y, void *arg)
{
    const scoring_place *p = x, *q = y;
    (void)arg;
    if (p->points != q->points) return p->points > q->points ? -1 : 1;
    return p->account < q->account ? -1 : p->account > q->account;
}

static int32_t scoring_list_row(score_job *s, kam__rowset *set, size_t rank, const uint32_t *to)
{
    const kam__blockbuf *from = NULL;
    uint32_t row = 0, at = 0;
    const char *name = s->card->policy.name;
    kam__rowset_at(s->rows, s->place[rank].row, &from, &row);
    kam__blockbuf *bb = kam__rowset_row(set, s->err);
    if (!bb) return KAM_E_NOMEM;
    for (uint32_t c = 0; c < s->rows->ncol; c++) kam__bb_copy(bb, to[c], &from->view[c], row);
    kam__bb_i64(bb, kam__rowset_col(set, KAM_SCORE_RANK), (int64_t)rank + 1);
    if (kam__imap_get(&s->old.of, s->place[rank].account, &at))
        kam__bb_i64(bb, kam__rowset_col(set, KAM_SCORE_OLD), s->old.points[at]);
    kam__bb_text(bb, kam__rowset_col(set, KAM_SCORE_SCORECARD), name, strlen(name));
    return kam__rowset_end_row(set, s->err);
}

static int32_t scoring_list(kam__rowset **out, score_job *s)
{
    uint32_t to[8] = {0};
    kam__rowset *set = NULL;
    KAM__TRY(kam__sort(s->b->ctx, s->place, s->n, sizeof *s->place, scoring_cmp, NULL, s->err));
    KAM__TRY(kam__rowset_new(&set, s->b->schema, KAM_KIND_SCORE, NULL, 0, s->err));
    for (uint32_t c = 0; c < s->rows->ncol; c++) to[c] = kam__rowset_col(set, s->rows->field[c]);
    int32_t rc = KAM_OK;
    for (size_t i = 0; i < s->n && rc == KAM_OK; i++) {
        if (i % KAM__BLOCK_ROWS == 0) rc = kam__progress(s->b->ctx, i, s->n, s->err);
        if (rc == KAM_OK) rc = scoring_list_row(s, set, i, to);
    }
    if (rc == KAM_OK)
        *out = set;
    else
        kam__rowset_drop(set);
    return rc;
}

/* ---------------------------------------------------------------- the RUN record */

static int32_t scoring_record(kam_run *run, score_job *s)
{
    kam_record *r = run->record;
    char high[48] = "null", low[48] = "null";
    kam__record_put_num(r, KAM_RUN_ACCOUNTS, (int64_t)s->n);
    kam__record_put_num(r, KAM_RUN_ITEMS, (int64_t)s->n);
    kam__buf_clear(&s->text);
    kam__buf_printf(&s->text, "{\"scored\":%llu,\"with_missing\":%u,\"with_warnings\":%u}", (unsigned long long)s->n,
                    s->missing, s->warned);
    KAM__TRY(kam__buf_end(&s->text, s->err));
    KAM__TRY(kam__record_put_str(r, KAM_RUN_COUNTS, s->text.data, s->err));
    if (s->n) kam__dec_format_short(high, s->place[0].points, KAM__CARD_SCALE);
    if (s->n) kam__dec_format_short(low, s->place[s->n - 1].points, KAM__CARD_SCALE);
    kam__buf_clear(&s->text);
    kam__buf_printf(&s->text, "{\"highest\":%s,\"lowest\":%s}", high, low);
    KAM__TRY(kam__buf_end(&s->text, s->err));
    KAM__TRY(kam__record_put_str(r, KAM_RUN_STATISTICS, s->text.data, s->err));
    return kam__record_put_str(r, KAM_RUN_INPUT_HASH, s->hex, s->err);
}

/* A card opened in one book may not score another: its id would name something else there. */
static int32_t scoring_check_home(const kam_scorecard *card, kam_book *book, kam_error *err)
{
    kam__policy p;
    if (!card->policy.id) return KAM_OK;
    int32_t rc = kam__policy_load_id(&p, book, card->policy.id, err);
    if (rc != KAM_OK && rc != KAM_E_NOT_FOUND) return rc;
    int same = rc == KAM_OK && kam__text_same(p.hash, card->policy.hash);
    if (rc == KAM_OK) kam__policy_free(&p);
    return same ? KAM_OK
                : kam__fail(err, KAM_E_POLICY, "scorecard \"%s\" was opened in another book: open it in this one",
                            card->doc.name);
}

static int32_t scoring_make(kam_run **out, score_job *s, int32_t as_of)
{
    kam__rowset *list = NULL;
    KAM__TRY(scoring_check_home(s->card, s->b, s->err));
    KAM__TRY(kam__run_new(out, s->b, KAM_RUN_KIND_SCORING, &kam__scoring_run_ops, as_of, &s->card->policy, s->err));
    (*out)->trial = !s->card->policy.id;
    KAM__TRY(scoring_read(s, as_of));
    KAM__TRY(scoring_list(&list, s));
    KAM__TRY(kam__run_add_list(*out, list, s->err));
    return scoring_record(*out, s);
}

static void scoring_end(score_job *s)
{
    kam__card_end(&s->score);
    kam__rowset_drop(s->rows);
    kam__imap_free(&s->old.of);
    kam__free(s->b->ctx, s->old.points);
    kam__free(s->b->ctx, s->place);
    kam__buf_drop(&s->text);
    kam__arena_free(&s->arena);
}

int32_t kam_scoring_run(kam_run **out, kam_book *book, const kam_scorecard *card, int32_t as_of, kam_error *err)
{
    kam_run *run = NULL;
    kam__call c;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    if (!card) return kam__null_arg(err, "card");
    KAM__TRY(kam__book_day(&as_of, book, as_of, err));
    score_job s = {.b = book, .err = err, .card = card, .old = {.ctx = book->ctx, .err = err}};
    KAM__TRY(kam__txn_enter(&c, book, KAM_BEGIN_READ, err));
    kam__arena_init(&s.arena, book->ctx, 0);
    kam__imap_init(&s.old.of, book->ctx);
    kam__buf_init(&s.text, book->ctx);
    int32_t rc = kam__txn_leave(&c, scoring_make(&run, &s, as_of), err);
    scoring_end(&s);
    if (rc != KAM_OK) {
        kam_run_free(run);
        return rc;
    }
    kam_scorecard *held = (kam_scorecard *)card;
    kam__ref_hold(&held->ref);
    run->self = held;
    *out = run;
    return KAM_OK;
}
