/* The engine: bands at their edges, values, flags, missing values, warnings, rounding; ten thousand scores of random cards
   beside an oracle that knows nothing of documents. */
#include "card_test.h"

/* ---------------------------------------------------------------- rounding */

/* Computed with exact fractions: points, weight, contribution in 10^-4. */
static void contributions_round_half_to_even_once(void **state)
{
    ct *t = *state;
    static const struct { const char *points, *weight; int64_t want; } at[] = {
        {"-979261.1376", "0.3333", INT64_C(-3263877372)},
        {"-8.4796", "5.6838", INT64_C(-481964)},
        {"-817670.3962", "0.0001", INT64_C(-817670)},
        {"6.4477", "0.3333", INT64_C(21490)},
        {"-6.5090", "0.3333", INT64_C(-21694)},
        {"967782.2865", "2.4624", INT64_C(23830671023)},
        {"-757605.6637", "0.0001", INT64_C(-757606)},
        {"3420060101967.5375", "2.2060", INT64_C(75446525849403877)},
        {"-2964396987115.6704", "0.5000", INT64_C(-14821984935578352)},
        {"-968560.4658", "0.5000", INT64_C(-4842802329)},
        {"-818881.9351", "0.3333", INT64_C(-2729333490)},
        {"-956843357073.5414", "1.5000", INT64_C(-14352650356103121)},
        {"-7302279141011.4306", "9.1362", INT64_C(-667150826881086322)},
        {"50394.7120", "0.0001", INT64_C(50395)},
        {"-0.9035", "-2.6137", INT64_C(23615)},
        {"-2.4652", "1.5000", INT64_C(-36978)},
        {"-1975059100039.9777", "1.5000", INT64_C(-29625886500599666)},
        {"-3.9510", "8.6313", INT64_C(-341023)},
        {"6980329225850.3726", "1.5000", INT64_C(104704938387755589)},
        {"4.0139", "0.3333", INT64_C(13378)},
        {"9490140534262.2146", "0.3333", INT64_C(31630638400695961)},
        {"1499781977957.2771", "8.3137", INT64_C(124687374301434146)},
        {"2700204640039.7578", "7.8738", INT64_C(212608712947450450)},
        {"-5640085253608.3690", "8.0443", INT64_C(-453705378056018027)},
        {"0.0001", "0.5000", INT64_C(0)},
        {"0.0003", "0.5000", INT64_C(2)},
        {"0.0005", "0.5000", INT64_C(2)},
        {"-0.0001", "0.5000", INT64_C(0)},
        {"-0.0003", "0.5000", INT64_C(-2)},
        {"-0.0005", "0.5000", INT64_C(-2)},
        {"0.0015", "0.1000", INT64_C(2)},
        {"0.0025", "0.1000", INT64_C(2)},
        {"461168601842738.7904", "1.9999", INT64_C(9222910868252933069)},
        {"-461168601842738.7904", "1.5000", INT64_C(-6917529027641081856)},
    };
    for (size_t i = 0; i < KAM__LEN(at); i++) {
        char json[400];
        snprintf(json, sizeof json, C_CARD("{\"id\": \"a\", \"attribute\": \"employees\", \"weight\": \"%s\", \"bands\": [{\"points\": \"%s\"}]}"),
                 at[i].weight, at[i].points);
        ct_bind(t, json);
        assert_int_equal(ct_points(t, "{\"employees\": 1}"), at[i].want);
    }
}

/* ---------------------------------------------------------------- forms */

static void bands_are_half_open(void **state)
{
    ct *t = *state;
    ct_bind(t, C_CARD(C_FACTOR("a", "revenue_12m", "\"bands\": [{\"below\": \"-1\", \"points\": 1}, {\"from\": \"0\", \"below\": \"10.01\","
                      " \"points\": 2}, {\"from\": \"10.01\", \"below\": 20, \"points\": 3}], \"otherwise\": 9, \"missing\": 7")));
    static const struct { const char *json; int64_t want; } at[] = {
        {"{\"revenue_12m\": \"-1.01\"}", 10000}, {"{\"revenue_12m\": \"-1\"}", 90000}, {"{\"revenue_12m\": \"-0.01\"}", 90000},
        {"{\"revenue_12m\": \"0\"}", 20000}, {"{\"revenue_12m\": \"10\"}", 20000}, {"{\"revenue_12m\": \"10.01\"}", 30000},
        {"{\"revenue_12m\": \"19.99\"}", 30000}, {"{\"revenue_12m\": \"20\"}", 90000}, {"{}", 70000},
    };
    for (size_t i = 0; i < KAM__LEN(at); i++) assert_int_equal(ct_points(t, at[i].json), at[i].want);
    ct_bind(t, C_CARD(C_FACTOR("a", "customer_since", "\"bands\": [{\"below\": \"2020-02-29\", \"points\": 1}, {\"from\": \"2020-02-29\", \"points\": 2}]")));
    assert_int_equal(ct_points(t, "{\"customer_since\": \"2020-02-28\"}"), 10000);
    assert_int_equal(ct_points(t, "{\"customer_since\": \"2020-02-29\"}"), 20000);
    ct_bind(t, C_CARD(C_FACTOR("a", "x_points", C_TITLE ", \"bands\": [{\"below\": \"0.25\", \"points\": 1}, {\"from\": \"0.25\", \"points\": 2}]")));
    assert_int_equal(ct_points(t, "{\"x_points\": \"0.24\"}"), 10000);
    assert_int_equal(ct_points(t, "{\"x_points\": \"0.25\"}"), 20000);
}

static void extreme_values_have_a_band(void **state)
{
    ct *t = *state;
    ct_bind(t, C_CARD(C_FACTOR("a", "employees", "\"bands\": [{\"below\": 0, \"points\": 1}, {\"from\": 0, \"points\": 2}]")));
    kam_record *r = ct_record(t, "{}");
    static const int64_t v[] = {INT64_MIN, -1, 0, INT64_MAX}, want[] = {10000, 10000, 20000, 20000};
    for (size_t i = 0; i < 4; i++) {
        kam__record_put_num(r, KAM_ATTRIBUTES_EMPLOYEES, v[i]);
        assert_code(kam__card_score_of(&t->score, &t->bound, r, t->err), KAM_OK);
        assert_int_equal(t->score.points, want[i]);
    }
    kam_record_free(r);
}

static void values_are_found_as_the_record_holds_them(void **state)
{
    ct *t = *state;
    ct_bind(t, C_CARD(C_FACTOR("a", "size", "\"map\": {\"LARGE\": 1, \"medium\": 2, \"小型\": 3, \"MICRO\": 4}")));
    assert_int_equal(ct_points(t, "{\"size\": \"LARGE\"}"), 10000);
    assert_int_equal(ct_points(t, "{\"size\": \"MEDIUM\"}"), 20000);
    assert_int_equal(ct_points(t, "{\"size\": \"SMALL\"}"), 30000);
    ct_bind(t, C_CARD(C_FACTOR("a", "lead_source", "\"map\": {\"website\": 1, \"Our fair\": 2}, \"otherwise\": 3")));
    assert_int_equal(ct_points(t, "{\"lead_source\": \"WEBSITE\"}"), 10000);
    assert_int_equal(ct_points(t, "{\"lead_source\": \"Our fair\"}"), 20000);
    assert_int_equal(ct_points(t, "{\"lead_source\": \"our fair\"}"), 30000);
    ct_bind(t, C_CARD(C_FACTOR("a", "territory", "\"map\": {\"5\": 1}, \"otherwise\": 3")));
    assert_int_equal(ct_points(t, "{\"territory\": 5}"), 10000);
    ct_bind(t, C_CARD(C_FACTOR("a", "x_flag", C_TITLE ", \"flag\": {\"false\": 1, \"true\": 2}")));
    assert_int_equal(ct_points(t, "{\"x_flag\": true}"), 20000);
    assert_int_equal(ct_points(t, "{\"x_flag\": false}"), 10000);
    assert_int_equal(ct_points(t, "{}"), 0);
    assert_int_equal(t->score.missing, 1);
}

static void values_that_are_not_settled_are_refused(void **state)
{
    ct *t = *state;
    ct_bind(t, C_CARD(C_FACTOR("a", "territory", "\"map\": {\"5\": 1}, \"otherwise\": 3")));
    kam_record *r = ct_record(t, "{\"territory\": \"erp:T1\"}");
    assert_code(kam__card_score_of(&t->score, &t->bound, r, t->err), KAM_E_TYPE);
    assert_says(t->err, "territory is the ERP's key");
    kam_record_free(r);
    ct_bind(t, C_CARD(C_FACTOR("a", "potential", C_ANY)));
    r = ct_record(t, "{\"potential\": \"1.001\"}");
    assert_code(kam__card_score_of(&t->score, &t->bound, r, t->err), KAM_E_LIMIT);
    assert_says(t->err, "potential has more than 2 decimals");
    kam_record_free(r);
}

/* ---------------------------------------------------------------- warnings */

#define C_WARN(id, attribute, test) "{\"id\": \"" id "\", \"attribute\": \"" attribute "\", " test ", \"text\": {\"en\": \"e\", \"zh\": \"z\"}}"

static void warnings_warn_and_never_score(void **state)
{
    ct *t = *state;
    ct_bind(t, C_HEAD "\"factors\": [" C_FACTOR("a", "employees", C_ANY) "], \"warnings\": ["
            C_WARN("w0", "employees", "\"at_least\": 45") "," C_WARN("w1", "employees", "\"below\": 45") ","
            C_WARN("w2", "x_flag", "\"is\": true") "," C_WARN("w3", "size", "\"one_of\": [\"SMALL\", \"MICRO\"]") ","
            C_WARN("w4", "region", "\"is\": \"North\"") "," C_WARN("w5", "employees", "\"missing\": true") "]}");
    static const struct { const char *json; uint32_t want; } at[] = {
        {"{\"employees\": 45}", 1}, {"{\"employees\": 44}", 2}, {"{}", 32}, {"{\"employees\": 45, \"x_flag\": true}", 5},
        {"{\"employees\": 45, \"x_flag\": false, \"size\": \"LARGE\", \"region\": \"north\"}", 1},
        {"{\"employees\": 9, \"size\": \"MICRO\", \"region\": \"North\"}", 26},
    };
    for (size_t i = 0; i < KAM__LEN(at); i++) {
        ct_points(t, at[i].json);
        assert_int_equal(t->score.warnings, at[i].want);
        assert_int_equal(t->score.points, t->score.missing ? 0 : 10000);
    }
}

/* ---------------------------------------------------------------- random cards */

enum { RANDOM_CARDS = 500, RANDOM_RECORDS = 24, RANDOM_FACTORS = 12 };
typedef struct random_factor {
    int form, n, otherwise_set, missing_set;                /* 0 bands, 1 map, 2 flag */
    int64_t weight, from[9], points[9], otherwise, missing; /* bands: [from[k], from[k + 1]), the first open below */
    int closed_below, closed_above;
} random_factor;

static uint64_t seed = 20260301;
static int64_t any(int64_t lo, int64_t hi) { return lo + (int64_t)(kam__random(&seed) % (uint64_t)(hi - lo + 1)); }

static const char *dec(char out[32], int64_t v)
{
    uint64_t u = (uint64_t)(v < 0 ? -v : v);
    snprintf(out, 32, "%s%llu.%04llu", v < 0 ? "-" : "", (unsigned long long)(u / 10000), (unsigned long long)(u % 10000));
    return out;
}

static const char *const number_fields[] = {"employees", "orders_12m", "recency_days", "visits_90d"};     /* whole numbers */
static const uint32_t number_ids[] = {KAM_ATTRIBUTES_EMPLOYEES, KAM_ATTRIBUTES_ORDERS_12M, KAM_ATTRIBUTES_RECENCY_DAYS,
                                      KAM_ATTRIBUTES_VISITS_90D};
static const char *const map_fields[] = {"region", "grade", "industry", "city"};
static const uint32_t map_ids[] = {KAM_ATTRIBUTES_REGION, KAM_ATTRIBUTES_GRADE, KAM_ATTRIBUTES_INDUSTRY, KAM_ATTRIBUTES_CITY};

static int64_t random_points(void)
{
    static const int64_t reach[] = {9, 30000, 1000000, INT64_C(30000000000)};
    int64_t r = reach[any(0, 3)];
    return any(-r, r);
}

static size_t random_write(char *out, size_t size, int i, random_factor *f)
{
    char a[32], b[32];
    size_t at = (size_t)snprintf(out, size, "%s{\"id\": \"f%d\", \"attribute\": \"%s\", \"weight\": \"%s\", ", i ? "," : "", i,
                                 f->form == 0 ? number_fields[i % 4] : f->form == 1 ? map_fields[i % 4] : "decider_known", dec(a, f->weight));
    at += (size_t)snprintf(out + at, size - at, f->form == 0 ? "\"bands\": [" : f->form == 1 ? "\"map\": {" : "\"flag\": {");
    for (int k = 0; k < f->n; k++) {
        const char *comma = k ? ", " : "";
        if (f->form == 1) at += (size_t)snprintf(out + at, size - at, "%s\"v%d\": \"%s\"", comma, k, dec(b, f->points[k]));
        if (f->form == 2) at += (size_t)snprintf(out + at, size - at, "%s\"%s\": \"%s\"", comma, k ? "true" : "false", dec(b, f->points[k]));
        if (f->form) continue;
        at += (size_t)snprintf(out + at, size - at, "%s{\"points\": \"%s\"", comma, dec(b, f->points[k]));
        if (k || f->closed_below) at += (size_t)snprintf(out + at, size - at, ", \"from\": %lld", (long long)f->from[k]);
        if (k + 1 < f->n || f->closed_above) at += (size_t)snprintf(out + at, size - at, ", \"below\": \"%lld\"", (long long)f->from[k + 1]);
        at += (size_t)snprintf(out + at, size - at, "}");
    }
    at += (size_t)snprintf(out + at, size - at, f->form ? "}" : "]");
    if (f->otherwise_set) at += (size_t)snprintf(out + at, size - at, ", \"otherwise\": \"%s\"", dec(a, f->otherwise));
    if (f->missing_set) at += (size_t)snprintf(out + at, size - at, ", \"missing\": {\"points\": \"%s\"}", dec(a, f->missing));
    return at + (size_t)snprintf(out + at, size - at, "}");
}

static void random_make(random_factor *f)
{
    memset(f, 0, sizeof *f);
    f->form = (int)any(0, 2);
    f->n = f->form == 2 ? 2 : (int)any(1, 8);
    f->weight = any(0, 3) ? any(-30000, 50000) : 10000;
    f->from[0] = any(-20, 20);
    for (int k = 1; k < 9; k++) f->from[k] = f->from[k - 1] + any(1, 9);
    for (int k = 0; k < f->n; k++) f->points[k] = random_points();
    f->closed_below = f->form == 0 && any(0, 1);
    f->closed_above = f->form == 0 && any(0, 1);
    f->otherwise_set = f->form == 1 || f->closed_below || f->closed_above;
    f->missing_set = (int)any(0, 1);
    f->otherwise = random_points();
    f->missing = f->missing_set ? random_points() : 0;
}

/* Rounded quotient by 10^4 in plain whole numbers: |points * weight| stays below 2^63 here. */
static int64_t oracle_product(int64_t points, int64_t weight)
{
    int64_t p = points * weight, size = p < 0 ? -p : p, q = size / 10000, rest = size % 10000;
    if (rest > 5000 || (rest == 5000 && q % 2)) q++;
    return p < 0 ? -q : q;
}

static int64_t oracle_factor(const random_factor *f, int has, int64_t v)
{
    if (!has) return oracle_product(f->missing, f->weight);
    if (f->form) return oracle_product(v < f->n ? f->points[v] : f->otherwise, f->weight);
    if ((f->closed_below && v < f->from[0]) || (f->closed_above && v >= f->from[f->n])) return oracle_product(f->otherwise, f->weight);
    int k = f->n - 1;
    while (k > 0 && v < f->from[k]) k--;
    return oracle_product(f->points[k], f->weight);
}

/* Puts a value (or none) for factor i: the number, the value's number, or the flag. Factors i and i + 4 share a field. */
static void random_value(ct *t, kam_record *r, int i, int form, int has, int64_t v)
{
    char text[8];
    uint32_t field = form == 0 ? number_ids[i % 4] : form == 1 ? map_ids[i % 4] : KAM_ATTRIBUTES_DECIDER_KNOWN;
    snprintf(text, sizeof text, "v%d", (int)v);
    if (!has) assert_code(kam_record_set_text(r, field, "", KAM_NUL, t->err), KAM_OK);
    else if (form == 1) assert_code(kam_record_set_text(r, field, text, KAM_NUL, t->err), KAM_OK);
    else assert_code(kam_record_set_i64(r, field, v, t->err), KAM_OK);
}

static void random_record(ct *t, const random_factor *f, int n, int64_t baseline)
{
    int has[3][4];
    int64_t v[3][4], want = baseline;
    kam_record *r = ct_record(t, "{}");
    for (int i = 0; i < 4; i++)
        for (int form = 0; form < 3; form++) {
            const random_factor *at = &f[any(0, n - 1)];
            has[form][i] = any(0, 5) > 0;
            v[form][i] = form == 0 ? (any(0, 1) ? at->from[any(0, 8)] - any(0, 1) : any(-60, 120)) : form == 1 ? any(0, 9) : any(0, 1);
            if (form == 2 && i) has[2][i] = has[2][0], v[2][i] = v[2][0];
            random_value(t, r, i, form, has[form][i], v[form][i]);
        }
    uint32_t missing = 0;
    for (int i = 0; i < n; i++) {
        want += oracle_factor(&f[i], has[f[i].form][i % 4], v[f[i].form][i % 4]);
        missing += !has[f[i].form][i % 4];
    }
    assert_code(kam__card_score_of(&t->score, &t->bound, r, t->err), KAM_OK);
    assert_int_equal(t->score.points, want);
    assert_int_equal(t->score.missing, missing);
    kam_record_free(r);
}

static void random_cards_agree_with_the_oracle(void **state)
{
    ct *t = *state;
    static char json[20000];
    for (int c = 0; c < RANDOM_CARDS; c++) {
        random_factor f[RANDOM_FACTORS];
        char base[32];
        int n = (int)any(1, RANDOM_FACTORS);
        int64_t baseline = any(-50000, 50000);
        size_t at = (size_t)snprintf(json, sizeof json, C_HEAD "\"baseline\": \"%s\", \"factors\": [", dec(base, baseline));
        for (int i = 0; i < n; i++) {
            random_make(&f[i]);
            at += random_write(json + at, sizeof json - at, i, &f[i]);
        }
        snprintf(json + at, sizeof json - at, "]}");
        kam__arena_reset(&t->arena);
        ct_bind(t, json);
        for (int k = 0; k < RANDOM_RECORDS; k++) random_record(t, f, n, baseline);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ct_test(contributions_round_half_to_even_once),
        ct_test(bands_are_half_open),
        ct_test(extreme_values_have_a_band),
        ct_test(values_are_found_as_the_record_holds_them),
        ct_test(values_that_are_not_settled_are_refused),
        ct_test(warnings_warn_and_never_score),
        ct_test(random_cards_agree_with_the_oracle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
