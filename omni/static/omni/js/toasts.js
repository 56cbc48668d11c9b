// Short sentences over the page: an answer's HX-Trigger {"toast": {text, tone}}, or a request that failed.
export function toast(text, tone = "ok") {
  const region = document.getElementById("toasts");
  if (!region || !text) return;
  const box = document.createElement("div");
  box.className = `o-toast o-${tone}`;
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-bare";
  close.textContent = "×";
  close.ariaLabel = region.dataset.close;
  close.addEventListener("click", () => box.remove());
  box.append(words, close);
  region.append(box);
  if (tone === "ok") setTimeout(() => box.remove(), 6000);
}

document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));
const region = document.getElementById("toasts");
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.elt?.id !== "bell") toast(event.detail.xhr.status === 403 ? region?.dataset.forbidden : region?.dataset.failed, "bad");
});
document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.elt?.id !== "bell") toast(region?.dataset.offline, "bad");
});
// A signed-out person who presses something is sent to the sign-in, not shown it inside a table.
document.addEventListener("htmx:beforeSwap", (event) => {
  const landed = event.detail.xhr.responseURL || "";
  if (landed.includes("/account/login/")) {
    event.detail.shouldSwap = false;
    location.assign(`/account/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
});
