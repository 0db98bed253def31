/* SPDX-License-Identifier: MIT
 *
 * place_symbols.h - what libdw says of a module, sorted by address: it looks through all symbols for each question, and
 * through all units where a compiler has left out the table of their addresses.
 *
 *  1. A global symbol that holds the address; else a local one; of several the one that starts last.
 *  2. Else a label: one without a size, behind which no symbol with a size starts or ends before the address.
 */
#ifndef HY_PLACE_SYMBOLS_H
#define HY_PLACE_SYMBOLS_H

#include "spans.h"

#include <elfutils/libdwfl.h>

/* Of one module; all zero: nothing is read yet, which happens when it is first needed.  What there is no memory for is
 * left out. */
typedef struct hy_place_symbols {
    hy_spans global, local, label, unit;
    Dwarf_Addr bias; /* of units */
    bool has_symbols, has_units;
} hy_place_symbols;

/* The function that an address lies in, or NULL. */
const char *hy_place_symbols_name(hy_place_symbols *symbols, Dwfl_Module *module, uint64_t address);
/* The unit that an address lies in, or NULL. */
Dwarf_Die *hy_place_symbols_unit(hy_place_symbols *symbols, Dwfl_Module *module, uint64_t address);
void hy_place_symbols_free(hy_place_symbols *symbols);

#endif
