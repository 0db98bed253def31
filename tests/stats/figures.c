/* SPDX-License-Identifier: MIT
 *
 * figures.c - what harness/stats says about numbers from standard input, for scipy_agrees.py to compare.
 *
 * Each line is a question: WORD COUNT numbers COUNT numbers.  Each answer is a line of numbers.
 *   rank-sum 3 1 2 3 2 4 5      p of Mann-Whitney
 *   signed 3 1 2 3 3 4 5 6      p of the signed-rank test
 *   apart 5 … 5 …               ratio, low, high of the 95 % interval, sides resampled apart
 *   shared 5 … 5 …              the same of shared rounds: of the median of quotients
 *   shared-90 5 … 5 …           of the 90 % interval
 *   student 2 0.975 5 0         the quantile of that share and those degrees of freedom
 */
#include "bootstrap.h"
#include "normal.h"
#include "ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1000

static size_t figures_read(double *values) {
    size_t count;
    if (scanf("%zu", &count) != 1 || count > MOST)
        exit(2);
    for (size_t i = 0; i < count; i++)
        if (scanf("%lf", &values[i]) != 1)
            exit(2);
    return count;
}

int main(void) {
    static double a[MOST], b[MOST];
    char word[16];
    while (scanf("%15s", word) == 1) {
        const size_t na = figures_read(a), nb = figures_read(b);
        double ratio = 0, low = 0, high = 0;
        if (strcmp(word, "rank-sum") == 0)
            printf("%.17g\n", hy_mann_whitney(a, na, b, nb));
        else if (strcmp(word, "signed") == 0 && na == nb)
            printf("%.17g\n", hy_signed_rank(a, b, na));
        else if (strcmp(word, "student") == 0 && na == 2)
            printf("%.17g\n", hy_student_quantile(a[0], (unsigned)a[1]));
        else if (strcmp(word, "apart") == 0 && hy_ratio_interval(a, na, b, nb, 0.95, 1, &ratio, &low, &high) == 0)
            printf("%.17g %.17g %.17g\n", ratio, low, high);
        else if (strcmp(word, "shared") == 0 && na == nb &&
                 hy_shared_interval(a, b, na, 0.95, 1, &ratio, &low, &high) == 0)
            printf("%.17g %.17g %.17g\n", ratio, low, high);
        else if (strcmp(word, "shared-90") == 0 && na == nb &&
                 hy_shared_interval(a, b, na, 0.9, 1, &ratio, &low, &high) == 0)
            printf("%.17g %.17g %.17g\n", ratio, low, high);
        else
            return 2;
    }
    return 0;
}
