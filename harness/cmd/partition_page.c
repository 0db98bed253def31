/* SPDX-License-Identifier: MIT
 *
 * partition_page.c - the page about contiguous memory: the pictures, programs and their guesses, what ageing does, and
 * what is told too simply elsewhere.
 */
#include "partition_parts.h"

#include "partition_models.h"
#include "partition_picture.h"
#include "units.h"

#include <stdlib.h>
#include <string.h>

typedef struct page_call {
    const char *folder, *programs, *job;
    uint64_t arrivals;
} page_call;

static const char picture_text[] = "unit 100\n[fit] header 0\nstorage 4000\n"
                                   "alloc A 12\nalloc x 10\nalloc B 7\nalloc y 4\nalloc C 5\nfree x\nfree y\nmap 10\n"
                                   "alloc D 3\nmap 10\ncompact\nmap 10\n";

static int put_pictures(hy_machine_page *page, hy_error *error) {
    hy_machine_heading(page, "placement", "Where a program goes");
    hy_machine_text(page, "A memory of 40 blocks, a letter for each. A needs 12, B 7, C 5, and D is to come, with 3: "
                          "the memory before, with D, and with all slid together.");
    static const char *const fits[] = {"first", "best", "worst"};
    for (size_t i = 0; i < sizeof fits / sizeof *fits; i++) {
        char spec[HY_SPEC_SIZE], *maps = NULL;
        hy_figure figure = {.plot = "block_map",
                            .title = "Blocks of a memory, before and after",
                            .about = "A square is a block, a letter its program; a row has ten."};
        snprintf(spec, sizeof spec, "partitions:block=100,policy=%s,grain=1", fits[i]);
        const int r = hy_partition_maps(picture_text, sizeof picture_text - 1, "picture", spec, &maps, error);
        if (r < 0)
            return r;
        hy_machine_subheading(page, spec);
        snprintf(figure.base, sizeof figure.base, "partition-%s", fits[i]);
        hy_partition_picture(maps, hy_machine_data(page), &figure);
        hy_machine_figure(page, &figure);
        hy_machine_map(page, maps);
        free(maps);
    }
    hy_machine_text(page, "First fit leaves no hole above 7 blocks, so a program of 8 is refused although 13 are free. "
                          "Best fit keeps the hole of 10 and leaves one of a single block, which is of use again once "
                          "C or D ends. Slid together, 13 free blocks are one hole; 15 blocks were copied for that.");
    return 0;
}

static int put_guesses(hy_machine_page *page, const char *folder, hy_executables *programs, hy_error *error) {
    char about[300];
    hy_machine_heading(page, "guess", "How much a program will want");
    const int r = hy_executables_find(programs, folder, &hy_size_rule_default, error);
    if (r < 0)
        return r;
    if (programs->count == 0)
        return hy_fail(error, -1, "%s: no program in it", folder);
    cmd_partition_guesses_about(programs, about, sizeof about);
    hy_machine_text(page,
                    "What the segments of an executable take in memory, a stack and a first piece of heap, for "
                    "every program in `%s`: %s. `heapyard partition guess --run LIST` compares guesses with what "
                    "programs really had.",
                    folder, about);
    return 0;
}

static int put_ageing(hy_machine_page *page, hy_ageing_rule *rule, const char *id, size_t block, const char *lead) {
    char specs[4][HY_SPEC_SIZE], caption[400];
    const char *list[4];
    hy_aged aged[4];
    hy_sheet sheet;
    const size_t memory = (size_t)256 << 20;
    hy_figure figure = {.plot = "partition_age",
                        .title = "A memory grows old",
                        .about =
                            "Over the programs that came: what is looked at for a request, holes too small for nine "
                            "of ten programs, programs refused, external fragmentation."};
    cmd_partition_fits(block, specs);
    for (int i = 0; i < 4; i++)
        list[i] = specs[i];
    const int code = cmd_partition_let_age(rule, memory, list, 4, aged);
    if (code != HY_EXIT_OK)
        return code;
    hy_machine_subheading(page, lead);
    cmd_partition_ageing_sheet(rule, aged, 4, &sheet);
    snprintf(caption, sizeof caption,
             "%s programs come to %s, %.0f %% of what it can hold; means of the second half. Slivers: below %s.",
             hy_show_count(rule->programs).text, hy_show_bytes(memory).text, 100 * rule->load,
             hy_show_bytes(hy_ageing_sliver(rule)).text);
    sheet.caption = caption;
    hy_machine_sheet(page, &sheet);
    hy_sheet_free(&sheet);
    snprintf(figure.base, sizeof figure.base, "partition-%s", id);
    cmd_partition_ageing_data(aged, 4, hy_machine_data(page), &figure);
    hy_machine_figure(page, &figure);
    return HY_EXIT_OK;
}

static int put_ageings(hy_machine_page *page, const page_call *call, const hy_executables *programs) {
    hy_ageing_rule rule = {
        .programs = call->arrivals, .load = 1, .seed = 1, .mean = 256 << 10, .windows = PARTITION_WINDOWS};
    hy_machine_heading(page, "ageing", "What becomes of it");
    hy_machine_text(page,
                    "Programs come at random, stay for a while, and go away at once if there is no room. Times are "
                    "exponential; so are sizes in the first two studies, 256 KiB on average.");
    int code = put_ageing(page, &rule, "age-fixed", 16 << 10, "Fixed partitions, blocks of 16 KiB");
    if (code == HY_EXIT_OK)
        code = put_ageing(page, &rule, "age-dynamic", 0, "Dynamic partitions, to the byte");
    uint64_t *const sizes = calloc(programs->count, sizeof *sizes);
    if (!sizes)
        abort();
    for (size_t i = 0; i < programs->count; i++)
        sizes[i] = programs->found[i].size.guess;
    rule.sizes = sizes;
    rule.size_count = programs->count;
    if (code == HY_EXIT_OK)
        code = put_ageing(page, &rule, "age-real", 0, "Dynamic partitions, sizes of real programs");
    free(sizes);
    return code;
}

static void put_simplified(hy_machine_page *page) {
    hy_machine_heading(page, "simplified", "Where it is told too simply");
    hy_machine_text(page,
                    "*Next fit* is often called a slight improvement on first fit. It is one of search: it looks at "
                    "far less for each request. But it refuses more programs: it spreads them over all of memory, "
                    "and large holes do not last. C. Bays found it inferior by simulation, too, in 1977 "
                    "(Communications of the ACM 20, 191).");
    hy_machine_text(page, "*Worst fit* is said to avoid the external fragmentation of best fit. It does leave fewer "
                          "slivers; but external fragmentation is a request that fails although enough is free, and of "
                          "these it has the most by far, for it cuts up every large hole. The tables above say "
                          "by how much, here and today.");
}

static int fill(hy_machine_page *page, const page_call *call) {
    hy_executables programs = {.count = 0};
    hy_error error;
    int code = HY_EXIT_OK;
    if (put_pictures(page, &error) < 0 || put_guesses(page, call->programs, &programs, &error) < 0)
        code = cmd_fail("%s", error.text);
    if (code == HY_EXIT_OK)
        code = put_ageings(page, call, &programs);
    if (code == HY_EXIT_OK)
        code = cmd_partition_flat_section(page);
    if (code == HY_EXIT_OK && call->job)
        code = cmd_partition_models_section(page, call->job);
    put_simplified(page);
    hy_executables_free(&programs);
    return code;
}

/* --------------------------------------------------------------------------------------------------- options ---- */

enum { KEY_PAGE = 256, KEY_PROGRAMS, KEY_JOB };

static const struct argp_option option_table[] = {
    {"page", KEY_PAGE, "FOLDER", 0, "write FOLDER/partition.html, with its pictures", 0},
    {"sizes", KEY_PROGRAMS, "FOLDER", 0, "whose programs it is about (default /usr/bin)", 0},
    {"job", KEY_JOB, "FILE", 0, "an arrival trace, to be replayed on the four models", 0},
    {"programs", 'n', "COUNT", 0, "that arrive in each study (default 20000)", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    page_call *const call = state->input;
    switch (key) {
    case KEY_PAGE: call->folder = argument; break;
    case KEY_PROGRAMS: call->programs = argument; break;
    case KEY_JOB: call->job = argument; break;
    case 'n': return cmd_number("--programs", argument, PARTITION_WINDOWS, 10000000, &call->arrivals);
    case ARGP_KEY_END:
        if (!call->folder)
            exit(cmd_fail("expected --page FOLDER, or a subcommand"));
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int cmd_partition_page(int argc, char **argv) {
    static const struct argp argp = {.options = option_table, .parser = parse};
    page_call call = {.programs = "/usr/bin", .arrivals = 20000};
    char typed[1024];
    hy_machine_page *page;
    hy_error error;
    cmd_typed(argc, argv, typed, sizeof typed);
    int code = cmd_parse(&argp, argc, argv, &call);
    if (code != HY_EXIT_OK)
        return code;
    if (hy_machine_open(call.folder, "partition", "Partitions", "Memory for whole programs, in one piece each.", typed,
                        &page, &error) < 0)
        return cmd_fail("%s", error.text);
    code = fill(page, &call);
    const int closed = cmd_close_page(page, call.folder, "partition");
    return code == HY_EXIT_OK ? closed : code;
}
