/* SPDX-License-Identifier: MIT
 *
 * replay_suitable.h - the case of allocators and programs that do not suit each other.
 */
#ifndef REPLAY_SUITABLE_H
#define REPLAY_SUITABLE_H

void test_unsuitable_pairs_are_refused(void **state);

#endif
