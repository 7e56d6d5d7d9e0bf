/*
 * visit/visit_book_check_read.c - what judging planned contacts needs: openings, decision-holders, ranks, tiers and zones, of
 * one account or of all, read once into small sorted arrays.
 */
#include "../store/store.h"
#include "visit_book.h"

static int64_t check_read_num(const kam_col *c, uint32_t row, int64_t if_none)
{
    return !c || kam__col_null(c, row) ? if_none : kam__col_i64(c, row);
}

static int32_t check_on_opening(void *user, const kam_block *rows)
{
    kam__check *c = user;
    const kam_col *account = kam__block_col(rows, KAM_OPENING_ACCOUNT), *day = kam__block_col(rows, KAM_OPENING_WEEKDAY);
    const kam_col *from = kam__block_col(rows, KAM_OPENING_FROM), *to = kam__block_col(rows, KAM_OPENING_TO);
    const kam_col *kind = kam__block_col(rows, KAM_OPENING_KIND);
    const kam_col *first = kam__block_col(rows, KAM_OPENING_FIRST), *last = kam__block_col(rows, KAM_OPENING_LAST);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__check_opening o = {.account = check_read_num(account, i, 0),
                                .weekday = (int32_t)check_read_num(day, i, 0),
                                .from = (int32_t)check_read_num(from, i, 0),
                                .to = (int32_t)check_read_num(to, i, KAM__DAY_MINUTES),
                                .kind = (int32_t)check_read_num(kind, i, 0),
                                .first = (int32_t)check_read_num(first, i, INT32_MIN),
                                .last = (int32_t)check_read_num(last, i, INT32_MAX)};
        KAM__TRY(kam__grow(c->b->ctx, &c->opening, &c->opening_cap, c->nopening + 1, sizeof o, c->err));
        c->opening[c->nopening++] = o;
    }
    return KAM_OK;
}

int kam__check_decides(const char *role, size_t len)
{
    static const char *const name[] = {"DECIDER", "PRINCIPAL", "CHAIRMAN", "GENERAL_MANAGER"};
    for (size_t i = 0; i < KAM__LEN(name); i++)
        if (strlen(name[i]) == len && memcmp(name[i], role, len) == 0) return 1;
    return 0;
}

static int32_t check_on_post(void *user, const kam_block *rows)
{
    kam__check *c = user;
    const kam_col *account = kam__block_col(rows, KAM_AFFILIATION_ACCOUNT),
                  *contact = kam__block_col(rows, KAM_AFFILIATION_CONTACT);
    const kam_col *role = kam__block_col(rows, KAM_AFFILIATION_ROLE),
                  *final = kam__block_col(rows, KAM_AFFILIATION_FINAL_AUTHORITY);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = kam__col_text(role, i, &len);
        if (!check_read_num(final, i, 0) && !(text && kam__check_decides(text, len))) continue;
        KAM__TRY(kam__grow(c->b->ctx, &c->decider, &c->decider_cap, c->ndecider + 1, sizeof *c->decider, c->err));
        c->decider[c->ndecider++] = (kam__check_decider){check_read_num(account, i, 0), check_read_num(contact, i, 0)};
    }
    return KAM_OK;
}

/* A zone of the host's is asked for once to see whether he knows it. */
static int32_t check_put_zone(kam__check *c, int64_t account, const char *text, size_t len)
{
    kam_ctx *ctx = c->b->ctx;
    uint32_t at = 0;
    int32_t minutes = 0;
    while (at < c->nzone && !(strlen(c->zone[at].name) == len && memcmp(c->zone[at].name, text, len) == 0)) at++;
    if (at == c->nzone) {
        KAM__TRY(kam__grow(ctx, &c->zone, &c->zone_cap, c->nzone + 1, sizeof *c->zone, c->err));
        c->zone[at] = (kam__check_zone){kam__text_dup(ctx, text, len), 0};
        if (!c->zone[at].name) return kam__nomem(c->err);
        c->nzone++;
        int32_t rc = kam__zone_offset(ctx, c->zone[at].name, 0, &minutes, c->err);
        if (rc != KAM_OK && rc != KAM_E_NOT_FOUND) return rc;
        c->zone[at].unknown = rc != KAM_OK;
    }
    return kam__imap_put(&c->zone_of, account, at, c->err);
}

static int32_t check_on_account(void *user, const kam_block *rows)
{
    kam__check *c = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *type = kam__block_col(rows, KAM_ACCOUNT_ORG_TYPE);
    const kam_col *zone = kam__block_col(rows, KAM_ACCOUNT_ZONE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = kam__col_text(zone, i, &len);
        if (check_read_num(type, i, 0) == KAM_ORG_TYPE_CHANNEL)
            KAM__TRY(kam__imap_put(&c->channel_of, kam__col_i64(id, i), 1, c->err));
        if (text && len) KAM__TRY(check_put_zone(c, kam__col_i64(id, i), text, len));
    }
    return KAM_OK;
}

static int32_t check_on_rank(void *user, const kam_block *rows)
{
    kam__check *c = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *rank = kam__block_col(rows, KAM_REPRESENTATIVE_RANK);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t r = check_read_num(rank, i, 0);
        KAM__TRY(kam__imap_put(&c->rank_of, kam__col_i64(id, i), r > 0 ? (uint32_t)(r < 1000000 ? r : 1000000) : 0,
                               c->err));
    }
    return KAM_OK;
}

static int32_t check_rows(kam__check *c, uint32_t kind, const uint32_t *field, uint32_t nfield, uint32_t account_field,
                          kam_block_fn fn)
{
    kam_pred p;
    kam__pred mem;
    kam__read q = {.scan = {.kind = kind, .field = field, .nfield = nfield}, .as_of = c->as_of};
    if (c->account && account_field) {
        kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(kind), account_field), KAM_OP_EQ, c->account);
        q.scan.pred = &p;
        q.scan.npred = 1;
    }
    return kam__read_rows(c->b, &q, fn, c, c->err);
}

static int check_opening_order(const void *a, const void *b, void *arg)
{
    const kam__check_opening *x = a, *y = b;
    (void)arg;
    if (x->account != y->account) return x->account < y->account ? -1 : 1;
    if (x->weekday != y->weekday) return x->weekday < y->weekday ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

static int check_decider_order(const void *a, const void *b, void *arg)
{
    const kam__check_decider *x = a, *y = b;
    (void)arg;
    if (x->account != y->account) return x->account < y->account ? -1 : 1;
    return (x->contact > y->contact) - (x->contact < y->contact);
}

static int32_t check_read(kam__check *c)
{
    static const uint32_t openings[] = {KAM_ID, KAM_OPENING_ACCOUNT, KAM_OPENING_WEEKDAY, KAM_OPENING_FROM,
                                        KAM_OPENING_TO, KAM_OPENING_KIND, KAM_OPENING_FIRST, KAM_OPENING_LAST};
    static const uint32_t posts[] = {KAM_ID, KAM_AFFILIATION_ACCOUNT, KAM_AFFILIATION_CONTACT, KAM_AFFILIATION_ROLE,
                                     KAM_AFFILIATION_FINAL_AUTHORITY};
    static const uint32_t ranks[] = {KAM_ID, KAM_REPRESENTATIVE_RANK};
    static const uint32_t types[] = {KAM_ID, KAM_ACCOUNT_ORG_TYPE, KAM_ACCOUNT_ZONE};
    KAM__TRY(check_rows(c, KAM_KIND_OPENING, openings, KAM__LEN(openings), KAM_OPENING_ACCOUNT, check_on_opening));
    KAM__TRY(check_rows(c, KAM_KIND_AFFILIATION, posts, KAM__LEN(posts), KAM_AFFILIATION_ACCOUNT, check_on_post));
    KAM__TRY(check_rows(c, KAM_KIND_REPRESENTATIVE, ranks, KAM__LEN(ranks), 0, check_on_rank));
    KAM__TRY(check_rows(c, KAM_KIND_ACCOUNT, types, KAM__LEN(types), KAM_ID, check_on_account));
    KAM__TRY(kam__read_fact_map(&c->tier_of, &c->tier, c->b, KAM_KIND_TIER, c->as_of, c->err));
    KAM__TRY(kam__sort(c->b->ctx, c->opening, c->nopening, sizeof *c->opening, check_opening_order, NULL, c->err));
    return kam__sort(c->b->ctx, c->decider, c->ndecider, sizeof *c->decider, check_decider_order, NULL, c->err);
}

int32_t kam__check_load(kam__check *c, kam_book *b, int64_t account, int32_t as_of, kam_error *err)
{
    memset(c, 0, sizeof *c);
    c->b = b;
    c->err = err;
    c->account = account;
    c->as_of = as_of;
    kam__imap_init(&c->rank_of, b->ctx);
    kam__imap_init(&c->tier_of, b->ctx);
    kam__imap_init(&c->channel_of, b->ctx);
    kam__imap_init(&c->zone_of, b->ctx);
    int32_t rc = check_read(c);
    if (rc != KAM_OK) kam__check_free(c);
    return rc;
}

void kam__check_free(kam__check *c)
{
    if (!c->b) return;
    kam__free(c->b->ctx, c->opening);
    kam__free(c->b->ctx, c->decider);
    kam__free(c->b->ctx, c->tier);
    kam__imap_free(&c->rank_of);
    kam__imap_free(&c->tier_of);
    kam__imap_free(&c->channel_of);
    kam__imap_free(&c->zone_of);
    for (uint32_t i = 0; i < c->nzone; i++) kam__free(c->b->ctx, c->zone[i].name);
    kam__free(c->b->ctx, c->zone);
    memset(c, 0, sizeof *c);
}
