/* SPDX-License-Identifier: MIT
 *
 * machine.h - where and with what a campaign was measured.
 */
#ifndef HY_MACHINE_H
#define HY_MACHINE_H

/* JSON: cpu, cores, memory, kernel, libc, thp, aslr, load, governor, packages, heapyard.  What cannot be found out is
 * missing.  To be freed; NULL: no memory. */
char *hy_machine_json(void);

#endif
