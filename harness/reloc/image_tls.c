/* SPDX-License-Identifier: MIT
 *
 * image_tls.c - accesses to thread-local symbols as in a static program, where the thread pointer is known.
 *
 *   general dynamic   lea x@tlsgd(%rip),%rdi; call __tls_get_addr    ->  mov %fs:0,%rax; lea x@tpoff(%rax),%rax
 *   local dynamic     lea x@tlsld(%rip),%rdi; call __tls_get_addr    ->  mov %fs:0,%rax        and x@dtpoff -> x@tpoff
 *   descriptors       lea x@tlsdesc(%rip),%rax; call *x@tlscall(%rax) ->  mov $x@tpoff,%rax; nop
 *   initial exec      mov x@gottpoff(%rip),%reg (or add)             ->  mov $x@tpoff,%reg; only with local_exec
 *
 * Source: U. Drepper, "ELF Handling For Thread-Local Storage", 2013, chapter 5, whose byte sequences these are; a
 * sequence that is none of them is refused.  The encodings of `mov` and `add` are those that GNU ld chooses.
 */
#include "image_inside.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

typedef struct tls_code {
    uint8_t *at; /* the place of the relocation */
    uint64_t before, behind;
} tls_code;

static bool bytes_are(tls_code c, int64_t from, const char *bytes, size_t size) {
    if ((from < 0 && (uint64_t)-from > c.before) || (from >= 0 && (uint64_t)from + size > c.behind) ||
        (from < 0 && size > (uint64_t)-from + c.behind))
        return false;
    return memcmp(c.at + from, bytes, size) == 0;
}

static bool next_is(const hy_reloc_entry *entry, const hy_reloc_entry *next, uint64_t distance) {
    return next && next->section == entry->section && next->place == entry->place + distance &&
           (next->type == R_X86_64_PLT32 || next->type == R_X86_64_PC32 || next->type == R_X86_64_GOTPCREL ||
            next->type == R_X86_64_GOTPCRELX || next->type == R_X86_64_PLTOFF64);
}

static void becomes_offset(hy_reloc_entry *entry, uint64_t distance) {
    entry->applied = R_X86_64_TPOFF32;
    entry->place += distance;
    entry->addend = (int64_t)((uint64_t)entry->addend + 4); /* no longer from the end of the field */
}

/* The call of the large model: movabs $__tls_get_addr@pltoff,%rax; add %rbx (or %r15),%rax; call *%rax. */
static bool is_large_call(tls_code c, const hy_reloc_entry *entry, const hy_reloc_entry *next) {
    return bytes_are(c, -3, "\x48\x8d\x3d", 3) && bytes_are(c, 4, "\x48\xb8", 2) && bytes_are(c, 17, "\xff\xd0", 2) &&
           (bytes_are(c, 14, "\x48\x01\xd8", 3) || bytes_are(c, 14, "\x4c\x01\xf8", 3)) && next_is(entry, next, 6);
}

static int soften_general(tls_code c, hy_reloc_entry *entry, const hy_reloc_entry *next) {
    static const char code[] = "\x64\x48\x8b\x04\x25\0\0\0\0\x48\x8d\x80"; /* mov %fs:0,%rax; lea 0(%rax),%rax */
    static const char large[] = "\x64\x48\x8b\x04\x25\0\0\0\0\x48\x8d\x80\0\0\0\0\x66\x0f\x1f\x44\0"; /* and a nop */
    if (is_large_call(c, entry, next)) {
        memcpy(c.at - 3, large, sizeof large);
        becomes_offset(entry, 9);
        return 0;
    }
    const bool direct = bytes_are(c, 4, "\x66\x66\x48\xe8", 4), indirect = bytes_are(c, 4, "\x66\x48\xff\x15", 4);
    if (!bytes_are(c, -4, "\x66\x48\x8d\x3d", 4) || !(direct || indirect) || c.behind < 12 || !next_is(entry, next, 8))
        return -ENOTSUP;
    memcpy(c.at - 4, code, sizeof code - 1);
    becomes_offset(entry, 8);
    return 0;
}

static int soften_local(tls_code c, hy_reloc_entry *entry, const hy_reloc_entry *next) {
    static const char code[] = "\x66\x66\x66\x66\x64\x48\x8b\x04\x25\0\0\0\0"; /* mov %fs:0,%rax with prefixes */
    static const char large[] =
        "\x66\x66\x66\x66\x2e\x0f\x1f\x84\0\0\0\0\0\x64\x48\x8b\x04\x25\0\0\0"; /* a nop before it */
    const size_t size = sizeof code - 1;
    if (is_large_call(c, entry, next)) {
        memcpy(c.at - 3, large, sizeof large);
        entry->applied = R_X86_64_NONE;
        return 0;
    }
    const bool direct = bytes_are(c, 4, "\xe8", 1) && c.behind >= 9 && next_is(entry, next, 5);
    const bool indirect = bytes_are(c, 4, "\xff\x15", 2) && c.behind >= 10 && next_is(entry, next, 6);
    if (!bytes_are(c, -3, "\x48\x8d\x3d", 3) || !(direct || indirect))
        return -ENOTSUP;
    memcpy(c.at - 3, code + (direct ? 1 : 0), size - (direct ? 1 : 0));
    entry->applied = R_X86_64_NONE;
    return 0;
}

static int soften_descriptor(tls_code c, hy_reloc_entry *entry) {
    if (c.before < 3 || (c.at[-3] & 0xfb) != 0x48 || c.at[-2] != 0x8d || (c.at[-1] & 0xc7) != 0x05)
        return -ENOTSUP;
    c.at[-3] = (uint8_t)(0x48 | ((c.at[-3] >> 2) & 1)); /* the register moves from ModRM.reg to ModRM.rm */
    c.at[-2] = 0xc7;
    c.at[-1] = (uint8_t)(0xc0 | ((c.at[-1] >> 3) & 7));
    becomes_offset(entry, 0);
    return 0;
}

static int soften_call(tls_code c, hy_reloc_entry *entry) {
    if (!bytes_are(c, 0, "\xff\x10", 2))
        return -ENOTSUP;
    memcpy(c.at, "\x66\x90", 2);
    entry->applied = R_X86_64_NONE;
    return 0;
}

/* mov x@gottpoff(%rip),%reg -> mov $x,%reg; add x@gottpoff(%rip),%reg -> lea x(%reg),%reg, but add $x,%rsp and %r12. */
static bool soften_initial(tls_code c, hy_reloc_entry *entry) {
    const bool known = c.before >= 3 && (c.at[-3] & 0xfb) == 0x48 && (c.at[-1] & 0xc7) == 0x05;
    if (!known || (c.at[-2] != 0x8b && c.at[-2] != 0x03))
        return false;
    const uint8_t high = (c.at[-3] >> 2) & 1, reg = (c.at[-1] >> 3) & 7;
    const bool move = c.at[-2] == 0x8b, special = !move && reg == 4;
    c.at[-3] = (uint8_t)(0x48 | high | (move || special ? 0 : high << 2));
    c.at[-2] = move ? 0xc7 : special ? 0x81 : 0x8d;
    c.at[-1] = (uint8_t)(move || special ? 0xc0 | reg : 0x80 | reg | reg << 3);
    becomes_offset(entry, 0);
    return true;
}

int hy_image_soften(const hy_reloc_image *image, uint8_t *contents, uint64_t size, hy_reloc_entry *entry,
                    const hy_reloc_entry *next, bool *ret_eaten) {
    const tls_code code = {contents + entry->place, entry->place, size - entry->place};
    *ret_eaten = entry->type == R_X86_64_TLSGD || entry->type == R_X86_64_TLSLD;
    switch (entry->type) {
    case R_X86_64_TLSGD: return soften_general(code, entry, next);
    case R_X86_64_TLSLD: return soften_local(code, entry, next);
    case R_X86_64_GOTPC32_TLSDESC: return soften_descriptor(code, entry);
    case R_X86_64_TLSDESC_CALL: return soften_call(code, entry);
    case R_X86_64_GOTTPOFF:
        if (image->options.local_exec)
            soften_initial(code, entry);
        return 0;
    case R_X86_64_DTPOFF32:
        if (image->sections[entry->section].executable)
            entry->applied = R_X86_64_TPOFF32;
        return 0;
    case R_X86_64_DTPOFF64:
        if (image->sections[entry->section].executable)
            entry->applied = R_X86_64_TPOFF64;
        return 0;
    default: return 0;
    }
}
