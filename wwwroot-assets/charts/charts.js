// The one place where the chart library is used. A board holds the charts of a page: .NET sends each point once, all charts of a board
// share the horizontal axis, the zoom and the point under the cursor, and what is out of sight is drawn while the browser has nothing else to do.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formats, say, trim, useTexts } from './format.js';
import { Series, timeline } from './series.js';
import { downloadCsv, downloadPng } from './download.js';
import { fillTable } from './table.js';

const boards = new Map();

// Safari has none.
const whenIdle = window.requestIdleCallback ?? (work => setTimeout(work, 200));

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Makes a board of the figures inside an element; definitions: [{ id, title, file, format, series: [{ key, label, name, dashed }] }]. */
export function create(root, definitions, { texts, ...settings }) {
  useTexts(texts);
  const board = { root, settings: { smoothing: 0, axis: 'step', ...settings }, series: new Map(), marks: [], charts: [], zoom: null, sync: uPlot.sync(crypto.randomUUID()), frame: 0, idle: false };
  boards.set(root, board);
  board.watch = new IntersectionObserver(entries => {
    for (const entry of entries) {
      const chart = board.charts.find(known => known.figure === entry.target);
      if (chart) {
        chart.visible = entry.isIntersecting;
        schedule(board);
      }
    }
  }, { rootMargin: '300px' });
  board.resize = new ResizeObserver(entries => {
    for (const entry of entries) {
      const chart = board.charts.find(known => known.canvas === entry.target);
      if (chart?.plot) chart.plot.setSize({ width: Math.max(60, Math.floor(entry.contentRect.width)), height: heightOf(chart) });
    }
  });
  define(root, definitions);
}

/** Takes the definitions of figures that came since. */
export function define(root, definitions) {
  const board = boards.get(root);
  if (!board) return;
  for (const gone of board.charts.filter(chart => !chart.figure.isConnected)) dispose(board, gone);
  board.charts = board.charts.filter(chart => chart.figure.isConnected);
  for (const definition of definitions) {
    const figure = root.querySelector(`figure[data-chart="${CSS.escape(definition.id)}"]`);
    if (!figure || board.charts.some(chart => chart.figure === figure)) continue;
    const chart = { ...definition, figure, canvas: figure.querySelector('[data-canvas]'), plot: null, visible: false, dirty: true };
    board.charts.push(chart);
    figure.addEventListener('click', event => act(board, chart, event.target.closest('[data-action]')?.dataset.action));
    figure.querySelector('details')?.addEventListener('toggle', () => fillTable(board, chart));
    figure.addEventListener('fullscreenchange', () => chart.plot?.setSize({ width: chart.canvas.clientWidth, height: heightOf(chart) }));
    board.watch.observe(figure);
    board.resize.observe(chart.canvas);
  }
  schedule(board);
}

/** Adds points: for each name as many steps (32-bit integers) and values (64-bit numbers) as counts say, packed one behind the other. */
export function append(root, names, counts, packed) {
  const board = boards.get(root);
  if (!board) return;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let at = 0;
  names.forEach((name, index) => {
    if (!board.series.has(name)) board.series.set(name, new Series());
    const series = board.series.get(name);
    for (let i = 0; i < counts[index]; i++, at += 4) series.x.push(view.getInt32(at, true));
    for (let i = 0; i < counts[index]; i++, at += 8) series.y.push(view.getFloat64(at, true));
  });
  const fresh = new Set(names);
  for (const chart of board.charts) if (chart.series.some(line => fresh.has(line.key))) chart.dirty = true;
  schedule(board);
}

/** Changes smoothing (0 to 0.99) or axis ('step' or 'time'). */
export function set(root, settings) {
  const board = boards.get(root);
  if (!board) return;
  if (settings.axis && settings.axis !== board.settings.axis) board.zoom = null;
  Object.assign(board.settings, settings);
  rebuild(board);
}

/** Marks steps: [{ step, title }]. */
export function mark(root, marks) {
  const board = boards.get(root);
  if (!board) return;
  board.marks = marks;
  for (const chart of board.charts) chart.plot?.redraw(false);
}

/** 'in', 'out' or 'reset'. */
export function zoom(root, way) {
  const board = boards.get(root);
  const plot = board?.charts.find(chart => chart.plot && chart.plot.scales.x.min != null)?.plot;
  if (!plot) return;
  if (way === 'reset') return applyZoom(board, null);
  const { min, max } = plot.scales.x;
  const half = (max - min) * (way === 'in' ? 0.25 : 1);
  applyZoom(board, [(min + max) / 2 - half, (min + max) / 2 + half]);
}

export function destroy(root) {
  const board = boards.get(root);
  if (!board) return;
  boards.delete(root);
  cancelAnimationFrame(board.frame);
  board.watch.disconnect();
  board.resize.disconnect();
  for (const chart of board.charts) dispose(board, chart);
}

function dispose(board, chart) {
  if (chart.plot) board.sync.unsub(chart.plot);
  chart.plot?.destroy();
  chart.plot = null;
}

function act(board, chart, action) {
  if (action === 'png') downloadPng(chart, colour('--paper'), colour('--ink'));
  if (action === 'csv') downloadCsv(board, chart);
  if (action === 'full') document.fullscreenElement ? document.exitFullscreen() : chart.figure.requestFullscreen();
}

function heightOf(chart) {
  return document.fullscreenElement === chart.figure ? Math.max(240, window.innerHeight - 190) : 190;
}

function rebuild(board) {
  for (const chart of board.charts) {
    dispose(board, chart);
    chart.dirty = true;
  }
  schedule(board);
}

// One chart a frame keeps clicks and scrolling smooth however many charts and points there are.
function schedule(board) {
  if (board.frame) return;
  board.frame = requestAnimationFrame(() => {
    board.frame = 0;
    const next = board.charts.find(chart => chart.dirty && chart.visible);
    if (next) {
      draw(board, next);
      schedule(board);
    } else {
      scheduleRest(board);
    }
  });
}

function scheduleRest(board) {
  if (board.idle || !board.charts.some(chart => chart.dirty)) return;
  board.idle = true;
  whenIdle(() => {
    board.idle = false;
    const next = boards.get(board.root) === board && board.charts.find(chart => chart.dirty);
    if (next) {
      draw(board, next);
      scheduleRest(board);
    }
  });
}

function draw(board, chart) {
  chart.dirty = false;
  const lines = chart.series.map((line, index) => ({ ...line, colour: colour(`--chart-${(index % 6) + 1}`), points: board.series.get(line.key) })).filter(line => line.points?.x.length > 0);
  tell(chart, lines);
  if (lines.length === 0) return;
  const data = table(board, chart, lines);
  const shape = lines.map(line => line.key).join('\n');
  if (chart.plot && chart.shape === shape) {
    chart.plot.setData(data, false);
    scale(board, chart.plot, data);
    return;
  }
  dispose(board, chart);
  chart.shape = shape;
  chart.plot = new uPlot(options(board, chart, lines), data, chart.canvas);
  scale(board, chart.plot, data);
}

function scale(board, plot, data) {
  const [min, max] = board.zoom ?? [data[0][0], data[0][data[0].length - 1]];
  plot.setScale('x', min === max ? { min: min - 1, max: max + 1 } : { min, max });
}

// uPlot draws columns over one x: the union of the steps, with holes that lines pass over.
function table(board, chart, lines) {
  const smooth = board.settings.smoothing > 0;
  const columns = lines.map(line => {
    const x = board.settings.axis === 'time' ? line.points.x.map(timeline(board, line.key)) : line.points.x;
    return [x, line.points.y.map(value => (Number.isFinite(value) ? value : null))];
  });
  const drawn = smooth ? columns.flatMap(([x, y], i) => [[x, y], [x, lines[i].points.smoothed(board.settings.smoothing)]]) : columns;
  return drawn.length === 1 ? [drawn[0][0].slice(), drawn[0][1]] : uPlot.join(drawn);
}

function options(board, chart, lines) {
  const format = formats[chart.format];
  const axisText = { stroke: colour('--ink-faint'), font: '11px system-ui, sans-serif', grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
  const smooth = board.settings.smoothing > 0;
  // Asked at each drawing: a live chart outgrows its dots.
  const few = plot => plot.data[0].length < 12;
  const series = [{ label: say(board.settings.axis), value: (_, value) => (value == null ? '–' : axisValue(board, value)) }];
  lines.forEach(line => {
    const stroke = line.colour;
    const look = { label: line.label, stroke, width: 1.75, dash: line.dashed ? [5, 4] : undefined, spanGaps: true, value: (_, value) => (value == null ? '–' : format(value)), points: { show: few, size: 5, fill: stroke } };
    if (smooth) series.push({ ...look, label: say('measured', line.label), alpha: 0.3, width: 1, points: { show: false } });
    series.push(look);
  });
  return {
    width: Math.max(60, chart.canvas.clientWidth),
    height: heightOf(chart),
    padding: [8, 10, 0, 0],
    series,
    scales: { x: { time: false } },
    legend: { live: true, markers: { width: 2 } },
    cursor: { sync: { key: board.sync.key, scales: ['x', null] }, drag: { x: true, y: false, setScale: false }, points: { size: 6 }, focus: { prox: 24 } },
    axes: [
      { ...axisText, size: 26, space: 60, values: (_, values) => values.map(value => axisValue(board, value)) },
      { ...axisText, size: 56, space: 40, values: (_, values) => values.map(value => (value == null ? '' : format(value))) },
    ],
    hooks: {
      // What a hand has dragged across; scales change for other reasons too, such as a step that came.
      setSelect: [plot => {
        const { left, width } = plot.select;
        if (width <= 0) return;
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        applyZoom(board, [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]);
      }],
      draw: [plot => drawMarks(board, plot)],
      setLegend: [restLegend],
      ready: [restLegend, plot => plot.over.addEventListener('dblclick', () => applyZoom(board, null))],
    },
  };
}

// Without a point under the cursor the legend only names the lines: the page hides dashes where values would be.
function restLegend(plot) {
  plot.root.toggleAttribute('data-rest', plot.cursor.idx == null);
}

function axisValue(board, value) {
  if (board.settings.axis !== 'time') return trim(value, 0);
  if (value < 120) return say('seconds', trim(value, 0));
  return value < 7200 ? say('minutes', trim(value / 60, 1)) : say('hours', trim(value / 3600, 1));
}

function applyZoom(board, range) {
  board.zoom = range;
  for (const chart of board.charts) if (chart.plot) scale(board, chart.plot, chart.plot.data);
  board.root.toggleAttribute('data-zoomed', range !== null);
}

function drawMarks(board, plot) {
  if (board.settings.axis === 'time' || board.marks.length === 0) return;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour('--held');
  ctx.setLineDash([4, 4]);
  for (const { step } of board.marks) {
    const x = plot.valToPos(step, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x - 6, bbox.top);
    ctx.lineTo(x + 6, bbox.top);
    ctx.lineTo(x, bbox.top + 9);
    ctx.fill();
  }
  ctx.restore();
}

function tell(chart, lines) {
  const format = formats[chart.format];
  chart.figure.querySelector('[data-empty]').hidden = lines.length > 0;
  chart.figure.querySelector('[data-latest]').textContent = lines.length > 0 ? format(lines[0].points.y.at(-1)) : '';
  chart.figure.querySelector('[data-summary]').textContent = lines.length === 0
    ? say('empty')
    : lines.map(({ label, points }) => {
      const [lowest, highest] = points.range();
      return say('summary', label, points.x.length, format(points.y[0]), format(points.y.at(-1)), points.x.at(-1), format(lowest), format(highest));
    }).join(' ');
  if (chart.figure.querySelector('details')?.open) fillTable(boards.get(chart.figure.closest('[data-board]')), chart);
}

new MutationObserver(() => {
  for (const board of boards.values()) rebuild(board);
}).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
