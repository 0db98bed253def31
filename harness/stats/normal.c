/* SPDX-License-Identifier: MIT
 *
 * normal.c - the normal and Student's distribution (see normal.h).
 *
 * Source: M. Abramowitz and I. Stegun, "Handbook of Mathematical Functions", 1964, 26.7.3 and 26.7.4 (Student's
 * distribution for a whole number of degrees of freedom, as a finite sum).
 * Bad at: speed.  Each quantile halves an interval 80 times; it is asked for a few times a comparison.
 */
#include "normal.h"

#include <math.h>
#include <stdbool.h>

double hy_normal_below(double z) {
    return 0.5 * erfc(-z / M_SQRT2);
}

double hy_student_below(double t, unsigned freedom) {
    const double angle = atan(t / sqrt(freedom)), square = cos(angle) * cos(angle);
    const bool odd = freedom % 2 == 1;
    double term = odd ? cos(angle) : 1, sum = freedom > 1 ? term : 0;
    for (unsigned k = odd ? 3 : 2; k + 2 <= freedom; k += 2) {
        term *= square * (k - 1) / k;
        sum += term;
    }
    const double within = odd ? M_2_PI * (angle + sin(angle) * sum) : sin(angle) * sum;
    return 0.5 + within / 2;
}

/* By halving an interval until it is as narrow as a double: short, and right to the last digits. */
double hy_normal_quantile(double share) {
    double low = -12, high = 12;
    for (int i = 0; i < 80; i++) {
        const double middle = (low + high) / 2;
        if (hy_normal_below(middle) < share)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

double hy_student_quantile(double share, unsigned freedom) {
    double low = -1e6, high = 1e6;
    for (int i = 0; i < 80; i++) {
        const double middle = (low + high) / 2;
        if (hy_student_below(middle, freedom) < share)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
