/* SPDX-License-Identifier: MIT
 *
 * session.c - see session.h.
 */
#include "session.h"

#include <errno.h>
#include <stdlib.h>

static void free_sides(const hy_contest *contest) {
    free((void *)(uintptr_t)contest->ours);
    free((void *)(uintptr_t)contest->theirs);
}

/* Room for one more in each list. */
static bool session_grow(hy_session *s) {
    if (s->count < s->room)
        return true;
    const size_t room = s->room ? 2 * s->room : 64;
    hy_contest *const contest = realloc(s->contest, room * sizeof *contest);
    s->contest = contest ? contest : s->contest;
    hy_judgement **const answer = realloc(s->answer, room * sizeof *answer);
    s->answer = answer ? answer : s->answer;
    bool *const owned = realloc(s->owned, room * sizeof *owned);
    s->owned = owned ? owned : s->owned;
    if (contest && answer && owned)
        s->room = room;
    return s->count < s->room;
}

void hy_session_add(hy_session *s, const hy_contest *contest, bool owned, hy_judgement *answer) {
    if (!session_grow(s) || (owned && (!contest->ours || !contest->theirs))) {
        s->no_memory = true;
        if (owned)
            free_sides(contest);
        return;
    }
    s->contest[s->count] = *contest;
    s->answer[s->count] = answer;
    s->owned[s->count++] = owned;
}

int hy_session_judge(hy_session *s, const hy_rules *rules) {
    hy_judgement *const judged = s->no_memory ? NULL : malloc((s->count + 1) * sizeof *judged);
    const int r = judged ? hy_judge(s->contest, s->count, rules, judged) : -ENOMEM;
    for (size_t i = 0; i < s->count; i++) {
        if (r == 0)
            *s->answer[i] = judged[i];
        if (s->owned[i])
            free_sides(&s->contest[i]);
    }
    free(judged);
    free(s->contest);
    free(s->answer);
    free(s->owned);
    *s = (hy_session){.contest = NULL};
    return r;
}
