/* SPDX-License-Identifier: MIT
 *
 * bases.c - see bases.h.
 */
#include "bases.h"

#include "random.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct base_place {
    uint64_t from, to;
} base_place;

const char *hy_base_name(hy_choice_of_base choice) {
    static const char *const names[] = {"random", "all the same", "one after the other"};
    return names[choice];
}

static uint64_t base_round(uint64_t size) {
    return (size + HY_BASE_GRAIN - 1) / HY_BASE_GRAIN * HY_BASE_GRAIN;
}

/* By whom the bases are chosen; drawn anew for each trial. */
static uint64_t base_choose(const hy_base_plan *plan, size_t trial, size_t library) {
    const uint64_t size = base_round(plan->size[library]);
    const uint64_t bases = size < plan->window ? (plan->window - size) / HY_BASE_GRAIN + 1 : 1;
    if (plan->choice == HY_BASE_DEFAULT)
        return 0;
    return hy_random_below(plan->seed + trial, library, bases) * HY_BASE_GRAIN;
}

/* The bases that a tool gives which knows all libraries. */
static void base_assign(const hy_base_plan *plan, uint64_t *base) {
    uint64_t next = 0;
    for (size_t i = 0; i < plan->population; i++) {
        const uint64_t size = base_round(plan->size[i]);
        if (next + size > plan->window)
            next = 0;
        base[i] = next;
        next += size;
    }
}

static bool base_taken(const base_place *place, size_t count, base_place wanted) {
    for (size_t i = 0; i < count; i++)
        if (wanted.from < place[i].to && place[i].from < wanted.to)
            return true;
    return false;
}

/* The libraries that a program loads: the first of the population in random order. */
static void base_pick(const hy_base_plan *plan, size_t trial, size_t *order) {
    for (size_t i = 0; i < plan->loaded; i++) {
        const uint64_t left = plan->population - i;
        const size_t other = i + hy_random_below(~plan->seed - trial, i, left), kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}

static void base_trial(const hy_base_plan *plan, const size_t *order, const uint64_t *assigned, size_t trial,
                       base_place *place, hy_base_result *result) {
    size_t placed = 0, moved = 0;
    for (size_t i = 0; i < plan->loaded; i++) {
        const size_t library = order[i];
        const uint64_t from = plan->choice == HY_BASE_ASSIGNED ? assigned[library] : base_choose(plan, trial, library);
        const base_place wanted = {from, from + base_round(plan->size[library])};
        if (base_taken(place, placed, wanted)) { /* it goes where nobody wants to be */
            moved++;
            result->moved_bytes += plan->size[library];
        } else {
            place[placed++] = wanted;
        }
    }
    result->trials++;
    result->colliding += moved > 0;
    result->libraries += plan->loaded;
    result->moved += moved;
}

hy_base_result hy_bases_simulate(const hy_base_plan *plan) {
    hy_base_result result = {0};
    size_t *const order = calloc(plan->population + 1, sizeof *order);
    uint64_t *const assigned = calloc(plan->population + 1, sizeof *assigned);
    base_place *const place = calloc(plan->loaded + 1, sizeof *place);
    if (!order || !assigned || !place)
        abort();
    base_assign(plan, assigned);
    for (size_t i = 0; i < plan->population; i++)
        order[i] = i;
    for (size_t trial = 0; trial < plan->trials; trial++) {
        base_pick(plan, trial, order);
        base_trial(plan, order, assigned, trial, place, &result);
    }
    free(place);
    free(assigned);
    free(order);
    return result;
}

double hy_birthday(size_t people, double days) {
    double none = 0; /* logarithm of the chance that all are different */
    for (size_t i = 1; i < people; i++) {
        if ((double)i >= days)
            return 1;
        none += log1p(-(double)i / days);
    }
    return -expm1(none);
}

double hy_birthday_intervals(size_t loaded, double mean_size, uint64_t window) {
    const double grains = mean_size / (double)HY_BASE_GRAIN, bases = (double)window / (double)HY_BASE_GRAIN;
    const double two = fmin(1, (2 * grains - 1) / (bases - grains + 1));
    return -expm1(0.5 * (double)loaded * ((double)loaded - 1) * log1p(-two));
}
