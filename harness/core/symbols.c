/* SPDX-License-Identifier: MIT
 *
 * symbols.c - the dynamic symbol table and the name of a shared object (see symbols.h).  Every offset of the file is
 * untrusted.
 */
#include "symbols.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct file_view {
    const char *at;
    size_t size;
} file_view;

/* `count` items of `width` bytes at `offset`, or NULL if they are not all inside the file. */
static const void *view_array(file_view file, uint64_t offset, uint64_t count, size_t width) {
    if (offset > file.size || count > (file.size - offset) / width || offset % 8 != 0)
        return NULL;
    return file.at + offset;
}

static file_view view_section(file_view file, const Elf64_Shdr *section) {
    if (section->sh_offset > file.size || section->sh_size > file.size - section->sh_offset)
        return (file_view){"", 0};
    return (file_view){file.at + section->sh_offset, section->sh_size};
}

static bool name_is(file_view strings, uint32_t offset, const char *name) {
    const size_t size = strlen(name) + 1;
    return offset < strings.size && size <= strings.size - offset && memcmp(strings.at + offset, name, size) == 0;
}

static void mark_symbols(const Elf64_Sym *symbols, size_t count, file_view strings, const char *const *names,
                         bool *ret) {
    for (size_t i = 0; i < count; i++) {
        const unsigned type = ELF64_ST_TYPE(symbols[i].st_info);
        if (symbols[i].st_shndx == SHN_UNDEF || type == STT_TLS)
            continue;
        for (size_t n = 0; names[n]; n++)
            ret[n] |= name_is(strings, symbols[i].st_name, names[n]);
    }
}

static const Elf64_Ehdr *view_head(const char *path, file_view file, hy_error *error) {
    const Elf64_Ehdr *const head = view_array(file, 0, 1, sizeof *head);
    if (head && memcmp(head->e_ident, ELFMAG, SELFMAG) == 0 && head->e_ident[EI_CLASS] == ELFCLASS64 &&
        head->e_ident[EI_DATA] == ELFDATA2LSB && head->e_type == ET_DYN)
        return head;
    hy_fail(error, -ENOEXEC,
            head && memcmp(head->e_ident, ELFMAG, SELFMAG) == 0 ? "%s is no shared object of this machine"
                                                                : "%s is no ELF file; expected a shared object",
            path);
    return NULL;
}

static int read_symbols(const char *path, file_view file, const char *const *names, bool *ret, hy_error *error) {
    const Elf64_Ehdr *const head = view_head(path, file, error);
    if (!head)
        return -ENOEXEC;
    const Elf64_Shdr *const sections = view_array(file, head->e_shoff, head->e_shnum, sizeof *sections);
    for (size_t i = 0; sections && i < head->e_shnum; i++) {
        if (sections[i].sh_type != SHT_DYNSYM || sections[i].sh_link >= head->e_shnum)
            continue;
        const size_t count = sections[i].sh_size / sizeof(Elf64_Sym);
        const Elf64_Sym *const symbols = view_array(file, sections[i].sh_offset, count, sizeof *symbols);
        if (!symbols)
            break;
        mark_symbols(symbols, count, view_section(file, &sections[sections[i].sh_link]), names, ret);
        return 0;
    }
    return hy_fail(error, -ENOEXEC, "%s has no readable table of dynamic symbols", path);
}

/* The file's contents, to be unmapped.  0 or -errno with the sentence. */
static int map_file(const char *path, file_view *ret_file, hy_error *error) {
    struct stat status;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return hy_fail(error, -errno, "cannot open %s: %s", path, strerror(errno));
    const bool readable = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
    void *const at = readable ? mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
    close(file);
    if (at == MAP_FAILED)
        return hy_fail(error, -ENOEXEC, "%s is no file with contents; expected a shared object", path);
    *ret_file = (file_view){at, (size_t)status.st_size};
    return 0;
}

int hy_file_exports(const char *path, const char *const *names, bool *ret, hy_error *error) {
    file_view file;
    int r = map_file(path, &file, error);
    if (r < 0)
        return r;
    for (size_t i = 0; names[i]; i++)
        ret[i] = false;
    r = read_symbols(path, file, names, ret, error);
    munmap((void *)(uintptr_t)file.at, file.size);
    return r;
}

/* ------------------------------------------------------------------------------------------------------ its name ----
 */

/* A text that ends within `strings`, or "". */
static const char *view_text(file_view strings, uint64_t offset) {
    return offset < strings.size && memchr(strings.at + offset, 0, strings.size - offset) ? strings.at + offset : "";
}

static const char *read_soname(file_view file) {
    const Elf64_Ehdr *const head = view_head("", file, NULL);
    const Elf64_Shdr *const sections = head ? view_array(file, head->e_shoff, head->e_shnum, sizeof *sections) : NULL;
    for (size_t i = 0; sections && i < head->e_shnum; i++) {
        if (sections[i].sh_type != SHT_DYNAMIC || sections[i].sh_link >= head->e_shnum)
            continue;
        const size_t count = sections[i].sh_size / sizeof(Elf64_Dyn);
        const Elf64_Dyn *const entry = view_array(file, sections[i].sh_offset, count, sizeof *entry);
        for (size_t k = 0; entry && k < count && entry[k].d_tag != DT_NULL; k++)
            if (entry[k].d_tag == DT_SONAME)
                return view_text(view_section(file, &sections[sections[i].sh_link]), entry[k].d_un.d_val);
    }
    return "";
}

void hy_file_soname(const char *path, char *ret, size_t room) {
    file_view file;
    ret[0] = '\0';
    if (map_file(path, &file, NULL) < 0)
        return;
    snprintf(ret, room, "%s", read_soname(file));
    munmap((void *)(uintptr_t)file.at, file.size);
}
