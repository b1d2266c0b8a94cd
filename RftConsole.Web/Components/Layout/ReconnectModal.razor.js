// Blazor raises the state event and sets the class on the dialog of this id; which line is shown is decided by the style sheet.
import { keepTyped, restoreTyped } from '../../js/typed.js';

const modal = document.getElementById('components-reconnect-modal');
const pause = 3000;
let timer = null;

restoreTyped();

modal.addEventListener('components-reconnect-state-changed', ({ detail }) => {
  if (detail.state !== 'failed') stopAsking();
  if (detail.state === 'show' && !modal.open) {
    // Should the server remember nothing of this page, it is drawn anew in its place, or loaded again.
    keepTyped();
    modal.showModal();
  } else if (detail.state === 'hide') {
    close();
  } else if (detail.state === 'failed') ask();
  else if (detail.state === 'rejected') reload();
});

document.getElementById('reconnect-retry').addEventListener('click', retry);
document.getElementById('reconnect-resume').addEventListener('click', resume);

function close() {
  modal.close();
  restoreTyped();
}

// Blazor gives up after a while; a page that is left open over night is to come back by itself.
async function ask() {
  stopAsking();
  try {
    if ((await fetch('health/live', { cache: 'no-store' })).ok) return retry();
  } catch {
    // Still nobody there.
  }
  timer = setTimeout(ask, pause);
}

function stopAsking() {
  clearTimeout(timer);
  timer = null;
}

// The server's memory of this page is gone: it is loaded again, and what stood in its fields is put back.
function reload() {
  // What a form would ask about before it is left is kept, and nobody may be there to answer.
  addEventListener('beforeunload', event => event.stopImmediatePropagation(), { capture: true });
  location.reload();
}

async function retry() {
  stopAsking();
  try {
    // False: the server answers, but this page's circuit is gone.
    if (await Blazor.reconnect() || await Blazor.resumeCircuit()) close();
    else reload();
  } catch {
    timer = setTimeout(ask, pause);
  }
}

async function resume() {
  try {
    if (!await Blazor.resumeCircuit()) reload();
  } catch {
    modal.classList.replace('components-reconnect-paused', 'components-reconnect-resume-failed');
  }
}
