/*
 * report/report_book_texts.c - the texts of the accounts that are shown, and only of those: names, cities, why they
 * have their grade and their score.
 *
 * Reasons are asked of the stored runs, which know them in both languages; where a run cannot be explained (its policy
 * or its inputs are gone) the reason stored with its entry stands.
 */
#include "../store/store.h"
#include "report_book.h"

/* ---------------------------------------------------------------- who is shown */

static int32_t rtext_want(kam__report_job *j, int64_t id)
{
    uint32_t at = 0;
    kam__report *r = &j->report;
    if (!id || kam__imap_get(&r->text_at, id, &at)) return KAM_OK;
    KAM__TRY(kam__grow(r->ctx, &r->text, &r->text_cap, (size_t)r->ntext + 1, sizeof *r->text, j->err));
    KAM__TRY(kam__imap_put(&r->text_at, id, r->ntext, j->err));
    r->text[r->ntext++] = (kam__report_text){.id = id};
    return KAM_OK;
}

static int32_t rtext_want_problems(kam__report_job *j)
{
    for (int kind = 0; kind < KAM__BAD_KINDS; kind++) {
        uint32_t shown[KAM__REPORT_PROBLEMS], n = 0;
        kam__report_bad_list(&j->report, kind, shown, &n);
        for (uint32_t i = 0; i < n; i++) KAM__TRY(rtext_want(j, j->report.account[shown[i]].id));
    }
    return KAM_OK;
}

static int32_t rtext_want_all(kam__report_job *j)
{
    const kam__report *r = &j->report;
    for (uint32_t i = 0; i < r->nkey && i < KAM__REPORT_KEYS; i++) KAM__TRY(rtext_want(j, r->account[r->key[i]].id));
    for (uint32_t i = 0; i < r->nchange && i < KAM__REPORT_CHANGES && r->change[i].old; i++)
        KAM__TRY(rtext_want(j, r->change[i].account));
    for (uint32_t i = 0; i < r->nmove && i < KAM__REPORT_CHANGES; i++) KAM__TRY(rtext_want(j, r->move[i].account));
    for (uint32_t i = 0; i < r->nunplanned && i < KAM__REPORT_CHANGES; i++)
        if (!r->unplanned[i].name) KAM__TRY(rtext_want(j, r->unplanned[i].account));
    for (uint32_t i = 0; i < r->nentry; i++)
        if (!r->entry[i].name) KAM__TRY(rtext_want(j, r->entry[i].account));
    return rtext_want_problems(j);
}

/* ---------------------------------------------------------------- names */

static int32_t rtext_take(kam__report_job *j, const kam_record *rec)
{
    uint32_t at = 0;
    kam__report *r = &j->report;
    if (!kam__imap_get(&r->text_at, kam_record_i64(rec, KAM_ID, 0), &at)) return KAM_OK;
    kam__report_text *t = &r->text[at];
    KAM__TRY(kam__report_keep(&t->name, r, kam_record_text(rec, KAM_ACCOUNT_NAME, NULL), KAM_NUL, j->err));
    KAM__TRY(kam__report_keep(&t->city, r, kam_record_text(rec, KAM_ACCOUNT_CITY, NULL), KAM_NUL, j->err));
    return kam__report_keep(&t->industry, r, kam_record_text(rec, KAM_ACCOUNT_INDUSTRY, NULL), KAM_NUL, j->err);
}

static int32_t rtext_query(kam_query **out, kam__report_job *j, const int64_t *id)
{
    static const uint32_t field[] = {KAM_ID, KAM_ACCOUNT_NAME, KAM_ACCOUNT_CITY, KAM_ACCOUNT_INDUSTRY};
    KAM__TRY(kam_query_new(out, j->b, KAM_KIND_ACCOUNT, j->err));
    for (size_t i = 0; i < KAM__LEN(field); i++) KAM__TRY(kam_query_select(*out, field[i], j->err));
    return kam_query_where_i64(*out, KAM_ID, KAM_OP_IN, id, j->report.ntext, j->err);
}

static int32_t rtext_names(kam__report_job *j)
{
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *rec = NULL;
    int64_t *id = kam__zalloc_n(j->b->ctx, (size_t)j->report.ntext + 1, sizeof *id);
    if (!id) return kam__nomem(j->err);
    for (uint32_t i = 0; i < j->report.ntext; i++) id[i] = j->report.text[i].id;
    int32_t rc = rtext_query(&q, j, id);
    if (rc == KAM_OK) rc = kam_query_run(&rows, q, j->as_of, j->err);
    while (rc == KAM_OK && (rc = kam_rows_next(&rec, rows, j->err)) == KAM_OK && rec) rc = rtext_take(j, rec);
    kam_rows_free(rows);
    kam_query_free(q);
    kam__free(j->b->ctx, id);
    return rc;
}

/* ---------------------------------------------------------------- reasons */

/* Where the name of a factor ends in its text: before its value, or the colon. */
static size_t rtext_label(const char *text, const char *value)
{
    size_t len = strlen(text), colon = 0, size = strlen(value);
    while (colon < len && text[colon] != ':' && strncmp(text + colon, "\xEF\xBC\x9A", 3) != 0) colon++;
    for (size_t i = 1; size && i + size <= colon; i++)
        if (text[i - 1] == ' ' && memcmp(text + i, value, size) == 0) return i - 1;
    return colon;
}

/* "Growth 10": what a factor or a group of them gives, without how it comes to that. */
static void rtext_part(kam_buf *out, const kam_record *rec, const char *text)
{
    const char *value = kam_record_text(rec, KAM_REASON_VALUE, ""),
               *points = kam_record_text(rec, KAM_REASON_POINTS, value);
    int group = strcmp(kam_record_text(rec, KAM_REASON_CODE, ""), "GROUP") == 0;
    kam__buf_put(out, text, rtext_label(text, group ? "" : value));
    kam__buf_printf(out, "\xC2\xA0%s", points);
}

/* Sums of groups, or everything else but what stood before: that is said beside it. Factors with points in short. */
static int32_t rtext_pass(kam_buf *out, kam__report_job *j, const kam_why *why, int groups)
{
    kam_rows *rows = NULL;
    const kam_record *rec = NULL;
    size_t begin = out->size;
    int32_t rc = kam_why_rows(&rows, why, j->err);
    while (rc == KAM_OK && (rc = kam_rows_next(&rec, rows, j->err)) == KAM_OK && rec) {
        const char *text = kam_record_text(rec, j->report.zh ? KAM_REASON_TEXT_ZH : KAM_REASON_TEXT,
                                           kam_record_text(rec, KAM_REASON_TEXT, NULL));
        const char *code = kam_record_text(rec, KAM_REASON_CODE, "");
        int part = groups || kam_record_type(rec, KAM_REASON_POINTS);
        if (!text || strcmp(code, "BEFORE") == 0 || (strcmp(code, "GROUP") == 0) != groups) continue;
        if (out->size == begin)
            kam__buf_str(out, begin ? " \xE2\x80\x93 " : "");
        else
            kam__buf_str(out, part ? " \xC2\xB7 " : j->report.zh ? "\xEF\xBC\x9B" : "; ");
        if (part)
            rtext_part(out, rec, text);
        else
            kam__buf_str(out, text);
    }
    kam_rows_free(rows);
    return rc;
}

/* One text of all reasons. */
static int32_t rtext_join(kam_buf *out, kam__report_job *j, const kam_why *why)
{
    kam__buf_clear(out);
    KAM__TRY(rtext_pass(out, j, why, 1));
    KAM__TRY(rtext_pass(out, j, why, 0));
    return kam__buf_end(out, j->err);
}

/* *text stays as it was where the run has nothing to say (NOT_FOUND); *run is ended when it will not say anything of
 * others either (POLICY: what it would be made of now cannot be, a rate is missing). Its document was looked at. */
static int32_t rtext_why(const char **text, kam__report_job *j, kam_run **run, kam_buf *buf, int64_t account)
{
    kam_why *why = NULL;
    if (!*run) return KAM_OK;
    int32_t rc = kam_run_why(&why, *run, account, j->err);
    if (rc == KAM_OK) rc = rtext_join(buf, j, why);
    kam_why_free(why);
    if (rc == KAM_OK && buf->size) return kam__report_keep(text, &j->report, buf->data, buf->size, j->err);
    if (rc == KAM_E_POLICY) {
        kam_run_free(*run);
        *run = NULL;
    }
    return rc == KAM_E_POLICY || rc == KAM_E_NOT_FOUND ? KAM_OK : rc;
}

static int32_t rtext_open(kam_run **run, kam__report_job *j, int64_t id)
{
    if (!id) return KAM_OK;
    KAM__TRY(kam_run_open(run, j->b, id, j->err));
    return kam__report_document(j, kam_record_i64(kam_run_record(*run), KAM_RUN_POLICY, 0));
}

static int32_t rtext_grade_reasons(kam__report_job *j, kam_run **run, kam_buf *buf)
{
    kam__report *r = &j->report;
    for (uint32_t i = 0; i < r->nchange; i++) { /* stored ones first, then better ones */
        kam__report_text *t = (kam__report_text *)kam__report_text_of(r, r->change[i].account);
        if (i < KAM__REPORT_CHANGES && r->change[i].old)
            KAM__TRY(rtext_why(&r->change[i].reason, j, run, buf, r->change[i].account));
        if (t) t->reason = r->change[i].reason;
    }
    for (uint32_t i = 0; i < r->nkey && i < KAM__REPORT_CARDS; i++) {
        const kam__report_account *a = &r->account[r->key[i]];
        kam__report_text *t = (kam__report_text *)kam__report_text_of(r, a->id);
        if (t && (a->grade || a->old)) KAM__TRY(rtext_why(&t->reason, j, run, buf, a->id));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- scores */

static int32_t rtext_score(kam__report_job *j, kam_run **run, kam_buf *buf, kam__report_text *t)
{
    kam_query *q = NULL;
    kam_rows *rows = NULL;
    const kam_record *rec = NULL;
    kam__report *r = &j->report;
    KAM__TRY(kam_query_new(&q, j->b, KAM_KIND_SCORE, j->err));
    int32_t rc = kam_query_where_i64(q, KAM_SCORE_ACCOUNT, KAM_OP_EQ, &t->id, 1, j->err);
    if (rc == KAM_OK) rc = kam_query_where_i64(q, KAM_SCORE_RUN, KAM_OP_EQ, &r->scoring.id, 1, j->err);
    if (rc == KAM_OK) rc = kam_query_run(&rows, q, KAM_TODAY, j->err);
    if (rc == KAM_OK) rc = kam_rows_next(&rec, rows, j->err);
    if (rc == KAM_OK && rec)
        rc = kam__report_keep(&t->score_reason, r, kam_record_text(rec, KAM_SCORE_REASON, NULL), KAM_NUL, j->err);
    if (rc == KAM_OK && rec)
        rc = kam__report_keep(&t->warnings, r, kam_record_text(rec, KAM_SCORE_WARNINGS, NULL), KAM_NUL, j->err);
    kam_rows_free(rows);
    kam_query_free(q);
    return rc == KAM_OK && rec ? rtext_why(&t->score_reason, j, run, buf, t->id) : rc;
}

static int32_t rtext_scores(kam__report_job *j, kam_run **run, kam_buf *buf)
{
    kam__report *r = &j->report;
    for (uint32_t i = 0; i < r->nkey && i < KAM__REPORT_CARDS; i++) {
        const kam__report_account *a = &r->account[r->key[i]];
        kam__report_text *t = (kam__report_text *)kam__report_text_of(r, a->id);
        if (t && a->flags & KAM__ACC_SCORE) KAM__TRY(rtext_score(j, run, buf, t));
    }
    return KAM_OK;
}

int32_t kam__report_read_texts(kam__report_job *j)
{
    kam_run *grades = NULL, *scores = NULL;
    kam_buf buf;
    KAM__TRY(rtext_want_all(j));
    KAM__TRY(rtext_names(j));
    kam__buf_init(&buf, j->b->ctx);
    int32_t rc = rtext_open(&grades, j, j->report.grading.id);
    if (rc == KAM_OK) rc = rtext_grade_reasons(j, &grades, &buf);
    if (rc == KAM_OK) rc = rtext_open(&scores, j, j->report.scoring.id);
    if (rc == KAM_OK) rc = rtext_scores(j, &scores, &buf);
    kam_run_free(grades);
    kam_run_free(scores);
    kam__buf_drop(&buf);
    return rc;
}
