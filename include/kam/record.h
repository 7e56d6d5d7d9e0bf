/**
 * @file kam/record.h
 * @brief Records: one thing of one kind, with fields by id.
 *
 * An account, an order line, a grade, a reason, a currency: all are records, and kam/fields.h lists their kinds and
 * fields. A field id is unique over all kinds (1 to 127 are common to all), so that an id of another kind is refused
 * instead of naming another field. A book's own fields are records of kind FIELD with a name "x_..."; saving one gives
 * it an id from 65536 on, and every record made afterwards has it. Values are read and set as whole number, double or
 * canonical text, or the whole record as JSON.
 *
 * @code
 * int32_t add_account(int64_t *id, kam_book *book, const char *name, kam_error *err)
 * {
 *     kam_record *r = NULL;
 *     int32_t rc = kam_record_new(&r, book, KAM_KIND_ACCOUNT, err);
 *     if (rc == KAM_OK) rc = kam_record_set_text(r, KAM_ACCOUNT_NAME, name, KAM_NUL, err);
 *     if (rc == KAM_OK) rc = kam_record_set_text(r, KAM_ACCOUNT_CREDIT_LIMIT, "50000.00", KAM_NUL, err);
 *     if (rc == KAM_OK) rc = kam_record_set_text(r, KAM_ACCOUNT_OWNER, "erp:emp-17", KAM_NUL, err);
 *     if (rc == KAM_OK) rc = kam_book_save(book, r, err);
 *     if (rc == KAM_OK) *id = kam_record_i64(r, KAM_ID, 0);
 *     kam_record_free(r);
 *     return rc;
 * }
 * @endcode
 */
#ifndef KAM_RECORD_H
#define KAM_RECORD_H
#include <kam/base.h>
#include <kam/block.h>
#include <kam/fields.h>
#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/**
 * Makes an empty record of a kind, with the book's own fields. Nothing is stored until kam_book_save().
 * @param[out] out     The new record; end it with kam_record_free(). It stays usable when the book is closed.
 * @param[in] book     Whose fields and currencies it has.
 * @param[in] kind     A stored KAM_KIND_ (below 200), or KAM_KIND_ATTRIBUTES, for kam_scorecard_score().
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no such kind); or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_record_new(kam_record **out, kam_book *book, uint32_t kind, kam_error *err);
/**
 * Ends a record.
 * @param[in] record  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_record_free(kam_record *record);
/**
 * Kind of a record.
 * @param[in] record  May be NULL.
 * @return Its KAM_KIND_; 0 where `record` is NULL. Cannot fail.
 * @threads B
 * @since 0.1
 */
uint32_t kam_record_kind(const kam_record *record);
/**
 * Type of the value that a field has: tells "no value" from a wrong id.
 * @param[in] record  May be NULL.
 * @param[in] field   Field id.
 * @return A KAM_T_; 0 = no value; 255 = not a field of this record. Cannot fail.
 * @threads B
 * @since 0.1
 */
uint32_t kam_record_type(const kam_record *record, uint32_t field);
/**
 * A value as whole number: days, enums, booleans, ids, counts; money in minor units of the record's currency (1234.50
 * CNY is 123450), decimals in their last place (points 10^-4), instants in ms UTC, local times in minutes.
 * @param[in] record   May be NULL.
 * @param[in] field    Field id.
 * @param[in] if_none  What to answer where the field has no value, is a text or a double, is a reference still given by
 *         the ERP's key, or is money of which the currency is not known.
 * @return The number, or `if_none`; cannot fail.
 * @threads B
 * @since 0.1
 */
int64_t kam_record_i64(const kam_record *record, uint32_t field, int64_t if_none);
/**
 * A number as double, money and decimals in whole units (12.5, not 1250). For charts, not for sums.
 * @param[in] record   May be NULL.
 * @param[in] field    Field id.
 * @param[in] if_none  What to answer where there is no such number, as in kam_record_i64().
 * @return The number, the nearest double where it has none of its own, or `if_none`; cannot fail.
 * @threads B
 * @since 0.1
 */
double kam_record_f64(const kam_record *record, uint32_t field, double if_none);
/**
 * A value as canonical text: "2026-03-01", "1234.50", "HELD", "true"; a reference as id, or as the ERP's key it was set
 * with.
 * @param[in] record   May be NULL.
 * @param[in] field    Field id.
 * @param[in] if_none  What to answer where the field has no value, or is stored money of which the currency is not
 *         known; may be NULL.
 * @return The text, UTF-8, lent until the record is changed or ended (texts of several fields do not disturb each
 *         other); or `if_none`. Cannot fail.
 * @threads B
 * @since 0.1
 */
const char *kam_record_text(const kam_record *record, uint32_t field, const char *if_none);
/**
 * Sets a whole number in the field's unit, as kam_record_i64() gives it.
 * @param[in,out] record  The record; unchanged on failure.
 * @param[in] field       Field id.
 * @param[in] value       The number. #KAM_DAY_FIRST and #KAM_DAY_END remove the value of a day; #KAM_TODAY is no day to
 *         store.
 * @param[in,out] err     May be NULL.
 * @return KAM_OK; KAM_E_INVAL (not a field of this record, or the enum has no such number); KAM_E_TYPE (the field is a
 *         text or a double); KAM_E_LIMIT (outside what the field holds: ids 1 to 2^53-1, days of the years 1 to 9999,
 *         degrees, 0 or 1).
 * @threads B
 * @since 0.1
 */
int32_t kam_record_set_i64(kam_record *record, uint32_t field, int64_t value, kam_error *err);
/**
 * Sets a double. Fields of other types take kam_record_set_text() or kam_record_set_i64(), which are exact.
 * @param[in,out] record  The record; unchanged on failure.
 * @param[in] field       Id of a field of type #KAM_T_F64.
 * @param[in] value       Any finite number.
 * @param[in,out] err     May be NULL.
 * @return KAM_OK; KAM_E_INVAL (not a field of this record); KAM_E_TYPE (the field is no double, or the value NaN or
 *         infinite).
 * @threads B
 * @since 0.1
 */
int32_t kam_record_set_f64(kam_record *record, uint32_t field, double value, kam_error *err);
/**
 * Sets any field from canonical text. A reference takes an id, the ERP's key as "source:key", or a key alone (of the
 * record's own source); keys are looked up when the record is stored. Money is kept as written: whether its decimals
 * fit the currency is asked when the record is stored. Enums take name, label (English or Chinese) or number; codes and
 * currencies are put in capitals.
 * @param[in,out] record  The record; unchanged on failure.
 * @param[in] field       Field id.
 * @param[in] text        UTF-8, copied; NULL or "" removes the value.
 * @param[in] len         Its length in bytes, or #KAM_NUL.
 * @param[in,out] err     May be NULL; tells kind, field and, for bad UTF-8, the byte offset.
 * @return KAM_OK; KAM_E_INVAL (not a field of this record); KAM_E_PARSE (not a value of the field, or no currency known
 *         here); KAM_E_UTF8; KAM_E_LIMIT (longer than max_text, or outside what the field holds); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_record_set_text(kam_record *record, uint32_t field, const char *text, size_t len, kam_error *err);
/**
 * Removes all values and keeps the kind: one record serves a whole loop.
 * @param[in,out] record  May be NULL.
 * @threads B
 * @since 0.1
 */
void kam_record_clear(kam_record *record);
/**
 * The whole record as one JSON object: members by field name in the order of the fields, only those with a value, money
 * and decimals with their exact digits.
 * @param[in,out] out  Its content is replaced; unchanged on failure.
 * @param[in] record   The record.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_record_to_json(kam_buf *out, const kam_record *record, kam_error *err);
/**
 * Sets the members of a JSON object by field name, all or none; null removes, fields not mentioned stay. Numbers may
 * stand in quotes.
 * @param[in,out] record  The record; unchanged on failure.
 * @param[in] json        One object, UTF-8.
 * @param[in] len         Its length in bytes, or #KAM_NUL.
 * @param[in,out] err     May be NULL; tells line, column and byte offset of the member that is wrong.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_PARSE (no JSON, or not a value of the field); KAM_E_TYPE (not an object, or
 *         a member of the wrong JSON type); KAM_E_NOT_FOUND (no such field; the message suggests one); KAM_E_UTF8;
 *         KAM_E_LIMIT; KAM_E_NOMEM.
 * @threads B
 * @since 0.1
 */
int32_t kam_record_from_json(kam_record *record, const char *json, size_t len, kam_error *err);

/**
 * Field id by name, the book's own fields ("x_...") too.
 * @param[out] out     The field id.
 * @param[in] book     Whose fields.
 * @param[in] kind     Any KAM_KIND_, computed ones too.
 * @param[in] name     Its name, NUL-ended, in small letters: "credit_limit".
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (no such kind); KAM_E_NOT_FOUND (no such field; the message suggests one); or a code of
 *         any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_field_find(uint32_t *out, kam_book *book, uint32_t kind, const char *name, kam_error *err);
/**
 * All kinds and fields, the book's own ones too, as FIELD records: kind, id, name, type, decimals, unit, flags, labels
 * in English and Chinese, the kind referred to, the values of a closed list.
 * @param[out] out     The rows; end them with kam_rows_free().
 * @param[in] book     Whose fields.
 * @param[in,out] err  May be NULL.
 * @return KAM_OK or a code of any call on a book.
 * @threads B
 * @since 0.1
 */
int32_t kam_schema_rows(kam_rows **out, kam_book *book, kam_error *err);
/**
 * CREATE TABLE and CREATE INDEX statements of all stored kinds without the book's own fields, for stores that make no
 * tables themselves.
 * @param[in,out] out  Its content is replaced; unchanged on failure.
 * @param[in] ctx      Not used; may be NULL.
 * @param[in] dialect  "sqlite" or "postgresql".
 * @param[in,out] err  May be NULL.
 * @return KAM_OK; KAM_E_INVAL (NULL); KAM_E_UNSUPPORTED (another dialect); KAM_E_NOMEM.
 * @threads A
 * @since 0.1
 */
int32_t kam_schema_ddl(kam_buf *out, kam_ctx *ctx, const char *dialect, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
