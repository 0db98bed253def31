/* SPDX-License-Identifier: MIT
 *
 * wilson.c - see wilson.h.
 */
#include "wilson.h"

#include "normal.h"

#include <math.h>

hy_share hy_wilson(unsigned long hits, unsigned long trials, double confidence) {
    if (trials == 0)
        return (hy_share){NAN, 0, 1};
    const double n = (double)trials, p = (double)hits / n;
    const double z = hy_normal_quantile(0.5 + confidence / 2);
    const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double reach = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return (hy_share){p, hits == 0 ? 0 : fmax(middle - reach, 0), hits == trials ? 1 : fmin(middle + reach, 1)};
}
