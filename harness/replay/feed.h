/* SPDX-License-Identifier: MIT
 *
 * feed.h - what a measured child and its parent say to each other about windows (see program.h), over a socket of
 * whole messages: the child sends HY_FEED_NEXT, the parent fills the memfd and answers.  Neither looks at the memfd
 * while it is the other's turn; who dies closes the socket.
 */
#ifndef HY_FEED_H
#define HY_FEED_H

#include "error.h"

#include <stdint.h>

#define HY_FEED_NEXT 'n'

typedef struct hy_feed_answer {
    int32_t status; /* 1: a window is there; 0: there is none any more; -errno: with the sentence */
    hy_error error;
} hy_feed_answer;

#endif
