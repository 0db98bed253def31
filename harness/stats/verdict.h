/* SPDX-License-Identifier: MIT
 *
 * verdict.h - the only words that may be said about two allocators.
 *
 * `low` and `high` are the interval of the ratio (this one / the other), of time or of bytes; `margin` is the
 * difference that nobody would care about (0.02: 2 %).
 *   the whole interval within the margin around 1   equivalent
 *   else the whole interval below 1                 faster, smaller
 *   else the whole interval above 1                 slower, larger
 *   else (it holds 1, or an end is NAN)             inconclusive
 */
#ifndef HY_VERDICT_H
#define HY_VERDICT_H

#define HY_VERDICT_MARGIN 0.02

const char *hy_verdict_time(double low, double high, double margin);
const char *hy_verdict_size(double low, double high, double margin);

#endif
