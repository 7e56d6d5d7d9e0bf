/* kam strategy: an account plan imported section by section, what it lacks, its matrix, its targets, the ratios. */
#include "cli_test.h"

static void book(void)
{
    put("account.csv", "ext_id,name,industry,potential\nC1,Hua,pumps,2000.00\n");
    must("import s.kam --kind account --source erp --currency CNY account.csv");
    put("rep.csv", "ext_id,name\nR1,Li\n");
    must("import s.kam --kind representative --source erp rep.csv");
    put("plan.csv", "ext_id,account,base_year,mission,ready_units,ready_markets,ready_period,ready_competitors,"
                    "ready_data,ready_forecasts\n"
                    "C1-2026,C1,2026,first supplier,true,true,true,true,true,true\n");
    must("import s.kam --kind account_plan --source erp plan.csv");
    put("year.csv", "ext_id,plan,year,revenue,gross_profit,cost\nY1,C1-2026,2026,1000.00,300.00,100.00\n");
    must("import s.kam --kind plan_year --source erp year.csv");
    put("sales.csv", "ext_id,account,day,event,amount\nL1,C1,2026-02-01,SALE,900.00\n");
    must("import s.kam --kind ledger --source erp sales.csv");
}

static void lists(void **state)
{
    (void)state;
    book();
    must("strategy s.kam erp:C1 2026 --out missing.csv");
    contains("missing.csv", ",SECTION,the plan has no overview of the account: set overview,account_plan,1");
    must("strategy s.kam C1 2026 --list targets --as-of 2026-12-31 --apply --out targets.csv");
    contains("targets.csv", "2026,PURCHASES,1000,900,-100,0.9,false,true");
    must("export s.kam plan_result --out stored.csv");
    contains("stored.csv", "2026,PURCHASES,1000,900,-100,0.9,false,true");
    put("figures.csv", "ext_id,account,year,revenue,net_profit,origin\nF1,C1,2025,100.00,5.00,annual report\n");
    must("import s.kam --kind financial --source erp figures.csv");
    must("strategy s.kam C1 2026 --list ratios --json");
    contains("out", "\"measure\":\"NET_MARGIN\",\"value\":0.05");
    must("strategy s.kam C1 2026 --list gaps --json");
    same("out", "[\n]\n");
    refused("strategy s.kam C1 2026 --list matrix", 1, "the weights of attractiveness add up to 0: make them 100");
    must("verify s.kam");
}

/* A year that has no plan gets one, once. */
static void makes_a_plan(void **state)
{
    (void)state;
    book();
    must("strategy s.kam C1 2027");
    must("strategy s.kam C1 2027");
    must("export s.kam account_plan --out plans.csv");
    contains("plans.csv", ",1,2027,");
    put("again.csv", "ext_id,account,base_year\nC1-2027,C1,2027\n");
    must("import s.kam --kind account_plan --source erp again.csv");
    contains("err", "this account has a plan of that base year already");
}

static void is_refused(void **state)
{
    (void)state;
    book();
    refused("strategy s.kam C1", 2, "");
    refused("strategy s.kam C1 2026 --list all", 2, "missing, gaps, matrix, targets or ratios");
    refused("strategy s.kam C9 2026", 1, "C9");
    refused("strategy s.kam C1 12", 1, "base_year is a year from 1900 to 9990");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists, start, end),
        cmocka_unit_test_setup_teardown(makes_a_plan, start, end),
        cmocka_unit_test_setup_teardown(is_refused, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
