/* SPDX-License-Identifier: MIT
 *
 * hgrm.c - latency histograms as text that HdrHistogram's plotters read (.hgrm), one for each trace, allocator and kind
 * of operation; values are nanoseconds.
 *
 *   1. Buckets of all repetitions are added up: percentiles are never averaged.
 *   2. As in HdrHistogram's own output there are five lines each time that the distance to 100 % halves, and the last
 *      line stands for 100 %.
 *
 * Source: Gil Tene, HdrHistogram, outputPercentileDistribution.
 */
#include "report.h"

#include "histogram.h"
#include "lists.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TICKS 5 /* lines each time that the distance to 100 % halves */

typedef struct hgrm_row {
    char kind[16];
    double low, high, count;
} hgrm_row;

typedef struct hgrm_rows {
    hgrm_row *row; /* by kind, then by value */
    size_t count;
} hgrm_rows;

/* kind, low, high, count */
static int hgrm_bucket(void *context, int columns, const char *const *text) {
    hgrm_rows *const rows = context;
    rows->row = hy_list_must(rows->row, rows->count, sizeof *rows->row);
    hgrm_row *const row = &rows->row[rows->count++];
    snprintf(row->kind, sizeof row->kind, "%s", text[0]);
    row->low = strtod(text[1], NULL);
    row->high = strtod(text[2], NULL);
    row->count = strtod(text[3], NULL);
    return 0;
}

static int hgrm_load(const hy_study *study, const hy_entry *entry, hgrm_rows *ret_rows, hy_error *error) {
    const char *const arguments[] = {study->campaign_id, study->trace_id, entry->spec, NULL};
    return hy_store_query(
        study->store,
        "SELECT b.kind, b.low, b.high, sum(b.count) FROM bucket b JOIN cell c ON c.id = b.cell WHERE "
        "c.campaign = ?1 AND c.trace = ?2 AND c.spec = ?3 AND c.pass = 'latency' AND c.outcome = 'ok' "
        "GROUP BY b.kind, b.high HAVING sum(b.count) > 0 ORDER BY b.kind, b.high",
        arguments, hgrm_bucket, ret_rows, error);
}

/* Middles of buckets stand for their values. */
static void hgrm_moments(const hgrm_row *row, size_t n, double total, double *ret_mean, double *ret_deviation) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += row[i].count * (row[i].low + row[i].high) / 2;
    *ret_mean = sum / total;
    for (size_t i = 0; i < n; i++) {
        const double away = (row[i].low + row[i].high) / 2 - *ret_mean;
        squares += row[i].count * away * away;
    }
    *ret_deviation = sqrt(squares / total);
}

/* The next share of values that has a line. */
static double hgrm_next(double share) {
    const double halvings = floor(log2(1 / (1 - share))) + 1;
    return share + 1 / (TICKS * exp2(halvings));
}

static void hgrm_lines(const hgrm_row *row, size_t n, double total, FILE *out) {
    double seen = row[0].count, share = 0;
    size_t i = 0;
    while (seen < total) {
        for (; seen < share * total; seen += row[i].count)
            i++;
        if (seen >= total)
            break;
        fprintf(out, "%12.3f %2.12f %10.0f %14.2f\n", row[i].high, share, seen, 1 / (1 - share));
        share = hgrm_next(share);
    }
    fprintf(out, "%12.3f %2.12f %10.0f\n", row[n - 1].high, 1.0, total);
}

/* All rows are of one kind. */
static void hgrm_print(const hy_study *study, const hy_entry *entry, const hgrm_row *row, size_t n, FILE *out) {
    double total = 0, mean, deviation;
    for (size_t i = 0; i < n; i++)
        total += row[i].count;
    hgrm_moments(row, n, total, &mean, &deviation);
    hy_words head = {""};
    hy_say(&head, "#[Trace = %s, allocator = %s, operations = %s, unit = ns]", study->name, entry->spec, row->kind);
    fprintf(out, "%s\n%12s %14s %10s %14s\n\n", head.text, "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    hgrm_lines(row, n, total, out);
    fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", mean, deviation);
    fprintf(out, "#[Max     = %12.3f, Total count    = %12.0f]\n", row[n - 1].high, total);
    fprintf(out, "#[Buckets = %12u, SubBuckets     = %12u]\n", HY_HISTOGRAM_BUCKETS / HY_HISTOGRAM_SUB,
            HY_HISTOGRAM_SUB);
}

/* Into a file of its own in the folder, or to stdout. */
static int hgrm_write(const hy_study *study, size_t which, const hgrm_row *row, size_t n, const char *folder,
                      hy_error *error) {
    const hy_entry *const entry = &study->entries[which];
    if (!folder) {
        hgrm_print(study, entry, row, n, stdout);
        fputc('\n', stdout);
        return 0;
    }
    char path[4096], trace[64], spec[64];
    hy_slug(study->name, trace);
    hy_slug(entry->spec, spec);
    snprintf(path, sizeof path, "%s/%u-%s-%zu-%s-%s.hgrm", folder, study->number, trace, which + 1, spec, row->kind);
    FILE *const out = fopen(path, "we");
    if (!out)
        return hy_fail(error, -errno, "%s: cannot be written: %s", path, strerror(errno));
    hgrm_print(study, entry, row, n, out);
    const bool lost = ferror(out) != 0;
    return fclose(out) != 0 || lost ? hy_fail(error, -EIO, "%s: cannot be written: %s", path, strerror(errno)) : 0;
}

static int hgrm_entry(const hy_study *study, size_t which, const char *folder, size_t *written, hy_error *error) {
    hgrm_rows rows = {.count = 0};
    int r = hgrm_load(study, &study->entries[which], &rows, error);
    for (size_t first = 0, end; first < rows.count && r == 0; first = end) {
        for (end = first + 1; end < rows.count && strcmp(rows.row[end].kind, rows.row[first].kind) == 0;)
            end++;
        r = hgrm_write(study, which, rows.row + first, end - first, folder, error);
        ++*written;
    }
    free(rows.row);
    return r;
}

int hy_write_hgrm(const hy_report *report, const char *folder, size_t *ret_written, hy_error *error) {
    size_t written = 0;
    int r = folder ? hy_make_folder(folder, error) : 0;
    for (size_t s = 0; s < report->count && r == 0; s++)
        for (size_t i = 0; i < report->studies[s].count && r == 0; i++)
            r = hgrm_entry(&report->studies[s], i, folder, &written, error);
    if (r == 0 && written == 0)
        r = hy_fail(error, -ENODATA, "no latency was measured; `heapyard replay --pass latency` does");
    if (r == 0)
        *ret_written = written;
    return r;
}
