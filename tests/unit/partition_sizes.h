/* SPDX-License-Identifier: MIT
 *
 * partition_sizes.h - the cases of sizes of programs.
 */
#ifndef PARTITION_SIZES_H
#define PARTITION_SIZES_H

void a_guess_is_image_stack_and_heap(void **state);
void what_is_no_program_is_refused(void **state);
void libraries_count_once_each(void **state);
void a_grant_lies_between_minimum_and_preferred(void **state);

#endif
