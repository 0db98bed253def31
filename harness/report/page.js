/* SPDX-License-Identifier: MIT
 *
 * page.js - what the report page can do beyond being read: one trace's answer at a time, tables that sort, the verdict
 * table filtered, a theme.  Everything can be read without it.
 *
 * Whoever draws by colour redraws on the document's event "hy-theme".
 */
'use strict';

(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  /* --------------------------------------------------------------------------------------------- the theme ---- */
  const dark = document.getElementById('dark');
  const media = {system: dark.media, light: 'not all', dark: 'screen'};

  const recall = () => {
    try {
      return localStorage.getItem('heapyard-theme');
    } catch (_) { /* a browser may keep nothing for pages from disk */
      return null;
    }
  };
  const keep = theme => {
    try {
      localStorage.setItem('heapyard-theme', theme);
    } catch (_) { /* as above: then it holds until the page is closed */
    }
  };
  const announce = () => document.dispatchEvent(new Event('hy-theme'));
  const choose = theme => {
    dark.media = media[theme];
    announce();
  };

  const addThemes = () => {
    const box = document.createElement('label');
    box.className = 'theme';
    box.innerHTML = 'Theme <select><option value="system">as the system</option><option value="light">light</option>' +
      '<option value="dark">dark</option></select>';
    const select = box.querySelector('select');
    select.value = recall() in media ? recall() : 'system';
    select.addEventListener('change', () => {
      keep(select.value);
      choose(select.value);
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', announce);
    choose(select.value);
    document.querySelector('header nav').append(box);
  };

  /* ------------------------------------------------------------------------------------------------ sorting ---- */
  /* Figures as figures, words as words; what has no figure is last, whichever way. */
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    if (!cell || cell.colSpan > 1 || cell.matches('.missing, .failed'))
      return null;
    return 'v' in cell.dataset ? +cell.dataset.v : cell.textContent.trim();
  };
  const compare = (a, b) => typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));

  const sort = (table, head) => {
    const up = head.ariaSort !== 'ascending', sign = up ? 1 : -1, body = table.tBodies[0];
    const rows = [...body.rows].map(row => ({row, key: keyOf(row, head.cellIndex)}));
    rows.sort((a, b) => a.key === null || b.key === null ? (a.key === null) - (b.key === null) : sign * compare(a.key, b.key));
    body.append(...rows.map(r => r.row));
    all('th[aria-sort]', table.tHead).forEach(other => other.removeAttribute('aria-sort'));
    head.ariaSort = up ? 'ascending' : 'descending';
  };

  const addSorting = table => all('thead th', table).forEach(head => {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => sort(table, head));
  });

  /* ----------------------------------------------------------------------------------------------- filtering ---- */
  const trace = document.getElementById('filter-trace');
  const spec = document.getElementById('filter-spec');
  const rows = all('#verdict-table tbody tr');

  const filter = () => {
    const words = spec.value.toLowerCase().split(/[\s]+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const name = row.cells[1].firstChild.textContent.toLowerCase();
      const on = (!trace.value || row.dataset.trace === trace.value) && (!words.length || words.some(w => name.includes(w)));
      row.classList.toggle('off', !on);
      shown += on;
    }
    document.getElementById('filter-count').textContent = `${shown} of ${rows.length} rows`;
  };

  /* --------------------------------------------------------------------------------------- one trace's answer ---- */
  const cards = all('.card');
  const show = () => {
    const wanted = cards.find(card => '#' + card.id === location.hash);
    const known = wanted || ['', '#answers', '#main'].includes(location.hash);
    if (!known || cards.length < 2)
      return;
    cards.forEach(card => card.classList.toggle('off', card !== wanted));
    document.getElementById('glance').classList.toggle('off', Boolean(wanted));
    all('.chooser a').forEach(a => {
      if (a.hash === (wanted ? '#' + wanted.id : '#answers'))
        a.setAttribute('aria-current', 'true');
      else
        a.removeAttribute('aria-current');
    });
    trace.value = wanted ? wanted.id.replace('answer-', '') : '';
    filter();
  };

  /* What scrolls can be scrolled by keys. */
  const reach = () => all('.wide').forEach(box => {
    if (box.scrollWidth > box.clientWidth)
      box.tabIndex = 0;
    else
      box.removeAttribute('tabindex');
  });

  addThemes();
  all('table.sortable').forEach(addSorting);
  document.querySelector('.filters').hidden = false;
  document.querySelector('.filters').addEventListener('submit', event => event.preventDefault());
  trace.addEventListener('change', filter);
  spec.addEventListener('input', filter);
  addEventListener('hashchange', show);
  addEventListener('resize', reach);
  filter();
  show();
  reach();
})();
