/* SPDX-License-Identifier: MIT
 *
 * ceiling.h - how much memory a table may take whose size a file decides.  A few bytes of a trace can say that a
 * thousand million objects live: whoever keeps book of them stops here, with a sentence, before the machine does.
 */
#ifndef HY_CEILING_H
#define HY_CEILING_H

#include <stdint.h>

/* Half of this machine's memory, in bytes. */
uint64_t hy_ceiling(void);

#endif
