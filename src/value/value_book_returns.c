/*
 * value/value_book_returns.c - returns netted order by order: a return counts on the day its order was first sold, so
 * it lowers that order's period and no other.
 *
 * Returns are read first, then the sales of the orders they name: memory is in proportion to the orders with a return,
 * not to the ledger. An order of which as much came back as was sold (or more) is no order and no purchase. A return
 * that names no order, or one that was not sold by then, stays on its own day.
 */
#include "../store/store.h"
#include "value_book.h"

typedef struct vret_order {
    kam__sum sold, back;
    uint32_t currency, rows;                /* of its rows; rows: returns */
    int32_t first;                          /* day it was first sold; KAM_DAY_END = not known */
    uint8_t mixed;                          /* its rows are in several currencies: what came back cannot be compared */
} vret_order;

struct kam__returned {
    kam_ctx *ctx;
    kam__imap at;                           /* of account and order text */
    vret_order *order; uint32_t n; size_t cap;
    kam__returns_told told;
};

typedef struct vret_reading {
    kam__returned *r; const kam__links *links; int32_t event; uint64_t done; kam_error *err;
} vret_reading;

/* Two orders meet with probability 2^-64, as order texts of one account do. */
static int64_t vret_key(int64_t account, uint64_t order) {
    uint64_t z = order ^ ((uint64_t)account * 0x9E3779B97F4A7C15u);
    z = (z ^ z >> 32) * 0xD6E8FEB86659FD93u;
    return (int64_t)(z ^ z >> 32);
}

/* ---------------------------------------------------------------- reading */

static int32_t vret_of(vret_order **out, kam__returned *r, int64_t key, kam_error *err) {
    uint32_t at = r->n;
    if (!kam__imap_get(&r->at, key, &at)) {
        KAM__TRY(kam__grow(r->ctx, &r->order, &r->cap, (size_t)at + 1, sizeof *r->order, err));
        KAM__TRY(kam__imap_put(&r->at, key, at, err));
        r->order[r->n++] = (vret_order){.first = KAM_DAY_END};
    }
    *out = r->order + at;
    return KAM_OK;
}

static int32_t vret_row(const vret_reading *x, int64_t key, uint32_t currency, int64_t amount, int32_t day) {
    kam__returned *r = x->r;
    vret_order *o;
    uint32_t at = 0;
    if (x->event == KAM_LEDGER_RETURN) KAM__TRY(vret_of(&o, r, key, x->err));
    else if (!kam__imap_get(&r->at, key, &at)) return KAM_OK;
    else o = r->order + at;
    if (!o->currency) o->currency = currency;
    o->mixed |= o->currency != currency;
    if (x->event == KAM_LEDGER_RETURN) {
        kam__sum_add(&o->back, amount);
        o->rows++;
    } else {
        kam__sum_add(&o->sold, amount);
        if (day < o->first) o->first = day;
    }
    return KAM_OK;
}

static int32_t on_vret_rows(void *user, const kam_block *rows) {
    vret_reading *x = user;
    const kam_col *account = kam__block_col(rows, KAM_LEDGER_ACCOUNT), *order = kam__block_col(rows, KAM_LEDGER_ORDER),
                  *amount = kam__block_col(rows, KAM_LEDGER_AMOUNT), *day = kam__block_col(rows, KAM_LEDGER_DAY),
                  *currency = kam__block_col(rows, KAM_LEDGER_CURRENCY);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0, size = 0;
        const char *text = order ? kam__col_text(order, i, &len) : NULL;
        const char *code = currency ? kam__col_text(currency, i, &size) : NULL;
        uint64_t key = kam__order_key(text, len);
        if (!key) {
            x->r->told.loose += x->event == KAM_LEDGER_RETURN;
            continue;
        }
        KAM__TRY(vret_row(x, vret_key(kam__links_head(x->links, kam__col_i64(account, i)), key),
                          code ? kam__rate_code(code, size) : 1, kam__col_i64(amount, i),
                          (int32_t)kam__col_i64(day, i)));
    }
    return kam__progress(x->r->ctx, x->done += rows->nrow, 0, x->err);
}

static int32_t vret_read(vret_reading *x, kam_book *b, const kam__value_scope *s, int32_t event) {
    static const uint32_t field[] = {KAM_LEDGER_ACCOUNT, KAM_LEDGER_DAY, KAM_LEDGER_AMOUNT, KAM_LEDGER_CURRENCY,
                                     KAM_LEDGER_ORDER};
    const kam__kind *k = kam__builtin_kind(KAM_KIND_LEDGER);
    kam_pred p[4];
    kam__pred mem[4];
    kam__link_mem who = {0};
    uint32_t n = 0;
    x->event = event;
    if (s->account)
        KAM__TRY(kam__links_where(&p[n++], &who, x->links, kam__kind_field(k, KAM_LEDGER_ACCOUNT), s->account, x->err));
    kam__pred_i64(&p[n], &mem[n], kam__kind_field(k, KAM_LEDGER_EVENT), KAM_OP_EQ, event), n++;
    kam__pred_i64(&p[n], &mem[n], kam__kind_field(k, KAM_LEDGER_DAY), KAM_OP_LE, s->as_of), n++;
    if (event == KAM_LEDGER_RETURN)         /* one before the window is of an order before it */
        kam__pred_i64(&p[n], &mem[n], kam__kind_field(k, KAM_LEDGER_DAY), KAM_OP_GE, s->from), n++;
    kam__read q = {.scan = {.kind = KAM_KIND_LEDGER, .field = field, .nfield = (uint32_t)KAM__LEN(field), .pred = p,
                            .npred = n, .any_order = 1},
                   .as_of = KAM_TODAY, .flags = KAM__READ_ALL_TIMES};
    int32_t rc = kam__read_rows(b, &q, on_vret_rows, x, x->err);
    kam__links_where_free(&who);
    return rc;
}

/* ---------------------------------------------------------------- answers */

static int vret_whole(const vret_order *o) {
    int64_t sold = 0, back = 0;
    return o->first != KAM_DAY_END && !o->mixed && !kam__sum_get(&o->sold, &sold) && !kam__sum_get(&o->back, &back) &&
           back > 0 && back >= sold;
}

static void vret_tell(kam__returned *r) {
    for (uint32_t i = 0; i < r->n; i++) {
        const vret_order *o = r->order + i;
        if (o->first == KAM_DAY_END) r->told.loose += o->rows;
        else r->told.orders++;
        r->told.whole += (uint32_t)vret_whole(o);
    }
}

int32_t kam__returned_load(kam__returned **out, kam_book *b, const kam__value_scope *s, const kam__links *links,
                           kam_error *err) {
    kam__returned *r = kam__zalloc(b->ctx, sizeof *r);
    if (!r) return kam__nomem(err);
    r->ctx = b->ctx;
    kam__imap_init(&r->at, b->ctx);
    vret_reading x = {.r = r, .links = links, .err = err};
    int32_t rc = vret_read(&x, b, s, KAM_LEDGER_RETURN);
    if (rc == KAM_OK && r->n) rc = vret_read(&x, b, s, KAM_LEDGER_SALE);
    if (rc == KAM_OK) vret_tell(r);
    if (rc == KAM_OK && s->told) *s->told = r->told;
    if (rc == KAM_OK) *out = r;
    else kam__returned_free(r);
    return rc;
}

void kam__returned_free(kam__returned *r) {
    if (!r) return;
    kam__free(r->ctx, r->order);
    kam__imap_free(&r->at);
    kam__free(r->ctx, r);
}

void kam__returned_move(const kam__returned *r, const kam__ledger_rows *rows, int32_t *day, uint64_t *order) {
    for (uint32_t i = 0; i < rows->n; i++) {
        uint32_t at = 0;
        int32_t event = rows->event[i];
        if (event > KAM_LEDGER_RETURN || !order[i]) continue;
        if (!kam__imap_get(&r->at, vret_key(rows->account[i], order[i]), &at)) continue;
        const vret_order *o = r->order + at;
        if (event == KAM_LEDGER_RETURN && o->first > day[i]) continue;
        if (event == KAM_LEDGER_RETURN) day[i] = o->first;
        if (vret_whole(o)) order[i] = KAM__NO_ORDER;
    }
}
