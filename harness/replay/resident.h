/* SPDX-License-Identifier: MIT
 *
 * resident.h - what the kernel says of this process's memory.  No malloc, no stdio.
 */
#ifndef HY_RESIDENT_H
#define HY_RESIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The field `name` ("Anonymous:", "VmHWM:") of a file of lines like "Anonymous:   123 kB", in bytes; 0: not there. */
size_t hy_resident_field(const char *path, const char *name);

/* Private memory of this process that is in RAM now, exactly (smaps_rollup).  The prepared trace is shared memory and
 * the program's code is a file, so neither is in it. */
size_t hy_resident_now(void);

/* The same of another process, cheaply and a little inexactly (statm), for a guard to look at. */
size_t hy_resident_of(pid_t process);

/* What of this process's resident memory belongs to files and shared memory: it is in the peak, and in no footprint. */
size_t hy_resident_shared(void);

/* The most that ever was in RAM since the last reset, everything counted (VmHWM). */
size_t hy_resident_peak(void);
void hy_resident_reset_peak(void);

#endif
