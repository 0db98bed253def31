/* SPDX-License-Identifier: MIT
 *
 * predicted.h - what the replay of a program's trace promises, against what the program then did.
 *
 * Replay measures malloc and free alone; a program spends a small part of its time in them.  So the replay's ratio of
 * two allocators is not what the program's CPU times will have.  What follows from a replay is the difference in time,
 *
 *     saved = operations × (the baseline's ns an operation - this one's)
 *
 * and so the program's ratio
 *
 *     expected = (the baseline's CPU time - saved) / the baseline's CPU time
 *
 * with the baseline's CPU time as measured.  What replay cannot see: where blocks lie when the program uses them, what
 * its own work leaves in the caches, how long it takes to load and start an allocator.
 */
#ifndef HY_PREDICTED_H
#define HY_PREDICTED_H

#include "programs.h"
#include "report.h"

/* One allocator under one program; ratios are to the program's baseline. */
typedef struct hy_predicted {
    const hy_real_program *program;
    const hy_program_entry *entry;
    double replay;             /* of the time that replay takes */
    double expected, real;     /* of CPU time */
    double saved, saved_truly; /* ns, of medians */
    double part;               /* of the baseline's CPU time that its replay takes: what is at stake at most */
} hy_predicted;

typedef struct hy_predictions {
    hy_predicted *point;
    size_t count;
} hy_predictions;

/* Of all programs whose trace is in the report, for the allocators that both have.  To be freed. */
hy_predictions hy_predict(const hy_report *report, const hy_programs *programs);
void hy_predictions_free(hy_predictions *predictions);
/* NULL: nothing was predicted. */
const hy_predicted *hy_prediction_of(const hy_predictions *predictions, const hy_program_entry *entry);

typedef struct hy_agreement {
    size_t count;
    double pearson, pearson_low, pearson_high; /* of the logarithms of the ratios; NAN: cannot be told */
    double spearman, spearman_low, spearman_high;
} hy_agreement;

/* Of the expected ratios of CPU time with the real ones, or, with `alone`, of replay's own ratios with them; of one
 * program, or of all (NULL). */
hy_agreement hy_agree(const hy_predictions *predictions, const hy_real_program *program, bool alone);

/* "Over 24 pairs of a program and an allocator, …": the sentences that say how well replay predicted. */
hy_program_words hy_agreement_words(const hy_predictions *predictions);

/* How a program's prediction turned out, in one sentence; empty without one. */
hy_program_words hy_prediction_words(const hy_predictions *predictions, const hy_real_program *program);

/* figure_programs.c: writes programs.dat into `folder` and fills in the figure. */
int hy_write_programs_figure(const hy_report *report, const hy_predictions *predictions, const char *folder,
                             hy_figure *ret_figure, hy_error *error);

#endif
