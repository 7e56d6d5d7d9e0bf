/* Regular expressions: what matches, what is refused, and that time stays linear. */
#include "cel_test.h"
#include "rule/regex.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 1 yes, 0 no, < 0 a code. */
static int32_t found(ct *t, const char *pattern, const char *text, size_t len)
{
    kam__arena arena;
    kam__regex *re;
    kam__arena_init(&arena, t->ctx, 0);
    int32_t rc = kam__regex_compile(&re, &arena, pattern, strlen(pattern), t->err);
    if (rc == KAM_OK) {
        void *room = malloc(kam__regex_room(re));
        assert_non_null(room);
        rc = kam__regex_search(re, room, text, len);
        free(room);
    }
    kam__arena_free(&arena);
    return rc;
}

static void what_matches(void **state)
{
    static const struct { const char *re, *text; int yes; } c[] = {
        {"", "", 1}, {"a", "xay", 1}, {"^a", "xay", 0}, {"^a$", "a", 1}, {"^a$", "a\n", 0}, {"a|b|", "", 1},
            {"(a|b)*c", "ababc", 1},
        {"^(a|b)*c$", "abxc", 0}, {"a{2,3}b", "aab", 1}, {"^a{2,3}$", "aaaa", 0}, {"^a{2}$", "aa", 1},
            {"^a{2,}$", "aaaaa", 1}, {"^a{0}$", "", 1},
        {"x*", "", 1}, {"a+?b??", "a", 1}, {"[a-c]+", "xxb", 1}, {"[^a-c]", "abc", 0}, {"[]a]", "]", 1},
            {"[^]a]", "b", 1}, {"[a-]", "-", 1}, {"[\\d-]+$", "1-2", 1},
        {"\\d+", "ab12", 1}, {"^\\D+$", "ab12", 0}, {"\\w+@\\w+", "me@x", 1}, {"\\bcat\\b", "a cat b", 1},
            {"\\bcat\\b", "concat", 0}, {"\\Bcat", "concat", 1},
        {"\\Aab\\z", "ab", 1}, {"[[:alpha:]]+1", "ab1", 1}, {"[[:^digit:]]", "1", 0}, {"[[:space:]]", "\v", 1},
            {"\\s", "\v", 0}, {"(?i)MüLLER", "mÜller", 1}, {"(?i)[a-f]", "E", 1},
        {"(?i:A)b", "ab", 1}, {"(?i:A)b", "aB", 0}, {"(?i)a(?-i)B", "AB", 1}, {"(?i)a(?-i)B", "ab", 0},
            {"(?s)a.b", "a\nb", 1}, {"a.b", "a\nb", 0},
        {"(?m)^b$", "a\nb\nc", 1}, {"^b$", "a\nb\nc", 0}, {"(?P<n>a)(?<m>b)(?:c)", "abc", 1},
            {"\\x41\\x{42}\\103", "ABC", 1}, {"\\Qa.b\\E+", "a.bb", 1}, {"\\Qa.b\\E", "axb", 0},
        {"a{,2}", "a{,2}", 1}, {"a{x", "a{x", 1}, {"\\.\\*", ".*", 1}, {"客户+", "客户户", 1}, {"^.$", "客", 1},
            {"[一-龥]{2}", "客户", 1}, {"[^\\x00-\\x7F]", "abc", 0},
        {"(?i)привет", "ПРИВЕТ", 1}, {"(?i)σ", "Σ", 1}, {"\\pL", "x", -1}, {"\\p{Any}", "x", 1}, {"(|a)+b", "aab", 1},
            {"(a*)*b", "aab", 1}, {"()", "x", 1}, {"a||b", "x", 1}};
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        int32_t got = found(*state, c[i].re, c[i].text, strlen(c[i].text));
        if ((got < 0 ? -1 : got) != c[i].yes) print_error("%s on %s: %d\n", c[i].re, c[i].text, got);
        assert_int_equal(got < 0 ? -1 : got, c[i].yes);
    }
    assert_int_equal(found(*state, "a\\x00b", "a\0b", 3), 1);
}

static void what_is_refused(void **state)
{
    static const struct { const char *re, *why; int64_t offset; } bad[] = {
        {"(", "group ( is not closed", 0}, {")", "without its (", 0}, {"a)b", "without its (", 1},
            {"[a", "not closed", 0}, {"[b-a]", "backwards", 1}, {"*a", "nothing to repeat", 0},
        {"a**", "cannot be repeated", 2}, {"a{2}{3}", "cannot be repeated", 4}, {"a{1001}", "0 to 1000", 1},
            {"a{3,2}", "0 to 1000", 1}, {"\\", "backslash at the end", 1}, {"\\1", "not known", 0},
        {"(?=a)", "not known", 2}, {"(?<!a)", "not known", 2}, {"(?P<1-2>a)", "letters, digits", 5},
            {"(?P<>a)", "missing", 2}, {"[[:foo:]]", "not known", 1}, {"\\x{110000}", "10FFFF", 9},
                {"\\xg1", "two digits", 2},
        {"\\C", "not known", 0}, {"(?x)a", "not known", 2}, {"\\p{Klingon}", "not known", 1},
        {"a\xff", "that is not UTF-8", 1}};
    ct *t = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(found(t, bad[i].re, "", 0), KAM_E_PARSE);
        if (!strstr(kam_error_message(t->err), bad[i].why) || kam_error_detail(t->err, KAM_ERR_OFFSET) != bad[i].offset)
            print_error("%s: %s (%d)\n", bad[i].re, kam_error_message(t->err),
                        (int)kam_error_detail(t->err, KAM_ERR_OFFSET));
        assert_non_null(strstr(kam_error_message(t->err), bad[i].why));
        assert_int_equal(kam_error_detail(t->err, KAM_ERR_OFFSET), bad[i].offset);
    }
    assert_int_equal(found(t, "((a{100}){100}){100}", "", 0), KAM_E_LIMIT);
    assert_int_equal(found(t, "(((((){1000}){1000}){1000}){1000})", "", 0), KAM_E_LIMIT);
    char deep[500];
    memset(deep, '(', 499);
    deep[499] = '\0';
    assert_int_equal(found(t, deep, "", 0), KAM_E_LIMIT);
}

static void time_is_linear(void **state)
{
    static char text[200000];
    memset(text, 'a', sizeof text);
    assert_int_equal(found(*state, "(a*)*b", text, sizeof text), 0);
    assert_int_equal(found(*state, "(a|aa)+$", text, sizeof text), 1);
    assert_int_equal(found(*state, "(a?){30}a{30}b", text, 30000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_matches), cmocka_unit_test(what_is_refused),
        cmocka_unit_test(time_is_linear)};
    return cmocka_run_group_tests(tests, ct_setup, ct_teardown);
}
