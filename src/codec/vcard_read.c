/*
 * codec/vcard_read.c - vCard 3.0 (RFC 2426) and 4.0 (RFC 6350), one card at a time, as objects with the names of
 * CONTACT fields.
 *
 * Lines are unfolded as bytes come in; between BEGIN and END the few properties a contact has a place for are kept,
 * everything else (photos, keys, X- properties) goes by. A card becomes a JSON object in memory and is handed over like
 * one read from a JSON file, so that an import knows one kind of row. Of several telephones or addresses the first of
 * each kind counts. A birthday may lack its year: "--MM-DD", also in the 1604 form of one maker.
 */
#include "codec.h"

#define VCARD_MAX_LINE (1u << 20)           /* kept of one line; photos may be longer, they are not kept at all */
#define VCARD_MAX_PARTS 16u

enum {
    VCARD_NAME, VCARD_TITLE, VCARD_DEPARTMENT, VCARD_PHONE, VCARD_MOBILE, VCARD_EMAIL, VCARD_ADDRESS, VCARD_BIRTHDAY,
    VCARD_SEX, VCARD_SOCIAL, VCARD_NOTE, VCARD_KEY, VCARD_FIELDS
};
static const char *const vcard_field[VCARD_FIELDS] = {
    "name", "title", "department", "phone", "mobile", "email", "address", "birthday", "sex", "social", "note",
    "ext_id"};

struct kam__vcard {
    kam_ctx *ctx;
    kam__json_fn fn;
    void *user;
    kam_error *cause;
    kam__arena arena;
    kam_buf line;                           /* the logical line so far */
    const char *value[VCARD_FIELDS], *family;   /* of the open card, in the arena */
    uint32_t at[VCARD_FIELDS];              /* lines they came from */
    uint64_t physical, first, card;         /* line being read, first of the logical one, BEGIN of the card */
    int32_t problem, stopped;
    uint8_t open, version, fresh, mark, cr, too_long;   /* fresh: at the start of a physical line */
};

int32_t kam__vcard_new(kam__vcard **out, kam_ctx *ctx, kam__json_fn fn, void *user, kam_error *err)
{
    kam__vcard *v = kam__zalloc(ctx, sizeof *v);
    if (!v) return kam__nomem(err);
    if (kam_error_new(&v->cause, &ctx->allocator) != KAM_OK) {
        kam__free(ctx, v);
        return kam__nomem(err);
    }
    kam__arena_init(&v->arena, ctx, 0);
    kam__buf_init(&v->line, ctx);
    v->ctx = ctx;
    v->fn = fn;
    v->user = user;
    v->physical = v->first = 1;
    v->fresh = 1;
    *out = v;
    return KAM_OK;
}

void kam__vcard_free(kam__vcard *v)
{
    if (!v) return;
    kam__arena_free(&v->arena);
    kam__buf_drop(&v->line);
    kam_error_free(v->cause);
    kam__free(v->ctx, v);
}

/* ---------------------------------------------------------------- handing over */

static void vcard_bad(kam__vcard *v, int32_t code, uint64_t line, const char *what)
{
    if (v->problem) return;                 /* the first one is the one to mend */
    v->problem = kam__fail(v->cause, code, "%s (line %llu)", what, (unsigned long long)line);
    kam__err_set(v->cause, KAM_ERR_LINE, (int64_t)line);
}

static int32_t vcard_give(kam__vcard *v, const kam__json *card, kam_error *err)
{
    int32_t problem = v->problem;
    v->problem = KAM_OK;
    v->open = 0;
    v->stopped = v->fn(v->user, problem ? NULL : card, v->card, problem, problem ? v->cause : NULL, err);
    kam__arena_reset(&v->arena);
    return v->stopped;
}

/* The open card as an object. */
static int32_t vcard_object(kam__json **out, kam__vcard *v, kam_error *err)
{
    kam__json *all = kam__arena_alloc(&v->arena, (VCARD_FIELDS + 1) * sizeof *all), **link;
    if (!all) return kam__nomem(err);
    memset(all, 0, (VCARD_FIELDS + 1) * sizeof *all);
    all->type = KAM__J_OBJECT;
    all->line = (uint32_t)v->card;
    all->column = 1;
    link = (kam__json **)&all->child;
    for (int i = 0; i < VCARD_FIELDS; i++) {
        if (!v->value[i]) continue;
        kam__json *m = &all[i + 1];
        m->type = KAM__J_STRING;
        m->line = v->at[i];
        m->column = 1;
        m->key = vcard_field[i];
        m->key_len = strlen(m->key);
        m->text = v->value[i];
        m->len = strlen(m->text);
        *link = m;
        link = (kam__json **)&m->next;
        all->n++;
    }
    *out = all;
    return KAM_OK;
}

static int32_t vcard_end_card(kam__vcard *v, kam_error *err)
{
    kam__json *card = NULL;
    if (!v->value[VCARD_NAME]) v->value[VCARD_NAME] = v->family;
    if (!v->version) vcard_bad(v, KAM_E_PARSE, v->card, "the vCard has no VERSION: 3.0 and 4.0 are read");
    if (!v->value[VCARD_NAME]) vcard_bad(v, KAM_E_PARSE, v->card, "the vCard has no name: FN or N is missing");
    if (!v->problem) {
        int32_t rc = vcard_object(&card, v, err);
        if (rc != KAM_OK) return v->stopped = rc;
    }
    return vcard_give(v, card, err);
}

/* ---------------------------------------------------------------- one property */

/* "item1.TEL;TYPE=cell,voice:..." in its parts. */
typedef struct vcard_line { const char *name, *params, *value; size_t nname, nparams, nvalue; } vcard_line;

static int vcard_split(vcard_line *p, const char *line, size_t len)
{
    size_t i = 0, colon = len;
    int quoted = 0;
    for (; i < len && colon == len; i++) {
        if (line[i] == '"') quoted = !quoted;
        if (line[i] == ':' && !quoted) colon = i;
    }
    if (colon == len) return 0;
    for (i = 0; i < colon && line[i] != ';'; i++) {}
    *p = (vcard_line){.name = line, .nname = i, .value = line + colon + 1, .nvalue = len - colon - 1};
    if (i < colon) p->params = line + i + 1, p->nparams = colon - i - 1;
    for (size_t k = i; k-- > 0;)
        if (line[k] == '.') {
            p->name = line + k + 1;
            p->nname = i - k - 1;
            break;
        }
    return 1;
}

static int vcard_is(const vcard_line *p, const char *name) { return kam__text_same_ci(p->name, p->nname, name); }

/* Is there a word among the parameters: TYPE=cell, TYPE="work,cell", or bare CELL? */
static int vcard_param(const vcard_line *p, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= p->nparams; i++) {
        int start = i == 0 || strchr(";,=\"", p->params[i - 1]) != NULL;
        int end = i + n == p->nparams || strchr(";,=\"", p->params[i + n]) != NULL;
        if (start && end && kam__text_same_ci(p->params + i, n, word)) return 1;
    }
    return 0;
}

/* Unescapes up to an unescaped `until` (0 = all of it); *at moves behind it. NULL: no memory. */
static char *vcard_text(kam__vcard *v, const vcard_line *p, size_t *at, char until)
{
    char *out = kam__arena_alloc(&v->arena, p->nvalue - *at + 1);
    size_t n = 0, i = *at;
    if (!out) return NULL;
    for (; i < p->nvalue; i++) {
        char c = p->value[i];
        if (c == '\\' && i + 1 < p->nvalue) {
            c = p->value[++i];
            if (c == 'n' || c == 'N') c = '\n';
        } else if (until && c == until) break;
        out[n++] = c;
    }
    while (n && (out[n - 1] == ' ' || out[n - 1] == '\t')) n--;
    out[n] = '\0';
    *at = i < p->nvalue ? i + 1 : p->nvalue;
    return out;
}

/* The parts of a structured value; *n of them. 0: no memory. */
static int vcard_parts(char **part, uint32_t *n, kam__vcard *v, const vcard_line *p)
{
    size_t at = 0;
    *n = 0;
    while (*n < VCARD_MAX_PARTS && (at < p->nvalue || *n == 0)) {
        part[*n] = vcard_text(v, p, &at, ';');
        if (!part[*n]) return 0;
        ++*n;
    }
    return 1;
}

static char *vcard_join(kam__vcard *v, char *const *part, const uint8_t *order, uint32_t norder, uint32_t n,
                        const char *between)
{
    size_t size = 1, gap = strlen(between), at = 0;
    for (uint32_t i = 0; i < norder; i++)
        if (order[i] < n) size += strlen(part[order[i]]) + gap;
    char *out = kam__arena_alloc(&v->arena, size);
    if (!out) return NULL;
    for (uint32_t i = 0; i < norder; i++) {
        if (order[i] >= n || !part[order[i]][0]) continue;
        if (at) memcpy(out + at, between, gap), at += gap;
        memcpy(out + at, part[order[i]], strlen(part[order[i]]));
        at += strlen(part[order[i]]);
    }
    out[at] = '\0';
    return out;
}

static int vcard_digits(const char *t, int n)
{
    for (int i = 0; i < n; i++)
        if (t[i] < '0' || t[i] > '9') return 0;
    return 1;
}

/* 1980-04-15, 19800415, --04-15, --0415, with or without a time behind; the year 1604 means none where it is said
 * so. */
static char *vcard_birthday(kam__vcard *v, const vcard_line *p, const char *text)
{
    char year[5] = "", month[3] = "", mday[3] = "";
    const char *t = text;
    if (t[0] == '-' && t[1] == '-') t += 2;
    else if (vcard_digits(t, 4)) {
        memcpy(year, t, 4);
        t += 4 + (t[4] == '-');
    } else return NULL;
    if (!vcard_digits(t, 2)) return NULL;
    memcpy(month, t, 2);
    t += 2 + (t[2] == '-');
    if (!vcard_digits(t, 2) || (t[2] && t[2] != 'T')) return NULL;
    memcpy(mday, t, 2);
    if (vcard_param(p, "X-APPLE-OMIT-YEAR") && strcmp(year, "1604") == 0) year[0] = '\0';
    char *out = kam__arena_alloc(&v->arena, 16);
    if (!out) return NULL;
    size_t n = year[0] ? 4 : 1;
    memcpy(out, year[0] ? year : "-", n);
    out[n++] = '-';
    memcpy(out + n, month, 2);
    out[n + 2] = '-';
    memcpy(out + n + 3, mday, 3);
    return out;
}

static void vcard_put(kam__vcard *v, int field, const char *text)
{
    if (!text || !text[0] || v->value[field]) return;
    v->value[field] = text;
    v->at[field] = (uint32_t)v->first;
}

/* Family and given names side by side: with a space, but not between Chinese ones. */
static const char *vcard_family(kam__vcard *v, char *const *part, uint32_t n)
{
    static const uint8_t western[] = {3, 1, 2, 0, 4}, chinese[] = {0, 1};
    int cjk = n > 0 && (unsigned char)part[0][0] >= 0xE3;
    return cjk ? vcard_join(v, part, chinese, 2, n, "") : vcard_join(v, part, western, 5, n, " ");
}

static int vcard_structured(kam__vcard *v, const vcard_line *p)
{
    static const uint8_t address[] = {0, 1, 2, 3, 4, 5, 6};
    char *part[VCARD_MAX_PARTS];
    uint32_t n = 0;
    if (!vcard_parts(part, &n, v, p)) return 0;
    if (vcard_is(p, "ORG")) vcard_put(v, VCARD_DEPARTMENT, n > 1 ? part[1] : NULL);
    else if (vcard_is(p, "ADR")) {
        const char *text = vcard_join(v, part, address, KAM__LEN(address), n, ", ");
        if (!text) return 0;
        vcard_put(v, VCARD_ADDRESS, text);
    } else if (!v->family) {
        const char *text = vcard_family(v, part, n);
        if (!text) return 0;
        v->family = text[0] ? text : NULL;
    }
    return 1;
}

static void vcard_version(kam__vcard *v, const char *text)
{
    if (kam__text_same(text, "3.0") || kam__text_same(text, "4.0")) v->version = 1;
    else vcard_bad(v, KAM_E_UNSUPPORTED, v->first,
                   "vCards of version 3.0 and 4.0 are read: export them as one of these");
}

static void vcard_phone(kam__vcard *v, const vcard_line *p, char *text)
{
    if (vcard_param(p, "fax") || vcard_param(p, "pager")) return;
    if (strncmp(text, "tel:", 4) == 0) text += 4;
    vcard_put(v, vcard_param(p, "cell") || vcard_param(p, "iphone") ? VCARD_MOBILE : VCARD_PHONE, text);
}

static void vcard_simple(kam__vcard *v, const vcard_line *p, char *text)
{
    if (vcard_is(p, "VERSION")) vcard_version(v, text);
    else if (vcard_is(p, "FN")) vcard_put(v, VCARD_NAME, text);
    else if (vcard_is(p, "TITLE")) vcard_put(v, VCARD_TITLE, text);
    else if (vcard_is(p, "EMAIL")) vcard_put(v, VCARD_EMAIL, text);
    else if (vcard_is(p, "NOTE")) vcard_put(v, VCARD_NOTE, text);
    else if (vcard_is(p, "UID")) vcard_put(v, VCARD_KEY, text);
    else if (vcard_is(p, "IMPP") || vcard_is(p, "X-SOCIALPROFILE")) vcard_put(v, VCARD_SOCIAL, text);
    else if (vcard_is(p, "TEL")) vcard_phone(v, p, text);
    else if (vcard_is(p, "GENDER"))
        vcard_put(v, VCARD_SEX, text[0] == 'F' ? "FEMALE" : text[0] == 'M' ? "MALE" : text[0] == 'O' ? "OTHER" : NULL);
    else if (vcard_is(p, "BDAY") && text[0]) {
        const char *day = vcard_birthday(v, p, text);
        if (day) vcard_put(v, VCARD_BIRTHDAY, day);
        else vcard_bad(v, KAM_E_PARSE, v->first, "BDAY is no date such as 1980-04-15 or --0415");
    }
}

static int vcard_wanted(const vcard_line *p)
{
    static const char *const name[] = {"VERSION", "FN", "N", "ORG", "TITLE", "TEL", "EMAIL", "ADR", "BDAY", "GENDER",
                                       "NOTE", "UID", "IMPP", "X-SOCIALPROFILE"};
    for (size_t i = 0; i < KAM__LEN(name); i++)
        if (vcard_is(p, name[i])) return 1;
    return 0;
}

static int32_t vcard_property(kam__vcard *v, const vcard_line *p, kam_error *err)
{
    size_t at = 0, bad = 0;
    if (!vcard_wanted(p)) return KAM_OK;
    if (v->too_long) vcard_bad(v, KAM_E_LIMIT, v->first, "a line of more than 1 MiB: shorten it");
    if (vcard_param(p, "QUOTED-PRINTABLE") || vcard_param(p, "BASE64"))
        vcard_bad(v, KAM_E_UNSUPPORTED, v->first, "encoded text of vCard 2.1: export the cards as 3.0 or 4.0");
    if (!kam__utf8_valid(p->value, p->nvalue, &bad)) vcard_bad(v, KAM_E_UTF8, v->first, "the text is not UTF-8");
    else if (memchr(p->value, 0, p->nvalue))
        vcard_bad(v, KAM_E_UTF8, v->first, "the text has a character U+0000: take it out");
    if (v->problem) return KAM_OK;
    if (vcard_is(p, "N") || vcard_is(p, "ORG") || vcard_is(p, "ADR"))
        return vcard_structured(v, p) ? KAM_OK : (v->stopped = kam__nomem(err));
    char *text = vcard_text(v, p, &at, 0);
    if (!text) return v->stopped = kam__nomem(err);
    vcard_simple(v, p, text);
    return KAM_OK;
}

/* ---------------------------------------------------------------- lines */

static void vcard_open(kam__vcard *v)
{
    memset(v->value, 0, sizeof v->value);
    v->family = NULL;
    v->version = 0;
    v->open = 1;
    v->card = v->first;
}

static int32_t vcard_line_end(kam__vcard *v, kam_error *err)
{
    vcard_line p;
    const char *line = kam_buf_data(&v->line);
    size_t len = v->line.size;
    int32_t rc = KAM_OK;
    while (len && (line[len - 1] == ' ' || line[len - 1] == '\t')) len--;
    if (len && !vcard_split(&p, line, len)) {
        if (!v->open) v->card = v->first;
        vcard_bad(v, KAM_E_PARSE, v->first, "this is no line of a vCard: NAME:value is expected");
        if (!v->open) rc = vcard_give(v, NULL, err);
    } else if (len && vcard_is(&p, "BEGIN") && kam__text_same_ci(p.value, p.nvalue, "VCARD")) {
        if (v->open) {
            vcard_bad(v, KAM_E_PARSE, v->first, "a vCard begins before the one before it has its END:VCARD");
            rc = vcard_give(v, NULL, err);
        }
        vcard_open(v);
    } else if (len && vcard_is(&p, "END") && kam__text_same_ci(p.value, p.nvalue, "VCARD")) {
        if (v->open) rc = vcard_end_card(v, err);
    } else if (len && v->open) rc = vcard_property(v, &p, err);
    kam__buf_clear(&v->line);
    v->too_long = 0;
    return rc;
}

/* A physical line has ended; the logical one goes on if the next begins with a space. */
static int32_t vcard_byte(kam__vcard *v, char c, kam_error *err)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (v->mark < 3 && v->physical == 1 && c == mark[v->mark]) {
        v->mark++;
        return KAM_OK;
    }
    v->mark = 3;
    if (c == '\n' && v->cr) {
        v->cr = 0;
        return KAM_OK;
    }
    v->cr = c == '\r';
    if (c == '\n' || c == '\r') {
        v->physical++;
        v->fresh = 1;
        return KAM_OK;
    }
    if (v->fresh) {
        v->fresh = 0;
        if (c == ' ' || c == '\t') return KAM_OK;
        KAM__TRY(vcard_line_end(v, err));
        v->first = v->physical;
    }
    if (v->line.size < VCARD_MAX_LINE) kam__buf_char(&v->line, c);
    else v->too_long = 1;
    return v->line.failed ? (v->stopped = kam__nomem(err)) : KAM_OK;
}

int32_t kam__vcard_feed(kam__vcard *v, const char *data, size_t size, kam_error *err)
{
    if (v->stopped) return kam__fail(err, v->stopped, "the vCard reader was stopped; free it and start again");
    for (size_t i = 0; i < size; i++) KAM__TRY(vcard_byte(v, data[i], err));
    return KAM_OK;
}

int32_t kam__vcard_end(kam__vcard *v, kam_error *err)
{
    if (v->stopped) return kam__fail(err, v->stopped, "the vCard reader was stopped; free it and start again");
    KAM__TRY(vcard_line_end(v, err));
    if (!v->open) return KAM_OK;
    vcard_bad(v, KAM_E_PARSE, v->card, "the vCard has no END:VCARD: the file is cut off");
    return vcard_give(v, NULL, err);
}
