"use strict";
(() => {
  const data = JSON.parse(document.getElementById("gallery-data").textContent);
  const byId = (id) => document.getElementById(id);
  const NS = "http://www.w3.org/2000/svg";
  const CHUNK = 72, CROP = 48;
  const MODES = data.kind === "renders"
    ? { checker: "over a checkerboard", black: "over black", white: "over white", alpha: "alpha" }
    : { image: "image", alpha: "alpha", cut: "cut-out", green: "on green" };
  const entries = data.entries.map(([title, note, image, alpha, fg, faults, groups, facts, edge], index) =>
    ({ title, note, image, alpha, fg, faults, groups, facts, edge, index,
       text: [title, note, ...faults, ...groups, ...facts].join(" ").toLowerCase() }));
  let shown = entries, drawn = 0, current = 0, masks = 0;

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

  // Drawn as SVG: a mask takes a grey matte as alpha without reading pixels, which pages opened from disk may not do.
  function drawing(entry, mode, box) {
    const full = { x: 0, y: 0, width: box[0], height: box[1], preserveAspectRatio: "none" };
    const svg = vector("svg", { viewBox: `0 0 ${box[0]} ${box[1]}` });
    const matte = data.kind === "renders" ? "" : entry.alpha;
    if (mode === "alpha" && matte) svg.append(vector("image", { ...full, href: matte }));
    else if (mode === "alpha") svg.append(vector("image", { ...full, href: entry.image, filter: "url(#alpha-only)" }));
    else if ((mode === "cut" || mode === "green") && matte) {
      const id = `mask-${masks++}`;
      svg.append(vector("mask", { id, maskUnits: "userSpaceOnUse", x: 0, y: 0, width: box[0], height: box[1] },
                        vector("image", { ...full, href: matte })));
      svg.append(vector("image", { ...full, href: entry.fg || entry.image, mask: `url(#${id})` }));
    } else svg.append(vector("image", { ...full, href: entry.image }));
    return svg;
  }
  const backdrop = (mode) => ({ checker: "checker", cut: "checker", black: "black", white: "white", alpha: "black", green: "green" })[mode] || "";

  function lost(entry, mode) {
    if (!entry.image) return "the file is missing";
    if (data.kind === "dataset" && mode !== "image" && !entry.alpha) return "the matte is missing";
    return "";
  }
  function tilePicture(entry, mode) {
    const holder = element("span", { class: `shown ${backdrop(mode)}` });
    const why = lost(entry, mode);
    if (why) { holder.className = "shown"; holder.append(element("span", { class: "lost" }, why)); return holder; }
    if (mode === "cut" || mode === "green") holder.append(drawing(entry, mode, [100, 100]));
    else {
      const img = element("img", { loading: "lazy", decoding: "async", alt: "", src: mode === "alpha" && entry.alpha ? entry.alpha : entry.image });
      if (mode === "alpha" && data.kind === "renders") img.style.filter = "url(#alpha-only)";
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
  function refresh() {
    const words = byId("gallery-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = data.filters.map((_, i) => byId(`choice-${i}`).value);
    const faulty = byId("gallery-faults").checked;
    shown = entries.filter((entry) => (!faulty || entry.faults.length) &&
      wanted.every((value, i) => value === "" || entry.groups[i] === value.slice(1)) &&
      words.every((word) => entry.text.includes(word)));
    byId("gallery-count").textContent = shown.length === entries.length
      ? `${entries.length.toLocaleString()}` : `${shown.length.toLocaleString()} of ${entries.length.toLocaleString()}`;
    byId("gallery-grid").replaceChildren();
    drawn = 0;
    more();
    watcher.unobserve(byId("gallery-end"));
    watcher.observe(byId("gallery-end"));
  }

  function sizeOf(address) {
    return new Promise((done) => {
      const img = new Image();
      img.onload = () => done([img.naturalWidth, img.naturalHeight]);
      img.onerror = () => done([512, 512]);
      img.src = address;
    });
  }
  async function open(place) {
    current = (place + shown.length) % shown.length;
    const entry = shown[current];
    byId("view-title").textContent = entry.title;
    byId("view-facts").replaceChildren(...[...data.filters.map((name, i) => [name, entry.groups[i]]),
      ...data.facts.map((name, i) => [name, entry.facts[i]])].filter(([, value]) => value !== "")
      .map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
    if (!byId("view").open) byId("view").showModal();
    const pictures = byId("view-pictures"), crops = byId("view-crops");
    pictures.replaceChildren(); crops.replaceChildren();
    const why = lost(entry, "cut");
    byId("view-hint").textContent = entry.faults.join(", ") || why;
    if (!entry.image) return;
    const box = await sizeOf(entry.image);
    if (shown[current] !== entry) return;
    const panels = data.kind === "renders"
      ? [["checker", "render over a checkerboard"], ["alpha", "alpha"], ["white", "over white"], ["black", "over black"]]
      : why ? [["image", "image"]]
      : [["image", "image"], ["alpha", "alpha"],
         ["cut", entry.fg ? "cut-out: foreground × alpha" : "cut-out: image × alpha"]];
    const edge = Math.min(CROP, ...box), lenses = [], zooms = [];
    for (const [mode, label] of panels) {
      const big = drawing(entry, mode, box), near = drawing(entry, mode, box);
      const lens = vector("rect", { class: "lens", width: edge, height: edge });
      big.append(lens); lenses.push(lens); zooms.push(near);
      big.addEventListener("pointermove", (event) => {
        const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(big.getScreenCTM().inverse());
        look(at.x, at.y);
      });
      pictures.append(element("figure", {}, element("figcaption", {}, label), element("div", { class: `shown ${backdrop(mode)}` }, big)));
      crops.append(element("figure", {}, element("div", { class: `shown ${backdrop(mode)}` }, near)));
    }
    function look(x, y) {
      const left = Math.round(Math.max(0, Math.min(box[0] - edge, x - edge / 2)));
      const top = Math.round(Math.max(0, Math.min(box[1] - edge, y - edge / 2)));
      for (const lens of lenses) { lens.setAttribute("x", left); lens.setAttribute("y", top); }
      for (const near of zooms) near.setAttribute("viewBox", `${left} ${top} ${edge} ${edge}`);
    }
    look(entry.edge[0] * box[0], entry.edge[1] * box[1]);
    byId("view-hint").textContent = [entry.faults.join(", "),
      `${box[0]} × ${box[1]} pixels; below, ${edge} × ${edge} of them: move over a picture to look elsewhere`].filter(Boolean).join(" · ");
  }

  data.filters.forEach((name, i) => {
    const values = [...new Set(entries.map((entry) => entry.groups[i]))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
    const choice = element("select", { id: `choice-${i}`, "aria-label": name }, element("option", { value: "" }, `every ${name}`));
    // A sign before the value keeps an empty value apart from "every".
    for (const value of values) choice.append(element("option", { value: `=${value}` }, value || "(none)"));
    choice.addEventListener("change", refresh);
    byId("gallery-choices").append(choice, " ");
  });
  for (const [mode, label] of Object.entries(MODES)) byId("gallery-mode").append(element("option", { value: mode }, label));
  let waiting = 0;
  byId("gallery-text").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(refresh, 150); });
  byId("gallery-faults").addEventListener("change", refresh);
  byId("gallery-mode").addEventListener("change", refresh);
  byId("view-close").addEventListener("click", () => byId("view").close());
  byId("view-next").addEventListener("click", () => open(current + 1));
  byId("view-back").addEventListener("click", () => open(current - 1));
  byId("view").addEventListener("click", (event) => { if (event.target === byId("view")) byId("view").close(); });
  document.addEventListener("keydown", (event) => {
    if (!byId("view").open) return;
    if (event.key === "ArrowRight") open(current + 1);
    if (event.key === "ArrowLeft") open(current - 1);
  });
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting) || drawn >= shown.length) return;
    more();
    watcher.unobserve(byId("gallery-end"));  // Observing anew reports again if the end is still in sight.
    watcher.observe(byId("gallery-end"));
  }, { rootMargin: "800px" });
  watcher.observe(byId("gallery-end"));
  refresh();
  const asked = location.hash.match(/^#(\d+)$/);
  if (asked && entries[asked[1]]) open(Number(asked[1]));
})();
