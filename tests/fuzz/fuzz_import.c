/* SPDX-License-Identifier: MIT
 *
 * fuzz_import.c - any file for `heapyard import`: its format is recognised, packed or not, and then it is a trace or is
 * refused with a sentence.  Whatever was made of it, also before a mistake, is a trace that can be read: the writer
 * checks each event, and what an importer let through that no trace can hold is a mistake of the importer.
 *
 * With FUZZ_IMPORTER=NAME in the environment everything is read as that format, so that one importer can be fuzzed
 * alone.
 *
 * Input and output are files in memory.
 */
#include "importers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static hy_import_options options = {.origin = "fuzz"};

static void expect(int is) {
    if (!is)
        abort();
}

/* A file in memory, and a path to it. */
static int file_of(const char *name, char *ret_path, size_t size) {
    const int fd = memfd_create(name, MFD_CLOEXEC);
    expect(fd >= 0);
    snprintf(ret_path, size, "/proc/self/fd/%d", fd);
    return fd;
}

/* Behind "IN (FORMAT): line N: " the writer begins with its file; importers never begin with what they have read.  Two
 * of its rules are for sums that only it knows; our own text is meant to be held against all of them. */
static int is_known(const char *sentence, const char *trace, const hy_importer *importer) {
    const char *const line = strstr(sentence, "): line ");
    if (!line || importer == hy_importers[0])
        return 1;
    const char *const why = strchr(line + strlen("): line "), ' ');
    return !why || strncmp(why + 1, trace, strlen(trace)) != 0 || strstr(why, "all sizes together") ||
           strstr(why, "a time of");
}

static uint64_t count_events(const char *trace) {
    hy_trace_reader *reader;
    const hy_event *events;
    uint64_t sum = 0;
    size_t count;
    int r;
    expect(hy_trace_open(trace, &reader, NULL) == 0);
    while ((r = hy_trace_next(reader, &events, &count, NULL)) > 0)
        sum += count;
    expect(r == 0 && !hy_trace_warning(reader));
    hy_trace_close(reader);
    return sum;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *const name = getenv("FUZZ_IMPORTER");
    hy_error error;
    if (name && hy_importer_find(name, &options.importer, &error) < 0) {
        fprintf(stderr, "FUZZ_IMPORTER: %s\n", error.text);
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char source[64], trace[64];
    static int in = -1, out = -1;
    if (in < 0)
        in = file_of("in", source, sizeof source);
    if (out < 0)
        out = file_of("out", trace, sizeof trace);
    expect(ftruncate(in, 0) == 0 && ftruncate(out, 0) == 0);
    expect(pwrite(in, data, size, 0) == (ssize_t)size);
    hy_imported done = {.events = 0};
    hy_error error = {""};
    const int r = hy_import(source, trace, &options, &done, &error);
    expect(r == 0 || (error.text[0] != '\0' && is_known(error.text, trace, done.importer)));
    if (done.events > 0 || r == 0)
        expect(count_events(trace) == done.events);
    return 0;
}
