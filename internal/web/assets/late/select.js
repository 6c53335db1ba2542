// Rows of a list that are chosen together: x, Shift and j or k, Shift and a click, one
// box for all of the page; and what is done with them, asked for without leaving.
const bar = document.getElementById("bulk");
const all = bar.elements.namedItem("all"), told = bar.querySelector(".n");
const boxes = () => [...document.querySelectorAll(".tick input[name=id]")];
const rowOf = el => el.closest("tr");
const chosen = new Set();
let last;

const head = document.querySelector("table[data-rows] thead th");
const whole = Object.assign(document.createElement("input"), { type: "checkbox", autocomplete: "off" });
whole.setAttribute("aria-label", "Choose all rows of this page");
const label = document.createElement("label");
label.append(whole);
head.classList.add("tick");
head.replaceChildren(label);

const tell = () => {
  const list = boxes(), n = list.filter(b => b.checked).length;
  chosen.clear();
  for (const b of list) if (b.checked) chosen.add(b.value);
  whole.checked = n > 0 && n === list.length;
  whole.indeterminate = n > 0 && n < list.length;
  told.textContent = all.checked ? "Chosen by the query" : `${n} chosen`;
};
const set = (list, on) => {
  for (const b of list) b.checked = on;
  tell();
};
const clear = () => {
  all.checked = false;
  set(boxes(), false);
};
const between = (a, b) => {
  const list = boxes(), i = list.indexOf(a), j = list.indexOf(b);
  return i < 0 || j < 0 ? [b] : list.slice(Math.min(i, j), Math.max(i, j) + 1);
};

document.addEventListener("click", e => {
  if (!e.target.matches?.(".tick input[name=id]")) return;
  if (e.shiftKey && last) set(between(last, e.target), e.target.checked);
  last = e.target;
  tell();
});
whole.addEventListener("change", () => set(boxes(), whole.checked));
all.addEventListener("change", tell);
bar.addEventListener("reset", e => {
  e.preventDefault();
  clear();
});

const keys = () => { try { return localStorage.getItem("tocsin:keys") !== "off" } catch { return true } };
const typing = el => /^(textarea|select)$/.test(el.localName) || el.localName === "input" && !/^(checkbox|radio)$/.test(el.type);
document.addEventListener("keydown", e => {
  const el = document.activeElement ?? document.body;
  if (e.ctrlKey || e.metaKey || e.altKey || typing(el) || !keys() || document.querySelector("dialog:modal, details.menu[open]")) return;
  const list = boxes(), at = list.findIndex(b => rowOf(b).contains(el));
  if (e.key === "Escape" && (all.checked || list.some(b => b.checked))) {
    e.preventDefault();
    return clear();
  }
  if (e.key === "x" && at < 0 && list.length) {
    e.preventDefault();
    rowOf(list[0]).querySelector(".lead a").focus();
    return list[0].click();
  }
  if (e.key !== "J" && e.key !== "K" || !list.length) return;
  e.preventDefault();
  const to = at < 0 ? 0 : Math.min(Math.max(at + (e.key === "J" ? 1 : -1), 0), list.length - 1);
  set([list[Math.max(at, 0)], list[to]], true);
  last = list[to];
  rowOf(last).querySelector(".lead a").focus();
  rowOf(last).scrollIntoView({ block: "nearest" });
}, true);

// With what: the form of the page that asks, in a window over the list.
const box = Object.assign(document.createElement("dialog"), { className: "asking" });
document.body.append(box);
bar.addEventListener("submit", async e => {
  e.preventDefault();
  e.stopPropagation();
  const sent = new URLSearchParams(new FormData(bar, e.submitter));
  const answer = await fetch(bar.action, { method: "POST", body: sent }).catch(() => null);
  const form = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form.bulk-ask");
  if (!form) return bar.removeAttribute("aria-busy"), HTMLFormElement.prototype.submit.call(asForm(sent));
  bar.removeAttribute("aria-busy");
  box.setAttribute("aria-label", form.querySelector("h2").textContent);
  box.replaceChildren(document.importNode(form, true));
  box.querySelector("a.button").addEventListener("click", e => {
    e.preventDefault();
    box.close();
  });
  box.showModal();
  box.querySelector("[data-focus], select, textarea, input:not([type=hidden])")?.focus();
});
// asForm is the same request as a page, where there is no answer to show in a window.
const asForm = sent => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: bar.action, hidden: true });
  for (const [name, value] of sent) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  document.body.append(form);
  return form;
};

// A list that reads itself again keeps what is chosen in it.
document.addEventListener("htmx:after:swap", () => {
  const keep = [...chosen];
  for (const b of boxes()) b.checked = keep.includes(b.value);
  tell();
});
addEventListener("pageshow", tell);
tell();
