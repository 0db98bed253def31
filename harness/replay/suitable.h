/* SPDX-License-Identifier: MIT
 *
 * suitable.h - which heap can replay which program: a pair that cannot work is refused with the reason.
 */
#ifndef HY_SUITABLE_H
#define HY_SUITABLE_H

#include "heap.h"
#include "program.h"

/* Regions and allocators that never reuse memory may take this many times the most live bytes, no more. */
#define HY_MOST_BLOW_UP 64u

typedef enum hy_pass {
    HY_PASS_THROUGHPUT,
    HY_PASS_LATENCY,
    HY_PASS_FOOTPRINT,
    HY_PASS_VERIFY,
    HY_PASS_YARD,
    HY_PASS_MAP,
    HY_PASS_THREADS, /* the footprint with the threads of the trace, where it has several */
    HY_PASS_CONTROL, /* throughput of the baseline once more; it goes with throughput, nobody asks for it */
    HY_PASSES
} hy_pass;

/* "throughput", "latency", "footprint", "verify", "yard", "map", "control": the last */
extern const char *const hy_pass_names[HY_PASSES + 1];

/* 0, or -ENOTSUP with the reason, which names the allocator and not a layer before it.  `most_bytes`: --max-heap. */
int hy_suitable(const hy_instance *instance, const hy_program_facts *facts, hy_pass pass, uint64_t most_bytes,
                hy_error *error);

#endif
