// SPDX-License-Identifier: MIT
// code.c - what `reloc run` calls: tables of pointers, static data, thread-local data, the C library.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add(int a, int b) {
    return a + b;
}
static int subtract(int a, int b) {
    return a - b;
}
static int multiply(int a, int b) {
    return a * b;
}

int (*const operations[])(int, int) = {add, subtract, multiply};
static const char *const names[] = {"plus", "minus", "times"};
static _Thread_local int calls = 40;
static int total = 1;
static int *const pointer = &total;
int zeros[100];

int calculate(int which, int a, int b) {
    calls++;
    *pointer += calls;
    zeros[which] += 1;
    return operations[which](a, b) + total + zeros[which]; /* 42 or 43 more: 1 + 41 + 1 */
}

const char *name_of(int which) {
    return names[which];
}

int sorted(const char *text) { /* the C library from far away: strlen, memcpy; errno is thread-local */
    char copy[64];
    int inversions = 0;
    errno = 5;
    memcpy(copy, text, strlen(text) + 1);
    for (char *c = copy; c[0] && c[1]; c++)
        inversions += c[0] > c[1];
    return errno == 5 ? inversions : -1;
}

int choose(int n) {
    switch (n) {
    case 0: return 10;
    case 1: return 21;
    case 2: return 32;
    case 3: return 43;
    case 4: return 54;
    case 5: return 65;
    default: return -n;
    }
}

int crash(void) {
    return *(volatile int *)8;
}

int leave(int code) {
    exit(code);
}
