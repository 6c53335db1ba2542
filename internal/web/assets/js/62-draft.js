// What is typed stays in this browser until it is saved, thrown away, two weeks old,
// or its person signs out. It goes nowhere but to this server, which is asked whether it
// was taken when the answer to a form was lost.
{
  const main = document.querySelector("main"), me = main?.dataset.me, front = `draft:${me}:`, age = 14 * 864e5, most = 15e5;
  const all = () => Object.keys(localStorage).filter(k => k.startsWith("draft:")).map(k => [k, JSON.parse(localStorage[k])]).sort((a, b) => a[1].at - b[1].at);
  const quiet = /^(version|at|side|was|once|key|next|hand|hash|similar|theirs\..*)$/;
  const fields = f => [...f.elements].filter(e => e.name && !/^(hidden|password|file|submit|button)$/.test(e.type) && e.localName !== "button");
  const value = e => /^(checkbox|radio)$/.test(e.type) ? e.checked : e.value;
  const first = e => e.localName === "select" ? [...e.options].find(o => o.defaultSelected)?.value ?? e.options[0]?.value : /^(checkbox|radio)$/.test(e.type) ? e.defaultChecked : e.defaultValue;
  const key = (f, but) => front + (f.dataset.draft || [new URL(f.action).pathname, ...[...f.querySelectorAll("input[type=hidden]")].filter(i => i.value && i.name !== but && !quiet.test(i.name)).map(i => i.value.slice(0, 80))].join(" "));
  const drop = k => localStorage.removeItem(k);
  const done = k => { // is not to come back, also where the browser remembers it
    drop(k);
    sessionStorage["done " + k] = 1;
  };
  const stamp = k => `${k}\n${/\d+/.exec(localStorage[k]?.slice(0, 30))}`; // of what is kept now
  const clock = at => new Date(at).toLocaleString([], Date.now() - at < 864e5 ? { hour: "2-digit", minute: "2-digit" } : { dateStyle: "medium", timeStyle: "short" });

  const way = performance.getEntriesByType("navigation")[0] || {}, fine = (way.responseStatus || 200) < 400 && !document.querySelector(".error-summary, .meanwhile");
  const other = history.state?.me && history.state.me !== me; // had this page before, in the same tab
  history.replaceState({ ...history.state, me }, "");
  let off = !me, back = false;
  const keep = f => {
    if (off) return f.dataset.lost = 1;
    const typed = fields(f).map((e, i) => [e.name, i, value(e), first(e)]).filter(([, , v, d]) => v !== d);
    f.toggleAttribute("data-typed", typed.length);
    if (!typed.length) return drop(key(f));
    // What was sent and is left, still the same, stays what was sent.
    if (JSON.stringify(JSON.parse(localStorage[key(f)] || "{}").typed) === JSON.stringify(typed)) return delete f.dataset.lost;
    const text = JSON.stringify({ at: Date.now(), page: location.pathname + location.search, typed });
    f.dataset.lost = 1;
    if (text.length > most) return;
    for (const old of [...all().map(([k]) => k).filter(k => k !== key(f)), ""]) {
      try {
        if (all().length > 30 && old) drop(old);
        localStorage.setItem(key(f), text);
        delete sessionStorage["done " + key(f)];
        return delete f.dataset.lost;
      } catch {
        if (old) drop(old);
      }
    }
  };

  const note = (before, k, d, link) => {
    const p = make("p", { className: "draft", role: "status" }, `Your unsent text from ${clock(d.at)} was kept. `, link ? make("a", { href: link, textContent: "Go on" }) : "", tiny("Discard", () => {
      done(k);
      if (!link) {
        before.reset();
        delete before.dataset.typed;
      }
      p.remove();
    }));
    before.prepend(p);
    return p;
  };
  // What was sent and not answered may have been taken all the same: the server is asked.
  const ask = async (f, k, d, p) => {
    const answer = await fetch("/taken?of=" + encodeURIComponent(new URL(f.action).pathname), { method: "POST", body: new URLSearchParams(d.sent) }).catch(() => ({}));
    if (!answer.ok || !await answer.json() || JSON.parse(localStorage[k] || "{}").sent !== d.sent) return;
    done(k);
    f.reset();
    delete f.dataset.typed;
    p.replaceChildren(`What you sent at ${clock(d.at)} has arrived; only the answer was lost.`);
  };
  const set = to => {
    back = true;
    for (const [e, v] of to) {
      /^(checkbox|radio)$/.test(e.type) ? e.checked = v : e.value = v;
      e.dispatchEvent(new Event("change", { bubbles: true }));
    }
    back = false;
  };
  const scan = () => {
    for (const f of document.querySelectorAll(written)) {
      // What was typed before a disposition was chosen goes along with it.
      const k = key(f), b = key(f, "disposition");
      if (b !== k && localStorage[b] && !localStorage[k]) {
        localStorage[k] = localStorage[b];
        drop(b);
      }
      const d = !f.dataset.kept && localStorage[k] && JSON.parse(localStorage[k]);
      f.dataset.kept = 1;
      if (!d) continue;
      const es = fields(f), put = d.typed.map(([n, i, v]) => [es[i]?.name === n ? es[i] : es.find(e => e.name === n), v]), to = put.filter(([e, v]) => e && v !== first(e));
      if (!to.length) {
        if (d.sent && fine && put.every(([e]) => e)) done(k); // it stands here, so it was taken
        continue;
      }
      set(to); // the browser may have put some of it back, too
      f.dataset.typed = 1;
      const p = note(f, k, d);
      if (d.sent) ask(f, k, d, p);
      const fold = f.closest("details");
      if (fold) fold.open = true;
    }
  };

  try {
    for (const [k, d] of all()) if (Date.now() - d.at > age) drop(k);
    // What was sent is let go when the server led on to another page, as it does when
    // all is well; a page of a form that came too late passes it on.
    const sent = sessionStorage.sent, wait = document.querySelector("[data-unsent]");
    delete sessionStorage.sent;
    if (wait) sessionStorage.wait = sent || sessionStorage.wait || "";
    else if (me && sent && way.type === "navigate" && way.redirectCount && fine) {
      const k = sent.replace(/\n.*$/, "");
      if (stamp(k) === sent) done(k); // else another window has kept something since
    }
    if (me) {
      arrives(() => {
        scan();
        const here = front + location.pathname.split("/").slice(0, 3).join("/"), shown = new Set([...document.querySelectorAll(written)].map(key));
        main.querySelectorAll(":scope > .draft").forEach(p => p.remove());
        if (here.length > front.length + 1) for (const [k, d] of all()) if ((k + "/").startsWith(here + "/") && !shown.has(k)) note(main, k, d, d.page);
      });
    }
    document.addEventListener("tocsin:swap", scan);
    addEventListener("pageshow", e => {
      // What a browser puts back by itself was sent, thrown away, or is of who signed out.
      if (!off && (e.persisted || way.type === "back_forward")) for (const f of document.querySelectorAll(written)) {
        if (!localStorage[key(f)] && (other || sessionStorage["done " + key(f)])) set(fields(f).filter(e => value(e) !== first(e)).map(e => [e, first(e)]));
        else if (e.persisted) delete f.dataset.kept;
      }
      scan();
    });
    for (const type of ["input", "change"]) document.addEventListener(type, e => { const f = !back && e.target.form; if (f && f.matches(written)) keep(f) });
    document.addEventListener("submit", e => {
      if (new URL(e.target.action).pathname === "/sign-out") {
        localStorage["signed-out"] = Date.now();
        for (const [k] of all()) drop(k);
      } else if (wait) {
        sessionStorage.sent = sessionStorage.wait;
      } else if (e.target.matches(written) && !e.defaultPrevented && !off && !e.target.dataset.lost) {
        const k = key(e.target), kept = localStorage[k];
        sessionStorage.sent = stamp(k);
        // The server knows a form again by all that it sent, which need not be what it would send later.
        const sent = e.target.elements.at && kept ? new URLSearchParams(new FormData(e.target, e.submitter)).toString() : "";
        try {
          if (sent && kept.length + sent.length < most) localStorage[k] = JSON.stringify({ ...JSON.parse(kept), sent });
        } catch {
          // no room for it: the text alone is kept
        }
      }
    });
    // Two windows at one form: what the other sent leaves what was typed here, and what it
    // keeps in the place of that is a reason to ask before this one closes.
    addEventListener("storage", e => {
      if (e.key === "signed-out" || e.key === null) off = true;
      for (const f of document.querySelectorAll(written)) if (changed.has(f) && e.key === key(f)) e.newValue ? f.dataset.lost = 1 : keep(f);
    });
  } catch {
    off = true; // no storage, no drafts
  }
}
