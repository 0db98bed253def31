/* SPDX-License-Identifier: MIT
 *
 * reloc_page.c - reloc.html: the page about relocation (`heapyard reloc scan --page FOLDER`).
 */
#include "reloc_scan.h"

#include "linker.h"
#include "machine_answer.h"
#include "measure.h"
#include "rel_kind.h"
#include "rel_object.h"
#include "reloc_parts.h"
#include "units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIBC "/usr/lib/x86_64-linux-gnu/libc.a"
#define SAMPLE 50 /* every so manieth member is compared for the page */

/* ----------------------------------------------------------------------------------------------------- pictures ----
 */

static int by_count(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* A block of the picture: one kind of files; a point a percent is enough.  Rows written. */
static size_t write_kind(hy_scan_kind kind, const cmd_scan_row *rows, size_t count, FILE *data) {
    uint64_t *const counts = calloc(count + 1, sizeof *counts);
    size_t files = 0, written = 0;
    if (!counts)
        abort();
    for (size_t i = 0; i < count; i++)
        if (rows[i].scan.kind == kind)
            counts[files++] = cmd_scan_dynamic(&rows[i].scan);
    qsort(counts, files, sizeof *counts, by_count);
    if (files > 1)
        fprintf(data, "\"%s\"\n", hy_scan_words[kind]);
    for (size_t i = 0; files > 1 && i < files; i++) {
        if (i + 1 < files && i * 100 / files == (i + 1) * 100 / files)
            continue;
        fprintf(data, "%" PRIu64 " %.4f\n", counts[i] + 1, (double)(i + 1) / (double)files);
        written++;
    }
    if (files > 1)
        fputs("\n\n", data);
    free(counts);
    return written;
}

static void draw(const cmd_scan_row *rows, size_t count, hy_machine_page *page) {
    hy_figure figure = {.plot = "reloc_scan",
                        .base = "reloc-scan",
                        .title = "Dynamic relocations",
                        .about =
                            "The share of files that have so many dynamic relocations or fewer (one is added, for the "
                            "logarithm). Libraries that begin above 0 % at the left have none."};
    FILE *const data = hy_machine_data(page);
    int blocks = 0;
    for (int kind = 0; kind < HY_SCAN_KINDS; kind++) {
        const size_t written = write_kind((hy_scan_kind)kind, rows, count, data);
        figure.rows += written;
        blocks += written > 0;
    }
    snprintf(figure.options, sizeof figure.options, "blocks=%d", blocks);
    hy_machine_figure(page, &figure);
}

/* ----------------------------------------------------------------------------------------------------- libc.a ---- */

#define TYPES 64

static void count_types(const cmd_reloc_input *input, uint64_t counts[TYPES]) {
    cmd_reloc_item item;
    for (size_t i = 0; cmd_reloc_item_at(input, i, &item); i++) {
        hy_rel_object *object;
        if (hy_rel_object_read(item.name, item.bytes, item.size, &object, NULL) < 0)
            continue;
        for (size_t r = 0; r < object->relocation_count; r++)
            counts[object->relocations[r].type % TYPES]++;
        hy_rel_object_free(object);
    }
}

static void tell_types(const cmd_reloc_input *input, hy_machine_page *page) {
    static const hy_sheet_column columns[] = {{"type", "type", HY_SHEET_WORD},
                                              {"formula", "what is written", HY_SHEET_WORD},
                                              {"count", "in libc.a", HY_SHEET_COUNT}};
    hy_sheet sheet = {.name = "types",
                      .caption =
                          "S: the symbol's address; A: the addend; P: the address of the hole; L: the symbol's or its "
                          "stub's; G: its slot in the offset table.",
                      HY_SHEET_COLUMNS(columns)};
    uint64_t counts[TYPES] = {0};
    count_types(input, counts);
    for (uint32_t type = 0; type < TYPES; type++)
        if (counts[type])
            hy_sheet_add(&sheet, HY_SHEET_ROW(HY_WORD(hy_rel_kind_of(type)->name),
                                              HY_WORD(hy_rel_kind_of(type)->formula), HY_FIGURE(counts[type])));
    hy_machine_sheet(page, &sheet);
    hy_sheet_free(&sheet);
}

static void tell_sample(const cmd_reloc_input *input, const hy_linker *linker, const volatile sig_atomic_t *stop,
                        hy_machine_page *page) {
    const hy_link_bases bases = {.seed = 1, .count = 1, .stop = stop};
    unsigned compared = 0, equal = 0;
    uint64_t bytes = 0;
    cmd_reloc_item item;
    for (size_t i = 0; cmd_reloc_item_at(input, i, &item); i += SAMPLE) {
        hy_link_result result;
        hy_error error;
        if (hy_linker_compare(linker, item.name, item.bytes, item.size, bases, &result, &error) < 0)
            result.outcome = HY_LINK_REFUSED;
        if (*stop)
            break;
        compared++;
        equal += result.outcome == HY_LINK_EQUAL;
        bytes += result.bytes[HY_LINK_CODE] + result.bytes[HY_LINK_CONSTANTS] + result.bytes[HY_LINK_DATA];
    }
    hy_machine_text(
        page,
        "Is it right? For this page every %dth member of libc.a was relocated at a random base and linked by "
        "%s at the same one: *%u of %u* are equal, %s compared byte by byte. `heapyard reloc diff " LIBC
        " --bases 3` compares all of them.",
        SAMPLE, hy_linker_version(linker), equal, compared, hy_show_bytes(bytes).text);
}

/* When it is stopped the page has what was compared until then. */
static void tell_libc(const volatile sig_atomic_t *stop, hy_machine_page *page) {
    cmd_reloc_input input;
    hy_linker *linker;
    if (access(LIBC, R_OK) < 0 || cmd_reloc_open(LIBC, &input) != 0) {
        hy_machine_note(page, "There is no " LIBC " here, so nothing was compared.");
        return;
    }
    tell_types(&input, page);
    if (hy_linker_create("ld", &linker, NULL) == 0) {
        tell_sample(&input, linker, stop, page);
        hy_linker_free(linker);
    } else {
        hy_machine_note(page, "There is no GNU ld here, so nothing was compared.");
    }
    cmd_reloc_close(&input);
}

/* ------------------------------------------------------------------------------------------------------ the page ----
 */

int cmd_scan_page(const char *folder, const char *typed, const hy_sheet *kinds, const char *sentence,
                  const cmd_scan_row *rows, size_t count) {
    const volatile sig_atomic_t *const stop = cmd_listen_for_stop();
    hy_error error;
    hy_machine_page *page;
    if (hy_machine_open(
            folder, "reloc", "Code that can lie anywhere",
            "What has to be changed in a program when its address is known at last, and what is left of that.", typed,
            &page, &error) < 0)
        return cmd_fail("%s", error.text);
    hy_machine_heading(page, "types", "A table of holes");
    hy_machine_text(page,
                    "A compiler leaves holes where addresses belong, and a table that says for each how to fill it. "
                    "`heapyard reloc` fills them in for any base, as a linker does.");
    tell_libc(stop, page);
    hy_machine_heading(page, "scan", "What finished programs still have");
    hy_machine_sheet(page, kinds);
    hy_machine_text(page, "%s", sentence);
    draw(rows, count, page);
    hy_machine_text(page,
                    "Where the usual account simplifies: position-independent programs are said to be loaded "
                    "*without a relocation table*. Their *code* needs none, as it holds distances only; pointers in "
                    "*data* (tables of functions, lists of strings, the offset table itself) are addresses, and the "
                    "loader writes them for each base. Pages that it writes to are no longer shared.");
    const int code = cmd_close_page(page, folder, "reloc");
    return *stop ? 128 + (int)*stop : code;
}
