/* SPDX-License-Identifier: MIT
 *
 * image_table.c - the table of relocations of an image, and which symbols need a slot of the GOT or a stub.
 *
 * While it is collected, `place` is an offset in the section; hy_image_locate() makes it one from the base.
 */
#include "image_inside.h"

#include "lists.h"
#include "rel_kind.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* call and jmp (e8, e9), and the jumps on a condition (0f 8x), whose last field this is. */
bool hy_image_is_branch(const uint8_t *contents, uint64_t offset) {
    if (offset >= 1 && (contents[offset - 1] & 0xfe) == 0xe8)
        return true;
    return offset >= 2 && contents[offset - 2] == 0x0f && (contents[offset - 1] & 0xf0) == 0x80;
}

static bool wants_stub(const hy_reloc_image *image, const hy_reloc_entry *entry) {
    const hy_reloc_symbol *const s = &image->symbols[entry->symbol];
    const hy_reloc_section *const section = &image->sections[entry->section];
    if (s->tls || hy_rel_kind_of(entry->applied)->slot)
        return false;
    if (s->choosable)
        return true;
    if (s->home != HY_RELOC_OUTSIDE && s->home != HY_RELOC_ABSOLUTE)
        return false;
    return entry->type == R_X86_64_PLT32 || entry->type == R_X86_64_PLTOFF64 ||
           (entry->type == R_X86_64_PC32 && section->executable && entry->addend == -4 &&
            hy_image_is_branch(section->contents, entry->place));
}

static int add_entry(hy_reloc_image *image, const hy_reloc_entry *entry, hy_error *error) {
    hy_reloc_entry *const more = hy_list_more(image->entries, image->entry_count, sizeof *more);
    if (!more)
        return hy_fail(error, -ENOMEM, "no memory for %zu relocations", image->entry_count + 1);
    image->entries = more;
    more[image->entry_count++] = *entry;
    return 0;
}

/* A slot is an entry itself: it holds an address. */
static int add_slot(hy_reloc_image *image, uint32_t symbol, uint32_t type, uint32_t *slot, hy_error *error) {
    if (*slot != HY_RELOC_NONE)
        return 0;
    *slot = image->slots++;
    const hy_reloc_entry entry = {.place = HY_GOT_HEAD + (uint64_t)*slot * HY_GOT_SLOT,
                                  .type = type,
                                  .applied = type,
                                  .section = image->got,
                                  .symbol = symbol};
    return add_entry(image, &entry, error);
}

static uint32_t plain_slot(const hy_reloc_symbol *s) {
    return s->choosable ? R_X86_64_IRELATIVE : R_X86_64_GLOB_DAT;
}

/* Slots that code reads itself. */
static int provide(hy_reloc_image *image, const hy_reloc_entry *entry, hy_error *error) {
    const hy_rel_kind *const kind = hy_rel_kind_of(entry->applied);
    hy_reloc_symbol *const s = &image->symbols[entry->symbol];
    if (wants_stub(image, entry) && s->stub == HY_RELOC_NONE)
        s->stub = image->stub_count++;
    if (!kind->slot)
        return 0;
    return kind->tls ? add_slot(image, entry->symbol, R_X86_64_TPOFF64, &s->tls_slot, error)
                     : add_slot(image, entry->symbol, plain_slot(s), &s->slot, error);
}

/* Behind them those that only stubs read. */
static int provide_stubs(hy_reloc_image *image, hy_error *error) {
    if (image->eaten != HY_RELOC_NONE && image->symbols[image->eaten].slot == HY_RELOC_NONE)
        image->slots++;
    image->read_slots = image->slots;
    for (size_t i = 0; i < image->symbol_count; i++) {
        hy_reloc_symbol *const s = &image->symbols[i];
        const int r = s->stub == HY_RELOC_NONE ? 0 : add_slot(image, (uint32_t)i, plain_slot(s), &s->slot, error);
        if (r < 0)
            return r;
    }
    return 0;
}

/* ----------------------------------------------------------------------------------------------- from an object ----
 */

/* Whether what a relocation takes its symbol for is what it is. */
static int check_symbol(hy_reloc_image *image, const hy_reloc_entry *entry, hy_error *error) {
    hy_reloc_symbol *const s = &image->symbols[entry->symbol];
    const hy_reloc_section *const section = &image->sections[entry->section];
    const hy_rel_kind *const kind = hy_rel_kind_of(entry->type);
    if (kind->tls && s->home == HY_RELOC_OUTSIDE)
        s->tls = true;
    const bool indifferent = entry->type == R_X86_64_TLSLD || entry->type == R_X86_64_SIZE32 ||
                             entry->type == R_X86_64_SIZE64 || entry->type == R_X86_64_GOTPC32 ||
                             entry->type == R_X86_64_GOTPC64;
    if (indifferent || kind->tls == s->tls)
        return 0;
    return hy_fail(error, -EINVAL, "%s: %s: %#jx: %s takes %s for a symbol that is %sthread-local; it is%s",
                   section->file, section->name, (uintmax_t)entry->place, kind->name, s->name, kind->tls ? "" : "not ",
                   kind->tls ? " not" : "");
}

/* A reference from unwind tables to a group that another object has stays empty; from elsewhere it is a mistake. */
static bool tolerated(const hy_reloc_section *section) {
    return strcmp(section->name, ".eh_frame") == 0 || strcmp(section->name, ".gcc_except_table") == 0;
}

static int refuse(const hy_reloc_image *image, const hy_reloc_entry *entry, const char *what, hy_error *error) {
    const hy_reloc_section *const section = &image->sections[entry->section];
    return hy_fail(error, -ENOTSUP, "%s: %s: %#jx: %s %s", section->file, section->name, (uintmax_t)entry->place,
                   hy_reloc_name(entry->type), what);
}

static hy_reloc_entry entry_of(const hy_image_object *by, const hy_rel_relocation *r) {
    return (hy_reloc_entry){.place = r->offset,
                            .type = r->type,
                            .applied = r->type,
                            .section = by->sections[r->section],
                            .symbol = by->symbols[r->symbol],
                            .addend = r->addend};
}

/* Adds relocation i, perhaps softened; *ret_used is how many relocations that took. */
static int collect_one(hy_reloc_image *image, const hy_image_object *by, size_t i, size_t *ret_used, hy_error *error) {
    const hy_rel_relocation *const r = &by->object->relocations[i];
    const hy_rel_section *const from = &by->object->sections[r->section];
    bool eaten = false;
    *ret_used = 1;
    if (by->sections[r->section] == HY_RELOC_NONE || r->type == R_X86_64_NONE)
        return 0;
    hy_reloc_entry entry = entry_of(by, r);
    if (image->notes[entry.symbol].gone)
        return tolerated(&image->sections[entry.section])
                   ? 0
                   : refuse(image, &entry, "refers to a section that another object has instead", error);
    int result = check_symbol(image, &entry, error);
    if (result < 0)
        return result;
    const bool more = i + 1 < by->object->relocation_count && by->object->relocations[i + 1].section == r->section;
    const hy_reloc_entry next = more ? entry_of(by, r + 1) : entry;
    const bool writes = hy_reloc_width(r->type) > 0 || r->type == R_X86_64_TLSDESC_CALL;
    if (writes && from->contents)
        result = hy_image_soften(image, from->contents, from->size, &entry, more ? &next : NULL, &eaten);
    if (result < 0)
        return refuse(image, &entry, "stands in code of a shape that is not known", error);
    *ret_used += eaten;
    if (eaten && image->options.local_exec && hy_rel_kind_of(next.type)->slot)
        image->eaten = next.symbol;
    if (entry.applied == R_X86_64_NONE)
        return 0;
    result = add_entry(image, &entry, error);
    return result < 0 ? result : provide(image, &entry, error);
}

static bool wants_got(const hy_reloc_entry *entry) {
    return entry->type == R_X86_64_GOTPC32 || entry->type == R_X86_64_GOTPC64 || entry->type == R_X86_64_GOTOFF64 ||
           entry->type == R_X86_64_PLTOFF64;
}

int hy_image_collect(hy_reloc_image *image, hy_error *error) {
    bool got = false;
    for (size_t o = 0; o < image->object_count; o++) {
        const hy_image_object *const by = &image->objects[o];
        for (size_t i = 0, used; i < by->object->relocation_count; i += used) {
            const int r = collect_one(image, by, i, &used, error);
            if (r < 0)
                return r;
        }
    }
    const int r = provide_stubs(image, error);
    if (r < 0)
        return r;
    for (size_t i = 0; i < image->entry_count; i++)
        got |= wants_got(&image->entries[i]);
    image->sections[image->got].size = image->slots || got ? HY_GOT_HEAD + (uint64_t)image->slots * HY_GOT_SLOT : 0;
    image->sections[image->stubs].size = (uint64_t)image->stub_count * HY_STUB;
    return 0;
}

static int by_place(const void *a, const void *b) {
    const hy_reloc_entry *const x = a, *const y = b;
    return x->place < y->place ? -1 : x->place > y->place;
}

void hy_image_locate(hy_reloc_image *image) {
    for (size_t i = 0; i < image->entry_count; i++)
        image->entries[i].place += image->sections[image->entries[i].section].offset;
    if (image->entry_count > 0)
        qsort(image->entries, image->entry_count, sizeof *image->entries, by_place);
}

/* ------------------------------------------------------------------------------------------ another order of slots
 * ---- */

static uint32_t *slot_field(hy_reloc_image *image, uint32_t symbol, bool tls) {
    return tls ? &image->symbols[symbol].tls_slot : &image->symbols[symbol].slot;
}

/* The entry of a slot; NULL: it is an empty one. */
static hy_reloc_entry *entry_of_slot(hy_reloc_image *image, uint32_t slot) {
    const uint64_t place = image->sections[image->got].offset + HY_GOT_HEAD + (uint64_t)slot * HY_GOT_SLOT;
    for (size_t i = 0; i < image->entry_count; i++)
        if (image->entries[i].place == place)
            return &image->entries[i];
    return NULL;
}

void hy_image_move_slot(hy_reloc_image *image, uint32_t symbol, bool tls, uint32_t slot) {
    uint32_t *const mine = slot_field(image, symbol, tls);
    hy_reloc_entry *const from = entry_of_slot(image, *mine), *const to = entry_of_slot(image, slot);
    const uint64_t distance = ((uint64_t)slot - *mine) * HY_GOT_SLOT;
    if (*mine == slot)
        return;
    if (to) {
        *slot_field(image, to->symbol, to->applied == R_X86_64_TPOFF64) = *mine;
        to->place -= distance;
    }
    *mine = slot;
    from->place += distance;
    qsort(image->entries, image->entry_count, sizeof *image->entries, by_place);
}
