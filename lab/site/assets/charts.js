// Draws the figures of a page with uPlot: ratio to the anchor over releases, and every pair behind each ratio.
"use strict";
(() => {
  const say = window.LAB.say;
  const drawn = new Map();
  const NICE = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.2, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100, 200, 500, 1000];
  const INKS = ["--link", "--bad-ink", "--doubt-ink", "--good-ink", "--dim"];
  const probe = document.body.appendChild(document.createElement("span"));
  probe.className = "unseen";

  function colour(name) {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  }

  const ink = (word) => colour({ SLOWER: "--bad-ink", MORE: "--bad-ink", FASTER: "--good-ink", LESS: "--good-ink", UNSTABLE: "--doubt-ink" }[word] || "--dim");
  const times = (value) => `×${value < 0.095 || value >= 99.5 ? Number(value.toPrecision(3)) : value.toFixed(value < 9.95 ? 2 : 1)}`;
  const tick = (value) => `×${Number(value.toPrecision(3))}`;

  // The signs of the verdicts, the same as in the tables.
  function mark(ctx, word, x, y, size) {
    ctx.beginPath();
    if (word === "SLOWER" || word === "MORE") { ctx.moveTo(x, y - size); ctx.lineTo(x + size, y + size * 0.8); ctx.lineTo(x - size, y + size * 0.8); }
    else if (word === "FASTER" || word === "LESS") { ctx.moveTo(x, y + size); ctx.lineTo(x + size, y - size * 0.8); ctx.lineTo(x - size, y - size * 0.8); }
    else if (word === "anchor" || word === "UNSTABLE") { ctx.moveTo(x, y - size); ctx.lineTo(x + size, y); ctx.lineTo(x, y + size); ctx.lineTo(x - size, y); }
    else ctx.arc(x, y, size * 0.85, 0, 2 * Math.PI);
    ctx.closePath();
    const hollow = word === "UNDECIDED" || word === "UNSTABLE";
    ctx.fillStyle = hollow ? colour("--paper") : ink(word);
    ctx.strokeStyle = hollow ? ink(word) : colour("--paper");
    ctx.lineWidth = (hollow ? 1.6 : 1) * devicePixelRatio;
    ctx.fill();
    ctx.stroke();
  }

  // Series side by side around their release, so that none hides another.
  const place = (figure, number, x) => x + (figure.series.length > 1 ? (number / (figure.series.length - 1) - 0.5) * 0.36 : 0);

  function each(figure, visit) {
    figure.series.forEach((one, number) => one.points.forEach((point) => visit(point, place(figure, number, point.x), number)));
  }

  function band(u, figure) {
    const { ctx } = u;
    const half = 0.5;
    ctx.save();
    ctx.beginPath(); ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height); ctx.clip();
    ctx.fillStyle = colour("--grey");
    const widest = new Map();
    each(figure, (point) => widest.set(point.x, Math.max(widest.get(point.x) || 0, point.delta)));
    const known = [...widest.values()];
    figure.places.forEach((_, x) => {
      const delta = widest.get(x) ?? Math.min(...known);
      const left = u.valToPos(x - half, "x", true), right = u.valToPos(x + half, "x", true);
      const top = u.valToPos(Math.log(1 + delta), "y", true), bottom = u.valToPos(-Math.log(1 + delta), "y", true);
      ctx.fillRect(Math.floor(left), top, Math.ceil(right) - Math.floor(left), bottom - top);
    });
    ctx.strokeStyle = colour("--strong");
    ctx.lineWidth = devicePixelRatio;
    const middle = Math.round(u.valToPos(0, "y", true)) + 0.5;
    ctx.beginPath(); ctx.moveTo(u.bbox.left, middle); ctx.lineTo(u.bbox.left + u.bbox.width, middle); ctx.stroke();
    ctx.restore();
  }

  function path(u, figure, one, number) {
    const { ctx } = u;
    ctx.beginPath();
    one.points.forEach((point, n) => {
      const x = u.valToPos(place(figure, number, point.x), "x", true), y = u.valToPos(Math.log(point.ratio), "y", true);
      if (n) ctx.lineTo(x, y); else ctx.moveTo(x, y);
    });
    ctx.strokeStyle = colour(figure.series.length > 1 ? INKS[number % INKS.length] : "--strong");
    ctx.lineWidth = 1.4 * devicePixelRatio;
    ctx.stroke();
  }

  function trend(u, figure) {
    const { ctx } = u;
    const size = (figure.places.length > 20 ? 3.6 : 5.2) * devicePixelRatio;
    ctx.save();
    figure.series.forEach((one, number) => path(u, figure, one, number));
    each(figure, (point, at, number) => {
      const x = u.valToPos(at, "x", true), y = u.valToPos(Math.log(point.ratio), "y", true);
      if (point.low !== null) whisker(u, x, u.valToPos(Math.log(point.low), "y", true), u.valToPos(Math.log(point.high), "y", true), ink(point.word), size);
      mark(ctx, point.word, x, y, size);
    });
    figure.anchors.forEach((x) => mark(ctx, "anchor", u.valToPos(x, "x", true), u.valToPos(0, "y", true), size));
    ctx.restore();
  }

  function whisker({ ctx }, x, low, high, stroke, size) {
    ctx.strokeStyle = stroke;
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, low); ctx.lineTo(x, high);
    for (const y of [low, high]) { ctx.moveTo(x - size * 0.6, y); ctx.lineTo(x + size * 0.6, y); }
    ctx.stroke();
  }

  function share(sorted, part) { return sorted[Math.floor(part * (sorted.length - 1))]; }

  function spread(u, figure) {
    const { ctx } = u;
    const room = 0.74 / figure.series.length;
    ctx.save();
    each(figure, (point, _, number) => {
      const middle = point.x + (number - (figure.series.length - 1) / 2) * room;
      ctx.fillStyle = ink(point.word);
      ctx.globalAlpha = 0.45;
      const size = (figure.places.length > 20 ? 1.2 : 1.9) * devicePixelRatio;
      point.pairs.forEach((block, n) => {
        const x = u.valToPos(middle + ((n + 0.5) / point.pairs.length - 0.5) * room * 0.85, "x", true);
        for (const value of block) { ctx.beginPath(); ctx.arc(x, u.valToPos(value, "y", true), size, 0, 2 * Math.PI); ctx.fill(); }
      });
      ctx.globalAlpha = 1;
      box(u, point, middle, room * 0.45);
    });
    ctx.restore();
  }

  function box(u, point, middle, half) {
    const { ctx } = u;
    const values = point.pairs.flat().sort((a, b) => a - b);
    if (!values.length) return;
    const left = u.valToPos(middle - half, "x", true), right = u.valToPos(middle + half, "x", true);
    const [low, centre, high] = [0.25, 0.5, 0.75].map((part) => u.valToPos(share(values, part), "y", true));
    ctx.strokeStyle = colour("--ink");
    ctx.lineWidth = devicePixelRatio;
    ctx.strokeRect(left, high, right - left, low - high);
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath(); ctx.moveTo(left, centre); ctx.lineTo(right, centre); ctx.stroke();
  }

  function range(figure, kind) {
    const values = [0];
    each(figure, (point) => {
      values.push(Math.log(point.ratio), Math.log(1 + point.delta), -Math.log(1 + point.delta));
      if (kind === "trend" && point.low !== null) values.push(Math.log(point.low), Math.log(point.high));
      if (kind === "spread") for (const block of point.pairs) for (const value of block) values.push(value);
    });
    let low = Infinity, high = -Infinity;
    for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
    const air = Math.max((high - low) * 0.08, 0.02);
    return [low - air, high + air];
  }

  // Marks of the axis at round ratios, as many as there is room for; 1 is always among them.
  function splits(low, high, pixels) {
    const found = [0], least = (high - low) * 24 / pixels;
    const apart = NICE.map(Math.log).sort((a, b) => Math.abs(a) - Math.abs(b));
    for (const value of apart) {
      if (value > low && value < high && found.every((one) => Math.abs(one - value) >= least)) found.push(value);
    }
    return found.sort((a, b) => a - b);
  }

  // No label is dropped: where there is no room beside each other they are turned, and then the chart is made wider than its window.
  function room(figure, width) {
    const apart = (width - 60) / figure.places.length, longest = 7.2 * Math.max(...figure.places.map((one) => one.length));
    if (apart >= longest + 10) return { width, turn: 0, deep: 30 };
    if (apart >= 26) return { width, turn: -45, deep: 20 + longest * 0.75 };
    return { width: Math.max(width, 60 + 16 * figure.places.length), turn: -90, deep: 16 + longest };
  }

  function options(figure, kind, element) {
    const axis = { stroke: colour("--dim"), font: `12px ${getComputedStyle(document.body).fontFamily}`, ticks: { show: false } };
    const [low, high] = range(figure, kind);
    const { width, turn, deep } = room(figure, element.clientWidth);
    const height = element.clientHeight - (width > element.clientWidth ? 16 : 0);
    return {
      width, height, legend: { show: false }, padding: [8, 8, 0, 0],
      cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
      scales: { x: { time: false, range: () => [-0.6, figure.places.length - 0.4] }, y: { range: () => [low, high] } },
      axes: [
        { ...axis, size: deep, rotate: turn, grid: { show: false }, splits: () => figure.places.map((_, n) => n), values: (_, found) => found.map((n) => figure.places[n]) },
        { ...axis, size: 52, grid: { stroke: colour("--line"), width: 1 }, splits: () => splits(low, high, height - deep - 10), values: (_, found) => found.map((value) => tick(Math.exp(value))) },
      ],
      series: [{}, { show: false }],
      hooks: { drawClear: [(u) => band(u, figure)], draw: [(u) => (kind === "trend" ? trend : spread)(u, figure)], setCursor: [(u) => tell(element, figure, u)] },
    };
  }

  function sentence(figure, x) {
    const told = [];
    if (figure.anchors.includes(x)) told.push(say("anchor"));
    for (const one of figure.series) {
      for (const point of one.points.filter((some) => some.x === x)) {
        const interval = point.low === null ? "" : ` (${times(point.low)} – ${times(point.high)})`;
        told.push(`${figure.series.length > 1 ? `${one.name || say("plain")}: ` : ""}${say(point.word)} ${times(point.ratio)}${interval}, ${point.reference} → ${point.value}`);
      }
    }
    return told;
  }

  function tell(element, figure, u) {
    const said = element.querySelector(".said");
    const x = u.cursor.idx;
    const lines = x === null || x === undefined ? [] : sentence(figure, x);
    said.hidden = !lines.length;
    if (!lines.length) return;
    const head = document.createElement("b");
    head.textContent = figure.places[x];
    said.replaceChildren(head, ...lines.map((line) => Object.assign(document.createElement("div"), { textContent: line })));
    const left = u.valToPos(x, "x");
    const right = left > element.clientWidth / 2;
    said.style.left = right ? "" : `${left + 62}px`;
    said.style.right = right ? `${element.clientWidth - left - 42}px` : "";
  }

  function walk(event, figure, u) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") u.setCursor({ left: -10, top: -10 });
    if (!step) return;
    event.preventDefault();
    const now = u.cursor.idx;
    const next = now === null || now === undefined ? (step > 0 ? 0 : figure.places.length - 1) : Math.min(figure.places.length - 1, Math.max(0, now + step));
    u.setCursor({ left: u.valToPos(next, "x"), top: 20 });
  }

  function key(element, figure) {
    element.parentElement.querySelector(".key")?.remove();
    if (figure.series.length < 2) return;
    const list = Object.assign(document.createElement("ul"), { className: "key" });
    figure.series.forEach((one, number) => {
      const item = document.createElement("li"), swatch = document.createElement("i");
      swatch.style.background = colour(INKS[number % INKS.length]);
      item.append(swatch, one.name || say("plain"));
      list.append(item);
    });
    element.after(list);
  }

  function draw(element) {
    const figure = window.LAB_FIGURES[element.dataset.figure];
    drawn.get(element)?.destroy();
    if (!element.clientWidth) return;
    element.replaceChildren();
    const said = Object.assign(document.createElement("div"), { className: "said", hidden: true });
    said.setAttribute("aria-live", "polite");
    const indexes = figure.places.map((_, n) => n);
    const u = new uPlot(options(figure, element.dataset.kind, element), [indexes, indexes.map(() => 0)], element);
    element.append(said);
    element.tabIndex = 0;
    element.setAttribute("role", "group");
    const title = element.closest("article").querySelector("h3").textContent;
    element.setAttribute("aria-label", `${title}: ${element.parentElement.querySelector("figcaption").textContent.trim()}. ${say("keys")}`);
    element.onkeydown = (event) => walk(event, figure, u);
    element.onblur = () => u.setCursor({ left: -10, top: -10 });
    if (element.dataset.kind === "trend") key(element, figure);
    drawn.set(element, u);
  }

  const charts = Array.from(document.querySelectorAll(".chart"));
  const near = new Set();
  // Only what is near the window is drawn: a page may hold many figures.
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.add(entry.target);
      if (!drawn.has(entry.target)) draw(entry.target);
    }
  }, { rootMargin: "400px" });
  charts.forEach((one) => watcher.observe(one));

  let waiting = 0;
  function again() {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => near.forEach(draw));
  }
  window.LAB.listen(again);
  addEventListener("resize", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  addEventListener("beforeprint", () => charts.forEach(draw));
})();
