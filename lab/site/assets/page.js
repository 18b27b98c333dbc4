// Language, colours, filters: their state lives in the address after the #, so that a link shows what its sender saw.
"use strict";
(() => {
  const root = document.documentElement;
  const words = window.LAB_WORDS;
  const kept = ["lang", "theme"];
  const state = new Map();
  const listeners = [];
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const say = (key) => (words[key] || [key, key])[state.get("lang") === "zh" ? 1 : 0];
  window.LAB = { say, listen: (heard) => listeners.push(heard), tell: () => listeners.forEach((heard) => heard()) };

  function stored(name) {
    try { return localStorage.getItem(`lab-${name}`) || ""; } catch { return ""; }
  }

  function store(name, value) {
    try { localStorage.setItem(`lab-${name}`, value); } catch { /* a browser may forbid it; the address still keeps it */ }
  }

  function read() {
    state.clear();
    const hash = location.hash.slice(1);
    if (hash.includes("=")) new URLSearchParams(hash).forEach((value, name) => state.set(name, value));
    else if (hash) state.set("at", decodeURIComponent(hash));
    if (!state.get("lang")) state.set("lang", stored("lang") || (navigator.language.startsWith("zh") ? "zh" : "en"));
    if (!state.get("theme")) state.set("theme", stored("theme") || "auto");
  }

  function address(names) {
    const told = new URLSearchParams();
    state.forEach((value, name) => {
      const silent = !value || (name === "theme" && value === "auto") || (names && !names.includes(name));
      if (!silent) told.set(name, value);
    });
    return `#${told}`;
  }

  function set(name, value) {
    state.set(name, value);
    if (name !== "at") state.delete("at");
    history.replaceState(null, "", address());
    show();
  }

  // Every element that carries Chinese keeps its English when it is first replaced.
  function translate(zh) {
    root.lang = zh ? "zh-CN" : "en";
    for (const one of all("[data-zh]")) {
      if (!zh && one.dataset.en === undefined) continue;
      one.dataset.en ??= one.textContent;
      one.textContent = zh ? one.dataset.zh : one.dataset.en;
    }
    for (const name of ["aria-label", "placeholder"]) {
      for (const one of all(`[data-zh-${name}]`)) {
        const english = `data-en-${name}`;
        if (!one.hasAttribute(english)) one.setAttribute(english, one.getAttribute(name));
        one.setAttribute(name, one.getAttribute(zh ? `data-zh-${name}` : english));
      }
    }
    for (const one of all("b.g")) {
      const word = say(one.className.slice(2));
      one.setAttribute("role", "img");
      one.setAttribute("aria-label", word);
      one.parentElement.title = word;
    }
    for (const one of all("[data-lang]")) one.setAttribute("aria-pressed", String(one.dataset.lang === state.get("lang")));
  }

  const names = ["scenario", "metric", "route", "machine", "verdict", "family"];

  function fits(one) {
    const text = (state.get("text") || "").toLowerCase();
    const operator = (state.get("operator") || "").toLowerCase();
    if (operator && !(one.dataset.operator || "").split(" ").some((name) => name.includes(operator))) return false;
    return names.every((name) => {
      const wanted = state.get(name);
      return !wanted || one.dataset[name] === undefined || one.dataset[name].split(" ").includes(wanted) || one.dataset[name] === wanted;
    }) && (!text || one.textContent.toLowerCase().includes(text));
  }

  function filter() {
    const release = state.get("release");
    let shown = 0, of = 0;
    for (const table of all("[data-rows]")) {
      const heads = all("thead [data-release]", table).map((one) => one.dataset.release);
      const rows = heads.length ? all("tbody", table) : all("tbody tr:not(.group)", table);
      let here = 0;
      for (const row of rows) {
        const seen = fits(row) && (heads.length || !release || (row.dataset.release || "").split(" ").includes(release)) && columns(row, heads, release);
        row.hidden = !seen;
        here += seen ? 1 : 0;
      }
      all("thead [data-release]", table).forEach((one) => { one.hidden = Boolean(release) && one.dataset.release !== release; });
      for (const group of all("tr.group", table)) group.hidden = !Array.from(group.parentElement.rows).some((row) => row !== group && !row.hidden);
      nothing(table, here);
      shown += here; of += rows.length;
    }
    const articles = all("article[data-row]");
    for (const one of articles) {
      one.hidden = !fits(one);
      shown += one.hidden ? 0 : 1;
    }
    of += articles.length;
    if (articles.length) all(".nothing").forEach((one) => { one.hidden = articles.some((some) => !some.hidden); });
    const count = document.getElementById("count");
    if (count) count.textContent = `${shown} ${say("of")} ${of} ${say("shown")}`;
  }

  function nothing(table, here) {
    const told = table.closest("section").querySelector(".nothing");
    if (told) told.hidden = here > 0;
  }

  // Of one block of the matrix: only the wanted column, and what is not the wanted verdict steps back.
  function columns(block, heads, release) {
    if (!heads.length) return true;
    const verdict = state.get("verdict");
    let hits = 0;
    for (const row of block.rows) {
      const cells = all("td", row);
      cells.forEach((cell, number) => {
        cell.hidden = Boolean(release) && heads[number] !== release;
        const hit = !cell.hidden && cell.dataset.w !== undefined && (!verdict || cell.dataset.w === verdict);
        cell.classList.toggle("faint", Boolean(verdict) && !hit);
        hits += hit ? 1 : 0;
      });
    }
    return hits > 0;
  }

  function show() {
    const zh = state.get("lang") === "zh", theme = state.get("theme");
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
    translate(zh);
    for (const one of all("[data-filter]")) {
      const value = state.get(one.dataset.filter) || "";
      if (one.value !== value) one.value = value;
    }
    const chosen = document.getElementById("theme");
    if (chosen) chosen.value = theme;
    filter();
    window.LAB.tell();
  }

  // On a phone the newest release stands next to the labels: what a table begins with is what is seen of it.
  const phone = matchMedia("(max-width: 40rem)");
  let turned = false;
  function turn() {
    if (turned === phone.matches) return;
    turned = phone.matches;
    for (const row of all("table.matrix tr, table.heat tr")) {
      const cells = Array.from(row.cells).filter((cell) => cell.matches("thead [data-release], .heat thead th, tbody td"));
      row.append(...cells.reverse());
    }
  }
  phone.addEventListener("change", () => { turn(); show(); });

  function go() {
    const target = state.get("at") && document.getElementById(state.get("at"));
    if (target) { target.scrollIntoView(); target.focus({ preventScroll: true }); }
  }

  function listen() {
    for (const one of all("[data-lang]")) {
      one.addEventListener("click", () => { store("lang", one.dataset.lang); set("lang", one.dataset.lang); });
    }
    document.getElementById("theme")?.addEventListener("change", (event) => {
      store("theme", event.target.value); set("theme", event.target.value);
    });
    for (const one of all("[data-filter]")) {
      one.addEventListener(one.type === "search" ? "input" : "change", () => set(one.dataset.filter, one.value));
    }
    all("form.filters, .switches").forEach((one) => { one.hidden = false; });
    all("form.filters").forEach((one) => one.addEventListener("submit", (event) => event.preventDefault()));
    document.getElementById("clear")?.addEventListener("click", () => {
      [...state.keys()].filter((name) => !kept.includes(name)).forEach((name) => state.delete(name));
      set("at", "");
    });
    document.addEventListener("click", follow);
    for (const one of all(".copy")) {
      one.hidden = !navigator.clipboard;
      one.addEventListener("click", async () => {
        await navigator.clipboard.writeText(one.parentElement.querySelector("code").textContent);
        one.textContent = say("copied");
        setTimeout(() => { one.textContent = say("copy"); }, 1500);
      });
    }
    addEventListener("hashchange", () => { read(); show(); go(); });
  }

  // A link within the report takes language and colours along; one within the page keeps its filters too.
  function follow(event) {
    const link = event.target.closest("a[href]");
    const href = link?.getAttribute("href") || "";
    if (href.startsWith("#")) {
      event.preventDefault();
      set("at", href.slice(1));
      go();
    } else if (/^[\w./~-]+\.html(#[\w=]+)?$/.test(href)) {
      const [page, more] = href.split("#");
      link.href = page + address(kept) + (more ? `&${more}` : "");
    }
  }

  // Paper is white, and nobody can open a folded table on it; logs stay folded.
  const unfolded = new Set();
  addEventListener("beforeprint", () => {
    root.dataset.theme = "light";
    for (const one of all("details:not([open])")) {
      if (one.querySelector("pre")) continue;
      one.open = true;
      unfolded.add(one);
    }
  });
  addEventListener("afterprint", () => {
    unfolded.forEach((one) => { one.open = false; });
    unfolded.clear();
    show();
  });

  read();
  turn();
  listen();
  show();
  go();
  performance.mark("lab-interactive");
})();
