/*
 * store/guard.c - the field's own rules over a record about to be stored; what no type can say.
 *
 * One function a kind, found through a table. A rule names the field, says what is wrong and what would be right. The requirement a
 * rule comes from stands beside it.
 */
#include "store.h"

static int64_t guard_num(const kam_record *r, uint32_t field, int64_t if_none)
{
    uint32_t i = kam__kind_index(r->kind, field);
    return i != UINT32_MAX && r->cell[i].state == KAM__CELL_VALUE ? r->cell[i].v.i : if_none;
}

static int32_t guard_fail(kam_error *err, int32_t code, uint32_t field, const char *text)
{
    kam__fail(err, code, "%s", text);
    kam__err_set(err, KAM_ERR_FIELD, field);
    return code;
}

/* ---------------------------------------------------------------- trees: no record is its own ancestor (R19) */

static int32_t guard_tree(kam_book *b, const kam_record *r, uint32_t parent_field, kam_error *err)
{
    int64_t id = guard_num(r, KAM_ID, 0), up = guard_num(r, parent_field, 0);
    kam_record *at = NULL;
    if (!id || !up) return KAM_OK;
    KAM__TRY(kam__record_new(&at, b->schema, r->kind->id, err));
    int32_t rc = KAM_OK;
    for (int depth = 0; up && rc == KAM_OK; depth++) {
        if (up == id || depth > 1000) {
            rc = guard_fail(err, KAM_E_INVAL, parent_field, "parent: a record cannot be above itself in its own tree");
            break;
        }
        rc = kam__read_one(at, b, up, KAM_TODAY, err);
        up = rc == KAM_OK ? guard_num(at, parent_field, 0) : 0;
    }
    kam_record_free(at);
    return rc;
}

/* ---------------------------------------------------------------- kinds */

static int32_t guard_share(const kam_record *r, uint32_t field, const char *text, kam_error *err)
{
    int64_t v = guard_num(r, field, 0);
    return v >= 0 && v <= 10000 ? KAM_OK : guard_fail(err, KAM_E_INVAL, field, text);
}

static int32_t guard_place(const kam_record *r, uint32_t latf, uint32_t lonf, kam_error *err)
{
    uint32_t i = kam__kind_index(r->kind, latf), k = kam__kind_index(r->kind, lonf);
    int has_lat = r->cell[i].state != KAM__CELL_NONE, has_lon = r->cell[k].state != KAM__CELL_NONE;
    if (has_lat != has_lon) return guard_fail(err, KAM_E_INVAL, latf, "latitude and longitude come together or not at all");
    if (!has_lat) return KAM_OK;
    int64_t lat = r->cell[i].v.i, lon = r->cell[k].v.i;
    if (lat < -90000000 || lat > 90000000) return guard_fail(err, KAM_E_INVAL, latf, "latitude must lie in -90..90 degrees");
    if (lon < -180000000 || lon > 180000000) return guard_fail(err, KAM_E_INVAL, lonf, "longitude must lie in -180..180 degrees");
    if (!lat && !lon) return guard_fail(err, KAM_E_INVAL, latf, "coordinates 0,0 are no account's place: leave them empty if unknown");
    return KAM_OK;
}

static int32_t guard_account(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)old;
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
    if (guard_num(r, KAM_REPRESENTATIVE_CAPACITY, 0) < 0)
        return guard_fail(err, KAM_E_INVAL, KAM_REPRESENTATIVE_CAPACITY, "capacity is a number of visits a day, not negative");
    KAM__TRY(guard_place(r, KAM_REPRESENTATIVE_HOME_LATITUDE, KAM_REPRESENTATIVE_HOME_LONGITUDE, err));
    return guard_tree(b, r, KAM_REPRESENTATIVE_SUPERVISOR, err);
}

static int32_t guard_ledger(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)b, (void)old;
    int64_t event = guard_num(r, KAM_LEDGER_EVENT, 0);
    if (event == KAM_LEDGER_RETURN && guard_num(r, KAM_LEDGER_AMOUNT, 0) < 0)
        return guard_fail(err, KAM_E_INVAL, KAM_LEDGER_AMOUNT, "a return's amount is what went back, not negative (a negative sale is a SALE)");
    if (event != KAM_LEDGER_COST_TO_SERVE && guard_num(r, KAM_LEDGER_COST_KIND, 0))
        return guard_fail(err, KAM_E_INVAL, KAM_LEDGER_COST_KIND, "cost_kind belongs to events COST_TO_SERVE only");
    return KAM_OK;
}

static int32_t guard_activity(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)b, (void)old;
    if (guard_num(r, KAM_ACTIVITY_DURATION, 0) < 0)
        return guard_fail(err, KAM_E_INVAL, KAM_ACTIVITY_DURATION, "duration is in minutes, not negative");
    return KAM_OK;
}

/* R148: a person is not nominated as key account. */
static int32_t guard_tier(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)old;
    if (guard_num(r, KAM_TIER_TIER, 0) != KAM_TIER_KEY) return KAM_OK;
    kam_record *account = NULL;
    KAM__TRY(kam__record_new(&account, b->schema, KAM_KIND_ACCOUNT, err));
    int32_t rc = kam__read_one(account, b, guard_num(r, KAM_TIER_ACCOUNT, 0), KAM_TODAY, err);
    if (rc == KAM_OK && guard_num(account, KAM_ACCOUNT_KIND, KAM_ACCOUNT_KIND_ORGANISATION) == KAM_ACCOUNT_KIND_PERSON)
        rc = guard_fail(err, KAM_E_INVAL, KAM_TIER_TIER, "a person cannot be a key account: only organisations are nominated");
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
    int64_t to = guard_num(r, KAM_LIFECYCLE_STATE, 0);
    int32_t day = (int32_t)guard_num(r, KAM_VALID_FROM, KAM_TODAY);
    if (day == KAM_DAY_FIRST) return KAM_OK;
    KAM__TRY(kam__record_new(&account, b->schema, KAM_KIND_ACCOUNT, err));
    int32_t rc = kam__read_one(account, b, guard_num(r, KAM_LIFECYCLE_ACCOUNT, 0), day, err);
    int64_t from = rc == KAM_OK ? guard_num(account, KAM_ACCOUNT_LIFECYCLE, 0) : 0;
    kam_record_free(account);
    if (rc != KAM_OK) return rc;
    if (!guard_step_legal(from, to))
        return guard_fail(err, KAM_E_INVAL, KAM_LIFECYCLE_STATE,
                          from == KAM_LIFECYCLE_SIGNED ? "a signed customer does not become a prospect: INTENT, INVALID or stay"
                                                       : "a disqualified account first becomes a PROSPECT again");
    if (to == KAM_LIFECYCLE_INVALID && from != to && !kam_record_text(r, KAM_REASON, NULL))
        return guard_fail(err, KAM_E_INVAL, KAM_REASON, "lifecycle INVALID needs a reason: set KAM_REASON");
    if (guard_num(r, KAM_LIFECYCLE_STABLE, 0) && to != KAM_LIFECYCLE_INTENT)
        return guard_fail(err, KAM_E_INVAL, KAM_LIFECYCLE_STABLE, "stable describes an INTENT, no other state");
    return KAM_OK;
}

static int32_t guard_rate(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)old;
    if (guard_num(r, KAM_RATE_RATE, 0) <= 0) return guard_fail(err, KAM_E_INVAL, KAM_RATE_RATE, "an exchange rate is greater than 0");
    if (kam__schema_decimals(b->schema, kam_record_text(r, KAM_RATE_SELL, "")) < 0)
        return guard_fail(err, KAM_E_INVAL, KAM_RATE_SELL, "sell is not an ISO 4217 code nor a CURRENCY record's");
    if (kam__schema_decimals(b->schema, kam_record_text(r, KAM_RATE_BUY, "")) < 0)
        return guard_fail(err, KAM_E_INVAL, KAM_RATE_BUY, "buy is not an ISO 4217 code nor a CURRENCY record's");
    return KAM_OK;
}

/* Decimals are frozen once money in that currency is stored: stored amounts would change their meaning. */
static int32_t guard_currency(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    const char *code = kam_record_text(r, KAM_CURRENCY_CODE, "");
    int64_t decimals = guard_num(r, KAM_CURRENCY_DECIMALS, 0);
    const kam__field *f = kam__kind_field(kam__builtin_kind(KAM_KIND_LEDGER), KAM_LEDGER_CURRENCY);
    (void)old;
    if (strlen(code) != 3) return guard_fail(err, KAM_E_INVAL, KAM_CURRENCY_CODE, "a currency code has three letters");
    if (decimals < 0 || decimals > 6) return guard_fail(err, KAM_E_INVAL, KAM_CURRENCY_DECIMALS, "decimals must lie in 0..6");
    if (kam__schema_decimals(b->schema, code) == decimals) return KAM_OK;
    kam_pred p;
    kam__pred mem;
    int used = 0, base = kam__text_same(code, kam__schema_base_currency(b->schema));
    if (base) kam__pred_null(&p, f);
    else kam__pred_text(&p, &mem, f, KAM_OP_EQ, code, 3);
    KAM__TRY(kam__read_exists(&used, b, KAM_KIND_LEDGER, &p, 1, err));
    if (base && !used) {
        kam__pred_text(&p, &mem, f, KAM_OP_EQ, code, 3);
        KAM__TRY(kam__read_exists(&used, b, KAM_KIND_LEDGER, &p, 1, err));
    }
    return used ? guard_fail(err, KAM_E_INVAL, KAM_CURRENCY_DECIMALS, "decimals of a currency are frozen once amounts in it are stored")
                : KAM_OK;
}

static int32_t guard_absence(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    (void)b, (void)old;
    return guard_num(r, KAM_ABSENCE_FIRST, 0) <= guard_num(r, KAM_ABSENCE_LAST, 0)
         ? KAM_OK : guard_fail(err, KAM_E_INVAL, KAM_ABSENCE_LAST, "an absence ends on or after its first day");
}

static int32_t guard_custom_field(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    const char *name = kam_record_text(r, KAM_FIELD_NAME, ""), *kind = kam_record_text(r, KAM_FIELD_KIND, "");
    const kam__kind *k = kam__builtin_kind_by_name(kind, strlen(kind));
    int64_t type = guard_num(r, KAM_FIELD_TYPE, 0);
    if (!k || k->cls != KAM_C_ENTITY || k->id == KAM_KIND_FIELD)
        return guard_fail(err, KAM_E_INVAL, KAM_FIELD_KIND, "custom fields belong to an entity kind: account, contact, product ...");
    if (strncmp(name, "x_", 2) != 0 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name) || strlen(name) > 60)
        return guard_fail(err, KAM_E_INVAL, KAM_FIELD_NAME, "a custom field's name is x_ and small letters, digits or _ (60 at most)");
    if (type == KAM_FIELD_TYPE_ENUM || type == KAM_FIELD_TYPE_CODE || type == KAM_FIELD_TYPE_ID)
        return guard_fail(err, KAM_E_UNSUPPORTED, KAM_FIELD_TYPE, "custom fields of this type are not supported: use TEXT");
    if (type == KAM_FIELD_TYPE_REF && !kam_record_text(r, KAM_FIELD_REFERS, NULL))
        return guard_fail(err, KAM_E_INVAL, KAM_FIELD_REFERS, "a reference says which kind it refers to");
    const kam__kind *now = kam__schema_kind(b->schema, k->id);
    if (!old && kam__kind_field_by_name(now, name, strlen(name)))
        return guard_fail(err, KAM_E_EXISTS, KAM_FIELD_NAME, "this kind has a field of that name already");
    uint32_t ti = kam__kind_index(r->kind, KAM_FIELD_TYPE), ni = kam__kind_index(r->kind, KAM_FIELD_NAME);
    if (old && (!kam__record_same(old, r, ti) || !kam__record_same(old, r, ni)))
        return guard_fail(err, KAM_E_INVAL, KAM_FIELD_TYPE, "a field's name and type stay: labels, unit and flags may change");
    return KAM_OK;
}

static const struct { uint32_t kind; int32_t (*check)(kam_book *, const kam_record *, const kam_record *, kam_error *); } guards[] = {
    { KAM_KIND_ACCOUNT, guard_account }, { KAM_KIND_TERRITORY, guard_territory }, { KAM_KIND_REPRESENTATIVE, guard_representative },
    { KAM_KIND_LEDGER, guard_ledger }, { KAM_KIND_ACTIVITY, guard_activity }, { KAM_KIND_TIER, guard_tier },
    { KAM_KIND_LIFECYCLE, guard_lifecycle }, { KAM_KIND_RATE, guard_rate }, { KAM_KIND_CURRENCY, guard_currency },
    { KAM_KIND_ABSENCE, guard_absence }, { KAM_KIND_FIELD, guard_custom_field },
};

int32_t kam__guard(kam_book *b, const kam_record *r, const kam_record *old, kam_error *err)
{
    for (size_t i = 0; i < KAM__LEN(guards); i++) {
        if (guards[i].kind != r->kind->id) continue;
        int32_t rc = guards[i].check(b, r, old, err);
        if (rc != KAM_OK) kam__err_set(err, KAM_ERR_KIND, r->kind->id);
        return rc;
    }
    return KAM_OK;
}
