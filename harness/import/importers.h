/* SPDX-License-Identifier: MIT
 *
 * importers.h - traces of other programs to traces of ours.
 *
 * An importer is a file import_<name>.c that ends in one struct of this kind, and a line in the table of importers.c.
 */
#ifndef HY_IMPORTERS_H
#define HY_IMPORTERS_H

#include "intake.h"

typedef struct hy_importer {
    const char *name;
    const char *what; /* for the list: what makes such files */
    bool strays;      /* lines of others may stand between its own: they are passed over */
    size_t state;     /* bytes of what it remembers from line to line; all 0 at the first */
    /* Whether a file may be of this format that has this as its first line (or, with strays, as one of the first). */
    bool (*recognise)(const char *line);
    /* One line, not empty, which may be taken apart.  0, or -errno with a part of a sentence. */
    int (*line)(hy_intake *intake, void *state, char *line, hy_error *error);
    /* After the last line; NULL: nothing to do.  Called also after an error, with `error` NULL, to free memory. */
    int (*end)(hy_intake *intake, void *state, hy_error *error);
} hy_importer;

/* Ends with NULL. */
extern const hy_importer *const hy_importers[];

/* By its name.  0, or -EINVAL with the sentence. */
int hy_importer_find(const char *name, const hy_importer **ret_importer, hy_error *error);

typedef struct hy_import_options {
    const hy_importer *importer; /* NULL: recognised by what the file begins with */
    const char *origin;          /* "heapyard 0.1.0": what the trace says that it was made by */
    uint64_t process;            /* of which process, where calls of several are told; 0: that of the first */
} hy_import_options;

/* What was done. */
typedef struct hy_imported {
    const hy_importer *importer;
    uint64_t lines, bytes, events, process;
    uint64_t dropped, mended;
    uint64_t flaws[HY_FLAWS], first[HY_FLAWS]; /* how many, and the line of the first */
} hy_imported;

/* Reads a file (or "-") and writes a trace.  0 or -errno with the sentence, which has the line's number; then the trace
 * holds what stands before it. */
int hy_import(const char *path, const char *trace, const hy_import_options *options, hy_imported *ret_done,
              hy_error *error);

/* The same for our own text (text.h). */
int hy_text_import(const char *path, const char *trace, hy_error *error);

#endif
