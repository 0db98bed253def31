/* SPDX-License-Identifier: MIT
 *
 * reloc_frames.c - `heapyard reloc frames`: frames shuffled below one range, and what remains fragmented.
 */
#include "reloc_move.h"

#include "shuffle.h"

#include <errno.h>
#include <math.h>

enum { OPTION_PAGES = 512, OPTION_SEED };

static const struct argp_option table[] = {
    {"pages", OPTION_PAGES, "N", 0, "pages of the range (default 1024)", 0},
    {"seed", OPTION_SEED, "N", 0, "of the shuffle (default 1)", 0},
    {"format", 'f', "FORMAT", 0, "text (default), csv or json", 0},
    {0},
};

static const hy_sheet_column shuffle_columns[] = {
    {"state", "frames", HY_SHEET_WORD},         {"pages", "pages", HY_SHEET_COUNT},
    {"displaced", "displaced", HY_SHEET_COUNT}, {"wrong", "bytes that changed", HY_SHEET_COUNT},
    {"mappings", "mappings", HY_SHEET_COUNT},   {"tables", "page tables of the process", HY_SHEET_BYTES},
    {"time", "time a page", HY_SHEET_TIME},
};

static const hy_sheet_column rest_columns[] = {
    {"what", "what remains", HY_SHEET_WORD},      {"free", "free or mapped", HY_SHEET_BYTES},
    {"wanted", "wanted", HY_SHEET_BYTES},         {"usable", "usable for that", HY_SHEET_BYTES},
    {"largest", "largest piece", HY_SHEET_BYTES}, {"unusable", "lost", HY_SHEET_SHARE},
};

typedef struct frames_options {
    uint64_t pages, seed;
    hy_format format;
} frames_options;

static error_t parse(int key, char *text, struct argp_state *state) {
    frames_options *const o = state->input;
    switch (key) {
    case OPTION_PAGES: return cmd_number("--pages", text, 2, 32768, &o->pages);
    case OPTION_SEED: return cmd_number("--seed", text, 0, UINT32_MAX, &o->seed);
    case 'f': return cmd_format(text, &o->format) < 0 ? EINVAL : 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void add_rest(hy_sheet *sheet, const char *what, const hy_shuffle_rest *rest) {
    const double lost = rest->free > 0 ? 1 - (double)rest->usable / (double)rest->free : NAN;
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(what), HY_FIGURE(rest->free), HY_FIGURE(rest->wanted),
                                     HY_FIGURE(rest->usable), HY_FIGURE(rest->largest), HY_FIGURE(lost)));
}

static int add_shuffle(hy_sheet *sheet, uint64_t pages, uint64_t seed, hy_error *error) {
    hy_shuffle_result s;
    const int r = hy_shuffle_run(pages, seed, &s, error);
    if (r < 0)
        return r;
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD("in order"), HY_FIGURE(s.pages), HY_FIGURE(0), HY_FIGURE(0),
                                     HY_FIGURE(s.maps_before), HY_FIGURE(s.tables_before), HY_FIGURE(NAN)));
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD("shuffled"), HY_FIGURE(s.pages), HY_FIGURE(s.displaced),
                                     HY_FIGURE(s.wrong), HY_FIGURE(s.maps_after), HY_FIGURE(s.tables_after),
                                     HY_FIGURE((double)s.busy / (double)s.pages)));
    return 0;
}

static int add_waste(hy_sheet *sheet, hy_error *error) {
    hy_shuffle_waste waste;
    char what[96];
    const int r = hy_shuffle_waste_of("/usr/bin", &waste, error);
    if (r < 0)
        return r;
    snprintf(what, sizeof what, "page waste: %llu segments of /usr/bin", (unsigned long long)waste.segments);
    const double lost = waste.page_bytes > 0 ? 1 - (double)waste.bytes / (double)waste.page_bytes : NAN;
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(what), HY_FIGURE(waste.page_bytes), HY_FIGURE(NAN), HY_FIGURE(waste.bytes),
                                     HY_FIGURE(NAN), HY_FIGURE(lost)));
    return 0;
}

static int add_rests(hy_sheet *sheet, hy_error *error) {
    hy_shuffle_rest before, after;
    size_t moved;
    char what[96];
    int r = add_waste(sheet, error);
    if (r == 0)
        r = hy_shuffle_addresses(1024, (size_t)1 << 20, (size_t)2 << 20, &before, error);
    if (r < 0)
        return r;
    add_rest(sheet, "addresses: every second of 1024 mappings gone", &before);
    r = hy_shuffle_huge(8, &before, &after, &moved, error);
    if (r < 0)
        return r;
    add_rest(sheet, "huge pages: one frame of eight in use", &before);
    snprintf(what, sizeof what, "the same, packed: %zu frames moved", moved);
    add_rest(sheet, what, &after);
    if (hy_shuffle_machine(&before, NULL) == 0)
        add_rest(sheet, "huge pages: this machine now", &before);
    return 0;
}

int cmd_frames_sheets(uint64_t pages, uint64_t seed, hy_sheet ret_sheets[CMD_FRAMES_SHEETS]) {
    hy_error error = {""};
    ret_sheets[0] = (hy_sheet){.name = "frames",
                               .caption = "One range of pages, before and after its frames were dealt out anew.",
                               HY_SHEET_COLUMNS(shuffle_columns)};
    ret_sheets[1] = (hy_sheet){.name = "remains",
                               .caption = "What remains fragmented with pages: the free memory that does not serve.",
                               HY_SHEET_COLUMNS(rest_columns)};
    int r = add_shuffle(&ret_sheets[0], pages, seed, &error);
    if (r == 0)
        r = add_rests(&ret_sheets[1], &error);
    return r < 0 ? cmd_fail("%s", error.text) : 0;
}

int cmd_reloc_frames(int argc, char **argv) {
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .doc = "Shuffles the frames below one range of addresses, which reads as before, and measures what remains "
               "fragmented when memory is contiguous in appearance only: pages, addresses, frames in a row."};
    frames_options options = {.pages = 1024, .seed = 1};
    hy_sheet sheets[CMD_FRAMES_SHEETS] = {{0}};
    int r = cmd_parse(&argp, argc, argv, &options);
    if (r == 0)
        r = cmd_frames_sheets(options.pages, options.seed, sheets);
    if (r == 0)
        r = cmd_print_sheets((const hy_sheet *const[]){&sheets[0], &sheets[1]}, CMD_FRAMES_SHEETS, options.format);
    for (size_t i = 0; i < CMD_FRAMES_SHEETS; i++)
        hy_sheet_free(&sheets[i]);
    return r;
}
