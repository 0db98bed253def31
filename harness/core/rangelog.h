/* SPDX-License-Identifier: MIT
 *
 * rangelog.h - the log of the classic teaching heap, for any heap: writing it, and reading it back.
 *
 * The grammar, one line each (addresses as %p, sizes in decimal; a row's size is that of the range, header included):
 *   Simple heap init:
 *   Storage [START -> END) (N bytes)
 *   [ADDRESS] Set header to 0x%016x (free|allocated, size = N bytes)
 *   (an empty line)
 *   Trying to allocate N bytes
 *   [ADDRESS] Memory was allocated, size N bytes
 *   [ADDRESS] Freeing allocation
 *   [ADDRESS] Memory was freed
 *   Heap exhausted.
 *   "  [START -> END) : 0x%016x (free|allocated, size = N bytes)"     a row of a table: start inclusive, end exclusive
 * In a header, bit 63 says allocated and the other bits are the range's size.  Rebased addresses count from the start
 * of the first range; one below it is written -0x10.
 *
 * Source: Arm Learning Paths, "Write a dynamic memory allocator", 2023.
 */
#ifndef HY_RANGELOG_H
#define HY_RANGELOG_H

#include "error.h"
#include "heapyard.h"

#include <stdio.h>

#define HY_LOG_ALLOCATED_BIT ((uint64_t)1 << 63)

typedef enum hy_log_kind {
    HY_LOG_INIT,
    HY_LOG_STORAGE,   /* start, end                      */
    HY_LOG_HEADER,    /* start, header                   */
    HY_LOG_EMPTY,     /* the empty line                  */
    HY_LOG_TRYING,    /* size                            */
    HY_LOG_ALLOCATED, /* start (of the block), size      */
    HY_LOG_FREEING,   /* start (of the block)            */
    HY_LOG_FREED,     /* start (of the block)            */
    HY_LOG_EXHAUSTED,
    HY_LOG_ROW /* start, end, header              */
} hy_log_kind;

typedef struct hy_log_line {
    hy_log_kind kind;
    int64_t start, end; /* addresses, or distances from the base */
    uint64_t header;
    uint64_t size;
} hy_log_line;

static inline uint64_t hy_log_range_size(uint64_t header) {
    return header & ~HY_LOG_ALLOCATED_BIT;
}

/* ------------------------------------------------------------------------------------------------ lines, files ---- */

/* Writes one line. */
void hy_log_print(FILE *out, const hy_log_line *line);

/* Reads one line, without its newline.  0, or -EINVAL with a sentence that says what was expected. */
int hy_log_parse(const char *text, hy_log_line *ret_line, hy_error *error);

typedef struct hy_log {
    hy_log_line *lines;
    size_t count;
} hy_log;

/* Reads a whole log; `name` is for the sentence, which says the line's number.  0 or -errno. */
int hy_log_read(FILE *in, const char *name, hy_log *ret_log, hy_error *error);
void hy_log_free(hy_log *log);

/* The rows of the last table; NULL and 0: there is none. */
const hy_log_line *hy_log_last_table(const hy_log *log, size_t *ret_count);

/* ------------------------------------------------------------------------------------------------ a heap's log ---- */

typedef struct hy_log_writer hy_log_writer;

typedef struct hy_log_options {
    bool rebase;       /* addresses count from the first range */
    bool table_only;   /* the heap's state is logged as a table without headline and headers */
    bool zero_is_null; /* a request of 0 bytes gets NULL and is not logged (the classic heap); else it becomes 1 */
} hy_log_options;

/* Logs what happens to `heap`, which must have walk, to `out`; the heap's state now is the first thing logged.
 * 0 or -errno. */
int hy_log_start(hy_heap *heap, FILE *out, const hy_log_options *options, hy_log_writer **ret_writer, hy_error *error);
void hy_log_stop(hy_log_writer *writer);

/* Allocates and frees, and logs it. */
void *hy_log_alloc(hy_log_writer *writer, size_t size, size_t align);
void hy_log_release(hy_log_writer *writer, void *block, size_t size);

/* The table as it is now. */
void hy_log_table(hy_log_writer *writer);

#endif
