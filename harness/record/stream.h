/* SPDX-License-Identifier: MIT
 *
 * stream.h - one process image: raw records in, events of one trace file out.
 *
 * Turns addresses into object numbers and stamps into nanoseconds, and keeps what the program holds right now.  The
 * file is created with the first event.  Memory: the table of living objects.
 */
#ifndef HY_STREAM_H
#define HY_STREAM_H

#include "addresses.h"
#include "places.h"
#include "slots.h"
#include "trace.h"
#include "twins.h"

/* What a thread of the process needs to be remembered. */
typedef struct hy_stream_thread {
    uint32_t number;    /* in the trace; valid once started */
    bool started;       /* it has had an event */
    bool moving, known; /* between the two halves of a realloc; of a block that we know */
    hy_block moved;     /* that block */
    hy_raw_ring ring;   /* where the records are, with what stands before them; no slots: not to be had */
} hy_stream_thread;

typedef struct hy_stream {
    char *path;
    hy_trace_meta meta;
    uint64_t limit;          /* events; UINT64_MAX: none */
    uint64_t start;          /* ticks */
    double tick;             /* nanoseconds in one */
    hy_trace_writer *writer; /* NULL: no event yet, or finished */
    hy_places *places;       /* NULL: sites are not recorded; owned */
    hy_addresses living;
    hy_block *inherited; /* blocks that a fork brought along, to be born with the first event; owned */
    size_t inherited_count;
    uint64_t births, events; /* so far */
    uint64_t time;           /* of the last event */
    uint64_t unknown;        /* frees of blocks never seen */
    uint64_t lost;           /* births at the address of a living object: its free was not seen */
    uint32_t threads;
    bool full;      /* the limit is reached */
    hy_twins twins; /* births whose stamps have changed places */
    uint64_t since; /* ticks; a birth after that may be such a one */
} hy_stream;

/* Takes one record of `thread`.  1: it must wait for one of another thread, that has not been taken yet; it has been
 * put back `put_back` times.  0 or -errno with the sentence (the file cannot be written, no memory). */
int hy_stream_take(hy_stream *stream, hy_stream_thread *thread, const hy_raw_record *record, unsigned put_back,
                   hy_error *error);

/* The thread is no more. */
int hy_stream_end_thread(hy_stream *stream, const hy_stream_thread *thread, uint64_t ticks, hy_error *error);

/* Creates the file now. */
int hy_stream_open(hy_stream *stream, hy_error *error);

/* Finishes the file; `dropped` calls were seen by the recorder and are no events.  Frees all but the counters. */
int hy_stream_close(hy_stream *stream, uint64_t dropped, hy_error *error);

#endif
