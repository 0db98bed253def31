/* SPDX-License-Identifier: MIT
 *
 * info_notes.c - the sites and phases of a trace, for people and for programs (see info.h).
 */
#include "info.h"

#include "format.h"
#include "json_text.h"
#include "text_table.h"
#include "units.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACK_TEXT 1024u
#define STACK_SHOWN 8u /* frames */

static const struct {
    const char *word, *title;
} orders[HY_SITE_ORDERS] = {
    [HY_SITES_BY_BYTES] = {"bytes", "sites by bytes asked for"},
    [HY_SITES_BY_PEAK] = {"peak", "sites by bytes live at the program's peak"},
    [HY_SITES_BY_END] = {"end", "sites by bytes live at the end"},
    [HY_SITES_BY_CALLS] = {"calls", "sites by calls (births and reallocs)"},
};

bool info_parse_order(const char *word, hy_site_order *ret_order) {
    for (hy_site_order order = 0; order < HY_SITE_ORDERS; order++) {
        if (strcmp(word, orders[order].word) == 0) {
            *ret_order = order;
            return true;
        }
    }
    return false;
}

/* "load (table.c:12) < main (prog.c:40)": where the call is, and who called. */
static void show_stack(const hy_sites *names, uint32_t site, size_t most, char *ret) {
    size_t used = (size_t)snprintf(ret, STACK_TEXT, "%s", site == 0 ? "(unknown)" : "");
    for (size_t i = 0; site != 0 && used < STACK_TEXT - 8; site = names->sites[site].caller, i++) {
        char frame[600];
        hy_frame_show(names, names->sites[site].frame, frame, sizeof frame);
        used += (size_t)snprintf(ret + used, STACK_TEXT - used, "%s%s", i > 0 ? " < " : "", i < most ? frame : "…");
        if (i == most)
            break;
    }
}

static uint32_t *rank_sites(const hy_profile *profile, hy_site_order order, size_t *ret_count) {
    uint32_t *const ranked = hy_profile_rank(profile, order, ret_count);
    if (!ranked)
        abort();
    return ranked;
}

static bool has_sites(const hy_profile *profile) {
    return profile->site_count > 1;
}

/* ---- for people ---- */

static void print_sites(const info_trace *trace, hy_site_order order, size_t top) {
    const hy_profile *const profile = &trace->profile;
    size_t count;
    uint32_t *const ranked = rank_sites(profile, order, &count);
    for (size_t i = 0; order == HY_SITES_BY_END && i < count; i++)
        count = profile->sites[ranked[i]].live > 0 ? count : i;
    printf("\n%s\n    asked for   share     at peak      at end       calls  site\n", orders[order].title);
    for (size_t i = 0; i < count && i < top; i++) {
        const hy_site_figures *const is = &profile->sites[ranked[i]];
        const uint64_t total = trace->sum.total_bytes ? trace->sum.total_bytes : 1;
        char stack[STACK_TEXT];
        show_stack(&profile->names, ranked[i], STACK_SHOWN, stack);
        printf("  %11s %5.1f %% %11s %11s %11s  %s\n", hy_show_bytes(is->bytes).text,
               100.0 * (double)is->bytes / (double)total, hy_show_bytes(is->at_peak).text, hy_show_bytes(is->live).text,
               hy_show_count(is->calls).text, stack);
    }
    if (count > top)
        printf("  and %s more\n", hy_show_count(count - top).text);
    free(ranked);
}

static void print_phases(const hy_profile *profile, bool markdown) {
    static const char *const headings[] = {"phase",     "thread", "times",           "events",
                                           "asked for", "lasted", "live at its end", "at most"};
    hy_table table = {.headings = headings, .columns = 8, .words = 1};
    for (size_t i = 0; i < profile->phase_count; i++) {
        const hy_phase_figures *const is = &profile->phases[i];
        char(*const cell)[HY_TABLE_CELL] = hy_table_add(&table)->cell;
        snprintf(cell[0], HY_TABLE_CELL, "%s", is->name);
        snprintf(cell[1], HY_TABLE_CELL, "%" PRIu32, is->thread);
        hy_cell_put_count(cell[2], (double)is->times);
        hy_cell_put_count(cell[3], (double)is->events);
        hy_cell_put_bytes(cell[4], (double)is->bytes);
        hy_cell_put_time(cell[5], (double)is->duration);
        hy_cell_put_bytes(cell[6], (double)is->end_bytes);
        hy_cell_put_bytes(cell[7], (double)is->peak_bytes);
    }
    hy_table_print(&table, markdown);
    hy_table_free(&table);
}

void info_print_notes(const info_trace *trace) {
    if (trace->profile.phase_count > 0) {
        puts("\nphases (what all threads did while a thread was in it)");
        print_phases(&trace->profile, false);
    }
    for (hy_site_order order = 0; order < HY_SITE_ORDERS && has_sites(&trace->profile); order++)
        print_sites(trace, order, trace->options->top ? trace->options->top : INFO_TOP);
}

/* ---- CSV ---- */

static void print_phases_csv(const info_trace *trace) {
    for (size_t i = 0; i < trace->profile.phase_count; i++) {
        const hy_phase_figures *const is = &trace->profile.phases[i];
        info_print_quoted(trace->path);
        putchar(',');
        info_print_quoted(is->name);
        printf(",%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", is->thread,
               is->times, is->events, is->bytes, is->duration, is->end_bytes, is->peak_bytes);
    }
}

static void print_frame_csv(const hy_sites *names, uint32_t site) {
    const hy_frame nowhere = {0}, *const frame = site ? &names->frames[names->sites[site].frame] : &nowhere;
    char callers[STACK_TEXT] = "";
    if (site && names->sites[site].caller)
        show_stack(names, names->sites[site].caller, SIZE_MAX, callers);
    info_print_quoted(frame->function ? frame->function : "");
    putchar(',');
    info_print_quoted(frame->file ? frame->file : "");
    printf(",%" PRIu32 ",", frame->line);
    info_print_quoted(site ? names->modules[frame->module].path : "");
    printf(",%" PRIu64 ",", frame->offset);
    info_print_quoted(callers);
}

static void print_sites_csv(const info_trace *trace) {
    size_t count;
    uint32_t *const ranked = rank_sites(&trace->profile, trace->options->by, &count);
    const size_t top = trace->options->top ? trace->options->top : count;
    for (size_t i = 0; has_sites(&trace->profile) && i < count && i < top; i++) {
        const hy_site_figures *const is = &trace->profile.sites[ranked[i]];
        info_print_quoted(trace->path);
        printf(",%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", ranked[i], is->calls, is->bytes,
               is->at_peak, is->live);
        print_frame_csv(&trace->profile.names, ranked[i]);
        putchar('\n');
    }
    free(ranked);
}

/* ---- JSON ---- */

json_t *info_json_phases(const hy_profile *profile) {
    json_t *const list = json_array();
    for (size_t i = 0; i < profile->phase_count; i++) {
        const hy_phase_figures *const is = &profile->phases[i];
        json_array_append_new(
            list, json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "phase", cmd_json_text(is->name), "thread",
                            (json_int_t)is->thread, "times", (json_int_t)is->times, "events", (json_int_t)is->events,
                            "bytes", (json_int_t)is->bytes, "duration_ns", (json_int_t)is->duration, "end_bytes",
                            (json_int_t)is->end_bytes, "peak_bytes", (json_int_t)is->peak_bytes));
    }
    return list;
}

static json_t *json_stack(const hy_sites *names, uint32_t site) {
    json_t *const list = json_array();
    for (; site != 0; site = names->sites[site].caller) {
        const hy_frame *const frame = &names->frames[names->sites[site].frame];
        json_t *const object = json_pack("{s:o, s:I}", "module", cmd_json_text(names->modules[frame->module].path),
                                         "offset", (json_int_t)frame->offset);
        if (frame->function && frame->function[0])
            json_object_set_new(object, "function", cmd_json_text(frame->function));
        if (frame->file && frame->file[0]) {
            json_object_set_new(object, "file", cmd_json_text(frame->file));
            json_object_set_new(object, "line", json_integer(frame->line));
        }
        json_array_append_new(list, object);
    }
    return list;
}

json_t *info_json_sites(const info_trace *trace) {
    const hy_profile *const profile = &trace->profile;
    json_t *const list = json_array();
    size_t count;
    uint32_t *const ranked = rank_sites(profile, trace->options->by, &count);
    const size_t top = trace->options->top ? trace->options->top : trace->options->table ? count : INFO_TOP;
    for (size_t i = 0; has_sites(profile) && i < count && i < top; i++) {
        const hy_site_figures *const is = &profile->sites[ranked[i]];
        json_array_append_new(list, json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "site", (json_int_t)ranked[i], "calls",
                                              (json_int_t)is->calls, "bytes", (json_int_t)is->bytes, "peak_bytes",
                                              (json_int_t)is->at_peak, "end_bytes", (json_int_t)is->live, "stack",
                                              json_stack(&profile->names, ranked[i])));
    }
    free(ranked);
    return list;
}

/* ---- one table alone ---- */

static void print_table_text(const info_trace *trace, bool sites) {
    char path[256];
    hy_text_clean(path, sizeof path, trace->path);
    printf("%s\n", path);
    if (sites && has_sites(&trace->profile))
        print_sites(trace, trace->options->by, trace->options->top ? trace->options->top : SIZE_MAX);
    else if (!sites && trace->profile.phase_count > 0)
        print_phases(&trace->profile, false);
    else
        printf("  no %s were recorded\n", sites ? "sites" : "phases");
}

void info_print_table(const info_trace *traces, size_t count, hy_format format) {
    const bool sites = strcmp(traces[0].options->table, "sites") == 0;
    json_t *const all = json_array();
    if (format == HY_FORMAT_CSV)
        puts(sites ? "trace,site,calls,bytes,peak_bytes,end_bytes,function,file,line,module,offset,callers"
                   : "trace,phase,thread,times,events,bytes,duration_ns,end_bytes,peak_bytes");
    for (size_t i = 0; i < count; i++) {
        const info_trace *const trace = &traces[i];
        if (format == HY_FORMAT_CSV)
            (sites ? print_sites_csv : print_phases_csv)(trace);
        else if (format == HY_FORMAT_JSON)
            json_array_append_new(all, json_pack("{s:o, s:o}", "trace", cmd_json_text(trace->path),
                                                 sites ? "sites" : "phases",
                                                 sites ? info_json_sites(trace) : info_json_phases(&trace->profile)));
        else
            print_table_text(trace, sites);
    }
    if (format == HY_FORMAT_JSON) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(all);
}
