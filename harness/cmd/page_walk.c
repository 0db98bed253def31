/* SPDX-License-Identifier: MIT
 *
 * page_walk.c - `heapyard page walk`: which entries are read to translate one address, to be checked by hand.
 */
#include "page.h"

#include "machine_answer.h"
#include "units.h"

#include <inttypes.h>
#include <stdlib.h>

static const hy_sheet_column columns[] = {
    {"step", "step", HY_SHEET_COUNT},   {"table", "table", HY_SHEET_WORD}, {"bits", "bits", HY_SHEET_WORD},
    {"index", "entry", HY_SHEET_COUNT}, {"at", "at byte", HY_SHEET_HEX},   {"spans", "an entry spans", HY_SHEET_BYTES},
};

static int walk(const page_options *o, uint64_t address, uint64_t page_size) {
    const unsigned leaf = hy_leaf_of(page_shift(page_size)), levels = o->mmu.levels;
    hy_sheet sheet = {.name = "steps", HY_SHEET_COLUMNS(columns)};
    char bits[24];
    if (leaf == 0)
        return cmd_fail("--page-size is %s; page tables map pages of 4K, 2M and 1G", hy_show_bytes(page_size).text);
    if (!hy_address_is_canonical(address, levels))
        return cmd_fail("0x%" PRIx64 " is no address with %u levels: bits %u to 63 must be copies of bit %u", address,
                        levels, 12 + 9 * levels, 11 + 9 * levels);
    for (unsigned level = levels; level >= leaf; level--) {
        const unsigned shift = hy_level_shift(level);
        const uint32_t index = hy_level_index(address, level);
        snprintf(bits, sizeof bits, "%u..%u", shift + 8, shift);
        hy_sheet_add(&sheet, HY_SHEET_ROW(HY_FIGURE(levels - level + 1), HY_WORD(hy_level_name(level)), HY_WORD(bits),
                                          HY_FIGURE(index), HY_FIGURE(8 * index), HY_FIGURE((uint64_t)1 << shift)));
    }
    const hy_sheet *const sheets[] = {&sheet};
    const int code = cmd_print_sheets(sheets, 1, o->format);
    if (code == 0 && o->format == HY_FORMAT_TEXT)
        printf("\n0x%" PRIx64 " is byte %" PRIu64 " of its page of %s, found in %zu steps.\n", address,
               address & (page_size - 1), hy_show_bytes(page_size).text, sheet.rows);
    hy_sheet_free(&sheet);
    return code;
}

int page_walk(int argc, char **argv) {
    static const struct argp_option table[] = {{"levels", PAGE_LEVELS, "N", 0, "of the page tables: 4 or 5; 4", 0},
                                               {"page-size", PAGE_SIZE, "SIZE", 0, "4K, 2M or 1G; 4K", 0},
                                               {"format", PAGE_FORMAT, "FORMAT", 0, "text, csv or json", 0},
                                               {0}};
    static const struct argp argp = {.options = table,
                                     .parser = page_parse_option,
                                     .args_doc = "ADDRESS",
                                     .doc = "Shows the walk through the page tables of x86-64 for an address."};
    page_options options;
    page_options_start(&options, argc, argv);
    int code = cmd_parse(&argp, argc, argv, &options);
    uint64_t address = 0;
    if (code == 0 && options.count != 1)
        code = cmd_fail("expected one address, as in: heapyard page walk 0x7ffff7fc3000");
    if (code == 0 && hy_parse_count(options.paths[0], &address) < 0)
        code = cmd_fail("\"%s\" is no address; expected a number such as 0x7ffff7fc3000", options.paths[0]);
    if (code == 0 && options.page_sizes.count > 1)
        code = cmd_fail("--page-size: expected one size");
    if (code == 0)
        code = walk(&options, address, options.page_sizes.count ? options.page_sizes.at[0] : 4096);
    page_options_free(&options);
    return code;
}
