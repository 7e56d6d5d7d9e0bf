/*
 * base/money.c - currencies and splitting an amount without losing a cent.
 *
 * The decimals are those of ISO 4217 (list one, with its amendments up to 2025). Codes withdrawn since 2022 (ANG BGN
 * CUC HRK SLL ZWL) stay known: books hold yesterday's money too. Codes without a minor unit in the standard (gold,
 * SDR, test codes) have no default and are unknown here; a book may state decimals for them.
 */
#include "base/base.h"

/* ISO 4217 codes by their decimals, each list sorted and packed */
static const char money_zero[] = "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF";
static const char money_two[] =
    "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHWCNYCOPCOUCRCCUCCUPCVE"
    "CZKDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGTQGYDHKDHNLHRKHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTLAKLBPLKR"
    "LRDLSLMADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARRONRSDRUBSARSBDSCR"
    "SDGSEKSGDSHPSLESLLSOSSRDSSPSTNSVCSYPSZLTHBTJSTMTTOPTRYTTDTWDTZSUAHUSDUSNUYUUZSVEDVESWSTXADXCDXCGYERZARZMWZWG"
    "ZWL";
static const char money_three[] = "BHDIQDJODKWDLYDOMRTND";
static const char money_four[] = "CLFUYW";

static const struct { const char *codes; size_t n; int32_t decimals; } money_list[] = {
    { money_two, (sizeof money_two - 1) / 3, 2 }, { money_zero, (sizeof money_zero - 1) / 3, 0 },
    { money_three, (sizeof money_three - 1) / 3, 3 }, { money_four, (sizeof money_four - 1) / 3, 4 }
};

static int money_code_in(const char *codes, size_t n, const char *code) {
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int cmp = memcmp(code, codes + mid * 3, 3);
        if (cmp == 0) return 1;
        if (cmp < 0) hi = mid;
        else lo = mid + 1;
    }
    return 0;
}

int32_t kam__currency_decimals(const char *code) {
    if (!code || strlen(code) != 3) return -1;
    for (size_t i = 0; i < KAM__LEN(money_list); i++)
        if (money_code_in(money_list[i].codes, money_list[i].n, code)) return money_list[i].decimals;
    return -1;
}

/* ---------------------------------------------------------------- largest remainder */

typedef struct money_share { uint64_t part, rest; size_t index; } money_share;

static int money_by_rest(const void *a, const void *b, void *arg) {
    const money_share *x = a, *y = b;
    (void)arg;
    return x->rest > y->rest ? -1 : x->rest < y->rest;      /* the sort is stable: ties keep the order of the index */
}

static int32_t money_weight_sum(uint64_t *sum, const int64_t *weight, size_t n, kam_error *err) {
    int64_t s = 0;
    for (size_t i = 0; i < n; i++) {
        if (weight[i] < 0)
            return kam__fail(err, KAM_E_INVAL, "weight %lld is negative; weights to split by are 0 or more",
                             (long long)i);
        if (kam__add(s, weight[i], &s))
            return kam__fail(err, KAM_E_LIMIT, "the sum of the weights is too big; divide all by the same number");
    }
    if (s == 0) return kam__fail(err, KAM_E_INVAL, "nothing to split by: every weight is 0");
    *sum = (uint64_t)s;
    return KAM_OK;
}

/* Every share rounded down, and its rest; returns how many units are left to hand out (fewer than n) */
static uint64_t money_floor_shares(money_share *s, uint64_t total, uint64_t sum, const int64_t *weight, size_t n) {
    uint64_t left = total, hi, lo;
    for (size_t i = 0; i < n; i++) {
        kam__mul128(total, (uint64_t)weight[i], &hi, &lo);
        s[i].part = kam__div128(hi, lo, sum, &s[i].rest);   /* hi < sum: weight <= sum and total < 2^64 */
        s[i].index = i;
        left -= s[i].part;
    }
    return left;
}

int32_t kam__allocate(int64_t *part, int64_t total, const int64_t *weight, size_t n, kam_ctx *ctx, kam_error *err) {
    uint64_t sum = 0, mag = total < 0 ? 0 - (uint64_t)total : (uint64_t)total;
    KAM__TRY(money_weight_sum(&sum, weight, n, err));
    money_share *s = kam__zalloc_n(ctx, n, sizeof *s);
    if (!s) return kam__nomem(err);
    uint64_t left = money_floor_shares(s, mag, sum, weight, n);
    int32_t rc = left ? kam__sort(ctx, s, n, sizeof *s, money_by_rest, NULL, err) : KAM_OK;
    for (size_t i = 0; rc == KAM_OK && i < n; i++) {
        uint64_t v = s[i].part + (i < left);
        part[s[i].index] = total >= 0 ? (int64_t)v : v > INT64_MAX ? INT64_MIN : -(int64_t)v;
    }
    kam__free(ctx, s);
    return rc;
}
