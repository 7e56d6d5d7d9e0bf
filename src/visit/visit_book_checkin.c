/*
 * visit/visit_book_checkin.c - a representative checks in at a customer's (R178): time and coordinates come from the
 * host, the distance to the account is measured, and what is farther than 500 m or cannot be measured is unverified.
 *
 * Coordinates name their system; two of different systems are not compared, because the difference between them
 * (some 500 m in China) is as large as the limit.
 */
#include "../store/store.h"
#include "visit_book.h"

#define CHECKIN_METRES 500

static int checkin_usable(int64_t lat, int64_t lon)
{
    return lat >= -90000000 && lat <= 90000000 && lon >= -180000000 && lon <= 180000000 && (lat || lon);
}

static void checkin_measure(kam_record *r, const kam_record *account, int32_t lat, int32_t lon, int32_t system)
{
    int64_t y = kam__record_num(account, KAM_ACCOUNT_LATITUDE, 0), x = kam__record_num(account, KAM_ACCOUNT_LONGITUDE, 0);
    int64_t theirs = kam__record_num(account, KAM_ACCOUNT_COORD_SYSTEM, KAM_COORD_SYSTEM_WGS84);
    kam__record_put_num(r, KAM_ACTIVITY_VERIFIED, 0);
    if (!checkin_usable(lat, lon)) return;
    kam__record_put_num(r, KAM_ACTIVITY_CHECKIN_LATITUDE, lat);
    kam__record_put_num(r, KAM_ACTIVITY_CHECKIN_LONGITUDE, lon);
    kam__record_put_num(r, KAM_ACTIVITY_CHECKIN_SYSTEM, system);
    if (!checkin_usable(y, x) || theirs != system) return;
    int64_t metres = kam__geo_metres(lat, lon, (int32_t)y, (int32_t)x);
    kam__record_put_num(r, KAM_ACTIVITY_CHECKIN_DISTANCE, metres);
    kam__record_put_num(r, KAM_ACTIVITY_VERIFIED, metres <= CHECKIN_METRES);
}

static int32_t checkin_work(kam_book *b, kam_record *r, int64_t at, int32_t lat, int32_t lon, int32_t system,
                            kam_error *err)
{
    kam_record *account = NULL;
    int what = 0;
    KAM__TRY(kam__record_new(&account, b->schema, KAM_KIND_ACCOUNT, err));
    int32_t rc = kam__read_one(account, b, kam__record_num(r, KAM_ACTIVITY_ACCOUNT, 0), KAM_TODAY, err);
    if (rc == KAM_OK) {
        kam__record_put_num(r, KAM_ACTIVITY_CHECKIN_AT, at);
        kam__record_put_num(r, KAM_ACTIVITY_CHECKIN_PLANNED, kam__record_num(r, KAM_ACTIVITY_DAY, 0));
        checkin_measure(r, account, lat, lon, system);
        rc = kam__save(&what, b, r, NULL, err);
    }
    kam_record_free(account);
    return rc;
}

int32_t kam_visit_checkin(kam_book *book, kam_record *activity, int64_t at, int32_t latitude, int32_t longitude,
                          int32_t system, kam_error *err)
{
    static const uint32_t clear[] = {KAM_ACTIVITY_CHECKIN_LATITUDE, KAM_ACTIVITY_CHECKIN_LONGITUDE,
                                     KAM_ACTIVITY_CHECKIN_SYSTEM, KAM_ACTIVITY_CHECKIN_DISTANCE};
    kam_record *work = NULL;
    kam__call call;
    KAM__TRY(kam__book_ready(book, err));
    if (!activity) return kam__null_arg(err, "activity");
    if (activity->kind->id != KAM_KIND_ACTIVITY || kam__record_num(activity, KAM_ACTIVITY_CHANNEL, 0) != KAM_CHANNEL_VISIT)
        return kam__fail(err, KAM_E_INVAL, "one checks in to a visit: an ACTIVITY with channel VISIT");
    if (system != KAM_COORD_SYSTEM_WGS84 && system != KAM_COORD_SYSTEM_GCJ02)
        return kam__fail(err, KAM_E_INVAL,
                         "system is %d: KAM_COORD_SYSTEM_WGS84 or KAM_COORD_SYSTEM_GCJ02 is expected", (int)system);
    KAM__TRY(kam__record_clone(&work, activity, err));
    for (size_t i = 0; i < KAM__LEN(clear); i++) kam__record_put_null(work, kam__kind_index(work->kind, clear[i]));
    int32_t rc = kam__txn_enter(&call, book, KAM_BEGIN_WRITE, err);
    if (rc == KAM_OK) rc = kam__txn_leave(&call, checkin_work(book, work, at, latitude, longitude, system, err), err);
    if (rc == KAM_OK) kam__record_take(activity, work);
    else kam_record_free(work);
    return rc;
}
