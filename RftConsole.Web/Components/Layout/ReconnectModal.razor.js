// Blazor raises the state event and sets the class on the dialog of this id; which line is shown is decided by the style sheet.
const modal = document.getElementById('components-reconnect-modal');

modal.addEventListener('components-reconnect-state-changed', ({ detail }) => {
  if (detail.state === 'show' && !modal.open) modal.showModal();
  else if (detail.state === 'hide') modal.close();
  else if (detail.state === 'failed') document.addEventListener('visibilitychange', retryWhenVisible);
  else if (detail.state === 'rejected') location.reload();
});

document.getElementById('reconnect-retry').addEventListener('click', retry);
document.getElementById('reconnect-resume').addEventListener('click', resume);

function retryWhenVisible() {
  if (document.visibilityState === 'visible') retry();
}

async function retry() {
  document.removeEventListener('visibilitychange', retryWhenVisible);
  try {
    // False: the server answers, but this page's circuit is gone.
    if (await Blazor.reconnect() || await Blazor.resumeCircuit()) modal.close();
    else location.reload();
  } catch {
    // The server does not answer; the dialog stays, and the next look at the page tries again.
    document.addEventListener('visibilitychange', retryWhenVisible);
  }
}

async function resume() {
  try {
    if (!await Blazor.resumeCircuit()) location.reload();
  } catch {
    modal.classList.replace('components-reconnect-paused', 'components-reconnect-resume-failed');
  }
}
