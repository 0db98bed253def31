/* SPDX-License-Identifier: MIT
 *
 * made_object.h - a small writer of object files: one section of code, one of data, thread-local bytes, symbols,
 * relocations.
 */
#ifndef MADE_OBJECT_H
#define MADE_OBJECT_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

enum { SECTION_TEXT = 1, SECTION_DATA, SECTION_TLS, SECTION_RELA, SECTION_SYMBOLS, SECTION_STRINGS, SECTIONS };

typedef struct made_object {
    Elf64_Ehdr head;
    Elf64_Shdr section[SECTIONS];
    uint8_t text[64], data[64], tls[16];
    Elf64_Rela rela[8];
    Elf64_Sym symbol[12];
    char strings[256];
    size_t rela_count, symbol_count, string_size;
} made_object;

/* To be freed. */
made_object *made_new(void);
/* The number of the new symbol. */
unsigned made_symbol(made_object *o, const char *name, unsigned binding, unsigned type, unsigned section,
                     uint64_t value, uint64_t size);
void made_rela(made_object *o, uint64_t offset, uint32_t type, unsigned symbol, int64_t addend);
/* Relocations are those of `section`. */
void made_finish(made_object *o, unsigned section);

#endif
