/* SPDX-License-Identifier: MIT
 *
 * link_script.c - what GNU ld is told: a script with an address for every section and undefined symbol, and an object
 * with the undefined thread-local symbols, which a script cannot define.
 *
 *   "memcpy" = 0x7f1234560010;
 *   SECTIONS {
 *     ".text" 0x7f1234567000 : { *(".text") }
 *     ...
 *   }
 */
#include "link_inside.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define OUTSIDE_SECTION ".tbss.outside"

bool hy_link_compared(const hy_reloc_section *section) {
    return section->has_contents && strcmp(section->name, ".eh_frame") != 0 &&
           strcmp(section->name, ".note.gnu.property") != 0;
}

static bool left_out(const hy_reloc_section *section) {
    return section->has_contents && !hy_link_compared(section);
}

/* -------------------------------------------------------------------------------------------------- the script ---- */

static void write_symbols(const hy_link_job *job, FILE *out) {
    const hy_reloc_image *const image = job->image;
    for (size_t i = 0; i < image->symbol_count; i++) {
        const hy_reloc_symbol *const s = &image->symbols[i];
        if (s->home == HY_RELOC_OUTSIDE && !s->tls)
            fprintf(out, "\"%s\" = %#" PRIx64 ";\n", s->name, job->outside[i]);
        if (image->notes[i].common)
            fprintf(out, "\"%s\" = %#" PRIx64 ";\n", s->name, job->base + s->value);
    }
}

static void write_own(const hy_link_job *job, FILE *out) {
    const hy_reloc_image *const image = job->image;
    const uint64_t got = job->base + image->sections[image->got].offset;
    fprintf(out, ".got.plt %#" PRIx64 " : { *(.got.plt) }\n", got);
    fprintf(out, ".got %#" PRIx64 " : { *(.got) }\n", got + HY_GOT_HEAD);
    fprintf(out, ".iplt %#" PRIx64 " : { *(.iplt) }\n", job->base + image->sections[image->stubs].offset);
}

/* All input sections of a name become one output section; the image has them one behind the other as well. */
static bool is_first(const hy_reloc_image *image, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (strcmp(image->sections[i].name, image->sections[index].name) == 0)
            return false;
    return true;
}

static void write_section(const hy_link_job *job, const hy_reloc_section *s, FILE *out) {
    fprintf(out, "\"%s\" %#" PRIx64 " : { *(\"%s\") }\n", s->name, job->base + s->offset, s->name);
}

/* Thread-local ones first and together: they are one segment. */
static void write_sections(const hy_link_job *job, bool tls, bool zeros, FILE *out) {
    const hy_reloc_image *const image = job->image;
    for (size_t i = 0; i < image->section_count; i++) {
        const hy_reloc_section *const s = &image->sections[i];
        if (*s->file && s->tls == tls && s->has_contents != zeros && !left_out(s) && is_first(image, i))
            write_section(job, s, out);
    }
}

int hy_link_write_script(const hy_link_job *job, FILE *out, hy_error *error) {
    for (size_t i = 0; i < job->image->symbol_count; i++)
        if (strpbrk(job->image->symbols[i].name, "\"\n"))
            return hy_fail(error, -EINVAL, "the name of symbol %zu has a quote in it; ld's script cannot say it", i);
    write_symbols(job, out);
    fputs("SECTIONS {\n", out);
    write_sections(job, true, false, out);
    write_sections(job, true, true, out);
    if (job->tls_count)
        fprintf(out, OUTSIDE_SECTION " %#" PRIx64 " : { *(" OUTSIDE_SECTION ") }\n", job->tls_outside);
    write_sections(job, false, false, out);
    write_own(job, out);
    write_sections(job, false, true, out);
    fputs("/DISCARD/ : { *(.eh_frame) *(.note.gnu.property) *(.comment) *(.note.GNU-stack) }\n}\n", out);
    return 0;
}

/* -------------------------------------------------------------------------------------------- the second object ----
 */

typedef struct tls_object {
    Elf64_Ehdr head;
    Elf64_Shdr section[5];
} tls_object;

enum { TLS_BLOCK = 1, TLS_SYMBOLS, TLS_STRINGS, TLS_NAMES };
static const char names[] = "\0" OUTSIDE_SECTION "\0.symtab\0.strtab\0.shstrtab\0";

static uint32_t name_at(const char *name) {
    for (size_t i = 1; i < sizeof names; i += strlen(names + i) + 1)
        if (strcmp(names + i, name) == 0)
            return (uint32_t)i;
    return 0;
}

static tls_object tls_head(uint64_t count, uint64_t strings) {
    tls_object o = {.head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                             .e_type = ET_REL,
                             .e_machine = EM_X86_64,
                             .e_version = EV_CURRENT,
                             .e_shoff = sizeof o.head,
                             .e_ehsize = sizeof o.head,
                             .e_shentsize = sizeof *o.section,
                             .e_shnum = 5,
                             .e_shstrndx = TLS_NAMES}};
    const uint64_t symbols = (count + 1) * sizeof(Elf64_Sym);
    o.section[TLS_BLOCK] = (Elf64_Shdr){.sh_name = name_at(OUTSIDE_SECTION),
                                        .sh_type = SHT_NOBITS,
                                        .sh_flags = SHF_ALLOC | SHF_WRITE | SHF_TLS,
                                        .sh_offset = sizeof o,
                                        .sh_size = 8 * count,
                                        .sh_addralign = 8};
    o.section[TLS_SYMBOLS] = (Elf64_Shdr){.sh_name = name_at(".symtab"),
                                          .sh_type = SHT_SYMTAB,
                                          .sh_offset = sizeof o,
                                          .sh_size = symbols,
                                          .sh_link = TLS_STRINGS,
                                          .sh_info = 1,
                                          .sh_addralign = 8,
                                          .sh_entsize = sizeof(Elf64_Sym)};
    o.section[TLS_STRINGS] = (Elf64_Shdr){.sh_name = name_at(".strtab"),
                                          .sh_type = SHT_STRTAB,
                                          .sh_offset = sizeof o + symbols,
                                          .sh_size = strings,
                                          .sh_addralign = 1};
    o.section[TLS_NAMES] = (Elf64_Shdr){.sh_name = name_at(".shstrtab"),
                                        .sh_type = SHT_STRTAB,
                                        .sh_offset = sizeof o + symbols + strings,
                                        .sh_size = sizeof names,
                                        .sh_addralign = 1};
    return o;
}

static bool wanted(const hy_link_job *job, size_t i) {
    return job->image->symbols[i].home == HY_RELOC_OUTSIDE && job->image->symbols[i].tls;
}

int hy_link_write_tls(const hy_link_job *job, FILE *out) {
    const hy_reloc_image *const image = job->image;
    uint64_t strings = 1, number = 0;
    for (size_t i = 0; i < image->symbol_count; i++)
        strings += wanted(job, i) ? strlen(image->symbols[i].name) + 1 : 0;
    const tls_object head = tls_head(job->tls_count, strings);
    const Elf64_Sym none = {0};
    fwrite(&head, sizeof head, 1, out);
    fwrite(&none, sizeof none, 1, out);
    uint32_t at = 1;
    for (size_t i = 0; i < image->symbol_count; i++) {
        if (!wanted(job, i))
            continue;
        const Elf64_Sym symbol = {.st_name = at,
                                  .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_TLS),
                                  .st_shndx = TLS_BLOCK,
                                  .st_value = 8 * number++,
                                  .st_size = 8};
        fwrite(&symbol, sizeof symbol, 1, out);
        at += (uint32_t)strlen(image->symbols[i].name) + 1;
    }
    fputc('\0', out);
    for (size_t i = 0; i < image->symbol_count; i++)
        if (wanted(job, i))
            fwrite(image->symbols[i].name, strlen(image->symbols[i].name) + 1, 1, out);
    fwrite(names, sizeof names, 1, out);
    return ferror(out) ? -EIO : 0;
}
