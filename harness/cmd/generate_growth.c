/* SPDX-License-Identifier: MIT
 *
 * generate_growth.c - the growth of footprint / live under the adversaries, beside the bounds.
 *
 *  1. For n = 2, 4, 8 ... each adversary plays against each allocator with blocks of 1 to n units of 64 bytes.  Nothing
 *     is written; the heap is opened anew each time, in this process.
 *  2. The figure is the most bytes that the heap had committed, by the most that may live (headers included).
 *  3. best-fit-worst takes time with the square of what lives, so it gets less: 512 units or 16 n; the others 16384.
 *  4. Mallocs of others do not say what they commit: n/a.
 */
#include "generate_growth.h"

#include "generator.h"
#include "picture.h"
#include "text_table.h"
#include "worst_bounds.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT ((uint64_t)64)
#define POINTS 10 /* n = 2 ... 1024 */

typedef double bound(double live, uint64_t n);

/* An adversary, the bound to hold against it, and how far to go. */
typedef struct foe_plan {
    const char *name, *bound_name;
    bound *bound;
    uint64_t from, to; /* n */
    uint64_t units;    /* alive, at least */
    uint64_t per_n;    /* and so many times n */
} foe_plan;

static const foe_plan plans[] = {
    {"robson", "any at least", hy_bound_any, 2, 1024, 16384, 16},
    {"first-fit-worst", "first fit at most", hy_bound_first_fit, 2, 1024, 16384, 16},
    {"best-fit-worst", "best fit at least", hy_bound_best_fit, 8, 128, 512, 16},
};
#define PLANS (sizeof plans / sizeof *plans)

typedef struct growth {
    const hy_growth_options *options;
    double *times[PLANS]; /* by allocator, POINTS each; NAN: not measured */
} growth;

static uint64_t ratio_at(unsigned point) {
    return (uint64_t)2 << point;
}

static uint64_t units_at(const foe_plan *plan, uint64_t n) {
    return plan->units > plan->per_n * n ? plan->units : plan->per_n * n;
}

static double bound_at(const foe_plan *plan, uint64_t n) {
    const double live = (double)units_at(plan, n);
    return n < plan->from || n > plan->to ? NAN : plan->bound(live, n) / live;
}

/* ----------------------------------------------------------------------------------------------------- measuring ----
 */

static double measure_one(const foe_plan *plan, const char *allocator, uint64_t n, hy_error *error) {
    char spec[128];
    const uint64_t live = units_at(plan, n) * UNIT;
    hy_generated got;
    snprintf(spec, sizeof spec, "%s:live=%" PRIu64 ",largest=%" PRIu64 ",unit=%" PRIu64, plan->name, live, n * UNIT,
             UNIT);
    const hy_generate_options options = {.spec = spec, .allocator = allocator};
    if (hy_generate(&options, &got, error) < 0)
        return NAN;
    if (got.footprint == 0)
        hy_fail(error, -ENOTSUP, "only heaps of our own know what they commit");
    return got.footprint ? (double)got.footprint / (double)live : NAN;
}

/* One refusal is enough: the next n would be refused too. */
static void measure_row(const foe_plan *plan, const char *allocator, double *times) {
    hy_error error;
    bool refused = false;
    for (unsigned i = 0; i < POINTS; i++) {
        const uint64_t n = ratio_at(i);
        times[i] = refused || n < plan->from || n > plan->to ? NAN : measure_one(plan, allocator, n, &error);
        if (!refused && n >= plan->from && n <= plan->to && isnan(times[i])) {
            fprintf(stderr, "heapyard: %s against %s: %s\n", plan->name, allocator, error.text);
            refused = true;
        }
    }
}

/* ------------------------------------------------------------------------------------------------------ printing ----
 */

static void print_table(const growth *self, size_t p) {
    const hy_specs *const specs = self->options->specs;
    const char *headings[HY_TABLE_COLUMNS] = {"n", plans[p].bound_name};
    hy_table table = {.headings = headings, .columns = 2 + specs->count};
    for (size_t a = 0; a < specs->count; a++)
        headings[2 + a] = specs->text[a];
    for (unsigned i = 0; i < POINTS; i++) {
        const uint64_t n = ratio_at(i);
        if (n < plans[p].from || n > plans[p].to)
            continue;
        hy_table_row *const row = hy_table_add(&table);
        snprintf(row->cell[0], HY_TABLE_CELL, "%" PRIu64, n);
        hy_cell_put(row->cell[1], bound_at(&plans[p], n), "%.2f", bound_at(&plans[p], n));
        for (size_t a = 0; a < specs->count; a++)
            hy_cell_put(row->cell[2 + a], self->times[p][a * POINTS + i], "%.2f", self->times[p][a * POINTS + i]);
    }
    printf("%s%s: footprint / live, as the largest block grows to n times the smallest\n", p ? "\n" : "",
           plans[p].name);
    hy_table_print(&table, self->options->format == HY_FORMAT_MARKDOWN);
    hy_table_free(&table);
}

/* "With blocks of 1 to 128 units best-fit-worst makes best-fit take 95.25 times what is alive; the least is ..." */
static void print_sentence(const growth *self, size_t p) {
    const hy_specs *const specs = self->options->specs;
    size_t most = 0, least = 0;
    unsigned last = 0;
    while (last + 1 < POINTS && ratio_at(last + 1) <= plans[p].to)
        last++;
    const double *const times = self->times[p] + last;
    for (size_t a = 1; a < specs->count; a++) {
        most = isnan(times[most * POINTS]) || times[a * POINTS] > times[most * POINTS] ? a : most;
        least = isnan(times[least * POINTS]) || times[a * POINTS] < times[least * POINTS] ? a : least;
    }
    if (isnan(times[most * POINTS]))
        return;
    printf("With blocks of 1 to %" PRIu64 " units %s makes %s take %.2f times what is alive", ratio_at(last),
           plans[p].name, specs->text[most], times[most * POINTS]);
    if (least != most)
        printf(", and %s %.2f times", specs->text[least], times[least * POINTS]);
    puts(".");
}

static void print_csv(const growth *self) {
    puts("generator,allocator,n,live,times_live,bound");
    for (size_t p = 0; p < PLANS; p++)
        for (size_t a = 0; a < self->options->specs->count; a++)
            for (unsigned i = 0; i < POINTS; i++) {
                const double times = self->times[p][a * POINTS + i];
                const uint64_t n = ratio_at(i);
                if (!isnan(times))
                    printf("%s,\"%s\",%" PRIu64 ",%" PRIu64 ",%.4f,%.4f\n", plans[p].name,
                           self->options->specs->text[a], n, units_at(&plans[p], n) * UNIT, times,
                           bound_at(&plans[p], n));
            }
}

/* ------------------------------------------------------------------------------------------------------- drawing ----
 */

static void write_point(FILE *out, uint64_t n, double y) {
    fprintf(out, isnan(y) ? "%" PRIu64 " nan\n" : "%" PRIu64 " %.5g\n", n, y);
}

static void write_curves(const growth *self, FILE *out) {
    const hy_specs *const specs = self->options->specs;
    for (size_t p = 0; p < PLANS; p++) {
        fprintf(out, "# %s: the bound, then one block an allocator: n, footprint / live\n\"%s\"\n", plans[p].name,
                plans[p].bound_name);
        for (unsigned i = 0; i < POINTS; i++)
            write_point(out, ratio_at(i), bound_at(&plans[p], ratio_at(i)));
        fputs("\n\n", out);
        for (size_t a = 0; a < specs->count; a++) {
            hy_dat(out, specs->text[a]);
            putc('\n', out);
            for (unsigned i = 0; i < POINTS; i++)
                write_point(out, ratio_at(i), self->times[p][a * POINTS + i]);
            fputs("\n\n", out);
        }
    }
}

static int draw(const growth *self, const char *path, hy_error *error) {
    hy_picture picture;
    const int r = hy_picture_open(path, "adversary", &picture, error);
    if (r < 0)
        return r;
    snprintf(picture.figure.options, sizeof picture.figure.options, "allocators=%zu", self->options->specs->count);
    write_curves(self, picture.data);
    return hy_picture_draw(&picture, error);
}

int hy_growth(const hy_growth_options *options) {
    growth self = {.options = options};
    hy_error error;
    int r = 0;
    if (options->specs->count + 2 > HY_TABLE_COLUMNS)
        return cmd_fail("--growth compares at most %d allocators, but -a names %zu", HY_TABLE_COLUMNS - 2,
                        options->specs->count);
    for (size_t p = 0; p < PLANS; p++) {
        self.times[p] = calloc(options->specs->count * POINTS, sizeof *self.times[p]);
        if (!self.times[p])
            abort();
        for (size_t a = 0; a < options->specs->count; a++)
            measure_row(&plans[p], options->specs->text[a], self.times[p] + a * POINTS);
        if (options->format != HY_FORMAT_CSV) {
            print_table(&self, p);
            print_sentence(&self, p);
        }
        fflush(stdout);
    }
    if (options->format == HY_FORMAT_CSV)
        print_csv(&self);
    if (options->picture)
        r = draw(&self, options->picture, &error);
    for (size_t p = 0; p < PLANS; p++)
        free(self.times[p]);
    return r < 0 ? cmd_fail("%s", error.text) : HY_EXIT_OK;
}
