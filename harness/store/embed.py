#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Writes a text file as a C string, named like the header: embed.py schema.sql schema_text.h
import os
import sys

source, target = sys.argv[1:]
with open(source, encoding="utf-8") as text, open(target, "w", encoding="utf-8") as header:
    header.write("/* Generated from %s. */\n" % source.rsplit("/", 1)[-1])
    header.write("static const char %s[] =\n" % os.path.basename(target)[:-2])
    for line in text:
        escaped = line.rstrip("\n").replace("\\", "\\\\").replace('"', '\\"')
        header.write('    "%s\\n"\n' % escaped)
    header.write("    ;\n")
