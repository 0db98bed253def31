/* SPDX-License-Identifier: MIT
 *
 * library_sizes.c - see library_sizes.h.
 */
#include "library_sizes.h"

#include "smaps.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int sizes_named(const struct dirent *entry) {
    return entry->d_type == DT_REG && strstr(entry->d_name, ".so") != NULL; /* symbolic links would count twice */
}

/* From the first to the last byte that is loaded; 0: not a shared library. */
static uint64_t sizes_of_elf(Elf *elf) {
    GElf_Ehdr head;
    size_t count = 0;
    uint64_t from = UINT64_MAX, to = 0;
    if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &head) || head.e_type != ET_DYN)
        return 0;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr part;
        if (!gelf_getphdr(elf, (int)i, &part) || part.p_type != PT_LOAD)
            continue;
        from = part.p_vaddr < from ? part.p_vaddr : from;
        to = part.p_vaddr + part.p_memsz > to ? part.p_vaddr + part.p_memsz : to;
    }
    return to > from ? to - from : 0;
}

static uint64_t sizes_of_file(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    Elf *const elf = elf_begin(fd, ELF_C_READ, NULL);
    const uint64_t size = elf ? sizes_of_elf(elf) : 0;
    elf_end(elf);
    close(fd);
    return size;
}

int hy_library_sizes(const char *folder, uint64_t **ret_sizes, size_t *ret_count, hy_error *error) {
    struct dirent **entry;
    const int found = scandir(folder, &entry, sizes_named, alphasort);
    if (found < 0)
        return hy_fail(error, -errno, "%s: %s", folder, strerror(errno));
    uint64_t *const sizes = calloc((size_t)found + 1, sizeof *sizes);
    size_t count = 0;
    if (!sizes)
        abort();
    elf_version(EV_CURRENT);
    for (int i = 0; i < found; i++) {
        const uint64_t size = sizes_of_file(folder, entry[i]->d_name);
        if (size > 0)
            sizes[count++] = size;
        free(entry[i]);
    }
    free(entry);
    *ret_sizes = sizes;
    *ret_count = count;
    return 0;
}

int hy_library_folder(char *ret, size_t size, hy_error *error) {
    hy_smaps smaps;
    int r = hy_smaps_read(getpid(), &smaps, error);
    if (r < 0)
        return r;
    const hy_mapping *const libc = hy_smaps_at(&smaps, (uintptr_t)&getpid);
    if (libc && libc->path[0] == '/')
        snprintf(ret, size, "%s", dirname(libc->path));
    else
        r = hy_fail(error, -ENOENT, "this program's libc is in no file of its own");
    hy_smaps_free(&smaps);
    return r;
}
