// A chart as a picture or as a table of numbers.
function save(href, name) {
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
}

const fileName = (chart, ending) => chart.file.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-') + ending;

export function downloadPng(chart, paper, ink) {
  if (!chart.plot) return;
  const source = chart.plot.ctx.canvas;
  const head = Math.round(34 * devicePixelRatio);
  const picture = document.createElement('canvas');
  [picture.width, picture.height] = [source.width, source.height + head];
  const context = picture.getContext('2d');
  context.fillStyle = paper;
  context.fillRect(0, 0, picture.width, picture.height);
  context.fillStyle = ink;
  context.font = `600 ${15 * devicePixelRatio}px system-ui, sans-serif`;
  context.fillText(chart.title, 10 * devicePixelRatio, 22 * devicePixelRatio);
  context.drawImage(source, 0, head);
  save(picture.toDataURL('image/png'), fileName(chart, '.png'));
}

export function downloadCsv(board, chart) {
  const rows = rowsOf(board, chart);
  const quoted = text => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [['step', ...chart.series.map(line => quoted(line.name))].join(','), ...rows.map(row => row.map(value => value ?? '').join(','))];
  const address = URL.createObjectURL(new Blob([lines.join('\n') + '\n'], { type: 'text/csv' }));
  save(address, fileName(chart, '.csv'));
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** [step, value of each line or null …] for every step that any line has. */
export function rowsOf(board, chart) {
  const rows = new Map();
  chart.series.forEach((line, index) => {
    const points = board.series.get(line.key);
    for (let i = 0; i < (points?.x.length ?? 0); i++) {
      if (!rows.has(points.x[i])) rows.set(points.x[i], [points.x[i], ...chart.series.map(() => null)]);
      rows.get(points.x[i])[index + 1] = points.y[i];
    }
  });
  return [...rows.values()].sort((a, b) => a[0] - b[0]);
}
