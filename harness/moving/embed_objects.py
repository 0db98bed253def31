#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Writes the wanderer's objects as a C header: embed_objects.py wanderer_bytes.h parts0.o drive0.o parts1.o drive1.o …
import sys

target, objects = sys.argv[1], sys.argv[2:]
with open(target, "w", encoding="utf-8") as header:
    header.write("/* Generated: the wanderer's objects, by WANDERER_LINKS. */\n#include <stddef.h>\n")
    for i, path in enumerate(objects):
        data = open(path, "rb").read()
        header.write("static const unsigned char wanderer_file_%d[] = {%s};\n" % (i, ",".join(map(str, data))))
    header.write("typedef struct wanderer_object {\n    const unsigned char *parts, *drive;\n"
                 "    size_t parts_size, drive_size;\n} wanderer_object;\n")
    header.write("static const wanderer_object wanderer_objects[] = {\n")
    for i in range(0, len(objects), 2):
        a, b = "wanderer_file_%d" % i, "wanderer_file_%d" % (i + 1)
        header.write("    {%s, %s, sizeof %s, sizeof %s},\n" % (a, b, a, b))
    header.write("};\n")
