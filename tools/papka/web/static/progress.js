// Keeps the part of the page about work that goes on up to date; without it the page reloads.

const part = document.getElementById("progress");

async function look() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("progress");
  if (now.querySelector("progress") === null) {
    location.reload();
    return;
  }
  part.replaceChildren(...now.childNodes);
  setTimeout(look, 1000);
}

setTimeout(look, 1000);
