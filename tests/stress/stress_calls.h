/* SPDX-License-Identifier: MIT
 *
 * stress_calls.h - every function of the malloc family, chosen at random, by the rules that hold for it.
 */
#ifndef HY_STRESS_CALLS_H
#define HY_STRESS_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who may take a block back. */
typedef enum call_kind { CALL_MALLOC, CALL_ALIGNED, CALL_NEW, CALL_NEW_ARRAY, CALL_NEW_ALIGNED } call_kind;

/* What a library gave. */
typedef struct call_block {
    unsigned char *at;
    size_t size;   /* as asked for */
    size_t usable; /* all of it is ours */
    size_t align;
    uint64_t id; /* of its contents */
    call_kind kind;
} call_block;

/* Finds the functions that not every library has. */
void calls_init(void);

/* Any way to allocate `size` bytes; ends the process if there is no room, or a promise is broken. */
call_block call_alloc(size_t size, uint64_t *rng);
/* Plain malloc. */
call_block call_malloc(size_t size);
/* Any way that is allowed for this block. */
void call_free(const call_block *block, uint64_t *rng);
/* realloc or reallocarray, to `size`; false: it was freed instead, or is not allowed for it. */
bool call_resize(call_block *block, size_t size, uint64_t *rng);
/* Requests that must be refused, and questions whose answers do not matter. */
void call_refusals(call_block *block, uint64_t *rng);
void call_questions(uint64_t *rng);

#endif
