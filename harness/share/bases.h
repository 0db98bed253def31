/* SPDX-License-Identifier: MIT
 *
 * bases.h - libraries that want to lie at one address in every program: how often two of them want the same.
 *
 *   1. Each library of a population has a preferred base, at a multiple of 64 KiB in a window of addresses.
 *   2. A program loads `loaded` libraries of the population, each one at most once.
 *   3. A library whose place is taken collides: by the strict rule it cannot be loaded; by the real one it is moved,
 *      relocated, and its touched code is the process's own.
 *
 * Preferred bases are chosen at random, all the same (a linker's default), or one after the other (by a tool that knows
 * all of them, until the window is full: then it begins anew).
 *
 * For slots of one size there is a formula, that of the birthdays: 1 - Π (1 - i / slots).
 */
#ifndef HY_BASES_H
#define HY_BASES_H

#include <stddef.h>
#include <stdint.h>

typedef enum hy_choice_of_base { HY_BASE_RANDOM, HY_BASE_DEFAULT, HY_BASE_ASSIGNED, HY_BASE_CHOICES } hy_choice_of_base;
const char *hy_base_name(hy_choice_of_base choice);

#define HY_BASE_GRAIN ((uint64_t)64 << 10)

typedef struct hy_base_plan {
    const uint64_t *size; /* of each library of the population, bytes */
    size_t population;
    uint64_t window; /* bytes of addresses */
    hy_choice_of_base choice;
    size_t loaded; /* at most the population */
    size_t trials; /* programs; each has bases drawn anew */
    uint64_t seed;
} hy_base_plan;

typedef struct hy_base_result {
    size_t trials, colliding; /* programs, and those with a library that collides */
    size_t libraries, moved;  /* loaded in all of them, and those that find their place taken */
    uint64_t moved_bytes;
} hy_base_result;

hy_base_result hy_bases_simulate(const hy_base_plan *plan);

/* The chance that two of `people` have the same of `days` birthdays. */
double hy_birthday(size_t people, double days);
/* The same for intervals of different sizes at random bases, by the mean size: two of them overlap at about twice the
 * mean size less a grain, in grains, of the bases that there are. */
double hy_birthday_intervals(size_t loaded, double mean_size, uint64_t window);

#endif
