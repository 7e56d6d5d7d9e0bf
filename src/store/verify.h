/*
 * store/verify.h - what the checks of kam_book_verify share: verify.c walks over ids, verify_history.c over what
 * history promises.
 */
#ifndef KAM__VERIFY_H
#define KAM__VERIFY_H
#include "db.h"

typedef struct kam__ids { int64_t *id; size_t n, cap; } kam__ids;      /* ascending once complete */

typedef struct kam__verify {
    kam_book *home; kam__db *db; kam_ctx *ctx;
    kam__rowset *found; kam_record *problem;
    kam__ids commit, id;                    /* all commits; the rows of the kind being checked */
    uint64_t done;                          /* rows seen: for progress */
    kam_error *err;
} kam__verify;

int kam__ids_have(const kam__ids *ids, int64_t id);
/** A finding: `code` names the rule, `field` and `value` may be NULL. */
int32_t kam__verify_found(kam__verify *v, const char *code, const kam__kind *kind, int64_t record,
                          const kam__field *field, const char *value, const char *fmt, ...) KAM__PRINTF(7, 8);
int32_t kam__verify_found_id(kam__verify *v, const char *code, const kam__kind *kind, int64_t record,
                             const kam__field *field, int64_t value, const char *text);
/** Reads columns of a kind in any order; calls kam__progress before each block. */
int32_t kam__verify_scan(kam__verify *v, const kam__kind *kind, const uint32_t *field, uint32_t nfield,
                         const kam_pred *pred, kam_block_fn fn, void *user);
int kam__verify_has(const kam__verify *v, const kam__kind *kind, uint32_t field);

int32_t kam__verify_facts(kam__verify *v, const kam__kind *kind);       /* ranges that overlap or are empty */
int32_t kam__verify_events(kam__verify *v, const kam__kind *kind);      /* chains of corrections */
int32_t kam__verify_policies(kam__verify *v);                           /* hashes */
#endif
