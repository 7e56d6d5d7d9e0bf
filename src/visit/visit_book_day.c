/*
 * visit/visit_book_day.c - one representative's day, ordered again: after a cancellation, or with one visit more.
 *
 * Reads the visits planned on that day and their accounts, nothing else, so that it is quick in a large book. Nobody
 * is moved to another day; visits with LOCKED keep their hour.
 */
#include "../store/store.h"
#include "visit_book.h"

typedef struct day_job {
    kam_book *b; kam_error *err; int64_t representative; int32_t day;
    kam__plan_account *account; size_t account_cap;
    kam__planned *planned; size_t n, cap;
    const char **name;
    kam__plan_openings open;
    kam__arena arena; kam__calendar calendar; kam__plan p;
} day_job;

static int64_t day_num(const kam_col *c, uint32_t row, int64_t if_none)
{
    return !c || kam__col_null(c, row) ? if_none : kam__col_i64(c, row);
}

static int32_t day_on_activity(void *user, const kam_block *rows)
{
    day_job *j = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *account = kam__block_col(rows, KAM_ACTIVITY_ACCOUNT);
    const kam_col *channel = kam__block_col(rows, KAM_ACTIVITY_CHANNEL), *locked = kam__block_col(rows, KAM_ACTIVITY_LOCKED);
    const kam_col *start = kam__block_col(rows, KAM_ACTIVITY_START), *cause = kam__block_col(rows, KAM_ACTIVITY_CAUSE);
    const kam_col *duration = kam__block_col(rows, KAM_ACTIVITY_DURATION), *due = kam__block_col(rows, KAM_ACTIVITY_DUE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t at = day_num(start, i, -1);
        kam__planned k = {.id = kam__col_i64(id, i), .representative = j->representative, .day = j->day,
                          .channel = (int32_t)day_num(channel, i, 0), .cause = (int32_t)day_num(cause, i, 0),
                          .due = (int32_t)day_num(due, i, j->day), .last = KAM__NEVER, .stays = 1,
                          .duration = (int32_t)day_num(duration, i, 0), .locked = day_num(locked, i, 0) != 0};
        k.start = k.locked && at >= 0 ? (int32_t)(at % 1440) : -1;
        if (k.channel != KAM_CHANNEL_VISIT) continue;
        KAM__TRY(kam__grow(j->b->ctx, &j->planned, &j->cap, j->n + 1, sizeof k, j->err));
        KAM__TRY(kam__grow(j->b->ctx, &j->account, &j->account_cap, j->n + 1, sizeof *j->account, j->err));
        j->account[j->n] = (kam__plan_account){.id = day_num(account, i, 0)};
        j->planned[j->n++] = k;
    }
    return KAM_OK;
}

/* Visits one makes (REPRESENTATIVE) or goes along to (COMPANION). */
static int32_t day_read(day_job *j, uint32_t whose)
{
    static const uint32_t field[] = {KAM_ID, KAM_ACTIVITY_ACCOUNT, KAM_ACTIVITY_CHANNEL, KAM_ACTIVITY_LOCKED, KAM_ACTIVITY_START,
                                     KAM_ACTIVITY_CAUSE, KAM_ACTIVITY_DURATION, KAM_ACTIVITY_DUE, KAM_ACTIVITY_STATUS,
                                     KAM_ACTIVITY_DAY, KAM_ACTIVITY_REPRESENTATIVE, KAM_ACTIVITY_COMPANION};
    const uint32_t by[] = {KAM_ACTIVITY_DAY, whose, KAM_ACTIVITY_STATUS};
    const int64_t is[] = {j->day, j->representative, KAM_ACTIVITY_PLANNED};
    kam_pred p[KAM__LEN(by)];
    kam__pred mem[KAM__LEN(by)];
    for (size_t i = 0; i < KAM__LEN(by); i++)
        kam__pred_i64(&p[i], &mem[i], kam__kind_field(kam__builtin_kind(KAM_KIND_ACTIVITY), by[i]), KAM_OP_EQ, is[i]);
    kam__read q = {.scan = {.kind = KAM_KIND_ACTIVITY, .field = field, .nfield = KAM__LEN(field), .pred = p, .npred = KAM__LEN(by)},
                   .as_of = KAM_TODAY, .flags = KAM__READ_ALL_TIMES};
    return kam__read_rows(j->b, &q, day_on_activity, j, j->err);
}

static int day_place(int64_t lat, int64_t lon)
{
    return lat >= -90000000 && lat <= 90000000 && lon >= -180000000 && lon <= 180000000 && (lat || lon);
}

/* Openings of one account; account->nopen is their number, its pointer is set when all are read. */
static int32_t day_openings(day_job *j, kam__plan_account *a)
{
    kam__check c;
    uint8_t hours = 0;
    size_t before = j->open.n;
    KAM__TRY(kam__check_load(&c, j->b, a->id, j->day, j->err));
    int32_t rc = kam__check_open(&hours, &j->open, &c, a->id, j->day, 1);
    kam__check_free(&c);
    a->hours = hours;
    a->nopen = (uint32_t)(j->open.n - before);
    return rc;
}

static int32_t day_accounts(day_job *j, kam_record *r)
{
    j->name = kam__zalloc_n(j->b->ctx, j->n + 1, sizeof *j->name);
    if (!j->name) return kam__nomem(j->err);
    for (size_t i = 0; i < j->n; i++) {
        kam__plan_account *a = &j->account[i];
        KAM__TRY(kam__read_one(r, j->b, a->id, KAM_TODAY, j->err));
        const char *name = kam_record_text(r, KAM_ACCOUNT_NAME, "");
        int64_t lat = kam__record_num(r, KAM_ACCOUNT_LATITUDE, 0), lon = kam__record_num(r, KAM_ACCOUNT_LONGITUDE, 0);
        j->name[i] = kam__arena_text(&j->arena, name, strlen(name));
        if (!j->name[i]) return kam__nomem(j->err);
        a->located = day_place(lat, lon);
        a->lat = (int32_t)lat;
        a->lon = (int32_t)lon;
        a->guest = 1;
        a->planned = j->planned[i].account = (uint32_t)i;
        a->nplanned = 1;
        if (j->p.hours.end > 0) KAM__TRY(day_openings(j, a));
    }
    const kam__plan_open *open = j->open.open;
    for (size_t i = 0; i < j->n; open += j->account[i].nopen, i++) j->account[i].open = open;
    return KAM_OK;
}

static int32_t day_person(day_job *j, const kam__plan_asked *asked, kam_record *r)
{
    int32_t rc = kam__read_one(r, j->b, j->representative, KAM_TODAY, j->err);
    if (rc == KAM_E_NOT_FOUND) return kam__fail(j->err, rc, "there is no representative %lld", (long long)j->representative);
    KAM__TRY(rc);
    int64_t lat = kam__record_num(r, KAM_REPRESENTATIVE_HOME_LATITUDE, 0), lon = kam__record_num(r, KAM_REPRESENTATIVE_HOME_LONGITUDE, 0);
    const kam__plan_rep own = {.day_begin = (int32_t)kam__record_num(r, KAM_REPRESENTATIVE_DAY_BEGIN, 0),
                               .day_end = (int32_t)kam__record_num(r, KAM_REPRESENTATIVE_DAY_END, 0),
                               .pause_begin = (int32_t)kam__record_num(r, KAM_REPRESENTATIVE_PAUSE_BEGIN, 0),
                               .pause_end = (int32_t)kam__record_num(r, KAM_REPRESENTATIVE_PAUSE_END, 0)};
    j->p = (kam__plan){.ctx = j->b->ctx, .calendar = &j->calendar, .from = j->day, .days = 1, .as_of = j->day - 1, .hours = asked->hours,
                       .seed = asked->seed, .home = day_place(lat, lon), .visits = (int32_t)kam__record_num(r, KAM_REPRESENTATIVE_CAPACITY, asked->visits)};
    if (j->p.home) j->p.home_lat = (int32_t)lat, j->p.home_lon = (int32_t)lon;
    kam__plan_own_hours(&j->p.hours, &own);
    return KAM_OK;
}

static int32_t day_row(const day_job *j, kam__rowset *s, const kam__plan_item *it)
{
    kam__blockbuf *bb = kam__rowset_row(s, j->err);
    if (!bb) return KAM_E_NOMEM;
    const struct { uint32_t field; int64_t v; } num[] = {
        {KAM_PLAN_ENTRY_ACCOUNT, j->account[it->account].id}, {KAM_PLAN_ENTRY_DAY, j->day},
        {KAM_PLAN_ENTRY_REPRESENTATIVE, j->representative}, {KAM_PLAN_ENTRY_ACTIVITY, j->planned[it->planned].id},
        {KAM_PLAN_ENTRY_ORDER, it->order}, {KAM_PLAN_ENTRY_CHANNEL, it->channel}, {KAM_PLAN_ENTRY_CAUSE, it->cause},
        {KAM_PLAN_ENTRY_LOCKED, j->planned[it->planned].locked}, {KAM_PLAN_ENTRY_CAPACITY, it->capacity}};
    const char *name = j->name[it->account];
    for (size_t i = 0; i < KAM__LEN(num); i++) kam__bb_i64(bb, kam__rowset_col(s, num[i].field), num[i].v);
    kam__bb_text(bb, kam__rowset_col(s, KAM_PLAN_ENTRY_NAME), name, strlen(name));
    if (it->metres >= 0) kam__bb_i64(bb, kam__rowset_col(s, KAM_PLAN_ENTRY_DISTANCE), it->metres);
    if (it->begin >= 0) kam__bb_i64(bb, kam__rowset_col(s, KAM_PLAN_ENTRY_BEGIN), it->begin);
    return kam__rowset_end_row(s, j->err);
}

static int32_t day_rows(kam_rows **out, day_job *j)
{
    static const uint32_t field[] = {KAM_PLAN_ENTRY_ACCOUNT, KAM_PLAN_ENTRY_DAY, KAM_PLAN_ENTRY_REPRESENTATIVE, KAM_PLAN_ENTRY_ACTIVITY,
                                     KAM_PLAN_ENTRY_ORDER, KAM_PLAN_ENTRY_CHANNEL, KAM_PLAN_ENTRY_NAME, KAM_PLAN_ENTRY_CAUSE,
                                     KAM_PLAN_ENTRY_LOCKED, KAM_PLAN_ENTRY_DISTANCE, KAM_PLAN_ENTRY_CAPACITY, KAM_PLAN_ENTRY_BEGIN};
    kam__rowset *s = NULL;
    KAM__TRY(kam__rowset_new(&s, j->b->schema, KAM_KIND_PLAN_ENTRY, field, KAM__LEN(field), j->err));
    int32_t rc = KAM_OK;
    for (size_t i = 0; i < j->p.n && rc == KAM_OK; i++) rc = day_row(j, s, &j->p.item[i]);
    if (rc == KAM_OK) {
        kam__rowset_seal(s);
        rc = kam__rows_of_set(out, j->b, s, 0, 0, j->err);
    }
    kam__rowset_drop(s);
    return rc;
}

static int32_t day_order(kam_rows **out, day_job *j, const kam__plan_asked *asked, kam_record *person, kam_record *account)
{
    kam__cadence_set set = {.grade = ""};
    kam__cadence none = {.name = "", .scheme = "", .set = &set, .nset = 1, .max_rules = 1};
    int32_t last[1] = {KAM__NEVER};
    KAM__TRY(day_person(j, asked, person));
    KAM__TRY(day_read(j, KAM_ACTIVITY_REPRESENTATIVE));
    KAM__TRY(day_read(j, KAM_ACTIVITY_COMPANION));
    KAM__TRY(kam__visit_calendar(&j->calendar, j->b, j->day, j->err));
    KAM__TRY(day_accounts(j, account));
    for (size_t i = 0; i < j->n; i++) j->account[i].last = last;
    j->p.cadence = &none;
    j->p.account = j->account;
    j->p.naccount = (uint32_t)j->n;
    j->p.planned = j->planned;
    j->p.nplanned = (uint32_t)j->n;
    KAM__TRY(kam__plan_make(&j->p, j->err));
    return day_rows(out, j);
}

static int32_t day_work(kam_rows **out, day_job *j, const kam__plan_asked *asked)
{
    kam_record *person = NULL, *account = NULL;
    kam_ctx *ctx = j->b->ctx;
    j->p.ctx = ctx;
    j->calendar.ctx = ctx;
    kam__arena_init(&j->arena, ctx, 0);
    int32_t rc = kam__record_new(&person, j->b->schema, KAM_KIND_REPRESENTATIVE, j->err);
    if (rc == KAM_OK) rc = kam__record_new(&account, j->b->schema, KAM_KIND_ACCOUNT, j->err);
    if (rc == KAM_OK) rc = day_order(out, j, asked, person, account);
    kam_record_free(person);
    kam_record_free(account);
    kam__plan_free(&j->p);
    kam__calendar_free(&j->calendar);
    kam__free(ctx, j->account);
    kam__free(ctx, j->planned);
    kam__free(ctx, (void *)(uintptr_t)j->name);
    kam__free(ctx, j->open.open);
    kam__arena_free(&j->arena);
    return rc;
}

int32_t kam_visit_day(kam_rows **out, kam_visit_plan *plan, int64_t representative, int32_t day, kam_error *err)
{
    kam__plan_asked asked;
    kam_rows *rows = NULL;
    kam__call call;
    if (!out) return kam__null_arg(err, "out");
    if (!plan) return kam__null_arg(err, "plan");
    day_job j = {.b = kam__plan_book(plan, &asked), .err = err, .representative = representative};
    if (representative <= 0)
        return kam__fail(err, KAM_E_INVAL, "representative is %lld: the id of one is expected", (long long)representative);
    KAM__TRY(kam__book_ready(j.b, err));
    KAM__TRY(kam__book_day(&j.day, j.b, day, err));
    if (j.day < kam__day(1, 1, 1) || j.day > kam__day(9999, 12, 31))
        return kam__fail(err, KAM_E_INVAL, "day is a day of the calendar or KAM_TODAY: a day's way is asked for");
    KAM__TRY(kam__txn_enter(&call, j.b, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&call, day_work(&rows, &j, &asked), err);
    if (rc == KAM_OK) *out = rows;
    else kam_rows_free(rows);
    return rc;
}
