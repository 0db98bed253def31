/* SPDX-License-Identifier: MIT
 *
 * suite.h - the micro benchmarks over one heap.
 */
#ifndef HY_SUITE_H
#define HY_SUITE_H

#include "heap.h"

/* Registers every benchmark with Google Benchmark, named "SPEC/benchmark/argument".  Benchmarks of one thread use
 * `plain`, those of several use `shared` (with the lock layer, if the allocator needs it; may be the same instance).
 * Both outlive the run. */
void hy_suite_register(const char *spec, hy_instance *plain, hy_instance *shared);

#endif
