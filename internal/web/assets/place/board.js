// Boards: a card goes to another column by the pointer, or by the step that is chosen
// over it. What may be done is the server's to say: each card brings the columns to
// which a step leads, and the page of its moves says the rest. Without script that page
// does all of it.
const { make, parsed, swapped } = tocsin;
const board = () => document.querySelector("main [data-board]");
const told = () => document.getElementById("moved");
const tell = words => {
  const line = told();
  line.classList.toggle("good", false);
  line.replaceChildren(make("b", { textContent: "Not moved." }), make("span", { textContent: words }));
  line.hidden = false;
};

// What opens over the board.
const body = make("div", { className: "body" });
const box = make("dialog", { className: "moving" }, make("header", {}, make("h2", { id: "moving-title", textContent: "Ways on" }),
  make("form", { method: "dialog" }, make("button", { className: "quiet tiny", textContent: "×", ariaLabel: "Close" }))), body);
box.setAttribute("aria-labelledby", "moving-title");
document.body.append(box);
let going; // the card that is on its way
const settle = () => { going?.classList.remove("going", "lifted"); going = null };
box.addEventListener("close", () => { settle(); body.replaceChildren() });

const show = (page, title) => {
  const panel = page.querySelector("[data-panel]") ?? page.querySelector("main > :not(.live)") ?? page.body;
  const head = panel.querySelector(".sheet > header h2");
  box.querySelector("h2").textContent = head?.textContent || title;
  head?.parentElement.remove();
  body.replaceChildren(panel);
  if (!box.open) box.showModal();
  swapped(); // what was typed here before is put back
  (panel.querySelector("[role=alert], textarea, .form select, .pick select, .waylist button, .waylist a.button, .needs a") ?? box.querySelector("header button")).focus();
};

// shift takes over a board that the server made after a move.
const shift = page => {
  const fresh = page.querySelector("[data-board]"), says = page.getElementById("moved"), old = board();
  const now = told(), left = old.scrollLeft, from = document.getElementById(says.dataset.card)?.closest("section")?.id;
  for (const t of body.querySelectorAll("textarea")) { // what was sent is no draft any more
    t.form.reset();
    t.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (box.open) box.close();
  old.replaceWith(fresh);
  fresh.scrollLeft = left;
  now.className = says.className;
  now.replaceChildren(...says.childNodes);
  now.hidden = says.hidden;
  swapped();
  const card = document.getElementById(says.dataset.card);
  card?.classList.add("arrived");
  card?.scrollIntoView({ block: "nearest", inline: "nearest" });
  (card ?? document.getElementById(from))?.querySelector(".ticket > a, h2 a, :scope > a")?.focus({ preventScroll: !!card });
};

// ask gets or sends, and shows what comes: the board after a move, or what is wanted first.
const ask = async (address, options = {}) => {
  let answer, text;
  try {
    answer = await fetch(address, options);
    text = await answer.text();
  } catch {
    settle();
    if (box.open) box.close();
    return tell("There is no answer from the server. Nothing was changed; try again when the network is back.");
  }
  if (answer.status === 401 || /\/sign-in/.test(answer.url)) return location.reload();
  const page = parsed(text), me = page.querySelector("main")?.dataset.me;
  if (me && me !== document.querySelector("main").dataset.me) return location.reload(); // somebody else has signed in
  return page.querySelector("[data-board]") ? shift(page) : page;
};
const send = (form, by) => {
  const data = new URLSearchParams(new FormData(form, by));
  if (form.getAttribute("method") === "post") return ask(form.getAttribute("action"), { method: "POST", body: data });
  const to = new URL(form.action);
  to.search = data;
  return ask(to);
};
const look = async (address, title = "Ways on") => {
  const page = await ask(address);
  if (page) show(page, title);
};

document.addEventListener("click", e => {
  const a = e.target.closest?.("a[data-move]");
  if (a && !e.ctrlKey && !e.metaKey && !e.shiftKey) {
    e.preventDefault();
    const to = new URL(a.href).searchParams.get("to");
    return to && !a.closest("dialog") ? go(a.href) : look(a.href);
  }
  const back = e.target.closest?.("dialog.moving .submit a");
  if (back) {
    e.preventDefault();
    box.close();
  }
});
body.addEventListener("submit", async e => {
  e.preventDefault();
  e.stopPropagation();
  const form = e.target;
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  const page = await send(form, e.submitter);
  form.removeAttribute("aria-busy");
  if (page) show(page, "Ways on");
});
// go takes the one step that leads to a column; where it wants something first, that opens.
const go = async address => {
  const page = await ask(address);
  const panel = page?.querySelector("[data-go]");
  if (!panel) return page && show(page, "Ways on");
  const after = await send(panel.querySelector("form"), panel.querySelector("form button"));
  if (after) show(after, "Not moved");
};

// Arrows walk between cards; j and k do as in every list.
document.addEventListener("keydown", e => {
  const card = document.activeElement?.closest?.(".ticket");
  if (drag?.ghost && e.key === "Escape") {
    e.preventDefault();
    return drop();
  }
  if (!card || !/^Arrow/.test(e.key) || e.altKey || e.ctrlKey || e.metaKey || e.shiftKey) return;
  const columns = [...board()?.querySelectorAll("section") ?? []].map(s => [...s.querySelectorAll(".ticket")]).filter(c => c.length);
  const at = columns.findIndex(c => c.includes(card)), row = columns[at]?.indexOf(card);
  if (at < 0) return;
  const step = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] }[e.key];
  const column = columns[at + step[0]];
  const next = column?.[step[0] ? Math.min(row, column.length - 1) : row + step[1]];
  if (!next) return;
  e.preventDefault();
  next.querySelector(":scope > a").focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
});

// The pointer. Fingers scroll the board, and choose the step instead.
let drag, dropped = false;
const columnAt = (x, y) => document.elementFromPoint(x, y)?.closest(".board > section");
const mark = section => {
  const ways = drag.ways, own = section.contains(drag.card), title = ways[section.dataset.stage];
  section.classList.add(title ? "may" : own ? "own" : "may-not");
  if (!own) section.querySelector("header").after(make("p", { className: "drop", textContent: title ? `→ ${title}` : "No step leads here" }));
};
const lift = () => {
  const at = drag.card.getBoundingClientRect();
  drag.dx = drag.x - at.left;
  drag.dy = drag.y - at.top;
  drag.ghost = drag.card.cloneNode(true);
  drag.ghost.removeAttribute("id");
  drag.ghost.classList.add("in-hand");
  drag.ghost.inert = true;
  drag.wide = `${at.width}px`;
  document.body.append(drag.ghost);
  drag.flight = drag.ghost.animate({ width: drag.wide }, { fill: "forwards" }).effect;
  drag.card.classList.add("lifted");
  document.documentElement.classList.add("dragging");
  board().querySelectorAll(":scope > section").forEach(mark);
  getSelection()?.empty();
  requestAnimationFrame(slide);
};
const place = (x, y) => {
  drag.at = [x, y];
  drag.flight.setKeyframes({ width: drag.wide, translate: `${x - drag.dx}px ${y - drag.dy}px` });
  const under = columnAt(x, y);
  if (under === drag.under) return;
  drag.under?.classList.remove("aimed");
  under?.classList.add("aimed");
  drag.under = under;
};
// slide moves the board under a card that is held at its edge.
const slide = () => {
  if (!drag?.ghost) return;
  const el = board(), at = el.getBoundingClientRect(), [x] = drag.at;
  if (x > at.right - 48) el.scrollLeft += 9;
  else if (x < at.left + 48) el.scrollLeft -= 9;
  requestAnimationFrame(slide);
};
const drop = () => {
  drag.ghost?.remove();
  drag.card.classList.remove("lifted");
  document.documentElement.classList.remove("dragging");
  board().querySelectorAll(".drop").forEach(p => p.remove());
  board().querySelectorAll(":scope > section").forEach(s => s.classList.remove("may", "may-not", "own", "aimed"));
  drag = null;
};
document.addEventListener("pointerdown", e => {
  dropped = false;
  const card = e.target.closest?.("[data-board] .ticket");
  if (!card || e.button || e.pointerType === "touch" || e.target.closest("[data-move]")) return;
  drag = { card, x: e.clientX, y: e.clientY, ways: JSON.parse(card.dataset.to || "{}") };
});
document.addEventListener("dragstart", e => { if (e.target.closest?.("[data-board]")) e.preventDefault() });
document.addEventListener("pointermove", e => {
  if (!drag) return;
  if (!drag.ghost) {
    if (!e.buttons) return drag = null;
    if (Math.hypot(e.clientX - drag.x, e.clientY - drag.y) < 6) return;
    lift();
  }
  place(e.clientX, e.clientY);
});
document.addEventListener("pointerup", e => {
  if (!drag?.ghost) return drag = null;
  const { card, ways } = drag, section = columnAt(e.clientX, e.clientY);
  drop();
  dropped = true;
  if (!section || section.contains(card)) return;
  if (!ways[section.dataset.stage]) {
    const others = Object.values(ways);
    return tell(`No step that you may take leads from ${card.closest("section").dataset.title} to ${section.dataset.title}. ${others.length ? `From there: ${others.join(", ")}.` : ""}`);
  }
  going = card;
  card.classList.add("going");
  go(`${card.dataset.moves}&to=${encodeURIComponent(section.dataset.stage)}`);
});
document.addEventListener("pointercancel", () => { if (drag) drop() });
document.addEventListener("click", e => {
  if (!dropped) return;
  dropped = false;
  e.preventDefault();
  e.stopPropagation();
}, true);
