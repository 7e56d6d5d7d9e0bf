/*
 * rule/dtable_cell.c - S-FEEL unary tests (DMN 1.x, chapter 9) of one cell: -, comparisons, ranges, lists, not(...).
 *
 * An operand is a number, "text", true, false, null, date("..."), time("..."), date and time("..."), duration("..."),
 * @"...", or a name, perhaps with members: price, order.total. There are no formulas: what a row needs computed is an
 * input of its own.
 */
#include "dtable.h"

typedef struct dcell { const char *text; size_t len, at; uint8_t type; const kam__json *v; kam__arena *arena;
                       kam_error *err; } dcell;

static int32_t dcell_fail(const dcell *c, const char *what)
{
    char show[72];
    return kam__json_fail(c->v, KAM_E_PARSE, c->err, "cell \"%s\": %s at character %u",
                          kam__json_show(show, c->text, c->len), what, (unsigned)c->at + 1);
}

static void dcell_space(dcell *c)
{
    while (c->at < c->len && (c->text[c->at] == ' ' || (c->text[c->at] >= '\t' && c->text[c->at] <= '\r'))) c->at++;
}

static int dcell_take(dcell *c, const char *word)
{
    size_t n = strlen(word);
    dcell_space(c);
    if (c->len - c->at < n || memcmp(c->text + c->at, word, n) != 0) return 0;
    c->at += n;
    return 1;
}

static int dcell_is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (unsigned char)c > 127;
}

/* The word that stands here whole. */
static int dcell_word(dcell *c, const char *word)
{
    size_t back = c->at;
    if (dcell_take(c, word) && (c->at == c->len || !dcell_is_name(c->text[c->at]))) return 1;
    c->at = back;
    return 0;
}

static char dcell_escape(char c) { return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c; }

/* Behind the opening quote. */
static int32_t dcell_string(dcell *c, const char **text, size_t *len)
{
    char *out = kam__arena_alloc(c->arena, c->len - c->at + 1);
    size_t n = 0;
    if (!out) return kam__nomem(c->err);
    for (; c->at < c->len && c->text[c->at] != '"'; c->at++) {
        if (c->text[c->at] != '\\') { out[n++] = c->text[c->at]; continue; }
        if (++c->at == c->len || !strchr("ntr\"\\/", c->text[c->at])) return dcell_fail(c, "unknown escape");
        out[n++] = dcell_escape(c->text[c->at]);
    }
    if (c->at++ == c->len) return dcell_fail(c, "the quote is not closed");
    out[n] = '\0';
    *text = out;
    *len = n;
    return KAM_OK;
}

/* What stands between the quotes of one of the types [from, to]. */
static int32_t dcell_time(dcell *c, kam__dt_value *out, uint8_t from, uint8_t to, const char *says)
{
    const char *text = NULL;
    size_t len = 0;
    if (!dcell_take(c, "\"")) return dcell_fail(c, "text in quotes is expected");
    KAM__TRY(dcell_string(c, &text, &len));
    for (uint8_t t = from; t <= to; t++)
        if (kam__dt_read(out, t, text, len)) return KAM_OK;
    return dcell_fail(c, says);
}

static int32_t dcell_call(dcell *c, kam__dt_value *out, int *found)
{
    static const struct { const char *name; uint8_t from, to; const char *says; } fn[] = {
        {"date and time", KAM__DT_DATETIME, KAM__DT_DATETIME, "no date and time before"},
        {"date", KAM__DT_DATE, KAM__DT_DATE, "no date (2026-03-01) before"},
        {"time", KAM__DT_TIME, KAM__DT_TIME, "no time (12:30:00) before"},
        {"duration", KAM__DT_DURATION, KAM__DT_MONTHS, "no duration (P1DT2H, P1Y6M) before"},
    };
    size_t back = c->at;
    *found = 1;
    if (dcell_take(c, "@")) return dcell_time(c, out, KAM__DT_DATE, KAM__DT_MONTHS, "neither day nor time before");
    for (size_t i = 0; i < KAM__LEN(fn); i++, c->at = back) {
        if (!dcell_word(c, fn[i].name) || !dcell_take(c, "(")) continue;
        KAM__TRY(dcell_time(c, out, fn[i].from, fn[i].to, fn[i].says));
        return dcell_take(c, ")") ? KAM_OK : dcell_fail(c, "\")\" is expected");
    }
    *found = 0;
    return KAM_OK;
}

/* Up to what ends an operand; names may have spaces, dashes and members in them. */
static int32_t dcell_name(dcell *c, const char **path)
{
    size_t from = c->at, to = from;
    for (; c->at < c->len && !strchr(",()[]<>=!\"+*/", c->text[c->at]); c->at++) {
        if (c->text[c->at] == '.' && c->at + 1 < c->len && c->text[c->at + 1] == '.') break;
        if (c->text[c->at] != ' ') to = c->at + 1;
    }
    if (c->at < c->len && strchr("(+*/", c->text[c->at]))
        return dcell_fail(c, "a formula: cells hold tests of S-FEEL only, make it an input");
    if (to == from) return dcell_fail(c, "a value or a name is expected");
    *path = kam__arena_text(c->arena, c->text + from, to - from);
    return *path ? KAM_OK : kam__nomem(c->err);
}

static int32_t dcell_number(dcell *c, kam__dt_value *out)
{
    size_t from = c->at;
    if (c->text[c->at] == '-') c->at++;
    while (c->at < c->len && (dcell_is_name(c->text[c->at]) || c->text[c->at] == '.')) {
        if (c->text[c->at] == '.' && c->at + 1 < c->len && c->text[c->at + 1] == '.') break;
        if ((c->text[c->at] == 'e' || c->text[c->at] == 'E') && c->at + 1 < c->len &&
            strchr("+-", c->text[c->at + 1])) c->at++;
        c->at++;
    }
    char digits[64];
    size_t n = c->at - from, sign = c->text[from] == '-', point = c->text[from + sign] == '.';
    if (n + 2 > sizeof digits) return dcell_fail(c, "too long a number before");
    if (sign) digits[0] = '-';
    if (point) digits[sign] = '0';                  /* .5 */
    memcpy(digits + sign + point, c->text + from + sign, n - sign);
    if (!kam__dt_read(out, KAM__DT_NUMBER, digits, n + point)) return dcell_fail(c, "no number before");
    out->text = NULL;
    return KAM_OK;
}

static int32_t dcell_operand(dcell *c, kam__dt_operand *out)
{
    int found = 0;
    *out = (kam__dt_operand){.value = {.t = KAM__DT_NULL}};
    dcell_space(c);
    if (c->at == c->len) return dcell_fail(c, "a value is missing");
    char at = c->text[c->at], next = c->at + 1 < c->len ? c->text[c->at + 1] : '\0';
    if (at == '"') {
        c->at++;
        out->value.t = KAM__DT_TEXT;
        KAM__TRY(dcell_string(c, &out->value.text, &out->value.len));
        if (c->type < KAM__DT_DATE) return KAM_OK;
        kam__dt_value text = out->value;            /* "2026-03-01" in a column of dates */
        return kam__dt_read(&out->value, c->type, text.text, text.len) ? KAM_OK
            : dcell_fail(c, "text that is not of the column's type before");
    }
    if ((at >= '0' && at <= '9') || ((at == '-' || at == '.') && ((next >= '0' && next <= '9') || next == '.')))
        return dcell_number(c, &out->value);
    if (dcell_word(c, "null")) return KAM_OK;
    if (dcell_word(c, "true") || dcell_word(c, "false")) {
        out->value = (kam__dt_value){.t = KAM__DT_BOOL, .i = c->text[c->at - 2] == 'u'};
        return KAM_OK;
    }
    KAM__TRY(dcell_call(c, &out->value, &found));
    return found ? KAM_OK : dcell_name(c, &out->path);
}

static int32_t dcell_type(const dcell *c, const kam__dt_operand *o)
{
    uint8_t t = o->value.t;
    if (o->path || t == KAM__DT_NULL || c->type == KAM__DT_ANY || t == c->type) return KAM_OK;
    if (t == KAM__DT_DATE && c->type == KAM__DT_DATETIME) return KAM_OK;
    char show[72];
    return kam__json_fail(c->v, KAM_E_POLICY, c->err, "cell \"%s\" holds a %s: the column is of type %s",
                          kam__json_show(show, c->text, c->len), kam__dt_type_name(t), kam__dt_type_name(c->type));
}

static int32_t dcell_range(dcell *c, kam__dt_test *t)
{
    t->op = KAM__DT_RANGE;
    t->lo_open = c->text[c->at - 1] != '[';
    KAM__TRY(dcell_operand(c, &t->a));
    if (!dcell_take(c, "..")) return dcell_fail(c, "\"..\" is expected");
    KAM__TRY(dcell_operand(c, &t->b));
    if (dcell_take(c, "]")) t->hi_open = 0;
    else if (dcell_take(c, ")") || dcell_take(c, "[")) t->hi_open = 1;
    else return dcell_fail(c, "\"]\" or \")\" is expected");
    KAM__TRY(dcell_type(c, &t->a));
    return dcell_type(c, &t->b);
}

static int32_t dcell_test(dcell *c, kam__dt_test *t)
{
    static const struct { const char *sign; uint8_t op; } ops[] = {
        {"<=", KAM__DT_LE}, {">=", KAM__DT_GE}, {"!=", KAM__DT_NE}, {"<", KAM__DT_LT}, {">", KAM__DT_GT}, {"=", KAM__DT_EQ}};
    memset(t, 0, sizeof *t);
    if (dcell_take(c, "[") || dcell_take(c, "(") || dcell_take(c, "]")) return dcell_range(c, t);
    t->op = KAM__DT_EQ;
    for (size_t i = 0; i < KAM__LEN(ops); i++)
        if (dcell_take(c, ops[i].sign)) {
            t->op = ops[i].op;
            break;
        }
    KAM__TRY(dcell_operand(c, &t->a));
    return dcell_type(c, &t->a);
}

static int32_t dcell_tests(dcell *c, kam__dt_cell *out)
{
    kam__dt_test *list = NULL;
    uint32_t cap = 1;
    for (size_t i = c->at; i < c->len; i++) cap += c->text[i] == ',';
    if (cap > KAM__DT_TESTS) return dcell_fail(c, "more than 64 tests");
    list = kam__arena_alloc(c->arena, cap * sizeof *list);
    if (!list) return kam__nomem(c->err);
    do KAM__TRY(dcell_test(c, &list[out->ntest++]));
    while (dcell_take(c, ","));
    out->test = list;
    return KAM_OK;
}

static int32_t dcell_open(dcell *c, uint8_t type, const kam__json *v, kam__arena *arena, kam_error *err)
{
    *c = (dcell){v->text, v->len, 0, type, v, arena, err};
    if (v->type == KAM__J_TRUE || v->type == KAM__J_FALSE || v->type == KAM__J_NULL) {
        c->text = v->type == KAM__J_NULL ? "null" : v->type == KAM__J_TRUE ? "true" : "false";
        c->len = strlen(c->text);
    } else if (v->type != KAM__J_STRING && v->type != KAM__J_NUMBER)
        return kam__json_fail(v, KAM_E_PARSE, err, "a cell is a string (\">= 18\"), a number, true, false or null");
    if (c->len > 4096 || memchr(c->text, 0, c->len)) return dcell_fail(c, "too long");
    return KAM_OK;
}

int32_t kam__dt_cell_read(kam__dt_cell *out, uint8_t type, const kam__json *v, kam__arena *arena, kam_error *err)
{
    dcell c;
    memset(out, 0, sizeof *out);
    KAM__TRY(dcell_open(&c, type, v, arena, err));
    out->text = c.text;
    if (dcell_take(&c, "-")) {
        dcell_space(&c);
        if (c.at == c.len) return KAM_OK;
        c.at = 0;
    }
    out->negated = dcell_word(&c, "not") && dcell_take(&c, "(");
    if (!out->negated) c.at = 0;
    KAM__TRY(dcell_tests(&c, out));
    if (out->negated && !dcell_take(&c, ")")) return dcell_fail(&c, "\")\" is expected");
    dcell_space(&c);
    return c.at == c.len ? KAM_OK : dcell_fail(&c, "more than a test");
}

int32_t kam__dt_operand_read(kam__dt_operand *out, uint8_t type, const kam__json *v, kam__arena *arena,
                             kam_error *err)
{
    dcell c;
    KAM__TRY(dcell_open(&c, type, v, arena, err));
    KAM__TRY(dcell_operand(&c, out));
    dcell_space(&c);
    return c.at == c.len ? KAM_OK : dcell_fail(&c, "more than one value");
}
