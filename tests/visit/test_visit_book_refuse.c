/* What the calls about activities and plans refuse before they read anything, in words. */
#include "requirements/req.h"

static void records(req *q)
{
    kam_rows *rows = NULL;
    kam_record *account = req_record(q, KAM_KIND_ACCOUNT, "{\"name\":\"a\"}");
    kam_record *visit = req_record(q, KAM_KIND_ACTIVITY, "{\"account\":1,\"status\":\"HELD\",\"channel\":\"VISIT\",\"day\":\"2026-03-02\"}");
    REQ_REFUSED(q, kam_visit_check(&rows, q->book, account, NULL, q->err), KAM_E_INVAL,
                "an ACTIVITY record is checked, not a record of kind account");
    REQ_REFUSED(q, kam_visit_checkin(q->book, account, 0, 0, 0, KAM_COORD_SYSTEM_WGS84, q->err), KAM_E_INVAL, "channel VISIT");
    REQ_REFUSED(q, kam_visit_checkin(q->book, visit, 0, 0, 0, 9, q->err), KAM_E_INVAL,
                "system is 9: KAM_COORD_SYSTEM_WGS84 or KAM_COORD_SYSTEM_GCJ02 is expected");
    assert_null(rows);
    kam_record_free(account);
    kam_record_free(visit);
}

static void numbers(req *q)
{
    int32_t day = req_day("2026-03-02");
    kam_rows *rows = NULL;
    REQ_REFUSED(q, kam_visit_attainment(&rows, q->book, 99, day, day + 7, 0, day, q->err), KAM_E_INVAL,
                "by is 99: one of KAM_ATTAINMENT_BY_ACCOUNT to KAM_ATTAINMENT_BY_TERRITORY is expected");
    REQ_REFUSED(q, kam_visit_attainment(&rows, q->book, KAM_ATTAINMENT_BY_ACCOUNT, day, day, 0, day, q->err), KAM_E_INVAL,
                "the window is empty: to, itself excluded, must lie after from");
    REQ_REFUSED(q, kam_visit_reviews(&rows, q->book, 0, day, q->err), KAM_E_INVAL, "days is 0: 1 to 3660 are expected");
    REQ_REFUSED(q, kam_visit_tasks(&rows, q->book, 0, KAM_DAY_END, q->err), KAM_E_INVAL,
                "as_of must be a day of the years 1 to 9999 or KAM_TODAY");
    assert_null(rows);
}

#define EACH(fn) static void test_##fn(void **state) { (void)state; req_each(fn); }
EACH(records)
EACH(numbers)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records), cmocka_unit_test(test_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
