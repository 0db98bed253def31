/* SPDX-License-Identifier: MIT
 *
 * images.h - all program images that are being recorded, and which trace file each goes to.
 *
 * The output file holds the last image of the root process: wrappers such as env, nice and sh -c, which execute what is
 * meant, are replaced by it.  With --follow-children the earlier images are kept (as FILE.PID, then FILE.PID.2, …), and
 * every other image gets such a file, too.
 */
#ifndef HY_IMAGES_H
#define HY_IMAGES_H

#include "collector.h"
#include "order.h"
#include "share.h"
#include "stream.h"

typedef struct hy_image {
    hy_record_process *process; /* its entry in the shared memory */
    hy_stream stream;
    hy_order order;    /* of its threads, made anew in each round */
    uint64_t horizon;  /* of this round */
    uint64_t attached; /* ticks */
    uint64_t dropped;
    bool root;
    bool visible; /* its pid is one that we can ask about */
    bool waiting; /* for the snapshot of the fork that made it */
    bool dead;
} hy_image;

/* What a process held when it forked, kept until the child is seen. */
typedef struct hy_snapshot {
    uint64_t fork;
    uint64_t made; /* ticks */
    hy_block *blocks;
    size_t count;
} hy_snapshot;

typedef struct hy_images {
    const hy_record_options *options;
    hy_share *share;
    double tick;
    uint32_t root; /* pid */
    hy_image *all[HY_RECORD_PROCESSES];
    unsigned living;
    hy_snapshot *snapshots; /* the oldest first */
    size_t snapshot_count;
    struct hy_image_name {
        uint32_t pid, files;
    } * names; /* files made for each process */
    size_t name_count;
    hy_trace_writer *first; /* the output file, created before the program started; NULL once it is taken */
    hy_record_outcome outcome;
} hy_images;

/* Creates the output file.  0 or -errno with the sentence. */
int hy_images_begin(hy_images *images, hy_error *error);

/* Takes in what is new in the shared table. */
int hy_images_attach(hy_images *images, hy_error *error);

/* Marks images whose process is gone. */
void hy_images_bury(hy_images *images, bool root_ended);

/* Takes one record of a thread of `image`, which has been put back so often; 1: as hy_stream_take. */
int hy_images_take(hy_images *images, hy_image *image, hy_stream_thread *thread, const hy_raw_record *record,
                   unsigned put_back, hy_error *error);

/* Whether the image's records may be merged now (its inherited blocks are known, or will not come). */
bool hy_image_ready(hy_images *images, hy_image *image, uint64_t now);

/* Finishes the trace of image `index`, counts what it was, and gives its entry back. */
int hy_images_finish(hy_images *images, uint32_t index, hy_error *error);

/* Finishes what an error has left open, and frees everything. */
void hy_images_end(hy_images *images);

#endif
