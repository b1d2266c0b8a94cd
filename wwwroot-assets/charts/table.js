// A chart as a table, for screen readers and whoever wants to read numbers; filled while it is open.
import { formats, say } from './format.js';
import { rowsOf } from './download.js';

// More rows help nobody; the CSV has them all.
const mostRows = 400;

export function fillTable(board, chart) {
  const details = chart.figure.querySelector('details');
  if (!details?.open || !board) return;
  const rows = rowsOf(board, chart);
  const every = Math.max(1, Math.ceil(rows.length / mostRows));
  const shown = rows.filter((_, index) => index % every === 0 || index === rows.length - 1);
  const format = formats[chart.format];
  const table = document.createElement('table');
  table.className = 'data-table compact';
  const caption = table.createCaption();
  caption.className = 'muted';
  caption.textContent = every > 1 ? say('every', chart.title, every, rows.length) : say('all', chart.title, rows.length);
  const head = table.createTHead().insertRow();
  for (const name of [say('step'), ...chart.series.map(line => line.label)]) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.className = 'num';
    cell.textContent = name;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of shown) {
    const line = body.insertRow();
    row.forEach((value, index) => {
      const cell = line.insertCell();
      cell.className = 'num';
      cell.textContent = index === 0 ? String(value) : value == null ? '–' : format(value);
    });
  }
  details.querySelector('[data-table]').replaceChildren(table);
}
