/* SPDX-License-Identifier: MIT
 *
 * mallinfo.c - the questions that programs ask of malloc: mallopt, mallinfo, malloc_trim, malloc_stats, malloc_info.
 *
 * Only malloc_info uses stdio, because it is given a FILE; none of this runs inside malloc.
 */
#include "yard.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct yard_figures {
    size_t committed, used, holes;
} yard_figures;

/* Committed memory of both page sources; what the heap does not count is taken as used. */
static yard_figures ask_figures(void) {
    hy_heap *const heap = yard_heap();
    const hy_instance *const instance = yard_instance();
    hy_stats stats;
    memset(&stats, 0xff, sizeof stats);
    if (heap->ops->stats)
        heap->ops->stats(heap, &stats);
    const size_t committed = __atomic_load_n(&instance->data->committed, __ATOMIC_RELAXED) +
                             __atomic_load_n(&instance->meta->committed, __ATOMIC_RELAXED);
    const size_t live = stats.live_bytes == HY_UNKNOWN ? committed : (size_t)stats.live_bytes;
    return (yard_figures){.committed = committed,
                          .used = live < committed ? live : committed,
                          .holes = stats.holes == HY_UNKNOWN ? 0 : (size_t)stats.holes};
}

YARD_EXPORT struct mallinfo2 mallinfo2(void) {
    const yard_figures figures = ask_figures();
    return (struct mallinfo2){.arena = figures.committed,
                              .ordblks = figures.holes,
                              .uordblks = figures.used,
                              .fordblks = figures.committed - figures.used};
}

static int narrow(size_t x) {
    return x > INT_MAX ? INT_MAX : (int)x;
}

YARD_EXPORT struct mallinfo mallinfo(void) {
    const struct mallinfo2 wide = mallinfo2();
    return (struct mallinfo){.arena = narrow(wide.arena),
                             .ordblks = narrow(wide.ordblks),
                             .uordblks = narrow(wide.uordblks),
                             .fordblks = narrow(wide.fordblks)};
}

/* The settings of the GNU C library are hints, and taken as such; others are not known. */
YARD_EXPORT int mallopt(int param, int value) {
    (void)value;
    return param == M_MXFAST || (param <= M_TRIM_THRESHOLD && param >= M_ARENA_MAX);
}

YARD_EXPORT int malloc_trim(size_t pad) {
    (void)pad;
    hy_heap *const heap = yard_heap();
    return heap->ops->trim && heap->ops->trim(heap) > 0;
}

/* "label" and a number, as one line into `ret`; its length. */
static size_t put_line(const char *label, size_t number, char *ret) {
    char digits[24], *p = digits + sizeof digits;
    *--p = '\n';
    do
        *--p = (char)('0' + number % 10);
    while (number /= 10);
    const size_t size = strlen(label), count = (size_t)(digits + sizeof digits - p);
    memcpy(ret, label, size);
    memcpy(ret + size, p, count);
    return size + count;
}

YARD_EXPORT void malloc_stats(void) {
    const yard_figures figures = ask_figures();
    char text[256];
    size_t size = put_line("system bytes     = ", figures.committed, text);
    size += put_line("in use bytes     = ", figures.used, text + size);
    const ssize_t ignored = write(STDERR_FILENO, text, size);
    (void)ignored;
}

YARD_EXPORT int malloc_info(int options, FILE *file) {
    if (options != 0) {
        errno = EINVAL;
        return -1;
    }
    const yard_figures figures = ask_figures();
    fprintf(file,
            "<malloc version=\"heapyard-1\">\n<allocator name=\"%s\"/>\n<system type=\"current\" size=\"%zu\"/>\n"
            "<total type=\"rest\" count=\"%zu\" size=\"%zu\"/>\n</malloc>\n",
            yard_instance()->base->name, figures.committed, figures.holes, figures.committed - figures.used);
    return 0;
}
