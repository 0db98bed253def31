/* SPDX-License-Identifier: MIT
 *
 * serve.c - the plan and the proof (see serve.h).
 *
 * The proof is the loader's own word: with LD_TRACE_LOADED_OBJECTS and LD_WARN it loads and relocates a program and
 * ends before the first constructor, and LD_DEBUG=bindings tells which object each use of malloc was bound to.
 */
#include "serve.h"

#include "registry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* -------------------------------------------------------------------------------------------------------- plan ---- */

/* The value of the parameter `file`, which every malloc of others has. */
static int foreign_library(const hy_heap_ops *ops, hy_text params_text, char *ret, hy_error *error) {
    _Alignas(16) char params[HY_PARAMS_SIZE];
    const int r = hy_params_parse(ops->params, ops->name, params_text, params, ops->params_size, error);
    if (r < 0)
        return r;
    const hy_param *param = ops->params;
    while (param->name && strcmp(param->name, "file") != 0)
        param++;
    if (!param->name)
        return hy_fail(error, -EINVAL, "%s names no file to preload", ops->name);
    const char *const file = params + param->offset;
    char *const real = strchr(file, '/') ? realpath(file, NULL) : strdup(file);
    if (!real)
        return hy_fail(error, -errno, "%s: %s", file, strerror(errno));
    snprintf(ret, HY_PATH_SIZE, "%s", real);
    free(real);
    return 0;
}

static int own_library(const hy_heap_ops *ops, char *ret, hy_error *error) {
    char name[HY_TEXT_SIZE];
    if (!hy_preloadable(ops))
        return hy_fail(error, -EINVAL,
                       "%s cannot be a program's malloc; `heapyard list` marks those that can with \"preload\"",
                       ops->name);
    snprintf(name, sizeof name, "libheapyard-%s.so", ops->name);
    return hy_find_part(HY_PART_LIBRARY, name, ret, error);
}

int hy_serving_plan(const char *text, hy_serving *ret_serving, hy_error *error) {
    const hy_text whole = {text, strlen(text)};
    const hy_heap_ops *ops = NULL;
    hy_spec spec;
    int r = hy_spec_environment(&hy_registry, whole, &ret_serving->environment, error);
    if (r == 0)
        r = hy_spec_check(&hy_registry, whole, &ops, error);
    if (r == 0)
        r = hy_spec_parse(whole, &spec, error);
    if (r < 0)
        return r;
    ret_serving->settings[0] = ret_serving->served_by[0] = '\0';
    if (!(ops->flags & HY_FOREIGN)) {
        snprintf(ret_serving->settings, sizeof ret_serving->settings, "%s", text);
        return own_library(ops, ret_serving->library, error);
    }
    if (spec.count > 1)
        return hy_fail(error, -EINVAL, "%s: a layer needs an allocator of heapyard behind it to be a program's malloc",
                       text);
    return foreign_library(ops, spec.part[0].params, ret_serving->library, error);
}

int hy_serving_apply(const hy_serving *serving) {
    char preload[2 * HY_PATH_SIZE];
    const char *const before = getenv("LD_PRELOAD");
    snprintf(preload, sizeof preload, "%s%s%s", serving->library, before ? ":" : "", before ? before : "");
    if (setenv("LD_PRELOAD", preload, 1) != 0)
        return -ENOMEM;
    if (serving->settings[0] && setenv("HEAPYARD_SPEC", serving->settings, 1) != 0)
        return -ENOMEM;
    return hy_environment_apply(&serving->environment);
}

/* ------------------------------------------------------------------------------------------------------- proof ---- */

/* Never returns: the loader's words about `argv` go to `out`. */
static void trace_loading(const hy_serving *serving, char *const *argv, int out) {
    const int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    if (hy_serving_apply(serving) == 0 && setenv("LD_TRACE_LOADED_OBJECTS", "1", 1) == 0 &&
        setenv("LD_WARN", "1", 1) == 0 && setenv("LD_BIND_NOW", "1", 1) == 0 && setenv("LD_DEBUG", "bindings", 1) == 0)
        execvp(argv[0], argv);
    _exit(127);
}

/* "… binding file A [0] to B [0]: normal symbol `malloc' …": B into `ret`. */
static bool read_binding(char *line, char *ret) {
    if (!strstr(line, "symbol `malloc'"))
        return false;
    char *const start = strstr(line, "] to ");
    char *const end = start ? strstr(start + 5, " [") : NULL;
    if (!end)
        return false;
    *end = '\0';
    snprintf(ret, HY_PATH_SIZE, "%s", start + 5);
    return true;
}

/* Whether the loader's path is that of the library: the same file, or the same name where only a name was given. */
static bool is_library(const char *bound, const char *library) {
    const char *const name = strrchr(bound, '/') ? strrchr(bound, '/') + 1 : bound;
    return strcmp(bound, library) == 0 || (!strchr(library, '/') && strcmp(name, library) == 0);
}

static int judge_bindings(hy_serving *serving, const char *program, FILE *words, hy_error *error) {
    char *line = NULL, bound[HY_PATH_SIZE];
    size_t room = 0;
    int r = 0;
    while (r == 0 && getline(&line, &room, words) > 0) {
        if (!read_binding(line, bound))
            continue;
        if (!is_library(bound, serving->library))
            r = hy_fail(error, -EINVAL, "%s would get its malloc from %s and not from %s (is it installed?)", program,
                        bound, serving->library);
        else
            snprintf(serving->served_by, sizeof serving->served_by, "%s", bound);
    }
    free(line);
    if (r == 0 && !serving->served_by[0])
        r = hy_fail(error, -EINVAL, "the loader does not say where %s gets its malloc from; expected %s", program,
                    serving->library);
    return r;
}

int hy_serving_prove(hy_serving *serving, char *const *argv, hy_error *error) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return hy_fail(error, -errno, "no pipe: %s", strerror(errno));
    const pid_t child = fork();
    if (child == 0)
        trace_loading(serving, argv, ends[1]);
    close(ends[1]);
    FILE *const words = fdopen(ends[0], "r");
    const int r = child < 0 || !words ? hy_fail(error, -errno, "no process: %s", strerror(errno))
                                      : judge_bindings(serving, argv[0], words, error);
    if (words)
        fclose(words);
    if (child > 0)
        waitpid(child, NULL, 0);
    return r;
}
