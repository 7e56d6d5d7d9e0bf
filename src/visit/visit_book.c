/*
 * visit/visit_book.c - the due list of a book: who is due or overdue on a day.
 *
 * What the book knows on the day comes from visit_book_read.c; here it becomes a list, sorted and with names.
 */
#include "../store/store.h"
#include "visit_book.h"
#include <kam/visit.h>

/* ---------------------------------------------------------------- the list */

typedef struct due_cover { kam__due_job *j; kam__imap of; int64_t *who; size_t n, cap; } due_cover;

static int32_t due_on_absence(void *user, const kam_block *rows)
{
    due_cover *c = user;
    const kam_col *rep = kam__block_col(rows, KAM_ABSENCE_REPRESENTATIVE), *who = kam__block_col(rows, KAM_ABSENCE_SUBSTITUTE);
    const kam_col *first = kam__block_col(rows, KAM_ABSENCE_FIRST), *last = kam__block_col(rows, KAM_ABSENCE_LAST);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        uint32_t at = 0;
        if (kam__col_null(who, i) || kam__col_i64(first, i) > c->j->day || kam__col_i64(last, i) < c->j->day) continue;
        if (kam__imap_get(&c->of, kam__col_i64(rep, i), &at)) continue;
        KAM__TRY(kam__grow(c->j->b->ctx, &c->who, &c->cap, c->n + 1, sizeof *c->who, c->j->err));
        KAM__TRY(kam__imap_put(&c->of, kam__col_i64(rep, i), (uint32_t)c->n, c->j->err));
        c->who[c->n++] = kam__col_i64(who, i);
    }
    return KAM_OK;
}

/* Who is absent on the day has his best accounts seen to by his substitute, for that time only (R182). */
static int32_t due_cover_accounts(due_cover *c, int64_t *owner)
{
    static const uint32_t field[] = {KAM_ID, KAM_ABSENCE_REPRESENTATIVE, KAM_ABSENCE_SUBSTITUTE, KAM_ABSENCE_FIRST,
                                     KAM_ABSENCE_LAST};
    kam__due_job *j = c->j;
    kam__read q = {.scan = {.kind = KAM_KIND_ABSENCE, .field = field, .nfield = KAM__LEN(field)}, .as_of = j->as_of};
    KAM__TRY(kam__read_rows(j->b, &q, due_on_absence, c, j->err));
    for (size_t i = 0; i < j->naccount; i++) {
        kam__due_account *a = &j->account[i];
        uint32_t at = 0;
        owner[i] = a->representative;
        if (kam__due_covered(j, a->grade) && kam__imap_get(&c->of, a->representative, &at)) a->representative = c->who[at];
    }
    return KAM_OK;
}

/* owner[]: on the board of who is absent it stands as well. */
static int32_t due_load_cover(kam__due_job *j, int64_t **owner)
{
    due_cover c = {.j = j};
    *owner = kam__zalloc_n(j->b->ctx, j->naccount + 1, sizeof **owner);
    if (!*owner) return kam__nomem(j->err);
    kam__imap_init(&c.of, j->b->ctx);
    int32_t rc = due_cover_accounts(&c, *owner);
    kam__imap_free(&c.of);
    kam__free(j->b->ctx, c.who);
    return rc;
}

static int32_t due_followup(kam__due_job *j, const kam__due_open *open)
{
    kam__due item = open->item;
    uint32_t at = 0;
    if (kam__imap_get(&j->account_of, item.account, &at)) item.weight = j->cadence.set[j->account[at].set].weight;
    return kam__due_add_followup(&j->list, &item, &j->calendar, j->day, j->err);
}

static int32_t due_collect_of(kam__due_job *j, const int64_t *owner)
{
    j->list.ctx = j->b->ctx;
    for (size_t i = 0; i < j->naccount; i++) {
        if (j->only && j->account[i].representative != j->only && owner[i] != j->only) continue;
        KAM__TRY(kam__due_add(&j->list, &j->cadence, &j->account[i], j->last + i * j->cadence.max_rules, &j->calendar,
                              j->day, j->err));
    }
    for (size_t i = 0; i < j->nopen; i++) {
        if (j->open[i].answered || (j->only && j->open[i].item.representative != j->only)) continue;
        KAM__TRY(due_followup(j, &j->open[i]));
    }
    return kam__due_sort(&j->list, j->err);
}

static int32_t due_collect(kam__due_job *j)
{
    int64_t *owner = NULL;
    int32_t rc = due_load_cover(j, &owner);
    if (rc == KAM_OK) rc = due_collect_of(j, owner);
    kam__free(j->b->ctx, owner);
    return rc;
}

typedef struct due_names { kam__due_job *j; kam__imap *of; const char **name; } due_names;

static int32_t due_on_name(void *user, const kam_block *rows)
{
    due_names *n = user;
    const kam_col *id = kam__block_col(rows, KAM_ID), *name = kam__block_col(rows, KAM_ACCOUNT_NAME);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        uint32_t at = 0;
        size_t len = 0;
        const char *text = kam__col_text(name, i, &len);
        if (!text || !kam__imap_get(n->of, kam__col_i64(id, i), &at)) continue;
        n->name[at] = kam__arena_text(&n->j->policy.arena, text, len);
        if (!n->name[at]) return kam__nomem(n->j->err);
    }
    return KAM_OK;
}

/* Names of the accounts on the list only: name[value of `of`]. */
static int32_t due_load_names(due_names *n)
{
    static const uint32_t field[] = { KAM_ID, KAM_ACCOUNT_NAME };
    kam__due_job *j = n->j;
    n->name = kam__zalloc_n(j->b->ctx, j->list.n + 1, sizeof *n->name);
    if (!n->name) return kam__nomem(j->err);
    for (size_t i = 0; i < j->list.n; i++) {
        uint32_t at = 0;
        if (!kam__imap_get(n->of, j->list.item[i].account, &at))
            KAM__TRY(kam__imap_put(n->of, j->list.item[i].account, (uint32_t)n->of->n, j->err));
    }
    kam__read q = {.scan = {.kind = KAM_KIND_ACCOUNT, .field = field, .nfield = KAM__LEN(field), .any_order = 1},
                   .as_of = j->as_of};
    return j->list.n ? kam__read_rows(j->b, &q, due_on_name, n, j->err) : KAM_OK;
}

static const uint32_t due_field[] = {
    KAM_DUE_ACCOUNT, KAM_DUE_NAME,    KAM_DUE_REPRESENTATIVE, KAM_DUE_GRADE, KAM_DUE_CHANNEL, KAM_DUE_LAST,
    KAM_DUE_DAY,     KAM_DUE_OVERDUE, KAM_DUE_CAUSE,          KAM_DUE_RULE,  KAM_DUE_ACTIVITY,
    KAM_DUE_MUST,    KAM_DUE_SCORE};

static int32_t due_row(const kam__due_job *j, kam__rowset *set, const kam__due *d, const char *name)
{
    kam__blockbuf *bb = kam__rowset_row(set, j->err);
    if (!bb) return KAM_E_NOMEM;
    const char *grade = j->grade[d->grade];
    if (d->account) kam__bb_i64(bb, 0, d->account);
    if (name) kam__bb_text(bb, 1, name, strlen(name));
    if (d->representative) kam__bb_i64(bb, 2, d->representative);
    if (grade[0]) kam__bb_text(bb, 3, grade, strlen(grade));
    kam__bb_i64(bb, 4, d->channel);
    if (d->last != KAM__NEVER) kam__bb_i64(bb, 5, d->last);
    kam__bb_i64(bb, 6, d->day);
    kam__bb_i64(bb, 7, d->overdue);
    kam__bb_i64(bb, 8, d->cause);
    kam__bb_text(bb, 9, d->rule, strlen(d->rule));
    if (d->activity) kam__bb_i64(bb, 10, d->activity);
    kam__bb_i64(bb, 11, d->must);
    if (d->score) kam__bb_i64(bb, 12, d->score);
    return kam__rowset_end_row(set, j->err);
}

int32_t kam__due_rows(kam_rows **out, kam__due_job *j)
{
    kam__imap of;
    due_names names = { .j = j, .of = &of };
    kam__rowset *set = NULL;
    kam__imap_init(&of, j->b->ctx);
    int32_t rc = due_load_names(&names);
    if (rc == KAM_OK) rc = kam__rowset_new(&set, j->b->schema, KAM_KIND_DUE, due_field, KAM__LEN(due_field), j->err);
    for (size_t i = 0; i < j->list.n && rc == KAM_OK; i++) {
        uint32_t at = 0;
        kam__imap_get(&of, j->list.item[i].account, &at);
        rc = due_row(j, set, &j->list.item[i], names.name[at]);
    }
    if (rc == KAM_OK) {
        kam__rowset_seal(set);
        rc = kam__rows_of_set(out, j->b, set, 0, 0, j->err);
    }
    kam__rowset_drop(set);
    kam__free(j->b->ctx, names.name);
    kam__imap_free(&of);
    return rc;
}

/* ---------------------------------------------------------------- the call */

static int32_t due_run(kam_rows **out, kam__due_job *j, const char *cadence)
{
    KAM__TRY(kam__due_job_load(j, cadence));
    int32_t rc = due_collect(j);
    if (rc == KAM_OK) rc = kam__due_rows(out, j);
    kam__due_job_free(j);
    return rc;
}

int32_t kam_visit_due(kam_rows **out, kam_book *book, const char *cadence, int64_t representative, int32_t as_of,
                      kam_error *err)
{
    kam__due_job j = { .b = book, .err = err, .as_of = as_of, .only = representative };
    kam__call call;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(kam__book_day(&j.day, book, as_of, err));
    if (j.day < kam__day(1, 1, 1) || j.day > kam__day(9999, 12, 31))
        return kam__fail(err, KAM_E_INVAL, "as_of is a day of the calendar or KAM_TODAY: who is due depends on it");
    if (representative < 0) return kam__fail(err, KAM_E_INVAL, "representative is an id, or 0 for all");
    j.until = j.day;
    kam_rows *rows = NULL;
    KAM__TRY(kam__txn_enter(&call, book, KAM_BEGIN_READ, err));
    int32_t rc = kam__txn_leave(&call, due_run(&rows, &j, cadence), err);
    if (rc == KAM_OK) *out = rows;
    else kam_rows_free(rows);
    return rc;
}
