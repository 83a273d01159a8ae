// The grid of marks as a spreadsheet: keys, blocks in and out, and the judge's word beside the cell.
const form = document.getElementById("marks");
const table = form.querySelector("table");
const status = document.getElementById("status");
const rows = [...table.tBodies[0].rows].map((row) =>
  [...row.cells].slice(1).map((cell) => cell.querySelector("input[type=text]")));
const places = new Map();
rows.forEach((cells, row) => cells.forEach((input, column) => {
  if (input) places.set(input, { row, column });
}));
document.getElementById("keys").hidden = false;
let corner = null; // where a selection began
let picked = [];
const undone = []; // steps that Ctrl-Z takes back: pairs of a field and what it held

const say = (text) => { status.textContent = text; };
const box = (input) => input.closest("td");

function mark(input, wrong) {
  const note = document.getElementById(`say:${input.id}`);
  const changed = input.value.trim() !== input.dataset.was;
  box(input).classList.toggle("bad", Boolean(wrong));
  box(input).classList.toggle("changed", changed && !wrong);
  if (wrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  note.textContent = wrong || (changed && input.dataset.was ? `было ${input.dataset.was}` : "");
}

let asked = 0;
let notice = ""; // what was just done, told before what is wrong
async function judge() {
  const number = ++asked;
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "judge");
  let said;
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    if (!answer.ok) throw new Error(answer.status);
    said = await answer.json();
  } catch {
    say("Отметки сейчас не проверить: программа не отвечает. Набранное на странице цело");
    return;
  }
  if (number !== asked) return; // something was typed meanwhile
  const wrong = [];
  for (const input of places.keys()) {
    const [what, hint] = said.wrong[input.name] || [];
    mark(input, what);
    if (what) wrong.push(`${input.getAttribute("aria-label")}: ${[what, hint].filter(Boolean).join(". ")}`);
  }
  const count = [...places.keys()].filter((input) => input.value.trim() !== input.dataset.was).length;
  const told = [...wrong, ...said.troubles];
  say(notice + (told.length ? `${told[0]}${told.length > 1 ? ` И ещё: ${told.length - 1}` : ""}`
    : `Изменено отметок: ${count}`));
  notice = "";
}

function write(changes) {
  const step = changes.filter(([input, text]) => input.value !== text)
    .map(([input, text]) => {
      const before = input.value;
      input.value = text;
      mark(input, "");
      return [input, before];
    });
  if (step.length) {
    undone.push(step);
    judge();
  }
  return step.length;
}

function pick(input) {
  for (const each of picked) box(each).classList.remove("picked");
  picked = [];
  if (!corner || !input || corner === input) return;
  const a = places.get(corner), b = places.get(input);
  for (let row = Math.min(a.row, b.row); row <= Math.max(a.row, b.row); row++) {
    for (let column = Math.min(a.column, b.column); column <= Math.max(a.column, b.column); column++) {
      if (rows[row][column]) picked.push(rows[row][column]);
    }
  }
  for (const each of picked) box(each).classList.add("picked");
}

function step(from, down, right) {
  let { row, column } = places.get(from);
  do {
    row += down;
    column += right;
  } while (rows[row] && column in rows[row] && !rows[row][column]); // past locked cells
  return (rows[row] && rows[row][column]) || null;
}

const isWhole = (input) =>
  input.selectionStart === 0 && input.selectionEnd === input.value.length;
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

table.addEventListener("focusin", (event) => {
  const input = event.target;
  if (!places.has(input)) return;
  input.dataset.before = input.value;
  input.select();
  if (!event.relatedTarget || !input.dataset.extending) {
    corner = input;
    pick(null);
  }
  delete input.dataset.extending;
});

table.addEventListener("focusout", (event) => {
  const input = event.target;
  if (!places.has(input) || input.value === input.dataset.before) return;
  const after = input.value;
  input.value = input.dataset.before;
  write([[input, after]]);
});

table.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!places.has(input) || event.isComposing || event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.code === "KeyZ" && undone.length && input.value === input.dataset.before) {
      event.preventDefault();
      for (const [each, before] of undone.pop()) {
        each.value = before;
        mark(each, "");
        if (each === input) input.dataset.before = before;
      }
      judge();
    }
    return;
  }
  const arrow = ARROWS[event.key];
  let to = null;
  if (event.key === "Enter") to = step(input, event.shiftKey ? -1 : 1, 0) || input;
  else if (arrow && (arrow[0] || isWhole(input) || event.shiftKey)) to = step(input, ...arrow);
  else if (event.key === "Escape") {
    input.value = input.dataset.before;
    input.select();
    event.preventDefault();
    return;
  } else if (event.key === "F2") {
    input.setSelectionRange(input.value.length, input.value.length);
    event.preventDefault();
    return;
  } else if (event.key === "Delete" && picked.length) {
    event.preventDefault();
    write(picked.map((each) => [each, ""]));
    return;
  }
  if (!to) return;
  event.preventDefault();
  if (to === input) {
    input.blur();
    input.focus();
    return;
  }
  const from = corner || input;
  if (arrow && event.shiftKey) to.dataset.extending = "yes";
  to.focus();
  if (arrow && event.shiftKey) {
    corner = from;
    pick(to);
  }
});

table.addEventListener("copy", (event) => {
  if (!picked.length) return;
  const lines = new Map();
  for (const each of picked) {
    const { row } = places.get(each);
    lines.set(row, [...(lines.get(row) || []), each.value]);
  }
  event.clipboardData.setData("text/plain", [...lines.values()].map((line) => line.join("\t")).join("\n"));
  event.preventDefault();
});

table.addEventListener("paste", (event) => {
  const input = event.target;
  if (!places.has(input)) return;
  const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (!/[\t\n]/.test(text)) return; // one cell is pasted as text is
  event.preventDefault();
  const { row, column } = places.get(input);
  const changes = [];
  let lost = 0;
  text.split("\n").forEach((line, down) => line.split("\t").forEach((value, right) => {
    const cell = rows[row + down]?.[column + right];
    if (cell) changes.push([cell, value.trim()]);
    else if (value.trim()) lost++;
  }));
  input.value = input.dataset.before;
  notice = `Вставлено клеток: ${changes.length}. ` + (lost ? `Не вставлено: ${lost}, там не меняют или таблица кончилась. ` : "");
  if (!write(changes)) {
    say(notice);
    notice = "";
  }
  input.dataset.before = input.value;
  input.select();
});

addEventListener("beforeunload", (event) => {
  if (!form.dataset.sent && [...places.keys()].some((input) => input.value.trim() !== input.dataset.was)) {
    event.preventDefault();
  }
});
form.addEventListener("submit", () => { form.dataset.sent = "yes"; });
addEventListener("pageshow", () => { delete form.dataset.sent; });

document.getElementById("troubles")?.focus();
if ([...places.keys()].some((input) => input.value.trim() !== input.dataset.was)) judge();
