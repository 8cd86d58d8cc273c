// Faces: cut out of thumbnails, and framed on photos.

import { thumbnail } from "./api.js";
import { el } from "./dom.js";

const AROUND = 1.4;

/** A square cut-out of a face: `face` has `photo_id`, `box`, and the photo's `width` and `height`. */
export function cutOut(face, size = 96, label = "") {
  const [left, top, right, bottom] = face.box;
  const side = Math.min(Math.max((right - left) * face.width, (bottom - top) * face.height) * AROUND, face.width, face.height);
  const scaleX = face.width / side, scaleY = face.height / side;
  const along = (middle, extent) => (extent <= side ? 50 : Math.min(1, Math.max(0, (middle * extent - side / 2) / (extent - side))) * 100);
  const node = el("span", { class: "face", role: "img", "aria-label": label || "A face", style: {
    width: `${size}px`, height: `${size}px`,
    backgroundSize: `${scaleX * 100}% ${scaleY * 100}%`,
    backgroundPosition: `${along((left + right) / 2, face.width)}% ${along((top + bottom) / 2, face.height)}%`,
  } });
  thumbnail(face.photo_id).then((url) => { if (url) node.style.backgroundImage = `url("${url}")`; });
  return node;
}

/** A frame around a face on a photo, with the name of who it is; a click asks for a name. */
export function frame(face, onclick) {
  const [left, top, right, bottom] = face.box;
  const name = face.person?.name;
  return el("button", { type: "button", class: name ? "framed named" : "framed", "aria-label": name ? `${name}: change` : "A face nobody named: name it", onclick, style: {
    left: `${left * 100}%`, top: `${top * 100}%`, width: `${(right - left) * 100}%`, height: `${(bottom - top) * 100}%`,
  } }, el("span", {}, name || "Who is this?"));
}
