/* Any bytes as a decision table, then what follows a NUL as the input's JSON: a table that is taken looks for its own gaps
 * and decides or says why not; one that is refused says why. */
#include "fuzz.h"
#include <kam.h>

void fuzz_dtable(const uint8_t *data, size_t size)
{
    kam_error *err = NULL;
    kam_ctx *ctx = NULL;
    kam_dtable *table = NULL;
    kam_rows *rows = NULL;
    kam_why *why = NULL;
    kam_buf *out = NULL;
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t n = end ? (size_t)(end - data) : size;
    FUZZ_MUST(kam_error_new(&err, NULL) == KAM_OK && kam_ctx_new(&ctx, NULL, err) == KAM_OK);
    FUZZ_MUST(kam_buf_new(&out, ctx, err) == KAM_OK);
    int32_t rc = kam_dtable_parse(&table, ctx, (const char *)data, n, err);
    if (rc == KAM_OK) {
        FUZZ_MUST(kam_dtable_findings(&rows, table, err) == KAM_OK);
        kam_rows_free(rows);
        const char *in = end && size > n + 1 ? (const char *)data + n + 1 : "{}";
        int32_t decided = kam_dtable_decide_json(out, &why, table, in, end && size > n + 1 ? size - n - 1 : 2, err);
        if (decided == KAM_OK) {
            const char *answer = kam_buf_data(out);
            FUZZ_MUST(kam_buf_size(out) >= 2 && answer[0] == '[');
        } else FUZZ_MUST(kam_error_message(err)[0] != '\0');
        kam_why_free(why);
    } else FUZZ_MUST(kam_error_message(err)[0] != '\0');
    FUZZ_MUST(rc == KAM_OK || rc == KAM_E_PARSE || rc == KAM_E_POLICY || rc == KAM_E_TYPE || rc == KAM_E_LIMIT || rc == KAM_E_UTF8);
    kam_dtable_free(table);
    kam_buf_free(out);
    kam_ctx_free(ctx);
    kam_error_free(err);
}
FUZZ_TARGET(dtable);
