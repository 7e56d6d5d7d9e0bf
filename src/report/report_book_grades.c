/*
 * report/report_book_grades.c - grades in force on the day, and what the grading run shown changed.
 *
 * The order of grades and their names come from the scheme's document; a grade that is not in it (put by hand) stands
 * behind them.
 */
#include "../store/store.h"
#include "../segment/segment.h"
#include "report_book.h"

/* ---------------------------------------------------------------- the scheme */

static int32_t rgrade_names(kam__report_job *j, const kam__scheme *s)
{
    kam__report *r = &j->report;
    r->nominal = s->nominal;
    for (uint32_t i = 0; i < s->ngrade; i++) {
        uint8_t at = 0;
        const char *label = r->zh ? s->label[i].zh : s->label[i].en;
        KAM__TRY(kam__report_grade_of(&at, r, s->grade[i], strlen(s->grade[i]), j->err));
        if (at && label && label[0]) KAM__TRY(kam__report_keep(&r->grade[at].label, r, label, KAM_NUL, j->err));
    }
    return KAM_OK;
}

/* Without its document grades are ordered as they come: by name. */
static int32_t rgrade_scheme(kam__report_job *j)
{
    kam__policy p;
    kam__scheme *s = NULL;
    int64_t id = j->grading_policy;
    int32_t rc = KAM_OK;
    if (!id && j->report.scheme)
        rc = kam_policy_in_force(&id, j->b, KAM_POLICY_SCHEME, j->report.scheme, j->as_of, j->err);
    if (rc == KAM_E_POLICY || (rc == KAM_OK && !id)) return KAM_OK; /* grades by hand, of a scheme nobody wrote down */
    KAM__TRY(rc);
    KAM__TRY(kam__report_document(j, id));
    KAM__TRY(kam__policy_load_id(&p, j->b, id, j->err));
    s = kam__zalloc(j->b->ctx, sizeof *s);
    rc = s ? kam__scheme_read(s, &p.arena, p.body, j->err) : kam__nomem(j->err);
    if (rc == KAM_OK) rc = rgrade_names(j, s);
    kam__free(j->b->ctx, s);
    kam__policy_free(&p);
    return rc;
}

/* ---------------------------------------------------------------- grades in force */

static int32_t rgrade_on_grade(void *user, const kam_block *rows)
{
    kam__report_job *j = user;
    const kam_col *account = kam__block_col(rows, KAM_GRADE_ACCOUNT), *grade = kam__block_col(rows, KAM_GRADE_GRADE);
    for (uint32_t i = 0; i < rows->nrow; i++) {
        size_t len = 0;
        const char *text = kam__col_text(grade, i, &len);
        kam__report_account *a = kam__report_account_of(&j->report, kam__col_i64(account, i));
        if (a) KAM__TRY(kam__report_grade_of(&a->grade, &j->report, text, len, j->err));
    }
    return KAM_OK;
}

static int32_t rgrade_facts(kam__report_job *j)
{
    static const uint32_t field[] = {KAM_ID, KAM_GRADE_ACCOUNT, KAM_GRADE_GRADE};
    kam_pred p;
    kam__pred mem;
    kam__pred_text(&p, &mem, kam__kind_field(kam__builtin_kind(KAM_KIND_GRADE), KAM_GRADE_SCHEME), KAM_OP_EQ,
                   j->report.scheme, strlen(j->report.scheme));
    return kam__report_read(j, KAM_KIND_GRADE, field, KAM__LEN(field), &p, 1, j->as_of, 0, rgrade_on_grade);
}

/* ---------------------------------------------------------------- what the run changed */

static int32_t rgrade_text(const char **out, kam__report_job *j, const kam_record *r, uint32_t field)
{
    const char *text = kam_record_text(r, field, NULL);
    return kam__report_keep(out, &j->report, text, KAM_NUL, j->err);
}

static int32_t rgrade_item(kam__report_job *j, const kam_record *item)
{
    kam__report *r = &j->report;
    kam__report_change c = {.account = kam_record_i64(item, KAM_GRADE_ITEM_ACCOUNT, 0)};
    const char *old = kam_record_text(item, KAM_GRADE_ITEM_OLD, ""),
               *now = kam_record_text(item, KAM_GRADE_ITEM_NEW, "");
    const char *computed = kam_record_text(item, KAM_GRADE_ITEM_COMPUTED, now);
    KAM__TRY(kam__report_grade_of(&c.old, r, old, strlen(old), j->err));
    KAM__TRY(kam__report_grade_of(&c.now, r, now, strlen(now), j->err));
    if (c.old == c.now && strcmp(old, now) == 0) return KAM_OK; /* told of a grade by hand that stays */
    c.by_hand = strcmp(computed, now) != 0;
    KAM__TRY(rgrade_text(&c.measure, j, item, KAM_GRADE_ITEM_MEASURE));
    KAM__TRY(rgrade_text(&c.cut, j, item, KAM_GRADE_ITEM_CUT));
    KAM__TRY(rgrade_text(&c.reason, j, item, KAM_GRADE_ITEM_REASON));
    KAM__TRY(kam__grow(r->ctx, &r->change, &r->change_cap, (size_t)r->nchange + 1, sizeof c, j->err));
    r->change[r->nchange++] = c;
    return KAM_OK;
}

int32_t kam__report_read_grades(kam__report_job *j)
{
    kam_rows *rows = NULL;
    const kam_record *item = NULL;
    if (!j->report.scheme) return KAM_OK;
    KAM__TRY(rgrade_scheme(j));
    KAM__TRY(rgrade_facts(j));
    if (!j->report.grading.id) return KAM_OK;
    int32_t rc = kam__report_of_run(&rows, j, KAM_KIND_GRADE_ITEM, KAM_GRADE_ITEM_RUN, j->report.grading.id);
    while (rc == KAM_OK && (rc = kam_rows_next(&item, rows, j->err)) == KAM_OK && item) rc = rgrade_item(j, item);
    kam_rows_free(rows);
    return rc;
}
