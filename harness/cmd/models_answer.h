/* SPDX-License-Identifier: MIT
 *
 * models_answer.h - what `heapyard partition models` finds out, and how it is shown.
 */
#ifndef HY_MODELS_ANSWER_H
#define HY_MODELS_ANSWER_H

#include "crowd_replay.h"
#include "machine_page.h"

#include <stdio.h>

#define HY_MODELS_MOST 32u

typedef struct hy_models {
    const hy_arrivals *arrivals;
    const char *trace; /* its file */
    hy_crowd_options options;
    hy_model model[HY_MODELS_MOST];
    size_t count;
    hy_crowd_result result[HY_MODELS_MOST]; /* on the machine that options say */
} hy_models;

/* Replays the trace on each.  0 or -errno with the sentence. */
int hy_models_run(hy_models *models, hy_error *error);

/* A row for each model. */
void hy_models_sheet(const hy_models *models, hy_sheet *sheet);
/* What the trace holds, and what came of it, in words. */
void hy_models_about(const hy_models *models, char *ret, size_t size);
void hy_models_sentence(const hy_models *models, char *ret, size_t size);

/* The data of plots/partition_models.gp: the same replays on machines of many sizes. */
int hy_models_draw(const hy_models *models, FILE *out, hy_figure *figure, hy_error *error);
/* The same as a picture in a file; and the part of a page that has it all, but the picture of `drawn`. */
int hy_models_picture(const hy_models *models, const char *picture, hy_error *error);
void hy_models_section(const hy_models *models, const hy_models *drawn, hy_machine_page *page);

#endif
