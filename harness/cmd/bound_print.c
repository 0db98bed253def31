/* SPDX-License-Identifier: MIT
 *
 * bound_print.c - the two limits as a table, and in words.
 */
#include "bound_rows.h"
#include "report.h"
#include "text_table.h"
#include "units.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

double bound_gap(const hy_limits *limits) {
    return limits->proven ? (double)limits->upper / (double)limits->proven - 1 : 0;
}

uint64_t bound_pages(uint64_t bytes) {
    return (bytes + 4095) & ~(uint64_t)4095;
}

/* ------------------------------------------------------------------------------------------------------- table ---- */

/* Rounded up, so that no gap looks smaller than it is. */
static void put_gap(char *cell, const hy_limits *limits) {
    const double percent = 100 * bound_gap(limits);
    if (percent > 0 && percent < 0.001)
        snprintf(cell, HY_TABLE_CELL, "<0.001 %%");
    else
        snprintf(cell, HY_TABLE_CELL, "%.3f %%", percent);
}

static void put_row(hy_table *table, const bound_row *row) {
    hy_table_row *const to = hy_table_add(table);
    size_t i = 0;
    snprintf(to->cell[i++], HY_TABLE_CELL, "%.150s", row->name);
    snprintf(to->cell[i++], HY_TABLE_CELL, "%s", row->limits.method);
    hy_cell_put_count(to->cell[i++], (double)row->buffers);
    hy_cell_put_bytes(to->cell[i++], (double)row->asked);
    hy_cell_put_bytes(to->cell[i++], (double)row->limits.lower);
    hy_cell_put_bytes(to->cell[i++], (double)bound_pages(row->limits.lower));
    hy_cell_put_bytes(to->cell[i++], (double)row->limits.upper);
    put_gap(to->cell[i++], &row->limits);
    hy_cell_put_time(to->cell[i++], row->limits.seconds * 1e9);
}

static void print_table(const bound_row *rows, size_t count, bool markdown) {
    static const char *const headings[] = {
        "trace", "found by", "buffers", "lower, as asked", "lower, aligned", "in pages", "upper", "gap", "time"};
    hy_table table = {.headings = headings, .columns = sizeof headings / sizeof *headings, .words = 2};
    for (size_t i = 0; i < count; i++)
        put_row(&table, &rows[i]);
    hy_table_print(&table, markdown);
    hy_table_free(&table);
}

/* ------------------------------------------------------------------------------------------------------- words ---- */

static void print_capacity(const bound_row *row, uint64_t capacity) {
    const hy_limits *const l = &row->limits;
    if (l->upper <= capacity)
        printf("%s fits in %s bytes: here is a packing of %s.\n", row->name, hy_show_count(capacity).text,
               hy_show_count(l->upper).text);
    else if (l->proven > capacity)
        printf("%s cannot fit in %s bytes: no packing is smaller than %s.\n", row->name, hy_show_count(capacity).text,
               hy_show_count(l->proven).text);
    else
        printf("%s: no packing in %s bytes was found, nor is it proved that there is none; the best has %s.\n",
               row->name, hy_show_count(capacity).text, hy_show_count(l->upper).text);
}

static void print_sentence(const bound_row *row) {
    const hy_limits *const l = &row->limits;
    char gap[HY_TABLE_CELL];
    put_gap(gap, l);
    if (l->upper == l->proven)
        printf("%s: %s bytes are enough, and no packing takes fewer.\n", row->name, hy_show_count(l->upper).text);
    else
        printf("%s: %s bytes are enough, and no packing takes fewer than %s; the certified gap is %s.\n", row->name,
               hy_show_count(l->upper).text, hy_show_count(l->proven).text, gap);
}

static void print_words(const bound_row *rows, size_t count, const bound_options *options) {
    puts("");
    for (size_t i = 0; i < count; i++)
        options->limits.capacity ? print_capacity(&rows[i], options->limits.capacity) : print_sentence(&rows[i]);
}

/* --------------------------------------------------------------------------------------------------- CSV, JSON ---- */

static void print_csv(const bound_row *rows, size_t count) {
    puts("trace,hash,buffers,align,asked,lower,proven,pages,upper,gap,method,steps,seconds");
    for (size_t i = 0; i < count; i++) {
        const bound_row *const row = &rows[i];
        const hy_limits *const l = &row->limits;
        hy_csv(stdout, row->name);
        row->trace ? printf(",%016" PRIx64, row->hash) : printf(",");
        printf(",%zu,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.9f,", row->buffers,
               row->align, row->asked, l->lower, l->proven, bound_pages(l->lower), l->upper, bound_gap(l));
        hy_csv(stdout, l->method);
        printf(",%" PRIu64 ",%.3f\n", l->steps, l->seconds);
    }
}

static json_t *row_json(const bound_row *row) {
    char hash[24];
    const hy_limits *const l = &row->limits;
    snprintf(hash, sizeof hash, "%016" PRIx64, row->hash);
    json_t *const json =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:s, s:I, s:f}", "trace", row->name, "buffers",
                  (json_int_t)row->buffers, "align", (json_int_t)row->align, "asked", (json_int_t)row->asked, "lower",
                  (json_int_t)l->lower, "proven", (json_int_t)l->proven, "pages", (json_int_t)bound_pages(l->lower),
                  "upper", (json_int_t)l->upper, "gap", bound_gap(l), "method", l->method, "steps",
                  (json_int_t)l->steps, "seconds", l->seconds);
    if (json && row->trace)
        json_object_set_new(json, "hash", json_string(hash));
    return json;
}

static json_t *yards_json(const bound_row *row, const bound_options *options) {
    json_t *const list = json_array();
    for (size_t i = 0; i < options->specs.count; i++) {
        const hy_least_yard *const y = &row->yards[i];
        char *const tries = bound_tries(y);
        json_t *const json = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "spec", options->specs.text[i], "version",
                                       y->version, "outcome", y->outcome, "detail", y->detail, "yard",
                                       (json_int_t)y->bytes, "too_small", (json_int_t)y->too_small);
        json_object_set_new(json, "tries", tries ? json_loads(tries, 0, NULL) : json_null());
        json_array_append_new(list, json);
        free(tries);
    }
    return list;
}

static void print_json(const bound_row *rows, size_t count, const bound_options *options) {
    json_t *const list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *const json = row_json(&rows[i]);
        if (rows[i].yards)
            json_object_set_new(json, "yards", yards_json(&rows[i], options));
        json_array_append_new(list, json);
    }
    json_dumpf(list, stdout, JSON_INDENT(2));
    json_decref(list);
    puts("");
}

void bound_print(const bound_row *rows, size_t count, const bound_options *options) {
    switch (options->format) {
    case HY_FORMAT_CSV: options->yard ? bound_print_yards_csv(rows, count, options) : print_csv(rows, count); return;
    case HY_FORMAT_JSON: print_json(rows, count, options); return;
    default:
        print_table(rows, count, options->format == HY_FORMAT_MARKDOWN);
        print_words(rows, count, options);
        if (options->yard)
            bound_print_yards(rows, count, options);
    }
}
