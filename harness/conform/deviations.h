/* SPDX-License-Identifier: MIT
 *
 * deviations.h - what mallocs of others are known to do differently.
 */
#ifndef HY_DEVIATIONS_H
#define HY_DEVIATIONS_H

/* Why this version of this library is known to fail the case, or NULL: it should pass. */
const char *hy_known_deviation(const char *library, const char *version, const char *name);

#endif
