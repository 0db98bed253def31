/* SPDX-License-Identifier: MIT
 *
 * cell_order.c - see cell_order.h.  The shuffle is Fisher and Yates's, its numbers are Random123's.
 */
#include "cell_order.h"

#include "random.h"

#include <stdlib.h>

unsigned hy_campaign_times(const hy_campaign_plan *plan, hy_pass pass) {
    if (pass == HY_PASS_LATENCY && plan->most_latency != 0 && plan->most_latency < plan->repetitions)
        return plan->most_latency;
    return pass == HY_PASS_THROUGHPUT || pass == HY_PASS_LATENCY || pass == HY_PASS_CONTROL || pass == HY_PASS_THREADS
               ? plan->repetitions
               : 1;
}

static bool order_has(const hy_campaign_plan *plan, size_t spec, hy_pass pass, unsigned repetition) {
    const bool opens = !plan->probed || plan->probed[spec].ok;
    if (pass == HY_PASS_CONTROL && (spec != plan->control || !opens))
        return false;
    return plan->pass[pass] && repetition < (opens ? hy_campaign_times(plan, pass) : 1);
}

static size_t order_block(const hy_campaign_plan *plan, unsigned repetition, hy_slot_in_time *ret_block) {
    size_t count = 0;
    for (size_t trace = 0; trace < plan->trace_count; trace++)
        for (size_t spec = 0; spec < plan->spec_count; spec++)
            for (hy_pass pass = 0; pass < HY_PASSES; pass++)
                if (order_has(plan, spec, pass, repetition) &&
                    (pass != HY_PASS_THREADS || !plan->threaded || plan->threaded[trace]))
                    ret_block[count++] = (hy_slot_in_time){trace, spec, pass, repetition};
    return count;
}

/* The numbers of a round are its own, so that its order is the same however many rounds there are. */
static void order_shuffle(hy_slot_in_time *block, size_t size, uint64_t seed, unsigned repetition) {
    for (size_t i = size; i > 1; i--) {
        const size_t j = (size_t)hy_random_below(seed, (uint64_t)repetition << 32 | i, i);
        const hy_slot_in_time kept = block[i - 1];
        block[i - 1] = block[j];
        block[j] = kept;
    }
}

hy_slot_in_time *hy_order_make(const hy_campaign_plan *plan, uint64_t seed, size_t *ret_count) {
    const size_t most = plan->trace_count * plan->spec_count * HY_PASSES;
    hy_slot_in_time *const order = calloc(most * plan->repetitions + 1, sizeof *order);
    size_t count = 0;
    for (unsigned repetition = 0; order && repetition < plan->repetitions; repetition++) {
        const size_t size = order_block(plan, repetition, order + count);
        order_shuffle(order + count, size, seed, repetition);
        count += size;
    }
    *ret_count = count;
    return order;
}
