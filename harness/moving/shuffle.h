/* SPDX-License-Identifier: MIT
 *
 * shuffle.h - memory that is contiguous in appearance only, and what remains fragmented all the same.
 *
 *   1. A range of pages on frames of a memfd, in order; then the frames are dealt out anew by chance, their contents
 *      with them.  The range reads as before; each page is a mapping of its own now.
 *   2. What remains: the last page of whatever is mapped (page waste) · addresses, which no frame can help (a window
 *      filled with mappings, every second taken away) · frames in a row, as a huge page needs them (a pool with one
 * frame in use of every eight; then packed, by moving frames) · and the same of this machine, by /proc/buddyinfo.
 *
 * The share of free memory in pieces too small is M. Gorman and A. Whitcroft's unusable free space index ("The what,
 * the why and the where to of anti-fragmentation", Ottawa Linux Symposium 2006).
 */
#ifndef HY_SHUFFLE_H
#define HY_SHUFFLE_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

typedef struct hy_shuffle_result {
    size_t pages;
    size_t displaced; /* pages whose frame is not the one of their number */
    size_t wrong;     /* bytes of the range that changed */
    size_t maps_before, maps_after;
    uint64_t tables_before, tables_after; /* bytes of page tables of this process */
    uint64_t busy;                        /* ns */
} hy_shuffle_result;

/* Free memory, and how much of it lies in pieces of `wanted` bytes and more. */
typedef struct hy_shuffle_rest {
    uint64_t free, wanted, usable;
    uint64_t largest;
} hy_shuffle_rest;

/* 0 or -errno with the sentence. */
int hy_shuffle_run(size_t pages, uint64_t seed, hy_shuffle_result *ret_result, hy_error *error);

/* Addresses: a window of `count` mappings of `size` bytes, every second taken away; what is left for one of
 * `wanted` bytes.  Asked of the kernel, by mapping it. */
int hy_shuffle_addresses(size_t count, size_t size, size_t wanted, hy_shuffle_rest *ret_rest, hy_error *error);

/* Frames: a pool of huge frames in which one frame of eight is in use; before, and after packing.  Frames moved. */
int hy_shuffle_huge(size_t huge_frames, hy_shuffle_rest *ret_before, hy_shuffle_rest *ret_after, size_t *ret_moved,
                    hy_error *error);

/* This machine's free memory, for huge pages.  -ENODATA with the sentence: the kernel does not say. */
int hy_shuffle_machine(hy_shuffle_rest *ret_rest, hy_error *error);

/* Programs of a folder: bytes of their loadable segments, and of the pages that these need. */
typedef struct hy_shuffle_waste {
    uint64_t programs, segments, bytes, page_bytes;
} hy_shuffle_waste;
int hy_shuffle_waste_of(const char *folder, hy_shuffle_waste *ret_waste, hy_error *error);

#endif
