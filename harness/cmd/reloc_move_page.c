/* SPDX-License-Identifier: MIT
 *
 * reloc_move_page.c - moving.html: running programs that are moved.
 */
#include "reloc_move.h"

#include "trace_row.h"

#include <string.h>

static void tell_stale_figure(hy_machine_page *page, const cmd_wander_row *rows, size_t count) {
    hy_figure figure = {.plot = "moving_stale",
                        .base = "moving-stale",
                        .title = "Addresses that a move makes stale",
                        .about = "At the first move, by where they lie; what the table of relocations mends is not "
                                 "counted. A strategy is as good as it knows all of these."};
    FILE *const data = hy_machine_data(page);
    for (size_t i = 0; i < count; i++) {
        const uint64_t *const stale = rows[i].result.stale;
        fprintf(data, "%s %llu %llu %llu %llu\n", rows[i].strategy->name, (unsigned long long)stale[HY_IN_DATA],
                (unsigned long long)stale[HY_IN_STACK], (unsigned long long)stale[HY_IN_HEAP],
                (unsigned long long)stale[HY_IN_REGISTERS]);
    }
    figure.rows = count;
    hy_machine_figure(page, &figure);
}

static void tell_program(hy_machine_page *page, const cmd_wander_row *rows, size_t count) {
    hy_sheet sheets[CMD_WANDER_SHEETS];
    cmd_wander_sheets(rows, count, sheets);
    hy_machine_heading(page, "outcomes", "Moved while it runs");
    hy_machine_text(page,
                    "The program has a linked list, a hash table and tables of functions; its code, data, heap and "
                    "stack are one image. At *safepoints* it stands still and is slid to another base: its table "
                    "of relocations is applied again, the old place is taken away, it goes on. Its answer is "
                    "compared with that of a model without any links.");
    hy_machine_sheet(page, &sheets[0]);
    hy_machine_heading(page, "stale", "What a move makes stale");
    hy_machine_sheet(page, &sheets[1]);
    tell_stale_figure(page, rows, count);
    hy_machine_heading(page, "prices", "What surviving costs");
    hy_machine_sheet(page, &sheets[2]);
    hy_machine_note(page, "Instructions are counted by a trap behind each. Times are of this run, on this machine, "
                          "whatever else it did.");
    for (size_t i = 0; i < CMD_WANDER_SHEETS; i++)
        hy_sheet_free(&sheets[i]);
}

static void tell_defrag_figure(hy_machine_page *page, const cmd_defrag *defrag) {
    hy_figure figure = {.plot = "moving_defrag",
                        .base = "moving-defrag",
                        .title = "Bytes moved, footprint won",
                        .about = "Each line is a trace, from nothing moved on the left to all that could be; mean "
                                 "footprint over mean live bytes, heads of blocks included."};
    FILE *const data = hy_machine_data(page);
    size_t traces = 0;
    for (size_t i = 0; i < defrag->count; i++) {
        const cmd_defrag_row *const row = &defrag->row[i];
        char name[HY_TRACE_NAME];
        hy_trace_name(row->trace, name);
        if (row->budget == HY_DEFRAG_NEVER)
            fprintf(data, "%s\"%s\"\n", traces++ ? "\n\n" : "", name);
        if (row->result.allocated > 0 && row->result.mean_live > 0)
            fprintf(data, "%.6g %.6g\n", 100 * (double)row->result.moved / (double)row->result.allocated,
                    row->result.mean_footprint / row->result.mean_live);
    }
    figure.rows = defrag->count;
    snprintf(figure.options, sizeof figure.options, "traces=%zu", traces);
    hy_machine_figure(page, &figure);
}

static void tell_defrag(hy_machine_page *page, const cmd_defrag *defrag) {
    hy_sheet sheet;
    if (defrag->count == 0)
        return;
    cmd_defrag_sheet(defrag, &sheet);
    hy_machine_heading(page, "handles", "A heap that moves its blocks");
    tell_defrag_figure(page, defrag);
    hy_machine_sheet(page, &sheet);
    hy_sheet_free(&sheet);
}

static void tell_frames(hy_machine_page *page, const hy_sheet *frames) {
    hy_machine_heading(page, "frames", "Contiguous in appearance only");
    hy_machine_sheet(page, &frames[0]);
    hy_machine_heading(page, "remains", "What remains fragmented");
    hy_machine_sheet(page, &frames[1]);
    hy_machine_heading(page, "simplified", "Where the document simplifies");
    hy_machine_text(page,
                    "*That a program cannot be moved once it runs* holds for a program that nobody told to expect "
                    "it. With handles, with distances, or with a map of its pointers it can; the tables above say "
                    "what each costs.");
    hy_machine_text(page,
                    "*That virtual memory vanquishes external fragmentation* holds for frames of one size, one at "
                    "a time. Addresses still fragment, frames in a row are still wanted (for huge pages), and what "
                    "is rounded to pages is lost inside; the last table has all three, measured.");
}

int cmd_wander_page(const char *folder, const char *typed, const cmd_wander_row *rows, size_t count,
                    const cmd_defrag *defrag, const hy_sheet *frames) {
    hy_machine_page *page;
    hy_error error;
    if (hy_machine_open(folder, "moving", "Moving programs",
                        "A program that runs is moved to another place: what breaks, and what helps.", typed, &page,
                        &error) < 0)
        return cmd_fail("%s", error.text);
    tell_program(page, rows, count);
    tell_defrag(page, defrag);
    tell_frames(page, frames);
    return cmd_close_page(page, folder, "moving");
}
