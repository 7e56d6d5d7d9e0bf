/* Files from elsewhere by the program kam: a profile with another encoding, a dry run with control totals, duplicates,
 * and an export for a spreadsheet that comes back. */
#include "cli_test.h"

#define PROFILES KAM_SOURCE_DIR "/examples/profiles/"
#define DATA KAM_SOURCE_DIR "/tests/requirements/data/"
#define KINGDEE " --source kd --encoding GB18030 --mapping '" PROFILES "kingdee-"

static void test_profile_and_totals(void **state)
{
    (void)state;
    must("import sqlite:p.db --kind account --currency CNY" KINGDEE "account.json' '" DATA "kingdee-account.csv'");
    contains("out", "3 new");
    contains("err", "would be right");
    must("import sqlite:p.db --kind ledger --dry-run --totals" KINGDEE "ledger.json' '" DATA "kingdee-ledger.csv'");
    contains("out", "dry run: 5 new, 0 changed, 0 unchanged, 0 corrected, 1 rejected\n"
                    "2026-01 SALE: 3 rows, 17967.00 CNY (总部)\n2026-02 SALE: 1 rows, -1130.00 CNY (总部)\n");
    refused("import sqlite:p.db --kind account --encoding EBCDIC '" DATA "sap-account.csv'", 1, "EBCDIC");
}

static void test_duplicates(void **state)
{
    (void)state;
    put("more.csv", "ext_id,name,city,phone\nX1,苏州清源泵业(集团),苏州,\nX2,Other,,+86 512 6288 0001\n");
    must("import sqlite:p.db --kind account --source crm more.csv");
    must("duplicates sqlite:p.db --format jsonl --out pairs.jsonl");
    contains("pairs.jsonl", "\"reason\":\"NAME_CITY\"");
    contains("pairs.jsonl", "\"reason\":\"PHONE\"");
    must("duplicates sqlite:p.db --kind contact");
    refused("duplicates sqlite:p.db --kind ledger", 1, "accounts and contacts only");
}

static void test_export_for_excel(void **state)
{
    (void)state;
    must("export sqlite:p.db account --labels --lang zh --excel --out excel.csv");
    contains("excel.csv", "\"=\"\"913100001000000007\"\"\"");
    must("import sqlite:p.db --kind account excel.csv");
    contains("out", "0 new, 0 changed, 5 unchanged, 0 corrected, 0 rejected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profile_and_totals),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_export_for_excel),
    };
    return cmocka_run_group_tests(tests, start, end);
}
