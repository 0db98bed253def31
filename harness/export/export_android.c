/* SPDX-License-Identifier: MIT
 *
 * export_android.c - for Android's memory_replay (see import_android.c), with times.
 *
 * Each object has an address of its own, which it keeps through realloc.  Threads have numbers from 1, times begin at
 * 1 ns, for 0 stands for none there.
 */
#include "exporters.h"

#include <inttypes.h>

#define FIRST_ADDRESS UINT64_C(0x100000)
#define STEP 16u

static void begin(const hy_export *export) {
}

static void say_block(FILE *to, const hy_event *event, uint64_t block) {
    switch (event->kind) {
    case HY_EVENT_MALLOC: fprintf(to, "malloc 0x%" PRIx64 " %" PRIu64, block, event->size); return;
    case HY_EVENT_CALLOC: fprintf(to, "calloc 0x%" PRIx64 " 1 %" PRIu64, block, event->size); return;
    case HY_EVENT_REALLOC:
        fprintf(to, "realloc 0x%" PRIx64 " 0x%" PRIx64 " %" PRIu64, block, block, event->size);
        return;
    case HY_EVENT_FREE: fprintf(to, "free 0x%" PRIx64, block); return;
    default:
        fprintf(to, "memalign 0x%" PRIx64 " %" PRIu64 " %" PRIu64, block, UINT64_C(1) << event->align, event->size);
    }
}

static int say(hy_export *export, const hy_event *event, hy_error *error) {
    const uint64_t time = event->time < INT64_MAX ? event->time + 1 : event->time;
    if (event->kind == HY_EVENT_THREAD_START)
        return 0; /* nothing says that there */
    fprintf(export->to, "%" PRIu64 ": ", (uint64_t)event->thread + 1);
    if (event->kind == HY_EVENT_THREAD_END) {
        fprintf(export->to, "thread_done 0x0 %" PRIu64 "\n", time);
        return 0;
    }
    say_block(export->to, event, FIRST_ADDRESS + STEP * event->id);
    fprintf(export->to, " %" PRIu64 " %" PRIu64 "\n", time, time);
    return 0;
}

const hy_exporter hy_export_android = {
    .name = "android",
    .what = "Android's memory_replay",
    .lost = "starts of threads, the time before the first event",
    .begin = begin,
    .event = say,
};
