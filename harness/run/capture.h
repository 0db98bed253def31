/* SPDX-License-Identifier: MIT
 *
 * capture.h - what a program says, kept in memory until it has ended: nobody reads while it runs, so nobody takes part
 * of the machine from it or makes it wait.
 */
#ifndef HY_CAPTURE_H
#define HY_CAPTURE_H

#include "error.h"

#include <stdint.h>

/* A file in memory, close-on-exec.  A descriptor, or -errno with the sentence. */
int hy_capture_open(hy_error *error);

/* Empties it for the next run. */
void hy_capture_clear(int fd);

/* XXH3-64 of a file's contents, any file's: continues `hash`, 0 to begin with.  0 or -errno with the sentence, in which
 * `name` is the file. */
int hy_capture_hash(int fd, const char *name, uint64_t *hash, hy_error *error);

int hy_capture_hash_file(const char *path, uint64_t *hash, hy_error *error);

/* The last line that is not empty, at most `size` - 1 bytes of it, control characters as "?"; "" if there is none. */
void hy_capture_last_line(int fd, char *ret, size_t size);

#endif
