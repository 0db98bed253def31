/* SPDX-License-Identifier: MIT
 *
 * page_curve.c - `heapyard page curve`: faults by frames for each policy, the knee, and where thrashing begins.
 */
#include "page_curve.h"

#include "units.h"

#include <math.h>
#include <stdlib.h>

hy_sheet page_curve_sheet(void) {
    static const hy_sheet_column columns[] = {{"trace", "trace", HY_SHEET_WORD},
                                              {"page_size", "page", HY_SHEET_BYTES},
                                              {"pager", "pager", HY_SHEET_WORD},
                                              {"frames", "frames", HY_SHEET_COUNT},
                                              {"memory", "memory", HY_SHEET_BYTES},
                                              {"faults", "faults", HY_SHEET_COUNT},
                                              {"miss_ratio", "misses", HY_SHEET_SHARE},
                                              {"lifetime", "lifetime", HY_SHEET_NUMBER},
                                              {"writebacks", "written back", HY_SHEET_COUNT}};
    return (hy_sheet){.name = "curve", HY_SHEET_COLUMNS(columns)};
}

hy_sheet page_knee_sheet(void) {
    static const hy_sheet_column columns[] = {
        {"trace", "trace", HY_SHEET_WORD},          {"page_size", "page", HY_SHEET_BYTES},
        {"pager", "pager", HY_SHEET_WORD},          {"pages", "pages", HY_SHEET_COUNT},
        {"knee", "knee: frames", HY_SHEET_COUNT},   {"memory", "memory", HY_SHEET_BYTES},
        {"faults", "faults there", HY_SHEET_COUNT}, {"enough", "no thrashing from", HY_SHEET_COUNT}};
    return (hy_sheet){.name = "knees", HY_SHEET_COLUMNS(columns)};
}

int page_curves_make(const page_options *o, const page_input *input, uint64_t page_size, page_curves *ret) {
    uint32_t frames[HY_MISS_POINTS_MOST];
    hy_page_refs refs;
    hy_error error;
    page_curves curves = {.input = input, .page_size = page_size, .curve = calloc(o->pagers, sizeof *curves.curve)};
    if (!curves.curve)
        abort();
    if (hy_page_refs_make(&input->trace, page_shift(page_size), o->which, &refs, &error) < 0) {
        free(curves.curve);
        return cmd_fail("%s: %s", input->name, error.text);
    }
    size_t count = hy_miss_frames(refs.pages, frames);
    if (o->frames.count > 0)
        for (count = 0; count < o->frames.count; count++)
            frames[count] = (uint32_t)o->frames.at[count];
    int r = refs.count ? 0 : hy_fail(&error, -1, "no references of the kind that --refs asks for");
    for (size_t i = 0; i < o->pagers && r == 0; i++)
        r = hy_miss_curve_make(&o->pager[i], &refs, frames, count, &curves.curve[i], &error);
    curves.pages = refs.pages;
    hy_page_refs_clear(&refs);
    if (r < 0) {
        free(curves.curve);
        return cmd_fail("%s: %s", input->name, error.text);
    }
    *ret = curves;
    return 0;
}

void page_curves_free(page_curves *curves) {
    free(curves->curve);
}

void page_curves_list(const page_options *o, const page_curves *curves, hy_sheet *sheet) {
    for (size_t i = 0; i < o->pagers; i++) {
        const hy_miss_curve *const c = &curves->curve[i];
        const double n = (double)c->references;
        for (size_t j = 0; j < c->points; j++) {
            const hy_miss_point p = c->point[j];
            hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(curves->input->name), HY_FIGURE(curves->page_size),
                                             HY_WORD(o->pager[i].spec), HY_FIGURE(p.frames),
                                             HY_FIGURE(p.frames * curves->page_size), HY_FIGURE(p.faults),
                                             HY_FIGURE((double)p.faults / n), HY_FIGURE(n / (double)p.faults),
                                             HY_FIGURE(p.writebacks)));
        }
    }
}

void page_curves_list_knees(const page_options *o, const page_curves *curves, hy_sheet *sheet) {
    for (size_t i = 0; i < o->pagers; i++) {
        const hy_miss_curve *const c = &curves->curve[i];
        const hy_miss_point knee = c->point[hy_miss_knee(c)];
        const uint32_t enough = hy_miss_enough(c, (double)o->fault_time, (double)o->reference_time);
        hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(curves->input->name), HY_FIGURE(curves->page_size),
                                         HY_WORD(o->pager[i].spec), HY_FIGURE(curves->pages), HY_FIGURE(knee.frames),
                                         HY_FIGURE(knee.frames * curves->page_size), HY_FIGURE(knee.faults),
                                         HY_FIGURE(enough ? (double)enough : NAN)));
    }
}

/* ----------------------------------------------------------------------------------------------------- command ---- */

/* Of all inputs and page sizes, one after the other. */
static int make_all(const page_options *o, const page_inputs *inputs, page_curves *all, size_t *ret_made) {
    const size_t sizes = o->page_sizes.count, count = inputs->count * sizes;
    int code = 0;
    for (*ret_made = 0; *ret_made < count && code == 0; *ret_made += code == 0)
        code =
            page_curves_make(o, &inputs->at[*ret_made / sizes], o->page_sizes.at[*ret_made % sizes], &all[*ret_made]);
    return code;
}

static int answer(const page_options *o, const page_curves *all, size_t count) {
    hy_sheet points = page_curve_sheet(), knees = page_knee_sheet();
    char caption[400];
    for (size_t i = 0; i < count; i++) {
        page_curves_list(o, &all[i], &points);
        page_curves_list_knees(o, &all[i], &knees);
    }
    snprintf(
        caption, sizeof caption,
        "Knee: frames times faults is least.  Thrashing: with a fault of %s and a reference of %s the program waits "
        "longer for pages that it had before than it runs.",
        hy_show_time((double)o->fault_time).text, hy_show_time((double)o->reference_time).text);
    knees.caption = caption;
    const hy_sheet *const sheets[] = {&points, &knees};
    const int code = cmd_print_sheets(sheets, 2, o->format);
    hy_sheet_free(&points);
    hy_sheet_free(&knees);
    return code;
}

static int find_out(const page_options *o, const page_inputs *inputs) {
    page_curves *const all = calloc(inputs->count * o->page_sizes.count, sizeof *all);
    size_t made;
    if (!all)
        abort();
    int code = make_all(o, inputs, all, &made);
    if (code == 0)
        code = answer(o, all, made);
    if (code == 0 && o->page)
        code = page_report(o, inputs, all);
    for (size_t i = 0; i < made; i++)
        page_curves_free(&all[i]);
    free(all);
    return code;
}

static int complete(page_options *options) {
    for (size_t i = 1; i < options->frames.count; i++)
        if (options->frames.at[i] <= options->frames.at[i - 1])
            return cmd_fail("--frames: expected rising numbers");
    if (options->page_sizes.count == 0)
        options->page_sizes = (page_numbers){{4096}, 1};
    return options->pagers || page_add_pagers(options, "lru,fifo,clock,2q,arc,opt") == 0 ? 0 : HY_EXIT_INPUT;
}

int page_curve(int argc, char **argv) {
    static const struct argp_option table[] = {
        PAGE_OPTION_PAGERS,
        {"frames", PAGE_FRAMES, "N,…", 0, "rising; from 1 to all pages, each half as much again", 0},
        {"page-size", PAGE_SIZE, "SIZE,…", 0, "4K", 0},
        {"fault-time", PAGE_FAULT_TIME, "TIME", 0, "that a fault takes, for thrashing; 100us", 0},
        {"reference-time", PAGE_REFERENCE_TIME, "TIME", 0, "that a reference takes; 1ns", 0},
        {"page", PAGE_PAGE, "FOLDER", 0, "also writes FOLDER/page.html, with pictures", 0},
        PAGE_OPTIONS_INPUT,
        {0}};
    static const struct argp argp = {
        .options = table,
        .parser = page_parse_option,
        .args_doc = "TRACE…",
        .doc = "Draws how faults fall as frames are added, for each policy; finds the knee and where thrashing "
               "begins.\vThe knee (Denning and Kahn 1975) is where references from fault to fault, divided by frames, "
               "are most: with fewer frames faults grow faster than frames are saved.  Without --pager: "
               "-p lru,fifo,clock,2q,arc,opt."};
    return page_look_at(&(page_look){&argp, complete, find_out}, argc, argv);
}
