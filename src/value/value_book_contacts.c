/*
 * value/value_book_contacts.c - the held activities of a window, one after the other, for whoever measures time or
 * contacts (R48, R49, R62, R103). They follow what the ledger follows: an activity with a code counts for the account
 * that the code is linked to, and one with a company of our own does not count where its sales do not.
 */
#include "../store/store.h"
#include "value_book.h"

typedef struct vcon_reading {
    kam_book *b;
    kam__links links;
    kam__imap inside;
    kam__value_contact_fn fn; void *user;
    uint64_t done;
    kam_error *err;
} vcon_reading;

static int64_t vcon_num(const kam_block *rows, uint32_t field, uint32_t row) {
    const kam_col *c = kam__block_col(rows, field);
    return c && !kam__col_null(c, row) ? kam__col_i64(c, row) : 0;
}

static int32_t on_vcon_rows(void *user, const kam_block *rows) {
    vcon_reading *x = user;
    for (uint32_t i = 0; i < rows->nrow; i++) {
        uint32_t unused;
        int64_t account = vcon_num(rows, KAM_ACTIVITY_ACCOUNT, i), minutes = vcon_num(rows, KAM_ACTIVITY_DURATION, i);
        const kam__value_contact c = {
            .account = kam__links_head(&x->links, account), .channel = vcon_num(rows, KAM_ACTIVITY_CHANNEL, i),
            .direction = vcon_num(rows, KAM_ACTIVITY_DIRECTION, i), .phase = vcon_num(rows, KAM_ACTIVITY_PHASE, i),
            .minutes = minutes > 0 ? minutes : 0, .day = (int32_t)vcon_num(rows, KAM_ACTIVITY_DAY, i)};
        if (kam__imap_get(&x->inside, account, &unused)) continue;
        KAM__TRY(x->fn(x->user, &c, x->err));
    }
    return kam__progress(x->b->ctx, x->done += rows->nrow, 0, x->err);
}

static int32_t vcon_read(vcon_reading *x, const kam__value_scope *s) {
    static const uint32_t field[] = {KAM_ID, KAM_ACTIVITY_ACCOUNT, KAM_ACTIVITY_DAY, KAM_ACTIVITY_CHANNEL,
                                     KAM_ACTIVITY_DURATION, KAM_ACTIVITY_DIRECTION, KAM_ACTIVITY_PHASE};
    const kam__kind *k = kam__builtin_kind(KAM_KIND_ACTIVITY);
    kam_pred p[3];
    kam__pred mem[3];
    kam__pred_i64(&p[0], &mem[0], kam__kind_field(k, KAM_ACTIVITY_STATUS), KAM_OP_EQ, KAM_ACTIVITY_HELD);
    kam__pred_i64(&p[1], &mem[1], kam__kind_field(k, KAM_ACTIVITY_DAY), KAM_OP_GE, s->from);
    kam__pred_i64(&p[2], &mem[2], kam__kind_field(k, KAM_ACTIVITY_DAY), KAM_OP_LT, s->to);
    kam__read q = {.scan = {.kind = KAM_KIND_ACTIVITY, .field = field, .nfield = (uint32_t)KAM__LEN(field), .pred = p,
                            .npred = 3, .any_order = 1},
                   .as_of = KAM_TODAY, .flags = KAM__READ_ALL_TIMES};
    return kam__read_rows(x->b, &q, on_vcon_rows, x, x->err);
}

int32_t kam__value_contacts(kam_book *b, const kam__value_scope *scope, kam__value_contact_fn fn, void *user,
                            kam_error *err) {
    vcon_reading x = {.b = b, .fn = fn, .user = user, .err = err};
    KAM__TRY(kam__links_load(&x.links, b, scope->asked, err));
    int32_t rc = kam__value_inside(&x.inside, b, scope, err);
    if (rc == KAM_OK) {
        rc = vcon_read(&x, scope);
        kam__imap_free(&x.inside);
    }
    kam__links_free(&x.links);
    return rc;
}
