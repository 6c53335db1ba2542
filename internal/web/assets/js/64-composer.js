// Where notes, messages and minutes are written: what Markdown becomes, pictures,
// names after an @, and Ctrl+Enter to send.
{
  const box = "form[data-compose] textarea", most = 5 << 20;
  const ours = (...a) => {
    const el = make(...a);
    el.dataset.ours = "";
    return el;
  };
  const put = (t, text, from, to) => {
    t.setRangeText(text, from, to, "end");
    t.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const dress = () => document.querySelectorAll(box).forEach(t => {
    if (t.dressed) return;
    t.dressed = true;
    const write = tiny("Write", () => show(false)), look = tiny("Preview", () => show(true)), page = ours("div", { className: "preview", hidden: true, tabIndex: 0 });
    const list = ours("ul", { id: t.id + "-names", role: "listbox", className: "names", hidden: true, ariaLabel: "People" }), said = ours("output", { className: "ink3" });
    const press = on => {
      write.ariaPressed = page.hidden = !on;
      look.ariaPressed = t.hidden = on;
    };
    const show = async on => {
      press(on);
      if (!on) return t.focus();
      const a = await fetch("/preview", { method: "POST", body: new URLSearchParams({ text: t.value }) }).catch(() => ({}));
      page.replaceChildren(...a.ok ? parsed(await a.text()).body.childNodes : ["The preview does not come now; your text is still here, under Write."]);
    };
    press(false);
    t.before(ours("div", { className: "write" }, write, look));
    t.after(list, page, said);

    // Pictures become files of the record.
    const send = async file => {
      const to = t.form.dataset.pictures, name = (file.name || "picture").replace(/[[\]()\\]/g, "");
      if (file.size > most) return said.textContent = `${name} has ${(file.size / 1048576).toFixed(1)} MiB; a picture may have 5 MiB.`;
      const hold = `![${name} is on its way]()`, body = new FormData();
      put(t, hold, t.selectionStart, t.selectionEnd);
      body.append("files", file, name);
      body.append("hand", whose() ?? "");
      const a = await fetch(to, { method: "POST", body }).catch(() => ({})), j = await a.json?.().catch(() => ({})) ?? {}, at = t.value.indexOf(hold);
      if (at >= 0) put(t, a.ok ? `![${name}](${j.href})` : "", at, at + hold.length);
      said.textContent = a.ok ? `${name} is with the record.` : j.detail || `${name} did not arrive; add it again.`;
    };
    const bring = (e, data) => {
      const files = t.form.dataset.pictures ? [...data?.files ?? []].filter(f => f.type.startsWith("image/")) : [];
      if (files.length) e.preventDefault();
      files.reduce((before, f) => before.then(() => send(f)), Promise.resolve());
    };
    t.addEventListener("paste", e => bring(e, e.clipboardData));
    t.addEventListener("drop", e => bring(e, e.dataTransfer));

    // Names.
    let turn = 0, now = 0;
    const word = () => /(?:^|[\s(])@([\w.-]{0,32})$/.exec(t.value.slice(0, t.selectionStart))?.[1];
    const close = () => { turn++; list.hidden = true; t.removeAttribute("aria-activedescendant") };
    const mark = n => {
      now = (n + list.children.length) % list.children.length;
      [...list.children].forEach((o, i) => { o.ariaSelected = i === now });
      t.setAttribute("aria-activedescendant", list.children[now].id);
    };
    const choose = o => {
      put(t, o.dataset.handle + " ", t.selectionStart - (word() ?? "").length, t.selectionEnd);
      close();
    };
    t.setAttribute("aria-autocomplete", "list");
    t.setAttribute("aria-controls", list.id);
    t.addEventListener("input", async () => {
      const q = word(), mine = ++turn;
      if (q === undefined) return close();
      const a = await fetch(`/mention?${new URLSearchParams({ on: t.form.dataset.compose, q })}`).catch(() => ({})), all = a.ok ? await a.json() : [];
      if (mine !== turn) return;
      list.replaceChildren(...all.map((p, i) => {
        const o = make("li", { id: `${list.id}-${i}`, role: "option", textContent: `@${p.handle} ${p.name}`, onmousedown: e => { e.preventDefault(); choose(o) } });
        o.dataset.handle = p.handle;
        return o;
      }));
      all.length ? (list.hidden = false, mark(0)) : close();
    });
    t.addEventListener("blur", close);
    t.addEventListener("keydown", e => {
      if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
        e.preventDefault();
        t.form.requestSubmit(t.form.querySelector(".primary"));
      } else if (!list.hidden && /^(ArrowDown|ArrowUp|Enter|Tab|Escape)$/.test(e.key)) {
        e.preventDefault();
        e.stopPropagation();
        e.key === "Escape" ? close() : e.key[0] === "A" ? mark(now + (e.key === "ArrowDown" ? 1 : -1)) : choose(list.children[now]);
      }
    });
  });
  dress();
  document.addEventListener("tocsin:swap", dress);
}
