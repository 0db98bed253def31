#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Works out, with Python's own statistics module, the numbers that tests/unit/test_stats.c expects.

    python3 tests/unit/reference/stats.py

The resampling is written a second time here, from Efron and Tibshirani's formulas, over the same random stream.
"""
import statistics

MASK = (1 << 64) - 1
NORMAL = statistics.NormalDist()


def random_at(seed, place):
    x = (seed + (place + 1) * 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def quantile(values, share):
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    i = int(place)
    return ordered[i] if i + 1 >= len(ordered) else ordered[i] + (place - i) * (ordered[i + 1] - ordered[i])


def bca(samples, statistic, level, seed, resamples=9999):
    stream = iter(range(1 << 62))
    drawn = []
    for _ in range(resamples):
        drawn.append(statistic(*[[s[random_at(seed, next(stream)) % len(s)] for _ in s] for s in samples]))
    observed = statistic(*samples)
    share = sum((d < observed) + 0.5 * (d == observed) for d in drawn) / resamples
    z0 = NORMAL.inv_cdf(min(max(share, 0.5 / resamples), 1 - 0.5 / resamples))
    cubes = squares = 0.0
    for j, s in enumerate(samples):
        without = [statistic(*[t if k != j else t[:i] + t[i + 1:] for k, t in enumerate(samples)])
                   for i in range(len(s))]
        mean = statistics.fmean(without)
        influence = [(len(s) - 1) * (mean - w) / len(s) for w in without]
        cubes += sum(u ** 3 for u in influence)
        squares += sum(u ** 2 for u in influence)
    a = cubes / (6 * squares ** 1.5) if squares else 0.0
    ends = []
    for end in ((1 - level) / 2, (1 + level) / 2):
        z = z0 + NORMAL.inv_cdf(end)
        ends.append(quantile(drawn, NORMAL.cdf(z0 + z / (1 - a * z))))
    return observed, *ends


def ratio(a, b):
    return statistics.median(a) / statistics.median(b)


A = [10.1, 9.8, 10.4, 12.9, 10.0, 9.9, 10.2, 11.0]
B = [13.0, 12.7, 13.3, 12.9, 16.1, 13.1, 12.8]
# Of the same rounds, and wild enough for the acceleration to show.
C = [1.29, 1.04, 0.74, 0.96, 1.51, 0.65, 0.69, 1.8, 0.89, 1.47, 0.87, 0.88]
D = [1.79, 0.62, 0.98, 0.64, 1.63, 0.72, 0.5, 0.92, 1.54, 1.81, 1.2, 1.1]

if __name__ == '__main__':
    print('random', [hex(random_at(42, i)) for i in range(2)])
    print('median', statistics.median(A), 'q90', quantile(A, 0.9), 'deviation', statistics.stdev(A))
    print('mad', 1.4826 * statistics.median(abs(a - statistics.median(A)) for a in A))
    print('geometric', statistics.geometric_mean(A))
    print('ratio 95', bca([A, B], ratio, 0.95, 7))
    print('ratio 90', bca([B, A], ratio, 0.90, 8))
    print('median 95', bca([A], statistics.median, 0.95, 9))
    print('rounds 90', bca([[c / d for c, d in zip(C, D)]], statistics.median, 0.90, 10))
