// The drawer: a link with hx-target="#drawer" fills it; Esc or its cross empties it and gives the focus back.
let opener = null;

const drawer = () => document.getElementById("drawer");
const mark = (row) => {
  for (const other of document.querySelectorAll("tr.is-open")) other.classList.remove("is-open");
  row?.classList.add("is-open");
};

export function closeDrawer() {
  const box = drawer();
  if (!box || box.hidden) return false;
  box.hidden = true;
  box.replaceChildren();
  mark(null);
  (opener?.isConnected ? opener : document.getElementById("main"))?.focus({ preventScroll: true });
  opener = null;
  return true;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const source = event.detail.elt;
  if (event.detail.target?.id === "drawer" && !source.closest("#drawer")) opener = source;
});
document.addEventListener("htmx:afterSwap", (event) => {
  const box = event.detail.target?.id === "drawer" ? drawer() : null;
  if (!box || box.hidden) return;
  mark(opener?.closest("tr"));
  const head = box.querySelector("h2, h3, [data-focus]");
  if (head && !box.contains(document.activeElement)) {
    head.tabIndex = -1;
    head.focus({ preventScroll: true });
  }
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-drawer]")) {
    event.preventDefault();
    closeDrawer();
  }
});
