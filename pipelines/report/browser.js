// The sample browser: search and filters over what the page already holds. Without this script
// every sample is still there, source by source; with it, nothing is fetched and nothing stored.
(() => {
  'use strict';
  const form = document.getElementById('filters');
  if (!form) return;
  const samples = [...document.querySelectorAll('details.sample')].map((element) => ({
    element,
    group: element.closest('.source'),
    source: element.dataset.source,
    kinds: element.dataset.kinds.split(' '),
    text: null,
  }));
  const [query, source, kind] = ['query', 'source', 'kind'].map((name) => form.elements[name]);
  const status = document.getElementById('found');
  const marked = typeof Highlight === 'function' && CSS.highlights ? new Highlight() : null;
  if (marked) CSS.highlights.set('found', marked);

  // Small letters one by one: a character that would become two keeps its place.
  const lower = (text) => {
    const whole = text.toLowerCase();
    if (whole.length === text.length) return whole;
    return [...text].map((c) => (c.toLowerCase().length === c.length ? c.toLowerCase() : c)).join('');
  };
  const words = () => lower(query.value).split(/\s+/).filter(Boolean);

  const mark = () => {
    if (!marked) return;
    marked.clear();
    const wanted = words();
    if (!wanted.length) return;
    let left = 2000;
    for (const { element } of samples) {
      if (element.hidden || !element.open) continue;
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node && left > 0; node = walker.nextNode()) {
        const text = lower(node.data);
        for (const word of wanted) {
          for (let at = text.indexOf(word); at >= 0 && left > 0; at = text.indexOf(word, at + word.length)) {
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + word.length);
            marked.add(range);
            left -= 1;
          }
        }
      }
    }
  };

  const show = () => {
    const wanted = words();
    const groups = new Map();
    let found = 0;
    for (const sample of samples) {
      if (wanted.length && sample.text === null) sample.text = lower(sample.element.textContent);
      const fits = (!source.value || sample.source === source.value)
        && (!kind.value || sample.kinds.includes(kind.value))
        && wanted.every((word) => sample.text.includes(word));
      sample.element.hidden = !fits;
      found += fits;
      groups.set(sample.group, groups.get(sample.group) || fits);
    }
    for (const [group, any] of groups) group.hidden = !any;
    status.textContent = `${found} of ${samples.length} samples`;
    mark();
  };

  let timer = 0;
  query.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(show, 80);
  });
  for (const choice of [source, kind]) choice.addEventListener('change', show);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(show));
  document.addEventListener('toggle', (event) => {
    if (event.target.matches('details.sample')) mark();
  }, true);
  // A link to a source shows it, whatever was filtered.
  addEventListener('hashchange', () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.hidden) {
      form.reset();
      setTimeout(() => target.scrollIntoView(), 50);
    }
  });
  // On a phone a list of titles, not a page a hundred screens long.
  if (innerWidth <= 640) for (const { element } of samples) element.open = false;
  form.hidden = false;
  show();
})();
