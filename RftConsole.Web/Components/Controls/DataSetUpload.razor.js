// Sends one file at a time in chunks: the web socket that Blazor uses is no way for large files, and what one request
// carries is lost with its connection only from where the connection broke.
const chunkBytes = 8 * 1024 * 1024;
// Waits between tries grow to ten seconds: the console has some three minutes to come back.
const waits = [0.3, 0.5, 1, 2, 3, 5, ...Array(17).fill(10)];
const uploads = new WeakMap();

class Refused extends Error {}

export function create(root, component, address, tokenHeader, kind) {
  const upload = { current: null, listeners: new AbortController() };
  uploads.set(root, upload);
  const on = (type, handler) => root.addEventListener(type, handler, { signal: upload.listeners.signal });

  const tell = (method, ...values) => component.invokeMethodAsync(method, ...values);
  const refuse = message => tell('OnEnded', { id: null, message, rejected: [] });
  const headers = () => ({ [tokenHeader]: document.querySelector('input[name="__RequestVerificationToken"]').value });

  on('change', event => {
    if (event.target.type === 'file') take(event.target);
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
    if (upload.current || files.length === 0) return;
    if (files.length > 1) refuse('Drop one file at a time.');
    else send(files[0]);
  });

  // Whoever is quicker than this module has chosen already.
  const input = root.querySelector('input[type=file]');
  if (input) take(input);

  function take(input) {
    const file = input.files[0];
    if (file) send(file);
    // Chosen once more after a correction, the same file must count as a change.
    input.value = '';
  }

  async function send(file) {
    const current = { abort: new AbortController(), id: null, address, headers };
    upload.current = current;
    await tell('OnStarted', file.name, file.size);
    try {
      const reply = await transfer(file, current);
      if (upload.current !== current) return;
      upload.current = null;
      await tell('OnEnded', reply);
    } catch (problem) {
      if (upload.current !== current) return;
      upload.current = null;
      refuse(problem instanceof Refused ? problem.message : 'The upload broke off. See that the console still runs and that the file has not changed, and try again.');
    }
  }

  async function transfer(file, current) {
    const signal = current.abort.signal;
    const ask = (method, path) => retry(current, async () => read(await fetch(address + path, { method, headers: headers(), signal })));
    const begun = await ask('POST', `?name=${encodeURIComponent(file.name)}&size=${file.size}`);
    if (!begun.ok) return begun.reply;
    current.id = begun.reply.upload;
    let offset = 0;
    let failures = 0;
    while (offset < file.size) {
      try {
        const sent = await chunk(file.slice(offset, offset + chunkBytes), offset, file.size, current);
        if (!sent.ok && sent.status !== 409) return sent.reply;
        offset = sent.reply.offset;
        failures = 0;
      } catch (problem) {
        if (signal.aborted || problem instanceof Refused) throw problem;
        if (failures >= waits.length) throw problem;
        tell('OnInterrupted');
        await pause(waits[failures++], signal);
        const known = await ask('GET', `/${current.id}`);
        if (!known.ok) return known.reply;
        offset = known.reply.offset;
      }
    }
    return (await ask('POST', `/${current.id}/complete?kind=${kind}`)).reply;
  }

  // An XMLHttpRequest, because fetch does not say how much of a body has left.
  function chunk(bytes, offset, total, current) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let told = 0;
      request.upload.onprogress = event => {
        const now = performance.now();
        if (now - told < 150 && offset + event.loaded < total) return;
        told = now;
        tell('OnProgress', Math.min(offset + event.loaded, total));
      };
      request.onload = () => {
        try {
          resolve(parse(request.status, request.responseText));
        } catch (problem) {
          reject(problem);
        }
      };
      request.onerror = () => reject(new Error('The connection broke off.'));
      request.onabort = request.onerror;
      current.abort.signal.addEventListener('abort', () => request.abort(), { once: true });
      request.open('PATCH', `${address}/${current.id}?offset=${offset}`);
      request.setRequestHeader('Content-Type', 'application/octet-stream');
      request.setRequestHeader(tokenHeader, headers()[tokenHeader]);
      request.send(bytes);
    });
  }

  async function retry(current, work) {
    for (let failures = 0; ; failures++) {
      try {
        return await work();
      } catch (problem) {
        if (current.abort.signal.aborted || problem instanceof Refused || failures >= waits.length) throw problem;
        tell('OnInterrupted');
        await pause(waits[failures], current.abort.signal);
      }
    }
  }
}

async function read(response) {
  return parse(response.status, await response.text());
}

function parse(status, text) {
  try {
    return { ok: status >= 200 && status < 300, status, reply: JSON.parse(text) };
  } catch {
    // Something other than the console answered, such as a proxy while it restarts; the status is all there is to say.
    if (status >= 500 || status === 0 || status === 499) throw new Error(`status ${status}`);
    throw new Refused(`The console answered with status ${status}: load the page again and retry.`);
  }
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener('abort', () => { clearTimeout(timer); reject(new Error('cancelled')); }, { once: true });
  });
}

export function cancel(root) {
  const current = uploads.get(root)?.current;
  if (!current) return;
  uploads.get(root).current = null;
  current.abort.abort();
  if (current.id) fetch(`${current.address}/${current.id}`, { method: 'DELETE', headers: current.headers() }).catch(() => {});
}

export function destroy(root) {
  cancel(root);
  uploads.get(root)?.listeners.abort();
  uploads.delete(root);
}
