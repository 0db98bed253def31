/* SPDX-License-Identifier: MIT */
#include "units.h"

#include <stdio.h>
#include <string.h>

hy_number hy_show_bytes(uint64_t bytes) {
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    hy_number n;
    double scaled = (double)bytes;
    unsigned i = 0;
    while (scaled >= 1024 && i < 6) {
        scaled /= 1024;
        i++;
    }
    snprintf(n.text, sizeof n.text, i == 0 ? "%.0f %s" : scaled < 10 ? "%.2f %s" : "%.1f %s", scaled, names[i]);
    return n;
}

hy_number hy_show_count(uint64_t count) {
    hy_number n;
    char plain[24];
    const int size = snprintf(plain, sizeof plain, "%llu", (unsigned long long)count);
    char *out = n.text;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            *out++ = ' ';
        *out++ = plain[i];
    }
    *out = '\0';
    return n;
}

hy_number hy_show_time(double nanoseconds) {
    static const char *const names[] = {"ns", "us", "ms", "s"};
    hy_number n;
    unsigned i = 0;
    while (nanoseconds >= 1000 && i < 3) {
        nanoseconds /= 1000;
        i++;
    }
    snprintf(n.text, sizeof n.text, nanoseconds < 10 ? "%.2f %s" : "%.1f %s", nanoseconds, names[i]);
    return n;
}
