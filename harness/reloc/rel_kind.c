/* SPDX-License-Identifier: MIT
 *
 * rel_kind.c - see rel_kind.h.  Source: the psABI's table 4.10; ranges as GNU ld checks them.
 */
#include "rel_kind.h"

#include "image.h"

#include <elf.h>
#include <stddef.h>

#define KIND(type, width_, range_, formula_, ...)                                                                      \
    [R_X86_64_##type] = {"R_X86_64_" #type, formula_, width_, HY_REL_##range_, __VA_ARGS__}

static const hy_rel_kind kinds[] = {
    KIND(NONE, 0, ANY, "none", .slot = false),
    KIND(64, 8, ANY, "S + A", .slot = false),
    KIND(PC32, 4, SIGNED, "S + A - P", .slot = false),
    KIND(GOT32, 4, SIGNED, "G - GOT + A", .slot = true),
    KIND(PLT32, 4, SIGNED, "L + A - P", .slot = false),
    KIND(COPY, 0, ANY, "copy", .dynamic = true),
    KIND(GLOB_DAT, 8, ANY, "S", .dynamic = true),
    KIND(JUMP_SLOT, 8, ANY, "S", .dynamic = true),
    KIND(RELATIVE, 8, ANY, "B + A", .dynamic = true),
    KIND(GOTPCREL, 4, SIGNED, "G + A - P", .slot = true),
    KIND(32, 4, UNSIGNED, "S + A", .slot = false),
    KIND(32S, 4, SIGNED, "S + A", .slot = false),
    KIND(16, 2, EITHER, "S + A", .slot = false),
    KIND(PC16, 2, EITHER, "S + A - P", .slot = false),
    KIND(8, 1, EITHER, "S + A", .slot = false),
    KIND(PC8, 1, SIGNED, "S + A - P", .slot = false),
    KIND(DTPMOD64, 8, ANY, "module", .dynamic = true),
    KIND(DTPOFF64, 8, ANY, "S + A - TLS", .tls = true),
    KIND(TPOFF64, 8, ANY, "S + A - TP", .tls = true),
    KIND(TLSGD, 4, SIGNED, "becomes TPOFF32", .tls = true),
    KIND(TLSLD, 4, SIGNED, "becomes nothing", .tls = true),
    KIND(DTPOFF32, 4, SIGNED, "S + A - TLS", .tls = true),
    KIND(GOTTPOFF, 4, SIGNED, "G + A - P", .slot = true, .tls = true),
    KIND(TPOFF32, 4, SIGNED, "S + A - TP", .tls = true),
    KIND(PC64, 8, ANY, "S + A - P", .slot = false),
    KIND(GOTOFF64, 8, ANY, "S + A - GOT", .slot = false),
    KIND(GOTPC32, 4, SIGNED, "GOT + A - P", .slot = false),
    KIND(GOT64, 8, ANY, "G - GOT + A", .slot = true),
    KIND(GOTPCREL64, 8, ANY, "G + A - P", .slot = true),
    KIND(GOTPC64, 8, ANY, "GOT + A - P", .slot = false),
    KIND(GOTPLT64, 8, ANY, "G - GOT + A", .slot = true),
    KIND(PLTOFF64, 8, ANY, "L + A - GOT", .slot = false),
    KIND(SIZE32, 4, UNSIGNED, "Z + A", .slot = false),
    KIND(SIZE64, 8, ANY, "Z + A", .slot = false),
    KIND(GOTPC32_TLSDESC, 4, SIGNED, "becomes TPOFF32", .tls = true),
    KIND(TLSDESC_CALL, 0, ANY, "becomes nothing", .tls = true),
    KIND(TLSDESC, 8, ANY, "descriptor", .dynamic = true),
    KIND(IRELATIVE, 8, ANY, "chosen at run time", .dynamic = true),
    KIND(RELATIVE64, 8, ANY, "B + A", .dynamic = true),
    KIND(GOTPCRELX, 4, SIGNED, "G + A - P", .slot = true),
    KIND(REX_GOTPCRELX, 4, SIGNED, "G + A - P", .slot = true),
};

const hy_rel_kind *hy_rel_kind_of(uint32_t type) {
    return type < sizeof kinds / sizeof *kinds && kinds[type].name ? &kinds[type] : NULL;
}

const char *hy_reloc_name(uint32_t type) {
    const hy_rel_kind *const kind = hy_rel_kind_of(type);
    return kind ? kind->name : NULL;
}

unsigned hy_reloc_width(uint32_t type) {
    const hy_rel_kind *const kind = hy_rel_kind_of(type);
    return kind ? kind->width : 0;
}

uint64_t hy_rel_value(uint32_t type, const hy_rel_terms *t) {
    const uint64_t a = (uint64_t)t->a;
    switch (type) {
    case R_X86_64_64:
    case R_X86_64_32:
    case R_X86_64_32S:
    case R_X86_64_16:
    case R_X86_64_8: return t->s + a;
    case R_X86_64_PC64:
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
    case R_X86_64_PC16:
    case R_X86_64_PC8: return t->s + a - t->p;
    case R_X86_64_GOTPCREL:
    case R_X86_64_GOTPCRELX:
    case R_X86_64_REX_GOTPCRELX:
    case R_X86_64_GOTPCREL64:
    case R_X86_64_GOTTPOFF: return t->g + a - t->p;
    case R_X86_64_GOT32:
    case R_X86_64_GOT64:
    case R_X86_64_GOTPLT64: return t->g - t->got + a;
    case R_X86_64_GOTPC32:
    case R_X86_64_GOTPC64: return t->got + a - t->p;
    case R_X86_64_GOTOFF64:
    case R_X86_64_PLTOFF64: return t->s + a - t->got;
    case R_X86_64_SIZE32:
    case R_X86_64_SIZE64: return t->z + a;
    case R_X86_64_TPOFF32:
    case R_X86_64_TPOFF64: return t->s + a - t->tp;
    case R_X86_64_DTPOFF32:
    case R_X86_64_DTPOFF64: return t->s + a - t->tls;
    case R_X86_64_GLOB_DAT: return t->s;
    default: return 0;
    }
}

bool hy_rel_fits(const hy_rel_kind *kind, uint64_t value) {
    if (kind->width == 0 || kind->width == 8)
        return true;
    const unsigned bits = 8u * kind->width;
    const bool as_unsigned = value >> bits == 0;
    const uint64_t half = UINT64_C(1) << (bits - 1);
    const bool as_signed = value + half < 2 * half;
    return (kind->range != HY_REL_SIGNED && as_unsigned) || (kind->range != HY_REL_UNSIGNED && as_signed);
}
