/* SPDX-License-Identifier: MIT
 *
 * process_facts.c - what /proc tells of a process that stands still (see process_facts.h).
 */
#include "process_facts.h"

#include "arrivals.h"
#include "elf_size.h"
#include "format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MINOR_FAULTS 7u /* words of /proc/PID/stat behind the name in parentheses, from 0 */
#define MAJOR_FAULTS 9u

static void take_line(const char *line, hy_process_facts *facts) {
    uint64_t number = 0;
    if (sscanf(line, "Tgid: %" SCNu64, &number) == 1)
        facts->process = (pid_t)number;
    else if (sscanf(line, "PPid: %" SCNu64, &number) == 1)
        facts->parent = (pid_t)number;
    else if (sscanf(line, "VmHWM: %" SCNu64, &number) == 1)
        facts->resident = number * 1024;
    else if (sscanf(line, "VmPeak: %" SCNu64, &number) == 1)
        facts->space = number * 1024;
}

static uint64_t read_faults(pid_t process) {
    char path[64], text[2048];
    uint64_t faults = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    FILE *const file = fopen(path, "re");
    const char *const line = file ? fgets(text, sizeof text, file) : NULL;
    char *const name_end = line ? strrchr(text, ')') : NULL;
    char *rest = name_end ? name_end + 1 : NULL, *word;
    for (unsigned i = 0; rest && i <= MAJOR_FAULTS && (word = strtok_r(NULL, " ", &rest)); i++) {
        uint64_t number = 0;
        if ((i == MINOR_FAULTS || i == MAJOR_FAULTS) && sscanf(word, "%" SCNu64, &number) == 1)
            faults += number;
    }
    if (file)
        fclose(file);
    return faults;
}

bool hy_process_facts_read(pid_t thread, hy_process_facts *ret) {
    char path[64], line[512];
    hy_process_facts facts = {.process = 0};
    snprintf(path, sizeof path, "/proc/%d/status", (int)thread);
    FILE *const file = fopen(path, "re");
    if (!file)
        return false;
    while (fgets(line, sizeof line, file))
        take_line(line, &facts);
    fclose(file);
    facts.faults = read_faults(facts.process);
    *ret = facts;
    return facts.process > 0;
}

void hy_process_file(pid_t process, char *ret_path, size_t size) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/%d/exe", (int)process);
    const ssize_t got = readlink(link, path, sizeof path - 1);
    path[got > 0 ? got : 0] = '\0';
    hy_text_clean(ret_path, size, got > 0 ? path : "?");
}

void hy_process_sizes(pid_t process, uint64_t *ret_loadable, uint64_t *ret_guess) {
    char path[64];
    hy_elf_size size;
    snprintf(path, sizeof path, "/proc/%d/exe", (int)process);
    const bool known =
        hy_elf_size_guess(path, &hy_size_rule_default, &size, NULL) == 0 && size.guess < HY_ARRIVALS_BYTES;
    *ret_loadable = known ? size.loadable : 0;
    *ret_guess = known ? size.guess : 0;
}
