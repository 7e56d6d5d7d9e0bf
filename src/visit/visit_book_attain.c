/*
 * visit/visit_book_attain.c - what became of the plan: planned, done, missed and still to do, per account, grade,
 * representative or territory; and one week told day by day with what the next one holds (R120).
 *
 * One pass over the activities of a window counts them per group and channel. Inbound visits are not counted: they
 * never do for a planned visit (R146).
 */
#include "../store/store.h"
#include "visit_book.h"

static int64_t attain_num(const kam_col *c, uint32_t row, int64_t if_none)
{
    return !c || kam__col_null(c, row) ? if_none : kam__col_i64(c, row);
}

/* ---------------------------------------------------------------- names by id */

typedef struct attain_names { kam__due_job *j; kam__imap of; const char **name; size_t n, cap; uint32_t field; } attain_names;

static int32_t attain_on_name(void *user, const kam_block *rows)
{
    attain_names *s = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *name = kam__block_col(rows, s->field);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = kam__col_text(name, i, &len);
        KAM__TRY(kam__grow(s->j->b->ctx, &s->name, &s->cap, s->n + 1, sizeof *s->name, s->j->err));
        s->name[s->n] = kam__arena_text(&s->j->policy.arena, text ? text : "", len);
        if (!s->name[s->n]) return kam__nomem(s->j->err);
        KAM__TRY(kam__imap_put(&s->of, kam__col_i64(id, i), (uint32_t)s->n++, s->j->err));
    }
    return KAM_OK;
}

static int32_t attain_load_names(attain_names *s, kam__due_job *j, uint32_t kind, uint32_t name)
{
    uint32_t field[] = {KAM_ID, name};
    memset(s, 0, sizeof *s);
    s->j = j;
    s->field = name;
    kam__imap_init(&s->of, j->b->ctx);
    kam__read q = {.scan = {.kind = kind, .field = field, .nfield = 2, .any_order = 1}, .as_of = j->as_of};
    return kam__read_rows(j->b, &q, attain_on_name, s, j->err);
}

static const char *attain_name(const attain_names *s, int64_t id)
{
    uint32_t at = 0;
    return kam__imap_get(&s->of, id, &at) ? s->name[at] : "";
}

static void attain_names_free(attain_names *s)
{
    if (!s->j) return;
    kam__free(s->j->b->ctx, s->name);
    kam__imap_free(&s->of);
}

/* ---------------------------------------------------------------- counting */

typedef struct attain_asked { int32_t by, from, to; uint32_t flags; } attain_asked;
typedef struct attain_group { int64_t key; int32_t channel; int64_t planned, done, missed, unverified; } attain_group;
typedef struct attain_job {
    kam__due_job *j; const attain_asked *asked;
    kam__imap territory_of; int64_t *territory; size_t nterritory, territory_cap;
    attain_group *group; size_t n, cap;
    kam__imap at[16];                           /* of each channel: key -> group */
} attain_job;

static int32_t attain_on_territory(void *user, const kam_block *rows)
{
    attain_job *a = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *of = kam__block_col(rows, KAM_ACCOUNT_TERRITORY);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        KAM__TRY(kam__grow(a->j->b->ctx, &a->territory, &a->territory_cap, a->nterritory + 1, sizeof *a->territory, a->j->err));
        KAM__TRY(kam__imap_put(&a->territory_of, kam__col_i64(id, i), (uint32_t)a->nterritory, a->j->err));
        a->territory[a->nterritory++] = attain_num(of, i, 0);
    }
    return KAM_OK;
}

static int64_t attain_key(const attain_job *a, uint32_t account, int64_t representative)
{
    const kam__due_account *x = &a->j->account[account];
    uint32_t at = 0;
    switch (a->asked->by) {
    case KAM_ATTAINMENT_BY_GRADE: return x->grade;
    case KAM_ATTAINMENT_BY_REPRESENTATIVE: return representative ? representative : x->representative;
    case KAM_ATTAINMENT_BY_TERRITORY: return kam__imap_get(&a->territory_of, x->id, &at) ? a->territory[at] : 0;
    default: return x->id;
    }
}

static attain_group *attain_group_of(attain_job *a, int64_t key, int32_t channel)
{
    uint32_t at = 0;
    kam__imap *map = &a->at[channel & 15];
    if (kam__imap_get(map, key, &at)) return &a->group[at];
    if (kam__grow(a->j->b->ctx, &a->group, &a->cap, a->n + 1, sizeof *a->group, a->j->err) != KAM_OK) return NULL;
    if (kam__imap_put(map, key, (uint32_t)a->n, a->j->err) != KAM_OK) return NULL;
    a->group[a->n] = (attain_group){.key = key, .channel = channel};
    return &a->group[a->n++];
}

/* Planned: it stands in the plan, or stood there and was held. */
static int32_t attain_on_activity(void *user, const kam_block *rows)
{
    attain_job *a = user;
    const kam_col *account = kam__block_col(rows, KAM_ACTIVITY_ACCOUNT), *day = kam__block_col(rows, KAM_ACTIVITY_DAY);
    const kam_col *status = kam__block_col(rows, KAM_ACTIVITY_STATUS), *replaces = kam__block_col(rows, KAM__REPLACES);
    const kam_col *channel = kam__block_col(rows, KAM_ACTIVITY_CHANNEL), *due = kam__block_col(rows, KAM_ACTIVITY_DUE);
    const kam_col *direction = kam__block_col(rows, KAM_ACTIVITY_DIRECTION);
    const kam_col *rep = kam__block_col(rows, KAM_ACTIVITY_REPRESENTATIVE), *sure = kam__block_col(rows, KAM_ACTIVITY_VERIFIED);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        int32_t on = (int32_t)attain_num(day, i, 0), is = (int32_t)attain_num(status, i, 0);
        int32_t by = (int32_t)attain_num(channel, i, 0);
        int visit = by == KAM_CHANNEL_VISIT, held = is == KAM_ACTIVITY_HELD && on <= a->j->day;
        uint32_t at = 0;
        if (on < a->asked->from || on >= a->asked->to || is == KAM_ACTIVITY_CANCELLED || (is == KAM_ACTIVITY_HELD && !held)) continue;
        if (visit && !kam__visit_outbound(attain_num(direction, i, 0))) continue;
        if (!kam__imap_get(&a->j->account_of, attain_num(account, i, 0), &at)) continue;
        attain_group *g = attain_group_of(a, attain_key(a, at, attain_num(rep, i, 0)), by);
        if (!g) return KAM_E_NOMEM;
        int doubt = held && visit && !attain_num(sure, i, 0);
        int counts = held && !(doubt && a->asked->flags & KAM_ATTAIN_VERIFIED);
        g->planned += !held || !kam__col_null(replaces, i) || !kam__col_null(due, i);
        g->done += counts;
        g->missed += !held && on < a->j->day;
        g->unverified += doubt;
    }
    return kam__progress(a->j->b->ctx, a->j->done += rows->nrow, 0, a->j->err);
}

static int attain_order(const void *x, const void *y, void *arg)
{
    const attain_group *a = x, *b = y;
    (void)arg;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->channel > b->channel) - (a->channel < b->channel);
}

static int32_t attain_count(attain_job *a)
{
    static const uint32_t field[] = {KAM_ID, KAM__REPLACES, KAM_ACTIVITY_ACCOUNT, KAM_ACTIVITY_DAY, KAM_ACTIVITY_STATUS,
                                     KAM_ACTIVITY_CHANNEL, KAM_ACTIVITY_DUE, KAM_ACTIVITY_DIRECTION,
                                     KAM_ACTIVITY_REPRESENTATIVE, KAM_ACTIVITY_VERIFIED};
    static const uint32_t territory[] = {KAM_ID, KAM_ACCOUNT_TERRITORY};
    kam__due_job *j = a->j;
    kam__read q = {.scan = {.kind = KAM_KIND_ACTIVITY, .field = field, .nfield = KAM__LEN(field), .any_order = 1},
                   .as_of = KAM_TODAY, .flags = KAM__READ_ALL_TIMES};
    kam__read t = {.scan = {.kind = KAM_KIND_ACCOUNT, .field = territory, .nfield = 2, .any_order = 1}, .as_of = j->as_of};
    if (a->asked->by == KAM_ATTAINMENT_BY_TERRITORY) KAM__TRY(kam__read_rows(j->b, &t, attain_on_territory, a, j->err));
    KAM__TRY(kam__read_rows(j->b, &q, attain_on_activity, a, j->err));
    return kam__sort(j->b->ctx, a->group, a->n, sizeof *a->group, attain_order, NULL, j->err);
}

/* ---------------------------------------------------------------- rows */

static int32_t attain_row(const attain_job *a, kam__rowset *s, const attain_group *g, const char *name)
{
    kam__blockbuf *bb = kam__rowset_row(s, a->j->err);
    if (!bb) return KAM_E_NOMEM;
    const struct { uint32_t field; int64_t v; } num[] = {
        {KAM_ATTAINMENT_BY, a->asked->by}, {KAM_ATTAINMENT_CHANNEL, g->channel}, {KAM_ATTAINMENT_PLANNED, g->planned},
        {KAM_ATTAINMENT_DONE, g->done}, {KAM_ATTAINMENT_MISSED, g->missed},
        {KAM_ATTAINMENT_REMAINING, g->planned > g->done ? g->planned - g->done : 0},
        {KAM_ATTAINMENT_UNVERIFIED, g->unverified}};
    for (size_t i = 0; i < KAM__LEN(num); i++) kam__bb_i64(bb, kam__rowset_col(s, num[i].field), num[i].v);
    if (g->planned) kam__bb_i64(bb, kam__rowset_col(s, KAM_ATTAINMENT_SHARE), g->done * 10000 / g->planned);
    if (g->key && a->asked->by != KAM_ATTAINMENT_BY_GRADE) kam__bb_i64(bb, kam__rowset_col(s, KAM_ATTAINMENT_RECORD), g->key);
    if (name[0]) kam__bb_text(bb, kam__rowset_col(s, KAM_ATTAINMENT_NAME), name, strlen(name));
    return kam__rowset_end_row(s, a->j->err);
}

static int32_t attain_list(kam_rows **out, attain_job *a)
{
    static const uint32_t of[][2] = {{KAM_KIND_ACCOUNT, KAM_ACCOUNT_NAME}, {0, 0},
                                     {KAM_KIND_REPRESENTATIVE, KAM_REPRESENTATIVE_NAME},
                                     {KAM_KIND_TERRITORY, KAM_TERRITORY_NAME}};
    const uint32_t *kind = of[a->asked->by - 1];
    attain_names names = {.j = NULL};
    kam__rowset *s = NULL;
    int32_t rc = kind[0] ? attain_load_names(&names, a->j, kind[0], kind[1]) : KAM_OK;
    if (rc == KAM_OK) rc = kam__rowset_new(&s, a->j->b->schema, KAM_KIND_ATTAINMENT, NULL, 0, a->j->err);
    for (size_t i = 0; i < a->n && rc == KAM_OK; i++)
        rc = attain_row(a, s, &a->group[i], kind[0] ? attain_name(&names, a->group[i].key) : a->j->grade[a->group[i].key]);
    if (rc == KAM_OK) {
        kam__rowset_seal(s);
        rc = kam__rows_of_set(out, a->j->b, s, 0, 0, a->j->err);
    }
    kam__rowset_drop(s);
    attain_names_free(&names);
    return rc;
}

static int32_t attain_rows(kam_rows **out, kam__due_job *j, void *user)
{
    attain_job a = {.j = j, .asked = user};
    kam__imap_init(&a.territory_of, j->b->ctx);
    for (size_t i = 0; i < KAM__LEN(a.at); i++) kam__imap_init(&a.at[i], j->b->ctx);
    int32_t rc = attain_count(&a);
    if (rc == KAM_OK) rc = attain_list(out, &a);
    for (size_t i = 0; i < KAM__LEN(a.at); i++) kam__imap_free(&a.at[i]);
    kam__imap_free(&a.territory_of);
    kam__free(j->b->ctx, a.territory);
    kam__free(j->b->ctx, a.group);
    return rc;
}

int32_t kam_visit_attainment(kam_rows **out, kam_book *book, int32_t by, int32_t from, int32_t to, uint32_t flags,
                             int32_t as_of, kam_error *err)
{
    attain_asked asked = {by, from, to, flags};
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__flags(flags, KAM_ATTAIN_VERIFIED, "flags", err));
    if (by < KAM_ATTAINMENT_BY_ACCOUNT || by > KAM_ATTAINMENT_BY_TERRITORY)
        return kam__fail(err, KAM_E_INVAL,
                         "by is %d: one of KAM_ATTAINMENT_BY_ACCOUNT to KAM_ATTAINMENT_BY_TERRITORY is expected",
                         (int)by);
    if (from >= to) return kam__fail(err, KAM_E_INVAL, "the window is empty: to, itself excluded, must lie after from");
    return kam__due_with(out, book, NULL, as_of, attain_rows, &asked, err);
}

/* ---------------------------------------------------------------- a week and the next one */

typedef struct week_item { int32_t day, group; int64_t record; int32_t channel; uint32_t account; const char *rule; } week_item;
typedef struct week_job {
    kam__due_job *j; int64_t only; int32_t monday;
    week_item *item; size_t n, cap;
} week_job;

enum { WEEK_HELD, WEEK_MISSED, WEEK_OPEN, WEEK_NEXT, WEEK_DUE };

static int32_t week_push(week_job *w, const week_item *it)
{
    KAM__TRY(kam__grow(w->j->b->ctx, &w->item, &w->cap, w->n + 1, sizeof *it, w->j->err));
    w->item[w->n++] = *it;
    return KAM_OK;
}

static int32_t week_on_activity(void *user, const kam_block *rows)
{
    week_job *w = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *account = kam__block_col(rows, KAM_ACTIVITY_ACCOUNT);
    const kam_col *day = kam__block_col(rows, KAM_ACTIVITY_DAY), *status = kam__block_col(rows, KAM_ACTIVITY_STATUS);
    const kam_col *channel = kam__block_col(rows, KAM_ACTIVITY_CHANNEL), *rep = kam__block_col(rows, KAM_ACTIVITY_REPRESENTATIVE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        week_item it = {.day = (int32_t)attain_num(day, i, 0), .record = kam__col_i64(id, i),
                        .channel = (int32_t)attain_num(channel, i, 0), .rule = ""};
        int64_t is = attain_num(status, i, 0);
        int next = it.day >= w->monday + 7, held = is == KAM_ACTIVITY_HELD;
        if (it.day < w->monday || it.day >= w->monday + 14 || is == KAM_ACTIVITY_CANCELLED || (held && (next || it.day > w->j->day))) continue;
        if (!kam__imap_get(&w->j->account_of, attain_num(account, i, 0), &it.account)) continue;
        if (w->only && attain_num(rep, i, w->j->account[it.account].representative) != w->only) continue;
        it.group = held ? WEEK_HELD : next ? WEEK_NEXT : it.day < w->j->day ? WEEK_MISSED : WEEK_OPEN;
        KAM__TRY(week_push(w, &it));
    }
    return KAM_OK;
}

/* What the cadence wants by the end of the next week. */
static int32_t week_due(week_job *w)
{
    kam__due_job *j = w->j;
    for (size_t i = 0; i < j->naccount; i++) {
        if (w->only && j->account[i].representative != w->only) continue;
        KAM__TRY(kam__due_add(&j->list, &j->cadence, &j->account[i], j->last + i * j->cadence.max_rules, &j->calendar,
                              w->monday + 13, j->err));
    }
    for (size_t i = 0; i < j->list.n; i++) {
        const kam__due *d = &j->list.item[i];
        week_item it = {.day = d->day, .group = WEEK_DUE, .record = d->account, .channel = d->channel, .rule = d->rule};
        kam__imap_get(&j->account_of, d->account, &it.account);
        KAM__TRY(week_push(w, &it));
    }
    return KAM_OK;
}

static int week_order(const void *x, const void *y, void *arg)
{
    const week_item *a = x, *b = y;
    (void)arg;
    if (a->group != b->group) return a->group < b->group ? -1 : 1;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    if (a->record != b->record) return a->record < b->record ? -1 : 1;
    return strcmp(a->rule, b->rule);
}

static int32_t week_row(const week_job *w, kam__rowset *s, const week_item *it, const char *name, kam_buf *text)
{
    static const char *const group[] = {"held", "missed", "open", "next", "due"};
    const kam__enum_item *channel = kam__enum_by_value(kam__enum_set_by_name("CHANNEL"), it->channel);
    kam__blockbuf *bb = kam__rowset_row(s, w->j->err);
    if (!bb) return KAM_E_NOMEM;
    kam__buf_printf(text, "%s %s", channel ? channel->name : "", name);
    KAM__TRY(kam__buf_end(text, w->j->err));
    kam__bb_i64(bb, kam__rowset_col(s, KAM_TIMELINE_DAY), it->day);
    kam__bb_text(bb, kam__rowset_col(s, KAM_TIMELINE_KIND), group[it->group], strlen(group[it->group]));
    kam__bb_i64(bb, kam__rowset_col(s, KAM_TIMELINE_RECORD), it->record);
    kam__bb_text(bb, kam__rowset_col(s, KAM_TIMELINE_TEXT), text->data, strlen(text->data));
    kam__buf_clear(text);
    return kam__rowset_end_row(s, w->j->err);
}

static int32_t week_list(kam_rows **out, week_job *w)
{
    static const uint32_t field[] = {KAM_ID, KAM_ACTIVITY_ACCOUNT, KAM_ACTIVITY_DAY, KAM_ACTIVITY_STATUS,
                                     KAM_ACTIVITY_CHANNEL, KAM_ACTIVITY_REPRESENTATIVE};
    kam__due_job *j = w->j;
    attain_names names = {.j = NULL};
    kam__rowset *s = NULL;
    kam_buf text;
    kam__read q = {.scan = {.kind = KAM_KIND_ACTIVITY, .field = field, .nfield = KAM__LEN(field), .any_order = 1},
                   .as_of = KAM_TODAY, .flags = KAM__READ_ALL_TIMES};
    kam__buf_init(&text, j->b->ctx);
    int32_t rc = kam__read_rows(j->b, &q, week_on_activity, w, j->err);
    if (rc == KAM_OK) rc = week_due(w);
    if (rc == KAM_OK) rc = kam__sort(j->b->ctx, w->item, w->n, sizeof *w->item, week_order, NULL, j->err);
    if (rc == KAM_OK) rc = attain_load_names(&names, j, KAM_KIND_ACCOUNT, KAM_ACCOUNT_NAME);
    if (rc == KAM_OK) rc = kam__rowset_new(&s, j->b->schema, KAM_KIND_TIMELINE, NULL, 0, j->err);
    for (size_t i = 0; i < w->n && rc == KAM_OK; i++)
        rc = week_row(w, s, &w->item[i], attain_name(&names, j->account[w->item[i].account].id), &text);
    if (rc == KAM_OK) {
        kam__rowset_seal(s);
        rc = kam__rows_of_set(out, j->b, s, 0, 0, j->err);
    }
    kam__rowset_drop(s);
    attain_names_free(&names);
    kam__buf_drop(&text);
    return rc;
}

static int32_t week_rows(kam_rows **out, kam__due_job *j, void *user)
{
    week_job w = {.j = j, .only = *(const int64_t *)user, .monday = kam__iso_week_start(j->day)};
    int32_t rc = week_list(out, &w);
    kam__free(j->b->ctx, w.item);
    return rc;
}

int32_t kam_visit_week(kam_rows **out, kam_book *book, const char *cadence, int64_t representative, int32_t as_of,
                       kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    if (representative < 0) return kam__fail(err, KAM_E_INVAL, "representative is an id, or 0 for all");
    return kam__due_with(out, book, cadence, as_of, week_rows, &representative, err);
}
