/* SPDX-License-Identifier: MIT
 *
 * fit_runs.h - where the ranges lie: runs of pages that grow and shrink at their top.
 *
 *  1. A run is one reservation, large enough that one should do (`reserve`); where address space is short, or the
 *     system refuses, runs are smaller and there are several.
 *  2. Pages are committed by the `chunk` at the top of a run, as the top hole grows.
 *  3. The top of a run is given back when its hole has reached `trim` bytes; one chunk is kept.
 *  4. A bounded page source (a fixed region) is taken as a whole and kept.
 */
#ifndef FIT_RUNS_H
#define FIT_RUNS_H

#include "fit_heap.h"

/* Makes room for a range of `size` bytes at the top of some run.  False: none was to be had. */
bool fit_runs_grow(fit_heap *self, size_t size);

/* Makes the run whose end mark is `end_mark` longer by at least `size` bytes of hole.  False: it cannot grow. */
bool fit_runs_extend(fit_heap *self, const char *end_mark, size_t size);

/* Gives back the top of the run that ends with `hole`, if it does, but for `keep` bytes of hole. */
void fit_runs_trim_top(fit_heap *self, char *hole, size_t keep);

/* Gives back the tops of all runs, and runs that have no block in them. */
void fit_runs_trim_all(fit_heap *self);

/* Bytes of pages that the runs and their marks have now. */
size_t fit_runs_committed(const fit_heap *self);

/* Makes every run one hole. */
void fit_runs_reset(fit_heap *self);

/* Gives everything back. */
void fit_runs_release(fit_heap *self);

/* The run that an address lies in. */
__attribute__((pure)) fit_run *fit_runs_find(const fit_heap *self, const char *address);

static inline fit_run *fit_runs_holding(const fit_heap *self, const char *address) {
    return self->run_count == 1 ? self->runs : fit_runs_find(self, address);
}

/* The first run above `address`, or NULL. */
__attribute__((pure)) const fit_run *fit_runs_after(const fit_heap *self, const char *address);

#endif
