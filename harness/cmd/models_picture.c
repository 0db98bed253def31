/* SPDX-License-Identifier: MIT
 *
 * models_picture.c - the picture of `heapyard partition models`: the same job on machines of many sizes.
 */
#include "models_answer.h"

#include "picture.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MACHINES 13u /* from where all programs fit in if they are alone, to twice what they need at once */
#define PANELS 4u
#define NAMES_ACROSS 92u /* characters of names in a row */

typedef struct panel {
    const char *title, *remark;
} panel;

typedef struct curves {
    const hy_models *models;
    double machine[MACHINES];                       /* MiB */
    double value[PANELS][HY_MODELS_MOST][MACHINES]; /* NAN: no such thing */
} curves;

static const double MIB = 1024.0 * 1024.0;

static void take(curves *self, size_t m, unsigned i, const hy_crowd_result *r) {
    const hy_model *const model = &self->models->model[m];
    const bool paged = model->kind == HY_MODEL_PAGED;
    const double all = self->machine[i] * MIB;
    self->value[0][m][i] = r->admitted > 0 ? r->wait_sum / (double)r->admitted / 1e9 : NAN;
    self->value[1][m][i] = 100 * r->internal / all;
    self->value[2][m][i] = paged ? NAN : 100 * r->external / all;
    self->value[3][m][i] = paged         ? (double)(r->counts.faults_again * model->unit) / MIB
                           : model->tidy ? (double)r->counts.moved / MIB
                                         : NAN;
}

/* The smallest machine, and how many times as large the largest is. */
static double range_of(const hy_models *models, double *ret_times) {
    const hy_arrivals *const a = models->arrivals;
    double largest = MIB;
    for (size_t i = 0; i < a->count; i++)
        if (hy_crowd_counts(&a->programs[i], &models->options))
            largest = fmax(largest, fmax((double)a->programs[i].resident, (double)a->programs[i].guess));
    const double first = ceil(largest / MIB) * MIB, last = 2 * (double)hy_arrivals_peak(a);
    *ret_times = fmax(2, last / first);
    return first;
}

static int measure(curves *self, hy_error *error) {
    double times = 1;
    const double first = range_of(self->models, &times);
    for (unsigned i = 0; i < MACHINES; i++) {
        hy_crowd_options options = self->models->options;
        options.machine = (uint64_t)(first * pow(times, i / (MACHINES - 1.0)));
        self->machine[i] = (double)options.machine / MIB;
        for (size_t m = 0; m < self->models->count; m++) {
            hy_crowd_result result;
            const int r = hy_crowd_replay(self->models->arrivals, &self->models->model[m], &options, &result, error);
            if (r < 0)
                return r;
            take(self, m, i, &result);
        }
    }
    return 0;
}

/* Flat memory is so far above the others that it would hide what they do. */
static bool is_beyond(const curves *self, size_t m, unsigned p) {
    return p < 2 && self->models->count > 1 && self->models->model[m].kind == HY_MODEL_FLAT;
}

static double highest(const curves *self, unsigned p) {
    double high = 0;
    for (size_t m = 0; m < self->models->count; m++)
        for (unsigned i = 0; i < MACHINES && !is_beyond(self, m, p); i++)
            high = fmax(high, self->value[p][m][i]); /* passes NAN over */
    return high > 0 ? 1.06 * high : 1;
}

/* "…; flat is above: 7.6 to 10.3" */
static void remark_of(const curves *self, unsigned p, const char *remark, char *ret, size_t size) {
    snprintf(ret, size, "%s", remark);
    for (size_t m = 0; m < self->models->count; m++) {
        double low = INFINITY, high = 0;
        for (unsigned i = 0; i < MACHINES; i++) {
            low = fmin(low, self->value[p][m][i]);
            high = fmax(high, self->value[p][m][i]);
        }
        if (is_beyond(self, m, p) && high > highest(self, p))
            snprintf(ret, size, "%s; flat is above: %.3g to %.3g", remark, low, high);
    }
}

static void write_heading(const curves *self, FILE *out) {
    unsigned row = 0, place = 0;
    fputs("# title\n", out);
    hy_dat_most(out, "One job on flat, fixed, dynamic and paged memory", 90);
    putc('\n', out);
    hy_dat_most(out, self->models->trace, 90);
    fputs("\n\n\n# legend\n", out);
    for (size_t m = 0; m < self->models->count; m++) {
        const unsigned width = (unsigned)strlen(self->models->model[m].name) + 4;
        if (place > 0 && place + width > NAMES_ACROSS) {
            row++;
            place = 0;
        }
        fprintf(out, "%zu %u %u ", m % 9 + 1, row, place);
        hy_dat(out, self->models->model[m].name);
        putc('\n', out);
        place += width;
    }
}

/* An empty line ends it, if there is anything: two in a row would end the block. */
static void write_line(const curves *self, unsigned p, size_t m, FILE *out) {
    bool any = false;
    for (unsigned i = 0; i < MACHINES; i++)
        if (!isnan(self->value[p][m][i])) {
            fprintf(out, "%u %zu %.6g %.6g\n", p + 1, m % 9 + 1, self->machine[i], self->value[p][m][i]);
            any = true;
        }
    fputs(any ? "\n" : "", out);
}

static void write_curves(const curves *self, FILE *out) {
    static const panel panels[PANELS] = {
        {"mean wait, s", "over all programs"},
        {"lost within programs, % of the machine", "held, and not needed"},
        {"idle, % of the machine", "free, while somebody waits"},
        {"moved, or fetched again, MiB", "tidying up; swap"},
    };
    write_heading(self, out);
    fputs("\n\n# panels\n", out);
    for (unsigned p = 0; p < PANELS; p++) {
        char remark[160];
        remark_of(self, p, panels[p].remark, remark, sizeof remark);
        fprintf(out, "%u %.6g %.6g 0 %.6g 0 0 \"%s\" \"%s\"\n", p + 1, self->machine[0], self->machine[MACHINES - 1],
                highest(self, p), panels[p].title, remark);
    }
    fputs("\n\n# line\n", out);
    for (unsigned p = 0; p < PANELS; p++)
        for (size_t m = 0; m < self->models->count; m++)
            write_line(self, p, m, out);
}

int hy_models_draw(const hy_models *models, FILE *out, hy_figure *figure, hy_error *error) {
    curves *const self = calloc(1, sizeof *self);
    if (!self)
        return hy_fail(error, -ENOMEM, "no memory for a picture");
    self->models = models;
    const int r = measure(self, error);
    if (r == 0)
        write_curves(self, out);
    figure->plot = "partition_models";
    figure->rows = models->count * MACHINES;
    snprintf(figure->options, sizeof figure->options, "panels=%u", PANELS);
    free(self);
    return r;
}

int hy_models_picture(const hy_models *models, const char *path, hy_error *error) {
    hy_picture picture;
    int r = hy_picture_open(path, NULL, &picture, error);
    if (r < 0)
        return r;
    r = hy_models_draw(models, picture.data, &picture.figure, error);
    if (r == 0)
        return hy_picture_draw(&picture, error);
    hy_picture_drop(&picture);
    return r;
}
