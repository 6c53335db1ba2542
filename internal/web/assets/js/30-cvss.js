// <tocsin-cvss> makes the form of a CVSS calculator live: choosing changes the
// vector, a pasted vector changes what is chosen, and the server says the score.
// Typing letters fills the metrics one after the other.
{
  class Calculator extends HTMLElement {
    #wait; #flight;

    connectedCallback() {
      if (this.dataset.live) return;
      this.dataset.live = "yes";
      this.text = this.querySelector("[data-vector]");
      this.addEventListener("change", e => { if (e.target.type === "radio") this.chosen() });
      this.text.addEventListener("input", () => this.typed());
      this.addEventListener("keydown", e => this.letter(e));
    }

    get prefix() { return this.dataset.prefix }
    get metrics() { return [...this.querySelectorAll("[data-metric]")] }

    // The vector of what is chosen; a metric that is not defined is left out.
    vector() {
      const parts = this.metrics.map(m => [m.dataset.metric, m.querySelector(":checked")?.value]).filter(([, v]) => v && v !== "X");
      return [this.prefix, ...parts.map(p => p.join(":"))].join("/");
    }

    chosen() {
      this.text.value = this.vector();
      this.score();
    }

    // A vector that was written or pasted. One of another version goes to the
    // calculator of that version, when it is beside this one.
    typed() {
      const value = this.text.value.trim(), [head, ...parts] = value.split("/");
      if (head !== this.prefix && /^CVSS:\d/.test(head)) {
        const other = document.querySelector(`tocsin-cvss[data-prefix="${CSS.escape(head)}"]`);
        if (other && parts.length > 3) {
          this.text.value = this.text.defaultValue;
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
      this.score(value);
    }

    score(value = this.vector()) {
      const missing = this.metrics.filter(m => "base" in m.dataset && !m.querySelector(":checked"));
      clearTimeout(this.#wait);
      this.#flight?.abort();
      if (missing.length) {
        const n = missing.length;
        return this.show({ says: `${n} ${n === 1 ? "metric is" : "metrics are"} still open` });
      }
      this.#wait = setTimeout(() => this.ask(value), 40);
    }

    async ask(value) {
      const flight = this.#flight = new AbortController();
      try {
        const answer = await fetch(`${this.dataset.score}?vector=${encodeURIComponent(value)}`, { headers: { Accept: "application/json" }, signal: flight.signal });
        const body = await answer.json();
        if (this.#flight !== flight) return;
        this.show(answer.ok ? body : { wrong: body.detail ?? body.says ?? "That vector does not read" });
      } catch (err) {
        if (err.name !== "AbortError") this.show({ wrong: "The score could not be asked for; it is computed when you save." });
      }
    }

    show({ score, severity, says, wrong }) {
      const box = this.querySelector(".score"), word = (severity ?? "").toLowerCase();
      const number = typeof score === "number" ? score.toFixed(1) : score ?? "–";
      box.className = `score ${word}`;
      box.querySelector("b").textContent = number;
      const sev = box.querySelector(".sev");
      sev.className = `sev ${word || "unknown"}`;
      sev.textContent = word ? word[0].toUpperCase() + word.slice(1) : "Open";
      const line = this.querySelector("[data-says]");
      line.textContent = wrong ?? says ?? "";
      line.hidden = !line.textContent;
      line.className = wrong ? "error" : "hint";
      this.text.toggleAttribute("aria-invalid", Boolean(wrong));
      if (wrong) this.text.setAttribute("aria-invalid", "true");
      this.dispatchEvent(new CustomEvent("tocsin:score", { bubbles: true, detail: { score, severity, vector: this.text.value } }));
    }

    // A letter chooses the value that begins with it and goes on to the next metric.
    letter(e) {
      const here = e.target.closest("[data-metric]");
      if (!here || e.ctrlKey || e.metaKey || e.altKey || e.target.type !== "radio") return;
      const all = this.metrics.filter(m => m.checkVisibility?.() ?? true), at = all.indexOf(here);
      const go = m => (m?.querySelector(":checked") ?? m?.querySelector("input"))?.focus();
      if (e.key === "Backspace") {
        e.preventDefault();
        return go(all[at - 1]);
      }
      if (e.key.length !== 1) return;
      const radios = [...here.querySelectorAll("input")], key = e.key.toUpperCase();
      const radio = radios.find(r => r.value.toUpperCase() === key) ?? radios.find(r => r.value.toUpperCase().startsWith(key));
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
