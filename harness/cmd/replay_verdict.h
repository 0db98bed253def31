/* SPDX-License-Identifier: MIT
 *
 * replay_verdict.h - a row's verdict, and what must be said beside it.
 */
#ifndef HY_REPLAY_VERDICT_H
#define HY_REPLAY_VERDICT_H

#include "replay_rows.h"

#include <jansson.h>

/* The row's time against the baseline's, NULL without any (no trial, or the row is the baseline). */
const hy_series *replay_verdict_of(const hy_rows *rows, const hy_row_of_spec *row);

/* "faster", …; "baseline", "limit" for those that get none, "n/a" where nothing was measured. */
const char *replay_verdict_word(const hy_rows *rows, const hy_row_of_spec *row);

/* What the words mean, the A/A control, the warm-up, and why there are so many rounds: lines that begin with `start`.
 */
void replay_verdict_legend(const hy_rows *rows, const char *start);

/* More columns of CSV, each with a comma before it, and more members of JSON. */
void replay_verdict_csv_names(void);
void replay_verdict_csv(const hy_rows *rows, const hy_row_of_spec *row);
void replay_verdict_json(const hy_rows *rows, const hy_row_of_spec *row, json_t *json);

#endif
