/* SPDX-License-Identifier: MIT
 *
 * exporters.h - traces of ours as files for other programs.
 *
 * An exporter is a file export_<name>.c that ends in one struct of this kind, and a line in the table of exporters.c.
 */
#ifndef HY_EXPORTERS_H
#define HY_EXPORTERS_H

#include "objects.h"
#include "phases.h"
#include "summary.h"

#include <stdio.h>

/* What an exporter may look at. */
typedef struct hy_export {
    FILE *to;
    hy_trace_summary sum; /* of the whole trace, for those that are `counted` */
    uint64_t event;       /* the number of this event, from 0 */
    bool noted;           /* the trace may have sites and phases */
    uint32_t site;        /* of this event, 0: unknown */
    hy_phases phases;     /* that threads are in */
    hy_objects objects;   /* for the exporter's use; cleared afterwards */
} hy_export;

typedef struct hy_exporter {
    const char *name;
    const char *what; /* who reads it */
    const char *lost; /* what the format cannot hold, so that importing it again gives less */
    bool counted;     /* needs the summary, so the trace is read twice */
    void (*begin)(const hy_export *export);
    /* 0, or -errno with a part of a sentence. */
    int (*event)(hy_export *export, const hy_event *event, hy_error *error);
    void (*end)(const hy_export *export); /* NULL: nothing to do */
} hy_exporter;

/* Ends with NULL. */
extern const hy_exporter *const hy_exporters[];

/* By its name.  0, or -EINVAL with the sentence. */
int hy_exporter_find(const char *name, const hy_exporter **ret_exporter, hy_error *error);

/* Reads a trace (path, or "-" unless it is read twice) and writes it to a file, or to standard output for "-", where
 * whoever ends the program looks whether all was written.  The file is not touched if the trace cannot be read at all.
 * *ret_warning is the reader's, or "".  0, or -errno with the sentence. */
int hy_export_trace(const char *path, const hy_exporter *exporter, const char *to, hy_error *ret_warning,
                    hy_error *error);

#endif
