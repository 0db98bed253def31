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
    {"jemalloc", "5.3.*", "align", "blocks below 16 bytes are aligned to 8"},
    {"mimalloc", "2.*", "align", "blocks below 16 bytes are aligned to 8"},
    {"tcmalloc", "2.*", "align", "blocks below 16 bytes are aligned to 8"},
    {"mimalloc", "2.0.9", "align-random", "some blocks of aligned_alloc(256, n) and above are not aligned"},
    {NULL, NULL, NULL, NULL},
};

const char *hy_known_deviation(const char *library, const char *version, const char *name) {
    for (const deviation *d = deviations; d->library; d++)
        if (strcmp(d->library, library) == 0 && strcmp(d->name, name) == 0 && fnmatch(d->version, version, 0) == 0)
            return d->why;
    return NULL;
}
