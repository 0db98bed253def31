/* SPDX-License-Identifier: MIT
 *
 * curve.c - curves over the allocation clock, and percentile curves out of histograms.
 *
 * Percentiles are never averaged: the buckets of all repetitions are added up, and the percentiles taken of that.
 */
#include "report.h"

#include <math.h>
#include <stdlib.h>

static void curve_add(hy_curve *curve, double x, double y) {
    if ((curve->count & (curve->count - 1)) == 0) {
        const size_t room = curve->count ? 2 * curve->count : 1;
        curve->x = realloc(curve->x, room * sizeof *curve->x);
        curve->y = realloc(curve->y, room * sizeof *curve->y);
        if (!curve->x || !curve->y)
            abort();
    }
    curve->x[curve->count] = x;
    curve->y[curve->count++] = y;
}

void hy_curve_free(hy_curve *curve) {
    free(curve->x);
    free(curve->y);
    *curve = (hy_curve){.count = 0};
}

/* x, y */
static int curve_point(void *context, int columns, const char *const *text) {
    curve_add(context, strtod(text[0], NULL), strtod(text[1], NULL));
    return 0;
}

int hy_load_curve(const hy_study *study, const hy_entry *entry, const char *series, hy_curve *ret_curve,
                  hy_error *error) {
    const char *const arguments[] = {study->campaign_id, study->trace_id, entry->spec, series, NULL};
    hy_curve curve = {.count = 0};
    const int r =
        hy_store_query(study->store,
                       "SELECT x, y FROM point WHERE series = ?4 AND cell = (SELECT min(id) FROM cell WHERE "
                       "campaign = ?1 AND trace = ?2 AND spec = ?3 AND pass = 'footprint' AND outcome = 'ok') "
                       "ORDER BY rowid",
                       arguments, curve_point, &curve, error);
    if (r < 0)
        hy_curve_free(&curve);
    else
        *ret_curve = curve;
    return r;
}

typedef struct curve_histogram {
    hy_curve highs; /* x: the bucket's upper end, y: how many */
    double total;
} curve_histogram;

/* high, count */
static int curve_bucket(void *context, int columns, const char *const *text) {
    curve_histogram *const h = context;
    const double count = strtod(text[1], NULL);
    curve_add(&h->highs, strtod(text[0], NULL), count);
    h->total += count;
    return 0;
}

/* Points nearer to the one before than a hundredth of a decade on both axes would not be seen; the last one stays. */
static bool curve_worth(const hy_curve *curve, double x, double y) {
    const size_t last = curve->count - 1;
    return curve->count == 0 || x > curve->x[last] * 1.025 || y > curve->y[last] * 1.02;
}

static void curve_accumulate(const curve_histogram *h, hy_curve *curve) {
    double seen = 0;
    for (size_t i = 0; i < h->highs.count; i++) {
        const double y = fmax(h->highs.x[i], 1), before = seen;
        seen += h->highs.y[i];
        const bool last = i + 1 == h->highs.count;
        /* The largest value stands where half an operation is left: a fraction of 1 has no place on this axis. */
        const double x = last ? 2 * h->total : h->total / (h->total - seen);
        if (i == 0)
            curve_add(curve, 1, y);
        if (before < seen && (last || curve_worth(curve, x, y)))
            curve_add(curve, x, y);
    }
}

int hy_load_percentiles(const hy_study *study, const hy_entry *entry, hy_curve *ret_curve, hy_error *error) {
    const char *const arguments[] = {study->campaign_id, study->trace_id, entry->spec, NULL};
    curve_histogram h = {.total = 0};
    const int r = hy_store_query(study->store,
                                 "SELECT b.high, sum(b.count) FROM bucket b JOIN cell c ON c.id = b.cell WHERE "
                                 "c.campaign = ?1 AND c.trace = ?2 AND c.spec = ?3 AND c.pass = 'latency' AND "
                                 "c.outcome = 'ok' AND b.kind = 'all' GROUP BY b.high HAVING sum(b.count) > 0 "
                                 "ORDER BY b.high",
                                 arguments, curve_bucket, &h, error);
    hy_curve curve = {.count = 0};
    if (r == 0)
        curve_accumulate(&h, &curve);
    hy_curve_free(&h.highs);
    if (r == 0)
        *ret_curve = curve;
    return r;
}
