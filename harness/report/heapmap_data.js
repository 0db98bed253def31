/* SPDX-License-Identifier: MIT
 *
 * heapmap_data.js - from the packed text in the page to lives and places.  The format is in results/README.md.
 *
 *   trace   name, clock, peak, limit, frames, live[frame], and of each life: born, died, size, kind
 *   map     spec, band (bytes), bands, span (bytes), extents, position[life], and planes of a byte each band and frame
 *
 * A position is an address without the gaps between regions.
 */
'use strict';

const heapmapData = (() => {
  const unpack = async text => {
    const packed = Uint8Array.from(atob(text.trim()), letter => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  /* Numbers of 7 bits a byte, the lowest first. */
  const reader = bytes => {
    let at = 0;
    const number = () => {
      let value = 0;
      for (let scale = 1;; scale *= 128) {
        if (at >= bytes.length)
          throw new RangeError('the map ends too early');
        const byte = bytes[at++];
        value += (byte & 127) * scale;
        if (byte < 128)
          return value;
      }
    };
    const step = () => {
      const value = number();
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    };
    const plane = size => bytes.subarray(at, at += size);
    return {number, step, plane};
  };

  const column = (count, next) => Float64Array.from({length: count}, next);

  const readTrace = (element, bytes) => {
    const {number} = reader(bytes);
    number(); /* the version */
    const count = number(), frames = number(), clock = number(), peak = number();
    const live = column(frames, number);
    let last = 0;
    const born = column(count, () => last += number());
    const died = column(count, (_, i) => {
      const length = number();
      return length === 0 ? Infinity : born[i] + length;
    });
    const size = column(count, number), kind = column(count, number);
    return {name: element.dataset.name, limit: Number(element.dataset.limit) || 0, phases: JSON.parse(element.dataset.phases || '[]'), clock, peak, frames, live, count,
            born, died, size, kind};
  };

  const readExtents = ({number, step}) => {
    const extents = [];
    let at = 0, bands = 0;
    for (let left = number(); left > 0; left--) {
      at += step();
      const length = number();
      extents.push({first: at, length, row: bands});
      at += length;
      bands += length;
    }
    return {extents, bands};
  };

  /* Bytes of each band and frame that lie in blocks told one by one. */
  const toldPlane = map => {
    const {trace, band} = map, {frames, clock} = trace;
    const told = new Float32Array(map.bands * frames);
    const frameFrom = t => Math.min(frames, Math.max(0, Math.ceil(t / clock * frames - 0.5)));
    for (let i = 0; i < trace.count; i++) {
      const from = map.position[i], to = from + trace.size[i];
      const first = frameFrom(trace.born[i]), end = frameFrom(trace.died[i]);
      for (let row = Math.floor(from / band); row * band < to && first < end; row++) {
        const part = Math.min(to, (row + 1) * band) - Math.max(from, row * band);
        for (let frame = first; frame < end; frame++)
          told[row * frames + frame] += part;
      }
    }
    return told;
  };

  const readMap = (element, bytes, trace) => {
    const input = reader(bytes);
    input.number(); /* the version */
    const flags = input.number(), band = 2 ** input.number();
    const {extents, bands} = readExtents(input);
    const grain = 2 ** input.number();
    let at = 0;
    const position = column(trace.count, () => (at += input.step()) * grain);
    const plane = there => there ? input.plane(bands * trace.frames) : null;
    const map = {spec: element.dataset.spec, trace, band, bands, span: bands * band, extents, position,
                 small: plane(true), size: plane(true), born: plane(true), resident: plane(flags & 1),
                 metadata: plane(flags & 2)};
    map.told = toldPlane(map);
    return map;
  };

  /* All traces that the page has maps of: [{name, number, load(), maps: [{spec, load()}]}].  What was loaded once is kept. */
  const once = make => {
    let made = null;
    return () => made = made || make();
  };
  const list = () => [...document.querySelectorAll('script.heapmap-lives')].map(element => {
    const load = once(async () => readTrace(element, await unpack(element.textContent)));
    const places = [...document.querySelectorAll(`script.heapmap-places[data-lives="${element.dataset.lives}"]`)];
    return {
      name: element.dataset.name, number: element.dataset.trace, load,
      maps: places.map(place => ({
        spec: place.dataset.spec,
        load: once(async () => readMap(place, await unpack(place.textContent), await load())),
      })),
    };
  });

  /* ------------------------------------------------------------------------------------------------ looking ---- */

  const frameAt = (trace, t) => Math.min(trace.frames - 1, Math.max(0, Math.floor(t / trace.clock * trace.frames)));
  const alive = (trace, life, t) => trace.born[life] <= t && t < trace.died[life];

  /* The life at time t that covers most of [from, to), or -1. */
  const lifeAt = (map, t, from, to) => {
    let best = -1, most = 0;
    for (let i = 0; i < map.trace.count; i++) {
      const start = map.position[i];
      const shared = Math.min(to, start + map.trace.size[i]) - Math.max(from, start);
      if (shared > most && alive(map.trace, i, t)) {
        best = i;
        most = shared;
      }
    }
    return best;
  };

  const address = (map, position) => {
    const row = Math.floor(position / map.band);
    const extent = map.extents.find(e => row < e.row + e.length) || map.extents[map.extents.length - 1];
    return (extent.first + row - extent.row) * map.band + position % map.band;
  };

  /* What a band holds at a time, in bytes. */
  const bandAt = (map, t, row) => {
    const index = row * map.trace.frames + frameAt(map.trace, t);
    const part = plane => plane ? plane[index] / 100 * map.band : 0;
    return {told: map.told[index], small: part(map.small), metadata: part(map.metadata),
            resident: map.resident ? part(map.resident) : NaN, size: 2 ** (map.size[index] / 4),
            age: Math.max(0, t - map.born[index] / 255 * map.trace.clock)};
  };

  /* Bytes of the pages that are in memory, of those regions in which blocks lie; NaN if nobody knows. */
  const residentAt = (map, t) => {
    const frame = frameAt(map.trace, t);
    let sum = 0;
    for (let row = 0; row < map.bands; row++)
      sum += map.resident ? map.resident[row * map.trace.frames + frame] : NaN;
    return sum / 100 * map.band;
  };

  return {list, frameAt, alive, lifeAt, address, bandAt, residentAt};
})();
