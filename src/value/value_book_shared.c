/*
 * value/value_book_shared.c - shared costs over a book (R62): what drives them, and each account's part (activity-based
 * costing, Kaplan & Cooper 1988; the splitting is serve.c's).
 *
 * Visits and hours come from held activities, orders and revenue from the ledger's totals. An account that was visited
 * and bought nothing takes its part too: that is what makes the costs of courting it visible.
 */
#include "../store/store.h"
#include "measure.h"
#include "value_book.h"

enum { SHARED_VISITS = 0, SHARED_MINUTES = 1 };

/* ---------------------------------------------------------------- what drives them */

static int32_t shared_contact(void *user, const kam__value_contact *c, kam_error *err) {
    kam__value_drivers *d = user;
    uint32_t n = d->keys.n, at = 0;
    KAM__TRY(kam__keys_add(&d->keys, c->account, &at, err));
    KAM__TRY(kam__grow(d->keys.ctx, &d->driver, &d->cap, (size_t)at + 1, sizeof *d->driver, err));
    if (at == n) memset(d->driver + at, 0, sizeof *d->driver);
    d->driver[at][SHARED_VISITS] += c->channel == KAM_CHANNEL_VISIT;
    if (kam__add(d->driver[at][SHARED_MINUTES], c->minutes, &d->driver[at][SHARED_MINUTES]))
        return kam__fail(err, KAM_E_LIMIT, "the minutes of all activities do not fit 64 bits");
    return KAM_OK;
}

int32_t kam__value_drivers_read(kam__value_drivers *out, kam_book *b, const kam__value_scope *scope,
                                const kam__value_settings *settings, kam_error *err) {
    int wanted = 0;
    memset(out, 0, sizeof *out);
    kam__keys_init(&out->keys, b->ctx);
    for (uint32_t i = 0; i < settings->npool; i++) {
        int32_t driver = settings->pool[i].driver;
        wanted |= driver == KAM_COST_DRIVER_VISITS || driver == KAM_COST_DRIVER_HOURS;
    }
    return wanted ? kam__value_contacts(b, scope, shared_contact, out, err) : KAM_OK;
}

void kam__value_drivers_free(kam__value_drivers *d) {
    kam__free(d->keys.ctx, d->driver);
    kam__keys_free(&d->keys);
}

/* ---------------------------------------------------------------- their parts */

/* One column of n for each driver, in the order of KAM__DRIVER_. */
static void shared_columns(int64_t *column, const kam__totals *t, uint32_t n, const kam__value_drivers *d) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = 0;
        int known = kam__keys_find(&d->keys, t[i].account, &at);
        column[KAM__DRIVER_VISITS * (size_t)n + i] = known ? d->driver[at][SHARED_VISITS] : 0;
        column[KAM__DRIVER_HOURS * (size_t)n + i] = known ? d->driver[at][SHARED_MINUTES] : 0;
        column[KAM__DRIVER_ORDERS * (size_t)n + i] = t[i].orders;
        column[KAM__DRIVER_REVENUE * (size_t)n + i] = t[i].revenue > 0 ? t[i].revenue : 0;
    }
}

static int32_t shared_add(kam__totals *t, const kam__value_pool *p, int64_t part, kam_error *err) {
    int64_t *kind = &t->serve[p->kind - 1];
    if (!kam__add(*kind, part, kind) && !kam__add(t->shared, part, &t->shared)) return KAM_OK;
    return kam__fail(err, KAM_E_LIMIT,
                     "the shared costs of account %lld do not fit 64 bits: check the amount of \"%.40s\"",
                     (long long)t->account, p->name);
}

static int32_t shared_pool(kam__totals *t, uint32_t n, kam_book *b, kam__value_pool *p, const int64_t *column,
                           int64_t *part, kam__value_shared_fn fn, void *user, kam_error *err) {
    const kam__pool pool = {p->amount, (uint32_t)p->driver - 1};
    const int64_t *driver[KAM__DRIVERS], *quantity = column + pool.driver * (size_t)n;
    for (uint32_t k = 0; k < KAM__DRIVERS; k++) driver[k] = column + k * (size_t)n;
    memset(part, 0, n * sizeof *part);
    KAM__TRY(kam__serve_allocate(part, &p->left, &pool, 1, driver, n, b->ctx, err));
    for (uint32_t i = 0; i < n; i++) {
        KAM__TRY(shared_add(t + i, p, part[i], err));
        if (fn && (part[i] || quantity[i])) KAM__TRY(fn(user, p, t + i, quantity[i], part[i], err));
    }
    return KAM_OK;
}

int32_t kam__value_shared(kam__totals *t, uint32_t n, kam_book *b, const kam__value_drivers *d,
                          kam__value_settings *settings, kam__value_shared_fn fn, void *user, kam_error *err) {
    if (!settings->npool) return KAM_OK;
    int64_t *column = kam__zalloc_n(b->ctx, (KAM__DRIVERS + 1) * (size_t)n + 1, sizeof *column);
    if (!column) return kam__nomem(err);
    shared_columns(column, t, n, d);
    int32_t rc = KAM_OK;
    for (uint32_t i = 0; i < settings->npool && rc == KAM_OK; i++)
        rc = shared_pool(t, n, b, settings->pool + i, column, column + KAM__DRIVERS * (size_t)n, fn, user, err);
    for (uint32_t i = 0; i < n && rc == KAM_OK; i++) rc = kam__contribution(t + i, err);
    kam__free(b->ctx, column);
    return rc;
}

/* ---------------------------------------------------------------- as a list */

typedef struct shared_work {
    kam_book *b;
    kam__value_scope scope;
    kam__value_settings settings;
    kam__rowset *set;
} shared_work;

static int32_t shared_row(const shared_work *w, const kam__value_pool *p, int64_t account, int64_t quantity,
                          int64_t amount, kam_error *err) {
    kam__blockbuf *bb = kam__rowset_row(w->set, err);
    if (!bb) return KAM_E_NOMEM;
    if (account) kam__value_put(w->set, bb, KAM_SHARED_COST_ACCOUNT, account);
    kam__value_put_text(w->set, bb, KAM_SHARED_COST_POOL, p->name);
    kam__value_put(w->set, bb, KAM_SHARED_COST_KIND, p->kind);
    kam__value_put(w->set, bb, KAM_SHARED_COST_DRIVER, p->driver);
    kam__value_put(w->set, bb, KAM_SHARED_COST_QUANTITY, quantity);
    kam__value_put(w->set, bb, KAM_SHARED_COST_AMOUNT, amount);
    kam__value_put_text(w->set, bb, KAM_SHARED_COST_CURRENCY, w->scope.currency);
    return kam__rowset_end_row(w->set, err);
}

static int32_t shared_part(void *user, const kam__value_pool *p, const kam__totals *t, int64_t quantity, int64_t part,
                           kam_error *err) {
    return shared_row(user, p, t->account, quantity, part, err);
}

static int32_t shared_make(kam__rowset *set, void *work, kam_error *err) {
    shared_work *w = work;
    kam__totals *t = NULL;
    uint32_t n = 0;
    w->set = set;
    KAM__TRY(kam__value_settle(&w->scope, w->b, err));
    KAM__TRY(kam__value_settings_read(&w->settings, w->b, w->scope.settings, w->scope.currency, err));
    int32_t rc = kam__value_totals_all(&t, &n, w->b, &w->scope, &w->settings, shared_part, w, err);
    for (uint32_t i = 0; i < w->settings.npool && rc == KAM_OK; i++)
        if (w->settings.pool[i].left) rc = shared_row(w, w->settings.pool + i, 0, 0, w->settings.pool[i].left, err);
    kam__free(w->b->ctx, t);
    kam__value_settings_free(&w->settings);
    return rc;
}

int32_t kam_value_shared_costs(kam_rows **out, kam_book *book, const kam_value_options *options, int32_t as_of,
                               kam_error *err) {
    shared_work w = {.b = book};
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__value_options_take(&w.scope, NULL, options, as_of, err));
    return kam__value_rows(out, book, KAM_KIND_SHARED_COST, shared_make, &w, err);
}
