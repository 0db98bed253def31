/* SPDX-License-Identifier: MIT
 *
 * common.c - what all subcommands share (see command.h).
 */
#include "command.h"

#include "registry.h"
#include "shell_words.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cmd_start(void) {
    /* No file of ours may become descriptor 0, 1 or 2.  What we execute finds them closed, as we did. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
            break;
    argp_err_exit_status = HY_EXIT_INPUT;
}

int cmd_fail(const char *format, ...) {
    va_list list;
    va_start(list, format);
    fflush(stdout);
    fputs("heapyard: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    return HY_EXIT_INPUT;
}

void cmd_warn(const char *sentence) {
    fflush(stdout);
    fprintf(stderr, "heapyard: warning: %s\n", sentence);
}

char *cmd_help_formats(int key, const char *text, void (*list)(FILE *out)) {
    char *with = NULL;
    size_t size;
    FILE *const out = key == ARGP_KEY_HELP_POST_DOC && text ? open_memstream(&with, &size) : NULL;
    if (!out)
        return (char *)(uintptr_t)text;
    fputs("Formats:\n", out);
    list(out);
    fprintf(out, "\n%s", text);
    return fclose(out) == 0 ? with : (char *)(uintptr_t)text;
}

int cmd_finish(int exit_code) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_code;
    if (errno == EPIPE)
        return exit_code;
    return cmd_fail("cannot write the answer to standard output: %s", strerror(errno));
}

int cmd_parse(const struct argp *argp, int argc, char **argv, void *input) {
    char name[64], *const command = argv[0];
    snprintf(name, sizeof name, "heapyard %s", command);
    argv[0] = name;
    const int r = argp_parse(argp, argc, argv, 0, NULL, input);
    argv[0] = command;
    return r == 0 ? 0 : HY_EXIT_INPUT;
}

void cmd_add_path(char ***paths, size_t *count, char *path) {
    char **const grown = realloc(*paths, (*count + 1) * sizeof *grown);
    if (!grown)
        abort();
    grown[(*count)++] = path;
    *paths = grown;
}

void cmd_take_only(const struct argp_state *state, const char **place, const char *argument, const char *what) {
    if (*place)
        argp_error(state, "expected one %s, found a second: %s", what, argument);
    *place = argument;
}

int cmd_parse_program(const struct argp *argp, const char *usage, int argc, char **argv, void *input,
                      char ***ret_program) {
    int at = 1;
    while (at < argc && strcmp(argv[at], "--") != 0)
        at++;
    const int r = cmd_parse(argp, at, argv, input);
    if (r != 0)
        return r;
    *ret_program = argv + at + 1;
    return at + 1 < argc ? 0
                         : cmd_fail("%s; expected: heapyard %s",
                                    at == argc ? "the -- before the program is missing" : "no program after --", usage);
}

void cmd_typed(int argc, char **argv, char *ret, size_t size) {
    bool ours = true; /* what follows "--" is another program's */
    snprintf(ret, size, "heapyard");
    for (int i = 0; i < argc; i++) {
        if (!ours || strcmp(argv[i], "--resume") != 0)
            hy_shell_add(ret, size, argv[i]);
        ours = ours && strcmp(argv[i], "--") != 0;
    }
}

int cmd_format(const char *word, hy_format *ret_format) {
    static const char *const words[] = {"text", "csv", "json", "gbench", "markdown", NULL};
    for (int i = 0; words[i]; i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret_format = (hy_format)i;
            return 0;
        }
    }
    cmd_fail("unknown format \"%s\"; expected text, csv, json, gbench or markdown%s", word,
             hy_did_you_mean(word, strlen(word), words, NULL).text);
    return -EINVAL;
}

int cmd_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *ret_number) {
    uint64_t number;
    if (hy_parse_count(text, &number) == 0 && number >= least && number <= most) {
        *ret_number = number;
        return 0;
    }
    if (most >= INT64_MAX)
        cmd_fail("%s is \"%s\"; expected a whole number%s", option, text, least > 0 ? " above 0" : "");
    else
        cmd_fail("%s is \"%s\"; expected a number from %" PRIu64 " to %" PRIu64, option, text, least, most);
    return -EINVAL;
}

int cmd_unsigned(const char *option, const char *text, unsigned least, unsigned most, unsigned *ret_number) {
    uint64_t number;
    const int r = cmd_number(option, text, least, most, &number);
    if (r == 0)
        *ret_number = (unsigned)number;
    return r;
}

int cmd_precision(const char *text, double *ret_share) {
    char *end = NULL;
    const double percent = strtod(text, &end);
    if (end != text && strcmp(end, "%") == 0 && percent >= 0.1 && percent <= 50) {
        *ret_share = percent / 100;
        return 0;
    }
    cmd_fail("--precision is \"%s\"; expected 0.1%% to 50%%, as in 2%%", text);
    return -EINVAL;
}

int cmd_margin(const char *text, double *ret_margin) {
    char *end = NULL;
    double margin = strtod(text, &end);
    if (end != text && strcmp(end, "%") == 0) {
        margin /= 100;
        end++;
    }
    if (end != text && *end == '\0' && margin > 0 && margin <= 1) {
        *ret_margin = margin;
        return 0;
    }
    cmd_fail("--margin is \"%s\"; expected a part above 0 and up to 100%%, as in 2%%", text);
    return -EINVAL;
}

int cmd_budget(const char *text, uint64_t *ret_time) {
    if (hy_parse_time(text, ret_time) == 0 && *ret_time >= 1000000000)
        return 0;
    cmd_fail("--budget is \"%s\"; expected a time of 1s or more, as in 10m", text);
    return -EINVAL;
}

int cmd_add_specs(hy_specs *specs, const char *list) {
    hy_text rest = {list, strlen(list)}, spec;
    if (rest.size == 0) {
        cmd_fail("an empty list of allocators; expected NAME:KEY=VALUE,…");
        return -EINVAL;
    }
    while (hy_spec_next(&rest, &spec)) {
        const hy_heap_ops *ops;
        hy_error error;
        if (hy_spec_check(&hy_registry, spec, &ops, &error) < 0) {
            cmd_fail("%s", error.text);
            return -EINVAL;
        }
        char **const grown = realloc(specs->text, (specs->count + 1) * sizeof *grown);
        char *const copy = strndup(spec.at, spec.size);
        if (!grown || !copy)
            abort();
        specs->text = grown;
        specs->text[specs->count++] = copy;
    }
    return 0;
}

void cmd_drop_doubles(hy_specs *specs) {
    for (size_t i = 1; i < specs->count; i++) {
        bool again = false;
        for (size_t j = 0; j < i; j++)
            again |= strcmp(specs->text[i], specs->text[j]) == 0;
        if (!again)
            continue;
        free(specs->text[i]);
        memmove(specs->text + i, specs->text + i + 1, (--specs->count - i) * sizeof *specs->text);
        i--;
    }
}

void cmd_free_specs(hy_specs *specs) {
    for (size_t i = 0; i < specs->count; i++)
        free(specs->text[i]);
    free(specs->text);
    *specs = (hy_specs){NULL, 0};
}
