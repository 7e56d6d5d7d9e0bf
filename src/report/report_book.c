/*
 * report/report_book.c - kam_report_html: which runs are shown, then everything read in one transaction, then the page.
 *
 * Of each kind the run applied last counts: the one with the highest id, computed for a day not after that of the
 * report, and not undone. What a book has not yet is no failure; what it cannot say (a rate is missing) is.
 */
#include "../store/store.h"
#include "report_book.h"

/* ---------------------------------------------------------------- small helpers */

int kam__report_without(int32_t rc)
{
    return rc == KAM_E_POLICY || rc == KAM_E_NOT_FOUND || rc == KAM_E_UNSUPPORTED || rc == KAM_E_PARSE ||
           rc == KAM_E_TYPE || rc == KAM_E_INVAL;
}

int64_t kam__report_num(const kam_col *c, uint32_t row, int64_t if_none)
{
    return !c || kam__col_null(c, row) ? if_none : kam__col_i64(c, row);
}

int32_t kam__report_read(kam__report_job *j, uint32_t kind, const uint32_t *field, uint32_t nfield,
                         const kam_pred *pred, uint32_t npred, int32_t as_of, uint32_t flags, kam_block_fn fn)
{
    kam__read q = {.scan = {.kind = kind, .field = field, .nfield = nfield, .pred = pred, .npred = npred},
                   .as_of = as_of,
                   .flags = flags};
    return kam__read_rows(j->b, &q, fn, j, j->err);
}

int32_t kam__report_of_run(kam_rows **out, kam__report_job *j, uint32_t kind, uint32_t field, int64_t run)
{
    kam_query *q = NULL;
    KAM__TRY(kam_query_new(&q, j->b, kind, j->err));
    int32_t rc = kam_query_where_i64(q, field, KAM_OP_EQ, &run, 1, j->err);
    if (rc == KAM_OK) rc = kam_query_run(out, q, KAM_TODAY, j->err);
    kam_query_free(q);
    return rc;
}

/* ---------------------------------------------------------------- runs */

typedef struct report_runs {
    kam__report_job *j;
    kam__imap undone;
} report_runs;

static int32_t report_keep_run(kam__report_job *j, kam__report_run *out, const kam_record *r)
{
    const char *name = kam_record_text(r, KAM_RUN_NAME, NULL), *hash = kam_record_text(r, KAM_RUN_HASH, NULL);
    *out = (kam__report_run){.id = kam_record_i64(r, KAM_ID, 0),
                             .version = kam_record_i64(r, KAM_RUN_VERSION, 0),
                             .known = kam_record_i64(r, KAM_RUN_KNOWN, 0),
                             .as_of = (int32_t)kam_record_i64(r, KAM_RUN_AS_OF, 0),
                             .from = (int32_t)kam_record_i64(r, KAM_RUN_FROM, KAM_DAY_FIRST),
                             .to = (int32_t)kam_record_i64(r, KAM_RUN_TO, KAM_DAY_END)};
    if (name) KAM__TRY(kam__report_keep(&out->name, &j->report, name, KAM_NUL, j->err));
    return hash ? kam__report_keep(&out->hash, &j->report, hash, KAM_NUL, j->err) : KAM_OK;
}

/* One that was asked for: it must be there and of that kind. */
static int32_t report_run_given(kam__report_job *j, kam__report_run *out, int64_t id, int64_t kind)
{
    kam_record *r = NULL;
    const kam__enum_set *set = kam__enum_set_by_name("RUN_KIND");
    KAM__TRY(kam_book_get(&r, j->b, KAM_KIND_RUN, id, KAM_TODAY, j->err));
    int64_t is = kam_record_i64(r, KAM_RUN_KIND, 0);
    const kam__enum_item *got = kam__enum_by_value(set, is), *want = kam__enum_by_value(set, kind);
    int32_t rc = is == kind ? report_keep_run(j, out, r)
                            : kam__fail(j->err, KAM_E_INVAL, "run %lld is a run of kind %s, not %s", (long long)id,
                                        got ? got->name : "?", want ? want->name : "?");
    if (rc == KAM_OK && kind == KAM_RUN_KIND_GRADING) j->grading_policy = kam_record_i64(r, KAM_RUN_POLICY, 0);
    kam_record_free(r);
    return rc;
}

static int32_t report_run_seen(kam__report_job *j, const kam__imap *undone, const kam_record *r)
{
    uint32_t x = 0;
    int64_t kind = kam_record_i64(r, KAM_RUN_KIND, 0);
    if (kam_record_i64(r, KAM_RUN_AS_OF, 0) > j->report.as_of ||
        kam__imap_get(undone, kam_record_i64(r, KAM_ID, 0), &x))
        return KAM_OK;
    if (kind == KAM_RUN_KIND_GRADING && !j->o.grading) {
        if (j->o.scheme && !kam__text_same(kam_record_text(r, KAM_RUN_NAME, NULL), j->o.scheme)) return KAM_OK;
        j->grading_policy = kam_record_i64(r, KAM_RUN_POLICY, 0);
        return report_keep_run(j, &j->report.grading, r);
    }
    if (kind == KAM_RUN_KIND_VALUE || kind == KAM_RUN_KIND_CLV) {
        kam__report_run run;
        KAM__TRY(report_keep_run(j, &run, r));
        kam__report_worth_seen(j, kind, &run);
    }
    if (kind == KAM_RUN_KIND_SCORING && !j->o.scoring) return report_keep_run(j, &j->report.scoring, r);
    return kind == KAM_RUN_KIND_PLAN && !j->o.plan ? report_keep_run(j, &j->report.plan, r) : KAM_OK;
}

/* Runs come by id, so the last one seen of a kind stays. */
static int32_t report_runs_pass(kam__report_job *j, kam__imap *undone, int pass)
{
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *r = NULL;
    KAM__TRY(kam_query_new(&q, j->b, KAM_KIND_RUN, j->err));
    int32_t rc = kam_query_run(&rows, q, KAM_TODAY, j->err);
    while (rc == KAM_OK && (rc = kam_rows_next(&r, rows, j->err)) == KAM_OK && r) {
        int64_t undoes = kam_record_i64(r, KAM_RUN_UNDOES, 0);
        if (pass)
            rc = report_run_seen(j, undone, r);
        else if (undoes && kam_record_i64(r, KAM_RUN_AS_OF, 0) <= j->report.as_of)
            rc = kam__imap_put(undone, undoes, 1, j->err);
    }
    kam_rows_free(rows);
    kam_query_free(q);
    return rc;
}

static int32_t report_find_runs(kam__report_job *j)
{
    kam__imap undone;
    kam__report *r = &j->report;
    kam__imap_init(&undone, j->b->ctx);
    int32_t rc = report_runs_pass(j, &undone, 0);
    if (rc == KAM_OK) rc = report_runs_pass(j, &undone, 1);
    kam__imap_free(&undone);
    if (rc == KAM_OK && j->o.grading) rc = report_run_given(j, &r->grading, j->o.grading, KAM_RUN_KIND_GRADING);
    if (rc == KAM_OK && j->o.scoring) rc = report_run_given(j, &r->scoring, j->o.scoring, KAM_RUN_KIND_SCORING);
    if (rc == KAM_OK && j->o.plan) rc = report_run_given(j, &r->plan, j->o.plan, KAM_RUN_KIND_PLAN);
    if (rc != KAM_OK) return rc;
    if (j->o.scheme && r->grading.id && !kam__text_same(r->grading.name, j->o.scheme))
        return kam__fail(j->err, KAM_E_INVAL, "run %lld is of scheme %s, not %s: leave out one of the two",
                         (long long)r->grading.id, r->grading.name ? r->grading.name : "-", j->o.scheme);
    r->scheme = r->grading.name;
    return j->o.scheme ? kam__report_keep(&r->scheme, r, j->o.scheme, KAM_NUL, j->err) : KAM_OK;
}

/* ---------------------------------------------------------------- all of it */

static int32_t report_frame(kam__report_job *j)
{
    kam__report *r = &j->report;
    int64_t last = 0;
    const char *base = kam__schema_base_currency(j->b->schema);
    int32_t decimals = kam__schema_decimals(j->b->schema, base);
    KAM__TRY(kam__book_last_seq(&last, j->b, j->err));
    r->known = j->b->known < last ? j->b->known : last;
    r->decimals = decimals > 0 ? (uint32_t)decimals : 0;
    KAM__TRY(kam__report_keep(&r->currency, r, base, KAM_NUL, j->err));
    return kam__report_keep(&r->title, r,
                            j->o.title && j->o.title[0] ? j->o.title : kam__report_word(r->zh, KAM__W_TITLE), KAM_NUL,
                            j->err);
}

static int32_t report_fill(kam__report_job *j)
{
    KAM__TRY(report_frame(j));
    KAM__TRY(report_find_runs(j));
    KAM__TRY(kam__report_read_accounts(j));
    KAM__TRY(kam__report_read_value(j));
    KAM__TRY(kam__report_read_worth(j));
    KAM__TRY(kam__report_read_grades(j));
    KAM__TRY(kam__report_read_plan(j));
    KAM__TRY(kam__report_read_contacts(j));
    KAM__TRY(kam__report_figures(&j->report, j->err));
    KAM__TRY(kam__report_plan_figures(&j->report, j->err));
    return kam__report_read_texts(j);
}

static int32_t report_options(kam__report_job *j, const kam_report_options *options, int *zh)
{
    KAM__TRY(kam__options(&j->o, sizeof j->o, options, offsetof(kam_report_options, scheme) + sizeof j->o.scheme,
                          "kam_report_options", j->err));
    KAM__TRY(kam__flags(j->o.flags, 0, "kam_report_options.flags", j->err));
    *zh = j->o.lang && kam__text_same(j->o.lang, "zh");
    if (j->o.lang && !*zh && !kam__text_same(j->o.lang, "en"))
        return kam__fail(j->err, KAM_E_INVAL, "lang \"%.20s\": a report is written in \"en\" or \"zh\"", j->o.lang);
    if (j->o.grading < 0 || j->o.scoring < 0 || j->o.plan < 0)
        return kam__fail(j->err, KAM_E_INVAL, "a run's id is above 0; 0 takes the one applied last");
    size_t len = KAM_NUL, scheme = KAM_NUL;
    if (j->o.title) KAM__TRY(kam__text_in(j->b->ctx, j->o.title, &len, j->err));
    return j->o.scheme ? kam__text_in(j->b->ctx, j->o.scheme, &scheme, j->err) : KAM_OK;
}

static int32_t report_day(kam__report_job *j)
{
    int32_t day = 0, first = kam__day(1, 1, 1), last = kam__day(9999, 12, 31);
    KAM__TRY(kam__book_day(&day, j->b, j->as_of, j->err));
    if (day < first || day > last)
        return kam__fail(j->err, KAM_E_INVAL, "as_of is a day of the years 1 to 9999, or KAM_TODAY");
    j->report.as_of = day;
    return KAM_OK;
}

int32_t kam_report_html(kam_buf *out, kam_book *book, const kam_report_options *options, int32_t as_of, kam_error *err)
{
    kam__report_job j = {.b = book, .as_of = as_of, .err = err};
    kam__call c;
    int zh = 0;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__book_ready(book, err));
    KAM__TRY(report_options(&j, options, &zh));
    kam__report_init(&j.report, book->ctx, zh);
    int32_t rc = report_day(&j);
    if (rc == KAM_OK) rc = kam__txn_enter(&c, book, KAM_BEGIN_READ, err);
    if (rc == KAM_OK) rc = kam__txn_leave(&c, report_fill(&j), err);
    kam__buf_clear(out);
    if (rc == KAM_OK) rc = kam__page(out, &j.report, err);
    kam__report_free(&j.report);
    return rc;
}
