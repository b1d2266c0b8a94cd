// What was read, and whether this browser is to notify, lies in its own storage: shared by its tabs, and nobody else's business.
const readKey = 'rftconsole.notifications.read';
const wantedKey = 'rftconsole.notifications.browser';
// More than a list shows; the oldest are forgotten first.
const mostRead = 500;

let component = null;

const readIds = () => {
  try {
    const ids = JSON.parse(localStorage.getItem(readKey) ?? '[]');
    return Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : [];
  } catch {
    return [];
  }
};
const state = () => ({
  read: readIds(),
  wanted: localStorage.getItem(wantedKey) === 'on',
  permission: 'Notification' in window && window.isSecureContext ? Notification.permission : 'unsupported',
});
const tell = event => (event.key === readKey || event.key === wantedKey) && component?.invokeMethodAsync('OnBrowserChanged', state());

export function start(reference) {
  component = reference;
  addEventListener('storage', tell);
  return state();
}

export function end() {
  component = null;
  removeEventListener('storage', tell);
}

export function read(ids) {
  const all = [...new Set([...readIds(), ...ids])];
  localStorage.setItem(readKey, JSON.stringify(all.slice(-mostRead)));
  return state();
}

export async function want(on) {
  if (on && 'Notification' in window && Notification.permission === 'default') await Notification.requestPermission();
  if (on && state().permission === 'granted') localStorage.setItem(wantedKey, 'on');
  else localStorage.removeItem(wantedKey);
  return state();
}

export function notify(id, title, text, href) {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  // The tag makes one of it where several tabs tell of the same thing.
  const shown = new Notification(title, { body: text, tag: id, icon: 'favicon.svg' });
  shown.onclick = () => {
    window.focus();
    location.assign(href);
    shown.close();
  };
}
