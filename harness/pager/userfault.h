/* SPDX-License-Identifier: MIT
 *
 * userfault.h - userfaultfd in the few calls that a pager needs.
 *
 * A range of addresses is registered for two kinds of fault: missing (the page is not there) and write-protect (it is,
 * and must not be written yet).  A thread that faults sleeps in the kernel until somebody who holds the descriptor has
 * put the page there, or has taken the protection away.
 */
#ifndef HY_USERFAULT_H
#define HY_USERFAULT_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HY_PAGE_BITS 12
#define HY_PAGE ((size_t)1 << HY_PAGE_BITS)

typedef enum hy_fault_kind {
    HY_FAULT_NONE,    /* nothing to read just now */
    HY_FAULT_MISSING, /* there is no page */
    HY_FAULT_WRITE    /* the page is write-protected */
} hy_fault_kind;

typedef struct hy_fault {
    hy_fault_kind kind;
    bool write;
    uintptr_t address;
} hy_fault;

/* Opens a descriptor for the calling process.  `kernel`: faults that the kernel takes on behalf of the process (a
 * read() into the range) are wanted, too; without the right to that, 0 gives those of the program alone.  -ENOTSUP with
 * the sentence: this machine cannot. */
int hy_faults_open(bool kernel, int *ret_fd, hy_error *error);

/* Registers a range of shared memory. */
int hy_faults_register(int fd, void *start, size_t size, hy_error *error);

/* The next fault that is waiting; a thread sleeps in each.  0 or -errno. */
int hy_faults_read(int fd, hy_fault *ret_fault);

/* Puts a copy of `from` at a page and wakes who waits for it.  -EEXIST: there is one. */
int hy_faults_put(int fd, uintptr_t page, const void *from, bool protect);

/* After this no thread writes to the page: who tries, waits. */
int hy_faults_protect(int fd, uintptr_t page);

/* Lets writers go on. */
int hy_faults_unprotect(int fd, uintptr_t page);

/* Wakes who waits for a page, to try again. */
int hy_faults_wake(int fd, uintptr_t page);

#endif
