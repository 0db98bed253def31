/* SPDX-License-Identifier: MIT
 *
 * page_options.c - the options that the parts of `heapyard page` share (see page.h).
 */
#include "page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void page_options_start(page_options *options, int argc, char **argv) {
    static char typed[4096];
    *options = (page_options){.read = {.shift = HY_GRANULE_SHIFT},
                              .mmu = {.levels = 4, .asids = true},
                              .fault_time = 100000,
                              .reference_time = 1};
    cmd_typed(argc, argv, typed, sizeof typed);
    options->command = typed;
}

void page_options_free(page_options *options) {
    free(options->paths);
    free(options->pager);
}

unsigned page_shift(uint64_t bytes) {
    return 63u - (unsigned)__builtin_clzll(bytes);
}

/* ------------------------------------------------------------------------------------------------------- lists ---- */

typedef int parse_number(const char *text, uint64_t *ret);

static int parse_list(const char *option, const char *text, parse_number *parse, const char *expected,
                      page_numbers *ret) {
    page_numbers list = {.count = 0};
    for (const char *word = text;; word++) {
        char one[40];
        const size_t size = strcspn(word, ",");
        snprintf(one, sizeof one, "%.*s", (int)size, word);
        if (list.count == PAGE_LIST_MOST)
            return cmd_fail("%s: at most %u of them", option, PAGE_LIST_MOST), -EINVAL;
        if (size >= sizeof one || parse(one, &list.at[list.count]) < 0 || list.at[list.count++] == 0)
            return cmd_fail("%s is \"%s\"; expected %s", option, text, expected), -EINVAL;
        word += size;
        if (*word == '\0')
            break;
    }
    *ret = list;
    return 0;
}

static int parse_frames(const char *text, page_numbers *ret) {
    if (parse_list("--frames", text, hy_parse_count, "numbers of frames, as in 64,128", ret) < 0)
        return -EINVAL;
    for (size_t i = 0; i < ret->count; i++)
        if (ret->at[i] > HY_PAGES_MOST)
            return cmd_fail("--frames is \"%s\"; at most %u", text, HY_PAGES_MOST), -EINVAL;
    return 0;
}

static bool is_page_size(uint64_t bytes) {
    return bytes >= 1u << HY_GRANULE_SHIFT_LEAST && bytes <= 1u << HY_GRANULE_SHIFT_MOST && (bytes & (bytes - 1)) == 0;
}

int page_parse_sizes(const char *option, const char *text, page_numbers *ret) {
    static const char *const expected = "powers of two from 64 to 1G, as in 4K,2M";
    if (parse_list(option, text, hy_parse_size, expected, ret) < 0)
        return -EINVAL;
    for (size_t i = 0; i < ret->count; i++)
        if (!is_page_size(ret->at[i]))
            return cmd_fail("%s is \"%s\"; expected %s", option, text, expected), -EINVAL;
    return 0;
}

int page_add_pagers(page_options *options, const char *list) {
    hy_text rest = {list, strlen(list)}, spec;
    hy_error error;
    if (rest.size == 0)
        return cmd_fail("an empty list of pagers; expected NAME:KEY=VALUE,…"), -EINVAL;
    while (hy_spec_next(&rest, &spec)) {
        hy_pager_choice *const grown = aligned_alloc(64, (options->pagers + 1) * sizeof *grown);
        if (!grown)
            abort();
        if (options->pagers)
            memcpy(grown, options->pager, options->pagers * sizeof *grown);
        free(options->pager);
        options->pager = grown;
        if (hy_pager_choose(spec, &options->pager[options->pagers], &error) < 0)
            return cmd_fail("%s", error.text), -EINVAL;
        options->pagers++;
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------------------- words ---- */

static int parse_which(const char *text, hy_page_which *ret) {
    static const char *const words[] = {"all", "data", "code", NULL};
    for (int i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0) {
            *ret = (hy_page_which)i;
            return 0;
        }
    return cmd_fail("--refs is \"%s\"; expected all, data or code", text), -EINVAL;
}

static int parse_time(const char *option, const char *text, uint64_t *ret) {
    if (hy_parse_time(text, ret) == 0 && *ret > 0)
        return 0;
    return cmd_fail("%s is \"%s\"; expected a time, as in 100us", option, text), -EINVAL;
}

static int parse_asids(const char *text, bool *ret) {
    *ret = strcmp(text, "yes") == 0;
    return *ret || strcmp(text, "no") == 0 ? 0 : (cmd_fail("--asids is \"%s\"; expected yes or no", text), -EINVAL);
}

static int parse_granule(const char *text, unsigned *ret) {
    page_numbers sizes;
    const int r = page_parse_sizes("--granule", text, &sizes);
    if (r == 0 && sizes.count > 1)
        return cmd_fail("--granule is \"%s\"; expected one size", text), -EINVAL;
    if (r == 0)
        *ret = page_shift(sizes.at[0]);
    return r;
}

static int parse_tlb(page_options *o, const char *text) {
    hy_error error;
    o->translates = true;
    return hy_tlb_parse(text, &o->mmu, &error) < 0 ? (cmd_fail("%s", error.text), -EINVAL) : 0;
}

/* 0, -EINVAL after saying why, or 1: not ours. */
static int parse_translation(page_options *o, int key, const char *argument) {
    uint64_t n = 0;
    int r;
    switch (key) {
    case PAGE_TLB: return parse_tlb(o, argument);
    case PAGE_ASIDS: return parse_asids(argument, &o->mmu.asids);
    case PAGE_LEVELS:
        r = cmd_number("--levels", argument, 4, 5, &n);
        o->mmu.levels = (unsigned)n;
        break;
    case PAGE_WALK_CACHE:
        r = cmd_number("--walk-cache", argument, 1, 4096, &n);
        o->mmu.walk_cache = (uint32_t)n;
        break;
    default: return 1;
    }
    o->translates = true;
    return r;
}

error_t page_parse_option(int key, char *argument, struct argp_state *state) {
    page_options *const o = state->input;
    const int r = parse_translation(o, key, argument);
    if (r <= 0)
        return -r;
    switch (key) {
    case 'a': o->allocators = argument; return 0;
    case 'p': return -page_add_pagers(o, argument);
    case PAGE_STRING: o->string = argument; return 0;
    case PAGE_FRAMES: return -parse_frames(argument, &o->frames);
    case PAGE_MEMORY: return -parse_list("--memory", argument, hy_parse_size, "sizes, as in 1M,4M", &o->memory);
    case PAGE_SIZE: return -page_parse_sizes("--page-size", argument, &o->page_sizes);
    case PAGE_REFS: return -parse_which(argument, &o->which);
    case PAGE_REFERENCES: return cmd_number("--references", argument, 1, HY_PAGE_TRACE_MOST, &o->read.references);
    case PAGE_GRANULE: return -parse_granule(argument, &o->read.shift);
    case PAGE_SLICE: return cmd_number("--slice", argument, 1, (uint64_t)1 << 60, &o->slice);
    case PAGE_FORMAT: return -cmd_format(argument, &o->format);
    case PAGE_TIME: o->time = true; return 0;
    case PAGE_FAULT_TIME: return -parse_time("--fault-time", argument, &o->fault_time);
    case PAGE_REFERENCE_TIME: return -parse_time("--reference-time", argument, &o->reference_time);
    case PAGE_PAGE: o->page = argument; return 0;
    case ARGP_KEY_ARG: cmd_add_path(&o->paths, &o->count, argument); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}
