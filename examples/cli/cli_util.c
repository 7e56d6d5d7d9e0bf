/*
 * cli_util.c - arguments, errors, files, books: what every command needs around its one call.
 *
 * Errors go to stderr as `kam: file:line:column: message`, 0 where there is no line.
 */
#define _POSIX_C_SOURCE 200809L
#include "cli.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef KAM_HAVE_SQLITE
#include <kam/adapter/sqlite.h>
#include <sqlite3.h>
#endif

/* ---------------------------------------------------------------- errors */

int cli_fail_at(const char *where, uint64_t line, uint64_t column, const char *message) {
    cli_quiet();
    if (cli_interrupted()) return CLI_FAILED;           /* main tells that, once */
    fprintf(stderr, "kam: %s:%llu:%llu: %s\n", where, (unsigned long long)line, (unsigned long long)column, message);
    return CLI_FAILED;
}

int cli_fail(const cli *c, const char *where) {
    int64_t line = kam_error_detail(c->err, KAM_ERR_LINE), column = kam_error_detail(c->err, KAM_ERR_COLUMN);
    return cli_fail_at(where ? where : c->where ? c->where : c->command->name, line > 0 ? (uint64_t)line : 0,
                       column > 0 ? (uint64_t)column : 0, kam_error_message(c->err));
}

int cli_usage(const cli *c, const char *what, const char *name) {
    cli_quiet();
    fprintf(stderr, "kam: %s: %s%s%s%s\nusage: kam %s %s\n", c->command->name, what, name ? " \"" : "",
            name ? name : "", name ? "\"" : "", c->command->name, c->command->arguments);
    return CLI_USAGE;
}

/* ---------------------------------------------------------------- arguments */

static const cli_option *option_of(const cli_option *option, const char *text, size_t len) {
    for (; option && option->name; option++)
        if (strlen(option->name) == len && memcmp(option->name, text, len) == 0) return option;
    return NULL;
}

/* --json is short for --format json, where a command's usage offers it. */
static const cli_option *json_of(const cli *c, const cli_option *option, const char *text) {
    int offered = strcmp(text, "--json") == 0 && strstr(c->command->arguments, "--json") != NULL;
    return offered ? option_of(option, "format", 6) : NULL;
}

int cli_options(cli *c, int argc, char **argv, const cli_option *option, const char **arg, int least, int most) {
    int n = 0, only = 0;
    for (int i = 0; i < most; i++) arg[i] = NULL;
    for (int i = 0; i < argc; i++) {
        const char *text = argv[i];
        if (!only && strcmp(text, "--") == 0) {
            only = 1;
        } else if (only || text[0] != '-' || !text[1]) {
            if (n == most) return cli_usage(c, "one argument too many:", text);
            arg[n++] = text;
        } else {
            const char *equals = text[1] == '-' ? strchr(text, '=') : NULL;
            const cli_option *o =
                text[1] == '-' ? option_of(option, text + 2, equals ? (size_t)(equals - text - 2) : strlen(text + 2))
                               : NULL;
            if (!o && (o = json_of(c, option, text)) != NULL) {
                *o->value = "json";
                continue;
            }
            if (!o) return cli_usage(c, "there is no option", text);
            if (o->flag && equals) return cli_usage(c, "this option takes no value:", text);
            if (o->flag) *o->flag = 1;
            else if (equals) *o->value = equals + 1;
            else if (i + 1 == argc) return cli_usage(c, "a value is missing after", text);
            else *o->value = argv[++i];
        }
    }
    return n < least ? cli_usage(c, "an argument is missing", NULL) : CLI_OK;
}

int cli_day(const cli *c, int32_t *out, const char *text, int32_t if_none) {
    *out = if_none;
    if (!text || kam_day_parse(out, text, KAM_NUL, c->err) == KAM_OK) return CLI_OK;
    return cli_usage(c, "a day is written 2026-03-01, not", text);
}

int cli_number(const cli *c, int64_t *out, const char *option, const char *text, int64_t most) {
    char *end = NULL, what[100];
    if (!text) return CLI_OK;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    *out = n;
    if (text[0] >= '0' && text[0] <= '9' && !*end && !errno && n <= most) return CLI_OK;
    snprintf(what, sizeof what, "%s is a whole number from 0 to %lld, not", option, (long long)most);
    return cli_usage(c, what, text);
}

int cli_lang(const cli *c, const char *lang) {
    if (!lang || strcmp(lang, "en") == 0 || strcmp(lang, "zh") == 0) return CLI_OK;
    return cli_usage(c, "a language is en or zh, not", lang);
}

static int file_fail(const char *path) {
    const char *why = strerror(errno);
    return cli_fail_at(path, 0, 0, why);
}

/* ---------------------------------------------------------------- context and book */

int cli_start(cli *c) {
    kam_ctx_options o = {.struct_size = sizeof o};
    o.progress = cli_progress;
    cli_watch();
    if (kam_error_new(&c->err, NULL) == KAM_OK && kam_ctx_new(&c->ctx, &o, c->err) == KAM_OK &&
        kam_buf_new(&c->buf, c->ctx, c->err) == KAM_OK) return CLI_OK;
    return cli_fail_at(c->command->name, 0, 0, "out of memory");
}

#ifdef KAM_HAVE_SQLITE
static int open_sqlite(cli *c, const char *path, int create) {
    int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(path, &c->sqlite, flags, NULL) != SQLITE_OK)
        return cli_fail_at(path, 0, 0, c->sqlite ? sqlite3_errmsg(c->sqlite) : "out of memory");
    sqlite3_busy_timeout(c->sqlite, 5000);
    return kam_sqlite_store(&c->store, c->ctx, c->sqlite, KAM_TXN_OWN, c->err) == KAM_OK ? CLI_OK : cli_fail(c, path);
}
#else
static int open_sqlite(cli *c, const char *path, int create) {
    (void)c, (void)create;
    return cli_fail_at(path, 0, 0, "this program was built without SQLite: a book is PATH or memory:");
}
#endif

int cli_open(cli *c, const char *book, int create, const char *currency) {
    kam_book_options o = {.struct_size = sizeof o, .actor = "kam", .currency = currency};
    const char *path = strncmp(book, "file:", 5) == 0 ? book + 5 : book;
    if (create) o.flags = KAM_BOOK_CREATE | KAM_BOOK_UPGRADE;
    c->where = book;
    if (strncmp(book, "sqlite:", 7) == 0 && book[7]) {
        int rc = open_sqlite(c, book + 7, create);
        if (rc != CLI_OK) return rc;
    } else if (strcmp(book, "memory:") != 0) {
        if (!path[0] || (path == book && path[strcspn(path, ":/")] == ':'))
            return cli_usage(c, "a book is PATH, file:PATH, sqlite:PATH or memory:, not", book);
        if (!create && access(path, F_OK) != 0) return file_fail(path);
        if (kam_store_file(&c->store, c->ctx, path, KAM_NUL, c->err) != KAM_OK) return cli_fail(c, path);
    }
    return kam_book_open(&c->book, c->ctx, c->store, &o, c->err) == KAM_OK ? CLI_OK : cli_fail(c, book);
}

void cli_end(cli *c) {
    cli_quiet();
    kam_book_close(c->book);
    kam_store_free(c->store);
#ifdef KAM_HAVE_SQLITE
    if (c->sqlite) sqlite3_close(c->sqlite);
#endif
    kam_buf_free(c->buf);
    kam_ctx_free(c->ctx);
    kam_error_free(c->err);
}

/* ---------------------------------------------------------------- files */

char *cli_read(const char *path, size_t *size) {
    size_t n = 0, cap = 1 << 16, got = 1;
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char *data = f ? malloc(cap) : NULL;
    while (data && got) {
        got = fread(data + n, 1, cap - n - 1, f);
        n += got;
        if (cap - n > 1) continue;
        char *more = realloc(data, cap *= 2);
        if (!more) free(data);
        data = more;
    }
    if (!data || ferror(f)) {
        file_fail(path);
        free(data);
        data = NULL;
    } else {
        data[n] = '\0';
        *size = n;
    }
    if (f && f != stdin) fclose(f);
    return data;
}

/* The file that becomes `path` once it is whole: beside it, so that it only has to be renamed. NULL = `path` itself is
 * written, because it is no plain file (/dev/null, a pipe, a link) or its folder takes no new one. */
static FILE *part_create(const char *path, char **part) {
    struct stat old;
    int there = lstat(path, &old) == 0;
    FILE *f = NULL;
    *part = NULL;
    if (there && !S_ISREG(old.st_mode)) return NULL;
    char *name = malloc(strlen(path) + 6);
    if (!name) return NULL;
    sprintf(name, "%s.part", path);
    f = fopen(name, "wb");
    if (f && there) (void)fchmod(fileno(f), old.st_mode & 07777);
    if (f) *part = name;
    else free(name);
    return f;
}

/* Files being written; a command has few at a time. */
static struct { FILE *f; char *part; } outputs[8];

FILE *cli_create(const char *path) {
    char *part = NULL;
    size_t i = 0;
    if (!path || strcmp(path, "-") == 0) return stdout;
    while (i < sizeof outputs / sizeof outputs[0] && outputs[i].f) i++;
    FILE *f = i < sizeof outputs / sizeof outputs[0] ? part_create(path, &part) : NULL;
    if (f) {
        outputs[i].f = f;
        outputs[i].part = part;
        return f;
    }
    f = fopen(path, "wb");
    if (!f) file_fail(path);
    return f;
}

static char *part_of(const FILE *f) {
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0]; i++)
        if (outputs[i].f == f) {
            outputs[i].f = NULL;
            return outputs[i].part;
        }
    return NULL;
}

int cli_close(FILE *f, const char *path, int rc) {
    char *part = f != stdout ? part_of(f) : NULL;
    int bad = fflush(f) != 0 || ferror(f);
    if (f != stdout && fclose(f) != 0) bad = 1;
    if (bad && rc == CLI_OK) rc = file_fail(path ? path : "-");
    if (rc == CLI_OK && cli_interrupted()) rc = CLI_FAILED;
    if (part && rc == CLI_OK && rename(part, path) != 0) rc = file_fail(path);
    if (part && rc != CLI_OK) (void)remove(part);
    free(part);
    return rc;
}
