/* SPDX-License-Identifier: MIT
 *
 * feeder.h - the parent's half of a streamed replay: a thread that reads the trace again for one child, a window at a
 * time, whenever the child asks (feed.h).
 */
#ifndef HY_FEEDER_H
#define HY_FEEDER_H

#include "prepare.h"

typedef struct hy_feeder hy_feeder;

/* The memfd and the socket, for a child to inherit; both are close-on-exec.  0 or -errno with the sentence. */
int hy_feeder_new(const hy_prepared *prepared, hy_feeder **ret_feeder, hy_error *error);
int hy_feeder_program(const hy_feeder *feeder);
int hy_feeder_socket(const hy_feeder *feeder);

/* The child has its own copies now: gives up ours of its end and begins to answer.  0 or -errno with the sentence. */
int hy_feeder_start(hy_feeder *feeder, hy_error *error);
/* Nanoseconds that the child has spent waiting for us.  From any thread. */
uint64_t hy_feeder_spent(const hy_feeder *feeder);
/* After the child's end, or if it never began. */
void hy_feeder_free(hy_feeder *feeder);

#endif
