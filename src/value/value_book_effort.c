/*
 * value/value_book_effort.c - where our time goes (R48, R49, R103): held activities of a window beside the ledger's.
 *
 * Activities are read once into contacts and minutes per account, the ledger once into totals; attention.c makes the
 * figures. An activity without a duration is a contact that took no time, and is counted as such.
 */
#include "../store/store.h"
#include "measure.h"
#include "value_book.h"

typedef struct veff_work {
    kam_book *b;
    kam__value_scope scope;
    int64_t top;
    kam__keys keys;                         /* accounts */
    int64_t *minutes; size_t cap;
    kam__contact *contact; size_t n, contact_cap;
    int64_t phase[KAM__PHASES + 1];
    kam_effort out;
    kam__activity *activity;
    int64_t *revenue, *profit;
    kam_error *err;
} veff_work;

/* ---------------------------------------------------------------- reading */

static int32_t veff_account(uint32_t *at, veff_work *w, int64_t account) {
    uint32_t n = w->keys.n;
    KAM__TRY(kam__keys_add(&w->keys, account, at, w->err));
    KAM__TRY(kam__grow(w->b->ctx, &w->minutes, &w->cap, (size_t)*at + 1, sizeof *w->minutes, w->err));
    if (*at == n) w->minutes[*at] = 0;
    return KAM_OK;
}

static uint8_t veff_kind(int64_t channel) {
    return channel == KAM_CHANNEL_VISIT ? 0 : channel == KAM_CHANNEL_CALL ? 1 : channel == KAM_CHANNEL_EMAIL ? 2 : 3;
}

static int32_t veff_contact(void *user, const kam__value_contact *given, kam_error *err) {
    veff_work *w = user;
    KAM__TRY(kam__grow(w->b->ctx, &w->contact, &w->contact_cap, w->n + 1, sizeof *w->contact, err));
    kam__contact *c = &w->contact[w->n];
    KAM__TRY(veff_account(&c->account, w, given->account));
    c->day = given->day;
    c->kind = veff_kind(given->channel);
    c->inbound = given->direction == KAM_DIRECTION_INBOUND;
    w->n++;
    w->out.untimed += !given->minutes;
    int64_t *at = &w->phase[given->phase >= 1 && given->phase <= KAM__PHASES ? given->phase - 1 : KAM__PHASES];
    if (kam__add(*at, given->minutes, at) ||
        kam__add(w->minutes[c->account], given->minutes, &w->minutes[c->account]))
        return kam__fail(err, KAM_E_LIMIT, "the minutes of all activities do not fit 64 bits");
    return KAM_OK;
}

/* ---------------------------------------------------------------- figures */

static int32_t veff_ledger(veff_work *w, const kam__ledger *l) {
    kam__totals t;
    uint32_t at = 0;
    for (uint32_t i = 0; i < kam__ledger_count(l); i++) {
        KAM__TRY(kam__ledger_at(l, i, 0, &t, w->err));
        KAM__TRY(veff_account(&at, w, t.account));
    }
    w->revenue = kam__zalloc_n(w->b->ctx, 2 * (size_t)w->keys.n + 1, sizeof *w->revenue);
    if (!w->revenue) return kam__nomem(w->err);
    w->profit = w->revenue + w->keys.n;
    for (uint32_t i = 0; i < kam__ledger_count(l); i++) {
        KAM__TRY(kam__ledger_at(l, i, 0, &t, w->err));
        if (!kam__keys_find(&w->keys, t.account, &at)) continue;
        w->revenue[at] = t.revenue;
        w->profit[at] = t.contribution;
    }
    return KAM_OK;
}

static int32_t veff_figures(veff_work *w) {
    kam_effort *o = &w->out;
    kam__attention a;
    uint32_t n = w->keys.n;
    KAM__TRY(kam__effort_mix(o->share, o->difference, w->phase, w->b->ctx, w->err));
    for (uint32_t i = 0; i < KAM__PHASES; i++) {
        o->minutes[i] = w->phase[i];
        o->target[i] = kam__effort_target[i];
    }
    o->untagged = w->phase[KAM__PHASES];
    KAM__TRY(kam__attention_make(&a, w->minutes, w->revenue, w->profit, n, w->top, w->b->ctx, w->err));
    o->accounts = a.accounts, o->top = a.top;
    o->time_share = a.time_share, o->revenue_share = a.revenue_share, o->profit_share = a.profit_share;
    w->activity = kam__zalloc_n(w->b->ctx, (size_t)n + 1, sizeof *w->activity);
    if (!w->activity) return kam__nomem(w->err);
    return w->scope.from < w->scope.to
         ? kam__activity_make(w->activity, n, w->contact, w->n, w->scope.from, w->scope.to, NULL, w->err) : KAM_OK;
}

static int32_t veff_intention(const kam__activity *a) {
    if (!a->contacts) return KAM_INTENTION_NONE;
    return a->inbound >= 5000 || (a->inbound >= 2500 && a->trend > 0) ? KAM_INTENTION_GOOD : KAM_INTENTION_FAIR;
}

static int32_t veff_row(kam__rowset *set, const veff_work *w, uint32_t i) {
    const kam__activity *a = &w->activity[i];
    kam__blockbuf *bb = kam__rowset_row(set, w->err);
    if (!bb) return KAM_E_NOMEM;
    kam__value_put(set, bb, KAM_EFFORT_ACCOUNT, w->keys.key[i]);
    kam__value_put(set, bb, KAM_EFFORT_MINUTES, w->minutes[i]);
    kam__value_put(set, bb, KAM_EFFORT_CONTACTS, a->contacts);
    kam__value_put(set, bb, KAM_EFFORT_POINTS, a->points);
    kam__value_put(set, bb, KAM_EFFORT_INDEX, a->index);
    kam__value_put(set, bb, KAM_EFFORT_INBOUND, a->inbound);
    kam__value_put(set, bb, KAM_EFFORT_TREND, a->trend);
    kam__value_put(set, bb, KAM_EFFORT_INTENTION, veff_intention(a));
    return kam__rowset_end_row(set, w->err);
}

static int32_t veff_rows(kam__rowset *set, const veff_work *w) {
    uint32_t *order = kam__zalloc_n(w->b->ctx, (size_t)w->keys.n + 1, sizeof *order);
    if (!order) return kam__nomem(w->err);
    int32_t rc = kam__keys_order(&w->keys, order, w->err);
    for (uint32_t i = 0; i < w->keys.n && rc == KAM_OK; i++) rc = veff_row(set, w, order[i]);
    kam__free(w->b->ctx, order);
    return rc;
}

static int32_t veff_make(kam__rowset *set, void *work, kam_error *err) {
    veff_work *w = work;
    kam__ledger *l = NULL;
    KAM__TRY(kam__value_settle(&w->scope, w->b, err));
    KAM__TRY(kam__value_contacts(w->b, &w->scope, veff_contact, w, err));
    KAM__TRY(kam__value_collect(&l, w->b, &w->scope, err));
    int32_t rc = veff_ledger(w, l);
    kam__ledger_free(l);
    if (rc == KAM_OK) rc = veff_figures(w);
    return rc == KAM_OK ? veff_rows(set, w) : rc;
}

int32_t kam_value_effort(kam_effort *out, kam_rows **rows, kam_book *book, const kam_value_options *options, int64_t top,
                         int32_t as_of, kam_error *err) {
    veff_work w = {.b = book, .top = top ? top : 2000, .err = err};
    kam_rows *made = NULL;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__options(&w.out, sizeof w.out, out, sizeof w.out, "kam_effort", err));
    memset(&w.out, 0, sizeof w.out);
    KAM__TRY(kam__value_options_take(&w.scope, NULL, options, as_of, err));
    kam__keys_init(&w.keys, book->ctx);
    int32_t rc = kam__value_rows(&made, book, KAM_KIND_EFFORT, veff_make, &w, err);
    kam__keys_free(&w.keys);
    kam__free(book->ctx, w.minutes);
    kam__free(book->ctx, w.contact);
    kam__free(book->ctx, w.revenue);
    kam__free(book->ctx, w.activity);
    if (rc != KAM_OK) return rc;
    w.out.struct_size = out->struct_size;
    *out = w.out;
    if (rows) *rows = made;
    else kam_rows_free(made);
    return KAM_OK;
}
