// The box above a list: what could be typed next, from the server.
arrives(() => document.querySelectorAll("[data-ask]").forEach(box => {
  if (box.asks) return;
  box.asks = true;
  const list = document.getElementById(box.getAttribute("aria-controls"));
  let wait, asked = 0, now = -1;
  const close = () => {
    asked++;
    list.hidden = true;
    box.setAttribute("aria-expanded", false);
    box.removeAttribute("aria-activedescendant");
    now = -1;
  };
  const mark = to => {
    list.children[now]?.setAttribute("aria-selected", false);
    now = (to + list.children.length) % list.children.length;
    const li = list.children[now];
    li.setAttribute("aria-selected", true);
    li.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", li.id);
  };
  const ask = async () => {
    const mine = ++asked;
    const answer = await fetch(`${box.dataset.ask}?${new URLSearchParams({ q: box.value, at: box.selectionStart })}`).catch(() => ({}));
    const text = answer.ok ? await answer.text() : "";
    if (mine !== asked || document.activeElement !== box) return;
    close();
    list.replaceChildren(...parsed(text).body.childNodes);
    [...list.children].forEach((li, i) => { li.id = `ask-${i}` });
    list.hidden = !list.children.length;
    box.setAttribute("aria-expanded", !list.hidden);
  };
  const take = li => {
    box.value = li.dataset.text;
    box.setSelectionRange(li.dataset.at, li.dataset.at);
    close();
    ask();
  };
  const soon = () => {
    clearTimeout(wait);
    wait = setTimeout(ask, 120);
  };
  box.addEventListener("input", soon);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", e => {
    const li = list.children[now];
    if (list.hidden) return e.key === "ArrowDown" && ask();
    if (e.key === "ArrowDown") mark(now + 1);
    else if (e.key === "ArrowUp") mark(now < 0 ? -1 : now - 1);
    else if ((e.key === "Enter" || e.key === "Tab") && li) take(li);
    else if (e.key === "Escape") close();
    else return;
    e.preventDefault();
    e.stopPropagation();
  });
  list.addEventListener("mousedown", e => {
    e.preventDefault();
    const li = e.target.closest("li");
    if (li) take(li);
  });
}));
