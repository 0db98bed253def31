/* SPDX-License-Identifier: MIT
 *
 * cxx_name.c - see cxx_name.h.
 *
 *   1. The C++ library knows how (__cxa_demangle, of the Itanium C++ ABI).  We are not linked with it: it is opened
 * when the first such name comes.  Where a trace has C++ in it, there mostly is one.
 *   2. Arguments of templates can be hundreds of characters long and say little of where memory comes from: "<…>".
 *
 * Bad at: which instance of a template it was.
 */
#include "cxx_name.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef char *demangle(const char *name, char *buffer, size_t *size, int *ret_status);

static demangle *find_demangle(void) {
    static void *library;
    if (!library)
        library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
    return library ? (demangle *)dlsym(library, "__cxa_demangle") : NULL;
}

/* "operator<", "operator->": how many characters of it are no brackets. */
static size_t operator_length(const char *at) {
    static const char word[] = "operator";
    return strncmp(at, word, sizeof word - 1) == 0 ? sizeof word - 1 + strspn(at + sizeof word - 1, "<>=-") : 0;
}

static void put(char *ret, size_t size, size_t *used, const char *text, size_t length) {
    if (*used + length >= size)
        return;
    memcpy(ret + *used, text, length);
    *used += length;
    ret[*used] = '\0';
}

/* Without what templates are made with. */
static void shorten(const char *name, char *ret, size_t size) {
    static const char left_out[] = "<…>";
    size_t used = 0, depth = 0;
    snprintf(ret, size, "%s", "");
    for (size_t length; *name; name += length) {
        const size_t whole = operator_length(name);
        length = whole ? whole : 1;
        if (!whole && *name == '<' && depth++ == 0)
            put(ret, size, &used, left_out, sizeof left_out - 1);
        else if (!whole && *name == '>' && depth > 0)
            depth--;
        else if (depth == 0)
            put(ret, size, &used, name, length);
    }
}

void hy_cxx_name(const char *name, char *ret, size_t size) {
    int status = -1;
    demangle *const known = strncmp(name, "_Z", 2) == 0 ? find_demangle() : NULL;
    char *const long_name = known ? known(name, NULL, NULL, &status) : NULL;
    if (long_name && status == 0)
        shorten(long_name, ret, size);
    else
        snprintf(ret, size, "%s", name);
    free(long_name);
}
