/* SPDX-License-Identifier: MIT
 *
 * textrel.h - one library built position-independent, and built with absolute addresses in its code that the loader
 * has to write: what each process must have for itself.
 *
 *   1. From the file: the dynamic relocations, and the pages that they write to.
 *   2. N processes load it, each at a base of its own, call it, and stand still.
 *   3. From the kernel: of the library's mappings, the bytes that the process has for itself.
 *
 * A page that the loader writes to is copied, so as many pages of code are private as have a relocation in them.  The
 * loader makes code writable for that and executable again afterwards; systems that forbid it refuse such libraries.
 */
#ifndef HY_TEXTREL_H
#define HY_TEXTREL_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HY_SPANS = 8 };

typedef struct hy_span {
    uint64_t from, to;
} hy_span;

typedef struct hy_relocated {
    bool has_textrel;                         /* the file says so */
    size_t relocations, in_code;              /* that the loader applies; of them in what is not writable */
    size_t code_bytes, code_pages, hit_pages; /* not writable; of them with a relocation */
    hy_span code[HY_SPANS];                   /* the loaded parts that the file does not let be written to */
    size_t spans;
} hy_relocated;

/* 0 or -errno with the sentence. */
int hy_relocated_read(const char *path, hy_relocated *ret_file, hy_error *error);

typedef struct hy_lodger {
    uint64_t base;
    size_t code_private, data_private; /* bytes that this process has for itself */
    size_t code_shared;                /* still as in the file */
    uint64_t answer;
} hy_lodger;

enum { HY_LODGERS_MOST = 64 };

/* `count` processes at the same time.  0 or -errno with the sentence. */
int hy_lodgers_measure(const char *path, const hy_relocated *file, size_t count, hy_lodger *ret_lodgers,
                       hy_error *error);

#endif
