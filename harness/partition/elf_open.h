/* SPDX-License-Identifier: MIT
 *
 * elf_open.h - an ELF file, open for reading.
 */
#ifndef HY_ELF_OPEN_H
#define HY_ELF_OPEN_H

#include "error.h"

#include <gelf.h>
#include <stdint.h>

typedef struct hy_elf_file {
    int fd;
    uint64_t size;
    Elf *elf;
    GElf_Ehdr header;
} hy_elf_file;

/* 0 or -errno with the sentence; nothing to be closed then. */
int hy_elf_open(const char *path, hy_elf_file *ret, hy_error *error);
void hy_elf_close(hy_elf_file *file);

#endif
