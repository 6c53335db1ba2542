// Parts of a page that come by themselves or in the place of others. What is meant of
// an answer is named behind the # of its address.
//   a[data-part]            the part that the link names, as its address shows it
//   [data-load="ADDRESS"]   holds what is fetched once, after the page
//   [data-poll="ADDRESS"]   is fetched anew each second, for as long as what comes says so;
//                           without an address the whole page reads itself again
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
    old.replaceWith(fresh);
    swapped();
    return fresh;
  };

  document.addEventListener("click", async e => {
    const a = e.target.closest?.("a[data-part]");
    if (!a || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    const fresh = await get(a, { headers: {} }).catch(err => mute(err));
    if (!a.isConnected || fresh === true) return;
    if (!put(document.getElementById(a.hash.slice(1)), fresh)) return location.assign(a);
    fresh.querySelector("[autofocus], [data-part]")?.focus();
  });

  const load = () => document.querySelectorAll("[data-load]").forEach(async el => {
    if (el.ariaBusy) return;
    el.ariaBusy = "true";
    const part = await get(el.dataset.load).catch(() => 0);
    el.ariaBusy = "false";
    if (!part) return;
    el.replaceChildren(...part.childNodes);
    swapped();
  });
  let next;
  const poll = () => {
    clearTimeout(next);
    const el = document.querySelector("[data-poll]"), to = el?.dataset.poll;
    if (el) next = setTimeout(async () => {
      if (!document.hidden) to ? put(el, await get(to).catch(() => 0)) : await tocsin.again();
      poll();
    }, 1000);
  };
  const look = () => { load(); poll() };
  arrives(look);
  document.addEventListener("tocsin:swap", look);

  let asked;
  document.addEventListener("input", e => {
    const form = e.target.form, to = form?.dataset.advice;
    if (!to) return;
    clearTimeout(asked);
    const mine = asked = setTimeout(async () => {
      const fresh = await get(to, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => 0);
      if (mine === asked) put(document.getElementById(fresh.id), fresh);
    }, 600);
  });
}
