/*
 * rule/cel.c - compiling: the environment, the passes, the frozen rule.
 *
 * Everything of a rule lies in its one arena, the tree too, since blocks are compiled from it. Names and types of the
 * environment come as JSON from users and as arrays from other files.
 */
#include "cel_impl.h"
#define TRY(call) do { int32_t rc__ = (call); if (rc__ != KAM_OK) return rc__; } while (0)

/* ---------------------------------------------------------------- environment */

static int32_t cel_env_type(kam_rule *r, const char *text, const kam__cel_type **out, kam_error *err) {
    const char *at = text, *end = text + strlen(text);
    char q[48];
    int bad = 0;
    *out = kam__cel_type_parse(&r->arena, &at, end, &bad);
    while (at < end && *at == ' ') at++;
    if (!*out && !bad) return kam__nomem(err);
    if (*out && at == end && (*out)->kind != KAM__CEL_VAR) return KAM_OK;
    return kam__fail(err, KAM_E_PARSE,
                     "\"%s\" is no type; write bool, int, uint, double, string, bytes, timestamp, duration, "
                     "decimal(2), list(T), map(K, V), optional(T) or dyn", kam__clip(q, text, strlen(text)));
}

static int cel_env_name(const char *name) {
    size_t at = 0;
    for (int start = 1; name[at]; at++) {
        char c = name[at];
        int letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (start ? !letter : !letter && !(c >= '0' && c <= '9') && c != '.') return 0;
        start = c == '.';
    }
    return at > 0 && name[at - 1] != '.' && at < 200;
}

static int32_t cel_env_add(kam_rule *r, const char *name, const char *type, kam_error *err) {
    cel_env_var *v = &r->var[r->nvar];
    char q[48];
    if (!cel_env_name(name)) return kam__fail(err, KAM_E_PARSE, "\"%s\" is no name an expression could use",
                                              kam__clip(q, name, strlen(name)));
    if (!(v->name = kam__arena_text(&r->arena, name, KAM_NUL))) return kam__nomem(err);
    TRY(cel_env_type(r, type, &v->type, err));
    static const char tail[] = " has no value here; declare it optional(...) where that may be";
    char *text = kam__arena_alloc(&r->arena, strlen(name) + sizeof tail);
    if (!text) return kam__nomem(err);
    memcpy(text, name, strlen(name));
    memcpy(text + strlen(name), tail, sizeof tail);
    v->missing = text;
    r->nvar++;
    return KAM_OK;
}

static int32_t cel_env_room(kam_rule *r, uint32_t n, kam_error *err) {
    r->var = kam__arena_alloc(&r->arena, (n + 1) * sizeof *r->var);
    return r->var ? KAM_OK : kam__nomem(err);
}

static int32_t cel_env_json(kam_rule *r, const char *json, kam_error *err) {
    const kam__json *doc;
    const char *type;
    if (!json) return cel_env_room(r, 0, err);
    int32_t rc = kam__json_parse(&doc, &r->arena, json, strlen(json), 0, err);
    if (rc != KAM_OK) {
        kam__err_prefix(err, "the environment: ");
        return rc;
    }
    if (doc->type != KAM__J_OBJECT) return kam__json_fail(doc, KAM_E_PARSE, err,
                                                          "the environment must be an object of names and types");
    TRY(cel_env_room(r, doc->n, err));
    for (const kam__json *m = doc->child; m; m = m->next) {
        TRY(kam__json_str(&type, m, m->key, err));
        TRY(cel_env_add(r, m->key, type, err));
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- functions of the host */

static cel_decl *cel_env_decl(kam_rule *r, const char *name, size_t len) {
    for (uint32_t i = 0; i < r->ndecl; i++)
        if (strlen(r->decl[i].name) == len && memcmp(r->decl[i].name, name, len) == 0) return &r->decl[i];
    return NULL;
}

static int32_t cel_env_wrong(const char *signature, kam_error *err) {
    char q[48];
    return kam__fail(err, KAM_E_PARSE, "\"%s\" is no signature; write it like \"discount(string, double) -> double\"",
                     kam__clip(q, signature, strlen(signature)));
}

/* One type at *at, up to the character `stop` or a comma. */
static int32_t cel_env_param(kam_rule *r, const char **at, const char *signature, const kam__cel_type **out,
                             kam_error *err) {
    int bad;
    *out = kam__cel_type_parse(&r->arena, at, signature + strlen(signature), &bad);
    while (**at == ' ') ++*at;
    return *out ? KAM_OK : bad ? cel_env_wrong(signature, err) : kam__nomem(err);
}

static int32_t cel_env_signature(kam_rule *r, cel_over *o, const char *at, const char *signature, kam_error *err) {
    o->param = kam__arena_alloc(&r->arena, (strlen(at) + 1) * sizeof *o->param);
    if (!o->param) return kam__nomem(err);
    o->n = 0;
    while (*++at == ' ') continue;
    while (*at && *at != ')') {
        TRY(cel_env_param(r, &at, signature, &o->param[o->n++], err));
        if (*at == ',') at++;
        else if (*at != ')') return cel_env_wrong(signature, err);
    }
    if (*at++ != ')') return cel_env_wrong(signature, err);
    while (*at == ' ') at++;
    if (at[0] != '-' || at[1] != '>') return cel_env_wrong(signature, err);
    at += 2;
    TRY(cel_env_param(r, &at, signature, &o->result, err));
    return *at ? cel_env_wrong(signature, err) : KAM_OK;
}

static int32_t cel_env_function(kam_rule *r, const kam_rule_function *f, uint32_t most, kam_error *err) {
    const char *open = f->signature ? strchr(f->signature, '(') : NULL;
    size_t len = open ? (size_t)(open - f->signature) : 0;
    if (!len || len > 100) return cel_env_wrong(f->signature ? f->signature : "", err);
    cel_decl *d = cel_env_decl(r, f->signature, len);
    if (!d) {
        d = &r->decl[r->ndecl];
        memset(d, 0, sizeof *d);
        d->name = kam__arena_text(&r->arena, f->signature, len);
        d->over = kam__arena_alloc(&r->arena, most * sizeof *d->over);
        if (!d->name || !d->over) return kam__nomem(err);
        if (!cel_env_name(d->name)) return cel_env_wrong(f->signature, err);
        d->fn.name = d->name;
        d->fn.how = CEL_BOTH;
        d->fn.sig = "";
        d->fn.decl = d;
        r->ndecl++;
    }
    cel_over *o = &d->over[d->n];
    TRY(cel_env_signature(r, o, open, f->signature, err));
    o->member = (f->flags & KAM_RULE_MEMBER) != 0;
    o->call = f->call;
    o->user = f->user;
    d->n++;
    return KAM_OK;
}

static int32_t cel_env_functions(kam_rule *r, const kam_rule_options *o, kam_error *err) {
    if (!o->nfunction) return KAM_OK;
    if (!o->function) return kam__null_arg(err, "options.function");
    if (o->nfunction > 1000) return kam__fail(err, KAM_E_LIMIT, "%u functions are too many: 1000 at most",
                                              (unsigned)o->nfunction);
    if (!(r->decl = kam__arena_alloc(&r->arena, o->nfunction * sizeof *r->decl))) return kam__nomem(err);
    const char *at = (const char *)o->function;
    for (uint32_t i = 0; i < o->nfunction; i++) {       /* of an older or newer host: its own size is the step */
        kam_rule_function own;
        const kam_rule_function *f = (const kam_rule_function *)(const void *)at;
        TRY(kam__options(&own, sizeof own, f, sizeof own, "function", err));
        TRY(kam__flags(own.flags, KAM_RULE_MEMBER, "function.flags", err));
        TRY(cel_env_function(r, &own, o->nfunction, err));
        at += f->struct_size;
    }
    return KAM_OK;
}

/* ---------------------------------------------------------------- the passes */

static int32_t cel_compile_type(kam_rule *r, kam_error *err) {
    kam_buf b;
    kam__buf_init(&b, r->ctx);
    kam__cel_type_put(&b, r->root->type);
    r->scale = r->root->type->kind == KAM__CEL_DECIMAL ? kam__cel_scale(r->root) : -1;
    if (r->scale >= 0) kam__buf_printf(&b, "(%d)", (int)r->scale);
    int32_t rc = kam__buf_end(&b, err);
    if (rc == KAM_OK && !(r->type_name = kam__arena_text(&r->arena, kam_buf_data(&b), KAM_NUL))) rc = kam__nomem(err);
    kam__buf_drop(&b);
    return rc;
}

static int32_t cel_compile_passes(kam_rule *r, kam_error *err) {
    cel_comp c;
    memset(&c, 0, sizeof c);
    c.r = r;
    c.err = err;
    c.a = &r->arena;
    c.lex.src = r->src;
    c.lex.size = r->size;
    c.lex.err = err;
    TRY(kam__cel_parse(&c));
    int32_t rc = kam__cel_check(&c);
    if (c.nomem) return kam__nomem(err);            /* not what the checker made of it */
    TRY(rc);
    TRY(cel_compile_type(r, err));
    TRY(kam__cel_gen(&c));
    r->cost = r->root->cost > UINT64_MAX - r->nins ? UINT64_MAX : r->root->cost + r->nins;
    return kam__cel_vec_compile(r, err);
}

static int32_t cel_compile_source(kam_rule *r, const char *cel, size_t len, kam_error *err) {
    size_t bad, most = r->ctx->opt.max_text ? r->ctx->opt.max_text : 65536;
    if (len > most) return kam__fail(err, KAM_E_LIMIT, "the expression has %llu bytes, more than %llu",
                                     (unsigned long long)len, (unsigned long long)most);
    if (!kam__utf8_valid(cel, len, &bad)) {
        kam__fail(err, KAM_E_UTF8, "the expression is not UTF-8 at byte %llu", (unsigned long long)bad + 1);
        kam__err_set(err, KAM_ERR_OFFSET, (int64_t)bad);
        return KAM_E_UTF8;
    }
    if (!(r->src = kam__arena_text(&r->arena, cel, len))) return kam__nomem(err);
    r->size = (uint32_t)len;
    return KAM_OK;
}

static int32_t cel_compile_into(kam_rule *r, const char *env, const kam__cel_env *vars, const kam_rule_options *o,
                                const char *cel,
                                size_t len, kam_error *err) {
    r->flags = o->flags;
    r->budget = o->budget ? o->budget : 2000000;
    if (o->flags & KAM_RULE_TRACE) r->budget = r->budget > UINT64_MAX / 4 ? UINT64_MAX : r->budget * 4;    /* notes are steps */
    r->max_list = o->max_list ? o->max_list : 1000;
    if (!(r->container = kam__arena_text(&r->arena, o->container ? o->container : "", KAM_NUL))) return kam__nomem(err);
    if (*r->container && !cel_env_name(r->container)) return kam__fail(err, KAM_E_INVAL,
        "options.container is no name like acme.sales");
    TRY(cel_compile_source(r, cel, len, err));
    if (vars) {
        TRY(cel_env_room(r, vars->n, err));
        for (uint32_t i = 0; i < vars->n; i++) TRY(cel_env_add(r, vars->name[i], vars->type[i], err));
    } else TRY(cel_env_json(r, env, err));
    TRY(cel_env_functions(r, o, err));
    return cel_compile_passes(r, err);
}

static int32_t cel_compile(kam_rule **out, kam_ctx *ctx, const char *env, const kam__cel_env *vars,
                           const kam_rule_options *o,
                           const char *cel, size_t len, kam_error *err) {
    kam_rule *r;
    if (!out) return kam__null_arg(err, "out");
    if (!cel) return kam__null_arg(err, "cel");
    if (len == KAM_NUL) len = strlen(cel);
    TRY(kam__ctx_take(&ctx, ctx, err));
    if (!(r = kam__zalloc(ctx, sizeof *r))) {
        kam_ctx_free(ctx);
        return kam__nomem(err);
    }
    kam__ref_init(&r->ref);
    r->ctx = ctx;
    kam__arena_init(&r->arena, ctx, 4096);
    int32_t rc = cel_compile_into(r, env, vars, o, cel, len, err);
    if (rc != KAM_OK) kam_rule_free(r);
    else *out = r;
    return rc;
}

int32_t kam_rule_compile(kam_rule **out, kam_ctx *ctx, const char *env, const kam_rule_options *options,
                         const char *cel, size_t len,
                         kam_error *err) {
    kam_rule_options own;
    TRY(kam__options(&own, sizeof own, options, sizeof own, "options", err));
    TRY(kam__flags(own.flags, KAM_RULE_STANDARD | KAM_RULE_NULL_ON_ERROR | KAM_RULE_TRACE, "options.flags", err));
    return cel_compile(out, ctx, env, NULL, &own, cel, len, err);
}

int32_t kam__cel_compile(kam_rule **out, kam_ctx *ctx, const kam__cel_env *env, const kam_rule_options *options,
                         const char *cel,
                         size_t len, kam_error *err) {
    kam_rule_options own;
    TRY(kam__options(&own, sizeof own, options, sizeof own, "options", err));
    return cel_compile(out, ctx, NULL, env, &own, cel, len, err);
}

void kam_rule_free(kam_rule *rule) {
    if (!rule || !kam__ref_drop(&rule->ref)) return;
    kam_ctx *ctx = rule->ctx;
    kam__arena_free(&rule->arena);
    kam__free(ctx, rule);
    kam_ctx_free(ctx);
}

const char *kam_rule_type(const kam_rule *rule) { return rule ? rule->type_name : ""; }
kam_ctx *kam__rule_ctx(const kam_rule *rule) { return rule->ctx; }
uint64_t kam_rule_cost(const kam_rule *rule) { return rule ? rule->cost : 0; }

int32_t kam_rule_var(const kam_rule *rule, const char *name) {
    for (uint32_t i = 0; rule && name && i < rule->nvar; i++) if (strcmp(rule->var[i].name,
        name) == 0) return (int32_t)i;
    return -1;
}

const char *kam_rule_reads(const kam_rule *rule, uint32_t i) {
    return rule && i < rule->nuse ? rule->var[rule->use[i].var].name : NULL;
}
#undef TRY
