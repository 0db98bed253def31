/* SPDX-License-Identifier: MIT
 *
 * serve.c - the plan and the proof (see serve.h).
 *
 * The proof is the loader's own word: with LD_TRACE_LOADED_OBJECTS and LD_WARN it loads and relocates a program and
 * ends before the first constructor, and LD_DEBUG=bindings tells which object each use of malloc was bound to.
 */
#include "serve.h"

#include "registry.h"

#include <dirent.h>
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

static int own_library(const hy_heap_ops *ops, const char *text, char *ret, hy_error *error) {
    char name[HY_TEXT_SIZE];
    if (strchr(text, '/'))
        return hy_fail(error, -EINVAL,
                       "%s: a plug-in cannot be a program's malloc; a shared object that exports malloc can, and an "
                       "allocator in the list of allocators/meson.build",
                       text);
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
        return own_library(ops, text, ret_serving->library, error);
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

typedef struct binding {
    char user[HY_PATH_SIZE], definition[HY_PATH_SIZE];
} binding;

static const char *last_part(const char *path) {
    const char *const slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The text from `start` up to the next " [", into `ret`; what follows it, or NULL. */
static const char *copy_object(const char *start, char *ret) {
    const char *const end = start ? strstr(start, " [") : NULL;
    if (end)
        snprintf(ret, HY_PATH_SIZE, "%.*s", (int)(end - start), start);
    return end;
}

/* "… binding file USER [0] to DEFINITION [0]: normal symbol `malloc' …": the next such line. */
static bool next_binding(FILE *words, binding *ret) {
    char *line = NULL;
    size_t room = 0;
    bool found = false;
    while (!found && getline(&line, &room, words) > 0) {
        const char *const user = strstr(line, "binding file ");
        if (!user || !strstr(line, "symbol `malloc'"))
            continue;
        const char *const rest = copy_object(user + strlen("binding file "), ret->user);
        const char *const definition = rest ? strstr(rest, "] to ") : NULL;
        found = definition && copy_object(definition + strlen("] to "), ret->definition);
    }
    free(line);
    return found;
}

/* Whether the loader's path is that of the library: the same file, or the same name where only a name was given. */
static bool is_library(const char *bound, const char *library) {
    return strcmp(bound, library) == 0 || (!strchr(library, '/') && strcmp(last_part(bound), library) == 0);
}

/* Whether an object hands malloc on to the library.  An executable that takes the address of malloc stands in for it
 * towards all others, by a jump in its own table. */
static bool hands_on(FILE *words, const char *object, const char *library) {
    const long place = ftell(words);
    binding b;
    bool found = false;
    rewind(words);
    while (!found && next_binding(words, &b))
        found = strcmp(b.user, object) == 0 && is_library(b.definition, library);
    fseek(words, place, SEEK_SET);
    return found;
}

static int judge_bindings(hy_serving *serving, const char *program, FILE *words, hy_error *error) {
    binding b;
    rewind(words);
    while (next_binding(words, &b)) {
        if (is_library(b.definition, serving->library))
            memcpy(serving->served_by, b.definition, sizeof serving->served_by);
        else if (!hands_on(words, b.definition, serving->library))
            return hy_fail(error, -EINVAL, "%s would get its malloc from %s and not from %s (is it installed?)",
                           program, b.definition, serving->library);
    }
    if (!serving->served_by[0])
        return hy_fail(error, -EINVAL, "the loader does not say where %s gets its malloc from; expected %s", program,
                       serving->library);
    return 0;
}

int hy_serving_prove(hy_serving *serving, char *const *argv, hy_error *error) {
    FILE *const words = tmpfile();
    if (!words)
        return hy_fail(error, -errno, "no temporary file for the loader's words: %s", strerror(errno));
    const pid_t child = fork();
    if (child == 0)
        trace_loading(serving, argv, fileno(words));
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    const int r = child < 0 ? hy_fail(error, -errno, "no process: %s", strerror(errno))
                            : judge_bindings(serving, argv[0], words, error);
    fclose(words);
    return r;
}

/* ----------------------------------------------------------------------------------------------------- workers ---- */

/* Whether a process of that name is among those that the words are about: a program's own symbols are looked up under
 * the name that it was started by. */
static bool is_about(FILE *words, const char *worker) {
    static const char user[] = "binding file ";
    char *line = NULL;
    size_t room = 0;
    bool found = false;
    rewind(words);
    while (!found && getline(&line, &room, words) > 0) {
        char *const name = strstr(line, user), *const end = name ? strstr(name, " [") : NULL;
        if (!end)
            continue;
        *end = '\0';
        found = strcmp(last_part(name + strlen(user)), worker) == 0;
    }
    free(line);
    return found;
}

/* One process: notes which workers it was.  0 or -errno with the sentence. */
static int prove_process(hy_serving *serving, char *const *workers, bool *seen, const char *path, hy_error *error) {
    FILE *const words = fopen(path, "re");
    int r = words ? 0 : hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    for (size_t i = 0; r == 0 && workers[i]; i++) {
        if (!is_about(words, workers[i]))
            continue;
        seen[i] = true;
        serving->served_by[0] = '\0';
        r = judge_bindings(serving, workers[i], words, error);
    }
    if (words)
        fclose(words);
    return r;
}

static int prove_processes(hy_serving *serving, char *const *workers, bool *seen, DIR *folder, const char *path,
                           hy_error *error) {
    int r = 0;
    for (const struct dirent *entry; r == 0 && (entry = readdir(folder));) {
        char file[2 * HY_PATH_SIZE];
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.')
            r = prove_process(serving, workers, seen, file, error);
    }
    return r;
}

int hy_serving_prove_workers(hy_serving *serving, char *const *workers, const char *path, hy_error *error) {
    size_t count = 0;
    while (workers[count])
        count++;
    DIR *const folder = opendir(path);
    bool *const seen = calloc(count + 1, sizeof *seen);
    if (!folder || !seen) {
        free(seen);
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    }
    int r = prove_processes(serving, workers, seen, folder, path, error);
    for (size_t i = 0; r == 0 && i < count; i++)
        if (!seen[i])
            r = hy_fail(error, -EINVAL, "no %s was started by it with %s preloaded; expected one that does the work",
                        workers[i], serving->library);
    for (size_t i = 0; r == 0 && i < count; i++) {
        const size_t used = strlen(serving->served_by);
        snprintf(serving->served_by + used, sizeof serving->served_by - used, "%s %s", i ? "," : ", in", workers[i]);
    }
    free(seen);
    closedir(folder);
    return r;
}
