/*
 * rule/cel_vec.h - the vector program of an expression: columns in chunks, one operation after the other.
 *
 * A register is CEL_CHUNK slots of 8 bytes: a double, an int64, a truth value (all bits or none), or the key of a
 * string. Operations never fail; where one cannot say what the row machine would say, it marks the row, and the row
 * machine does it over.
 */
#ifndef KAM__CEL_VEC_H
#define KAM__CEL_VEC_H
#include "cel_impl.h"

#define CEL_CHUNK 1024u

typedef union cel_slot { int64_t i; uint64_t u; double f; } cel_slot;
enum { CEL_V_NONE = 0, CEL_V_DOUBLE = 1, CEL_V_INT = 2, CEL_V_BOOL = 3, CEL_V_KEY = 4 };

enum {
    CEL_K_LOAD = 1, CEL_K_FILL, CEL_K_I2D, CEL_K_ADDF, CEL_K_SUBF, CEL_K_MULF, CEL_K_DIVF, CEL_K_ADDI, CEL_K_SUBI,
        CEL_K_MULI,
    CEL_K_EQF, CEL_K_NEF, CEL_K_LTF, CEL_K_LEF, CEL_K_GTF, CEL_K_GEF, CEL_K_EQI, CEL_K_NEI, CEL_K_LTI, CEL_K_LEI,
        CEL_K_GTI, CEL_K_GEI,
    CEL_K_AND, CEL_K_OR, CEL_K_NOT, CEL_K_SELECT, CEL_K_NEGF, CEL_K_BAND, CEL_K_CASE, CEL_K_DIVC, CEL_K_ROUND
};

/* One step of a BAND (x < at) or CASE (x == at): what is xored into the result where it holds. */
typedef struct cel_band { cel_slot at; uint64_t change; } cel_band;

/* Operands: registers, or where the flag in `scalar` says so (1 a, 2 b, 4 c), the constant beside them. */
typedef struct cel_vop {
    /* n: of DIVC the power of ten a is raised by, of ROUND the decimals a has (low byte) and gets */
    uint8_t op, scalar, type, same; uint16_t d, a, b, c; uint32_t n; cel_slot ka, kb, kc; const cel_band *band;
} cel_vop;

typedef struct cel_vec {
    cel_vop *op; uint32_t nop, nreg; uint16_t result;
    struct cel_vcol { uint32_t var; uint8_t type; } *col; uint32_t ncol;
    struct cel_vtext { cel_key key; const char *s; } *text; uint32_t ntext;     /* constants longer than a key holds */
} cel_vec;

/** Can these columns be read by it? */
int kam__cel_vec_fits(const cel_vec *v, const kam_block *block);
size_t kam__cel_vec_room(const cel_vec *v);
/** Rows first .. first + n - 1; 1: some rows are to be done over, *redo says which. */
int kam__cel_vec_run(const cel_vec *v, void *room, const kam_block *block, uint32_t first, uint32_t n,
                     const cel_slot **result,
                     const uint8_t **redo);
/** The key of a string: up to 7 bytes are in it, longer ones are known by their place among the constants. */
uint64_t kam__cel_vec_key(const cel_vec *v, const char *s, size_t n);

/* The same of one of more than 7 bytes. */
static inline uint64_t kam__cel_vec_long(const cel_vec *v, const char *s, size_t n) {
    const cel_key k = kam__cel_key(s, (uint32_t)n);
    uint64_t key = (uint64_t)0xFF << 56;
    for (uint32_t i = 0; i < v->ntext; i++) {
        const struct cel_vtext *t = &v->text[i];
        uint64_t other = (t->key.a ^ k.a) | (t->key.b ^ k.b) | (t->key.n ^ k.n);
        if (n > 16 && !other) other = (uint64_t)memcmp(t->s, s, n);
        key = other ? key : (uint64_t)0xFF << 56 | (i + 1);
    }
    return key;
}

static inline double kam__cel_one_nan(double v) {
    cel_slot nan;
    nan.u = (uint64_t)0x7FF8 << 48;
    return v == v ? v : nan.f;
}
#endif
