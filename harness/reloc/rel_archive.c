/* SPDX-License-Identifier: MIT
 *
 * rel_archive.c - see rel_archive.h.
 */
#include "rel_archive.h"

#include "lists.h"

#include <ar.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool hy_rel_is_archive(const void *bytes, size_t size) {
    return size >= SARMAG && memcmp(bytes, ARMAG, SARMAG) == 0;
}

static const char *last_word(void) {
    const char *const word = elf_errmsg(-1);
    return word ? word : "damaged";
}

/* The index and the table of long names are members too, by name. */
static bool is_table(const char *name) {
    return strcmp(name, "/") == 0 || strcmp(name, "//") == 0 || strcmp(name, "/SYM64/") == 0;
}

/* The first member that is one; a second, as Windows has it, is ordered otherwise. */
static void keep_index(hy_rel_archive *a, const char *name, const void *bytes, size_t size) {
    if (a->index || strcmp(name, "//") == 0)
        return;
    a->index = bytes;
    a->index_size = size;
    a->index_width = strcmp(name, "/") == 0 ? 4 : 8;
}

static int add_member(hy_rel_archive *a, Elf *elf, const Elf_Arhdr *head, hy_error *error) {
    size_t size = 0;
    const char *const bytes = elf_rawfile(elf, &size);
    const char *const start = a->bytes;
    if (!bytes || bytes < start || size > a->size || (size_t)(bytes - start) > a->size - size)
        return hy_fail(error, -EINVAL, "%s: member %s: not all of it is in the file", a->name, head->ar_name);
    if (is_table(head->ar_name)) {
        keep_index(a, head->ar_name, bytes, size);
        return 0;
    }
    hy_rel_member *const more = hy_list_more(a->members, a->member_count, sizeof *more);
    char *const name = strdup(head->ar_name);
    a->members = more ? more : a->members;
    if (!more || !name) {
        free(name);
        return hy_fail(error, -ENOMEM, "%s: no memory for its members", a->name);
    }
    more[a->member_count++] = (hy_rel_member){
        .name = name, .bytes = bytes, .size = size, .offset = (size_t)elf_getbase(elf) - sizeof(struct ar_hdr)};
    return 0;
}

static int read_members(hy_rel_archive *a, hy_error *error) {
    size_t at = SARMAG;
    while (at < a->size) {
        if (elf_rand(a->elf, at) != at)
            return hy_fail(error, -EINVAL, "%s: %#zx: no header of a member: %s", a->name, at, last_word());
        Elf *const elf = elf_begin(-1, ELF_C_READ_MMAP, a->elf) /* not READ, which wants a file */;
        const Elf_Arhdr *const head = elf ? elf_getarhdr(elf) : NULL;
        if (!head || !head->ar_name || head->ar_size < 0) {
            if (elf)
                elf_end(elf);
            return hy_fail(error, -EINVAL, "%s: %#zx: no header of a member: %s", a->name, at, last_word());
        }
        const int r = add_member(a, elf, head, error);
        at += sizeof(struct ar_hdr) + (((size_t)head->ar_size + 1) & ~(size_t)1);
        elf_end(elf);
        if (r < 0)
            return r;
    }
    return 0;
}

static uint32_t member_at(const hy_rel_archive *a, size_t offset) {
    size_t low = 0, high = a->member_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (a->members[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < a->member_count && a->members[low].offset == offset ? (uint32_t)low : HY_REL_NO_NUMBER;
}

static uint64_t word_at(const uint8_t *bytes, size_t width) {
    uint32_t narrow;
    uint64_t wide;
    if (width == sizeof narrow) {
        memcpy(&narrow, bytes, sizeof narrow);
        return be32toh(narrow);
    }
    memcpy(&wide, bytes, sizeof wide);
    return be64toh(wide);
}

/* A name of the index and where its member begins. */
static int define(hy_rel_archive *a, const char *symbol, uint64_t offset, hy_error *error) {
    if (hy_rel_names_find(&a->definitions, symbol) != HY_REL_NO_NUMBER)
        return 0; /* by an earlier member */
    const uint32_t member = member_at(a, offset);
    if (member == HY_REL_NO_NUMBER)
        return hy_fail(error, -EINVAL, "%s: its index says that %s is at %#jx, where no member begins", a->name, symbol,
                       (uintmax_t)offset);
    if (hy_rel_names_put(&a->definitions, symbol, member) < 0)
        return hy_fail(error, -ENOMEM, "%s: no memory for its index", a->name);
    return 0;
}

/*
 * The index: how many symbols, where their members begin, then their names, each ended by a zero; numbers are big
 * endian, of 4 bytes, or of 8 in /SYM64/.  libelf would read it too, but it looks for the zeros without an end.
 */
static int read_index(hy_rel_archive *a, hy_error *error) {
    const uint8_t *const bytes = a->index;
    const size_t width = a->index_width;
    if (!bytes)
        return 0;
    const uint64_t count = a->index_size < width ? 0 : word_at(bytes, width);
    if (a->index_size < width || count > (a->index_size - width) / width)
        return hy_fail(error, -EINVAL, "%s: its index has %zu bytes, too few for its %ju symbols", a->name,
                       a->index_size, (uintmax_t)count);
    const char *name = (const char *)bytes + width + count * width;
    const char *const end = (const char *)bytes + a->index_size;
    for (uint64_t i = 0; i < count; i++) {
        const char *const zero = name < end ? memchr(name, '\0', (size_t)(end - name)) : NULL;
        if (!zero)
            return hy_fail(error, -EINVAL, "%s: its index ends within the name of symbol %ju of %ju", a->name,
                           (uintmax_t)i + 1, (uintmax_t)count);
        const int r = define(a, name, word_at(bytes + width + i * width, width), error);
        if (r < 0)
            return r;
        name = zero + 1;
    }
    return 0;
}

int hy_rel_archive_read(const char *name, const void *bytes, size_t size, hy_rel_archive **ret, hy_error *error) {
    elf_version(EV_CURRENT);
    hy_rel_archive *const a = calloc(1, sizeof *a);
    if (!a || !(a->name = strdup(name)) || !(a->bytes = malloc(size + 1))) {
        hy_rel_archive_free(a);
        return hy_fail(error, -ENOMEM, "%s: no memory for its %zu bytes", name, size);
    }
    memcpy(a->bytes, bytes, size);
    a->size = size;
    a->elf = elf_memory(a->bytes, size);
    int r = 0;
    if (!a->elf || elf_kind(a->elf) != ELF_K_AR)
        r = hy_fail(error, -ENOEXEC, "%s is no archive that libelf reads", name);
    r = r < 0 ? r : read_members(a, error);
    r = r < 0 ? r : read_index(a, error);
    if (r < 0)
        hy_rel_archive_free(a);
    else
        *ret = a;
    return r;
}

void hy_rel_archive_free(hy_rel_archive *a) {
    if (!a)
        return;
    hy_rel_names_free(&a->definitions);
    if (a->elf)
        elf_end(a->elf);
    for (size_t i = 0; i < a->member_count; i++)
        free(a->members[i].name);
    free(a->members);
    free(a->bytes);
    free(a->name);
    free(a);
}

static int read_open(const char *path, int file, void **ret_bytes, size_t *ret_size, hy_error *error) {
    struct stat status;
    if (fstat(file, &status) < 0)
        return hy_fail(error, -errno, "cannot read %s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return hy_fail(error, -EINVAL, "%s is no regular file; expected an object (.o) or an archive (.a)", path);
    const size_t size = (size_t)status.st_size;
    char *const bytes = malloc(size + 1);
    if (!bytes)
        return hy_fail(error, -ENOMEM, "%s: no memory for its %zu bytes", path, size);
    size_t have = 0;
    for (ssize_t got = 1; have < size && got > 0; have += got > 0 ? (size_t)got : 0)
        got = read(file, bytes + have, size - have);
    if (have < size) {
        free(bytes);
        return hy_fail(error, -EIO, "%s: only %zu of %zu bytes could be read", path, have, size);
    }
    *ret_bytes = bytes;
    *ret_size = size;
    return 0;
}

int hy_rel_file_read(const char *path, void **ret_bytes, size_t *ret_size, hy_error *error) {
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return hy_fail(error, -errno, "cannot open %s: %s", path, strerror(errno));
    const int r = read_open(path, file, ret_bytes, ret_size, error);
    close(file);
    return r;
}
