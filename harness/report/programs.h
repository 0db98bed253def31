/* SPDX-License-Identifier: MIT
 *
 * programs.h - real programs on allocators (`heapyard run --compare`), read back from the store and judged.
 *
 * A program is shown in its newest campaign.  Runs that did not end as the baseline's did, or that said something else,
 * are counted and told; an allocator with such a run is not judged, for a wrong answer may be had in any time.
 */
#ifndef HY_PROGRAMS_H
#define HY_PROGRAMS_H

#include "judge.h"
#include "store.h"

/* What is known of a run.  The first are judged. */
typedef enum hy_program_figure {
    HY_PROGRAM_CPU, /* user and sys together, ns */
    HY_PROGRAM_WALL,
    HY_PROGRAM_PEAK, /* bytes */
    HY_PROGRAM_USER,
    HY_PROGRAM_SYS,
    HY_PROGRAM_MINOR,
    HY_PROGRAM_MAJOR,
    HY_PROGRAM_FIGURES
} hy_program_figure;
enum { HY_PROGRAM_JUDGED = HY_PROGRAM_PEAK + 1 };
extern const char *const hy_program_figures[HY_PROGRAM_FIGURES]; /* cpu, wall, peak … */

typedef struct hy_program_sample {
    unsigned round;
    int status;
    char outcome[16], output[17], detail[512];
    double figure[HY_PROGRAM_FIGURES];
} hy_program_sample;

/* One allocator under a program, or the control. */
typedef struct hy_program_entry {
    char *spec, *library;
    bool control;
    hy_program_sample *run; /* in the order of rounds */
    size_t count;
    /* derived */
    unsigned failed;                           /* runs that were killed, or ended as none of the baseline did */
    unsigned differing;                        /* other runs, whose output no run of the baseline gave */
    const hy_program_sample *wrong;            /* the first of them, or NULL */
    double middle[HY_PROGRAM_FIGURES];         /* medians; NAN without runs */
    hy_judgement judgement[HY_PROGRAM_JUDGED]; /* against the baseline; word "" where there is nothing to judge */
} hy_program_entry;

typedef struct hy_real_program {
    char *name, *command, *input, *trace; /* command: JSON, the words; trace: its hash or "" */
    char *database, *program_id, *campaign_id, *started, *typed, *seed, *environment;
    hy_program_entry *entry; /* the baseline, the control, then those with the least CPU time first */
    size_t count;
    bool steady;         /* the baseline said the same in every run, so that outputs can be compared */
    bool output_ignored; /* nobody looked */
} hy_real_program;

/* One of a suite that was not measured. */
typedef struct hy_program_skipped {
    char *name, *reason; /* "skipped: needs redis-server", "fails under system: …" */
} hy_program_skipped;

typedef struct hy_programs {
    hy_real_program *program;
    size_t count;
    hy_program_skipped *skipped;
    size_t skipped_count;
} hy_programs;

/* Adds the programs of one database, not yet judged; campaign: its id, or NULL for each program's newest.  None is no
 * error.  0 or -errno with the sentence. */
int hy_programs_load(hy_store *store, const char *database, const char *campaign, hy_programs *programs,
                     hy_error *error);
/* Judges all of them together: each figure is a family of its own (Holm). */
int hy_programs_judge(hy_programs *programs, const hy_rules *rules, hy_error *error);
void hy_programs_free(hy_programs *programs);

/* The values of a figure in the rounds that both have, into arrays with room for as many as `ours` has; how many. */
size_t hy_program_pairs(const hy_program_entry *ours, const hy_program_entry *theirs, hy_program_figure figure,
                        double *ret_ours, double *ret_theirs);

/* The same spec is not twice in a program; NULL: not there. */
const hy_program_entry *hy_program_find(const hy_real_program *program, const char *spec);
/* The baseline, or NULL: nothing was run. */
const hy_program_entry *hy_program_baseline(const hy_real_program *program);
const hy_program_entry *hy_program_control(const hy_real_program *program);
/* Whether something went wrong under some allocator. */
bool hy_program_failed(const hy_real_program *program);

typedef struct hy_program_words {
    char text[1024];
} hy_program_words;
/* Appends, as much as there is room for. */
__attribute__((format(printf, 2, 3))) void hy_program_words_add(hy_program_words *words, const char *format, ...);
/* "ok", "3 of 10 failed: exit code 3: no room", "10 of 10 said something else" */
hy_program_words hy_program_ended(const hy_program_entry *entry);
/* The command as a person would type it, "< input" too. */
hy_program_words hy_program_typed(const hy_real_program *program);
/* What is to be said about outputs and the control: each a sentence, or empty. */
hy_program_words hy_program_about_output(const hy_real_program *program);
hy_program_words hy_program_about_control(const hy_real_program *program);
/* "jemalloc took 0.93 of system's CPU time on sort (95 % CI 0.91 to 0.95, faster) in …": one allocator, to be quoted.
 */
hy_program_words hy_program_sentence(const hy_real_program *program, const hy_program_entry *entry);

#endif
