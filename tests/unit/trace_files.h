/* SPDX-License-Identifier: MIT
 *
 * trace_files.h - a trace file of a test's own: written whole or read back, as a trace or as bytes.
 */
#ifndef TEST_TRACE_FILES_H
#define TEST_TRACE_FILES_H

#include "trace.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];
static char path[128];

static inline int set_up(void **state) {
    snprintf(folder, sizeof folder, "/tmp/hy-trace-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/t.hyt", folder);
    return 0;
}

static inline int tear_down(void **state) {
    unlink(path);
    return rmdir(folder);
}

static const hy_trace_meta description = {.command = "prog --option \xc3\xa4",
                                          .origin = "test",
                                          .machine = "none",
                                          .started = 1700000000,
                                          .pid = 17,
                                          .dropped = 3};

static inline void write_trace(const hy_event *events, size_t count, size_t flush_every) {
    hy_trace_writer *writer;
    hy_error error;
    assert_int_equal(hy_trace_create(path, &description, &writer, &error), 0);
    for (size_t i = 0; i < count; i++) {
        if (hy_trace_append(writer, &events[i], &error) < 0)
            fail_msg("%s", error.text);
        if (flush_every && (i + 1) % flush_every == 0)
            assert_int_equal(hy_trace_flush(writer, &error), 0);
    }
    assert_int_equal(hy_trace_finish(writer, &error), 0);
}

/* What became of a file. */
typedef struct outcome {
    int opened, code; /* of hy_trace_open, of the last hy_trace_next */
    size_t events;    /* read; they equal the expected ones */
    bool warned;
    char text[512]; /* sentence or warning */
} outcome;

static inline outcome read_trace(const hy_event *expected, size_t count) {
    hy_trace_reader *reader;
    hy_error error = {""};
    outcome o = {.opened = hy_trace_open(path, &reader, &error)};
    const hy_event *events;
    size_t got;
    if (o.opened == 0) {
        while ((o.code = hy_trace_next(reader, &events, &got, &error)) > 0) {
            assert_true(o.events + got <= count);
            assert_memory_equal(events, expected + o.events, got * sizeof *events);
            o.events += got;
        }
        o.warned = hy_trace_warning(reader) != NULL;
        if (o.code == 0) {
            assert_int_equal(hy_trace_next(reader, &events, &got, &error), 0);
        } else {
            hy_error again;
            assert_int_equal(hy_trace_next(reader, &events, &got, &again), o.code);
            assert_string_equal(error.text, again.text);
        }
        snprintf(o.text, sizeof o.text, "%s", o.warned ? hy_trace_warning(reader) : error.text);
        hy_trace_close(reader);
    } else {
        snprintf(o.text, sizeof o.text, "%s", error.text);
    }
    return o;
}

static inline uint8_t *read_file(size_t *ret_size) {
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    uint8_t *const data = malloc(1 << 20);
    assert_non_null(data);
    *ret_size = fread(data, 1, 1 << 20, file);
    assert_true(*ret_size < 1 << 20);
    fclose(file);
    return data;
}

static inline void write_file(const uint8_t *data, size_t size) {
    FILE *const file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Cut anywhere: an error while nothing can be read, else whole blocks and a warning. */

static inline void put_byte(int fd, size_t at, uint8_t byte) {
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
}

#endif
