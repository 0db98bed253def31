/* SPDX-License-Identifier: MIT
 *
 * reloc_handles.c - `heapyard reloc handles`: what a heap wins that may move its blocks, and for how much moved.
 */
#include "reloc_move.h"

#include "compile.h"
#include "trace_row.h"
#include "worst_bounds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct argp_option table[] = {
    {"allocator", 'a', "SPEC", 0, "a heap that compacts (default handles:chunk=4K)", 0},
    {"format", 'f', "FORMAT", 0, "text (default), csv or json", 0},
    {0},
};

/* From no move at all to all that can be. */
static const uint64_t budgets[] = {HY_DEFRAG_NEVER, 1000, 100, 20, 5, 1, 0};
#define BUDGETS (sizeof budgets / sizeof *budgets)
#define UNIT 16u /* a word of the theory */

static const hy_sheet_column columns[] = {
    {"trace", "trace", HY_SHEET_WORD},
    {"budget", "may move", HY_SHEET_WORD},
    {"moved_share", "moved / allocated", HY_SHEET_SHARE},
    {"moved", "moved", HY_SHEET_BYTES},
    {"compactions", "compactions", HY_SHEET_COUNT},
    {"peak_live", "most live", HY_SHEET_BYTES},
    {"footprint", "footprint", HY_SHEET_BYTES},
    {"peak_ratio", "/ live", HY_SHEET_NUMBER},
    {"mean_footprint", "mean footprint", HY_SHEET_BYTES},
    {"mean_ratio", "/ mean live", HY_SHEET_NUMBER},
    {"won", "won of the mean", HY_SHEET_SHARE},
    {"longest", "longest pause", HY_SHEET_TIME},
    {"bound", "bound / live", HY_SHEET_NUMBER},
};

typedef struct handles_options {
    char **traces;
    size_t count;
    const char *spec;
    hy_format format;
} handles_options;

static error_t parse(int key, char *text, struct argp_state *state) {
    handles_options *const o = state->input;
    switch (key) {
    case 'a': o->spec = text; return 0;
    case 'f': return cmd_format(text, &o->format) < 0 ? EINVAL : 0;
    case ARGP_KEY_ARG: cmd_add_path(&o->traces, &o->count, text); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* --------------------------------------------------------------------------------------------------------- runs ----
 */

static int run_trace(const char *path, const char *spec, cmd_defrag_row *rows) {
    hy_error error = {""};
    int program;
    if (hy_compile_trace(path, HY_FORM_SERIAL, &program, &error) < 0)
        return cmd_fail("%s", error.text);
    int r = 0;
    for (size_t i = 0; r == 0 && i < BUDGETS; i++) {
        const hy_defrag_order order = {program, spec, budgets[i]};
        rows[i] = (cmd_defrag_row){.trace = path, .budget = budgets[i]};
        if (hy_defrag_run(&order, &rows[i].result, &error) < 0)
            r = cmd_fail("%s", error.text);
        else if (rows[i].result.failed[0])
            r = cmd_fail("%s: %s", path, rows[i].result.failed);
    }
    close(program);
    return r;
}

int cmd_defrag_all(char *const *traces, size_t traces_count, const char *spec, cmd_defrag *ret_defrag) {
    cmd_defrag all = {calloc(traces_count * BUDGETS, sizeof *all.row), traces_count * BUDGETS};
    int r = all.row ? 0 : cmd_fail("no memory");
    for (size_t i = 0; r == 0 && i < traces_count; i++)
        r = run_trace(traces[i], spec, all.row + i * BUDGETS);
    if (r == 0)
        *ret_defrag = all;
    else
        free(all.row);
    return r;
}

/* ----------------------------------------------------------------------------------------------------- figures ---- */

static const char *budget_word(uint64_t budget, char *room, size_t size) {
    if (budget == HY_DEFRAG_NEVER || budget == 0)
        return budget ? "nothing" : "anything";
    snprintf(room, size, "1/%llu", (unsigned long long)budget);
    return room;
}

/* The theory's line over the live bytes: without moves what some program forces from every manager.  With a budget what
 * is enough: C + 1, or what is enough without any move once sizes are rounded up to powers of two, which at most
 * doubles what lives. */
static double bound_ratio(const cmd_defrag_row *row) {
    uint64_t n = 1;
    while (n * UNIT < row->result.largest)
        n *= 2;
    const double words = (double)row->result.live / UNIT;
    if (row->budget == HY_DEFRAG_NEVER)
        return hy_bound_any(words, n) / words;
    return row->budget == 0 ? 1 : fmin(hy_defrag_enough(1, row->budget), hy_bound_any(2 * words, n) / words);
}

static void add_row(hy_sheet *sheet, const cmd_defrag_row *row, const hy_defrag_result *never) {
    char budget[32], name[HY_TRACE_NAME];
    const hy_defrag_result *const r = &row->result;
    hy_trace_name(row->trace, name);
    const double live = r->live > 0 ? (double)r->live : NAN, mean_live = r->mean_live > 0 ? r->mean_live : NAN;
    hy_sheet_add(
        sheet, HY_SHEET_ROW(HY_WORD(name), HY_WORD(budget_word(row->budget, budget, sizeof budget)),
                            HY_FIGURE(r->allocated > 0 ? (double)r->moved / (double)r->allocated : NAN),
                            HY_FIGURE(r->moved), HY_FIGURE(r->compactions), HY_FIGURE(r->live), HY_FIGURE(r->footprint),
                            HY_FIGURE((double)r->footprint / live), HY_FIGURE(r->mean_footprint),
                            HY_FIGURE(r->mean_footprint / mean_live),
                            HY_FIGURE(never->mean_footprint > 0 ? 1 - r->mean_footprint / never->mean_footprint : NAN),
                            HY_FIGURE(r->compactions > 0 ? (double)r->longest : NAN), HY_FIGURE(bound_ratio(row))));
}

void cmd_defrag_sheet(const cmd_defrag *defrag, hy_sheet *ret_sheet) {
    *ret_sheet = (hy_sheet){
        .name = "defragmentation",
        .caption = "Bytes moved against footprint won. Bound: without moves what some program with these sizes forces "
                   "from every manager (Robson); with a C-th moved what is enough for every program: C + 1 (Bendersky "
                   "and Petrank), or what is without any move.",
        HY_SHEET_COLUMNS(columns)};
    for (size_t i = 0; i < defrag->count; i++)
        add_row(ret_sheet, &defrag->row[i], &defrag->row[i - i % BUDGETS].result);
}

int cmd_reloc_handles(int argc, char **argv) {
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "TRACE…",
        .doc =
            "Replays traces on a heap whose blocks may be moved, since the replay holds numbers and no addresses: the "
            "footprint, at its peak and in the mean, for budgets of bytes moved from nothing to anything.  Every "
            "object's contents are looked at on its way."};
    handles_options options = {.spec = "handles:chunk=4K"};
    cmd_defrag defrag = {NULL, 0};
    int r = cmd_parse(&argp, argc, argv, &options);
    if (r == 0 && options.count == 0)
        r = cmd_fail("no trace; expected heapyard reloc handles TRACE…");
    if (r == 0)
        r = cmd_defrag_all(options.traces, options.count, options.spec, &defrag);
    if (r == 0) {
        hy_sheet sheet;
        cmd_defrag_sheet(&defrag, &sheet);
        r = cmd_print_sheets((const hy_sheet *const[]){&sheet}, 1, options.format);
        hy_sheet_free(&sheet);
    }
    free(defrag.row);
    free(options.traces);
    return r;
}
