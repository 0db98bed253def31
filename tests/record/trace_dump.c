/* SPDX-License-Identifier: MIT
 *
 * trace_dump.c - a trace as text, one event a line: "thread kind id size log2(align)".  For tests.
 *
 * The first line is "# dropped=N command=…"; the exit code is 1 for a broken file, 3 for one that is cut off.
 */
#include "trace.h"

#include <inttypes.h>
#include <stdio.h>

static int dump(hy_trace_reader *reader, hy_error *error) {
    const hy_event *events;
    size_t count;
    int r;
    while ((r = hy_trace_next(reader, &events, &count, error)) == 1)
        for (size_t i = 0; i < count; i++)
            printf("%" PRIu32 " %s %" PRIu64 " %" PRIu64 " %u\n", events[i].thread, hy_event_name(events[i].kind),
                   events[i].id, events[i].size, events[i].align);
    return r;
}

int main(int argc, char **argv) {
    hy_trace_reader *reader;
    hy_error error;
    if (argc != 2 || hy_trace_open(argv[1], &reader, &error) < 0) {
        fprintf(stderr, "trace_dump: %s\n", argc == 2 ? error.text : "expected one trace");
        return 2;
    }
    const int r = dump(reader, &error);
    const hy_trace_meta *const meta = hy_trace_get_meta(reader);
    printf("# dropped=%" PRIu64 " pid=%" PRIu64 " command=%s\n", meta->dropped, meta->pid, meta->command);
    if (r < 0)
        fprintf(stderr, "trace_dump: %s\n", error.text);
    const int cut = hy_trace_warning(reader) != NULL;
    hy_trace_close(reader);
    return r < 0 ? 1 : cut ? 3 : 0;
}
