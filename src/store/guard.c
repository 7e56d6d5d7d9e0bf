/*
 * store/guard.c - the field's own rules over a record about to be stored; what no type can say.
 *
 * One function a kind, found through a table. A rule names the field, says what is wrong and what would be right. The
 * requirement a rule comes from stands beside it.
 */
#include "store.h"

static int32_t guard_fail(kam_error *err, int32_t code, uint32_t field, const char *text)
{
    kam__fail(err, code, "%s", text);
    kam__err_set(err, KAM_ERR_FIELD, field);
    return code;
}

/* ---------------------------------------------------------------- trees: no record is its own ancestor (R19) */

static int32_t guard_tree(kam_book *b, const kam_record *r, uint32_t parent_field, kam_error *err)
{
    int64_t id = kam__record_num(r, KAM_ID, 0), up = kam__record_num(r, parent_field, 0);
    kam_record *at = NULL;
    if (!id || !up) return KAM_OK;
    KAM__TRY(kam__record_new(&at, b->schema, r->kind->id, err));
    int32_t rc = KAM_OK;
    for (int depth = 0; up && rc == KAM_OK; depth++) {
        if (up == id || depth > 1000) {
            rc = guard_fail(err, KAM_E_INVAL, parent_field, "parent: a record cannot be above itself in its own tree");
            break;
        }
        rc = kam__read_one_deleted(at, b, up, err);
        up = rc == KAM_OK ? kam__record_num(at, parent_field, 0) : 0;
    }
    kam_record_free(at);
    return rc;
}

/* ---------------------------------------------------------------- kinds */

static int32_t guard_share(const kam_record *r, uint32_t field, const char *text, kam_error *err)
{
    int64_t v = kam__record_num(r, field, 0);
    return v >= 0 && v <= 10000 ? KAM_OK : guard_fail(err, KAM_E_INVAL, field, text);
}

static int32_t guard_place(const kam_record *r, uint32_t latf, uint32_t lonf, kam_error *err)
{
    uint32_t i = kam__kind_index(r->kind, latf), k = kam__kind_index(r->kind, lonf);
    int has_lat = r->cell[i].state != KAM__CELL_NONE, has_lon = r->cell[k].state != KAM__CELL_NONE;
    if (has_lat != has_lon)
        return guard_fail(err, KAM_E_INVAL, latf, "latitude and longitude come together or not at all");
    if (!has_lat) return KAM_OK;
    int64_t lat = r->cell[i].v.i, lon = r->cell[k].v.i;
    if (lat < -90000000 || lat > 90000000)
        return guard_fail(err, KAM_E_INVAL, latf, "latitude must lie in -90..90 degrees");
    if (lon < -180000000 || lon > 180000000)
        return guard_fail(err, KAM_E_INVAL, lonf, "longitude must lie in -180..180 degrees");
    if (!lat && !lon)
        return guard_fail(err, KAM_E_INVAL, latf,
                          "coordinates 0,0 are no account's place: leave them empty if unknown");
    return KAM_OK;
}

static uint32_t guard_where(kam_pred *p, kam__pred *mem, uint32_t kind, uint32_t field, uint32_t op, int64_t value)
{
    kam__pred_i64(p, mem, kam__kind_field(kam__builtin_kind(kind), field), op, value);
    return 1;
}

/* R148, the other way round: what is a key account now, or will be, does not become a person. A tier that is changed in
 * the same record takes the place of what was to come. */
static int32_t guard_person(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    kam_pred p[3];
    kam__pred mem[3];
    int32_t today = 0;
    int key = 0;
    int64_t tier = kam__record_num(r, KAM_ACCOUNT_TIER, 0);
    if (!old || kam__record_num(r, KAM_ACCOUNT_KIND, 0) != KAM_ACCOUNT_KIND_PERSON ||
        kam__record_num(old, KAM_ACCOUNT_KIND, 0) == KAM_ACCOUNT_KIND_PERSON)
        return KAM_OK;
    if (tier && tier != KAM_TIER_KEY && tier != kam__record_num(old, KAM_ACCOUNT_TIER, 0)) return KAM_OK;
    KAM__TRY(kam__book_day(&today, b, KAM_TODAY, err));
    uint32_t n = guard_where(&p[0], &mem[0], KAM_KIND_TIER, KAM_TIER_ACCOUNT, KAM_OP_EQ, kam__record_num(r, KAM_ID, 0));
    n += guard_where(&p[1], &mem[1], KAM_KIND_TIER, KAM_TIER_TIER, KAM_OP_EQ, KAM_TIER_KEY);
    n += guard_where(&p[2], &mem[2], KAM_KIND_TIER, KAM_VALID_TO, KAM_OP_GT, today);
    KAM__TRY(kam__read_exists(&key, b, KAM_KIND_TIER, p, n, 0, err));
    return key ? guard_fail(err, KAM_E_INVAL, KAM_ACCOUNT_KIND,
                            "a key account cannot become a person: give it another tier first")
               : KAM_OK;
}

static int32_t guard_account(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    KAM__TRY(guard_person(b, r, old, err));
    KAM__TRY(guard_share(r, KAM_ACCOUNT_RISK, "risk is a share from 0 to 1", err));
    KAM__TRY(guard_share(r, KAM_ACCOUNT_LIKELIHOOD, "likelihood is a share from 0 to 1", err));
    KAM__TRY(guard_place(r, KAM_ACCOUNT_LATITUDE, KAM_ACCOUNT_LONGITUDE, err));
    return guard_tree(b, r, KAM_ACCOUNT_PARENT, err);
}

static int32_t guard_territory(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)old;
    return guard_tree(b, r, KAM_TERRITORY_PARENT, err);
}

static int32_t guard_representative(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)old;
    if (kam__record_num(r, KAM_REPRESENTATIVE_CAPACITY, 0) < 0)
        return guard_fail(err, KAM_E_INVAL, KAM_REPRESENTATIVE_CAPACITY,
                          "capacity is a number of visits a day, not negative");
    KAM__TRY(guard_place(r, KAM_REPRESENTATIVE_HOME_LATITUDE, KAM_REPRESENTATIVE_HOME_LONGITUDE, err));
    return guard_tree(b, r, KAM_REPRESENTATIVE_SUPERVISOR, err);
}

static int32_t guard_ledger(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)b, (void)old;
    int64_t event = kam__record_num(r, KAM_LEDGER_EVENT, 0);
    if (event == KAM_LEDGER_RETURN && kam__record_num(r, KAM_LEDGER_AMOUNT, 0) < 0)
        return guard_fail(err, KAM_E_INVAL, KAM_LEDGER_AMOUNT,
                          "a return's amount is what went back, not negative (a negative sale is a SALE)");
    if (event != KAM_LEDGER_COST_TO_SERVE && kam__record_num(r, KAM_LEDGER_COST_KIND, 0))
        return guard_fail(err, KAM_E_INVAL, KAM_LEDGER_COST_KIND, "cost_kind belongs to events COST_TO_SERVE only");
    return KAM_OK;
}

static int32_t guard_activity(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)b, (void)old;
    if (kam__record_num(r, KAM_ACTIVITY_DURATION, 0) < 0)
        return guard_fail(err, KAM_E_INVAL, KAM_ACTIVITY_DURATION, "duration is in minutes, not negative");
    return KAM_OK;
}

/* R148: a person is not nominated as key account. */
static int32_t guard_tier(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)old;
    if (kam__record_num(r, KAM_TIER_TIER, 0) != KAM_TIER_KEY) return KAM_OK;
    kam_record *account = NULL;
    KAM__TRY(kam__record_new(&account, b->schema, KAM_KIND_ACCOUNT, err));
    int32_t rc = kam__read_one(account, b, kam__record_num(r, KAM_TIER_ACCOUNT, 0), KAM_TODAY, err);
    if (rc == KAM_OK &&
        kam__record_num(account, KAM_ACCOUNT_KIND, KAM_ACCOUNT_KIND_ORGANISATION) == KAM_ACCOUNT_KIND_PERSON)
        rc = guard_fail(err, KAM_E_INVAL, KAM_TIER_TIER,
                        "a person cannot be a key account: only organisations are nominated");
    kam_record_free(account);
    return rc;
}

/* R32, R33: legal transitions; INVALID says why; STABLE belongs to INTENT. */
static int guard_step_legal(int64_t from, int64_t to)
{
    static const uint8_t legal[5][5] = {
        /* to:      -  P  I  S  X */
        /* none */ { 0, 1, 1, 1, 1 }, /* PROSPECT */ { 0, 1, 1, 1, 1 }, /* INTENT */ { 0, 1, 1, 1, 1 },
        /* SIGNED */ { 0, 0, 1, 1, 1 }, /* INVALID */ { 0, 1, 0, 0, 1 },
    };
    return from >= 0 && from < 5 && to > 0 && to < 5 && legal[from][to];
}

static int32_t guard_lifecycle(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)old;
    kam_record *account = NULL;
    int64_t to = kam__record_num(r, KAM_LIFECYCLE_STATE, 0);
    int32_t day = (int32_t)kam__record_num(r, KAM_VALID_FROM, KAM_TODAY), rc = KAM_OK;
    KAM__TRY(kam__record_new(&account, b->schema, KAM_KIND_ACCOUNT, err));
    if (day != KAM_DAY_FIRST) rc = kam__read_one(account, b, kam__record_num(r, KAM_LIFECYCLE_ACCOUNT, 0), day, err);
    int64_t from = rc == KAM_OK ? kam__record_num(account, KAM_ACCOUNT_LIFECYCLE, 0) : 0;
    kam_record_free(account);
    if (rc != KAM_OK) return rc;
    if (!guard_step_legal(from, to))
        return guard_fail(err, KAM_E_INVAL, KAM_LIFECYCLE_STATE,
                          from == KAM_LIFECYCLE_SIGNED
                              ? "a signed customer does not become a prospect: INTENT, INVALID or stay"
                              : "a disqualified account first becomes a PROSPECT again");
    if (to == KAM_LIFECYCLE_INVALID && from != to && !kam_record_text(r, KAM_REASON, NULL))
        return guard_fail(err, KAM_E_INVAL, KAM_REASON, "lifecycle INVALID needs a reason: set KAM_REASON");
    if (kam__record_num(r, KAM_LIFECYCLE_STABLE, 0) && to != KAM_LIFECYCLE_INTENT)
        return guard_fail(err, KAM_E_INVAL, KAM_LIFECYCLE_STABLE, "stable describes an INTENT, no other state");
    return KAM_OK;
}

static int32_t guard_rate(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)old;
    if (kam__record_num(r, KAM_RATE_RATE, 0) <= 0)
        return guard_fail(err, KAM_E_INVAL, KAM_RATE_RATE, "an exchange rate is greater than 0");
    if (kam__schema_decimals(b->schema, kam_record_text(r, KAM_RATE_SELL, "")) < 0)
        return guard_fail(err, KAM_E_INVAL, KAM_RATE_SELL, "sell is not an ISO 4217 code nor a CURRENCY record's");
    if (kam__schema_decimals(b->schema, kam_record_text(r, KAM_RATE_BUY, "")) < 0)
        return guard_fail(err, KAM_E_INVAL, KAM_RATE_BUY, "buy is not an ISO 4217 code nor a CURRENCY record's");
    return KAM_OK;
}

/* Is there an amount of a kind in the currency, now or in the history? Base currency: of records that name none. */
static int32_t guard_used_in(int *used, kam_book *b, const kam__kind *k, const kam__field *money, const char *code,
                             int base, kam_error *err)
{
    const uint32_t all = KAM__READ_DELETED | KAM__READ_REPLACED;
    const kam__field *currency = k->currency == UINT32_MAX ? NULL : &k->field[k->currency];
    kam_pred p[2];
    kam__pred mem[2];
    uint32_t n = 0;
    if (currency) {
        kam__pred_text(&p[0], &mem[0], currency, KAM_OP_EQ, code, 3);
        KAM__TRY(kam__read_exists(used, b, k->id, p, 1, all, err));
    }
    if (*used || !base) return KAM_OK;
    if (currency) kam__pred_null(&p[n++], currency);
    kam__pred_i64(&p[n], &mem[1], money, KAM_OP_GE, INT64_MIN);
    return kam__read_exists(used, b, k->id, p, n + 1, all, err);
}

static int32_t guard_used_before(int *used, kam_book *b, const kam__kind *k, const kam__field *money, const char *code,
                                 int base, kam_error *err)
{
    const kam__kind *change = kam__builtin_kind(KAM_KIND_CHANGE);
    kam_pred p[2];
    kam__pred mem[2];
    if (k->currency != UINT32_MAX) {
        guard_where(&p[0], &mem[0], KAM_KIND_CHANGE, KAM_CHANGE_FIELD, KAM_OP_EQ, k->field[k->currency].id);
        kam__pred_text(&p[1], &mem[1], kam__kind_field(change, KAM_CHANGE_OLD), KAM_OP_EQ, code, 3);
        KAM__TRY(kam__read_exists(used, b, KAM_KIND_CHANGE, p, 2, 0, err));
    }
    if (*used || !base) return KAM_OK;
    guard_where(&p[0], &mem[0], KAM_KIND_CHANGE, KAM_CHANGE_FIELD, KAM_OP_EQ, money->id);
    return kam__read_exists(used, b, KAM_KIND_CHANGE, p, 1, 0, err);
}

static int32_t guard_currency_used(int *used, kam_book *b, const char *code, kam_error *err)
{
    uint32_t n = 0;
    const kam__kind *builtin = kam__builtin_kinds(&n);
    int base = kam__text_same(code, kam__schema_base_currency(b->schema));
    for (uint32_t i = 0; i < n && !*used; i++) {
        const kam__kind *k = kam__schema_kind(b->schema, builtin[i].id);
        if (k->cls == KAM__C_COMPUTED || k->cls == KAM__C_OWN) continue;
        for (uint32_t f = 0; f < k->nfield && !*used; f++) {
            if (k->field[f].logic != KAM__L_MONEY) continue;
            KAM__TRY(guard_used_in(used, b, k, &k->field[f], code, base, err));
            if (!*used && k->cls == KAM_C_ENTITY)
                KAM__TRY(guard_used_before(used, b, k, &k->field[f], code, base, err));
        }
    }
    return KAM_OK;
}

/* Decimals are frozen once money in that currency is stored: stored amounts would change their meaning. */
static int32_t guard_currency(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    const char *code = kam_record_text(r, KAM_CURRENCY_CODE, "");
    int64_t decimals = kam__record_num(r, KAM_CURRENCY_DECIMALS, 0);
    kam_pred p;
    kam__pred mem;
    int used = 0;
    if (strlen(code) != 3) return guard_fail(err, KAM_E_INVAL, KAM_CURRENCY_CODE, "a currency code has three letters");
    if (decimals < 0 || decimals > 6)
        return guard_fail(err, KAM_E_INVAL, KAM_CURRENCY_DECIMALS, "decimals must lie in 0..6");
    if (old && !kam__text_same(code, kam_record_text(old, KAM_CURRENCY_CODE, "")))
        return guard_fail(err, KAM_E_INVAL, KAM_CURRENCY_CODE, "a currency's code stays: add another currency");
    kam__pred_text(&p, &mem, kam__kind_field(r->kind, KAM_CURRENCY_CODE), KAM_OP_EQ, code, 3);
    if (!old) KAM__TRY(kam__read_exists(&used, b, KAM_KIND_CURRENCY, &p, 1, 0, err));
    if (used)
        return guard_fail(err, KAM_E_EXISTS, KAM_CURRENCY_CODE,
                          "the book has this currency already: change that record");
    int32_t now = kam__schema_decimals(b->schema, code);
    if (now == decimals || now < 0) return KAM_OK;
    KAM__TRY(guard_currency_used(&used, b, code, err));
    return used ? guard_fail(err, KAM_E_INVAL, KAM_CURRENCY_DECIMALS,
                             "decimals of a currency are frozen once amounts in it are stored")
                : KAM_OK;
}

static int32_t guard_absence(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)b, (void)old;
    return kam__record_num(r, KAM_ABSENCE_FIRST, 0) <= kam__record_num(r, KAM_ABSENCE_LAST, 0)
         ? KAM_OK : guard_fail(err, KAM_E_INVAL, KAM_ABSENCE_LAST, "an absence ends on or after its first day");
}

#define CUSTOM_FLAGS (KAM_F_INDEXED | KAM_F_REQUIRED | KAM_F_TRACKED | KAM_F_PERSONAL | KAM_F_SENSITIVE | KAM_F_SECRET)

static int guard_refers(const char *name)
{
    const kam__kind *k = kam__builtin_kind_by_name(name, strlen(name));
    return k && k->cls != KAM__C_COMPUTED && k->cls != KAM__C_OWN;
}

/* What is stored in the field keeps its meaning. */
static int32_t guard_same_field(const kam_record *r, const kam_record *old, kam_error *err)
{
    static const uint32_t fixed[] = {KAM_FIELD_KIND, KAM_FIELD_FIELD, KAM_FIELD_NAME,
                                     KAM_FIELD_TYPE, KAM_FIELD_SCALE, KAM_FIELD_REFERS};
    for (size_t i = 0; i < KAM__LEN(fixed); i++)
        if (!kam__record_same(old, r, kam__kind_index(r->kind, fixed[i])))
            return guard_fail(err, KAM_E_INVAL, fixed[i], "what a field is stays: labels, unit and flags may change");
    return KAM_OK;
}

static int32_t guard_custom_field(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    const char *name = kam_record_text(r, KAM_FIELD_NAME, ""), *kind = kam_record_text(r, KAM_FIELD_KIND, "");
    const kam__kind *k = kam__builtin_kind_by_name(kind, strlen(kind));
    int64_t type = kam__record_num(r, KAM_FIELD_TYPE, 0);
    if (!k || k->cls != KAM_C_ENTITY || k->id == KAM_KIND_FIELD)
        return guard_fail(err, KAM_E_INVAL, KAM_FIELD_KIND,
                          "custom fields belong to an entity kind: account, contact, product ...");
    if (strncmp(name, "x_", 2) != 0 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name) ||
        strlen(name) > 60)
        return guard_fail(err, KAM_E_INVAL, KAM_FIELD_NAME,
                          "a custom field's name is x_ and small letters, digits or _ (60 at most)");
    if (type == KAM_FIELD_TYPE_ENUM || type == KAM_FIELD_TYPE_CODE || type == KAM_FIELD_TYPE_ID)
        return guard_fail(err, KAM_E_UNSUPPORTED, KAM_FIELD_TYPE,
                          "custom fields of this type are not supported: use TEXT");
    if (type == KAM_FIELD_TYPE_REF && !guard_refers(kam_record_text(r, KAM_FIELD_REFERS, "")))
        return guard_fail(err, KAM_E_INVAL, KAM_FIELD_REFERS,
                          "a reference says which stored kind it refers to: account, contact ...");
    if (kam__record_num(r, KAM_FIELD_SCALE, 0) < 0 || kam__record_num(r, KAM_FIELD_SCALE, 0) > 18)
        return guard_fail(err, KAM_E_INVAL, KAM_FIELD_SCALE, "a decimal has 0 to 18 decimals");
    if (kam__record_num(r, KAM_FIELD_FLAGS, 0) & ~(int64_t)CUSTOM_FLAGS)
        return guard_fail(err, KAM_E_INVAL, KAM_FIELD_FLAGS,
                          "flags of a custom field: KAM_F_ REQUIRED, INDEXED, TRACKED, PERSONAL, SENSITIVE, SECRET");
    const kam__kind *now = kam__schema_kind(b->schema, k->id);
    if (!old && kam__kind_field_by_name(now, name, strlen(name)))
        return guard_fail(err, KAM_E_EXISTS, KAM_FIELD_NAME, "this kind has a field of that name already");
    if (!old && kam__record_num(r, KAM_FIELD_FIELD, 0))
        return guard_fail(err, KAM_E_INVAL, KAM_FIELD_FIELD, "the book numbers its fields: leave it empty");
    return old ? guard_same_field(r, old, err) : KAM_OK;
}

/* A forecast stays what it was (R65): a change is a version of its own. */
static int32_t guard_forecast(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    const char *version = kam_record_text(r, KAM_FORECAST_VERSION, "");
    int64_t from = kam__record_num(r, KAM_FORECAST_FROM, 0);
    const kam__kind *k = kam__builtin_kind(KAM_KIND_FORECAST);
    kam_pred p[3];
    kam__pred mem[3];
    int used = 0;
    if (from >= kam__record_num(r, KAM_FORECAST_TO, 0))
        return guard_fail(err, KAM_E_INVAL, KAM_FORECAST_TO, "the period is empty: from must lie before to (excluded)");
    if (old)
        return guard_fail(err, KAM_E_POLICY, KAM_FORECAST_VERSION,
                          "a forecast is not overwritten: save the changed one under another version");
    guard_where(&p[0], &mem[0], KAM_KIND_FORECAST, KAM_FORECAST_ACCOUNT, KAM_OP_EQ, kam__record_num(r, KAM_FORECAST_ACCOUNT, 0));
    guard_where(&p[1], &mem[1], KAM_KIND_FORECAST, KAM_FORECAST_FROM, KAM_OP_EQ, from);
    kam__pred_text(&p[2], &mem[2], kam__kind_field(k, KAM_FORECAST_VERSION), KAM_OP_EQ, version, strlen(version));
    KAM__TRY(kam__read_exists(&used, b, KAM_KIND_FORECAST, p, 3, 0, err));
    if (!used) return KAM_OK;
    return guard_fail(err, KAM_E_EXISTS, KAM_FORECAST_VERSION,
                      "this account has a forecast of this version from this day already");
}

static const struct {
    uint32_t kind;
    int32_t (*check)(kam_book *, const kam_record *, const kam_record *, kam_error *);
} guards[] = {
    {KAM_KIND_ACCOUNT, guard_account},
    {KAM_KIND_TERRITORY, guard_territory},
    {KAM_KIND_REPRESENTATIVE, guard_representative},
    {KAM_KIND_LEDGER, guard_ledger},
    {KAM_KIND_ACTIVITY, guard_activity},
    {KAM_KIND_TIER, guard_tier},
    {KAM_KIND_LIFECYCLE, guard_lifecycle},
    {KAM_KIND_RATE, guard_rate},
    {KAM_KIND_CURRENCY, guard_currency},
    {KAM_KIND_ABSENCE, guard_absence},
    {KAM_KIND_FIELD, guard_custom_field},
    {KAM_KIND_FORECAST, guard_forecast},
    {KAM_KIND_ACCOUNT_LINK, kam__guard_account_link},
    {KAM_KIND_DISTRIBUTOR, kam__guard_distributor},
    {KAM_KIND_SEGMENTATION, kam__guard_segmentation},
    {KAM_KIND_SEGMENT_CARD, kam__guard_segment_card},
};

int32_t kam__guard(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    for (size_t i = 0; i < KAM__LEN(guards); i++) {
        if (guards[i].kind != r->kind->id) continue;
        int32_t rc = guards[i].check(b, r, old, err);
        if (rc != KAM_OK) kam__err_set(err, KAM_ERR_KIND, r->kind->id);
        return rc;
    }
    int32_t rc = kam__guard_plan(b, r, old, err);
    if (rc != KAM_OK) kam__err_set(err, KAM_ERR_KIND, r->kind->id);
    return rc;
}
