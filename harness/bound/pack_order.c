/* SPDX-License-Identifier: MIT
 *
 * pack_order.c - the orders in which greedy packers take buffers.
 *
 *   key = size weight x log2(size) + lifetime weight x log2(lifetime) + noise
 *
 * Logarithms are linear between powers of two, in 1/4096, so that keys are small integers, the same on every machine,
 * and a radix sort (Knuth, The Art of Computer Programming 3, section 5.2.5, algorithm R) orders millions at once.
 */
#include "packers.h"

#include "random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_FRACTION 12u
#define ORDER_DIGIT 11u /* bits; two of them are a key */
#define ORDER_KEYS ((uint32_t)1 << (2 * ORDER_DIGIT))

/* Above 0. */
static uint32_t order_log(uint64_t value) {
    const uint32_t whole = 63u - (uint32_t)__builtin_clzll(value);
    const uint64_t mantissa = (value << (63u - whole)) << 1;
    return (whole << ORDER_FRACTION) + (uint32_t)(mantissa >> (64u - ORDER_FRACTION));
}

/* Small keys come first. */
static uint32_t order_key(const hy_buffer *buffer, const hy_pack_order *order, uint32_t number) {
    const uint32_t life = order_log(buffer->end - buffer->start), size = order_log(buffer->size);
    const uint32_t noise =
        order->noise ? (uint32_t)hy_random_below(order->seed, number, order->noise << ORDER_FRACTION) : 0;
    const uint32_t key = order->size * size + order->lifetime * life + noise;
    return key < ORDER_KEYS ? ORDER_KEYS - 1 - key : 0;
}

typedef struct order_entry {
    uint32_t key, number;
} order_entry;

/* Keeps the order of equal digits. */
static void order_pass(const order_entry *from, size_t count, uint32_t shift, order_entry *ret) {
    const uint32_t mask = ((uint32_t)1 << ORDER_DIGIT) - 1;
    size_t first[((size_t)1 << ORDER_DIGIT) + 1] = {0};
    for (size_t i = 0; i < count; i++)
        first[(from[i].key >> shift & mask) + 1]++;
    for (size_t digit = 0; digit <= mask; digit++)
        first[digit + 1] += first[digit];
    for (size_t i = 0; i < count; i++)
        ret[first[from[i].key >> shift & mask]++] = from[i];
}

int hy_pack_sort(const hy_job *job, const hy_pack_order *order, uint32_t *ret_numbers) {
    order_entry *const entries = calloc(2 * (job->count + 1), sizeof *entries);
    order_entry *const others = entries + job->count;
    if (!entries)
        return -ENOMEM;
    for (size_t i = 0; i < job->count; i++)
        entries[i] = (order_entry){order_key(&job->buffers[i], order, (uint32_t)i), (uint32_t)i};
    order_pass(entries, job->count, 0, others);
    order_pass(others, job->count, ORDER_DIGIT, entries);
    for (size_t i = 0; i < job->count; i++)
        ret_numbers[i] = entries[i].number;
    free(entries);
    return 0;
}
