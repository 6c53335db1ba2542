// A vector written into the editor of an advisory says its score at once. The
// server computes, as it does without script when the page comes back.
{
  let wait, flight;
  const say = (out, text, className) => {
    const word = make("span", { textContent: text, className });
    out.replaceChildren(word);
    return word;
  };
  const ask = async (input, out) => {
    flight?.abort();
    flight = new AbortController();
    try {
      const r = await fetch(`/cvss?vector=${encodeURIComponent(input.value.trim())}`, { signal: flight.signal, headers: { Accept: "application/json" } });
      const a = await r.json();
      if (!r.ok) return say(out, a.detail ?? "no score yet", "ink3");
      const word = say(out, a.severity[0].toUpperCase() + a.severity.slice(1) + " ", `sev ${a.severity}`);
      word.append(make("b", { textContent: Number(a.score).toFixed(1) }));
    } catch (e) {
      if (e.name !== "AbortError") say(out, "no score yet", "ink3");
    }
  };
  document.addEventListener("input", e => {
    const out = e.target.closest?.(".vectorrow")?.querySelector("[data-vector-score]");
    if (!out) return;
    clearTimeout(wait);
    if (!e.target.value.trim()) return say(out, "no score yet", "ink3");
    wait = setTimeout(() => ask(e.target, out), 120);
  });
}
