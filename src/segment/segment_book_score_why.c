/*
 * segment/segment_book_score_why.c - a scoring run afterwards: stored, read back, each account's points explained.
 *
 * A stored run keeps points and reasons, not what it read: the account's attributes are read again. If nothing was
 * committed since, or the book of today says the same of what the card reads, those are the run's figures; else the
 * book as it was known then is asked, and the verdict says that the inputs differ now. Where even that gives other
 * points (something was erased), the stored reason is all there is.
 */
#include "../store/store.h"
#include "segment_book_score.h"

int32_t kam__scoring_apply(kam_run *run, kam_error *err)
{
    return kam__insert_set(run->book, kam__run_list(run, KAM_KIND_SCORE), KAM_SCORE_RUN,
                           kam__record_num(run->record, KAM_ID, 0), err);
}

int32_t kam__scoring_load(kam__rowset **out, kam_run *run, uint32_t kind, kam_error *err)
{
    static const uint32_t order[] = {KAM_SCORE_RANK};
    kam_pred p;
    kam__pred mem;
    if (kind != KAM_KIND_SCORE) return kam__fail(err, KAM_E_NOT_FOUND, "a scoring run has a list of SCORE only");
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), KAM_SCORE_RUN), KAM_OP_EQ,
                  kam__record_num(run->record, KAM_ID, 0));
    kam__read q = {.scan = {.kind = kind, .pred = &p, .npred = 1, .order = order, .norder = 1}, .as_of = KAM_TODAY};
    return kam__read_set(out, run->book, &q, err);
}

static void scoring_free(kam_ctx *ctx, void *self)
{
    (void)ctx;
    kam_scorecard_free(self);
}

const kam__run_ops kam__scoring_run_ops = {kam__scoring_apply, kam__scoring_why, kam__scoring_load, NULL, scoring_free};

/* ---------------------------------------------------------------- the row */

/* The row of an account, or with that id. */
static int32_t swhy_find(kam_record *row, const kam__rowset *set, int64_t id, kam_error *err)
{
    int found = 0;
    KAM__TRY(kam__rowset_find(&found, row, set, KAM_SCORE_ACCOUNT, id, err));
    if (found) return KAM_OK;
    return kam__fail(err, KAM_E_NOT_FOUND, "this run scored no account %lld, nor has it an entry of that id",
                     (long long)id);
}

/* ---------------------------------------------------------------- the inputs */

typedef struct swhy {
    kam_run *run;
    kam_error *err;
    const kam_scorecard *card;
    kam_record *row;
    kam__arena arena;
} swhy;

typedef struct swhy_inputs {
    kam__schema *schema;
    const kam__card_bound *bound;
    kam_record *r;
    kam_error *err;
} swhy_inputs;

static int32_t on_swhy_inputs(void *user, const kam_record *r, kam_error *err)
{
    swhy_inputs *in = user;
    return kam__record_clone(&in->r, r, err);
}

/* r stays NULL where the book knows no such account. */
static int32_t swhy_read(swhy_inputs *in, const swhy *w, kam_book *b)
{
    uint8_t *want = NULL;
    kam__arena *arena = (kam__arena *)&w->arena;
    *in = (swhy_inputs){.schema = b->schema};
    KAM__TRY(kam__scorecard_bound(&in->bound, w->card, b->schema, arena, w->err));
    KAM__TRY(kam__scorecard_wants(&want, in->bound, b->schema, arena, w->err));
    const kam__attributes_ask ask = {.as_of = (int32_t)kam__record_num(w->run->record, KAM_RUN_AS_OF, 0),
                                     .account = kam__record_num(w->row, KAM_SCORE_ACCOUNT, 0),
                                     .want = want};
    return kam__attributes_read(b, &ask, on_swhy_inputs, in, w->err);
}

static int swhy_same(const swhy_inputs *x, const swhy_inputs *y)
{
    if (!x->r || !y->r) return !x->r == !y->r;
    for (uint32_t i = 0; i < x->bound->card->nattr; i++) {
        size_t n = 0, m = 0;
        const char *a = kam__record_cell_format(x->r, x->bound->cell[i], &n);
        const char *b = kam__record_cell_format(y->r, y->bound->cell[i], &m);
        if (!a != !b || (a && kam__text_cmp(a, n, b, m) != 0)) return 0;
    }
    return 1;
}

/* 1: nothing was committed since the run read the book, but perhaps the run itself. */
static int32_t swhy_untouched(int *out, const kam_run *run, kam_error *err)
{
    int64_t last = 0, seq = run->stored ? kam__record_num(run->record, KAM_SEQ, 0) : run->read_seq;
    KAM__TRY(kam__book_last_seq(&last, run->book, err));
    *out = last == run->read_seq || (run->stored && last == seq && seq == run->read_seq + 1);
    return KAM_OK;
}

static int32_t swhy_then(swhy_inputs *then, const swhy *w)
{
    kam_book *b = NULL;
    KAM__TRY(kam_book_known(&b, w->run->book, kam__record_num(w->run->record, KAM_RUN_KNOWN, 0), w->err));
    int32_t rc = swhy_read(then, w, b);
    kam_book_close(b);
    return rc;
}

/* What the run read of the account; *differ = 1: the book says otherwise now. */
static int32_t swhy_inputs_of(swhy_inputs *out, int *differ, const swhy *w)
{
    swhy_inputs then = {0};
    int untouched = 0;
    *differ = 0;
    KAM__TRY(swhy_untouched(&untouched, w->run, w->err));
    int32_t rc = swhy_read(out, w, w->run->book);
    if (rc == KAM_OK && !untouched) rc = swhy_then(&then, w);
    if (rc == KAM_OK && !untouched) {
        swhy_inputs now = *out;
        *differ = !swhy_same(out, &then);
        *out = then;
        then = now;
    }
    kam_record_free(then.r);
    if (rc == KAM_OK) return KAM_OK;
    kam_record_free(out->r);
    out->r = NULL;
    return rc;
}

/* ---------------------------------------------------------------- the answer */

static int32_t swhy_verdict(kam_why *why, const swhy *w, int differ, kam_error *err)
{
    kam_record *v = why->verdict;
    const kam_record *r = w->run->record;
    int64_t id = kam__record_num(r, KAM_ID, 0);
    kam__record_put_num(v, KAM_VERDICT_AS_OF, kam__record_num(r, KAM_RUN_AS_OF, 0));
    kam__record_put_num(v, KAM_VERDICT_KNOWN, kam__record_num(r, KAM_RUN_KNOWN, 0));
    kam__record_put_num(v, KAM_VERDICT_INPUTS_DIFFER, differ);
    kam__record_put_num(v, KAM_VERDICT_SUBJECT, kam__record_num(w->row, KAM_SCORE_ACCOUNT, 0));
    if (id) kam__record_put_num(v, KAM_VERDICT_RUN, id);
    return kam__record_put_str(v, KAM_VERDICT_RESULT, kam_record_text(w->row, KAM_SCORE_POINTS, ""), err);
}

/* What was read is gone: what the row says is all there is. */
static int32_t swhy_from_row(kam_why *why, const swhy *w, kam_error *err)
{
    const char *reason = kam_record_text(w->row, KAM_SCORE_REASON, "the inputs of the run cannot be read any more");
    int64_t points = kam__record_num(w->row, KAM_SCORE_POINTS, 0);
    const char *name = w->card->policy.name;
    KAM__TRY(kam__record_put_str(why->verdict, KAM_VERDICT_KIND, "score", err));
    KAM__TRY(kam__record_put_str(why->verdict, KAM_VERDICT_POLICY, name, err));
    return kam__why_add_points(why, "score", NULL, NULL, &points, NULL, "ITEM", reason, reason, err);
}

/* How it stands beside the others and beside the run before: no points of its own. */
static int32_t swhy_place(kam_why *why, const swhy *w, kam_error *err)
{
    kam_buf en, zh;
    const char *rank = kam_record_text(w->row, KAM_SCORE_RANK, "?"),
               *old = kam_record_text(w->row, KAM_SCORE_OLD, NULL);
    const char *all = kam_record_text(w->run->record, KAM_RUN_ACCOUNTS, "?");
    kam__buf_init(&en, why->ctx);
    kam__buf_init(&zh, why->ctx);
    kam__buf_printf(&en, "rank %s of %s; before: %s", rank, all, old ? old : "no score");
    kam__buf_printf(&zh, "第 %s 名（共 %s 名）；此前：%s", rank, all, old ? old : "无评分");
    int32_t rc = kam__buf_end(&en, err);
    if (rc == KAM_OK) rc = kam__buf_end(&zh, err);
    if (rc == KAM_OK) rc = kam__why_add(why, "before", old, NULL, "BEFORE", en.data, zh.data, err);
    kam__buf_drop(&en);
    kam__buf_drop(&zh);
    return rc;
}

static int32_t swhy_fill(kam_why *why, const swhy *w)
{
    swhy_inputs in = {0};
    kam__card_score s = {.work = NULL};
    int differ = 0;
    KAM__TRY(swhy_inputs_of(&in, &differ, w));
    int32_t rc = in.r ? kam__card_begin(&s, &w->card->doc, why->ctx, w->err) : KAM_OK;
    if (in.r && rc == KAM_OK) rc = kam__card_score_of(&s, in.bound, in.r, w->err);
    int lost = !in.r || (rc == KAM_OK && s.points != kam__record_num(w->row, KAM_SCORE_POINTS, 0));
    if (rc == KAM_OK)
        rc = lost ? swhy_from_row(why, w, w->err) : kam__scorecard_explain(why, w->card, in.bound, kam__record_num(in.r, KAM_ATTRIBUTES_ACCOUNT, 0),
                                                                   &s, w->err);
    if (rc == KAM_OK) rc = swhy_verdict(why, w, differ || lost, w->err);
    if (rc == KAM_OK) rc = swhy_place(why, w, w->err);
    kam__card_end(&s);
    kam_record_free(in.r);
    return rc;
}

/* The card of a stored run comes from its policy, once. */
static int32_t swhy_card(kam_run *run, kam_error *err)
{
    kam__policy p;
    kam_scorecard *card = NULL;
    if (run->self) return KAM_OK;
    KAM__TRY(kam__policy_load_id(&p, run->book, kam__record_num(run->record, KAM_RUN_POLICY, 0), err));
    KAM__TRY(kam__scorecard_of_policy(&card, run->ctx, &p, err));
    run->self = card;
    return KAM_OK;
}

static int32_t swhy_make(kam_why **out, swhy *w, int64_t id)
{
    kam__rowset *set = NULL;
    kam_why *why = NULL;
    KAM__TRY(swhy_card(w->run, w->err));
    w->card = w->run->self;
    if (!kam__run_list(w->run, KAM_KIND_SCORE)) {
        KAM__TRY(kam__scoring_load(&set, w->run, KAM_KIND_SCORE, w->err));
        KAM__TRY(kam__run_add_list(w->run, set, w->err));
    }
    KAM__TRY(swhy_find(w->row, kam__run_list(w->run, KAM_KIND_SCORE), id, w->err));
    KAM__TRY(kam__why_new(&why, w->run->book, w->err));
    int32_t rc = swhy_fill(why, w);
    if (rc == KAM_OK)
        *out = why;
    else
        kam_why_free(why);
    return rc;
}

int32_t kam__scoring_why(kam_why **out, kam_run *run, int64_t id, kam_error *err)
{
    swhy w = {.run = run, .err = err};
    kam_why *why = NULL;
    kam__call c;
    KAM__TRY(kam__txn_enter(&c, run->book, KAM_BEGIN_READ, err));
    kam__arena_init(&w.arena, run->ctx, 0);
    int32_t rc = kam__record_new(&w.row, run->book->schema, KAM_KIND_SCORE, err);
    if (rc == KAM_OK) rc = swhy_make(&why, &w, id);
    kam_record_free(w.row);
    kam__arena_free(&w.arena);
    rc = kam__txn_leave(&c, rc, err);
    if (rc == KAM_OK)
        *out = why;
    else
        kam_why_free(why);
    return rc;
}
