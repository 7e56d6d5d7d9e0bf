/* A regular expression and, behind the first line end, a text. */
#include "fuzz.h"
#include "rule/regex.h"

void fuzz_regex(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, '\n', size);
    size_t n = end ? (size_t)(end - data) : size, bad;
    kam_ctx *ctx = NULL;
    kam__arena arena;
    kam__regex *re;
    FUZZ_MUST(kam_ctx_new(&ctx, NULL, NULL) == KAM_OK);
    kam__arena_init(&arena, ctx, 0);
    const char *text = end ? (const char *)end + 1 : "";
    size_t len = end ? size - n - 1 : 0;
    int32_t rc = n == 0 && size == 0 ? KAM_E_PARSE : kam__regex_compile(&re, &arena, (const char *)data, n, NULL);
    FUZZ_MUST(rc == KAM_OK || rc == KAM_E_PARSE || rc == KAM_E_LIMIT);
    if (rc == KAM_OK && len < 2000 && kam__utf8_valid(text, len, &bad)) {
        void *room = malloc(kam__regex_room(re));
        FUZZ_MUST(room);
        int found = kam__regex_search(re, room, text, len);
        FUZZ_MUST(found == 0 || found == 1);
        FUZZ_MUST(kam__regex_search(re, room, text, len) == found);
        free(room);
    }
    kam__arena_free(&arena);
    kam_ctx_free(ctx);
}
FUZZ_TARGET(regex);
