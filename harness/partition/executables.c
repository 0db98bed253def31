/* SPDX-License-Identifier: MIT
 *
 * executables.c - see executables.h.
 */
#include "executables.h"

#include "paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void add(hy_executables *programs, const char *path, const hy_elf_size *size) {
    if (programs->count == programs->room) {
        programs->room = programs->room ? 2 * programs->room : 256;
        programs->found = realloc(programs->found, programs->room * sizeof *programs->found);
        if (!programs->found)
            abort();
    }
    programs->found[programs->count++] = (hy_found){strdup(path), *size};
}

static int is_plain(const struct dirent *entry) {
    return entry->d_name[0] != '.' && (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN);
}

static int find_in(hy_executables *programs, const char *folder, const hy_size_rule *rule, hy_error *error) {
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, is_plain, alphasort);
    if (count < 0)
        return hy_fail(error, -errno, "%s: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        char path[HY_PATH_SIZE];
        hy_elf_size size;
        hy_error ignored;
        const int n = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (n < (int)sizeof path && hy_elf_size_guess(path, rule, &size, &ignored) == 0)
            add(programs, path, &size);
        else
            programs->others++;
        free(entries[i]);
    }
    free(entries);
    return 0;
}

int hy_executables_find(hy_executables *programs, const char *path, const hy_size_rule *rule, hy_error *error) {
    struct stat st;
    hy_elf_size size;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return find_in(programs, path, rule, error);
    const int r = hy_elf_size_guess(path, rule, &size, error);
    if (r == 0)
        add(programs, path, &size);
    return r;
}

void hy_executables_free(hy_executables *programs) {
    for (size_t i = 0; i < programs->count; i++)
        free(programs->found[i].path);
    free(programs->found);
    *programs = (hy_executables){.count = 0};
}

/* ---------------------------------------------------------------------------------------------------- commands ---- */

/* Cuts a line into words, in place. */
static int parse_command(hy_run_list *list, char *line, const char *name, unsigned number, hy_error *error) {
    char *words[HY_RUN_WORDS + 1], *rest = NULL;
    size_t count = 0;
    for (char *word = strtok_r(line, " \t\r", &rest); word; word = strtok_r(NULL, " \t\r", &rest)) {
        if (count == HY_RUN_WORDS)
            return hy_fail(error, -EINVAL, "%.100s:%u: more than %d words", name, number, HY_RUN_WORDS);
        words[count++] = word;
    }
    if (count == 0 || words[0][0] == '#')
        return 0;
    if (list->count == HY_RUN_LINES)
        return hy_fail(error, -EINVAL, "%.100s:%u: more than %d commands", name, number, HY_RUN_LINES);
    words[count++] = NULL;
    char **const argv = malloc(count * sizeof *argv);
    list->argv = realloc(list->argv, (list->count + 1) * sizeof *list->argv);
    if (!argv || !list->argv)
        abort();
    memcpy(argv, words, count * sizeof *argv);
    list->argv[list->count++] = argv;
    return 0;
}

static int parse_commands(hy_run_list *list, size_t size, const char *name, hy_error *error) {
    unsigned number = 0;
    for (char *line = list->text, *const end = list->text + size; line < end;) {
        char *const newline = memchr(line, '\n', (size_t)(end - line)), *const stop = newline ? newline : end;
        number++;
        if (memchr(line, '\0', (size_t)(stop - line)))
            return hy_fail(error, -EINVAL, "%.100s:%u: a zero byte; expected text", name, number);
        *stop = '\0';
        const int r = parse_command(list, line, name, number, error);
        if (r < 0)
            return r;
        line = stop + 1;
    }
    return list->count ? 0 : hy_fail(error, -EINVAL, "%.100s: no command in it; expected one a line", name);
}

int hy_run_list_parse(const char *text, size_t size, const char *name, hy_run_list *ret, hy_error *error) {
    hy_run_list list = {.text = calloc(1, size + 1)};
    if (!list.text)
        abort();
    if (size > HY_RUN_SIZE) {
        free(list.text);
        return hy_fail(error, -EFBIG, "%.100s: larger than %u bytes; this is no list of commands", name, HY_RUN_SIZE);
    }
    if (size > 0)
        memcpy(list.text, text, size);
    const int r = parse_commands(&list, size, name, error);
    if (r < 0)
        hy_run_list_free(&list);
    else
        *ret = list;
    return r;
}

void hy_run_list_free(hy_run_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->argv[i]);
    free(list->argv);
    free(list->text);
    *list = (hy_run_list){.count = 0};
}
