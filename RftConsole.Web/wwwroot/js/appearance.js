// Loaded before the first paint: the page must not flash in the other palette.
(() => {
  const key = 'rftconsole.appearance';
  const system = matchMedia('(prefers-color-scheme: dark)');
  let listener = null;

  const mode = () => {
    const stored = localStorage.getItem(key);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  };
  const state = () => ({ mode: mode(), dark: mode() === 'dark' || (mode() === 'system' && system.matches) });
  const apply = () => {
    const now = state();
    document.documentElement.dataset.theme = now.dark ? 'dark' : 'light';
    return now;
  };
  const tell = () => {
    const now = apply();
    listener?.invokeMethodAsync('OnBrowserChanged', now);
  };

  apply();
  system.addEventListener('change', tell);
  addEventListener('storage', event => event.key === key && tell());

  window.rftAppearance = {
    start(reference) {
      listener = reference;
      return apply();
    },
    set(value) {
      if (value === 'system') localStorage.removeItem(key);
      else localStorage.setItem(key, value);
      return apply();
    },
    end() {
      listener = null;
    },
  };
})();
