/* SPDX-License-Identifier: MIT
 *
 * survey.c - see survey.h.
 */
#include "survey.h"

#include "smaps.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static hy_library *survey_library(hy_survey *survey, const hy_mapping *mapping) {
    for (size_t i = 0; i < survey->count; i++)
        if (survey->library[i].inode == mapping->inode && strcmp(survey->library[i].path, mapping->path) == 0)
            return &survey->library[i];
    hy_library *const grown = realloc(survey->library, (survey->count + 1) * sizeof *grown);
    char *const path = strdup(mapping->path);
    if (!grown || !path)
        abort();
    survey->library = grown;
    grown[survey->count] = (hy_library){.inode = mapping->inode, .path = path};
    return &grown[survey->count++];
}

/* Whether a part of the same file may be executed. */
static bool survey_is_code(const hy_smaps *smaps, uint64_t inode) {
    for (size_t i = 0; i < smaps->count; i++)
        if (smaps->mapping[i].inode == inode && smaps->mapping[i].permissions[2] == 'x')
            return true;
    return false;
}

static void survey_add(hy_survey *survey, const hy_smaps *smaps, const char *program, uint64_t process) {
    for (size_t i = 0; i < smaps->count; i++) {
        const hy_mapping *const m = &smaps->mapping[i];
        if (m->inode == 0 || m->path[0] != '/' || strcmp(m->path, program) == 0 || !survey_is_code(smaps, m->inode))
            continue;
        hy_library *const library = survey_library(survey, m);
        const size_t of_file = hy_mapping_file_bytes(m);
        if (library->last_process != process) {
            library->last_process = process;
            library->processes++;
            library->mapped = 0;
        }
        library->mapped += m->to - m->from;
        library->rss += of_file;
        library->own += m->anonymous;
        /* PSS counts what is written too, and that in full */
        library->pss += m->pss > m->anonymous ? m->pss - m->anonymous : 0;
    }
}

static void survey_look(hy_survey *survey, pid_t process) {
    char link[64], program[4096];
    hy_smaps smaps;
    snprintf(link, sizeof link, "/proc/%d/exe", (int)process);
    const ssize_t size = readlink(link, program, sizeof program - 1);
    if (size < 0) { /* the kernel's own, or one of somebody else */
        survey->refused += errno == EACCES || errno == EPERM;
        return;
    }
    program[size] = '\0';
    if (hy_smaps_read(process, &smaps, NULL) < 0)
        return; /* it has ended meanwhile */
    survey->processes += smaps.count > 0;
    survey_add(survey, &smaps, program, (uint64_t)process);
    hy_smaps_free(&smaps);
}

static int survey_compare(const void *left, const void *right) {
    const hy_library *const a = left, *const b = right;
    const size_t of_a = a->rss - a->pss, of_b = b->rss - b->pss;
    if (of_a != of_b)
        return of_a < of_b ? 1 : -1;
    return strcmp(a->path, b->path);
}

int hy_survey_make(hy_survey *ret_survey, hy_error *error) {
    hy_survey survey = {NULL, 0, 0, 0};
    DIR *const folder = opendir("/proc");
    if (!folder)
        return hy_fail(error, -errno, "/proc: %s", strerror(errno));
    for (const struct dirent *entry; (entry = readdir(folder));) {
        const long process = strtol(entry->d_name, NULL, 10);
        if (process > 0)
            survey_look(&survey, (pid_t)process);
    }
    closedir(folder);
    for (size_t i = 0; i < survey.count; i++) /* pages went and came while we counted */
        if (survey.library[i].pss > survey.library[i].rss)
            survey.library[i].pss = survey.library[i].rss;
    if (survey.count > 0)
        qsort(survey.library, survey.count, sizeof *survey.library, survey_compare);
    *ret_survey = survey;
    return 0;
}

void hy_survey_free(hy_survey *survey) {
    for (size_t i = 0; i < survey->count; i++)
        free(survey->library[i].path);
    free(survey->library);
    *survey = (hy_survey){NULL, 0, 0, 0};
}
