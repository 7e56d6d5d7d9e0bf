/*
 * visit/visit_book_align.c - which accounts of a book had better change hands, also with representatives more than
 * there are.
 */
#include "../store/store.h"
#include "visit_book.h"

#define BALIGN_EXTRA 1000

typedef struct balign { int64_t extra; kam__align_account *account; kam__align_area *area; uint32_t *of, n, k; } balign;

/* Visits a year by the account's rules. */
static int32_t balign_visits(const kam__due_job *j, const kam__due_account *a)
{
    const kam__cadence_set *set = &j->cadence.set[a->set];
    int32_t visits = 0;
    for (uint32_t r = 0; r < set->nrule; r++) {
        const kam__cadence_rule *rule = &set->rule[r];
        int32_t count = 1, every = kam__cadence_every(rule, j->day, &count);
        int32_t year = rule->unit == KAM__EVERY_MONTHS ? 12 : rule->unit == KAM__EVERY_ISO_WEEKS ? 52
                       : rule->unit == KAM__EVERY_WORKING_DAYS ? 250 : 365;
        if (rule->channel == KAM_CHANNEL_VISIT && every > 0) visits += (year * (count > 0 ? count : 1) + every - 1) / every;
    }
    return visits;
}

static int32_t balign_take(balign *b, kam__plan_job *j, kam__imap *area_of)
{
    kam_ctx *ctx = j->due.b->ctx;
    b->account = kam__zalloc_n(ctx, j->due.naccount + 1, sizeof *b->account);
    b->of = kam__zalloc_n(ctx, j->due.naccount + 1, sizeof *b->of);
    b->area = kam__zalloc_n(ctx, j->nrep + (size_t)b->extra + 1, sizeof *b->area);
    if (!b->account || !b->of || !b->area) return kam__nomem(j->due.err);
    for (size_t i = 0; i < j->nrep; i++) {
        const kam__plan_rep *r = &j->rep[i];
        size_t first = 0;
        if (!kam__plan_asks(j, r->id) || (!r->home && !kam__plan_owned(j, r->id, &first))) continue;
        KAM__TRY(kam__imap_put(area_of, r->id, b->k, j->due.err));
        b->area[b->k++] = (kam__align_area){.id = r->id, .lat = r->home_lat, .lon = r->home_lon, .home = r->home};
    }
    for (size_t i = 0; i < j->due.naccount; i++) {
        const kam__due_account *a = &j->due.account[j->order[i]];
        const kam__plan_place *p = &j->place[j->order[i]];
        uint32_t at = 0;
        int mine = kam__imap_get(area_of, a->representative, &at), visits = balign_visits(&j->due, a);
        if (!p->located || !visits || (j->asked.nrepresentative && !mine)) continue;
        b->of[b->n] = j->order[i];
        b->account[b->n++] = (kam__align_account){p->lat, p->lon, visits, mine ? (int32_t)at : -1, -1};
    }
    return KAM_OK;
}

static int32_t balign_row(const balign *b, const kam__plan_job *j, kam__rowset *s, uint32_t i)
{
    const kam__align_account *x = &b->account[i];
    const kam__due_account *a = &j->due.account[b->of[i]];
    const kam__plan_place *p = &j->place[b->of[i]];
    int64_t was = x->owner < 0 ? 0 : kam__geo_metres(x->lat, x->lon, b->area[x->owner].lat, b->area[x->owner].lon);
    int64_t is = kam__geo_metres(x->lat, x->lon, b->area[x->to].lat, b->area[x->to].lon);
    kam__blockbuf *bb = kam__rowset_row(s, j->due.err);
    if (!bb) return KAM_E_NOMEM;
    kam__bb_i64(bb, kam__rowset_col(s, KAM_ALIGNMENT_ACCOUNT), a->id);
    if (p->name && p->name[0]) kam__bb_text(bb, kam__rowset_col(s, KAM_ALIGNMENT_NAME), p->name, strlen(p->name));
    if (x->owner >= 0) kam__bb_i64(bb, kam__rowset_col(s, KAM_ALIGNMENT_FROM), b->area[x->owner].id);
    if ((uint32_t)x->to < b->k) kam__bb_i64(bb, kam__rowset_col(s, KAM_ALIGNMENT_TO), b->area[x->to].id);
    else kam__bb_i64(bb, kam__rowset_col(s, KAM_ALIGNMENT_EXTRA), x->to - (int32_t)b->k + 1);
    kam__bb_i64(bb, kam__rowset_col(s, KAM_ALIGNMENT_VISITS), x->visits);
    if (x->owner >= 0) kam__bb_i64(bb, kam__rowset_col(s, KAM_ALIGNMENT_METRES), was - is);
    return kam__rowset_end_row(s, j->due.err);
}

static int32_t balign_list(kam_rows **out, balign *b, kam__plan_job *j)
{
    kam__rowset *s = NULL;
    kam_error *err = j->due.err;
    if (b->k + b->extra == 0) b->n = 0;
    KAM__TRY(kam__align(j->due.b->ctx, b->account, b->n, b->area, b->k, (uint32_t)b->extra, err));
    KAM__TRY(kam__rowset_new(&s, j->due.b->schema, KAM_KIND_ALIGNMENT, NULL, 0, err));
    int32_t rc = KAM_OK;
    for (uint32_t i = 0; i < b->n && rc == KAM_OK; i++)
        if (b->account[i].to >= 0 && b->account[i].to != b->account[i].owner) rc = balign_row(b, j, s, i);
    if (rc == KAM_OK) {
        kam__rowset_seal(s);
        rc = kam__rows_of_set(out, j->due.b, s, 0, 0, err);
    }
    kam__rowset_drop(s);
    return rc;
}

static int32_t balign_rows(kam_rows **out, kam__plan_job *j, void *user)
{
    balign b = {.extra = *(const int32_t *)user};
    kam__imap area_of;
    kam_ctx *ctx = j->due.b->ctx;
    kam__imap_init(&area_of, ctx);
    int32_t rc = balign_take(&b, j, &area_of);
    if (rc == KAM_OK) rc = balign_list(out, &b, j);
    kam__imap_free(&area_of);
    kam__free(ctx, b.account);
    kam__free(ctx, b.of);
    kam__free(ctx, b.area);
    return rc;
}

int32_t kam_visit_alignment(kam_rows **out, kam_visit_plan *plan, int32_t extra, int32_t as_of, kam_error *err)
{
    if (!out) return kam__null_arg(err, "out");
    if (extra < 0 || extra > BALIGN_EXTRA)
        return kam__fail(err, KAM_E_INVAL, "extra is %d: 0 to %d representatives more are expected", (int)extra, BALIGN_EXTRA);
    return kam__plan_with(out, plan, as_of, balign_rows, &extra, err);
}
