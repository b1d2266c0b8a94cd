// The key, and which hints were dismissed, which this browser keeps for itself.
const storageKey = 'rftconsole.hints.dismissed';
let state = null;

const dismissed = () => {
  try {
    const topics = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    return Array.isArray(topics) ? topics.filter(topic => typeof topic === 'string') : [];
  } catch {
    return [];
  }
};
// A question mark that is typed into a text is one of the text.
const isTyped = target => target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
const onKey = event => {
  if (event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey || isTyped(event.target)) return;
  event.preventDefault();
  state?.invokeMethodAsync('OnKey');
};

export function start(reference) {
  state = reference;
  document.addEventListener('keydown', onKey);
  return dismissed();
}

export function end() {
  state = null;
  document.removeEventListener('keydown', onKey);
}

export function dismiss(topic) {
  localStorage.setItem(storageKey, JSON.stringify([...new Set([...dismissed(), topic])]));
  return dismissed();
}

export function reset() {
  localStorage.removeItem(storageKey);
  return [];
}
