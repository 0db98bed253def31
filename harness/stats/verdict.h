/* SPDX-License-Identifier: MIT
 *
 * verdict.h - the only words that may be said about two allocators.
 *
 * `ratio` is this one / the other, of time or of bytes; `low` and `high` are its interval; `margin` is the difference
 * that nobody would care about (0.02: 2 %).
 *   the whole interval within the margin around 1                                        equivalent
 *   else the whole interval below 1, and the ratio itself below 1 / (1 + margin)         faster, smaller
 *   else the whole interval above 1, and the ratio itself above 1 + margin               slower, larger
 *   else (it holds 1, or the ratio lies within the margin, or a figure is NAN)           inconclusive
 * Where many pairs are compared, a test has its say too: judge.h.
 */
#ifndef HY_VERDICT_H
#define HY_VERDICT_H

#include <stdbool.h>

#define HY_VERDICT_MARGIN 0.02

#define HY_WORD_FASTER "faster"
#define HY_WORD_SLOWER "slower"
#define HY_WORD_SMALLER "smaller"
#define HY_WORD_LARGER "larger"
#define HY_WORD_EQUIVALENT "equivalent"
#define HY_WORD_INCONCLUSIVE "inconclusive"
/* No verdict but the absence of one: the same allocator, measured twice, was told apart from itself. */
#define HY_WORD_WITHHELD "withheld"

const char *hy_verdict_time(double ratio, double low, double high, double margin);
const char *hy_verdict_size(double ratio, double low, double high, double margin);

/* faster, slower, smaller or larger */
bool hy_word_differs(const char *word);
/* slower or larger: what a gate fails on */
bool hy_word_worse(const char *word);

#endif
