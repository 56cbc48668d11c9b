// Lists: j and k walk the rows, Enter opens, x ticks; the bulk bar says how many rows it means.
const rows = () => [...document.querySelectorAll("tr[data-row]")];
const at = () => rows().findIndex((row) => row.classList.contains("is-at"));

export function step(by) {
  const all = rows();
  if (!all.length) return;
  const now = at();
  const next = now < 0 ? all[0] : all[Math.min(Math.max(now + by, 0), all.length - 1)];
  all[now]?.classList.remove("is-at");
  next.classList.add("is-at");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a")?.focus({ preventScroll: true });
}
export const openRow = () => rows()[at()]?.querySelector("a")?.click();
export function tickRow() {
  rows()[at()]?.querySelector('.o-tick input')?.click();
}

const ticks = (form) => [...form.querySelectorAll('input[name="row"]')];
function tell(form) {
  const bar = form.querySelector("[data-bulk]");
  if (!bar) return;
  const words = bar.querySelector("[data-bulk-words]");
  words.dataset.none ??= words.textContent;
  const chosen = ticks(form).filter((tick) => tick.checked).length;
  words.textContent = chosen ? bar.dataset.chosen.replace("{n}", chosen) : words.dataset.none;
}
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-rows]");
  if (!form) return;
  if (event.target.matches("[data-tick-all]")) for (const tick of ticks(form)) tick.checked = event.target.checked;
  tell(form);
});
