/* SPDX-License-Identifier: MIT
 *
 * session.h - contests that are judged together (judge.h), and where the answer of each goes.
 */
#ifndef HY_SESSION_H
#define HY_SESSION_H

#include "judge.h"

/* All zero: empty. */
typedef struct hy_session {
    hy_contest *contest;
    hy_judgement **answer;
    bool *owned;
    size_t count, room;
    bool no_memory;
} hy_session;

/* A contest; *answer gets its judgement when all are made.  owned: both its sides are from malloc, and the session
 * frees them.  Without memory for it, or with owned sides that are NULL, the session fails when it is judged. */
void hy_session_add(hy_session *session, const hy_contest *contest, bool owned, hy_judgement *answer);

/* Judges all and empties the session.  0, or -ENOMEM: then no answer was written. */
int hy_session_judge(hy_session *session, const hy_rules *rules);

#endif
