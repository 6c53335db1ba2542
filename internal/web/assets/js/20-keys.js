// Single keys. They can be switched off in the help (WCAG 2.2, 2.1.4), never act
// inside a field, and only press what the page already shows.
{
  const shown = el => el.checkVisibility?.() ?? true;
  const row = "tr, [data-rows] > li";
  const rows = () => [...document.querySelectorAll("table[data-rows] tbody tr, [data-rows] > li")].map(r => r.querySelector(".lead a, a")).filter(a => a && shown(a));

  const step = by => {
    const all = rows(), at = all.findIndex(a => a.closest(row).contains(document.activeElement));
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    next?.focus();
    next?.closest(row).scrollIntoView({ block: "nearest" });
  };
  const press = el => {
    if (el.localName === "details") {
      el.open = true;
      el.querySelector("textarea, input, button")?.focus();
    } else if (typing(el)) {
      el.focus();
    } else {
      el.click();
    }
  };
  const acts = {
    j: () => step(1),
    k: () => step(-1),
    o: () => document.activeElement.closest?.(row)?.querySelector(".lead a, a")?.click(),
    "/": () => { const f = [...document.querySelectorAll("[data-find]")].filter(shown); (f.at(-1))?.select() },
    "?": () => document.getElementById("keys")?.showModal(),
  };

  const unheard = () => say("There is no answer from the server. Try again.", 9000);

  // The palette opens at once; what fills it is fetched when it is first wanted.
  const palette = document.getElementById("palette");
  const ask = () => {
    if (document.querySelector("dialog:modal")) return;
    palette.querySelector("input").value = "";
    palette.showModal();
    import("asset:palette.js").then(m => m.fill(), unheard);
  };
  document.addEventListener("click", e => e.target.closest?.("[data-palette]") && ask());

  // A row shows its record beside the list, by what is fetched when it is first wanted.
  const look = (button, e) => button && (e.preventDefault(), import("asset:peek.js").then(m => m.peek(button), unheard));
  document.addEventListener("click", e => look(e.target.closest?.("[data-peek]"), e));

  // What an input method composes is its own: its Enter, arrows and Escape are no keys here.
  addEventListener("keydown", e => { if (e.isComposing || e.keyCode === 229) e.stopImmediatePropagation() }, true);

  // On a projector the keys of a presenter's remote turn the leaves, at the end of each.
  const leaves = { PageDown: "n", ArrowRight: "n", PageUp: "p", ArrowLeft: "p" };
  const turns = (key, el) => {
    const rest = key === "PageDown" ? document.documentElement.scrollHeight - innerHeight - scrollY : key === "PageUp" ? scrollY : 0;
    return rest < 2 && el.localName !== "input" && document.querySelector(".runbar") ? leaves[key] : undefined;
  };

  let went = -Infinity; // when g was pressed
  document.addEventListener("keydown", e => {
    if (palette && (e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key === "k") {
      e.preventDefault();
      return palette.open ? palette.close() : ask();
    }
    const el = document.activeElement ?? document.body;
    if (e.key === "Escape") {
      const menus = document.querySelectorAll("details.menu[open]");
      menus.forEach(m => {
        if (m.contains(el)) m.querySelector("summary").focus();
        m.open = false;
      });
      if (menus.length) return;
      if (typing(el)) return el.blur();
      return document.querySelector("dialog:modal") ? undefined : document.querySelector("[data-tour-end]")?.click();
    }
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || typing(el) || document.querySelector("dialog:modal") || !wanted()) return;
    const afterG = e.timeStamp - went < 1200;
    went = e.key === "g" ? e.timeStamp : -Infinity;
    const key = CSS.escape(turns(e.key, el) ?? e.key);
    const target = afterG ? document.querySelector(`[data-key="${key}"]`)
      : el.closest?.(row)?.querySelector(`[data-act="${key}"]`) ?? [...document.querySelectorAll(`[data-hot="${key}"]`)].find(shown);
    if (target) {
      e.preventDefault();
      return press(target);
    }
    if (!afterG && (e.key === "p" || e.key === " " && el.localName === "a") && look(el.closest?.(row)?.querySelector("[data-peek]"), e)) return;
    if (!afterG && acts[e.key]) {
      e.preventDefault();
      acts[e.key]();
    }
  });

  for (const box of document.querySelectorAll("[data-keys-on]")) {
    painted(() => box.checked = wanted());
    box.addEventListener("change", () => { try { localStorage.setItem(store, box.checked ? "on" : "off") } catch { /* no storage: for this page only */ } });
  }
}
