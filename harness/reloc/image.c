/* SPDX-License-Identifier: MIT
 *
 * image.c - making an image, and what can be asked of it (see image.h).
 */
#include "image_inside.h"

#include "lists.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int hy_reloc_create(const hy_reloc_options *options, hy_reloc_image **ret_image, hy_error *error) {
    hy_reloc_image *const image = calloc(1, sizeof *image);
    if (!image)
        return hy_fail(error, -ENOMEM, "no memory for an image");
    if (options)
        image->options = *options;
    image->got = image->stubs = image->common = image->eaten = HY_RELOC_NONE;
    *ret_image = image;
    return 0;
}

void hy_reloc_free(hy_reloc_image *image) {
    if (!image)
        return;
    for (size_t i = 0; i < image->object_count; i++) {
        hy_rel_object_free(image->objects[i].object);
        free(image->objects[i].sections);
        free(image->objects[i].symbols);
    }
    for (size_t i = 0; i < image->archive_count; i++)
        hy_rel_archive_free(image->archives[i]);
    for (size_t i = 0; i < image->made_count; i++)
        free(image->made_names[i]);
    hy_rel_names_free(&image->globals);
    hy_rel_names_free(&image->groups);
    free(image->made_names);
    free(image->objects);
    free(image->archives);
    free(image->sections);
    free(image->symbols);
    free(image->notes);
    free(image->entries);
    free(image);
}

static int add_archive(hy_reloc_image *image, const char *name, const void *bytes, size_t size, hy_error *error) {
    hy_rel_archive **const more = hy_list_more(image->archives, image->archive_count, sizeof *more);
    if (!more)
        return hy_fail(error, -ENOMEM, "%s: no memory", name);
    image->archives = more;
    const int r = hy_rel_archive_read(name, bytes, size, &more[image->archive_count], error);
    image->archive_count += r == 0;
    return r;
}

int hy_reloc_add_bytes(hy_reloc_image *image, const char *name, const void *bytes, size_t size, hy_error *error) {
    hy_rel_object *object = NULL;
    if (image->laid)
        return hy_fail(error, -EINVAL, "%s: the image is laid out already", name);
    if (hy_rel_is_archive(bytes, size))
        return add_archive(image, name, bytes, size, error);
    const int r = hy_rel_object_read(name, bytes, size, &object, error);
    return r < 0 ? r : hy_image_take(image, object, error);
}

int hy_reloc_add_file(hy_reloc_image *image, const char *path, hy_error *error) {
    void *bytes = NULL;
    size_t size = 0;
    int r = hy_rel_file_read(path, &bytes, &size, error);
    if (r < 0)
        return r;
    r = hy_reloc_add_bytes(image, path, bytes, size, error);
    free(bytes);
    return r;
}

int hy_reloc_layout(hy_reloc_image *image, hy_error *error) {
    if (image->laid)
        return hy_fail(error, -EINVAL, "the image is laid out already");
    if (image->object_count == 0)
        return hy_fail(error, -EINVAL, "an image needs an object; archives alone give nothing");
    int r = hy_image_pull(image, error);
    r = r < 0 ? r : hy_image_define_bounds(image, error);
    r = r < 0 ? r : hy_image_collect(image, error);
    r = r < 0 ? r : hy_image_order(image, error);
    if (r == 0)
        hy_image_locate(image);
    image->laid = r == 0;
    return r;
}

/* ----------------------------------------------------------------------------------------------------- answers ---- */

uint64_t hy_reloc_size(const hy_reloc_image *image) {
    return image->size;
}

uint64_t hy_reloc_align(const hy_reloc_image *image) {
    return image->align;
}

const hy_reloc_part *hy_reloc_parts(const hy_reloc_image *image, size_t *ret_count) {
    *ret_count = sizeof image->parts / sizeof *image->parts;
    return image->parts;
}

const hy_reloc_section *hy_reloc_sections(const hy_reloc_image *image, size_t *ret_count) {
    *ret_count = image->section_count;
    return image->sections;
}

const hy_reloc_symbol *hy_reloc_symbols(const hy_reloc_image *image, size_t *ret_count) {
    *ret_count = image->symbol_count;
    return image->symbols;
}

const hy_reloc_entry *hy_reloc_table(const hy_reloc_image *image, size_t *ret_count) {
    *ret_count = image->entry_count;
    return image->entries;
}

bool hy_reloc_is_low(const hy_reloc_image *image) {
    for (size_t i = 0; i < image->entry_count; i++)
        if (image->entries[i].applied == R_X86_64_32 || image->entries[i].applied == R_X86_64_32S)
            return true;
    return false;
}

void hy_reloc_tls(const hy_reloc_image *image, uint64_t *ret_offset, uint64_t *ret_size, uint64_t *ret_align) {
    *ret_offset = image->tls_offset;
    *ret_size = image->tls_size;
    *ret_align = image->tls_align;
}

const hy_reloc_symbol *hy_reloc_find(const hy_reloc_image *image, const char *name) {
    const uint32_t global = hy_rel_names_find(&image->globals, name);
    if (global != HY_REL_NO_NUMBER)
        return image->symbols[global].home == HY_RELOC_OUTSIDE ? NULL : &image->symbols[global];
    const hy_reloc_symbol *found = NULL;
    for (size_t i = 0; i < image->symbol_count; i++) {
        const hy_reloc_symbol *const s = &image->symbols[i];
        if (s->binding != STB_LOCAL || s->type == STT_SECTION || s->type == STT_FILE || strcmp(s->name, name) != 0)
            continue;
        if (found)
            return NULL;
        found = s;
    }
    return found;
}
