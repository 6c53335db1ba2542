// A quick look at the record of a row, beside the list: what the server says of it, in
// a panel that takes the focus, and that j and k move along the rows.
const { make, parsed, swapped, typing, wanted, wears } = tocsin;
wears("asset:peek.css");

const row = "tr, [data-rows] > li";
const link = button => button.closest(row).querySelector(".lead a, a");
const of = button => button.dataset.peek || decodeURIComponent(link(button).pathname.split("/").pop()); // its record
const button = (textContent, label, onclick) => make("button", { type: "button", className: "quiet tiny", textContent, ariaLabel: label, onclick });
const title = make("h2", { id: "peek-title", tabIndex: -1 }), body = make("div", { className: "body" }), open = make("a", { className: "button primary", textContent: "Open" });
const box = make("dialog", { className: "peek" },
  make("div", { className: "peek-head" }, title, button("↑", "Record before", () => step(-1)), button("↓", "Next record", () => step(1)), button("×", "Close", () => close())), body, make("div", { className: "peek-foot" }, open,
  make("small", { textContent: "Enter opens · j k next and before · Esc closes" })));
box.setAttribute("aria-labelledby", title.id);
document.body.append(box);

let id, asked = 0;
const all = () => [...document.querySelectorAll("[data-rows] [data-peek]")].filter(b => link(b).checkVisibility?.() ?? true);
const now = () => all().find(b => of(b) === id);
const mark = () => {
  document.querySelectorAll("[data-peeked]").forEach(r => r.removeAttribute("data-peeked"));
  if (box.open) now()?.closest(row).setAttribute("data-peeked", "");
};
const close = () => {
  const back = now();
  box.close();
  mark();
  if (back) link(back).focus();
};
const step = by => {
  const rows = all(), next = rows[rows.findIndex(b => of(b) === id) + by];
  if (next) peek(next);
};
const fill = async () => {
  const mine = ++asked, answer = await fetch(`/peek/${encodeURIComponent(id)}`).catch(() => ({}));
  const text = answer.ok && !answer.redirected ? await answer.text() : "";
  if (mine !== asked) return;
  const found = parsed(text).querySelector(".peek-of");
  body.replaceChildren(found ?? make("p", { textContent: "It cannot be shown here. Open it, and its page says why." }));
  body.scrollTop = 0;
  box.removeAttribute("aria-busy");
  if (found) title.textContent = found.dataset.title;
  swapped(); // times are told in words there
};

// peek shows the record of a row; of the row that is shown already it shows no more.
export const peek = b => {
  if (box.open && of(b) === id) return close();
  id = of(b);
  const to = link(b);
  title.textContent = to.textContent.trim();
  open.href = to.href;
  box.setAttribute("aria-busy", true);
  if (!box.open) box.show();
  title.focus();
  mark();
  b.closest(row).scrollIntoView({ block: "nearest" });
  fill();
};

document.addEventListener("keydown", e => {
  const el = document.activeElement;
  if (!box.open || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog:modal") || typing(el)) return;
  const by = wanted() && { j: 1, k: -1 }[e.key];
  if (e.key === "Escape") close();
  else if (by) step(by);
  else if (el === title && e.key === "Enter") open.click();
  else if (el === title && (e.key === " " || wanted() && e.key === "p")) close();
  else if (el === title && wanted() && e.key === "o") open.click();
  else return;
  e.preventDefault();
  e.stopPropagation();
}, true);
