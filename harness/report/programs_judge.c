/* SPDX-License-Identifier: MIT
 *
 * programs_judge.c - real programs against their baselines: the contests that judge.h decides.
 *
 *   1. Only rounds that both sides have count, so that they are the same ones.
 *   2. CPU time, wall time and peak memory are a family each: over all programs and allocators judged together.
 *   3. An allocator under which a run went wrong takes no part; if it is the baseline, nobody does.
 */
#include "programs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The values of both sides of a contest, and whose it is. */
typedef struct pair {
    double *ours, *theirs;
    size_t count;
    hy_program_entry *entry;
    unsigned group;
} pair;

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

static pair pair_of(hy_program_entry *entry, const hy_program_entry *baseline, hy_program_figure figure,
                    unsigned group) {
    pair p = {calloc(entry->count + 1, sizeof *p.ours), calloc(entry->count + 1, sizeof *p.theirs), 0, entry, group};
    if (!p.ours || !p.theirs)
        abort();
    p.count = hy_program_pairs(entry, baseline, figure, p.ours, p.theirs);
    return p;
}

static size_t collect_pairs(hy_programs *programs, hy_program_figure figure, pair *ret_pairs) {
    size_t n = 0;
    for (size_t i = 0; i < programs->count; i++) {
        hy_real_program *const program = &programs->program[i];
        const hy_program_entry *const baseline = hy_program_baseline(program);
        for (size_t k = 0; k < program->count; k++)
            if (&program->entry[k] != baseline && !program->entry[k].wrong && !baseline->wrong)
                ret_pairs[n++] = pair_of(&program->entry[k], baseline, figure, (unsigned)i);
    }
    return n;
}

static int judge_figure(hy_programs *programs, size_t most, hy_program_figure figure, const hy_rules *rules) {
    pair *const pairs = calloc(most + 1, sizeof *pairs);
    hy_contest *const contests = calloc(most + 1, sizeof *contests);
    hy_judgement *const judgements = calloc(most + 1, sizeof *judgements);
    if (!pairs || !contests || !judgements)
        abort();
    const size_t n = collect_pairs(programs, figure, pairs);
    for (size_t i = 0; i < n; i++)
        contests[i] = (hy_contest){.ours = pairs[i].ours,
                                   .theirs = pairs[i].theirs,
                                   .our_count = pairs[i].count,
                                   .their_count = pairs[i].count,
                                   .shared = true,
                                   .control = pairs[i].entry->control,
                                   .group = pairs[i].group,
                                   .kind = figure == HY_PROGRAM_PEAK ? HY_CONTEST_SIZE : HY_CONTEST_TIME};
    const int r = hy_judge(contests, n, rules, judgements);
    for (size_t i = 0; i < n; i++) {
        if (r == 0)
            pairs[i].entry->judgement[figure] = judgements[i];
        free(pairs[i].ours);
        free(pairs[i].theirs);
    }
    free(pairs);
    free(contests);
    free(judgements);
    return r;
}

int hy_programs_judge(hy_programs *programs, const hy_rules *rules, hy_error *error) {
    size_t most = 0;
    int r = 0;
    for (size_t i = 0; i < programs->count; i++)
        most += programs->program[i].count;
    for (hy_program_figure figure = 0; r == 0 && (int)figure < HY_PROGRAM_JUDGED; figure++)
        r = judge_figure(programs, most, figure, rules);
    return r == 0 ? 0 : hy_fail(error, r, "no memory to judge %zu programs", programs->count);
}
