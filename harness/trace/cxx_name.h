/* SPDX-License-Identifier: MIT
 *
 * cxx_name.h - names of C++ functions as people write them.
 */
#ifndef HY_CXX_NAME_H
#define HY_CXX_NAME_H

#include <stddef.h>

/* "_Znwm" is "operator new(unsigned long)"; what stands between the < and > of a template is left out.  Any other name,
 * and all where there is no C++ library, is as it was. */
void hy_cxx_name(const char *name, char *ret, size_t size);

#endif
