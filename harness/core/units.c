/* SPDX-License-Identifier: MIT */
#include "units.h"

#include <stdio.h>
#include <string.h>

/* Three digits and a unit, the next one where rounding would show `step` of this one. */
static hy_number show_scaled(double value, double step, const char *const *units, unsigned last) {
    hy_number n;
    unsigned i = 0;
    for (; value >= step - 0.05 && i < last; i++)
        value /= step;
    snprintf(n.text, sizeof n.text, value < 9.995 ? "%.2f %s" : "%.1f %s", value, units[i]);
    return n;
}

hy_number hy_show_bytes(uint64_t bytes) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    hy_number n;
    if (bytes >= 1024)
        return show_scaled((double)bytes, 1024, units, 6);
    snprintf(n.text, sizeof n.text, "%u B", (unsigned)bytes);
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
    static const char *const units[] = {"ns", "µs", "ms", "s"};
    return show_scaled(nanoseconds, 1000, units, 3);
}

size_t hy_text_width(const char *text) {
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80; /* not the second byte of a character or a later one */
    return width;
}
