// The page on which a template is written: the editor in the place of the text area, the letter beside it as one types.
// Without this file everything works by the page's buttons. CodeMirror 6 is in editor.js; its styles carry the nonce.
(() => {
  const CM = globalThis.CodeMirror6;
  const nonce = document.currentScript.nonce;
  if (!CM) return;

  const styles = CM.EditorView.theme({
    "&": { color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: ".84rem" },
    "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "2px" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
    ".cm-content": { caretColor: "var(--ink)", paddingBlock: ".5rem" },
    ".cm-cursor": { borderLeftColor: "var(--ink)" },
    ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--soft)", borderColor: "var(--line)" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--code-line)" },
    ".cm-activeLineGutter": { color: "var(--ink)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection": { backgroundColor: "var(--code-chosen)" },
    ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--code-chosen)", color: "inherit" },
    ".cm-tooltip, .cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--edge)", fontFamily: "var(--sans)" },
    ".cm-tooltip-autocomplete > ul > li": { padding: ".2rem .5rem" },
    ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
    ".cm-tooltip-autocomplete > ul > li[aria-selected] .cm-completionDetail": { color: "inherit" },
    ".cm-completionDetail": { fontStyle: "normal", color: "var(--soft)", marginInlineStart: ".75rem" },
    ".cm-completionInfo": { maxWidth: "24rem", padding: ".5rem .75rem" },
    ".cm-diagnostic": { borderColor: "var(--wrong)" },
    ".cm-diagnostic-warning": { borderColor: "var(--edge)" },
    ".cm-panels input, .cm-panels button": { font: "inherit", backgroundImage: "none", minBlockSize: "0", padding: ".2rem .5rem" },
    ".cm-panels button": { backgroundColor: "var(--paper)", color: "var(--ink)", border: "1px solid var(--edge)" },
    ".cm-changedLine, .cm-insertedLine": { backgroundColor: "var(--code-new) !important" },
    "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": { backgroundColor: "var(--code-gone) !important" },
    ".cm-changedText": { background: "none !important", textDecoration: "underline", textDecorationThickness: "2px" },
    ".cm-collapsedLines::before, .cm-collapsedLines::after": { content: "none !important" },
    ".cm-collapsedLines": { background: "var(--raised)", color: "var(--soft)", fontFamily: "var(--sans)" },
  });
  const { tags } = CM;
  const colours = CM.HighlightStyle.define([
    { tag: [tags.tagName, tags.angleBracket], color: "var(--code-tag)" },
    { tag: tags.attributeName, color: "var(--code-attribute)" },
    { tag: [tags.attributeValue, tags.string], color: "var(--code-string)" },
    { tag: [tags.keyword, tags.controlKeyword, tags.definitionKeyword, tags.modifier, tags.operatorKeyword, tags.logicOperator], color: "var(--code-keyword)", fontWeight: "600" },
    { tag: [tags.brace, tags.paren, tags.punctuation, tags.operator], color: "var(--code-keyword)" },
    { tag: [tags.variableName, tags.propertyName], color: "var(--code-name)" },
    { tag: [tags.special(tags.variableName), tags.function(tags.variableName)], color: "var(--code-attribute)" },
    { tag: [tags.number, tags.bool], color: "var(--code-string)" },
    { tag: [tags.comment, tags.blockComment], color: "var(--soft)", fontStyle: "italic" },
  ]);
  const common = [
    CM.EditorView.cspNonce.of(nonce), styles, CM.syntaxHighlighting(colours), CM.lineNumbers(), CM.highlightSpecialChars(),
    CM.bracketMatching(), CM.EditorState.tabSize.of(2), CM.indentUnit.of("  "),
  ];
  const language = (name) => name.endsWith(".po") ? [] : [CM.jinja(name.endsWith(".mjml") ? { base: CM.xml({ autoCloseTags: false }) } : {})];

  const form = document.querySelector("form[data-piece]");
  if (form) write(form);
  const merge = document.querySelector("[data-merge]");
  if (merge) compare(merge);

  function write(form) {
    const area = form.elements.text;
    const name = form.dataset.piece;
    const readOnly = "readOnly" in form.dataset;
    const guide = { known: null };
    let clean = area.value, shown = 0, asked = 0, typing = 0, keeping = 0, running = null;

    const view = new CM.EditorView({
      doc: area.value,
      extensions: [
        ...common, CM.history(), CM.drawSelection(), CM.highlightActiveLine(), CM.highlightActiveLineGutter(),
        CM.indentOnInput(), CM.search({ top: true }), CM.lintGutter(), language(name),
        CM.autocompletion({ override: [(context) => complete(context, guide.known, name)], icons: false }),
        CM.keymap.of([
          { key: "Mod-s", run: () => { keep(); return true; }, preventDefault: true },
          ...CM.defaultKeymap, ...CM.searchKeymap, ...CM.historyKeymap,
          ...CM.completionKeymap, ...CM.lintKeymap, CM.indentWithTab,
        ]),
        CM.EditorState.readOnly.of(readOnly),
        // After Escape the next Tab leaves, however long one takes (CodeMirror alone gives two seconds).
        CM.EditorView.domEventObservers({ keydown: (event, view) => { if (event.key === "Escape") view.setTabFocusMode(600_000); } }),
        CM.EditorView.contentAttributes.of({ "aria-labelledby": "text-label", "aria-describedby": "text-hint", dir: "ltr" }),
        CM.EditorView.updateListener.of((update) => { if (update.docChanged) changed(); }),
      ],
    });
    view.dom.dir = "ltr";
    area.before(view.dom);
    area.hidden = true;
    view.scrollDOM.tabIndex = 0;
    view.dom.classList.add("written");
    document.getElementById("text-label").addEventListener("click", (event) => { event.preventDefault(); view.focus(); });
    document.body.classList.add("scripted");
    if (innerWidth < 640 && !/[?&]width=/.test(location.search)) form.elements.width.value = "320";
    if (Number(form.dataset.line)) jump(Number(form.dataset.line), 1);
    fetch(form.dataset.guide).then((answer) => answer.json()).then((told) => { guide.known = told; }, () => {});
    if (!readOnly) refresh();

    form.addEventListener("change", (event) => {
      if (event.target.name === "width") return tall();
      if (event.target.name === "event") days();
      if (event.target.closest(".result")) refresh();
    });
    form.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-line]");
      if (!link) return;
      event.preventDefault();
      jump(Number(link.dataset.line), Number(link.dataset.column) || 1);
    });
    document.getElementById("check")?.addEventListener("click", (event) => {
      event.preventDefault();
      const body = new FormData(form);
      body.set("all", "1");
      document.getElementById("scope").textContent = document.getElementById("scope").dataset.wait;
      post(form.dataset.findings, undefined, body).then((told) => { tell(told); document.getElementById("findings").focus(); }, () => {});
    });
    form.addEventListener("submit", (event) => { if (!event.submitter || event.submitter.id !== "preview") clean = area.value; });
    addEventListener("beforeunload", (event) => { if (area.value !== clean) event.preventDefault(); });

    function changed() {
      area.value = view.state.doc.toString();
      clearTimeout(typing);
      typing = setTimeout(refresh, 200);
      clearTimeout(keeping);
      keeping = setTimeout(keep, 4000);
    }

    function jump(number, column) {
      const line = view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines));
      const at = Math.min(line.from + Math.max(column - 1, 0), line.to);
      view.dispatch({ selection: { anchor: at }, effects: CM.EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    }

    // The letter and what is wrong with it are asked for at once; the server makes it one time for both.
    function refresh() {
      if (readOnly) return;
      frame();
      running?.abort();
      running = new AbortController();
      post(form.dataset.findings, running.signal).then(tell, () => {});
    }

    function post(address, signal, body = new FormData(form)) {
      return fetch(address, { method: "POST", body, headers: { accept: "application/json" }, signal }).then((answer) => {
        if (/json/.test(answer.headers.get("content-type"))) return answer.json();
        document.getElementById("kept").textContent = form.dataset.ended;
        return Promise.reject(answer.status);
      });
    }

    // Each letter comes into a frame of its own, which takes the old one's place when it is there: nothing flickers,
    // and the browser's way back is not filled with letters.
    function frame() {
      const box = document.getElementById("window");
      const next = document.createElement("iframe");
      const number = ++asked;
      next.name = `letter-${number}`;
      next.title = box.getAttribute("aria-label");
      next.setAttribute("sandbox", "");
      next.className = "letter next";
      box.append(next);
      next.addEventListener("load", () => {
        if (number < shown) return next.remove();
        shown = number;
        for (const other of [...box.querySelectorAll("iframe")]) if (other !== next && !(Number(other.name.slice(7)) > number)) other.remove();
        next.classList.remove("next");
      });
      const button = document.getElementById("preview");
      button.formTarget = next.name;
      form.requestSubmit(button);
    }

    function tall(lines) {
      const box = document.getElementById("window");
      if (lines) box.dataset.lines = lines;
      const width = Number(form.elements.width?.value) || 600;
      const guess = 500 + Number(box.dataset.lines || 0) * 38 * Math.min(Math.max(600 / width, .8), 1.9);
      box.style.setProperty("--tall", form.elements.view.value === "html" && box.dataset.lines ? `${Math.round(guess)}px` : "100%");
    }

    function tell(told) {
      const lines = view.state.doc.lines;
      view.dispatch(CM.setDiagnostics(view.state, told.found.filter((one) => one.here && one.line > 0 && one.line <= lines).map(marked)));
      const list = document.getElementById("found");
      list.replaceChildren(...told.found.map(item));
      document.getElementById("clean").hidden = told.found.length > 0;
      document.getElementById("scope").textContent = document.getElementById("scope").dataset[told.all ? "all" : "now"];
      if (told.all) return;
      document.getElementById("subject").textContent = told.subject || "";
      document.getElementById("facts").textContent = told.told || told.facts || "";
      tall(told.lines);
    }

    function marked(one) {
      const line = view.state.doc.line(one.line);
      const from = Math.min(line.from + Math.max(one.column - 1, 0), line.to);
      const word = one.column > 1 ? /^[\w.]+/.exec(view.state.sliceDoc(from, line.to)) : null;
      return { from: one.column > 1 ? from : line.from + /^\s*/.exec(line.text)[0].length, to: word ? from + word[0].length : line.to, severity: one.stops ? "error" : "warning", message: one.words };
    }

    function item(one) {
      const made = document.getElementById("finding").content.cloneNode(true);
      const link = made.querySelector("a");
      made.querySelector(".words").textContent = one.words;
      made.querySelector("li").classList.toggle("note", !one.stops);
      if (one.stops) made.querySelector(".soft").remove();
      if (one.excerpt) made.querySelector("code").textContent = one.excerpt; else made.querySelector("pre").remove();
      if (!one.where) { link.remove(); made.querySelector(".gap").remove(); return made; }
      link.textContent = one.where;
      link.href = one.here ? "#text" : one.url;
      if (one.here && one.line) { link.dataset.line = one.line; link.dataset.column = one.column; }
      return made;
    }

    function days() {
      const query = new URLSearchParams({ event: form.elements.event.value });
      form.elements.on.value = "";
      fetch(`${form.dataset.days}${form.dataset.days.includes("?") ? "&" : "?"}${query}`).then((answer) => answer.json()).then((found) => {
        document.getElementById("days").replaceChildren(...found.map((one) => new Option(one.text, one.value)));
      }, () => {});
    }

    function keep() {
      clearTimeout(keeping);
      if (readOnly || area.value === clean) return;
      const text = area.value;
      post(form.dataset.save).then((told) => {
        clean = text;
        document.getElementById("kept").textContent = told.told;
      }, () => {});
    }
  }

  // What can be written here: fields by what leads to them, filters, tags, macros, and the elements of MJML.
  function complete(context, guide, name) {
    if (!guide) return null;
    const before = context.state.sliceDoc(Math.max(0, context.pos - 2000), context.pos);
    const open = Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%"));
    const inside = open >= 0 && !/[%}]\}/.test(before.slice(open + 2)) ? before.slice(open) : "";
    if (!inside) return name.endsWith(".mjml") ? elements(context, guide) : null;
    const found = (typed, options) => options.length && (typed || context.explicit || /[.|]\s*$/.test(before))
      ? { from: context.pos - typed.length, options, validFor: /^\w*$/ } : null;
    let match;
    if ((match = /\{%-?\s*(\w*)$/.exec(inside))) return found(match[1], guide.tags.map((one) => ({ label: one.name, type: "keyword", info: one.says })));
    if ((match = /\|\s*(\w*)$/.exec(inside))) return found(match[1], guide.filters.map((one) => ({ label: one.name, type: "function", info: one.says })));
    if (/["'][^"']*$/.test(inside) && (inside.match(/["']/g).length % 2)) return null;
    const text = context.state.sliceDoc(0, context.pos);
    if ((match = /([\w.]+)\.(\w*)$/.exec(inside))) {
      const leads = view(match[1].split("."), text, guide);
      return found(match[2], fields(leads ? guide.views[leads] : Object.values(guide.views).flat()));
    }
    match = /(\w*)$/.exec(inside);
    const own = [...text.matchAll(/\{%-?\s*(?:for|set)\s+(\w+)/g)].map((one) => ({ label: one[1], type: "variable" }));
    const macros = guide.macros.filter((one) => one.from.split(".").pop() === name.split(".").pop())
      .map((one) => ({ label: one.name, type: "function", detail: `(${one.takes})`, info: one.says || one.from }));
    const also = guide.also.map((one) => ({ label: one.name, type: "keyword", info: one.says }));
    return found(match[1], unique([...fields(guide.views[guide.root]), ...own, ...macros, ...also]));
  }

  function fields(known) {
    return unique(known.map((one) => ({ label: one.name, type: "property", detail: one.holds, info: one.says })));
  }

  function unique(options) {
    return [...new Map(options.map((one) => [one.label, one])).values()];
  }

  // Which view a path leads to: through the fields, the names that `for` and `set` gave, or what a name is like.
  function view(path, text, guide, depth = 0) {
    const [first, ...rest] = path;
    let leads = guide.views[guide.root].find((one) => one.name === first)?.view;
    if (!leads && depth < 5) {
      const given = [...text.matchAll(new RegExp(`\\{%-?\\s*(?:for\\s+${first}\\s+in|set\\s+${first}\\s*=)\\s*([\\w.]+)`, "g"))].pop();
      if (given) leads = view(given[1].split("."), text, guide, depth + 1);
    }
    leads ||= Object.keys(guide.views).find((one) => one.toLowerCase().replace("view", "") === first.toLowerCase());
    for (const step of rest) leads = leads && guide.views[leads].find((one) => one.name === step)?.view;
    return leads;
  }

  let schema = null;
  function elements(context, guide) {
    schema ||= CM.completeFromSchema(guide.elements.map((one) => ({ name: one.name, children: one.children, attributes: one.attributes, top: one.name === "mjml" })), []);
    return schema(context);
  }

  // Two texts side by side, in the place of the table; on a page with a form the right one is what is published.
  function compare(place) {
    const area = place.querySelector("textarea");
    const held = (part) => place.querySelector(`template[data-${part}]`).content.textContent;
    const fixed = [CM.EditorState.readOnly.of(true), CM.EditorView.editable.of(false)];
    const named = (words) => CM.EditorView.contentAttributes.of({ "aria-label": words, dir: "ltr", tabindex: "0", role: "textbox", "aria-multiline": "true" });
    const box = document.createElement("div");
    box.className = "merged";
    box.dir = "ltr";
    const view = new CM.MergeView({
      a: { doc: held("before"), extensions: [...common, language(place.dataset.pieceOf), fixed, named(place.dataset.theirs)] },
      b: {
        doc: area ? area.value : held("after"),
        extensions: [
          ...common, language(place.dataset.pieceOf), named(place.dataset.yours),
          area ? [CM.history(), CM.keymap.of([...CM.defaultKeymap, ...CM.historyKeymap]), CM.EditorView.updateListener.of((update) => { if (update.docChanged) area.value = update.state.doc.toString(); })] : fixed,
        ],
      },
      parent: box,
      collapseUnchanged: { margin: 3, minSize: 6 },
      gutter: true,
      ...(area ? { revertControls: "a-to-b", renderRevertControl: () => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = "→";
        button.title = place.dataset.take;
        button.setAttribute("aria-label", place.dataset.take);
        return button;
      } } : {}),
    });
    for (const side of [view.a, view.b]) side.scrollDOM.tabIndex = 0;
    if (area) { area.before(box); area.hidden = true; } else place.append(box);
    document.querySelector("details[data-table]").open = Boolean(area);  // there it shows what was typed, before anything was put together
  }
})();
