/* SPDX-License-Identifier: MIT
 *
 * fuzz_trace.c - whole trace files through the reader and the summary.
 *
 * Most changes to a file die at its checksums, so the mutator mends the checksums and numbers of the blocks after most
 * changes.  A file that is read to its end without a warning must have an end; one that is not must give a sentence.
 *
 * Of the seeds, lie-* are written by tests/unit/test_hostile.c.
 */
#include "bytes.h"
#include "format.h"
#include "summary.h"
#include "text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static void expect(int is) {
    if (!is)
        abort();
}

/* ---- mending ---- */

static void mend(uint8_t *data, size_t size, unsigned seed) {
    uint32_t number = 0;
    if (size >= HY_FILE_HEAD)
        hy_file_head_put(hy_get32(data + 12) == HY_TRACE_VERSION ? HY_TRACE_VERSION : HY_TRACE_PLAIN, data);
    for (size_t at = HY_FILE_HEAD; size - at >= HY_BLOCK_HEAD && at < size; number++) {
        uint8_t *const head = data + at;
        const size_t left = size - at - HY_BLOCK_HEAD;
        if (hy_get32(head + 8) > left && seed % 2 == 0)
            hy_put32(head + 8, (uint32_t)left);
        const size_t stored = hy_get32(head + 8) < left ? hy_get32(head + 8) : left;
        if (seed % 8 < 7)
            hy_put32(head + 4, number);
        hy_put64(head + 48, XXH3_64bits(head + HY_BLOCK_HEAD, stored));
        hy_put64(head + 56, XXH3_64bits(head, 56));
        at += HY_BLOCK_HEAD + stored;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    const size_t changed = LLVMFuzzerMutate(data, size, max_size);
    if (seed % 16 != 0)
        mend(data, changed, seed / 16);
    return changed;
}

/* ---- reading ---- */

static void check_summary(const char *path, uint64_t events, int code) {
    hy_trace_summary sum;
    hy_trace_curve curve;
    hy_error error = {""};
    const int r = hy_trace_summarise_curve(path, &sum, &curve, &error);
    expect(r == code);
    if (r < 0)
        return;
    expect(sum.events == events && sum.end_bytes <= sum.peak_bytes && sum.peak_bytes <= sum.total_bytes);
    expect(sum.by_kind[HY_EVENT_FREE] + sum.end_objects == sum.objects);
}

/* Sites are those of the table, and only what asks for memory has one; all of it can be shown. */
static void check_notes(const hy_trace_reader *reader, const hy_event *events, size_t count) {
    const hy_sites *const sites = hy_trace_sites(reader);
    const uint32_t *const of = hy_trace_event_sites(reader);
    char shown[256];
    size_t marks;
    for (size_t i = 0; of && i < count; i++)
        expect(of[i] == 0 || (of[i] < sites->site_count && events[i].kind <= HY_EVENT_REALLOC));
    for (size_t i = 1; i < sites->site_count; i++)
        expect(sites->sites[i].caller < i && sites->sites[i].frame < sites->frame_count);
    for (uint32_t i = 0; i < sites->frame_count && i < 64; i++)
        hy_frame_show(sites, i, shown, sizeof shown);
    const hy_mark *const mark = hy_trace_marks(reader, &marks);
    for (size_t i = 0; i < marks; i++)
        expect(strlen(mark[i].name) < HY_MARK_NAME && (i == 0 || mark[i].event >= mark[i - 1].event));
}

static void check_file(const char *path) {
    hy_trace_reader *reader;
    hy_error error = {""};
    const hy_event *events;
    size_t count;
    uint64_t total = 0;
    int r = hy_trace_open(path, &reader, &error);
    if (r < 0) {
        expect(error.text[0] != '\0' && !strchr(error.text, '\n'));
        return;
    }
    while ((r = hy_trace_next(reader, &events, &count, &error)) > 0) {
        check_notes(reader, events, count);
        total += count;
    }
    expect(r == 0 || error.text[0] != '\0');
    hy_trace_close(reader);
    check_summary(path, total, r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int fd = -1;
    static char path[64];
    if (fd < 0) {
        fd = memfd_create("trace", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    expect(fd >= 0 && ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    check_file(path);
    return 0;
}
