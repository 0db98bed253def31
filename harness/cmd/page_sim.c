/* SPDX-License-Identifier: MIT
 *
 * page_sim.c - `heapyard page sim`: references against policies with so many frames, and against TLBs.
 */
#include "page.h"

#include "clock.h"
#include "machine_answer.h"
#include "units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const hy_sheet_column fault_columns[] = {
    {"trace", "trace", HY_SHEET_WORD},
    {"page_size", "page", HY_SHEET_BYTES},
    {"frames", "frames", HY_SHEET_COUNT},
    {"pager", "pager", HY_SHEET_WORD},
    {"references", "references", HY_SHEET_COUNT},
    {"pages", "pages", HY_SHEET_COUNT},
    {"faults", "faults", HY_SHEET_COUNT},
    {"cold", "cold", HY_SHEET_COUNT},
    {"writebacks", "written back", HY_SHEET_COUNT},
    {"miss_ratio", "misses", HY_SHEET_SHARE},
    {"mean_resident", "mean pages", HY_SHEET_NUMBER},
    {"ns", "a reference", HY_SHEET_TIME},
    {"times_nothing", "× nothing", HY_SHEET_NUMBER},
};
#define TIME_COLUMNS 2u

static const hy_sheet_column walk_columns[] = {
    {"trace", "trace", HY_SHEET_WORD},
    {"page_size", "page", HY_SHEET_BYTES},
    {"levels", "levels", HY_SHEET_COUNT},
    {"references", "references", HY_SHEET_COUNT},
    {"pages", "pages", HY_SHEET_COUNT},
    {"table_bytes", "page tables", HY_SHEET_BYTES},
    {"tlb_hits", "TLB hits by level", HY_SHEET_WORD},
    {"walks", "walks", HY_SHEET_COUNT},
    {"steps", "steps", HY_SHEET_COUNT},
    {"steps_per_walk", "a walk", HY_SHEET_NUMBER},
    {"walks_per_1000", "in 1000 ref.", HY_SHEET_NUMBER},
    {"switches", "switches", HY_SHEET_COUNT},
};

/* ------------------------------------------------------------------------------------------------------ faults ---- */

typedef struct sim {
    const page_options *options;
    const page_input *input;
    hy_page_refs refs;
    uint64_t page_size;
    hy_sheet *sheet;
    double nothing; /* ns for all references; NAN: not asked for */
    /* For the last sentence. */
    hy_paging_counts best, worst;
    const char *best_name, *worst_name;
    uint32_t frames;
} sim;

static void note_extremes(sim *self, const char *name, uint32_t frames, const hy_paging_counts *counts) {
    if (frames != self->frames || !self->best_name)
        self->best_name = self->worst_name = NULL;
    self->frames = frames;
    if (!self->best_name || counts->faults < self->best.faults) {
        self->best = *counts;
        self->best_name = name;
    }
    if (!self->worst_name || counts->faults > self->worst.faults) {
        self->worst = *counts;
        self->worst_name = name;
    }
}

static int simulate_one(sim *self, const hy_pager_choice *pager, uint32_t frames) {
    hy_paging_counts c;
    hy_error error;
    const uint64_t before = hy_now_busy();
    if (hy_paging_simulate(pager->ops, pager->params, frames, self->refs.ref, self->refs.count, &c, &error) < 0)
        return cmd_fail("%s", error.text);
    const double time = isnan(self->nothing) ? NAN : (double)(hy_now_busy() - before), n = (double)c.references;
    note_extremes(self, pager->spec, frames, &c);
    hy_sheet_add(self->sheet, HY_SHEET_ROW(HY_WORD(self->input->name), HY_FIGURE(self->page_size), HY_FIGURE(frames),
                                           HY_WORD(pager->spec), HY_FIGURE(c.references), HY_FIGURE(self->refs.pages),
                                           HY_FIGURE(c.faults), HY_FIGURE(c.cold), HY_FIGURE(c.writebacks),
                                           HY_FIGURE((double)c.faults / n), HY_FIGURE((double)c.held / n),
                                           HY_FIGURE(time / n), HY_FIGURE(time / self->nothing)));
    return 0;
}

static void time_nothing(sim *self) {
    hy_paging_counts counts;
    self->nothing = NAN;
    if (!self->options->time)
        return;
    self->nothing = INFINITY;
    for (int i = 0; i < 3; i++) { /* the fastest: the first also brings the references in */
        const uint64_t before = hy_now_busy();
        hy_paging_simulate_nothing(self->refs.ref, self->refs.count, &counts, NULL);
        self->nothing = fmin(self->nothing, (double)(hy_now_busy() - before));
    }
}

/* As --frames or --memory say, or an eighth, a quarter and a half of the pages. */
static page_numbers choose_frames(const sim *self) {
    page_numbers list = self->options->frames;
    if (list.count == 0)
        for (size_t i = 0; i < self->options->memory.count; i++)
            list.at[list.count++] = self->options->memory.at[i] / self->page_size;
    for (uint32_t part = 8; self->options->memory.count == 0 && self->options->frames.count == 0 && part > 1; part /= 2)
        if (self->refs.pages / part > 0)
            list.at[list.count++] = self->refs.pages / part;
    if (list.count == 0)
        list.at[list.count++] = 1;
    return list;
}

static int simulate_frames(sim *self) {
    const page_numbers frames = choose_frames(self);
    int code = 0;
    time_nothing(self);
    for (size_t i = 0; i < frames.count && code == 0; i++) {
        if (frames.at[i] == 0 || frames.at[i] > HY_PAGES_MOST)
            return cmd_fail("--memory: expected room for 1 to %u pages of %s", HY_PAGES_MOST,
                            hy_show_bytes(self->page_size).text);
        for (size_t j = 0; j < self->options->pagers && code == 0; j++)
            code = simulate_one(self, &self->options->pager[j], (uint32_t)frames.at[i]);
    }
    return code;
}

static int simulate_faults(sim *self) {
    hy_error error;
    self->best_name = NULL;
    if (hy_page_refs_make(&self->input->trace, page_shift(self->page_size), self->options->which, &self->refs, &error) <
        0)
        return cmd_fail("%s: %s", self->input->name, error.text);
    const int code = self->refs.count
                         ? simulate_frames(self)
                         : cmd_fail("%s: no references of the kind that --refs asks for", self->input->name);
    hy_page_refs_clear(&self->refs);
    return code;
}

static void say_sentence(const sim *self) {
    if (!self->best_name || self->best_name == self->worst_name || self->best.faults == 0)
        return;
    printf("\n%s: with %s frames %s faulted %s times, %.2f× as often as %s (%s).\n", self->input->name,
           hy_show_count(self->frames).text, self->worst_name, hy_show_count(self->worst.faults).text,
           (double)self->worst.faults / (double)self->best.faults, self->best_name,
           hy_show_count(self->best.faults).text);
}

/* ------------------------------------------------------------------------------------------------------- walks ---- */

/* "L1 98.2 %, L2 1.1 %", of all references. */
static void show_hits(const hy_mmu_options *mmu, const hy_mmu_counts *counts, char *ret, size_t room) {
    size_t used = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < mmu->tlbs && used < room; i++) {
        const hy_tlb_side side = mmu->tlb[i].side;
        used += (size_t)snprintf(ret + used, room - used, "%sL%u%s %.3f %%", i ? ", " : "", mmu->tlb[i].level,
                                 side == HY_TLB_CODE   ? "i"
                                 : side == HY_TLB_DATA ? "d"
                                                       : "",
                                 100 * (double)counts->hits[i] / (double)counts->references);
    }
}

static int simulate_walks(sim *self) {
    hy_mmu_options mmu = self->options->mmu;
    hy_mmu_counts c;
    hy_error error;
    char hits[HY_TLBS_MOST * 24];
    mmu.shift = page_shift(self->page_size);
    mmu.which = self->options->which;
    if (hy_mmu_run(&self->input->trace, &mmu, &c, &error) < 0)
        return cmd_fail("%s: %s", self->input->name, error.text);
    show_hits(&mmu, &c, hits, sizeof hits);
    hy_sheet_add(self->sheet,
                 HY_SHEET_ROW(HY_WORD(self->input->name), HY_FIGURE(self->page_size), HY_FIGURE(mmu.levels),
                              HY_FIGURE(c.references), HY_FIGURE(c.pages),
                              HY_FIGURE((double)c.nodes * HY_TABLE_NODE_BYTES), HY_WORD(hits), HY_FIGURE(c.walks),
                              HY_FIGURE(c.steps), HY_FIGURE(c.walks ? (double)c.steps / (double)c.walks : NAN),
                              HY_FIGURE(1000 * (double)c.walks / (double)c.references), HY_FIGURE(c.switches)));
    return 0;
}

/* ----------------------------------------------------------------------------------------------------- command ---- */

static int simulate_all(const page_options *o, const page_inputs *inputs) {
    hy_sheet faults = {.name = "faults", HY_SHEET_COLUMNS(fault_columns)};
    hy_sheet walks = {.name = "walks", HY_SHEET_COLUMNS(walk_columns)};
    sim self = {.options = o};
    const hy_sheet *sheets[2];
    size_t count = 0;
    int code = 0;
    faults.columns -= o->time ? 0 : TIME_COLUMNS;
    for (size_t i = 0; i < inputs->count && code == 0; i++) {
        self.input = &inputs->at[i];
        for (size_t j = 0; j < o->page_sizes.count && code == 0; j++) {
            self.page_size = o->page_sizes.at[j];
            self.sheet = &faults;
            code = o->pagers ? simulate_faults(&self) : 0;
            self.sheet = &walks;
            if (code == 0 && o->translates)
                code = simulate_walks(&self);
        }
    }
    if (faults.rows)
        sheets[count++] = &faults;
    if (walks.rows)
        sheets[count++] = &walks;
    if (code == 0)
        code = cmd_print_sheets(sheets, count, o->format);
    if (code == 0 && o->format == HY_FORMAT_TEXT)
        say_sentence(&self);
    hy_sheet_free(&faults);
    hy_sheet_free(&walks);
    return code;
}

static int complete(page_options *options) {
    if (options->page_sizes.count == 0)
        options->page_sizes = (page_numbers){{4096}, 1};
    const bool given = options->pagers || options->translates;
    return given || page_add_pagers(options, "lru,clock,opt") == 0 ? 0 : HY_EXIT_INPUT;
}

int page_sim(int argc, char **argv) {
    static const struct argp_option table[] = {
        PAGE_OPTION_PAGERS,
        {"frames", PAGE_FRAMES, "N,…", 0, "how many; an eighth, a quarter and a half of the pages", 0},
        {"memory", PAGE_MEMORY, "SIZE,…", 0, "frames as bytes, for several page sizes", 0},
        {"page-size", PAGE_SIZE, "SIZE,…", 0, "4K", 0},
        {"tlb", PAGE_TLB, "SHAPE,…", 0, "entries and ways of each level: 64x4,1536x12; i and d in front: i64x8,d64x4",
         0},
        {"levels", PAGE_LEVELS, "N", 0, "of the page tables: 4 or 5; 4", 0},
        {"walk-cache", PAGE_WALK_CACHE, "N", 0, "entries for each upper level of the tables; none", 0},
        {"asids", PAGE_ASIDS, "yes|no", 0, "TLB entries say whose they are; else a change of space forgets all; yes",
         0},
        {"time", PAGE_TIME, NULL, 0, "also what a reference took, as processor time", 0},
        PAGE_OPTIONS_INPUT,
        {0}};
    static const struct argp argp = {
        .options = table,
        .parser = page_parse_option,
        .args_doc = "TRACE…",
        .doc =
            "Simulates page replacement, page tables and TLBs.\v"
            "TRACE is a file of `heapyard page record`, the text of `valgrind --tool=lackey --trace-mem=yes`, or an "
            "allocation trace (.hyt), whose blocks -a places: each block is written when it is made and read when it "
            "is freed.  A fault is a reference to a page in no frame; cold: the first one to it, which no number of "
            "frames saves.  Without --pager only TLBs are simulated, without --tlb, --levels and --walk-cache only "
            "faults; without any of these: -p lru,clock,opt."};
    return page_look_at(&(page_look){&argp, complete, simulate_all}, argc, argv);
}
