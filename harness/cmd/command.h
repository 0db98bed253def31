/* SPDX-License-Identifier: MIT
 *
 * command.h - what every subcommand is, and the few things that all of them share.
 */
#ifndef HY_COMMAND_H
#define HY_COMMAND_H

#include "spec.h"

#include <argp.h>
#include <stdio.h>

/* The exit codes of the whole program. */
enum {
    HY_EXIT_OK = 0,
    HY_EXIT_MEASURED = 1, /* something measured failed */
    HY_EXIT_INPUT = 2,    /* nothing was measured: mend your input */
    HY_EXIT_CANNOT = 77   /* this machine cannot */
};

/* One subcommand: `const hy_command cmd_<name>` in cmd/<name>.c, and its name in the list in cmd/meson.build. */
typedef struct hy_command {
    const char *name;
    const char *family; /* as in the overview: get traces, measure, judge, look, tell, memory of a machine */
    const char *usage;  /* "replay TRACE… -a SPEC,…" */
    const char *summary;
    const char *examples[6];           /* three to five, ending with NULL */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns an exit code */
} hy_command;

/* Called once each by main. */
void cmd_start(void);
int cmd_finish(int exit_code); /* a failed flush of stdout turns success into HY_EXIT_INPUT */

/* Prints "heapyard: <sentence>" to stderr; returns HY_EXIT_INPUT. */
__attribute__((format(printf, 1, 2))) int cmd_fail(const char *format, ...);

/* Prints "heapyard: warning: <sentence>" to stderr. */
void cmd_warn(const char *sentence);

/* For a help filter: `list` prints the formats there are, and they stand before what the help ends with. */
char *cmd_help_formats(int key, const char *text, void (*list)(FILE *out));

/* argp_parse with this program's name in messages and exit code 2 for bad options. 0, or an exit code. */
int cmd_parse(const struct argp *argp, int argc, char **argv, void *input);

/* The same for commands that run a program: what follows "--" is *ret_program.  `usage` is told if it is missing. */
int cmd_parse_program(const struct argp *argp, const char *usage, int argc, char **argv, void *input,
                      char ***ret_program);

/* The command as typed, "heapyard" in front, without our own --resume: by it a campaign is found again.  A shell would
 * read the same words again (shell_words.h). */
void cmd_typed(int argc, char **argv, char *ret, size_t size);

/* For argp parsers.  Appends to a list of paths, to be freed; there is only one `what`, so a second is a mistake. */
void cmd_add_path(char ***paths, size_t *count, char *path);
void cmd_take_only(const struct argp_state *state, const char **place, const char *argument, const char *what);

/* How an answer is wanted: --format. */
typedef enum hy_format {
    HY_FORMAT_TEXT,
    HY_FORMAT_CSV,
    HY_FORMAT_JSON,
    HY_FORMAT_GBENCH,
    HY_FORMAT_MARKDOWN
} hy_format;
/* 0, or -EINVAL after saying so. */
int cmd_format(const char *word, hy_format *ret_format);

/* How many rounds: --precision ("2%", as a share) and --budget ("10m", in ns).  0, or -EINVAL after saying so. */
int cmd_precision(const char *text, double *ret_share);
int cmd_budget(const char *text, uint64_t *ret_time);

/* A whole number from `least` to `most`, for an option as it is typed: "--seed", "-r".  0, or -EINVAL after saying so.
 */
int cmd_number(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *ret_number);
int cmd_unsigned(const char *option, const char *text, unsigned least, unsigned most, unsigned *ret_number);

/* A difference that nobody would care about: --margin, "2%" or "0.02".  0, or -EINVAL after saying so. */
int cmd_margin(const char *text, double *ret_margin);

/* A growing list of allocator specs, from `-a` given any number of times. */
typedef struct hy_specs {
    char **text; /* each one spec, as typed */
    size_t count;
} hy_specs;

/* Appends a comma-separated list, each spec checked against the registry.  0, or -EINVAL after saying so. */
int cmd_add_specs(hy_specs *specs, const char *list);
/* Of specs that are there twice the later ones go. */
void cmd_drop_doubles(hy_specs *specs);
void cmd_free_specs(hy_specs *specs);

/* show.c: prints the data sheet of a generator. */
struct hy_generator;
void cmd_show_generator(const struct hy_generator *generator);

#endif
