// The scan box (an input marked data-scan): a scanner types fast and ends with Enter, which submits its form.
// The answer's HX-Trigger {"scanned": {ok}} plays a tone; the box is emptied and ready for the next code.
import { play } from "./sounds.js";

document.addEventListener("scanned", (event) => {
  play(event.detail.ok ? "ok" : "bad");
  const box = document.querySelector("[data-scan]");
  if (box) {
    box.value = "";
    box.focus();
  }
});
