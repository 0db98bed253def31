/* SPDX-License-Identifier: MIT
 *
 * fuzz_partition.c - what `heapyard partition` reads: any bytes are refused with a sentence, or are a program with a
 * size that is the sum of its parts; and any bytes are refused with a sentence, or are a list of commands.
 */
#include "elf_size.h"
#include "executables.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int is) {
    if (!is)
        abort();
}

static void guess(const uint8_t *data, size_t size) {
    char path[64];
    hy_error error = {""};
    hy_elf_size elf;
    const hy_size_rule rule = {.stack = 10, .heap = 20, .heap_share = 30, .libraries = true};
    const int fd = memfd_create("fuzz", MFD_CLOEXEC);
    expect(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (hy_elf_size_guess(path, &rule, &elf, &error) < 0)
        expect(error.text[0] != '\0');
    else
        expect(elf.loadable > 0 && elf.span > 0 && elf.file == size && elf.guess >= elf.span + elf.libraries);
    close(fd);
}

static void read_list(const uint8_t *data, size_t size) {
    hy_error error = {""};
    hy_run_list list;
    if (hy_run_list_parse((const char *)data, size, "fuzz", &list, &error) < 0) {
        expect(error.text[0] != '\0');
        return;
    }
    expect(list.count > 0);
    for (size_t i = 0; i < list.count; i++)
        expect(list.argv[i][0] && list.argv[i][0][0] != '#');
    hy_run_list_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    guess(data, size);
    read_list(data, size);
    return 0;
}
