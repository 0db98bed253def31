/* SPDX-License-Identifier: MIT
 *
 * page_cases.h - what the cases of references to pages share: traces of few words, and random ones.
 */
#ifndef PAGE_CASES_H
#define PAGE_CASES_H

#include "page_trace.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* From numbers of granules: "1 2 3w". */
hy_page_trace parsed(const char *words);
/* `n` runs of references to granules below the square of `spread`. */
hy_page_trace random_trace(uint64_t seed, size_t n, uint64_t spread);

/* The cases of page tables. */
void test_walk(void **state);
void test_tlb_by_hand(void **state);
void test_tlb_laws(void **state);
void test_tlb_words(void **state);

#endif
