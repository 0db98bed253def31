/* SPDX-License-Identifier: MIT
 *
 * victim_page.h - one page of memory that a victim shares with its parent: it outlives the victim, however that ends.
 *
 * The victim gets it as descriptor HY_VICTIM_PAGE_FD, and has its complaints (stderr) in a file, so that it can tell
 * how much had been said when a stage began.
 */
#ifndef HY_VICTIM_PAGE_H
#define HY_VICTIM_PAGE_H

#include "fault.h"

#define HY_VICTIM_PAGE_FD 3

typedef enum hy_victim_verdict {
    HY_SAID_NOTHING,
    HY_SAID_SILENT,
    HY_SAID_PREVENTED,
    HY_SAID_NOT_APPLICABLE,
    HY_SAID_NO_ROOM /* victim_alloc had nothing: the fault could not be tried */
} hy_victim_verdict;

typedef struct hy_victim_page {
    uint32_t begun;              /* main was reached, with this page mapped */
    uint32_t stage;              /* hy_stage */
    uint32_t verdict;            /* hy_victim_verdict */
    uint32_t taken;              /* the silent verdict is final */
    uint32_t visits;             /* stages begun so far */
    uint32_t visited[HY_STAGES]; /* what `visits` was when the stage began (the first time); 0: never */
    uint64_t said[HY_STAGES];    /* bytes of complaints then */
    uint64_t number[4];          /* of a probe: see probe.h */
    char words[200];
} hy_victim_page;

#endif
