/* SPDX-License-Identifier: MIT
 *
 * seg_bin.h - free spans and gone ones in bins by their length: one bin a length up to 32 slices, then four in each
 * doubling.
 */
#ifndef SEG_BIN_H
#define SEG_BIN_H

#include "seg_heap.h"

unsigned seg_bin_of(size_t slices);

/* A span of kind free or gone into its bin, or out of it. */
void seg_bin_insert(seg_local *local, seg_span *span);
void seg_bin_remove(seg_local *local, seg_span *span);

/* The first span that is long enough in the shortest bin that has one; in the bin of that length itself only so many
 * are looked at.  It stays there.  NULL: none. */
#define SEG_TRIES 16
seg_span *seg_bin_find(const seg_bins *bins, size_t slices, size_t tries);

#endif
