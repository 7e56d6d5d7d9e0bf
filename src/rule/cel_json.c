/*
 * rule/cel_json.c - values and JSON.
 *
 * In: a number is what the declared type makes of it, exactly or not at all; where nothing is declared, an int if it is
 * written as one and fits, else a double. Out: as protobuf's JSON mapping writes these types, but whole numbers and
 * decimals stay numbers.
 */
#include "cel_fn.h"

/* ---------------------------------------------------------------- in */

static int32_t cel_in_bad(const kam__json *v, const kam__cel_type *t, kam_error *err) {
    char q[48];
    if (v->type == KAM__J_STRING || v->type == KAM__J_NUMBER)
        return kam__json_fail(v, KAM_E_TYPE, err, "\"%s\" is no %s", kam__clip(q, v->text, v->len), t->name);
    return kam__json_fail(v, KAM_E_TYPE, err, "a %s is expected", t->name);
}

static int32_t cel_in_number(kam__cel *out, const kam__json *v, const kam__cel_type *t, kam_error *err) {
    kam__cel text = kam__cel_text(v->text, v->len);
    int64_t i;
    double f;
    switch (t->kind) {
    case KAM__CEL_DECIMAL:
        if (!kam__cel_coerce(&text, t, 0)) return cel_in_bad(v, t, err);
        *out = text;
        return KAM_OK;
    case KAM__CEL_DYN: case KAM__CEL_INT: case KAM__CEL_UINT: case KAM__CEL_TIMESTAMP: case KAM__CEL_DURATION:
        if (t->kind == KAM__CEL_UINT && v->len == 20 && kam__cel_uint_read(out, v->text, v->len)) return KAM_OK;
        if (kam__i64_parse(&i, v->text, v->len, NULL) == KAM_OK) {
            *out = kam__cel_int(i);
            return t->kind == KAM__CEL_DYN || kam__cel_coerce(out, t, 0) ? KAM_OK : cel_in_bad(v, t, err);
        }
        if (t->kind != KAM__CEL_DYN) return cel_in_bad(v, t, err);
        break;
    case KAM__CEL_DOUBLE: break;
    default: return cel_in_bad(v, t, err);
    }
    if (kam__f64_parse(&f, v->text, v->len, NULL) != KAM_OK) return cel_in_bad(v, t, err);
    *out = kam__cel_double(f);
    return KAM_OK;
}

static int32_t cel_in_string(kam__cel *out, const kam__json *v, const kam__cel_type *t, kam_error *err) {
    *out = kam__cel_text(v->text, v->len);
    if (t->kind == KAM__CEL_DYN || t->kind == KAM__CEL_STRING || kam__cel_coerce(out, t, 0)) return KAM_OK;
    return cel_in_bad(v, t, err);
}

static int32_t cel_in_list(kam__cel *out, const kam__json *v, const kam__cel_type *t, kam__arena *arena,
                           kam_error *err) {
    const kam__cel_type *e = t->kind == KAM__CEL_LIST ? t->arg[0] : NULL;
    if (t->kind != KAM__CEL_LIST && t->kind != KAM__CEL_DYN) return cel_in_bad(v, t, err);
    kam__cel *to = kam__arena_alloc(arena, (size_t)v->n * sizeof *to);
    uint32_t n = 0;
    if (!to) return kam__nomem(err);
    for (const kam__json *k = v->child; k; k = k->next) KAM__TRY(kam__cel_from_json(&to[n++], k, e, arena, err));
    out->t = KAM__CEL_LIST;
    out->n = n;
    out->v.list = to;
    return KAM_OK;
}

/* A key as text to the declared type of keys. */
static int32_t cel_in_key(kam__cel *out, const kam__json *v, const kam__cel_type *t, kam_error *err) {
    *out = kam__cel_text(v->key, v->key_len);
    if (t->kind == KAM__CEL_STRING || t->kind == KAM__CEL_DYN) return KAM_OK;
    if (t->kind == KAM__CEL_INT && kam__i64_parse(&out->v.i, v->key, v->key_len, NULL) == KAM_OK) {
        *out = kam__cel_int(out->v.i);
        return KAM_OK;
    }
    return kam__json_fail(v, KAM_E_TYPE, err, "a key of this map must be %s, as the attribute is declared", t->name);
}

static int32_t cel_in_map(kam__cel *out, const kam__json *v, const kam__cel_type *t, kam__arena *arena,
                          kam_error *err) {
    const kam__cel_type *k = t->kind == KAM__CEL_MAP ? t->arg[0] : t, *e = t->kind == KAM__CEL_MAP ? t->arg[1] : NULL;
    if (t->kind != KAM__CEL_MAP && t->kind != KAM__CEL_DYN) return cel_in_bad(v, t, err);
    kam__cel *kv = kam__arena_alloc(arena, (size_t)v->n * 2 * sizeof *kv);
    kam__cel_map *m = kam__arena_alloc(arena, sizeof *m);
    uint32_t n = 0;
    if (!kv || !m) return kam__nomem(err);
    for (const kam__json *c = v->child; c; c = c->next, n++) {
        KAM__TRY(cel_in_key(&kv[2 * n], c, k, err));
        KAM__TRY(kam__cel_from_json(&kv[2 * n + 1], c, e, arena, err));
    }
    int rc = kam__cel_map_make(m, arena, kv, n);
    if (rc == -1) return kam__nomem(err);
    if (rc) return kam__json_fail(v, KAM_E_PARSE, err, "a key stands twice in this map");
    out->t = KAM__CEL_MAP;
    out->n = n;
    out->v.map = m;
    return KAM_OK;
}

static int32_t cel_in_optional(kam__cel *out, const kam__json *v, const kam__cel_type *t, kam__arena *arena,
                               kam_error *err) {
    kam__cel *in = NULL;
    if (v->type != KAM__J_NULL) {
        if (!(in = kam__arena_alloc(arena, sizeof *in))) return kam__nomem(err);
        KAM__TRY(kam__cel_from_json(in, v, t->arg[0], arena, err));
    }
    out->t = KAM__CEL_OPTIONAL;
    out->n = 0;
    out->v.list = in;
    return KAM_OK;
}

int32_t kam__cel_from_json(kam__cel *out, const kam__json *v, const kam__cel_type *t, kam__arena *arena,
                           kam_error *err) {
    if (!t) t = &kam__cel_types[KAM__CEL_DYN];
    if (t->kind == KAM__CEL_OPTIONAL && t->n) return cel_in_optional(out, v, t, arena, err);
    switch (v->type) {
    case KAM__J_NULL:
        *out = kam__cel_int(0);
        out->t = KAM__CEL_NULL;
        return KAM_OK;
    case KAM__J_TRUE: case KAM__J_FALSE:
        *out = kam__cel_bool(v->type == KAM__J_TRUE);
        return t->kind == KAM__CEL_BOOL || t->kind == KAM__CEL_DYN ? KAM_OK : cel_in_bad(v, t, err);
    case KAM__J_NUMBER: return cel_in_number(out, v, t, err);
    case KAM__J_STRING: return cel_in_string(out, v, t, err);
    case KAM__J_ARRAY: return cel_in_list(out, v, t, arena, err);
    default: return cel_in_map(out, v, t, arena, err);
    }
}

/* ---------------------------------------------------------------- out */

/* A value may hold one part many times: no more than this is written. */
#define CEL_OUT_MAX ((size_t)17 << 20)

static void cel_out_base64(kam_buf *out, const kam__cel *v) {
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *s = (const unsigned char *)v->v.s;
    kam__buf_char(out, '"');
    for (uint32_t i = 0; i < v->n; i += 3) {
        uint32_t left = v->n - i, x = (uint32_t)s[i] << 16 | (left > 1 ? (uint32_t)s[i + 1] << 8 : 0) | (left > 2
            ? s[i + 2] : 0u);
        kam__buf_char(out, digit[x >> 18]);
        kam__buf_char(out, digit[x >> 12 & 63]);
        kam__buf_char(out, left > 1 ? digit[x >> 6 & 63] : '=');
        kam__buf_char(out, left > 2 ? digit[x & 63] : '=');
    }
    kam__buf_char(out, '"');
}

static void cel_out(kam_buf *out, const kam__cel *v, size_t most);

static void cel_out_map(kam_buf *out, const kam__cel_map *m, size_t most) {
    char key[48];
    kam__buf_char(out, '{');
    for (uint32_t i = 0; i < m->n && out->size < most; i++) {
        const kam__cel *k = &m->kv[2 * i];
        if (i) kam__buf_char(out, ',');
        if (k->t == KAM__CEL_STRING) kam__buf_json_text(out, k->v.s, k->n);
        else if (k->t == KAM__CEL_BOOL) kam__buf_str(out, k->v.i ? "\"true\"" : "\"false\"");
        else if (k->t == KAM__CEL_UINT) kam__buf_printf(out, "\"%llu\"", (unsigned long long)k->v.u);
        else kam__buf_json_text(out, key, kam__i64_format(key, k->v.i));
        kam__buf_char(out, ':');
        cel_out(out, &m->kv[2 * i + 1], most);
    }
    kam__buf_char(out, '}');
}

static void cel_out_list(kam_buf *out, const kam__cel *v, size_t most) {
    kam__buf_char(out, '[');
    for (uint32_t i = 0; i < v->n && out->size < most; i++) {
        if (i) kam__buf_char(out, ',');
        cel_out(out, &v->v.list[i], most);
    }
    kam__buf_char(out, ']');
}

static void cel_out_double(kam_buf *out, double v) {
    char text[32];
    size_t n = kam__cel_double_put(text, v);
    if (v - v == 0) kam__buf_put(out, text, n);
    else kam__buf_json_text(out, text, n);
}

static void cel_out(kam_buf *out, const kam__cel *v, size_t most) {
    char text[48];
    switch (v->t) {
    case KAM__CEL_BOOL: kam__buf_str(out, v->v.i ? "true" : "false"); return;
    case KAM__CEL_INT: kam__buf_i64(out, v->v.i); return;
    case KAM__CEL_UINT: kam__buf_printf(out, "%llu", (unsigned long long)v->v.u); return;
    case KAM__CEL_DOUBLE: cel_out_double(out, v->v.f); return;
    case KAM__CEL_STRING: kam__buf_json_text(out, v->v.s, v->n); return;
    case KAM__CEL_BYTES: cel_out_base64(out, v); return;
    case KAM__CEL_LIST: cel_out_list(out, v, most); return;
    case KAM__CEL_MAP: cel_out_map(out, v->v.map, most); return;
    case KAM__CEL_TYPE: kam__buf_json_text(out, v->v.s, v->n); return;
    case KAM__CEL_TIMESTAMP: kam__buf_json_text(out, text, kam__cel_time_put(text, v->v.i, v->n)); return;
    case KAM__CEL_DURATION: kam__buf_json_text(out, text, kam__cel_duration_put(text, v->v.i)); return;
    case KAM__CEL_DECIMAL: kam__buf_dec(out, v->v.i, v->n); return;
    case KAM__CEL_OPTIONAL: if (v->v.list) { cel_out(out, v->v.list, most); return; } break;
    default: break;
    }
    kam__buf_str(out, "null");
}

int32_t kam__cel_to_json(kam_buf *out, const kam__cel *v, kam_error *err) {
    cel_out(out, v, CEL_OUT_MAX);
    return kam__buf_end(out, err);
}

void kam__cel_show(kam_buf *out, const kam__cel *v, size_t most) {
    size_t from = out->size;
    cel_out(out, v, from + most);
    if (out->size <= from + most) return;
    out->size = from + kam__utf8_cut(out->data + from, most);
    kam__buf_str(out, "...");
}
