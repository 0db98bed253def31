/* SPDX-License-Identifier: MIT
 *
 * verdict.c - from an interval to a word (see verdict.h).
 */
#include "verdict.h"

#include <string.h>

static const char *verdict_word(double ratio, double low, double high, double margin, const char *less,
                                const char *more) {
    const double least = 1 / (1 + margin), most = 1 + margin;
    if (low >= least && high <= most)
        return HY_WORD_EQUIVALENT;
    if (low <= high && high < 1 && ratio < least)
        return less;
    if (low <= high && low > 1 && ratio > most)
        return more;
    return HY_WORD_INCONCLUSIVE;
}

const char *hy_verdict_time(double ratio, double low, double high, double margin) {
    return verdict_word(ratio, low, high, margin, HY_WORD_FASTER, HY_WORD_SLOWER);
}

const char *hy_verdict_size(double ratio, double low, double high, double margin) {
    return verdict_word(ratio, low, high, margin, HY_WORD_SMALLER, HY_WORD_LARGER);
}

bool hy_word_worse(const char *word) {
    return strcmp(word, HY_WORD_SLOWER) == 0 || strcmp(word, HY_WORD_LARGER) == 0;
}

bool hy_word_differs(const char *word) {
    return hy_word_worse(word) || strcmp(word, HY_WORD_FASTER) == 0 || strcmp(word, HY_WORD_SMALLER) == 0;
}
