/*
 * Tests of src/visit/visit_book_checkin.c beside R178: the limit to the metre, coordinates that are none, and failures that
 * leave the record as it was.
 */
#include "fault_book.h"

static kam_record *visit_at(req *q, const char *place) {
    int64_t a = account(q, "a", 0, NULL, NULL, place);
    return req_get(q, KAM_KIND_ACTIVITY, activity(q, a, "PLANNED", "VISIT", "2026-03-02", ""), KAM_TODAY);
}

static int64_t metres(req *q, kam_record *r, int32_t lat, int32_t lon) {
    REQ_MUST(q, kam_visit_checkin(q->book, r, q->now, lat, lon, KAM_COORD_SYSTEM_WGS84, q->err));
    return kam_record_i64(r, KAM_ACTIVITY_CHECKIN_DISTANCE, -1);
}

/* One degree of the equator is 111,195 m on our sphere: 4,497 millionths are 500 m, 4,502 are 501 m. */
static void the_limit_is_500_metres(req *q) {
    kam_record *r = visit_at(q, ",\"latitude\":\"0\",\"longitude\":\"10\"");
    REQ_EQUAL(q, metres(q, r, 0, 10004497), 500);
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_VERIFIED, -1), 1);
    REQ_EQUAL(q, metres(q, r, 0, 10004506), 501);
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_VERIFIED, -1), 0);
    REQ_EQUAL(q, metres(q, r, 0, -170000000), 20015114);
    kam_record_free(r);
}

static void not_measured_is_not_verified(req *q) {
    kam_record *r = visit_at(q, "");
    REQ_EQUAL(q, metres(q, r, 30500000, 114300000), -1);                        /* an account without a place */
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_VERIFIED, -1), 0);
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_CHECKIN_LATITUDE, 0), 30500000);
    REQ_EQUAL(q, metres(q, r, 91000000, 0), -1);                                /* no place on earth */
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_CHECKIN_LATITUDE, -1), -1);
    REQ_EQUAL(q, metres(q, r, 0, 181000000), -1);
    kam_record_free(r);
    r = visit_at(q, ",\"latitude\":\"30.5\",\"longitude\":\"114.3\",\"coord_system\":\"GCJ02\"");
    REQ_EQUAL(q, metres(q, r, 30500000, 114300000), -1);                        /* two systems */
    REQ_MUST(q, kam_visit_checkin(q->book, r, q->now, 30500000, 114300000, KAM_COORD_SYSTEM_GCJ02, q->err));
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_CHECKIN_DISTANCE, -1), 0);
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_VERIFIED, -1), 1);
    kam_record_free(r);
}

/* What the visit was planned for stays with it when its day is corrected afterwards. */
static void the_planned_day_is_kept(req *q) {
    kam_record *r = visit_at(q, ",\"latitude\":\"30.5\",\"longitude\":\"114.3\"");
    REQ_EQUAL(q, metres(q, r, 30500000, 114300000), 0);
    REQ_MUST(q, kam_record_from_json(r, "{\"day\":\"2026-03-03\",\"status\":\"HELD\"}", KAM_NUL, q->err));
    REQ_MUST(q, kam_book_save(q->book, r, q->err));
    REQ_TEXT(q, kam_record_text(r, KAM_ACTIVITY_CHECKIN_PLANNED, ""), "2026-03-02");
    kam_record_free(r);
}

static void refusals(req *q) {
    int64_t a = account(q, "a", 0, NULL, NULL, "");
    kam_record *r = req_record(q, KAM_KIND_ACTIVITY, "{\"account\":" LL ",\"status\":\"PLANNED\",\"channel\":\"VISIT\",\"day\":\"2026-03-02\"}", (ll)a + 77);
    assert_int_equal(kam_visit_checkin(q->book, NULL, 0, 0, 0, KAM_COORD_SYSTEM_WGS84, q->err), KAM_E_INVAL);
    assert_int_equal(kam_visit_checkin(q->book, r, 0, 0, 0, KAM_COORD_SYSTEM_WGS84, q->err), KAM_E_NOT_FOUND);
    REQ_EQUAL(q, kam_record_type(r, KAM_ACTIVITY_CHECKIN_AT), 0);               /* unchanged */
    kam_record_free(r);
}

static void every_allocation_fails_once(void **state) {
    fault_book s;
    req *q = fault_book_open(&s);
    (void)state;
    kam_record *r = visit_at(q, ",\"latitude\":\"30.5\",\"longitude\":\"114.3\"");
    int64_t n = 0;
    for (int32_t rc = KAM_E_NOMEM; rc != KAM_OK; n++) {
        s.f.left = n;
        rc = kam_visit_checkin(q->book, r, 5, 30500000, 114300000, KAM_COORD_SYSTEM_WGS84, q->err);
        s.f.left = -1;
        if (rc == KAM_OK) break;
        assert_int_equal(rc, KAM_E_NOMEM);
        assert_int_equal(kam_record_type(r, KAM_ACTIVITY_CHECKIN_AT), 0);
    }
    assert_true(n > 10);
    REQ_EQUAL(q, kam_record_i64(r, KAM_ACTIVITY_CHECKIN_AT, 0), 5);
    kam_record_free(r);
    fault_book_close(&s);
}

EACH(the_limit_is_500_metres)
EACH(not_measured_is_not_verified)
EACH(the_planned_day_is_kept)
EACH(refusals)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_limit_is_500_metres), cmocka_unit_test(test_not_measured_is_not_verified),
        cmocka_unit_test(test_the_planned_day_is_kept), cmocka_unit_test(test_refusals), cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
