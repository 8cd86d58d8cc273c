// The outline of the land, for the map: a file of the page's own.

/** The land as the path of an SVG; `place` projects longitude and latitude. */
export async function outline(place) {
  const { rings } = await (await fetch("page/land.json")).json();
  return rings.map((ring) => {
    let longitude = 0, latitude = 0;
    const points = [];
    for (let at = 0; at < ring.length; at += 2) {
      longitude += ring[at];
      latitude += ring[at + 1];
      points.push(place(longitude / 10, latitude / 10).map((part) => part.toFixed(6)).join(" "));
    }
    return `M${points.join("L")}Z`;
  }).join("");
}
