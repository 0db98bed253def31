/* SPDX-License-Identifier: MIT
 *
 * partition_sizes.c - how large a program is guessed to be, and what it is granted.
 */
#include "partition_sizes.h"

#include "elf_size.h"
#include "exercise.h"

#include <elf.h>
#include <errno.h>
#include <unistd.h>

static void write_file(const char *path, const void *bytes, size_t size) {
    FILE *const out = fopen(path, "we");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(out);
}

typedef struct made_elf {
    Elf64_Ehdr header;
    Elf64_Phdr segment[3];
} made_elf;

static made_elf make_elf(void) {
    made_elf elf = {.header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                               .e_type = ET_DYN,
                               .e_machine = EM_X86_64,
                               .e_version = EV_CURRENT,
                               .e_ehsize = sizeof(Elf64_Ehdr),
                               .e_phoff = sizeof(Elf64_Ehdr),
                               .e_phentsize = sizeof(Elf64_Phdr),
                               .e_phnum = 3}};
    elf.segment[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_vaddr = 0x400010, .p_memsz = 0x1000, .p_align = 4096};
    elf.segment[1] = (Elf64_Phdr){.p_type = PT_LOAD, .p_vaddr = 0x404000, .p_memsz = 0x1, .p_align = 4096};
    elf.segment[2] = (Elf64_Phdr){.p_type = PT_GNU_STACK};
    return elf;
}

static int guess(const made_elf *elf, const hy_size_rule *rule, hy_elf_size *ret, hy_error *error) {
    char path[] = "/tmp/heapyard-partition-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    write_file(path, elf, sizeof *elf);
    const int r = hy_elf_size_guess(path, rule, ret, error);
    unlink(path);
    return r;
}

void a_guess_is_image_stack_and_heap(void **state) {
    (void)state;
    made_elf elf = make_elf();
    const hy_size_rule rule = {.stack = 1000, .heap = 500, .heap_share = 10};
    hy_elf_size size;
    hy_error error;
    assert_int_equal(guess(&elf, &rule, &size, &error), 0);
    assert_int_equal(size.file, sizeof elf);
    assert_int_equal(size.loadable, 0x2000 + 0x1000); /* 0x400010 to 0x401010 lies on two pages */
    assert_int_equal(size.span, 0x5000);
    assert_int_equal(size.stack, 1000);
    assert_int_equal(size.heap, 500 + 0x5000 / 100 * 10);
    assert_int_equal(size.guess, 0x5000 + size.stack + size.heap);
    assert_true(size.movable);
    assert_false(size.dynamic);
    elf.segment[2].p_memsz = 1 << 20; /* it asks for a stack of that size */
    elf.header.e_type = ET_EXEC;
    assert_int_equal(guess(&elf, &rule, &size, &error), 0);
    assert_int_equal(size.stack, 1 << 20);
    assert_false(size.movable);
}

void what_is_no_program_is_refused(void **state) {
    (void)state;
    made_elf elf = make_elf();
    hy_elf_size size;
    hy_error error;
    const hy_size_rule *const rule = &hy_size_rule_default;
    elf.segment[1].p_memsz = UINT64_MAX - 5;
    assert_true(guess(&elf, rule, &size, &error) < 0);
    assert_non_null(strstr(error.text, "segment 1 ends beyond all addresses"));
    elf.segment[0].p_memsz = elf.segment[1].p_memsz = 0;
    assert_true(guess(&elf, rule, &size, &error) < 0);
    assert_non_null(strstr(error.text, "no loadable segment"));
    elf.header.e_ident[0] = 'x';
    assert_true(guess(&elf, rule, &size, &error) < 0);
    assert_non_null(strstr(error.text, "is no ELF file"));
    assert_int_equal(hy_elf_size_guess("/", rule, &size, &error), -EINVAL);
    assert_int_equal(hy_elf_size_guess("/no/such/program", rule, &size, &error), -ENOENT);
}

void libraries_count_once_each(void **state) {
    (void)state;
    hy_size_rule rule = hy_size_rule_default;
    hy_elf_size alone, all;
    hy_error error;
    assert_int_equal(hy_elf_size_guess("/proc/self/exe", &rule, &alone, &error), 0);
    rule.libraries = true;
    assert_int_equal(hy_elf_size_guess("/proc/self/exe", &rule, &all, &error), 0);
    assert_int_equal(alone.library_count, 0);
    assert_true(all.library_count >= 1); /* the C library */
    assert_int_equal(all.missing_libraries, 0);
    assert_int_equal(all.guess, alone.guess + all.libraries);
}

void a_grant_lies_between_minimum_and_preferred(void **state) {
    (void)state;
    const uint64_t kib = 1024;
    assert_int_equal(hy_size_grant(2048 * kib, 4096 * kib, 1800 * kib), 0);
    assert_int_equal(hy_size_grant(2048 * kib, 4096 * kib, 2048 * kib), 2048 * kib);
    assert_int_equal(hy_size_grant(2048 * kib, 4096 * kib, 3000 * kib), 3000 * kib);
    assert_int_equal(hy_size_grant(2048 * kib, 4096 * kib, 8000 * kib), 4096 * kib);
}
