/* SPDX-License-Identifier: MIT
 *
 * source.h - the bytes of a trace: a file, or standard input.
 */
#ifndef HY_SOURCE_H
#define HY_SOURCE_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct hy_source {
    int fd; /* -1: closed */
    bool pipe;
    uint64_t offset; /* bytes read */
    char name[256];  /* for sentences: without control characters */
} hy_source;

/* "-" is standard input.  0 or -errno with the sentence. */
int hy_source_open(hy_source *ret_source, const char *path, hy_error *error);
/* Reads `size` bytes; fewer only at the end of the file.  0 or -errno. */
int hy_source_read(hy_source *source, void *data, size_t size, size_t *ret_read);
void hy_source_close(hy_source *source);

/* Whether reading it may last until somebody writes to it: standard input, a pipe, a terminal. */
bool hy_source_can_block(const char *path);

/* Opens a file, or standard input for "-", as a stream, to be closed; without waiting for who might write to a FIFO.
 * 0 or -errno with the sentence. */
int hy_source_stream(const char *path, FILE **ret_stream, hy_error *error);

/* Whether both paths lead to the same file, which writing to one would empty before the other is read.  "-", pipes and
 * devices are none. */
bool hy_source_is_same(const char *path, const char *other);

#endif
