/* SPDX-License-Identifier: MIT
 *
 * elf_open.c - see elf_open.h.
 */
#include "elf_open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_header(hy_elf_file *file, const char *path, hy_error *error) {
    elf_version(EV_CURRENT);
    file->elf = elf_begin(file->fd, ELF_C_READ_MMAP, NULL);
    if (!file->elf || elf_kind(file->elf) != ELF_K_ELF || !gelf_getehdr(file->elf, &file->header)) {
        elf_end(file->elf);
        return hy_fail(error, -ENOEXEC, "%s is no ELF file", path);
    }
    return 0;
}

int hy_elf_open(const char *path, hy_elf_file *ret, hy_error *error) {
    struct stat st;
    hy_elf_file file = {.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0)
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    int r = 0;
    if (fstat(file.fd, &st) < 0 || !S_ISREG(st.st_mode))
        r = hy_fail(error, -EINVAL, "%s is no file; expected a program", path);
    else
        r = read_header(&file, path, error);
    if (r < 0) {
        close(file.fd);
        return r;
    }
    file.size = (uint64_t)st.st_size;
    *ret = file;
    return 0;
}

void hy_elf_close(hy_elf_file *file) {
    elf_end(file->elf);
    close(file->fd);
}
