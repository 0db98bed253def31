/* SPDX-License-Identifier: MIT
 *
 * layout.c - see layout.h.
 */
#include "layout.h"

#include "random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>

#define LAYOUT_STREAM 0x6c61796f75740000u /* keeps these numbers apart from those that shuffle the cells */
#define LAYOUT_ASK 0xffffffffu            /* personality(2): what is it now? */

const char *const hy_layout_names[] = {"random", "fixed", NULL};

hy_layout hy_layout_of(hy_layout_kind kind, hy_pass pass, uint64_t seed, size_t position) {
    const bool timed =
        pass == HY_PASS_THROUGHPUT || pass == HY_PASS_LATENCY || pass == HY_PASS_CONTROL || pass == HY_PASS_THREADS;
    if (kind == HY_LAYOUT_FIXED || !timed)
        return (hy_layout){.fixed = kind == HY_LAYOUT_FIXED};
    const uint64_t stream = seed ^ LAYOUT_STREAM;
    const uint64_t environment =
        hy_random_below(stream, 2 * position, HY_LAYOUT_MOST_ENVIRONMENT / HY_LAYOUT_STEP + 1) * HY_LAYOUT_STEP;
    const uint64_t stack =
        hy_random_below(stream, 2 * position + 1, HY_LAYOUT_MOST_STACK / HY_LAYOUT_STEP + 1) * HY_LAYOUT_STEP;
    return (hy_layout){.environment = (unsigned)environment, .stack = (unsigned)stack};
}

int hy_layout_apply(const hy_layout *layout) {
    char padding[HY_LAYOUT_MOST_ENVIRONMENT + 1];
    memset(padding, 'x', layout->environment);
    padding[layout->environment] = '\0';
    if (layout->fixed && personality((unsigned long)personality(LAYOUT_ASK) | ADDR_NO_RANDOMIZE) < 0)
        return -errno;
    if (layout->environment == 0)
        return unsetenv(HY_LAYOUT_VARIABLE) < 0 ? -errno : 0;
    return setenv(HY_LAYOUT_VARIABLE, padding, 1) < 0 ? -errno : 0;
}

int hy_layout_check(hy_layout_kind kind, hy_error *error) {
    const int now = personality(LAYOUT_ASK);
    if (kind == HY_LAYOUT_RANDOM)
        return 0;
    if (now < 0 || personality((unsigned long)now | ADDR_NO_RANDOMIZE) < 0)
        return hy_fail(error, -EPERM,
                       "--layout fixed: this system does not let a process have addresses that are not random");
    personality((unsigned long)now);
    return 0;
}
