// Sets light or dark before the first paint: the person's choice, else the device's.
const root = document.documentElement;
const device = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => {
  const wanted = root.dataset.theme || "auto";
  root.dataset.bsTheme = wanted === "auto" ? (device.matches ? "dark" : "light") : wanted;
};
applyTheme();
device.addEventListener("change", applyTheme);
