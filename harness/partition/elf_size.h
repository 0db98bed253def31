/* SPDX-License-Identifier: MIT
 *
 * elf_size.h - how much memory a program will want, guessed from its file before it runs.
 *
 * That is what an operating system with contiguous memory must do: whoever guesses too little stops a program that
 * could have run, whoever guesses too much wastes memory for as long as it runs.
 */
#ifndef HY_ELF_SIZE_H
#define HY_ELF_SIZE_H

#include "error.h"
#include "grant.h"

#include <stdbool.h>
#include <stdint.h>

/* What is added to what the file says; all bytes. */
typedef struct hy_size_rule {
    uint64_t stack;      /* unless the file asks for a size (PT_GNU_STACK) */
    uint64_t heap;       /* for every program */
    uint64_t heap_share; /* and so many per cent of the loadable bytes */
    bool libraries;      /* the libraries that it names, and those that these name, count too */
} hy_size_rule;

/* 132 KiB of stack, as the kernel gives to begin with; 132 KiB of heap, which is what malloc asks for first. */
extern const hy_size_rule hy_size_rule_default;

typedef struct hy_elf_size {
    uint64_t file;      /* bytes of the file */
    uint64_t loadable;  /* of its PT_LOAD segments in memory, each in whole pages */
    uint64_t span;      /* from the lowest to the highest address of them */
    uint64_t libraries; /* loadable bytes of its libraries, if the rule counts them */
    unsigned library_count, missing_libraries;
    uint64_t stack, heap;
    uint64_t guess; /* the larger of loadable and span, with libraries, stack and heap */
    bool dynamic;   /* has an interpreter */
    bool movable;   /* ET_DYN: may be loaded at any address */
} hy_elf_size;

/* Reads an ELF program or library of this machine's class or another.  0 or -errno with the sentence: no such file, no
 * ELF file, nothing loadable in it (an object file), segments that make no sense. */
int hy_elf_size_guess(const char *path, const hy_size_rule *rule, hy_elf_size *ret, hy_error *error);

#endif
