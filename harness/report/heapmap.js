/* SPDX-License-Identifier: MIT
 *
 * heapmap.js - the time-lapse: choose a trace and up to four allocators, go through time, zoom, point at blocks.
 *
 * One scene for all panels, so that they always show the same moment and the same addresses.  Mouse: drag through the
 * history; drag the moment up and down; Ctrl and the wheel zoom.  Touch: drag, pinch.  Keys: arrows, + - 0, space.
 * Others may drive it by window.heapyardMaps: ready (a promise), step(n), state().
 */
'use strict';

(() => {
  const STEPS = 768, MOST = 4, SECONDS = 16;
  const FAVOURITES = ['system', 'jemalloc', 'mimalloc', 'segregated', 'best-fit', 'first-fit', 'tcmalloc'];
  const host = document.getElementById('heapmaps');
  if (!host || !window.DecompressionStream)
    return;
  const traces = heapmapData.list();
  const calm = matchMedia('(prefers-reduced-motion: reduce)'), narrow = matchMedia('(max-width: 40rem)');
  const scene = {trace: null, t: 0, view: null, by: 'age', palette: null, theme: 0, life: -1};
  let panels = [], chosen = [], current = null, step = STEPS / 2, timer = 0, due = 0, draws = 0;
  let pointed = null, mark = null; /* the point of a canvas, and what it stands for */

  /* ------------------------------------------------------------------------------------------------ controls ---- */

  host.innerHTML = `
    <div class="heapmap-bar">
      <label>Trace <select name="trace"></select></label>
      <span class="heapmap-specs" role="group" aria-label="Allocators, up to four"></span>
      <label>Colour <select name="by"><option value="age">age</option><option value="size">size</option>
        <option value="call">call</option></select></label>
    </div>
    <div class="heapmap-bar">
      <button type="button" name="play">Play</button>
      <input type="range" name="time" min="0" max="${STEPS - 1}" aria-label="Moment of the trace">
      <span class="heapmap-zoom"><button type="button" name="in" aria-label="Zoom in">+</button>
        <button type="button" name="out" aria-label="Zoom out">−</button>
        <button type="button" name="all">All</button></span>
    </div>
    <p class="heapmap-now" aria-live="off"></p>
    <div class="heapmap-panels"></div>
    <p class="heapmap-key"></p>
    <div class="heapmap-tip" hidden></div>`;
  const control = name => host.querySelector(`[name="${name}"]`);
  const grid = host.querySelector('.heapmap-panels'), tip = host.querySelector('.heapmap-tip');
  const specs = host.querySelector('.heapmap-specs'), now = host.querySelector('.heapmap-now');

  const KEYS = {
    age: [['low', 'young'], ['middle', ''], ['high', 'old']], size: [['low', 'small'], ['middle', ''], ['high', 'large']],
    call: [['malloc', 'malloc'], ['calloc', 'calloc'], ['aligned', 'aligned'], ['realloc', 'realloc'], ['unknown', 'small blocks']],
  };
  const showKey = () => {
    const swatch = ([name, word]) => `<span><i class="map-${name}"></i>${word}</span>`;
    host.querySelector('.heapmap-key').innerHTML = KEYS[scene.by].map(swatch).join('') +
      [['hole', 'free, in memory'], ['metadata', 'metadata'], ['none', 'not in memory'], ['live', 'all live bytes, packed'],
       ['peak', 'most live bytes: no heap can be smaller']].map(swatch).join('') +
      (scene.trace.limit > 0 ? swatch(['limit', 'best packing found']) : '');
  };

  /* -------------------------------------------------------------------------------------------------- drawing ---- */

  const highest = () => Math.max(...panels.map(panel => panel.map.span), scene.trace.peak * 1.05);
  const wholeView = () => ({low: 0, high: highest(), start: 0, end: scene.trace.clock});

  const paint = () => {
    due = 0;
    if (!scene.trace)
      return;
    const {trace} = scene, {size} = heapmapDraw;
    scene.t = (step + 0.5) / STEPS * trace.clock;
    control('time').value = step;
    const live = trace.live[heapmapData.frameAt(trace, scene.t)];
    const words = `${size(scene.t)} of ${size(trace.clock)} allocated (${Math.round((step + 0.5) / STEPS * 100)} %): ` +
      `${size(live)} live; most live ${size(trace.peak)}`;
    control('time').setAttribute('aria-valuetext', words);
    now.textContent = words;
    for (const panel of panels)
      heapmapPanel.prepare(panel);
    findPointed();
    for (const panel of panels)
      heapmapPanel.draw(panel, scene);
    draws++;
  };
  const redraw = () => {
    due = due || requestAnimationFrame(paint);
  };

  const repaint = palette => {
    scene.palette = palette;
    scene.theme++;
    redraw();
  };

  const goTo = target => {
    if (!scene.view)
      return;
    step = Math.max(0, Math.min(STEPS - 1, Math.round(target)));
    const {view, trace} = scene, t = (step + 0.5) / STEPS * trace.clock, length = view.end - view.start;
    if (t < view.start || t >= view.end) {
      view.start = Math.max(0, Math.min(trace.clock - length, t - length / 2));
      view.end = view.start + length;
    }
    redraw();
  };
  const goToTime = t => goTo(t / scene.trace.clock * STEPS - 0.5);

  /* --------------------------------------------------------------------------------------------------- zooming ---- */

  const span = (low, high, about, factor, least, most) => {
    const length = Math.min(most, Math.max(least, (high - low) * factor));
    const from = about - (about - low) / (high - low) * length;
    const kept = Math.max(0, Math.min(most - length, from));
    return [kept, kept + length];
  };
  /* about: an address, and a time or null (then time is left as it is) */
  const zoom = (factor, at, t) => {
    const {view} = scene;
    [view.low, view.high] = span(view.low, view.high, at, factor, 4096, highest());
    if (t !== null)
      [view.start, view.end] = span(view.start, view.end, t, factor, scene.trace.clock / 5000, scene.trace.clock);
    redraw();
  };
  const zoomAtMark = factor =>
    scene.view && zoom(factor, mark ? mark.from : (scene.view.low + scene.view.high) / 2, scene.t);
  const pan = bytes => {
    const {view} = scene, length = view.high - view.low;
    view.low = Math.max(0, Math.min(highest() - length, view.low + bytes));
    view.high = view.low + length;
    redraw();
  };

  /* -------------------------------------------------------------------------------------------------- pointing ---- */

  const unpoint = () => {
    pointed = mark = null;
    redraw();
  };
  const point = (panel, px, py) => {
    pointed = {panel, px, py};
    redraw();
  };
  /* What lies under the pointer may be another at every moment. */
  const findPointed = () => {
    const {panel, px, py} = pointed || {};
    mark = panel ? heapmapPanel.find(panel, scene, px, py) : null;
    scene.life = -1;
    tip.hidden = !mark;
    if (!mark)
      return;
    const {life, lines} = heapmapPanel.describe(panel, scene, mark);
    scene.life = life;
    tip.replaceChildren(...lines.map((line, i) => {
      const row = document.createElement(i === 0 ? 'b' : 'span');
      row.textContent = line;
      return row;
    }));
    const box = panel.canvas.getBoundingClientRect(), base = host.getBoundingClientRect();
    tip.style.left = `${Math.max(0, Math.min(box.left - base.left + px + 14, base.width - tip.offsetWidth))}px`;
    tip.style.top = `${box.top - base.top + py + 18}px`;
  };
  const pointAt = (panel, event) => {
    const box = panel.canvas.getBoundingClientRect();
    point(panel, event.clientX - box.left, event.clientY - box.top);
  };

  /* By keys: a mark on this moment, from row to row. */
  const pointByKey = (panel, rows) => {
    const {moment} = panel.places, {tall} = heapmapPanel.scales(panel, scene);
    const here = pointed && pointed.panel === panel && pointed.px >= moment.x;
    const py = here ? pointed.py - rows * tall : moment.y + moment.h - tall / 2;
    point(panel, here ? pointed.px : moment.x + moment.w / 2,
          Math.max(moment.y + tall / 2, Math.min(moment.y + moment.h - tall / 2, py)));
  };

  /* ------------------------------------------------------------------------------------- mouse, touch, keys ---- */

  const KEYS_OF_PANEL = {
    ArrowLeft: () => goTo(step - 4), ArrowRight: () => goTo(step + 4), PageUp: () => goTo(step - 64),
    PageDown: () => goTo(step + 64), Home: () => goTo(0), End: () => goTo(STEPS - 1),
    ArrowUp: panel => pointByKey(panel, 1), ArrowDown: panel => pointByKey(panel, -1),
    '+': () => zoomAtMark(0.7), '=': () => zoomAtMark(0.7), '-': () => zoomAtMark(1 / 0.7),
    0: () => showAll(), ' ': () => play(timer === 0), Escape: () => unpoint(),
  };

  const watch = panel => {
    const {canvas} = panel, fingers = new Map();
    let held = null, apart = 0;
    const distance = () => {
      const [a, b] = [...fingers.values()];
      return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    };
    const drag = event => {
      const to = heapmapPanel.scales(panel, scene), box = canvas.getBoundingClientRect();
      if (held.part === 'history')
        goToTime(Math.max(scene.view.start, Math.min(scene.view.end, to.time(event.clientX - box.left))));
      else
        pan((event.clientY - held.y) * to.row);
      held.y = event.clientY;
    };
    canvas.addEventListener('pointerdown', event => {
      const box = canvas.getBoundingClientRect();
      const place = heapmapPanel.find(panel, scene, event.clientX - box.left, event.clientY - box.top);
      fingers.set(event.pointerId, event);
      apart = fingers.size === 2 ? distance() : 0;
      held = place && fingers.size === 1 ? {part: place.part, y: event.clientY} : null;
      canvas.setPointerCapture(event.pointerId);
      play(false);
      if (held)
        drag(event);
      pointAt(panel, event);
    });
    canvas.addEventListener('pointermove', event => {
      if (fingers.has(event.pointerId))
        fingers.set(event.pointerId, event);
      if (fingers.size === 2) {
        zoomAtMark(apart / Math.max(1, distance()));
        apart = distance();
        return;
      }
      if (held)
        drag(event);
      pointAt(panel, event);
    });
    for (const name of ['pointerup', 'pointercancel'])
      canvas.addEventListener(name, event => {
        fingers.delete(event.pointerId);
        held = null;
      });
    canvas.addEventListener('pointerleave', event => event.pointerType === 'touch' || unpoint());
    canvas.addEventListener('wheel', event => {
      if (!event.ctrlKey && !event.metaKey)
        return;
      event.preventDefault();
      const box = canvas.getBoundingClientRect();
      const place = heapmapPanel.find(panel, scene, event.clientX - box.left, event.clientY - box.top);
      if (place)
        zoom(Math.exp(event.deltaY / 300), place.from, place.part === 'history' ? place.t : null);
    }, {passive: false});
    canvas.addEventListener('keydown', event => {
      const act = event.ctrlKey || event.metaKey || event.altKey ? null : KEYS_OF_PANEL[event.key];
      if (!act)
        return;
      event.preventDefault();
      act(panel);
    });
  };

  /* ---------------------------------------------------------------------------------------------------- playing ---- */

  const play = on => {
    if (on === (timer !== 0))
      return;
    clearInterval(timer);
    timer = 0;
    control('play').textContent = on ? 'Pause' : 'Play';
    if (!on)
      return;
    if (step >= STEPS - 1)
      goTo(0);
    const pause = calm.matches ? 1000 : 1000 * SECONDS / (STEPS / 2), stride = calm.matches ? 32 : 2;
    timer = setInterval(() => {
      goTo(step + stride);
      if (step >= STEPS - 1)
        play(false);
    }, pause);
  };

  /* --------------------------------------------------------------------------------------------------- choosing ---- */

  const showAll = () => {
    if (!scene.view)
      return;
    scene.view = wholeView();
    redraw();
  };

  const load = () => show().catch(error => {
    now.textContent = `The maps of ${current.name} cannot be shown: ${error.message}.`;
  });
  const show = async () => {
    const wanted = current, names = chosen.slice();
    const maps = await Promise.all(names.map(name => wanted.maps.find(map => map.spec === name).load()));
    const trace = await wanted.load();
    if (wanted !== current || names.join() !== chosen.join())
      return;
    const fresh = scene.trace !== trace;
    scene.trace = trace;
    pointed = null;
    panels = maps.map(heapmapPanel.make);
    grid.replaceChildren(...panels.map(panel => panel.element));
    grid.dataset.panels = panels.length;
    panels.forEach(watch);
    if (fresh || !scene.view || scene.view.high > highest())
      scene.view = wholeView();
    showKey();
    paint();
  };

  const showSpecs = () => specs.replaceChildren(...current.maps.map(({spec}) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = spec;
    button.setAttribute('aria-pressed', chosen.includes(spec));
    button.addEventListener('click', () => {
      const others = chosen.filter(name => name !== spec);
      chosen = others.length < chosen.length ? (others.length > 0 ? others : chosen) : [...chosen, spec].slice(-MOST);
      showSpecs();
      load();
    });
    return button;
  }));

  const chooseTrace = index => {
    current = traces[index];
    const names = current.maps.map(map => map.spec), most = narrow.matches ? 2 : MOST;
    chosen = chosen.filter(name => names.includes(name));
    if (chosen.length === 0)
      chosen = [...FAVOURITES.filter(name => names.includes(name)), ...names].filter(
        (name, i, all) => all.indexOf(name) === i).slice(0, most);
    showSpecs();
    return load();
  };

  const start = () => {
    control('trace').append(...traces.map((trace, i) => new Option(trace.name, i)));
    control('trace').addEventListener('change', event => chooseTrace(event.target.value));
    control('by').addEventListener('change', event => {
      scene.by = event.target.value;
      showKey();
      redraw();
    });
    control('time').addEventListener('input', event => goTo(Number(event.target.value)));
    control('play').addEventListener('click', () => play(timer === 0));
    control('in').addEventListener('click', () => zoomAtMark(0.6));
    control('out').addEventListener('click', () => zoomAtMark(1 / 0.6));
    control('all').addEventListener('click', showAll);
    document.addEventListener('hy-theme', () => repaint(heapmapDraw.readPalette()));
    window.addEventListener('beforeprint', () => { /* by day, whatever the screen shows */
      const dark = document.getElementById('dark');
      dark.disabled = true;
      repaint(heapmapDraw.readPalette());
      dark.disabled = false;
      paint();
    });
    window.addEventListener('afterprint', () => repaint(heapmapDraw.readPalette()));
    window.addEventListener('hashchange', () => { /* whose answer is read, his maps are shown */
      const trace = traces.findIndex(({number}) => location.hash === `#answer-${number}`);
      if (trace >= 0)
        chooseTrace(control('trace').value = trace);
    });
    document.addEventListener('pointerdown', event => event.target.closest('.heapmap canvas') || unpoint());
    new ResizeObserver(redraw).observe(grid);
    scene.palette = heapmapDraw.readPalette();
    return chooseTrace(0);
  };

  window.heapyardMaps = {
    ready: start(),
    step: count => {
      goTo(step + count);
      paint();
    },
    state: () => ({trace: current.name, allocators: panels.map(panel => panel.map.spec), step, steps: STEPS, t: scene.t,
                   view: {...scene.view}, by: scene.by, playing: timer !== 0, draws, tip: tip.hidden ? '' : tip.innerText}),
  };
})();
