/*
 * codec/arrow.h - columns of a block as Arrow arrays (Arrow C data interface): how each value is to be written.
 *
 *   arrow.c         schemas and batches, their memory and release callbacks
 *   arrow_fill.c    one column: values, offsets, validity bits
 */
#ifndef KAM__ARROW_H
#define KAM__ARROW_H
#include "../base/base.h"
#include <kam/arrow.h>

/* DAY: the open ends of ranges are null. LOCAL: minutes -> s. DEGREES: whole numbers with 6 decimals -> double.
 * NAME: numbers -> texts, by kam__arrow_col.name_of. DECIMAL: of an integer, or of NULL where a row has no decimals. */
enum {
    KAM__ARROW_I32 = 0,
    KAM__ARROW_I64 = 1,
    KAM__ARROW_F64 = 2,
    KAM__ARROW_TEXT = 3,
    KAM__ARROW_BOOL = 4,
    KAM__ARROW_DAY = 5,
    KAM__ARROW_INSTANT = 6,
    KAM__ARROW_LOCAL = 7,
    KAM__ARROW_DEGREES = 8,
    KAM__ARROW_NAME = 9,
    KAM__ARROW_DECIMAL = 10
};
typedef struct kam__arrow_meta { const char *name, *value; } kam__arrow_meta;   /* value NULL or "": left out */
typedef struct kam__arrow_col {
    const char *name;
    uint8_t as, scale;                      /* scale: decimals of a DECIMAL as written */
    uint8_t from, by_row;                   /* and as they stand in the block, up to `scale`; by_row: in `decimals` */
    const int8_t *decimals;                 /* for each row of the block; < 0: null */
    const char *(*name_of)(const void *arg, int64_t value, char own[24]);
    const void *arg;
    const kam__arrow_meta *meta; uint32_t nmeta;
} kam__arrow_col;

int32_t kam__arrow_schema(struct ArrowSchema *out, kam_ctx *ctx, const kam__arrow_col *col, uint32_t ncol,
                          const kam__arrow_meta *meta, size_t nmeta, kam_error *err);
/** Rows [first, first + n) of a block; col has block->ncol of them. LIMIT: a local time beyond what seconds hold. */
int32_t kam__arrow_batch(struct ArrowArray *out, kam_ctx *ctx, const kam__arrow_col *col, const kam_block *block,
                         uint32_t first, uint32_t n, kam_error *err);

/* Buffers of one column under construction; `off` only of texts. */
typedef struct kam__arrow_fill {
    kam_ctx *ctx; uint32_t n, nulls;
    uint8_t *valid; int32_t *off; void *data;
} kam__arrow_fill;
int32_t kam__arrow_fill_col(kam__arrow_fill *f, const kam__arrow_col *how, const kam_col *from, uint32_t first,
                            kam_error *err);
void kam__arrow_fill_drop(kam__arrow_fill *f);
#endif
