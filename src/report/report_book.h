/*
 * report/report_book.h - what the report_book*.c files share. They include store/store.h first: no header above store
 * may.
 *
 * A report is read inside one read transaction, so that all of its figures are of the same state of the book.
 */
#ifndef KAM__REPORT_BOOK_H
#define KAM__REPORT_BOOK_H
#include "report.h"
#include <kam/report.h>

typedef struct kam__report_job {
    kam_book *b;
    kam_report_options o;
    int32_t as_of;                          /* as it was asked, maybe KAM_TODAY; report.as_of is the day */
    int64_t grading_policy;                 /* id of the POLICY record of the grading run, 0 = none */
    kam__report report;
    kam_error *err;
} kam__report_job;

/** 1: an answer that a report can do without: it says so in its place. */
int kam__report_without(int32_t rc);
/** Reads rows of a kind by field ids, all of them, into fn. */
int32_t kam__report_read(kam__report_job *j, uint32_t kind, const uint32_t *field, uint32_t nfield,
                         const kam_pred *pred, uint32_t npred, int32_t as_of, uint32_t flags, kam_block_fn fn);
/** Records of a kind whose field `run` is that run, in order of id. */
int32_t kam__report_of_run(kam_rows **out, kam__report_job *j, uint32_t kind, uint32_t field, int64_t run);
int64_t kam__report_num(const kam_col *c, uint32_t row, int64_t if_none);
/* report_book_accounts.c, report_book_value.c, report_book_grades.c, report_book_plan.c, report_book_texts.c */
int32_t kam__report_read_accounts(kam__report_job *j);
int32_t kam__report_read_contacts(kam__report_job *j);
int32_t kam__report_read_value(kam__report_job *j);
int32_t kam__report_read_grades(kam__report_job *j);
int32_t kam__report_read_plan(kam__report_job *j);
int32_t kam__report_read_texts(kam__report_job *j);
/* report_book_worth.c: an applied run is seen, later ones after earlier ones; then what they say is read. */
void kam__report_worth_seen(kam__report_job *j, int64_t kind, const kam__report_run *run);
int32_t kam__report_read_worth(kam__report_job *j);
/** The account with an id, added when the book has it no more. */
int32_t kam__report_account_add(kam__report_account **out, kam__report_job *j, int64_t id);
#endif
