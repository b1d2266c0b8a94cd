// Ctrl+Enter and Escape, and a card with the probabilities of the token that the pointer or the arrow keys are at.
// Neither is worth a round trip, and all text is set as text.
const roots = new WeakMap();

export function create(root, component) {
  const ended = new AbortController();
  const card = document.createElement('div');
  card.className = 'token-card';
  card.hidden = true;
  const said = document.createElement('div');
  said.className = 'visually-hidden';
  said.setAttribute('aria-live', 'polite');
  root.append(card, said);
  roots.set(root, ended);
  const on = (target, type, handler) => target.addEventListener(type, handler, { signal: ended.signal });
  let current = null;

  on(document, 'keydown', event => {
    // A list or a dialog that is open has the keys.
    if (document.querySelector('.mud-popover-open, .mud-dialog-container')) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && root.contains(event.target)) {
      event.preventDefault();
      component.invokeMethodAsync(event.target.closest('[data-composer=follow-up]') ? 'OnSend' : 'OnRun');
    } else if (event.key === 'Escape') {
      hide();
      if (root.dataset.running === 'true') component.invokeMethodAsync('OnStop');
    }
  });

  on(root, 'pointerover', event => {
    const token = event.target.closest?.('.token[data-details]');
    if (token) show(token);
    else hide();
  });
  on(root, 'pointerleave', hide);
  on(root, 'focusout', hide);
  on(document, 'scroll', hide);

  on(root, 'keydown', event => {
    const answer = event.target.closest?.('.answer-text[data-tokens]');
    if (!answer || event.target !== answer || event.ctrlKey || event.altKey || event.metaKey) return;
    const tokens = [...answer.querySelectorAll('.token[data-details]')];
    const at = tokens.indexOf(current);
    const next = { ArrowRight: at + 1, ArrowLeft: at < 0 ? tokens.length - 1 : at - 1, Home: 0, End: tokens.length - 1 }[event.key];
    if (next === undefined || tokens.length === 0) return;
    event.preventDefault();
    const token = tokens[Math.min(Math.max(next, 0), tokens.length - 1)];
    token.scrollIntoView({ block: 'nearest' });
    show(token);
    said.textContent = card.innerText.replaceAll('\n', ', ');
  });

  function hide() {
    current?.classList.remove('current');
    current = null;
    card.hidden = true;
  }

  function show(token) {
    if (token === current) return;
    hide();
    current = token;
    token.classList.add('current');
    card.replaceChildren(...JSON.parse(token.dataset.details).map(describe));
    card.hidden = false;
    const place = token.getBoundingClientRect();
    const size = card.getBoundingClientRect();
    const left = Math.min(Math.max(8, place.left), document.documentElement.clientWidth - size.width - 8);
    const below = place.bottom + 6 + size.height < window.innerHeight;
    card.style.left = `${left}px`;
    card.style.top = `${below ? place.bottom + 6 : place.top - size.height - 6}px`;
  }
}

export function destroy(root) {
  roots.get(root)?.abort();
  roots.delete(root);
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without HTTPS a page on another machine has no clipboard.
    return false;
  }
}

function describe([text, logProbability, likeliest]) {
  const block = element('div', 'token-card-token');
  const head = element('div', 'token-card-head');
  head.append(element('span', 'token-card-text', visible(text)), element('strong', '', percent(logProbability)), element('span', 'muted', `log-probability ${logProbability.toFixed(3).replace('-0.000', '0.000')}`));
  block.append(head);
  if (likeliest.length > 0) {
    const list = element('ol', 'token-card-list');
    for (const [other, value] of likeliest) {
      const row = element('li', other === text ? 'chosen' : '');
      const bar = element('i', '');
      bar.style.setProperty('--share', Math.exp(value).toFixed(4));
      row.append(element('span', 'token-card-text', visible(other)), element('span', '', percent(value)), bar);
      list.append(row);
    }
    block.append(list);
  }
  return block;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function percent(logProbability) {
  const share = 100 * Math.exp(logProbability);
  return share >= 99.95 ? '100 %' : share < 0.1 ? 'under 0.1 %' : `${share.toFixed(1)} %`;
}

// A space or a line break at an edge would be nothing to see.
function visible(text) {
  return text.replaceAll('\n', '⏎').replaceAll('\t', '⇥').replaceAll(' ', '␣');
}
