/* SPDX-License-Identifier: MIT
 *
 * repetitions.c - rounds out of a pilot (see repetitions.h).
 *
 *   1. The spread s of the logarithms of each side is Qn: a fixed quantile of all distances between two values; of
 *      shared rounds, that of the logarithms of the quotients, in which what rounds share is gone.
 *   2. The variance of the logarithm of the ratio of medians of n rounds is near pi/2 (sa^2 + sb^2) / n, that of the
 *      median of quotients pi/2 s^2 / n: medians vary pi/2 times as much as means.
 *   3. n makes t times its root the wanted precision; t is Student's, for as many degrees of freedom as Qn is worth.
 *
 * Source: C. Stein, "A two-sample test for a linear hypothesis whose power is independent of the variance", 1945 (the
 * two stages); P. J. Rousseeuw and C. Croux, "Alternatives to the median absolute deviation", 1993 (Qn, its constants
 * for few values).
 * Bad at: pilots in which nothing happened.  Noise that comes in bursts rarer than the pilot is long is not foreseen.
 */
#include "repetitions.h"

#include "bootstrap.h"
#include "describe.h"
#include "normal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define REPETITIONS_LEAST 3
#define REPETITIONS_MOST 1e6
/* What Qn is worth beside the standard deviation, on normal values. */
#define REPETITIONS_EFFICIENCY 0.82

/* Rousseeuw and Croux' factors, which make Qn right on average for n normal values. */
static double repetitions_factor(size_t n) {
    static const double few[] = {0.399, 0.994, 0.512, 0.844, 0.611, 0.857, 0.669, 0.872}; /* n = 2 … 9 */
    if (n < 10)
        return few[n - 2];
    return (double)n / ((double)n + (n % 2 ? 1.4 : 3.8));
}

/* Qn of `n` values; `room` is for n (n - 1) / 2. */
static double repetitions_spread(const double *values, size_t n, double *room) {
    size_t pairs = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            room[pairs++] = fabs(values[i] - values[k]);
    hy_sort(room, pairs);
    const size_t half = n / 2 + 1;
    return 2.2219 * repetitions_factor(n) * room[half * (half - 1) / 2 - 1];
}

/* n times the variance of log(ratio); on shared rounds changes x. */
static double repetitions_variance(double *x, size_t nx, const double *y, size_t ny, bool shared, double *room) {
    for (size_t i = 0; i < nx && shared; i++)
        x[i] -= y[i];
    const double sx = repetitions_spread(x, nx, room), sy = shared ? 0 : repetitions_spread(y, ny, room);
    return M_PI_2 * (sx * sx + sy * sy);
}

static bool repetitions_logarithms(const double *values, size_t n, double *ret_logs) {
    for (size_t i = 0; i < n; i++) {
        if (!(values[i] > 0) || !isfinite(values[i]))
            return false;
        ret_logs[i] = log(values[i]);
    }
    return n >= REPETITIONS_LEAST;
}

/* n times the squared half width, in logarithms; NAN: cannot be told. */
static double repetitions_square(const hy_contest *pilot) {
    const size_t na = pilot->our_count, nb = pilot->their_count, most = na > nb ? na : nb, least = na > nb ? nb : na;
    double *const x = malloc((na + nb + most + most * most / 2 + 1) * sizeof *x), *const y = x ? x + na : NULL;
    double square = NAN;
    if (x && repetitions_logarithms(pilot->ours, na, x) && repetitions_logarithms(pilot->theirs, nb, y)) {
        const unsigned freedom = (unsigned)fmax(1, round(REPETITIONS_EFFICIENCY * (double)(least - 1)));
        const double t = hy_student_quantile(0.975, freedom);
        square = t * t * repetitions_variance(x, na, y, nb, pilot->shared && na == nb, y + nb);
    }
    free(x);
    return square;
}

double hy_precision_expected(const hy_contest *pilot, size_t rounds) {
    const double square = repetitions_square(pilot);
    return rounds > 0 ? expm1(sqrt(square / (double)rounds)) : NAN;
}

size_t hy_rounds_needed(const hy_contest *pilot, double precision) {
    const double square = repetitions_square(pilot), width = log1p(precision);
    if (isnan(square) || !(precision > 0))
        return 0;
    const size_t done = pilot->our_count < pilot->their_count ? pilot->our_count : pilot->their_count;
    const size_t least = done > HY_BOOTSTRAP_LEAST ? done : HY_BOOTSTRAP_LEAST;
    const size_t wanted = (size_t)fmin(REPETITIONS_MOST, ceil(square / (width * width)));
    return wanted > least ? wanted : least;
}

size_t hy_rounds_for_all(const hy_contest *pilots, size_t n, double precision, double alpha) {
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t wanted = hy_rounds_needed(&pilots[i], precision);
        most = wanted > most ? wanted : most;
    }
    const size_t least = hy_judge_least_rounds(n, alpha);
    return most > 0 && most < least ? least : most;
}
