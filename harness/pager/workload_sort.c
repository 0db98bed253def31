/* SPDX-License-Identifier: MIT
 *
 * workload_sort.c - sorts random numbers in place, and proves it: they are in order, and they are those that were put
 * in.
 *
 *   Quicksort with the median of three, the smaller part first, insertion sort below 16 (Hoare 1961; Sedgewick 1978).
 *   That no number was lost or doubled is shown by a sum over a mixed form of each, before and after.
 */
#include "workloads.h"

#include "random.h"

#define SORT_SMALL 16u

/* Murmur3's finalizer: a sum over it tells sets apart that have the same plain sum. */
static uint64_t sort_mix(uint64_t x) {
    x = (x ^ x >> 33) * 0xff51afd7ed558ccdu;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
    return x ^ x >> 33;
}

static void sort_insert(hy_paged *p, size_t low, size_t high) {
    for (size_t i = low + 1; i < high; i++) {
        const uint64_t value = hy_paged_get(p, i);
        size_t j = i;
        for (; j > low; j--) {
            const uint64_t before = hy_paged_get(p, j - 1);
            if (before <= value)
                break;
            hy_paged_set(p, j, before);
        }
        hy_paged_set(p, j, value);
    }
}

static uint64_t sort_pivot(hy_paged *p, size_t low, size_t high) {
    const uint64_t a = hy_paged_get(p, low), b = hy_paged_get(p, low + (high - low) / 2), c = hy_paged_get(p, high - 1);
    const uint64_t least = a < b ? a : b, most = a < b ? b : a;
    return c < least ? least : c > most ? most : c;
}

/* Where the second part begins; neither part is empty. */
static size_t sort_part(hy_paged *p, size_t low, size_t high) {
    const uint64_t pivot = sort_pivot(p, low, high);
    size_t i = low, j = high - 1;
    for (;; i++, j--) {
        uint64_t left, right;
        while ((left = hy_paged_get(p, i)) < pivot)
            i++;
        while ((right = hy_paged_get(p, j)) > pivot)
            j--;
        if (i >= j)
            return i > low ? i : low + 1;
        hy_paged_set(p, i, right);
        hy_paged_set(p, j, left);
    }
}

static void sort_range(hy_paged *p, size_t low, size_t high) {
    while (high - low > SORT_SMALL) {
        const size_t middle = sort_part(p, low, high);
        if (middle - low < high - middle) {
            sort_range(p, low, middle);
            low = middle;
        } else {
            sort_range(p, middle, high);
            high = middle;
        }
    }
    if (high > low)
        sort_insert(p, low, high);
}

static bool sort_run(hy_paged *paged, const hy_workload_setup *setup) {
    uint64_t put = 0, found = 0, last = 0;
    size_t disorder = 0;
    for (size_t i = 0; i < paged->count; i++) {
        const uint64_t value = hy_random(setup->seed, i);
        hy_paged_set(paged, i, value);
        put += sort_mix(value);
    }
    sort_range(paged, 0, paged->count);
    for (size_t i = 0; i < paged->count; i++) {
        const uint64_t value = hy_paged_get(paged, i);
        disorder += value < last;
        found += sort_mix(value);
        last = value;
    }
    paged->board->result = found;
    return hy_workload_say(paged, disorder == 0 && put == found, "%zu numbers %s, checksum %016llx %s", paged->count,
                           disorder ? "not in order" : "sorted", (unsigned long long)found,
                           put == found ? "as before" : "CHANGED");
}

const hy_paged_workload hy_workload_sort = {
    .name = "sort",
    .summary = "sorts random numbers in place (quicksort)",
    .run = sort_run,
};
