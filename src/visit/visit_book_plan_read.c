/*
 * visit/visit_book_plan_read.c - what a plan needs of a book beside the contacts of visit_book_read.c: who works when
 * and how much, where accounts are, and what is planned already.
 *
 * A planned activity belongs to whoever makes it; one that a cadence planned and that may move goes to the account's
 * owner of today. An activity made by somebody else still counts as a contact in the owner's plan. Where somebody goes along
 * (COMPANION) it is agreed between two: it stays, and takes room on the days of both.
 */
#include "../store/store.h"
#include "../segment/segment_book.h"
#include "visit_book.h"

#define PREAD_VISITS_MOST 200                   /* visits a day that are believed */

static int64_t pread_num(const kam_col *c, uint32_t row, int64_t if_none)
{
    return !c || kam__col_null(c, row) ? if_none : kam__col_i64(c, row);
}

static int32_t pread_rows(kam__plan_job *j, uint32_t kind, const uint32_t *field, uint32_t nfield, const kam_pred *pred,
                          uint32_t npred, uint32_t flags, kam_block_fn fn)
{
    kam__read q = {.scan = {.kind = kind, .field = field, .nfield = nfield, .pred = pred, .npred = npred,
                             .any_order = kind == KAM_KIND_ACCOUNT || kind == KAM_KIND_ACTIVITY},
                   .as_of = flags ? KAM_TODAY : j->due.as_of,
                   .flags = flags};
    return kam__read_rows(j->due.b, &q, fn, j, j->due.err);
}

static int pread_usable(int64_t lat, int64_t lon)
{
    return lat >= -90000000 && lat <= 90000000 && lon >= -180000000 && lon <= 180000000 && (lat || lon);
}

/* ---------------------------------------------------------------- representatives and their absences */

/* Hours that are some. */
static int pread_span(int32_t begin, int32_t end)
{
    return begin >= 0 && begin < end && end <= KAM__DAY_MINUTES;
}

void kam__plan_own_hours(kam__plan_hours *h, const kam__plan_rep *rep)
{
    if (!h->end) return;
    if (pread_span(rep->day_begin, rep->day_end)) h->begin = rep->day_begin, h->end = rep->day_end;
    if (pread_span(rep->pause_begin, rep->pause_end)) h->pause_begin = rep->pause_begin, h->pause_end = rep->pause_end;
}

static int32_t pread_on_rep(void *user, const kam_block *rows)
{
    kam__plan_job *j = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *name = kam__block_col(rows, KAM_REPRESENTATIVE_NAME);
    const kam_col *capacity = kam__block_col(rows, KAM_REPRESENTATIVE_CAPACITY),
                  *active = kam__block_col(rows, KAM_REPRESENTATIVE_ACTIVE);
    const kam_col *lat = kam__block_col(rows, KAM_REPRESENTATIVE_HOME_LATITUDE),
                  *lon = kam__block_col(rows, KAM_REPRESENTATIVE_HOME_LONGITUDE);
    const kam_col *begin = kam__block_col(rows, KAM_REPRESENTATIVE_DAY_BEGIN), *end = kam__block_col(rows, KAM_REPRESENTATIVE_DAY_END);
    const kam_col *pause = kam__block_col(rows, KAM_REPRESENTATIVE_PAUSE_BEGIN), *back = kam__block_col(rows, KAM_REPRESENTATIVE_PAUSE_END);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = kam__col_text(name, i, &len);
        int64_t most = pread_num(capacity, i, j->asked.visits), y = pread_num(lat, i, 0), x = pread_num(lon, i, 0);
        kam__plan_rep r = {.id = kam__col_i64(id, i),
                           .name = "",
                           .active = pread_num(active, i, 1) != 0,
                           .visits = (int32_t)(most < PREAD_VISITS_MOST ? most : PREAD_VISITS_MOST),
                           .day_begin = (int32_t)pread_num(begin, i, 0),
                           .day_end = (int32_t)pread_num(end, i, 0),
                           .pause_begin = (int32_t)pread_num(pause, i, 0),
                           .pause_end = (int32_t)pread_num(back, i, 0),
                           .home = pread_usable(y, x)};
        if (!pread_span(r.day_begin, r.day_end)) r.day_begin = r.day_end = 0;
        if (!pread_span(r.pause_begin, r.pause_end)) r.pause_begin = r.pause_end = 0;
        if (r.home) r.home_lat = (int32_t)y, r.home_lon = (int32_t)x;
        if (text) r.name = kam__arena_text(&j->due.policy.arena, text, len);
        if (!r.name) return kam__nomem(j->due.err);
        KAM__TRY(kam__grow(j->due.b->ctx, &j->rep, &j->rep_cap, j->nrep + 1, sizeof r, j->due.err));
        j->rep[j->nrep++] = r;
    }
    return KAM_OK;
}

static int pread_rep_order(const void *a, const void *b, void *arg)
{
    const kam__plan_rep *x = a, *y = b;
    (void)arg;
    return (x->id > y->id) - (x->id < y->id);
}

static int32_t pread_on_absence(void *user, const kam_block *rows)
{
    kam__plan_job *j = user;
    const kam_col *rep = kam__block_col(rows, KAM_ABSENCE_REPRESENTATIVE),
                  *first = kam__block_col(rows, KAM_ABSENCE_FIRST);
    const kam_col *last = kam__block_col(rows, KAM_ABSENCE_LAST), *who = kam__block_col(rows, KAM_ABSENCE_SUBSTITUTE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__plan_absence a = {kam__col_i64(rep, i), pread_num(who, i, 0), (int32_t)pread_num(first, i, 0), (int32_t)pread_num(last, i, 0)};
        KAM__TRY(kam__grow(j->due.b->ctx, &j->absence, &j->absence_cap, j->nabsence + 1, sizeof a, j->due.err));
        j->absence[j->nabsence++] = a;
    }
    return KAM_OK;
}

static int32_t pread_reps(kam__plan_job *j)
{
    static const uint32_t reps[] = {KAM_ID,
                                    KAM_REPRESENTATIVE_NAME,
                                    KAM_REPRESENTATIVE_CAPACITY,
                                    KAM_REPRESENTATIVE_ACTIVE,
                                    KAM_REPRESENTATIVE_HOME_LATITUDE,
                                    KAM_REPRESENTATIVE_HOME_LONGITUDE,
                                    KAM_REPRESENTATIVE_DAY_BEGIN,
                                    KAM_REPRESENTATIVE_DAY_END,
                                    KAM_REPRESENTATIVE_PAUSE_BEGIN,
                                    KAM_REPRESENTATIVE_PAUSE_END};
    static const uint32_t absences[] = {KAM_ID, KAM_ABSENCE_REPRESENTATIVE, KAM_ABSENCE_FIRST, KAM_ABSENCE_LAST,
                                        KAM_ABSENCE_SUBSTITUTE};
    KAM__TRY(pread_rows(j, KAM_KIND_REPRESENTATIVE, reps, KAM__LEN(reps), NULL, 0, 0, pread_on_rep));
    KAM__TRY(kam__sort(j->due.b->ctx, j->rep, j->nrep, sizeof *j->rep, pread_rep_order, NULL, j->due.err));
    for (size_t i = 0; i < j->nrep; i++) KAM__TRY(kam__imap_put(&j->rep_of, j->rep[i].id, (uint32_t)i, j->due.err));
    for (size_t i = 0; i < j->asked.nrepresentative; i++) {
        uint32_t at = 0;
        if (!kam__imap_get(&j->rep_of, j->asked.representative[i], &at))
            return kam__fail(j->due.err, KAM_E_NOT_FOUND, "there is no representative %lld",
                             (long long)j->asked.representative[i]);
    }
    return pread_rows(j, KAM_KIND_ABSENCE, absences, KAM__LEN(absences), NULL, 0, 0, pread_on_absence);
}

int kam__plan_asks(const kam__plan_job *j, int64_t representative)
{
    uint32_t at = 0;
    if (!kam__imap_get(&j->rep_of, representative, &at) || !j->rep[at].active) return 0;
    for (size_t i = 0; i < j->asked.nrepresentative; i++)
        if (j->asked.representative[i] == representative) return 1;
    return j->asked.nrepresentative == 0;
}

int kam__due_covered(const kam__due_job *j, uint32_t grade)
{
    return j->set[grade] == 1;
}

const kam__plan_absence *kam__plan_away(const kam__plan_job *j, uint32_t account)
{
    const kam__due_account *a = &j->due.account[account];
    const kam__plan_absence *found = NULL;
    uint32_t at = 0;
    if (!a->representative || !kam__due_covered(&j->due, a->grade)) return NULL;
    for (size_t i = 0; i < j->nabsence; i++) {
        const kam__plan_absence *x = &j->absence[i];
        if (x->representative != a->representative || !x->substitute || x->substitute == a->representative) continue;
        if (x->last < j->asked.from || x->first >= j->asked.from + j->asked.days) continue;
        if (!kam__imap_get(&j->rep_of, x->substitute, &at) || !j->rep[at].active) continue;
        if (!found || x->first < found->first) found = x;
    }
    return found;
}

/* ---------------------------------------------------------------- accounts: place, name, rank of the grade */

static int32_t pread_on_place(void *user, const kam_block *rows)
{
    kam__plan_job *j = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *name = kam__block_col(rows, KAM_ACCOUNT_NAME);
    const kam_col *lat = kam__block_col(rows, KAM_ACCOUNT_LATITUDE), *lon = kam__block_col(rows, KAM_ACCOUNT_LONGITUDE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        uint32_t at = 0;
        size_t len = 0;
        if (!kam__imap_get(&j->due.account_of, kam__col_i64(id, i), &at)) continue;
        kam__plan_place *p = &j->place[at];
        int64_t y = pread_num(lat, i, 0), x = pread_num(lon, i, 0);
        const char *text = kam__col_text(name, i, &len);
        p->given = !kam__col_null(lat, i) && !kam__col_null(lon, i);
        p->located = p->given && pread_usable(y, x);
        if (p->located) p->lat = (int32_t)y, p->lon = (int32_t)x;
        p->name = kam__arena_text(&j->due.policy.arena, text ? text : "", len);
        if (!p->name) return kam__nomem(j->due.err);
    }
    return KAM_OK;
}

static int pread_account_order(const void *a, const void *b, void *arg)
{
    const kam__plan_job *j = arg;
    const kam__due_account *x = &j->due.account[*(const uint32_t *)a], *y = &j->due.account[*(const uint32_t *)b];
    if (x->representative != y->representative) return x->representative < y->representative ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* The best grade first: by the scheme, or by the cadence where no scheme says so; accounts without a grade last. */
static int32_t pread_ranks(kam__plan_job *j)
{
    kam_scheme *s = NULL;
    int32_t rc = kam_scheme_open(&s, j->due.b, j->due.cadence.scheme, j->due.day, NULL);
    if (rc == KAM_E_NOMEM) return kam__nomem(j->due.err);
    for (size_t i = 0; i < j->due.ngrade; i++) {
        int at = s ? kam__scheme_grade_of(&s->doc, j->due.grade[i]) : -1;
        j->rank[i] = at >= 0 ? at : j->due.set[i] ? 1000 + (int32_t)j->due.set[i] : 1000000;
    }
    kam_scheme_free(s);
    return KAM_OK;
}

int32_t kam__plan_rank(const kam__plan_job *j, const kam__due_account *a)
{
    uint32_t n = j->due.cadence.npriority;
    return a->priority < n ? (int32_t)a->priority : (int32_t)n + j->rank[a->grade];
}

static int32_t pread_places(kam__plan_job *j)
{
    static const uint32_t field[] = {KAM_ID, KAM_ACCOUNT_NAME, KAM_ACCOUNT_LATITUDE, KAM_ACCOUNT_LONGITUDE};
    kam_ctx *ctx = j->due.b->ctx;
    j->place = kam__zalloc_n(ctx, j->due.naccount + 1, sizeof *j->place);
    j->order = kam__zalloc_n(ctx, j->due.naccount + 1, sizeof *j->order);
    j->rank = kam__zalloc_n(ctx, j->due.ngrade + 1, sizeof *j->rank);
    if (!j->place || !j->order || !j->rank) return kam__nomem(j->due.err);
    for (size_t i = 0; i < j->due.naccount; i++) j->order[i] = (uint32_t)i;
    KAM__TRY(kam__sort(ctx, j->order, j->due.naccount, sizeof *j->order, pread_account_order, j, j->due.err));
    KAM__TRY(pread_ranks(j));
    return pread_rows(j, KAM_KIND_ACCOUNT, field, KAM__LEN(field), NULL, 0, 0, pread_on_place);
}

size_t kam__plan_owned(const kam__plan_job *j, int64_t representative, size_t *first)
{
    size_t low = 0, high = j->due.naccount;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (j->due.account[j->order[mid]].representative < representative) low = mid + 1;
        else high = mid;
    }
    *first = low;
    for (high = low; high < j->due.naccount && j->due.account[j->order[high]].representative == representative;) high++;
    return high - low;
}

/* ---------------------------------------------------------------- what is planned */

static int32_t pread_link(kam__plan_job *j, int64_t representative, uint32_t account, const kam__planned *k)
{
    KAM__TRY(kam__grow(j->due.b->ctx, &j->link, &j->link_cap, j->nlink + 1, sizeof *j->link, j->due.err));
    j->link[j->nlink++] = (kam__plan_link){representative, account, *k};
    return KAM_OK;
}

static int32_t pread_drop(kam__plan_job *j, const kam__planned *k, int64_t account, uint8_t reason)
{
    if (!kam__plan_asks(j, k->representative)) return KAM_OK;
    KAM__TRY(kam__grow(j->due.b->ctx, &j->drop, &j->drop_cap, j->ndrop + 1, sizeof *j->drop, j->due.err));
    j->drop[j->ndrop++] = (kam__plan_drop){k->id, account, k->representative, k->day, k->channel, reason};
    return KAM_OK;
}

/* Does it stay as it is? Sets `last` of follow-ups. */
static int pread_stays(const kam__plan_job *j, kam__planned *k)
{
    uint32_t at = 0;
    if (k->locked || k->joint || (k->day >= j->asked.from && k->day < j->asked.from + j->asked.frozen)) return 1;
    if (k->day > j->due.day && k->day < j->asked.from) return 1;
    if (k->cause == KAM_ACTIVITY_CAUSE_CADENCE) return 0;
    if (k->cause != KAM_ACTIVITY_CAUSE_FOLLOWUP || !kam__imap_get(&j->open_of, k->id, &at)) return 1;
    const kam__due_open *o = &j->due.open[at];
    k->last = o->item.last;
    k->due = o->item.day;
    k->used = (uint8_t)o->answered;             /* for pread_sort_out only */
    return 0;
}

static int32_t pread_sort_out(kam__plan_job *j, kam__planned *k, int64_t account, int64_t companion)
{
    uint32_t at = 0;
    int stays = pread_stays(j, k), answered = k->used;
    k->stays = (uint8_t)stays;
    k->used = 0;
    if (stays && k->day < j->asked.from && k->day <= j->due.day) return KAM_OK;
    if (!kam__imap_get(&j->due.account_of, account, &at) || answered)
        return stays ? KAM_OK : pread_drop(j, k, account, KAM_PLAN_REASON_NOT_DUE);
    int64_t owner = j->due.account[at].representative, maker = k->representative ? k->representative : owner;
    if (!stays && k->cause == KAM_ACTIVITY_CAUSE_CADENCE) {
        const kam__plan_absence *away = kam__plan_away(j, at);
        if (away && k->day >= away->first && k->day <= away->last) owner = away->substitute;
        k->other_owner = maker != owner;
        return kam__plan_asks(j, owner) ? pread_link(j, owner, at, k)
               : k->other_owner         ? pread_drop(j, k, account, KAM_PLAN_REASON_OWNER)
                                        : KAM_OK;
    }
    if (kam__plan_asks(j, maker)) KAM__TRY(pread_link(j, maker, at, k));
    if (k->joint && companion != maker && kam__plan_asks(j, companion)) KAM__TRY(pread_link(j, companion, at, k));
    if (maker == owner || (k->joint && companion == owner) || !kam__plan_asks(j, owner)) return KAM_OK;
    k->elsewhere = 1;
    return pread_link(j, owner, at, k);
}

/* What is said of planned contacts of the window beside their day: for kam__check_one. */
static int32_t pread_seen(kam__plan_job *j, const kam_block *rows)
{
    static const uint32_t field[] = {KAM_ID, KAM_ACTIVITY_ACCOUNT, KAM_ACTIVITY_REPRESENTATIVE, KAM_ACTIVITY_CONTACT,
                                     KAM_ACTIVITY_CHANNEL, KAM_ACTIVITY_DIRECTION, KAM_ACTIVITY_DAY, KAM_ACTIVITY_START,
                                     KAM_ACTIVITY_DURATION};
    const kam_col *c[KAM__LEN(field)], *role = kam__block_col(rows, KAM_ACTIVITY_ATTENDEE_ROLE);
    for (size_t i = 0; i < KAM__LEN(field); i++) c[i] = kam__block_col(rows, field[i]);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t start = pread_num(c[7], i, -1);
        size_t len = 0;
        const char *text = kam__col_text(role, i, &len);
        kam__check_case k = {.activity = kam__col_i64(c[0], i), .account = pread_num(c[1], i, 0),
                             .representative = pread_num(c[2], i, 0), .contact = pread_num(c[3], i, 0),
                             .channel = (int32_t)pread_num(c[4], i, 0), .direction = (int32_t)pread_num(c[5], i, 0),
                             .day = (int32_t)pread_num(c[6], i, 0), .start = start < 0 ? -1 : (int32_t)(start % 1440),
                             .duration = (int32_t)pread_num(c[8], i, 0)};
        uint32_t at = 0;
        if (k.day < j->asked.from || k.day >= j->asked.from + j->asked.days) continue;
        if (!k.representative && kam__imap_get(&j->due.account_of, k.account, &at))
            k.representative = j->due.account[at].representative;
        if (!kam__plan_asks(j, k.representative)) continue;
        if (text && !(k.role = kam__arena_text(&j->due.policy.arena, text, len))) return kam__nomem(j->due.err);
        KAM__TRY(kam__grow(j->due.b->ctx, &j->seen, &j->seen_cap, j->nseen + 1, sizeof k, j->due.err));
        j->seen[j->nseen++] = k;
    }
    return KAM_OK;
}

static int pread_seen_order(const void *a, const void *b, void *arg)
{
    const kam__check_case *x = a, *y = b;
    (void)arg;
    return (x->activity > y->activity) - (x->activity < y->activity);
}

static int32_t pread_on_planned(void *user, const kam_block *rows)
{
    kam__plan_job *j = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *account = kam__block_col(rows, KAM_ACTIVITY_ACCOUNT);
    const kam_col *channel = kam__block_col(rows, KAM_ACTIVITY_CHANNEL), *day = kam__block_col(rows, KAM_ACTIVITY_DAY);
    const kam_col *rep = kam__block_col(rows, KAM_ACTIVITY_REPRESENTATIVE),
                  *cause = kam__block_col(rows, KAM_ACTIVITY_CAUSE);
    const kam_col *due = kam__block_col(rows, KAM_ACTIVITY_DUE), *locked = kam__block_col(rows, KAM_ACTIVITY_LOCKED);
    const kam_col *direction = kam__block_col(rows, KAM_ACTIVITY_DIRECTION), *start = kam__block_col(rows, KAM_ACTIVITY_START);
    const kam_col *duration = kam__block_col(rows, KAM_ACTIVITY_DURATION), *companion = kam__block_col(rows, KAM_ACTIVITY_COMPANION);
    KAM__TRY(pread_seen(j, rows));
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__planned k = {.id = kam__col_i64(id, i),
                          .representative = pread_num(rep, i, 0),
                          .day = (int32_t)pread_num(day, i, 0),
                          .channel = (int32_t)pread_num(channel, i, 0),
                          .cause = (int32_t)pread_num(cause, i, KAM_ACTIVITY_CAUSE_OTHER),
                          .direction = (int32_t)pread_num(direction, i, 0),
                          .last = KAM__NEVER,
                          .start = (int32_t)(pread_num(start, i, -1) < 0 ? -1 : pread_num(start, i, 0) % 1440),
                          .duration = (int32_t)pread_num(duration, i, 0),
                          .locked = pread_num(locked, i, 0) != 0,
                          .joint = pread_num(companion, i, 0) > 0};
        k.due = (int32_t)pread_num(due, i, k.day);
        if (k.day < j->asked.from + j->asked.days || k.cause == KAM_ACTIVITY_CAUSE_FOLLOWUP)
            KAM__TRY(pread_sort_out(j, &k, pread_num(account, i, 0), pread_num(companion, i, 0)));
    }
    return kam__progress(j->due.b->ctx, j->due.done += rows->nrow, 0, j->due.err);
}

static int pread_link_order(const void *a, const void *b, void *arg)
{
    const kam__plan_job *j = arg;
    const kam__plan_link *x = a, *y = b;
    if (x->representative != y->representative) return x->representative < y->representative ? -1 : 1;
    int64_t ax = j->due.account[x->account].id, ay = j->due.account[y->account].id;
    if (ax != ay) return ax < ay ? -1 : 1;
    if (x->k.day != y->k.day) return x->k.day < y->k.day ? -1 : 1;
    return (x->k.id > y->k.id) - (x->k.id < y->k.id);
}

static int pread_drop_order(const void *a, const void *b, void *arg)
{
    const kam__plan_drop *x = a, *y = b;
    (void)arg;
    if (x->representative != y->representative) return x->representative < y->representative ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static int32_t pread_planned(kam__plan_job *j)
{
    static const uint32_t field[] = {KAM_ID,
                                     KAM_ACTIVITY_ACCOUNT,
                                     KAM_ACTIVITY_CHANNEL,
                                     KAM_ACTIVITY_DAY,
                                     KAM_ACTIVITY_REPRESENTATIVE,
                                     KAM_ACTIVITY_CAUSE,
                                     KAM_ACTIVITY_DUE,
                                     KAM_ACTIVITY_LOCKED,
                                     KAM_ACTIVITY_DIRECTION,
                                     KAM_ACTIVITY_STATUS,
                                     KAM_ACTIVITY_START,
                                     KAM_ACTIVITY_DURATION,
                                     KAM_ACTIVITY_CONTACT,
                                     KAM_ACTIVITY_ATTENDEE_ROLE,
                                     KAM_ACTIVITY_COMPANION};
    kam_pred p;
    kam__pred mem;
    for (size_t i = 0; i < j->due.nopen; i++)
        KAM__TRY(kam__imap_put(&j->open_of, j->due.open[i].item.activity, (uint32_t)i, j->due.err));
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_ACTIVITY), KAM_ACTIVITY_STATUS), KAM_OP_EQ,
                  KAM_ACTIVITY_PLANNED);
    KAM__TRY(pread_rows(j, KAM_KIND_ACTIVITY, field, KAM__LEN(field), &p, 1, KAM__READ_ALL_TIMES, pread_on_planned));
    KAM__TRY(kam__sort(j->due.b->ctx, j->link, j->nlink, sizeof *j->link, pread_link_order, j, j->due.err));
    KAM__TRY(kam__sort(j->due.b->ctx, j->seen, j->nseen, sizeof *j->seen, pread_seen_order, NULL, j->due.err));
    return kam__sort(j->due.b->ctx, j->drop, j->ndrop, sizeof *j->drop, pread_drop_order, NULL, j->due.err);
}

/* ---------------------------------------------------------------- the whole, and its hash */

static int32_t pread_openings(kam__plan_job *j, kam__plan_place *p, int64_t account)
{
    int32_t from = j->asked.from, days = j->asked.days;
    p->closed = kam__check_closed(&j->check, account);
    if (kam__check_shut(NULL, &j->check, account, from, days)) {
        p->shut = kam__arena_alloc(&j->due.policy.arena, (size_t)days);
        if (!p->shut) return kam__nomem(j->due.err);
        memset(p->shut, 0, (size_t)days);
        kam__check_shut(p->shut, &j->check, account, from, days);
    }
    p->open = (uint32_t)j->open.n;
    KAM__TRY(kam__check_open(&p->hours, &j->open, &j->check, account, from, days));
    p->nopen = (uint32_t)(j->open.n - p->open);
    return KAM_OK;
}

static int32_t pread_all(kam__plan_job *j)
{
    KAM__TRY(pread_reps(j));
    KAM__TRY(pread_places(j));
    KAM__TRY(kam__check_load(&j->check, j->due.b, 0, j->due.as_of, j->due.err));
    for (size_t i = 0; i < j->nrep; i++) j->rep[i].rank = kam__check_rank_of(&j->check, j->rep[i].id);
    for (size_t i = 0; i < j->due.naccount; i++) {
        j->place[i].rank = kam__check_rank(&j->check, &j->due, (uint32_t)i);
        KAM__TRY(pread_openings(j, &j->place[i], j->due.account[i].id));
    }
    return pread_planned(j);
}

int32_t kam__plan_job_load(kam__plan_job *j)
{
    j->due.until = KAM_DAY_END;
    KAM__TRY(kam__due_job_load(&j->due, j->asked.cadence));
    kam__imap_init(&j->rep_of, j->due.b->ctx);
    kam__imap_init(&j->open_of, j->due.b->ctx);
    int32_t rc = pread_all(j);
    if (rc != KAM_OK) kam__plan_job_free(j);
    return rc;
}

void kam__plan_job_free(kam__plan_job *j)
{
    void *const own[] = {j->rep, j->place, j->rank, j->order, j->absence, j->link, j->drop, j->seen, j->open.open};
    for (size_t i = 0; i < KAM__LEN(own); i++) kam__free(j->due.b->ctx, own[i]);
    kam__imap_free(&j->rep_of);
    kam__imap_free(&j->open_of);
    kam__check_free(&j->check);
    kam__due_job_free(&j->due);
}

static void pread_hash_nums(kam__sha256 *h, const int64_t *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t b[8];
        for (int k = 0; k < 8; k++) b[k] = (uint8_t)((uint64_t)v[i] >> (8 * k));
        kam__sha256_add(h, b, sizeof b);
    }
}

#define PREAD_HASH(h, ...) do { const int64_t v_[] = {__VA_ARGS__}; pread_hash_nums(h, v_, KAM__LEN(v_)); } while (0)

/* Everything that decides: question, calendar, people, accounts with their last contacts, what is planned. */
void kam__plan_hash(char hex[65], const kam__plan_job *j)
{
    kam__sha256 h;
    const kam__plan_asked *a = &j->asked;
    kam__sha256_init(&h);
    PREAD_HASH(&h, a->from, a->days, a->frozen, a->visits, a->calls, (int64_t)a->seed, (int64_t)a->iterations);
    PREAD_HASH(&h, a->hours.begin, a->hours.end, a->hours.driving, a->hours.visit, a->hours.speed, a->hours.detour);
    if (a->pays != KAM__PLAN_PAYS) PREAD_HASH(&h, a->pays);
    if (a->hours.pause_end) PREAD_HASH(&h, a->hours.pause_begin, a->hours.pause_end);
    pread_hash_nums(&h, a->representative, a->nrepresentative);
    for (int32_t d = 0; d < a->days; d++) PREAD_HASH(&h, kam__calendar_halves(&j->due.calendar, a->from + d));
    for (size_t i = 0; i < j->nrep; i++)
        PREAD_HASH(&h, j->rep[i].id, j->rep[i].visits, j->rep[i].rank, j->rep[i].active, j->rep[i].home_lat, j->rep[i].home_lon,
                   j->rep[i].day_begin, j->rep[i].day_end);
    for (size_t i = 0; i < j->nrep; i++)
        if (j->rep[i].pause_end) PREAD_HASH(&h, j->rep[i].id, j->rep[i].pause_begin, j->rep[i].pause_end);
    for (size_t i = 0; i < j->nabsence; i++)
        PREAD_HASH(&h, j->absence[i].representative, j->absence[i].first, j->absence[i].last, j->absence[i].substitute);
    for (size_t i = 0; i < j->due.naccount; i++) {
        const kam__due_account *c = &j->due.account[j->order[i]];
        const kam__plan_place *p = &j->place[j->order[i]];
        PREAD_HASH(&h, c->id, c->representative, c->since, kam__plan_rank(j, c), c->set, p->lat, p->lon, p->rank, p->closed);
        for (uint32_t r = 0; r < j->due.cadence.set[c->set].nrule; r++)
            PREAD_HASH(&h, j->due.last[(size_t)j->order[i] * j->due.cadence.max_rules + r]);
    }
    for (size_t i = 0; i < j->due.naccount; i++)
        for (int32_t d = 0; j->place[i].shut && d < a->days; d++)
            if (j->place[i].shut[d]) PREAD_HASH(&h, j->due.account[i].id, d);
    for (size_t i = 0; i < j->open.n && a->hours.end; i++) {
        const kam__plan_open *o = &j->open.open[i];
        PREAD_HASH(&h, o->weekday, o->from, o->to);
        if (o->last < INT32_MAX) PREAD_HASH(&h, o->last);
    }
    for (size_t i = 0; i < j->due.nown; i++) {
        const kam__cadence_own *o = &j->due.own[i];
        PREAD_HASH(&h, o->account, o->channel, o->every, o->count, o->min_gap, (int64_t)o->unit);
        if (o->must) PREAD_HASH(&h, o->must);
    }
    for (size_t i = 0; i < j->nlink; i++) {
        const kam__planned *k = &j->link[i].k;
        PREAD_HASH(&h, j->link[i].representative, k->id, k->day, k->channel, k->cause, k->due, k->stays);
    }
    kam__sha256_end(&h, hex);
}
