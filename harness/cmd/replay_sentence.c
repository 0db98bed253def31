/* SPDX-License-Identifier: MIT
 *
 * replay_sentence.c - what a trace says, in one sentence.
 *
 * The fastest of those that do a whole allocator's work (no fakes, no regions, none that never uses memory again) is
 * compared with the system's malloc if that was measured, else with the first of the list; where that is the fastest
 * itself, with the next fastest.
 */
#include "bootstrap.h"
#include "registry.h"
#include "replay_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool does_all_the_work(const hy_row_of_spec *row) {
    const hy_heap_ops *ops;
    hy_error error;
    return row->figure[HY_FIGURE_NS].count > 0 &&
           hy_spec_check(&hy_registry, (hy_text){row->spec, strlen(row->spec)}, &ops, &error) == 0 &&
           !(ops->flags & (HY_FAKE | HY_NO_REUSE | HY_REGIONS | HY_LIFO | HY_FIXED_SIZE));
}

/* The fastest but `without`, or NULL. */
static const hy_row_of_spec *fastest(const hy_rows *rows, const hy_row_of_spec *without) {
    const hy_row_of_spec *best = NULL;
    for (size_t i = 0; i < rows->count; i++) {
        const hy_row_of_spec *const row = &rows->row[i];
        if (row != without && does_all_the_work(row) &&
            (!best || replay_row_figure(row, HY_FIGURE_NS) < replay_row_figure(best, HY_FIGURE_NS)))
            best = row;
    }
    return best;
}

static const hy_row_of_spec *reference(const hy_rows *rows) {
    const hy_row_of_spec *first = NULL;
    for (size_t i = rows->count; i-- > 0;) {
        const hy_row_of_spec *const row = &rows->row[i];
        if (!does_all_the_work(row))
            continue;
        if (strcmp(row->spec, "system") == 0)
            return row;
        first = row;
    }
    return first;
}

static void print_memory(const hy_row_of_spec *a, const hy_row_of_spec *b) {
    const double ratio = replay_row_figure(a, HY_FIGURE_RESIDENT) / replay_row_figure(b, HY_FIGURE_RESIDENT);
    if (isnan(ratio) || isinf(ratio))
        return;
    if (fabs(ratio - 1) < 0.005)
        printf(" in as much memory");
    else
        printf(" in %.0f %% %s memory", 100 * fabs(ratio - 1), ratio > 1 ? "more" : "less");
}

void replay_print_sentence(const hy_rows *rows) {
    const hy_row_of_spec *const fast = fastest(rows, NULL);
    const hy_row_of_spec *other = reference(rows);
    other = other == fast ? fastest(rows, fast) : other;
    if (!fast || !other)
        return;
    const hy_values *const a = &other->figure[HY_FIGURE_NS], *const b = &fast->figure[HY_FIGURE_NS];
    double ratio = replay_row_figure(other, HY_FIGURE_NS) / replay_row_figure(fast, HY_FIGURE_NS), low = 0, high = 0;
    const bool sure =
        hy_ratio_interval(a->value, a->count, b->value, b->count, 0.95, HY_BOOTSTRAP_SEED, &ratio, &low, &high) == 0;
    printf("On %s, %s ran %.2f\u00d7 as fast as %s", rows->trace, fast->spec, ratio, other->spec);
    if (sure)
        printf(" (95 %% CI %.2f\u2013%.2f)", low, high);
    print_memory(fast, other);
    if (!sure)
        printf("; %d repetitions or more would give an interval.\n", HY_BOOTSTRAP_LEAST);
    else
        puts(low > 1 ? "." : "; no difference to be sure of.");
}
