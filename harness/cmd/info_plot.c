/* SPDX-License-Identifier: MIT
 *
 * info_plot.c - the summary of a trace for people (see info.h).
 */
#include "info.h"

#include "format.h"
#include "text_table.h"
#include "units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BAR_WIDTH 50u
#define PLOT_WIDTH 64u
#define PLOT_HEIGHT 8u

double info_density(const hy_trace_summary *sum) {
    return sum->events ? (double)sum->file_bytes / (double)sum->events : 0;
}

static void print_known(const char *label, const char *text) {
    if (text[0])
        printf("%-13s %s\n", label, text);
}

static void print_origin(const hy_trace_meta *meta) {
    print_known("command", meta->command);
    print_known("machine", meta->machine);
    const time_t started = (time_t)meta->started;
    struct tm when;
    char date[64] = "";
    if (meta->started != 0 && gmtime_r(&started, &when))
        strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S UTC", &when);
    print_known("recorded", date);
    print_known("by", meta->origin);
}

static void print_kinds(const hy_trace_summary *sum) {
    printf("%-13s %s", "events", hy_show_count(sum->events).text);
    const char *separator = ": ";
    for (unsigned kind = 0; kind < HY_EVENT_KINDS; kind++) {
        if (sum->by_kind[kind] == 0)
            continue;
        printf("%s%s %s", separator, hy_event_name(kind), hy_show_count(sum->by_kind[kind]).text);
        separator = ", ";
    }
    putchar('\n');
    if (sum->meta.dropped)
        printf("%-13s %s calls that made no event (failed, or blocks unknown)\n", "dropped",
               hy_show_count(sum->meta.dropped).text);
}

static void print_threads(const hy_trace_summary *sum) {
    const uint64_t touches = sum->by_kind[HY_EVENT_REALLOC] + sum->by_kind[HY_EVENT_FREE];
    printf("%-13s %s", "threads", hy_show_count(sum->threads).text);
    if (sum->threads > 1 && touches > 0)
        printf("; %.1f %% of frees and reallocs are by another thread than the one before",
               100.0 * (double)sum->handovers / (double)touches);
    putchar('\n');
}

static void print_bytes(const hy_trace_summary *sum) {
    printf("%-13s %s in all, by %s objects; the largest request %s", "asked for", hy_show_bytes(sum->total_bytes).text,
           hy_show_count(sum->objects).text, hy_show_bytes(sum->max_size).text);
    if (sum->max_align > 0)
        printf(", the largest alignment %s", hy_show_bytes((uint64_t)1 << sum->max_align).text);
    printf("\n%-13s %s at most, after event %s; %s objects at most\n", "live", hy_show_bytes(sum->peak_bytes).text,
           hy_show_count(sum->peak_event).text, hy_show_count(sum->peak_objects).text);
    printf("%-13s %s in %s objects\n", "at the end", hy_show_bytes(sum->end_bytes).text,
           hy_show_count(sum->end_objects).text);
}

static void print_file(const hy_trace_summary *sum) {
    printf("%-13s %s\n", "duration", hy_show_time((double)sum->duration).text);
    printf("%-13s %s\n", "order", sum->lifo ? "last born, first freed: a stack will do" : "general");
    printf("%-13s %s, %.2f bytes an event; hash %016" PRIx64 "\n", "file", hy_show_bytes(sum->file_bytes).text,
           info_density(sum), sum->hash);
}

/* Rows from the first to the last octave that has something; a bar of # for each, the most frequent the longest. */
static void print_octaves(const char *title, const uint64_t *octaves) {
    unsigned first = HY_OCTAVES, last = 0;
    uint64_t total = 0, most = 1;
    for (unsigned i = 0; i < HY_OCTAVES; i++) {
        if (octaves[i] == 0)
            continue;
        first = i < first ? i : first;
        last = i;
        total += octaves[i];
        most = octaves[i] > most ? octaves[i] : most;
    }
    if (total == 0)
        return;
    printf("\n%s\n", title);
    for (unsigned i = first; i <= last; i++) {
        static const char marks[BAR_WIDTH + 1] = "##################################################";
        const unsigned width = (unsigned)((double)octaves[i] * BAR_WIDTH / (double)most + 0.5);
        const hy_number from = hy_show_bytes(i ? (uint64_t)1 << (i - 1) : 0);
        printf("  %s%10s %5.1f %%%s%.*s%s\n", i ? ">=" : " =", from.text, 100.0 * (double)octaves[i] / (double)total,
               octaves[i] ? " " : "", (int)width, marks, octaves[i] > 0 && width == 0 ? "." : "");
    }
}

/* The most of the curve's points that fall into a column of the plot. */
static uint64_t column_top(const hy_trace_curve *curve, size_t columns, size_t column) {
    const size_t from = column * curve->count / columns, to = (column + 1) * curve->count / columns;
    uint64_t top = 0;
    for (size_t i = from; i < to || i == from; i++)
        top = curve->bytes[i] > top ? curve->bytes[i] : top;
    return top;
}

static void print_curve(const info_trace *trace) {
    const hy_trace_curve *const curve = &trace->curve;
    const size_t columns = curve->count < PLOT_WIDTH ? curve->count : PLOT_WIDTH;
    const double peak = (double)trace->sum.peak_bytes;
    if (columns < 2 || trace->sum.peak_bytes == 0)
        return;
    puts("\nlive bytes");
    for (unsigned row = PLOT_HEIGHT; row > 0; row--) {
        char line[PLOT_WIDTH + 1] = "";
        for (size_t i = 0; i < columns; i++)
            line[i] = (double)column_top(curve, columns, i) * PLOT_HEIGHT > peak * (row - 0.5) ? '#' : ' ';
        for (size_t end = columns; end > 0 && line[end - 1] == ' '; end--)
            line[end - 1] = '\0';
        printf("  %10s |%s\n", row == PLOT_HEIGHT ? hy_show_bytes(trace->sum.peak_bytes).text : "", line);
    }
    char ground[PLOT_WIDTH + 1] = "";
    memset(ground, '-', columns);
    printf("  %10s +%s\n  %10s  0%*s events\n", "", ground, "", (int)columns - 1,
           hy_show_count(trace->sum.events).text);
}

/* A line for each thread, if there are more than one. */
static void print_thread_table(const hy_trace_summary *sum) {
    static const char *const headings[] = {"thread", "events",     "births",   "asked for",
                                           "frees",  "of others'", "by others"};
    hy_table table = {.headings = headings, .columns = 7};
    for (size_t i = 0; i < sum->threads && i < HY_SUMMARY_THREADS && sum->threads > 1; i++) {
        const hy_thread_summary *const is = &sum->by_thread[i];
        char(*const cell)[HY_TABLE_CELL] = hy_table_add(&table)->cell;
        const bool rest = i == HY_SUMMARY_THREADS - 1 && sum->threads > HY_SUMMARY_THREADS;
        snprintf(cell[0], HY_TABLE_CELL, "%zu%s", i, rest ? " and more" : "");
        hy_cell_put_count(cell[1], (double)is->events);
        hy_cell_put_count(cell[2], (double)is->births);
        hy_cell_put_bytes(cell[3], (double)is->bytes);
        hy_cell_put_count(cell[4], (double)is->frees);
        hy_cell_put_count(cell[5], (double)is->received);
        hy_cell_put_count(cell[6], (double)is->given);
    }
    if (table.rows > 0) {
        puts("\nthreads (frees: with reallocs; of others': of blocks that another thread had last)");
        hy_table_print(&table, false);
    }
    hy_table_free(&table);
}

void info_print_text(const info_trace *trace) {
    const hy_trace_summary *const sum = &trace->sum;
    char path[256];
    hy_text_clean(path, sizeof path, trace->path);
    printf("%-13s %s\n", "trace", path);
    print_origin(&sum->meta);
    print_kinds(sum);
    print_threads(sum);
    print_bytes(sum);
    print_file(sum);
    print_octaves("sizes asked for", sum->sizes);
    print_octaves("lifetimes of objects that died, in bytes asked for meanwhile", sum->lifetimes);
    print_curve(trace);
    print_thread_table(sum);
    info_print_notes(trace);
}
