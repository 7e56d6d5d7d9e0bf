/*
 * A file written on one machine, read on another (tests/durability.sh s390x): file_portable write|more|read PATH. `write` makes a store
 * with rows in segments, zones, log and a tail; `more` adds to it; `read` prints every row, asked for in several ways.
 */
#include "store/file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VT (&kam__memory_vt)
#define MUST(call) do { int32_t rc_ = (call); if (rc_ != KAM_OK) { fprintf(stderr, "%s: %d %s\n", #call, (int)rc_, err.msg); exit(1); } } while (0)
enum { BLOCK = 900 };
static const kam_field fields[] = {{.id = 1, .type = KAM_T_I64}, {.id = 2, .type = KAM_T_TEXT, .flags = KAM_F_UNIQUE},
                                   {.id = 3, .type = KAM_T_I64, .flags = KAM_F_INDEXED}, {.id = 4, .type = KAM_T_I32}, {.id = 5, .type = KAM_T_F64},
                                   {.id = 6, .type = KAM_T_TEXT, .flags = KAM_F_INDEXED}};
static const kam_table table = {.struct_size = sizeof table, .id = 9, .cls = KAM_C_EVENT, .name = "ledger", .field = fields, .nfield = 6};
static const uint32_t ids[] = {1, 2, 3, 4, 5, 6};
static const uint8_t types[] = {KAM_T_I64, KAM_T_TEXT, KAM_T_I64, KAM_T_I32, KAM_T_F64, KAM_T_TEXT};
static kam_store_err err = {.struct_size = sizeof err};

static void insert(kam_ctx *ctx, void *conn, int64_t first)
{
    kam__blockbuf bb;
    kam_block b;
    char text[40];
    MUST(kam__bb_init(&bb, ctx, 6, ids, types, NULL));
    for (int64_t k = first; k < first + BLOCK; k++) {
        uint64_t v = (uint64_t)kam__hash_i64(k);
        kam__bb_i64(&bb, 0, k * 2);
        kam__bb_text(&bb, 1, text, (size_t)snprintf(text, sizeof text, "E-%lld", (long long)k));
        kam__bb_i64(&bb, 2, (int64_t)(v % 500) - 20);
        if (v % 3) kam__bb_i64(&bb, 3, (int64_t)(v % 100000) - 50000);
        if (v % 4) kam__bb_f64(&bb, 4, (double)(int64_t)(v % 10007) / 16 - 100);
        if (v % 5) kam__bb_text(&bb, 5, text, (size_t)snprintf(text, sizeof text, "\xe5\xae\xa2 %d", (int)(v % 40)));
        MUST(kam__bb_end_row(&bb, NULL));
    }
    kam__bb_view(&bb, &b);
    MUST(VT->begin(conn, KAM_BEGIN_WRITE, &err));
    MUST(VT->write(conn, &table, KAM_WRITE_INSERT, &b, &err));
    MUST(VT->end(conn, KAM_END_COMMIT, &err));
    kam__bb_free(&bb);
}

static void change(void *conn, int64_t key, uint32_t op)
{
    const int64_t account = 77;
    kam_col col[2] = {{.field = 1, .type = KAM_T_I64, .data = &key}, {.field = 3, .type = KAM_T_I64, .data = &account}};
    const kam_block b = {sizeof b, 1, op == KAM_WRITE_DELETE ? 1 : 2, 0, col};
    MUST(VT->begin(conn, KAM_BEGIN_WRITE, &err));
    MUST(VT->write(conn, &table, op, &b, &err));
    MUST(VT->end(conn, KAM_END_LAZY, &err));
}

static int32_t on_rows(void *user, const kam_block *b)
{
    for (uint32_t i = 0; i < b->nrow; i++) {
        printf("%s", (const char *)user);
        for (uint32_t k = 0; k < b->ncol; k++) {
            const kam_col *c = b->col + k;
            size_t len;
            const char *text = c->type == KAM_T_TEXT ? kam__col_text(c, i, &len) : NULL;
            if (kam__col_null(c, i)) printf("|");
            else if (c->type == KAM_T_TEXT) printf("|%.*s", (int)len, text);
            else if (c->type == KAM_T_F64) printf("|%lld/16", (long long)(kam__col_f64(c, i) * 16));
            else printf("|%lld", (long long)kam__col_i64(c, i));
        }
        printf("\n");
    }
    return KAM_OK;
}

static void tell(void *conn)
{
    static char all[] = "all", by_account[] = "account", by_text[] = "text", by_ext[] = "ext";
    const int64_t account = 77;
    const int32_t off[] = {0, 6}, ext_off[] = {0, 5};
    kam_col arg = {.field = 3, .type = KAM_T_I64, .data = &account};
    kam_pred p = {.field = 3, .op = KAM_OP_EQ, .arg = &arg, .narg = 1};
    kam_table_scan q = {.struct_size = sizeof q, .table = &table, .field = ids, .nfield = 6};
    MUST(VT->scan(conn, &q, on_rows, all, &err));
    q.pred = &p;
    q.npred = 1;
    MUST(VT->scan(conn, &q, on_rows, by_account, &err));
    arg = (kam_col){.field = 6, .type = KAM_T_TEXT, .data = "\xe5\xae\xa2 12", .off = off};
    p.field = 6;
    MUST(VT->scan(conn, &q, on_rows, by_text, &err));
    arg = (kam_col){.field = 2, .type = KAM_T_TEXT, .data = "E-900", .off = ext_off};
    p.field = 2;
    MUST(VT->scan(conn, &q, on_rows, by_ext, &err));
}

int main(int argc, char **argv)
{
    kam_ctx *ctx = NULL;
    kam__memory *m = NULL;
    kam_error *why = NULL;
    void *conn = NULL;
    if (argc != 3 || kam_ctx_new(&ctx, NULL, NULL) || kam_error_new(&why, NULL)) return 2;
    if (kam__file_open(&m, ctx, argv[2], FILE_COLD, &kam__file_posix, NULL, why)) {
        fprintf(stderr, "%s\n", kam_error_message(why));
        return 1;
    }
    MUST(kam__memory_connect(&conn, m, NULL));
    MUST(VT->prepare(conn, &table, 1, KAM_PREPARE_CREATE, NULL, NULL, &err));
    int write = strcmp(argv[1], "write") == 0, more = strcmp(argv[1], "more") == 0;
    for (int64_t at = 1; write && at < 5 * BLOCK; at += BLOCK) insert(ctx, conn, at);
    if (write) MUST(kam__file_checkpoint(m->below, &err));
    if (write || more) insert(ctx, conn, m->table[0]->nslot + 1);
    if (write) change(conn, 2 * (5 * BLOCK + 3), KAM_WRITE_UPDATE);
    if (more) change(conn, 20, KAM_WRITE_UPDATE), change(conn, 22, KAM_WRITE_UPDATE);
    if (!write && !more) tell(conn);
    VT->close(conn);
    kam__memory_drop(m);
    kam_error_free(why);
    kam_ctx_free(ctx);
    return 0;
}
