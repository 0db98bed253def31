/* SPDX-License-Identifier: MIT
 *
 * wilson.h - the interval of a share that was counted: Wilson's score interval, right for few trials and for shares of
 * 0 and 1, too.
 *
 * Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
 */
#ifndef HY_WILSON_H
#define HY_WILSON_H

typedef struct hy_share {
    double share, low, high;
} hy_share;

/* `hits` of `trials`, at a confidence such as 0.95.  No trials: 0 to 1, and a share of NAN. */
hy_share hy_wilson(unsigned long hits, unsigned long trials, double confidence);

#endif
