/* SPDX-License-Identifier: MIT
 *
 * image_symbols.c - objects become part of an image; which definition a name means.
 *
 *   strong definition over common over weak definition; of commons the largest; two strong ones are an error.
 *   Of the groups (COMDAT) with one signature the first stays; what later ones define counts as a reference.
 */
#include "image_inside.h"

#include "lists.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(hy_error *error, const char *name) {
    return hy_fail(error, -ENOMEM, "%s: no memory", name);
}

/* ---------------------------------------------------------------------------------------------------- sections ---- */

uint32_t hy_image_add_section(hy_reloc_image *image, const hy_reloc_section *section) {
    hy_reloc_section *const more = hy_list_more(image->sections, image->section_count, sizeof *more);
    if (!more)
        return HY_RELOC_NONE;
    image->sections = more;
    more[image->section_count] = *section;
    return (uint32_t)image->section_count++;
}

/* Which groups of an object stay: bit i of `keep`, 1 for each. */
static int keep_groups(hy_reloc_image *image, const hy_rel_object *object, bool *keep, hy_error *error) {
    for (size_t i = 0; i < object->group_count; i++) {
        keep[i] = hy_rel_names_find(&image->groups, object->groups[i]) == HY_REL_NO_NUMBER;
        if (keep[i] && hy_rel_names_put(&image->groups, object->groups[i], 0) < 0)
            return no_memory(error, object->name);
    }
    return 0;
}

static int take_section(hy_reloc_image *image, hy_image_object *to, size_t i, hy_error *error) {
    const hy_rel_section *const from = &to->object->sections[i];
    const hy_reloc_section section = {.name = from->name,
                                      .file = to->object->name,
                                      .size = from->size,
                                      .align = from->align,
                                      .has_contents = from->type != SHT_NOBITS,
                                      .executable = (from->flags & SHF_EXECINSTR) != 0,
                                      .writable = (from->flags & SHF_WRITE) != 0,
                                      .tls = (from->flags & SHF_TLS) != 0,
                                      .contents = from->contents};
    to->sections[i] = hy_image_add_section(image, &section);
    return to->sections[i] == HY_RELOC_NONE ? no_memory(error, to->object->name) : 0;
}

static int take_sections(hy_reloc_image *image, hy_image_object *to, hy_error *error) {
    const hy_rel_object *const object = to->object;
    bool *const keep = calloc(object->group_count + 1, sizeof *keep);
    if (!keep)
        return no_memory(error, object->name);
    int r = keep_groups(image, object, keep, error);
    for (size_t i = 0; r == 0 && i < object->section_count; i++) {
        const hy_rel_section *const section = &object->sections[i];
        to->sections[i] = HY_RELOC_NONE;
        if (hy_rel_loads(section) && section->type != SHT_GROUP && (section->group == 0 || keep[section->group - 1]))
            r = take_section(image, to, i, error);
    }
    free(keep);
    return r;
}

/* ----------------------------------------------------------------------------------------------------- symbols ---- */

static uint32_t new_symbol(hy_reloc_image *image, const char *name, const char *file) {
    hy_reloc_symbol *const symbols = hy_list_more(image->symbols, image->symbol_count, sizeof *symbols);
    image->symbols = symbols ? symbols : image->symbols;
    hy_image_note *const notes = hy_list_more(image->notes, image->symbol_count, sizeof *notes);
    image->notes = notes ? notes : image->notes;
    if (!symbols || !notes)
        return HY_RELOC_NONE;
    symbols[image->symbol_count] = (hy_reloc_symbol){.name = name,
                                                     .file = file,
                                                     .home = HY_RELOC_OUTSIDE,
                                                     .section = HY_RELOC_NONE,
                                                     .slot = HY_RELOC_NONE,
                                                     .tls_slot = HY_RELOC_NONE,
                                                     .stub = HY_RELOC_NONE};
    notes[image->symbol_count] = (hy_image_note){0};
    return (uint32_t)image->symbol_count++;
}

/* Makes symbol `to` what an object says of it. */
static void define(hy_reloc_image *image, uint32_t to, const hy_image_object *by, const hy_rel_symbol *from) {
    hy_reloc_symbol *const s = &image->symbols[to];
    s->file = by->object->name;
    s->value = from->value;
    s->size = from->size;
    s->type = from->type;
    s->binding = from->binding;
    s->choosable = from->type == STT_GNU_IFUNC;
    s->tls = from->type == STT_TLS;
    s->section = HY_RELOC_NONE;
    image->notes[to].common = from->home == HY_REL_COMMON;
    if (from->home == HY_REL_COMMON) {
        image->notes[to].common_align = from->value;
        s->home = HY_RELOC_IMAGE;
        s->value = 0;
    } else if (from->home == HY_REL_ABSOLUTE) {
        s->home = HY_RELOC_ABSOLUTE;
    } else {
        s->section = by->sections[from->section];
        s->tls |= image->sections[s->section].tls;
        s->home = image->sections[s->section].tls ? HY_RELOC_TLS : HY_RELOC_IMAGE;
    }
}

static int rank_of(bool defined, bool common, unsigned binding) {
    return !defined ? 0 : common ? 2 : binding == STB_WEAK ? 1 : 3;
}

static void refer(hy_reloc_image *image, uint32_t to, const hy_rel_symbol *from) {
    hy_reloc_symbol *const s = &image->symbols[to];
    const bool weak = from->binding == STB_WEAK;
    if (s->home == HY_RELOC_OUTSIDE) {
        s->binding = weak && !image->notes[to].wanted ? STB_WEAK : STB_GLOBAL;
        s->type = from->type != STT_NOTYPE ? from->type : s->type;
        s->tls |= from->type == STT_TLS;
    }
    image->notes[to].wanted |= !weak;
}

static int merge_definition(hy_reloc_image *image, uint32_t to, const hy_image_object *by, const hy_rel_symbol *from,
                            hy_error *error) {
    hy_reloc_symbol *const s = &image->symbols[to];
    hy_image_note *const note = &image->notes[to];
    const int old = rank_of(s->home != HY_RELOC_OUTSIDE, note->common, s->binding);
    const int new = rank_of(true, from->home == HY_REL_COMMON, from->binding);
    if (old == 3 && new == 3 && from->binding != STB_GNU_UNIQUE)
        return hy_fail(error, -EEXIST, "%s: %s is defined here and in %s", by->object->name, from->name, s->file);
    if (old == 2 && new == 2) {
        s->size = from->size > s->size ? from->size : s->size;
        note->common_align = from->value > note->common_align ? from->value : note->common_align;
    } else if (new > old) {
        define(image, to, by, from);
    }
    return 0;
}

static bool left_out(const hy_image_object *by, const hy_rel_symbol *from) {
    return from->home == HY_REL_SECTION && by->sections[from->section] == HY_RELOC_NONE;
}

static int take_global(hy_reloc_image *image, hy_image_object *by, size_t i, hy_error *error) {
    const hy_rel_symbol *const from = &by->object->symbols[i];
    uint32_t to = hy_rel_names_find(&image->globals, from->name);
    if (to == HY_REL_NO_NUMBER) {
        to = new_symbol(image, from->name, by->object->name);
        if (to == HY_RELOC_NONE || hy_rel_names_put(&image->globals, from->name, to) < 0)
            return no_memory(error, by->object->name);
    }
    by->symbols[i] = to;
    if (from->home != HY_REL_UNDEFINED && !left_out(by, from))
        return merge_definition(image, to, by, from, error);
    refer(image, to, from);
    return 0;
}

static int take_local(hy_reloc_image *image, hy_image_object *by, size_t i, hy_error *error) {
    const hy_rel_symbol *const from = &by->object->symbols[i];
    const uint32_t to = new_symbol(image, from->name, by->object->name);
    if (to == HY_RELOC_NONE)
        return no_memory(error, by->object->name);
    by->symbols[i] = to;
    if (from->home == HY_REL_UNDEFINED && i > 0)
        return hy_fail(error, -EINVAL, "%s: symbol %zu (%s): local, but not defined", by->object->name, i, from->name);
    if (from->home == HY_REL_COMMON)
        return hy_fail(error, -EINVAL, "%s: symbol %zu (%s): local, but common", by->object->name, i, from->name);
    if (i == 0 || left_out(by, from)) {
        image->symbols[to].home = HY_RELOC_ABSOLUTE;
        image->notes[to].gone = i > 0;
        return 0;
    }
    define(image, to, by, from);
    return 0;
}

int hy_image_take(hy_reloc_image *image, hy_rel_object *object, hy_error *error) {
    hy_image_object *const more = hy_list_more(image->objects, image->object_count, sizeof *more);
    if (!more) {
        hy_rel_object_free(object);
        return hy_fail(error, -ENOMEM, "no memory for another object");
    }
    image->objects = more;
    hy_image_object *const to = &more[image->object_count++];
    *to = (hy_image_object){.object = object,
                            .sections = calloc(object->section_count + 1, sizeof *to->sections),
                            .symbols = calloc(object->symbol_count + 1, sizeof *to->symbols)};
    if (!to->sections || !to->symbols)
        return no_memory(error, object->name);
    int r = take_sections(image, to, error);
    for (size_t i = 0; r == 0 && i < object->symbol_count; i++)
        r = object->symbols[i].binding == STB_LOCAL ? take_local(image, to, i, error)
                                                    : take_global(image, to, i, error);
    return r;
}

/* ---------------------------------------------------------------------------------------------------- archives ---- */

static int take_member(hy_reloc_image *image, const hy_rel_archive *archive, hy_rel_member *member, hy_error *error) {
    char *name = NULL;
    hy_rel_object *object = NULL;
    member->taken = true;
    if (asprintf(&name, "%s(%s)", archive->name, member->name) < 0)
        return no_memory(error, archive->name);
    const int r = hy_rel_object_read(name, member->bytes, member->size, &object, error);
    free(name);
    return r < 0 ? r : hy_image_take(image, object, error);
}

/* One look at every symbol that is wanted; those that members bring come to the end of the list and have their turn. */
static int pull_from(hy_reloc_image *image, hy_rel_archive *archive, bool *ret_pulled, hy_error *error) {
    for (size_t i = 0; i < image->symbol_count; i++) {
        const hy_reloc_symbol *const s = &image->symbols[i];
        if (s->home != HY_RELOC_OUTSIDE || s->binding == STB_WEAK)
            continue;
        const uint32_t number = hy_rel_names_find(&archive->definitions, s->name);
        if (number == HY_REL_NO_NUMBER || archive->members[number].taken)
            continue;
        const int r = take_member(image, archive, &archive->members[number], error);
        if (r < 0)
            return r;
        *ret_pulled = true;
    }
    return 0;
}

int hy_image_pull(hy_reloc_image *image, hy_error *error) {
    for (bool pulled = true; pulled;) {
        pulled = false;
        for (size_t i = 0; i < image->archive_count; i++) {
            const int r = pull_from(image, image->archives[i], &pulled, error);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

/* ------------------------------------------------------------------------------------------- names of linkers ---- */

static const char *after(const char *name, const char *prefix) {
    const size_t size = strlen(prefix);
    return strncmp(name, prefix, size) == 0 ? name + size : NULL;
}

static bool is_identifier(const char *name) {
    return *name && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == strlen(name) &&
           (*name < '0' || *name > '9');
}

/* The first or the last section of a name; the order of the image is that of objects for equal names. */
static uint32_t section_of(const hy_reloc_image *image, const char *name, bool last) {
    uint32_t found = HY_RELOC_NONE;
    for (size_t i = 0; is_identifier(name) && i < image->section_count; i++)
        if (strcmp(image->sections[i].name, name) == 0 && (found == HY_RELOC_NONE || last))
            found = (uint32_t)i;
    return found;
}

static void define_bound(hy_reloc_image *image, hy_reloc_symbol *s) {
    const char *const start = after(s->name, "__start_"), *const stop = after(s->name, "__stop_");
    if (!start && !stop)
        return;
    const uint32_t section = section_of(image, start ? start : stop, !start);
    if (section == HY_RELOC_NONE || image->sections[section].tls)
        return;
    s->home = HY_RELOC_IMAGE;
    s->section = section;
    s->value = start ? 0 : image->sections[section].size;
}

int hy_image_define_bounds(hy_reloc_image *image, hy_error *error) {
    static const hy_reloc_section stubs = {
        .name = "(stubs)", .file = "", .align = HY_STUB, .has_contents = true, .executable = true};
    static const hy_reloc_section got = {
        .name = "(got)", .file = "", .align = HY_GOT_SLOT, .has_contents = true, .writable = true};
    static const hy_reloc_section common = {.name = "(common)", .file = "", .align = 1, .writable = true};
    for (size_t i = 0; i < image->symbol_count; i++)
        if (image->symbols[i].home == HY_RELOC_OUTSIDE)
            define_bound(image, &image->symbols[i]);
    image->stubs = hy_image_add_section(image, &stubs);
    image->got = hy_image_add_section(image, &got);
    image->common = hy_image_add_section(image, &common);
    if (image->stubs == HY_RELOC_NONE || image->got == HY_RELOC_NONE || image->common == HY_RELOC_NONE)
        return hy_fail(error, -ENOMEM, "no memory for the sections of an image");
    const uint32_t name = hy_rel_names_find(&image->globals, "_GLOBAL_OFFSET_TABLE_");
    if (name != HY_REL_NO_NUMBER && image->symbols[name].home == HY_RELOC_OUTSIDE) {
        image->symbols[name].home = HY_RELOC_IMAGE;
        image->symbols[name].section = image->got;
    }
    return 0;
}
