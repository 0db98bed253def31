/* SPDX-License-Identifier: MIT
 *
 * survey.h - every library that is mapped by a running process now, and what sharing it saves.
 *
 *   1. A library is a file with a mapping that may be executed, other than the process's own program.
 *   2. Its RSS is added up over all processes: what there would be if each had a copy.  Its PSS is what there is.
 *   3. What a process wrote of it (relocated tables, its data) is not shared, and is counted apart.
 *
 * Only processes that we may look at are in it: those of the same user, or all for root.
 */
#ifndef HY_SURVEY_H
#define HY_SURVEY_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

typedef struct hy_library {
    uint64_t inode;
    char *path;
    size_t processes;
    size_t mapped;         /* bytes of its mappings, in one process */
    size_t rss, pss;       /* of pages still as in the file, over all processes */
    size_t own;            /* written: each process has its own */
    uint64_t last_process; /* for counting */
} hy_library;

typedef struct hy_survey {
    hy_library *library; /* what saves most first */
    size_t count;
    size_t processes, refused; /* looked at; not allowed to */
} hy_survey;

/* 0 or -errno with the sentence. */
int hy_survey_make(hy_survey *ret_survey, hy_error *error);
void hy_survey_free(hy_survey *survey);

#endif
