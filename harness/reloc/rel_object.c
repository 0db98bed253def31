/* SPDX-License-Identifier: MIT
 *
 * rel_object.c - see rel_object.h.  Of the checks libelf makes those on where tables and contents lie in the file; what
 * they say is checked here.
 */
#include "rel_object.h"

#include "rel_kind.h"

#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

bool hy_rel_loads(const hy_rel_section *section) {
    return (section->flags & SHF_ALLOC) != 0;
}

static const char *last_word(void) {
    const char *const word = elf_errmsg(-1);
    return word ? word : "damaged";
}

/* ---------------------------------------------------------------------------------------------------- sections ---- */

static int check_section(const hy_rel_object *o, const hy_rel_section *s, size_t index, hy_error *error) {
    if (s->align & (s->align - 1))
        return hy_fail(error, -EINVAL, "%s: %s: alignment %#jx; expected a power of two", o->name, s->name,
                       (uintmax_t)s->align);
    if (!hy_rel_loads(s))
        return 0;
    if (s->align > HY_REL_ALIGN_LIMIT)
        return hy_fail(error, -EINVAL, "%s: %s: alignment %#jx; at most %#jx is supported", o->name, s->name,
                       (uintmax_t)s->align, (uintmax_t)HY_REL_ALIGN_LIMIT);
    if (s->size > HY_REL_SIZE_LIMIT)
        return hy_fail(error, -EFBIG, "%s: %s: %ju bytes; at most 1 GiB is supported", o->name, s->name,
                       (uintmax_t)s->size);
    if (s->flags & SHF_COMPRESSED)
        return hy_fail(error, -ENOTSUP, "%s: %s: section %zu is compressed and loaded; that is not supported", o->name,
                       s->name, index);
    return 0;
}

static int read_section(hy_rel_object *o, Elf_Scn *scn, size_t names, hy_error *error) {
    const size_t index = elf_ndxscn(scn);
    GElf_Shdr head;
    if (index >= o->section_count || !gelf_getshdr(scn, &head))
        return hy_fail(error, -EINVAL, "%s: section %zu: no readable header", o->name, index);
    hy_rel_section *const s = &o->sections[index];
    s->name = elf_strptr(o->elf, names, head.sh_name);
    if (!s->name)
        return hy_fail(error, -EINVAL, "%s: section %zu: its name lies outside of the table of names", o->name, index);
    s->size = head.sh_size;
    s->align = head.sh_addralign ? head.sh_addralign : 1;
    s->flags = head.sh_flags;
    s->entry_size = head.sh_entsize;
    s->type = head.sh_type;
    if (head.sh_type != SHT_NOBITS && head.sh_type != SHT_NULL && head.sh_size > 0) {
        const Elf_Data *const data = elf_getdata(scn, NULL);
        if (!data || !data->d_buf || data->d_size != head.sh_size)
            return hy_fail(error, -EINVAL, "%s: %s: %ju bytes at %#jx are not all in the file", o->name, s->name,
                           (uintmax_t)head.sh_size, (uintmax_t)head.sh_offset);
        s->contents = data->d_buf;
    }
    return check_section(o, s, index, error);
}

static int read_sections(hy_rel_object *o, hy_error *error) {
    size_t count, names;
    if (elf_getshdrnum(o->elf, &count) < 0 || elf_getshdrstrndx(o->elf, &names) < 0)
        return hy_fail(error, -EINVAL, "%s: no readable table of sections: %s", o->name, last_word());
    o->sections = calloc(count + 1, sizeof *o->sections);
    if (!o->sections)
        return hy_fail(error, -ENOMEM, "%s: no memory for %zu sections", o->name, count);
    o->section_count = count;
    for (size_t i = 0; i < count; i++)
        o->sections[i].name = "", o->sections[i].align = 1;
    for (Elf_Scn *scn = elf_nextscn(o->elf, NULL); scn; scn = elf_nextscn(o->elf, scn)) {
        const int r = read_section(o, scn, names, error);
        if (r < 0)
            return r;
    }
    return 0;
}

/* ----------------------------------------------------------------------------------------------------- symbols ---- */

static int place_symbol(hy_rel_object *o, size_t index, const GElf_Sym *sym, Elf32_Word extended, hy_error *error) {
    hy_rel_symbol *const s = &o->symbols[index];
    const uint32_t section = sym->st_shndx == SHN_XINDEX ? extended : sym->st_shndx;
    if (sym->st_shndx == SHN_UNDEF)
        return s->home = HY_REL_UNDEFINED, 0;
    if (sym->st_shndx == SHN_ABS)
        return s->home = HY_REL_ABSOLUTE, 0;
    if (sym->st_shndx == SHN_COMMON) {
        s->home = HY_REL_COMMON;
        if (s->value == 0 || s->value & (s->value - 1) || s->value > HY_REL_ALIGN_LIMIT || s->size > HY_REL_SIZE_LIMIT)
            return hy_fail(error, -EINVAL, "%s: symbol %zu (%s): %ju common bytes at alignment %#jx", o->name, index,
                           s->name, (uintmax_t)s->size, (uintmax_t)s->value);
        return 0;
    }
    if (section >= o->section_count || (sym->st_shndx >= SHN_LORESERVE && sym->st_shndx != SHN_XINDEX))
        return hy_fail(error, -EINVAL, "%s: symbol %zu (%s): section %u of %zu", o->name, index, s->name, section,
                       o->section_count);
    s->home = HY_REL_SECTION;
    s->section = section;
    if (s->value > o->sections[section].size && hy_rel_loads(&o->sections[section]))
        return hy_fail(error, -EINVAL, "%s: symbol %zu (%s): value %#jx lies behind the end of %s", o->name, index,
                       s->name, (uintmax_t)s->value, o->sections[section].name);
    if (s->type == STT_SECTION)
        s->name = o->sections[section].name;
    return 0;
}

static int read_symbol(hy_rel_object *o, Elf_Data *data, Elf_Data *extended, size_t names, size_t index,
                       hy_error *error) {
    GElf_Sym sym;
    Elf32_Word section = 0;
    hy_rel_symbol *const s = &o->symbols[index];
    if (!gelf_getsymshndx(data, extended, (int)index, &sym, &section))
        return hy_fail(error, -EINVAL, "%s: symbol %zu: not readable", o->name, index);
    s->name = elf_strptr(o->elf, names, sym.st_name);
    if (!s->name)
        return hy_fail(error, -EINVAL, "%s: symbol %zu: its name lies outside of the table of names", o->name, index);
    s->value = sym.st_value;
    s->size = sym.st_size;
    s->type = GELF_ST_TYPE(sym.st_info);
    s->binding = GELF_ST_BIND(sym.st_info);
    if (s->binding != STB_LOCAL && s->name[0] == '\0')
        return hy_fail(error, -EINVAL, "%s: symbol %zu: global, but without a name", o->name, index);
    return place_symbol(o, index, &sym, section, error);
}

static Elf_Data *extended_indices(hy_rel_object *o, size_t table) {
    for (Elf_Scn *scn = elf_nextscn(o->elf, NULL); scn; scn = elf_nextscn(o->elf, scn)) {
        GElf_Shdr head;
        if (gelf_getshdr(scn, &head) && head.sh_type == SHT_SYMTAB_SHNDX && head.sh_link == table)
            return elf_getdata(scn, NULL);
    }
    return NULL;
}

/* The one table of symbols; *ret_table is its section, 0: there is none. */
static int read_symbols(hy_rel_object *o, size_t *ret_table, hy_error *error) {
    *ret_table = 0;
    for (size_t i = 1; i < o->section_count; i++)
        if (o->sections[i].type == SHT_SYMTAB) {
            if (*ret_table)
                return hy_fail(error, -EINVAL, "%s: two tables of symbols, sections %zu and %zu", o->name, *ret_table,
                               i);
            *ret_table = i;
        }
    if (*ret_table == 0)
        return 0;
    Elf_Scn *const scn = elf_getscn(o->elf, *ret_table);
    Elf_Data *const data = elf_getdata(scn, NULL);
    GElf_Shdr head;
    if (!data || !data->d_buf || !gelf_getshdr(scn, &head) || data->d_type != ELF_T_SYM)
        return hy_fail(error, -EINVAL, "%s: no readable table of symbols", o->name);
    Elf_Data *const extended = extended_indices(o, *ret_table);
    const size_t count = data->d_size / sizeof(Elf64_Sym);
    o->symbols = calloc(count + 1, sizeof *o->symbols);
    if (!o->symbols)
        return hy_fail(error, -ENOMEM, "%s: no memory for %zu symbols", o->name, count);
    o->symbol_count = count;
    for (size_t i = 0; i < count; i++)
        o->symbols[i].name = "";
    for (size_t i = 1; i < count; i++) {
        const int r = read_symbol(o, data, extended, head.sh_link, i, error);
        if (r < 0)
            return r;
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------------------ groups ---- */

static Elf32_Word word_of(const hy_rel_section *section, size_t index) {
    Elf32_Word word;
    memcpy(&word, section->contents + index * sizeof word, sizeof word);
    return word;
}

static int read_group(hy_rel_object *o, Elf_Scn *scn, const GElf_Shdr *head, hy_error *error) {
    const hy_rel_section *const self = &o->sections[elf_ndxscn(scn)];
    if (!self->contents || self->size % sizeof(Elf32_Word) != 0 || head->sh_info >= o->symbol_count)
        return hy_fail(error, -EINVAL, "%s: %s: no list of sections with a symbol that names it", o->name, self->name);
    if (!(word_of(self, 0) & GRP_COMDAT))
        return 0;
    o->groups[o->group_count++] = o->symbols[head->sh_info].name;
    for (size_t i = 1; i < self->size / sizeof(Elf32_Word); i++) {
        const Elf32_Word member = word_of(self, i);
        if (member >= o->section_count)
            return hy_fail(error, -EINVAL, "%s: %s: section %u of %zu", o->name, self->name, member, o->section_count);
        o->sections[member].group = (uint32_t)o->group_count;
    }
    return 0;
}

static int read_groups(hy_rel_object *o, hy_error *error) {
    o->groups = calloc(o->section_count + 1, sizeof *o->groups);
    if (!o->groups)
        return hy_fail(error, -ENOMEM, "%s: no memory for its groups", o->name);
    for (Elf_Scn *scn = elf_nextscn(o->elf, NULL); scn; scn = elf_nextscn(o->elf, scn)) {
        GElf_Shdr head;
        if (!gelf_getshdr(scn, &head) || head.sh_type != SHT_GROUP)
            continue;
        const int r = read_group(o, scn, &head, error);
        if (r < 0)
            return r;
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------------- relocations ---- */

static int check_relocation(const hy_rel_object *o, const hy_rel_relocation *r, hy_error *error) {
    const hy_rel_section *const s = &o->sections[r->section];
    const hy_rel_kind *const kind = hy_rel_kind_of(r->type);
    if (!kind || kind->dynamic)
        return hy_fail(error, -EINVAL, "%s: %s: %#jx: relocation type %u is none of an x86-64 object", o->name, s->name,
                       (uintmax_t)r->offset, r->type);
    if (r->symbol >= o->symbol_count)
        return hy_fail(error, -EINVAL, "%s: %s: %#jx: symbol %u of %zu", o->name, s->name, (uintmax_t)r->offset,
                       r->symbol, o->symbol_count);
    if (!hy_rel_loads(s))
        return 0; /* nobody writes there, and it may be compressed */
    if (r->offset > s->size || kind->width > s->size - r->offset)
        return hy_fail(error, -EINVAL, "%s: %s: %#jx: %s of %u bytes in a section of %ju", o->name, s->name,
                       (uintmax_t)r->offset, kind->name, kind->width, (uintmax_t)s->size);
    if (kind->width > 0 && !s->contents)
        return hy_fail(error, -EINVAL, "%s: %s: %#jx: %s in a section without contents", o->name, s->name,
                       (uintmax_t)r->offset, kind->name);
    return 0;
}

static int read_table(hy_rel_object *o, Elf_Scn *scn, const GElf_Shdr *head, hy_error *error) {
    Elf_Data *const data = elf_getdata(scn, NULL);
    const hy_rel_section *const self = &o->sections[elf_ndxscn(scn)];
    if (head->sh_info == 0 || head->sh_info >= o->section_count)
        return hy_fail(error, -EINVAL, "%s: %s: relocates section %u of %zu", o->name, self->name, head->sh_info,
                       o->section_count);
    const size_t count = data && data->d_buf ? data->d_size / sizeof(Elf64_Rela) : 0;
    hy_rel_relocation *const more = realloc(o->relocations, (o->relocation_count + count + 1) * sizeof *more);
    if (!more)
        return hy_fail(error, -ENOMEM, "%s: no memory for %zu relocations", o->name, count);
    o->relocations = more;
    for (size_t i = 0; i < count; i++) {
        GElf_Rela rela;
        if (!gelf_getrela(data, (int)i, &rela))
            return hy_fail(error, -EINVAL, "%s: %s: entry %zu: not readable", o->name, self->name, i);
        hy_rel_relocation *const to = &more[o->relocation_count++];
        *to = (hy_rel_relocation){rela.r_offset, rela.r_addend, head->sh_info, (uint32_t)GELF_R_TYPE(rela.r_info),
                                  (uint32_t)GELF_R_SYM(rela.r_info)};
        const int r = check_relocation(o, to, error);
        if (r < 0)
            return r;
    }
    return 0;
}

static int read_relocations(hy_rel_object *o, size_t symbols, hy_error *error) {
    for (Elf_Scn *scn = elf_nextscn(o->elf, NULL); scn; scn = elf_nextscn(o->elf, scn)) {
        GElf_Shdr head;
        if (!gelf_getshdr(scn, &head) || (head.sh_type != SHT_RELA && head.sh_type != SHT_REL) || head.sh_size == 0)
            continue;
        const char *const name = o->sections[elf_ndxscn(scn)].name;
        if (head.sh_type == SHT_REL)
            return hy_fail(error, -ENOTSUP, "%s: %s: relocations without addends; x86-64 has them with", o->name, name);
        if (head.sh_link != symbols || symbols == 0)
            return hy_fail(error, -EINVAL, "%s: %s: names section %u as its symbols; expected %zu", o->name, name,
                           head.sh_link, symbols);
        const int r = read_table(o, scn, &head, error);
        if (r < 0)
            return r;
    }
    return 0;
}

/* -------------------------------------------------------------------------------------------------- the object ---- */

static int check_head(const hy_rel_object *o, hy_error *error) {
    GElf_Ehdr head;
    if (elf_kind(o->elf) != ELF_K_ELF || !gelf_getehdr(o->elf, &head))
        return hy_fail(error, -ENOEXEC, "%s is no ELF file; expected a relocatable object (.o) or an archive (.a)",
                       o->name);
    if (head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_ident[EI_DATA] != ELFDATA2LSB || head.e_machine != EM_X86_64)
        return hy_fail(error, -ENOEXEC, "%s is not for x86-64 (class %u, machine %u)", o->name, head.e_ident[EI_CLASS],
                       head.e_machine);
    if (head.e_type != ET_REL)
        return hy_fail(error, -ENOEXEC, "%s is no relocatable object but %s", o->name,
                       head.e_type == ET_EXEC  ? "an executable at a fixed address"
                       : head.e_type == ET_DYN ? "a shared object or a PIE"
                                               : "of another type");
    return 0;
}

static int read_all(hy_rel_object *o, size_t size, hy_error *error) {
    o->elf = elf_memory(o->bytes, size);
    if (!o->elf)
        return hy_fail(error, -ENOEXEC, "%s is no ELF file: %s", o->name, last_word());
    size_t symbols;
    int r = check_head(o, error);
    r = r < 0 ? r : read_sections(o, error);
    r = r < 0 ? r : read_symbols(o, &symbols, error);
    r = r < 0 ? r : read_groups(o, error);
    return r < 0 ? r : read_relocations(o, symbols, error);
}

int hy_rel_object_read(const char *name, const void *bytes, size_t size, hy_rel_object **ret_object, hy_error *error) {
    elf_version(EV_CURRENT);
    hy_rel_object *const o = calloc(1, sizeof *o);
    if (!o || !(o->name = strdup(name)) || !(o->bytes = malloc(size + 1))) {
        hy_rel_object_free(o);
        return hy_fail(error, -ENOMEM, "%s: no memory for its %zu bytes", name, size);
    }
    memcpy(o->bytes, bytes, size);
    const int r = read_all(o, size, error);
    if (r < 0)
        hy_rel_object_free(o);
    else
        *ret_object = o;
    return r;
}

void hy_rel_object_free(hy_rel_object *o) {
    if (!o)
        return;
    if (o->elf)
        elf_end(o->elf);
    free(o->relocations);
    free(o->groups);
    free(o->symbols);
    free(o->sections);
    free(o->bytes);
    free(o->name);
    free(o);
}
