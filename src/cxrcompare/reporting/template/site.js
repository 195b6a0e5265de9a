"use strict";
// Use at a site: what each network does per 1,000 patients at a prevalence that the reader chooses.
// The formulas are those of `evaluation/thresholds/site_rates.py`: an estimate is [value, low, high].
(() => {
  const box = document.getElementById("site");
  if (!box) return;
  const site = JSON.parse(document.getElementById("site-data").textContent);
  const per = 1000;
  const defined = Number.isFinite;

  const map = (one, change) => one.map(change);
  const complement = ([value, low, high]) => [1 - value, 1 - high, 1 - low];
  const negative = ([value, low, high]) => [-value, -high, -low];
  const times = (one, factor) => map(one, (value) => factor * value);
  const combined = (first, second, correlation) => {
    if (Math.abs(first) === Infinity || Math.abs(second) === Infinity) return Infinity;
    return Math.sqrt(Math.max(first ** 2 + second ** 2 + 2 * correlation * first * second, 0));
  };
  const sum = (first, second, correlation, constant = 0) => {
    const value = first[0] + second[0] + constant;
    if (Math.abs(value) === Infinity) return [value, first[1] + second[1] + constant, first[2] + second[2] + constant];
    const below = combined(first[0] - first[1], second[0] - second[1], correlation);
    const above = combined(first[2] - first[0], second[2] - second[0], correlation);
    return [value, value - below, value + above];
  };
  const expit = (one) => map(one, (value) => 1 / (1 + Math.exp(-value)));
  const atSite = (sensitivity, specificity, correlation, prevalence, costs) => {
    const fallOut = complement(specificity);
    const missing = complement(sensitivity);
    const missed = times(missing, per * prevalence);
    const falseAlarms = times(fallOut, per * (1 - prevalence));
    const odds = Math.log(prevalence / (1 - prevalence));
    const ppv = expit(sum(map(sensitivity, Math.log), negative(map(fallOut, Math.log)), correlation, odds));
    const npv = expit(sum(map(specificity, Math.log), negative(map(missing, Math.log)), correlation, -odds));
    const found = {
      flags: sum(times(sensitivity, per * prevalence), falseAlarms, -correlation),
      missed, false_alarms: falseAlarms, ppv, npv,
      number_needed_to_evaluate: [1 / ppv[0], 1 / ppv[2], 1 / ppv[1]],
    };
    if (costs) found.cost = sum(times(falseAlarms, costs.alarm), times(missed, costs.miss), correlation);
    return found;
  };

  // A number with fixed digits; a tie goes to the even digit, as in Python.
  const decimal = (value, digits) => {
    if (!defined(value)) return "–";
    const doubled = value * 2 ** (digits + 1);
    let words = value.toFixed(digits);
    if (Number.isInteger(doubled) && Math.abs(doubled % 2) === 1 && Number(words.at(-1)) % 2) {
      words = (value - Math.sign(value) * 0.5 / 10 ** digits).toFixed(digits);
    }
    return (Number(words) === 0 ? words.replace("-", "") : words).replace("-", "−");
  };
  const interval = ([, low, high], digits) => (defined(low) && defined(high) ? `${decimal(low, digits)} to ${decimal(high, digits)}` : "");
  const percent = (share) => `${Number((100 * share).toPrecision(3))} %`;

  // Slider stops: round prevalences, denser where they are rare.
  const stops = [];
  for (const [from, to, step] of [[1, 10, 1], [12, 50, 2], [55, 200, 5], [210, 500, 10], [525, 950, 25]]) {
    for (let value = from; value <= to; value += step) stops.push(value / 1000);
  }
  const part = (name) => box.querySelector(`[data-site="${name}"]`);
  const [select, range, field, body, alarm, miss, said, origin] =
    ["finding", "range", "field", "body", "alarm", "miss", "said", "origin"].map(part);
  const shown = [["flags", 1], ["missed", 1], ["false_alarms", 1], ["ppv", 3], ["npv", 3], ["number_needed_to_evaluate", 1], ["cost", 1]];
  let prevalence = 0.5;

  const estimate = (three) => three.map((value) => (value === null ? NaN : value));
  const amount = (input) => (input.value.trim() === "" || !(input.valueAsNumber >= 0) ? null : input.valueAsNumber);
  const update = () => {
    const finding = site.findings[select.value];
    const costs = amount(alarm) === null || amount(miss) === null ? null : {alarm: amount(alarm), miss: amount(miss)};
    for (const head of box.querySelectorAll(".cost")) head.hidden = !costs;
    const rows = finding.rows.map(([index, ...rates]) => {
      const found = atSite(estimate(rates.slice(0, 3)), estimate(rates.slice(3, 6)), rates[6] ?? NaN, prevalence, costs);
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      const name = document.createElement("span");
      name.className = `network n${index}${site.networks[index].length > 22 ? " long" : ""}`;
      const dot = document.createElement("i");
      dot.className = "dot";
      name.append(dot, site.networks[index]);
      head.append(name);
      row.append(head);
      for (const [quantity, digits] of shown) {
        if (!found[quantity]) continue;
        const cell = row.insertCell();
        cell.className = "num";
        cell.dataset.quantity = quantity;
        const ends = document.createElement("small");
        ends.textContent = interval(found[quantity], digits);
        cell.append(decimal(found[quantity][0], digits), ends);
      }
      return [row, found];
    });
    body.replaceChildren(...rows.map(([row]) => row));
    const first = rows[0][1];
    const name = site.networks[finding.rows[0][0]];
    said.textContent = `Of 1,000 patients, ${decimal(per * prevalence, 0)} have ${select.value}. ` +
      `${name} flags ${decimal(first.flags[0], 0)} and misses ${decimal(first.missed[0], 0)}.`;
    range.setAttribute("aria-valuetext", percent(prevalence));
  };
  const nearest = () => stops.reduce((best, stop, index) => (
    Math.abs(Math.log(stop / prevalence)) < Math.abs(Math.log(stops[best] / prevalence)) ? index : best), 0);
  const choose = (value, from) => {
    prevalence = value;
    if (from !== range) range.value = String(nearest());
    if (from !== field) field.value = String(Number((100 * value).toPrecision(4)));
    field.removeAttribute("aria-invalid");
    update();
  };
  const begin = () => {
    const finding = site.findings[select.value];
    origin.textContent = `${finding.source === "given" ? "Back to the given prevalence" : "Back to the prevalence of the test set"}, ${percent(finding.prevalence)}`;
    choose(finding.prevalence, null);
  };
  range.max = String(stops.length - 1);
  range.addEventListener("input", () => choose(stops[Number(range.value)], range));
  field.addEventListener("input", () => {
    const value = field.valueAsNumber / 100;
    if (value > 0 && value < 1) choose(value, field);
    else field.setAttribute("aria-invalid", "true");
  });
  for (const input of [alarm, miss]) input.addEventListener("input", update);
  select.addEventListener("change", begin);
  origin.addEventListener("click", begin);
  box.hidden = false;
  begin();
})();
