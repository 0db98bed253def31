/* SPDX-License-Identifier: MIT
 *
 * fuzz_arrivals.c - arrival traces: any bytes are refused with a sentence or are a trace, in which times do not fall and
 * every program ends.  Small ones are replayed on each kind of memory: whoever came was admitted or refused.
 */
#include "crowd_replay.h"

#include <stdlib.h>
#include <string.h>

#define MOST_PROGRAMS 200u
#define MOST_BYTES ((uint64_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(int is) {
    if (!is)
        abort();
}

static int is_small(const hy_arrivals *trace) {
    for (size_t i = 0; i < trace->count; i++)
        if (trace->programs[i].resident > MOST_BYTES || trace->programs[i].guess > MOST_BYTES)
            return 0;
    return trace->count <= MOST_PROGRAMS;
}

static void replay(const hy_arrivals *trace, const char *name, const hy_crowd_options *options) {
    hy_model model;
    hy_crowd_result result;
    hy_error error;
    expect(hy_model_parse(name, strlen(name), &model, &error) == 0);
    expect(hy_crowd_replay(trace, &model, options, &result, &error) == 0);
    expect(result.admitted + result.refused == result.programs && result.waited <= result.admitted);
    expect(result.counts.faults_again <= result.counts.faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"flat", "fixed:4K", "dynamic:first", "dynamic:best:tidy", "paged:lru", NULL};
    hy_arrivals trace;
    hy_error error = {""};
    if (hy_arrivals_parse((const char *)data, size, "input", &trace, &error) < 0) {
        expect(error.text[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < trace.count; i++) {
        expect(trace.programs[i].end >= trace.programs[i].start && trace.programs[i].end <= trace.last);
        expect(hy_program_file(&trace, &trace.programs[i]) != NULL);
    }
    const hy_crowd_options options = {.machine = 64 << 10,
                                      .queue = (hy_queue)(size % 3),
                                      .sizes = (hy_sizes)(size / 3 % 3),
                                      .least = 0.5,
                                      .sweeps = 3};
    for (size_t i = 0; names[i] && is_small(&trace); i++)
        replay(&trace, names[i], &options);
    hy_arrivals_free(&trace);
    return 0;
}
