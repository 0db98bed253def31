/* SPDX-License-Identifier: MIT
 *
 * reloc_move.c - `heapyard reloc move`: a running program is moved, and survives or does not.
 */
#include "reloc_move.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_STRATEGY = 's', OPTION_MOVES = 'n', OPTION_SEED = 512, OPTION_PAGE };

static const struct argp_option table[] = {
    {"strategy", OPTION_STRATEGY, "NAME,…", 0, "how it is to survive (default all; the list is below)", 0},
    {"moves", OPTION_MOVES, "N", 0, "how often it is moved (default 1000)", 0},
    {"seed", OPTION_SEED, "N", 0, "of the places it is moved to (default 1)", 0},
    {"page", OPTION_PAGE, "FOLDER", 0, "also write FOLDER/moving.html, with the footprints of the TRACEs", 0},
    {"format", 'f', "FORMAT", 0, "text (default), csv or json", 0},
    {0},
};

#define MOST_STRATEGIES 32u

typedef struct move_options {
    const hy_wander_strategy *strategy[MOST_STRATEGIES];
    size_t count;
    uint64_t moves, seed;
    const char *page;
    char **traces;
    size_t traces_count;
    hy_format format;
} move_options;

static int unknown_strategy(const char *name, size_t size) {
    const char *names[MOST_STRATEGIES + 1] = {NULL};
    for (size_t i = 0; i < MOST_STRATEGIES && hy_wander_strategies[i].name; i++)
        names[i] = hy_wander_strategies[i].name;
    cmd_fail("unknown strategy \"%.*s\"%s", (int)size, name,
             hy_did_you_mean(name, size, names, "`heapyard reloc move --help` lists them").text);
    return EINVAL;
}

static int add_strategies(move_options *o, const char *list) {
    for (const char *at = list; *at; at += *at == ',') {
        const size_t size = strcspn(at, ",");
        const hy_wander_strategy *s = hy_wander_strategies;
        while (s->name && (strlen(s->name) != size || strncmp(s->name, at, size) != 0))
            s++;
        if (!s->name)
            return unknown_strategy(at, size);
        if (o->count == MOST_STRATEGIES)
            return cmd_fail("--strategy %s: more than %u", list, MOST_STRATEGIES) ? EINVAL : 0;
        o->strategy[o->count++] = s;
        at += size;
    }
    return 0;
}

static error_t parse(int key, char *text, struct argp_state *state) {
    move_options *const o = state->input;
    switch (key) {
    case OPTION_STRATEGY: return add_strategies(o, text);
    case OPTION_MOVES: return cmd_number("--moves", text, 1, 100000, &o->moves);
    case OPTION_SEED: return cmd_number("--seed", text, 0, UINT32_MAX, &o->seed);
    case OPTION_PAGE: o->page = text; return 0;
    case 'f': return cmd_format(text, &o->format) < 0 ? EINVAL : 0;
    case ARGP_KEY_ARG: cmd_add_path(&o->traces, &o->traces_count, text); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static char *add_list(int key, const char *text, void *input) {
    char *with = NULL;
    size_t size;
    FILE *const out = key == ARGP_KEY_HELP_POST_DOC && text ? open_memstream(&with, &size) : NULL;
    (void)input;
    if (!out)
        return (char *)(uintptr_t)text;
    fputs("Strategies:\n", out);
    for (const hy_wander_strategy *s = hy_wander_strategies; s->name; s++)
        fprintf(out, "  %-10s  %s\n", s->name, s->summary);
    fprintf(out, "\n%s", text);
    return fclose(out) == 0 ? with : (char *)(uintptr_t)text;
}

/* --------------------------------------------------------------------------------------------------------- runs ----
 */

static int run_rows(const move_options *o, cmd_wander_row *rows) {
    for (size_t i = 0; i < o->count; i++) {
        const hy_wander_order order = {o->strategy[i], o->moves, o->seed};
        hy_error error = {""};
        rows[i].strategy = o->strategy[i];
        if (hy_wander_run(&order, &rows[i].result, &error) < 0)
            return cmd_fail("%s", error.text);
        if (rows[i].result.outcome == HY_WANDER_CANNOT) {
            cmd_fail("%s: %s", o->strategy[i]->name, rows[i].result.why);
            return HY_EXIT_CANNOT;
        }
    }
    return HY_EXIT_OK;
}

static int write_page(const move_options *o, const char *typed, const cmd_wander_row *rows) {
    hy_sheet frames[CMD_FRAMES_SHEETS] = {{0}};
    cmd_defrag defrag = {NULL, 0};
    int r = cmd_frames_sheets(1024, o->seed, frames);
    if (r == 0 && o->traces_count > 0)
        r = cmd_defrag_all(o->traces, o->traces_count, "handles:chunk=4K", &defrag);
    if (r == 0)
        r = cmd_wander_page(o->page, typed, rows, o->count, &defrag, frames);
    for (size_t i = 0; i < CMD_FRAMES_SHEETS; i++)
        hy_sheet_free(&frames[i]);
    free(defrag.row);
    return r;
}

/* A strategy that does not do what it should is a measurement that failed. */
static bool as_expected(const cmd_wander_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (rows[i].strategy->survives != (rows[i].result.outcome == HY_WANDER_RIGHT))
            return false;
    return true;
}

static int answer(const move_options *o, const char *typed, const cmd_wander_row *rows) {
    hy_sheet sheets[CMD_WANDER_SHEETS] = {{0}};
    cmd_wander_sheets(rows, o->count, sheets);
    int r =
        cmd_print_sheets((const hy_sheet *const[]){&sheets[0], &sheets[1], &sheets[2]}, CMD_WANDER_SHEETS, o->format);
    if (r == 0 && o->format == HY_FORMAT_TEXT)
        cmd_wander_sentence(rows, o->count, stdout);
    for (size_t i = 0; i < CMD_WANDER_SHEETS; i++)
        hy_sheet_free(&sheets[i]);
    if (r == 0 && o->page)
        r = write_page(o, typed, rows);
    return r == 0 && !as_expected(rows, o->count) ? HY_EXIT_MEASURED : r;
}

static int run_all(move_options *o, int argc, char **argv) {
    char typed[1024];
    cmd_wander_row rows[MOST_STRATEGIES];
    if (o->traces_count > 0 && !o->page)
        return cmd_fail(
            "traces are for the page; expected --page FOLDER with them, or `heapyard reloc handles TRACE…`");
    cmd_typed(argc, argv, typed, sizeof typed);
    for (const hy_wander_strategy *s = hy_wander_strategies; o->count == 0 || s != hy_wander_strategies; s++) {
        if (!s->name)
            break;
        o->strategy[o->count++] = s;
    }
    const int r = run_rows(o, rows);
    return r == 0 ? answer(o, typed, rows) : r;
}

int cmd_reloc_move(int argc, char **argv) {
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "[TRACE…]",
        .doc =
            "Moves a program while it runs.  It is loaded from a relocatable object, has a linked list, a hash table "
            "and tables of functions, and its stack and heap are in what is moved.  At safepoints it is slid to "
            "another base, its table of relocations applied again, the old place taken away; or its frames move "
            "below addresses that stay.\v"
            "Exit code 1: a strategy that should survive did not, or the other way round.",
        .help_filter = add_list};
    move_options options = {.moves = 1000, .seed = 1};
    int r = cmd_parse(&argp, argc, argv, &options);
    if (r == 0)
        r = run_all(&options, argc, argv);
    free(options.traces);
    return r;
}
