/* SPDX-License-Identifier: MIT */
#include "worst_bounds.h"

#include <math.h>

double hy_bound_any(double live, uint64_t n) {
    return live * (log2((double)n) / 2 + 1) - (double)n + 1;
}

double hy_bound_first_fit(double live, uint64_t n) {
    double harmonic = 0;
    for (uint64_t i = n; i > 0; i--) /* the small ones first: they would be lost beside the large ones */
        harmonic += 1 / (double)i;
    return live * harmonic / M_LN2;
}

double hy_bound_best_fit(double live, uint64_t n) {
    const double m = (double)n;
    return n >= 6 && live >= 4 * m ? (live - 4 * m + 11) * (m - 2) : 0;
}

double hy_bound_fits(double live, uint64_t n) {
    const double half = floor((live + 1) / 2), t = (double)n < half ? (double)n : half;
    return (live - t + 1) * t;
}
