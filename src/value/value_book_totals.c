/*
 * value/value_book_totals.c - totals per account over a book: of one account, or of all with their risk factors and
 * their parts of shared costs (R62). Orders are counted in as many passes over the ledger as memory in proportion to
 * the accounts needs (ledger.c); one does for most books.
 */
#include "../store/store.h"
#include "value_book.h"

static int32_t totals_take(void *user, const kam__ledger_rows *rows, kam_error *err) {
    return kam__ledger_feed(user, rows, err);
}

int32_t kam__value_feed(kam__ledger *l, kam_book *b, const kam__value_scope *s, kam__value_take take, void *user,
                        kam_error *err) {
    do {
        KAM__TRY(kam__value_scan(b, s, take, user, err));
        KAM__TRY(kam__ledger_end(l, err));
    } while (kam__ledger_again(l));
    return KAM_OK;
}

int32_t kam__value_collect(kam__ledger **out, kam_book *b, const kam__value_scope *s, kam_error *err) {
    const kam__ledger_options o = kam__value_accumulate(s);
    kam__ledger *l = NULL;
    KAM__TRY(kam__ledger_new(&l, b->ctx, &o, err));
    int32_t rc = kam__value_feed(l, b, s, totals_take, l, err);
    if (rc == KAM_OK) *out = l;
    else kam__ledger_free(l);
    return rc;
}

int32_t kam__value_totals_of(kam__totals *out, kam_book *b, const kam__value_scope *s, kam_error *err) {
    kam__imap risk;
    kam__ledger *l = NULL;
    uint32_t r = 0, i = 0;
    KAM__TRY(kam__value_risks(&risk, b, s, err));
    kam__imap_get(&risk, s->account, &r);
    kam__imap_free(&risk);
    KAM__TRY(kam__value_collect(&l, b, s, err));
    *out = (kam__totals){.account = s->account, .risk = r, .first_day = KAM_DAY_END, .last_day = KAM_DAY_FIRST};
    int32_t rc = kam__ledger_find(l, s->account, &i) ? kam__ledger_at(l, i, r, out, err) : KAM_OK;
    kam__ledger_free(l);
    return rc;
}

/* ---------------------------------------------------------------- all accounts */

/* Accounts that drive shared costs and have no ledger row are accounts too. */
static int32_t totals_known(kam__ledger *l, const kam__value_drivers *d, kam_error *err) {
    for (uint32_t i = 0; i < d->keys.n; i++) KAM__TRY(kam__ledger_account(l, d->keys.key[i], err));
    return kam__ledger_end(l, err);
}

static int32_t totals_copy(kam__totals **out, uint32_t *n, const kam__ledger *l, kam_ctx *ctx, const kam__imap *risk,
                           kam_error *err) {
    kam__totals *t = kam__zalloc_n(ctx, (size_t)kam__ledger_count(l) + 1, sizeof *t);
    if (!t) return kam__nomem(err);
    *out = t;
    *n = kam__ledger_count(l);
    for (uint32_t i = 0; i < *n; i++) {
        uint32_t r = 0;
        KAM__TRY(kam__ledger_at(l, i, 0, t + i, err));
        if (!kam__imap_get(risk, t[i].account, &r)) continue;
        t[i].risk = r;
        KAM__TRY(kam__contribution(t + i, err));
    }
    return KAM_OK;
}

int32_t kam__value_totals_all(kam__totals **out, uint32_t *n, kam_book *b, const kam__value_scope *scope,
                              kam__value_settings *settings, kam__value_shared_fn fn, void *user, kam_error *err) {
    kam__imap risk;
    kam__ledger *l = NULL;
    kam__value_drivers d;
    kam__totals *t = NULL;
    KAM__TRY(kam__value_risks(&risk, b, scope, err));
    int32_t rc = kam__value_drivers_read(&d, b, scope, settings, err);
    if (rc == KAM_OK) rc = kam__value_collect(&l, b, scope, err);
    if (rc == KAM_OK) rc = totals_known(l, &d, err);
    if (rc == KAM_OK) rc = totals_copy(&t, n, l, b->ctx, &risk, err);
    if (rc == KAM_OK) rc = kam__value_shared(t, *n, b, &d, settings, fn, user, err);
    kam__value_drivers_free(&d);
    kam__ledger_free(l);
    kam__imap_free(&risk);
    if (rc == KAM_OK) *out = t;
    else kam__free(b->ctx, t);
    return rc;
}
