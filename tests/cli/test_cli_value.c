/* The program kam as its users have it: `kam value` against answers made with other tools (../shared/expected), and its
 * conventions, usage and exit codes on small files. What a data set needs before it is a file of order lines is
 * prepared here. */
#include "cli_test.h"

/* Sums and counts to the last digit, shares to 9 digits. */
static void near(const kam__json *got, const char *a, const kam__json *want, const char *group, const char *b) {
    char path[128];
    snprintf(path, sizeof path, "%s.%s", group, b);
    double g = number(got, a), w = number(want, path);
    if (fabs(g - w) > 1e-9 * fabs(w) + 1e-12) fail_msg("%s: got %.12g, want %.12g", a, g, w);
}

/* ---------------------------------------------------------------- against ../shared/expected */

static void check_summary(const char *file, const char *expected, const char *abc, int rfm) {
    static const char *const measure[] = {"r", "f", "m"}, *const large[] = {"R", "F", "M"};
    static const char *const letter[] = {"A", "B", "C"};
    char a[64], b[64];
    kam__arena arena;
    kam__arena_init(&arena, ctx, 0);
    const kam__json *got = read_json(&arena, file), *want = read_json(&arena, expected);
    near(got, "accounts", want, abc, "n");
    near(got, "revenue", want, abc, "total_revenue");
    near(got, "gini", want, abc, "concentration_positive_only.gini");
    near(got, "hhi", want, abc, "concentration_positive_only.hhi");
    near(got, "top20_share", want, abc, "concentration_positive_only.top20pct_share_ceil");
    near(got, "top1_share", want, abc, "concentration_positive_only.top1_share");
    for (int i = 0; i < 3; i++) {
        snprintf(a, sizeof a, "abc.%s", letter[i]);
        snprintf(b, sizeof b, "crossing_in.%s.count", letter[i]);
        near(got, a, want, abc, b);
        snprintf(a, sizeof a, "abc_incl.%s", letter[i]);
        snprintf(b, sizeof b, "cum_share_le_cut.%s.count", letter[i]);
        near(got, a, want, abc, b);
        for (int k = 0; k < 4 && rfm; k++) {
            snprintf(a, sizeof a, "rfm_cuts.%s.%d", measure[i], k);
            snprintf(b, sizeof b, "quantiles_type7.%s.%d", large[i], k);
            near(got, a, want, "rfm", b);
        }
    }
    if (rfm) near(got, "n555_ntile", want, "rfm", "ntile_n555");
    if (rfm) near(got, "n555_q7", want, "rfm", "q7_n555");
    kam__arena_free(&arena);
}

static int by_first_cell(const void *a, const void *b) { return strcmp(**(char **const *)a, **(char **const *)b); }

static char **find_row(char ***sorted, size_t n, const char *id) {
    char *const key[] = {(char *)(uintptr_t)id};
    char **k = (char **)(uintptr_t)key;
    char ***hit = bsearch(&k, sorted, n, sizeof *sorted, by_first_cell);
    if (!hit) fail_msg("account %s is missing", id);
    return *hit;
}

typedef struct pair { const char *ours, *theirs; int is_number; } pair;

static void check_cell(const char *id, const pair *p, const char *got, const char *want) {
    int equal = p->is_number ? fabs(strtod(got, NULL) - strtod(want, NULL)) <= 1e-9 * (1 + fabs(strtod(want, NULL)))
                             : strcmp(got, want) == 0;
    if (!equal) fail_msg("account %s: %s is %s, want %s", id, p->ours, got, want);
}

/* Every account of one file is in the other, with the same figures. */
static void check_rows(const char *file, const char *expected, const pair *pairs, size_t npair, int all) {
    table got = split(slurp(file, NULL)), want = split(slurp(expected, NULL));
    assert_true(all ? got.n == want.n : got.n >= want.n);
    char ***sorted = malloc(got.n * sizeof *sorted);
    for (size_t i = 0; i < got.n; i++) sorted[i] = got.cell + (i + 1) * got.width;
    qsort(sorted, got.n, sizeof *sorted, by_first_cell);
    for (size_t i = 0; i < want.n; i++) {
        char **row = find_row(sorted, got.n, at(&want, i, "customer"));
        for (size_t k = 0; k < npair; k++)
            check_cell(row[0], &pairs[k], row[column(&got, pairs[k].ours)], at(&want, i, pairs[k].theirs));
    }
    free(sorted);
    drop(&got);
    drop(&want);
}

static const pair all_pairs[] = {{"revenue", "M", 1},           {"orders", "F", 1},        {"recency_days", "R", 1},
                                 {"cum_share", "cum_share", 1}, {"abc", "abc", 0},         {"abc_incl", "abc_incl", 0},
                                 {"r_ntile", "r_ntile", 1},     {"f_ntile", "f_ntile", 1}, {"m_ntile", "m_ntile", 1},
                                 {"r_q7", "r_q7", 1},           {"f_q7", "f_q7", 1},       {"m_q7", "m_q7", 1}};

/* Revenue descending, then id by bytes; a cumulative share that only rises where revenue does. */
static void check_order(const char *file) {
    table t = split(slurp(file, NULL));
    for (size_t i = 1; i < t.n; i++) {
        double before = strtod(at(&t, i - 1, "revenue"), NULL), now = strtod(at(&t, i, "revenue"), NULL);
        if (now > before || (now >= before && strcmp(at(&t, i - 1, "account"), at(&t, i, "account")) >= 0))
            fail_msg("row %zu (%s) stands behind %s", i + 1, at(&t, i, "account"), at(&t, i - 1, "account"));
    }
    drop(&t);
}

static void value_of(const char *arguments) {
    must(arguments);
    check_order("rows.csv");
}

static void test_cdnow(void **state) {
    (void)state;
    char line[4000];
    NEED_SHARED("cli/value: cdnow_sample");
    snprintf(line, sizeof line, "value '%s/data/value/cdnow_sample.csv' --account master_id --date date --amount amount"
             " --out rows.csv --summary sum.json", shared);
    value_of(line);
    check_summary("sum.json", "shared:expected/cdnow_sample_value.json", "abc", 1);
    check_rows("rows.csv", "shared:expected/cdnow_sample_value_per_customer.csv.xz", all_pairs, 12, 1);
}

static void test_northwind(void **state) {
    (void)state;
    NEED_SHARED("cli/value: northwind");
    table o = split(slurp("shared:data/value/northwind_orders.csv", NULL));
    table d = split(slurp("shared:data/value/northwind_order_details.csv", NULL));
    FILE *f = make("nw.csv");
    fprintf(f, "customer,date,order,amount\n");
    size_t k = 0;
    for (size_t i = 0; i < d.n; i++) {
        while (strcmp(at(&o, k % o.n, "orderID"), at(&d, i, "orderID")) != 0) k++;
        int64_t price, left, quantity;      /* hundredths each: the product has four decimals */
        assert_int_equal(
            kam__dec_parse(&price, at(&d, i, "unitPrice"), strlen(at(&d, i, "unitPrice")), 2, KAM__EXACT, NULL, NULL),
            KAM_OK);
        assert_int_equal(
            kam__dec_parse(&left, at(&d, i, "discount"), strlen(at(&d, i, "discount")), 2, KAM__EXACT, NULL, NULL),
            KAM_OK);
        assert_int_equal(
            kam__dec_parse(&quantity, at(&d, i, "quantity"), strlen(at(&d, i, "quantity")), 0, KAM__EXACT, NULL, NULL),
            KAM_OK);
        char text[48];
        kam__dec_format(text, price * quantity * (100 - left), 4);
        fprintf(f, "%s,%s,%s,%s\n", at(&o, k % o.n, "customerID"), at(&o, k % o.n, "orderDate"), at(&d, i, "orderID"),
                text);
    }
    fclose(f);
    drop(&o);
    drop(&d);
    value_of("value nw.csv --account customer --date date --amount amount --order order --decimals 4 --out rows.csv "
             "--summary sum.json");
    check_summary("sum.json", "shared:expected/northwind_value.json", "abc", 1);
    check_rows("rows.csv", "shared:expected/northwind_value_per_customer.csv.xz", all_pairs, 12, 1);
}

static void check_whale(void) {
    kam__arena arena;
    kam__arena_init(&arena, ctx, 0);
    const kam__json *got = read_json(&arena, "sum.json"),
                    *want = read_json(&arena, "shared:expected/aw_resellers_value.json");
    near(got, "profit", want, "profit_whale_curve", "total_profit");
    near(got, "whale_peak_pct", want, "profit_whale_curve", "peak_cum_profit_pct");
    near(got, "whale_peak_at", want, "profit_whale_curve", "peak_at_customers");
    near(got, "unprofitable", want, "profit_whale_curve", "unprofitable_customers");
    kam__arena_free(&arena);
}

static void test_adventureworks(void **state) {
    (void)state;
    NEED_SHARED("cli/value: aw_resellers");
    table t = split(slurp("shared:data/adventureworks/aw_reseller_sales.csv", NULL));
    FILE *f = make("aw.csv");
    fprintf(f, "reseller,day,order,amount,cost\n");
    for (size_t i = 0; i < t.n; i++) {
        char text[48];
        const char *cost = at(&t, i, "total_product_cost"), *each = at(&t, i, "standard_cost");
        int64_t v;
        assert_int_equal(kam__dec_parse(&v, each, strlen(each), 2, KAM__EXACT, NULL, NULL), KAM_OK);
        kam__dec_format(text, v * atol(at(&t, i, "quantity")), 2);
        fprintf(f, "%s,%s,%s,%s,%s\n", at(&t, i, "reseller_key"), at(&t, i, "order_date"), at(&t, i, "order_number"),
                at(&t, i, "sales_amount"), *cost ? cost : text);
    }
    fclose(f);
    drop(&t);
    value_of("value aw.csv --account reseller --date day --amount amount --order order --cost cost --out rows.csv "
             "--summary sum.json");
    check_summary("sum.json", "shared:expected/aw_resellers_value.json", "abc", 1);
    check_rows("rows.csv", "shared:expected/aw_resellers_value_per_customer.csv.xz", all_pairs, 12, 1);
    check_whale();
}

static void online_retail_file(void) {
    size_t size;
    char *text = slurp("shared:data/value/online_retail.csv.xz", &size);
    FILE *f = make("or.csv");
    assert_int_equal(fwrite(text, 1, size, f), size);
    fclose(f);
    free(text);
}

#define ONLINE_RETAIL \
    "--account customer_id --date invoice_date --quantity quantity --price unit_price --order invoice --decimals 3" \
    " --out rows.csv --summary sum.json"

static void test_online_retail_purchases(void **state) {
    (void)state;
    NEED_SHARED("cli/value: online_retail, purchases");
    online_retail_file();
    value_of("value or.csv --skip-returns " ONLINE_RETAIL);
    check_summary("sum.json", "shared:expected/online_retail_value.json", "abc_gross", 1);
    check_rows("rows.csv", "shared:expected/online_retail_value_per_customer.csv.xz", all_pairs, 12, 1);
    contains("err", "397884 rows kept, 0 rejected, 144025 dropped, 0 rounded to 3 decimals");
}

static void test_online_retail_net_of_returns(void **state) {
    (void)state;
    static const pair pairs[] = {{"revenue", "net_revenue", 1}, {"abc", "abc_net", 0}};
    NEED_SHARED("cli/value: online_retail, net");
    online_retail_file();
    value_of("value or.csv " ONLINE_RETAIL);
    check_summary("sum.json", "shared:expected/online_retail_value.json", "abc_net_of_cancellations", 0);
    check_rows("rows.csv", "shared:expected/online_retail_value_per_customer.csv.xz", pairs, 2, 0);
    contains("err", "406829 rows kept, 135080 rejected, 0 dropped");
}

/* ---------------------------------------------------------------- conventions, on small files */

static const char lines[] = "who;when;what;paid\n"
                            "b;2026-01-02 10:00;1;10.005\n"
                            "a;2026-01-03T08:00:00Z;2;-4\n"
                            "\"x;y\";2026-01-03;2;0\n"
                            ";2026-01-03;3;5\n"
                            "a;2026-01-09;C4;14.00\n"
                            "B;soon;5;1\n"
                            "B;2026-01-05;5;one\n"
                            "B;2026-01-05;5\n";

static void test_rows_and_summary(void **state) {
    (void)state;
    put("l.csv", lines);
    must("value l.csv --account who --date when --amount paid --order what --out rows.csv --summary sum.json");
    same("rows.csv",
         "account,revenue,orders,recency_days,cum_share,abc,abc_incl,r_ntile,f_ntile,m_ntile,r_q7,f_q7,m_q7\n"
         "b,10.01,1,8,0.500249875,A,A,1,1,3,1,1,5\n"
         "a,10.00,2,1,1,A,C,3,3,2,5,5,3\n"
         "\"x;y\",0.00,1,7,1,C,C,2,2,1,3,1,1\n");
    contains("err", "l.csv:5:1: no account");
    contains("err", "l.csv:7:3: this is not a day");
    contains("err", "l.csv:8:16: this is not a number");
    contains("err", "l.csv:9:1: this row has more or fewer cells");
    contains("err", "4 rows kept, 4 rejected, 0 dropped, 1 rounded to 2 decimals");
    same("out", "");
}

static void test_settings(void **state) {
    (void)state;
    put("l.csv", lines);
    put("s.json",
        "{\"shared_costs\": [{\"name\": \"desk\", \"kind\": \"OTHER\", \"driver\": \"orders\", \"amount\": 1.00},"
        " {\"name\": \"cars\", \"kind\": \"TRAVEL\", \"driver\": \"visits\", \"amount\": 5}],"
        " \"rfm\": {\"money\": [1, 10, 11, 12], \"cells\": [{\"name\": \"two, or less\", \"m\": [1, 2]}, "
        "{\"name\": \"more\"}]}}");
    must("value l.csv --account who --date when --amount paid --order what --settings s.json --out rows.csv "
         "--summary sum.json");
    contains("rows.csv", ",r_q7,f_q7,m_q7,rfm_cell,contribution\n");
    contains("rows.csv", "\nb,10.01,1,8,0.500249875,A,A,1,1,3,1,1,3,more,9.76\n");
    contains("rows.csv", "\na,10.00,2,1,1,A,C,3,3,2,5,5,2,\"two, or less\",9.50\n");
    contains("sum.json", "\"rfm_cells\": {\"two, or less\":2,\"more\":1}");
    contains("sum.json", "{\"name\":\"cars\",\"amount\":5.00,\"left\":5.00}");
    refused("value l.csv --account who --date when --amount paid --settings nowhere.json", 1, "nowhere.json");
    put("s.json", "{\"rfm\": {\"money\": [1]}}");
    refused("value l.csv --account who --date when --amount paid --settings s.json", 1,
            "\"money\" is a list of 4 to 4");
}

static void test_skip_returns(void **state) {
    (void)state;
    put("l.csv", lines);
    must("value l.csv --account who --date when --amount paid --order what --skip-returns --out -");
    contains("out", "\nb,10.01,1,1,1,A,C,");
    contains("err", "1 rows kept, 3 rejected, 4 dropped");
}

static void test_as_of_and_days_as_orders(void **state) {
    (void)state;
    put("l.csv", "who,when,paid\na,2026-01-01,1\na,2026-01-01,2\na,2026-01-02,4\na,2026-01-03,8\n");
    must("value l.csv --account who --date when --amount paid --as-of 2026-01-02 --out -");
    contains("out", "\na,7.00,2,0,");
    must("value l.csv --account who --date when --amount paid --out -");
    contains("out", "\na,15.00,3,1,");
}

static void test_rounding_half_away(void **state) {
    (void)state;
    put("l.csv",
        "who,when,n,each\na,2026-01-01,3,0.335\na,2026-01-01,-3,0.335\nb,2026-01-01,1,0.0349999999999999999999\n"
        "c,2026-01-01,1.5,1e1\n");
    must("value l.csv --account who --date when --quantity n --price each --out -");
    contains("out", "\nc,15.00,");
    contains("out", "\nb,0.03,");                                   /* not 0.035 first */
    contains("out", "\na,0.00,");                                   /* 1.005 is 1.01, and -1.005 is -1.01 */
    contains("err", "3 rounded to 2 decimals");
    must("value l.csv --account who --date when --quantity n --price each --decimals 0 --out -");
    contains("out", "\nc,15,");
}

static void test_standard_input_and_quotes(void **state) {
    (void)state;
    char line[4000];
    put("l.csv", "\xEF\xBB\xBFwho\twhen\tpaid\r\n\"a \"\"b\"\"\r\nc\"\t2026-01-01\t1\r\n\r\nd\t2026-13-01\t1\r\n");
    snprintf(line, sizeof line, "value - --account who --date when --amount paid --out - <'%s/l.csv'", dir);
    must(line);
    contains("out", "\n\"a \"\"b\"\"\r\nc\",1.00,1,1,1,A,C,");
    contains("err", "kam: -:5:3: this is not a day");
}

static void test_wrong_usage(void **state) {
    (void)state;
    put("l.csv", "who,when,paid\na,2026-01-01,1\n");
    refused("", 2, "kam: which command?");
    refused("valu", 2, "no command \"valu\"");
    refused("value", 2, "an argument is missing");
    refused("value l.csv", 2, "--account");
    refused("value l.csv --account who --date when", 2, "--amount");
    refused("value l.csv --account who --date when --quantity paid", 2, "--price");
    refused("value l.csv --account who --date when --amount paid --price paid", 2, "--amount");
    refused("value l.csv --account who --date when --amount paid --decimals 9", 2, "0 to 6");
    refused("value l.csv --account who --date when --amount paid --as-of 1.2.26", 2, "a day is written");
    refused("value l.csv --account who --date when --amount paid --colour red", 2, "no option \"--colour\"");
    refused("value l.csv more --account who --date when --amount paid", 2, "too many: \"more\"");
    refused("value l.csv --account who --date when --amount", 2, "a value is missing");
}

static void test_failed_runs(void **state) {
    (void)state;
    put("l.csv", "who,when,paid\na,2026-01-01,1\n");
    put("bad.csv", "who,when,paid\n,2026-01-01,1\n");
    put("empty.csv", "");
    refused("value none.csv --account who --date when --amount paid", 1, "kam: none.csv:0:0: No such file");
    refused("value l.csv --account whom --date when --amount paid", 1, "kam: l.csv:1:1: there is no column \"whom\"");
    refused("value bad.csv --account who --date when --amount paid", 1, "no row is left");
    refused("value empty.csv --account who --date when --amount paid", 1, "the file is empty");
    refused("value l.csv --account who --date when --amount paid --out no/such/rows.csv", 1,
            "kam: no/such/rows.csv:0:0: ");
}

static void test_help(void **state) {
    (void)state;
    static const char *const commands[] = {"value", "import", "export", "show",   "grade",  "due",  "why",
                                           "fields", "clv", "cluster", "score", "plan",   "report", "verify", "demo"};
    must("--help");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char line[64], says[64];
        snprintf(says, sizeof says, "kam %s ", commands[i]);
        must("--help");
        contains("out", says);
        snprintf(line, sizeof line, "%s --help", commands[i]);
        must(line);
        contains("out", says);
        contains("out", "Example: kam ");
        same("err", "");
    }
}

static void test_fields(void **state) {
    (void)state;
    must("fields");
    contains("out", "\nledger\n");
    contains("out", "  amount                 MONEY     Amount, required\n");
    must("fields --lang zh");
    contains("out", "金额");
    must("fields --json");
    kam__arena arena;
    kam__arena_init(&arena, ctx, 0);
    const kam__json *v = read_json(&arena, "out");
    assert_int_equal(v->type, KAM__J_ARRAY);
    kam__arena_free(&arena);
}

/* ---------------------------------------------------------------- a book in a file */

#ifdef KAM_HAVE_SQLITE
static void test_import_export_show(void **state) {
    (void)state;
    put("a.csv", "ext_id,name,city\nC1,Acme,Bonn\nC2,Bolt,\nC3,,Rome\n");
    put("l.csv", "ext_id,account,day,event,amount\n1,C1,2026-01-05,SALE,10.50\n2,C9,2026-01-05,SALE,1\n");
    must("import sqlite:b.db --kind account --source erp --currency EUR a.csv");
    contains("out", "2 new, 0 changed, 0 unchanged, 0 corrected, 1 rejected");
    contains("err", "kam: a.csv:4:4: ");
    must("import sqlite:b.db --kind account --source erp --dry-run a.csv");
    contains("out", "dry run: 0 new, 0 changed, 2 unchanged, 0 corrected, 1 rejected");
    must("import sqlite:b.db --kind ledger --source erp --batch one l.csv");
    contains("out", "1 new, 0 changed, 0 unchanged, 0 corrected, 1 rejected");
    refused("import sqlite:b.db --kind ledger --source erp --batch one l.csv", 1, "imported before");
    refused("import sqlite:b.db --kind ledgers --source erp l.csv", 2, "no kind of record");
    must("export sqlite:b.db ledger --format jsonl");
    contains("out", "\"amount\":10.50");
    must("export sqlite:b.db account --labels --lang zh --bom --out x.csv");
    contains("x.csv", "\xEF\xBB\xBF编号,");
    must("show sqlite:b.db erp:C1");
    contains("out", "Acme\n");
    contains("out", "revenue ");
    must("show sqlite:b.db C2 --lang zh");
    contains("out", "名称：Bolt");
    refused("show sqlite:b.db C7", 1, "no account");
    refused("export sqlite:none.db account", 1, "none.db");
    refused("export paper:file.db account", 2, "sqlite:PATH");
    refused("export file.kam account", 1, "file.kam");
}

static void test_grade_due_why(void **state) {
    (void)state;
    put("a.csv", "ext_id,name\nC1,Acme\nC2,Bolt\nC3,Cord\n");
    put("l.csv",
        "ext_id,account,day,event,amount\n1,C1,2026-01-05,SALE,90\n2,C2,2026-01-05,SALE,9\n3,C3,2026-01-06,SALE,1\n");
    must("import sqlite:g.db --kind account --source erp --currency EUR a.csv");
    must("import sqlite:g.db --kind ledger --source erp l.csv");
    must("grade sqlite:g.db --scheme abc-80-95 --as-of 2026-02-01");
    contains("out", "Acme: - -> A");
    contains("err", "nothing stored");
    must("grade sqlite:g.db --scheme abc-80-95 --as-of 2026-02-01 --apply --out grades.csv");
    contains("err", "stored as run 1");
    must("why sqlite:g.db C2 --scheme abc-80-95 --as-of 2026-02-01");
    contains("out", "B");
    must("due sqlite:g.db --as-of 2026-02-01");
    refused("grade sqlite:g.db", 2, "--scheme");
    refused("grade sqlite:g.db --scheme none --as-of 2026-02-01", 1, "none");
    refused("why sqlite:g.db C2", 2, "--run");
}
#endif

/* ---------------------------------------------------------------- */

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cdnow),
        cmocka_unit_test(test_northwind),
        cmocka_unit_test(test_adventureworks),
        cmocka_unit_test(test_online_retail_purchases),
        cmocka_unit_test(test_online_retail_net_of_returns),
        cmocka_unit_test(test_rows_and_summary),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_skip_returns),
        cmocka_unit_test(test_as_of_and_days_as_orders),
        cmocka_unit_test(test_rounding_half_away),
        cmocka_unit_test(test_standard_input_and_quotes),
        cmocka_unit_test(test_wrong_usage),
        cmocka_unit_test(test_failed_runs),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_fields),
#ifdef KAM_HAVE_SQLITE
        cmocka_unit_test(test_import_export_show),
        cmocka_unit_test(test_grade_due_why),
#endif
    };
    return cmocka_run_group_tests(tests, start, end);
}
