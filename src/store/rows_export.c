/*
 * store/rows_export.c - the rest of a list as text, a piece at a time: CSV, a JSON array, JSON Lines, iCalendar, vCard.
 *
 * Text is made in a buffer of the rows first, whole rows only, and handed over when a piece is ready: whatever fails,
 * the caller's buffer is as it was, no row is lost, and the same call can be made again.
 */
#include "rows.h"

#define REXPORT_PIECE ((size_t)1 << 20)

/* ---------------------------------------------------------------- options */

static int32_t rexport_check(const kam_rows *r, const kam_export_options *o, kam_error *err)
{
    KAM__TRY(kam__flags(o->flags, KAM_EXPORT_BOM | KAM_EXPORT_LABELS | KAM_EXPORT_RAW | KAM_EXPORT_UTC
                                      | KAM_EXPORT_EXCEL, "kam_export_options.flags", err));
    if (o->flags & KAM_EXPORT_EXCEL && o->flags & KAM_EXPORT_RAW)
        return kam__fail(err, KAM_E_INVAL, "an export for Excel is guarded: leave KAM_EXPORT_RAW out");
    if (o->format == KAM_FORMAT_ICALENDAR && r && !kam__rows_are_calendar(r))
        return kam__fail(err, KAM_E_INVAL,
                         "%s records have no place in a calendar: export activities, plan entries or plan changes",
                         r->record->kind->name);
    if (o->format == KAM_FORMAT_VCARD && r && r->kind != KAM_KIND_CONTACT)
        return kam__fail(err, KAM_E_INVAL, "%s records are no vCards: export contacts", r->record->kind->name);
    if (o->format > KAM_FORMAT_VCARD)
        return kam__fail(err, KAM_E_INVAL, "kam_export_options.format is one of KAM_FORMAT_, not %u", o->format);
    if (o->separator > 126 || o->separator == '"' || (o->separator && o->separator < ' ' && o->separator != '\t'))
        return kam__fail(err, KAM_E_INVAL,
                         "kam_export_options.separator is one ASCII character such as ',' ';' or tab");
    if (o->lang && !kam__text_same(o->lang, "en") && !kam__text_same(o->lang, "zh"))
        return kam__fail(err, KAM_E_INVAL, "lang \"%s\" is not \"en\" or \"zh\"", o->lang);
    if (o->encoding && o->encoding[0] && o->format > KAM_FORMAT_CSV)
        return kam__fail(err, KAM_E_INVAL, "kam_export_options.encoding is for CSV: the other formats are UTF-8");
    if (o->encoding && o->encoding[0] && o->flags & KAM_EXPORT_BOM)
        return kam__fail(err, KAM_E_INVAL, "a byte order mark is for UTF-8: leave KAM_EXPORT_BOM or the encoding out");
    return KAM_OK;
}

static const char *rexport_heading(const kam_rows *r, const kam__field *f, const kam_export_options *o)
{
    const char *lang = o->lang ? o->lang : kam__schema_lang(r->schema);
    const char *label = !(o->flags & KAM_EXPORT_LABELS) ? f->name : kam__text_same(lang, "zh") ? f->zh : f->en;
    return label && *label ? label : f->name;
}

/* ---------------------------------------------------------------- the formats */

static void rexport_head(kam_rows *r, const kam_export_options *o)
{
    if (o->format == KAM_FORMAT_JSON) kam__buf_str(&r->text, "[\n");
    if (o->format != KAM_FORMAT_CSV) return;
    if (o->flags & KAM_EXPORT_BOM) kam__buf_put(&r->text, "\xEF\xBB\xBF", 3);
    uint32_t flags = o->flags & KAM_EXPORT_RAW ? KAM__CSV_RAW : 0;
    for (uint32_t c = 0; c < r->nshow; c++)
        kam__csv_put(&r->text, c == 0, rexport_heading(r, kam__rows_field(r, c), o), KAM_NUL, o->separator, flags);
    kam__csv_end_row(&r->text);
}

static void rexport_csv_row(kam_rows *r, const kam_export_options *o)
{
    uint32_t raw = (o->flags & KAM_EXPORT_RAW ? KAM__CSV_RAW : 0u) | (o->flags & KAM_EXPORT_EXCEL ? KAM__CSV_EXCEL : 0u);
    for (uint32_t c = 0; c < r->nshow; c++) {
        const kam__field *f = kam__rows_field(r, c);
        size_t len = 0;
        const char *text = kam__record_cell_format(r->record, (uint32_t)(f - r->record->kind->field), &len);
        kam__csv_put(&r->text, c == 0, text, len, o->separator,
                     raw | (f->type == KAM_T_TEXT ? 0u : (uint32_t)KAM__CSV_TYPED));
    }
    kam__csv_end_row(&r->text);
}

/* As model/record_json.c: numbers with their digits, everything else as a string. Only shown columns: a record may hold
 * more. */
static int rexport_quoted(const kam__field *f)
{
    return f->type == KAM_T_TEXT || f->logic == KAM__L_ENUM || f->logic == KAM__L_DAY || f->logic == KAM__L_INSTANT
        || f->logic == KAM__L_LOCAL;
}

static void rexport_json_row(kam_rows *r)
{
    char before = '{';
    for (uint32_t c = 0; c < r->nshow; c++) {
        const kam__field *f = kam__rows_field(r, c);
        size_t len = 0;
        const char *text = kam__record_cell_format(r->record, (uint32_t)(f - r->record->kind->field), &len);
        if (!text) continue;
        kam__buf_char(&r->text, before);
        kam__buf_json_text(&r->text, f->name, KAM_NUL);
        kam__buf_char(&r->text, ':');
        if (rexport_quoted(f)) kam__buf_json_text(&r->text, text, len);
        else kam__buf_put(&r->text, text, len);
        before = ',';
    }
    if (before == '{') kam__buf_char(&r->text, '{');
    kam__buf_char(&r->text, '}');
}

static int32_t rexport_row(kam_rows *r, const kam_export_options *o, kam_error *err)
{
    if (o->format == KAM_FORMAT_ICALENDAR) return kam__rows_ical_row(r, o, err);
    if (o->format == KAM_FORMAT_VCARD) return kam__rows_vcard_row(r, err);
    if (o->format == KAM_FORMAT_CSV) {
        rexport_csv_row(r, o);
        return KAM_OK;
    }
    if (o->format == KAM_FORMAT_JSON && r->written) kam__buf_str(&r->text, ",\n");
    rexport_json_row(r);
    if (o->format == KAM_FORMAT_JSONL) kam__buf_char(&r->text, '\n');
    return KAM_OK;
}

static void rexport_tail(kam_rows *r, const kam_export_options *o)
{
    if (o->format == KAM_FORMAT_JSON) kam__buf_str(&r->text, r->written ? "\n]\n" : "]\n");
    if (o->format == KAM_FORMAT_ICALENDAR) kam__rows_ical_tail(r);
}

/* ---------------------------------------------------------------- a piece */

/* Takes back what was written behind `size`, if it did not get whole. */
static int32_t rexport_keep(kam_rows *r, size_t size, kam_error *err)
{
    if (!r->text.failed) return KAM_OK;
    r->text.failed = KAM_OK;
    r->text.size = size;
    return kam__nomem(err);
}

static int32_t rexport_fill(kam_rows *r, const kam_export_options *o, kam_error *err)
{
    size_t size = r->text.size;
    int more = 1;
    if (!r->headed) rexport_head(r, o);
    KAM__TRY(rexport_keep(r, size, err));
    r->headed = 1;
    while (r->text.size < REXPORT_PIECE) {
        KAM__TRY(kam__rows_load(&more, r, err));
        if (!more) break;
        size = r->text.size;
        KAM__TRY(rexport_row(r, o, err));
        KAM__TRY(rexport_keep(r, size, err));
        r->written++;
        kam__rows_step(r);
    }
    if (more || r->tailed) return KAM_OK;
    size = r->text.size;
    rexport_tail(r, o);
    KAM__TRY(rexport_keep(r, size, err));
    r->tailed = 1;
    return KAM_OK;
}

/* The new content goes behind the old one first: that is the part that can fail. A piece is whole rows, so it is
 * converted as a whole. */
static int32_t rexport_hand_over(kam_buf *out, kam_rows *r, const char *encoding, kam_error *err)
{
    size_t old = out->size;
    out->failed = KAM_OK;
    int32_t rc = kam__recode_out(out, encoding && encoding[0] ? encoding : "UTF-8", kam_buf_data(&r->text),
                                 r->text.size, err);
    if (rc != KAM_OK) {
        out->size = old;
        out->failed = KAM_OK;
        if (out->data) out->data[old] = '\0';
        return rc;
    }
    if (out->data) memmove(out->data, out->data + old, out->size - old + 1);
    out->size -= old;
    kam__buf_clear(&r->text);
    return KAM_OK;
}

int32_t kam_rows_export(kam_buf *out, kam_rows *rows, const kam_export_options *options, kam_error *err)
{
    kam_export_options o;
    if (!out) return kam__null_arg(err, "out");
    KAM__TRY(kam__options(&o, sizeof o, options, offsetof(kam_export_options, lang) + sizeof o.lang,
                          "kam_export_options", err));
    KAM__TRY(rexport_check(rows, &o, err));
    if (!o.format) o.format = KAM_FORMAT_CSV;
    KAM__TRY(kam__rows_alive(rows, err));
    KAM__TRY(rexport_fill(rows, &o, err));
    return rexport_hand_over(out, rows, o.encoding, err);
}
