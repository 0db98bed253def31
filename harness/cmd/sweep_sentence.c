/* SPDX-License-Identifier: MIT
 *
 * sweep_sentence.c - what the settings make of a trace, in one sentence: the fastest, how much that is worth against
 * the slowest, and the one that needs least memory.
 */
#include "bootstrap.h"
#include "sweep.h"
#include "units.h"

#include <math.h>
#include <stdio.h>

/* Of the settings (all but null, the first row) the one whose figure is least, or, for `sign` -1, most. */
static const hy_row_of_spec *extreme(const hy_rows *rows, hy_replay_figure figure, double sign) {
    const hy_row_of_spec *best = NULL;
    for (size_t i = 1; i < rows->count; i++) {
        const hy_row_of_spec *const row = &rows->row[i];
        const double value = sign * replay_row_figure(row, figure);
        if (!isnan(value) && (!best || value < sign * replay_row_figure(best, figure)))
            best = row;
    }
    return best;
}

static size_t count_timed(const hy_rows *rows) {
    size_t count = 0;
    for (size_t i = 1; i < rows->count; i++)
        count += rows->row[i].figure[HY_FIGURE_NS].count > 0;
    return count;
}

static void print_speed(const hy_row_of_spec *fast, const hy_row_of_spec *slow, size_t count) {
    const hy_values *const a = &slow->figure[HY_FIGURE_NS], *const b = &fast->figure[HY_FIGURE_NS];
    double ratio = replay_row_figure(slow, HY_FIGURE_NS) / replay_row_figure(fast, HY_FIGURE_NS), low = 0, high = 0;
    const bool sure =
        hy_ratio_interval(a->value, a->count, b->value, b->count, 0.95, HY_BOOTSTRAP_SEED, &ratio, &low, &high) == 0;
    printf("%s is the fastest of %zu settings, %.2f\u00d7 as fast as the slowest, %s", fast->spec, count, ratio,
           slow->spec);
    if (sure)
        printf(" (95 %% CI %.2f\u2013%.2f%s)", low, high, low > 1 ? "" : "; inconclusive: no difference to be sure of");
    else
        printf(" (inconclusive: too few repetitions for an interval)");
}

void sweep_print_sentence(const hy_rows *rows) {
    const hy_row_of_spec *const fast = extreme(rows, HY_FIGURE_NS, 1), *const slow = extreme(rows, HY_FIGURE_NS, -1);
    const hy_row_of_spec *const small = extreme(rows, HY_FIGURE_RESIDENT, 1);
    if (!small && (!fast || fast == slow))
        return;
    printf("On %s, ", rows->trace);
    if (fast && fast != slow)
        print_speed(fast, slow, count_timed(rows));
    if (small)
        printf("%s%s takes the least memory, %s", fast && fast != slow ? "; " : "", small == fast ? "it" : small->spec,
               hy_show_bytes((uint64_t)replay_row_figure(small, HY_FIGURE_RESIDENT)).text);
    if (small && fast && small != fast && !isnan(replay_row_figure(small, HY_FIGURE_NS)))
        printf(", in %.2f\u00d7 the time",
               replay_row_figure(small, HY_FIGURE_NS) / replay_row_figure(fast, HY_FIGURE_NS));
    puts(".");
}
