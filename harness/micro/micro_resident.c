/* SPDX-License-Identifier: MIT
 *
 * micro_resident.c - resident bytes over live bytes: after a working set was filled, and after it was churned.
 *
 *  1. Live bytes are those asked for.  Resident are the anonymous ones that the kernel counts for this process, less
 *     what it counted before the first block: so neither the program nor what an allocator takes at its start is in it;
 *     nor are pages of files, of which a process has many at once when code runs for the first time, and which are not
 *     memory that anybody allocated.
 *  2. Filled: every byte of a block was written.  Churned: then 4 N random blocks were replaced, one after the other.
 *
 * The kernel is asked through smaps_rollup, which looks at every page; its cheaper counts are off by up to 64 pages a
 * thread.
 */
#include "micro.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHURN = 4 };

static double resident_bytes(void) {
    char text[4096];
    const int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    const ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    close(fd);
    text[size > 0 ? size : 0] = '\0';
    const char *const line = strstr(text, "\nAnonymous:");
    if (!line)
        abort();
    return 1024.0 * (double)strtoul(line + 11, NULL, 10);
}

static void *take_written(size_t size) {
    return memset(micro_take(size), 1, size);
}

void micro_resident(micro_share *share) {
    const hy_draws *const draws = share->job->draws;
    const size_t n = share->job->n;
    uint32_t *const sizes = micro_map(n * sizeof *sizes);
    double live = 0;
    const double before = resident_bytes();
    for (size_t i = 0; i < n; i++) {
        sizes[i] = (uint32_t)hy_draws_size(draws, i);
        share->blocks[i] = take_written(sizes[i]);
        live += sizes[i];
    }
    micro_say("filled", "ratio", (resident_bytes() - before) / live);
    for (size_t turn = n; turn < (CHURN + 1) * n; turn++) {
        const size_t i = hy_draws_pick(draws, turn, n);
        micro_give(share->blocks[i]);
        live -= sizes[i];
        sizes[i] = (uint32_t)hy_draws_size(draws, turn);
        share->blocks[i] = take_written(sizes[i]);
        live += sizes[i];
    }
    micro_say("churned", "ratio", (resident_bytes() - before) / live);
}
