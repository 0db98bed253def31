/* SPDX-License-Identifier: MIT
 *
 * peak.h - how much memory a program really had at most, told by the kernel when it ends.
 */
#ifndef HY_PEAK_H
#define HY_PEAK_H

#include "error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct hy_peak {
    uint64_t resident; /* VmHWM: bytes that were in memory at once, libraries too */
    uint64_t mapped;   /* VmPeak: bytes of address space */
    bool started;      /* the program was executed */
    bool timed_out;    /* it was killed; these are the peaks until then */
    int status;        /* as waitpid says */
} hy_peak;

/* Runs argv (ends with NULL) without input, output and, where the kernel allows, network, for `milliseconds` at most,
 * and looks at the process itself, not at its children, as it ends.  0 or -errno with the sentence: it could not be
 * started, or may not be watched (-EPERM). */
int hy_measure_peak(char *const *argv, unsigned milliseconds, hy_peak *ret, hy_error *error);

#endif
