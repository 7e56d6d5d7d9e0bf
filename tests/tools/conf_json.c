/*
 * tests/tools/conf_json.c - the suite `json`: files named as JSONTestSuite names them. What parses is also written
 * out and read again, which must give the same text: a reader that takes a text must have understood it. Duplicate
 * keys are allowed here, as the grammar of RFC 8259 allows them.
 */
#include "codec/codec.h"
#include "conf_suite.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct json_suite { conf_run run; kam_ctx *ctx; kam_error *err; } json_suite;

/* 1: written out and read again, v is the same. */
static int json_reads_back(json_suite *s, kam__arena *arena, const kam__json *v)
{
    kam_buf one, two;
    const kam__json *again;
    int same = 0;
    kam__buf_init(&one, s->ctx);
    kam__buf_init(&two, s->ctx);
    kam__json_write(&one, v);
    if (kam__buf_end(&one, s->err) == KAM_OK &&
        kam__json_parse(&again, arena, kam_buf_data(&one), one.size, KAM__JSON_DUPLICATES, s->err) == KAM_OK) {
        kam__json_write(&two, again);
        same = kam__buf_end(&two, s->err) == KAM_OK && one.size == two.size &&
            memcmp(one.data, two.data, one.size) == 0;
    }
    kam__buf_drop(&one);
    kam__buf_drop(&two);
    return same;
}

static void json_case(json_suite *s, const char *name, char kind, const char *text, size_t size)
{
    kam__arena arena;
    const kam__json *v = NULL;
    kam__arena_init(&arena, s->ctx, 0);
    int32_t rc = kam__json_parse(&v, &arena, text, size, KAM__JSON_DUPLICATES, s->err);
    if (rc != KAM_OK && kind == 'y')
        conf_fail(&s->run, name, "got %s: %s want a value", kam_code_name(rc), kam_error_message(s->err));
    else if (rc == KAM_OK && kind == 'n') conf_fail(&s->run, name, "got a value want a refusal");
    else if (rc == KAM_OK && !json_reads_back(s, &arena, v)) conf_fail(&s->run, name,
                                                                       "got another text want the same when read back");
    else conf_pass(&s->run);
    kam__arena_free(&arena);
}

static void json_file(json_suite *s, const char *path, const char *name, char kind)
{
    size_t size;
    char *text = conf_read(path, &size);
    if (!text) {
        conf_fail(&s->run, name, "got no file want one that can be read");
        return;
    }
    json_case(s, name, kind, text, size);
    free(text);
}

static int json_kind(const char *name)
{
    return (name[0] == 'y' || name[0] == 'n' || name[0] == 'i') && name[1] == '_' ? name[0] : 0;
}

static void json_dir(json_suite *s, const char *dir, char **names, size_t n)
{
    char path[4096];
    size_t cases = 0;
    for (size_t i = 0; i < n; i++) {
        if (!json_kind(names[i])) continue;
        cases++;
        json_file(s, conf_path(path, sizeof path, dir, names[i]), names[i], (char)json_kind(names[i]));
    }
    if (!cases) conf_fail(&s->run, dir, "got no case want files y_*.json, n_*.json or i_*.json");
}

int conf_json(int argc, char **argv)
{
    json_suite s = {{0, 0}, NULL, NULL};
    char **names = NULL;
    size_t n = 0;
    if (argc != 2) return conf_usage("json", "one folder or file is expected");
    if (kam_error_new(&s.err, NULL) != KAM_OK || kam_ctx_new(&s.ctx, NULL, s.err) != KAM_OK) {
        conf_fail(&s.run, "json", "got no memory want a context");
    } else if (strcmp(argv[1], "-") != 0 && conf_list(argv[1], ".json", &names, &n) == 0) {
        json_dir(&s, argv[1], names, n);
        conf_list_free(names, n);
    } else {
        const char *slash = strrchr(argv[1], '/'), *name = slash ? slash + 1 : argv[1];
        json_file(&s, argv[1], name, (char)(json_kind(name) ? json_kind(name) : 'y'));
    }
    kam_ctx_free(s.ctx);
    kam_error_free(s.err);
    return conf_end(&s.run);
}
