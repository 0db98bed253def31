/* SPDX-License-Identifier: MIT
 *
 * models_answer.c - the table and the sentences of `heapyard partition models` (see models_answer.h).
 */
#include "models_answer.h"

#include "units.h"

#include <inttypes.h>
#include <math.h>

int hy_models_run(hy_models *models, hy_error *error) {
    for (size_t i = 0; i < models->count; i++) {
        const int r = hy_crowd_replay(models->arrivals, &models->model[i], &models->options, &models->result[i], error);
        if (r < 0)
            return r;
    }
    return 0;
}

static double share(uint64_t part, uint64_t whole) {
    return whole > 0 ? (double)part / (double)whole : NAN;
}

/* What a model does not do is not 0. */
static double count_if(bool does, uint64_t count) {
    return does ? (double)count : NAN;
}

void hy_models_sheet(const hy_models *models, hy_sheet *sheet) {
    static const hy_sheet_column columns[] = {
        {"model", "model", HY_SHEET_WORD},           {"admitted", "admitted", HY_SHEET_COUNT},
        {"refused", "refused", HY_SHEET_COUNT},      {"cramped", "cramped", HY_SHEET_COUNT},
        {"waited", "waited", HY_SHEET_COUNT},        {"mean_wait", "mean wait", HY_SHEET_TIME},
        {"longest_wait", "longest", HY_SHEET_TIME},  {"used", "in use", HY_SHEET_BYTES},
        {"internal", "lost within", HY_SHEET_BYTES}, {"external", "idle", HY_SHEET_BYTES},
        {"stuck", "stuck", HY_SHEET_COUNT},          {"index", "broken up", HY_SHEET_SHARE},
        {"moved", "moved", HY_SHEET_BYTES},          {"faults", "faults", HY_SHEET_COUNT},
        {"faults_again", "again", HY_SHEET_COUNT},   {"end", "ends after", HY_SHEET_TIME},
    };
    *sheet = (hy_sheet){.name = "models", HY_SHEET_COLUMNS(columns)};
    for (size_t i = 0; i < models->count; i++) {
        const hy_crowd_result *const r = &models->result[i];
        const hy_model *const model = &models->model[i];
        const bool paged = model->kind == HY_MODEL_PAGED;
        hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(model->name), HY_FIGURE(r->admitted), HY_FIGURE(r->refused),
                                         HY_FIGURE(r->cramped), HY_FIGURE(r->waited),
                                         HY_FIGURE(r->admitted > 0 ? r->wait_sum / (double)r->admitted : NAN),
                                         HY_FIGURE(r->wait_longest), HY_FIGURE(r->used), HY_FIGURE(r->internal),
                                         HY_FIGURE(r->external), HY_FIGURE(count_if(!paged, r->stuck)),
                                         HY_FIGURE(r->index), HY_FIGURE(count_if(model->tidy, r->counts.moved)),
                                         HY_FIGURE(count_if(paged, r->counts.faults)),
                                         HY_FIGURE(count_if(paged, r->counts.faults_again)), HY_FIGURE(r->end)));
    }
}

void hy_models_about(const hy_models *models, char *ret, size_t size) {
    const hy_arrivals *const a = models->arrivals;
    uint64_t programs = 0, largest = 0, unknown = 0;
    for (size_t i = 0; i < a->count; i++) {
        const hy_program *const p = &a->programs[i];
        programs += hy_crowd_counts(p, &models->options);
        largest = p->resident > largest ? p->resident : largest;
        unknown += p->kind != HY_PROGRAM_VFORK && p->resident == 0;
    }
    const int n = snprintf(ret, size, "%s: %s programs in %s, the largest %s, %s of them at once at most; machine %s",
                           models->trace, hy_show_count(programs).text, hy_show_time((double)a->last).text,
                           hy_show_bytes(largest).text, hy_show_bytes(hy_arrivals_peak(a)).text,
                           hy_show_bytes(models->options.machine).text);
    if (unknown > 0 && n > 0 && (size_t)n < size)
        snprintf(ret + n, size - (size_t)n, "; %s more of unknown size are left out", hy_show_count(unknown).text);
}

static bool is_better(const hy_crowd_result *a, const hy_crowd_result *b) {
    return a->refused != b->refused ? a->refused < b->refused : a->wait_sum < b->wait_sum;
}

/* Of a kind, the one that refuses least, and then the one whose programs wait least; NULL: none is there. */
static const hy_crowd_result *best_of(const hy_models *models, hy_model_kind kind, const char **ret_name) {
    const hy_crowd_result *best = NULL;
    for (size_t i = 0; i < models->count; i++) {
        const hy_crowd_result *const r = &models->result[i];
        if (models->model[i].kind != kind || (best && !is_better(r, best)))
            continue;
        best = r;
        *ret_name = models->model[i].name;
    }
    return best;
}

static void add(char *ret, size_t size, const char *format, const char *name, const char *one, const char *two) {
    size_t used = 0;
    while (used < size && ret[used])
        used++;
    if (used < size)
        snprintf(ret + used, size - used, format, used ? "; " : "", name, one, two);
}

void hy_models_sentence(const hy_models *models, char *ret, size_t size) {
    const char *name = "";
    ret[0] = '\0';
    for (hy_model_kind kind = HY_MODEL_FLAT; kind < HY_MODEL_PAGED; kind++) {
        const hy_crowd_result *const r = best_of(models, kind, &name);
        if (r && r->refused > 0)
            add(ret, size, "%s%s refuses %s programs of %s", name, hy_show_count(r->refused).text,
                hy_show_count(r->programs).text);
        else if (r)
            add(ret, size, "%s%s makes %s programs wait (%s on average over all)", name, hy_show_count(r->waited).text,
                hy_show_time(r->admitted ? r->wait_sum / (double)r->admitted : 0).text);
    }
    const hy_crowd_result *const paged = best_of(models, HY_MODEL_PAGED, &name);
    char percent[32] = "";
    if (paged) {
        snprintf(percent, sizeof percent, "%.1f %%",
                 100 * fmax(0, share(paged->counts.faults_again, paged->counts.faults)));
        add(ret, size, "%s%s lets nobody wait and brings %s pages in again (%s of its faults)", name,
            hy_show_count(paged->counts.faults_again).text, percent);
    }
}
