/* SPDX-License-Identifier: MIT
 *
 * fuzz_reloc.c - objects, archives, programs and libraries that anybody may have made: refused with a sentence, or laid
 * out, placed and placed again.
 *
 * What is accepted must keep its promises: every relocation lies in the image, every section in its part, and applying
 * for a base what was placed there changes nothing.
 */
#include "image.h"
#include "rel_archive.h"
#include "rel_object.h"
#include "scan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int is) {
    if (!is)
        abort();
}

static bool resolve(void *context, const char *name, bool tls, uint64_t *ret_address) {
    *ret_address = *(const uint64_t *)context + (uint64_t)strlen(name) * 16;
    return true;
}

static void check_tables(const hy_reloc_image *image) {
    size_t entries, sections, parts_count, symbols;
    const hy_reloc_entry *const table = hy_reloc_table(image, &entries);
    const hy_reloc_section *const section = hy_reloc_sections(image, &sections);
    const hy_reloc_part *const parts = hy_reloc_parts(image, &parts_count);
    hy_reloc_symbols(image, &symbols);
    for (size_t i = 0; i < entries; i++) {
        expect(table[i].section < sections && table[i].symbol < symbols);
        expect(table[i].place + hy_reloc_width(table[i].applied) <= hy_reloc_size(image));
    }
    for (size_t i = 0; i < sections; i++) {
        expect(section[i].part < parts_count && section[i].offset % section[i].align == 0);
        expect(section[i].offset + section[i].size <= hy_reloc_size(image));
        expect(section[i].offset >= parts[section[i].part].offset);
    }
}

static void place(const hy_reloc_image *image) {
    uint64_t base = 0x10000000;
    const uint64_t size = hy_reloc_size(image);
    if (size > 1 << 24 || hy_reloc_align(image) > 0x10000000)
        return;
    uint8_t *const memory = malloc(size + 1), *const again = malloc(size + 1);
    hy_error error = {""};
    hy_reloc_placement at = {.memory = memory, .base = base, .resolve = resolve, .context = &base};
    expect(memory && again);
    if (hy_reloc_place(image, &at, &error) < 0) {
        expect(error.text[0] != '\0');
    } else {
        memcpy(again, memory, size);
        at.memory = again;
        expect(hy_reloc_apply(image, &at, NULL, NULL, &error) == 0);
    }
    free(memory);
    free(again);
}

static void lay_out(const uint8_t *data, size_t size, bool local_exec) {
    static const uint8_t nothing;
    hy_error error = {""};
    hy_reloc_image *image = NULL;
    const hy_reloc_options options = {.local_exec = local_exec};
    expect(hy_reloc_create(&options, &image, &error) == 0);
    int r = hy_reloc_add_bytes(image, "fuzz", size ? data : &nothing, size, &error);
    r = r < 0 ? r : hy_reloc_layout(image, &error);
    expect(r == 0 || error.text[0] != '\0');
    if (r == 0) {
        check_tables(image);
        place(image);
    }
    hy_reloc_free(image);
}

/* Of an archive the members one by one. */
static void lay_out_members(const uint8_t *data, size_t size) {
    hy_error error = {""};
    hy_rel_archive *archive = NULL;
    if (hy_rel_archive_read("fuzz", data, size, &archive, &error) < 0) {
        expect(error.text[0] != '\0');
        return;
    }
    for (size_t i = 0; i < archive->member_count && i < 16; i++)
        lay_out(archive->members[i].bytes, archive->members[i].size, true);
    hy_rel_archive_free(archive);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hy_scan scan;
    hy_error error = {""};
    if (hy_scan_bytes("fuzz", data, size, &scan, &error) < 0)
        expect(error.text[0] != '\0');
    if (hy_rel_is_archive(data, size)) {
        lay_out_members(data, size);
    } else {
        lay_out(data, size, false);
        lay_out(data, size, true);
    }
    return 0;
}
