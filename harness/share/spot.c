/* SPDX-License-Identifier: MIT
 *
 * spot.c - heapyard-spot (position-independent) and heapyard-spot-fixed (at a fixed base): where everything lies in
 * this start, as the binary record of spot.h on standard output.
 */
#include "spot.h"

#include <dlfcn.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
    const size_t large = (size_t)4 << 20;
    uint64_t address[HY_SPOTS] = {0};
    address[HY_SPOT_HEAP] = (uintptr_t)sbrk(0);
    address[HY_SPOT_TEXT] = (uintptr_t)&main;
    address[HY_SPOT_LIBRARY] = (uintptr_t)dlsym(RTLD_DEFAULT, "puts");
    address[HY_SPOT_MAPPING] = (uintptr_t)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    address[HY_SPOT_LARGE] = (uintptr_t)mmap(NULL, large, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    address[HY_SPOT_STACK] = (uintptr_t)address;
    address[HY_SPOT_VDSO] = getauxval(AT_SYSINFO_EHDR);
    return write(STDOUT_FILENO, address, sizeof address) == sizeof address ? 0 : 1;
}
