/* SPDX-License-Identifier: MIT
 *
 * unpack.c - see unpack.h.
 *
 * For libarchive a stream of bytes is an archive of one file.  Only such filters are allowed as it has itself: for
 * others it would start programs.  A packed bomb takes time, and so is refused when it unpacks to far more than text
 * ever does.  In memory it takes what its format may look back: at most 1 GiB of xz, 128 MiB of zstd, less of the others;
 * beyond that the library gives up by itself.
 */
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY "libarchive.so.13"
#define BOMB_LEAST ((uint64_t)64 << 20) /* what is smaller is none */
#define BOMB_RATIO 400u

#define FUNCTIONS(F)                                                                                                   \
    F(archive_read_new)                                                                                                \
    F(archive_read_free)                                                                                               \
    F(archive_read_support_filter_gzip)                                                                                \
    F(archive_read_support_filter_bzip2)                                                                               \
    F(archive_read_support_filter_xz)                                                                                  \
    F(archive_read_support_filter_zstd)                                                                                \
    F(archive_read_support_format_zip_streamable)                                                                      \
    F(archive_read_support_format_raw)                                                                                 \
    F(archive_read_support_format_empty)                                                                               \
    F(archive_read_open)                                                                                               \
    F(archive_read_next_header)                                                                                        \
    F(archive_read_data_block)                                                                                         \
    F(archive_error_string)                                                                                            \
    F(archive_set_error)                                                                                               \
    F(archive_entry_filetype)                                                                                          \
    F(archive_entry_is_encrypted)

/* The functions of the library under their own names. */
#define MEMBER(f) __typeof__(&f) f;
typedef struct library {
    void *handle;
    FUNCTIONS(MEMBER)
} library;

struct hy_unpack {
    library lib;
    struct archive *archive;
    hy_packed from;
    bool ended;
    const char *piece; /* what the library unpacked last, and was not given out */
    size_t left;
    uint64_t packed, unpacked; /* bytes so far */
};

static int library_load(library *lib, hy_error *error) {
    lib->handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!lib->handle)
        return hy_fail(error, -ENOENT, "packed, and what unpacks it is not here: %s", dlerror());
#define FIND(f)                                                                                                        \
    *(void **)&lib->f = dlsym(lib->handle, #f);                                                                        \
    if (!lib->f)                                                                                                       \
        return hy_fail(error, -ENOENT, "packed, and %s has no %s", LIBRARY, #f);
    FUNCTIONS(FIND)
    return 0;
}

bool hy_unpack_is_packed(const void *head, size_t size) {
    static const struct {
        size_t size;
        const char *begin;
    } kinds[] = {{2, "\x1f\x8b"}, {3, "BZh"}, {5, "\3757zXZ"}, {4, "\x28\xb5\x2f\xfd"}, {4, "PK\3\4"}, {4, "PK\5\6"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (size >= kinds[i].size && memcmp(head, kinds[i].begin, kinds[i].size) == 0)
            return true;
    return false;
}

static int unpack_fail(const hy_unpack *unpack, hy_error *error) {
    const char *const why = unpack->lib.archive_error_string(unpack->archive);
    return hy_fail(error, -EIO, "cannot unpack: %s", why ? why : "it is broken");
}

static la_ssize_t unpack_next(struct archive *archive, void *client, const void **ret_bytes) {
    hy_unpack *const unpack = client;
    const int64_t got = unpack->from.next(unpack->from.client, ret_bytes);
    if (got < 0) {
        unpack->lib.archive_set_error(archive, (int)-got, "%s", strerror((int)-got));
        return -1;
    }
    unpack->packed += (uint64_t)got;
    return (la_ssize_t)got;
}

/* Goes to the next file of the archive.  1; 0: there is none; -errno. */
static int unpack_next_file(hy_unpack *unpack, hy_error *error) {
    struct archive_entry *entry;
    int r;
    do {
        r = unpack->lib.archive_read_next_header(unpack->archive, &entry);
        if (r == ARCHIVE_EOF)
            return 0;
        if (r < ARCHIVE_WARN)
            return unpack_fail(unpack, error);
    } while (unpack->lib.archive_entry_filetype(entry) == AE_IFDIR);
    return unpack->lib.archive_entry_is_encrypted(entry) ? hy_fail(error, -EACCES, "the file in it is encrypted") : 1;
}

static int unpack_start(hy_unpack *unpack, hy_error *error) {
    const library *const lib = &unpack->lib;
    unpack->archive = lib->archive_read_new();
    if (!unpack->archive)
        return hy_fail(error, -ENOMEM, "no memory");
    lib->archive_read_support_filter_gzip(unpack->archive);
    lib->archive_read_support_filter_bzip2(unpack->archive);
    lib->archive_read_support_filter_xz(unpack->archive);
    lib->archive_read_support_filter_zstd(unpack->archive);
    lib->archive_read_support_format_zip_streamable(unpack->archive);
    lib->archive_read_support_format_raw(unpack->archive);
    lib->archive_read_support_format_empty(unpack->archive);
    if (lib->archive_read_open(unpack->archive, unpack, NULL, unpack_next, NULL) != ARCHIVE_OK)
        return unpack_fail(unpack, error);
    const int r = unpack_next_file(unpack, error);
    unpack->ended = r == 0;
    return r < 0 ? r : 0;
}

int hy_unpack_open(hy_packed from, hy_unpack **ret_unpack, hy_error *error) {
    hy_unpack *const unpack = calloc(1, sizeof *unpack);
    if (!unpack)
        return hy_fail(error, -ENOMEM, "no memory");
    unpack->from = from;
    int r = library_load(&unpack->lib, error);
    if (r == 0)
        r = unpack_start(unpack, error);
    if (r == 0)
        *ret_unpack = unpack;
    else
        hy_unpack_close(unpack);
    return r;
}

/* There may be no other file in the archive. */
static int unpack_end(hy_unpack *unpack, hy_error *error) {
    unpack->ended = true;
    const int r = unpack_next_file(unpack, error);
    return r <= 0 ? r : hy_fail(error, -EINVAL, "the archive holds more than one file; unpack the one you mean");
}

/* The next piece as the library has it.  archive_read_data would fill all that is asked for, and forget it should an
 * error come after a part of it. */
static int unpack_piece(hy_unpack *unpack, hy_error *error) {
    const void *piece;
    la_int64_t offset;
    const int r = unpack->lib.archive_read_data_block(unpack->archive, &piece, &unpack->left, &offset);
    unpack->piece = piece;
    if (r == ARCHIVE_EOF) {
        unpack->left = 0;
        return unpack_end(unpack, error);
    }
    if (r < ARCHIVE_WARN)
        return unpack_fail(unpack, error);
    unpack->unpacked += unpack->left;
    if (unpack->unpacked >= BOMB_LEAST && unpack->unpacked / BOMB_RATIO >= unpack->packed)
        return hy_fail(error, -EFBIG, "unpacks to more than %u times its size; unpack it yourself and give the text",
                       BOMB_RATIO);
    return 0;
}

int hy_unpack_read(hy_unpack *unpack, void *data, size_t size, size_t *ret_read, hy_error *error) {
    while (unpack->left == 0 && !unpack->ended) {
        const int r = unpack_piece(unpack, error);
        if (r < 0)
            return r;
    }
    *ret_read = unpack->left < size ? unpack->left : size;
    memcpy(data, unpack->piece, *ret_read);
    unpack->piece += *ret_read;
    unpack->left -= *ret_read;
    return 0;
}

void hy_unpack_close(hy_unpack *unpack) {
    if (!unpack)
        return;
    if (unpack->archive)
        unpack->lib.archive_read_free(unpack->archive);
    if (unpack->lib.handle)
        dlclose(unpack->lib.handle);
    free(unpack);
}
