/* SPDX-License-Identifier: MIT
 *
 * tlsf_runs.h - where the ranges lie: runs of pages that grow and shrink at their top.
 *
 *  1. A run is one reservation, large enough that one should do (`reserve`); where address space is short, or the
 *     system refuses, runs are smaller and there are several.
 *  2. Pages are committed by the `chunk` at the top of a run; they merge with the hole there.
 *  3. The top of a run is given back when its hole has reached `trim` bytes; one chunk is kept.
 *  4. A bounded page source (a fixed region) is taken as a whole and kept.
 */
#ifndef TLSF_RUNS_H
#define TLSF_RUNS_H

#include "tlsf_heap.h"

/* A hole of at least `size` bytes at the top of some run, which may have to grow for it.  NULL: no room. */
tlsf_range *tlsf_runs_grow(tlsf_heap *self, size_t size);

/* The hole in front of a run's end, made `size` bytes at least.  NULL: it cannot grow. */
tlsf_range *tlsf_runs_extend(tlsf_heap *self, const tlsf_range *end, size_t size);

/* Gives back the top of the run with this end, but for one chunk. */
void tlsf_runs_trim_top(tlsf_heap *self, const tlsf_range *end);

/* Gives back the tops of all runs, and runs that have no block in them.  Bytes given back. */
size_t tlsf_runs_trim_all(tlsf_heap *self);

/* Makes every run one hole. */
void tlsf_runs_reset(tlsf_heap *self);

/* Gives everything back. */
void tlsf_runs_release(tlsf_heap *self);

#endif
