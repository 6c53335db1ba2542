// What every page has: times in words, copying, dialogs, files, forms.
const make = (tag, props = {}, ...children) => {
  const el = Object.assign(document.createElement(tag), props);
  el.append(...children);
  return el;
};
// What nobody sees and what makes the browser look something up waits until the picture is
// drawn, which takes a little after it was described.
const painted = fn => requestAnimationFrame(() => setTimeout(fn, 40));
// A button beside the work, and markup from this server as nodes; for the files below.
const tiny = (textContent, onclick) => make("button", { type: "button", className: "quiet tiny", textContent, onclick });
// Forms in which somebody writes: nothing of theirs is lost.
const written = "form[method=post]:has(textarea), form[data-guard]";
const parsed = text => new DOMParser().parseFromString(text, "text/html");
// A word at the foot of the window, also spoken.
const toast = make("output", { className: "toast", hidden: true });
let fade;
const say = (words, ms = 2200) => {
  if (!toast.isConnected) document.body.append(toast);
  toast.textContent = words;
  toast.hidden = false;
  clearTimeout(fade);
  fade = setTimeout(() => { toast.hidden = true }, ms);
};
// What to say where a request brought no answer at all.
const mute = err => {
  if (err instanceof TypeError) return say("There is no answer from the server, so this page stays. Try again.", 9000), true;
};
// Texts that leaving the page would lose: those that this browser could not keep.
const changed = new Set();
const unsaved = () => [...changed].some(form => form.isConnected && (!form.dataset.kept || form.dataset.lost) && [...form.querySelectorAll("textarea")].some(t => t.value !== t.defaultValue));
// Whether single keys act, and whether what has the focus takes what is typed.
const store = "tocsin:keys";
const wanted = () => { try { return localStorage.getItem(store) !== "off" } catch { return true } };
const typing = el => el.isContentEditable || /^(textarea|select)$/.test(el.localName) || el.localName === "input" && !/^(checkbox|radio|button|submit)$/.test(el.type);
// Who sees this page.
const whose = () => document.querySelector("main")?.dataset.me;
// Something in the page changed: times are told in words there, and drafts put back.
const swapped = () => document.dispatchEvent(new Event("tocsin:swap"));
const wears = href => document.head.append(make("link", { rel: "stylesheet", href }));
// What the modules have that are fetched when they are first wanted.
globalThis.tocsin = { make, parsed, say, swapped, typing, wanted, wears, tiny };
// arrives does something now, and on each page that a link brings.
const arrives = fn => {
  fn();
  document.addEventListener("tocsin:page", fn);
};
{
  const on = (type, selector, fn) => document.addEventListener(type, e => {
    const el = e.target.closest?.(selector);
    if (el) fn(el, e);
  });

  // Times. The server wrote the exact instant; say how long ago it is.
  const steps = [[60, "s", 1], [3600, "min", 60], [86400, "h", 3600], [86400 * 60, "d", 86400], [86400 * 730, "months", 86400 * 30.44], [Infinity, "years", 86400 * 365.25]];
  const ago = then => {
    const s = (Date.now() - then) / 1000, abs = Math.abs(s);
    if (abs < 45) return "just now";
    const [, unit, per] = steps.find(([below]) => abs < below);
    const n = Math.max(1, Math.round(abs / per)), words = `${n} ${n === 1 ? unit.replace(/s$/, "") : unit}`;
    return s < 0 ? `in ${words}` : `${words} ago`;
  };
  const tell = () => document.querySelectorAll("time[data-ago]").forEach(t => {
    const then = Date.parse(t.dateTime);
    if (!Number.isNaN(then)) t.textContent = ago(then);
  });
  tell();
  setInterval(tell, 60000);
  document.addEventListener("tocsin:swap", tell);

  // The next page says times in this zone, where the account does not name another.
  painted(() => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone && !document.cookie.includes(`tocsin_zone=${zone}`)) document.cookie = `tocsin_zone=${zone};path=/;max-age=31536000;samesite=lax`;
  });

  on("click", "[data-copy]", async el => {
    try {
      await navigator.clipboard.writeText(el.dataset.copy);
      say("Copied");
    } catch {
      say("The browser does not allow copying here");
    }
  });

  on("click", "[data-open]", (el, e) => {
    e.preventDefault();
    document.getElementById(el.dataset.open)?.showModal();
  });
  document.addEventListener("click", e => {
    if (e.target.localName === "dialog") e.target.close();
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(e.target)) menu.open = false;
  });

  // A button with data-confirm asks first; the answer presses it again.
  const confirm = (sentence, verb) => new Promise(answer => {
    const yes = make("button", { value: "yes", className: "primary", textContent: verb });
    const no = make("button", { value: "", textContent: "Cancel" });
    const box = make("dialog", {},
      make("form", { method: "dialog" }, make("div", { className: "body" }, make("p", { textContent: sentence })), make("div", { className: "actions" }, no, yes)));
    box.addEventListener("close", () => { answer(box.returnValue === "yes"); box.remove() });
    document.body.append(box);
    box.showModal();
    yes.focus();
  });
  const agreed = new WeakSet();
  document.addEventListener("submit", async e => {
    const by = e.submitter, form = e.target;
    if (!by?.dataset.confirm || agreed.delete(by)) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    if (!await confirm(by.dataset.confirm, by.textContent.trim())) return;
    agreed.add(by);
    form.requestSubmit(by);
  }, true);

  // A form that is longer than the server takes stays here, with a sentence.
  const most = 2 << 20;
  const large = form => {
    form.querySelector(".large")?.remove();
    const long = form.enctype === "multipart/form-data" ? 0 : new Blob([new URLSearchParams(new FormData(form))]).size;
    if (long < most) return false;
    const p = make("p", { className: "error large", role: "alert", textContent: `This is ${(long / most * 2).toFixed(1)} MiB, and 2 MiB can be sent at once. Nothing is sent and nothing is lost: shorten the text, or add it as a file.` });
    (form.querySelector(".submit, .actions") ?? form.lastElementChild).before(p);
    p.scrollIntoView({ block: "nearest" });
    return true;
  };

  // One press, one request; and no text is left behind without a word.
  document.addEventListener("submit", e => {
    const form = e.target;
    if (e.defaultPrevented || form.method === "dialog") return;
    if (form.getAttribute("aria-busy") === "true" || large(form)) return e.preventDefault();
    changed.delete(form);
    if (form.method === "post") form.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(f => f.removeAttribute("aria-busy")));
  on("input", written, form => changed.add(form));
  addEventListener("beforeunload", e => { if (unsaved()) e.preventDefault() });

  // Lists apply a filter at once. By the keyboard a choice is made with Enter, or by
  // going on, since each arrow on the way to it is a change, too; until then what
  // follows from the choice cannot be sent.
  // A list that is asked leaves the page when the answer comes, and is not asked again
  // as it goes.
  const live = "form[data-live] select";
  const asked = el => {
    el.waits = false;
    el.form.requestSubmit();
  };
  on("pointerdown", live, el => { el.keyed = false });
  on("keydown", live, (el, e) => {
    if (e.key === "Enter" && el.waits) {
      e.preventDefault();
      asked(el);
    } else el.keyed = true;
  });
  on("change", live, el => {
    if (!el.keyed) return asked(el);
    el.waits = true;
    for (const f of el.closest("section")?.querySelectorAll(written) ?? []) f.setAttribute("aria-busy", true);
  });
  on("focusout", live, el => { if (el.waits) asked(el) });

  // Files: what was chosen, and what is too large, before it travels in vain.
  const size = n => n < 1e6 ? `${Math.ceil(n / 1e3)} kB` : `${(n / 1e6).toFixed(1)} MB`;
  on("change", "input[type=file]", el => {
    const max = Number(el.dataset.max) || Infinity, list = el.parentElement.querySelector(".files-chosen");
    const over = [...el.files].some(f => f.size > max);
    list?.replaceChildren(...[...el.files].map(f => make("li", { className: f.size > max ? "over" : "", textContent: `${f.name} · ${size(f.size)}${f.size > max ? ` · larger than ${size(max)}` : ""}` })));
    if (list) list.hidden = !el.files.length;
    el.setCustomValidity(over ? `A file is larger than ${size(max)}.` : "");
  });

  document.querySelector("[data-focus]:not(.gallery *)")?.focus();
  arrives(() => {
    const now = document.querySelector(".rail [aria-current]"), rail = now?.parentElement;
    if (rail) requestAnimationFrame(() => rail.scrollLeft = now.offsetLeft - rail.offsetLeft - (rail.clientWidth - now.offsetWidth) / 2);
  });
}
