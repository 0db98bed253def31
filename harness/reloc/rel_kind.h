/* SPDX-License-Identifier: MIT
 *
 * rel_kind.h - the relocation types of x86-64: width, range, formula.
 */
#ifndef HY_REL_KIND_H
#define HY_REL_KIND_H

#include <stdbool.h>
#include <stdint.h>

/* What a value must fit into. */
typedef enum hy_rel_range {
    HY_REL_ANY,      /* 64 bits: everything fits */
    HY_REL_SIGNED,   /* -2^(n-1) .. 2^(n-1) - 1 */
    HY_REL_UNSIGNED, /* 0 .. 2^n - 1 */
    HY_REL_EITHER    /* -2^(n-1) .. 2^n - 1: nobody knows how it will be read */
} hy_rel_range;

/* What goes into a formula, in the letters of the psABI. */
typedef struct hy_rel_terms {
    uint64_t s;   /* address of the symbol, or of its stub */
    uint64_t p;   /* address of the place */
    uint64_t z;   /* size of the symbol */
    uint64_t got; /* address of the GOT */
    uint64_t g;   /* address of the symbol's slot of the GOT */
    uint64_t tls; /* address of the thread-local block */
    uint64_t tp;  /* thread pointer */
    int64_t a;    /* addend */
} hy_rel_terms;

typedef struct hy_rel_kind {
    const char *name, *formula;
    uint8_t width; /* bytes; 0: nothing is written */
    hy_rel_range range;
    bool slot;    /* needs a slot of the GOT */
    bool tls;     /* its symbol is thread-local */
    bool dynamic; /* a loader's: never in a relocatable object */
} hy_rel_kind;

/* NULL: no type of this machine. */
const hy_rel_kind *hy_rel_kind_of(uint32_t type);

/* The value that a type writes; types that write nothing have 0. */
uint64_t hy_rel_value(uint32_t type, const hy_rel_terms *terms);
bool hy_rel_fits(const hy_rel_kind *kind, uint64_t value);

#endif
