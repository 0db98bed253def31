/* SPDX-License-Identifier: MIT
 *
 * suite.h - the micro benchmarks over one heap.
 */
#ifndef HY_SUITE_H
#define HY_SUITE_H

#include "heap.h"

/* Registers every benchmark with Google Benchmark, named "SPEC/benchmark/argument".  `instance` outlives the run. */
void hy_suite_register(const char *spec, hy_instance *instance);

#endif
