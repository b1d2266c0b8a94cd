// How values read in the page's language, the same on axes, in legends and in tables.
const language = document.documentElement.lang || 'en';
const percent = language.startsWith('zh') ? '%' : ' %';

export const formats = {
  number: value => trim(value, 4),
  percent: value => trim(value * 100, 1) + percent,
  tokens: value => trim(value, 1),
  scientific: value => trim(value, 3),
};

/** What a board says, in the page's language; {0}, {1} … are places for values. */
let texts = {};

export function useTexts(given) {
  texts = given;
}

export const say = (name, ...values) => (texts[name] ?? name).replaceAll(/\{(\d)\}/g, (_, place) => values[place]);

export function trim(value, digits) {
  if (value == null || Number.isNaN(value)) return '–';
  // An axis' own rounding leaves such a remainder where 0 is meant.
  if (Math.abs(value) < 1e-12) return '0';
  if (Math.abs(value) < 0.001 && digits > 0) return Number(value).toExponential(1);
  return Number(Number(value).toFixed(digits)).toLocaleString(language, { maximumFractionDigits: digits });
}
