/* SPDX-License-Identifier: MIT
 *
 * stress_fail.h - where each thread is, and the end of the process when something is wrong.  Uses no malloc.
 */
#ifndef HY_STRESS_FAIL_H
#define HY_STRESS_FAIL_H

#include <stdbool.h>
#include <stdint.h>

/* What leads back to this operation: stress --seed SEED, and what the thread was at. */
typedef struct stress_place {
    unsigned seat, life;
    uint64_t operation;
    const char *call; /* the function under test */
} stress_place;

extern _Thread_local stress_place stress_here;

/* Says where a crash happened, too. */
void stress_fail_init(uint64_t seed, const char *title);

/* Says what is wrong and where, prints "not ok" in the first process, and aborts. */
__attribute__((noreturn, format(printf, 1, 2))) void stress_fail(const char *format, ...);

/* A TAP line, without stdio. */
void stress_tap(bool good, unsigned number, const char *name);

#define STRESS_EXPECT(good, ...)                                                                                       \
    do {                                                                                                               \
        if (__builtin_expect(!(good), 0))                                                                              \
            stress_fail(__VA_ARGS__);                                                                                  \
    } while (0)

#endif
