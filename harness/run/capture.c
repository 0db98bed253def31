/* SPDX-License-Identifier: MIT
 *
 * capture.c - see capture.h.
 */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

int hy_capture_open(hy_error *error) {
    const int fd = memfd_create("heapyard-capture", MFD_CLOEXEC);
    return fd >= 0 ? fd : hy_fail(error, -errno, "no file in memory for a program's output: %s", strerror(errno));
}

void hy_capture_clear(int fd) {
    if (ftruncate(fd, 0) == 0)
        lseek(fd, 0, SEEK_SET);
}

int hy_capture_hash(int fd, const char *name, uint64_t *hash, hy_error *error) {
    enum { PIECE = 1 << 18 };
    char *const piece = malloc(PIECE);
    XXH3_state_t *const state = XXH3_createState();
    if (!piece || !state)
        abort();
    XXH3_64bits_reset_withSeed(state, *hash);
    off_t at = 0;
    ssize_t got;
    while ((got = pread(fd, piece, PIECE, at)) > 0) {
        XXH3_64bits_update(state, piece, (size_t)got);
        at += got;
    }
    const int r = got < 0 ? hy_fail(error, -errno, "%s: cannot be read: %s", name, strerror(errno)) : 0;
    if (r == 0)
        *hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    free(piece);
    return r;
}

int hy_capture_hash_file(const char *path, uint64_t *hash, hy_error *error) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return hy_fail(error, -errno, "%s: cannot be read: %s", path, strerror(errno));
    const int r = hy_capture_hash(fd, path, hash, error);
    close(fd);
    return r;
}

void hy_capture_last_line(int fd, char *ret, size_t size) {
    char tail[4096];
    struct stat status;
    const off_t from =
        fstat(fd, &status) == 0 && status.st_size >= (off_t)sizeof tail ? status.st_size - (off_t)sizeof tail + 1 : 0;
    const ssize_t got = pread(fd, tail, sizeof tail - 1, from);
    size_t end = got > 0 ? (size_t)got : 0;
    while (end > 0 && (tail[end - 1] == '\n' || tail[end - 1] == ' '))
        end--;
    tail[end] = '\0';
    const char *const line = memrchr(tail, '\n', end);
    snprintf(ret, size, "%s", line ? line + 1 : tail);
    for (char *c = ret; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
}
