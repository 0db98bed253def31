/* SPDX-License-Identifier: MIT
 *
 * overview.c - all traces against all allocators: ratios, and their geometric means.
 *
 * Time is taken as a ratio to the baseline's time on the same trace, memory as a ratio to the most live bytes.  A mean
 * always comes with the number of traces it covers: an allocator that failed on a trace has a mean over fewer.
 */
#include "report.h"

#include "describe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const hy_entry *hy_overview_entry(const hy_study *study, const char *spec) {
    for (size_t i = 0; i < study->count; i++)
        if (strcmp(study->entries[i].spec, spec) == 0)
            return &study->entries[i];
    return NULL;
}

double hy_overview_ratio(const hy_report *report, size_t study, size_t spec, hy_overview what) {
    const hy_entry *const entry = hy_overview_entry(&report->studies[study], report->specs[spec]);
    if (!entry)
        return NAN;
    return what == HY_OVERVIEW_TIME ? entry->speed.ratio : entry->blowup;
}

double hy_overview_mean(const hy_report *report, size_t spec, hy_overview what, size_t *ret_traces) {
    double *const ratios = malloc(report->count * sizeof *ratios);
    if (!ratios)
        abort();
    size_t n = 0;
    for (size_t s = 0; s < report->count; s++) {
        const double ratio = hy_overview_ratio(report, s, spec, what);
        if (isfinite(ratio))
            ratios[n++] = ratio;
    }
    const double mean = hy_geometric_mean(ratios, n);
    free(ratios);
    *ret_traces = n;
    return mean;
}
