/* SPDX-License-Identifier: MIT
 *
 * guest.c - heapyard-guest LIBRARY: loads it, calls hy_tables_sum, says what it answered and where it lies, and stands
 * still until its input ends.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

typedef unsigned long tables_sum(unsigned rounds);

int main(int argc, char **argv) {
    void *const library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    tables_sum *sum = NULL;
    char byte;
    if (library)
        *(void **)&sum = dlsym(library, "hy_tables_sum");
    if (!sum) {
        printf("cannot load: %s\n", argc == 2 ? dlerror() : "no library named");
        return 1;
    }
    printf("%lu %p\n", sum(100), *(void **)&sum);
    fflush(stdout);
    return read(STDIN_FILENO, &byte, 1) > 0;
}
