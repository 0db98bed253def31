/* SPDX-License-Identifier: MIT
 *
 * page_waste.c - what programs lose in the first and last pages of their loadable segments (see shuffle.h).
 */
#include "shuffle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PAGE ((uint64_t)4096)

static void add_segment(hy_shuffle_waste *waste, const GElf_Phdr *segment) {
    const uint64_t start = segment->p_vaddr & ~(PAGE - 1);
    const uint64_t end = (segment->p_vaddr + segment->p_memsz + PAGE - 1) & ~(PAGE - 1);
    waste->segments++;
    waste->bytes += segment->p_memsz;
    waste->page_bytes += end - start;
}

static bool add_program(hy_shuffle_waste *waste, Elf *elf) {
    size_t count = 0;
    if (elf_kind(elf) != ELF_K_ELF || elf_getphdrnum(elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (gelf_getphdr(elf, (int)i, &segment) && segment.p_type == PT_LOAD && segment.p_memsz < UINT32_MAX)
            add_segment(waste, &segment);
    }
    return count > 0;
}

static void add_file(hy_shuffle_waste *waste, int folder, const char *name) {
    const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    Elf *const elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
    waste->programs += elf && add_program(waste, elf);
    elf_end(elf);
    if (fd >= 0)
        close(fd);
}

int hy_shuffle_waste_of(const char *folder, hy_shuffle_waste *ret_waste, hy_error *error) {
    DIR *const dir = opendir(folder);
    *ret_waste = (hy_shuffle_waste){0};
    if (!dir)
        return hy_fail(error, -errno, "%s: %s", folder, strerror(errno));
    elf_version(EV_CURRENT);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
        add_file(ret_waste, dirfd(dir), entry->d_name);
    closedir(dir);
    return 0;
}
