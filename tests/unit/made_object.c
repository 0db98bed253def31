/* SPDX-License-Identifier: MIT
 *
 * made_object.c - see made_object.h.
 */
#include "made_object.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static Elf64_Shdr header(uint32_t name, uint32_t type, uint64_t flags, size_t offset, size_t size) {
    return (Elf64_Shdr){
        .sh_name = name, .sh_type = type, .sh_flags = flags, .sh_offset = offset, .sh_size = size, .sh_addralign = 16};
}

static uint32_t made_string(made_object *o, const char *text) {
    const uint32_t at = (uint32_t)o->string_size;
    strcpy(o->strings + at, text);
    o->string_size += strlen(text) + 1;
    return at;
}

made_object *made_new(void) {
    made_object *const o = calloc(1, sizeof *o);
    assert_non_null(o);
    o->head = (Elf64_Ehdr){.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                           .e_type = ET_REL,
                           .e_machine = EM_X86_64,
                           .e_version = EV_CURRENT,
                           .e_shoff = offsetof(made_object, section),
                           .e_ehsize = sizeof o->head,
                           .e_shentsize = sizeof *o->section,
                           .e_shnum = SECTIONS,
                           .e_shstrndx = SECTION_STRINGS};
    o->string_size = o->symbol_count = 1;
    o->section[SECTION_TEXT] = header(made_string(o, ".text"), SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR,
                                      offsetof(made_object, text), sizeof o->text);
    o->section[SECTION_DATA] = header(made_string(o, ".data"), SHT_PROGBITS, SHF_ALLOC | SHF_WRITE,
                                      offsetof(made_object, data), sizeof o->data);
    o->section[SECTION_TLS] = header(made_string(o, ".tdata"), SHT_PROGBITS, SHF_ALLOC | SHF_WRITE | SHF_TLS,
                                     offsetof(made_object, tls), sizeof o->tls);
    return o;
}

unsigned made_symbol(made_object *o, const char *name, unsigned binding, unsigned type, unsigned section,
                     uint64_t value, uint64_t size) {
    o->symbol[o->symbol_count] = (Elf64_Sym){.st_name = made_string(o, name),
                                             .st_info = (uint8_t)ELF64_ST_INFO(binding, (uint8_t)type),
                                             .st_shndx = (uint16_t)section,
                                             .st_value = value,
                                             .st_size = size};
    return (unsigned)o->symbol_count++;
}

void made_rela(made_object *o, uint64_t offset, uint32_t type, unsigned symbol, int64_t addend) {
    o->rela[o->rela_count++] = (Elf64_Rela){offset, ELF64_R_INFO((uint64_t)symbol, type), addend};
}

void made_finish(made_object *o, unsigned section) {
    Elf64_Shdr *const rela = &o->section[SECTION_RELA], *const symbols = &o->section[SECTION_SYMBOLS];
    *rela = header(made_string(o, ".rela"), SHT_RELA, 0, offsetof(made_object, rela), o->rela_count * sizeof *o->rela);
    *symbols = header(made_string(o, ".symtab"), SHT_SYMTAB, 0, offsetof(made_object, symbol),
                      o->symbol_count * sizeof *o->symbol);
    const uint32_t name = made_string(o, ".strtab");
    o->section[SECTION_STRINGS] = header(name, SHT_STRTAB, 0, offsetof(made_object, strings), o->string_size);
    rela->sh_link = SECTION_SYMBOLS;
    rela->sh_info = section;
    rela->sh_entsize = sizeof *o->rela;
    symbols->sh_link = SECTION_STRINGS;
    symbols->sh_info = 1;
    symbols->sh_entsize = sizeof *o->symbol;
}
