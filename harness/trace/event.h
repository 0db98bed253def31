/* SPDX-License-Identifier: MIT
 *
 * event.h - what a trace says: objects are born, change size, and die.
 *
 * Objects are named by their birth number: the n-th allocation of the trace makes object n (from 0).  Ids are never
 * used again, so no trace can allocate a living id.  Addresses are not in a trace.
 *
 * What is recorded under which kind:
 *   malloc(n), realloc(NULL, n), reallocarray(NULL, …)   HY_EVENT_MALLOC    operator new goes through malloc
 *   calloc(a, b)                                         HY_EVENT_CALLOC    size = a * b
 *   aligned_alloc, memalign, posix_memalign, valloc, …   HY_EVENT_ALIGNED   size, alignment
 *   realloc(p, n), reallocarray(p, …), n > 0             HY_EVENT_REALLOC   the object keeps its id
 *   free(p), realloc(p, 0), free_sized, …                HY_EVENT_FREE
 * Calls that failed, free(NULL) and requests that made no block are not events.
 */
#ifndef HY_EVENT_H
#define HY_EVENT_H

#include <stdint.h>

typedef enum hy_event_kind {
    HY_EVENT_MALLOC,
    HY_EVENT_CALLOC,
    HY_EVENT_ALIGNED,
    HY_EVENT_REALLOC,
    HY_EVENT_FREE,
    HY_EVENT_THREAD_START, /* `thread` begins */
    HY_EVENT_THREAD_END,
    HY_EVENT_KINDS
} hy_event_kind;

typedef struct hy_event {
    uint64_t id;     /* birth number; 0 for thread events */
    uint64_t size;   /* bytes asked for, as asked (0 is possible for births); 0 for FREE and thread events */
    uint64_t time;   /* nanoseconds since the trace's start, never decreasing */
    uint32_t thread; /* small numbers from 0, in order of first appearance */
    uint8_t kind;    /* hy_event_kind */
    uint8_t align;   /* log2 of the alignment for ALIGNED, else 0 */
    uint16_t zero;   /* 0, so that every byte of an event is known and events can be hashed and compared as bytes */
} hy_event;

/* The limits of a legal event. */
#define HY_EVENT_MAX_SIZE ((uint64_t)INT64_MAX)  /* no object is larger than PTRDIFF_MAX */
#define HY_EVENT_MAX_ALIGN 47u                   /* the address space */
#define HY_EVENT_MAX_TOTAL ((uint64_t)INT64_MAX) /* the sum of all sizes of a trace; the last time stamp */
#define HY_EVENT_MAX_LIVE ((uint64_t)1 << 32)    /* objects alive at once */

static inline int hy_event_is_birth(const hy_event *event) {
    return event->kind <= HY_EVENT_ALIGNED;
}

/* "malloc", "calloc", "aligned", "realloc", "free", "thread-start", "thread-end" */
const char *hy_event_name(unsigned kind);

#endif
