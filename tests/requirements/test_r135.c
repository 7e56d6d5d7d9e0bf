/* R135 personal data: fields are flagged, and erasing a person keeps the aggregates. (Permission and logged access are
 * the host's call-backs, not there yet.) */
#include "req.h"
#include <kam/spi/storage.h>

typedef long long ll;

static void r135_flagged(req *q) {
    static const char *const personal[] = {"name", "phone", "mobile", "email", "address", "birthday", "sex", "social", "note",
                                           "economy", "health", "family"};
    kam_rows *rows = NULL;
    size_t found = 0;
    REQ_MUST(q, kam_schema_rows(&rows, q->book, q->err));
    for (const kam_record *r = req_next(q, rows); r; r = req_next(q, rows)) {
        if (strcmp(kam_record_text(r, KAM_FIELD_KIND, ""), "contact") != 0) continue;
        for (size_t i = 0; i < sizeof personal / sizeof personal[0]; i++)
            if (strcmp(kam_record_text(r, KAM_FIELD_NAME, ""), personal[i]) == 0) {
                if (!(kam_record_i64(r, KAM_FIELD_FLAGS, 0) & KAM_F_PERSONAL)) fail_msg("contact.%s is not flagged", personal[i]);
                found++;
            }
    }
    kam_rows_free(rows);
    REQ_EQUAL(q, (int64_t)found, (int64_t)(sizeof personal / sizeof personal[0]));
}

/* The number of visits, of changes to the record, and what the account is worth are the same after it. */
static void r135_erase(req *q) {
    static const uint32_t visit[] = {KAM_ACTIVITY_DAY, KAM_ACTIVITY_CHANNEL, 0};
    static const uint32_t change[] = {KAM_CHANGE_FIELD, KAM_CHANGE_OLD, KAM_CHANGE_NEW, KAM_REASON, 0};
    char text[2000], want[400];
    int64_t firm = req_save(q, KAM_KIND_ACCOUNT, "{\"name\":\"Acme\"}");
    int64_t wu = req_save(q, KAM_KIND_CONTACT, "{\"name\":\"Wu Lei\",\"mobile\":\"139\",\"health\":\"asthma\",\"title\":\"buyer\"}");
    req_save(q, KAM_KIND_AFFILIATION, "{\"contact\":%lld,\"account\":%lld,\"role\":\"BUYER\"}", (ll)wu, (ll)firm);
    req_save(q, KAM_KIND_LEDGER, "{\"account\":%lld,\"day\":\"2026-02-01\",\"event\":\"SALE\",\"amount\":\"100.00\"}", (ll)firm);
    req_save(q, KAM_KIND_ACTIVITY,
             "{\"account\":%lld,\"contact\":%lld,\"day\":\"2026-02-02\",\"status\":\"HELD\",\"channel\":\"CALL\"}", (ll)firm, (ll)wu);
    q->now += REQ_DAY_MS;
    req_save(q, KAM_KIND_CONTACT, "{\"id\":%lld,\"name\":\"Wu Lei\",\"mobile\":\"138\",\"health\":\"asthma\",\"title\":\"head\"}", (ll)wu);
    REQ_MUST(q, kam_book_erase(q->book, KAM_KIND_CONTACT, wu, "asked for", q->err));
    for (int past = 0; past < 2; past++) {
        int32_t day = past ? req_day("2026-03-02") : KAM_TODAY;
        REQ_TEXT(q, req_text(q, KAM_KIND_CONTACT, wu, KAM_CONTACT_NAME, day, text), "(erased)");
        REQ_TEXT(q, req_text(q, KAM_KIND_CONTACT, wu, KAM_CONTACT_MOBILE, day, text), "");
        REQ_TEXT(q, req_text(q, KAM_KIND_CONTACT, wu, KAM_CONTACT_HEALTH, day, text), "");
        REQ_TEXT(q, req_text(q, KAM_KIND_CONTACT, wu, KAM_CONTACT_TITLE, day, text), past ? "buyer" : "head");
    }
    REQ_TEXT(q, req_rows(q, req_query(q, KAM_KIND_ACTIVITY, KAM_ACTIVITY_ACCOUNT, "1", 0, KAM_TODAY), visit, text, sizeof text),
             "2026-02-02 CALL");
    snprintf(want, sizeof want, "%d buyer head -|%d - - -|%d (erased) (erased) erased: asked for|%d - - erased: asked for|"
             "%d - - erased: asked for", KAM_CONTACT_TITLE, KAM_CONTACT_MOBILE, KAM_CONTACT_NAME, KAM_CONTACT_MOBILE, KAM_CONTACT_HEALTH);
    REQ_TEXT(q, req_rows(q, req_query(q, KAM_KIND_CHANGE, KAM_CHANGE_RECORD, "1", 0, KAM_TODAY), change, text, sizeof text), want);
    kam_account *a = NULL;
    const kam_record *value = NULL;
    REQ_MUST(q, kam_account_open(&a, q->book, firm, KAM_TODAY, q->err));
    REQ_MUST(q, kam_account_value(&value, a, 0, 0, q->err));
    REQ_TEXT(q, kam_record_text(value, KAM_ACCOUNT_VALUE_REVENUE, ""), "100.00");
    kam_account_free(a);
}

void test_R135_personal_fields_are_flagged(void **state) { (void)state; req_each(r135_flagged); }
void test_R135_erasing_a_person_keeps_the_aggregates(void **state) { (void)state; req_each(r135_erase); }

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_R135_personal_fields_are_flagged),
        cmocka_unit_test(test_R135_erasing_a_person_keeps_the_aggregates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
