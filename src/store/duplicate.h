/*
 * store/duplicate.h - what the files of the duplicate finder share.
 *
 *   duplicate.c         records of a book -> keys -> pairs -> rows
 *   duplicate_key.c     texts as they are meant: names, cities, phone numbers, addresses
 *   duplicate_name.c    how alike two names are
 */
#ifndef KAM__DUPLICATE_H
#define KAM__DUPLICATE_H
#include "store.h"
#include <kam/duplicate.h>

#define DUP_NAME 64u                        /* letters of a name that are compared */
#define DUP_PHONES 4u                       /* numbers in one field */

/** Each appends a key to `out`, or nothing where the text gives none. */
void kam__dup_name(kam_buf *out, const char *text, size_t len);             /* "苏州泵业(集团)有限公司" -> 苏州泵业 */
void kam__dup_plain(kam_buf *out, const char *text, size_t len);            /* letters and digits, folded */
void kam__dup_city(kam_buf *out, const char *text, size_t len);             /* 苏州市 -> 苏州 */
void kam__dup_email(kam_buf *out, const char *text, size_t len);
void kam__dup_website(kam_buf *out, const char *text, size_t len);          /* its host without www. */
/** The `n`th number in the text, from 0; 0 = there is none any more. */
int kam__dup_phone(kam_buf *out, const char *text, size_t len, uint32_t n);

/** How alike two names (keys) are, in 10^-4; 0 = a number in them differs, or one is too short to say. */
int64_t kam__dup_alike(const char *a, size_t alen, const char *b, size_t blen);
#endif
