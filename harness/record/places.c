/* SPDX-License-Identifier: MIT */
#include "places.h"

#include "clock.h"
#include "lists.h"
#include "pairs.h"
#include "place_names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096, LOOKS_APART = 20 };

/* A stretch of code in the process's memory. */
typedef struct place_range {
    uint64_t from, to, offset; /* in the module's file */
    uint32_t module;
} place_range;

typedef struct place_module {
    char *path;
    char build_id[HY_BUILD_ID + 1];
    bool told; /* it is in the trace's table, as `number` */
    bool raw;  /* no file: offsets are addresses */
    uint32_t number;
} place_module;

typedef struct place_frame {
    uint32_t module; /* index of a place_module */
    uint64_t offset;
} place_frame;

struct hy_places {
    uint32_t pid;
    place_range *ranges;
    size_t range_count, range_room;
    place_module *modules; /* the first is "[unknown]" */
    size_t module_count, module_room;
    uint32_t told;    /* modules in the table */
    hy_pairs known;   /* return address -> frame, until a module is closed */
    hy_pairs by_file; /* module, offset -> frame */
    hy_pairs tree;    /* caller, frame -> site */
    place_frame *frames;
    size_t frame_count, frame_room;
    uint32_t site_count;
    uint64_t look_after; /* ns; looking again before that would take too much of the time */
    bool full;
};

static int places_no_memory(hy_error *error) {
    return hy_fail(error, -ENOMEM, "no memory for the table of sites");
}

/* ---- where modules are ---- */

/* The index of a module; 0, which is unknown, if there is no memory. */
static uint32_t places_module(hy_places *places, const char *path, bool raw) {
    char build_id[HY_BUILD_ID + 1] = "";
    if (path[0] == '/')
        hy_build_id(path, build_id, sizeof build_id);
    for (size_t i = 0; i < places->module_count; i++)
        if (strcmp(places->modules[i].path, path) == 0 && strcmp(places->modules[i].build_id, build_id) == 0)
            return (uint32_t)i;
    place_module *const grown =
        hy_list_room(places->modules, places->module_count, &places->module_room, sizeof *grown);
    if (!grown)
        return 0;
    places->modules = grown;
    place_module module = {.path = strdup(path), .raw = raw};
    memcpy(module.build_id, build_id, sizeof build_id);
    if (!module.path)
        return 0;
    grown[places->module_count] = module;
    return (uint32_t)places->module_count++;
}

static void places_range(hy_places *places, const char *line) {
    char path[PATH_SIZE] = "", rights[8];
    place_range range;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %*s %*s %4095[^\n]", &range.from, &range.to, rights,
               &range.offset, path) < 4 ||
        !strchr(rights, 'x'))
        return;
    place_range *const grown = hy_list_room(places->ranges, places->range_count, &places->range_room, sizeof *grown);
    if (!grown)
        return;
    const bool raw = path[0] != '/';
    places->ranges = grown;
    range.module = places_module(places, path[0] ? path : "[anonymous]", raw);
    range.offset = raw ? range.from : range.offset;
    grown[places->range_count++] = range;
}

void hy_places_look(hy_places *places) {
    char name[64];
    snprintf(name, sizeof name, "/proc/%" PRIu32 "/maps", places->pid);
    FILE *const maps = places->pid ? fopen(name, "re") : NULL;
    char *line = NULL;
    size_t room = 0;
    bool first = true;
    for (ssize_t size; maps && (size = getline(&line, &room, maps)) > 0; first = false) {
        if (first)
            places->range_count = 0;
        places_range(places, line);
    }
    free(line);
    if (maps)
        fclose(maps);
}

static const place_range *places_find_range(const hy_places *places, uint64_t address) {
    size_t low = 0, high = places->range_count; /* they ascend */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const place_range *const range = &places->ranges[middle];
        if (address >= range->from && address < range->to)
            return range;
        if (address < range->from)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* Looks again if need be, but after looking in vain not before many times as long as that took has passed. */
static const place_range *places_locate(hy_places *places, uint64_t address) {
    const place_range *range = places_find_range(places, address);
    if (range || !places->pid)
        return range;
    const uint64_t start = hy_now();
    if (start < places->look_after)
        return NULL;
    hy_places_look(places);
    range = places_find_range(places, address);
    const uint64_t end = hy_now();
    places->look_after = range ? 0 : end + LOOKS_APART * (end - start);
    return range;
}

/* How many of them are return addresses.  Where one is not in code, the walk has gone astray: it met a function that
 * has no frame pointer, and what comes after that is no better. */
static uint32_t places_trust(hy_places *places, const uint64_t *addresses, uint32_t count) {
    for (uint32_t i = 1; i < count; i++)
        if (!places_locate(places, addresses[i] - 1) && places->range_count > 0)
            return i;
    return count;
}

/* ---- frames and sites ---- */

static int places_add(hy_places *places, hy_trace_writer *writer, const char *line, size_t size, hy_error *error) {
    const int r = hy_trace_add_table(writer, line, size, error);
    places->full |= r == -ENOSPC;
    return r == -ENOSPC ? 0 : r;
}

static int places_tell_module(hy_places *places, hy_trace_writer *writer, place_module *module, hy_error *error) {
    char line[HY_TABLE_LINE];
    if (module->told)
        return 0;
    const int r = places_add(places, writer, line, hy_module_line(module->build_id, module->path, line), error);
    module->told = r == 0 && !places->full;
    module->number = module->told ? places->told++ : 0;
    return r;
}

static int places_tell_frame(hy_places *places, hy_trace_writer *writer, place_frame frame, hy_error *error) {
    char line[HY_TABLE_LINE];
    place_module *const module = &places->modules[frame.module];
    place_frame *const grown = hy_list_room(places->frames, places->frame_count, &places->frame_room, sizeof *grown);
    if (!grown)
        return places_no_memory(error);
    places->frames = grown;
    int r = places_tell_module(places, writer, module, error);
    if (r == 0 && !places->full)
        r = places_add(places, writer, line, hy_frame_line(module->number, frame.offset, line), error);
    if (r == 0 && !places->full)
        grown[places->frame_count++] = frame;
    return r;
}

/* The frame of a return address: of the byte before it, so that it is the call's. */
static int places_frame(hy_places *places, hy_trace_writer *writer, uint64_t address, uint32_t *ret_frame,
                        hy_error *error) {
    hy_pair *const known = hy_pairs_find(&places->known, address, 0);
    if (!known)
        return places_no_memory(error);
    if (known->number == 0) {
        const place_range *const range = places_locate(places, address - 1);
        const place_frame frame = {range ? range->module : 0,
                                   range ? address - 1 - range->from + range->offset : address - 1};
        hy_pair *const file = hy_pairs_find(&places->by_file, frame.module, frame.offset);
        if (!file)
            return places_no_memory(error);
        if (file->number == 0) {
            places->full |= places->frame_count >= HY_FRAMES_MAX;
            const int r = places->full ? 0 : places_tell_frame(places, writer, frame, error);
            if (r < 0 || places->full)
                return r;
            file->number = (uint32_t)places->frame_count;
        }
        *ret_frame = file->number - 1;
        known->number = range ? file->number : 0;
        return 0;
    }
    *ret_frame = known->number - 1;
    return 0;
}

int hy_places_site(hy_places *places, hy_trace_writer *writer, const uint64_t *addresses, uint32_t count,
                   uint32_t *ret_site, hy_error *error) {
    uint32_t site = 0, frame = 0;
    char line[HY_TABLE_LINE];
    count = places_trust(places, addresses, count);
    while (count-- > 0) {
        int r = places_frame(places, writer, addresses[count], &frame, error);
        if (r < 0 || places->full)
            return r;
        hy_pair *const pair = hy_pairs_find(&places->tree, site, frame);
        if (!pair)
            return places_no_memory(error);
        if (pair->number == 0) {
            places->full = places->site_count + 1 >= HY_SITES_MAX;
            if (!places->full)
                r = places_add(places, writer, line, hy_site_line(site, frame, line), error);
            if (r < 0 || places->full)
                return r;
            pair->number = ++places->site_count;
        }
        site = pair->number;
    }
    *ret_site = site;
    return 0;
}

void hy_places_forget(hy_places *places) {
    hy_pairs_clear(&places->known);
    places->range_count = 0;
    places->look_after = 0;
}

/* ---- names ---- */

static int places_name_module(const hy_places *places, uint32_t index, hy_trace_writer *writer, hy_error *error) {
    const place_module *const module = &places->modules[index];
    hy_place_names *const names = module->raw ? NULL : hy_place_names_open(module->path, module->build_id);
    char line[HY_TABLE_LINE];
    int r = 0;
    for (size_t i = 0; names && r == 0 && i < places->frame_count; i++) {
        if (places->frames[i].module != index)
            continue;
        const hy_place_name name = hy_place_names_find(names, places->frames[i].offset);
        if (name.function[0] || name.file[0])
            r = hy_trace_add_table(writer, line, hy_name_line((uint32_t)i, name.function, name.file, name.line, line),
                                   error);
    }
    hy_place_names_close(names);
    return r == -ENOSPC ? 0 : r;
}

int hy_places_name(hy_places *places, hy_trace_writer *writer, hy_error *error) {
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < places->module_count; i++)
        if (places->modules[i].told)
            r = places_name_module(places, i, writer, error);
    return r;
}

/* ---- the whole ---- */

hy_places *hy_places_create(uint32_t pid) {
    hy_places *const places = calloc(1, sizeof *places);
    if (!places)
        return NULL;
    places->pid = pid;
    places_module(places, "[unknown]", true);
    if (places->module_count == 0) {
        free(places);
        return NULL;
    }
    hy_places_look(places);
    return places;
}

void hy_places_destroy(hy_places *places) {
    if (!places)
        return;
    for (size_t i = 0; i < places->module_count; i++)
        free(places->modules[i].path);
    free(places->modules);
    free(places->ranges);
    free(places->frames);
    hy_pairs_clear(&places->known);
    hy_pairs_clear(&places->by_file);
    hy_pairs_clear(&places->tree);
    free(places);
}
