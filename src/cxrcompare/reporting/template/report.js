"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  // Switches between scopes or networks: all selects of one kind show the same value.
  const show = (kind, value) => {
    for (const part of all(`[data-${kind}]`)) part.hidden = part.dataset[kind] !== value;
    for (const select of all(`select[data-switch="${kind}"]`)) select.value = value;
  };
  for (const select of all("select[data-switch]")) {
    show(select.dataset.switch, "0");
    select.addEventListener("change", () => show(select.dataset.switch, select.value));
  }
  const panels = all("[data-finding]");
  const showPanel = (number) => {
    for (const panel of panels) panel.classList.toggle("shown", panel.dataset.finding === number);
    for (const chip of all("[data-panel]")) chip.setAttribute("aria-pressed", chip.dataset.panel === number);
  };
  for (const chip of all("[data-panel]")) chip.addEventListener("click", () => showPanel(chip.dataset.panel));
  if (panels.length) showPanel("0");

  // Highlights one network in every figure.
  const highlight = (chosen) => {
    for (const series of all("g.series")) {
      const own = series.classList.contains(`n${chosen}`);
      series.classList.toggle("dim", chosen !== null && !own);
      series.classList.toggle("lit", own);
    }
  };
  for (const chip of all("[data-focus]")) {
    chip.addEventListener("click", () => {
      const chosen = chip.getAttribute("aria-pressed") === "true" ? null : chip.dataset.focus;
      for (const other of all("[data-focus]")) other.setAttribute("aria-pressed", other.dataset.focus === chosen);
      highlight(chosen);
    });
  }
  for (const select of all("[data-focus-select]")) {
    select.addEventListener("change", () => highlight(select.value === "" ? null : select.value));
  }

  // Links to a folded topic open it.
  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
    const inner = target.querySelector(":scope > details.topic");
    if (inner) inner.open = true;
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);
  for (const link of all('a[href^="#"]:not(.term)')) {
    link.addEventListener("click", () => { if (location.hash === link.getAttribute("href")) reveal(); });
  }
  reveal();
  const topics = all("details.topic");
  const unfold = document.getElementById("unfold");
  if (unfold) unfold.addEventListener("click", () => {
    const open = topics.some((topic) => !topic.open);
    for (const topic of topics) topic.open = open;
    unfold.textContent = open ? "Close all" : "Open all";
  });

  // Terms: the explanation appears at the pointer, the keyboard focus or a touch.
  const tip = element("div", {class: "tip", "aria-hidden": "true"});
  tip.hidden = true;
  document.body.append(tip);
  const explain = (term) => {
    tip.textContent = document.getElementById(term.getAttribute("aria-describedby")).textContent;
    tip.hidden = false;
    const place = term.getBoundingClientRect();
    const left = Math.min(Math.max(8, place.left), document.documentElement.clientWidth - tip.offsetWidth - 8);
    const below = place.bottom + 6 + tip.offsetHeight < window.innerHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below ? place.bottom + 6 : Math.max(8, place.top - tip.offsetHeight - 6)}px`;
  };
  const hide = () => { tip.hidden = true; };
  for (const term of all(".term")) {
    for (const event of ["pointerenter", "focus"]) term.addEventListener(event, () => explain(term));
    for (const event of ["pointerleave", "blur"]) term.addEventListener(event, hide);
    term.addEventListener("click", (event) => {
      if (term.tagName === "A") event.preventDefault();
      explain(term);
    });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  // A term that the keyboard reaches may be scrolled into view: its explanation stays.
  document.addEventListener("scroll", () => {
    const focused = document.activeElement;
    if (!tip.hidden && focused.matches(".term:focus-visible")) explain(focused);
    else hide();
  }, {capture: true, passive: true});

  // Sorting: baselines stay last, undefined numbers come after defined ones, and all parts of the
  // main table have the same order.
  const tables = all("table.sortable");
  const sortKey = (cell) => {
    const words = cell.dataset.sort ?? (cell.firstChild ? cell.firstChild.textContent : "");
    return words === "–" ? "" : words.replace(/^−/, "-");
  };
  const ordered = (table, column, direction) => {
    for (const body of all("tbody:not(.baseline)", table)) {
      const key = (row) => sortKey(row.cells[column]);
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === "" || y === "") return (x === "") - (y === "");
        const order = isNaN(x) || isNaN(y) ? x.localeCompare(y) : x - y;
        return direction === "ascending" ? order : -order;
      });
      body.append(...rows);
      for (const twin of all(`tbody:not(.baseline)[data-scope="${body.dataset.scope}"]`)) {
        if (twin === body) continue;
        twin.append(...rows.map((row) => twin.querySelector(`[data-network="${row.dataset.network}"]`)));
      }
    }
  };
  for (const table of tables) {
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      head.querySelector("button").addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "descending" ||
          (head.getAttribute("aria-sort") === "none" && !head.classList.contains("num"));
        const direction = down ? "ascending" : "descending";
        for (const other of tables) for (const one of all("thead th", other)) one.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", direction);
        ordered(table, column, direction);
      });
    });
  }

  // Downloads the data of a figure or table as CSV.
  const quoted = (value) => {
    const words = value === null || value === undefined ? "" : String(value);
    return /[",\r\n]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
  };
  const cell = (column, row) => (Array.isArray(column) ? column[row] : column.words[column.at[row]]);
  const download = (name, {names, columns}) => {
    const length = (columns[0].at || columns[0]).length;
    const rows = Array.from({length}, (_, row) => columns.map((column) => cell(column, row)));
    const lines = [names, ...rows].map((row) => row.map(quoted).join(","));
    const url = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], {type: "text/csv"}));
    const link = element("a", {href: url, download: `${name}.csv`});
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  for (const button of all("[data-csv]")) {
    button.addEventListener("click", () => download(button.dataset.csv, data.figures[button.dataset.csv]));
  }
  for (const button of all("[data-csv-table]")) {
    button.addEventListener("click", () => download(button.dataset.csvTable, data.tables[button.dataset.csvTable]));
  }

  // Threshold slider: counts are looked up, and four rates are computed from them.
  const fixed = (value) => (Number.isFinite(value) ? value.toFixed(3) : "–");
  const rates = (tp, fp, positives, negatives) => ({
    tp, fp, fn: positives - tp, tn: negatives - fp,
    sensitivity: tp / positives, specificity: (negatives - fp) / negatives,
    ppv: tp / (tp + fp), npv: (negatives - fp) / (negatives - fp + positives - tp),
  });
  const names = Object.keys(data.slider);
  const findings = data.findings;
  for (const box of all("[data-slider]")) {
    const curves = data.slider[findings[Number(box.dataset.slider)]];
    if (!curves) continue;
    const id = `threshold-${box.dataset.slider}`;
    const select = element("select", {id: `${id}-network`});
    for (const name of Object.keys(curves.networks)) select.append(element("option", {value: name}, name));
    const range = element("input", {type: "range", min: "0", step: "1", id});
    const output = element("output", {for: id});
    const count = (name, words) => element("td", {class: name}, element("b", {"data-cell": words[0]}), words[1]);
    const square = element("table", {class: "square"},
      element("tbody", {},
        element("tr", {}, element("td", {style: "background:none"}), element("th", {scope: "col"}, "reference positive"), element("th", {scope: "col"}, "reference negative")),
        element("tr", {}, element("th", {scope: "row"}, "predicted positive"), count("right", ["tp", "true positive"]), count("wrong", ["fp", "false positive"])),
        element("tr", {}, element("th", {scope: "row"}, "predicted negative"), count("wrong", ["fn", "false negative"]), count("right", ["tn", "true negative"]))));
    const list = element("dl", {class: "rates"});
    for (const [key, words] of [["sensitivity", "Sensitivity (recall)"], ["specificity", "Specificity"], ["ppv", "PPV (precision)"], ["npv", "NPV"]]) {
      list.append(element("div", {}, element("dt", {}, words), element("dd", {"data-cell": key})));
    }
    const note = element("p", {class: "note"});
    const reset = element("button", {type: "button", class: "csv"}, "Back to the operating point");
    // A ring marks the threshold on the curves.
    const mark = (kind, x, y) => {
      const figure = box.closest("article").querySelector(`[data-kind="${kind}"] svg`);
      if (!figure) return;
      const [left, right, top, bottom] = figure.dataset.plot.split(" ").map(Number);
      let ring = figure.querySelector(".ring");
      if (!ring) {
        ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
        ring.setAttribute("r", "6");
        ring.setAttribute("class", "ring cursor");
        figure.append(ring);
      }
      const shown = Number.isFinite(x) && Number.isFinite(y);
      ring.setAttribute("visibility", shown ? "visible" : "hidden");
      if (!shown) return;
      ring.setAttribute("cx", left + x * (right - left));
      ring.setAttribute("cy", bottom + y * (top - bottom));
    };
    const update = () => {
      const curve = curves.networks[select.value];
      const index = Number(range.value);
      const found = rates(curve.tp[index], curve.fp[index], curves.counts.positives, curves.counts.negatives);
      const cut = curve.threshold[index];
      const threshold = cut !== 0 && Math.abs(cut) < 0.01 ? cut.toPrecision(2) : fixed(cut);
      output.textContent = threshold;
      mark("roc", 1 - found.specificity, found.sensitivity);
      mark("pr", found.sensitivity, found.ppv);
      range.setAttribute("aria-valuetext", `${threshold}: sensitivity ${fixed(found.sensitivity)}, specificity ${fixed(found.specificity)}`);
      for (const slot of all("[data-cell]", box)) {
        const value = found[slot.dataset.cell];
        slot.textContent = slot.closest("dl") ? fixed(value) : String(Number(value.toFixed(1)));
      }
    };
    const begin = () => {
      const curve = curves.networks[select.value];
      range.max = String(curve.threshold.length - 1);
      range.value = String(curve.chosen);
      note.textContent = curve.runs > 1
        ? `Counts are means over ${curve.runs} seeds at one threshold. The initial threshold is the closest to the mean of their operating points.`
        : "";
      update();
    };
    select.addEventListener("change", begin);
    reset.addEventListener("click", begin);
    range.addEventListener("input", update);
    box.append(
      element("h4", {}, "Move the threshold"),
      element("div", {class: "threshold card"},
        element("div", {class: "set"},
          element("label", {class: "choose", for: `${id}-network`}, "Network", select),
          element("label", {class: "choose", for: id}, element("span", {}, "Threshold ", output), range),
          reset, note),
        square, list));
    box.hidden = false;
    begin();
  }

  // Opens all folded parts for printing; the one-page print hides them.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = all("details").filter((part) => !part.open);
    for (const part of folded) part.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const part of folded) part.open = false;
    document.documentElement.classList.remove("summary-only");
  });
  document.getElementById("onepage").addEventListener("click", () => {
    document.documentElement.classList.add("summary-only");
    window.print();
  });

  // Theme: light, dark, or the setting of the device.
  const button = document.getElementById("theme");
  const themes = ["auto", "light", "dark"];
  let theme = 0;
  button.addEventListener("click", () => {
    theme = (theme + 1) % themes.length;
    if (theme) document.documentElement.dataset.theme = themes[theme];
    else delete document.documentElement.dataset.theme;
    document.getElementById("theme-name").textContent = themes[theme];
  });
})();
