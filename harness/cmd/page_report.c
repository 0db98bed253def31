/* SPDX-License-Identifier: MIT
 *
 * page_report.c - page.html: the pictures of `heapyard page curve`, and what page sizes mean.
 */
#include "page_curve.h"

#include "units.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A block for each pager: its name, then frames, faults and the share of misses; last the knees. */
static size_t write_curves(FILE *data, const page_options *o, const page_curves *curves) {
    size_t rows = 0;
    fputs("# a block for each pager: its name, then frames, faults, misses / references; the last: knees\n", data);
    for (size_t i = 0; i < o->pagers; i++) {
        const hy_miss_curve *const c = &curves->curve[i];
        hy_dat(data, o->pager[i].spec);
        fputc('\n', data);
        for (size_t j = 0; j < c->points; j++, rows++)
            fprintf(data, "%u %" PRIu64 " %.9g\n", c->point[j].frames, c->point[j].faults,
                    (double)c->point[j].faults / (double)c->references);
        fputs("\n\n", data);
    }
    for (size_t i = 0; i < o->pagers; i++) {
        const hy_miss_curve *const c = &curves->curve[i];
        const hy_miss_point knee = c->point[hy_miss_knee(c)];
        fprintf(data, "%zu %u %.9g\n", i + 1, knee.frames, (double)knee.faults / (double)c->references);
    }
    return rows;
}

static void draw_curves(hy_machine_page *page, const page_options *o, const page_curves *curves, unsigned number) {
    hy_sheet knees = page_knee_sheet();
    hy_figure figure = {.plot = "page_curve",
                        .title = "Misses by frames",
                        .about =
                            "How many references miss as frames are added, on logarithmic axes; the larger mark on "
                            "each line is its knee, where frames × faults is least. The thin line is what no policy "
                            "can save: the first reference to each page."};
    snprintf(figure.base, sizeof figure.base, "page-curve-%u", number);
    snprintf(figure.options, sizeof figure.options, "pagers=%zu;cold=%.9g;pages=%u", o->pagers,
             (double)curves->curve[0].cold / (double)curves->curve[0].references, curves->pages);
    figure.rows = write_curves(hy_machine_data(page), o, curves);
    hy_machine_figure(page, &figure);
    page_curves_list_knees(o, curves, &knees);
    knees.caption = "The knee of each policy, and the frames from which on a program no longer waits longer for pages "
                    "that it had before than it runs.";
    hy_machine_sheet(page, &knees);
    hy_sheet_free(&knees);
}

/* A quarter of what the trace touches, as whole pages of 4K. */
static uint64_t quarter_of(const page_input *input) {
    const uint64_t quarter = ((uint64_t)input->trace.granules << input->trace.shift) / 4;
    return quarter < 65536 ? 65536 : quarter & ~(uint64_t)4095;
}

static int draw_sizes(hy_machine_page *page, const page_options *given, const page_input *input, unsigned number) {
    const page_numbers sizes = page_sizes_usual(input);
    const uint64_t memory = quarter_of(input);
    hy_sheet sheet = page_size_sheet();
    page_options o = *given;
    hy_error error;
    hy_figure figure = {.plot = "page_sizes",
                        .title = "Page sizes",
                        .about =
                            "What larger pages win and cost in the same memory: faults (left axis) and the share of "
                            "the touched memory that is used at all (right axis)."};
    hy_tlb_parse("64x4,1536x12", &o.mmu, &error);
    snprintf(figure.base, sizeof figure.base, "page-sizes-%u", number);
    FILE *const data = hy_machine_data(page);
    fputs("# bytes of a page, faults, share of the touched memory that is used\n", data);
    int code = 0;
    for (size_t i = 0; i < sizes.count && code == 0; i++) {
        page_size_row row;
        code = page_sizes_list(&o, input, sizes.at[i], memory, &sheet, &row);
        if (code == 0 && row.faults != UINT64_MAX) {
            fprintf(data, "%" PRIu64 " %" PRIu64 " %.9g\n", row.page_size, row.faults,
                    (double)row.used / ((double)row.pages * (double)row.page_size));
            figure.rows++;
        }
    }
    if (code == 0) {
        hy_machine_figure(page, &figure);
        sheet.caption = "TLBs of 64 entries with 4 ways and of 1536 with 12, tables of 4 levels.";
        hy_machine_sheet(page, &sheet);
    }
    hy_sheet_free(&sheet);
    return code;
}

static void explain(hy_machine_page *page) {
    hy_machine_heading(page, "simplifies", "What a short account leaves out");
    hy_machine_text(page,
                    "*Translation does not cost every access.* It is often said that a layer of translation before "
                    "each memory access adds a massive overhead. The table of page sizes says how seldom the "
                    "tables are walked: the column of walks counts the references of a thousand that no TLB knew.");
    hy_machine_text(page, "*Fragmentation is not vanquished.* What a program does not use of its last pages is lost as "
                          "inside any block: the column of use says how much of the touched pages was used at all, and "
                          "it falls as pages grow.");
    hy_machine_text(page,
                    "*What was not used for a long time* is what `lru` sends to swap; the curves show how far that "
                    "is from the best that could be done (`opt`), and that below the knee no policy helps.");
}

int page_report(const page_options *o, const page_inputs *inputs, const page_curves *curves) {
    hy_machine_page *page;
    hy_error error;
    if (hy_machine_open(o->page, "page", "Virtual memory",
                        "Which pages stay when there are fewer frames than pages, on the references of real programs.",
                        o->command, &page, &error) < 0)
        return cmd_fail("%s", error.text);
    int code = 0;
    for (size_t i = 0; i < inputs->count && code == 0; i++) {
        const page_input *const input = &inputs->at[i];
        char id[32];
        snprintf(id, sizeof id, "trace-%zu", i + 1);
        hy_machine_heading(page, id, input->name);
        hy_machine_text(page, "%s references to %s granules of %s%s%s%s.", hy_show_count(input->trace.count).text,
                        hy_show_count(input->trace.granules).text, hy_show_bytes(1ull << input->trace.shift).text,
                        input->trace.command[0] ? ", recorded of `" : "", input->trace.command,
                        input->trace.command[0] ? "`" : "");
        draw_curves(page, o, &curves[i * o->page_sizes.count], (unsigned)i + 1);
        code = draw_sizes(page, o, input, (unsigned)i + 1);
    }
    explain(page);
    const int closed = cmd_close_page(page, o->page, "page");
    return code != 0 ? code : closed;
}
