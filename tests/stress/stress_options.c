/* SPDX-License-Identifier: MIT
 *
 * stress_options.c - options, and the start of a stress program (see stress_options.h).
 */
#include "stress_options.h"

#include "stress_calls.h"
#include "stress_fail.h"
#include "stress_sizes.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __attribute__((noreturn)) void refuse(const stress_option *options, const char *word) {
    fprintf(stderr, "%s is not understood; there are", word);
    for (const stress_option *o = options; o->name; o++)
        fprintf(stderr, " --%s N (from %llu to %llu)", o->name, (unsigned long long)o->least,
                (unsigned long long)o->most);
    fputc('\n', stderr);
    exit(2);
}

static void read_option(const stress_option *options, const char *word, const char *number) {
    for (const stress_option *o = options; o->name; o++) {
        char *end = NULL;
        if (strncmp(word, "--", 2) != 0 || strcmp(word + 2, o->name) != 0)
            continue;
        const unsigned long long value = strtoull(number, &end, 10);
        if (*number == '\0' || *end != '\0' || value < o->least || value > o->most)
            refuse(options, number);
        *o->value = value;
        return;
    }
    refuse(options, word);
}

void options_read(int count, char **words, const stress_option *options) {
    for (int i = 1; i < count; i += 2)
        read_option(options, words[i], i + 1 < count ? words[i + 1] : "");
}

static bool is_served(void) {
    const char *const asked = getenv("LD_PRELOAD");
    Dl_info info;
    if (!asked || *asked == '\0')
        return true;
    return dladdr(dlsym(RTLD_DEFAULT, "malloc"), &info) && strcmp(basename(info.dli_fname), basename(asked)) == 0;
}

void stress_open(uint64_t seed, const char *title) {
    stress_fail_init(seed, title);
    if (!is_served())
        stress_fail("malloc is not served by %s", getenv("LD_PRELOAD"));
    stress_tap(true, 1, "the library under test serves malloc");
    calls_init();
    sizes_init();
}

void stress_tap_plan(unsigned cases) {
    printf("1..%u\n", cases);
}
