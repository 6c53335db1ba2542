// Rows of a list that are chosen together: x, Shift and j or k, Shift and a click, one
// box for all of the page; and what is done with them, asked for without leaving.
const { make, parsed, say, swapped, typing, wanted } = tocsin;
let bar, all, whole; // of the list that is shown
const boxes = () => [...document.querySelectorAll(".tick input[name=id]")];
const rowOf = el => el.closest("tr");
const chosen = new Set();
let last;

const tell = () => {
  const list = boxes(), n = list.filter(b => b.checked).length;
  chosen.clear();
  for (const b of list) if (b.checked) chosen.add(b.value);
  whole.checked = n > 0 && n === list.length;
  whole.indeterminate = n > 0 && n < list.length;
  bar.querySelector(".n").textContent = all.checked ? "Chosen by the query" : `${n} chosen`;
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
  if (!bar || !e.target.matches?.(".tick input[name=id]")) return;
  if (e.shiftKey && last) set(between(last, e.target), e.target.checked);
  last = e.target;
  tell();
});

document.addEventListener("keydown", e => {
  const el = document.activeElement ?? document.body;
  if (!bar || e.ctrlKey || e.metaKey || e.altKey || typing(el) || !wanted() || document.querySelector("dialog[open], details.menu[open]")) return; // a quick look closes first
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
const box = make("dialog", { className: "asking" });
document.body.append(box);
const asks = async e => {
  e.preventDefault();
  e.stopPropagation();
  const sent = new URLSearchParams(new FormData(bar, e.submitter));
  const answer = await fetch(bar.action, { method: "POST", body: sent }).catch(() => null);
  if (!answer) return bar.removeAttribute("aria-busy"), say("There is no answer from the server, so nothing was done. Try again.", 9000);
  const form = answer.ok && parsed(await answer.text()).querySelector("form.bulk-ask");
  if (!form) return bar.removeAttribute("aria-busy"), HTMLFormElement.prototype.submit.call(asForm(sent));
  bar.removeAttribute("aria-busy");
  box.setAttribute("aria-label", form.querySelector("h2").textContent);
  box.replaceChildren(document.importNode(form, true));
  box.querySelector("a.button").addEventListener("click", e => {
    e.preventDefault();
    box.close();
  });
  box.showModal();
  swapped(); // what was typed here before is put back
  box.querySelector("[data-focus], select, textarea, input:not([type=hidden])")?.focus();
};
// asForm is the same request as a page, where there is no answer to show in a window.
const asForm = sent => {
  const form = make("form", { method: "post", action: bar.action, hidden: true });
  for (const [name, value] of sent) form.append(make("input", { type: "hidden", name, value }));
  document.body.append(form);
  return form;
};

// dress finds what belongs to the list that is shown, and adds what only script has.
const dress = () => {
  bar = document.getElementById("bulk");
  if (!bar) return;
  all = bar.elements.namedItem("all");
  const head = document.querySelector("table[data-rows] thead th");
  whole = head.querySelector("input");
  if (!whole) {
    whole = make("input", { type: "checkbox", autocomplete: "off" });
    whole.setAttribute("aria-label", "Choose all rows of this page");
    const label = document.createElement("label");
    label.append(whole);
    head.classList.add("tick");
    head.replaceChildren(label);
    whole.addEventListener("change", () => set(boxes(), whole.checked));
  }
  if (!bar.asks) {
    bar.asks = true;
    all.addEventListener("change", tell);
    bar.addEventListener("submit", asks);
    bar.addEventListener("reset", e => {
      e.preventDefault();
      clear();
    });
  }
  tell();
};
dress();
document.addEventListener("tocsin:page", dress);

// A list that reads itself again keeps what is chosen in it.
document.addEventListener("tocsin:swap", () => {
  if (!bar) return;
  const keep = [...chosen];
  for (const b of boxes()) b.checked = keep.includes(b.value);
  dress();
});
addEventListener("pageshow", () => { if (bar) tell() });
