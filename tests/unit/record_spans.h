/* SPDX-License-Identifier: MIT
 *
 * record_spans.h - the cases of ranges of addresses.
 */
#ifndef RECORD_SPANS_H
#define RECORD_SPANS_H

void spans_are_found_as_by_looking_at_all(void **state);
void of_spans_that_are_alike_the_lower_rank_counts(void **state);

#endif
