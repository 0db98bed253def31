/* SPDX-License-Identifier: MIT
 *
 * conform.h - does an allocator keep the contract?  Named cases, each in a child process of its own.
 *
 * Every case that the allocator's capabilities allow is run; the others are reported as skipped, with the reason.  A
 * case that crashes or hangs is a failed case, with the signal named.  What somebody else's malloc is known to do
 * differently stands in deviations.c: a listed deviation is reported as such, one that vanished is a failure.
 */
#ifndef HY_CONFORM_H
#define HY_CONFORM_H

#include "heap.h"

typedef enum hy_verdict {
    HY_VERDICT_OK,
    HY_VERDICT_FAILED,
    HY_VERDICT_SKIPPED,
    HY_VERDICT_DEVIATES /* failed as the table of known deviations says */
} hy_verdict;

typedef struct hy_case_result {
    const char *name;    /* of the case */
    const char *summary; /* what it proves */
    hy_verdict verdict;
    const char *reason; /* one sentence, NULL if ok; dead after the report */
} hy_case_result;

typedef void hy_conform_report(void *context, const hy_case_result *result);

/* All zero is fine. */
typedef struct hy_conform_options {
    uint64_t seed;
    const char *only; /* the cases to run, separated by commas; NULL: all */
    unsigned seconds; /* a case that takes longer has failed; 0: 120 */
} hy_conform_options;

/* Runs the cases and reports each.  The number of failed ones, or -errno with the sentence: nothing could be run. */
int hy_conform(const hy_catalog *catalog, const char *spec, const hy_conform_options *options,
               hy_conform_report *report, void *context, hy_error *error);

/* Case i of all, or false at the end: for --list. */
bool hy_conform_case(size_t i, const char **ret_name, const char **ret_summary);

#endif
