/* SPDX-License-Identifier: MIT
 *
 * outcome.h - what became of a fault, told from how its victim ended.
 *
 *   1. A victim that does not come to its own end has been stopped by somebody who noticed: with words (detected), with
 *      a trap, an abort or an exit code but no word (trapped), or by running into memory that is not there (crashed).
 *      When: in the stage that it was in.
 *   2. One that does come to its end says what it saw.  Prevented, with words on its complaints that its control did
 * not have: noticed by an allocator that goes on (detected).  When: in the last stage that had begun by then.
 *   3. An end that says nothing of the fault (it did not start, died before the faulty step, had no room for it) is no
 *      result: invalid.  So is any whose control failed.
 */
#ifndef HY_OUTCOME_H
#define HY_OUTCOME_H

#include "victim_run.h"

typedef enum hy_outcome {
    HY_DETECTED,       /* with a message                                    */
    HY_TRAPPED,        /* the process was ended without a word              */
    HY_CRASHED,        /* SIGSEGV, SIGBUS: nobody noticed, the machine did  */
    HY_PREVENTED,      /* no harm                                           */
    HY_SILENT,         /* corrupted or disclosed, and nobody noticed        */
    HY_NOT_APPLICABLE, /* cannot be tried there                             */
    HY_TIMED_OUT,      /* did not come to an end                            */
    HY_TOO_LARGE,      /* took memory without end                           */
    HY_INVALID,        /* no result                                         */
    HY_OUTCOMES
} hy_outcome;

#define HY_NEVER HY_STAGES /* the moment at which nothing was noticed */
#define HY_MOMENTS (HY_STAGES + 1)

typedef struct hy_finding {
    hy_outcome outcome;
    unsigned moment; /* hy_stage, or HY_NEVER */
    char words[200]; /* the allocator's, the signal's or the victim's; may be empty */
} hy_finding;

/* `control` is the end of the control of the same cell. */
void hy_outcome_find(const hy_victim_end *end, const hy_victim_end *control, hy_finding *ret_finding);
/* Whether a control is as it must be; else why not, in a few words. */
bool hy_outcome_control(const hy_victim_end *control, char *ret_why, size_t size);

const char *hy_outcome_name(hy_outcome outcome); /* "detected", "silent", … as columns are called */
const char *hy_outcome_words(hy_outcome outcome);
char hy_outcome_letter(hy_outcome outcome);
const char *hy_moment_name(unsigned moment);
/* 'o' at the operation, 'f' at the free, 'l' later, 'x' at exit, ' ' never. */
char hy_moment_letter(unsigned moment);

#endif
