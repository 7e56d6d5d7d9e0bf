/* messages_test.h - what these tests share: a book, and calls whose refusal is looked at. */
#ifndef MESSAGES_TEST_H
#define MESSAGES_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <kam.h>
#include <kam/spi/storage.h>
#include <kam/spi/test.h>

static kam_error *err;
static kam_book *book;

static inline kam_book *open_book(const char *currency)
{
    kam_book_options o = {.struct_size = sizeof o, .flags = KAM_BOOK_CREATE, .currency = currency};
    kam_book *b = NULL;
    assert_int_equal(kam_book_open(&b, NULL, NULL, &o, err), KAM_OK);
    return b;
}

/* The call answered `code`, and its message has this part. */
static inline void says(int32_t rc, int32_t code, const char *part)
{
    const char *message = kam_error_message(err);
    if (rc != code) fail_msg("%s instead of %s: %s", kam_code_name(rc), kam_code_name(code), message);
    if (!strstr(message, part)) fail_msg("\"%s\" is not in \"%s\"", part, message);
    print_message("%-20s %s\n", kam_code_name(code), message);
}

static inline kam_record *record(kam_book *of, uint32_t kind, const char *const *text, const uint32_t *field)
{
    kam_record *r = NULL;
    assert_int_equal(kam_record_new(&r, of, kind, err), KAM_OK);
    for (int i = 0; field[i]; i++) assert_int_equal(kam_record_set_text(r, field[i], text[i], KAM_NUL, err), KAM_OK);
    return r;
}

static inline int64_t saved(kam_book *of, uint32_t kind, const char *const *text, const uint32_t *field)
{
    kam_record *r = record(of, kind, text, field);
    int32_t rc = kam_book_save(of, r, err);
    if (rc != KAM_OK) fail_msg("%s", kam_error_message(err));
    int64_t id = kam_record_i64(r, KAM_ID, 0);
    kam_record_free(r);
    return id;
}

static inline int64_t account_of(kam_book *of)
{
    static const char *const text[] = {"Acme"};
    static const uint32_t field[] = {KAM_ACCOUNT_NAME, 0};
    return saved(of, KAM_KIND_ACCOUNT, text, field);
}

static inline int64_t sell(kam_book *of, const char *day, const char *amount, const char *currency)
{
    char id[24];
    snprintf(id, sizeof id, "%lld", (long long)account_of(of));
    const char *text[] = {"SALE", id, day, currency, amount};
    static const uint32_t field[] = {KAM_LEDGER_EVENT, KAM_LEDGER_ACCOUNT, KAM_LEDGER_DAY, KAM_LEDGER_CURRENCY, KAM_LEDGER_AMOUNT, 0};
    return saved(of, KAM_KIND_LEDGER, text, field);
}

static inline int set_up(void **state)
{
    (void)state;
    if (kam_error_new(&err, NULL) != KAM_OK) return -1;
    book = open_book("CNY");
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    kam_book_close(book);
    kam_error_free(err);
    return 0;
}

#endif
