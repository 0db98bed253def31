/* SPDX-License-Identifier: MIT
 *
 * record_programs.h - `heapyard record --programs`.
 */
#ifndef HY_RECORD_PROGRAMS_H
#define HY_RECORD_PROGRAMS_H

/* Records which programs a job starts; an exit code. */
int cmd_record_programs(const char *output, char *const *program);

#endif
