/* SPDX-License-Identifier: MIT
 *
 * programs_summary.h - each allocator over all programs of a suite together.
 *
 *   ratio     the geometric mean over the programs of the median over the rounds of ours / theirs, of the same round
 *   interval  90 %, by BCa bootstrap of each program's rounds.  It says how sure these programs' mean is, measured
 *             again; not what other programs would say.
 *   slower    programs where the lower end of such an interval of CPU time, of that program alone, is above 1.05
 *   larger    programs where the ratio of peak memory is above 1.10
 *
 * A program counts for an allocator if both sides served it without a fault and in some of the same rounds; so those of
 * which something failed stand beside with their own count.  With fewer than 5 rounds there are no intervals, and
 * nothing is called slower.
 */
#ifndef HY_PROGRAMS_SUMMARY_H
#define HY_PROGRAMS_SUMMARY_H

#include "programs.h"

#define HY_SUMMARY_LEVEL 0.90
#define HY_SUMMARY_SLOWER 1.05
#define HY_SUMMARY_LARGER 1.10

typedef struct hy_summary_mean {
    double ratio, low, high; /* NAN: n/a */
} hy_summary_mean;

typedef struct hy_summary_row {
    const char *spec; /* borrowed of the programs */
    bool control;     /* the baseline against itself */
    size_t programs, wrong;
    hy_summary_mean mean[HY_PROGRAM_JUDGED];
    size_t slower, larger;
    hy_program_words slower_names, larger_names; /* "redis, jq" */
} hy_summary_row;

typedef struct hy_programs_summary {
    const char *against; /* borrowed */
    hy_summary_row *row; /* the control first, then by CPU time */
    size_t count;
    size_t programs; /* that were measured */
} hy_programs_summary;

/* against: a spec that programs were measured on, or NULL: their baseline.  0, also where there is nothing to sum up,
 * as the programs have different baselines (count is 0 then); -ENOENT: none was measured on that; -ENOMEM. */
int hy_programs_summarise(const hy_programs *programs, const char *against, hy_programs_summary *ret_summary,
                          hy_error *error);
void hy_programs_summary_free(hy_programs_summary *summary);

/* "Over 5 programs segregated took 0.970 of system's CPU time (90 % interval 0.950 to 0.990), …": to be quoted. */
hy_program_words hy_summary_sentence(const hy_programs_summary *summary, const hy_summary_row *row);
/* Who was best of all, at what. */
hy_program_words hy_summary_conclusion(const hy_programs_summary *summary);

#endif
