/* SPDX-License-Identifier: MIT
 *
 * micro_loops.c - what each thread does for itself (see micro.c for what is measured).
 */
#include "micro.h"

enum { BATCH_SIZE = 64 };

void micro_pair(micro_share *share) {
    const size_t size = share->job->n;
    micro_begin(share);
    while (micro_goes_on(share, MICRO_BATCH))
        for (int i = 0; i < MICRO_BATCH; i++)
            micro_give(micro_take(size));
}

typedef enum batch_order { LIFO, FIFO, RANDOM } batch_order;

/* The k-th block to free.  RANDOM walks all n in an order that looks random: n is a power of two, the step is odd. */
static inline size_t batch_pick(batch_order order, size_t k, size_t n) {
    return order == LIFO ? n - 1 - k : order == FIFO ? k : (k * 0x9e3779b1u + 12345u) & (n - 1);
}

static inline void batch(micro_share *share, batch_order order) {
    const size_t n = share->job->n;
    void **const blocks = share->blocks;
    micro_begin(share);
    while (micro_goes_on(share, n)) {
        for (size_t i = 0; i < n; i++)
            blocks[i] = micro_take(BATCH_SIZE);
        for (size_t k = 0; k < n; k++)
            micro_give(blocks[batch_pick(order, k, n)]);
    }
}

void micro_batch_lifo(micro_share *share) {
    batch(share, LIFO);
}

void micro_batch_fifo(micro_share *share) {
    batch(share, FIFO);
}

void micro_batch_random(micro_share *share) {
    batch(share, RANDOM);
}

void micro_working_set(micro_share *share) {
    const size_t n = share->job->n;
    size_t turn = micro_settle(share, n);
    micro_begin(share);
    while (micro_goes_on(share, MICRO_BATCH))
        for (int i = 0; i < MICRO_BATCH; i++)
            micro_replace(share, turn++, n);
}
