/**
 * @file kam/policy.h
 * @brief Policies: versioned documents that decide.
 *
 * A policy is a JSON document: a grade scheme, a cadence, an import mapping. It is a record of kind POLICY, listed and
 * read by query; it never changes, a new version is a new record with its own SHA-256. A version decides from the day
 * somebody approves it for, so "which one was in force on 1 March" has one answer. Built-in ones are there from the
 * start under their names, in force on every day.
 *
 * @code
 * int32_t adopt(kam_book *book, const char *scheme_json, int32_t from, kam_error *err)
 * {
 *     int64_t before = 0, version = 0;
 *     int32_t rc = kam_policy_add(&version, book, KAM_POLICY_SCHEME, scheme_json, KAM_NUL, err);
 *     if (rc == KAM_OK) rc = kam_policy_in_force(&before, book, KAM_POLICY_SCHEME, "quota-20-40-40", from, err);
 *     if (rc == KAM_OK && before == version) return KAM_OK;
 *     if (rc == KAM_OK) rc = kam_policy_withdraw(book, before, from, err);
 *     if (rc == KAM_OK) rc = kam_policy_approve(book, version, from, KAM_DAY_END, err);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_POLICY_H
#define KAM_POLICY_H
#include <kam/book.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/**
 * Adds a version as a draft, checked whole. It is kept in canonical form: members by name, no spaces, numbers without
 * needless digits.
 * @param[out] out     Id of the version; the same content again gives the id of the one there is.
 * @param[in] book     The book.
 * @param[in] kind     Any KAM_POLICY_ but KAM_POLICY_RULE, which is for later.
 * @param[in] json     One object with a "name" of 1 to 63 bytes, UTF-8.
 * @param[in] len      Its length in bytes, or #KAM_NUL.
 * @param[in,out] err  May be NULL; tells line and column.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_PARSE (no JSON, or not of the form); KAM_E_TYPE, KAM_E_NOT_FOUND (a
 *         member); KAM_E_POLICY (wrong in itself); KAM_E_LIMIT (longer than max_text, too deep); KAM_E_UNSUPPORTED
 *         (another kind of policy); KAM_E_READ_ONLY; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_policy_add(int64_t *out, kam_book *book, uint32_t kind, const char *json, size_t len, kam_error *err);
/**
 * Puts a version in force for [from, to); the book's actor approves.
 * @param[in,out] book  The book.
 * @param[in] policy    Id of the version.
 * @param[in] from      First day; #KAM_TODAY, #KAM_DAY_FIRST = always was.
 * @param[in] to        First day it is no longer in force; #KAM_DAY_END = until further notice.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_INVAL (`from` is not before `to`); KAM_E_NOT_FOUND; KAM_E_POLICY (another version of that name
 *         is in force on some of these days; the message names both); KAM_E_READ_ONLY; or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_policy_approve(kam_book *book, int64_t policy, int32_t from, int32_t to, kam_error *err);
/**
 * Takes a version out of force from a day on; results that rest on it keep it.
 * @param[in,out] book  The book.
 * @param[in] policy    Id of the version.
 * @param[in] from      First day it is no longer in force; #KAM_TODAY.
 * @param[in,out] err   May be NULL.
 * @return KAM_OK; KAM_E_NOT_FOUND; KAM_E_POLICY (not in force on that day); KAM_E_READ_ONLY; or a code of any call on a
 *         book.
 * @threads B
 * @since 0.1
 */
int32_t kam_policy_withdraw(kam_book *book, int64_t policy, int32_t from, kam_error *err);
/**
 * The version in force on a day.
 * @param[out] out     Its id.
 * @param[in] book     The book; on a kam_book_known() book as it was known then.
 * @param[in] kind     Any KAM_POLICY_.
 * @param[in] name     Its name, NUL-ended.
 * @param[in] day      The day; #KAM_TODAY.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_POLICY (none is in force, or there is none of that name); or a code of any
 *         call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_policy_in_force(int64_t *out, kam_book *book, uint32_t kind, const char *name, int32_t day, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
