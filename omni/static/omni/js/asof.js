// The time ruler of "why this number?": sliding chooses a day, and the form around it asks for that day.
const DAY = 24 * 60 * 60 * 1000;

document.addEventListener("input", (event) => {
  const slider = event.target.closest("[data-asof-range]");
  if (!slider) return;
  const form = slider.closest("[data-asof]");
  const day = new Date(Date.parse(form.dataset.asof) + Number(slider.value) * DAY);
  const isNow = slider.value === slider.max;
  form.elements.at.value = isNow ? "" : day.toISOString().slice(0, 10);
  form.querySelector("output").textContent = isNow ? form.dataset.now : day.toLocaleDateString(document.documentElement.lang, { timeZone: "UTC", dateStyle: "medium" });
});
