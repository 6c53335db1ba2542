// <tocsin-cvss> makes the form of a CVSS calculator live: choosing changes the
// vector, a pasted vector changes what is chosen, and the server says the score.
// Typing letters fills the metrics one after the other.
// vector(): of what is chosen; a metric that is not defined is left out.
// typed(): a vector that was written or pasted; one of another version goes to the
// calculator of that version, when it is beside this one.
// score(): the folded groups say what is set in them; the score is asked for, unless
// something is open still.
// letter(): chooses the value that begins with it and goes on to the next metric.
{
  const base = m => "base" in m.dataset, words = m => m.querySelector("legend").firstChild.data.trim();

  class Calculator extends HTMLElement {
    #wait; #flight;

    connectedCallback() {
      if (this.dataset.live) return;
      this.dataset.live = "yes";
      this.text = this.querySelector("[data-vector]");
      this.addEventListener("change", e => { if (e.target.type === "radio") this.chosen() });
      this.text.addEventListener("input", () => this.typed());
      this.addEventListener("keydown", e => this.letter(e));
      if ("fragment" in this.dataset && location.hash.startsWith(`#${this.prefix}/`)) {
        this.text.value = location.hash.slice(1);
        this.typed();
      }
    }

    get prefix() { return this.dataset.prefix }
    get metrics() { return [...this.querySelectorAll("[data-metric]")] }
    on(m) { return m.querySelector(":checked") }

    vector() {
      const parts = this.metrics.map(m => [m.dataset.metric, this.on(m)?.value]).filter(([, v]) => v && v !== "X");
      return [this.prefix, ...parts.map(p => p.join(":"))].join("/");
    }

    chosen() {
      this.text.value = this.vector();
      const open = this.metrics.filter(m => base(m) && !this.on(m)).map(words);
      this.score(open.length ? `Still open: ${open.join(", ")}` : "");
    }

    typed() {
      const value = this.text.value.trim(), [head, ...parts] = value.split("/");
      if (head !== this.prefix && /^CVSS:\d/.test(head)) {
        const other = document.querySelector(`tocsin-cvss[data-prefix="${CSS.escape(head)}"]`);
        if (other && parts.length > 3) {
          if (this.metrics.some(m => base(m) && this.on(m))) this.chosen(); // as before
          else this.clear();
          other.text.value = value;
          other.text.focus();
          return other.typed();
        }
      }
      const want = new Map(parts.map(p => p.split(":")));
      for (const m of this.metrics) {
        const v = want.get(m.dataset.metric) ?? "X";
        for (const r of m.querySelectorAll("input")) r.checked = r.value === v;
      }
      this.score(value ? "" : "Choose, or paste a vector");
    }

    clear() {
      this.text.value = "";
      this.typed();
    }

    score(says) {
      for (const d of this.querySelectorAll("details:has([data-metric])")) {
        const set = [...d.querySelectorAll("[data-metric]")].filter(m => (this.on(m)?.value ?? "X") !== "X");
        d.querySelector("[data-set]").textContent = set.map(m => `${words(m)} ${this.on(m).nextElementSibling.textContent}`).join(", ") || "nothing set";
      }
      clearTimeout(this.#wait);
      this.#flight?.abort();
      if (says) return this.show({ says });
      this.#wait = setTimeout(() => this.ask(), 30);
    }

    async ask() {
      const flight = this.#flight = new AbortController(), q = new URLSearchParams({ version: this.prefix.slice(5), vector: this.text.value.trim() });
      try {
        const answer = await fetch(`${this.dataset.score}?${q}`, { headers: { Accept: "application/json" }, signal: flight.signal });
        const body = await answer.json();
        if (this.#flight !== flight) return;
        this.show(answer.ok ? body : { wrong: body.detail ?? "That vector does not read" });
      } catch (err) {
        if (err.name !== "AbortError") this.show({ wrong: "The score could not be asked for; it is computed when you save." });
      }
    }

    show({ score, severity = "", more = "", says = "", wrong = "" }) {
      const box = this.querySelector(".score"), sev = box.querySelector(".sev"), line = this.querySelector("[data-says]");
      box.className = `score ${severity}`;
      box.querySelector("b").textContent = score?.toFixed(1) ?? "–";
      sev.className = `sev ${severity || "unknown"}`;
      sev.textContent = severity ? severity[0].toUpperCase() + severity.slice(1) : "Not scored";
      line.textContent = wrong || says;
      line.hidden = !line.textContent;
      line.className = wrong ? "error" : "hint";
      if (wrong) this.text.setAttribute("aria-invalid", "true");
      else this.text.removeAttribute("aria-invalid");
      const box2 = this.querySelector("[data-more]"), open = box2.querySelector("details")?.open;
      box2.replaceChildren(...parsed(more).body.childNodes);
      if (open && more) box2.querySelector("details").open = true;
      this.querySelector("[data-copy]").dataset.copy = this.text.value;
      if ("fragment" in this.dataset && score !== undefined) history.replaceState(history.state, "", `#${this.text.value}`);
    }

    letter(e) {
      const here = e.target.closest("[data-metric]");
      if (!here || e.ctrlKey || e.metaKey || e.altKey || e.target.type !== "radio") return;
      const all = this.metrics.filter(m => m.checkVisibility?.() ?? true), at = all.indexOf(here);
      const go = m => (m && (this.on(m) ?? m.querySelector("input")))?.focus();
      if (e.key === "Backspace") {
        e.preventDefault();
        return go(all[at - 1]);
      }
      if (e.key.length !== 1) return;
      const radios = [...here.querySelectorAll("input")], key = e.key.toUpperCase();
      const radio = radios.find(r => r.value.toUpperCase().startsWith(key));
      if (!radio) return;
      e.preventDefault();
      e.stopPropagation();
      radio.checked = true;
      this.chosen();
      go(all[at + 1] ?? here);
    }
  }
  customElements.define("tocsin-cvss", Calculator);
}
