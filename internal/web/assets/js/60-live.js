// The page follows its record: the server says that something changed, and the page
// reads itself again and takes over what differs. What somebody is typing in stays.
{
  const main = document.querySelector("main");
  const busy = el => [el, ...el.querySelectorAll("form")].some(f => f.matches("form") && (f.contains(document.activeElement) && /^(textarea|input|select)$/.test(document.activeElement.localName) || "typed" in f.dataset));
  const kids = el => [...el.children].filter(c => !c.matches(".live, .draft, [data-ours]"));
  const tags = el => kids(el).map(c => c.localName).join();
  const kin = el => el.localName + (el.id || [...el.classList].find(c => c !== "fresh"));
  const moment = "form input[type=hidden][name=at]";
  const loose = el => [...el.childNodes].some(n => n.nodeType === 3 && n.data.trim());

  // take makes old like fresh, part by part. The page itself stays, since links bring the
  // next into it.
  let held;
  const take = (old, fresh) => {
    if (old.isEqualNode(fresh) || old.matches("time[data-ago]") && old.dateTime === fresh.dateTime) return;
    const typed = busy(old);
    if (typed && old.matches("form, input, textarea, select")) return held = true;
    const box = old.matches("main, .cols, .stack, .sections, .csec, .compose, [data-poll], details, div, aside");
    const other = !old.children.length || old.localName !== fresh.localName || old.id !== fresh.id || !box && tags(old) !== tags(fresh) || loose(old) || loose(fresh) || "poll" in old.dataset !== "poll" in fresh.dataset;
    if (other || !typed && !box) {
      if (typed) return held = true;
      const el = document.importNode(fresh, true);
      if (old.open) el.open = true;
      const focus = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
      old.replaceWith(el);
      if (focus) el.querySelector(`[href="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
      return el.closest("[data-poll]") || el.classList.add("fresh");
    }
    // What has come or gone between the others moves none of them; where somebody types in
    // what would go, all stays.
    const was = kids(old), to = kids(fresh);
    let i = 0;
    const pairs = to.map(f => {
      const at = was.findIndex((o, n) => n >= i && kin(o) === kin(f));
      if (at >= 0) i = at + 1;
      return was[at];
    });
    const gone = was.filter(o => !pairs.includes(o));
    if (gone.some(busy)) return held = true;
    for (const a of fresh.attributes) if (old.getAttribute(a.name) !== a.value) old.setAttribute(a.name, a.value);
    let next = null;
    for (let n = to.length; n--;) {
      if (pairs[n]) {
        next = pairs[n];
        continue;
      }
      const el = document.importNode(to[n], true);
      el.classList.add("fresh");
      next ? next.before(el) : old.append(el);
      next = el;
    }
    gone.forEach(o => o.remove());
    pairs.forEach((o, n) => o && take(o, to[n]));
  };

  const read = async at => {
    const answer = await fetch(at, { headers: { "Tocsin-Quiet": "1" }, redirect: "manual" });
    if (!answer.ok) throw answer.status;
    return parsed(await answer.text());
  };
  let turn = 0, reads = 0; // of the page that is shown
  const again = tocsin.again = async () => {
    const mine = turn, nth = ++reads, fresh = (await read(location.href).catch(() => null))?.querySelector("main");
    held = false;
    if (mine !== turn || nth !== reads) return true; // another has read since
    if (fresh?.dataset.me !== main.dataset.me) return;
    // A form that stays was made when it was made.
    const made = [...main.querySelectorAll(moment)];
    for (const a of fresh.querySelectorAll(moment)) {
      const i = made.findIndex(o => o.form.getAttribute("action") === a.form.getAttribute("action"));
      if (i >= 0) a.value = made.splice(i, 1)[0].value;
    }
    take(main, fresh);
    swapped();
    return true;
  };

  // The sentence, also spoken, with a way to look.
  const line = make("output", { className: "live", hidden: true });
  const say = (text, look) => {
    line.replaceChildren(text);
    if (look) {
      line.append(" · ", tiny("Show", () => { line.hidden = true; look() }));
    }
    line.hidden = !text;
  };
  const beside = parts => async () => {
    const url = new URL(location.href);
    url.searchParams.delete("edit");
    const mine = turn, page = await read(url);
    if (mine !== turn) return;
    const word = parts.find(p => main.querySelector(`#${p} form`) && page.getElementById(p));
    if (!word) return location.assign(url);
    const box = make("div", { className: "stored" }, "Stored now", ...[...page.getElementById(word).children].filter(c => c.localName !== "header"));
    box.dataset.ours = "";
    main.querySelector(`#${word} div[data-ours]`)?.remove();
    main.querySelector(`#${word} form`).before(box);
    box.scrollIntoView({ block: "nearest" });
  };

  // stale says why what stands here may be old.
  const stale = async () => {
    const mine = turn, answer = await fetch(location.href, { method: "HEAD", headers: { "Tocsin-Quiet": "1" }, redirect: "manual" }).catch(() => ({}));
    if (mine === turn) say(answer.type === "opaqueredirect" ? "Your session has ended, so this page may be out of date. Sign in again, here or in another tab; what you type here goes along."
      : answer.status === 404 ? "This is not here for you any more: it is gone, or you may not see it now. What you typed is kept in this browser."
      : "Nothing new reaches this page now, so it may be out of date. It is tried again; what you type is kept in this browser.");
  };

  let source, place = "", tries = 0, timer, missed; // what happened before the line stood may be
  const close = () => { source?.close(); source = null; clearTimeout(timer) };
  const open = () => {
    close();
    source = new EventSource(main.dataset.live + (place && "&since=" + encodeURIComponent(place)));
    source.addEventListener("hello", e => {
      if (missed || tries > 2) {
        say("");
        again();
      }
      missed = false;
      tries = 0;
      if (!place || place[0] === "@") place = JSON.parse(e.data).place;
    });
    source.addEventListener("change", async e => {
      const n = JSON.parse(e.data);
      place = n.place;
      if (/=[a-z]+$/.test(main.dataset.live)) return say(n.says || "The list may have changed", again);
      const mine = turn;
      await again();
      if (mine === turn) say(n.own ? "" : n.says, held && beside(n.parts || []));
    });
    source.onerror = () => {
      close();
      if (tries === 2 && navigator.onLine) stale();
      tries++;
      timer = setTimeout(open, Math.min(60, 2 ** tries) * (500 + Math.random() * 500));
    };
  };
  // A machine that slept may hold a connection that is none. The line is opened first
  // and the page read then, so that nothing falls between the two.
  const wake = () => {
    if (document.hidden || !main?.dataset.live) return;
    missed = true;
    open();
  };
  // A page of a record says when it was made, and is told of all since; another that is
  // come back to, or was asked for some time ago, reads itself again.
  const follow = e => {
    close();
    say("");
    turn++;
    place = main?.dataset.since ?? "";
    tries = 0;
    if (!main?.dataset.live) return;
    main.prepend(line);
    missed = e && !place && Date.now() - e.detail.at > 500;
    const mine = turn;
    if (!document.hidden) painted(() => mine === turn && open());
  };
  follow();
  document.addEventListener("tocsin:page", follow);
  document.addEventListener("tocsin:leave", () => { close(); line.remove() });
  document.addEventListener("visibilitychange", () => {
    tries = 0;
    document.hidden ? close() : place ? open() : wake();
  });
  addEventListener("pagehide", close);
  let beat = Date.now();
  setInterval(() => {
    if (Date.now() - beat > 4e4) wake();
    beat = Date.now();
  }, 2e4);
  document.addEventListener("resume", wake);
  addEventListener("pageshow", e => { if (e.persisted) wake() });
  const gone = () => say("There is no network. What you type is kept in this browser; send it when the network is back.");
  addEventListener("online", () => { say(""); wake() });
  addEventListener("offline", () => { close(); gone() });
  document.addEventListener("submit", e => {
    if (navigator.onLine || e.target.method === "dialog" || !whose()) return;
    e.preventDefault();
    if (!line.isConnected) main.prepend(line);
    gone();
    line.scrollIntoView({ block: "nearest" });
  }, true);
}
