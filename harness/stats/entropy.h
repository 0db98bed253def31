/* SPDX-License-Identifier: MIT
 *
 * entropy.h - how much of an address cannot be foretold.
 */
#ifndef HY_ENTROPY_H
#define HY_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/* Bits of entropy in a sample of addresses: the sum of Shannon's entropy of each address bit by itself, of which is
 * taken what it tells about another bit that was counted already (the largest mutual information with one of them), so
 * that two bits which always change together count once.  Dependence on several others at once is not seen: an upper
 * estimate.  A sample of n has a bias of about 1/n. */
double hy_entropy_bits(const uint64_t *address, size_t count);

#endif
