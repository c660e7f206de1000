// Help that a reader can do without: open every table, find rows in a long one, copy one. It loads and keeps nothing.
(() => {
  const make = (tag, text = "", properties = {}) => Object.assign(document.createElement(tag), { textContent: text }, properties);
  const button = (text, act) => make("button", text, { type: "button", onclick: act });
  const tools = (...parts) => {
    const bar = make("div", "", { className: "tools" });
    const status = make("span");
    status.setAttribute("role", "status");
    bar.append(...parts, status);
    return { bar, say: (text) => { status.textContent = text; } };
  };

  // A reader of a funder's copy pastes into a spreadsheet, where "=..." would be a formula and "−1" no number.
  const cellText = (cell) => {
    const text = cell.textContent.replace(/\s+/g, " ").trim().replace(/^−(?=[\d.]+$)/, "-");
    return /^[=+@-]/.test(text) && !/^[+-]?[\d.]+$/.test(text) ? "'" + text : text;
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = make("textarea", "", { value: text, className: "unseen", readOnly: true });
      document.body.append(area);
      const before = document.activeElement;
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      before.focus();
      return done;
    }
  };

  const folds = [...document.querySelectorAll("details.rows, details.data")];
  if (folds.length) {
    const turn = (text, open) => button(text, () => {
      for (const fold of folds) fold.open = open;
      say(`${folds.length} tables are ${open ? "open" : "folded"}.`);
    });
    const { bar, say } = tools(turn("Open all tables", true), turn("Fold long tables", false));
    document.getElementById("main").prepend(bar);
  }

  // Paper shows every table: the style sheet sees to it where a browser knows how.
  if (!CSS.supports("selector(::details-content)")) addEventListener("beforeprint", () => folds.forEach((fold) => { fold.open = true; }));

  for (const table of document.querySelectorAll("main table")) {
    const box = table.closest(".scroll");
    const rows = [...table.tBodies[0].rows];
    const count = (shown) => shown.length < rows.length ? `${shown.length} of ${rows.length} rows` : `${rows.length} rows`;
    const seen = () => rows.filter((row) => !row.hidden);
    const { bar, say } = tools(button(`Copy ${box.getAttribute("aria-label")}`, async () => {
      const lines = [table.tHead.rows[0], ...seen()].map((row) => [...row.cells].map(cellText).join("\t"));
      const done = await copy([cellText(table.caption), ...lines].join("\n"));
      say(done ? `Copied ${count(seen())}.` : "Your browser does not allow copying.");
    }));
    if (table.closest("details.rows")) {
      const texts = rows.map((row) => [...row.cells].map((cell) => cell.textContent).join("\n").toLowerCase());
      const field = make("input", "", { type: "search" });
      field.oninput = () => {
        const words = field.value.toLowerCase().split(/\s+/);
        rows.forEach((row, k) => { row.hidden = !words.every((word) => texts[k].includes(word)); });
        say(`Showing ${count(seen())}.`);
      };
      const label = make("label", "Show rows with ");
      label.append(field);
      bar.prepend(label);
      box.before(bar);
    } else box.after(bar);
  }

  // Only what scrolls needs a stop of the Tab key; without this script every table and figure has one.
  const resized = new ResizeObserver((entries) => {
    for (const box of new Set(entries.map((entry) => entry.target.closest(".scroll")))) {
      box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1;
    }
  });
  for (const box of document.querySelectorAll(".scroll")) for (const part of [box, box.firstElementChild]) resized.observe(part);
})();
