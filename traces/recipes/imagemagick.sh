#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# imagemagick.hyt: ImageMagick makes a cloud, blurs, turns, resizes and sharpens it, and takes its colours down to 32.
. "$(dirname "$0")/common.sh"
need convert imagemagick
made
MAGICK_THREAD_LIMIT=1 "$HEAPYARD" record -o "$OUT/imagemagick.hyt" -- convert -size 900x700 -seed 7 plasma:fractal \
    -blur 0x3 -rotate 11 -resize 800x -unsharp 0x1 -colors 32 ppm:cloud.ppm
