/* SPDX-License-Identifier: MIT
 *
 * smaps.h - what the kernel says of each mapping of a process: /proc/PID/smaps.
 *
 * RSS counts every page that is in RAM and mapped, PSS divides it by the number of page tables that it is mapped in.
 * So the sum of PSS over all processes is the memory there is, and the sum of RSS says how much it would be if nothing
 * were shared.  A page of a file that was written in a private mapping is anonymous: the process has it for itself.
 */
#ifndef HY_SMAPS_H
#define HY_SMAPS_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct hy_mapping {
    uint64_t from, to, offset;
    char permissions[5];                                      /* "r-xp" */
    uint64_t inode;                                           /* 0: no file */
    size_t rss, pss, private_dirty, private_clean, anonymous; /* bytes */
    size_t huge;                                              /* of it in huge pages */
    char *path;                                               /* "" for none */
} hy_mapping;

typedef struct hy_smaps {
    hy_mapping *mapping; /* by address */
    size_t count;
} hy_smaps;

/* 0 or -errno with the sentence: no such process (any more), or one that we may not look at. */
int hy_smaps_read(pid_t process, hy_smaps *ret_smaps, hy_error *error);
void hy_smaps_free(hy_smaps *smaps);

/* The mapping that an address lies in, or NULL. */
const hy_mapping *hy_smaps_at(const hy_smaps *smaps, uint64_t address);

/* Of a page of a file, still as it is in the file. */
static inline size_t hy_mapping_file_bytes(const hy_mapping *mapping) {
    return mapping->inode == 0 || mapping->anonymous > mapping->rss ? 0 : mapping->rss - mapping->anonymous;
}

#endif
