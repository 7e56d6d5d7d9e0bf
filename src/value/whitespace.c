/*
 * value/whitespace.c - whitespace: products that accounts of the same group buy and this one does not.
 *
 * Pairs (account, product) are sorted and made unique; buyers of each product are counted per group; then each account's
 * products are walked beside those of its group. Memory is in proportion to the pairs, not to accounts times products.
 */
#include "value/measure.h"

typedef struct ws_pair {
    uint32_t a, b, count;
} ws_pair; /* (account, product), or (group, product) with its buyers */

static int ws_by_pair(const void *a, const void *b, void *arg) {
    const ws_pair *p = a, *q = b;
    (void)arg;
    if (p->a != q->a) return p->a < q->a ? -1 : 1;
    return (p->b > q->b) - (p->b < q->b);
}

static int ws_by_gap(const void *a, const void *b, void *arg) {
    const kam__gap *p = a, *q = b;
    (void)arg;
    if (p->account != q->account) return p->account < q->account ? -1 : 1;
    if (p->share != q->share) return p->share > q->share ? -1 : 1;
    return (p->product > q->product) - (p->product < q->product);
}

static size_t ws_unique(ws_pair *p, size_t n) {
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (k && ws_by_pair(&p[k - 1], &p[i], NULL) == 0)
            p[k - 1].count += p[i].count;
        else
            p[k++] = p[i];
    return k;
}

static size_t ws_first(const ws_pair *p, size_t n, uint32_t a) {
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (p[mid].a < a)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

typedef struct ws_job {
    kam_ctx *ctx;
    ws_pair *own, *all;
    size_t nown, nall; /* by account; by group */
    uint32_t *size;    /* accounts of each group number */
    kam__gap *gap;
    size_t n, cap;
} ws_job;

/* Products of the group that are not among the account's; both ascending. */
static int32_t ws_account(ws_job *j, uint32_t account, uint32_t group, int64_t least, kam_error *err) {
    size_t mine = ws_first(j->own, j->nown, account);
    uint32_t others = j->size[group] - 1;
    for (size_t i = ws_first(j->all, j->nall, group); i < j->nall && j->all[i].a == group; i++) {
        while (mine < j->nown && j->own[mine].a == account && j->own[mine].b < j->all[i].b) mine++;
        if (mine < j->nown && j->own[mine].a == account && j->own[mine].b == j->all[i].b) continue;
        int64_t share = kam__share(j->all[i].count, others);
        if (share < least) continue;
        KAM__TRY(kam__grow(j->ctx, &j->gap, &j->cap, j->n + 1, sizeof *j->gap, err));
        j->gap[j->n++] = (kam__gap){account, j->all[i].b, j->all[i].count, others, share};
    }
    return KAM_OK;
}

static int32_t ws_run(ws_job *j, const kam__bought *bought, size_t n, const uint32_t *group, uint32_t accounts,
                      int64_t least, kam_error *err) {
    for (size_t i = 0; i < n; i++) j->own[i] = (ws_pair){bought[i].account, bought[i].product, 0};
    KAM__TRY(kam__sort(j->ctx, j->own, n, sizeof *j->own, ws_by_pair, NULL, err));
    j->nown = ws_unique(j->own, n);
    for (size_t i = 0; i < j->nown; i++) j->all[i] = (ws_pair){group ? group[j->own[i].a] : 0, j->own[i].b, 1};
    KAM__TRY(kam__sort(j->ctx, j->all, j->nown, sizeof *j->all, ws_by_pair, NULL, err));
    j->nall = ws_unique(j->all, j->nown);
    for (uint32_t a = 0; a < accounts; a++) j->size[group ? group[a] : 0]++;
    for (uint32_t a = 0; a < accounts; a++) KAM__TRY(ws_account(j, a, group ? group[a] : 0, least, err));
    return kam__sort(j->ctx, j->gap, j->n, sizeof *j->gap, ws_by_gap, NULL, err);
}

static int32_t ws_check(const kam__bought *bought, size_t n, const uint32_t *group, uint32_t accounts,
                        uint32_t products, int64_t least, kam_error *err) {
    for (size_t i = 0; i < n; i++)
        if (bought[i].account >= accounts || bought[i].product >= products)
            return kam__fail(err, KAM_E_INVAL, "row %llu: account %u of %u, product %u of %u", (unsigned long long)i,
                             (unsigned)bought[i].account, (unsigned)accounts, (unsigned)bought[i].product,
                             (unsigned)products);
    for (uint32_t a = 0; group && a < accounts; a++)
        if (group[a] >= accounts)
            return kam__fail(err, KAM_E_INVAL, "account %u is in group %u: groups are numbered below the accounts",
                             (unsigned)a, (unsigned)group[a]);
    return least > 0 ? KAM_OK : kam__fail(err, KAM_E_INVAL, "the least share must be above 0 (10^-4)");
}

int32_t kam__whitespace(kam__gap **out, size_t *n, const kam__bought *bought, size_t nbought, const uint32_t *group,
                        uint32_t accounts, uint32_t products, int64_t least, kam_ctx *ctx, kam_error *err) {
    ws_job j = {.ctx = ctx};
    KAM__TRY(ws_check(bought, nbought, group, accounts, products, least, err));
    j.own = kam__zalloc_n(ctx, 2 * nbought + 1, sizeof *j.own);
    j.size = kam__zalloc_n(ctx, (size_t)accounts + 1, sizeof *j.size);
    int32_t rc = j.own && j.size ? KAM_OK : kam__nomem(err);
    if (rc == KAM_OK) {
        j.all = j.own + nbought;
        rc = ws_run(&j, bought, nbought, group, accounts, least, err);
    }
    kam__free(ctx, j.own);
    kam__free(ctx, j.size);
    if (rc != KAM_OK) {
        kam__free(ctx, j.gap);
        return rc;
    }
    *out = j.gap;
    *n = j.n;
    return KAM_OK;
}
