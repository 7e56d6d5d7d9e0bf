/*
 * value/value_book_rate.c - money of one currency in another, by the book's RATE facts.
 *
 * A rate holds from one day up to another; the one in force on the day of a row counts, whatever was true before or
 * after. Only the pair as it was recorded is used: an inverse or a cross rate is a rounded number that nobody has
 * approved. The product is exact and rounded once, half to even. Currencies are compared as numbers of three letters.
 */
#include "value_book.h"
#include "../store/store.h"

#define RATE_SCALE 9

uint32_t kam__rate_code(const char *code, size_t len) {
    if (!code || len != 3) return 0;
    return (uint32_t)(uint8_t)code[0] << 16 | (uint32_t)(uint8_t)code[1] << 8 | (uint8_t)code[2];
}

void kam__rate_code_text(char out[4], uint32_t code) {
    out[0] = (char)(code >> 16);
    out[1] = (char)(code >> 8 & 255u);
    out[2] = (char)(code & 255u);
    out[3] = '\0';
}

static uint64_t rate_pair(uint32_t from, uint32_t to) { return (uint64_t)from << 32 | to; }

/* ---------------------------------------------------------------- loading */

typedef struct rate_load { kam__rates *r; kam_error *err; } rate_load;

static uint32_t rate_code_at(const kam_block *rows, uint32_t field, uint32_t row) {
    size_t len = 0;
    const kam_col *c = kam__block_col(rows, field);
    const char *text = c ? kam__col_text(c, row, &len) : NULL;
    return kam__rate_code(text, len);
}

static int32_t rate_rows(void *user, const kam_block *rows) {
    rate_load *l = user;
    kam__rates *r = l->r;
    const kam_col *from = kam__block_col(rows, KAM_VALID_FROM), *to = kam__block_col(rows, KAM_VALID_TO);
    const kam_col *rate = kam__block_col(rows, KAM_RATE_RATE);
    int whole = from && to && rate;
    for (uint32_t i = 0; whole && i < rows->nrow; i++) whole = !kam__col_null(rate, i);     /* a host's table may lack it */
    if (!whole)
        return kam__fail(l->err, KAM_E_SCHEMA,
                         "table rate: there is a row without a rate: map the columns valid_from, valid_to and rate");
    KAM__TRY(kam__grow(r->ctx, &r->rate, &r->cap, r->n + rows->nrow, sizeof *r->rate, l->err));
    for (uint32_t i = 0; i < rows->nrow; i++)
        r->rate[r->n++] =
            (kam__rate){rate_pair(rate_code_at(rows, KAM_RATE_SELL, i), rate_code_at(rows, KAM_RATE_BUY, i)),
                        kam__col_null(from, i) ? KAM_DAY_FIRST : (int32_t)kam__col_i64(from, i),
                        kam__col_null(to, i) ? KAM_DAY_END : (int32_t)kam__col_i64(to, i), kam__col_i64(rate, i)};
    return KAM_OK;
}

static int rate_order(const void *a, const void *b, void *arg) {
    const kam__rate *x = a, *y = b;
    (void)arg;
    if (x->pair != y->pair) return x->pair < y->pair ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

int32_t kam__rates_load(kam__rates *out, kam_book *b, kam_error *err) {
    static const uint32_t field[] = {KAM_VALID_FROM, KAM_VALID_TO, KAM_RATE_SELL, KAM_RATE_BUY, KAM_RATE_RATE};
    kam__read q = {.scan = {.kind = KAM_KIND_RATE, .field = field, .nfield = 5, .any_order = 1}, .as_of = KAM_TODAY,
                   .flags = KAM__READ_ALL_TIMES};
    *out = (kam__rates){.ctx = b->ctx};
    rate_load l = {out, err};
    int32_t rc = kam__read_rows(b, &q, rate_rows, &l, err);
    if (rc == KAM_OK) rc = kam__sort(b->ctx, out->rate, out->n, sizeof *out->rate, rate_order, NULL, err);
    if (rc != KAM_OK) kam__rates_free(out);
    return rc;
}

void kam__rates_free(kam__rates *r) {
    kam__free(r->ctx, r->rate);
    r->rate = NULL;
    r->n = r->cap = 0;
}

/* ---------------------------------------------------------------- converting */

static int32_t rate_missing(kam_error *err, uint32_t from, uint32_t to, int32_t day) {
    char a[4], c[4], when[16];
    kam__rate_code_text(a, from);
    kam__rate_code_text(c, to);
    kam__day_format(when, day);
    if (!from)
        return kam__fail(err, KAM_E_POLICY,
                         "a ledger row of %s has no currency and the book no base currency: state one", when);
    if (!to)
        return kam__fail(err, KAM_E_POLICY,
                         "a ledger row of %s is in %s and the book has no base currency: name the currency of sums",
                         when, a);
    return kam__fail(err, KAM_E_POLICY, "no rate from %s to %s is in force on %s: save a RATE record for that day", a,
                     c, when);
}

static int32_t rate_beyond(kam_error *err, uint32_t from, uint32_t to, int32_t day) {
    char a[4], c[4], when[16];
    kam__rate_code_text(a, from);
    kam__rate_code_text(c, to);
    kam__day_format(when, day);
    return kam__fail(err, KAM_E_LIMIT, "an amount in %s of %s does not fit 64 bits once converted to %s", a, when, c);
}

static int rate_holds(const kam__rate *x, uint64_t pair, int32_t day) {
    return x->pair == pair && x->from <= day && day < x->to;
}

/* Its place is kept: rows come in runs of one pair and about the same day. */
static int rate_find(kam__rates *r, uint64_t pair, int32_t day) {
    size_t lo = 0, hi = r->n;
    if (r->at < r->n && rate_holds(r->rate + r->at, pair, day)) return 1;
    while (lo < hi) {                       /* the first one that starts later */
        size_t mid = lo + (hi - lo) / 2;
        const kam__rate *x = r->rate + mid;
        if (x->pair < pair || (x->pair == pair && x->from <= day)) lo = mid + 1;
        else hi = mid;
    }
    if (!lo || !rate_holds(r->rate + lo - 1, pair, day)) return 0;
    r->at = lo - 1;
    return 1;
}

/* Decimals of both currencies. */
static int32_t rate_decimals(kam__rates *r, kam_book *b, uint32_t from, uint32_t to, kam_error *err) {
    char code[4];
    uint64_t pair = rate_pair(from, to);
    if (r->pair == pair) return KAM_OK;
    for (int i = 0; i < 2; i++) {
        kam__rate_code_text(code, i ? to : from);
        r->decimals[i] = kam__schema_decimals(b->schema, code);
        if (r->decimals[i] < 0)
            return kam__fail(err, KAM_E_POLICY, "the decimals of %s are not known: save a CURRENCY record", code);
    }
    r->pair = pair;
    return KAM_OK;
}

int32_t kam__rates_convert(kam__rates *r, kam_book *b, int64_t *amount, uint32_t from, uint32_t to, int32_t day,
                           kam_error *err) {
    if (from == to || !*amount) return KAM_OK;
    if (!from || !to || !rate_find(r, rate_pair(from, to), day)) return rate_missing(err, from, to, day);
    KAM__TRY(rate_decimals(r, b, from, to, err));
    int32_t shift = RATE_SCALE + r->decimals[0] - r->decimals[1];           /* decimals are 0..6, so 3..15 */
    int64_t out = 0;
    if (shift < 0 || shift > 18 || kam__muldiv(*amount, r->rate[r->at].rate, kam__pow10[shift], KAM__HALF_EVEN, &out))
        return rate_beyond(err, from, to, day);
    *amount = out;
    return KAM_OK;
}

#undef RATE_SCALE
