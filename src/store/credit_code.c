/*
 * store/credit_code.c - the check character of unified social credit codes (GB 32100-2015, which follows the way of
 * GB 11714 and ISO 7064).
 *
 * 31 characters (digits and capitals without I O S V Z) have the values 0 to 30; with the weights 3^(i-1) mod 31 the
 * sum over the first 17 and the check character is a multiple of 31.
 */
#include "store.h"
#include <kam/duplicate.h>

static const char credit_set[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int credit_value(char c)
{
    if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
    const char *at = c ? strchr(credit_set, c) : NULL;
    return at ? (int)(at - credit_set) : -1;
}

int32_t kam_credit_code_check(const char *code, size_t len, kam_error *err)
{
    char clip[48];
    int sum = 0, weight = 1;
    if (!code) return kam__null_arg(err, "code");
    if (len == KAM_NUL) len = strlen(code);
    if (len != 18)
        return kam__fail(err, KAM_E_PARSE, "credit code \"%s\" has %llu characters, not 18", kam__clip(clip, code, len),
                         (unsigned long long)len);
    for (size_t i = 0; i < 18; i++) {
        int v = credit_value(code[i]);
        if (v < 0)
            return kam__fail(err, KAM_E_PARSE, "credit code \"%s\" has a character at place %u that none has",
                             kam__clip(clip, code, len), (unsigned)i + 1);
        if (i == 17) break;
        sum = (sum + v * weight) % 31;
        weight = weight * 3 % 31;
    }
    int want = (31 - sum) % 31;
    if (credit_value(code[17]) == want) return KAM_OK;
    return kam__fail(err, KAM_E_PARSE, "credit code \"%s\" ends in %c where %c would be right: a character is wrong",
                     kam__clip(clip, code, len), code[17], credit_set[want]);
}
