/* SPDX-License-Identifier: MIT
 *
 * sites.c - the tables of sites and their text (see sites.h).
 *
 * A line is a word and its fields, each after a tab:
 *
 *   module BUILD-ID PATH        frame MODULE OFFSET (hexadecimal)
 *   site CALLER FRAME           name FRAME FUNCTION FILE LINE
 */
#include "sites.h"

#include "cxx_name.h"

#include "format.h"
#include "lists.h"
#include "spec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)
#define FIELDS 5u

/* ---- out ---- */

size_t hy_module_line(const char *build_id, const char *path, char *ret_line) {
    char clean[HY_SITE_TEXT];
    hy_text_clean(clean, sizeof clean, path);
    return (size_t)snprintf(ret_line, HY_TABLE_LINE, "module\t%s\t%s\n", build_id, clean);
}

size_t hy_frame_line(uint32_t module, uint64_t offset, char *ret_line) {
    return (size_t)snprintf(ret_line, HY_TABLE_LINE, "frame\t%" PRIu32 "\t%" PRIx64 "\n", module, offset);
}

size_t hy_site_line(uint32_t caller, uint32_t frame, char *ret_line) {
    return (size_t)snprintf(ret_line, HY_TABLE_LINE, "site\t%" PRIu32 "\t%" PRIu32 "\n", caller, frame);
}

size_t hy_name_line(uint32_t frame, const char *function, const char *file, uint32_t line, char *ret_line) {
    char clean_function[HY_SITE_TEXT], clean_file[HY_SITE_TEXT];
    hy_text_clean(clean_function, sizeof clean_function, function);
    hy_text_clean(clean_file, sizeof clean_file, file);
    return (size_t)snprintf(ret_line, HY_TABLE_LINE, "name\t%" PRIu32 "\t%s\t%s\t%" PRIu32 "\n", frame, clean_function,
                            clean_file, line);
}

static const char *base_name(const char *path) {
    const char *const slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

void hy_frame_show(const hy_sites *sites, uint32_t frame, char *ret, size_t size) {
    const hy_frame *const is = &sites->frames[frame];
    const char *const module = base_name(sites->modules[is->module].path);
    char function[512];
    hy_cxx_name(is->function ? is->function : "", function, sizeof function);
    if (!function[0])
        snprintf(ret, size, "%s+0x%" PRIx64, module, is->offset);
    else if (is->file[0])
        snprintf(ret, size, "%s (%s:%" PRIu32 ")", function, base_name(is->file), is->line);
    else
        snprintf(ret, size, "%s (%s)", function, module);
}

/* ---- in ---- */

typedef struct site_line {
    hy_text field[FIELDS];
    size_t fields;
} site_line;

static int site_number(hy_text field, unsigned base, uint64_t most, uint64_t *ret, hy_error *error) {
    uint64_t value = 0;
    bool good = field.size > 0 && field.size <= 20;
    for (size_t i = 0; good && i < field.size; i++) {
        const char c = field.at[i];
        const unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                               : c >= 'a' && c <= 'f' ? (unsigned)(c - 'W')
                                                      : 99;
        good = digit < base && !__builtin_mul_overflow(value, base, &value) &&
               !__builtin_add_overflow(value, digit, &value);
    }
    if (!good || value > most) {
        BAD("a number in the table of sites is none, or more than %" PRIu64, most);
        return -EINVAL; /* said here, so that gcc sees: never 0 */
    }
    *ret = value;
    return 0;
}

static char *site_text(hy_text field) {
    return strndup(field.at, field.size);
}

static int site_no_memory(hy_error *error) {
    return hy_fail(error, -ENOMEM, "no memory for the table of sites");
}

static int take_module(hy_sites *sites, const site_line *line, hy_error *error) {
    if (sites->module_count >= HY_MODULES_MAX || line->field[1].size > HY_BUILD_ID)
        return BAD("too many modules, or too long a build id");
    hy_module *const grown = hy_list_room(sites->modules, sites->module_count, &sites->module_room, sizeof *grown);
    if (!grown)
        return site_no_memory(error);
    sites->modules = grown;
    hy_module *const module = &grown[sites->module_count];
    *module = (hy_module){.path = site_text(line->field[2])};
    memcpy(module->build_id, line->field[1].at, line->field[1].size);
    if (!module->path)
        return site_no_memory(error);
    sites->module_count++;
    return 0;
}

static int take_frame(hy_sites *sites, const site_line *line, hy_error *error) {
    uint64_t module, offset;
    int r = site_number(line->field[1], 10, UINT32_MAX, &module, error);
    if (r == 0)
        r = site_number(line->field[2], 16, UINT64_MAX, &offset, error);
    if (r < 0)
        return r;
    if (module >= sites->module_count || sites->frame_count >= HY_FRAMES_MAX)
        return BAD("a frame in module %" PRIu64 " of %zu, or too many frames", module, sites->module_count);
    hy_frame *const grown = hy_list_room(sites->frames, sites->frame_count, &sites->frame_room, sizeof *grown);
    if (!grown)
        return site_no_memory(error);
    sites->frames = grown;
    grown[sites->frame_count++] = (hy_frame){.module = (uint32_t)module, .offset = offset};
    return 0;
}

static int take_site(hy_sites *sites, const site_line *line, hy_error *error) {
    uint64_t caller, frame;
    const size_t number = sites->site_count ? sites->site_count : 1;
    int r = site_number(line->field[1], 10, UINT32_MAX, &caller, error);
    if (r == 0)
        r = site_number(line->field[2], 10, UINT32_MAX, &frame, error);
    if (r < 0)
        return r;
    if (caller >= number || frame >= sites->frame_count || number >= HY_SITES_MAX)
        return BAD("site %zu in frame %" PRIu64 ", called from site %" PRIu64 ", which cannot be", number, frame,
                   caller);
    hy_site *const grown = hy_list_room(sites->sites, number, &sites->site_room, sizeof *grown);
    if (!grown)
        return site_no_memory(error);
    sites->sites = grown;
    grown[0] = (hy_site){0, 0};
    grown[number] = (hy_site){(uint32_t)caller, (uint32_t)frame};
    sites->site_count = number + 1;
    return 0;
}

static int take_name(hy_sites *sites, const site_line *line, hy_error *error) {
    uint64_t number, source_line;
    int r = site_number(line->field[1], 10, UINT32_MAX, &number, error);
    if (r == 0)
        r = site_number(line->field[4], 10, UINT32_MAX, &source_line, error);
    if (r < 0)
        return r;
    if (number >= sites->frame_count || sites->frames[number].function)
        return BAD("a name for frame %" PRIu64 ", which is not there or has one", number);
    hy_frame *const frame = &sites->frames[number];
    frame->function = site_text(line->field[2]);
    frame->file = site_text(line->field[3]);
    frame->line = (uint32_t)source_line;
    return frame->function && frame->file ? 0 : site_no_memory(error);
}

/* Takes a line apart; -EINVAL if its bytes are no text. */
static int site_split(const char *text, size_t size, site_line *ret, hy_error *error) {
    site_line line = {.fields = 0};
    for (size_t at = 0; at <= size && line.fields < FIELDS;) {
        const char *const tab = memchr(text + at, '\t', size - at);
        const size_t end = tab ? (size_t)(tab - text) : size;
        line.field[line.fields++] = (hy_text){text + at, end - at};
        if (end - at >= HY_SITE_TEXT || !hy_text_is_clean(text + at, end - at))
            return BAD("a field in the table of sites is longer than %u bytes or no text", HY_SITE_TEXT - 1);
        at = end + 1;
        if (!tab) {
            *ret = line;
            return 0;
        }
    }
    return BAD("a line in the table of sites has more than %u fields", FIELDS);
}

static int site_take(hy_sites *sites, const char *text, size_t size, hy_error *error) {
    static const struct {
        const char *word;
        size_t fields;
        int (*take)(hy_sites *, const site_line *, hy_error *);
    } kinds[] = {{"module", 3, take_module}, {"frame", 3, take_frame}, {"site", 3, take_site}, {"name", 5, take_name}};
    site_line line;
    const int r = site_split(text, size, &line, error);
    for (size_t i = 0; r == 0 && i < sizeof kinds / sizeof *kinds; i++) {
        if (hy_text_is(line.field[0], kinds[i].word) && line.fields == kinds[i].fields)
            return kinds[i].take(sites, &line, error);
    }
    return r < 0 ? r : BAD("an unknown line in the table of sites");
}

int hy_sites_take(hy_sites *sites, const char *text, size_t size, hy_error *error) {
    for (size_t at = 0; at < size;) {
        const char *const end = memchr(text + at, '\n', size - at);
        if (!end)
            return BAD("the table of sites ends in the middle of a line");
        const size_t length = (size_t)(end - text) - at;
        const int r = site_take(sites, text + at, length, error);
        if (r < 0)
            return r;
        at += length + 1;
    }
    return 0;
}

void hy_sites_clear(hy_sites *sites) {
    for (size_t i = 0; i < sites->module_count; i++)
        free(sites->modules[i].path);
    for (size_t i = 0; i < sites->frame_count; i++) {
        free(sites->frames[i].function);
        free(sites->frames[i].file);
    }
    free(sites->modules);
    free(sites->frames);
    free(sites->sites);
    *sites = (hy_sites){.module_count = 0};
}
