/* SPDX-License-Identifier: MIT
 *
 * deviations.c - the table of known deviations, by library, version and case (see deviations.h).
 *
 * One line each, measured here and not hearsay.  A version ends with "*" where the rest does not matter.
 */
#include "deviations.h"

#include "symbols.h"

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

/* The file that a foreign malloc is, as its table says; NULL: it is none. */
static const char *file_of(const hy_heap_ops *ops) {
    const bool has = ops->flags & HY_FOREIGN && ops->params && ops->params[0].name;
    return has && strcmp(ops->params[0].name, "file") == 0 ? ops->params[0].def : NULL;
}

const hy_heap_ops *hy_deviations_kin(const hy_catalog *catalog, const hy_heap_ops *ops) {
    char soname[256];
    const char *const path = file_of(ops);
    if (!path || !strchr(path, '/'))
        return NULL;
    hy_file_soname(path, soname, sizeof soname);
    for (const hy_heap_ops *const *heap = catalog->heaps; *heap; heap++) {
        const char *const file = file_of(*heap);
        if (file && strcmp(file, soname) == 0)
            return *heap;
    }
    return NULL;
}

const char *hy_known_deviation(const char *library, const char *version, const char *name) {
    for (const deviation *d = deviations; d->library; d++)
        if (strcmp(d->library, library) == 0 && strcmp(d->name, name) == 0 && fnmatch(d->version, version, 0) == 0)
            return d->why;
    return NULL;
}
