// What stands in the fields of a page whose server or circuit has gone, put back once the page is there again. Passwords are not kept.
const storageKey = 'rftconsole.typed';
const patience = 30000;
const fields = 'input:not([type]), input[type=text], input[type=search], input[type=number], input[type=url], input[type=email], textarea';

const labelOf = field => (field.labels?.[0]?.textContent ?? field.getAttribute('aria-label') ?? '').trim();

// A field is known by its label, and by its place among those that have the same.
function textFields() {
  const seen = new Map();
  return [...document.querySelectorAll(fields)]
    .filter(field => !field.readOnly && !field.disabled && labelOf(field))
    .map(field => {
      const label = labelOf(field);
      const place = seen.get(label) ?? 0;
      seen.set(label, place + 1);
      return { name: `${label} ${place}`, field };
    });
}

export function keepTyped() {
  const typed = textFields().filter(({ field }) => field.value !== '').map(({ name, field }) => [name, field.value]);
  try {
    sessionStorage.setItem(storageKey, JSON.stringify({ address: location.pathname + location.search, typed }));
  } catch {
    // The storage is full: the page comes back without it.
  }
}

export function restoreTyped() {
  const kept = JSON.parse(sessionStorage.getItem(storageKey) ?? 'null');
  sessionStorage.removeItem(storageKey);
  if (!kept || kept.address !== location.pathname + location.search) return;

  const waiting = new Map(kept.typed);
  const fill = () => {
    for (const { name, field } of textFields()) {
      const value = waiting.get(name);
      if (value === undefined || field.value === value) continue;
      waiting.delete(name);
      field.value = value;
      for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
    }
  };
  // What somebody types from here on is newer than what was kept.
  const onInput = event => event.isTrusted && textFields().filter(({ field }) => field === event.target).forEach(({ name }) => waiting.delete(name));
  const observer = new MutationObserver(fill);
  observer.observe(document.body, { childList: true, subtree: true });
  document.addEventListener('input', onInput, { capture: true });
  setTimeout(() => {
    observer.disconnect();
    document.removeEventListener('input', onInput, { capture: true });
  }, patience);
}
