"use strict";
(() => {
  const data = JSON.parse(document.getElementById("case-data").textContent);
  const find = (name) => document.getElementById(`case-${name}`);
  const [viewer, finding, rule, position, about, panels, colour] =
    ["viewer", "finding", "rule", "position", "about", "panels", "colour"].map(find);
  const bytes = (text) => Int8Array.from(atob(text), (one) => one.charCodeAt(0));
  const words = {F: "female", M: "male"};
  let at = 0;

  const used = data.findings.map((name, index) => index).filter((index) => data.cases.some((one) => one.finding === index));
  for (const index of used) finding.add(new Option(data.findings[index], index));

  function panel(name) {
    const figure = document.createElement("figure");
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    const caption = document.createElement("figcaption");
    const title = document.createElement("b");
    const line = document.createElement("span");
    title.textContent = name;
    caption.append(title, line);
    figure.append(canvas, caption);
    panels.append(figure);
    return {canvas, line};
  }

  const plain = panel("Radiograph");
  const shown = data.networks.map((one) => ({...panel(one.name), one, maps: bytes(one.maps)}));
  const pictures = new Map();

  function picture(index) {
    if (!pictures.has(index)) {
      const image = new Image();
      image.src = `data:image/jpeg;base64,${data.images[index].jpeg}`;
      pictures.set(index, image.decode().then(() => image));
    }
    return pictures.get(index);
  }

  function tinted(entry, image, index) {
    const [height, width] = entry.one.cells;
    const cells = document.createElement("canvas");
    cells.width = width;
    cells.height = height;
    const pixels = new ImageData(width, height);
    const start = (image * data.findings.length + index) * height * width;
    for (let cell = 0; cell < height * width; cell++) {
      const value = entry.maps[start + cell] / 127;
      const tint = value > 0 ? data.colours.for : data.colours.against;
      pixels.data.set([...tint, Math.abs(value) * 255 * data.opacity], cell * 4);
    }
    cells.getContext("2d").putImageData(pixels, 0, 0);
    return cells;
  }

  function paint(canvas, base, over) {
    const context = canvas.getContext("2d");
    const side = Math.max(base.width, 256);
    canvas.width = canvas.height = side;
    context.imageSmoothingQuality = "high";
    context.drawImage(base, 0, 0, side, side);
    if (over) context.drawImage(over, 0, 0, side, side);
  }

  function outline(canvas, lines) {
    const context = canvas.getContext("2d");
    const scale = canvas.width / data.side;
    const path = new Path2D();
    for (const line of lines) {
      for (let end = 0; end < line.length; end += 2)
        path[end ? "lineTo" : "moveTo"]((line[end] + 0.5) * scale, (line[end + 1] + 0.5) * scale);
      path.closePath();
    }
    context.lineJoin = "round";
    for (const [colour, width] of [["#000", 4], ["#fff", 2]]) {
      context.strokeStyle = colour;
      context.lineWidth = width * canvas.width / 256;
      context.stroke(path);
    }
  }

  const chosen = () => data.cases.filter((one) => one.finding === Number(finding.value) && one.rule === rule.value);

  function fillRules() {
    const before = rule.value;
    rule.replaceChildren();
    for (const [key, title] of Object.entries(data.rules)) {
      const count = data.cases.filter((one) => one.finding === Number(finding.value) && one.rule === key).length;
      if (count) rule.add(new Option(`${title} (${count})`, key));
    }
    if ([...rule.options].some((one) => one.value === before)) rule.value = before;
    at = 0;
  }

  async function show() {
    const cases = chosen();
    const one = cases[at];
    const image = data.images[one.image];
    position.textContent = `${at + 1} of ${cases.length}`;
    const truth = one.label === null ? "unknown" : one.label ? "positive" : "negative";
    const facts = [words[image.sex], image.age === null ? "" : `${Math.round(image.age)} years`, image.view].filter(Boolean);
    about.textContent = `${[`${data.findings[one.finding]}: reference ${truth}`, ...facts].join(", ")}; image ${image.id}`;
    const base = await picture(one.image);
    if (one !== chosen()[at]) return;
    const on = colour.getAttribute("aria-pressed") === "true";
    paint(plain.canvas, base);
    if (on) outline(plain.canvas, one.region);
    const where = one.region.length ? ", true region outlined" : "";
    plain.line.textContent = `reference ${truth}${on ? where : ""}`;
    plain.canvas.setAttribute("aria-label", `Radiograph ${image.id}`);
    shown.forEach((entry, index) => {
      const threshold = entry.one.thresholds[one.finding];
      const score = one.scores[index];
      const call = threshold === null ? "" : score >= threshold ? "positive" : "negative";
      const right = call && one.label !== null ? ((call === "positive") === Boolean(one.label) ? " ✓ right" : " ✗ wrong") : "";
      const limit = threshold === null ? "no threshold" : `threshold ${threshold.toFixed(3)}`;
      paint(entry.canvas, base, on ? tinted(entry, one.image, one.finding) : null);
      if (on) outline(entry.canvas, one.region);
      entry.line.textContent = `${score.toFixed(3)} (${limit}) ${call}${right}`;
      entry.canvas.setAttribute("aria-label", `Map of ${entry.one.name} for ${data.findings[one.finding]}: ${entry.line.textContent}`);
    });
    viewer.dataset.shown = `${one.finding},${one.rule},${at}`;
  }

  function step(by) {
    const count = chosen().length;
    at = (at + by + count) % count;
    show();
  }

  function toggle() {
    colour.setAttribute("aria-pressed", String(colour.getAttribute("aria-pressed") !== "true"));
    show();
  }

  function changeFinding(by) {
    const count = finding.options.length;
    finding.selectedIndex = (finding.selectedIndex + by + count) % count;
    fillRules();
    show();
  }

  find("previous").addEventListener("click", () => step(-1));
  find("next").addEventListener("click", () => step(1));
  colour.addEventListener("click", toggle);
  finding.addEventListener("change", () => changeFinding(0));
  rule.addEventListener("change", () => { at = 0; show(); });
  viewer.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("select")) return;
    const moves = {ArrowLeft: () => step(-1), ArrowRight: () => step(1), ArrowUp: () => changeFinding(-1), ArrowDown: () => changeFinding(1)};
    if (event.key === " " && !event.target.matches("button")) moves[" "] = toggle;
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  });
  let touch = null;
  panels.addEventListener("touchstart", (event) => { touch = event.changedTouches[0].clientX; }, {passive: true});
  panels.addEventListener("touchend", (event) => {
    const moved = event.changedTouches[0].clientX - touch;
    if (Math.abs(moved) > 50) step(moved < 0 ? 1 : -1);
  }, {passive: true});
  fillRules();
  show();
})();
