/* SPDX-License-Identifier: MIT
 *
 * process_facts.h - what /proc tells of a process that stands still.
 */
#ifndef HY_PROCESS_FACTS_H
#define HY_PROCESS_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct hy_process_facts {
    pid_t process, parent;
    uint64_t resident, space; /* bytes, at most so far (VmHWM, VmPeak); 0: it has no memory any more */
    uint64_t faults;          /* page faults so far, of all threads; 0: not known */
} hy_process_facts;

/* Of a thread or process.  False: it is gone. */
bool hy_process_facts_read(pid_t thread, hy_process_facts *ret);

/* The path of its executable, without control characters. */
void hy_process_file(pid_t process, char *ret_path, size_t size);

/* Of its executable: bytes of memory that its loadable segments take, and a guess of what it will need in all
 * (elf_size.h).  0: cannot be told. */
void hy_process_sizes(pid_t process, uint64_t *ret_loadable, uint64_t *ret_guess);

#endif
