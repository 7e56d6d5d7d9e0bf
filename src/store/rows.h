/*
 * store/rows.h - what is inside a kam_rows: a cursor over a sealed rowset, or over pages that a pager fetches one at a
 * time.
 *
 * Columns stand in this order: the ones shown, then those a record needs beside them (the currency of shown money),
 * then those only the source needs (sort fields, id). Blocks and texts show the first, records hold the first two.
 */
#ifndef KAM__ROWS_H
#define KAM__ROWS_H
#include "store.h"

typedef struct kam__pager {
    /** Fills the empty `page` with the next rows; none = the end. After a failure the same rows can be asked for
     * again. */
    int32_t (*next)(void *self, kam__blockbuf *page, kam_error *err);
    void (*free)(void *self);
} kam__pager;

struct kam_rows {
    kam_ctx *ctx; kam_book *book; kam__schema *schema;      /* held; book NULL: needs none */
    uint32_t kind, nshow, nload;
    int in_txn; uint64_t generation;        /* made inside a transaction of the user, and ends with it */
    kam_record *record;                     /* what kam_rows_next lends */
    kam__rowset *set; uint64_t at, end;     /* held; rows still to come */
    const kam__pager *pager; void *self;
    kam__blockbuf page; uint32_t page_row; int page_end;
    kam__blockbuf rest; kam_block shown;    /* what kam_rows_next_block lends */
    kam_buf text; int headed, tailed; uint64_t written;     /* what kam_rows_export has made and not handed over yet */
    kam_buf cancelled; int published; char stamp[24];       /* iCalendar: what comes last; begun; which book */
};

/** Rows over the first columns of a set; takes a hold of its own on the set. */
int32_t kam__rows_of_columns(kam_rows **out, kam_book *book, kam__rowset *s, uint32_t nshow, uint32_t nload,
                             uint64_t skip, uint64_t limit, kam_error *err);
/** Rows over a pager, which is the rows' from now on, also on failure; the first page is read at once. */
int32_t kam__rows_of_pager(kam_rows **out, kam_book *book, kam__schema *schema, uint32_t kind, const uint32_t *field,
                           uint32_t nfield, uint32_t nshow, uint32_t nload, const kam__pager *pager, void *self,
                           kam_error *err);
/** CLOSED: the book, or the transaction they were made in, has ended. */
int32_t kam__rows_alive(const kam_rows *r, kam_error *err);
/** Loads the row under the cursor into r->record; *more = 0: there is none. */
int32_t kam__rows_load(int *more, kam_rows *r, kam_error *err);
void kam__rows_step(kam_rows *r);
/** The block under the cursor with all its columns, the row in it, and the rows of it still to come; 0 = the end. */
int32_t kam__rows_here(kam_block *b, uint32_t *row, uint32_t *left, kam_rows *r, kam_error *err);
void kam__rows_advance(kam_rows *r, uint32_t n);
/** rows_export_ical.c: 1 = such records have a place in a calendar; appends the row under the cursor; ends the text. */
int kam__rows_are_calendar(const kam_rows *r);
int32_t kam__rows_stamp(kam_rows *r, kam_error *err);                   /* fills r->stamp */
int32_t kam__rows_ical_row(kam_rows *r, const kam_export_options *o, kam_error *err);
void kam__rows_ical_tail(kam_rows *r);
/** rows_export_vcard.c: appends the contact under the cursor. */
int32_t kam__rows_vcard_row(kam_rows *r, kam_error *err);
/** Field of a shown column. */
const kam__field *kam__rows_field(const kam_rows *r, uint32_t column);
#endif
