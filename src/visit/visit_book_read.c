/*
 * visit/visit_book_read.c - what a book knows of contacts on a day: accounts with owner and grade, follow-ups still
 * open, and the last contact of each account by each rule.
 *
 * One snapshot is read: cadence and calendar, then per account owner, grade and lifecycle, then the follow-ups still
 * open, then the held activities, block by block, of which only the last qualifying day per account and rule is kept.
 * Memory goes by accounts and open follow-ups, not by activities. What a day sees: activities held up to it, facts in
 * force on it; a follow-up held only later was still open.
 */
#include "../store/store.h"
#include "../segment/segment_book.h"
#include "visit_book.h"

#define DUE_OWN_EVERY 3660                      /* an account's own frequency: what is believed */
#define DUE_OWN_COUNT 31
#define DUE_ROLES 16u                           /* roles of one person at one account that are looked at */

static int64_t due_num(const kam_col *c, uint32_t row, int64_t if_none)
{
    return !c || kam__col_null(c, row) ? if_none : kam__col_i64(c, row);
}

static int64_t due_own_figure(int64_t v, int64_t least, int64_t most)
{
    return v < least ? least : v > most ? most : v;
}

static int32_t due_tick(kam__due_job *j, const kam_block *rows)
{
    return kam__progress(j->b->ctx, j->done += rows->nrow, 0, j->err);
}

static int32_t due_read(kam__due_job *j, uint32_t kind, const uint32_t *field, uint32_t nfield, const kam_pred *pred,
                        uint32_t npred, int32_t as_of, uint32_t flags, kam_block_fn fn)
{
    kam__read q = {
        .scan = {.kind = kind, .field = field, .nfield = nfield, .pred = pred, .npred = npred, .any_order = 1},
        .as_of = as_of,
        .flags = flags};
    return kam__read_rows(j->b, &q, fn, j, j->err);
}

/* ---------------------------------------------------------------- the calendar */

typedef struct due_days { int32_t *day, *kind; size_t n, day_cap, kind_cap; kam_ctx *ctx; kam_error *err; } due_days;

static int32_t due_on_calendar(void *user, const kam_block *rows)
{
    due_days *d = user;
    const kam_col *day = kam__block_col(rows, KAM_CALENDAR_DAY_DAY),
                  *kind = kam__block_col(rows, KAM_CALENDAR_DAY_KIND);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        KAM__TRY(kam__grow(d->ctx, &d->day, &d->day_cap, d->n + 1, sizeof *d->day, d->err));
        KAM__TRY(kam__grow(d->ctx, &d->kind, &d->kind_cap, d->n + 1, sizeof *d->kind, d->err));
        d->day[d->n] = (int32_t)due_num(day, i, 0);
        d->kind[d->n++] = (int32_t)due_num(kind, i, 0);
    }
    return KAM_OK;
}

int32_t kam__visit_calendar(kam__calendar *out, kam_book *b, int32_t as_of, kam_error *err)
{
    static const uint32_t field[] = { KAM_ID, KAM_CALENDAR_DAY_DAY, KAM_CALENDAR_DAY_KIND };
    due_days d = { .ctx = b->ctx, .err = err };
    kam__read q = {.scan = {.kind = KAM_KIND_CALENDAR_DAY, .field = field, .nfield = KAM__LEN(field)}, .as_of = as_of};
    int32_t rc = kam__read_rows(b, &q, due_on_calendar, &d, err);
    if (rc == KAM_OK) rc = kam__calendar_init(out, b->ctx, d.day, d.kind, d.n, err);
    kam__free(b->ctx, d.day);
    kam__free(b->ctx, d.kind);
    return rc;
}

/* ---------------------------------------------------------------- accounts and their grades */

static int32_t due_on_account(void *user, const kam_block *rows)
{
    kam__due_job *j = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *since = kam__block_col(rows, KAM_ACCOUNT_CUSTOMER_SINCE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__due_account a = { .id = kam__col_i64(id, i), .since = (int32_t)due_num(since, i, j->day) };
        uint32_t at = 0;
        if (kam__imap_get(&j->state_of, a.id, &at) && j->state[at] == KAM_LIFECYCLE_INVALID) continue;
        if (kam__imap_get(&j->owner_of, a.id, &at)) a.representative = j->owner[at];
        KAM__TRY(kam__grow(j->b->ctx, &j->account, &j->account_cap, j->naccount + 1, sizeof a, j->err));
        KAM__TRY(kam__imap_put(&j->account_of, a.id, (uint32_t)j->naccount, j->err));
        j->account[j->naccount++] = a;
    }
    return due_tick(j, rows);
}

/* Number of a grade's text; 0 = "". */
static int32_t due_grade(uint32_t *out, kam__due_job *j, const char *text, size_t len)
{
    if (kam__tmap_get(&j->grade_of, text, len, out)) return KAM_OK;
    char *own = kam__arena_text(&j->policy.arena, text, len);
    if (!own) return kam__nomem(j->err);
    KAM__TRY(kam__grow(j->b->ctx, &j->grade, &j->grade_cap, j->ngrade + 1, sizeof *j->grade, j->err));
    KAM__TRY(kam__grow(j->b->ctx, &j->set, &j->set_cap, j->ngrade + 1, sizeof *j->set, j->err));
    KAM__TRY(kam__tmap_put(&j->grade_of, text, len, (uint32_t)j->ngrade, j->err));
    j->grade[j->ngrade] = own;
    j->set[j->ngrade] = kam__cadence_set_of(&j->cadence, text, len);
    *out = (uint32_t)j->ngrade++;
    return KAM_OK;
}

static int32_t due_on_grade(void *user, const kam_block *rows)
{
    kam__due_job *j = user;
    const kam_col *account = kam__block_col(rows, KAM_GRADE_ACCOUNT), *grade = kam__block_col(rows, KAM_GRADE_GRADE);
    const kam_col *from = kam__block_col(rows, KAM_VALID_FROM);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        uint32_t at = 0;
        size_t len = 0;
        const char *text = kam__col_text(grade, i, &len);
        if (!text || !kam__imap_get(&j->account_of, kam__col_i64(account, i), &at)) continue;
        kam__due_account *a = &j->account[at];
        KAM__TRY(due_grade(&a->grade, j, text, len));
        a->set = j->set[a->grade];
        int32_t since = (int32_t)due_num(from, i, KAM_DAY_FIRST);
        if (since != KAM_DAY_FIRST) a->since = since;
    }
    return due_tick(j, rows);
}

/* ---------------------------------------------------------------- one account's own frequency (R124) */

static int32_t due_on_own(void *user, const kam_block *rows)
{
    kam__due_job *j = user;
    const kam_col *account = kam__block_col(rows, KAM_CADENCE_OVERRIDE_ACCOUNT),
                  *channel = kam__block_col(rows, KAM_CADENCE_OVERRIDE_CHANNEL);
    const kam_col *every = kam__block_col(rows, KAM_CADENCE_OVERRIDE_EVERY),
                  *unit = kam__block_col(rows, KAM_CADENCE_OVERRIDE_UNIT);
    const kam_col *count = kam__block_col(rows, KAM_CADENCE_OVERRIDE_COUNT),
                  *gap = kam__block_col(rows, KAM_CADENCE_OVERRIDE_MIN_GAP), *must = kam__block_col(rows, KAM_CADENCE_OVERRIDE_MUST);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        kam__cadence_own o = {.account = due_num(account, i, 0), .channel = (int32_t)due_num(channel, i, 0),
                              .every = (int32_t)due_own_figure(due_num(every, i, 0), 0, DUE_OWN_EVERY),
                              .count = (int32_t)due_own_figure(due_num(count, i, 1), 1, DUE_OWN_COUNT),
                              .min_gap = (int32_t)due_own_figure(due_num(gap, i, 0), 0, DUE_OWN_EVERY),
                              .unit = (uint32_t)due_num(unit, i, KAM_CADENCE_UNIT_DAYS),
                              .must = kam__col_null(must, i) ? 0 : kam__col_i64(must, i) ? 1 : -1};
        uint32_t at = 0;
        if (!kam__imap_get(&j->account_of, o.account, &at)) continue;
        if (o.every && o.count > o.every * (o.unit == KAM__EVERY_MONTHS ? 28 : o.unit == KAM__EVERY_ISO_WEEKS ? 5 : 1))
            o.count = 1;
        KAM__TRY(kam__grow(j->b->ctx, &j->own, &j->own_cap, j->nown + 1, sizeof o, j->err));
        j->own[j->nown++] = o;
    }
    return due_tick(j, rows);
}

static int due_own_order(const void *a, const void *b, void *arg)
{
    const kam__cadence_own *x = a, *y = b;
    (void)arg;
    if (x->account != y->account) return x->account < y->account ? -1 : 1;
    return (x->channel > y->channel) - (x->channel < y->channel);
}

/* Such an account gets a set of rules of its own. */
static int32_t due_load_own(kam__due_job *j)
{
    static const uint32_t field[] = {KAM_ID,
                                     KAM_CADENCE_OVERRIDE_ACCOUNT,
                                     KAM_CADENCE_OVERRIDE_CHANNEL,
                                     KAM_CADENCE_OVERRIDE_EVERY,
                                     KAM_CADENCE_OVERRIDE_UNIT,
                                     KAM_CADENCE_OVERRIDE_COUNT,
                                     KAM_CADENCE_OVERRIDE_MIN_GAP,
                                     KAM_CADENCE_OVERRIDE_MUST};
    KAM__TRY(due_read(j, KAM_KIND_CADENCE_OVERRIDE, field, KAM__LEN(field), NULL, 0, j->as_of, 0, due_on_own));
    KAM__TRY(kam__sort(j->b->ctx, j->own, j->nown, sizeof *j->own, due_own_order, NULL, j->err));
    for (size_t i = 0, n = 1; i < j->nown; i += n, n = 1) {
        uint32_t at = 0;
        while (i + n < j->nown && j->own[i + n].account == j->own[i].account) n++;
        kam__imap_get(&j->account_of, j->own[i].account, &at);
        kam__due_account *a = &j->account[at];
        KAM__TRY(kam__cadence_override(&a->set, &j->cadence, &j->policy.arena, a->set, &j->own[i], (uint32_t)n, j->err));
    }
    return KAM_OK;
}

static int32_t due_load_accounts(kam__due_job *j)
{
    static const uint32_t fields[] = { KAM_ID, KAM_ACCOUNT_CUSTOMER_SINCE };
    static const uint32_t grades[] = { KAM_ID, KAM_GRADE_ACCOUNT, KAM_GRADE_GRADE, KAM_VALID_FROM };
    kam_pred p;
    kam__pred mem;
    uint32_t none = 0;
    KAM__TRY(kam__read_fact_map(&j->state_of, &j->state, j->b, KAM_KIND_LIFECYCLE, j->as_of, j->err));
    KAM__TRY(kam__read_fact_map(&j->owner_of, &j->owner, j->b, KAM_KIND_OWNER, j->as_of, j->err));
    KAM__TRY(due_read(j, KAM_KIND_ACCOUNT, fields, KAM__LEN(fields), NULL, 0, j->as_of, 0, due_on_account));
    KAM__TRY(due_grade(&none, j, "", 0));
    const kam__field *scheme = kam__kind_field(kam__builtin_kind(KAM_KIND_GRADE), KAM_GRADE_SCHEME);
    kam__pred_text(&p, &mem, scheme, KAM_OP_EQ, j->cadence.scheme, strlen(j->cadence.scheme));
    KAM__TRY(due_read(j, KAM_KIND_GRADE, grades, KAM__LEN(grades), &p, 1, j->as_of, 0, due_on_grade));
    KAM__TRY(kam__due_load_when(j));
    KAM__TRY(due_load_own(j));
    j->last = kam__zalloc_n(j->b->ctx, j->naccount * j->cadence.max_rules + 1, sizeof *j->last);
    if (!j->last) return kam__nomem(j->err);
    for (size_t i = 0; i < j->naccount * j->cadence.max_rules; i++) j->last[i] = KAM__NEVER;
    return KAM_OK;
}

/* ---------------------------------------------------------------- who has a role that counts */

static const char *due_role_asked(const kam__due_job *j, const char *text, size_t len)
{
    for (uint32_t s = 0; s < j->cadence.nset; s++)
        for (uint32_t r = 0; r < j->cadence.set[s].nrule; r++)
            for (uint32_t i = 0; i < j->cadence.set[s].rule[r].nattendee; i++) {
                const char *role = j->cadence.set[s].rule[r].attendee[i];
                if (strlen(role) == len && memcmp(role, text, len) == 0) return role;
            }
    return NULL;
}

static int32_t due_on_post(void *user, const kam_block *rows)
{
    kam__due_job *j = user;
    const kam_col *account = kam__block_col(rows, KAM_AFFILIATION_ACCOUNT),
                  *contact = kam__block_col(rows, KAM_AFFILIATION_CONTACT);
    const kam_col *role = kam__block_col(rows, KAM_AFFILIATION_ROLE);
    const kam_col *from = kam__block_col(rows, KAM_VALID_FROM), *to = kam__block_col(rows, KAM_VALID_TO);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = kam__col_text(role, i, &len), *asked = text ? due_role_asked(j, text, len) : NULL;
        if (!asked) continue;
        KAM__TRY(kam__grow(j->b->ctx, &j->post, &j->post_cap, j->npost + 1, sizeof *j->post, j->err));
        j->post[j->npost++] =
            (kam__due_post){kam__col_i64(account, i), kam__col_i64(contact, i), (int32_t)due_num(from, i, KAM_DAY_FIRST),
                       (int32_t)due_num(to, i, KAM_DAY_END), asked};
    }
    return due_tick(j, rows);
}

static int due_post_order(const void *a, const void *b, void *arg)
{
    const kam__due_post *x = a, *y = b;
    (void)arg;
    if (x->account != y->account) return x->account < y->account ? -1 : 1;
    return (x->contact > y->contact) - (x->contact < y->contact);
}

static int32_t due_load_posts(kam__due_job *j)
{
    static const uint32_t field[] = {
        KAM_ID, KAM_AFFILIATION_ACCOUNT, KAM_AFFILIATION_CONTACT, KAM_AFFILIATION_ROLE, KAM_VALID_FROM, KAM_VALID_TO};
    if (!j->cadence.asks_attendee) return KAM_OK;
    KAM__TRY(
        due_read(j, KAM_KIND_AFFILIATION, field, KAM__LEN(field), NULL, 0, j->as_of, KAM__READ_ALL_TIMES, due_on_post));
    return kam__sort(j->b->ctx, j->post, j->npost, sizeof *j->post, due_post_order, NULL, j->err);
}

/* Roles the person met has at the account on the day. */
static uint32_t due_roles(const kam__due_job *j, kam__role *role, uint32_t n, int64_t account, int64_t contact, int32_t day)
{
    kam__due_post want = { .account = account, .contact = contact };
    size_t low = 0, high = j->npost;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (due_post_order(&j->post[mid], &want, NULL) < 0) low = mid + 1;
        else high = mid;
    }
    for (; low < j->npost && due_post_order(&j->post[low], &want, NULL) == 0 && n < DUE_ROLES; low++)
        if (j->post[low].from <= day && day < j->post[low].to)
            role[n++] = (kam__role){ j->post[low].role, strlen(j->post[low].role) };
    return n;
}

/* ---------------------------------------------------------------- follow-ups that are open on the day */

static int32_t due_on_followup(void *user, const kam_block *rows)
{
    kam__due_job *j = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *account = kam__block_col(rows, KAM_ACTIVITY_ACCOUNT);
    const kam_col *status = kam__block_col(rows, KAM_ACTIVITY_STATUS), *day = kam__block_col(rows, KAM_ACTIVITY_DAY);
    const kam_col *due = kam__block_col(rows, KAM_ACTIVITY_DUE), *channel = kam__block_col(rows, KAM_ACTIVITY_CHANNEL);
    const kam_col *rep = kam__block_col(rows, KAM_ACTIVITY_REPRESENTATIVE),
                  *follows = kam__block_col(rows, KAM_ACTIVITY_FOLLOWS);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int64_t is = due_num(status, i, 0), of = due_num(follows, i, 0);
        int32_t on = (int32_t)due_num(day, i, 0);
        uint32_t at = 0;
        if (!of || (is != KAM_ACTIVITY_PLANNED && !(is == KAM_ACTIVITY_HELD && on > j->day))) continue;
        if (!kam__imap_get(&j->account_of, kam__col_i64(account, i), &at)) continue;
        const kam__due_account *a = &j->account[at];
        kam__due_open o = { .follows = of, .item = { .account = a->id, .representative = due_num(rep, i, a->representative),
                       .activity = kam__col_i64(id, i), .channel = (int32_t)due_num(channel, i, 0), .last = KAM__NEVER,
                       .day = (int32_t)due_num(due, i, on), .grade = a->grade } };
        if (kam__calendar_before(&j->calendar, o.item.day, KAM_DAY_FIRST) > j->until)
            continue; /* however early it moves */
        KAM__TRY(kam__grow(j->b->ctx, &j->open, &j->open_cap, j->nopen + 1, sizeof o, j->err));
        KAM__TRY(kam__imap_put(&j->follows, of, (uint32_t)j->nopen, j->err));
        j->open[j->nopen++] = o;
    }
    return due_tick(j, rows);
}

static int32_t due_load_followups(kam__due_job *j)
{
    static const uint32_t field[] = {
        KAM_ID,           KAM_ACTIVITY_ACCOUNT,        KAM_ACTIVITY_STATUS,  KAM_ACTIVITY_CHANNEL, KAM_ACTIVITY_DAY,
        KAM_ACTIVITY_DUE, KAM_ACTIVITY_REPRESENTATIVE, KAM_ACTIVITY_FOLLOWS, KAM_ACTIVITY_CAUSE};
    kam_pred p;
    kam__pred mem;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_ACTIVITY), KAM_ACTIVITY_CAUSE), KAM_OP_EQ,
                  KAM_ACTIVITY_CAUSE_FOLLOWUP);
    return due_read(j, KAM_KIND_ACTIVITY, field, KAM__LEN(field), &p, 1, KAM_TODAY, KAM__READ_ALL_TIMES,
                    due_on_followup);
}

/* ---------------------------------------------------------------- what was held */

typedef struct due_columns {
    const kam_col *id, *account, *channel, *day, *direction, *premises, *role, *contact, *cause, *follows, *replaces;
} due_columns;

/* The visit an open follow-up belongs to gives its last contact; a held one in its place closes it. */
static void due_note_followup(kam__due_job *j, const due_columns *c, uint32_t i, int32_t day)
{
    uint32_t at = 0;
    if (kam__imap_get(&j->follows, kam__col_i64(c->id, i), &at) ||
        kam__imap_get(&j->follows, due_num(c->replaces, i, 0), &at))
        j->open[at].item.last = day;
    int64_t channel = due_num(c->channel, i, 0);
    if (due_num(c->cause, i, 0) != KAM_ACTIVITY_CAUSE_FOLLOWUP ||
        (channel != KAM_CHANNEL_CALL && channel != KAM_CHANNEL_VISIT))
        return;
    if (kam__imap_get(&j->follows, due_num(c->follows, i, 0), &at)) j->open[at].answered = 1;
}

static void due_note_contact(kam__due_job *j, const due_columns *c, uint32_t i, int32_t day, uint32_t at)
{
    const kam__due_account *a = &j->account[at];
    const kam__cadence_set *set = &j->cadence.set[a->set];
    kam__role role[DUE_ROLES];
    kam__held held = { .channel = (int32_t)due_num(c->channel, i, 0), .direction = (int32_t)due_num(c->direction, i, 0),
                       .premises = (int32_t)due_num(c->premises, i, 0), .role = role };
    role[0].text = c->role ? kam__col_text(c->role, i, &role[0].len) : NULL;
    if (role[0].text) held.nrole = 1;
    int64_t contact = due_num(c->contact, i, 0);
    if (contact && j->npost) held.nrole = due_roles(j, role, held.nrole, a->id, contact, day);
    int32_t *last = j->last + (size_t)at * j->cadence.max_rules;
    for (uint32_t r = 0; r < set->nrule; r++)
        if (day > last[r] && kam__cadence_qualifies(&set->rule[r], &held)) last[r] = day;
}

static int32_t due_on_held(void *user, const kam_block *rows)
{
    kam__due_job *j = user;
    due_columns c = {kam__block_col(rows, KAM_ID),
                     kam__block_col(rows, KAM_ACTIVITY_ACCOUNT),
                     kam__block_col(rows, KAM_ACTIVITY_CHANNEL),
                     kam__block_col(rows, KAM_ACTIVITY_DAY),
                     kam__block_col(rows, KAM_ACTIVITY_DIRECTION),
                     kam__block_col(rows, KAM_ACTIVITY_PREMISES),
                     kam__block_col(rows, KAM_ACTIVITY_ATTENDEE_ROLE),
                     kam__block_col(rows, KAM_ACTIVITY_CONTACT),
                     kam__block_col(rows, KAM_ACTIVITY_CAUSE),
                     kam__block_col(rows, KAM_ACTIVITY_FOLLOWS),
                     kam__block_col(rows, KAM__REPLACES)};
    for (uint32_t i = 0; i < rows->nrow; i++) {
        uint32_t at = 0;
        int32_t day = (int32_t)due_num(c.day, i, KAM_DAY_END);
        if (day > j->day || !kam__imap_get(&j->account_of, due_num(c.account, i, 0), &at)) continue;
        if (j->nopen) due_note_followup(j, &c, i, day);
        due_note_contact(j, &c, i, day, at);
    }
    return due_tick(j, rows);
}

static int32_t due_load_held(kam__due_job *j)
{
    static const uint32_t field[] = {KAM_ID,
                                     KAM_ACTIVITY_ACCOUNT,
                                     KAM_ACTIVITY_CHANNEL,
                                     KAM_ACTIVITY_DAY,
                                     KAM_ACTIVITY_DIRECTION,
                                     KAM_ACTIVITY_PREMISES,
                                     KAM_ACTIVITY_ATTENDEE_ROLE,
                                     KAM_ACTIVITY_CONTACT,
                                     KAM_ACTIVITY_CAUSE,
                                     KAM_ACTIVITY_FOLLOWS,
                                     KAM__REPLACES,
                                     KAM_ACTIVITY_STATUS};
    kam_pred p;
    kam__pred mem;
    if (!j->cadence.max_rules && !j->nopen) return KAM_OK;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_ACTIVITY), KAM_ACTIVITY_STATUS), KAM_OP_EQ,
                  KAM_ACTIVITY_HELD);
    return due_read(j, KAM_KIND_ACTIVITY, field, KAM__LEN(field), &p, 1, j->day, 0, due_on_held);
}

/* ---------------------------------------------------------------- contacts in place of missed ones */

typedef struct due_place { uint32_t account; int32_t channel, day; } due_place;
typedef struct due_places { kam__due_job *j; due_place *item; size_t n, cap; int32_t *day; size_t day_cap; } due_places;

/* Is a contact of an account missed that one on this channel and day may stand in for? */
static int due_stands_in(const kam__due_job *j, uint32_t at, int32_t channel, int32_t day)
{
    const kam__due_account *a = &j->account[at];
    const kam__cadence_set *set = &j->cadence.set[a->set];
    for (uint32_t r = 0; r < set->nrule; r++) {
        const kam__cadence_rule *rule = &set->rule[r];
        if (!rule->substitute || rule->substitute_channel != channel) continue;
        if (day > kam__due_day(rule, j->last[(size_t)at * j->cadence.max_rules + r], a->since, &j->calendar)) return 1;
    }
    return 0;
}

static int32_t due_on_place(void *user, const kam_block *rows)
{
    due_places *s = user;
    kam__due_job *j = s->j;
    const kam_col *account = kam__block_col(rows, KAM_ACTIVITY_ACCOUNT),
                  *channel = kam__block_col(rows, KAM_ACTIVITY_CHANNEL), *day = kam__block_col(rows, KAM_ACTIVITY_DAY);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        due_place p = {.channel = (int32_t)due_num(channel, i, 0), .day = (int32_t)due_num(day, i, KAM_DAY_END)};
        if (p.day > j->day || !kam__imap_get(&j->account_of, due_num(account, i, 0), &p.account)) continue;
        if (!due_stands_in(j, p.account, p.channel, p.day)) continue;
        KAM__TRY(kam__grow(j->b->ctx, &s->item, &s->cap, s->n + 1, sizeof p, j->err));
        s->item[s->n++] = p;
    }
    return due_tick(j, rows);
}

static int due_place_order(const void *a, const void *b, void *arg)
{
    const due_place *x = a, *y = b;
    (void)arg;
    if (x->account != y->account) return x->account < y->account ? -1 : 1;
    return (x->day > y->day) - (x->day < y->day);
}

/* Only what is missed is replaced, `most` times in a row; then the customer is to be seen. */
static void due_replace(kam__due_job *j, uint32_t at, uint32_t rule_at, const int32_t *day, size_t n)
{
    const kam__due_account *a = &j->account[at];
    const kam__cadence_rule *rule = &j->cadence.set[a->set].rule[rule_at];
    int32_t *last = &j->last[(size_t)at * j->cadence.max_rules + rule_at];
    for (int32_t k = 0; k < rule->substitute_most; k++) {
        int32_t on = kam__due_replaced(rule, kam__due_day(rule, *last, a->since, &j->calendar), day, n);
        if (on == KAM__NEVER) return;
        *last = on;
    }
}

static int32_t due_replace_all(due_places *s)
{
    kam__due_job *j = s->j;
    KAM__TRY(kam__sort(j->b->ctx, s->item, s->n, sizeof *s->item, due_place_order, NULL, j->err));
    KAM__TRY(kam__grow(j->b->ctx, &s->day, &s->day_cap, s->n + 1, sizeof *s->day, j->err));
    for (size_t i = 0, n = 1; i < s->n; i += n, n = 1) {
        const kam__cadence_set *set = &j->cadence.set[j->account[s->item[i].account].set];
        while (i + n < s->n && s->item[i + n].account == s->item[i].account) n++;
        for (uint32_t r = 0; r < set->nrule; r++) {
            size_t m = 0;
            for (size_t k = i; k < i + n; k++)
                if (s->item[k].channel == set->rule[r].substitute_channel) s->day[m++] = s->item[k].day;
            if (set->rule[r].substitute) due_replace(j, s->item[i].account, r, s->day, m);
        }
    }
    return KAM_OK;
}

static int32_t due_load_places(kam__due_job *j)
{
    static const uint32_t field[] = {KAM_ID, KAM_ACTIVITY_ACCOUNT, KAM_ACTIVITY_CHANNEL, KAM_ACTIVITY_DAY,
                                     KAM_ACTIVITY_STATUS};
    due_places s = {.j = j};
    kam_pred p;
    kam__pred mem;
    if (!j->cadence.substitutes) return KAM_OK;
    kam__pred_i64(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_ACTIVITY), KAM_ACTIVITY_STATUS), KAM_OP_EQ,
                  KAM_ACTIVITY_HELD);
    kam__read q = {.scan = {.kind = KAM_KIND_ACTIVITY, .field = field, .nfield = KAM__LEN(field), .pred = &p, .npred = 1,
                            .any_order = 1},
                   .as_of = j->day};
    int32_t rc = kam__read_rows(j->b, &q, due_on_place, &s, j->err);
    if (rc == KAM_OK) rc = due_replace_all(&s);
    kam__free(j->b->ctx, s.item);
    kam__free(j->b->ctx, s.day);
    return rc;
}

/* ---------------------------------------------------------------- all of it */

void kam__due_job_free(kam__due_job *j)
{
    kam_ctx *ctx = j->b->ctx;
    kam__imap_free(&j->state_of);
    kam__imap_free(&j->owner_of);
    kam__imap_free(&j->account_of);
    kam__imap_free(&j->follows);
    kam__tmap_free(&j->grade_of);
    kam__calendar_free(&j->calendar);
    void *const own[] = { j->state, j->owner, j->account, j->grade, j->set, j->last, j->post, j->open, j->list.item,
                          j->own, j->unsure };
    for (size_t i = 0; i < KAM__LEN(own); i++) kam__free(ctx, own[i]);
    kam__policy_free(&j->policy);
}

/* Letters without an order are no frequency (R39): a cadence goes by the grades of an ordinal scheme, or by grades the host gives. */
static int32_t due_check_scheme(const kam__due_job *j)
{
    int nominal = 0;
    int32_t rc = kam__scheme_nominal(&nominal, j->b, j->cadence.scheme, j->day, NULL);
    if (rc != KAM_OK && rc != KAM_E_POLICY) return kam__scheme_nominal(&nominal, j->b, j->cadence.scheme, j->day, j->err);
    if (!nominal) return KAM_OK;
    return kam__fail(j->err, KAM_E_POLICY, "cadence \"%s\" goes by the grades of \"%s\", which have no order: name an ordinal scheme",
                     j->policy.name, j->cadence.scheme);
}

static int32_t due_load(kam__due_job *j)
{
    KAM__TRY(kam__cadence_read(&j->cadence, &j->policy.arena, j->policy.body, j->err));
    KAM__TRY(due_check_scheme(j));
    KAM__TRY(kam__visit_calendar(&j->calendar, j->b, j->as_of, j->err));
    KAM__TRY(due_load_accounts(j));
    KAM__TRY(due_load_posts(j));
    KAM__TRY(due_load_followups(j));
    KAM__TRY(due_load_held(j));
    return due_load_places(j);
}

int32_t kam__due_job_load(kam__due_job *j, const char *cadence)
{
    KAM__TRY(kam__policy_load(&j->policy, j->b, KAM_POLICY_CADENCE, cadence ? cadence : "standard", j->day, j->err));
    kam__imap_init(&j->state_of, j->b->ctx);
    kam__imap_init(&j->owner_of, j->b->ctx);
    kam__imap_init(&j->account_of, j->b->ctx);
    kam__imap_init(&j->follows, j->b->ctx);
    kam__tmap_init(&j->grade_of, j->b->ctx);
    int32_t rc = due_load(j);
    if (rc != KAM_OK) kam__due_job_free(j);
    return rc;
}
