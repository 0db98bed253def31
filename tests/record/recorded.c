/* SPDX-License-Identifier: MIT */
#include "recorded.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void expect(const char *kind, size_t size, size_t count) {
    char line[80];
    const int n = snprintf(line, sizeof line, "%s %zu %zu\n", kind, size, count);
    if (write(STDOUT_FILENO, line, (size_t)n) != n)
        _exit(9);
}

void give_up(const char *what) {
    fprintf(stderr, "recorded: %s\n", what);
    _exit(9);
}

void *keep(void *block) {
    __asm__ volatile("" : "+r"(block)::"memory");
    return block;
}

/* Before main, and before the recorder's own constructor perhaps. */
__attribute__((constructor(101))) static void before_main(void) {
    free(keep(calloc(3, 11027)));
}

__attribute__((destructor)) static void after_main(void) {
    free(keep(malloc(33091)));
}

int main(int argc, char **argv) {
    static const recorded_mode *const tables[] = {recorded_calls, recorded_threads, recorded_processes};
    if (argc < 2)
        give_up("expected a mode");
    for (size_t t = 0; t < 3; t++)
        for (const recorded_mode *mode = tables[t]; mode->name; mode++)
            if (strcmp(mode->name, argv[1]) == 0) {
                mode->run(argc > 2 ? argv[2] : "");
                return 0;
            }
    give_up(argv[1]);
}
