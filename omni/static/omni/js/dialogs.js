// Palette and key sheet: links marked data-open="id" open the dialog of that id instead of their page.
import { offerRecent } from "./recent.js";

const palette = document.getElementById("palette");

export function show(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  if (dialog === palette) {
    const field = palette.querySelector("input");
    field.value = "";
    field.focus();
    htmx.trigger(palette.querySelector("form"), "palette-open");
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener && !event.ctrlKey && !event.metaKey && document.getElementById(opener.dataset.open)) {
    event.preventDefault();
    show(opener.dataset.open);
  }
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

palette?.addEventListener("htmx:afterSettle", () => {
  if (!palette.querySelector("input").value) offerRecent();
});

// In the palette the arrows walk through what was found, and Enter opens it.
palette?.addEventListener("keydown", (event) => {
  const found = [...palette.querySelectorAll("#found a")];
  const at = found.findIndex((link) => link.classList.contains("is-on"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = found[(at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length];
    found[at]?.classList.remove("is-on");
    next?.classList.add("is-on");
    next?.scrollIntoView({ block: "nearest" });
    palette.querySelector("input").setAttribute("aria-activedescendant", next?.id || "");
  } else if (event.key === "Enter" && event.target.matches("input")) {
    event.preventDefault();
    (found[at] || found[0])?.click();
  }
});
