/* SPDX-License-Identifier: MIT
 *
 * share_demand.c - `heapyard share demand`: memory that is offered, and comes when it is touched.
 */
#include "share_answer.h"

#include "demand.h"
#include "units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP, PROCESSES, OFFERED, TOUCHED, RESIDENT };

static const hy_sheet_column columns[] = {
    {"step", "step", HY_SHEET_WORD},
    {"processes", "processes", HY_SHEET_COUNT},
    {"offered", "offered", HY_SHEET_BYTES},
    {"touched", "written", HY_SHEET_BYTES},
    {"resident", "resident", HY_SHEET_BYTES},
    {"huge", "in huge pages", HY_SHEET_BYTES},
    {"faults", "faults", HY_SHEET_COUNT},
    {"tables", "page tables", HY_SHEET_BYTES},
    {"bloat", "resident / written", HY_SHEET_NUMBER},
};

static const hy_sheet_column process_columns[] = {
    {"process", "process", HY_SHEET_COUNT},   {"step", "step", HY_SHEET_WORD},
    {"offered", "offered", HY_SHEET_BYTES},   {"touched", "written", HY_SHEET_BYTES},
    {"resident", "resident", HY_SHEET_BYTES}, {"huge", "in huge pages", HY_SHEET_BYTES},
    {"faults", "faults", HY_SHEET_COUNT},     {"tables", "page tables", HY_SHEET_BYTES},
};

enum { HUGE_PAGES = 16 };

/* Small pages: resident is what was touched, and each came by one fault.  What was read came by one too. */
static bool as_it_must_be(const hy_demand_plan *plan, const hy_demand *d, hy_demand_step step) {
    if (step == HY_DEMAND_HUGE)
        return d->huge % HY_HUGE_PAGE == 0 && d->resident >= d->touched;
    const size_t faults = step == HY_DEMAND_OFFERED ? 0 : plan->pages;
    return d->resident == d->touched && d->faults == faults;
}

static void add_process(share_answer *answer, const hy_demand_plan *plan, size_t process,
                        const hy_demand steps[HY_DEMAND_STEPS]) {
    for (int i = 0; i < HY_DEMAND_STEPS; i++) {
        const hy_demand *const d = &steps[i];
        hy_sheet_add(&answer->sheet[1],
                     HY_SHEET_ROW(HY_FIGURE(process + 1), HY_WORD(hy_demand_name((hy_demand_step)i)),
                                  HY_FIGURE(d->offered), HY_FIGURE(d->touched), HY_FIGURE(d->resident),
                                  HY_FIGURE(d->huge), HY_FIGURE(d->faults), HY_FIGURE(d->tables)));
        if (!as_it_must_be(plan, d, (hy_demand_step)i))
            answer->code = HY_EXIT_MEASURED;
    }
}

/* Of all processes together. */
static void add_step(hy_sheet *sheet, const hy_demand_plan *plan, hy_demand (*steps)[HY_DEMAND_STEPS], int step) {
    hy_demand sum = {0};
    for (size_t i = 0; i < plan->processes; i++) {
        const hy_demand *const d = &steps[i][step];
        sum.offered += d->offered;
        sum.touched += d->touched;
        sum.resident += d->resident;
        sum.huge += d->huge;
        sum.faults += d->faults;
        sum.tables += d->tables;
    }
    hy_sheet_add(sheet,
                 HY_SHEET_ROW(HY_WORD(hy_demand_name((hy_demand_step)step)), HY_FIGURE(plan->processes),
                              HY_FIGURE(sum.offered), HY_FIGURE(sum.touched), HY_FIGURE(sum.resident),
                              HY_FIGURE(sum.huge), HY_FIGURE(sum.faults), HY_FIGURE(sum.tables),
                              HY_FIGURE(sum.touched ? (double)sum.resident / (double)sum.touched : (double)NAN)));
}

static void add_all(share_answer *answer, const hy_demand_plan *plan, hy_demand (*steps)[HY_DEMAND_STEPS]) {
    answer->sheet[0] = (hy_sheet){.name = "demand",
                                  .caption = "Memory that is offered, and what of it is there: all processes together",
                                  HY_SHEET_COLUMNS(columns)};
    answer->sheet[1] = (hy_sheet){.name = "demand_processes",
                                  .caption = "The same of each process",
                                  HY_SHEET_COLUMNS(process_columns),
                                  .detail = true};
    answer->sheets = 2;
    for (int i = 0; i < HY_DEMAND_STEPS; i++)
        add_step(&answer->sheet[0], plan, steps, i);
    for (size_t i = 0; i < plan->processes; i++)
        add_process(answer, plan, i, steps[i]);
}

static void say(share_answer *answer, const hy_demand_plan *plan, const hy_demand *grown, const hy_demand *huge) {
    const uint64_t there = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    snprintf(answer->sentence, sizeof answer->sentence,
             "%zu processes were offered %s in all, on a machine of %s; each wrote to %zu pages and %s is there of its "
             "%s, one fault a page. With huge pages %zu touched pages made %s resident, %.0f times as much.",
             plan->processes, hy_show_bytes(plan->processes * plan->offered).text, hy_show_bytes(there).text,
             2 * plan->pages, hy_show_bytes(grown->resident).text, hy_show_bytes(plan->offered).text, plan->huge_pages,
             hy_show_bytes(huge->resident).text, (double)huge->resident / (double)huge->touched);
}

static void ask(const share_wish *wish, share_answer *answer) {
    const hy_demand_plan plan = {.processes = wish->processes > 0 ? wish->processes : 8,
                                 .offered = wish->offered,
                                 .pages = wish->pages,
                                 .huge_pages = HUGE_PAGES,
                                 .seed = wish->seed};
    hy_error error;
    hy_demand(*const steps)[HY_DEMAND_STEPS] = calloc(plan.processes, sizeof *steps);
    if (!steps)
        abort();
    const int r = hy_demand_measure(&plan, steps, &error);
    if (r < 0) {
        share_refused(answer, r, &error);
    } else {
        add_all(answer, &plan, steps);
        say(answer, &plan, &steps[0][HY_DEMAND_GROWN], &steps[0][HY_DEMAND_HUGE]);
    }
    free(steps);
}

static void draw(const hy_sheet *sheet, hy_machine_page *page) {
    hy_figure figure = {.plot = "share_demand",
                        .base = "share-demand",
                        .title = "Offered, written, resident",
                        .about =
                            "All processes, on a logarithmic scale: what is resident follows what is written, page "
                            "by page, and with huge pages it runs ahead."};
    FILE *const data = hy_machine_data(page);
    fputs("# step offered written resident in bytes\n", data);
    for (size_t i = 0; i < sheet->rows; i++) {
        hy_dat(data, share_word(sheet, i, STEP));
        fprintf(data, " %.0f %.0f %.0f\n", share_figure(sheet, i, OFFERED), share_figure(sheet, i, TOUCHED),
                share_figure(sheet, i, RESIDENT));
        figure.rows++;
    }
    hy_machine_figure(page, &figure);
}

static void tell(const share_answer *answer, hy_machine_page *page) {
    hy_machine_text(page, "Every process can be offered as many addresses as a pointer reaches, because an address is "
                          "not memory: a page comes with the first write to it, by one fault. So nobody has to say "
                          "beforehand how much a program will need.");
    draw(&answer->sheet[0], page);
    hy_machine_sheet(page, &answer->sheet[0]);
    hy_machine_text(page, "%s", answer->sentence);
    hy_machine_note(page, "Pages that are only read fault as well, and are not resident: they all are the kernel's one "
                          "page of zeros. Page tables are not free: scattered pages need one of 4 KiB for each 2 MiB "
                          "of addresses that something is touched in. They are the whole process's; a step may need "
                          "none, where earlier ones had made them.");
    hy_machine_note(page, "«External fragmentation is vanquished»: for pages of one size it is. A huge page needs 512 "
                          "frames side by side, so where frames are scattered there is none to be had; where there is "
                          "one, what is not used of it is internal fragmentation, up to 511 pages for one that was "
                          "touched.");
}

const share_part share_demand = {"demand", "Memory on demand", "what is offered, touched and resident", ask, tell};
