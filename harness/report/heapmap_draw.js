/* SPDX-License-Identifier: MIT
 *
 * heapmap_draw.js - paints one heap: its history on the left, its pages at one moment on the right.
 *
 *   1. Both have the same axis upwards, bytes of addresses.  A row of the right side is the point at that height under the
 *      cursor of the left side, spread out from left to right.
 *   2. A block that is told one by one is painted where it is, in one colour.
 *   3. What is summed up is painted as grain: so many pixels of a band as its share says, spread by a fixed pattern.
 *      So what is exact and what is not can be told apart, and nothing flickers when time goes on.
 *   4. Free memory is hatched; what is not in memory stays paper: both without colour too.
 */
'use strict';

const heapmapDraw = (() => {
  const SHADES = 64;

  /* ------------------------------------------------------------------------------------------------- colours ---- */

  const channels = text => {
    const digits = text.trim().slice(1);
    const pairs = digits.length === 3 ? [...digits].map(digit => digit + digit) : digits.match(/../g);
    return pairs.map(pair => parseInt(pair, 16));
  };
  const pixel = rgb => (255 << 24 | rgb[2] << 16 | rgb[1] << 8 | rgb[0]) >>> 0;
  const between = (a, b, share) => a.map((value, i) => Math.round(value + (b[i] - value) * share));

  const readPalette = () => {
    const style = getComputedStyle(document.documentElement);
    const colour = name => channels(style.getPropertyValue('--map-' + name));
    const low = colour('low'), middle = colour('middle'), high = colour('high');
    const ramp = Uint32Array.from({length: SHADES}, (_, i) => {
      const share = i / (SHADES - 1) * 2;
      return pixel(share < 1 ? between(low, middle, share) : between(middle, high, share - 1));
    });
    const calls = Uint32Array.of(...['malloc', 'calloc', 'aligned', 'realloc'].map(name => pixel(colour(name))));
    const text = name => style.getPropertyValue(name).trim();
    return {ramp, calls, paper: pixel(channels(style.getPropertyValue('--paper'))), hole: pixel(colour('hole')),
            hatch: pixel(colour('hatch')), metadata: pixel(colour('metadata')), unknown: pixel(colour('unknown')),
            mark: text('--map-mark'), ink: text('--ink'), muted: text('--muted'), line: text('--line'),
            back: text('--paper')};
  };

  const shade = share => Math.max(0, Math.min(SHADES - 1, Math.round(share * (SHADES - 1))));
  const byAge = (age, clock) => shade(1 + Math.log2(Math.max(age, 1) / clock) / 10);
  const bySize = size => shade(Math.log2(size) / 20);

  /* The colour of a block that is told, and of those that are summed up, at time t. */
  const lifeColour = (map, life, t, by, palette) => {
    const {trace} = map;
    if (by === 'call')
      return palette.calls[trace.kind[life]];
    return palette.ramp[by === 'size' ? bySize(trace.size[life]) : byAge(t - trace.born[life], trace.clock)];
  };
  const smallColour = (map, index, t, by, palette) => {
    if (by === 'call')
      return palette.unknown;
    return palette.ramp[by === 'size' ? bySize(2 ** (map.size[index] / 4))
      : byAge(t - map.born[index] / 255 * map.trace.clock, map.trace.clock)];
  };

  /* --------------------------------------------------------------------------------------------------- grain ---- */

  /* Spread evenly over 0 to 1, neighbours far apart (interleaved gradient noise, J. Jimenez 2014). */
  const TILE = 128;
  const noise = Float32Array.from({length: TILE * TILE}, (_, i) => {
    const dot = 0.06711056 * (i % TILE) + 0.00583715 * Math.floor(i / TILE);
    return 52.9829189 * (dot - Math.floor(dot)) % 1;
  });
  const grain = (x, y) => noise[y % TILE * TILE + x % TILE];

  /* The thresholds of a band at a frame: shares of what is left beside the blocks that are told. */
  const mixOf = (map, index, t, by, palette) => {
    const rest = Math.max(1, map.band - map.told[index]);
    const small = map.small[index] / 100 * map.band / rest;
    const metadata = small + (map.metadata ? map.metadata[index] / 100 * map.band / rest : 0);
    const resident = map.resident ? (map.resident[index] / 100 * map.band - map.told[index]) / rest : 0;
    return {small, metadata, resident, colour: smallColour(map, index, t, by, palette)};
  };
  const mixed = (mix, x, y, palette, dense) => {
    const n = grain(x, y);
    if (n < mix.small)
      return mix.colour;
    if (n < mix.metadata)
      return palette.metadata;
    if (n < mix.resident)
      return (x + y) % (4 * dense) < dense ? palette.hatch : palette.hole;
    return palette.paper;
  };

  /* ------------------------------------------------------------------------------------------------- history ---- */

  /* view: addresses [low, high), times [start, end). */
  const paintHistory = (picture, map, view, by, palette, dense) => {
    const {width, height} = picture, pixels = new Uint32Array(picture.data.buffer);
    const {trace} = map, bytes = (view.high - view.low) / height, clock = (view.end - view.start) / width;
    const edge = new Float64Array(width + 1).map((_, x) => view.start + x * clock);
    for (let y = 0; y < height; y++) {
      const row = Math.floor((view.high - (y + 0.5) * bytes) / map.band);
      let mix = null, last = -1;
      for (let x = 0; x < width; x++) {
        const index = row * trace.frames + heapmapData.frameAt(trace, edge[x]);
        if (row < map.bands && index !== last)
          mix = mixOf(map, last = index, edge[x], by, palette);
        pixels[y * width + x] = mix ? mixed(mix, x, y, palette, dense) : palette.paper;
      }
    }
    for (let i = 0; i < trace.count; i++) {
      const bottom = (view.high - map.position[i]) / bytes, top = bottom - trace.size[i] / bytes;
      if (bottom <= 0 || top >= height || trace.died[i] <= view.start || trace.born[i] >= view.end)
        continue;
      const y0 = Math.max(0, Math.round(top)), y1 = Math.min(height, Math.round(bottom));
      const x0 = Math.max(0, Math.round((trace.born[i] - view.start) / clock));
      const x1 = Math.min(width, Math.round((trace.died[i] - view.start) / clock));
      for (let x = x0; x < x1; x++) {
        const colour = lifeColour(map, i, edge[x + 1], by, palette);
        for (let y = y0; y < y1; y++)
          pixels[y * width + x] = y === y1 - 1 && y1 - y0 > 5 * dense ? palette.paper : colour;
        if (y0 >= y1 && y0 < height && grain(x, y0) < bottom - top) /* thinner than a pixel */
          pixels[y0 * width + x] = colour;
      }
    }
  };

  /* ---------------------------------------------------------------------------------------------- one moment ---- */

  /* How many rows a moment of that height (CSS pixels) has. */
  const rowsOf = height => Math.max(1, Math.round(height / 7));

  /* Rows go up, and each from the left to the right; between them is a line of paper. */
  const paintMoment = (picture, map, view, t, by, palette, dense) => {
    const {width, height} = picture, pixels = new Uint32Array(picture.data.buffer).fill(palette.paper);
    const {trace} = map, frame = heapmapData.frameAt(trace, t);
    const rows = rowsOf(height / dense), all = rows * width, bytes = (view.high - view.low) / all;
    const top = row => Math.round(height - (row + 1) * height / rows) + (dense > 1 ? 1 : 0);
    const bottom = row => Math.round(height - row * height / rows) - (dense > 1 ? dense - 1 : 1);
    /* calls fill(row, first, end) for the parts in single rows of the cells from k0 to k1 */
    const split = (k0, k1, fill) => {
      for (let row = Math.floor(k0 / width); row * width < k1; row++)
        fill(row, Math.max(k0 - row * width, 0), Math.min(k1 - row * width, width));
    };
    for (let band = Math.max(0, Math.floor(view.low / map.band)); band < map.bands && band * map.band < view.high; band++) {
      const mix = mixOf(map, band * trace.frames + frame, t, by, palette);
      const cell = at => Math.min(all, Math.max(0, Math.round((at - view.low) / bytes)));
      split(cell(band * map.band), cell((band + 1) * map.band), (row, first, end) => {
        for (let y = top(row), stop = bottom(row); y < stop; y++)
          for (let x = first; x < end; x++)
            pixels[y * width + x] = mixed(mix, x, y, palette, dense);
      });
    }
    for (let i = 0; i < trace.count; i++) {
      const from = (map.position[i] - view.low) / bytes, to = from + trace.size[i] / bytes;
      if (to <= 0 || from >= all || !heapmapData.alive(trace, i, t))
        continue;
      const k0 = Math.max(0, Math.round(from)), k1 = Math.min(all, Math.round(to));
      const colour = lifeColour(map, i, t, by, palette), seam = k1 - k0 > 6 * dense && from >= 0 ? 1 : 0;
      split(k0, k1, (row, first, end) => {
        const skip = row * width + first === k0 ? seam : 0;
        for (let y = top(row), stop = bottom(row); y < stop; y++) {
          pixels.fill(palette.paper, y * width + first, y * width + first + skip);
          pixels.fill(colour, y * width + first + skip, y * width + end);
        }
      });
      if (k0 >= k1 && k0 < all) { /* thinner than a pixel: grain again */
        const row = Math.floor(k0 / width), x = k0 % width;
        for (let y = top(row), stop = bottom(row); y < stop; y++)
          if (grain(x, y) < to - from)
            pixels[y * width + x] = colour;
      }
    }
  };

  /* ----------------------------------------------------------------------------------------------------- text ---- */

  const size = bytes => {
    const units = ['B', 'KiB', 'MiB', 'GiB'];
    let unit = 0;
    for (; bytes >= 1024 && unit < 3; unit++)
      bytes /= 1024;
    return `${unit === 0 || bytes >= 100 || bytes % 1 === 0 ? Math.round(bytes) : bytes.toFixed(1)} ${units[unit]}`;
  };
  const ticks = (low, high, most) => {
    let step = 1;
    while ((high - low) / step > most)
      step *= 2;
    const found = [];
    for (let at = Math.ceil(low / step) * step; at <= high; at += step)
      found.push(at);
    return found;
  };

  /* Where the two pictures lie on a canvas, in CSS pixels. */
  const layout = (width, height) => {
    const left = 52, gap = 14, top = 6, h = height - top - 22, inner = width - left - gap - 1;
    const w = Math.round(inner * 0.46);
    return {history: {x: left, y: top, w, h}, moment: {x: left + w + gap, y: top, w: inner - w, h}};
  };

  return {readPalette, paintHistory, paintMoment, rowsOf, size, ticks, layout};
})();
