/* SPDX-License-Identifier: MIT
 *
 * map.c - `heapyard map`: what lies where in a heap, at one moment of a trace or over all of it.
 */
#include "command.h"

#include "fragmentation.h"
#include "heapmap.h"
#include "log_trace.h"
#include "map_time.h"
#include "picture.h"
#include "registry.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct map_options {
    const char *trace, *at, *over_time;
    hy_specs specs;
    unsigned width, rows;
} map_options;

/* --------------------------------------------------------------------------------------------------- the picture ----
 */

/* Bytes of a cell, so that the picture has at most so many rows; round, where it is not small. */
static size_t cell_size(const hy_heapmap *map, const map_options *options) {
    const size_t cells = (size_t)options->width * options->rows, size = (map->bytes + cells - 1) / cells;
    return size <= 16 ? (size ? size : 1) : (size + 15) / 16 * 16;
}

static void print_cells(const hy_heapmap *map, const map_options *options, size_t size) {
    hy_heapmap_place place = {0};
    hy_heapmap_cell cell;
    const uintptr_t start = map->count ? map->ranges[0].start : 0;
    unsigned column = 0;
    while (hy_heapmap_next(map, &place, size, &cell)) {
        if (column == 0)
            printf("+0x%-10" PRIxPTR " ", cell.start - start);
        putchar(hy_heapmap_letter(&cell));
        column = (column + 1) % options->width;
        if (column == 0)
            putchar('\n');
    }
    if (column != 0)
        putchar('\n');
}

static void print_figures(const hy_instance *heap) {
    hy_fragmentation sums;
    hy_fragmentation_measure(heap, &sums);
    printf("live %s in %s block%s, free %s in %s hole%s, metadata %s in band; largest hole %s, external "
           "fragmentation %.1f %%\n",
           hy_show_bytes(sums.usable).text, hy_show_count(sums.blocks).text, sums.blocks == 1 ? "" : "s",
           hy_show_bytes(sums.free).text, hy_show_count(sums.holes).text, sums.holes == 1 ? "" : "s",
           hy_show_bytes(sums.in_band).text, hy_show_bytes(sums.largest_hole).text,
           100 * hy_fragmentation_external(&sums));
}

static void print_map(const hy_instance *heap, const map_options *options, const char *spec) {
    hy_heapmap map = {0};
    hy_heapmap_take(&map, heap->heap);
    const size_t size = cell_size(&map, options);
    printf("%s after %s (%s)\n", spec, options->trace, options->at ? options->at : "end");
    print_cells(&map, options, size);
    printf("a cell is %s bytes: # used  o more used than free  : more free than used  . free  + metadata%s\n",
           hy_show_count(size).text, map.pieces > 1 ? "; gaps are left out" : "");
    print_figures(heap);
    hy_heapmap_free(&map);
}

/* ------------------------------------------------------------------------------------------------------- running ----
 */

static int replay_to(const map_options *options, hy_instance *heap, hy_film_strip *strip, uint64_t *ret_refused,
                     hy_error *error) {
    uint64_t until = 0;
    if (options->over_time)
        return hy_film_shoot(options->trace, heap->heap, &strip->films[strip->count], ret_refused, error);
    const int r = hy_log_moment(options->trace, options->at, &until, error);
    return r < 0 ? r : hy_log_replay(options->trace, heap->heap, until, NULL, NULL, ret_refused, error);
}

/* What cannot be walked is not even opened. */
static int open_walkable(const char *name, hy_instance *heap, hy_error *error) {
    const hy_text spec = {name, strlen(name)};
    const hy_heap_ops *ops = NULL;
    int r = hy_spec_check(&hy_registry, spec, &ops, error);
    if (r == 0 && !ops->walk)
        r = hy_fail(error, -ENOTSUP, "%s cannot be walked, so there is no map of it%s", name,
                    ops->flags & HY_FOREIGN ? "; `heapyard replay TRACE --pass map`, then `heapyard report`, show on a "
                                              "page where its blocks lie"
                                            : "");
    return r < 0 ? r : hy_open(&hy_registry, spec, NULL, heap, error);
}

/* Prints a map, or adds to what will be drawn. */
static int map_spec(const map_options *options, const char *spec, hy_film_strip *strip) {
    hy_instance heap;
    hy_error error;
    uint64_t refused = 0;
    int r = open_walkable(spec, &heap, &error);
    if (r < 0)
        return cmd_fail("%s", error.text);
    r = replay_to(options, &heap, strip, &refused, &error);
    if (r == 0 && options->over_time)
        strip->names[strip->count++] = spec;
    else if (r == 0)
        print_map(&heap, options, spec);
    hy_close(&heap);
    if (r < 0)
        return cmd_fail("%s", error.text);
    if (refused > 0)
        fprintf(stderr, "heapyard: %s requests found no room on %s and are missing from the map\n",
                hy_show_count(refused).text, spec);
    return HY_EXIT_OK;
}

static int draw(const hy_film_strip *strip, const char *picture) {
    hy_error error;
    if (hy_film_draw(strip, picture, &error) < 0)
        return cmd_fail("%s", error.text);
    printf("%s drawn\n", picture);
    return HY_EXIT_OK;
}

/* --------------------------------------------------------------------------------------------------- options ---- */

enum { KEY_AT = 256, KEY_WIDTH, KEY_ROWS, KEY_OVER_TIME };

static const struct argp_option option_table[] = {
    {"allocator", 'a', "SPEC,…", 0, "the allocators (default: fit)", 0},
    {"at", KEY_AT, "MOMENT", 0, "an event's number, peak or end (the default)", 0},
    {"width", KEY_WIDTH, "N", 0, "cells a row (default 64)", 0},
    {"rows", KEY_ROWS, "N", 0, "rows at most (default 16)", 0},
    {"over-time", KEY_OVER_TIME, "FILE", 0,
     "draw FILE.svg or FILE.png: address against allocation clock, allocators side by side", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    map_options *const options = state->input;
    switch (key) {
    case 'a':
        if (cmd_add_specs(&options->specs, argument) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case KEY_AT: options->at = argument; break;
    case KEY_WIDTH: return cmd_unsigned("--width", argument, 1, 1000, &options->width);
    case KEY_ROWS: return cmd_unsigned("--rows", argument, 1, 1000, &options->rows);
    case KEY_OVER_TIME: options->over_time = argument; break;
    case ARGP_KEY_ARG: cmd_take_only(state, &options->trace, argument, "trace"); break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "expected a trace"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static int check_options(const map_options *options) {
    if (!options->over_time)
        return 0;
    if (!hy_picture_ending(options->over_time))
        return cmd_fail("--over-time=%s: expected a name that ends with .svg or .png", options->over_time);
    if (options->at)
        return cmd_fail("--over-time draws the whole trace; --at chooses one moment");
    return options->specs.count > HY_FILMS
               ? cmd_fail("--over-time draws at most %d allocators side by side, %zu are given", HY_FILMS,
                          options->specs.count)
               : 0;
}

static int run(int argc, char **argv) {
    static const struct argp argp = {.options = option_table,
                                     .parser = parse,
                                     .args_doc = "TRACE",
                                     .doc = "Shows what lies where in a heap, at one moment of a trace or over all of "
                                            "it."};
    map_options options = {.width = 64, .rows = 16};
    int code = cmd_parse(&argp, argc, argv, &options);
    if (code == 0)
        code = check_options(&options);
    if (code == 0 && options.specs.count == 0)
        code = cmd_add_specs(&options.specs, "fit") < 0 ? HY_EXIT_INPUT : 0;
    hy_film_strip strip = {.count = 0};
    for (size_t i = 0; code == 0 && i < options.specs.count; i++) {
        if (i > 0 && !options.over_time)
            putchar('\n');
        code = map_spec(&options, options.specs.text[i], &strip);
    }
    if (code == 0 && options.over_time)
        code = draw(&strip, options.over_time);
    for (size_t i = 0; i < strip.count; i++)
        hy_film_free(strip.films[i]);
    cmd_free_specs(&options.specs);
    return code;
}

const hy_command cmd_map = {
    .name = "map",
    .family = "look",
    .usage = "map TRACE [-a SPEC,…] [--at N|peak|end] [--over-time FILE.svg]",
    .summary = "what lies where in a heap: a picture in characters, or over time",
    .examples = {"heapyard map traces/jq.hyt -a first-fit,best-fit --at peak",
                 "heapyard map t.hyt -a segregated --at 10000",
                 "heapyard map traces/jq.hyt -a fit:merge=never,fit:merge=immediate --over-time merging.svg", NULL},
    .run = run,
};
