/*
 * kam/record.h - Kinds and fields come from one schema table; kam/fields.h is generated from it. A built-in field id is unique over ALL kinds
 * (1..127 are common to all), so an id of another kind is refused instead of naming another field. Custom fields are records of
 * kind FIELD (name "x_..."); saving one gives the id. Currencies, rates, holidays and absences are records too.
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

/** Makes an empty record of a kind, custom fields of the book included. Nothing is stored until kam_book_save. [B, 0.1] */
int32_t kam_record_new(kam_record **out, kam_book *book, uint32_t kind, kam_error *err);
/** Ends it. [B, 0.1] */
void kam_record_free(kam_record *record);
/** Its KAM_KIND_. [B, 0.1] */
uint32_t kam_record_kind(const kam_record *record);
/** KAM_T_ type of the value, 0 = no value, 255 = not a field of this record: tells NULL from a wrong id. [B, 0.1] */
uint32_t kam_record_type(const kam_record *record, uint32_t field);
/** Whole numbers, days, enums, ids, money, points, instants; `if_none` where there is no such number. [B, 0.1] */
int64_t kam_record_i64(const kam_record *record, uint32_t field, int64_t if_none);
/** Any number as double; money and points in whole units (12.5, not 1250); `if_none` as above. For charts, not sums. [B, 0.1] */
double kam_record_f64(const kam_record *record, uint32_t field, double if_none);
/** Any value as canonical text ("2026-03-01", "1234.50", "HELD"), lent (next); `if_none` (may be NULL) as above. [B, 0.1] */
const char *kam_record_text(const kam_record *record, uint32_t field, const char *if_none);
/** Sets a whole number in the field's unit. TYPE LIMIT. [B, 0.1] */
int32_t kam_record_set_i64(kam_record *record, uint32_t field, int64_t value, kam_error *err);
/** Sets a double field; NaN and infinities are refused. TYPE. [B, 0.1] */
int32_t kam_record_set_f64(kam_record *record, uint32_t field, double value, kam_error *err);
/** Sets any field from canonical text; NULL or "" removes the value. A reference takes an id or the ERP's key as "source:key",
 *  looked up when the record is stored. PARSE UTF8 LIMIT. [B, 0.1] */
int32_t kam_record_set_text(kam_record *record, uint32_t field, const char *text, size_t len, kam_error *err);
/** Removes all values, keeps the kind: one record serves a whole loop. [B, 0.1] */
void kam_record_clear(kam_record *record);
/** The whole record as one JSON object, money and decimals exact. [B, 0.1] */
int32_t kam_record_to_json(kam_buf *out, const kam_record *record, kam_error *err);
/** Sets the members of a JSON object by field name, all or none. PARSE TYPE NOT_FOUND (with a suggestion). [B, 0.1] */
int32_t kam_record_from_json(kam_record *record, const char *json, size_t len, kam_error *err);

/** Field id by name, custom ones ("x_...") too. NOT_FOUND with a suggestion. [B, 0.1] */
int32_t kam_field_find(uint32_t *out, kam_book *book, uint32_t kind, const char *name, kam_error *err);
/** All kinds and fields as FIELD records (kind, id, name, type, unit, flags, labels in English and Chinese). [B, 0.1] */
int32_t kam_schema_rows(kam_rows **out, kam_book *book, kam_error *err);
/** CREATE TABLE statements for "sqlite" or "postgresql". UNSUPPORTED. [A, 0.1] */
int32_t kam_schema_ddl(kam_buf *out, kam_ctx *ctx, const char *dialect, kam_error *err);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
