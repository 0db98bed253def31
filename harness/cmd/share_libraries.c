/* SPDX-License-Identifier: MIT
 *
 * share_libraries.c - `heapyard share libraries`: N processes with shared libraries and without, and a survey of what
 * is mapped now.
 */
#include "share_answer.h"

#include "survey.h"
#include "tenants.h"
#include "units.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum { STEPS_MOST = 8, SHOWN = 20 };
enum { BUILD, PROCESSES, RSS, PSS, OWN, FILES, MEMORY };        /* the first columns of tenants */
enum { LIBRARY, USERS, MAPPED, COPIES, THERE, SAVED, WRITTEN }; /* of the survey */

static const hy_sheet_column tenancy_columns[] = {
    {"build", "build", HY_SHEET_WORD},    {"processes", "processes", HY_SHEET_COUNT},
    {"rss", "Σ RSS", HY_SHEET_BYTES},     {"pss", "Σ PSS", HY_SHEET_BYTES},
    {"own", "own", HY_SHEET_BYTES},       {"files", "files, each once", HY_SHEET_BYTES},
    {"memory", "memory", HY_SHEET_BYTES}, {"each", "memory a process", HY_SHEET_BYTES},
};

static const hy_sheet_column survey_columns[] = {
    {"library", "library", HY_SHEET_WORD},   {"processes", "processes", HY_SHEET_COUNT},
    {"mapped", "mapped", HY_SHEET_BYTES},    {"rss", "if each had a copy", HY_SHEET_BYTES},
    {"pss", "there is", HY_SHEET_BYTES},     {"saved", "saved", HY_SHEET_BYTES},
    {"own", "written, own", HY_SHEET_BYTES},
};

/* ------------------------------------------------------------------------------------------------------ tenants ----
 */

static void add_tenancy(hy_sheet *sheet, const hy_tenancy *t) {
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(hy_build_name(t->build)), HY_FIGURE(t->processes), HY_FIGURE(t->rss),
                                     HY_FIGURE(t->pss), HY_FIGURE(t->private), HY_FIGURE(t->files),
                                     HY_FIGURE(t->memory), HY_FIGURE(t->memory / t->processes)));
}

/* 1, 2, 4 … and the number asked for. */
static size_t plan_steps(unsigned processes, size_t *steps) {
    const size_t most = processes > 0 ? processes : 16;
    size_t count = 0;
    for (size_t n = 1; n < most && count + 1 < STEPS_MOST; n *= 2)
        steps[count++] = n;
    steps[count++] = most;
    return count;
}

/* All builds that there are.  `ends`: of each, the fewest and the most processes. */
static int measure_tenants(const share_wish *wish, share_answer *answer, hy_tenancy ends[HY_BUILDS][2],
                           hy_error *error) {
    size_t steps[STEPS_MOST];
    const size_t count = plan_steps(wish->processes, steps);
    for (int build = 0; build < HY_BUILDS; build++)
        for (size_t i = 0; i < count; i++) {
            hy_tenancy t;
            const int r = hy_tenants_measure((hy_build)build, steps[i], &t, error);
            if (r == -ENOENT && build <= HY_BUILD_STATIC) {
                snprintf(answer->warning, sizeof answer->warning, "without static programs to compare with: %.400s",
                         error->text);
                break;
            }
            if (r < 0)
                return r;
            ends[build][i > 0] = t;
            add_tenancy(&answer->sheet[0], &t);
        }
    return 0;
}

static void say_tenants(share_answer *answer, hy_tenancy ends[HY_BUILDS][2]) {
    const hy_tenancy *const apart = ends[HY_BUILD_STATIC_COPIES], *const shared = ends[HY_BUILD_SHARED_COPIES];
    if (apart[1].processes == 0)
        return;
    const size_t from = hy_tenants_crossover(&apart[0], &apart[1], &shared[0], &shared[1]);
    char crossover[96] = "sharing never pays here";
    if (from > 0)
        snprintf(crossover, sizeof crossover, "from %zu program%s on sharing takes less", from, from == 1 ? "" : "s");
    snprintf(answer->sentence, sizeof answer->sentence,
             "%zu different programs take %s with shared libraries and %s without (%.2f×); one alone %s and %s: %s. "
             "The same static program %zu times takes %s, for its file is shared too.",
             shared[1].processes, hy_show_bytes(shared[1].memory).text, hy_show_bytes(apart[1].memory).text,
             (double)apart[1].memory / (double)shared[1].memory, hy_show_bytes(shared[0].memory).text,
             hy_show_bytes(apart[0].memory).text, crossover, ends[HY_BUILD_STATIC][1].processes,
             hy_show_bytes(ends[HY_BUILD_STATIC][1].memory).text);
}

/* ------------------------------------------------------------------------------------------------------- survey ----
 */

static void add_library(hy_sheet *sheet, const hy_library *l) {
    hy_sheet_add(sheet, HY_SHEET_ROW(HY_WORD(l->path), HY_FIGURE(l->processes), HY_FIGURE(l->mapped), HY_FIGURE(l->rss),
                                     HY_FIGURE(l->pss), HY_FIGURE(l->rss - l->pss), HY_FIGURE(l->own)));
}

/* The first ones by name, the others in one row, and the sum. */
static void add_survey(hy_sheet *sheet, const hy_survey *survey) {
    hy_library others = {.path = NULL}, all = {.path = NULL};
    char words[64];
    for (size_t i = 0; i < survey->count; i++) {
        const hy_library *const l = &survey->library[i];
        hy_library *const sums[] = {&all, &others};
        for (int k = 0; k < 1 + (i >= SHOWN); k++) {
            sums[k]->mapped += l->mapped;
            sums[k]->rss += l->rss;
            sums[k]->pss += l->pss;
            sums[k]->own += l->own;
        }
        if (i < SHOWN)
            add_library(sheet, l);
    }
    others.processes = all.processes = survey->processes;
    if (survey->count > SHOWN) {
        snprintf(words, sizeof words, "%zu others", survey->count - SHOWN);
        others.path = words;
        add_library(sheet, &others);
    }
    all.path = (char *)(uintptr_t) "all libraries";
    add_library(sheet, &all);
}

static void say_survey(share_answer *answer, const hy_survey *survey) {
    const hy_sheet *const sheet = &answer->sheet[1];
    const size_t last = sheet->rows - 1, used = strlen(answer->sentence);
    snprintf(
        answer->sentence + used, sizeof answer->sentence - used,
        "%s%zu libraries in %zu processes now: %s of them there are, %s there would be if each process had its own "
        "copy; %s the processes have written, which nobody shares.",
        used ? " " : "", survey->count, survey->processes,
        hy_show_bytes((uint64_t)share_figure(sheet, last, THERE)).text,
        hy_show_bytes((uint64_t)share_figure(sheet, last, COPIES)).text,
        hy_show_bytes((uint64_t)share_figure(sheet, last, WRITTEN)).text);
}

/* --------------------------------------------------------------------------------------------------------- both ----
 */

static void ask(const share_wish *wish, share_answer *answer) {
    hy_tenancy ends[HY_BUILDS][2];
    hy_survey survey;
    hy_error error;
    memset(ends, 0, sizeof ends);
    answer->sheet[0] = (hy_sheet){.name = "tenants",
                                  .caption = "One program, statically and dynamically linked: what N processes take",
                                  HY_SHEET_COLUMNS(tenancy_columns)};
    answer->sheet[1] = (hy_sheet){
        .name = "survey", .caption = "Every library that is mapped by a process now", HY_SHEET_COLUMNS(survey_columns)};
    answer->sheets = 2;
    int r = measure_tenants(wish, answer, ends, &error);
    if (r == 0)
        r = hy_survey_make(&survey, &error);
    if (r < 0) {
        share_refused(answer, r, &error);
        return;
    }
    add_survey(&answer->sheet[1], &survey);
    say_tenants(answer, ends);
    say_survey(answer, &survey);
    hy_survey_free(&survey);
}

static void draw(const share_answer *answer, hy_machine_page *page) {
    hy_figure figure = {.plot = "share_libraries",
                        .base = "share-libraries",
                        .title = "What N processes take",
                        .about = "Memory of N processes: what each has for itself, and every page of a file once. "
                                 "Copies are programs of their own, which only shared libraries can make cheaper."};
    FILE *const data = hy_machine_data(page);
    const hy_sheet *const sheet = &answer->sheet[0];
    unsigned blocks = 0;
    for (size_t i = 0; i < sheet->rows; i++) {
        if (i == 0 || strcmp(share_word(sheet, i, BUILD), share_word(sheet, i - 1, BUILD)) != 0) {
            fputs(blocks++ ? "\n\n" : "", data);
            hy_dat(data, share_word(sheet, i, BUILD));
            fputc('\n', data);
        }
        fprintf(data, "%.0f %.6f\n", share_figure(sheet, i, PROCESSES), share_figure(sheet, i, MEMORY) / 1048576);
        figure.rows++;
    }
    snprintf(figure.options, sizeof figure.options, "blocks=%u", blocks);
    hy_machine_figure(page, &figure);
}

static void tell(const share_answer *answer, hy_machine_page *page) {
    hy_machine_text(page, "RSS is what a process maps and finds in memory; added up over processes it counts shared "
                          "pages again and again. PSS divides each page by those that share it, so its sum is what "
                          "there is. *Own* is what each process wrote; *memory* is that, and every page of a file "
                          "once.");
    hy_machine_text(page,
                    "A static program is not without sharing: started N times, its file is in memory once. Shared "
                    "libraries pay where *different* programs use them. So the program is run as copies too, "
                    "which the kernel takes for different files.");
    draw(answer, page);
    hy_machine_sheet(page, &answer->sheet[0]);
    hy_machine_sheet(page, &answer->sheet[1]);
    hy_machine_text(page, "%s", answer->sentence);
    hy_machine_note(page, "Which of the machine's executables and libraries are position-independent, and what the "
                          "loader writes in each: `heapyard reloc scan`.");
}

const share_part share_libraries = {"libraries", "Shared libraries", "N processes with shared libraries and without",
                                    ask, tell};
