/* SPDX-License-Identifier: MIT
 *
 * profile.h - what the sites and phases of a trace did, for traces that have such notes (sites.h).
 */
#ifndef HY_PROFILE_H
#define HY_PROFILE_H

#include "objects.h"
#include "trace.h"

/* Of a site: births and reallocs that come from there.  An object belongs to the site of its last birth or realloc. */
typedef struct hy_site_figures {
    uint64_t calls;
    uint64_t bytes;   /* asked for: by births, and by reallocs as far as they grow an object */
    uint64_t live;    /* at the end */
    uint64_t at_peak; /* live when the whole program had most */
    uint64_t peak;    /* of which peak at_peak is, while the trace is read */
} hy_site_figures;

/* Of all the stretches in which a thread was in a phase: what the whole program did then, whichever thread it was. */
typedef struct hy_phase_figures {
    char name[HY_MARK_NAME];
    uint32_t thread;
    uint64_t times; /* stretches */
    uint64_t events, bytes, duration;
    uint64_t end_bytes;  /* live at the end of the last stretch */
    uint64_t peak_bytes; /* most that was live in one */
} hy_phase_figures;

#define HY_PHASES_MAX 1000u /* rows; what has another name or thread then, is counted in the last one, named "…" */

/* All zero: nothing read. */
typedef struct hy_profile {
    hy_sites names; /* the table of sites; taken from the reader by hy_profile_end */
    hy_site_figures *sites;
    size_t site_count; /* with 0: what has no site */
    hy_phase_figures *phases;
    size_t phase_count;
    struct hy_profile_run *run; /* while the trace is read */
} hy_profile;

/* Takes in the block that hy_trace_next gave, and, with count 0, what stands behind the last one.  0 or -ENOMEM. */
int hy_profile_take(hy_profile *profile, const hy_trace_reader *reader, const hy_event *events, size_t count);
/* All blocks were taken: completes the figures.  0 or -ENOMEM. */
int hy_profile_end(hy_profile *profile, hy_trace_reader *reader);
void hy_profile_clear(hy_profile *profile);

typedef enum hy_site_order {
    HY_SITES_BY_BYTES,
    HY_SITES_BY_PEAK,
    HY_SITES_BY_END, /* what never died, or not yet */
    HY_SITES_BY_CALLS,
    HY_SITE_ORDERS
} hy_site_order;

/* The numbers of the sites with calls, the greatest figure first; to be freed.  NULL: no memory. */
uint32_t *hy_profile_rank(const hy_profile *profile, hy_site_order order, size_t *ret_count);

#endif
