/* kam value, clv and cluster over a book; kam why of work sheets and segment cards. */
#include "cli_test.h"

static void book(void)
{
    put("accounts.csv", "ext_id,name,industry\nC1,head,food\nC2,code,food\nC3,\"a, b\",food\n");
    char ledger[8000] = "ext_id,account,event,day,amount,company,order\n";
    size_t at = strlen(ledger);
    for (int m = 1; m <= 12; m++)
        for (int a = 1; a <= 3; a++)
            at += (size_t)snprintf(ledger + at, sizeof ledger - at, "L%d-%d,C%d,SALE,2025-%02d-%02d,%d.00,%s,O%d-%d\n",
                                   m, a, a, m, a * 5, 100 * a, m % 2 ? "East" : "West", m, a);
    put("ledger.csv", ledger);
    put("link.csv", "account,into,role\nC2,C1,SOLD_TO\n");
    put("sheet.csv", "ext_id,name,behaviour\nS1,food,they buy in spring\n");
    put("card.csv", "ext_id,name,segmentation,large_enough\nG1,big food,S1,true\n");
    must("import b.kam --kind account --source erp --currency CNY accounts.csv");
    must("import b.kam --kind ledger --source erp ledger.csv");
    must("import b.kam --kind segmentation --source erp sheet.csv");
    must("import b.kam --kind segment_card --source erp card.csv");
}

static void of_a_book(void **state)
{
    (void)state;
    book();
    must("value b.kam --as-of 2026-01-31 --out v.csv");
    contains("err", "kam: value as of 2026-01-31: 3 accounts, nothing stored");
    contains("v.csv", ",,3,3300.00,");
    must("value b.kam --as-of 2026-01-31 --list companies --json --out c.json");
    contains("c.json", "{\"account\":1,\"company\":\"East\",\"currency\":\"CNY\",\"revenue\":500.00");
    must("value b.kam --as-of 2026-01-31 --list quarter --from 2025-01-01 --to 2025-04-01 --out q.csv");
    contains("q.csv", "2,2025-01-01,2025-04-01,CNY,true,600.00");
    must("import b.kam --kind account_link --source erp link.csv");
    must("value b.kam --as-of 2026-01-31 --labels --lang zh --out v.csv --why C1");
    contains("v.csv", ",,1,3300.00,");
    contains("out", "收入：3300.00 CNY");
    must("value b.kam --as-of 2026-01-31 --apply --out v.csv");
    contains("err", "stored as run 1");
    must("clv b.kam --as-of 2026-01-31 --model nbd --discount 0.02 --steps 6 --apply --json --out l.json");
    contains("l.json", "\"months\":6,\"model\":\"nbd\"");
    must("clv b.kam --as-of 2026-01-31 --why erp:C3 --lang zh");
    contains("out", "客户终身价值：");
    must("cluster b.kam --k 2 --as-of 2026-01-31 --out k.csv");
    contains("err", "2 accounts in 2 groups");
    contains("k.csv", "3,\"a, b\",");
    must("cluster b.kam --k 2 --as-of 2026-01-31 --json --out k.json");
    contains("k.json", "{\"account\":3,\"cluster\":");
    must("why b.kam S1 --segmentation");
    contains("out", "segmentation: 1 of 5");
    contains("out", "big food: not accepted");
    must("why b.kam G1 --segment-card --json");
    contains("out", "\"code\":\"PASSED\"");
    must("why b.kam C2 --fact account_link");
    contains("out", "account_link: 1");
    static const char *const lists[] = {"month",      "year",      "groups",   "profiles", "declines",
                                        "whitespace", "forecasts", "variance", "attention"};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        char line[100];
        snprintf(line, sizeof line, "value b.kam --as-of 2026-01-31 --list %s", lists[i]);
        must(line);
    }
    put("contracts.json", "[{\"account\":3,\"from\":\"2025-01-01\",\"to\":\"2027-01-01\",\"mode\":\"whole\","
                          "\"tiers\":[{\"from\":1,\"rate\":0.01}]}]");
    must("value b.kam --as-of 2026-01-31 --list rebates --contracts contracts.json --out r.csv");
    contains("r.csv", "36.00");
    put("back.csv", "ext_id,account,event,day,amount,company,order\nR1,C3,RETURN,2026-01-05,300.00,East,O2-3\n");
    must("import b.kam --kind ledger --source erp back.csv");
    must("value b.kam --as-of 2026-01-31 --list year --from 2025-01-01 --to 2026-01-01 --out y.csv");
    contains("y.csv", "3,2025-01-01,2026-01-01,CNY,true,3600.00,0.00");
    must("value b.kam --as-of 2026-01-31 --list year --from 2025-01-01 --to 2026-01-01 --returns order --out y.csv");
    contains("y.csv", "3,2025-01-01,2026-01-01,CNY,true,3300.00,300.00");
    must("value b.kam --as-of 2026-01-31 --list year --returns exclude --out y.csv");
    contains("y.csv", "3,2026-01-01,2027-01-01,CNY,true,0.00,300.00");
    must("clv b.kam --as-of 2026-01-31 --returns order --model nbd --out y.csv");
    put("settings.json",
        "{\"shared_costs\":[{\"name\":\"desk\",\"kind\":\"PERSONNEL\",\"driver\":\"orders\",\"amount\":100}]}");
    must("value b.kam --as-of 2026-01-31 --settings settings.json --list shared --out s.csv");
    contains("s.csv", ",desk,PERSONNEL,ORDERS,11,33.33,CNY");
    must("value b.kam --as-of 2026-01-31 --settings settings.json --why C3 --out v.csv");
    contains("out", "of these costs, shared ones by their drivers: 33.33 CNY");
}

static void refusals(void **state)
{
    (void)state;
    refused("value b.kam --list nothing", 2, "--list is month");
    refused("value b.kam --list month --apply", 2, "--apply and --why");
    refused("value b.kam --list rebates", 2, "--contracts");
    refused("value b.kam --settings nowhere.json", 1, "nowhere.json");
    refused("value b.kam --returns never", 2, "--returns is period, order or exclude");
    refused("clv b.kam --returns never", 2, "--returns is period, order or exclude");
    refused("value b.kam --list rebates --contracts nowhere.json", 1, "nowhere.json");
    refused("clv b.kam --model gg", 2, "--model is auto");
    refused("clv b.kam --unit year", 2, "--unit is week");
    refused("clv b.kam --steps 0", 2, "--steps is 1 to 600");
    refused("clv b.kam --discount x", 2, "--discount");
    refused("clv b.kam --discount 2", 1, "discount");
    refused("clv b.kam --why nobody", 1, "nobody");
    refused("cluster b.kam", 2, "--k is the number");
    refused("cluster b.kam --k 0", 2, "--k is 1 or more");
    refused("cluster b.kam --k 9 --as-of 2026-01-31", 1, "fewer accounts");
    refused("value nowhere.kam", 1, "nowhere.kam");
    refused("why b.kam S1", 2, "--segment-card");
    refused("why b.kam Q1 --segment-card", 1, "Q1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_a_book), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, start, end);
}
