/* SPDX-License-Identifier: MIT
 *
 * hardened_cases.h - what the cases of hardened share: a heap whose last words are heard.
 */
#ifndef HARDENED_CASES_H
#define HARDENED_CASES_H

#include "exercise.h"

/* level=none and what is said, but for specs that say their level themselves. */
void open_with(const char *params, hy_instance *heap);
/* What it said since it was opened, or since this was asked last. */
void expect_said(const char *words);
void expect_silence(void);

/* The cases of mitigations. */
void canaries_find_single_bytes(void **state);
void canaries_stand_in_front_too(void **state);
void without_canaries_nothing_is_found(void **state);
void a_string_ends_in_the_canary(void **state);
void writes_after_free_are_found_at_reuse(void **state);
void freed_memory_is_zero(void **state);
void calloc_gives_zeros_after_a_stale_write(void **state);
void quarantine_delays_reuse(void **state);
void slots_and_places_are_random(void **state);
void areas_keep_sizes_apart(void **state);
void guards_end_large_blocks(void **state);
void sampled_blocks_have_pages_of_their_own(void **state);

#endif
