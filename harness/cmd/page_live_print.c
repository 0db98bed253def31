/* SPDX-License-Identifier: MIT
 *
 * page_live_print.c - what `heapyard page live` answers: a line a run, and what its faults cost.
 */
#include "page_live.h"

#include "machine_answer.h"
#include "units.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* One tick in ns, measured once. */
static double live_tick(void) {
    static double length;
    if (length == 0)
        length = hy_tick_length(20);
    return length;
}

static const hy_sheet_column run_columns[] = {
    {"policy", "policy", HY_SHEET_WORD},
    {"pages", "pages", HY_SHEET_COUNT},
    {"frames", "frames", HY_SHEET_COUNT},
    {"hears", "hears", HY_SHEET_WORD},
    {"references", "references", HY_SHEET_COUNT},
    {"faults", "faults", HY_SHEET_COUNT},
    {"simulated", "simulated", HY_SHEET_COUNT},
    {"write_backs", "write-backs", HY_SHEET_COUNT},
    {"first_writes", "first writes", HY_SHEET_COUNT},
    {"samples", "samples", HY_SHEET_COUNT},
    {"most_frames", "most taken", HY_SHEET_COUNT},
    {"time", "time", HY_SHEET_TIME},
    {"result", "result", HY_SHEET_WORD},
};

static void add_run(hy_sheet *sheet, const live_options *o, const live_row *row) {
    const hy_live_counts *const c = &row->outcome->counts;
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(row->policy->spec), HY_FIGURE(o->pages), HY_FIGURE(row->frames),
                                     HY_WORD(hy_hearing_names[row->hearing]),
                                     HY_FIGURE(row->references ? (double)row->references : NAN), HY_FIGURE(c->missing),
                                     HY_FIGURE(row->simulated ? (double)row->simulation.faults : NAN),
                                     HY_FIGURE(c->write_backs), HY_FIGURE(c->first_write), HY_FIGURE(c->sampled),
                                     HY_FIGURE(c->most_frames), HY_FIGURE(row->outcome->elapsed),
                                     HY_WORD(row->right ? "right" : "WRONG")));
}

static const hy_sheet_column cost_columns[] = {
    {"policy", "policy", HY_SHEET_WORD},
    {"frames", "frames", HY_SHEET_COUNT},
    {"fault", "fault", HY_SHEET_WORD},
    {"count", "count", HY_SHEET_COUNT},
    {"p50", "median", HY_SHEET_TIME},
    {"p90", "90 %", HY_SHEET_TIME},
    {"p99", "99 %", HY_SHEET_TIME},
    {"max", "longest", HY_SHEET_TIME},
    {"pager_p50", "in the pager", HY_SHEET_TIME},
};

/* What the workload has seen; of programs and threads only the pager's part is known. */
static void add_costs(hy_sheet *sheet, const live_row *row) {
    const double tick = live_tick();
    for (int kind = 0; kind < HY_SERVED_KINDS; kind++) {
        const hy_histogram *const seen = &row->seen[kind], *const took = &row->outcome->counts.took[kind];
        if (took->total == 0)
            continue;
        const double known = seen->total ? tick : NAN;
        hy_sheet_add(sheet,
                     HY_SHEET_ROW(HY_WORD(row->policy->spec), HY_FIGURE(row->frames), HY_WORD(hy_served_names[kind]),
                                  HY_FIGURE(took->total), HY_FIGURE(known * (double)hy_histogram_percentile(seen, 0.5)),
                                  HY_FIGURE(known * (double)hy_histogram_percentile(seen, 0.9)),
                                  HY_FIGURE(known * (double)hy_histogram_percentile(seen, 0.99)),
                                  HY_FIGURE(known * (double)seen->max),
                                  HY_FIGURE(tick * (double)hy_histogram_percentile(took, 0.5))));
    }
}

void live_fill_sheets(const live_options *o, const live_row *rows, size_t count, hy_sheet *runs, hy_sheet *costs) {
    *runs =
        (hy_sheet){.name = "runs",
                   .caption = "Faults as the pager served them and as the simulator counts them on the logged string.",
                   HY_SHEET_COLUMNS(run_columns)};
    *costs = (hy_sheet){.name = "costs",
                        .caption = "What a touch with a fault took the workload, and of that the pager.",
                        HY_SHEET_COLUMNS(cost_columns)};
    for (size_t i = 0; i < count; i++) {
        add_run(runs, o, &rows[i]);
        add_costs(costs, &rows[i]);
    }
}

/* A sentence to quote. */
static void print_sentence(const live_options *o, const live_row *rows, size_t count) {
    const live_row *best = &rows[0];
    size_t equal = 0, simulated = 0;
    for (size_t i = 0; i < count; i++) {
        best = rows[i].outcome->counts.missing < best->outcome->counts.missing ? &rows[i] : best;
        simulated += rows[i].simulated;
        equal += rows[i].simulated && rows[i].simulation.faults == rows[i].outcome->counts.missing;
    }
    printf("\n%s: %s\n", o->workload ? o->workload->name : o->program[0], rows[0].said);
    if (count > 1)
        printf("fewest faults: %s with %" PRIu64 " frames under %" PRIu64 " pages, %s", best->policy->spec,
               best->frames, o->pages, hy_show_count(best->outcome->counts.missing).text);
    if (count > 1 && simulated == 0)
        puts("");
    if (simulated > 0)
        printf("%s%zu of %zu runs faulted exactly as often as the simulator counts\n", count > 1 ? "; " : "", equal,
               simulated);
}

int live_print(const live_options *o, const live_row *rows, size_t count) {
    hy_sheet runs, costs;
    live_fill_sheets(o, rows, count, &runs, &costs);
    const hy_sheet *const sheets[] = {&runs, &costs};
    const int r = cmd_print_sheets(sheets, 2, o->format);
    if (r == HY_EXIT_OK && o->format == HY_FORMAT_TEXT)
        print_sentence(o, rows, count);
    hy_sheet_free(&runs);
    hy_sheet_free(&costs);
    return r;
}
