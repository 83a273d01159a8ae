// Search as it is typed: the list alone is asked for again. Without this the form works by itself.
const form = document.querySelector("form[data-search]");
const list = document.getElementById("found");
let last = 0;
let waiting = null;

async function search() {
  const mine = ++last;
  const words = new URLSearchParams(new FormData(form));
  for (const [key, value] of [...words]) if (!value) words.delete(key, value);
  const answer = await fetch(`${form.dataset.search}?${words}`, { credentials: "omit" });
  if (!answer.ok || mine !== last) return;
  const text = await answer.text();
  if (mine !== last) return;
  list.innerHTML = text;
  history.replaceState(null, "", `?${words}`);
}

form.querySelector("input[type=search]").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 60);
});
