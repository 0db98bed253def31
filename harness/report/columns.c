/* SPDX-License-Identifier: MIT
 *
 * columns.c - what the tables show, once for all formats.
 */
#include "report.h"

#include "describe.h"
#include "units.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static double columns_of_null(const hy_study *study, const hy_entry *entry) {
    return study->null ? entry->time.middle / study->null->time.middle : NAN;
}
static double columns_of_bump(const hy_study *study, const hy_entry *entry) {
    return study->bump ? entry->time.middle / study->bump->time.middle : NAN;
}
static double columns_of_floor(const hy_study *study, const hy_entry *entry) {
    return entry->footprint / study->floor;
}
static double columns_tail(const hy_study *study, const hy_entry *entry) {
    return hy_entry_metric(entry, "all_p99") / hy_entry_metric(entry, "all_p50");
}
/* Of all runs: a maximum has no median. */
static double columns_slowest(const hy_study *study, const hy_entry *entry) {
    double most = NAN;
    for (size_t i = 0; i < entry->sample_count; i++)
        for (size_t k = 0; strcmp(entry->samples[i].name, "all_max") == 0 && k < entry->samples[i].count; k++)
            most = fmax(most, entry->samples[i].values[k]);
    return most;
}
static double columns_repetitions(const hy_study *study, const hy_entry *entry) {
    return entry->pass[HY_REPORT_THROUGHPUT].good;
}

/* MAD over median of the times: how much the runs differ from each other. */
static double columns_between_runs(const hy_study *study, const hy_entry *entry) {
    for (size_t i = 0; i < entry->sample_count; i++) {
        const hy_sample *const s = &entry->samples[i];
        if (strcmp(s->name, "ns_per_op") == 0 && s->count > 1)
            return hy_mad(s->values, s->count) / hy_median(s->values, s->count);
    }
    return NAN;
}

/* The metric called `key`; a member of the entry; what a function says. */
#define METRIC(key, title, kind, pass)                                                                                 \
    { key, title, kind, pass, NULL, 0 }
#define MEMBER(key, title, kind, pass, member)                                                                         \
    { key, title, kind, pass, NULL, offsetof(hy_entry, member) }
#define COMPUTED(key, title, kind, pass, value)                                                                        \
    { key, title, kind, pass, value, 0 }

#define SPEC METRIC("spec", "allocator", HY_COLUMN_SPEC, HY_REPORT_THROUGHPUT)
#define OUTCOME METRIC("outcome", "outcome", HY_COLUMN_OUTCOME, HY_REPORT_THROUGHPUT)
#define VERSION METRIC("version", "version", HY_COLUMN_VERSION, HY_REPORT_THROUGHPUT)
#define END METRIC(NULL, NULL, HY_COLUMN_SPEC, HY_REPORT_THROUGHPUT)
#define TIME MEMBER("ns_per_op", "ns/op", HY_COLUMN_NS, HY_REPORT_THROUGHPUT, time.middle)
#define TIME_LOW MEMBER("ns_per_op_low", "from", HY_COLUMN_NS, HY_REPORT_THROUGHPUT, time.low)
#define TIME_HIGH MEMBER("ns_per_op_high", "to", HY_COLUMN_NS, HY_REPORT_THROUGHPUT, time.high)
#define OF_NULL COMPUTED("of_null", "× null", HY_COLUMN_RATIO, HY_REPORT_THROUGHPUT, columns_of_null)
#define RELATIVE MEMBER("relative", "time ratio", HY_COLUMN_RATIO, HY_REPORT_THROUGHPUT, speed.ratio)
#define RELATIVE_LOW MEMBER("relative_low", "from", HY_COLUMN_RATIO, HY_REPORT_THROUGHPUT, speed.low)
#define RELATIVE_HIGH MEMBER("relative_high", "to", HY_COLUMN_RATIO, HY_REPORT_THROUGHPUT, speed.high)
#define VERDICT METRIC("verdict", "verdict", HY_COLUMN_VERDICT, HY_REPORT_THROUGHPUT)
#define OF_BUMP COMPUTED("of_bump", "× bump", HY_COLUMN_RATIO, HY_REPORT_THROUGHPUT, columns_of_bump)
#define P_ADJUSTED MEMBER("p_adjusted", "p", HY_COLUMN_P, HY_REPORT_THROUGHPUT, speed.p_adjusted)
#define DELTA MEMBER("delta", "delta", HY_COLUMN_RATIO, HY_REPORT_THROUGHPUT, speed.delta)
#define SIZE MEMBER("memory_relative", "memory ratio", HY_COLUMN_RATIO, HY_REPORT_FOOTPRINT, size.ratio)
#define SIZE_LOW MEMBER("memory_relative_low", "from", HY_COLUMN_RATIO, HY_REPORT_FOOTPRINT, size.low)
#define SIZE_HIGH MEMBER("memory_relative_high", "to", HY_COLUMN_RATIO, HY_REPORT_FOOTPRINT, size.high)
#define SIZE_VERDICT METRIC("memory_verdict", "verdict", HY_COLUMN_VERDICT, HY_REPORT_FOOTPRINT)
#define OF_FLOOR COMPUTED("of_least", "× least", HY_COLUMN_RATIO, HY_REPORT_FOOTPRINT, columns_of_floor)
#define LATENCY_OF(key, title) METRIC(key, title, HY_COLUMN_NS, HY_REPORT_LATENCY)
#define LATENCY(key, title) LATENCY_OF("all_" key, title)
#define SLOWEST COMPUTED("all_max", "max", HY_COLUMN_NS, HY_REPORT_LATENCY, columns_slowest)
#define TAIL COMPUTED("p99_over_p50", "p99/p50", HY_COLUMN_RATIO, HY_REPORT_LATENCY, columns_tail)
#define BETWEEN COMPUTED("between_runs", "between runs", HY_COLUMN_PERCENT, HY_REPORT_THROUGHPUT, columns_between_runs)
#define RUNS COMPUTED("repetitions", "runs", HY_COLUMN_COUNT, HY_REPORT_THROUGHPUT, columns_repetitions)
#define FOOTPRINT MEMBER("footprint", "peak memory", HY_COLUMN_BYTES, HY_REPORT_FOOTPRINT, footprint)
#define BLOWUP MEMBER("blowup", "× live", HY_COLUMN_RATIO, HY_REPORT_FOOTPRINT, blowup)
#define MEMORY(key, title, kind) METRIC(key, title, kind, HY_REPORT_FOOTPRINT)
#define FRAGMENTATION                                                                                                  \
    MEMORY("jw1", "JW 1", HY_COLUMN_RATIO), MEMORY("jw2", "JW 2", HY_COLUMN_RATIO),                                    \
        MEMORY("jw3", "JW 3", HY_COLUMN_RATIO), MEMORY("jw4", "JW 4", HY_COLUMN_RATIO),                                \
        MEMORY("placement3", "placement 3", HY_COLUMN_RATIO), MEMORY("external", "external", HY_COLUMN_PERCENT),       \
        MEMORY("external_mean", "ext. mean", HY_COLUMN_PERCENT), MEMORY("internal", "internal", HY_COLUMN_PERCENT),    \
        MEMORY("metadata", "metadata", HY_COLUMN_PERCENT)

/* What the allocator counted by itself. */
#define COUNTERS                                                                                                       \
    MEMORY("search_length", "search", HY_COLUMN_RATIO), MEMORY("splits", "splits", HY_COLUMN_COUNT),                   \
        MEMORY("merges", "merges", HY_COLUMN_COUNT), MEMORY("merges_wasted", "wasted", HY_COLUMN_COUNT),               \
        MEMORY("regret", "regret", HY_COLUMN_PERCENT), MEMORY("merge_passes", "passes", HY_COLUMN_COUNT),              \
        MEMORY("pass_steps", "pass steps", HY_COLUMN_COUNT), MEMORY("longest_pass", "longest pass", HY_COLUMN_COUNT),  \
        MEMORY("grows", "growths", HY_COLUMN_COUNT), MEMORY("yard", "yard", HY_COLUMN_BYTES),                          \
        MEMORY("failures", "failures", HY_COLUMN_COUNT),                                                               \
        MEMORY("external_failures", "of these external", HY_COLUMN_COUNT)

/* No maximum: it would be a median of maxima. */
#define KIND(kind)                                                                                                     \
    LATENCY_OF(kind "_mean", kind " mean"), LATENCY_OF(kind "_p99", kind " p99"),                                      \
        LATENCY_OF(kind "_p999", kind " p99.9")
/* Operations by what they held. */
#define SLOW_KINDS                                                                                                     \
    KIND("merge"), KIND("grow"),                                                                                       \
        METRIC("slowest_merge_share", "slowest that merged", HY_COLUMN_PERCENT, HY_REPORT_LATENCY)
#define KINDS KIND("malloc"), KIND("calloc"), KIND("aligned"), KIND("realloc"), KIND("free")

const hy_column hy_columns_kinds[] = {SPEC, KINDS, END};

#define COUNTED(key, title) METRIC(key, title, HY_COLUMN_COUNT, HY_REPORT_LATENCY)
const hy_column hy_columns_slowest[] = {
    SPEC,
    SLOWEST,
    METRIC("slowest", "what it was", HY_COLUMN_OUTLIER, HY_REPORT_LATENCY),
    COUNTED("merge_ops", "merge passes"),
    LATENCY_OF("merge_p999", "their p99.9"),
    METRIC("slowest_merge_share", "of the slowest 100", HY_COLUMN_PERCENT, HY_REPORT_LATENCY),
    COUNTED("grow_ops", "growths"),
    LATENCY_OF("grow_p999", "their p99.9"),
    LATENCY_OF("plain_p999", "p99.9 of the others"),
    COUNTED("page_faults", "page faults"),
    COUNTED("preemptions", "put aside"),
    END};

const hy_column hy_columns_main[] = {SPEC,      TIME,         TIME_LOW,      TIME_HIGH,    OF_NULL,
                                     RELATIVE,  RELATIVE_LOW, RELATIVE_HIGH, VERDICT,      LATENCY("p99", "p99"),
                                     FOOTPRINT, BLOWUP,       SIZE,          SIZE_VERDICT, OUTCOME,
                                     END};

const hy_column hy_columns_verdicts[] = {SPEC,     TIME,      RELATIVE,     RELATIVE_LOW, RELATIVE_HIGH,
                                         VERDICT,  OF_NULL,   OF_BUMP,      FOOTPRINT,    SIZE,
                                         SIZE_LOW, SIZE_HIGH, SIZE_VERDICT, OF_FLOOR,     END};

const hy_column hy_columns_latency[] = {SPEC,
                                        LATENCY("p50", "p50"),
                                        LATENCY("p90", "p90"),
                                        LATENCY("p99", "p99"),
                                        LATENCY("p999", "p99.9"),
                                        LATENCY("p9999", "p99.99"),
                                        SLOWEST,
                                        LATENCY("mean", "mean"),
                                        LATENCY("deviation", "deviation"),
                                        TAIL,
                                        BETWEEN,
                                        END};

const hy_column hy_columns_memory[] = {SPEC, MEMORY("peak_resident", "resident", HY_COLUMN_BYTES),
                                       MEMORY("peak_committed", "committed", HY_COLUMN_BYTES), FRAGMENTATION, END};

const hy_column hy_columns_all[] = {SPEC,
                                    VERSION,
                                    OUTCOME,
                                    RUNS,
                                    TIME,
                                    TIME_LOW,
                                    TIME_HIGH,
                                    OF_NULL,
                                    RELATIVE,
                                    RELATIVE_LOW,
                                    RELATIVE_HIGH,
                                    VERDICT,
                                    P_ADJUSTED,
                                    DELTA,
                                    OF_BUMP,
                                    BETWEEN,
                                    LATENCY("p50", "p50"),
                                    LATENCY("p90", "p90"),
                                    LATENCY("p99", "p99"),
                                    LATENCY("p999", "p99.9"),
                                    LATENCY("p9999", "p99.99"),
                                    SLOWEST,
                                    LATENCY("mean", "mean"),
                                    LATENCY("deviation", "deviation"),
                                    TAIL,
                                    KINDS,
                                    SLOW_KINDS,
                                    FOOTPRINT,
                                    BLOWUP,
                                    SIZE,
                                    SIZE_LOW,
                                    SIZE_HIGH,
                                    SIZE_VERDICT,
                                    OF_FLOOR,
                                    MEMORY("peak_live", "live", HY_COLUMN_BYTES),
                                    MEMORY("peak_resident", "resident", HY_COLUMN_BYTES),
                                    MEMORY("peak_committed", "committed", HY_COLUMN_BYTES),
                                    FRAGMENTATION,
                                    COUNTERS,
                                    END};

bool hy_column_is_text(const hy_column *column) {
    return column->kind <= HY_COLUMN_VERDICT;
}

double hy_column_value(const hy_column *column, const hy_study *study, const hy_entry *entry) {
    if (hy_column_is_text(column) || (entry->fake && column->pass == HY_REPORT_FOOTPRINT))
        return NAN;
    const double value = column->value    ? column->value(study, entry)
                         : column->member ? *(const double *)(const void *)((const char *)entry + column->member)
                                          : hy_entry_metric(entry, column->key);
    return isfinite(value) ? value : NAN;
}

const char *hy_column_word(const hy_column *column, const hy_entry *entry) {
    return column->pass == HY_REPORT_FOOTPRINT ? entry->size.word : entry->speed.word;
}

static hy_words columns_words(const char *text) {
    hy_words words;
    snprintf(words.text, sizeof words.text, "%s", text);
    return words;
}

static hy_words columns_verdict(const hy_column *column, const hy_study *study, const hy_entry *entry) {
    const char *const word = hy_column_word(column, entry);
    if (word[0] == '\0' && entry == study->baseline)
        return columns_words("baseline");
    return columns_words(word[0] ? word : hy_entry_missing(entry, column->pass));
}

static hy_words columns_text(const hy_column *column, const hy_study *study, const hy_entry *entry) {
    switch (column->kind) {
    case HY_COLUMN_SPEC: return columns_words(entry->spec);
    case HY_COLUMN_VERSION: return columns_words(entry->version[0] ? entry->version : "n/a");
    case HY_COLUMN_OUTCOME: return hy_entry_outcome(entry);
    case HY_COLUMN_OUTLIER: return hy_outlier_words(study, entry);
    default: return columns_verdict(column, study, entry);
    }
}

hy_words hy_column_show(const hy_column *column, const hy_study *study, const hy_entry *entry) {
    if (hy_column_is_text(column))
        return columns_text(column, study, entry);
    const double value = hy_column_value(column, study, entry);
    if (isnan(value))
        return columns_words(hy_entry_missing(entry, column->pass));
    hy_words words;
    switch (column->kind) {
    case HY_COLUMN_NS:
        if (value >= 10000)
            return columns_words(hy_show_count((uint64_t)value).text);
        snprintf(words.text, sizeof words.text, value < 100 ? "%.1f" : "%.0f", value);
        return words;
    case HY_COLUMN_P: snprintf(words.text, sizeof words.text, value < 0.0001 ? "<0.0001" : "%.2g", value); return words;
    case HY_COLUMN_PERCENT: snprintf(words.text, sizeof words.text, "%.1f %%", 100 * value); return words;
    case HY_COLUMN_BYTES: return columns_words(hy_show_bytes((uint64_t)value).text);
    case HY_COLUMN_COUNT: snprintf(words.text, sizeof words.text, "%.0f", value); return words;
    default: snprintf(words.text, sizeof words.text, value < 100 ? "%.2f" : "%.0f", value); return words;
    }
}
