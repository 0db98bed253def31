/* SPDX-License-Identifier: MIT
 *
 * recorded_sites.c - a program that says in which phase it is, and allocates from functions whose names must come out.
 *
 *   recorded_sites            load_table allocates through make_row, serve by itself; a thread serves, too
 *   recorded_sites FILE       loads FILE, calls its make(), closes it, and once again
 *   recorded_sites --walk     calls malloc with frame pointers that lead nowhere good
 */
#include "heapyard_phase.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ROWS 300
#define ANSWERS 50

void *make_row(size_t size);
void load_table(void);
void serve(void);

/* A compiler neither inlines them nor makes copies with other names of them. */
#ifdef __clang__
#define AS_WRITTEN __attribute__((noinline))
#else
#define AS_WRITTEN __attribute__((noipa))
#endif

static void *rows[ROWS];
static volatile unsigned done;
static volatile size_t row_size = 100; /* a constant would make the compiler rename make_row */

AS_WRITTEN void *make_row(size_t size) {
    void *const row = malloc(size);
    done++;
    return row;
}

AS_WRITTEN void load_table(void) {
    for (unsigned i = 0; i < ROWS; i++)
        rows[i] = make_row(row_size);
    done++;
}

AS_WRITTEN void serve(void) {
    for (unsigned i = 0; i < ANSWERS; i++) {
        void *answer = calloc(2, 1000);
        answer = realloc(answer, 5000);
        free(answer);
    }
    done++;
}

static void *serve_once(void *unused) {
    hy_phase("answer, \"it\" \xc3\xa4");
    serve();
    return unused;
}

AS_WRITTEN static void be_a_program(void) {
    pthread_t thread;
    hy_phase("load");
    load_table();
    hy_phase("serve");
    serve();
    hy_phase("");
    for (unsigned i = 0; i < ROWS; i++)
        free(rows[i]);
    if (pthread_create(&thread, NULL, serve_once, NULL) == 0)
        pthread_join(thread, NULL);
}

static void load(const char *path) {
    void *(*make)(void) = NULL;
    void *const module = dlopen(path, RTLD_NOW);
    void *const symbol = module ? dlsym(module, "make") : NULL;
    if (!symbol)
        exit(3);
    memcpy(&make, &symbol, sizeof make);
    free(make());
    dlclose(module);
}

static void call_in_frame(uintptr_t frame, size_t size) {
    void *block = NULL;
#if defined(__x86_64__)
    __asm__ volatile("pushq %%rbp\n\tmovq %%rsp, %%rbx\n\tandq $-16, %%rsp\n\tmovq %2, %%rbp\n\tcallq *%1\n\t"
                     "movq %%rbx, %%rsp\n\tpopq %%rbp"
                     : "=a"(block)
                     : "r"(malloc), "r"(frame), "D"(size)
                     : "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc", "xmm0", "xmm1");
#else
    block = malloc(size);
#endif
    free(block);
}

/* What code without frame pointers may leave in their register: anything.  The kernel's page is not there to be read,
 * nor is the one before the guard. */
static void walk(void) {
    char *const page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page + 4096, 2 * 4096, PROT_NONE);
    void *here;
    const uintptr_t wrong[] = {0,
                               1,
                               8,
                               UINTPTR_MAX,
                               UINTPTR_MAX - 7,
                               (uintptr_t)page,
                               (uintptr_t)page + 4096,
                               (uintptr_t)page + 4088,
                               (uintptr_t)&here + 4,
                               ((uintptr_t)&here | 0xffff) + 1,
                               ((uintptr_t)&here | 0xffffffff) - 7,
                               (uintptr_t)0x00007ffffffff000};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
        call_in_frame(wrong[i], 777);
    for (uintptr_t i = 0; i < 1000; i++) {
        volatile uintptr_t data[] = {(uintptr_t)&data[2], 123456789 * (i + 1), 0, 0};
        call_in_frame((uintptr_t)data, 778);
    }
}

int main(int argc, char **argv) {
    if (argc == 1) {
        be_a_program();
    } else if (strcmp(argv[1], "--walk") == 0) {
        walk();
    } else {
        load(argv[1]);
        load(argv[1]);
    }
    return 0;
}
