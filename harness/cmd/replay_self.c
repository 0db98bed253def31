/* SPDX-License-Identifier: MIT
 *
 * replay_self.c - see replay_self.h.
 */
#include "replay_self.h"

#include "bootstrap.h"
#include "measure.h"
#include "self_check.h"
#include "trace_row.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#define ROUNDS 11u /* without -r */

static const char *const words[HY_SELF_FIGURES] = {
    [HY_SELF_FLOOR] = "everything but the allocator (null)",
    [HY_SELF_STAMPS] = "what a time stamp adds to an operation",
    [HY_SELF_STAMP] = "one time stamp in a row of them",
    [HY_SELF_OBSERVER] = "the replayer / a raw loop, on system",
    [HY_SELF_HANDED] = "an object handed over, nobody waiting",
};

typedef struct interval {
    double median, low, high; /* NAN: not known */
} interval;

static interval interval_of(const hy_self_values *values, hy_self_figure figure) {
    interval i = {NAN, NAN, NAN};
    if (hy_median_interval(values->value[figure], values->rounds, 0.95, HY_BOOTSTRAP_SEED, &i.median, &i.low, &i.high) <
        0)
        i = (interval){values->value[figure][0], NAN, NAN};
    return i;
}

static const char *unit_of(size_t figure) {
    return figure == HY_SELF_OBSERVER ? "ratio" : "ns";
}

static void print_csv(const hy_self_values *values, const char *trace, bool first) {
    if (first)
        puts("trace,figure,unit,median,low,high,rounds");
    for (size_t k = 0; k < HY_SELF_FIGURES; k++) {
        const interval i = interval_of(values, (hy_self_figure)k);
        printf("%s,%s,%s,%.6g,", trace, hy_self_names[k], unit_of(k), i.median);
        isnan(i.low) ? printf(",,") : printf("%.6g,%.6g,", i.low, i.high);
        printf("%zu\n", values->rounds);
    }
}

static void print_text(const hy_self_values *values, const char *trace) {
    printf("The replayer itself, on %s: medians of %zu rounds, 95 %% intervals\n", trace, values->rounds);
    for (size_t k = 0; k < HY_SELF_FIGURES; k++) {
        const interval i = interval_of(values, (hy_self_figure)k);
        printf("  %-40s %8.3g %-5s", words[k], i.median, k == HY_SELF_OBSERVER ? "" : "ns");
        isnan(i.low) ? puts("  (too few rounds)") : printf("  (%.3g-%.3g)\n", i.low, i.high);
    }
}

static int check_prepared(const hy_replay_options *o, const hy_prepared *prepared, size_t rounds, bool first) {
    char name[HY_TRACE_NAME];
    hy_self_values values;
    hy_error error;
    if (hy_prepared_is_streamed(prepared))
        return cmd_fail("%s: a self-check takes a shorter trace, of %llu operations at most", prepared->what.path,
                        (unsigned long long)HY_PREPARE_WHOLE);
    const int r = hy_self_check(prepared, rounds, o->plan.seed, cmd_listen_for_stop(), &values, &error);
    if (r < 0)
        return cmd_fail("%s", r == -EINTR ? "stopped; a self-check stores nothing" : error.text);
    hy_trace_name(prepared->what.path, name);
    o->format == HY_FORMAT_CSV ? print_csv(&values, name, first) : print_text(&values, name);
    hy_self_free(&values);
    return HY_EXIT_OK;
}

static int check_one(const hy_replay_options *o, size_t trace, size_t rounds) {
    const hy_prepare_order order = {.path = o->traces[trace], .form = HY_FORM_SERIAL, .most_bytes = o->plan.most_bytes};
    hy_prepared prepared;
    hy_error error;
    if (hy_prepare(&order, &prepared, &error) < 0)
        return cmd_fail("%s", error.text);
    const int r = check_prepared(o, &prepared, rounds, trace == 0);
    hy_prepared_free(&prepared);
    return r;
}

int replay_self_check(const hy_replay_options *o) {
    int r = 0;
    if (o->format != HY_FORMAT_TEXT && o->format != HY_FORMAT_CSV)
        return cmd_fail("--self-check answers as text or csv");
    for (size_t i = 0; r == 0 && i < o->trace_count; i++)
        r = check_one(o, i, o->repetitions_given ? o->plan.repetitions : ROUNDS);
    return r;
}
