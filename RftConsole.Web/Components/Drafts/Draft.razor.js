// The storage of a tab: it outlives a reload and a server's restart, and goes with the tab.
const keyOf = name => `rftconsole.draft.${name}`;
// Only the first form of a document was brought back by loading it again; every later one was navigated to.
const path = location.pathname;
const reloaded = performance.getEntriesByType('navigation')[0]?.type === 'reload';
let first = true;
// Forms that are shown. One that comes while it is here already belongs to a circuit that the server has forgotten.
const shown = new Set();

export function find(name) {
  const isBack = shown.has(name) || (reloaded && first && location.pathname === path);
  first = false;
  shown.add(name);
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(name)));
    return kept && { text: kept.text, start: kept.start, reloaded: isBack };
  } catch {
    return null;
  }
}

export function leave(name) {
  shown.delete(name);
}

export function keep(name, start, text) {
  try {
    sessionStorage.setItem(keyOf(name), JSON.stringify({ start, text }));
  } catch {
    // The storage is full: the form works without it.
  }
}

export function forget(name) {
  sessionStorage.removeItem(keyOf(name));
}
