/* `kam cluster` against answers made with other tools (../shared/expected): the run without chance must be the same in
 * every row, the best of random starts as good. And its options on small files. */
#include "cli_test.h"

static void close_to(const char *what, double got, double want, double relative) {
    if (!(fabs(got - want) <= relative * fabs(want) + 1e-9)) fail_msg("%s: got %.12g, want %.12g", what, got, want);
}

static void check_sizes(const kam__json *got, const kam__json *want, const char *a, const char *b) {
    char path[80];
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s.sizes.%d", a, i);
        double g = number(got, path);
        snprintf(path, sizeof path, "kmeans.%s.sizes.%d", b, i);
        close_to(path, g, number(want, path), 0);
        for (int j = 0; j < 3; j++) {
            snprintf(path, sizeof path, "%s.centres_z.%d.%d", a, i, j);
            g = number(got, path);
            snprintf(path, sizeof path, "kmeans.%s.centres_z.%d.%d", b, i, j);
            if (fabs(g - number(want, path)) > 2e-8) fail_msg("%s: got %.9g, want %.9g", path, g, number(want, path));
        }
    }
}

/* Every row of the expected file is in its group; rows of both go by id. */
static void check_rows(const char *expected) {
    table got = split(slurp("rows.csv", NULL)), want = split(slurp(expected, NULL));
    assert_int_equal(got.n, want.n);
    for (size_t i = 0; i < want.n; i++) {
        assert_string_equal(at(&got, i, "account"), at(&want, i, "customer"));
        assert_string_equal(at(&got, i, "cluster_ff"), at(&want, i, "cluster_ff"));
        assert_string_equal(at(&got, i, "recency_days"), at(&want, i, "R"));
        assert_string_equal(at(&got, i, "orders"), at(&want, i, "F"));
    }
    drop(&got);
    drop(&want);
}

static void check(const char *name, int best_too) {
    char file[200];
    kam__arena arena;
    kam__arena_init(&arena, ctx, 0);
    snprintf(file, sizeof file, "shared:expected/%s_value.json", name);
    const kam__json *got = read_json(&arena, "sum.json"), *want = read_json(&arena, file);
    close_to("inertia", number(got, "farthest_first.inertia"), number(want, "kmeans.farthest_first.inertia"), 1e-9);
    check_sizes(got, want, "farthest_first", "farthest_first");
    assert_true(number(got, "best.inertia") <= 1.001 * number(want, "kmeans.best_of_50.inertia"));
    if (best_too) check_sizes(got, want, "best", "best_of_50");
    assert_true(number(got, "best.silhouette") > 0.2 && number(got, "best.silhouette") < 0.7);
    for (int i = 0; i < 3; i++) {
        char path[40], from[40];
        snprintf(path, sizeof path, "mean.%d", i);
        snprintf(from, sizeof from, "kmeans.mean.%d", i);
        close_to(path, number(got, path), number(want, from), 1e-9);
    }
    kam__arena_free(&arena);
    snprintf(file, sizeof file, "shared:expected/%s_value_per_customer.csv.xz", name);
    check_rows(file);
}

static void test_cdnow(void **state) {
    (void)state;
    char line[4000];
    NEED_SHARED("cli/cluster: cdnow_sample");
    snprintf(line, sizeof line,
             "cluster '%s/data/value/cdnow_sample.csv' --account master_id --date date --amount amount --k 4"
             " --out rows.csv --summary sum.json",
             shared);
    must(line);
    check("cdnow_sample", 1);
}

static void test_adventureworks(void **state) {
    (void)state;
    char line[4000];
    NEED_SHARED("cli/cluster: aw_resellers");
    snprintf(line, sizeof line,
             "cluster '%s/data/adventureworks/aw_reseller_sales.csv' --account reseller_key --date order_date"
             " --amount sales_amount --order order_number --k 4 --out rows.csv --summary sum.json",
             shared);
    must(line);
    check("aw_resellers", 0); /* there is a better one than the best of 50 */
}

static void test_online_retail(void **state) {
    (void)state;
    size_t size;
    NEED_SHARED("cli/cluster: online_retail");
    char *text = slurp("shared:data/value/online_retail.csv.xz", &size);
    FILE *f = make("or.csv");
    assert_int_equal(fwrite(text, 1, size, f), size);
    fclose(f);
    free(text);
    must("cluster or.csv --account customer_id --date invoice_date --quantity quantity --price unit_price --order "
         "invoice"
         " --skip-returns --k 4 --out rows.csv --summary sum.json");
    check("online_retail", 1);
}

static void test_wholesale(void **state) {
    (void)state;
    kam__arena arena;
    NEED_SHARED("cli/cluster: wholesale_customers_uci");
    kam__arena_init(&arena, ctx, 0);
    const kam__json *want = read_json(&arena, "shared:expected/wholesale_kmeans.json");
    for (int k = 1; k <= 8; k++) {
        char line[4000], path[40];
        snprintf(line, sizeof line,
                 "cluster '%s/data/value/wholesale_customers_uci.csv' --columns"
                 " Fresh,Milk,Grocery,Frozen,Detergents_Paper,Delicassen --k %d --restarts 100 --summary sum.json",
                 shared, k);
        must(line);
        snprintf(path, sizeof path, "best_inertia_of_100.%d", k);
        double best = number(read_json(&arena, "sum.json"), "best.inertia");
        if (!(best <= 1.001 * number(want, path))) fail_msg("k = %d: %.9g, want %.9g", k, best, number(want, path));
    }
    kam__arena_free(&arena);
}

static void test_table(void **state) {
    (void)state;
    put("t.csv", "id,u,v,note\na,1,1,x\nb,1.5,1,\nc,100,90,y\nd,101,92.5,\n");
    must("cluster t.csv --columns u,v --id id --raw --k 2 --out rows.csv --summary sum.json");
    same("rows.csv", "account,u,v,cluster_ff,cluster\na,1,1,1,0\nb,1.5,1,1,0\nc,100,90,0,1\nd,101,92.5,0,1\n");
    contains("sum.json", "\"sizes\": [2, 2], \"clusters\": [0, 1]");
    must("cluster t.csv --columns v,u --k 4 --out -");
    contains("out", "\n1,1,1,"); /* without --id rows have their number */
    must("cluster t.csv --columns u --k 2");
    contains("out", "\"transform\": \"z of log1p\"");
}

static void test_same_seed_same_groups(void **state) {
    (void)state;
    FILE *f = make("t.csv");
    uint64_t random = 7;
    fputs("u,v,w\n", f);
    for (int i = 0; i < 500; i++)
        fprintf(f, "%d,%d,%d\n", (int)(kam__random(&random) % 1000), (int)(kam__random(&random) % 1000),
                (int)(kam__random(&random) % 9));
    fclose(f);
    must("cluster t.csv --columns u,v,w --k 5 --seed 3 --restarts 3 --out one.csv --summary one.json");
    must("cluster t.csv --columns u,v,w --k 5 --seed 3 --restarts 3 --out two.csv --summary two.json");
    char *one = slurp("one.csv", NULL), *json = slurp("one.json", NULL);
    same("two.csv", one);
    same("two.json", json);
    free(one);
    free(json);
}

static void test_wrong_usage(void **state) {
    (void)state;
    put("t.csv", "u,v\n1,2\n3,x\n");
    put("s.csv", "u,v\n1,2\n");
    refused("cluster t.csv --columns u,v", 2, "--k");
    refused("cluster t.csv --k 2", 2, "--columns");
    refused("cluster t.csv --k 2 --account u", 2, "--columns");
    refused("cluster t.csv --k 0 --columns u", 2, "--k");
    refused("cluster t.csv --k two --columns u", 2, "--k");
    refused("cluster t.csv --k 1 --columns u --seed -1", 2, "--seed");
    refused("cluster t.csv --k 1 --columns u --restarts 0", 2, "--restarts");
    refused("cluster t.csv --k 1 --columns w", 1, "there is no column \"w\"");
    refused("cluster t.csv --k 1 --columns u,v", 1, "kam: t.csv:3:1: this row has no number");
    refused("cluster s.csv --k 2 --columns u,v", 1, "fewer rows than groups");
    refused("cluster none.csv --k 2 --columns u,v", 1, "No such file");
    must("cluster --help");
    contains("out", "kam cluster ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cdnow),         cmocka_unit_test(test_adventureworks),
        cmocka_unit_test(test_online_retail), cmocka_unit_test(test_wholesale),
        cmocka_unit_test(test_table),         cmocka_unit_test(test_same_seed_same_groups),
        cmocka_unit_test(test_wrong_usage),
    };
    return cmocka_run_group_tests(tests, start, end);
}
