/* SPDX-License-Identifier: MIT
 *
 * link_compare.c - the file that GNU ld made against the image, section by section.
 */
#include "link_inside.h"

#include "rel_kind.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

/* The linked file: its sections with contents, by address. */
typedef struct linked_file {
    void *bytes;
    Elf *elf;
    struct linked_section {
        uint64_t address, size;
        const uint8_t *contents;
        const char *name;
    } * sections;
    size_t count;
} linked_file;

static void linked_close(linked_file *file) {
    if (file->elf)
        elf_end(file->elf);
    free(file->sections);
    free(file->bytes);
}

static int linked_open(const char *path, linked_file *file, hy_error *error) {
    size_t size = 0, count = 0, names = 0;
    *file = (linked_file){0};
    const int r = hy_rel_file_read(path, &file->bytes, &size, error);
    if (r < 0)
        return r;
    file->elf = elf_memory(file->bytes, size);
    if (!file->elf || elf_getshdrnum(file->elf, &count) < 0 || elf_getshdrstrndx(file->elf, &names) < 0)
        return hy_fail(error, -EINVAL, "%s: ld's output is not readable", path);
    file->sections = calloc(count + 1, sizeof *file->sections);
    if (!file->sections)
        return hy_fail(error, -ENOMEM, "%s: no memory for %zu sections", path, count);
    for (Elf_Scn *scn = elf_nextscn(file->elf, NULL); scn; scn = elf_nextscn(file->elf, scn)) {
        GElf_Shdr head;
        if (!gelf_getshdr(scn, &head) || !(head.sh_flags & SHF_ALLOC) || head.sh_type == SHT_NOBITS || !head.sh_size)
            continue;
        const Elf_Data *const data = elf_getdata(scn, NULL);
        const char *const name = elf_strptr(file->elf, names, head.sh_name);
        if (data && data->d_size == head.sh_size)
            file->sections[file->count++] = (struct linked_section){head.sh_addr, head.sh_size, data->d_buf, name};
    }
    return 0;
}

/* `size` bytes at an address, or NULL: ld has nothing there. */
static const uint8_t *linked_at(const linked_file *file, uint64_t address, uint64_t size) {
    for (size_t i = 0; i < file->count; i++) {
        const struct linked_section *const s = &file->sections[i];
        if (address >= s->address && address - s->address <= s->size && size <= s->size - (address - s->address))
            return s->contents + (address - s->address);
    }
    return NULL;
}

/* ------------------------------------------------------------------------------------------- the order of slots ----
 */

static uint64_t read_word(const uint8_t *at, unsigned width) {
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return width == 4 ? (uint64_t)(int64_t)(int32_t)value : value;
}

/* The slot that ld's code uses at a relocation, or HY_RELOC_NONE. */
static uint32_t slot_used(const hy_link_job *job, const linked_file *file, const hy_reloc_entry *e) {
    const hy_rel_kind *const kind = hy_rel_kind_of(e->applied);
    const uint8_t *const at = linked_at(file, job->base + e->place, kind->width);
    if (!at)
        return HY_RELOC_NONE;
    const uint64_t got = job->base + job->image->sections[job->image->got].offset;
    const bool from_got =
        e->applied == R_X86_64_GOT32 || e->applied == R_X86_64_GOT64 || e->applied == R_X86_64_GOTPLT64;
    const uint64_t origin = from_got ? got : job->base + e->place;
    const uint64_t offset = read_word(at, kind->width) - (uint64_t)e->addend + origin - got - HY_GOT_HEAD;
    return offset % HY_GOT_SLOT == 0 && offset / HY_GOT_SLOT < job->image->read_slots ? (uint32_t)(offset / HY_GOT_SLOT)
                                                                                      : HY_RELOC_NONE;
}

static void adopt_slots(const hy_link_job *job, const linked_file *file) {
    for (size_t i = 0; i < job->image->entry_count; i++) {
        const hy_reloc_entry *const e = &job->image->entries[i];
        const hy_rel_kind *const kind = hy_rel_kind_of(e->applied);
        const uint32_t slot = kind->slot ? slot_used(job, file, e) : HY_RELOC_NONE;
        if (slot != HY_RELOC_NONE)
            hy_image_move_slot(job->image, e->symbol, kind->tls, slot);
    }
}

/* --------------------------------------------------------------------------------------------------- the bytes ---- */

static hy_link_class class_of(const hy_reloc_section *s) {
    return s->executable ? HY_LINK_CODE : s->writable ? HY_LINK_DATA : HY_LINK_CONSTANTS;
}

/* The relocation that wrote a byte, or NULL. */
static const hy_reloc_entry *writer_of(const hy_reloc_image *image, uint64_t offset) {
    for (size_t i = 0; i < image->entry_count; i++) {
        const hy_reloc_entry *const e = &image->entries[i];
        if (offset >= e->place && offset - e->place < hy_reloc_width(e->applied))
            return e;
    }
    return NULL;
}

static void note_difference(const hy_link_job *job, const hy_reloc_section *s, uint64_t at, unsigned ours,
                            unsigned theirs, hy_link_result *result) {
    result->outcome = HY_LINK_DIFFERENT;
    if (result->different++ > 0)
        return;
    const hy_reloc_entry *const e = writer_of(job->image, s->offset + at);
    snprintf(result->text, sizeof result->text, "%s: %#jx: %02x, ld has %02x (%s%s%s), at base %#jx", s->name,
             (uintmax_t)at, ours, theirs, e ? hy_reloc_name(e->type) : "no relocation", e ? " " : "",
             e ? job->image->symbols[e->symbol].name : "", (uintmax_t)job->base);
}

static void compare_bytes(const hy_link_job *job, const linked_file *file, const uint8_t *memory,
                          const hy_reloc_section *s, uint64_t offset, uint64_t size, hy_link_result *result) {
    if (size == 0)
        return;
    const uint8_t *const ours = memory + s->offset + offset;
    const uint8_t *const theirs = linked_at(file, job->base + s->offset + offset, size);
    result->bytes[class_of(s)] += size;
    if (!theirs) {
        result->outcome = HY_LINK_DIFFERENT;
        if (result->different == 0)
            snprintf(result->text, sizeof result->text, "%s: ld has nothing at %#jx", s->name,
                     (uintmax_t)(job->base + s->offset + offset));
        result->different += size;
        return;
    }
    for (uint64_t i = 0; memcmp(ours, theirs, size) != 0 && i < size; i++)
        if (ours[i] != theirs[i])
            note_difference(job, s, offset + i, ours[i], theirs[i], result);
}

static void compare_all(const hy_link_job *job, const linked_file *file, const uint8_t *memory,
                        hy_link_result *result) {
    const hy_reloc_image *const image = job->image;
    for (size_t i = 0; i < image->section_count; i++)
        if (*image->sections[i].file && hy_link_compared(&image->sections[i]))
            compare_bytes(job, file, memory, &image->sections[i], 0, image->sections[i].size, result);
    compare_bytes(job, file, memory, &image->sections[image->got], HY_GOT_HEAD,
                  (uint64_t)image->read_slots * HY_GOT_SLOT, result);
}

int hy_link_check(hy_link_job *job, const char *path, hy_link_result *result, hy_error *error) {
    linked_file file;
    uint8_t *const memory = malloc(job->image->size + 1);
    int r = memory ? linked_open(path, &file, error) : hy_fail(error, -ENOMEM, "no memory for the image");
    if (r == 0)
        adopt_slots(job, &file);
    const hy_reloc_placement at = {.memory = memory,
                                   .base = job->base,
                                   .resolve = hy_link_resolve,
                                   .context = job,
                                   .thread_pointer = job->thread_pointer};
    r = r < 0 ? r : hy_reloc_place(job->image, &at, error);
    if (r == 0)
        compare_all(job, &file, memory, result);
    if (memory)
        linked_close(&file);
    free(memory);
    return r;
}
