// The picture before and after: a slider between both, zoom with wheel, fingers or buttons, and panning.

const viewer = document.getElementById("viewer");
const stage = document.getElementById("stage");
const before = document.getElementById("before");
const after = document.getElementById("after");
const handle = document.getElementById("handle");
const photo = document.getElementById("photo");
const result = document.getElementById("result");

let size = [1, 1], scale = 1, left = 0, top = 0, split = 0.5, fitted = true;
const fingers = new Map();
let pinch = null;

/** Show a photo and what was made of it: addresses, or "" for none. Keeps the zoom if the picture is the same. */
export async function show(photoUrl, resultUrl, same) {
  const shown = [[photo, photoUrl], [result, resultUrl]];
  await Promise.all(shown.map(async ([image, url]) => {
    if (url && image.getAttribute("src") !== url) {
      image.src = url;
      try { await image.decode(); } catch { /* a format that the browser does not show */ }
    }
    image.hidden = !url || !image.naturalWidth;
    if (!url) image.removeAttribute("src");
  }));
  const whole = !photo.hidden ? photo : result;
  if (!whole.naturalWidth) return;
  const changed = size[0] !== whole.naturalWidth || size[1] !== whole.naturalHeight;
  size = [whole.naturalWidth, whole.naturalHeight];
  stage.style.width = `${size[0]}px`;
  stage.style.height = `${size[1]}px`;
  if (!same || changed) fit();
  else place();
}

export function fit() {
  const inner = 0.96;
  scale = Math.min(inner * viewer.clientWidth / size[0], inner * viewer.clientHeight / size[1]);
  left = (viewer.clientWidth - scale * size[0]) / 2;
  top = (viewer.clientHeight - scale * size[1]) / 2;
  fitted = true;
  place();
}

/** Multiply the zoom, or set it, with a point of the viewer held still. */
export function zoom({ by = 1, to = scale * by, x = viewer.clientWidth / 2, y = viewer.clientHeight / 2 }) {
  const least = Math.min(0.05, 40 / Math.max(...size));
  const next = Math.min(16, Math.max(least, to));
  left = x - (x - left) * next / scale;
  top = y - (y - top) * next / scale;
  scale = next;
  fitted = false;
  place();
}

function place() {
  const margin = 40;
  left = Math.min(viewer.clientWidth - margin, Math.max(margin - scale * size[0], left));
  top = Math.min(viewer.clientHeight - margin, Math.max(margin - scale * size[1], top));
  stage.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
  stage.style.setProperty("--scale", scale);
  viewer.classList.toggle("pixels", scale * devicePixelRatio > 3);
  const whole = photo.hidden ? 0 : result.hidden ? 1 : split;
  const x = whole * viewer.clientWidth;
  const cut = Math.min(1, Math.max(0, (x - left) / (scale * size[0])));
  before.style.clipPath = `inset(0 ${100 * (1 - cut)}% 0 0)`;
  after.style.clipPath = `inset(0 0 0 ${100 * cut}%)`;
  handle.hidden = photo.hidden || result.hidden;
  handle.style.left = `${x}px`;
  handle.setAttribute("aria-valuenow", Math.round(100 * split));
}

function slideTo(clientX) {
  const box = viewer.getBoundingClientRect();
  split = Math.min(1, Math.max(0, (clientX - box.left) / box.width));
  place();
}

handle.addEventListener("pointerdown", (event) => {
  event.stopPropagation();
  handle.setPointerCapture(event.pointerId);
});
handle.addEventListener("pointermove", (event) => {
  if (handle.hasPointerCapture(event.pointerId)) slideTo(event.clientX);
});
handle.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  split = Math.min(1, Math.max(0, split + step));
  place();
});

viewer.addEventListener("wheel", (event) => {
  event.preventDefault();
  const box = viewer.getBoundingClientRect();
  const pixels = event.deltaMode === 1 ? 30 * event.deltaY : event.deltaY;
  zoom({ by: Math.exp(-pixels / 400), x: event.clientX - box.left, y: event.clientY - box.top });
}, { passive: false });
viewer.addEventListener("dblclick", (event) => {
  if (event.target.closest("#handle")) return;
  const box = viewer.getBoundingClientRect();
  if (fitted) zoom({ to: 1 / devicePixelRatio, x: event.clientX - box.left, y: event.clientY - box.top });
  else fit();
});
viewer.addEventListener("pointerdown", (event) => {
  viewer.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  viewer.classList.add("panning");
  pinch = null;
});
viewer.addEventListener("pointermove", (event) => {
  const last = fingers.get(event.pointerId);
  if (!last) return;
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  if (fingers.size === 1) {
    left += event.clientX - last[0];
    top += event.clientY - last[1];
    if (Math.hypot(event.clientX - last[0], event.clientY - last[1]) > 0) fitted = false;
    place();
    return;
  }
  const [a, b] = [...fingers.values()];
  const box = viewer.getBoundingClientRect();
  const now = { x: (a[0] + b[0]) / 2 - box.left, y: (a[1] + b[1]) / 2 - box.top, far: Math.hypot(a[0] - b[0], a[1] - b[1]) };
  if (pinch) {
    left += now.x - pinch.x;
    top += now.y - pinch.y;
    zoom({ by: now.far / pinch.far, x: now.x, y: now.y });
  }
  pinch = now;
});
for (const kind of ["pointerup", "pointercancel"]) {
  viewer.addEventListener(kind, (event) => {
    fingers.delete(event.pointerId);
    pinch = null;
    viewer.classList.toggle("panning", fingers.size > 0);
  });
}
new ResizeObserver(() => (fitted ? fit() : place())).observe(viewer);

document.getElementById("zoom-in").onclick = () => zoom({ by: 1.5 });
document.getElementById("zoom-out").onclick = () => zoom({ by: 1 / 1.5 });
document.getElementById("zoom-full").onclick = () => zoom({ to: 1 / devicePixelRatio });
document.getElementById("zoom-fit").onclick = fit;
