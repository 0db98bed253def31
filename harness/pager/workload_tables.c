/* SPDX-License-Identifier: MIT
 *
 * workload_tables.c - a hash join and a matrix product, each with a proof of its result.
 *
 *   join     half of the range is a hash table (open addressing, linear probing), filled to a half with keys whose
 *            payload follows from the key; the other half holds as many keys to look up, of which a known share is
 *            there.  Right: as many matches as there must be, with the right sum of payloads.
 *   matrix   C = A B modulo 2^64, row by row, element by element.  Right: A (B x) = C x for a random vector x; a wrong
 *            element of C is overlooked with a probability near 2^-64 (Freivalds 1977).
 */
#include "workloads.h"

#include "random.h"

#include <math.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------------- join ---- */

/* The table has 2 numbers a slot: key + 1 (0: empty) and payload. */
typedef struct join {
    hy_paged *paged;
    size_t slots; /* a power of two */
} join;

static size_t join_slot(const join *j, uint64_t key) {
    return (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (j->slots - 1);
}

static void join_insert(const join *j, uint64_t key, uint64_t payload) {
    size_t slot = join_slot(j, key);
    while (hy_paged_get(j->paged, 2 * slot) != 0)
        slot = (slot + 1) & (j->slots - 1);
    hy_paged_set(j->paged, 2 * slot, key + 1);
    hy_paged_set(j->paged, 2 * slot + 1, payload);
}

/* 0: not there. */
static uint64_t join_find(const join *j, uint64_t key) {
    for (size_t slot = join_slot(j, key);; slot = (slot + 1) & (j->slots - 1)) {
        const uint64_t found = hy_paged_get(j->paged, 2 * slot);
        if (found == key + 1)
            return hy_paged_get(j->paged, 2 * slot + 1);
        if (found == 0)
            return 0;
    }
}

static bool join_run(hy_paged *paged, const hy_workload_setup *setup) {
    join j = {paged, 1};
    while (j.slots * 2 * 2 <= paged->count / 2)
        j.slots *= 2;
    const size_t keys = j.slots / 2, first = 2 * j.slots, probes = paged->count - first;
    for (size_t key = 0; key < keys; key++)
        join_insert(&j, key, hy_random(setup->seed, key) | 1);
    uint64_t expected = 0, sum = 0, matches = 0, must = 0;
    for (size_t i = 0; i < probes; i++) {
        const uint64_t key = hy_random_below(setup->seed + 1, i, 2 * keys);
        hy_paged_set(paged, first + i, key);
        must += key < keys;
        expected += key < keys ? hy_random(setup->seed, key) | 1 : 0;
    }
    for (size_t i = 0; i < probes; i++) {
        const uint64_t payload = join_find(&j, hy_paged_get(paged, first + i));
        matches += payload != 0;
        sum += payload;
    }
    paged->board->result = sum;
    return hy_workload_say(paged, matches == must && sum == expected, "%zu keys, %zu probes, %llu matches of %llu",
                           keys, probes, (unsigned long long)matches, (unsigned long long)must);
}

const hy_paged_workload hy_workload_join = {
    .name = "join",
    .summary = "builds a hash table and probes it",
    .run = join_run,
};

/* ----------------------------------------------------------------------------------------------------- matrix ---- */

static uint64_t matrix_product(hy_paged *paged, size_t n, size_t row, size_t column) {
    uint64_t sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += hy_paged_get(paged, row * n + k) * hy_paged_get(paged, n * n + k * n + column);
    return sum;
}

/* y = M x, M the `which`-th of the three. */
static void matrix_apply(hy_paged *paged, size_t n, size_t which, const uint64_t *x, uint64_t *y) {
    for (size_t row = 0; row < n; row++) {
        y[row] = 0;
        for (size_t k = 0; k < n; k++)
            y[row] += hy_paged_get(paged, which * n * n + row * n + k) * x[k];
    }
}

/* The number of rows in which A (B x) and C x differ. */
static size_t matrix_check(hy_paged *paged, size_t n, uint64_t seed, uint64_t *vectors) {
    uint64_t *const x = vectors, *const bx = x + n, *const abx = bx + n, *const cx = abx + n;
    for (size_t i = 0; i < n; i++)
        x[i] = hy_random(seed, i);
    matrix_apply(paged, n, 1, x, bx);
    matrix_apply(paged, n, 0, bx, abx);
    matrix_apply(paged, n, 2, x, cx);
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong += abx[i] != cx[i];
    return wrong;
}

static bool matrix_run(hy_paged *paged, const hy_workload_setup *setup) {
    const size_t n = (size_t)sqrt((double)(paged->count / 3));
    uint64_t *const vectors = calloc(4 * n + 1, sizeof *vectors);
    if (!vectors || n == 0) {
        free(vectors);
        return hy_workload_say(paged, false, "no memory for the proof");
    }
    for (size_t i = 0; i < 2 * n * n; i++)
        hy_paged_set(paged, i, hy_random(setup->seed, i));
    for (size_t row = 0; row < n; row++)
        for (size_t column = 0; column < n; column++)
            hy_paged_set(paged, 2 * n * n + row * n + column, matrix_product(paged, n, row, column));
    const size_t wrong = matrix_check(paged, n, setup->seed + 1, vectors);
    free(vectors);
    return hy_workload_say(paged, wrong == 0, "a product of %zu by %zu, %zu rows of it wrong", n, n, wrong);
}

const hy_paged_workload hy_workload_matrix = {
    .name = "matrix",
    .summary = "multiplies two matrices, row by row",
    .run = matrix_run,
};
