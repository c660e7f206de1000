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

  const folds = () => [...document.querySelectorAll("main details")];
  const contents = document.querySelector("details.contents");
  const wide = matchMedia("(min-width: 70rem)");
  const unfold = () => { contents.open = wide.matches; };
  wide.addEventListener("change", unfold);
  unfold();

  // Search: headings, figures, tables, and the rows of tables.
  const field = make("input", "", { type: "search", placeholder: "Search" });
  field.setAttribute("aria-label", "Search headings, figures, tables and rows");
  const hits = make("ul", "", { className: "hits" });
  const found = make("span", "", { className: "unseen" });
  found.setAttribute("role", "status");
  const plain = (node) => node.textContent.replace(/\s+/g, " ").trim();
  // Headings and captions first; a row says which table it is from.
  const rowed = (node) => node.matches("th") ? `${plain(node)} (${node.closest(".scroll").getAttribute("aria-label")})` : plain(node);
  const places = () => ["h2, h3, h4, figcaption, caption", "tbody th[scope=row]"].flatMap((kind) =>
    [...document.querySelectorAll(`main :is(${kind})`)].map((node) => [rowed(node), node]));
  const show = (node) => {
    for (let fold = node.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    node.tabIndex = -1;
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "center" });
  };
  field.oninput = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const right = words.length ? places().filter(([text]) => words.every((word) => text.toLowerCase().includes(word))) : [];
    hits.replaceChildren(...right.slice(0, 12).map(([text, node]) => {
      const item = make("li");
      item.append(make("a", text.length > 90 ? text.slice(0, 90) + "\u2026" : text, { href: "#", onclick: (event) => { event.preventDefault(); show(node); } }));
      return item;
    }));
    found.textContent = words.length ? `${right.length} found` : "";
  };
  const turn = button("Open all folds", () => {
    const open = folds().some((fold) => !fold.open);
    for (const fold of folds()) fold.open = open;
    turn.textContent = open ? "Close all folds" : "Open all folds";
  });
  turn.className = "unfold";
  contents.querySelector("summary").after(field, found, hits);
  contents.append(turn);

  // Where am I?
  const locate = () => {
    const links = [...contents.querySelectorAll("ol a")];
    const marks = links.map((link) => [document.getElementById(link.hash.slice(1)), link]);
    const ended = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const [, here] = marks.findLast(([heading]) => heading.getBoundingClientRect().top < innerHeight * (ended ? 1 : 0.3)) ?? marks[0];
    if (here.ariaCurrent) return;
    for (const link of links) link.removeAttribute("aria-current");
    here.setAttribute("aria-current", "true");
    for (const item of contents.querySelectorAll("ol > li")) item.classList.toggle("closed", !item.contains(here));
  };
  addEventListener("scroll", () => requestAnimationFrame(locate), { passive: true });
  locate();

  // On paper all folds are printed once, in an annex; without this script they are printed where they are.
  const annex = make("section", "", { id: "annex" });
  annex.append(make("h2", "Annex: the numbers behind the figures, and details"));
  let moved = [];
  addEventListener("beforeprint", () => {
    moved = folds().filter((fold) => !fold.matches(".code, .left-out, .machine") && !fold.parentElement.closest("details")).map((fold) => {
      const place = document.createComment("fold");
      fold.replaceWith(place);
      annex.append(fold);
      return [fold, place, fold.open];
    });
    for (const fold of annex.querySelectorAll("details")) fold.open = true;
    document.getElementById("main").append(annex);
  });
  addEventListener("afterprint", () => {
    for (const [fold, place, open] of moved) { place.replaceWith(fold); fold.open = open; }
    annex.remove();
  });

  const equip = (table) => {
    const box = table.closest(".scroll");
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    const count = (shown) => shown.length < rows.length ? `${shown.length} of ${rows.length} rows` : `${rows.length} rows`;
    const seen = () => rows.filter((row) => !row.hidden);
    const name = box.getAttribute("aria-label");
    const lines = (mark) => [table.tHead.rows[0], ...seen()].map((row) => [...row.cells].map(cellText).map(mark));
    const { bar, say } = tools(button(`Copy ${name}`, async () => {
      const text = lines((cell) => cell).map((cells) => cells.join("\t"));
      const done = await copy([cellText(table.caption), ...text].join("\n"));
      say(done ? `Copied ${count(seen())}.` : "Your browser does not allow copying.");
    }), button(`Download ${name} as CSV`, () => {
      // Made-up data say so wherever they go.
      const sign = table.caption.querySelector(".sign")?.title;
      const quoted = (cell) => `"${cell.replaceAll('"', '""')}"`;
      const text = lines(quoted).map((cells, k) => (sign ? [...cells, quoted(k ? sign : "Rests on")] : cells).join(",")).join("\r\n");
      const file = new Blob(["\ufeff", text], { type: "text/csv" });
      const link = make("a", "", { href: URL.createObjectURL(file), download: name.toLowerCase().replace(/[^a-z0-9]+/g, "_") + ".csv" });
      link.click();
      URL.revokeObjectURL(link.href);
    }));
    if (rows.length > 20) {
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
  };

  // Only what scrolls needs a stop of the Tab key; without this script every table and figure has one.
  const resized = new ResizeObserver((entries) => {
    for (const box of new Set(entries.map((entry) => entry.target.closest(".scroll")))) {
      box.tabIndex = box.scrollWidth > box.clientWidth ? 0 : -1;
    }
  });
  const enhance = (root) => {
    // A tap on a term shows what it means without leading the reader away.
    for (const term of root.querySelectorAll("a.term")) term.onclick = (event) => { event.preventDefault(); term.focus(); };
    for (const table of root.querySelectorAll(".scroll table")) equip(table);
    for (const box of root.querySelectorAll(".scroll")) for (const part of [box, box.firstElementChild]) resized.observe(part);
  };
  enhance(document.getElementById("main"));

  // Other values of a few parameters: what they change on the page comes packed with it.
  const form = document.querySelector("form.choose");
  if (!form || !window.DecompressionStream) return;
  form.hidden = false;
  const selects = [...form.querySelectorAll("select")];
  const own = [...document.querySelectorAll("main > section[data-of]")].map((section) => {
    const entry = contents.querySelector(`li[data-of="${section.dataset.of}"]`);
    return { section, parts: [...section.children], entry, items: [...entry.children] };
  });
  const cells = new Map([...document.querySelectorAll('[aria-label="Parameters"] tbody tr')].map((row) => [row.cells[0].textContent, row.cells[1]]));
  const text = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  let packed;
  const unpack = () => packed ??= new Response(
    new Blob([Uint8Array.from(atob(document.getElementById("other").textContent), (sign) => sign.charCodeAt(0))])
      .stream().pipeThrough(new DecompressionStream("deflate-raw"))).json();
  const built = [];
  const build = (content, k) => {
    if (!built[k]) {
      const html = content.parts[k].replace(/(;base64,)@(\d+)/g, (_, lead, n) => lead + btoa(text(new TextEncoder().encode(content.pictures[n]))));
      built[k] = Object.assign(document.createElement("template"), { innerHTML: html }).content.firstElementChild;
      built[k].classList.add("other");
      enhance(built[k]);
    }
    return built[k];
  };
  const list = (questions) => {
    const items = make("ul");
    for (const [title, anchor] of questions) items.appendChild(make("li")).append(make("a", title, { href: `#${anchor}` }));
    return items;
  };
  form.onchange = async () => {
    const asReported = () => selects.every((select) => select.selectedOptions[0].defaultSelected);
    if (asReported() && !form.matches(".changed")) return;
    const content = await unpack();
    // Another choice may have been made while the first was unpacked.
    const reported = asReported();
    const page = content.pages[selects.map((select) => select.value).join()];
    const seen = [...document.querySelectorAll("main > section :is(h2, h3)[id]")].find((heading) => heading.getBoundingClientRect().bottom > 0);
    const height = seen?.getBoundingClientRect().top;
    let changed = 0;
    for (const { section, parts, entry, items } of own) {
      const other = page[section.dataset.of];
      section.replaceChildren(...other ? other.parts.map((k) => k < 0 ? build(content, -1 - k) : parts[k]) : parts);
      entry.replaceChildren(...other ? [items[0], list(other.questions)] : items);
      changed += other ? other.parts.filter((k) => k < 0).length : 0;
    }
    for (const select of selects) {
      if (cells.has(select.name)) cells.get(select.name).textContent = select.selectedOptions[0].textContent;
    }
    // The button is about to vanish with the keyboard's place on it.
    if (reported && document.activeElement.type === "reset") selects[0].focus();
    form.classList.toggle("changed", !reported);
    form.querySelector("[role=status]").textContent = reported ? "" : changed
      ? `Not what is reported: ${changed} ${changed === 1 ? "part of the page has" : "parts of the page have"} changed, with a line at the left.`
      : "With these values nothing on the page changes.";
    const place = seen && document.getElementById(seen.id);
    if (place) scrollBy({ top: place.getBoundingClientRect().top - height, behavior: "instant" });
    locate();
  };
  form.onreset = () => setTimeout(form.onchange);
  form.onsubmit = (event) => event.preventDefault();
  // Some browsers keep what was chosen before a page was loaded again.
  form.reset();
})();
