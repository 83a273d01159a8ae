// Keeps the part of a page about work that goes on up to date, and shows the page when it is over;
// without this the page reloads.

async function read() {
  try {
    const answer = await fetch(location.href);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null; // this page is being left, or the program has ended
  }
}

async function look() {
  const page = await read();
  if (page === null) return;
  const part = page.getElementById("progress");
  if (part !== null && part.querySelector("progress") !== null) {
    document.getElementById("progress").replaceChildren(...part.childNodes);
    setTimeout(look, 1000);
    return;
  }
  const main = document.querySelector("main");
  main.replaceChildren(...page.querySelector("main").childNodes);
  document.title = page.title;
  if (document.activeElement === document.body) main.focus({ preventScroll: true });
}

setTimeout(look, 100);
