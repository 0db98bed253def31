/* SPDX-License-Identifier: MIT
 *
 * machine.c - see machine.h.  Everything is read from /proc and /sys; package versions from dpkg's status file, which
 * is quicker than starting dpkg.
 */
#include "machine.h"

#include <gnu/libc-version.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The first line of a file, without its end. */
static bool first_line(const char *path, char *line, int size) {
    FILE *const file = fopen(path, "re");
    const bool read = file && fgets(line, size, file);
    if (file)
        fclose(file);
    if (read)
        line[strcspn(line, "\n")] = '\0';
    return read;
}

static void set_text(json_t *to, const char *key, const char *text) {
    if (text && text[0])
        json_object_set_new(to, key, json_string(text));
}

static void set_line(json_t *to, const char *key, const char *path) {
    char line[256];
    if (first_line(path, line, sizeof line))
        set_text(to, key, line);
}

/* The first "model name : X" of /proc/cpuinfo. */
static void set_cpu(json_t *to) {
    char line[512];
    FILE *const file = fopen("/proc/cpuinfo", "re");
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file)) {
        const char *const colon = strchr(line, ':');
        found = strncmp(line, "model name", 10) == 0 && colon;
        line[strcspn(line, "\n")] = '\0';
        if (found)
            set_text(to, "cpu", colon + 1 + strspn(colon + 1, " "));
    }
    if (file)
        fclose(file);
}

/* The word in brackets of "always [madvise] never". */
static void set_thp(json_t *to) {
    char line[128];
    if (!first_line("/sys/kernel/mm/transparent_hugepage/enabled", line, sizeof line))
        return;
    char *const start = strchr(line, '['), *const end = start ? strchr(start, ']') : NULL;
    if (!end)
        return;
    *end = '\0';
    set_text(to, "thp", start + 1);
}

static void set_kernel(json_t *to) {
    struct utsname name;
    if (uname(&name) < 0)
        return;
    char text[4 * sizeof name.release];
    snprintf(text, sizeof text, "%s %s %s", name.sysname, name.release, name.machine);
    set_text(to, "kernel", text);
}

static void set_load(json_t *to) {
    double load[1];
    if (getloadavg(load, 1) == 1)
        json_object_set_new(to, "load", json_real(load[0]));
}

static bool is_measured_package(const char *name) {
    static const char *const names[] = {"libc6", "libjemalloc2", "libmimalloc2.0", "libtcmalloc-minimal4"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static void set_packages(json_t *to) {
    char line[1024], name[128] = "";
    FILE *const file = fopen("/var/lib/dpkg/status", "re");
    json_t *const packages = json_object();
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "Package: ", 9) == 0)
            snprintf(name, sizeof name, "%.127s", line + 9);
        else if (strncmp(line, "Version: ", 9) == 0 && is_measured_package(name))
            set_text(packages, name, line + 9);
    }
    if (file)
        fclose(file);
    json_object_set_new(to, "packages", packages);
}

char *hy_machine_json(void) {
    json_t *const machine = json_object();
    if (!machine)
        return NULL;
    set_text(machine, "heapyard", HY_VERSION);
    set_cpu(machine);
    json_object_set_new(machine, "cores", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
    json_object_set_new(machine, "memory", json_integer(sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE)));
    set_kernel(machine);
    set_text(machine, "libc", gnu_get_libc_version());
    set_thp(machine);
    set_line(machine, "aslr", "/proc/sys/kernel/randomize_va_space");
    set_line(machine, "governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    set_load(machine);
    set_packages(machine);
    char *const text = json_dumps(machine, JSON_COMPACT);
    json_decref(machine);
    return text;
}
