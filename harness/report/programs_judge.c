/* SPDX-License-Identifier: MIT
 *
 * programs_judge.c - real programs against their baselines: the contests that judge.h decides.
 *
 *   1. Only rounds that both sides have count, so that they are the same ones.
 *   2. CPU time, wall time and peak memory are a family each: over all programs and allocators judged together.
 *   3. An allocator under which a run went wrong takes no part; if it is the baseline, nobody does.
 */
#include "programs.h"

#include "session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t hy_program_pairs(const hy_program_entry *ours, const hy_program_entry *theirs, hy_program_figure figure,
                        double *ret_ours, double *ret_theirs) {
    size_t count = 0;
    for (size_t i = 0, k = 0; i < ours->count; i++) {
        while (k < theirs->count && theirs->run[k].round < ours->run[i].round)
            k++;
        if (k == theirs->count || theirs->run[k].round != ours->run[i].round)
            continue;
        ret_ours[count] = ours->run[i].figure[figure];
        ret_theirs[count++] = theirs->run[k].figure[figure];
    }
    return count;
}

static void add_contest(hy_session *s, hy_program_entry *entry, const hy_program_entry *baseline,
                        hy_program_figure figure, unsigned group) {
    double *const ours = calloc(entry->count + 1, sizeof *ours), *const theirs =
                                                                     calloc(entry->count + 1, sizeof *theirs);
    const size_t count = ours && theirs ? hy_program_pairs(entry, baseline, figure, ours, theirs) : 0;
    hy_session_add(s,
                   &(hy_contest){.ours = ours,
                                 .theirs = theirs,
                                 .our_count = count,
                                 .their_count = count,
                                 .shared = true,
                                 .control = entry->control,
                                 .group = group,
                                 .kind = figure == HY_PROGRAM_PEAK ? HY_CONTEST_SIZE : HY_CONTEST_TIME},
                   true, &entry->judgement[figure]);
}

static int judge_figure(hy_programs *programs, hy_program_figure figure, const hy_rules *rules) {
    hy_session session = {.count = 0};
    for (size_t i = 0; i < programs->count; i++) {
        hy_real_program *const program = &programs->program[i];
        const hy_program_entry *const baseline = hy_program_baseline(program);
        for (size_t k = 0; k < program->count; k++)
            if (&program->entry[k] != baseline && !program->entry[k].wrong && !baseline->wrong)
                add_contest(&session, &program->entry[k], baseline, figure, (unsigned)i);
    }
    return hy_session_judge(&session, rules);
}

int hy_programs_judge(hy_programs *programs, const hy_rules *rules, hy_error *error) {
    int r = 0;
    for (hy_program_figure figure = 0; r == 0 && (int)figure < HY_PROGRAM_JUDGED; figure++)
        r = judge_figure(programs, figure, rules);
    return r == 0 ? 0 : hy_fail(error, r, "no memory to judge %zu programs", programs->count);
}
