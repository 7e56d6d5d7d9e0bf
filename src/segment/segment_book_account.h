/*
 * segment/segment_book_account.h - the account handle, for the two files that make it. They include store/store.h
 * first.
 */
#ifndef KAM__SEGMENT_BOOK_ACCOUNT_H
#define KAM__SEGMENT_BOOK_ACCOUNT_H
#include "../base/base.h"
#include <kam/account.h>

struct kam_account {
    kam_ctx *ctx; kam_book *book;           /* held */
    int64_t id; int32_t as_of;              /* as asked: KAM_TODAY stays KAM_TODAY */
    kam_record *record, *fact, *value, *attributes;     /* what is lent */
};

#endif
