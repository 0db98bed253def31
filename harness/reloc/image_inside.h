/* SPDX-License-Identifier: MIT
 *
 * image_inside.h - what the files of the image share (image.h is for everyone else).
 */
#ifndef HY_IMAGE_INSIDE_H
#define HY_IMAGE_INSIDE_H

#include "image.h"
#include "rel_archive.h"
#include "rel_names.h"
#include "rel_object.h"

#define HY_IMAGE_PAGE 4096u
#define HY_IMAGE_LIMIT (UINT64_C(1) << 31) /* bytes: all of an image reaches all of it */
#define HY_GOT_HEAD 24u                    /* before the first slot: what a dynamic loader would use */
#define HY_GOT_SLOT 8u
#define HY_STUB 16u
#define HY_TLS_START 64u /* the thread-local block begins at a multiple of that at least */

/* An object of the image: what its numbers have become. */
typedef struct hy_image_object {
    hy_rel_object *object;
    uint32_t *sections; /* its sections -> the image's, or HY_RELOC_NONE: not loaded, or another object has the group */
    uint32_t *symbols;  /* its symbols -> the image's */
} hy_image_object;

/* What is known of a symbol besides. */
typedef struct hy_image_note {
    uint64_t common_align;
    bool common;
    bool wanted; /* a reference that is not weak */
    bool gone;   /* local, in a section that is left out */
} hy_image_note;

struct hy_reloc_image {
    hy_reloc_options options;
    bool laid;

    hy_image_object *objects;
    size_t object_count;
    hy_rel_archive **archives;
    size_t archive_count;
    hy_rel_names globals, groups;

    hy_reloc_section *sections;
    size_t section_count;
    hy_reloc_symbol *symbols;
    hy_image_note *notes; /* one a symbol */
    size_t symbol_count;
    hy_reloc_entry *entries;
    size_t entry_count;
    hy_reloc_part parts[3];
    char **made_names; /* strings of our own */
    size_t made_count;

    uint32_t got, stubs, common;            /* our own sections */
    uint32_t slots, read_slots, stub_count; /* read_slots: the first of them, which code reads itself */
    uint32_t eaten; /* a symbol whose load from the GOT was rewritten away; linkers keep its slot, empty */
    uint64_t size, align;
    uint64_t tls_offset, tls_size, tls_align;
};

static inline uint64_t image_up(uint64_t value, uint64_t align) {
    return (value + align - 1) & ~(align - 1);
}

/* image_symbols.c */
int hy_image_take(hy_reloc_image *image, hy_rel_object *object, hy_error *error); /* owns the object, at once */
int hy_image_pull(hy_reloc_image *image, hy_error *error);
int hy_image_define_bounds(hy_reloc_image *image, hy_error *error); /* __start_NAME, __stop_NAME, the GOT's name */
uint32_t hy_image_add_section(hy_reloc_image *image, const hy_reloc_section *section);

/* image_table.c: the table without offsets, then slots and stubs. */
int hy_image_collect(hy_reloc_image *image, hy_error *error);
void hy_image_locate(hy_reloc_image *image); /* adds the offsets of sections to places */
/* Gives a symbol another slot; the symbol that has it takes the old one. */
void hy_image_move_slot(hy_reloc_image *image, uint32_t symbol, bool tls, uint32_t slot);
bool hy_image_is_branch(const uint8_t *contents, uint64_t offset);

/* image_tls.c: a thread-local access becomes local-exec or initial-exec.  `next` is the relocation behind it, or NULL;
 * *ret_eaten says that it goes. */
int hy_image_soften(const hy_reloc_image *image, uint8_t *contents, uint64_t size, hy_reloc_entry *entry,
                    const hy_reloc_entry *next, bool *ret_eaten);

/* image_layout.c */
int hy_image_order(hy_reloc_image *image, hy_error *error);

#endif
