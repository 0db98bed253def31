/* SPDX-License-Identifier: MIT
 *
 * cutting.h - a part of a trace as a trace of its own.
 *
 *  1. What lives where the cut begins becomes a prologue: births at time 0, the oldest first, with the sizes that the
 *     objects have by then, by the thread that touched them last.  An object that had been resized is one birth.
 *  2. Then come the events of the part, their times counted from the cut, objects and threads numbered anew.
 *  3. Nothing is added at the end: what the part leaves alive stays alive.
 *  4. Of one thread: the objects that it gave birth to, with all that happens to them, by whichever thread, and its own
 *     start and end.  What others gave birth to and it frees is left out with its free, so that every free of the part
 *     has a birth.
 *  5. Events keep their sites; a birth of the prologue has that of the object's last birth or realloc.  The table of
 *     sites is taken as it is.  A thread that is in a phase where the part begins is in it from its first event on.
 */
#ifndef HY_CUTTING_H
#define HY_CUTTING_H

#include "trace.h"

#define HY_CUT_NO_END UINT64_MAX
#define HY_CUT_ALL_THREADS UINT32_MAX

typedef struct hy_cut {
    bool by_time;    /* from and to are times in ns, else numbers of events, which count from 0 */
    uint64_t from;   /* the first that is in */
    uint64_t to;     /* the first that is not */
    uint32_t thread; /* a number as in the original */
} hy_cut;

typedef struct hy_cut_counts {
    uint64_t prologue; /* births that stand for what lived */
    uint64_t events;   /* after them */
    uint64_t left_out; /* events of the stretch by which nothing of the thread's was touched */
    hy_error warning;  /* the reader's: the trace ends early, and that within the stretch; or "" */
} hy_cut_counts;

/* Reads the trace `from` and writes the trace `to` (each a path, or "-").  0 or -errno with the sentence; then what was
 * written of `to` is removed, and if nothing was, it is as it was. */
int hy_trace_cut(const char *from, const char *to, const hy_cut *cut, hy_cut_counts *ret, hy_error *error);

#endif
