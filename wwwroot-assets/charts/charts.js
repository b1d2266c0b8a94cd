// The one place where the chart library is used. A chart lives on its <figure>; .NET sends each point once, and what has
// not been drawn yet is drawn together: soon while the chart is in sight, now and then while it is not.
import ApexCharts from 'apexcharts';

const charts = new Map();

// In milliseconds, and as a multiple of the time that a redraw took.
const leastRest = 30;
const restFactor = 6;

// Between two redraws of a chart that nobody sees; a page that is printed or captured whole shows it all the same.
const unseenInterval = 4000;
let pacing = false;
let later = 0;

const formats = {
  number: value => trim(value, 4),
  percent: value => trim(value * 100, 1) + ' %',
  tokens: value => trim(value, 1),
  scientific: value => trim(value, 3),
};

function trim(value, digits) {
  // An axis' own rounding leaves such a remainder where 0 is meant.
  if (Math.abs(value) < 1e-12) return '0';
  if (Math.abs(value) < 0.001) return Number(value).toExponential(1);
  return String(Number(Number(value).toFixed(digits)));
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function look() {
  return {
    colors: [colour('--chart-1'), colour('--chart-2'), colour('--chart-3')],
    grid: { borderColor: colour('--line'), strokeDashArray: 3, padding: { left: 4, right: 8, top: -12, bottom: -4 } },
    tooltip: { theme: document.documentElement.dataset.theme },
  };
}

function axisText() {
  return { colors: colour('--ink-faint'), fontSize: '11px', fontFamily: 'inherit' };
}

function axes(format) {
  return {
    xaxis: {
      type: 'numeric',
      decimalsInFloat: 0,
      tickAmount: 5,
      labels: { style: axisText(), formatter: value => String(Math.round(value)) },
      axisBorder: { show: false },
      axisTicks: { show: false },
      tooltip: { enabled: false },
    },
    yaxis: { tickAmount: 3, labels: { style: axisText(), formatter: formats[format], maxWidth: 64 } },
  };
}

export function create(figure, labels, format) {
  const state = { figure, labels, format, data: labels.map(() => []), chart: null, visible: false, dirty: false, drawn: 0 };
  charts.set(figure, state);
  state.watch = new IntersectionObserver(([entry]) => {
    state.visible = entry.isIntersecting;
    draw(state);
  }, { rootMargin: '200px' });
  state.watch.observe(figure);
}

function options({ labels, format, data }) {
  const theme = look();
  return {
    chart: { type: 'line', height: 190, animations: { enabled: false }, toolbar: { show: false }, zoom: { enabled: false }, fontFamily: 'inherit', background: 'transparent', redrawOnParentResize: true },
    series: series({ labels, data }),
    stroke: { width: labels.map((_, index) => (index === 0 ? 2 : 1.5)), curve: 'straight' },
    markers: { size: markerSize(data), hover: { size: 4 } },
    legend: { show: labels.length > 1, position: 'top', horizontalAlign: 'left', fontSize: '11px', labels: { colors: colour('--ink-soft') }, markers: { size: 4, strokeWidth: 0 }, itemMargin: { horizontal: 8, vertical: 0 }, offsetY: -2 },
    ...theme,
    ...axes(format),
    tooltip: { ...theme.tooltip, x: { formatter: value => 'Step ' + value }, y: { formatter: value => (value == null ? '–' : formats[format](value)) } },
  };
}

function series({ labels, data }) {
  return labels.map((name, index) => ({ name, data: data[index].slice() }));
}

// A line through one point cannot be seen.
function markerSize(data) {
  return data.every(points => points.length < 12) ? 3 : 0;
}

export function append(figure, fresh) {
  const state = charts.get(figure);
  if (!state) return;
  fresh.forEach((points, index) => state.data[index].push(...points));
  state.dirty = true;
  tell(state);
  draw(state);
}

export function destroy(figure) {
  const state = charts.get(figure);
  if (!state) return;
  charts.delete(figure);
  state.watch.disconnect();
  state.chart?.destroy();
}

function draw(state) {
  if (state.dirty) pace();
}

// Drawing every chart at once took all of the page's time, and clicks waited for seconds: charts are drawn one by one, those in sight
// first and the longest waiting first, and after each the page rests, after most for several times as long as it took.
async function pace() {
  if (pacing) return;
  pacing = true;
  try {
    for (let next = nextToDraw(); next; next = nextToDraw()) {
      const started = performance.now();
      const rest = next.chart || !next.visible ? restFactor : 0;
      await redraw(next);
      await new Promise(rested => setTimeout(rested, Math.max(leastRest, rest * (performance.now() - started))));
    }
  } finally {
    pacing = false;
  }
  clearTimeout(later);
  if ([...charts.values()].some(state => state.dirty)) later = setTimeout(pace, unseenInterval / 4);
}

function nextToDraw() {
  const now = performance.now();
  return [...charts.values()]
    .filter(state => state.dirty && (state.visible || !state.chart || now - state.drawn > unseenInterval))
    .sort((a, b) => b.visible - a.visible || a.drawn - b.drawn)[0];
}

async function redraw(state) {
  state.dirty = false;
  state.drawn = performance.now();
  const size = markerSize(state.data);
  if (!state.chart) {
    state.chart = new ApexCharts(state.figure.querySelector('[data-canvas]'), options(state));
    await state.chart.render();
  } else if (size !== state.size) {
    await state.chart.updateOptions({ series: series(state), markers: { size } }, false, false);
  } else {
    await state.chart.updateSeries(series(state), false);
  }
  state.size = size;
}

function tell({ figure, labels, format: formatName, data }) {
  const format = formats[formatName];
  const first = data.find(points => points.length > 0);
  figure.querySelector('[data-empty]').hidden = first !== undefined;
  if (first) figure.querySelector('[data-latest]').textContent = format(first[first.length - 1][1]);
  figure.querySelector('[data-summary]').textContent = labels
    .map((name, index) => {
      const points = data[index];
      if (points.length === 0) return `${name}: no values yet.`;
      const values = points.map(point => point[1]);
      const last = points[points.length - 1];
      return `${name}: ${points.length} values, first ${format(values[0])}, latest ${format(last[1])} at step ${last[0]}, lowest ${format(Math.min(...values))}, highest ${format(Math.max(...values))}.`;
    })
    .join(' ');
}

new MutationObserver(() => {
  for (const state of charts.values()) {
    if (!state.chart) continue;
    const theme = look();
    state.chart.updateOptions({
      ...theme,
      ...axes(state.format),
      legend: { labels: { colors: colour('--ink-soft') } },
    }, false, false);
  }
}).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
