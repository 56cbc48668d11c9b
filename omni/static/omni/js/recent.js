// The pages somebody came from, kept in this tab and for this person only, offered by the palette before a word is typed.
const root = document.documentElement;
const key = `recent-${root.dataset.user}`;
const title = document.title;
const kept = () => JSON.parse(sessionStorage.getItem(key) || "[]");

if (root.dataset.user && document.getElementById("main")) {
  const here = { title: title.replace(/ · Omni$/, ""), url: location.pathname };
  sessionStorage.setItem(key, JSON.stringify([here, ...kept().filter((page) => page.url !== here.url)].slice(0, 7)));
}

export function offerRecent() {
  const found = document.getElementById("found");
  const pages = kept().slice(1);
  if (!found || !pages.length) return;
  const heading = document.createElement("div");
  heading.className = "o-found-group";
  heading.textContent = document.getElementById("palette").dataset.recent;
  const list = document.createElement("ul");
  list.className = "o-found";
  for (const [n, page] of pages.entries()) {
    const row = document.createElement("li");
    const link = document.createElement("a");
    link.id = `recent-${n}`;
    link.href = page.url;
    link.textContent = page.title;
    row.append(link);
    list.append(row);
  }
  found.prepend(heading, list);
}
