/* SPDX-License-Identifier: MIT
 *
 * page.js - what the report page can do beyond being read: switch its theme.  All of it is there without this script.
 *
 * Whoever draws by colour redraws on the document's event "hy-theme".
 */
'use strict';

(() => {
  /* --------------------------------------------------------------------------------------------- the theme ---- */
  const dark = document.getElementById('dark');
  const night = matchMedia('(prefers-color-scheme: dark)');
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
  night.addEventListener('change', announce);
  choose(select.value);
  document.querySelector('nav').append(box);
})();
