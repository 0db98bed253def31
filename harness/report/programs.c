/* SPDX-License-Identifier: MIT
 *
 * programs.c - reads real programs and their runs, and says which runs count (see programs.h).
 *
 *   1. Whatever the baseline did in any of its runs, its control's among them, is right: its exit codes, and its
 *      outputs as long as there is only one.
 *   2. A run of another allocator that ended otherwise failed; one that said something else differs.  A run that was
 *      killed failed, whoever served it.
 */
#include "programs.h"

#include "describe.h"
#include "lists.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const hy_program_figures[HY_PROGRAM_FIGURES] = {
    [HY_PROGRAM_CPU] = "cpu", [HY_PROGRAM_WALL] = "wall",   [HY_PROGRAM_PEAK] = "peak",  [HY_PROGRAM_USER] = "user",
    [HY_PROGRAM_SYS] = "sys", [HY_PROGRAM_MINOR] = "minor", [HY_PROGRAM_MAJOR] = "major"};

/* ----------------------------------------------------------------------------------------------------- reading ---- */

typedef struct programs_context {
    hy_programs *programs;
    const char *database;
} programs_context;

static int programs_row(void *context, int columns, const char *const *text) {
    const programs_context *const c = context;
    hy_programs *const all = c->programs;
    all->program = hy_list_must(all->program, all->count, sizeof *all->program);
    hy_real_program *const p = &all->program[all->count++];
    *p = (hy_real_program){.database = hy_text_must(c->database)};
    char **const fields[] = {&p->program_id,  &p->name,    &p->command, &p->input, &p->trace,
                             &p->campaign_id, &p->started, &p->typed,   &p->seed,  &p->environment};
    for (int i = 0; i < columns; i++)
        *fields[i] = hy_text_must(text[i]);
    return 0;
}

static hy_program_entry *programs_entry(hy_real_program *program, const char *spec, bool control) {
    for (size_t i = 0; i < program->count; i++)
        if (strcmp(program->entry[i].spec, spec) == 0 && program->entry[i].control == control)
            return &program->entry[i];
    program->entry = hy_list_must(program->entry, program->count, sizeof *program->entry);
    hy_program_entry *const entry = &program->entry[program->count++];
    *entry = (hy_program_entry){.spec = hy_text_must(spec), .control = control};
    return entry;
}

enum { RUN_SPEC, RUN_PASS, RUN_ROUND, RUN_LIBRARY, RUN_OUTCOME, RUN_STATUS, RUN_OUTPUT, RUN_DETAIL, RUN_FIGURES };
static const char runs_sql[] =
    "SELECT spec, pass, repetition, library, outcome, status, output, detail, (user + sys) * 1e9, wall * 1e9, peak, "
    "user * 1e9, sys * 1e9, minor, major FROM program_run WHERE campaign = ?1 AND program = ?2 ORDER BY repetition";

static int programs_run(void *context, int columns, const char *const *text) {
    (void)columns;
    hy_program_entry *const entry = programs_entry(context, text[RUN_SPEC], strcmp(text[RUN_PASS], "control") == 0);
    entry->run = hy_list_must(entry->run, entry->count, sizeof *entry->run);
    hy_program_sample *const run = &entry->run[entry->count++];
    if (!entry->library)
        entry->library = hy_text_must(text[RUN_LIBRARY]);
    *run = (hy_program_sample){.round = (unsigned)strtoul(text[RUN_ROUND], NULL, 10),
                               .status = (int)strtol(text[RUN_STATUS], NULL, 10)};
    snprintf(run->outcome, sizeof run->outcome, "%s", text[RUN_OUTCOME]);
    snprintf(run->output, sizeof run->output, "%s", text[RUN_OUTPUT]);
    snprintf(run->detail, sizeof run->detail, "%s", text[RUN_DETAIL]);
    for (int i = 0; i < HY_PROGRAM_FIGURES; i++)
        run->figure[i] = strtod(text[RUN_FIGURES + i], NULL);
    return 0;
}

/* ----------------------------------------------------------------------------------------------------- deriving ----
 */

const hy_program_entry *hy_program_find(const hy_real_program *program, const char *spec) {
    for (size_t i = 0; i < program->count; i++)
        if (!program->entry[i].control && strcmp(program->entry[i].spec, spec) == 0)
            return &program->entry[i];
    return NULL;
}

const hy_program_entry *hy_program_control(const hy_real_program *program) {
    for (size_t i = 0; i < program->count; i++)
        if (program->entry[i].control)
            return &program->entry[i];
    return NULL;
}

const hy_program_entry *hy_program_baseline(const hy_real_program *program) {
    const hy_program_entry *const control = hy_program_control(program);
    const hy_program_entry *const same = hy_program_find(program, control ? control->spec : "system");
    return same ? same : program->count ? &program->entry[0] : NULL;
}

/* Whether some run of the baseline ended so (output NULL), or said that. */
static bool programs_known(const hy_real_program *program, int status, const char *outcome, const char *output) {
    const char *const baseline = hy_program_baseline(program)->spec;
    for (size_t i = 0; i < program->count; i++) {
        const hy_program_entry *const entry = &program->entry[i];
        for (size_t k = 0; strcmp(entry->spec, baseline) == 0 && k < entry->count; k++)
            if (output ? strcmp(entry->run[k].output, output) == 0
                       : entry->run[k].status == status && strcmp(entry->run[k].outcome, outcome) == 0)
                return true;
    }
    return false;
}

static void programs_note_outputs(hy_real_program *program) {
    const hy_program_entry *const baseline = hy_program_baseline(program);
    const char *const first = baseline->count ? baseline->run[0].output : "";
    program->output_ignored = first[0] == '\0';
    program->steady = true;
    for (size_t i = 0; i < program->count; i++)
        for (size_t k = 0; strcmp(program->entry[i].spec, baseline->spec) == 0 && k < program->entry[i].count; k++)
            program->steady &= strcmp(program->entry[i].run[k].output, first) == 0;
}

static double programs_median(const hy_program_entry *entry, int figure) {
    double *const values = calloc(entry->count + 1, sizeof *values);
    if (!values)
        abort();
    for (size_t i = 0; i < entry->count; i++)
        values[i] = entry->run[i].figure[figure];
    const double middle = hy_median(values, entry->count);
    free(values);
    return middle;
}

static void programs_derive_entry(const hy_real_program *program, hy_program_entry *entry) {
    for (size_t i = 0; i < entry->count; i++) {
        const hy_program_sample *const run = &entry->run[i];
        const bool killed = strcmp(run->outcome, "crash") == 0 || strcmp(run->outcome, "timeout") == 0;
        const bool failed = killed || !programs_known(program, run->status, run->outcome, NULL);
        const bool differs = !failed && program->steady && !programs_known(program, 0, "", run->output);
        entry->failed += failed;
        entry->differing += differs;
        if ((failed || differs) && !entry->wrong)
            entry->wrong = run;
    }
    for (int i = 0; i < HY_PROGRAM_FIGURES; i++)
        entry->middle[i] = programs_median(entry, i);
    for (int i = 0; i < HY_PROGRAM_JUDGED; i++)
        entry->judgement[i] = (hy_judgement){NAN, NAN, NAN, NAN, NAN, NAN, HY_TEST_NONE, ""};
}

static int programs_rank(const hy_program_entry *entry, const char *baseline) {
    return entry->control ? 1 : strcmp(entry->spec, baseline) == 0 ? 0 : entry->wrong ? 3 : 2;
}

static void programs_sort(hy_real_program *program) {
    char *const baseline = hy_text_must(hy_program_baseline(program)->spec);
    for (size_t i = 1; i < program->count; i++)
        for (size_t k = i; k > 0; k--) {
            hy_program_entry *const left = &program->entry[k - 1], kept = *left;
            const int a = programs_rank(left, baseline), b = programs_rank(left + 1, baseline);
            if (a < b || (a == b && left[0].middle[HY_PROGRAM_CPU] <= left[1].middle[HY_PROGRAM_CPU]))
                break;
            left[0] = left[1];
            left[1] = kept;
        }
    free(baseline);
}

static int programs_fill(hy_store *store, hy_real_program *program, hy_error *error) {
    const char *const arguments[] = {program->campaign_id, program->program_id, NULL};
    const int r = hy_store_query(store, runs_sql, arguments, programs_run, program, error);
    if (r < 0)
        return r;
    programs_note_outputs(program);
    for (size_t i = 0; i < program->count; i++)
        programs_derive_entry(program, &program->entry[i]);
    programs_sort(program);
    return 0;
}

/* ------------------------------------------------------------------------------------------------------ skipped ----
 */

static int programs_skip(void *context, int columns, const char *const *text) {
    hy_programs *const all = context;
    (void)columns;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->program[i].name, text[0]) == 0)
            return 0;
    all->skipped = hy_list_must(all->skipped, all->skipped_count, sizeof *all->skipped);
    all->skipped[all->skipped_count++] = (hy_program_skipped){hy_text_must(text[0]), hy_text_must(text[1])};
    return 0;
}

/* Of the campaign, or of the newest that skipped any. */
static int programs_load_skipped(hy_store *store, const char *campaign, hy_programs *programs, hy_error *error) {
    static const char sql[] = "SELECT name, reason FROM program_skipped WHERE campaign = "
                              "coalesce(?1, (SELECT max(campaign) FROM program_skipped)) ORDER BY rowid";
    const char *const arguments[] = {campaign, NULL};
    return hy_store_has_table(store, "program_skipped")
               ? hy_store_query(store, sql, arguments, programs_skip, programs, error)
               : 0;
}

int hy_programs_load(hy_store *store, const char *database, const char *campaign, hy_programs *programs,
                     hy_error *error) {
    static const char sql[] =
        "SELECT p.id, p.name, p.command, p.input, p.trace, c.id, c.started, c.command, c.seed, c.environment "
        "FROM program p JOIN campaign c ON c.id = coalesce(?1, (SELECT max(r.campaign) FROM program_run r "
        "JOIN program same ON same.id = r.program WHERE same.name = p.name)) "
        "WHERE EXISTS (SELECT 1 FROM program_run r WHERE r.program = p.id AND r.campaign = c.id) ORDER BY c.id, p.id";
    const char *const arguments[] = {campaign, NULL};
    programs_context context = {programs, database};
    const size_t before = programs->count;
    if (!hy_store_has_table(store, "program_run"))
        return 0;
    int r = hy_store_query(store, sql, arguments, programs_row, &context, error);
    for (size_t i = before; r == 0 && i < programs->count; i++)
        r = programs_fill(store, &programs->program[i], error);
    return r == 0 ? programs_load_skipped(store, campaign, programs, error) : r;
}

/* ------------------------------------------------------------------------------------------------------ ending ---- */

bool hy_program_failed(const hy_real_program *program) {
    for (size_t i = 0; i < program->count; i++)
        if (program->entry[i].wrong)
            return true;
    return false;
}

static void programs_free_entry(hy_program_entry *entry) {
    free(entry->spec);
    free(entry->library);
    free(entry->run);
}

void hy_programs_free(hy_programs *programs) {
    for (size_t i = 0; i < programs->count; i++) {
        hy_real_program *const p = &programs->program[i];
        char *const texts[] = {p->program_id, p->name,  p->command, p->input,       p->trace,      p->database,
                               p->started,    p->typed, p->seed,    p->environment, p->campaign_id};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            free(texts[k]);
        for (size_t k = 0; k < p->count; k++)
            programs_free_entry(&p->entry[k]);
        free(p->entry);
    }
    for (size_t i = 0; i < programs->skipped_count; i++) {
        free(programs->skipped[i].name);
        free(programs->skipped[i].reason);
    }
    free(programs->skipped);
    free(programs->program);
    *programs = (hy_programs){.count = 0};
}
