/*
 * value/profile.c - the purchase profile: how many orders and kinds of product, how often, in which months, sent where.
 *
 * Rows are sorted three times, each time in the order in which one of the questions is a matter of counting changes from
 * row to row: by day, by order, by product, by place.
 */
#include "value/measure.h"

typedef int (*profile_order)(const void *a, const void *b, void *arg);

#define PROFILE_CMP(name, member)                                                                                      \
    static int name(const void *a, const void *b, void *arg) {                                                         \
        const kam__profile_row *p = a, *q = b;                                                                         \
        (void)arg;                                                                                                     \
        if (p->account != q->account) return p->account < q->account ? -1 : 1;                                         \
        return (p->member > q->member) - (p->member < q->member);                                                      \
    }
PROFILE_CMP(profile_by_day, day)
PROFILE_CMP(profile_by_product, product)
PROFILE_CMP(profile_by_place, place)
#undef PROFILE_CMP

/* Rows without the name of an order: a day is one, behind those with a name. */
static int profile_by_order(const void *a, const void *b, void *arg) {
    const kam__profile_row *p = a, *q = b;
    (void)arg;
    if (p->account != q->account) return p->account < q->account ? -1 : 1;
    if (p->order != q->order) return p->order > q->order ? -1 : 1;
    return p->order ? 0 : (p->day > q->day) - (p->day < q->day);
}

static int32_t profile_limit(int64_t account, kam_error *err) {
    return kam__fail(err, KAM_E_LIMIT, "a sum of account %lld does not fit 64 bits", (long long)account);
}

/* Amounts, days and months, rows by day. */
static int32_t profile_days(kam__profile *p, const kam__profile_row *row, size_t n, kam_error *err) {
    int32_t year, month, day;
    *p = (kam__profile){.account = row->account};
    for (size_t i = 0; i < n; i++) {
        kam__day_split(row[i].day, &year, &month, &day);
        if (kam__add(p->amount, row[i].amount, &p->amount) ||
            kam__add(p->month[month - 1], row[i].amount, &p->month[month - 1]))
            return profile_limit(row->account, err);
        p->days += i == 0 || row[i].day != row[i - 1].day;
    }
    if (p->days > 1)
        kam__muldiv((int64_t)row[n - 1].day - row[0].day, 10000, p->days - 1, KAM__HALF_EVEN, &p->interval);
    return KAM_OK;
}

static void profile_orders(kam__profile *p, const kam__profile_row *row, size_t n) {
    for (size_t i = 0; i < n; i++) p->orders += i == 0 || profile_by_order(&row[i - 1], &row[i], NULL) != 0;
}

static void profile_products(kam__profile *p, const kam__profile_row *row, size_t n) {
    for (size_t i = 0; i < n; i++) p->products += row[i].product && (i == 0 || row[i].product != row[i - 1].product);
}

static int32_t profile_places(kam__profile *p, const kam__profile_row *row, size_t n, kam_error *err) {
    int64_t best = INT64_MIN, sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && row[i].place != row[i - 1].place) sum = 0;
        if (kam__add(sum, row[i].amount, &sum)) return profile_limit(row->account, err);
        int last = i + 1 == n || row[i + 1].place != row[i].place;
        if (!last || !row[i].place || sum <= best) continue;
        best = sum;
        p->place = row[i].place;
    }
    p->place_share = p->place ? kam__share(best, p->amount) : 0;
    return KAM_OK;
}

static int32_t profile_all(kam__profile *out, const kam__profile_row *row, size_t n, int step, kam_error *err) {
    size_t k = 0;
    for (size_t i = 0, to; i < n; i = to, k++) {
        for (to = i + 1; to < n && row[to].account == row[i].account;) to++;
        if (step == 0) KAM__TRY(profile_days(&out[k], row + i, to - i, err));
        if (step == 1) profile_orders(&out[k], row + i, to - i);
        if (step == 2) profile_products(&out[k], row + i, to - i);
        if (step == 3) KAM__TRY(profile_places(&out[k], row + i, to - i, err));
    }
    return KAM_OK;
}

int32_t kam__profile_make(kam__profile **out, size_t *n, kam__profile_row *row, size_t nrow, kam_ctx *ctx,
                          kam_error *err) {
    static const profile_order order[] = {profile_by_day, profile_by_order, profile_by_product, profile_by_place};
    size_t accounts = 0;
    kam__profile *p = NULL;
    int32_t rc = KAM_OK;
    for (int step = 0; step < 4 && rc == KAM_OK; step++) {
        rc = kam__sort(ctx, row, nrow, sizeof *row, order[step], NULL, err);
        for (size_t i = 0; i < nrow && step == 0 && rc == KAM_OK; i++)
            accounts += i == 0 || row[i].account != row[i - 1].account;
        if (step == 0 && rc == KAM_OK && !(p = kam__zalloc_n(ctx, accounts + 1, sizeof *p))) rc = kam__nomem(err);
        if (rc == KAM_OK) rc = profile_all(p, row, nrow, step, err);
    }
    if (rc != KAM_OK) {
        kam__free(ctx, p);
        return rc;
    }
    *out = p;
    *n = accounts;
    return KAM_OK;
}
