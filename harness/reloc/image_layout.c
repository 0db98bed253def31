/* SPDX-License-Identifier: MIT
 *
 * image_layout.c - every section gets its offset, every symbol its value.
 *
 *   code      executable sections, then stubs
 *   constants what is neither written nor executed
 *   data      thread-local contents, thread-local zeros, contents, the GOT, zeros, common symbols
 * Sections of one name lie one behind the other, in the order of their objects; names in the order in which they came.
 */
#include "image_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef struct layout_item {
    uint32_t section, name; /* name: number of its first section */
    unsigned class;
} layout_item;

enum {
    CLASS_CODE,
    CLASS_STUBS,
    CLASS_CONSTANT,
    CLASS_TLS,
    CLASS_TLS_ZERO,
    CLASS_DATA,
    CLASS_GOT,
    CLASS_ZERO,
    CLASS_COMMON
};

static unsigned class_of(const hy_reloc_image *image, uint32_t section) {
    const hy_reloc_section *const s = &image->sections[section];
    if (section == image->stubs)
        return CLASS_STUBS;
    if (section == image->got)
        return CLASS_GOT;
    if (section == image->common)
        return CLASS_COMMON;
    if (s->executable)
        return CLASS_CODE;
    if (s->tls)
        return s->has_contents ? CLASS_TLS : CLASS_TLS_ZERO;
    if (!s->writable)
        return CLASS_CONSTANT;
    return s->has_contents ? CLASS_DATA : CLASS_ZERO;
}

static uint32_t part_of(unsigned class) {
    return class <= CLASS_STUBS ? 0 : class == CLASS_CONSTANT ? 1 : 2;
}

static int by_class(const void *a, const void *b) {
    const layout_item *const x = a, *const y = b;
    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    if (x->name != y->name)
        return x->name < y->name ? -1 : 1;
    return x->section < y->section ? -1 : x->section > y->section;
}

static layout_item *sorted_items(const hy_reloc_image *image) {
    hy_rel_names names = {0};
    layout_item *const items = calloc(image->section_count + 1, sizeof *items);
    for (size_t i = 0; items && i < image->section_count; i++) {
        uint32_t first = hy_rel_names_find(&names, image->sections[i].name);
        if (first == HY_REL_NO_NUMBER) {
            first = (uint32_t)i;
            if (hy_rel_names_put(&names, image->sections[i].name, first) < 0) {
                hy_rel_names_free(&names);
                free(items);
                return NULL;
            }
        }
        items[i] = (layout_item){(uint32_t)i, first, class_of(image, (uint32_t)i)};
    }
    hy_rel_names_free(&names);
    if (items)
        qsort(items, image->section_count, sizeof *items, by_class);
    return items;
}

/* Common symbols are given their places behind everything else. */
static void place_commons(hy_reloc_image *image) {
    hy_reloc_section *const section = &image->sections[image->common];
    for (size_t i = 0; i < image->symbol_count; i++) {
        if (!image->notes[i].common)
            continue;
        hy_reloc_symbol *const s = &image->symbols[i];
        const uint64_t align = image->notes[i].common_align;
        section->size = image_up(section->size, align);
        section->align = align > section->align ? align : section->align;
        s->section = image->common;
        s->value = section->size;
        section->size += s->size;
        if (section->size > HY_IMAGE_LIMIT)
            return; /* place_sections says so */
    }
}

static void measure_tls(hy_reloc_image *image, const layout_item *items) {
    image->tls_align = 1;
    for (size_t i = 0; i < image->section_count; i++) {
        const hy_reloc_section *const s = &image->sections[items[i].section];
        if (s->tls && s->align > image->tls_align)
            image->tls_align = s->align;
    }
}

static int place_sections(hy_reloc_image *image, const layout_item *items, hy_error *error) {
    uint64_t end = 0;
    bool in_tls = false;
    uint32_t part = UINT32_MAX;
    for (size_t i = 0; i < image->section_count; i++) {
        hy_reloc_section *const s = &image->sections[items[i].section];
        s->part = part_of(items[i].class);
        for (; part != s->part; image->parts[part].offset = end) {
            end = image_up(end, HY_IMAGE_PAGE);
            part++;
        }
        end = image_up(end, s->tls && !in_tls ? image_up(image->tls_align, HY_TLS_START) : s->align);
        image->tls_offset = s->tls && !in_tls ? end : image->tls_offset;
        in_tls |= s->tls;
        s->offset = end;
        end += s->size;
        image->tls_size = s->tls ? end - image->tls_offset : image->tls_size;
        image->parts[part].size = end - image->parts[part].offset;
        image->align = s->align > image->align ? s->align : image->align;
        if (s->executable && s->writable)
            image->parts[part].protection |= PROT_WRITE;
        if (end > HY_IMAGE_LIMIT - HY_IMAGE_PAGE)
            return hy_fail(error, -EFBIG, "%s: %s: the image grows above 2 GiB with it",
                           *s->file ? s->file : image->objects[0].object->name, s->name);
    }
    image->size = image_up(end, HY_IMAGE_PAGE);
    return 0;
}

static void place_symbols(hy_reloc_image *image) {
    for (size_t i = 0; i < image->symbol_count; i++) {
        hy_reloc_symbol *const s = &image->symbols[i];
        if (s->section == HY_RELOC_NONE)
            continue;
        s->value += image->sections[s->section].offset;
        s->value -= s->home == HY_RELOC_TLS ? image->tls_offset : 0;
    }
}

int hy_image_order(hy_reloc_image *image, hy_error *error) {
    static const int protections[] = {PROT_READ | PROT_EXEC, PROT_READ, PROT_READ | PROT_WRITE};
    place_commons(image);
    layout_item *const items = sorted_items(image);
    if (!items)
        return hy_fail(error, -ENOMEM, "no memory for %zu sections", image->section_count);
    for (size_t i = 0; i < 3; i++)
        image->parts[i] = (hy_reloc_part){.protection = protections[i]};
    image->align = HY_IMAGE_PAGE;
    measure_tls(image, items);
    const int r = place_sections(image, items, error);
    free(items);
    if (r == 0)
        place_symbols(image);
    return r;
}
