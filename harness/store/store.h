/* SPDX-License-Identifier: MIT
 *
 * store.h - the results database (results/schema.sql).  Every cell is stored in one transaction as soon as it ends.
 *
 * All functions return 0 or -errno with the sentence, unless they say otherwise.
 */
#ifndef HY_STORE_H
#define HY_STORE_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hy_store hy_store;

/* Opens or creates; makes the folder of `path` if needed.  A file that is no results database is refused. */
int hy_store_open(const char *path, bool write, hy_store **ret_store, hy_error *error);
void hy_store_close(hy_store *store);
const char *hy_store_path(const hy_store *store); /* as it was opened */

/* Writing. */
int hy_store_campaign(hy_store *store, const char *command, uint64_t seed, const char *environment_json,
                      int64_t *ret_campaign, hy_error *error);
/* The campaign that a SELECT of id and seed answers; *ret_campaign stays as it is if there is none. */
int hy_store_find_campaign(hy_store *store, const char *sql, const char *const *arguments, int64_t *ret_campaign,
                           uint64_t *ret_seed, hy_error *error);
/* A trace is known by its hash: a second call with the same hash answers the same id. */
int hy_store_trace(hy_store *store, const char *name, const char *path, uint64_t hash, const char *summary_json,
                   int64_t *ret_trace, hy_error *error);

typedef struct hy_metric {
    char name[40];
    double value;
    char unit[12];
} hy_metric;

typedef struct hy_point {
    char series[16];
    double x, y;
} hy_point;

typedef struct hy_bucket {
    char kind[16];
    double low, high;
    uint64_t count;
} hy_bucket;

/* A phase that the program says it is in, and what was measured in it; NAN: unknown. */
typedef struct hy_phase_result {
    char name[128];  /* "": what lies in none */
    unsigned number; /* in the order in which they first began */
    double times, operations, peak_live, seconds, peak_resident, peak_committed;
} hy_phase_result;

/* A string of bytes. */
typedef struct hy_blob {
    char name[16];
    unsigned char *bytes;
    size_t size, room;
} hy_blob;

enum { HY_BLOBS = 2 }; /* of a cell: the map pass's lives and places */

/* One measured cell with everything that it said. */
typedef struct hy_cell_result {
    int64_t campaign, trace;
    const char *spec, *pass;
    unsigned repetition, position;
    char version[64];
    char outcome[16];
    char detail[512];
    hy_metric *metrics;
    size_t metric_count;
    hy_point *points;
    size_t point_count;
    hy_bucket *buckets;
    size_t bucket_count;
    hy_blob blobs[HY_BLOBS];
    size_t blob_count;
    hy_phase_result *phases;
    size_t phase_count;
} hy_cell_result;

/* One that was killed is replaced by the next try. */
int hy_store_cell(hy_store *store, const hy_cell_result *cell, hy_error *error);
/* Whether this cell is there already (for --resume); killed: by SIGKILL, from outside. */
typedef enum hy_cell_state { HY_CELL_MISSING, HY_CELL_STORED, HY_CELL_KILLED } hy_cell_state;
hy_cell_state hy_store_cell_state(hy_store *store, int64_t campaign, int64_t trace, const char *spec, const char *pass,
                                  unsigned repetition);

/* Real programs (store_program.c). */
typedef struct hy_program_row {
    const char *name, *command, *input; /* command: JSON, the words */
    const char *trace;                  /* the hash as hexadecimal text, or "" */
    uint64_t hash;
} hy_program_row;
/* A program is known by its hash: a second call with the same hash answers the same id. */
int hy_store_program(hy_store *store, const hy_program_row *row, int64_t *ret_program, hy_error *error);

/* One run of one; the columns of the table program_run (results/schema.sql). */
typedef struct hy_program_run {
    int64_t campaign, program;
    const char *spec, *pass, *library;
    unsigned repetition, position;
    char outcome[16];
    int status;
    char output[17];
    char detail[512];
    double wall, user, sys;
    uint64_t peak, minor, major;
} hy_program_run;
int hy_store_program_run(hy_store *store, const hy_program_run *run, hy_error *error);
/* Whether it is there already (campaign, program, spec, pass and repetition count), and was not killed from outside. */
bool hy_store_has_program_run(hy_store *store, const hy_program_run *run);

/* Why one of a suite was not measured; NULL: it was, after all. */
int hy_store_skipped(hy_store *store, int64_t campaign, const char *name, const char *reason, hy_error *error);

/* Whether the file has that table: old ones lack what came later. */
bool hy_store_has_table(hy_store *store, const char *table);

/* How many rounds a campaign has, where that was chosen from its pilot: stored once, so that --resume goes on alike. */
typedef struct hy_rounds_chosen {
    unsigned pilot, chosen; /* 0: not chosen (yet) */
    char reason[256];
} hy_rounds_chosen;
int hy_store_set_rounds(hy_store *store, int64_t campaign, const hy_rounds_chosen *rounds, hy_error *error);
int hy_store_rounds(hy_store *store, int64_t campaign, hy_rounds_chosen *ret_rounds, hy_error *error);

/* The limits of a trace; the columns of the table bound.  Where there are some already, each better one is kept. */
typedef struct hy_bound_row {
    int64_t trace;
    uint64_t align, buffers, asked, lower, proven, upper;
    const char *method;
    double seconds;
} hy_bound_row;
int hy_store_bound(hy_store *store, const hy_bound_row *bound, hy_error *error);

/* The least yard of a trace on an allocator, in place of what is there; the columns of the table least_yard. */
typedef struct hy_least_yard_row {
    int64_t trace;
    const char *spec, *version, *outcome, *detail;
    uint64_t yard, too_small;
    const char *tries;
} hy_least_yard_row;
int hy_store_least_yard(hy_store *store, const hy_least_yard_row *row, hy_error *error);

/* Reading: any SELECT, its columns as text in order; the callback returns 0 to go on.
 * Parameters ?1… are bound from `arguments`, which ends with NULL. */
typedef int hy_row(void *context, int columns, const char *const *text);
int hy_store_query(hy_store *store, const char *sql, const char *const *arguments, hy_row *row, void *context,
                   hy_error *error);

/* Phases of a trace in a campaign (store_phase.c): how many threads say them, how often they change, and operations;
 * NAN: no cell says. */
typedef struct hy_phase_facts {
    double threads, changes, operations;
} hy_phase_facts;
int hy_store_phase_facts(hy_store *store, const char *campaign, const char *trace, hy_phase_facts *ret_facts,
                         hy_error *error);
/* Number, name, spec, times, operations, most live bytes, median seconds, most resident and most committed bytes; phase
 * by phase, in each the specs of a JSON list in its order.  No rows from a file that has no such table. */
int hy_store_phases(hy_store *store, const char *campaign, const char *trace, const char *specs, hy_row *row,
                    void *context, hy_error *error);

#endif
