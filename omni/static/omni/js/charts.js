// Charts read the table beside them, so the table is never an afterthought. Colours come from tokens.css.
// <div class="o-chart" data-chart="stack" data-from="table-id" role="img" aria-label="…"></div>; load echarts first.
// A header cell may name its colour (data-hue="web"), and say that it is made up (data-origin="made_up").
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function readTable(id) {
  const table = document.getElementById(id);
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const rows = [...table.tBodies[0].rows];
  const value = (cell) => (cell.dataset.value ?? cell.textContent).trim();
  return {
    labels: rows.map((row) => row.cells[0].textContent.trim()),
    series: heads.map((head, n) => ({
      name: head.textContent.trim(),
      hue: head.dataset.hue,
      origin: head.dataset.origin,
      data: rows.map((row) => (value(row.cells[n + 1]) === "" ? null : Number(value(row.cells[n + 1])))),
    })),
  };
}

const axis = () => ({
  axisLine: { lineStyle: { color: token("--o-edge") } },
  axisTick: { show: false },
  axisLabel: { color: token("--o-ink-3"), fontSize: 12, hideOverlap: true },
  splitLine: { lineStyle: { color: token("--o-rule-soft") } },
});
const madeUp = () => ({ color: "rgba(255,255,255,.65)", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4 });
const short = (v) => (v >= 1000 ? `${v / 1000} k` : v);
const colour = (series, n) => token(`--o-ch-${series.hue || ["till", "web", "market", "phone", "message", "print"][n % 6]}`);
const frame = (labels) => ({
  grid: { left: 46, right: 14, top: 14, bottom: 26 },
  xAxis: { type: "category", data: labels, ...axis() },
  yAxis: { type: "value", ...axis(), axisLine: { show: false }, axisLabel: { ...axis().axisLabel, formatter: short } },
});

const kinds = {
  stack({ labels, series }) {
    return {
      ...frame(labels),
      series: series.map((s, n) => ({ name: s.name, data: s.data, type: "bar", stack: "all", barCategoryGap: "32%", itemStyle: { color: colour(s, n), decal: s.origin === "made_up" ? madeUp() : undefined } })),
    };
  },
  level({ labels, series }) {
    return {
      ...frame(labels),
      series: [
        { name: series[0].name, data: series[0].data, type: "bar", barWidth: "42%", itemStyle: { color: token("--o-idle-solid") } },
        { name: series[1].name, data: series[1].data, type: "line", step: "end", symbol: "none", itemStyle: { color: token("--o-petrol") }, lineStyle: { color: token("--o-petrol"), width: 2, type: [5, 4] } },
      ],
    };
  },
  line({ labels, series }) {
    return {
      ...frame(labels),
      series: series.map((s, n) => ({ name: s.name, data: s.data, type: "line", symbol: "none", connectNulls: false, itemStyle: { color: colour(s, n) }, lineStyle: { color: colour(s, n), width: 2, type: s.origin === "made_up" ? [5, 4] : "solid" } })),
    };
  },
};

const drawn = new Map();
function draw(el) {
  const chart = drawn.get(el) || echarts.init(el, null, { renderer: "svg" });
  drawn.set(el, chart);
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: token("--o-sans") },
    aria: { enabled: true },
    tooltip: { trigger: "axis", renderMode: "richText" },
    ...kinds[el.dataset.chart](readTable(el.dataset.from)),
  }, true);
}
const drawAll = () => {
  for (const [el, chart] of drawn) if (!el.isConnected) { chart.dispose(); drawn.delete(el); }
  for (const el of document.querySelectorAll("[data-chart]")) draw(el);
};
drawAll();
document.addEventListener("htmx:afterSettle", drawAll);
addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
