// The palette: one box that goes to places, presses what the page shows, and finds
// records. What the page has is taken from it; everything else is asked for. app.js
// opens the box, so that nothing that is typed meanwhile is lost, and fetches this.
const { follow, make, parsed, wears } = tocsin;
wears("asset:palette.css");

const box = document.getElementById("palette"), input = box.querySelector("input"), list = box.querySelector("ul");
let own = [], asked = 0, wait, at = 0;
const plain = text => text.replace(/\s+/g, " ").trim();
// bare is what stands on a thing, without the keys and numbers beside it.
const bare = (el, besides = "b") => {
  const copy = el.cloneNode(true);
  copy.querySelectorAll(`kbd, small, .sr, ${besides}`).forEach(x => x.remove());
  return plain(copy.textContent) || plain(el.textContent);
};
// say is what a thing is called: a link of a list or of a section together with that.
const say = el => {
  const item = el.closest(".turn li"), of = el.closest("header") && el.closest("section")?.querySelector("h2");
  return plain(el.getAttribute("aria-label") || el.labels?.[0]?.textContent || el.querySelector(":scope > summary")?.textContent || (item ? `${bare(el)}: ${bare(item, "a")}` : of ? `${bare(of)}: ${bare(el)}` : bare(el)));
};
const press = el => {
  if (el.localName === "details") el.open = true;
  const field = el.localName === "details" ? el.querySelector("textarea, input, button") : el;
  /^(textarea|select)$/.test(field?.localName) || field?.matches("input:not([type=checkbox], [type=radio])") || el !== field ? field?.focus() : el.click();
};
const offer = (el, kind) => {
  const name = say(el), keys = [kind, el.dataset.hot || el.dataset.key && "g " + el.dataset.key].filter(Boolean).join(" · ");
  return make("li", { go: () => press(el), to: el.href }, make("b", { textContent: name[0].toUpperCase() + name.slice(1) }), make("small", { textContent: keys }));
};
const mark = to => {
  const all = list.children;
  all[at]?.setAttribute("aria-selected", false);
  at = all.length && (to + all.length) % all.length;
  input.setAttribute("aria-activedescendant", all[at]?.id ?? "");
  all[at]?.setAttribute("aria-selected", true);
  all[at]?.scrollIntoView({ block: "nearest" });
};
// show lists what holds the words: first what begins with them, then what was asked for.
const show = more => {
  const typed = plain(input.value.toLowerCase()), all = typed.split(" ");
  const text = li => li.firstElementChild.textContent.toLowerCase();
  const mine = own.filter(li => all.every(w => li.textContent.toLowerCase().includes(w)));
  const first = mine.filter(li => text(li).startsWith(typed)), known = new Set(own.map(li => li.to));
  list.replaceChildren(...first, ...mine.filter(li => !first.includes(li)), ...more.filter(li => !known.has(new URL(li.dataset.to, location).href)));
  [...list.children].forEach((li, i) => {
    li.id = `palette-${i}`;
    li.role = "option";
    li.setAttribute("aria-selected", false);
  });
  mark(0);
};
const ask = async () => {
  const mine = ++asked, answer = await fetch(`${box.dataset.find}?${new URLSearchParams({ q: input.value })}`).catch(() => ({}));
  const text = answer.ok && !answer.redirected ? await answer.text() : "";
  if (mine === asked) show([...parsed(text).querySelectorAll("li[data-to]")]);
};
const take = li => {
  box.close();
  li.go ? li.go() : follow(li.dataset.to);
};

// fill makes the list anew, for the page as it is now.
export const fill = () => {
  const seen = el => (el.checkVisibility?.() ?? true) && !el.disabled && say(el);
  const here = [...document.querySelectorAll("main :is([data-hot], .actions > a, .actions > button, .turn a, .turn button, .tabs a:not([aria-current]), section > header a)")]
    .filter(el => seen(el) && !el.closest("dialog, .more-needs"));
  own = [...here.map(el => offer(el, "here")), ...[...document.querySelectorAll("[data-key]")].map(el => offer(el, "go to"))];
  show([]);
  ask();
};

input.addEventListener("input", () => {
  asked++;
  show([]);
  clearTimeout(wait);
  wait = setTimeout(ask, 120);
});
input.addEventListener("keydown", e => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  if (by) mark(at + by);
  else if (e.key === "Escape") box.close(); // a search field would only empty itself
  else return;
  e.preventDefault();
});
// Enter takes what is marked, and searches where nothing is there yet.
input.form.addEventListener("submit", e => {
  if (!list.children.length) return;
  e.preventDefault();
  take(list.children[at]);
});
list.addEventListener("click", e => e.target.closest("li") && take(e.target.closest("li")));
