// A link of the team leads on within the document: the next page's <main> comes in the
// place of this one's, so that neither style nor script is read again. It is asked for
// when the pointer goes down or rests on a row, and shown when the link is followed.
// What is no page of the same frame (a file, the sign-in page, another release of the
// program, another person) is left to the browser, as is everything without script.
{
  const root = document.documentElement, body = document.body, main = document.querySelector("main[data-me]");
  const of = path => path.pathname + path.search;
  const frame = page => [...page.body.children].filter(c => c.matches(".onpaper, .demo, .chrome, .foot"));
  const script = page => page.querySelector("script[type=module]")?.getAttribute("src");
  const sheets = page => [...page.head.querySelectorAll("link[rel=stylesheet]")];
  const like = page => [script(page), page.documentElement.dataset.theme, "still" in page.documentElement.dataset, page.querySelector("main")?.dataset.me, frame(page).map(c => c.className.split(" ")[0])].join();

  // Style sheets of one place are worn there, and kept for the next time. Those of a part
  // stay on: to take one off has the browser forget every letter that it has measured.
  const name = l => l.getAttribute("href") + (l.dataset.media ?? l.media), worn = new Map(sheets(document).map(l => [name(l), l]));
  const fit = all => Promise.all(all.filter(l => !worn.has(name(l))).map(l => new Promise(done => {
    const link = make("link", { rel: "stylesheet", media: "not all", onload: done, onerror: done, href: l.getAttribute("href") });
    link.dataset.media = l.media;
    worn.set(name(l), link);
    document.head.append(link);
  })));
  const wear = names => worn.forEach((l, n) => {
    l.dataset.media ??= l.media;
    const media = names.includes(n) || l.media !== "not all" && /\/part-/.test(n) ? l.dataset.media : "not all";
    if (l.media !== media) l.media = media;
  });

  // What a page was when it was left, for the way back. To ask how far it is scrolled would
  // have the browser lay out what is about to go.
  let down = scrollY;
  addEventListener("scroll", () => { down = scrollY });
  const left = new Map();
  let now = history.state?.page ?? String(performance.timeOrigin), path = of(location), count = 0;
  const leave = () => {
    const box = main.cloneNode(false), focus = document.activeElement;
    focus?.blur(); // before anything goes, or all is styled once more for what is left
    document.dispatchEvent(new Event("tocsin:leave"));
    box.append(...main.childNodes);
    left.set(now, { focus, title: document.title, main: box, frame: frame(document), sheets: [...worn].filter(([, l]) => l.media !== "not all").map(([n]) => n), scroll: down, at: 0 });
    if (left.size > 6) left.delete(left.keys().next().value);
  };
  // show puts a page into the frame; what is new there is told to the other scripts.
  const told = make("output", { className: "sr" });
  const show = (p, again) => {
    wear(p.sheets);
    for (const a of [...main.attributes]) if (!p.main.hasAttribute(a.name)) main.removeAttribute(a.name);
    for (const a of p.main.attributes) if (main.getAttribute(a.name) !== a.value) main.setAttribute(a.name, a.value);
    main.replaceChildren(...p.main.childNodes);
    frame(document).forEach((c, i) => c.isEqualNode(p.frame[i]) || c.replaceWith(p.frame[i]));
    document.querySelectorAll("dialog[open]").forEach(d => d.close());
    document.title = p.title;
    toast.hidden = true; // it was about the page before
    path = of(location);
    document.dispatchEvent(new CustomEvent("tocsin:page", { detail: p }));
    swapped();
    ((main.contains(p.focus) ? p.focus : main.querySelector("[data-focus], [autofocus]")) ?? main).focus({ preventScroll: true });
    scrollTo({ top: p.scroll ?? 0, behavior: "instant" });
    if (!again) painted(() => {
      if (!told.isConnected) body.append(told);
      told.textContent = p.title;
    });
  };

  // ahead is the one page that was asked for and not shown yet, tocsin.going the one that
  // was clicked.
  let ahead, late;
  const there = () => {
    tocsin.going = null;
    clearTimeout(late);
    if ("going" in root.dataset) delete root.dataset.going;
  };
  const read = async (url, signal) => {
    const answer = await fetch(url, { signal });
    if (!answer.ok || !/^text\/html/.test(answer.headers.get("Content-Type")) || new URL(answer.url).origin !== location.origin) throw 0;
    const page = parsed(await answer.text());
    if (like(page) !== like(document)) throw 0;
    await Promise.all([fit(sheets(page)), ...[...page.querySelectorAll("script[type=module]")].map(s => import(s.src).catch(() => { throw 0 }))]);
    return { title: page.title, main: document.adoptNode(page.querySelector("main")), frame: frame(page), sheets: sheets(page).map(name), to: new URL(answer.url).pathname + new URL(answer.url).search, at: Date.now() };
  };
  const ask = a => {
    const url = of(a);
    if (ahead?.url === url && Date.now() - ahead.at < 5e3) return ahead;
    if (ahead !== tocsin.going) ahead?.stop.abort();
    const stop = new AbortController();
    ahead = { url, stop, at: Date.now(), page: read(url, stop.signal) };
    ahead.page.catch(() => { if (ahead?.stop === stop) ahead = null });
    return ahead;
  };
  const go = async a => {
    const hash = a.hash, href = a.href, mine = ask(a);
    if (tocsin.going === mine) return;
    tocsin.going?.stop.abort();
    tocsin.going = mine;
    clearTimeout(late);
    late = setTimeout(() => { root.dataset.going = "" }, 120);
    let page;
    try {
      page = await mine.page;
    } catch (err) {
      if (tocsin.going !== mine) return; // another way was taken
      there();
      return mute(err) || location.assign(href);
    }
    if (tocsin.going !== mine) return;
    ahead = null;
    const next = `${performance.timeOrigin}.${++count}`;
    history.pushState({ ...history.state, page: next }, "", page.to); // while all stands, so that the browser knows how far it was scrolled
    leave();
    now = next;
    show(page);
    if (hash) {
      location.replace(hash); // so that :target is what it names
      history.replaceState({ ...history.state, page: now }, "");
    }
    there();
  };
  tocsin.moved = () => { path = of(location) };
  tocsin.follow = href => main && !unsaved() ? go(make("a", { href })) : location.assign(href);

  const link = (e, rows) => {
    const a = e.target.closest?.("a[href]");
    if (!a || a.target || a.origin !== location.origin || a.hasAttribute("download") || a.matches("[data-move]") || a.hash && of(a) === path) return;
    return !rows || a.matches(":is(.nav, .tabs, .lead, .cards) a, a.lead, [data-rows] a") && !/^\/(reports|audit)|\/files?\//.test(a.pathname) ? a : undefined;
  };
  if (main) {
    history.replaceState({ ...history.state, page: now }, "");
    let rest;
    const soon = (e, ms) => {
      clearTimeout(rest);
      const a = link(e, true);
      if (a && !navigator.connection?.saveData) rest = setTimeout(ask, ms, a);
    };
    document.addEventListener("pointerover", e => { if (e.pointerType === "mouse") soon(e, 80) });
    document.addEventListener("focusin", e => soon(e, 150));
    document.addEventListener("pointerdown", e => {
      const a = !e.button && e.pointerType !== "touch" && link(e, true);
      if (a) ask(a);
    });
    // Whoever handles a click otherwise has done so by now.
    addEventListener("click", e => {
      const a = link(e);
      if (!a || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey || unsaved()) return;
      e.preventDefault();
      go(a);
    });
    addEventListener("popstate", e => {
      const p = left.get(e.state?.page);
      if (e.state?.page === now || !p && of(location) === path) return;
      tocsin.going?.stop.abort();
      there();
      if (!p) return location.reload();
      leave();
      now = e.state.page;
      left.delete(now);
      show(p, true);
    });
    addEventListener("storage", e => { if (e.key === "signed-out" || e.key === null) left.clear() });
  }
}
