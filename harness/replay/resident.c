/* SPDX-License-Identifier: MIT
 *
 * resident.c - see resident.h.  /proc/PID/statm counts in per-processor batches and can be off by some hundred KiB;
 * smaps_rollup walks the page tables and is exact, but takes as long as there is memory.
 */
#include "resident.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_file(const char *path, char *text, size_t size) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    size_t got = 0;
    ssize_t n = 0;
    while (got + 1 < size && (n = read(fd, text + got, size - 1 - got)) > 0)
        got += (size_t)n;
    close(fd);
    text[got] = '\0';
    return got > 0;
}

size_t hy_resident_field(const char *path, const char *name) {
    char text[4096];
    if (!read_file(path, text, sizeof text))
        return 0;
    const char *const at = strstr(text, name);
    return at ? (size_t)strtoull(at + strlen(name), NULL, 10) * 1024 : 0;
}

size_t hy_resident_now(void) {
    return hy_resident_field("/proc/self/smaps_rollup", "\nAnonymous:");
}

size_t hy_resident_of(pid_t process) {
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/%d/statm", (int)process);
    if (!read_file(path, text, sizeof text))
        return 0;
    char *end = NULL;
    strtoull(text, &end, 10);
    const unsigned long long resident = strtoull(end, &end, 10), shared = strtoull(end, &end, 10);
    return (size_t)(resident > shared ? resident - shared : 0) * (size_t)sysconf(_SC_PAGESIZE);
}

size_t hy_resident_shared(void) {
    return hy_resident_field("/proc/self/status", "RssFile:") + hy_resident_field("/proc/self/status", "RssShmem:");
}

size_t hy_resident_peak(void) {
    return hy_resident_field("/proc/self/status", "VmHWM:");
}

void hy_resident_reset_peak(void) {
    const int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    const ssize_t ignored = write(fd, "5", 1);
    (void)ignored;
    close(fd);
}
