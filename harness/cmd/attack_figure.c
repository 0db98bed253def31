/* SPDX-License-Identifier: MIT
 *
 * attack_figure.c - the data of the pictures on the page of `heapyard attack`.
 */
#include "attack.h"

#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int attack_draw_pareto(const hy_attack_plan *plan, const hy_attack_result *result, const char *folder,
                       hy_figure *ret_figure, hy_error *error) {
    hy_scatter_point *const points = calloc(plan->target_count, sizeof *points);
    char subtitle[128];
    if (!points)
        abort();
    *ret_figure = (hy_figure){.plot = "attack", .title = "Security and cost", .base = "pareto"};
    for (size_t t = 0; t < plan->target_count; t++)
        points[t] = (hy_scatter_point){plan->target[t].name, result->price[t].working_ns,
                                       (double)attack_count(plan, result, t, -1, HY_SILENT), (unsigned)(t % 10) + 1};
    snprintf(subtitle, sizeof subtitle, "of %zu fault%s, %u run%s each", plan->fault_count,
             plan->fault_count == 1 ? "" : "s", plan->repetitions, plan->repetitions == 1 ? "" : "s");
    const int r = hy_write_scatter(points, plan->target_count, ret_figure->title, subtitle, folder, ret_figure, error);
    free(points);
    return r;
}

static void put_row(FILE *out, size_t row, const char *name, double small, double large) {
    fprintf(out, "%zu %g %g ", row, small, large);
    hy_dat(out, name);
    putc('\n', out);
}

static double distance(uint64_t pairs) {
    return pairs == 0 ? (double)NAN : fmin((double)pairs, 10000);
}

static void write_foretell(FILE *out, const hy_attack_plan *plan, const hy_attack_result *result) {
    fprintf(out, "# title\n\"What can be foretold\"\n\"of addresses, over %u starts\"\n\n\n# bits\n", plan->starts);
    for (size_t t = 0; t < plan->target_count; t++) {
        const hy_predictability *const p = &result->predictable[t];
        put_row(out, t + 1, plan->target[t].name, p->measured ? p->small_bits : (double)NAN,
                p->measured ? p->large_bits : (double)NAN);
    }
    fputs("\n\n# reuse\n", out);
    for (size_t t = 0; t < plan->target_count; t++)
        put_row(out, t + 1, plan->target[t].name, distance(result->predictable[t].small_reuse),
                distance(result->predictable[t].large_reuse));
}

int attack_draw_foretell(const hy_attack_plan *plan, const hy_attack_result *result, const char *folder,
                         hy_figure *ret_figure, hy_error *error) {
    char path[4096];
    *ret_figure = (hy_figure){.plot = "foretell", .title = "What can be foretold", .base = "foretell"};
    snprintf(path, sizeof path, "%s/%s.dat", folder, ret_figure->base);
    FILE *const out = fopen(path, "we");
    if (!out)
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    write_foretell(out, plan, result);
    ret_figure->rows = plan->starts ? plan->target_count : 0;
    snprintf(ret_figure->options, sizeof ret_figure->options, "rows=%zu", plan->target_count);
    return fclose(out) == 0 ? 0 : hy_fail(error, -errno, "%s: cannot be written: %s", path, strerror(errno));
}
