/*
 * demo.h - `kam demo`: cmd_demo.c does it (import, value, grades, scores, due list, plan, report), demo_files.c and
 * demo_plan.c write the tables, demo_summary.c the page people read first.
 */
#ifndef KAM_DEMO_H
#define KAM_DEMO_H
#include "cli.h"
#include "sample.h"

#define DEMO_SCHEME "quota-20-40-40"
#define DEMO_CARD "key-account"
enum { DEMO_KINDS = 32, DEMO_TOP = 5, DEMO_TEXT = 160 };

typedef struct demo_change { char account[DEMO_TEXT], old[16], now[16]; int64_t id, measure; } demo_change;
typedef struct demo_due {
    char account[DEMO_TEXT], representative[64], grade[16], channel[32], last[16];
    int64_t overdue;
} demo_due;

/* What the summary tells. */
typedef struct demo {
    cli *c;
    const char *dir, *book, *lang, *shown;              /* shown: the book as the summary calls it */
    int zh;
    uint64_t seed;
    int64_t now;                                        /* of the book's clock, ms UTC */
    int64_t rows[DEMO_KINDS], rejected;                 /* imported, by kind */
    int64_t accounts, revenue, contribution, unprofitable, abc[3], part[3];    /* cents */
    double gini, top20, top1;
    int64_t grade[3], first, up, down, left;
    demo_change change[DEMO_TOP]; int nchange;
    demo_due due[DEMO_TOP]; int64_t ndue;
    int64_t visits, calls, unplanned, people;           /* of the plan; who has one */
    demo_change score[DEMO_TOP]; int nscore;            /* most points; `now` has them */
    int64_t why;                                        /* an account whose grade changed; 0 = none */
} demo;

/** English or Chinese. */
const char *demo_say(const demo *d, const char *en, const char *zh);
/** Label of an enum's value, in the language; the value itself where there is none. */
const char *demo_value(const demo *d, const char *value);

/* What demo_plan.c takes from demo_files.c: a table with its heading, begun and ended; the cells every row begins with;
 * one cell and the comma behind it; a name; the reasons of an entry, which end the row. */
FILE *demo_table(demo *d, char path[1100], const char *name, const uint32_t *field, size_t n);
int demo_who(const demo *d, FILE *f, int64_t account);
void demo_cell(FILE *f, const char *text);
void demo_name(const demo *d, char *out, size_t size, uint32_t kind, int64_t id);
int demo_reason(demo *d, FILE *f, kam_run *run, int64_t account);
#define DEMO_LEN(a) (sizeof(a) / sizeof((a)[0]))

int demo_write_scores(demo *d, kam_run *run);
int demo_write_plan(demo *d, kam_run *run);
int demo_write_accounts(demo *d, kam_run *value);
int demo_write_grades(demo *d, kam_run *run);
int demo_write_due(demo *d);
void demo_summary(const demo *d);
#endif
