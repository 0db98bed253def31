/* SPDX-License-Identifier: MIT
 *
 * probe.c - opens heaps in children that have nothing to replay (see probe.h).
 */
#include "probe.h"

#include "child.h"
#include "compile.h"
#include "said.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PROBE_TIMEOUT 5000000000u /* ns */

static void probe_one(int fd, const char *spec, hy_probed *ret_probed) {
    const hy_child_order order = {.program_fd = fd, .spec = spec, .most_bytes = UINT64_MAX, .timeout = PROBE_TIMEOUT};
    hy_cell_result result = {0};
    hy_error error = {""};
    *ret_probed = (hy_probed){.ok = false, .outcome = "failed"};
    if (hy_child_run(&order, &result, &error) == 0) {
        memcpy(ret_probed->outcome, result.outcome, sizeof result.outcome);
        memcpy(ret_probed->detail, result.detail, sizeof result.detail);
        ret_probed->ok = strcmp(result.outcome, "ok") == 0;
    } else {
        memcpy(ret_probed->detail, error.text, sizeof error.text);
    }
    hy_said_free(&result);
}

int hy_probe(const char *const *specs, size_t count, hy_probed *ret_probed, hy_error *error) {
    int fd = -1;
    hy_compiler *const nothing = hy_compiler_new(HY_FORM_SERIAL);
    int r = nothing ? hy_compiler_finish(nothing, &fd, error) : hy_fail(error, -ENOMEM, "no memory for a probe");
    for (size_t i = 0; r == 0 && i < count; i++)
        probe_one(fd, specs[i], &ret_probed[i]);
    if (fd >= 0)
        close(fd);
    return r;
}
