/*
 * rule/cel_name.c - what a name means.
 *
 * A name is looked for among the variables of enclosing macros, then in the environment, longest qualified name first
 * and from the innermost namespace out, then among the names of types.
 */
#include "cel_impl.h"

cel_local *kam__cel_local(const cel_comp *c, const char *name, size_t len) {
    for (cel_local *l = c->local; l; l = l->up)
        if (strlen(l->name) == len && memcmp(l->name, name, len) == 0) return l;
    return NULL;
}

static int cel_name_env(const cel_comp *c, const char *name, uint32_t *var) {
    for (uint32_t i = 0; i < c->r->nvar; i++)
        if (strcmp(c->r->var[i].name, name) == 0) { *var = i; return 1; }
    return 0;
}

const char *kam__cel_is_type(const char *name) {
    static const char *const known[] = {"bool", "int", "uint", "double", "string", "bytes", "list", "map",
        "null_type", "type",
        "optional_type", "google.protobuf.Timestamp", "google.protobuf.Duration", "decimal"};
    for (size_t i = 0; i < KAM__LEN(known); i++) if (strcmp(known[i], name) == 0) return known[i];
    return NULL;
}

/* "a.b.c" of a chain of plain names into out (256 bytes); 0 = it is no such chain. */
int kam__cel_path(const cel_node *n, char *out, const cel_node **root) {
    if (n->kind == CEL_NAME) {
        if (strlen(n->name) > 200) return 0;
        memcpy(out, n->name, strlen(n->name) + 1);
        *root = n;
        return 1;
    }
    if (n->kind != CEL_SELECT || (n->flags & (CEL_F_OPT | CEL_F_TEST | CEL_F_QUOTED)) || n->level > 60) return 0;
    if (!kam__cel_path(n->kid[0], out, root)) return 0;
    size_t len = strlen(out);
    if (len + strlen(n->name) > 240) return 0;
    out[len] = '.';
    memcpy(out + len + 1, n->name, strlen(n->name) + 1);
    return 1;
}

/* Tries `name` in each namespace from the innermost out; `full` (512) gets the one that `fits` accepted. */
int kam__cel_spaces(cel_comp *c, const char *name, int absolute, char *full,
                            int (*fits)(cel_comp *c, const char *full, void *out), void *out) {
    size_t space = absolute ? 0 : strlen(c->r->container);
    for (;;) {
        if (space + strlen(name) > 500) return 0;
        memcpy(full, c->r->container, space);
        if (space) full[space] = '.';
        memcpy(full + space + (space > 0), name, strlen(name) + 1);
        if (fits(c, full, out)) return 1;
        if (!space) return 0;
        while (space && c->r->container[space - 1] != '.') space--;
        if (space) space--;
    }
}

int kam__cel_is_var(cel_comp *c, const char *full, void *out) { return cel_name_env(c, full, out); }

static int cel_name_fits_type(cel_comp *c, const char *full, void *out) {
    const char **name = out;
    (void)c;
    *name = kam__cel_is_type(full);
    return *name != NULL;
}

/* A qualified name that is a variable or a type: the node becomes it. 1 = yes, -1 = no memory. */
int kam__cel_global(cel_comp *c, cel_node *n) {
    char path[256], full[512];
    const cel_node *root;
    uint32_t var;
    const char *type;
    if (!kam__cel_path(n, path, &root)) return 0;
    int absolute = root->flags & CEL_F_ABSOLUTE;
    if (!absolute && kam__cel_local(c, root->name, strlen(root->name))) return 0;
    if (kam__cel_spaces(c, path, absolute, full, kam__cel_is_var, &var)) {
        n->kind = CEL_VAR;
        n->n = 0;
        n->var = var;
        n->type = c->r->var[var].type;
        return 1;
    }
    if (!kam__cel_spaces(c, path, absolute, full, cel_name_fits_type, &type)) return 0;
    n->kind = CEL_CONST;
    n->n = 0;
    n->val = kam__cel_text(type, strlen(type));
    n->val.t = KAM__CEL_TYPE;
    n->type = &kam__cel_types[KAM__CEL_TYPE];
    return 1;
}

/* The known name closest to an unknown one. */
static const char *cel_name_closest(cel_comp *c, const char *name) {
    const char **all = kam__arena_alloc(c->a, (c->r->nvar + 1) * sizeof *all);
    if (!all) return NULL;
    for (uint32_t i = 0; i < c->r->nvar; i++) all[i] = c->r->var[i].name;
    return kam__text_closest(name, KAM_NUL, all, c->r->nvar);
}

static int32_t cel_name_unknown(cel_comp *c, cel_node *n) {
    char q[48];
    const char *near = cel_name_closest(c, n->name);
    const char *shown = kam__clip(q, n->name, strlen(n->name));
    n->type = &kam__cel_types[KAM__CEL_DYN];
    if (!(c->r->flags & KAM__CEL_LOOSE))
        return near ? kam__cel_bad(c, KAM_E_PARSE, n->pos, "\"%s\" is not known; did you mean \"%s\"?", shown, near)
                    : kam__cel_bad(c, KAM_E_PARSE, n->pos,
                                   "\"%s\" is not known here; the environment has no such name", shown);
    n->kind = CEL_FAIL;
    n->n = 0;
    return KAM_OK;
}

int32_t kam__cel_name(cel_comp *c, cel_node *n) {
    cel_local *l = n->flags & CEL_F_ABSOLUTE ? NULL : kam__cel_local(c, n->name, strlen(n->name));
    if (l) {
        n->kind = CEL_LOCAL;
        n->local = l;
        n->type = l->type;
        return KAM_OK;
    }
    return kam__cel_global(c, n) ? KAM_OK : cel_name_unknown(c, n);
}
