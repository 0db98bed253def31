/* SPDX-License-Identifier: MIT
 *
 * heapmap_panel.js - one allocator's panel: its two pictures, the lines and marks over them, and what lies where.
 *
 * scene, of all panels: trace, t, view {low, high, start, end}, by, palette, life (the one pointed at, or -1).
 */
'use strict';

const heapmapPanel = (() => {
  const {size, ticks, layout, rowsOf} = heapmapDraw;
  const CALLS = ['malloc', 'calloc', 'aligned_alloc', 'realloc'];

  /* --------------------------------------------------------------------------------------------------- scales ---- */

  const scales = (panel, {view}) => {
    const {history, moment} = panel.places, bytes = view.high - view.low, rows = rowsOf(moment.h);
    return {
      x: t => history.x + (t - view.start) / (view.end - view.start) * history.w,
      y: at => history.y + (view.high - at) / bytes * history.h,
      time: x => view.start + (x - history.x) / history.w * (view.end - view.start),
      at: y => view.high - (y - history.y) / history.h * bytes,
      row: bytes / rows, /* of the moment: bytes, and pixels */
      tall: moment.h / rows,
    };
  };

  const inside = ({x, y, w, h}, px, py) => px >= x && px < x + w && py >= y && py < y + h;

  /* What a point of the canvas stands for: {part, t, from, to} in addresses, or null. */
  const find = (panel, scene, px, py) => {
    const {history, moment} = panel.places, to = scales(panel, scene);
    if (inside(history, px, py))
      return {part: 'history', t: to.time(px), from: to.at(py + 0.5), to: to.at(py - 0.5)};
    if (!inside(moment, px, py))
      return null;
    const row = Math.floor((moment.y + moment.h - py) / to.tall), grain = to.row / moment.w;
    const from = scene.view.low + row * to.row + (px - moment.x - 0.5) * grain;
    return {part: 'moment', t: scene.t, from, to: from + grain};
  };

  /* ---------------------------------------------------------------------------------------------------- words ---- */

  const percent = (part, whole) => `${Math.round(part / whole * 100)} %`;

  const blockWords = (map, life, t, hex) => {
    const {trace} = map, bytes = trace.size[life], length = trace.died[life] - trace.born[life];
    return [`One block of ${size(bytes)}${bytes >= 1024 ? ` (${bytes.toLocaleString('en')} B)` : ''}, by ${CALLS[trace.kind[life]]}`,
            `Age: ${size(t - trace.born[life])} allocated since; ` +
            (length === Infinity ? 'lives to the end' : `lives for ${size(length)}, ${percent(length, trace.clock)} of the trace`),
            `Shown exactly, at 0x${hex}`];
  };

  const bandWords = (map, t, row, hex) => {
    const band = heapmapData.bandAt(map, t, row), known = !isNaN(band.resident);
    const rest = Math.max(0, band.resident - band.told - band.small - band.metadata);
    const parts = [[band.told, 'in blocks shown exactly'], [band.metadata, 'metadata'],
                   [rest, map.metadata ? 'free, in memory' : 'free or metadata, in memory'],
                   [known ? map.band - Math.max(band.resident, band.told + band.small) : 0, 'not in memory']];
    const shares = parts.filter(part => part[0] > map.band / 200).map(([part, name]) => `${percent(part, map.band)} ${name}`);
    const words = [`Summed up over ${size(map.band)} from 0x${hex}`];
    if (band.small > 0)
      words.push(`${percent(band.small, map.band)} in about ${Math.max(1, Math.round(band.small / Math.max(1, band.size)))} smaller blocks, ` +
                 `${size(band.size)} each, age ${size(band.age)} on average`);
    if (shares.length > 0)
      words.push(shares.join(', '));
    return words;
  };

  /* {life, lines} of a place found before. */
  const describe = (panel, scene, place) => {
    const {map} = panel, from = Math.max(0, place.from), row = Math.floor((from + place.to) / 2 / map.band);
    if (place.to <= 0 || row >= map.bands)
      return {life: -1, lines: ['Above the last region of this heap']};
    const life = heapmapData.lifeAt(map, place.t, from, place.to);
    const hex = at => heapmapData.address(map, at).toString(16);
    if (life >= 0) {
      const start = map.position[life], shared = Math.min(place.to, start + scene.trace.size[life]) - Math.max(from, start);
      if (shared * 2 >= place.to - from)
        return {life, lines: blockWords(map, life, place.t, hex(start))};
    }
    return {life: -1, lines: bandWords(map, place.t, row, hex(row * map.band))};
  };

  /* -------------------------------------------------------------------------------------------------- overlay ---- */

  /* A line that is seen on any ground: paper under ink. */
  const stroke = (brush, palette, colour, width, dash, path) => {
    for (const [style, thick, pattern] of [[palette.back, width + 1.5, []], [colour, width, dash]]) {
      brush.strokeStyle = style;
      brush.lineWidth = thick;
      brush.setLineDash(pattern);
      brush.beginPath();
      path();
      brush.stroke();
    }
    brush.setLineDash([]);
  };
  const clipTo = (brush, {x, y, w, h}, draw) => {
    brush.save();
    brush.beginPath();
    brush.rect(x, y, w, h);
    brush.clip();
    draw();
    brush.restore();
  };

  const drawAxes = (brush, panel, scene) => {
    const {history, moment} = panel.places, to = scales(panel, scene), {view, palette} = scene;
    brush.font = '11px system-ui, sans-serif';
    brush.fillStyle = palette.muted;
    brush.strokeStyle = palette.line;
    brush.lineWidth = 1;
    brush.textAlign = 'right';
    brush.textBaseline = 'middle';
    for (const at of ticks(view.low, view.high, 6)) {
      const y = Math.round(to.y(at)) + 0.5;
      brush.fillText(size(at), history.x - 6, Math.min(Math.max(y, history.y + 5), history.y + history.h - 4));
      brush.strokeRect(history.x - 4, y, 3, 0);
    }
    brush.textBaseline = 'top';
    const under = history.y + history.h + 6;
    brush.textAlign = 'left';
    brush.fillText(size(view.start), history.x, under);
    brush.textAlign = 'right';
    brush.fillText(size(view.end) + (history.w > 180 ? ' allocated' : ''), history.x + history.w, under);
    brush.textAlign = 'left';
    brush.fillText(`this moment, ${size(to.row)} a row`, moment.x, under);
    for (const {x, y, w, h} of [history, moment])
      brush.strokeRect(x - 0.5, y - 0.5, w + 1, h + 1);
  };

  const across = (brush, {x, w}, y) => {
    brush.moveTo(x, y);
    brush.lineTo(x + w, y);
  };

  /* The border of so many bytes in the rows of a moment. */
  const around = (brush, {x, y, w, h}, {row, tall}, bytes) => {
    const full = Math.floor(bytes / row), end = x + (bytes / row - full) * w, up = y + h - full * tall;
    brush.moveTo(x, up - tall);
    brush.lineTo(end, up - tall);
    brush.lineTo(end, up);
    brush.lineTo(x + w, up);
  };

  const drawLimits = (brush, panel, scene) => {
    const {history, moment} = panel.places, to = scales(panel, scene), {trace, palette} = scene;
    const now = trace.live[heapmapData.frameAt(trace, scene.t)];
    clipTo(brush, history, () => {
      stroke(brush, palette, palette.ink, 1.5, [], () => {
        for (let frame = 0; frame < trace.frames; frame++)
          brush.lineTo(to.x((frame + 0.5) / trace.frames * trace.clock), to.y(trace.live[frame]));
      });
      stroke(brush, palette, palette.ink, 1, [6, 4], () => across(brush, history, to.y(trace.peak)));
      if (trace.limit > 0)
        stroke(brush, palette, palette.ink, 1, [2, 3], () => across(brush, history, to.y(trace.limit)));
    });
    clipTo(brush, moment, () => {
      stroke(brush, palette, palette.ink, 1.5, [], () => around(brush, moment, to, now - scene.view.low));
      stroke(brush, palette, palette.ink, 1, [6, 4], () => around(brush, moment, to, trace.peak - scene.view.low));
    });
  };

  /* Where the program says that a phase begins and ends, and its name if there is room. */
  const drawPhases = (brush, panel, scene) => {
    const {history} = panel.places, to = scales(panel, scene), {trace, palette, view} = scene;
    clipTo(brush, history, () => {
      for (const [start, end, name] of trace.phases) {
        const from = to.x(Math.max(start, view.start)), stop = to.x(Math.min(end, view.end));
        if (stop - from < 3)
          continue;
        stroke(brush, palette, palette.ink, 1, [1, 3], () => {
          for (const x of [to.x(start), to.x(Math.min(end, view.end + 1))]) {
            brush.moveTo(x, history.y);
            brush.lineTo(x, history.y + history.h);
          }
        });
        brush.fillStyle = palette.ink;
        brush.textAlign = 'center';
        brush.textBaseline = 'top';
        if (brush.measureText(name).width + 6 < stop - from)
          brush.fillText(name, (from + stop) / 2, history.y + 3);
      }
    });
  };

  const drawCursor = (brush, panel, scene) => {
    const {history} = panel.places, x = scales(panel, scene).x(scene.t);
    clipTo(brush, history, () => stroke(brush, scene.palette, scene.palette.mark, 2, [], () => {
      brush.moveTo(x, history.y);
      brush.lineTo(x, history.y + history.h);
    }));
  };

  /* The block that is pointed at, in whichever panel: where is it here? */
  const drawLife = (brush, panel, scene) => {
    const {map, places: {history, moment}} = panel, {life, trace, view} = scene, to = scales(panel, scene);
    const start = map.position[life], end = start + trace.size[life];
    const x0 = to.x(trace.born[life]), x1 = to.x(Math.min(trace.died[life], trace.clock));
    const y0 = to.y(end), height = Math.max(3, to.y(start) - y0);
    clipTo(brush, history, () => stroke(brush, scene.palette, scene.palette.mark, 2, [],
      () => brush.rect(x0, y0 - (height === 3 ? 1.5 : 0), Math.max(2, x1 - x0), height)));
    if (!heapmapData.alive(trace, life, scene.t))
      return;
    const first = Math.floor((start - view.low) / to.row), last = Math.floor((end - 1 - view.low) / to.row);
    clipTo(brush, moment, () => {
      for (let row = Math.max(0, first); row <= last && row * to.tall < moment.h; row++) {
        const from = Math.max(0, (start - view.low) / to.row - row), stop = Math.min(1, (end - view.low) / to.row - row);
        const x = moment.x + from * moment.w, width = Math.max(3, (stop - from) * moment.w);
        stroke(brush, scene.palette, scene.palette.mark, 2, [],
          () => brush.rect(x, moment.y + moment.h - (row + 1) * to.tall, width, to.tall));
      }
    });
  };

  /* --------------------------------------------------------------------------------------------------- drawing ---- */

  /* The canvas as large as it is shown; where its pictures lie. */
  const prepare = panel => {
    const {canvas} = panel, ratio = panel.ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      panel.key = '';
    }
    panel.places = layout(width, height);
  };

  const image = (brush, {w, h}, ratio) =>
    brush.createImageData(Math.max(1, Math.round(w * ratio)), Math.max(1, Math.round(h * ratio)));

  const draw = (panel, scene) => {
    const {map} = panel, {view, by, palette, t} = scene, {ratio} = panel, dense = Math.max(1, Math.round(ratio));
    const brush = panel.canvas.getContext('2d'), {history, moment} = panel.places;
    const key = JSON.stringify([view, by, scene.theme, map.spec, scene.trace.name]);
    if (panel.key !== key) {
      panel.key = key;
      panel.history = image(brush, history, ratio);
      heapmapDraw.paintHistory(panel.history, map, view, by, palette, dense);
    }
    const now = image(brush, moment, ratio);
    heapmapDraw.paintMoment(now, map, view, t, by, palette, dense);
    brush.setTransform(1, 0, 0, 1, 0, 0);
    brush.clearRect(0, 0, panel.canvas.width, panel.canvas.height);
    brush.putImageData(panel.history, Math.round(history.x * ratio), Math.round(history.y * ratio));
    brush.putImageData(now, Math.round(moment.x * ratio), Math.round(moment.y * ratio));
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawAxes(brush, panel, scene);
    drawLimits(brush, panel, scene);
    drawPhases(brush, panel, scene);
    drawCursor(brush, panel, scene);
    if (scene.life >= 0)
      drawLife(brush, panel, scene);
    panel.words.textContent = figures(panel, scene);
  };

  const figures = (panel, {trace, t}) => {
    const resident = heapmapData.residentAt(panel.map, t), live = trace.live[heapmapData.frameAt(trace, t)];
    if (isNaN(resident))
      return `${size(panel.map.span)} of addresses`;
    return `${size(resident)} in memory` + (live > 0 ? `, ${(resident / live).toFixed(2)}× live` : '');
  };

  const make = map => {
    const element = document.createElement('figure');
    element.className = 'heapmap';
    element.innerHTML = '<figcaption class="heapmap-title"><b></b> <span></span></figcaption><canvas tabindex="0" role="img"></canvas>';
    element.querySelector('b').textContent = map.spec;
    const canvas = element.querySelector('canvas');
    canvas.setAttribute('aria-label', `Map of the heap of ${map.spec}: addresses upwards, allocation clock to the right. ` +
      'Arrow keys move through time and addresses, plus and minus zoom.');
    return {element, canvas, map, words: element.querySelector('span'), key: ''};
  };

  return {make, prepare, draw, find, describe, scales};
})();
