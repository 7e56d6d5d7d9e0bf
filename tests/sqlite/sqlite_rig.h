/*
 * tests/sqlite/sqlite_rig.h - what the tests of the SQLite store share: a table of eight fields, its rows as plain
 * structs and as blocks, and a connection with a store on it.
 */
#ifndef SQLITE_RIG_H
#define SQLITE_RIG_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>
#include <sqlite3.h>
#include <kam/adapter/sqlite.h>
#include <kam/spi/storage.h>

enum { F_ID = 1, F_REV = 2, F_SOURCE = 3, F_EXT = 4, F_NAME = 5, F_N = 6, F_BIG = 7, F_X = 8, NF = 8, MAXROWS = 400 };

extern const kam_field FIELD[NF];
extern const uint32_t ALL[NF];  /* all fields, in order */
extern const kam_table ACCOUNT; /* relation: an "account" */
#define RELATION "\"an \"\"account\"\"\""
kam_table table(const char *relation, uint32_t flags);

typedef struct row {
    int64_t id, rev, big;
    int32_t n;
    double x;
    char source[8], ext[16], name[24];
    unsigned null; /* bit f: field f is NULL */
} row;
row random_row(int64_t id);
uint32_t rnd(uint32_t n);
void same_row(const row *a, const row *b);

typedef struct blk {
    kam_block b;
    kam_col col[NF];
} blk;
blk *make(const row *r, uint32_t n, const uint32_t *field, uint32_t nf);
void drop(blk *b);

/* What a scan delivered; stop_at: answer 77 to that block. */
typedef struct got {
    row r[MAXROWS + 8];
    uint32_t n, blocks, stop_at, most;
} got;
int32_t collect(void *user, const kam_block *b);

typedef struct rig {
    sqlite3 *db;
    void *self;
    kam_store_vt vt;
    kam_store_err err;
} rig;
/** What is inside of a store that kam_sqlite_store() makes; ends with vt->close(self). */
int32_t open_store(void **self, kam_store_vt *vt, sqlite3 *db, uint32_t mode);
void attach(rig *g, sqlite3 *db, uint32_t mode);
rig rig_new(const char *path, uint32_t mode);
void rig_end(rig *g);
void sql(rig *g, const char *text);
int64_t ask(rig *g, const char *text); /* the first value of a query */
int32_t put(rig *g, const kam_table *t, uint32_t op, const row *r, uint32_t n, const uint32_t *field, uint32_t nf);
int32_t begin(rig *g, uint32_t how);
int32_t end(rig *g, uint32_t how);
int32_t create(rig *g, const kam_table *t);
kam_table_scan query(const kam_table *t);
got *scan(rig *g, kam_table_scan *q, int32_t want); /* end with test_free */
/** Makes ACCOUNT and stores `n` random rows with ids 1, 3, 5 ... */
void fill(rig *g, row *rows, uint32_t n);

#endif
