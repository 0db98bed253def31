/* SPDX-License-Identifier: MIT
 *
 * place_symbols.c - see place_symbols.h.
 */
#include "place_symbols.h"

#include <elfutils/libdw.h>
#include <gelf.h>

#define WEAK (1u << 31)

/* The end of the section that a label lies in. */
static uint64_t label_end(Elf *elf, GElf_Word section, uint64_t bias) {
    GElf_Shdr header;
    return section < SHN_LORESERVE && gelf_getshdr(elf_getscn(elf, section), &header)
               ? header.sh_addr + header.sh_size + bias
               : 0;
}

static void symbols_add(hy_place_symbols *symbols, Dwfl_Module *module, int number) {
    GElf_Sym symbol;
    GElf_Addr address, bias;
    GElf_Word section;
    Elf *elf;
    const char *const name = dwfl_module_getsym_info(module, number, &symbol, &address, &section, &elf, &bias);
    const int type = name ? GELF_ST_TYPE(symbol.st_info) : STT_FILE, binding = GELF_ST_BIND(symbol.st_info);
    if (!name || !*name || section == SHN_UNDEF || type == STT_SECTION || type == STT_FILE || type == STT_TLS)
        return;
    if (symbol.st_size == 0)
        hy_spans_add(&symbols->label, address, elf ? label_end(elf, section, bias) : 0, (unsigned)number, name);
    else
        hy_spans_add(binding == STB_LOCAL ? &symbols->local : &symbols->global, address, address + symbol.st_size,
                     (binding == STB_WEAK ? WEAK : 0) + (unsigned)number, name);
}

static void read_symbols(hy_place_symbols *symbols, Dwfl_Module *module) {
    const int count = dwfl_module_getsymtab(module);
    for (int i = 0; i < count; i++)
        symbols_add(symbols, module, i);
    hy_spans_sort(&symbols->global);
    hy_spans_sort(&symbols->local);
    hy_spans_sort(&symbols->label);
    symbols->has_symbols = true;
}

static void read_units(hy_place_symbols *symbols, Dwfl_Module *module) {
    for (Dwarf_Die *unit = NULL; (unit = dwfl_module_nextcu(module, unit, &symbols->bias));) {
        Dwarf_Addr base, start, end;
        for (ptrdiff_t at = 0; (at = dwarf_ranges(unit, at, &base, &start, &end)) > 0;)
            hy_spans_add(&symbols->unit, start, end, 0, unit);
    }
    hy_spans_sort(&symbols->unit);
    symbols->has_units = true;
}

const char *hy_place_symbols_name(hy_place_symbols *symbols, Dwfl_Module *module, uint64_t address) {
    if (!symbols->has_symbols)
        read_symbols(symbols, module);
    const hy_span *found = hy_spans_find(&symbols->global, address);
    found = found ? found : hy_spans_find(&symbols->local, address);
    if (found)
        return found->what;
    const hy_span *const label = hy_spans_find(&symbols->label, address);
    const bool stands = label && label->start >= hy_spans_reach(&symbols->global, address) &&
                        label->start >= hy_spans_reach(&symbols->local, address);
    return stands ? label->what : NULL;
}

Dwarf_Die *hy_place_symbols_unit(hy_place_symbols *symbols, Dwfl_Module *module, uint64_t address) {
    if (!symbols->has_units)
        read_units(symbols, module);
    const hy_span *const found = hy_spans_find(&symbols->unit, address - symbols->bias);
    return found ? (Dwarf_Die *)(uintptr_t)found->what : NULL;
}

void hy_place_symbols_free(hy_place_symbols *symbols) {
    hy_spans_free(&symbols->global);
    hy_spans_free(&symbols->local);
    hy_spans_free(&symbols->label);
    hy_spans_free(&symbols->unit);
}
