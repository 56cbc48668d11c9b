// The bell's answer says when something new came: a soft sound, and the count in the tab's title.
import { play } from "./sounds.js";

const title = document.title;
document.addEventListener("ring", (event) => {
  document.title = event.detail.new ? `(${event.detail.new}) ${title}` : title;
  if (event.detail.ring) play("bell");
});
