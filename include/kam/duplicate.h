/**
 * @file kam/duplicate.h
 * @brief Duplicates: which accounts or contacts are in the book twice.
 *
 * Keys decide, likeness only suggests. Two accounts with the same credit code, the same name in the same city, or the
 * same e-mail address, phone number or website are one; so are two contacts with the same e-mail address or mobile
 * number. Texts are compared as they are meant: full-width and half-width, capitals, blanks and marks, country code and
 * extension of a phone number, and what kind of company a name says (有限公司, Co., Ltd.) make no difference. Names
 * that are merely alike are listed behind, with how alike they are. Nothing is merged.
 *
 * @code
 * int32_t print_duplicates(kam_book *book, kam_error *err)
 * {
 *     kam_rows *pairs = NULL;
 *     const kam_record *r = NULL;
 *     int32_t rc = kam_duplicates(&pairs, book, KAM_KIND_ACCOUNT, err);
 *     while (rc == KAM_OK && (rc = kam_rows_next(&r, pairs, err)) == KAM_OK && r)
 *         printf("%s = %s: %s\n", kam_record_text(r, KAM_DUPLICATE_NAME, ""),
 *                kam_record_text(r, KAM_DUPLICATE_OTHER_NAME, ""), kam_record_text(r, KAM_DUPLICATE_TEXT, ""));
 *     kam_rows_free(pairs);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_DUPLICATE_H
#define KAM_DUPLICATE_H
#include <kam/book.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/**
 * Pairs of records that are the same, or may be.
 *
 * Deleted and merged records do not count. Where several have the same key each is paired with the one of the lowest
 * id. Two different credit codes, both right, are two companies, whatever else agrees. A phone number, e-mail address
 * or website that more than 20 records share belongs to none of them. Names are compared with their neighbours in
 * alphabetical order, forward and backward (sorted neighbourhood: Hernández and Stolfo 1995), so that a million
 * accounts are feasible; alike means that at least 80 % of their pairs of letters (Dice 1945) or of their letters (edit
 * distance: Levenshtein 1966) agree, in the same city or where one has none, and no number in them differs. Contacts
 * are suggested where the same name belongs to the same account.
 * @param[out] out     DUPLICATE rows, certain ones first, then by share and id; end them with kam_rows_free().
 * @param[in] book     The book.
 * @param[in] kind     KAM_KIND_ACCOUNT or KAM_KIND_CONTACT.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_UNSUPPORTED (another kind); KAM_E_CANCELLED; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_duplicates(kam_rows **out, kam_book *book, uint32_t kind, kam_error *err);
/**
 * Is this a unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters, the last of which
 * checks the others? Small letters count as capitals. Imports list a code that is wrong as WARNING and keep it.
 * @param[in] code     The text.
 * @param[in] len      Its bytes; #KAM_NUL = NUL-ended.
 * @param[in,out] err  May be NULL; says what is wrong.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_PARSE (it is none).
 * @threads A
 * @since 0.1
 */
int32_t kam_credit_code_check(const char *code, size_t len, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
