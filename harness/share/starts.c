/* SPDX-License-Identifier: MIT
 *
 * starts.c - see starts.h.
 */
#include "starts.h"

#include "entropy.h"
#include "normal.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STARTS_PARTS = 32, STARTS_LEAST = 5 * STARTS_PARTS };

extern char **environ;

const char *hy_spot_name(hy_spot spot) {
    static const char *const names[] = {"text", "heap (brk)", "library", "mapping", "large mapping", "stack", "vdso"};
    return names[spot];
}

/* ------------------------------------------------------------------------------------------------------- starts ----
 */

static int starts_one(char *program, const posix_spawn_file_actions_t *actions, int answers, uint64_t *ret) {
    char *const argv[] = {program, NULL};
    pid_t child;
    int status;
    const int r = posix_spawn(&child, program, actions, NULL, argv, environ);
    if (r != 0)
        return -r;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) /* then nothing was written that we could wait for */
        return -ECHILD;
    const size_t size = HY_SPOTS * sizeof *ret;
    return read(answers, ret, size) == (ssize_t)size ? 0 : -EIO;
}

static int starts_all(char *program, hy_starts *starts, hy_error *error) {
    posix_spawn_file_actions_t actions;
    int pipes[2], r = 0;
    if (pipe2(pipes, O_CLOEXEC) < 0)
        return hy_fail(error, -errno, "no pipe: %s", strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
    for (size_t i = 0; i < starts->count && r == 0; i++)
        r = starts_one(program, &actions, pipes[0], starts->address[i]);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[0]);
    close(pipes[1]);
    return r < 0 ? hy_fail(error, r, "%s: %s", program, r == -ECHILD ? "did not end well" : strerror(-r)) : 0;
}

int hy_starts_make(const char *program, size_t count, bool randomised, hy_starts *ret_starts, hy_error *error) {
    char path[HY_PATH_SIZE];
    int r = hy_find_part(HY_PART_PROGRAM, program, path, error);
    if (r < 0)
        return r;
    const int before = personality(0xffffffff); /* asks only; setarch -R and debuggers have switched it off for us */
    const unsigned long flags = (unsigned long)before, off = ADDR_NO_RANDOMIZE;
    const bool set = before >= 0 && personality(randomised ? flags & ~off : flags | off) >= 0;
    if (!set && !randomised)
        return hy_fail(error, -EPERM, "the kernel does not let a process be started without randomised addresses: %s",
                       strerror(errno));
    hy_starts starts = {calloc(count, sizeof *starts.address), count};
    if (!starts.address)
        abort();
    r = starts_all(path, &starts, error);
    if (set)
        personality(flags);
    if (r < 0)
        hy_starts_free(&starts);
    else
        *ret_starts = starts;
    return r;
}

void hy_starts_free(hy_starts *starts) {
    free(starts->address);
    *starts = (hy_starts){NULL, 0};
}

/* ------------------------------------------------------------------------------------------------------- spread ----
 */

static int starts_compare(const void *left, const void *right) {
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

double hy_chi_square_above(double value, unsigned freedom) {
    const double scale = 2.0 / (9.0 * freedom);
    return 1 - hy_normal_below((cbrt(value / freedom) - (1 - scale)) / sqrt(scale));
}

/* The lowest and the highest are what the span is known from, so they are not asked again. */
static void starts_even(const uint64_t *sorted, size_t count, hy_spread *spread) {
    const double span = (double)(spread->highest - spread->lowest) / (double)spread->grain;
    size_t part[STARTS_PARTS] = {0};
    spread->chi_square = spread->chance = (double)NAN;
    if (count < STARTS_LEAST || span < 64 * STARTS_PARTS) /* else the parts are not equal */
        return;
    for (size_t i = 1; i + 1 < count; i++) {
        const double share = (double)(sorted[i] - spread->lowest) / (double)(spread->highest - spread->lowest);
        const size_t of = (size_t)(share * STARTS_PARTS);
        part[of < STARTS_PARTS ? of : STARTS_PARTS - 1]++;
    }
    const double expected = (double)(count - 2) / STARTS_PARTS;
    double sum = 0;
    for (int i = 0; i < STARTS_PARTS; i++)
        sum += ((double)part[i] - expected) * ((double)part[i] - expected) / expected;
    spread->chi_square = sum;
    spread->chance = hy_chi_square_above(sum, STARTS_PARTS - 1);
}

static void starts_range(const uint64_t *sorted, size_t count, hy_spread *spread) {
    uint64_t differing = 0;
    spread->distinct = count > 0;
    for (size_t i = 1; i < count; i++) {
        differing |= sorted[i] - sorted[0];
        spread->distinct += sorted[i] != sorted[i - 1];
    }
    spread->grain = differing & (~differing + 1);
    if (spread->grain == 0)
        return;
    const double n = (double)count, span = (double)((spread->highest - spread->lowest) / spread->grain);
    spread->range_bits = log2(span * (n + 1) / (n - 1));
}

hy_spread hy_starts_spread(const hy_starts *starts, hy_spot of, hy_spot from) {
    const size_t count = starts->count;
    hy_spread spread = {.starts = count};
    uint64_t *const place = calloc(count, sizeof *place);
    if (!place)
        abort();
    for (size_t i = 0; i < count; i++)
        place[i] = starts->address[i][of] - (from < HY_SPOTS ? starts->address[i][from] : 0);
    if (from < HY_SPOTS) /* distances may be negative: around the first one */
        for (size_t i = count; i-- > 0;)
            place[i] = place[i] - place[0] + ((uint64_t)1 << 62);
    qsort(place, count, sizeof *place, starts_compare);
    spread.lowest = place[0];
    spread.highest = place[count - 1];
    starts_range(place, count, &spread);
    spread.single_bits = hy_entropy_bits(place, count);
    starts_even(place, count, &spread);
    free(place);
    return spread;
}

int hy_starts_setting(const char *path) {
    int value = -1;
    FILE *const in = fopen(path, "re");
    if (!in)
        return -1;
    if (fscanf(in, "%d", &value) != 1)
        value = -1;
    fclose(in);
    return value;
}
