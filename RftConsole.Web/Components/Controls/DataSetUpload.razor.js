// Sends one file at a time as the body of a request: the web socket that Blazor uses is no way for large files.
const uploads = new WeakMap();

export function create(root, component, address, tokenHeader, limit, tooLarge) {
  const upload = { request: null, listeners: new AbortController() };
  uploads.set(root, upload);
  const on = (type, handler) => root.addEventListener(type, handler, { signal: upload.listeners.signal });

  const tell = (method, ...values) => component.invokeMethodAsync(method, ...values);
  const refuse = message => tell('OnEnded', { id: null, message, rejected: [] });

  on('change', event => {
    const file = event.target.files?.[0];
    if (file) send(file);
    // Chosen once more after a correction, the same file must count as a change.
    event.target.value = '';
  });
  on('dragover', event => {
    event.preventDefault();
    root.classList.add('dragged');
  });
  on('dragleave', () => root.classList.remove('dragged'));
  on('drop', event => {
    event.preventDefault();
    root.classList.remove('dragged');
    const files = event.dataTransfer.files;
    if (upload.request || files.length === 0) return;
    if (files.length > 1) refuse('Drop one file at a time.');
    else send(files[0]);
  });

  async function send(file) {
    if (file.size > limit) return refuse(tooLarge);
    const request = new XMLHttpRequest();
    upload.request = request;
    await tell('OnStarted', file.name, file.size);
    if (upload.request !== request) return;

    let told = 0;
    request.upload.onprogress = event => {
      const now = performance.now();
      if (now - told < 150 && event.loaded < event.total) return;
      told = now;
      tell('OnProgress', event.loaded);
    };
    request.onload = () => {
      upload.request = null;
      let reply = null;
      try {
        reply = JSON.parse(request.responseText);
      } catch {
        // Something other than the console answered; the status is all there is to say.
      }
      if (reply && 'rejected' in reply) tell('OnEnded', reply);
      else refuse(`The console answered with status ${request.status}: load the page again and retry.`);
    };
    request.onerror = () => {
      upload.request = null;
      refuse('The upload broke off. See that the console still runs and that the file has not changed, and try again.');
    };
    request.open('POST', `${address}?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader(tokenHeader, document.querySelector('input[name="__RequestVerificationToken"]').value);
    request.send(file);
  }
}

export function cancel(root) {
  const upload = uploads.get(root);
  const request = upload?.request;
  if (!request) return;
  upload.request = null;
  request.upload.onprogress = null;
  request.abort();
}

export function destroy(root) {
  cancel(root);
  uploads.get(root)?.listeners.abort();
  uploads.delete(root);
}
