/*
 * store/guard_link.c - rules over dated links between accounts and over market segments: a code counts for one account
 * and never, over any others, for one that counts for it (R177); a distributor is another account than its end customer (R147);
 * a work sheet is filled in order (R45), and a segment is accepted only when its four tests are recorded true (R44).
 */
#include "store.h"

enum { LINK_DEPTH = 16 };                   /* codes of codes of codes ... */

static int32_t link_fail(kam_error *err, int32_t code, uint32_t field, const char *text)
{
    kam__fail(err, code, "%s", text);
    kam__err_set(err, KAM_ERR_FIELD, field);
    return code;
}

/* ---------------------------------------------------------------- links (R177) */

typedef struct link_day { int64_t into; int32_t from, to; } link_day;
typedef struct link_days { link_day *at; size_t n, cap; kam_ctx *ctx; kam_error *err; } link_days;

static int32_t on_link_days(void *user, const kam_block *rows)
{
    link_days *d = user;
    const kam_col *into = kam__block_col(rows, KAM_ACCOUNT_LINK_INTO);
    const kam_col *from = kam__block_col(rows, KAM_VALID_FROM), *to = kam__block_col(rows, KAM_VALID_TO);
    KAM__TRY(kam__grow(d->ctx, &d->at, &d->cap, d->n + rows->nrow, sizeof *d->at, d->err));
    for (uint32_t i = 0; i < rows->nrow; i++)
        d->at[d->n++] = (link_day){kam__col_i64(into, i), (int32_t)kam__col_i64(from, i), (int32_t)kam__col_i64(to, i)};
    return KAM_OK;
}

static int32_t link_read(link_days *d, kam_book *b, int64_t account, kam_error *err)
{
    static const uint32_t field[] = {KAM_ID, KAM_ACCOUNT_LINK_INTO, KAM_VALID_FROM, KAM_VALID_TO};
    kam_pred p;
    kam__pred mem;
    *d = (link_days){.ctx = b->ctx, .err = err};
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_ACCOUNT_LINK), KAM_ACCOUNT_LINK_ACCOUNT), KAM_OP_EQ,
                  account);
    kam__read q = {.scan = {.kind = KAM_KIND_ACCOUNT_LINK, .field = field, .nfield = 4, .pred = &p, .npred = 1, .any_order = 1},
                   .as_of = KAM_TODAY, .flags = KAM__READ_ALL_TIMES};
    return kam__read_rows(b, &q, on_link_days, d, err);
}

/* Does `account` count for `goal` on a day of the range, over however many links? At most LINK_DEPTH deep. */
static int32_t link_reaches(int *out, kam_book *b, link_day at, int64_t goal, int depth, kam_error *err)
{
    link_days d;
    if (at.into == goal) *out = 1;
    if (*out) return KAM_OK;
    if (depth == LINK_DEPTH)
        return link_fail(err, KAM_E_LIMIT, KAM_ACCOUNT_LINK_INTO, "into: more than 16 links in a row: link the codes to one account");
    int32_t rc = link_read(&d, b, at.into, err);
    for (size_t i = 0; i < d.n && rc == KAM_OK && !*out; i++) {
        link_day next = d.at[i];
        if (next.into == at.into) continue;         /* counts for itself: an end */
        if (next.from < at.from) next.from = at.from;
        if (next.to > at.to) next.to = at.to;
        if (next.from < next.to) rc = link_reaches(out, b, next, goal, depth + 1, err);
    }
    kam__free(b->ctx, d.at);
    return rc;
}

int32_t kam__guard_account_link(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    int64_t account = kam__record_num(r, KAM_ACCOUNT_LINK_ACCOUNT, 0);
    link_day at = {kam__record_num(r, KAM_ACCOUNT_LINK_INTO, 0), (int32_t)kam__record_num(r, KAM_VALID_FROM, KAM_DAY_FIRST),
                   (int32_t)kam__record_num(r, KAM_VALID_TO, KAM_DAY_END)};
    int around = 0;
    (void)old;
    if (at.into == account) return KAM_OK;          /* this is how a link is ended */
    KAM__TRY(link_reaches(&around, b, at, account, 0, err));
    return around ? link_fail(err, KAM_E_INVAL, KAM_ACCOUNT_LINK_INTO,
                              "into: an account cannot count for one that counts for it on the same day")
                  : KAM_OK;
}

/* ---------------------------------------------------------------- distributors (R147) */

int32_t kam__guard_distributor(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)b, (void)old;
    return kam__record_num(r, KAM_DISTRIBUTOR_ACCOUNT, 0) != kam__record_num(r, KAM_DISTRIBUTOR_DISTRIBUTOR, 0) ? KAM_OK
         : link_fail(err, KAM_E_INVAL, KAM_DISTRIBUTOR_DISTRIBUTOR, "distributor: an end customer is not its own distributor");
}

/* ---------------------------------------------------------------- market segments (R44, R45) */

int32_t kam__guard_segmentation(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    static const uint32_t step[] = {KAM_SEGMENTATION_BEHAVIOUR, KAM_SEGMENTATION_REASONS, KAM_SEGMENTATION_INFLUENCES,
                                    KAM_SEGMENTATION_FACTORS, KAM_SEGMENTATION_SEGMENTS};
    (void)b, (void)old;
    for (size_t i = 1; i < KAM__LEN(step); i++)
        if (kam_record_type(r, step[i]) && !kam_record_type(r, step[i - 1]))
            return link_fail(err, KAM_E_INVAL, step[i], "the five steps come in order: fill the step before this one first");
    return KAM_OK;
}

int32_t kam__guard_segment_card(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    static const uint32_t test[] = {KAM_SEGMENT_CARD_LARGE_ENOUGH, KAM_SEGMENT_CARD_SIMILAR, KAM_SEGMENT_CARD_RELEVANT,
                                    KAM_SEGMENT_CARD_REACHABLE};
    (void)b, (void)old;
    if (!kam__record_num(r, KAM_SEGMENT_CARD_ACCEPTED, 0)) return KAM_OK;
    for (size_t i = 0; i < KAM__LEN(test); i++)
        if (!kam__record_num(r, test[i], 0))
            return link_fail(err, KAM_E_POLICY, test[i], "a segment is accepted only when all four tests are recorded true: "
                             "large_enough, similar, relevant, reachable");
    return KAM_OK;
}
