/* SPDX-License-Identifier: MIT
 *
 * worst_bounds.h - how much memory the worst program can make an allocator take, that never moves a block.
 *
 * All in words: blocks have 1 to n words, and at most `live` words are alive at any time.  Headers, rounding and the
 * steps in which a heap grows come on top.
 */
#ifndef HY_WORST_BOUNDS_H
#define HY_WORST_BOUNDS_H

#include <stdint.h>

/* Whatever the allocator does, some program makes it take so much: live (log2(n) / 2 + 1) - n + 1, for n a power of
 * two, and blocks of 1, 2, 4 ... n words only.  With such blocks that is also enough for the best allocator.
 * Robson, "An estimate of the store size necessary for dynamic storage allocation", JACM 18 (1971), and "Bounds for
 * some functions concerning dynamic storage allocation", JACM 21 (1974).  The proof is in robson.c. */
double hy_bound_any(double live, uint64_t n);

/* First fit (by address, merging at once) never takes more: live H(n) / ln 2, H(n) = 1 + 1/2 + ... + 1/n, which is
 * about live (log2(n) + 0.83).  Robson (1977), as in Knuth, The Art of Computer Programming 1, section 2.5,
 * exercise 43. */
double hy_bound_first_fit(double live, uint64_t n);

/* Best fit can be made to take so much: (live - 4 n + 11) (n - 2), for n >= 6 and live >= 4 n; else 0.  Robson,
 * "Worst case fragmentation of first fit and best fit storage allocation strategies", The Computer Journal 20 (1977);
 * Knuth, same section, exercise 42.  best_fit_worst.c does it. */
double hy_bound_best_fit(double live, uint64_t n);

/* Any fit that merges at once and goes beyond its highest block only if no hole is large enough never takes more:
 * (live - t + 1) t, where t is the lesser of n and (live + 1) / 2.
 * Proof: a block of t words goes there.  Before, at most live - t words in at most as many blocks were alive, and in
 * front of each was less room than t words: (live - t) + (live - t) (t - 1) + t in all.  That grows with t up to
 * (live + 1) / 2. */
double hy_bound_fits(double live, uint64_t n);

#endif
