/* SPDX-License-Identifier: MIT
 *
 * codec_speed.c - what it takes to encode and to decode a trace's blocks, in ns of processor time an event.
 *
 *     codec_speed TRACE…
 *
 * prints for each the ns an event to encode (once), to decode (the best of 15 for each block), and to read the file as
 * `heapyard replay` does, which also checks every event against the rules of event.h and hashes it.
 */
#include "codec.h"
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TIMES = 15 };

/* Sums over a trace's blocks, in ns. */
typedef struct speed_sums {
    double encode, decode, read;
    uint64_t events;
} speed_sums;

/* Of this process, so that others on the machine count less. */
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void speed_block(hy_codec *codec, const hy_block_start *start, const hy_event *events, speed_sums *sums) {
    static hy_event back[HY_BLOCK_EVENTS];
    const uint8_t *payload;
    size_t size, plain;
    hy_error error;
    const double before = now();
    if (hy_codec_encode(codec, start, events, &payload, &size, &plain, &error) < 0)
        exit(1);
    sums->encode += now() - before;
    double best = 0;
    for (int i = 0; i < TIMES; i++) {
        const double begin = now();
        const int r = hy_codec_decode(codec, start, payload, size, plain, back, &error);
        const double took = now() - begin;
        if (r < 0 || memcmp(back, events, start->events * sizeof *back) != 0)
            exit(1);
        best = i == 0 || took < best ? took : best;
    }
    sums->decode += best;
}

static int speed_trace(const char *path) {
    hy_trace_reader *reader;
    hy_error error;
    speed_sums sums = {0, 0, 0, 0};
    hy_block_start start = {.events = 0};
    hy_codec *const codec = hy_codec_create(9);
    if (!codec || hy_trace_open(path, &reader, &error) < 0)
        return 1;
    for (;;) {
        const hy_event *events;
        size_t count;
        const double before = now();
        const int r = hy_trace_next(reader, &events, &count, &error);
        sums.read += now() - before;
        if (r <= 0)
            break;
        start.events = (uint32_t)count;
        speed_block(codec, &start, events, &sums);
        for (size_t i = 0; i < count; i++) {
            start.first_birth += hy_event_is_birth(&events[i]) ? 1 : 0;
            start.threads = events[i].thread >= start.threads ? events[i].thread + 1 : start.threads;
        }
        start.first_event += count;
        start.base_time = events[count - 1].time;
        sums.events += count;
    }
    const double each = sums.events > 0 ? 1 / (double)sums.events : 0;
    printf("%-24s encode %6.1f  decode %5.1f  read %5.1f ns an event\n", path, sums.encode * each, sums.decode * each,
           sums.read * each);
    hy_trace_close(reader);
    hy_codec_destroy(codec);
    return 0;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (speed_trace(argv[i]) != 0)
            return 1;
    }
    return 0;
}
