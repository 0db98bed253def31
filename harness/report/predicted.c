/* SPDX-License-Identifier: MIT
 *
 * predicted.c - see predicted.h.
 */
#include "predicted.h"

#include "correlation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const hy_study *predicted_study(const hy_report *report, const hy_real_program *program) {
    for (size_t i = 0; program->trace[0] && i < report->count; i++)
        if (strcmp(report->studies[i].hash, program->trace) == 0)
            return &report->studies[i];
    return NULL;
}

static bool predict_one(const hy_study *study, const hy_real_program *program, const hy_program_entry *entry,
                        hy_predicted *ret_point) {
    const hy_program_entry *const baseline = hy_program_baseline(program);
    const hy_entry *const theirs = hy_overview_entry(study, baseline->spec);
    const hy_entry *const ours = hy_overview_entry(study, entry->spec);
    if (!ours || !theirs || entry == baseline || entry->control || entry->wrong)
        return false;
    const double operations = hy_entry_metric(theirs, "ops"), cpu = baseline->middle[HY_PROGRAM_CPU];
    const double saved = operations * (theirs->time.middle - ours->time.middle);
    *ret_point = (hy_predicted){.program = program,
                                .entry = entry,
                                .replay = ours->time.middle / theirs->time.middle,
                                .expected = (cpu - saved) / cpu,
                                .real = entry->judgement[HY_PROGRAM_CPU].ratio,
                                .saved = saved,
                                .saved_truly = cpu - entry->middle[HY_PROGRAM_CPU],
                                .part = operations * theirs->time.middle / cpu};
    return ret_point->replay > 0 && ret_point->expected > 0 && ret_point->real > 0;
}

hy_predictions hy_predict(const hy_report *report, const hy_programs *programs) {
    hy_predictions all = {NULL, 0};
    for (size_t i = 0; i < programs->count; i++) {
        const hy_real_program *const program = &programs->program[i];
        const hy_study *const study = predicted_study(report, program);
        hy_predicted *const grown = realloc(all.point, (all.count + program->count + 1) * sizeof *grown);
        if (!grown)
            abort();
        all.point = grown;
        for (size_t k = 0; study && k < program->count; k++)
            all.count += predict_one(study, program, &program->entry[k], &all.point[all.count]);
    }
    return all;
}

void hy_predictions_free(hy_predictions *predictions) {
    free(predictions->point);
    *predictions = (hy_predictions){NULL, 0};
}

const hy_predicted *hy_prediction_of(const hy_predictions *predictions, const hy_program_entry *entry) {
    for (size_t i = 0; i < predictions->count; i++)
        if (predictions->point[i].entry == entry)
            return &predictions->point[i];
    return NULL;
}

hy_agreement hy_agree(const hy_predictions *predictions, const hy_real_program *program, bool alone) {
    hy_agreement a = {.count = 0};
    double *const x = malloc((2 * predictions->count + 1) * sizeof *x), *const y = x + predictions->count;
    if (!x)
        abort();
    for (size_t i = 0; i < predictions->count; i++) {
        const hy_predicted *const p = &predictions->point[i];
        if (program && p->program != program)
            continue;
        x[a.count] = log(alone ? p->replay : p->expected);
        y[a.count++] = log(p->real);
    }
    a.pearson = hy_pearson(x, y, a.count);
    a.spearman = hy_spearman(x, y, a.count);
    hy_pearson_interval(a.pearson, a.count, 0.95, &a.pearson_low, &a.pearson_high);
    hy_spearman_interval(a.spearman, a.count, 0.95, &a.spearman_low, &a.spearman_high);
    free(x);
    return a;
}
