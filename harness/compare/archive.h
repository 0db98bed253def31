/* SPDX-License-Identifier: MIT
 *
 * archive.h - what a results database says now: each trace in its newest campaign.
 */
#ifndef HY_ARCHIVE_H
#define HY_ARCHIVE_H

#include "trials.h"

typedef struct hy_archive {
    const char *path;
    const hy_trial **trial; /* one for each trace */
    size_t count;
    hy_trials *campaigns; /* that hold them */
    size_t campaign_count;
} hy_archive;

/* `path` must live as long.  Ends the program when memory is exhausted.  0 or -errno with the sentence; none at all is
 * no error. */
int hy_archive_read(const char *path, hy_archive *ret_archive, hy_error *error);
void hy_archive_free(hy_archive *archive);

/* By the hash of its events; NULL: not in it. */
const hy_trial *hy_archive_trial(const hy_archive *archive, const char *hash);

#endif
