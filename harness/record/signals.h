/* SPDX-License-Identifier: MIT
 *
 * signals.h - what the collector does with signals: passes them on, counts the wish to end, wakes up for children.
 */
#ifndef HY_SIGNALS_H
#define HY_SIGNALS_H

#include <sys/types.h>

/* From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT do not end this process. */
void hy_signals_catch(void);

/* Sends the last one that came to `pid`, unless the terminal has done so already. */
void hy_signals_forward(pid_t pid);

/* How many have come. */
int hy_signals_asked(void);

#endif
