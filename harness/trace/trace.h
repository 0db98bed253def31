/* SPDX-License-Identifier: MIT
 *
 * trace.h - reading and writing trace files (the format is specified in traces/README.md).
 *
 * Not thread-safe: one reader or writer, one thread.
 */
#ifndef HY_TRACE_H
#define HY_TRACE_H

#include "error.h"
#include "event.h"
#include "sites.h"

#include <stdbool.h>
#include <stddef.h>

/* What is known of a trace besides its events.  Texts are UTF-8 without control characters; "" is unknown. */
typedef struct hy_trace_meta {
    char command[1024]; /* the recorded program and its arguments */
    char origin[256];   /* what made the file: "heapyard 0.1.0 record" */
    char machine[256];  /* kernel, C library, architecture */
    uint64_t started;   /* seconds since 1970; 0: unknown */
    uint64_t pid;
    uint64_t dropped; /* calls that were seen but are not events (failed calls, frees of unknown blocks) */
} hy_trace_meta;

typedef struct hy_trace_reader hy_trace_reader;
typedef struct hy_trace_writer hy_trace_writer;

/* Opens a file, or standard input for "-".  0 or -errno with the sentence. */
int hy_trace_open(const char *path, hy_trace_reader **ret_reader, hy_error *error);

/* Decodes the next block.  1: *ret_events has *ret_count > 0 checked events (kinds, ids, sizes, threads are legal, no
 * dead object is touched), owned by the reader until the next call; 0: the end; -errno: a broken file, with
 * the sentence, which says the block's number and how much was read before it.  After an error the reader stays at it.
 *
 * A file that ends early (cut off, recorder killed) is read up to its last whole block; then the end is reported as 0
 * and hy_trace_warning tells. */
int hy_trace_next(hy_trace_reader *reader, const hy_event **ret_events, size_t *ret_count, hy_error *error);

/* NULL, or one sentence about what is missing from the file.  Complete after hy_trace_next returned 0. */
const char *hy_trace_warning(const hy_trace_reader *reader);

/* ---- notes: where calls come from, and phases (sites.h) ---- */

/* Whether the trace has any, from its first bytes. */
bool hy_trace_has_notes(const hy_trace_reader *reader);
/* The table of sites so far: complete for the events that were read, and at the end also in its names. */
const hy_sites *hy_trace_sites(const hy_trace_reader *reader);
/* At the end: the table is the caller's, to be cleared; the reader's is empty. */
void hy_trace_take_sites(hy_trace_reader *reader, hy_sites *ret_sites);
/* Its lines that came with the last hy_trace_next. */
const char *hy_trace_table(const hy_trace_reader *reader, size_t *ret_size);
/* The site of each event of the last hy_trace_next, 0: unknown; NULL: of none. */
const uint32_t *hy_trace_event_sites(const hy_trace_reader *reader);
/* The marks among those events; after the end, those behind the last event. */
const hy_mark *hy_trace_marks(const hy_trace_reader *reader, size_t *ret_count);

/* ---- more about the file ---- */

/* Valid as soon as the file is open; `dropped` is final after the last block. */
const hy_trace_meta *hy_trace_get_meta(const hy_trace_reader *reader);
/* XXH3-64 of the events read so far, independent of how they are cut into blocks and compressed. */
uint64_t hy_trace_hash(const hy_trace_reader *reader);
/* Bytes of the file read so far. */
uint64_t hy_trace_position(const hy_trace_reader *reader);
void hy_trace_close(hy_trace_reader *reader);

/* ---- writing ---- */

/* Creates a file (replacing it), or writes to standard output for "-".  0 or -errno with the sentence. */
int hy_trace_create(const char *path, const hy_trace_meta *meta, hy_trace_writer **ret_writer, hy_error *error);
/* The same for a trace with notes.  Without it the first note makes it one, unless the file is a pipe. */
int hy_trace_create_noted(const char *path, const hy_trace_meta *meta, hy_trace_writer **ret_writer, hy_error *error);
/* Events must obey the rules of event.h; births carry the next birth number.  0 or -errno with the sentence. */
int hy_trace_append(hy_trace_writer *writer, const hy_event *event, hy_error *error);
/* The same with the site that it comes from, which is in the table. */
int hy_trace_append_from(hy_trace_writer *writer, const hy_event *event, uint32_t site, hy_error *error);
/* Whole lines for the table of sites (sites.h).  0; -ENOSPC: the table is full; or -errno; with the sentence. */
int hy_trace_add_table(hy_trace_writer *writer, const char *lines, size_t size, hy_error *error);
/* From here on `thread` is in the phase `name`; it has had an event before, or has the next one.  What is too much for
 * a trace is left out (4096 marks behind the last event).  0 or -errno with the sentence. */
int hy_trace_mark_phase(hy_trace_writer *writer, uint32_t thread, uint64_t time, const char *name, hy_error *error);
/* Compresses and writes what has been appended so far as a block of its own, so that a reader sees it now. */
int hy_trace_flush(hy_trace_writer *writer, hy_error *error);
/* zstd's level from 1 to 19 for the blocks to come; without it 9. */
void hy_trace_set_level(hy_trace_writer *writer, int level);
/* Changes what is said at the end of the file. */
void hy_trace_set_dropped(hy_trace_writer *writer, uint64_t dropped);
/* Writes the index and the end, and frees the writer, also on failure. */
int hy_trace_finish(hy_trace_writer *writer, hy_error *error);
/* Removes a file that was created and then left half done: no trace.  What is no plain file stays. */
void hy_trace_drop(const char *path);
/* Bytes written to the file and events appended so far. */
uint64_t hy_trace_written(const hy_trace_writer *writer, uint64_t *ret_events);

#endif
