/* SPDX-License-Identifier: MIT
 *
 * probe.h - whether allocators can be opened on this machine with these settings: each in a child, before anything is
 * measured.
 */
#ifndef HY_PROBE_H
#define HY_PROBE_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>

/* How opening a heap and replaying nothing on it ended, as a cell would say it. */
typedef struct hy_probed {
    bool ok;
    char outcome[16]; /* refused: the settings contradict each other; failed: no such library; crash … */
    char detail[512];
} hy_probed;

/* 0, whatever became of them; -ENOMEM with the sentence. */
int hy_probe(const char *const *specs, size_t count, hy_probed *ret_probed, hy_error *error);

#endif
