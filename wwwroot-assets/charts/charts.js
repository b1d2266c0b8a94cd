// The one place where the chart library is used. A chart lives on its <figure>; .NET sends each point once, and what has
// not been drawn yet is drawn together: in the next frame while the chart can be seen, and now and then while it cannot.
import ApexCharts from 'apexcharts';

const charts = new Map();
const unseenDelay = 700;

// In milliseconds, and as a multiple of the time that a redraw took.
const leastRest = 30;
const restFactor = 6;
let pacing = false;

const formats = {
  number: value => trim(value, 4),
  percent: value => trim(value * 100, 1) + ' %',
  tokens: value => trim(value, 1),
  scientific: value => (value === 0 ? '0' : Number(value).toExponential(1)),
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
  const theme = look();
  const chart = new ApexCharts(figure.querySelector('[data-canvas]'), {
    chart: { type: 'line', height: 190, animations: { enabled: false }, toolbar: { show: false }, zoom: { enabled: false }, fontFamily: 'inherit', background: 'transparent', redrawOnParentResize: true },
    series: labels.map(name => ({ name, data: [] })),
    stroke: { width: labels.map((_, index) => (index === 0 ? 2 : 1.5)), curve: 'straight' },
    markers: { size: 0, hover: { size: 4 } },
    legend: { show: labels.length > 1, position: 'top', horizontalAlign: 'left', fontSize: '11px', labels: { colors: colour('--ink-soft') }, markers: { size: 4, strokeWidth: 0 }, itemMargin: { horizontal: 8, vertical: 0 }, offsetY: -2 },
    noData: { text: 'No values yet', style: { color: colour('--ink-faint'), fontSize: '12px', fontFamily: 'inherit' } },
    ...theme,
    ...axes(format),
    tooltip: { ...theme.tooltip, x: { formatter: value => 'Step ' + value }, y: { formatter: value => (value == null ? '–' : formats[format](value)) } },
  });
  const state = { chart, labels, format, data: labels.map(() => []), visible: false, dirty: false, due: false, drawn: 0, timer: 0 };
  charts.set(figure, state);
  state.watch = new IntersectionObserver(([entry]) => {
    state.visible = entry.isIntersecting;
    draw(figure, state);
  }, { rootMargin: '200px' });
  state.watch.observe(figure);
  return chart.render();
}

export function append(figure, fresh) {
  const state = charts.get(figure);
  if (!state) return;
  fresh.forEach((points, index) => state.data[index].push(...points));
  state.dirty = true;
  tell(figure, state);
  draw(figure, state);
}

export function destroy(figure) {
  const state = charts.get(figure);
  if (!state) return;
  charts.delete(figure);
  clearTimeout(state.timer);
  state.watch.disconnect();
  state.chart.destroy();
}

function draw(figure, state) {
  if (!state.dirty) return;
  if (state.visible) {
    pace();
  } else {
    state.timer ||= setTimeout(() => {
      state.timer = 0;
      state.due = true;
      pace();
    }, unseenDelay);
  }
}

// Redrawing every chart at every step took all of the page's time, and clicks waited for seconds: charts are drawn one by one,
// the longest waiting first, and after each the page rests for several times as long as it took.
async function pace() {
  if (pacing) return;
  pacing = true;
  try {
    for (let next = nextToDraw(); next; next = nextToDraw()) {
      const started = performance.now();
      await redraw(next);
      await new Promise(rested => setTimeout(rested, Math.max(leastRest, restFactor * (performance.now() - started))));
    }
  } finally {
    pacing = false;
  }
}

function nextToDraw() {
  return [...charts.values()]
    .filter(state => state.dirty && (state.visible || state.due))
    .sort((a, b) => b.visible - a.visible || a.drawn - b.drawn)[0];
}

async function redraw(state) {
  state.dirty = state.due = false;
  state.drawn = performance.now();
  const few = state.data.every(points => points.length < 12);
  if (few !== state.few) {
    // A line through one point cannot be seen.
    state.few = few;
    await state.chart.updateOptions({ markers: { size: few ? 3 : 0 } }, false, false);
  }
  await state.chart.updateSeries(state.labels.map((name, index) => ({ name, data: state.data[index].slice() })), false);
}

function tell(figure, state) {
  const format = formats[state.format];
  const first = state.data.find(points => points.length > 0);
  if (first) figure.querySelector('[data-latest]').textContent = format(first[first.length - 1][1]);
  figure.querySelector('[data-summary]').textContent = state.labels
    .map((name, index) => {
      const points = state.data[index];
      if (points.length === 0) return `${name}: no values yet.`;
      const values = points.map(point => point[1]);
      const last = points[points.length - 1];
      return `${name}: ${points.length} values, first ${format(values[0])}, latest ${format(last[1])} at step ${last[0]}, lowest ${format(Math.min(...values))}, highest ${format(Math.max(...values))}.`;
    })
    .join(' ');
}

new MutationObserver(() => {
  for (const state of charts.values()) {
    const theme = look();
    state.chart.updateOptions({
      ...theme,
      ...axes(state.format),
      legend: { labels: { colors: colour('--ink-soft') } },
    }, false, false);
  }
}).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
