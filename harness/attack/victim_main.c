/* SPDX-License-Identifier: MIT
 *
 * victim_main.c - a process in which one fault happens:  heapyard-victim NAME fault|control|draw [SPEC]
 *
 * SPEC is that of the heap to open, or only the name of what serves malloc here, as far as that is known.  NAME is that
 * of a fault, or of a probe with a "+" in front.  Everything that is to be known about it goes through the shared page.
 */
#include "fault_list.h"
#include "victim.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { EXIT_MISUSED = 120 };

static int misused(const char *why) {
    fprintf(stderr, "heapyard-victim: %s; heapyard attack starts it\n", why);
    return EXIT_MISUSED;
}

/* Whether a name is one of the words of a list. */
static bool is_listed(const char *list, const char *name) {
    const size_t size = strlen(name);
    for (const char *word = list; *word; word += strcspn(word, " "), word += strspn(word, " "))
        if (strcspn(word, " ") == size && strncmp(word, name, size) == 0)
            return true;
    return false;
}

static void run_fault(hy_victim *v, const hy_fault *fault) {
    const unsigned lacking = fault->needs & victim_lacks(v);
    if (lacking & HY_NEEDS_MALLOC)
        victim_not_applicable(v, "needs a malloc, and this is a heap inside a process");
    else if (lacking & HY_NEEDS_HEAP)
        victim_not_applicable(v, "needs a heap inside the process whose layout is known");
    else if (lacking & HY_NEEDS_USABLE_SIZE)
        victim_not_applicable(v, "it does not tell usable sizes");
    else if (lacking & HY_NEEDS_THREADS)
        victim_not_applicable(v, "it is for one thread at a time");
    else if (fault->only && !is_listed(fault->only, v->allocator))
        victim_not_applicable(v, "is about the layout of %s", fault->only);
    else
        fault->run(v);
}

int main(int argc, char **argv) {
    if (argc < 3)
        return misused("a fault's name and fault, control or draw are missing");
    hy_victim_page *const page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, HY_VICTIM_PAGE_FD, 0);
    if (page == MAP_FAILED)
        return misused("its shared page is missing");
    close(HY_VICTIM_PAGE_FD);
    hy_victim v = {.page = page, .control = strcmp(argv[2], "control") == 0, .allocator = ""};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int refused = victim_open(&v, argc > 3 ? argv[3] : "");
    if (refused)
        return refused;
    page->begun = 1;
    victim_stage(&v, HY_PREPARE); /* nothing to draw yet */
    v.draws = strcmp(argv[2], "draw") == 0;
    const hy_fault *const fault = argv[1][0] == '+' ? NULL : hy_fault_list_find(argv[1]);
    if (fault)
        run_fault(&v, fault);
    else if (argv[1][0] != '+' || !victim_probe(&v, argv[1] + 1))
        return misused("there is no such fault");
    victim_stage(&v, HY_AT_EXIT);
    return 0;
}
