/* SPDX-License-Identifier: MIT
 *
 * importers.c - THE list of importers, and what is the same for all of them (see importers.h).
 */
#include "importers.h"

#include "spec.h"
#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_HEAD 1024u /* bytes of a line that are looked at */

extern const hy_importer hy_import_text, hy_import_android, hy_import_rep, hy_import_lab, hy_import_wee,
    hy_import_mtrace, hy_import_valgrind, hy_import_heaptrack, hy_import_lttng, hy_import_csv, hy_import_minimalloc;

const hy_importer *const hy_importers[] = {&hy_import_text,     &hy_import_android,    &hy_import_rep,
                                           &hy_import_lab,      &hy_import_wee,        &hy_import_mtrace,
                                           &hy_import_valgrind, &hy_import_heaptrack,  &hy_import_lttng,
                                           &hy_import_csv,      &hy_import_minimalloc, NULL};

int hy_importer_find(const char *name, const hy_importer **ret_importer, hy_error *error) {
    const char *names[sizeof hy_importers / sizeof *hy_importers] = {NULL};
    for (size_t i = 0; hy_importers[i]; i++) {
        names[i] = hy_importers[i]->name;
        if (strcmp(name, names[i]) == 0) {
            *ret_importer = hy_importers[i];
            return 0;
        }
    }
    const hy_hint hint = hy_did_you_mean(name, strlen(name), names, "`heapyard import --help` lists them");
    return hy_fail(error, -EINVAL, "unknown format \"%s\"%s", hy_word_show(name).text, hint.text);
}

/* ---- which format ---- */

static const hy_importer *recognise_line(const char *line, bool first) {
    for (size_t i = 0; hy_importers[i]; i++)
        if ((first || hy_importers[i]->strays) && hy_importers[i]->recognise(line))
            return hy_importers[i];
    return NULL;
}

/* By the first line that is not empty and no comment, or by any of those that could be strays. */
static const hy_importer *recognise(hy_text head, char *ret_first) {
    const hy_importer *found = NULL;
    bool first = true;
    for (size_t at = 0, end; at < head.size && !found; at = end + 1) {
        char line[MOST_HEAD];
        const char *const stop = memchr(head.at + at, '\n', head.size - at);
        end = stop ? (size_t)(stop - head.at) : head.size;
        const size_t size = end - at < sizeof line ? end - at : sizeof line - 1;
        memcpy(line, head.at + at, size);
        line[size] = '\0';
        line[strcspn(line, "\r")] = '\0';
        const char *const start = line + strspn(line, " \t");
        if (start[0] == '\0' || start[0] == '#')
            continue;
        found = recognise_line(start, first);
        if (first)
            snprintf(ret_first, MOST_HEAD, "%s", start);
        first = false;
    }
    return found;
}

static int choose(hy_lines *lines, const hy_importer **ret_importer, hy_error *error) {
    char first[MOST_HEAD] = "";
    hy_text head;
    const int r = hy_lines_peek(lines, &head.at, &head.size, error);
    if (r < 0)
        return r;
    if (head.size == 0)
        return hy_fail(error, -EINVAL, "an empty file; expected a trace as text");
    if (head.size >= 4 && memcmp(head.at, "\x89HYT", 4) == 0)
        return hy_fail(error, -EINVAL, "this is a trace of heapyard already; there is nothing to import");
    if (memchr(head.at, '\0', head.size))
        return hy_fail(error, -EINVAL, "a byte of value 0; expected text");
    *ret_importer = recognise(head, first);
    if (*ret_importer)
        return 0;
    if (first[0] == '\0')
        return hy_fail(error, -EINVAL, "nothing but blank lines and comments; expected a trace as text");
    if (strspn(first, "0123456789., \t") == strlen(first) && strchr(first, ','))
        return hy_fail(error, -EINVAL,
                       "numbers without names; a table begins with the names of its columns, such as "
                       "time,thread,kind,object,size,alignment");
    return hy_fail(error, -EINVAL, "no format that is known begins with \"%s\"; `heapyard import --help` lists them",
                   hy_word_show(first).text);
}

/* ---- reading ---- */

static int read_line(const hy_importer *importer, hy_intake *intake, void *state, char *line, hy_error *error) {
    line += strspn(line, " \t");
    if (line[0] == '\0' || line[0] == '#')
        return 0;
    const int r = importer->line(intake, state, line, error);
    if (r != -EINVAL || !hy_lines_is_cut(intake->lines) || intake->events == 0)
        return r;
    hy_intake_flaw(intake, HY_FLAW_CUT);
    return 0;
}

static int read_lines(const hy_importer *importer, hy_intake *intake, void *state, hy_error *error) {
    char *line;
    int r;
    while ((r = hy_lines_next(intake->lines, &line, error)) > 0)
        if ((r = read_line(importer, intake, state, line, error)) < 0)
            return r;
    return r;
}

static int read_all(const hy_importer *importer, hy_intake *intake, hy_error *error) {
    hy_error why;
    void *const state = calloc(1, importer->state + 1);
    if (!state)
        return hy_fail(error, -ENOMEM, "%s: no memory", hy_lines_name(intake->lines));
    int r = read_lines(importer, intake, state, &why);
    if (r < 0)
        hy_fail(error, r, "%s (%s): line %" PRIu64 ": %s", hy_lines_name(intake->lines), importer->name,
                hy_lines_number(intake->lines), why.text);
    if (importer->end) {
        const int ended = importer->end(intake, state, r < 0 ? NULL : &why);
        if (r == 0 && (r = ended) < 0)
            hy_fail(error, r, "%s (%s): %s", hy_lines_name(intake->lines), importer->name, why.text);
    }
    free(state);
    return r;
}

/* A trace without events is a trace, too. */
static int finish(hy_intake *intake, int r, hy_error *error) {
    if (r == 0 && !intake->writer)
        r = hy_trace_create(intake->trace, &intake->meta, &intake->writer, error);
    if (!intake->writer)
        return r;
    hy_trace_set_dropped(intake->writer, intake->meta.dropped);
    const int finished = hy_trace_finish(intake->writer, r < 0 ? NULL : error);
    return r < 0 ? r : finished;
}

static void tell(const hy_importer *importer, const hy_intake *intake, hy_imported *ret_done) {
    *ret_done = (hy_imported){.importer = importer,
                              .lines = hy_lines_number(intake->lines),
                              .bytes = hy_lines_bytes(intake->lines),
                              .events = intake->events,
                              .process = intake->process};
    for (size_t i = 0; i < HY_FLAWS; i++) {
        ret_done->flaws[i] = intake->flaws[i].count;
        ret_done->first[i] = intake->flaws[i].line;
        *(i < HY_FLAW_MENDED ? &ret_done->dropped : &ret_done->mended) += intake->flaws[i].count;
    }
}

static int import_lines(hy_lines *lines, const char *trace, const hy_import_options *options, hy_imported *ret_done,
                        hy_error *error) {
    const hy_importer *importer = options->importer;
    hy_error why;
    int r = importer ? 0 : choose(lines, &importer, &why);
    if (r < 0)
        return hy_fail(error, r, "%s: %s", hy_lines_name(lines), why.text);
    hy_intake intake = {.lines = lines, .trace = trace, .process = options->process, .teller = hy_intake_id(0)};
    snprintf(intake.meta.origin, sizeof intake.meta.origin, "%s import, from %s", options->origin, importer->name);
    r = finish(&intake, read_all(importer, &intake, error), error);
    tell(importer, &intake, ret_done);
    hy_addresses_clear(&intake.blocks);
    hy_addresses_clear(&intake.threads);
    return r;
}

int hy_import(const char *path, const char *trace, const hy_import_options *options, hy_imported *ret_done,
              hy_error *error) {
    hy_lines *lines;
    int r = hy_lines_open(path, &lines, error);
    if (r < 0)
        return r;
    r = import_lines(lines, trace, options, ret_done, error);
    hy_lines_close(lines);
    return r;
}

int hy_text_import(const char *path, const char *trace, hy_error *error) {
    const hy_import_options options = {.importer = &hy_import_text, .origin = "heapyard"};
    hy_imported done;
    return hy_import(path, trace, &options, &done, error);
}
