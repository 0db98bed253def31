/* SPDX-License-Identifier: MIT
 *
 * pack_search.c - local search over the order of the sweep: who did not fit comes first next time.
 *
 *   1. A run starts from an order: by size, area, lifetime or between them; from the second time on with noise.
 *   2. After a sweep, the buffers that found no room below the lower limit move to the front of the order, and the next
 *      sweep follows.
 *   3. A run ends after PATIENCE sweeps in a row that gave no better packing; then the next begins.
 *
 * Source: "squeaky wheel optimization" (Joslin and Clements, Journal of Artificial Intelligence Research 10, 1999).  It
 * needs few steps where few buffers are in each other's way, and gets nowhere where many are.
 */
#include "packers.h"

#include "clock.h"

#include <errno.h>

#define PATIENCE 4u
#define SEARCH_EFFORT ((uint64_t)1 << 30) /* of one sweep: some 20 seconds */

typedef struct search_start {
    const char *method;
    hy_pack_order order;
    uint32_t growth;
} search_start;

static const search_start search_starts[] = {
    {"search from area", {.size = 1, .lifetime = 1}, 140},
    {"search from lifetime", {.lifetime = 1}, 140},
    {"search from size", {.size = 1}, 200},
    {"search from size and area", {.size = 2, .lifetime = 1}, 140},
    {"search from lifetime and area", {.size = 1, .lifetime = 2}, 140},
    {"search from lifetime", {.lifetime = 1}, 200},
};
#define SEARCH_STARTS (sizeof search_starts / sizeof *search_starts)

static double search_seconds(const hy_trial *t) {
    return (double)(hy_now() - t->started) / 1e9;
}

static bool search_is_sore(const hy_trial *t, const hy_buffer *buffer) {
    return buffer->offset == HY_PACK_NOWHERE || buffer->offset + buffer->size > t->best.lower;
}

/* Moves them to the front; both parts keep their order. */
static void search_raise(hy_trial *t) {
    const size_t count = t->job->count;
    size_t front = 0, rest = 0;
    for (size_t i = 0; i < count; i++)
        rest += search_is_sore(t, &t->job->buffers[i]);
    for (size_t i = 0; i < count; i++) {
        const uint32_t number = t->numbers[i];
        t->spare[search_is_sore(t, &t->job->buffers[number]) ? front++ : rest++] = number;
    }
    uint32_t *const numbers = t->spare;
    t->spare = t->numbers;
    t->numbers = numbers;
}

static int search_run(hy_trial *t, const search_start *start, double seconds, hy_error *error) {
    for (unsigned idle = 0; idle < PATIENCE && !hy_trial_perfect(t); idle++) {
        const uint64_t before = t->best.upper;
        if (search_seconds(t) >= seconds)
            return 0;
        uint64_t effort = SEARCH_EFFORT;
        const int r = hy_trial_sweep(t, start->growth, &effort, start->method, error);
        if (r < 0)
            return r;
        search_raise(t);
        idle = t->best.upper < before ? 0 : idle;
    }
    return 0;
}

int hy_trial_search(hy_trial *trial, const hy_pack_options *options, hy_error *error) {
    const double end = search_seconds(trial) + options->seconds;
    for (uint32_t run = 0; search_seconds(trial) < end && !hy_trial_perfect(trial); run++) {
        search_start start = search_starts[run % SEARCH_STARTS];
        start.order.noise = run / SEARCH_STARTS < 8 ? run / (uint32_t)SEARCH_STARTS : 8;
        start.order.seed = options->seed + run;
        if (hy_pack_sort(trial->job, &start.order, trial->numbers) < 0)
            return hy_fail(error, -ENOMEM, "no memory to pack %zu buffers", trial->job->count);
        const int r = search_run(trial, &start, end, error);
        if (r < 0)
            return r;
    }
    return 0;
}
