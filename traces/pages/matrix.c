/* SPDX-License-Identifier: MIT
 *
 * matrix.c N ORDER - multiplies two N by N matrices of doubles; ORDER is ijk (the second matrix column by column) or
 * ikj (all row by row).  Page references of both were recorded: record.sh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void multiply_ijk(size_t n, const double *a, const double *b, double *c) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++)
                c[i * n + j] += a[i * n + k] * b[k * n + j];
}

static void multiply_ikj(size_t n, const double *a, const double *b, double *c) {
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++)
                c[i * n + j] += a[i * n + k] * b[k * n + j];
}

int main(int argc, char **argv) {
    const size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    double *const a = calloc(n * n + 1, sizeof *a), *const b = calloc(n * n + 1, sizeof *b);
    double *const c = calloc(n * n + 1, sizeof *c);
    if (argc != 3 || !a || !b || !c)
        return 2;
    for (size_t i = 0; i < n * n; i++) {
        a[i] = (double)(i % 7);
        b[i] = (double)(i % 5);
    }
    (strcmp(argv[2], "ijk") == 0 ? multiply_ijk : multiply_ikj)(n, a, b, c);
    printf("%g\n", c[n * n / 2]);
    return 0;
}
