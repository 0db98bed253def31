/* SPDX-License-Identifier: MIT
 *
 * summary.h - one pass over a trace: what is in it.
 */
#ifndef HY_SUMMARY_H
#define HY_SUMMARY_H

#include "profile.h"
#include "trace.h"

/* The allocation clock: bytes asked for so far, by births, and by reallocs as far as they grow an object.
 *
 * Sizes and lifetimes are counted in octaves: entry k counts values v with floor(log2(v)) == k - 1; entry 0 counts 0.
 * A lifetime is what the allocation clock passed between birth and death. */
#define HY_OCTAVES 65

/* What a thread did.  Threads from HY_SUMMARY_THREADS - 1 on are taken together. */
#define HY_SUMMARY_THREADS 16
typedef struct hy_thread_summary {
    uint64_t events, births, bytes;
    uint64_t frees;    /* and reallocs */
    uint64_t received; /* of them, those of objects that another thread had last */
    uint64_t given;    /* frees and reallocs by others of objects that it had last */
} hy_thread_summary;

typedef struct hy_trace_summary {
    uint64_t events; /* all of them */
    uint64_t by_kind[HY_EVENT_KINDS];
    uint64_t objects;      /* births */
    uint64_t threads;      /* that have events */
    uint64_t handovers;    /* frees and reallocs by another thread than the one that last had the object */
    uint64_t total_bytes;  /* the allocation clock at the end */
    uint64_t peak_bytes;   /* most live bytes at any time, as asked for */
    uint64_t peak_event;   /* the number of the event after which that was so */
    uint64_t peak_objects; /* most live objects at any time */
    uint64_t end_bytes;    /* live at the end */
    uint64_t end_objects;
    uint64_t max_size;              /* the largest single request */
    unsigned max_align;             /* log2 */
    uint64_t duration;              /* ns, the last event's time */
    bool lifo;                      /* every free is of the youngest living object, and reallocs touch only that one */
    uint64_t sizes[HY_OCTAVES];     /* births and reallocs by size */
    uint64_t lifetimes[HY_OCTAVES]; /* of objects that died */
    hy_thread_summary by_thread[HY_SUMMARY_THREADS];
    uint64_t file_bytes; /* of the trace, as far as it was read */
    uint64_t hash;       /* XXH3 of all events, independent of the compression: the identity of a trace */
    char warning[256];   /* hy_trace_warning, or "" */
    hy_trace_meta meta;
} hy_trace_summary;

/* Live bytes over the trace: the most in each of `count` stretches of `step` events. */
#define HY_CURVE_POINTS 512

typedef struct hy_trace_curve {
    uint64_t step;
    size_t count;
    uint64_t bytes[HY_CURVE_POINTS];
} hy_trace_curve;

/* Reads the whole file.  Memory: a few bytes for each live object.  0 or -errno with the sentence. */
int hy_trace_summarise(const char *path, hy_trace_summary *ret_summary, hy_error *error);

/* The same, with the curve. */
int hy_trace_summarise_curve(const char *path, hy_trace_summary *ret_summary, hy_trace_curve *ret_curve,
                             hy_error *error);

/* The same, with the figures of sites and phases if the trace has any; to be cleared. */
int hy_trace_summarise_profile(const char *path, hy_trace_summary *ret_summary, hy_trace_curve *ret_curve,
                               hy_profile *ret_profile, hy_error *error);

#endif
