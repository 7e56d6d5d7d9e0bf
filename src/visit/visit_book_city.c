/*
 * visit/visit_book_city.c - which cities are worth a tour (R122): industrial base, low barriers to entry, existing relations,
 * location, each in points; beside them how many accounts are there and what is due.
 *
 * Points come from CITY records; a city that only accounts name has none but those for relations, which follow from the
 * contacts held when nobody says otherwise.
 */
#include "../store/store.h"
#include "visit_book.h"

#define CITY_POINTS 4
#define CITY_MOST 100000                        /* ten points */

typedef struct city_place { const char *name, *region; int64_t points[CITY_POINTS], accounts, known, due; int told; } city_place;
typedef struct city_job { kam__plan_job *j; int64_t only; kam__tmap of; city_place *city; size_t n, cap; } city_job;
enum { CITY_INDUSTRY, CITY_ENTRY, CITY_RELATIONS, CITY_LOCATION };

static city_place *city_of(city_job *c, const char *name, size_t len)
{
    kam_error *err = c->j->due.err;
    uint32_t at = 0;
    if (kam__tmap_get(&c->of, name, len, &at)) return &c->city[at];
    const char *own = kam__arena_text(&c->j->due.policy.arena, name, len);
    if (!own) kam__nomem(err);
    if (!own || kam__grow(c->j->due.b->ctx, &c->city, &c->cap, c->n + 1, sizeof *c->city, err) != KAM_OK) return NULL;
    if (kam__tmap_put(&c->of, name, len, (uint32_t)c->n, err) != KAM_OK) return NULL;
    c->city[c->n] = (city_place){.name = own, .region = ""};
    return &c->city[c->n++];
}

static int32_t city_region(city_job *c, city_place *x, const kam_col *region, uint32_t row)
{
    size_t len = 0;
    const char *text = kam__col_text(region, row, &len);
    if (!text || x->region[0]) return KAM_OK;
    x->region = kam__arena_text(&c->j->due.policy.arena, text, len);
    return x->region ? KAM_OK : kam__nomem(c->j->due.err);
}

static int32_t city_on_record(void *user, const kam_block *rows)
{
    static const uint32_t field[CITY_POINTS] = {KAM_CITY_INDUSTRY, KAM_CITY_ENTRY, KAM_CITY_RELATIONS, KAM_CITY_LOCATION};
    city_job *c = user;
    const kam_col *name = kam__block_col(rows, KAM_CITY_NAME), *region = kam__block_col(rows, KAM_CITY_REGION);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = kam__col_text(name, i, &len);
        city_place *x = city_of(c, text ? text : "", len);
        if (!x) return KAM_E_NOMEM;
        KAM__TRY(city_region(c, x, region, i));
        for (size_t k = 0; k < CITY_POINTS; k++) {
            const kam_col *points = kam__block_col(rows, field[k]);
            if (kam__col_null(points, i)) continue;
            x->points[k] = kam__col_i64(points, i);
            x->told |= k == CITY_RELATIONS;
        }
    }
    return KAM_OK;
}

/* Visits due by the end of the window, and whether anybody has spoken to the account. */
static void city_count(const city_job *c, city_place *x, uint32_t at)
{
    const kam__due_job *j = &c->j->due;
    const kam__cadence_set *set = &j->cadence.set[j->account[at].set];
    int known = 0;
    for (uint32_t r = 0; r < set->nrule; r++) {
        int32_t last = j->last[(size_t)at * j->cadence.max_rules + r];
        int32_t day = kam__due_day(&set->rule[r], last, j->account[at].since, &j->calendar);
        known |= last != KAM__NEVER;
        x->due += set->rule[r].channel == KAM_CHANNEL_VISIT && day < c->j->asked.from + c->j->asked.days;
    }
    x->accounts++;
    x->known += known;
}

static int32_t city_on_account(void *user, const kam_block *rows)
{
    city_job *c = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *name = kam__block_col(rows, KAM_ACCOUNT_CITY);
    const kam_col *region = kam__block_col(rows, KAM_ACCOUNT_REGION);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        uint32_t at = 0;
        size_t len = 0;
        const char *text = kam__col_text(name, i, &len);
        if (!text || !len || !kam__imap_get(&c->j->due.account_of, kam__col_i64(id, i), &at)) continue;
        if (c->only && c->j->due.account[at].representative != c->only) continue;
        city_place *x = city_of(c, text, len);
        if (!x) return KAM_E_NOMEM;
        KAM__TRY(city_region(c, x, region, i));
        city_count(c, x, at);
    }
    return KAM_OK;
}

static int64_t city_sum(const city_place *x)
{
    int64_t sum = 0;
    for (size_t k = 0; k < CITY_POINTS; k++) sum += x->points[k];
    return sum;
}

static int city_order(const void *a, const void *b, void *arg)
{
    const city_place *x = a, *y = b;
    int64_t px = city_sum(x), py = city_sum(y);
    (void)arg;
    if (px != py) return px > py ? -1 : 1;
    if (x->due != y->due) return x->due > y->due ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int32_t city_row(const city_job *c, kam__rowset *s, const city_place *x)
{
    kam__blockbuf *bb = kam__rowset_row(s, c->j->due.err);
    if (!bb) return KAM_E_NOMEM;
    const struct { uint32_t field; int64_t v; } num[] = {
        {KAM_CITY_RANK_POINTS, city_sum(x)}, {KAM_CITY_RANK_INDUSTRY, x->points[CITY_INDUSTRY]},
        {KAM_CITY_RANK_ENTRY, x->points[CITY_ENTRY]}, {KAM_CITY_RANK_RELATIONS, x->points[CITY_RELATIONS]},
        {KAM_CITY_RANK_LOCATION, x->points[CITY_LOCATION]}, {KAM_CITY_RANK_ACCOUNTS, x->accounts}, {KAM_CITY_RANK_DUE, x->due}};
    for (size_t i = 0; i < KAM__LEN(num); i++) kam__bb_i64(bb, kam__rowset_col(s, num[i].field), num[i].v);
    kam__bb_text(bb, kam__rowset_col(s, KAM_CITY_RANK_NAME), x->name, strlen(x->name));
    if (x->region[0]) kam__bb_text(bb, kam__rowset_col(s, KAM_CITY_RANK_REGION), x->region, strlen(x->region));
    return kam__rowset_end_row(s, c->j->due.err);
}

static int32_t city_read(city_job *c)
{
    static const uint32_t cities[] = {KAM_ID, KAM_CITY_NAME, KAM_CITY_REGION, KAM_CITY_INDUSTRY, KAM_CITY_ENTRY, KAM_CITY_RELATIONS,
                                      KAM_CITY_LOCATION};
    static const uint32_t accounts[] = {KAM_ID, KAM_ACCOUNT_CITY, KAM_ACCOUNT_REGION};
    const kam__due_job *j = &c->j->due;
    kam__read q = {.scan = {.kind = KAM_KIND_CITY, .field = cities, .nfield = KAM__LEN(cities)}, .as_of = j->as_of};
    KAM__TRY(kam__read_rows(j->b, &q, city_on_record, c, j->err));
    q.scan = (kam__scan){.kind = KAM_KIND_ACCOUNT, .field = accounts, .nfield = KAM__LEN(accounts)};
    KAM__TRY(kam__read_rows(j->b, &q, city_on_account, c, j->err));
    for (size_t i = 0; i < c->n; i++) {
        city_place *x = &c->city[i];
        if (!x->told && x->accounts) x->points[CITY_RELATIONS] = CITY_MOST * x->known / x->accounts;
    }
    return kam__sort(j->b->ctx, c->city, c->n, sizeof *c->city, city_order, NULL, j->err);
}

static int32_t city_list(kam_rows **out, city_job *c)
{
    kam_book *b = c->j->due.b;
    kam__rowset *s = NULL;
    KAM__TRY(city_read(c));
    KAM__TRY(kam__rowset_new(&s, b->schema, KAM_KIND_CITY_RANK, NULL, 0, c->j->due.err));
    int32_t rc = KAM_OK;
    for (size_t i = 0; i < c->n && rc == KAM_OK; i++) rc = city_row(c, s, &c->city[i]);
    if (rc == KAM_OK) {
        kam__rowset_seal(s);
        rc = kam__rows_of_set(out, b, s, 0, 0, c->j->due.err);
    }
    kam__rowset_drop(s);
    return rc;
}

static int32_t city_rows(kam_rows **out, kam__plan_job *j, void *user)
{
    city_job c = {.j = j, .only = *(const int64_t *)user};
    kam__tmap_init(&c.of, j->due.b->ctx);
    int32_t rc = city_list(out, &c);
    kam__tmap_free(&c.of);
    kam__free(j->due.b->ctx, c.city);
    return rc;
}

int32_t kam_visit_cities(kam_rows **out, kam_visit_plan *plan, int64_t representative, int32_t as_of, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    if (representative < 0) return kam__fail(err, KAM_E_INVAL, "representative is an id, or 0 for all");
    return kam__plan_with(out, plan, as_of, city_rows, &representative, err);
}
