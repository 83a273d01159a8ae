// The slider of days, and what an entry rests on shown in place. Without this both are plain links.
const DAY = 86400000;
const main = document.getElementById("main");
let last = 0;
let waiting = null;

async function read(address) {
  const answer = await fetch(address, { credentials: "omit" });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function word(day) {
  return day.split("-").reverse().join(".");
}

async function showDay(form) {
  const mine = ++last;
  const words = new URLSearchParams(new FormData(form));
  const page = await read(`${form.action}?${words}`);
  if (mine !== last) return;
  const scroll = window.scrollY;
  const focused = document.activeElement?.id;
  document.getElementById("person").replaceWith(page.getElementById("person"));
  document.title = page.title;
  history.replaceState(null, "", `${form.action}?${words}`);
  arm();
  if (focused) document.getElementById(focused)?.focus();
  window.scrollTo(0, scroll);
}

function arm() {
  const form = document.querySelector("form.day-bar");
  if (!form) return;
  const slider = form.querySelector("#slider");
  const field = form.querySelector("#day");
  form.querySelector(".slide").hidden = false;
  slider.addEventListener("input", () => {
    const day = new Date(Date.parse(form.dataset.first) + slider.value * DAY);
    field.value = word(day.toISOString().slice(0, 10));
    slider.setAttribute("aria-valuetext", field.value);
    clearTimeout(waiting);
    waiting = setTimeout(showDay, 120, form);
  });
  for (const way of form.querySelectorAll("input[type=radio]")) {
    way.addEventListener("change", () => showDay(form));
  }
}

main.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-why], a[data-history]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const page = await read(link.href);
  if (link.hasAttribute("data-history")) {
    const steps = page.getElementById("steps");
    if (steps) link.parentElement.replaceWith(steps);
    else location.assign(link.href);
    return;
  }
  const found = page.getElementById("why");
  if (!found) {
    location.assign(link.href);
    return;
  }
  const dialog = document.getElementById("why-dialog");
  const close = document.createElement("button");
  close.textContent = "Закрыть";
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(close, found);
  dialog.showModal();
});

arm();
