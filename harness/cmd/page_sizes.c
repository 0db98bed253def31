/* SPDX-License-Identifier: MIT
 *
 * page_sizes.c - `heapyard page sizes`: what larger pages win (fewer faults, fewer walks, smaller tables) and cost
 * (memory of which little is used).
 */
#include "page_curve.h"

#include "units.h"

#include <math.h>
#include <stdlib.h>

hy_sheet page_size_sheet(void) {
    static const hy_sheet_column columns[] = {{"trace", "trace", HY_SHEET_WORD},
                                              {"page_size", "page", HY_SHEET_BYTES},
                                              {"pages", "pages", HY_SHEET_COUNT},
                                              {"touched", "memory touched", HY_SHEET_BYTES},
                                              {"used_ratio", "of it used", HY_SHEET_SHARE},
                                              {"memory", "with", HY_SHEET_BYTES},
                                              {"faults", "faults", HY_SHEET_COUNT},
                                              {"read", "read in", HY_SHEET_BYTES},
                                              {"table_bytes", "page tables", HY_SHEET_BYTES},
                                              {"walks_per_1000", "walks in 1000 ref.", HY_SHEET_NUMBER}};
    return (hy_sheet){.name = "sizes", HY_SHEET_COLUMNS(columns)};
}

page_numbers page_sizes_usual(const page_input *input) {
    page_numbers sizes = {.count = 0};
    for (unsigned shift = input->trace.shift; shift <= 21 && sizes.count < PAGE_LIST_MOST; shift++)
        if (shift == input->trace.shift || shift == 21 || (shift & 1) == 0)
            sizes.at[sizes.count++] = (uint64_t)1 << shift;
    return sizes;
}

static int find_walks(const page_options *o, const page_input *input, page_size_row *row) {
    hy_mmu_options mmu = o->mmu;
    hy_mmu_counts counts;
    hy_error error;
    row->walks = row->tables = NAN;
    mmu.shift = page_shift(row->page_size);
    mmu.which = o->which;
    if (hy_leaf_of(mmu.shift) == 0)
        return 0;
    if (hy_mmu_run(&input->trace, &mmu, &counts, &error) < 0)
        return cmd_fail("%s: %s", input->name, error.text);
    row->walks = (double)counts.walks / (double)counts.references;
    row->tables = (double)counts.nodes * HY_TABLE_NODE_BYTES;
    return 0;
}

static int find_faults(const page_options *o, const page_input *input, page_size_row *row) {
    const uint64_t frames = row->memory / row->page_size;
    hy_page_refs refs;
    hy_paging_counts counts;
    hy_error error;
    if (hy_page_refs_make(&input->trace, page_shift(row->page_size), o->which, &refs, &error) < 0)
        return cmd_fail("%s: %s", input->name, error.text);
    row->pages = refs.pages;
    row->used = (uint64_t)input->trace.granules << input->trace.shift;
    row->faults = UINT64_MAX;
    int r = 0;
    if (frames > 0)
        r = hy_paging_simulate(o->pager[0].ops, o->pager[0].params,
                               (uint32_t)(frames < refs.pages ? frames : refs.pages), refs.ref, refs.count, &counts,
                               &error);
    if (frames > 0 && r == 0)
        row->faults = counts.faults;
    hy_page_refs_clear(&refs);
    return r < 0 ? cmd_fail("%s: %s", input->name, error.text) : 0;
}

int page_sizes_list(const page_options *o, const page_input *input, uint64_t page_size, uint64_t memory,
                    hy_sheet *sheet, page_size_row *ret) {
    page_size_row row = {.page_size = page_size, .memory = memory};
    int code = find_faults(o, input, &row);
    if (code == 0)
        code = find_walks(o, input, &row);
    if (code != 0)
        return code;
    const double faults = row.faults == UINT64_MAX ? NAN : (double)row.faults;
    const double touched = (double)row.pages * (double)page_size;
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(input->name), HY_FIGURE(page_size), HY_FIGURE(row.pages),
                                     HY_FIGURE(touched), HY_FIGURE((double)row.used / touched), HY_FIGURE(memory),
                                     HY_FIGURE(faults), HY_FIGURE(faults * (double)page_size), HY_FIGURE(row.tables),
                                     HY_FIGURE(1000 * row.walks)));
    if (ret)
        *ret = row;
    return 0;
}

static int list_input(const page_options *o, const page_input *input, hy_sheet *sheet) {
    const page_numbers sizes = o->page_sizes.count ? o->page_sizes : page_sizes_usual(input);
    int code = 0;
    for (size_t m = 0; m < o->memory.count && code == 0; m++)
        for (size_t i = 0; i < sizes.count && code == 0; i++)
            code = page_sizes_list(o, input, sizes.at[i], o->memory.at[m], sheet, NULL);
    return code;
}

static int list_all(const page_options *options, const page_inputs *inputs) {
    hy_sheet sheet = page_size_sheet();
    const hy_sheet *const sheets[] = {&sheet};
    int code = 0;
    for (size_t i = 0; i < inputs->count && code == 0; i++)
        code = list_input(options, &inputs->at[i], &sheet);
    if (code == 0)
        code = cmd_print_sheets(sheets, 1, options->format);
    hy_sheet_free(&sheet);
    return code;
}

static int complete(page_options *options) {
    if (options->pagers > 1)
        return cmd_fail("page sizes: expected one pager");
    if (options->memory.count == 0)
        options->memory = (page_numbers){{1 << 20}, 1};
    if (options->mmu.tlbs == 0)
        hy_tlb_parse("64x4,1536x12", &options->mmu, NULL);
    return options->pagers || page_add_pagers(options, "lru") == 0 ? 0 : HY_EXIT_INPUT;
}

int page_sizes(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"pager", 'p', "SPEC", 0, "the policy; lru", 0},
        {"memory", PAGE_MEMORY, "SIZE,…", 0, "that there is for pages; 1M", 0},
        {"page-size", PAGE_SIZE, "SIZE,…", 0, "from the trace's granule to 2M by steps of four", 0},
        {"tlb", PAGE_TLB, "SHAPE,…", 0, "for the walks: entries and ways of each level; 64x4,1536x12", 0},
        {"levels", PAGE_LEVELS, "N", 0, "of the page tables with pages of 4K: 4 or 5; 4", 0},
        {"walk-cache", PAGE_WALK_CACHE, "N", 0, "entries for each upper level of the tables; none", 0},
        PAGE_OPTIONS_INPUT,
        {0}};
    static const struct argp argp = {
        .options = table,
        .parser = page_parse_option,
        .args_doc = "TRACE…",
        .doc =
            "Compares page sizes on a trace: faults in the same memory, what is read in, how much of the touched "
            "pages is used, page tables and walks.\v\"Of it used\" counts the trace's granules that were touched, so "
            "a finer granule (record --granule 256) tells more.  Page tables are told for 4K, 2M and 1G."};
    return page_look_at(&(page_look){&argp, complete, list_all}, argc, argv);
}
