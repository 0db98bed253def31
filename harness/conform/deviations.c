/* SPDX-License-Identifier: MIT
 *
 * deviations.c - the table of known deviations, by library, version and case (see deviations.h).
 *
 * One line each, measured here and not hearsay.  A version ends with "*" where the rest does not matter.
 */
#include "deviations.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

typedef struct deviation {
    const char *library, *version, *name, *why;
} deviation;

static const deviation deviations[] = {
    {NULL, NULL, NULL, NULL},
};

const char *hy_deviation(const char *library, const char *version, const char *name) {
    for (const deviation *d = deviations; d->library; d++)
        if (strcmp(d->library, library) == 0 && strcmp(d->name, name) == 0 && fnmatch(d->version, version, 0) == 0)
            return d->why;
    return NULL;
}
