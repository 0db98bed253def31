/* SPDX-License-Identifier: MIT
 *
 * spot.h - the regions of a process whose addresses heapyard-spot tells.
 */
#ifndef HY_SPOT_H
#define HY_SPOT_H

#include <stdint.h>

typedef enum hy_spot {
    HY_SPOT_TEXT,    /* a function of the program itself */
    HY_SPOT_HEAP,    /* where brk begins */
    HY_SPOT_LIBRARY, /* a function of libc */
    HY_SPOT_MAPPING, /* a page by mmap */
    HY_SPOT_LARGE,   /* 4 MiB by mmap: the kernel may align these for huge pages */
    HY_SPOT_STACK,   /* a local variable of main */
    HY_SPOT_VDSO,    /* the kernel's own page of code */
    HY_SPOTS
} hy_spot;

#endif
