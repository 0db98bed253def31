/* SPDX-License-Identifier: MIT
 *
 * partition_age.c - `heapyard partition age`: programs come and go for long, and each fit leaves another memory.
 */
#include "partition_parts.h"

#include "units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct age_call {
    hy_specs specs;
    size_t memory, block;
    hy_ageing_rule rule;
    const char *sizes; /* a folder of programs, or NULL */
    hy_format format;
} age_call;

/* ----------------------------------------------------------------------------------------------------- answers ---- */

void cmd_partition_fits(size_t block, char specs[4][HY_SPEC_SIZE]) {
    static const char *const policies[] = {"first", "next", "best", "worst"};
    for (int i = 0; i < 4; i++)
        if (block)
            snprintf(specs[i], HY_SPEC_SIZE, HY_FIXED_SPEC, block, policies[i]);
        else
            snprintf(specs[i], HY_SPEC_SIZE, HY_DYNAMIC_SPEC, policies[i]);
}

int cmd_partition_let_age(const hy_ageing_rule *rule, size_t memory, const char *const *specs, size_t count,
                          hy_aged *ret) {
    for (size_t i = 0; i < count; i++) {
        hy_memory machine;
        hy_error error;
        if (hy_memory_open(memory, specs[i], &machine, &error) < 0)
            return cmd_fail("%s", error.text);
        ret[i].spec = specs[i];
        const int r = hy_age(rule, &machine, ret[i].window, &error);
        hy_memory_close(&machine);
        if (r < 0)
            return cmd_fail("%s", error.text);
    }
    return HY_EXIT_OK;
}

void cmd_partition_ageing_sheet(const hy_ageing_rule *rule, const hy_aged *aged, size_t count, hy_sheet *ret) {
    static const hy_sheet_column columns[] = {
        {"allocator", "allocator", HY_SHEET_WORD},    {"scanned", "scanned", HY_SHEET_NUMBER},
        {"programs", "programs", HY_SHEET_NUMBER},    {"holes", "holes", HY_SHEET_NUMBER},
        {"slivers", "slivers", HY_SHEET_NUMBER},      {"refused", "refused", HY_SHEET_SHARE},
        {"externally", "externally", HY_SHEET_SHARE}, {"asked", "asked for", HY_SHEET_SHARE},
        {"internal", "internal", HY_SHEET_SHARE},     {"external", "external", HY_SHEET_SHARE},
    };
    *ret = (hy_sheet){.name = "ageing", HY_SHEET_COLUMNS(columns)};
    for (size_t i = 0; i < count; i++) {
        const hy_ageing sum = hy_ageing_sum(aged[i].window, rule->windows / 2, rule->windows);
        const double arrived = (double)sum.arrived;
        hy_sheet_add(ret,
                     HY_SHEET_ROW(HY_WORD(aged[i].spec), HY_FIGURE(sum.scanned), HY_FIGURE(sum.live),
                                  HY_FIGURE(sum.holes), HY_FIGURE(sum.slivers),
                                  HY_FIGURE((double)sum.refused / arrived), HY_FIGURE((double)sum.external / arrived),
                                  HY_FIGURE(sum.used), HY_FIGURE(sum.internal), HY_FIGURE(sum.fragment)));
    }
}

/* "best" of "fit:policy=best,grain=1"; the spec itself if it has none. */
static void put_name(FILE *out, const char *spec) {
    const char *const policy = strstr(spec, "policy=");
    const char *const name = policy ? policy + strlen("policy=") : spec;
    char word[64];
    snprintf(word, sizeof word, "%.*s", policy ? (int)strcspn(name, ",") : 63, name);
    hy_dat(out, word);
}

void cmd_partition_ageing_data(const hy_aged *aged, size_t count, FILE *out, hy_figure *figure) {
    for (size_t i = 0; i < count; i++) {
        uint64_t arrived = 0;
        put_name(out, aged[i].spec);
        fputs(" scanned slivers refused_% external_%\n", out);
        for (unsigned w = 0; w < PARTITION_WINDOWS; w++) {
            const hy_ageing *const window = &aged[i].window[w];
            arrived += window->arrived;
            fprintf(out, "%llu %.6g %.6g %.6g %.6g\n", (unsigned long long)arrived, window->scanned, window->slivers,
                    100.0 * (double)window->refused / (double)window->arrived, 100.0 * window->fragment);
        }
        fputs("\n\n", out);
    }
    snprintf(figure->options, sizeof figure->options, "fits=%zu", count);
    figure->rows = count;
}

static int answer(const age_call *call, const hy_aged *aged) {
    hy_sheet sheet;
    char caption[400];
    cmd_partition_ageing_sheet(&call->rule, aged, call->specs.count, &sheet);
    snprintf(caption, sizeof caption,
             "%s programs arrive at a memory of %s, %.0f %% of what it can hold; means of their second half.  A sliver "
             "is a hole below %s, as nine of ten programs are larger.  scanned: blocks (partitions) or holes (fit) "
             "for each request.",
             hy_show_count(call->rule.programs).text, hy_show_bytes(call->memory).text, 100 * call->rule.load,
             hy_show_bytes(hy_ageing_sliver(&call->rule)).text);
    sheet.caption = caption;
    const int code = cmd_print_sheets(&(const hy_sheet *const){&sheet}, 1, call->format);
    hy_sheet_free(&sheet);
    return code;
}

/* --------------------------------------------------------------------------------------------------- options ---- */

enum { KEY_SIZES = 256, KEY_LOAD, KEY_SEED, KEY_MEAN };

static const struct argp_option option_table[] = {
    {"allocator", 'a', "SPEC,…", 0, "these (default: the four fits on fixed and on dynamic partitions)", 0},
    {"machine", 'm', "SIZE", 0, "bytes of memory (default 256M)", 0},
    {"block", 'b', "SIZE", 0, "of the fixed partitions, if -a names none (default 16K)", 0},
    {"programs", 'n', "COUNT", 0, "that arrive (default 20000)", 0},
    {"load", KEY_LOAD, "PERCENT", 0, "of the memory, that they would take if all were let in (default 100%)", 0},
    {"sizes", KEY_SIZES, "FOLDER", 0, "sizes are drawn from the guesses for its programs (default: exponential)", 0},
    {"mean", KEY_MEAN, "SIZE", 0, "of the exponential sizes (default 256K)", 0},
    {"seed", KEY_SEED, "N", 0, "of the random stream (default 1)", 0},
    {"format", 'f', "FORMAT", 0, "text, csv or json", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

uint64_t cmd_take_size(const char *option, const char *text, uint64_t least, uint64_t most) {
    uint64_t size = 0;
    if (hy_parse_size(text, &size) < 0 || size < least || size > most)
        exit(cmd_fail("--%s=%s: expected a size from %s to %s", option, text, hy_show_bytes(least).text,
                      hy_show_bytes(most).text));
    return size;
}

static double take_load(const char *text) {
    char *end = NULL;
    const double percent = strtod(text, &end);
    if (end == text || strcmp(end, "%") != 0 || !(percent >= 1) || percent > 1000)
        exit(cmd_fail("--load=%s: expected 1%% to 1000%%", text));
    return percent / 100;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    age_call *const call = state->input;
    switch (key) {
    case 'a':
        if (cmd_add_specs(&call->specs, argument) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case 'm': call->memory = cmd_take_size("machine", argument, 1 << 16, (uint64_t)1 << 40); break;
    case 'b': call->block = cmd_take_size("block", argument, 1, (uint64_t)1 << 30); break;
    case 'n': return cmd_number("--programs", argument, PARTITION_WINDOWS, 10000000, &call->rule.programs);
    case KEY_LOAD: call->rule.load = take_load(argument); break;
    case KEY_SIZES: call->sizes = argument; break;
    case KEY_MEAN: call->rule.mean = cmd_take_size("mean", argument, 1, (uint64_t)1 << 40); break;
    case KEY_SEED: return cmd_number("--seed", argument, 0, UINT64_MAX, &call->rule.seed);
    case 'f':
        if (cmd_format(argument, &call->format) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case ARGP_KEY_ARG: exit(cmd_fail("\"%s\": nothing but options is expected", argument)); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* Sizes from a folder of programs; to be freed.  NULL: there are none, which was said. */
static uint64_t *read_sizes(const char *folder, size_t *ret_count) {
    hy_executables programs = {.count = 0};
    hy_error error;
    if (hy_executables_find(&programs, folder, &hy_size_rule_default, &error) < 0) {
        cmd_fail("%s", error.text);
        return NULL;
    }
    uint64_t *const sizes = calloc(programs.count + 1, sizeof *sizes);
    if (!sizes)
        abort();
    for (size_t i = 0; i < programs.count; i++)
        sizes[i] = programs.found[i].size.guess;
    *ret_count = programs.count;
    hy_executables_free(&programs);
    if (*ret_count > 0)
        return sizes;
    cmd_fail("%s: no program in it", folder);
    free(sizes);
    return NULL;
}

/* Those that nobody named. */
static void add_fits(age_call *call) {
    const size_t blocks[] = {call->block, 0};
    for (size_t i = 0; i < 2; i++) {
        char specs[4][HY_SPEC_SIZE];
        cmd_partition_fits(blocks[i], specs);
        for (int k = 0; k < 4; k++)
            cmd_add_specs(&call->specs, specs[k]);
    }
}

static int let_age(age_call *call) {
    uint64_t *const sizes = call->sizes ? read_sizes(call->sizes, &call->rule.size_count) : NULL;
    if (call->sizes && !sizes)
        return HY_EXIT_INPUT;
    call->rule.sizes = sizes;
    if (call->specs.count == 0)
        add_fits(call);
    hy_aged aged[PARTITION_SPECS];
    int code = call->specs.count > PARTITION_SPECS
                   ? cmd_fail("at most %u allocators at once", PARTITION_SPECS)
                   : cmd_partition_let_age(&call->rule, call->memory, (const char *const *)call->specs.text,
                                           call->specs.count, aged);
    if (code == HY_EXIT_OK)
        code = answer(call, aged);
    free(sizes);
    return code;
}

int cmd_partition_age(int argc, char **argv) {
    static const struct argp argp = {
        .options = option_table,
        .parser = parse,
        .doc =
            "Programs come to a memory, stay for a while and go; who finds no room goes away at once.  Times between "
            "arrivals and times of stay are exponential.  Says what each fit makes of the memory."};
    age_call call = {
        .memory = 256 << 20,
        .block = 16 << 10,
        .rule = {.programs = 20000, .load = 1, .seed = 1, .mean = 256 << 10, .windows = PARTITION_WINDOWS}};
    int code = cmd_parse(&argp, argc, argv, &call);
    if (code == HY_EXIT_OK)
        code = let_age(&call);
    cmd_free_specs(&call.specs);
    return code;
}
