/* SPDX-License-Identifier: MIT
 *
 * recorded.h - programs to be recorded, which say themselves what they did.
 *
 * `recorded MODE` allocates blocks of sizes that nobody else uses and prints "KIND SIZE COUNT" for what the trace must
 * hold of them: malloc, calloc, aligned, realloc by the size asked for, free by the size that the block last had.
 */
#ifndef RECORDED_H
#define RECORDED_H

#include <stddef.h>

typedef struct recorded_mode {
    const char *name;
    void (*run)(const char *argument);
} recorded_mode;

extern const recorded_mode recorded_calls[], recorded_threads[], recorded_processes[];

/* Prints one expectation; without stdio's buffer, so that the printing itself allocates nothing. */
void expect(const char *kind, size_t size, size_t count);
_Noreturn void give_up(const char *what);

/* Hides a pointer from the compiler, which could remove a malloc that is only freed. */
void *keep(void *block);

#endif
