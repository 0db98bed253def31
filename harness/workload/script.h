/* SPDX-License-Identifier: MIT
 *
 * script.h - what a generator does, request by request: each goes to a heap, if there is one, and into a trace, if one
 * is written.  Blocks are freed by what hy_script_alloc returned.
 *
 * One thread.  Errors are 0 or -errno with the sentence.
 */
#ifndef HY_SCRIPT_H
#define HY_SCRIPT_H

#include "heap.h"
#include "trace.h"

typedef struct hy_scripted {
    uint64_t id;       /* birth number */
    uintptr_t address; /* where the block starts; 0 without a heap */
    size_t size;       /* bytes asked for */
} hy_scripted;

typedef struct hy_script {
    hy_heap *heap;           /* NULL: for generators that do not look at addresses */
    hy_trace_writer *writer; /* NULL: nothing is written */
    uint64_t time;           /* ns, of the next event; each event makes it greater by `pace` */
    uint64_t pace;
    uint64_t events, births, live_bytes, peak_bytes;
    uintptr_t low, high; /* the addresses that blocks ever had: [low, high) */
    uint64_t proven;     /* bytes of address space that the generator has proved to be taken; 0: it proves nothing */
    const char *note;    /* NULL, or what else is to be said */
    hy_error warning;    /* empty, or what is missing from what the generator read */
    uint32_t *threads;   /* the trace's number + 1 by the generator's; 0: not seen yet */
    size_t threads_room;
    uint32_t threads_seen;
} hy_script;

/* A new block of `size` > 0 bytes, aligned as malloc would.  -ENOMEM: the heap has no room. */
int hy_script_alloc(hy_script *script, size_t size, hy_scripted *ret_block, hy_error *error);
int hy_script_free(hy_script *script, const hy_scripted *block, hy_error *error);

/* Any event, for generators that do not look at addresses: a birth has the next number.  The time is filled in.
 * Threads have any numbers, and get those of their first appearance.  `old_size` is what an object that is resized or
 * freed had. */
int hy_script_say(hy_script *script, hy_event event, uint64_t old_size, hy_error *error);

void hy_script_clear(hy_script *script);

#endif
