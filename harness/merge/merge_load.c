/* SPDX-License-Identifier: MIT
 *
 * merge_load.c - from a campaign to curves: specs that differ in nothing but `merge=` are points of one curve.
 *
 * A spec without a merge rule has the default one, immediate.  What has one rule only (null, system) is no curve.
 */
#include "merge.h"

#include "lists.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------------- specs ---- */

static bool load_append(char *text, size_t room, hy_text more) {
    const size_t used = strlen(text);
    if (used + more.size >= room)
        return false;
    memcpy(text + used, more.at, more.size);
    text[used + more.size] = '\0';
    return true;
}

bool hy_merge_split(const char *spec, char ret_fit[HY_SPEC_SIZE], char ret_rule[48]) {
    static const char key[] = "merge=";
    const size_t skip = sizeof key - 1;
    hy_spec parsed;
    if (hy_spec_parse((hy_text){spec, strlen(spec)}, &parsed, NULL) < 0 || parsed.count == 0)
        return false;
    const hy_spec_part *const part = &parsed.part[parsed.count - 1];
    const size_t head = (size_t)(part->name.at + part->name.size - spec);
    hy_text params = part->params;
    ret_fit[0] = '\0';
    strcpy(ret_rule, "immediate");
    bool fits = load_append(ret_fit, HY_SPEC_SIZE, (hy_text){spec, head}), any = false;
    while (fits && params.size > 0) {
        const hy_text one = hy_params_item(&params);
        if (one.size > skip && memcmp(one.at, key, skip) == 0) {
            ret_rule[0] = '\0';
            fits = load_append(ret_rule, 48, (hy_text){one.at + skip, one.size - skip});
            continue;
        }
        fits = load_append(ret_fit, HY_SPEC_SIZE, (hy_text){any ? "," : ":", 1}) &&
               load_append(ret_fit, HY_SPEC_SIZE, one);
        any = true;
    }
    return fits;
}

/* "64" of every:64, "64K" of bytes:64K, "0.5" of ratio:0.5. */
static double load_number(const char *rule) {
    const char *const colon = strchr(rule, ':');
    uint64_t bytes;
    if (!colon)
        return NAN;
    char *end;
    const double plain = strtod(colon + 1, &end);
    if (*end == '\0' && end > colon + 1)
        return plain;
    return hy_parse_size(colon + 1, &bytes) == 0 ? (double)bytes : NAN;
}

static bool load_is(const hy_merge_point *point, const char *word) {
    const size_t size = strlen(word);
    return strncmp(point->rule, word, size) == 0 && (point->rule[size] == '\0' || point->rule[size] == ':');
}

/* ------------------------------------------------------------------------------------------------------ curves ---- */

static hy_merge_curve *load_curve(hy_merge_study *study, const hy_study *trace, const char *fit) {
    for (size_t i = 0; i < study->count; i++)
        if (study->curves[i].study == trace && strcmp(study->curves[i].fit, fit) == 0)
            return &study->curves[i];
    study->curves = hy_list_must(study->curves, study->count, sizeof *study->curves);
    hy_merge_curve *const curve = &study->curves[study->count++];
    *curve = (hy_merge_curve){.study = trace, .fit = strdup(fit)};
    if (!curve->fit)
        abort();
    return curve;
}

static void load_point(hy_merge_study *study, const hy_study *trace, const hy_entry *entry) {
    char fit[HY_SPEC_SIZE], rule[48];
    if (entry->role == HY_ROLE_LIMIT || !hy_merge_split(entry->spec, fit, rule))
        return;
    hy_merge_curve *const curve = load_curve(study, trace, fit);
    curve->points = hy_list_must(curve->points, curve->count, sizeof *curve->points);
    hy_merge_point *const point = &curve->points[curve->count++];
    *point = (hy_merge_point){.entry = entry, .number = load_number(rule), .place = NAN};
    memcpy(point->rule, rule, sizeof point->rule);
    point->on_axis =
        load_is(point, "immediate") || load_is(point, "every") || load_is(point, "onfail") || load_is(point, "never");
}

static int load_compare_points(const void *left, const void *right) {
    const hy_merge_point *const a = left, *const b = right;
    if (a->on_axis != b->on_axis)
        return b->on_axis - a->on_axis;
    if (a->on_axis)
        return (a->place > b->place) - (a->place < b->place);
    const size_t size = strcspn(a->rule, ":");
    const int words = strncmp(a->rule, b->rule, size + 1);
    return words != 0 ? words : (a->number > b->number) - (a->number < b->number);
}

static int load_compare_curves(const void *left, const void *right) {
    const hy_merge_curve *const a = left, *const b = right;
    return a->study != b->study ? (a->study > b->study) - (a->study < b->study) : strcmp(a->fit, b->fit);
}

/* A curve needs something to compare. */
static void load_drop_single(hy_merge_study *study) {
    size_t kept = 0;
    for (size_t i = 0; i < study->count; i++) {
        if (study->curves[i].count > 1) {
            study->curves[kept++] = study->curves[i];
            continue;
        }
        free(study->curves[i].points);
        free(study->curves[i].fit);
    }
    study->count = kept;
}

/* ------------------------------------------------------------------------------------------------------- places ----
 */

/* The least and the greatest N that any curve has; 1 and 1 without any. */
static void load_range(hy_merge_study *study) {
    study->first = INFINITY;
    study->last = -INFINITY;
    for (size_t i = 0; i < study->count; i++)
        for (size_t k = 0; k < study->curves[i].count; k++) {
            const hy_merge_point *const p = &study->curves[i].points[k];
            if (!load_is(p, "every") || !(p->number >= 1))
                continue;
            study->first = fmin(study->first, log2(p->number));
            study->last = fmax(study->last, log2(p->number));
        }
    if (study->first > study->last)
        study->first = study->last = 0;
}

static void load_place(const hy_merge_study *study, hy_merge_point *point) {
    if (load_is(point, "immediate"))
        point->place = study->first - HY_MERGE_STEP;
    else if (load_is(point, "every") && point->number >= 1)
        point->place = log2(point->number);
    else if (load_is(point, "onfail"))
        point->place = study->last + HY_MERGE_STEP;
    else if (load_is(point, "never"))
        point->place = study->last + 2 * HY_MERGE_STEP;
    point->on_axis = isfinite(point->place);
}

static const hy_merge_point *load_find(const hy_merge_curve *curve, const char *rule) {
    for (size_t i = 0; i < curve->count; i++)
        if (strcmp(curve->points[i].rule, rule) == 0)
            return &curve->points[i];
    return NULL;
}

static void load_arrange(hy_merge_study *study, hy_merge_curve *curve) {
    for (size_t i = 0; i < curve->count; i++) {
        load_place(study, &curve->points[i]);
        curve->axis += curve->points[i].on_axis;
    }
    qsort(curve->points, curve->count, sizeof *curve->points, load_compare_points);
    curve->immediate = load_find(curve, "immediate");
    curve->onfail = load_find(curve, "onfail");
    curve->never = load_find(curve, "never");
    size_t style = 0;
    while (style < study->fit_count && strcmp(study->fits[style], curve->fit) != 0)
        style++;
    if (style == study->fit_count) {
        study->fits = hy_list_must(study->fits, study->fit_count, sizeof *study->fits);
        study->fits[study->fit_count++] = curve->fit;
    }
    curve->style = (unsigned)(style % 9 + 1);
}

/* -------------------------------------------------------------------------------------------------------- whole ----
 */

static int load_curves(hy_merge_study *study, const char *database, hy_error *error) {
    for (size_t s = 0; s < study->report.count; s++)
        for (size_t i = 0; i < study->report.studies[s].count; i++)
            load_point(study, &study->report.studies[s], &study->report.studies[s].entries[i]);
    load_drop_single(study);
    if (study->count == 0)
        return hy_fail(error, -ENODATA,
                       "%s: no allocator was measured with more than one merge rule (`heapyard sweep merge` does)",
                       database);
    qsort(study->curves, study->count, sizeof *study->curves, load_compare_curves);
    load_range(study);
    for (size_t i = 0; i < study->count; i++) {
        load_arrange(study, &study->curves[i]);
        hy_merge_judge(&study->curves[i]);
    }
    return 0;
}

int hy_merge_load(const char *database, const char *campaign, hy_merge_study *ret_study, hy_error *error) {
    const char *const databases[] = {database};
    const hy_report_options options = {.databases = databases, .count = 1, .campaign = campaign};
    hy_merge_study study = {.curves = NULL};
    int r = hy_report_load(&options, &study.report, error);
    if (r < 0)
        return r;
    r = load_curves(&study, database, error);
    if (r < 0)
        hy_merge_free(&study);
    else
        *ret_study = study;
    return r;
}

void hy_merge_free(hy_merge_study *study) {
    for (size_t i = 0; i < study->count; i++) {
        free(study->curves[i].points);
        free(study->curves[i].fit);
    }
    free(study->curves);
    free(study->fits);
    hy_report_free(&study->report);
    *study = (hy_merge_study){.curves = NULL};
}
