/* SPDX-License-Identifier: MIT
 *
 * page_live_page.c - the page of `heapyard page live --page`: its tables, and the curve against frames.
 */
#include "page_live.h"

#include "machine_answer.h"

#include <inttypes.h>
#include <string.h>

/* Runs of one policy stand together.  Two sizes of memory and more make a curve. */
static void write_curve(hy_machine_page *page, const live_options *o, const live_row *rows, size_t count) {
    hy_figure figure = {.plot = "page_live",
                        .title = "Faults and time against memory",
                        .about =
                            "Each policy with less and less memory: where the curve turns up steeply the working set "
                            "no longer fits, and the program thrashes.",
                        .base = "live-curve",
                        .rows = count};
    FILE *const data = hy_machine_data(page);
    for (size_t i = 0; i < count; i++) {
        if (i % o->frame_counts == 0)
            fprintf(data, "%s\"%s\"\n", i ? "\n\n" : "", rows[i].policy->spec);
        fprintf(data, "%.6g %" PRIu64 " %.0f %.6g\n", (double)rows[i].frames / (double)o->pages,
                rows[i].outcome->counts.missing, rows[i].simulated ? (double)rows[i].simulation.faults : -1.0,
                (double)rows[i].outcome->elapsed / 1e9);
    }
    snprintf(figure.options, sizeof figure.options, "policies=%zu", o->policies);
    hy_machine_figure(page, &figure);
}

static void write_how(hy_machine_page *page, const live_options *o) {
    hy_machine_text(
        page,
        "The workload `%s` runs in %" PRIu64 " pages, of which only so many are in memory as the table says: "
        "`userfaultfd` stops it at each page that is away, the policy names the page that has to go, and what "
        "was written goes to a backing file first.",
        o->workload ? o->workload->name : o->program[0], o->pages);
    if (o->hearing == HY_HEARING_ALL)
        hy_machine_text(page,
                        "The policy hears of *every* reference, because the workload logs them; the simulator gets "
                        "the same string.");
    else
        hy_machine_text(page,
                        "The policy hears of %s only. For FIFO and random that is all they need; what the others "
                        "do is an *approximation*.",
                        o->hearing == HY_HEARING_FAULTS ? "faults"
                                                        : "faults, and of touches of pages unmapped for a test,");
}

int live_write_page(const live_options *o, const live_row *rows, size_t count) {
    hy_machine_page *page;
    hy_error error;
    hy_sheet runs, costs;
    if (hy_machine_open(o->page, "live", "Live paging", "A program in less memory than it needs, page by page.",
                        o->command, &page, &error) < 0)
        return cmd_fail("%s", error.text);
    live_fill_sheets(o, rows, count, &runs, &costs);
    hy_machine_heading(page, "runs", "Runs");
    write_how(page, o);
    hy_machine_sheet(page, &runs);
    if (o->frame_counts > 1)
        write_curve(page, o, rows, count);
    hy_machine_heading(page, "costs", "What a fault costs");
    hy_machine_sheet(page, &costs);
    hy_machine_note(page,
                    "*clean*: no page was written back for it. *write-back*: one was. *first write*: to a page that "
                    "came in by a read. *sample*: the page was here, unmapped to see whether it is in use.");
    hy_sheet_free(&runs);
    hy_sheet_free(&costs);
    return cmd_close_page(page, o->page, "live");
}
