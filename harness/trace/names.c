/* SPDX-License-Identifier: MIT
 *
 * names.c - what people call the kinds of events.
 */
#include "event.h"

const char *hy_event_name(unsigned kind) {
    static const char *const names[HY_EVENT_KINDS] = {"malloc", "calloc",       "aligned",   "realloc",
                                                      "free",   "thread-start", "thread-end"};
    return kind < HY_EVENT_KINDS ? names[kind] : "unknown";
}
