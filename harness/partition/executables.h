/* SPDX-License-Identifier: MIT
 *
 * executables.h - many programs at once: every ELF file of some folders with its size guess, and commands to be run.
 */
#ifndef HY_EXECUTABLES_H
#define HY_EXECUTABLES_H

#include "elf_size.h"

#include <stddef.h>

typedef struct hy_found {
    char *path;
    hy_elf_size size;
} hy_found;

typedef struct hy_executables {
    hy_found *found; /* in the order of the paths given; a folder's by name */
    size_t count, room;
    size_t others; /* files of folders that are no programs */
} hy_executables;

/* A file must be a program; of a folder (but not of those in it) all that are count, symbolic links left out.  0 or
 * -errno with the sentence. */
int hy_executables_find(hy_executables *programs, const char *path, const hy_size_rule *rule, hy_error *error);
void hy_executables_free(hy_executables *programs);

/* Commands to run, a line each, words parted by blanks; a line that starts with # is left out. */
typedef struct hy_run_list {
    char *text;
    char ***argv; /* each ends with NULL; they point into text */
    size_t count;
} hy_run_list;

#define HY_RUN_WORDS 64        /* of a command */
#define HY_RUN_LINES 10000     /* of a list */
#define HY_RUN_SIZE (1u << 20) /* bytes of a list */

/* 0 or -EINVAL with the sentence, which says the line. */
int hy_run_list_parse(const char *text, size_t size, const char *name, hy_run_list *ret, hy_error *error);
void hy_run_list_free(hy_run_list *list);

#endif
