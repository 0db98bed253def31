/* SPDX-License-Identifier: MIT
 *
 * link_inside.h - what the files around GNU ld share (linker.h is for everyone else).
 */
#ifndef HY_LINK_INSIDE_H
#define HY_LINK_INSIDE_H

#include "image_inside.h"
#include "linker.h"
#include "paths.h"

#include <stdio.h>

struct hy_linker {
    char program[HY_PATH_SIZE];
    char version[128];
    char folder[64];
};

/* Where everything lies at one base. */
typedef struct hy_link_job {
    hy_reloc_image *image;
    uint64_t base;
    uint64_t *outside; /* addresses, one a symbol of the image; 0: it is not outside */
    hy_rel_names names;
    uint64_t tls_outside; /* address of the second object's thread-local block */
    uint64_t tls_count;   /* symbols in it, 8 bytes each */
    uint64_t thread_pointer;
} hy_link_job;

/* link_place.c: draws a base and the addresses of what is outside. */
int hy_link_place(hy_link_job *job, uint64_t seed, uint64_t number, uint64_t base, hy_error *error);
bool hy_link_resolve(void *job, const char *name, bool tls, uint64_t *ret_address);

/* link_script.c: the script; the second object (thread-local symbols, in the order of the image's). */
int hy_link_write_script(const hy_link_job *job, FILE *out, hy_error *error);
int hy_link_write_tls(const hy_link_job *job, FILE *out);

/* Whether a section's bytes are compared (the script leaves the others out). */
bool hy_link_compared(const hy_reloc_section *section);

/* link_compare.c: the linked file against the image.  0 or -errno; differences are no error. */
int hy_link_check(hy_link_job *job, const char *path, hy_link_result *result, hy_error *error);

#endif
