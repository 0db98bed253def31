/* SPDX-License-Identifier: MIT
 *
 * share_dll.c - `heapyard share dll`: a library with absolute addresses in its code against a position-independent one,
 * and libraries that all want an address of their own.
 */
#include "share_answer.h"

#include "bases.h"
#include "library_sizes.h"
#include "paths.h"
#include "textrel.h"
#include "units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BUILD, PROCESS, BASE, RELOCATIONS, IN_CODE, CODE, EXPECTED, PRIVATE }; /* the first columns of builds */
enum { WINDOW, BASES, LOADED, PROGRAMS, REFUSED, FORMULA };                   /* of bases */

static const hy_sheet_column lodger_columns[] = {
    {"build", "build", HY_SHEET_WORD},
    {"process", "process", HY_SHEET_COUNT},
    {"base", "base", HY_SHEET_HEX},
    {"relocations", "relocations", HY_SHEET_COUNT},
    {"in_code", "in code", HY_SHEET_COUNT},
    {"code", "code", HY_SHEET_BYTES},
    {"expected", "pages with one", HY_SHEET_BYTES},
    {"code_private", "code, private", HY_SHEET_BYTES},
    {"data_private", "data, private", HY_SHEET_BYTES},
};

static const hy_sheet_column base_columns[] = {
    {"window", "window", HY_SHEET_WORD},
    {"bases", "preferred bases", HY_SHEET_WORD},
    {"loaded", "libraries a program", HY_SHEET_COUNT},
    {"programs", "programs", HY_SHEET_COUNT},
    {"refused", "refused by the strict rule", HY_SHEET_SHARE},
    {"formula", "birthday formula", HY_SHEET_SHARE},
    {"moved", "libraries moved a program", HY_SHEET_NUMBER},
    {"moved_bytes", "bytes moved a program", HY_SHEET_BYTES},
};

/* -------------------------------------------------------------------------------------------------- two builds ---- */

static int measure_build(const char *build, const char *library, unsigned count, share_answer *answer,
                         hy_error *error) {
    char path[HY_PATH_SIZE];
    hy_lodger lodger[HY_LODGERS_MOST];
    hy_relocated file;
    int r = hy_find_part(HY_PART_LIBRARY, library, path, error);
    if (r == 0)
        r = hy_relocated_read(path, &file, error);
    if (r == 0)
        r = hy_lodgers_measure(path, &file, count, lodger, error);
    for (unsigned i = 0; r == 0 && i < count; i++) {
        hy_sheet_add(&answer->sheet[0],
                     HY_SHEET_ROW(HY_WORD(build), HY_FIGURE(i + 1), HY_FIGURE(lodger[i].base),
                                  HY_FIGURE(file.relocations), HY_FIGURE(file.in_code), HY_FIGURE(file.code_bytes),
                                  HY_FIGURE(file.hit_pages * 4096), HY_FIGURE(lodger[i].code_private),
                                  HY_FIGURE(lodger[i].data_private)));
        if (lodger[i].code_private != file.hit_pages * 4096 || lodger[i].answer != lodger[0].answer)
            answer->code = HY_EXIT_MEASURED;
    }
    return r;
}

static int measure_builds(const share_wish *wish, share_answer *answer, hy_error *error) {
    const unsigned count = wish->processes > 0 ? wish->processes : 4;
    answer->sheet[0] = (hy_sheet){.name = "builds",
                                  .caption = "One source as position-independent code, and with absolute addresses "
                                             "that the loader writes into it",
                                  HY_SHEET_COLUMNS(lodger_columns)};
    answer->sheets = 1;
    int r = measure_build("position-independent", "libheapyard-pic.so", count, answer, error);
    if (r < 0)
        return r;
    r = measure_build("absolute", "libheapyard-absolute.so", count, answer, error);
    if (r == -ENOENT) {
        snprintf(answer->warning, sizeof answer->warning, "without absolute code to compare with: %.400s", error->text);
        return 0;
    }
    if (r == 0) {
        const hy_sheet *const sheet = &answer->sheet[0];
        const double pic = share_figure(sheet, 0, PRIVATE), absolute = share_figure(sheet, sheet->rows - 1, PRIVATE);
        snprintf(answer->sentence, sizeof answer->sentence,
                 "Of %s of code each of %u processes has %s for itself if it was built with absolute addresses (as "
                 "many pages as have one of them), and %s of the position-independent build.",
                 hy_show_bytes((uint64_t)share_figure(sheet, sheet->rows - 1, CODE)).text, count,
                 hy_show_bytes((uint64_t)absolute).text, hy_show_bytes((uint64_t)pic).text);
    }
    return r;
}

/* -------------------------------------------------------------------------------------------- preferred bases ---- */

typedef struct window {
    const char *name;
    uint64_t bytes;
} window;

static const window windows[] = {{"2 GiB (32 bits)", (uint64_t)1 << 31}, {"128 TiB (47 bits)", (uint64_t)1 << 47}};

/* In whole grains, as a base is given. */
static double mean_size(const uint64_t *size, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)((size[i] + HY_BASE_GRAIN - 1) / HY_BASE_GRAIN * HY_BASE_GRAIN);
    return count > 0 ? sum / (double)count : 0;
}

/* Libraries of the sizes that are installed here, and the question that is asked of them. */
typedef struct simulation {
    const char *name;
    const window *window;
    hy_choice_of_base choice;
    const uint64_t *size;
    size_t count;
    double mean;
} simulation;

static void simulate(const share_wish *wish, const simulation *s, hy_sheet *sheet) {
    for (size_t loaded = 2; loaded <= s->count && loaded <= 256; loaded *= 2) {
        const hy_base_plan plan = {.size = s->size,
                                   .population = s->count,
                                   .window = s->window->bytes,
                                   .choice = s->choice,
                                   .loaded = loaded,
                                   .trials = wish->trials,
                                   .seed = wish->seed};
        const hy_base_result result = hy_bases_simulate(&plan);
        const double trials = (double)result.trials;
        const double formula =
            s->choice == HY_BASE_RANDOM ? hy_birthday_intervals(loaded, s->mean, s->window->bytes) : (double)NAN;
        hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(s->window->name), HY_WORD(s->name), HY_FIGURE(loaded),
                                         HY_FIGURE(result.trials), HY_FIGURE((double)result.colliding / trials),
                                         HY_FIGURE(formula), HY_FIGURE((double)result.moved / trials),
                                         HY_FIGURE((double)result.moved_bytes / trials)));
    }
}

static void simulate_all(const share_wish *wish, const uint64_t *size, size_t count, hy_sheet *sheet) {
    const double mean = mean_size(size, count);
    uint64_t *const equal = calloc(count, sizeof *equal);
    if (!equal)
        abort();
    for (size_t i = 0; i < count; i++)
        equal[i] = (uint64_t)mean;
    const simulation simulations[] = {
        {"random", &windows[0], HY_BASE_RANDOM, size, count, mean},
        {"random, all of the mean size", &windows[0], HY_BASE_RANDOM, equal, count, mean_size(equal, count)},
        {hy_base_name(HY_BASE_DEFAULT), &windows[0], HY_BASE_DEFAULT, size, count, mean},
        {hy_base_name(HY_BASE_ASSIGNED), &windows[0], HY_BASE_ASSIGNED, size, count, mean},
        {"random", &windows[1], HY_BASE_RANDOM, size, count, mean},
    };
    for (size_t i = 0; i < sizeof simulations / sizeof *simulations; i++)
        simulate(wish, &simulations[i], sheet);
    free(equal);
}

/* The row of so many libraries at random bases in the small window. */
static void say_bases(share_answer *answer, size_t count, double mean) {
    const hy_sheet *const sheet = &answer->sheet[1];
    const size_t used = strlen(answer->sentence);
    for (size_t i = 0; i < sheet->rows; i++)
        if (share_figure(sheet, i, LOADED) == 32) {
            snprintf(answer->sentence + used, sizeof answer->sentence - used,
                     "%sOf programs that load 32 of %zu libraries (%s of addresses on average), each at one random "
                     "address of 2 GiB, %.1f %% would be refused by the strict rule (birthday formula for libraries of "
                     "one size: %.1f %%).",
                     used ? " " : "", count, hy_show_bytes((uint64_t)mean).text, 100 * share_figure(sheet, i, REFUSED),
                     100 * share_figure(sheet, i, FORMULA));
            return;
        }
}

static void measure_bases(const share_wish *wish, share_answer *answer) {
    char folder[HY_PATH_SIZE];
    uint64_t *size = NULL;
    size_t count = 0;
    hy_error error;
    hy_sheet *const sheet = &answer->sheet[1];
    *sheet = (hy_sheet){.name = "bases",
                        .caption = "Simulated: programs that load some of the libraries installed here, each of which "
                                   "wants one address in all programs",
                        HY_SHEET_COLUMNS(base_columns)};
    int r = hy_library_folder(folder, sizeof folder, &error);
    if (r == 0)
        r = hy_library_sizes(folder, &size, &count, &error);
    if (r < 0 || count < 2) {
        snprintf(answer->warning, sizeof answer->warning, "without preferred bases: %.400s",
                 r < 0 ? error.text : "no libraries were found");
    } else {
        simulate_all(wish, size, count, sheet);
        say_bases(answer, count, mean_size(size, count));
        answer->sheets = 2;
    }
    free(size);
}

static void ask(const share_wish *wish, share_answer *answer) {
    hy_error error;
    const int r = measure_builds(wish, answer, &error);
    if (r < 0) {
        share_refused(answer, r, &error);
        return;
    }
    measure_bases(wish, answer);
}

/* -------------------------------------------------------------------------------------------------------- page ---- */

static void draw(const hy_sheet *sheet, hy_machine_page *page) {
    hy_figure figure = {.plot = "share_bases",
                        .base = "share-bases",
                        .title = "Preferred bases that collide",
                        .about = "Programs that could not start if a library must have its own address everywhere. "
                                 "Points: simulated with the libraries of this machine; lines: the birthday formula."};
    FILE *const data = hy_machine_data(page);
    unsigned blocks = 0;
    for (size_t i = 0; i < sheet->rows; i++) {
        const double formula = share_figure(sheet, i, FORMULA);
        if (i == 0 || strcmp(share_word(sheet, i, WINDOW), share_word(sheet, i - 1, WINDOW)) != 0 ||
            strcmp(share_word(sheet, i, BASES), share_word(sheet, i - 1, BASES)) != 0) {
            char name[96];
            snprintf(name, sizeof name, "%s, %s", share_word(sheet, i, BASES), share_word(sheet, i, WINDOW));
            fputs(blocks++ ? "\n\n" : "", data);
            hy_dat_most(data, name, 60);
            fputc('\n', data);
        }
        fprintf(data, "%.0f %.6f %.6f\n", share_figure(sheet, i, LOADED), share_figure(sheet, i, REFUSED),
                isnan(formula) ? -1 : formula);
        figure.rows++;
    }
    snprintf(figure.options, sizeof figure.options, "blocks=%u", blocks);
    hy_machine_figure(page, &figure);
}

static void tell(const share_answer *answer, hy_machine_page *page) {
    hy_machine_text(page, "Code with absolute addresses must be written when it is loaded, and what a process writes "
                          "is its own. So relocatable code can lie anywhere, and is then not shared; unless it lies at "
                          "the same address in all processes. Position-independent code is not written at all.");
    hy_machine_sheet(page, &answer->sheet[0]);
    hy_machine_text(page, "%s", answer->sentence);
    if (answer->sheets > 1) {
        hy_machine_subheading(page, "One address for all");
        hy_machine_text(page,
                        "The document says that Windows *requires* one address for a library in all programs, and "
                        "that a library whose address is taken cannot be loaded. Real Windows prefers one "
                        "address: on a collision the library is moved, relocated, and its written pages are the "
                        "process's own, as in the table above. The column *moved* is what that costs; the column "
                        "before it what the strict rule would refuse. Today each library gets one random address "
                        "for all processes when it is first loaded, which is the third choice here.");
        draw(&answer->sheet[1], page);
        hy_machine_sheet(page, &answer->sheet[1]);
    }
}

const share_part share_dll = {"dll", "Relocated libraries", "absolute addresses against position-independent code", ask,
                              tell};
