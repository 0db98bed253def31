/* SPDX-License-Identifier: MIT
 *
 * said_figure.h - a figure of what a pass has said; include after cmocka.h.
 */
#ifndef SAID_FIGURE_H
#define SAID_FIGURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline double said_figure(const char *text, const char *name) {
    char key[64];
    snprintf(key, sizeof key, "metric %s ", name);
    const char *const at = strstr(text, key);
    if (!at)
        fail_msg("no %s in:\n%s", name, text);
    return strtod(at + strlen(key), NULL);
}

#endif
