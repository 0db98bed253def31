/* SPDX-License-Identifier: MIT
 *
 * heapyard_phase.h - tells `heapyard record` what a program is doing.  C and C++.
 *
 *   hy_phase("load");    from here on this thread is in the phase "load"
 *   hy_phase("");        and now in none
 *
 * `heapyard info` then says what was allocated in each phase.  Names have at most 120 bytes of UTF-8.  Unless the
 * program is being recorded, a call is the test of an address.  There is nothing to link with: the function is that of
 * the recorder, which is preloaded (and so static programs have no phases).
 */
#ifndef HEAPYARD_PHASE_H
#define HEAPYARD_PHASE_H

#ifdef __cplusplus
extern "C" {
#endif

__attribute__((weak, visibility("default"))) void heapyard_phase(const char *name);

static inline void hy_phase(const char *name) {
    if (heapyard_phase)
        heapyard_phase(name);
}

#ifdef __cplusplus
}
#endif

#endif
