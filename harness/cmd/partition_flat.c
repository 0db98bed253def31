/* SPDX-License-Identifier: MIT
 *
 * partition_flat.c - `heapyard partition flat`: what happens in one memory that two programs want.
 */
#include "command.h"
#include "flat_stage.h"
#include "machine_answer.h"
#include "partition_models.h"
#include "spec.h"
#include "units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct argp_option options[] = {
    {"allocator", 'a', "SPEC", 0, "The heap that each program runs inside its memory (default fit)", 0},
    {"machine", 'm', "SIZE", 0, "Bytes of memory (default 1M)", 0},
    {"format", 'f', "FORMAT", 0, "text, csv or json", 0},
    {0}};

typedef struct flat_call {
    const char *spec;
    uint64_t memory;
    hy_format format;
} flat_call;

static error_t parse(int key, char *argument, struct argp_state *state) {
    flat_call *const call = state->input;
    switch (key) {
    case 'a': call->spec = argument; return 0;
    case 'm':
        if (hy_parse_size(argument, &call->memory) < 0 || call->memory < 16384 || call->memory > (uint64_t)1 << 32 ||
            call->memory % 8192 != 0)
            argp_error(state, "--machine=%s is no size for two programs; expected a multiple of 8K, 16K to 4G",
                       argument);
        return 0;
    case 'f':
        if (cmd_format(argument, &call->format) < 0)
            exit(HY_EXIT_INPUT);
        return 0;
    case ARGP_KEY_ARG: argp_error(state, "\"%s\": nothing but options is expected", argument); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void add_row(hy_sheet *sheet, hy_flat_act act, const hy_flat_outcome *o) {
    char before[24], after[24];
    const bool kept = o->checksum_before == o->checksum_after;
    snprintf(before, sizeof before, "%016" PRIx64, o->checksum_before);
    snprintf(after, sizeof after, "%016" PRIx64, o->checksum_after);
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(hy_flat_names[act]), HY_WORD(o->b.admitted ? "admitted" : "refused"),
                                     HY_FIGURE(o->overlap), HY_FIGURE(o->b.blocks), HY_FIGURE(o->variable),
                                     HY_WORD(o->before), HY_WORD(o->after), HY_WORD(before), HY_WORD(after),
                                     HY_WORD(kept ? "kept" : "clobbered")));
}

static void print_act(hy_flat_act act, const hy_flat_outcome *o) {
    static const char *const what[] = {
        "Single contiguous allocation: who comes first owns all of memory.",
        "No bounds: each program believes that all of memory is its own.",
        "Partitions: each program is told its base and limit.",
    };
    printf("%s\n  A  memory +0x%zx to +0x%zx; its variable at +0x%zx\n", what[act], o->a.base, o->a.base + o->a.limit,
           o->variable);
    if (o->b.admitted)
        printf("  B  memory +0x%zx to +0x%zx; wrote %s blocks\n", o->b.base, o->b.base + o->b.limit,
               hy_show_count(o->b.blocks).text);
    else
        puts("  B  refused: there is no memory left until A ends");
    printf("  A wrote  \"%.63s\", checksum %016" PRIx64 "\n  A finds  \"%.63s\", checksum %016" PRIx64 ": %s\n\n",
           o->before, o->checksum_before, o->after, o->checksum_after,
           o->checksum_before == o->checksum_after ? "kept" : "clobbered");
}

static const hy_sheet_column columns[] = {
    {"memory", "memory", HY_SHEET_WORD},        {"second", "B", HY_SHEET_WORD},
    {"overlap", "shared", HY_SHEET_BYTES},      {"written", "blocks of B", HY_SHEET_COUNT},
    {"variable", "A's variable", HY_SHEET_HEX}, {"before", "before", HY_SHEET_WORD},
    {"after", "after", HY_SHEET_WORD},          {"checksum_before", "checksum", HY_SHEET_WORD},
    {"checksum_after", "after", HY_SHEET_WORD}, {"outcome", "outcome", HY_SHEET_WORD},
};

static int play_all(const flat_call *call, hy_sheet *sheet) {
    for (hy_flat_act act = HY_FLAT_ALONE; act < HY_FLAT_ACTS; act++) {
        hy_flat_outcome outcome;
        hy_error error;
        if (hy_flat_play(act, call->spec, call->memory, &outcome, &error) < 0)
            return cmd_fail("%s", error.text);
        if (call->format == HY_FORMAT_TEXT)
            print_act(act, &outcome);
        add_row(sheet, act, &outcome);
    }
    if (call->format != HY_FORMAT_TEXT)
        return cmd_print_sheets(&(const hy_sheet *const){sheet}, 1, call->format);
    printf("Two programs with %s in %s: without bounds they write to the same addresses.\n", call->spec,
           hy_show_bytes(call->memory).text);
    return HY_EXIT_OK;
}

int cmd_partition_flat(int argc, char **argv) {
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc =
            "Two programs, each with a heap, in one memory: one owns it all; both, without bounds; both, with bounds."};
    flat_call call = {.spec = "fit", .memory = 1 << 20};
    hy_sheet sheet = {.name = "flat", HY_SHEET_COLUMNS(columns)};
    const int r = cmd_parse(&argp, argc, argv, &call);
    if (r != 0)
        return r;
    const int code = play_all(&call, &sheet);
    hy_sheet_free(&sheet);
    return code;
}

int cmd_partition_flat_section(hy_machine_page *page) {
    hy_sheet sheet = {.name = "flat", HY_SHEET_COLUMNS(columns)};
    int code = HY_EXIT_OK;
    for (hy_flat_act act = HY_FLAT_ALONE; code == HY_EXIT_OK && act < HY_FLAT_ACTS; act++) {
        hy_flat_outcome outcome;
        hy_error error;
        if (hy_flat_play(act, "fit", (size_t)1 << 20, &outcome, &error) < 0)
            code = cmd_fail("%s", error.text);
        else
            add_row(&sheet, act, &outcome);
    }
    hy_machine_heading(page, "flat", "One memory, two programs");
    hy_machine_text(page, "A has a variable in its heap and keeps its checksum. B wants memory too: it is refused, or "
                          "takes all of it for its own as well, or gets a partition with a base and a limit.");
    sheet.caption = "Two processes in the same shared pages, each with the heap `fit` in what it takes for its own.";
    hy_machine_sheet(page, &sheet);
    hy_sheet_free(&sheet);
    return code;
}
