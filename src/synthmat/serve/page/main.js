// The photos in the queue, and what the user wants of them.

import { call, json, matte } from "./server.js";
import { paint } from "./painter.js";
import * as folder from "./folder.js";
import * as viewer from "./viewer.js";
import { zip } from "./zip.js";

const AT_ONCE = 2;
const PREVIEW = 1024;
const PIXELS = ["opening", "closing", "smooth"];
const SWATCHES = ["#ffffff", "#000000", "#e8e4dc", "#2d6cdf", "#2aa876", "#f2b134"];
const PICTURES = /\.(jpe?g|jfif|png|webp|tiff?|bmp|avif|hei[cf]|hif)$/i;

const element = (id) => document.getElementById(id);
const chosenRadio = (name) => document.querySelector(`[name=${name}]:checked`).value;
const items = [];
let models = [], current = null, running = 0, backgroundPicture = null, number = 0, blurTimer = 0;

// -- The queue ------------------------------------------------------------------------------------------------------

async function add(files) {
  await networks;  // what is dropped while the page still loads waits for them
  const pictures = [...files].filter((file) => file.type.startsWith("image/") || PICTURES.test(file.name));
  const others = files.length - pictures.length;
  say(others ? `${others} of ${files.length} files are no pictures and were left out.` : "");
  for (const file of pictures) {
    const item = { id: ++number, file, url: URL.createObjectURL(file), state: "waiting", words: "waiting" };
    items.push(item);
    element("list").append(row(item));
  }
  if (items.length) {
    document.body.classList.remove("empty");
    element("welcome").hidden = true;
    element("work").hidden = false;
    if (!current) choose(items[0]);
  }
  pump();
}

function row(item) {
  const made = document.createElement("li");
  made.innerHTML = '<img class="thumb" alt=""><div><div class="name"></div><div class="state"></div></div><button class="remove" aria-label="Remove">×</button>';
  made.querySelector(".name").textContent = made.title = item.file.name;
  const thumb = made.querySelector(".thumb");
  createImageBitmap(item.file, { resizeWidth: 128, resizeQuality: "medium" }).then((small) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [small.width, small.height];
    canvas.getContext("2d").drawImage(small, 0, 0);
    thumb.src = canvas.toDataURL("image/jpeg", 0.8);
  }).catch(() => { /* a format that the browser does not show */ });
  made.onclick = () => choose(item);
  made.querySelector(".remove").onclick = (event) => { event.stopPropagation(); remove(item); };
  item.row = made;
  tell(item, item.state, item.words);
  return made;
}

function tell(item, state, words) {
  item.state = state;
  item.words = words;
  item.row.className = state + (item === current ? " chosen" : "");
  item.row.querySelector(".state").textContent = item.row.querySelector(".state").title = words;
  const busy = items.filter((each) => each.state === "waiting" || each.state === "working").length;
  const done = items.filter((each) => each.state === "done").length;
  element("overall").textContent = items.length > 1 || busy ? `${done} of ${items.length} done` : "";
  document.title = busy ? `${done}/${items.length} – synthmat` : "synthmat";
  element("cancel-all").hidden = !busy;
  element("download-all").hidden = done < 2;
  if (item === current) refresh();
}

function remove(item) {
  item.abort?.abort();
  items.splice(items.indexOf(item), 1);
  for (const url of [item.url, item.resultUrl, item.capturedUrl]) if (url) URL.revokeObjectURL(url);
  item.row.remove();
  item.removed = true;
  if (item === current) {
    current = null;
    if (items.length) choose(items[0]);
    else {
      element("work").hidden = true;
      element("welcome").hidden = false;
    }
  }
  if (items.length) tell(items[0], items[0].state, items[0].words);
  else {
    element("overall").textContent = "";
    for (const id of ["cancel-all", "download-all"]) element(id).hidden = true;
  }
}

const model = () => models.find((each) => each.name === element("model").value);
const needs = (item) => model().inputs.find((kind) => !item[kind]);

function pump() {
  for (const item of items) {
    if (running >= AT_ONCE) return;
    if (item.state !== "waiting" && item.state !== "needs") continue;
    const missing = needs(item);
    if (missing) tell(item, "needs", missing === "trimap" ? "no trimap" : "no empty scene");
    else work(item);
  }
}

async function work(item) {
  running++;
  const abort = item.abort = new AbortController();
  tell(item, "working", "working");
  try {
    const files = { image: item.file, trimap: item.trimap };
    if (model().inputs.includes("captured_bg")) files.captured_bg = item.captured_bg;
    const waiting = (seconds) => tell(item, "working", `the server is busy, again in ${seconds} s`);
    item.raw = await matte(files, { model: model().name, output: "cutout" }, { signal: abort.signal, waiting });
    item.small = null;
    item.cleanKey = null;
    setResult(item, item.raw);
    tell(item, "done", "done");
    if (item === current) settle();
  } catch (error) {
    if (item.removed) return;
    if (error.name === "AbortError") tell(item, "cancelled", "cancelled");
    else tell(item, "failed", error.message);
  } finally {
    if (item.abort === abort) item.abort = null;
    running--;
    pump();
  }
}

function again(item) {
  item.abort?.abort();
  tell(item, "waiting", "waiting");
  pump();
}

function setResult(item, blob) {
  if (item.resultUrl) URL.revokeObjectURL(item.resultUrl);
  item.result = blob;
  item.resultUrl = blob ? URL.createObjectURL(blob) : "";
  item.blurred = null;
}

// -- What is shown --------------------------------------------------------------------------------------------------

function choose(item) {
  const old = current;
  current = item;
  if (old) old.row.classList.remove("chosen");
  item.row.classList.add("chosen");
  item.row.scrollIntoView({ block: "nearest", inline: "nearest" });
  refresh(old !== item);
  if (item.state === "done") settle();
}

let shown = null;

async function refresh() {
  const item = current;
  if (!item) return;
  const blur = chosenRadio("background") === "blur" && chosenRadio("view") === "cutout" && item.blurred;
  const same = shown === item;
  shown = item;
  const words = { waiting: "Waiting", working: "The network is looking at it", cancelled: "Cancelled",
    needs: `This network needs ${item.words === "no trimap" ? "a trimap" : "the empty scene"}` }[item.state];
  element("note").textContent = item.state === "done" ? item.note || "" : words || sentence(item.words);
  element("viewer").classList.toggle("matte", chosenRadio("view") === "matte");
  element("download").disabled = !item.result;
  element("captured").hidden = !model().inputs.includes("captured_bg");
  element("captured-picture").hidden = !item.capturedUrl;
  if (item.capturedUrl) element("captured-picture").src = item.capturedUrl;
  element("captured-for-all").hidden = !item.captured_bg || items.length < 2;
  element("drop-trimap").hidden = !item.trimap;
  element("trimap-words").textContent = item.trimap ? "What is painted is kept; between, the network decides."
    : model().inputs.includes("trimap") ? "This network needs one: paint what is surely object or background."
      : "Where the network errs, paint what is surely object or background.";
  await viewer.show(item.url, blur ? item.blurredUrl : item.resultUrl, same);
}

const sentence = (words) => (words ? words[0].toUpperCase() + words.slice(1) : "");

function say(words) {
  element("message").hidden = !words;
  element("message").textContent = words;
}

// -- Clean-up -------------------------------------------------------------------------------------------------------

function cleaning() {
  const given = {};
  for (const slider of document.querySelectorAll("[data-clean]")) {
    if (Number(slider.value)) given[slider.dataset.clean] = Number(slider.value);
  }
  return given;
}

/** Bring a picture's result up to what the sliders say, at its full size. */
function clean(item) {
  const wanted = cleaning(), key = JSON.stringify(wanted);
  if (item.cleanKey !== key) {
    item.cleanKey = key;
    item.cleanDone = cleanNow(item, wanted, key);
    item.cleanDone.catch(() => { if (item.cleanKey === key) item.cleanKey = null; });
  }
  return item.cleanDone;
}

async function cleanNow(item, wanted, key) {
  if (!item.raw) return;
  const result = key === "{}" ? item.raw : await matte({ image: item.file, alpha: item.raw }, wanted);
  if (item.cleanKey !== key || item.removed) return;
  if (result !== item.result) setResult(item, result);
  if (item === current) await refresh();
  await showBlur(item);
}

let previewing = null;

/** Show at once, in a small copy, what the sliders would do. */
async function preview(item) {
  previewing?.abort();
  const abort = previewing = new AbortController();
  item.small ??= await small(item);
  const scaled = Object.fromEntries(Object.entries(cleaning()).map(([name, value]) => [name, PIXELS.includes(name) ? value * item.small.factor : value]));
  if (!Object.keys(scaled).length) return clean(item);
  try {
    const blob = await matte({ image: item.small.photo, alpha: item.small.cutout }, scaled, { signal: abort.signal });
    if (item !== current || abort.signal.aborted) return;
    if (item.previewUrl) URL.revokeObjectURL(item.previewUrl);
    item.previewUrl = URL.createObjectURL(blob);
    await viewer.show(item.url, item.previewUrl, true);
  } catch (error) {
    if (error.name !== "AbortError") say(sentence(error.message));
  }
}

async function small(item) {
  const whole = await createImageBitmap(item.raw);
  const factor = Math.min(1, PREVIEW / Math.max(whole.width, whole.height));
  const size = [Math.max(1, Math.round(whole.width * factor)), Math.max(1, Math.round(whole.height * factor))];
  let photo = whole;
  try { photo = await createImageBitmap(item.file); } catch { /* not shown by the browser: the cut-out's own color */ }
  const shrunk = async (picture, type) => {
    const canvas = new OffscreenCanvas(...size);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, ...size);
    return canvas.convertToBlob({ type, quality: 0.95 });
  };
  return { factor, photo: await shrunk(photo, "image/jpeg"), cutout: await shrunk(whole, "image/png") };
}

const LABELS = {
  opening: (value) => `${value} px`, closing: (value) => `${value} px`, smooth: (value) => `${value} px`,
  least_part: (value) => `${Math.round(100 * value)} %`, holes: (value) => `${(100 * value).toFixed(1)} %`,
  parts: (value) => (value ? String(value) : "all"),
};

function label(slider) {
  const value = Number(slider.value);
  slider.parentElement.querySelector("output").textContent = slider.dataset.clean ? (value || slider.dataset.clean === "parts" ? LABELS[slider.dataset.clean](value) : "off") : `${value} %`;
}

let previewTimer = 0;

for (const slider of document.querySelectorAll("[data-clean]")) {
  label(slider);
  slider.addEventListener("input", () => {
    label(slider);
    clearTimeout(previewTimer);
    if (current?.raw) previewTimer = setTimeout(() => preview(current), 60);
  });
  slider.addEventListener("change", () => { if (current?.raw) settle(); });
}

async function settle() {
  clearTimeout(previewTimer);
  try {
    await clean(current);
  } catch (error) {
    say(sentence(error.message));
  }
}

element("reset-cleaning").onclick = () => {
  for (const slider of document.querySelectorAll("[data-clean]")) { slider.value = 0; label(slider); }
  if (current?.raw) settle();
};

// -- Background -----------------------------------------------------------------------------------------------------

function background() {
  const kind = chosenRadio("background");
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== kind;
  const layer = element("new-background").style;
  layer.background = kind === "color" ? element("color").value : "";
  if (kind === "picture" && backgroundPicture) layer.background = `center / cover url("${backgroundPicture.url}")`;
  refresh();
  if (current?.result) showBlur(current);
}

/** The server blurs: it leaves the object's color out, which a filter of the browser would not. */
async function showBlur(item) {
  if (chosenRadio("background") !== "blur" || item.blurred || !item.result) return;
  const strength = element("blur").value;
  item.note = "Blurring";
  if (item === current) refresh();
  try {
    const blob = await matte({ image: item.file, alpha: item.result }, { blur: strength });
    if (element("blur").value !== strength) return;
    if (item.blurredUrl) URL.revokeObjectURL(item.blurredUrl);
    item.blurred = blob;
    item.blurredUrl = URL.createObjectURL(blob);
  } catch (error) {
    say(sentence(error.message));
  } finally {
    item.note = "";
    if (item === current) refresh();
  }
}

for (const radio of document.querySelectorAll("[name=background]")) radio.onchange = background;
for (const radio of document.querySelectorAll("[name=view]")) radio.onchange = () => refresh();
element("color").oninput = background;
label(element("blur"));
element("blur").oninput = () => {
  label(element("blur"));
  clearTimeout(blurTimer);
  for (const item of items) item.blurred = null;
  blurTimer = setTimeout(() => current && showBlur(current), 200);
};
element("swatches").append(...SWATCHES.map((color) => {
  const made = document.createElement("button");
  made.style.background = color;
  made.setAttribute("aria-label", color);
  made.onclick = () => { element("color").value = color; background(); };
  return made;
}));
element("choose-background").onclick = async () => {
  const file = await oneFile();
  if (!file) return;
  if (backgroundPicture) URL.revokeObjectURL(backgroundPicture.url);
  backgroundPicture = { file, url: URL.createObjectURL(file) };
  element("background-name").textContent = file.name;
  background();
};

// -- Captured background and trimap ---------------------------------------------------------------------------------

function setCaptured(item, file) {
  if (item.capturedUrl) URL.revokeObjectURL(item.capturedUrl);
  item.captured_bg = file;
  item.capturedUrl = URL.createObjectURL(file);
  again(item);
}

element("choose-captured").onclick = async () => {
  const file = await oneFile();
  if (file && current) setCaptured(current, file);
};
element("captured-for-all").onclick = () => {
  const file = current.captured_bg;
  for (const item of items) if (item.captured_bg !== file) setCaptured(item, file);
};
element("paint-trimap").onclick = async () => {
  const item = current;
  try {
    const painted = await paint(item.file, item.raw, item.trimap);
    if (painted) { item.trimap = painted; again(item); }
  } catch {
    say("This browser does not show photos of this format, so nothing can be painted on them; load a trimap.");
  }
};
element("choose-trimap").onclick = async () => {
  const file = await oneFile();
  if (file && current) { current.trimap = file; again(current); }
};
element("drop-trimap").onclick = () => { current.trimap = null; again(current); };

// -- Download -------------------------------------------------------------------------------------------------------

const stem = (item) => item.file.name.replace(/\.\w+$/, "");

/** Return the name and the content of what is to be saved of a picture. */
async function product(item) {
  do await clean(item); while (item.cleanKey !== JSON.stringify(cleaning()));
  if (chosenRadio("view") === "matte") return [`${stem(item)}_alpha.png`, await matte({ alpha: item.result }, { output: "alpha" })];
  const kind = chosenRadio("background");
  const name = `${stem(item)}_composite.jpg`;
  const files = { image: item.file, alpha: item.result };
  if (kind === "color") return [name, await matte(files, { color: element("color").value })];
  if (kind === "picture" && backgroundPicture) return [name, await matte({ ...files, background: backgroundPicture.file }, {})];
  if (kind === "blur") return [name, await matte(files, { blur: element("blur").value })];
  return [`${stem(item)}_cutout.png`, item.result];
}

function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function busy(button, task) {
  button.disabled = true;
  try {
    await task();
  } catch (error) {
    say(sentence(error.message));
  } finally {
    button.disabled = false;
  }
}

element("download").onclick = () => busy(element("download"), async () => save(...await product(current)));
element("download-all").onclick = () => busy(element("download-all"), async () => {
  const done = items.filter((item) => item.state === "done"), files = [];
  for (const item of done) {
    files.push(await product(item));
    element("overall").textContent = `${files.length} of ${done.length} prepared`;
  }
  save("synthmat.zip", await zip(files));
  element("overall").textContent = `${done.length} of ${items.length} done`;
});
element("cancel-all").onclick = () => {
  for (const item of items) {
    if (item.state === "waiting") tell(item, "cancelled", "cancelled");
    item.abort?.abort();
  }
};

// -- Files come in --------------------------------------------------------------------------------------------------

function oneFile() {
  const input = element("one-file");
  input.value = "";
  return new Promise((resolve) => {
    input.onchange = () => resolve(input.files[0]);
    input.oncancel = () => resolve(null);
    input.click();
  });
}

async function dropped(entries, files) {
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) return found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    const reader = entry.createReader();
    for (;;) {
      const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!part.length) return null;
      for (const each of part) await walk(each);
    }
  };
  if (!entries.length) return add(files);
  for (const entry of entries) await walk(entry);
  return add(found);
}

for (const button of document.querySelectorAll("[data-choose]")) button.onclick = () => element("files").click();
element("files").onchange = (event) => { add([...event.target.files]); event.target.value = ""; };
document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("dragging"); });
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dragging"); });
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dragging");
  const files = [...event.dataTransfer.files];
  if (event.target.closest?.("#captured") && current && files[0]) setCaptured(current, files[0]);
  else dropped([...event.dataTransfer.items].map((each) => each.webkitGetAsEntry?.()).filter(Boolean), files);
});
document.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  if (!files.length) return;
  event.preventDefault();
  add(files.map((file) => (file.name === "image.png" ? new File([file], `pasted ${number + 1}.png`, { type: file.type }) : file)));
});
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, dialog, #handle") || !current) return;
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const next = step && items[items.indexOf(current) + step];
  if (next) { event.preventDefault(); choose(next); }
});

// -- Start ----------------------------------------------------------------------------------------------------------

element("model").onchange = () => {
  for (const item of items) { item.abort?.abort(); setResult(item, null); item.raw = null; tell(item, "waiting", "waiting"); }
  pump();
};

async function listNetworks() {
  models = await json("api/models");
  element("model").append(...models.map((each) => Object.assign(document.createElement("option"), { value: each.name, textContent: each.name, title: each.how })));
  element("model-label").hidden = models.length < 2;
}

async function start() {
  await networks;
  const about = await call("api/folder").then(() => true, (error) => { if (error.status === 404) return false; throw error; });
  if (about) await folder.prepare(() => ({ model: model().name, cleaning: cleaning(), needsCaptured: model().inputs.includes("captured_bg") }));
}

const networks = listNetworks();
start().catch((error) => say(sentence(error.message)));
