// Keys. Off inside fields; single letters are off when the person switched them off.
import { closeDrawer } from "./drawer.js";
import { show } from "./dialogs.js";
import { openRow, step, tickRow } from "./lists.js";

const letters = () => document.documentElement.dataset.keys !== "off";
const inField = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

function search() {
  const field = document.querySelector("[data-search]");
  if (field) field.focus();
  else show("palette");
}
function pressInDrawer(key) {
  const keyed = [...document.querySelectorAll("#drawer kbd")].find((kbd) => kbd.textContent.trim() === key);
  const button = keyed?.closest("button, a");
  if (button) button.click();
  return Boolean(button);
}
const singles = { j: () => step(1), k: () => step(-1), x: tickRow, "?": () => show("keys"), "/": search };

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    show("palette");
  } else if (event.key === "F2") {
    const box = document.querySelector("[data-scan]");
    if (box) event.preventDefault();
    box?.focus();
    box?.select();
  } else if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    closeDrawer();
  } else if (letters() && !event.ctrlKey && !event.metaKey && !event.altKey && !inField(event.target) && !document.querySelector("dialog[open]")) {
    if (singles[event.key]) {
      event.preventDefault();
      singles[event.key]();
    } else if (event.key === "Enter" && event.target === document.body) openRow();
    else if (/^[1-9]$/.test(event.key) && pressInDrawer(event.key)) event.preventDefault();
  }
});
