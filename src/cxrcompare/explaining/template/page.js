"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const image = document.getElementById("image");
  const finding = document.getElementById("finding");
  const opacity = document.getElementById("opacity");
  const networks = document.getElementById("networks");
  const bytes = (text) => Int8Array.from(atob(text), (one) => one.charCodeAt(0));

  const option = (select, text, value) => select.add(new Option(text, value));
  data.images.forEach((one, index) => option(image, `${index + 1}. ${one.id}`, index));
  data.findings.forEach((name, index) => option(finding, name, index));

  const panels = data.runs.map((run) => {
    const figure = document.createElement("figure");
    const canvas = document.createElement("canvas");
    const caption = document.createElement("figcaption");
    const name = document.createElement("b");
    const probability = document.createElement("output");
    name.textContent = run.name;
    caption.append(name, probability);
    figure.append(canvas, caption);
    networks.append(figure);
    return { run, canvas, probability, maps: bytes(run.maps) };
  });

  const pictures = new Map();
  function picture(index) {
    if (!pictures.has(index)) {
      const one = new Image();
      one.src = `data:image/jpeg;base64,${data.images[index].jpeg}`;
      pictures.set(index, one.decode().then(() => one));
    }
    return pictures.get(index);
  }

  function coloured(panel, row, column) {
    const [height, width] = panel.run.cells;
    const cells = document.createElement("canvas");
    cells.width = width;
    cells.height = height;
    const pixels = new ImageData(width, height);
    const start = (row * panel.run.findings.length + column) * height * width;
    for (let cell = 0; cell < height * width; cell++) {
      const value = panel.maps[start + cell] / 127;
      const colour = value > 0 ? data.colours.for : data.colours.against;
      pixels.data.set([...colour, Math.abs(value) * 255 * data.opacity], cell * 4);
    }
    cells.getContext("2d").putImageData(pixels, 0, 0);
    return cells;
  }

  function draw(panel, base, row) {
    const column = panel.run.findings.indexOf(Number(finding.value));
    const context = panel.canvas.getContext("2d");
    const side = Math.max(base.width, 384);
    panel.canvas.width = panel.canvas.height = side;
    context.imageSmoothingQuality = "high";
    context.drawImage(base, 0, 0, side, side);
    const text = data.findings[finding.value];
    if (column < 0) {
      panel.probability.textContent = "not predicted";
    } else {
      context.globalAlpha = opacity.value / 100;
      context.drawImage(coloured(panel, row, column), 0, 0, side, side);
      panel.probability.textContent = panel.run.probabilities[row][column].toFixed(3);
    }
    panel.canvas.setAttribute("role", "img");
    panel.canvas.setAttribute(
      "aria-label",
      `${data.images[row].id}, ${text}, ${panel.run.name}: probability ${panel.probability.textContent}`,
    );
  }

  async function show() {
    const row = Number(image.value);
    const base = await picture(row);
    if (row !== Number(image.value)) return;
    panels.forEach((panel) => draw(panel, base, row));
    document.body.dataset.shown = `${row},${finding.value}`;
  }

  function move(select, by) {
    const count = select.options.length;
    select.selectedIndex = (select.selectedIndex + by + count) % count;
    show();
  }

  document.getElementById("previous").addEventListener("click", () => move(image, -1));
  document.getElementById("next").addEventListener("click", () => move(image, 1));
  [image, finding, opacity].forEach((one) => one.addEventListener("input", show));
  document.getElementById("controls").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.matches("select, input") && event.target !== opacity) return;
    const moves = { ArrowLeft: [image, -1], ArrowRight: [image, 1], ArrowUp: [finding, -1], ArrowDown: [finding, 1] };
    if (event.target !== opacity && moves[event.key]) {
      event.preventDefault();
      move(...moves[event.key]);
    } else if (event.key === " " && !event.target.matches("button, summary")) {
      event.preventDefault();
      opacity.value = opacity.value > 0 ? 0 : 100;
      show();
    }
  });
  if (data.images.length) show();
})();
