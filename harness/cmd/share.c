/* SPDX-License-Identifier: MIT
 *
 * share.c - `heapyard share`: what processes hold together, and what each must have for itself.
 */
#include "machine_answer.h"
#include "share_answer.h"

#include "spec.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const share_part *const parts[] = {&share_memory, &share_libraries, &share_dll, &share_aslr, &share_demand};
enum { PARTS = sizeof parts / sizeof *parts };

typedef struct share_options {
    share_wish wish;
    bool asked[PARTS];
    size_t count;
    const char *page;
    hy_format format;
} share_options;

enum { KEY_PAGE = 256, KEY_STARTS, KEY_NODES, KEY_OFFER, KEY_PAGES, KEY_TRIALS, KEY_SEED };

/* ----------------------------------------------------------------------------------------------------- options ---- */

static int ask_part(share_options *o, const char *name) {
    const char *names[PARTS + 1] = {NULL};
    for (size_t i = 0; i < PARTS; i++) {
        names[i] = parts[i]->name;
        if (strcmp(name, names[i]) == 0) {
            o->count += !o->asked[i];
            o->asked[i] = true;
            return 0;
        }
    }
    cmd_fail("there is no \"%s\" to measure; expected memory, libraries, dll, aslr or demand%s", name,
             hy_did_you_mean(name, strlen(name), names, NULL).text);
    return EINVAL;
}

static int parse_offer(const char *text, uint64_t *ret) {
    const uint64_t least = 64u << 20, most = (uint64_t)1 << 44;
    if (hy_parse_size(text, ret) == 0 && *ret >= least && *ret <= most && *ret % (2u << 20) == 0)
        return 0;
    cmd_fail("--offer is \"%s\"; expected whole huge pages of 2M, 64M to 16T", text);
    return EINVAL;
}

static error_t parse(int key, char *text, struct argp_state *state) {
    share_options *const o = state->input;
    switch (key) {
    case 'n': return cmd_unsigned("--processes", text, 2, 64, &o->wish.processes);
    case 'f': return cmd_format(text, &o->format) == 0 ? 0 : EINVAL;
    case KEY_PAGE: o->page = text; return 0;
    case KEY_STARTS: return cmd_unsigned("--starts", text, 16, 1000000, &o->wish.starts);
    case KEY_NODES: return cmd_unsigned("--nodes", text, 2, 1000000, &o->wish.nodes);
    case KEY_OFFER: return parse_offer(text, &o->wish.offered);
    case KEY_PAGES: return cmd_unsigned("--pages", text, 1, 1000000, &o->wish.pages);
    case KEY_TRIALS: return cmd_unsigned("--trials", text, 10, 1000000, &o->wish.trials);
    case KEY_SEED: return cmd_number("--seed", text, 0, UINT64_MAX, &o->wish.seed);
    case ARGP_KEY_ARG: return ask_part(o, text);
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ------------------------------------------------------------------------------------------------------- parts ---- */

void share_refused(share_answer *answer, int error_code, const hy_error *error) {
    cmd_fail("%s", error->text);
    const bool kernel = error_code == -EPERM || error_code == -EACCES || error_code == -ENOSYS;
    answer->code = kernel ? HY_EXIT_CANNOT : HY_EXIT_INPUT;
}

double share_figure(const hy_sheet *sheet, size_t row, size_t column) {
    return row < sheet->rows ? sheet->value[row * sheet->columns + column].figure : (double)NAN;
}

const char *share_word(const hy_sheet *sheet, size_t row, size_t column) {
    return row < sheet->rows ? sheet->value[row * sheet->columns + column].word : "";
}

static int print_answers(const share_answer *answers, hy_format format) {
    const hy_sheet *sheets[PARTS * SHARE_SHEETS];
    size_t count = 0;
    for (size_t i = 0; i < PARTS; i++)
        for (size_t k = 0; k < answers[i].sheets; k++)
            sheets[count++] = &answers[i].sheet[k];
    int code = count > 0 ? cmd_print_sheets(sheets, count, format) : HY_EXIT_OK;
    for (size_t i = 0; i < PARTS; i++) {
        if (answers[i].sentence[0])
            fprintf(format == HY_FORMAT_TEXT ? stdout : stderr, "%s%s\n", format == HY_FORMAT_TEXT ? "\n" : "",
                    answers[i].sentence);
        if (answers[i].warning[0])
            cmd_warn(answers[i].warning);
        code = answers[i].code > code ? answers[i].code : code;
    }
    return code;
}

static int write_page(const share_options *o, const share_answer *answers, const char *command) {
    hy_machine_page *page;
    hy_error error;
    if (hy_machine_open(o->page, "share", "Held once by many",
                        "What processes share on this machine, what each must have for itself, where their parts lie, "
                        "and what they are offered before it is there.",
                        command, &page, &error) < 0)
        return cmd_fail("%s", error.text);
    for (size_t i = 0; i < PARTS; i++) {
        if (answers[i].sheets == 0)
            continue;
        hy_machine_heading(page, parts[i]->name, parts[i]->title);
        parts[i]->tell(&answers[i], page);
    }
    return cmd_close_page(page, o->page, "share");
}

static int answer_all(const share_options *o, const char *command) {
    share_answer answers[PARTS];
    memset(answers, 0, sizeof answers);
    for (size_t i = 0; i < PARTS; i++)
        if (o->asked[i] || o->count == 0)
            parts[i]->ask(&o->wish, &answers[i]);
    int code = print_answers(answers, o->format);
    if (o->page && code != HY_EXIT_INPUT) {
        const int page = write_page(o, answers, command);
        code = page > code ? page : code;
    }
    for (size_t i = 0; i < PARTS; i++)
        for (size_t k = 0; k < answers[i].sheets; k++)
            hy_sheet_free(&answers[i].sheet[k]);
    return code;
}

static int run(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"processes", 'n', "N", 0, "processes at a time (libraries: up to 16; dll: 4; demand: 8)", 0},
        {"starts", KEY_STARTS, "N", 0, "aslr: starts of each program (4096)", 0},
        {"nodes", KEY_NODES, "N", 0, "memory: nodes of the list (10000)", 0},
        {"trials", KEY_TRIALS, "N", 0, "dll: programs in the simulation of preferred bases (2000)", 0},
        {"offer", KEY_OFFER, "SIZE", 0, "demand: what each process is offered (4G)", 0},
        {"pages", KEY_PAGES, "N", 0, "demand: pages that each touches, and then as many again (1000)", 0},
        {"seed", KEY_SEED, "N", 0, "of everything drawn here (1)", 0},
        {"page", KEY_PAGE, "FOLDER", 0, "write FOLDER/share.html with pictures", 0},
        {"format", 'f', "FORMAT", 0, "text, csv or json", 0},
        {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "[memory] [libraries] [dll] [aslr] [demand]",
        .doc = "Measures sharing on this machine, with real processes: all of it, or what is named.\v"
               "memory: a list in shared memory at two addresses, linked by pointers and by offsets.\n"
               "libraries: N processes with shared libraries and without, and every library mapped now.\n"
               "dll: a library with absolute addresses in its code against a position-independent one, and preferred "
               "bases that collide.\n"
               "aslr: bits of entropy in each region's address over thousands of starts.\n"
               "demand: large offers, of which comes what is touched; huge pages."};
    share_options o = {.wish = {.nodes = 10000, .starts = 4096, .trials = 2000, .pages = 1000, .seed = 1}};
    char command[4096];
    o.wish.offered = (uint64_t)4 << 30;
    const int r = cmd_parse(&argp, argc, argv, &o);
    if (r != 0)
        return r;
    if (3 * (uint64_t)o.wish.pages > o.wish.offered / 4096)
        return cmd_fail("--pages %u: three times as many are written or read, and --offer has only %llu", o.wish.pages,
                        (unsigned long long)o.wish.offered / 4096);
    if (o.format != HY_FORMAT_TEXT && o.format != HY_FORMAT_CSV && o.format != HY_FORMAT_JSON)
        return cmd_fail("this answers as text, csv or json");
    cmd_typed(argc, argv, command, sizeof command);
    return answer_all(&o, command);
}

const hy_command cmd_share = {
    .name = "share",
    .family = "memory of a machine",
    .usage = "share [memory] [libraries] [dll] [aslr] [demand] [--page FOLDER]",
    .summary = "shared memory and libraries, address randomisation, memory on demand",
    .examples = {"heapyard share memory", "heapyard share libraries --processes 16",
                 "heapyard share aslr --starts 10000 --format csv", "heapyard share --page results/local/report", NULL},
    .run = run,
};
