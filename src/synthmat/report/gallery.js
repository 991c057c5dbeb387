"use strict";
(() => {
  const data = JSON.parse(document.getElementById("gallery-data").textContent);
  const byId = (id) => document.getElementById(id);
  const NS = "http://www.w3.org/2000/svg";
  const CHUNK = 72, FRAME_MS = 120;
  const LABELS = {
    image: "image", alpha: "alpha", trimap: "trimap", fg: "foreground", bg: "background",
    captured_bg: "captured background", shadow: "shadow", cut: "cut-out", green: "cut-out on green",
    other: "cut-out on another photo", checker: "over a checkerboard", black: "over black", white: "over white",
  };
  const BACKDROPS = { checker: "checker", cut: "checker", black: "black", white: "white", alpha: "black", green: "green" };
  const isRenders = data.kind === "renders";
  const has = (kind) => data.kinds.includes(kind);
  // What each way of showing a picture is called; those of the panes stand side by side in the enlarged view.
  const panes = isRenders ? ["checker", "alpha", "white", "black"]
    : ["image", "alpha", "trimap", "cut", "fg", "bg", "captured_bg", "shadow"].filter((mode) =>
      has(mode) || (mode === "cut" && has("alpha")));
  const modes = isRenders ? panes : [...panes, ...(has("alpha") ? ["green"] : []), ...(has("bg") && has("fg") ? ["other"] : [])];

  const column = ([values, places], index) => values[places[index]];
  const filters = Object.keys(data.filters), facts = Object.keys(data.facts);
  const entries = data.titles.map((title, index) => ({
    index, title, note: column(data.notes, index), clip: column(data.clips, index),
    faults: data.faults[index] || [], edge: data.edges[index].map((share) => share / 1000),
    groups: filters.map((name) => column(data.filters[name], index)),
  }));
  for (const entry of entries) {
    entry.values = entry.groups.map((value) => value.split("; "));
    entry.file = (kind) => {
      const pattern = data.patterns[data.pattern[entry.index]][data.kinds.indexOf(kind)];
      return pattern ? pattern.replace("*", () => data.stems[entry.index]) : "";
    };
    entry.facts = () => facts.map((name) => column(data.facts[name], entry.index));
  }
  let shown = entries, drawn = 0, current = 0, masks = 0, built = null, playing = 0;

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }
  function vector(tag, attributes = {}, ...children) {
    const node = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // The pictures that lie over each other in a mode: address, and that of the matte it is cut out with.
  function layers(entry, mode) {
    if (isRenders) return [[entry.file("image")]];
    if (!["cut", "green", "other"].includes(mode)) return [[entry.file(mode)]];
    const cut = [entry.file("fg") || entry.file("image"), entry.file("alpha")];
    return mode === "other" ? [[another(entry)], cut] : [cut];
  }
  // A photo that the sample was not on.
  function another(entry) {
    const photo = filters.indexOf("photo");
    for (let step = 1; step < entries.length; step++) {
      const one = entries[(entry.index + step * 7) % entries.length];
      if (one.groups[photo] !== entry.groups[photo] && one.file("bg")) return one.file("bg");
    }
    return entry.file("bg");
  }
  const lost = (entry, mode) => layers(entry, mode).some((layer) => layer.some((address) => !address));

  // Drawn as SVG: a mask takes a gray matte as alpha without reading pixels, which pages opened from disk may not do.
  function fill(svg, entry, mode, box) {
    const full = { x: 0, y: 0, width: box[0], height: box[1], preserveAspectRatio: "none" };
    const nodes = [];
    for (const [address, matte] of lost(entry, mode) ? [] : layers(entry, mode)) {
      const more = {};
      if (matte) {
        const id = `mask-${masks++}`;
        nodes.push(vector("mask", { id, maskUnits: "userSpaceOnUse", x: 0, y: 0, width: box[0], height: box[1] },
                          vector("image", { ...full, href: matte })));
        more.mask = `url(#${id})`;
      } else if (isRenders && mode === "alpha") more.filter = "url(#alpha-only)";
      nodes.push(vector("image", { ...full, ...more, href: address }));
    }
    if (!nodes.length) nodes.push(vector("text", { x: "50%", y: "50%", "text-anchor": "middle" }, "not there"));
    svg.replaceChildren(...nodes);
    return svg;
  }
  const drawing = (box) => vector("svg", { viewBox: `0 0 ${box[0]} ${box[1]}` });

  function tilePicture(entry, mode) {
    const holder = element("span", { class: `shown ${BACKDROPS[mode] || ""}` });
    if (lost(entry, mode)) {
      holder.className = "shown";
      holder.append(element("span", { class: "lost" }, `${LABELS[mode]}: not there`));
    } else if (["cut", "green", "other"].includes(mode)) holder.append(fill(drawing([100, 100]), entry, mode, [100, 100]));
    else {
      const img = element("img", { loading: "lazy", decoding: "async", alt: "", src: layers(entry, mode)[0][0] });
      if (mode === "alpha" && isRenders) img.style.filter = "url(#alpha-only)";
      holder.append(img);
    }
    return holder;
  }
  function tile(entry, place) {
    const words = element("span", { class: "words" }, entry.title, element("i", {}, entry.note));
    const node = element("button", { class: "tile", type: "button", title: entry.title },
                         tilePicture(entry, byId("gallery-mode").value), words);
    if (entry.faults.length) node.append(element("span", { class: "fault" }, entry.faults.join(", ")));
    node.addEventListener("click", () => open(place));
    return node;
  }

  function more() {
    const grid = byId("gallery-grid");
    const end = Math.min(drawn + CHUNK, shown.length);
    for (; drawn < end; drawn++) grid.append(tile(shown[drawn], drawn));
  }
  function text(entry) {
    entry.text ??= [entry.title, entry.note, ...entry.faults, ...entry.groups, ...entry.facts()].join(" ").toLowerCase();
    return entry.text;
  }
  function refresh() {
    const words = byId("gallery-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = filters.map((_, i) => byId(`choice-${i}`).value);
    const faulty = byId("gallery-faults").checked;
    shown = entries.filter((entry) => (!faulty || entry.faults.length) &&
      wanted.every((value, i) => value === "" || entry.values[i].includes(value.slice(1))) &&
      words.every((word) => text(entry).includes(word)));
    byId("gallery-count").textContent = shown.length === entries.length
      ? `${entries.length.toLocaleString()}` : `${shown.length.toLocaleString()} of ${entries.length.toLocaleString()}`;
    byId("gallery-grid").replaceChildren();
    drawn = 0;
    more();
    watcher.unobserve(byId("gallery-end"));
    watcher.observe(byId("gallery-end"));
  }

  function load(address) {
    return new Promise((done) => {
      const img = new Image();
      img.onload = () => done([img.naturalWidth, img.naturalHeight]);
      img.onerror = () => done(null);
      img.src = address;
    });
  }

  // The enlarged view: two pictures under a slider, and every picture whole with the same few pixels of it below.
  function build(box) {
    const edge = Math.max(16, Math.round(Math.max(...box) / 8));
    built = { box, edge, at: [box[0] / 2, box[1] / 2], panes: [], stage: [drawing(box), drawing(box)] };
    const grid = byId("view-panes");
    grid.style.setProperty("--columns", Math.min(4, panes.length));
    grid.style.setProperty("--rows", Math.ceil(panes.length / 4));
    grid.replaceChildren(...panes.map((mode) => {
      const whole = drawing(box), near = drawing(box), over = drawing(box);
      const lens = vector("rect", { class: "lens" });
      over.append(lens);
      built.panes.push({ mode, whole, near, lens });
      const holder = element("div", { class: `shown stacked ${BACKDROPS[mode] || ""}` }, whole, over);
      over.addEventListener("pointermove", (event) => look(...inside(over, event)));
      over.addEventListener("click", () => { byId("view-b").value = mode; show(); });
      return element("figure", {}, element("figcaption", {}, LABELS[mode]), holder,
                     element("div", { class: `shown near ${BACKDROPS[mode] || ""}` }, near));
    }));
    const [under, upper] = built.stage, over = drawing(box), lens = vector("rect", { class: "lens" });
    over.append(lens);
    built.panes.push({ lens });
    built.under = element("div", { class: "shown" }, under);
    built.upper = element("div", { class: "shown upper" }, upper);
    byId("view-stage").replaceChildren(built.under, built.upper, element("i", { id: "view-divider" }), over);
    byId("view-stage").style.aspectRatio = `${box[0]} / ${box[1]}`;
    over.addEventListener("pointerdown", (event) => { over.setPointerCapture(event.pointerId); slide(event); });
    over.addEventListener("pointermove", (event) => (event.buttons ? slide(event) : look(...inside(over, event))));
  }
  function slide(event) {
    const frame = byId("view-stage").getBoundingClientRect();
    split(Math.max(0, Math.min(1, (event.clientX - frame.left) / frame.width)));
  }
  function split(share) {
    byId("view-split").value = Math.round(1000 * share);
    byId("view-stage").style.setProperty("--split", `${100 * share}%`);
  }
  function inside(svg, event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [at.x, at.y];
  }
  function look(x, y) {
    const { box, edge } = built;
    built.at = [x, y];
    const left = Math.round(Math.max(0, Math.min(box[0] - edge, x - edge / 2)));
    const top = Math.round(Math.max(0, Math.min(box[1] - edge, y - edge / 2)));
    for (const { lens, near } of built.panes) {
      for (const [name, value] of [["x", left], ["y", top], ["width", edge], ["height", edge]]) lens.setAttribute(name, value);
      if (near) near.setAttribute("viewBox", `${left} ${top} ${edge} ${edge}`);
    }
    const entry = shown[current];
    byId("view-hint").textContent = [entry.faults.join(", "),
      `${box[0]} × ${box[1]} pixels, and ${edge} × ${edge} of them: point to look elsewhere, turn the wheel for more or fewer`,
    ].filter(Boolean).join(" · ");
  }
  function show() {
    const entry = shown[current], chosen = [byId("view-a").value, byId("view-b").value];
    for (const { mode, whole, near } of built.panes) {
      if (mode) for (const svg of [whole, near]) fill(svg, entry, mode, built.box);
    }
    [built.under, built.upper].forEach((holder, i) => {
      holder.className = `shown ${i ? "upper" : ""} ${BACKDROPS[chosen[i]] || ""}`;
      fill(built.stage[i], entry, chosen[i], built.box);
    });
  }
  async function open(place) {
    current = (place + shown.length) % shown.length;
    const entry = shown[current], frames = framesOf(entry);
    byId("view-title").textContent = entry.title;
    byId("view-clip").hidden = frames.length < 2;
    byId("view-frame").max = frames.length - 1;
    byId("view-frame").value = frames.indexOf(current);
    byId("view-at").textContent = `${frames.indexOf(current) + 1} of ${frames.length}`;
    const values = entry.facts();
    byId("view-facts").replaceChildren(...[...filters.map((name, i) => [name, entry.groups[i]]),
      ...facts.map((name, i) => [name, values[i]])].filter(([, value]) => value !== "")
      .map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
    if (!byId("view").open) byId("view").showModal();
    const addresses = [...new Set(panes.flatMap((mode) => layers(entry, mode).flat()))].filter(Boolean);
    const [box] = (await Promise.all(addresses.map(load))).filter(Boolean);
    if (shown[current] !== entry) return;
    const size = box || [512, 512];
    if (!built || built.box.join() !== size.join()) build(size);
    show();
    if (!playing) look(entry.edge[0] * size[0], entry.edge[1] * size[1]);
    try { history.replaceState(null, "", `#${entry.index}`); } catch { /* some browsers refuse on pages from disk */ }
  }

  function framesOf(entry) {
    if (!entry.clip) return [current];
    let first = current, last = current;
    while (first > 0 && shown[first - 1].clip === entry.clip) first--;
    while (last < shown.length - 1 && shown[last + 1].clip === entry.clip) last++;
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  }
  function play(wanted) {
    clearTimeout(playing);
    playing = 0;
    byId("view-play").textContent = wanted ? "stop" : "play";
    if (!wanted) return;
    const step = async () => {
      const frames = framesOf(shown[current]);
      await open(frames[(frames.indexOf(current) + 1) % frames.length]);
      if (playing) playing = setTimeout(step, FRAME_MS);
    };
    playing = setTimeout(step, FRAME_MS);
  }
  const go = (place) => { play(false); open(place); };

  filters.forEach((name, i) => {
    const values = [...new Set(entries.flatMap((entry) => entry.values[i]))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
    const choice = element("select", { id: `choice-${i}`, "aria-label": name }, element("option", { value: "" }, `every ${name}`));
    // A sign before the value keeps an empty value apart from "every".
    for (const value of values) choice.append(element("option", { value: `=${value}` }, value || "(none)"));
    choice.addEventListener("change", refresh);
    byId("gallery-choices").append(choice, " ");
  });
  for (const mode of modes) {
    for (const id of ["gallery-mode", "view-a", "view-b"]) byId(id).append(element("option", { value: mode }, LABELS[mode]));
  }
  byId("view-b").value = modes.includes("other") ? "other" : modes.includes("cut") ? "cut" : modes[1] || modes[0];
  for (const id of ["view-a", "view-b"]) byId(id).addEventListener("change", show);
  byId("view-split").addEventListener("input", (event) => split(event.target.value / 1000));
  byId("view-frame").addEventListener("input", (event) => go(framesOf(shown[current])[event.target.value]));
  byId("view-play").addEventListener("click", () => play(!playing));
  byId("view-right").addEventListener("wheel", (event) => {
    if (!built || !event.target.closest("figure")) return;
    event.preventDefault();
    built.edge = Math.round(Math.max(8, Math.min(...built.box, built.edge * (event.deltaY > 0 ? 1.25 : 0.8))));
    look(...built.at);
  }, { passive: false });
  let waiting = 0;
  byId("gallery-text").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(refresh, 150); });
  byId("gallery-faults").addEventListener("change", refresh);
  byId("gallery-mode").addEventListener("change", refresh);
  byId("view-close").addEventListener("click", () => byId("view").close());
  byId("view-next").addEventListener("click", () => go(current + 1));
  byId("view-back").addEventListener("click", () => go(current - 1));
  byId("view").addEventListener("click", (event) => { if (event.target === byId("view")) byId("view").close(); });
  byId("view").addEventListener("close", () => play(false));
  document.addEventListener("keydown", (event) => {
    if (!byId("view").open || ["SELECT", "INPUT"].includes(event.target.tagName)) return;
    if (event.key === "ArrowRight") go(current + 1);
    if (event.key === "ArrowLeft") go(current - 1);
    if (event.key === " " && !byId("view-clip").hidden) { event.preventDefault(); play(!playing); }
  });
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting) || drawn >= shown.length) return;
    more();
    watcher.unobserve(byId("gallery-end"));  // Observing anew reports again if the end is still in sight.
    watcher.observe(byId("gallery-end"));
  }, { rootMargin: "800px" });
  refresh();
  const asked = location.hash.match(/^#(\d+)$/);
  if (asked && entries[asked[1]]) open(Number(asked[1]));
})();
