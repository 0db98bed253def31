/* SPDX-License-Identifier: MIT
 *
 * verdict.c - from an interval to a word (see verdict.h).
 */
#include "verdict.h"

static const char *verdict_word(double low, double high, double margin, const char *less, const char *more) {
    if (low >= 1 / (1 + margin) && high <= 1 + margin)
        return "equivalent";
    if (high < 1)
        return low <= high ? less : "inconclusive";
    return low > 1 && high >= low ? more : "inconclusive";
}

const char *hy_verdict_time(double low, double high, double margin) {
    return verdict_word(low, high, margin, "faster", "slower");
}

const char *hy_verdict_size(double low, double high, double margin) {
    return verdict_word(low, high, margin, "smaller", "larger");
}
