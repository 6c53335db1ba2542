// Parts of a page that come by themselves or in the place of others. Which part of an
// answer is wanted is said by the # of its address; without one it is all of it.
//   a[data-part]            the part that the link names, as its address shows it
//   [data-load="ADDRESS"]   holds what is fetched once, after the page
//   [data-poll="ADDRESS"]   is fetched anew each second, for as long as what comes is one,
//                           too, and more and more seldom where nothing comes; without an
//                           address the whole page reads itself again
//   form[data-advice=…]     asks about what is written, half a second after it was
{
  const get = async (to, init) => {
    const url = new URL(to, location.href);
    const answer = await fetch(url, { headers: { "Tocsin-Quiet": "1" }, redirect: "manual", signal: AbortSignal.timeout(3e4), ...init });
    if (!answer.ok) throw answer.status;
    const page = parsed(await answer.text());
    return url.hash ? page.getElementById(url.hash.slice(1)) : page.body;
  };
  const put = (old, fresh) => {
    if (!old?.isConnected || !fresh) return;
    if (old.isEqualNode(fresh)) return old;
    old.replaceWith(fresh);
    swapped();
    return fresh;
  };

  document.addEventListener("click", async e => {
    const a = e.target.closest?.("a[data-part]");
    if (!a || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    let said;
    const fresh = await get(a, { headers: {} }).catch(err => { said = mute(err) });
    if (!a.isConnected || said) return;
    const part = put(document.getElementById(a.hash.slice(1)), fresh);
    if (!part) return a.pathname + a.search === location.pathname + location.search ? location.reload() : location.assign(a);
    part.querySelector("[autofocus], [data-part]")?.focus();
    history.replaceState(history.state, "", a); // so that the page reads itself again as it is
    tocsin.moved?.();
  });

  const load = () => document.querySelectorAll("[data-load]").forEach(async el => {
    if (el.ariaBusy) return;
    el.ariaBusy = "true";
    const part = await get(el.dataset.load).catch(() => null);
    el.ariaBusy = "false";
    if (!part) return;
    el.replaceChildren(...part.childNodes);
    swapped();
  });
  // One poll is under way at a time, whatever else changes on the page meanwhile.
  let next, wait;
  const poll = () => {
    if (next || !document.querySelector("[data-poll]")) return;
    const mine = next = setTimeout(async () => {
      const el = document.querySelector("[data-poll]"), to = el?.dataset.poll;
      const came = !el || document.hidden || (to ? put(el, await get(to).catch(() => null)) : await tocsin.again());
      if (mine !== next) return;
      wait = came ? 1000 : Math.min(2 * wait, 3e4);
      next = 0;
      poll();
    }, wait);
  };
  const begin = () => {
    clearTimeout(next);
    next = 0;
    wait = 1000;
    poll();
  };
  arrives(() => { load(); begin() });
  document.addEventListener("tocsin:swap", () => { load(); poll() });
  addEventListener("online", begin);

  let asked;
  document.addEventListener("input", e => {
    const form = e.target.form, to = form?.dataset.advice;
    if (!to) return;
    clearTimeout(asked);
    const mine = asked = setTimeout(async () => {
      const fresh = await get(to, { method: "POST", headers: {}, body: new URLSearchParams(new FormData(form)) }).catch(() => null);
      if (mine === asked && fresh) put(document.getElementById(fresh.id), fresh);
    }, 600);
  });
}
