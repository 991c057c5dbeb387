// The trimap, painted over the photo: labels 0 (background), 128 (unknown) and 255 (object), without soft edges.

const LONGEST = 1600;
const COLORS = { 0: [220, 40, 50, 120], 128: [0, 0, 0, 0], 255: [30, 200, 90, 120] };
const SURE = [0.05, 0.95];

const dialog = document.getElementById("painter");
const area = document.getElementById("paint-area");
const photoCanvas = document.getElementById("paint-photo");
const labelCanvas = document.getElementById("paint-labels");
let labels, width, height, last = null, cutout = null, finish = null;

/** Let the user paint; returns a PNG blob of the photo's shape, or null if they cancel. */
export async function paint(photo, made, painted) {
  const picture = await createImageBitmap(photo, { imageOrientation: "from-image" });
  const factor = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  width = Math.max(1, Math.round(picture.width * factor));
  height = Math.max(1, Math.round(picture.height * factor));
  for (const canvas of [photoCanvas, labelCanvas]) [canvas.width, canvas.height] = [width, height];
  photoCanvas.getContext("2d").drawImage(picture, 0, 0, width, height);
  labels = new Uint8Array(width * height).fill(128);
  cutout = made;
  document.getElementById("paint-from-matte").hidden = !made;
  if (painted) labels = (await pixelsOf(painted, 0)).map((level) => (level < 64 ? 0 : level > 191 ? 255 : 128));
  redraw(0, 0, width, height);
  dialog.showModal();
  fill();
  return new Promise((resolve) => { finish = resolve; });
}

/** Show the photo as large as there is room. */
function fill() {
  if (!dialog.open) return;
  const factor = Math.min(area.clientWidth / width, area.clientHeight / height);
  for (const canvas of [photoCanvas, labelCanvas]) {
    canvas.style.width = `${width * factor}px`;
    canvas.style.height = `${height * factor}px`;
  }
}

async function pixelsOf(blob, channel) {
  const picture = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return Uint8Array.from({ length: width * height }, (_, at) => data[4 * at + channel]);
}

function redraw(x, y, w, h) {
  const [x0, y0] = [Math.max(0, Math.floor(x)), Math.max(0, Math.floor(y))];
  const [x1, y1] = [Math.min(width, Math.ceil(x + w)), Math.min(height, Math.ceil(y + h))];
  if (x1 <= x0 || y1 <= y0) return;
  const image = new ImageData(x1 - x0, y1 - y0);
  for (let row = y0; row < y1; row++) {
    for (let column = x0; column < x1; column++) {
      image.data.set(COLORS[labels[row * width + column]], 4 * ((row - y0) * (x1 - x0) + column - x0));
    }
  }
  labelCanvas.getContext("2d").putImageData(image, x0, y0);
}

function stamp(x, y, radius, value) {
  for (let row = Math.max(0, Math.ceil(y - radius)); row <= Math.min(height - 1, y + radius); row++) {
    const half = Math.sqrt(radius ** 2 - (row - y) ** 2);
    const from = Math.max(0, Math.ceil(x - half)), to = Math.min(width - 1, Math.floor(x + half));
    if (to >= from) labels.fill(value, row * width + from, row * width + to + 1);
  }
}

function stroke(event) {
  const box = labelCanvas.getBoundingClientRect();
  const factor = width / box.width;
  const [x, y] = [(event.clientX - box.left) * factor, (event.clientY - box.top) * factor];
  const radius = Math.max(1, document.getElementById("brush").value * factor / 2);
  const value = Number(dialog.querySelector("[name=paint]:checked").value);
  const [fromX, fromY] = last ?? [x, y];
  const steps = Math.max(1, Math.ceil(Math.hypot(x - fromX, y - fromY) / (radius / 2)));
  for (let step = 0; step <= steps; step++) {
    stamp(fromX + (x - fromX) * step / steps, fromY + (y - fromY) * step / steps, radius, value);
  }
  redraw(Math.min(x, fromX) - radius - 1, Math.min(y, fromY) - radius - 1, Math.abs(x - fromX) + 2 * radius + 2, Math.abs(y - fromY) + 2 * radius + 2);
  last = [x, y];
}

area.addEventListener("pointerdown", (event) => { area.setPointerCapture(event.pointerId); last = null; stroke(event); });
area.addEventListener("pointermove", (event) => { if (last && area.hasPointerCapture(event.pointerId)) stroke(event); });
area.addEventListener("pointerup", () => { last = null; });
new ResizeObserver(fill).observe(area);
document.getElementById("paint-clear").onclick = () => { labels.fill(128); redraw(0, 0, width, height); };
document.getElementById("paint-from-matte").onclick = async () => {
  labels = (await pixelsOf(cutout, 3)).map((level) => (level > 255 * SURE[1] ? 255 : level < 255 * SURE[0] ? 0 : 128));
  redraw(0, 0, width, height);
};
document.getElementById("paint-close").onclick = () => dialog.close();
document.getElementById("paint-done").onclick = async () => {
  const image = new ImageData(width, height);
  labels.forEach((label, at) => image.data.set([label, label, label, 255], 4 * at));
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(image, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  finish?.(blob);
  finish = null;
  dialog.close();
};
dialog.addEventListener("close", () => { finish?.(null); finish = null; });
