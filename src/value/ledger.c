/* value/ledger.c - ledger rows in, totals per account out: revenue, cost, contribution (R62), orders, first and last
 * purchase.  A block is taken in two steps. The first checks the rows and finds the accounts; everything that can fail
 * happens there and is undone on failure. The second only adds. What every sale touches lies in one line of 64 bytes;
 * returns, costs to serve and direct revenue, which few accounts have, lie in an `extra` made on demand.  Distinct
 * orders: each row appends (account, order) to a log unless the account's row before was of the same order. When the
 * log has grown well beyond the orders known, and at the end, it is grouped by account (counting sort), sorted within
 * each and made unique. So memory stays in proportion to accounts and distinct orders, and a row costs no look-up. It
 * stays in proportion to accounts alone without counting (KAM__ORDERS_ANY), and where the rows can be fed again
 * (KAM__ORDERS_PASSES): then what does not fit is left, by the hash of the order, to further passes. */
#include "value.h"

#define LEDGER_NONE UINT32_MAX
#define LEDGER_LOG 262144u
#define LEDGER_AHEAD 16u                    /* rows */

enum { LEDGER_BY_TEXT = 1, LEDGER_BY_DAY = 2 };

typedef struct ledger_line {
    kam__sum revenue, cost;
    uint64_t order;                         /* of the last sale, with order_kind: 0 = no sale yet */
    uint32_t order_kind, orders;            /* orders: of this pass */
    int32_t first, last;
    uint32_t extra, before;                 /* place + 1, 0 = none; orders of earlier passes */
} ledger_line;

typedef struct ledger_extra { kam__sum returns, direct, serve[KAM__COST_KINDS]; uint32_t owner; } ledger_extra;
typedef struct ledger_order { uint64_t key; uint32_t account, kind; } ledger_order;

struct kam__ledger {
    kam_ctx *ctx;
    kam__ledger_options opt;
    kam__keys keys;
    ledger_line *line;
    ledger_extra *extra;
    ledger_order *log;
    uint32_t *place;                        /* of the block being fed: account, then end account, of each row */
    uint32_t *by_id;
    size_t line_cap, extra_cap, log_cap, place_cap, by_id_cap;
    size_t nlog, kept;                      /* kept: distinct orders when last counted */
    uint32_t nline, nextra;
    uint64_t lo, hi;                        /* orders of this pass: those whose hash is not outside */
    int32_t ended, again, passes;           /* passes: those that have ended */
};

void kam__sum_sub(kam__sum *s, int64_t v) {
    kam__sum_add(s, ~v);                    /* -v = ~v + 1, also for the smallest int64 */
    kam__sum_add(s, 1);
}

uint64_t kam__order_key(const char *text, size_t len) {
    if (!text || len == 0) return 0;
    uint64_t key = kam__hash(text, len);
    return key && key != KAM__NO_ORDER ? key : 1;
}

/* ---------------------------------------------------------------- life */

int32_t kam__ledger_options_take(kam__ledger_options *own, const kam__ledger_options *given, kam_error *err) {
    if (given && (given->from > given->to || given->returns > KAM__RETURNS_SHOWN || given->orders > KAM__ORDERS_PASSES))
        return kam__fail(err, KAM_E_INVAL,
                         "ledger options: from must not lie after to, returns are NET or SHOWN, orders COUNTED, ANY "
                         "or PASSES");
    *own = given ? *given : (kam__ledger_options){KAM_DAY_FIRST, KAM_DAY_END, KAM__RETURNS_NET, KAM__ORDERS_COUNTED, 0};
    return KAM_OK;
}

int32_t kam__ledger_new(kam__ledger **out, kam_ctx *ctx, const kam__ledger_options *options, kam_error *err) {
    kam__ledger_options own;
    KAM__TRY(kam__ledger_options_take(&own, options, err));
    kam__ledger *l = kam__zalloc(ctx, sizeof *l);
    if (!l) return kam__nomem(err);
    l->ctx = ctx;
    l->opt = own;
    l->hi = UINT64_MAX;
    kam__keys_init(&l->keys, ctx);
    *out = l;
    return KAM_OK;
}

void kam__ledger_free(kam__ledger *l) {
    if (!l) return;
    kam__keys_free(&l->keys);
    kam__free(l->ctx, l->line);
    kam__free(l->ctx, l->extra);
    kam__free(l->ctx, l->log);
    kam__free(l->ctx, l->place);
    kam__free(l->ctx, l->by_id);
    kam__free(l->ctx, l);
}

/* ---------------------------------------------------------------- first pass: check, find accounts */

static int32_t ledger_event(const kam__ledger_rows *rows, uint32_t i) {
    return rows->event ? rows->event[i] : KAM_LEDGER_SALE;
}

static int32_t ledger_bad(uint32_t row, kam_error *err, const char *why, int64_t value) {
    (void)kam__fail(err, KAM_E_INVAL, "ledger row %u: %s %lld", (unsigned)row, why, (long long)value);
    kam__err_set(err, KAM_ERR_ROW, row);
    return KAM_E_INVAL;
}

int32_t kam__ledger_check(const kam__ledger_rows *rows, uint32_t i, kam_error *err) {
    int32_t event = ledger_event(rows, i);
    if (event == KAM_LEDGER_SALE) return KAM_OK;
    if (event < KAM_LEDGER_SALE || event > KAM_LEDGER_COST_TO_SERVE) return ledger_bad(i, err, "unknown event", event);
    if (event == KAM_LEDGER_RETURN && rows->amount[i] < 0)
        return ledger_bad(i, err, "a return's amount is stored positive, not", rows->amount[i]);
    if (event == KAM_LEDGER_COST_TO_SERVE && rows->cost_kind &&
        (rows->cost_kind[i] < 0 || rows->cost_kind[i] > (int32_t)KAM__COST_KINDS))
        return ledger_bad(i, err, "unknown kind of cost", rows->cost_kind[i]);
    return KAM_OK;
}

static int32_t ledger_find(kam__ledger *l, int64_t account, uint32_t *place, kam_error *err) {
    KAM__TRY(kam__keys_add(&l->keys, account, place, err));
    if (*place < l->nline) return KAM_OK;
    KAM__TRY(kam__grow(l->ctx, &l->line, &l->line_cap, (size_t)*place + 1, sizeof *l->line, err));
    ledger_line *line = l->line + *place;
    memset(line, 0, sizeof *line);
    line->first = KAM_DAY_END;
    line->last = KAM_DAY_FIRST;
    l->nline = *place + 1;
    return KAM_OK;
}

static int32_t ledger_need_extra(kam__ledger *l, uint32_t place, kam_error *err) {
    if (l->line[place].extra) return KAM_OK;
    KAM__TRY(kam__grow(l->ctx, &l->extra, &l->extra_cap, (size_t)l->nextra + 1, sizeof *l->extra, err));
    memset(l->extra + l->nextra, 0, sizeof *l->extra);
    l->extra[l->nextra].owner = place;
    l->line[place].extra = ++l->nextra;
    return KAM_OK;
}

static int32_t ledger_resolve(kam__ledger *l, const kam__ledger_rows *rows, uint32_t i, kam_error *err) {
    uint32_t *place = l->place + (size_t)i * 2;
    place[0] = place[1] = LEDGER_NONE;
    KAM__TRY(kam__ledger_check(rows, i, err));
    if (rows->day[i] < l->opt.from || rows->day[i] >= l->opt.to) return KAM_OK;
    int32_t event = ledger_event(rows, i);
    KAM__TRY(ledger_find(l, rows->account[i], place, err));
    if (event == KAM_LEDGER_RETURN || event == KAM_LEDGER_COST_TO_SERVE) KAM__TRY(ledger_need_extra(l, place[0], err));
    if (!rows->end_account || !rows->end_account[i] || event > KAM_LEDGER_RETURN) return KAM_OK;
    KAM__TRY(ledger_find(l, rows->end_account[i], place + 1, err));
    return ledger_need_extra(l, place[1], err);
}

/* Back to nline accounts and nextra extras. */
static void ledger_undo(kam__ledger *l, uint32_t nline, uint32_t nextra) {
    for (uint32_t i = nextra; i < l->nextra; i++) l->line[l->extra[i].owner].extra = 0;
    l->nextra = nextra;
    l->nline = nline;
    kam__keys_cut(&l->keys, nline);
}

/* ---------------------------------------------------------------- second pass: add */

/* Evenly spread, also where keys are days. */
static uint64_t ledger_hash(uint64_t key, uint32_t kind) {
    key = (key ^ kind) * 0x9E3779B97F4A7C15u;
    key = (key ^ key >> 32) * 0xD6E8FEB86659FD93u;
    return key ^ key >> 32;
}

static int ledger_outside(const kam__ledger *l, uint64_t key, uint32_t kind) {
    uint64_t hash = l->opt.orders == KAM__ORDERS_PASSES ? ledger_hash(key, kind) : 0;
    return hash < l->lo || hash > l->hi;
}

static void ledger_log(kam__ledger *l, uint32_t place, uint64_t key, uint32_t kind) {
    ledger_line *line = l->line + place;
    if (line->order == key && line->order_kind == kind) return;
    line->order = key;
    line->order_kind = kind;
    if (ledger_outside(l, key, kind)) return;
    l->log[l->nlog++] = (ledger_order){key, place, kind};
}

static void ledger_order_of(kam__ledger *l, const kam__ledger_rows *rows, uint32_t i, uint32_t place) {
    if (rows->order && rows->order[i] == KAM__NO_ORDER) return;
    if (l->opt.orders == KAM__ORDERS_ANY) l->line[place].orders = 1;
    else if (rows->order && rows->order[i]) ledger_log(l, place, rows->order[i], LEDGER_BY_TEXT);
    else ledger_log(l, place, (uint32_t)rows->day[i], LEDGER_BY_DAY);
}

static void ledger_sale(kam__ledger *l, const kam__ledger_rows *rows, uint32_t i, const uint32_t *place) {
    ledger_line *line = l->line + place[0];
    int32_t day = rows->day[i];
    kam__sum_add(&line->revenue, rows->amount[i]);
    if (rows->cost) kam__sum_add(&line->cost, rows->cost[i]);
    if (place[1] != LEDGER_NONE) kam__sum_add(&l->extra[l->line[place[1]].extra - 1].direct, rows->amount[i]);
    if (rows->order && rows->order[i] == KAM__NO_ORDER) return;
    if (day < line->first) line->first = day;
    if (day > line->last) line->last = day;
    ledger_order_of(l, rows, i, place[0]);
}

static void ledger_return(kam__ledger *l, const kam__ledger_rows *rows, uint32_t i, const uint32_t *place) {
    ledger_line *line = l->line + place[0];
    kam__sum_add(&l->extra[line->extra - 1].returns, rows->amount[i]);
    if (l->opt.returns != KAM__RETURNS_NET) return;
    kam__sum_sub(&line->revenue, rows->amount[i]);
    if (rows->cost) kam__sum_sub(&line->cost, rows->cost[i]);
    if (place[1] != LEDGER_NONE) kam__sum_sub(&l->extra[l->line[place[1]].extra - 1].direct, rows->amount[i]);
}

static void ledger_serve(kam__ledger *l, const kam__ledger_rows *rows, uint32_t i, uint32_t place) {
    int32_t kind = rows->cost_kind && rows->cost_kind[i] ? rows->cost_kind[i] : KAM_COST_KIND_OTHER;
    kam__sum_add(&l->extra[l->line[place].extra - 1].serve[kind - 1], rows->amount[i]);
}

/* A further pass: everything but orders is known already. */
static void ledger_apply_orders(kam__ledger *l, const kam__ledger_rows *rows) {
    for (uint32_t i = 0; i < rows->n; i++) {
        uint32_t place = l->place[(size_t)i * 2];
        if (place != LEDGER_NONE && ledger_event(rows, i) == KAM_LEDGER_SALE) ledger_order_of(l, rows, i, place);
    }
}

static void ledger_apply(kam__ledger *l, const kam__ledger_rows *rows) {
    for (uint32_t i = 0; i < rows->n; i++) {
        const uint32_t *place = l->place + (size_t)i * 2, *later = place + LEDGER_AHEAD * 2;
        if (i + LEDGER_AHEAD < rows->n && *later != LEDGER_NONE) {
            KAM__AHEAD(&l->line[*later].revenue);
            KAM__AHEAD(&l->line[*later].before);  /* it may lie across two lines of the cache */
        }
        if (place[0] == LEDGER_NONE) continue;
        switch (ledger_event(rows, i)) {
        case KAM_LEDGER_SALE: ledger_sale(l, rows, i, place); break;
        case KAM_LEDGER_RETURN: ledger_return(l, rows, i, place); break;
        case KAM_LEDGER_COST_OF_GOODS: kam__sum_add(&l->line[place[0]].cost, rows->amount[i]); break;
        default: ledger_serve(l, rows, i, place[0]); break;
        }
    }
}

/* ---------------------------------------------------------------- distinct orders */

static int ledger_before(const ledger_order *a, const ledger_order *b) {
    return a->key != b->key ? a->key < b->key : a->kind < b->kind;
}

static void ledger_insertion(ledger_order *a, size_t n) {
    for (size_t i = 1; i < n; i++) {
        ledger_order v = a[i];
        size_t j = i;
        for (; j > 0 && ledger_before(&v, a + j - 1); j--) a[j] = a[j - 1];
        a[j] = v;
    }
}

static void ledger_sift(ledger_order *a, size_t top, size_t n) {
    ledger_order v = a[top];
    for (size_t child; (child = top * 2 + 1) < n; top = child) {
        if (child + 1 < n && ledger_before(a + child, a + child + 1)) child++;
        if (!ledger_before(&v, a + child)) break;
        a[top] = a[child];
    }
    a[top] = v;
}

/* One account's orders: few or sorted already in most cases; heapsort for the rest, it needs no memory. */
static void ledger_sort(ledger_order *a, size_t n) {
    size_t sorted = 1;
    while (sorted < n && !ledger_before(a + sorted, a + sorted - 1)) sorted++;
    if (sorted >= n) return;
    if (n < 24) {
        ledger_insertion(a, n);
        return;
    }
    for (size_t i = n / 2; i-- > 0;) ledger_sift(a, i, n);
    for (size_t i = n; --i > 0;) {
        ledger_order v = a[0];
        a[0] = a[i];
        a[i] = v;
        ledger_sift(a, 0, i);
    }
}

/* Moves the log into `to`, account after account; end[a] becomes the end of account a's part. */
static void ledger_group(const kam__ledger *l, ledger_order *to, size_t *end) {
    size_t at = 0;
    for (size_t i = 0; i < l->nlog; i++) {
        if (i + LEDGER_AHEAD < l->nlog) KAM__AHEAD(end + l->log[i + LEDGER_AHEAD].account);
        end[l->log[i].account]++;
    }
    for (uint32_t a = 0; a < l->nline; a++) {
        size_t n = end[a];
        end[a] = at;
        at += n;
    }
    for (size_t i = 0; i < l->nlog; i++) {
        if (i + 2 * LEDGER_AHEAD < l->nlog) KAM__AHEAD(end + l->log[i + 2 * LEDGER_AHEAD].account);
        if (i + LEDGER_AHEAD < l->nlog) KAM__AHEAD(to + end[l->log[i + LEDGER_AHEAD].account]);
        to[end[l->log[i].account]++] = l->log[i];
    }
}

/* Makes the log unique and counts the orders of each account. */
static int32_t ledger_count(kam__ledger *l, kam_error *err) {
    if (l->nlog == l->kept) return KAM_OK;          /* nothing new since the last count */
    size_t *end = kam__zalloc_n(l->ctx, l->nline, sizeof *end);
    ledger_order *sorted = kam__zalloc_n(l->ctx, l->nlog, sizeof *sorted);
    if (!end || !sorted) {
        kam__free(l->ctx, end);
        kam__free(l->ctx, sorted);
        return kam__nomem(err);
    }
    ledger_group(l, sorted, end);
    size_t n = 0;
    for (uint32_t a = 0; a < l->nline; a++) {
        size_t from = a ? end[a - 1] : 0, first = n;
        if (end[a] > from) ledger_sort(sorted + from, end[a] - from);
        for (size_t i = from; i < end[a]; i++)
            if (i == from || ledger_before(sorted + i - 1, sorted + i)) l->log[n++] = sorted[i];
        l->line[a].orders = (uint32_t)(n - first);
    }
    l->nlog = l->kept = n;
    kam__free(l->ctx, end);
    kam__free(l->ctx, sorted);
    return KAM_OK;
}

/* ---------------------------------------------------------------- passes */

/* Orders that may be kept. */
static size_t ledger_most(const kam__ledger *l) {
    return (l->opt.room ? l->opt.room : LEDGER_LOG) + l->nline * (size_t)8;
}

/* Leaves the upper half of the hashes to later passes, until what is kept fits. */
static void ledger_narrow(kam__ledger *l) {
    while (l->kept > ledger_most(l) && l->hi > l->lo) {
        l->hi = l->lo + (l->hi - l->lo) / 2;
        size_t n = 0;
        for (uint32_t a = 0; a < l->nline; a++) l->line[a].orders = 0;
        for (size_t i = 0; i < l->nlog; i++) {
            if (ledger_outside(l, l->log[i].key, l->log[i].kind)) continue;
            l->line[l->log[i].account].orders++;
            l->log[n++] = l->log[i];
        }
        l->nlog = l->kept = n;
    }
}

/* The next hashes, as many as these; 0 = these were the last ones. */
static int ledger_next_pass(kam__ledger *l) {
    uint64_t width = l->hi - l->lo;
    if (l->opt.orders != KAM__ORDERS_PASSES || l->hi == UINT64_MAX) return 0;
    for (uint32_t a = 0; a < l->nline; a++) {
        ledger_line *line = l->line + a;
        line->before += line->orders;
        line->orders = line->order_kind = 0;
    }
    l->nlog = l->kept = 0;
    l->lo = l->hi + 1;
    l->hi = UINT64_MAX - l->lo > width ? l->lo + width : UINT64_MAX;
    l->passes++;
    return 1;
}

int kam__ledger_again(const kam__ledger *l) {
    return l->again;
}

/* ---------------------------------------------------------------- feeding */

/* Room for n rows: scratch, and the log, which is made unique before it grows beyond its bound. */
static int32_t ledger_reserve(kam__ledger *l, uint32_t n, kam_error *err) {
    KAM__TRY(kam__grow(l->ctx, &l->place, &l->place_cap, (size_t)n * 2, sizeof *l->place, err));
    if (l->opt.orders == KAM__ORDERS_ANY) return KAM_OK;
    size_t bound = l->kept * 3 + l->nline * (size_t)2 + LEDGER_LOG;
    if (l->opt.orders == KAM__ORDERS_PASSES) {
        if (l->nlog >= ledger_most(l) * 2) KAM__TRY(ledger_count(l, err));
        ledger_narrow(l);
    } else if (l->nlog + n > l->log_cap && l->nlog >= bound) KAM__TRY(ledger_count(l, err));
    return kam__grow(l->ctx, &l->log, &l->log_cap, l->nlog + n, sizeof *l->log, err);
}

int32_t kam__ledger_feed(kam__ledger *l, const kam__ledger_rows *rows, kam_error *err) {
    uint32_t nline = l->nline, nextra = l->nextra;
    if (rows->n > KAM__BLOCK_MAX)
        return kam__fail(err, KAM_E_INVAL, "a block has at most %u rows, not %u", (unsigned)KAM__BLOCK_MAX,
                         (unsigned)rows->n);
    KAM__TRY(ledger_reserve(l, rows->n, err));
    for (uint32_t i = 0; i < rows->n; i++) {
        if (i + LEDGER_AHEAD < rows->n) kam__keys_ahead(&l->keys, rows->account[i + LEDGER_AHEAD]);
        int32_t rc = ledger_resolve(l, rows, i, err);
        if (rc == KAM_OK) continue;
        ledger_undo(l, nline, nextra);
        return rc;
    }
    if (l->passes) ledger_apply_orders(l, rows);
    else ledger_apply(l, rows);
    l->ended = 0;
    return KAM_OK;
}

int32_t kam__ledger_account(kam__ledger *l, int64_t account, kam_error *err) {
    uint32_t nline = l->nline, place;
    int32_t rc = ledger_find(l, account, &place, err);
    if (rc != KAM_OK) ledger_undo(l, nline, l->nextra);
    else if (l->nline > nline) l->ended = 0;
    return rc;
}

/* ---------------------------------------------------------------- reading */

int32_t kam__ledger_end(kam__ledger *l, kam_error *err) {
    if (l->ended) return KAM_OK;
    KAM__TRY(kam__grow(l->ctx, &l->by_id, &l->by_id_cap, l->nline, sizeof *l->by_id, err));
    KAM__TRY(ledger_count(l, err));
    KAM__TRY(kam__keys_order(&l->keys, l->by_id, err));
    l->again = ledger_next_pass(l);
    l->ended = !l->again;
    return KAM_OK;
}

uint32_t kam__ledger_count(const kam__ledger *l) {
    return l->nline;
}

/* Sums of one account to int64; 1 = one does not fit. */
static int ledger_sums(const kam__ledger *l, const ledger_line *line, kam__totals *t) {
    int bad = kam__sum_get(&line->revenue, &t->revenue) | kam__sum_get(&line->cost, &t->cost_of_goods);
    if (!line->extra) return bad;
    const ledger_extra *x = l->extra + line->extra - 1;
    bad |= kam__sum_get(&x->returns, &t->returns) | kam__sum_get(&x->direct, &t->direct_revenue);
    for (uint32_t k = 0; k < KAM__COST_KINDS; k++) bad |= kam__sum_get(x->serve + k, t->serve + k);
    return bad;
}

int32_t kam__ledger_at(const kam__ledger *l, uint32_t i, int64_t risk, kam__totals *out, kam_error *err) {
    if (!l->ended || i >= l->nline)
        return kam__fail(err, KAM_E_INVAL, "account %u of %u, read before kam__ledger_end or out of range", (unsigned)i,
                         (unsigned)l->nline);
    const ledger_line *line = l->line + l->by_id[i];
    kam__totals t = {.account = l->keys.key[l->by_id[i]], .risk = risk, .orders = (int64_t)line->before + line->orders,
                     .first_day = line->first, .last_day = line->last};
    if (ledger_sums(l, line, &t))
        return kam__fail(err, KAM_E_LIMIT, "a sum of account %lld does not fit 64 bits: value a shorter window",
                         (long long)t.account);
    KAM__TRY(kam__contribution(&t, err));
    *out = t;
    return KAM_OK;
}

int kam__ledger_find(const kam__ledger *l, int64_t account, uint32_t *i) {
    uint32_t lo = 0, hi = l->ended ? l->nline : 0;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (l->keys.key[l->by_id[mid]] < account) lo = mid + 1;
        else hi = mid;
    }
    if (!l->ended || lo == l->nline || l->keys.key[l->by_id[lo]] != account) return 0;
    *i = lo;
    return 1;
}

int32_t kam__ledger_column(const kam__ledger *l, size_t member, int64_t *out, kam_error *err) {
    kam__totals t;
    for (uint32_t i = 0; i < l->nline; i++) {
        KAM__TRY(kam__ledger_at(l, i, 0, &t, err));
        memcpy(out + i, (const char *)&t + member, sizeof *out);
    }
    return KAM_OK;
}

#undef LEDGER_NONE
#undef LEDGER_LOG
#undef LEDGER_AHEAD
